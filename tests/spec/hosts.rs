//! Hosts of members without an account: one for each address, which does not tell it, or the address
//! itself; channel bans match either. Modern IRC "Ban channel mode", "RPL_WHOISACTUALLY (338)".

use crate::stage::{Peer, Stage};
use crate::support::{member, only, params, signed_in, verb};
use switchboard::face::Connection;

fn from(stage: &mut Stage, address: &str, nick: &str) -> Peer {
    let connection = |known: Connection| Connection { address: address.into(), ..known };
    let peer = stage.connect_as(connection);
    stage.says(&peer, &format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}"));
    peer
}

fn host(stage: &mut Stage, peer: &Peer, nick: &str) -> String {
    params(only(&stage.says(peer, &format!("WHOIS {nick}")), "311")[0])[3].clone()
}

#[test]
fn each_address_has_a_host_of_its_own_that_does_not_tell_it() {
    let mut stage = Stage::members();
    let anna = from(&mut stage, "192.0.2.7", "anna");
    for (address, nick) in [
        ("192.0.2.7", "same"),
        ("::ffff:192.0.2.7", "mapped"),
        ("192.0.2.8", "other"),
        ("2001:db8:0:1::5", "six"),
        ("2001:db8:0:1::6", "seven"),
        ("2001:db8:0:2::5", "eight"),
    ] {
        from(&mut stage, address, nick);
    }
    let hosts = ["anna", "same", "mapped", "other", "six", "seven", "eight"]
        .map(|nick| host(&mut stage, &anna, nick));
    assert!(hosts.iter().all(|host| host.ends_with(".guest.switchboard.localhost")), "{hosts:?}");
    assert!(hosts[0] == hosts[1] && hosts[0] == hosts[2] && hosts[0] != hosts[3], "{hosts:?}");
    assert!(hosts[4] == hosts[5] && hosts[4] != hosts[6], "one home: {hosts:?}");
    let told =
        stage.says(&anna, "WHOIS other\r\nWHO other\r\nWHOX\r\nUSERHOST other\r\nWHO other %i");
    assert!(!told.join(" ").contains("192.0.2.8"), "{told:?}");
}

/// "may be sent to … the target themselves, or to operators": 338 has the address.
#[test]
fn the_address_is_for_oneself_and_operators() {
    let mut stage = Stage::members();
    let anna = from(&mut stage, "192.0.2.7", "anna");
    let eve = member(&mut stage, "eve", "");
    let root = signed_in(&mut stage, "root", "");
    for (who, knows) in [(&anna, true), (&root, true), (&eve, false)] {
        let told = stage.says(who, "WHOIS anna");
        let actually: Vec<String> =
            only(&told, "338").iter().map(|line| params(line)[2].clone()).collect();
        assert_eq!(actually == ["192.0.2.7"], knows, "{told:?}");
    }
}

#[test]
fn bans_mean_the_host_and_the_address() {
    for (mask, banned) in [
        ("*!*@192.0.2.0/24", true),
        ("*!*@192.0.2.7", true),
        ("*!*@192.0.2.*", true),
        ("*!*@*.guest.*", true),
        ("*!*@198.51.100.0/24", false),
        ("eve!*@192.0.2.0/24", false),
    ] {
        let mut stage = Stage::members();
        let op = member(&mut stage, "op", "");
        let anna = from(&mut stage, "192.0.2.7", "anna");
        stage.says(&op, &format!("JOIN #x\r\nMODE #x +b {mask}"));
        let answer = verb(&stage.says(&anna, "JOIN #x")[0]);
        assert_eq!(answer == "474", banned, "{mask}: {answer}");
    }
    // One's own host, as others see it, is what a client bans by.
    let mut stage = Stage::members();
    let op = member(&mut stage, "op", "");
    let (anna, eve) = (from(&mut stage, "192.0.2.7", "anna"), from(&mut stage, "192.0.2.8", "eve"));
    let shown = host(&mut stage, &op, "anna");
    stage.says(&op, &format!("JOIN #x\r\nMODE #x +b *!*@{shown}"));
    assert_eq!(verb(&stage.says(&anna, "JOIN #x")[0]), "474");
    assert_eq!(verb(&stage.says(&eve, "JOIN #x")[0]), "JOIN");
}

/// `hosts = "address"`.
#[test]
fn the_address_itself_may_be_shown() {
    let mut stage = Stage::members();
    stage.info_mut().cloaks = false;
    let anna = from(&mut stage, "192.0.2.7", "anna");
    from(&mut stage, "::1", "six");
    assert_eq!(host(&mut stage, &anna, "anna"), "192.0.2.7");
    assert_eq!(host(&mut stage, &anna, "six"), "0::1");
    // Signing in hides it, and signing out is a new connection's.
    let heard = stage.says(&anna, "AUTHENTICATE PLAIN\r\nAUTHENTICATE AGJvYgBvcGVuLXNlc2FtZQ==");
    assert_eq!(params(only(&heard, "396")[0])[1], "bob@staff.switchboard.localhost");
}
