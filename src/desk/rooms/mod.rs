//! Staff channels, and ordinary channels where guests are members: IRC's own verbs, a file each.
//! Nothing here knows a customer's channel; for a customer nothing here exists.

pub mod bans;
pub mod invite;
pub mod join;
pub mod kick;
pub mod modes;
pub mod names;
pub mod part;
pub mod talk;
#[cfg(test)]
mod tests;
pub mod topic;

use super::context::Context;
use super::language::people::{Rank, Role};
use super::language::refusal::Refusal;
use super::queries::visible::sees_channel;
use super::state::State;
use super::state::rooms::Room;
use crate::base::text::{ChannelName, Line, truncate};

/// The room of that name, if it exists for the asker; unknown and hidden ones are refused alike.
fn find<'a>(state: &'a State, ctx: &Context, channel: &ChannelName) -> Result<&'a Room, Refusal> {
    let key = channel.folded();
    state
        .room(&key)
        .filter(|_| sees_channel(state, ctx.session, &key))
        .ok_or_else(|| Refusal::NoSuchChannel(channel.shared()))
}

/// The asker's rank in a room they are in.
fn rank_in(ctx: &Context, room: &Room) -> Result<Rank, Refusal> {
    let rank = room.members.get(&ctx.session).copied();
    rank.ok_or_else(|| Refusal::NotOnChannel(room.name.shared()))
}

/// True when the asker may do what operators of this room may. Admins may everywhere, so that a
/// room whose last operator left is not lost.
fn governs(ctx: &Context, room: &Room) -> bool {
    room.members.get(&ctx.session).is_some_and(|rank| rank.op)
        || ctx.person.is_staff() && ctx.person.role == Role::Admin
}

/// The line cut to `max` bytes, between characters.
pub(super) fn cut(line: &Line, max: usize) -> Line {
    if line.as_str().len() <= max {
        return line.clone();
    }
    Line::scrubbed(truncate(line.as_str(), max))
}
