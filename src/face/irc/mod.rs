//! The IRC face: one IRC session as a value. Lines become commands for the desk; notices and replies
//! become lines.
//!
//! `table` has a row for every command, `cap` one for every capability, `desk_commands` one for every
//! desk command; the common checks are done here. No socket, no clock, no desk inside.

mod cap;
mod commands;
pub mod desk_commands;
mod encode;
mod label;
mod registering;
mod registration;
mod sasl;
mod session;
mod table;
pub mod tables;
mod tally;
mod webirc;

pub use session::IrcFace;
pub use tally::Tally;

use super::{Action, Actions, Dialect, Face, Verdict};
use crate::base::limits::{LABEL_BYTES, LINES_BEFORE_REGISTRATION};
use crate::base::text::Nick;
use crate::base::time::Timestamp;
use crate::desk::language::command::Command;
use crate::desk::language::notice::{CutReason, Notice, Reply};
use crate::desk::language::people::Source;
use crate::wire::build::text;
use crate::wire::message::{Error, Message};
use crate::wire::numeric::*;
use crate::wire::tags::Tags;
use commands::{batch, operators, staff};
use session::{Purpose, Stage, Turn};
use std::sync::Arc;

/// Verbs of HTTP: a browser, or somebody making one speak to us.
const HTTP: [&str; 8] = ["GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT", "DELETE", "PATCH"];

impl IrcFace {
    /// 461.
    fn too_few(&self, verb: &str, turn: &mut Turn) {
        let text = "Not enough parameters; HELP and the command shows what it needs.";
        self.numeric(turn.out(), ERR_NEEDMOREPARAMS, &[verb, text]);
    }

    /// 407 for the first target that was left out.
    fn too_many_targets(&self, target: &str, limit: usize, turn: &mut Turn) {
        let text = format!("Too many targets; one command takes {limit}.");
        self.numeric(turn.out(), ERR_TOOMANYTARGETS, &[cap::shown(target), &text]);
    }

    /// True while nothing but the first line of a connection can be what is read now, and it is not
    /// IRC: the start of a TLS or other binary conversation, or an HTTP request.
    fn is_foreign(&self, line: &[u8]) -> bool {
        if self.stage != Stage::Fresh {
            return false;
        }
        let first = self.start.as_ref().is_some_and(|start| start.lines == 1);
        let binary = line.first().is_some_and(|byte| *byte < b' ' || *byte >= 0x80);
        let verb = line.split(|byte| *byte == b' ').next().unwrap_or_default();
        let http = HTTP.iter().any(|known| known.as_bytes() == verb);
        http || (first && binary)
    }

    /// Says what is wrong with a line that is no message.
    fn unreadable(&mut self, line: &[u8], error: Error, turn: &mut Turn) {
        match error {
            Error::Empty | Error::NoVerb => {}
            Error::TagsTooLong | Error::TooLong => {
                let tagged = str::from_utf8(line).ok().and_then(|line| line.strip_prefix('@'));
                let wire = tagged.and_then(|tagged| tagged.split(' ').next());
                turn.label = wire.and_then(|wire| self.label(&Tags::new(wire)));
                self.say_too_long(turn.out());
            }
            Error::NotUtf8 => self.not_utf8(line, turn),
            Error::Control => {
                let text = "The line holds NUL or a bare CR and was not used; send plain text.";
                self.fail(turn.out(), "*", "INVALID_LINE", &[], text);
            }
        }
    }

    /// Refuses a line that is not UTF-8, under its label and by its verb if these can be read.
    /// Source: IRCv3 utf8-only.
    fn not_utf8(&self, line: &[u8], turn: &mut Turn) {
        let shown = String::from_utf8_lossy(line);
        let message = Message::parse(&shown).ok();
        turn.label = message.as_ref().and_then(|message| self.label(&message.tags));
        let verb = message.map_or("*", |message| message.verb).to_ascii_uppercase();
        let verb = if verb.bytes().all(|b| b.is_ascii_alphanumeric()) { &*verb } else { "*" };
        let text = "The line is not UTF-8 and was not used; set your client to UTF-8.";
        self.fail_always(turn.out(), verb, "INVALID_UTF8", &[], text);
    }

    fn say_too_long(&self, out: &mut Vec<u8>) {
        let text = "The line is too long and was not used; send it in shorter lines.";
        self.numeric(out, ERR_INPUTTOOLONG, &[text]);
    }

    /// Runs one message: the checks that all commands share, then its row.
    fn run(&mut self, message: &Message, turn: &mut Turn) {
        let Some(row) = table::find(message.verb) else {
            if !self.reads_all() {
                return self.not_registered(turn);
            }
            if !commands::messages::raw_desk_command(self, message, turn) {
                self.unknown(message.verb, turn);
            }
            return;
        };
        if !row.before && !self.reads_all() {
            return self.not_registered(turn);
        }
        if message.params.len() < row.least {
            return self.too_few(row.name, turn);
        }
        self.info.used.count(row.name);
        (row.run)(self, message, turn);
    }

    /// 421.
    fn unknown(&self, verb: &str, turn: &mut Turn) {
        let text = "No such command here; HELP lists them.";
        self.numeric(turn.out(), ERR_UNKNOWNCOMMAND, &[cap::shown(verb), text]);
    }

    /// 451.
    pub(in crate::face::irc) fn not_registered(&self, turn: &mut Turn) {
        let text = "You are not registered yet; send NICK and USER first.";
        self.numeric(turn.out(), ERR_NOTREGISTERED, &[text]);
    }

    /// The label of a line, if this session's answers carry labels.
    fn label(&self, tags: &Tags) -> Option<Arc<str>> {
        if !self.caps.has(cap::LABELED_RESPONSE | cap::BATCH) {
            return None;
        }
        let label = tags.get("label")?;
        (!label.is_empty() && label.len() <= LABEL_BYTES).then(|| Arc::from(label))
    }

    /// Gives the answer its label. A check under way keeps it for the verdict. Registration is
    /// answered by ACK, for its welcome is not an answer to one line; so do known clients expect it.
    fn finish(&mut self, label: Option<Arc<str>>, actions: &mut Actions) {
        let Some(label) = label else { return };
        if let Some(pending) = &mut self.pending {
            pending.label = Some(label);
            return;
        }
        let arrives = |action: &Action| matches!(action, Action::Desk(Command::Arrive(_)));
        let Some(place) = actions.list.iter().position(arrives) else {
            actions.label = Some(label);
            return;
        };
        let mut said = Vec::new();
        for action in &actions.list[..place] {
            if let Action::Say(bytes) = action {
                said.extend_from_slice(bytes);
            }
        }
        actions.list.retain(|action| !matches!(action, Action::Say(_)));
        let mut sealed = Vec::new();
        let reference = self.batch_reference();
        label::seal(&self.info.server, &label, &reference, &said, &mut sealed);
        actions.list.insert(0, Action::Say(sealed));
    }
}

impl Face for IrcFace {
    fn open(&mut self, _now: Timestamp, _actions: &mut Actions) {}

    fn line(&mut self, now: Timestamp, line: &[u8], actions: &mut Actions) {
        if self.stage == Stage::Ended {
            return;
        }
        let mut turn = Turn { now, actions, label: None };
        if let Some(start) = &mut self.start {
            start.lines += 1;
            if start.lines > LINES_BEFORE_REGISTRATION && self.stage == Stage::Fresh {
                let text = "Too many lines before registration; connect again.";
                return registration::end(self, text, "too many lines", &mut turn);
            }
        }
        if self.is_foreign(line) {
            let text = "This is an IRC server; connect with an IRC client.";
            return registration::end(self, text, "not IRC", &mut turn);
        }
        match Message::parse_bytes(line) {
            Ok(message) => {
                turn.label = self.label(&message.tags);
                if !batch::takes(self, &message, &mut turn) {
                    self.run(&message, &mut turn);
                }
                let label = turn.label;
                self.finish(label, actions);
            }
            Err(error) => {
                self.unreadable(line, error, &mut turn);
                if !matches!(error, Error::Empty) {
                    batch::torn(self, &mut turn);
                }
                let label = turn.label;
                self.finish(label, actions);
            }
        }
        actions.list.retain(|action| !matches!(action, Action::Say(bytes) if bytes.is_empty()));
    }

    fn overlong(&mut self, now: Timestamp, actions: &mut Actions) {
        if self.stage != Stage::Ended {
            let mut turn = Turn { now, actions, label: None };
            self.say_too_long(turn.out());
            batch::torn(self, &mut turn);
        }
    }

    fn deadline(&self) -> Option<Timestamp> {
        self.batch.as_ref()?.deadline()
    }

    fn overdue(&mut self, now: Timestamp, actions: &mut Actions) {
        let mut turn = Turn { now, actions, label: None };
        batch::overdue(self, &mut turn);
        let label = turn.label;
        self.finish(label, actions);
    }

    fn verdict(&mut self, now: Timestamp, verdict: Verdict, actions: &mut Actions) {
        let Some(pending) = self.pending.take() else { return };
        let mut turn = Turn { now, actions, label: None };
        match pending.purpose {
            Purpose::Pass => registration::pass_verdict(self, &verdict, &mut turn),
            Purpose::Oper => operators::oper_verdict(self, verdict, &mut turn),
            Purpose::Rehash => staff::rehash_verdict(self, verdict, &mut turn),
            Purpose::Sasl => sasl::verdict(self, verdict, &mut turn),
            Purpose::Register => {
                registering::verdict(self, ("REGISTER", &pending.about), &verdict, &mut turn);
            }
            Purpose::Confirm => {
                registering::verdict(self, ("VERIFY", &pending.about), &verdict, &mut turn);
            }
        }
        self.finish(pending.label, actions);
    }

    fn dialect(&self) -> Dialect {
        let echo = if self.caps.has(cap::ECHO_MESSAGE) { Dialect::ECHO } else { 0 };
        // A message of several lines is a batch, so it needs both.
        let deaf = if self.caps.has(cap::BATCH) { 0 } else { cap::MULTILINE };
        Dialect(self.caps.0 & cap::SPOKEN & !deaf | echo)
    }

    fn notice(&self, now: Timestamp, notice: &Notice, out: &mut Vec<u8>) {
        encode::notices::notice(&self.info, self.dialect(), now, notice, out);
    }

    fn reply(&mut self, _now: Timestamp, reply: &Reply, out: &mut Vec<u8>) {
        let dialect = self.dialect();
        encode::replies::reply(self, dialect, reply, out);
    }

    fn renamed(&mut self, from: &Nick, to: &Nick) {
        if let Some(source) = self.source.as_mut().filter(|source| source.nick == *from) {
            *source = Arc::new(Source { nick: to.clone(), ..(**source).clone() });
        }
    }

    fn seal(&mut self, _now: Timestamp, label: &str, answer: &[u8], out: &mut Vec<u8>) {
        let reference = self.batch_reference();
        label::seal(&self.info.server, label, &reference, answer, out);
    }

    fn farewell(&mut self, why: &CutReason, out: &mut Vec<u8>) {
        self.stage = Stage::Ended;
        let words = match why {
            CutReason::Quit(None) => "Quit".to_owned(),
            CutReason::Quit(Some(text)) => format!("Quit: {text}"),
            CutReason::Blocked(reason) => format!("You are blocked here: {reason}"),
            CutReason::AccountEnded => {
                "Your account was suspended or removed; ask an administrator.".to_owned()
            }
            CutReason::Replaced => {
                "You connected again elsewhere; this connection ends.".to_owned()
            }
            CutReason::AccountRequired => {
                let text = "Sign in by SASL, or with PASS account:password before NICK and USER.";
                self.server_line(out, "FAIL", &["*", "ACCOUNT_REQUIRED", text]);
                "This server admits accounts only; sign in by SASL or PASS account:password."
                    .to_owned()
            }
            CutReason::Killed(None, reason) => format!("You were disconnected by staff: {reason}"),
            CutReason::Killed(Some(by), reason) => {
                format!("Closing Link: {} (Killed ({by} ({reason})))", self.info.server)
            }
            CutReason::StorageFailing => {
                "Nothing can be stored just now; connect again in a few minutes.".to_owned()
            }
        };
        text(out, &[], None, "ERROR", &[&words]);
    }

    fn error(&mut self, words: &str, out: &mut Vec<u8>) {
        self.stage = Stage::Ended;
        text(out, &[], None, "ERROR", &[words]);
    }

    fn accounts(&mut self, work: bool, out: &mut Vec<u8>) {
        cap::set_sasl(self, work, out);
    }

    fn inform(&mut self, info: &Arc<super::ServerInfo>, out: &mut Vec<u8>) {
        cap::inform(self, info, out);
    }

    fn ping(&mut self, _now: Timestamp, out: &mut Vec<u8>) {
        text(out, &[], None, "PING", &[&self.info.server]);
    }

    fn registered(&self) -> bool {
        // Also after the last words: the desk knows the session until it is told of its end.
        self.source.is_some()
    }
}
