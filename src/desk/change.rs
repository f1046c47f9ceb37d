//! The two kinds of change: facts, which the journal keeps, and passing ones, which end with the
//! connections they are about. State changes by applying them and in no other way.

use super::language::archive::ArchiveQuery;
use super::language::fact::Fact;
use super::language::history::Redacted;
use super::language::metadata::{Key, Owner};
use super::language::notice::{CutReason, Reply, Said};
use super::language::people::{Actor, Department, Rank, Role, Source};
use super::language::text::Text;
use super::state::people::{Customer, Person, Standing};
use crate::base::ids::{CustomerId, SessionId};
use crate::base::text::{AccountName, ChannelName, Folded, Line, Nick};
use crate::base::time::Timestamp;
use std::sync::Arc;

/// One step of a plan: what a verb wants done, in order.
#[derive(Clone, Debug)]
pub enum Step {
    /// Something that is stored.
    Fact(Actor, Fact, Vec<Line>),
    /// Something that passes.
    Live(Live),
    /// An answer to a session.
    Reply(SessionId, Reply),
    /// A sentence of the desk to a session, addressed to its nick.
    Tell(SessionId, Text),
    /// The end of a session.
    Cut(SessionId, CutReason),
    /// A question for the archive.
    Consult(SessionId, ArchiveQuery),
}

/// What a verb returns when it does not refuse.
pub type Plan = Vec<Step>;

/// A change that the journal does not keep.
#[derive(Clone, Debug)]
pub enum Live {
    /// A session arrived.
    Arrived(SessionId, Box<Person>),
    /// A session is gone. Words: what those who shared a channel with it are told.
    Gone(SessionId, Line),
    /// Somebody who is here has one more client; it is shown the channels they are in.
    Attached {
        /// The new client.
        client: SessionId,
        /// Whose it is.
        person: SessionId,
        /// Encrypted.
        secure: bool,
        /// Wants recent lines unasked.
        replay: bool,
        /// Nobody sits at it.
        unattended: bool,
    },
    /// Somebody sits at this client from now on, or nobody does. Source: IRCv3 pre-away.
    Attended(SessionId, bool),
    /// A client of somebody who stays is gone.
    Detached(SessionId),
    /// A new customer, not yet known to the journal.
    NewCustomer(Box<Customer>),
    /// A customer has this session.
    Seated(CustomerId, SessionId),
    /// A customer has no session; they were sent everything up to now.
    Unseated(CustomerId),
    /// An unknown customer left; nothing of them remains.
    Vanished(CustomerId),
    /// A customer asks for a department next time.
    AsksFor(CustomerId, Department),
    /// New nick of a session (and of the customer it is).
    Renamed(SessionId, Nick),
    /// Away, or back.
    Away(SessionId, Option<Line>),
    /// New real name.
    Realname(SessionId, Line),
    /// User modes set and cleared.
    UserModes(SessionId, Vec<(bool, char)>),
    /// An operator by this name, or one no longer.
    Operator(SessionId, Option<Arc<str>>),
    /// Words of an operator to all who asked for such.
    Wallops(SessionId, Line),
    /// The operator's KILL reaches its victim: by whom, whom, why.
    Killed(SessionId, SessionId, Line),
    /// Signed in or out.
    SignedIn(SessionId, Option<(AccountName, Role)>),
    /// Seen under another user name and host.
    Rehosted(SessionId, Arc<str>, Arc<str>),
    /// An account was made.
    AccountMade(AccountName, Role),
    /// A member of staff is in a customer's channel.
    StaffIn(CustomerId, SessionId, Standing),
    /// And is no longer; the text is their reason. `quiet` when their QUIT tells it already.
    StaffOut {
        /// Whose channel.
        customer: CustomerId,
        /// Who.
        session: SessionId,
        /// Their reason.
        reason: Option<Line>,
        /// Nobody is told: their QUIT does it.
        quiet: bool,
    },
    /// The first JOIN of an account after a lost connection has been answered.
    Returned(CustomerId, AccountName),
    /// A place in the queue was told to the customer.
    PlaceTold(CustomerId, Option<usize>),
    /// The customer was told that nobody is here.
    NobodyTold(CustomerId),
    /// Something in a staff channel.
    Room(Folded, RoomChange),
    /// Invited to a channel by whoever's command it is (the desk, if nobody's); with `true` by
    /// somebody who may let them in.
    Invited(SessionId, Folded, bool),
    /// Metadata that ends with whoever or whatever it is of.
    Metadata(Owner, Key, Option<Line>),
    /// Keys that somebody is told of, or is no longer.
    Subscribed(SessionId, Vec<Key>, bool),
    /// MONITOR list: added or removed, as typed.
    Monitors(SessionId, Vec<Line>, bool),
    /// Somebody without an account, or a customer, has read a channel or person up to a moment.
    MarkedRead(SessionId, Line, Timestamp),
    /// A line was taken back by the fact before it; told to those who heard it.
    TakenBack(Address, Box<Redacted>),
    /// Words that are not stored (TAGMSG), with everything decided but who may see it.
    Passing(Address, Box<Said>),
    /// The directory of staff accounts.
    Accounts(Vec<(AccountName, Role)>),
}

/// Where words go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A customer's channel: everybody, or staff only.
    Lounge(CustomerId, super::language::fact::Hearers),
    /// A staff channel: everybody, or from this rank up (`@`, `+`).
    Room(Folded, Option<char>),
    /// One session.
    Session(SessionId),
}

/// Something in a staff channel.
#[derive(Clone, Debug)]
pub enum RoomChange {
    /// It exists.
    Created(ChannelName, Option<Department>),
    /// A session entered.
    Joined(SessionId, Rank),
    /// A session left with these words.
    Parted(SessionId, Option<Line>),
    /// `by` removed a session.
    Kicked {
        /// By whom.
        by: Arc<Source>,
        /// Whom.
        session: SessionId,
        /// Why.
        reason: Line,
    },
    /// The topic; none clears it.
    Topic(Arc<Source>, Option<Line>),
    /// A flag, set or cleared.
    Flag(bool, char),
    /// The key.
    Key(Option<Line>),
    /// The limit.
    Limit(Option<usize>),
    /// A rank given or taken, by its mode letter.
    Rank(SessionId, bool, char),
    /// A list entry: letter, added or removed, mask, by whom.
    Mask(char, bool, Line, Arc<str>),
    /// It has a new name.
    Renamed {
        /// By whom.
        by: Arc<Source>,
        /// The name until now.
        from: ChannelName,
        /// The new name.
        to: ChannelName,
        /// Why.
        reason: Option<Line>,
    },
    /// A member is seen from now on by those who were not shown them (`+u`).
    Shown(SessionId),
    /// A member is no longer seen by those who are not shown people without rank (`+u`).
    Hidden(SessionId),
    /// The MODE line that tells all changes before it.
    ModesTold(Arc<Source>, Line),
}
