//! Moves what is committed from the write-ahead log into the database, so that no commit waits for it.
//!
//! By itself SQLite does this inside the commit that made the log long, and everybody waits. Here a
//! thread with a connection of its own does it often and beside the commits; when the log has grown
//! long all the same, the writer moves the little that came meanwhile, for only a log that is moved
//! whole begins anew. When the thread fails, `AUTOCHECKPOINT` still bounds the log. It knows pages
//! and a file, no event.

use super::schema;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Pages between two turns of the thread: little enough that a commit beside one hardly notices it.
const TURN: usize = 256;
/// Pages of log that are worth beginning it anew.
const LONG: u32 = 1000;
/// Events on a page, about.
const EVENTS_PER_PAGE: usize = 32;
/// Pages that every commit writes besides its events, about.
const PAGES_PER_COMMIT: usize = 2;

/// The thread, as the writer sees it. It ends when this value is dropped.
#[derive(Debug)]
pub(super) struct Checkpointer {
    ask: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Pages in the log when it was last moved.
    length: Arc<AtomicU32>,
    /// Pages written since the thread was last asked, about.
    written: usize,
}

impl Checkpointer {
    /// Starts the thread for the database at `path`. Where the system refuses one, SQLite does its work.
    pub(super) fn start(path: PathBuf) -> Self {
        let (ask, asked) = sync_channel(1);
        let length = Arc::new(AtomicU32::new(0));
        let shared = length.clone();
        let thread = std::thread::Builder::new()
            .name("checkpoint".into())
            .spawn(move || run(&path, &asked, &shared))
            .ok();
        Self { ask: Some(ask), thread, length, written: 0 }
    }

    /// After a commit of so many events by this connection.
    pub(super) fn committed(&mut self, events: usize, writer: &Connection) {
        if self.length.load(Relaxed) >= LONG {
            self.length.store(0, Relaxed);
            // When it fails the log stays, and the next commit says what is wrong with the disk.
            let _ = checkpoint(writer);
        }
        self.written += PAGES_PER_COMMIT + events / EVENTS_PER_PAGE;
        if self.written >= TURN
            && let Some(ask) = &self.ask
        {
            self.written = 0;
            // When it is still at the last turn, it takes these pages along at the next.
            let _ = ask.try_send(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.ask = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(path: &std::path::Path, asked: &Receiver<()>, length: &AtomicU32) {
    let mut connection: Option<Connection> = None;
    while asked.recv().is_ok() {
        // A failing disk is the writer's to report, at its next commit.
        let Some(own) = connection.take().or_else(|| schema::connect(path).ok()) else { continue };
        if let Ok(pages) = checkpoint(&own) {
            length.store(pages, Relaxed);
            connection = Some(own);
        }
    }
}

/// Moves what no reader is in the way of; the pages in the log.
fn checkpoint(connection: &Connection) -> rusqlite::Result<u32> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        // -1 when it could not be looked at.
        Ok(u32::try_from(row.get::<_, i64>(1)?).unwrap_or(0))
    })
}
