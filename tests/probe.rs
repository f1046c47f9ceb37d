//! What a customer can find out about others by asking: nothing. The same script of raw IRC lines
//! is sent in an empty house and in a busy one, and at real targets and invented ones of the same
//! length; the bytes that come back must be the same (promise 2).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::ids::SessionId;
use switchboard::base::text::{AccountName, ChannelName, Line, Nick, UserName};
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::*;
use switchboard::desk::language::notice::{Notice, Output};
use switchboard::desk::language::people::{Department, Role};
use switchboard::desk::outcome::Outcome;
use switchboard::desk::settings::{DepartmentSettings, Routing, Settings};
use switchboard::desk::{Desk, StaffAccount};
use switchboard::face::irc::IrcFace;
use switchboard::face::registering::Registration;
use switchboard::face::{Action, Actions, Connection, Dialect, Face, Operate, ServerInfo, Verdict};

const PROBER: SessionId = SessionId(500);
const STAFF: [(&str, Role); 4] =
    [("ann", Role::Agent), ("bob", Role::Agent), ("sue", Role::Supervisor), ("robo", Role::Bot)];
const CAPABILITIES: &[&str] = &[
    "",
    "account-notify",
    "account-tag",
    "away-notify",
    "batch",
    "cap-notify",
    "chghost",
    "draft/channel-rename",
    "draft/pre-away",
    "extended-monitor away-notify account-notify chghost setname",
    "batch draft/extended-isupport",
    "batch draft/metadata-2",
    "echo-message",
    "extended-join",
    "invite-notify",
    "batch labeled-response",
    "message-tags",
    "multi-prefix",
    "no-implicit-names",
    "server-time",
    "batch draft/multiline message-tags echo-message",
    "setname",
    "standard-replies",
    "userhost-in-names",
    "account-notify account-tag away-notify batch cap-notify chghost draft/channel-rename draft/extended-isupport draft/metadata-2 draft/pre-away echo-message extended-join \
     extended-monitor \
     invite-notify labeled-response message-tags multi-prefix no-implicit-names server-time draft/read-marker \
     draft/message-redaction draft/chathistory \
     setname standard-replies userhost-in-names draft/multiline",
];

/// Asked before anything was said; `%n` a nick, `%c` a channel of somebody else's.
const SCRIPT: &[&str] = &[
    "LIST",
    "LIST >0",
    "LIST %c",
    "LIST *",
    "WHO",
    "WHO *",
    "WHO 0",
    "WHO %n",
    "WHO %c",
    "WHO %c %tcuihsnfdlaor,7",
    "WHOIS %n",
    "WHO %n o",
    "WHO %n %uhrf",
    "WHO *%n*",
    "WHO desk %uhta,1",
    "WHOIS %n %n",
    "WHOIS %n desk",
    "WHOIS chat.test %n,desk",
    "WHOWAS %n",
    "WHOWAS %n 3",
    "WHOWAS %n,desk 1",
    "NAMES",
    "NAMES %c",
    "MONITOR + %n",
    "MONITOR + desk,%n",
    "MONITOR - desk",
    "MONITOR S",
    "MONITOR L",
    "MONITOR C",
    "ISON %n",
    "USERHOST %n",
    "ISON desk %n",
    "USERHOST desk %n",
    "AWAY *",
    "AWAY :out",
    "AWAY",
    "SETNAME :Anna A",
    "MODE %n +R",
    "LUSERS",
    "STATS u",
    "STATS l",
    "LINKS",
    "TRACE",
    "TRACE %n",
    "MOTD",
    "VERSION",
    "ISUPPORT",
    "METADATA * SET url :https://a.example",
    "METADATA * LIST",
    "METADATA %n LIST",
    "METADATA %n GET url avatar",
    "METADATA %n SET url :x",
    "METADATA %c LIST",
    "METADATA %c SET url :x",
    "METADATA * SUB url avatar",
    "METADATA %c SYNC",
    "METADATA * SYNC",
    "METADATA * SUBS",
    "METADATA * UNSUB avatar",
    "METADATA * CLEAR",
    "METADATA * OTHER",
    "WEBIRC word gateway 192.0.2.1 192.0.2.1",
    "ADMIN",
    "INFO",
    "CHATHISTORY LATEST %c * 10",
    "CHATHISTORY LATEST %n * 10",
    "CHATHISTORY TARGETS timestamp=2020-01-01T00:00:00.000Z timestamp=2030-01-01T00:00:00.000Z 10",
    "CHATHISTORY AROUND %c msgid=s1 10",
    "CHATHISTORY BEFORE %n timestamp=2026-01-01T00:00:00.000Z 10",
    "MARKREAD %c",
    "MARKREAD %n",
    "MARKREAD %c timestamp=2020-01-01T00:00:00.000Z",
    "MARKREAD %n timestamp=2020-01-01T00:00:00.000Z",
    "REDACT %c s1 :mine",
    "REDACT %n s1",
    "JOIN %c",
    "JOIN %c key",
    "JOIN 0",
    "INVITE",
    "RENAME %c #c-other-2222 :mine",
    "RENAME %c %c",
    "PART %c",
    "MODE %c",
    "MODE %c +b",
    "MODE %c +b *!*@*",
    "MODE %c +o %n",
    "MODE %n",
    "MODE %n +i",
    "TOPIC %c",
    "TOPIC %c :mine",
    "INVITE %n %c",
    "KICK %c %n",
    "KICK %c %n :out",
    "PRIVMSG %n :hello",
    "PRIVMSG %c :hello",
    "BATCH +1 draft/multiline %c",
    "@batch=1 PRIVMSG %c :hello",
    "@batch=1 PRIVMSG %n :hello",
    "BATCH -1",
    "BATCH +2 draft/multiline %n",
    "@batch=2 PRIVMSG %n :hello",
    "@batch=2;draft/multiline-concat PRIVMSG %n :you",
    "BATCH -2",
    "@+typing=active TAGMSG %c",
    "@+typing=active TAGMSG %n",
    "PRIVMSG @%c :hello",
    "PRIVMSG +%c :hello",
    "PRIVMSG %%c :hello",
    "PRIVMSG ~%c :hello",
    "MODE %c q",
    "MODE %c +u",
    "MODE %c +h %n",
    "MODE %c +b ~a:%n",
    "LIST * >0",
    "NOTICE %n :hello",
    "NOTICE %c :hello",
    "TAGMSG %n",
    "@+typing=active TAGMSG %c",
    "NICK %n",
    "REGISTER %n * long-enough",
    "REGISTER * * long-enough",
    "VERIFY %n guess",
    "AUTHENTICATE PLAIN",
    "AUTHENTICATE *",
    "CAP LIST",
    "CAP REQ :nothing",
    "KILL %n :die",
    "KLINE 60 %n :out",
    "DLINE 60 192.0.2.9 :out",
    "UNKLINE %n",
    "UNDLINE 192.0.2.9",
    "STATS k",
    "STATS o",
    "STATS p",
    "STATS m",
    "VERSION %n",
    "TIME %n",
    "MOTD %n",
    "INFO %n",
    "ADMIN %n",
    "LINKS %n",
    "CONNECT %n",
    "SQUIT %n :x",
    "HELP KILL",
    "WALLOPS :hello",
    "REHASH %n",
    "OPER %n guess",
    "OPER root guess",
    "KNOCK %c",
    "CLAIM %c",
    "CARD %c",
    "WATCH %c",
    "HISTORY %c",
    "PRIVMSG desk :claim %c",
    "QUEUE",
    "ONLINE",
];

fn line(text: &str) -> Line {
    Line::scrubbed(text)
}

fn account(name: &str) -> AccountName {
    AccountName::parse(name).unwrap()
}

fn settings() -> Settings {
    let row = |name: &str, agents: &[&str]| DepartmentSettings {
        name: Department::parse(name).unwrap(),
        routing: Routing::Claim,
        agents: agents.iter().map(|a| account(a)).collect(),
        first_responder: None,
    };
    let departments = vec![row("support", &["ann"]), row("sales", &["bob"])];
    Settings { departments, capacity: 6, ..Settings::default() }
}

fn info() -> ServerInfo {
    ServerInfo {
        server: Arc::from("chat.test"),
        network: Arc::from("Test"),
        created: Timestamp(1_700_000_000_000),
        motd: vec![line("welcome")],
        admin: vec![line("root@chat.test")],
        registration: Some(Registration {
            invitation: true,
            email_required: false,
            before_connect: true,
            password_characters: 8,
        }),
        ..ServerInfo::default()
    }
}

fn token(n: u64) -> Token {
    let mut secret = [7; 32];
    secret[..8].copy_from_slice(&n.to_le_bytes());
    let mut digest = secret;
    digest[31] = 8;
    Token { secret, digest }
}

fn arrival(nick: &str, n: u64) -> Arrival {
    Arrival {
        nick: Nick::parse(nick).unwrap(),
        user: UserName::parse("u").unwrap(),
        realname: line("somebody"),
        address: Arc::from("192.0.2.9"),
        cloak: Some("k3f9x2ab".into()),
        secure: true,
        account: None,
        resume: None,
        department: None,
        token: token(n),
        code_seed: n.wrapping_mul(7_919),
        wants_replay: true,
        away: None,
        certificate: None,
    }
}

/// A house with one customer who asks, seen through the IRC face.
struct House {
    desk: Desk,
    now: Timestamp,
    face: IrcFace,
    heard: Vec<u8>,
    others: BTreeMap<&'static str, ChannelName>,
}

impl House {
    fn new() -> Self {
        let mut desk = Desk::new(settings(), 1);
        let now = Timestamp(1_700_000_100_000);
        let staff =
            STAFF.iter().map(|(name, role)| StaffAccount { name: account(name), role: *role });
        desk.set_accounts(now, staff.collect(), &mut Outcome::default());
        let connection = Connection {
            session: PROBER,
            address: Arc::from("198.51.100.4"),
            tls: true,
            trusted: false,
            certificate: None,
            token: token(99),
            code_seed: 4_711,
            department: None,
        };
        let face = IrcFace::new(Arc::new(info()), connection);
        let mut house = Self { desk, now, face, heard: Vec::new(), others: BTreeMap::new() };
        for (i, (name, role)) in (1..).zip(STAFF) {
            let mut arrival = arrival(name, i);
            arrival.account = Some((account(name), role));
            house.does(SessionId(i), Command::Arrive(Box::new(arrival)));
        }
        house
    }

    /// Customers who wait, who are helped, who have gone; staff who talk, watch and keep a channel.
    fn filled(mut self) -> Self {
        for (i, name) in (100..).zip(["otto", "lisa", "emil", "nora", "guest"]) {
            let mut arrival = arrival(name, i);
            arrival.department = Department::parse("sales");
            self.does(SessionId(i), Command::Arrive(Box::new(arrival)));
            let id = self.desk.state().person(SessionId(i)).and_then(|p| p.customer).unwrap();
            let channel = self.desk.state().customer(id).unwrap().channel.clone();
            self.others.insert(name, channel.clone());
            if name != "nora" {
                self.does(SessionId(i), say(channel.as_str(), "I need help"));
            }
        }
        let channel = |house: &Self, name| house.others[name].clone();
        let (otto, lisa) = (channel(&self, "otto"), channel(&self, "lisa"));
        self.does(SessionId(2), Command::Join { channel: otto.clone(), key: None });
        self.does(SessionId(2), Command::Join { channel: lisa.clone(), key: None });
        let watch = DeskVerb::Watch;
        self.does(SessionId(3), Command::Desk(DeskCommand { channel: Some(otto), verb: watch }));
        let closed = DeskVerb::Close(None);
        self.does(SessionId(2), Command::Desk(DeskCommand { channel: Some(lisa), verb: closed }));
        self.does(SessionId(104), Command::Leave(Departure::Quit(None)));
        let staff = ChannelName::parse("#staffroom").unwrap();
        for session in [2, 3] {
            self.does(SessionId(session), Command::Join { channel: staff.clone(), key: None });
        }
        self.does(SessionId(2), say("#staffroom", "did you see otto?"));
        self
    }

    fn does(&mut self, from: SessionId, command: Command) {
        let mut out = Outcome::default();
        self.desk.handle(self.now, from, &command, &mut out);
        self.release(&mut out);
    }

    fn time_passes(&mut self, span: Duration) {
        self.now = self.now + span;
        let mut out = Outcome::default();
        self.desk.tick(self.now, &mut out);
        self.release(&mut out);
    }

    fn release(&mut self, out: &mut Outcome) {
        for output in out.outputs.drain(..) {
            match output {
                Output::Notice { to, notice } if out.recipients[to.clone()].contains(&PROBER) => {
                    self.notice(&notice);
                }
                Output::Reply { to: PROBER, reply } => {
                    self.face.reply(self.now, &reply, &mut self.heard);
                }
                Output::Cut { session: PROBER, why } => self.face.farewell(&why, &mut self.heard),
                Output::Notice { .. }
                | Output::Reply { .. }
                | Output::Cut { .. }
                | Output::Consult { .. } => {}
            }
        }
    }

    fn notice(&mut self, notice: &Notice) {
        let own = matches!(notice, Notice::Said(said) if said.sender == Some(PROBER));
        if own && !self.face.dialect().has(Dialect::ECHO) {
            return;
        }
        self.face.notice(self.now, notice, &mut self.heard);
        if let Notice::Renamed { who, nick } = notice {
            self.face.renamed(&who.nick, nick);
        }
    }

    /// One line of the asking customer.
    fn types(&mut self, text: &str) {
        let before = std::mem::take(&mut self.heard);
        let mut actions = Actions::default();
        self.face.line(self.now, text.as_bytes(), &mut actions);
        let (mut checks, mut label) = (false, actions.label);
        for action in actions.list {
            match action {
                Action::Say(bytes) => self.heard.extend(bytes),
                Action::Desk(command) => self.does(PROBER, command),
                // Nobody knows a password; the answer is the same for every name.
                Action::Verify(_) | Action::Operate(Operate::Rehash) => checks = true,
                other => panic!("{text}: {other:?}"),
            }
        }
        if checks {
            let mut actions = Actions::default();
            self.face.verdict(self.now, Verdict::No, &mut actions);
            for action in actions.list {
                let Action::Say(bytes) = action else { panic!("{text}: {action:?}") };
                self.heard.extend(bytes);
            }
            label = actions.label;
        }
        let answer = std::mem::take(&mut self.heard);
        self.heard = before;
        match label {
            Some(label) => self.face.seal(self.now, &label, &answer, &mut self.heard),
            None => self.heard.extend(answer),
        }
    }

    /// The whole story of the asking customer, line by line with what came back.
    fn story(mut self, caps: &str, nick: &str, channel: &str) -> Vec<String> {
        let mut told = Vec::new();
        let labels = caps.contains("labeled-response");
        let mut ask = |house: &mut Self, text: String| {
            house.types(&text);
            let heard = String::from_utf8(std::mem::take(&mut house.heard)).unwrap();
            told.push(format!("> {text}\n{}", plain(&heard)));
        };
        ask(&mut self, format!("CAP REQ :{caps}"));
        ask(&mut self, "NICK anna".to_owned());
        ask(&mut self, "USER anna 0 * :Anna".to_owned());
        ask(&mut self, format!("REGISTER {nick} * long-enough"));
        ask(&mut self, "VERIFY other guess".to_owned());
        ask(&mut self, "CAP END".to_owned());
        let own = self.desk.state().person(PROBER).and_then(|p| p.customer).unwrap();
        let own = self.desk.state().customer(own).unwrap().channel.clone();
        // The names of staff are kept from customers by design; that is no secret to ask for.
        let staff = STAFF.iter().any(|(name, _)| name.len() == nick.len());
        for round in 0..2 {
            for text in SCRIPT.iter().filter(|text| !staff || **text != "NICK %n") {
                let text = text.replace("%n", nick).replace("%c", channel);
                let label = match labels && !text.starts_with('@') {
                    true => "@label=x ",
                    false => "",
                };
                ask(&mut self, format!("{label}{text}"));
            }
            if round == 0 {
                ask(&mut self, format!("PRIVMSG {own} :my own question"));
                self.does(SessionId(1), Command::Join { channel: own.clone(), key: None });
                self.does(SessionId(1), say(own.as_str(), "how can I help?"));
                self.time_passes(Duration::from_secs(5));
                ask(&mut self, "PING x".to_owned());
            }
        }
        told
    }
}

fn say(target: &str, text: &str) -> Command {
    Command::Say(Say {
        target: line(target),
        verb: Verb::Privmsg,
        text: line(text),
        tags: None,
        more: Vec::new(),
        literal: false,
    })
}

/// The bytes without message ids, whose places in the journal are everybody's.
fn plain(heard: &str) -> String {
    let mut text = heard.to_owned();
    while let Some(at) = text.find("msgid=") {
        let end = text[at..].find([';', ' ']).map_or(text.len(), |n| at + n);
        text.replace_range(at..end, "id");
    }
    text
}

fn same(what: &str, caps: &str, a: &[String], b: &[String]) {
    for (a, b) in a.iter().zip(b) {
        assert_eq!(a, b, "{what}, with the capabilities {caps:?}");
    }
    assert_eq!(a.len(), b.len());
}

/// Real targets in a filled house: who waits, who is helped, who is being written up, who has not
/// spoken, who has left.
const REAL: [&str; 5] = ["otto", "lisa", "emil", "nora", "guest"];

#[test]
fn a_busy_house_answers_as_an_empty_one() {
    for caps in CAPABILITIES {
        for name in REAL {
            let busy = House::new().filled();
            let channel = busy.others[name].to_string();
            let nick = channel.trim_start_matches("#c-").to_owned();
            let empty = House::new().story(caps, &nick, &channel);
            let busy = busy.story(caps, &nick, &channel);
            same("empty and busy", caps, &empty, &busy);
        }
    }
}

#[test]
fn real_targets_answer_as_invented_ones() {
    for caps in CAPABILITIES {
        for name in REAL {
            let channel = House::new().filled().others[name].to_string();
            let nick = channel.trim_start_matches("#c-").to_owned();
            let invented = format!("{}-{}", &"quux9"[..name.len()], "zzzz");
            let real = House::new().filled().story(caps, &nick, &channel);
            let other = House::new().filled().story(caps, &invented, &format!("#c-{invented}"));
            let blind = |rows: Vec<String>, from: &str| -> Vec<String> {
                rows.iter().map(|r| r.replace(from, "TARGET")).collect()
            };
            let base = nick.split('-').next().unwrap().to_owned();
            let made = invented.split('-').next().unwrap().to_owned();
            let real = blind(blind(real, &nick), &base);
            let other = blind(blind(other, &invented), &made);
            same("real and invented", caps, &real, &other);
        }
    }
}

#[test]
fn staff_elsewhere_answer_as_nobody() {
    for caps in CAPABILITIES {
        // Sue watches and Bob helps others; neither has a word with the one who asks.
        for (real, invented) in [("sue", "eus"), ("bob", "obb"), ("robo", "obor")] {
            let blind = |rows: Vec<String>, nick: &str, room: &str| -> Vec<String> {
                rows.iter().map(|r| r.replace(room, "ROOM").replace(nick, "TARGET")).collect()
            };
            let a = House::new().filled().story(caps, real, "#staffroom");
            let b = House::new().filled().story(caps, invented, "#roomstaff");
            let (a, b) = (blind(a, real, "#staffroom"), blind(b, invented, "#roomstaff"));
            same("staff and invented", caps, &a, &b);
        }
    }
}

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

fn verb(channel: &ChannelName, verb: DeskVerb) -> Command {
    Command::Desk(DeskCommand { channel: Some(channel.clone()), verb })
}

/// One deed of or towards the customer who listens: by themselves, by Ann, or by time.
fn own_deed(house: &mut House, rng: &mut Rng, own: &ChannelName, step: u64) {
    let ann = SessionId(1);
    match rng.below(14) {
        0..4 => house.types(&format!("PRIVMSG {own} :line {step}")),
        4 => house.types(&format!("NICK anna{}", step % 5)),
        5 => house.types("PRIVMSG desk :rate 5 well done"),
        6 => house.does(ann, Command::Join { channel: own.clone(), key: None }),
        7 | 8 => house.does(ann, say(own.as_str(), &format!("answer {step}"))),
        9 => house.does(ann, say(&format!("@{own}"), "between us")),
        10 => house.does(ann, verb(own, DeskVerb::Hold { within: None, why: None })),
        11 => house.does(ann, verb(own, DeskVerb::Close(None))),
        12 => house.does(ann, Command::Part { channel: own.clone(), reason: None }),
        _ => house.time_passes(Duration::from_millis(rng.below(90_000))),
    }
}

/// One deed among the others: Bob and his department, Sue, and their customers.
fn other_deed(house: &mut House, rng: &mut Rng, step: u64) {
    let channels: Vec<ChannelName> = house.others.values().cloned().collect();
    let at = usize::try_from(rng.below(channels.len() as u64)).unwrap();
    let (channel, bob, sue) = (channels[at].clone(), SessionId(2), SessionId(3));
    let id = house.desk.state().lounge(&channel.folded()).and_then(|c| c.session);
    match (rng.below(10), id) {
        (0..3, Some(id)) => house.does(id, say(channel.as_str(), &format!("theirs {step}"))),
        (3, Some(id)) => house.does(id, Command::Leave(Departure::Lost(line("gone")))),
        (4, _) => house.does(bob, Command::Join { channel, key: None }),
        (5, _) => house.does(bob, say(channel.as_str(), "hello there")),
        (6, _) => house.does(bob, verb(&channel, DeskVerb::Close(None))),
        (7, _) => house.does(sue, verb(&channel, DeskVerb::Watch)),
        (8, _) => house.does(sue, say("#staffroom", "quiet today")),
        _ => {
            let n = 1_000 + step;
            let mut arrival = arrival("guest", n);
            arrival.department = Department::parse("sales");
            house.does(SessionId(n), Command::Arrive(Box::new(arrival)));
        }
    }
}

/// Whatever others do meanwhile, what one customer receives is the same, byte for byte.
#[test]
fn what_others_do_changes_nothing_of_what_one_receives() {
    for seed in 0..150 {
        let caps = CAPABILITIES[seed as usize % CAPABILITIES.len()];
        let mut told = Vec::new();
        for busy in [false, true] {
            let mut house = if busy { House::new().filled() } else { House::new() };
            let (mut mine, mut theirs) = (Rng(seed), Rng(seed + 1_000));
            for text in [&format!("CAP REQ :{caps}"), "NICK anna", "USER anna 0 * :A", "CAP END"] {
                house.types(text);
            }
            let id = house.desk.state().person(PROBER).and_then(|p| p.customer).unwrap();
            let own = house.desk.state().customer(id).unwrap().channel.clone();
            for step in 0..60 {
                for _ in 0..theirs.below(4) {
                    if busy {
                        other_deed(&mut house, &mut theirs, step);
                    }
                }
                own_deed(&mut house, &mut mine, &own, step);
            }
            told.push(plain(&String::from_utf8(house.heard).unwrap()));
        }
        let differs = told[0].lines().zip(told[1].lines()).find(|(a, b)| a != b);
        assert_eq!(differs, None, "seed {seed}, with the capabilities {caps:?}");
        assert_eq!(told[0], told[1], "seed {seed}");
    }
}
