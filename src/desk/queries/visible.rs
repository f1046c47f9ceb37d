//! Who may know of whom, and of which channel. The only place that says so: every answer and
//! every notice asks here. It decides and never tells.

use crate::base::casemap::same;
use crate::base::ids::SessionId;
use crate::base::text::Folded;
use crate::desk::language::people::Role;
use crate::desk::settings::Guests;
use crate::desk::state::State;
use crate::desk::state::people::{Customer, Person, Standing};
use std::collections::BTreeSet;

/// How far somebody sees.
#[derive(Clone, Copy, Debug)]
pub enum Sight<'a> {
    /// Their own channel, those who speak in it, and nothing else. None: not even a channel.
    Customer(Option<&'a Customer>),
    /// What an ordinary user of an IRC server sees; never a customer.
    Member,
    /// Everybody.
    Staff,
}

impl<'a> Sight<'a> {
    /// How far this person sees.
    pub fn of(state: &'a State, person: &Person) -> Self {
        match person.customer {
            Some(id) => Self::Customer(state.customer(id)),
            None if person.is_staff() => Self::Staff,
            None if state.settings.guests == Guests::Member || person.role == Role::Member => {
                Self::Member
            }
            None => Self::Customer(None),
        }
    }
}

/// True when `viewer` may know that `other` is here.
pub fn sees(state: &State, viewer: SessionId, other: SessionId) -> bool {
    let (Some(eyes), Some(seen)) = (state.person(viewer), state.person(other)) else {
        return false;
    };
    if viewer == other {
        return true;
    }
    match Sight::of(state, eyes) {
        Sight::Customer(own) => own.is_some_and(|c| c.standing(other) == Some(Standing::Member)),
        Sight::Member => seen.customer.is_none(),
        Sight::Staff => true,
    }
}

/// True when `viewer` may know that there is a channel of that name.
pub fn sees_channel(state: &State, viewer: SessionId, channel: &Folded) -> bool {
    let Some(eyes) = state.person(viewer) else { return false };
    let sight = Sight::of(state, eyes);
    if let Some(lounge) = state.lounge(channel) {
        return match sight {
            Sight::Customer(own) => own.is_some_and(|c| c.id == lounge.id),
            Sight::Member => false,
            Sight::Staff => true,
        };
    }
    let Some(room) = state.room(channel) else { return false };
    let hidden = room.flags.contains(&'s') || room.flags.contains(&'p');
    match sight {
        Sight::Customer(_) => false,
        // A department is staff's; nobody else may enter its room unasked, or needs to know of it.
        Sight::Member => !hidden && room.department.is_none() || room.members.contains_key(&viewer),
        Sight::Staff => {
            !hidden || room.members.contains_key(&viewer) || eyes.role >= Role::Supervisor
        }
    }
}

/// True when `viewer` may know that `session` is in that customer's channel: as the customer, or
/// as a member of staff with the standing they have there.
pub fn sees_in_lounge(
    state: &State,
    viewer: SessionId,
    customer: &Customer,
    session: SessionId,
) -> bool {
    let Some(eyes) = state.person(viewer) else { return false };
    let sight = Sight::of(state, eyes);
    let theirs = match sight {
        Sight::Customer(own) => own.is_some_and(|c| c.id == customer.id),
        Sight::Member => false,
        Sight::Staff => true,
    };
    let staff = matches!(sight, Sight::Staff);
    match customer.standing(session) {
        None => theirs && customer.session == Some(session),
        Some(_) if viewer == session => true,
        Some(Standing::Member) => theirs,
        Some(Standing::Backstage) => staff,
        Some(Standing::Watcher) => staff && state.settings.show_watchers,
    }
}

/// The person of that nick, if `viewer` may know of them.
pub fn lookup<'a>(
    state: &'a State,
    viewer: SessionId,
    nick: &str,
) -> Option<(SessionId, &'a Person)> {
    state.by_nick(nick).filter(|(session, _)| sees(state, viewer, *session))
}

/// True for the service's nick, which is always here and for everybody the same.
pub fn is_desk(state: &State, nick: &str) -> bool {
    same(state.desk.nick.as_str(), nick)
}

/// Everybody but `session` who shares a channel with it and may know it: whom its comings, goings
/// and changes of name concern.
pub fn sharers(state: &State, session: SessionId) -> BTreeSet<SessionId> {
    let mut all = BTreeSet::new();
    let Some(person) = state.person(session) else { return all };
    for room in person.rooms.iter().filter_map(|key| state.room(key)) {
        all.extend(room.members.keys().copied().filter(|viewer| room.shows(*viewer, session)));
    }
    for customer in person.lounges.iter().chain(&person.customer) {
        let Some(customer) = state.customer(*customer) else { continue };
        let present = customer.staff.iter().map(|(s, _)| *s).chain(customer.session);
        all.extend(present.filter(|viewer| {
            // The session of a customer who is just leaving may be unseated already.
            person.customer == Some(customer.id)
                || sees_in_lounge(state, *viewer, customer, session)
        }));
    }
    all.remove(&session);
    all
}
