//! IRCv3 message-ids.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, signed_in, tag};
use std::collections::BTreeSet;

/// "`message-tags` capability MUST be negotiated for servers wishing to use this tag … SHOULD be attached
/// to all `PRIVMSG` and `NOTICE` events." "MUST be unique": one message, one id, whoever is shown it.
#[test]
fn a_message_has_one_id_for_everybody() {
    for set in pairwise(&["message-tags", "echo-message", "server-time", "batch"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let dave = member(&mut stage, "dave", "message-tags echo-message");
        let bob = signed_in(&mut stage, "bob", "message-tags echo-message");
        for peer in [&anna, &dave, &bob] {
            stage.says(peer, "JOIN #x");
        }
        for peer in [&anna, &dave, &bob] {
            peer.heard();
        }
        let mut ids = BTreeSet::new();
        for (i, line) in
            ["PRIVMSG #x :a", "NOTICE #x :a", "TAGMSG #x", "PRIVMSG anna :a"].iter().enumerate()
        {
            for speaker in [&dave, &bob] {
                let echo = stage.says(speaker, line);
                let id = tag(echo.last().unwrap(), "msgid").unwrap();
                let heard = anna.heard();
                let theirs = heard.first().and_then(|line| tag(line, "msgid"));
                let wanted = has(&set, "message-tags").then_some(&id);
                assert_eq!(theirs.as_ref(), wanted, "{set} {i}");
                assert!(!id.starts_with(':') && !id.contains([' ', '\r', '\n']), "{id}");
                assert!(ids.insert(id), "{set}: an id was used twice");
            }
        }
    }
}

/// "If a message is re-transmitted as-is, for example with the chathistory batch type, the ID SHOULD be
/// reused."
#[test]
fn a_message_read_again_has_its_id() {
    let mut stage = Stage::members();
    let bob = signed_in(&mut stage, "bob", "message-tags echo-message");
    stage.says(&bob, "JOIN #x");
    let echo = stage.says(&bob, "PRIVMSG #x :a");
    for set in ["message-tags", "message-tags batch server-time"] {
        let carol = member(&mut stage, "late", set);
        let heard = stage.says(&carol, "JOIN #x");
        assert_eq!(tag(only(&heard, "PRIVMSG")[0], "msgid"), tag(&echo[0], "msgid"));
        stage.says(&carol, "QUIT");
    }
}
