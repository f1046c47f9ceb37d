//! A server in memory, without sockets: faces, runner, desk, accounts and journal, and the test's own
//! clock. What is decided is stored at once; answers to checks wait until the test lets them go.

pub(crate) mod cited;

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use switchboard::accounts::checker::Checker;
use switchboard::accounts::hash::{Cost, Hasher};
use switchboard::accounts::operators::{OperatorPassword, Operators};
use switchboard::accounts::store::{AccountStore, FILE_NAME};
use switchboard::base::ids::SessionId;
use switchboard::base::limits::{INPUT_LINE_BYTES, PLAIN_LINE_BYTES};
use switchboard::base::text::Line;
use switchboard::base::time::Timestamp;
use switchboard::base::veil::Veil;
use switchboard::desk::Desk;
use switchboard::desk::language::archive::ArchiveQuery;
use switchboard::desk::language::command::Token;
use switchboard::desk::language::people::Role;
use switchboard::desk::settings::{Guests, OperatorSettings, Settings};
use switchboard::face::irc::IrcFace;
use switchboard::face::plain::PlainFace;
use switchboard::face::{Connection, Credentials, Face, ServerInfo, Verdict};
use switchboard::node::{
    Asker, Durability, Job, Journaling, Limits, Node, Outside, Settled, Sink, Ticket, answer,
};
use switchboard::store::memory::Memory;
use switchboard::store::{Expired, Journal};
use switchboard::wire::framing::Framer;
use switchboard::wire::message::Message;

/// The password of every account.
pub(crate) const PASSWORD: &str = "open-sesame";
/// The fingerprint of bob's certificate.
pub(crate) const PRINT: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const NOW: Timestamp = Timestamp(1_795_305_600_000);
const TINY: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

type Shared<T> = Rc<RefCell<T>>;

/// The far end of a connection.
#[derive(Default)]
struct Wire {
    heard: Vec<u8>,
    closed: bool,
}

struct WireSink(Shared<Wire>);

impl Sink for WireSink {
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().heard.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn resume(&mut self) {}

    fn close(&mut self) {
        self.0.borrow_mut().closed = true;
    }
}

struct Jobs(Shared<Vec<Job>>, Memory);

impl Journaling for Jobs {
    fn submit(&mut self, job: Job) -> Result<(), Job> {
        self.0.borrow_mut().push(job);
        Ok(())
    }

    fn probe(&mut self) -> bool {
        true
    }

    fn prune(&mut self, expired: Expired) -> bool {
        !self.1.journal().prune(&expired, 1000).unwrap()
    }
}

struct Checks {
    rehashed: Shared<Result<Line, Line>>,
    checker: Checker,
    asked: Shared<Vec<(Ticket, Credentials, Verdict)>>,
    questions: Shared<Vec<(Asker, ArchiveQuery)>>,
}

impl Outside for Checks {
    fn verify(&mut self, ticket: Ticket, _: &Arc<str>, asked: Credentials) -> Result<(), Verdict> {
        let verdict = self.checker.judge(NOW, &asked).unwrap();
        self.asked.borrow_mut().push((ticket, asked, verdict));
        Ok(())
    }

    fn attempted(&mut self, _: &Arc<str>, _: &str, _: bool) {}

    fn consult(&mut self, _: Timestamp, asker: Asker, query: ArchiveQuery) -> bool {
        self.questions.borrow_mut().push((asker, query));
        true
    }

    fn rehash(&mut self, ticket: Ticket) {
        let nobody = Credentials::ScramKeys { account: String::new() };
        let verdict = Verdict::Rehashed(self.rehashed.borrow().clone());
        self.asked.borrow_mut().push((ticket, nobody, verdict));
    }
}

/// The file of the accounts that every stage begins with; made once, because SCRAM keys are slow.
fn some_accounts() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE_NAME);
        let mut accounts = AccountStore::open(&file).unwrap();
        for (name, role) in [
            ("mia", Role::Member),
            ("robo", Role::Bot),
            ("bob", Role::Agent),
            ("carol", Role::Agent),
            ("sue", Role::Supervisor),
            ("root", Role::Admin),
        ] {
            accounts.add(Timestamp(0), name, role, PASSWORD, TINY).unwrap();
        }
        accounts.add_certificate("bob", PRINT).unwrap();
        // Closing it writes everything into the one file.
        drop(accounts);
        std::fs::read(file).unwrap()
    })
}

/// The server.
pub(crate) struct Stage {
    pub(crate) node: Node,
    pub(crate) now: Timestamp,
    pub(crate) accounts: AccountStore,
    /// Everything stored, and the archive's view of it.
    pub(crate) disk: Memory,
    /// Checks under way, with what their answer will be.
    pub(crate) asked: Shared<Vec<(Ticket, Credentials, Verdict)>>,
    /// What comes of reading the config again.
    pub(crate) rehashed: Shared<Result<Line, Line>>,
    /// While true, checks are answered only by `answer`, and questions to the archive not at all.
    pub(crate) held: bool,
    info: ServerInfo,
    jobs: Shared<Vec<Job>>,
    questions: Shared<Vec<(Asker, ArchiveQuery)>>,
    made: u64,
    _directory: tempfile::TempDir,
}

/// One connection.
#[derive(Clone)]
pub(crate) struct Peer {
    pub(crate) id: SessionId,
    address: Arc<str>,
    wire: Shared<Wire>,
}

impl Peer {
    /// Its host as others see it while it has no account.
    pub(crate) fn host(&self) -> String {
        format!("{}.guest.switchboard.localhost", Veil::default().name(&self.address))
    }

    /// Every line heard since the last time. Each must be a message of a legal length.
    pub(crate) fn heard(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut self.wire.borrow_mut().heard);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.is_empty() || text.ends_with("\r\n"), "{text:?}");
        let lines: Vec<String> = text.split_terminator("\r\n").map(str::to_owned).collect();
        for line in &lines {
            assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
        }
        lines
    }

    pub(crate) fn closed(&self) -> bool {
        self.wire.borrow().closed
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::of(Settings::default())
    }

    pub(crate) fn of(settings: Settings) -> Self {
        let desk = settings.guests == Guests::Customer;
        let prefixes = settings.prefixes;
        Self::with(settings, ServerInfo { desk, prefixes, ..ServerInfo::default() })
    }

    /// A plain, modern IRC server: guests are members, and OPER op makes an operator.
    pub(crate) fn members() -> Self {
        let operators = vec![OperatorSettings { name: "op".into(), ..OperatorSettings::default() }];
        Self::of(Settings { guests: Guests::Member, operators, ..Settings::default() })
    }

    /// The same with everything named.
    pub(crate) fn with(settings: Settings, info: ServerInfo) -> Self {
        Self::begin(settings, info, Memory::new())
    }

    /// The server ends, and begins again with what was stored; nobody is connected.
    pub(crate) fn restarted(self, settings: Settings) -> Self {
        let now = self.now + Duration::from_secs(1);
        let mut stage = Self::begin(settings, self.info, self.disk);
        stage.now = now;
        stage
    }

    fn begin(settings: Settings, info: ServerInfo, disk: Memory) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE_NAME);
        std::fs::write(&file, some_accounts()).unwrap();
        let accounts = AccountStore::open(&file).unwrap();
        let asked: Shared<Vec<_>> = Rc::default();
        let nothing = Ok(Line::scrubbed("nothing has changed"));
        let rehashed: Shared<_> = Rc::new(RefCell::new(nothing));
        let operators = Operators::default();
        let password = |block: &OperatorSettings| OperatorPassword {
            name: block.name.clone(),
            password: PASSWORD.into(),
        };
        operators.set(settings.operators.iter().map(password).collect());
        let checker = Checker::open(&file, Arc::new(Hasher::new(TINY).unwrap())).unwrap();
        let checker = checker.with_operators(operators);
        let questions: Shared<Vec<_>> = Rc::default();
        let checks = Box::new(Checks {
            rehashed: rehashed.clone(),
            checker,
            asked: asked.clone(),
            questions: questions.clone(),
        });
        let jobs: Shared<Vec<Job>> = Rc::default();
        let limits = Limits { lines_per_second: 0, ..Limits::default() };
        let journal = Box::new(Jobs(jobs.clone(), disk.clone()));
        let mut desk = Desk::new(settings, 1 + disk.events().len() as u64);
        disk.journal().replay(&mut |event| desk.replay(&event)).unwrap();
        let mut stage = Self {
            node: Node::new(desk, journal, checks, Durability::Strict, limits),
            now: NOW,
            accounts,
            disk,
            rehashed,
            asked,
            held: false,
            info,
            jobs,
            questions,
            made: 0,
            _directory: directory,
        };
        stage.tell_accounts();
        stage
    }

    /// Tells the desk of the accounts as they are, as the server does when they change.
    pub(crate) fn tell_accounts(&mut self) {
        self.node.set_accounts(self.now, self.accounts.staff().unwrap());
        self.settle();
    }

    /// Somebody connects to an IRC listener.
    pub(crate) fn connect(&mut self) -> Peer {
        self.connect_with(None)
    }

    /// The same with a client certificate.
    pub(crate) fn connect_with(&mut self, certificate: Option<&str>) -> Peer {
        let certificate = certificate.map(Arc::from);
        self.connect_as(move |connection| Connection { certificate, ..connection })
    }

    /// The same without TLS.
    pub(crate) fn connect_plaintext(&mut self) -> Peer {
        self.connect_as(|connection| Connection { tls: false, ..connection })
    }

    /// The same with whatever else is known of the connection.
    pub(crate) fn connect_as(&mut self, known: impl FnOnce(Connection) -> Connection) -> Peer {
        let info = Arc::new(self.info.clone());
        self.open(Framer::new(INPUT_LINE_BYTES), move |connection| {
            Box::new(IrcFace::new(info, known(connection)))
        })
    }

    /// Somebody connects to a plain listener.
    pub(crate) fn connect_plain(&mut self) -> Peer {
        let info = Arc::new(self.info.clone());
        self.open(Framer::telnet(PLAIN_LINE_BYTES), move |connection| {
            Box::new(PlainFace::new(info, connection))
        })
    }

    /// What faces know of the server, for those who connect from now on.
    pub(crate) fn info_mut(&mut self) -> &mut ServerInfo {
        &mut self.info
    }

    fn open(&mut self, framer: Framer, face: impl FnOnce(Connection) -> Box<dyn Face>) -> Peer {
        self.made += 1;
        let wire: Shared<Wire> = Rc::default();
        let address: Arc<str> = format!("192.0.2.{}", self.made % 250 + 1).into();
        let mut secret = [7; 32];
        secret[..8].copy_from_slice(&self.made.to_le_bytes());
        let connection = |session| Connection {
            session,
            address: address.clone(),
            tls: true,
            trusted: false,
            certificate: None,
            token: Token { secret, digest: secret },
            code_seed: self.made.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            department: None,
        };
        let sink = Box::new(WireSink(wire.clone()));
        let made = |session| face(connection(session));
        let id = self.node.open(self.now, address.clone(), framer, sink, made).unwrap();
        self.settle();
        Peer { id, address, wire }
    }

    /// Bytes of a peer, as they come.
    pub(crate) fn bytes(&mut self, peer: &Peer, bytes: &[u8]) {
        self.node.receive(self.now, peer.id, bytes);
        self.settle();
    }

    /// The connection of a peer is lost.
    pub(crate) fn lose(&mut self, peer: &Peer) {
        self.node.closed(self.now, peer.id, "connection lost");
        self.settle();
    }

    /// Lines of a peer; what it heard of them.
    pub(crate) fn says(&mut self, peer: &Peer, lines: &str) -> Vec<String> {
        self.bytes(peer, format!("{lines}\r\n").as_bytes());
        let heard = peer.heard();
        for line in &heard {
            Message::parse(line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        }
        heard
    }

    /// Lines of a peer that may speak another protocol; what it heard of them.
    pub(crate) fn says_any(&mut self, peer: &Peer, lines: &str) -> Vec<String> {
        self.bytes(peer, format!("{lines}\r\n").as_bytes());
        peer.heard()
    }

    /// Everything under way comes to its end.
    pub(crate) fn settle(&mut self) {
        loop {
            self.node.tick(self.now);
            self.node.flush(self.now);
            let jobs: Vec<Job> = self.jobs.borrow_mut().drain(..).collect();
            let checks = !self.held && !self.asked.borrow().is_empty();
            let mut questions = Vec::new();
            if !self.held {
                questions.append(&mut self.questions.borrow_mut());
            }
            if jobs.is_empty() && !checks && questions.is_empty() {
                return;
            }
            for Job { batch, generation, events } in jobs {
                let settled = Settled::Stored { batch, generation, events: events.len() };
                self.disk.journal().append(&events).unwrap();
                self.node.settled(self.now, settled);
            }
            for (asker, query) in questions {
                let reply = answer(&mut self.disk.archive(), self.now, &query).unwrap();
                self.node.answered(self.now, &asker, &reply);
            }
            if checks {
                self.answer_all();
            }
        }
    }

    /// Lets the checks that were held come to their end.
    pub(crate) fn answer(&mut self) {
        self.answer_all();
        self.settle();
    }

    fn answer_all(&mut self) {
        let asked: Vec<_> = self.asked.borrow_mut().drain(..).collect();
        for (ticket, _, verdict) in asked {
            self.node.verdict(self.now, ticket, verdict);
        }
    }

    pub(crate) fn passes(&mut self, span: Duration) {
        self.now = self.now + span;
        self.settle();
    }

    /// A customer with these capabilities, registered: the peer, their nick and channel.
    pub(crate) fn customer(&mut self, nick: &str, caps: &str) -> (Peer, String, String) {
        let peer = self.connect();
        let register = format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nCAP END");
        let heard = self.says(&peer, &format!("CAP REQ :{caps}\r\n{register}"));
        let welcome = heard.iter().find(|l| l.contains(" 001 ")).unwrap();
        let nick = welcome.split(' ').nth(2).unwrap().to_owned();
        let channel = format!("#c-{nick}");
        (peer, nick, channel)
    }

    /// A member of staff, signed in by PASS.
    pub(crate) fn staff(&mut self, name: &str, caps: &str) -> Peer {
        let peer = self.connect();
        let register = format!("NICK {name}\r\nUSER {name} 0 * :{name}\r\nCAP END");
        let pass = format!("PASS {name}:{PASSWORD}");
        let heard = self.says(&peer, &format!("CAP REQ :{caps}\r\n{pass}\r\n{register}"));
        assert!(
            heard.iter().any(|line| line.contains(" 422 ") || line.contains(" 376 ")),
            "{heard:#?}"
        );
        peer
    }

    /// The roles of the staff that is signed in, by nick.
    pub(crate) fn signed_in(&self) -> Vec<String> {
        let staff = self.node.desk().state().persons().filter(|(_, p)| p.is_staff());
        staff.map(|(_, p)| p.nick().to_string()).collect()
    }
}
