//! IRCv3 client-initiated batches.

use crate::stage::Stage;
use crate::support::{has, member, pairwise, params, tag, verb};
use std::time::Duration;
use switchboard::base::limits::BATCH_SECONDS;

const OPEN: Duration = Duration::from_secs(BATCH_SECONDS as u64);

const CAPS: &str = "batch draft/multiline labeled-response";

fn code(heard: &[String]) -> String {
    assert_eq!(heard.len(), 1, "{heard:#?}");
    assert_eq!((verb(&heard[0]).as_str(), params(&heard[0])[0].as_str()), ("FAIL", "BATCH"));
    params(&heard[0])[1].clone()
}

/// "Clients SHOULD NOT send `BATCH` commands to servers, unless they negotiated a capability that
/// allows them to do so."
#[test]
fn a_batch_needs_its_capabilities() {
    for set in pairwise(&["batch", "draft/multiline", "message-tags", "standard-replies"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let heard = stage.says(&anna, "BATCH +1 draft/multiline anna");
        if has(&set, "batch") && has(&set, "draft/multiline") {
            assert!(heard.is_empty(), "{set}: {heard:#?}");
        } else {
            assert_eq!(code(&heard), "UNKNOWN_TYPE", "{set}");
            // A tag that means nothing to them means nothing to the server.
            let heard = stage.says(&anna, "@batch=1 PING x");
            assert_eq!(verb(&heard[0]), "PONG", "{set}");
        }
    }
}

/// "These use the same syntax as server initiated batches": the reference, the type, the end.
#[test]
fn references_and_types_are_checked() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", CAPS);
    for odd in ["+", "+a_b", "1", &format!("+{}", "r".repeat(65))] {
        assert_eq!(code(&stage.says(&anna, &format!("BATCH {odd}"))), "INVALID_REFTAG", "{odd}");
    }
    assert_eq!(code(&stage.says(&anna, "BATCH -never")), "INVALID_REFTAG");
    assert_eq!(code(&stage.says(&anna, "@batch=never PRIVMSG anna :x")), "INVALID_REFTAG");
    let unknown = "BATCH +1 netsplit a b\r\n@batch=1 QUIT :x\r\nBATCH -1";
    assert_eq!(code(&stage.says(&anna, unknown)), "UNKNOWN_TYPE");
    // References are case-sensitive.
    let mixed = "BATCH +a draft/multiline anna\r\n@batch=A PRIVMSG anna :x";
    assert_eq!(code(&stage.says(&anna, mixed)), "MULTILINE_INVALID");
    assert!(stage.says(&anna, "BATCH -a").is_empty());
    assert_eq!(verb(&stage.says(&anna, "BATCH")[0]), "461");
}

/// "Once a client has opened a batch, it MUST NOT send any messages that are not part of the batch,
/// until it is closed. Clients MUST NOT send nested batches."
#[test]
fn nothing_else_is_said_while_a_batch_is_open() {
    let open = "BATCH +1 draft/multiline anna\r\n@batch=1 PRIVMSG anna :one\r\n";
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", CAPS);
    let heard = stage.says(&anna, &format!("{open}TIME"));
    assert_eq!(params(&heard[0])[1], "MULTILINE_INVALID");
    assert_eq!(verb(&heard[1]), "391", "the other line is run: {heard:#?}");
    assert!(stage.says(&anna, "@batch=1 PRIVMSG anna :two\r\nBATCH -1").is_empty());
    let heard = stage.says(&anna, &format!("{open}BATCH +2 draft/multiline anna"));
    assert_eq!(code(&heard), "MULTILINE_INVALID");
    assert!(stage.says(&anna, "@batch=2 PRIVMSG anna :two\r\nBATCH -2").is_empty());
    // Whether each is there is no part of a conversation.
    let heard = stage.says(&anna, &format!("{open}PING x"));
    assert_eq!(heard.iter().map(|l| verb(l)).collect::<Vec<_>>(), ["PONG"]);
    assert_eq!(stage.says(&anna, "BATCH -1").len(), 1);
    // A line that was lost may have been of the batch.
    let lost = format!("{open}@batch=1 PRIVMSG anna :{}", "x".repeat(600));
    let heard = stage.says(&anna, &lost);
    assert_eq!(heard.iter().map(|l| verb(l)).collect::<Vec<_>>(), ["417", "FAIL"]);
}

/// "`TIMEOUT <reference-tag>`: the batch was left open for too long, all past and future messages in
/// this batch will be ignored."
#[test]
fn a_batch_left_open_ends() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", CAPS);
    stage.says(&anna, "@label=L BATCH +1 draft/multiline anna\r\n@batch=1 PRIVMSG anna :one");
    stage.passes(OPEN - Duration::from_millis(1));
    assert!(anna.heard().is_empty());
    stage.passes(Duration::from_millis(1));
    let heard = anna.heard();
    assert_eq!(code(&heard), "TIMEOUT");
    assert_eq!(
        (params(&heard[0])[2].as_str(), tag(&heard[0], "label").as_deref()),
        ("1", Some("L"))
    );
    assert!(stage.says(&anna, "@batch=1 PRIVMSG anna :two\r\nBATCH -1").is_empty());
    let again = "BATCH +1 draft/multiline anna\r\n@batch=1 PRIVMSG anna :new\r\nBATCH -1";
    assert_eq!(stage.says(&anna, again).len(), 1);
    stage.passes(OPEN);
    assert!(anna.heard().iter().all(|line| verb(line) == "PING"));
}

#[test]
fn a_connection_that_ends_takes_its_batch_along() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", CAPS);
    let dave = member(&mut stage, "dave", "");
    let open = "BATCH +1 draft/multiline dave\r\n@batch=1 PRIVMSG dave :one\r\nQUIT";
    let heard = stage.says(&anna, open);
    assert_eq!(verb(heard.last().unwrap()), "ERROR", "{heard:#?}");
    assert!(anna.closed() && dave.heard().is_empty());
}
