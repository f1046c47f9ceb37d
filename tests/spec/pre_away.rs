//! IRCv3 draft/pre-away.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, verb};
use switchboard::base::text::AccountName;

/// "If the capability has been negotiated, servers MUST accept the AWAY command before connection
/// registration has completed. The AWAY command has its normal semantics".
#[test]
fn away_before_registration_needs_the_capability() {
    for set in pairwise(&["draft/pre-away", "away-notify", "labeled-response"]) {
        let mut stage = Stage::members();
        let eve = member(&mut stage, "eve", "");
        let anna = stage.connect();
        let heard = stage.says(&anna, &format!("CAP REQ :{set}\r\nAWAY :gone to lunch"));
        let known = has(&set, "draft/pre-away");
        let answer = heard.iter().map(|l| verb(l)).next_back().unwrap();
        assert_eq!(answer, if known { "306" } else { "451" }, "{set}");
        stage.says(&anna, "NICK anna\r\nUSER anna 0 * :Anna\r\nCAP END");
        let heard = stage.says(&eve, "WHOIS anna");
        let away: Vec<_> = only(&heard, "301").iter().map(|l| params(l)[2].clone()).collect();
        let expected: &[&str] = if known { &["gone to lunch"] } else { &[] };
        assert_eq!(away, expected, "{set}");
        assert_eq!(verb(&stage.says(&anna, "AWAY")[0]), "305", "{set}");
    }
}

/// "`AWAY` with no parameters indicates that the user is present."
#[test]
fn the_last_word_before_registration_counts() {
    let mut stage = Stage::members();
    let eve = member(&mut stage, "eve", "");
    let anna = stage.connect();
    let lines =
        "CAP REQ :draft/pre-away\r\nAWAY :out\r\nAWAY\r\nNICK anna\r\nUSER a 0 * :a\r\nCAP END";
    let heard = stage.says(&anna, lines);
    let answers: Vec<_> = heard.iter().map(|l| verb(l)).filter(|v| v.starts_with("30")).collect();
    assert_eq!(answers, ["306", "305"]);
    assert!(only(&stage.says(&eve, "WHOIS anna"), "301").is_empty());
}

/// "does not inhibit reporting of the change in nickname status, e.g. via monitor"; and who joins
/// then is told of as away.
#[test]
fn who_comes_away_is_online_all_the_same() {
    let mut stage = Stage::members();
    let eve = member(&mut stage, "eve", "away-notify");
    stage.says(&eve, "MONITOR + anna\r\nJOIN #x");
    let anna = stage.connect();
    let lines =
        "CAP REQ :draft/pre-away\r\nAWAY *\r\nNICK anna\r\nUSER a 0 * :a\r\nCAP END\r\nJOIN #x";
    stage.says(&anna, lines);
    let heard = eve.heard();
    let verbs: Vec<_> = heard.iter().map(|l| verb(l)).collect();
    assert_eq!(verbs, ["730", "JOIN", "AWAY"]);
    // "Clients receiving `*` as an away message … SHOULD treat it as … an unspecified reason."
    assert_eq!(params(&heard[2]), ["*"]);
}

/// "an away message of `*` should be treated as though the connection did not exist at all": it makes
/// no agent ready, keeps none from being, and is not told of one who is here on another client.
#[test]
fn a_client_that_nobody_sits_at_makes_nobody_ready() {
    let ready = |stage: &Stage| {
        let bob = AccountName::parse("bob").unwrap();
        stage.node.desk().state().agent(&bob).unwrap().ready
    };
    let comes = |stage: &mut Stage, nick: &str, away: &str| {
        let peer = stage.connect();
        let lines = format!(
            "CAP REQ :draft/pre-away\r\n{away}PASS bob:open-sesame\r\nNICK {nick}\r\nUSER b 0 * :b\r\nCAP END"
        );
        stage.says(&peer, &lines);
        peer
    };
    let mut stage = Stage::new();
    let phone = comes(&mut stage, "bob", "AWAY *\r\n");
    assert!(!ready(&stage), "nobody sits there");
    let desktop = comes(&mut stage, "bob2", "");
    assert!(ready(&stage), "now somebody does");
    stage.says(&phone, "AWAY");
    stage.says(&phone, "AWAY *");
    assert!(ready(&stage));
    stage.says(&desktop, "AWAY :lunch");
    assert!(!ready(&stage));
    stage.says(&desktop, "AWAY");
    stage.says(&desktop, "QUIT");
    assert!(!ready(&stage), "only the phone is left");
    // The same nick: one person, who is here as soon as one of the clients is.
    comes(&mut stage, "bob", "");
    assert!(ready(&stage));
    let carol = stage.staff("carol", "");
    assert!(only(&stage.says(&carol, "WHOIS bob"), "301").is_empty());
    comes(&mut stage, "bob", "AWAY *\r\n");
    assert!(ready(&stage));
    assert!(only(&stage.says(&carol, "WHOIS bob"), "301").is_empty());
}
