//! KICK from a room.

use super::{authority, cut, find, governs, outranks, rank_in};
use crate::base::limits::KICKLEN;
use crate::base::text::{ChannelName, Folded, Line};
use crate::desk::change::{Live, Plan, RoomChange, Step};
use crate::desk::context::Context;
use crate::desk::language::refusal::Refusal;
use crate::desk::queries::visible::lookup;
use crate::desk::state::State;

/// Removes a person from a room; without a reason the remover's nick stands for one.
pub fn kick(
    state: &State,
    ctx: &Context,
    channel: &ChannelName,
    nick: &Folded,
    reason: Option<&Line>,
) -> Result<Plan, Refusal> {
    let room = find(state, ctx, channel)?;
    if !governs(ctx, room) {
        rank_in(ctx, room)?;
        return Err(Refusal::NotOperator(room.name.shared()));
    }
    let target = lookup(state, ctx.session, nick.as_str()).map(|(session, _)| session);
    let Some(session) = target.filter(|s| room.members.contains_key(s)) else {
        let nick = nick.as_str().into();
        return Err(Refusal::UserNotInChannel(nick, room.name.shared()));
    };
    if session != ctx.session && !outranks(authority(ctx, room), room.rank(session)) {
        return Err(Refusal::NotOperator(room.name.shared()));
    }
    let by = ctx.person.source.clone();
    let reason = match reason.filter(|text| !text.as_str().is_empty()) {
        Some(text) => cut(text, KICKLEN),
        None => Line::scrubbed(by.nick.as_str()),
    };
    let kicked = RoomChange::Kicked { by, session, reason };
    Ok(vec![Step::Live(Live::Room(channel.folded(), kicked))])
}
