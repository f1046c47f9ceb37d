//! Sockets: everything between the kernel and the runner, on one thread.
//!
//! One task per connection reads into a buffer that all share and hands the bytes to the runner;
//! one engine task, woken by the first input, runs behind all connections that are ready and
//! flushes once for all of them. It knows bytes and addresses, no command and no decision.

mod accept;
mod certs;
mod connection;
mod engine;
mod gate;
mod handshake;
mod proxy;
mod request;
mod upgrade;
mod websocket;

pub use accept::{Kind, Listener, bind};
pub use certs::{CertificateFiles, TlsSettings, load_or_make, server_config};
pub use engine::{Errand, drain, run_engine};
pub use gate::GateLimits;
pub use handshake::Handshaker;
pub use request::Web;

use crate::base::time::Timestamp;
use crate::desk::language::command::Token;
use crate::desk::language::people::Department;
use crate::face::{Connection, Face};
use crate::node::{Clock, Node};
use gate::Gate;
use sha2::{Digest, Sha256};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tokio::sync::Notify;

/// Bytes read at once; one buffer serves all connections.
const READ_BYTES: usize = 16 * 1024;

/// Makes the face of a new connection.
pub type FaceMaker = Box<dyn Fn(Kind, Connection) -> Box<dyn Face>>;

/// What all tasks of the network share. It stays on its thread.
pub struct Hub {
    node: RefCell<Node>,
    clock: Clock,
    faces: FaceMaker,
    gate: Rc<RefCell<Gate>>,
    /// Read into by every connection in turn, never across an await.
    input: RefCell<Box<[u8]>>,
    /// Where TLS puts what it has decrypted.
    plaintext: RefCell<Box<[u8]>>,
    /// Wakes the engine.
    work: Notify,
    /// No more connections are taken.
    stopping: Cell<bool>,
    stop: Notify,
}

impl Hub {
    /// Around this runner.
    pub fn new(node: Node, faces: FaceMaker, limits: GateLimits) -> Rc<Self> {
        Rc::new(Self {
            node: RefCell::new(node),
            clock: Clock::default(),
            faces,
            gate: Rc::new(RefCell::new(Gate::new(limits))),
            input: RefCell::new(vec![0; READ_BYTES].into()),
            plaintext: RefCell::new(vec![0; READ_BYTES].into()),
            work: Notify::new(),
            stopping: Cell::new(false),
            stop: Notify::new(),
        })
    }

    /// The moment now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Runs something with the runner, then has the engine flush.
    pub fn with<R>(&self, act: impl FnOnce(&mut Node, Timestamp) -> R) -> R {
        let now = self.clock.now();
        let result = act(&mut self.node.borrow_mut(), now);
        self.work.notify_one();
        result
    }

    /// New limits per address; connections that are open stay.
    pub fn set_gate_limits(&self, limits: GateLimits) {
        self.gate.borrow_mut().set_limits(limits);
    }

    /// Takes no more connections.
    pub fn stop_accepting(&self) {
        self.stopping.set(true);
        self.stop.notify_waiters();
    }
}

/// What is known of a peer before its session begins.
struct Peer {
    kind: Kind,
    address: std::net::IpAddr,
    tls: bool,
    trusted: bool,
    certificate: Option<std::sync::Arc<str>>,
    department: Option<Department>,
}

/// Fresh random bits: a customer's token and the seed of their code.
///
/// # Errors
/// When the system has no randomness to give.
fn fresh() -> Result<(Token, u64), getrandom::Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let digest = Sha256::digest(secret).into();
    Ok((Token { secret, digest }, getrandom::u64()?))
}

/// Lower-case hex.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
