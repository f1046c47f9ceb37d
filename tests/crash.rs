//! The server is killed, stopped and starved of disk while people talk: promise 1 and promise 3 as an operator
//! would see them break. Real processes, real sockets on loopback, bounded in number and time.

#[path = "crash/client.rs"]
mod client;
#[path = "crash/journal.rs"]
mod journal;
#[path = "crash/server.rs"]
mod server;
#[path = "crash/world.rs"]
mod world;

use client::Client;
use journal::Record;
use server::Server;
use std::time::Duration;
use world::{Dice, World};

/// That many times: everybody works, the server is killed at a random instant, everything is held against
/// what is stored, everybody comes back.
fn rounds(count: usize) {
    let seed = match std::env::var("CRASH_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => getrandom::u64().unwrap(),
    };
    println!("CRASH_SEED={seed}");
    let mut dice = Dice(seed ^ 1);
    let mut world = World::begin(seed);
    for round in 1..=count {
        let span = Duration::from_micros(20_000 + dice.below(350_000) as u64);
        world.work(span);
        world.crash();
        world.check();
        println!("round {round}: killed after {span:?}, {} lines checked", world.lines);
    }
    assert!(world.lines > count * 20, "nobody talked: {} lines", world.lines);
    println!("{count} rounds, {} received lines found stored once and in order", world.lines);
}

#[test]
fn what_was_seen_survives_two_kills() {
    rounds(2);
}

#[test]
#[ignore = "long; CRASH_ROUNDS says how many kills, 50 if unset"]
fn what_was_seen_survives_many_kills() {
    let count = std::env::var("CRASH_ROUNDS").map_or(50, |n| n.parse().unwrap());
    rounds(count);
}

#[test]
fn sigterm_tells_everybody_and_loses_nothing() {
    let mut world = World::begin(7);
    world.work(Duration::from_millis(300));
    world.drain();
    assert!(world.lines > 100, "nobody talked: {} lines", world.lines);
}

/// A line is stored before it is shown, so while nothing can be stored nothing is shown, its sender is told,
/// and what needs no storing goes on.
#[test]
fn a_full_disk_refuses_lines_and_nothing_else() {
    let mut server = Server::home("");
    server.account("bob");
    server.start();
    let mut bob = Client::connect(server.address);
    bob.register("bob", Some("bob:open-sesame"));
    let mut anna = Client::connect(server.address);
    anna.register("anna", None);
    anna.ask("PING there");
    let channel = anna.heard.iter().find(|h| h.verb == "JOIN").unwrap().params[0].clone();
    anna.send(&format!("PRIVMSG {channel} :~before"));
    bob.wait("NEW", |h| h.text().starts_with("NEW "));
    bob.ask(&format!("JOIN {channel}"));

    server.disk_is_full(true);
    let refused = "The server cannot store anything just now";
    for text in ["~lost", "~lost too", "~lost as well"] {
        let heard = anna.ask(&format!("PRIVMSG {channel} :{text}"));
        assert!(heard.iter().any(|h| h.text().starts_with(refused)), "{text}: {heard:#?}");
        let heard = bob.ask(&format!("PRIVMSG {channel} :{text}, bob"));
        assert!(heard.iter().any(|h| h.text().starts_with(refused)), "{text}: {heard:#?}");
    }
    assert!(bob.heard.iter().any(|h| h.desk_says("STORAGE failing")), "staff are not told");
    let mut carl = Client::connect(server.address);
    carl.register("carl", None);
    let (well, said) = server.health();
    assert!(!well && said.contains("the disk refuses writes"), "{said}");

    server.disk_is_full(false);
    bob.wait("the end of it", |h| h.desk_says("STORAGE works"));
    assert!(server.health().0, "it has recovered by itself and does not say so");
    anna.send(&format!("PRIVMSG {channel} :~after"));
    bob.wait("a line said afterwards", |h| h.text() == "~after");
    anna.wait("its echo", |h| h.text() == "~after");
    let lost =
        |c: &Client| c.heard.iter().any(|h| h.verb == "PRIVMSG" && h.text().contains("lost"));
    assert!(!lost(&anna) && !lost(&bob), "shown and not stored");

    server.kill();
    server.start();
    let record = Record::read(&server, &channel);
    let said: Vec<&str> = record.words.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(said, ["~before", "~after"]);
}
