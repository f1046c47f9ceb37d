//! Questions about people and channels, and what one says of oneself: WHO, WHOIS, WHOWAS, LIST, ISON,
//! USERHOST, LUSERS, MONITOR, AWAY, SETNAME.

use super::server_info::is_elsewhere;
use super::{listed, words};
use crate::base::casemap::{mask_matches, same};
use crate::base::limits::{AWAYLEN, ISON, REALLEN, TARGETS, USERHOST};
use crate::base::text::Line;
use crate::base::time::Timestamp;
use crate::desk::language::command::{Command, ListFilter, MonitorChange, Question};
use crate::face::irc::cap::PRE_AWAY;
use crate::face::irc::encode::replies;
use crate::face::irc::session::{IrcFace, Turn, WhoQuery};
use crate::wire::message::Message;
use crate::wire::numeric::*;
use std::time::Duration;

/// WHO, and WHOX when its second parameter holds `%fields[,token]`.
pub(in crate::face::irc) fn who(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let mask = message.params.first().filter(|mask| !mask.is_empty()).copied().unwrap_or("*");
    let options = message.params.at(1).unwrap_or_default();
    let (flags, fields) = match options.split_once('%') {
        Some((flags, fields)) => {
            let (fields, token) = fields.split_once(',').unwrap_or((fields, "0"));
            // A token is at most three digits (WHOX); anything else counts as none.
            let sound = (1..=3).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_digit());
            (flags, Some((Box::from(fields), Box::from(if sound { token } else { "0" }))))
        }
        None => (options, None),
    };
    let mask = Line::scrubbed(mask);
    face.remember_who(WhoQuery { mask: mask.clone(), fields });
    turn.desk(Command::Ask(Question::Who { mask, operators: flags.contains('o') }));
}

/// WHOIS. With two parameters the first names the server to ask, or somebody who is on it.
pub(in crate::face::irc) fn whois(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let (target, nicks) = match (message.params.at(0), message.params.at(1)) {
        (Some(target), Some(nicks)) => (Some(target), Some(nicks)),
        (nicks, _) => (None, nicks),
    };
    let here = |target: &&str| {
        mask_matches(target, &face.info.server) || nicks.is_some_and(|nick| same(target, nick))
    };
    let at = target.filter(|target| !here(target)).map(Line::scrubbed);
    let asked = nicks.unwrap_or_default();
    let mut nicks: Vec<&str> = listed(asked).collect();
    let dropped = nicks.get(TARGETS).copied();
    nicks.truncate(TARGETS);
    match &nicks[..] {
        [] => return no_nick(face, turn),
        [nick] if at.is_none() && *nick == asked => {
            turn.desk(Command::Ask(Question::Whois(Line::scrubbed(nick))));
        }
        nicks => {
            let nicks = nicks.iter().map(|nick| Line::scrubbed(nick)).collect();
            let asked = Line::scrubbed(asked);
            turn.desk(Command::Ask(Question::WhoisOf { at, nicks, asked }));
        }
    }
    if let Some(nick) = dropped {
        face.too_many_targets(nick, TARGETS, turn);
    }
}

/// 431.
fn no_nick(face: &IrcFace, turn: &mut Turn) {
    face.numeric(turn.out(), ERR_NONICKNAMEGIVEN, &["No nick given; say whom you mean."]);
}

/// WHOWAS. A count that is not positive asks for all (Modern IRC).
pub(in crate::face::irc) fn whowas(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let count = message.params.at(1).and_then(|count| count.parse().ok()).filter(|n| *n > 0);
    let mut none = true;
    for (i, nick) in listed(message.params.at(0).unwrap_or_default()).enumerate() {
        if i == TARGETS {
            return face.too_many_targets(nick, TARGETS, turn);
        }
        none = false;
        turn.desk(Command::Ask(Question::Whowas { nick: Line::scrubbed(nick), count }));
    }
    if none {
        no_nick(face, turn);
    }
}

/// LIST with the filters of ELIST `CMNTU`.
pub(in crate::face::irc) fn list(_face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let mut filter = ListFilter::default();
    // Channels may stand before the conditions, or conditions alone. Source: Modern IRC "LIST".
    for part in message.params.iter().take(2).flat_map(|list| listed(list)) {
        narrow(&mut filter, part, turn.now);
    }
    turn.desk(Command::Ask(Question::List(filter)));
}

/// One condition of LIST. `C<n`: created less than `n` minutes ago.
fn narrow(filter: &mut ListFilter, part: &str, now: Timestamp) {
    let ago = |minutes: &str| {
        let minutes = minutes.parse::<u64>().ok()?;
        Some(now - Duration::from_secs(minutes.saturating_mul(60)))
    };
    let upper = part.get(..2).map(str::to_ascii_uppercase);
    let rest = part.get(2..).unwrap_or_default();
    match upper.as_deref() {
        Some("C<") => filter.created_after = ago(rest),
        Some("C>") => filter.created_before = ago(rest),
        Some("T<") => filter.topic_after = ago(rest),
        Some("T>") => filter.topic_before = ago(rest),
        _ => {
            if let Some(count) = part.strip_prefix('>') {
                filter.members_above = count.parse().ok();
            } else if let Some(count) = part.strip_prefix('<') {
                filter.members_below = count.parse().ok();
            } else if let Some(mask) = part.strip_prefix('!') {
                filter.not_masks.push(Line::scrubbed(mask));
            } else if part.contains(['*', '?']) {
                filter.masks.push(Line::scrubbed(part));
            } else {
                filter.channels.push(Line::scrubbed(part));
            }
        }
    }
}

/// ISON.
pub(in crate::face::irc) fn ison(_face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let nicks = message.params.iter().flat_map(|p| p.split_ascii_whitespace());
    let nicks = nicks.take(ISON).map(Line::scrubbed).collect();
    turn.desk(Command::Ask(Question::Ison(nicks)));
}

/// USERHOST.
pub(in crate::face::irc) fn userhost(_face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let nicks = message.params.iter().flat_map(|p| p.split_ascii_whitespace());
    let nicks = nicks.take(USERHOST).map(Line::scrubbed).collect();
    turn.desk(Command::Ask(Question::Userhost(nicks)));
}

/// LUSERS.
pub(in crate::face::irc) fn lusers(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if is_elsewhere(face, message.params.get(1), turn) {
        return;
    }
    turn.desk(Command::Ask(Question::Lusers));
}

/// MONITOR. Source: IRCv3 monitor.
pub(in crate::face::irc) fn monitor(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let nicks = || listed(message.params.at(1).unwrap_or_default()).map(Line::scrubbed).collect();
    let change = match message.params[0] {
        "+" | "-" if message.params.len() < 2 => return face.too_few("MONITOR", turn),
        "+" => MonitorChange::Add(nicks()),
        "-" => MonitorChange::Remove(nicks()),
        "C" | "c" => MonitorChange::Clear,
        "L" | "l" => MonitorChange::List,
        "S" | "s" => MonitorChange::Status,
        _ => {
            let text = "MONITOR knows + and - with nicks, C, L and S.";
            return face.fail(turn.out(), "MONITOR", "INVALID_PARAMS", &[], text);
        }
    };
    turn.desk(Command::Ask(Question::Monitor(change)));
}

/// AWAY; before registration for those who asked for it. Source: IRCv3 pre-away.
pub(in crate::face::irc) fn away(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let text = words(message.params.first(), AWAYLEN);
    if face.reads_all() {
        return turn.desk(Command::Away(text));
    }
    if !face.caps.has(PRE_AWAY) {
        return face.not_registered(turn);
    }
    replies::away_set(face, text.is_some(), turn.out());
    if let Some(start) = &mut face.start {
        start.away = text;
    }
}

/// SETNAME. Source: IRCv3 setname.
pub(in crate::face::irc) fn setname(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let name = message.params[0].trim();
    if name.is_empty() || name.len() > REALLEN {
        let text = format!("A real name has 1 to {REALLEN} bytes; choose another.");
        return face.fail(turn.out(), "SETNAME", "INVALID_REALNAME", &[], &text);
    }
    turn.desk(Command::Realname(Line::scrubbed(name)));
}
