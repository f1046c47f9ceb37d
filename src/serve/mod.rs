//! The whole server put together: journal, desk, accounts, archive and sockets, until a signal ends it.
//!
//! Composition only: what each part does is its own business.

mod services;
mod settings;

use crate::accounts::operators::Operators;
use crate::accounts::pool::Pool;
use crate::accounts::store::AccountStore;
use crate::base::text::Line;
use crate::base::time::Timestamp;
use crate::base::veil::Veil;
use crate::config::{Config, Listen, ListenKind};
use crate::desk::Desk;
use crate::desk::language::fact::Deed;
use crate::face::irc::{IrcFace, Tally};
use crate::face::plain::PlainFace;
use crate::face::{Connection, Face, ServerInfo, Verdict};
use crate::net::{self, CertificateFiles, Handshaker, Hub, Kind, Listener};
use crate::node::{Clock, JournalThread, Node, Ticket};
use crate::store::audit::Act;
use crate::store::sqlite::SqliteJournal;
use crate::store::{Fault, Journal};
use services::{Services, watch_accounts};
use settings::{
    durability, gate_limits, limits, operator_passwords, pace, pool_settings, server_info, web,
};
use std::cell::RefCell;
use std::fmt;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, mpsc};
use tokio::task::{LocalSet, spawn_local};

/// Errands and results that may wait for the engine; far more than there are threads to send them.
const WAITING: usize = 1024;

/// SIGXFSZ on the systems this runs on: a write beyond the limit of a file's size. By default it ends
/// the process; handled, the write fails like any other on a full disk, and the server goes on.
const FILE_TOO_LARGE: SignalKind = SignalKind::from_raw(25);

/// Why the server could not start or go on: what happened, and what to do about it.
#[derive(Debug)]
pub struct Error {
    /// What happened.
    pub what: String,
    /// What to do next.
    pub next: &'static str,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.next)
    }
}

impl std::error::Error for Error {}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let next = "see to the data directory: its place, its owner, and the room on the disk";
        Self { what: fault.to_string(), next }
    }
}

fn failed(what: &str, error: &dyn fmt::Display, next: &'static str) -> Error {
    Error { what: format!("{what}: {error}"), next }
}

/// Runs the server until SIGTERM or Ctrl-C. `started` is told where it really listens, once it does.
///
/// # Errors
/// When something it needs is not there: the data directory, an address, a certificate.
pub fn run(config: Config, started: impl FnOnce(&[Listen])) -> Result<(), Error> {
    // Each connection is one open file; a refusal leaves the limit as it was.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| failed("no runtime", &e, "see what the system lacks"))?;
    let local = LocalSet::new();
    let served = local.block_on(&runtime, serve(config, started));
    // Ends every task, with it the runner, and with it the journal's inbox: then it is all stored.
    drop(local);
    let journal = served?;
    journal.join().map_err(|_| Error {
        what: "the journal's thread ended badly".into(),
        next: "run `switchboard verify`, and report this: it is a mistake of ours",
    })
}

/// What the system may tell this process. Listened for before anything else is done: whoever can connect
/// can also stop the server in good order.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    _full: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Error> {
        let listen =
            |kind| signal(kind).map_err(|e| failed("no signals", &e, "see what the system lacks"));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
            _full: listen(FILE_TOO_LARGE)?,
        })
    }
}

async fn serve(config: Config, started: impl FnOnce(&[Listen])) -> Result<JoinHandle<()>, Error> {
    let clock = Clock::default();
    let mut signals = Signals::listen()?;
    let mut journal = SqliteJournal::open(config.database())?;
    let desk = replayed(&config, clock.now(), &mut journal)?;
    let accounts = AccountStore::open(&config.accounts())?;
    let staff = accounts.staff()?;
    let veil = Veil::new(accounts.key("message ids")?);
    let tls = tls_settings(&config)?;
    let (listeners, listens) = bind(&config, tls.as_ref())?;

    let (results, stored) = mpsc::channel(WAITING);
    let (errands, inbox) = mpsc::channel(WAITING);
    let thread = |e: io::Error| failed("no thread", &e, "see what the system lacks");
    let pace = pace(&config);
    let (journal, journal_thread) =
        JournalThread::start(Box::new(journal), pace, results).map_err(thread)?;
    // A search reads everything there is; nobody's recent lines wait for it.
    let archive = services::archive(&config, &errands)?;
    let lines = services::archive(&config, &errands)?;

    let config = Rc::new(RefCell::new(config));
    let reload = Rc::new(Notify::new());
    let rehashes: Rc<RefCell<Vec<Ticket>>> = Rc::default();
    let verdicts = watch_accounts(accounts, staff.clone(), errands).map_err(thread)?;
    let operators = Operators::default();
    operators.set(operator_passwords(&config.borrow()));
    let pool_settings = pool_settings(&config.borrow(), operators.clone());
    let services = Services {
        pool: Pool::start(&config.borrow().accounts(), pool_settings)?,
        archive,
        lines,
        verdicts,
        config: config.clone(),
        reload: reload.clone(),
        rehashes: rehashes.clone(),
    };
    let (durability, limits) = (durability(&config.borrow()), limits(&config.borrow()));
    let node = Node::new(desk, Box::new(journal), Box::new(services), durability, limits);
    let info =
        Rc::new(RefCell::new(server_info(&config.borrow(), clock.now(), veil, Tally::default())));
    let hub = Hub::new(node, face_maker(info.clone()), gate_limits(&config.borrow()));
    hub.with(|node, now| {
        node.recover(now);
        node.set_accounts(now, staff);
    });
    spawn_local(net::run_engine(hub.clone(), stored, inbox));
    for listener in listeners {
        let hub = hub.clone();
        spawn_local(async move {
            if let Err(error) = hub.listen(listener).await {
                tracing::error!(%error, "a listener ended");
            }
        });
    }
    started(&listens);
    let running = Running { hub, config, info, tls, operators, rehashes };
    running.until_stopped(&mut signals, &reload).await;
    Ok(journal_thread)
}

/// What can be changed while it runs.
struct Running {
    hub: Rc<Hub>,
    config: Rc<RefCell<Config>>,
    info: Rc<RefCell<Arc<ServerInfo>>>,
    tls: Option<net::TlsSettings>,
    operators: Operators,
    rehashes: Rc<RefCell<Vec<Ticket>>>,
}

impl Running {
    async fn until_stopped(&self, signals: &mut Signals, reload: &Notify) {
        loop {
            tokio::select! {
                _ = signals.terminate.recv() => break,
                _ = signals.interrupt.recv() => break,
                _ = signals.hangup.recv() => self.rehash(),
                () = reload.notified() => self.rehash(),
            }
        }
        tracing::info!("stopping: everybody is told, and everything stored");
        let limit = self.config.borrow().limits.drain;
        let words = "The server is shutting down. Please connect again in a moment";
        if !net::drain(&self.hub, words, limit).await {
            let rest = self.hub.with(|node, _| node.counters());
            tracing::warn!(
                connections = rest.connections_now,
                unstored = rest.unstored,
                "stopped before everything had left"
            );
        }
    }

    /// SIGHUP and REHASH: whoever asked is told what changed, or where the mistake is.
    fn rehash(&self) {
        let outcome = self.reload();
        match &outcome {
            Ok(changed) => tracing::info!(%changed, "the config was read again"),
            Err(error) => {
                tracing::error!(%error, "the config was not reloaded; the old one stays in force");
            }
        }
        let tickets = self.rehashes.take();
        if tickets.is_empty() {
            self.note_reload(&outcome);
        }
        for ticket in tickets {
            let verdict = Verdict::Rehashed(outcome.clone());
            self.hub.with(|node, now| node.verdict(now, ticket, verdict));
        }
    }

    /// Nobody of the desk asked for it: the audit knows it from here.
    fn note_reload(&self, outcome: &Result<Line, Line>) {
        let (deed, words) = match outcome {
            Ok(changed) => (Deed::Rehashed, changed),
            Err(wrong) => (Deed::RehashFailed, wrong),
        };
        let act = Act {
            at: Clock::default().now(),
            who: "SIGHUP".into(),
            act: deed.name().into(),
            about: String::new(),
            words: words.to_string(),
        };
        let path = self.config.borrow().accounts();
        if let Err(fault) = AccountStore::open(&path).and_then(|accounts| accounts.note(&act)) {
            tracing::error!(%fault, "the audit misses that the config was read again");
        }
    }

    /// Reads the config again. What can change does, at once; a mistake changes nothing.
    fn reload(&self) -> Result<Line, Line> {
        let old = self.config.borrow().clone();
        let wrong = |error: &dyn fmt::Display| Line::scrubbed(&error.to_string());
        let mut new = old.reload().map_err(|error| wrong(&error))?;
        // Clients were told the ranks at their welcome, and channels have them.
        if new.desk.prefixes != old.desk.prefixes {
            tracing::warn!("[channels] prefixes changed; it takes effect at the next start");
            new.desk.prefixes = old.desk.prefixes;
        }
        let changed = old.changes(&new);
        // Those who are here came as what the old rule makes of them, and know the server by its name.
        new.desk.guests = old.desk.guests;
        new.desk.server = old.desk.server.clone();
        if let Some(tls) = &self.tls {
            let reloaded = certificate_files(&new)
                .and_then(|files| tls.reload(&files).map_err(certificate_fault));
            if let Err(error) = reloaded {
                tracing::error!(%error, "the old certificate stays in use");
            }
        }
        self.hub.set_gate_limits(gate_limits(&new));
        self.operators.set(operator_passwords(&new));
        self.hub.with(|node, now| {
            node.set_limits(limits(&new));
            node.set_settings(now, new.desk_settings());
        });
        let (created, veil) = (self.info.borrow().created, self.info.borrow().veil.clone());
        let used = self.info.borrow().used.clone();
        let info = server_info(&new, created, veil, used);
        self.hub.with(|node, now| node.set_info(now, &info));
        *self.info.borrow_mut() = info;
        *self.config.borrow_mut() = new;
        Ok(Line::scrubbed(&match changed.is_empty() {
            true => "nothing has changed".to_owned(),
            false => format!("changed: {}", changed.join(", ")),
        }))
    }
}

fn replayed(config: &Config, now: Timestamp, journal: &mut SqliteJournal) -> Result<Desk, Error> {
    let mut desk = Desk::new(config.desk_settings(), now.0);
    let mut count = 0_u64;
    journal.replay(&mut |event| {
        desk.replay(&event);
        count += 1;
    })?;
    tracing::info!(events = count, "the journal was read");
    Ok(desk)
}

fn certificate_files(config: &Config) -> Result<CertificateFiles, Error> {
    if let (Some(certificate), Some(key)) = (&config.tls.certificate, &config.tls.key) {
        return Ok(CertificateFiles { certificate: certificate.clone(), key: key.clone() });
    }
    net::load_or_make(&config.server.data_dir.join("certs"), &config.desk.server)
        .map_err(certificate_fault)
}

fn certificate_fault(error: io::Error) -> Error {
    failed("the certificate", &error, "see to [tls] in the config and the files it names")
}

fn tls_settings(config: &Config) -> Result<Option<net::TlsSettings>, Error> {
    if !config.listen.iter().any(|listen| listen.tls) {
        return Ok(None);
    }
    let made = net::server_config(&certificate_files(config)?).map_err(certificate_fault)?;
    Ok(Some(net::TlsSettings::new(made)))
}

/// Binds every listener, or none; and says where each really is.
fn bind(
    config: &Config,
    tls: Option<&net::TlsSettings>,
) -> Result<(Vec<Listener>, Vec<Listen>), Error> {
    let thread = |e: io::Error| failed("no thread", &e, "see what the system lacks");
    let handshaker = tls.cloned().map(Handshaker::start).transpose().map_err(thread)?;
    let mut listeners = Vec::new();
    let mut listens = Vec::new();
    for listen in &config.listen {
        let next = "stop what uses it, or choose another address in [[listen]]";
        let what = format!("cannot listen at {}", listen.address);
        let socket = net::bind(listen.address).map_err(|e| failed(&what, &e, next))?;
        let address = socket.local_addr().map_err(|e| failed(&what, &e, next))?;
        listens.push(Listen { address, ..listen.clone() });
        listeners.push(Listener {
            socket,
            kind: match listen.kind {
                ListenKind::Irc => Kind::Irc,
                ListenKind::Plain => Kind::Plain,
                ListenKind::Http => Kind::Web,
            },
            tls: handshaker.clone().filter(|_| listen.tls),
            proxies: listen.proxy_protocol_from.clone(),
            department: listen.department.clone(),
            web: web(config, listen),
        });
    }
    Ok((listeners, listens))
}

fn face_maker(info: Rc<RefCell<Arc<ServerInfo>>>) -> net::FaceMaker {
    Box::new(move |kind: Kind, connection: Connection| -> Box<dyn Face> {
        let info = info.borrow().clone();
        match kind {
            Kind::Irc | Kind::Web => Box::new(IrcFace::new(info, connection)),
            Kind::Plain => Box::new(PlainFace::new(info, connection)),
        }
    })
}
