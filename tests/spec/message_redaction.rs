//! IRCv3 message-redaction.

use crate::stage::{Peer, Stage};
use crate::support::{has, member, only, pairwise, params, signed_in, verb};
use std::time::Duration;

const ALL: &str =
    "batch server-time message-tags echo-message draft/chathistory draft/message-redaction";

/// The id of the words heard.
fn id(heard: &[String]) -> String {
    let tags = only(heard, "PRIVMSG").last().unwrap().split(' ').next().unwrap().to_owned();
    tags.split(['@', ';']).find_map(|tag| tag.strip_prefix("msgid=")).unwrap().to_owned()
}

fn failed(heard: &[String]) -> String {
    let [line] = heard else { panic!("{heard:#?}") };
    assert_eq!((verb(line), params(line)[0].as_str()), ("FAIL".to_owned(), "REDACT"));
    params(line)[1].clone()
}

fn history(stage: &mut Stage, peer: &Peer, target: &str) -> Vec<String> {
    let heard = stage.says(peer, &format!("CHATHISTORY LATEST {target} * 50"));
    only(&heard, "PRIVMSG").iter().map(|line| params(line)[1].clone()).collect()
}

/// "SHOULD forward this REDACT ... to the target recipients that have negotiated" the capability and
/// "MUST not forward this REDACT to target recipients that have not".
#[test]
fn only_those_who_read_it_are_told_and_the_line_is_gone_for_all() {
    for set in pairwise(&["draft/message-redaction", "message-tags", "server-time"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", ALL);
        let mark = member(&mut stage, "mark", &set);
        for peer in [&anna, &mark] {
            stage.says(peer, "JOIN #x");
        }
        anna.heard();
        let line = id(&stage.says(&anna, "PRIVMSG #x :oops"));
        mark.heard();
        let own = stage.says(&anna, &format!("REDACT #x {line} :wrong channel"));
        assert_eq!(params(only(&own, "REDACT")[0]), ["#x", &line, "wrong channel"]);
        let theirs = mark.heard();
        assert_eq!(theirs.len(), usize::from(has(&set, "draft/message-redaction")), "{set}");
        if let [told] = &theirs[..] {
            assert!(told.contains(":anna!") && params(told) == ["#x", &line, "wrong channel"]);
            assert_eq!(told.contains("msgid="), has(&set, "message-tags"));
        }
        assert!(history(&mut stage, &anna, "#x").is_empty());
        // Nor is it among the recent lines of who comes.
        let late = member(&mut stage, "late", "");
        assert!(only(&stage.says(&late, "JOIN #x"), "PRIVMSG").is_empty());
        anna.heard();
        assert_eq!(failed(&stage.says(&anna, &format!("REDACT #x {line}"))), "UNKNOWN_MSGID");
    }
}

/// Who may take back what (GHSA-8cmp-fc56-7g44: rights are those of the named channel, and of the line).
#[test]
fn the_line_must_be_ones_own_or_the_channel() {
    let mut stage = Stage::members();
    let op = member(&mut stage, "op", ALL);
    let anna = member(&mut stage, "anna", ALL);
    let mark = member(&mut stage, "mark", ALL);
    let outside = member(&mut stage, "outside", ALL);
    stage.says(&op, "JOIN #x");
    for peer in [&anna, &mark] {
        stage.says(peer, "JOIN #x");
    }
    stage.says(&outside, "JOIN #mine");
    for peer in [&op, &anna, &mark, &outside] {
        peer.heard();
    }
    let line = id(&stage.says(&anna, "PRIVMSG #x :hello"));
    let secret = id(&stage.says(&op, "PRIVMSG @#x :for operators"));
    for peer in [&op, &anna, &mark, &outside] {
        peer.heard();
    }
    let ask = |stage: &mut Stage, peer: &Peer, target: &str, line: &str| {
        failed(&stage.says(peer, &format!("REDACT {target} {line}")))
    };
    assert_eq!(ask(&mut stage, &mark, "#x", &line), "REDACT_FORBIDDEN");
    // A line they were not shown is not there, whoever they are elsewhere.
    assert_eq!(ask(&mut stage, &mark, "#x", &secret), "UNKNOWN_MSGID");
    assert_eq!(ask(&mut stage, &mark, "#x", "nonsense"), "UNKNOWN_MSGID");
    assert_eq!(ask(&mut stage, &outside, "#mine", &line), "UNKNOWN_MSGID");
    for target in ["#x", "#nowhere"] {
        assert_eq!(ask(&mut stage, &outside, target, &line), "INVALID_TARGET");
    }
    // Who takes the nick of somebody does not take their words.
    stage.says(&anna, "NICK other");
    stage.says(&mark, "NICK anna");
    for peer in [&op, &anna, &mark] {
        peer.heard();
    }
    assert_eq!(ask(&mut stage, &mark, "#x", &line), "REDACT_FORBIDDEN");
    assert_eq!(verb(&stage.says(&op, &format!("REDACT #x {line}"))[0]), "REDACT");
}

/// "REDACT_WINDOW_EXPIRED <target> <target-msgid> <window>"; operators have no such limit.
#[test]
fn ones_own_words_can_be_taken_back_for_a_while() {
    let mut stage = Stage::members();
    let op = member(&mut stage, "op", ALL);
    let anna = member(&mut stage, "anna", ALL);
    for peer in [&op, &anna] {
        stage.says(peer, "JOIN #x");
    }
    anna.heard();
    let line = id(&stage.says(&anna, "PRIVMSG #x :old"));
    stage.says(&anna, "PING x");
    stage.now = stage.now + Duration::from_secs(3601);
    let heard = stage.says(&anna, &format!("REDACT #x {line}"));
    let fail = only(&heard, "FAIL");
    assert_eq!(params(fail[0])[..5], ["REDACT", "REDACT_WINDOW_EXPIRED", "#x", &line, "3600"]);
    op.heard();
    let heard = stage.says(&op, &format!("REDACT #x {line}"));
    assert_eq!(only(&heard, "REDACT").len(), 1, "{heard:#?}");
}

/// Private words: each side may take back its own, and the other is told under its own name.
#[test]
fn private_words_are_taken_back_from_both() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", ALL);
    let bob = signed_in(&mut stage, "bob", ALL);
    let line = id(&stage.says(&anna, "PRIVMSG bob :psst"));
    bob.heard();
    assert_eq!(failed(&stage.says(&bob, &format!("REDACT anna {line}"))), "REDACT_FORBIDDEN");
    let own = stage.says(&anna, &format!("@label=1 REDACT bob {line}"));
    assert_eq!(params(only(&own, "REDACT")[0]), ["bob", &line]);
    assert_eq!(params(only(&bob.heard(), "REDACT")[0]), ["bob", &line]);
    assert!(history(&mut stage, &bob, "anna").is_empty());
    let mark = member(&mut stage, "mark", "");
    assert_eq!(verb(&stage.says(&mark, &format!("REDACT bob {line}"))[0]), "421");
}

/// In a customer's channel: the customer their own, the owner anything; never what is not theirs to know.
#[test]
fn a_customer_takes_back_their_own_words_and_learns_of_no_others() {
    let mut stage = Stage::new();
    let bob = signed_in(&mut stage, "bob", ALL);
    let (anna, _, channel) = stage.customer("anna", ALL);
    let card = id(&stage.says(&anna, &format!("PRIVMSG {channel} :my card is 4111")));
    stage.says(&bob, &format!("JOIN {channel}"));
    bob.heard();
    let whisper = id(&stage.says(&bob, &format!("PRIVMSG @{channel} :careful")));
    let said = id(&stage.says(&bob, &format!("PRIVMSG {channel} :hello")));
    anna.heard();
    let ask =
        |stage: &mut Stage, line: &str| stage.says(&anna, &format!("REDACT {channel} {line}"));
    assert_eq!(failed(&ask(&mut stage, &whisper)), "UNKNOWN_MSGID");
    assert_eq!(failed(&ask(&mut stage, &said)), "REDACT_FORBIDDEN");
    let heard = stage.says(&bob, &format!("REDACT {channel} {card} :card number"));
    assert_eq!(only(&heard, "REDACT").len(), 1, "{heard:#?}");
    assert_eq!(only(&anna.heard(), "REDACT").len(), 1);
    assert_eq!(history(&mut stage, &anna, &channel), ["hello"]);
    stage.says(&bob, &format!("REDACT {channel} {whisper}"));
    assert!(anna.heard().is_empty());
    let found = stage.says(&bob, "SEARCH 4111").join(" ");
    assert!(!found.contains("my card"), "{found}");
    let found = stage.says(&bob, "SEARCH hello").join(" ");
    assert!(found.contains("hello"), "{found}");
    assert!(!stage.says(&bob, &format!("HISTORY {channel}")).join(" ").contains("4111"));
}

/// The first line of who waits is quoted to staff; once taken back, nowhere any more.
#[test]
fn what_was_taken_back_is_not_quoted() {
    let mut stage = Stage::new();
    let bob = signed_in(&mut stage, "bob", ALL);
    let (anna, _, channel) = stage.customer("anna", ALL);
    let card = id(&stage.says(&anna, &format!("PRIVMSG {channel} :my card is 4111")));
    assert!(bob.heard().join(" ").contains("4111"));
    assert!(stage.says(&bob, "QUEUE").join(" ").contains("4111"));
    stage.says(&anna, &format!("REDACT {channel} {card}"));
    bob.heard();
    assert!(!stage.says(&bob, "QUEUE").join(" ").contains("4111"));
    // Nor to those who come: not with the department's channel, nor with the customer's.
    let carol = signed_in(&mut stage, "carol", "");
    let heard = [stage.says(&carol, "JOIN #support"), stage.says(&carol, "QUEUE")].concat();
    assert!(!heard.join(" ").contains("4111"), "{heard:#?}");
    // What is said next takes its place.
    stage.says(&anna, &format!("PRIVMSG {channel} :my parcel is lost"));
    assert!(stage.says(&bob, "QUEUE").join(" ").contains("parcel"));
    let heard = stage.says(&carol, &format!("JOIN {channel}"));
    assert!(!heard.join(" ").contains("4111"), "{heard:#?}");
}
