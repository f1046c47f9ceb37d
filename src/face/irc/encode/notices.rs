//! Notices as lines. Everybody of one dialect gets the same bytes, so nothing here looks at a session.

use super::{cut, desk_says, history, msgid, prefix, room, split};
use crate::base::text::Line as Words;
use crate::base::time::{Timestamp, utc};
use crate::desk::language::command::Verb;
use crate::desk::language::fact::Hearers;
use crate::desk::language::history::Redacted;
use crate::desk::language::metadata::Changed;
use crate::desk::language::notice::{MessageId, Notice, Said};
use crate::desk::language::people::{Rank, Source};
use crate::desk::language::words::Further;
use crate::face::irc::cap::{
    ACCOUNT_NOTIFY, ACCOUNT_TAG, AWAY_NOTIFY, CHGHOST, EXTENDED_JOIN, EXTENDED_MONITOR,
    INVITE_NOTIFY, MESSAGE_TAGS, METADATA, MULTILINE, READ_MARKER, REDACTION, SERVER_TIME, SETNAME,
};
use crate::face::{Dialect, ServerInfo, texts};
use crate::wire::build::{Line, line, text};
use crate::wire::numeric::{RPL_MONOFFLINE, RPL_MONONLINE};
use std::borrow::Cow;

/// The text of QUIT for clients that do not know CHGHOST.
const REHOSTED: &str = "Changing host";

/// Encodes a notice; nothing if this dialect does not show it.
pub(in crate::face::irc) fn notice(
    info: &ServerInfo,
    dialect: Dialect,
    now: Timestamp,
    notice: &Notice,
    out: &mut Vec<u8>,
) {
    let pen = Pen { info, dialect, now };
    match notice {
        Notice::Said(words) => said((info, dialect), words, None, out),
        Notice::Joined { who, channel, rank, away } => {
            pen.joined(who, channel.as_str(), *rank, away.as_ref(), out);
        }
        Notice::Parted { who, channel, reason } => {
            pen.of(who, "PART", &[channel.as_str()], reason.as_ref(), out);
        }
        Notice::Kicked { by, nick, channel, reason } => {
            pen.of(by, "KICK", &[channel.as_str(), nick.as_str()], Some(reason), out);
        }
        Notice::Quit { who, reason } => pen.of(who, "QUIT", &[], Some(reason), out),
        Notice::Renamed { who, nick } => pen.of(who, "NICK", &[nick.as_str()], None, out),
        Notice::Topic { by, channel, text } => {
            pen.of(by, "TOPIC", &[channel.as_str()], Some(text), out);
        }
        Notice::Modes { by, channel, changes } => {
            let changes = changes.as_str().split_ascii_whitespace();
            let params: Vec<&str> = std::iter::once(channel.as_str()).chain(changes).collect();
            pen.of(by, "MODE", &params, None, out);
        }
        Notice::UserModes { who, changes } => {
            pen.of(who, "MODE", &[who.nick.as_str(), changes.as_str()], None, out);
        }
        Notice::Invited { by, nick, channel, personal } => {
            if *personal || dialect.has(INVITE_NOTIFY) {
                pen.of(by, "INVITE", &[nick.as_str(), channel.as_str()], None, out);
            }
        }
        Notice::Wallops { .. } | Notice::Killed { .. } | Notice::Server(_) => {
            pen.of_operators(notice, out);
        }
        Notice::Metadata(changed) => pen.metadata(changed, out),
        Notice::ReadUntil(target, until) if dialect.has(READ_MARKER) => {
            history::read_until(info, target, Some(*until), out);
        }
        Notice::Redacted(told) if dialect.has(REDACTION) => redacted((info, dialect), told, out),
        Notice::ReadUntil(..)
        | Notice::Redacted(_)
        | Notice::Away { .. }
        | Notice::Account { .. }
        | Notice::Realname { .. }
        | Notice::Rehosted { .. }
        | Notice::Rejoined { .. }
        | Notice::Watched(_) => pen.of_presence(notice, out),
        Notice::Monitored { nick, source } => {
            // The first parameter may be `*`: these bytes are for every watcher (MONITOR).
            let (code, who) = match source {
                Some(source) => (RPL_MONONLINE, prefix(source)),
                None => (RPL_MONOFFLINE, nick.to_string()),
            };
            text(out, &[], Some(&info.server), code, &["*", &who]);
        }
        Notice::Desk { at, id, to, text } => {
            pen.desk(*at, *id, to, &texts::english(text), out);
        }
    }
}

/// Words of a person. A whisper or a note says in its text that it is one; so does, for clients that
/// cannot show its time, a line from before. Words that do not fit one line take several, so that none is
/// lost; the id stands on the first. A message of several lines is one batch to those who read that
/// (IRCv3 multiline), to others its lines, of which blank ones are not shown.
pub(in crate::face::irc) fn said(
    (info, dialect): (&ServerInfo, Dialect),
    said: &Said,
    batch: Option<&str>,
    out: &mut Vec<u8>,
) {
    let source = prefix(&said.from);
    if said.verb == Verb::Tag {
        if dialect.has(MESSAGE_TAGS) {
            let builder = tags((info, dialect), said, batch, true, out);
            builder.head(Some(&source), "TAGMSG").param(&said.target).end();
        }
        return;
    }
    if !said.more.is_empty() && dialect.has(MULTILINE) {
        return several((info, dialect), said, batch, out);
    }
    let verb = verb(said);
    let room = room(&source, verb, &said.target);
    let words = marked(dialect, said, &said.text);
    if said.more.is_empty()
        && words.len() <= room
        && memchr::memchr(b'\n', words.as_bytes()).is_none()
    {
        let builder = tags((info, dialect), said, batch, true, out);
        return builder.head(Some(&source), verb).param(&said.target).text(&words);
    }
    let further = said.more.iter().map(|further| &further.text);
    let worded = |words: &&Words| said.more.is_empty() || !words.as_str().trim().is_empty();
    let mut first = true;
    for words in std::iter::once(&said.text).chain(further).filter(worded) {
        for part in pieces(&marked(dialect, said, words), room) {
            let builder = tags((info, dialect), said, batch, first, out);
            builder.head(Some(&source), verb).param(&said.target).text(part);
            first = false;
        }
    }
}

/// A message of several lines in its batch. Its reference is made from the message's id, for these
/// bytes are for many and those of a session's own batches are counted.
fn several(
    (info, dialect): (&ServerInfo, Dialect),
    said: &Said,
    batch: Option<&str>,
    out: &mut Vec<u8>,
) {
    let (source, verb) = (prefix(&said.from), verb(said));
    let room = room(&source, verb, &said.target);
    let reference = format!("m{}", msgid(&info.veil, said.id));
    let open = tags((info, dialect), said, batch, true, out);
    let open = open.head(Some(&source), "BATCH").param(&format!("+{reference}"));
    open.param("draft/multiline").param(&said.target).end();
    let first = Further { joined: false, text: said.text.clone() };
    for further in std::iter::once(&first).chain(&said.more) {
        let words = match further.joined {
            true => Cow::Borrowed(further.text.as_str()),
            false => marked(dialect, said, &further.text),
        };
        for (i, part) in cut(&words, room).into_iter().enumerate() {
            let mut builder = Line::new(out).tag("batch", &reference);
            if further.joined || i > 0 {
                builder = builder.tag("draft/multiline-concat", "");
            }
            builder.head(Some(&source), verb).param(&said.target).text(part);
        }
    }
    let mut close = Line::new(out);
    if let Some(batch) = batch {
        close = close.tag("batch", batch);
    }
    close.head(Some(&source), "BATCH").param(&format!("-{reference}")).end();
}

fn verb(said: &Said) -> &'static str {
    if said.verb == Verb::Notice { "NOTICE" } else { "PRIVMSG" }
}

/// The words of one line in as many as they need; a client's own envelope (CTCP) cannot be taken
/// apart.
fn pieces(words: &str, room: usize) -> Vec<&str> {
    if words.starts_with('\u{1}') { vec![words] } else { split(words, room) }
}

fn tags<'o>(
    (info, dialect): (&ServerInfo, Dialect),
    said: &Said,
    batch: Option<&str>,
    first: bool,
    out: &'o mut Vec<u8>,
) -> Line<'o> {
    let mut builder = Line::new(out);
    if let Some(batch) = batch {
        builder = builder.tag("batch", batch);
    }
    if dialect.has(SERVER_TIME) {
        builder = builder.tag("time", &utc(said.at));
    }
    if dialect.has(MESSAGE_TAGS) && first {
        builder = builder.tag("msgid", &msgid(&info.veil, said.id));
    }
    builder = person(dialect, &said.from, builder);
    match &said.tags {
        Some(wire) if dialect.has(MESSAGE_TAGS) && first => builder.wire_tags(wire),
        _ => builder,
    }
}

/// A line that was taken back.
fn redacted((info, dialect): (&ServerInfo, Dialect), told: &Redacted, out: &mut Vec<u8>) {
    let mut builder = Line::new(out);
    if dialect.has(SERVER_TIME) {
        builder = builder.tag("time", &utc(told.at));
    }
    if dialect.has(MESSAGE_TAGS) {
        builder = builder.tag("msgid", &msgid(&info.veil, told.id));
    }
    let line = msgid(&info.veil, told.line);
    let builder = person(dialect, &told.by, builder);
    let body = builder.head(Some(&prefix(&told.by)), "REDACT").param(&told.target).param(&line);
    match &told.reason {
        Some(reason) => body.text(reason.as_str()),
        None => body.end(),
    }
}

/// The tags that a person's lines carry.
fn person<'o>(dialect: Dialect, who: &Source, mut builder: Line<'o>) -> Line<'o> {
    if let Some(account) = who.account.as_ref().filter(|_| dialect.has(ACCOUNT_TAG)) {
        builder = builder.tag("account", account.as_str());
    }
    if who.bot && dialect.has(MESSAGE_TAGS) {
        builder = builder.tag("bot", "");
    }
    builder
}

/// The words with what must be said in the text itself, inside an ACTION if they are one.
fn marked<'w>(dialect: Dialect, said: &Said, words: &'w Words) -> Cow<'w, str> {
    let mut mark = String::new();
    // irssi reads server-time and shows nothing of it, so that old lines look new. It does not ask for
    // message-tags; the clients that show times do.
    if said.replayed && !dialect.has(SERVER_TIME | MESSAGE_TAGS) {
        let minutes = said.at.seconds() / 60;
        mark = format!("[{:02}:{:02}] ", minutes / 60 % 24, minutes % 60);
    }
    mark.push_str(match said.hearers {
        Hearers::Everyone => "",
        Hearers::Staff => "[whisper] ",
        Hearers::Note => "[note] ",
    });
    let words = words.as_str();
    if mark.is_empty() {
        return Cow::Borrowed(words);
    }
    match words.strip_prefix("\u{1}ACTION ") {
        Some(action) => Cow::Owned(format!("\u{1}ACTION {mark}{action}")),
        None => Cow::Owned(format!("{mark}{words}")),
    }
}

/// The account as extended-join and ACCOUNT show it.
fn account(who: &Source) -> &str {
    who.account.as_ref().map_or("*", |account| account.as_str())
}

/// What every line of a notice needs.
pub(super) struct Pen<'a> {
    pub(super) info: &'a ServerInfo,
    pub(super) dialect: Dialect,
    pub(super) now: Timestamp,
}

impl Pen<'_> {
    /// Writes what people are told of one another where their clients can show it.
    fn of_presence(&self, notice: &Notice, out: &mut Vec<u8>) {
        let has = |bits| self.dialect.has(bits);
        match notice {
            Notice::Away { who, text } if has(AWAY_NOTIFY) => {
                self.of(who, "AWAY", &[], text.as_ref(), out);
            }
            // It tells the new account, and was caused without it (account-tag, the example).
            Notice::Account { who } if has(ACCOUNT_NOTIFY) => {
                let before = Source { account: None, ..(**who).clone() };
                self.of(&before, "ACCOUNT", &[account(who)], None, out);
            }
            Notice::Realname { who } if has(SETNAME) => {
                self.of(who, "SETNAME", &[], Some(&who.realname), out);
            }
            Notice::Rehosted { who, now } if has(CHGHOST) => {
                self.of(who, "CHGHOST", &[&now.user, &now.host], None, out);
            }
            // Clients without `chghost` see them quit and come back (IRCv3 chghost).
            Notice::Rehosted { who, .. } => {
                self.of(who, "QUIT", &[], Some(&Words::scrubbed(REHOSTED)), out);
            }
            Notice::Rejoined { who, channel, rank, away } if !has(CHGHOST) => {
                self.joined(who, channel.as_str(), *rank, away.as_ref(), out);
            }
            // Who shares no channel has not seen them in one, and needs no show of it.
            Notice::Watched(watched)
                if has(EXTENDED_MONITOR)
                    && (has(CHGHOST) || !matches!(**watched, Notice::Rehosted { .. })) =>
            {
                self.of_presence(watched, out);
            }
            _ => {}
        }
    }

    /// Writes a line of a person: parameters that are words, then perhaps a text.
    pub(super) fn of(
        &self,
        who: &Source,
        verb: &str,
        params: &[&str],
        text: Option<&Words>,
        out: &mut Vec<u8>,
    ) {
        let mut builder = Line::new(out);
        if self.dialect.has(SERVER_TIME) {
            builder = builder.tag("time", &utc(self.now));
        }
        let mut body = person(self.dialect, who, builder).head(Some(&prefix(who)), verb);
        for param in params {
            body = body.param(param);
        }
        match text {
            Some(text) => body.text(text.as_str()),
            None => body.end(),
        }
    }

    /// Writes a change of metadata, for those who read it.
    fn metadata(&self, changed: &Changed, out: &mut Vec<u8>) {
        if self.dialect.has(METADATA) {
            let params = [&*changed.target, &*changed.key, "*"];
            self.of(&changed.by, "METADATA", &params, changed.value.as_ref(), out);
        }
    }

    /// Writes words of operators, and the server's to them.
    fn of_operators(&self, notice: &Notice, out: &mut Vec<u8>) {
        match notice {
            Notice::Wallops { by, text } => self.of(by, "WALLOPS", &[], Some(text), out),
            Notice::Killed { by, nick, reason } => {
                self.of(by, "KILL", &[nick.as_str()], Some(reason), out);
            }
            Notice::Server(words) => {
                let (server, words) = (&self.info.server, format!("*** {}", texts::english(words)));
                for part in split(&words, room(server, "NOTICE", "*")) {
                    text(out, &[], Some(server), "NOTICE", &["*", part]);
                }
            }
            _ => {}
        }
    }

    /// Writes what `desk` says.
    fn desk(&self, at: Timestamp, id: MessageId, to: &str, words: &str, out: &mut Vec<u8>) {
        let (time, msgid) = (utc(at), msgid(&self.info.veil, id));
        let mut tags = Vec::new();
        if self.dialect.has(SERVER_TIME) {
            tags.push(("time", time.as_str()));
        }
        if self.dialect.has(MESSAGE_TAGS) {
            tags.push(("msgid", msgid.as_str()));
        }
        desk_says(self.info, &tags, to, words, out);
    }

    /// JOIN, alone.
    pub(super) fn entered(&self, who: &Source, channel: &str, out: &mut Vec<u8>) {
        if self.dialect.has(EXTENDED_JOIN) {
            self.of(who, "JOIN", &[channel, account(who)], Some(&who.realname), out);
        } else {
            self.of(who, "JOIN", &[channel], None, out);
        }
    }

    fn joined(
        &self,
        who: &Source,
        channel: &str,
        rank: Rank,
        away: Option<&Words>,
        out: &mut Vec<u8>,
    ) {
        self.entered(who, channel, out);
        if rank != Rank::NONE {
            let letters: String = rank.held().map(|(letter, _)| letter).collect();
            let modes = format!("+{letters}");
            let mut params = vec![channel, &modes];
            params.extend(rank.held().map(|_| who.nick.as_str()));
            let time = utc(self.now);
            let tags = [("time", &*time)];
            let tags = if self.dialect.has(SERVER_TIME) { &tags[..] } else { &[] };
            line(out, tags, Some(&self.info.server), "MODE", &params);
        }
        if away.is_some() && self.dialect.has(AWAY_NOTIFY) {
            self.of(who, "AWAY", &[], away, out);
        }
    }
}
