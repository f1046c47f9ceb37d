//! Modern IRC "PING message" and "PONG message".

use crate::stage::Stage;
use crate::support::{member, pairwise, params, verb};
use std::time::Duration;

/// PING: the server answers with a PONG that has the same token.
#[test]
fn the_token_comes_back_as_it_was() {
    for set in pairwise(&["message-tags", "server-time"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        for (line, token) in [
            ("PING abc", "abc"),
            ("PING :two words", "two words"),
            ("PING ::x", ":x"),
            ("PING abc irc.test", "abc"),
            ("PING LAG1795305600000", "LAG1795305600000"),
        ] {
            let heard = stage.says(&anna, line);
            assert_eq!(heard.len(), 1, "{heard:?}");
            assert!(heard[0].contains(":irc.test PONG"), "{heard:?}");
            assert_eq!(params(&heard[0]), ["irc.test", token], "{line}");
        }
    }
}

/// ERR_NOORIGIN for a PING without one; a PONG is never answered.
#[test]
fn without_a_token_it_is_409_and_a_pong_is_silent() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    for line in ["PING", "PING :"] {
        let heard = stage.says(&anna, line);
        assert_eq!((verb(&heard[0]).as_str(), heard.len()), ("409", 1), "{line}");
    }
    for line in ["PONG", "PONG x", "PONG x y"] {
        assert_eq!(stage.says(&anna, line), [] as [&str; 0], "{line}");
    }
}

/// It is answered before registration too, and all effects of earlier lines come before it.
#[test]
fn it_is_answered_at_any_time_and_in_order() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    assert_eq!(verb(&stage.says(&peer, "PING early")[0]), "PONG");
    let heard = stage.says(&peer, "NICK anna\r\nUSER anna 0 * :a\r\nJOIN #x\r\nPING end");
    assert_eq!(params(heard.last().unwrap()), ["irc.test", "end"]);
    assert!(heard.iter().any(|line| verb(line) == "366"));
}

/// The server asks as well; who does not answer is closed, with ERROR.
#[test]
fn silence_is_asked_about_and_then_ends() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    stage.passes(Duration::from_secs(121));
    let heard = anna.heard();
    assert_eq!(verb(&heard[0]), "PING");
    stage.says(&anna, &format!("PONG {}", params(&heard[0])[0]));
    stage.passes(Duration::from_secs(61));
    assert!(!anna.closed());
    stage.passes(Duration::from_secs(60));
    assert_eq!(verb(&anna.heard()[0]), "PING");
    stage.passes(Duration::from_secs(61));
    assert_eq!(verb(anna.heard().last().unwrap()), "ERROR");
}
