//! What a person, or the server itself, asks of the desk. Faces make these from lines.

use super::fact::Event;
use super::history::{Asked, Redaction};
use super::metadata::Metadata;
use super::people::{Department, Role};
use super::words::Further;
use crate::base::text::{AccountName, ChannelName, Folded, Line, Nick, UserName};
use crate::base::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Everything a session may ask. Names that were typed and may name nobody are plain `Line`s or
/// strings in folded form: that they name nobody is the desk's answer, not the face's.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Registration is complete. The only command of a session that is not yet known.
    Arrive(Box<Arrival>),
    /// The session signed in (or out) after registration.
    SignIn(Option<(AccountName, Role)>),
    /// The session gave an operator's name and its right password.
    Oper(Box<Oper>),
    /// The session ends; nothing of it may follow.
    Leave(Departure),
    /// Change one's own nick.
    Nick(Nick),
    /// Absent with a text, or present again.
    Away(Option<Line>),
    /// Change one's own real name.
    Realname(Line),
    /// Change one's own user modes, or ask for them when empty.
    UserModes(Vec<(bool, char)>),
    /// The same of whoever has this nick; only one's own are granted.
    UserModesOf(Line, Vec<(bool, char)>),
    /// Words to a channel or person.
    Say(Say),
    /// Enter a channel.
    Join {
        /// The channel as typed.
        channel: ChannelName,
        /// The key given with it.
        key: Option<Line>,
    },
    /// Leave a channel.
    Part {
        /// The channel as typed.
        channel: ChannelName,
        /// The text given with it.
        reason: Option<Line>,
    },
    /// Leave every channel.
    PartAll,
    /// Give a channel another name. Source: IRCv3 channel-rename.
    Rename {
        /// The channel as it is called.
        channel: ChannelName,
        /// As it is to be called.
        to: ChannelName,
        /// Why.
        reason: Option<Line>,
    },
    /// Ask for or set a channel's topic; for staff in a customer's channel, ask for the card.
    Topic {
        /// The channel.
        channel: ChannelName,
        /// The new topic; none asks.
        text: Option<Line>,
    },
    /// Remove a person from a channel; in a customer's channel: close.
    Kick {
        /// The channel.
        channel: ChannelName,
        /// Whom.
        nick: Folded,
        /// Why.
        reason: Option<Line>,
    },
    /// Invite a person; in a customer's channel: ask for help.
    Invite {
        /// Whom.
        nick: Folded,
        /// Where to.
        channel: ChannelName,
    },
    /// Read or change a channel's modes.
    ChannelModes {
        /// The channel.
        channel: ChannelName,
        /// What to change, in order; empty asks.
        changes: Vec<ModeChange>,
    },
    /// End somebody's connection (operators).
    Kill {
        /// Whom, as typed.
        nick: Line,
        /// Why.
        reason: Line,
    },
    /// Block somebody, in IRC's words (BLOCK).
    Kline {
        /// Nick, address, network, mask or account.
        who: Line,
        /// For how long.
        span: Duration,
        /// Why.
        why: Line,
    },
    /// Lift a block, in IRC's words (UNBLOCK).
    Unkline(Line),
    /// The configuration was read again for this operator: what changed, or what is wrong.
    Rehashed(Result<Line, Line>),
    /// Words to all who asked for them with user mode `w` (operators).
    Wallops(Line),
    /// METADATA.
    Metadata(Metadata),
    /// Questions that change nothing.
    Ask(Question),
    /// Lines of the past.
    History(Box<Asked>),
    /// A read marker: set, or asked for when there is no moment.
    MarkRead {
        /// The channel or nick, as typed.
        target: Line,
        /// Read up to then.
        until: Option<Timestamp>,
    },
    /// Take a line back.
    Redact(Box<Redaction>),
    /// What the archive has of the line that is to be taken back.
    Redacted(Box<Redaction>, Option<Box<Event>>),
    /// Where something was said between two moments, counted from the first.
    HistoryTargets {
        /// The parameters as typed.
        typed: Vec<Line>,
        /// Both moments.
        between: (Timestamp, Timestamp),
        /// How many at most.
        limit: usize,
    },
    /// A desk command, however it was typed.
    Desk(DeskCommand),
}

/// A new arrival. What only the outside can know (address, verified account, random bits) is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// The nick asked for.
    pub nick: Nick,
    /// The user name.
    pub user: UserName,
    /// The real name.
    pub realname: Line,
    /// The peer's address, as text; shown to staff only.
    pub address: Arc<str>,
    /// What stands for the address in the host that others see; none: the address itself.
    pub cloak: Option<Arc<str>>,
    /// True when the connection is encrypted.
    pub secure: bool,
    /// The verified account and its role.
    pub account: Option<(AccountName, Role)>,
    /// The resume token presented, and the last message they hold, if they know.
    pub resume: Option<Resume>,
    /// A department asked for by the link they came by.
    pub department: Option<Department>,
    /// Fresh random bits: the token they will be told if they are new.
    pub token: Token,
    /// Fresh random bits: their code is drawn from these if they are new.
    pub code_seed: u64,
    /// True when the client wants its channel's recent lines unasked (no history capability).
    pub wants_replay: bool,
    /// Absent from the start, with this text. Source: IRCv3 pre-away.
    pub away: Option<Line>,
    /// SHA-256 of the client certificate, in lower-case hex.
    pub certificate: Option<Arc<str>>,
}

/// Who becomes an operator, and what of the connection an `[[operator]]` block may ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Oper {
    /// The name whose password was right.
    pub name: Arc<str>,
    /// The account of that name and its role; none for an `[[operator]]` block.
    pub account: Option<(AccountName, Role)>,
    /// SHA-256 of the client certificate, in lower-case hex.
    pub certificate: Option<Arc<str>>,
}

/// A resume token: 32 random bytes, told once, kept only as its SHA-256.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The secret itself.
    pub secret: [u8; 32],
    /// Its SHA-256, which is what the journal keeps.
    pub digest: [u8; 32],
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(secret)")
    }
}

/// A claim to an earlier seat.
#[derive(Clone, Debug, PartialEq)]
pub struct Resume {
    /// SHA-256 of the token presented.
    pub digest: [u8; 32],
    /// The id of the last message they hold; none: replay from where the connection was lost.
    pub last_seen: Option<u64>,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Departure {
    /// They said QUIT, with or without a text.
    Quit(Option<Line>),
    /// The connection was lost or cut; the text is for staff.
    Lost(Line),
}

/// Words, to one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Say {
    /// Where to, as typed: a nick, a channel, or `@`/`+` and a channel.
    pub target: Line,
    /// Which verb carried them.
    pub verb: Verb,
    /// The words; empty for `Verb::Tag`.
    pub text: Line,
    /// The client-only tags to relay, already in wire form without `@`; none if empty.
    pub tags: Option<Arc<str>>,
    /// The lines behind the first of a multiline message.
    pub more: Vec<Further>,
    /// True when they said on purpose what looks like a command (`!!`).
    pub literal: bool,
}

/// The verb that carries words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Verb {
    /// PRIVMSG.
    Privmsg,
    /// NOTICE: never answered automatically.
    Notice,
    /// TAGMSG: only tags; never stored.
    Tag,
}

/// One change of a channel's mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeChange {
    /// `+` or `-`; list queries are `+`.
    pub add: bool,
    /// The letter.
    pub letter: char,
    /// Its parameter, if one was given.
    pub argument: Option<Line>,
}

/// Questions. Every answer passes the same rule of who may see whom.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// NAMES of a channel.
    Names(ChannelName),
    /// NAMES of every channel one may see.
    AllNames,
    /// The channels one is invited to.
    Invitations,
    /// WHO of a mask, nick or channel.
    Who {
        /// As typed.
        mask: Line,
        /// Only operators (`o`).
        operators: bool,
    },
    /// WHOIS of a nick.
    Whois(Line),
    /// WHOIS of several nicks, or asked of the server where somebody else is.
    WhoisOf {
        /// A nick, or what is no server's name.
        at: Option<Line>,
        /// Whom it is about.
        nicks: Vec<Line>,
        /// The nicks as typed, for the one end of the answers.
        asked: Line,
    },
    /// WHOWAS of a nick.
    Whowas {
        /// As typed.
        nick: Line,
        /// At most so many; none: all that are remembered.
        count: Option<usize>,
    },
    /// LIST: of these channels, or of all when empty; filtered.
    List(ListFilter),
    /// ISON: which of these are online.
    Ison(Vec<Line>),
    /// USERHOST of these.
    Userhost(Vec<Line>),
    /// LUSERS.
    Lusers,
    /// STATS of this letter, for operators.
    Stats(char),
    /// MONITOR + (watch these), - (stop), C (clear), L (list), S (status).
    Monitor(MonitorChange),
}

/// LIST's filter. Source: Modern IRC, ELIST `CMNTU`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListFilter {
    /// Channels by name; empty: all that may be seen.
    pub channels: Vec<Line>,
    /// Masks that must match.
    pub masks: Vec<Line>,
    /// Masks that must not match.
    pub not_masks: Vec<Line>,
    /// More members than this.
    pub members_above: Option<usize>,
    /// Fewer members than this.
    pub members_below: Option<usize>,
    /// Created before this moment.
    pub created_before: Option<Timestamp>,
    /// Created after this moment.
    pub created_after: Option<Timestamp>,
    /// Topic set before this moment.
    pub topic_before: Option<Timestamp>,
    /// Topic set after this moment.
    pub topic_after: Option<Timestamp>,
}

/// MONITOR's subcommands. Source: IRCv3 monitor.
#[derive(Clone, Debug, PartialEq)]
pub enum MonitorChange {
    /// `+`
    Add(Vec<Line>),
    /// `-`
    Remove(Vec<Line>),
    /// `C`
    Clear,
    /// `L`
    List,
    /// `S`
    Status,
}

/// The desk's own commands. `channel: None` means: the one they are meant for by context
/// (the channel it was typed in, or the only conversation the agent has).
#[derive(Clone, Debug, PartialEq)]
pub struct DeskCommand {
    /// The customer's channel it is about, as typed or by context.
    pub channel: Option<ChannelName>,
    /// What to do.
    pub verb: DeskVerb,
}

/// What a desk command does.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskVerb {
    /// What waits, in order; of one department if named.
    Queue(Option<Department>),
    /// Take it; with no channel, the next in line.
    Claim,
    /// Accept an offer.
    Accept,
    /// Decline an offer.
    Decline(Option<Line>),
    /// Offer the conversation to an agent or department.
    Transfer {
        /// To whom.
        to: TransferTo,
        /// Whether the taker first joins beside the giver.
        warm: bool,
        /// Why, for the taker.
        why: Option<Line>,
    },
    /// Finish a warm transfer: the taker becomes owner.
    Handover,
    /// Withdraw a pending transfer.
    Cancel,
    /// Give it back to the front of its queue.
    Release,
    /// Watch unseen (supervisors).
    Watch,
    /// Stop watching.
    Unwatch,
    /// Join visibly and speak (supervisors).
    Barge,
    /// Become owner by right of rank (supervisors).
    Takeover,
    /// A remark for staff, kept with the conversation.
    Note(Line),
    /// Put on hold, with a promise.
    Hold {
        /// Back within this; none: the config's default.
        within: Option<Duration>,
        /// Why.
        why: Option<Line>,
    },
    /// End the hold.
    Resume,
    /// Close with a reason.
    Close(Option<Line>),
    /// Say a template with arguments.
    Say {
        /// The template's name.
        template: Line,
        /// Its arguments, split at spaces.
        arguments: Vec<Line>,
    },
    /// List the templates.
    Templates,
    /// What staff see of the customer.
    Card,
    /// The last lines of the conversation (count).
    History(Option<usize>),
    /// Conversations that hold these words.
    Search(Line),
    /// Add and remove tags: `(true, "billing")` adds.
    Tag(Vec<(bool, Line)>),
    /// Mark urgent (`false` unmarks).
    Urgent(bool),
    /// Block a customer, address, CIDR or mask.
    Block {
        /// Nick, address, CIDR or `nick!user@host` mask.
        who: Line,
        /// For how long.
        span: Duration,
        /// Why.
        why: Line,
    },
    /// Lift a block: its number or target.
    Unblock(Line),
    /// List the blocks in force.
    Blocks,
    /// Ask for or set one's own capacity.
    Capacity(Option<u32>),
    /// Ready for customers again, as AWAY without text.
    Ready,
    /// Why routing chose as it did.
    Why,
    /// Figures of a period.
    Report(Option<Line>),
    /// Customers who are here and have not spoken.
    Online,
    /// Invite such a customer to talk.
    Propose {
        /// Their nick.
        visitor: Folded,
        /// What to say.
        text: Option<Line>,
    },
    /// Rate a conversation (customers).
    Rate {
        /// 1 to 5.
        stars: u8,
        /// In their own words.
        comment: Option<Line>,
    },
    /// Where to mail the transcript (customers).
    Email(Line),
    /// Ask for a department (customers).
    AskFor(Department),
}

/// Whom a transfer goes to.
#[derive(Clone, Debug, PartialEq)]
pub enum TransferTo {
    /// An agent, as typed: a nick or an account.
    Agent(Folded),
    /// A department's queue.
    Department(Department),
}

impl DeskVerb {
    /// The command's name, as HELP, FAIL and the audit log show it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Queue(_) => "QUEUE",
            Self::Claim => "CLAIM",
            Self::Accept => "ACCEPT",
            Self::Decline(_) => "DECLINE",
            Self::Transfer { .. } => "TRANSFER",
            Self::Handover => "HANDOVER",
            Self::Cancel => "CANCEL",
            Self::Release => "RELEASE",
            Self::Watch => "WATCH",
            Self::Unwatch => "UNWATCH",
            Self::Barge => "BARGE",
            Self::Takeover => "TAKEOVER",
            Self::Note(_) => "NOTE",
            Self::Hold { .. } => "HOLD",
            Self::Resume => "RESUME",
            Self::Close(_) => "CLOSE",
            Self::Say { .. } => "SAY",
            Self::Templates => "TEMPLATES",
            Self::Card => "CARD",
            Self::History(_) => "HISTORY",
            Self::Search(_) => "SEARCH",
            Self::Tag(_) => "TAG",
            Self::Urgent(_) => "URGENT",
            Self::Block { .. } => "BLOCK",
            Self::Unblock(_) => "UNBLOCK",
            Self::Blocks => "BLOCKS",
            Self::Capacity(_) => "CAPACITY",
            Self::Ready => "READY",
            Self::Why => "WHY",
            Self::Report(_) => "REPORT",
            Self::Online => "ONLINE",
            Self::Propose { .. } => "PROPOSE",
            Self::Rate { .. } => "RATE",
            Self::Email(_) => "EMAIL",
            Self::AskFor(_) => "DEPARTMENT",
        }
    }
}

/// Who may use a desk command: from this staff role up, or customers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayUse {
    /// This role and those above it.
    From(Role),
    /// Customers, and nobody else.
    Customers,
    /// Everybody: what it shows depends on the role.
    Everyone,
}

impl MayUse {
    /// True when `role` is one of them.
    pub fn allows(self, role: Role) -> bool {
        match self {
            Self::From(least) => role >= least,
            Self::Customers => role == Role::Customer,
            Self::Everyone => true,
        }
    }
}

/// Who may use the desk command of that name (see `DeskVerb::name`). The only place that says so.
pub fn may_use(name: &str) -> MayUse {
    match name {
        "WATCH" | "UNWATCH" | "BARGE" | "TAKEOVER" => MayUse::From(Role::Supervisor),
        "RATE" | "EMAIL" | "DEPARTMENT" => MayUse::Customers,
        "HISTORY" => MayUse::Everyone,
        "CLAIM" | "BLOCK" | "UNBLOCK" | "BLOCKS" | "SEARCH" | "REPORT" | "ONLINE" | "PROPOSE" => {
            MayUse::From(Role::Agent)
        }
        _ => MayUse::From(Role::Bot),
    }
}
