//! ISON, USERHOST, WHOWAS and LUSERS: short questions about people.

use super::visible::{Sight, is_desk, lookup};
use super::who;
use crate::base::casemap::same;
use crate::base::limits::{ROWS, USERHOST};
use crate::base::text::{Line, Nick};
use crate::desk::context::Context;
use crate::desk::language::notice::{Counts, PersonRow, Reply};
use crate::desk::language::people::Rank;
use crate::desk::state::people::Person;
use crate::desk::state::{Former, State};

/// LUSERS' numbers for customers: the same however many there are (promise 2).
pub const FOR_CUSTOMERS: Counts =
    Counts { users: 1, invisible: 0, operators: 0, unknown: 0, channels: 1, users_max: 1 };

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
    Reply::Userhost(nicks.iter().take(USERHOST).filter_map(row).collect())
}

/// WHOWAS: former bearers of a nick, newest first. Customers are never among them, and never told.
pub(super) fn whowas(state: &State, ctx: &Context, nick: &Line, count: Option<usize>) -> Reply {
    let rows = match Sight::of(state, ctx.person) {
        Sight::Customer(_) => Vec::new(),
        Sight::Member | Sight::Staff => {
            let bore = |(who, _): &&Former| same(who.nick.as_str(), nick.as_str());
            let rows = state.former.iter().rev().map(|(_, former)| former).filter(bore);
            rows.take(count.unwrap_or(ROWS).min(ROWS)).cloned().collect()
        }
    };
    Reply::Whowas { nick: nick.clone(), rows }
}

/// LUSERS' numbers, as far as this person may know: for a customer always the same.
pub fn counts(state: &State, person: &Person) -> Counts {
    let channels = match Sight::of(state, person) {
        Sight::Customer(_) => {
            return FOR_CUSTOMERS;
        }
        Sight::Member => state.rooms.iter().filter(|(_, room)| room.department.is_none()).count(),
        Sight::Staff => state.rooms.len() + state.customers.len(),
    };
    // Somebody on several clients has that many connections.
    let several: usize = state.clients.iter().map(|(_, clients)| clients.len()).sum();
    let registered = state.persons.len() - state.clients.len() + several;
    let with = |letter| state.persons().filter(|(_, p)| p.modes.contains(&letter)).count();
    Counts {
        users: state.persons.len(),
        invisible: with('i'),
        operators: with('o'),
        unknown: state.connections.saturating_sub(registered),
        channels,
        users_max: state.users_max.max(state.persons.len()),
    }
}
