//! What people say of themselves: nick, away, real name, user modes; and whom they MONITOR.

use super::change::{Live, Plan, Step};
use super::context::Context;
use super::language::command::MonitorChange;
use super::language::fact::Fact;
use super::language::notice::Reply;
use super::language::people::{Actor, Role};
use super::language::refusal::Refusal;
use super::nicks;
use super::queries::visible::{is_desk, lookup};
use super::rooms::cut;
use super::state::State;
use super::state::people::Customer;
use crate::base::casemap::same;
use crate::base::ids::SessionId;
use crate::base::limits::{AWAYLEN, CUSTOMER_NICKLEN, MONITOR, REALLEN};
use crate::base::text::{AccountName, Folded, Line, Nick, truncate};
use std::collections::BTreeSet;
use std::sync::Arc;

/// User modes that there are.
const USER_MODES: &str = "ioBRswZ";
/// User modes that their owner sets and clears. `o` is only ever given up, `Z` is the server's, and
/// the server's notices (`s`) are for its operators.
const OWN_MODES: &str = "iBRw";

/// Changes the asker's nick. A customer's keeps its code, so that it can be nobody else's.
pub fn nick(state: &State, ctx: &Context, wanted: &Nick) -> Result<Plan, Refusal> {
    // One's own as it is: nothing happens, whoever it is kept for.
    if wanted == ctx.person.nick() {
        return Ok(Vec::new());
    }
    let customer = ctx.person.customer.and_then(|id| state.customer(id));
    let nick = match customer {
        Some(customer) => customers_nick(state, customer, wanted)?,
        None => {
            nicks::free_nick(state, ctx.session, wanted, ctx.account())?;
            wanted.clone()
        }
    };
    if nick == *ctx.person.nick() {
        return Ok(Vec::new());
    }
    if state.by_nick(nick.as_str()).is_some_and(|(session, _)| session != ctx.session) {
        return Err(Refusal::NickInUse(nick));
    }
    let mut plan = vec![Step::Live(Live::Renamed(ctx.session, nick.clone()))];
    if let Some(customer) = customer.filter(|c| c.known) {
        let fact = Fact::CustomerRenamed { customer: customer.id };
        let words = vec![Line::scrubbed(nick.as_str())];
        plan.push(Step::Fact(Actor::Customer(customer.id), fact, words));
    }
    Ok(plan)
}

/// Away with a text, or here again. An agent is ready while none of their sessions is away.
pub fn away(state: &State, ctx: &Context, text: Option<&Line>) -> Result<Plan, Refusal> {
    let text = text.map(|t| cut(t, AWAYLEN)).filter(|t| !t.as_str().is_empty());
    let mut plan = Vec::new();
    if ctx.person.away != text {
        plan.push(Step::Live(Live::Away(ctx.session, text.clone())));
    }
    if let Some(account) = ctx.account().filter(|_| ctx.person.role >= Role::Agent) {
        plan.extend(readiness(state, ctx.session, account, text.as_ref()));
    }
    plan.push(Step::Reply(ctx.session, Reply::AwaySet(text.is_some())));
    Ok(plan)
}

/// Changes the asker's real name.
pub fn realname(_state: &State, ctx: &Context, text: &Line) -> Result<Plan, Refusal> {
    let text = cut(text, REALLEN);
    if ctx.person.source.realname == text {
        return Ok(Vec::new());
    }
    Ok(vec![Step::Live(Live::Realname(ctx.session, text))])
}

/// Reads or changes the asker's user modes; letters nobody knows are refused, the others done.
pub fn user_modes(
    _state: &State,
    ctx: &Context,
    changes: &[(bool, char)],
) -> Result<Plan, Refusal> {
    if changes.is_empty() {
        return Ok(vec![Step::Reply(ctx.session, Reply::UserModes(ctx.person.mode_line()))]);
    }
    let mut modes = ctx.person.modes.clone();
    let mut taken = Vec::new();
    for (add, letter) in changes {
        let operator = ctx.person.is_operator();
        let allowed = match letter {
            'o' => !add,
            's' => !add || operator,
            letter => OWN_MODES.contains(*letter),
        };
        let changed = allowed && if *add { modes.insert(*letter) } else { modes.remove(letter) };
        if changed {
            taken.push((*add, *letter));
        }
    }
    let unknown = changes.iter().any(|(_, letter)| !USER_MODES.contains(*letter));
    if taken.is_empty() {
        return if unknown { Err(Refusal::UnknownUserMode) } else { Ok(Vec::new()) };
    }
    let mut plan = vec![Step::Live(Live::UserModes(ctx.session, taken))];
    if unknown {
        let refusal = Refusal::UnknownUserMode;
        plan.push(Step::Reply(ctx.session, Reply::Refused { command: "MODE", refusal }));
    }
    Ok(plan)
}

/// MODE of a nick: one's own, else refused, without a word of people they may not know.
pub fn modes_of(
    state: &State,
    ctx: &Context,
    nick: &Line,
    changes: &[(bool, char)],
) -> Result<Plan, Refusal> {
    match lookup(state, ctx.session, nick.as_str()) {
        Some((session, _)) if session == ctx.session => user_modes(state, ctx, changes),
        Some(_) => Err(Refusal::OthersModes),
        None if is_desk(state, nick.as_str()) => Err(Refusal::OthersModes),
        None => Err(Refusal::NoSuchNick(nick.shared())),
    }
}

/// The away text of a client that nobody sits at. Source: IRCv3 pre-away.
pub(super) const UNATTENDED: &str = "*";

/// True for the away text of a client that nobody sits at.
pub(super) fn unattended(text: &Line) -> bool {
    text.as_str() == UNATTENDED
}

/// MONITOR. Whoever the asker may not know of is offline, now and later.
///
/// Source: IRCv3 monitor (duplicates are ignored; `-` and `C` are silent).
pub fn monitor(state: &State, ctx: &Context, change: &MonitorChange) -> Result<Plan, Refusal> {
    let watched = &ctx.person.monitors;
    let session = ctx.session;
    Ok(match change {
        MonitorChange::Add(nicks) => watch(state, ctx, nicks),
        MonitorChange::Remove(nicks) => {
            let known = nicks.iter().filter(|n| watched.contains_key(&n.folded()));
            stop_watching(session, known.cloned().collect())
        }
        MonitorChange::Clear => stop_watching(session, watched.values().cloned().collect()),
        MonitorChange::List => {
            vec![Step::Reply(session, Reply::MonitorList(watched.values().cloned().collect()))]
        }
        MonitorChange::Status => {
            vec![Step::Reply(session, status(state, ctx, watched.values().cloned()))]
        }
    })
}

fn watch(state: &State, ctx: &Context, nicks: &[Line]) -> Plan {
    let mut seen: BTreeSet<Folded> = ctx.person.monitors.keys().cloned().collect();
    let (mut fresh, mut beyond) = (Vec::new(), Vec::new());
    for nick in nicks.iter().filter(|n| Nick::parse(n.as_str()).is_ok()) {
        if seen.contains(&nick.folded()) {
            continue;
        }
        if seen.len() >= MONITOR {
            beyond.push(nick.as_str());
        } else {
            seen.insert(nick.folded());
            fresh.push(nick.clone());
        }
    }
    let mut plan = Vec::new();
    if !fresh.is_empty() {
        plan.push(Step::Live(Live::Monitors(ctx.session, fresh.clone(), true)));
        plan.push(Step::Reply(ctx.session, status(state, ctx, fresh.into_iter())));
    }
    if !beyond.is_empty() {
        let refusal = Refusal::MonitorFull(MONITOR, Arc::from(beyond.join(",")));
        plan.push(Step::Reply(ctx.session, Reply::Refused { command: "MONITOR", refusal }));
    }
    plan
}

fn stop_watching(session: SessionId, nicks: Vec<Line>) -> Plan {
    if nicks.is_empty() {
        return Vec::new();
    }
    vec![Step::Live(Live::Monitors(session, nicks, false))]
}

fn status(state: &State, ctx: &Context, nicks: impl Iterator<Item = Line>) -> Reply {
    let (mut online, mut offline) = (Vec::new(), Vec::new());
    for nick in nicks {
        if is_desk(state, nick.as_str()) {
            online.push(state.desk.clone());
        } else if let Some((_, person)) = lookup(state, ctx.session, nick.as_str()) {
            online.push(person.source.clone());
        } else {
            offline.push(nick);
        }
    }
    Reply::MonitorStatus { online, offline }
}

/// Whether an account is ready now that this session of it has this away text, if that is news: it
/// is while somebody sits at one of its sessions and none of those is away.
pub(super) fn readiness(
    state: &State,
    session: SessionId,
    account: &AccountName,
    text: Option<&Line>,
) -> Option<Step> {
    let others = state.sessions_of(account).iter().filter(|s| **s != session);
    let others = others.filter_map(|s| state.person(*s)).map(|p| p.away.as_ref());
    let mut attended = others.chain([text]).filter(|away| !away.is_some_and(unattended)).peekable();
    let ready = attended.peek().is_some() && attended.all(|away| away.is_none());
    if state.agent(account)?.ready == ready {
        return None;
    }
    let fact = Fact::Readiness { agent: account.clone(), ready, missed: false };
    let words = text.cloned().into_iter().collect();
    Some(Step::Fact(Actor::Staff(account.clone()), fact, words))
}

/// The same of an account whose sessions came, left or changed unwritten.
pub(super) fn as_they_sit(state: &State, account: &AccountName) -> Option<Step> {
    let session = *state.sessions_of(account).first()?;
    readiness(state, session, account, state.person(session)?.away.as_ref())
}

/// What the customer chose, cut, and their code: `anna` becomes `anna-7k2f`.
fn customers_nick(state: &State, customer: &Customer, wanted: &Nick) -> Result<Nick, Refusal> {
    let text = wanted.as_str();
    let chosen = match text.rsplit_once('-') {
        Some((chosen, code)) if same(code, &customer.code) => chosen,
        Some(_) | None => text,
    };
    let chosen = truncate(chosen, CUSTOMER_NICKLEN);
    if nicks::lookalike_of_staff(state, chosen) {
        return Err(Refusal::NickReserved(wanted.clone()));
    }
    Nick::parse(&format!("{chosen}-{}", customer.code))
        .map_err(|_| Refusal::NickReserved(wanted.clone()))
}
