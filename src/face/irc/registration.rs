//! Registration: NICK, USER and PASS in any order, the gate that CAP and checks under way hold shut,
//! and what keeps or ends a connection: PING, PONG, QUIT.
//!
//! Source: Modern IRC "Connection Registration"; DESIGN sections 3 and 4.

use super::cap::{METADATA, STANDARD_REPLIES};
use super::sasl;
use super::session::{IrcFace, Pending, Purpose, Stage, Turn};
use crate::base::limits::{PASSWORD_BYTES, REALLEN, USERLEN};
use crate::base::text::{Invalid, Line, Nick, UserName, truncate};
use crate::base::veil::Veil;
use crate::desk::language::command::{Arrival, Command, Departure, Resume};
use crate::desk::language::people::Role;
use crate::face::{Action, Credentials, Verdict};
use crate::wire::build::text;
use crate::wire::message::Message;
use crate::wire::numeric::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// NICK.
pub(super) fn nick(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let wanted = match message.params.first().copied() {
        Some(wanted) if !wanted.is_empty() => wanted,
        _ => {
            let text = "No nick given; send NICK and the nick you want.";
            return face.numeric(turn.out(), ERR_NONICKNAMEGIVEN, &[text]);
        }
    };
    let nick = match Nick::parse(wanted) {
        Ok(nick) => nick,
        Err(why) => {
            let text = match why {
                Invalid::TooLong => "That nick is too long; choose a shorter one.".to_owned(),
                why => format!(
                    "That is not a nick: {why}. Use letters, digits and - _ [ ] \\ ^ {{ }} |."
                ),
            };
            return face.numeric(
                turn.out(),
                ERR_ERRONEUSNICKNAME,
                &[super::cap::shown(wanted), &text],
            );
        }
    };
    if face.reads_all() {
        return turn.desk(Command::Nick(nick));
    }
    if let Some(start) = &mut face.start {
        start.nick = Some(nick);
    }
    arrive_if_ready(face, turn);
}

/// USER.
pub(super) fn user(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if face.reads_all() {
        return already(face, turn);
    }
    let (name, realname) = (message.params[0], message.params[3].trim());
    if name.is_empty() || realname.is_empty() {
        return face.too_few("USER", turn);
    }
    // What cannot stand in front of `@` is left out, and what is too long is cut: clients make this
    // name from the computer's account, and a person cannot always change it.
    let kept: String =
        name.chars().filter(|c| UserName::parse(c.encode_utf8(&mut [0; 4])).is_ok()).collect();
    let kept = truncate(&kept, USERLEN);
    let user = UserName::parse(kept).or_else(|_| UserName::parse("user"));
    if let (Some(start), Ok(user)) = (&mut face.start, user) {
        start.user = Some(user);
        start.realname = Line::scrubbed(truncate(realname, REALLEN));
    }
    arrive_if_ready(face, turn);
}

pub(super) fn already(face: &IrcFace, turn: &mut Turn) {
    let text = "You are registered already; this can only be said before.";
    face.numeric(turn.out(), ERR_ALREADYREGISTERED, &[text]);
}

/// PASS: the server's password, `account:password`, `account/password` or `resume:token[:last]`.
pub(super) fn pass(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if face.reads_all() {
        return already(face, turn);
    }
    let given = message.params[0];
    let server_password = face.info.password.clone();
    if server_password.is_some_and(|p| bool::from(p.as_bytes().ct_eq(given.as_bytes()))) {
        if let Some(start) = &mut face.start {
            start.admitted = true;
        }
        return;
    }
    let Some((name, secret)) = given.split_once([':', '/']) else {
        if face.info.password.is_some() {
            return refuse_password(face, "That password is wrong.", turn);
        }
        let text =
            "Your password was not needed and not used. To sign in, give it as account:password.";
        return face.note(turn.out(), text);
    };
    if name.eq_ignore_ascii_case("resume") {
        if let Some(start) = &mut face.start {
            start.resume = Some(resume(&face.info.veil, secret));
        }
        return;
    }
    if !face.takes_passwords() {
        return refuse_password(face, PLAINTEXT, turn);
    }
    if secret.is_empty() || secret.len() > PASSWORD_BYTES || name.is_empty() {
        return refuse_password(face, WRONG, turn);
    }
    verify_password(face, Purpose::Pass, name, secret, turn);
}

/// What a connection in plaintext is told when it sends a password.
pub(super) const PLAINTEXT: &str =
    "Passwords are not taken over a connection without TLS; connect with TLS and try again.";
/// What is wrong with a password: never which half.
pub(super) const WRONG: &str = "Account or password is wrong; check both and try again.";

/// The seat that a token stands for. Text that is no token has a digest too, and none answers to it.
pub(super) fn resume(veil: &Veil, given: &str) -> Resume {
    let (token, last) = match given.split_once(':') {
        Some((token, last)) => (token, Some(last)),
        None => (given, None),
    };
    let secret = URL_SAFE_NO_PAD.decode(token).unwrap_or_else(|_| token.as_bytes().to_vec());
    let veiled = last.and_then(|last| u64::from_str_radix(last.strip_prefix('s')?, 36).ok());
    let last_seen = veiled.map(|veiled| veil.reveal(veiled));
    Resume { digest: Sha256::digest(secret).into(), last_seen }
}

fn verify_password(
    face: &mut IrcFace,
    purpose: Purpose,
    account: &str,
    password: &str,
    turn: &mut Turn,
) {
    face.pending = Some(Box::new(Pending { purpose, about: "".into(), label: None }));
    turn.act(Action::Verify(Credentials::Password {
        account: account.to_owned(),
        password: password.to_owned(),
    }));
}

fn refuse_password(face: &mut IrcFace, why: &str, turn: &mut Turn) {
    face.numeric(turn.out(), ERR_PASSWDMISMATCH, &[why]);
    // The code is for scripts; a person has read the sentence, and reads it once more in ERROR.
    if face.caps.has(STANDARD_REPLIES) {
        face.fail(turn.out(), "PASS", "ACCESS_DENIED", &[], why);
    }
    end(face, why, "wrong PASS", turn);
}

/// The sentence for a check that did not succeed.
pub(super) fn denial(verdict: &Verdict) -> String {
    match verdict {
        Verdict::TooMany(seconds) => {
            format!("Too many attempts to sign in; try again in {seconds} seconds.")
        }
        Verdict::Unavailable => {
            "Accounts cannot be checked just now; try again in a minute.".to_owned()
        }
        Verdict::No
        | Verdict::Yes(..)
        | Verdict::Operator(_)
        | Verdict::Scram(_)
        | Verdict::Rehashed(_)
        | Verdict::Registered(_) => WRONG.to_owned(),
    }
}

/// The verdict on PASS account:password. No 900 and 903: they answer AUTHENTICATE only.
pub(super) fn pass_verdict(face: &mut IrcFace, verdict: &Verdict, turn: &mut Turn) {
    match verdict {
        Verdict::Yes(account, role) => {
            if let Some(start) = &mut face.start {
                start.account = Some((account.clone(), *role));
            }
            arrive_if_ready(face, turn);
        }
        other => refuse_password(face, &denial(other), turn),
    }
}

/// PING from the client: the same text comes back. A second parameter names a server, and there is one.
pub(super) fn ping(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let Some(token) = message.params.first().copied().filter(|token| !token.is_empty()) else {
        let text = "PING needs a text, which comes back with PONG.";
        return face.numeric(turn.out(), ERR_NOORIGIN, &[text]);
    };
    text(turn.out(), &[], Some(&face.info.server), "PONG", &[&face.info.server, token]);
}

/// PONG from the client: that a line came is all that counts, and the connection knows it.
pub(super) fn pong(_face: &mut IrcFace, _message: &Message, _turn: &mut Turn) {}

/// QUIT.
pub(super) fn quit(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let reason = message.params.first().filter(|text| !text.is_empty());
    if face.reads_all() {
        // The desk's cut brings the ERROR, behind everything said before.
        face.stage = Stage::Ended;
        return turn.desk(Command::Leave(Departure::Quit(reason.map(|text| Line::scrubbed(text)))));
    }
    let text = reason.map_or_else(|| "Quit".to_owned(), |text| format!("Quit: {text}"));
    end(face, &text, "quit before registration", turn);
}

/// Says ERROR and ends the connection of a session that the desk does not know.
pub(super) fn end(face: &mut IrcFace, words: &str, reason: &'static str, turn: &mut Turn) {
    face.stage = Stage::Ended;
    text(turn.out(), &[], None, "ERROR", &[words]);
    turn.act(Action::Close(reason));
}

/// Tells the desk of the arrival, once nick and user are known, CAP is over and no check is under
/// way. A SASL exchange that is still open then is over (sasl-3.1: 906).
pub(super) fn arrive_if_ready(face: &mut IrcFace, turn: &mut Turn) {
    let ready = face.stage == Stage::Fresh && face.pending.is_none();
    let Some(start) = face.start.as_ref().filter(|start| ready && !start.negotiating) else {
        return;
    };
    let (Some(nick), Some(user)) = (start.nick.clone(), start.user.clone()) else {
        return;
    };
    // An account that anybody could make for themselves does not stand for the server's password.
    let admitted = start.account.as_ref().is_some_and(|(_, role)| role.is_staff());
    if !start.admitted && !admitted {
        let text = "This server asks for a password; send PASS before NICK and USER.";
        face.numeric(turn.out(), ERR_PASSWDMISMATCH, &[text]);
        return end(face, text, "no server password", turn);
    }
    let connection = &start.connection;
    let arrival = Arrival {
        nick,
        user,
        realname: start.realname.clone(),
        address: connection.address.clone(),
        cloak: face.info.cloak(&connection.address),
        secure: connection.tls,
        account: start.account.clone(),
        resume: start.resume.clone(),
        department: connection.department.clone(),
        token: connection.token,
        code_seed: connection.code_seed,
        away: start.away.clone(),
        certificate: connection.certificate.clone(),
        wants_replay: start.account.as_ref().is_none_or(|(_, role)| *role != Role::Bot),
    };
    if face.exchange.take().is_some() {
        sasl::aborted(face, turn);
    }
    // What a script writes right behind is read by what it will be; Welcome says what it is.
    face.role = arrival.account.as_ref().map_or(Role::Customer, |(_, role)| *role);
    face.stage = Stage::Arriving;
    turn.desk(Command::Arrive(Box::new(arrival)));
    if face.caps.has(METADATA) {
        super::commands::metadata::own(turn);
    }
}
