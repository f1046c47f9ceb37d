//! IRCv3 server-time.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, signed_in, tag};
use std::time::Duration;

/// "YYYY-MM-DDThh:mm:ss.sssZ": exactly milliseconds, in UTC.
fn is_time(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00.000Z"
}

/// "Upon enabling this capability, servers … every message"; a server MUST NOT send it to others.
#[test]
fn what_people_do_carries_its_moment() {
    for set in pairwise(&["server-time", "message-tags", "away-notify", "extended-join"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        stage.says(&anna, "JOIN #x");
        let dave = member(&mut stage, "dave", "");
        stage.passes(Duration::from_millis(1234));
        stage.says(&dave, "JOIN #x\r\nPRIVMSG #x :a\r\nNOTICE #x :b\r\nNICK dove\r\nAWAY :x");
        stage.says(&dave, "PART #x :c\r\nPRIVMSG anna :d\r\nQUIT :e");
        let heard = anna.heard();
        assert!(heard.len() > 5, "{heard:#?}");
        for line in heard.iter().filter(|line| line.contains("!~dave@")) {
            let time = tag(line, "time");
            assert_eq!(time.is_some(), has(&set, "server-time"), "{set}: {line}");
            assert!(time.is_none_or(|time| is_time(&time) && time.ends_with("1.234Z")), "{line}");
        }
    }
}

/// A line read again carries the moment at which it was said.
#[test]
fn what_is_read_again_carries_its_own_moment() {
    let mut stage = Stage::members();
    let bob = signed_in(&mut stage, "bob", "server-time echo-message");
    stage.says(&bob, "JOIN #x");
    let said = tag(&stage.says(&bob, "PRIVMSG #x :a")[0], "time");
    stage.passes(Duration::from_secs(20));
    let carol = signed_in(&mut stage, "carol", "server-time message-tags");
    let heard = stage.says(&carol, "JOIN #x");
    assert_eq!(tag(only(&heard, "PRIVMSG")[0], "time"), said);
    assert_ne!(tag(only(&heard, "JOIN")[0], "time"), said);
}

/// Fact 30: no line has the tag before the capability was agreed on, its ACK among them, nor once it was
/// given back.
#[test]
fn there_is_no_time_before_it_was_agreed_on() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    let heard = stage.says(&peer, "CAP LS 302\r\nPING x\r\nCAP REQ :server-time message-tags");
    assert!(heard.iter().all(|line| tag(line, "time").is_none()), "{heard:#?}");
    let heard = stage.says(&peer, "NICK anna\r\nUSER a 0 * :a\r\nCAP END\r\nJOIN #x");
    assert!(tag(only(&heard, "JOIN")[0], "time").is_some(), "{heard:#?}");
    let heard = stage.says(&peer, "CAP REQ :-server-time\r\nPART #x\r\nJOIN #x");
    assert!(tag(only(&heard, "JOIN")[0], "time").is_none(), "{heard:#?}");
}
