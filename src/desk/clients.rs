//! One person on several clients: whoever signs in to an account and asks for a nick that the account
//! bears already shares it, with its channels, its away state and its lists. To everybody else, and to
//! every other verb of the desk, there is one person; only here is it known which clients that means.

use super::change::{Live, Plan, Step};
use super::language::command::{Arrival, Command};
use super::language::notice::{Notice, Output, Reply, Said, Welcome};
use super::language::people::Role;
use super::outcome::Outcome;
use super::state::State;
use super::{presence, queries};
use crate::base::casemap::same;
use crate::base::ids::SessionId;
use crate::base::limits::CLIENTS;
use crate::base::text::{AccountName, Line};

/// Whose command is being carried out, and from which client it came.
#[derive(Clone, Copy)]
pub(super) struct Asking {
    /// The client.
    pub(super) client: SessionId,
    /// The person, by the client they first came with.
    pub(super) person: SessionId,
    /// The command changed where the person is: all their clients are shown the channel it led to.
    pub(super) moves: bool,
}

impl Asking {
    pub(super) fn of(state: &State, client: SessionId, command: &Command) -> Self {
        let moves =
            !matches!(command, Command::Ask(_) | Command::Topic { .. } | Command::MarkRead { .. });
        Self { client, person: state.person_of(client), moves }
    }
}

/// One more client of somebody who is here: none when nobody of that account bears the nick, or they
/// have as many clients as they may.
pub(super) fn attach(
    state: &State,
    client: SessionId,
    arrival: &Arrival,
    (account, role): (&AccountName, Role),
) -> Option<Plan> {
    let (id, person) = state.by_nick(arrival.nick.as_str())?;
    let same = person.account().is_some_and(|own| own.folded() == account.folded());
    if !same || person.role != role || state.clients_of(&id).len() >= CLIENTS {
        return None;
    }
    let welcome = Welcome {
        nick: person.source.nick.clone(),
        source: person.source.clone(),
        role,
        channel: None,
        token: None,
        resumed: false,
        counts: queries::people::counts(state, person),
        modes: person.mode_line(),
    };
    let attached = Live::Attached {
        client,
        person: id,
        secure: arrival.secure,
        replay: arrival.wants_replay,
        unattended: arrival.away.as_ref().is_some_and(presence::unattended),
    };
    let mut plan =
        vec![Step::Reply(client, Reply::Welcome(Box::new(welcome))), Step::Live(attached)];
    // What a client says of itself as it comes is said of the person, but that nobody sits at it
    // matters only while nobody sits at another.
    let changed = match &arrival.away {
        None => person.is_unattended(),
        Some(text) => !presence::unattended(text) && person.away.as_ref() != Some(text),
    };
    if changed {
        plan.push(Step::Live(Live::Away(id, arrival.away.clone())));
        plan.extend(presence::readiness(state, id, account, arrival.away.as_ref()));
    } else if person.away.is_some() {
        plan.push(Step::Reply(client, Reply::AwaySet(true)));
    }
    Some(plan)
}

/// True when a client goes and the person stays, on another.
pub(super) fn stays(state: &State, client: SessionId) -> bool {
    let person = state.person_of(client);
    state.person(person).is_some() && state.clients_of(&person).iter().any(|c| *c != client)
}

/// A client goes and the person stays. When nobody sits at those that are left, the person is absent:
/// "an away message of `*` should be treated as though the connection did not exist at all".
/// Source: IRCv3 pre-away.
pub(super) fn detach(state: &State, client: SessionId) -> Plan {
    let id = state.person_of(client);
    let mut plan = vec![Step::Live(Live::Detached(client))];
    let Some(person) = state.person(id) else { return plan };
    let deserted = !state.unattended.contains(&client) && !sits_elsewhere(state, client);
    if deserted && person.away.is_none() {
        let away = Some(Line::scrubbed(presence::UNATTENDED));
        plan.push(Step::Live(Live::Away(id, away.clone())));
        let account = person.account().filter(|_| person.role >= Role::Agent);
        plan.extend(account.and_then(|a| presence::readiness(state, id, a, away.as_ref())));
        plan.push(Step::Reply(id, Reply::AwaySet(true)));
    }
    plan
}

/// What AWAY says of the client it comes from; and true when it says nothing of the person, because
/// nobody sits at this client and somebody does at another.
pub(super) fn attends(state: &State, client: SessionId, text: Option<&Line>) -> (Plan, bool) {
    if state.person(state.person_of(client)).is_none() {
        return (Plan::new(), false);
    }
    let unattended = text.is_some_and(presence::unattended);
    let mut plan = Plan::new();
    if unattended != state.unattended.contains(&client) {
        plan.push(Step::Live(Live::Attended(client, !unattended)));
    }
    let only_here = unattended && sits_elsewhere(state, client);
    plan.extend(only_here.then_some(Step::Reply(client, Reply::AwaySet(true))));
    (plan, only_here)
}

/// True when somebody sits at another client of the same person.
fn sits_elsewhere(state: &State, client: SessionId) -> bool {
    let person = state.person_of(client);
    let clients = state.clients_of(&person);
    clients.iter().any(|other| *other != client && !state.unattended.contains(other))
}

/// Turns what goes to people, from output `earlier` on, into what goes to their clients. An answer goes
/// to the client that asked; what others are told, and where the person has moved, to all of them.
/// Gives the people who were cut.
pub(super) fn spread(
    state: &State,
    asking: Option<Asking>,
    earlier: usize,
    out: &mut Outcome,
) -> Vec<SessionId> {
    let mut cut = Vec::new();
    if state.clients.is_empty() {
        return cut;
    }
    for output in out.outputs.split_off(earlier) {
        match output {
            Output::Notice { to, notice } => {
                let people = out.recipients[to].to_vec();
                spread_notice(state, asking, (&people, notice), out);
            }
            Output::Reply { to, reply } => match asking.filter(|a| a.person == to) {
                Some(asking) if !(asking.moves && shows_a_channel(&reply)) => {
                    out.reply(asking.client, reply);
                }
                _ => {
                    for client in state.clients_of(&to) {
                        out.reply(*client, reply.clone());
                    }
                }
            },
            Output::Cut { session, why } => {
                cut.push(session);
                for client in state.clients_of(&session) {
                    out.outputs.push(Output::Cut { session: *client, why: why.clone() });
                }
            }
            Output::Consult { to, query } => {
                let to = asking.filter(|a| a.person == to).map_or(to, |a| a.client);
                out.outputs.push(Output::Consult { to, query });
            }
        }
    }
    cut
}

fn shows_a_channel(reply: &Reply) -> bool {
    matches!(
        reply,
        Reply::ChannelRenamed(_)
            | Reply::Topic { .. }
            | Reply::ReadUntil { .. }
            | Reply::Names { on_join: true, .. }
            | Reply::AwaySet(_)
            | Reply::VisibleAs(_)
    )
}

fn spread_notice(
    state: &State,
    asking: Option<Asking>,
    (people, mut notice): (&[SessionId], Notice),
    out: &mut Outcome,
) {
    let mut clients: Vec<SessionId> =
        people.iter().flat_map(|p| state.clients_of(p)).copied().collect();
    if let (Notice::Said(said), Some(asking)) = (&mut notice, asking)
        && said.sender == Some(asking.person)
    {
        said.sender = Some(asking.client);
        if same(&said.target, said.from.nick.as_str()) {
            // Words to oneself: all clients have them delivered; this is the echo.
            clients.retain(|c| *c == asking.client);
        }
        if is_private(said) && people.contains(&asking.person) {
            // To a client that asked for no echo, words of its own to somebody look like that
            // somebody's: each of the others is treated as if it had said them.
            let own = state.clients_of(&asking.person);
            clients.retain(|c| *c == asking.client || !own.contains(c));
            for other in own.iter().filter(|c| **c != asking.client) {
                let copy = Said { sender: Some(*other), ..said.clone() };
                out.notice([*other], Notice::Said(copy));
            }
        }
    }
    out.notice(clients, notice);
}

/// Words from one person to another.
fn is_private(said: &Said) -> bool {
    !said.target.starts_with(['#', '@', '+', '%', '&', '~'])
        && !same(&said.target, said.from.nick.as_str())
}
