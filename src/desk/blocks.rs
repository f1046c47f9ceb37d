//! Blocks: a customer, an address, a CIDR or a mask, always with an end, a reason and an author.

use super::change::{Live, Plan, Step};
use super::context::Context;
use super::depart;
use super::language::command::Departure;
use super::language::fact::{Ending, Fact};
use super::language::notice::{CutReason, StatsRow};
use super::language::people::{Actor, Source};
use super::language::refusal::{DeskRefusal, Refusal};
use super::language::text::Text;
use super::queries::visible::lookup;
use super::state::people::{Customer, Person};
use super::state::{Block, State};
use super::steps::no;
use super::target::{self, matches};
use crate::base::casemap::same;
use crate::base::ids::{BlockId, SessionId};
use crate::base::limits::{BLOCKS, ROWS};
use crate::base::text::{Line, truncate};
use crate::base::time::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// The longest a block may last.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// The block in force that this address, or this source, is under.
pub(super) fn hits<'a>(
    state: &'a State,
    now: Timestamp,
    address: &str,
    source: Option<&Source>,
) -> Option<&'a Block> {
    let ip = address.parse::<IpAddr>().ok();
    state
        .blocks
        .iter()
        .map(|(_, block)| block)
        .filter(|block| block.until > now)
        .find(|block| matches(block.target.as_str(), ip, source))
}

/// The target as it will be kept. A person who is named is known by their account, else by address.
fn normal(state: &State, ctx: &Context, who: &str) -> Result<String, Refusal> {
    if let Some(customer) = state.customers().find(|c| same(c.nick.as_str(), who)) {
        return Ok(customer.address.to_string());
    }
    if let Some((_, person)) = lookup(state, ctx.session, who) {
        let account = person.account().and_then(|account| target::normal(&format!("~a:{account}")));
        return Ok(account.unwrap_or_else(|| person.address.to_string()));
    }
    target::normal(who).ok_or_else(|| Refusal::Desk(DeskRefusal::BadBlockTarget(Arc::from(who))))
}

/// BLOCK, KLINE: keeps somebody out from now on, and puts out those who are here. Never the asker;
/// and signed-in colleagues only when the asker is an operator.
pub(super) fn block(
    state: &State,
    ctx: &Context,
    (who, span, why): (&Line, Duration, &Line),
) -> Result<Plan, Refusal> {
    if span.is_zero() || span > LONGEST {
        return no(DeskRefusal::OutOfRange("hours", 1, LONGEST.as_secs() / 3600));
    }
    if state.blocks.len() >= BLOCKS {
        return no(DeskRefusal::TooMany("blocks", BLOCKS));
    }
    let target = Line::scrubbed(truncate(&normal(state, ctx, who.as_str())?, 128));
    let hit = |person: &Person| {
        let ip = person.address.parse::<IpAddr>().ok();
        matches(target.as_str(), ip, Some(&person.source))
    };
    if hit(ctx.person) {
        return no(DeskRefusal::BlocksYourself(target.shared()));
    }
    let persons = state.persons().filter(|(_, p)| p.customer.is_none() && hit(p));
    let victims: Vec<(SessionId, &Person)> = persons.collect();
    let colleagues = victims.iter().filter(|(_, p)| p.is_staff()).count();
    if colleagues > 0 && !ctx.person.is_operator() {
        return no(DeskRefusal::BlocksColleagues(target.shared(), colleagues));
    }
    let id = BlockId(state.counters().block.0 + 1);
    let fact = Fact::Blocked { block: id, until: ctx.now + span };
    let words = [target.clone(), why.clone()].into_iter().chain(author(ctx)).collect();
    let mut plan = vec![
        Step::Fact(ctx.actor(), fact, words),
        Step::Tell(ctx.session, Text::BlockSet(id, target.clone(), span)),
    ];
    for customer in state.customers().filter(|c| is_hit(state, c, target.as_str())) {
        plan.extend(shut_out(state, ctx, customer, why));
    }
    for (session, person) in victims {
        let theirs = Context { now: ctx.now, session, person };
        plan.extend(put_out(state, &theirs, why));
    }
    Ok(plan)
}

/// An author without an account, as the words of the fact name them.
fn author(ctx: &Context) -> Option<Line> {
    let name = ctx.person.operator.as_ref().filter(|_| ctx.account().is_none())?;
    Some(Line::scrubbed(name))
}

/// Ends the connection of somebody who is no customer and is blocked.
pub(super) fn put_out(state: &State, theirs: &Context, why: &Line) -> Plan {
    let mut plan = depart::leave(state, theirs, &Departure::Lost(Line::scrubbed("Blocked")));
    plan.push(Step::Cut(theirs.session, CutReason::Blocked(why.clone())));
    plan
}

fn is_hit(state: &State, customer: &Customer, target: &str) -> bool {
    let person: Option<&Person> = customer.session.and_then(|s| state.person(s));
    let ip = customer.address.parse::<IpAddr>().ok();
    let source = person.map_or_else(|| customer.source(), |p| (*p.source).clone());
    matches(target, ip, Some(&source))
}

/// Ends the conversation and the connection of a customer who is blocked.
fn shut_out(state: &State, ctx: &Context, customer: &Customer, why: &Line) -> Plan {
    let mut plan = Plan::new();
    if let Some(conversation) = state.live(customer) {
        let words = vec![why.clone()];
        plan.extend(super::steps::end(
            state,
            ctx.now,
            conversation,
            (ctx.actor(), Ending::Blocked, words),
        ));
    }
    if let Some(session) = customer.session {
        plan.extend(super::steps::absent(state, ctx.now, customer.id));
        plan.push(Step::Live(Live::Gone(session, Line::scrubbed("blocked"))));
        if !customer.known {
            plan.push(Step::Live(Live::Vanished(customer.id)));
        }
        plan.push(Step::Cut(session, CutReason::Blocked(why.clone())));
    }
    plan
}

/// UNBLOCK: by number or by target.
pub(super) fn unblock(state: &State, ctx: &Context, which: &Line) -> Result<Plan, Refusal> {
    let text = which.as_str().trim_start_matches('#');
    let by_number = text.parse::<u64>().ok().and_then(|n| state.blocks.get(&BlockId(n)));
    let target = normal(state, ctx, text).unwrap_or_else(|_| text.to_owned());
    let by_target = || state.blocks.iter().map(|(_, b)| b).find(|b| b.target.as_str() == target);
    let Some(block) = by_number.or_else(by_target) else {
        return no(DeskRefusal::NoSuchBlock(which.shared()));
    };
    Ok(vec![
        Step::Fact(
            ctx.actor(),
            Fact::Unblocked { block: block.id },
            author(ctx).into_iter().collect(),
        ),
        Step::Tell(ctx.session, Text::BlockLifted(block.id, block.target.clone())),
    ])
}

/// BLOCKS.
pub(super) fn list(state: &State, ctx: &Context) -> Plan {
    let rows: Vec<Text> = state
        .blocks
        .iter()
        .map(|(_, b)| b)
        .filter(|b| b.until > ctx.now)
        .map(|b| {
            Text::BlockRow(b.id, b.target.clone(), b.until, b.reason.clone(), b.author.clone())
        })
        .collect();
    vec![super::steps::listing(ctx, "blocks", rows)]
}

/// STATS k: the blocks in force.
pub(super) fn rows(state: &State, now: Timestamp) -> Vec<StatsRow> {
    let blocks = state.blocks.iter().map(|(_, b)| b).filter(|b| b.until > now);
    blocks
        .take(ROWS)
        .map(|b| StatsRow::Block {
            target: b.target.clone(),
            reason: b.reason.clone(),
            author: b.author.clone(),
            until: b.until,
        })
        .collect()
}

/// Blocks that have run out.
pub(super) fn expired(state: &State, now: Timestamp) -> Plan {
    let ended = state.blocks.iter().map(|(_, b)| b).filter(|b| b.until <= now);
    ended.map(|b| Step::Fact(Actor::Desk, Fact::Unblocked { block: b.id }, Vec::new())).collect()
}
