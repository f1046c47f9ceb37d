//! JOIN of a room: enter it, or make it.

use super::bans::{banned, listed};
use super::is_kept_for_customers;
use crate::base::ids::SessionId;
use crate::base::limits::{CHANLIMIT, ROOMS};
use crate::base::text::{ChannelName, Line};
use crate::desk::change::{Live, Plan, RoomChange, Step};
use crate::desk::context::Context;
use crate::desk::language::people::{Department, Rank, Role};
use crate::desk::language::refusal::{CannotJoin, Refusal};
use crate::desk::queries::visible::Sight;
use crate::desk::state::State;
use crate::desk::state::people::Person;
use crate::desk::state::rooms::Room;

/// Enters a room, making it with the asker as operator when there is none of that name.
pub fn join(
    state: &State,
    ctx: &Context,
    channel: &ChannelName,
    key: Option<&Line>,
) -> Result<Plan, Refusal> {
    if let Sight::Customer(own) = Sight::of(state, ctx.person) {
        return Err(match own {
            Some(own) => Refusal::Forwarded(channel.clone(), own.channel.clone()),
            None => Refusal::NoSuchChannel(channel.shared()),
        });
    }
    let name = channel.folded();
    let existing = state.room(&name);
    if existing.is_some_and(|room| room.members.contains_key(&ctx.session)) {
        return Ok(Vec::new());
    }
    if ctx.person.rooms.len() + ctx.person.lounges.len() >= CHANLIMIT {
        return Err(Refusal::TooManyChannels(channel.clone()));
    }
    let enter = |rank| Step::Live(Live::Room(name.clone(), RoomChange::Joined(ctx.session, rank)));
    if let Some(room) = existing {
        may_enter(state, ctx, room, key)
            .map_err(|why| Refusal::CannotJoin(room.name.clone(), why))?;
        return Ok(vec![enter(rank_of(ctx.person, room.department.as_ref()))]);
    }
    if is_kept_for_customers(state, channel) {
        return Err(Refusal::NoSuchChannel(channel.shared()));
    }
    if state.rooms.len() >= ROOMS {
        return Err(Refusal::TooManyChannels(channel.clone()));
    }
    let created = RoomChange::Created(channel.clone(), None);
    Ok(vec![
        Step::Live(Live::Room(name.clone(), created)),
        enter(state.settings.prefixes.creator()),
    ])
}

/// Brings a session of staff into its department's room, as the server does on sign-in.
pub fn auto(state: &State, session: SessionId, department: &Department) -> Plan {
    let key = department.channel().folded();
    let (Some(person), Some(room)) = (state.person(session), state.room(&key)) else {
        return Vec::new();
    };
    if room.members.contains_key(&session) {
        return Vec::new();
    }
    let joined = RoomChange::Joined(session, rank_of(person, Some(department)));
    vec![Step::Live(Live::Room(key, joined))]
}

fn rank_of(person: &Person, department: Option<&Department>) -> Rank {
    let leads = person.is_staff() && person.role >= Role::Supervisor;
    if department.is_some() && leads { Rank::OP } else { Rank::NONE }
}

fn may_enter(
    state: &State,
    ctx: &Context,
    room: &Room,
    key: Option<&Line>,
) -> Result<(), CannotJoin> {
    let invited = ctx.person.invited.get(&room.name.folded());
    if invited.is_some_and(|invitation| invitation.admits && invitation.to == room.made) {
        return Ok(());
    }
    let account = ctx.person.account();
    if let Some(department) = &room.department {
        let entitled = account
            .filter(|_| ctx.person.is_staff())
            .is_some_and(|a| ctx.person.role >= Role::Supervisor || state.serves(a, department));
        return if entitled { Ok(()) } else { Err(CannotJoin::InviteOnly) };
    }
    if banned(room, ctx.person) {
        return Err(CannotJoin::Banned);
    }
    if room.flags.contains(&'i') && !listed(room, 'I', ctx.person) {
        return Err(CannotJoin::InviteOnly);
    }
    if room.flags.contains(&'R') && account.is_none() && !listed(room, 'I', ctx.person) {
        return Err(CannotJoin::NeedsAccount);
    }
    if room.key.is_some() && room.key.as_ref() != key {
        return Err(CannotJoin::BadKey);
    }
    if room.limit.is_some_and(|limit| room.members.len() >= limit) {
        return Err(CannotJoin::Full);
    }
    Ok(())
}
