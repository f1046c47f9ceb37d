//! Every section and key of the config, once: its name, what it may hold, the field it stands for, and
//! the words that explain it. Reading, printing and the reference file all walk this table.

use super::accounts::{ACCESS, ACCOUNTS, OPERATOR};
use super::value::{Field, Kind};
use super::{Config, Gateway, Listen, Operator};
use crate::base::limits::{HISTORY_LINES, METADATA_VALUE_BYTES, REPLAY_LINES};
use crate::desk::settings::DepartmentSettings;
use std::time::Duration;

/// One key of a section about `T`.
pub(super) struct Row<T> {
    /// The key.
    pub(super) key: &'static str,
    /// What it may hold.
    pub(super) kind: Kind,
    /// The field it stands for.
    pub(super) field: fn(&mut T) -> &mut dyn Field,
    /// What it does and why it is as it is; sentences.
    pub(super) doc: &'static str,
}

/// How a section is written.
pub(super) enum Shape {
    /// Once, `[name]`.
    Once(&'static [Row<Config>]),
    /// `[[listen]]`, as often as wanted.
    Listeners(&'static [Row<Listen>]),
    /// `[[department]]`, as often as wanted.
    Departments(&'static [Row<DepartmentSettings>]),
    /// `[[webirc]]`, as often as wanted.
    Gateways(&'static [Row<Gateway>]),
    /// `[[operator]]`, as often as wanted.
    Operators(&'static [Row<Operator>]),
    /// `[desk.templates]`: names of the operator's own.
    Templates,
}

/// One section.
pub(super) struct Section {
    /// Its name, without brackets.
    pub(super) name: &'static str,
    /// What it is about.
    pub(super) doc: &'static str,
    /// How it is written, and its keys.
    pub(super) shape: Shape,
}

impl Section {
    /// Its keys, in the order of the reference.
    pub(super) fn keys(&self) -> Vec<&'static str> {
        match &self.shape {
            Shape::Once(rows) => rows.iter().map(|row| row.key).collect(),
            Shape::Listeners(rows) => rows.iter().map(|row| row.key).collect(),
            Shape::Departments(rows) => rows.iter().map(|row| row.key).collect(),
            Shape::Gateways(rows) => rows.iter().map(|row| row.key).collect(),
            Shape::Operators(rows) => rows.iter().map(|row| row.key).collect(),
            Shape::Templates => Vec::new(),
        }
    }

    /// The name as it is written, brackets included.
    pub(super) fn heading(&self) -> String {
        match self.shape {
            Shape::Once(_) | Shape::Templates => format!("[{}]", self.name),
            Shape::Listeners(_)
            | Shape::Departments(_)
            | Shape::Gateways(_)
            | Shape::Operators(_) => {
                format!("[[{}]]", self.name)
            }
        }
    }
}

/// The longest `commit_interval`, so that "relaxed" keeps its promise. Source: README, the five promises.
pub(super) const COMMIT_INTERVAL_MAX: Duration = Duration::from_millis(50);

const MANY: u64 = u32::MAX as u64;

/// The row of one key.
macro_rules! row {
    ($key:literal, $kind:expr, |$it:ident| $field:expr, $doc:expr) => {
        Row { key: $key, kind: $kind, field: |$it| &mut $field, doc: $doc }
    };
}
pub(super) use row;

mod transports;

use transports::{LISTEN, STS, TLS, WEBIRC};

/// All sections, in the order of the reference.
pub(super) const SECTIONS: &[Section] = &[
    Section { name: "server", doc: "The server as a whole.", shape: Shape::Once(SERVER) },
    Section {
        name: "listen",
        doc: "One for each place to listen. With none in the file, the three below; any [[listen]] of yours \
              replaces all three.",
        shape: Shape::Listeners(LISTEN),
    },
    Section {
        name: "tls",
        doc: "The certificate of the listeners with tls = true. Renewed files are taken up by REHASH, \
              without dropping anybody.",
        shape: Shape::Once(TLS),
    },
    Section {
        name: "sts",
        doc: "Strict transport security: IRC clients that know it come by TLS only, once they were told.",
        shape: Shape::Once(STS),
    },
    Section {
        name: "webirc",
        doc: "One for each gateway that brings people from elsewhere, and tells with WEBIRC from where: limits and \
              blocks are those of the address told. With none in the file, none is believed.",
        shape: Shape::Gateways(WEBIRC),
    },
    Section {
        name: "department",
        doc: "One for each group of agents with a queue; the first is where customers go who ask for none. \
              Any [[department]] of yours replaces the one below.",
        shape: Shape::Departments(DEPARTMENT),
    },
    Section {
        name: "desk",
        doc: "How conversations are handed out and kept.",
        shape: Shape::Once(DESK),
    },
    Section {
        name: "desk.templates",
        doc: "What SAY sends, by name: greet = \"Hello {nick}, this is {agent}. How can I help?\" \
              {1}, {2} … are the words after the name; {nick} is the customer, {agent} who says it.",
        shape: Shape::Templates,
    },
    Section {
        name: "history",
        doc: "What is kept of the past, and how much of it is shown. Customers' channels are always kept.",
        shape: Shape::Once(HISTORY),
    },
    Section {
        name: "channels",
        doc: "Channels of staff, and everybody's where guests are members.",
        shape: Shape::Once(CHANNELS),
    },
    Section {
        name: "limits",
        doc: "What one peer, and all of them together, may cost. 0 turns a limit off.",
        shape: Shape::Once(LIMITS),
    },
    Section {
        name: "access",
        doc: "Passwords and how they are checked.",
        shape: Shape::Once(ACCESS),
    },
    Section {
        name: "accounts",
        doc: "Accounts. The operator makes them with `switchboard account add`; whether others may, says this.",
        shape: Shape::Once(ACCOUNTS),
    },
    Section {
        name: "operator",
        doc: "One for each name that /OPER takes besides admins' accounts: who has it may KILL, KLINE, REHASH and \
              be told what the server does, and has no part in conversations. With none in the file, none.",
        shape: Shape::Operators(OPERATOR),
    },
    Section {
        name: "metadata",
        doc: "What people say of themselves and of their channels for programs to show, as pictures and pronouns \
              (METADATA).",
        shape: Shape::Once(METADATA),
    },
    Section {
        name: "log",
        doc: "The log goes to standard error. Passwords, tokens and the words of conversations are never in it.",
        shape: Shape::Once(LOG),
    },
    Section { name: "health", doc: "The health check.", shape: Shape::Once(HEALTH) },
];

const SERVER: &[Row<Config>] = &[
    row!(
        "name",
        Kind::Text,
        |c| c.desk.server,
        "The server's name, in front of what it says. Needs a dot, so \
         that no client takes it for a nick; best the name that people connect to."
    ),
    row!(
        "network",
        Kind::Text,
        |c| c.desk.network,
        "The name that customers are greeted with and clients show. \
         No spaces."
    ),
    row!(
        "data_dir",
        Kind::Text,
        |c| c.server.data_dir,
        "Where everything that lasts is kept: conversations, \
         accounts, the self-signed certificate. Made when missing; relative to the working directory."
    ),
    row!(
        "guests",
        Kind::Choice(&["customer", "member", "refuse"]),
        |c| c.desk.guests,
        "Who people without an \
         account are: customers with a private channel each; members of an ordinary IRC server, for a trusted \
         network; or nobody."
    ),
    row!(
        "hosts",
        Kind::Choice(&["cloak", "address"]),
        |c| c.server.hosts,
        "Where guests = \"member\", the host of those \
         without an account as others see it: a name that stands for their address and does not tell it; or \
         the address itself. Operators see the address, and channel bans match it, in any case."
    ),
    row!(
        "durability",
        Kind::Choice(&["strict", "relaxed"]),
        |c| c.server.durability,
        "Strict: a line is on disk \
         before anybody sees it, so nothing seen is ever lost. Relaxed: shown at once, on disk within 50 ms."
    ),
    row!(
        "commit_interval",
        Kind::Span,
        |c| c.server.commit_interval,
        "With durability = \"strict\": how long a commit waits at most for more lines to share it; on a \
         quick disk it waits less. Longer is less work for the disk and more delay for people; at most 50ms."
    ),
    row!(
        "motd",
        Kind::Text,
        |c| c.server.motd,
        "The message of the day, for IRC clients; several lines with \
         \"\"\"…\"\"\". Empty: none."
    ),
    row!(
        "admin",
        Kind::Text,
        |c| c.server.admin,
        "Who runs this server and how to reach them, answered to \
         /ADMIN. Empty: not told."
    ),
    row!(
        "icon",
        Kind::Text,
        |c| c.server.icon,
        "URL of a square picture of the network, best https, for clients that show one; {size} in it stands for \
         the size they want. Empty: none."
    ),
    row!(
        "client_tag_deny",
        Kind::List,
        |c| c.server.client_tag_deny,
        "Tags that clients send each other (typing, reply, draft/react …) and that are not passed on, without \
         their +. \"*\" in the first place denies all but those named with a - before them. Clients are \
         told with CLIENTTAGDENY."
    ),
    row!(
        "password",
        Kind::Secret,
        |c| c.server.password,
        "A password that every IRC connection must give with \
         PASS, staff and customers alike. Empty: none."
    ),
];

const DEPARTMENT: &[Row<DepartmentSettings>] = &[
    row!("name", Kind::Text, |d| d.name, "Its name, and that of its channel, without \"#\"."),
    row!(
        "routing",
        Kind::Choice(&["claim", "push"]),
        |d| d.routing,
        "Claim: announced in the channel, the first \
         agent to join takes it. Push: offered to the agent with the most room."
    ),
    row!(
        "agents",
        Kind::List,
        |d| d.agents,
        "Accounts that work in it. Empty: every account with the role agent."
    ),
    row!(
        "first_responder",
        Kind::Text,
        |d| d.first_responder,
        "The bot account that answers first. Empty: none."
    ),
];

const DESK: &[Row<Config>] = &[
    row!(
        "capacity",
        Kind::Count(1, 1000),
        |c| c.desk.capacity,
        "Conversations an agent has at once, offers \
         counted. Beyond two or three, answers get slow."
    ),
    row!(
        "capacity_max",
        Kind::Count(1, 1000),
        |c| c.desk.capacity_max,
        "The most an agent may set for \
         themselves with CAPACITY."
    ),
    row!(
        "offer",
        Kind::Span,
        |c| c.desk.offer,
        "How long an offer to an agent stands before the next is asked."
    ),
    row!(
        "offer_department",
        Kind::Span,
        |c| c.desk.offer_department,
        "How long a transfer offered to a \
         department stands before it is back with the giver."
    ),
    row!(
        "owner_lost",
        Kind::Span,
        |c| c.desk.owner_lost,
        "How long an owner's connection may be gone before the \
         customer goes to the front of the queue."
    ),
    row!(
        "seat",
        Kind::Span,
        |c| c.desk.seat,
        "How long the place of a customer whose connection was lost is held."
    ),
    row!(
        "resumable",
        Kind::Span,
        |c| c.desk.resumable,
        "How long a live conversation waits for its customer \
         before it is closed."
    ),
    row!(
        "reopen",
        Kind::Span,
        |c| c.desk.reopen,
        "How long a customer's resume token is honoured when no \
         conversation is live."
    ),
    row!(
        "silent_alarm",
        Kind::Span,
        |c| c.desk.silent_alarm,
        "How long a customer's line may go unanswered before \
         the department is told."
    ),
    row!(
        "silent_return",
        Kind::Span,
        |c| c.desk.silent_return,
        "How long it may go unanswered before the customer \
         goes to the front of the queue. Longer than silent_alarm."
    ),
    row!(
        "wrapup",
        Kind::Span,
        |c| c.desk.wrapup,
        "How long a closed conversation still counts against the \
         agent's capacity, for notes."
    ),
    row!(
        "bot_silent",
        Kind::Span,
        |c| c.desk.bot_silent,
        "How long a bot may leave a customer without an answer \
         before a person is asked."
    ),
    row!("hold", Kind::Span, |c| c.desk.hold, "How long HOLD lasts when no time is named."),
    row!("hold_max", Kind::Span, |c| c.desk.hold_max, "The longest HOLD."),
    row!(
        "missed_offers",
        Kind::Count(0, 1000),
        |c| c.desk.missed_offers,
        "Offers missed in a row before an agent \
         is set away, so that customers do not wait for an empty chair."
    ),
    row!(
        "show_watchers",
        Kind::Flag,
        |c| c.desk.show_watchers,
        "Whether the agents in a channel are shown who \
         watches it. Customers never are."
    ),
];

const CHANNELS: &[Row<Config>] = &[row!(
    "prefixes",
    Kind::Choice(&["ov", "ohv", "qaohv"]),
    |c| c.desk.prefixes,
    "The ranks there are, highest first: q founder (~), a admin (&), o operator (@), h half-operator (%), \
     v voice (+). Whoever makes a channel has the highest of q and o. With q as a rank there is no list \
     mode q; +b ~m:mask quiets in any case. Taken up at start, not by REHASH."
)];

const HISTORY: &[Row<Config>] = &[
    row!(
        "channels",
        Kind::Span,
        |c| c.desk.history.channels,
        "How long lines of staff channels are kept and shown; then their words are erased. \"0\": for ever."
    ),
    row!(
        "private",
        Kind::Span,
        |c| c.desk.history.private,
        "The same for words between two people."
    ),
    row!(
        "replay",
        Kind::Count(0, REPLAY_LINES as u64),
        |c| c.desk.history.replay,
        "Recent lines of a channel that a client is shown unasked when it enters, if it cannot ask for \
         them itself (CHATHISTORY); bots never. Those of a customer's channel are always shown. 0: none."
    ),
    row!(
        "lines",
        Kind::Count(1, HISTORY_LINES as u64),
        |c| c.desk.history.lines_max,
        "Lines of one CHATHISTORY; clients are told."
    ),
    row!(
        "redaction",
        Kind::Span,
        |c| c.desk.history.redaction,
        "How long people may take back their own words. Operators of a channel may always. \"0\": for ever."
    ),
];

const LIMITS: &[Row<Config>] = &[
    row!(
        "connections",
        Kind::Count(0, MANY),
        |c| c.limits.connections,
        "Connections open at once. The server \
         raises its own file limit as far as the system allows."
    ),
    row!(
        "connections_per_address",
        Kind::Count(0, MANY),
        |c| c.limits.connections_per_address,
        "Connections open \
         at once from one address. An office or a mobile network may share one."
    ),
    row!(
        "connections_per_account",
        Kind::Count(0, MANY),
        |c| c.limits.connections_per_account,
        "Connections open \
         at once of one account. Who signs in counts here and no more for the address, so that a bouncer \
         or a gateway may bring many."
    ),
    row!(
        "connects_per_minute",
        Kind::Count(0, MANY),
        |c| c.limits.connects_per_minute,
        "New connections from one \
         address in a minute."
    ),
    row!(
        "logins_per_minute",
        Kind::Count(0, MANY),
        |c| c.limits.logins_per_minute,
        "Failed sign-ins in a minute, \
         from one address and for one account."
    ),
    row!(
        "messages_per_second",
        Kind::Count(0, MANY),
        |c| c.limits.messages_per_second,
        "Lines a second that one \
         connection may send for long, and staff four times as many; what comes faster waits its \
         turn."
    ),
    row!(
        "message_burst",
        Kind::Count(1, MANY),
        |c| c.limits.message_burst,
        "Lines it may send at once before that \
         pace holds. Clients send several for each channel they join."
    ),
    row!(
        "sendq_soft",
        Kind::Size,
        |c| c.limits.sendq_soft,
        "Bytes waiting for a slow peer at which its own \
         commands pause until it has read."
    ),
    row!(
        "sendq_hard",
        Kind::Size,
        |c| c.limits.sendq_hard,
        "Bytes waiting for a slow peer at which it is cut. An \
         agent who joins twenty channels is sent some 300 KB at once."
    ),
    row!(
        "registration_timeout",
        Kind::Span,
        |c| c.limits.registration_timeout,
        "How long a connection may take to \
         register, the TLS handshake included."
    ),
    row!(
        "ping_interval",
        Kind::Span,
        |c| c.limits.ping_interval,
        "Silence after which an IRC connection is asked \
         with PING whether it is still there."
    ),
    row!(
        "ping_timeout",
        Kind::Span,
        |c| c.limits.ping_timeout,
        "How long the answer may take before the connection \
         counts as lost."
    ),
    row!(
        "drain",
        Kind::Span,
        |c| c.limits.drain,
        "How long a stopping server waits for what is queued to leave."
    ),
    row!(
        "exempt",
        Kind::List,
        |c| c.limits.exempt,
        "Addresses and networks that the limits per address do not hold \
         for, and whose passwords are taken without TLS. An empty list makes loopback an address like any other."
    ),
];

const METADATA: &[Row<Config>] = &[
    row!("enabled", Kind::Flag, |c| c.desk.metadata.enabled, "Offer it to clients."),
    row!(
        "max_keys",
        Kind::Count(1, 100),
        |c| c.desk.metadata.max_keys,
        "Keys of one person or channel."
    ),
    row!(
        "max_subs",
        Kind::Count(1, 1000),
        |c| c.desk.metadata.max_subs,
        "Keys that one person may ask to be told of."
    ),
    row!(
        "max_value_bytes",
        Kind::Count(1, METADATA_VALUE_BYTES as u64),
        |c| c.desk.metadata.max_value_bytes,
        "Bytes of one value; no more than fit a line."
    ),
];

const LOG: &[Row<Config>] = &[
    row!(
        "format",
        Kind::Choice(&["auto", "human", "json"]),
        |c| c.log.format,
        "Auto: lines for people on a \
         terminal, one JSON object a line elsewhere."
    ),
    row!(
        "level",
        Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
        |c| c.log.level,
        "The least \
         important that is still logged."
    ),
];

const HEALTH: &[Row<Config>] = &[row!(
    "timeout",
    Kind::Span,
    |c| c.health.timeout,
    "How long `switchboard \
     healthcheck` waits for the server's answer."
)];
