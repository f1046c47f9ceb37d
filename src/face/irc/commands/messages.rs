//! Words: PRIVMSG, NOTICE and TAGMSG, and among them what is meant for the desk.
//!
//! A staff line that begins with `!` in a customer's channel is a desk command or a mistake; it
//! never leaves this file as words (DESIGN section 4, promise 4).

use super::listed;
use crate::base::casemap::same;
use crate::base::limits::TARGETS;
use crate::base::text::{ChannelName, Line};
use crate::desk::language::command::{Command, Say, Verb};
use crate::desk::language::words::Further;
use crate::face::irc::cap::{ECHO_MESSAGE, MESSAGE_TAGS};
use crate::face::irc::desk_commands::{self, Arguments};
use crate::face::irc::encode;
use crate::face::irc::session::{IrcFace, Turn};
use crate::wire::build::text;
use crate::wire::message::Message;
use crate::wire::numeric::*;
use crate::wire::tags::client_only;
use std::sync::Arc;

/// PRIVMSG.
pub(in crate::face::irc) fn privmsg(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if message.params.first().is_none_or(|targets| listed(targets).next().is_none()) {
        let text = "No target given; say whom or which channel the words are for.";
        return face.numeric(turn.out(), ERR_NORECIPIENT, &[text]);
    }
    if message.params.get(1).is_none_or(|words| words.is_empty()) {
        return face.numeric(turn.out(), ERR_NOTEXTTOSEND, &["No text to send."]);
    }
    say_line(face, message, Verb::Privmsg, turn);
}

/// NOTICE: never answered, not even with an error.
pub(in crate::face::irc) fn notice(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if message.params.get(1).is_some_and(|words| !words.is_empty()) {
        say_line(face, message, Verb::Notice, turn);
    }
}

/// TAGMSG: only tags, for those who read them.
pub(in crate::face::irc) fn tagmsg(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if message.params[0].is_empty() {
        return face.too_few("TAGMSG", turn);
    }
    say_line(face, message, Verb::Tag, turn);
}

/// What is said, to whomever: a first line, and in a multiline message those behind it.
pub(super) struct Spoken<'a> {
    pub(super) verb: Verb,
    pub(super) words: &'a str,
    pub(super) tags: Option<Arc<str>>,
    pub(super) more: &'a [Further],
}

fn say_line(face: &mut IrcFace, message: &Message, verb: Verb, turn: &mut Turn) {
    if verb == Verb::Tag && !face.caps.has(MESSAGE_TAGS) {
        return;
    }
    let tags = relayed(face, message);
    let words = if verb == Verb::Tag { "" } else { message.params.at(1).unwrap_or_default() };
    say(face, message.params[0], &Spoken { verb, words, tags, more: &[] }, turn);
}

/// The client's tags that go with its words.
pub(super) fn relayed(face: &IrcFace, message: &Message) -> Option<Arc<str>> {
    let reads = face.caps.has(MESSAGE_TAGS);
    if reads { client_only(&message.tags, &face.info.client_tag_deny) } else { None }
}

/// Says it to each of the targets.
pub(super) fn say(face: &mut IrcFace, targets: &str, spoken: &Spoken, turn: &mut Turn) {
    let Spoken { verb, tags, more, .. } = spoken;
    for (i, target) in listed(targets).enumerate() {
        if i == TARGETS {
            if *verb != Verb::Notice {
                face.too_many_targets(target, TARGETS, turn);
            }
            return;
        }
        if same(target, encode::DESK) {
            if *verb == Verb::Privmsg {
                to_desk(face, spoken, turn);
            }
            continue;
        }
        let (mut words, mut literal) = (spoken.words, false);
        if *verb != Verb::Tag && face.role.is_staff() && is_customers(target) {
            if let Some(rest) = words.strip_prefix("!!") {
                words = &words[words.len() - rest.len() - 1..];
                literal = true;
            } else if let Some(typed) = words.strip_prefix('!').filter(|_| more.is_empty()) {
                typed_in(face, target, typed, turn);
                continue;
            }
        }
        turn.desk(Command::Say(Say {
            target: Line::scrubbed(target),
            verb: *verb,
            text: Line::scrubbed(words),
            tags: tags.clone(),
            more: more.to_vec(),
            literal,
        }));
    }
}

/// A desk command that was typed in a customer's channel.
fn typed_in(face: &mut IrcFace, target: &str, typed: &str, turn: &mut Turn) {
    let channel = ChannelName::parse(target).ok();
    let inside = |known: &ChannelName| same(known.as_str(), target);
    if let Some(channel) = channel.as_ref().filter(|_| face.channels.iter().any(inside)) {
        face.answer_in(channel);
    }
    desk_commands::typed(face, typed, channel, turn);
    face.place = None;
}

/// True for the name of a customer's channel.
pub(in crate::face::irc) fn is_customers(target: &str) -> bool {
    target.get(..3).is_some_and(|start| same(start, "#c-"))
}

/// Words to `desk` are a desk command. Nobody else sees them; the speaker does if it echoes.
fn to_desk(face: &mut IrcFace, spoken: &Spoken, turn: &mut Turn) {
    let words = spoken.words;
    // A client's own questions (CTCP) are not a person's.
    if words.starts_with('\u{1}') {
        return;
    }
    if !spoken.more.is_empty() {
        let text = "A desk command is one line; nothing was done. Send it without further lines.";
        return face.fail_always(turn.out(), "BATCH", "MULTILINE_INVALID", &[], text);
    }
    if face.caps.has(ECHO_MESSAGE)
        && let Some(source) = &face.source
    {
        let prefix = encode::prefix(source);
        text(turn.out(), &[], Some(&prefix), "PRIVMSG", &[encode::DESK, words]);
    }
    desk_commands::typed(face, words, None, turn);
}

/// A raw command that is not IRC's: the desk's, or unknown. True when it was one.
pub(in crate::face::irc) fn raw_desk_command(
    face: &mut IrcFace,
    message: &Message,
    turn: &mut Turn,
) -> bool {
    let Some(row) = desk_commands::find(message.verb) else { return false };
    // A command that a customer cannot use does not exist for them.
    if !face.role.is_staff() && !row.may_use(face.role) {
        return false;
    }
    desk_commands::run(face, row, Arguments::of_params(&message.params), None, turn);
    true
}
