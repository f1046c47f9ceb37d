//! Who is told of metadata: those who share a channel with its owner or MONITOR them, and asked to
//! be told of the key. Never a customer.

use super::Scene;
use crate::base::ids::SessionId;
use crate::base::text::Line;
use crate::desk::change::{Live, RoomChange, Step};
use crate::desk::language::fact::{Event, Fact};
use crate::desk::language::metadata::{Changed, Keeper, Key, MetadataReply, Owner};
use crate::desk::language::notice::{Notice, Reply};
use crate::desk::metadata::{of_person, of_room};
use crate::desk::queries::visible::{sees, sharers};
use std::sync::Arc;

pub(super) fn after(scene: &mut Scene, step: &Step, event: Option<&Event>) {
    match (step, event.map(|event| (&event.fact, event.words.first()))) {
        (Step::Live(Live::Metadata(owner, key, value)), _) => {
            changed(scene, owner, key, value.as_ref());
        }
        (_, Some((Fact::MetadataSet { keeper, key }, value))) => {
            let owner = match keeper {
                Keeper::Account(account) => Owner::Account(account.folded()),
                Keeper::Channel(channel) => Owner::Room(channel.folded()),
            };
            changed(scene, &owner, key, value);
        }
        (Step::Live(Live::Room(key, RoomChange::Joined(session, _))), _) => {
            let Some(room) = scene.state.room(key) else { return };
            let shown = |to: &SessionId| room.shows(*to, *session);
            let members: Vec<SessionId> = room.members.keys().copied().filter(shown).collect();
            joined(scene, *session, &members);
            let Some(person) = scene.state.person(*session) else { return };
            let told = of_room(scene.state, *session, room, &person.subscriptions);
            if !told.is_empty() {
                let reply = MetadataReply::Events(room.name.shared(), told);
                scene.out.reply(*session, Reply::Metadata(Box::new(reply)));
            }
        }
        _ => {}
    }
}

/// The members of a channel are told what a newcomer has set.
fn joined(scene: &mut Scene, session: SessionId, members: &[SessionId]) {
    let Some(person) = scene.state.person(session) else { return };
    for (target, key, value) in of_person(scene.state, session, person, None) {
        let to: Vec<SessionId> = members
            .iter()
            .copied()
            .filter(|to| *to != session && hears(scene, *to, session))
            .collect();
        tell(scene, to, person.source.clone(), (target, &key, Some(&value)));
    }
}

fn changed(scene: &mut Scene, owner: &Owner, key: &Key, value: Option<&Line>) {
    let state = scene.state;
    let by = scene.session.and_then(|session| state.person(session)).map(|p| p.source.clone());
    let sessions = match owner {
        Owner::Session(session) => vec![*session],
        Owner::Account(account) => {
            state.agents.get(account).map_or(Vec::new(), |agent| agent.sessions.clone())
        }
        Owner::Room(channel) => {
            let (Some(room), Some(by)) = (state.room(channel), by) else { return };
            let to = room.members.keys().copied().collect();
            return tell(scene, to, by, (room.name.shared(), key, value));
        }
    };
    for session in sessions {
        let Some(person) = state.person(session) else { continue };
        let watching = state.monitored.get(&person.nick().folded());
        let mut to = sharers(state, session);
        to.extend(watching.into_iter().flatten());
        to.insert(session);
        let to = to.into_iter().filter(|to| hears(scene, *to, session)).collect();
        let by = by.clone().unwrap_or_else(|| person.source.clone());
        tell(scene, to, by, (person.nick().shared(), key, value));
    }
}

fn hears(scene: &Scene, to: SessionId, of: SessionId) -> bool {
    sees(scene.state, to, of)
}

/// Tells those of them who asked for the key, but for who did it.
fn tell(
    scene: &mut Scene,
    mut to: Vec<SessionId>,
    by: Arc<crate::desk::language::people::Source>,
    (target, key, value): (Arc<str>, &Key, Option<&Line>),
) {
    let asker = scene.session;
    to.retain(|session| {
        let person = scene.state.person(*session);
        Some(*session) != asker
            && person.is_some_and(|p| p.customer.is_none() && p.subscriptions.contains(key))
    });
    let changed = Changed { by, target, key: key.clone(), value: value.cloned() };
    scene.out.notice(to, Notice::Metadata(Box::new(changed)));
}
