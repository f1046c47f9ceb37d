//! The archive of a SQLite file: reads beside the running server, each question from one snapshot.
//!
//! It never writes to it. What an episode, a find or a figure is stands in `about`, `search` and `figures`; here is only
//! how their events are found.

use super::super::audit::Act;
use super::super::figures::{Tally, period_before};
use super::super::search::{Query, searched};
use super::super::{Archive, Cut, Episode, Fault, Figures, Found, Shelf, Which, about, codec};
use super::{lines, lock, project, read, schema};
use crate::base::ids::{ConversationId, Seq};
use crate::base::time::Timestamp;
use crate::desk::language::fact::Event;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use std::fmt::Display;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A reader of the database at a path.
#[derive(Debug)]
pub struct SqliteArchive {
    path: PathBuf,
    connection: Connection,
}

impl SqliteArchive {
    /// Opens the database at `path` for reading; it must be there. A server may be running on it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Fault> {
        let path = path.as_ref().to_path_buf();
        let connection = schema::connect_reader(&path)?;
        Ok(Self { path, connection })
    }

    /// Copies the whole database, as of one moment, into a new file for its owner only; the server may go
    /// on writing. The copy is a database like any other: put in the place of a lost one, it is the restore.
    pub fn backup(&mut self, to: impl AsRef<Path>) -> Result<(), Fault> {
        let (doing, to) = ("making a backup", to.as_ref());
        lock::make_new_file(to)?;
        let copy = || -> rusqlite::Result<()> {
            // The guard against writing would also refuse to write the copy.
            self.connection.pragma_update(None, "query_only", false)?;
            let copied = self.connection.execute("VACUUM INTO ?1", params![to.to_string_lossy()]);
            self.connection.pragma_update(None, "query_only", true)?;
            copied.map(drop)
        };
        let copied = copy().map_err(|e| schema::fault(doing, to, &e));
        let synced = || {
            let file = File::open(to).and_then(|file| file.sync_all());
            file.map_err(|e| Fault { doing, cause: format!("{e} ({})", to.display()) })
        };
        copied.and_then(|()| synced()).inspect_err(|_| {
            // Half a copy must not be taken for one.
            let _ = fs::remove_file(to);
        })
    }

    /// Asks one question of one snapshot.
    fn ask<T>(
        &mut self,
        doing: &'static str,
        question: impl FnOnce(&Transaction<'_>) -> Result<T, Trouble>,
    ) -> Result<T, Fault> {
        let path = &self.path;
        let snapshot = self.connection.transaction().map_err(|e| schema::fault(doing, path, &e))?;
        question(&snapshot).map_err(|trouble| trouble.fault(doing, path))
    }
}

/// What stops an answer.
pub(super) enum Trouble {
    Database(rusqlite::Error),
    Record(Seq, String),
}

impl Trouble {
    pub(super) fn fault(self, doing: &'static str, path: &Path) -> Fault {
        match self {
            Self::Database(e) => schema::fault(doing, path, &e),
            Self::Record(seq, why) => Fault {
                doing,
                cause: format!("event {seq}: {why} ({}); restore it from a backup", path.display()),
            },
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(e: rusqlite::Error) -> Self {
        Self::Database(e)
    }
}

pub(super) fn seq_of(row: &Row<'_>) -> rusqlite::Result<Seq> {
    row.get(0).map(i64::cast_unsigned).map(Seq)
}

pub(super) fn at_record(seq: Seq) -> impl Fn(&dyn Display) -> Trouble {
    move |why| Trouble::Record(seq, why.to_string())
}

impl Archive for SqliteArchive {
    fn episodes(&mut self, which: &Which) -> Result<Vec<Episode>, Fault> {
        self.ask("reading conversations", |snapshot| {
            let mut episodes = Vec::new();
            for (conversation, customer) in named(snapshot, which)? {
                let id = ConversationId(conversation.cast_unsigned());
                episodes.extend(about::episode(id, concerning(snapshot, conversation, customer)?));
            }
            Ok(episodes)
        })
    }

    fn search(&mut self, words: &str, limit: usize) -> Result<Vec<Found>, Fault> {
        let Some(query) = Query::parse(words) else { return Ok(Vec::new()) };
        self.ask("searching conversations", |snapshot| {
            let mut found = Vec::new();
            // Newest first, straight down the table.
            let mut scan = snapshot.prepare_cached(
                "SELECT seq, conversation, fact, words FROM event
                 WHERE conversation IS NOT NULL AND words IS NOT NULL ORDER BY seq DESC",
            )?;
            let mut rows = scan.query([])?;
            while found.len() < limit {
                let Some(row) = rows.next()? else { break };
                let find = find(snapshot, row, &query)?;
                let seq = seq_of(row)?;
                if find.is_some() && lines::event(snapshot, seq)?.is_some() {
                    found.extend(find);
                }
            }
            Ok(found)
        })
    }

    fn lines(&mut self, shelf: &Shelf, cut: &Cut<'_>) -> Result<Vec<Event>, Fault> {
        self.ask("reading history", |snapshot| lines::lines(snapshot, shelf, cut))
    }

    fn holds(&mut self, shelf: &Shelf, seq: Seq) -> Result<bool, Fault> {
        self.ask("reading history", |snapshot| lines::holds(snapshot, shelf, seq))
    }

    fn first_since(&mut self, at: Timestamp) -> Result<Seq, Fault> {
        self.ask("reading history", |snapshot| lines::first_since(snapshot, at))
    }

    fn event(&mut self, seq: Seq) -> Result<Option<Event>, Fault> {
        self.ask("reading an event", |snapshot| lines::event(snapshot, seq))
    }

    fn correspondents(&mut self, party: &str) -> Result<Vec<(String, Event)>, Fault> {
        self.ask("reading history", |snapshot| lines::correspondents(snapshot, party))
    }

    fn acts(&mut self, from: Timestamp, until: Timestamp) -> Result<Vec<Act>, Fault> {
        self.ask("reading the audit", |snapshot| lines::acts(snapshot, from, until))
    }

    fn figures(&mut self, now: Timestamp, period: Duration) -> Result<Figures, Fault> {
        let period = period_before(now, period);
        self.ask("counting figures", |snapshot| {
            let mut tally = Tally::new(period.clone());
            let mut statement = snapshot.prepare_cached(
                "WITH meant AS (
                     SELECT id, first, ifnull(last, 9223372036854775807) AS last
                     FROM conversation WHERE opened >= ?1 AND opened < ?2
                 )
                 SELECT seq, fact FROM event
                 WHERE seq >= (SELECT min(first) FROM meant)
                   AND seq <= (SELECT max(last) FROM meant)
                   AND conversation IN (SELECT id FROM meant)
                 ORDER BY conversation, seq",
            )?;
            let (from, to) = (project::moment(period.start), project::moment(period.end));
            let mut rows = statement.query(params![from, to])?;
            while let Some(row) = rows.next()? {
                let record = at_record(seq_of(row)?);
                let facts = row.get_ref(1)?.as_blob().map_err(|e| record(&e))?;
                let (at, _, fact) = codec::decode_facts(facts).map_err(|e| record(&e))?;
                tally.count(at, &fact);
            }
            Ok(tally.figures())
        })
    }
}

/// The conversations meant, each with its customer, oldest first.
fn named(snapshot: &Transaction<'_>, which: &Which) -> Result<Vec<(i64, i64)>, Trouble> {
    let pair = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let named = match which {
        Which::Conversation(id) => snapshot
            .prepare_cached("SELECT id, customer FROM conversation WHERE id = ?1")?
            .query_map(params![id.0.cast_signed()], pair)?
            .collect::<rusqlite::Result<_>>(),
        Which::Channel(name) => snapshot
            .prepare_cached(
                "SELECT id, customer FROM conversation
                 WHERE customer IN (SELECT id FROM customer WHERE folded = ?1) ORDER BY id",
            )?
            .query_map(params![about::channel_key(name)], pair)?
            .collect(),
    };
    Ok(named?)
}

/// The events of a conversation: those of its stretch of the journal that name it.
const STRETCH: &str = "
    SELECT seq, fact, words FROM event
    WHERE seq >= (SELECT first FROM conversation WHERE id = ?1)
      AND seq <= (SELECT ifnull(last, 9223372036854775807) FROM conversation WHERE id = ?1)
      AND conversation = ?1";

/// Everything about a conversation and its customer, in order.
fn concerning(
    snapshot: &Transaction<'_>,
    conversation: i64,
    customer: i64,
) -> Result<Vec<Event>, Trouble> {
    let mut events = Vec::new();
    let mut gather = |sql: &str, id: i64| -> Result<(), Trouble> {
        let mut statement = snapshot.prepare_cached(sql)?;
        let mut rows = statement.query(params![id])?;
        while let Some(row) = rows.next()? {
            let seq = seq_of(row)?;
            events.push(read(row, seq, 1).map_err(|why| at_record(seq)(&why))?);
        }
        Ok(())
    };
    gather(STRETCH, conversation)?;
    gather(
        "SELECT seq, fact, words FROM event
         WHERE seq IN (SELECT seq FROM customer_event WHERE customer = ?1)",
        customer,
    )?;
    events.sort_by_key(|event| event.seq);
    Ok(events)
}

/// The row as a find, if it is one.
fn find(
    snapshot: &Transaction<'_>,
    row: &Row<'_>,
    query: &Query,
) -> Result<Option<Found>, Trouble> {
    let seq = seq_of(row)?;
    let record = at_record(seq);
    let words = row.get_ref(3)?.as_blob().map_err(|e| record(&e))?;
    // Looked at before anything is decoded: nearly every row ends here. The lines of a multiline
    // message (behind the second NUL) may continue each other in the middle of a word.
    let several = words.iter().filter(|byte| **byte == 0).count() > 1;
    if !several && !std::str::from_utf8(words).is_ok_and(|words| query.matches(words)) {
        return Ok(None);
    }
    let event = read(row, seq, 2).map_err(|why| record(&why))?;
    let line = event.lines().join(" ");
    if !searched(&event.fact) || !query.matches(&line) {
        return Ok(None);
    }
    let conversation: i64 = row.get(1)?;
    let channel: Option<String> = snapshot
        .prepare_cached(
            "SELECT channel FROM customer WHERE id = (SELECT customer FROM conversation WHERE id = ?1)",
        )?
        .query_row(params![conversation], |r| r.get(0))
        .optional()?;
    Ok(Some(Found {
        conversation: ConversationId(conversation.cast_unsigned()),
        channel: channel.unwrap_or_default(),
        at: event.at,
        line,
    }))
}
