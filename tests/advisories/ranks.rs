//! Advisories about who may do what, in channels: whoever is refused has changed nothing, and nobody does
//! anything to somebody above them.

use crate::stage::{Peer, Stage};
use switchboard::desk::settings::{Guests, Prefixes, Settings};
use switchboard::wire::message::Message;

/// Everybody in the channel, from the highest rank down, and one outside.
const PEOPLE: [(&str, &str); 7] = [
    ("founder", "q"),
    ("adm", "a"),
    ("oper", "o"),
    ("half", "h"),
    ("voice", "v"),
    ("plain", ""),
    ("outside", "-"),
];

struct Scene {
    stage: Stage,
    peers: Vec<Peer>,
}

fn scene() -> Scene {
    let prefixes = Prefixes::Five;
    let settings = Settings { guests: Guests::Member, prefixes, ..Settings::default() };
    let mut stage = Stage::of(settings);
    let mut peers = Vec::new();
    for (nick, rank) in PEOPLE {
        let peer = stage.connect();
        stage.says(&peer, &format!("NICK {nick}\r\nUSER x 0 * :x\r\nCAP REQ multi-prefix"));
        if rank != "-" {
            stage.says(&peer, "JOIN #x");
        }
        peers.push(peer);
        if !rank.is_empty() && rank != "-" && rank != "q" {
            stage.says(&peers[0], &format!("MODE #x +{rank} {nick}"));
        }
    }
    stage.says(&peers[0], "TOPIC #x :as it was\r\nMODE #x +b mallory");
    for peer in &peers {
        peer.heard();
    }
    Scene { stage, peers }
}

/// The channel as its founder can ask for it.
fn asked(scene: &mut Scene) -> Vec<String> {
    let founder = scene.peers[0].clone();
    founder.heard();
    scene.stage.says(&founder, "NAMES #x\r\nMODE #x\r\nMODE #x b\r\nTOPIC #x\r\nLIST #x,#y")
}

/// GHSA-8cmp-fc56-7g44, in channels: each thing that a rank may do, tried by everybody.
#[test]
fn every_rank_may_do_its_own_and_a_refusal_changes_nothing() {
    // The line, and how many of `PEOPLE` from the top may do it.
    let cases = [
        ("TOPIC #x :mine", 4),
        ("MODE #x +i", 4),
        ("MODE #x +l 9", 4),
        ("MODE #x +k key", 4),
        ("MODE #x +b eve", 4),
        ("MODE #x -b mallory", 4),
        ("MODE #x +I eve", 4),
        ("MODE #x +v plain", 4),
        ("MODE #x +s", 3),
        ("MODE #x +h plain", 3),
        ("MODE #x +o plain", 3),
        ("MODE #x +a plain", 1),
        ("MODE #x +q plain", 1),
        ("RENAME #x #y", 3),
        ("KICK #x plain", 4),
        ("KICK #x voice", 4),
    ];
    for (line, may) in cases {
        for (at, (who, _)) in PEOPLE.iter().enumerate() {
            let mut scene = scene();
            let before = asked(&mut scene);
            let peer = scene.peers[at].clone();
            let said = scene.stage.says(&peer, line);
            let code = said.first().map_or("", |line| Message::parse(line).unwrap().verb);
            let refused = code.len() == 3 && code.starts_with('4');
            assert_eq!(refused, at >= may, "{line} by {}: {said:#?}", who);
            if refused {
                assert_eq!(asked(&mut scene), before, "{line} by {}", who);
            }
        }
    }
}

/// Nobody removes, or takes a rank from, somebody above them; half-operators not even their equals.
#[test]
fn nobody_reaches_above_themselves() {
    for (by, (who, _)) in PEOPLE.iter().enumerate() {
        for whom in (0..PEOPLE.len() - 1).filter(|whom| *whom != by) {
            let (nick, rank) = PEOPLE[whom];
            let mut lines = vec![format!("KICK #x {nick}")];
            if !rank.is_empty() {
                lines.push(format!("MODE #x -{rank} {nick}"));
            }
            for line in lines {
                let mut scene = scene();
                let before = asked(&mut scene);
                let peer = scene.peers[by].clone();
                scene.stage.says(&peer, &line);
                let changed = asked(&mut scene) != before;
                assert!(!changed || by < whom && by < 4, "{line} by {}", who);
            }
        }
    }
}
