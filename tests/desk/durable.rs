//! What of a desk the journal must bring back, compared; and what must hold at every moment.

use std::collections::BTreeMap;
use switchboard::base::time::Timestamp;
use switchboard::desk::Desk;
use switchboard::desk::language::fact::Event;
use switchboard::desk::settings::Settings;
use switchboard::desk::state::State;
use switchboard::desk::state::agent::Agent;
use switchboard::desk::state::conversation::{Conversation, Status, Taker};
use switchboard::desk::state::people::Customer;

/// Differences between a desk and what its journal makes of an empty one.
pub(crate) fn replay_differs(desk: &Desk, settings: &Settings, journal: &[Event]) -> Vec<String> {
    let mut fresh = Desk::new(settings.clone(), 0);
    journal.iter().for_each(|event| fresh.replay(event));
    let (now, again) = (durable(desk.state()), durable(fresh.state()));
    let keys: std::collections::BTreeSet<&String> = now.keys().chain(again.keys()).collect();
    let absent = "nothing".to_owned();
    keys.into_iter()
        .map(|key| (key, now.get(key).unwrap_or(&absent), again.get(key).unwrap_or(&absent)))
        .filter(|(_, live, replayed)| live != replayed)
        .map(|(key, live, replayed)| {
            format!(
                "the journal replayed differs in {key}:\n    live   {live}\n    replay {replayed}"
            )
        })
        .collect()
}

/// Everything that must survive a restart, by name.
fn durable(state: &State) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for customer in state.customers().filter(|c| c.known) {
        let kept = Customer {
            session: None,
            seated: Default::default(),
            staff: Vec::new(),
            department: state.default_department().clone(),
            created: Timestamp(0),
            // Where they are now is known while they are here.
            address: "".into(),
            ..customer.clone()
        };
        all.insert(format!("customer {}", customer.nick), format!("{kept:?}"));
    }
    for conversation in state.conversations() {
        let mut kept = conversation.clone();
        (kept.told_place, kept.told_nobody) = (None, false);
        // Whoever was told that it went back may be told so once more.
        kept.returning.clear();
        all.insert(format!("conversation {}", conversation.id), format!("{kept:?}"));
    }
    for agent in state.agents() {
        let kept = Agent { role: None, sessions: Vec::new(), ..agent.clone() };
        let new = format!("{:?}", Agent::new(agent.name.clone()));
        let kept = format!("{kept:?}");
        if kept != new {
            all.insert(format!("agent {}", agent.name), kept);
        }
    }
    for department in &state.settings.departments {
        let line: Vec<_> = state.waiting(&department.name).map(|c| c.id).collect();
        all.insert(format!("queue {}", department.name), format!("{line:?}"));
    }
    all
}

/// What does not hold though it must at every moment (promise 3, DESIGN 5).
pub(crate) fn broken(state: &State) -> Vec<String> {
    let mut wrong = Vec::new();
    for agent in state.agents() {
        let limit = agent.limit(state.settings.capacity);
        if agent.load > limit {
            wrong.push(format!("{} holds {} of {limit} halves", agent.name, agent.load));
        }
        let rung = state.conversations().filter(|c| rings(c, agent)).count();
        if agent.ringing as usize != rung {
            wrong.push(format!("{} has {rung} offers and {} counted", agent.name, agent.ringing));
        }
    }
    for c in state.conversations() {
        let places = state.settings.departments.iter().map(|d| &d.name);
        let places = places.flat_map(|d| state.waiting(d)).filter(|w| w.id == c.id).count();
        let waits = matches!(c.status, Status::Queued | Status::Offered { .. });
        if places != usize::from(waits) {
            wrong.push(format!("conversation {} is {:?} in {places} queues", c.id, c.status));
        }
        if !matches!(c.status, Status::Owned { .. }) && (c.transfer.is_some() || c.hold.is_some()) {
            wrong.push(format!("conversation {} has a transfer or hold, no owner", c.id));
        }
        let customer = state.customer(c.customer);
        if customer.is_none_or(|customer| customer.conversation != Some(c.id)) {
            wrong.push(format!("conversation {} is not its customer's", c.id));
        }
    }
    wrong
}

fn rings(c: &Conversation, agent: &Agent) -> bool {
    let offered = matches!(&c.status, Status::Offered { to, .. } if *to == agent.name);
    let transferred = c.transfer.as_ref().is_some_and(|t| t.to == Taker::Agent(agent.name.clone()));
    offered || transferred
}
