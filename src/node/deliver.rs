//! From outputs to queued bytes: encoding once per dialect, gathering labelled answers, last words.

use super::outbox::{Chunk, Log};
use super::seams::{Asker, Decide};
use super::session::Session;
use super::steps::Step;
use super::{Durability, Node, consult};
use crate::base::ids::SessionId;
use crate::base::text::Line;
use crate::base::time::Timestamp;
use crate::desk::language::command::{Command, Departure};
use crate::desk::language::notice::{CutReason, Notice, Output, Reply};
use crate::desk::outcome::Outcome;
use crate::face::Dialect;
use std::ops::Range;
use std::sync::Arc;

/// The answer to a labelled line, while the line is being handled.
pub(super) struct Gathering {
    pub(super) session: SessionId,
    pub(super) label: Arc<str>,
    pub(super) answer: Vec<u8>,
    /// It stands among the steps, because part of it is held.
    pub(super) recorded: bool,
    /// The answer comes later, from a check or the archive.
    pub(super) later: bool,
    /// The session ends behind the answer.
    pub(super) cut: Option<CutReason>,
}

impl Gathering {
    pub(super) fn new(session: SessionId, label: Arc<str>, answer: Vec<u8>) -> Self {
        Self { session, label, answer, recorded: false, later: false, cut: None }
    }
}

impl<D: Decide> Node<D> {
    /// Queues what the desk lets out; `hold` says behind a commit or not.
    pub(super) fn deliver(&mut self, now: Timestamp, out: &mut Outcome, hold: bool) {
        let mut outputs = std::mem::take(&mut out.outputs);
        for output in outputs.drain(..) {
            match output {
                Output::Notice { to, notice } => {
                    self.deliver_notice(now, &out.recipients, to, &notice, hold);
                }
                Output::Reply { to, reply } => self.deliver_reply(now, to, &reply, hold),
                Output::Cut { session, why } => self.cut(session, why, hold),
                Output::Consult { to, query } => {
                    if let Some(gathering) = self.gathering.as_mut().filter(|g| g.session == to) {
                        gathering.later = true;
                    }
                    if !self.redoing {
                        self.consults.push((to, query));
                    }
                }
            }
        }
        out.outputs = outputs;
    }

    fn deliver_notice(
        &mut self,
        now: Timestamp,
        recipients: &[SessionId],
        to: Range<usize>,
        notice: &Notice,
        hold: bool,
    ) {
        let sender = match notice {
            Notice::Said(said) if !said.replayed => said.sender,
            _ => None,
        };
        self.encoded.clear();
        for &id in recipients.get(to).unwrap_or_default() {
            let Some(slot) = self.sessions.slot(id) else { continue };
            let Some(session) = self.sessions.at_mut(slot) else { continue };
            if session.ending {
                continue;
            }
            if let Notice::Renamed { who, nick } = notice {
                session.face.renamed(&who.nick, nick);
                if hold {
                    let (from, to) = (who.nick.clone(), nick.clone());
                    self.steps.push(Step::Renamed { session: id, from, to });
                }
            }
            let dialect = session.face.dialect();
            if sender == Some(id) && !dialect.has(Dialect::ECHO) {
                continue;
            }
            // Words that come to a session are no answer to it; the echo of its own are.
            let comes = matches!(notice, Notice::Said(said) if said.sender != Some(id));
            let gathering = self.gathering.as_mut().filter(|g| g.session == id && !comes);
            if let Some(gathering) = gathering {
                session.face.notice(now, notice, &mut gathering.answer);
                continue;
            }
            let log = if hold { &mut self.held } else { &mut self.ready };
            let kind = dialect.0 & !Dialect::ECHO;
            let known = self.encoded.iter().find(|(k, _)| *k == kind).map(|&(_, chunk)| chunk);
            let chunk = known.unwrap_or_else(|| {
                let chunk = log.encode(|out| session.face.notice(now, notice, out));
                self.encoded.push((kind, chunk));
                chunk
            });
            if chunk.len() > 0 {
                enqueue(log, session, slot, chunk, hold, false);
                self.watch_queue(id, slot);
            }
        }
    }

    fn deliver_reply(&mut self, now: Timestamp, to: SessionId, reply: &Reply, hold: bool) {
        let Some(slot) = self.sessions.slot(to) else { return };
        let Some(session) = self.sessions.at_mut(slot) else { return };
        if session.ending {
            return;
        }
        if let Reply::Welcome(welcome) = reply {
            session.staff = welcome.role.is_staff();
            session.welcomed = true;
        }
        if let Some(gathering) = self.gathering.as_mut().filter(|g| g.session == to) {
            session.face.reply(now, reply, &mut gathering.answer);
            return;
        }
        let log = if hold { &mut self.held } else { &mut self.ready };
        let chunk = log.encode(|out| session.face.reply(now, reply, out));
        if chunk.len() > 0 {
            enqueue(log, session, slot, chunk, hold, false);
            self.watch_queue(to, slot);
        }
    }

    /// The desk ends a session, which it has forgotten already.
    fn cut(&mut self, id: SessionId, why: CutReason, hold: bool) {
        if let Some(gathering) = self.gathering.as_mut().filter(|g| g.session == id) {
            gathering.cut = Some(why);
            return;
        }
        let Some(slot) = self.sessions.slot(id) else { return };
        let Some(session) = self.sessions.at_mut(slot) else { return };
        if session.ending {
            return;
        }
        let log = if hold { &mut self.held } else { &mut self.ready };
        let chunk = log.encode(|out| session.face.farewell(&why, out));
        enqueue(log, session, slot, chunk, hold, true);
        session.ending = true;
        session.forgotten = true;
        session.reason = name(&why);
        self.note_cut(id, name(&why));
    }

    /// Bytes that hold nothing of the desk's: they wait only for what the session was told before.
    pub(super) fn say(&mut self, id: SessionId, bytes: Vec<u8>) {
        if let Some(gathering) = self.gathering.as_mut().filter(|g| g.session == id) {
            gathering.answer.extend_from_slice(&bytes);
            if gathering.recorded {
                self.steps.push(Step::Say { session: id, bytes });
            }
            return;
        }
        if self.sessions.get(id).is_none_or(|s| s.ending) {
            return;
        }
        self.queue(id, &bytes, false);
        if self.sessions.get(id).is_some_and(|s| !s.held.is_empty()) {
            self.record(Step::Say { session: id, bytes });
        }
    }

    /// Holds what the session is told from now on behind its own command, even where the command
    /// itself had no answer: a PONG says that all before it has taken effect.
    pub(super) fn tie(&mut self, id: SessionId) {
        let Some(slot) = self.sessions.slot(id) else { return };
        let Some(session) = self.sessions.at_mut(slot) else { return };
        if !session.ending && session.held.is_empty() {
            let nothing = self.held.encode(|_| {});
            enqueue(&mut self.held, session, slot, nothing, true, false);
        }
    }

    /// Queues bytes behind what the session has waiting.
    fn queue(&mut self, id: SessionId, bytes: &[u8], last: bool) {
        let Some(slot) = self.sessions.slot(id) else { return };
        let Some(session) = self.sessions.at_mut(slot) else { return };
        if bytes.is_empty() && !last {
            return;
        }
        let hold = !session.held.is_empty();
        let log = if hold { &mut self.held } else { &mut self.ready };
        let chunk = log.encode(|out| out.extend_from_slice(bytes));
        enqueue(log, session, slot, chunk, hold, last);
        self.watch_queue(id, slot);
    }

    /// Completes a labelled answer: one answer, held if any part of it is.
    ///
    /// Gives the label back when the whole answer is still to come from the archive.
    pub(super) fn seal(&mut self, now: Timestamp) -> Option<Arc<str>> {
        let gathering = self.gathering.take()?;
        let Gathering { session: id, label, answer, recorded, later, cut } = gathering;
        if recorded {
            self.steps.push(Step::Seal);
        }
        let slot = self.sessions.slot(id)?;
        let hold = self.sessions.at(slot).filter(|s| !s.ending).map(|s| !s.held.is_empty())?
            || (recorded && self.holds());
        let unanswered = later && answer.is_empty();
        if !unanswered {
            let session = self.sessions.at_mut(slot)?;
            let mut sealed = Vec::with_capacity(answer.len() + 128);
            session.face.seal(now, &label, &answer, &mut sealed);
            let log = if hold { &mut self.held } else { &mut self.ready };
            let chunk = log.encode(|out| out.extend_from_slice(&sealed));
            if chunk.len() > 0 {
                enqueue(log, session, slot, chunk, hold, false);
                self.watch_queue(id, slot);
            }
            if hold && !recorded {
                self.steps.push(Step::Say { session: id, bytes: sealed });
            }
        }
        if let Some(why) = cut {
            self.cut(id, why, hold);
        }
        unanswered.then_some(label)
    }

    /// Puts the archive questions of the line just handled on their way: behind everything decided
    /// before, which the archive knows once it is stored. Until the answer comes the session is not read.
    pub(super) fn ask_archive(&mut self, now: Timestamp, mut label: Option<Arc<str>>) {
        for (session, query) in std::mem::take(&mut self.consults) {
            if let Some(session) = self.sessions.get_mut(session) {
                session.asking += 1;
            }
            let asker = Asker { session, label: label.take() };
            self.questions.push_back((self.ledger.decided, asker, query));
        }
        self.pass_questions(now);
    }

    /// Hands on the questions about what is stored.
    pub(super) fn pass_questions(&mut self, now: Timestamp) {
        let ledger = &self.ledger;
        let idle = ledger.pending.is_empty() && ledger.in_flight.is_empty();
        let (stored, all) = (ledger.stored, idle || !ledger.works);
        while self.questions.front().is_some_and(|(seq, ..)| all || *seq <= stored) {
            let Some((_, asker, query)) = self.questions.pop_front() else { return };
            if !self.outside.consult(now, asker.clone(), query.clone()) {
                self.answered(now, &asker, &consult::refusal(&query));
            }
        }
    }

    /// The archive's answer.
    pub fn answered(&mut self, now: Timestamp, asker: &Asker, reply: &Reply) {
        let id = asker.session;
        let Some(session) = self.sessions.get_mut(id) else { return };
        session.asking = session.asking.saturating_sub(1);
        if session.ending {
            return;
        }
        if let Reply::Decide(command) = reply {
            return self.decide_now(now, asker, command);
        }
        let mut answer = Vec::new();
        session.face.reply(now, reply, &mut answer);
        if let Some(label) = &asker.label {
            let mut sealed = Vec::new();
            session.face.seal(now, label, &answer, &mut sealed);
            answer = sealed;
        }
        self.say(id, answer);
        self.pump(now, id);
        self.reap(now);
    }

    /// The desk decides with what it wanted to know.
    fn decide_now(&mut self, now: Timestamp, asker: &Asker, command: &Command) {
        if let Some(label) = &asker.label {
            self.gathering = Some(Gathering::new(asker.session, label.clone(), Vec::new()));
        }
        self.decide(now, asker.session, command.clone());
        let label = self.seal(now);
        self.ask_archive(now, label);
        self.pump(now, asker.session);
        self.reap(now);
    }

    /// Ends a session of the server's own accord: last words, then the desk is told.
    pub(super) fn end(
        &mut self,
        now: Timestamp,
        id: SessionId,
        words: Option<&str>,
        reason: &'static str,
    ) {
        self.finish(now, id, words, reason);
        self.tell_lost(now, id, reason);
    }

    /// Last words, and nothing more; the connection ends when they have left.
    pub(super) fn finish(
        &mut self,
        now: Timestamp,
        id: SessionId,
        words: Option<&str>,
        reason: &'static str,
    ) {
        self.seal(now);
        let Some(session) = self.sessions.get_mut(id).filter(|s| !s.ending) else { return };
        let mut bytes = Vec::new();
        if let Some(words) = words {
            session.face.error(words, &mut bytes);
        }
        self.queue(id, &bytes, true);
        let Some(session) = self.sessions.get_mut(id) else { return };
        session.ending = true;
        session.reason = reason;
        if !session.held.is_empty() {
            self.steps.push(Step::Finish { session: id, words: words.map(str::to_owned), reason });
        }
        self.note_cut(id, reason);
    }

    /// Cuts the sessions that were found to be in the way while others were being served.
    pub(super) fn reap(&mut self, now: Timestamp) {
        while let Some((id, reason)) = self.doomed.pop() {
            let Some(slot) = self.sessions.slot(id) else { continue };
            let Some(session) = self.sessions.at_mut(slot) else { continue };
            session.doomed = false;
            if session.ending && session.last_taken {
                continue;
            }
            // What waits can never leave in order; a whole line and the reason may still.
            session.held = Default::default();
            session.ready = Default::default();
            session.queued = 0;
            session.ending = true;
            session.last_taken = true;
            session.reason = reason;
            let end = session.backlog.iter().position(|&b| b == b'\n').map_or(0, |at| at + 1);
            session.backlog.truncate(end);
            let mut bytes = std::mem::take(&mut session.backlog);
            session.face.error(reason, &mut bytes);
            session.backlog = bytes;
            self.note_cut(id, reason);
            self.tell_lost(now, id, reason);
            self.push_backlog(now, slot);
        }
    }

    /// Tells the desk that a session is lost, once.
    pub(super) fn tell_lost(&mut self, now: Timestamp, id: SessionId, reason: &'static str) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        if session.face.registered() && !session.forgotten {
            session.forgotten = true;
            self.decide(now, id, Command::Leave(Departure::Lost(Line::scrubbed(reason))));
        }
    }

    /// Holds a queue to its limits: too much stops its reading, far too much ends it.
    fn watch_queue(&mut self, id: SessionId, slot: u32) {
        let Some(session) = self.sessions.at_mut(slot) else { return };
        let outstanding = session.outstanding();
        if outstanding > self.limits.queue_hard && self.limits.queue_hard > 0 {
            let over = session.ending && session.last_taken;
            if !(session.doomed || over) {
                session.doomed = true;
                self.doomed.push((id, "sendq exceeded"));
            }
        } else if outstanding > self.limits.queue_soft
            && self.limits.queue_soft > 0
            && !session.choked
        {
            session.choked = true;
            self.counters.choked += 1;
        }
    }

    /// Counts and logs that the server ended a connection, and makes sure it really ends.
    fn note_cut(&mut self, id: SessionId, reason: &'static str) {
        let Some(session) = self.sessions.get(id) else { return };
        let address = session.address.clone();
        let counter = match reason {
            "quit" | "quit before registration" | "server shutting down" => {
                tracing::debug!(session = id.0, reason, "connection ends");
                return;
            }
            "sendq exceeded" => &mut self.counters.cut_queue,
            "ping timeout" => &mut self.counters.cut_ping,
            "registration timeout" => &mut self.counters.cut_registration,
            _ => &mut self.counters.cut_other,
        };
        *counter += 1;
        tracing::info!(session = id.0, %address, reason, "connection cut");
    }

    /// True when nothing is ever held.
    pub(super) fn relaxed(&self) -> bool {
        self.ledger.durability == Durability::Relaxed
    }
}

fn enqueue(log: &mut Log, session: &mut Session, slot: u32, chunk: Chunk, hold: bool, last: bool) {
    let chain = if hold { &mut session.held } else { &mut session.ready };
    log.push(chain, slot, chunk, last);
    session.queued += chunk.len();
}

/// The reason for the log, with nothing in it that anybody typed.
fn name(why: &CutReason) -> &'static str {
    match why {
        CutReason::Quit(_) => "quit",
        CutReason::Blocked(_) => "blocked",
        CutReason::AccountEnded => "account ended",
        CutReason::Replaced => "replaced",
        CutReason::AccountRequired => "account required",
        CutReason::Killed(..) => "killed",
        CutReason::StorageFailing => "storage failing",
    }
}
