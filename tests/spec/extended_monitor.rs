//! IRCv3 extended-monitor.

use crate::stage::{Peer, Stage};
use crate::support::{has, member, only, pairwise, params};

const CAPS: [&str; 5] = ["extended-monitor", "away-notify", "account-notify", "chghost", "setname"];
/// PLAIN for bob.
const SIGN_IN: &str = "AUTHENTICATE PLAIN\r\nAUTHENTICATE AGJvYgBvcGVuLXNlc2FtZQ==";
/// What each notice needs besides.
const NOTICES: [(&str, &str); 4] = [
    ("AWAY", "away-notify"),
    ("ACCOUNT", "account-notify"),
    ("CHGHOST", "chghost"),
    ("SETNAME", "setname"),
];

fn changes(stage: &mut Stage, eve: &Peer) {
    stage.says(eve, SIGN_IN);
    stage.says(eve, "AWAY :out\r\nSETNAME :Eve E");
}

/// "If away-notify is also enabled, the client will get AWAY notifications for monitored nicks", and so
/// for account-notify, chghost and setname; without both nothing, not even a show of quitting.
#[test]
fn a_notice_needs_its_own_capability_and_this_one() {
    for set in pairwise(&CAPS) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let eve = member(&mut stage, "eve", "");
        stage.says(&anna, "MONITOR + eve");
        changes(&mut stage, &eve);
        let heard = anna.heard();
        let mut count = 0;
        for (notice, cap) in NOTICES {
            let told = has(&set, "extended-monitor") && has(&set, cap);
            assert_eq!(only(&heard, notice).len(), usize::from(told), "{set}: {notice}");
            count += usize::from(told);
        }
        assert_eq!(heard.len(), count, "{set}: {heard:?}");
        stage.says(&eve, "AWAY");
        let heard = anna.heard();
        assert!(only(&heard, "AWAY").iter().all(|line| params(line).is_empty()));
        // No longer watched, no longer told.
        stage.says(&anna, "MONITOR - eve");
        stage.says(&eve, "AWAY :again");
        assert_eq!(anna.heard(), [""; 0], "{set}");
    }
}

/// Fact 55: "without duplicates for shared channels".
#[test]
fn who_shares_a_channel_is_told_once() {
    for set in pairwise(&CAPS) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let eve = member(&mut stage, "eve", "");
        stage.says(&anna, "MONITOR + eve\r\nJOIN #x,#y");
        stage.says(&eve, "JOIN #x,#y");
        anna.heard();
        changes(&mut stage, &eve);
        let heard = anna.heard();
        for (notice, cap) in NOTICES {
            let told = usize::from(has(&set, cap));
            assert_eq!(only(&heard, notice).len(), told, "{set}: {notice}");
        }
        // Watching oneself adds nothing.
        stage.says(&anna, "MONITOR + anna");
        let own = stage.says(&anna, "AWAY :out\r\nSETNAME :Anna A");
        assert!(only(&own, "AWAY").is_empty(), "{set}");
        assert_eq!(only(&own, "SETNAME").len(), usize::from(has(&set, "setname")), "{set}");
    }
}
