//! Steps and refusals that several verbs share. A verb never calls another verb; what two of them
//! would both do is here, and knows no verb.

use super::change::{Live, Plan, Step};
use super::context::Context;
use super::language::fact::{Class, Ending, Fact, OfferOutcome, Reason};
use super::language::notice::Reply;
use super::language::people::Actor;
use super::language::refusal::{DeskRefusal, Refusal};
use super::language::text::Text;
use super::state::State;
use super::state::conversation::{Conversation, Status, Taker};
use super::state::people::{Customer, Standing};
use crate::base::ids::CustomerId;
use crate::base::limits::ROWS;
use crate::base::text::{AccountName, ChannelName, Line};
use crate::base::time::Timestamp;

/// Refusals of the desk, in short.
pub(super) fn no<T>(refusal: DeskRefusal) -> Result<T, Refusal> {
    Err(Refusal::Desk(refusal))
}

/// The asker's account; only staff have conversations.
pub(super) fn account<'a>(ctx: &Context<'a>) -> Result<&'a AccountName, Refusal> {
    ctx.account().ok_or(Refusal::NotPermitted)
}

/// The customer whose channel is meant, or the very answer that an unknown channel gets.
pub(super) fn lounge<'a>(state: &'a State, channel: &ChannelName) -> Result<&'a Customer, Refusal> {
    state.lounge(&channel.folded()).ok_or_else(|| Refusal::NoSuchChannel(channel.shared()))
}

/// The conversation a desk command is about: the channel named, else the only one the asker has.
pub(super) fn meant<'a>(
    state: &'a State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<(&'a Customer, &'a Conversation), Refusal> {
    if let Some(channel) = channel {
        let customer = lounge(state, channel)?;
        let live = state.live(customer);
        return match live {
            Some(conversation) => Ok((customer, conversation)),
            None => no(DeskRefusal::NotLive(customer.channel.clone())),
        };
    }
    let account = account(ctx)?;
    let mut own = state.conversations().filter(|c| involves(c, account));
    match (own.next(), own.next()) {
        (Some(conversation), None) => match state.customer(conversation.customer) {
            Some(customer) => Ok((customer, conversation)),
            None => no(DeskRefusal::NoConversation),
        },
        _ => no(DeskRefusal::NoConversation),
    }
}

fn involves(conversation: &Conversation, account: &AccountName) -> bool {
    conversation.owner() == Some(account)
        || matches!(&conversation.status, Status::Offered { to, .. } if to == account)
        || matches!(&conversation.status, Status::Bot { bot } if bot == account)
        || conversation.transfer.as_ref().is_some_and(|t| t.to == Taker::Agent(account.clone()))
}

/// Refuses what would take an agent over their capacity (in halves of a conversation).
pub(super) fn capacity(state: &State, who: &AccountName, more: u32) -> Result<(), Refusal> {
    match state.over_capacity(who, more) {
        Some((load, limit)) => no(DeskRefusal::OverCapacity { who: who.clone(), load, limit }),
        None => Ok(()),
    }
}

/// A step that puts a conversation (back) in its queue at its own place, before those that came
/// later; those whose help was broken off go before all (facts/livechat.md 4.2).
pub(super) fn requeue(conversation: &Conversation, actor: Actor, reason: Reason) -> Step {
    let class = match reason {
        Reason::OwnerLeft
        | Reason::OwnerLost
        | Reason::OwnerSilent
        | Reason::Released
        | Reason::Transferred => Class::Returned,
        Reason::FirstLine
        | Reason::AskedFor
        | Reason::OfferEnded
        | Reason::BotHandedOver
        | Reason::BotSilent
        | Reason::BotLost
        | Reason::AskedForPerson
        | Reason::Spoke
        | Reason::Asked
        | Reason::UrgencyChanged
        | Reason::AllDeclined => {
            if conversation.class == Class::Returned {
                Class::Returned
            } else if conversation.urgent {
                Class::Urgent
            } else {
                Class::Normal
            }
        }
    };
    let fact = Fact::Queued {
        conversation: conversation.id,
        department: conversation.department.clone(),
        class,
        place: conversation.place,
        reason,
    };
    Step::Fact(actor, fact, Vec::new())
}

/// Enters the asker's session into the channel, unless it stands there so already.
pub(super) fn enter(customer: &Customer, ctx: &Context, standing: Standing) -> Option<Step> {
    let there = customer.standing(ctx.session) == Some(standing);
    (!there).then_some(Step::Live(Live::StaffIn(customer.id, ctx.session, standing)))
}

/// Removes every seat of an account from a channel.
pub(super) fn oust(state: &State, customer: &Customer, who: &AccountName, why: &str) -> Plan {
    let id = customer.id;
    state
        .seats_of(customer, who)
        .map(|(session, _)| {
            let reason = Some(Line::scrubbed(why));
            Step::Live(Live::StaffOut { customer: id, session, reason, quiet: false })
        })
        .collect()
}

/// Takes an account's backstage seats away: the warm transfer it was there for is over.
pub(super) fn leave_backstage(state: &State, customer: &Customer, who: &AccountName) -> Plan {
    let id = customer.id;
    state
        .seats_of(customer, who)
        .filter(|(_, standing)| *standing == Standing::Backstage)
        .map(|(session, _)| {
            let reason = Some(Line::scrubbed("the transfer is over"));
            Step::Live(Live::StaffOut { customer: id, session, reason, quiet: false })
        })
        .collect()
}

/// Ends a pending transfer, if there is one; a taker who stood beside the giver leaves.
pub(super) fn end_transfer(
    state: &State,
    conversation: &Conversation,
    outcome: OfferOutcome,
) -> Plan {
    let Some(transfer) = &conversation.transfer else { return Plan::new() };
    let to = match &transfer.to {
        Taker::Agent(to) => Some(to.clone()),
        Taker::Department(_) => None,
    };
    let fact = Fact::OfferEnded { conversation: conversation.id, to: to.clone(), outcome };
    let mut plan = vec![Step::Fact(Actor::Desk, fact, Vec::new())];
    if let (Some(to), Some(customer)) = (to, state.customer(conversation.customer)) {
        plan.extend(leave_backstage(state, customer, &to));
    }
    plan
}

/// Ends a conversation: into wrap-up where an agent had it and wrap-up is on, else sealed at once.
pub(super) fn end(
    state: &State,
    now: Timestamp,
    conversation: &Conversation,
    (actor, reason, words): (Actor, Ending, Vec<Line>),
) -> Plan {
    let id = conversation.id;
    let mut plan = end_transfer(state, conversation, OfferOutcome::Ended);
    if let Status::Offered { to, .. } = &conversation.status {
        let (to, outcome) = (Some(to.clone()), OfferOutcome::Ended);
        plan.push(Step::Fact(
            Actor::Desk,
            Fact::OfferEnded { conversation: id, to, outcome },
            Vec::new(),
        ));
    }
    let span = state.settings.wrapup;
    let wraps = matches!(conversation.status, Status::Owned { .. }) && !span.is_zero();
    if wraps {
        let fact = Fact::WrappingUp { conversation: id, deadline: now + span, reason };
        plan.push(Step::Fact(actor, fact, words));
    } else {
        let reason = match &conversation.status {
            Status::Wrapup { reason, .. } => *reason,
            _ => reason,
        };
        plan.push(Step::Fact(actor, Fact::Closed { conversation: id, reason }, words));
    }
    plan
}

/// A customer has no connection any more; a known one's seat is held.
pub(super) fn absent(state: &State, now: Timestamp, id: CustomerId) -> Plan {
    let mut plan = Plan::new();
    if let Some(customer) = state.customer(id).filter(|c| c.known) {
        let settings = &state.settings;
        let fact = Fact::CustomerLost {
            customer: customer.id,
            seat_until: now + settings.seat,
            resumable_until: now + settings.resumable.max(settings.seat),
            seen: state.counters().seq,
        };
        plan.push(Step::Fact(Actor::Customer(id), fact, Vec::new()));
    }
    plan.push(Step::Live(Live::Unseated(id)));
    plan
}

/// Rows under a heading, or that there are none.
pub(super) fn listing(ctx: &Context, what: &'static str, mut rows: Vec<Text>) -> Step {
    if rows.is_empty() {
        return Step::Reply(ctx.session, Reply::Done(Text::NothingThere(what)));
    }
    let count = rows.len();
    rows.truncate(ROWS);
    rows.insert(0, Text::Heading(what, count));
    Step::Reply(ctx.session, Reply::Listing(rows))
}

/// What a listing is answered with when there is nothing in it.
pub(super) fn nothing(ctx: &Context, what: &'static str) -> Step {
    Step::Reply(ctx.session, Reply::Done(Text::NothingThere(what)))
}
