//! What operators of the server do: OPER, KILL, WALLOPS. Each act is a fact, for the audit.
//!
//! Who is one stands in `Person::is_operator`; blocks are `blocks`'. It knows no password: the name
//! that comes here had the right one.

use super::change::{Live, Plan, Step};
use super::context::Context;
use super::language::command::{Departure, Oper};
use super::language::fact::{Deed, Fact};
use super::language::notice::{CutReason, Reply, StatsRow};
use super::language::people::Role;
use super::language::refusal::Refusal;
use super::language::text::Text;
use super::queries::visible::{is_desk, lookup};
use super::rooms::cut;
use super::settings::OperatorSettings;
use super::state::State;
use super::state::people::Person;
use super::{arrive, blocks, depart, target};
use crate::base::casemap::same;
use crate::base::ids::SessionId;
use crate::base::limits::KICKLEN;
use crate::base::text::{AccountName, Line};
use std::net::IpAddr;
use std::sync::Arc;

/// The name of an operator, or the answer for somebody who is none.
pub(super) fn name(ctx: &Context) -> Result<Arc<str>, Refusal> {
    ctx.person.operator.clone().ok_or(Refusal::NotPermitted)
}

/// An operator's act, as the journal keeps it.
pub(super) fn act(ctx: &Context, deed: Deed, by: Arc<str>, words: Vec<Line>) -> Step {
    Step::Fact(ctx.actor(), Fact::Operated { deed, by }, words)
}

/// OPER with the right password. A customer never becomes one: what they see must not change.
pub(super) fn oper(state: &State, ctx: &Context, oper: &Oper) -> Result<Plan, Refusal> {
    let permitted = ctx.person.customer.is_none()
        && match &oper.account {
            Some((_, role)) => *role == Role::Admin,
            None => {
                let mut blocks = state.settings.operators.iter();
                let block = blocks.find(|block| same(&block.name, &oper.name));
                block.is_some_and(|block| admits(block, ctx, oper.certificate.as_deref()))
            }
        };
    if !permitted {
        return Err(Refusal::NoOperatorHost);
    }
    let who = [ctx.person.nick().as_str(), &ctx.person.address].map(Line::scrubbed);
    let mut plan = vec![
        act(ctx, Deed::Opered, oper.name.clone(), who.to_vec()),
        Step::Reply(ctx.session, Reply::Opered),
    ];
    match &oper.account {
        Some((account, _)) if ctx.account() != Some(account) => {
            plan.extend(arrive::sign_in(state, ctx, oper.account.as_ref())?);
        }
        _ => plan.push(Step::Live(Live::Operator(ctx.session, Some(oper.name.clone())))),
    }
    Ok(plan)
}

/// True when a block's operator may come by this connection.
fn admits(block: &OperatorSettings, ctx: &Context, certificate: Option<&str>) -> bool {
    let person = ctx.person;
    let ip = person.address.parse::<IpAddr>().ok();
    let from = |host: &Line| target::matches(host.as_str(), ip, Some(&person.source));
    (block.hosts.0.is_empty() || block.hosts.0.iter().any(from))
        && (!block.tls || person.secure)
        && block.certificate.as_deref().is_none_or(|wanted| {
            certificate.is_some_and(|shown| shown.eq_ignore_ascii_case(wanted))
        })
}

/// KILL: ends a connection. A customer's seat is held as after any lost connection; BLOCK is for good.
pub(super) fn kill(
    state: &State,
    ctx: &Context,
    nick: &Line,
    reason: &Line,
) -> Result<Plan, Refusal> {
    let by = name(ctx)?;
    let typed = nick.as_str();
    if same(typed, &state.settings.server) || is_desk(state, typed) {
        return Err(Refusal::CannotKill);
    }
    let missing = || Refusal::NoSuchNick(nick.shared());
    let (session, person) = lookup(state, ctx.session, typed).ok_or_else(missing)?;
    let reason = cut(reason, KICKLEN);
    let told = Line::scrubbed(&format!("Killed ({} ({reason}))", ctx.person.nick()));
    let words = vec![Line::scrubbed(person.nick().as_str()), reason.clone()];
    let mut plan = vec![act(ctx, Deed::Killed, by, words)];
    let customer = person.customer.is_some();
    if !customer {
        plan.push(Step::Live(Live::Killed(ctx.session, session, reason.clone())));
    }
    // Where a customer sees somebody go, why is not for them.
    let told = if person.lounges.is_empty() { told } else { Line::scrubbed("Connection closed") };
    let theirs = Context { now: ctx.now, session, person };
    plan.extend(depart::leave(state, &theirs, &Departure::Lost(told)));
    let by = (!customer).then(|| ctx.person.nick().clone());
    plan.push(Step::Cut(session, CutReason::Killed(by, reason)));
    Ok(plan)
}

/// WALLOPS.
pub(super) fn wallops(ctx: &Context, text: &Line) -> Result<Plan, Refusal> {
    let by = name(ctx)?;
    Ok(vec![
        act(ctx, Deed::Walloped, by, vec![text.clone()]),
        Step::Live(Live::Wallops(ctx.session, text.clone())),
    ])
}

/// Operators whose right is gone, by another role or another config.
pub(super) fn fallen(state: &State) -> Plan {
    let still = |person: &Person, name: &Arc<str>| {
        let admin = person.role == Role::Admin && person.is_staff();
        admin && person.account().map(AccountName::shared).as_ref() == Some(name)
            || state.settings.operators.iter().any(|block| block.name == *name)
    };
    let fallen = state
        .operators()
        .filter(|(_, person)| !person.operator.as_ref().is_some_and(|name| still(person, name)));
    fallen.map(|(session, _)| Step::Live(Live::Operator(session, None))).collect()
}

/// STATS of a letter that is for operators. Source: Modern IRC "STATS message".
pub(super) fn stats(state: &State, ctx: &Context, letter: char) -> Reply {
    if !ctx.person.is_operator() {
        return Reply::Stats(letter, None);
    }
    let rows = match letter {
        'k' | 'K' => blocks::rows(state, ctx.now),
        'o' | 'O' => state.settings.operators.iter().flat_map(operator_rows).collect(),
        'p' | 'P' => state.operators().filter_map(|(s, p)| online(state, ctx, s, p)).collect(),
        _ => Vec::new(),
    };
    Reply::Stats(letter, Some(rows))
}

fn operator_rows(block: &OperatorSettings) -> Vec<StatsRow> {
    let row = |host| StatsRow::Operator { name: block.name.clone(), host };
    match &block.hosts.0[..] {
        [] => vec![row(Line::scrubbed("*"))],
        hosts => hosts.iter().cloned().map(row).collect(),
    }
}

fn online(state: &State, ctx: &Context, session: SessionId, person: &Person) -> Option<StatsRow> {
    let name = person.operator.clone()?;
    let active = state.active.get(&session).copied().unwrap_or(person.since);
    Some(StatsRow::Online { who: person.source.clone(), name, idle: ctx.now.since(active) })
}

/// REHASH: what came of it, to the operator and into the audit.
pub(super) fn rehashed(ctx: &Context, outcome: &Result<Line, Line>) -> Result<Plan, Refusal> {
    let by = name(ctx)?;
    let (deed, words) = match outcome {
        Ok(changed) => (Deed::Rehashed, vec![changed.clone()]),
        Err(wrong) => (Deed::RehashFailed, vec![wrong.clone()]),
    };
    let told = Text::Operated(by.clone(), deed, words.clone());
    Ok(vec![act(ctx, deed, by, words), Step::Reply(ctx.session, Reply::Done(told))])
}
