//! ISON, USERHOST, WHOWAS and LUSERS: short questions about people.

use super::visible::{Sight, is_desk, lookup};
use super::who;
use crate::base::text::{Folded, Line, Nick};
use crate::desk::context::Context;
use crate::desk::language::notice::{Counts, PersonRow, Reply};
use crate::desk::language::people::Rank;
use crate::desk::state::State;
use crate::desk::state::people::Person;

/// Nicks that one USERHOST may ask for. Source: RFC 2812 section 4.8.
const USERHOST_NICKS: usize = 5;

/// ISON: which of these are online.
pub(super) fn ison(state: &State, ctx: &Context, nicks: &[Line]) -> Reply {
    let here = |line: &Line| -> Option<Nick> {
        if is_desk(state, line.as_str()) {
            return Some(state.desk.nick.clone());
        }
        lookup(state, ctx.session, line.as_str()).map(|(_, person)| person.nick().clone())
    };
    Reply::Ison(nicks.iter().filter_map(here).collect())
}

/// USERHOST of these.
pub(super) fn userhost(state: &State, ctx: &Context, nicks: &[Line]) -> Reply {
    let row = |line: &Line| -> Option<PersonRow> {
        if is_desk(state, line.as_str()) {
            return Some(who::desk_row(state, None, Rank::NONE));
        }
        let (session, person) = lookup(state, ctx.session, line.as_str())?;
        Some(who::row(state, ctx, (session, person), None, Rank::NONE))
    };
    Reply::Userhost(nicks.iter().take(USERHOST_NICKS).filter_map(row).collect())
}

/// WHOWAS: former bearers of a nick, newest first. Customers are never among them, and never told.
pub(super) fn whowas(state: &State, ctx: &Context, nick: &Line) -> Reply {
    let rows = match Sight::of(state, ctx.person) {
        Sight::Customer(_) => Vec::new(),
        Sight::Member | Sight::Staff => {
            state.former.get(&Folded::of(nick.as_str())).cloned().unwrap_or_default()
        }
    };
    Reply::Whowas { nick: nick.clone(), rows }
}

/// LUSERS' numbers, as far as this person may know: for a customer always the same.
pub fn counts(state: &State, person: &Person) -> Counts {
    let channels = match Sight::of(state, person) {
        Sight::Customer(_) => {
            return Counts { users: 1, invisible: 0, operators: 0, channels: 1, users_max: 1 };
        }
        Sight::Member => state.rooms.iter().filter(|(_, room)| room.department.is_none()).count(),
        Sight::Staff => state.rooms.len() + state.customers.len(),
    };
    let with = |letter| state.persons().filter(|(_, p)| p.modes.contains(&letter)).count();
    Counts {
        users: state.persons.len(),
        invisible: with('i'),
        operators: with('o'),
        channels,
        users_max: state.users_max.max(state.persons.len()),
    }
}
