//! What is replayed to who joins and has not asked for `draft/chathistory`: what they missed, and nothing
//! twice. DESIGN section 4.

use crate::stage::{Peer, Stage};
use crate::support::{member, only, params, signed_in};

const ALL: &str = "server-time message-tags batch draft/read-marker";

fn words(heard: &[String]) -> Vec<String> {
    only(heard, "PRIVMSG").iter().map(|line| params(line)[1].clone()).collect()
}

fn joins(stage: &mut Stage, peer: &Peer) -> Vec<String> {
    words(&stage.says(peer, "JOIN #x"))
}

/// A channel in which somebody stays and has said one line.
fn channel(stage: &mut Stage) -> Peer {
    let talker = signed_in(stage, "sue", "");
    stage.says(&talker, "JOIN #x\r\nPRIVMSG #x :one");
    talker
}

#[test]
fn who_comes_back_is_told_what_they_missed_and_nothing_twice() {
    for leave in ["QUIT", "PART #x", "lost"] {
        let mut stage = Stage::members();
        let talker = channel(&mut stage);
        let mut bob = signed_in(&mut stage, "bob", ALL);
        assert_eq!(
            joins(&mut stage, &bob),
            ["one"],
            "who was never here is shown the recent lines"
        );
        stage.says(&talker, "PRIVMSG #x :two");
        assert_eq!(words(&bob.heard()), ["two"]);
        for round in ["three", "four"] {
            if leave == "lost" {
                stage.lose(&bob);
            } else {
                stage.says(&bob, leave);
            }
            stage.says(&talker, &format!("PRIVMSG #x :{round}"));
            if leave != "PART #x" {
                bob = signed_in(&mut stage, "bob", ALL);
            }
            assert_eq!(joins(&mut stage, &bob), [round], "{leave}");
        }
        stage.says(&bob, "PART #x");
        assert!(joins(&mut stage, &bob).is_empty(), "{leave}: nothing was missed");
    }
}

/// Somebody without an account is told the recent lines; a nick proves nothing.
#[test]
fn who_has_no_account_is_shown_the_recent_lines() {
    let mut stage = Stage::members();
    channel(&mut stage);
    for _ in 0..2 {
        let anna = member(&mut stage, "anna", ALL);
        assert_eq!(joins(&mut stage, &anna), ["one"]);
        stage.says(&anna, "QUIT");
    }
}

/// Where nobody knows when an account left, its read marker tells.
#[test]
fn what_was_read_is_not_replayed_either() {
    let mut stage = Stage::members();
    let talker = channel(&mut stage);
    let read = stage.now;
    stage.passes(std::time::Duration::from_secs(60));
    stage.says(&talker, "PRIVMSG #x :two");
    let bob = signed_in(&mut stage, "bob", ALL);
    let moment = switchboard::base::time::utc(read);
    let heard = stage.says(&bob, &format!("MARKREAD #x timestamp={moment}"));
    assert_eq!(only(&heard, "MARKREAD").len(), 1, "{heard:#?}");
    assert_eq!(joins(&mut stage, &bob), ["two"]);
}

/// One account's coming and going says nothing of another's; bots are told nothing.
#[test]
fn each_account_has_missed_its_own_and_bots_nothing() {
    let mut stage = Stage::members();
    let talker = channel(&mut stage);
    let bob = signed_in(&mut stage, "bob", ALL);
    joins(&mut stage, &bob);
    stage.says(&bob, "QUIT");
    stage.says(&talker, "PRIVMSG #x :two");
    let carol = signed_in(&mut stage, "carol", ALL);
    assert_eq!(joins(&mut stage, &carol), ["one", "two"]);
    let robo = signed_in(&mut stage, "robo", ALL);
    assert!(joins(&mut stage, &robo).is_empty());
    let asks = signed_in(&mut stage, "mia", "batch draft/chathistory");
    assert!(joins(&mut stage, &asks).is_empty(), "who can ask is not told unasked");
}
