//! What the desk asks the archive, on somebody's behalf. It knows no archive: the runner asks.

use super::history::{Lines, Redaction, Targets};
use crate::base::text::{ChannelName, Line};
use std::time::Duration;

/// Questions that need the archive.
#[derive(Clone, Debug, PartialEq)]
pub enum ArchiveQuery {
    /// Conversations that hold these words, newest first.
    Search {
        /// The words.
        words: Line,
        /// The customer's channel it was asked in, where the answer is shown.
        place: Option<ChannelName>,
    },
    /// Figures of a period that ends now.
    Report {
        /// How long back.
        period: Duration,
        /// The customer's channel it was asked in, where the answer is shown.
        place: Option<ChannelName>,
    },
    /// Lines of the past.
    Lines(Box<Lines>),
    /// Where something was said lately.
    Targets(Box<Targets>),
    /// The line that is to be taken back.
    Line(Box<Redaction>),
}
