//! METADATA. Source: IRCv3 metadata (draft/metadata-2).

use crate::base::text::Line;
use crate::desk::language::command::Command;
use crate::desk::language::metadata::{Metadata, MetadataVerb};
use crate::face::irc::cap::shown;
use crate::face::irc::encode::metadata::fail;
use crate::face::irc::session::{IrcFace, Turn};
use crate::wire::message::Message;
use crate::wire::numeric::ERR_UNKNOWNCOMMAND;

/// METADATA target subcommand [parameters].
pub(in crate::face::irc) fn metadata(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if !face.info.metadata.enabled {
        let text = "METADATA is not offered here; HELP lists what is.";
        return face.numeric(turn.out(), ERR_UNKNOWNCOMMAND, &["METADATA", text]);
    }
    let params = &message.params;
    let (target, verb) = (params[0], params[1].to_ascii_uppercase());
    let rest: Vec<Line> = params[2..].iter().map(|text| Line::scrubbed(text)).collect();
    let needs_key = matches!(verb.as_str(), "GET" | "SET" | "SUB" | "UNSUB");
    if needs_key && rest.is_empty() {
        return face.too_few("METADATA", turn);
    }
    let verb = match verb.as_str() {
        "GET" => MetadataVerb::Get(rest),
        "LIST" => MetadataVerb::List,
        "SET" => MetadataVerb::Set(rest[0].clone(), rest.get(1).cloned()),
        "CLEAR" => MetadataVerb::Clear,
        "SUB" => MetadataVerb::Sub(rest),
        "UNSUB" => MetadataVerb::Unsub(rest),
        "SUBS" => MetadataVerb::Subs,
        "SYNC" => MetadataVerb::Sync,
        _ => {
            let text = "METADATA knows GET, LIST, SET, CLEAR, SUB, UNSUB, SUBS and SYNC.";
            return fail(face, turn.out(), "SUBCOMMAND_INVALID", &[shown(params[1])], text);
        }
    };
    turn.desk(Command::Metadata(Metadata { target: Line::scrubbed(target), verb }));
}

/// All of one's own, as who asks for the capability is told it.
pub(in crate::face::irc) fn own(turn: &mut Turn) {
    let asked = Metadata { target: Line::scrubbed("*"), verb: MetadataVerb::Own };
    turn.desk(Command::Metadata(asked));
}
