//! Journal and archive in memory: the test double that is shipped, and the disk of the simulator.
//!
//! Everything that stands on one `Memory` shares its events, so a journal can be dropped ("the process died")
//! and another one opened on what was stored. Faults are switched on from outside:
//! `fail_next`, `fail_until_healed`, `fail_after_write`. It keeps the contract of every back end and knows no file.

use super::about::{self, Subject, subject};
use super::audit::{self, Act};
use super::figures::{figures, period_before};
use super::search::{Query, searched};
use super::{
    Archive, Cut, Episode, Expired, Fault, Figures, Found, Journal, Shelf, Which, follows,
};
use crate::base::casemap::fold;
use crate::base::ids::{ConversationId, CustomerId, Seq};
use crate::base::time::Timestamp;
use crate::desk::language::fact::{Event, Fact};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A disk that is not there. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    events: Vec<Event>,
    writes: u64,
    fail_next: u32,
    broken: bool,
    fail_after_write: u32,
}

impl Memory {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// A journal on it.
    pub fn journal(&self) -> MemoryJournal {
        MemoryJournal { memory: self.clone() }
    }

    /// An archive of it.
    pub fn archive(&self) -> MemoryArchive {
        MemoryArchive { memory: self.clone() }
    }

    /// The next `n` writes (batches or probes) fail, and nothing of them is stored.
    pub fn fail_next(&self, n: u32) {
        self.lock().fail_next = n;
    }

    /// Every write fails, and nothing of it is stored, until `heal`.
    pub fn fail_until_healed(&self) {
        self.lock().broken = true;
    }

    /// The next `n` writes are stored but their answer is an error: the journal must find out itself.
    pub fn fail_after_write(&self, n: u32) {
        self.lock().fail_after_write = n;
    }

    /// Ends every fault.
    pub fn heal(&self) {
        let mut shared = self.lock();
        (shared.fail_next, shared.broken, shared.fail_after_write) = (0, false, 0);
    }

    /// What is stored, in order.
    pub fn events(&self) -> Vec<Event> {
        self.lock().events.clone()
    }

    /// How many durable writes (batches and probes) have succeeded.
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // A panic elsewhere leaves the list whole: it only ever grows by whole batches.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn last(&self) -> Seq {
        self.events.last().map_or(Seq(0), |e| e.seq)
    }

    /// One write as a disk would do it, with its faults.
    fn write(&mut self, events: &[Event], doing: &'static str) -> Result<(), Fault> {
        let fault = |cause: &str| Err(Fault { doing, cause: cause.to_owned() });
        if self.broken {
            return fault("the disk is broken (a fault of the test)");
        }
        if self.fail_next > 0 {
            self.fail_next -= 1;
            return fault("the write failed (a fault of the test)");
        }
        self.events.extend_from_slice(events);
        self.writes += 1;
        if self.fail_after_write > 0 {
            self.fail_after_write -= 1;
            return fault("the answer was lost (a fault of the test)");
        }
        Ok(())
    }
}

/// The journal on a `Memory`.
#[derive(Debug)]
pub struct MemoryJournal {
    memory: Memory,
}

impl Journal for MemoryJournal {
    fn append(&mut self, events: &[Event]) -> Result<(), Fault> {
        let Some(end) = events.last() else { return Ok(()) };
        let mut shared = self.memory.lock();
        follows(shared.last(), events)?;
        match shared.write(events, "storing events") {
            // An error does not say whether they are stored; the last place does.
            Err(_) if shared.last() == end.seq => Ok(()),
            answer => answer,
        }
    }

    fn replay(&mut self, each: &mut dyn FnMut(Event)) -> Result<(), Fault> {
        self.memory.events().into_iter().for_each(each);
        Ok(())
    }

    fn last(&mut self) -> Result<Seq, Fault> {
        Ok(self.memory.lock().last())
    }

    fn probe(&mut self) -> Result<(), Fault> {
        self.memory.lock().write(&[], "probing the disk")
    }

    fn prune(&mut self, expired: &Expired, limit: usize) -> Result<bool, Fault> {
        let mut shared = self.memory.lock();
        shared.write(&[], "erasing what is past its time")?;
        let past = |event: &&mut Event| {
            let shelves = about::shelves(&event.actor, &event.fact);
            shelves.first().is_some_and(|shelf| {
                let private = about::is_private(shelf);
                let until = if private { expired.private } else { expired.rooms };
                !event.words.is_empty() && event.at < until
            })
        };
        let pruned = shared.events.iter_mut().filter(past).take(limit);
        let count = pruned.map(|event| event.words.clear()).count();
        Ok(count == limit)
    }
}

/// The archive of a `Memory`. It reads what the journals on it have stored; faults do not touch it.
#[derive(Debug)]
pub struct MemoryArchive {
    memory: Memory,
}

/// Which conversation is whose, and where.
#[derive(Debug, Default)]
struct Directory {
    customer_of: BTreeMap<ConversationId, CustomerId>,
    channel_of: BTreeMap<CustomerId, String>,
}

impl Directory {
    fn of(events: &[Event]) -> Self {
        let mut directory = Self::default();
        for event in events {
            match &event.fact {
                Fact::CustomerKnown { customer, channel, .. } => {
                    directory.channel_of.insert(*customer, channel.to_string());
                }
                Fact::Opened { conversation, customer, .. } => {
                    directory.customer_of.entry(*conversation).or_insert(*customer);
                }
                _ => {}
            }
        }
        directory
    }

    fn stands_on(&self, shelf: &Shelf, event: &Event) -> bool {
        match (shelf, &event.fact) {
            (Shelf::Named(names), _) => shelves(event).iter().any(|name| names.contains(name)),
            (Shelf::Customer(customer), Fact::Said { conversation, .. }) => {
                self.customer_of.get(conversation) == Some(customer)
            }
            (Shelf::Customer(_), _) => false,
        }
    }

    fn channel(&self, conversation: ConversationId) -> &str {
        let customer = self.customer_of.get(&conversation);
        customer.and_then(|c| self.channel_of.get(c)).map_or("", String::as_str)
    }
}

/// Where an event stands: nowhere without its words.
fn shelves(event: &Event) -> Vec<String> {
    let erased = event.words.is_empty();
    if erased { Vec::new() } else { about::shelves(&event.actor, &event.fact) }
}

/// The lines that were taken back.
fn gone(events: &[Event]) -> BTreeSet<Seq> {
    events.iter().filter_map(|event| about::redacted(&event.fact)).collect()
}

impl Archive for MemoryArchive {
    fn episodes(&mut self, which: &Which) -> Result<Vec<Episode>, Fault> {
        let shared = self.memory.lock();
        let directory = Directory::of(&shared.events);
        let wanted = |id: ConversationId| match which {
            Which::Conversation(wanted) => id == *wanted,
            Which::Channel(name) => fold(directory.channel(id)) == about::channel_key(name),
        };
        let whole = |(&conversation, &customer): (&ConversationId, &CustomerId)| {
            let events = shared.events.iter().filter(|e| match subject(&e.fact) {
                Subject::Conversation(id) => id == conversation,
                Subject::Customer(id) => id == customer,
                Subject::Neither => false,
            });
            about::episode(conversation, events.cloned().collect())
        };
        let all = directory.customer_of.iter().filter(|(id, _)| wanted(**id));
        Ok(all.filter_map(whole).collect())
    }

    fn search(&mut self, words: &str, limit: usize) -> Result<Vec<Found>, Fault> {
        let Some(query) = Query::parse(words) else { return Ok(Vec::new()) };
        let shared = self.memory.lock();
        let (directory, gone) = (Directory::of(&shared.events), gone(&shared.events));
        let found = shared.events.iter().rev().filter_map(|event| {
            let Subject::Conversation(conversation) = subject(&event.fact) else { return None };
            let line = event.lines().join(" ");
            let hit = searched(&event.fact) && query.matches(&line) && !gone.contains(&event.seq);
            let channel = directory.channel(conversation).to_owned();
            hit.then_some(Found { conversation, channel, at: event.at, line })
        });
        Ok(found.take(limit).collect())
    }

    fn lines(&mut self, shelf: &Shelf, cut: &Cut<'_>) -> Result<Vec<Event>, Fault> {
        let shared = self.memory.lock();
        let (directory, gone) = (Directory::of(&shared.events), gone(&shared.events));
        let meant = |event: &&Event| {
            event.seq > cut.after
                && event.seq < cut.before
                && directory.stands_on(shelf, event)
                && !gone.contains(&event.seq)
                && (cut.accept)(event)
        };
        let events = shared.events.iter();
        if !cut.newest {
            return Ok(events.filter(meant).take(cut.limit).cloned().collect());
        }
        let mut lines: Vec<Event> = events.rev().filter(meant).take(cut.limit).cloned().collect();
        lines.reverse();
        Ok(lines)
    }

    fn holds(&mut self, shelf: &Shelf, seq: Seq) -> Result<bool, Fault> {
        let shared = self.memory.lock();
        let directory = Directory::of(&shared.events);
        Ok(shared.events.iter().any(|e| e.seq == seq && directory.stands_on(shelf, e)))
    }

    fn first_since(&mut self, at: Timestamp) -> Result<Seq, Fault> {
        let shared = self.memory.lock();
        let place = shared.events.partition_point(|event| event.at < at);
        Ok(shared.events.get(place).map_or(shared.last().next(), |event| event.seq))
    }

    fn event(&mut self, seq: Seq) -> Result<Option<Event>, Fault> {
        let shared = self.memory.lock();
        let gone = gone(&shared.events).contains(&seq);
        Ok(shared.events.iter().find(|e| e.seq == seq && !gone).cloned())
    }

    fn correspondents(&mut self, party: &str) -> Result<Vec<(String, Event)>, Fault> {
        let shared = self.memory.lock();
        let mut last: BTreeMap<String, Event> = BTreeMap::new();
        for event in &shared.events {
            for shelf in shelves(event) {
                let other = about::parties(&shelf).and_then(|(one, two)| match party {
                    p if p == one => Some(two),
                    p if p == two => Some(one),
                    _ => None,
                });
                if let Some(other) = other {
                    last.insert(other.to_owned(), event.clone());
                }
            }
        }
        Ok(last.into_iter().collect())
    }

    fn acts(&mut self, from: Timestamp, until: Timestamp) -> Result<Vec<Act>, Fault> {
        let shared = self.memory.lock();
        let meant = shared.events.iter().filter(|event| event.at >= from && event.at < until);
        Ok(meant.filter_map(audit::act).collect())
    }

    fn figures(&mut self, now: Timestamp, period: Duration) -> Result<Figures, Fault> {
        Ok(figures(&self.memory.lock().events, period_before(now, period)))
    }
}
