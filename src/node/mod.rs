//! The runner as a value: lines in, decisions, one commit, bytes out. It owns the desk and every
//! session's queue, and knows no socket: bytes leave by a `Sink`, batches by a `Journaling`,
//! slow questions by an `Outside`, and time is an argument.
//!
//! Promise 1 is kept here. What the desk lets out is held behind every event decided before it
//! until that is stored; when storing fails, nothing of it was seen, and it is decided again.

mod clock;
mod consult;
mod counters;
mod deliver;
mod input;
mod journal;
mod limits;
mod outbox;
mod seams;
mod session;
mod settle;
mod steps;
mod timers;

pub use clock::Clock;
pub use consult::{Answer, ArchiveThread, answer};
pub use counters::Counters;
pub use journal::{Job, JournalThread, Journaling, Pace, Settled};
pub use limits::Limits;
pub use seams::{Asker, Decide, Outside, Ticket};
pub use session::{Flow, Sink};

use crate::base::ids::{Seq, SessionId};
use crate::base::text::Line;
use crate::base::time::Timestamp;
use crate::desk::language::archive::ArchiveQuery;
use crate::desk::language::command::{Command, Departure};
use crate::desk::language::fact::Event;
use crate::desk::language::notice::Reply;
use crate::desk::outcome::Outcome;
use crate::desk::settings::Settings;
use crate::desk::{Desk, StaffAccount};
use crate::face::{Action, Actions, Face, Operate, ServerInfo, Verdict};
use crate::wire::framing::Framer;
use deliver::Gathering;
use outbox::{Chunk, Log, Place};
use session::{Session, Slab};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use steps::{Step, Steps};

/// When what was decided may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Durability {
    /// When it is on disk.
    #[default]
    Strict,
    /// At once; it is on disk shortly after.
    Relaxed,
}

/// Where a batch begins in everything that grows with it.
#[derive(Clone, Copy, Debug, Default)]
struct Boundary {
    mark: u64,
    /// The last event before it.
    seq: Seq,
    place: Place,
    step: u64,
}

/// A batch that was handed to the journal.
#[derive(Clone, Copy, Debug)]
struct InFlight {
    batch: u64,
    begins: Boundary,
    /// Its last event.
    last: Seq,
}

/// What is decided and not stored.
struct Ledger {
    durability: Durability,
    journal: Box<dyn Journaling>,
    /// Decided, not handed over.
    pending: Vec<Event>,
    /// Where the pending batch begins; means something while there are pending events.
    begins: Boundary,
    in_flight: VecDeque<InFlight>,
    /// The last event decided.
    decided: Seq,
    /// The last event known to be stored; means something once one was.
    stored: Seq,
    batch: u64,
    generation: u64,
    /// The disk takes writes, as far as we know.
    works: bool,
    /// Relaxed only: shown and not stored, because the disk refused. In order.
    unsaved: Vec<Event>,
    probe_at: Option<Timestamp>,
    /// When what is past its time is next looked for; not before the first connection is let in.
    prune_at: Option<Timestamp>,
    /// Somebody was told to pause because the journal was behind.
    stalled: bool,
}

/// The runner.
pub struct Node<D = Desk> {
    desk: D,
    outside: Box<dyn Outside>,
    limits: Limits,
    sessions: Slab,
    /// What may leave at the next flush.
    ready: Log,
    /// What waits for commits.
    held: Log,
    ledger: Ledger,
    steps: Steps,
    /// The answer to a labelled line that is being handled.
    gathering: Option<Gathering>,
    /// Archive questions of the line that is being handled.
    consults: Vec<(SessionId, ArchiveQuery)>,
    /// Questions on their way to the archive, each behind the last event decided before it.
    questions: VecDeque<(Seq, Asker, ArchiveQuery)>,
    /// Sessions to cut once the desk has finished what it is at.
    doomed: Vec<(SessionId, &'static str)>,
    timers: BTreeSet<(Timestamp, SessionId)>,
    verifications: u32,
    /// The accounts can be read.
    accounts_work: bool,
    /// Checks that nobody took on; answered at the next tick.
    refused: Vec<(Ticket, Verdict)>,
    /// Steps are being done again: what went outside the first time does not go again.
    redoing: bool,
    /// The desk did something since its last confirmed mark.
    touched: bool,
    counters: Counters,
    // Kept and reused, so that a line allocates little.
    outcome: Outcome,
    actions: Actions,
    encoded: Vec<(u32, Chunk)>,
    chunks: Vec<Chunk>,
    scratch: Vec<u8>,
}

impl<D: Decide> Node<D> {
    /// A runner of this desk. Call `recover` before the first connection when the desk was replayed.
    pub fn new(
        desk: D,
        journal: Box<dyn Journaling>,
        outside: Box<dyn Outside>,
        durability: Durability,
        limits: Limits,
    ) -> Self {
        Self {
            desk,
            outside,
            limits,
            sessions: Slab::default(),
            ready: Log::default(),
            held: Log::default(),
            ledger: Ledger {
                durability,
                journal,
                pending: Vec::new(),
                begins: Boundary::default(),
                in_flight: VecDeque::new(),
                decided: Seq::default(),
                stored: Seq::default(),
                batch: 0,
                generation: 0,
                works: true,
                unsaved: Vec::new(),
                probe_at: None,
                prune_at: None,
                stalled: false,
            },
            steps: Steps::default(),
            gathering: None,
            consults: Vec::new(),
            questions: VecDeque::new(),
            doomed: Vec::new(),
            timers: BTreeSet::new(),
            verifications: 0,
            accounts_work: true,
            refused: Vec::new(),
            redoing: false,
            touched: false,
            counters: Counters::default(),
            outcome: Outcome::default(),
            actions: Actions::default(),
            encoded: Vec::new(),
            chunks: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// After the journal was replayed into the desk: everybody's connection is gone.
    pub fn recover(&mut self, now: Timestamp) {
        self.settle_with(now, Step::Tick, |desk, out| desk.recover(now, out));
        self.ledger.prune_at = Some(now);
    }

    /// A new connection; none when there is no room for one more. The face is made for its number.
    pub fn open(
        &mut self,
        now: Timestamp,
        address: Arc<str>,
        framer: Framer,
        sink: Box<dyn Sink>,
        face: impl FnOnce(SessionId) -> Box<dyn Face>,
    ) -> Option<SessionId> {
        let (id, slot) = self.sessions.reserve()?;
        let session = Session::new(id, face(id), sink, framer, address, now);
        self.sessions.fill(slot, session);
        self.counters.connections += 1;
        self.counters.connections_now = self.sessions.len() as u64;
        self.desk.set_connections(self.sessions.len());
        let mut actions = std::mem::take(&mut self.actions);
        let work = self.accounts_work;
        if let Some(session) = self.sessions.at_mut(slot) {
            session.face.accounts(work, &mut Vec::new());
            session.face.open(now, &mut actions);
        }
        self.execute(now, id, &mut actions);
        self.actions = actions;
        self.arm(now, id);
        Some(id)
    }

    /// No input rate holds for this session: its address is one the operator trusts.
    pub fn exempt(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.exempt = true;
        }
    }

    /// The peer is gone; nothing can be said to it any more.
    pub fn closed(&mut self, now: Timestamp, id: SessionId, reason: &'static str) {
        let Some(slot) = self.sessions.slot(id) else { return };
        let Some(session) = self.drop_session(slot) else { return };
        let reason = if session.reason.is_empty() { reason } else { session.reason };
        tracing::debug!(session = id.0, reason, "connection closed");
        if session.face.registered() && !session.forgotten {
            let lost = Command::Leave(Departure::Lost(Line::scrubbed(reason)));
            self.decide(now, id, lost);
        }
        self.reap(now);
    }

    /// Ends a session that the transport will not go on with; the words are for the peer.
    pub fn refuse(&mut self, now: Timestamp, id: SessionId, words: &str, reason: &'static str) {
        self.end(now, id, Some(words), reason);
        self.reap(now);
    }

    /// The staff accounts as they are now.
    pub fn set_accounts(&mut self, now: Timestamp, accounts: Vec<StaffAccount>) {
        let step = Step::Accounts(accounts.clone());
        self.settle_with(now, step, |desk, out| desk.set_accounts(now, accounts, out));
    }

    /// An account was made just now.
    pub(super) fn account_made(&mut self, now: Timestamp, account: StaffAccount) {
        let step = Step::AccountMade(account.clone());
        self.settle_with(now, step, |desk, out| desk.account_made(now, &account, out));
    }

    /// Whether the accounts can be read: everybody's face is told when that changes.
    pub fn set_accounts_work(&mut self, now: Timestamp, work: bool) {
        self.accounts_work = work;
        self.each_face(now, |face, bytes| face.accounts(work, bytes));
    }

    /// What faces know of the server, after the config was read again.
    pub fn set_info(&mut self, now: Timestamp, info: &Arc<ServerInfo>) {
        self.each_face(now, |face, bytes| face.inform(info, bytes));
    }

    fn each_face(&mut self, now: Timestamp, tell: impl Fn(&mut dyn Face, &mut Vec<u8>)) {
        for id in self.sessions.ids() {
            let mut bytes = Vec::new();
            if let Some(session) = self.sessions.get_mut(id) {
                tell(session.face.as_mut(), &mut bytes);
            }
            if !bytes.is_empty() {
                self.say(id, bytes);
            }
        }
        self.reap(now);
    }

    /// New settings of the desk.
    pub fn set_settings(&mut self, now: Timestamp, settings: Settings) {
        let step = Step::Settings(Box::new(settings.clone()));
        self.settle_with(now, step, |desk, out| desk.set_settings(now, settings, out));
    }

    /// New limits for all connections.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Why connections of this address are not taken, if they are not.
    pub fn blocked(&self, now: Timestamp, address: &str) -> Option<Line> {
        self.desk.blocked(now, address)
    }

    /// Ends every session with these words. Flush, and wait for `is_idle`, before leaving.
    pub fn shut(&mut self, now: Timestamp, words: &str) {
        for id in self.sessions.ids() {
            self.finish(now, id, Some(words), "server shutting down");
        }
    }

    /// Nothing is pending, in flight or waiting to leave.
    pub fn is_idle(&self) -> bool {
        let ledger = &self.ledger;
        ledger.pending.is_empty()
            && ledger.in_flight.is_empty()
            && ledger.unsaved.is_empty()
            && self.sessions.len() == 0
    }

    /// Whether the disk takes writes, as far as is known.
    pub fn storage_works(&self) -> bool {
        self.ledger.works
    }

    /// What happened so far, counted.
    pub fn counters(&self) -> Counters {
        let ledger = &self.ledger;
        let unstored = ledger.pending.len() + ledger.unsaved.len() + ledger.in_flight.len();
        Counters { unstored: unstored as u64, ..self.counters }
    }

    /// The counters, for those who refuse connections before the runner hears of them.
    pub fn counters_mut(&mut self) -> &mut Counters {
        &mut self.counters
    }

    /// The desk, to look at.
    pub fn desk(&self) -> &D {
        &self.desk
    }

    /// Executes what a face asked for, in order, and seals the answer if the line had a label.
    fn execute(&mut self, now: Timestamp, id: SessionId, actions: &mut Actions) {
        if let Some(label) = actions.label.take() {
            self.gathering = Some(Gathering::new(id, label, Vec::new()));
        }
        for action in actions.list.drain(..) {
            if self.sessions.get(id).is_none_or(|s| s.ending) {
                continue;
            }
            match action {
                Action::Say(bytes) => self.say(id, bytes),
                Action::Desk(command) => self.command(now, id, command),
                Action::Verify(credentials) => self.verify(now, id, credentials),
                Action::Attempted { account, success } => {
                    if let Some(session) = self.sessions.get(id) {
                        self.outside.attempted(&session.address, &account, success);
                    }
                    if success {
                        self.signed_in(now, id, &account);
                    }
                }
                Action::Operate(Operate::Rehash) => self.rehash(now, id),
                Action::Operate(Operate::Health) => self.tell_health(now, id),
                Action::Relocate(address) => self.relocate(now, id, address),
                Action::Close(reason) => self.end(now, id, None, reason),
            }
        }
        let label = self.seal(now);
        self.ask_archive(now, label);
        self.reap(now);
    }

    /// The peer is really somewhere else: blocks and limits are those of that address.
    fn relocate(&mut self, now: Timestamp, id: SessionId, address: Arc<str>) {
        if let Some(why) = self.desk.blocked(now, &address) {
            return self.end(now, id, Some(why.as_str()), "blocked");
        }
        let Some(session) = self.sessions.get_mut(id) else { return };
        session.address = address;
        session.exempt = false;
        if let Err(words) = session.sink.relocate(now, &session.address) {
            self.end(now, id, Some(words), "too many connections of its address");
        }
    }

    /// From here on limits are those of the account.
    fn signed_in(&mut self, now: Timestamp, id: SessionId, account: &str) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        if let Err(words) = session.sink.signed_in(account) {
            self.end(now, id, Some(words), "too many connections of its account");
        }
    }

    fn tell_health(&mut self, now: Timestamp, id: SessionId) {
        let reply = Reply::Health(self.ledger.works);
        let mut bytes = Vec::new();
        if let Some(session) = self.sessions.get_mut(id) {
            session.face.reply(now, &reply, &mut bytes);
        }
        self.say(id, bytes);
    }

    /// A command of a session's own.
    fn command(&mut self, now: Timestamp, id: SessionId, command: Command) {
        let leaves = matches!(command, Command::Leave(_));
        if let Some(session) = self.sessions.get_mut(id) {
            session.forgotten |= leaves;
        }
        self.decide(now, id, command);
        let cut = self.gathering.as_ref().is_some_and(|g| g.session == id && g.cut.is_some());
        if leaves && !cut {
            self.finish(now, id, None, "quit");
        }
    }

    /// Has a command decided and its outcome delivered.
    fn decide(&mut self, now: Timestamp, from: SessionId, command: Command) {
        let begins = self.boundary();
        let mut out = std::mem::take(&mut self.outcome);
        self.desk.handle(now, from, &command, &mut out);
        self.absorb(now, begins, &mut out, Step::Desk { from, command });
        self.outcome = out;
        if self.holds() {
            self.tie(from);
        }
    }

    /// Has the desk do something else than a command, and delivers the outcome.
    fn settle_with(&mut self, now: Timestamp, step: Step, act: impl FnOnce(&mut D, &mut Outcome)) {
        let begins = self.boundary();
        let mut out = std::mem::take(&mut self.outcome);
        act(&mut self.desk, &mut out);
        self.absorb(now, begins, &mut out, step);
        self.outcome = out;
        self.ask_archive(now, None);
        self.reap(now);
    }

    /// Where the next batch would begin, if what comes now is the first of it.
    fn boundary(&mut self) -> Boundary {
        if self.ledger.durability == Durability::Relaxed || !self.ledger.pending.is_empty() {
            return Boundary::default();
        }
        Boundary {
            mark: self.desk.mark(),
            seq: self.ledger.decided,
            place: self.held.end(),
            step: self.steps.end(),
        }
    }

    /// Takes over what a decision left: events to store, outputs to release or hold.
    fn absorb(&mut self, now: Timestamp, begins: Boundary, out: &mut Outcome, step: Step) {
        self.touched = true;
        let ledger = &mut self.ledger;
        if let Some(last) = out.events.last().map(|event| event.seq) {
            if ledger.pending.is_empty() {
                ledger.begins = begins;
                if ledger.durability == Durability::Strict && ledger.in_flight.is_empty() {
                    // All before this was shown: a rollback must not undo it.
                    self.desk.confirm(begins.mark, begins.seq);
                }
            }
            ledger.pending.append(&mut out.events);
            ledger.decided = last;
        }
        let hold = self.holds();
        if hold {
            self.record(step);
        }
        self.deliver(now, out, hold);
        out.clear();
    }

    /// True while what the desk lets out must wait.
    fn holds(&self) -> bool {
        let ledger = &self.ledger;
        ledger.durability == Durability::Strict
            && !(ledger.pending.is_empty() && ledger.in_flight.is_empty())
    }

    /// Keeps a step in case storing fails, behind the opening of its labelled answer.
    fn record(&mut self, step: Step) {
        if let Some(gathering) = self.gathering.as_mut().filter(|g| !g.recorded) {
            gathering.recorded = true;
            self.steps.push(Step::Gather {
                session: gathering.session,
                label: gathering.label.clone(),
                answer: gathering.answer.clone(),
            });
        }
        self.steps.push(step);
    }
}
