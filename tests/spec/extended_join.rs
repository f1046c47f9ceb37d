//! IRCv3 extended-join.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, signed_in};

/// ":nick!user@host JOIN #channelname accountname :Real Name … If the client is not identified to any
/// account, the account name is `*`" (fact 50); without it, the channel alone.
#[test]
fn join_carries_account_and_real_name_for_those_who_asked() {
    for set in pairwise(&["extended-join", "account-tag", "away-notify", "no-implicit-names"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let zed = member(&mut stage, "zed", "");
        let bob = signed_in(&mut stage, "bob", "");
        let own = stage.says(&anna, "JOIN #x");
        stage.says(&zed, "AWAY :lunch\r\nJOIN #x");
        stage.says(&bob, "JOIN #x");
        let seen = anna.heard();
        let joins = [only(&own, "JOIN"), only(&seen, "JOIN")].concat();
        let shapes: Vec<Vec<String>> = joins.iter().map(|line| params(line)).collect();
        if has(&set, "extended-join") {
            assert_eq!(
                shapes,
                [["#x", "*", "anna"], ["#x", "*", "zed"], ["#x", "bob", "bob"]],
                "{set}"
            );
            assert!(joins[1].ends_with(" :zed"), "the name is the last: {joins:#?}");
        } else {
            assert!(shapes.iter().all(|shape| *shape == ["#x"]), "{set}: {shapes:#?}");
        }
        let away = usize::from(has(&set, "away-notify"));
        assert_eq!(only(&seen, "AWAY").len(), away, "{set}: fact 51");
    }
}

/// A name of several words, and the account after signing in with another nick.
#[test]
fn the_real_name_may_have_spaces() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "extended-join setname");
    stage.says(&anna, "SETNAME :Anna von Anderswo");
    let joined = stage.says(&anna, "JOIN #x");
    assert_eq!(params(&joined[0]), ["#x", "*", "Anna von Anderswo"]);
}
