//! What operators say: OPER, KILL, WALLOPS. The desk decides who may.

use super::words;
use crate::base::limits::{KICKLEN, PASSWORD_BYTES};
use crate::base::text::Line;
use crate::desk::language::command::{Command, Oper};
use crate::face::irc::registration::{PLAINTEXT, WRONG, denial};
use crate::face::irc::session::{IrcFace, Pending, Purpose, Turn};
use crate::face::{Action, Credentials, Verdict};
use crate::wire::message::Message;
use crate::wire::numeric::*;

/// OPER: the name of an `[[operator]]` block, or an account with the role admin.
pub(in crate::face::irc) fn oper(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let (name, password) = (message.params[0], message.params[1]);
    if !face.takes_passwords() {
        return face.numeric(turn.out(), ERR_PASSWDMISMATCH, &[PLAINTEXT]);
    }
    if name.is_empty() || password.is_empty() || password.len() > PASSWORD_BYTES {
        return face.numeric(turn.out(), ERR_PASSWDMISMATCH, &[WRONG]);
    }
    face.pending =
        Some(Box::new(Pending { purpose: Purpose::Oper, about: "".into(), label: None }));
    turn.act(Action::Verify(Credentials::Operator {
        name: name.to_owned(),
        password: password.to_owned(),
    }));
}

/// The verdict on OPER. The desk says whether it may be from here, and tells 381.
pub(in crate::face::irc) fn oper_verdict(face: &mut IrcFace, verdict: Verdict, turn: &mut Turn) {
    let (name, account) = match verdict {
        Verdict::Operator(name) => (name, None),
        Verdict::Yes(account, role) => (account.shared(), Some((account, role))),
        other => return face.numeric(turn.out(), ERR_PASSWDMISMATCH, &[&denial(&other)]),
    };
    let certificate = face.certificate.clone();
    turn.desk(Command::Oper(Box::new(Oper { name, account, certificate })));
}

/// KILL nick [:why].
pub(in crate::face::irc) fn kill(_face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let nick = Line::scrubbed(message.params[0]);
    let reason = words(message.params.get(1), KICKLEN);
    let reason = reason.unwrap_or_else(|| Line::scrubbed("no reason given"));
    turn.desk(Command::Kill { nick, reason });
}

/// WALLOPS :text.
pub(in crate::face::irc) fn wallops(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    match words(message.params.first(), KICKLEN) {
        Some(text) => turn.desk(Command::Wallops(text)),
        None => face.too_few("WALLOPS", turn),
    }
}
