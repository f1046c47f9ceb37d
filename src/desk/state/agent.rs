//! Accounts as the desk sees them: who is here, ready, and how full.

use crate::base::ids::SessionId;
use crate::base::text::AccountName;
use crate::base::time::Timestamp;
use crate::desk::language::people::Role;

/// One account; a member's never takes conversations.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Its name.
    pub name: AccountName,
    /// Its role; none once the account is removed.
    pub role: Option<Role>,
    /// Its sessions, in order of coming.
    pub sessions: Vec<SessionId>,
    /// Routable when here.
    pub ready: bool,
    /// Its own capacity.
    pub capacity: Option<u32>,
    /// Halves of a conversation held or reserved.
    pub load: u32,
    /// Offers outstanding.
    pub ringing: u32,
    /// Offers missed in a row.
    pub missed: u32,
    /// When it last took a conversation.
    pub last_taken: Timestamp,
    /// When it was last offered one.
    pub last_offered: Timestamp,
}

impl Agent {
    /// An account nobody has signed in to.
    pub fn new(name: AccountName) -> Self {
        Self {
            name,
            role: None,
            sessions: Vec::new(),
            ready: true,
            capacity: None,
            load: 0,
            ringing: 0,
            missed: 0,
            last_taken: Timestamp(0),
            last_offered: Timestamp(0),
        }
    }

    /// The most it may hold, in halves.
    pub fn limit(&self, default: u32) -> u32 {
        self.capacity.unwrap_or(default).saturating_mul(2)
    }
}
