//! IRCv3 account-registration, "draft/account-required": a server that admits accounts only.

use crate::stage::{PASSWORD, PRINT, Stage};
use crate::support::{only, params};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use switchboard::desk::settings::{Guests, Settings};
use switchboard::face::ServerInfo;

fn refusing() -> Stage {
    let settings = Settings { guests: Guests::Refuse, ..Settings::default() };
    let info = ServerInfo { desk: false, accounts_only: true, ..ServerInfo::default() };
    Stage::with(settings, info)
}

/// "FAIL * ACCOUNT_REQUIRED <message>: Sent by the server in response to the end of connection registration
/// … if connection registration cannot proceed unless the user logs into an account with SASL."
#[test]
fn who_does_not_sign_in_is_told_what_to_do_and_sent_away() {
    for end in
        ["NICK eve\r\nUSER e 0 * :Eve", "CAP LS 302\r\nUSER e 0 * :Eve\r\nNICK eve\r\nCAP END"]
    {
        let mut stage = refusing();
        let peer = stage.connect();
        let heard = stage.says(&peer, end);
        let fail = params(only(&heard, "FAIL")[0]);
        assert_eq!(fail[..2], ["*", "ACCOUNT_REQUIRED"]);
        assert!(fail[2].contains("SASL") && fail.len() == 3);
        assert!(heard.last().unwrap().starts_with("ERROR :") && peer.closed());
        assert!(only(&heard, "001").is_empty());
    }
}

/// "If present, it indicates that the connection to the server cannot be completed unless the clients
/// authenticates … Clients MUST NOT request `draft/account-required`, servers MUST reject any `CAP REQ`
/// command including this capability."
#[test]
fn the_capability_is_told_and_cannot_be_had() {
    let mut stage = refusing();
    let peer = stage.connect();
    let offers = |heard: &[String]| heard.join(" ").contains("draft/account-required");
    for version in ["302", ""] {
        let heard = stage.says(&peer, &format!("CAP LS {version}"));
        assert!(offers(&heard), "{heard:#?}");
    }
    let both = "batch draft/account-required";
    let heard = stage.says(&peer, &format!("CAP REQ :{both}\r\nCAP LIST"));
    assert_eq!(params(&heard[0])[1..], ["NAK", both]);
    assert_eq!(params(&heard[1])[1..], ["LIST", "cap-notify"]);
    let mut open = Stage::members();
    let peer = open.connect();
    assert!(!offers(&open.says(&peer, "CAP LS 302")));
    let heard = open.says(&peer, "NICK a\r\nUSER a 0 * :a\r\nCAP END");
    assert!(!heard.join(" ").contains("ACCOUNTREQUIRED"));
}

/// Whoever signs in, in any way there is, is in; and reads the token that says so.
#[test]
fn every_way_of_signing_in_lets_in() {
    let plain = BASE64.encode(format!("\0mia\0{PASSWORD}"));
    for (way, role) in [
        (format!("PASS mia:{PASSWORD}"), "mia"),
        (format!("PASS bob/{PASSWORD}"), "bob"),
        (format!("CAP REQ sasl\r\nAUTHENTICATE PLAIN\r\nAUTHENTICATE {plain}\r\nCAP END"), "mia"),
        ("CAP REQ sasl\r\nAUTHENTICATE EXTERNAL\r\nAUTHENTICATE +\r\nCAP END".to_owned(), "bob"),
    ] {
        let mut stage = refusing();
        let peer = stage.connect_with(Some(PRINT));
        let heard =
            stage.says(&peer, &format!("{way}\r\nNICK x\r\nUSER x 0 * :x\r\nJOIN #x\r\nWHOIS x"));
        assert_eq!(only(&heard, "001").len(), 1, "{way}");
        assert_eq!(params(only(&heard, "330")[0])[2], role, "{way}");
        let entered = only(&heard, "366").iter().any(|line| params(line)[1] == "#x");
        assert!(entered, "an ordinary person with channels: {way}");
        let tokens = only(&heard, "005").iter().map(|l| params(l).join(" ")).collect::<String>();
        assert!(tokens.contains("draft/ACCOUNTREQUIRED"));
    }
}
