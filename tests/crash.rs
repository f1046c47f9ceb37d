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
