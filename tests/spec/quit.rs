//! Modern IRC "QUIT message" and "ERROR message".

use crate::stage::Stage;
use crate::support::{member, only, pairwise, params, verb};

/// "The server acknowledges this by replying with an ERROR message and closing the connection";
/// "servers SHOULD prepend reason with the ASCII string "Quit: "".
#[test]
fn who_quits_gets_error_and_the_others_the_reason() {
    for set in pairwise(&["server-time", "message-tags", "account-tag"]) {
        for (line, reason) in
            [("QUIT :bye now", "Quit: bye now"), ("QUIT", "Quit: "), ("QUIT :", "Quit: ")]
        {
            let mut stage = Stage::members();
            let (anna, eve) = (member(&mut stage, "anna", &set), member(&mut stage, "eve", &set));
            let far = member(&mut stage, "far", "");
            stage.says(&eve, "JOIN #x");
            stage.says(&anna, "JOIN #x");
            eve.heard();
            let heard = stage.says(&anna, line);
            assert_eq!(verb(heard.last().unwrap()), "ERROR", "{line}");
            assert!(anna.closed(), "{line}");
            let told = eve.heard();
            assert_eq!(params(only(&told, "QUIT")[0]), [reason], "{set}: {line}");
            assert!(told[0].contains(":anna!~anna@"), "{told:?}");
            assert_eq!(far.heard(), [] as [&str; 0], "who shares no channel is not told");
            assert_eq!(verb(&stage.says(&eve, "WHOIS anna")[0]), "401");
        }
    }
}

/// Facts 9: "QUIT before registration must still produce ERROR and close"; nothing after it is read.
#[test]
fn before_registration_too_and_nothing_is_read_behind_it() {
    for before in ["", "NICK anna\r\n", "CAP LS 302\r\n", "NICK a\r\nCAP LS\r\nUSER a 0 * :a\r\n"] {
        let mut stage = Stage::members();
        let peer = stage.connect();
        let heard = stage.says(&peer, &format!("{before}QUIT :never mind\r\nPING x"));
        let last = heard.last().unwrap();
        assert_eq!(verb(last), "ERROR", "{before:?}: {heard:?}");
        assert!(params(last)[0].contains("never mind") && peer.closed());
    }
}

/// "If a client connection is closed without the client issuing a QUIT command … Servers MUST fill
/// reason with a message reflecting the nature of the event".
#[test]
fn a_lost_connection_is_told_with_its_reason() {
    let mut stage = Stage::members();
    let (anna, eve) = (member(&mut stage, "anna", ""), member(&mut stage, "eve", ""));
    stage.says(&anna, "JOIN #x");
    stage.says(&eve, "JOIN #x");
    stage.node.closed(stage.now, anna.id, "connection reset");
    stage.settle();
    let told = eve.heard();
    assert_eq!(params(only(&told, "QUIT")[0]), ["connection reset"]);
}
