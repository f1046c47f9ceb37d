//! REDACT: taking a line back. The line itself comes from the archive; until it is there nothing is
//! decided, and what the asker was never shown is not there for them.
//!
//! Nobody is shown the words again, and no search finds them. The journal keeps them: in rooms and
//! private words until their time is over like that of all others, in customers' conversations for
//! the transcript of the audit.

use super::change::{Address, Live, Plan, Step};
use super::context::Context;
use super::history;
use super::language::archive::ArchiveQuery;
use super::language::fact::{Event, Fact, Place};
use super::language::history::{Asked, Buffer, Lines, Redacted, Redaction, Select};
use super::language::notice::MessageId;
use super::language::people::{Actor, Party, Rank, Role};
use super::language::refusal::{PastRefusal, Refusal};
use super::language::words;
use super::lines::target;
use super::past;
use super::rooms::governs;
use super::rooms::talk::shown_target;
use super::state::State;
use crate::base::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Asks the archive for the line.
pub(super) fn ask(state: &State, ctx: &Context, asked: &Redaction) -> Result<Plan, Refusal> {
    buffer(state, ctx, asked)?;
    if asked.line.is_none() {
        return missing(asked);
    }
    Ok(vec![Step::Consult(ctx.session, ArchiveQuery::Line(Box::new(asked.clone())))])
}

fn buffer(
    state: &State,
    ctx: &Context,
    asked: &Redaction,
) -> Result<(Buffer, Timestamp, Rank), Refusal> {
    let refusal = || Refusal::Past(PastRefusal::Target(vec![asked.target.shared()]));
    history::buffer(state, ctx, asked.target.as_str()).ok_or_else(refusal)
}

fn missing(asked: &Redaction) -> Result<Plan, Refusal> {
    Err(Refusal::Past(PastRefusal::NoSuchLine(asked.target.shared(), asked.id.shared())))
}

/// Takes the line back, if it is there for the asker and theirs to take.
pub(super) fn decide(
    state: &State,
    ctx: &Context,
    asked: &Redaction,
    found: Option<&Event>,
) -> Result<Plan, Refusal> {
    let (buffer, since, rank) = buffer(state, ctx, asked)?;
    let seen = |event: &&Event| event.at >= since && is_shown(event, &buffer, rank);
    let Some(event) = found.filter(seen) else { return missing(asked) };
    let Some(place) = place(state, event, &buffer) else { return missing(asked) };
    let (typed, id) = (asked.target.shared(), asked.id.shared());
    if !governs_there(state, ctx, &buffer) {
        if !is_own(state, ctx, event) {
            return Err(Refusal::Past(PastRefusal::NotYours(typed, id)));
        }
        let window = state.settings.history.redaction;
        if !window.is_zero() && ctx.now.since(event.at) > window {
            return Err(Refusal::Past(PastRefusal::TooLate(typed, id, window.as_secs())));
        }
    }
    let fact = Fact::Redacted { line: event.seq, place };
    let mut plan = vec![Step::Fact(ctx.actor(), fact, asked.reason.iter().cloned().collect())];
    for (address, target) in addresses(state, ctx, event, &buffer, &typed) {
        let told = Redacted {
            id: MessageId::Passing(0, 0),
            at: ctx.now,
            by: ctx.person.source.clone(),
            target,
            line: MessageId::Stored(event.seq.0),
            reason: asked.reason.clone(),
        };
        plan.push(Step::Live(Live::TakenBack(address, Box::new(told))));
    }
    Ok(plan)
}

/// True for a line that the asker is shown when they ask for history there.
fn is_shown(event: &Event, buffer: &Buffer, rank: Rank) -> bool {
    let nothing = crate::base::text::Line::scrubbed("");
    let lines = Lines {
        asked: Asked {
            subcommand: nothing.clone(),
            target: nothing,
            select: Select::Latest(None),
            limit: 1,
            events: true,
        },
        name: Arc::from(""),
        buffer: buffer.clone(),
        since: Timestamp(0),
        rank,
        server: Arc::from(""),
    };
    !matches!(event.fact, Fact::Happened { .. }) && past::shown(event, &lines).is_some()
}

/// Where the line stands, if that is the place that was named.
fn place(state: &State, event: &Event, buffer: &Buffer) -> Option<Place> {
    let account = |actor: &Actor| match actor {
        Actor::Staff(account) => Some(Party::Account(account.clone())),
        _ => None,
    };
    match (&event.fact, buffer) {
        (Fact::RoomSaid { room, .. }, Buffer::Room(name)) => {
            (room.folded() == name.folded()).then(|| Place::Room(room.clone()))
        }
        (Fact::Said { conversation, .. }, Buffer::Lounge { customer, .. }) => {
            let customer = state.customer(*customer)?;
            let here = [customer.conversation, customer.last_conversation];
            here.contains(&Some(*conversation)).then_some(Place::Conversation(*conversation))
        }
        (Fact::PrivateSaid { to, .. }, Buffer::Private(one, other)) => {
            let (from, to) = (account(&event.actor)?, Party::Account(to.clone()));
            are((&from, &to), (one, other)).then_some(Place::Private)
        }
        (Fact::PeerSaid { from, to, .. }, Buffer::Private(one, other)) => {
            are((from, to), (one, other)).then_some(Place::Private)
        }
        _ => None,
    }
}

/// True for the same two, whoever spoke.
fn are(these: (&Party, &Party), those: (&Party, &Party)) -> bool {
    let same = |a: &Party, b: &Party| match (a, b) {
        (Party::Account(a), Party::Account(b)) => a.folded() == b.folded(),
        (a, b) => a == b,
    };
    same(these.0, those.0) && same(these.1, those.1)
        || same(these.0, those.1) && same(these.1, those.0)
}

/// Operators of a room; in a customer's channel its owner, and supervisors.
fn governs_there(state: &State, ctx: &Context, buffer: &Buffer) -> bool {
    match buffer {
        Buffer::Room(room) => state.room(&room.folded()).is_some_and(|room| governs(ctx, room)),
        Buffer::Lounge { customer, staff: true, .. } => {
            let live = state.customer(*customer).and_then(|customer| state.live(customer));
            let owns = |account| live.is_some_and(|c| c.is_owned_by(account));
            ctx.person.role >= Role::Supervisor || ctx.account().is_some_and(owns)
        }
        Buffer::Lounge { .. } | Buffer::Private(..) | Buffer::Nothing => false,
    }
}

fn is_own(state: &State, ctx: &Context, event: &Event) -> bool {
    match &event.actor {
        Actor::Staff(account) => ctx.account().is_some_and(|a| a.folded() == account.folded()),
        Actor::Customer(customer) => ctx.person.customer == Some(*customer),
        Actor::Member => words::visit(&event.words) == Some((state.run, ctx.session.0)),
        Actor::Desk | Actor::Operator => false,
    }
}

/// Those who heard the line, and under which name its place was shown to them.
fn addresses(
    state: &State,
    ctx: &Context,
    event: &Event,
    buffer: &Buffer,
    typed: &Arc<str>,
) -> Vec<(Address, Arc<str>)> {
    match (buffer, &event.fact) {
        (Buffer::Room(name), Fact::RoomSaid { rank, .. }) => {
            let key = name.folded();
            let room = state.room(&key);
            room.map(|room| (Address::Room(key, *rank), shown_target(room, *rank)))
                .into_iter()
                .collect()
        }
        (Buffer::Lounge { customer, channel, .. }, Fact::Said { to, .. }) => {
            vec![(Address::Lounge(*customer, *to), target(channel, *to))]
        }
        (Buffer::Private(me, other), _) => {
            let mut sides = BTreeMap::new();
            for session in history::sessions_of(state, me) {
                sides.insert(session, typed.clone());
            }
            for session in history::sessions_of(state, other) {
                if let Some(person) = state.person(session).filter(|_| session != ctx.session) {
                    sides.insert(session, person.nick().shared());
                }
            }
            let address = |(session, target)| (Address::Session(session), target);
            sides.into_iter().map(address).collect()
        }
        _ => Vec::new(),
    }
}
