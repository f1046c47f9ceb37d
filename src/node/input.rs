//! From received bytes to executed actions, as fast as each connection's own limits allow.

use super::Node;
use super::seams::{Decide, Ticket};
use super::session::Flow;
use crate::base::ids::SessionId;
use crate::base::limits::LINES_BEFORE_REGISTRATION;
use crate::base::time::Timestamp;
use crate::desk::StaffAccount;
use crate::face::registering::Registered;
use crate::face::{Credentials, Verdict};
use crate::wire::framing::Frame;

impl<D: Decide> Node<D> {
    /// Bytes of a connection. Lines are handled in order, at once; what its limits forbid to read
    /// now is kept, and the reader is told to pause.
    pub fn receive(&mut self, now: Timestamp, id: SessionId, bytes: &[u8]) -> Flow {
        let Some(session) = self.sessions.get_mut(id).filter(|s| !s.ending) else {
            return self.ended(id);
        };
        self.counters.bytes_in += bytes.len() as u64;
        session.heard = now;
        session.pinged = None;
        if session.readable() && session.stash.is_empty() {
            self.read(now, id, bytes);
        } else {
            session.stash.extend_from_slice(bytes);
        }
        if self.sessions.get(id).is_some_and(|s| !s.ending && s.face.deadline().is_some()) {
            self.arm(now, id);
        }
        self.reap(now);
        self.flow(id)
    }

    /// What the reader of an ending session does: wait while its end may still be undone.
    fn ended(&mut self, id: SessionId) -> Flow {
        match self.sessions.get_mut(id) {
            Some(session) if !session.held.is_empty() => {
                session.paused = true;
                Flow::Pause
            }
            _ => Flow::Gone,
        }
    }

    fn flow(&mut self, id: SessionId) -> Flow {
        let busy = self.journal_is_behind();
        let Some(session) = self.sessions.get_mut(id).filter(|s| !s.ending) else {
            return self.ended(id);
        };
        self.ledger.stalled |= busy;
        session.paused = busy || !session.readable() || !session.stash.is_empty();
        if session.paused { Flow::Pause } else { Flow::Continue }
    }

    /// Reads lines until they or the permission to read them end; the rest goes to the stash.
    fn read(&mut self, now: Timestamp, id: SessionId, bytes: &[u8]) {
        let mut rest = bytes;
        loop {
            let Some(session) = self.sessions.get_mut(id).filter(|s| !s.ending) else { return };
            if !session.readable() {
                session.stash.extend_from_slice(rest);
                return;
            }
            let mut after = rest;
            let mut throttled = false;
            let mut actions = std::mem::take(&mut self.actions);
            let Some(frame) = session.framer.next(&mut after) else {
                self.actions = actions;
                return;
            };
            let allowed = match session.exempt {
                true => Ok(()),
                false => session.bucket.take(now, &self.limits, session.staff),
            };
            if let Err(until) = allowed {
                // The line is read all the same; the next one waits.
                session.throttled = Some(until);
                self.counters.throttled += 1;
                throttled = true;
            }
            match frame {
                Frame::Line(line) => session.face.line(now, line, &mut actions),
                Frame::TooLong => {
                    self.counters.lines_overlong += 1;
                    session.face.overlong(now, &mut actions);
                }
            }
            rest = after;
            self.counters.lines += 1;
            session.lines = session.lines.saturating_add(1);
            let babbles =
                !session.face.registered() && session.lines as usize > LINES_BEFORE_REGISTRATION;
            self.execute(now, id, &mut actions);
            self.actions = actions;
            if throttled {
                self.arm(now, id);
            }
            if babbles {
                self.end(now, id, Some("Too many lines before registration"), "no registration");
            }
        }
    }

    /// Something that kept a session from being read is over: reads its stash, then goes on.
    pub(super) fn pump(&mut self, now: Timestamp, id: SessionId) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        if session.readable() && !session.stash.is_empty() {
            let stash = std::mem::take(&mut session.stash);
            self.read(now, id, &stash);
        }
        let busy = self.journal_is_behind();
        let Some(session) = self.sessions.get_mut(id) else { return };
        let open = session.readable() && session.stash.is_empty() && !busy;
        if session.paused && (open || session.ending) {
            session.paused = false;
            session.sink.resume();
        }
    }

    /// Sends credentials to be checked; the session is not read until the answer is there.
    pub(super) fn verify(&mut self, now: Timestamp, id: SessionId, credentials: Credentials) {
        if let Some(gathering) = self.gathering.as_mut().filter(|g| g.session == id) {
            gathering.later = true;
        }
        let Some(session) = self.sessions.get_mut(id) else { return };
        self.verifications = self.verifications.wrapping_add(1);
        let ticket = Ticket { session: id, serial: self.verifications };
        session.verifying = Some(ticket.serial);
        let address = session.address.clone();
        let taken = match &credentials {
            Credentials::New(new) => !self.desk.may_register(id, &new.name),
            _ => false,
        };
        let asked = match taken {
            true => Err(Verdict::Registered(Registered::Exists)),
            false => self.outside.verify(ticket, &address, credentials),
        };
        if let Err(verdict) = asked {
            self.refused.push((ticket, verdict));
            self.set_timer(id, now);
        }
    }

    /// Has the configuration read again for an operator; the session is not read until it was.
    pub(super) fn rehash(&mut self, now: Timestamp, id: SessionId) {
        if let Some(gathering) = self.gathering.as_mut().filter(|g| g.session == id) {
            gathering.later = true;
        }
        let Some(session) = self.sessions.get_mut(id) else { return };
        self.verifications = self.verifications.wrapping_add(1);
        let ticket = Ticket { session: id, serial: self.verifications };
        session.verifying = Some(ticket.serial);
        if self.desk.operates(id) {
            self.outside.rehash(ticket);
        } else {
            self.refused.push((ticket, Verdict::No));
            self.set_timer(id, now);
        }
    }

    /// The answer to a check of credentials, or to REHASH.
    pub fn verdict(&mut self, now: Timestamp, ticket: Ticket, verdict: Verdict) {
        let id = ticket.session;
        // There is an account now, also when whoever asked for it is gone.
        if let Verdict::Registered(Registered::Done(name, role)) = &verdict {
            self.account_made(now, StaffAccount { name: name.clone(), role: *role });
        }
        let Some(session) = self.sessions.get_mut(id) else { return };
        if session.verifying != Some(ticket.serial) {
            return;
        }
        session.verifying = None;
        if let (Verdict::Yes(account, _), false) = (&verdict, session.ending) {
            self.signed_in(now, id, account.as_str());
        }
        let Some(session) = self.sessions.get_mut(id).filter(|s| !s.ending) else {
            return self.reap(now);
        };
        let mut actions = std::mem::take(&mut self.actions);
        session.face.verdict(now, verdict, &mut actions);
        self.execute(now, id, &mut actions);
        self.actions = actions;
        self.pump(now, id);
        self.reap(now);
    }
}
