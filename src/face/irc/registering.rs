//! REGISTER and VERIFY: people make accounts for themselves, where the config lets them.
//!
//! Source: IRCv3 account-registration. What is asked is checked here for its form only: with an
//! invitation nothing of it is looked up before VERIFY brings a code that is good, so that nobody
//! learns by REGISTER which accounts there are.

use super::cap::shown;
use super::registration::{PLAINTEXT, arrive_if_ready, denial};
use super::sasl;
use super::session::{IrcFace, Pending, Purpose, Stage, Turn};
use crate::base::limits::{EMAIL_BYTES, PASSWORD_BYTES};
use crate::base::text::AccountName;
use crate::desk::language::people::Role;
use crate::face::registering::{NewAccount, Proof, Registered, Registration};
use crate::face::{Action, Credentials, Verdict};
use crate::wire::message::Message;

/// A code of FAIL, and its sentence.
type Failure = (&'static str, String);

fn failure(code: &'static str, text: &str) -> Failure {
    (code, text.to_owned())
}

/// What stands behind the capability's `=`.
pub(super) fn value(face: &IrcFace) -> String {
    let Some(rules) = &face.info.registration else { return String::new() };
    let mut keys = Vec::new();
    if rules.before_connect {
        keys.push("before-connect");
    }
    if rules.email_required {
        keys.push("email-required");
    }
    keys.push("custom-account-name");
    keys.join(",")
}

/// REGISTER.
pub(super) fn register(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let (name, email, password) = (message.params[0], message.params[1], message.params[2]);
    let new = allowed(face).and_then(|rules| wanted(face, &rules, (name, email, password)));
    let new = match new {
        Ok(new) => new,
        Err((code, text)) => return fail(face, "REGISTER", code, name, &text, turn),
    };
    if let Proof::Invitation(_) = new.proof {
        let text = "The account is made once you give your invitation's code: VERIFY, the account and the code.";
        face.server_line(
            turn.out(),
            "REGISTER",
            &["VERIFICATION_REQUIRED", new.name.as_str(), text],
        );
        face.wanted = Some(Box::new(new));
        return;
    }
    let about = new.name.to_string();
    ask(face, (Purpose::Register, &about), Credentials::New(Box::new(new)), turn);
}

/// VERIFY.
pub(super) fn verify(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let (name, code) = (message.params[0], message.params[1]);
    let rules = match allowed(face) {
        Ok(rules) => rules,
        Err((code, text)) => return fail(face, "VERIFY", code, name, &text, turn),
    };
    let name = if name == "*" { face.me().to_owned() } else { name.to_owned() };
    if !rules.invitation {
        let credentials = Credentials::Code { account: name.clone(), code: code.to_owned() };
        return ask(face, (Purpose::Confirm, &name), credentials, turn);
    }
    let known = face.wanted.as_ref().filter(|w| w.name.as_str().eq_ignore_ascii_case(&name));
    let Some(new) = known else {
        let text = "Say REGISTER first, on this connection, with the account and a password.";
        return fail(face, "VERIFY", "INVALID_CODE", &name, text, turn);
    };
    let new = NewAccount { proof: Proof::Invitation(code.to_owned()), ..(**new).clone() };
    ask(face, (Purpose::Confirm, &name), Credentials::New(Box::new(new)), turn);
}

/// What became of it.
pub(super) fn verdict(
    face: &mut IrcFace,
    (verb, name): (&'static str, &str),
    verdict: &Verdict,
    turn: &mut Turn,
) {
    let Verdict::Registered(registered) = verdict else {
        return fail(face, verb, "TEMPORARILY_UNAVAILABLE", name, &denial(verdict), turn);
    };
    match registered {
        Registered::Done(account, role) => done(face, verb, (account, *role), turn),
        Registered::Waits(account, sent) => {
            let text = match sent {
                true => {
                    "A code was sent to your address; give it with VERIFY, the account and the code."
                }
                false => {
                    "An operator of this server will confirm your account; sign in to it then."
                }
            };
            face.server_line(turn.out(), verb, &["VERIFICATION_REQUIRED", account.as_str(), text]);
        }
        Registered::Exists => {
            let text = "That name is taken; choose another.";
            fail(face, "REGISTER", "ACCOUNT_EXISTS", name, text, turn);
        }
        Registered::Reserved => {
            let text = "That name is the server's own; choose another.";
            fail(face, "REGISTER", "BAD_ACCOUNT_NAME", name, text, turn);
        }
        Registered::WrongCode => {
            let text = "That code is not good, or no longer; ask for a new one.";
            fail(face, "VERIFY", "INVALID_CODE", name, text, turn);
        }
        Registered::Full => {
            let text = "This server takes no more accounts just now; ask its operator.";
            fail(face, verb, "TEMPORARILY_UNAVAILABLE", name, text, turn);
        }
    }
}

fn done(face: &mut IrcFace, verb: &str, account: (&AccountName, Role), turn: &mut Turn) {
    let text = "The account is made, and you are signed in to it.";
    face.server_line(turn.out(), verb, &["SUCCESS", account.0.as_str(), text]);
    face.wanted = None;
    sasl::logged_in(face, account.0.clone(), account.1, turn);
    arrive_if_ready(face, turn);
}

fn ask(
    face: &mut IrcFace,
    (purpose, about): (Purpose, &str),
    credentials: Credentials,
    turn: &mut Turn,
) {
    face.pending = Some(Box::new(Pending { purpose, about: about.into(), label: None }));
    turn.act(Action::Verify(credentials));
}

/// Written to all clients: whoever says REGISTER knows FAIL (account-registration, "Dependencies").
fn fail(face: &IrcFace, verb: &str, code: &str, name: &str, text: &str, turn: &mut Turn) {
    if code == "COMPLETE_CONNECTION_REQUIRED" {
        return face.server_line(turn.out(), "FAIL", &[verb, code, text]);
    }
    face.server_line(turn.out(), "FAIL", &[verb, code, shown(name), text]);
}

/// Whether this session may make an account now, and by what rules.
fn allowed(face: &IrcFace) -> Result<Registration, Failure> {
    let unavailable = |text: &str| Err(failure("TEMPORARILY_UNAVAILABLE", text));
    let Some(rules) = face.info.registration.clone() else {
        return unavailable("Accounts are made by the operator of this server only; ask there.");
    };
    let start = face.start.as_ref().filter(|_| face.stage == Stage::Fresh);
    let signed_in = match (start, &face.source) {
        (Some(start), _) => start.account.is_some(),
        (None, Some(source)) => source.account.is_some(),
        (None, None) => false,
    };
    if signed_in {
        return Err(failure("ALREADY_AUTHENTICATED", "You are signed in to an account already."));
    }
    match start {
        Some(_) if !rules.before_connect => {
            let text = "Complete your connection first: send NICK and USER.";
            return Err(failure("COMPLETE_CONNECTION_REQUIRED", text));
        }
        Some(start) if !start.admitted => {
            return unavailable("This server asks for a password; send PASS first.");
        }
        None if face.info.desk && !face.role.is_staff() => {
            return unavailable("Connect again, and make the account before NICK and USER.");
        }
        Some(_) | None => {}
    }
    if !face.takes_passwords() {
        return unavailable(PLAINTEXT);
    }
    Ok(rules)
}

/// What REGISTER asks for, if it has a form that an account may have.
fn wanted(
    face: &IrcFace,
    rules: &Registration,
    (name, email, password): (&str, &str, &str),
) -> Result<NewAccount, Failure> {
    if face.me() == "*" {
        return Err(failure("NEED_NICK", "Send NICK first."));
    }
    let name = if name == "*" { face.me() } else { name };
    let name = AccountName::parse(name).map_err(|why| {
        let text = format!("That cannot be an account's name: {why}; choose another.");
        ("BAD_ACCOUNT_NAME", text)
    })?;
    let email = (email != "*").then(|| email.to_owned());
    if email.is_none() && rules.email_required {
        let text = "An e-mail address is needed: REGISTER, the account, the address, the password.";
        return Err(failure("INVALID_EMAIL", text));
    }
    if email.as_deref().is_some_and(|email| !is_address(email)) {
        return Err(failure("INVALID_EMAIL", "That is not an e-mail address; check it."));
    }
    if password.chars().count() < rules.password_characters {
        let least = rules.password_characters;
        let text = format!("That password is too short; use at least {least} characters.");
        return Err(("WEAK_PASSWORD", text));
    }
    if password.len() > PASSWORD_BYTES || password.chars().any(char::is_control) {
        let text = format!(
            "That password is longer than {PASSWORD_BYTES} bytes or holds control characters; choose another."
        );
        return Err(("UNACCEPTABLE_PASSWORD", text));
    }
    let proof = match (rules.invitation, rules.email_required) {
        (true, _) => Proof::Invitation(String::new()),
        (false, true) => Proof::Email,
        (false, false) => Proof::Nothing,
    };
    Ok(NewAccount { name, email, password: password.to_owned(), proof })
}

/// Only what cannot be an address is refused: whether it is one, a letter tells.
fn is_address(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control();
    let parts = text.rsplit_once('@');
    text.len() <= EMAIL_BYTES
        && !text.contains(odd)
        && parts.is_some_and(|(who, host)| !who.is_empty() && !host.is_empty())
}
