//! The client-only tags of IRCv3: typing, reply, channel-context, react and unreact. A server passes
//! them on; what is judged is that it does so everywhere, and keeps those that belong to kept words.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, signed_in, tag};

/// typing, "Format": a `TAGMSG` with `typing`, `active`, `paused` or `done`. channel-context: "attached
/// to PRIVMSG and NOTICE messages to users only". react: "MUST be used in conjunction with the
/// `+draft/reply` client tag"; "MAY be attached to an empty message".
#[test]
fn they_reach_channels_and_people() {
    for set in pairwise(&["message-tags", "server-time", "echo-message", "batch"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let dave = member(&mut stage, "dave", "message-tags");
        stage.says(&anna, "JOIN #x");
        stage.says(&dave, "JOIN #x");
        anna.heard();
        for (tags, line) in [
            ("+typing=active", "TAGMSG #x"),
            ("+typing=paused", "TAGMSG anna"),
            ("+typing=done", "TAGMSG #x"),
            ("+reply=abc", "PRIVMSG #x :yes"),
            ("+channel-context=#x", "NOTICE anna :here"),
            ("+draft/reply=abc;+draft/react=\u{1F44B}", "TAGMSG #x"),
            ("+draft/reply=abc;+draft/unreact=\u{1F44B}", "TAGMSG #x"),
            ("+draft/reply=abc;+draft/react=lol", "PRIVMSG #x :lol"),
        ] {
            stage.says(&dave, &format!("@{tags} {line}"));
            let heard = anna.heard();
            let reads = has(&set, "message-tags");
            let shown = reads || !line.starts_with("TAGMSG");
            assert_eq!(heard.len(), usize::from(shown), "{set}: {line}");
            for one in tags.split(';') {
                let (key, value) = one.split_once('=').unwrap();
                let got = heard.first().and_then(|line| tag(line, key));
                assert_eq!(got.as_deref(), reads.then_some(value), "{set}: {one} {line}");
            }
        }
    }
}

/// A reply that is read again later still is one.
#[test]
fn tags_of_kept_words_are_kept() {
    let mut stage = Stage::members();
    let bob = signed_in(&mut stage, "bob", "message-tags");
    stage.says(&bob, "JOIN #x\r\n@+reply=abc;+x=\\s PRIVMSG #x :yes");
    for set in pairwise(&["message-tags", "server-time", "batch"]) {
        let carol = member(&mut stage, "late", &set);
        let heard = stage.says(&carol, "JOIN #x");
        let line = only(&heard, "PRIVMSG")[0];
        let reads = has(&set, "message-tags");
        assert_eq!(tag(line, "+reply").as_deref(), reads.then_some("abc"), "{set}: {line}");
        assert_eq!(tag(line, "+x").as_deref(), reads.then_some(" "), "{set}: {line}");
        stage.says(&carol, "QUIT");
    }
}

/// Typing passes between a customer and those who help them; of those who only watch, nothing does.
#[test]
fn a_customer_sees_who_helps_type_and_no_watcher() {
    let mut stage = Stage::new();
    let (anna, _, channel) = stage.customer("anna", "message-tags");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    let bob = stage.staff("bob", "message-tags");
    let sue = stage.staff("sue", "message-tags");
    stage.says(&bob, &format!("JOIN {channel}"));
    stage.says(&sue, &format!("WATCH {channel}"));
    stage.says(&anna, &format!("@+typing=active TAGMSG {channel}"));
    assert_eq!(only(&bob.heard(), "TAGMSG").len(), 1);
    assert_eq!(only(&sue.heard(), "TAGMSG").len(), 1);
    anna.heard();
    stage.says(&bob, &format!("@+typing=active TAGMSG {channel}"));
    assert_eq!(only(&anna.heard(), "TAGMSG").len(), 1);
    for target in [channel.clone(), format!("@{channel}")] {
        stage.says(&sue, &format!("@+typing=active TAGMSG {target}"));
        stage.says(&bob, &format!("@+typing=active TAGMSG @{channel}"));
        assert!(anna.heard().is_empty(), "{target}");
    }
}
