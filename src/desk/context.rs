//! What a verb knows besides the state: the moment, who asks, and from where the asking came.

use super::state::people::Person;
use crate::base::ids::SessionId;
use crate::base::text::AccountName;
use crate::base::time::Timestamp;
use crate::desk::language::people::Actor;

/// One asking.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// When.
    pub now: Timestamp,
    /// Which session asks.
    pub session: SessionId,
    /// Who that is, as of now.
    pub person: &'a Person,
}

impl<'a> Context<'a> {
    /// The asker's account, if signed in.
    pub fn account(&self) -> Option<&'a AccountName> {
        self.person.account()
    }

    /// The asker as the journal names them.
    pub fn actor(&self) -> Actor {
        match (self.person.customer, self.person.account()) {
            (_, Some(account)) => Actor::Staff(account.clone()),
            (Some(customer), None) => Actor::Customer(customer),
            (None, None) => Actor::Member,
        }
    }
}
