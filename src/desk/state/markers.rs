//! Read markers: up to when somebody has read a channel or a person. They only ever grow.

use super::State;
use super::people::{Person, Reader};
use crate::base::ids::SessionId;
use crate::base::text::{Folded, Line};
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
