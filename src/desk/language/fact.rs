//! What happened: the events of the journal. State changes by applying them and in no other way.
//!
//! The words of people (lines, reasons, names they chose, addresses) stand in `Event::words`,
//! apart from the facts, so that they can be encrypted or erased and the facts still prove.
//! The variants are append-only: their order is their encoding.

use super::command::Verb;
use super::metadata::Keeper;
use super::people::{Actor, Department, Party};
use super::words::{self, Further};
use crate::base::ids::{BlockId, ConversationId, CustomerId, Seq};
use crate::base::text::{AccountName, ChannelName, Line};
use crate::base::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One durable event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its place, without gaps.
    pub seq: Seq,
    /// When the desk decided it.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub fact: Fact,
    /// The people's words in it; which is which stands at each `Fact`.
    pub words: Vec<Line>,
}

impl Event {
    /// The `n`th of its words; empty if there is none (an erased record).
    pub fn word(&self, n: usize) -> Line {
        self.words.get(n).cloned().unwrap_or_else(|| Line::scrubbed(""))
    }

    /// The client-only tags of words that were said (`language::words`).
    pub fn tags(&self) -> Option<Arc<str>> {
        words::tags(&self.words)
    }

    /// The lines behind the first of words that were said (`language::words`).
    pub fn further(&self) -> Vec<Further> {
        words::further(&self.words)
    }

    /// All lines of words that were said, as their author sees them.
    pub fn lines(&self) -> Vec<String> {
        words::whole(&self.word(0), &self.further())
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fact {
    /// A customer spoke for the first time, or is known from before. Words: nick, user name,
    /// real name, address.
    CustomerKnown {
        /// Who.
        customer: CustomerId,
        /// The code in their nick and channel.
        code: Arc<str>,
        /// Their channel.
        channel: ChannelName,
        /// SHA-256 of their resume token.
        token: [u8; 32],
    },
    /// Their connection is gone; their seat is held. `seen` is the last event they were sent.
    CustomerLost {
        /// Who.
        customer: CustomerId,
        /// The seat is held until then.
        seat_until: Timestamp,
        /// The conversation can be resumed until then.
        resumable_until: Timestamp,
        /// The last event they were sent.
        seen: Seq,
    },
    /// They are back.
    CustomerBack {
        /// Who.
        customer: CustomerId,
    },
    /// They changed their nick. Words: the new nick.
    CustomerRenamed {
        /// Who.
        customer: CustomerId,
    },
    /// Their token is no longer honoured; nothing of them is in memory.
    CustomerForgotten {
        /// Who.
        customer: CustomerId,
    },
    /// A conversation began with their line (which follows). Words: the page or link, if known.
    Opened {
        /// Which.
        conversation: ConversationId,
        /// Whose.
        customer: CustomerId,
        /// The department asked for.
        department: Department,
        /// The one before it in the same channel.
        previous: Option<ConversationId>,
        /// Who had the one before it.
        preferred: Option<AccountName>,
    },
    /// It waits.
    Queued {
        /// Which.
        conversation: ConversationId,
        /// Where.
        department: Department,
        /// Its class; a smaller one is served first.
        class: Class,
        /// Its place in the class: smaller first. The front of a queue is a place before all.
        place: i64,
        /// Why.
        reason: Reason,
    },
    /// It is offered to an agent, whose capacity is reserved. Words: why (transfers).
    Offered {
        /// Which.
        conversation: ConversationId,
        /// To whom.
        to: AccountName,
        /// Until when.
        deadline: Timestamp,
        /// A transfer's giver and manner; none for an offer from the queue.
        transfer: Option<TransferTerms>,
    },
    /// It is offered to another department; it moves when somebody there accepts. Words: why.
    OfferedToDepartment {
        /// Which.
        conversation: ConversationId,
        /// To which.
        to: Department,
        /// Until when.
        deadline: Timestamp,
        /// Who gives it.
        giver: AccountName,
    },
    /// The offer ended without an owner. Words: why, when declined.
    OfferEnded {
        /// Which.
        conversation: ConversationId,
        /// To whom it was, if to a person.
        to: Option<AccountName>,
        /// How.
        outcome: OfferOutcome,
    },
    /// A warm transfer's taker is beside the giver, reading and whispering, not yet owner.
    Introduced {
        /// Which.
        conversation: ConversationId,
        /// Who.
        to: AccountName,
    },
    /// It has this owner now.
    Owned {
        /// Which.
        conversation: ConversationId,
        /// Who.
        owner: AccountName,
        /// How they came to it.
        how: Taking,
        /// The owner before, if there was one.
        from: Option<AccountName>,
    },
    /// A bot has it, with a way to a human at this moment at the latest unless it speaks.
    BotOwned {
        /// Which.
        conversation: ConversationId,
        /// The bot's account.
        bot: AccountName,
        /// If it has not spoken by then, the conversation queues.
        speak_by: Timestamp,
    },
    /// The owner's last connection is gone; back to the queue at the deadline.
    OwnerLost {
        /// Which.
        conversation: ConversationId,
        /// When it goes back.
        deadline: Timestamp,
    },
    /// The owner is back in time.
    OwnerBack {
        /// Which.
        conversation: ConversationId,
    },
    /// On hold. Words: why.
    Held {
        /// Which.
        conversation: ConversationId,
        /// The promise.
        until: Timestamp,
    },
    /// Off hold.
    Unheld {
        /// Which.
        conversation: ConversationId,
        /// Why.
        reason: Reason,
    },
    /// The owner has been silent too long; the department was told.
    SilenceAlarmed {
        /// Which.
        conversation: ConversationId,
    },
    /// Words in a conversation. Words: as `language::words` says.
    Said {
        /// Which.
        conversation: ConversationId,
        /// Who may ever see it.
        to: Hearers,
        /// Which verb carried it.
        verb: Verb,
    },
    /// Words in a staff channel. Words: as `language::words` says.
    RoomSaid {
        /// Where.
        room: ChannelName,
        /// To operators only (`@#room`) or voiced and above (`+#room`).
        rank: Option<char>,
        /// Which verb carried them.
        verb: Verb,
    },
    /// Words between two members of staff. Words: as `language::words` says.
    PrivateSaid {
        /// To whom.
        to: AccountName,
        /// Which verb carried them.
        verb: Verb,
    },
    /// Tags added and removed.
    Tagged {
        /// Which.
        conversation: ConversationId,
        /// Added.
        added: Vec<Line>,
        /// Removed.
        removed: Vec<Line>,
    },
    /// Urgent, or no longer.
    UrgencySet {
        /// Which.
        conversation: ConversationId,
        /// Now.
        urgent: bool,
    },
    /// A supervisor watches, unseen.
    WatchBegan {
        /// Which.
        conversation: ConversationId,
        /// Who.
        watcher: AccountName,
    },
    /// They stopped.
    WatchEnded {
        /// Which.
        conversation: ConversationId,
        /// Who.
        watcher: AccountName,
    },
    /// A member of staff entered the channel visibly, not as owner.
    HelperJoined {
        /// Which.
        conversation: ConversationId,
        /// Who.
        helper: AccountName,
        /// True for a supervisor's BARGE.
        barge: bool,
    },
    /// They left it.
    HelperLeft {
        /// Which.
        conversation: ConversationId,
        /// Who.
        helper: AccountName,
    },
    /// Over for the customer; the agent writes up until the deadline. Words: the reason given.
    WrappingUp {
        /// Which.
        conversation: ConversationId,
        /// Until when it occupies the agent.
        deadline: Timestamp,
        /// Why it ended.
        reason: Ending,
    },
    /// Sealed. Words: the reason given.
    Closed {
        /// Which.
        conversation: ConversationId,
        /// Why it ended.
        reason: Ending,
    },
    /// The customer's rating, 1 to 5. Words: their comment.
    Rated {
        /// Which.
        conversation: ConversationId,
        /// 1 to 5.
        stars: u8,
    },
    /// The customer asked for the transcript by mail. Words: the address.
    MailAsked {
        /// Which.
        conversation: ConversationId,
    },
    /// An agent is ready, or not. Words: the away text.
    Readiness {
        /// Who.
        agent: AccountName,
        /// Now.
        ready: bool,
        /// Offers missed in a row, when that is why.
        missed: bool,
    },
    /// An agent's own capacity, in conversations.
    CapacitySet {
        /// Who.
        agent: AccountName,
        /// Now; none returns to the config's default.
        capacity: Option<u32>,
    },
    /// Somebody is blocked. Words: the target, the reason, and the author when that is no account.
    Blocked {
        /// The block's number.
        block: BlockId,
        /// Until when.
        until: Timestamp,
    },
    /// A block is lifted or has run out. Words: the author when that is no account.
    Unblocked {
        /// Which.
        block: BlockId,
    },
    /// Why routing chose as it did: every candidate, and what kept them out. No words.
    Routed {
        /// Which.
        conversation: ConversationId,
        /// The chosen one, if any.
        chosen: Option<AccountName>,
        /// Everybody considered.
        candidates: Vec<Candidate>,
    },
    /// An operator's act, for the audit. Words: as each `Deed` says.
    Operated {
        /// What was done.
        deed: Deed,
        /// The name they are an operator by.
        by: Arc<str>,
    },
    /// Words between two people of whom one at least has no account. Words: see `language::words`.
    PeerSaid {
        /// Who spoke.
        from: Party,
        /// To whom.
        to: Party,
        /// Which verb carried them.
        verb: Verb,
    },
    /// Somebody has read everything up to a moment. Words: of which channel or person.
    MarkedRead {
        /// The moment.
        until: Timestamp,
    },
    /// A line was taken back: nobody is shown it any more. Words: why.
    Redacted {
        /// Which line.
        line: Seq,
        /// Where it stood.
        place: Place,
    },
    /// Something that is no words happened in rooms. Words: how the person was shown
    /// (`language::words`), then what stands at each `Happening`.
    Happened {
        /// In which.
        rooms: Vec<ChannelName>,
        /// What.
        what: Happening,
    },
    /// Metadata of an account or a channel changed. Words: the value; none when it was removed.
    MetadataSet {
        /// Whose.
        keeper: Keeper,
        /// The key.
        key: Arc<str>,
    },
}

/// What an operator did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// Became an operator. Words: who, from which address.
    Opered,
    /// Ended a connection. Words: whose, why.
    Killed,
    /// Spoke to all with user mode `w`. Words: the text.
    Walloped,
    /// Had the configuration read again. Words: what changed.
    Rehashed,
    /// Tried to, and it was wrong. Words: what is wrong, and where.
    RehashFailed,
}

impl Deed {
    /// What was done, in a word or two, as the audit shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opered => "oper",
            Self::Killed => "kill",
            Self::Walloped => "wallops",
            Self::Rehashed => "rehash",
            Self::RehashFailed => "rehash failed",
        }
    }
}

/// Where a line stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// In a customer's channel.
    Conversation(ConversationId),
    /// In a room.
    Room(ChannelName),
    /// Between two people.
    Private,
}

/// What happened in rooms besides words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happening {
    /// Somebody entered. Words: their real name.
    Joined,
    /// Somebody left. Words: why, if they said it.
    Parted,
    /// Somebody was removed. Words: whom, why.
    Kicked,
    /// Somebody is gone. Words: their last ones.
    Quit,
    /// Somebody has a new nick. Words: the new one.
    Renamed,
    /// A topic was set. Words: the topic.
    Topic,
    /// Modes changed. Words: the changes.
    Modes,
}

/// One agent as routing saw them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub agent: AccountName,
    /// Halves of a conversation held.
    pub load: u32,
    /// Halves allowed.
    pub limit: u32,
    /// What kept them out; none for the eligible.
    pub excluded: Option<Exclusion>,
}

/// What keeps an agent from an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exclusion {
    /// Not signed in.
    Offline,
    /// Away.
    NotReady,
    /// No capacity left.
    Full,
    /// Has an offer outstanding.
    Ringing,
    /// Declined or missed this one before.
    Declined,
}

/// Who may ever see words in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Hearers {
    /// The customer and everybody in the channel.
    Everyone,
    /// Staff in the channel: a whisper.
    Staff,
    /// Staff, and kept with the conversation: a note.
    Note,
}

/// Priority class, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// Was being helped and is not any more through no fault of theirs.
    Returned,
    /// Marked urgent.
    Urgent,
    /// Everybody else.
    Normal,
}

/// A transfer's giver and manner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferTerms {
    /// Who gives it, and owns it until it is accepted.
    pub giver: AccountName,
    /// Whether the taker first joins beside the giver.
    pub warm: bool,
    /// The department it was given to, whose agent the taker is; it moves there when accepted.
    pub department: Option<Department>,
}

/// How an owner came to a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Taking {
    /// Took it from the queue.
    Claimed,
    /// Accepted an offer from the queue.
    Accepted,
    /// Accepted a transfer.
    Transferred,
    /// Given it by its leaving owner, being in the channel.
    Inherited,
    /// By right of rank.
    TookOver,
}

/// How an offer ended without an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OfferOutcome {
    /// Declined, with a reason in the words.
    Declined,
    /// Nobody answered in time.
    TimedOut,
    /// The giver withdrew it.
    Cancelled,
    /// The taker's last connection went.
    TakerLost,
    /// The customer left, or it was closed.
    Ended,
    /// Somebody else took it meanwhile.
    Overtaken,
}

/// Why something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// The customer's first line.
    FirstLine,
    /// The customer asked for another department.
    AskedFor,
    /// Its owner gave it back.
    Released,
    /// Its owner left the channel.
    OwnerLeft,
    /// Its owner's connection was lost and the time is over.
    OwnerLost,
    /// Its owner said nothing for too long.
    OwnerSilent,
    /// An offer ended without an owner.
    OfferEnded,
    /// Transferred to a department.
    Transferred,
    /// The bot handed it over.
    BotHandedOver,
    /// The bot was silent too long.
    BotSilent,
    /// The bot's connection was lost.
    BotLost,
    /// The customer asked for a person.
    AskedForPerson,
    /// Somebody spoke.
    Spoke,
    /// Asked for.
    Asked,
    /// Marked urgent or not, which moves it.
    UrgencyChanged,
    /// Everybody who could be asked has declined it; they are asked once more.
    AllDeclined,
}

/// Why a conversation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// An agent closed it.
    ByAgent,
    /// The customer said goodbye while being helped.
    ByCustomer,
    /// The customer did not come back in time.
    CustomerGone,
    /// The customer left before any person answered.
    Abandoned,
    /// The customer was blocked.
    Blocked,
    /// Wrap-up is over.
    WrappedUp,
    /// Held for longer than any hold may last.
    HeldTooLong,
}
