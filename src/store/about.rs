//! Whom an event concerns, and which events make an episode. Pure; both back ends build on it.
//!
//! It knows no database. Every match over `Fact` is exhaustive: a new fact must be placed here.

use super::Episode;
use crate::base::casemap::fold;
use crate::base::ids::{ConversationId, CustomerId, Seq};
use crate::base::text::AccountName;
use crate::desk::language::command::Verb;
use crate::desk::language::fact::{Event, Fact, Place};
use crate::desk::language::history::Buffer;
use crate::desk::language::people::{Actor, Party};

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
        | Fact::Routed { conversation, .. }
        | Fact::Redacted { place: Place::Conversation(conversation), .. } => {
            Subject::Conversation(*conversation)
        }
        Fact::RoomSaid { .. }
        | Fact::PrivateSaid { .. }
        | Fact::PeerSaid { .. }
        | Fact::MarkedRead { .. }
        | Fact::Redacted { place: Place::Room(_) | Place::Private, .. }
        | Fact::Happened { .. }
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

/// What stands before the name of a shelf whose events are no words.
const BESIDES: char = '!';

/// The shelves on which an event of rooms or of private words is found again, as long as it has its
/// words. Customers' channels have none: their events are found by the stretch of the conversation.
pub fn shelves(actor: &Actor, fact: &Fact) -> Vec<String> {
    let besides = |verb: Verb, name: String| match verb {
        Verb::Tag => format!("{BESIDES}{name}"),
        Verb::Privmsg | Verb::Notice => name,
    };
    match (actor, fact) {
        (_, Fact::RoomSaid { room, verb, .. }) => vec![besides(*verb, fold(room.as_str()))],
        (Actor::Staff(from), Fact::PrivateSaid { to, verb }) => {
            vec![besides(*verb, pair(&account(from), &account(to)))]
        }
        (_, Fact::PeerSaid { from, to, verb }) => {
            vec![besides(*verb, pair(&party(from), &party(to)))]
        }
        (_, Fact::Happened { rooms, .. }) => {
            rooms.iter().map(|room| format!("{BESIDES}{}", fold(room.as_str()))).collect()
        }
        _ => Vec::new(),
    }
}

/// The shelves to look at for a buffer; with `besides`, what is no words too. None for a customer's
/// channel.
pub fn shelves_of(buffer: &Buffer, besides: bool) -> Vec<String> {
    let name = match buffer {
        Buffer::Room(room) => fold(room.as_str()),
        Buffer::Private(one, other) => pair(&party(one), &party(other)),
        Buffer::Lounge { .. } | Buffer::Nothing => return Vec::new(),
    };
    let beside = besides.then(|| format!("{BESIDES}{name}"));
    std::iter::once(name).chain(beside).collect()
}

/// The name of one side of private words.
pub fn party(party: &Party) -> String {
    match party {
        Party::Account(name) => account(name),
        Party::Visit(run, session) => format!("~{run}.{session}"),
    }
}

fn account(name: &AccountName) -> String {
    format!("={}", fold(name.as_str()))
}

/// The name of private words: both sides, in one order whoever spoke.
fn pair(one: &str, other: &str) -> String {
    if one <= other { format!("{one} {other}") } else { format!("{other} {one}") }
}

/// True for a shelf of private words, and of what came with them.
pub fn is_private(shelf: &str) -> bool {
    !shelf.trim_start_matches(BESIDES).starts_with('#')
}

/// Both sides of the private words on a shelf; none for other shelves.
pub fn parties(shelf: &str) -> Option<(&str, &str)> {
    if shelf.starts_with(['#', BESIDES]) { None } else { shelf.split_once(' ') }
}

/// The line that this fact takes back.
pub fn redacted(fact: &Fact) -> Option<Seq> {
    match fact {
        Fact::Redacted { line, .. } => Some(*line),
        _ => None,
    }
}

/// The key under which a channel is looked up: folded, and with the `#` that a shell may have swallowed.
pub fn channel_key(name: &str) -> String {
    let hash = if name.starts_with('#') { "" } else { "#" };
    fold(&format!("{hash}{name}"))
}
