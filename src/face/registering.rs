//! Making an account by REGISTER and VERIFY: the rules of the server, what is asked, what became of it.
//! Plain data; it knows no accounts and no lines.

use crate::base::text::AccountName;
use crate::desk::language::people::Role;
use std::fmt;

/// By what rules people make accounts for themselves (`[accounts]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// VERIFY must bring the code of an invitation; otherwise anybody may have an account.
    pub invitation: bool,
    /// An e-mail address must be given, and VERIFY must bring the code sent there.
    pub email_required: bool,
    /// Also before NICK and USER are complete.
    pub before_connect: bool,
    /// Characters of a password at least.
    pub password_characters: usize,
}

/// An account asked for. Its parts were checked for their form.
#[derive(Clone)]
pub struct NewAccount {
    /// Its name.
    pub name: AccountName,
    /// The address given.
    pub email: Option<String>,
    /// The password, as typed. Never logged.
    pub password: String,
    /// What makes it an account.
    pub proof: Proof,
}

impl fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewAccount({})", self.name)
    }
}

/// What has to be shown before a name is an account.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// Nothing.
    Nothing,
    /// The code that is sent to the address, later.
    Email,
    /// The code of this invitation, now.
    Invitation(String),
}

/// What became of REGISTER or VERIFY.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registered {
    /// There is an account now, with this role.
    Done(AccountName, Role),
    /// The account waits for VERIFY. True: its code was sent; false: the operator confirms it.
    Waits(AccountName, bool),
    /// The name is somebody's.
    Exists,
    /// The name is the server's own.
    Reserved,
    /// The code is not that account's, or no longer.
    WrongCode,
    /// No more accounts can be taken.
    Full,
}
