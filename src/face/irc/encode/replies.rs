//! Replies as numerics and as sentences of `desk`, and what the session learns from them.

use super::people::{filled, listed};
use super::{history, isupport, notices, people, refusals};
use crate::base::casemap::same;
use crate::base::text::{ChannelName, Line};
use crate::base::time::{Timestamp, utc};
use crate::desk::language::command::{MonitorChange, Question};
use crate::desk::language::notice::{
    ChannelRow, Counts, Member, Reply, RoomRenamed, Said, StatsRow, Welcome,
};
use crate::desk::language::people::Source;
use crate::face::irc::cap::{BATCH, CHANNEL_RENAME, CHATHISTORY, CHGHOST, shown};
use crate::face::irc::commands::server_info::{self, VERSION, write_motd};
use crate::face::irc::session::{IrcFace, Stage};
use crate::face::{Dialect, texts};
use crate::wire::build::line;
use crate::wire::numeric::*;
use std::sync::Arc;

/// Writes an answer.
pub(in crate::face::irc) fn reply(
    face: &mut IrcFace,
    dialect: Dialect,
    reply: &Reply,
    out: &mut Vec<u8>,
) {
    match reply {
        Reply::Welcome(welcome) => welcomed(face, welcome, out),
        Reply::Refused { command, refusal } => {
            let nick_refused = face.stage == Stage::Arriving && refusals::refuses_nick(reply);
            if nick_refused {
                // They choose another; the numeric stands at `*` again.
                face.stage = Stage::Fresh;
                if let Some(start) = &mut face.start {
                    start.nick = None;
                }
            }
            refusals::refused(face, command, refusal, out);
        }
        Reply::Done(text) => face.note(out, &texts::english(text)),
        Reply::Listing(rows) => {
            for text in rows {
                face.note(out, &texts::english(text));
            }
        }
        Reply::In(channel, bare) => {
            face.answer_in(channel);
            self::reply(face, dialect, bare, out);
            face.place = None;
        }
        Reply::Names { channel, members, kind, on_join } => {
            if *on_join {
                remember_channel(face, channel);
            }
            people::names(face, (channel, *kind), members, *on_join, out);
        }
        Reply::Who { mask, rows } => people::who(face, mask, rows, out),
        Reply::VisibleAs(now) => visible_as(face, now, out),
        Reply::Health(true) => {
            let text = "This server answers, and stores what is said.";
            face.server_line(out, "NOTE", &["HEALTH", "OK", text]);
        }
        Reply::Health(false) => {
            let text = "the disk refuses writes; see to its room and its state";
            face.server_line(out, "FAIL", &["HEALTH", "STORAGE_FAILING", text]);
        }
        Reply::ChannelRenamed(renamed) => channel_renamed(face, dialect, renamed, out),
        Reply::Nothing(question) => nothing(face, question, out),
        Reply::Metadata(answer) => super::metadata::reply(face, answer, out),
        Reply::Stats(letter, rows) => stats(face, *letter, rows.as_deref(), out),
        // The runner's.
        Reply::Decide(_) => {}
        Reply::Opered => {
            face.numeric(out, RPL_YOUREOPER, &["You are an operator of this server now."]);
        }
        Reply::Page { .. } | Reply::Targets(_) | Reply::ReadUntil { .. } => {
            history::answer(face, dialect, reply, out)
        }
        // Who can ask for history is not told it unasked.
        Reply::History { unasked: true, .. } if face.caps.has(CHATHISTORY) => {}
        Reply::History { channel, lines, .. } => {
            replay(face, dialect, channel.as_str(), lines, out);
        }
        other => told(face, other, out),
    }
}

/// Answers from which the session learns nothing.
fn told(face: &IrcFace, reply: &Reply, out: &mut Vec<u8>) {
    match reply {
        Reply::AwaySet(away) => away_set(face, *away, out),
        Reply::PeerAway(nick, text) => peer_away(face, nick.as_str(), text, out),
        Reply::UserModes(modes) => face.numeric(out, RPL_UMODEIS, &[modes.as_str()]),
        Reply::Topic { channel, topic: None } => {
            face.numeric(out, RPL_NOTOPIC, &[channel.as_str(), "No topic is set."]);
        }
        Reply::Topic { channel, topic: Some(topic) } => {
            set_topic(face, channel.as_str(), topic, out);
        }
        Reply::AllNames(channels) => all_names(face, channels, out),
        Reply::Invitations(channels) => invitations(face, channels, out),
        Reply::ChannelModes { channel, modes, created } => {
            channel_modes(face, channel.as_str(), (modes, *created), out);
        }
        Reply::MaskList { channel, letter, entries } => {
            mask_list(face, channel.as_str(), *letter, entries, out);
        }
        Reply::Inviting(nick, channel) => {
            face.numeric(out, RPL_INVITING, &[nick.as_str(), channel.as_str()]);
        }
        Reply::Whois { nick, card, end } => {
            people::whois(face, nick, card.as_deref(), end.as_ref(), out);
        }
        Reply::Whowas { nick, rows } => people::whowas(face, nick, rows, out),
        Reply::List(rows) => list(face, rows, out),
        Reply::Ison(nicks) => {
            let words = nicks.iter().map(ToString::to_string);
            listed(face, RPL_ISON, filled(face, words, ' '), out);
        }
        Reply::Userhost(rows) => people::userhost(face, rows, out),
        Reply::Lusers(counts) => lusers(face, *counts, out),
        Reply::MonitorStatus { online, offline } => {
            let online = online.iter().map(|who| super::prefix(who));
            for row in filled(face, online, ',') {
                face.worded(out, RPL_MONONLINE, &[&row]);
            }
            for row in filled(face, offline.iter().map(ToString::to_string), ',') {
                face.worded(out, RPL_MONOFFLINE, &[&row]);
            }
        }
        Reply::MonitorList(nicks) => {
            for row in filled(face, nicks.iter().map(ToString::to_string), ',') {
                face.worded(out, RPL_MONLIST, &[&row]);
            }
            face.numeric(out, RPL_ENDOFMONLIST, &["End of the MONITOR list."]);
        }
        Reply::Welcome(_)
        | Reply::Refused { .. }
        | Reply::Done(_)
        | Reply::Listing(_)
        | Reply::In(..)
        | Reply::Names { .. }
        | Reply::Who { .. }
        | Reply::ChannelRenamed(_)
        | Reply::Nothing(_)
        | Reply::Health(_)
        | Reply::VisibleAs(_)
        | Reply::Opered
        | Reply::Metadata(_)
        | Reply::Page { .. }
        | Reply::Targets(_)
        | Reply::Stats(..)
        | Reply::ReadUntil { .. }
        | Reply::Decide(_)
        | Reply::History { .. } => unreachable!("written by `reply`"),
    }
}

/// 324 and 329.
fn channel_modes(
    face: &IrcFace,
    channel: &str,
    (modes, created): (&Line, Timestamp),
    out: &mut Vec<u8>,
) {
    let mut params = vec![channel];
    params.extend(modes.as_str().split_ascii_whitespace());
    face.numeric(out, RPL_CHANNELMODEIS, &params);
    face.numeric(out, RPL_CREATIONTIME, &[channel, &created.seconds().to_string()]);
}

/// 306, or 305.
pub(in crate::face::irc) fn away_set(face: &IrcFace, away: bool, out: &mut Vec<u8>) {
    if away {
        face.numeric(out, RPL_NOWAWAY, &["You are away now; AWAY alone ends it."]);
    } else {
        face.numeric(out, RPL_UNAWAY, &["You are no longer away."]);
    }
}

/// CHGHOST of oneself, or 396 for clients that do not know it.
fn visible_as(face: &mut IrcFace, now: &Arc<Source>, out: &mut Vec<u8>) {
    let before = face.source.replace(now.clone());
    match before.filter(|_| face.caps.has(CHGHOST)) {
        Some(before) => {
            let source = super::prefix(&before);
            line(out, &[], Some(&source), "CHGHOST", &[&now.user, &now.host]);
        }
        None => {
            let seen = format!("{}@{}", now.user, now.host);
            face.numeric(out, RPL_VISIBLEHOST, &[&seen, "is how others see you now"]);
        }
    }
}

/// 301.
fn peer_away(face: &IrcFace, nick: &str, text: &Line, out: &mut Vec<u8>) {
    face.worded(out, RPL_AWAY, &[nick, text.as_str()]);
}

fn set_topic(
    face: &IrcFace,
    channel: &str,
    (text, by, at): &(Line, Arc<str>, Timestamp),
    out: &mut Vec<u8>,
) {
    let by = if by.is_empty() { "*" } else { by };
    face.worded(out, RPL_TOPIC, &[channel, text.as_str()]);
    face.numeric(out, RPL_TOPICWHOTIME, &[channel, by, &at.seconds().to_string()]);
}

fn all_names(face: &IrcFace, channels: &[(ChannelName, char, Vec<Member>)], out: &mut Vec<u8>) {
    for (channel, kind, members) in channels {
        people::members_of(face, (channel.as_str(), *kind), members, out);
    }
    face.numeric(out, RPL_ENDOFNAMES, &["*", "End of names."]);
}

fn invitations(face: &IrcFace, channels: &[ChannelName], out: &mut Vec<u8>) {
    for channel in channels {
        face.numeric(out, RPL_INVITELIST, &[channel.as_str()]);
    }
    face.numeric(out, RPL_ENDOFINVITELIST, &["End of your invitations."]);
}

/// RENAME; for a client that does not read it, leaving and entering, unless only the case changed.
/// Source: IRCv3 channel-rename, "Fallback".
fn channel_renamed(face: &mut IrcFace, dialect: Dialect, told: &RoomRenamed, out: &mut Vec<u8>) {
    let (from, to) = (told.from.as_str(), told.to.as_str());
    face.channels.retain(|known| !same(known.as_str(), from));
    remember_channel(face, to);
    let pen = notices::Pen { info: &face.info, dialect, now: told.at };
    if face.caps.has(CHANNEL_RENAME) {
        let reason = told.reason.clone().unwrap_or_else(|| Line::scrubbed(""));
        return pen.of(&told.by, "RENAME", &[from, to], Some(&reason), out);
    }
    if same(from, to) {
        return;
    }
    pen.of(&told.who, "PART", &[from], told.reason.as_ref(), out);
    pen.entered(&told.who, to, out);
    if let Some(topic) = &told.topic {
        set_topic(face, to, topic, out);
    }
    people::names(face, (to, told.kind), &told.members, true, out);
}

fn mask_list(
    face: &IrcFace,
    channel: &str,
    letter: char,
    entries: &[(Line, Arc<str>, Timestamp)],
    out: &mut Vec<u8>,
) {
    let (row, end) = match letter {
        'e' => (RPL_EXCEPTLIST, RPL_ENDOFEXCEPTLIST),
        'I' => (RPL_INVEXLIST, RPL_ENDOFINVEXLIST),
        'q' => (RPL_QUIETLIST, RPL_ENDOFQUIETLIST),
        _ => (RPL_BANLIST, RPL_ENDOFBANLIST),
    };
    // The numerics of the quiet list say which list it is.
    let about: &[&str] = if letter == 'q' { &[channel, "q"] } else { &[channel] };
    for (mask, by, at) in entries {
        let at = at.seconds().to_string();
        face.numeric(out, row, &[about, &[mask.as_str(), by, &at]].concat());
    }
    face.numeric(out, end, &[about, &["End of the list."]].concat());
}

/// 001 to 005, LUSERS, MOTD. The session is registered from here on, and what only registration
/// needed is dropped. A customer's token follows as a sentence of the desk.
fn welcomed(face: &mut IrcFace, welcome: &Welcome, out: &mut Vec<u8>) {
    face.source = Some(welcome.source.clone());
    face.role = welcome.role;
    face.start = None;
    face.exchange = None;
    if face.stage != Stage::Ended {
        face.stage = Stage::Registered;
    }
    let (server, network) = (face.info.server.clone(), face.info.network.clone());
    let hello = format!("Welcome to {network}, {}", super::prefix(&welcome.source));
    face.numeric(out, RPL_WELCOME, &[&hello]);
    let host = format!("Your host is {server}, running version {VERSION}");
    face.numeric(out, RPL_YOURHOST, &[&host]);
    let created = format!("This server has been up since {}", utc(face.info.created));
    face.numeric(out, RPL_CREATED, &[&created]);
    let (modes, with_parameter) = isupport::channel_modes(face.info.prefixes);
    let modes: [&str; 5] = [&server, VERSION, isupport::USER_MODES, &modes, &with_parameter];
    face.numeric(out, RPL_MYINFO, &modes);
    isupport::write(face, out);
    lusers(face, welcome.counts, out);
    // "If the user has client modes set on them automatically, the server SHOULD send RPL_UMODEIS".
    if welcome.modes.as_str() != "+" {
        face.numeric(out, RPL_UMODEIS, &[welcome.modes.as_str()]);
    }
    write_motd(face, out);
}

fn lusers(face: &IrcFace, counts: Counts, out: &mut Vec<u8>) {
    let visible = counts.users.saturating_sub(counts.invisible);
    let all = format!("There are {visible} users and {} invisible on 1 servers", counts.invisible);
    face.numeric(out, RPL_LUSERCLIENT, &[&all]);
    if counts.operators > 0 {
        face.numeric(out, RPL_LUSEROP, &[&counts.operators.to_string(), "operators online"]);
    }
    if counts.unknown > 0 {
        let text = "connections that have not registered";
        face.numeric(out, RPL_LUSERUNKNOWN, &[&counts.unknown.to_string(), text]);
    }
    if counts.channels > 0 {
        face.numeric(out, RPL_LUSERCHANNELS, &[&counts.channels.to_string(), "channels formed"]);
    }
    let mine = format!("I have {} clients and 0 servers", counts.users);
    face.numeric(out, RPL_LUSERME, &[&mine]);
    let (now, most) = (counts.users.to_string(), counts.users_max.to_string());
    let text = format!("Local users now {now}, at most {most}");
    face.numeric(out, RPL_LOCALUSERS, &[&now, &most, &text]);
    let text = format!("All users now {now}, at most {most}");
    face.numeric(out, RPL_GLOBALUSERS, &[&now, &most, &text]);
}

/// Rows of STATS, and 219. Source: RFC 2812 section 5.1, 216 and 243.
fn stats(face: &IrcFace, letter: char, rows: Option<&[StatsRow]>, out: &mut Vec<u8>) {
    for row in rows.unwrap_or_default() {
        match row {
            StatsRow::Block { target, reason, author, until } => {
                let text = format!("{reason} (by {author}, until {})", utc(*until));
                face.worded(out, RPL_STATSKLINE, &["K", target.as_str(), "*", "*", &text]);
            }
            StatsRow::Operator { name, host } => {
                face.numeric(out, RPL_STATSOLINE, &["O", host.as_str(), "*", name]);
            }
            StatsRow::Online { who, name, idle } => {
                let text = format!("{} as {name}, idle {}", super::prefix(who), idle.as_secs());
                face.worded(out, RPL_STATSDEBUG, &["p", &text]);
            }
        }
    }
    match (rows, letter) {
        (None, _) => {
            let text = "That is for operators; OPER makes one.";
            face.numeric(out, ERR_NOPRIVILEGES, &[text]);
        }
        (Some(_), 'm' | 'M') => server_info::commands_used(face, out),
        (Some(_), _) => {}
    }
    face.numeric(out, RPL_ENDOFSTATS, &[letter.encode_utf8(&mut [0; 4]), "End of statistics."]);
}

fn list(face: &IrcFace, rows: &[ChannelRow], out: &mut Vec<u8>) {
    face.numeric(out, RPL_LISTSTART, &["Channel", "Users  Name"]);
    for row in rows {
        let members = row.members.to_string();
        face.worded(out, RPL_LIST, &[row.channel.as_str(), &members, row.topic.as_str()]);
    }
    face.numeric(out, RPL_LISTEND, &["End of the list."]);
}

/// The end of an answer that is otherwise empty.
fn nothing(face: &mut IrcFace, question: &Question, out: &mut Vec<u8>) {
    match question {
        Question::Names(channel) => people::names(face, (channel.as_str(), '='), &[], false, out),
        Question::AllNames => all_names(face, &[], out),
        Question::Invitations => invitations(face, &[], out),
        Question::Who { mask, .. } => people::who(face, mask, &[], out),
        Question::Whois(nick) => people::whois(face, nick, None, Some(nick), out),
        Question::WhoisOf { nicks, asked, .. } => {
            for (i, nick) in nicks.iter().enumerate() {
                people::whois(face, nick, None, (i + 1 == nicks.len()).then_some(asked), out);
            }
        }
        Question::Whowas { nick, .. } => people::whowas(face, nick, &[], out),
        Question::List(_) => list(face, &[], out),
        Question::Ison(_) => listed(face, RPL_ISON, Vec::new(), out),
        Question::Userhost(_) => listed(face, RPL_USERHOST, Vec::new(), out),
        Question::Lusers => lusers(face, Counts::default(), out),
        Question::Stats(letter) => stats(face, *letter, None, out),
        Question::Monitor(MonitorChange::List) => {
            face.numeric(out, RPL_ENDOFMONLIST, &["End of the MONITOR list."]);
        }
        // These are silent when there is nothing to tell (IRCv3 monitor).
        Question::Monitor(
            MonitorChange::Add(_)
            | MonitorChange::Remove(_)
            | MonitorChange::Clear
            | MonitorChange::Status,
        ) => {}
    }
}

/// Recent lines, oldest first, in one `chathistory` batch where batches are read.
fn replay(face: &mut IrcFace, dialect: Dialect, channel: &str, lines: &[Said], out: &mut Vec<u8>) {
    let reference = face.caps.has(BATCH).then(|| face.batch_reference());
    if let Some(reference) = &reference {
        let open = format!("+{reference}");
        face.server_line(out, "BATCH", &[&open, "chathistory", shown(channel)]);
    }
    for line in lines {
        notices::said((&face.info, dialect), line, reference.as_deref(), out);
    }
    if let Some(reference) = &reference {
        face.server_line(out, "BATCH", &[&format!("-{reference}")]);
    }
}

fn remember_channel(face: &mut IrcFace, name: &str) {
    let known = face.channels.iter().any(|channel| same(channel.as_str(), name));
    if let (false, Ok(channel)) = (known, ChannelName::parse(name)) {
        face.channels.push(channel);
    }
}
