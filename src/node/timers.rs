//! What is due: registration, pings, the input rate's next line, the desk's own deadlines.

use super::Node;
use super::seams::Decide;
use super::session::Session;
use super::steps::Step;
use crate::base::ids::SessionId;
use crate::base::time::Timestamp;
use std::time::Duration;

/// How long the last words of a session may take to leave.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(5);

/// How often words are looked for that were kept long enough.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// No timer.
const NEVER: Timestamp = Timestamp(u64::MAX);

impl<D: Decide> Node<D> {
    /// The moment of the next `tick` that would do something.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let timer = self.timers.first().map(|(at, _)| *at);
        let ledger = &self.ledger;
        let due = [self.desk.next_deadline(), timer, ledger.probe_at, ledger.prune_at];
        due.into_iter().flatten().min()
    }

    /// Does what is due. Call it at `next_deadline`, and as often as you like.
    pub fn tick(&mut self, now: Timestamp) {
        if self.desk.next_deadline().is_some_and(|at| at <= now) {
            self.settle_with(now, Step::Tick, |desk, out| desk.tick(now, out));
        }
        self.probe(now);
        self.prune(now);
        for (ticket, verdict) in std::mem::take(&mut self.refused) {
            self.verdict(now, ticket, verdict);
        }
        while let Some(&(at, id)) = self.timers.first() {
            if at > now {
                break;
            }
            self.timers.pop_first();
            self.look_at(now, id);
        }
        self.reap(now);
    }

    /// Has words erased that were kept long enough.
    fn prune(&mut self, now: Timestamp) {
        let ledger = &mut self.ledger;
        if ledger.prune_at.is_some_and(|at| at <= now) {
            let asked = self.desk.expired(now).is_none_or(|past| ledger.journal.prune(past));
            ledger.prune_at = Some(now + if asked { PRUNE_EVERY } else { LAST_WORDS });
        }
    }

    /// One session's timer went off.
    fn look_at(&mut self, now: Timestamp, id: SessionId) {
        let limits = self.limits;
        let Some(slot) = self.sessions.slot(id) else { return };
        let Some(session) = self.sessions.at_mut(slot) else { return };
        session.timer = NEVER;
        if session.ending {
            if session.last_taken && session.ends_by <= now {
                self.drop_session(slot);
            } else {
                self.arm(now, id);
            }
            return;
        }
        if session.throttled.is_some_and(|until| until <= now) {
            session.throttled = None;
            self.pump(now, id);
        }
        self.look_at_face(now, id);
        let Some(session) = self.sessions.get_mut(id).filter(|s| !s.ending) else { return };
        if !session.face.registered() {
            if past(session.opened, limits.registration, now) && session.verifying.is_none() {
                self.end(now, id, Some("Registration took too long"), "registration timeout");
            }
        } else if let Some(asked) = session.pinged {
            if past(asked, limits.ping_timeout, now) {
                self.end(now, id, Some("Ping timeout"), "ping timeout");
            }
        } else if past(session.heard, limits.ping_interval, now) {
            let mut bytes = Vec::new();
            session.face.ping(now, &mut bytes);
            if bytes.is_empty() {
                // A protocol without a ping: the peer's silence means nothing, look again later.
                session.heard = now;
            } else {
                session.pinged = Some(now);
                self.say(id, bytes);
            }
        }
        self.arm(now, id);
    }

    /// What the peer began and has not ended in time.
    fn look_at_face(&mut self, now: Timestamp, id: SessionId) {
        let Some(session) = self.sessions.get_mut(id).filter(|s| !s.ending) else { return };
        if session.face.deadline().is_some_and(|at| at <= now) {
            let mut actions = std::mem::take(&mut self.actions);
            session.face.overdue(now, &mut actions);
            self.execute(now, id, &mut actions);
            self.actions = actions;
        }
    }

    /// Sets a session's timer to its next deadline, if that is earlier than the one set.
    pub(super) fn arm(&mut self, now: Timestamp, id: SessionId) {
        let limits = self.limits;
        if let Some(session) = self.sessions.get(id) {
            self.set_timer(id, due(session, &limits, now));
        }
    }

    /// Sets a session's timer, if that is earlier than the one set.
    pub(super) fn set_timer(&mut self, id: SessionId, at: Timestamp) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        if at < session.timer {
            self.timers.remove(&(session.timer, id));
            session.timer = at;
            self.timers.insert((at, id));
        }
    }
}

fn past(since: Timestamp, span: Duration, now: Timestamp) -> bool {
    !span.is_zero() && now >= since + span
}

fn due(session: &Session, limits: &super::Limits, now: Timestamp) -> Timestamp {
    let after = |at: Timestamp, span: Duration| if span.is_zero() { NEVER } else { at + span };
    if session.ending {
        return if session.last_taken { session.ends_by.max(now) } else { now + LAST_WORDS };
    }
    let due = if !session.face.registered() {
        after(session.opened, limits.registration)
    } else if let Some(asked) = session.pinged {
        after(asked, limits.ping_timeout)
    } else {
        after(session.heard, limits.ping_interval)
    };
    // A check under way may outlast the time for registration: look again a little later.
    let due = if due <= now { now + Duration::from_secs(1) } else { due };
    let due = session.face.deadline().map_or(due, |at| due.min(at.max(now)));
    session.throttled.map_or(due, |until| due.min(until.max(now)))
}
