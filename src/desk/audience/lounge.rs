//! Coming and going in customers' channels, and words there that are not stored.

use super::{Scene, hearers, rooms, staff_who_see};
use crate::base::ids::{CustomerId, SessionId};
use crate::base::limits::REPLAY_LINES;
use crate::base::text::{ChannelName, Line};
use crate::desk::change::{Address, Live};
use crate::desk::language::notice::{Notice, Output, Reply, Said};
use crate::desk::language::people::Rank;
use crate::desk::lines::lines_for_staff;
use crate::desk::markers;
use crate::desk::queries::{card, names};
use crate::desk::rooms::topic::mask_of;
use crate::desk::state::people::{Customer, Standing};

pub(super) fn before(scene: &mut Scene, live: &Live) {
    match live {
        Live::StaffOut { customer, session, reason, quiet: false } => {
            parted(scene, *customer, *session, reason.as_ref());
        }
        Live::StaffIn(customer, session, standing) => {
            entering(scene, *customer, *session, *standing)
        }
        _ => {}
    }
}

pub(super) fn after(scene: &mut Scene, live: &Live) {
    match live {
        Live::Seated(customer, session) => seated(scene, *customer, *session),
        Live::StaffIn(customer, session, _) => entered(scene, *customer, *session),
        Live::Attached { client, person, replay, .. } => {
            attached(scene, (*client, *person), *replay);
        }
        Live::Passing(Address::Lounge(customer, to), said) => {
            let Some(customer) = scene.state.customer(*customer) else { return };
            let (sessions, id) = (hearers(customer, *to), scene.passing_id());
            let said = Said { id, ..(**said).clone() };
            scene.out.notice(sessions, Notice::Said(said));
        }
        _ => {}
    }
}

/// The customer is in their own channel.
fn seated(scene: &mut Scene, id: CustomerId, session: SessionId) {
    let Some(customer) = scene.state.customer(id) else { return };
    let Some(person) = scene.state.person(session) else { return };
    let who = person.source.clone();
    let channel = customer.channel.clone();
    let mut to = staff_who_see(customer, Standing::Member);
    to.push(session);
    to.sort_unstable();
    let rank = Rank::NONE;
    scene.out.notice(to, Notice::Joined { who, channel: channel.clone(), rank, away: None });
    let topic = card::topic(scene.state, scene.now, person, customer);
    let set = (topic, mask_of(&scene.state.desk), customer.created);
    scene.out.reply(session, Reply::Topic { channel: channel.clone(), topic: Some(set) });
    if let Some(marker) = markers::on_join(scene.state, session, customer.channel.shared()) {
        scene.out.reply(session, marker);
    }
    names_for(scene, customer, session);
}

/// A new client of somebody is shown the channels that they are in.
fn attached(scene: &mut Scene, (client, session): (SessionId, SessionId), replay: bool) {
    let (state, earlier) = (scene.state, scene.out.outputs.len());
    let Some(person) = state.person(session) else { return };
    let joined = |channel: &ChannelName, rank| Notice::Joined {
        who: person.source.clone(),
        channel: channel.clone(),
        rank,
        away: None,
    };
    for room in person.rooms.iter().filter_map(|key| state.room(key)) {
        let rank = room.members.get(&session).copied().unwrap_or(Rank::NONE);
        scene.out.notice([session], joined(&room.name, rank));
        rooms::furnish(state, session, (room, replay), scene.out, scene.now);
    }
    for customer in person.lounges.iter().filter_map(|id| state.customer(*id)) {
        scene.out.notice([session], joined(&customer.channel, Rank::OP));
        furnish(scene, customer, session, replay);
    }
    scene.out.readdress(earlier, session, client);
}

fn names_for(scene: &mut Scene, customer: &Customer, session: SessionId) {
    let members = names::of_lounge(scene.state, session, customer);
    let channel = customer.channel.shared();
    scene.out.reply(session, Reply::Names { channel, members, kind: '@', on_join: true });
}

/// Whoever has not seen this member of staff in the channel yet, and sees them from now on.
fn entering(scene: &mut Scene, id: CustomerId, session: SessionId, standing: Standing) {
    let Some(customer) = scene.state.customer(id) else { return };
    let Some(person) = scene.state.person(session) else { return };
    let was = customer.standing(session);
    let mut to: Vec<SessionId> = match was {
        None | Some(Standing::Watcher) => staff_who_see(customer, standing),
        Some(Standing::Member | Standing::Backstage) => Vec::new(),
    };
    to.retain(|s| *s != session);
    if was.is_none() && person.away.is_none() {
        to.push(session);
    }
    to.sort_unstable();
    let shown_to_customer = standing == Standing::Member && was != Some(Standing::Member);
    let joined = |away| Notice::Joined {
        who: person.source.clone(),
        channel: customer.channel.clone(),
        rank: Rank::OP,
        away,
    };
    // A customer is not told that somebody who helps them is away elsewhere.
    if shown_to_customer {
        scene.out.notice(customer.session, joined(None));
    }
    // The one who enters is told the rest (topic, names, history) once they are in: `entered`.
    scene.out.notice(to, joined(person.away.clone()));
    // Of their own absence they know (away-notify).
    if was.is_none() && person.away.is_some() {
        scene.out.notice([session], joined(None));
    }
}

fn entered(scene: &mut Scene, id: CustomerId, session: SessionId) {
    let Some(customer) = scene.state.customer(id) else { return };
    let Some(person) = scene.state.person(session) else { return };
    // Only the step that brought them in is followed by the burst; see `entering`.
    if !scene.out.outputs.last().is_some_and(|o| just_joined(o, scene, session, customer)) {
        return;
    }
    furnish(scene, customer, session, person.wants_replay);
}

/// What follows a JOIN: topic, names, recent lines.
fn furnish(scene: &mut Scene, customer: &Customer, session: SessionId, replays: bool) {
    let Some(person) = scene.state.person(session) else { return };
    let channel = customer.channel.clone();
    let topic = card::topic(scene.state, scene.now, person, customer);
    let set = (topic, mask_of(&scene.state.desk), customer.created);
    scene.out.reply(session, Reply::Topic { channel: channel.clone(), topic: Some(set) });
    if let Some(marker) = markers::on_join(scene.state, session, customer.channel.shared()) {
        scene.out.reply(session, marker);
    }
    names_for(scene, customer, session);
    let mut lines: Vec<Said> = lines_for_staff(scene.state, customer).collect();
    let skip = lines.len().saturating_sub(REPLAY_LINES);
    lines.drain(..skip);
    if replays && !lines.is_empty() {
        scene.out.reply(session, Reply::History { channel, lines, unasked: true });
    }
}

/// True when that output is the JOIN of this session, shown to itself.
fn just_joined(output: &Output, scene: &Scene, session: SessionId, customer: &Customer) -> bool {
    let Output::Notice { to, notice: Notice::Joined { channel, .. } } = output else {
        return false;
    };
    *channel == customer.channel && scene.out.recipients[to.clone()].contains(&session)
}

/// A member of staff leaves: whoever sees them is told, and they themselves.
fn parted(scene: &mut Scene, id: CustomerId, session: SessionId, reason: Option<&Line>) {
    let Some(customer) = scene.state.customer(id) else { return };
    let Some(standing) = customer.standing(session) else { return };
    let Some(person) = scene.state.person(session) else { return };
    let mut to = staff_who_see(customer, standing);
    if standing == Standing::Member {
        to.extend(customer.session);
    }
    if !to.contains(&session) {
        to.push(session);
    }
    to.sort_unstable();
    let notice = Notice::Parted {
        who: person.source.clone(),
        channel: customer.channel.clone(),
        reason: reason.cloned(),
    };
    scene.out.notice(to, notice);
}
