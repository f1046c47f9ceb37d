//! IRCv3 echo-message.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, signed_in, tag, verb};

/// "If enabled, servers MUST send `PRIVMSG` and `NOTICE` messages back to the client that sent them …
/// When the `message-tags` capability has been enabled, the same rules apply to `TAGMSG`."
#[test]
fn ones_own_words_come_back_to_who_asked() {
    for set in
        pairwise(&["echo-message", "message-tags", "server-time", "labeled-response", "batch"])
    {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let bob = signed_in(&mut stage, "bob", &format!("account-tag {set}"));
        let dave = member(&mut stage, "dave", "message-tags");
        for peer in [&anna, &bob, &dave] {
            stage.says(peer, "JOIN #x");
        }
        for peer in [&anna, &bob] {
            anna.heard();
            bob.heard();
            for line in ["PRIVMSG #x :hi", "NOTICE #x :hi", "PRIVMSG Dave :hi", "@+a=1 TAGMSG #x"] {
                let heard = stage.says(peer, line);
                let wanted = has(&set, "echo-message")
                    && (!line.contains("TAGMSG") || has(&set, "message-tags"));
                assert_eq!(heard.len(), usize::from(wanted), "{set}: {line} {heard:#?}");
                let Some(echo) = heard.first() else { continue };
                // The target that was meant, the words as others have them, one's own source.
                let typed = line.trim_start_matches("@+a=1 ").split(' ').nth(1).unwrap();
                assert!(params(echo)[0].eq_ignore_ascii_case(typed), "{set}: {echo}");
                let theirs = dave.heard();
                assert_eq!(
                    tag(&theirs[0], "msgid").filter(|_| has(&set, "message-tags")),
                    tag(echo, "msgid")
                );
                assert_eq!(tag(echo, "+a").is_some(), line.starts_with('@'), "{set}");
                anna.heard();
                bob.heard();
            }
        }
    }
}

/// "If servers apply any modifications to these messages, they MUST send the final version of the message
/// back"; what was refused does not come back.
#[test]
fn the_echo_is_what_others_were_sent() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "echo-message");
    let dave = member(&mut stage, "dave", "echo-message");
    stage.says(&anna, "JOIN #x");
    stage.says(&dave, "JOIN #x");
    anna.heard();
    let long = format!("PRIVMSG #x :{}", "\u{e9}".repeat(249));
    let echo = stage.says(&anna, &long);
    assert_eq!(echo, dave.heard());
    assert_eq!(echo.iter().map(|line| params(line)[1].clone()).collect::<String>(), long[12..]);
    stage.says(&anna, "MODE #x +m");
    dave.heard();
    let told = stage.says(&dave, "PRIVMSG #x :no");
    assert_eq!(told.iter().map(|l| verb(l)).collect::<Vec<_>>(), ["404"]);
    // Without target, text or right nothing comes back either.
    for line in ["PRIVMSG", "PRIVMSG #x :", "PRIVMSG nobody :x", "NOTICE nobody :x"] {
        assert!(only(&stage.says(&dave, line), "PRIVMSG").is_empty(), "{line}");
    }
}
