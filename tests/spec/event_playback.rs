//! IRCv3 chathistory, the part of `draft/event-playback`.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, verb};
use std::time::Duration;

/// "If the client has not negotiated the draft/event-playback capability, the server MUST NOT send any
/// lines other than PRIVMSG and NOTICE ... If the client has negotiated draft/event-playback, the
/// server SHOULD send additional lines ... TAGMSG, JOIN, PART, QUIT, MODE, TOPIC, and NICK."
#[test]
fn who_asked_for_it_is_shown_what_happened_besides_words_and_nobody_else() {
    for set in pairwise(&["draft/event-playback", "message-tags", "server-time", "extended-join"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", "message-tags server-time");
        stage.says(&anna, "JOIN #x");
        let reader = member(&mut stage, "reader", &format!("batch draft/chathistory {set}"));
        stage.says(&reader, "JOIN #x");
        let mark = member(&mut stage, "mark", "message-tags");
        for line in [
            "JOIN #x",
            "PRIVMSG #x :hello",
            "@+draft/react=yes TAGMSG #x",
            "@+typing=active TAGMSG #x",
            "NICK marco",
            "PART #x :later",
            "JOIN #x",
            "QUIT :bye",
        ] {
            stage.passes(Duration::from_secs(1));
            stage.says(&mark, line);
        }
        stage.says(&anna, "TOPIC #x :news\r\nMODE #x +m");
        let live = reader.heard();
        let heard = stage.says(&reader, "CHATHISTORY LATEST #x * 50");
        let verbs: Vec<String> = heard.iter().map(|l| verb(l)).filter(|v| v != "BATCH").collect();
        if !has(&set, "draft/event-playback") {
            assert_eq!(verbs, ["PRIVMSG"], "{set}");
            continue;
        }
        let tags = if has(&set, "message-tags") { "TAGMSG " } else { "" };
        let wanted = format!("JOIN JOIN JOIN PRIVMSG {tags}NICK PART JOIN QUIT TOPIC MODE");
        assert_eq!(verbs.join(" "), wanted, "{set}: {heard:#?}");
        // As they were when they were new, but for the typing that is not kept.
        let bare = |line: &String| {
            let line = line.split_once("batch=").map_or(line.clone(), |(_, rest)| {
                let cut = rest.find([';', ' ']).unwrap();
                let sign = if rest[cut..].starts_with(';') { "@" } else { "" };
                format!("{sign}{}", &rest[cut + 1..])
            });
            // Who is shown no times reads them in the text.
            line.replace(":[00:00] ", ":")
        };
        let again: Vec<String> = heard[1..heard.len() - 1].iter().skip(2).map(bare).collect();
        let live: Vec<String> = live.into_iter().filter(|l| !l.contains("+typing")).collect();
        assert_eq!(again, live, "{set}");
    }
}

/// A limit counts what is shown: without the capability, only words.
#[test]
fn the_limit_counts_what_is_shown() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "batch draft/chathistory");
    stage.says(&anna, "JOIN #x\r\nPRIVMSG #x :one");
    for _ in 0..20 {
        let guest = member(&mut stage, "guest", "");
        stage.says(&guest, "JOIN #x\r\nQUIT");
    }
    anna.heard();
    let heard = stage.says(&anna, "CHATHISTORY LATEST #x * 1");
    assert_eq!(only(&heard, "PRIVMSG").len(), 1, "{heard:#?}");
}

/// Comings and goings that members of an auditorium do not see are not in its history either.
#[test]
fn an_auditorium_keeps_its_secret() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    stage.says(&anna, "JOIN #x\r\nMODE #x +u");
    let mark = member(&mut stage, "mark", "");
    stage.says(&mark, "JOIN #x");
    let reader = member(&mut stage, "reader", "batch draft/chathistory draft/event-playback");
    stage.says(&reader, "JOIN #x");
    let heard = stage.says(&reader, "CHATHISTORY LATEST #x * 50").join("\n");
    assert!(!heard.contains("mark"), "{heard}");
}
