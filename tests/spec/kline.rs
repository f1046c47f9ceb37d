//! Bans of the server: KLINE, DLINE, UNKLINE, UNDLINE. No document defines them; Modern IRC's KILL points
//! to KLINE "to keep them from rejoining the network for a longer time".

use crate::stage::{PASSWORD, Peer, Stage};
use crate::support::{member, only, operator, params, signed_in, verb};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use switchboard::desk::target;

/// What registering as this nick from the next address leads to: the peer, and the last verb heard.
fn comes(stage: &mut Stage, nick: &str, pass: &str) -> (Peer, String) {
    let peer = stage.connect();
    let heard = stage.says(&peer, &format!("{pass}NICK {nick}\r\nUSER {nick} 0 * :x"));
    (peer, heard.last().map(|line| verb(line)).unwrap_or_default())
}

#[test]
fn a_mask_puts_out_who_is_here_and_keeps_out_who_comes() {
    let mut stage = Stage::members();
    let op = operator(&mut stage, "op", "");
    let (anna, eve) = (member(&mut stage, "anna", ""), member(&mut stage, "eve", ""));
    let heard = stage.says(&op, "KLINE 60 anna*!*@* :flooding");
    assert_eq!(heard.len(), 1, "{heard:?}");
    let told = anna.heard();
    assert!(anna.closed() && params(only(&told, "ERROR")[0])[0].contains("flooding"), "{told:?}");
    assert!(!eve.closed());
    let (again, last) = comes(&mut stage, "anna2", "");
    assert!(again.closed() && last == "ERROR");
    stage.passes(Duration::from_secs(3_601));
    assert!(!comes(&mut stage, "anna", "").0.closed(), "it ends by itself");
}

#[test]
fn an_account_is_kept_out_from_wherever_it_comes() {
    let mut stage = Stage::members();
    let op = operator(&mut stage, "op", "");
    let bob = signed_in(&mut stage, "bob", "");
    stage.says(&op, "KLINE 1h ~a:bob :left us");
    assert!(bob.closed());
    let pass = format!("PASS bob:{PASSWORD}\r\n");
    let (late, last) = comes(&mut stage, "bob", &pass);
    assert!(late.closed() && last == "ERROR");
    assert!(!comes(&mut stage, "anna", "").0.closed());
    stage.says(&op, "UNKLINE ~a:bob");
    assert!(!comes(&mut stage, "bob", &pass).0.closed());
}

#[test]
fn networks_hold_addresses_by_number() {
    let mut stage = Stage::members();
    let op = operator(&mut stage, "op", "");
    // The next to come are 192.0.2.3 and those behind it.
    stage.says(&op, "DLINE 60 192.0.2.3 :x");
    assert!(comes(&mut stage, "anna", "").0.closed());
    assert!(!comes(&mut stage, "anna", "").0.closed());
    stage.says(&op, "UNDLINE 192.0.2.3\r\nKLINE 60 *!~eve@192.0.2.4/30 :x");
    assert!(comes(&mut stage, "eve", "").0.closed());
    assert!(!comes(&mut stage, "anna2", "").0.closed(), "the mask's other half counts");
    for bad in ["DLINE 60 anna :x", "DLINE 60 *@192.0.2.4 :x", "DLINE 60 192.0.2.0/33 :x"] {
        let heard = stage.says(&op, bad);
        assert_eq!(verb(&heard[0]), "NOTICE", "{bad}");
    }
}

/// Nobody puts out themselves by accident, nor, unless they are an operator, their colleagues.
#[test]
fn the_asker_is_never_hit_and_colleagues_by_operators_only() {
    let mut stage = Stage::new();
    let (bob, sue) = (stage.staff("bob", ""), stage.staff("sue", ""));
    bob.heard();
    let before = stage.disk.events().len();
    for target in ["bob", "~a:bob", "192.0.2.0/24", "*!*@192.0.2.*", "bob!*@*", "sue", "~a:sue"] {
        let heard = stage.says(&bob, &format!("KLINE 60 {target} :x"));
        assert_eq!(verb(&heard[0]), "NOTICE", "{target}");
    }
    assert_eq!(stage.disk.events().len(), before);
    let root = stage.staff("root", "");
    stage.says(&root, "KLINE 60 192.0.2.0/24 :x\r\nKLINE 60 root :x");
    assert!(!bob.closed() && !sue.closed() && !root.closed());
    stage.says(&root, "KLINE 60 sue :x");
    assert!(!bob.closed() && sue.closed() && !root.closed());
}

/// Who may not is told 481, and a customer the same whatever there is.
#[test]
fn members_and_customers_may_not() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    member(&mut stage, "eve", "");
    for line in ["KLINE 60 eve :x", "DLINE 60 192.0.2.7 :x", "UNKLINE 1", "UNDLINE 192.0.2.7"] {
        assert_eq!(verb(&stage.says(&anna, line)[0]), "481", "{line}");
    }
    let mut stage = Stage::new();
    let (anna, ..) = stage.customer("anna", "");
    let (_, otto, _) = stage.customer("otto", "");
    let none = stage.says(&anna, "KLINE 60 nobody-7777 :x");
    assert_eq!(stage.says(&anna, &format!("KLINE 60 {otto} :x")), none);
}

/// A block lasts, has its reason and its author, and is listed.
#[test]
fn a_block_is_listed_with_its_reason_and_author() {
    let mut stage = Stage::members();
    let op = operator(&mut stage, "op", "");
    stage.says(&op, "KLINE 2h *!*@198.51.100.7 :spam");
    let rows = stage.says(&op, "STATS k");
    let row = params(only(&rows, "216")[0]);
    assert_eq!(&row[1..5], ["K", "*!*@198.51.100.7", "*", "*"]);
    assert!(row[5].starts_with("spam (by op, until "), "{row:?}");
    let listed = stage.says(&op, "PRIVMSG desk :blocks").join("\n");
    assert!(!listed.is_empty(), "{listed}");
    stage.says(&op, "KLINE 0 eve!*@* :x\r\nKLINE 400d eve!*@* :x");
    assert_eq!(only(&stage.says(&op, "STATS k"), "216").len(), 1, "always with an end");
}

fn any_ip() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))),
        any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))),
        any::<u32>().prop_map(|bits| IpAddr::V6(Ipv4Addr::from_bits(bits).to_ipv6_mapped())),
    ]
}

/// The bits of an address, IPv4 where IPv6 has it.
fn bits(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A network holds exactly the addresses that share its prefix, however either is written; one
    /// that cannot be, or that is nearly everybody, is none.
    #[test]
    fn a_network_is_exact(base in any_ip(), other in any_ip(), prefix in -3i32..140, flip in 0u32..128) {
        let kept = target::normal(&format!("{base}/{prefix}"));
        let most = if base.is_ipv4() { 32 } else { 128 };
        if !(0..=most).contains(&prefix) {
            prop_assert_eq!(kept, None);
            return Ok(());
        }
        let length = if base.is_ipv4() { prefix + 96 } else { prefix } as u32;
        let Some(kept) = kept else {
            let wide = if (bits(base) >> 32) == 0xffff { 96 + 8 } else { 16 };
            prop_assert!(length < wide, "{}/{} was refused", base, prefix);
            return Ok(());
        };
        let mask = if length == 0 { 0 } else { u128::MAX << (128 - length) };
        let near = Ipv6Addr::from_bits(bits(base) ^ (1 << flip));
        for ip in [base, other, IpAddr::V6(near), IpAddr::V6(near).to_canonical()] {
            let inside = bits(ip) & mask == bits(base) & mask;
            prop_assert_eq!(target::matches(&kept, Some(ip), None), inside, "{} {}", kept, ip);
        }
        prop_assert_eq!(target::normal(&kept), Some(kept.clone()), "one form");
    }

    /// An address is itself and no other.
    #[test]
    fn an_address_is_exact(base in any_ip(), other in any_ip()) {
        let kept = target::normal(&base.to_string()).unwrap();
        prop_assert!(target::matches(&kept, Some(base), None));
        prop_assert!(target::matches(&kept, Some(base.to_canonical()), None));
        prop_assert_eq!(target::matches(&kept, Some(other), None), bits(base) == bits(other));
        prop_assert!(!target::matches(&kept, None, None));
    }

    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,40}") {
        if let Some(kept) = target::normal(&text) {
            prop_assert_eq!(target::normal(&kept), Some(kept.clone()));
            prop_assert!(!["*!*@*", "*", "*@*", "0.0.0.0/0", "::/0"].contains(&kept.as_str()));
        }
    }
}
