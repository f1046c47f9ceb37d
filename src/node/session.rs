//! One connection's state in the runner, and the slab that holds all of them.
//!
//! No socket is in here: bytes leave by a `Sink`.

use super::limits::Bucket;
use super::outbox::Chain;
use crate::base::ids::SessionId;
use crate::base::time::Timestamp;
use crate::face::Face;
use crate::wire::framing::Framer;
use std::io;
use std::sync::Arc;

/// The way out of one connection. None of these calls may wait, or call the runner back.
pub trait Sink {
    /// Writes as much as the peer takes now; less than all means it is full, and that the sink
    /// has arranged for `Node::writable` to be called when there is room again.
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Reading was paused and may go on.
    fn resume(&mut self);
    /// Everything is written; end the connection.
    fn close(&mut self);
    /// The peer is really at this address: it counts there from now on.
    ///
    /// # Errors
    /// When that address has no place for it; the words for the peer.
    fn relocate(&mut self, _now: Timestamp, _address: &str) -> Result<(), &'static str> {
        Ok(())
    }
    /// The peer has this account: it counts there from now on.
    ///
    /// # Errors
    /// When the account has no place for it; the words for the peer.
    fn signed_in(&mut self, _account: &str) -> Result<(), &'static str> {
        Ok(())
    }
}

/// What the reader of a connection does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Read on.
    Continue,
    /// Read nothing until `Sink::resume`.
    Pause,
    /// The session is over.
    Gone,
}

pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) face: Box<dyn Face>,
    pub(super) sink: Box<dyn Sink>,
    pub(super) framer: Framer,
    pub(super) address: Arc<str>,
    /// Input that was received but may not be read yet.
    pub(super) stash: Vec<u8>,
    /// Chunks that may leave at the next flush.
    pub(super) ready: Chain,
    /// Chunks that wait for a commit.
    pub(super) held: Chain,
    /// Bytes in both chains.
    pub(super) queued: usize,
    /// Bytes that the socket did not take yet.
    pub(super) backlog: Vec<u8>,
    /// The socket is full; `writable` will be called.
    pub(super) full: bool,
    /// A check of credentials is under way: its number.
    pub(super) verifying: Option<u32>,
    /// Questions to the archive whose answer has not come.
    pub(super) asking: u32,
    /// Its own rate is used up until then.
    pub(super) throttled: Option<Timestamp>,
    /// Too much waits to leave; nothing more is read until it has drained.
    pub(super) choked: bool,
    /// The reader was told to pause.
    pub(super) paused: bool,
    /// Nothing more is read; it ends when what was said has left.
    pub(super) ending: bool,
    /// The last chunk has been handed over; only the backlog is left.
    pub(super) last_taken: bool,
    /// The desk was told, or has itself decided, that it is gone.
    pub(super) forgotten: bool,
    /// It is about to be cut.
    pub(super) doomed: bool,
    /// Staff talk in many conversations at once.
    pub(super) staff: bool,
    /// Its address is exempt: no input rate holds for it.
    pub(super) exempt: bool,
    pub(super) bucket: Bucket,
    pub(super) opened: Timestamp,
    pub(super) heard: Timestamp,
    pub(super) pinged: Option<Timestamp>,
    /// When `Node::tick` looks at it next; its entry among the timers.
    pub(super) timer: Timestamp,
    pub(super) lines: u32,
    /// When it is closed even if its last words have not left.
    pub(super) ends_by: Timestamp,
    /// The desk has said Welcome.
    pub(super) welcomed: bool,
    /// Why it ends, for the log.
    pub(super) reason: &'static str,
}

impl Session {
    pub(super) fn new(
        id: SessionId,
        face: Box<dyn Face>,
        sink: Box<dyn Sink>,
        framer: Framer,
        address: Arc<str>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            face,
            sink,
            framer,
            address,
            stash: Vec::new(),
            ready: Chain::default(),
            held: Chain::default(),
            queued: 0,
            backlog: Vec::new(),
            full: false,
            verifying: None,
            asking: 0,
            throttled: None,
            choked: false,
            paused: false,
            ending: false,
            last_taken: false,
            forgotten: false,
            doomed: false,
            staff: false,
            exempt: false,
            bucket: Bucket::default(),
            opened: now,
            heard: now,
            pinged: None,
            timer: Timestamp(u64::MAX),
            lines: 0,
            ends_by: Timestamp(0),
            welcomed: false,
            reason: "",
        }
    }

    /// Bytes that wait to leave, held ones included.
    pub(super) fn outstanding(&self) -> usize {
        self.queued + self.backlog.len()
    }

    /// True when its next line may be read.
    pub(super) fn readable(&self) -> bool {
        self.verifying.is_none()
            && self.asking == 0
            && self.throttled.is_none()
            && !self.choked
            && !self.ending
            && !self.doomed
    }
}

/// Sessions by number. A number is the order of arrival and the place in the slab, so that a
/// look-up is an index, a number is never used twice, and older sessions have smaller numbers.
#[derive(Default)]
pub(super) struct Slab {
    slots: Vec<Option<Box<Session>>>,
    free: Vec<u32>,
    arrivals: u64,
    live: usize,
}

const SLOT_BITS: u32 = 24;

impl Slab {
    /// A number for a new session, and its slot; none when all slots are taken.
    pub(super) fn reserve(&mut self) -> Option<(SessionId, u32)> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if self.slots.len() < 1 << SLOT_BITS => {
                self.slots.push(None);
                (self.slots.len() - 1) as u32
            }
            None => return None,
        };
        self.arrivals += 1;
        Some((SessionId(self.arrivals << SLOT_BITS | u64::from(slot)), slot))
    }

    pub(super) fn fill(&mut self, slot: u32, session: Session) {
        self.slots[slot as usize] = Some(Box::new(session));
        self.live += 1;
    }

    /// The slot of a session that is there.
    pub(super) fn slot(&self, id: SessionId) -> Option<u32> {
        let slot = (id.0 & ((1 << SLOT_BITS) - 1)) as u32;
        self.at(slot).filter(|s| s.id == id).map(|_| slot)
    }

    pub(super) fn at(&self, slot: u32) -> Option<&Session> {
        self.slots.get(slot as usize)?.as_deref()
    }

    pub(super) fn at_mut(&mut self, slot: u32) -> Option<&mut Session> {
        self.slots.get_mut(slot as usize)?.as_deref_mut()
    }

    pub(super) fn get(&self, id: SessionId) -> Option<&Session> {
        self.at(self.slot(id)?)
    }

    pub(super) fn get_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        let slot = self.slot(id)?;
        self.at_mut(slot)
    }

    pub(super) fn remove(&mut self, slot: u32) -> Option<Box<Session>> {
        let session = self.slots.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        self.live -= 1;
        Some(session)
    }

    pub(super) fn ids(&self) -> Vec<SessionId> {
        self.slots.iter().flatten().map(|s| s.id).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.live
    }
}
