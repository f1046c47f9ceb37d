//! Answers to METADATA, and its refusals. Source: IRCv3 metadata (draft/metadata-2).

use super::super::cap::{BATCH, shown};
use crate::desk::language::metadata::{Key, MetadataRefusal, MetadataReply, Row};
use crate::face::irc::session::IrcFace;
use crate::wire::build::text;
use crate::wire::numeric::*;
use std::sync::Arc;

/// Bytes of keys in one numeric that lists them.
const KEYS_PER_LINE: usize = 380;
/// What is visible to everybody who may see its owner.
const VISIBILITY: &str = "*";

/// Writes an answer.
pub(in crate::face::irc) fn reply(face: &mut IrcFace, reply: &MetadataReply, out: &mut Vec<u8>) {
    match reply {
        MetadataReply::Rows(target, rows) => {
            batch(face, &["metadata", shown(target)], out, |face, batch, out| {
                for one in rows {
                    row(face, (target, one), batch, out);
                }
            });
        }
        MetadataReply::Changed(target, one) => row(face, (target, one), None, out),
        MetadataReply::Events(target, told) => {
            batch(face, &["metadata", shown(target)], out, |face, batch, out| {
                let server = Some(&*face.info.server);
                for (whose, key, value) in told {
                    let params = [&**whose, key, VISIBILITY, value.as_str()];
                    text(out, tags(&batch).as_slice(), server, "METADATA", &params);
                }
            });
        }
        MetadataReply::Subscribed(keys, bad, over) => {
            listed(face, RPL_METADATASUBOK, keys, None, out);
            invalid(face, bad, out);
            if let Some(key) = over {
                let text = "You have asked to be told of as many keys as you may; leave one out.";
                fail(face, out, "TOO_MANY_SUBS", &[shown(key)], text);
            }
        }
        MetadataReply::Unsubscribed(keys, bad) => {
            listed(face, RPL_METADATAUNSUBOK, keys, None, out);
            invalid(face, bad, out);
        }
        MetadataReply::Subscriptions(keys) => {
            batch(face, &["metadata-subs"], out, |face, batch, out| {
                listed(face, RPL_METADATASUBS, keys, batch, out);
            });
        }
    }
}

/// Writes a refusal: always as FAIL, which METADATA is answered by.
pub(in crate::face::irc) fn refused(
    face: &IrcFace,
    why: &MetadataRefusal,
    words: &str,
    out: &mut Vec<u8>,
) {
    let (code, context): (&str, Vec<&str>) = match why {
        MetadataRefusal::InvalidTarget(target) => ("INVALID_TARGET", vec![target]),
        MetadataRefusal::InvalidKey(key) => ("KEY_INVALID", vec![key]),
        MetadataRefusal::NoPermission(target, key) => ("KEY_NO_PERMISSION", vec![target, key]),
        MetadataRefusal::NotSet(target, key) => ("KEY_NOT_SET", vec![target, key]),
        MetadataRefusal::LimitReached(target) => ("LIMIT_REACHED", vec![target]),
        MetadataRefusal::ValueTooLong(_) => ("VALUE_INVALID", Vec::new()),
    };
    let context: Vec<&str> = context.into_iter().map(shown).collect();
    fail(face, out, code, &context, words);
}

/// FAIL METADATA.
pub(in crate::face::irc) fn fail(
    face: &IrcFace,
    out: &mut Vec<u8>,
    code: &str,
    context: &[&str],
    words: &str,
) {
    let params = [&["METADATA", code], context, &[words]].concat();
    text(out, &[], Some(&face.info.server), "FAIL", &params);
}

fn row(face: &IrcFace, (target, row): (&str, &Row), batch: Option<&str>, out: &mut Vec<u8>) {
    let (me, target) = (face.me(), shown(target));
    let (code, params) = match row {
        Row::Set(key, value) => (RPL_KEYVALUE, vec![me, target, key, VISIBILITY, value.as_str()]),
        Row::Unset(key) => (RPL_KEYNOTSET, vec![me, target, key, "This key is not set."]),
        Row::Invalid(key) => ("FAIL", vec!["METADATA", "KEY_INVALID", shown(key), INVALID]),
    };
    text(out, tags(&batch).as_slice(), Some(&face.info.server), code, &params);
}

const INVALID: &str = "That is no key; use letters, digits and _ . / -";

fn invalid(face: &IrcFace, keys: &[Arc<str>], out: &mut Vec<u8>) {
    for key in keys {
        fail(face, out, "KEY_INVALID", &[shown(key)], INVALID);
    }
}

/// A numeric whose parameters are keys, in as many lines as it takes; none without keys.
fn listed(face: &IrcFace, code: &str, keys: &[Key], batch: Option<&str>, out: &mut Vec<u8>) {
    let mut rest = keys;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |key: &&Key| {
            bytes += key.len() + 1;
            bytes <= KEYS_PER_LINE
        };
        let count = rest.iter().take_while(fits).take(KEYS_AT_ONCE).count();
        let (some, more) = rest.split_at(count.max(1));
        let mut params = vec![face.me()];
        params.extend(some.iter().map(|key| &**key));
        text(out, tags(&batch).as_slice(), Some(&face.info.server), code, &params);
        rest = more;
    }
}

/// Keys in one line: with the nick they are at most 15 parameters.
const KEYS_AT_ONCE: usize = 12;

fn tags<'a>(batch: &Option<&'a str>) -> Option<(&'static str, &'a str)> {
    batch.map(|reference| ("batch", reference))
}

/// Runs `write` between the lines that open and close a batch, where batches are read.
fn batch(
    face: &mut IrcFace,
    kind: &[&str],
    out: &mut Vec<u8>,
    write: impl FnOnce(&IrcFace, Option<&str>, &mut Vec<u8>),
) {
    let reference = face.caps.has(BATCH).then(|| face.batch_reference());
    if let Some(reference) = &reference {
        let open = format!("+{reference}");
        face.server_line(out, "BATCH", &[&[open.as_str()], kind].concat());
    }
    write(face, reference.as_deref(), out);
    if let Some(reference) = &reference {
        face.server_line(out, "BATCH", &[&format!("-{reference}")]);
    }
}
