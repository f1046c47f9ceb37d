//! IRCv3 channel-rename (draft).

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, signed_in, verb};

const CAP: &str = "draft/channel-rename";

/// "A channel rename preserves all channel state, such as membership, mode and topic." and "Fallback":
/// PART of the old name with the reason, JOIN of the new one with topic and names.
#[test]
fn those_who_know_the_word_are_told_and_the_others_leave_and_enter() {
    for set in pairwise(&[CAP, "extended-join", "no-implicit-names", "account-tag"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", "");
        let zed = member(&mut stage, "zed", &set);
        stage.says(&anna, "JOIN #old\r\nTOPIC #old :tea\r\nMODE #old +m");
        stage.says(&zed, "JOIN #old");
        let made = stage.says(&anna, "MODE #old +v zed\r\nMODE #old +b mallory\r\nMODE #old");
        let made = params(only(&made, "329")[0])[2].clone();
        stage.passes(std::time::Duration::from_secs(60));
        zed.heard();
        let mine = stage.says(&anna, "RENAME #old #new :typo fix");
        let verbs: Vec<String> = mine.iter().map(|line| verb(line)).collect();
        assert_eq!(verbs, ["PART", "JOIN", "332", "333", "353", "366"], "{mine:#?}");
        let heard = zed.heard();
        if has(&set, CAP) {
            assert_eq!(heard.len(), 1, "{set}: {heard:#?}");
            assert!(heard[0].starts_with(":anna!"), "{heard:#?}");
            assert_eq!(verb(&heard[0]), "RENAME");
            assert_eq!(params(&heard[0]), ["#old", "#new", "typo fix"]);
        } else {
            let verbs: Vec<String> = heard.iter().map(|line| verb(line)).collect();
            let names: &[&str] = if has(&set, "no-implicit-names") { &[] } else { &["353", "366"] };
            assert_eq!(verbs, [&["PART", "JOIN", "332", "333"], names].concat(), "{set}");
            assert!(heard[..2].iter().all(|line| line.starts_with(":zed!")), "{heard:#?}");
            assert_eq!(params(&heard[0]), ["#old", "typo fix"]);
            // A simulated JOIN has the shape that was asked for (fact 50).
            let joined: &[&str] =
                if has(&set, "extended-join") { &["#new", "*", "zed"] } else { &["#new"] };
            assert_eq!(params(&heard[1]), joined, "{set}");
        }
        let names = stage.says(&anna, "NAMES #new");
        assert_eq!(params(only(&names, "353")[0])[3], "@anna +zed");
        let modes = stage.says(&anna, "MODE #new");
        assert_eq!(params(only(&modes, "324")[0])[2], "+mnt");
        assert_eq!(params(only(&modes, "329")[0])[2], made, "as old as it was");
        let bans = stage.says(&anna, "MODE #new b");
        assert_eq!(only(&bans, "367").len(), 1);
        assert_eq!(verb(&stage.says(&anna, "MODE #old")[0]), "403");
        let spoken = stage.says(&zed, "PRIVMSG #new :here\r\nPRIVMSG #old :gone");
        assert_eq!(spoken.len(), 1, "{spoken:#?}");
        assert_eq!(verb(&spoken[0]), "403");
        assert_eq!(stage.says(&zed, "JOIN 0").len(), 1, "one channel only");
    }
}

/// "The server to client command MUST always include the third parameter, an empty string MAY be used".
#[test]
fn without_a_reason_the_third_parameter_is_empty() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", CAP);
    stage.says(&anna, "JOIN #coding");
    let told = stage.says(&anna, "RENAME #coding #programming");
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].ends_with(" RENAME #coding #programming :"), "{told:#?}");
}

/// "Implementations MUST allow channels to be renamed while only changing the casing", and the fallback
/// "SHOULD NOT be used" then.
#[test]
fn the_case_alone_may_change() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", CAP);
    let zed = member(&mut stage, "zed", "");
    stage.says(&anna, "JOIN #tea");
    stage.says(&zed, "JOIN #tea");
    anna.heard();
    let told = stage.says(&anna, "RENAME #tea #Tea :it is a proper noun");
    assert_eq!(params(&told[0])[1], "#Tea");
    assert_eq!(zed.heard(), [""; 0]);
    let names = stage.says(&anna, "NAMES #TEA");
    assert_eq!(names.len(), 2);
}

/// "FAIL RENAME CHANNEL_NAME_IN_USE <old> <new>", "CANNOT_RENAME <old> <new>"; "If existing error
/// numerics … are more appropriate, they SHOULD be used instead."
#[test]
fn what_cannot_be_renamed_keeps_its_name() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "draft/channel-rename");
    let zed = member(&mut stage, "zed", "standard-replies");
    stage.says(&anna, "JOIN #a,#b");
    stage.says(&zed, "JOIN #a");
    anna.heard();
    let taken = stage.says(&anna, "RENAME #a #B");
    assert_eq!(params(&taken[0])[..4], ["RENAME", "CHANNEL_NAME_IN_USE", "#a", "#B"]);
    let bad = stage.says(&anna, "RENAME #a nonsense");
    assert_eq!(params(&bad[0])[..4], ["RENAME", "CANNOT_RENAME", "#a", "nonsense"]);
    for (who, line, code) in [
        (&zed, "RENAME #a #c", "482"),
        (&zed, "RENAME #b #c", "442"),
        (&anna, "RENAME #none #c", "403"),
        (&anna, "RENAME #a", "461"),
    ] {
        assert_eq!(verb(&stage.says(who, line)[0]), code, "{line}");
    }
    assert_eq!(stage.says(&zed, "NAMES #a").len(), 2);
}

/// The desk's own: departments and customers' channels are called what they are called.
#[test]
fn the_channels_of_the_desk_are_not_renamed_nor_made_by_renaming() {
    let mut stage = Stage::new();
    let sue = signed_in(&mut stage, "sue", "standard-replies");
    let (anna, _, lounge) = stage.customer("anna", "standard-replies");
    stage.says(&anna, &format!("PRIVMSG {lounge} :hello"));
    stage.says(&sue, "JOIN #tea");
    for line in [
        "RENAME #support #help".to_owned(),
        format!("RENAME {lounge} #mine"),
        "RENAME #tea #c-anna-2222".to_owned(),
        format!("RENAME #tea {lounge}"),
    ] {
        let told = stage.says(&sue, &line);
        assert_eq!(params(&told[0])[..2], ["RENAME", "CANNOT_RENAME"], "{line}: {told:#?}");
    }
    anna.heard();
    assert_eq!(verb(&stage.says(&anna, &format!("RENAME {lounge} #mine"))[0]), "482");
    assert_eq!(verb(&stage.says(&anna, "RENAME #tea #mine")[0]), "403");
}

/// One person on two clients: each is told in the way it reads, and is in the channel.
#[test]
fn every_client_of_a_person_is_told() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", CAP);
    let desktop = signed_in(&mut stage, "bob", CAP);
    let phone = signed_in(&mut stage, "bob", "");
    stage.says(&anna, "JOIN #old");
    stage.says(&desktop, "JOIN #old");
    for peer in [&desktop, &phone] {
        peer.heard();
    }
    stage.says(&anna, "RENAME #old #new");
    assert_eq!(desktop.heard().iter().map(|l| verb(l)).collect::<Vec<_>>(), ["RENAME"]);
    let told: Vec<String> = phone.heard().iter().map(|l| verb(l)).collect();
    assert_eq!(told, ["PART", "JOIN", "353", "366"]);
    let left = stage.says(&phone, "JOIN 0");
    assert_eq!(only(&left, "PART").len(), 2, "here and in the department: {left:#?}");
    assert_eq!(only(&desktop.heard(), "PART").len(), 2);
}
