//! Metadata: keys with values, on people and on channels.
//!
//! Source: IRCv3 metadata (draft/metadata-2).

use super::people::Source;
use crate::base::ids::SessionId;
use crate::base::limits::METADATA_KEY_BYTES;
use crate::base::text::{AccountName, ChannelName, Folded, Line};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A key: lower-case letters, digits and `_ . / -`.
pub type Key = Arc<str>;

/// The key that somebody typed; capitals are the same key. None: it is none.
pub fn key(text: &str) -> Option<Key> {
    let letters = |b: u8| b.is_ascii_alphanumeric() || b"_./-".contains(&b);
    let good = (1..=METADATA_KEY_BYTES).contains(&text.len()) && text.bytes().all(letters);
    good.then(|| Arc::from(text.to_ascii_lowercase()))
}

/// Whose metadata it is, as the state holds it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// Somebody without an account, while they are here.
    Session(SessionId),
    /// An account.
    Account(Folded),
    /// A staff channel.
    Room(Folded),
}

/// Whose metadata outlives everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keeper {
    /// An account.
    Account(AccountName),
    /// A department's channel.
    Channel(ChannelName),
}

/// One METADATA.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// A nick, a channel or `*`, as typed.
    pub target: Line,
    /// What to do.
    pub verb: MetadataVerb,
}

/// What METADATA does.
#[derive(Clone, Debug, PartialEq)]
pub enum MetadataVerb {
    /// The values of these keys, as typed.
    Get(Vec<Line>),
    /// Every key and value.
    List,
    /// A value for a key; none: no longer.
    Set(Line, Option<Line>),
    /// No key any longer.
    Clear,
    /// Be told of these keys.
    Sub(Vec<Line>),
    /// Be told no longer.
    Unsub(Vec<Line>),
    /// Of which keys one is told.
    Subs,
    /// What one would have been told.
    Sync,
    /// All of one's own, at the beginning.
    Own,
}

/// One key of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    /// It has this value.
    Set(Key, Line),
    /// It has none.
    Unset(Key),
    /// It is no key.
    Invalid(Arc<str>),
}

/// One value to tell: whose, as they are called, the key, the value.
pub type Told = (Arc<str>, Key, Line);

/// An answer to METADATA.
#[derive(Clone, Debug, PartialEq)]
pub enum MetadataReply {
    /// GET, LIST and CLEAR: of whom, as typed.
    Rows(Arc<str>, Vec<Row>),
    /// SET: of whom, as typed.
    Changed(Arc<str>, Row),
    /// SYNC, and what comes with JOIN, SUB and the beginning: of whom.
    Events(Arc<str>, Vec<Told>),
    /// SUB: the keys, those that are none, and the first that was too many.
    Subscribed(Vec<Key>, Vec<Arc<str>>, Option<Arc<str>>),
    /// UNSUB: the keys, and those that are none.
    Unsubscribed(Vec<Key>, Vec<Arc<str>>),
    /// SUBS.
    Subscriptions(Vec<Key>),
}

/// Why METADATA did nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum MetadataRefusal {
    /// Nobody and no channel, or none that they may know of.
    InvalidTarget(Arc<str>),
    /// That is no key.
    InvalidKey(Arc<str>),
    /// Not theirs to change: target and key; `*` for all keys.
    NoPermission(Arc<str>, Arc<str>),
    /// There is nothing to remove.
    NotSet(Arc<str>, Key),
    /// There are as many keys as there may be.
    LimitReached(Arc<str>),
    /// The value has more bytes than it may.
    ValueTooLong(usize),
}

/// A change, as those who asked for it are told: by whom, of whom, key and value.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// By whom.
    pub by: Arc<Source>,
    /// A nick or a channel.
    pub target: Arc<str>,
    /// The key.
    pub key: Key,
    /// Its value; none: no longer.
    pub value: Option<Line>,
}
