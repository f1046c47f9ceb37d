//! IRCv3 monitor.

use crate::stage::Stage;
use crate::support::{member, only, pairwise, params, verb};
use switchboard::base::limits::{LINE_BYTES, MONITOR};

fn verbs(heard: &[String]) -> Vec<String> {
    heard.iter().map(|line| verb(line)).collect()
}

/// "If any of the targets being added are online, the server will generate RPL_MONONLINE …; If any of
/// the targets being added are offline, … RPL_MONOFFLINE"; "Targets already in the list MUST NOT be
/// added again."
#[test]
fn adding_tells_who_is_here() {
    for set in pairwise(&["extended-monitor", "away-notify", "labeled-response"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let eve = member(&mut stage, "Eve", "").host();
        let heard = stage.says(&anna, "MONITOR + eve,Zoe,EVE,bad!nick,desk");
        assert_eq!(verbs(&heard), ["730", "731"], "{set}");
        let online = params(&heard[0])[1].clone();
        assert_eq!(online, format!("Eve!~Eve@{eve},desk!desk@switchboard.localhost"));
        assert_eq!(params(&heard[1])[1], "Zoe", "{set}");
        assert_eq!(verbs(&stage.says(&anna, "MONITOR + zoe,EVE")), [""; 0], "{set}: duplicates");
        let heard = stage.says(&anna, "MONITOR L");
        assert_eq!(verbs(&heard), ["732", "733"]);
        assert_eq!(params(&heard[0])[1], "desk,eve,Zoe", "{set}: as they were typed");
    }
}

/// "L: Outputs the current list … terminated with RPL_ENDOFMONLIST"; "S: Outputs for each target …
/// whether the client is online or offline"; for `-` and `C` "No output will be returned".
#[test]
fn each_subcommand_does_its_own() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    member(&mut stage, "eve", "");
    stage.says(&anna, "MONITOR + eve,zoe,max");
    assert_eq!(verbs(&stage.says(&anna, "MONITOR - MAX,nobody")), [""; 0]);
    let heard = stage.says(&anna, "MONITOR S");
    assert_eq!(verbs(&heard), ["730", "731"]);
    assert!(params(&heard[0])[1].starts_with("eve!"));
    assert_eq!(params(&heard[1])[1], "zoe");
    assert_eq!(verbs(&stage.says(&anna, "MONITOR C")), [""; 0]);
    assert_eq!(verbs(&stage.says(&anna, "MONITOR S\r\nMONITOR L")), ["733"]);
    for few in ["MONITOR", "MONITOR +", "MONITOR -"] {
        assert_eq!(verbs(&stage.says(&anna, few)), ["461"], "{few}");
    }
    assert_eq!(verbs(&stage.says(&anna, "MONITOR ?")), ["NOTICE"], "says what there is");
    stage.says(&anna, "MONITOR c\r\nMONITOR l\r\nMONITOR s");
}

/// "either that a target has just become online" or "has just left the irc network": by connecting,
/// quitting and changing nicks; a change of case is neither.
#[test]
fn coming_and_going_is_told() {
    for set in pairwise(&["extended-monitor", "away-notify", "chghost"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        stage.says(&anna, "MONITOR + eve,zoe");
        let eve = member(&mut stage, "Eve", "");
        let heard = anna.heard();
        assert_eq!(verbs(&heard), ["730"], "{set}");
        assert!(["*", "anna"].contains(&params(&heard[0])[0].as_str()));
        assert!(params(&heard[0])[1].starts_with("Eve"));
        stage.says(&eve, "NICK EVE");
        assert_eq!(verbs(&anna.heard()), [""; 0], "{set}");
        stage.says(&eve, "NICK zoe");
        let heard = anna.heard();
        assert_eq!(verbs(&heard), ["731", "730"], "{set}");
        assert_eq!(params(&heard[0])[1], "EVE");
        assert!(params(&heard[1])[1].starts_with("zoe!"));
        stage.says(&eve, "QUIT");
        let heard = anna.heard();
        assert_eq!(verbs(&heard), ["731"], "{set}");
        assert_eq!(params(&heard[0])[1], "zoe");
        stage.says(&anna, "MONITOR - eve");
        member(&mut stage, "eve", "");
        assert_eq!(verbs(&anna.heard()), [""; 0], "{set}: no longer watched");
    }
}

/// 734: "<limit> … the maximum number of targets a client may have in their list, <targets> … the list
/// of targets, as the client sent them, that cannot be added."
#[test]
fn the_list_has_an_end_and_long_ones_take_several_lines() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let nicks: Vec<String> = (0..MONITOR).map(|n| format!("Somebody-{n:03}")).collect();
    for some in nicks.chunks(30) {
        let heard = stage.says(&anna, &format!("MONITOR + {}", some.join(",")));
        assert!(verbs(&heard).iter().all(|v| v == "731"), "{heard:?}");
    }
    for (asked, code) in [("L", "732"), ("S", "731")] {
        let heard = stage.says(&anna, &format!("MONITOR {asked}"));
        let rows = only(&heard, code);
        assert!(rows.len() > 1 && rows.iter().all(|l| l.len() <= LINE_BYTES - 2), "{asked}");
        let shown: Vec<_> = rows.iter().map(|l| params(l)[1].clone()).collect();
        assert_eq!(shown.join(","), nicks.join(","), "{asked}");
    }
    let heard = stage.says(&anna, "MONITOR + Somebody-001,One,TWO");
    assert_eq!(verbs(&heard), ["734"]);
    assert_eq!(params(&heard[0])[1..3], [MONITOR.to_string(), "One,TWO".to_owned()]);
    let many: Vec<String> = (0..34).map(|n| format!("other-one-{n:03}")).collect();
    let heard = stage.says(&anna, &format!("MONITOR + {}", many.join(",")));
    let rows = only(&heard, "734");
    assert!(rows.iter().all(|l| l.len() <= LINE_BYTES - 2));
    let shown: Vec<_> = rows.iter().map(|l| params(l)[2].clone()).collect();
    assert_eq!(shown.join(","), many.join(","));
    let heard = stage.says(&anna, "VERSION");
    let token = format!("MONITOR={MONITOR}");
    assert!(only(&heard, "005").iter().any(|l| params(l).contains(&token)));
}

/// Promise 2: whom a customer may not know is offline, now and later.
#[test]
fn a_customer_watches_in_vain() {
    let mut stage = Stage::new();
    let (anna, _, channel) = stage.customer("anna", "extended-monitor away-notify");
    let (eve, other, _) = stage.customer("eve", "");
    let heard = stage.says(&anna, &format!("MONITOR + {other},bob,desk"));
    assert_eq!(verbs(&heard), ["730", "731"]);
    assert_eq!(params(&heard[1])[1], format!("{other},bob"));
    let bob = stage.staff("bob", "");
    stage.says(&bob, "AWAY :lunch\r\nSETNAME :Bobby");
    stage.says(&eve, "QUIT");
    assert_eq!(verbs(&anna.heard()), [""; 0]);
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    anna.heard();
    let heard = stage.says(&anna, "MONITOR S");
    assert_eq!(params(&heard[1])[1].matches("bob").count(), 1, "still offline");
}
