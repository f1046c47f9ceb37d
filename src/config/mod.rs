//! What an operator may choose, as plain values: read from one TOML file, or the defaults with none.
//!
//! Every key stands once, in `schema`: from that table come reading, the errors for unknown keys,
//! `check`, and `conf/switchboard.toml` itself. It knows no socket, no clock and no running server.

mod accounts;
mod check;
mod print;
mod read;
mod schema;
mod value;

pub use value::{show_size, show_span};

use crate::base::text::Line;
use crate::desk::language::people::Department;
use crate::desk::settings::{OperatorSettings, Settings};
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Everything an operator may choose. `Config::default()` is what runs with no file at all.
#[derive(Clone, PartialEq)]
pub struct Config {
    /// The file it was read from, for REHASH; none: the defaults, or a text.
    pub file: Option<PathBuf>,
    /// The server as a whole: `[server]`, except what the desk itself needs to know.
    pub server: Server,
    /// Where it listens: `[[listen]]`. Never empty.
    pub listen: Vec<Listen>,
    /// The certificate of the TLS listeners: `[tls]`.
    pub tls: Tls,
    /// What clients are told of TLS: `[sts]`.
    pub sts: Sts,
    /// Gateways that tell where people come from: `[[webirc]]`.
    pub gateways: Vec<Gateway>,
    /// The desk: `name`, `network` and `guests` of `[server]`, every `[[department]]`, `[desk]` and
    /// `[desk.templates]`.
    pub desk: Settings,
    /// What one peer may cost: `[limits]`.
    pub limits: Limits,
    /// Passwords and how they are checked: `[access]`.
    pub access: Access,
    /// Accounts that people make for themselves: `[accounts]`.
    pub registering: Registering,
    /// Who may become an operator without an admin's account: `[[operator]]`.
    pub operators: Vec<Operator>,
    /// What is logged and how: `[log]`.
    pub log: Log,
    /// The health check: `[health]`.
    pub health: Health,
}

/// The server as a whole.
#[derive(Clone, PartialEq)]
pub struct Server {
    /// Where everything that lasts is kept; relative to the working directory.
    pub data_dir: PathBuf,
    /// Whether a line is stored before it is shown, or shortly after.
    pub durability: Durability,
    /// How long a strict commit waits for more lines to share it. Zero: not at all. At most 50 ms.
    pub commit_interval: Duration,
    /// The message of the day; none: 422.
    pub motd: Vec<Line>,
    /// Who runs the server, for ADMIN.
    pub admin: Vec<Line>,
    /// URL of a picture of the network; none: not told.
    pub icon: Option<Arc<str>>,
    /// Client-only tags that are not passed on.
    pub client_tag_deny: Vec<String>,
    /// A password every IRC connection must give; none: no such password.
    pub password: Option<Arc<str>>,
    /// What others see of the address of somebody without an account.
    pub hosts: GuestHosts,
}

/// What others see of the address of somebody without an account, where guests are members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum GuestHosts {
    /// A name that stands for it.
    #[default]
    Cloak,
    /// The address itself.
    Address,
}

/// Whether a line is on disk before anybody sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Durability {
    /// Committed first, then shown. Nothing that was seen can be lost.
    #[default]
    Strict,
    /// Shown first, committed within 50 ms.
    Relaxed,
}

/// What is spoken on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ListenKind {
    /// The IRC protocol.
    #[default]
    Irc,
    /// Lines of plain text, for `nc` and `telnet`.
    Plain,
    /// The IRC protocol over WebSocket, for browsers and those behind their proxies.
    Http,
}

impl ListenKind {
    /// The name the config gives it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Irc => "irc",
            Self::Plain => "plain",
            Self::Http => "http",
        }
    }
}

/// One listener.
#[derive(Clone, Debug, PartialEq)]
pub struct Listen {
    /// What is spoken.
    pub kind: ListenKind,
    /// Where: an address of this machine and a port.
    pub address: SocketAddr,
    /// Encrypted from the first byte.
    pub tls: bool,
    /// Proxies whose PROXY header (version 1 or 2) is believed, and must be there. Empty: none.
    pub proxy_protocol_from: Vec<IpNet>,
    /// The department that those who come here ask for; none: the first one.
    pub department: Option<Department>,
    /// Over WebSocket: pages that may connect. Empty: those of this server.
    pub origins: Vec<Arc<str>>,
    /// Over WebSocket: what those get who name no subprotocol.
    pub websocket_default: Messages,
    /// Over WebSocket: proxies that tell the real address in a header.
    pub forwarded_from: Vec<IpNet>,
    /// The header in which they do.
    pub forwarded_header: ForwardedHeader,
}

/// Messages of WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Messages {
    /// Text.
    #[default]
    Text,
    /// Bytes.
    Binary,
}

/// The header in which a proxy tells the real address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ForwardedHeader {
    /// X-Forwarded-For, and X-Forwarded-Proto.
    #[default]
    XForwardedFor,
    /// Forwarded. Source: RFC 7239.
    Forwarded,
}

/// The certificate of the TLS listeners.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tls {
    /// PEM file of the chain, the server's own first; none: a self-signed one is made in the data directory.
    pub certificate: Option<PathBuf>,
    /// PEM file of its private key; given exactly when `certificate` is.
    pub key: Option<PathBuf>,
}

/// Strict transport security: what clients are told of TLS.
#[derive(Clone, Debug, PartialEq)]
pub struct Sts {
    /// Told at all.
    pub enabled: bool,
    /// The port of IRC over TLS, as clients reach it.
    pub port: u32,
    /// How long a client that came by TLS must not come without.
    pub duration: Duration,
    /// Lists that clients ship may name this server.
    pub preload: bool,
}

/// One `[[webirc]]` block. Source: IRCv3 webirc.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gateway {
    /// Where it connects from.
    pub addresses: Vec<IpNet>,
    /// Its password, or `sha256:` and the digest of it.
    pub password: Arc<str>,
    /// SHA-256 of the client certificate it must show, in hex; none: any or none.
    pub certificate: Option<Arc<str>>,
}

impl Gateway {
    /// The digest of its password, where the file holds that; none also when it is no digest.
    pub fn digest(&self) -> Option<[u8; 32]> {
        let hex = self.password.strip_prefix("sha256:").filter(|hex| is_sha256(hex))?;
        let mut digest = [0; 32];
        for (byte, at) in digest.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&hex[at..at + 2], 16).ok()?;
        }
        Some(digest)
    }
}

/// True for a SHA-256 in hexadecimal.
fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What one peer, and all of them together, may cost. Zero turns a limit off.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Connections open at once.
    pub connections: u32,
    /// Connections open at once from one address.
    pub connections_per_address: u32,
    /// Connections open at once of one account; they do not count for their address.
    pub connections_per_account: u32,
    /// New connections from one address in a minute.
    pub connects_per_minute: u32,
    /// Failed sign-ins from one address, and for one account, in a minute.
    pub logins_per_minute: u32,
    /// Lines a second that one connection may send for long.
    pub messages_per_second: u32,
    /// Lines it may send at once before that pace holds.
    pub message_burst: u32,
    /// Bytes waiting for a peer at which its own commands pause.
    pub sendq_soft: usize,
    /// Bytes waiting for a peer at which it is cut.
    pub sendq_hard: usize,
    /// How long a connection may take to register.
    pub registration_timeout: Duration,
    /// Silence after which an IRC connection is asked with PING.
    pub ping_interval: Duration,
    /// How long the answer to that PING may take.
    pub ping_timeout: Duration,
    /// How long a stopping server waits for what is queued to leave.
    pub drain: Duration,
    /// Addresses that no per-address limit holds for, and whose passwords over plaintext are taken.
    pub exempt: Vec<IpNet>,
}

/// Passwords and how they are checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// Memory of one Argon2id hash, in bytes. Source: RFC 9106 section 3.1.
    pub password_memory: usize,
    /// Passes over that memory.
    pub password_passes: u32,
    /// Lanes of one hash.
    pub password_lanes: u32,
    /// Threads that check passwords.
    pub hash_workers: u32,
    /// Take passwords over plaintext from anywhere, not only from exempt addresses.
    pub plaintext_passwords: bool,
}

impl Access {
    /// Memory of one hash in KiB, the unit Argon2 counts in.
    pub fn password_memory_kib(&self) -> u32 {
        u32::try_from(self.password_memory / 1024).unwrap_or(u32::MAX)
    }
}

/// One `[[operator]]` block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Operator {
    /// What the desk asks of the connection.
    pub rule: OperatorSettings,
    /// The password, or its Argon2 hash.
    pub password: Arc<str>,
}

/// How the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Lines for people on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// Lines for people.
    Human,
    /// One JSON object a line.
    Json,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LogLevel {
    /// What somebody must look at.
    Error,
    /// And what may become that.
    Warn,
    /// And what happened.
    #[default]
    Info,
    /// And why.
    Debug,
    /// And every step.
    Trace,
}

/// What is logged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// How it looks.
    pub format: LogFormat,
    /// How much.
    pub level: LogLevel,
}

/// The health check.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// How long `switchboard healthcheck` waits for an answer.
    pub timeout: Duration,
}

/// Who may make an account by REGISTER.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Policy {
    /// Nobody.
    #[default]
    Closed,
    /// Who has an invitation.
    Invitation,
    /// Anybody.
    Open,
}

/// Accounts that people make for themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Registering {
    /// Who may.
    pub policy: Policy,
    /// Also before the connection is complete.
    pub before_connect: bool,
    /// Only with an e-mail address, which is verified.
    pub email_required: bool,
    /// Characters of any account's password at least.
    pub password_characters: u32,
}

/// Why a config cannot be used, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1; zero when it is about the file as a whole.
    pub line: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the file at `path`.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let config = Self::parse(&text, &name)?;
                Ok(Self { file: Some(path.to_owned()), ..config })
            }
            Err(cause) => Err(ConfigError {
                message: format!("cannot be read: {cause}"),
                file: name,
                line: 0,
            }),
        }
    }

    /// Reads the same file again, for REHASH; without one, the defaults are as they were.
    pub fn reload(&self) -> Result<Self, ConfigError> {
        self.file.as_deref().map_or_else(|| Ok(Self::default()), Self::load)
    }

    /// Reads `text`; errors call it `name`.
    pub fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        read::read(text, name)
    }

    /// What the desk needs to know of it.
    pub fn desk_settings(&self) -> Settings {
        let operators = self.operators.iter().map(|block| block.rule.clone()).collect();
        Settings { operators, ..self.desk.clone() }
    }

    /// The whole config as TOML, defaults filled in and secrets masked.
    pub fn effective(&self) -> String {
        print::effective(self)
    }

    /// The keys in which `new` differs, and of those that are read at a start only, that they wait for it.
    pub fn changes(&self, new: &Self) -> Vec<String> {
        print::changes(self, new)
    }

    /// `conf/switchboard.toml`: every key with its default, what it may be, and why.
    pub fn reference() -> String {
        print::reference()
    }

    /// The database of conversations: journal and archive are in this one file.
    pub fn database(&self) -> PathBuf {
        self.server.data_dir.join("switchboard.db")
    }

    /// The database of accounts.
    pub fn accounts(&self) -> PathBuf {
        self.server.data_dir.join("accounts.db")
    }

    /// True when no per-address limit holds for `address`, and it may send a password unencrypted.
    pub fn exempt(&self, address: IpAddr) -> bool {
        self.limits.exempt.iter().any(|net| net.contains(&address.to_canonical()))
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.effective())
    }
}

impl Default for Config {
    fn default() -> Self {
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listen = |kind, port, tls| Listen { kind, tls, ..Listen::at(local(port)) };
        Self {
            file: None,
            server: Server::default(),
            listen: vec![
                listen(ListenKind::Irc, 6667, false),
                listen(ListenKind::Irc, 6697, true),
                listen(ListenKind::Plain, 2323, false),
            ],
            tls: Tls::default(),
            sts: Sts { enabled: false, port: 6697, duration: Duration::ZERO, preload: false },
            desk: Settings::default(),
            limits: Limits::default(),
            access: Access::default(),
            gateways: Vec::new(),
            registering: Registering::default(),
            operators: Vec::new(),
            log: Log::default(),
            health: Health { timeout: Duration::from_secs(3) },
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            durability: Durability::Strict,
            commit_interval: Duration::from_millis(1),
            motd: Vec::new(),
            admin: Vec::new(),
            icon: None,
            client_tag_deny: Vec::new(),
            password: None,
            hosts: GuestHosts::Cloak,
        }
    }
}

impl Listen {
    /// An IRC listener without TLS, proxies or department.
    pub fn at(address: SocketAddr) -> Self {
        Self {
            kind: ListenKind::Irc,
            address,
            tls: false,
            proxy_protocol_from: Vec::new(),
            department: None,
            origins: Vec::new(),
            websocket_default: Messages::Text,
            forwarded_from: Vec::new(),
            forwarded_header: ForwardedHeader::XForwardedFor,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let loopback = |net: &str| net.parse().unwrap_or_else(|_| unreachable!("a valid network"));
        Self {
            connections: 10_000,
            connections_per_address: 16,
            connections_per_account: 20,
            connects_per_minute: 30,
            logins_per_minute: 5,
            messages_per_second: 5,
            message_burst: 20,
            sendq_soft: 96 * 1024,
            sendq_hard: 1024 * 1024,
            registration_timeout: Duration::from_secs(30),
            ping_interval: Duration::from_secs(90),
            ping_timeout: Duration::from_secs(60),
            drain: Duration::from_secs(4),
            exempt: vec![loopback("127.0.0.0/8"), loopback("::1/128")],
        }
    }
}

impl Default for Access {
    fn default() -> Self {
        Self {
            password_memory: 19 * 1024 * 1024,
            password_passes: 2,
            password_lanes: 1,
            hash_workers: 2,
            plaintext_passwords: false,
        }
    }
}

impl Default for Registering {
    fn default() -> Self {
        Self {
            policy: Policy::Closed,
            before_connect: true,
            email_required: false,
            password_characters: 8,
        }
    }
}

#[cfg(test)]
mod tests;
