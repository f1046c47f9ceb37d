//! Journal and archive in one SQLite file: the journal writes, each archive reads on a connection of its own.
//!
//! A batch is one transaction in write-ahead mode with `synchronous=FULL`: on return it is on the disk.
//! Whenever a commit's outcome is unknown, the journal reopens the file and finds out; if even that
//! fails it answers with an error and, before its next write, takes back whatever of that batch turns out to be stored.
//! It knows events and tables; no session, no clock, no runtime.

mod archive;
mod checkpoint;
mod lines;
mod lock;
mod project;
mod prune;
mod schema;

pub use archive::SqliteArchive;

use super::{Expired, Fault, Journal, codec, follows};
use crate::base::ids::Seq;
use crate::desk::language::fact::Event;
use checkpoint::Checkpointer;
use lock::Lock;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::path::{Path, PathBuf};

/// Bytes a probe writes and frees again: about what a busy moment's commit needs.
const PROBE_BYTES: i32 = 64 * 1024;

/// The journal in a SQLite file; the only writer of its directory.
#[derive(Debug)]
pub struct SqliteJournal {
    path: PathBuf,
    connection: Option<Connection>,
    /// The last event that was confirmed to be stored.
    last: Seq,
    /// True when a failed batch may be stored all the same.
    doubtful: bool,
    max_pages: Option<u32>,
    facts: Vec<u8>,
    words: Vec<u8>,
    checkpointer: Checkpointer,
    _lock: Lock,
}

impl SqliteJournal {
    /// Opens the database at `path`, made if it is not there (its directory too, both for the owner
    /// only), and brings it up to this version. Refused while another server uses the directory.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Fault> {
        let path = path.as_ref().to_path_buf();
        let directory = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        lock::make_directory(directory)?;
        let held = Lock::take(directory)?;
        lock::make_file(&path)?;
        let mut connection = schema::connect(&path)?;
        schema::migrate(&mut connection, &path, project::make_again)?;
        let last = last_stored(&connection, &path)?;
        Ok(Self {
            checkpointer: Checkpointer::start(path.clone()),
            path,
            connection: Some(connection),
            last,
            doubtful: false,
            max_pages: None,
            facts: Vec::new(),
            words: Vec::new(),
            _lock: held,
        })
    }

    /// Limits the database to this many pages, as a full disk would; zero lifts the limit. For tests.
    #[doc(hidden)]
    pub fn limit_pages(&mut self, pages: u32) -> Result<(), Fault> {
        self.max_pages = Some(if pages == 0 { u32::MAX - 1 } else { pages });
        match &self.connection {
            Some(connection) => self.limit(connection),
            None => Ok(()),
        }
    }

    /// Cuts the connection as a failing disk would, with the outcome of the last batch unknown. For tests.
    #[doc(hidden)]
    pub fn doubt(&mut self, confirmed: Seq) {
        self.connection = None;
        self.doubtful = true;
        self.last = confirmed;
    }

    fn limit(&self, connection: &Connection) -> Result<(), Fault> {
        let Some(pages) = self.max_pages else { return Ok(()) };
        connection
            .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .map_err(|e| schema::fault("limiting the database", &self.path, &e))
    }

    /// The connection, opened again if it was lost and with nothing doubtful left in the file.
    fn ready(&mut self) -> Result<&mut Connection, Fault> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let connection = schema::connect(&self.path)?;
                self.limit(&connection)?;
                connection
            }
        };
        if self.doubtful {
            settle_log(&connection, &self.path)?;
            if last_stored(&connection, &self.path)? != self.last {
                project::forget_after(&mut connection, self.last)
                    .map_err(|e| schema::fault("taking back a failed batch", &self.path, &e))?;
            }
            self.doubtful = false;
        }
        Ok(self.connection.insert(connection))
    }

    /// After a failed write: whether the batch that ends with `end` is stored. Leaves a working connection
    /// or none.
    fn find_out(&mut self, end: Seq) -> Result<bool, Fault> {
        // Closing rolls back what was under way.
        self.connection = None;
        self.doubtful = true;
        let connection = schema::connect(&self.path)?;
        self.limit(&connection)?;
        settle_log(&connection, &self.path)?;
        let stored = last_stored(&connection, &self.path)?;
        if stored != end && stored != self.last {
            let cause = format!(
                "the database ends with event {stored}, where {} or {end} was expected; \
                 another program has changed it: stop it and restart the server",
                self.last
            );
            return Err(Fault { doing: "finding out what is stored", cause });
        }
        self.connection = Some(connection);
        self.doubtful = false;
        Ok(stored == end)
    }

    fn write(&mut self, events: &[Event]) -> Result<(), Fault> {
        let (mut facts, mut words) =
            (std::mem::take(&mut self.facts), std::mem::take(&mut self.words));
        let path = self.path.clone();
        let written = write_batch(self.ready()?, &path, events, &mut facts, &mut words);
        (self.facts, self.words) = (facts, words);
        written
    }
}

impl Journal for SqliteJournal {
    fn append(&mut self, events: &[Event]) -> Result<(), Fault> {
        let Some(end) = events.last().map(|e| e.seq) else { return Ok(()) };
        follows(self.last, events)?;
        if let Err(fault) = self.write(events) {
            match self.find_out(end) {
                Ok(true) => {}
                Ok(false) => return Err(fault),
                Err(also) => {
                    let cause = format!("{}; then, {also}", fault.cause);
                    return Err(Fault { cause, ..fault });
                }
            }
        }
        self.last = end;
        if let Some(connection) = &self.connection {
            self.checkpointer.committed(events.len(), connection);
        }
        Ok(())
    }

    fn replay(&mut self, each: &mut dyn FnMut(Event)) -> Result<(), Fault> {
        let path = self.path.clone();
        let mut at = Seq(0);
        let failed = |after: Seq, why: &dyn std::fmt::Display| Fault {
            doing: "replaying the journal",
            cause: format!(
                "event {}: {why} ({}); stop the server, keep a copy of the file, and restore the last backup",
                after.next(),
                path.display()
            ),
        };
        let connection = self.ready()?;
        let mut statement = connection
            .prepare_cached("SELECT seq, fact, words FROM event ORDER BY seq")
            .map_err(|e| failed(at, &e))?;
        let mut rows = statement.query([]).map_err(|e| failed(at, &e))?;
        while let Some(row) = rows.next().map_err(|e| failed(at, &e))? {
            let seq = row.get(0).map(i64::cast_unsigned).map(Seq).map_err(|e| failed(at, &e))?;
            if seq != at.next() {
                return Err(failed(at, &format!("it is missing, event {seq} comes next")));
            }
            each(read(row, seq, 1).map_err(|why| failed(at, &why))?);
            at = seq;
        }
        Ok(())
    }

    fn last(&mut self) -> Result<Seq, Fault> {
        self.ready()?;
        Ok(self.last)
    }

    fn probe(&mut self) -> Result<(), Fault> {
        let path = self.path.clone();
        let connection = self.ready()?;
        // Two commits, so that the room is really written before it is given back.
        let beat = || -> rusqlite::Result<()> {
            connection.execute(
                "UPDATE health SET beats = beats + 1, room = zeroblob(?1)",
                params![PROBE_BYTES],
            )?;
            connection.execute("UPDATE health SET room = NULL", [])?;
            Ok(())
        };
        let beaten = beat();
        beaten.map_err(|e| {
            // The log may now hold what the disk does not: settled before the next write.
            self.connection = None;
            self.doubtful = true;
            schema::fault("probing the disk", &path, &e)
        })
    }

    fn prune(&mut self, expired: &Expired, limit: usize) -> Result<bool, Fault> {
        let path = self.path.clone();
        let pruned = prune::prune(self.ready()?, expired, limit);
        if let (Ok(_), Some(connection)) = (&pruned, &self.connection) {
            self.checkpointer.committed(limit, connection);
        }
        pruned.map_err(|trouble| {
            self.connection = None;
            self.doubtful = true;
            trouble.fault("erasing what is past its time", &path)
        })
    }
}

/// Moves everything from the write-ahead log into the database and empties the log.
///
/// After a failed write or sync the log may hold what the disk does not: commits behind it
/// would be lost with it when the power goes. So none is made before this has succeeded.
fn settle_log(connection: &Connection, path: &Path) -> Result<(), Fault> {
    let doing = "emptying the write-ahead log";
    let busy: bool = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0))
        .map_err(|e| schema::fault(doing, path, &e))?;
    if busy {
        let cause = format!(
            "another program reads {} and does not let go; let it finish, or stop it",
            path.display()
        );
        return Err(Fault { doing, cause });
    }
    Ok(())
}

fn last_stored(connection: &Connection, path: &Path) -> Result<Seq, Fault> {
    connection
        .query_row("SELECT seq FROM event ORDER BY seq DESC LIMIT 1", [], |r| r.get(0))
        .optional()
        .map(|seq: Option<i64>| Seq(seq.unwrap_or(0).cast_unsigned()))
        .map_err(|e| schema::fault("reading the last event", path, &e))
}

/// One transaction: the events and what they change in the projection.
fn write_batch(
    connection: &mut Connection,
    path: &Path,
    events: &[Event],
    facts: &mut Vec<u8>,
    words: &mut Vec<u8>,
) -> Result<(), Fault> {
    let doing = "storing events";
    let failed = |e: rusqlite::Error| schema::fault(doing, path, &e);
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    {
        let mut insert = transaction
            .prepare_cached(
                "INSERT INTO event (seq, conversation, fact, words) VALUES (?1, ?2, ?3, ?4)",
            )
            .map_err(failed)?;
        for event in events {
            let unwritable = |e| Fault { doing, cause: format!("event {}: {e}", event.seq) };
            codec::encode_facts(event, facts).map_err(unwritable)?;
            let said = codec::encode_words(&event.words, words).then_some(&words[..]);
            let seq = event.seq.0.cast_signed();
            let conversation = project::conversation(&event.fact);
            insert.execute(params![seq, conversation, &*facts, said]).map_err(failed)?;
            let (by, has_words) = ((event.at, &event.actor), said.is_some());
            project::project(&transaction, event.seq, by, &event.fact, has_words)
                .map_err(failed)?;
        }
    }
    transaction.commit().map_err(failed)
}

/// The event in a row, whose facts and words stand in columns `column` and `column + 1`.
fn read(
    row: &rusqlite::Row<'_>,
    seq: Seq,
    column: usize,
) -> Result<Event, Box<dyn std::error::Error>> {
    let facts = row.get_ref(column)?.as_blob()?;
    let words = row.get_ref(column + 1)?.as_blob_or_null()?;
    Ok(codec::decode(seq, facts, words)?)
}
