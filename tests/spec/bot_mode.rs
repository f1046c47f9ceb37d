//! IRCv3 bot-mode: the mode, its token and its tag.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, tag};

/// "The value of the `BOT` token is the mode character which is used to enable bot mode." "This tag MUST
/// only be sent to users who have requested the `message-tags` capability. Servers MUST NOT send this tag
/// with a value."
#[test]
fn a_bot_is_marked_for_those_who_read_tags() {
    for set in pairwise(&["message-tags", "account-tag", "server-time", "extended-join"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        stage.says(&anna, "JOIN #x");
        let robot = member(&mut stage, "robot", "message-tags");
        assert!(stage.says(&robot, "VERSION").join(" ").contains(" BOT=B "));
        let set_on = stage.says(&robot, "MODE robot +B");
        assert_eq!(params(only(&set_on, "MODE")[0]), ["robot", "+B"], "{set_on:#?}");
        let lines = "JOIN #x\r\nPRIVMSG #x :a\r\nNOTICE #x :a\r\n@+a TAGMSG #x\r\nPRIVMSG anna :a";
        stage.says(&robot, lines);
        let heard = anna.heard();
        let by = |line: &&String| line.contains(":robot!");
        assert!(heard.iter().filter(by).count() >= 4, "{heard:#?}");
        for line in heard.iter().filter(by) {
            let value = has(&set, "message-tags").then_some("");
            assert_eq!(tag(line, "bot").as_deref(), value, "{set}: {line}");
            assert!(!line.contains("bot="), "{line}");
        }
        stage.says(&robot, "MODE robot -B\r\nPRIVMSG #x :a");
        assert!(anna.heard().iter().all(|line| tag(line, "bot").is_none()), "{set}");
    }
}
