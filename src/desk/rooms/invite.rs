//! INVITE to a room.

use super::{find, governs, rank_in};
use crate::base::text::{ChannelName, Folded};
use crate::desk::change::{Live, Plan, Step};
use crate::desk::context::Context;
use crate::desk::language::notice::Reply;
use crate::desk::language::refusal::Refusal;
use crate::desk::queries::visible::lookup;
use crate::desk::state::State;

/// Invites a person to a room that the asker is in. Customers cannot be: rooms are not for them.
pub fn invite(
    state: &State,
    ctx: &Context,
    nick: &Folded,
    channel: &ChannelName,
) -> Result<Plan, Refusal> {
    let room = find(state, ctx, channel)?;
    rank_in(ctx, room)?;
    let Some((session, person)) = lookup(state, ctx.session, nick.as_str()) else {
        return Err(Refusal::NoSuchNick(nick.as_str().into()));
    };
    if person.customer.is_some() {
        return Err(Refusal::NotPermitted);
    }
    let target = person.nick().clone();
    if room.members.contains_key(&session) {
        return Err(Refusal::UserOnChannel(target.shared(), room.name.shared()));
    }
    // A department's room is shut to all but its people, so letting somebody in takes rank too.
    let shut = room.flags.contains(&'i') || room.department.is_some();
    if shut && !governs(ctx, room) {
        return Err(Refusal::NotOperator(room.name.shared()));
    }
    let mut plan = vec![
        Step::Live(Live::Invited(session, channel.folded(), governs(ctx, room))),
        Step::Reply(ctx.session, Reply::Inviting(target.clone(), room.name.clone())),
    ];
    if let Some(text) = &person.away {
        plan.push(Step::Reply(ctx.session, Reply::PeerAway(target, text.clone())));
    }
    Ok(plan)
}
