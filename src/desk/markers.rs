//! MARKREAD: up to when somebody has read a channel or a person. It is a note to oneself, so that any
//! name will do, and none tells whether it is anybody's.

use super::change::{Live, Plan, Step};
use super::context::Context;
use super::language::fact::Fact;
use super::language::notice::Reply;
use super::language::people::Actor;
use super::language::refusal::{PastRefusal, Refusal};
use super::state::State;
use crate::base::ids::SessionId;
use crate::base::limits::READ_MARKERS;
use crate::base::text::{Folded, Line};
use crate::base::time::Timestamp;
use std::sync::Arc;

/// Sets a marker, or tells it when there is no moment or an older one.
pub(super) fn mark(
    state: &State,
    ctx: &Context,
    target: &Line,
    until: Option<Timestamp>,
) -> Result<Plan, Refusal> {
    let markers = state.markers_of(&state.reader(ctx.session, ctx.person));
    let known = markers.and_then(|m| m.get(&Folded::of(target.as_str()))).copied();
    let until = until.map(|until| until.min(ctx.now));
    let Some(until) = until.filter(|until| known.is_none_or(|known| known < *until)) else {
        let reply = Reply::ReadUntil { target: target.shared(), until: known };
        return Ok(vec![Step::Reply(ctx.session, reply)]);
    };
    if known.is_none() && markers.is_some_and(|m| m.len() >= READ_MARKERS) {
        return Err(Refusal::Past(PastRefusal::TooManyMarkers(target.shared())));
    }
    Ok(vec![match ctx.account() {
        Some(account) => {
            let actor = Actor::Staff(account.clone());
            Step::Fact(actor, Fact::MarkedRead { until }, vec![target.clone()])
        }
        None => Step::Live(Live::MarkedRead(ctx.session, target.clone(), until)),
    }])
}

/// What somebody who joins a channel is told before its names.
pub(super) fn on_join(state: &State, session: SessionId, channel: Arc<str>) -> Option<Reply> {
    let person = state.person(session)?;
    let markers = state.markers_of(&state.reader(session, person));
    let until = markers.and_then(|m| m.get(&Folded::of(&channel))).copied();
    Some(Reply::ReadUntil { target: channel, until })
}
