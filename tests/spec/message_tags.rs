//! IRCv3 message-tags: client-only tags, TAGMSG, CLIENTTAGDENY, escapes and the size limit.

use crate::stage::{Peer, Stage};
use crate::support::{has, member, only, pairwise, params, signed_in, tag, verb};
use std::sync::Arc;
use switchboard::base::limits::CLIENT_TAG_BYTES;

fn room(caps: &str) -> (Stage, Peer, Peer) {
    let mut stage = Stage::members();
    let dave = member(&mut stage, "dave", "message-tags");
    let anna = member(&mut stage, "anna", caps);
    stage.says(&dave, "JOIN #x");
    stage.says(&anna, "JOIN #x");
    dave.heard();
    (stage, dave, anna)
}

/// "Client-only tags MUST be relayed on `PRIVMSG` and `NOTICE` messages … Tags without the client-only
/// prefix MUST be removed by the server before being relayed." "Any server-initiated tags attached to
/// messages MUST be included before client-only tags."
#[test]
fn client_only_tags_are_relayed_to_those_who_read_tags() {
    let caps = ["message-tags", "server-time", "account-tag", "batch", "labeled-response"];
    for set in pairwise(&caps) {
        let (mut stage, dave, anna) = room(&set);
        for verb in ["PRIVMSG", "NOTICE"] {
            let tags = "time=2000-01-01T00:00:00.000Z;msgid=x;label=l;batch=7;bot;account=root;\
                        other;+a=1;+example.org/b=2;+Typing";
            stage.says(&dave, &format!("@{tags} {verb} #x :hi"));
            let heard = anna.heard();
            let line = &heard[0];
            assert_eq!(heard.len(), 1);
            let all = has(&set, "message-tags");
            for (key, value) in [("+a", "1"), ("+example.org/b", "2"), ("+Typing", "")] {
                assert_eq!(tag(line, key).as_deref(), all.then_some(value), "{set}: {line}");
            }
            for spoofed in ["label", "batch", "bot", "account", "other", "+typing"] {
                assert_eq!(tag(line, spoofed), None, "{set}: {line}");
            }
            assert_eq!(tag(line, "msgid").is_some(), all, "{set}: {line}");
            assert_ne!(tag(line, "msgid").as_deref(), Some("x"));
            let time = tag(line, "time");
            assert_eq!(time.is_some(), has(&set, "server-time"), "{set}: {line}");
            assert!(time.is_none_or(|time| !time.starts_with("2000")));
            if let Some(tags) = line.strip_prefix('@').filter(|_| all) {
                let first = tags.find('+').unwrap();
                let last = tags.find("msgid=").unwrap();
                assert!(last < first, "{line}");
            }
        }
    }
}

/// "Escaping values"; "Individual tag keys MUST only be used a maximum of once per message … discard
/// all but the final occurrence."
#[test]
fn values_are_escaped_and_keys_stand_once() {
    let (mut stage, dave, anna) = room("message-tags");
    for (sent, value) in [
        ("+k=raw+:=,escaped\\:\\s\\\\", "raw+:=,escaped; \\"),
        ("+k=a\\r\\nb", "a\r\nb"),
        ("+k=a\\bc", "abc"),
        ("+k=test\\", "test"),
        ("+k=", ""),
        ("+k", ""),
        ("+k=1;+k=2", "2"),
        ("+k=1;+K=2", "1"),
        ("+k=\u{1F44B}", "\u{1F44B}"),
        ("+k==", "="),
    ] {
        stage.says(&dave, &format!("@{sent} TAGMSG #x"));
        let heard = anna.heard();
        assert_eq!(tag(&heard[0], "+k").as_deref(), Some(value), "{sent}: {heard:?}");
        assert_eq!(heard[0].matches("+k").count(), 1, "{heard:?}");
    }
    // What is no key is no tag.
    stage.says(&dave, "@+;+a_b=1;++c=2;+d/=3;;+good=1 TAGMSG #x");
    let heard = anna.heard().remove(0);
    assert!(heard.contains("+good=1"), "{heard}");
    for odd in ["a_b", "++c", "d/"] {
        assert!(!heard.contains(odd), "{heard}");
    }
}

/// "Servers MUST reply with `ERR_INPUTTOOLONG` (`417`) if a client sends a message with more tag data
/// than the allowed limit. Servers MUST NOT truncate tags and MUST always reject lines that exceed this
/// limit." "The size limit for the rest of the message remains unchanged at 512 bytes."
#[test]
fn the_tag_budget_stands_apart_from_the_line() {
    let (mut stage, dave, anna) = room("message-tags server-time account-tag");
    let tags = |bytes: usize| format!("+k={}", "v".repeat(bytes - 3));
    let words = "w".repeat(512 - 2 - "PRIVMSG #x :".len());
    stage.says(&dave, &format!("@{} PRIVMSG #x :{words}", tags(CLIENT_TAG_BYTES)));
    let heard = anna.heard();
    // The server's own tags come on top, so that the whole is more than a client may send.
    let (tagged, first) = heard[0].split_once(" :").unwrap();
    assert!(tagged.starts_with("@time=") && tagged.contains(";msgid="));
    assert!(tagged.ends_with(&format!(";{}", tags(CLIENT_TAG_BYTES))));
    let rest = heard[1..].iter().map(|line| params(line)[1].clone());
    let whole: String =
        [first.split_once(" :").unwrap().1.to_owned()].into_iter().chain(rest).collect();
    assert_eq!(whole, words, "what does not fit behind the source comes in a line of its own");
    for line in [
        format!("@{} PRIVMSG #x :hi", tags(CLIENT_TAG_BYTES + 1)),
        format!("@{} TAGMSG #x", tags(CLIENT_TAG_BYTES + 1)),
        format!("@k={} PRIVMSG #x :hi", "v".repeat(CLIENT_TAG_BYTES)),
        format!("@+k=v PRIVMSG #x :{words}w"),
        format!("@{} PRIVMSG #x :hi", tags(6000)),
    ] {
        let told = stage.says(&dave, &line);
        assert_eq!((told.len(), verb(&told[0]).as_str()), (1, "417"), "{told:#?}");
        assert!(anna.heard().is_empty());
    }
}

/// "This message MUST be delivered to targets in the same way as `PRIVMSG` and `NOTICE` messages …
/// honouring channel membership, modes, echo-message, STATUSMSG prefixes." "Servers MUST NOT deliver
/// `TAGMSG` to clients that haven't negotiated the message tags capability."
#[test]
fn tagmsg_goes_where_words_would() {
    for set in pairwise(&["message-tags", "echo-message", "server-time"]) {
        let (mut stage, dave, anna) = room(&set);
        let reads = has(&set, "message-tags");
        stage.says(&dave, "@+typing=active TAGMSG #x");
        let heard = anna.heard();
        assert_eq!(heard.len(), usize::from(reads), "{set}");
        assert!(heard.iter().all(|l| verb(l) == "TAGMSG" && params(l) == ["#x"]), "{heard:?}");
        stage.says(&dave, "@+typing=active TAGMSG anna");
        assert_eq!(anna.heard().len(), usize::from(reads), "{set}");
        // An unknown tag is removed, the message is not.
        stage.says(&dave, "@unknown-tag TAGMSG #x");
        assert_eq!(anna.heard().len(), usize::from(reads), "{set}");
        let echo = stage.says(&anna, "@+typing=active TAGMSG #x");
        assert_eq!(echo.len(), usize::from(reads && has(&set, "echo-message")), "{set}");
        assert_eq!(
            dave.heard().len(),
            usize::from(reads),
            "{set}: it needs the capability to send"
        );
        // To the ranks above only.
        stage.says(&dave, "@+a TAGMSG @#x");
        assert!(anna.heard().is_empty(), "{set}");
    }
    let (mut stage, dave, anna) = room("message-tags");
    let erin = member(&mut stage, "erin", "message-tags");
    assert_eq!(verb(&stage.says(&erin, "@+a TAGMSG #x")[0]), "404");
    assert_eq!(verb(&stage.says(&erin, "@+a TAGMSG #nowhere")[0]), "403");
    assert_eq!(verb(&stage.says(&erin, "@+a TAGMSG nobody")[0]), "401");
    stage.says(&dave, "MODE #x +m");
    anna.heard();
    let told = stage.says(&anna, "@+a TAGMSG #x");
    assert_eq!(told.iter().map(|l| verb(l)).collect::<Vec<_>>(), ["404"], "{told:#?}");
    assert!(dave.heard().is_empty());
}

/// "Clients that receive a `TAGMSG` command MUST NOT display them in the message history": it is in none.
#[test]
fn tagmsg_is_not_kept() {
    let mut stage = Stage::members();
    let bob = signed_in(&mut stage, "bob", "message-tags");
    stage.says(&bob, "JOIN #x\r\n@+typing=active TAGMSG #x\r\n@+draft/reply=1 PRIVMSG #x :kept");
    let carol = signed_in(&mut stage, "carol", "message-tags");
    let heard = stage.says(&carol, "JOIN #x");
    assert!(only(&heard, "TAGMSG").is_empty(), "{heard:#?}");
    let kept = only(&heard, "PRIVMSG");
    assert_eq!(tag(kept[0], "+draft/reply").as_deref(), Some("1"), "its tags are: {heard:#?}");
}

/// `CLIENTTAGDENY`: "the list of blocked tags", `*` first for all, `-name` for exceptions; a blocked tag
/// does not block the message.
#[test]
fn denied_tags_are_told_and_not_passed_on() {
    for (denied, passes) in [
        ("typing", "+b"),
        ("*", ""),
        ("*,-b", "+b"),
        ("b,draft/react", "+typing"),
        ("", "+b +typing"),
    ] {
        let mut stage = Stage::members();
        stage.info_mut().client_tag_deny = Arc::from(denied);
        let anna = member(&mut stage, "anna", "message-tags");
        let dave = member(&mut stage, "dave", "message-tags");
        let told = stage.says(&anna, "VERSION").join(" ");
        let token = format!("CLIENTTAGDENY={denied} ");
        assert_eq!(told.contains("CLIENTTAGDENY"), !denied.is_empty(), "{told}");
        assert!(denied.is_empty() || told.contains(&token), "{told}");
        for line in ["TAGMSG anna", "PRIVMSG anna :hi"] {
            stage.says(&dave, &format!("@+b=1;+typing=active;+draft/react=x {line}"));
            let heard = anna.heard();
            assert_eq!(heard.len(), 1, "{denied}");
            for key in ["+b", "+typing"] {
                assert_eq!(
                    tag(&heard[0], key).is_some(),
                    passes.contains(key),
                    "{denied} {heard:?}"
                );
            }
        }
    }
}
