//! The plain-text face: one customer at `nc` or `telnet`, who types words and a few commands.
//!
//! It knows lines of text. It has no way to show anything that only staff may see: whispers and
//! sentences for staff have no encoding here.

#[cfg(test)]
mod tests;

use super::{Action, Actions, Connection, Dialect, Face, ServerInfo, Verdict, texts};
use crate::base::limits::{CUSTOMER_NICKLEN, PLAIN_LINE_BYTES};
use crate::base::text::{ChannelName, Line, Nick, UserName, truncate};
use crate::base::time::{Timestamp, utc};
use crate::desk::language::command::{
    Arrival, Command, Departure, DeskCommand, DeskVerb, Resume, Say, Verb,
};
use crate::desk::language::fact::Hearers;
use crate::desk::language::notice::{CutReason, Notice, Reply, Said};
use crate::desk::language::people::Department;
use crate::desk::language::text::Text;
use crate::desk::language::words;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Bytes of words in one message: with the longest source and target they fit an IRC line, so that
/// an agent there reads all of what was typed here.
const WORDS_BYTES: usize = 300;
/// Bytes of a mail address. Source: RFC 5321 section 4.5.3.1.3, without the angle brackets.
const ADDRESS_BYTES: usize = 254;

const HELP: &[&str] = &[
    "Whatever you type is said to the people who help you. Besides, there are:",
    "/name NAME - how you want to be called",
    "/department NAME - ask for a department",
    "/rate 1 to 5 and a comment - rate the conversation",
    "/email ADDRESS - ask for the transcript by mail",
    "/history [NUMBER] - see the last lines again",
    "/resume TOKEN - come back to where you were",
    "/quit - leave",
];

/// One plain-text session.
#[derive(Debug)]
pub struct PlainFace {
    info: Arc<ServerInfo>,
    connection: Connection,
    /// True once the desk knows the session.
    registered: bool,
    /// The customer's own channel, where words go.
    channel: Option<ChannelName>,
    /// The resume token, until it has been told: with the first words, since before them there is
    /// nothing to come back to, and whoever comes back has theirs already.
    token: Option<Arc<str>>,
    /// Nothing was typed yet.
    untouched: bool,
}

impl PlainFace {
    /// The face of a new connection.
    pub fn new(info: Arc<ServerInfo>, connection: Connection) -> Self {
        Self { info, connection, registered: false, channel: None, token: None, untouched: true }
    }

    fn arrival(&self, resume: Option<Resume>) -> Command {
        Command::Arrive(Box::new(Arrival {
            nick: Nick::parse("guest").unwrap_or_else(|_| unreachable!("a valid nick")),
            user: UserName::parse("guest").unwrap_or_else(|_| unreachable!("a valid user name")),
            realname: Line::scrubbed("plain text"),
            address: self.connection.address.clone(),
            cloak: None,
            secure: self.connection.tls,
            account: None,
            resume,
            department: self.connection.department.clone(),
            token: self.connection.token,
            code_seed: self.connection.code_seed,
            wants_replay: true,
            away: None,
            certificate: None,
        }))
    }

    /// Says words to the customer's own channel, in as many messages as they need.
    fn say(&self, text: &str, actions: &mut Actions) {
        let Some(channel) = &self.channel else {
            let why = if self.registered {
                "There is nobody to write to on this server."
            } else {
                "One moment please, you are not connected yet. Type that again in a second."
            };
            return tell(actions, why);
        };
        let mut rest = text;
        while !rest.is_empty() {
            let words = portion(rest);
            rest = rest[words.len()..].trim_start_matches(' ');
            actions.list.push(Action::Desk(Command::Say(Say {
                target: Line::scrubbed(channel.as_str()),
                verb: Verb::Privmsg,
                text: Line::scrubbed(words),
                tags: None,
                more: Vec::new(),
                literal: false,
            })));
        }
    }

    fn command(&self, name: &str, rest: &str, actions: &mut Actions) {
        match name.to_ascii_lowercase().as_str() {
            "help" => HELP.iter().for_each(|line| tell(actions, line)),
            "name" | "nick" => self.name(rest, actions),
            "department" => match Department::parse(rest) {
                Some(department) => self.desk(DeskVerb::AskFor(department), actions),
                None => tell(actions, "Which department? Type for example: /department billing"),
            },
            "rate" => self.rate(rest, actions),
            "email" => self.email(rest, actions),
            "history" => match (rest, rest.parse()) {
                ("", _) => self.desk(DeskVerb::History(None), actions),
                (_, Ok(count)) => self.desk(DeskVerb::History(Some(count)), actions),
                (_, Err(_)) => tell(actions, "How many lines? Type for example: /history 20"),
            },
            "resume" => self.resume(rest, actions),
            "quit" => {
                let words = (!rest.is_empty()).then(|| Line::scrubbed(rest));
                actions.list.push(Action::Desk(Command::Leave(Departure::Quit(words))));
            }
            _ => {
                let shown = clean(truncate(name, 32));
                tell(actions, &format!("There is no command /{shown}, so nothing was sent."));
                HELP.iter().for_each(|line| tell(actions, line));
            }
        }
    }

    fn desk(&self, verb: DeskVerb, actions: &mut Actions) {
        let command = DeskCommand { channel: self.channel.clone(), verb };
        actions.list.push(Action::Desk(Command::Desk(command)));
    }

    fn name(&self, wanted: &str, actions: &mut Actions) {
        match nick_from(wanted) {
            Some(nick) => actions.list.push(Action::Desk(Command::Nick(nick))),
            None => tell(actions, "Which name? It needs a letter from a to z: /name Anna"),
        }
    }

    fn rate(&self, rest: &str, actions: &mut Actions) {
        let (stars, comment) = rest.split_once(' ').unwrap_or((rest, ""));
        let comment = comment.trim();
        match stars.parse() {
            Ok(stars @ 1..=5) => {
                let comment = (!comment.is_empty()).then(|| Line::scrubbed(comment));
                self.desk(DeskVerb::Rate { stars, comment }, actions);
            }
            Ok(_) | Err(_) => {
                tell(actions, "How many stars, from 1 to 5? Type for example: /rate 5 thank you");
            }
        }
    }

    fn email(&self, address: &str, actions: &mut Actions) {
        let whole = |(user, host): (&str, &str)| !user.is_empty() && !host.is_empty();
        let is_address = address.len() <= ADDRESS_BYTES
            && !address.contains([' ', ',', ';', '<', '>'])
            && address.rsplit_once('@').is_some_and(whole);
        if is_address {
            self.desk(DeskVerb::Email(Line::scrubbed(address)), actions);
        } else {
            tell(actions, "That is no mail address. Type for example: /email anna@example.com");
        }
    }

    fn resume(&self, given: &str, actions: &mut Actions) {
        let token = given.strip_prefix("resume:").unwrap_or(given);
        match URL_SAFE_NO_PAD.decode(token) {
            Ok(secret) if secret.len() == 32 => {
                let digest = Sha256::digest(&secret).into();
                let resume = Resume { digest, last_seen: None };
                actions.list.push(Action::Desk(self.arrival(Some(resume))));
            }
            Ok(_) | Err(_) => tell(actions, "That is no token. Type: /resume and the whole token"),
        }
    }
}

impl Face for PlainFace {
    fn open(&mut self, _now: Timestamp, actions: &mut Actions) {
        actions.list.push(Action::Desk(self.arrival(None)));
    }

    fn line(&mut self, _now: Timestamp, line: &[u8], actions: &mut Actions) {
        if std::mem::take(&mut self.untouched)
            && let Some(why) = another_protocol(line)
        {
            return actions.list.push(Action::Close(why));
        }
        let text = clean(&String::from_utf8_lossy(line));
        let words = text.trim_matches(' ');
        if words.is_empty() {
            return;
        }
        if let Some(command) = text.strip_prefix('/') {
            let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
            self.command(name, rest.trim_matches(' '), actions);
        } else if words.starts_with("resume:") && !words.contains(' ') {
            // A token pasted without the command is not for anybody's eyes.
            self.resume(words, actions);
        } else {
            self.say(words, actions);
            if let Some(token) = self.token.take_if(|_| self.channel.is_some()) {
                tell(actions, &texts::english_plain(&Text::ResumeToken(token)));
            }
        }
    }

    fn overlong(&mut self, _now: Timestamp, actions: &mut Actions) {
        let text = format!(
            "That line was longer than {PLAIN_LINE_BYTES} bytes and was not sent. Please send it \
             in parts."
        );
        tell(actions, &text);
    }

    fn verdict(&mut self, _now: Timestamp, _verdict: Verdict, _actions: &mut Actions) {
        // Nobody signs in here, so nothing was asked.
    }

    fn dialect(&self) -> Dialect {
        Dialect(Dialect::PLAIN)
    }

    fn notice(&self, _now: Timestamp, notice: &Notice, out: &mut Vec<u8>) {
        match notice {
            Notice::Said(said) => show_said(said, said.replayed, out),
            Notice::Desk { text: Text::ResumeToken(_), .. } => {}
            Notice::Desk { text, .. } if texts::is_for_customers(text) => {
                show(out, &texts::english_plain(text));
            }
            Notice::Renamed { who, nick } => {
                show(out, &format!("{} is now called {nick}", who.nick));
            }
            Notice::Desk { .. }
            | Notice::Joined { .. }
            | Notice::Parted { .. }
            | Notice::Kicked { .. }
            | Notice::Quit { .. }
            | Notice::Topic { .. }
            | Notice::Modes { .. }
            | Notice::UserModes { .. }
            | Notice::Away { .. }
            | Notice::Account { .. }
            | Notice::Realname { .. }
            | Notice::Rehosted { .. }
            | Notice::Rejoined { .. }
            | Notice::Watched(_)
            | Notice::Invited { .. }
            | Notice::Metadata(_)
            | Notice::Wallops { .. }
            | Notice::Killed { .. }
            | Notice::Server(_)
            | Notice::ReadUntil(..)
            | Notice::Redacted(_)
            | Notice::Monitored { .. } => {}
        }
    }

    fn reply(&mut self, _now: Timestamp, reply: &Reply, out: &mut Vec<u8>) {
        match reply.bare() {
            Reply::Welcome(welcome) => {
                self.registered = true;
                self.channel.clone_from(&welcome.channel);
                self.token.clone_from(&welcome.token);
                for line in &self.info.motd {
                    show(out, line.as_str());
                }
            }
            Reply::Refused { refusal, .. } => show(out, &texts::refusal(refusal)),
            Reply::Done(text) => show(out, &texts::english_plain(text)),
            Reply::Listing(rows) => {
                for text in rows {
                    show(out, &texts::english_plain(text));
                }
            }
            Reply::PeerAway(nick, text) => show(out, &format!("{nick} is away: {text}")),
            Reply::History { lines, .. } => {
                for said in lines {
                    show_said(said, true, out);
                }
            }
            Reply::In(..)
            | Reply::AwaySet(_)
            | Reply::UserModes(_)
            | Reply::VisibleAs(_)
            | Reply::Topic { .. }
            | Reply::ChannelModes { .. }
            | Reply::MaskList { .. }
            | Reply::Inviting(..)
            | Reply::Names { .. }
            | Reply::AllNames(_)
            | Reply::Invitations(_)
            | Reply::ChannelRenamed(_)
            | Reply::Who { .. }
            | Reply::Whois { .. }
            | Reply::Whowas { .. }
            | Reply::List(_)
            | Reply::Ison(_)
            | Reply::Userhost(_)
            | Reply::Lusers(_)
            | Reply::MonitorStatus { .. }
            | Reply::MonitorList(_)
            | Reply::Health(_)
            | Reply::Metadata(_)
            | Reply::Opered
            | Reply::Page { .. }
            | Reply::Targets(_)
            | Reply::Stats(..)
            | Reply::ReadUntil { .. }
            | Reply::Decide(_)
            | Reply::Nothing(_) => {}
        }
    }

    fn seal(&mut self, _now: Timestamp, _label: &str, answer: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(answer);
    }

    fn farewell(&mut self, why: &CutReason, out: &mut Vec<u8>) {
        match why {
            CutReason::Quit(_) => show(out, "Goodbye."),
            CutReason::Blocked(reason) => show(out, &format!("You are blocked: {reason}")),
            CutReason::AccountEnded => show(out, "The account has ended."),
            CutReason::Replaced => show(out, "You came back on another connection; this one ends."),
            CutReason::AccountRequired => show(out, "This server is for people with an account."),
            CutReason::Killed(_, reason) => {
                show(out, &format!("The connection was ended: {reason}"))
            }
            CutReason::StorageFailing => {
                show(out, "The server cannot store anything just now. Please come back later.");
            }
        }
    }

    fn error(&mut self, text: &str, out: &mut Vec<u8>) {
        show(out, text);
    }

    fn ping(&mut self, _now: Timestamp, _out: &mut Vec<u8>) {
        // A terminal has no answer to give.
    }

    fn registered(&self) -> bool {
        self.registered
    }
}

/// A sentence of the server's, now.
fn tell(actions: &mut Actions, text: &str) {
    let mut out = Vec::new();
    show(&mut out, text);
    actions.list.push(Action::Say(out));
}

/// Appends `* text` as one line.
fn show(out: &mut Vec<u8>, text: &str) {
    put(out, &["* ", &clean(text)]);
}

fn put(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends `bob> text`, or `* bob waves` for an action. Staff's words and mere tags show nothing.
fn show_said(said: &Said, with_time: bool, out: &mut Vec<u8>) {
    if said.hearers != Hearers::Everyone
        || said.target.starts_with(['~', '&', '@', '%', '+'])
        || said.verb == Verb::Tag
    {
        return;
    }
    let full = utc(said.at);
    let time = if with_time { full.get(11..16).unwrap_or("") } else { "" };
    let space = if with_time { " " } else { "" };
    let nick = said.from.nick.as_str();
    let lines = words::whole(&said.text, &said.more);
    for text in lines.iter().filter(|line| said.more.is_empty() || !line.trim().is_empty()) {
        match text.strip_prefix('\u{1}') {
            None => put(out, &[time, space, nick, "> ", &clean(text)]),
            Some(ctcp) => {
                // Of all CTCP only the action is meant for a person.
                if let Some(action) = ctcp.strip_prefix("ACTION ") {
                    put(out, &[time, space, "* ", nick, " ", &clean(action)]);
                }
            }
        }
    }
}

/// Text without control characters (C0, DEL, C1) and without IRC's colours; tabs and line ends
/// are spaces.
fn clean(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\t' | '\n' => plain.push(' '),
            '\u{3}' => rest = after_colour(rest),
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain
}

/// What follows the digits of a colour: up to two, and after a comma up to two more.
fn after_colour(text: &str) -> &str {
    let digits = |s: &str| s.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let front = digits(text);
    let rest = &text[front..];
    match rest.strip_prefix(',') {
        Some(back) if front > 0 && digits(back) > 0 => &back[digits(back)..],
        Some(_) | None => rest,
    }
}

/// The start of `text` that fits one message: up to the last space that does, else as much as fits.
fn portion(text: &str) -> &str {
    let most = truncate(text, WORDS_BYTES);
    if most.len() == text.len() {
        return text;
    }
    match most.rfind(' ') {
        Some(space) if space > 0 => &most[..space],
        Some(_) | None => most,
    }
}

/// The nick nearest to what was typed: a space becomes `_`, what a nick cannot hold is left out.
fn nick_from(wanted: &str) -> Option<Nick> {
    let special = "[]\\`_^{|}-";
    let kept: String = wanted
        .chars()
        .map(|c| if c == ' ' { '_' } else { c })
        .filter(|&c| c.is_ascii_alphanumeric() || special.contains(c))
        .collect();
    let start = kept.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    Nick::parse(truncate(start, CUSTOMER_NICKLEN)).ok()
}

/// The log's reason to end a session whose first line is no person's: a browser or script that was
/// pointed at this port, whose further lines would be taken for words.
fn another_protocol(line: &[u8]) -> Option<&'static str> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.starts_with(&[0x16, 0x03]) {
        return Some("TLS on a plain-text listener");
    }
    (line.ends_with(b" HTTP/1.1") || line.ends_with(b" HTTP/1.0"))
        .then_some("HTTP on a plain-text listener")
}
