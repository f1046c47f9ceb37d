//! Whom an event concerns, and which events make an episode. Pure; both back ends build on it.
//!
//! It knows no database. Every match over `Fact` is exhaustive: a new fact must be placed here.

use super::Episode;
use crate::base::casemap::fold;
use crate::base::ids::{ConversationId, CustomerId};
use crate::desk::language::fact::{Event, Fact};

/// Whom an event concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A conversation.
    Conversation(ConversationId),
    /// A customer, whether in a conversation or not.
    Customer(CustomerId),
    /// Neither: staff among themselves, blocks, operators' acts.
    Neither,
}

/// Whom this fact concerns.
pub fn subject(fact: &Fact) -> Subject {
    match fact {
        Fact::CustomerKnown { customer, .. }
        | Fact::CustomerLost { customer, .. }
        | Fact::CustomerBack { customer }
        | Fact::CustomerRenamed { customer }
        | Fact::CustomerForgotten { customer } => Subject::Customer(*customer),
        Fact::Opened { conversation, .. }
        | Fact::Queued { conversation, .. }
        | Fact::Offered { conversation, .. }
        | Fact::OfferedToDepartment { conversation, .. }
        | Fact::OfferEnded { conversation, .. }
        | Fact::Introduced { conversation, .. }
        | Fact::Owned { conversation, .. }
        | Fact::BotOwned { conversation, .. }
        | Fact::OwnerLost { conversation, .. }
        | Fact::OwnerBack { conversation }
        | Fact::Held { conversation, .. }
        | Fact::Unheld { conversation, .. }
        | Fact::SilenceAlarmed { conversation }
        | Fact::Said { conversation, .. }
        | Fact::Tagged { conversation, .. }
        | Fact::UrgencySet { conversation, .. }
        | Fact::WatchBegan { conversation, .. }
        | Fact::WatchEnded { conversation, .. }
        | Fact::HelperJoined { conversation, .. }
        | Fact::HelperLeft { conversation, .. }
        | Fact::WrappingUp { conversation, .. }
        | Fact::Closed { conversation, .. }
        | Fact::Rated { conversation, .. }
        | Fact::MailAsked { conversation }
        | Fact::Routed { conversation, .. } => Subject::Conversation(*conversation),
        Fact::RoomSaid { .. }
        | Fact::PrivateSaid { .. }
        | Fact::Readiness { .. }
        | Fact::CapacitySet { .. }
        | Fact::Blocked { .. }
        | Fact::Unblocked { .. }
        | Fact::MetadataSet { .. }
        | Fact::Operated { .. } => Subject::Neither,
    }
}

/// The episode in `events`, which hold everything of the conversation and of its customer, in order.
/// None if it never began.
///
/// First comes the customer's `CustomerKnown`, then their last change of nick before the beginning,
/// then all of the conversation, with what happened to the customer meanwhile.
pub fn episode(conversation: ConversationId, events: Vec<Event>) -> Option<Episode> {
    let mine = |e: &Event| subject(&e.fact) == Subject::Conversation(conversation);
    let first = events.iter().position(|e| mine(e) && matches!(e.fact, Fact::Opened { .. }))?;
    let opened = events[first].at;
    let sealed =
        events.iter().skip(first).position(|e| mine(e) && matches!(e.fact, Fact::Closed { .. }));
    let sealed = sealed.map(|behind| first + behind);
    let closed = sealed.map(|at| events[at].at);
    // What is decided of it later (a rating) still belongs to it; words do not, it is sealed.
    let belongs = |at: usize, e: &Event| {
        let said = matches!(e.fact, Fact::Said { .. });
        mine(e) && at >= first && !(said && sealed.is_some_and(|sealed| at > sealed))
    };
    let end = match sealed {
        Some(_) => {
            let last = events.iter().enumerate().rev().find(|&(at, e)| belongs(at, e));
            last.map_or(first, |(at, _)| at)
        }
        None => events.len(),
    };
    let before = |wanted: fn(&Fact) -> bool| events[..first].iter().rposition(|e| wanted(&e.fact));
    let known = before(|f| matches!(f, Fact::CustomerKnown { .. }));
    let renamed =
        before(|f| matches!(f, Fact::CustomerRenamed { .. })).filter(|at| Some(*at) > known);
    let channel = match known.map(|at| &events[at].fact) {
        Some(Fact::CustomerKnown { channel, .. }) => channel.to_string(),
        _ => String::new(),
    };
    let events = events
        .into_iter()
        .enumerate()
        .filter(|&(at, ref event)| {
            let meanwhile = at >= first && at <= end && !mine(event);
            meanwhile || belongs(at, event) || Some(at) == known || Some(at) == renamed
        })
        .map(|(_, event)| event)
        .collect();
    Some(Episode { conversation, channel, opened, closed, events })
}

/// The key under which a channel is looked up: folded, and with the `#` that a shell may have swallowed.
pub fn channel_key(name: &str) -> String {
    let hash = if name.starts_with('#') { "" } else { "#" };
    fold(&format!("{hash}{name}"))
}
