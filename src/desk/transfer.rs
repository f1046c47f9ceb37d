//! Transfers are offers: the giver owns the conversation until the taker accepts
//! (facts/livechat.md 4.4).

use super::change::{Live, Plan, Step};
use super::context::Context;
use super::language::command::TransferTo;
use super::language::fact::{Fact, OfferOutcome, Taking, TransferTerms};
use super::language::people::{Department, Role};
use super::language::refusal::{DeskRefusal, Refusal};
use super::language::text::Text;
use super::route;
use super::settings::Routing;
use super::state::State;
use super::state::conversation::{Conversation, Status, Taker, Transfer};
use super::state::people::{Customer, Standing};
use super::steps::{account, capacity, end_transfer, meant, no};
use crate::base::text::{AccountName, ChannelName, Folded, Line};
use std::sync::Arc;

/// TRANSFER.
pub(super) fn transfer(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
    (to, warm, why): (&TransferTo, bool, Option<&Line>),
) -> Result<Plan, Refusal> {
    let (customer, conversation) = meant(state, ctx, channel)?;
    let me = account(ctx)?;
    if let Status::Bot { bot } = &conversation.status {
        return bot_gives(state, ctx, customer, conversation, (bot, to));
    }
    let Status::Owned { owner } = &conversation.status else {
        return no(DeskRefusal::NotOwner(customer.channel.clone()));
    };
    // A supervisor may move what is another's: the owner stays the giver.
    if owner != me && ctx.person.role < Role::Supervisor {
        return no(DeskRefusal::NotOwner(customer.channel.clone()));
    }
    if conversation.transfer.is_some() {
        return no(DeskRefusal::TransferPending(customer.channel.clone()));
    }
    match to {
        TransferTo::Agent(name) => {
            let taker = agent_meant(state, name)?;
            eligible(state, owner, &taker)?;
            let terms = TransferTerms { giver: owner.clone(), warm, department: None };
            Ok(offer_to(state, ctx, customer, conversation, (&taker, terms, why)))
        }
        TransferTo::Department(department) => {
            to_department(state, ctx, customer, conversation, (owner, department, why))
        }
    }
}

/// The account that a typed name means: an account's name, or the nick of one of its sessions.
pub(super) fn agent_meant(state: &State, name: &Folded) -> Result<AccountName, Refusal> {
    let by_account = state.agents.get(name).filter(|a| a.role.is_some()).map(|a| a.name.clone());
    let by_nick = || state.by_nick(name.as_str()).and_then(|(_, p)| p.account().cloned());
    by_account
        .or_else(by_nick)
        .filter(|a| state.agent(a).and_then(|a| a.role).is_some_and(|r| r >= Role::Agent))
        .map_or_else(|| no(DeskRefusal::NoSuchAgent(Arc::from(name.as_str()))), Ok)
}

/// Whether an agent can be offered a transfer. Their limit holds whoever gives, supervisors too:
/// nobody is ever above it (DESIGN 5).
fn eligible(state: &State, owner: &AccountName, taker: &AccountName) -> Result<(), Refusal> {
    if taker == owner {
        return no(DeskRefusal::ToOneself);
    }
    let Some(agent) = state.agent(taker).filter(|a| !a.sessions.is_empty()) else {
        return no(DeskRefusal::NoSuchAgent(taker.shared()));
    };
    if !agent.ready {
        return no(DeskRefusal::AgentAway(taker.clone()));
    }
    capacity(state, taker, 2)
}

fn offer_to(
    state: &State,
    ctx: &Context,
    customer: &Customer,
    conversation: &Conversation,
    (taker, terms, why): (&AccountName, TransferTerms, Option<&Line>),
) -> Plan {
    let fact = Fact::Offered {
        conversation: conversation.id,
        to: taker.clone(),
        deadline: ctx.now + state.settings.offer,
        transfer: Some(terms),
    };
    let told =
        Text::TransferOffered(customer.channel.clone(), taker.shared(), state.settings.offer);
    vec![
        Step::Fact(ctx.actor(), fact, why.cloned().into_iter().collect()),
        Step::Tell(ctx.session, told),
    ]
}

fn to_department(
    state: &State,
    ctx: &Context,
    customer: &Customer,
    conversation: &Conversation,
    (giver, department, why): (&AccountName, &Department, Option<&Line>),
) -> Result<Plan, Refusal> {
    let Some(settings) = state.department(department) else {
        return no(DeskRefusal::NoSuchDepartment(department.clone()));
    };
    let others: Vec<&AccountName> = state
        .agents()
        .filter(|a| a.ready && !a.sessions.is_empty() && a.name != *giver)
        .filter(|a| a.role.is_some_and(|r| r >= Role::Agent))
        .filter(|a| state.serves(&a.name, department))
        .map(|a| &a.name)
        .collect();
    if others.is_empty() {
        return no(DeskRefusal::DepartmentEmpty(department.clone()));
    }
    if settings.routing == Routing::Push {
        let (chosen, candidates) = route::choose(state, conversation, department, Some(giver));
        let Some(chosen) = chosen else {
            return no(DeskRefusal::DepartmentEmpty(department.clone()));
        };
        let id = conversation.id;
        let routed = Fact::Routed { conversation: id, chosen: Some(chosen.clone()), candidates };
        let mut plan = vec![Step::Fact(ctx.actor(), routed, Vec::new())];
        let giver = giver.clone();
        let terms = TransferTerms { giver, warm: false, department: Some(department.clone()) };
        plan.extend(offer_to(state, ctx, customer, conversation, (&chosen, terms, why)));
        return Ok(plan);
    }
    let span = state.settings.offer_department;
    let fact = Fact::OfferedToDepartment {
        conversation: conversation.id,
        to: department.clone(),
        deadline: ctx.now + span,
        giver: giver.clone(),
    };
    let to = department.channel().shared();
    Ok(vec![
        Step::Fact(ctx.actor(), fact, why.cloned().into_iter().collect()),
        Step::Tell(ctx.session, Text::TransferOffered(customer.channel.clone(), to, span)),
    ])
}

/// A bot hands over: to a department's queue. A person's name is not a bot's to choose.
fn bot_gives(
    state: &State,
    ctx: &Context,
    customer: &Customer,
    conversation: &Conversation,
    (bot, to): (&AccountName, &TransferTo),
) -> Result<Plan, Refusal> {
    if Some(bot) != ctx.account() && ctx.person.role < Role::Supervisor {
        return no(DeskRefusal::NotOwner(customer.channel.clone()));
    }
    let department = match to {
        TransferTo::Department(department) => department.clone(),
        TransferTo::Agent(_) => conversation.department.clone(),
    };
    if state.department(&department).is_none() {
        return no(DeskRefusal::NoSuchDepartment(department));
    }
    let mut moved = conversation.clone();
    moved.department = department;
    let reason = super::language::fact::Reason::BotHandedOver;
    let mut plan = vec![super::steps::requeue(&moved, ctx.actor(), reason)];
    plan.extend(super::steps::oust(state, customer, bot, "handed over"));
    Ok(plan)
}

/// The pending transfer meant, for those who may decide it: its giver, and supervisors.
fn pending<'a>(
    state: &'a State,
    ctx: &Context<'a>,
    channel: Option<&ChannelName>,
) -> Result<(&'a Customer, &'a Conversation, &'a Transfer), Refusal> {
    let (customer, conversation) = meant(state, ctx, channel)?;
    let me = account(ctx)?;
    if !conversation.is_owned_by(me) && ctx.person.role < Role::Supervisor {
        return no(DeskRefusal::NotOwner(customer.channel.clone()));
    }
    match &conversation.transfer {
        Some(transfer) => Ok((customer, conversation, transfer)),
        None => no(DeskRefusal::NoTransfer(customer.channel.clone())),
    }
}

/// HANDOVER: the taker of a warm transfer becomes owner.
pub(super) fn handover(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<Plan, Refusal> {
    let (customer, conversation, transfer) = pending(state, ctx, channel)?;
    let Taker::Agent(taker) = &transfer.to else {
        return no(DeskRefusal::NotIntroduced(customer.channel.clone()));
    };
    if !transfer.introduced {
        return no(DeskRefusal::NotIntroduced(customer.channel.clone()));
    }
    let mut plan: Plan = state
        .seats_of(customer, taker)
        .map(|(s, _)| Step::Live(Live::StaffIn(customer.id, s, Standing::Member)))
        .collect();
    let fact = Fact::Owned {
        conversation: conversation.id,
        owner: taker.clone(),
        how: Taking::Transferred,
        from: conversation.owner().cloned(),
    };
    plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
    Ok(plan)
}

/// CANCEL: the giver withdraws.
pub(super) fn cancel(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<Plan, Refusal> {
    let (customer, conversation, _) = pending(state, ctx, channel)?;
    let mut plan = end_transfer(state, conversation, OfferOutcome::Cancelled);
    plan.push(Step::Tell(ctx.session, Text::TransferCancelled(customer.channel.clone())));
    Ok(plan)
}

/// TAKEOVER: a supervisor becomes owner by right of rank; also what waits or is offered.
pub(super) fn takeover(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<Plan, Refusal> {
    let (customer, conversation) = meant(state, ctx, channel)?;
    let me = account(ctx)?;
    if conversation.owner() == Some(me) {
        return no(DeskRefusal::AlreadyTaken(customer.channel.clone(), me.clone()));
    }
    if matches!(conversation.status, Status::Wrapup { .. }) {
        return no(DeskRefusal::NotLive(customer.channel.clone()));
    }
    // An offer or transfer to oneself already reserves the place.
    let reserved = match (&conversation.status, &conversation.transfer) {
        (Status::Offered { to, .. }, _) => to == me,
        (_, Some(transfer)) => transfer.to == Taker::Agent(me.clone()),
        _ => false,
    };
    capacity(state, me, if reserved { 0 } else { 2 })?;
    let mut plan = end_transfer(state, conversation, OfferOutcome::Overtaken);
    if let Status::Offered { to, .. } = &conversation.status {
        let (to, outcome) = (Some(to.clone()), OfferOutcome::Overtaken);
        let fact = Fact::OfferEnded { conversation: conversation.id, to, outcome };
        plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
    }
    let fact = Fact::Owned {
        conversation: conversation.id,
        owner: me.clone(),
        how: Taking::TookOver,
        from: conversation.owner().cloned(),
    };
    plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
    plan.extend(super::steps::enter(customer, ctx, Standing::Member));
    plan.push(Step::Tell(ctx.session, Text::YouOwn(customer.channel.clone())));
    if let Status::Bot { bot } = &conversation.status {
        plan.extend(super::steps::oust(state, customer, bot, "a person took over"));
    }
    if conversation.watchers.contains(me) {
        let fact = Fact::WatchEnded { conversation: conversation.id, watcher: me.clone() };
        plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
    }
    Ok(plan)
}
