//! The last lines of every channel, for those who join and for customers who return.
//!
//! Lines carry their place in the journal, so going back is dropping those after it.

use crate::base::ids::{CustomerId, Seq};
use crate::base::limits::RECENT_LINES;
use crate::base::text::{Folded, Line};
use crate::base::time::Timestamp;
use crate::desk::language::command::Verb;
use crate::desk::language::fact::Hearers;
use crate::desk::language::people::Source;
use crate::desk::language::words::Further;
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
    /// The client-only tags said with them.
    pub tags: Option<Arc<str>>,
    /// The lines behind the first.
    pub more: Vec<Further>,
}

/// Which channel: a customer's has a number, which is found faster than a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// A customer's channel.
    Lounge(CustomerId),
    /// A staff channel.
    Room(Folded),
}

/// What was done to a channel's lines, so that it can be taken back.
#[derive(Clone, Debug)]
enum Done {
    /// A line was added.
    Added,
    /// A line was added where there was no room for one more; the oldest went.
    Replaced(Remembered),
    /// These went, the oldest first.
    Dropped(Vec<Remembered>),
    /// This one went from its place among the others.
    Taken(usize, Box<Remembered>),
}

/// The last lines of every channel.
#[derive(Clone, Debug, Default)]
pub struct Scrollback {
    channels: BTreeMap<Channel, VecDeque<Remembered>>,
    /// What is not confirmed, with the event it followed from.
    recent: VecDeque<(Seq, Channel, Done)>,
}

impl Scrollback {
    /// Adds a line; the oldest go beyond `RECENT_LINES`.
    pub fn push(&mut self, channel: Channel, line: Remembered) {
        let seq = line.seq;
        let mut done = Done::Added;
        if let Some(lines) = self.channels.get_mut(&channel) {
            if lines.len() >= RECENT_LINES
                && let Some(oldest) = lines.pop_front()
            {
                done = Done::Replaced(oldest);
            }
            lines.push_back(line);
        } else {
            self.channels.insert(channel.clone(), VecDeque::from([line]));
        }
        self.recent.push_back((seq, channel, done));
    }

    /// The lines of a channel, oldest first.
    pub fn lines<'a>(
        &'a self,
        channel: &Channel,
    ) -> impl DoubleEndedIterator<Item = &'a Remembered> + use<'a> {
        self.channels.get(channel).into_iter().flatten()
    }

    /// Keeps the last `keep` lines of a channel, because of event `seq`, and gives the memory back.
    pub fn trim(&mut self, channel: &Channel, keep: usize, seq: Seq) {
        let Some(lines) = self.channels.get_mut(channel) else { return };
        let dropped: Vec<Remembered> = lines.drain(..lines.len().saturating_sub(keep)).collect();
        lines.shrink_to_fit();
        if lines.is_empty() {
            self.channels.remove(channel);
        }
        if !dropped.is_empty() {
            self.recent.push_back((seq, channel.clone(), Done::Dropped(dropped)));
        }
    }

    /// Takes a line out, because of event `seq`.
    pub fn redact(&mut self, channel: &Channel, line: Seq, seq: Seq) {
        let Some(lines) = self.channels.get_mut(channel) else { return };
        let Some(at) = lines.iter().position(|known| known.seq == line) else { return };
        if let Some(taken) = lines.remove(at) {
            self.recent.push_back((seq, channel.clone(), Done::Taken(at, Box::new(taken))));
        }
        if lines.is_empty() {
            self.channels.remove(channel);
        }
    }

    /// What was done up to `seq` is stored and stays.
    pub fn confirm(&mut self, seq: Seq) {
        while self.recent.front().is_some_and(|(s, _, _)| *s <= seq) {
            self.recent.pop_front();
        }
    }

    /// Takes back everything that is not confirmed.
    pub fn rollback(&mut self) {
        while let Some((_, channel, done)) = self.recent.pop_back() {
            let lines = self.channels.entry(channel).or_default();
            match done {
                Done::Added => {
                    lines.pop_back();
                }
                Done::Replaced(oldest) => {
                    lines.pop_back();
                    lines.push_front(oldest);
                }
                Done::Taken(at, line) => lines.insert(at.min(lines.len()), *line),
                Done::Dropped(dropped) => {
                    for line in dropped.into_iter().rev() {
                        lines.push_front(line);
                    }
                }
            }
        }
        self.channels.retain(|_, lines| !lines.is_empty());
    }
}
