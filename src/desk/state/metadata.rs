//! Metadata, as the state holds it.

use super::State;
use super::people::Person;
use super::rooms::Room;
use crate::base::ids::SessionId;
use crate::base::text::{Folded, Line};
use crate::desk::language::fact::{Event, Fact};
use crate::desk::language::metadata::{Keeper, Key, Owner};
use std::collections::BTreeMap;

impl State {
    /// Everything that an owner has set, by key.
    pub fn metadata(&self, owner: &Owner) -> impl Iterator<Item = (&Key, &Line)> {
        self.metadata.get(owner).into_iter().flatten()
    }

    /// The value of one key.
    pub fn metadatum(&self, owner: &Owner, key: &str) -> Option<&Line> {
        self.metadata.get(owner)?.get(key)
    }

    pub(super) fn apply_metadata(&mut self, event: &Event) {
        let Fact::MetadataSet { keeper, key } = &event.fact else { return };
        let owner = match keeper {
            Keeper::Account(account) => Owner::Account(account.folded()),
            Keeper::Channel(channel) => Owner::Room(channel.folded()),
        };
        self.set_metadatum(&owner, key, event.words.first());
    }

    pub(super) fn set_metadatum(&mut self, owner: &Owner, key: &Key, value: Option<&Line>) {
        let mut values = self.metadata.remove(owner).unwrap_or_default();
        match value {
            Some(value) => drop(values.insert(key.clone(), value.clone())),
            None => drop(values.remove(key)),
        }
        if !values.is_empty() {
            self.metadata.insert(owner.clone(), values);
        }
    }

    pub(super) fn subscribe(&mut self, session: SessionId, keys: &[Key], add: bool) {
        self.edit_person(session, |person| {
            person.subscriptions.retain(|key| !keys.contains(key));
            person.subscriptions.extend(keys.iter().filter(|_| add).cloned());
        });
    }

    /// Whoever had it is gone.
    pub(super) fn forget_metadata(&mut self, owner: &Owner) {
        self.metadata.remove(owner);
    }

    /// A channel has another name.
    pub(super) fn move_metadata(&mut self, from: &Folded, to: &Folded) {
        if let Some(values) = self.metadata.remove(&Owner::Room(from.clone())) {
            self.metadata.insert(Owner::Room(to.clone()), values);
        }
    }
}

/// Values by key.
pub(super) type Values = BTreeMap<Key, Line>;

impl Owner {
    /// Whose a person's metadata is.
    pub fn of(session: SessionId, person: &Person) -> Self {
        person.account().map_or(Self::Session(session), |account| Self::Account(account.folded()))
    }

    /// Whose a channel's is.
    pub fn of_room(room: &Room) -> Self {
        Self::Room(room.name.folded())
    }
}
