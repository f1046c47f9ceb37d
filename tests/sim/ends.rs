//! What stands at the runner's ends in memory: a peer that reads as much as it likes, a disk that
//! keeps what it is given until the test decides, and somebody who remembers whom to check.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use switchboard::base::time::Timestamp;
use switchboard::desk::language::archive::ArchiveQuery;
use switchboard::face::{Credentials, Verdict};
use switchboard::node::{Asker, Job, Journaling, Outside, Sink, Ticket};

/// The peer's end of one connection.
#[derive(Default)]
pub(crate) struct Wire {
    /// Bytes it takes before it stops reading; none: all.
    pub(crate) room: Option<usize>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) closed: bool,
}

pub(crate) struct WireEnd(pub(crate) Rc<RefCell<Wire>>);

impl Sink for WireEnd {
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut wire = self.0.borrow_mut();
        let count = wire.room.map_or(bytes.len(), |room| room.min(bytes.len()));
        wire.room = wire.room.map(|room| room - count);
        wire.bytes.extend(&bytes[..count]);
        Ok(count)
    }

    fn resume(&mut self) {}

    fn close(&mut self) {
        self.0.borrow_mut().closed = true;
    }
}

#[derive(Default)]
pub(crate) struct Disk {
    pub(crate) jobs: VecDeque<Job>,
    pub(crate) probes: usize,
}

pub(crate) struct DiskEnd(pub(crate) Rc<RefCell<Disk>>);

impl Journaling for DiskEnd {
    fn submit(&mut self, job: Job) -> Result<(), Job> {
        self.0.borrow_mut().jobs.push_back(job);
        Ok(())
    }

    fn probe(&mut self) -> bool {
        self.0.borrow_mut().probes += 1;
        true
    }
}

pub(crate) type Checks = Rc<RefCell<Vec<(Ticket, String)>>>;

pub(crate) struct Elsewhere(pub(crate) Checks);

impl Outside for Elsewhere {
    fn verify(
        &mut self,
        ticket: Ticket,
        _: &Arc<str>,
        credentials: Credentials,
    ) -> Result<(), Verdict> {
        let Credentials::Password { account, .. } = credentials else { return Err(Verdict::No) };
        self.0.borrow_mut().push((ticket, account));
        Ok(())
    }

    fn attempted(&mut self, _: &Arc<str>, _: &str, _: bool) {}

    fn consult(&mut self, _: Timestamp, _: Asker, _: ArchiveQuery) -> bool {
        true
    }

    fn rehash(&mut self, _: Ticket) {}
}
