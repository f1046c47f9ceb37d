//! Channel mode `u`, auditorium: those without rank see those with one, and themselves.

use crate::stage::Stage;
use crate::support::{member, only, params, verb};

/// Coming, going, names, WHO and quitting of the audience are for half-operators and above.
#[test]
fn the_audience_does_not_see_itself() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    stage.says(&anna, "JOIN #x\r\nMODE #x +u");
    assert!(params(&stage.says(&anna, "MODE #x")[0])[2].contains('u'));
    let zed = member(&mut stage, "zed", "away-notify setname");
    let eve = member(&mut stage, "eve", "away-notify setname");
    let came = stage.says(&zed, "JOIN #x");
    assert_eq!(params(only(&came, "353")[0])[3], "@anna zed");
    stage.says(&eve, "JOIN #x");
    assert_eq!(zed.heard(), [""; 0]);
    assert_eq!(only(&anna.heard(), "JOIN").len(), 2, "operators see everybody");
    assert_eq!(only(&stage.says(&zed, "WHO #x"), "352").len(), 2);
    assert_eq!(params(&stage.says(&anna, "NAMES #x")[0])[3], "@anna zed eve");
    stage.says(&eve, "AWAY :gone\r\nSETNAME :Eva\r\nNICK eva\r\nPRIVMSG #x :a question");
    let heard = zed.heard();
    assert_eq!(heard.iter().map(|l| verb(l)).collect::<Vec<_>>(), ["PRIVMSG"], "{heard:#?}");
    let whois = stage.says(&zed, "WHOIS eva");
    assert_eq!(only(&whois, "319").len(), 0, "{whois:#?}");
    stage.says(&eve, "PART #x\r\nJOIN #x");
    stage.says(&anna, "KICK #x eva");
    stage.says(&eve, "JOIN #x\r\nQUIT :bye");
    assert_eq!(zed.heard(), [""; 0]);
    let told = anna.heard();
    assert_eq!(only(&told, "QUIT").len(), 1, "{told:#?}");
}

/// Whoever is given a rank steps forward, and back when they lose it: JOIN before, PART after the MODE.
#[test]
fn a_rank_brings_one_before_the_curtain() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    let eve = member(&mut stage, "eve", "");
    stage.says(&anna, "JOIN #x\r\nMODE #x +u");
    stage.says(&zed, "JOIN #x");
    stage.says(&eve, "JOIN #x");
    anna.heard();
    let given = stage.says(&anna, "MODE #x +v eve");
    assert_eq!(given.len(), 1, "who saw her sees the mode alone");
    let heard = zed.heard();
    assert_eq!(heard.iter().map(|l| verb(l)).collect::<Vec<_>>(), ["JOIN", "MODE"], "{heard:#?}");
    assert!(heard[0].starts_with(":eve!"));
    assert_eq!(eve.heard().len(), 1);
    stage.says(&anna, "MODE #x +h-v eve eve");
    assert_eq!(zed.heard().len(), 1, "she has one still");
    stage.says(&anna, "MODE #x -h eve");
    let heard = zed.heard();
    assert_eq!(heard.iter().map(|l| verb(l)).collect::<Vec<_>>(), ["MODE", "PART"], "{heard:#?}");
    eve.heard();
    stage.says(&eve, "PART #x");
    assert_eq!(zed.heard(), [""; 0], "they know it already");
}
