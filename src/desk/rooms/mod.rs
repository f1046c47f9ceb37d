//! Staff channels, and ordinary channels where guests are members: IRC's own verbs, a file each.
//! Nothing here knows a customer's channel; for a customer nothing here exists.

pub mod bans;
pub mod invite;
pub mod join;
pub mod kick;
pub mod modes;
pub mod names;
pub mod part;
pub mod rename;
pub mod talk;
#[cfg(test)]
mod tests;
pub mod topic;

use super::context::Context;
use super::language::people::{Rank, Role};
use super::language::refusal::Refusal;
use super::queries::visible::sees_channel;
use super::settings::Guests;
use super::state::State;
use super::state::rooms::Room;
use crate::base::casemap::fold;
use crate::base::text::{ChannelName, Line, truncate};

/// What customers' channels begin with.
const LOUNGE_PREFIX: &str = "#c-";

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

/// The rank by which the asker acts. Admins have the highest everywhere, so that a room whose last
/// operator left is not lost.
fn authority(ctx: &Context, room: &Room) -> Rank {
    if ctx.person.is_staff() && ctx.person.role == Role::Admin {
        return Rank::FOUNDER;
    }
    room.rank(ctx.session).top()
}

/// True when the asker may do what half-operators of this room may.
pub(super) fn governs(ctx: &Context, room: &Room) -> bool {
    authority(ctx, room).reaches(Rank::HALF)
}

/// True when the asker may say of this room what it is.
pub(super) fn may_describe(ctx: &Context, room: &Room) -> bool {
    governs(ctx, room)
}

/// True when somebody of this authority may remove, or take a rank from, somebody of that rank:
/// half-operators only those below them, the others also their equals.
fn outranks(authority: Rank, theirs: Rank) -> bool {
    if authority.reaches(Rank::OP) {
        authority.top() >= theirs.top()
    } else {
        authority.reaches(Rank::HALF) && !theirs.reaches(Rank::HALF)
    }
}

/// True for names that only customers' channels may have: a mistyped one would else make a room.
fn is_kept_for_customers(state: &State, channel: &ChannelName) -> bool {
    state.lounge(&channel.folded()).is_some()
        || state.settings.guests != Guests::Member
            && fold(channel.as_str()).starts_with(LOUNGE_PREFIX)
}

/// The line cut to `max` bytes, between characters.
pub(super) fn cut(line: &Line, max: usize) -> Line {
    if line.as_str().len() <= max {
        return line.clone();
    }
    Line::scrubbed(truncate(line.as_str(), max))
}
