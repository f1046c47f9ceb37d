//! Questions that change nothing. Every answer passes `visible`, and nothing here looks past it.

pub mod card;
mod list;
pub mod names;
pub mod people;
pub mod visible;
mod who;
mod whois;

use super::change::{Plan, Step};
use super::context::Context;
use super::language::command::Question;
use super::language::notice::{Member, Reply};
use super::language::refusal::Refusal;
use super::rooms;
use super::state::State;
use super::state::rooms::Room;
use super::{operators, presence};
use crate::base::limits::ROWS;
use crate::base::text::ChannelName;
use visible::{Sight, lookup, sees_channel};

/// Answers a question, as far as the asker may know.
pub fn answer(state: &State, ctx: &Context, question: &Question) -> Result<Plan, Refusal> {
    let reply = match question {
        Question::Names(channel) => Reply::Names {
            channel: channel.shared(),
            members: members(state, ctx, channel),
            kind: kind(state, ctx, channel),
            on_join: false,
        },
        Question::AllNames => Reply::AllNames(all_names(state, ctx)),
        Question::Invitations => Reply::Invitations(invitations(state, ctx)),
        Question::Who { mask, operators } => who::answer(state, ctx, mask, *operators),
        Question::Whois(nick) => whois::answer(state, ctx, nick, Some(nick)),
        Question::WhoisOf { at, nicks, asked } => {
            let at = at.as_ref();
            if let Some(at) = at.filter(|at| lookup(state, ctx.session, at.as_str()).is_none()) {
                return Err(Refusal::NoSuchServer(at.shared()));
            }
            let last = nicks.len().saturating_sub(1);
            let each = nicks.iter().enumerate();
            let replies =
                each.map(|(i, nick)| whois::answer(state, ctx, nick, (i == last).then_some(asked)));
            return Ok(replies.map(|reply| Step::Reply(ctx.session, reply)).collect());
        }
        Question::Whowas { nick, count } => people::whowas(state, ctx, nick, *count),
        Question::List(filter) => list::answer(state, ctx, filter),
        Question::Ison(nicks) => people::ison(state, ctx, nicks),
        Question::Userhost(nicks) => people::userhost(state, ctx, nicks),
        Question::Lusers => Reply::Lusers(people::counts(state, ctx.person)),
        Question::Stats(letter) => operators::stats(state, ctx, *letter),
        Question::Monitor(change) => return presence::monitor(state, ctx, change),
    };
    Ok(vec![Step::Reply(ctx.session, reply)])
}

fn members(state: &State, ctx: &Context, channel: &ChannelName) -> Vec<Member> {
    let key = channel.folded();
    match (state.lounge(&key), state.room(&key)) {
        (Some(customer), _) => names::of_lounge(state, ctx.session, customer),
        (None, Some(room)) => rooms::names::of_room(state, ctx.session, room),
        (None, None) => Vec::new(),
    }
}

/// A customer's channel is nobody else's, and so is one that does not exist.
fn kind(state: &State, ctx: &Context, channel: &ChannelName) -> char {
    let key = channel.folded();
    let seen = visible::sees_channel(state, ctx.session, &key);
    state.room(&key).filter(|_| seen).map_or('@', Room::kind)
}

/// Every room that the asker may see, with its members; for a customer none.
fn all_names(state: &State, ctx: &Context) -> Vec<(ChannelName, char, Vec<Member>)> {
    if matches!(Sight::of(state, ctx.person), Sight::Customer(_)) {
        return Vec::new();
    }
    let seen = state.rooms.iter().filter(|(key, _)| sees_channel(state, ctx.session, key));
    let named = seen.map(|(_, room)| {
        let members = rooms::names::of_room(state, ctx.session, room);
        (room.name.clone(), room.kind(), members)
    });
    named.filter(|(_, _, members)| !members.is_empty()).take(ROWS).collect()
}

/// The channels that the asker is invited to and that are still there.
fn invitations(state: &State, ctx: &Context) -> Vec<ChannelName> {
    let live = ctx.person.invited.iter().filter(|(key, i)| state.since(key) == Some(i.to));
    let named = live.filter_map(|(key, _)| {
        let lounge = state.lounge(key).map(|customer| customer.channel.clone());
        lounge.or_else(|| state.room(key).map(|room| room.name.clone()))
    });
    named.collect()
}
