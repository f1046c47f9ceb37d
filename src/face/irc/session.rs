//! What one IRC session remembers, and the turn in which it answers one line.
//!
//! A registered session is kept small: what only registration or a sign-in needs stands in boxes
//! that are dropped when it is over. It knows no socket, no clock and no desk.

use super::cap::{self, Caps};
use super::commands::batch::Open;
use super::sasl::Exchange;
use crate::base::text::{AccountName, ChannelName, Line, Nick, UserName};
use crate::base::time::Timestamp;
use crate::desk::language::command::{Command, Resume};
use crate::desk::language::people::{Role, Source};
use crate::face::registering::NewAccount;
use crate::face::{Action, Actions, Connection, ServerInfo};
use crate::wire::build::{line, text};
use std::sync::Arc;

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Not registered.
    Fresh,
    /// The desk was told of the arrival and has not answered.
    Arriving,
    /// Welcome was said.
    Registered,
    /// QUIT was said, or the line that ended it; nothing more is read.
    Ended,
}

/// What registration gathers; dropped at Welcome.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) connection: Connection,
    pub(super) nick: Option<Nick>,
    pub(super) user: Option<UserName>,
    pub(super) realname: Line,
    /// Absent from the start (pre-away).
    pub(super) away: Option<Line>,
    /// CAP LS or CAP REQ was said, and no CAP END since.
    pub(super) negotiating: bool,
    pub(super) account: Option<(AccountName, Role)>,
    pub(super) resume: Option<Resume>,
    /// The server's own password was given, or none is asked for.
    pub(super) admitted: bool,
    /// Lines read so far.
    pub(super) lines: usize,
}

/// What an `Action::Verify` was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// PASS account:password.
    Pass,
    /// AUTHENTICATE.
    Sasl,
    /// OPER.
    Oper,
    /// REHASH.
    Rehash,
    /// REGISTER.
    Register,
    /// VERIFY.
    Confirm,
}

/// A check under way, and the label its answer will carry.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) purpose: Purpose,
    /// The account that REGISTER or VERIFY named.
    pub(super) about: Box<str>,
    pub(super) label: Option<Arc<str>>,
}

/// A WHO whose answer is still to come: in which form it was asked.
#[derive(Debug)]
pub(super) struct WhoQuery {
    pub(super) mask: Line,
    /// WHOX fields and token; none for a plain WHO.
    pub(super) fields: Option<(Box<str>, Box<str>)>,
}

/// WHO questions remembered at once; beyond it the oldest is answered in the plain form.
const WHO_QUERIES: usize = 32;

/// One IRC session as a value: lines in, actions out; notices and replies in, bytes out.
#[derive(Debug)]
pub struct IrcFace {
    pub(super) info: Arc<ServerInfo>,
    pub(super) stage: Stage,
    pub(super) caps: Caps,
    /// CAP LS 302 or above was said at least once.
    pub(super) cap_302: bool,
    pub(super) tls: bool,
    pub(super) trusted: bool,
    /// Accounts can be signed in to just now.
    pub(super) sasl: bool,
    pub(super) role: Role,
    pub(super) certificate: Option<Arc<str>>,
    pub(super) source: Option<Arc<Source>>,
    /// Channels joined, as far as the answers told: what `JOIN 0` leaves.
    pub(super) channels: Vec<ChannelName>,
    pub(super) who: Vec<WhoQuery>,
    pub(super) start: Option<Box<Start>>,
    pub(super) exchange: Option<Box<Exchange>>,
    pub(super) pending: Option<Box<Pending>>,
    /// REGISTER was said, and VERIFY is to bring an invitation's code.
    pub(super) wanted: Option<Box<NewAccount>>,
    /// Batches opened so far: the source of their reference tags.
    pub(super) batches: u32,
    /// A message of several lines that the client has begun.
    pub(super) batch: Option<Box<Open>>,
    /// Where the sentences of `desk` go while one line or answer is handled, if not to the nick.
    pub(super) place: Option<Box<str>>,
}

impl IrcFace {
    /// The session of a connection that has just been accepted.
    pub fn new(info: Arc<ServerInfo>, connection: Connection) -> Self {
        let (admitted, sasl) = (info.password.is_none(), info.sasl);
        Self {
            info,
            stage: Stage::Fresh,
            caps: Caps::default(),
            cap_302: false,
            tls: connection.tls,
            trusted: connection.trusted,
            sasl,
            role: Role::Customer,
            certificate: connection.certificate.clone(),
            source: None,
            channels: Vec::new(),
            who: Vec::new(),
            start: Some(Box::new(Start {
                connection,
                nick: None,
                user: None,
                realname: Line::scrubbed(""),
                away: None,
                negotiating: false,
                account: None,
                resume: None,
                admitted,
                lines: 0,
            })),
            exchange: None,
            pending: None,
            wanted: None,
            batches: 0,
            batch: None,
            place: None,
        }
    }

    /// The first parameter of a numeric: the nick, or `*` before there is one.
    pub(super) fn me(&self) -> &str {
        match (&self.source, &self.start) {
            (Some(source), _) => source.nick.as_str(),
            (None, Some(start)) => start.nick.as_ref().map_or("*", Nick::as_str),
            (None, None) => "*",
        }
    }

    /// True when commands that need registration are read: also while the desk decides, because a
    /// script writes its JOIN right behind USER and the desk takes commands in order.
    pub(super) fn reads_all(&self) -> bool {
        matches!(self.stage, Stage::Arriving | Stage::Registered)
    }

    /// True when a password may be said on this connection (DESIGN section 4).
    pub(super) fn takes_passwords(&self) -> bool {
        self.tls || self.trusted || self.info.plaintext_passwords
    }

    /// Writes a numeric to this session.
    pub(super) fn numeric(&self, out: &mut Vec<u8>, code: &str, params: &[&str]) {
        let mut all = Vec::with_capacity(params.len() + 1);
        all.push(self.me());
        all.extend_from_slice(params);
        line(out, &[], Some(&self.info.server), code, &all);
    }

    /// Writes a numeric whose last parameter is text or a list: with a colon also before a single
    /// word, because scripts look for it.
    pub(super) fn worded(&self, out: &mut Vec<u8>, code: &str, params: &[&str]) {
        let mut all = Vec::with_capacity(params.len() + 1);
        all.push(self.me());
        all.extend_from_slice(params);
        text(out, &[], Some(&self.info.server), code, &all);
    }

    /// Writes a line of the server's own, with exactly these parameters.
    pub(super) fn server_line(&self, out: &mut Vec<u8>, verb: &str, params: &[&str]) {
        line(out, &[], Some(&self.info.server), verb, params);
    }

    /// Writes FAIL for a client that reads it, else the same text as a NOTICE from `desk`.
    /// Source: IRCv3 standard-replies.
    pub(super) fn fail(
        &self,
        out: &mut Vec<u8>,
        command: &str,
        code: &str,
        context: &[&str],
        text: &str,
    ) {
        // A command that came with a capability comes with its errors.
        let own = match command {
            "RENAME" => cap::CHANNEL_RENAME,
            "SETNAME" => cap::SETNAME,
            _ => cap::STANDARD_REPLIES,
        };
        if self.caps.has(own) || self.caps.has(cap::STANDARD_REPLIES) {
            self.fail_always(out, command, code, context, text);
        } else {
            self.note(out, text);
        }
    }

    /// Writes FAIL whether or not the client asked for `standard-replies`: it uses a specification that
    /// says its errors so.
    pub(super) fn fail_always(
        &self,
        out: &mut Vec<u8>,
        command: &str,
        code: &str,
        context: &[&str],
        text: &str,
    ) {
        let mut all = vec![command, code];
        all.extend_from_slice(context);
        all.push(text);
        self.server_line(out, "FAIL", &all);
    }

    /// Writes a sentence of `desk` to this session; a long one takes several lines.
    pub(super) fn note(&self, out: &mut Vec<u8>, text: &str) {
        let place = self.place.as_deref().unwrap_or(self.me());
        super::encode::desk_says(&self.info, &[], place, text, out);
    }

    /// Has the sentences of `desk` shown to staff in this channel, where their clients show them.
    pub(super) fn answer_in(&mut self, channel: &ChannelName) {
        self.place = Some(format!("@{channel}").into());
    }

    /// A fresh reference tag for a batch.
    pub(super) fn batch_reference(&mut self) -> String {
        self.batches = self.batches.wrapping_add(1);
        format!("b{}", super::encode::base36(u64::from(self.batches)))
    }

    /// Remembers in which form a WHO was asked.
    pub(super) fn remember_who(&mut self, query: WhoQuery) {
        if self.who.len() >= WHO_QUERIES {
            self.who.remove(0);
        }
        self.who.push(query);
    }

    /// The form in which this WHO was asked; forgets it.
    pub(super) fn recall_who(&mut self, mask: &Line) -> Option<(Box<str>, Box<str>)> {
        let place = self.who.iter().position(|q| q.mask == *mask)?;
        let fields = self.who.remove(place).fields;
        if self.who.is_empty() {
            self.who = Vec::new();
        }
        fields
    }
}

/// The answer to one line, as it grows.
pub(super) struct Turn<'a> {
    /// When.
    pub(super) now: Timestamp,
    /// What it leads to.
    pub(super) actions: &'a mut Actions,
    /// The label that the answer will carry.
    pub(super) label: Option<Arc<str>>,
}

impl Turn<'_> {
    /// Where bytes for the session go: behind everything decided so far.
    pub(super) fn out(&mut self) -> &mut Vec<u8> {
        if !matches!(self.actions.list.last(), Some(Action::Say(_))) {
            self.actions.list.push(Action::Say(Vec::new()));
        }
        match self.actions.list.last_mut() {
            Some(Action::Say(bytes)) => bytes,
            _ => unreachable!("pushed above"),
        }
    }

    /// Asks the desk.
    pub(super) fn desk(&mut self, command: Command) {
        self.actions.list.push(Action::Desk(command));
    }

    /// Anything else.
    pub(super) fn act(&mut self, action: Action) {
        self.actions.list.push(action);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_session_is_small() {
        // 15,000 of them are to cost no more than a few megabytes beside their sockets.
        assert!(size_of::<IrcFace>() <= 192, "{} bytes", size_of::<IrcFace>());
    }
}
