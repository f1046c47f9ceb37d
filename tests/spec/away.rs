//! AWAY. Source: Modern IRC "AWAY message", RFC 2812 section 4.1.

use crate::stage::Stage;
use crate::support::{member, only, pairwise, params, verb};
use switchboard::base::limits::AWAYLEN;

fn verbs(heard: &[String]) -> Vec<String> {
    heard.iter().map(|line| verb(line)).collect()
}

/// "If this command is sent with a parameter (the 'away message') then the user is set to be away. If
/// this command is sent with no parameters, the user is no longer away. The server acknowledges the
/// change in away status by returning the RPL_NOWAWAY and RPL_UNAWAY numerics."
#[test]
fn a_text_sets_and_none_ends_it() {
    for set in pairwise(&["away-notify", "labeled-response", "batch"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        for (said, answer) in
            [("AWAY :lunch", "306"), ("AWAY :more", "306"), ("AWAY", "305"), ("AWAY", "305")]
        {
            assert_eq!(verbs(&stage.says(&anna, said)), [answer], "{set}: {said}");
        }
        stage.says(&anna, "AWAY lunch");
        assert_eq!(verbs(&stage.says(&anna, "AWAY :")), ["305"], "an empty text is none");
    }
}

/// RPL_AWAY "when a PRIVMSG command is directed at the away user (not to a channel they are on)", "in
/// replies to WHOIS messages", and `-` in USERHOST; never to a NOTICE or TAGMSG.
#[test]
fn those_who_speak_to_them_are_told() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let eve = member(&mut stage, "eve", "message-tags");
    stage.says(&anna, "JOIN #x\r\nAWAY :out to lunch");
    stage.says(&eve, "JOIN #x");
    let heard = stage.says(&eve, "PRIVMSG ANNA :hello");
    assert_eq!(params(only(&heard, "301")[0]), ["eve", "anna", "out to lunch"]);
    let silent = "PRIVMSG #x :hello\r\nNOTICE anna :hello\r\n@+typing=active TAGMSG anna";
    assert_eq!(verbs(&stage.says(&eve, silent)), [""; 0]);
    let heard = stage.says(&eve, "WHOIS anna");
    assert_eq!(params(only(&heard, "301")[0])[2], "out to lunch");
    let heard = stage.says(&eve, "USERHOST anna");
    assert!(params(&heard[0])[1].contains("=-"));
    stage.says(&anna, "AWAY");
    assert_eq!(verbs(&stage.says(&eve, "PRIVMSG anna :back?")), [""; 0]);
}

/// AWAYLEN: "the maximum length that a client may specify"; more is cut, between characters.
#[test]
fn a_long_text_is_cut() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let eve = member(&mut stage, "eve", "");
    stage.says(&anna, &format!("AWAY :{}", "é".repeat(AWAYLEN)));
    let heard = stage.says(&eve, "PRIVMSG anna :hello");
    assert_eq!(params(only(&heard, "301")[0])[2], "é".repeat(AWAYLEN / 2));
    let heard = stage.says(&anna, "VERSION");
    let token = format!("AWAYLEN={AWAYLEN}");
    assert!(only(&heard, "005").iter().any(|l| params(l).contains(&token)));
}
