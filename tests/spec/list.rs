//! LIST. Modern IRC "LIST message", "ELIST Parameter", "SAFELIST".

use crate::stage::Stage;
use crate::support::{member, only, params, signed_in, verb};
use std::time::Duration;

fn listed(lines: &[String]) -> Vec<String> {
    let mut names: Vec<String> = only(lines, "322").iter().map(|l| params(l)[1].clone()).collect();
    assert_eq!(only(lines, "323").len(), 1, "{lines:#?}");
    names.sort();
    names
}

/// "the server MAY send one RPL_LISTSTART, MUST send back zero or more RPL_LIST, and one RPL_LISTEND".
#[test]
fn a_row_is_name_members_and_topic() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    stage.says(&anna, "JOIN #Tea\r\nTOPIC #tea :Earl Grey\r\nMODE anna +i");
    stage.says(&zed, "JOIN #tea");
    let out = member(&mut stage, "out", "");
    let list = stage.says(&out, "LIST #tea");
    assert_eq!(list.iter().map(|l| verb(l)).collect::<Vec<_>>(), ["321", "322", "323"]);
    assert_eq!(params(&list[1]), ["out", "#Tea", "2", "Earl Grey"]);
}

/// "the information about all visible channels (those not hidden by the secret channel mode rules)".
#[test]
fn secret_and_private_channels_are_for_members() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    stage.says(&anna, "JOIN #a,#b,#c\r\nMODE #b +s\r\nMODE #c +p");
    assert_eq!(listed(&stage.says(&anna, "LIST")), ["#a", "#b", "#c"]);
    assert_eq!(listed(&stage.says(&zed, "LIST")), ["#a"]);
    assert_eq!(listed(&stage.says(&zed, "LIST #b,#c,#a")), ["#a"]);
    let whois = stage.says(&zed, "WHOIS anna");
    assert_eq!(params(only(&whois, "319")[0])[2].trim(), "@#a");
    stage.says(&zed, "JOIN #b");
    assert_eq!(listed(&stage.says(&zed, "LIST")), ["#a", "#b"]);
}

/// ELIST: M mask, N not mask, U members, C time of making, T time of the topic; `C<n` is "less than n
/// minutes ago" (fact 16).
#[test]
fn every_condition_selects_what_it_says() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    stage.says(&anna, "JOIN #old,#older\r\nTOPIC #old :x");
    stage.passes(Duration::from_secs(600));
    stage.says(&anna, "JOIN #new\r\nTOPIC #new :y");
    stage.says(&zed, "JOIN #new");
    for (condition, found) in [
        ("C<5", &["#new"][..]),
        ("C>5", &["#old", "#older"]),
        ("c<5", &["#new"]),
        ("T<5", &["#new"]),
        ("T>5", &["#old"]),
        (">1", &["#new"]),
        ("<2,#o*", &["#old", "#older"]),
        ("#o*", &["#old", "#older"]),
        ("#OLD?*", &["#older"]),
        ("!#o*", &["#new"]),
        ("#old,#new >1", &["#new"]),
        ("C<nonsense,#o*", &["#old", "#older"]),
    ] {
        let all = listed(&stage.says(&zed, &format!("LIST {condition}")));
        assert_eq!(all, found, "{condition}");
    }
}

/// A department's room is staff's: where guests are members, nobody else is shown it.
#[test]
fn a_departments_room_is_listed_for_staff_only() {
    let mut stage = Stage::members();
    let bob = signed_in(&mut stage, "bob", "");
    let zed = member(&mut stage, "zed", "");
    assert_eq!(listed(&stage.says(&bob, "LIST")), ["#support"]);
    assert_eq!(listed(&stage.says(&zed, "LIST")), [""; 0]);
    assert_eq!(verb(&stage.says(&zed, "JOIN #support")[0]), "473");
    assert_eq!(verb(&stage.says(&zed, "MODE #support")[0]), "403");
    let lusers = stage.says(&zed, "LUSERS");
    assert_eq!(only(&lusers, "254").len(), 0, "no channel of theirs is formed: {lusers:#?}");
}
