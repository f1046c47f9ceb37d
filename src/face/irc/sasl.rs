//! AUTHENTICATE: SASL PLAIN, EXTERNAL and SCRAM-SHA-256, before registration and after it.
//!
//! Source: IRCv3 sasl-3.1 and sasl-3.2, RFC 4616, RFC 4422 appendix A, RFC 5802. It keeps one
//! exchange and judges SCRAM itself; passwords and certificates are judged outside.

use super::registration::{self, PLAINTEXT, WRONG, denial};
use super::session::{IrcFace, Pending, Purpose, Stage, Turn};
use crate::base::casemap::same;
use crate::base::limits::{PASSWORD_BYTES, SASL_BYTES, SASL_CHUNK};
use crate::base::text::AccountName;
use crate::desk::language::command::Command;
use crate::desk::language::people::Role;
use crate::face::scram::{ServerExchange, client_first_account};
use crate::face::{Action, Credentials, ScramKeys, Verdict};
use crate::wire::build::line;
use crate::wire::message::Message;
use crate::wire::numeric::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::sync::Arc;

/// How somebody shows who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mechanism {
    Plain,
    External,
    Scram,
}

const MECHANISMS: [(&str, Mechanism); 3] = [
    ("PLAIN", Mechanism::Plain),
    ("EXTERNAL", Mechanism::External),
    ("SCRAM-SHA-256", Mechanism::Scram),
];

/// An exchange under way.
#[derive(Debug)]
pub(super) struct Exchange {
    mechanism: Mechanism,
    /// Base64 of the message that is still arriving in chunks.
    chunks: String,
    step: Step,
}

#[derive(Debug)]
enum Step {
    /// The client's first message is awaited.
    First,
    /// SCRAM: the account's keys are awaited; this is client-first.
    Keys(Vec<u8>),
    /// SCRAM: client-final is awaited.
    Final(Box<ServerExchange>),
    /// SCRAM: it succeeded, and the client's closing `+` is awaited.
    Closing(AccountName, Role),
}

/// The mechanisms this session may use, as `sasl=` and 908 list them.
pub(super) fn mechanisms(face: &IrcFace) -> String {
    let names: Vec<&str> =
        MECHANISMS.iter().filter(|(_, m)| usable(face, *m)).map(|(name, _)| *name).collect();
    names.join(",")
}

fn usable(face: &IrcFace, mechanism: Mechanism) -> bool {
    match mechanism {
        Mechanism::Plain => face.takes_passwords(),
        Mechanism::External => face.tls,
        // The password itself is never sent.
        Mechanism::Scram => true,
    }
}

/// AUTHENTICATE.
pub(super) fn authenticate(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let data = message.params[0];
    if !face.sasl {
        let why = "Accounts cannot be checked just now; nobody was signed in. Try again later.";
        return failed(face, why, turn);
    }
    if face.reads_all() && face.info.desk && face.role == Role::Customer {
        let why = "An account begins with its own connection: connect again, and sign in first.";
        return failed(face, why, turn);
    }
    if data == "*" {
        face.exchange = None;
        return aborted(face, turn);
    }
    let Some(mut exchange) = face.exchange.take() else {
        return choose(face, data, turn);
    };
    if data.len() > SASL_CHUNK {
        let text = "That AUTHENTICATE line is too long; send at most 400 bytes in each.";
        return face.numeric(turn.out(), ERR_SASLTOOLONG, &[text]);
    }
    if data != "+" {
        exchange.chunks.push_str(data);
    }
    if exchange.chunks.len() > SASL_BYTES / 3 * 4 + 4 {
        let text = "That SASL message is too long; nobody was signed in.";
        return face.numeric(turn.out(), ERR_SASLTOOLONG, &[text]);
    }
    if data.len() == SASL_CHUNK {
        face.exchange = Some(exchange);
        return;
    }
    let whole = std::mem::take(&mut exchange.chunks);
    match BASE64.decode(whole) {
        Ok(bytes) => proceed(face, exchange, &bytes, turn),
        Err(_) => failed(face, "That was not base64; nobody was signed in.", turn),
    }
}

fn choose(face: &mut IrcFace, name: &str, turn: &mut Turn) {
    let found = MECHANISMS.iter().find(|(known, _)| same(known, name)).map(|(_, m)| *m);
    match found {
        Some(Mechanism::Plain) if !face.takes_passwords() => {
            face.fail(turn.out(), "AUTHENTICATE", "TLS_REQUIRED", &[], PLAINTEXT);
            failed(face, PLAINTEXT, turn);
        }
        Some(mechanism) if usable(face, mechanism) => {
            face.exchange =
                Some(Box::new(Exchange { mechanism, chunks: String::new(), step: Step::First }));
            line(turn.out(), &[], None, "AUTHENTICATE", &["+"]);
        }
        _ => {
            let names = mechanisms(face);
            face.numeric(turn.out(), RPL_SASLMECHS, &[&names, "are the mechanisms offered."]);
            failed(face, "That mechanism is not offered; choose one of those listed.", turn);
        }
    }
}

/// One whole message of the client.
fn proceed(face: &mut IrcFace, mut exchange: Box<Exchange>, bytes: &[u8], turn: &mut Turn) {
    match (exchange.mechanism, exchange.step) {
        (Mechanism::Plain, _) => plain(face, bytes, turn),
        (Mechanism::External, _) => {
            let Ok(account) = str::from_utf8(bytes) else {
                return failed(face, WRONG, turn);
            };
            let account = (!account.is_empty()).then(|| account.to_owned());
            let fingerprint = face.certificate.clone();
            verify(face, Credentials::Certificate { account, fingerprint }, turn);
        }
        (Mechanism::Scram, Step::First) => match client_first_account(bytes) {
            Ok(account) => {
                exchange.step = Step::Keys(bytes.to_vec());
                face.exchange = Some(exchange);
                verify(face, Credentials::ScramKeys { account }, turn);
            }
            Err(why) => failed(face, &why.to_string(), turn),
        },
        (Mechanism::Scram, Step::Final(server)) => {
            let account = server.account().to_owned();
            match server.finish(bytes) {
                Ok((name, role, server_final)) => {
                    turn.act(Action::Attempted { account, success: true });
                    exchange.step = Step::Closing(name, role);
                    face.exchange = Some(exchange);
                    challenge(&server_final, turn);
                }
                Err(why) => {
                    turn.act(Action::Attempted { account, success: false });
                    failed(face, &why.to_string(), turn);
                }
            }
        }
        (Mechanism::Scram, Step::Closing(account, role)) if bytes.is_empty() => {
            signed_in(face, account, role, turn);
        }
        (Mechanism::Scram, Step::Closing(..) | Step::Keys(_)) => failed(face, WRONG, turn),
    }
}

fn plain(face: &mut IrcFace, bytes: &[u8], turn: &mut Turn) {
    let mut parts = bytes.split(|b| *b == 0).map(|part| str::from_utf8(part));
    let (Some(Ok(acting_for)), Some(Ok(account)), Some(Ok(password)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return failed(face, "That was not a PLAIN message; nobody was signed in.", turn);
    };
    let itself = acting_for.is_empty() || same(acting_for, account);
    let sound = itself && !account.is_empty() && !password.is_empty();
    if !sound || password.len() > PASSWORD_BYTES {
        return failed(face, WRONG, turn);
    }
    if account.eq_ignore_ascii_case("resume")
        && face.stage == Stage::Fresh
        && let Some(start) = &mut face.start
    {
        // A customer's seat, not an account: whether it still stands is told after the welcome.
        start.resume = Some(registration::resume(&face.info.veil, password));
        let text = "The seat will be looked for.";
        return face.numeric(turn.out(), RPL_SASLSUCCESS, &[text]);
    }
    let (account, password) = (account.to_owned(), password.to_owned());
    verify(face, Credentials::Password { account, password }, turn);
}

fn verify(face: &mut IrcFace, credentials: Credentials, turn: &mut Turn) {
    face.pending =
        Some(Box::new(Pending { purpose: Purpose::Sasl, about: "".into(), label: None }));
    turn.act(Action::Verify(credentials));
}

/// A message of the server, in chunks of 400 bytes of base64.
fn challenge(message: &[u8], turn: &mut Turn) {
    let encoded = BASE64.encode(message);
    for chunk in encoded.as_bytes().chunks(SASL_CHUNK) {
        let chunk = str::from_utf8(chunk).unwrap_or("+");
        line(turn.out(), &[], None, "AUTHENTICATE", &[chunk]);
    }
    if encoded.len().is_multiple_of(SASL_CHUNK) {
        line(turn.out(), &[], None, "AUTHENTICATE", &["+"]);
    }
}

/// The verdict on what AUTHENTICATE brought.
pub(super) fn verdict(face: &mut IrcFace, verdict: Verdict, turn: &mut Turn) {
    let exchange = face.exchange.take();
    match (verdict, exchange) {
        (Verdict::Yes(account, role), None) => signed_in(face, account, role, turn),
        (Verdict::Scram(keys), Some(exchange)) => scram_keys(face, exchange, *keys, turn),
        (other, _) => failed(face, &denial(&other), turn),
    }
}

fn scram_keys(face: &mut IrcFace, mut exchange: Box<Exchange>, keys: ScramKeys, turn: &mut Turn) {
    let Step::Keys(client_first) = &exchange.step else {
        return failed(face, WRONG, turn);
    };
    match ServerExchange::begin(keys, client_first) {
        Ok((server, server_first)) => {
            exchange.step = Step::Final(Box::new(server));
            face.exchange = Some(exchange);
            challenge(&server_first, turn);
        }
        Err(why) => failed(face, &why.to_string(), turn),
    }
}

fn signed_in(face: &mut IrcFace, account: AccountName, role: Role, turn: &mut Turn) {
    say_logged_in(face, &account, turn);
    face.numeric(turn.out(), RPL_SASLSUCCESS, &["Signing in succeeded."]);
    becomes(face, account, role, turn);
}

/// The session is signed in to an account it has just made, as if by SASL (account-registration).
pub(super) fn logged_in(face: &mut IrcFace, account: AccountName, role: Role, turn: &mut Turn) {
    say_logged_in(face, &account, turn);
    becomes(face, account, role, turn);
}

fn say_logged_in(face: &IrcFace, account: &AccountName, turn: &mut Turn) {
    let text = format!("You are signed in as {account}.");
    face.numeric(turn.out(), RPL_LOGGEDIN, &[&seen_as(face), account.as_str(), &text]);
}

fn becomes(face: &mut IrcFace, account: AccountName, role: Role, turn: &mut Turn) {
    match &mut face.start {
        Some(start) if face.stage == Stage::Fresh => start.account = Some((account, role)),
        // The desk knows of the arrival already.
        Some(_) | None => {
            face.role = role;
            if let Some(source) = &mut face.source {
                Arc::make_mut(source).account = Some(account.clone());
            }
            turn.desk(Command::SignIn(Some((account, role))));
        }
    }
}

/// `nick!user@host` as far as it is known.
fn seen_as(face: &IrcFace) -> String {
    if let Some(source) = &face.source {
        return super::encode::prefix(source);
    }
    let user = face.start.as_ref().and_then(|start| start.user.as_ref());
    format!("{}!{}@*", face.me(), user.map_or("*", |user| user.as_str()))
}

fn failed(face: &mut IrcFace, why: &str, turn: &mut Turn) {
    face.exchange = None;
    face.numeric(turn.out(), ERR_SASLFAIL, &[why]);
}

/// 906: the client gave up, or registration went on without it.
pub(super) fn aborted(face: &mut IrcFace, turn: &mut Turn) {
    face.numeric(turn.out(), ERR_SASLABORTED, &["Signing in was given up."]);
}
