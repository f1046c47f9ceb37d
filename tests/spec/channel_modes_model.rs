//! What a member learns of a channel from its MODE lines is what the server says when it is asked: random
//! changes by people of different ranks, kept in a model that reads only what a client reads.

use crate::stage::{Peer, Stage};
use crate::support::{member, only, params, verb};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use switchboard::desk::settings::{Guests, Prefixes, Settings};

/// A channel as a client that was there from the start knows it.
#[derive(Debug, Default, PartialEq)]
struct Known {
    flags: BTreeSet<char>,
    key: Option<String>,
    limit: Option<String>,
    lists: BTreeMap<char, BTreeSet<String>>,
    ranks: BTreeMap<String, BTreeSet<char>>,
}

impl Known {
    /// Reads one MODE line by the rules of CHANMODES (fact 15); each change must be one.
    fn read(&mut self, line: &str, prefixes: Prefixes) {
        let all = params(line);
        let mut arguments = all[2..].iter();
        let mut add = true;
        for letter in all[1].chars() {
            match letter {
                '+' | '-' => add = letter == '+',
                'k' => {
                    let key = arguments.next().unwrap();
                    let before = self.key.take();
                    self.key = add.then(|| key.clone());
                    assert_ne!(before, self.key, "{line}");
                }
                'l' => {
                    let before = self.limit.take();
                    self.limit = if add { arguments.next().cloned() } else { None };
                    assert_ne!(before, self.limit, "{line}");
                }
                _ if prefixes.lists().contains(letter) => {
                    let mask = arguments.next().unwrap().clone();
                    let list = self.lists.entry(letter).or_default();
                    let changed = if add { list.insert(mask) } else { list.remove(&mask) };
                    assert!(changed, "{line}");
                }
                _ if prefixes.letters().contains(letter) => {
                    let ranks = self.ranks.entry(arguments.next().unwrap().clone()).or_default();
                    let changed = if add { ranks.insert(letter) } else { ranks.remove(&letter) };
                    assert!(changed, "{line}");
                }
                _ => {
                    let changed =
                        if add { self.flags.insert(letter) } else { self.flags.remove(&letter) };
                    assert!(changed, "{line}");
                }
            }
        }
        assert!(arguments.next().is_none(), "{line}");
    }

    /// What the server says, asked by a member.
    fn asked(stage: &mut Stage, peer: &Peer, prefixes: Prefixes) -> Self {
        let mut known = Self::default();
        let modes = params(only(&stage.says(peer, "MODE #x"), "324")[0]);
        let mut arguments = modes[3..].iter();
        for letter in modes[2].chars().skip(1) {
            match letter {
                'k' => known.key = arguments.next().cloned(),
                'l' => known.limit = arguments.next().cloned(),
                _ => assert!(known.flags.insert(letter)),
            }
        }
        for letter in prefixes.lists().chars() {
            let rows = stage.says(peer, &format!("MODE #x {letter}"));
            let at = if letter == 'q' { 3 } else { 2 };
            let masks = rows[..rows.len() - 1].iter().map(|row| params(row)[at].clone());
            known.lists.insert(letter, masks.collect());
        }
        for name in params(&stage.says(peer, "NAMES #x")[0])[3].split(' ') {
            let nick = name.trim_start_matches(['~', '&', '@', '%', '+']);
            let signs = &name[..name.len() - nick.len()];
            let letter =
                |sign| prefixes.signs().find(sign).map(|at| prefixes.letters().as_bytes()[at]);
            let ranks = signs.chars().filter_map(letter).map(char::from);
            known.ranks.insert(nick.to_owned(), ranks.collect());
        }
        known
    }
}

fn one_change() -> impl Strategy<Value = (String, String)> {
    let nicks = prop_oneof![Just("anna"), Just("zed"), Just("EVE"), Just("nobody")];
    let masks = prop_oneof![Just("a"), Just("A!*@*"), Just("b@c"), Just("~a:bob"), Just("~m:zed")];
    prop_oneof![
        "[+-]?[imnstpuCRMy]".prop_map(|letters| (letters, String::new())),
        ("[+-]?[beIq]", masks).prop_map(|(letters, mask)| (letters, mask.to_owned())),
        ("[+-]?[qaohv]", nicks).prop_map(|(letters, nick)| (letters, nick.to_owned())),
        ("[+-]?k", "[a-c]{1,2}"),
        ("\\+?l", "[0-9]{1,2}"),
        Just(("-l".to_owned(), String::new())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_client_that_reads_every_mode_line_knows_the_channel(
        lines in prop::collection::vec((0usize..3, prop::collection::vec(one_change(), 1..5)), 1..40),
        prefixes in prop_oneof![Just(Prefixes::Two), Just(Prefixes::Three), Just(Prefixes::Five)],
    ) {
        let mut stage =
            Stage::of(Settings { guests: Guests::Member, prefixes, ..Settings::default() });
        let peers = ["anna", "zed", "eve"].map(|nick| member(&mut stage, nick, ""));
        for peer in &peers {
            stage.says(peer, "JOIN #x");
        }
        // An operator reads along, who is never touched: there every change is seen, in any mode.
        let seer = member(&mut stage, "seer", "multi-prefix");
        stage.says(&seer, "JOIN #x");
        stage.says(&peers[0], "MODE #x +o seer");
        for peer in peers.iter().chain([&seer]) {
            peer.heard();
        }
        let mut known = Known::asked(&mut stage, &seer, prefixes);
        for (who, changes) in lines {
            let letters: String = changes.iter().map(|(letters, _)| letters.as_str()).collect();
            let arguments: Vec<&str> =
                changes.iter().map(|(_, a)| a.as_str()).filter(|a| !a.is_empty()).collect();
            let own = stage.says(&peers[who], &format!("MODE #x {letters} {}", arguments.join(" ")));
            let heard = seer.heard();
            let told: Vec<&String> = only(&own, "MODE");
            let seen: Vec<&String> = only(&heard, "MODE");
            prop_assert_eq!(told, seen.clone(), "who does it sees what the others see");
            for line in &seen {
                known.read(line, prefixes);
            }
            for line in &heard {
                prop_assert!(["MODE", "JOIN", "PART"].contains(&verb(line).as_str()), "{line}");
            }
            for peer in &peers {
                peer.heard();
            }
        }
        known.lists.retain(|_, masks| !masks.is_empty());
        let mut now = Known::asked(&mut stage, &seer, prefixes);
        now.lists.retain(|_, masks| !masks.is_empty());
        prop_assert_eq!(known, now);
    }
}
