//! The commands of IRC: one row each. A command that is not here is the desk's or unknown.
//!
//! The common checks (registered? enough parameters?) are done once, in `IrcFace::line`.

use super::commands::{
    batch, channels, history, messages, metadata, operators, queries, server_info, staff,
};
use super::session::{IrcFace, Turn};
use super::{cap, registering, registration, sasl, webirc};
use crate::wire::message::Message;

/// What runs a command.
pub(super) type Run = fn(&mut IrcFace, &Message, &mut Turn);

/// One command.
pub(super) struct Row {
    /// Its verb, in capitals.
    pub(super) name: &'static str,
    /// Parameters at least; fewer are 461.
    pub(super) least: usize,
    /// Read before registration as well; otherwise 451.
    pub(super) before: bool,
    /// The line of HELP: parameters and what it does.
    pub(super) help: &'static str,
    /// Its function.
    pub(super) run: Run,
}

const fn early(name: &'static str, least: usize, help: &'static str, run: Run) -> Row {
    Row { name, least, before: true, help, run }
}

const fn row(name: &'static str, least: usize, help: &'static str, run: Run) -> Row {
    Row { name, least, before: false, help, run }
}

/// Every command of IRC that is read here, by name.
pub(super) const COMMANDS: &[Row] = &[
    row("ADMIN", 0, "- who runs this server", server_info::admin),
    early("AUTHENTICATE", 1, "mechanism|data - sign in by SASL", sasl::authenticate),
    early("AWAY", 0, "[text] - absent with a text, or present again", queries::away),
    row(
        "BATCH",
        1,
        "+reference type target, -reference - a message of several lines",
        batch::batch,
    ),
    early("CAP", 1, "LS|LIST|REQ|END - negotiate capabilities", cap::cap),
    row(
        "CHATHISTORY",
        0,
        "LATEST|BEFORE|AFTER|AROUND|BETWEEN #channel|nick which count - lines of the past",
        history::chathistory,
    ),
    row("CONNECT", 1, "server - not offered here: there is one server", server_info::connect),
    row("DLINE", 1, "[duration] address [:why] - block an address or network", staff::dline),
    early(
        "HEALTH",
        0,
        "- does the server answer and store? (from this machine)",
        server_info::health,
    ),
    row("HELP", 0, "[command] - this help", server_info::help),
    row("HELPOP", 0, "[command] - this help", server_info::help),
    row("INFO", 0, "- what this server is", server_info::info),
    row(
        "INVITE",
        0,
        "nick #channel - invite; to a customer's channel: ask for help",
        channels::invite,
    ),
    row("ISON", 1, "nick... - which of these are here", queries::ison),
    early("ISUPPORT", 0, "- what this server supports, as tokens", server_info::isupport),
    row(
        "JOIN",
        1,
        "#channel[,...] [key,...] - enter; a customer's channel: claim or accept",
        channels::join,
    ),
    row(
        "KICK",
        2,
        "#channel nick[,...] [why] - remove; a customer: close the conversation",
        channels::kick,
    ),
    row("KILL", 1, "nick [:why] - end somebody's connection (operators)", operators::kill),
    row("KLINE", 1, "[duration] target [:why] - block, as BLOCK", staff::kline),
    row("LINKS", 0, "- the servers of this network", server_info::links),
    row("LIST", 0, "[filter] - channels you may see", queries::list),
    row("LUSERS", 0, "- how many people are here", queries::lusers),
    row(
        "MARKREAD",
        0,
        "#channel|nick [timestamp=moment] - up to when you have read it",
        history::markread,
    ),
    row(
        "METADATA",
        2,
        "target GET|LIST|SET|CLEAR|SUB|UNSUB|SUBS|SYNC [key...] - values on you and your channels",
        metadata::metadata,
    ),
    row("MODE", 1, "target [changes] - modes of a channel or yourself", channels::mode),
    row("MONITOR", 1, "+|- nicks, C, L, S - be told when people come and go", queries::monitor),
    row("MOTD", 0, "- message of the day", server_info::motd),
    row("NAMES", 0, "#channel[,...] - who is in a channel", channels::names),
    early("NICK", 0, "nick - your name", registration::nick),
    row("NOTICE", 0, "target :text - words that are never answered by a program", messages::notice),
    row("OPER", 2, "name password - become an operator of the server", operators::oper),
    row(
        "PART",
        1,
        "#channel[,...] [why] - leave; a conversation you own: give it back",
        channels::part,
    ),
    early("PASS", 1, "account:password or resume:token - before NICK and USER", registration::pass),
    early("PING", 0, "text - is the server there", registration::ping),
    early("PONG", 0, "text - the answer to PING", registration::pong),
    row("PRIVMSG", 0, "target :text - words to a channel or person", messages::privmsg),
    early("QUIT", 0, "[text] - end the connection", registration::quit),
    row("REDACT", 0, "#channel|nick msgid [:why] - take a message back", history::redact),
    early("REGISTER", 3, "account|* email|* password - make an account", registering::register),
    row("REHASH", 0, "- read the configuration again (operators)", staff::rehash),
    row(
        "RENAME",
        2,
        "#channel #name [why] - give a channel another name (operators)",
        channels::rename,
    ),
    row("SETNAME", 1, ":name - your real name", queries::setname),
    row("SQUIT", 1, "server - not offered here: there is one server", server_info::connect),
    row("STATS", 0, "u|k|m|o|p - figures; all but u for operators", server_info::stats),
    row("SUMMON", 0, "- not offered here", server_info::summon),
    row("TAGMSG", 1, "target - tags without words", messages::tagmsg),
    row("TIME", 0, "- the server's clock", server_info::time),
    row(
        "TOPIC",
        1,
        "#channel [:topic] - ask for or set the topic; a customer's channel: the card",
        channels::topic,
    ),
    row("TRACE", 0, "- the way to a person", server_info::trace),
    row("UNDLINE", 1, "address - lift a block, as UNBLOCK", staff::unkline),
    row("UNKLINE", 1, "mask - lift a block, as UNBLOCK", staff::unkline),
    early("USER", 4, "name 0 * :real name - who you are", registration::user),
    row("USERHOST", 1, "nick... - user and host of up to five people", queries::userhost),
    row("USERS", 0, "- not offered here", server_info::users),
    early("VERIFY", 2, "account code - complete REGISTER", registering::verify),
    row("VERSION", 0, "- name and version of the server", server_info::version),
    row("WALLOPS", 1, ":text - words to all with user mode w (operators)", operators::wallops),
    early(
        "WEBIRC",
        4,
        "password gateway host address [options] - whom a gateway brings; its first line",
        webirc::webirc,
    ),
    row("WHO", 0, "mask [o|%fields] - people by channel, nick or mask", queries::who),
    row("WHOIS", 0, "nick - who somebody is; of a customer: the card", queries::whois),
    row("WHOWAS", 0, "nick - who somebody was", queries::whowas),
];

/// Bytes of the longest verb (a test holds it).
const VERB_BYTES: usize = 16;

/// The row of that verb, in whatever case.
pub(super) fn find(verb: &str) -> Option<&'static Row> {
    let mut capitals = [0; VERB_BYTES];
    let capitals = capitals.get_mut(..verb.len())?;
    capitals.copy_from_slice(verb.as_bytes());
    capitals.make_ascii_uppercase();
    // Sorted by name (a test holds it), so the search is short.
    let found = COMMANDS.binary_search_by(|row| row.name.as_bytes().cmp(&*capitals));
    found.ok().map(|at| &COMMANDS[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_sorted_and_found_in_any_case() {
        assert!(COMMANDS.windows(2).all(|w| w[0].name < w[1].name));
        assert!(COMMANDS.iter().all(|row| row.name.len() <= VERB_BYTES));
        assert_eq!(find("privMsg").map(|r| r.name), Some("PRIVMSG"));
        assert!(find("").is_none() && find("PRIVMS").is_none());
    }
}
