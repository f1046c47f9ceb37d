//! Channels: JOIN, PART, TOPIC, NAMES, INVITE, KICK, MODE. Source: Modern IRC "Channel Operations".

use super::{listed, words};
use crate::base::casemap::same;
use crate::base::limits::{CHANNELS_PER_COMMAND, KICKLEN, MODES, TOPICLEN};
use crate::base::text::{ChannelName, Folded, Line, truncate};
use crate::desk::language::command::{Command, ModeChange, Question};
use crate::desk::language::people::Rank;
use crate::face::irc::cap::shown;
use crate::face::irc::session::{IrcFace, Turn};
use crate::wire::message::Message;
use crate::wire::numeric::*;
use std::collections::VecDeque;

/// The channel of that name; if it cannot be one, says so as of any channel that is not there.
fn channel(face: &IrcFace, name: &str, turn: &mut Turn) -> Option<ChannelName> {
    let parsed = ChannelName::parse(name).ok();
    if parsed.is_none() {
        let text = "No such channel; names begin with # and hold no space, comma or colon.";
        face.numeric(turn.out(), ERR_NOSUCHCHANNEL, &[shown(name), text]);
    }
    parsed
}

/// The channels of a list, at most as many as one command may name; the first left out gets 407.
fn channels(face: &IrcFace, list: &str, turn: &mut Turn) -> Vec<ChannelName> {
    let mut found = Vec::new();
    for (i, name) in listed(list).enumerate() {
        if i == CHANNELS_PER_COMMAND {
            face.too_many_targets(name, CHANNELS_PER_COMMAND, turn);
            break;
        }
        found.extend(channel(face, name, turn));
    }
    found
}

/// JOIN. `JOIN 0` leaves every channel.
pub(in crate::face::irc) fn join(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if message.params[0] == "0" {
        face.channels.clear();
        return turn.desk(Command::PartAll);
    }
    if listed(message.params[0]).next().is_none() {
        return face.too_few("JOIN", turn);
    }
    let mut keys = message.params.get(1).map_or("", |keys| keys).split(',');
    for (i, name) in listed(message.params[0]).enumerate() {
        if i == CHANNELS_PER_COMMAND {
            return face.too_many_targets(name, CHANNELS_PER_COMMAND, turn);
        }
        // Each key is its channel's, also when another channel's name was none.
        let key = keys.next().filter(|key| !key.is_empty()).map(Line::scrubbed);
        if let Some(channel) = channel(face, name, turn) {
            turn.desk(Command::Join { channel, key });
        }
    }
}

/// PART.
pub(in crate::face::irc) fn part(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if listed(message.params[0]).next().is_none() {
        return face.too_few("PART", turn);
    }
    let reason = words(message.params.get(1), KICKLEN);
    for channel in channels(face, message.params[0], turn) {
        face.channels.retain(|known| !same(known.as_str(), channel.as_str()));
        turn.desk(Command::Part { channel, reason: reason.clone() });
    }
}

/// TOPIC.
pub(in crate::face::irc) fn topic(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    if let Some(channel) = channel(face, message.params[0], turn) {
        let text = message.params.get(1).map(|text| Line::scrubbed(truncate(text, TOPICLEN)));
        turn.desk(Command::Topic { channel, text });
    }
}

/// RENAME. Source: IRCv3 channel-rename.
pub(in crate::face::irc) fn rename(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let Some(channel) = channel(face, message.params[0], turn) else { return };
    match ChannelName::parse(message.params[1]) {
        Ok(to) => {
            let reason = words(message.params.get(2), KICKLEN);
            turn.desk(Command::Rename { channel, to, reason });
        }
        Err(_) => {
            let context = [channel.as_str(), shown(message.params[1])];
            let text = "A channel's name begins with # and holds no space, comma or colon.";
            face.fail(turn.out(), "RENAME", "CANNOT_RENAME", &context, text);
        }
    }
}

/// NAMES. Without a channel, of all that one may see.
pub(in crate::face::irc) fn names(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let list = message.params.first().copied().unwrap_or_default();
    let mut count = 0;
    for name in listed(list) {
        count += 1;
        if count > CHANNELS_PER_COMMAND {
            return face.too_many_targets(name, CHANNELS_PER_COMMAND, turn);
        }
        match ChannelName::parse(name) {
            Ok(channel) => turn.desk(Command::Ask(Question::Names(channel))),
            Err(_) => face.numeric(turn.out(), RPL_ENDOFNAMES, &[shown(name), "End of names."]),
        }
    }
    if count == 0 {
        turn.desk(Command::Ask(Question::AllNames));
    }
}

/// INVITE. Without parameters: the channels one is invited to.
pub(in crate::face::irc) fn invite(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    match (message.params.at(0), message.params.at(1)) {
        (None, _) => {
            turn.desk(Command::Ask(Question::Invitations));
        }
        (Some(nick), Some(name)) if !nick.is_empty() => {
            if let Some(channel) = channel(face, name, turn) {
                turn.desk(Command::Invite { nick: Folded::of(nick), channel });
            }
        }
        (Some(_), _) => face.too_few("INVITE", turn),
    }
}

/// KICK: of one channel several people, or of as many channels as people one each.
pub(in crate::face::irc) fn kick(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let reason = words(message.params.get(2), KICKLEN);
    let mut from: VecDeque<ChannelName> = channels(face, message.params[0], turn).into();
    let nicks: Vec<&str> = listed(message.params[1]).collect();
    if nicks.is_empty() {
        return face.too_few("KICK", turn);
    }
    for (i, nick) in nicks.into_iter().enumerate() {
        if i == CHANNELS_PER_COMMAND {
            return face.too_many_targets(nick, CHANNELS_PER_COMMAND, turn);
        }
        let channel = if from.len() > 1 { from.pop_front() } else { from.front().cloned() };
        if let Some(channel) = channel {
            turn.desk(Command::Kick { channel, nick: Folded::of(nick), reason: reason.clone() });
        }
    }
}

/// MODE of a channel, or of oneself.
pub(in crate::face::irc) fn mode(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let target = message.params[0];
    if target.starts_with('#') {
        let Some(channel) = channel(face, target, turn) else { return };
        let letters = message.params.get(1).copied().unwrap_or_default();
        let arguments = message.params.get(2..).unwrap_or_default();
        let changes = changes(face, letters, arguments, turn);
        if !changes.is_empty() || letters.is_empty() {
            turn.desk(Command::ChannelModes { channel, changes });
        }
    } else if same(target, face.me()) {
        let letters = message.params.get(1).copied().unwrap_or_default();
        turn.desk(Command::UserModes(signed(letters).collect()));
    } else if target.is_empty() {
        face.too_few("MODE", turn);
    } else {
        let letters = message.params.get(1).copied().unwrap_or_default();
        turn.desk(Command::UserModesOf(Line::scrubbed(target), signed(letters).collect()));
    }
}

/// The letters of a mode string with their signs.
fn signed(letters: &str) -> impl Iterator<Item = (bool, char)> {
    let mut add = true;
    letters.chars().filter_map(move |letter| match letter {
        '+' => {
            add = true;
            None
        }
        '-' => {
            add = false;
            None
        }
        letter => Some((add, letter)),
    })
}

/// Pairs letters with parameters. Lists without one are questions; others without one that need it
/// are left out with 461; parameters beyond the limit are left out.
fn changes(face: &IrcFace, letters: &str, arguments: &[&str], turn: &mut Turn) -> Vec<ModeChange> {
    let prefixes = face.info.prefixes;
    let mut arguments = arguments.iter();
    let mut used = 0;
    let mut found = Vec::new();
    for (add, letter) in signed(letters) {
        let is_list = prefixes.lists().contains(letter);
        let is_rank = Rank::of_mode(letter).is_some() && !is_list;
        let takes = is_list || is_rank || letter == 'k' || (letter == 'l' && add);
        let argument = if takes { arguments.next().map(|text| Line::scrubbed(text)) } else { None };
        let argument = argument.filter(|text| !is_list || !text.as_str().is_empty());
        if argument.is_some() {
            used += 1;
            if used > MODES {
                break;
            }
        }
        let known = !is_rank || prefixes.letters().contains(letter);
        let optional = is_list || !known || (letter == 'k' && !add);
        if takes && argument.is_none() && !optional {
            face.too_few("MODE", turn);
            continue;
        }
        let question = is_list && argument.is_none();
        found.push(ModeChange { add: add || question, letter, argument });
    }
    found
}
