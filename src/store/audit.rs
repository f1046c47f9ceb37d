//! What staff and operators did that others may ask about: who, what, to whom. Pure; both back ends build
//! on it.
//!
//! It knows no database, and nothing of what was said to customers: that is the transcripts'.

use crate::base::time::Timestamp;
use crate::desk::language::fact::{Event, Fact, Place, Taking};
use crate::desk::language::people::Actor;

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// Who: an account, an operator's name, or `desk` for the server itself.
    pub who: String,
    /// What, in a word or two.
    pub act: String,
    /// To whom or what.
    pub about: String,
    /// The words that came with it.
    pub words: String,
}

/// The name of an act and what it was done to; none for what is no act.
fn named(actor: &Actor, fact: &Fact) -> Option<(&'static str, String)> {
    let by_staff = matches!(actor, Actor::Staff(_));
    Some(match fact {
        Fact::WatchBegan { conversation, .. } => ("watch", format!("conversation {conversation}")),
        Fact::WatchEnded { conversation, .. } => {
            ("unwatch", format!("conversation {conversation}"))
        }
        Fact::HelperJoined { conversation, barge: true, .. } => {
            ("barge", format!("conversation {conversation}"))
        }
        Fact::Owned { conversation, how: Taking::TookOver, from, .. } => {
            let from = from.as_ref().map(|owner| format!(" from {owner}")).unwrap_or_default();
            ("takeover", format!("conversation {conversation}{from}"))
        }
        Fact::WrappingUp { conversation, .. } | Fact::Closed { conversation, .. } if by_staff => {
            ("close", format!("conversation {conversation}"))
        }
        Fact::Blocked { block, .. } => ("block", format!("number {block}")),
        Fact::Unblocked { block } => ("unblock", format!("number {block}")),
        Fact::Redacted { line, place } => {
            let place = match place {
                Place::Conversation(id) => format!("in conversation {id}"),
                Place::Room(room) => format!("in {room}"),
                Place::Private => "in private".to_owned(),
            };
            ("redact", format!("line {line} {place}"))
        }
        Fact::Operated { deed, .. } => (deed.name(), String::new()),
        _ => return None,
    })
}

/// True for what an audit shows.
pub fn is_act(actor: &Actor, fact: &Fact) -> bool {
    named(actor, fact).is_some()
}

/// The event as an audit shows it, if it does.
pub fn act(event: &Event) -> Option<Act> {
    let (act, about) = named(&event.actor, &event.fact)?;
    // Blocks name their author behind the other words when it is no account.
    let mut words: Vec<String> = event.words.iter().map(|word| word.as_str().to_owned()).collect();
    let others = match event.fact {
        Fact::Blocked { .. } => 2,
        Fact::Unblocked { .. } => 0,
        _ => words.len(),
    };
    let author = words.split_off(others.min(words.len())).into_iter().next();
    let who = match (&event.fact, &event.actor) {
        (Fact::Operated { by, .. }, _) => by.to_string(),
        (Fact::WatchBegan { watcher: who, .. } | Fact::WatchEnded { watcher: who, .. }, _)
        | (_, Actor::Staff(who)) => who.to_string(),
        (_, Actor::Desk) => "desk".to_owned(),
        (_, Actor::Operator) => "command line".to_owned(),
        (_, Actor::Customer(customer)) => author.unwrap_or(format!("customer {customer}")),
        (_, Actor::Member) => author.unwrap_or("member".to_owned()),
    };
    let words = words.join(" ").trim().to_owned();
    Some(Act { at: event.at, who, act: act.to_owned(), about, words })
}
