//! Faces: a protocol session as a value. Lines go in and become commands for the desk; notices and
//! replies go in and become bytes. No socket, no clock, no desk inside.

pub mod irc;
pub mod plain;
pub mod registering;
pub mod scram;
pub mod texts;

use crate::base::ids::SessionId;
use crate::base::text::{AccountName, Line, Nick};
use crate::base::time::Timestamp;
use crate::base::veil::Veil;
use crate::desk::language::command::{Command, Token};
use crate::desk::language::notice::{CutReason, Notice, Reply};
use crate::desk::language::people::{Department, Role};
use crate::desk::settings::{MetadataSettings, Prefixes};
use ipnet::IpNet;
use registering::{NewAccount, Registered, Registration};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

/// What a face needs to know of the server. One, shared by all sessions.
#[derive(Clone, Debug)]
pub struct ServerInfo {
    /// The server's name, the source of its numerics.
    pub server: Arc<str>,
    /// The network's name.
    pub network: Arc<str>,
    /// When this run began (003).
    pub created: Timestamp,
    /// The message of the day.
    pub motd: Vec<Line>,
    /// Passwords over plaintext are taken from anywhere, not only from loopback.
    pub plaintext_passwords: bool,
    /// A server password, if one is asked for.
    pub password: Option<Arc<str>>,
    /// Customers' channels exist (`guests = "customer"`).
    pub desk: bool,
    /// The ranks there are in channels.
    pub prefixes: Prefixes,
    /// Nobody is let in without an account (`guests = "refuse"`).
    pub accounts_only: bool,
    /// How people make accounts for themselves; none: they do not.
    pub registration: Option<Registration>,
    /// Where a picture of the network is (`draft/ICON`).
    pub icon: Option<Arc<str>>,
    /// What clients are told of TLS, if anything.
    pub sts: Option<Sts>,
    /// What metadata there may be.
    pub metadata: MetadataSettings,
    /// Gateways whose word on an address is taken.
    pub gateways: Vec<Gateway>,
    /// Client-only tags that are not passed on, as `CLIENTTAGDENY` has them; empty: none.
    pub client_tag_deny: Arc<str>,
    /// ADMINME lines.
    pub admin: Vec<Line>,
    /// Lines of one CHATHISTORY.
    pub history_lines: usize,
    /// Veils message ids, and addresses.
    pub veil: Veil,
    /// People without an account have a name for their address in their host, not the address.
    pub cloaks: bool,
    /// How often each command was used.
    pub used: irc::Tally,
    /// Accounts can be signed in to.
    pub sasl: bool,
}

/// A desk's server with nothing set: what tests change a field or two of.
impl Default for ServerInfo {
    fn default() -> Self {
        Self {
            server: Arc::from("irc.test"),
            network: Arc::from("Test"),
            created: Timestamp(0),
            motd: Vec::new(),
            plaintext_passwords: false,
            password: None,
            desk: true,
            prefixes: Prefixes::default(),
            accounts_only: false,
            registration: None,
            icon: None,
            sts: None,
            metadata: MetadataSettings::default(),
            gateways: Vec::new(),
            client_tag_deny: Arc::from(""),
            admin: Vec::new(),
            history_lines: 500,
            veil: Veil::default(),
            cloaks: true,
            used: irc::Tally::default(),
            sasl: true,
        }
    }
}

impl ServerInfo {
    /// What stands for an address in hosts, where it is not itself to be seen. Of IPv6 it stands for the
    /// network of 64 bits, which one home has: within it, addresses change all the time.
    pub(crate) fn cloak(&self, address: &str) -> Option<Arc<str>> {
        let known = address.parse::<IpAddr>().map(|ip| match ip.to_canonical() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).to_string(),
        });
        let network = known.unwrap_or_else(|_| address.to_owned());
        self.cloaks.then(|| self.veil.name(&network).into())
    }
}

/// Strict transport security. Source: IRCv3 sts.
#[derive(Clone, Debug, PartialEq)]
pub struct Sts {
    /// Where TLS is spoken.
    pub port: u16,
    /// How long a client that was here by TLS must not come without.
    pub duration: Duration,
    /// Lists of clients may name this server.
    pub preload: bool,
}

/// A gateway that may say WEBIRC.
#[derive(Clone)]
pub struct Gateway {
    /// Where it connects from.
    pub addresses: Vec<IpNet>,
    /// SHA-256 of its password.
    pub password: [u8; 32],
    /// SHA-256 of the client certificate it must show, in hex; none: any or none.
    pub certificate: Option<Arc<str>>,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gateway({:?})", self.addresses)
    }
}

/// What only the outside knows of a connection.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its session.
    pub session: SessionId,
    /// The peer's address as text, already the real one behind a trusted proxy.
    pub address: Arc<str>,
    /// Encrypted.
    pub tls: bool,
    /// From loopback (and loopback is exempt): plaintext passwords are taken.
    pub trusted: bool,
    /// SHA-256 of the client certificate, in lower-case hex.
    pub certificate: Option<Arc<str>>,
    /// Fresh random bits for a new customer's token.
    pub token: Token,
    /// Fresh random bits for a new customer's code.
    pub code_seed: u64,
    /// A department named by the listener or link.
    pub department: Option<Department>,
}

/// What a line leads to, in order.
#[derive(Debug)]
pub enum Action {
    /// Bytes for this session, now and in this place.
    Say(Vec<u8>),
    /// A command for the desk.
    Desk(Command),
    /// Check credentials; the session takes no more lines until `Face::verdict`.
    Verify(Credentials),
    /// The outcome of a SCRAM exchange, which the face judged itself, for the attempt limits.
    Attempted {
        /// Whose.
        account: String,
        /// Right?
        success: bool,
    },
    /// An operator's command that is not the desk's.
    Operate(Operate),
    /// The peer is really at this address; the session goes on only if that has a place here.
    Relocate(Arc<str>),
    /// End the connection after what was said. The reason is for the log.
    Close(&'static str),
}

/// Operator commands that reach beyond the desk.
#[derive(Clone, Debug, PartialEq)]
pub enum Operate {
    /// REHASH.
    Rehash,
    /// HEALTH: answered with `Reply::Health`.
    Health,
}

/// What one line leads to.
#[derive(Debug, Default)]
pub struct Actions {
    /// In order.
    pub list: Vec<Action>,
    /// The label that the whole answer carries, if one was given and is wanted.
    pub label: Option<Arc<str>>,
}

/// What somebody shows to be who they say.
#[derive(Clone)]
pub enum Credentials {
    /// A password (SASL PLAIN, PASS account:password).
    Password {
        /// Account, as typed.
        account: String,
        /// Password, as typed. Never logged.
        password: String,
    },
    /// OPER: the password of an `[[operator]]` block, or of an account.
    Operator {
        /// Name, as typed.
        name: String,
        /// Password, as typed. Never logged.
        password: String,
    },
    /// The client certificate of the connection (SASL EXTERNAL), and the account it asks for.
    Certificate {
        /// The account asked for; none: whichever it belongs to.
        account: Option<String>,
        /// SHA-256 of the certificate, lower-case hex; none when none was shown.
        fingerprint: Option<Arc<str>>,
    },
    /// The SCRAM-SHA-256 keys of an account. Unknown accounts get made-up keys, always the same.
    ScramKeys {
        /// Account, as typed.
        account: String,
    },
    /// A new account (REGISTER).
    New(Box<NewAccount>),
    /// The code of an account that waits for it (VERIFY).
    Code {
        /// Account, as typed.
        account: String,
        /// The code, as typed.
        code: String,
    },
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self {
            Self::Password { .. } => "Password",
            Self::Operator { .. } => "Operator",
            Self::Certificate { .. } => "Certificate",
            Self::ScramKeys { .. } => "ScramKeys",
            Self::New(_) => "New",
            Self::Code { .. } => "Code",
        };
        write!(f, "Credentials::{kind}(secret)")
    }
}

/// The answer to `Action::Verify`.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// They are who they say.
    Yes(AccountName, Role),
    /// The password of the `[[operator]]` block of this name is right.
    Operator(Arc<str>),
    /// They are not, or there is no such account: the same answer, in like time.
    No,
    /// Too many attempts; try again after this many seconds.
    TooMany(u64),
    /// Accounts cannot be read just now.
    Unavailable,
    /// The keys asked for.
    Scram(Box<ScramKeys>),
    /// The configuration was read again: what changed, or what is wrong with it and where.
    Rehashed(Result<Line, Line>),
    /// What became of REGISTER or VERIFY.
    Registered(Registered),
}

/// SCRAM-SHA-256 verifier of one account. Source: RFC 5802 section 3, RFC 7677.
#[derive(Clone)]
pub struct ScramKeys {
    /// The account and role, if it exists and may sign in.
    pub account: Option<(AccountName, Role)>,
    /// The salt.
    pub salt: Vec<u8>,
    /// The iteration count.
    pub iterations: u32,
    /// StoredKey.
    pub stored_key: [u8; 32],
    /// ServerKey.
    pub server_key: [u8; 32],
    /// A fresh server nonce, printable ASCII without comma.
    pub nonce: String,
}

impl std::fmt::Debug for ScramKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ScramKeys(secret)")
    }
}

/// The features of a session that change how a notice is encoded. Equal dialects, equal bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Dialect(pub u32);

impl Dialect {
    /// Set when the session wants its own words back (echo-message).
    pub const ECHO: u32 = 1 << 31;
    /// Set for plain-text sessions.
    pub const PLAIN: u32 = 1 << 30;

    /// True when all these bits are set.
    pub fn has(self, bits: u32) -> bool {
        self.0 & bits == bits
    }
}

/// One protocol session.
pub trait Face {
    /// What to say as soon as the connection stands.
    fn open(&mut self, now: Timestamp, actions: &mut Actions);
    /// Reads one line, without its end.
    fn line(&mut self, now: Timestamp, line: &[u8], actions: &mut Actions);
    /// A line was longer than the limit; it is gone, the next one is whole.
    fn overlong(&mut self, now: Timestamp, actions: &mut Actions);
    /// The moment at which something that the peer began has taken too long, if it began anything.
    fn deadline(&self) -> Option<Timestamp> {
        None
    }
    /// That moment has come.
    fn overdue(&mut self, _now: Timestamp, _actions: &mut Actions) {}
    /// The answer to an `Action::Verify`.
    fn verdict(&mut self, now: Timestamp, verdict: Verdict, actions: &mut Actions);
    /// The session's dialect now.
    fn dialect(&self) -> Dialect;
    /// Encodes a notice for every session of this dialect and kind of face; nothing if it is not shown.
    fn notice(&self, now: Timestamp, notice: &Notice, out: &mut Vec<u8>);
    /// Encodes an answer, and learns from it (Welcome: registered).
    fn reply(&mut self, now: Timestamp, reply: &Reply, out: &mut Vec<u8>);
    /// Somebody whom the session may see has a new nick; perhaps itself. Called for every recipient
    /// of `Notice::Renamed`, because the notice itself is encoded once for many.
    fn renamed(&mut self, _from: &Nick, _to: &Nick) {}
    /// Turns the whole answer to a labelled line (complete lines) into one labelled answer.
    fn seal(&mut self, now: Timestamp, label: &str, answer: &[u8], out: &mut Vec<u8>);
    /// The last words before the connection ends.
    fn farewell(&mut self, why: &CutReason, out: &mut Vec<u8>);
    /// The last words when the server itself ends it (time-out, shutdown): the text.
    fn error(&mut self, text: &str, out: &mut Vec<u8>);
    /// Accounts can be signed in to, or cannot just now.
    fn accounts(&mut self, _work: bool, _out: &mut Vec<u8>) {}
    /// The server is another than it was: the config was read again.
    fn inform(&mut self, _info: &Arc<ServerInfo>, _out: &mut Vec<u8>) {}
    /// A PING of the server's own, to see whether the peer is there; nothing where the protocol has none.
    fn ping(&mut self, now: Timestamp, out: &mut Vec<u8>);
    /// True once the desk knows the session.
    fn registered(&self) -> bool;
}
