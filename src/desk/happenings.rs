//! What happens in rooms besides words, as facts: who came, went, was removed, renamed, and what changed.
//! They change no state; they are there for those whose history shows them (IRCv3 event-playback).

use super::change::{Live, RoomChange};
use super::language::fact::{Fact, Happening};
use super::language::people::{Actor, Source};
use super::language::words::shown_as;
use super::state::State;
use super::state::rooms::Room;
use crate::base::ids::SessionId;
use crate::base::text::{ChannelName, Folded, Line};
use std::sync::Arc;

/// The fact about a passing change that is about to be applied, if history shows it.
pub(super) fn of(state: &State, live: &Live) -> Option<(Actor, Fact, Vec<Line>)> {
    match live {
        Live::Room(key, change) => in_room(state, key, change),
        Live::Gone(session, words) => {
            everywhere(state, *session, Happening::Quit, vec![words.clone()])
        }
        Live::Renamed(session, nick) => {
            let nick = Line::scrubbed(nick.as_str());
            everywhere(state, *session, Happening::Renamed, vec![nick])
        }
        _ => None,
    }
}

/// True for a room whose members are not hidden from each other.
fn is_open(room: &Room) -> bool {
    !room.flags.contains(&'u')
}

fn in_room(state: &State, key: &Folded, change: &RoomChange) -> Option<(Actor, Fact, Vec<Line>)> {
    let room = state.room(key).filter(|room| is_open(room))?;
    let source = |session: &SessionId| state.person(*session).map(|p| p.source.clone());
    let (who, what, words) = match change {
        RoomChange::Joined(session, _) => {
            let who = source(session)?;
            let realname = who.realname.clone();
            (who, Happening::Joined, vec![realname])
        }
        RoomChange::Parted(session, why) => {
            (source(session)?, Happening::Parted, why.iter().cloned().collect())
        }
        RoomChange::Kicked { by, session, reason } => {
            let nick = Line::scrubbed(source(session)?.nick.as_str());
            (by.clone(), Happening::Kicked, vec![nick, reason.clone()])
        }
        RoomChange::Topic(by, text) => {
            let text = text.clone().unwrap_or_else(|| Line::scrubbed(""));
            (by.clone(), Happening::Topic, vec![text])
        }
        RoomChange::ModesTold(by, changes) => (by.clone(), Happening::Modes, vec![changes.clone()]),
        _ => return None,
    };
    Some(fact(&who, vec![room.name.clone()], what, words))
}

fn everywhere(
    state: &State,
    session: SessionId,
    what: Happening,
    words: Vec<Line>,
) -> Option<(Actor, Fact, Vec<Line>)> {
    let person = state.person(session)?;
    let rooms = person.rooms.iter().filter_map(|key| state.room(key));
    let rooms: Vec<ChannelName> =
        rooms.filter(|room| is_open(room)).map(|room| room.name.clone()).collect();
    (!rooms.is_empty()).then(|| fact(&person.source, rooms, what, words))
}

fn fact(
    who: &Arc<Source>,
    rooms: Vec<ChannelName>,
    what: Happening,
    mut words: Vec<Line>,
) -> (Actor, Fact, Vec<Line>) {
    words.insert(0, shown_as(who, None, None));
    let actor = who.account.clone().map_or(Actor::Member, Actor::Staff);
    (actor, Fact::Happened { rooms, what }, words)
}
