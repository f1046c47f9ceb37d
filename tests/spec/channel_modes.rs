//! MODE of channels. Modern IRC "MODE message", "Channel Modes", "Channel Membership Prefixes".

use crate::stage::{Peer, Stage};
use crate::support::{member, only, params, signed_in, verb};
use switchboard::desk::settings::{Guests, Prefixes, Settings};

fn verbs(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| verb(line)).collect()
}

/// anna has made `#x`, zed and eve are in it.
fn three(stage: &mut Stage) -> [Peer; 3] {
    let all = ["anna", "zed", "eve"].map(|nick| member(stage, nick, ""));
    for who in &all {
        stage.says(who, "JOIN #x");
    }
    for who in &all {
        who.heard();
    }
    all
}

fn founders() -> Stage {
    let prefixes = Prefixes::Five;
    Stage::of(Settings { guests: Guests::Member, prefixes, ..Settings::default() })
}

/// "If <modestring> is not given, the RPL_CHANNELMODEIS numeric is returned … RPL_CREATIONTIME"; the key
/// is no outsider's.
#[test]
fn modes_are_told_with_the_time_of_making() {
    let mut stage = Stage::members();
    let [anna, zed, _] = three(&mut stage);
    stage.says(&anna, "MODE #x +klm secret 10");
    let told = stage.says(&anna, "MODE #x");
    assert_eq!(verbs(&told), ["324", "329"]);
    assert_eq!(params(&told[0]), ["anna", "#x", "+mntkl", "secret", "10"]);
    assert!(params(&told[1])[2].parse::<u64>().is_ok());
    stage.says(&zed, "PART #x");
    assert_eq!(params(&stage.says(&zed, "MODE #x")[0])[3..], ["*", "10"]);
    assert_eq!(
        verbs(&stage.says(&zed, "MODE #none\r\nMODE\r\nMODE #x :")),
        ["403", "461", "324", "329"]
    );
}

/// Lists: 367/368, 348/349, 346/347, 728/729, asked for with and without a sign, by members and others.
#[test]
fn every_list_is_told_by_its_own_numerics() {
    let mut stage = Stage::members();
    let [anna, zed, _] = three(&mut stage);
    for (letter, row, end) in
        [("b", "367", "368"), ("e", "348", "349"), ("I", "346", "347"), ("q", "728", "729")]
    {
        stage.says(&anna, &format!("MODE #x +{letter} Mallory"));
        zed.heard();
        for asked in [letter.to_owned(), format!("+{letter}"), format!("-{letter}")] {
            let list = stage.says(&zed, &format!("MODE #x {asked}"));
            assert_eq!(verbs(&list), [row, end], "{asked}");
            let told = params(&list[0]);
            let skip = if letter == "q" { 3 } else { 2 };
            assert_eq!(told[skip], "Mallory!*@*");
            assert!(told[skip + 1].starts_with("anna!"), "{told:?}");
            assert!(told[skip + 2].parse::<u64>().is_ok());
            assert_eq!(told.get(2).map(String::as_str) == Some("q"), letter == "q");
        }
        let gone = stage.says(&anna, &format!("MODE #x -{letter} mallory!*@*"));
        assert_eq!(params(&gone[0])[1..], [format!("-{letter}"), "Mallory!*@*".to_owned()]);
        assert_eq!(verbs(&stage.says(&anna, &format!("MODE #x {letter}"))), [end]);
    }
}

/// What changed is told, and nothing else: one line, signs only where they turn.
#[test]
fn only_what_changed_is_told() {
    let mut stage = Stage::members();
    let [anna, zed, _] = three(&mut stage);
    let told = stage.says(&anna, "MODE #x +t-n+v+o-i ZED zed");
    assert_eq!(params(&told[0]), ["#x", "-n+vo", "zed", "zed"], "{told:#?}");
    assert_eq!(told.len(), 1);
    assert_eq!(zed.heard(), told);
    assert_eq!(stage.says(&anna, "MODE #x +t-i-n+v zed"), [""; 0], "nothing new");
    let keyed = stage.says(&anna, "MODE #x +k one\r\nMODE #x +k one\r\nMODE #x -k");
    assert_eq!(keyed.len(), 2, "{keyed:#?}");
    assert_eq!(params(&keyed[1]), ["#x", "-k", "*"], "B has a parameter always (fact 15)");
    let limited = stage.says(&anna, "MODE #x +l 5\r\nMODE #x -l");
    assert_eq!(params(&limited[1]), ["#x", "-l"], "C only when set (fact 15)");
}

/// 472, 696, 401, 441, 461: what is wrong is said of each, what is right is done.
#[test]
fn each_wrong_change_is_answered_by_itself() {
    let mut stage = Stage::members();
    let [anna, zed, _] = three(&mut stage);
    let told = stage.says(&anna, "MODE #x +yi");
    assert_eq!(verbs(&told), ["MODE", "472"], "{told:#?}");
    assert_eq!(params(only(&told, "472")[0])[1], "y");
    assert_eq!(params(only(&told, "MODE")[0])[1], "+i");
    for (line, code) in [
        ("MODE #x +o nobody", "401"),
        ("MODE #x +o outsider", "441"),
        ("MODE #x +o", "461"),
        ("MODE #x +k", "461"),
        ("MODE #x +l", "461"),
        ("MODE #x +o :", "696"),
        ("MODE #x +l many", "696"),
        ("MODE #x +l 0", "696"),
        ("MODE #x +l -5", "696"),
        ("MODE #x +l 99999999999999999999999", "696"),
        ("MODE #x +b ~x:what", "696"),
        ("MODE #x +b :two words", "696"),
        ("MODE #x +a zed", "472"),
    ] {
        if line.contains("outsider") {
            member(&mut stage, "outsider", "");
        }
        assert_eq!(verbs(&stage.says(&anna, line)), [code], "{line}");
    }
    zed.heard();
    assert_eq!(verbs(&stage.says(&zed, "MODE #x +m")), ["482"]);
    assert_eq!(verbs(&stage.says(&zed, "MODE #x +y")), ["472"]);
    stage.says(&zed, "PART #x");
    assert_eq!(verbs(&stage.says(&zed, "MODE #x +m")), ["482"]);
}

/// "Channel Membership Prefixes": a rank may do what stands below it, to those who do not stand above it.
#[test]
fn ranks_may_do_what_is_below_them() {
    let mut stage = Stage::members();
    let [anna, zed, eve] = three(&mut stage);
    stage.says(&anna, "MODE #x +h zed");
    for who in [&zed, &eve] {
        who.heard();
    }
    for (line, code) in [
        ("MODE #x +v eve", "MODE"),
        ("MODE #x -v eve", "MODE"),
        ("MODE #x +b mallory", "MODE"),
        ("MODE #x +m-m", "MODE"),
        ("MODE #x +i", "MODE"),
        ("TOPIC #x :halves may", "TOPIC"),
        ("INVITE nobody #x", "401"),
        ("MODE #x +h eve", "482"),
        ("MODE #x +o eve", "482"),
        ("MODE #x -o anna", "482"),
        ("MODE #x -v anna", "482"),
        ("MODE #x +s", "482"),
        ("KICK #x anna", "482"),
        ("RENAME #x #y", "482"),
        ("KICK #x eve", "KICK"),
    ] {
        assert_eq!(verbs(&stage.says(&zed, line)), [code], "{line}");
    }
    stage.says(&anna, "MODE #x -i");
    stage.says(&eve, "JOIN #x");
    anna.heard();
    stage.says(&anna, "MODE #x +h eve");
    zed.heard();
    assert_eq!(verbs(&stage.says(&zed, "KICK #x eve")), ["482"], "their equal");
    assert_eq!(verbs(&stage.says(&zed, "MODE #x -h eve")), ["482"]);
    assert_eq!(verbs(&stage.says(&zed, "MODE #x -h zed")), ["MODE"], "one's own may be laid down");
    assert_eq!(verbs(&stage.says(&zed, "MODE #x +h zed")), ["482"]);
}

/// The same with founders and admins, which a config may have: `q` is theirs then, and no list.
#[test]
fn founders_and_admins_stand_above_operators() {
    let mut stage = founders();
    let [anna, zed, eve] = three(&mut stage);
    assert_eq!(params(&stage.says(&anna, "NAMES #x")[0])[3], "~anna zed eve");
    stage.says(&anna, "MODE #x +o zed\r\nMODE #x +a eve");
    for who in [&anna, &zed, &eve] {
        who.heard();
    }
    for (who, line, code) in [
        (&zed, "MODE #x -a eve", "482"),
        (&zed, "MODE #x -o anna", "482"),
        (&zed, "MODE #x +q zed", "482"),
        (&zed, "MODE #x +a zed", "482"),
        (&zed, "KICK #x eve", "482"),
        (&zed, "KICK #x anna", "482"),
        (&eve, "KICK #x anna", "482"),
        (&eve, "MODE #x +a zed", "482"),
        (&eve, "MODE #x -o zed", "MODE"),
        (&anna, "MODE #x +q zed", "MODE"),
        (&zed, "KICK #x eve", "KICK"),
        (&zed, "MODE #x q", "461"),
    ] {
        for peer in [&anna, &zed, &eve] {
            peer.heard();
        }
        assert_eq!(verbs(&stage.says(who, line)), [code], "{line}");
    }
}

/// Modern IRC: moderated, no external messages; C no CTCP but ACTION, M accounts speak; 404 tells which.
#[test]
fn who_may_speak_depends_on_the_modes() {
    let mut stage = Stage::members();
    let [anna, zed, _] = three(&mut stage);
    let out = member(&mut stage, "out", "");
    assert_eq!(verbs(&stage.says(&out, "PRIVMSG #x :hi")), ["404"], "+n is on at first");
    stage.says(&anna, "MODE #x -n");
    assert_eq!(stage.says(&out, "PRIVMSG #x :hi"), [""; 0]);
    stage.says(&anna, "MODE #x +s");
    assert_eq!(stage.says(&out, "PRIVMSG #x :hi"), [""; 0], "who knows the name");
    assert_eq!(only(&anna.heard(), "PRIVMSG").len(), 1);
    for (modes, words, barred) in [
        ("+m", "hi", true),
        ("-m+M", "hi", true),
        ("-M+C", "\u{1}VERSION\u{1}", true),
        ("+C", "\u{1}ACTION waves\u{1}", false),
        ("-C+b zed", "hi", true),
        ("+e zed", "hi", false),
        ("-be zed zed", "hi", true),
    ] {
        if modes.starts_with("-be") {
            stage.says(&anna, "MODE #x -b zed\r\nMODE #x -e zed\r\nMODE #x +q zed");
        } else {
            stage.says(&anna, &format!("MODE #x {modes}"));
        }
        zed.heard();
        let told = stage.says(&zed, &format!("PRIVMSG #x :{words}"));
        assert_eq!(verbs(&told) == ["404"], barred, "{modes}: {told:#?}");
        assert_eq!(stage.says(&zed, &format!("NOTICE #x :{words}")), [""; 0], "{modes}");
    }
    stage.says(&anna, "MODE #x +mMv zed");
    zed.heard();
    assert_eq!(stage.says(&zed, "PRIVMSG #x :voiced"), [""; 0]);
}

/// `+M` and `+R` look for accounts, whatever their rights.
#[test]
fn an_account_opens_what_needs_one() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let bob = signed_in(&mut stage, "bob", "");
    stage.says(&anna, "JOIN #x\r\nMODE #x +RM");
    assert_eq!(only(&stage.says(&bob, "JOIN #x"), "JOIN").len(), 1);
    assert_eq!(stage.says(&bob, "PRIVMSG #x :hello"), [""; 0]);
}
