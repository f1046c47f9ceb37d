//! Read markers: up to when somebody has read a channel or a person. They only ever grow. And, for as
//! long as the server runs, up to where an account was there for what was said in a channel.

use super::State;
use super::people::{Person, Reader};
use super::scrollback::Remembered;
use crate::base::ids::SessionId;
use crate::base::limits::CHANLIMIT;
use crate::base::text::{AccountName, Folded, Line};
use crate::base::time::Timestamp;
use crate::desk::language::fact::Event;
use crate::desk::language::people::Actor;
use std::collections::BTreeMap;

impl State {
    /// Whose read markers a person's are.
    pub fn reader(&self, session: SessionId, person: &Person) -> Reader {
        match (person.account(), person.customer) {
            (Some(account), _) => Reader::Account(account.folded()),
            (None, Some(customer)) => Reader::Customer(customer),
            (None, None) => Reader::Visit(session),
        }
    }

    /// All markers of a reader.
    pub fn markers_of(&self, reader: &Reader) -> Option<&BTreeMap<Folded, Timestamp>> {
        self.markers.get(reader)
    }

    pub(super) fn apply_marked(&mut self, event: &Event, until: Timestamp) {
        let reader = match &event.actor {
            Actor::Staff(account) => Reader::Account(account.folded()),
            Actor::Customer(customer) => Reader::Customer(*customer),
            Actor::Desk | Actor::Operator | Actor::Member => return,
        };
        self.set_marker(reader, &event.word(0), until);
    }

    pub(super) fn mark_read(&mut self, session: SessionId, target: &Line, until: Timestamp) {
        let Some(reader) = self.person(session).map(|person| self.reader(session, person)) else {
            return;
        };
        self.set_marker(reader, target, until);
    }

    /// True for a recent line of a room that this person may have missed: it was said after their
    /// account last left, or, where that is not known, after they last read there.
    pub fn is_missed(&self, session: SessionId, room: &Folded, line: &Remembered) -> bool {
        let Some(person) = self.person(session) else { return true };
        let account = person.account().map(AccountName::folded);
        let left = account.and_then(|a| self.seen.get(&a)?.get(room));
        let read = || self.markers_of(&self.reader(session, person))?.get(room);
        match left {
            Some(seq) => line.seq > *seq,
            None => read().is_none_or(|until| line.at > *until),
        }
    }

    /// An account leaves a channel: it was there for all that was said so far. Of the channels left
    /// longest ago, no more are known than somebody can be in.
    pub(super) fn note_seen(&mut self, account: &AccountName, room: &Folded) {
        let (key, seq) = (account.folded(), self.counters().seq);
        if !self.seen.contains(&key) {
            self.seen.insert(key.clone(), BTreeMap::new());
        }
        let Some(seen) = self.seen.get_mut(&key) else { return };
        seen.insert(room.clone(), seq);
        if seen.len() > CHANLIMIT
            && let Some((oldest, _)) = seen.iter().min_by_key(|(_, seq)| **seq)
        {
            let oldest = oldest.clone();
            seen.remove(&oldest);
        }
    }

    fn set_marker(&mut self, reader: Reader, target: &Line, until: Timestamp) {
        if !self.markers.contains(&reader) {
            self.markers.insert(reader.clone(), BTreeMap::new());
        }
        if let Some(markers) = self.markers.get_mut(&reader) {
            let known = markers.entry(Folded::of(target.as_str())).or_default();
            *known = until.max(*known);
        }
    }
}
