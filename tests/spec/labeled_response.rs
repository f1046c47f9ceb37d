//! IRCv3 labeled-response.

use crate::stage::Stage;
use crate::support::{has, member, pairwise, params, tag, verb};

/// "Servers MUST include the tag in exactly one logical message. If a response consists of more than one
/// message, a batch MUST be used … The start of the batch MUST be tagged with the `label` tag." "Servers
/// MUST respond with a labeled `ACK` message when a client sends a labeled command that normally produces
/// no response." "This specification depends on the batch capability which MUST be negotiated."
#[test]
fn every_answer_carries_its_label_once() {
    for set in
        pairwise(&["labeled-response", "batch", "message-tags", "echo-message", "server-time"])
    {
        let labels = has(&set, "labeled-response") && has(&set, "batch");
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        for line in [
            "PING x",
            "PONG x",
            "JOIN #x",
            "PRIVMSG #x :hi",
            "NOTICE #x :hi",
            "PRIVMSG nobody :hi",
            "PRIVMSG",
            "NOTICE nobody :x",
            "WHOIS anna",
            "WHO #x",
            "NAMES #x",
            "TOPIC #x :t",
            "MODE #x",
            "AWAY :x",
            "AWAY",
            "MOTD",
            "LUSERS",
            "VERSION",
            "TIME",
            "NOSUCH",
            "LIST",
            "TAGMSG #x",
            "NICK anna",
            "NICK bob",
            "ISON anna",
            "USERHOST anna",
            "CAP LIST",
            "MONITOR + x",
            "PART #x",
            "PRIVMSG #nowhere :x",
            "PRIVMSG \u{1}",
            "BATCH -1",
        ] {
            let heard = stage.says(&anna, &format!("@label=a\\sb\\:c {line}"));
            let marked: Vec<&String> = heard.iter().filter(|l| tag(l, "label").is_some()).collect();
            if !labels {
                assert!(
                    marked.is_empty() && heard.iter().all(|l| verb(l) != "ACK"),
                    "{set}: {line}"
                );
                continue;
            }
            assert_eq!(marked.len(), 1, "{set}: {line} {heard:#?}");
            assert_eq!(tag(marked[0], "label").as_deref(), Some("a b;c"), "{line}");
            assert_eq!(*marked[0], heard[0], "{line}");
            if heard.len() > 1 {
                let reference = params(&heard[0])[0].replacen('+', "", 1);
                assert_eq!(verb(&heard[0]), "BATCH", "{line} {heard:#?}");
                let end = heard.last().unwrap();
                assert_eq!(params(end), [format!("-{reference}")], "{line}");
                let inner = &heard[1..heard.len() - 1];
                assert!(
                    inner.iter().all(|l| tag(l, "batch").as_ref() == Some(&reference)),
                    "{line}"
                );
            }
        }
        let silent = stage.says(&anna, "@label=1 PONG x");
        assert_eq!(silent.len(), usize::from(labels), "{set}");
        assert!(silent.iter().all(|l| verb(l) == "ACK" && params(l).is_empty()), "{silent:?}");
    }
}

/// "The value MUST NOT exceed 64 bytes"; it "has a required value".
#[test]
fn a_label_has_its_size() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "labeled-response batch");
    let label = "l".repeat(64);
    assert_eq!(tag(&stage.says(&anna, &format!("@label={label} PING x"))[0], "label"), Some(label));
    for odd in ["label", "label=", &format!("label={}", "l".repeat(65))] {
        assert_eq!(tag(&stage.says(&anna, &format!("@{odd} PING x"))[0], "label"), None, "{odd}");
    }
}

/// "For any message received from a client that includes this tag, the server MUST include the same
/// tag and value in any response": also where the line is too long to be read.
#[test]
fn a_line_that_is_too_long_is_refused_under_its_label() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "labeled-response batch message-tags");
    let words = format!("@label=L PRIVMSG anna :{}", "x".repeat(600));
    let tags = format!("@label=L;+a={} TAGMSG anna", "x".repeat(4094));
    for line in [words, tags] {
        let heard = stage.says(&anna, &line);
        assert_eq!(heard.len(), 1, "{heard:#?}");
        assert_eq!((verb(&heard[0]), tag(&heard[0], "label")), ("417".into(), Some("L".into())));
    }
}

/// "When a client sends a message to itself, the server MUST NOT include the label tag, except for any
/// acknowledgment sent with the echo-message mechanism."
#[test]
fn words_to_oneself_are_echoed_with_the_label_and_delivered_without() {
    for set in pairwise(&["echo-message", "message-tags", "server-time"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &format!("labeled-response batch {set}"));
        for command in ["PRIVMSG anna :hi", "NOTICE anna :hi", "PRIVMSG ANNA :hi"] {
            let heard = stage.says(&anna, &format!("@label=L {command}"));
            let words = heard.iter().filter(|line| verb(line) != "ACK").count();
            assert_eq!(words, 1 + usize::from(has(&set, "echo-message")), "{set}: {heard:#?}");
            let labelled: Vec<_> = heard.iter().filter(|l| tag(l, "label").is_some()).collect();
            assert_eq!(labelled.len(), 1, "{set}: {heard:#?}");
            let echoes = has(&set, "echo-message");
            assert_eq!(verb(labelled[0]) == "ACK", !echoes, "{set}: {heard:#?}");
        }
        let heard = stage.says(&anna, "PRIVMSG anna :hi");
        assert_eq!(heard.len(), 1 + usize::from(has(&set, "echo-message")), "{set}");
    }
}

/// A label is its sender's: no recipient sees it, and several targets are one answer.
#[test]
fn labels_stay_with_their_sender() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "labeled-response batch echo-message message-tags");
    let dave = member(&mut stage, "dave", "labeled-response batch message-tags");
    stage.says(&anna, "JOIN #x");
    stage.says(&dave, "JOIN #x");
    anna.heard();
    let answer = stage.says(&anna, "@label=L;+a PRIVMSG #x,dave,nobody :hi");
    let verbs: Vec<String> = answer.iter().map(|l| verb(l)).collect();
    assert_eq!(verbs, ["BATCH", "PRIVMSG", "PRIVMSG", "401", "BATCH"]);
    assert_eq!(params(&answer[0])[1], "labeled-response");
    let heard = dave.heard();
    assert_eq!(heard.len(), 2);
    assert!(heard.iter().all(|line| tag(line, "label").is_none() && tag(line, "batch").is_none()));
}
