//! What must hold of the desk after every step, whatever happened.

use crate::cast::accounts;
use crate::world::World;
use std::collections::BTreeMap;
use switchboard::base::text::AccountName;
use switchboard::base::time::Timestamp;
use switchboard::desk::Desk;
use switchboard::desk::language::fact::{Event, Fact};
use switchboard::desk::language::people::Role;
use switchboard::desk::outcome::Outcome;
use switchboard::desk::settings::{Routing, Settings};
use switchboard::desk::state::State;
use switchboard::desk::state::conversation::{Conversation, Status, Taker};
use switchboard::desk::state::people::Standing;

/// All that the journal must be able to bring back, line by line.
pub(crate) fn durable(state: &State) -> Vec<String> {
    let mut lines = Vec::new();
    for c in state.conversations() {
        let course = (&c.status, &c.transfer, c.hold, c.class, c.place, c.opened, c.taken);
        let people = (&c.preferred, &c.declined, &c.owners, &c.helpers, &c.watchers, &c.routed);
        let rest = (&c.quote, &c.tags, c.urgent, c.alarmed, c.owner_lost, c.unanswered_since);
        let when = (c.waiting_since, c.owned_since);
        lines.push(format!("{} {} {course:?} {people:?} {rest:?} {when:?}", c.id, c.department));
    }
    for c in state.customers().filter(|c| c.known) {
        let who = (&c.code, &c.channel, &c.nick, &c.user, &c.realname, &c.address, c.token);
        let past = (c.absence, c.conversation, c.last_conversation, &c.last_owner, c.ratable);
        lines.push(format!("{} {who:?} {past:?} {}", c.id, c.past));
    }
    for a in state.agents() {
        let figures = (a.ready, a.capacity, a.load, a.ringing, a.missed);
        lines.push(format!("{} {figures:?} {:?} {:?}", a.name, a.last_taken, a.last_offered));
    }
    for d in &state.settings.departments {
        let waiting: Vec<_> = state.waiting(&d.name).map(|c| c.id).collect();
        lines.push(format!("{}: {waiting:?}", d.name));
    }
    lines.push(format!("{:?} {:?}", state.counters().seq, state.counters().conversation));
    lines
}

/// Two pictures are one; else the first lines that differ.
pub(crate) fn same(when: &str, a: &str, b: &str) {
    if a != b {
        let differs = a.lines().zip(b.lines()).find(|(a, b)| a != b);
        panic!("{when} the state is another:\n{differs:#?}");
    }
}

/// After one command or tick, which decided these events.
pub(crate) fn after_step(state: &State, storage: bool, fresh: &[Event]) {
    everybody_is_somewhere(state, storage);
    nobody_is_above_capacity(state);
    if storage {
        nobody_waits_for_an_idle_agent(state);
        nobody_is_passed_over(state, fresh);
    }
}

/// Promise 3: every live conversation has exactly one holder, and every holder can act or is
/// bounded by a deadline.
fn everybody_is_somewhere(state: &State, storage: bool) {
    for c in state.conversations() {
        let customer = state.customer(c.customer);
        assert_eq!(customer.and_then(|k| k.conversation), Some(c.id), "not their conversation");
        let queued = state.waiting(&c.department).filter(|w| w.id == c.id).count();
        let waits = matches!(c.status, Status::Queued | Status::Offered { .. });
        assert_eq!(queued, usize::from(waits), "in its queue so many times: {c:?}");
        let here = |account: &AccountName| !state.sessions_of(account).is_empty();
        match &c.status {
            Status::Owned { owner } => {
                let held = c.owner_lost.is_some();
                assert!(here(owner) || held || !storage, "owned by the absent: {c:?}");
                let seated = customer
                    .is_some_and(|k| state.seats_of(k, owner).any(|(_, s)| s != Standing::Watcher));
                assert!(seated || held || !storage, "owned from outside the channel: {c:?}");
            }
            Status::Bot { bot } => {
                assert!(here(bot) || !storage, "with an absent bot: {c:?}");
            }
            Status::Queued | Status::Offered { .. } | Status::Wrapup { .. } => {}
        }
        if c.transfer.is_some() {
            assert!(matches!(c.status, Status::Owned { .. }), "given by nobody: {c:?}");
        }
    }
    for customer in state.customers() {
        if let Some(id) = customer.conversation {
            assert!(state.conversation(id).is_some(), "a conversation that is not there");
        }
        if storage && customer.known {
            let gone = customer.session.is_none();
            assert_eq!(customer.absence.is_some(), gone, "absent or not: {customer:?}");
        }
        for (session, standing) in &customer.staff {
            let person = state.person(*session);
            if *standing == Standing::Backstage {
                let taker = person.and_then(|p| p.account()).cloned().map(Taker::Agent);
                let c = state.live(customer);
                let to = c.and_then(|c| c.transfer.as_ref()).filter(|t| t.introduced);
                let stands = to.map(|t| t.to.clone()) == taker;
                assert!(stands, "backstage for nothing: {taker:?} in {c:?}");
            }
            let knows = person.is_some_and(|p| p.lounges.contains(&customer.id));
            assert!(knows, "a seat of nobody: {customer:?}");
        }
    }
}

fn nobody_is_above_capacity(state: &State) {
    let mut held: BTreeMap<AccountName, (u32, u32)> = BTreeMap::new();
    for c in state.conversations() {
        match &c.status {
            Status::Queued | Status::Bot { .. } => {}
            Status::Offered { to, .. } => {
                let row = held.entry(to.clone()).or_default();
                (row.0, row.1) = (row.0 + 2, row.1 + 1);
            }
            Status::Owned { owner } => held.entry(owner.clone()).or_default().0 += 2,
            Status::Wrapup { owner, .. } => held.entry(owner.clone()).or_default().0 += 1,
        }
        if let Some(Taker::Agent(to)) = c.transfer.as_ref().map(|t| &t.to) {
            let row = held.entry(to.clone()).or_default();
            (row.0, row.1) = (row.0 + 2, row.1 + 1);
        }
    }
    for agent in state.agents() {
        let (load, offers) = held.get(&agent.name).copied().unwrap_or_default();
        let limit = agent.limit(state.settings.capacity);
        assert!(load <= limit, "{} holds {load} of {limit}", agent.name);
        assert_eq!(agent.load, load, "the load of {}", agent.name);
        assert_eq!(agent.ringing, offers, "offers outstanding of {}", agent.name);
    }
}

fn could_take(state: &State, c: &Conversation, agent: &AccountName) -> bool {
    let Some(a) = state.agent(agent) else { return false };
    a.role.is_some_and(|r| r >= Role::Agent)
        && !a.sessions.is_empty()
        && a.ready
        && a.ringing == 0
        && a.load + 2 <= a.limit(state.settings.capacity)
        && !c.declined.contains(agent)
        && state.serves(agent, &c.department)
}

/// In a department that pushes, nobody waits while somebody could take them.
fn nobody_waits_for_an_idle_agent(state: &State) {
    for department in state.settings.departments.iter().filter(|d| d.routing == Routing::Push) {
        for c in state.waiting(&department.name).filter(|c| c.status == Status::Queued) {
            let idle = state.agents().find(|a| could_take(state, c, &a.name));
            assert!(idle.is_none(), "{idle:?} could take {c:?}");
        }
    }
}

/// No offer passes over one who was there before, in the same class or a better one.
fn nobody_is_passed_over(state: &State, fresh: &[Event]) {
    for event in fresh {
        let Fact::Offered { conversation, to, transfer: None, .. } = &event.fact else { continue };
        let Some(c) = state.conversation(*conversation) else { continue };
        let before = state.waiting(&c.department).take_while(|w| w.id != c.id);
        let mut before = before.filter(|w| w.status == Status::Queued);
        let passed = before.find(|w| !w.declined.contains(to));
        assert!(passed.is_none(), "{to} was offered {c:?} before {passed:?}");
    }
}

/// The journal, with what is decided and not stored yet, gives the very state the desk has.
pub(crate) fn replay_is_the_state(world: &World) {
    let events = world.journal.iter().chain(world.unsettled());
    replay_gives(&world.settings, events, world.state());
}

/// These events, and nothing else, lead to that state.
pub(crate) fn replay_gives<'a>(
    settings: &Settings,
    events: impl Iterator<Item = &'a Event>,
    state: &State,
) {
    let mut desk = Desk::new(settings.clone(), 0);
    desk.set_accounts(Timestamp(0), accounts(), &mut Outcome::default());
    events.for_each(|event| desk.replay(event));
    let (a, b) = (durable(desk.state()).join("\n"), durable(state).join("\n"));
    same("after a replay", &a, &b);
}
