//! IRCv3 account-notify.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, tag};

/// "sent to all other clients sharing a channel": `ACCOUNT name` on sign-in, `ACCOUNT *` on sign-out
/// (fact 50: also to the user itself), and nothing without the capability.
#[test]
fn signing_in_is_told_to_channel_peers_and_oneself() {
    for set in pairwise(&["account-notify", "account-tag", "extended-join"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let eve = member(&mut stage, "eve", &set);
        let zoe = member(&mut stage, "zoe", &set);
        stage.says(&anna, "JOIN #x,#y");
        stage.says(&eve, "JOIN #x,#y");
        anna.heard();
        // PLAIN for bob.
        let own = stage.says(&eve, "AUTHENTICATE PLAIN\r\nAUTHENTICATE AGJvYgBvcGVuLXNlc2FtZQ==");
        assert_eq!(only(&own, "903").len(), 1, "{set}: {own:?}");
        let told = usize::from(has(&set, "account-notify"));
        for heard in [own, anna.heard()] {
            let lines = only(&heard, "ACCOUNT");
            assert_eq!(lines.len(), told, "{set}: {heard:?}");
            assert!(lines.iter().all(|l| params(l) == ["bob"] && l.contains(":eve!")));
            // account-tag, the example: the line that tells of the account does not carry it yet.
            assert!(lines.iter().all(|l| tag(l, "account").is_none()), "{set}: {lines:?}");
        }
        assert!(only(&zoe.heard(), "ACCOUNT").is_empty(), "{set}: who shares no channel");
    }
}

/// The account counts from then on: in WHOX, WHOIS, JOIN and tags.
#[test]
fn the_account_is_what_was_told() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "extended-join account-tag");
    let eve = member(&mut stage, "eve", "");
    stage.says(&anna, "JOIN #x");
    stage.says(&eve, "AUTHENTICATE PLAIN\r\nAUTHENTICATE AGJvYgBvcGVuLXNlc2FtZQ==");
    stage.says(&eve, "JOIN #x\r\nPRIVMSG #x :hello");
    let heard = anna.heard();
    assert_eq!(params(only(&heard, "JOIN")[0]), ["#x", "bob", "eve"]);
    assert!(only(&heard, "PRIVMSG")[0].starts_with("@account=bob"));
    let heard = stage.says(&anna, "WHO eve %a");
    assert_eq!(params(&heard[0])[1], "bob");
}
