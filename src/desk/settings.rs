//! What an operator may choose about the desk. Plain data; the config fills it.

use super::language::people::{Department, Rank};
use crate::base::text::{AccountName, Line};
use crate::base::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Who people without an account are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Guests {
    /// Customers with a private channel each.
    #[default]
    Customer,
    /// Ordinary members of a plain IRC server.
    Member,
    /// Nobody: accounts only.
    Refuse,
}

/// The ranks that members of a channel may have, each with its mode and its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Prefixes {
    /// `ov`: operator and voice.
    Two,
    /// `ohv`: half-operators as well.
    #[default]
    Three,
    /// `qaohv`: founder and admin as well. The letter `q` is theirs then; quiet is an extended ban.
    Five,
}

impl Prefixes {
    /// The mode letters, highest rank first.
    pub fn letters(self) -> &'static str {
        match self {
            Self::Two => "ov",
            Self::Three => "ohv",
            Self::Five => "qaohv",
        }
    }

    /// What stands before the nick, highest rank first.
    pub fn signs(self) -> &'static str {
        match self {
            Self::Two => "@+",
            Self::Three => "@%+",
            Self::Five => "~&@%+",
        }
    }

    /// The lists of masks that a channel has: bans, exceptions, invitations, and where it is free,
    /// those who are quiet.
    pub fn lists(self) -> &'static str {
        match self {
            Self::Two | Self::Three => "beIq",
            Self::Five => "beI",
        }
    }

    /// What the one who makes a channel is there.
    pub fn creator(self) -> Rank {
        match self {
            Self::Two | Self::Three => Rank::OP,
            Self::Five => Rank::FOUNDER | Rank::OP,
        }
    }
}

/// How a department finds an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Routing {
    /// Announce; the first to join takes it.
    #[default]
    Claim,
    /// Offer to the best agent.
    Push,
}

/// One department.
#[derive(Clone, Debug, PartialEq)]
pub struct DepartmentSettings {
    /// Its name.
    pub name: Department,
    /// How it finds an agent.
    pub routing: Routing,
    /// Its people. Empty: every account with the role agent.
    pub agents: Vec<AccountName>,
    /// The bot that answers first.
    pub first_responder: Option<AccountName>,
}

/// Targets in their one form (`desk::target`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hosts(pub Vec<Line>);

/// What an `[[operator]]` block asks of a connection besides the right password.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperatorSettings {
    /// Its name.
    pub name: Arc<str>,
    /// Addresses, networks and masks of user@host it may come from. Empty: from anywhere.
    pub hosts: Hosts,
    /// Only over TLS.
    pub tls: bool,
    /// Only with the client certificate of this SHA-256, in lower-case hex.
    pub certificate: Option<Arc<str>>,
}

/// What metadata one person or channel may have. Source: IRCv3 metadata.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataSettings {
    /// METADATA is offered.
    pub enabled: bool,
    /// Keys of one person or channel.
    pub max_keys: u32,
    /// Keys that one person may ask to be told of.
    pub max_subs: u32,
    /// Bytes of one value.
    pub max_value_bytes: u32,
}

impl Default for MetadataSettings {
    fn default() -> Self {
        Self { enabled: true, max_keys: 20, max_subs: 40, max_value_bytes: 280 }
    }
}

/// The desk's settings. Zero spans turn a timer off.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The server's name, as the source of what the server says.
    pub server: Arc<str>,
    /// The network's name, as customers are greeted with.
    pub network: Arc<str>,
    /// Who people without an account are.
    pub guests: Guests,
    /// The ranks there are in channels.
    pub prefixes: Prefixes,
    /// A member's account keeps the nick of its name from others, as a staff account always does.
    pub reserve_nicks: bool,
    /// The departments; the first is the default one. Never empty.
    pub departments: Vec<DepartmentSettings>,
    /// Conversations an agent holds at once, unless they set their own.
    pub capacity: u32,
    /// The most an agent may set for themselves.
    pub capacity_max: u32,
    /// How long an offer to an agent stands.
    pub offer: Duration,
    /// How long an offer to a department stands.
    pub offer_department: Duration,
    /// How long an owner may be gone before it goes back to the queue.
    pub owner_lost: Duration,
    /// How long a customer's seat is held.
    pub seat: Duration,
    /// How long a live conversation waits for its customer.
    pub resumable: Duration,
    /// How long a resume token is honoured with no live conversation.
    pub reopen: Duration,
    /// When an owner's silence is told to the department.
    pub silent_alarm: Duration,
    /// When an owner's silence gives it back to the queue.
    pub silent_return: Duration,
    /// How long wrap-up occupies the agent.
    pub wrapup: Duration,
    /// How long a bot may be silent before a person is asked.
    pub bot_silent: Duration,
    /// How long a hold lasts when none is named, and the most it may last.
    pub hold: Duration,
    /// The most a hold may last.
    pub hold_max: Duration,
    /// Offers missed in a row before an agent is away.
    pub missed_offers: u32,
    /// Whether the agents in a channel are shown its watchers.
    pub show_watchers: bool,
    /// What metadata there may be.
    pub metadata: MetadataSettings,
    /// Who may become an operator without an admin's account.
    pub operators: Vec<OperatorSettings>,
    /// What is kept of the past, and how much of it is shown.
    pub history: HistorySettings,
    /// Templates by name; `{1}` … are arguments, `{nick}` the customer, `{agent}` the speaker.
    pub templates: BTreeMap<String, String>,
}

/// What is kept of the past, and how much of it is shown. Customers' channels are always kept.
#[derive(Clone, Debug, PartialEq)]
pub struct HistorySettings {
    /// How long lines of staff channels are kept; zero: for ever.
    pub channels: Duration,
    /// How long private words are kept; zero: for ever.
    pub private: Duration,
    /// Lines of one CHATHISTORY.
    pub lines_max: usize,
    /// How long one's own words may be taken back; zero: for ever.
    pub redaction: Duration,
}

impl HistorySettings {
    /// The moment before which nothing is kept; a span of nothing keeps for ever.
    pub fn since(now: Timestamp, span: Duration) -> Timestamp {
        if span.is_zero() { Timestamp(0) } else { now - span }
    }
}

impl Default for HistorySettings {
    fn default() -> Self {
        let day = Duration::from_secs(24 * 3600);
        Self {
            channels: 90 * day,
            private: 90 * day,
            lines_max: 500,
            redaction: Duration::from_secs(3600),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let support = Department::parse("support").unwrap_or_else(|| unreachable!("a valid name"));
        let seconds = Duration::from_secs;
        Self {
            server: Arc::from("switchboard.localhost"),
            network: Arc::from("Switchboard"),
            guests: Guests::Customer,
            prefixes: Prefixes::default(),
            reserve_nicks: true,
            departments: vec![DepartmentSettings {
                name: support,
                routing: Routing::Claim,
                agents: Vec::new(),
                first_responder: None,
            }],
            capacity: 2,
            capacity_max: 6,
            offer: seconds(30),
            offer_department: seconds(60),
            owner_lost: seconds(60),
            seat: seconds(120),
            resumable: seconds(600),
            reopen: seconds(24 * 3600),
            silent_alarm: seconds(60),
            silent_return: seconds(120),
            wrapup: seconds(60),
            bot_silent: seconds(10),
            hold: seconds(300),
            hold_max: seconds(1800),
            missed_offers: 2,
            show_watchers: false,
            metadata: MetadataSettings::default(),
            operators: Vec::new(),
            history: HistorySettings::default(),
            templates: BTreeMap::new(),
        }
    }
}
