//! PART of a room.

use super::{cut, find, rank_in};
use crate::base::limits::KICKLEN;
use crate::base::text::{ChannelName, Line};
use crate::desk::change::{Live, Plan, RoomChange, Step};
use crate::desk::context::Context;
use crate::desk::language::refusal::Refusal;
use crate::desk::state::State;

/// Leaves a room.
pub fn part(
    state: &State,
    ctx: &Context,
    channel: &ChannelName,
    reason: Option<&Line>,
) -> Result<Plan, Refusal> {
    let room = find(state, ctx, channel)?;
    rank_in(ctx, room)?;
    let reason = reason.map(|text| cut(text, KICKLEN));
    let parted = RoomChange::Parted(ctx.session, reason);
    Ok(vec![Step::Live(Live::Room(channel.folded(), parted))])
}
