//! What people are shown of the course of a conversation.

use super::{Scene, hearers, staff_sessions};
use crate::base::ids::ConversationId;
use crate::base::text::{AccountName, Line};
use crate::base::time::Timestamp;
use crate::desk::language::fact::{Event, Fact, Hearers, OfferOutcome, Reason, Taking};
use crate::desk::language::notice::{MessageId, Notice, Said};
use crate::desk::language::people::Actor;
use crate::desk::language::text::Text;
use crate::desk::lines::target;
use crate::desk::state::conversation::{Conversation, Status};
use crate::desk::state::people::Customer;
use std::sync::Arc;
use std::time::Duration;

/// Owners a conversation may have had before its moves are an alarm (facts/livechat.md 4.4).
const TRANSFERS: u32 = 3;
/// Coming back to an owner it had within this is an alarm too.
const BACK_AND_FORTH: Duration = Duration::from_secs(5 * 60);

pub(super) fn after(scene: &mut Scene, event: &Event) {
    match &event.fact {
        Fact::Said { conversation, to, verb } => said(scene, event, (*conversation, *to), *verb),
        Fact::CustomerLost { .. } | Fact::CustomerBack { .. } => customer_moves(scene, event),
        Fact::Readiness { agent, ready, missed } => {
            let text = if *missed { Text::MissedAway } else { Text::NowReady(*ready) };
            scene.tell_account(agent, &text);
        }
        Fact::Queued { conversation, reason, .. } => {
            with(scene, *conversation, |scene, customer, c| queued(scene, customer, c, *reason));
        }
        Fact::Offered { .. } | Fact::OfferedToDepartment { .. } | Fact::OfferEnded { .. } => {
            offers(scene, event);
        }
        Fact::Introduced { conversation, to } => {
            with(scene, *conversation, |scene, customer, c| introduced(scene, customer, c, to));
        }
        Fact::Owned { conversation, owner, how, from } => {
            with(scene, *conversation, |scene, customer, c| {
                owned(scene, (customer, c), (owner, &event.actor), (*how, from.as_ref()));
            });
        }
        Fact::BotOwned { conversation, bot, .. } => bot_owned(scene, *conversation, bot),
        Fact::OwnerLost { .. }
        | Fact::OwnerBack { .. }
        | Fact::Held { .. }
        | Fact::Unheld { .. }
        | Fact::SilenceAlarmed { .. }
        | Fact::HelperJoined { .. } => presence(scene, event),
        Fact::UrgencySet { conversation, urgent } => {
            with(scene, *conversation, |scene, customer, c| {
                let text = Text::MarkedUrgent(customer.channel.clone(), *urgent);
                scene.announce(&c.department, text);
            });
        }
        Fact::WrappingUp { conversation, .. } => {
            with(scene, *conversation, |scene, customer, c| {
                ended(scene, customer, c, event);
            })
        }
        Fact::Rated { .. } | Fact::MailAsked { .. } => customers_wish(scene, event),
        Fact::CustomerKnown { .. }
        | Fact::CustomerRenamed { .. }
        | Fact::CustomerForgotten { .. }
        | Fact::Opened { .. }
        | Fact::RoomSaid { .. }
        | Fact::PrivateSaid { .. }
        | Fact::PeerSaid { .. }
        | Fact::MarkedRead { .. }
        | Fact::Redacted { .. }
        | Fact::Happened { .. }
        | Fact::Tagged { .. }
        | Fact::WatchBegan { .. }
        | Fact::WatchEnded { .. }
        | Fact::HelperLeft { .. }
        | Fact::Closed { .. }
        | Fact::CapacitySet { .. }
        | Fact::Blocked { .. }
        | Fact::Unblocked { .. }
        | Fact::Operated { .. }
        | Fact::MetadataSet { .. }
        | Fact::Routed { .. } => {}
    }
}

fn bot_owned(scene: &mut Scene, conversation: ConversationId, bot: &AccountName) {
    with(scene, conversation, |scene, customer, _| {
        let nick = scene.state.shown_nick(customer, bot);
        scene.tell_customer(customer, Text::BotFirst(nick));
    });
}

/// Giver and taker of a warm transfer learn of each other.
fn introduced(scene: &mut Scene, customer: &Customer, c: &Conversation, to: &AccountName) {
    let channel = customer.channel.clone();
    if let Some(owner) = c.owner() {
        scene.tell_account(owner, &Text::TakerHere(channel.clone(), to.clone()));
        scene.tell_account(to, &Text::YouAreIntroduced(channel, owner.clone()));
    }
}

/// Staff in the channel see a customer go and come back.
fn customer_moves(scene: &mut Scene, event: &Event) {
    match &event.fact {
        Fact::CustomerLost { customer, seat_until, .. } => {
            let Some(customer) = scene.state.customer(*customer) else { return };
            let open = scene.state.live(customer);
            if open.is_some_and(|c| !matches!(c.status, Status::Wrapup { .. })) {
                let span = seat_until.since(event.at);
                scene.tell_staff(customer, Text::CustomerAway(customer.channel.clone(), span));
            }
        }
        Fact::CustomerBack { customer } => {
            let Some(customer) = scene.state.customer(*customer) else { return };
            scene.tell_staff(customer, Text::CustomerBack(customer.channel.clone()));
        }
        _ => {}
    }
}

/// A rating goes to whoever helped; a wish for mail to the department.
fn customers_wish(scene: &mut Scene, event: &Event) {
    match &event.fact {
        Fact::Rated { stars, .. } => {
            let Actor::Customer(id) = &event.actor else { return };
            let Some(customer) = scene.state.customer(*id) else { return };
            let comment = event.words.first().cloned();
            let text = Text::RatedBy(customer.channel.clone(), *stars, comment);
            if let Some(owner) = customer.last_owner.clone() {
                scene.tell_account(&owner, &text);
            }
        }
        Fact::MailAsked { .. } => {
            let Actor::Customer(id) = &event.actor else { return };
            let Some(customer) = scene.state.customer(*id) else { return };
            let department = customer.department.clone();
            let text = Text::MailWanted(customer.channel.clone(), event.word(0));
            scene.announce(&department, text);
        }
        _ => {}
    }
}

/// What is shown of a fact before it is applied: of a sealing, for the conversation then leaves the
/// state; of a move to another department, to the one that it leaves.
pub(super) fn before(scene: &mut Scene, event: &Event) {
    if let Fact::Owned { conversation, owner, how: Taking::Transferred, from: Some(from) } =
        &event.fact
    {
        with(scene, *conversation, |scene, customer, c| {
            let to = c.transfer.as_ref().and_then(|t| t.department.as_ref());
            if to.is_some_and(|to| *to != c.department) {
                let channel = customer.channel.clone();
                let text = Text::Transferred(channel, from.clone(), owner.clone());
                scene.announce(&c.department, text);
            }
        });
    }
    if let Fact::Closed { conversation, .. } = &event.fact {
        with(scene, *conversation, |scene, customer, c| {
            // The customer's side was told when wrap-up began.
            if !matches!(c.status, Status::Wrapup { .. }) {
                ended(scene, customer, c, event);
            }
        });
    }
}

fn with(
    scene: &mut Scene,
    id: ConversationId,
    show: impl FnOnce(&mut Scene, &Customer, &Conversation),
) {
    let state = scene.state;
    let Some(conversation) = state.conversation(id) else { return };
    let Some(customer) = state.customer(conversation.customer) else { return };
    show(scene, customer, conversation);
}

fn said(
    scene: &mut Scene,
    event: &Event,
    (id, to): (ConversationId, Hearers),
    verb: crate::desk::language::command::Verb,
) {
    let state = scene.state;
    let Some(conversation) = state.conversation(id) else { return };
    let Some(customer) = state.customer(conversation.customer) else { return };
    let (from, sender) =
        match (scene.session.and_then(|s| Some((s, state.person(s)?))), &event.actor) {
            (Some((session, person)), _) => (person.source.clone(), Some(session)),
            (None, Actor::Customer(_)) => (Arc::new(customer.source()), None),
            (None, Actor::Staff(account)) => (state.absent_source(account), None),
            (None, Actor::Desk | Actor::Operator | Actor::Member) => (state.desk.clone(), None),
        };
    if to == Hearers::Note {
        if let Actor::Staff(account) = &event.actor {
            // Its author is answered that it is kept, and has the words on the screen.
            let mut sessions = super::staff_sessions(customer);
            sessions.retain(|session| Some(*session) != scene.session);
            let note = Text::NoteBy(account.clone(), event.word(0));
            scene.say(target(&customer.channel, Hearers::Staff), sessions, note);
        }
        return;
    }
    let said = Said {
        id: MessageId::Stored(event.seq.0),
        at: event.at,
        from,
        sender,
        target: target(&customer.channel, to),
        verb,
        text: event.word(0),
        tags: event.tags(),
        more: event.further(),
        hearers: to,
        replayed: false,
    };
    scene.out.notice_sorted(hearers(customer, to), Notice::Said(said));
}

fn queued(scene: &mut Scene, customer: &Customer, c: &Conversation, reason: Reason) {
    let channel = customer.channel.clone();
    let waited = scene.now.since(c.opened);
    let quote = c.quote.clone().unwrap_or_else(|| Line::scrubbed(""));
    let text = match reason {
        Reason::FirstLine => Text::New(channel.clone(), c.department.clone(), waited, quote),
        _ => Text::Requeued(channel.clone(), c.department.clone(), waited, reason),
    };
    if !matches!(reason, Reason::OfferEnded | Reason::UrgencyChanged) {
        scene.announce(&c.department, text);
    }
    let owner_gone = c.owners.last().filter(|(_, at)| *at == scene.now).map(|(o, _)| o.clone());
    if let Some(owner) = owner_gone
        && matches!(reason, Reason::OwnerLost | Reason::OwnerSilent)
    {
        scene.tell_account(&owner, &Text::YouLost(channel, None));
    }
    match reason {
        Reason::OwnerLost | Reason::OwnerSilent | Reason::OwnerLeft | Reason::Released => {
            scene.tell_customer(customer, Text::AgentLost);
        }
        Reason::FirstLine
        | Reason::AskedForPerson
        | Reason::BotHandedOver
        | Reason::BotSilent
        | Reason::BotLost
        | Reason::Transferred => {
            scene.tell_customer(customer, Text::Waiting(c.department.clone()));
        }
        Reason::AskedFor
        | Reason::OfferEnded
        | Reason::Spoke
        | Reason::Asked
        | Reason::UrgencyChanged
        | Reason::AllDeclined => {}
    }
}

fn offers(scene: &mut Scene, event: &Event) {
    match &event.fact {
        Fact::Offered { conversation, to, deadline, transfer } => {
            let why = event.words.first().cloned();
            with(scene, *conversation, |scene, customer, c| {
                let (channel, span) = (customer.channel.clone(), deadline.since(event.at));
                let quote = c.quote.clone().unwrap_or_else(|| Line::scrubbed(""));
                let text = match transfer {
                    None => Text::OfferToYou(channel.clone(), c.department.clone(), quote, span),
                    Some(terms) => Text::TransferToYou(
                        channel.clone(),
                        terms.giver.clone(),
                        why,
                        terms.warm,
                        span,
                    ),
                };
                scene.tell_account(to, &text);
                ring(scene, customer, to);
                if transfer.is_none() {
                    scene.announce(&c.department, Text::Offer(channel, to.clone(), span));
                }
            });
        }
        Fact::OfferedToDepartment { conversation, to, deadline, giver } => {
            let why = event.words.first().cloned();
            with(scene, *conversation, |scene, customer, _| {
                let span = deadline.since(event.at);
                let channel = customer.channel.clone();
                let text =
                    Text::TransferToDepartment(channel, giver.clone(), to.clone(), why, span);
                scene.announce(to, text);
            });
        }
        Fact::OfferEnded { conversation, to, outcome } => {
            let why = event.words.first().cloned();
            with(scene, *conversation, |scene, customer, c| {
                let channel = customer.channel.clone();
                match (c.owner(), to) {
                    (Some(owner), to) => {
                        let text = Text::TransferOver(channel.clone(), to.clone(), *outcome, why);
                        // Whoever withdrew it, or whose conversation ended, knows.
                        if !matches!(outcome, OfferOutcome::Cancelled | OfferOutcome::Ended) {
                            scene.tell_account(owner, &text);
                        }
                        if let Some(to) = to
                            && *outcome != OfferOutcome::Declined
                        {
                            let text = Text::OfferOver(channel, to.clone(), *outcome, None);
                            scene.tell_account(to, &text);
                        }
                    }
                    (None, Some(to)) => {
                        let text = Text::OfferOver(channel, to.clone(), *outcome, why);
                        scene.announce(&c.department, text);
                    }
                    (None, None) => {}
                }
            });
        }
        _ => {}
    }
}

/// An INVITE beside the offer: a click on it accepts.
fn ring(scene: &mut Scene, customer: &Customer, to: &AccountName) {
    for session in scene.state.sessions_of(to).to_vec() {
        let Some(person) = scene.state.person(session) else { continue };
        let notice = Notice::Invited {
            by: scene.state.desk.clone(),
            nick: person.nick().clone(),
            channel: customer.channel.clone(),
            personal: true,
        };
        scene.out.notice([session], notice);
    }
}

fn owned(
    scene: &mut Scene,
    (customer, c): (&Customer, &Conversation),
    (owner, actor): (&AccountName, &Actor),
    (how, from): (Taking, Option<&AccountName>),
) {
    let channel = customer.channel.clone();
    let nick = scene.state.shown_nick(customer, owner);
    let moved = from.is_some_and(|f| f != owner);
    let told = if moved { Text::HandedOver(nick) } else { Text::Joined(nick) };
    scene.tell_customer(customer, told);
    let waited = c.owned_since.since(c.waiting_since);
    match from.filter(|_| moved) {
        None => scene.announce(&c.department, Text::Taken(channel.clone(), owner.clone(), waited)),
        Some(from) => {
            let text = Text::Transferred(channel.clone(), from.clone(), owner.clone());
            scene.announce(&c.department, text);
            match how {
                Taking::Transferred => {
                    scene.tell_account(
                        from,
                        &Text::TransferAccepted(channel.clone(), owner.clone()),
                    );
                }
                Taking::TookOver => {
                    scene.tell_account(from, &Text::YouLost(channel.clone(), Some(owner.clone())));
                }
                Taking::Claimed | Taking::Accepted | Taking::Inherited => {}
            }
        }
    }
    let moves = u32::try_from(c.owners.len()).unwrap_or(u32::MAX);
    let back = c.owners.iter().any(|(o, at)| o == owner && scene.now.since(*at) < BACK_AND_FORTH);
    if moved && (moves > TRANSFERS || back) {
        scene.announce(&c.department, Text::TransferLoop(channel.clone(), moves));
    }
    // Who took it is told when they are in; who was given it, now.
    if *actor != Actor::Staff(owner.clone()) {
        scene.tell_account(owner, &Text::YouOwn(channel));
    }
}

fn presence(scene: &mut Scene, event: &Event) {
    match &event.fact {
        Fact::OwnerLost { conversation, deadline } => {
            owner_moves(scene, *conversation, Some(*deadline))
        }
        Fact::OwnerBack { conversation } => owner_moves(scene, *conversation, None),
        Fact::Held { conversation, until } => with(scene, *conversation, |scene, customer, _| {
            let span = until.since(event.at);
            scene.tell_customer(customer, Text::OnHold(span, event.words.first().cloned()));
        }),
        Fact::Unheld { conversation, reason } => {
            with(scene, *conversation, |scene, customer, c| {
                // An agent who speaks shows by that that the wait is over.
                let by_customer = matches!(event.actor, Actor::Customer(_));
                if *reason != Reason::Spoke {
                    scene.tell_customer(customer, Text::OffHold);
                }
                if by_customer && let Some(owner) = c.owner() {
                    scene.tell_account(owner, &Text::HoldEnded(customer.channel.clone()));
                }
            })
        }
        Fact::SilenceAlarmed { conversation } => {
            with(scene, *conversation, |scene, customer, c| {
                let Some(owner) = c.owner().cloned() else { return };
                let channel = customer.channel.clone();
                if c.hold.is_some() {
                    scene.tell_account(&owner, &Text::HoldDue(channel.clone()));
                    scene.announce(&c.department, Text::HoldOver(channel, owner));
                    return;
                }
                let silent = c.unanswered_since.map(|s| event.at.since(s)).unwrap_or_default();
                let settings = &scene.state.settings;
                let left = settings.silent_return.saturating_sub(settings.silent_alarm);
                scene.tell_account(&owner, &Text::SilentWarning(channel.clone(), left));
                scene.announce(&c.department, Text::Silent(channel, owner, silent));
            })
        }
        Fact::HelperJoined { conversation, helper, .. } => {
            with(scene, *conversation, |scene, customer, _| {
                let nick = scene.state.shown_nick(customer, helper);
                scene.tell_customer(customer, Text::AlsoJoined(nick));
            });
        }
        _ => {}
    }
}

fn owner_moves(scene: &mut Scene, id: ConversationId, deadline: Option<Timestamp>) {
    with(scene, id, |scene, customer, c| {
        let Some(owner) = c.owner().cloned() else { return };
        let channel = customer.channel.clone();
        let text = match deadline {
            Some(deadline) => Text::OwnerLost(channel, owner, deadline.since(scene.now)),
            None => Text::OwnerBack(channel, owner),
        };
        scene.announce(&c.department, text);
    });
}

fn ended(scene: &mut Scene, customer: &Customer, c: &Conversation, event: &Event) {
    let (Fact::Closed { reason, .. } | Fact::WrappingUp { reason, .. }) = &event.fact else {
        return;
    };
    scene.tell_customer(customer, Text::ConversationClosed);
    let channel = customer.channel.clone();
    let why = event.words.first().cloned();
    let text = Text::Closed(channel, c.owner().cloned(), *reason, why);
    scene.announce(&c.department, text.clone());
    // Whoever closed it is told so by the command itself.
    let mut others = staff_sessions(customer);
    others.retain(|s| Some(*s) != scene.session);
    scene.say(target(&customer.channel, Hearers::Staff), others, text);
}
