//! What time does: deadlines of offers, owners, seats, silences, holds and wrap-ups.

use super::change::{Live, Plan, Step};
use super::language::fact::{Ending, Fact, OfferOutcome, Reason};
use super::language::people::Actor;
use super::state::State;
use super::state::conversation::{Conversation, Status, Taker, Transfer};
use super::state::people::Customer;
use super::steps;
use super::steps::{end_transfer, oust, requeue};
use crate::base::text::AccountName;
use crate::base::time::Timestamp;
use std::time::Duration;

fn desk(fact: Fact) -> Step {
    Step::Fact(Actor::Desk, fact, Vec::new())
}

/// What is due of one conversation; the first thing only, the rest follows when it is looked at again.
pub(super) fn conversation(state: &State, now: Timestamp, c: &Conversation) -> Plan {
    let Some(customer) = state.customer(c.customer) else { return Plan::new() };
    match &c.status {
        Status::Queued => Plan::new(),
        Status::Offered { to, deadline } => {
            if *deadline > now {
                Plan::new()
            } else {
                missed(state, c, to)
            }
        }
        Status::Bot { .. } if !passed(now, c.unanswered_since, state.settings.bot_silent) => {
            Plan::new()
        }
        Status::Bot { bot } => {
            let mut plan = vec![requeue(c, Actor::Desk, Reason::BotSilent)];
            plan.extend(oust(state, customer, bot, "was silent"));
            plan
        }
        Status::Wrapup { deadline, reason, .. } => {
            if *deadline > now {
                return Plan::new();
            }
            vec![desk(Fact::Closed { conversation: c.id, reason: *reason })]
        }
        Status::Owned { owner } => owned(state, now, customer, (c, owner)),
    }
}

fn owned(
    state: &State,
    now: Timestamp,
    customer: &Customer,
    (c, owner): (&Conversation, &AccountName),
) -> Plan {
    let (id, settings) = (c.id, &state.settings);
    if let Some(transfer) = c.transfer.as_ref().filter(|t| t.deadline <= now && !t.introduced) {
        return transfer_over(state, c, transfer);
    }
    if c.owner_lost.is_some_and(|at| at <= now) {
        let mut plan = end_transfer(state, c, OfferOutcome::Ended);
        plan.push(requeue(c, Actor::Desk, Reason::OwnerLost));
        return plan;
    }
    if let Some(hold) = c.hold {
        if !hold.reminded && hold.until <= now {
            return vec![desk(Fact::SilenceAlarmed { conversation: id })];
        }
        if hold.reminded && passed(now, Some(hold.since), settings.hold_max) {
            // A hold that was never taken up again ends as the customer's silence would.
            return steps::end(state, now, c, (Actor::Desk, Ending::HeldTooLong, Vec::new()));
        }
        return Plan::new();
    }
    let silence = if c.alarmed { settings.silent_return } else { settings.silent_alarm };
    if c.owner_lost.is_some() || !passed(now, c.unanswered_since, silence) {
        return Plan::new();
    }
    if !c.alarmed {
        return vec![desk(Fact::SilenceAlarmed { conversation: id })];
    }
    let mut plan = end_transfer(state, c, OfferOutcome::Ended);
    plan.push(requeue(c, Actor::Desk, Reason::OwnerSilent));
    plan.extend(oust(state, customer, owner, "was silent for too long"));
    plan
}

/// True when that span has passed since then; a span of zero never passes.
fn passed(now: Timestamp, since: Option<Timestamp>, span: Duration) -> bool {
    !span.is_zero() && since.is_some_and(|since| since + span <= now)
}

/// A transfer that nobody took: the giver keeps it. (An introduced taker waits for the hand-over
/// without a deadline.)
fn transfer_over(state: &State, c: &Conversation, transfer: &Transfer) -> Plan {
    let mut plan = end_transfer(state, c, OfferOutcome::TimedOut);
    if let Taker::Agent(to) = &transfer.to {
        plan.extend(too_many_missed(state, to));
    }
    plan
}

fn missed(state: &State, c: &Conversation, to: &AccountName) -> Plan {
    let fact = Fact::OfferEnded {
        conversation: c.id,
        to: Some(to.clone()),
        outcome: OfferOutcome::TimedOut,
    };
    let mut plan = vec![desk(fact)];
    plan.extend(too_many_missed(state, to));
    plan
}

/// After so many offers missed in a row an agent is not asked again until they say so.
fn too_many_missed(state: &State, agent: &AccountName) -> Option<Step> {
    let bound = state.settings.missed_offers;
    let missed = state.agent(agent).map_or(0, |a| a.missed + 1);
    let fact = Fact::Readiness { agent: agent.clone(), ready: false, missed: true };
    (bound > 0 && missed >= bound).then(|| desk(fact))
}

/// What is due of an absent customer.
pub(super) fn absence(state: &State, now: Timestamp, customer: &Customer) -> Plan {
    let Some(absence) = customer.absence else { return Plan::new() };
    let Some(c) = state.live(customer) else {
        let over = absence.token_until <= now;
        let fact = Fact::CustomerForgotten { customer: customer.id };
        return if over { vec![desk(fact)] } else { Plan::new() };
    };
    let (until, reason) = match &c.status {
        Status::Queued | Status::Offered { .. } | Status::Bot { .. } if c.taken.is_none() => {
            (absence.seat_until, Ending::Abandoned)
        }
        Status::Queued | Status::Offered { .. } | Status::Bot { .. } => {
            (absence.seat_until, Ending::CustomerGone)
        }
        Status::Owned { .. } => (absence.resumable_until, Ending::CustomerGone),
        Status::Wrapup { .. } => return Plan::new(),
    };
    if until > now {
        return Plan::new();
    }
    steps::end(state, now, c, (Actor::Desk, reason, Vec::new()))
}

/// Staff leave a channel whose conversation is sealed: what is said there next is a new one.
pub(super) fn clear_out(customer: &Customer) -> Plan {
    let id = customer.id;
    if customer.conversation.is_some() {
        return Plan::new();
    }
    customer
        .staff
        .iter()
        .map(|(session, _)| {
            let reason = Some(crate::base::text::Line::scrubbed("the conversation is closed"));
            Step::Live(Live::StaffOut { customer: id, session: *session, reason, quiet: false })
        })
        .collect()
}
