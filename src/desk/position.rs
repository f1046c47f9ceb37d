//! What waiting customers are told: their place, and an honest range (facts/livechat.md 4.7).

use super::change::{Live, Plan, Step};
use super::language::people::Department;
use super::language::text::Text;
use super::state::State;
use super::state::conversation::{Conversation, Status};
use crate::base::time::Timestamp;
use std::time::Duration;

/// Completed conversations that an estimate needs.
const ENOUGH: usize = 5;
/// How far back an estimate looks.
const WINDOW: Duration = Duration::from_secs(2 * 3600);

/// Tells every waiting customer of a department whose place has changed. Departments' queues are
/// the only thing of other customers that a customer ever learns of (promise 2).
pub(super) fn changed(state: &State, now: Timestamp, department: &Department) -> Plan {
    let mut plan = Plan::new();
    let mut place = 0;
    let nobody = state.ready(department) == 0;
    for conversation in state.waiting(department) {
        let offered = matches!(conversation.status, Status::Offered { .. });
        place += 1;
        if offered {
            continue;
        }
        let Some(customer) = state.customer(conversation.customer) else { continue };
        let Some(session) = customer.session else { continue };
        if conversation.told_place != Some(place) {
            let overtaken = conversation.told_place.is_some_and(|told| told < place);
            let minutes = estimate(state, now, conversation, place);
            plan.push(Step::Tell(session, Text::Position { place, minutes, overtaken }));
            plan.push(Step::Live(Live::PlaceTold(customer.id, Some(place))));
        }
        if nobody && !conversation.told_nobody {
            plan.push(Step::Tell(session, Text::NobodyHere));
            plan.push(Step::Live(Live::NobodyTold(customer.id)));
        }
    }
    plan
}

/// Minutes, at least and at most: the median of three estimators (queue length, the last one
/// served, the head of the line), rounded up to a range. None until enough is known.
fn estimate(
    state: &State,
    now: Timestamp,
    conversation: &Conversation,
    place: usize,
) -> Option<(u32, Option<u32>)> {
    let rows = state.waits.get(&conversation.department)?;
    let recent: Vec<_> = rows.iter().filter(|(at, _, _)| now.since(*at) <= WINDOW).collect();
    let handled: Vec<u64> = recent.iter().map(|(_, _, ms)| *ms).filter(|ms| *ms > 0).collect();
    if handled.len() < ENOUGH {
        return None;
    }
    let slots: u64 = state
        .agents()
        .filter(|a| a.ready && !a.sessions.is_empty())
        .filter(|a| state.serves(&a.name, &conversation.department))
        .map(|a| u64::from(a.limit(state.settings.capacity) / 2))
        .sum();
    let mean = handled.iter().sum::<u64>() / handled.len() as u64;
    let by_length = place as u64 * mean / slots.max(1);
    let last_served = recent.iter().rev().find(|(_, _, held)| *held == 0).map_or(0, |(_, w, _)| *w);
    let head = state.waiting(&conversation.department).next();
    let head_of_line = head
        .map_or(0, |c| u64::try_from(now.since(c.waiting_since).as_millis()).unwrap_or(u64::MAX));
    let mut three = [by_length, last_served, head_of_line];
    three.sort_unstable();
    Some(range(three[1]))
}

/// The range that holds so many milliseconds: `<1`, `1–2`, `2–4`, `5–10`, `10+` minutes.
fn range(ms: u64) -> (u32, Option<u32>) {
    match ms {
        0..60_000 => (0, Some(1)),
        60_000..120_000 => (1, Some(2)),
        120_000..240_000 => (2, Some(4)),
        240_000..600_000 => (5, Some(10)),
        _ => (10, None),
    }
}
