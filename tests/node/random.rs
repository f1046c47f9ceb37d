//! Random runs: whatever happens, nothing unstored is heard, and nothing is lost or out of order.

use crate::world::{Person, World};
use switchboard::node::{Durability, Limits, Settled};

/// One thing that happens in a random run.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Store(usize),
    Tell(usize),
    Ping(usize),
    Labelled(usize),
    Flush,
    Commit,
    Fail,
    Heal,
    Full(usize, usize),
    Drained(usize),
}

fn happening() -> impl proptest::strategy::Strategy<Value = Happening> {
    use proptest::prelude::*;
    let who = 0..3_usize;
    prop_oneof![
        4 => who.clone().prop_map(Happening::Store),
        2 => who.clone().prop_map(Happening::Tell),
        2 => who.clone().prop_map(Happening::Ping),
        2 => who.clone().prop_map(Happening::Labelled),
        4 => Just(Happening::Flush),
        4 => Just(Happening::Commit),
        1 => Just(Happening::Fail),
        1 => Just(Happening::Heal),
        1 => (who.clone(), 0..20_usize).prop_map(|(who, room)| Happening::Full(who, room)),
        1 => who.prop_map(Happening::Drained),
    ]
}

/// A random run, and what everybody heard in it.
struct Run {
    world: World,
    people: [Person; 3],
    heard: [String; 3],
    lines: usize,
    asked: [Vec<String>; 3],
}

impl Run {
    fn new() -> Self {
        let limits = Limits { lines_per_second: 0, queue_hard: 0, ..Limits::default() };
        let mut world = World::with(Durability::Strict, limits);
        let people = world.people();
        Self { world, people, heard: Default::default(), lines: 0, asked: Default::default() }
    }

    fn says(&mut self, who: usize, text: &str) {
        let id = self.people[who].0;
        let line = format!("{text}\n");
        self.world.node.receive(self.world.now, id, line.as_bytes());
    }

    fn happens(&mut self, what: Happening) {
        let now = self.world.now;
        match what {
            Happening::Store(who) | Happening::Labelled(who) => {
                self.lines += 1;
                let (token, labelled) = (self.lines, matches!(what, Happening::Labelled(_)));
                let label = if labelled { "@l " } else { "" };
                self.says(who, &format!("{label}store <{token}>"));
                self.asked[who].push(format!("<{token}>"));
            }
            Happening::Tell(who) => {
                self.lines += 1;
                self.says(who, &format!("tell ({})", self.lines));
            }
            Happening::Ping(who) => {
                self.lines += 1;
                self.says(who, &format!("PING {}", self.lines));
            }
            Happening::Flush => self.world.node.flush(now),
            Happening::Commit if !self.world.disk.borrow().jobs.is_empty() => self.world.commit(),
            Happening::Fail if !self.world.disk.borrow().jobs.is_empty() => self.world.fail(),
            Happening::Heal if !self.world.node.storage_works() => {
                self.world.node.settled(now, Settled::Probed(Ok(())));
            }
            Happening::Full(who, room) => self.people[who].1.borrow_mut().room = Some(room),
            Happening::Drained(who) => {
                self.people[who].1.borrow_mut().room = None;
                self.world.node.writable(now, self.people[who].0);
            }
            Happening::Commit | Happening::Fail | Happening::Heal => {}
        }
        self.listen();
    }

    /// Promise 1, at every moment: whoever hears a stored line hears one that is on disk.
    fn listen(&mut self) {
        for (person, heard) in self.people.iter().zip(&mut self.heard) {
            heard.push_str(&person.hears());
        }
        let stored = self.stored();
        for heard in &self.heard {
            for token in heard.lines().filter(|line| line.starts_with('<') && line.ends_with('>')) {
                assert!(stored.iter().any(|s| s == token), "{token} was heard and not stored");
            }
        }
    }

    fn stored(&self) -> Vec<String> {
        let disk = self.world.disk.borrow();
        disk.stored.iter().map(|event| event.word(0).as_str().to_owned()).collect()
    }

    /// In the end: all that is stored was heard once, in order, by everybody else; all else refused.
    fn ends(mut self) {
        for who in 0..3 {
            self.happens(Happening::Drained(who));
        }
        self.happens(Happening::Heal);
        self.happens(Happening::Flush);
        while !self.world.disk.borrow().jobs.is_empty() {
            self.happens(Happening::Commit);
        }
        let stored = self.stored();
        for (who, heard) in self.heard.iter().enumerate() {
            let (own, others): (Vec<_>, Vec<_>) =
                stored.iter().partition(|token| self.asked[who].contains(token));
            let tokens: Vec<_> = heard.lines().filter(|l| l.starts_with('<')).collect();
            assert_eq!(tokens, others, "once each, in order");
            let refused = heard.lines().filter(|line| *line == "refused").count();
            assert_eq!(own.len() + refused, self.asked[who].len(), "stored or refused");
            let order: Vec<usize> = heard
                .lines()
                .filter_map(|line| line.get(1..line.len() - 1)?.parse().ok())
                .collect();
            assert!(order.is_sorted_by(|a, b| a < b), "as it was said: {order:?}");
            let pongs: Vec<usize> =
                heard.lines().filter_map(|line| line.strip_prefix("PONG ")?.parse().ok()).collect();
            assert!(pongs.is_sorted_by(|a, b| a < b), "each once, in order: {pongs:?}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn whatever_happens_nothing_unstored_is_heard_and_nothing_is_lost(
        happenings in proptest::collection::vec(happening(), 1..120)
    ) {
        let mut run = Run::new();
        for what in happenings {
            run.happens(what);
        }
        run.ends();
    }
}
