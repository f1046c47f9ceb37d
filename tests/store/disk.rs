//! SQLite on disks that fill up, tear, are damaged, or belong to somebody else.

use crate::events::{batch, event, known, opened, usual};
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use switchboard::base::ids::{ConversationId, Seq};
use switchboard::desk::language::fact::Event;
use switchboard::desk::language::people::Actor;
use switchboard::store::sqlite::{SqliteArchive, SqliteJournal};
use switchboard::store::{Archive, Journal, Which};

struct Disk {
    directory: tempfile::TempDir,
}

impl Disk {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("switchboard.db")
    }

    fn journal(&self) -> SqliteJournal {
        SqliteJournal::open(self.file()).unwrap()
    }
}

fn all(journal: &mut SqliteJournal) -> Vec<Event> {
    let mut events = Vec::new();
    journal.replay(&mut |event| events.push(event)).unwrap();
    events
}

fn refusal(path: &Path) -> String {
    SqliteJournal::open(path).map(|_| ()).unwrap_err().to_string()
}

fn wal(db: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", db.display()))
}

#[test]
fn a_full_disk_refuses_whole_batches_and_then_heals() {
    let disk = Disk::new();
    let mut journal = disk.journal();
    journal.append(&batch(1, 10)).unwrap();
    journal.limit_pages(1).unwrap();
    // There is a little room in pages already begun: fill it.
    let mut stored = 10;
    let fault = loop {
        match journal.append(&batch(stored + 1, 5)) {
            Ok(()) => stored += 5,
            Err(fault) => break fault,
        }
        assert!(stored < 10_000, "the limit does not hold");
    };
    assert!(fault.cause.contains("full") && fault.cause.contains("make room"), "{fault}");
    for _ in 0..3 {
        assert!(journal.append(&batch(stored + 1, 5)).is_err());
        assert!(journal.append(&batch(stored + 1, 500)).is_err());
        assert!(journal.probe().unwrap_err().cause.contains("full"));
        assert_eq!(journal.last().unwrap(), Seq(stored));
        assert_eq!(all(&mut journal), batch(1, stored));
    }
    journal.limit_pages(0).unwrap();
    journal.probe().unwrap();
    journal.append(&batch(stored + 1, 500)).unwrap();
    drop(journal);
    assert_eq!(all(&mut disk.journal()), batch(1, stored + 500));
}

#[test]
fn what_was_answered_with_an_error_is_taken_back_if_it_was_stored() {
    let disk = Disk::new();
    let mut journal = disk.journal();
    let customer =
        |seq, id, nick: &str| event(seq, seq, Actor::Desk, known(id, "7k2f", nick), &[nick]);
    let first = vec![customer(1, 1, "anna"), event(2, 2, Actor::Desk, opened(1, 1), &[])];
    journal.append(&first).unwrap();
    let lost = vec![customer(3, 2, "mallory"), event(4, 4, Actor::Desk, opened(2, 2), &[])];
    journal.append(&lost).unwrap();
    // As if the commit of the second batch had failed and the disk had been away when it looked.
    journal.doubt(Seq(2));
    assert_eq!(journal.last().unwrap(), Seq(2));
    assert_eq!(all(&mut journal), first);
    let mut archive = SqliteArchive::open(disk.file()).unwrap();
    assert!(archive.episodes(&Which::Conversation(ConversationId(2))).unwrap().is_empty());
    assert_eq!(archive.episodes(&Which::Channel("#C-ANNA-7k2f".into())).unwrap().len(), 1);
    journal.append(&batch(3, 4)).unwrap();
    assert_eq!(journal.last().unwrap(), Seq(6));
}

#[test]
fn a_doubt_without_cause_loses_nothing() {
    let disk = Disk::new();
    let mut journal = disk.journal();
    journal.append(&batch(1, 4)).unwrap();
    journal.doubt(Seq(4));
    journal.probe().unwrap();
    journal.append(&batch(5, 4)).unwrap();
    assert_eq!(all(&mut journal), batch(1, 8));
}

#[test]
fn a_database_that_another_program_wrote_to_is_not_believed() {
    let disk = Disk::new();
    let mut journal = disk.journal();
    journal.append(&batch(1, 2)).unwrap();
    let other = Connection::open(disk.file()).unwrap();
    other.execute("INSERT INTO event (seq, fact) VALUES (3, x'00')", []).unwrap();
    let fault = journal.append(&batch(3, 2)).unwrap_err();
    assert!(fault.cause.contains("UNIQUE"), "{fault}");
    assert!(fault.cause.contains("another program has changed it"), "{fault}");
}

/// Opens a copy of the database with this write-ahead log, as after a loss of power.
fn recovered(db: &[u8], log: &[u8]) -> Vec<Event> {
    let disk = Disk::new();
    fs::write(disk.file(), db).unwrap();
    fs::write(wal(&disk.file()), log).unwrap();
    all(&mut disk.journal())
}

#[test]
fn a_torn_log_loses_at_most_the_last_batch_and_never_a_part_of_one() {
    let disk = Disk::new();
    let mut journal = disk.journal();
    let mut stored = 0;
    for size in [1, 40, 3, 200] {
        journal.append(&batch(stored + 1, size)).unwrap();
        stored += size;
    }
    let before = fs::metadata(wal(&disk.file())).unwrap().len();
    journal.append(&batch(stored + 1, 120)).unwrap();
    let (db, log) = (fs::read(disk.file()).unwrap(), fs::read(wal(&disk.file())).unwrap());
    let before = usize::try_from(before).unwrap();
    assert!(log.len() > before + 4096, "the last commit must be behind the others in the log");
    let whole = batch(1, stored + 120);
    let earlier = batch(1, stored);
    let cuts = (before..log.len()).step_by(61).chain(log.len() - 40..log.len());
    for cut in cuts {
        let got = recovered(&db, &log[..cut]);
        assert!(got == earlier || got == whole, "cut at {cut}: {} events", got.len());
    }
    assert_eq!(recovered(&db, &log), whole);
    // Damage instead of loss: the checksums stop at it.
    for at in (before..log.len()).step_by(997) {
        let mut damaged = log.clone();
        damaged[at] ^= 0x5a;
        let got = recovered(&db, &damaged);
        assert!(got == earlier || got == whole, "damaged at {at}: {} events", got.len());
    }
    // Cut anywhere in the whole log: always a run of whole batches from the first on.
    let ends = [0, 1, 41, 44, 244, 364];
    for cut in (0..before).step_by(499) {
        let disk = Disk::new();
        fs::write(disk.file(), &db).unwrap();
        fs::write(wal(&disk.file()), &log[..cut]).unwrap();
        let Ok(mut journal) = SqliteJournal::open(disk.file()) else { continue };
        let got = all(&mut journal);
        assert!(ends.contains(&got.len()), "cut at {cut}: {} events", got.len());
        assert_eq!(got, whole[..got.len()]);
    }
}

#[test]
fn the_log_begins_anew_under_unceasing_commits_and_nothing_is_lost() {
    let disk = Disk::new();
    let mut journal = disk.journal();
    let (commits, size) = (600, 320);
    for n in 0..commits {
        journal.append(&batch(n * size + 1, size)).unwrap();
    }
    // What was written is several times that; SQLite itself steps in at 4,000 pages.
    let length = fs::metadata(wal(&disk.file())).unwrap().len();
    assert!(length < 20 << 20, "{length} bytes of log");
    assert_eq!(all(&mut journal).len() as u64, commits * size);
    drop(journal);
    assert_eq!(disk.journal().last().unwrap(), Seq(commits * size));
}

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let disk = Disk::new();
    let journal = disk.journal();
    let text = refusal(&disk.file());
    assert!(text.contains("another server (process ") && text.contains("data_dir"), "{text}");
    assert!(text.contains(&std::process::id().to_string()), "{text}");
    drop(journal);
    disk.journal();
}

#[test]
fn damage_is_named_with_its_place() {
    let disk = Disk::new();
    {
        let mut journal = disk.journal();
        journal.append(&batch(1, 5)).unwrap();
    }
    let other = Connection::open(disk.file()).unwrap();
    other.execute("UPDATE event SET fact = x'ffff' WHERE seq = 4", []).unwrap();
    let mut journal = disk.journal();
    let mut seen = 0;
    let fault = journal.replay(&mut |_| seen += 1).unwrap_err();
    assert!(fault.cause.starts_with("event 4: ") && fault.cause.contains("backup"), "{fault}");
    assert_eq!(seen, 3);
    other.execute("DELETE FROM event WHERE seq = 4", []).unwrap();
    let fault = journal.replay(&mut |_| {}).unwrap_err();
    assert!(fault.cause.starts_with("event 4: it is missing"), "{fault}");
}

#[test]
fn what_is_not_our_database_is_refused_with_advice() {
    let disk = Disk::new();
    fs::write(
        disk.file(),
        b"this is a letter to my aunt, not a database, and long enough ".repeat(20),
    )
    .unwrap();
    let text = refusal(&disk.file());
    assert!(text.contains("not a database") && text.contains("move the file away"), "{text}");

    let disk = Disk::new();
    Connection::open(disk.file()).unwrap().execute("CREATE TABLE recipes (name)", []).unwrap();
    let text = refusal(&disk.file());
    assert!(text.contains("database of another program"), "{text}");

    let disk = Disk::new();
    drop(disk.journal());
    Connection::open(disk.file()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let text = refusal(&disk.file());
    assert!(text.contains("newer version (schema 99"), "{text}");
    let text = SqliteArchive::open(disk.file()).unwrap_err().to_string();
    assert!(text.contains("newer version"), "{text}");
}

#[test]
fn an_archive_needs_a_database() {
    let disk = Disk::new();
    let text = SqliteArchive::open(disk.file()).unwrap_err().to_string();
    assert!(text.contains("there is no") && text.contains("start the server"), "{text}");
    assert!(!disk.file().exists());
}

#[test]
fn a_damaged_file_says_so() {
    let disk = Disk::new();
    {
        let mut journal = disk.journal();
        journal.append(&batch(1, 3000)).unwrap();
    }
    let mut bytes = fs::read(disk.file()).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 64 * 1024].fill(0xee);
    fs::write(disk.file(), bytes).unwrap();
    let mut journal = disk.journal();
    let fault = journal.replay(&mut |_| {}).unwrap_err();
    assert!(fault.cause.starts_with("event ") && fault.cause.contains("malformed"), "{fault}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_what_is_made() {
    use std::os::unix::fs::PermissionsExt;
    let disk = Disk::new();
    let directory = disk.directory.path().join("data/deep");
    let file = directory.join("switchboard.db");
    let mut journal = SqliteJournal::open(&file).unwrap();
    journal.append(&[usual(1, 1)]).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&wal(&file)), 0o600);
    assert_eq!(mode(&directory.join("switchboard.lock")), 0o600);
}

#[test]
fn an_archive_reads_beside_the_running_journal() {
    let disk = Disk::new();
    let mut journal = disk.journal();
    let mut archive = SqliteArchive::open(disk.file()).unwrap();
    journal.append(&batch(1, 3)).unwrap();
    assert_eq!(archive.search("invoice", 10).unwrap().len(), 3);
    journal.append(&batch(4, 3)).unwrap();
    assert_eq!(archive.search("INVOICE month", 10).unwrap().len(), 6);
}

#[test]
fn a_backup_is_a_database_of_one_moment() {
    let disk = Disk::new();
    let mut journal = disk.journal();
    journal.append(&batch(1, 300)).unwrap();
    let copy = disk.directory.path().join("copy/switchboard.db");
    fs::create_dir(copy.parent().unwrap()).unwrap();
    let mut archive = SqliteArchive::open(disk.file()).unwrap();
    archive.backup(&copy).unwrap();
    journal.append(&batch(301, 1)).unwrap();
    let mut restored = SqliteJournal::open(&copy).unwrap();
    assert_eq!(all(&mut restored), batch(1, 300));
    restored.append(&batch(301, 2)).unwrap();
    let fault = archive.backup(&copy).unwrap_err();
    assert!(fault.cause.contains("does not exist yet"), "{fault}");
}

#[test]
fn a_failed_probe_is_settled_before_the_next_write() {
    let disk = Disk::new();
    let mut journal = disk.journal();
    journal.append(&batch(1, 3)).unwrap();
    journal.limit_pages(1).unwrap();
    assert!(journal.probe().is_err());
    journal.limit_pages(0).unwrap();
    journal.append(&batch(4, 3)).unwrap();
    assert_eq!(all(&mut journal), batch(1, 6));
}
