//! The tables, how they come to be, and how a connection is opened.
//!
//! `event` is the journal and the truth; it has no index but its order, since nearly every line of a
//! busy commit would touch another page of one. A conversation knows where in the journal it begins
//! and, once closed, ends; its events are found by reading that stretch.
//! `customer`, `customer_event` and `conversation` are a projection of it, written in the same
//! transaction, so that an episode is found without reading everything; so are `shelf` and `shelf_event`
//! for the lines of rooms and private words, and `redaction`, which names lines that were taken back.
//! `MIGRATIONS` is append-only: one that was released is never edited (a test pins them). It knows nothing of
//! what the events mean.

use super::super::Fault;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction};
use std::path::Path;
use std::time::Duration;

/// Marks the file as ours, in the header of the database ("SwBd").
const APPLICATION_ID: i64 = 0x5377_4264;
/// How long to wait for another program's lock.
const BUSY: Duration = Duration::from_secs(5);
/// Pages of the write-ahead log at which SQLite itself moves them, in the commit that made it so long:
/// what `checkpoint` did not get to.
const AUTOCHECKPOINT: i64 = 4000;
/// Bytes of the write-ahead log kept on disk after a burst; four times its usual size.
const WAL_BYTES: i64 = 16 * 1024 * 1024;

/// Each brings the database from the version of its index to the next one.
pub(super) const MIGRATIONS: &[&str] = &[
    "
    PRAGMA application_id = 0x53774264;
    CREATE TABLE event (
        seq          INTEGER PRIMARY KEY,
        conversation INTEGER,
        fact         BLOB NOT NULL,
        words        BLOB
    ) STRICT;
    CREATE TABLE customer (
        id      INTEGER PRIMARY KEY,
        channel TEXT NOT NULL,
        folded  TEXT NOT NULL
    ) STRICT;
    CREATE INDEX customer_folded ON customer (folded);
    CREATE TABLE customer_event (
        customer INTEGER NOT NULL,
        seq      INTEGER NOT NULL,
        PRIMARY KEY (customer, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE conversation (
        id       INTEGER PRIMARY KEY,
        customer INTEGER NOT NULL,
        opened   INTEGER NOT NULL,
        closed   INTEGER,
        first    INTEGER NOT NULL,
        last     INTEGER
    ) STRICT;
    CREATE INDEX conversation_customer ON conversation (customer);
    CREATE TABLE health (
        id    INTEGER PRIMARY KEY CHECK (id = 1),
        beats INTEGER NOT NULL,
        room  BLOB
    ) STRICT;
    INSERT INTO health (id, beats) VALUES (1, 0);
",
    "
    CREATE TABLE shelf (
        id   INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE shelf_event (
        shelf INTEGER NOT NULL,
        seq   INTEGER NOT NULL,
        PRIMARY KEY (shelf, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE shelf_party (
        party TEXT NOT NULL,
        shelf INTEGER NOT NULL,
        other TEXT NOT NULL,
        PRIMARY KEY (party, shelf)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE redaction (
        seq INTEGER PRIMARY KEY
    ) STRICT;
",
];

/// What went wrong, for the operator: what was tried, what the database said, what to do.
pub(super) fn fault(doing: &'static str, path: &Path, error: &rusqlite::Error) -> Fault {
    let advice = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "make room on the disk; the server takes up work by itself",
        Some(ErrorCode::NotADatabase) => {
            "this is not a database of this server: move the file away, or name another data_dir"
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            "the file is damaged: stop the server, keep a copy, and restore the last backup"
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            "give the server's user the right to read and write the file and its directory"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program holds the database: let it finish, or stop it"
        }
        Some(ErrorCode::SystemIoFailure) => "look at the disk and at the system's log",
        _ => "if it comes again, restart the server",
    };
    Fault { doing, cause: format!("{error} ({}); {advice}", path.display()) }
}

/// A connection that may write, with the settings that make a commit durable.
pub(super) fn connect(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<(Connection, String)> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        let mode = connection.pragma_update_and_check(None, "journal_mode", "WAL", |r| r.get(0))?;
        // With FULL every commit is on the disk before it returns: promise 1 rests on it.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection
            .pragma_update_and_check(None, "wal_autocheckpoint", AUTOCHECKPOINT, |_| Ok(()))?;
        connection.pragma_update_and_check(None, "journal_size_limit", WAL_BYTES, |_| Ok(()))?;
        Ok((connection, mode))
    };
    let doing = "opening the database";
    let (connection, mode) = open().map_err(|e| fault(doing, path, &e))?;
    if !mode.eq_ignore_ascii_case("wal") {
        let cause = format!(
            "the file system of {} allows no write-ahead log (journal mode {mode}); \
             put data_dir on a local disk",
            path.display()
        );
        return Err(Fault { doing, cause });
    }
    Ok(connection)
}

/// A connection that only reads, beside a running server or without one.
pub(super) fn connect_reader(path: &Path) -> Result<Connection, Fault> {
    let doing = "opening the archive";
    if !path.exists() {
        let cause = format!(
            "there is no {}: start the server once, or name its data_dir in the config",
            path.display()
        );
        return Err(Fault { doing, cause });
    }
    // Opened for writing because after a crash even a reader must first recover the write-ahead log.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    };
    let connection = open().map_err(|e| fault(doing, path, &e))?;
    if version(&connection, path, doing)? < MIGRATIONS.len() {
        let cause = format!(
            "{} was written by an older version; start this version's server once, which brings it up to date",
            path.display()
        );
        return Err(Fault { doing, cause });
    }
    Ok(connection)
}

/// Brings the database up to this version; refuses one that is not ours or newer than we are. With the
/// last step, and in its transaction, `project` makes the projection again: whoever is killed
/// meanwhile begins that step anew.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    project: impl Fn(&Transaction<'_>) -> rusqlite::Result<()>,
) -> Result<(), Fault> {
    let doing = "bringing the database up to date";
    let from = version(connection, path, doing)?;
    for (at, migration) in MIGRATIONS.iter().enumerate().skip(from) {
        let mut step = || -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            transaction.execute_batch(migration)?;
            if at + 1 == MIGRATIONS.len() {
                project(&transaction)?;
            }
            transaction.pragma_update(
                None,
                "user_version",
                i64::try_from(at + 1).unwrap_or(i64::MAX),
            )?;
            transaction.commit()
        };
        step().map_err(|e| fault(doing, path, &e))?;
    }
    Ok(())
}

/// How many migrations it has had.
fn version(connection: &Connection, path: &Path, doing: &'static str) -> Result<usize, Fault> {
    let read = || -> rusqlite::Result<(usize, i64, i64)> {
        let version: i64 = connection.pragma_query_value(None, "user_version", |r| r.get(0))?;
        // A negative one is nobody's: as good as newer.
        let version = usize::try_from(version).unwrap_or(usize::MAX);
        let ours = connection.pragma_query_value(None, "application_id", |r| r.get(0))?;
        let tables =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
        Ok((version, ours, tables))
    };
    let (version, application, tables) = read().map_err(|e| fault(doing, path, &e))?;
    let fresh = version == 0 && application == 0 && tables == 0;
    let refuse = |why: String| Err(Fault { doing, cause: format!("{} {why}", path.display()) });
    if !fresh && application != APPLICATION_ID {
        return refuse(
            "is the database of another program: move it away, or name another data_dir".to_owned(),
        );
    }
    if version > MIGRATIONS.len() {
        return refuse(format!(
            "was written by a newer version (schema {version}, this one knows {}): \
             run that version, or restore a backup from before it",
            MIGRATIONS.len()
        ));
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    /// The first bytes of each migration's SHA-256. Add a line for a new one; never change one.
    const PINNED: &[&str] = &["c14fe992487a5d66", "d10f41453942ee18"];

    #[test]
    fn released_migrations_never_change() {
        let hex = |m: &&str| -> String {
            Sha256::digest(m.as_bytes()).iter().take(8).map(|b| format!("{b:02x}")).collect()
        };
        let now: Vec<String> = MIGRATIONS.iter().map(hex).collect();
        assert_eq!(now, PINNED);
    }

    #[test]
    fn the_application_id_is_the_one_in_the_first_migration() {
        assert!(MIGRATIONS[0].contains(&format!("{APPLICATION_ID:#x}")));
    }
}
