//! Voices that speak in bytes: the IRC face for staff, and for customers the IRC face or the plain one.
//! Bytes go through no socket; the lines that come out are put in a transcript's words here.

use crate::heard::Heard;
use crate::memory::{Entry, Voice};
use crate::script::Act;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::sync::Arc;
use switchboard::base::text::AccountName;
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::Command;
use switchboard::desk::language::notice::{CutReason, Notice, Reply};
use switchboard::desk::language::people::Role;
use switchboard::face::irc::IrcFace;
use switchboard::face::plain::PlainFace;
use switchboard::face::{Action, Actions, Connection, Face, ServerInfo, Verdict};

/// Everybody on IRC.
pub(crate) fn irc(_staff: bool, connection: Connection) -> Box<dyn Voice> {
    Box::new(Irc::new(connection))
}

/// Customers at a plain terminal, staff on IRC.
pub(crate) fn plain(staff: bool, connection: Connection) -> Box<dyn Voice> {
    match staff {
        true => Box::new(Irc::new(connection)),
        false => Box::new(Plain { face: PlainFace::new(info(), connection) }),
    }
}

/// What the faces know of the server.
pub(crate) fn info() -> Arc<ServerInfo> {
    Arc::new(ServerInfo {
        server: Arc::from("switchboard.localhost"),
        network: Arc::from("Switchboard"),
        created: Timestamp(1_795_000_000_000),
        plaintext_passwords: true,
        ..ServerInfo::default()
    })
}

struct Irc {
    face: IrcFace,
    account: Option<(AccountName, Role)>,
    reader: IrcReader,
}

impl Irc {
    fn new(connection: Connection) -> Self {
        let reader = IrcReader::default();
        Self { face: IrcFace::new(info(), connection), account: None, reader }
    }

    /// Lines in; commands out, with what the face itself says put in words.
    fn send(&mut self, now: Timestamp, lines: &[String], heard: &mut Vec<Heard>) -> Vec<Command> {
        let mut commands = Vec::new();
        for line in lines {
            let mut actions = Actions::default();
            self.face.line(now, line.as_bytes(), &mut actions);
            let mut list = std::mem::take(&mut actions.list);
            while !list.is_empty() {
                let mut next = Actions::default();
                for action in list {
                    match action {
                        Action::Say(bytes) => self.reader.read(&bytes, heard),
                        Action::Desk(command) => commands.push(command),
                        Action::Verify(_) => {
                            let verdict = match &self.account {
                                Some((name, role)) => Verdict::Yes(name.clone(), *role),
                                None => Verdict::No,
                            };
                            self.face.verdict(now, verdict, &mut next);
                        }
                        Action::Attempted { .. } | Action::Operate(_) => {}
                        Action::Relocate(_) | Action::Close(_) => {}
                    }
                }
                list = next.list;
            }
        }
        commands
    }
}

impl Voice for Irc {
    fn open(&mut self, now: Timestamp, entry: &Entry) -> Vec<Command> {
        self.account = entry.account.clone();
        let mut lines = vec!["CAP REQ :standard-replies".to_owned()];
        lines.extend(entry.account.as_ref().map(|(name, _)| format!("PASS {name}:right")));
        lines.extend(entry.token.map(|t| format!("PASS resume:{}", URL_SAFE_NO_PAD.encode(t))));
        let nick = &entry.nick;
        lines.push(format!("NICK {nick}"));
        lines.push(format!("USER {nick} 0 * :{nick}"));
        lines.push("CAP END".to_owned());
        self.send(now, &lines, &mut Vec::new())
    }

    fn act(&mut self, now: Timestamp, act: &Act, heard: &mut Vec<Heard>) -> Vec<Command> {
        self.send(now, &[irc_line(act)], heard)
    }

    fn notice(&mut self, now: Timestamp, notice: &Notice, heard: &mut Vec<Heard>) {
        let mut bytes = Vec::new();
        self.face.notice(now, notice, &mut bytes);
        if let Notice::Renamed { who, nick } = notice {
            self.face.renamed(&who.nick, nick);
        }
        self.reader.read(&bytes, heard);
    }

    fn reply(&mut self, now: Timestamp, reply: &Reply, heard: &mut Vec<Heard>) {
        let mut bytes = Vec::new();
        self.face.reply(now, reply, &mut bytes);
        if let Reply::Welcome(welcome) = reply {
            self.reader.own = welcome.channel.as_ref().map(ToString::to_string).unwrap_or_default();
        }
        self.reader.read(&bytes, heard);
    }

    fn cut(&mut self, why: &CutReason, heard: &mut Vec<Heard>) {
        let mut bytes = Vec::new();
        self.face.farewell(why, &mut bytes);
        self.reader.read(&bytes, heard);
    }
}

/// An act as an IRC client writes it.
pub(crate) fn irc_line(act: &Act) -> String {
    let text = |t: &Option<String>| t.as_ref().map(|t| format!(" :{t}")).unwrap_or_default();
    match act {
        Act::Say(to, words) => format!("PRIVMSG {to} :{words}"),
        Act::Join(channel) => format!("JOIN {channel}"),
        Act::Part(channel, why) => format!("PART {channel}{}", text(why)),
        Act::Away(why) => format!("AWAY{}", text(why)),
        Act::Nick(nick) => format!("NICK {nick}"),
        Act::Desk(words) => words.clone(),
        Act::Kick(channel, nick, why) => format!("KICK {channel} {nick}{}", text(why)),
        Act::Invite(nick, channel) => format!("INVITE {nick} {channel}"),
        Act::Ban(channel, mask) => format!("MODE {channel} +b {mask}"),
        Act::Ask(what, of) => format!("{what} {of}"),
        Act::Quit(why) => format!("QUIT{}", text(why)),
    }
}

/// Reads what a client gets: lines of IRC into a transcript's words.
#[derive(Default)]
pub(crate) struct IrcReader {
    pub(crate) nick: String,
    pub(crate) own: String,
    names: Vec<String>,
    on_join: bool,
}

impl IrcReader {
    pub(crate) fn read(&mut self, bytes: &[u8], heard: &mut Vec<Heard>) {
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        for line in text.split("\r\n").filter(|line| !line.is_empty()) {
            self.line(line, heard);
        }
    }

    fn line(&mut self, line: &str, heard: &mut Vec<Heard>) {
        let line = match line.strip_prefix('@') {
            Some(tagged) => tagged.split_once(' ').map_or("", |(_, rest)| rest),
            None => line,
        };
        let (source, rest) = match line.strip_prefix(':') {
            Some(sourced) => sourced.split_once(' ').unwrap_or((sourced, "")),
            None => ("", line),
        };
        let (middle, trailing) = match rest.split_once(" :") {
            Some((middle, trailing)) => (middle, Some(trailing)),
            None => (rest, None),
        };
        let mut params: Vec<&str> = middle.split(' ').collect();
        let verb = params.remove(0);
        params.extend(trailing);
        let who = source.split('!').next().unwrap_or_default();
        match verb.parse::<u16>() {
            Ok(number) => self.numeric(number, &params, heard),
            Err(_) => self.spoken(who, verb, &params, heard),
        }
    }

    fn spoken(&mut self, who: &str, verb: &str, params: &[&str], heard: &mut Vec<Heard>) {
        let at = |n: usize| params.get(n).copied().unwrap_or_default();
        let sight = |text: String| match who == self.nick {
            true => Heard::burst(text),
            false => Heard::sight(text),
        };
        let why = params.get(1).map(|w| format!(": {w}")).unwrap_or_default();
        let item = match verb {
            "NOTICE" if who == "desk" => Heard::told(at(0), &self.own, at(1)),
            "PRIVMSG" | "NOTICE" => self.words(who, at(0), at(1)),
            "JOIN" => {
                self.on_join |= who == self.nick;
                sight(format!("{who} join {}", at(0)))
            }
            "PART" => sight(format!("{who} leave {}{why}", at(0))),
            "KICK" => sight(format!("{} kicked from {}", at(1), at(0))),
            "QUIT" => sight(format!("{who} quit")),
            "NICK" => {
                let heard = sight(format!("{who} renamed to {}", at(0)));
                if who == self.nick {
                    self.nick = at(0).to_owned();
                }
                heard
            }
            "TOPIC" => Heard::burst(format!("topic of {}: {}", at(0), at(1))),
            "INVITE" => Heard::sight(format!("an invitation to {} by {who}", at(1))),
            "ERROR" => Heard::burst(format!("the end: {}", at(0))),
            "FAIL" => {
                // What a numeric said already is told once.
                let twice = heard.last().is_some_and(|h| h.text.starts_with("CANNOT_SEND"));
                if twice {
                    heard.pop();
                }
                Heard::refusal(at(1), params.last().copied().unwrap_or_default())
            }
            "MODE" | "CAP" | "PING" | "PONG" => return,
            other => Heard::sight(format!("{who} {other} {}", params.join(" "))),
        };
        heard.push(item);
    }

    fn words(&self, who: &str, to: &str, text: &str) -> Heard {
        let clock = |t: &&str| {
            let b = t.as_bytes();
            b.len() > 8 && b[0] == b'[' && b[3] == b':' && b[6] == b']' && b[7] == b' '
        };
        let again = Some(text).filter(clock).map(|t| &t[8..]);
        let text = again.unwrap_or(text);
        let text = text.strip_prefix("[whisper] ").or(text.strip_prefix("[note] ")).unwrap_or(text);
        let to = if to == self.nick { "me" } else { to };
        Heard::said(who, to, &self.own, text, again.is_some())
    }

    fn numeric(&mut self, number: u16, params: &[&str], heard: &mut Vec<Heard>) {
        let at = |n: usize| params.get(n).copied().unwrap_or_default();
        let text = params.last().copied().unwrap_or_default();
        let code = match number {
            1 => {
                self.nick = at(0).to_owned();
                return heard.push(Heard::burst("welcome".to_owned()));
            }
            301 => return heard.push(Heard::sight(format!("{} away: {text}", at(1)))),
            319 => {
                let strip = |c: &str| c.trim_start_matches(['@', '+']).to_owned();
                self.names.extend(text.split_whitespace().map(strip));
                return;
            }
            311 => return self.names.push(at(1).to_owned()),
            318 if self.names.is_empty() => return,
            318 => {
                let nick = self.names.remove(0);
                let names = self.take_names();
                return heard.push(Heard::sight(format!("whois {nick}: {names}")));
            }
            322 => return heard.push(Heard::sight(format!("list {}: {}", at(1), at(2)))),
            332 => return heard.push(Heard::burst(format!("topic of {}: {text}", at(1)))),
            352 => return self.names.push(at(5).to_owned()),
            315 => {
                let names = self.take_names();
                return heard.push(Heard::sight(format!("who {}: {names}", at(1))));
            }
            353 => {
                self.names.extend(text.split_whitespace().map(str::to_owned));
                return;
            }
            366 => {
                let text = format!("names of {}: {}", at(1), self.take_names());
                let text = text.trim_end().to_owned();
                let burst = std::mem::take(&mut self.on_join);
                heard.push(if burst { Heard::burst(text) } else { Heard::sight(text) });
                return;
            }
            401 => "NO_SUCH_NICK",
            403 => "NO_SUCH_CHANNEL",
            404 => "CANNOT_SEND",
            433 => "NICK_IN_USE",
            441 => "USER_NOT_IN_CHANNEL",
            442 => "NOT_ON_CHANNEL",
            443 => "USER_ON_CHANNEL",
            470 => "FORWARDED",
            471 | 473 | 474 | 475 => "CANNOT_JOIN",
            481 => "NOT_PERMITTED",
            482 => "NOT_OPERATOR",
            422 => return,
            400.. => "REFUSED",
            _ => return,
        };
        heard.push(Heard::refusal(code, text));
    }

    fn take_names(&mut self) -> String {
        self.names.sort();
        std::mem::take(&mut self.names).join(" ")
    }
}

struct Plain {
    face: PlainFace,
}

impl Plain {
    fn collect(actions: Actions, heard: &mut Vec<Heard>) -> Vec<Command> {
        let mut commands = Vec::new();
        for action in actions.list {
            match action {
                Action::Say(bytes) => read_plain(&bytes, heard),
                Action::Desk(command) => commands.push(command),
                _ => {}
            }
        }
        commands
    }

    fn send(&mut self, now: Timestamp, line: &str, heard: &mut Vec<Heard>) -> Vec<Command> {
        let mut actions = Actions::default();
        self.face.line(now, line.as_bytes(), &mut actions);
        Self::collect(actions, heard)
    }
}

impl Voice for Plain {
    fn open(&mut self, now: Timestamp, entry: &Entry) -> Vec<Command> {
        let mut actions = Actions::default();
        self.face.open(now, &mut actions);
        let mut commands = Self::collect(actions, &mut Vec::new());
        if let Some(token) = entry.token {
            let line = format!("/resume resume:{}", URL_SAFE_NO_PAD.encode(token));
            commands.extend(self.send(now, &line, &mut Vec::new()));
        } else {
            commands.extend(self.send(now, &format!("/name {}", entry.nick), &mut Vec::new()));
        }
        commands
    }

    fn act(&mut self, now: Timestamp, act: &Act, heard: &mut Vec<Heard>) -> Vec<Command> {
        let line = match act {
            Act::Say(_, words) => words.clone(),
            Act::Desk(words) => format!("/{words}"),
            Act::Join(channel) => format!("/department {}", channel.trim_start_matches('#')),
            Act::Nick(nick) => format!("/name {nick}"),
            Act::Quit(None) => "/quit".to_owned(),
            Act::Quit(Some(words)) => format!("/quit {words}"),
            other => panic!("a plain terminal cannot {other:?}; say `only desk, irc`"),
        };
        self.send(now, &line, heard)
    }

    fn notice(&mut self, now: Timestamp, notice: &Notice, heard: &mut Vec<Heard>) {
        let mut bytes = Vec::new();
        self.face.notice(now, notice, &mut bytes);
        read_plain(&bytes, heard);
    }

    fn reply(&mut self, now: Timestamp, reply: &Reply, heard: &mut Vec<Heard>) {
        let mut bytes = Vec::new();
        self.face.reply(now, reply, &mut bytes);
        match reply {
            Reply::Refused { refusal, .. } => {
                let text = String::from_utf8_lossy(&bytes);
                let text = text.trim_start_matches("* ").trim_end();
                heard.push(Heard::refusal(crate::direct::code(refusal), text));
            }
            _ => read_plain(&bytes, heard),
        }
    }

    fn cut(&mut self, why: &CutReason, heard: &mut Vec<Heard>) {
        let mut bytes = Vec::new();
        self.face.farewell(why, &mut bytes);
        let text = String::from_utf8_lossy(&bytes);
        heard.push(Heard::burst(format!("the end: {}", text.trim_end())));
    }
}

/// `bob> text`, `08:00 bob> text` and `* text`.
fn read_plain(bytes: &[u8], heard: &mut Vec<Heard>) {
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    for line in text.split("\r\n").filter(|line| !line.is_empty()) {
        if let Some(text) = line.strip_prefix("* ") {
            // The way back is told with the first words, whatever they are.
            let way_back = text.contains("/resume resume:");
            let told = Heard::told("", "", text);
            heard.push(if way_back { Heard::burst(told.text) } else { told });
            continue;
        }
        let again = line.as_bytes().get(2) == Some(&b':');
        let line = if again { line.get(6..).unwrap_or_default() } else { line };
        let (who, text) = line.split_once("> ").unwrap_or(("nobody", line));
        heard.push(Heard::said(who, "", "", text, again));
    }
}
