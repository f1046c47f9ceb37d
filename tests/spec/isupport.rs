//! RPL_ISUPPORT: every token is proven here against what the server does. Modern IRC "RPL_ISUPPORT
//! Parameters". A new token needs a row in `PROOFS`, or its name in `ELSEWHERE` with the file that proves it.

use crate::stage::{Peer, Stage};
use crate::support::{member, only, params, verb};
use std::collections::BTreeMap;
use switchboard::desk::settings::{Guests, Prefixes, Settings};

/// A server, somebody on it who has made `#x`, and the token's value.
type Proof = fn(&mut Stage, &Peer, &str);

/// What each token promises.
const PROOFS: &[(&str, Proof)] = &[
    ("NETWORK", network),
    ("CASEMAPPING", casemapping),
    ("CHANTYPES", chantypes),
    ("PREFIX", prefix),
    ("STATUSMSG", statusmsg),
    ("CHANMODES", chanmodes),
    ("EXCEPTS", |stage, anna, letter| list_is(stage, anna, letter, "349")),
    ("INVEX", |stage, anna, letter| list_is(stage, anna, letter, "347")),
    ("EXTBAN", extban),
    ("ACCOUNTEXTBAN", accountextban),
    ("MAXLIST", maxlist),
    ("MODES", modes),
    ("CHANLIMIT", chanlimit),
    ("CHANNELLEN", channellen),
    ("NICKLEN", nicklen),
    ("USERLEN", userlen),
    ("HOSTLEN", hostlen),
    ("NAMELEN", namelen),
    ("TOPICLEN", topiclen),
    ("KICKLEN", kicklen),
    ("AWAYLEN", awaylen),
    ("KEYLEN", keylen),
    ("TARGMAX", targmax),
    ("CHATHISTORY", chathistory),
    ("MSGREFTYPES", message_references),
    ("MONITOR", monitor),
    ("ELIST", elist),
    ("BOT", bot),
    ("SAFELIST", safelist),
    ("UTF8ONLY", utf8only),
    ("WHOX", whox),
];

/// Tokens that the file of their specification proves.
const ELSEWHERE: &[&str] = &["draft/ICON"];

fn verbs(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| verb(line)).collect()
}

fn number(value: &str) -> usize {
    value.parse().unwrap()
}

/// The tokens of 005, by name.
fn tokens(stage: &mut Stage) -> BTreeMap<String, String> {
    let peer = stage.connect();
    let heard = stage.says(&peer, "NICK tokens\r\nUSER t 0 * :t");
    let mut found = BTreeMap::new();
    for line in only(&heard, "005") {
        let all = params(line);
        assert!(all.len() <= 15, "fact 4: {line}");
        assert_eq!(all.last().unwrap(), "are supported by this server");
        for token in &all[1..all.len() - 1] {
            let (name, value) = token.split_once('=').unwrap_or((token, ""));
            assert!(found.insert(name.to_owned(), value.to_owned()).is_none(), "{name} twice");
        }
    }
    stage.says(&peer, "QUIT");
    found
}

/// "RPL_ISUPPORT … advertises features": each with each set of ranks that a config may have.
#[test]
fn every_token_is_true() {
    for prefixes in [Prefixes::Two, Prefixes::Three, Prefixes::Five] {
        let fresh =
            || Stage::of(Settings { guests: Guests::Member, prefixes, ..Settings::default() });
        for (name, value) in tokens(&mut fresh()) {
            if ELSEWHERE.contains(&name.as_str()) {
                continue;
            }
            let proof = PROOFS.iter().find(|(proven, _)| *proven == name);
            let (_, proof) = proof.unwrap_or_else(|| panic!("{name}={value}: prove it here"));
            let mut stage = fresh();
            let anna = member(&mut stage, "anna", "standard-replies");
            stage.says(&anna, "JOIN #x");
            proof(&mut stage, &anna, &value);
        }
    }
}

/// What clients look for is there (fact 15), and what is proven is told.
#[test]
fn every_proof_has_its_token() {
    let told = tokens(&mut Stage::members());
    for (name, _) in PROOFS {
        assert!(told.contains_key(*name), "{name}");
    }
}

/// 004 names the very modes of 005.
#[test]
fn the_modes_of_004_are_those_of_005() {
    let mut stage = Stage::members();
    let tokens = tokens(&mut stage);
    let peer = stage.connect();
    let heard = stage.says(&peer, "NICK anna\r\nUSER t 0 * :t");
    let four = params(only(&heard, "004")[0]);
    let ranks = tokens["PREFIX"].split(')').next().unwrap().trim_start_matches('(').to_owned();
    let kinds: Vec<&str> = tokens["CHANMODES"].split(',').collect();
    let sorted = |text: String| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters.into_iter().collect::<String>()
    };
    assert_eq!(four[4], sorted(kinds.concat() + &ranks));
    assert_eq!(four[5], sorted(kinds[..3].concat() + &ranks));
}

fn network(stage: &mut Stage, _: &Peer, value: &str) {
    let peer = stage.connect();
    let heard = stage.says(&peer, "NICK zed\r\nUSER t 0 * :t");
    assert!(only(&heard, "001")[0].contains(value));
}

/// Fact 14: only `A`–`Z` fold.
fn casemapping(stage: &mut Stage, anna: &Peer, value: &str) {
    assert_eq!(value, "ascii");
    stage.says(anna, "NICK An[n]a\r\nJOIN #[Tea]");
    assert_eq!(only(&stage.says(anna, "WHOIS aN[N]A"), "311").len(), 1);
    assert_eq!(only(&stage.says(anna, "WHOIS an{n}a"), "401").len(), 1);
    assert_eq!(verbs(&stage.says(anna, "MODE #[tea]\r\nMODE #{tea}")), ["324", "329", "403"]);
}

fn chantypes(stage: &mut Stage, anna: &Peer, value: &str) {
    for start in ['#', '&', '+', '!', 'x'] {
        let joined = stage.says(anna, &format!("JOIN {start}other"));
        assert_eq!(verb(&joined[0]) == "JOIN", value.contains(start), "{start}");
    }
}

/// "ordered high to low" (fact 17): who has all is shown them in this order.
fn prefix(stage: &mut Stage, anna: &Peer, value: &str) {
    let (letters, signs) = value[1..].split_once(')').unwrap();
    assert_eq!(letters.len(), signs.len());
    let zed = member(stage, "zed", "multi-prefix");
    stage.says(&zed, "JOIN #x");
    for letter in letters.chars().rev() {
        let told = stage.says(anna, &format!("MODE #x +{letter} zed"));
        assert_eq!(only(&told, "MODE").len(), 1, "{letter}: {told:#?}");
    }
    zed.heard();
    let names = stage.says(&zed, "NAMES #x");
    assert!(
        params(&names[0])[3].split(' ').any(|name| name == format!("{signs}zed")),
        "{names:#?}"
    );
    for (at, letter) in letters.chars().enumerate() {
        stage.says(&zed, &format!("MODE #x -{letter} zed"));
        let names = stage.says(&zed, "NAMES #x");
        let left = format!("{}zed", &signs[at + 1..]);
        assert!(params(&names[0])[3].split(' ').any(|name| name == left), "{names:#?}");
    }
}

fn statusmsg(stage: &mut Stage, anna: &Peer, value: &str) {
    let zed = member(stage, "zed", "echo-message");
    stage.says(&zed, "JOIN #x");
    anna.heard();
    for sign in "~&@%+".chars() {
        let told = stage.says(&zed, &format!("PRIVMSG {sign}#x :hello"));
        let heard = anna.heard();
        if value.contains(sign) {
            assert_eq!(params(&heard[0])[0], format!("{sign}#x"));
        } else {
            assert_eq!(verbs(&told), ["401"], "{sign}");
        }
    }
}

/// Fact 15: A a list, B a parameter always, C only when set, D never; ranks are in none of them.
fn chanmodes(stage: &mut Stage, anna: &Peer, value: &str) {
    let kinds: Vec<&str> = value.split(',').collect();
    let [a, b, c, d] = kinds[..] else { panic!("{value}") };
    let changed =
        |lines: &[String]| only(lines, "MODE").iter().map(|l| params(l)).collect::<Vec<_>>();
    for letter in a.chars() {
        let told = stage.says(anna, &format!("MODE #x +{letter} some\r\nMODE #x {letter}"));
        assert_eq!(changed(&told)[0], ["#x", &format!("+{letter}"), "some!*@*"]);
        assert_eq!(told.len(), 3, "the change, a row, the end: {told:#?}");
    }
    for letter in b.chars() {
        let told = stage.says(anna, &format!("MODE #x +{letter} some\r\nMODE #x -{letter} some"));
        assert!(changed(&told).iter().all(|change| change.len() == 3), "{told:#?}");
    }
    for letter in c.chars() {
        let told = stage.says(anna, &format!("MODE #x +{letter} 5\r\nMODE #x -{letter}"));
        let sizes: Vec<usize> = changed(&told).iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 2], "{told:#?}");
    }
    for letter in d.chars() {
        let told = stage.says(anna, &format!("MODE #x -{letter}\r\nMODE #x +{letter}"));
        assert_eq!(changed(&told).last().unwrap().len(), 2, "{letter}: {told:#?}");
    }
    let ranks = tokens(stage)["PREFIX"].clone();
    let ranks = ranks[1..].split(')').next().unwrap();
    for letter in ('a'..='z').chain('A'..='Z') {
        let told = stage.says(anna, &format!("MODE #x +{letter} anna"));
        let known = value.contains(letter) || ranks.contains(letter);
        assert_eq!(only(&told, "472").len(), usize::from(!known), "{letter}: {told:#?}");
        assert!(!(value.contains(letter) && ranks.contains(letter)), "{letter}");
    }
}

fn list_is(stage: &mut Stage, anna: &Peer, letter: &str, end: &str) {
    assert_eq!(verbs(&stage.says(anna, &format!("MODE #x {letter}"))), [end]);
}

fn extban(stage: &mut Stage, anna: &Peer, value: &str) {
    let (sign, letters) = value.split_once(',').unwrap();
    for letter in 'a'..='z' {
        let told = stage.says(anna, &format!("MODE #x +b {sign}{letter}:name{letter}"));
        assert_eq!(verb(&told[0]) == "MODE", letters.contains(letter), "{letter}: {told:#?}");
    }
}

fn accountextban(stage: &mut Stage, anna: &Peer, value: &str) {
    for name in value.split(',') {
        let told = stage.says(anna, &format!("MODE #x +b ~{name}:some{name}"));
        assert_eq!(params(&told[0])[2], format!("~a:some{name}"));
    }
}

fn maxlist(stage: &mut Stage, anna: &Peer, value: &str) {
    for part in value.split(',') {
        let (letters, limit) = part.split_once(':').unwrap();
        assert_eq!(letters.len(), 1, "each list has its own room");
        for n in 0..number(limit) {
            let told = stage.says(anna, &format!("MODE #x +{letters} n{n}"));
            assert_eq!(verbs(&told), ["MODE"]);
        }
        let told = stage.says(anna, &format!("MODE #x +{letters} more"));
        assert_eq!(verbs(&told), ["478"]);
        assert_eq!(params(&told[0])[1..3], ["#x", letters]);
    }
}

fn modes(stage: &mut Stage, anna: &Peer, value: &str) {
    let limit = number(value);
    let masks: Vec<String> = (0..=limit).map(|n| format!("n{n}")).collect();
    stage.says(anna, &format!("MODE #x +{} {}", "b".repeat(limit + 1), masks.join(" ")));
    assert_eq!(only(&stage.says(anna, "MODE #x b"), "367").len(), limit);
}

fn chanlimit(stage: &mut Stage, anna: &Peer, value: &str) {
    let limit = number(value.strip_prefix("#:").unwrap());
    for n in 1..limit {
        assert_eq!(verb(&stage.says(anna, &format!("JOIN #n{n}"))[0]), "JOIN");
    }
    assert_eq!(verbs(&stage.says(anna, "JOIN #more")), ["405"]);
}

fn channellen(stage: &mut Stage, anna: &Peer, value: &str) {
    let name = format!("#{}", "c".repeat(number(value) - 1));
    assert_eq!(verb(&stage.says(anna, &format!("JOIN {name}"))[0]), "JOIN");
    assert_eq!(verbs(&stage.says(anna, &format!("JOIN {name}c"))), ["403"]);
}

fn nicklen(stage: &mut Stage, anna: &Peer, value: &str) {
    let nick = "n".repeat(number(value));
    assert_eq!(params(&stage.says(anna, &format!("NICK {nick}"))[0]), [nick.as_str()]);
    assert_eq!(verbs(&stage.says(anna, &format!("NICK {nick}n"))), ["432"]);
}

fn userlen(stage: &mut Stage, _: &Peer, value: &str) {
    let user = "u".repeat(number(value));
    let peer = stage.connect();
    stage.says(&peer, &format!("NICK zed\r\nUSER {user}more 0 * :z"));
    let joined = stage.says(&peer, "JOIN #x");
    assert!(joined[0].starts_with(&format!(":zed!~{user}@")), "{joined:#?}");
}

fn hostlen(stage: &mut Stage, anna: &Peer, value: &str) {
    let joined = stage.says(anna, "JOIN #y");
    let source = joined[0].split(' ').next().unwrap();
    assert!(source.split('@').nth(1).unwrap().len() <= number(value));
}

fn namelen(stage: &mut Stage, anna: &Peer, value: &str) {
    let name = "n".repeat(number(value));
    assert_eq!(stage.says(anna, &format!("SETNAME :{name}")), [""; 0]);
    let told = stage.says(anna, &format!("SETNAME :{name}n"));
    assert_eq!(params(&told[0])[1], "INVALID_REALNAME");
}

fn topiclen(stage: &mut Stage, anna: &Peer, value: &str) {
    let topic = "t".repeat(number(value));
    assert_eq!(params(&stage.says(anna, &format!("TOPIC #x :{topic}more"))[0])[1], topic);
}

fn kicklen(stage: &mut Stage, anna: &Peer, value: &str) {
    let why = "w".repeat(number(value));
    assert_eq!(params(&stage.says(anna, &format!("KICK #x anna :{why}more"))[0])[2], why);
}

fn awaylen(stage: &mut Stage, anna: &Peer, value: &str) {
    let text = "a".repeat(number(value));
    stage.says(anna, &format!("AWAY :{text}more"));
    assert_eq!(params(only(&stage.says(anna, "WHOIS anna"), "301")[0])[2], text);
}

fn keylen(stage: &mut Stage, anna: &Peer, value: &str) {
    let key = "k".repeat(number(value));
    assert_eq!(verbs(&stage.says(anna, &format!("MODE #x +k {key}k"))), ["696"]);
    assert_eq!(verbs(&stage.says(anna, &format!("MODE #x +k {key}"))), ["MODE"]);
}

/// As many as are told are taken; the first beyond is refused by 407, the rest left out.
fn targmax(stage: &mut Stage, anna: &Peer, value: &str) {
    for part in value.split(',') {
        let (command, limit) = part.split_once(':').unwrap();
        let limit = number(limit);
        let targets = |count: usize, start: &str| {
            (0..count).map(|n| format!("{start}t{n}")).collect::<Vec<_>>().join(",")
        };
        let line = |count: usize| match command {
            "JOIN" | "PART" | "NAMES" => format!("{command} {}", targets(count, "#")),
            "KICK" => format!("KICK #x {}", targets(count, "")),
            "TAGMSG" => format!("@+typing=active TAGMSG {}", targets(count, "")),
            "PRIVMSG" | "NOTICE" => format!("{command} {} :hello", targets(count, "")),
            "WHOIS" | "WHOWAS" => format!("{command} {}", targets(count, "")),
            other => panic!("{other}: say how it names several"),
        };
        stage.says(anna, "CAP REQ message-tags");
        assert_eq!(only(&stage.says(anna, &line(limit)), "407").len(), 0, "{command}");
        let more = stage.says(anna, &line(limit + 1));
        // NOTICE is never answered.
        assert_eq!(only(&more, "407").len(), usize::from(command != "NOTICE"), "{command}");
    }
}

fn chathistory(stage: &mut Stage, anna: &Peer, value: &str) {
    let limit: usize = value.parse().unwrap();
    for n in 0..limit + 2 {
        stage.says(anna, &format!("PRIVMSG #x :{n}"));
    }
    let heard = stage.says(anna, &format!("CHATHISTORY LATEST #x * {}", limit + 2));
    assert_eq!(only(&heard, "PRIVMSG").len(), limit);
}

fn message_references(stage: &mut Stage, anna: &Peer, value: &str) {
    for kind in value.split(',') {
        let point = if kind == "msgid" { "s1" } else { "2026-11-22T00:00:00.000Z" };
        let heard = stage.says(anna, &format!("CHATHISTORY AFTER #x {kind}={point} 5"));
        assert!(only(&heard, "FAIL").is_empty(), "{heard:#?}");
    }
    let heard = stage.says(anna, "CHATHISTORY AFTER #x other=1 5");
    assert_eq!(params(only(&heard, "FAIL")[0])[1], "INVALID_MSGREFTYPE");
}

fn monitor(stage: &mut Stage, anna: &Peer, value: &str) {
    for n in 0..number(value) {
        assert_eq!(verbs(&stage.says(anna, &format!("MONITOR + n{n}"))), ["731"]);
    }
    let full = stage.says(anna, "MONITOR + more");
    assert_eq!(params(&full[0])[1..3], [value, "more"]);
}

/// What each selects is shown in the cases of LIST; here, that each is read as a condition.
fn elist(stage: &mut Stage, anna: &Peer, value: &str) {
    assert_eq!(value, "CMNTU");
    stage.says(anna, "TOPIC #x :tea");
    for (condition, found) in [
        ("C>1", 0),
        ("C<1", 1),
        ("#x*", 1),
        ("!#x*", 0),
        ("T>1", 0),
        ("T<1", 1),
        (">5", 0),
        ("<5", 1),
    ] {
        let rows = stage.says(anna, &format!("LIST {condition}"));
        let mine = only(&rows, "322").into_iter().filter(|row| params(row)[1] == "#x").count();
        assert_eq!(mine, found, "{condition}");
    }
}

/// Fact 64: the letter is the user mode and the flag of WHO; WHOIS has 335.
fn bot(stage: &mut Stage, anna: &Peer, value: &str) {
    stage.says(anna, &format!("MODE anna +{value}"));
    let who = stage.says(anna, "WHO anna");
    assert!(params(only(&who, "352")[0])[6].contains(value));
    assert_eq!(only(&stage.says(anna, "WHOIS anna"), "335").len(), 1);
}

fn safelist(stage: &mut Stage, anna: &Peer, _: &str) {
    for who in 0..4 {
        let peer = member(stage, &format!("maker{who}"), "");
        for n in 0..95 {
            stage.says(&peer, &format!("JOIN #{who}-{n}"));
        }
    }
    let list = stage.says(anna, "LIST");
    assert!(only(&list, "322").len() > 380 && verb(list.last().unwrap()) == "323");
}

fn utf8only(stage: &mut Stage, anna: &Peer, _: &str) {
    let zed = member(stage, "zed", "");
    stage.says(&zed, "JOIN #x");
    anna.heard();
    stage.bytes(anna, b"PRIVMSG #x :caf\xe9\r\n");
    let told = anna.heard();
    assert_eq!(params(&told[0])[1], "INVALID_UTF8", "{told:#?}");
    assert_eq!(zed.heard(), [""; 0]);
}

fn whox(stage: &mut Stage, anna: &Peer, _: &str) {
    let rows = stage.says(anna, "WHO anna %tna,42");
    assert_eq!(params(only(&rows, "354")[0]), ["anna", "42", "anna", "0"]);
}
