//! The past: CHATHISTORY, MARKREAD, REDACT. It reads what is asked; where somebody may look is the desk's.
//!
//! Source: IRCv3 chathistory.

use crate::base::limits::{HISTORY_LINES, KICKLEN};
use crate::base::text::{ChannelName, Line, Nick, truncate};
use crate::base::time::{Timestamp, parse_utc};
use crate::desk::language::command::Command;
use crate::desk::language::history::{Asked, Point, Redaction, Select};
use crate::face::irc::cap::{EVENT_PLAYBACK, READ_MARKER, REDACTION, shown};
use crate::face::irc::encode::stored;
use crate::face::irc::session::{IrcFace, Turn};
use crate::wire::message::Message;

/// CHATHISTORY.
pub(in crate::face::irc) fn chathistory(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let params = &message.params;
    let Some(subcommand) = params.first().copied() else {
        return invalid(face, &[], "Say which lines: LATEST #channel * 50.", turn);
    };
    let wanted = match subcommand.to_ascii_uppercase().as_str() {
        "BEFORE" | "AFTER" | "LATEST" | "AROUND" => 4,
        "BETWEEN" => 5,
        "TARGETS" => 4,
        _ => {
            let text =
                "No such subcommand; there are BEFORE, AFTER, LATEST, AROUND, BETWEEN and TARGETS.";
            return invalid(face, &[subcommand], text, turn);
        }
    };
    if params.len() < wanted {
        return invalid(face, &[subcommand], "Too few parameters.", turn);
    }
    if params.len() > wanted {
        return invalid(face, &[subcommand], "Too many parameters.", turn);
    }
    let typed = params[wanted - 1];
    let Some(limit) = typed.parse::<usize>().ok().filter(|limit| *limit > 0) else {
        let text = "The last parameter is how many lines, a number from 1 on.";
        return invalid(face, &[subcommand, typed], text, turn);
    };
    let limit = limit.min(HISTORY_LINES);
    if subcommand.eq_ignore_ascii_case("TARGETS") {
        return targets(face, (subcommand, params[1], params[2]), limit, turn);
    }
    let points = &params[2..wanted - 1];
    let select = match select(face, subcommand, points) {
        Ok(select) => select,
        Err(Wrong { code, param }) => {
            let target = params[1];
            let context = if code == "INVALID_PARAMS" { param } else { target };
            let text = "Lines are named as timestamp=YYYY-MM-DDThh:mm:ss.sssZ or msgid=ID.";
            let context = [shown(subcommand), shown(context)];
            return face.fail_always(turn.out(), "CHATHISTORY", code, &context, text);
        }
    };
    turn.desk(Command::History(Box::new(Asked {
        subcommand: Line::scrubbed(subcommand),
        target: Line::scrubbed(params[1]),
        select,
        limit,
        events: face.caps.has(EVENT_PLAYBACK),
    })));
}

fn invalid(face: &IrcFace, context: &[&str], text: &str, turn: &mut Turn) {
    let context: Vec<&str> = context.iter().map(|word| shown(word)).collect();
    face.fail_always(turn.out(), "CHATHISTORY", "INVALID_PARAMS", &context, text);
}

/// What is wrong with a selector.
struct Wrong<'a> {
    code: &'static str,
    param: &'a str,
}

fn select<'a>(face: &IrcFace, subcommand: &str, points: &[&'a str]) -> Result<Select, Wrong<'a>> {
    if subcommand.eq_ignore_ascii_case("LATEST") && points[0] == "*" {
        return Ok(Select::Latest(None));
    }
    let first = point(face, points[0])?;
    Ok(match subcommand.to_ascii_uppercase().as_str() {
        "BEFORE" => Select::Before(first),
        "AFTER" => Select::After(first),
        "AROUND" => Select::Around(first),
        "LATEST" => Select::Latest(Some(first)),
        _ => Select::Between(first, point(face, points[1])?),
    })
}

fn point<'a>(face: &IrcFace, param: &'a str) -> Result<Point, Wrong<'a>> {
    let invalid = Wrong { code: "INVALID_PARAMS", param };
    match param.split_once('=') {
        Some(("timestamp", at)) => parse_utc(at).map(Point::At).ok_or(invalid),
        Some(("msgid", "")) => Err(invalid),
        Some(("msgid", id)) => Ok(stored(&face.info.veil, id).map_or(Point::Nowhere, Point::Line)),
        Some(_) => Err(Wrong { code: "INVALID_MSGREFTYPE", param }),
        None => Err(invalid),
    }
}

fn targets(
    face: &IrcFace,
    (subcommand, first, second): (&str, &str, &str),
    limit: usize,
    turn: &mut Turn,
) {
    let moment = |param: &str| param.strip_prefix("timestamp=").and_then(parse_utc);
    let between: Vec<Timestamp> = [first, second].into_iter().filter_map(moment).collect();
    let [from, to] = between[..] else {
        let wrong = if moment(first).is_none() { first } else { second };
        let text = "TARGETS takes two moments: timestamp=YYYY-MM-DDThh:mm:ss.sssZ.";
        return invalid(face, &[subcommand, wrong], text, turn);
    };
    let typed = [subcommand, first, second].map(Line::scrubbed).to_vec();
    turn.desk(Command::HistoryTargets { typed, between: (from, to), limit });
}

/// MARKREAD. Source: IRCv3 read-marker.
pub(in crate::face::irc) fn markread(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if !face.caps.has(READ_MARKER) {
        return face.unknown("MARKREAD", turn);
    }
    let fail = |face: &IrcFace, code: &str, context: &[&str], text: &str, turn: &mut Turn| {
        let context: Vec<&str> = context.iter().map(|word| shown(word)).collect();
        face.fail_always(turn.out(), "MARKREAD", code, &context, text);
    };
    let Some(target) = message.params.at(0).filter(|target| !target.is_empty()) else {
        return fail(face, "NEED_MORE_PARAMS", &[], "Say which channel or nick.", turn);
    };
    let sound = ChannelName::parse(target).is_ok() || Nick::parse(target).is_ok();
    if !sound {
        return fail(face, "INVALID_PARAMS", &[target], "That is no channel and no nick.", turn);
    }
    let until = match message.params.at(1) {
        None => None,
        Some(typed) => match typed.strip_prefix("timestamp=").and_then(parse_utc) {
            Some(until) => Some(until),
            None => {
                let text = "The moment is written timestamp=YYYY-MM-DDThh:mm:ss.sssZ.";
                return fail(face, "INVALID_PARAMS", &[target, typed], text, turn);
            }
        },
    };
    turn.desk(Command::MarkRead { target: Line::scrubbed(target), until });
}

/// REDACT. Source: IRCv3 message-redaction.
pub(in crate::face::irc) fn redact(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if !face.caps.has(REDACTION) {
        return face.unknown("REDACT", turn);
    }
    let (Some(target), Some(id)) = (message.params.at(0), message.params.at(1)) else {
        return face.too_few("REDACT", turn);
    };
    let reason = message.params.at(2).filter(|why| !why.is_empty());
    turn.desk(Command::Redact(Box::new(Redaction {
        target: Line::scrubbed(target),
        id: Line::scrubbed(id),
        line: stored(&face.info.veil, id),
        reason: reason.map(|why| Line::scrubbed(truncate(why, KICKLEN))),
    })));
}
