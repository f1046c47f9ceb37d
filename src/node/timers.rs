//! What is due: registration, pings, the input rate's next line, the desk's own deadlines.

use super::Node;
use super::seams::Decide;
use super::session::Session;
use super::steps::Step;
use crate::base::ids::SessionId;
use crate::base::time::Timestamp;
use crate::face::Verdict;
use std::cmp::Reverse;
use std::time::Duration;

/// How long the last words of a session may take to leave.
const LAST_WORDS: Duration = Duration::from_secs(5);

impl<D: Decide> Node<D> {
    /// The moment of the next `tick` that would do something.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let timer = self.timers.peek().map(|Reverse((at, _))| *at);
        [self.desk.next_deadline(), timer, self.ledger.probe_at].into_iter().flatten().min()
    }

    /// Does what is due. Call it at `next_deadline`, and as often as you like.
    pub fn tick(&mut self, now: Timestamp) {
        if self.desk.next_deadline().is_some_and(|at| at <= now) {
            self.settle_with(now, Step::Tick, |desk, out| desk.tick(now, out));
        }
        self.probe(now);
        for ticket in std::mem::take(&mut self.refused) {
            self.verdict(now, ticket, Verdict::Unavailable);
        }
        while let Some(&Reverse((at, id))) = self.timers.peek() {
            if at > now {
                break;
            }
            self.timers.pop();
            self.look_at(now, id);
        }
        self.reap(now);
    }

    /// One session's timer went off.
    fn look_at(&mut self, now: Timestamp, id: SessionId) {
        let limits = self.limits;
        let Some(session) = self.sessions.get_mut(id) else { return };
        session.timer = Timestamp(u64::MAX);
        if session.ending {
            if session.last_taken && session.ends_by <= now {
                if let Some(slot) = self.sessions.slot(id) {
                    self.drop_session(slot);
                }
            } else {
                self.arm_end(now, id);
            }
            return;
        }
        if session.throttled {
            session.throttled = false;
            self.pump(now, id);
        }
        let Some(session) = self.sessions.get_mut(id).filter(|s| !s.ending) else { return };
        if !session.face.registered() {
            if past(session.opened, limits.registration, now) && session.verifying.is_none() {
                self.end(now, id, Some("Registration took too long"), "registration timeout");
            }
        } else if let Some(asked) = session.pinged.filter(|&asked| asked >= session.heard) {
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

    /// Sets a session's timer to its next deadline, if that is earlier than the one set.
    pub(super) fn arm(&mut self, now: Timestamp, id: SessionId) {
        let limits = self.limits;
        let Some(session) = self.sessions.get_mut(id) else { return };
        let due = due(session, &limits, now);
        if due < session.timer {
            session.timer = due;
            self.timers.push(Reverse((due, id)));
        }
    }

    /// Gives an ending session a little time to take its last words.
    pub(super) fn arm_end(&mut self, now: Timestamp, id: SessionId) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        if !session.last_taken || session.ends_by < now {
            session.ends_by = now + LAST_WORDS;
        }
        let due = session.ends_by;
        if due < session.timer {
            session.timer = due;
            self.timers.push(Reverse((due, id)));
        }
    }
}

fn past(since: Timestamp, span: Duration, now: Timestamp) -> bool {
    !span.is_zero() && now >= since + span
}

fn due(session: &Session, limits: &super::Limits, now: Timestamp) -> Timestamp {
    let never = Timestamp(u64::MAX);
    let after = |at: Timestamp, span: Duration| if span.is_zero() { never } else { at + span };
    let due = if !session.face.registered() {
        after(session.opened, limits.registration)
    } else if let Some(asked) = session.pinged.filter(|&asked| asked >= session.heard) {
        after(asked, limits.ping_timeout)
    } else {
        after(session.heard, limits.ping_interval)
    };
    // A check under way may outlast the time for registration: look again a little later.
    if due <= now { now + Duration::from_secs(1) } else { due }
}
