//! IRCv3 WHOX.

use crate::stage::Stage;
use crate::support::{member, only, pairwise, params, signed_in, verb};

/// "Servers MUST send the fields in the order specified above … and MUST NOT add any additional field
/// not requested by the client", whatever order was asked (fact 56).
#[test]
fn fields_stand_in_the_order_of_the_specification() {
    for set in pairwise(&["multi-prefix", "account-tag", "extended-join"]) {
        let mut stage = Stage::members();
        let bob = signed_in(&mut stage, "bob", &set);
        stage.says(&bob, "JOIN #x");
        let heard = stage.says(&bob, "WHO #x %rtcuihsnfdlao,743");
        let rows: Vec<_> = heard.iter().map(|l| verb(l)).collect();
        assert_eq!(rows, ["354", "315"], "{set}");
        let address = params(&heard[0])[4].clone();
        assert!(address.starts_with("192.0.2."), "{set}: {address}");
        assert_eq!(
            params(&heard[0]),
            [
                "bob",
                "743",
                "#x",
                "bob",
                &address,
                "staff.switchboard.localhost",
                "irc.test",
                "bob",
                "H@",
                "0",
                "0",
                "bob",
                "n/a",
                "bob"
            ],
            "{set}"
        );
        // Every field alone, and every pair in its order.
        let all = "tcuihsnfdlaor";
        for (i, first) in all.chars().enumerate() {
            let heard = stage.says(&bob, &format!("WHO bob %{first},1"));
            assert_eq!(params(only(&heard, "354")[0]).len(), 2, "{first}");
            for second in all[i + 1..].chars() {
                let asked = stage.says(&bob, &format!("WHO bob %{second}{first},12"));
                let sorted = stage.says(&bob, &format!("WHO bob %{first}{second},12"));
                assert_eq!(asked, sorted);
                assert_eq!(params(&asked[0]).len(), 3, "{first}{second}");
            }
        }
    }
}

/// "`*` is used for [channel] …, `255.255.255.255` is used for [ip] when the server refuses to
/// disclose the IP address, `0` is used for [account] when the user is logged out".
#[test]
fn what_is_not_told_has_its_placeholder() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    member(&mut stage, "eve", "");
    let heard = stage.says(&anna, "WHO eve %ciat,9");
    assert_eq!(params(&heard[0]), ["anna", "9", "*", "255.255.255.255", "0"]);
    let heard = stage.says(&anna, "WHO anna %ia");
    assert!(params(&heard[0])[1].starts_with("192.0.2."), "one's own is told");
}

/// "The token MUST contain only digit characters and MUST contain at most 3 characters"; "Servers MUST
/// ignore any non-standard field they don't support"; "Servers MUST NOT send RPL_WHOREPLY replies".
#[test]
fn tokens_and_fields_that_are_none_are_ignored() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    for (asked, expected) in [
        ("%tn,7", vec!["anna", "7", "anna"]),
        ("%tn,1234", vec!["anna", "0", "anna"]),
        ("%tn,ab", vec!["anna", "0", "anna"]),
        ("%nXYZ", vec!["anna", "anna"]),
        ("%n,7", vec!["anna", "anna"]),
    ] {
        let heard = stage.says(&anna, &format!("WHO anna {asked}"));
        assert_eq!(params(only(&heard, "354")[0]), expected, "{asked}");
        assert!(only(&heard, "352").is_empty(), "{asked}");
        assert_eq!(params(only(&heard, "315")[0])[1], "anna");
    }
    // One form does not rub off on the next.
    let heard = stage.says(&anna, "WHO anna %n\r\nWHO anna\r\nWHO anna %u");
    let verbs: Vec<_> = heard.iter().map(|l| verb(l)).collect();
    assert_eq!(verbs, ["354", "315", "352", "315", "354", "315"]);
    let heard = stage.says(&anna, "WHO * o%n");
    assert!(only(&heard, "354").is_empty(), "flags before the percent sign count");
}

/// "Servers supporting this specification MUST include the WHOX token in RPL_ISUPPORT without any
/// value."
#[test]
fn it_is_advertised() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let heard = stage.says(&anna, "VERSION");
    assert!(only(&heard, "005").iter().any(|l| params(l).contains(&"WHOX".to_owned())));
}
