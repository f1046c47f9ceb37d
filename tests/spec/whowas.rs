//! WHOWAS. Source: Modern IRC "WHOWAS message".

use crate::stage::Stage;
use crate::support::{member, only, pairwise, params, signed_in, verb};

fn verbs(heard: &[String]) -> Vec<String> {
    heard.iter().map(|line| verb(line)).collect()
}

fn names(heard: &[String]) -> Vec<String> {
    only(heard, "314").iter().map(|line| params(line)[5].clone()).collect()
}

/// "The history is searched backward, returning the most recent entry first. If there are multiple
/// entries, up to <count> replies will be returned (or all of them if no <count> parameter is given)."
#[test]
fn the_newest_comes_first_and_as_many_as_were_asked() {
    for set in pairwise(&["account-tag", "labeled-response", "batch"]) {
        let mut stage = Stage::members();
        for turn in ["one", "two", "three", "four"] {
            let eve = member(&mut stage, "eve", "");
            stage.says(&eve, &format!("SETNAME {turn}\r\nQUIT"));
        }
        let anna = member(&mut stage, "anna", &set);
        let all = ["four", "three", "two", "one"];
        for (asked, found) in [
            ("EVE", &all[..]),
            ("eve 1", &all[..1]),
            ("eve 3", &all[..3]),
            ("eve 99", &all[..]),
            ("eve 0", &all[..]),
            ("eve -1", &all[..]),
            ("eve x", &all[..]),
            ("eve 2 irc.test", &all[..2]),
        ] {
            let heard = stage.says(&anna, &format!("WHOWAS {asked}"));
            assert_eq!(names(&heard), found, "{set}: {asked}");
            assert_eq!(verb(heard.last().unwrap()), "369");
        }
    }
}

/// 314 is user, host, `*`, real name; 312 tells when; 369 repeats the nick as it was asked.
#[test]
fn an_entry_has_its_fields() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let bob = signed_in(&mut stage, "bob", "");
    stage.says(&bob, "QUIT");
    let heard = stage.says(&anna, "WHOWAS BOB");
    assert_eq!(verbs(&heard), ["314", "330", "312", "369"]);
    let row = ["anna", "bob", "bob", "staff.switchboard.localhost", "*", "bob"];
    assert_eq!(params(&heard[0]), row);
    assert_eq!(params(&heard[1])[..3], ["anna", "bob", "bob"]);
    assert_eq!(params(&heard[2])[..3], ["anna", "bob", "irc.test"]);
    assert_eq!(params(&heard[3])[..2], ["anna", "BOB"]);
}

/// "a nickname which no longer exists. This may either be due to a nickname change or the user leaving".
#[test]
fn a_change_of_nick_counts_and_a_change_of_case_does_not() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    stage.says(&anna, "NICK ANNA");
    assert_eq!(verbs(&stage.says(&anna, "WHOWAS anna")), ["406", "369"]);
    stage.says(&anna, "NICK other");
    assert_eq!(names(&stage.says(&anna, "WHOWAS anna")).len(), 1);
}

/// "Servers MUST reply with either ERR_WASNOSUCHNICK or a non-empty list of WHOWAS entries, both
/// followed with RPL_ENDOFWHOWAS"; "no wild card matching here"; a missing nick is 431 or 461.
#[test]
fn nobody_is_406_and_no_nick_431() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let eve = member(&mut stage, "eve", "");
    stage.says(&eve, "QUIT");
    for nobody in ["nobody", "anna", "e*"] {
        let heard = stage.says(&anna, &format!("WHOWAS {nobody}"));
        assert_eq!(verbs(&heard), ["406", "369"], "{nobody}");
        assert_eq!(params(&heard[0])[1], nobody);
    }
    assert_eq!(verbs(&stage.says(&anna, "WHOWAS")), ["431"]);
}

/// Promise 2: customers are never among those who were here, and are told of nobody.
#[test]
fn customers_neither_were_nor_ask() {
    let mut stage = Stage::new();
    let (eve, gone, _) = stage.customer("eve", "");
    stage.says(&eve, "QUIT");
    let bob = stage.staff("bob", "");
    let carol = stage.staff("carol", "");
    stage.says(&carol, "QUIT");
    bob.heard();
    assert_eq!(verbs(&stage.says(&bob, &format!("WHOWAS {gone}"))), ["406", "369"]);
    assert_eq!(names(&stage.says(&bob, "WHOWAS carol")).len(), 1);
    let (anna, ..) = stage.customer("anna", "");
    assert_eq!(verbs(&stage.says(&anna, "WHOWAS carol")), ["406", "369"]);
}
