//! What waits to leave: chunks of bytes in one shared arena, chained per session.
//!
//! A notice is encoded once and every recipient's chunk points at the same bytes, so nothing is
//! allocated or copied per recipient until it leaves. It knows no socket, desk or journal.

/// No entry.
const NONE: u64 = u64::MAX;

/// Bytes in a log's arena, by place since the log began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    start: u64,
    len: u32,
}

impl Place {
    /// The number of the first entry behind it.
    pub(super) fn number(self) -> u64 {
        self.entry
    }
}

impl Chunk {
    pub(super) fn len(self) -> usize {
        self.len as usize
    }
}

/// A place between two entries of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    entry: u64,
    byte: u64,
}

/// One session's chunks in one log, first to last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    head: u64,
    tail: u64,
}

impl Default for Chain {
    fn default() -> Self {
        Self { head: NONE, tail: NONE }
    }
}

impl Chain {
    pub(super) fn is_empty(&self) -> bool {
        self.head == NONE
    }

    /// True when its first chunk is the entry of that number, which is when its turn comes.
    pub(super) fn begins_at(&self, entry: u64) -> bool {
        self.head == entry
    }
}

struct Entry {
    slot: u32,
    chunk: Chunk,
    next: u64,
    /// The connection ends after this chunk.
    last: bool,
}

/// Chunks in the order in which they were put there, whosever they are.
#[derive(Default)]
pub(super) struct Log {
    arena: Vec<u8>,
    entries: Vec<Entry>,
    base: Place,
}

impl Log {
    /// The end of the log: what is put there later lies behind it.
    pub(super) fn end(&self) -> Place {
        Place {
            entry: self.base.entry + self.entries.len() as u64,
            byte: self.base.byte + self.arena.len() as u64,
        }
    }

    /// Runs `encode` at the end of the arena; what it wrote is the chunk.
    pub(super) fn encode(&mut self, encode: impl FnOnce(&mut Vec<u8>)) -> Chunk {
        let from = self.arena.len();
        encode(&mut self.arena);
        let len = u32::try_from(self.arena.len() - from).unwrap_or(u32::MAX);
        Chunk { start: self.base.byte + from as u64, len }
    }

    /// The bytes of a chunk that is still there.
    pub(super) fn bytes(&self, chunk: Chunk) -> &[u8] {
        let from = (chunk.start - self.base.byte) as usize;
        &self.arena[from..from + chunk.len()]
    }

    /// Puts a chunk at the end of a session's chain.
    pub(super) fn push(&mut self, chain: &mut Chain, slot: u32, chunk: Chunk, last: bool) {
        let at = self.base.entry + self.entries.len() as u64;
        if chain.is_empty() {
            chain.head = at;
        } else if let Some(tail) = self.entries.get_mut((chain.tail - self.base.entry) as usize) {
            tail.next = at;
        }
        chain.tail = at;
        self.entries.push(Entry { slot, chunk, next: NONE, last });
    }

    /// Takes the chain's chunks before `until`, in order; true when the connection ends with them.
    pub(super) fn take(&self, chain: &mut Chain, until: Place, out: &mut Vec<Chunk>) -> bool {
        let mut last = false;
        while chain.head < until.entry {
            let Some(entry) = self.entries.get((chain.head - self.base.entry) as usize) else {
                break;
            };
            out.push(entry.chunk);
            last |= entry.last;
            chain.head = entry.next;
        }
        last
    }

    /// The entries before `until`: number and slot.
    pub(super) fn numbers(&self, until: Place) -> impl Iterator<Item = (u64, u32)> + use<'_> {
        let count = (until.entry.saturating_sub(self.base.entry) as usize).min(self.entries.len());
        let base = self.base.entry;
        self.entries[..count].iter().zip(base..).map(|(entry, number)| (number, entry.slot))
    }

    /// The slot of the entry of that number, if it is still there.
    pub(super) fn slot(&self, number: u64) -> Option<u32> {
        let at = number.checked_sub(self.base.entry)?;
        self.entries.get(usize::try_from(at).ok()?).map(|entry| entry.slot)
    }

    /// The number of the first entry.
    pub(super) fn first(&self) -> u64 {
        self.base.entry
    }

    /// Forgets everything before `until`. Keeps some memory for the next batch, not a burst's.
    pub(super) fn forget(&mut self, until: Place) {
        let end = self.end();
        if until == end {
            self.entries.clear();
            self.arena.clear();
            self.entries.shrink_to(ENTRIES_KEPT);
            self.arena.shrink_to(BYTES_KEPT);
        } else {
            self.entries.drain(..(until.entry - self.base.entry) as usize);
            self.arena.drain(..(until.byte - self.base.byte) as usize);
        }
        self.base = until;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// Bytes of arena kept between batches.
const BYTES_KEPT: usize = 1 << 20;
/// Entries kept between batches.
const ENTRIES_KEPT: usize = 1 << 15;

#[cfg(test)]
mod tests {
    use super::*;

    fn say(log: &mut Log, chain: &mut Chain, slot: u32, text: &str) {
        let chunk = log.encode(|out| out.extend_from_slice(text.as_bytes()));
        log.push(chain, slot, chunk, false);
    }

    fn read(log: &Log, chain: &mut Chain, until: Place) -> String {
        let mut chunks = Vec::new();
        log.take(chain, until, &mut chunks);
        chunks.iter().map(|&c| String::from_utf8_lossy(log.bytes(c)).into_owned()).collect()
    }

    #[test]
    fn chains_keep_each_sessions_order_across_a_place() {
        let (mut log, mut anna, mut bob) = (Log::default(), Chain::default(), Chain::default());
        say(&mut log, &mut anna, 0, "a1 ");
        say(&mut log, &mut bob, 1, "b1 ");
        say(&mut log, &mut anna, 0, "a2 ");
        let place = log.end();
        say(&mut log, &mut bob, 1, "b2 ");
        say(&mut log, &mut anna, 0, "a3 ");
        assert_eq!(read(&log, &mut anna, place), "a1 a2 ");
        assert_eq!(read(&log, &mut bob, place), "b1 ");
        log.forget(place);
        say(&mut log, &mut anna, 0, "a4 ");
        let end = log.end();
        assert_eq!(read(&log, &mut anna, end), "a3 a4 ");
        assert_eq!(read(&log, &mut bob, end), "b2 ");
        assert!(anna.is_empty() && bob.is_empty());
        log.forget(end);
        assert!(log.is_empty());
    }

    #[test]
    fn one_chunk_serves_many() {
        let (mut log, mut anna, mut bob) = (Log::default(), Chain::default(), Chain::default());
        let chunk = log.encode(|out| out.extend_from_slice(b"hi"));
        log.push(&mut anna, 0, chunk, false);
        log.push(&mut bob, 1, chunk, true);
        let end = log.end();
        assert_eq!(read(&log, &mut anna, end), "hi");
        let mut chunks = Vec::new();
        assert!(log.take(&mut bob, end, &mut chunks), "the last chunk says so");
    }
}
