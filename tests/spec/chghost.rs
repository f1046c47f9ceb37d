//! IRCv3 chghost: a sign-in after registration changes user name and host.

use crate::stage::{Peer, Stage};
use crate::support::{has, member, only, pairwise, params, verb};

/// PLAIN for bob.
const SIGN_IN: &str = "AUTHENTICATE PLAIN\r\nAUTHENTICATE AGJvYgBvcGVuLXNlc2FtZQ==";
const STAFF: &str = "staff.switchboard.localhost";

fn two(stage: &mut Stage, set: &str) -> (Peer, Peer) {
    let (anna, eve) = (member(stage, "anna", set), member(stage, "eve", set));
    stage.says(&eve, "JOIN #x,#y");
    stage.says(&anna, "JOIN #x,#y,#z");
    stage.says(&eve, "MODE #y +v anna\r\nMODE #x +o anna");
    anna.heard();
    eve.heard();
    (anna, eve)
}

/// "When a client username or host is changed, servers MUST send the CHGHOST message to other clients
/// who share channels with the target client and who have enabled the chghost capability. Servers
/// SHOULD also send the CHGHOST message to the client whose own username or host changed". The `~`
/// "MUST be considered part of the username".
#[test]
fn clients_that_know_it_are_told_once() {
    for set in pairwise(&["chghost", "account-notify", "away-notify", "extended-join"]) {
        let mut stage = Stage::members();
        let (anna, eve) = two(&mut stage, &set);
        let own = stage.says(&eve, SIGN_IN);
        let heard = anna.heard();
        if has(&set, "chghost") {
            for heard in [&own, &heard] {
                let lines = only(heard, "CHGHOST");
                assert_eq!(lines.len(), 1, "{set}: {heard:?}");
                assert!(lines[0].contains(&format!(":eve!~eve@{} ", eve.host())), "{set}");
                assert_eq!(params(lines[0]), ["bob", STAFF], "{set}");
            }
            assert!(only(&heard, "QUIT").is_empty() && only(&heard, "JOIN").is_empty(), "{set}");
        } else {
            assert!(only(&heard, "CHGHOST").is_empty() && only(&own, "CHGHOST").is_empty());
            // Of oneself nobody is told that they quit.
            assert!(only(&own, "QUIT").is_empty(), "{set}");
            assert_eq!(params(only(&own, "396")[0])[1], format!("bob@{STAFF}"), "{set}");
        }
    }
}

/// "When the capability is not enabled for other clients … servers SHOULD send fallback messages to
/// simulate the client reconnecting … appropriate QUIT, JOIN and MODE commands" (fact 52), in the
/// shape of that client's JOIN (fact 50).
#[test]
fn to_others_they_quit_and_come_back() {
    for set in pairwise(&["away-notify", "extended-join", "userhost-in-names"]) {
        let mut stage = Stage::members();
        let (anna, eve) = two(&mut stage, &set);
        stage.says(&anna, "AWAY :lunch");
        eve.heard();
        stage.says(&anna, SIGN_IN);
        let heard = eve.heard();
        let quit = only(&heard, "QUIT");
        assert_eq!(quit.len(), 1, "{set}: {heard:?}");
        assert!(quit[0].contains(&format!(":anna!~anna@{} QUIT", anna.host())), "{set}");
        let joins = only(&heard, "JOIN");
        let channels: Vec<_> = joins.iter().map(|l| params(l)[0].clone()).collect();
        assert_eq!(channels, ["#x", "#y"], "{set}: only those that are shared");
        assert!(joins.iter().all(|l| l.contains(&format!(":anna!bob@{STAFF} JOIN"))), "{set}");
        let long = if has(&set, "extended-join") { 3 } else { 1 };
        assert!(joins.iter().all(|l| params(l).len() == long), "{set}");
        let modes: Vec<_> = only(&heard, "MODE").iter().map(|l| params(l).join(" ")).collect();
        assert_eq!(modes, ["#x +o anna", "#y +v anna"], "{set}");
        let away = only(&heard, "AWAY").len();
        assert_eq!(away > 0, has(&set, "away-notify"), "{set}");
    }
}

/// Everybody sees the new mask from then on, in every answer and every line.
#[test]
fn the_new_mask_is_what_everybody_sees() {
    let mut stage = Stage::members();
    let (anna, eve) = two(&mut stage, "chghost");
    stage.says(&eve, SIGN_IN);
    anna.heard();
    let heard = stage.says(&anna, "WHO eve %uh");
    assert_eq!(params(&heard[0])[1..], ["bob", STAFF]);
    stage.says(&eve, "PRIVMSG anna :hello");
    assert!(anna.heard()[0].starts_with(&format!(":eve!bob@{STAFF} PRIVMSG")));
    let heard = stage.says(&anna, "NAMES #z\r\nWHOIS eve");
    assert_eq!(params(only(&heard, "311")[0])[2..4], ["bob", STAFF]);
}

/// Signing in before registration changes nothing that anybody has seen.
#[test]
fn a_sign_in_before_registration_is_no_change() {
    let mut stage = Stage::members();
    let (anna, _) = two(&mut stage, "chghost");
    let bob = stage.connect();
    let lines =
        format!("CAP REQ :sasl chghost\r\n{SIGN_IN}\r\nNICK bob\r\nUSER b 0 * :b\r\nCAP END");
    let heard = stage.says(&bob, &lines);
    assert!(heard.iter().all(|l| !["CHGHOST", "396"].contains(&verb(l).as_str())), "{heard:?}");
    assert_eq!(anna.heard(), [""; 0]);
}
