//! IRCv3 read-marker.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, signed_in, verb};

const EARLY: &str = "timestamp=2026-11-20T10:00:00.000Z";
const LATER: &str = "timestamp=2026-11-20T11:00:00.000Z";

/// "The command MUST be sent before the RPL_ENDOFNAMES reply for that channel following the JOIN";
/// "If there is no known last message read timestamp, the timestamp parameter is a literal *".
#[test]
fn a_join_tells_the_marker_before_the_names_end() {
    for set in pairwise(&["draft/read-marker", "no-implicit-names", "draft/chathistory"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let heard = stage.says(&anna, "JOIN #x");
        let verbs: Vec<String> = heard.iter().map(|line| verb(line)).collect();
        let marker = verbs.iter().position(|verb| verb == "MARKREAD");
        assert_eq!(marker.is_some(), has(&set, "draft/read-marker"), "{set}: {heard:#?}");
        if let Some(at) = marker {
            assert!(verbs.iter().position(|verb| verb == "366").is_none_or(|end| at < end));
            assert_eq!(params(&heard[at]), ["#x", "*"]);
        }
    }
}

/// "If a client sends a MARKREAD command with a timestamp that is below or equal to the current known
/// timestamp of the server, the server SHOULD reply with ... the newer, previous value".
#[test]
fn a_marker_only_grows_and_is_told_to_who_asks() {
    let mut stage = Stage::members();
    for peer in [
        member(&mut stage, "anna", "draft/read-marker"),
        signed_in(&mut stage, "bob", "draft/read-marker"),
    ] {
        for (ask, wanted) in [
            ("MARKREAD #x".to_owned(), "*"),
            (format!("MARKREAD #x {EARLY}"), EARLY),
            (format!("MARKREAD #x {LATER}"), LATER),
            (format!("MARKREAD #X {EARLY}"), LATER),
            (format!("MARKREAD #x {LATER}"), LATER),
            ("MARKREAD #x".to_owned(), LATER),
            ("MARKREAD carol".to_owned(), "*"),
            // What is not yet cannot have been read.
            (
                "MARKREAD carol timestamp=2038-01-01T00:00:00.000Z".to_owned(),
                "timestamp=2026-11-22T00:00:00.000Z",
            ),
        ] {
            let heard = stage.says(&peer, &ask);
            assert_eq!(heard.len(), 1, "{ask}: {heard:#?}");
            assert_eq!(
                (verb(&heard[0]), params(&heard[0])[1].as_str()),
                ("MARKREAD".into(), wanted)
            );
        }
    }
}

/// "the server SHOULD send a MARKREAD command for that target to all the clients of the user" and
/// "MUST NOT leak read markers sent by a user to other users". They are there after a restart's worth
/// of connections too.
#[test]
fn all_clients_of_the_account_learn_of_it_and_nobody_else() {
    let mut stage = Stage::members();
    let one = signed_in(&mut stage, "bob", "draft/read-marker");
    let two = signed_in(&mut stage, "bob", "draft/read-marker");
    let blind = signed_in(&mut stage, "bob", "");
    let carol = signed_in(&mut stage, "carol", "draft/read-marker");
    for peer in [&one, &two, &blind, &carol] {
        stage.says(peer, "JOIN #x");
    }
    for peer in [&one, &two, &blind, &carol] {
        peer.heard();
    }
    assert_eq!(only(&stage.says(&one, &format!("MARKREAD #x {EARLY}")), "MARKREAD").len(), 1);
    assert_eq!(params(only(&two.heard(), "MARKREAD")[0]), ["#x", EARLY]);
    assert!(blind.heard().is_empty() && carol.heard().is_empty());
    for peer in [&one, &two, &blind] {
        stage.says(peer, "QUIT");
    }
    let again = signed_in(&mut stage, "bob", "draft/read-marker");
    let heard = stage.says(&again, "JOIN #x");
    assert_eq!(params(only(&heard, "MARKREAD")[0]), ["#x", EARLY]);
    let heard = stage.says(&carol, "MARKREAD #x");
    assert_eq!(params(only(&heard, "MARKREAD")[0]), ["#x", "*"]);
}

/// "NEED_MORE_PARAMS"; "INVALID_PARAMS [invalid_parameters]"; a client's moment "MUST NOT be a literal
/// *". Who has not asked for the capability has no such command.
#[test]
fn what_cannot_be_read_fails_with_its_code() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "draft/read-marker");
    for (ask, wanted) in [
        ("MARKREAD", "NEED_MORE_PARAMS"),
        ("MARKREAD #x *", "INVALID_PARAMS #x *"),
        ("MARKREAD #x 2026-11-20T10:00:00.000Z", "INVALID_PARAMS #x 2026-11-20T10:00:00.000Z"),
        ("MARKREAD #x timestamp=soon", "INVALID_PARAMS #x timestamp=soon"),
        ("MARKREAD 7up", "INVALID_PARAMS 7up"),
    ] {
        let heard = stage.says(&anna, ask);
        let mut given = params(&heard[0]);
        given.pop();
        assert_eq!((heard.len(), given.join(" ")), (1, format!("MARKREAD {wanted}")));
    }
    let mark = member(&mut stage, "mark", "");
    assert_eq!(verb(&stage.says(&mark, "MARKREAD #x")[0]), "421");
    // There is an end to how many are kept, and it is said.
    let mut last = Vec::new();
    for n in 0..501 {
        last = stage.says(&anna, &format!("MARKREAD #n{n} {EARLY}"));
    }
    assert_eq!(params(&last[0])[..2], ["MARKREAD", "INTERNAL_ERROR"]);
}

/// A customer's markers are their seat's; a name of somebody else's tells them nothing.
#[test]
fn a_customer_has_markers_of_their_own() {
    let mut stage = Stage::new();
    let (anna, _, channel) = stage.customer("anna", "draft/read-marker");
    assert_eq!(params(&stage.says(&anna, &format!("MARKREAD {channel} {EARLY}"))[0])[1], EARLY);
    for name in ["#support", "#nowhere", "bob", "nobody"] {
        assert_eq!(params(&stage.says(&anna, &format!("MARKREAD {name}"))[0]), [name, "*"]);
    }
}
