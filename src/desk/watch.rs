//! Watching unseen, and stepping in (facts/livechat.md 4.5).

use super::assign::{account, enter, help, lounge, meant, no};
use super::change::{Live, Plan, Step};
use super::context::Context;
use super::language::fact::Fact;
use super::language::refusal::{DeskRefusal, Refusal};
use super::language::text::Text;
use super::state::State;
use super::state::people::Standing;
use crate::base::text::ChannelName;

/// WATCH: an ordinary channel to the watcher, nothing to anybody else; the journal knows.
pub(super) fn watch(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<Plan, Refusal> {
    let (customer, conversation) = meant(state, ctx, channel)?;
    let me = account(ctx)?;
    if customer.standing(ctx.session).is_some() {
        return no(DeskRefusal::AlreadyIn(customer.channel.clone()));
    }
    let mut plan = Plan::new();
    if !conversation.watchers.contains(me) {
        let fact = Fact::WatchBegan { conversation: conversation.id, watcher: me.clone() };
        plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
    }
    plan.extend(enter(customer, ctx, Standing::Watcher));
    plan.push(Step::Tell(ctx.session, Text::YouWatch(customer.channel.clone())));
    Ok(plan)
}

/// UNWATCH.
pub(super) fn unwatch(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<Plan, Refusal> {
    let watched = match channel {
        Some(channel) => Some(lounge(state, channel)?),
        None => ctx
            .person
            .lounges
            .iter()
            .filter_map(|id| state.customer(*id))
            .find(|c| c.standing(ctx.session) == Some(Standing::Watcher)),
    };
    let Some(customer) = watched else { return no(DeskRefusal::NoConversation) };
    let me = account(ctx)?;
    if customer.standing(ctx.session) != Some(Standing::Watcher) {
        return no(DeskRefusal::WatchState(customer.channel.clone()));
    }
    let mut plan = vec![Step::Live(Live::StaffOut {
        customer: customer.id,
        session: ctx.session,
        reason: None,
        quiet: false,
    })];
    if let Some(conversation) = state.live(customer)
        && state.seats_of(customer, me).filter(|(_, s)| *s == Standing::Watcher).count() == 1
    {
        let fact = Fact::WatchEnded { conversation: conversation.id, watcher: me.clone() };
        plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
    }
    plan.push(Step::Tell(ctx.session, Text::WatchOver(customer.channel.clone())));
    Ok(plan)
}

/// BARGE: visible from now on, and may speak.
pub(super) fn barge(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<Plan, Refusal> {
    let watched = || {
        let mut watched = ctx
            .person
            .lounges
            .iter()
            .filter_map(|id| state.customer(*id))
            .filter(|c| c.standing(ctx.session) == Some(Standing::Watcher));
        watched.next().map(|c| c.channel.clone())
    };
    let channel = channel.cloned().or_else(watched);
    let (customer, conversation) = meant(state, ctx, channel.as_ref())?;
    let me = account(ctx)?;
    if customer.standing(ctx.session) == Some(Standing::Member) {
        return no(DeskRefusal::AlreadyIn(customer.channel.clone()));
    }
    let mut plan = Plan::new();
    if conversation.watchers.contains(me) {
        let fact = Fact::WatchEnded { conversation: conversation.id, watcher: me.clone() };
        plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
    }
    plan.extend(help(customer, conversation, ctx, me, true));
    Ok(plan)
}
