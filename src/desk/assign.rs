//! Who gets a conversation: claim, accept, decline, release, and what JOIN and PART of a
//! customer's channel mean (DESIGN 4, facts/livechat.md 4.3).

use super::change::{Live, Plan, Step};
use super::context::Context;
use super::language::fact::{Fact, OfferOutcome, Reason, Taking};
use super::language::people::{Department, Role};
use super::language::refusal::{DeskRefusal, Refusal};
use super::language::text::Text;
use super::state::State;
use super::state::conversation::{Conversation, Status, Taker};
use super::state::people::{Customer, Standing};
use super::steps::{
    account, capacity, end_transfer, enter, leave_backstage, meant, no, oust, requeue,
};
use crate::base::text::{AccountName, ChannelName, Line};

/// Whether the asker may take conversations of this department.
fn may_take(state: &State, ctx: &Context, department: &Department) -> Result<(), Refusal> {
    let account = account(ctx)?;
    let allowed = match ctx.person.role {
        Role::Customer | Role::Member | Role::Bot => false,
        Role::Agent => state.serves(account, department),
        Role::Supervisor | Role::Admin => true,
    };
    if allowed { Ok(()) } else { Err(Refusal::NotPermitted) }
}

fn take(
    state: &State,
    customer: &Customer,
    conversation: &Conversation,
    ctx: &Context,
    owner: &AccountName,
    how: Taking,
) -> Plan {
    let fact = Fact::Owned {
        conversation: conversation.id,
        owner: owner.clone(),
        how,
        from: conversation.owner().cloned(),
    };
    // Owned first, so that the card they are shown on entering is theirs already.
    let mut plan = vec![Step::Fact(ctx.actor(), fact, Vec::new())];
    plan.extend(enter(customer, ctx, Standing::Member));
    // Whoever stood backstage with another client comes forward with all of them.
    plan.extend(
        state
            .seats_of(customer, owner)
            .filter(|(s, standing)| *s != ctx.session && *standing == Standing::Backstage)
            .map(|(s, _)| Step::Live(Live::StaffIn(customer.id, s, Standing::Member))),
    );
    let told = Text::YouOwn(customer.channel.clone());
    plan.push(Step::Tell(ctx.session, told));
    plan
}

/// CLAIM, or JOIN of what waits.
pub(super) fn claim(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<Plan, Refusal> {
    let me = account(ctx)?;
    let (customer, conversation) = match channel {
        Some(_) => meant(state, ctx, channel)?,
        None => next_in_line(state, ctx)?,
    };
    match &conversation.status {
        Status::Offered { to, .. } if to == me => accept(state, ctx, Some(&customer.channel)),
        Status::Offered { to, .. } => {
            no(DeskRefusal::OfferedToOther(customer.channel.clone(), to.clone()))
        }
        Status::Queued | Status::Bot { .. } => {
            may_take(state, ctx, &conversation.department)?;
            capacity(state, me, 2)?;
            let mut plan = take(state, customer, conversation, ctx, me, Taking::Claimed);
            if let Status::Bot { bot } = &conversation.status {
                plan.extend(oust(state, customer, bot, "a person took over"));
            }
            Ok(plan)
        }
        Status::Owned { owner } | Status::Wrapup { owner, .. } => {
            no(DeskRefusal::AlreadyTaken(customer.channel.clone(), owner.clone()))
        }
    }
}

fn next_in_line<'a>(
    state: &'a State,
    ctx: &Context,
) -> Result<(&'a Customer, &'a Conversation), Refusal> {
    let me = account(ctx)?;
    let departments = state.settings.departments.iter().map(|d| &d.name);
    departments
        .filter(|d| state.serves(me, d) || ctx.person.role >= Role::Supervisor)
        .flat_map(|d| state.waiting(d))
        .filter(|c| c.status == Status::Queued)
        .min_by_key(|c| (c.class, c.place))
        .and_then(|c| Some((state.customer(c.customer)?, c)))
        .map_or_else(|| no(DeskRefusal::QueueEmpty), Ok)
}

/// ACCEPT, or JOIN of what is offered.
pub(super) fn accept(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<Plan, Refusal> {
    let me = account(ctx)?;
    let (customer, conversation) = match channel {
        Some(_) => meant(state, ctx, channel)?,
        None => offered_to(state, me)?,
    };
    if matches!(&conversation.status, Status::Offered { to, .. } if to == me) {
        return Ok(take(state, customer, conversation, ctx, me, Taking::Accepted));
    }
    let Some(transfer) = &conversation.transfer else { return no(DeskRefusal::NoOffer) };
    match &transfer.to {
        Taker::Agent(to) if to == me && transfer.warm && !transfer.introduced => {
            let mut plan = Plan::new();
            plan.extend(enter(customer, ctx, Standing::Backstage));
            let fact = Fact::Introduced { conversation: conversation.id, to: me.clone() };
            plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
            Ok(plan)
        }
        Taker::Agent(to) if to == me => {
            Ok(take(state, customer, conversation, ctx, me, Taking::Transferred))
        }
        Taker::Department(department) if state.serves(me, department) => {
            if conversation.is_owned_by(me) {
                return no(DeskRefusal::ToOneself);
            }
            capacity(state, me, 2)?;
            Ok(take(state, customer, conversation, ctx, me, Taking::Transferred))
        }
        Taker::Agent(_) | Taker::Department(_) => no(DeskRefusal::NoOffer),
    }
}

fn offered_to<'a>(
    state: &'a State,
    me: &AccountName,
) -> Result<(&'a Customer, &'a Conversation), Refusal> {
    state
        .conversations()
        .find(|c| {
            matches!(&c.status, Status::Offered { to, .. } if to == me)
                || c.transfer.as_ref().is_some_and(|t| match &t.to {
                    Taker::Agent(to) => to == me && !t.introduced,
                    Taker::Department(d) => state.serves(me, d) && !c.is_owned_by(me),
                })
        })
        .and_then(|c| Some((state.customer(c.customer)?, c)))
        .map_or_else(|| no(DeskRefusal::NoOffer), Ok)
}

/// DECLINE.
pub(super) fn decline(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
    why: Option<&Line>,
) -> Result<Plan, Refusal> {
    let me = account(ctx)?;
    let (customer, conversation) = match channel {
        Some(_) => meant(state, ctx, channel)?,
        None => offered_to(state, me)?,
    };
    let from_queue = matches!(&conversation.status, Status::Offered { to, .. } if to == me);
    let transfer = conversation.transfer.as_ref().is_some_and(|t| t.to == Taker::Agent(me.clone()));
    if !from_queue && !transfer {
        return no(DeskRefusal::NoOffer);
    }
    let fact = Fact::OfferEnded {
        conversation: conversation.id,
        to: Some(me.clone()),
        outcome: OfferOutcome::Declined,
    };
    let mut plan = vec![Step::Fact(ctx.actor(), fact, why.cloned().into_iter().collect())];
    plan.extend(leave_backstage(state, customer, me));
    plan.push(Step::Tell(ctx.session, Text::YouDeclined(customer.channel.clone())));
    Ok(plan)
}

/// RELEASE: back to the front of the queue, by the owner's own word; a bot hands over with it.
pub(super) fn release(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<Plan, Refusal> {
    let me = account(ctx)?;
    let (customer, conversation) = meant(state, ctx, channel)?;
    match &conversation.status {
        Status::Owned { owner } if owner == me => {
            let mut plan = end_transfer(state, conversation, OfferOutcome::Ended);
            plan.push(requeue(conversation, ctx.actor(), Reason::Released));
            plan.extend(oust(state, customer, me, "gave it back"));
            plan.push(Step::Tell(ctx.session, Text::YouReleased(customer.channel.clone())));
            Ok(plan)
        }
        Status::Bot { bot } if bot == me => {
            let mut plan = vec![requeue(conversation, ctx.actor(), Reason::BotHandedOver)];
            plan.extend(oust(state, customer, me, "handed over"));
            Ok(plan)
        }
        Status::Queued
        | Status::Offered { .. }
        | Status::Bot { .. }
        | Status::Owned { .. }
        | Status::Wrapup { .. } => no(DeskRefusal::NotOwner(customer.channel.clone())),
    }
}

/// JOIN of a customer's channel by a member of staff.
pub(super) fn join(state: &State, ctx: &Context, customer: &Customer) -> Result<Plan, Refusal> {
    let me = account(ctx)?;
    if customer.standing(ctx.session).is_some() {
        return Ok(Plan::new());
    }
    let Some(conversation) = state.live(customer) else {
        let mut plan = Plan::new();
        plan.extend(enter(customer, ctx, Standing::Member));
        plan.push(Step::Tell(ctx.session, Text::YouHelp(customer.channel.clone(), None)));
        return Ok(plan);
    };
    let seated = state.seats_of(customer, me).any(|(_, standing)| standing != Standing::Watcher);
    if !seated && standing_of(conversation, me).is_some() {
        return Ok(come_back(ctx, customer, conversation, me));
    }
    if conversation.owner() == Some(me) {
        // A second client of the owner, or one that had left while writing up.
        return Ok(enter(customer, ctx, Standing::Member).into_iter().collect());
    }
    let offered = match (&conversation.status, &conversation.transfer) {
        (Status::Offered { to, .. }, _) => to == me,
        (_, Some(t)) => match &t.to {
            Taker::Agent(to) => to == me,
            Taker::Department(d) => state.serves(me, d) && ctx.person.role >= Role::Agent,
        },
        _ => false,
    };
    let beside = conversation.transfer.as_ref().is_some_and(|t| t.introduced);
    if offered && beside && seated {
        // A second client of an introduced taker; the hand-over is the giver's to make.
        return Ok(enter(customer, ctx, Standing::Backstage).into_iter().collect());
    }
    if offered {
        return accept(state, ctx, Some(&customer.channel));
    }
    match &conversation.status {
        Status::Queued | Status::Offered { .. } => claim(state, ctx, Some(&customer.channel)),
        Status::Bot { bot } if bot == me => {
            Ok(enter(customer, ctx, Standing::Member).into_iter().collect())
        }
        Status::Bot { .. } if ctx.person.role >= Role::Agent => {
            claim(state, ctx, Some(&customer.channel))
        }
        Status::Bot { .. } | Status::Owned { .. } | Status::Wrapup { .. } => {
            Ok(help(customer, conversation, ctx, me, false))
        }
    }
}

/// Enters as a visible helper.
pub(super) fn help(
    customer: &Customer,
    conversation: &Conversation,
    ctx: &Context,
    me: &AccountName,
    barge: bool,
) -> Plan {
    let helper = me.clone();
    let fact = Fact::HelperJoined { conversation: conversation.id, helper, barge };
    let mut plan = Plan::new();
    plan.extend(enter(customer, ctx, Standing::Member));
    plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
    let owner = conversation.owner().cloned();
    plan.push(Step::Tell(ctx.session, Text::YouHelp(customer.channel.clone(), owner)));
    plan
}

/// The first JOIN after a lost connection: a client does it by itself, so it takes nothing new.
fn come_back(
    ctx: &Context,
    customer: &Customer,
    conversation: &Conversation,
    me: &AccountName,
) -> Plan {
    let id = conversation.id;
    let mut plan = vec![Step::Live(Live::Returned(customer.id, me.clone()))];
    match &conversation.status {
        Status::Owned { owner } if owner == me => {
            plan.extend(enter(customer, ctx, Standing::Member));
            plan.push(Step::Fact(ctx.actor(), Fact::OwnerBack { conversation: id }, Vec::new()));
            plan.push(Step::Tell(ctx.session, Text::YouOwnAgain(customer.channel.clone())));
        }
        Status::Owned { .. } | Status::Wrapup { .. } | Status::Bot { .. } => {
            plan.extend(help(customer, conversation, ctx, me, false));
        }
        Status::Queued | Status::Offered { .. } => {
            if conversation.helpers.contains(me) {
                let fact = Fact::HelperLeft { conversation: id, helper: me.clone() };
                plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
            }
            let refusal = Refusal::Desk(DeskRefusal::WentBack(customer.channel.clone()));
            let refused = super::language::notice::Reply::Refused { command: "JOIN", refusal };
            plan.push(Step::Reply(ctx.session, refused));
        }
    }
    plan
}

/// PART of a customer's channel by a member of staff.
pub(super) fn part(
    state: &State,
    ctx: &Context,
    customer: &Customer,
    reason: Option<&Line>,
) -> Result<Plan, Refusal> {
    let me = account(ctx)?;
    let Some(standing) = customer.standing(ctx.session) else {
        return Err(Refusal::NotOnChannel(customer.channel.shared()));
    };
    let out = Step::Live(Live::StaffOut {
        customer: customer.id,
        session: ctx.session,
        reason: reason.cloned(),
        quiet: false,
    });
    // A client that only watches does not hold the place of one that speaks.
    let kind = |other| (other == Standing::Watcher) == (standing == Standing::Watcher);
    let last = state.seats_of(customer, me).filter(|(_, other)| kind(*other)).count() == 1;
    let live = state.live(customer).filter(|_| last);
    let Some(conversation) = live else { return Ok(vec![out]) };
    let id = conversation.id;
    let mut plan = vec![out];
    match (&conversation.status, standing) {
        (_, Standing::Watcher) => {
            let fact = Fact::WatchEnded { conversation: id, watcher: me.clone() };
            plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
        }
        (_, Standing::Backstage) => {
            let to = Some(me.clone());
            let outcome = OfferOutcome::Declined;
            let fact = Fact::OfferEnded { conversation: id, to, outcome };
            plan.push(Step::Fact(ctx.actor(), fact, reason.cloned().into_iter().collect()));
        }
        (Status::Owned { owner }, Standing::Member) if owner == me => {
            plan.extend(end_transfer(state, conversation, OfferOutcome::Ended));
            plan.push(owner_parts(state, ctx, customer, conversation, me));
        }
        (Status::Bot { bot }, Standing::Member) if bot == me => {
            plan.push(requeue(conversation, ctx.actor(), Reason::BotHandedOver));
        }
        (Status::Wrapup { owner, reason, .. }, Standing::Member) if owner == me => {
            let fact = Fact::Closed { conversation: id, reason: *reason };
            plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
        }
        (_, Standing::Member) => {
            let fact = Fact::HelperLeft { conversation: id, helper: me.clone() };
            plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
        }
    }
    Ok(plan)
}

/// The owner leaves: another agent in the channel who has room takes it, else the queue.
fn owner_parts(
    state: &State,
    ctx: &Context,
    customer: &Customer,
    conversation: &Conversation,
    me: &AccountName,
) -> Step {
    let heir = customer
        .staff
        .iter()
        .filter(|(session, standing)| *session != ctx.session && *standing == Standing::Member)
        .filter_map(|(session, _)| state.person(*session))
        .filter(|person| person.role >= Role::Agent)
        .filter_map(|person| person.account())
        .find(|account| *account != me && state.over_capacity(account, 2).is_none());
    match heir {
        Some(heir) => {
            let fact = Fact::Owned {
                conversation: conversation.id,
                owner: heir.clone(),
                how: Taking::Inherited,
                from: Some(me.clone()),
            };
            Step::Fact(ctx.actor(), fact, Vec::new())
        }
        None => requeue(conversation, ctx.actor(), Reason::OwnerLeft),
    }
}

/// The standing in which an account comes back to a conversation it was in.
fn standing_of(conversation: &Conversation, account: &AccountName) -> Option<Standing> {
    let was = conversation.returning.contains(account) || conversation.helpers.contains(account);
    was.then_some(Standing::Member)
}
