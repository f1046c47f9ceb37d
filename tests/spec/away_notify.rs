//! IRCv3 away-notify.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params};

/// An AWAY message goes to clients who share a channel, on each change, with the text or without; fact
/// 51: not to the one who is away, who has 305 and 306.
#[test]
fn a_change_is_told_to_channel_peers_once() {
    for set in pairwise(&["away-notify", "account-tag", "message-tags"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let eve = member(&mut stage, "eve", &set);
        let zoe = member(&mut stage, "zoe", &set);
        for person in [&anna, &eve] {
            stage.says(person, "JOIN #x,#y");
        }
        stage.says(&zoe, "JOIN #z");
        anna.heard();
        let told = usize::from(has(&set, "away-notify"));
        let own = stage.says(&eve, "AWAY :out to lunch");
        assert!(only(&own, "AWAY").is_empty(), "{set}");
        let heard = anna.heard();
        assert_eq!(only(&heard, "AWAY").len(), told, "{set}: {heard:?}");
        if let [line] = only(&heard, "AWAY")[..] {
            assert!(line.contains(":eve!~eve@"), "{line}");
            assert_eq!(params(line), ["out to lunch"]);
        }
        // The same again is no change.
        stage.says(&eve, "AWAY :out to lunch");
        assert!(only(&anna.heard(), "AWAY").is_empty());
        stage.says(&eve, "AWAY");
        let heard = anna.heard();
        assert_eq!(only(&heard, "AWAY").len(), told);
        assert!(only(&heard, "AWAY").iter().all(|line| params(line).is_empty()));
        assert!(only(&zoe.heard(), "AWAY").is_empty(), "who shares no channel");
    }
}

/// Fact 51: "when an already-away user joins, never for joining users without a message, and not to
/// oneself".
#[test]
fn who_joins_away_is_told_of_behind_the_join() {
    for set in pairwise(&["away-notify", "extended-join", "no-implicit-names"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let eve = member(&mut stage, "eve", &set);
        stage.says(&anna, "JOIN #x");
        stage.says(&eve, "JOIN #x");
        assert!(only(&anna.heard(), "AWAY").is_empty(), "{set}: present");
        stage.says(&eve, "PART #x\r\nAWAY :lunch");
        anna.heard();
        let own = stage.says(&eve, "JOIN #x");
        assert_eq!(only(&own, "JOIN").len(), 1, "{set}: {own:?}");
        assert!(only(&own, "AWAY").is_empty(), "{set}: {own:?}");
        let heard = anna.heard();
        let verbs: Vec<_> = heard.iter().map(|l| crate::support::verb(l)).collect();
        let told: &[&str] = if has(&set, "away-notify") { &["JOIN", "AWAY"] } else { &["JOIN"] };
        assert_eq!(verbs, told, "{set}");
    }
}

/// At a desk: staff are told of one another, a customer is not told that who helps them is away.
#[test]
fn a_customer_is_not_told() {
    let mut stage = Stage::new();
    let (anna, _, channel) = stage.customer("anna", "away-notify");
    let bob = stage.staff("bob", "away-notify");
    let carol = stage.staff("carol", "away-notify");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    stage.says(&bob, &format!("AWAY :out\r\nJOIN {channel}"));
    stage.says(&carol, &format!("JOIN {channel}"));
    bob.heard();
    carol.heard();
    stage.says(&bob, "AWAY :lunch");
    assert!(only(&anna.heard(), "AWAY").is_empty());
    assert_eq!(only(&carol.heard(), "AWAY").len(), 1);
    let own = stage.says(&bob, &format!("PART {channel}\r\nJOIN {channel}"));
    assert!(only(&own, "AWAY").is_empty(), "{own:?}");
    assert_eq!(only(&carol.heard(), "AWAY").len(), 1);
    assert!(only(&anna.heard(), "AWAY").is_empty());
}
