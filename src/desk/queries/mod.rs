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
use super::{operators, presence};
use crate::base::text::ChannelName;

/// Answers a question, as far as the asker may know.
pub fn answer(state: &State, ctx: &Context, question: &Question) -> Result<Plan, Refusal> {
    let reply = match question {
        Question::Names(channel) => Reply::Names {
            channel: channel.shared(),
            members: members(state, ctx, channel),
            on_join: false,
        },
        Question::Who { mask, operators } => who::answer(state, ctx, mask, *operators),
        Question::Whois(nick) => whois::answer(state, ctx, nick),
        Question::Whowas(nick) => people::whowas(state, ctx, nick),
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
