//! IRCv3 utf8-only.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, tag, verb};

/// "Servers publishing this token MUST NOT relay content containing non-UTF-8 data"; "`FAIL` … indicates
/// that the client's message was rejected because it contained invalid UTF-8 data"; "If the server is
/// unable to parse the sent command then it MAY send a `FAIL` command with no command name (i.e. `*`)".
#[test]
fn what_is_not_utf8_is_refused_by_every_verb() {
    for set in pairwise(&["standard-replies", "labeled-response", "batch", "message-tags"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        assert!(stage.says(&anna, "VERSION").join(" ").contains(" UTF8ONLY "), "{set}");
        stage.says(&anna, "JOIN #x");
        let dave = member(&mut stage, "dave", "setname away-notify");
        stage.says(&dave, "JOIN #x");
        anna.heard();
        for line in [
            "PRIVMSG #x :",
            "NOTICE #x :",
            "TOPIC #x :",
            "AWAY :",
            "SETNAME :",
            "KICK #x dave :",
            "PART #x :",
            "QUIT :",
            "NICK ",
            "JOIN #",
            "MODE #x +k ",
            "INVITE ",
            "WHO ",
            "privmsg dave :",
        ] {
            let mut bytes = format!("@label=L {line}caf").into_bytes();
            bytes.extend(b"\xe9\r\n");
            stage.bytes(&anna, &bytes);
            let heard = anna.heard();
            assert_eq!(heard.len(), 1, "{set}: {line} {heard:#?}");
            let named = line.split(' ').next().unwrap().to_ascii_uppercase();
            assert_eq!(verb(&heard[0]), "FAIL", "{set}: {line}");
            assert_eq!(params(&heard[0])[..2], [named, "INVALID_UTF8".to_owned()], "{set}");
            let labels = has(&set, "labeled-response") && has(&set, "batch");
            assert_eq!(tag(&heard[0], "label").is_some(), labels, "{set}: {line}");
            assert!(dave.heard().is_empty() && !anna.closed(), "{set}: {line}");
        }
        stage.bytes(&anna, b"caf\xe9 x\r\n");
        assert_eq!(params(&anna.heard()[0])[0], "*");
        stage.bytes(&anna, b"@+a=\xe9 PRIVMSG #x :hi\r\n");
        assert_eq!(params(&anna.heard()[0])[1], "INVALID_UTF8");
        assert!(dave.heard().is_empty());
    }
}

/// "FAIL USER INVALID_UTF8": before registration as well, which goes on with what is right.
#[test]
fn a_real_name_is_utf8() {
    let mut stage = Stage::members();
    let anna = stage.connect();
    stage.says(&anna, "NICK anna");
    stage.bytes(&anna, b"USER anna 0 * :Ren\xe9\r\n");
    assert_eq!(params(&anna.heard()[0])[..2], ["USER", "INVALID_UTF8"]);
    let heard = stage.says(&anna, "USER anna 0 * :Ren\u{e9}");
    assert_eq!(only(&heard, "001").len(), 1, "{heard:#?}");
}

/// "Implementations must ensure that if they truncate messages to meet a length limit, they do not do so
/// in the middle of a UTF-8-encoded codepoint."
#[test]
fn nothing_is_cut_within_a_character() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "setname away-notify");
    let dave = member(&mut stage, "dave", "setname away-notify");
    stage.says(&anna, "JOIN #x");
    stage.says(&dave, "JOIN #x");
    anna.heard();
    for lead in ["", "a", "ab", "abc"] {
        let long = format!("{lead}{}", "\u{1F44B}".repeat(118));
        for line in ["TOPIC #x", "AWAY", "SETNAME", "PRIVMSG #x", "NOTICE #x", "PRIVMSG dave"] {
            stage.says(&anna, &format!("{line} :{}", &long[..long.len().min(480)]));
            // `heard` fails on what is not UTF-8.
            let heard = dave.heard();
            // A real name that is too long is refused, not cut.
            assert!(!heard.is_empty() || line == "SETNAME", "{line}");
            for got in heard {
                let last = params(&got).pop().unwrap();
                assert!(last.trim_start_matches(lead).chars().all(|c| c == '\u{1F44B}'), "{got}");
            }
        }
    }
}
