//! Going: a session ends, a seat is lost, and what nobody's connection says any more is written down.

use super::change::{Live, Plan, Step};
use super::context::Context;
use super::course;
use super::language::command::Departure;
use super::language::fact::{Fact, OfferOutcome, Reason};
use super::language::notice::CutReason;
use super::language::people::Actor;
use super::state::State;
use super::state::conversation::{Conversation, Status, Taker};
use super::state::people::{Customer, Standing};
use super::steps::{absent, requeue};
use crate::base::ids::{Seq, SessionId};
use crate::base::text::{AccountName, Line};
use crate::base::time::Timestamp;
use std::collections::BTreeSet;

/// A session ends.
pub(super) fn leave(state: &State, ctx: &Context, departure: &Departure) -> Plan {
    let (quit, text) = match departure {
        // Source: Modern IRC "QUIT message".
        Departure::Quit(text) => {
            let words = text.as_ref().map_or("", Line::as_str);
            (true, Line::scrubbed(&format!("Quit: {words}")))
        }
        Departure::Lost(text) => (false, text.clone()),
    };
    let mut plan = Plan::new();
    match ctx.person.customer.and_then(|id| state.customer(id)) {
        Some(customer) => {
            if quit && let Some(conversation) = state.live(customer) {
                plan.extend(course::customer_leaves(state, ctx.now, conversation));
            }
            plan.extend(absent(state, ctx.now, customer.id));
            plan.push(Step::Live(Live::Gone(ctx.session, text)));
            if !customer.known {
                plan.push(Step::Live(Live::Vanished(customer.id)));
            }
        }
        None => {
            plan.extend(staff_leaves(state, ctx));
            plan.push(Step::Live(Live::Gone(ctx.session, text)));
        }
    }
    if quit {
        let why = match departure {
            Departure::Quit(text) => text.clone(),
            Departure::Lost(_) => None,
        };
        plan.push(Step::Cut(ctx.session, CutReason::Quit(why)));
    }
    plan
}

/// What the loss of one staff session means for the conversations its account is in.
pub(super) fn staff_leaves(state: &State, ctx: &Context) -> Plan {
    let mut plan = Plan::new();
    let Some(account) = ctx.account() else { return plan };
    let last = state.sessions_of(account) == [ctx.session];
    // What remains are clients that nobody sits at.
    let deserted = !last && !ctx.person.is_unattended() && !state.attended(account, ctx.session);
    if deserted && state.agent(account).is_some_and(|a| a.ready) {
        let fact = Fact::Readiness { agent: account.clone(), ready: false, missed: false };
        plan.push(Step::Fact(Actor::Staff(account.clone()), fact, Vec::new()));
    }
    for id in &ctx.person.lounges {
        let Some(customer) = state.customer(*id) else { continue };
        if let Some(conversation) = state.live(customer) {
            let leaving = Some(ctx.session);
            plan.extend(seat_lost(state, ctx.now, (customer, conversation), (account, leaving)));
        }
    }
    if last {
        for conversation in state.conversations() {
            let id = conversation.id;
            let rung = match (&conversation.status, &conversation.transfer) {
                (Status::Offered { to, .. }, _) => to == account,
                (_, Some(t)) => t.to == Taker::Agent(account.clone()) && !t.introduced,
                _ => false,
            };
            if rung {
                let fact = Fact::OfferEnded {
                    conversation: id,
                    to: Some(account.clone()),
                    outcome: OfferOutcome::TakerLost,
                };
                plan.push(Step::Fact(Actor::Desk, fact, Vec::new()));
            }
        }
    }
    plan
}

/// A client of an account left a conversation's channel without a PART (or, with no `leaving`, may be
/// gone): what ends with its last seat there.
pub(super) fn seat_lost(
    state: &State,
    now: Timestamp,
    (customer, conversation): (&Customer, &Conversation),
    (account, leaving): (&AccountName, Option<SessionId>),
) -> Plan {
    // A client that only watches does not hold the place of one that speaks, nor the reverse.
    let stays = |watching: bool| {
        let kind = move |standing| (standing == Standing::Watcher) == watching;
        let mut seats = state.seats_of(customer, account);
        seats.any(|(session, standing)| Some(session) != leaving && kind(standing))
    };
    let id = conversation.id;
    let mut plan = Plan::new();
    let desk = |fact| Step::Fact(Actor::Desk, fact, Vec::new());
    if conversation.watchers.contains(account) && !stays(true) {
        plan.push(desk(Fact::WatchEnded { conversation: id, watcher: account.clone() }));
    }
    if stays(false) {
        return plan;
    }
    if conversation.is_owned_by(account) && conversation.owner_lost.is_none() {
        let span = state.settings.owner_lost;
        if !span.is_zero() {
            plan.push(desk(Fact::OwnerLost { conversation: id, deadline: now + span }));
        }
    }
    if matches!(&conversation.status, Status::Bot { bot } if bot == account) {
        plan.push(requeue(conversation, Actor::Desk, Reason::BotLost));
    }
    let taker = conversation
        .transfer
        .as_ref()
        .is_some_and(|t| t.introduced && t.to == Taker::Agent(account.clone()));
    if taker {
        let outcome = OfferOutcome::TakerLost;
        plan.push(desk(Fact::OfferEnded { conversation: id, to: Some(account.clone()), outcome }));
    }
    plan
}

/// What nobody's connection says any more, written down: after a restart, and after a time in
/// which the disk took no writes. After a restart nobody knows what reached a customer; while the
/// disk refused, nothing was said that they could have missed.
pub(super) fn reconcile(state: &State, now: Timestamp, restarted: bool) -> Plan {
    let mut plan = Plan::new();
    for customer in state.customers().filter(|c| c.known) {
        // Who came and went again while the disk refused is absent anew.
        match (customer.session, customer.current_absence()) {
            (None, None) => {
                // After a restart not even their own words count as seen, since these are stored
                // before they are echoed: all that is remembered is shown again, unless they
                // name the last they have.
                let seen = if restarted { Seq(0) } else { state.counters().seq };
                let settings = &state.settings;
                let fact = Fact::CustomerLost {
                    customer: customer.id,
                    seat_until: now + settings.seat,
                    resumable_until: now + settings.resumable.max(settings.seat),
                    seen,
                };
                plan.push(Step::Fact(Actor::Desk, fact, Vec::new()));
            }
            (Some(_), _) if customer.absence.is_some() => {
                let fact = Fact::CustomerBack { customer: customer.id };
                plan.push(Step::Fact(Actor::Customer(customer.id), fact, Vec::new()));
            }
            (None, Some(_)) | (Some(_), _) => {}
        }
    }
    for conversation in state.conversations() {
        let Some(customer) = state.customer(conversation.customer) else { continue };
        let mut gone: BTreeSet<&AccountName> = conversation.watchers.iter().collect();
        match &conversation.status {
            Status::Owned { owner } => {
                gone.insert(owner);
            }
            Status::Bot { bot } => {
                gone.insert(bot);
            }
            Status::Queued | Status::Offered { .. } | Status::Wrapup { .. } => {}
        }
        if let Some(transfer) = conversation.transfer.as_ref().filter(|t| t.introduced)
            && let Taker::Agent(taker) = &transfer.to
        {
            gone.insert(taker);
        }
        for account in gone {
            plan.extend(seat_lost(state, now, (customer, conversation), (account, None)));
        }
    }
    plan
}
