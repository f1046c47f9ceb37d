//! A driver that holds the desk, the clock and the journal itself: one process, no socket. How people
//! speak to it is a `Voice`: in commands, or in the bytes of a face.

use crate::driver::Driver;
use crate::durable;
use crate::heard::Heard;
use crate::names::Names;
use crate::script::{Act, Script};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::ids::SessionId;
use switchboard::base::text::{AccountName, Line};
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::{Command, Departure, Token};
use switchboard::desk::language::fact::Event;
use switchboard::desk::language::notice::{CutReason, MessageId, Notice, Output, Reply};
use switchboard::desk::language::people::{Department, Role};
use switchboard::desk::outcome::Outcome;
use switchboard::desk::settings::Settings;
use switchboard::desk::{Desk, StaffAccount};
use switchboard::face::Connection;

/// The moment at which every transcript begins: 2026-11-21 08:00 UTC.
const DAWN: Timestamp = Timestamp(1_795_248_000_000);

/// Who comes, and with what.
pub(crate) struct Entry {
    /// The nick they ask for.
    pub(crate) nick: String,
    pub(crate) account: Option<(AccountName, Role)>,
    /// The resume token they present, as the desk told it.
    pub(crate) token: Option<[u8; 32]>,
    pub(crate) connection: Connection,
}

/// How one session speaks to the desk and hears of it.
pub(crate) trait Voice {
    /// What makes them arrive.
    fn open(&mut self, now: Timestamp, entry: &Entry) -> Vec<Command>;
    /// What an act leads to.
    fn act(&mut self, now: Timestamp, act: &Act, heard: &mut Vec<Heard>) -> Vec<Command>;
    fn notice(&mut self, now: Timestamp, notice: &Notice, heard: &mut Vec<Heard>);
    fn reply(&mut self, now: Timestamp, reply: &Reply, heard: &mut Vec<Heard>);
    fn cut(&mut self, why: &CutReason, heard: &mut Vec<Heard>);
}

/// Makes the voice of a session: a customer's, or (`true`) a member of staff's.
pub(crate) type MakeVoice = fn(staff: bool, connection: Connection) -> Box<dyn Voice>;

struct Seat {
    session: SessionId,
    voice: Box<dyn Voice>,
    alive: bool,
}

/// The desk in memory.
pub(crate) struct Memory {
    name: &'static str,
    make: MakeVoice,
    words_only: bool,
    /// Every command is decided, undone and decided again.
    twice: bool,
    settings: Settings,
    desk: Desk,
    now: Timestamp,
    journal: Vec<Event>,
    told: usize,
    accounts: Vec<StaffAccount>,
    seats: BTreeMap<String, Seat>,
    secrets: BTreeMap<String, [u8; 32]>,
    names: Names,
    sessions: u64,
    heard: Vec<(String, Heard)>,
    faults: Vec<String>,
}

impl Memory {
    pub(crate) fn new(name: &'static str, make: MakeVoice, script: &Script) -> Self {
        let settings = settings(script);
        Self {
            name,
            make,
            words_only: name == "plain",
            twice: name == "desk",
            desk: Desk::new(settings.clone(), 1),
            settings,
            now: DAWN,
            journal: Vec::new(),
            told: 0,
            accounts: Vec::new(),
            seats: BTreeMap::new(),
            secrets: BTreeMap::new(),
            names: Names::default(),
            sessions: 0,
            heard: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// One call of the desk, delivered. Undone and done again first, where that is checked.
    fn decide(&mut self, call: impl Fn(&mut Desk, Timestamp, &mut Outcome)) {
        let mark = self.desk.mark();
        let last = self.journal.last().map(|e| e.seq).unwrap_or_default();
        self.desk.confirm(mark, last);
        let mut out = Outcome::default();
        if self.twice {
            let mut first = Outcome::default();
            call(&mut self.desk, self.now, &mut first);
            self.desk.rollback();
            call(&mut self.desk, self.now, &mut out);
            let (first, again) = (plain(&first), plain(&out));
            if first != again {
                let only = |a: &[String], b: &[String]| -> Vec<String> {
                    a.iter().filter(|item| !b.contains(item)).cloned().collect()
                };
                let (gone, new) = (only(&first, &again), only(&again, &first));
                self.faults.push(format!(
                    "undone and done again it differs:\n    first {gone:#?}\n    again {new:#?}"
                ));
            }
        } else {
            call(&mut self.desk, self.now, &mut out);
        }
        self.deliver(&out);
    }

    fn deliver(&mut self, out: &Outcome) {
        self.journal.extend(out.events.iter().cloned());
        for output in &out.outputs {
            match output {
                Output::Notice { to, notice } => {
                    for session in &out.recipients[to.clone()] {
                        let own = matches!(notice, Notice::Said(s) if s.sender == Some(*session));
                        if !own {
                            self.hear(*session, |now, v, h| v.notice(now, notice, h));
                        }
                    }
                }
                Output::Reply { to, reply } => {
                    if let Reply::Welcome(welcome) = reply {
                        self.learn(*to, welcome.channel.as_ref().map(ToString::to_string));
                    }
                    self.hear(*to, |now, v, h| v.reply(now, reply, h));
                }
                Output::Cut { session, why } => {
                    self.hear(*session, |_, v, h| v.cut(why, h));
                    if let Some(seat) = self.seats.values_mut().find(|s| s.session == *session) {
                        seat.alive = false;
                    }
                }
                Output::Consult { .. } => {}
            }
        }
    }

    /// A customer's channel is known from their welcome on.
    fn learn(&mut self, session: SessionId, channel: Option<String>) {
        let who = self.seats.iter().find(|(_, s)| s.session == session).map(|(n, _)| n.clone());
        let (Some(who), Some(channel)) = (who, channel) else { return };
        self.names.learn(&who, &channel);
    }

    fn hear(
        &mut self,
        session: SessionId,
        say: impl FnOnce(Timestamp, &mut dyn Voice, &mut Vec<Heard>),
    ) {
        let now = self.now;
        let Some((who, seat)) =
            self.seats.iter_mut().find(|(_, s)| s.session == session && s.alive)
        else {
            return;
        };
        let (who, mut heard) = (who.clone(), Vec::new());
        say(now, seat.voice.as_mut(), &mut heard);
        for item in heard {
            let text = self.names.called(&item.text);
            self.heard.push((who.clone(), Heard { text, ..item }));
        }
    }

    fn command(&mut self, session: SessionId, command: &Command) {
        self.decide(|desk, now, out| desk.handle(now, session, command, out));
    }

    fn connect(&mut self, who: &str, entry: Entry) {
        let session = entry.connection.session;
        let staff = entry.account.is_some();
        let voice = (self.make)(staff, entry.connection.clone());
        self.seats.insert(who.to_owned(), Seat { session, voice, alive: true });
        let now = self.now;
        let Some(seat) = self.seats.get_mut(who) else { return };
        let commands = seat.voice.open(now, &entry);
        let before = self.heard.len();
        for command in commands {
            if entry.token.is_some() {
                // Where it is shown only after arriving, what arriving alone says is not looked at.
                self.heard.truncate(before);
            }
            self.command(session, &command);
        }
    }

    fn connection(&mut self, address: Option<&str>, department: Option<&str>) -> Connection {
        self.sessions += 1;
        let secret = [u8::try_from(self.sessions).unwrap_or(0); 32];
        Connection {
            session: SessionId(self.sessions),
            address: Arc::from(address.unwrap_or("198.51.100.1")),
            tls: true,
            trusted: true,
            certificate: None,
            token: Token { secret, digest: Sha256::digest(secret).into() },
            code_seed: self.sessions * 7919,
            department: department.and_then(Department::parse),
        }
    }
}

impl Driver for Memory {
    fn name(&self) -> &'static str {
        self.name
    }

    fn account(&mut self, name: &str, role: &str) {
        let account = StaffAccount {
            name: AccountName::parse(name).expect("an account's name"),
            role: Role::parse(role).expect("a role"),
        };
        self.accounts.push(account);
        let accounts = self.accounts.clone();
        self.decide(|desk, now, out| desk.set_accounts(now, accounts.clone(), out));
    }

    fn account_ends(&mut self, name: &str) {
        self.accounts.retain(|a| a.name.as_str() != name);
        let accounts = self.accounts.clone();
        self.decide(|desk, now, out| desk.set_accounts(now, accounts.clone(), out));
    }

    fn staff(&mut self, who: &str, account: &str) {
        let account = self.accounts.iter().find(|a| a.name.as_str() == account);
        let account = account.map(|a| (a.name.clone(), a.role)).expect("an account that exists");
        let connection = self.connection(Some("192.0.3.1"), None);
        let nick = who.to_owned();
        self.connect(who, Entry { nick, account: Some(account), token: None, connection });
    }

    fn customer(&mut self, who: &str, address: Option<&str>, department: Option<&str>) {
        let connection = self.connection(address, department);
        self.secrets.insert(who.to_owned(), connection.token.secret);
        let nick = who.to_owned();
        self.connect(who, Entry { nick, account: None, token: None, connection });
    }

    fn returns(&mut self, who: &str, right: bool) {
        let secret = self.secrets.get(who).copied().expect("a customer who was here");
        let connection = self.connection(None, None);
        if !right {
            self.secrets.insert(who.to_owned(), connection.token.secret);
        }
        let token = Some(if right { secret } else { [0xee; 32] });
        let nick = who.to_owned();
        self.connect(who, Entry { nick, account: None, token, connection });
    }

    fn act(&mut self, who: &str, act: &Act) {
        let act = self.names.really(act, who);
        let now = self.now;
        let seat = self.seats.get_mut(who).filter(|s| s.alive).expect("somebody who is here");
        let (session, mut heard) = (seat.session, Vec::new());
        let commands = seat.voice.act(now, &act, &mut heard);
        for item in heard {
            let text = self.names.called(&item.text);
            self.heard.push((who.to_owned(), Heard { text, ..item }));
        }
        for command in commands {
            self.command(session, &command);
        }
    }

    fn lose(&mut self, who: &str) {
        let seat = self.seats.get_mut(who).filter(|s| s.alive).expect("somebody who is here");
        seat.alive = false;
        let session = seat.session;
        let lost = Command::Leave(Departure::Lost(Line::scrubbed("connection reset")));
        self.command(session, &lost);
    }

    fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        for _ in 0..10_000 {
            let Some(due) = self.desk.next_deadline().filter(|at| *at <= until) else { break };
            self.now = self.now.max(due);
            self.decide(|desk, now, out| desk.tick(now, out));
            if self.desk.next_deadline().is_some_and(|at| at <= due && at <= self.now) {
                self.decide(|desk, now, out| desk.tick(now, out));
                if self.desk.next_deadline() == Some(due) {
                    self.faults.push("what is due stays due after two ticks".to_owned());
                    break;
                }
            }
        }
        self.now = until;
        self.decide(|desk, now, out| desk.tick(now, out));
    }

    fn storage(&mut self, works: bool) {
        // Not a decision: it cannot be undone.
        let twice = std::mem::take(&mut self.twice);
        self.decide(|desk, now, out| desk.set_storage(now, works, out));
        self.twice = twice;
    }

    fn restart(&mut self) {
        self.seats.values_mut().for_each(|seat| seat.alive = false);
        self.desk = Desk::new(self.settings.clone(), self.desk.state().counters().seq.0 + 2);
        self.journal.iter().for_each(|event| self.desk.replay(event));
        let accounts = self.accounts.clone();
        self.decide(|desk, now, out| desk.set_accounts(now, accounts.clone(), out));
        self.decide(|desk, now, out| desk.recover(now, out));
    }

    fn heard(&mut self) -> (Vec<(String, Heard)>, Vec<String>) {
        let mut faults = std::mem::take(&mut self.faults);
        faults.extend(durable::broken(self.desk.state()));
        faults.extend(durable::replay_differs(&self.desk, &self.settings, &self.journal));
        (std::mem::take(&mut self.heard), faults)
    }

    fn events(&mut self) -> Option<Vec<Event>> {
        let fresh = self.journal[self.told..].to_vec();
        self.told = self.journal.len();
        Some(fresh)
    }

    fn desk(&self) -> Option<&Desk> {
        Some(&self.desk)
    }

    fn shows_words_only(&self) -> bool {
        self.words_only
    }

    fn real(&self, text: &str) -> String {
        self.names.real(text)
    }
}

/// An outcome without what may differ between doing a thing and doing it again: the numbers of
/// passing messages, and the topics that a desk tells again because it forgot that it had.
fn plain(out: &Outcome) -> Vec<String> {
    let mut all: Vec<String> = out.events.iter().map(|event| format!("{event:?}")).collect();
    for output in &out.outputs {
        let mut output = output.clone();
        let mut who = Vec::new();
        if let Output::Reply { reply: Reply::Welcome(welcome), .. } = &mut output {
            // The most there ever were: what was undone is remembered, and does no harm.
            welcome.counts.users_max = 0;
        }
        if let Output::Notice { to, notice } = &mut output {
            who = out.recipients[to.clone()].to_vec();
            *to = 0..0;
            match notice {
                Notice::Topic { .. } => continue,
                Notice::Desk { id, .. } => *id = MessageId::Passing(0, 0),
                Notice::Said(said) if matches!(said.id, MessageId::Passing(..)) => {
                    said.id = MessageId::Passing(0, 0);
                }
                _ => {}
            }
        }
        all.push(format!("{who:?} {output:?}"));
    }
    all
}

/// The settings of a transcript: the defaults, and what it names.
pub(crate) fn settings(script: &Script) -> Settings {
    use switchboard::desk::settings::{DepartmentSettings, Guests, Routing};
    let mut settings = Settings { templates: script.templates.clone(), ..Settings::default() };
    if !script.departments.is_empty() {
        settings.departments.clear();
    }
    for (name, how) in &script.departments {
        let mut department = DepartmentSettings {
            name: Department::parse(name).expect("a department's name"),
            routing: Routing::Claim,
            agents: Vec::new(),
            first_responder: None,
        };
        for part in how.split(',').map(str::trim).filter(|p| !p.is_empty()) {
            let names = |text: &str| {
                let names = text.split_whitespace();
                names.map(|n| AccountName::parse(n).expect("an account's name")).collect::<Vec<_>>()
            };
            match part.split_once(' ').unwrap_or((part, "")) {
                ("push", _) => department.routing = Routing::Push,
                ("claim", _) => department.routing = Routing::Claim,
                ("agents", list) => department.agents = names(list),
                ("bot", bot) => department.first_responder = names(bot).pop(),
                other => panic!("a department has no {other:?}"),
            }
        }
        settings.departments.push(department);
    }
    for (name, value) in &script.settings {
        let seconds = || {
            let text = value.trim_end_matches('s');
            Duration::from_secs(text.parse().expect("seconds"))
        };
        match name.as_str() {
            "capacity" => settings.capacity = value.parse().expect("a number"),
            "offer" => settings.offer = seconds(),
            "offer_department" => settings.offer_department = seconds(),
            "owner_lost" => settings.owner_lost = seconds(),
            "seat" => settings.seat = seconds(),
            "resumable" => settings.resumable = seconds(),
            "reopen" => settings.reopen = seconds(),
            "silent_alarm" => settings.silent_alarm = seconds(),
            "silent_return" => settings.silent_return = seconds(),
            "wrapup" => settings.wrapup = seconds(),
            "bot_silent" => settings.bot_silent = seconds(),
            "missed_offers" => settings.missed_offers = value.parse().expect("a number"),
            "show_watchers" => settings.show_watchers = value == "yes",
            "guests" if value == "member" => settings.guests = Guests::Member,
            "guests" if value == "refuse" => settings.guests = Guests::Refuse,
            other => panic!("there is no setting {other}"),
        }
    }
    settings
}
