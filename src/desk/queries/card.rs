//! The card: what staff see of a customer, and the topic made from it.

use super::visible::Sight;
use crate::base::text::Line;
use crate::base::time::{Timestamp, clock_face};
use crate::desk::language::text::CardFacts;
use crate::desk::state::State;
use crate::desk::state::conversation::{Conversation, Status};
use crate::desk::state::people::{Customer, Person};

/// The topic of a customer's channel as the customer sees it.
const CUSTOMER_TOPIC: &str = "You are talking to our staff. Nobody else sees this channel.";

/// What staff see of a customer.
pub fn facts(state: &State, now: Timestamp, customer: &Customer) -> CardFacts {
    let live = state.live(customer);
    let owner = live.and_then(|c| match &c.status {
        Status::Queued => None,
        Status::Offered { to: who, .. }
        | Status::Bot { bot: who }
        | Status::Owned { owner: who }
        | Status::Wrapup { owner: who, .. } => Some(who.clone()),
    });
    CardFacts {
        channel: customer.channel.clone(),
        conversation: customer.conversation,
        department: Some(live.map_or(&customer.department, |c| &c.department).clone()),
        state: live.map_or("idle", |c| if c.hold.is_some() { "hold" } else { c.status.name() }),
        owner,
        waited: live.map(|c| waited(now, c)).unwrap_or_default(),
        past: customer.past,
        tags: live.map(|c| c.tags.clone()).unwrap_or_default(),
        urgent: live.is_some_and(|c| c.urgent),
        connected: customer.session.is_some(),
        realname: customer.realname.clone(),
        address: customer.address.clone(),
    }
}

/// How long it has been waiting, or waited before a person first took it.
fn waited(now: Timestamp, conversation: &Conversation) -> std::time::Duration {
    match conversation.status {
        Status::Queued | Status::Offered { .. } => now.since(conversation.waiting_since),
        Status::Bot { .. } | Status::Owned { .. } | Status::Wrapup { .. } => {
            conversation.taken.unwrap_or(now).since(conversation.opened)
        }
    }
}

/// The card in one line, for topics and LIST: `support, open, bob, waited 14s, 3 before, urgent`.
pub fn line(card: &CardFacts) -> Line {
    let mut parts = Vec::new();
    parts.extend(card.department.as_ref().map(ToString::to_string));
    parts.push(card.state.to_owned());
    parts.extend(card.owner.as_ref().map(ToString::to_string));
    if card.conversation.is_some() {
        parts.push(format!("waited {}", clock_face(card.waited)));
    }
    parts.push(format!("{} before", card.past));
    if card.urgent {
        parts.push("urgent".to_owned());
    }
    if !card.tags.is_empty() {
        let tags: Vec<&str> = card.tags.iter().map(Line::as_str).collect();
        parts.push(format!("tags {}", tags.join(" ")));
    }
    if !card.connected {
        parts.push("not connected".to_owned());
    }
    Line::scrubbed(&parts.join(", "))
}

/// The topic of a customer's channel, as `viewer` sees it: the card for staff, for the customer
/// words that never change.
pub fn topic(state: &State, now: Timestamp, viewer: &Person, customer: &Customer) -> Line {
    match Sight::of(state, viewer) {
        Sight::Staff => line(&facts(state, now, customer)),
        Sight::Customer(_) | Sight::Member => Line::scrubbed(CUSTOMER_TOPIC),
    }
}
