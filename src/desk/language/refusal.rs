//! Why something was not done. Values; their texts and numerics live in the faces.

use super::metadata::MetadataRefusal;
use super::people::Department;
use crate::base::text::{AccountName, ChannelName, Nick};
use std::sync::Arc;
use std::time::Duration;

/// A command that changed nothing, and why.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// No such person, or none that they may know of. The text is what they typed.
    NoSuchNick(Arc<str>),
    /// No such channel, or none that they may know of.
    NoSuchChannel(Arc<str>),
    /// They are not in it.
    NotOnChannel(Arc<str>),
    /// The person meant is not in it.
    UserNotInChannel(Arc<str>, Arc<str>),
    /// The person invited is in it already.
    UserOnChannel(Arc<str>, Arc<str>),
    /// The channel does not take their words.
    CannotSend(Arc<str>, CannotSend),
    /// The nick is somebody else's.
    NickInUse(Nick),
    /// The nick is kept for staff.
    NickReserved(Nick),
    /// Their rank in the channel does not allow it.
    NotOperator(Arc<str>),
    /// Joining is barred.
    CannotJoin(ChannelName, CannotJoin),
    /// Customers cannot join others' channels; theirs is the second.
    Forwarded(ChannelName, ChannelName),
    /// In as many channels as a session may be.
    TooManyChannels(ChannelName),
    /// A mode letter nobody knows.
    UnknownMode(char),
    /// The mode cannot have that parameter: channel, letter, what was given.
    InvalidMode(ChannelName, char, Arc<str>),
    /// A list of the channel is full.
    ListFull(ChannelName, char),
    /// The channel keeps its name: the one it has, the one that was wanted.
    CannotRename(ChannelName, ChannelName),
    /// The channel cannot have that name, which is taken: the one it has, the one that was wanted.
    NameInUse(ChannelName, ChannelName),
    /// A user mode letter nobody knows.
    UnknownUserMode,
    /// Another person's user modes.
    OthersModes,
    /// No server of that name, and nobody of that nick.
    NoSuchServer(Arc<str>),
    /// A MONITOR list is full; limit and what did not fit.
    MonitorFull(usize, Arc<str>),
    /// METADATA did nothing.
    Metadata(MetadataRefusal),
    /// The role does not allow it.
    NotPermitted,
    /// The password was right, and nobody becomes an operator by it on this connection.
    NoOperatorHost,
    /// The server and its services cannot be killed.
    CannotKill,
    /// The account is not allowed to sign in here now.
    Blocked(Arc<str>),
    /// The disk refuses; nothing was stored and nothing shown.
    StorageFailing,
    /// Not in a state in which this can be done.
    Desk(DeskRefusal),
    /// What it asks of the past is not theirs.
    Past(PastRefusal),
}

/// Why something of the past is not shown or changed. The texts are what was typed, in the order in
/// which the answer repeats it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PastRefusal {
    /// No such target, or none of theirs.
    Target(Vec<Arc<str>>),
    /// The archive cannot be read just now.
    Unreadable(Vec<Arc<str>>),
    /// No such line there, or none that they were shown: target, id.
    NoSuchLine(Arc<str>, Arc<str>),
    /// Somebody else's line: target, id.
    NotYours(Arc<str>, Arc<str>),
    /// Too long ago: target, id, for how many seconds it could have been done.
    TooLate(Arc<str>, Arc<str>, u64),
    /// No room for more read markers: target.
    TooManyMarkers(Arc<str>),
}

/// Why a channel does not take words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotSend {
    /// `+m` without voice.
    Moderated,
    /// `+n` from outside.
    Outside,
    /// `+R` of a person, from somebody without an account.
    SignedInOnly,
    /// `+C`: a question of one client to others.
    NoCtcp,
    /// `+M`, and not signed in.
    NeedsAccount,
    /// `+b`.
    Banned,
    /// A watcher may not speak; BARGE first.
    Watching,
    /// A bot whose turn is over.
    BotSilenced,
    /// A command, or what looks like a mistyped one, in a customer's channel.
    LooksLikeCommand,
    /// The conversation is closed; nobody is listening.
    NoConversation,
    /// A service nick takes commands, not this.
    Service,
}

/// Why a channel is not entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannotJoin {
    /// `+i`.
    InviteOnly,
    /// `+b`.
    Banned,
    /// `+k`.
    BadKey,
    /// `+l`.
    Full,
    /// `+R`, and not signed in.
    NeedsAccount,
}

/// Refusals of the desk's own verbs. Each has a code for scripts.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskRefusal {
    /// No conversation is meant: none named and none to guess.
    NoConversation,
    /// The channel has no live conversation.
    NotLive(ChannelName),
    /// Somebody has it already.
    AlreadyTaken(ChannelName, AccountName),
    /// It is offered to somebody else.
    OfferedToOther(ChannelName, AccountName),
    /// Nothing waits.
    QueueEmpty,
    /// They would hold more than they may: load and limit in halves of a conversation.
    OverCapacity {
        /// Whose limit.
        who: AccountName,
        /// Halves held.
        load: u32,
        /// Halves allowed.
        limit: u32,
    },
    /// They do not own it.
    NotOwner(ChannelName),
    /// Nothing is offered to them.
    NoOffer,
    /// A transfer is pending already.
    TransferPending(ChannelName),
    /// No transfer is pending.
    NoTransfer(ChannelName),
    /// The taker has not joined yet.
    NotIntroduced(ChannelName),
    /// No such agent, or not signed in.
    NoSuchAgent(Arc<str>),
    /// The agent is away.
    AgentAway(AccountName),
    /// The taker is the giver.
    ToOneself,
    /// Not an agent of a department that exists.
    NoSuchDepartment(Department),
    /// Nobody of that department is ready.
    DepartmentEmpty(Department),
    /// It went back to the queue while they were gone; join again to take it.
    WentBack(ChannelName),
    /// It is on hold already, or not on hold.
    HoldState(ChannelName),
    /// It is watched by them already, or not.
    WatchState(ChannelName),
    /// They are a member already.
    AlreadyIn(ChannelName),
    /// No such template.
    NoSuchTemplate(Arc<str>),
    /// The template wants this many arguments.
    TemplateArguments(Arc<str>, usize),
    /// Not a nick, address, CIDR or mask.
    BadBlockTarget(Arc<str>),
    /// The block would put out the asker.
    BlocksYourself(Arc<str>),
    /// The block would put out this many signed-in colleagues.
    BlocksColleagues(Arc<str>, usize),
    /// No such block.
    NoSuchBlock(Arc<str>),
    /// The most that can be.
    TooMany(&'static str, usize),
    /// A number outside its range.
    OutOfRange(&'static str, u64, u64),
    /// Not a customer who is here.
    NoSuchVisitor(Arc<str>),
    /// They are in a conversation already.
    VisitorBusy(Arc<str>),
    /// Wait before asking again.
    TooSoon(Duration),
    /// There is nothing to rate or mail yet.
    NothingYet,
}

impl DeskRefusal {
    /// The code of FAIL. Source: IRCv3 standard-replies.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoConversation => "NO_CONVERSATION",
            Self::NotLive(_) => "NOT_LIVE",
            Self::AlreadyTaken(..) => "ALREADY_TAKEN",
            Self::OfferedToOther(..) => "OFFERED_TO_OTHER",
            Self::QueueEmpty => "QUEUE_EMPTY",
            Self::OverCapacity { .. } => "OVER_CAPACITY",
            Self::NotOwner(_) => "NOT_OWNER",
            Self::NoOffer => "NO_OFFER",
            Self::TransferPending(_) => "TRANSFER_PENDING",
            Self::NoTransfer(_) => "NO_TRANSFER",
            Self::NotIntroduced(_) => "NOT_INTRODUCED",
            Self::NoSuchAgent(_) => "NO_SUCH_AGENT",
            Self::AgentAway(_) => "AGENT_AWAY",
            Self::ToOneself => "TO_ONESELF",
            Self::NoSuchDepartment(_) => "NO_SUCH_DEPARTMENT",
            Self::DepartmentEmpty(_) => "DEPARTMENT_EMPTY",
            Self::WentBack(_) => "WENT_BACK",
            Self::HoldState(_) => "HOLD_STATE",
            Self::WatchState(_) => "WATCH_STATE",
            Self::AlreadyIn(_) => "ALREADY_IN",
            Self::NoSuchTemplate(_) => "NO_SUCH_TEMPLATE",
            Self::TemplateArguments(..) => "TEMPLATE_ARGUMENTS",
            Self::BadBlockTarget(_) => "BAD_BLOCK_TARGET",
            Self::BlocksYourself(_) => "BLOCKS_YOURSELF",
            Self::BlocksColleagues(..) => "BLOCKS_COLLEAGUES",
            Self::NoSuchBlock(_) => "NO_SUCH_BLOCK",
            Self::TooMany(..) => "TOO_MANY",
            Self::OutOfRange(..) => "OUT_OF_RANGE",
            Self::NoSuchVisitor(_) => "NO_SUCH_VISITOR",
            Self::VisitorBusy(_) => "VISITOR_BUSY",
            Self::TooSoon(_) => "TOO_SOON",
            Self::NothingYet => "NOTHING_YET",
        }
    }
}
