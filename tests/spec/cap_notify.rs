//! IRCv3 cap-notify, and how sasl-3.2 uses it.

use crate::stage::Stage;
use crate::support::{member, only, params};
use std::sync::Arc;
use switchboard::face::ServerInfo;
use switchboard::face::registering::Registration;

/// Fact 22. "When CAP version `302` is enabled, the client also implicitly indicates support for the
/// `cap-notify` capability", which it cannot give up again; one that asked for it itself can.
#[test]
fn version_302_brings_it_and_keeps_it() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    stage.says(&peer, "CAP LS 302");
    let heard = stage.says(&peer, "CAP REQ -cap-notify\r\nCAP REQ cap-notify\r\nCAP LIST");
    let told: Vec<_> = heard.iter().map(|line| params(line)[1..].join(" ")).collect();
    assert_eq!(told, ["NAK -cap-notify", "ACK cap-notify", "LIST cap-notify"]);
    let old = member(&mut stage, "anna", "cap-notify");
    let heard = stage.says(&old, "CAP REQ -cap-notify\r\nCAP LIST");
    let told: Vec<_> = heard.iter().map(|line| params(line)[1..].join(" ")).collect();
    assert_eq!(told, ["ACK -cap-notify", "LIST "]);
}

/// "The NEW subcommand MUST ONLY be sent to clients that have negotiated CAP version `302` or enabled the
/// `cap-notify` capability"; with values only to the former. Fact 48: "Servers MUST NOT advertise the `sasl`
/// capability if the authentication layer is unavailable", and "MUST `NAK` any `sasl` capability request".
#[test]
fn sasl_goes_and_comes_back_for_those_who_want_to_know() {
    let mut stage = Stage::members();
    let new = stage.connect();
    stage.says(&new, "CAP LS 302\r\nCAP REQ sasl\r\nNICK new\r\nUSER n 0 * :n\r\nCAP END");
    let old = member(&mut stage, "old", "cap-notify sasl");
    let deaf = member(&mut stage, "deaf", "sasl");
    let early = stage.connect();
    stage.says(&early, "CAP LS 302");
    stage.node.set_accounts_work(stage.now, false);
    stage.settle();
    assert_eq!(new.heard(), [":irc.test CAP new DEL :sasl"]);
    assert_eq!(old.heard(), [":irc.test CAP old DEL :sasl"]);
    assert_eq!(early.heard(), [":irc.test CAP * DEL :sasl"]);
    assert!(deaf.heard().is_empty());
    for peer in [&new, &deaf, &early] {
        let heard =
            stage.says(peer, "CAP LS 302\r\nCAP LIST\r\nCAP REQ sasl\r\nAUTHENTICATE PLAIN");
        assert!(
            heard.iter().filter(|l| !l.contains(" NAK ")).all(|l| !l.contains("sasl")),
            "{heard:#?}"
        );
        assert_eq!(params(only(&heard, "CAP").last().unwrap())[1..], ["NAK", "sasl"]);
        assert_eq!(only(&heard, "904").len(), 1);
    }
    let late = stage.connect();
    assert!(!stage.says(&late, "CAP LS 302").join("").contains("sasl"));
    let sick = stage.connect();
    stage.says(&sick, "AUTHENTICATE PLAIN");
    stage.node.set_accounts_work(stage.now, true);
    stage.settle();
    assert_eq!(new.heard(), [":irc.test CAP new NEW :sasl=PLAIN,EXTERNAL,SCRAM-SHA-256"]);
    assert_eq!(old.heard(), [":irc.test CAP old NEW :sasl"]);
    assert_eq!(late.heard(), [":irc.test CAP * NEW :sasl=PLAIN,EXTERNAL,SCRAM-SHA-256"]);
    let heard = stage.says(&new, "CAP LIST\r\nCAP REQ sasl\r\nAUTHENTICATE PLAIN");
    assert_eq!(params(&heard[0])[2], "cap-notify", "it has to be asked for again");
    assert_eq!(heard[2], "AUTHENTICATE +");
}

/// An exchange that was open when the accounts went is over; nobody is signed in by its rest.
#[test]
fn an_open_exchange_does_not_outlive_the_accounts() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    stage.says(&peer, "CAP REQ sasl\r\nNICK anna\r\nUSER a 0 * :a\r\nAUTHENTICATE PLAIN");
    stage.node.set_accounts_work(stage.now, false);
    stage.node.set_accounts_work(stage.now, true);
    let heard = stage.says(&peer, "AUTHENTICATE AGJvYgBvcGVuLXNlc2FtZQ==\r\nCAP END\r\nWHOIS anna");
    assert!(only(&heard, "900").is_empty() && only(&heard, "330").is_empty(), "{heard:#?}");
    assert_eq!(only(&heard, "001").len(), 1);
}

/// "Servers MUST send CAP NEW … when a capability becomes available, CAP DEL when it is not": REHASH
/// with another rule of registration, for those who are here and those who have not arrived.
#[test]
fn what_a_rehash_changes_is_told_to_those_who_want_to_know() {
    let mut stage = Stage::members();
    let new = stage.connect();
    stage.says(&new, "CAP LS 302\r\nNICK new\r\nUSER n 0 * :n\r\nCAP END");
    let old = member(&mut stage, "old", "cap-notify");
    let deaf = member(&mut stage, "deaf", "");
    let open = stage.info_mut().clone();
    let registration = Registration {
        invitation: false,
        email_required: false,
        before_connect: true,
        password_characters: 8,
    };
    let open = Arc::new(ServerInfo { registration: Some(registration), ..open });
    let closed = Arc::new(ServerInfo { registration: None, ..(*open).clone() });
    stage.node.set_info(stage.now, &closed);
    stage.settle();
    for peer in [&new, &old, &deaf] {
        assert_eq!(peer.heard(), [""; 0], "nothing has changed");
    }
    stage.node.set_info(stage.now, &open);
    stage.settle();
    assert_eq!(
        new.heard(),
        [":irc.test CAP new NEW :draft/account-registration=before-connect,custom-account-name"]
    );
    assert_eq!(old.heard(), [":irc.test CAP old NEW :draft/account-registration"]);
    assert_eq!(deaf.heard(), [""; 0]);
    stage.says(&old, "CAP REQ draft/account-registration");
    stage.node.set_info(stage.now, &closed);
    stage.settle();
    assert_eq!(new.heard(), [":irc.test CAP new DEL :draft/account-registration"]);
    assert_eq!(old.heard(), [":irc.test CAP old DEL :draft/account-registration"]);
    let heard = stage.says(&old, "CAP LIST\r\nREGISTER * * long-enough");
    assert_eq!(params(&heard[0])[1..], ["LIST", "cap-notify"], "{heard:?}");
    assert!(heard[1].contains("REGISTER"), "{heard:?}");
}
