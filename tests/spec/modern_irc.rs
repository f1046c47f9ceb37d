//! Modern IRC, statements that no other file here judges: what a plain server says to the letter.

use crate::stage::Stage;
use crate::support::{member, only, operator, params, verb};

fn verbs(heard: &[String]) -> Vec<String> {
    heard.iter().map(|line| verb(line)).collect()
}

/// "Connection Registration": "in this order, the RPL_WELCOME, RPL_YOURHOST, RPL_CREATED, RPL_MYINFO, and at
/// least one RPL_ISUPPORT … LUSERS … If the user has client modes set on them automatically … RPL_UMODEIS
/// … MOTD". Nothing of it comes before both NICK and USER.
#[test]
fn the_welcome_has_its_order_and_tells_the_modes() {
    let mut stage = Stage::members();
    let anna = stage.connect();
    assert!(stage.says(&anna, "NICK anna").is_empty());
    let mut told = verbs(&stage.says(&anna, "USER anna 0 * :Anna"));
    told.dedup();
    let order = ["001", "002", "003", "004", "005", "251", "255", "265", "266", "221", "422"];
    assert_eq!(told, order);
    let zed = stage.connect_plaintext();
    let heard = stage.says(&zed, "USER zed 0 * :Zed\r\nNICK zed");
    assert!(only(&heard, "221").is_empty(), "there is none to tell: {heard:#?}");
    assert_eq!(params(&stage.says(&zed, "MODE zed")[0]), ["zed", "+"]);
}

/// "PRIVMSG message": "it may be prefixed with one or more channel membership prefix character"; its
/// example `@%#bunny` is "functionally identical" to `%#bunny`.
#[test]
fn several_prefixes_are_the_lowest_of_them() {
    let mut stage = Stage::members();
    let names = ["anna", "hal", "vic", "zed"];
    let [anna, hal, vic, zed] = names.map(|nick| member(&mut stage, nick, "echo-message"));
    for peer in [&anna, &hal, &vic, &zed] {
        stage.says(peer, "JOIN #x");
    }
    stage.says(&anna, "MODE #x +hv hal vic");
    for (typed, shown, hears) in [
        ("@%#x", "%#x", [true, false]),
        ("%@#x", "%#x", [true, false]),
        ("@+%#x", "+#x", [true, true]),
    ] {
        for peer in [&hal, &vic, &zed] {
            peer.heard();
        }
        assert_eq!(params(&stage.says(&anna, &format!("PRIVMSG {typed} :psst"))[0])[0], shown);
        for (peer, hears) in [&hal, &vic].into_iter().zip(hears) {
            let heard: Vec<String> = peer.heard().iter().map(|l| params(l)[0].clone()).collect();
            assert_eq!(heard, vec![shown.to_owned(); usize::from(hears)], "{typed}");
        }
        assert!(zed.heard().is_empty(), "{typed}");
    }
    assert_eq!(verbs(&stage.says(&anna, "PRIVMSG @%#none :x")), ["403"]);
    for wrong in ["@", "@%", "&#x", "@%zed"] {
        assert_eq!(verbs(&stage.says(&anna, &format!("PRIVMSG {wrong} :x"))), ["401"], "{wrong}");
    }
}

/// "Channel mode": "If a user does not have appropriate privileges … the server MUST not process the
/// message, and ERR_CHANOPRIVSNEEDED numeric is returned": in the channel or not. A secret one is none.
#[test]
fn an_outsider_has_no_privileges_and_may_ask() {
    let mut stage = Stage::members();
    let [anna, zed] = ["anna", "zed"].map(|nick| member(&mut stage, nick, ""));
    stage.says(&anna, "JOIN #x\r\nMODE #x +b a!*@*");
    for change in ["+m", "-t", "+k key", "+l 5", "+o zed", "+b x!*@*", "-o anna"] {
        let heard = stage.says(&zed, &format!("MODE #x {change}"));
        assert_eq!(verbs(&heard), ["482"], "{change}");
        assert_eq!(params(&heard[0])[..2], ["zed", "#x"]);
    }
    assert!(anna.heard().is_empty());
    assert_eq!(verbs(&stage.says(&zed, "MODE #x\r\nMODE #x b")), ["324", "329", "367", "368"]);
    stage.says(&anna, "MODE #x +s");
    assert_eq!(verbs(&stage.says(&zed, "MODE #x\r\nMODE #x +m\r\nMODE #x b")), ["403"; 3]);
}

/// "WHO message": "Absent or set to "0", in which case all visible users are listed": people, and not
/// what serves them; by its name it is found.
#[test]
fn who_lists_people_only() {
    let mut stage = Stage::members();
    let [anna, _, eve] = ["anna", "zed", "eve"].map(|nick| member(&mut stage, nick, ""));
    stage.says(&eve, "MODE eve +i");
    for mask in ["", "*", "0", "*e*", "?*", "*switchboard*"] {
        let heard = stage.says(&anna, &format!("WHO {mask}"));
        let nicks: Vec<_> = only(&heard, "352").iter().map(|l| params(l)[5].clone()).collect();
        let wanted: &[&str] = if mask == "*e*" { &["zed"] } else { &["anna", "zed"] };
        assert!(nicks.iter().all(|nick| ["anna", "zed"].contains(&&**nick)), "{mask}: {nicks:?}");
        assert!(wanted.iter().all(|nick| nicks.iter().any(|n| n == nick)), "{mask}: {nicks:?}");
    }
    assert_eq!(params(only(&stage.says(&anna, "WHO eve"), "352")[0])[5], "eve", "an exact nick");
    assert_eq!(params(only(&stage.says(&anna, "WHO desk"), "352")[0])[5], "desk");
}

/// ERR_NORECIPIENT "because there was no recipient given", also when the list of them names none.
#[test]
fn a_list_of_nobody_is_no_recipient() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    for (line, code) in [("PRIVMSG , :x", "411"), ("PRIVMSG ,,, :x", "411"), ("PRIVMSG ,", "411")] {
        assert_eq!(verbs(&stage.says(&anna, line)), [code], "{line}");
    }
    assert!(stage.says(&anna, "NOTICE , :x\r\nNOTICE ,\r\nNOTICE nobody,#none :x").is_empty());
}

/// RPL_STATSUPTIME, RPL_LUSERCLIENT: as they are written, for programs that read them. LUSERS of
/// another server is ERR_NOSUCHSERVER (RFC 2812 section 3.4.2).
#[test]
fn sentences_that_programs_read() {
    let mut stage = Stage::members();
    stage.info_mut().created = stage.now;
    let anna = member(&mut stage, "anna", "");
    stage.passes(std::time::Duration::from_secs(2 * 86_400 + 3 * 3600 + 4 * 60 + 5));
    let heard = stage.says(&anna, "PING x\r\nSTATS u");
    assert_eq!(params(only(&heard, "242")[0])[1], "Server Up 2 days 3:04:05");
    let heard = stage.says(&anna, "LUSERS");
    assert_eq!(params(&heard[0])[1], "There are 1 users and 0 invisible on 1 servers");
    assert_eq!(verbs(&stage.says(&anna, "LUSERS * far.example")), ["402"]);
    assert_eq!(stage.says(&anna, "LUSERS * irc.*").len(), 4);
}

/// "User mode": others' are ERR_USERSDONTMATCH, nobody's ERR_NOSUCHNICK, "the server MUST apply the modes
/// that are implemented, and then send the ERR_UMODEUNKNOWNFLAG"; `o` is not for the asking.
#[test]
fn user_modes_are_ones_own() {
    let mut stage = Stage::members();
    let [anna, zed] = ["anna", "zed"].map(|nick| member(&mut stage, nick, ""));
    let op = operator(&mut stage, "op", "");
    for (peer, line, codes) in [
        (&anna, "MODE zed", &["502"][..]),
        (&op, "MODE zed +i", &["502"]),
        (&anna, "MODE nobody", &["401"]),
        (&anna, "MODE anna +ix", &["MODE", "501"]),
        (&anna, "MODE ANNA +i", &[]),
        (&anna, "MODE anna +o", &[]),
        (&anna, "MODE anna +x", &["501"]),
        (&op, "MODE op -o", &["MODE"]),
        (&op, "MODE op +o", &[]),
        (&op, "KILL zed :x", &["481"]),
    ] {
        assert_eq!(verbs(&stage.says(peer, line)), codes, "{line}");
    }
    assert!(zed.heard().is_empty());
}

/// "KICK message": "If no comment is given, the server SHOULD use a default message"; never several
/// channels or people in one; "as many channel parameters as there are user parameters".
#[test]
fn kick_is_told_one_by_one() {
    let mut stage = Stage::members();
    let [anna, zed, eve] = ["anna", "zed", "eve"].map(|nick| member(&mut stage, nick, ""));
    for peer in [&anna, &zed, &eve] {
        stage.says(peer, "JOIN #x,#y");
    }
    for peer in [&anna, &zed, &eve] {
        peer.heard();
    }
    let heard = stage.says(&anna, "KICK #x,#y zed,eve :out");
    let told: Vec<Vec<String>> = heard.iter().map(|line| params(line)).collect();
    assert_eq!(told, [["#x", "zed", "out"], ["#y", "eve", "out"]]);
    let heard = stage.says(&anna, "KICK #y ZED");
    assert_eq!(params(&heard[0])[..2], ["#y", "zed"]);
    assert!(!params(&heard[0])[2].is_empty());
    zed.heard();
    assert_eq!(verbs(&stage.says(&zed, "PART #x\r\nPRIVMSG #y :x")), ["442", "404"]);
}
