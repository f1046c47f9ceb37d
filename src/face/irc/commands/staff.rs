//! What operators say in IRC's own words: KLINE, UNKLINE, REHASH.

use crate::base::text::Line;
use crate::desk::language::command::{Command, DeskCommand, DeskVerb};
use crate::desk::language::people::Role;
use crate::face::irc::desk_commands::span;
use crate::face::irc::session::{IrcFace, Turn};
use crate::face::{Action, Operate};
use crate::wire::message::Message;
use crate::wire::numeric::*;

/// `KLINE minutes mask :why`: BLOCK by its old name.
pub(in crate::face::irc) fn kline(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if !face.role.is_staff() {
        return forbidden(face, turn);
    }
    let why = message.params[2..].join(" ");
    let Some(span) = span(message.params[0]).filter(|_| !why.trim().is_empty()) else {
        let text = "Say for how long and why: KLINE 60 mask :why (minutes, or 2h, 7d).";
        return face.fail(turn.out(), "KLINE", "INVALID_PARAMS", &[], text);
    };
    let (who, why) = (Line::scrubbed(message.params[1]), Line::scrubbed(&why));
    let verb = DeskVerb::Block { who, span, why };
    turn.desk(Command::Desk(DeskCommand { channel: None, verb }));
}

/// `UNKLINE mask`: UNBLOCK by its old name.
pub(in crate::face::irc) fn unkline(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if !face.role.is_staff() {
        return forbidden(face, turn);
    }
    let verb = DeskVerb::Unblock(Line::scrubbed(message.params[0]));
    turn.desk(Command::Desk(DeskCommand { channel: None, verb }));
}

/// REHASH.
pub(in crate::face::irc) fn rehash(face: &mut IrcFace, _message: &Message, turn: &mut Turn) {
    if face.role != Role::Admin {
        return forbidden(face, turn);
    }
    let text = "The configuration is being read again.";
    face.numeric(turn.out(), RPL_REHASHING, &["switchboard.toml", text]);
    turn.act(Action::Operate(Operate::Rehash));
}

fn forbidden(face: &IrcFace, turn: &mut Turn) {
    let text = "Your role does not allow this; sign in with an account that may.";
    face.numeric(turn.out(), ERR_NOPRIVILEGES, &[text]);
}
