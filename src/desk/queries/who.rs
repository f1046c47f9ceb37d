//! WHO: rows of a channel, a nick or a mask.

use super::visible::{Sight, is_desk, lookup, sees, sees_channel, sees_in_lounge};
use crate::base::casemap::mask_matches;
use crate::base::ids::SessionId;
use crate::base::limits::ROWS;
use crate::base::text::{ChannelName, Folded, Line};
use crate::desk::context::Context;
use crate::desk::language::notice::{PersonRow, Reply};
use crate::desk::language::people::{Rank, Source};
use crate::desk::rooms::names::shows_in_room;
use crate::desk::settings::Guests;
use crate::desk::state::State;
use crate::desk::state::people::{Customer, Person};
use std::time::Duration;

/// WHO of a channel, nick or mask; `operators` keeps operators only.
pub(super) fn answer(state: &State, ctx: &Context, mask: &Line, operators: bool) -> Reply {
    let typed = mask.as_str().trim();
    let mut rows = if typed.starts_with('#') {
        of_channel(state, ctx, &Folded::of(typed))
    } else {
        of_people(state, ctx, typed)
    };
    if operators {
        rows.retain(|row| row.operator);
    }
    rows.truncate(ROWS);
    Reply::Who { mask: mask.clone(), rows }
}

/// One person as the asker may know them: addresses are for staff, and how idle or absent a member
/// of staff is would tell a customer of others.
pub(super) fn row(
    state: &State,
    ctx: &Context,
    (session, person): (SessionId, &Person),
    channel: Option<ChannelName>,
    rank: Rank,
) -> PersonRow {
    let own = session == ctx.session;
    let (knows_presence, knows_address) = match Sight::of(state, ctx.person) {
        Sight::Customer(_) => (own, own),
        Sight::Member => (true, own || ctx.person.is_operator()),
        Sight::Staff => (true, true),
    };
    let active = state.active.get(&session).copied().unwrap_or(person.since);
    PersonRow {
        who: person.source.clone(),
        channel,
        rank,
        away: knows_presence && person.away.is_some(),
        operator: person.is_operator(),
        address: knows_address.then(|| person.address.clone()),
        idle: if knows_presence { ctx.now.since(active) } else { Duration::ZERO },
    }
}

/// The service, for everybody the same.
pub(super) fn desk_row(state: &State, channel: Option<ChannelName>, rank: Rank) -> PersonRow {
    PersonRow {
        who: state.desk.clone(),
        channel,
        rank,
        away: false,
        operator: false,
        address: None,
        idle: Duration::ZERO,
    }
}

fn of_channel(state: &State, ctx: &Context, key: &Folded) -> Vec<PersonRow> {
    if !sees_channel(state, ctx.session, key) {
        return Vec::new();
    }
    if let Some(customer) = state.lounge(key) {
        return of_lounge(state, ctx, customer);
    }
    let Some(room) = state.room(key) else { return Vec::new() };
    let shown = room.members.iter().filter(|(s, _)| shows_in_room(state, ctx.session, room, **s));
    shown
        .filter_map(|(s, rank)| Some((*s, state.person(*s)?, *rank)))
        .map(|(s, person, rank)| row(state, ctx, (s, person), Some(room.name.clone()), rank))
        .collect()
}

fn of_lounge(state: &State, ctx: &Context, customer: &Customer) -> Vec<PersonRow> {
    let channel = || Some(customer.channel.clone());
    let mut rows = Vec::new();
    if let Some((session, person)) = customer.session.and_then(|s| Some((s, state.person(s)?))) {
        rows.push(row(state, ctx, (session, person), channel(), Rank::NONE));
    }
    rows.push(desk_row(state, channel(), Rank::VOICE));
    for (session, _) in &customer.staff {
        let Some(person) = state.person(*session) else { continue };
        if sees_in_lounge(state, ctx.session, customer, *session) {
            rows.push(row(state, ctx, (*session, person), channel(), Rank::OP));
        }
    }
    rows
}

fn of_people(state: &State, ctx: &Context, mask: &str) -> Vec<PersonRow> {
    if is_desk(state, mask) {
        return vec![desk_row(state, None, Rank::NONE)];
    }
    if let Some((session, person)) = lookup(state, ctx.session, mask) {
        return vec![placed(state, ctx, session, person)];
    }
    let all = matches!(mask, "" | "0" | "*");
    let fits = |source: &Source| all || matches(mask, source);
    let mut rows = Vec::new();
    // A plain IRC server lists people; who names the service still finds it.
    if state.settings.guests != Guests::Member && fits(&state.desk) {
        rows.push(desk_row(state, None, Rank::NONE));
    }
    let found = |session: SessionId, person: &Person| {
        (fits(&person.source) && listed(state, ctx, session, person))
            .then(|| placed(state, ctx, session, person))
    };
    match Sight::of(state, ctx.person) {
        Sight::Customer(own) => {
            // No look at anybody else: not even the time it takes depends on them.
            let staff = own.into_iter().flat_map(|c| c.staff.iter().map(|(s, _)| *s));
            let near = staff.filter(|s| sees(state, ctx.session, *s)).chain([ctx.session]);
            rows.extend(near.filter_map(|s| found(s, state.person(s)?)));
        }
        Sight::Member | Sight::Staff => {
            let everybody = state.persons().filter(|(s, _)| sees(state, ctx.session, *s));
            rows.extend(everybody.filter_map(|(s, p)| found(s, p)).take(ROWS));
        }
    }
    rows
}

/// Members who are invisible (`+i`) are found by others only by nick or in a shared channel.
fn listed(state: &State, ctx: &Context, session: SessionId, person: &Person) -> bool {
    match Sight::of(state, ctx.person) {
        Sight::Customer(_) | Sight::Staff => true,
        Sight::Member => {
            session == ctx.session
                || !person.modes.contains(&'i')
                || person.rooms.iter().any(|room| ctx.person.rooms.contains(room))
        }
    }
}

fn matches(mask: &str, source: &Source) -> bool {
    let account = source.account.as_ref().map(|a| a.as_str());
    let fields = [source.nick.as_str(), &*source.user, &*source.host, source.realname.as_str()];
    fields.into_iter().chain(account).any(|field| mask_matches(mask, field))
}

/// A row with a channel that the asker may know.
fn placed(state: &State, ctx: &Context, session: SessionId, person: &Person) -> PersonRow {
    if let Some(customer) = person.customer.and_then(|id| state.customer(id)) {
        return row(state, ctx, (session, person), Some(customer.channel.clone()), Rank::NONE);
    }
    if let Sight::Customer(Some(own)) = Sight::of(state, ctx.person) {
        return row(state, ctx, (session, person), Some(own.channel.clone()), Rank::OP);
    }
    let shared = person.rooms.iter().find(|room| ctx.person.rooms.contains(*room));
    let room = shared.and_then(|key| state.room(key));
    let rank = room.and_then(|r| r.members.get(&session)).copied().unwrap_or_default();
    row(state, ctx, (session, person), room.map(|r| r.name.clone()), rank)
}
