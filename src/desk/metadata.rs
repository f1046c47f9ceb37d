//! METADATA: keys with values on oneself and on the channels one governs, and who is told of them.
//!
//! Source: IRCv3 metadata (draft/metadata-2). A customer has metadata of their own, and may know of
//! nobody else's: to them every other target is as unknown as one that does not exist.

use super::change::{Live, Plan, Step};
use super::context::Context;
use super::language::fact::Fact;
use super::language::metadata::{
    Keeper, Key, Metadata, MetadataRefusal, MetadataReply, MetadataVerb, Owner, Row, Told, key,
};
use super::language::notice::Reply;
use super::language::refusal::Refusal;
use super::queries::visible::{Sight, lookup, sees_channel};
use super::rooms;
use super::state::State;
use super::state::people::Person;
use super::state::rooms::Room;
use crate::base::casemap::same;
use crate::base::ids::SessionId;
use crate::base::limits::ROWS;
use crate::base::text::{Folded, Line};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a target names.
enum Target<'a> {
    Oneself,
    Person(SessionId, &'a Person),
    Room(&'a Room),
    /// A customer's channel: there is nothing on it, and nobody sets anything.
    Lounge,
}

/// Answers or does one METADATA.
pub(super) fn metadata(state: &State, ctx: &Context, asked: &Metadata) -> Result<Plan, Refusal> {
    let target = target(state, ctx, &asked.target)?;
    let name = asked.target.shared();
    let owner = owner(ctx, &target);
    let reply = match &asked.verb {
        MetadataVerb::Get(keys) => {
            let row = |text: &Line| match key(text.as_str()) {
                None => Row::Invalid(text.shared()),
                Some(key) => value(state, owner.as_ref(), &key)
                    .map_or(Row::Unset(key.clone()), |v| Row::Set(key, v.clone())),
            };
            MetadataReply::Rows(name, keys.iter().map(row).collect())
        }
        MetadataVerb::List => {
            let all = owner.iter().flat_map(|owner| state.metadata(owner));
            let rows = all.map(|(key, value)| Row::Set(key.clone(), value.clone()));
            MetadataReply::Rows(name, rows.collect())
        }
        MetadataVerb::Set(key, value) => {
            return set(state, ctx, (&target, name), key, value.as_ref());
        }
        MetadataVerb::Clear => return clear(state, ctx, (&target, name)),
        MetadataVerb::Sub(keys) => return subscribe(state, ctx, keys),
        MetadataVerb::Unsub(keys) => return Ok(unsubscribe(ctx, keys)),
        MetadataVerb::Subs => {
            MetadataReply::Subscriptions(ctx.person.subscriptions.iter().cloned().collect())
        }
        MetadataVerb::Sync => {
            let wanted = &ctx.person.subscriptions;
            let told = match target {
                Target::Oneself => of_person(state, ctx.session, ctx.person, Some(wanted)),
                Target::Person(session, person) => of_person(state, session, person, Some(wanted)),
                Target::Room(room) => of_room(state, ctx.session, room, wanted),
                Target::Lounge => Vec::new(),
            };
            MetadataReply::Events(name, told)
        }
        MetadataVerb::Own => {
            let told = of_person(state, ctx.session, ctx.person, None);
            MetadataReply::Events(ctx.person.nick().shared(), told)
        }
    };
    Ok(vec![answer(ctx, reply)])
}

fn answer(ctx: &Context, reply: MetadataReply) -> Step {
    Step::Reply(ctx.session, Reply::Metadata(Box::new(reply)))
}

fn refuse<T>(why: MetadataRefusal) -> Result<T, Refusal> {
    Err(Refusal::Metadata(why))
}

fn target<'a>(state: &'a State, ctx: &Context, text: &Line) -> Result<Target<'a>, Refusal> {
    let typed = text.as_str();
    if typed == "*" || same(typed, ctx.person.nick().as_str()) {
        return Ok(Target::Oneself);
    }
    let invalid = || refuse(MetadataRefusal::InvalidTarget(text.shared()));
    if matches!(Sight::of(state, ctx.person), Sight::Customer(_)) {
        return invalid();
    }
    if let Some((session, person)) = lookup(state, ctx.session, typed) {
        return Ok(Target::Person(session, person));
    }
    let channel = Folded::of(typed);
    if !sees_channel(state, ctx.session, &channel) {
        return invalid();
    }
    Ok(state.room(&channel).map_or(Target::Lounge, Target::Room))
}

fn owner(ctx: &Context, target: &Target) -> Option<Owner> {
    match target {
        Target::Oneself => Some(Owner::of(ctx.session, ctx.person)),
        Target::Person(session, person) => Some(Owner::of(*session, person)),
        Target::Room(room) => Some(Owner::of_room(room)),
        Target::Lounge => None,
    }
}

fn value<'a>(state: &'a State, owner: Option<&Owner>, key: &str) -> Option<&'a Line> {
    state.metadatum(owner?, key)
}

/// Whose it is, if the asker may change it.
fn own<'a>(
    ctx: &Context,
    (target, name): (&Target<'a>, &Arc<str>),
    key: &str,
) -> Result<Owner, Refusal> {
    let may = match target {
        Target::Oneself => true,
        Target::Room(room) => rooms::may_describe(ctx, room),
        Target::Person(..) | Target::Lounge => false,
    };
    match owner(ctx, target).filter(|_| may) {
        Some(owner) => Ok(owner),
        None => refuse(MetadataRefusal::NoPermission(name.clone(), key.into())),
    }
}

fn set(
    state: &State,
    ctx: &Context,
    (target, name): (&Target, Arc<str>),
    typed: &Line,
    value: Option<&Line>,
) -> Result<Plan, Refusal> {
    let Some(key) = key(typed.as_str()) else {
        return refuse(MetadataRefusal::InvalidKey(typed.shared()));
    };
    let owner = own(ctx, (target, &name), &key)?;
    let before = state.metadatum(&owner, &key);
    let limits = &state.settings.metadata;
    let row = match value {
        None if before.is_none() => return refuse(MetadataRefusal::NotSet(name, key)),
        None => Row::Unset(key.clone()),
        Some(value) if value.as_str().len() > limits.max_value_bytes as usize => {
            return refuse(MetadataRefusal::ValueTooLong(limits.max_value_bytes as usize));
        }
        Some(_)
            if before.is_none() && state.metadata(&owner).count() >= limits.max_keys as usize =>
        {
            return refuse(MetadataRefusal::LimitReached(name));
        }
        Some(value) => Row::Set(key.clone(), value.clone()),
    };
    let mut plan = Plan::new();
    if before != value {
        plan.push(change(ctx, target, &owner, &key, value));
    }
    plan.push(answer(ctx, MetadataReply::Changed(name, row)));
    Ok(plan)
}

fn clear(
    state: &State,
    ctx: &Context,
    (target, name): (&Target, Arc<str>),
) -> Result<Plan, Refusal> {
    let owner = own(ctx, (target, &name), "*")?;
    let keys: Vec<Key> = state.metadata(&owner).map(|(key, _)| key.clone()).collect();
    let mut plan: Plan = keys.iter().map(|key| change(ctx, target, &owner, key, None)).collect();
    let rows = keys.into_iter().map(Row::Unset).collect();
    plan.push(answer(ctx, MetadataReply::Rows(name, rows)));
    Ok(plan)
}

/// What outlives its owner's connection is a fact: that of accounts, and of channels that always are.
fn change(ctx: &Context, target: &Target, owner: &Owner, key: &Key, value: Option<&Line>) -> Step {
    let keeper = match target {
        Target::Oneself => ctx.account().map(|account| Keeper::Account(account.clone())),
        Target::Room(room) if room.department.is_some() => Some(Keeper::Channel(room.name.clone())),
        Target::Room(_) | Target::Person(..) | Target::Lounge => None,
    };
    match keeper {
        Some(keeper) => {
            let fact = Fact::MetadataSet { keeper, key: key.clone() };
            Step::Fact(ctx.actor(), fact, value.cloned().into_iter().collect())
        }
        None => Step::Live(Live::Metadata(owner.clone(), key.clone(), value.cloned())),
    }
}

/// "The server MUST process each key in order"; at the first that is too many it stops.
fn subscribe(state: &State, ctx: &Context, keys: &[Line]) -> Result<Plan, Refusal> {
    let mut all = ctx.person.subscriptions.clone();
    let (mut good, mut bad, mut over) = (Vec::new(), Vec::new(), None);
    let mut fresh = BTreeSet::new();
    for typed in keys {
        let Some(key) = key(typed.as_str()) else {
            bad.push(typed.shared());
            continue;
        };
        if all.len() >= state.settings.metadata.max_subs as usize {
            over = Some(typed.shared());
            break;
        }
        if all.insert(key.clone()) {
            fresh.insert(key.clone());
        }
        good.push(key);
    }
    let added: Vec<Key> = fresh.iter().cloned().collect();
    let mut plan = vec![Step::Live(Live::Subscribed(ctx.session, added, true))];
    plan.push(answer(ctx, MetadataReply::Subscribed(good, bad, over)));
    let rooms = ctx.person.rooms.iter().filter_map(|key| state.room(key));
    let mut told: Vec<Told> = Vec::new();
    for room in rooms {
        told.extend(of_room(state, ctx.session, room, &fresh));
        if told.len() > ROWS {
            break;
        }
    }
    let mut seen = BTreeSet::new();
    told.retain(|(whose, key, _)| seen.insert((whose.clone(), key.clone())));
    told.truncate(ROWS);
    if !told.is_empty() {
        plan.push(answer(ctx, MetadataReply::Events("*".into(), told)));
    }
    Ok(plan)
}

fn unsubscribe(ctx: &Context, keys: &[Line]) -> Plan {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for typed in keys {
        match key(typed.as_str()) {
            Some(key) => good.push(key),
            None => bad.push(typed.shared()),
        }
    }
    vec![
        Step::Live(Live::Subscribed(ctx.session, good.clone(), false)),
        answer(ctx, MetadataReply::Unsubscribed(good, bad)),
    ]
}

/// What a person has set, of these keys if any are named.
pub(super) fn of_person(
    state: &State,
    session: SessionId,
    person: &Person,
    wanted: Option<&BTreeSet<Key>>,
) -> Vec<Told> {
    let owner = Owner::of(session, person);
    let wanted = |key: &Key| wanted.is_none_or(|wanted| wanted.contains(key));
    let all = state.metadata(&owner).filter(|(key, _)| wanted(key));
    all.map(|(key, value)| (person.nick().shared(), key.clone(), value.clone())).collect()
}

/// What is set on a channel and by those in it whom the viewer may know, of these keys.
pub(super) fn of_room(
    state: &State,
    viewer: SessionId,
    room: &Room,
    wanted: &BTreeSet<Key>,
) -> Vec<Told> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let owner = Owner::of_room(room);
    let own = state.metadata(&owner).filter(|(key, _)| wanted.contains(*key));
    let name = room.name.shared();
    let mut told: Vec<Told> =
        own.map(|(key, value)| (name.clone(), key.clone(), value.clone())).collect();
    for member in rooms::names::of_room(state, viewer, room) {
        let Some((session, person)) = state.by_nick(member.who.nick.as_str()) else { continue };
        told.extend(of_person(state, session, person, Some(wanted)));
        if told.len() >= ROWS {
            break;
        }
    }
    told.truncate(ROWS);
    told
}
