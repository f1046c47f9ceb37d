//! The one canonical byte form of an event, for every back end and for whatever signs or ships them.
//!
//! Two parts, so that the words can be encrypted or erased and the facts still prove:
//! - *facts*: `postcard` of (`at`, `actor`, `fact`), nothing after it. Integers are varints, a variant is
//!   its place in its enum, so variants are append-only and the fields of one never change; what a
//!   fact must hold besides becomes a new variant. A golden test pins every variant's bytes.
//! - *words*: the lines, UTF-8, with one NUL between two of them, which no line can hold. No words at
//!   all are no bytes at all (`None`, NULL), which differs from one empty line (`Some`, empty).
//!
//! The place (`seq`) is not in it: it is where the record lies. It knows no database and no file.

use crate::base::ids::Seq;
use crate::base::text::{Invalid, Line};
use crate::base::time::Timestamp;
use crate::desk::language::fact::{Event, Fact};
use crate::desk::language::people::{Actor, Department};
use std::fmt;

/// Why bytes are not an event, or an event has no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The facts are not what this version writes.
    Facts(postcard::Error),
    /// This many bytes stand after the facts.
    Trailing(usize),
    /// A department's name that no config could hold.
    Department,
    /// The words are not UTF-8.
    Encoding,
    /// One of the words is not a line.
    Word(Invalid),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Facts(e) => write!(f, "its facts cannot be read ({e})"),
            Self::Trailing(n) => write!(f, "{n} bytes too many stand after its facts"),
            Self::Department => f.write_str("it names a department that cannot exist"),
            Self::Encoding => f.write_str("its words are not UTF-8"),
            Self::Word(why) => write!(f, "one of its words is not a line ({why})"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Writes the facts of an event into `into`, whose former content is dropped and whose memory is kept.
pub fn encode_facts(event: &Event, into: &mut Vec<u8>) -> Result<(), Unreadable> {
    let mut bytes = std::mem::take(into);
    bytes.clear();
    let facts = (event.at, &event.actor, &event.fact);
    *into = postcard::to_extend(&facts, bytes).map_err(Unreadable::Facts)?;
    Ok(())
}

/// Writes the words into `into`, as `encode_facts` does; false if there are none at all.
pub fn encode_words(words: &[Line], into: &mut Vec<u8>) -> bool {
    into.clear();
    for (n, word) in words.iter().enumerate() {
        if n > 0 {
            into.push(0);
        }
        into.extend_from_slice(word.as_str().as_bytes());
    }
    !words.is_empty()
}

/// The event whose facts and words these are.
///
/// Safe on any bytes: it never panics, and what it holds in memory at once is bounded by the length of the
/// input (for a list, by 1 MiB more).
pub fn decode(seq: Seq, facts: &[u8], words: Option<&[u8]>) -> Result<Event, Unreadable> {
    let (at, actor, fact) = decode_facts(facts)?;
    let words = words.map_or(Ok(Vec::new()), decode_words)?;
    Ok(Event { seq, at, actor, fact, words })
}

/// Only the facts: for readers that need no words.
pub fn decode_facts(facts: &[u8]) -> Result<(Timestamp, Actor, Fact), Unreadable> {
    let (read, rest): ((Timestamp, Actor, Fact), &[u8]) =
        postcard::take_from_bytes(facts).map_err(Unreadable::Facts)?;
    if !rest.is_empty() {
        return Err(Unreadable::Trailing(rest.len()));
    }
    let department = match &read.2 {
        Fact::Opened { department, .. } | Fact::Queued { department, .. } => Some(department),
        Fact::OfferedToDepartment { to, .. } => Some(to),
        _ => None,
    };
    // The type trusts its deserializer, and this one reads bytes that anybody may have changed.
    if department.is_some_and(|d| Department::parse(d.as_str()).as_ref() != Some(d)) {
        return Err(Unreadable::Department);
    }
    Ok(read)
}

/// Only the words.
pub fn decode_words(words: &[u8]) -> Result<Vec<Line>, Unreadable> {
    let text = std::str::from_utf8(words).map_err(|_| Unreadable::Encoding)?;
    text.split('\0').map(|word| Line::parse(word).map_err(Unreadable::Word)).collect()
}
