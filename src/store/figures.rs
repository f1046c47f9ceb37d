//! The figures of a period, counted from events alone by one pure function for every back end.
//!
//! Definitions (after the live-chat metrics of the design, section 5): a value belongs to the period in
//! which its conversation *began*, whenever it came to be; so figures of a past period only ever change
//! while one of its conversations is still open.
//! - *wait*: from the first time it queued until a person first owned it. Time with a bot does not count;
//!   a wait after a person had it is not the first wait and does not count either. A conversation that
//!   never queued (an accepted proposal) has no wait.
//! - *taken*: a person owned it at least once. A bot is not a person.
//! - *abandoned*: the customer left before any person answered (`Ending::Abandoned`).
//! - *transfers*: transfers that were accepted.
//! - *ratings*: the last one of each conversation; a customer who rates again changes their mind.
//!
//! It knows no database and no clock.

use super::Figures;
use super::about::{Subject, subject};
use crate::base::ids::ConversationId;
use crate::base::time::Timestamp;
use crate::desk::language::fact::{Ending, Event, Fact, Taking};
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

/// The figures of the conversations that began in `period`, from all their events in order. Events
/// of other conversations may be among them.
pub fn figures<'a>(
    events: impl IntoIterator<Item = &'a Event>,
    period: Range<Timestamp>,
) -> Figures {
    let mut tally = Tally::new(period);
    for event in events {
        tally.count(event.at, &event.fact);
    }
    tally.figures()
}

/// The period of that length that ends before `now`.
pub fn period_before(now: Timestamp, length: Duration) -> Range<Timestamp> {
    now - length..now
}

/// The counting itself, one event at a time, for those who cannot hold all events at once.
#[derive(Debug)]
pub struct Tally {
    period: Range<Timestamp>,
    conversations: BTreeMap<ConversationId, Course>,
}

/// What matters of one conversation.
#[derive(Debug, Default)]
struct Course {
    queued: bool,
    waiting_since: Option<Timestamp>,
    waited: Duration,
    taken: bool,
    abandoned: bool,
    transfers: u64,
    stars: Option<u8>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(period: Range<Timestamp>) -> Self {
        Self { period, conversations: BTreeMap::new() }
    }

    /// Counts one event. Those of one conversation must come in their order.
    pub fn count(&mut self, at: Timestamp, fact: &Fact) {
        let Subject::Conversation(conversation) = subject(fact) else { return };
        if matches!(fact, Fact::Opened { .. }) && self.period.contains(&at) {
            self.conversations.entry(conversation).or_default();
        }
        if let Some(course) = self.conversations.get_mut(&conversation) {
            course.see(at, fact);
        }
    }

    /// The figures so far.
    pub fn figures(self) -> Figures {
        let mut figures = Figures::default();
        for course in self.conversations.into_values() {
            figures.opened += 1;
            figures.taken += u64::from(course.taken);
            figures.abandoned += u64::from(course.abandoned);
            figures.transfers += course.transfers;
            if course.taken && course.queued {
                figures.waits_ms.push(u64::try_from(course.waited.as_millis()).unwrap_or(u64::MAX));
            }
            let star = course.stars.and_then(|s| usize::from(s).checked_sub(1));
            if let Some(count) = star.and_then(|n| figures.ratings.get_mut(n)) {
                *count += 1;
            }
        }
        figures.waits_ms.sort_unstable();
        figures
    }
}

impl Course {
    fn see(&mut self, at: Timestamp, fact: &Fact) {
        match fact {
            Fact::Queued { .. } if !self.taken => {
                self.queued = true;
                self.waiting_since.get_or_insert(at);
            }
            Fact::BotOwned { .. } if !self.taken => self.stop_waiting(at),
            Fact::Owned { how, .. } => {
                self.stop_waiting(at);
                self.taken = true;
                self.transfers += u64::from(*how == Taking::Transferred);
            }
            Fact::WrappingUp { reason, .. } | Fact::Closed { reason, .. } => {
                self.abandoned |= *reason == Ending::Abandoned;
            }
            Fact::Rated { stars, .. } => self.stars = Some(*stars),
            _ => {}
        }
    }

    fn stop_waiting(&mut self, at: Timestamp) {
        if let Some(since) = self.waiting_since.take() {
            self.waited += at.since(since);
        }
    }
}
