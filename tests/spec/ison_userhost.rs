//! ISON and USERHOST. Source: RFC 2812 sections 4.8 and 4.9, Modern IRC "USERHOST message".

use crate::stage::Stage;
use crate::support::{member, only, pairwise, params, signed_in, verb};
use switchboard::base::limits::{LINE_BYTES, USERHOST};

/// "The command only takes one (1) type of parameter: a space-separated list of nicks. For each
/// nickname in the list that is present, the server adds that to its reply string."
#[test]
fn ison_names_those_who_are_here_in_the_order_asked() {
    for set in pairwise(&["labeled-response", "batch", "server-time"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        member(&mut stage, "Eve", "");
        for asked in ["nobody EVE anna x", ":nobody EVE anna x", "nobody :EVE anna", "desk"] {
            let heard = stage.says(&anna, &format!("ISON {asked}"));
            let expected = if asked == "desk" { "desk" } else { "Eve anna" };
            assert_eq!(params(only(&heard, "303")[0])[1].trim(), expected, "{set}: {asked}");
            assert_eq!(heard.len(), 1);
        }
        let heard = stage.says(&anna, "ISON nobody");
        assert_eq!(params(&heard[0]), ["anna", ""], "{set}");
        assert_eq!(verb(&stage.says(&anna, "ISON")[0]), "461");
    }
}

/// One line holds as many as it can: some clients take those on a second for absent.
#[test]
fn a_long_ison_is_answered_in_as_few_lines_as_it_takes() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let nicks: Vec<String> = (0..40).map(|n| format!("somebody{n:02}")).collect();
    for nick in &nicks {
        member(&mut stage, nick, "");
    }
    let heard = stage.says(&anna, &format!("ISON {}", nicks.join(" ")));
    assert_eq!(heard.len(), 1, "{heard:#?}");
    assert!(heard[0].len() <= LINE_BYTES - 2);
    let shown: Vec<&str> = heard[0].split(' ').skip(3).collect();
    assert_eq!(shown.join(" ").trim_start_matches(':'), nicks.join(" "));
}

/// "takes up to five nicknames, each a separate parameter": `nick[*]=±user@host`, `*` for an operator,
/// `-` for who is away.
#[test]
fn userhost_tells_of_five() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    signed_in(&mut stage, "root", "");
    stage.says(&anna, "AWAY :out");
    let heard = stage.says(&anna, "USERHOST ANNA nobody root");
    let own = anna.host();
    let rows = format!("anna=-~anna@{own} root*=+root@staff.switchboard.localhost");
    assert_eq!(params(&heard[0]), ["anna", &rows]);
    let heard = stage.says(&anna, "USERHOST x");
    assert_eq!(params(&heard[0]), ["anna", ""]);
    assert_eq!(verb(&stage.says(&anna, "USERHOST")[0]), "461");
    let names = ["a1", "a2", "a3", "a4", "a5", "a6"];
    for name in names {
        member(&mut stage, name, "");
    }
    let heard = stage.says(&anna, &format!("USERHOST {}", names.join(" ")));
    let shown: usize = only(&heard, "302").iter().map(|l| l.matches('=').count()).sum();
    assert_eq!(shown, USERHOST);
}

/// Promise 2.
#[test]
fn a_customer_finds_nobody_else() {
    let mut stage = Stage::new();
    let (anna, nick, channel) = stage.customer("anna", "");
    let (_, other, _) = stage.customer("eve", "");
    let bob = stage.staff("bob", "");
    let heard = stage.says(&anna, &format!("ISON {nick} {other} bob desk"));
    assert_eq!(params(&heard[0])[1], format!("{nick} desk"));
    let heard = stage.says(&anna, &format!("USERHOST {other} bob"));
    assert_eq!(params(&heard[0])[1], "");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    stage.says(&bob, &format!("JOIN {channel}"));
    stage.says(&bob, "AWAY :lunch");
    anna.heard();
    let heard = stage.says(&anna, "USERHOST bob");
    assert_eq!(params(&heard[0])[1], "bob=+bob@staff.switchboard.localhost");
}
