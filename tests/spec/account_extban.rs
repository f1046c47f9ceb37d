//! IRCv3 account-extban, and the other extended bans. Modern IRC "EXTBAN Parameter".

use crate::stage::Stage;
use crate::support::{member, only, params, signed_in, verb};

/// "Servers MUST support matching exact account names"; the value "is a comma-separated list of names".
#[test]
fn every_name_of_the_account_ban_means_the_account() {
    for name in ["a", "account"] {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", "");
        let bob = signed_in(&mut stage, "bob", "");
        let carol = signed_in(&mut stage, "carol", "");
        stage.says(&anna, "JOIN #x");
        let set = stage.says(&anna, &format!("MODE #x +b ~{name}:BOB"));
        assert_eq!(params(&set[0]), ["#x", "+b", "~a:BOB"], "{set:#?}");
        bob.heard();
        assert_eq!(verb(&stage.says(&bob, "JOIN #x")[0]), "474");
        assert_eq!(verb(&stage.says(&bob, "NICK robert\r\nJOIN #x")[1]), "474", "not the nick");
        carol.heard();
        assert_eq!(verb(&stage.says(&carol, "JOIN #x")[0]), "JOIN");
        let gone = stage.says(&anna, "MODE #x -b ~a:bob");
        assert_eq!(only(&gone, "MODE").len(), 1, "{gone:#?}");
    }
}

/// The same masks on the other lists: exceptions and invitations.
#[test]
fn accounts_are_excepted_and_invited_by_name() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let bob = signed_in(&mut stage, "bob", "");
    let carol = signed_in(&mut stage, "carol", "");
    stage.says(&anna, "JOIN #x\r\nMODE #x +be *!*@* ~a:bob");
    assert_eq!(verb(&stage.says(&carol, "JOIN #x")[0]), "474");
    assert_eq!(verb(&stage.says(&bob, "JOIN #x\r\nPART #x")[0]), "JOIN");
    stage.says(&anna, "MODE #x -be+iI *!*@* ~a:bob ~a:carol");
    assert_eq!(verb(&stage.says(&bob, "JOIN #x")[0]), "473");
    assert_eq!(verb(&stage.says(&carol, "JOIN #x")[0]), "JOIN");
}

/// Quiet as an extended ban: who is meant may come in, and not speak; an exception of the same kind lifts
/// only this, voice lifts it too.
#[test]
fn a_quiet_ban_takes_words_and_not_entry() {
    for name in ["m", "q"] {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", "");
        let zed = member(&mut stage, "zed", "echo-message");
        stage.says(&anna, &format!("JOIN #x\r\nMODE #x +b ~{name}:ZED!*@*"));
        assert_eq!(verb(&stage.says(&zed, "JOIN #x")[0]), "JOIN");
        assert_eq!(verb(&stage.says(&zed, "PRIVMSG #x :hello")[0]), "404");
        assert_eq!(stage.says(&zed, "NOTICE #x :hello"), [""; 0]);
        stage.says(&anna, &format!("MODE #x +e ~{name}:zed"));
        zed.heard();
        assert_eq!(verb(&stage.says(&zed, "PRIVMSG #x :hello")[0]), "PRIVMSG");
        stage.says(&anna, &format!("MODE #x -e+b ~{name}:zed zed"));
        stage.says(&anna, "MODE #x +v zed");
        zed.heard();
        assert_eq!(verb(&stage.says(&zed, "PRIVMSG #x :voiced")[0]), "PRIVMSG");
        stage.says(&anna, &format!("MODE #x +e ~{name}:zed"));
        zed.heard();
        assert_eq!(verb(&stage.says(&zed, "PART #x\r\nJOIN #x")[1]), "474", "still banned");
    }
}

/// An account may be quieted as well.
#[test]
fn what_is_quieted_may_be_an_account() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let bob = signed_in(&mut stage, "bob", "");
    stage.says(&anna, "JOIN #x");
    let set = stage.says(&anna, "MODE #x +b ~quiet:~account:bob");
    assert_eq!(params(&set[0])[2], "~m:~a:bob");
    stage.says(&bob, "JOIN #x");
    assert_eq!(verb(&stage.says(&bob, "PRIVMSG #x :hello")[0]), "404");
}

/// Modern IRC "Ban Channel Mode": masks are matched in the server's casemapping; a nick in use or not.
#[test]
fn masks_match_in_the_casemapping() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "Zed[a]", "");
    stage.says(&anna, "JOIN #x");
    for (mask, barred) in [
        ("zED[A]!*@*", true),
        ("zed{a}!*@*", false),
        ("Z?d*!~zed*@*", true),
        ("Z??d*!*@*", false),
        ("*!*@*.GUEST.*", true),
    ] {
        stage.says(&anna, &format!("MODE #x +b {mask}"));
        let told = stage.says(&zed, "JOIN #x");
        assert_eq!(verb(&told[0]) == "474", barred, "{mask}: {told:#?}");
        stage.says(&zed, "PART #x");
        stage.says(&anna, &format!("MODE #x -b {mask}"));
    }
}
