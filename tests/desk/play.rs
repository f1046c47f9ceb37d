//! The one check: plays a transcript on a driver, and compares what was heard with what it says.

use crate::driver::Driver;
use crate::heard::{Heard, Kind, matches, pattern};
use crate::script::{Body, Expectation, Script, Step};
use std::collections::BTreeSet;
use switchboard::base::text::{AccountName, Folded};
use switchboard::desk::language::fact::Event;
use switchboard::desk::language::people::Department;
use switchboard::desk::state::State;
use switchboard::desk::state::conversation::{Conversation, Status, Taker};

/// Complaints of a transcript on a driver: `file:line [driver]: what was expected and heard`.
pub(crate) fn check(file: &str, script: &Script, driver: &mut dyn Driver) -> Vec<String> {
    let mut play = Play { file, driver, customers: BTreeSet::new(), wrong: Vec::new() };
    let mut scene = Scene::default();
    for (number, body) in &script.lines {
        match body {
            Body::Step(step) => {
                play.finish(&mut scene);
                scene = play.perform(*number, step);
            }
            Body::Expect(expectation) => play.expect(*number, &mut scene, expectation),
        }
    }
    play.finish(&mut scene);
    play.wrong
}

struct Play<'a> {
    file: &'a str,
    driver: &'a mut dyn Driver,
    customers: BTreeSet<String>,
    wrong: Vec<String>,
}

/// What one step led to.
#[derive(Default)]
struct Scene {
    line: usize,
    heard: Vec<(String, Heard, bool)>,
    events: Option<Vec<Event>>,
    /// Arrivals are not looked at line by line.
    lenient: bool,
}

impl Play<'_> {
    fn complain(&mut self, line: usize, what: &str) {
        let name = self.driver.name();
        self.wrong.push(format!("{}:{line} [{name}]: {what}", self.file));
    }

    fn perform(&mut self, line: usize, step: &Step) -> Scene {
        let mut lenient = false;
        match step {
            Step::Accounts(list) => {
                list.iter().for_each(|(name, role)| self.driver.account(name, role));
            }
            Step::AccountEnds(name) => self.driver.account_ends(name),
            Step::StaffArrives(list) => {
                list.iter().for_each(|(who, account)| self.driver.staff(who, account));
            }
            Step::CustomerArrives(who, address, department) => {
                lenient = true;
                self.customers.insert(who.clone());
                self.driver.customer(who, address.as_deref(), department.as_deref());
            }
            Step::Returns(who, right) => self.driver.returns(who, *right),
            Step::Does(who, act) => self.driver.act(who, act),
            Step::Lost(who) => self.driver.lose(who),
            Step::Clock(span) => self.driver.pass(*span),
            Step::Storage(works) => self.driver.storage(*works),
            Step::Restart => self.driver.restart(),
        }
        let (heard, faults) = self.driver.heard();
        for fault in faults {
            self.complain(line, &fault);
        }
        let heard = heard.into_iter().map(|(who, item)| (who, item, false)).collect();
        Scene { line, heard, events: self.driver.events(), lenient }
    }

    /// What a customer heard and nobody expected is a fault.
    fn finish(&mut self, scene: &mut Scene) {
        if scene.lenient {
            return;
        }
        for (who, item, used) in std::mem::take(&mut scene.heard) {
            if !used && item.kind != Kind::Burst && self.customers.contains(&who) {
                let what = format!("{who} was not to perceive: {}", item.text);
                self.complain(scene.line, &what);
            }
        }
    }

    fn expect(&mut self, line: usize, scene: &mut Scene, expectation: &Expectation) {
        match expectation {
            Expectation::Perceives(who, sees, text) => {
                if *sees && self.blind(who) {
                    return;
                }
                let wanted = if *sees { text.clone() } else { pattern(text) };
                let fits = |h: &Heard| matches(&wanted, &h.text) && sort(h, *sees);
                if !take(scene, who, fits) {
                    let verb = if *sees { "see" } else { "hear" };
                    let what = format!("{who} was to {verb} {wanted}{}", perceived(scene, who));
                    self.complain(line, &what);
                }
            }
            Expectation::Misses(who, sees, text) => {
                let wanted = if *sees { text.clone() } else { pattern(text) };
                let found = scene.heard.iter().find(|(name, h, _)| {
                    name == who
                        && sort(h, *sees)
                        && h.kind != Kind::Burst
                        && matches(&wanted, &h.text)
                });
                if let Some((_, item, _)) = found {
                    let what = format!("{who} was not to perceive {}", item.text);
                    self.complain(line, &what);
                }
            }
            Expectation::Refused(who, code, text) => {
                let wanted = format!("{code}: {}", text.as_deref().unwrap_or("..."));
                let fits = |h: &Heard| h.kind == Kind::Refusal && matches(&wanted, &h.text);
                if !take(scene, who, fits) {
                    let what = format!("{who} was to be refused {wanted}{}", perceived(scene, who));
                    self.complain(line, &what);
                }
            }
            Expectation::Announced(told, wanted) => {
                let found = scene.heard.iter().any(|(_, h, _)| matches(wanted, &h.text));
                if found != *told {
                    let all: BTreeSet<&str> =
                        scene.heard.iter().map(|(_, h, _)| &*h.text).collect();
                    let not = if *told { "" } else { "not " };
                    let what = format!("to be {not}announced: {wanted}; heard: {all:#?}");
                    self.complain(line, &what);
                }
            }
            Expectation::Journal(has, wanted) => self.journal(line, scene, *has, wanted),
            Expectation::Stands(of, facts) => self.stands(line, of, facts),
        }
    }

    fn blind(&self, who: &str) -> bool {
        self.driver.shows_words_only() && self.customers.contains(who)
    }

    fn journal(&mut self, line: usize, scene: &Scene, has: bool, wanted: &str) {
        let Some(events) = &scene.events else { return };
        let wanted: Vec<&str> = wanted.split_whitespace().collect();
        let told: Vec<String> = events
            .iter()
            .map(|e| self.driver.real(&format!("{:?} {:?} {:?}", e.fact, e.words, e.actor)))
            .collect();
        let found = told.iter().any(|event| {
            let mut tokens = event.split(|c: char| !c.is_alphanumeric() && !"-.#@".contains(c));
            wanted.iter().all(|word| tokens.any(|token| token == *word))
        });
        if found != has {
            let what = format!("the journal: {wanted:?} ({has}); it has {told:#?}");
            self.complain(line, &what);
        }
    }

    fn stands(&mut self, line: usize, of: &str, facts: &[String]) {
        let real = self.driver.real(of);
        let Some(desk) = self.driver.desk() else { return };
        let state = desk.state();
        let (what, name) = real.split_once(' ').unwrap_or((&real, ""));
        let wrong: Vec<String> = match what {
            "state" => conversation(state, name, facts),
            "agent" => agent(state, name, facts),
            "blocks" => {
                let count = self.driver.real(&facts[0]);
                let blocked = desk.blocked(switchboard::base::time::Timestamp(0), &count);
                blocked.is_none().then(|| format!("{count} is not blocked")).into_iter().collect()
            }
            _ => {
                let department = Department::parse(name).expect("a department's name");
                let line: Vec<String> = state
                    .waiting(&department)
                    .filter_map(|c| state.customer(c.customer))
                    .map(|c| c.nick.as_str().rsplit_once('-').map_or("", |(n, _)| n).to_owned())
                    .collect();
                let wanted: Vec<&str> =
                    facts.iter().map(String::as_str).filter(|f| *f != "nobody").collect();
                let differs = line != wanted;
                differs.then(|| format!("the line is {line:?}")).into_iter().collect()
            }
        };
        for fault in wrong {
            self.complain(line, &format!("{of}: {fault}"));
        }
    }
}

fn sort(heard: &Heard, sees: bool) -> bool {
    match heard.kind {
        Kind::Words => !sees,
        Kind::Sight | Kind::Burst => sees,
        Kind::Refusal => false,
    }
}

/// Uses up the first thing that fits.
fn take(scene: &mut Scene, who: &str, fits: impl Fn(&Heard) -> bool) -> bool {
    let found = scene.heard.iter_mut().find(|(name, h, used)| !used && name == who && fits(h));
    found.map(|(_, _, used)| *used = true).is_some()
}

fn perceived(scene: &Scene, who: &str) -> String {
    let all: Vec<String> = scene
        .heard
        .iter()
        .filter(|(name, ..)| name == who)
        .map(|(_, h, used)| format!("\n    {}{}", if *used { "(used) " } else { "" }, h.text))
        .collect();
    if all.is_empty() {
        "; there was nothing".to_owned()
    } else {
        format!("; there was{}", all.concat())
    }
}

/// `open`, `owner bob`, `department billing`, `class Returned`, `offered to carol`, `load bob 2/4` …
fn conversation(state: &State, channel: &str, facts: &[String]) -> Vec<String> {
    let Some(customer) = state.lounge(&Folded::of(channel)) else {
        let gone = facts == ["unknown"];
        return if gone { Vec::new() } else { vec!["nobody knows the channel".to_owned()] };
    };
    let live = state.live(customer);
    let mut wrong = Vec::new();
    for fact in facts {
        let (name, value) = fact.split_once(' ').unwrap_or((fact, ""));
        let is = match (name, live) {
            ("load", _) => {
                let (who, load) = value.split_once(' ').unwrap_or((value, ""));
                wrong.extend(agent(state, who, &[format!("load {load}")]));
                continue;
            }
            ("customer", _) => {
                let here = if customer.session.is_some() { "here" } else { "gone" };
                here.to_owned()
            }
            ("none", None) => continue,
            (_, None) => {
                wrong.push("there is no live conversation".to_owned());
                continue;
            }
            (_, Some(c)) => match fact_of(c, name).filter(|_| !value.is_empty()) {
                Some(is) => is,
                None => {
                    if c.status.name() != *fact {
                        wrong.push(format!("it is {}", c.status.name()));
                    }
                    continue;
                }
            },
        };
        if is != value {
            wrong.push(format!("{name} is {is}"));
        }
    }
    wrong
}

fn fact_of(c: &Conversation, name: &str) -> Option<String> {
    let list = |names: &[AccountName]| {
        let names: Vec<&str> = names.iter().map(AccountName::as_str).collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(" ") }
    };
    Some(match name {
        "owner" => c.owner().map_or("nobody", AccountName::as_str).to_owned(),
        "department" => c.department.to_string(),
        "class" => format!("{:?}", c.class),
        "offered" => match (&c.status, &c.transfer) {
            (Status::Offered { to, .. }, _) => format!("to {to}"),
            (_, Some(t)) => match &t.to {
                Taker::Agent(to) => format!("to {to}"),
                Taker::Department(to) => format!("to #{to}"),
            },
            _ => "to nobody".to_owned(),
        },
        "helpers" => list(&c.helpers),
        "watchers" => list(&c.watchers),
        "bot" if matches!(c.status, Status::Bot { .. }) => match &c.status {
            Status::Bot { bot } => bot.to_string(),
            _ => return None,
        },
        "tags" => c.tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        "number" => c.id.to_string(),
        "preferred" => c.preferred.as_ref().map_or("nobody", AccountName::as_str).to_owned(),
        "urgent" => c.urgent.to_string(),
        _ => return None,
    })
}

/// `load 2/4`, `ready`, `away`.
fn agent(state: &State, name: &str, facts: &[String]) -> Vec<String> {
    let account = AccountName::parse(name).expect("an account's name");
    let Some(agent) = state.agent(&account) else { return vec![format!("no agent {name}")] };
    let load = format!("load {}/{}", agent.load, agent.limit(state.settings.capacity));
    let ready = if agent.ready { "ready" } else { "away" };
    let wrong = facts.iter().filter(|fact| **fact != load && **fact != ready);
    wrong.map(|fact| format!("{name} is not {fact} but {load}, {ready}")).collect()
}
