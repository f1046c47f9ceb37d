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
    /// When it was made, whatever it was called then (329).
    pub made: Timestamp,
    /// Since when it has its name: what was said under it before was said in another channel.
    pub created: Timestamp,
    /// Topic, who set it, when. A department's is made from its queue.
    pub topic: Option<(Line, Arc<str>, Timestamp)>,
    /// Members and their rank.
    pub members: BTreeMap<SessionId, Rank>,
    /// Flags without parameter: `i m n s t p u C R M`.
    pub flags: BTreeSet<char>,
    /// `+k`.
    pub key: Option<Line>,
    /// `+l`.
    pub limit: Option<usize>,
    /// `+b`, `+e`, `+I`, `+q` by letter.
    pub lists: BTreeMap<char, Vec<MaskEntry>>,
}

impl Room {
    /// A new room with the usual modes (`+nt`).
    pub fn new(name: ChannelName, department: Option<Department>, created: Timestamp) -> Self {
        Self {
            name,
            department,
            made: created,
            created,
            topic: None,
            members: BTreeMap::new(),
            flags: BTreeSet::from(['n', 't']),
            key: None,
            limit: None,
            lists: BTreeMap::new(),
        }
    }
    /// The rank of a member; none of somebody outside.
    pub fn rank(&self, session: SessionId) -> Rank {
        self.members.get(&session).copied().unwrap_or_default()
    }

    /// True when `viewer` is shown this member: in an auditorium (`+u`) those without rank are
    /// shown to half-operators and above only, and to themselves.
    pub fn shows(&self, viewer: SessionId, member: SessionId) -> bool {
        !self.flags.contains(&'u')
            || viewer == member
            || self.rank(member) != Rank::NONE
            || self.rank(viewer).reaches(Rank::HALF)
    }

    /// How NAMES marks it: `@` secret, `*` private, `=` public. Source: Modern IRC `RPL_NAMREPLY`.
    pub fn kind(&self) -> char {
        match (self.flags.contains(&'s'), self.flags.contains(&'p')) {
            (true, _) => '@',
            (false, true) => '*',
            (false, false) => '=',
        }
    }
}
