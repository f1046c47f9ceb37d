//! CHATHISTORY: where somebody may look. A target that is not there and one that is not theirs are
//! refused alike; the lines themselves come from the archive.

use super::change::{Plan, Step};
use super::context::Context;
use super::language::archive::ArchiveQuery;
use super::language::history::{Asked, Buffer, Lines, Targets};
use super::language::people::{Party, Rank};
use super::language::refusal::{PastRefusal, Refusal};
use super::queries::visible::{Sight, lookup};
use super::settings::HistorySettings;
use super::state::State;
use super::state::people::Person;
use super::state::rooms::Room;
use crate::base::ids::SessionId;
use crate::base::text::{AccountName, Folded, Line};
use crate::base::time::Timestamp;
use std::sync::Arc;

/// CHATHISTORY but for TARGETS.
pub(super) fn lines(state: &State, ctx: &Context, asked: &Asked) -> Result<Plan, Refusal> {
    let typed = asked.target.as_str();
    let Some((buffer, since, rank)) = buffer(state, ctx, typed) else {
        let context = vec![asked.subcommand.shared(), asked.target.shared()];
        return Err(Refusal::Past(PastRefusal::Target(context)));
    };
    let name = super::past::name(&buffer).unwrap_or_else(|| asked.target.shared());
    let mut asked = asked.clone();
    asked.limit = asked.limit.min(state.settings.history.lines_max);
    let server = state.settings.server.clone();
    let query = Lines { asked, name, buffer, since, rank, server };
    Ok(vec![Step::Consult(ctx.session, ArchiveQuery::Lines(Box::new(query)))])
}

/// Where a target lies for the asker, since when they may look, and their rank there. None: there is no such channel for them.
pub(super) fn buffer(
    state: &State,
    ctx: &Context,
    typed: &str,
) -> Option<(Buffer, Timestamp, Rank)> {
    if !typed.starts_with('#') {
        let since = HistorySettings::since(ctx.now, state.settings.history.private);
        return Some((private(state, ctx, typed), since, Rank::NONE));
    }
    let key = Folded::of(typed);
    if let Some(buffer) = lounge(state, ctx.person, &key) {
        return Some((buffer, Timestamp(0), Rank::NONE));
    }
    if let Sight::Customer(_) = Sight::of(state, ctx.person) {
        return None;
    }
    let room = state.room(&key)?;
    let rank = room.members.get(&ctx.session)?;
    let since = room_since(state, ctx, room);
    Some((Buffer::Room(room.name.clone()), since, *rank))
}

/// A customer's channel, for its customer and for staff.
fn lounge(state: &State, person: &Person, key: &Folded) -> Option<Buffer> {
    let customer = state.lounge(key)?;
    let staff = person.is_staff();
    if !staff && person.customer != Some(customer.id) {
        return None;
    }
    Some(Buffer::Lounge {
        customer: customer.id,
        channel: customer.channel.clone(),
        source: Arc::new(customer.source()),
        staff,
    })
}

/// Private words with somebody: by account where they have one, else with whom has the nick now. A
/// customer has none with anybody.
fn private(state: &State, ctx: &Context, nick: &str) -> Buffer {
    if let Sight::Customer(_) = Sight::of(state, ctx.person) {
        return Buffer::Nothing;
    }
    let other = match lookup(state, ctx.session, nick) {
        Some((session, person)) => Some(party(state, session, person)),
        None => AccountName::parse(nick).ok().map(Party::Account),
    };
    match other {
        Some(other) => Buffer::Private(party(state, ctx.session, ctx.person), other),
        None => Buffer::Nothing,
    }
}

/// What somebody is in private words.
pub(super) fn party(state: &State, session: SessionId, person: &Person) -> Party {
    match person.account() {
        Some(account) => Party::Account(account.clone()),
        None => Party::Visit(state.run, session.0),
    }
}

/// The nick of somebody in private words; of an account that is not here, its name.
pub(super) fn nick_of(state: &State, party: &Party) -> Arc<str> {
    let session = match party {
        Party::Account(account) => state.sessions_of(account).first().copied(),
        Party::Visit(_, session) => Some(SessionId(*session)),
    };
    match (session.and_then(|s| state.person(s)), party) {
        (Some(person), _) => person.nick().shared(),
        (None, Party::Account(account)) => account.shared(),
        (None, Party::Visit(..)) => Arc::from("*"),
    }
}

/// The sessions of somebody in private words.
pub(super) fn sessions_of(state: &State, party: &Party) -> Vec<SessionId> {
    match party {
        Party::Account(account) => state.sessions_of(account).to_vec(),
        Party::Visit(_, session) => vec![SessionId(*session)],
    }
}

/// Since when a member may look back: as far as it is kept; for those who are no staff no further than
/// the channel has existed, for one of the same name may have been somebody else's before.
pub(super) fn room_since(state: &State, ctx: &Context, room: &Room) -> Timestamp {
    let kept = HistorySettings::since(ctx.now, state.settings.history.channels);
    if ctx.person.is_staff() { kept } else { kept.max(room.created) }
}

/// CHATHISTORY TARGETS.
pub(super) fn targets(
    state: &State,
    ctx: &Context,
    (typed, between, limit): (&[Line], (Timestamp, Timestamp), usize),
) -> Plan {
    let mut channels = Vec::new();
    for room in ctx.person.rooms.iter().filter_map(|key| state.room(key)) {
        channels.push((Buffer::Room(room.name.clone()), room_since(state, ctx, room)));
    }
    let lounges = ctx.person.lounges.iter().chain(&ctx.person.customer);
    for customer in lounges.filter_map(|id| state.customer(*id)) {
        let buffer = lounge(state, ctx.person, &customer.channel.folded());
        channels.extend(buffer.map(|buffer| (buffer, Timestamp(0))));
    }
    let (mut me, mut nicks) = (None, Vec::new());
    if !matches!(Sight::of(state, ctx.person), Sight::Customer(_)) {
        let since = HistorySettings::since(ctx.now, state.settings.history.private);
        me = Some((party(state, ctx.session, ctx.person), since));
        let others = state.persons().filter(|(_, person)| person.customer.is_none());
        nicks.extend(others.map(|(s, person)| (party(state, s, person), person.nick().clone())));
    }
    let limit = limit.min(state.settings.history.lines_max);
    let query = Targets { typed: typed.to_vec(), between, limit, channels, party: me, nicks };
    vec![Step::Consult(ctx.session, ArchiveQuery::Targets(Box::new(query)))]
}
