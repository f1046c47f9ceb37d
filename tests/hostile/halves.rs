//! Peers that stop half-way: silence, half a line, half a registration, half a sign-in.

use crate::world::{Client, PASSWORD, Setup, play};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::time::Duration;
use switchboard::node::Limits;

fn impatient() -> Setup {
    let limits = Limits { registration: Duration::from_millis(300), ..Limits::default() };
    Setup { limits, ..Setup::default() }
}

fn hasty() -> Setup {
    Setup { limits: Limits { lines_per_second: 0, ..Limits::default() }, ..Setup::default() }
}

fn plain(name: &str) -> String {
    BASE64.encode(format!("\0{name}\0{PASSWORD}"))
}

#[test]
fn whoever_stops_half_way_is_cut_in_time() {
    play(impatient(), async |world| {
        let mut peers = Vec::new();
        for half in ["", "NICK an", "NICK anna\r\n", "CAP LS 302\r\nNICK a\r\nUSER a 0 * :a\r\n"] {
            let mut peer = Client::to(world.irc).await;
            peer.says(half).await;
            peers.push((half, peer));
        }
        // A person at a terminal may be silent for as long as they like: they are here already.
        let mut typed = Client::to(world.plain).await;
        typed.hears("Welcome").await;
        for (half, mut peer) in peers {
            let said = peer.rest().await;
            let (_, end) = said.split_once("ERROR :").unwrap_or_else(|| panic!("{half:?}: {said}"));
            assert!(end.starts_with("Registration took too long"), "{half:?}: {said}");
        }
        assert_eq!(world.counters().cut_registration, 4);
        assert_eq!(world.people(), 1);
        typed.says("/help\r\n").await;
        typed.hears("/quit").await;
    });
}

#[test]
fn five_hundred_come_and_go() {
    play(hasty(), async |world| {
        let (mut quiet, _) = world.customer("quiet").await;
        for n in 0..500 {
            let port = [world.irc, world.plain, world.tls][n % 3];
            let peer = Client::to(port).await;
            if n % 2 == 0 {
                peer.vanishes();
            }
            if n % 50 == 0 {
                quiet.hears_pong().await;
            }
        }
        quiet.hears_pong().await;
        world.until(|w| w.counters().connections_now == 1).await;
        assert_eq!(world.people(), 1);
        let customers = world.hub.with(|node, _| node.desk().state().customers().count());
        assert_eq!(customers, 1, "who never spoke leaves no trace");
    });
}

#[test]
fn three_hundred_register_half_way() {
    play(hasty(), async |world| {
        let steps = [
            "CAP LS 302\r\n",
            "NICK anna\r\n",
            "USER anna 0 * :anna\r\n",
            "CAP REQ :sasl echo-message\r\nNICK anna\r\nUSER a 0 * :a\r\n",
            "PASS resume:nothing\r\nNICK anna\r\n",
            "CAP REQ :sasl\r\nAUTHENTICATE SCRAM-SHA-256\r\n",
        ];
        for n in 0..300 {
            let mut peer = Client::to(world.irc).await;
            peer.says(steps[n % steps.len()]).await;
            if n % 2 == 0 {
                peer.hears_pong().await;
            } else {
                peer.vanishes();
            }
        }
        world.until(|w| w.counters().connections_now == 0).await;
        assert_eq!(world.people(), 0, "the desk has never heard of them");
    });
}

#[test]
fn capabilities_in_circles_are_answered_and_bounded() {
    play(hasty(), async |world| {
        let (mut anna, _) = world.customer("anna").await;
        for _ in 0..300 {
            for (asked, answer) in [
                ("CAP LS 302", " LS "),
                ("CAP REQ :echo-message -batch", " ACK "),
                ("CAP REQ :nonsense", " NAK "),
                ("CAP LIST", " LIST "),
            ] {
                let (said, alive) = anna.asks(asked).await;
                assert!(alive && said.iter().all(|line| line.contains(answer)), "{said:?}");
            }
            assert_eq!(anna.asks("CAP END").await, (Vec::new(), true));
        }
        let mut circling = Client::to(world.irc).await;
        let round = "CAP LS\r\nCAP REQ :batch\r\nCAP LIST\r\nCAP END\r\n";
        circling.says(&round.repeat(100)).await;
        let said = circling.rest().await;
        let (_, end) = said.split_once("ERROR :").expect("before registration there is an end");
        assert!(end.contains("Too many lines before registration"), "{end}");
        assert_eq!(world.counters().cut_other, 1);
    });
}

#[test]
fn quit_ends_an_exchange_wherever_it_stands() {
    play(hasty(), async |world| {
        for mechanism in ["PLAIN", "SCRAM-SHA-256"] {
            let mut peer = Client::to(world.irc).await;
            let start = format!("CAP REQ :sasl\r\nAUTHENTICATE {mechanism}\r\n");
            peer.says(&start).await;
            peer.hears("AUTHENTICATE +").await;
            peer.says("QUIT :enough\r\n").await;
            assert!(peer.rest().await.ends_with("ERROR :Quit: enough\r\n"));
        }
        // While the check is under way nothing more is read; QUIT comes behind its answer.
        world.held.set(true);
        let mut bob = Client::to(world.irc).await;
        bob.says("CAP REQ :sasl\r\nNICK bob\r\nUSER bob 0 * :bob\r\nAUTHENTICATE PLAIN\r\n").await;
        bob.hears("AUTHENTICATE +").await;
        bob.says(&format!("AUTHENTICATE {}\r\nQUIT :enough\r\n", plain("bob"))).await;
        world.until(|w| w.waiting.borrow().len() == 1).await;
        world.answer();
        let said = bob.rest().await;
        assert!(said.contains(" 903 ") && said.ends_with("ERROR :Quit: enough\r\n"), "{said}");
        assert!(!said.contains(" 001 "), "{said}");
        assert_eq!(world.people(), 0);
        world.held.set(false);
    });
}

#[test]
fn an_answer_that_finds_nobody_is_nobodys() {
    play(hasty(), async |world| {
        world.held.set(true);
        for n in 0..50 {
            let mut bob = Client::to(world.irc).await;
            match n % 3 {
                0 => bob.says(&format!("PASS bob:{PASSWORD}\r\nNICK bob\r\n")).await,
                1 => {
                    let plain = plain("bob");
                    bob.says(&format!("AUTHENTICATE PLAIN\r\nAUTHENTICATE {plain}\r\n")).await;
                }
                _ => {
                    bob.says("AUTHENTICATE SCRAM-SHA-256\r\n").await;
                    let first = BASE64.encode("n,,n=bob,r=abcdef");
                    bob.says(&format!("AUTHENTICATE {first}\r\n")).await;
                }
            }
            world.until(|w| w.waiting.borrow().len() == n + 1).await;
            bob.vanishes();
        }
        // Nothing is read of them until their answers are there; others come meanwhile.
        world.held.set(false);
        let (mut anna, _) = world.customer("anna").await;
        let mut fresh = Client::to(world.irc).await;
        fresh.hears_pong().await;
        world.answer();
        world.until(|w| w.counters().connections_now == 2).await;
        anna.hears_pong().await;
        fresh.says("NICK f\r\nUSER f 0 * :f\r\n").await;
        let joined = fresh.hears(" JOIN ").await;
        assert!(joined.contains("#c-f-"), "a customer, and nobody's account: {joined}");
        let staff = world
            .hub
            .with(|node, _| node.desk().state().persons().filter(|(_, p)| p.is_staff()).count());
        assert_eq!(staff, 0);
    });
}
