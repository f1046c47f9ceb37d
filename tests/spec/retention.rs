//! `[history]` channels and private: how long words of rooms and between two people are kept. What
//! customers and staff said to each other has no such time.

use crate::stage::{Peer, Stage};
use crate::support::{only, params, signed_in};
use std::time::Duration;
use switchboard::desk::Desk;
use switchboard::desk::settings::{HistorySettings, Settings};
use switchboard::store::{Archive, Journal};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn words(stage: &mut Stage, peer: &Peer, target: &str) -> Vec<String> {
    let heard = stage.says(peer, &format!("CHATHISTORY LATEST {target} * 50"));
    only(&heard, "PRIVMSG").iter().map(|line| params(line)[1].clone()).collect()
}

#[test]
fn words_are_erased_after_their_time_and_facts_and_customers_words_stay() {
    let history = HistorySettings { channels: 30 * DAY, private: 10 * DAY, ..Default::default() };
    let settings = Settings { history, ..Settings::default() };
    let mut stage = Stage::of(settings.clone());
    stage.node.recover(stage.now);
    let (anna, _, channel) = stage.customer("anna", "");
    stage.says(&anna, &format!("PRIVMSG {channel} :customer words"));
    let caps = "batch draft/chathistory";
    let (mut bob, mut carol) =
        (signed_in(&mut stage, "bob", caps), signed_in(&mut stage, "carol", ""));
    let said = "JOIN #support\r\nPRIVMSG #support :room words\r\nPRIVMSG carol :private words";
    stage.says(&bob, said);
    let left = |stage: &Stage| -> Vec<String> {
        let events = stage.disk.events();
        let text = |e: &switchboard::desk::language::fact::Event| e.word(0).to_string();
        events.iter().map(text).filter(|text| text.ends_with(" words")).collect()
    };
    let count = stage.disk.events().len();
    assert_eq!(left(&stage), ["customer words", "room words", "private words"]);
    for (days, kept, room, private) in [
        (9, &["customer words", "room words", "private words"][..], 1, 1),
        (2, &["customer words", "room words"][..], 1, 0),
        (20, &["customer words"][..], 0, 0),
    ] {
        for peer in [&bob, &carol] {
            stage.says(peer, "QUIT");
        }
        stage.passes(days * DAY);
        // An idle server looks for it by itself; here the clock stands still between two steps.
        stage.passes(Duration::from_secs(3600));
        bob = signed_in(&mut stage, "bob", caps);
        carol = signed_in(&mut stage, "carol", "");
        stage.says(&bob, "JOIN #support");
        assert_eq!(left(&stage), kept);
        assert_eq!(words(&mut stage, &bob, "#support").len(), room);
        assert_eq!(words(&mut stage, &bob, "carol").len(), private);
    }
    assert!(stage.disk.events().len() >= count, "that something was said is still known");
    assert_eq!(stage.disk.archive().search("customer words", 9).unwrap().len(), 1);
    // A server that starts from such a journal is a server like any other, without those words.
    let mut desk = Desk::new(settings, 2);
    stage.disk.journal().replay(&mut |event| desk.replay(&event)).unwrap();
}

#[test]
fn without_a_time_everything_is_kept() {
    let history =
        HistorySettings { channels: Duration::ZERO, private: Duration::ZERO, ..Default::default() };
    let mut stage = Stage::of(Settings { history, ..Settings::default() });
    stage.node.recover(stage.now);
    let caps = "batch draft/chathistory";
    let bob = signed_in(&mut stage, "bob", caps);
    stage.says(&bob, "JOIN #support\r\nPRIVMSG #support :room words");
    stage.says(&bob, "QUIT");
    stage.passes(3650 * DAY);
    let bob = signed_in(&mut stage, "bob", caps);
    stage.says(&bob, "JOIN #support");
    assert_eq!(words(&mut stage, &bob, "#support"), ["room words"]);
}
