//! A thousand customers arrive while fifty agents claim and accept at once: commands of all of
//! them in any order. Nobody has two owners, nobody is above capacity, nobody is forgotten.

use crate::cast::{Rng, account, arrival, department, desk, line, say};
use std::collections::BTreeMap;
use std::time::Duration;
use switchboard::base::ids::SessionId;
use switchboard::base::text::AccountName;
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::{Command, DeskVerb};
use switchboard::desk::language::fact::{Event, Fact};
use switchboard::desk::language::people::Role;
use switchboard::desk::outcome::Outcome;
use switchboard::desk::settings::{DepartmentSettings, Routing, Settings};
use switchboard::desk::state::conversation::Status;
use switchboard::desk::{Desk, StaffAccount};

const CUSTOMERS: u64 = 1000;
const AGENTS: u64 = 50;

struct Crowd {
    desk: Desk,
    now: Timestamp,
    events: Vec<Event>,
    out: Outcome,
}

impl Crowd {
    /// Every agent serves both departments: one announces, one pushes.
    fn new() -> Self {
        let row = |name, routing| DepartmentSettings {
            name: department(name),
            routing,
            agents: Vec::new(),
            first_responder: None,
        };
        let departments = vec![row("support", Routing::Claim), row("sales", Routing::Push)];
        let settings = Settings { departments, ..Settings::default() };
        let mut desk = Desk::new(settings, 1);
        let staff = |n| StaffAccount { name: agent(n), role: Role::Agent };
        let (now, mut out) = (Timestamp(1_700_000_000_000), Outcome::default());
        desk.set_accounts(now, (0..AGENTS).map(staff).collect(), &mut out);
        let mut crowd = Self { desk, now, events: Vec::new(), out };
        for n in 0..AGENTS {
            let mut arrival = arrival(agent(n).as_str(), n + 1);
            arrival.account = Some((agent(n), Role::Agent));
            crowd.does(SessionId(CUSTOMERS + n), Command::Arrive(Box::new(arrival)));
        }
        crowd
    }

    fn does(&mut self, session: SessionId, command: Command) {
        self.out.clear();
        self.desk.handle(self.now, session, &command, &mut self.out);
        self.events.append(&mut self.out.events);
    }

    fn time_passes(&mut self, ms: u64) {
        self.now = self.now + Duration::from_millis(ms);
        while self.desk.next_deadline().is_some_and(|at| at <= self.now) {
            self.out.clear();
            self.desk.tick(self.now, &mut self.out);
            self.events.append(&mut self.out.events);
        }
    }

    /// One owner each by the journal alone, and nobody above what they may hold.
    fn check(&self) {
        let state = self.desk.state();
        for agent in state.agents() {
            assert!(agent.load <= agent.limit(2), "{} holds {}", agent.name, agent.load);
        }
        let mut owners: BTreeMap<_, Option<AccountName>> = BTreeMap::new();
        for event in &self.events {
            match &event.fact {
                Fact::Opened { conversation, .. } => {
                    owners.insert(*conversation, None);
                }
                Fact::Owned { conversation, owner, from, .. } => {
                    let before = owners.insert(*conversation, Some(owner.clone()));
                    assert_eq!(before.flatten(), *from, "taken from under its owner: {event:?}");
                }
                Fact::Queued { conversation, .. } | Fact::WrappingUp { conversation, .. } => {
                    owners.insert(*conversation, None);
                }
                _ => {}
            }
        }
        for c in state.conversations() {
            let waits = state.waiting(&c.department).any(|w| w.id == c.id);
            let held = matches!(c.status, Status::Owned { .. } | Status::Wrapup { .. });
            assert!(waits != held, "neither waiting nor held: {c:?}");
        }
    }
}

fn agent(n: u64) -> AccountName {
    account(&format!("agent{n}"))
}

#[test]
fn a_thousand_arrivals_and_fifty_agents_at_once() {
    for seed in [crate::from_env("SIM_SEED").unwrap_or(0)] {
        let (mut rng, mut crowd) = (Rng(seed), Crowd::new());
        let mut spoken = 0;
        let mut waiting: Vec<u64> = (0..CUSTOMERS).collect();
        while !waiting.is_empty() {
            if rng.chance(50) {
                let n = waiting.swap_remove(rng.below(waiting.len()));
                let mut arrival = arrival("guest", 100 + n + seed * 10_000);
                arrival.department = rng.chance(50).then(|| department("sales"));
                crowd.does(SessionId(n), Command::Arrive(Box::new(arrival)));
                let id = crowd.desk.state().person(SessionId(n)).and_then(|p| p.customer).unwrap();
                let channel = crowd.desk.state().customer(id).unwrap().channel.clone();
                crowd.does(SessionId(n), say(channel.as_str(), "help"));
                spoken += 1;
            }
            agents_act(&mut crowd, &mut rng);
            crowd.time_passes(rng.next() % 50);
        }
        crowd.check();
        let live = crowd.desk.state().conversations().count();
        let closed = crowd.events.iter().filter(|e| matches!(e.fact, Fact::Closed { .. })).count();
        assert_eq!(live + closed, spoken, "somebody was forgotten");
        everybody_is_served(&mut crowd, &mut rng, spoken);
    }
}

/// Three agents at once: claim, accept, join, close, in any order.
fn agents_act(crowd: &mut Crowd, rng: &mut Rng) {
    for _ in 0..3 {
        let n = rng.next() % AGENTS;
        let session = SessionId(CUSTOMERS + n);
        let state = crowd.desk.state();
        let me = agent(n);
        let offered = state
            .conversations()
            .any(|c| matches!(&c.status, Status::Offered { to, .. } if *to == me));
        let command = match (rng.below(6), offered) {
            (0 | 1, true) => desk(None, DeskVerb::Accept),
            (2, true) => desk(None, DeskVerb::Decline(None)),
            (3, _) => {
                let own = state.conversations().find(|c| c.owner() == Some(&me));
                let channel = own.and_then(|c| state.channel_of(c)).cloned();
                desk(channel.as_ref(), DeskVerb::Close(Some(line("done"))))
            }
            (4, _) => {
                let support = department("support");
                let first = state.waiting(&support).next();
                match first.and_then(|c| state.channel_of(c)).cloned() {
                    Some(channel) => Command::Join { channel, key: None },
                    None => desk(None, DeskVerb::Claim),
                }
            }
            _ => desk(None, DeskVerb::Claim),
        };
        crowd.does(session, command);
    }
}

/// With time and work, everybody who spoke has had a person, and their conversation is over.
fn everybody_is_served(crowd: &mut Crowd, rng: &mut Rng, spoken: usize) {
    for _ in 0..200_000 {
        if crowd.desk.state().conversations().next().is_none() {
            break;
        }
        agents_act(crowd, rng);
        crowd.time_passes(rng.next() % 400);
        for n in (0..AGENTS).filter(|_| rng.chance(1)) {
            crowd.does(SessionId(CUSTOMERS + n), desk(None, DeskVerb::Ready));
        }
    }
    crowd.check();
    let closed = crowd.events.iter().filter(|e| matches!(e.fact, Fact::Closed { .. })).count();
    assert_eq!(closed, spoken, "somebody waits for ever");
}
