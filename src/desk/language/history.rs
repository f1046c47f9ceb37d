//! What is asked of the past: which lines, whose, how many; and what is shown of it.
//!
//! The desk decides where somebody may look and hands that to the archive, which knows nobody.

use super::notice::{MessageId, Notice};
use super::people::{Party, Rank, Source};
use crate::base::ids::{CustomerId, Seq};
use crate::base::text::{ChannelName, Line, Nick};
use crate::base::time::Timestamp;
use std::sync::Arc;

/// A place in the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A moment.
    At(Timestamp),
    /// A stored line.
    Line(Seq),
    /// The id of a message that is not stored, or of none.
    Nowhere,
}

/// Which lines. Source: IRCv3 chathistory, "Subcommands".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Select {
    /// The last ones before it.
    Before(Point),
    /// The first ones after it.
    After(Point),
    /// The last ones of all, or of those after it.
    Latest(Option<Point>),
    /// Those on both sides of it, and it.
    Around(Point),
    /// Those between both, from the first on.
    Between(Point, Point),
}

/// CHATHISTORY, as it was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The subcommand, as typed.
    pub subcommand: Line,
    /// The channel or nick, as typed.
    pub target: Line,
    /// Which lines.
    pub select: Select,
    /// How many at most.
    pub limit: usize,
    /// Joins, parts and the like too.
    pub events: bool,
}

/// Where somebody may look.
#[derive(Clone, Debug, PartialEq)]
pub enum Buffer {
    /// A room; with its name as it is written.
    Room(ChannelName),
    /// Private words of these two, of whom the first asks.
    Private(Party, Party),
    /// A customer's channel.
    Lounge {
        /// Whose.
        customer: CustomerId,
        /// Its name.
        channel: ChannelName,
        /// How the customer is shown.
        source: Arc<Source>,
        /// Whispers and notes too.
        staff: bool,
    },
    /// Nothing was ever there for them.
    Nothing,
}

/// A question about lines, decided by the desk.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    /// As it was asked.
    pub asked: Asked,
    /// The target as it is written.
    pub name: Arc<str>,
    /// Where.
    pub buffer: Buffer,
    /// Nothing before this moment is shown.
    pub since: Timestamp,
    /// The asker's rank there: some words are for operators, or for the voiced.
    pub rank: Rank,
    /// The server's name, in which hosts of staff end.
    pub server: Arc<str>,
}

/// A question about where lines were said lately.
#[derive(Clone, Debug, PartialEq)]
pub struct Targets {
    /// The parameters as typed.
    pub typed: Vec<Line>,
    /// Whose latest line lies between these two moments, counted from the first.
    pub between: (Timestamp, Timestamp),
    /// How many at most.
    pub limit: usize,
    /// The channels, each with the moment before which nothing is shown.
    pub channels: Vec<(Buffer, Timestamp)>,
    /// Who asks, if they have private words.
    pub party: Option<(Party, Timestamp)>,
    /// People who are here, by what they are in private words.
    pub nicks: Vec<(Party, Nick)>,
}

/// REDACT, as it was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Redaction {
    /// The channel or nick, as typed.
    pub target: Line,
    /// The id of the line, as typed.
    pub id: Line,
    /// The line, if the id is one of a stored line.
    pub line: Option<Seq>,
    /// Why.
    pub reason: Option<Line>,
}

/// A line of the past, or what happened besides.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// When.
    pub at: Timestamp,
    /// What was shown then.
    pub notice: Notice,
}

/// A line that was taken back, as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Redacted {
    /// Its own id.
    pub id: MessageId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Arc<Source>,
    /// Where, as the recipients of the line saw it.
    pub target: Arc<str>,
    /// The line.
    pub line: MessageId,
    /// Why.
    pub reason: Option<Line>,
}
