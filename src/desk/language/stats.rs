//! The rows of STATS, as far as the asker may know.

use super::people::Source;
use crate::base::text::Line;
use crate::base::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

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
