//! The last lines of every channel, for those who join and for customers who return.
//!
//! Lines carry their place in the journal, so going back is dropping those after it.

use crate::base::ids::Seq;
use crate::base::limits::RECENT_LINES;
use crate::base::text::{Folded, Line};
use crate::base::time::Timestamp;
use crate::desk::language::command::Verb;
use crate::desk::language::fact::Hearers;
use crate::desk::language::people::Source;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// One remembered line.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// Its place in the journal.
    pub seq: Seq,
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub from: Arc<Source>,
    /// Who may see it.
    pub hearers: Hearers,
    /// Which verb carried it.
    pub verb: Verb,
    /// The words.
    pub text: Line,
}

/// The last lines of every channel.
#[derive(Clone, Debug, Default)]
pub struct Scrollback {
    channels: BTreeMap<Folded, VecDeque<Remembered>>,
    recent: VecDeque<(Seq, Folded)>,
}

impl Scrollback {
    /// Adds a line; the oldest go beyond `RECENT_LINES`.
    pub fn push(&mut self, channel: &Folded, line: Remembered) {
        self.recent.push_back((line.seq, channel.clone()));
        if let Some(lines) = self.channels.get_mut(channel) {
            if lines.len() >= RECENT_LINES {
                lines.pop_front();
            }
            lines.push_back(line);
        } else {
            self.channels.insert(channel.clone(), VecDeque::from([line]));
        }
    }

    /// The lines of a channel, oldest first.
    pub fn lines<'a>(
        &'a self,
        channel: &Folded,
    ) -> impl DoubleEndedIterator<Item = &'a Remembered> + use<'a> {
        self.channels.get(channel).into_iter().flatten()
    }

    /// Keeps the last `keep` lines of a channel and gives the memory back.
    pub fn trim(&mut self, channel: &Folded, keep: usize) {
        if keep == 0 {
            self.channels.remove(channel);
        } else if let Some(lines) = self.channels.get_mut(channel) {
            while lines.len() > keep {
                lines.pop_front();
            }
            lines.shrink_to_fit();
        }
    }

    /// Lines up to `seq` are stored and stay.
    pub fn confirm(&mut self, seq: Seq) {
        while self.recent.front().is_some_and(|(s, _)| *s <= seq) {
            self.recent.pop_front();
        }
    }

    /// Drops every line that is not confirmed.
    pub fn rollback(&mut self) {
        while let Some((seq, channel)) = self.recent.pop_back() {
            if let Some(lines) = self.channels.get_mut(&channel) {
                while lines.back().is_some_and(|line| line.seq >= seq) {
                    lines.pop_back();
                }
            }
        }
    }
}
