//! People as answers: WHO, WHOX, WHOIS, WHOWAS, NAMES, USERHOST.

use super::{prefix, rank, room};
use crate::base::text::Line;
use crate::base::time::{Timestamp, utc};
use crate::desk::language::notice::{Member, PersonRow, WhoisCard};
use crate::desk::language::people::Source;
use crate::face::irc::cap::{MULTI_PREFIX, NO_IMPLICIT_NAMES, USERHOST_IN_NAMES, shown};
use crate::face::irc::session::IrcFace;
use crate::face::texts;
use crate::wire::numeric::*;
use std::sync::Arc;

/// Bytes of words in a line of answers that lists several things: beside them fit the longest server
/// name, nick and channel.
pub(super) const LISTED_BYTES: usize = 320;

/// Joins words into pieces of at most `LISTED_BYTES`; never an empty piece.
pub(super) fn packed(words: impl IntoIterator<Item = String>, separator: char) -> Vec<String> {
    packed_to(LISTED_BYTES, words, separator)
}

/// Joins words into as few pieces as the lines of a numeric of nothing else can hold: what does not
/// fit one line of ISON, some clients take for absent.
pub(super) fn filled(
    face: &IrcFace,
    words: impl IntoIterator<Item = String>,
    separator: char,
) -> Vec<String> {
    packed_to(room(&face.info.server, "000", face.me()), words, separator)
}

fn packed_to(max: usize, words: impl IntoIterator<Item = String>, separator: char) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in words {
        match rows.last_mut() {
            Some(row) if row.len() + 1 + word.len() <= max => {
                row.push(separator);
                row.push_str(&word);
            }
            _ => rows.push(word),
        }
    }
    rows
}

/// 353 and 366.
pub(super) fn names(
    face: &IrcFace,
    (channel, kind): (&str, char),
    members: &[Member],
    on_join: bool,
    out: &mut Vec<u8>,
) {
    if on_join && face.caps.has(NO_IMPLICIT_NAMES) {
        return;
    }
    members_of(face, (channel, kind), members, out);
    face.numeric(out, RPL_ENDOFNAMES, &[shown(channel), "End of names."]);
}

/// 353 of one channel.
pub(super) fn members_of(
    face: &IrcFace,
    (channel, kind): (&str, char),
    members: &[Member],
    out: &mut Vec<u8>,
) {
    let all = face.caps.has(MULTI_PREFIX);
    let words = members.iter().map(|member| {
        let rank = rank(member.rank, all);
        if face.caps.has(USERHOST_IN_NAMES) {
            format!("{rank}{}", prefix(&member.who))
        } else {
            format!("{rank}{}", member.who.nick)
        }
    });
    for row in packed(words, ' ') {
        face.worded(out, RPL_NAMREPLY, &[kind.encode_utf8(&mut [0; 4]), channel, &row]);
    }
}

/// 352 or 354, and 315.
pub(super) fn who(face: &mut IrcFace, mask: &Line, rows: &[PersonRow], out: &mut Vec<u8>) {
    let asked = face.recall_who(mask);
    for row in rows {
        match &asked {
            Some((fields, token)) => whox(face, row, fields, token, out),
            None => who_row(face, row, out),
        }
    }
    face.numeric(out, RPL_ENDOFWHO, &[shown(mask.as_str()), "End of WHO."]);
}

/// Here or gone, operator, ranks, then what is this server's own. Source: Modern IRC 352.
fn flags(face: &IrcFace, row: &PersonRow) -> String {
    let mut flags = String::from(if row.away { "G" } else { "H" });
    if row.operator {
        flags.push('*');
    }
    flags.push_str(&rank(row.rank, face.caps.has(MULTI_PREFIX)));
    if row.who.bot {
        flags.push('B');
    }
    flags
}

fn channel_of(row: &PersonRow) -> &str {
    row.channel.as_ref().map_or("*", |channel| channel.as_str())
}

fn who_row(face: &IrcFace, row: &PersonRow, out: &mut Vec<u8>) {
    let who = &row.who;
    let hops_and_name = format!("0 {}", who.realname);
    face.worded(
        out,
        RPL_WHOREPLY,
        &[
            channel_of(row),
            &who.user,
            &who.host,
            &face.info.server,
            who.nick.as_str(),
            &flags(face, row),
            &hops_and_name,
        ],
    );
}

/// The fields stand in WHOX's own order, whatever order was asked. Source: IRCv3 whox.
fn whox(face: &IrcFace, row: &PersonRow, fields: &str, token: &str, out: &mut Vec<u8>) {
    let who = &row.who;
    let idle = row.idle.as_secs().to_string();
    let flags = flags(face, row);
    let account = who.account.as_ref().map_or("0", |account| account.as_str());
    let values: [(char, &str); 13] = [
        ('t', token),
        ('c', channel_of(row)),
        ('u', &who.user),
        ('i', row.address.as_deref().unwrap_or("255.255.255.255")),
        ('h', &who.host),
        ('s', &face.info.server),
        ('n', who.nick.as_str()),
        ('f', &flags),
        ('d', "0"),
        ('l', &idle),
        ('a', account),
        ('o', "n/a"),
        ('r', who.realname.as_str()),
    ];
    let wanted = values.iter().filter(|(letter, _)| fields.contains(*letter));
    // An address that begins with a colon would read as the last parameter.
    let params: Vec<String> = wanted
        .map(|(letter, value)| match letter {
            'i' if value.starts_with(':') => format!("0{value}"),
            _ => (*value).to_owned(),
        })
        .collect();
    let params: Vec<&str> = params.iter().map(String::as_str).collect();
    face.numeric(out, RPL_WHOSPCRPL, &params);
}

/// 311 to 318; 401 for somebody who is not there, or not for them.
pub(super) fn whois(
    face: &IrcFace,
    nick: &Line,
    card: Option<&WhoisCard>,
    end: Option<&Line>,
    out: &mut Vec<u8>,
) {
    match card {
        Some(card) => whois_card(face, card, out),
        None => {
            let text = "No such nick here.";
            face.numeric(out, ERR_NOSUCHNICK, &[shown(nick.as_str()), text]);
        }
    }
    if let Some(asked) = end {
        face.numeric(out, RPL_ENDOFWHOIS, &[shown(asked.as_str()), "End of WHOIS."]);
    }
}

fn whois_card(face: &IrcFace, card: &WhoisCard, out: &mut Vec<u8>) {
    let who = &card.row.who;
    let nick = who.nick.as_str();
    face.worded(out, RPL_WHOISUSER, &[nick, &who.user, &who.host, "*", who.realname.as_str()]);
    let all = face.caps.has(MULTI_PREFIX);
    let channels = card.channels.iter().map(|(r, name)| format!("{}{name}", rank(*r, all)));
    for row in packed(channels, ' ') {
        face.worded(out, RPL_WHOISCHANNELS, &[nick, &row]);
    }
    let info = &face.info;
    face.worded(out, RPL_WHOISSERVER, &[nick, &info.server, &info.network]);
    if card.row.operator {
        face.numeric(out, RPL_WHOISOPERATOR, &[nick, "is an operator of this server"]);
    }
    if let Some(away) = &card.away {
        face.worded(out, RPL_AWAY, &[nick, away.as_str()]);
    }
    if let Some(account) = &who.account {
        face.numeric(out, RPL_WHOISACCOUNT, &[nick, account.as_str(), "is signed in as"]);
        if account.folded() == who.nick.folded() {
            face.numeric(out, RPL_WHOISREGNICK, &[nick, "has signed in for this nick"]);
        }
    }
    if who.bot {
        face.numeric(out, RPL_WHOISBOT, &[nick, "is a bot"]);
    }
    if let Some(address) = &card.row.address {
        // 338 wants a host and an address; both are the peer's here.
        face.numeric(out, RPL_WHOISACTUALLY, &[nick, &address_word(address), "connects from"]);
    }
    if let Some(modes) = &card.modes {
        face.numeric(out, RPL_WHOISMODES, &[nick, &format!("is using modes {modes}")]);
    }
    if let Some(print) = &card.certificate {
        let text = format!("has client certificate fingerprint {print}");
        face.numeric(out, RPL_WHOISCERTFP, &[nick, &text]);
    }
    if card.secure {
        face.numeric(out, RPL_WHOISSECURE, &[nick, "uses a secure connection"]);
    }
    for text in &card.card {
        for line in super::split(&texts::english(text), LISTED_BYTES) {
            face.worded(out, RPL_WHOISSPECIAL, &[nick, line]);
        }
    }
    let (idle, since) = (card.row.idle.as_secs().to_string(), card.since.seconds().to_string());
    let text = "seconds idle, signed on at";
    face.numeric(out, RPL_WHOISIDLE, &[nick, &idle, &since, text]);
}

fn address_word(address: &str) -> String {
    if address.starts_with(':') { format!("0{address}") } else { address.to_owned() }
}

/// 314 and 369; 406 when there is nothing.
pub(super) fn whowas(
    face: &IrcFace,
    nick: &Line,
    rows: &[(Arc<Source>, Timestamp)],
    out: &mut Vec<u8>,
) {
    if rows.is_empty() {
        let text = "Nobody of that nick was here lately.";
        face.numeric(out, ERR_WASNOSUCHNICK, &[shown(nick.as_str()), text]);
    }
    for (who, at) in rows {
        let nick = who.nick.as_str();
        let real = who.realname.as_str();
        face.worded(out, RPL_WHOWASUSER, &[nick, &who.user, &who.host, "*", real]);
        if let Some(account) = &who.account {
            face.numeric(out, RPL_WHOISACCOUNT, &[nick, account.as_str(), "was signed in as"]);
        }
        face.worded(out, RPL_WHOISSERVER, &[nick, &face.info.server, &utc(*at)]);
    }
    face.numeric(out, RPL_ENDOFWHOWAS, &[shown(nick.as_str()), "End of WHOWAS."]);
}

/// 302: `nick[*]=±user@host`.
pub(super) fn userhost(face: &IrcFace, rows: &[PersonRow], out: &mut Vec<u8>) {
    let words = rows.iter().map(|row| {
        let (operator, here) =
            (if row.operator { "*" } else { "" }, if row.away { "-" } else { "+" });
        format!("{}{operator}={here}{}@{}", row.who.nick, row.who.user, row.who.host)
    });
    listed(face, RPL_USERHOST, filled(face, words, ' '), out);
}

/// Rows of one numeric, and one empty row where there is nothing.
pub(super) fn listed(face: &IrcFace, code: &str, mut rows: Vec<String>, out: &mut Vec<u8>) {
    if rows.is_empty() {
        rows.push(String::new());
    }
    for row in rows {
        face.worded(out, code, &[&row]);
    }
}
