//! WHOIS. Source: Modern IRC "WHOIS message".

use crate::stage::{PRINT, Stage};
use crate::support::{has, member, only, pairwise, params, signed_in, verb};

fn verbs(heard: &[String]) -> Vec<String> {
    heard.iter().map(|line| verb(line)).collect()
}

/// "The server SHOULD answer this command with numeric messages with information about the nick,
/// ending with RPL_ENDOFWHOIS".
#[test]
fn everything_there_is_to_know_and_then_the_end() {
    for set in pairwise(&["multi-prefix", "away-notify", "account-tag"]) {
        let mut stage = Stage::members();
        let bob = stage.connect_with(Some(PRINT));
        let lines = "PASS bob:open-sesame\r\nNICK bob\r\nUSER bob 0 * :Bob B\r\nJOIN #x,#y";
        stage.says(&bob, lines);
        stage.says(&bob, "MODE #x +v bob\r\nAWAY :lunch\r\nMODE bob +B");
        let eve = member(&mut stage, "eve", &set);
        let heard = stage.says(&eve, "WHOIS BOB");
        let told = ["311", "319", "312", "301", "330", "307", "335", "671", "317", "318"];
        assert_eq!(verbs(&heard), told, "{set}");
        assert!(heard.iter().all(|l| params(l)[0] == "eve"));
        let shown = ["eve", "bob", "bob", "staff.switchboard.localhost", "*", "Bob B"];
        assert_eq!(params(&heard[0]), shown, "{set}");
        let rank = if has(&set, "multi-prefix") { "@+" } else { "@" };
        assert_eq!(params(&heard[1])[2].trim(), format!("{rank}#x @#y"), "{set}");
        assert_eq!(params(&heard[2])[..3], ["eve", "bob", "irc.test"]);
        assert_eq!(params(&heard[3])[..3], ["eve", "bob", "lunch"]);
        assert_eq!(params(&heard[4])[..3], ["eve", "bob", "bob"]);
        let idle = params(only(&heard, "317")[0]);
        assert!(idle[2] == "0" && idle[3].parse::<u64>().is_ok(), "{idle:?}");
        assert_eq!(params(heard.last().unwrap())[1], "BOB", "as it was asked");
    }
}

/// "Servers typically send some of these numerics only to the client itself and to server operators,
/// as they contain privacy-sensitive information".
#[test]
fn what_is_private_is_for_themselves_and_operators() {
    let mut stage = Stage::members();
    let bob = stage.connect_with(Some(PRINT));
    stage.says(&bob, "PASS bob:open-sesame\r\nNICK bob\r\nUSER bob 0 * :Bob");
    let root = signed_in(&mut stage, "root", "");
    for asker in [&bob, &root] {
        let heard = stage.says(asker, "WHOIS bob");
        assert!(params(only(&heard, "276")[0])[2].ends_with(PRINT));
        assert!(params(only(&heard, "338")[0])[2].starts_with("192.0.2."));
        assert!(params(only(&heard, "379")[0])[2].ends_with("+Z"));
    }
    let eve = member(&mut stage, "eve", "");
    let heard = stage.says(&eve, "WHOIS bob");
    for private in ["276", "338", "378", "379"] {
        assert!(only(&heard, private).is_empty(), "{private}");
    }
    let heard = stage.says(&eve, "WHOIS root");
    assert_eq!(only(&heard, "313").len(), 1);
}

/// "If the <target> parameter is specified, it SHOULD be a server name or the nick of a user."
#[test]
fn the_server_asked_is_this_one_or_nobodys() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    member(&mut stage, "eve", "");
    for target in ["irc.test", "IRC.*", "*", "eve", "EVE", "anna"] {
        let heard = stage.says(&anna, &format!("WHOIS {target} eve"));
        assert_eq!(params(only(&heard, "311")[0])[1], "eve", "{target}");
    }
    let heard = stage.says(&anna, "WHOIS irc.far eve");
    assert_eq!(verbs(&heard), ["402"]);
    assert_eq!(params(&heard[0])[1], "irc.far");
    let heard = stage.says(&anna, "WHOIS nobody nobody");
    assert_eq!(verbs(&heard), ["401", "318"]);
}

/// RPL_ENDOFWHOIS: "if the client sent multiple nicks, this MUST be the comma-separated list of nicks,
/// even if some of them were dropped". 401 for nobody, 431 for no nick at all.
#[test]
fn several_nicks_nobody_and_none() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    member(&mut stage, "eve", "");
    let heard = stage.says(&anna, "WHOIS eve,nobody,,anna");
    assert_eq!(params(only(&heard, "318")[0])[1], "eve,nobody,,anna");
    assert_eq!(only(&heard, "318").len(), 1);
    let who: Vec<_> = only(&heard, "311").iter().map(|l| params(l)[1].clone()).collect();
    assert_eq!(who, ["eve", "anna"]);
    assert_eq!(verb(heard.last().unwrap()), "318");
    assert_eq!(params(only(&heard, "401")[0])[1], "nobody");
    for none in ["WHOIS", "WHOIS :", "WHOIS ,"] {
        assert_eq!(verbs(&stage.says(&anna, none)), ["431"], "{none}");
    }
    let heard = stage.says(&anna, "WHOIS a,b,c,d,e");
    assert_eq!(params(only(&heard, "318")[0])[1], "a,b,c,d,e");
    assert_eq!(only(&heard, "401").len(), 4);
    assert_eq!(params(only(&heard, "407")[0])[1], "e", "what was left out is told");
    let heard = stage.says(&anna, "WHOIS anna eve,nobody");
    assert_eq!(params(only(&heard, "318")[0])[1], "eve,nobody");
    assert_eq!(verbs(&stage.says(&anna, "WHOIS nowhere.example eve,anna")), ["402"]);
}

/// A channel that the asker may not know (`+s`) and the channels of the invisible are left out.
#[test]
fn channels_that_one_may_not_know_are_not_told() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let eve = member(&mut stage, "eve", "");
    stage.says(&anna, "JOIN #open,#secret\r\nMODE #secret +s");
    let channels = |heard: &[String]| only(heard, "319").first().map(|l| params(l)[2].clone());
    assert_eq!(channels(&stage.says(&eve, "WHOIS anna")).unwrap(), "@#open");
    stage.says(&anna, "MODE anna +i");
    assert_eq!(channels(&stage.says(&eve, "WHOIS anna")), None);
    stage.says(&eve, "JOIN #open");
    assert_eq!(channels(&stage.says(&eve, "WHOIS anna")).unwrap(), "@#open");
    assert_eq!(channels(&stage.says(&anna, "WHOIS anna")).unwrap(), "@#open @#secret");
}

/// Modern IRC 317: how long somebody has said nothing; what their client asks is not saying.
#[test]
fn idle_is_the_time_since_they_said_something() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let eve = member(&mut stage, "eve", "");
    stage.passes(std::time::Duration::from_secs(50));
    stage.says(&anna, "WHO #x\r\nAWAY :out\r\nPING x\r\nWHOIS eve");
    let idle = |heard: &[String]| params(only(heard, "317")[0])[2].clone();
    assert_eq!(idle(&stage.says(&eve, "WHOIS anna")), "50");
    stage.says(&anna, "PRIVMSG eve :hello");
    assert_eq!(idle(&stage.says(&eve, "WHOIS anna")), "0");
}

/// Promise 2: somebody a customer may not know of is nobody, also as the server to ask.
#[test]
fn a_customer_cannot_tell_people_from_nobody() {
    let mut stage = Stage::new();
    let (anna, ..) = stage.customer("anna", "");
    let (_, other, _) = stage.customer("eve", "");
    stage.staff("bob", "");
    for hidden in [other.as_str(), "bob", "nobody"] {
        assert_eq!(verbs(&stage.says(&anna, &format!("WHOIS {hidden}"))), ["401", "318"]);
        assert_eq!(verbs(&stage.says(&anna, &format!("WHOIS {hidden} desk"))), ["402"]);
    }
}
