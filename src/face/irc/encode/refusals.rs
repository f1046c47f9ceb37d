//! Refusals as numerics where IRC has one, else as FAIL with a code for scripts.
//!
//! Source: Modern IRC "Numerics", IRCv3 standard-replies. The sentences are `face::texts`'.

use super::people::packed;
use crate::desk::language::notice::Reply;
use crate::desk::language::refusal::{CannotJoin, CannotSend, DeskRefusal, PastRefusal, Refusal};
use crate::face::irc::cap::{STANDARD_REPLIES, shown};
use crate::face::irc::desk_commands;
use crate::face::irc::session::IrcFace;
use crate::face::texts;
use crate::wire::numeric::*;

/// Writes a refusal.
pub(in crate::face::irc) fn refused(
    face: &IrcFace,
    command: &'static str,
    refusal: &Refusal,
    out: &mut Vec<u8>,
) {
    let text = texts::refusal(refusal);
    let text = text.as_str();
    // A NOTICE is never answered by a program, unless the words were lost for good.
    if command == "NOTICE" && !matches!(refusal, Refusal::StorageFailing) {
        return;
    }
    let numeric = |out: &mut Vec<u8>, code: &str, names: &[&str]| {
        let mut params = names.to_vec();
        params.push(text);
        face.numeric(out, code, &params);
    };
    match refusal {
        Refusal::NoSuchNick(nick) => numeric(out, ERR_NOSUCHNICK, &[shown(nick)]),
        Refusal::NoSuchChannel(name) => numeric(out, ERR_NOSUCHCHANNEL, &[name]),
        Refusal::NotOnChannel(name) => numeric(out, ERR_NOTONCHANNEL, &[name]),
        Refusal::UserNotInChannel(nick, name) => numeric(out, ERR_USERNOTINCHANNEL, &[nick, name]),
        Refusal::UserOnChannel(nick, name) => numeric(out, ERR_USERONCHANNEL, &[nick, name]),
        Refusal::CannotSend(name, why) => cannot_send(face, command, name, *why, text, out),
        Refusal::NickInUse(nick) | Refusal::NickReserved(nick) => {
            numeric(out, ERR_NICKNAMEINUSE, &[nick.as_str()]);
        }
        Refusal::NotOperator(name) => numeric(out, ERR_CHANOPRIVSNEEDED, &[name]),
        Refusal::CannotJoin(name, why) => numeric(out, cannot_join(*why), &[name.as_str()]),
        Refusal::Forwarded(asked, own) => {
            numeric(out, ERR_LINKCHANNEL, &[asked.as_str(), own.as_str()]);
        }
        Refusal::TooManyChannels(name) => numeric(out, ERR_TOOMANYCHANNELS, &[name.as_str()]),
        Refusal::UnknownMode(letter) => {
            numeric(out, ERR_UNKNOWNMODE, &[letter.encode_utf8(&mut [0; 4])]);
        }
        Refusal::InvalidMode(name, letter, given) => {
            let letter = letter.to_string();
            numeric(out, ERR_INVALIDMODEPARAM, &[name.as_str(), &letter, shown(given)]);
        }
        Refusal::ListFull(name, letter) => {
            numeric(out, ERR_BANLISTFULL, &[name.as_str(), letter.encode_utf8(&mut [0; 4])]);
        }
        Refusal::CannotRename(from, to) => {
            face.fail(out, command, "CANNOT_RENAME", &[from.as_str(), to.as_str()], text);
        }
        Refusal::NameInUse(from, to) => {
            face.fail(out, command, "CHANNEL_NAME_IN_USE", &[from.as_str(), to.as_str()], text);
        }
        Refusal::UnknownUserMode => numeric(out, ERR_UMODEUNKNOWNFLAG, &[]),
        Refusal::Metadata(why) => super::metadata::refused(face, why, text, out),
        Refusal::OthersModes => numeric(out, ERR_USERSDONTMATCH, &[]),
        Refusal::NoSuchServer(name) => numeric(out, ERR_NOSUCHSERVER, &[shown(name)]),
        Refusal::MonitorFull(limit, targets) => monitor_full(face, *limit, targets, out),
        Refusal::NotPermitted if desk_commands::find(command).is_some() => {
            face.fail(out, command, "NOT_PERMITTED", &[], text);
        }
        Refusal::NotPermitted => numeric(out, ERR_NOPRIVILEGES, &[]),
        Refusal::NoOperatorHost => numeric(out, ERR_NOOPERHOST, &[]),
        Refusal::CannotKill => numeric(out, ERR_CANTKILLSERVER, &[]),
        Refusal::Blocked(_) => numeric(out, ERR_YOUREBANNEDCREEP, &[]),
        Refusal::StorageFailing => face.fail(out, command, "STORAGE_FAILING", &[], text),
        Refusal::Past(why) => past(face, command, why, text, out),
        Refusal::Desk(why) => {
            let channel = channel_of(why);
            face.fail(out, command, why.code(), channel.as_slice(), text);
        }
    }
}

/// 734, in as many lines as it takes.
fn monitor_full(face: &IrcFace, limit: usize, targets: &str, out: &mut Vec<u8>) {
    for some in packed(targets.split(',').map(str::to_owned), ',') {
        let text = "Your MONITOR list is full; remove a nick first.";
        face.numeric(out, ERR_MONLISTFULL, &[&limit.to_string(), &some, text]);
    }
}

fn cannot_join(why: CannotJoin) -> &'static str {
    match why {
        CannotJoin::InviteOnly => ERR_INVITEONLYCHAN,
        CannotJoin::Banned => ERR_BANNEDFROMCHAN,
        CannotJoin::BadKey => ERR_BADCHANNELKEY,
        CannotJoin::Full => ERR_CHANNELISFULL,
        CannotJoin::NeedsAccount => ERR_NEEDREGGEDNICK,
    }
}

/// Always FAIL: who asks for these things reads it (IRCv3 chathistory, read-marker, message-redaction).
fn past(face: &IrcFace, command: &str, why: &PastRefusal, text: &str, out: &mut Vec<u8>) {
    let seconds;
    let (code, context): (_, Vec<&str>) = match why {
        PastRefusal::Target(typed) => ("INVALID_TARGET", typed.iter().map(|t| &**t).collect()),
        PastRefusal::Unreadable(typed) => ("MESSAGE_ERROR", typed.iter().map(|t| &**t).collect()),
        PastRefusal::NoSuchLine(target, id) => ("UNKNOWN_MSGID", vec![target, id]),
        PastRefusal::NotYours(target, id) => ("REDACT_FORBIDDEN", vec![target, id]),
        PastRefusal::TooLate(target, id, window) => {
            seconds = window.to_string();
            ("REDACT_WINDOW_EXPIRED", vec![target, id, &seconds])
        }
        PastRefusal::TooManyMarkers(target) => ("INTERNAL_ERROR", vec![target]),
    };
    let context: Vec<&str> = context.into_iter().map(shown).collect();
    face.fail_always(out, command, code, &context, text);
}

fn cannot_send(
    face: &IrcFace,
    command: &str,
    target: &str,
    why: CannotSend,
    text: &str,
    out: &mut Vec<u8>,
) {
    // The code tells a script apart what 404 does not.
    let code = match why {
        CannotSend::Moderated
        | CannotSend::Outside
        | CannotSend::NoCtcp
        | CannotSend::NeedsAccount
        | CannotSend::Banned
        | CannotSend::NoConversation
        | CannotSend::Service => {
            return face.numeric(out, ERR_CANNOTSENDTOCHAN, &[target, text]);
        }
        CannotSend::SignedInOnly => {
            return face.numeric(out, ERR_CANNOTSENDTOUSER, &[target, text]);
        }
        CannotSend::Watching => "WATCHING",
        CannotSend::BotSilenced => "BOT_SILENCED",
        CannotSend::LooksLikeCommand => "LOOKS_LIKE_COMMAND",
    };
    face.numeric(out, ERR_CANNOTSENDTOCHAN, &[target, text]);
    if face.caps.has(STANDARD_REPLIES) {
        face.fail(out, command, code, &[target], text);
    }
}

/// The channel that a refusal is about, as the context of its FAIL.
fn channel_of(why: &DeskRefusal) -> Option<&str> {
    match why {
        DeskRefusal::NotLive(channel)
        | DeskRefusal::AlreadyTaken(channel, _)
        | DeskRefusal::OfferedToOther(channel, _)
        | DeskRefusal::NotOwner(channel)
        | DeskRefusal::TransferPending(channel)
        | DeskRefusal::NoTransfer(channel)
        | DeskRefusal::NotIntroduced(channel)
        | DeskRefusal::WentBack(channel)
        | DeskRefusal::HoldState(channel)
        | DeskRefusal::WatchState(channel)
        | DeskRefusal::AlreadyIn(channel) => Some(channel.as_str()),
        DeskRefusal::NoConversation
        | DeskRefusal::QueueEmpty
        | DeskRefusal::OverCapacity { .. }
        | DeskRefusal::NoOffer
        | DeskRefusal::NoSuchAgent(_)
        | DeskRefusal::AgentAway(_)
        | DeskRefusal::ToOneself
        | DeskRefusal::NoSuchDepartment(_)
        | DeskRefusal::DepartmentEmpty(_)
        | DeskRefusal::NoSuchTemplate(_)
        | DeskRefusal::TemplateArguments(..)
        | DeskRefusal::BadBlockTarget(_)
        | DeskRefusal::BlocksYourself(_)
        | DeskRefusal::BlocksColleagues(..)
        | DeskRefusal::NoSuchBlock(_)
        | DeskRefusal::TooMany(..)
        | DeskRefusal::OutOfRange(..)
        | DeskRefusal::NoSuchVisitor(_)
        | DeskRefusal::VisitorBusy(_)
        | DeskRefusal::TooSoon(_)
        | DeskRefusal::NothingYet => None,
    }
}

/// True when an answer refuses the nick of an arrival, which then chooses another.
pub(in crate::face::irc) fn refuses_nick(reply: &Reply) -> bool {
    matches!(
        reply,
        Reply::Refused { refusal: Refusal::NickInUse(_) | Refusal::NickReserved(_), .. }
    )
}
