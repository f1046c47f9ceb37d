//! Pages of history and the targets that have some, each in its batch. Source: IRCv3 chathistory.

use super::notices;
use crate::base::time::{Timestamp, utc};
use crate::desk::language::command::Verb;
use crate::desk::language::history::Past;
use crate::desk::language::notice::{Notice, Reply};
use crate::face::irc::cap::{BATCH, READ_MARKER, shown};
use crate::face::irc::label;
use crate::face::irc::session::IrcFace;
use crate::face::{Dialect, ServerInfo};
use crate::wire::build::line;
use std::sync::Arc;

/// Says that nothing more lies in the direction that was asked for.
const END: &str = "draft/chathistory-end";

/// Writes what CHATHISTORY and MARKREAD are answered with.
pub(super) fn answer(face: &mut IrcFace, dialect: Dialect, reply: &Reply, out: &mut Vec<u8>) {
    match reply {
        Reply::Page { name, lines, end } => page(face, dialect, name, (lines, *end), out),
        Reply::Targets(rows) => targets(face, rows, out),
        Reply::ReadUntil { target, until } if face.caps.has(READ_MARKER) => {
            read_until(&face.info, target, *until, out);
        }
        _ => {}
    }
}

/// The lines of a page, as they were when they were new.
fn page(
    face: &mut IrcFace,
    dialect: Dialect,
    name: &str,
    (lines, end): (&[Past], bool),
    out: &mut Vec<u8>,
) {
    let reference = open(face, &["chathistory", shown(name)], end, out);
    let mut encoded = Vec::new();
    for Past { at, notice } in lines {
        let bare = matches!(notice, Notice::Said(said) if said.verb == Verb::Tag);
        if bare && reference.is_none() {
            continue;
        }
        encoded.clear();
        notices::notice(&face.info, dialect, *at, notice, &mut encoded);
        match &reference {
            Some(reference) => label::member(reference, &encoded, out),
            None => out.extend_from_slice(&encoded),
        }
    }
    close(face, reference, out);
}

/// Channels and people, each with the moment of the latest line.
fn targets(face: &mut IrcFace, rows: &[(Arc<str>, Timestamp)], out: &mut Vec<u8>) {
    let reference = open(face, &["draft/chathistory-targets"], false, out);
    for (name, at) in rows {
        let tags: Vec<(&str, &str)> = reference.iter().map(|r| ("batch", &**r)).collect();
        let params = ["TARGETS", name, &utc(*at)];
        line(out, &tags, Some(&face.info.server), "CHATHISTORY", &params);
    }
    close(face, reference, out);
}

/// A read marker. Source: IRCv3 read-marker.
pub(super) fn read_until(
    info: &ServerInfo,
    target: &str,
    until: Option<Timestamp>,
    out: &mut Vec<u8>,
) {
    let until = until.map_or("*".to_owned(), |until| format!("timestamp={}", utc(until)));
    line(out, &[], Some(&info.server), "MARKREAD", &[target, &until]);
}

fn open(face: &mut IrcFace, what: &[&str], end: bool, out: &mut Vec<u8>) -> Option<String> {
    if !face.caps.has(BATCH) {
        return None;
    }
    let reference = face.batch_reference();
    let named = format!("+{reference}");
    let params: Vec<&str> = std::iter::once(&*named).chain(what.iter().copied()).collect();
    let tags: &[(&str, &str)] = if end { &[(END, "")] } else { &[] };
    line(out, tags, Some(&face.info.server), "BATCH", &params);
    Some(reference)
}

fn close(face: &IrcFace, reference: Option<String>, out: &mut Vec<u8>) {
    if let Some(reference) = reference {
        face.server_line(out, "BATCH", &[&format!("-{reference}")]);
    }
}
