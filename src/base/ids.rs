//! Identifiers. Each is its own type, so that one can never stand for another.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

numbered!(
    /// One connection of one person, from accept to close. Never reused while the process lives.
    SessionId
);
numbered!(
    /// One customer, across connections, for as long as their resume token is honoured.
    CustomerId
);
numbered!(
    /// One episode of help. Shown to staff and used on the command line as a plain number.
    ConversationId
);
numbered!(
    /// The place of an event in the journal, from 1, without gaps. Also the source of message ids.
    Seq
);
numbered!(
    /// One block of a customer, address or mask.
    BlockId
);

impl Seq {
    /// The place after this one.
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}
