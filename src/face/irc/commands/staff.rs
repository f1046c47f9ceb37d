//! Blocks in IRC's own words, and REHASH: KLINE, DLINE, UNKLINE, UNDLINE.

use crate::base::text::Line;
use crate::desk::language::command::Command;
use crate::face::irc::desk_commands::span;
use crate::face::irc::session::{IrcFace, Pending, Purpose, Turn};
use crate::face::{Action, Operate, Verdict};
use crate::wire::message::Message;
use crate::wire::numeric::*;
use std::time::Duration;

/// How long KLINE blocks when it is not said.
const KLINE_SPAN: Duration = Duration::from_secs(24 * 3600);

/// `KLINE [duration] target [:why]`: BLOCK by its old name. A bare number is minutes.
pub(in crate::face::irc) fn kline(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let (length, rest) = match span(message.params[0]) {
        Some(length) => (length, &message.params[1..]),
        None => (KLINE_SPAN, &message.params[..]),
    };
    let Some((who, why)) = rest.split_first().filter(|(who, _)| !who.is_empty()) else {
        return face.too_few("KLINE", turn);
    };
    let why = why.join(" ");
    let why = if why.trim().is_empty() { "no reason given" } else { why.trim() };
    let (who, why) = (Line::scrubbed(who), Line::scrubbed(why));
    turn.desk(Command::Kline { who, span: length, why });
}

/// DLINE: KLINE of an address or network, and of nothing else.
pub(in crate::face::irc) fn dline(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let at = usize::from(span(message.params[0]).is_some());
    let numbers = |text: &str| text.contains(['.', ':']) && !text.contains(['!', '@', '*', '?']);
    match message.params.at(at) {
        Some(text) if numbers(text) => kline(face, message, turn),
        _ => {
            let text = "DLINE takes an address or a network, as 192.0.2.7 or 2001:db8::/32.";
            face.fail(turn.out(), "DLINE", "INVALID_PARAMS", &[], text);
        }
    }
}

/// `UNKLINE target`: UNBLOCK by its old name.
pub(in crate::face::irc) fn unkline(_face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    turn.desk(Command::Unkline(Line::scrubbed(message.params[0])));
}

/// REHASH. The session waits, so that what it says next meets the new configuration.
pub(in crate::face::irc) fn rehash(face: &mut IrcFace, _message: &Message, turn: &mut Turn) {
    face.pending =
        Some(Box::new(Pending { purpose: Purpose::Rehash, about: "".into(), label: None }));
    turn.act(Action::Operate(Operate::Rehash));
}

/// What became of it. The desk keeps it for the audit, and says what changed.
pub(in crate::face::irc) fn rehash_verdict(face: &mut IrcFace, verdict: Verdict, turn: &mut Turn) {
    let Verdict::Rehashed(outcome) = verdict else {
        let text = "You are no operator of this server; OPER makes one.";
        return face.numeric(turn.out(), ERR_NOPRIVILEGES, &[text]);
    };
    let text = "The configuration was read again.";
    face.numeric(turn.out(), RPL_REHASHING, &["switchboard.toml", text]);
    turn.desk(Command::Rehashed(outcome));
}
