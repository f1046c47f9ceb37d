//! RENAME of a room. Source: IRCv3 channel-rename. Departments' and customers' channels keep theirs.

use super::{authority, cut, find, is_kept_for_customers, rank_in};
use crate::base::limits::KICKLEN;
use crate::base::text::{ChannelName, Line};
use crate::desk::change::{Live, Plan, RoomChange, Step};
use crate::desk::context::Context;
use crate::desk::language::people::Rank;
use crate::desk::language::refusal::Refusal;
use crate::desk::state::State;

/// Gives a room another name; everything else of it stays.
pub fn rename(
    state: &State,
    ctx: &Context,
    channel: &ChannelName,
    to: &ChannelName,
    reason: Option<&Line>,
) -> Result<Plan, Refusal> {
    let room = find(state, ctx, channel)?;
    if !authority(ctx, room).reaches(Rank::OP) {
        rank_in(ctx, room)?;
        return Err(Refusal::NotOperator(room.name.shared()));
    }
    if room.department.is_some() || is_kept_for_customers(state, to) {
        return Err(Refusal::CannotRename(room.name.clone(), to.clone()));
    }
    if channel.folded() != to.folded() && state.room(&to.folded()).is_some() {
        return Err(Refusal::NameInUse(room.name.clone(), to.clone()));
    }
    if room.name.as_str() == to.as_str() {
        return Ok(Plan::new());
    }
    let reason = reason.map(|text| cut(text, KICKLEN));
    let (by, from) = (ctx.person.source.clone(), room.name.clone());
    let renamed = RoomChange::Renamed { by, from, to: to.clone(), reason };
    Ok(vec![Step::Live(Live::Room(channel.folded(), renamed))])
}
