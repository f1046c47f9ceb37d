//! A whole server on sockets of loopback, in one thread of the test: listeners, desk, accounts, a
//! journal in memory. It knows no peer's intent; those are the tests'.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;
use switchboard::accounts::checker::Checker;
use switchboard::accounts::hash::{Cost, Hasher};
use switchboard::accounts::store::{AccountStore, FILE_NAME};
use switchboard::base::text::Line;
use switchboard::base::time::Timestamp;
use switchboard::desk::Desk;
use switchboard::desk::language::archive::ArchiveQuery;
use switchboard::desk::language::people::Role;
use switchboard::desk::settings::Settings;
use switchboard::face::irc::IrcFace;
use switchboard::face::plain::PlainFace;
use switchboard::face::{Connection, Credentials, Face, ServerInfo, Verdict};
use switchboard::net::{
    Errand, GateLimits, Handshaker, Hub, Kind, Listener, TlsSettings, Web, bind, load_or_make,
    run_engine, server_config,
};
use switchboard::node::{
    ArchiveThread, Asker, Counters, Durability, JournalThread, Limits, Node, Outside, Pace, Ticket,
};
use switchboard::store::memory::Memory;
use switchboard::wire::message::Message;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local, yield_now};

/// How long a test may take before it fails. It measures nothing.
const PATIENCE: Duration = Duration::from_secs(60);
/// The password of every account.
pub(crate) const PASSWORD: &str = "open-sesame";
const TINY: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

/// Panics on threads that are the server's own, and on those of tests, by the thread's name.
static PANICS: AtomicUsize = AtomicUsize::new(0);
static HOOK: Once = Once::new();

thread_local! {
    static HERE: Cell<usize> = const { Cell::new(0) };
}

/// Counts every panic: those of this thread, and those of the server's helper threads. A task that
/// panics is caught by the runtime, so nothing else would tell.
fn count_panics() {
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            HERE.set(HERE.get() + 1);
            let helpers = ["journal", "archive", "handshake", "accounts"];
            if std::thread::current().name().is_some_and(|name| helpers.contains(&name)) {
                PANICS.fetch_add(1, Ordering::Relaxed);
            }
            usual(info);
        }));
    });
}

/// Checks credentials against a real accounts file; the answer comes as an errand, as it would from
/// another thread, or waits until the test lets it go.
struct Doorman {
    checker: Checker,
    archive: ArchiveThread,
    errands: mpsc::Sender<Errand>,
    held: Rc<Cell<bool>>,
    waiting: Rc<RefCell<Vec<(Ticket, Verdict)>>>,
}

impl Outside for Doorman {
    fn verify(
        &mut self,
        ticket: Ticket,
        _: &Arc<str>,
        credentials: Credentials,
    ) -> Result<(), Verdict> {
        let verdict =
            self.checker.judge(Timestamp(0), &credentials).map_err(|_| Verdict::Unavailable)?;
        if self.held.get() {
            self.waiting.borrow_mut().push((ticket, verdict));
        } else {
            let answer: Errand = Box::new(move |node, now| node.verdict(now, ticket, verdict));
            self.errands.try_send(answer).map_err(|_| Verdict::Unavailable)?;
        }
        Ok(())
    }

    fn attempted(&mut self, _: &Arc<str>, _: &str, _: bool) {}

    fn consult(&mut self, now: Timestamp, asker: Asker, query: ArchiveQuery) -> bool {
        self.archive.ask(now, asker, query)
    }

    fn rehash(&mut self, _: Ticket) {}
}

/// What a test chooses.
#[derive(Default)]
pub(crate) struct Setup {
    pub(crate) limits: Limits,
    pub(crate) gate: GateLimits,
}

/// The server and where it listens.
pub(crate) struct World {
    pub(crate) hub: Rc<Hub>,
    pub(crate) irc: SocketAddr,
    pub(crate) plain: SocketAddr,
    pub(crate) tls: SocketAddr,
    pub(crate) web: SocketAddr,
    /// Answers to checks are kept back while this is true.
    pub(crate) held: Rc<Cell<bool>>,
    pub(crate) waiting: Rc<RefCell<Vec<(Ticket, Verdict)>>>,
    directory: tempfile::TempDir,
}

impl World {
    fn new(setup: Setup) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let accounts = directory.path().join(FILE_NAME);
        let mut store = AccountStore::open(&accounts).unwrap();
        for (name, role) in
            [("bob", Role::Agent), ("carol", Role::Agent), ("sue", Role::Supervisor)]
        {
            store.add(Timestamp(0), name, role, PASSWORD, TINY).unwrap();
        }
        let (results, stored) = mpsc::channel(1024);
        let (errands, inbox) = mpsc::channel(1024);
        let memory = Memory::new();
        let journal = Box::new(memory.journal());
        let (journal, _) =
            JournalThread::start(journal, Pace::For(Duration::ZERO), results).unwrap();
        let answers = errands.clone();
        let archive = ArchiveThread::start(Box::new(memory.archive()), move |answer| {
            let errand: Errand =
                Box::new(move |node, now| node.answered(now, &answer.asker, &answer.reply));
            answers.blocking_send(errand).is_ok()
        });
        let hasher = Arc::new(Hasher::new(TINY).unwrap());
        let (held, waiting) = (Rc::new(Cell::new(false)), Rc::default());
        let doorman = Doorman {
            checker: Checker::open(&accounts, hasher).unwrap(),
            archive: archive.unwrap(),
            errands,
            held: held.clone(),
            waiting: Rc::clone(&waiting),
        };
        let desk = Desk::new(Settings::default(), 1);
        let durability = Durability::Strict;
        let node = Node::new(desk, Box::new(journal), Box::new(doorman), durability, setup.limits);
        let hub = Hub::new(node, faces(), setup.gate);
        hub.with(|node, now| {
            node.recover(now);
            node.set_accounts(now, store.staff().unwrap());
        });
        spawn_local(run_engine(hub.clone(), stored, inbox));
        let files = load_or_make(&directory.path().join("certs"), "hostile.test").unwrap();
        let settings = TlsSettings::new(server_config(&files).unwrap());
        let handshaker = Handshaker::start(settings).unwrap();
        let irc = listen(&hub, Kind::Irc, None);
        let plain = listen(&hub, Kind::Plain, None);
        let tls = listen(&hub, Kind::Irc, Some(handshaker));
        let web = listen(&hub, Kind::Web, None);
        Self { hub, irc, plain, tls, web, held, waiting, directory }
    }

    pub(crate) fn counters(&self) -> Counters {
        self.hub.with(|node, _| node.counters())
    }

    /// Sessions that the desk knows.
    pub(crate) fn people(&self) -> usize {
        self.hub.with(|node, _| node.desk().state().persons().count())
    }

    /// Lets everything else happen until this is true of the server.
    pub(crate) async fn until(&self, what: impl Fn(&Self) -> bool) {
        while !what(self) {
            yield_now().await;
        }
    }

    /// Lets a check that was kept back come to its end.
    pub(crate) fn answer(&self) {
        for (ticket, verdict) in self.waiting.borrow_mut().drain(..) {
            self.hub.with(|node, now| node.verdict(now, ticket, verdict));
        }
    }

    /// A fresh customer on IRC, registered: their client and channel.
    pub(crate) async fn customer(&self, nick: &str) -> (Client, String) {
        let mut client = Client::to(self.irc).await;
        client.says(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n")).await;
        let joined = client.hears(" JOIN ").await;
        let channel = joined.rsplit(' ').next().unwrap().trim_start_matches(':').to_owned();
        client.asks("PING settled").await;
        (client, channel)
    }

    /// A member of staff, signed in.
    pub(crate) async fn staff(&self, name: &str) -> Client {
        let mut client = Client::to(self.irc).await;
        client.signs_in(name).await;
        client
    }

    /// The server serves whoever comes: a customer says a line and has it answered, on each port.
    pub(crate) async fn serves(&self) {
        let (mut anna, channel) = self.customer("fresh").await;
        anna.says(&format!("PRIVMSG {channel} :is somebody there?\r\n")).await;
        anna.hears("has your message").await;
        anna.says("QUIT\r\n").await;
        anna.rest().await;
        let mut carl = Client::to(self.plain).await;
        carl.hears("Welcome").await;
        carl.says("hello\r\n").await;
        carl.hears("has your message").await;
        carl.says("/quit\r\n").await;
        carl.rest().await;
    }
}

fn faces() -> switchboard::net::FaceMaker {
    let info = Arc::new(ServerInfo {
        server: "hostile.test".into(),
        network: "Test".into(),
        created: Timestamp(0),
        motd: vec![Line::scrubbed("Be kind.")],
        plaintext_passwords: true,
        ..ServerInfo::default()
    });
    Box::new(move |kind, connection: Connection| -> Box<dyn Face> {
        match kind {
            Kind::Irc | Kind::Web => Box::new(IrcFace::new(info.clone(), connection)),
            Kind::Plain => Box::new(PlainFace::new(info.clone(), connection)),
        }
    })
}

fn listen(hub: &Rc<Hub>, kind: Kind, tls: Option<Handshaker>) -> SocketAddr {
    let socket = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    spawn_local(hub.clone().listen(Listener {
        socket,
        kind,
        tls,
        proxies: Vec::new(),
        department: None,
        web: Web::default(),
    }));
    address
}

/// Plays a test on one thread, as the server runs. Afterwards the server must still serve, nobody
/// may be left of those who went, and nothing may have panicked.
pub(crate) fn play(setup: Setup, test: impl AsyncFnOnce(&World)) {
    count_panics();
    let (here, helpers) = (HERE.get(), PANICS.load(Ordering::Relaxed));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let all = async {
            let world = World::new(setup);
            test(&world).await;
            world.serves().await;
            world.until(|w| w.counters().connections_now == 0).await;
            assert!(world.directory.path().exists());
        };
        tokio::time::timeout(PATIENCE, all).await.expect("the test hangs");
    });
    assert_eq!(HERE.get(), here, "something panicked on the server's thread");
    assert_eq!(PANICS.load(Ordering::Relaxed), helpers, "a helper thread panicked");
}

/// The far end of a connection. Every line of an IRC server that passes here is checked: whole,
/// of a legal length, UTF-8, and a message.
pub(crate) struct Client {
    read: BufReader<OwnedReadHalf>,
    write: Option<OwnedWriteHalf>,
    marks: usize,
}

impl Client {
    pub(crate) async fn to(address: SocketAddr) -> Self {
        Self::of(TcpStream::connect(address).await.unwrap())
    }

    /// One whose side holds little, so that the server's end is soon full.
    pub(crate) async fn narrow(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        Self::of(socket.connect(address).await.unwrap())
    }

    fn of(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        let (read, write) = stream.into_split();
        Self { read: BufReader::new(read), write: Some(write), marks: 0 }
    }

    /// Sends; a server that has hung up does not matter here.
    pub(crate) async fn says(&mut self, text: &str) {
        self.sends(text.as_bytes()).await;
    }

    pub(crate) async fn sends(&mut self, bytes: &[u8]) {
        if let Some(write) = &mut self.write {
            let _ = write.write_all(bytes).await;
        }
    }

    /// The next line; none at the end.
    pub(crate) async fn line(&mut self) -> Option<String> {
        let mut bytes = Vec::new();
        let count = self.read.read_until(b'\n', &mut bytes).await.unwrap_or(0);
        if count == 0 || !bytes.ends_with(b"\n") {
            return None;
        }
        assert!(bytes.ends_with(b"\r\n"), "{:?}", String::from_utf8_lossy(&bytes));
        let line = &bytes[..bytes.len() - 2];
        assert!(line.len() <= 8191 + 510, "{} bytes in one line", line.len());
        Some(String::from_utf8(line.to_vec()).expect("a server speaks UTF-8"))
    }

    /// The next line that holds `what`; the ones before it are dropped.
    pub(crate) async fn hears(&mut self, what: &str) -> String {
        let mut heard = Vec::new();
        while let Some(line) = self.line().await {
            if line.contains(what) {
                return line;
            }
            heard.push(line);
        }
        panic!("the connection ended before {what:?}: {heard:#?}");
    }

    /// Sends a line and gives all lines up to the PONG behind it; and whether it came, which it does
    /// not when the server ended the connection.
    pub(crate) async fn asks(&mut self, text: &str) -> (Vec<String>, bool) {
        self.marks += 1;
        let mark = format!("mark-{}", self.marks);
        self.says(&format!("{text}\r\nPING {mark}\r\n")).await;
        let mut heard = Vec::new();
        while let Some(line) = self.line().await {
            Message::parse(&line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
            if line.ends_with(&format!(" PONG hostile.test :{mark}")) {
                return (heard, true);
            }
            heard.push(line);
        }
        (heard, false)
    }

    /// All that comes until the end, however it ends.
    pub(crate) async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let _ = self.read.read_to_end(&mut bytes).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) async fn signs_in(&mut self, name: &str) {
        self.says(&format!("PASS {name}:{PASSWORD}\r\nNICK {name}\r\nUSER {name} 0 * :{name}\r\n"))
            .await;
        self.hears(" 376 ").await;
        self.asks("PING settled").await;
    }

    /// Says all this beside whatever else happens, as fast as the server takes it.
    pub(crate) fn keeps_saying(&mut self, text: String) {
        let Some(mut write) = self.write.take() else { return };
        spawn_local(async move {
            let _ = write.write_all(text.as_bytes()).await;
            // Both ways stay open until the peer ends it.
            write.forget();
        });
    }

    /// Goes without a word, as a process that is killed does: the peer gets a reset.
    pub(crate) fn vanishes(self) {
        let write = self.write.expect("nothing else is using it");
        let stream = self.read.into_inner().reunite(write).unwrap();
        stream.set_zero_linger().unwrap();
    }
}
