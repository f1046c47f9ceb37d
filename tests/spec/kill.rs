//! Modern IRC "KILL message".

use crate::stage::{PASSWORD, Stage};
use crate::support::{member, only, operator, pairwise, params, signed_in, verb};
use switchboard::desk::language::fact::{Deed, Fact};
use switchboard::desk::settings::{Guests, OperatorSettings, Settings};

/// "the client being killed receives the KILL message, and the source of the message SHOULD be the
/// operator"; "the user being killed and every user sharing a channel with them receives a QUIT";
/// "the user being killed then receives the ERROR message … their connection is closed".
#[test]
fn the_victim_is_told_by_whom_and_why_and_is_gone() {
    for set in pairwise(&["message-tags", "server-time", "labeled-response batch"]) {
        let mut stage = Stage::members();
        let op = operator(&mut stage, "op", &set);
        let anna = member(&mut stage, "anna", &set);
        let (eve, far) = (member(&mut stage, "eve", &set), member(&mut stage, "far", ""));
        for peer in [&anna, &eve] {
            stage.says(peer, "JOIN #x");
        }
        anna.heard();
        assert_eq!(stage.says(&op, "KILL anna :spam, again"), [] as [&str; 0], "{set}");
        let heard = anna.heard();
        let verbs: Vec<String> = heard.iter().map(|line| verb(line)).collect();
        assert_eq!(verbs, ["KILL", "QUIT", "ERROR"], "{set}");
        assert!(heard[0].contains(":op!"), "{heard:?}");
        assert_eq!(params(&heard[0]), ["anna", "spam, again"]);
        assert_eq!(params(&heard[1]), ["Killed (op (spam, again))"]);
        let error = "Closing Link: irc.test (Killed (op (spam, again)))";
        assert_eq!(params(&heard[2]), [error]);
        assert!(anna.closed(), "{set}");
        let told = eve.heard();
        assert_eq!(params(only(&told, "QUIT")[0]), ["Killed (op (spam, again))"], "{set}");
        assert_eq!(far.heard(), [] as [&str; 0], "who shares no channel is told nothing");
        assert_eq!(verb(&stage.says(&eve, "WHOIS anna")[0]), "401");
    }
}

/// ERR_NOPRIVILEGES, ERR_NEEDMOREPARAMS, and 401 for nobody; 483 for what is no user.
#[test]
fn who_may_not_and_what_cannot_be() {
    let mut stage = Stage::members();
    let op = operator(&mut stage, "op", "");
    let anna = member(&mut stage, "anna", "");
    let bob = signed_in(&mut stage, "bob", "");
    for peer in [&anna, &bob] {
        for target in ["op", "nobody", "irc.test", "desk"] {
            let heard = stage.says(peer, &format!("KILL {target} :x"));
            assert_eq!(verb(&heard[0]), "481", "{target}");
        }
    }
    for (line, code) in [
        ("KILL", "461"),
        ("KILL nobody :x", "401"),
        ("KILL switchboard.localhost :x", "483"),
        ("KILL desk :x", "483"),
    ] {
        assert_eq!(verb(&stage.says(&op, line)[0]), code, "{line}");
    }
    assert!(!anna.closed() && !bob.closed() && !op.closed());
}

/// "Clients can rejoin instantly after this command is performed on them." Without a comment it is
/// done as well; an operator may end their own connection so.
#[test]
fn who_was_killed_may_come_back_and_the_audit_keeps_it() {
    let mut stage = Stage::members();
    let op = operator(&mut stage, "op", "");
    let anna = member(&mut stage, "anna", "");
    stage.says(&op, "KILL anna");
    assert!(anna.closed());
    member(&mut stage, "anna", "");
    stage.says(&op, "KILL op :me");
    assert!(op.closed());
    let killed = |event: &&switchboard::desk::language::fact::Event| {
        matches!(event.fact, Fact::Operated { deed: Deed::Killed, .. })
    };
    let words: Vec<String> =
        stage.disk.events().iter().filter(killed).map(|e| e.word(0).to_string()).collect();
    assert_eq!(words, ["anna", "op"]);
}

/// Promises 2 and 4: a customer who is killed learns why and not by whom, and keeps the seat; the
/// customer of an agent who is killed sees them go and nothing of why.
#[test]
fn customers_learn_nothing_of_who_did_it() {
    let operators = vec![OperatorSettings { name: "op".into(), ..OperatorSettings::default() }];
    let settings = Settings { guests: Guests::Customer, operators, ..Settings::default() };
    let mut stage = Stage::of(settings);
    let sue = stage.staff("sue", "batch");
    stage.says(&sue, &format!("OPER op {PASSWORD}"));
    let (anna, nick, channel) = stage.customer("anna", "");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    let bob = stage.staff("bob", "batch");
    stage.says(&bob, &format!("JOIN {channel}"));
    anna.heard();
    stage.says(&sue, "KILL bob :rude to customers");
    let told = anna.heard().join("\n");
    assert!(bob.closed() && told.contains("QUIT"), "{told}");
    assert!(!told.contains("rude") && !told.contains("sue") && !told.contains("Killed"), "{told}");
    stage.says(&sue, &format!("KILL {nick} :enough"));
    let told = anna.heard().join("\n");
    assert!(anna.closed() && told.contains("ERROR") && told.contains("enough"), "{told}");
    assert!(!told.contains("sue") && !told.contains("KILL "), "{told}");
    assert!(stage.node.desk().state().customers().any(|c| c.nick.as_str() == nick));
}
