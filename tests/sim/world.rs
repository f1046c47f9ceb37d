//! The world: a desk, a journal in memory that can fail, and the way between them and the people.
//!
//! It does what a runner does (batch, decide, store, release) in the plainest way, and injects
//! what goes wrong: commits that fail, completions that come late or in another order, a crash
//! between storing and showing, readers that do not read, a clock that jumps.

use crate::cast::{Rng, accounts, settings};
use crate::clients::Clients;
use crate::ledger::Ledger;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use switchboard::base::ids::{Seq, SessionId};
use switchboard::base::time::Timestamp;
use switchboard::desk::Desk;
use switchboard::desk::language::command::Command;
use switchboard::desk::language::fact::Event;
use switchboard::desk::language::notice::{Notice, Output, Reply};
use switchboard::desk::outcome::Outcome;
use switchboard::desk::settings::Settings;
use switchboard::desk::state::State;

/// Who sits behind a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Customer(usize),
    Staff(usize),
}

/// One thing on its way to one session.
#[derive(Clone, Debug)]
pub(crate) enum Delivery {
    Notice(Notice),
    Reply(Box<Reply>),
    Cut,
}

#[derive(Clone, Debug)]
enum Step {
    /// A command, with the names of others that it typed (an answer may repeat them).
    Command(SessionId, Box<Command>, Vec<String>),
    Tick,
}

#[derive(Debug, Default)]
struct Batch {
    steps: Vec<(Timestamp, Step)>,
    events: Vec<Event>,
    out: Vec<(SessionId, Delivery, Vec<String>)>,
    /// Where the next one begins: everything before is confirmed by it.
    ends: Option<(u64, Seq)>,
    stored: bool,
    fails: bool,
    /// What the desk held when it began, when it is going to fail.
    before: Option<String>,
}

pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) now: Timestamp,
    pub(crate) desk: Desk,
    pub(crate) settings: Settings,
    pub(crate) sessions: BTreeMap<SessionId, Who>,
    pub(crate) clients: Clients,
    pub(crate) ledger: Ledger,
    /// What is stored, in order.
    pub(crate) journal: Vec<Event>,
    pub(crate) storage: bool,
    pub(crate) faulty: bool,
    story: VecDeque<String>,
    flying: VecDeque<Batch>,
    batch: Batch,
    run: u64,
    session: u64,
    pub(crate) steps: u64,
}

const BATCHES_IN_FLIGHT: usize = 3;
const STEPS_TOLD: usize = 50;

impl World {
    pub(crate) fn new(seed: u64, faulty: bool) -> Self {
        let mut rng = Rng(seed);
        let settings = settings(&mut rng);
        let mut world = Self {
            now: Timestamp(1_700_000_000_000),
            desk: Desk::new(settings.clone(), 1),
            clients: Clients::default(),
            ledger: Ledger::default(),
            sessions: BTreeMap::new(),
            journal: Vec::new(),
            storage: true,
            faulty,
            story: VecDeque::new(),
            flying: VecDeque::new(),
            batch: Batch::default(),
            run: 1,
            session: 0,
            steps: 0,
            rng,
            settings,
        };
        world.start();
        world
    }

    /// A journal is read and the doors open.
    fn start(&mut self) {
        let mut out = Outcome::default();
        for event in &self.journal {
            self.desk.replay(event);
        }
        self.desk.set_accounts(self.now, accounts(), &mut out);
        self.take(&mut out, &[]);
        self.desk.recover(self.now, &mut out);
        self.take(&mut out, &[]);
        self.seal();
        self.settle_all();
    }

    pub(crate) fn state(&self) -> &State {
        self.desk.state()
    }

    /// Tells the story of the last steps.
    pub(crate) fn story(&self) -> String {
        self.story.iter().cloned().collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn tell(&mut self, text: String) {
        self.steps += 1;
        if self.story.len() >= STEPS_TOLD {
            self.story.pop_front();
        }
        let at = self.now.0.saturating_sub(1_700_000_000_000);
        self.story.push_back(format!("{:>10} ms  {text}", at));
    }

    pub(crate) fn open(&mut self, who: Who) -> SessionId {
        self.session += 1;
        let session = SessionId(self.session);
        self.sessions.insert(session, who);
        session
    }

    /// One command is decided; it is not stored yet.
    pub(crate) fn command(&mut self, from: SessionId, command: Command, typed: &[String]) {
        let who = self.sessions.get(&from).copied();
        self.tell(format!("{from} {who:?}: {command:?}"));
        let step = Step::Command(from, Box::new(command), typed.to_vec());
        self.begin();
        self.perform(self.now, &step);
        self.batch.steps.push((self.now, step));
    }

    /// Time passes; what is due is done, sometimes late.
    pub(crate) fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        self.tell(format!("time passes: {span:?}"));
        let mut turns = 0;
        while let Some(due) = self.desk.next_deadline().filter(|at| *at <= until) {
            turns += 1;
            assert!(turns < 10_000, "the clock never gets past {due:?}");
            let late = if self.faulty && self.rng.chance(10) { self.rng.below(3000) } else { 0 };
            let late = Duration::from_millis(u64::try_from(late).unwrap());
            self.now = self.now.max(due + late).min(until.max(due));
            self.begin();
            self.perform(self.now, &Step::Tick);
            self.batch.steps.push((self.now, Step::Tick));
            if self.rng.chance(50) {
                self.seal();
            }
            self.settle_some();
        }
        self.now = self.now.max(until);
    }

    fn begin(&mut self) {
        if self.batch.steps.is_empty() && self.batch.events.is_empty() {
            let fails = self.faulty && self.storage && self.rng.chance(3);
            self.batch.fails = fails;
            self.batch.before = fails.then(|| self.picture());
        }
    }

    /// Everything the desk shows of itself, people who are here included.
    fn picture(&self) -> String {
        let people: Vec<_> = self.state().persons().collect();
        let customers: Vec<_> = self.state().customers().collect();
        let conversations: Vec<_> = self.state().conversations().collect();
        let durable = crate::checks::durable(self.state());
        format!("{durable:#?}\n{people:#?}\n{customers:#?}\n{conversations:#?}")
    }

    fn perform(&mut self, now: Timestamp, step: &Step) {
        let mut out = Outcome::default();
        let earlier = self.batch.events.len();
        match step {
            Step::Command(from, command, typed) => {
                self.desk.handle(now, *from, command, &mut out);
                self.take(&mut out, typed);
            }
            Step::Tick => {
                self.desk.tick(now, &mut out);
                self.take(&mut out, &[]);
            }
        }
        crate::checks::after_step(self.state(), self.storage, &self.batch.events[earlier..]);
    }

    fn take(&mut self, out: &mut Outcome, typed: &[String]) {
        self.batch.events.append(&mut out.events);
        for output in out.outputs.drain(..) {
            match output {
                Output::Notice { to, notice } => {
                    for session in &out.recipients[to] {
                        let delivery = Delivery::Notice(notice.clone());
                        self.batch.out.push((*session, delivery, typed.to_vec()));
                    }
                }
                Output::Reply { to, reply } => {
                    self.batch.out.push((to, Delivery::Reply(Box::new(reply)), typed.to_vec()));
                }
                Output::Cut { session, .. } => {
                    // The person may stay, on another client.
                    let state = self.desk.state();
                    let person = state.person_of(session);
                    let here = state.person(person).is_some();
                    let here = here && state.clients_of(&person).contains(&session);
                    assert!(!here, "cut but still here");
                    self.batch.out.push((session, Delivery::Cut, typed.to_vec()));
                }
                Output::Consult { .. } => {}
            }
        }
        out.clear();
    }

    /// Hands the batch to the journal.
    pub(crate) fn seal(&mut self) {
        let mark = self.desk.mark();
        let mut batch = std::mem::take(&mut self.batch);
        batch.ends = Some((mark, self.desk.state().counters().seq));
        self.flying.push_back(batch);
        while self.flying.len() > BATCHES_IN_FLIGHT {
            self.settle_first();
        }
    }

    /// The journal reports on some batches, sometimes on the newest of them first.
    pub(crate) fn settle_some(&mut self) {
        if self.rng.chance(40) {
            self.settle_first();
        }
    }

    pub(crate) fn settle_all(&mut self) {
        self.seal();
        while !self.flying.is_empty() {
            self.settle_first();
        }
    }

    fn settle_first(&mut self) {
        let ready = 1 + self.rng.below(self.flying.len().max(1));
        let ready = self.flying.iter().take(ready).take_while(|b| !b.fails || b.stored).count();
        if ready == 0 {
            if let Some(batch) = self.flying.pop_front() {
                self.fail(batch);
            }
            return;
        }
        for i in 0..ready {
            if !self.flying[i].stored {
                self.flying[i].stored = true;
                self.ledger.store(&self.flying[i].events, &mut self.journal);
            }
        }
        // Completions of several batches may be heard in any order; what is shown keeps its own.
        let mut order: Vec<usize> = (0..ready).collect();
        if self.rng.chance(30) {
            order.reverse();
        }
        for i in order {
            if let Some((mark, seq)) = self.flying[i].ends {
                self.desk.confirm(mark, seq);
            }
        }
        for batch in self.flying.drain(..ready).collect::<Vec<_>>() {
            for (session, delivery, typed) in batch.out {
                let who = self.sessions.get(&session).copied();
                let end = self.clients.deliver(&self.journal, session, who, delivery, &typed);
                if end {
                    self.sessions.remove(&session);
                }
            }
        }
    }

    /// A commit failed: nothing of it, nor of what came after, was seen by anyone.
    fn fail(&mut self, failed: Batch) {
        self.tell(format!("a commit of {} events fails", failed.events.len()));
        self.desk.rollback();
        if let Some(before) = &failed.before {
            let after = self.picture();
            crate::checks::same("after a rollback", before, &after);
        }
        let mut redo = failed.steps;
        redo.extend(self.flying.drain(..).flat_map(|b| b.steps));
        redo.append(&mut self.batch.steps);
        self.batch = Batch::default();
        self.storage = false;
        let mut out = Outcome::default();
        self.desk.set_storage(self.now, false, &mut out);
        self.take(&mut out, &[]);
        for (now, step) in redo {
            self.perform(now, &step);
            self.batch.steps.push((now, step));
        }
        assert!(self.batch.events.is_empty(), "an event without a disk");
    }

    /// The disk takes writes again.
    pub(crate) fn mend(&mut self) {
        if self.storage {
            return;
        }
        self.tell("the disk works again".to_owned());
        self.settle_all();
        self.storage = true;
        let mut out = Outcome::default();
        self.desk.set_storage(self.now, true, &mut out);
        self.take(&mut out, &[]);
        self.seal();
        self.settle_all();
    }

    /// The server dies between storing and showing, and starts again; the clock may have jumped.
    pub(crate) fn crash(&mut self) {
        let stored = self.rng.below(self.flying.len() + 1);
        for i in 0..stored {
            if self.flying[i].fails {
                break;
            }
            if !self.flying[i].stored {
                self.ledger.store(&self.flying[i].events, &mut self.journal);
            }
        }
        self.tell(format!("the server dies after event {}", self.journal.len()));
        self.flying.clear();
        self.batch = Batch::default();
        self.clients.everybody_is_lost(self.journal.len());
        self.sessions.clear();
        self.storage = true;
        let jump = Duration::from_secs(u64::try_from(self.rng.below(200)).unwrap());
        self.now = if self.rng.chance(30) { self.now - jump } else { self.now + jump };
        self.run += 1;
        self.desk = Desk::new(self.settings.clone(), self.run);
        self.start();
    }

    /// The events decided and not stored, in order.
    pub(crate) fn unsettled(&self) -> impl Iterator<Item = &Event> {
        let flying = self.flying.iter().filter(|b| !b.stored);
        flying.flat_map(|b| &b.events).chain(&self.batch.events)
    }
}
