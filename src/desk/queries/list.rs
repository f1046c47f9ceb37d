//! LIST: the channels that the asker may know, filtered. Source: Modern IRC, ELIST `CMNTU`.

use super::visible::{Sight, sees_channel};
use super::{card, names};
use crate::base::casemap::mask_matches;
use crate::base::limits::ROWS;
use crate::base::text::{Folded, Line};
use crate::base::time::Timestamp;
use crate::desk::context::Context;
use crate::desk::language::command::ListFilter;
use crate::desk::language::notice::{ChannelRow, Reply};
use crate::desk::rooms;
use crate::desk::state::State;
use crate::desk::state::people::Customer;
use crate::desk::state::rooms::Room;
use std::collections::BTreeSet;

/// A row with what the filter asks about.
struct Candidate {
    row: ChannelRow,
    created: Timestamp,
    topic_set: Option<Timestamp>,
}

/// LIST: what waits and what is open first, then rooms.
pub(super) fn answer(state: &State, ctx: &Context, filter: &ListFilter) -> Reply {
    let rows: Vec<ChannelRow> = if filter.channels.is_empty() {
        let lounges = lounges(state, ctx).map(|c| of_lounge(state, ctx, c));
        let rooms = state
            .rooms
            .iter()
            .filter(|(key, _)| sees_channel(state, ctx.session, key))
            .map(|(_, room)| of_room(state, ctx, room));
        kept(lounges.chain(rooms), filter)
    } else {
        let named: BTreeSet<Folded> =
            filter.channels.iter().map(|name| Folded::of(name.as_str())).collect();
        let known = named.iter().filter(|key| sees_channel(state, ctx.session, key));
        let found = known.filter_map(|key| match (state.lounge(key), state.room(key)) {
            (Some(customer), _) => Some(of_lounge(state, ctx, customer)),
            (None, Some(room)) => Some(of_room(state, ctx, room)),
            (None, None) => None,
        });
        kept(found, filter)
    };
    Reply::List(rows)
}

fn kept(candidates: impl Iterator<Item = Candidate>, filter: &ListFilter) -> Vec<ChannelRow> {
    candidates.filter(|c| passes(filter, c)).map(|c| c.row).take(ROWS).collect()
}

/// The customers' channels that a LIST of all shows: to staff those with a live conversation, to a
/// customer their own.
fn lounges<'a>(state: &'a State, ctx: &Context) -> Box<dyn Iterator<Item = &'a Customer> + 'a> {
    match Sight::of(state, ctx.person) {
        Sight::Customer(own) => Box::new(own.into_iter()),
        Sight::Member => Box::new(std::iter::empty()),
        Sight::Staff => Box::new(state.conversations().filter_map(|c| state.customer(c.customer))),
    }
}

fn of_lounge(state: &State, ctx: &Context, customer: &Customer) -> Candidate {
    let row = ChannelRow {
        channel: customer.channel.clone(),
        members: names::of_lounge(state, ctx.session, customer).len(),
        topic: card::topic(state, ctx.now, ctx.person, customer),
    };
    Candidate { row, created: customer.created, topic_set: Some(customer.created) }
}

fn of_room(state: &State, ctx: &Context, room: &Room) -> Candidate {
    let topic = rooms::topic::of(state, ctx.now, room);
    let topic_set = topic.as_ref().map(|(_, _, at)| *at);
    let row = ChannelRow {
        channel: room.name.clone(),
        members: room.members.len(),
        topic: topic.map_or_else(|| Line::scrubbed(""), |(text, _, _)| text),
    };
    Candidate { row, created: room.made, topic_set }
}

fn passes(filter: &ListFilter, candidate: &Candidate) -> bool {
    let name = candidate.row.channel.as_str();
    let hits = |mask: &Line| mask_matches(mask.as_str(), name);
    let topic = |wanted: Option<Timestamp>, holds: fn(Timestamp, Timestamp) -> bool| match wanted {
        None => true,
        Some(wanted) => candidate.topic_set.is_some_and(|at| holds(at, wanted)),
    };
    (filter.masks.is_empty() || filter.masks.iter().any(hits))
        && !filter.not_masks.iter().any(hits)
        && filter.members_above.is_none_or(|n| candidate.row.members > n)
        && filter.members_below.is_none_or(|n| candidate.row.members < n)
        && filter.created_before.is_none_or(|at| candidate.created < at)
        && filter.created_after.is_none_or(|at| candidate.created > at)
        && topic(filter.topic_before, |at, wanted| at < wanted)
        && topic(filter.topic_after, |at, wanted| at > wanted)
}
