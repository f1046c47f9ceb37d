//! Flushing, committing, and what happens when committing fails.

use super::deliver::Gathering;
use super::outbox::Place;
use super::seams::Decide;
use super::session::Session;
use super::steps::Step;
use super::timers::LAST_WORDS;
use super::{Durability, InFlight, Job, Node, Settled};
use crate::base::ids::SessionId;
use crate::base::limits::EVENTS_PER_COMMIT;
use crate::base::time::Timestamp;
use crate::desk::language::command::Command;
use crate::desk::language::fact::Event;
use crate::store::Fault;
use std::time::Duration;

/// How often a failing disk is tried again.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// Batches on their way to the journal at most: one is being committed while others gather, and
/// what comes meanwhile makes the next one larger, so that a connection gets fewer, longer writes.
const BATCHES_IN_FLIGHT: usize = 8;

impl<D: Decide> Node<D> {
    /// Hands the pending batch to the journal, and writes what may leave: one write per connection.
    ///
    /// Writing can let a connection be read on, and cutting one is told to others: what comes of
    /// that leaves here too, for nothing else need happen that would flush again.
    pub fn flush(&mut self, now: Timestamp) {
        loop {
            self.submit();
            self.unstall(now);
            self.confirm_shown();
            if !self.ready.is_empty() {
                self.release(now, Place::default());
            }
            self.reap(now);
            if self.ready.is_empty() {
                return self.submit();
            }
        }
    }

    fn submit(&mut self) {
        let ledger = &mut self.ledger;
        if ledger.pending.is_empty() || !ledger.works || ledger.in_flight.len() >= BATCHES_IN_FLIGHT
        {
            return;
        }
        let room = Vec::with_capacity(ledger.pending.len().min(64));
        let events = std::mem::replace(&mut ledger.pending, room);
        let last = events.last().map_or(ledger.decided, |event| event.seq);
        let job = Job { batch: ledger.batch, generation: ledger.generation, events };
        match ledger.journal.submit(job) {
            Ok(()) => {
                let flight = InFlight { batch: ledger.batch, begins: ledger.begins, last };
                ledger.in_flight.push_back(flight);
                ledger.batch += 1;
            }
            Err(job) => ledger.pending = job.events,
        }
    }

    /// While nothing is unstored all the desk did is shown, and its undo notes are not needed.
    fn confirm_shown(&mut self) {
        let ledger = &self.ledger;
        let strict = ledger.durability == Durability::Strict;
        if self.touched && (!strict || ledger.in_flight.is_empty() && ledger.pending.is_empty()) {
            self.touched = false;
            let mark = self.desk.mark();
            self.desk.confirm(mark, self.ledger.decided);
        }
    }

    /// True while the journal has more to do than it should; nobody is read then.
    pub(super) fn journal_is_behind(&self) -> bool {
        self.ledger.works && self.ledger.pending.len() >= EVENTS_PER_COMMIT
    }

    /// What became of batches, or of a probe.
    pub fn settled(&mut self, now: Timestamp, settled: Settled) {
        match settled {
            Settled::Stored { batch, generation, events } => {
                self.counters.events += events as u64;
                self.counters.commits += 1;
                if generation == self.ledger.generation {
                    self.stored(now, batch);
                }
            }
            Settled::Failed { generation, events, fault } => {
                if self.relaxed() {
                    self.ledger.unsaved.extend(events);
                }
                if generation == self.ledger.generation {
                    self.failed(now, &fault);
                }
            }
            Settled::Probed(Ok(())) => self.recovered(now),
            Settled::Probed(Err(_)) => self.ledger.probe_at = Some(now + PROBE_EVERY),
        }
        self.reap(now);
    }

    fn stored(&mut self, now: Timestamp, batch: u64) {
        let ledger = &mut self.ledger;
        while let Some(done) = ledger.in_flight.front().filter(|f| f.batch <= batch) {
            ledger.stored = done.last;
            ledger.in_flight.pop_front();
        }
        if ledger.durability == Durability::Strict {
            let next = ledger.in_flight.front().map(|f| f.begins);
            let pending = (!ledger.pending.is_empty()).then_some(ledger.begins);
            let until = match next.or(pending) {
                Some(begins) => begins,
                None => self.boundary(),
            };
            self.desk.confirm(until.mark, until.seq);
            self.steps.forget(until.step);
            self.release(now, until.place);
        }
        self.submit();
        self.pass_questions(now);
        self.unstall(now);
    }

    /// Reads on when the journal has caught up.
    fn unstall(&mut self, now: Timestamp) {
        if self.ledger.stalled && !self.journal_is_behind() {
            self.ledger.stalled = false;
            for id in self.sessions.ids() {
                self.pump(now, id);
            }
        }
    }

    /// Storing failed: nobody has seen any of it. Back to what is stored, and everything again,
    /// so that each gets a proper answer or is told that it was not stored.
    fn failed(&mut self, now: Timestamp, fault: &Fault) {
        tracing::error!(%fault, "events could not be stored; commands that need storing are refused until the disk works again");
        self.counters.commits_failed += 1;
        let ledger = &mut self.ledger;
        ledger.generation += 1;
        ledger.works = false;
        ledger.probe_at = Some(now + PROBE_EVERY);
        let first = ledger.in_flight.pop_front();
        ledger.in_flight.clear();
        if self.relaxed() {
            self.settle_with(now, Step::Tick, |desk, out| desk.set_storage(now, false, out));
            self.pass_questions(now);
            return;
        }
        if let Some(first) = first {
            self.ledger.decided = first.begins.seq;
        }
        self.ledger.pending.clear();
        self.desk.rollback();
        let steps = self.steps.take();
        for step in steps.iter().rev() {
            if let Step::Renamed { session, from, to } = step
                && let Some(session) = self.sessions.get_mut(*session)
            {
                session.face.renamed(to, from);
            }
        }
        self.unhold();
        self.settle_with(now, Step::Tick, |desk, out| desk.set_storage(now, false, out));
        self.redoing = true;
        for step in steps {
            self.redo(now, step);
        }
        self.redoing = false;
        self.pass_questions(now);
        self.reap(now);
        // A session whose end was undone is read again, and whoever waited for the journal.
        self.ledger.stalled = true;
        self.unstall(now);
    }

    /// Drops all held bytes; a session that was to end behind them has not ended.
    fn unhold(&mut self) {
        let end = self.held.end();
        for (number, slot) in self.held.numbers(end) {
            let Some(session) = self.sessions.at_mut(slot) else { continue };
            if !session.held.begins_at(number) {
                continue;
            }
            self.chunks.clear();
            self.held.take(&mut session.held, end, &mut self.chunks);
            session.queued -= self.chunks.iter().map(|c| c.len()).sum::<usize>();
            session.held = Default::default();
            session.choked = false;
            session.ending = false;
            session.forgotten = false;
            session.reason = "";
        }
        self.held.forget(end);
    }

    fn redo(&mut self, now: Timestamp, step: Step) {
        match step {
            Step::Desk { from, command } => self.redo_command(now, from, command),
            Step::Say { session, bytes } => self.say(session, bytes),
            Step::Gather { session, label, answer } => {
                self.gathering = Some(Gathering::new(session, label, answer));
            }
            Step::Seal => {
                self.seal(now);
            }
            // Unlearnt before; told again if it happens again.
            Step::Renamed { .. } => {}
            Step::Tick => self.settle_with(now, Step::Tick, |desk, out| desk.tick(now, out)),
            Step::Accounts(accounts) => self.set_accounts(now, accounts),
            Step::AccountMade(account) => self.account_made(now, account),
            Step::Settings(settings) => self.set_settings(now, *settings),
            Step::Finish { session, words, reason } => {
                self.finish(now, session, words.as_deref(), reason);
            }
        }
    }

    fn redo_command(&mut self, now: Timestamp, from: SessionId, command: Command) {
        let arrives = matches!(command, Command::Arrive(_));
        let leaves = matches!(command, Command::Leave(_));
        if let Some(session) = self.sessions.get_mut(from) {
            session.forgotten |= leaves;
            session.welcomed &= !arrives;
        }
        self.decide(now, from, command);
        let welcomed = self.sessions.get(from).is_none_or(|s| s.welcomed);
        if arrives && !welcomed {
            // Its face believes that it is registered: it has to begin anew.
            let words = "The server cannot store anything just now. Please connect again later.";
            if let Some(session) = self.sessions.get_mut(from) {
                session.forgotten = true;
            }
            self.finish(now, from, Some(words), "storage failing");
        }
    }

    /// The disk works again.
    fn recovered(&mut self, now: Timestamp) {
        if self.ledger.works {
            return;
        }
        tracing::info!("the disk takes writes again");
        self.ledger.works = true;
        self.ledger.probe_at = None;
        let mut unsaved: Vec<Event> = std::mem::take(&mut self.ledger.unsaved);
        unsaved.append(&mut self.ledger.pending);
        self.ledger.pending = unsaved;
        self.settle_with(now, Step::Tick, |desk, out| desk.set_storage(now, true, out));
        self.submit();
    }

    /// Asks for a probe when one is due.
    pub(super) fn probe(&mut self, now: Timestamp) {
        if self.ledger.probe_at.is_some_and(|at| at <= now) {
            // The answer sets the next one; a thread that cannot even be asked is asked again.
            let asked = self.ledger.journal.probe();
            self.ledger.probe_at = (!asked).then(|| now + PROBE_EVERY);
        }
    }

    /// Writes what is ready and what is held before `until`, one write per connection.
    fn release(&mut self, now: Timestamp, until: Place) {
        let end = self.ready.end();
        for number in self.ready.first()..end.number() {
            let Some(slot) = self.ready.slot(number) else { continue };
            if self.sessions.at(slot).is_some_and(|s| s.ready.begins_at(number)) {
                self.send(now, slot, until);
            }
        }
        self.ready.forget(end);
        for number in self.held.first()..until.number() {
            let Some(slot) = self.held.slot(number) else { continue };
            if self.sessions.at(slot).is_some_and(|s| s.held.begins_at(number)) {
                self.send(now, slot, until);
            }
        }
        if until.number() > self.held.first() {
            self.held.forget(until);
        }
    }

    /// Writes one connection's chunks; what the socket does not take goes to its backlog.
    fn send(&mut self, now: Timestamp, slot: u32, until: Place) {
        let Some(session) = self.sessions.at_mut(slot) else { return };
        self.chunks.clear();
        let mut last = self.ready.take(&mut session.ready, self.ready.end(), &mut self.chunks);
        let split = self.chunks.len();
        last |= self.held.take(&mut session.held, until, &mut self.chunks);
        let bytes: &[u8] = match (&self.chunks[..], split) {
            ([one], 1) => self.ready.bytes(*one),
            ([one], _) => self.held.bytes(*one),
            (chunks, _) => {
                self.scratch.clear();
                for (at, &chunk) in chunks.iter().enumerate() {
                    let log = if at < split { &self.ready } else { &self.held };
                    self.scratch.extend_from_slice(log.bytes(chunk));
                }
                &self.scratch
            }
        };
        session.queued = session.queued.saturating_sub(bytes.len());
        session.last_taken |= last;
        if session.full {
            session.backlog.extend_from_slice(bytes);
            return;
        }
        if bytes.is_empty() {
            return self.after_write(now, slot);
        }
        self.counters.writes += 1;
        match session.sink.try_write(bytes) {
            Ok(count) => {
                self.counters.bytes_out += count as u64;
                if count < bytes.len() {
                    session.full = true;
                    session.backlog.extend_from_slice(&bytes[count..]);
                }
            }
            Err(_) => {
                // The reader will find out too and say `closed`; until then nothing is kept for it.
                session.full = true;
                session.backlog = Vec::new();
                session.ending = true;
            }
        }
        self.after_write(now, slot);
    }

    /// The socket of a connection takes bytes again. True while it wants to be told once more.
    pub fn writable(&mut self, now: Timestamp, id: SessionId) -> bool {
        let Some(slot) = self.sessions.slot(id) else { return false };
        if let Some(session) = self.sessions.at_mut(slot) {
            session.full = false;
        }
        self.push_backlog(now, slot);
        self.reap(now);
        self.sessions.get(id).is_some_and(|s| s.full)
    }

    /// Writes of the backlog what the socket takes.
    pub(super) fn push_backlog(&mut self, now: Timestamp, slot: u32) {
        let Some(session) = self.sessions.at_mut(slot) else { return };
        if !session.full && !session.backlog.is_empty() {
            self.counters.writes += 1;
            match session.sink.try_write(&session.backlog) {
                Ok(count) => {
                    self.counters.bytes_out += count as u64;
                    session.backlog.drain(..count);
                    session.full = !session.backlog.is_empty();
                    if session.backlog.is_empty() {
                        session.backlog = Vec::new();
                    }
                }
                Err(_) => {
                    session.backlog = Vec::new();
                    session.ending = true;
                    session.full = true;
                }
            }
        }
        self.after_write(now, slot);
    }

    /// A drained session is read again; one that said its last words is closed.
    fn after_write(&mut self, now: Timestamp, slot: u32) {
        let Some(session) = self.sessions.at_mut(slot) else { return };
        let id = session.id;
        if session.ending && session.last_taken {
            if session.backlog.is_empty() {
                self.drop_session(slot);
            } else if session.ends_by == Timestamp(0) {
                session.ends_by = now + LAST_WORDS;
                self.arm(now, id);
            }
        } else if session.choked && session.outstanding() <= self.limits.queue_soft / 2 {
            session.choked = false;
            self.pump(now, id);
        }
    }

    /// Forgets a session for good; the desk has done so before.
    pub(super) fn drop_session(&mut self, slot: u32) -> Option<Box<Session>> {
        let mut session = self.sessions.remove(slot)?;
        self.timers.remove(&(session.timer, session.id));
        self.counters.connections_now = self.sessions.len() as u64;
        self.desk.set_connections(self.sessions.len());
        session.sink.close();
        Some(session)
    }
}
