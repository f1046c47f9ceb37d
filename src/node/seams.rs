//! What the runner needs of others, as two small traits: who decides, and who does slow things.

use crate::base::ids::{Seq, SessionId};
use crate::base::text::{AccountName, Line};
use crate::base::time::Timestamp;
use crate::desk::language::archive::ArchiveQuery;
use crate::desk::language::command::Command;
use crate::desk::language::people::Role;
use crate::desk::outcome::Outcome;
use crate::desk::settings::{HistorySettings, Settings};
use crate::desk::state::people::Person;
use crate::desk::{Desk, StaffAccount};
use crate::face::{Credentials, Verdict};
use crate::store::Expired;
use std::sync::Arc;

/// What decides: the desk, or a script in its place. See `Desk` for the meaning of each.
pub trait Decide {
    /// Decides one command.
    fn handle(&mut self, now: Timestamp, from: SessionId, command: &Command, out: &mut Outcome);
    /// Does what is due.
    fn tick(&mut self, now: Timestamp, out: &mut Outcome);
    /// When something is due.
    fn next_deadline(&self) -> Option<Timestamp>;
    /// A place to return to. Asked before each command while nothing is unstored, so it must be cheap.
    fn mark(&mut self) -> u64;
    /// What was decided before the mark, up to this event, stands.
    fn confirm(&mut self, mark: u64, seq: Seq);
    /// Back to the last confirmed mark.
    fn rollback(&mut self);
    /// Whether the disk takes writes.
    fn set_storage(&mut self, now: Timestamp, works: bool, out: &mut Outcome);
    /// The staff accounts as they are now.
    fn set_accounts(&mut self, now: Timestamp, accounts: Vec<StaffAccount>, out: &mut Outcome);
    /// An account was made just now.
    fn account_made(&mut self, now: Timestamp, account: &StaffAccount, out: &mut Outcome);
    /// Whether a name may become that session's account.
    fn may_register(&self, session: SessionId, name: &AccountName) -> bool;
    /// New settings.
    fn set_settings(&mut self, now: Timestamp, settings: Settings, out: &mut Outcome);
    /// After the replay at start.
    fn recover(&mut self, now: Timestamp, out: &mut Outcome);
    /// How many connections there are.
    fn set_connections(&mut self, count: usize);
    /// Up to when words were kept long enough; none when everything is kept.
    fn expired(&self, _now: Timestamp) -> Option<Expired> {
        None
    }
    /// Why an address is blocked, if it is.
    fn blocked(&self, now: Timestamp, address: &str) -> Option<Line>;
    /// True for an operator of the server.
    fn operates(&self, session: SessionId) -> bool;
    /// What a session may do now; none if it has not arrived.
    fn role(&self, session: SessionId) -> Option<Role>;
}

impl Decide for Desk {
    fn handle(&mut self, now: Timestamp, from: SessionId, command: &Command, out: &mut Outcome) {
        Self::handle(self, now, from, command, out);
    }

    fn tick(&mut self, now: Timestamp, out: &mut Outcome) {
        Self::tick(self, now, out);
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        Self::next_deadline(self)
    }

    fn mark(&mut self) -> u64 {
        Self::mark(self)
    }

    fn confirm(&mut self, mark: u64, seq: Seq) {
        Self::confirm(self, mark, seq);
    }

    fn rollback(&mut self) {
        Self::rollback(self);
    }

    fn set_storage(&mut self, now: Timestamp, works: bool, out: &mut Outcome) {
        Self::set_storage(self, now, works, out);
    }

    fn set_accounts(&mut self, now: Timestamp, accounts: Vec<StaffAccount>, out: &mut Outcome) {
        Self::set_accounts(self, now, accounts, out);
    }

    fn account_made(&mut self, now: Timestamp, account: &StaffAccount, out: &mut Outcome) {
        Self::account_made(self, now, account, out);
    }

    fn may_register(&self, session: SessionId, name: &AccountName) -> bool {
        Self::may_register(self, session, name)
    }

    fn set_settings(&mut self, now: Timestamp, settings: Settings, out: &mut Outcome) {
        Self::set_settings(self, now, settings, out);
    }

    fn recover(&mut self, now: Timestamp, out: &mut Outcome) {
        Self::recover(self, now, out);
    }

    fn set_connections(&mut self, count: usize) {
        Self::set_connections(self, count);
    }

    fn expired(&self, now: Timestamp) -> Option<Expired> {
        let kept = &self.state().settings.history;
        let since = |span| HistorySettings::since(now, span);
        let (rooms, private) = (since(kept.channels), since(kept.private));
        let anything = rooms.max(private) > Timestamp(0);
        anything.then_some(Expired { rooms, private })
    }

    fn blocked(&self, now: Timestamp, address: &str) -> Option<Line> {
        Self::blocked(self, now, address)
    }

    fn operates(&self, session: SessionId) -> bool {
        let state = self.state();
        state.person(state.person_of(session)).is_some_and(Person::is_operator)
    }

    fn role(&self, session: SessionId) -> Option<Role> {
        let state = self.state();
        state.person(state.person_of(session)).map(|person| person.role)
    }
}

/// Which check an answer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    /// The session that waits for it.
    pub session: SessionId,
    /// Which of its checks.
    pub serial: u32,
}

/// Who asked the archive, and under which label the answer goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Asker {
    /// The session.
    pub session: SessionId,
    /// Its label, if the whole answer is still to come.
    pub label: Option<Arc<str>>,
}

/// Slow or outward things. None of these calls may wait; answers come back as calls of the node.
pub trait Outside {
    /// Check credentials; the answer is `Node::verdict`.
    ///
    /// # Errors
    /// The verdict to give at once, when the check is not taken on.
    fn verify(
        &mut self,
        ticket: Ticket,
        address: &Arc<str>,
        credentials: Credentials,
    ) -> Result<(), Verdict>;
    /// A face judged an attempt itself; for the limits on attempts.
    fn attempted(&mut self, address: &Arc<str>, account: &str, success: bool);
    /// Ask the archive; the answer is `Node::answered`. False: it could not be taken on now.
    fn consult(&mut self, now: Timestamp, asker: Asker, query: ArchiveQuery) -> bool;
    /// Read the configuration again; the answer is `Node::verdict`, with `Verdict::Rehashed`.
    fn rehash(&mut self, ticket: Ticket);
}
