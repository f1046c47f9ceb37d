//! Figures: bytes on disk for each line (a budget, always checked) and rates (printed, when asked for).
//!
//! `cargo test --release --test store speed -- --ignored --nocapture`

use crate::events::{channel, usual};
use std::fs;
use std::time::Instant;
use switchboard::desk::language::command::Verb;
use switchboard::desk::language::fact::{Event, Fact};
use switchboard::store::sqlite::{SqliteArchive, SqliteJournal};
use switchboard::store::{Archive, Journal};

/// Bytes on disk for a line of 60 bytes, with all its indexes.
const BUDGET: u64 = 200;

/// Lines of many conversations, as a day brings them: 40 live at a time, each of 25 lines.
fn day(first: u64, count: u64) -> Vec<Event> {
    (first..first + count).map(|seq| usual(seq, 100_000 + seq / 1000 * 40 + seq % 40)).collect()
}

#[test]
fn a_line_stays_within_its_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("switchboard.db");
    let mut journal = SqliteJournal::open(&file).unwrap();
    let count = 20_000;
    for first in (1..count).step_by(500) {
        journal.append(&day(first, 500)).unwrap();
    }
    drop(journal);
    let each = fs::metadata(&file).unwrap().len() / count;
    println!("{each} bytes on disk for each line of 60 bytes");
    assert!(each <= BUDGET, "{each} bytes");
}

#[test]
#[ignore = "prints figures; run it in release"]
fn rates() {
    let directory = tempfile::tempdir_in(".").unwrap();
    let file = directory.path().join("switchboard.db");
    let mut journal = SqliteJournal::open(&file).unwrap();
    let mut next = 1;
    for (size, batches) in [(1, 3_000), (200, 500), (4000, 224)] {
        let all: Vec<Vec<Event>> = (0..batches).map(|n| day(next + n * size, size)).collect();
        let start = Instant::now();
        for events in &all {
            journal.append(events).unwrap();
        }
        let each = start.elapsed().as_secs_f64() * 1e6 / (size * batches) as f64;
        println!("append, {size} in a batch: {each:.2} us an event");
        next += size * batches;
    }
    let start = Instant::now();
    let mut n = 0u64;
    journal.replay(&mut |_| n += 1).unwrap();
    let took = start.elapsed();
    println!("replay: {n} events in {took:.2?}, {:.0} a second", n as f64 / took.as_secs_f64());
    drop(journal);
    println!("{} bytes an event", fs::metadata(&file).unwrap().len() / n);
    let mut archive = SqliteArchive::open(&file).unwrap();
    let start = Instant::now();
    let found = archive.search("nowhere to be found", 50).unwrap();
    println!("search through all of it: {:.2?} ({} found)", start.elapsed(), found.len());
    assert_eq!(n, next - 1);
}

/// What the shelf costs that lines of rooms and private words stand on, beside lines of conversations.
#[test]
#[ignore = "prints figures; run it in release"]
fn the_price_of_a_shelf() {
    let (size, batches) = (200, 200);
    for (what, rooms) in [("in conversations", 0), ("in 1 room", 1), ("in 100 rooms", 100)] {
        let directory = tempfile::tempdir_in(".").unwrap();
        let file = directory.path().join("switchboard.db");
        let mut journal = SqliteJournal::open(&file).unwrap();
        let all: Vec<Vec<Event>> = (0..batches).map(|n| day(1 + n * size, size)).collect();
        let in_rooms = |mut event: Event| {
            if rooms > 0 {
                let room = channel(&format!("#room{}", event.seq.0 % rooms));
                event.fact = Fact::RoomSaid { room, rank: None, verb: Verb::Privmsg };
            }
            event
        };
        let all: Vec<Vec<Event>> =
            all.into_iter().map(|batch| batch.into_iter().map(in_rooms).collect()).collect();
        let start = Instant::now();
        for events in &all {
            journal.append(events).unwrap();
        }
        let rate = (size * batches) as f64 / start.elapsed().as_secs_f64();
        drop(journal);
        let bytes = fs::metadata(&file).unwrap().len() / (size * batches);
        println!("lines {what}: {rate:.0} a second, {bytes} bytes each");
    }
}
