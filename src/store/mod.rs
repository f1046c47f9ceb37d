//! Storage as two traits: the journal is an ordered, durable log of events; the archive answers
//! questions and can be rebuilt from it. Back ends: `memory`, `sqlite`.
//!
//! What both back ends must agree on is here once: `codec` (the bytes of an event), `about` (whom an
//! event concerns, and which events make an episode), `search` and `figures`. It knows no protocol,
//! no session and no socket.

pub mod about;
pub mod audit;
pub mod codec;
pub mod figures;
pub mod history;
pub mod memory;
pub mod search;
pub mod sqlite;

use self::audit::Act;
use crate::base::ids::{ConversationId, CustomerId, Seq};
use crate::base::time::Timestamp;
use crate::desk::language::fact::Event;
use std::fmt;
use std::time::Duration;

/// What went wrong with the disk or the database, for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What was tried.
    pub doing: &'static str,
    /// What the system said.
    pub cause: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.cause)
    }
}

impl std::error::Error for Fault {}

/// Whether these events may be stored after `last`: their places must follow it without gaps.
pub fn follows(last: Seq, events: &[Event]) -> Result<(), Fault> {
    let mut before = last;
    for event in events {
        if event.seq != before.next() {
            return Err(Fault {
                doing: "storing events",
                cause: format!(
                    "event {} cannot follow event {before}; nothing of this batch was stored, \
                     load the desk from the journal again",
                    event.seq
                ),
            });
        }
        before = event.seq;
    }
    Ok(())
}

/// An ordered, durable log of events.
pub trait Journal: Send {
    /// Stores all of them or none; durable on return. Their `seq` must follow the last one's.
    /// On an error that leaves it open whether they are stored, the back end finds out before it returns.
    fn append(&mut self, events: &[Event]) -> Result<(), Fault>;
    /// Gives every event in order. A record that cannot be read is an error that names its seq.
    fn replay(&mut self, each: &mut dyn FnMut(Event)) -> Result<(), Fault>;
    /// The last stored place; zero when empty.
    fn last(&mut self) -> Result<Seq, Fault>;
    /// Tries a durable write that changes nothing, to see whether the disk works (again).
    fn probe(&mut self) -> Result<(), Fault>;
    /// Erases about `limit` times the words of what is past its time: they are on no shelf any more,
    /// the facts stay. Customers' conversations have no such time. True: more may be left.
    fn prune(&mut self, expired: &Expired, limit: usize) -> Result<bool, Fault>;
}

/// The moments before which words have been kept long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expired {
    /// What was said and done in rooms.
    pub rooms: Timestamp,
    /// What two people said to each other.
    pub private: Timestamp,
}

/// Which conversation: by number, or the ones of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// By its number.
    Conversation(ConversationId),
    /// All of a channel, oldest first.
    Channel(String),
}

/// One conversation as the archive knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// Its number.
    pub conversation: ConversationId,
    /// Its channel.
    pub channel: String,
    /// When it began.
    pub opened: Timestamp,
    /// When it was sealed.
    pub closed: Option<Timestamp>,
    /// Its events in order, `CustomerKnown` of its customer first.
    pub events: Vec<Event>,
}

/// One find of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Its channel.
    pub channel: String,
    /// When it was said.
    pub at: Timestamp,
    /// The line.
    pub line: String,
}

/// Figures of a period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Conversations that began in it.
    pub opened: u64,
    /// Of them taken by a person.
    pub taken: u64,
    /// Of them abandoned.
    pub abandoned: u64,
    /// Waits from first queueing to first owner, in ms, sorted.
    pub waits_ms: Vec<u64>,
    /// Transfers accepted.
    pub transfers: u64,
    /// Ratings by stars, 1 to 5.
    pub ratings: [u64; 5],
}

/// Where lines stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// What `about::shelves` names.
    Named(Vec<String>),
    /// All that was said in a customer's conversations.
    Customer(CustomerId),
}

/// Which lines of a shelf.
pub struct Cut<'a> {
    /// Behind this place.
    pub after: Seq,
    /// Before this one.
    pub before: Seq,
    /// The last ones instead of the first.
    pub newest: bool,
    /// How many at most.
    pub limit: usize,
    /// Those that are shown.
    pub accept: &'a dyn Fn(&Event) -> bool,
}

/// Answers questions about what happened.
pub trait Archive: Send {
    /// The conversations meant, with their events; empty when there are none.
    fn episodes(&mut self, which: &Which) -> Result<Vec<Episode>, Fault>;
    /// Lines of conversations that hold all these words, newest first.
    fn search(&mut self, words: &str, limit: usize) -> Result<Vec<Found>, Fault>;
    /// The lines of a shelf between two places, both left out, in order: the first ones that are
    /// accepted, or the last. Lines that were taken back are not among them.
    fn lines(&mut self, shelf: &Shelf, cut: &Cut<'_>) -> Result<Vec<Event>, Fault>;
    /// True when the event stands on that shelf.
    fn holds(&mut self, shelf: &Shelf, seq: Seq) -> Result<bool, Fault>;
    /// The place of the first event that is not older than this moment; behind the last if none is.
    fn first_since(&mut self, at: Timestamp) -> Result<Seq, Fault>;
    /// The event at that place, unless it was taken back.
    fn event(&mut self, seq: Seq) -> Result<Option<Event>, Fault>;
    /// The other sides of somebody's private words (`about::party`), each with its last event.
    fn correspondents(&mut self, party: &str) -> Result<Vec<(String, Event)>, Fault>;
    /// What staff and operators did from one moment up to another, in order.
    fn acts(&mut self, from: Timestamp, until: Timestamp) -> Result<Vec<Act>, Fault>;
    /// Figures of the period before `now`.
    fn figures(&mut self, now: Timestamp, period: Duration) -> Result<Figures, Fault>;
}
