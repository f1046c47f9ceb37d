//! What goes out, as bytes: notices for everybody of a dialect, replies and refusals for one session.

pub(super) mod history;
pub(super) mod isupport;
pub(super) mod metadata;
pub(super) mod notices;
pub(super) mod people;
pub(super) mod refusals;
pub(super) mod replies;

use crate::base::ids::Seq;
use crate::base::veil::Veil;
use crate::desk::language::notice::MessageId;
use crate::desk::language::people::{Rank, Source};
use crate::face::ServerInfo;
use crate::wire::build::text;

/// The service nick that always exists.
pub(super) const DESK: &str = "desk";

/// `nick!user@host`.
pub(super) fn prefix(source: &Source) -> String {
    // Every line of every person passes here, and copying is far cheaper than the formatter.
    let parts = [source.nick.as_str(), "!", &source.user, "@", &source.host];
    parts.concat()
}

/// What `desk` says stands behind this source.
pub(super) fn desk_prefix(info: &ServerInfo) -> String {
    format!("{DESK}!{DESK}@{}", info.server)
}

/// A number in base 36, lower case.
pub(super) fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = char::from_digit((number % 36) as u32, 36).unwrap_or('0');
        digits.push(digit);
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

/// The `msgid` of a message: the same for everybody, and on every replay.
pub(super) fn msgid(veil: &Veil, id: MessageId) -> String {
    match id {
        MessageId::Stored(seq) => format!("s{}", base36(veil.hide(seq))),
        MessageId::Passing(run, count) => {
            format!("p{}-{}", base36(run), base36(veil.hide(count)))
        }
    }
}

/// The place in the journal behind the `msgid` of a stored message; none for any other text.
pub(super) fn stored(veil: &Veil, id: &str) -> Option<Seq> {
    let digits = id.strip_prefix('s').filter(|d| !d.is_empty())?;
    let read = |n: Option<u64>, c: char| {
        let digit = c.to_digit(36).filter(|_| !c.is_ascii_uppercase())?;
        n?.checked_mul(36)?.checked_add(u64::from(digit))
    };
    let number = digits.chars().fold(Some(0), read)?;
    let seq = veil.reveal(number);
    // Only the very text that was given is the id: `s0ab` is not `sab`.
    (msgid(veil, MessageId::Stored(seq)) == id).then_some(Seq(seq))
}

/// The prefixes of a rank: the highest, or with multi-prefix all of them.
pub(super) fn rank(rank: Rank, all: bool) -> String {
    let shown = if all { rank } else { rank.top() };
    shown.held().map(|(_, prefix)| prefix).collect()
}

/// Writes a NOTICE of `desk`; a text too long for one line takes several.
pub(super) fn desk_says(
    info: &ServerInfo,
    tags: &[(&str, &str)],
    target: &str,
    words: &str,
    out: &mut Vec<u8>,
) {
    let prefix = desk_prefix(info);
    for part in split(words, room(&prefix, "NOTICE", target)) {
        text(out, tags, Some(&prefix), "NOTICE", &[target, part]);
    }
}

/// Bytes that are left for words in a line of this source, verb and target.
pub(super) fn room(prefix: &str, verb: &str, target: &str) -> usize {
    let taken = 1 + prefix.len() + 1 + verb.len() + 1 + target.len() + 2 + 2;
    crate::base::limits::LINE_BYTES.saturating_sub(taken).max(16)
}

/// The words in pieces of at most `max` bytes, cut at line ends and at spaces where there are any.
pub(super) fn split(words: &str, max: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    for mut rest in words.split('\n') {
        while rest.len() > max {
            let cut = crate::base::text::truncate(rest, max);
            let cut = match cut.rfind(' ') {
                Some(space) if space > max / 2 => &cut[..space],
                _ => cut,
            };
            parts.push(cut);
            rest = rest[cut.len()..].trim_start();
        }
        parts.push(rest);
    }
    parts
}

/// The words in pieces of at most `max` bytes that make them up exactly: the words of a line that
/// its reader puts together again.
pub(super) fn cut(words: &str, max: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = words;
    while rest.len() > max {
        let (part, behind) = rest.split_at(crate::base::text::truncate(rest, max).len());
        parts.push(part);
        rest = behind;
    }
    parts.push(rest);
    parts
}
