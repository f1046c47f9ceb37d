//! One IRC session with a small stand-in for the runner and the desk around it: it answers what a
//! desk would, with one member of each kind, and keeps every command that reached it.

use std::sync::Arc;
use std::time::Duration;
use switchboard::base::ids::SessionId;
use switchboard::base::text::{AccountName, ChannelName, Line, Nick};
use switchboard::base::time::Timestamp;
use switchboard::base::veil::Veil;
use switchboard::desk::language::command::{Command, Departure, Question, Say, Token};
use switchboard::desk::language::fact::Hearers;
use switchboard::desk::language::notice::*;
use switchboard::desk::language::people::{Rank, Role, Source};
use switchboard::desk::language::refusal::Refusal;
use switchboard::face::irc::IrcFace;
use switchboard::face::{
    Action, Actions, Connection, Credentials, Dialect, Face, Operate, ServerInfo, Verdict,
};

pub(crate) const NOW: Timestamp = Timestamp(1_795_305_599_999);
/// PLAIN for `bob` with the password `right`.
pub(crate) const PLAIN_BOB: &str = "AGJvYgByaWdodA==";

pub(crate) fn line(text: &str) -> Line {
    Line::scrubbed(text)
}

pub(crate) fn nick(name: &str) -> Nick {
    Nick::parse(name).unwrap()
}

pub(crate) fn channel(name: &str) -> ChannelName {
    ChannelName::parse(name).unwrap()
}

pub(crate) fn account(name: &str) -> AccountName {
    AccountName::parse(name).unwrap()
}

pub(crate) fn source(name: &str, signed_in: bool) -> Arc<Source> {
    Arc::new(Source {
        nick: nick(name),
        user: Arc::from("~u"),
        host: Arc::from("host"),
        account: signed_in.then(|| account(name)),
        bot: false,
        realname: line("Real Name"),
    })
}

pub(crate) fn info() -> ServerInfo {
    ServerInfo {
        server: Arc::from("irc.test"),
        network: Arc::from("Test"),
        created: Timestamp(1_795_000_000_000),
        ..ServerInfo::default()
    }
}

pub(crate) fn connection() -> Connection {
    Connection {
        session: SessionId(1),
        address: Arc::from("192.0.2.1"),
        tls: true,
        trusted: false,
        certificate: None,
        token: Token { secret: [1; 32], digest: [2; 32] },
        code_seed: 7,
        department: None,
    }
}

pub(crate) struct Seat {
    pub(crate) face: IrcFace,
    /// What the account `bob` is.
    pub(crate) role: Role,
    /// Everything said to the client since the last `take`.
    pub(crate) said: String,
    /// Every command that reached the desk.
    pub(crate) commands: Vec<Command>,
    /// Credentials whose check is due.
    pub(crate) checks: Vec<Credentials>,
    /// True once the connection was to end.
    pub(crate) closed: bool,
    /// Whether checks are answered at once.
    pub(crate) answers_checks: bool,
    account: Option<AccountName>,
}

impl Seat {
    pub(crate) fn new() -> Self {
        Self::of(info(), connection())
    }

    pub(crate) fn of(info: ServerInfo, connection: Connection) -> Self {
        Self {
            face: IrcFace::new(Arc::new(info), connection),
            role: Role::Agent,
            said: String::new(),
            commands: Vec::new(),
            checks: Vec::new(),
            closed: false,
            answers_checks: true,
            account: None,
        }
    }

    pub(crate) fn registered(role: Role, caps: &str) -> Self {
        let mut seat = Self::new();
        seat.role = role;
        if role != Role::Customer {
            seat.send("PASS bob:right");
        }
        seat.send(&format!("CAP REQ :{caps}"));
        seat.send("NICK bob");
        seat.send("USER bob 0 * :Bob");
        seat.send("CAP END");
        assert!(seat.face.registered(), "{}", seat.said);
        seat.take();
        seat.commands.clear();
        seat
    }

    /// What was said since the last time.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.said)
    }

    /// Sends a line and gives what was said to it.
    pub(crate) fn ask(&mut self, text: &str) -> String {
        self.take();
        self.send(text);
        self.take()
    }

    /// Sends a line and gives the verbs and numerics said to it.
    pub(crate) fn verbs(&mut self, text: &str) -> String {
        verbs(&self.ask(text))
    }

    pub(crate) fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes());
    }

    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        let mut actions = Actions::default();
        self.face.line(NOW, bytes, &mut actions);
        self.follow(actions);
    }

    pub(crate) fn judge(&mut self, verdict: Verdict) {
        let mut actions = Actions::default();
        self.face.verdict(NOW, verdict, &mut actions);
        self.follow(actions);
    }

    pub(crate) fn hear(&mut self, notice: &Notice) {
        let mut out = Vec::new();
        self.face.notice(NOW, notice, &mut out);
        self.say(&out);
    }

    pub(crate) fn reply(&mut self, reply: &Reply) {
        let mut out = Vec::new();
        self.face.reply(NOW, reply, &mut out);
        self.say(&out);
    }

    fn say(&mut self, bytes: &[u8]) {
        assert!(bytes.is_empty() || bytes.ends_with(b"\r\n"));
        self.said.push_str(str::from_utf8(bytes).unwrap());
    }

    fn follow(&mut self, actions: Actions) {
        let before = std::mem::take(&mut self.said);
        let (mut check, mut rehashes) = (None, false);
        for action in actions.list {
            assert!(!self.closed, "nothing follows the end");
            match action {
                Action::Say(bytes) => self.say(&bytes),
                Action::Desk(command) => {
                    self.commands.push(command.clone());
                    self.decide(&command);
                }
                Action::Verify(credentials) => {
                    assert!(check.is_none(), "one check at a time");
                    check = Some(credentials);
                }
                Action::Operate(Operate::Rehash) => rehashes = true,
                Action::Attempted { .. } | Action::Operate(_) => {}
                Action::Relocate(_) => {}
                Action::Close(_) => self.closed = true,
            }
        }
        if let Some(label) = actions.label {
            let answer = std::mem::take(&mut self.said);
            let mut out = Vec::new();
            self.face.seal(NOW, &label, answer.as_bytes(), &mut out);
            self.say(&out);
        }
        self.said.insert_str(0, &before);
        if rehashes && self.answers_checks {
            self.judge(Verdict::No);
        }
        if let Some(credentials) = check {
            let verdict = self.check(&credentials);
            self.checks.push(credentials);
            if self.answers_checks {
                self.judge(verdict);
            }
        }
    }

    fn check(&mut self, credentials: &Credentials) -> Verdict {
        match credentials {
            Credentials::Password { account: name, password }
                if name == "bob" && password == "right" =>
            {
                self.account = Some(account("bob"));
                Verdict::Yes(account("bob"), self.role)
            }
            Credentials::Operator { name, password } if name == "bob" && password == "right" => {
                Verdict::Operator(Arc::from("bob"))
            }
            Credentials::Certificate { fingerprint: Some(_), .. } => {
                Verdict::Yes(account("bob"), self.role)
            }
            _ => Verdict::No,
        }
    }

    fn me(&self) -> Arc<Source> {
        source("bob", self.account.is_some())
    }

    fn row(&self) -> PersonRow {
        PersonRow {
            who: self.me(),
            channel: Some(channel("#chan")),
            rank: Rank::OP | Rank::VOICE,
            away: false,
            operator: false,
            address: None,
            idle: Duration::from_secs(3),
        }
    }

    fn decide(&mut self, command: &Command) {
        match command {
            Command::Arrive(arrival) => {
                if arrival.nick.as_str() == "taken" {
                    let refusal = Refusal::NickInUse(arrival.nick.clone());
                    return self.reply(&Reply::Refused { command: "NICK", refusal });
                }
                let role = arrival.account.as_ref().map_or(Role::Customer, |(_, role)| *role);
                self.reply(&Reply::Welcome(Box::new(Welcome {
                    nick: nick("bob"),
                    source: self.me(),
                    role,
                    channel: None,
                    token: None,
                    resumed: false,
                    modes: switchboard::base::text::Line::scrubbed("+"),
                    counts: Counts {
                        users: 1,
                        invisible: 0,
                        operators: 0,
                        unknown: 0,
                        channels: 0,
                        users_max: 1,
                    },
                })));
            }
            Command::Leave(Departure::Quit(text)) => {
                let mut out = Vec::new();
                self.face.farewell(&CutReason::Quit(text.clone()), &mut out);
                self.say(&out);
                self.closed = true;
            }
            Command::UserModes(changes) if changes.is_empty() => {
                self.reply(&Reply::UserModes(line("+i")));
            }
            Command::UserModes(_) => {
                self.hear(&Notice::UserModes { who: self.me(), changes: line("+B") });
            }
            Command::Join { channel, .. } => {
                let who = self.me();
                self.hear(&Notice::Joined {
                    who: who.clone(),
                    channel: channel.clone(),
                    rank: Rank::NONE,
                    away: None,
                });
                self.reply(&Reply::Names {
                    channel: channel.shared(),
                    members: vec![Member { who, rank: Rank::OP | Rank::VOICE }],
                    kind: '=',
                    on_join: true,
                });
            }
            Command::Part { channel, reason } => {
                let (who, channel, reason) = (self.me(), channel.clone(), reason.clone());
                self.hear(&Notice::Parted { who, channel, reason });
            }
            Command::ChannelModes { channel, changes } => self.modes(channel, changes.first()),
            Command::Say(say) => self.echo(say),
            Command::Ask(question) => self.answer(question),
            Command::History(asked) => {
                let name = asked.target.shared();
                self.reply(&Reply::Page { name, lines: Vec::new(), end: true });
            }
            Command::HistoryTargets { .. } => self.reply(&Reply::Targets(Vec::new())),
            _ => {}
        }
    }

    fn modes(
        &mut self,
        channel: &ChannelName,
        change: Option<&switchboard::desk::language::command::ModeChange>,
    ) {
        let channel = channel.clone();
        self.reply(&match change {
            None => Reply::ChannelModes { channel, modes: line("+nt"), created: NOW },
            Some(change) => Reply::MaskList { channel, letter: change.letter, entries: Vec::new() },
        });
    }

    fn echo(&mut self, say: &Say) {
        if self.face.dialect().has(Dialect::ECHO) {
            self.hear(&Notice::Said(Said {
                id: MessageId::Stored(99),
                at: NOW,
                from: self.me(),
                sender: Some(SessionId(1)),
                target: Arc::from(say.target.as_str()),
                verb: say.verb,
                text: say.text.clone(),
                tags: say.tags.clone(),
                more: Vec::new(),
                hearers: Hearers::Everyone,
                replayed: false,
            }));
        }
    }

    fn answer(&mut self, question: &Question) {
        let row = self.row();
        let reply = match question {
            Question::Names(channel) => Reply::Names {
                channel: channel.shared(),
                members: vec![Member { who: self.me(), rank: Rank::OP }],
                kind: '=',
                on_join: false,
            },
            Question::Who { mask, .. } => Reply::Who { mask: mask.clone(), rows: vec![row] },
            Question::Whois(name) => {
                let card = WhoisCard {
                    row,
                    channels: vec![(Rank::OP, channel("#chan"))],
                    away: None,
                    since: NOW,
                    secure: true,
                    modes: None,
                    certificate: None,
                    card: Vec::new(),
                };
                Reply::Whois {
                    nick: name.clone(),
                    card: Some(Box::new(card)),
                    end: Some(name.clone()),
                }
            }
            Question::Userhost(_) => Reply::Userhost(vec![row]),
            other => Reply::Nothing(Box::new(other.clone())),
        };
        self.reply(&reply);
    }
}

/// The verbs and numerics of these lines, one word each; the welcome's as one.
pub(crate) fn verbs(text: &str) -> String {
    let words = text.split_terminator("\r\n").map(|line| {
        let parsed = switchboard::wire::message::Message::parse_bytes(line.as_bytes());
        let message = parsed.unwrap_or_else(|error| panic!("{line:?}: {error}"));
        match message.verb {
            "CAP" => format!("CAP-{}", message.params[1]),
            verb => verb.to_owned(),
        }
    });
    let all = words.collect::<Vec<_>>().join(" ");
    all.replace("001 002 003 004 005 005 005 251 255 265 266 422", "WELCOME")
}

/// The id under which message `number` goes, veiled by the tests' own key.
pub(crate) fn msgid(number: u64) -> String {
    let mut veiled = Veil::default().hide(number);
    let mut digits = Vec::new();
    while veiled > 0 {
        digits.extend(char::from_digit((veiled % 36) as u32, 36));
        veiled /= 36;
    }
    format!("s{}", digits.iter().rev().collect::<String>())
}
