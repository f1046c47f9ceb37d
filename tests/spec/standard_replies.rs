//! IRCv3 standard-replies.

use crate::stage::Stage;
use crate::support::{has, member, pairwise, params, tag, verb};

/// "`<type> <command> <code> [<context>...] <description>`"; "RECOMMENDED that servers use standard replies
/// instead of custom error numerics or server notices … when responding to a client which supports this
/// capability"; "This message SHOULD also be given a label".
#[test]
fn failures_without_a_numeric_are_standard_replies() {
    for set in pairwise(&["standard-replies", "labeled-response", "batch", "message-tags"]) {
        let mut stage = Stage::new();
        let bob = stage.staff("bob", &set);
        bob.heard();
        for (line, command, code) in [
            ("CLAIM", "CLAIM", "QUEUE_EMPTY"),
            ("TRANSFER", "TRANSFER", "NEED_MORE_PARAMS"),
            ("WATCH #c-x-1", "WATCH", "NOT_PERMITTED"),
        ] {
            let heard = stage.says(&bob, &format!("@label=L {line}"));
            assert_eq!(heard.len(), 1, "{set}: {line} {heard:#?}");
            let labels = has(&set, "labeled-response") && has(&set, "batch");
            assert_eq!(tag(&heard[0], "label").is_some(), labels, "{set}: {line}");
            if has(&set, "standard-replies") {
                let told = params(&heard[0]);
                assert_eq!(
                    (verb(&heard[0]).as_str(), told[0].as_str()),
                    ("FAIL", command),
                    "{set}"
                );
                assert_eq!(told[1], code, "{line}");
                assert!(told.last().unwrap().contains(' '), "a description: {told:?}");
            } else {
                assert_eq!(verb(&heard[0]), "NOTICE", "{set}: {line}");
            }
        }
    }
}

/// "Standardised numerics" stay what they are, with or without.
#[test]
fn numerics_are_not_replaced() {
    for set in pairwise(&["standard-replies", "message-tags"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        for (line, code) in [
            ("NOSUCH", "421"),
            ("PRIVMSG nobody :x", "401"),
            ("JOIN", "461"),
            ("PRIVMSG", "411"),
            ("PRIVMSG anna", "412"),
            ("NICK bob", "433"),
        ] {
            let heard = stage.says(&anna, line);
            assert_eq!((heard.len(), verb(&heard[0]).as_str()), (1, code), "{set}: {line}");
        }
    }
}
