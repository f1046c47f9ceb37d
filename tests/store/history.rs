//! What both archives answer about rooms, private words and customers' channels, line by line; what is
//! past its time; and what becomes of a database from before there was any of it.

use crate::events::{channel, event, known, line, name, opened};
use proptest::collection::vec;
use proptest::prelude::*;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;
use switchboard::base::ids::{ConversationId, CustomerId, Seq};
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::Verb;
use switchboard::desk::language::fact::*;
use switchboard::desk::language::history::Buffer;
use switchboard::desk::language::people::{Actor, Party};
use switchboard::store::memory::Memory;
use switchboard::store::sqlite::{SqliteArchive, SqliteJournal};
use switchboard::store::{Archive, Cut, Expired, Journal, Shelf, about, codec};

const NAMES: [&str; 3] = ["anna", "Bob", "cleo"];
const ROOMS: [&str; 2] = ["#back", "#Front[1]"];
const FOREVER: Seq = Seq(u64::MAX);

fn party(n: usize) -> Party {
    match NAMES.get(n) {
        Some(account) => Party::Account(name(account)),
        None => Party::Visit(7, n as u64),
    }
}

/// What somebody does, by small numbers, so that many do it in the same place.
#[derive(Clone, Debug)]
enum Deed {
    Room(usize, Verb, Actor),
    Staff(usize, usize, Verb),
    Peer(usize, usize, Verb),
    Happened(Vec<usize>),
    Conversation(u64),
    Redacts(u64),
    Opens(u64),
    Closes(u64),
}

fn verb() -> impl Strategy<Value = Verb> {
    prop_oneof![3 => Just(Verb::Privmsg), 1 => Just(Verb::Notice), 1 => Just(Verb::Tag)]
}

fn deed() -> impl Strategy<Value = Deed> {
    let actor =
        prop_oneof![Just(Actor::Member), (0usize..3).prop_map(|n| Actor::Staff(name(NAMES[n])))];
    prop_oneof![
        4 => (0usize..2, verb(), actor).prop_map(|(room, verb, by)| Deed::Room(room, verb, by)),
        2 => (0usize..3, 0usize..3, verb()).prop_map(|(a, b, verb)| Deed::Staff(a, b, verb)),
        3 => (0usize..6, 0usize..6, verb()).prop_map(|(a, b, verb)| Deed::Peer(a, b, verb)),
        1 => vec(0usize..2, 0..3).prop_map(Deed::Happened),
        4 => (1u64..4).prop_map(Deed::Conversation),
        1 => (1u64..80).prop_map(Deed::Redacts),
        1 => (1u64..4).prop_map(Deed::Opens),
        1 => (1u64..4).prop_map(Deed::Closes),
    ]
}

/// Whose the conversations are: the first two are one customer's, one after the other.
fn customer(conversation: u64) -> u64 {
    if conversation < 3 { 1 } else { 2 }
}

/// A journal as a desk writes it: what is closed is silent, moments and places grow together.
fn journal(deeds: &[(Deed, u64)]) -> Vec<Event> {
    let mut log: Vec<Event> = Vec::new();
    let (mut open, mut begun) = (BTreeSet::new(), BTreeSet::new());
    let mut at = 1000;
    let mut write = |at: u64, by: Actor, fact: Fact, words: &[&str]| {
        let seq = log.len() as u64 + 1;
        log.push(event(seq, at, by, fact, words));
    };
    for id in [1, 2] {
        write(at, Actor::Desk, known(id, "7k2f", &format!("k{id}")), &["nick"]);
    }
    for (n, (deed, later)) in deeds.iter().enumerate() {
        at += later;
        let text = format!("words {n}");
        let words = [text.as_str(), "", " and more"];
        let conversation = ConversationId;
        match deed.clone() {
            Deed::Room(room, verb, by) => {
                let room = channel(ROOMS[room]);
                write(at, by, Fact::RoomSaid { room, rank: None, verb }, &words);
            }
            Deed::Staff(from, to, verb) => {
                let to = name(NAMES[to]);
                write(
                    at,
                    Actor::Staff(name(NAMES[from])),
                    Fact::PrivateSaid { to, verb },
                    &words[..1],
                );
            }
            Deed::Peer(from, to, verb) => {
                let fact = Fact::PeerSaid { from: party(from), to: party(to), verb };
                write(at, Actor::Member, fact, &words);
            }
            Deed::Happened(rooms) => {
                let rooms = rooms.iter().map(|room| channel(ROOMS[*room])).collect();
                let what = Happening::Joined;
                write(at, Actor::Member, Fact::Happened { rooms, what }, &[":a!b@c *"]);
            }
            Deed::Conversation(id) if open.contains(&id) => {
                let to = Hearers::Everyone;
                let fact = Fact::Said { conversation: conversation(id), to, verb: Verb::Privmsg };
                write(at, Actor::Customer(CustomerId(customer(id))), fact, &words);
            }
            Deed::Redacts(seq) => {
                let fact = Fact::Redacted { line: Seq(seq), place: Place::Private };
                write(at, Actor::Member, fact, &[]);
            }
            // One at a time for each customer, and none twice.
            Deed::Opens(id)
                if !open.iter().any(|other| customer(*other) == customer(id))
                    && begun.insert(id) =>
            {
                open.insert(id);
                write(at, Actor::Desk, opened(id, customer(id)), &[]);
            }
            Deed::Closes(id) if open.remove(&id) => {
                let fact = Fact::Closed { conversation: conversation(id), reason: Ending::ByAgent };
                write(at, Actor::Desk, fact, &[]);
            }
            Deed::Conversation(_) | Deed::Opens(_) | Deed::Closes(_) => {}
        }
    }
    log
}

fn any_journal() -> impl Strategy<Value = Vec<Event>> {
    vec((deed(), 0u64..5), 0..60).prop_map(|deeds| journal(&deeds))
}

fn shelves() -> Vec<Shelf> {
    let mut buffers = ROOMS.map(|room| Buffer::Room(channel(room))).to_vec();
    for one in 0..6 {
        buffers.extend((one..6).map(|other| Buffer::Private(party(one), party(other))));
    }
    buffers.push(Buffer::Room(channel("#nowhere")));
    let named = |besides| {
        let names = |buffer| Shelf::Named(about::shelves_of(buffer, besides));
        buffers.iter().map(names).collect::<Vec<_>>()
    };
    let customers = (1..4).map(|id| Shelf::Customer(CustomerId(id)));
    named(false).into_iter().chain(named(true)).chain(customers).collect()
}

/// Everything that can be asked of the past, answered.
fn answers(archive: &mut dyn Archive, last: u64) -> Vec<String> {
    let mut told = Vec::new();
    let (all, odd) = (|_: &Event| true, |event: &Event| event.seq.0 % 2 == 1);
    let accepts: [&dyn Fn(&Event) -> bool; 2] = [&all, &odd];
    for shelf in shelves() {
        for (after, before) in [(0, FOREVER.0), (last / 3, 2 * last / 3), (5, 5), (last, 1)] {
            for (newest, limit) in [(true, 3), (false, 3), (true, 0), (false, 1000)] {
                for accept in accepts {
                    let (after, before) = (Seq(after), Seq(before));
                    let cut = Cut { after, before, newest, limit, accept };
                    let lines = archive.lines(&shelf, &cut).unwrap();
                    assert!(lines.len() <= limit && lines.is_sorted_by_key(|event| event.seq));
                    assert!(lines.iter().all(|e| e.seq > after && e.seq < before && accept(e)));
                    told.push(format!("{shelf:?} {after} {before} {newest} {limit}: {lines:?}"));
                }
            }
        }
        let held: Vec<u64> =
            (0..last + 2).filter(|seq| archive.holds(&shelf, Seq(*seq)).unwrap()).collect();
        told.push(format!("{shelf:?} holds {held:?}"));
    }
    for at in (998..1300).map(Timestamp).chain([Timestamp(0), Timestamp(u64::MAX)]) {
        told.push(format!("since {at:?}: {}", archive.first_since(at).unwrap()));
    }
    for seq in (0..last + 2).chain([u64::MAX]) {
        told.push(format!("{seq}: {:?}", archive.event(Seq(seq)).unwrap()));
    }
    for party in (0..7).map(party) {
        let party = about::party(&party);
        told.push(format!("{party}: {:?}", archive.correspondents(&party).unwrap()));
    }
    told
}

fn file(directory: &tempfile::TempDir) -> std::path::PathBuf {
    directory.path().join("switchboard.db")
}

fn replayed(journal: &mut dyn Journal) -> Vec<Event> {
    let mut events = Vec::new();
    journal.replay(&mut |event| events.push(event)).unwrap();
    events
}

/// Erases all that is past its time, in small steps.
fn prune(journal: &mut dyn Journal, expired: Expired) {
    let mut steps = 0;
    while journal.prune(&expired, 7).unwrap() {
        steps += 1;
        assert!(steps < 1000, "it does not end");
    }
}

/// The first version of the tables, and only their journal: what a server of that time left.
fn first_version(file: &Path, log: &[Event]) {
    let connection = Connection::open(file).unwrap();
    connection.execute_batch(FIRST_VERSION).unwrap();
    for event in log {
        let (mut facts, mut words) = (Vec::new(), Vec::new());
        codec::encode_facts(event, &mut facts).unwrap();
        let words = codec::encode_words(&event.words, &mut words).then_some(words);
        let conversation = match about::subject(&event.fact) {
            about::Subject::Conversation(id) => Some(id.0.cast_signed()),
            _ => None,
        };
        let sql = "INSERT INTO event (seq, conversation, fact, words) VALUES (?1, ?2, ?3, ?4)";
        let row = rusqlite::params![event.seq.0.cast_signed(), conversation, facts, words];
        connection.execute(sql, row).unwrap();
    }
}

const FIRST_VERSION: &str = "
    PRAGMA application_id = 0x53774264;
    PRAGMA user_version = 1;
    CREATE TABLE event (seq INTEGER PRIMARY KEY, conversation INTEGER, fact BLOB NOT NULL, words BLOB) STRICT;
    CREATE TABLE customer (id INTEGER PRIMARY KEY, channel TEXT NOT NULL, folded TEXT NOT NULL) STRICT;
    CREATE INDEX customer_folded ON customer (folded);
    CREATE TABLE customer_event (customer INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (customer, seq))
        STRICT, WITHOUT ROWID;
    CREATE TABLE conversation (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, opened INTEGER NOT NULL,
        closed INTEGER, first INTEGER NOT NULL, last INTEGER) STRICT;
    CREATE INDEX conversation_customer ON conversation (customer);
    CREATE TABLE health (id INTEGER PRIMARY KEY CHECK (id = 1), beats INTEGER NOT NULL, room BLOB) STRICT;
    INSERT INTO health (id, beats) VALUES (1, 0);
";

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_archives_tell_the_same_past(log in any_journal(), rooms in 990u64..1200, private in 990u64..1200) {
        let memory = Memory::new();
        let directory = tempfile::tempdir().unwrap();
        let mut one = memory.journal();
        let mut other = SqliteJournal::open(file(&directory)).unwrap();
        one.append(&log).unwrap();
        other.append(&log).unwrap();
        let last = log.len() as u64;
        let mut archive = SqliteArchive::open(file(&directory)).unwrap();
        prop_assert_eq!(answers(&mut memory.archive(), last), answers(&mut archive, last));
        // Also when what is past its time is erased; and that stays so when the index is made again.
        let expired = Expired { rooms: Timestamp(rooms), private: Timestamp(private) };
        prune(&mut one, expired);
        prune(&mut other, expired);
        let left = memory.events();
        prop_assert_eq!(&replayed(&mut other), &left);
        let pruned = answers(&mut memory.archive(), last);
        prop_assert_eq!(&pruned, &answers(&mut archive, last));
        other.append(&[event(last + 1, 2000, Actor::Desk, opened(9, 9), &[])]).unwrap();
        other.doubt(Seq(last));
        prop_assert_eq!(&replayed(&mut other), &left);
        prop_assert_eq!(&pruned, &answers(&mut archive, last));
        for (now, then) in left.iter().zip(&log) {
            prop_assert_eq!((now.seq, now.at, &now.actor, &now.fact), (then.seq, then.at, &then.actor, &then.fact));
            let until = match &then.fact {
                Fact::RoomSaid { .. } => rooms,
                Fact::Happened { rooms: where_, .. } if !where_.is_empty() => rooms,
                Fact::PrivateSaid { .. } | Fact::PeerSaid { .. } => private,
                _ => 0,
            };
            prop_assert_eq!(now.words.is_empty(), then.words.is_empty() || then.at.0 < until);
        }
    }

    #[test]
    fn an_older_database_is_brought_up_to_date_and_misses_nothing(log in any_journal()) {
        let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        first_version(&file(&old), &log);
        prop_assert!(SqliteArchive::open(file(&old)).is_err());
        let mut journal = SqliteJournal::open(file(&old)).unwrap();
        prop_assert_eq!(&replayed(&mut journal), &log);
        SqliteJournal::open(file(&new)).unwrap().append(&log).unwrap();
        let mut one = SqliteArchive::open(file(&old)).unwrap();
        let mut other = SqliteArchive::open(file(&new)).unwrap();
        let last = log.len() as u64;
        prop_assert_eq!(answers(&mut one, last), answers(&mut other, last));
    }
}

#[test]
fn a_kill_while_a_database_is_brought_up_to_date_leaves_it_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let room = |seq| {
        let fact = Fact::RoomSaid { room: channel("#back"), rank: None, verb: Verb::Privmsg };
        event(seq, seq, Actor::Staff(name("anna")), fact, &["hello"])
    };
    let log: Vec<Event> = (1..=3).map(room).collect();
    first_version(&file(&directory), &log);
    // A record that cannot be read stops it on the way, as a kill would.
    let connection = Connection::open(file(&directory)).unwrap();
    connection.execute("INSERT INTO event (seq, fact) VALUES (4, x'ff')", []).unwrap();
    assert!(SqliteJournal::open(file(&directory)).is_err());
    let version: i64 = connection.pragma_query_value(None, "user_version", |r| r.get(0)).unwrap();
    let tables = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'shelf%'";
    let shelves: i64 = connection.query_row(tables, [], |r| r.get(0)).unwrap();
    assert_eq!((version, shelves), (1, 0));
    connection.execute("DELETE FROM event WHERE seq = 4", []).unwrap();
    drop(connection);
    drop(SqliteJournal::open(file(&directory)).unwrap());
    let mut archive = SqliteArchive::open(file(&directory)).unwrap();
    let shelf = Shelf::Named(vec!["#back".to_owned()]);
    let cut =
        Cut { after: Seq(0), before: FOREVER, newest: true, limit: 9, accept: &|_: &Event| true };
    assert_eq!(archive.lines(&shelf, &cut).unwrap(), log);
}

#[test]
fn erased_words_are_in_no_backup() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open(file(&directory)).unwrap();
    let say = |seq: u64| {
        let fact = Fact::RoomSaid { room: channel("#back"), rank: None, verb: Verb::Privmsg };
        let text = format!("unmistakable {}", "x".repeat(300 * (seq as usize % 40)));
        event(seq, seq, Actor::Member, fact, &[&text])
    };
    journal.append(&(1..200).map(say).collect::<Vec<_>>()).unwrap();
    prune(&mut journal, Expired { rooms: Timestamp(1000), private: Timestamp(0) });
    let copy = directory.path().join("copy.db");
    SqliteArchive::open(file(&directory)).unwrap().backup(&copy).unwrap();
    let bytes = std::fs::read(&copy).unwrap();
    assert!(!bytes.windows(12).any(|window| window == b"unmistakable"));
}

#[test]
fn a_customers_line_takes_no_row_beside_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open(file(&directory)).unwrap();
    let connection = Connection::open(file(&directory)).unwrap();
    let rows = |journal: &mut SqliteJournal, events: &[Event]| -> Vec<i64> {
        let tables =
            ["customer_event", "conversation", "shelf", "shelf_event", "shelf_party", "redaction"];
        let count = |table| {
            let sql = format!("SELECT count(*) FROM {table}");
            connection.query_row(&sql, [], |r| r.get(0)).unwrap()
        };
        journal.append(events).unwrap();
        tables.map(count).to_vec()
    };
    let begun = [
        event(1, 1, Actor::Desk, known(1, "7k2f", "anna"), &["anna"]),
        event(2, 2, Actor::Desk, opened(1, 1), &[]),
    ];
    let before = rows(&mut journal, &begun);
    let said = |seq| {
        let everyone = Hearers::Everyone;
        event(
            seq,
            seq,
            Actor::Customer(CustomerId(1)),
            crate::events::said(1, everyone),
            &["hello"],
        )
    };
    assert_eq!(rows(&mut journal, &(3..103).map(said).collect::<Vec<_>>()), before);
    let fact = Fact::RoomSaid { room: channel("#back"), rank: None, verb: Verb::Privmsg };
    let more = rows(&mut journal, &[event(103, 103, Actor::Member, fact, &["hello"])]);
    assert_eq!(
        more.iter().sum::<i64>() - before.iter().sum::<i64>(),
        2,
        "a shelf and a place on it"
    );
}

#[test]
fn a_line_of_one_word_is_read_as_ever() {
    let mut old = event(1, 1, Actor::Staff(name("anna")), known(1, "7k2f", "anna"), &["only text"]);
    old.fact = Fact::PrivateSaid { to: name("bob"), verb: Verb::Privmsg };
    assert_eq!((old.word(0), old.tags(), old.further()), (line("only text"), None, Vec::new()));
}
