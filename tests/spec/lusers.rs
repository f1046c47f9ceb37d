//! LUSERS. Source: Modern IRC "LUSERS message", RFC 2812 section 3.4.2.

use crate::stage::Stage;
use crate::support::{member, only, pairwise, params, signed_in, verb};

/// 251 and 255 always; 252, 253 and 254 only when they count something; 265 and 266 with the numbers
/// as parameters.
#[test]
fn people_are_counted_by_kind() {
    for set in pairwise(&["labeled-response", "batch", "multi-prefix"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let heard = stage.says(&anna, "LUSERS");
        let verbs: Vec<_> = heard.iter().map(|l| verb(l)).collect();
        assert_eq!(verbs, ["251", "255", "265", "266"], "{set}");
        assert_eq!(params(&heard[0])[1], "There are 1 users and 0 invisible on 1 servers");
        let eve = member(&mut stage, "eve", "");
        stage.says(&eve, "MODE eve +i\r\nJOIN #x");
        // Two clients of one person.
        signed_in(&mut stage, "root", "");
        signed_in(&mut stage, "root", "");
        stage.connect();
        let heard = stage.says(&anna, "LUSERS * irc.test");
        let verbs: Vec<_> = heard.iter().map(|l| verb(l)).collect();
        assert_eq!(verbs, ["251", "252", "253", "254", "255", "265", "266"], "{set}");
        assert_eq!(params(&heard[0])[1], "There are 2 users and 1 invisible on 1 servers");
        let count = |code| params(only(&heard, code)[0])[1].clone();
        assert_eq!([count("252"), count("253"), count("254")], ["1", "1", "1"], "{set}");
        assert_eq!(count("255"), "I have 3 clients and 0 servers");
        assert_eq!(params(only(&heard, "265")[0])[1..3], ["3", "3"]);
        stage.says(&eve, "QUIT");
        let heard = stage.says(&anna, "LUSERS");
        assert_eq!(params(only(&heard, "266")[0])[1..3], ["2", "3"], "the most there have been");
    }
}

/// The same numbers stand in the welcome.
#[test]
fn the_welcome_counts_the_one_who_came() {
    let mut stage = Stage::members();
    let anna = stage.connect();
    let heard = stage.says(&anna, "NICK anna\r\nUSER anna 0 * :anna");
    assert_eq!(params(only(&heard, "265")[0])[1..3], ["1", "1"]);
    assert!(only(&heard, "253").is_empty());
}

/// Promise 2: for a customer always the same.
#[test]
fn a_customer_counts_one() {
    let mut stage = Stage::new();
    let (anna, ..) = stage.customer("anna", "");
    let before = stage.says(&anna, "LUSERS");
    stage.customer("eve", "");
    stage.staff("root", "");
    stage.connect();
    assert_eq!(stage.says(&anna, "LUSERS"), before);
}
