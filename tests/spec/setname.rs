//! IRCv3 setname.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, verb};
use switchboard::base::limits::REALLEN;

/// "they MUST send the server-to-client version of the SETNAME message to all clients in common
/// channels, as well as to the client from which it originated. The SETNAME message MUST NOT be sent
/// to clients which do not have the capability negotiated." "If a client sends a SETNAME command
/// without having negotiated the capability, the server SHOULD handle it silently".
#[test]
fn a_new_name_is_told_to_those_who_can_read_it() {
    for set in pairwise(&["setname", "extended-join", "standard-replies"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let eve = member(&mut stage, "eve", "");
        let max = member(&mut stage, "max", "setname");
        let zoe = member(&mut stage, "zoe", "setname");
        for person in [&anna, &eve, &max] {
            stage.says(person, "JOIN #x,#y");
        }
        stage.says(&zoe, "JOIN #z");
        for person in [&anna, &eve, &max] {
            person.heard();
        }
        let own = stage.says(&anna, "SETNAME :Bruce Wayne <bruce@wayne.example>");
        assert_eq!(own.len(), usize::from(has(&set, "setname")), "{set}: {own:?}");
        let heard = max.heard();
        for line in own.iter().chain(&heard) {
            assert!(line.contains(":anna!~anna@") && verb(line) == "SETNAME", "{line}");
            assert_eq!(params(line), ["Bruce Wayne <bruce@wayne.example>"]);
        }
        assert_eq!(heard.len(), 1, "{set}: once, though two channels are shared");
        assert_eq!(eve.heard(), [""; 0], "{set}");
        assert_eq!(zoe.heard(), [""; 0], "{set}");
        let heard = stage.says(&eve, "WHOIS anna");
        assert!(params(only(&heard, "311")[0])[5].starts_with("Bruce"), "{set}");
    }
}

/// "If the server rejects the realname due to invalidity, it MUST send a FAIL message: FAIL SETNAME
/// INVALID_REALNAME"; fact 53: NAMELEN tells the length.
#[test]
fn a_name_that_cannot_be_is_refused() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "setname");
    for bad in [String::new(), " ".to_owned(), "x".repeat(REALLEN + 1)] {
        let heard = stage.says(&anna, &format!("SETNAME :{bad}"));
        assert_eq!(verb(&heard[0]), "FAIL", "{bad:?}");
        assert_eq!(params(&heard[0])[..2], ["SETNAME", "INVALID_REALNAME"], "{bad:?}");
    }
    assert_eq!(verb(&stage.says(&anna, "SETNAME")[0]), "461");
    let longest = "é".repeat(REALLEN / 2);
    let heard = stage.says(&anna, &format!("SETNAME :{longest}"));
    assert_eq!(params(&heard[0]), [longest]);
    let heard = stage.says(&anna, "SETNAME Batman");
    assert_eq!(params(&heard[0]), ["Batman"]);
    let heard = stage.says(&anna, "VERSION");
    let token = format!("NAMELEN={REALLEN}");
    assert!(only(&heard, "005").iter().any(|l| params(l).contains(&token)));
}

/// A customer's new name is staff's to see, also when they come back.
#[test]
fn a_customers_name_is_told_to_staff_in_the_channel() {
    let mut stage = Stage::new();
    let (anna, nick, channel) = stage.customer("anna", "");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    let bob = stage.staff("bob", "setname");
    stage.says(&bob, &format!("JOIN {channel}"));
    stage.says(&anna, "SETNAME :Anna of Acme");
    assert_eq!(params(only(&bob.heard(), "SETNAME")[0]), ["Anna of Acme"]);
    let heard = stage.says(&bob, &format!("WHOIS {nick}"));
    assert_eq!(params(only(&heard, "311")[0])[5], "Anna of Acme");
}
