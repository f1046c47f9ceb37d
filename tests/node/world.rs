//! A runner with its desk, disk and people, all in memory, and the test's own clock.

use crate::script::{Script, Talk};
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::ids::SessionId;
use switchboard::base::time::Timestamp;
use switchboard::desk::language::archive::ArchiveQuery;
use switchboard::desk::language::fact::Event;
use switchboard::face::{Credentials, Verdict};
use switchboard::node::{
    Asker, Durability, Flow, Job, Journaling, Limits, Node, Outside, Settled, Sink, Ticket,
};
use switchboard::store::Fault;
use switchboard::wire::framing::Framer;

/// The far end of a connection.
#[derive(Default)]
pub(crate) struct Wire {
    pub(crate) writes: Vec<String>,
    pub(crate) room: Option<usize>,
    pub(crate) resumed: usize,
    pub(crate) closed: bool,
}

pub(crate) struct WireSink(pub(crate) Rc<RefCell<Wire>>);

impl Sink for WireSink {
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut wire = self.0.borrow_mut();
        let count = wire.room.map_or(bytes.len(), |room| room.min(bytes.len()));
        wire.room = wire.room.map(|room| room - count);
        if count > 0 {
            wire.writes.push(String::from_utf8_lossy(&bytes[..count]).into_owned());
        }
        Ok(count)
    }

    fn resume(&mut self) {
        self.0.borrow_mut().resumed += 1;
    }

    fn close(&mut self) {
        self.0.borrow_mut().closed = true;
    }
}

#[derive(Default)]
pub(crate) struct Disk {
    pub(crate) jobs: Vec<Job>,
    pub(crate) stored: Vec<Event>,
    pub(crate) probes: usize,
}

pub(crate) struct DiskEnd(pub(crate) Rc<RefCell<Disk>>);

impl Journaling for DiskEnd {
    fn submit(&mut self, job: Job) -> Result<(), Job> {
        self.0.borrow_mut().jobs.push(job);
        Ok(())
    }

    fn probe(&mut self) -> bool {
        self.0.borrow_mut().probes += 1;
        true
    }
}

#[derive(Default)]
pub(crate) struct Elsewhere {
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) askers: Vec<Asker>,
}

pub(crate) struct ElsewhereEnd(pub(crate) Rc<RefCell<Elsewhere>>);

impl Outside for ElsewhereEnd {
    fn verify(&mut self, ticket: Ticket, _: &Arc<str>, _: Credentials) -> Result<(), Verdict> {
        self.0.borrow_mut().tickets.push(ticket);
        Ok(())
    }

    fn attempted(&mut self, _: &Arc<str>, _: &str, _: bool) {}

    fn consult(&mut self, _: Timestamp, asker: Asker, _: ArchiveQuery) -> bool {
        self.0.borrow_mut().askers.push(asker);
        true
    }

    fn rehash(&mut self, _: Ticket) {}
}

pub(crate) struct World {
    pub(crate) node: Node<Script>,
    pub(crate) now: Timestamp,
    pub(crate) disk: Rc<RefCell<Disk>>,
    pub(crate) elsewhere: Rc<RefCell<Elsewhere>>,
    pub(crate) encoded: Rc<RefCell<usize>>,
}

/// One person: their session and what arrived at their end.
pub(crate) struct Person(pub(crate) SessionId, pub(crate) Rc<RefCell<Wire>>);

impl Person {
    /// What arrived since the last time, with how many writes.
    pub(crate) fn hears(&self) -> String {
        self.1.borrow_mut().writes.drain(..).collect()
    }

    pub(crate) fn writes(&self) -> usize {
        self.1.borrow().writes.len()
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Durability::Strict, Limits::default())
    }

    pub(crate) fn with(durability: Durability, limits: Limits) -> Self {
        let disk = Rc::new(RefCell::new(Disk::default()));
        let elsewhere = Rc::new(RefCell::new(Elsewhere::default()));
        let journal = Box::new(DiskEnd(disk.clone()));
        let outside = Box::new(ElsewhereEnd(elsewhere.clone()));
        let node = Node::new(Script::default(), journal, outside, durability, limits);
        let encoded = Rc::new(RefCell::new(0));
        Self { node, now: Timestamp(1_000_000), disk, elsewhere, encoded }
    }

    pub(crate) fn connect(&mut self, silent: bool) -> Person {
        let wire = Rc::new(RefCell::new(Wire::default()));
        let sink = Box::new(WireSink(wire.clone()));
        let encoded = self.encoded.clone();
        let face = Box::new(Talk { silent, encoded, ..Talk::default() });
        let address: Arc<str> = "192.0.2.1".into();
        let id = self.node.open(self.now, address, Framer::new(512), sink, |_| face).unwrap();
        self.node.flush(self.now);
        let person = Person(id, wire);
        if !silent {
            assert_eq!(person.hears(), "welcome\n");
        }
        person
    }

    pub(crate) fn people<const N: usize>(&mut self) -> [Person; N] {
        std::array::from_fn(|_| self.connect(false))
    }

    pub(crate) fn says(&mut self, person: &Person, lines: &str) -> Flow {
        let flow = self.node.receive(self.now, person.0, format!("{lines}\n").as_bytes());
        self.node.flush(self.now);
        flow
    }

    pub(crate) fn passes(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(at) = self.node.next_deadline().filter(|&at| at <= end) {
            self.now = self.now.max(at);
            self.node.tick(self.now);
            self.node.flush(self.now);
        }
        self.now = end;
        self.node.tick(end);
        self.node.flush(end);
    }

    /// The disk finishes the oldest batch.
    pub(crate) fn commit(&mut self) {
        let job = self.disk.borrow_mut().jobs.remove(0);
        let (batch, generation, events) = (job.batch, job.generation, job.events.len());
        self.disk.borrow_mut().stored.extend(job.events);
        self.node.settled(self.now, Settled::Stored { batch, generation, events });
        self.node.flush(self.now);
    }

    /// The disk fails with the oldest batch, and with all that follow it, as the thread does.
    pub(crate) fn fail(&mut self) {
        let jobs: Vec<Job> = self.disk.borrow_mut().jobs.drain(..).collect();
        for Job { generation, events, .. } in jobs {
            let fault = Fault { doing: "store", cause: "full".into() };
            self.node.settled(self.now, Settled::Failed { generation, events, fault });
        }
        self.node.flush(self.now);
    }

    pub(crate) fn heal(&mut self) {
        self.passes(Duration::from_secs(1));
        assert_eq!(self.disk.borrow().probes, 1, "the disk is asked once a second");
        self.node.settled(self.now, Settled::Probed(Ok(())));
        self.node.flush(self.now);
    }
}
