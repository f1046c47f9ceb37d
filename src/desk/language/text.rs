//! Every sentence the desk says, as a key with its arguments, so that it can be said in any language.
//!
//! The words are in `face::texts`. Sentences for customers never carry anything staff-only.

use super::fact::{Candidate, Ending, OfferOutcome};
use super::people::Department;
use crate::base::ids::{BlockId, ConversationId};
use crate::base::text::{AccountName, ChannelName, Line, Nick};
use crate::base::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// A sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    // For customers.
    /// The first words on arrival: the network's name.
    Greeting(Arc<str>),
    /// How to come back, told once: the token.
    ResumeToken(Arc<str>),
    /// Welcome back; the seat was held. True while a conversation is live.
    WelcomeBack(bool),
    /// The token is no longer good; this is a new seat.
    SeatGone,
    /// Thanks; somebody will come. The department.
    Waiting(Department),
    /// Place in the queue from 1, and an honest range of minutes once enough is known.
    Position {
        /// From 1.
        place: usize,
        /// Minutes, at least and at most; the end is open for long waits.
        minutes: Option<(u32, Option<u32>)>,
        /// True when somebody with priority came before them.
        overtaken: bool,
    },
    /// This person helps now.
    Joined(Nick),
    /// This person helps as well.
    AlsoJoined(Nick),
    /// Handed over to this person.
    HandedOver(Nick),
    /// The person helping was lost; they are next in line.
    AgentLost,
    /// On hold; back within, why.
    OnHold(Duration, Option<Line>),
    /// Off hold.
    OffHold,
    /// Closed; how to rate, how to begin again.
    ConversationClosed,
    /// Thanks for the rating.
    RatingThanks,
    /// The transcript is asked for; the address.
    MailNoted(Line),
    /// Nobody can take it right now (nobody of the department is here); it is kept in line.
    NobodyHere,
    /// An agent invites to talk: who, what.
    Proposal(Nick, Option<Line>),
    /// Now asking for this department.
    AskingFor(Department),
    /// The bot helps first; how to reach a person.
    BotFirst(Nick),
    /// The line was not stored and not delivered; say it again later.
    NotStored,

    // Announcements to a department's channel. The first words are stable for scripts.
    /// `NEW #chan dept waiting=0s "quote"`
    New(ChannelName, Department, Duration, Line),
    /// `TAKEN #chan who waited=14s`
    Taken(ChannelName, AccountName, Duration),
    /// `OFFER #chan who 30s`
    Offer(ChannelName, AccountName, Duration),
    /// `WAITING #chan dept why`: back in line.
    Requeued(ChannelName, Department, Duration, super::fact::Reason),
    /// `DECLINED`/`MISSED #chan who why`
    OfferOver(ChannelName, AccountName, OfferOutcome, Option<Line>),
    /// `LOST #chan who 60s`: the owner's connection is gone.
    OwnerLost(ChannelName, AccountName, Duration),
    /// `BACK #chan who`
    OwnerBack(ChannelName, AccountName),
    /// `TRANSFERRED #chan from to`
    Transferred(ChannelName, AccountName, AccountName),
    /// `CLOSED #chan who reason`
    Closed(ChannelName, Option<AccountName>, Ending, Option<Line>),
    /// `SILENT #chan who 60s`: the customer waits for an answer.
    Silent(ChannelName, AccountName, Duration),
    /// `HELD #chan who until`
    HoldOver(ChannelName, AccountName),
    /// A department's live state: waiting, longest wait, agents ready.
    QueueState(usize, Option<Duration>, usize),
    /// `URGENT #chan`
    MarkedUrgent(ChannelName, bool),
    /// `ALARM`: transferred too often, or back and forth.
    TransferLoop(ChannelName, u32),

    // To an agent.
    /// An offer from the queue: department, quote, how long it stands.
    OfferToYou(ChannelName, Department, Line, Duration),
    /// A transfer: from whom, why, warm, how long it stands.
    TransferToYou(ChannelName, AccountName, Option<Line>, bool, Duration),
    /// A transfer to their department: from whom, why, how long it stands.
    TransferToDepartment(ChannelName, AccountName, Department, Option<Line>, Duration),
    /// It was accepted: by whom.
    TransferAccepted(ChannelName, AccountName),
    /// It ended otherwise; they keep it.
    TransferOver(ChannelName, Option<AccountName>, OfferOutcome, Option<Line>),
    /// The warm taker is in the channel.
    TakerHere(ChannelName, AccountName),
    /// They are beside the giver now.
    YouAreIntroduced(ChannelName, AccountName),
    /// They own it now. The first time it tells how to close.
    YouOwn(ChannelName),
    /// They own it again after a lost connection.
    YouOwnAgain(ChannelName),
    /// They help; the owner is named.
    YouHelp(ChannelName, Option<AccountName>),
    /// They watch, unseen.
    YouWatch(ChannelName),
    /// They no longer watch.
    WatchOver(ChannelName),
    /// They own it no more.
    YouLost(ChannelName, Option<AccountName>),
    /// Two offers missed: away now, and how to be ready again.
    MissedAway,
    /// They are ready, or not.
    NowReady(bool),
    /// Their capacity and load in halves.
    CapacityIs(AccountName, u32, u32),
    /// The owner of a conversation was silent; it goes back in this time.
    SilentWarning(ChannelName, Duration),
    /// The hold's promise is due.
    HoldDue(ChannelName),
    /// The customer left the channel of a conversation they have; the seat is held this long.
    CustomerAway(ChannelName, Duration),
    /// The customer is back.
    CustomerBack(ChannelName),
    /// The customer wants the transcript by mail.
    MailWanted(ChannelName, Line),
    /// The customer rated.
    RatedBy(ChannelName, u8, Option<Line>),
    /// The note is kept.
    NoteKept(ChannelName),
    /// Somebody's note, to staff in the channel.
    NoteBy(AccountName, Line),
    /// Tags are now these.
    TagsAre(ChannelName, Vec<Line>),
    /// Closed by them.
    YouClosed(ChannelName, ConversationId),
    /// Given back.
    YouReleased(ChannelName),
    /// The transfer is offered; how long it stands.
    TransferOffered(ChannelName, Arc<str>, Duration),
    /// The transfer is withdrawn.
    TransferCancelled(ChannelName),
    /// Declined.
    YouDeclined(ChannelName),
    /// On hold until then.
    HoldBegun(ChannelName, Duration),
    /// Off hold.
    HoldEnded(ChannelName),
    /// The proposal was sent.
    Proposed(Nick),

    // Rows of listings.
    /// Heading of a listing, with the number of rows.
    Heading(&'static str, usize),
    /// A row of QUEUE.
    QueueRow {
        /// From 1; 0 while offered.
        place: usize,
        /// Which.
        channel: ChannelName,
        /// Where.
        department: Department,
        /// How long.
        waited: Duration,
        /// Urgent or returned.
        class: super::fact::Class,
        /// The first line.
        quote: Line,
        /// To whom it is offered.
        offered_to: Option<AccountName>,
    },
    /// A row of ONLINE: nick, channel, here since, page.
    OnlineRow(Nick, ChannelName, Duration),
    /// The card.
    Card(Box<CardFacts>),
    /// A row of TEMPLATES: name and body.
    TemplateRow(Arc<str>, Arc<str>),
    /// A row of BLOCKS: number, target, until, reason, author.
    BlockRow(BlockId, Line, Timestamp, Line, Arc<str>),
    /// A block was set.
    BlockSet(BlockId, Line, Duration),
    /// A block was lifted.
    BlockLifted(BlockId, Line),
    /// WHY: the choice and the candidates.
    Why(ChannelName, Option<AccountName>, Vec<Candidate>),
    /// WHY: nothing was routed; who may claim it.
    WhyClaim(ChannelName, Department),
    /// A row of SEARCH: conversation, channel, when, quote.
    SearchRow(ConversationId, Line, Timestamp, Line),
    /// A row of REPORT: name and figure.
    ReportRow(Arc<str>, Arc<str>),
    /// An operator's act, to the others: who, what, the words of the fact.
    Operated(Arc<str>, super::fact::Deed, Vec<Line>),
    /// Somebody was blocked, to operators: by whom, the block's row.
    BlockTold(Arc<str>, BlockId, Line, Line),
    /// A block ended, to operators: by whom, which.
    UnblockTold(Arc<str>, BlockId),
    /// Somebody arrived, to operators: who and from where; a customer's is not told.
    Connected(Arc<super::people::Source>, Arc<str>),
    /// Somebody left, to operators.
    Disconnected(Arc<super::people::Source>, Line),
    /// Nothing to show.
    NothingThere(&'static str),
    /// The disk refuses (true) or takes writes again (false).
    Storage(bool),
}

impl Text {
    /// The customer's channel that a sentence to an agent is about, if it is about one.
    pub fn about(&self) -> Option<&ChannelName> {
        match self {
            Self::TransferAccepted(channel, _)
            | Self::TransferOver(channel, ..)
            | Self::TakerHere(channel, _)
            | Self::YouAreIntroduced(channel, _)
            | Self::YouOwn(channel)
            | Self::YouOwnAgain(channel)
            | Self::YouHelp(channel, _)
            | Self::YouWatch(channel)
            | Self::SilentWarning(channel, _)
            | Self::HoldDue(channel)
            | Self::CustomerAway(channel, _)
            | Self::CustomerBack(channel)
            | Self::NoteKept(channel)
            | Self::TagsAre(channel, _)
            | Self::YouClosed(channel, _)
            | Self::TransferOffered(channel, ..)
            | Self::TransferCancelled(channel)
            | Self::HoldBegun(channel, _)
            | Self::HoldEnded(channel)
            | Self::MarkedUrgent(channel, _) => Some(channel),
            _ => None,
        }
    }
}

/// What staff see of a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct CardFacts {
    /// The customer's channel.
    pub channel: ChannelName,
    /// The live conversation.
    pub conversation: Option<ConversationId>,
    /// Department.
    pub department: Option<Department>,
    /// Its state in one word.
    pub state: &'static str,
    /// Its owner.
    pub owner: Option<AccountName>,
    /// How long it has waited, or waited before it was taken.
    pub waited: Duration,
    /// Conversations before it.
    pub past: u32,
    /// Tags.
    pub tags: Vec<Line>,
    /// Urgent?
    pub urgent: bool,
    /// Connected?
    pub connected: bool,
    /// The real name.
    pub realname: Line,
    /// The address.
    pub address: Arc<str>,
}
