//! What the server says of itself: VERSION, TIME, ADMIN, INFO, MOTD, LINKS, STATS, TRACE, HELP.
//!
//! Nothing here depends on who else is connected (promise 2).

use crate::base::casemap::{mask_matches, same};
use crate::base::time::utc;
use crate::desk::language::command::{Command, Question};
use crate::face::irc::cap::EXTENDED_ISUPPORT;
use crate::face::irc::desk_commands;
use crate::face::irc::encode::isupport;
use crate::face::irc::session::{IrcFace, Turn};
use crate::face::irc::table;
use crate::face::{Action, Operate};
use crate::wire::message::Message;
use crate::wire::numeric::*;

/// Name and version, as VERSION, INFO and 004 show it.
pub(in crate::face::irc) const VERSION: &str = concat!("switchboard-", env!("CARGO_PKG_VERSION"));

/// VERSION.
pub(in crate::face::irc) fn version(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if is_elsewhere(face, message.params.first(), turn) {
        return;
    }
    let text = "A chat server for customer support";
    face.numeric(turn.out(), RPL_VERSION, &[VERSION, &face.info.server, text]);
    isupport::write(face, turn.out());
}

/// ISUPPORT: before registration for those who asked for that (IRCv3 extended-isupport).
pub(in crate::face::irc) fn isupport(face: &mut IrcFace, _message: &Message, turn: &mut Turn) {
    if face.reads_all() || face.caps.has(EXTENDED_ISUPPORT) {
        isupport::write(face, turn.out());
    } else {
        face.not_registered(turn);
    }
}

/// True for the name of a server that is not this one, which is told (402). Masks are taken, and one's
/// own nick; another's would tell of that person.
pub(super) fn is_elsewhere(face: &IrcFace, named: Option<&&str>, turn: &mut Turn) -> bool {
    let Some(named) = named.filter(|named| !named.is_empty()) else { return false };
    if mask_matches(named, &face.info.server) || same(named, face.me()) {
        return false;
    }
    let text = "There is no such server; this network is one server.";
    face.numeric(turn.out(), ERR_NOSUCHSERVER, &[crate::face::irc::cap::shown(named), text]);
    true
}

/// HEALTH: for `switchboard healthcheck`. To anybody but this machine there is no such command.
pub(in crate::face::irc) fn health(face: &mut IrcFace, _message: &Message, turn: &mut Turn) {
    if face.trusted {
        turn.act(Action::Operate(Operate::Health));
    } else {
        face.numeric(turn.out(), ERR_UNKNOWNCOMMAND, &["HEALTH", "Unknown command; try HELP."]);
    }
}

/// TIME.
pub(in crate::face::irc) fn time(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if is_elsewhere(face, message.params.first(), turn) {
        return;
    }
    let now = turn.now;
    face.numeric(turn.out(), RPL_TIME, &[&face.info.server, &utc(now)]);
}

/// ADMIN.
pub(in crate::face::irc) fn admin(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if is_elsewhere(face, message.params.first(), turn) {
        return;
    }
    let out = turn.out();
    if face.info.admin.is_empty() {
        let text = "Nobody is named as administrator of this server.";
        return face.numeric(out, ERR_NOADMININFO, &[&face.info.server, text]);
    }
    face.numeric(out, RPL_ADMINME, &[&face.info.server, "Who runs this server:"]);
    for (code, line) in [RPL_ADMINLOC1, RPL_ADMINLOC2, RPL_ADMINEMAIL].iter().zip(&face.info.admin)
    {
        face.numeric(out, code, &[line.as_str()]);
    }
}

/// INFO.
pub(in crate::face::irc) fn info(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if is_elsewhere(face, message.params.first(), turn) {
        return;
    }
    let out = turn.out();
    let up = format!("{VERSION}, up since {}", utc(face.info.created));
    for text in ["Switchboard: a chat server for customer support.", &up] {
        face.numeric(out, RPL_INFO, &[text]);
    }
    face.numeric(out, RPL_ENDOFINFO, &["End of information."]);
}

/// MOTD.
pub(in crate::face::irc) fn motd(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if is_elsewhere(face, message.params.first(), turn) {
        return;
    }
    write_motd(face, turn.out());
}

/// The message of the day, or 422.
pub(in crate::face::irc) fn write_motd(face: &IrcFace, out: &mut Vec<u8>) {
    if face.info.motd.is_empty() {
        return face.numeric(out, ERR_NOMOTD, &["There is no message of the day."]);
    }
    let head = format!("- {} message of the day:", face.info.server);
    face.numeric(out, RPL_MOTDSTART, &[&head]);
    for line in &face.info.motd {
        face.numeric(out, RPL_MOTD, &[&format!("- {line}")]);
    }
    face.numeric(out, RPL_ENDOFMOTD, &["End of the message of the day."]);
}

/// LINKS: there is one server; a mask that does not mean it is answered by none.
pub(in crate::face::irc) fn links(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let (remote, mask) = match message.params[..] {
        [remote, mask, ..] => (Some(remote), mask),
        [mask] => (None, mask),
        [] => (None, "*"),
    };
    if is_elsewhere(face, remote.as_ref(), turn) {
        return;
    }
    let (out, server) = (turn.out(), &face.info.server);
    if mask_matches(mask, server) {
        face.numeric(out, RPL_LINKS, &[server, server, &format!("0 {}", face.info.network)]);
    }
    face.numeric(out, RPL_ENDOFLINKS, &[crate::face::irc::cap::shown(mask), "End of links."]);
}

/// STATS: the time since the start is for everybody, the rest for operators, and the desk knows them.
pub(in crate::face::irc) fn stats(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let asked = message.params.first().copied().unwrap_or_default();
    let Some(letter) = asked.chars().next() else { return face.too_few("STATS", turn) };
    if is_elsewhere(face, message.params.get(1), turn) {
        return;
    }
    if letter.is_ascii() && "kKoOpPmM".contains(letter) {
        return turn.desk(Command::Ask(Question::Stats(letter)));
    }
    let up = turn.now.since(face.info.created);
    let out = turn.out();
    if letter == 'u' {
        let (minutes, seconds) = (up.as_secs() / 60, up.as_secs() % 60);
        let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
        let text = format!("Server Up {days} days {hours}:{minutes:02}:{seconds:02}");
        face.numeric(out, RPL_STATSUPTIME, &[&text]);
    }
    let letter = crate::face::irc::cap::shown(asked);
    face.numeric(out, RPL_ENDOFSTATS, &[letter, "End of statistics."]);
}

/// The rows of STATS m.
pub(in crate::face::irc) fn commands_used(face: &IrcFace, out: &mut Vec<u8>) {
    for (name, count) in face.info.used.used() {
        face.numeric(out, RPL_STATSCOMMANDS, &[name, &count.to_string()]);
    }
}

/// CONNECT and SQUIT: servers are not linked here, by nobody.
pub(in crate::face::irc) fn connect(face: &mut IrcFace, _message: &Message, turn: &mut Turn) {
    let text = "This network is one server; there is nothing to connect or to part.";
    face.numeric(turn.out(), ERR_NOPRIVILEGES, &[text]);
}

/// TRACE: the way is always direct.
pub(in crate::face::irc) fn trace(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if is_elsewhere(face, message.params.first(), turn) {
        return;
    }
    face.numeric(turn.out(), RPL_TRACEEND, &[&face.info.server, VERSION, "End of trace."]);
}

/// SUMMON.
pub(in crate::face::irc) fn summon(face: &mut IrcFace, _message: &Message, turn: &mut Turn) {
    face.numeric(turn.out(), ERR_SUMMONDISABLED, &["SUMMON is not offered here."]);
}

/// USERS.
pub(in crate::face::irc) fn users(face: &mut IrcFace, _message: &Message, turn: &mut Turn) {
    face.numeric(turn.out(), ERR_USERSDISABLED, &["USERS is not offered here; try NAMES or WHO."]);
}

/// HELP: of both tables, for what the role may use.
pub(in crate::face::irc) fn help(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let asked = message.params.first().copied().unwrap_or_default();
    let topic = if asked.is_empty() { "index" } else { crate::face::irc::cap::shown(asked) };
    let mut lines = Vec::new();
    if asked.is_empty() {
        if face.info.desk || face.role.is_staff() {
            lines.extend(desk_commands::index(face.role));
        }
        let names: Vec<&str> = table::COMMANDS.iter().map(|row| row.name).collect();
        lines.extend(names.chunks(12).map(|some| some.join(" ")));
    } else {
        let row = table::find(asked).filter(|row| row.name != "HELP");
        lines.extend(desk_commands::explained(face.role, asked));
        lines.extend(row.map(|row| format!("{} {}", row.name, row.help)));
    }
    let out = turn.out();
    if lines.is_empty() {
        let text = "No help on that; HELP alone lists every command.";
        return face.numeric(out, ERR_HELPNOTFOUND, &[topic, text]);
    }
    let start = if asked.is_empty() { "What you can say here:" } else { "Help:" };
    face.numeric(out, RPL_HELPSTART, &[topic, start]);
    // "The first RPL_HELPTXT message SHOULD be empty" (Modern IRC).
    face.worded(out, RPL_HELPTXT, &[topic, ""]);
    for line in &lines {
        face.numeric(out, RPL_HELPTXT, &[topic, line]);
    }
    face.numeric(out, RPL_ENDOFHELP, &[topic, "End of help."]);
}
