//! Modern IRC "WALLOPS message", and user modes `w` and `s`.

use crate::stage::{PASSWORD, Stage};
use crate::support::{member, only, operator, pairwise, params, signed_in, verb};
use switchboard::desk::settings::{OperatorSettings, Settings};

/// "used to send a message to all currently connected users who have set the 'w' user mode".
#[test]
fn those_with_w_hear_it_and_no_others() {
    for set in pairwise(&["message-tags", "server-time", "account-tag"]) {
        let mut stage = Stage::members();
        let op = operator(&mut stage, "op", &set);
        let (anna, eve) = (member(&mut stage, "anna", &set), member(&mut stage, "eve", &set));
        assert_eq!(params(&stage.says(&anna, "MODE anna +w")[0]), ["anna", "+w"]);
        assert_eq!(stage.says(&op, "WALLOPS :the server restarts at 10"), [] as [&str; 0]);
        let heard = anna.heard();
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert_eq!(params(only(&heard, "WALLOPS")[0]), ["the server restarts at 10"], "{set}");
        assert!(heard[0].contains(":op!"), "{heard:?}");
        assert_eq!(eve.heard(), [] as [&str; 0], "{set}");
        stage.says(&op, "MODE op +w");
        assert_eq!(only(&stage.says(&op, "WALLOPS :once more"), "WALLOPS").len(), 1);
    }
}

/// ERR_NEEDMOREPARAMS, ERR_NOPRIVILEGES; "The text SHOULD be non-empty".
#[test]
fn only_operators_send_it_and_not_without_words() {
    let mut stage = Stage::members();
    let op = operator(&mut stage, "op", "");
    let (anna, bob) = (member(&mut stage, "anna", ""), signed_in(&mut stage, "bob", ""));
    stage.says(&anna, "MODE anna +w");
    for peer in [&anna, &bob] {
        assert_eq!(verb(&stage.says(peer, "WALLOPS :x")[0]), "481");
    }
    for line in ["WALLOPS", "WALLOPS :"] {
        assert_eq!(verb(&stage.says(&op, line)[0]), "461", "{line}");
    }
    assert_eq!(anna.heard(), [] as [&str; 0]);
}

/// Promise 2: it never reaches a customer, whatever modes they set.
#[test]
fn it_never_reaches_a_customer() {
    let operators = vec![OperatorSettings { name: "op".into(), ..OperatorSettings::default() }];
    let mut stage = Stage::of(Settings { operators, ..Settings::default() });
    let bob = stage.staff("bob", "batch");
    stage.says(&bob, &format!("OPER op {PASSWORD}\r\nMODE bob +w"));
    let (anna, nick, _) = stage.customer("anna", "");
    stage.says(&anna, &format!("MODE {nick} +ws"));
    assert_eq!(only(&stage.says(&bob, "WALLOPS :x"), "WALLOPS").len(), 1);
    assert_eq!(anna.heard(), [] as [&str; 0]);
}

/// User mode `s`: the server's own notices, for operators only. Source: RFC 2812 section 3.1.5.
#[test]
fn operators_with_s_are_told_what_the_server_does() {
    let mut stage = Stage::members();
    let op = operator(&mut stage, "op", "");
    let eve = member(&mut stage, "eve", "");
    stage.says(&eve, "MODE eve +s");
    stage.says(&op, "MODE op +s");
    let anna = member(&mut stage, "anna", "");
    let told = stage.says(&op, "KILL anna :spam");
    assert!(anna.closed());
    assert!(told.iter().all(|line| verb(line) == "NOTICE"), "{told:?}");
    let told = told.join("\n");
    assert!(told.contains(":*** CONNECT anna!~anna@") && told.contains("from 192.0.2."), "{told}");
    assert!(told.contains(":*** KILL anna by op: spam"), "{told}");
    assert!(told.contains(":*** DISCONNECT anna!~anna@"), "{told}");
    assert_eq!(eve.heard(), [] as [&str; 0], "who is no operator is told nothing");
    stage.says(&op, "KILL eve :x");
    assert_eq!(stage.says(&op, "MODE op -s").len(), 1);
    member(&mut stage, "anna", "");
    assert_eq!(op.heard(), [] as [&str; 0]);
}
