//! What goes out. A `Notice` reads the same to everybody who may see it, so it is encoded once per
//! dialect; a `Reply` answers one session. `audience` decides who gets which.

use super::archive::ArchiveQuery;
use super::command::{Command, Question, Verb};
use super::fact::Hearers;
use super::history::{Past, Redacted};
use super::metadata::{Changed, MetadataReply};
use super::people::{Rank, Role, Source};
use super::refusal::Refusal;
use super::text::Text;
use super::words::Further;
use crate::base::ids::SessionId;
use crate::base::text::{ChannelName, Line, Nick};
use crate::base::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// One thing on its way out, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// To these sessions: a range of `Outcome::recipients`.
    Notice {
        /// Start and end of the range.
        to: std::ops::Range<usize>,
        /// What they see.
        notice: Notice,
    },
    /// To one session.
    Reply {
        /// Who asked.
        to: SessionId,
        /// The answer.
        reply: Reply,
    },
    /// End this session after what was said before: the text is its `ERROR`.
    Cut {
        /// Whose.
        session: SessionId,
        /// Why.
        why: CutReason,
    },
    /// Ask the archive for this session; the answer comes later and out of band.
    Consult {
        /// Who asked.
        to: SessionId,
        /// What.
        query: ArchiveQuery,
    },
}

/// Why the desk ends a session.
#[derive(Clone, Debug, PartialEq)]
pub enum CutReason {
    /// They said QUIT.
    Quit(Option<Line>),
    /// Blocked.
    Blocked(Line),
    /// The account was suspended or removed.
    AccountEnded,
    /// The same seat was taken over by a newer connection.
    Replaced,
    /// `guests = "refuse"` and no account.
    AccountRequired,
    /// KILL: by whom, where they may know, and why.
    Killed(Option<Nick>, Line),
    /// The disk refuses, and this needed it.
    StorageFailing,
}

/// What people see.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// Words.
    Said(Said),
    /// Somebody entered.
    Joined {
        /// Who.
        who: Arc<Source>,
        /// Where.
        channel: ChannelName,
        /// Their rank from the start.
        rank: Rank,
        /// Away text, for `away-notify`.
        away: Option<Line>,
    },
    /// Somebody left.
    Parted {
        /// Who.
        who: Arc<Source>,
        /// Where.
        channel: ChannelName,
        /// Their words.
        reason: Option<Line>,
    },
    /// Somebody was removed.
    Kicked {
        /// By whom.
        by: Arc<Source>,
        /// Whom.
        nick: Nick,
        /// Where.
        channel: ChannelName,
        /// Why.
        reason: Line,
    },
    /// Somebody is gone altogether.
    Quit {
        /// Who.
        who: Arc<Source>,
        /// Their words.
        reason: Line,
    },
    /// Somebody has a new nick.
    Renamed {
        /// Who, as before.
        who: Arc<Source>,
        /// Now.
        nick: Nick,
    },
    /// A topic was set.
    Topic {
        /// By whom.
        by: Arc<Source>,
        /// Where.
        channel: ChannelName,
        /// The topic; empty: none.
        text: Line,
    },
    /// Channel modes changed; the string is ready (`+ov bob carol`).
    Modes {
        /// By whom.
        by: Arc<Source>,
        /// Where.
        channel: ChannelName,
        /// What.
        changes: Line,
    },
    /// Own user modes changed (`+i`).
    UserModes {
        /// Who.
        who: Arc<Source>,
        /// What.
        changes: Line,
    },
    /// Away, or here again (for `away-notify`).
    Away {
        /// Who.
        who: Arc<Source>,
        /// The text.
        text: Option<Line>,
    },
    /// Signed in or out (for `account-notify`).
    Account {
        /// Who, as now.
        who: Arc<Source>,
    },
    /// New real name (for `setname`).
    Realname {
        /// Who, as now.
        who: Arc<Source>,
    },
    /// New user name or host (CHGHOST); to others without `chghost` they seem to quit.
    Rehosted {
        /// Who, as before.
        who: Arc<Source>,
        /// As now.
        now: Arc<Source>,
    },
    /// And to these they seem to come back to each channel.
    Rejoined {
        /// Who, as now.
        who: Arc<Source>,
        /// Where.
        channel: ChannelName,
        /// Their rank there.
        rank: Rank,
        /// Away text, for `away-notify`.
        away: Option<Line>,
    },
    /// Away, account, real name or host, for those who MONITOR somebody and share no channel with them
    /// (extended-monitor).
    Watched(Box<Notice>),
    /// Somebody was invited; to the invited, and to members with `invite-notify`.
    Invited {
        /// By whom.
        by: Arc<Source>,
        /// Whom.
        nick: Nick,
        /// Where to.
        channel: ChannelName,
        /// True for the copy that goes to the invited person.
        personal: bool,
    },
    /// Words of an operator to all with user mode `w`.
    Wallops {
        /// Whose.
        by: Arc<Source>,
        /// The words.
        text: Line,
    },
    /// KILL, to its victim alone.
    Killed {
        /// By whom.
        by: Arc<Source>,
        /// Whom.
        nick: Nick,
        /// Why.
        reason: Line,
    },
    /// The server tells its operators (user mode `s`).
    Server(Text),
    /// One's own read marker of a channel or person moved (for `draft/read-marker`).
    ReadUntil(Arc<str>, Timestamp),
    /// A line was taken back (for `draft/message-redaction`).
    Redacted(Redacted),
    /// MONITOR: online (730) or offline (731).
    Monitored {
        /// The watched nick; with a source when online.
        nick: Nick,
        /// Who, when online.
        source: Option<Arc<Source>>,
    },
    /// Somebody's or a channel's metadata changed.
    Metadata(Box<Changed>),
    /// The desk speaks: an announcement to a channel or a sentence to a person.
    Desk {
        /// When.
        at: Timestamp,
        /// Its id.
        id: MessageId,
        /// To which channel or nick it is addressed.
        to: Arc<str>,
        /// What it says.
        text: Text,
    },
}

/// Words as people see them.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Its id, the same for everybody and for ever.
    pub id: MessageId,
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub from: Arc<Source>,
    /// The session that said it, which is not shown its own words unless it asked for echo.
    pub sender: Option<SessionId>,
    /// Where to, as recipients see it: a nick, a channel, or `@` and a channel.
    pub target: Arc<str>,
    /// Which verb carried it.
    pub verb: Verb,
    /// The words.
    pub text: Line,
    /// Client-only tags in wire form.
    pub tags: Option<Arc<str>>,
    /// The lines behind the first of a multiline message.
    pub more: Vec<Further>,
    /// Who may ever see them; several clients show whispers and notes like any other line.
    pub hearers: Hearers,
    /// True for a line from before they joined that they did not ask for.
    pub replayed: bool,
}

/// The id of a message: unique for ever, opaque to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageId {
    /// A stored one: its place in the journal.
    Stored(u64),
    /// One that is not stored: this run of the server, and a count in it.
    Passing(u64, u64),
}

/// An answer to one session. Numerics and texts are the face's.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Registration is done.
    Welcome(Box<Welcome>),
    /// Not done, and why. The command is the protocol's verb or the desk command's name.
    Refused {
        /// What they tried.
        command: &'static str,
        /// Why not.
        refusal: Refusal,
    },
    /// Done, in the desk's words.
    Done(Text),
    /// Several lines in the desk's words.
    Listing(Vec<Text>),
    /// One of the three above, to staff in this customer's channel and about it, or asked for there.
    In(ChannelName, Box<Reply>),
    /// Away state of oneself, changed (305, 306).
    AwaySet(bool),
    /// The person spoken to is away (301).
    PeerAway(Nick, Line),
    /// Own user modes (221).
    UserModes(Line),
    /// How others see them from now on (396).
    VisibleAs(Arc<Source>),
    /// A channel's topic (331, or 332 and 333); on JOIN only sent when there is one.
    Topic {
        /// Which.
        channel: ChannelName,
        /// The topic, who set it, when.
        topic: Option<(Line, Arc<str>, Timestamp)>,
    },
    /// A channel's modes (324, 329).
    ChannelModes {
        /// Which.
        channel: ChannelName,
        /// `+nt` and parameters.
        modes: Line,
        /// Since when.
        created: Timestamp,
    },
    /// A channel's list of masks (`b` 367/368, `e` 348/349, `I` 346/347).
    MaskList {
        /// Which.
        channel: ChannelName,
        /// Which list.
        letter: char,
        /// Mask, by whom, when.
        entries: Vec<(Line, Arc<str>, Timestamp)>,
    },
    /// Invitation is on its way (341).
    Inviting(Nick, ChannelName),
    /// Members (353, 366). The flag is true when it follows one's own JOIN.
    Names {
        /// Which, as typed.
        channel: Arc<str>,
        /// Who; empty for a channel that does not exist for them.
        members: Vec<Member>,
        /// `=` public, `@` secret, `*` private.
        kind: char,
        /// True when it follows one's own JOIN (see no-implicit-names).
        on_join: bool,
    },
    /// Members of every channel they may see (353, one 366): name, kind, who.
    AllNames(Vec<(ChannelName, char, Vec<Member>)>),
    /// The channels they are invited to (336, 337).
    Invitations(Vec<ChannelName>),
    /// A channel they are in has a new name (RENAME, or PART and JOIN).
    ChannelRenamed(Box<RoomRenamed>),
    /// Rows of WHO (352 or 354, 315).
    Who {
        /// As typed.
        mask: Line,
        /// Who.
        rows: Vec<PersonRow>,
    },
    /// WHOIS (311 … 318).
    Whois {
        /// As typed.
        nick: Line,
        /// Who, if they may know of them.
        card: Option<Box<WhoisCard>>,
        /// The nicks as typed, when this is the last of what was asked.
        end: Option<Line>,
    },
    /// WHOWAS (314, 369; 406).
    Whowas {
        /// As typed.
        nick: Line,
        /// Who they were, newest first.
        rows: Vec<(Arc<Source>, Timestamp)>,
    },
    /// LIST (321, 322, 323).
    List(Vec<ChannelRow>),
    /// ISON (303).
    Ison(Vec<Nick>),
    /// USERHOST (302).
    Userhost(Vec<PersonRow>),
    /// LUSERS (251 … 266), as far as they may know.
    Lusers(Counts),
    /// MONITOR's own answers: online 730, offline 731.
    MonitorStatus {
        /// Who is here.
        online: Vec<Arc<Source>>,
        /// Who is not, as typed.
        offline: Vec<Line>,
    },
    /// MONITOR L (732, 733).
    MonitorList(Vec<Line>),
    /// HEALTH: whether the disk takes writes. The runner's answer, not the desk's.
    Health(bool),
    /// A question whose answer is empty for them, with the end numeric its face knows.
    Nothing(Box<Question>),
    /// STATS of this letter (219 at its end); none: it is for operators only.
    Stats(char, Option<Vec<StatsRow>>),
    /// An operator from now on (381).
    Opered,
    /// An answer to METADATA.
    Metadata(Box<MetadataReply>),
    /// Recent lines of a channel, oldest first, on join or by HISTORY.
    History {
        /// Which.
        channel: ChannelName,
        /// The lines.
        lines: Vec<Said>,
        /// They were not asked for.
        unasked: bool,
    },
    /// CHATHISTORY: what was asked for, oldest first.
    Page {
        /// Of which channel or person.
        name: Arc<str>,
        /// The lines.
        lines: Vec<Past>,
        /// Nothing more lies in the direction that was asked for.
        end: bool,
    },
    /// MARKREAD: up to when they have read; none: not known.
    ReadUntil {
        /// Of which channel or person.
        target: Arc<str>,
        /// The moment.
        until: Option<Timestamp>,
    },
    /// Not for the asker: what the desk wanted to know, to decide with. The runner hands it back.
    Decide(Box<Command>),
    /// CHATHISTORY TARGETS: channels and people, each with the moment of the latest line.
    Targets(Vec<(Arc<str>, Timestamp)>),
}

impl Reply {
    /// The answer itself, wherever it is shown.
    pub fn bare(&self) -> &Self {
        match self {
            Self::In(_, bare) => bare.bare(),
            other => other,
        }
    }
}

/// A new name of a channel, as one member is told it.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomRenamed {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Arc<Source>,
    /// The member who is told.
    pub who: Arc<Source>,
    /// The name until now.
    pub from: ChannelName,
    /// The name from now on.
    pub to: ChannelName,
    /// Why.
    pub reason: Option<Line>,
    /// The topic, as on JOIN.
    pub topic: Option<(Line, Arc<str>, Timestamp)>,
    /// Members, as on JOIN.
    pub members: Vec<Member>,
    /// `=`, `@` or `*`, as on JOIN.
    pub kind: char,
}

/// What a new session is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Welcome {
    /// The nick they have.
    pub nick: Nick,
    /// How they are seen.
    pub source: Arc<Source>,
    /// What they may do.
    pub role: Role,
    /// A customer's own channel.
    pub channel: Option<ChannelName>,
    /// A customer's resume token, in base64url without padding, told once; none on return.
    pub token: Option<Arc<str>>,
    /// True when an earlier seat was taken up again.
    pub resumed: bool,
    /// LUSERS, as far as they may know.
    pub counts: Counts,
    /// Their user modes, as `+…`.
    pub modes: Line,
}

/// One member of a channel, as far as the asker may know.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Who.
    pub who: Arc<Source>,
    /// Their rank.
    pub rank: Rank,
}

/// A row of WHO.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonRow {
    /// Who.
    pub who: Arc<Source>,
    /// A channel they share with the asker, if any.
    pub channel: Option<ChannelName>,
    /// Their rank in it.
    pub rank: Rank,
    /// Away?
    pub away: bool,
    /// Server operator (admin)?
    pub operator: bool,
    /// The address, where the asker may know it.
    pub address: Option<Arc<str>>,
    /// Idle for.
    pub idle: Duration,
}

/// WHOIS of one person.
#[derive(Clone, Debug, PartialEq)]
pub struct WhoisCard {
    /// The row, as in WHO.
    pub row: PersonRow,
    /// Their channels that the asker may know, with rank.
    pub channels: Vec<(Rank, ChannelName)>,
    /// Away text.
    pub away: Option<Line>,
    /// Connected since.
    pub since: Timestamp,
    /// Encrypted?
    pub secure: bool,
    /// User modes, for themselves and operators.
    pub modes: Option<Line>,
    /// SHA-256 of the client certificate, for themselves and operators.
    pub certificate: Option<Arc<str>>,
    /// The customer's card, for staff.
    pub card: Vec<Text>,
}

/// A row of LIST.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelRow {
    /// Which.
    pub channel: ChannelName,
    /// Members that the asker may see.
    pub members: usize,
    /// The topic, or the card of a customer's channel.
    pub topic: Line,
}

/// A row of STATS.
#[derive(Clone, Debug, PartialEq)]
pub enum StatsRow {
    /// A block in force (216).
    Block {
        /// What is blocked.
        target: Line,
        /// Why.
        reason: Line,
        /// By whom.
        author: Arc<str>,
        /// Until when.
        until: Timestamp,
    },
    /// Who may become an operator, and from where (243).
    Operator {
        /// The name to say.
        name: Arc<str>,
        /// From where; `*` from anywhere.
        host: Line,
    },
    /// An operator who is here (249).
    Online {
        /// Who.
        who: Arc<Source>,
        /// The name they are one by.
        name: Arc<str>,
        /// Idle for.
        idle: Duration,
    },
}

/// LUSERS' numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// People.
    pub users: usize,
    /// Of them invisible.
    pub invisible: usize,
    /// Operators.
    pub operators: usize,
    /// Connections that have not registered.
    pub unknown: usize,
    /// Channels.
    pub channels: usize,
    /// The most people there have been.
    pub users_max: usize,
}
