//! PRIVMSG, NOTICE and TAGMSG to rooms and between people who are no customers.

use super::bans::muted;
use crate::base::text::{Folded, Line};
use crate::desk::change::{Address, Live, Plan, Step};
use crate::desk::context::Context;
use crate::desk::history::party;
use crate::desk::language::command::{Say, Verb};
use crate::desk::language::fact::{Fact, Hearers};
use crate::desk::language::notice::{MessageId, Reply, Said};
use crate::desk::language::people::{Party, Rank};
use crate::desk::language::refusal::{CannotSend, Refusal};
use crate::desk::language::words::kept;
use crate::desk::queries::visible::{Sight, is_desk, lookup, sees_channel};
use crate::desk::state::State;
use crate::desk::state::people::Person;
use crate::desk::state::rooms::Room;
use std::sync::Arc;

/// Words to a room; with `rank` only to those of that rank and above (STATUSMSG).
pub fn say(
    state: &State,
    ctx: &Context,
    room_key: &Folded,
    rank: Option<char>,
    say: &Say,
) -> Result<Plan, Refusal> {
    let guest = matches!(Sight::of(state, ctx.person), Sight::Customer(_));
    // Who knows the name of a hidden room may write to one that takes words from outside.
    let open = |room: &&Room| {
        sees_channel(state, ctx.session, room_key) || !guest && !room.flags.contains(&'n')
    };
    let Some(room) = state.room(room_key).filter(open) else {
        return silent(say, Refusal::NoSuchChannel(say.target.shared()));
    };
    if let Some(why) = barred(ctx, room, say) {
        return silent(say, Refusal::CannotSend(room.name.shared(), why));
    }
    if is_kept(say) {
        let fact = Fact::RoomSaid { room: room.name.clone(), rank, verb: say.verb };
        let words = kept(&say.text, say.tags.as_ref(), &say.more);
        return Ok(vec![Step::Fact(ctx.actor(), fact, words)]);
    }
    let target = shown_target(room, rank);
    Ok(vec![passing(ctx, Address::Room(room_key.clone(), rank), target, say)])
}

/// Words to one person. A customer is spoken to in their channel, where it is kept and seen.
pub fn private(state: &State, ctx: &Context, nick: &str, say: &Say) -> Result<Plan, Refusal> {
    if let Sight::Customer(_) = Sight::of(state, ctx.person) {
        return silent(say, Refusal::NoSuchNick(nick.into()));
    }
    if is_desk(state, nick) {
        return silent(say, Refusal::CannotSend(state.desk.nick.shared(), CannotSend::Service));
    }
    let Some((session, person)) = lookup(state, ctx.session, nick) else {
        return silent(say, Refusal::NoSuchNick(nick.into()));
    };
    let known_only = person.modes.contains(&'R') && ctx.account().is_none();
    if known_only && session != ctx.session {
        let refusal = Refusal::CannotSend(person.nick().shared(), CannotSend::SignedInOnly);
        return silent(say, refusal);
    }
    if person.customer.is_some() {
        return silent(say, Refusal::CannotSend(person.nick().shared(), CannotSend::Outside));
    }
    let mut plan = if is_kept(say) {
        let verb = say.verb;
        let (from, to) = (party(state, ctx.session, ctx.person), party(state, session, person));
        let fact = match (&from, to) {
            (Party::Account(_), Party::Account(to)) => Fact::PrivateSaid { to, verb },
            (_, to) => Fact::PeerSaid { from, to, verb },
        };
        let words = kept(&say.text, say.tags.as_ref(), &say.more);
        vec![Step::Fact(ctx.actor(), fact, words)]
    } else {
        vec![passing(ctx, Address::Session(session), person.nick().shared(), say)]
    };
    plan.extend(peer_away(ctx, person, say));
    Ok(plan)
}

/// True for what is kept: words, and tags alone unless all they tell is that somebody types.
fn is_kept(say: &Say) -> bool {
    let lasts = |tag: &str| !matches!(tag.split('=').next(), Some("+typing" | "+draft/typing"));
    say.verb != Verb::Tag || say.tags.as_ref().is_some_and(|tags| tags.split(';').any(lasts))
}

/// The target of a room's words as recipients see it.
pub(in crate::desk) fn shown_target(room: &Room, rank: Option<char>) -> Arc<str> {
    match rank {
        Some(rank) => Arc::from(format!("{rank}{}", room.name)),
        None => room.name.shared(),
    }
}

/// True when a member of this rank hears what is said to `least` and above.
pub(in crate::desk) fn hears(rank: Rank, least: Option<char>) -> bool {
    match least {
        None => true,
        Some(prefix) => Rank::of_prefix(prefix).is_some_and(|least| rank.reaches(least)),
    }
}

/// NOTICE is never answered, not even by an error. Source: RFC 2812 section 3.3.2.
fn silent(say: &Say, refusal: Refusal) -> Result<Plan, Refusal> {
    match say.verb {
        Verb::Notice => Ok(Vec::new()),
        Verb::Privmsg | Verb::Tag => Err(refusal),
    }
}

/// Why the room does not take these words, if it does not.
fn barred(ctx: &Context, room: &Room, say: &Say) -> Option<CannotSend> {
    let has = |letter| room.flags.contains(&letter);
    let rank = room.members.get(&ctx.session).copied();
    if rank.is_none() && has('n') {
        return Some(CannotSend::Outside);
    }
    let ctcp = || is_ctcp(&say.text) || say.more.iter().any(|further| is_ctcp(&further.text));
    if has('C') && ctcp() {
        return Some(CannotSend::NoCtcp);
    }
    if rank.is_some_and(|rank| rank.reaches(Rank::VOICE)) {
        return None;
    }
    if has('m') {
        return Some(CannotSend::Moderated);
    }
    if has('M') && ctx.account().is_none() {
        return Some(CannotSend::NeedsAccount);
    }
    muted(room, ctx.person).then_some(CannotSend::Banned)
}

/// True for client-to-client requests; ACTION is words. Source: Modern IRC CTCP.
fn is_ctcp(text: &Line) -> bool {
    let body = text.as_str().strip_prefix('\u{1}');
    body.is_some_and(|body| {
        !body.starts_with("ACTION ") && body.trim_end_matches('\u{1}') != "ACTION"
    })
}

/// Words that are not stored; their id is given when they go out.
fn passing(ctx: &Context, to: Address, target: Arc<str>, say: &Say) -> Step {
    let said = Said {
        id: MessageId::Passing(0, 0),
        at: ctx.now,
        from: ctx.person.source.clone(),
        sender: Some(ctx.session),
        target,
        verb: say.verb,
        text: say.text.clone(),
        tags: say.tags.clone(),
        more: say.more.clone(),
        hearers: Hearers::Everyone,
        replayed: false,
    };
    Step::Live(Live::Passing(to, Box::new(said)))
}

fn peer_away(ctx: &Context, person: &Person, say: &Say) -> Option<Step> {
    let text = person.away.clone().filter(|_| say.verb == Verb::Privmsg)?;
    Some(Step::Reply(ctx.session, Reply::PeerAway(person.nick().clone(), text)))
}
