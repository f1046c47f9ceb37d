//! Whatever bytes come in, every line that goes out is a legal message: its length, its characters, its
//! tags, its source and parameters, and its batches; for every recipient, whatever they negotiated.

use crate::stage::{Peer, Stage};
use crate::support::{member, pairwise, signed_in};
use proptest::collection::vec;
use proptest::prelude::*;
use switchboard::base::limits::{CLIENT_TAG_BYTES, LINE_BYTES, PARAMS, SERVER_TAG_BYTES};
use switchboard::wire::tags::is_key;

const CAPS: [&str; 5] = [
    "message-tags",
    "server-time",
    "batch draft/multiline",
    "echo-message",
    "labeled-response account-tag",
];

/// Fails on a line that no client would have to understand.
fn judge(line: &str) {
    assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
    let (tags, rest) = match line.strip_prefix('@') {
        Some(tagged) => tagged.split_once(' ').expect("tags end with a space"),
        None => ("", line),
    };
    assert!(tags.len() <= SERVER_TAG_BYTES + 1 + CLIENT_TAG_BYTES, "{line:?}");
    assert!(rest.len() <= LINE_BYTES - 2, "{} bytes: {line:?}", rest.len());
    let mut keys: Vec<&str> = Vec::new();
    for one in tags.split(';').filter(|_| !tags.is_empty()) {
        let key = one.split_once('=').map_or(one, |(key, _)| key);
        assert!(is_key(key) && !keys.contains(&key), "{key:?} in {line:?}");
        keys.push(key);
    }
    let rest = match rest.strip_prefix(':') {
        Some(sourced) => {
            let (source, rest) = sourced.split_once(' ').expect("a verb behind the source");
            assert!(!source.is_empty() && !source.starts_with(':'), "{line:?}");
            rest
        }
        None => rest,
    };
    let (verb, params) = rest.split_once(' ').unwrap_or((rest, ""));
    let word = verb.bytes().all(|b| b.is_ascii_uppercase()) && !verb.is_empty();
    let numeric = verb.len() == 3 && verb.bytes().all(|b| b.is_ascii_digit());
    assert!(word || numeric, "{verb:?} in {line:?}");
    let (middle, trailing) = match format!(" {params}").split_once(" :") {
        Some((middle, _)) => (middle.to_owned(), 1),
        None => (format!(" {params}"), 0),
    };
    assert!(middle.split_ascii_whitespace().count() + trailing <= PARAMS, "{line:?}");
    assert!(!middle.contains("  "), "an empty parameter in {line:?}");
}

/// Something that stands where words are meant, or half a line.
fn odd() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => "\\PC{0,40}".prop_map(String::into_bytes),
        2 => vec(any::<u8>(), 0..60),
        1 => "[ -~]{300,500}".prop_map(String::into_bytes),
        1 => "(\u{1F44B}|\u{e9}| ){100,160}".prop_map(String::into_bytes),
        1 => Just(b"\x01ACTION waves\x01".to_vec()),
    ]
}

/// A line of somebody who means well, ill, or both.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let start = prop::sample::select(vec![
        "PRIVMSG #x :",
        "PRIVMSG #x,erin,@#x :",
        "NOTICE #x :",
        "PRIVMSG ",
        "TOPIC #x :",
        "AWAY :",
        "SETNAME :",
        "KICK #x erin :",
        "JOIN #",
        "JOIN ",
        "PART #x :",
        "NICK ",
        "MODE #x +b ",
        "MODE #x ",
        "INVITE erin ",
        "WHO ",
        "WHOIS ",
        "LIST ",
        "NAMES ",
        "MONITOR + ",
        "TAGMSG #x",
        "PING :",
        "CAP ",
        "BATCH +1 draft/multiline #x",
        "BATCH -1",
        "BATCH ",
        "REDACT #x ",
        "HELP ",
        "USERHOST ",
        "",
    ]);
    let tags = prop_oneof![
        3 => Just(Vec::new()),
        1 => Just(b"@batch=1 ".to_vec()),
        1 => Just(b"@batch=1;draft/multiline-concat ".to_vec()),
        1 => Just(b"@label=1 ".to_vec()),
        1 => ("[^ \r\n\0]{0,200}").prop_map(|t| format!("@+draft/reply={t};+typing=active ").into_bytes()),
        1 => ("[^ \r\n\0]{0,60}").prop_map(|t| format!("@{t} ").into_bytes()),
    ];
    (tags, start, odd()).prop_map(|(tags, start, odd)| [&tags[..], start.as_bytes(), &odd].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_line_that_goes_out_is_legal(lines in vec(line(), 1..24)) {
        let mut stage = Stage::members();
        let mut peers: Vec<Peer> = Vec::new();
        for (i, set) in pairwise(&CAPS).iter().enumerate() {
            let peer = member(&mut stage, &format!("n{i}"), set);
            stage.says(&peer, "JOIN #x");
            peers.push(peer);
        }
        let bob = signed_in(&mut stage, "bob", "message-tags");
        stage.says(&bob, "JOIN #x");
        let everything = "batch draft/multiline message-tags echo-message labeled-response server-time";
        let anna = member(&mut stage, "anna", everything);
        stage.says(&anna, "JOIN #x");
        let erin = member(&mut stage, "erin", everything);
        stage.says(&erin, "JOIN #x");
        peers.extend([bob.clone(), anna.clone(), erin]);
        for (i, line) in lines.iter().enumerate() {
            let who = if i % 3 == 2 { &bob } else { &anna };
            stage.bytes(who, &[&line[..], b"\r\n"].concat());
        }
        // Somebody who comes later is shown what was kept.
        for set in ["", "batch draft/multiline message-tags server-time"] {
            let late = member(&mut stage, &format!("late{}", set.len()), set);
            stage.bytes(&late, b"JOIN #x\r\n");
            peers.push(late);
        }
        for peer in &peers {
            let heard = peer.heard();
            heard.iter().for_each(|line| judge(line));
        }
    }

    #[test]
    fn and_so_it_is_at_the_desk(lines in vec(line(), 1..16)) {
        let mut stage = Stage::new();
        let caps = "batch draft/multiline message-tags echo-message labeled-response server-time";
        let (anna, _, channel) = stage.customer("anna", caps);
        let bob = stage.staff("bob", caps);
        let sue = stage.staff("sue", "");
        stage.says(&anna, &format!("PRIVMSG {channel} :hello"));
        stage.says(&bob, &format!("JOIN {channel}"));
        stage.says(&sue, &format!("JOIN {channel}"));
        for (i, line) in lines.iter().enumerate() {
            let who = if i % 2 == 0 { &anna } else { &bob };
            let named: Vec<u8> = match std::str::from_utf8(line) {
                Ok(text) => text.replace("#x", &channel).into_bytes(),
                Err(_) => line.clone(),
            };
            stage.bytes(who, &[&named[..], b"\r\n"].concat());
        }
        for peer in [&anna, &bob, &sue] {
            peer.heard().iter().for_each(|line| judge(line));
        }
    }
}
