//! IRCv3 message-ids.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, signed_in, tag};
use std::collections::BTreeSet;
use switchboard::desk::settings::{Guests, Settings};

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

/// "MUST be unique across all messages on the network": those before a restart and after it, kept or not.
#[test]
fn no_id_comes_again_after_a_restart() {
    let mut stage = Stage::members();
    let mut ids = BTreeSet::new();
    for round in 0..3 {
        let caps = "message-tags echo-message";
        let bob = signed_in(&mut stage, "bob", caps);
        let anna = member(&mut stage, "anna", caps);
        for peer in [&bob, &anna] {
            stage.says(peer, "JOIN #x");
            for line in
                ["PRIVMSG #x :a", "TAGMSG #x", "NOTICE #x :b", "PRIVMSG bob :c", "TOPIC #x :t"]
            {
                peer.heard();
                for line in only(&stage.says(peer, line), line.split(' ').next().unwrap()) {
                    // Words to oneself are heard twice, and are one message.
                    if let Some(id) = tag(line, "msgid") {
                        ids.insert((round, id));
                    }
                }
            }
        }
        stage = stage.restarted(Settings { guests: Guests::Member, ..Settings::default() });
    }
    let distinct: BTreeSet<&String> = ids.iter().map(|(_, id)| id).collect();
    assert!(ids.len() > 20 && distinct.len() == ids.len(), "{ids:#?}");
}
