//! WHOIS: a person, or for staff a customer's card, also while the customer is away from the line.

use super::visible::{Sight, is_desk, lookup, sees_channel, sees_in_lounge};
use super::{card, who};
use crate::base::casemap::same;
use crate::base::ids::SessionId;
use crate::base::text::{ChannelName, Line};
use crate::base::time::Timestamp;
use crate::desk::context::Context;
use crate::desk::language::notice::{PersonRow, Reply, WhoisCard};
use crate::desk::language::people::Rank;
use crate::desk::language::text::Text;
use crate::desk::rooms::names::shows_in_room;
use crate::desk::state::State;
use crate::desk::state::people::{Customer, Person};
use std::sync::Arc;
use std::time::Duration;

/// WHOIS of a nick; the last of those asked for together brings the `end`.
pub(super) fn answer(state: &State, ctx: &Context, nick: &Line, end: Option<&Line>) -> Reply {
    let typed = nick.as_str();
    let found = if is_desk(state, typed) {
        Some(service(state))
    } else if let Some((session, person)) = lookup(state, ctx.session, typed) {
        Some(here(state, ctx, session, person))
    } else {
        absent(state, ctx, typed)
    };
    Reply::Whois { nick: nick.clone(), card: found.map(Box::new), end: end.cloned() }
}

/// The service: the same for everybody, at any time.
fn service(state: &State) -> WhoisCard {
    WhoisCard {
        row: who::desk_row(state, None, Rank::NONE),
        channels: Vec::new(),
        away: None,
        since: Timestamp(0),
        secure: true,
        modes: None,
        certificate: None,
        card: Vec::new(),
    }
}

fn here(state: &State, ctx: &Context, session: SessionId, person: &Person) -> WhoisCard {
    let row = who::row(state, ctx, (session, person), None, Rank::NONE);
    let customer = person.customer.and_then(|id| state.customer(id));
    let intimate = session == ctx.session || ctx.person.is_operator();
    WhoisCard {
        channels: channels(state, ctx, session, person),
        away: person.away.clone().filter(|_| row.away),
        row,
        since: person.since,
        secure: person.secure,
        modes: intimate.then(|| person.mode_line()),
        certificate: person.certificate.clone().filter(|_| intimate),
        card: customer.map(|c| for_staff(state, ctx, c)).unwrap_or_default(),
    }
}

/// A customer who is not connected but whose channel waits: staff see the card.
fn absent(state: &State, ctx: &Context, nick: &str) -> Option<WhoisCard> {
    if !matches!(Sight::of(state, ctx.person), Sight::Staff) {
        return None;
    }
    let (_, code) = nick.rsplit_once('-')?;
    let id = *state.codes.get(code.to_ascii_lowercase().as_str())?;
    let customer = state.customer(id).filter(|c| same(c.nick.as_str(), nick))?;
    let row = PersonRow {
        who: Arc::new(customer.source()),
        channel: None,
        rank: Rank::NONE,
        away: false,
        operator: false,
        address: Some(customer.address.clone()),
        idle: Duration::ZERO,
    };
    Some(WhoisCard {
        row,
        channels: vec![(Rank::NONE, customer.channel.clone())],
        away: None,
        since: customer.created,
        secure: false,
        modes: None,
        certificate: None,
        card: for_staff(state, ctx, customer),
    })
}

fn for_staff(state: &State, ctx: &Context, customer: &Customer) -> Vec<Text> {
    match Sight::of(state, ctx.person) {
        Sight::Staff => vec![Text::Card(Box::new(card::facts(state, ctx.now, customer)))],
        Sight::Customer(_) | Sight::Member => Vec::new(),
    }
}

/// The channels of a person that the asker may know.
fn channels(
    state: &State,
    ctx: &Context,
    session: SessionId,
    person: &Person,
) -> Vec<(Rank, ChannelName)> {
    let mut known = Vec::new();
    for key in &person.rooms {
        let Some(room) = state.room(key) else { continue };
        if sees_channel(state, ctx.session, key) && shows_in_room(state, ctx.session, room, session)
        {
            let rank = room.members.get(&session).copied().unwrap_or_default();
            known.push((rank, room.name.clone()));
        }
    }
    for id in person.lounges.iter().chain(&person.customer) {
        let Some(customer) = state.customer(*id) else { continue };
        if sees_in_lounge(state, ctx.session, customer, session) {
            let rank = if person.customer.is_some() { Rank::NONE } else { Rank::OP };
            known.push((rank, customer.channel.clone()));
        }
    }
    known
}
