//! WHO. Source: Modern IRC "WHO message", RFC 2812 section 3.6.1.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, signed_in, verb};

fn nicks(heard: &[String]) -> Vec<String> {
    only(heard, "352").iter().map(|line| params(line)[5].clone()).collect()
}

/// "zero, one or more RPL_WHOREPLY, and end the list with RPL_ENDOFWHO"; 352 is channel, user, host,
/// server, nick, flags, hops and real name; 315 repeats the mask.
#[test]
fn a_row_has_every_field_in_its_place() {
    for set in pairwise(&["multi-prefix", "away-notify", "userhost-in-names"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let eve = member(&mut stage, "eve", &set);
        stage.says(&anna, "JOIN #x\r\nSETNAME :Anna of X");
        stage.says(&eve, "JOIN #x");
        let heard = stage.says(&eve, "WHO anna");
        assert_eq!(heard.iter().map(|l| verb(l)).collect::<Vec<_>>(), ["352", "315"], "{set}");
        let fields = ["eve", "#x", "~anna", &anna.host(), "irc.test", "anna", "H@", "0 Anna of X"];
        assert_eq!(params(&heard[0]), fields, "{set}");
        assert_eq!(params(&heard[1])[..2], ["eve", "anna"], "{set}");
        stage.says(&anna, "MODE #x +v anna\r\nMODE anna +B\r\nAWAY :out");
        let heard = stage.says(&eve, "WHO #x");
        let flags = if has(&set, "multi-prefix") { "G@+B" } else { "G@B" };
        assert_eq!(params(only(&heard, "352")[0])[6], flags, "{set}");
        assert_eq!(nicks(&heard), ["anna", "eve"], "{set}");
        assert_eq!(params(only(&heard, "315")[0])[1], "#x", "{set}");
    }
}

/// "A mask pattern, in which case all visible users whose nickname matches are listed. Servers MAY
/// match other user-specific values"; "An exact nickname, in which case a single user is returned".
#[test]
fn masks_find_people_by_any_of_their_names() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let anni = member(&mut stage, "anni", "");
    stage.says(&anni, "SETNAME :somebody else");
    for (mask, found) in [
        ("ANNA", vec!["anna"]),
        ("ann?", vec!["anna", "anni"]),
        ("*ANN*", vec!["anna", "anni"]),
        ("~anni", vec!["anni"]),
        ("some*else", vec!["anni"]),
        ("*.guest.*", vec!["anna", "anni"]),
        ("*", vec!["anna", "anni"]),
        ("0", vec!["anna", "anni"]),
        ("", vec!["anna", "anni"]),
        ("nobody", vec![]),
        ("#nowhere", vec![]),
    ] {
        let heard = stage.says(&anna, &format!("WHO {mask}"));
        assert_eq!(nicks(&heard), found, "{mask}");
        assert_eq!(only(&heard, "315").len(), 1, "{mask}");
    }
}

/// "Visible users are users who either aren't invisible (user mode +i) or have a common channel with
/// the requesting client."
#[test]
fn the_invisible_are_found_by_name_or_in_a_common_channel() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let eve = member(&mut stage, "eve", "");
    stage.says(&anna, "MODE anna +i\r\nJOIN #x");
    assert_eq!(nicks(&stage.says(&eve, "WHO *nn*")), [""; 0]);
    assert_eq!(nicks(&stage.says(&eve, "WHO #x")), [""; 0]);
    assert_eq!(nicks(&stage.says(&eve, "WHO anna")), ["anna"]);
    assert_eq!(nicks(&stage.says(&anna, "WHO *nn*")), ["anna"]);
    stage.says(&eve, "JOIN #x");
    assert_eq!(nicks(&stage.says(&eve, "WHO *nn*")), ["anna"]);
    assert_eq!(nicks(&stage.says(&eve, "WHO #x")), ["anna", "eve"]);
    stage.says(&eve, "PART #x");
    stage.says(&anna, "MODE anna -i\r\nMODE #x +s");
    assert_eq!(nicks(&stage.says(&eve, "WHO #x")), [""; 0], "a secret channel");
    let heard = stage.says(&eve, "WHO anna");
    assert_eq!(params(only(&heard, "352")[0])[1], "*", "nor is it named");
}

/// RFC 2812: "If the "o" parameter is passed only operators are returned"
#[test]
fn o_keeps_operators_only() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    signed_in(&mut stage, "root", "");
    let heard = stage.says(&anna, "WHO * o");
    assert_eq!(nicks(&heard), ["root"]);
    assert_eq!(params(only(&heard, "352")[0])[6], "H*");
    assert_eq!(nicks(&stage.says(&anna, "WHO anna o")), [""; 0]);
}

/// Promise 2: a customer finds those who speak in their channel, and is told of nobody's absence.
#[test]
fn a_customer_finds_nobody_else() {
    let mut stage = Stage::new();
    let (anna, nick, channel) = stage.customer("anna", "");
    let (_, other, _) = stage.customer("eve", "");
    let bob = stage.staff("bob", "");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    stage.says(&bob, "AWAY :lunch");
    for mask in ["*", &other, "bob", "b*"] {
        let found = nicks(&stage.says(&anna, &format!("WHO {mask}")));
        assert!(found.iter().all(|n| *n == nick || n == "desk"), "{mask}: {found:?}");
    }
    stage.says(&bob, &format!("JOIN {channel}"));
    let heard = stage.says(&anna, "WHO bob");
    assert_eq!(params(only(&heard, "352")[0])[6], "H@");
    let heard = stage.says(&bob, &format!("WHO {other}"));
    assert_eq!(nicks(&heard), [other], "staff find everybody");
}
