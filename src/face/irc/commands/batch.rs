//! BATCH from a client: the lines of one message, gathered until it is whole.
//!
//! Source: IRCv3 client-batch and multiline. A batch that is refused is refused once: its lines that
//! still come, up to its end, are let go by. What is said in it is `messages`' to send.

use super::messages::{self, Spoken};
use crate::base::casemap::same;
use crate::base::limits::{BATCH_REFERENCE_BYTES, BATCH_SECONDS, MULTILINE_BYTES, MULTILINE_LINES};
use crate::base::text::Line;
use crate::base::time::Timestamp;
use crate::desk::language::command::Verb;
use crate::desk::language::words::Further;
use crate::face::irc::cap::{BATCH, MULTILINE, shown};
use crate::face::irc::session::{IrcFace, Turn};
use crate::wire::message::Message;
use std::sync::Arc;
use std::time::Duration;

/// The only kind of batch that clients may send.
const KIND: &str = "draft/multiline";

/// A batch that a client has begun and not ended.
#[derive(Debug)]
pub(in crate::face::irc) struct Open {
    reference: Box<str>,
    /// Its target, as typed.
    target: Box<str>,
    opened: Timestamp,
    /// The label of its first line, which the answer to the whole carries.
    label: Option<Arc<str>>,
    tags: Option<Arc<str>>,
    verb: Option<Verb>,
    lines: Vec<Further>,
    /// Bytes of words so far, and one for each line end between them.
    bytes: usize,
    /// It was refused, and nothing more of it is read.
    refused: bool,
}

impl Open {
    /// When it has been open for too long; a refused one has no time to keep.
    pub(in crate::face::irc) fn deadline(&self) -> Option<Timestamp> {
        let span = Duration::from_secs(BATCH_SECONDS as u64);
        (!self.refused).then(|| self.opened + span)
    }
}

/// BATCH.
pub(in crate::face::irc) fn batch(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let params = message.params;
    let reference = params[0].get(1..).unwrap_or_default();
    if !face.caps.has(BATCH | MULTILINE) {
        let text = "Ask for the capabilities batch and draft/multiline before you send a batch.";
        return face.fail_always(turn.out(), "BATCH", "UNKNOWN_TYPE", &[], text);
    }
    match params[0].as_bytes().first() {
        Some(b'+') if is_reference(reference) => begin(face, message, reference, turn),
        Some(b'-') => end(face, reference, turn),
        _ => {
            let text = "A batch begins with BATCH +reference type and ends with BATCH -reference.";
            let context = [shown(params[0])];
            face.fail_always(turn.out(), "BATCH", "INVALID_REFTAG", &context, text);
        }
    }
}

/// True for letters, digits and hyphens. Source: IRCv3 batch, "Reference tags".
fn is_reference(reference: &str) -> bool {
    (1..=BATCH_REFERENCE_BYTES).contains(&reference.len())
        && reference.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn begin(face: &mut IrcFace, message: &Message, reference: &str, turn: &mut Turn) {
    let (kind, target) = (message.params.at(1), message.params.at(2).unwrap_or_default());
    let earlier = face.batch.take().filter(|open| !open.refused);
    let tags = messages::relayed(face, message);
    face.batch = Some(Box::new(Open {
        reference: reference.into(),
        target: target.into(),
        opened: turn.now,
        label: turn.label.take(),
        tags,
        verb: None,
        lines: Vec::new(),
        bytes: 0,
        refused: false,
    }));
    let kind = kind.unwrap_or_default();
    if kind != KIND {
        let text = "This server reads batches of type draft/multiline.";
        refuse(face, "UNKNOWN_TYPE", &[reference, shown(kind)], text, turn);
    } else if earlier.is_some() {
        let text = "Another batch was still open; neither was sent. End one before the next.";
        refuse(face, "MULTILINE_INVALID", &[], text, turn);
    } else if target.is_empty() || target.contains(' ') {
        let text = "The batch names no target; send BATCH +reference draft/multiline target.";
        refuse(face, "MULTILINE_INVALID", &[], text, turn);
    }
}

/// Reads a line as part of the open batch; true when that is all that it was.
pub(in crate::face::irc) fn takes(face: &mut IrcFace, message: &Message, turn: &mut Turn) -> bool {
    let tag = message.tags.get("batch").filter(|_| face.caps.has(BATCH | MULTILINE));
    let Some(open) = &face.batch else {
        let Some(tag) = tag else { return false };
        let text = "No such batch is open, so the line was not used; begin it first.";
        face.fail_always(turn.out(), "BATCH", "INVALID_REFTAG", &[shown(&tag)], text);
        return true;
    };
    let ours = tag.as_deref() == Some(&*open.reference);
    if open.refused {
        // Of a refused batch nothing more is said; the rest is what it would be without it.
        turn.label.take_if(|_| ours);
        return ours;
    }
    let apart = ["BATCH", "PING", "PONG", "QUIT"].iter().any(|verb| message.is(verb));
    if !ours && tag.is_none() && apart {
        return false;
    }
    if !ours {
        let text = "A line that was not in the batch came before its end; the batch was not sent.";
        let (mine, used) = (turn.label.take(), tag.is_some());
        refuse(face, "MULTILINE_INVALID", &[], text, turn);
        // The line itself is run, if it is in no batch at all, and its answer is its own.
        if !used {
            turn.label = mine;
        }
        return used;
    }
    turn.label = None;
    if let Err(fault) = gather(face, message) {
        fault.tell(face, turn);
    }
    true
}

/// What is wrong with a line of a batch.
enum Fault {
    Target(String),
    Bytes,
    Lines,
    Invalid(&'static str),
}

impl Fault {
    fn tell(self, face: &mut IrcFace, turn: &mut Turn) {
        let (bytes, lines) = (MULTILINE_BYTES.to_string(), MULTILINE_LINES.to_string());
        match self {
            Self::Target(given) => {
                let target = face.batch.as_ref().map(|open| open.target.to_string());
                let target = target.unwrap_or_default();
                let text = "A line went to another target than its batch; nothing was sent.";
                let context = [shown(&target), shown(&given)];
                refuse(face, "MULTILINE_INVALID_TARGET", &context, text, turn);
            }
            Self::Bytes => {
                let text = "The message is too long and was not sent; send it in parts.";
                refuse(face, "MULTILINE_MAX_BYTES", &[&bytes], text, turn);
            }
            Self::Lines => {
                let text = "The message has too many lines and was not sent; send it in parts.";
                refuse(face, "MULTILINE_MAX_LINES", &[&lines], text, turn);
            }
            Self::Invalid(text) => refuse(face, "MULTILINE_INVALID", &[], text, turn),
        }
    }
}

/// Adds a line to the open batch.
fn gather(face: &mut IrcFace, message: &Message) -> Result<(), Fault> {
    let Some(open) = &mut face.batch else { return Ok(()) };
    let verb = match message {
        m if m.is("PRIVMSG") => Verb::Privmsg,
        m if m.is("NOTICE") => Verb::Notice,
        _ => return Err(Fault::Invalid("A batch holds PRIVMSG only; nothing was sent.")),
    };
    if *open.verb.get_or_insert(verb) != verb {
        return Err(Fault::Invalid("A batch holds one kind of line; nothing was sent."));
    }
    let (Some(target), Some(words)) = (message.params.at(0), message.params.at(1)) else {
        return Err(Fault::Invalid("A line of the batch has no text; nothing was sent."));
    };
    if !same(target, &open.target) {
        return Err(Fault::Target(target.to_owned()));
    }
    let concat = message.tags.get("draft/multiline-concat").is_some();
    if concat && words.is_empty() {
        return Err(Fault::Invalid("A blank line continues nothing; nothing was sent."));
    }
    let joined = concat && !open.lines.is_empty();
    open.bytes += words.len() + usize::from(!joined && !open.lines.is_empty());
    if open.bytes > MULTILINE_BYTES {
        return Err(Fault::Bytes);
    }
    if open.lines.len() == MULTILINE_LINES {
        return Err(Fault::Lines);
    }
    open.lines.push(Further { joined, text: Line::scrubbed(words) });
    Ok(())
}

fn end(face: &mut IrcFace, reference: &str, turn: &mut Turn) {
    let Some(open) = face.batch.take_if(|open| *open.reference == *reference) else {
        let text = "No such batch is open; the reference after - is that of its beginning.";
        return face.fail_always(turn.out(), "BATCH", "INVALID_REFTAG", &[shown(reference)], text);
    };
    turn.label = None;
    if open.refused {
        return;
    }
    turn.label = open.label;
    let mut lines = open.lines;
    if lines.iter().all(|line| line.text.as_str().trim().is_empty()) {
        let text = "The batch holds no words; nothing was sent.";
        return face.fail_always(turn.out(), "BATCH", "MULTILINE_INVALID", &[], text);
    }
    let first = lines.remove(0);
    let spoken = Spoken {
        verb: open.verb.unwrap_or(Verb::Privmsg),
        words: first.text.as_str(),
        tags: open.tags,
        more: &lines,
    };
    messages::say(face, &open.target, &spoken, turn);
}

/// The open batch is not sent: says why, under its label, and lets go what was gathered.
fn refuse(face: &mut IrcFace, code: &str, context: &[&str], text: &str, turn: &mut Turn) {
    if let Some(open) = &mut face.batch {
        open.refused = true;
        open.lines = Vec::new();
        turn.label = open.label.take();
    }
    face.fail_always(turn.out(), "BATCH", code, context, text);
}

/// A line was lost that may have been of the open batch, which is then not what was meant.
pub(in crate::face::irc) fn torn(face: &mut IrcFace, turn: &mut Turn) {
    if face.batch.as_ref().is_some_and(|open| !open.refused) {
        let text = "A line was lost while the batch was open; the batch was not sent.";
        refuse(face, "MULTILINE_INVALID", &[], text, turn);
    }
}

/// Refuses a batch that has been open for too long. Source: IRCv3 client-batch, "Errors".
pub(in crate::face::irc) fn overdue(face: &mut IrcFace, turn: &mut Turn) {
    let Some(open) = &face.batch else { return };
    if open.deadline().is_none_or(|at| at > turn.now) {
        return;
    }
    let reference = open.reference.clone();
    let text = "The batch was open for too long and was not sent; send it again at once.";
    refuse(face, "TIMEOUT", &[&reference], text, turn);
}
