//! A driver of a whole server behind sockets: real listeners on port 0, the runner, the journal's
//! thread, everybody on IRC over TCP. Time cannot be turned here, and nobody looks into the desk.

use crate::driver::Driver;
use crate::faces::{IrcReader, info, irc_line};
use crate::heard::Heard;
use crate::names::Names;
use crate::script::{Act, Body, Script, Step};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use switchboard::base::text::AccountName;
use switchboard::base::time::Timestamp;
use switchboard::desk::language::archive::ArchiveQuery;
use switchboard::desk::language::fact::Event;
use switchboard::desk::language::people::{Department, Role};
use switchboard::desk::settings::Settings;
use switchboard::desk::{Desk, StaffAccount};
use switchboard::face::irc::IrcFace;
use switchboard::face::{Connection, Credentials, Face, Verdict};
use switchboard::net::{GateLimits, Hub, Kind, Listener, Web, bind, run_engine};
use switchboard::node::{Asker, Durability, JournalThread, Limits, Node, Outside, Pace, Ticket};
use switchboard::store::memory::Memory;
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local};

/// True for what can be played without turning the clock, the disk or the server off.
pub(crate) fn can_play(script: &Script) -> bool {
    let everybody = script.only.is_empty() || script.only.iter().any(|driver| driver == "irc");
    everybody
        && script.lines.iter().all(|(_, body)| match body {
            Body::Expect(_) => true,
            Body::Step(step) => !matches!(
                step,
                Step::Clock(_)
                    | Step::Storage(_)
                    | Step::Restart
                    | Step::AccountEnds(_)
                    | Step::CustomerArrives(_, Some(_), _)
            ),
        })
}

type Accounts = Arc<Mutex<BTreeMap<String, StaffAccount>>>;

/// What the test asks of the server's thread.
enum Order {
    /// The accounts changed.
    Accounts(Vec<StaffAccount>),
    /// How many people are there?
    People(SyncSender<usize>),
}

/// Takes every password of an account that exists.
struct Trusting(Accounts);

impl Outside for Trusting {
    fn verify(&mut self, _: Ticket, _: &Arc<str>, shown: Credentials) -> Result<(), Verdict> {
        let accounts = self.0.lock().expect("nobody panicked");
        let account = match &shown {
            Credentials::Password { account, .. } => accounts.get(account),
            _ => None,
        };
        Err(account.map_or(Verdict::No, |a| Verdict::Yes(a.name.clone(), a.role)))
    }

    fn attempted(&mut self, _: &Arc<str>, _: &str, _: bool) {}

    fn consult(&mut self, _: Timestamp, _: Asker, _: ArchiveQuery) -> bool {
        false
    }

    fn rehash(&mut self, _: Ticket) {}
}

struct Client {
    stream: BufReader<TcpStream>,
    reader: IrcReader,
    alive: bool,
}

/// The server and everybody's connection.
pub(crate) struct Sockets {
    addresses: BTreeMap<Option<String>, SocketAddr>,
    orders: Option<mpsc::Sender<Order>>,
    server: Option<JoinHandle<()>>,
    accounts: Accounts,
    clients: BTreeMap<String, Client>,
    tokens: BTreeMap<String, String>,
    names: Names,
    heard: Vec<(String, Heard)>,
    asked: u64,
}

impl Sockets {
    pub(crate) fn new(settings: Settings) -> Self {
        let (orders, inbox) = mpsc::channel(16);
        let (tell, told) = sync_channel(1);
        let accounts = Accounts::default();
        let outside = Trusting(accounts.clone());
        let server = std::thread::spawn(move || serve(settings, outside, inbox, &tell));
        let addresses = told.recv().expect("the server has started");
        Self {
            addresses,
            orders: Some(orders),
            server: Some(server),
            accounts,
            clients: BTreeMap::new(),
            tokens: BTreeMap::new(),
            names: Names::default(),
            heard: Vec::new(),
            asked: 0,
        }
    }

    fn order(&self, order: Order) {
        let sent = self.orders.as_ref().map(|orders| orders.blocking_send(order));
        assert!(matches!(sent, Some(Ok(()))), "the server has ended");
    }

    fn people(&self) -> usize {
        let (answer, asked) = sync_channel(1);
        self.order(Order::People(answer));
        asked.recv().expect("an answer")
    }

    fn connect(&mut self, who: &str, department: Option<&str>, pass: Option<&str>) {
        let address = self.addresses[&department.map(str::to_owned)];
        let stream = TcpStream::connect(address).expect("a connection");
        let hang = Some(Duration::from_secs(10));
        stream.set_read_timeout(hang).expect("a time-out");
        stream.set_nodelay(true).expect("no delay");
        let client =
            Client { stream: BufReader::new(stream), reader: IrcReader::default(), alive: true };
        self.clients.insert(who.to_owned(), client);
        let mut lines = vec!["CAP REQ :standard-replies".to_owned()];
        lines.extend(pass.map(|pass| format!("PASS {pass}")));
        lines.push(format!("NICK {who}\r\nUSER {who} 0 * :{who}\r\nCAP END"));
        self.send(who, &lines.join("\r\n"));
        self.read_all(who);
    }

    fn send(&mut self, who: &str, line: &str) {
        let client = self.clients.get_mut(who).filter(|c| c.alive).expect("somebody who is here");
        // A connection that the server has just ended is found out by reading.
        let _ = client.stream.get_mut().write_all(format!("{line}\r\n").as_bytes());
    }

    /// Everything up to the answer of a PING: the server has then done what was asked before.
    fn read_all(&mut self, who: &str) {
        self.asked += 1;
        let mark = format!("mark{}", self.asked);
        self.send(who, &format!("PING {mark}"));
        let Some(client) = self.clients.get_mut(who) else { return };
        let mut items = Vec::new();
        loop {
            let mut line = String::new();
            let count = client.stream.read_line(&mut line).unwrap_or(0);
            if count == 0 {
                client.alive = false;
                break;
            }
            if line.contains(" PONG ") && line.contains(&mark) {
                break;
            }
            let own = format!(":{}!", client.reader.nick);
            let customers = line.starts_with(&own) && line.contains(" JOIN #c-");
            if customers && !self.names.called(who).contains('<') {
                let channel = line.rsplit([' ', ':']).next().unwrap_or_default().trim();
                if channel.ends_with(&format!("-{}", client.reader.nick)) {
                    client.reader.own = channel.to_owned();
                    self.names.learn(who, channel);
                }
            }
            if let Some((_, token)) = line.split_once("(PASS resume:") {
                let token = token.split(')').next().unwrap_or_default();
                self.tokens.insert(who.to_owned(), token.to_owned());
            }
            client.reader.read(line.as_bytes(), &mut items);
        }
        for item in items {
            let text = self.names.called(&item.text);
            self.heard.push((who.to_owned(), Heard { text, ..item }));
        }
    }
}

impl Driver for Sockets {
    fn name(&self) -> &'static str {
        "sockets"
    }

    fn account(&mut self, name: &str, role: &str) {
        let account = StaffAccount {
            name: AccountName::parse(name).expect("an account's name"),
            role: Role::parse(role).expect("a role"),
        };
        let mut accounts = self.accounts.lock().expect("nobody panicked");
        accounts.insert(name.to_owned(), account);
        let all = accounts.values().cloned().collect();
        drop(accounts);
        self.order(Order::Accounts(all));
    }

    fn account_ends(&mut self, _: &str) {}

    fn staff(&mut self, who: &str, account: &str) {
        self.connect(who, None, Some(&format!("{account}:right")));
    }

    fn customer(&mut self, who: &str, _: Option<&str>, department: Option<&str>) {
        self.connect(who, department, None);
    }

    fn returns(&mut self, who: &str, right: bool) {
        let token = match right {
            true => self.tokens.get(who).expect("a customer who was here").clone(),
            false => "7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u4".to_owned(),
        };
        self.connect(who, None, Some(&format!("resume:{token}")));
    }

    fn act(&mut self, who: &str, act: &Act) {
        let line = irc_line(&self.names.really(act, who));
        self.send(who, &line);
        self.read_all(who);
    }

    fn lose(&mut self, who: &str) {
        let before = self.people();
        if let Some(client) = self.clients.get_mut(who) {
            client.alive = false;
            client.stream.get_ref().shutdown(Shutdown::Both).expect("an open connection");
        }
        while self.people() == before {
            std::thread::yield_now();
        }
    }

    fn pass(&mut self, _: Duration) {}

    fn storage(&mut self, _: bool) {}

    fn restart(&mut self) {}

    fn heard(&mut self) -> (Vec<(String, Heard)>, Vec<String>) {
        let here = self.clients.iter().filter(|(_, client)| client.alive);
        let here: Vec<String> = here.map(|(who, _)| who.clone()).collect();
        for who in here {
            self.read_all(&who);
        }
        (std::mem::take(&mut self.heard), Vec::new())
    }

    fn events(&mut self) -> Option<Vec<Event>> {
        None
    }

    fn desk(&self) -> Option<&Desk> {
        None
    }

    fn real(&self, text: &str) -> String {
        self.names.real(text)
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        self.orders = None;
        let ended = self.server.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || matches!(ended, Some(Ok(()))), "the server panicked");
    }
}

/// The server's thread: one listener without a department, and one for each.
fn serve(
    settings: Settings,
    outside: Trusting,
    mut orders: mpsc::Receiver<Order>,
    started: &SyncSender<BTreeMap<Option<String>, SocketAddr>>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    LocalSet::new().block_on(&runtime, async {
        let (results, stored) = mpsc::channel(16);
        let (_errands, inbox) = mpsc::channel(16);
        let journal = Box::new(Memory::new().journal());
        let journal = JournalThread::start(journal, Pace::For(Duration::ZERO), results);
        let (journal, _) = journal.expect("a journal");
        let departments: Vec<Department> =
            settings.departments.iter().map(|d| d.name.clone()).collect();
        let limits = Limits { lines_per_second: 100_000, burst: 100_000, ..Limits::default() };
        let desk = Desk::new(settings, 1);
        let node =
            Node::new(desk, Box::new(journal), Box::new(outside), Durability::Strict, limits);
        let faces = |_: Kind, connection: Connection| -> Box<dyn Face> {
            Box::new(IrcFace::new(info(), connection))
        };
        let loopback = "127.0.0.0/8".parse().expect("a network");
        let gate = GateLimits { exempt: vec![loopback], ..GateLimits::default() };
        let hub = Hub::new(node, Box::new(faces), gate);
        hub.with(|node, now| node.recover(now));
        spawn_local(run_engine(hub.clone(), stored, inbox));
        let mut addresses = BTreeMap::new();
        for department in std::iter::once(None).chain(departments.into_iter().map(Some)) {
            let socket = bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
            let address = socket.local_addr().expect("its address");
            addresses.insert(department.as_ref().map(ToString::to_string), address);
            let (kind, tls, proxies) = (Kind::Irc, None, Vec::new());
            let web = Web::default();
            spawn_local(hub.clone().listen(Listener {
                socket,
                kind,
                tls,
                proxies,
                department,
                web,
            }));
        }
        started.send(addresses).expect("somebody who waits");
        while let Some(order) = orders.recv().await {
            match order {
                Order::Accounts(list) => hub.with(|node, now| node.set_accounts(now, list)),
                Order::People(answer) => {
                    let count = hub.with(|node, _| node.desk().state().persons().count());
                    let _ = answer.send(count);
                }
            }
        }
    });
}
