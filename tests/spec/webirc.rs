//! IRCv3 WebIRC (fact 61).

use crate::stage::{PRINT, Peer, Stage};
use crate::support::only;
use sha2::{Digest, Sha256};
use switchboard::face::{Connection, Gateway};

fn stage() -> Stage {
    let mut stage = Stage::members();
    let gateway = |net: &str, certificate: Option<&str>| Gateway {
        addresses: vec![net.parse().unwrap()],
        password: Sha256::digest("hunter2").into(),
        certificate: certificate.map(Into::into),
    };
    stage.info_mut().gateways =
        vec![gateway("198.51.100.0/24", None), gateway("203.0.113.9/32", Some(PRINT))];
    stage
}

fn at(stage: &mut Stage, address: &str, tls: bool) -> Peer {
    let address: std::sync::Arc<str> = address.into();
    stage.connect_as(move |connection| Connection { address, tls, trusted: false, ..connection })
}

/// What WHOIS of oneself shows after registering behind these lines: every line heard.
fn registers(stage: &mut Stage, peer: &Peer, before: &str) -> Vec<String> {
    let text = format!("{before}\r\nNICK anna\r\nUSER anna 0 * :anna\r\nWHOIS anna\r\nMODE anna");
    stage.says(peer, &text)
}

/// "This information can be used by the network as if the user was connecting directly."
#[test]
fn the_address_of_the_person_is_theirs_not_the_gateways() {
    for (told, shown) in [
        ("192.0.2.77", "192.0.2.77"),
        // "If the IP address is an IPv6 address beginning with a colon, it MUST be sent with a
        // canonically-acceptable preceding zero."
        ("0::1234", "::1234"),
        ("2001:db8::7", "2001:db8::7"),
    ] {
        let mut stage = stage();
        let peer = at(&mut stage, "198.51.100.3", true);
        let line = format!("WEBIRC hunter2 ExampleGateway host.example {told}");
        let heard = registers(&mut stage, &peer, &line);
        let actually = only(&heard, "338").into_iter().chain(only(&heard, "378"));
        let addresses: Vec<_> = actually.map(|line| line.as_str()).collect();
        assert!(addresses.iter().any(|line| line.contains(shown)), "{told}: {heard:#?}");
        assert!(!heard.iter().any(|line| line.contains("198.51.100.3")), "{heard:#?}");
    }
}

/// "Servers MUST ONLY treat the connection as secure if this flag is sent and the connection from
/// the gateway to the server is also secure with TLS"; "MUST treat the options `secure` and
/// `secure=examplevalue123` in exactly the same way".
#[test]
fn secure_needs_both_ways_to_be() {
    for (tls, options, secure) in [
        (true, "secure", true),
        (true, ":secure=examplevalue local-port=6697 remote-port=21726", true),
        (true, ":local-port=6697 future=a\\sb\\:c secure", true),
        (true, "", false),
        (true, ":insecure secured", false),
        (false, "secure", false),
    ] {
        let mut stage = stage();
        let peer = at(&mut stage, "198.51.100.3", tls);
        let line = format!("WEBIRC hunter2 gw 192.0.2.1 192.0.2.1 {options}");
        let heard = registers(&mut stage, &peer, line.trim_end());
        assert_eq!(only(&heard, "671").len(), usize::from(secure), "{tls} {options}: {heard:#?}");
    }
}

/// "If the WEBIRC command does not originate from a whitelisted IP address or uses an incorrect
/// password, the gateway SHOULD close any connections with an ERROR command"; it "MUST be the first
/// command sent".
#[test]
fn who_may_not_is_told_by_error_and_closed() {
    let good = "WEBIRC hunter2 gw 192.0.2.1 192.0.2.1";
    for (from, lines) in [
        ("198.51.100.3", "WEBIRC hunter3 gw 192.0.2.1 192.0.2.1".to_owned()),
        ("198.51.100.3", "WEBIRC hunter2 gw host.example host.example".to_owned()),
        ("198.51.100.3", format!("CAP LS 302\r\n{good}")),
        ("198.51.100.3", format!("NICK anna\r\n{good}")),
        ("198.51.100.3", format!("{good}\r\n{good}")),
        ("192.0.2.200", good.to_owned()),
        ("203.0.113.9", good.to_owned()),
    ] {
        let mut stage = stage();
        let peer = at(&mut stage, from, true);
        let heard = registers(&mut stage, &peer, &lines);
        assert_eq!(only(&heard, "ERROR").len(), 1, "{from} {lines}: {heard:#?}");
        assert!(only(&heard, "001").is_empty() && peer.closed(), "{from} {lines}");
    }
}

#[test]
fn a_certificate_that_is_asked_for_opens_with_the_password_and_is_not_the_persons() {
    let mut stage = stage();
    let peer = stage.connect_as(|connection| Connection {
        address: "203.0.113.9".into(),
        certificate: Some(PRINT.into()),
        ..connection
    });
    let line = "WEBIRC hunter2 gw 192.0.2.1 192.0.2.1 secure";
    let heard = registers(&mut stage, &peer, line);
    assert_eq!(only(&heard, "001").len(), 1, "{heard:#?}");
    assert!(!heard.iter().any(|line| line.contains(PRINT)), "{heard:#?}");
    // The certificate is an account's as well; it opens that to nobody whom a gateway brings.
    let peer = stage.connect_as(|connection| Connection {
        address: "203.0.113.9".into(),
        certificate: Some(PRINT.into()),
        ..connection
    });
    let external = "CAP REQ sasl\r\nAUTHENTICATE EXTERNAL\r\nAUTHENTICATE +";
    let heard = stage.says(&peer, &format!("{line}\r\n{external}"));
    assert!(only(&heard, "903").is_empty() && only(&heard, "904").len() == 1, "{heard:#?}");
}

/// Limits and blocks are those of the address told.
#[test]
fn a_blocked_address_is_blocked_behind_a_gateway_too() {
    let mut stage = stage();
    let sue = crate::support::signed_in(&mut stage, "sue", "");
    stage.says(&sue, "BLOCK 192.0.2.66 1h :spam");
    let peer = at(&mut stage, "198.51.100.3", true);
    let line = "WEBIRC hunter2 gw 192.0.2.66 192.0.2.66";
    let heard = registers(&mut stage, &peer, line);
    let errors = only(&heard, "ERROR");
    assert!(errors.len() == 1 && errors[0].contains("spam"), "{heard:#?}");
    assert!(peer.closed() && only(&heard, "001").is_empty());
}

#[test]
fn later_it_changes_nothing() {
    let mut stage = stage();
    let peer = at(&mut stage, "198.51.100.3", true);
    registers(&mut stage, &peer, "WEBIRC hunter2 gw 192.0.2.1 192.0.2.1");
    let heard = stage.says(&peer, "WEBIRC hunter2 gw 192.0.2.2 192.0.2.2");
    assert_eq!(only(&heard, "462").len(), 1, "{heard:#?}");
}
