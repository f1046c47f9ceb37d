//! The course of a conversation once it is somebody's: hold, close, tags, urgency, rating.

use super::assign::{account, end_transfer, meant, no, oust, requeue};
use super::change::{Live, Plan, Step};
use super::context::Context;
use super::language::fact::{Ending, Fact, OfferOutcome, Reason};
use super::language::people::{Actor, Department, Role};
use super::language::refusal::{DeskRefusal, Refusal};
use super::language::text::Text;
use super::state::State;
use super::state::conversation::{Conversation, Status};
use super::state::people::{Customer, Person};
use crate::base::limits::{TAG_BYTES, TAGS};
use crate::base::text::{AccountName, ChannelName, Line};
use crate::base::time::Timestamp;
use std::time::Duration;

/// The conversation meant, if the asker may act on it as its owner (or by rank).
fn owned<'a>(
    state: &'a State,
    ctx: &Context<'a>,
    channel: Option<&ChannelName>,
) -> Result<(&'a Customer, &'a Conversation, &'a AccountName), Refusal> {
    let (customer, conversation) = meant(state, ctx, channel)?;
    let me = account(ctx)?;
    let Status::Owned { owner } = &conversation.status else {
        return no(DeskRefusal::NotOwner(customer.channel.clone()));
    };
    if owner != me && ctx.person.role < Role::Supervisor {
        return no(DeskRefusal::NotOwner(customer.channel.clone()));
    }
    Ok((customer, conversation, owner))
}

/// HOLD.
pub(super) fn hold(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
    (within, why): (Option<Duration>, Option<&Line>),
) -> Result<Plan, Refusal> {
    let (customer, conversation, _) = owned(state, ctx, channel)?;
    if conversation.hold.is_some() {
        return no(DeskRefusal::HoldState(customer.channel.clone()));
    }
    let settings = &state.settings;
    let span = within.unwrap_or(settings.hold);
    if span.is_zero() || (!settings.hold_max.is_zero() && span > settings.hold_max) {
        let most = settings.hold_max.as_secs() / 60;
        return no(DeskRefusal::OutOfRange("minutes", 1, most));
    }
    let fact = Fact::Held { conversation: conversation.id, until: ctx.now + span };
    Ok(vec![
        Step::Fact(ctx.actor(), fact, why.cloned().into_iter().collect()),
        Step::Tell(ctx.session, Text::HoldBegun(customer.channel.clone(), span)),
    ])
}

/// RESUME.
pub(super) fn resume(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<Plan, Refusal> {
    let (customer, conversation, _) = owned(state, ctx, channel)?;
    if conversation.hold.is_none() {
        return no(DeskRefusal::HoldState(customer.channel.clone()));
    }
    let fact = Fact::Unheld { conversation: conversation.id, reason: Reason::Asked };
    Ok(vec![
        Step::Fact(ctx.actor(), fact, Vec::new()),
        Step::Tell(ctx.session, Text::HoldEnded(customer.channel.clone())),
    ])
}

/// CLOSE, and KICK of the customer. What waits may be closed by whoever may take it.
pub(super) fn close(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
    why: Option<&Line>,
) -> Result<Plan, Refusal> {
    let (customer, conversation) = meant(state, ctx, channel)?;
    let me = account(ctx)?;
    let by_rank = ctx.person.role >= Role::Supervisor;
    let allowed = match &conversation.status {
        Status::Owned { owner } | Status::Wrapup { owner, .. } => owner == me || by_rank,
        Status::Queued => by_rank || customer.standing(ctx.session).is_some(),
        Status::Offered { .. } => by_rank,
        Status::Bot { bot } => bot == me || by_rank,
    };
    if !allowed {
        return no(DeskRefusal::NotOwner(customer.channel.clone()));
    }
    let words: Vec<Line> = why.cloned().into_iter().collect();
    let mut plan = end(state, ctx.now, conversation, (ctx.actor(), Ending::ByAgent, words));
    plan.push(Step::Tell(ctx.session, Text::YouClosed(customer.channel.clone(), conversation.id)));
    Ok(plan)
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

/// The customer says goodbye.
pub(super) fn customer_leaves(state: &State, now: Timestamp, conversation: &Conversation) -> Plan {
    let actor = Actor::Customer(conversation.customer);
    let reason = match &conversation.status {
        Status::Queued | Status::Offered { .. } => Ending::Abandoned,
        Status::Bot { .. } | Status::Owned { .. } => Ending::ByCustomer,
        Status::Wrapup { .. } => return Plan::new(),
    };
    // One that was being helped and fell back in line was answered: it is not abandoned unheard.
    let reason = match conversation.taken {
        Some(_) if reason == Ending::Abandoned => Ending::ByCustomer,
        _ => reason,
    };
    end(state, now, conversation, (actor, reason, Vec::new()))
}

/// TAG.
pub(super) fn tag(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
    changes: &[(bool, Line)],
) -> Result<Plan, Refusal> {
    let (customer, conversation) = meant(state, ctx, channel)?;
    account(ctx)?;
    let mut tags = conversation.tags.clone();
    let (mut added, mut removed) = (Vec::new(), Vec::new());
    for (add, tag) in changes {
        if tag.as_str().is_empty() || tag.as_str().len() > TAG_BYTES {
            return no(DeskRefusal::OutOfRange("bytes of a tag", 1, TAG_BYTES as u64));
        }
        match (add, tags.contains(tag)) {
            (true, false) => {
                tags.push(tag.clone());
                added.push(tag.clone());
            }
            (false, true) => {
                tags.retain(|t| t != tag);
                removed.push(tag.clone());
            }
            (true, true) | (false, false) => {}
        }
    }
    if tags.len() > TAGS {
        return no(DeskRefusal::TooMany("tags", TAGS));
    }
    let mut plan = Plan::new();
    if !(added.is_empty() && removed.is_empty()) {
        let fact = Fact::Tagged { conversation: conversation.id, added, removed };
        plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
    }
    plan.push(Step::Tell(ctx.session, Text::TagsAre(customer.channel.clone(), tags)));
    Ok(plan)
}

/// URGENT. What waits moves to its class.
pub(super) fn urgent(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
    urgent: bool,
) -> Result<Plan, Refusal> {
    let (customer, conversation) = meant(state, ctx, channel)?;
    account(ctx)?;
    let mut plan = Plan::new();
    if conversation.urgent != urgent {
        let fact = Fact::UrgencySet { conversation: conversation.id, urgent };
        plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
    } else {
        plan.push(Step::Tell(ctx.session, Text::MarkedUrgent(customer.channel.clone(), urgent)));
    }
    Ok(plan)
}

/// RATE, by the customer, once for each conversation.
pub(super) fn rate(
    state: &State,
    ctx: &Context,
    stars: u8,
    comment: Option<&Line>,
) -> Result<Plan, Refusal> {
    let Some(customer) = ctx.person.customer.and_then(|id| state.customer(id)) else {
        return Err(Refusal::NotPermitted);
    };
    if !(1..=5).contains(&stars) {
        return no(DeskRefusal::OutOfRange("stars", 1, 5));
    }
    let Some(id) = last(state, customer).filter(|_| customer.ratable) else {
        return no(DeskRefusal::NothingYet);
    };
    Ok(vec![
        Step::Fact(
            ctx.actor(),
            Fact::Rated { conversation: id, stars },
            comment.cloned().into_iter().collect(),
        ),
        Step::Tell(ctx.session, Text::RatingThanks),
    ])
}

/// The conversation that a rating or a mail is about: the one being written up, or the last.
fn last(state: &State, customer: &Customer) -> Option<crate::base::ids::ConversationId> {
    let wrapping = state.live(customer).filter(|c| matches!(c.status, Status::Wrapup { .. }));
    wrapping.map(|c| c.id).or(customer.last_conversation)
}

/// EMAIL, by the customer.
pub(super) fn email(state: &State, ctx: &Context, address: &Line) -> Result<Plan, Refusal> {
    let Some(customer) = ctx.person.customer.and_then(|id| state.customer(id)) else {
        return Err(Refusal::NotPermitted);
    };
    let Some(id) = last(state, customer).or(customer.conversation) else {
        return no(DeskRefusal::NothingYet);
    };
    let text = address.as_str();
    let plausible = text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && host.contains('.') && !text.contains(char::is_whitespace)
    });
    if !plausible || text.len() > 254 {
        return no(DeskRefusal::OutOfRange("an address like name@example.org", 6, 254));
    }
    Ok(vec![
        Step::Fact(ctx.actor(), Fact::MailAsked { conversation: id }, vec![address.clone()]),
        Step::Tell(ctx.session, Text::MailNoted(address.clone())),
    ])
}

/// A customer asks for a department: what waits moves there; else it is for the next one.
pub(super) fn ask_for(
    state: &State,
    ctx: &Context,
    department: &Department,
) -> Result<Plan, Refusal> {
    let Some(customer) = ctx.person.customer.and_then(|id| state.customer(id)) else {
        return Err(Refusal::NotPermitted);
    };
    if state.department(department).is_none() {
        return no(DeskRefusal::NoSuchDepartment(department.clone()));
    }
    let mut plan = vec![
        Step::Live(Live::AsksFor(customer.id, department.clone())),
        Step::Tell(ctx.session, Text::AskingFor(department.clone())),
    ];
    if let Some(conversation) = state.live(customer).filter(|c| c.department != *department) {
        let mut moved = conversation.clone();
        moved.department = department.clone();
        let requeued = requeue(&moved, ctx.actor(), Reason::AskedFor);
        match &conversation.status {
            Status::Queued => plan.push(requeued),
            Status::Offered { to, .. } => {
                let (to, outcome) = (Some(to.clone()), OfferOutcome::Cancelled);
                let fact = Fact::OfferEnded { conversation: conversation.id, to, outcome };
                plan.extend([Step::Fact(Actor::Desk, fact, Vec::new()), requeued]);
            }
            Status::Bot { bot } => {
                plan.push(requeued);
                plan.extend(oust(state, customer, bot, "the customer asked for somebody else"));
            }
            Status::Owned { .. } | Status::Wrapup { .. } => {}
        }
    }
    Ok(plan)
}

/// CAPACITY: what one may hold; set within the operator's bounds.
pub(super) fn own_capacity(
    state: &State,
    ctx: &Context,
    capacity: Option<u32>,
) -> Result<Plan, Refusal> {
    let me = account(ctx)?;
    let settings = &state.settings;
    let load = state.agent(me).map_or(0, |a| a.load);
    let Some(wanted) = capacity else {
        let limit = state.agent(me).map_or(0, |a| a.limit(settings.capacity));
        return Ok(vec![Step::Tell(ctx.session, Text::CapacityIs(me.clone(), load, limit))]);
    };
    if wanted == 0 || wanted > settings.capacity_max {
        let most = u64::from(settings.capacity_max);
        return no(DeskRefusal::OutOfRange("conversations at once", 1, most));
    }
    if wanted * 2 < load {
        return no(DeskRefusal::OverCapacity { who: me.clone(), load, limit: wanted * 2 });
    }
    let fact = Fact::CapacitySet { agent: me.clone(), capacity: Some(wanted) };
    Ok(vec![
        Step::Fact(ctx.actor(), fact, Vec::new()),
        Step::Tell(ctx.session, Text::CapacityIs(me.clone(), load, wanted * 2)),
    ])
}

/// READY: present again, whatever made one not ready.
pub(super) fn ready(state: &State, ctx: &Context) -> Result<Plan, Refusal> {
    let me = account(ctx)?;
    let mut plan: Plan = state
        .sessions_of(me)
        .iter()
        .filter(|s| state.person(**s).is_some_and(|p: &Person| p.away.is_some()))
        .map(|s| Step::Live(Live::Away(*s, None)))
        .collect();
    if state.agent(me).is_some_and(|a| !a.ready) {
        let fact = Fact::Readiness { agent: me.clone(), ready: true, missed: false };
        plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
    } else {
        plan.push(Step::Tell(ctx.session, Text::NowReady(true)));
    }
    Ok(plan)
}
