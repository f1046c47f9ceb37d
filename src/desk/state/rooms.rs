//! Staff channels: members, modes, topic, lists.

use crate::base::ids::SessionId;
use crate::base::text::{ChannelName, Line};
use crate::base::time::Timestamp;
use crate::desk::language::people::{Department, Rank};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A mask on a list: the mask, who set it, when.
pub type MaskEntry = (Line, Arc<str>, Timestamp);

/// One staff channel.
#[derive(Clone, Debug)]
pub struct Room {
    /// Its name as first typed.
    pub name: ChannelName,
    /// The department it belongs to; such a room exists always.
    pub department: Option<Department>,
    /// Since when.
    pub created: Timestamp,
    /// Topic, who set it, when. A department's is made from its queue.
    pub topic: Option<(Line, Arc<str>, Timestamp)>,
    /// Members and their rank.
    pub members: BTreeMap<SessionId, Rank>,
    /// Flags without parameter: `i m n s t p C R M`.
    pub flags: BTreeSet<char>,
    /// `+k`.
    pub key: Option<Line>,
    /// `+l`.
    pub limit: Option<usize>,
    /// `+b`, `+e`, `+I` by letter.
    pub lists: BTreeMap<char, Vec<MaskEntry>>,
}

impl Room {
    /// A new room with the usual modes (`+nt`).
    pub fn new(name: ChannelName, department: Option<Department>, created: Timestamp) -> Self {
        Self {
            name,
            department,
            created,
            topic: None,
            members: BTreeMap::new(),
            flags: BTreeSet::from(['n', 't']),
            key: None,
            limit: None,
            lists: BTreeMap::new(),
        }
    }
}
