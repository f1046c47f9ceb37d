//! IRCv3 strict transport security (fact 59).

use crate::stage::{Peer, Stage};
use crate::support::only;
use std::time::Duration;
use switchboard::face::Sts;

fn told(stage: &mut Stage, peer: &Peer, version: &str) -> Vec<String> {
    let heard = stage.says(peer, &format!("CAP LS{version}"));
    let words = heard.iter().flat_map(|line| line.split([' ', ':']).map(str::to_owned));
    words.filter(|word| word.starts_with("sts") || word.contains("/sts")).collect()
}

fn stage(duration: u64, preload: bool) -> Stage {
    let mut stage = Stage::members();
    let duration = Duration::from_secs(duration);
    stage.info_mut().sts = Some(Sts { port: 6697, duration, preload });
    stage
}

/// "This capability MUST be made available as an optional configuration setting."
#[test]
fn without_the_setting_nothing_is_told() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    assert!(told(&mut stage, &peer, " 302").is_empty());
}

/// "Servers MUST send the port key to non-securely connected clients"; "MUST send the duration key
/// to securely connected clients"; "the capability has a REQUIRED value", so version 302 it is.
#[test]
fn the_port_is_told_in_plaintext_and_the_duration_over_tls() {
    let mut stage = stage(2_592_000, true);
    let secure = stage.connect();
    assert_eq!(told(&mut stage, &secure, " 302"), ["sts=duration=2592000,preload"]);
    assert!(told(&mut stage, &secure, "").is_empty(), "no value can be said");
    let plain = stage.connect_plaintext();
    assert_eq!(told(&mut stage, &plain, " 302"), ["sts=port=6697"]);
    assert!(told(&mut stage, &plain, " 301").is_empty());
}

/// "A duration value of 0 indicates an immediate expiry of the STS persistence policy."
#[test]
fn a_duration_of_nothing_is_told_and_takes_the_policy_back() {
    let mut stage = stage(0, false);
    let peer = stage.connect();
    assert_eq!(told(&mut stage, &peer, " 302"), ["sts=duration=0"]);
}

/// "Clients MUST NOT request this capability. Servers MAY reply with a CAP NAK"; "Servers MUST NOT
/// send CAP DEL to disable this capability".
#[test]
fn it_is_never_asked_for_listed_or_deleted() {
    let mut stage = stage(60, false);
    let peer = stage.connect();
    let heard = stage.says(&peer, "CAP LS 302\r\nCAP REQ sts\r\nCAP REQ :batch sts");
    let naks = heard.iter().filter(|line| line.contains(" NAK ")).count();
    assert_eq!(naks, 2, "{heard:#?}");
    let heard = stage.says(&peer, "CAP REQ -sts\r\nCAP LIST\r\nNICK a\r\nUSER a 0 * :a\r\nCAP END");
    assert_eq!(heard.iter().filter(|line| line.contains(" NAK ")).count(), 1, "{heard:#?}");
    let after: Vec<_> = heard.iter().filter(|line| !line.contains(" NAK ")).collect();
    assert!(!after.iter().any(|line| line.contains("sts")), "{heard:#?}");
    assert!(only(&heard, "001").len() == 1 && !heard.iter().any(|line| line.contains(" DEL ")));
}
