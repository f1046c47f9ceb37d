//! Capability negotiation: one row per capability, and the CAP command.
//!
//! Source: IRCv3 capability-negotiation. What a capability does to a line stands where the line is
//! encoded; here are only names, values and who has which.

use super::session::{IrcFace, Stage, Turn};
use crate::base::limits::{LINE_BYTES, MULTILINE_BYTES, MULTILINE_LINES};
use crate::face::ServerInfo;
use crate::wire::build::text;
use crate::wire::message::Message;
use crate::wire::numeric::ERR_INVALIDCAPCMD;
use std::sync::Arc;

/// `server-time`: notices carry `time`.
pub(super) const SERVER_TIME: u32 = 1 << 0;
/// `message-tags`: client-only tags, `msgid`, `bot`, TAGMSG.
pub(super) const MESSAGE_TAGS: u32 = 1 << 1;
/// `account-tag`: lines carry `account`.
pub(super) const ACCOUNT_TAG: u32 = 1 << 2;
/// `account-notify`: ACCOUNT lines.
pub(super) const ACCOUNT_NOTIFY: u32 = 1 << 3;
/// `extended-join`: JOIN with account and real name.
pub(super) const EXTENDED_JOIN: u32 = 1 << 4;
/// `away-notify`: AWAY lines.
pub(super) const AWAY_NOTIFY: u32 = 1 << 5;
/// `setname`: SETNAME lines.
pub(super) const SETNAME: u32 = 1 << 6;
/// `invite-notify`: INVITE lines about others.
pub(super) const INVITE_NOTIFY: u32 = 1 << 7;
/// `batch`.
pub(super) const BATCH: u32 = 1 << 8;
/// `labeled-response`.
pub(super) const LABELED_RESPONSE: u32 = 1 << 9;
/// `multi-prefix`: every rank in NAMES, WHO and WHOIS.
pub(super) const MULTI_PREFIX: u32 = 1 << 10;
/// `userhost-in-names`.
pub(super) const USERHOST_IN_NAMES: u32 = 1 << 11;
/// `standard-replies`: FAIL in place of a NOTICE.
pub(super) const STANDARD_REPLIES: u32 = 1 << 12;
/// `no-implicit-names`: no 353 and 366 behind one's own JOIN.
pub(super) const NO_IMPLICIT_NAMES: u32 = 1 << 13;
/// `echo-message`.
pub(super) const ECHO_MESSAGE: u32 = 1 << 14;
/// `cap-notify`.
pub(super) const CAP_NOTIFY: u32 = 1 << 15;
/// `sasl`.
pub(super) const SASL: u32 = 1 << 16;
/// `chghost`.
pub(super) const CHGHOST: u32 = 1 << 17;
/// `extended-monitor`: AWAY, ACCOUNT, CHGHOST and SETNAME of those one watches by MONITOR.
pub(super) const EXTENDED_MONITOR: u32 = 1 << 24;
/// `draft/pre-away`: AWAY before registration.
pub(super) const PRE_AWAY: u32 = 1 << 25;
/// `draft/channel-rename`: RENAME lines.
pub(super) const CHANNEL_RENAME: u32 = 1 << 27;
/// `draft/multiline`: messages of several lines in one batch.
pub(super) const MULTILINE: u32 = 1 << 21;
/// `draft/metadata-2`: METADATA lines.
pub(super) const METADATA: u32 = 1 << 23;
/// `draft/extended-isupport`: ISUPPORT before registration, and 005 in batches.
pub(super) const EXTENDED_ISUPPORT: u32 = 1 << 26;
/// No bit: `sts` and `draft/account-required` are told, and never asked for.
const TOLD: u32 = 0;

/// `draft/account-registration`: REGISTER and VERIFY.
pub(super) const ACCOUNT_REGISTRATION: u32 = 1 << 28;
/// `draft/chathistory`: nothing is replayed unasked.
pub(super) const CHATHISTORY: u32 = 1 << 18;
/// `draft/read-marker`: MARKREAD.
pub(super) const READ_MARKER: u32 = 1 << 20;
/// `draft/message-redaction`: REDACT.
pub(super) const REDACTION: u32 = 1 << 22;
/// `draft/event-playback`: joins and the like in history.
pub(super) const EVENT_PLAYBACK: u32 = 1 << 19;

/// The capabilities that change how a notice is encoded, so that few dialects are distinct.
pub(super) const SPOKEN: u32 = SERVER_TIME
    | MESSAGE_TAGS
    | ACCOUNT_TAG
    | ACCOUNT_NOTIFY
    | EXTENDED_JOIN
    | AWAY_NOTIFY
    | SETNAME
    | READ_MARKER
    | REDACTION
    | INVITE_NOTIFY
    | CHGHOST
    | EXTENDED_MONITOR
    | MULTILINE
    | METADATA;

/// One capability.
pub(super) struct Row {
    /// As clients know it.
    pub(super) name: &'static str,
    /// Its bit.
    pub(super) bit: u32,
    /// What it brings, for the reference.
    pub(super) about: &'static str,
    /// The form of its value, for the reference.
    pub(super) form: &'static str,
    /// Whether this session may have it.
    pub(super) offered: fn(&IrcFace) -> bool,
    /// What stands behind `=` for clients of version 302; empty: nothing.
    pub(super) value: fn(&IrcFace) -> String,
}

const fn plain(name: &'static str, bit: u32, about: &'static str) -> Row {
    Row { name, bit, about, form: "", offered: |_| true, value: |_| String::new() }
}

/// Every capability, in the order of CAP LS.
pub(super) const CAPS: &[Row] = &[
    plain(
        "account-notify",
        ACCOUNT_NOTIFY,
        "ACCOUNT lines when somebody in a shared channel signs in or out",
    ),
    plain("account-tag", ACCOUNT_TAG, "the tag `account` on what people with an account send"),
    plain(
        "away-notify",
        AWAY_NOTIFY,
        "AWAY lines when somebody in a shared channel goes away or comes back",
    ),
    plain("batch", BATCH, "lines that belong together come as a batch"),
    plain("cap-notify", CAP_NOTIFY, "CAP NEW and CAP DEL when a capability comes or goes"),
    plain("chghost", CHGHOST, "CHGHOST lines when the user or host of somebody changes"),
    plain(
        "draft/channel-rename",
        CHANNEL_RENAME,
        "a renamed channel is told by RENAME, not by PART and JOIN",
    ),
    Row {
        name: "draft/account-registration",
        bit: ACCOUNT_REGISTRATION,
        about: "REGISTER and VERIFY make an account",
        form: "before-connect,custom-account-name,email-required",
        offered: |face| face.info.registration.is_some(),
        value: super::registering::value,
    },
    Row {
        name: "draft/account-required",
        bit: TOLD,
        about: "there is nothing here without an account; never asked for",
        form: "",
        offered: |face| face.info.accounts_only,
        value: |_| String::new(),
    },
    plain(
        "draft/extended-isupport",
        EXTENDED_ISUPPORT,
        "ISUPPORT asks for the tokens of 005, before registration too, in a batch",
    ),
    Row {
        name: "draft/metadata-2",
        bit: METADATA,
        about: "METADATA lines when a key that was asked for changes, and what the account has set at the beginning",
        form: "max-subs=KEYS,max-keys=KEYS,max-value-bytes=BYTES",
        offered: |face| face.info.metadata.enabled,
        value: metadata,
    },
    Row {
        name: "draft/multiline",
        bit: MULTILINE,
        about: "messages of several lines, in a batch",
        form: "max-bytes=BYTES,max-lines=LINES",
        offered: |_| true,
        value: |_| format!("max-bytes={MULTILINE_BYTES},max-lines={MULTILINE_LINES}"),
    },
    plain("draft/chathistory", CHATHISTORY, "CHATHISTORY, and nothing from before unasked"),
    plain(
        "draft/event-playback",
        EVENT_PLAYBACK,
        "history holds who came and went, not only words",
    ),
    plain(
        "draft/message-redaction",
        REDACTION,
        "REDACT takes a message back, ones own for a while, any for those who may",
    ),
    plain(
        "draft/read-marker",
        READ_MARKER,
        "MARKREAD: how far the account has read, on every client",
    ),
    plain(
        "draft/pre-away",
        PRE_AWAY,
        "AWAY before registration, and `AWAY *` for absent without a reason",
    ),
    plain("echo-message", ECHO_MESSAGE, "ones own messages come back as they were delivered"),
    plain("extended-join", EXTENDED_JOIN, "JOIN lines with account and real name"),
    plain(
        "extended-monitor",
        EXTENDED_MONITOR,
        "away, account, name and host of those whom one MONITORs",
    ),
    plain("invite-notify", INVITE_NOTIFY, "INVITE lines about others, for those who may invite"),
    plain("labeled-response", LABELED_RESPONSE, "the answer to a line carries its `label`"),
    plain("message-tags", MESSAGE_TAGS, "tags: `msgid`, `bot`, those of other clients, and TAGMSG"),
    plain(
        "multi-prefix",
        MULTI_PREFIX,
        "every rank of a member, not only the highest, in NAMES, WHO and WHOIS",
    ),
    plain("no-implicit-names", NO_IMPLICIT_NAMES, "no list of names behind ones own JOIN"),
    Row {
        name: "sasl",
        bit: SASL,
        about: "signing in by AUTHENTICATE",
        form: "MECHANISM,…",
        offered: |face| face.sasl,
        value: super::sasl::mechanisms,
    },
    plain("server-time", SERVER_TIME, "the tag `time` on everything"),
    plain("setname", SETNAME, "SETNAME lines when somebody changes their real name"),
    plain("standard-replies", STANDARD_REPLIES, "FAIL, WARN and NOTE lines in place of notices"),
    Row {
        name: "sts",
        bit: TOLD,
        about: "where TLS is, and for how long to insist on it; never asked for",
        form: "port=PORT or duration=SECONDS[,preload]",
        offered: |face| face.info.sts.is_some(),
        value: sts,
    },
    plain("userhost-in-names", USERHOST_IN_NAMES, "NAMES with user and host"),
];

/// The limits of metadata. Source: IRCv3 metadata.
fn metadata(face: &IrcFace) -> String {
    let limits = &face.info.metadata;
    format!(
        "max-subs={},max-keys={},max-value-bytes={}",
        limits.max_subs, limits.max_keys, limits.max_value_bytes
    )
}

/// Where TLS is, for those without it; for those with it, how long to insist on it. Source: IRCv3 sts.
fn sts(face: &IrcFace) -> String {
    match &face.info.sts {
        None => String::new(),
        Some(sts) if !face.tls => format!("port={}", sts.port),
        Some(sts) => {
            let preload = if sts.preload { ",preload" } else { "" };
            format!("duration={}{preload}", sts.duration.as_secs())
        }
    }
}

/// The capabilities of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Caps(pub(super) u32);

impl Caps {
    /// True when all these are on.
    pub(super) fn has(self, bits: u32) -> bool {
        self.0 & bits == bits
    }
}

/// Bytes of names in one CAP line: `:server CAP nick LS * :` and the longest nick fit beside them.
const NAMES_PER_LINE: usize = 380;

/// CAP.
pub(super) fn cap(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let asked = message.params.first().copied().unwrap_or_default();
    match asked.to_ascii_uppercase().as_str() {
        "LS" => list_offered(face, message.params.get(1).copied(), turn),
        "LIST" => {
            let on = |row: &&Row| row.bit != TOLD && face.caps.has(row.bit);
            let names = CAPS.iter().filter(on).map(|row| row.name);
            say_names(face, "LIST", names.map(str::to_owned).collect(), face.cap_302, turn);
        }
        "REQ" => request(face, &message.params[1..], turn),
        "END" => {
            if let Some(start) = &mut face.start {
                start.negotiating = false;
            }
            super::registration::arrive_if_ready(face, turn);
        }
        _ => {
            let text = "No such CAP command; there are LS, LIST, REQ and END.";
            face.numeric(turn.out(), ERR_INVALIDCAPCMD, &[shown(asked), text]);
        }
    }
}

/// What stands for a parameter that cannot be a middle one.
pub(super) fn shown(text: &str) -> &str {
    if text.is_empty() || text.starts_with(':') || text.contains(' ') { "*" } else { text }
}

fn list_offered(face: &mut IrcFace, version: Option<&str>, turn: &mut Turn) {
    let values = version.and_then(|v| v.parse::<u32>().ok()).is_some_and(|v| v >= 302);
    if values {
        // The highest version sticks, and brings cap-notify with it.
        face.cap_302 = true;
        face.caps.0 |= CAP_NOTIFY;
    }
    if let Some(start) = &mut face.start {
        start.negotiating = true;
    }
    // What is only told and says all in its value is of no use without one.
    let bare = |row: &Row| row.bit != TOLD || (row.value)(face).is_empty();
    let shown = |row: &&Row| (row.offered)(face) && (values || bare(row));
    let names = CAPS.iter().filter(shown).map(|row| {
        let value = if values { (row.value)(face) } else { String::new() };
        if value.is_empty() { row.name.to_owned() } else { format!("{}={value}", row.name) }
    });
    let names = names.collect();
    say_names(face, "LS", names, values, turn);
}

/// Writes the names in as many lines as they need. Clients before 302 read only one: what does not
/// fit is left out, drafts first.
fn say_names(face: &IrcFace, verb: &str, mut names: Vec<String>, several: bool, turn: &mut Turn) {
    if !several {
        names.sort_by_key(|name| name.starts_with("draft/"));
        let head = ":  CAP   :".len() + face.info.server.len() + face.me().len() + verb.len();
        let mut room = LINE_BYTES - 2 - head + 1;
        names.retain(|name| {
            let fits = name.len() < room;
            room -= if fits { name.len() + 1 } else { 0 };
            fits
        });
    }
    let rows = match several {
        true => in_rows(names.iter().map(String::as_str)),
        false => vec![names.join(" ")],
    };
    let last = rows.len() - 1;
    let server = Some(&*face.info.server);
    for (i, row) in rows.iter().enumerate() {
        let out = turn.out();
        if i < last {
            text(out, &[], server, "CAP", &[face.me(), verb, "*", row]);
        } else {
            text(out, &[], server, "CAP", &[face.me(), verb, row]);
        }
    }
}

/// Names in rows that each fit one line; at least one row.
fn in_rows<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut rows = vec![String::new()];
    for name in names {
        if rows.last().is_some_and(|r| !r.is_empty() && r.len() + 1 + name.len() > NAMES_PER_LINE) {
            rows.push(String::new());
        }
        if let Some(row) = rows.last_mut() {
            if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(name);
        }
    }
    rows
}

/// The mechanisms of SASL are there or gone: CAP NEW and DEL for those who want to know (sasl-3.2).
pub(super) fn set_sasl(face: &mut IrcFace, works: bool, out: &mut Vec<u8>) {
    if !face.info.sasl || face.sasl == works {
        return;
    }
    face.sasl = works;
    face.exchange = None;
    let told = face.caps.has(CAP_NOTIFY) && face.stage != Stage::Ended;
    if !works {
        face.caps.0 &= !SASL;
    }
    if told {
        let value = if face.cap_302 {
            format!("={}", super::sasl::mechanisms(face))
        } else {
            String::new()
        };
        let (verb, what) = match works {
            true => ("NEW", format!("sasl{value}")),
            false => ("DEL", "sasl".to_owned()),
        };
        text(out, &[], Some(&face.info.server), "CAP", &[face.me(), verb, &what]);
    }
}

/// The config was read again: CAP NEW and DEL of what it changed. Of `sts` there is no DEL: "servers
/// MUST NOT send CAP DEL" of it.
pub(super) fn inform(face: &mut IrcFace, info: &Arc<ServerInfo>, out: &mut Vec<u8>) {
    let before = offers(face);
    face.info = info.clone();
    let told = face.caps.has(CAP_NOTIFY) && face.stage != Stage::Ended;
    let (mut added, mut gone) = (Vec::new(), Vec::new());
    for ((row, before), after) in CAPS.iter().zip(before).zip(offers(face)) {
        match after {
            Some(value) if before.as_ref() != Some(&value) => {
                // A client without 302 knows no values, so that nothing is new to it.
                if face.cap_302 && !value.is_empty() {
                    added.push(format!("{}={value}", row.name));
                } else if before.is_none() && (row.bit != TOLD || value.is_empty()) {
                    added.push(row.name.to_owned());
                }
            }
            None if before.is_some() => {
                face.caps.0 &= !row.bit;
                gone.extend((row.name != "sts").then(|| row.name.to_owned()));
            }
            _ => {}
        }
    }
    for (verb, names) in [("NEW", added), ("DEL", gone)] {
        if told && !names.is_empty() {
            let what = names.join(" ");
            text(out, &[], Some(&face.info.server), "CAP", &[face.me(), verb, &what]);
        }
    }
}

/// What is offered, with its value, of each capability.
fn offers(face: &IrcFace) -> Vec<Option<String>> {
    CAPS.iter().map(|row| (row.offered)(face).then(|| (row.value)(face))).collect()
}

fn request(face: &mut IrcFace, lists: &[&str], turn: &mut Turn) {
    if let Some(start) = &mut face.start {
        start.negotiating = true;
    }
    let asked = lists.join(" ");
    let asked = asked.trim();
    let mut after = face.caps.0;
    let mut known = true;
    for name in asked.split_ascii_whitespace() {
        let (on, name) = match name.strip_prefix('-') {
            Some(name) => (false, name),
            None => (true, name),
        };
        let may = |row: &&Row| row.name == name && row.bit != TOLD && (row.offered)(face);
        let row = CAPS.iter().find(may);
        match row {
            // 302 brings cap-notify and keeps it.
            Some(row) if !on && row.bit == CAP_NOTIFY && face.cap_302 => known = false,
            Some(row) if on => after |= row.bit,
            Some(row) => after &= !row.bit,
            None => known = false,
        }
    }
    let begins = known && after & !face.caps.0 & METADATA != 0 && face.reads_all();
    let verb = if known { "ACK" } else { "NAK" };
    // As it was asked, and in several lines where one cannot hold it.
    let rows = match asked.len() > NAMES_PER_LINE {
        true => in_rows(asked.split_ascii_whitespace()),
        false => vec![asked.to_owned()],
    };
    for row in &rows {
        text(turn.out(), &[], Some(&face.info.server), "CAP", &[face.me(), verb, row]);
    }
    if known {
        // Not before the last ACK: only what comes behind it may look different.
        face.caps.0 = after;
    }
    if begins {
        super::commands::metadata::own(turn);
    }
}
