//! STATUSMSG. Modern IRC "STATUSMSG Parameter", "PRIVMSG message".

use crate::stage::{Peer, Stage};
use crate::support::{member, only, pairwise, params, signed_in, verb};
use switchboard::desk::settings::{Guests, Prefixes, Settings};

/// "sent to channel members with that status or higher"; the target is as it was written (fact 17).
#[test]
fn words_to_a_rank_reach_it_and_those_above() {
    let prefixes = Prefixes::Five;
    for set in pairwise(&["echo-message", "message-tags", "server-time"]) {
        let mut stage =
            Stage::of(Settings { guests: Guests::Member, prefixes, ..Settings::default() });
        let anna = member(&mut stage, "anna", &set);
        stage.says(&anna, "JOIN #x");
        let ranks = ["q", "a", "o", "h", "v", ""];
        let peers: Vec<Peer> = ranks
            .iter()
            .map(|rank| {
                let nick = format!("is{rank}");
                let peer = member(&mut stage, &nick, &set);
                stage.says(&peer, "JOIN #x");
                if !rank.is_empty() {
                    stage.says(&anna, &format!("MODE #x +{rank} {nick}"));
                }
                peer
            })
            .collect();
        for (reach, sign) in ["~", "&", "@", "%", "+"].iter().enumerate() {
            anna.heard();
            for peer in &peers {
                peer.heard();
            }
            let echo = stage.says(&anna, &format!("PRIVMSG {sign}#x :psst"));
            assert_eq!(echo.len(), usize::from(set.contains("echo")), "{set}: {echo:#?}");
            for (i, peer) in peers.iter().enumerate() {
                let heard = peer.heard();
                assert_eq!(heard.len(), usize::from(i <= reach), "{set} {sign} {}", ranks[i]);
                assert!(heard.iter().all(|l| params(l)[0] == format!("{sign}#x")), "{heard:#?}");
            }
        }
    }
}

/// What was said to a rank is not shown to those who come later (ergo#959).
#[test]
fn words_to_a_rank_are_not_replayed() {
    let mut stage = Stage::members();
    let bob = signed_in(&mut stage, "bob", "");
    stage.says(
        &bob,
        "JOIN #x\r\nPRIVMSG #x :for all\r\nPRIVMSG @#x :for few\r\nPRIVMSG %#x :for some",
    );
    let zed = member(&mut stage, "zed", "");
    let came = stage.says(&zed, "JOIN #x");
    let words: Vec<String> = only(&came, "PRIVMSG").iter().map(|l| params(l)[1].clone()).collect();
    assert_eq!(words.len(), 1, "{came:#?}");
    assert!(words[0].ends_with("for all"));
}

/// The modes of the channel hold for these words as for all; a prefix that is none is a nick's.
#[test]
fn the_channels_rules_hold_for_words_to_a_rank() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let zed = member(&mut stage, "zed", "");
    stage.says(&anna, "JOIN #x");
    assert_eq!(verb(&stage.says(&zed, "PRIVMSG @#x :hello")[0]), "404");
    assert_eq!(verb(&stage.says(&zed, "PRIVMSG @#none :hello")[0]), "403");
    assert_eq!(verb(&stage.says(&zed, "PRIVMSG ~#x :hello")[0]), "401", "no such rank here");
    assert_eq!(stage.says(&zed, "NOTICE @#x :hello"), [""; 0]);
    assert_eq!(anna.heard(), [""; 0]);
}

/// In a customer's channel every rank is staff: a whisper, which the customer never gets.
#[test]
fn to_a_customers_channel_it_is_a_whisper() {
    let mut stage = Stage::new();
    let bob = signed_in(&mut stage, "bob", "");
    let (customer, _, channel) = stage.customer("anna", "");
    stage.says(&customer, &format!("PRIVMSG {channel} :hello"));
    stage.says(&bob, &format!("JOIN {channel}"));
    customer.heard();
    for sign in ["@", "%", "+"] {
        stage.says(&bob, &format!("PRIVMSG {sign}{channel} :between us"));
    }
    assert_eq!(customer.heard(), [""; 0]);
}

/// Nor does CHATHISTORY show them to those below, whatever way they ask (fact 17, ergo#959); who was meant
/// and who asks again later with that rank reads them or not, but nobody below ever.
#[test]
fn history_shows_words_to_a_rank_to_nobody_below() {
    let caps = "batch message-tags server-time echo-message draft/chathistory draft/event-playback";
    let mut stage = Stage::members();
    let bob = signed_in(&mut stage, "bob", caps);
    let voice = member(&mut stage, "voice", caps);
    let zed = member(&mut stage, "zed", caps);
    stage.says(&bob, "JOIN #x");
    for peer in [&voice, &zed] {
        stage.says(peer, "JOIN #x");
    }
    stage.says(&bob, "MODE #x +v voice");
    bob.heard();
    let said = stage.says(&bob, "PRIVMSG #x :aloud\r\nPRIVMSG @#x :secret\r\nNOTICE +#x :secret");
    let id = |line: &String| crate::support::tag(line, "msgid").unwrap();
    let (open, hidden) = (id(&said[0]), id(&said[1]));
    voice.heard();
    zed.heard();
    let moment = "timestamp=2020-01-01T00:00:00.000Z";
    let later = "timestamp=2038-01-01T00:00:00.000Z";
    for ask in [
        "LATEST #x * 50".to_owned(),
        format!("AROUND #x msgid={hidden} 50"),
        format!("AROUND #x msgid={open} 50"),
        format!("AFTER #x msgid={open} 50"),
        format!("BEFORE #x {later} 50"),
        format!("BETWEEN #x {moment} {later} 50"),
    ] {
        let heard = stage.says(&zed, &format!("CHATHISTORY {ask}")).join("\n");
        assert!(!heard.contains("secret"), "{ask}: {heard}");
    }
    for target in ["@#x", "+#x", "@%23x"] {
        let heard = stage.says(&zed, &format!("CHATHISTORY LATEST {target} * 50")).join("\n");
        assert!(!heard.contains("secret") && !heard.contains("aloud"), "{target}: {heard}");
    }
    let heard = stage.says(&voice, "CHATHISTORY LATEST #x * 50");
    assert!(heard.iter().all(|line| !line.contains("@#x")), "{heard:#?}");
    let heard = stage.says(&zed, &format!("CHATHISTORY TARGETS {moment} {later} 50"));
    assert!(heard.iter().all(|line| !line.contains("@#x") && !line.contains("+#x")), "{heard:#?}");
}
