//! Who plays: the house's settings, its staff, and the commands they give. Everything random comes
//! from one seeded generator, so that a seed is a whole story.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::text::{AccountName, ChannelName, Line, Nick, UserName};
use switchboard::desk::StaffAccount;
use switchboard::desk::language::command::*;
use switchboard::desk::language::people::{Department, Role};
use switchboard::desk::settings::{DepartmentSettings, Routing, Settings};

/// What staff say among themselves carries this; no customer may ever receive it.
pub(crate) const STAFF_ONLY: &str = "STAFF-ONLY";
/// The supervisor who only ever watches, whispers and notes: no customer may learn the name.
pub(crate) const UNSEEN: &str = "ghost";

/// Customers there are at once.
pub(crate) const CUSTOMERS: usize = 9;

/// SplitMix64.
#[derive(Clone, Debug)]
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`, which is not zero.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    /// True `n` times in a hundred.
    pub(crate) fn chance(&mut self, n: u64) -> bool {
        self.next() % 100 < n
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.below(from.len())) }
    }

    /// An index by its weight.
    pub(crate) fn weighted(&mut self, weights: &[usize]) -> usize {
        let mut at = self.below(weights.iter().sum());
        for (i, weight) in weights.iter().enumerate() {
            if at < *weight {
                return i;
            }
            at -= weight;
        }
        unreachable!("the weights were summed")
    }
}

pub(crate) fn line(text: &str) -> Line {
    Line::scrubbed(text)
}

pub(crate) fn account(name: &str) -> AccountName {
    AccountName::parse(name).unwrap()
}

pub(crate) fn department(name: &str) -> Department {
    Department::parse(name).unwrap()
}

pub(crate) const STAFF: [(&str, Role); 8] = [
    ("ann", Role::Agent),
    ("bob", Role::Agent),
    ("cat", Role::Agent),
    ("dan", Role::Agent),
    ("eve", Role::Agent),
    ("sue", Role::Supervisor),
    (UNSEEN, Role::Supervisor),
    ("robo", Role::Bot),
];

pub(crate) const DEPARTMENTS: [&str; 3] = ["support", "sales", "triage"];

pub(crate) fn accounts() -> Vec<StaffAccount> {
    STAFF.iter().map(|(name, role)| StaffAccount { name: account(name), role: *role }).collect()
}

/// One department claims, one pushes, one has a bot first; spans differ from seed to seed.
pub(crate) fn settings(rng: &mut Rng) -> Settings {
    let row = |name: &str, routing, agents: &[&str], bot: Option<&str>| DepartmentSettings {
        name: department(name),
        routing,
        agents: agents.iter().map(|a| account(a)).collect(),
        first_responder: bot.map(account),
    };
    let spans = |rng: &mut Rng, of: &[u64]| Duration::from_secs(*rng.pick(of).unwrap());
    Settings {
        departments: vec![
            row("support", Routing::Claim, &["ann", "bob", "cat"], None),
            row("sales", Routing::Push, &["bob", "cat", "dan", "eve"], None),
            row("triage", Routing::Claim, &["ann", "dan", "eve"], Some("robo")),
        ],
        capacity: u32::try_from(1 + rng.below(3)).unwrap(),
        wrapup: spans(rng, &[0, 60, 60]),
        owner_lost: spans(rng, &[60, 60, 10]),
        seat: spans(rng, &[120, 120, 30]),
        silent_alarm: spans(rng, &[60, 60, 0, 20]),
        reopen: spans(rng, &[86_400, 900]),
        templates: BTreeMap::from([("hello".to_owned(), "Hello {nick}, {1} here.".to_owned())]),
        ..Settings::default()
    }
}

/// A token that nobody guesses because nobody else has that number.
pub(crate) fn token(number: u64) -> Token {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    bytes[8] = 1;
    let digest = bytes;
    bytes[8] = 2;
    Token { secret: bytes, digest }
}

/// What a client gives at registration.
pub(crate) fn arrival(nick: &str, number: u64) -> Arrival {
    Arrival {
        nick: Nick::parse(nick).unwrap(),
        user: UserName::parse("u").unwrap(),
        realname: line("somebody"),
        address: Arc::from("192.0.2.7"),
        cloak: Some("k3f9x2ab".into()),
        secure: true,
        account: None,
        resume: None,
        department: None,
        token: token(number),
        code_seed: number.wrapping_mul(0x1234_5678_9abc_def1),
        wants_replay: number.is_multiple_of(2),
        away: None,
        certificate: None,
    }
}

pub(crate) fn say(target: &str, text: &str) -> Command {
    Command::Say(Say {
        target: line(target),
        verb: Verb::Privmsg,
        text: line(text),
        tags: None,
        more: Vec::new(),
        literal: false,
    })
}

pub(crate) fn desk(channel: Option<&ChannelName>, verb: DeskVerb) -> Command {
    Command::Desk(DeskCommand { channel: channel.cloned(), verb })
}

/// What no customer but number `i` may receive.
pub(crate) fn mark(i: usize) -> String {
    format!("zq{i}qz")
}
