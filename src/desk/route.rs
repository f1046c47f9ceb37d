//! Routing: from what waits, and who is here, to a choice with its reasons. Pure.

use super::change::{Plan, Step};
use super::language::fact::{Candidate, Exclusion, Fact, Reason};
use super::language::people::{Actor, Department, Role};
use super::settings::Routing;
use super::state::State;
use super::state::agent::Agent;
use super::state::conversation::{Conversation, Status};
use super::steps::requeue;
use crate::base::text::AccountName;
use crate::base::time::Timestamp;

/// How good a choice an agent is: the smallest is best.
type Rank<'a> = (bool, u64, Timestamp, &'a AccountName);

/// The agent to offer a conversation to, and how every candidate stood (facts/livechat.md 4.3).
///
/// Preferred in order: the agent of the conversation before, the lightest load for their limit,
/// the one who was offered something longest ago, the name.
pub(super) fn choose(
    state: &State,
    conversation: &Conversation,
    department: &Department,
    giver: Option<&AccountName>,
) -> (Option<AccountName>, Vec<Candidate>) {
    let mut best: Option<Rank> = None;
    let mut candidates = Vec::new();
    for agent in state.agents() {
        let role = agent.role.is_some_and(|r| r >= Role::Agent);
        if !role || !state.serves(&agent.name, department) || giver == Some(&agent.name) {
            continue;
        }
        let limit = agent.limit(state.settings.capacity);
        let excluded = exclusion(agent, limit, conversation);
        let candidate = Candidate { agent: agent.name.clone(), load: agent.load, limit, excluded };
        candidates.push(candidate);
        if excluded.is_some() {
            continue;
        }
        let share = u64::from(agent.load) * 1000 / u64::from(limit.max(1));
        let stranger = conversation.preferred.as_ref() != Some(&agent.name);
        let rank = (stranger, share, agent.last_offered.max(agent.last_taken), &agent.name);
        if best.is_none_or(|best| rank < best) {
            best = Some(rank);
        }
    }
    (best.map(|(.., name)| name.clone()), candidates)
}

fn exclusion(agent: &Agent, limit: u32, conversation: &Conversation) -> Option<Exclusion> {
    if agent.sessions.is_empty() {
        Some(Exclusion::Offline)
    } else if !agent.ready {
        Some(Exclusion::NotReady)
    } else if agent.load + 2 > limit {
        Some(Exclusion::Full)
    } else if agent.ringing > 0 {
        Some(Exclusion::Ringing)
    } else if conversation.declined.contains(&agent.name) {
        Some(Exclusion::Declined)
    } else {
        None
    }
}

/// True when somebody declined and nobody else could still be asked: not even one who is busy.
fn all_declined(candidates: &[Candidate]) -> bool {
    let stands = |why| candidates.iter().any(|c| c.excluded == Some(why));
    stands(Exclusion::Declined) && !stands(Exclusion::Full) && !stands(Exclusion::Ringing)
}

/// The next offer of a department that pushes, if anything waits that somebody can take.
///
/// Order: class, then arrival. When everybody who could take one has declined it, it is offered
/// round once more (the set is cleared once nobody else is left).
pub(super) fn next_offer(state: &State, now: Timestamp, department: &Department) -> Plan {
    let pushes = state.department(department).is_some_and(|d| d.routing == Routing::Push);
    if !pushes {
        return Plan::new();
    }
    for conversation in state.waiting(department).filter(|c| c.status == Status::Queued) {
        let (chosen, candidates) = choose(state, conversation, department, None);
        let Some(chosen) = chosen else {
            if all_declined(&candidates) && !conversation.asked_again {
                return vec![requeue(conversation, Actor::Desk, Reason::AllDeclined)];
            }
            continue;
        };
        let routed = Fact::Routed {
            conversation: conversation.id,
            chosen: Some(chosen.clone()),
            candidates,
        };
        let offered = Fact::Offered {
            conversation: conversation.id,
            to: chosen,
            deadline: now + state.settings.offer,
            transfer: None,
        };
        return vec![
            Step::Fact(Actor::Desk, routed, Vec::new()),
            Step::Fact(Actor::Desk, offered, Vec::new()),
        ];
    }
    Plan::new()
}
