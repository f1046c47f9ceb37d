//! Opens the accounts' database file: its permissions, its settings and its schema. It knows no
//! account.

use crate::store::Fault;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

/// How long a change waits for one of another process.
const BUSY: Duration = Duration::from_secs(5);

/// How often write-ahead mode is asked for before it is given up.
const TRIES: usize = 100;

/// Append-only: the file's `user_version` is how many of them it has seen.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE state (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        generation INTEGER NOT NULL,
        secret BLOB NOT NULL
    ) STRICT;
    INSERT INTO state VALUES (1, 0, randomblob(32));
    CREATE TABLE account (
        folded TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        password TEXT NOT NULL,
        scram_salt BLOB NOT NULL,
        scram_iterations INTEGER NOT NULL,
        scram_stored_key BLOB NOT NULL,
        scram_server_key BLOB NOT NULL,
        suspended INTEGER NOT NULL DEFAULT 0,
        created_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE certificate (
        fingerprint TEXT PRIMARY KEY,
        account TEXT NOT NULL REFERENCES account ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX certificate_account ON certificate (account);
",
    "
    ALTER TABLE account ADD COLUMN email TEXT;
    CREATE TABLE waiting (
        folded TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        password TEXT NOT NULL,
        scram_salt BLOB NOT NULL,
        scram_iterations INTEGER NOT NULL,
        scram_stored_key BLOB NOT NULL,
        scram_server_key BLOB NOT NULL,
        email TEXT NOT NULL,
        code BLOB NOT NULL,
        until_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE invitation (
        code BLOB PRIMARY KEY,
        role TEXT NOT NULL,
        until_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER)),
        who TEXT NOT NULL DEFAULT 'accounts',
        act TEXT NOT NULL,
        about TEXT NOT NULL,
        words TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX audit_at ON audit (at_ms);
    CREATE TRIGGER audit_bounded AFTER INSERT ON audit BEGIN
        DELETE FROM audit WHERE id <= NEW.id - 100000;
    END;
    CREATE TRIGGER account_made AFTER INSERT ON account BEGIN
        INSERT INTO audit (act, about, words) VALUES ('account made', NEW.name, NEW.role);
    END;
    CREATE TRIGGER account_removed AFTER DELETE ON account BEGIN
        INSERT INTO audit (act, about) VALUES ('account removed', OLD.name);
    END;
    CREATE TRIGGER account_role AFTER UPDATE OF role ON account BEGIN
        INSERT INTO audit (act, about, words)
        VALUES ('account role', NEW.name, OLD.role || ' to ' || NEW.role);
    END;
    CREATE TRIGGER account_suspended AFTER UPDATE OF suspended ON account BEGIN
        INSERT INTO audit (act, about)
        VALUES (iif(NEW.suspended, 'account suspended', 'account resumed'), NEW.name);
    END;
    CREATE TRIGGER account_password AFTER UPDATE OF scram_salt ON account BEGIN
        INSERT INTO audit (act, about) VALUES ('account password', NEW.name);
    END;
    CREATE TRIGGER certificate_added AFTER INSERT ON certificate BEGIN
        INSERT INTO audit (act, about, words)
        VALUES ('certificate added', NEW.account, NEW.fingerprint);
    END;
    CREATE TRIGGER certificate_removed AFTER DELETE ON certificate BEGIN
        INSERT INTO audit (act, about, words)
        VALUES ('certificate removed', OLD.account, OLD.fingerprint);
    END;
    CREATE TRIGGER invitation_made AFTER INSERT ON invitation BEGIN
        INSERT INTO audit (act, about) VALUES ('invitation made', NEW.role);
    END;
",
];

/// Opens the file, making it, readable by its owner only, when it is not there.
pub(super) fn open(path: &Path) -> Result<Connection, Fault> {
    private(path).map_err(|e| fault("open the accounts file", path, e))?;
    let mut database =
        Connection::open(path).map_err(|e| fault("open the accounts file", path, e))?;
    let unknown =
        prepare(&mut database).map_err(|e| fault("prepare the accounts file", path, e))?;
    match unknown {
        0 => Ok(database),
        _ => Err(fault(
            "open the accounts file",
            path,
            "it was written by a newer version of the server; run that version",
        )),
    }
}

/// Makes the file, or narrows its mode; SQLite gives the files beside it the same one.
///
/// A file that is there is never opened here: closing it again would release the locks that
/// other connections of this process hold on it (SQLite, "How To Corrupt", section 2.2).
fn private(path: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => return Ok(()),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(e),
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & 0o700))?;
        }
    }
    Ok(())
}

/// Settings and migrations; gives how many migrations the file has seen that are unknown here.
fn prepare(database: &mut Connection) -> rusqlite::Result<usize> {
    database.busy_timeout(BUSY)?;
    database.pragma_update(None, "foreign_keys", true)?;
    write_ahead(database)?;
    database.pragma_update(None, "synchronous", "full")?;
    let tx = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let seen: u32 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let seen = usize::try_from(seen).unwrap_or(usize::MAX);
    for (place, migration) in MIGRATIONS.iter().enumerate().skip(seen) {
        tx.execute_batch(migration)?;
        tx.pragma_update(None, "user_version", i64::try_from(place + 1).unwrap_or(i64::MAX))?;
    }
    tx.commit()?;
    Ok(seen.saturating_sub(MIGRATIONS.len()))
}

/// Puts the file in write-ahead mode. For that SQLite asks for the file alone and does not wait: who is
/// in the way (another process that makes the file at this moment) is waited for by a transaction.
fn write_ahead(database: &mut Connection) -> rusqlite::Result<()> {
    for _ in 0..TRIES {
        match database.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                database.transaction_with_behavior(TransactionBehavior::Immediate)?.commit()?;
            }
            done => return done,
        }
    }
    database.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))
}

fn fault(doing: &'static str, path: &Path, cause: impl fmt::Display) -> Fault {
    Fault { doing, cause: format!("{}: {cause}", path.display()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::limits::AUDIT_ROWS;

    #[test]
    fn the_audit_is_bounded_as_the_limits_say() {
        assert!(MIGRATIONS[2].contains(&format!("NEW.id - {AUDIT_ROWS};")));
    }

    #[test]
    fn a_file_of_a_newer_version_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("accounts.db");
        let database = open(&path).unwrap();
        database.pragma_update(None, "user_version", 1000).unwrap();
        let refused = open(&path).unwrap_err();
        assert!(refused.cause.contains("newer version"), "{refused}");
        let seen: u32 = database.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(seen, 1000);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_any_of_its_files() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("accounts.db");
        std::fs::write(&path, b"").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let _database = open(&path).unwrap();
        let files: Vec<_> =
            std::fs::read_dir(directory.path()).unwrap().map(|f| f.unwrap().path()).collect();
        assert_eq!(files.len(), 3, "the file, its log and its index: {files:?}");
        for file in files {
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file:?}");
        }
    }

    #[test]
    fn a_place_that_cannot_be_is_a_fault_that_names_it() {
        let refused = open(Path::new("/nowhere/at/all/accounts.db")).unwrap_err();
        assert!(refused.to_string().contains("/nowhere/at/all/accounts.db"), "{refused}");
    }
}
