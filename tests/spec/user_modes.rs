//! User modes. Source: Modern IRC "User mode", RFC 2812 section 3.1.5, IRCv3 bot-mode.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, signed_in, verb};

fn verbs(heard: &[String]) -> Vec<String> {
    heard.iter().map(|line| verb(line)).collect()
}

fn modes(stage: &mut Stage, peer: &crate::stage::Peer, nick: &str) -> String {
    let heard = stage.says(peer, &format!("MODE {nick}"));
    params(only(&heard, "221")[0])[1].clone()
}

/// "If <modestring> is not given, the RPL_UMODEIS numeric is sent back containing the current modes";
/// changes are told with MODE; what is set already is no change.
#[test]
fn modes_are_read_and_changed() {
    for set in pairwise(&["message-tags", "labeled-response", "batch"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        assert_eq!(modes(&mut stage, &anna, "ANNA"), "+Z", "{set}: the connection is encrypted");
        let heard = stage.says(&anna, "MODE anna +iw-s");
        assert_eq!(verbs(&heard), ["MODE"], "{set}");
        assert_eq!(params(&heard[0]), ["anna", "+iw"], "{set}");
        assert_eq!(verbs(&stage.says(&anna, "MODE anna +i")), [""; 0], "{set}");
        assert_eq!(params(&stage.says(&anna, "MODE anna -i+BR-w")[0])[1], "-i+BR-w");
        assert_eq!(modes(&mut stage, &anna, "anna"), "+BRZ", "{set}");
        let heard = stage.says(&anna, "VERSION");
        assert!(only(&heard, "005").iter().any(|l| params(l).contains(&"BOT=B".to_owned())));
    }
}

/// RFC 2812: "If a user attempts to make themselves an operator using the "+o" or "+O" flag, the
/// attempt SHOULD be ignored." `Z` is the connection's, `s` is for operators.
#[test]
fn some_are_not_ones_own_to_set() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    assert_eq!(verbs(&stage.says(&anna, "MODE anna +os")), [""; 0]);
    assert_eq!(verbs(&stage.says(&anna, "MODE anna -Z")), [""; 0]);
    assert_eq!(modes(&mut stage, &anna, "anna"), "+Z");
    let root = signed_in(&mut stage, "root", "");
    assert_eq!(params(&stage.says(&root, "MODE root +s")[0])[1], "+s");
    assert_eq!(modes(&mut stage, &root, "root"), "+Zos");
    let heard = stage.says(&root, "MODE root -o");
    assert!(params(only(&heard, "MODE")[0])[1].starts_with("-o"));
    assert!(!modes(&mut stage, &root, "root").contains('o'));
    assert_eq!(verbs(&stage.says(&root, "MODE root +o")), [""; 0], "nor taken again");
}

/// 501 "Indicates that a MODE command affecting a user contained a MODE letter that was not
/// recognized", once; what is known is done.
#[test]
fn letters_nobody_knows_are_501() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    assert_eq!(verbs(&stage.says(&anna, "MODE anna +xyQ")), ["501"]);
    assert_eq!(verbs(&stage.says(&anna, "MODE anna +ix")), ["MODE", "501"]);
}

/// "If <target> is a nickname that does not exist on the network, the ERR_NOSUCHNICK numeric is
/// returned. If <target> is a different nick than the user who sent the command, the
/// ERR_USERSDONTMATCH numeric is returned."
#[test]
fn another_persons_modes_are_502_and_nobodys_401() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let eve = member(&mut stage, "eve", "");
    for letters in ["", " +i", " -o"] {
        assert_eq!(verbs(&stage.says(&anna, &format!("MODE eve{letters}"))), ["502"]);
        assert_eq!(verbs(&stage.says(&anna, &format!("MODE desk{letters}"))), ["502"]);
        assert_eq!(verbs(&stage.says(&anna, &format!("MODE nobody{letters}"))), ["401"]);
    }
    assert_eq!(modes(&mut stage, &eve, "eve"), "+Z");
    // Right behind a change of nick.
    let heard = stage.says(&anna, "NICK other\r\nMODE other +i");
    assert_eq!(verbs(&heard), ["NICK", "MODE"]);
    // Promise 2: whom a customer may not know is nobody.
    let mut stage = Stage::new();
    let (anna, ..) = stage.customer("anna", "");
    let (_, other, _) = stage.customer("eve", "");
    stage.staff("bob", "");
    for hidden in [other.as_str(), "bob", "nobody"] {
        assert_eq!(verbs(&stage.says(&anna, &format!("MODE {hidden}"))), ["401"], "{hidden}");
    }
}

/// `R`: "only receive private messages from people who are signed in" (advertised by nobody, known to
/// most servers). The refusal says what to do; a NOTICE is refused in silence.
#[test]
fn r_takes_private_words_of_accounts_only() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let eve = member(&mut stage, "eve", "echo-message message-tags");
    let bob = signed_in(&mut stage, "bob", "");
    stage.says(&anna, "MODE anna +R\r\nJOIN #x");
    let heard = stage.says(&eve, "PRIVMSG anna :hello");
    assert_eq!(verbs(&heard), ["531"]);
    assert_eq!(params(&heard[0])[..2], ["eve", "anna"]);
    assert_eq!(verbs(&stage.says(&eve, "NOTICE anna :hello")), [""; 0]);
    assert_eq!(anna.heard(), [""; 0]);
    stage.says(&bob, "PRIVMSG anna :hello");
    assert_eq!(verbs(&anna.heard()), ["PRIVMSG"]);
    stage.says(&eve, "JOIN #x\r\nPRIVMSG #x :hello");
    assert_eq!(verbs(&anna.heard()), ["JOIN", "PRIVMSG"], "channels are no private words");
}

/// bot-mode: "the bot mode letter in WHO flags", "RPL_WHOISBOT" in WHOIS, and a `bot` tag without value
/// for clients with message-tags (fact 64).
#[test]
fn a_bot_is_marked_everywhere() {
    for set in pairwise(&["message-tags", "account-tag", "server-time"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let eve = member(&mut stage, "eve", "");
        stage.says(&eve, "MODE eve +B");
        let heard = stage.says(&anna, "WHO eve\r\nWHO eve %f\r\nWHOIS eve");
        assert_eq!(params(only(&heard, "352")[0])[6], "HB", "{set}");
        assert_eq!(params(only(&heard, "354")[0])[1], "HB", "{set}");
        assert_eq!(params(only(&heard, "335")[0])[..2], ["anna", "eve"], "{set}");
        stage.says(&eve, "PRIVMSG anna :beep");
        let line = anna.heard().remove(0);
        let tags = line.split(' ').next().unwrap().trim_start_matches('@');
        let marked = line.starts_with('@') && tags.split(';').any(|tag| tag == "bot");
        assert_eq!(marked, has(&set, "message-tags"), "{set}: {line}");
        stage.says(&eve, "MODE eve -B\r\nPRIVMSG anna :hello");
        assert!(!anna.heard()[0].contains("bot"), "{set}");
        assert!(only(&stage.says(&anna, "WHOIS eve"), "335").is_empty());
    }
}
