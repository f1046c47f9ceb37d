//! Events of the past as they were shown when they were new: same words, same id, same time. Who may
//! look where is decided before (`history`); here, which of what lies there somebody is shown.

use super::language::command::Verb;
use super::language::fact::{Event, Fact, Happening, Hearers};
use super::language::history::{Buffer, Lines, Past};
use super::language::notice::{MessageId, Notice, Said};
use super::language::people::{Actor, Rank, Source};
use super::language::words;
use super::lines::target;
use super::rooms::talk::hears;
use super::state::staff_source;
use crate::base::text::{AccountName, ChannelName, Nick};
use std::sync::Arc;

/// The name of a channel, as it is written.
pub fn name(buffer: &Buffer) -> Option<Arc<str>> {
    match buffer {
        Buffer::Room(channel) | Buffer::Lounge { channel, .. } => Some(channel.shared()),
        Buffer::Private(..) | Buffer::Nothing => None,
    }
}

/// True for words that everybody who looks into this channel is shown.
pub fn is_seen(event: &Event, buffer: &Buffer) -> bool {
    match (&event.fact, buffer) {
        (Fact::Said { to, verb, .. }, Buffer::Lounge { staff, .. }) => {
            *verb != Verb::Tag && (*staff || *to == Hearers::Everyone)
        }
        (Fact::RoomSaid { rank, verb, .. }, Buffer::Room(_)) => {
            *verb != Verb::Tag && rank.is_none()
        }
        _ => false,
    }
}

/// What the asker is shown of an event, if anything.
pub fn shown(event: &Event, ask: &Lines) -> Option<Past> {
    // What was erased is not shown.
    if event.words.is_empty() {
        return None;
    }
    let notice = match (&event.fact, &ask.buffer) {
        (Fact::Said { to, verb, .. }, Buffer::Lounge { channel, source, staff, .. }) => {
            let mine = *staff || *to == Hearers::Everyone;
            if !mine || *verb == Verb::Tag && !ask.asked.events {
                return None;
            }
            let from = author(event, Some(source), &ask.server)?;
            Notice::Said(said(event, *verb, from, (target(channel, *to), *to)))
        }
        (Fact::RoomSaid { rank, verb, .. }, Buffer::Room(room)) => {
            if !hears(ask.rank, *rank) {
                return None;
            }
            let target = match rank {
                Some(rank) => Arc::from(format!("{rank}{room}")),
                None => room.shared(),
            };
            let from = author(event, None, &ask.server)?;
            Notice::Said(said(event, *verb, from, (target, Hearers::Everyone)))
        }
        (Fact::PrivateSaid { verb, .. } | Fact::PeerSaid { verb, .. }, Buffer::Private(..)) => {
            let from = author(event, None, &ask.server)?;
            let (_, to) = words::shown(&event.words, None).unzip();
            let to = to.flatten().or_else(|| match &event.fact {
                Fact::PrivateSaid { to, .. } => Some(to.shared()),
                _ => None,
            });
            Notice::Said(said(event, *verb, from, (to?, Hearers::Everyone)))
        }
        (Fact::Happened { what, .. }, Buffer::Room(room)) => {
            let who = author(event, None, &ask.server)?;
            happened(event, *what, who, room)?
        }
        _ => return None,
    };
    Some(Past { at: event.at, notice })
}

fn said(
    event: &Event,
    verb: Verb,
    from: Arc<Source>,
    (target, hearers): (Arc<str>, Hearers),
) -> Said {
    Said {
        id: MessageId::Stored(event.seq.0),
        at: event.at,
        from,
        sender: None,
        target,
        verb,
        text: event.word(0),
        tags: event.tags(),
        more: event.further(),
        hearers,
        replayed: false,
    }
}

/// Whose doing an event is, as they were shown; `customer` is how the customer of the channel is.
fn author(event: &Event, customer: Option<&Arc<Source>>, server: &str) -> Option<Arc<Source>> {
    let account: Option<&AccountName> = match &event.actor {
        Actor::Staff(account) => Some(account),
        Actor::Customer(_) | Actor::Desk | Actor::Operator | Actor::Member => None,
    };
    if let Some((source, _)) = words::shown(&event.words, account) {
        return Some(Arc::new(source));
    }
    match (&event.actor, account) {
        (_, Some(account)) => Some(Arc::new(staff_source(account, server, false))),
        (Actor::Customer(_), None) => customer.cloned(),
        _ => None,
    }
}

fn happened(
    event: &Event,
    what: Happening,
    who: Arc<Source>,
    room: &ChannelName,
) -> Option<Notice> {
    let channel = room.clone();
    let word = |n: usize| event.words.get(n).cloned();
    Some(match what {
        Happening::Joined => {
            let realname = event.word(1);
            let who = Arc::new(Source { realname, ..(*who).clone() });
            Notice::Joined { who, channel, rank: Rank::NONE, away: None }
        }
        Happening::Parted => Notice::Parted { who, channel, reason: word(1) },
        Happening::Kicked => {
            let nick = Nick::parse(event.word(1).as_str()).ok()?;
            Notice::Kicked { by: who, nick, channel, reason: event.word(2) }
        }
        Happening::Quit => Notice::Quit { who, reason: event.word(1) },
        Happening::Renamed => {
            Notice::Renamed { who, nick: Nick::parse(event.word(1).as_str()).ok()? }
        }
        Happening::Topic => Notice::Topic { by: who, channel, text: event.word(1) },
        Happening::Modes => Notice::Modes { by: who, channel, changes: event.word(1) },
    })
}
