//! What staff ask to see: the queue, who is here, cards, templates, reasons.

use super::change::{Live, Plan, Step};
use super::context::Context;
use super::language::archive::ArchiveQuery;
use super::language::fact::Fact;
use super::language::notice::{Reply, Said};
use super::language::people::{Department, Role};
use super::language::refusal::{DeskRefusal, Refusal};
use super::language::text::Text;
use super::queries::card;
use super::state::State;
use super::state::conversation::{Conversation, Status};
use super::steps::{account, listing, meant, no};
use crate::base::limits::{REPLAY_LINES, ROWS};
use crate::base::text::{ChannelName, Folded, Line};
use crate::base::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// The period of REPORT when none is named.
const REPORT_PERIOD: Duration = Duration::from_secs(24 * 3600);

/// QUEUE: what waits, in the order in which it will be served.
pub(super) fn queue(
    state: &State,
    ctx: &Context,
    department: Option<&Department>,
) -> Result<Plan, Refusal> {
    let me = account(ctx)?;
    if let Some(department) = department
        && state.department(department).is_none()
    {
        return no(DeskRefusal::NoSuchDepartment(department.clone()));
    }
    let departments = state.settings.departments.iter().map(|d| &d.name);
    let shown = departments.filter(|d| match department {
        Some(named) => *d == named,
        None => state.serves(me, d) || ctx.person.role >= Role::Supervisor,
    });
    let rows = shown.flat_map(|name| rows(state, ctx.now, name)).collect();
    Ok(vec![listing(ctx, "waiting", rows)])
}

/// What waits in a department, told to whoever comes in: they missed its announcement.
pub(super) fn still_waiting(state: &State, now: Timestamp, department: &Department) -> Vec<Text> {
    rows(state, now, department).into_iter().take(REPLAY_LINES).collect()
}

/// The rows of a department's queue, in the order in which it will be served.
fn rows(state: &State, now: Timestamp, department: &Department) -> Vec<Text> {
    let mut place = 0;
    let row = |conversation: &Conversation| {
        let channel = state.channel_of(conversation)?.clone();
        let offered_to = match &conversation.status {
            Status::Offered { to, .. } => Some(to.clone()),
            _ => None,
        };
        place += usize::from(offered_to.is_none());
        Some(Text::QueueRow {
            place: if offered_to.is_some() { 0 } else { place },
            channel,
            department: department.clone(),
            waited: now.since(conversation.waiting_since),
            class: conversation.class,
            quote: conversation.quote.clone().unwrap_or_else(|| Line::scrubbed("")),
            offered_to,
        })
    };
    state.waiting(department).filter_map(row).collect()
}

/// ONLINE: customers who are here and have not spoken.
pub(super) fn online(state: &State, ctx: &Context) -> Result<Plan, Refusal> {
    account(ctx)?;
    let rows = state
        .customers()
        .filter(|c| c.session.is_some() && c.conversation.is_none())
        .map(|c| {
            let since = c.session.and_then(|s| state.person(s)).map_or(ctx.now, |p| p.since);
            Text::OnlineRow(c.nick.clone(), c.channel.clone(), ctx.now.since(since))
        })
        .collect();
    Ok(vec![listing(ctx, "visitors", rows)])
}

/// CARD.
pub(super) fn show_card(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<Plan, Refusal> {
    let customer = match channel {
        Some(channel) => super::steps::lounge(state, channel)?,
        None => meant(state, ctx, None)?.0,
    };
    account(ctx)?;
    let facts = card::facts(state, ctx.now, customer);
    Ok(vec![Step::Reply(ctx.session, Reply::Listing(vec![Text::Card(Box::new(facts))]))])
}

/// HISTORY: the last lines; a customer's own channel, or the one a member of staff names.
pub(super) fn history(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
    count: Option<usize>,
) -> Result<Plan, Refusal> {
    let count = count.unwrap_or(REPLAY_LINES).min(ROWS);
    let (customer, lines): (_, Vec<Said>) = match ctx.person.customer {
        Some(id) => {
            let own = state.customer(id).ok_or(Refusal::NotPermitted)?;
            (own, super::lines::lines_for_customer(state, own).collect())
        }
        None => {
            account(ctx)?;
            let customer = match channel {
                Some(channel) => super::steps::lounge(state, channel)?,
                None => meant(state, ctx, None)?.0,
            };
            (customer, super::lines::lines_for_staff(state, customer).collect())
        }
    };
    if lines.is_empty() || count == 0 {
        return Ok(vec![super::steps::nothing(ctx, "lines")]);
    }
    let lines = lines[lines.len().saturating_sub(count)..].to_vec();
    let channel = customer.channel.clone();
    Ok(vec![Step::Reply(ctx.session, Reply::History { channel, lines, unasked: false })])
}

/// SEARCH.
pub(super) fn search(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
    words: &Line,
) -> Result<Plan, Refusal> {
    account(ctx)?;
    let (words, place) = (words.clone(), seat(state, ctx, channel));
    Ok(vec![Step::Consult(ctx.session, ArchiveQuery::Search { words, place })])
}

/// REPORT: of a day, unless a period like `7d` or `12h` is named.
pub(super) fn report(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
    period: Option<&Line>,
) -> Result<Plan, Refusal> {
    account(ctx)?;
    let period = match period {
        None => REPORT_PERIOD,
        Some(text) => match span(text.as_str()) {
            Some(span) => span,
            None => {
                return no(DeskRefusal::OutOfRange("a period like 12h or 7d, in hours", 1, 8784));
            }
        },
    };
    let place = seat(state, ctx, channel);
    Ok(vec![Step::Consult(ctx.session, ArchiveQuery::Report { period, place })])
}

/// The customer's channel that a command was typed in, if the asker is in it.
fn seat(state: &State, ctx: &Context, channel: Option<&ChannelName>) -> Option<ChannelName> {
    let customer = state.lounge(&channel?.folded())?;
    customer.standing(ctx.session).map(|_| customer.channel.clone())
}

fn span(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.len() - text.chars().next_back()?.len_utf8());
    let hours = match unit {
        "h" => 1,
        "d" => 24,
        "w" => 24 * 7,
        _ => return None,
    };
    let hours = number.parse::<u64>().ok()?.checked_mul(hours)?;
    (1..=8784).contains(&hours).then(|| Duration::from_secs(hours * 3600))
}

/// WHY: what routing saw when it last chose.
pub(super) fn why(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
) -> Result<Plan, Refusal> {
    let (customer, conversation) = meant(state, ctx, channel)?;
    account(ctx)?;
    let text = match &conversation.routed {
        Some((chosen, candidates)) => {
            Text::Why(customer.channel.clone(), chosen.clone(), candidates.clone())
        }
        None => Text::WhyClaim(customer.channel.clone(), conversation.department.clone()),
    };
    Ok(vec![Step::Reply(ctx.session, Reply::Listing(vec![text]))])
}

/// TEMPLATES.
pub(super) fn templates(state: &State, ctx: &Context) -> Result<Plan, Refusal> {
    account(ctx)?;
    let rows = state
        .settings
        .templates
        .iter()
        .map(|(name, body)| Text::TemplateRow(Arc::from(name.as_str()), Arc::from(body.as_str())))
        .collect();
    Ok(vec![listing(ctx, "templates", rows)])
}

/// PROPOSE: a word to a customer who is here and has not spoken.
pub(super) fn propose(
    state: &State,
    ctx: &Context,
    (visitor, text): (&Folded, Option<&Line>),
) -> Result<Plan, Refusal> {
    account(ctx)?;
    let found = state.customers().find(|c| c.nick.folded() == *visitor && c.session.is_some());
    let Some((customer, session)) = found.and_then(|c| Some((c, c.session?))) else {
        return no(DeskRefusal::NoSuchVisitor(Arc::from(visitor.as_str())));
    };
    if customer.conversation.is_some() {
        return no(DeskRefusal::VisitorBusy(Arc::from(visitor.as_str())));
    }
    let told = Text::Proposal(ctx.person.nick().clone(), text.cloned());
    Ok(vec![
        Step::Tell(session, told),
        Step::Tell(ctx.session, Text::Proposed(customer.nick.clone())),
    ])
}

/// INVITE of a colleague to a customer's channel: asks for help.
pub(super) fn invite(
    state: &State,
    ctx: &Context,
    customer: &super::state::people::Customer,
    nick: &Folded,
) -> Result<Plan, Refusal> {
    account(ctx)?;
    let name = customer.channel.shared();
    if customer.standing(ctx.session).is_none() {
        return Err(Refusal::NotOnChannel(name));
    }
    let unknown = || Refusal::NoSuchNick(Arc::from(nick.as_str()));
    let (session, person) = state.by_nick(nick.as_str()).ok_or_else(unknown)?;
    if !person.is_staff() {
        return Err(unknown());
    }
    if customer.standing(session).is_some() {
        return Err(Refusal::UserOnChannel(person.nick().shared(), name));
    }
    Ok(vec![
        Step::Live(Live::Invited(session, customer.channel.folded(), true)),
        Step::Reply(ctx.session, Reply::Inviting(person.nick().clone(), customer.channel.clone())),
    ])
}

/// Whether a fact in a plan needs the disk: used to refuse whole commands while it fails.
pub(super) fn needs_disk(plan: &Plan) -> bool {
    plan.iter()
        .any(|step| matches!(step, Step::Fact(_, fact, _) if !matches!(fact, Fact::Routed { .. })))
}
