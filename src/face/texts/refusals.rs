//! Why something was not done, and what to do next.

use super::{counted, halves, words};
use crate::desk::language::metadata::MetadataRefusal;
use crate::desk::language::refusal::{CannotJoin, CannotSend, DeskRefusal, PastRefusal, Refusal};

/// The sentence for a refusal: one line, for a numeric's text, a FAIL or a NOTICE.
pub fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoSuchNick(nick) => format!("Nobody here is called {nick}"),
        Refusal::NoSuchChannel(channel) => format!("There is no channel {channel}"),
        Refusal::NotOnChannel(channel) => format!("You are not in {channel}; /join it first"),
        Refusal::UserNotInChannel(nick, channel) => format!("{nick} is not in {channel}"),
        Refusal::UserOnChannel(nick, channel) => format!("{nick} is in {channel} already"),
        Refusal::CannotSend(channel, why) => {
            format!("Your words did not reach {channel}: {}", cannot_send(*why))
        }
        Refusal::InvalidMode(channel, letter, given) => {
            format!("Mode {letter} of {channel} cannot be {given:?}; nothing changed")
        }
        Refusal::NickInUse(nick) => format!("The nick {nick} is in use; choose another"),
        Refusal::NickReserved(nick) => format!("The nick {nick} is reserved; choose another"),
        Refusal::NotOperator(channel) => format!("Only operators of {channel} may do that"),
        Refusal::CannotJoin(channel, why) => {
            format!("You cannot join {channel}: {}", cannot_join(*why))
        }
        Refusal::Forwarded(asked, own) => {
            format!("{asked} is answered in your own channel, {own}; write there")
        }
        Refusal::TooManyChannels(channel) => {
            format!("You are in too many channels to join {channel}; /part one first")
        }
        Refusal::UnknownMode(letter) => format!("There is no channel mode {letter}"),
        Refusal::ListFull(channel, letter) => {
            format!("The {letter} list of {channel} is full; remove an entry first")
        }
        Refusal::CannotRename(from, to) => {
            format!("{from} cannot be renamed to {to}; it keeps its name")
        }
        Refusal::NameInUse(from, to) => {
            format!("{to} is taken; {from} keeps its name, choose another")
        }
        Refusal::UnknownUserMode => "There is no such user mode".to_owned(),
        Refusal::OthersModes => "Only your own modes can be read or changed.".to_owned(),
        Refusal::NoSuchServer(name) => {
            format!("There is no server {name}, and nobody here is called so")
        }
        Refusal::MonitorFull(limit, left) => {
            format!("Your MONITOR list holds at most {limit} names; not added: {left}")
        }
        Refusal::Metadata(why) => metadata(why),
        Refusal::NoOperatorHost => {
            "Nobody becomes an operator from here by that name; see [[operator]] in the config"
                .to_owned()
        }
        Refusal::CannotKill => "The server and its services cannot be killed".to_owned(),
        Refusal::NotPermitted => "You are not permitted to do that".to_owned(),
        Refusal::Blocked(why) => format!("You are blocked: {why}"),
        Refusal::StorageFailing => {
            "The server cannot store anything just now, so nothing was done; try again in a minute"
                .to_owned()
        }
        Refusal::Desk(refusal) => desk(refusal),
        Refusal::Past(refusal) => past(refusal),
    }
}

fn metadata(why: &MetadataRefusal) -> String {
    match why {
        MetadataRefusal::InvalidTarget(target) => {
            format!("There is nobody and no channel {target} to have metadata")
        }
        MetadataRefusal::InvalidKey(key) => {
            format!("{key} is no key; use letters, digits and _ . / -")
        }
        MetadataRefusal::NoPermission(target, _) => {
            format!("You may not change the metadata of {target}")
        }
        MetadataRefusal::NotSet(target, key) => format!("{target} has no {key} to remove"),
        MetadataRefusal::LimitReached(target) => {
            format!("{target} has as many keys as there may be; remove one first")
        }
        MetadataRefusal::ValueTooLong(bytes) => {
            format!("A value has at most {bytes} bytes; send a shorter one")
        }
    }
}

fn past(refusal: &PastRefusal) -> String {
    match refusal {
        PastRefusal::Target(_) => "There is nothing there for you; join the channel first",
        PastRefusal::Unreadable(_) => {
            "What was said cannot be read just now; try again in a minute"
        }
        PastRefusal::NoSuchLine(..) => "There is no such message, or it is too old",
        PastRefusal::NotYours(..) => "It is not yours to take back; ask an operator of the channel",
        PastRefusal::TooLate(_, _, seconds) => {
            return format!("It was said too long ago to be taken back; {seconds} s are the limit");
        }
        PastRefusal::TooManyMarkers(_) => "You have too many read markers; none was set",
    }
    .to_owned()
}

fn cannot_send(why: CannotSend) -> &'static str {
    match why {
        CannotSend::Moderated => "only those with voice may speak there (+m)",
        CannotSend::NoCtcp => "questions between clients (CTCP) are not taken there (+C)",
        CannotSend::NeedsAccount => {
            "only those with an account may speak there (+M); sign in first"
        }
        CannotSend::Outside => "only members may speak there; /join it first",
        CannotSend::SignedInOnly => "they take words of people who are signed in; sign in first",
        CannotSend::Banned => "you are banned there",
        CannotSend::Watching => "you watch unseen; BARGE first",
        CannotSend::BotSilenced => "a person has taken over, and your turn as a bot is over",
        CannotSend::LooksLikeCommand => {
            "it looks like a command; if it is meant for the customer, put !! before it"
        }
        CannotSend::NoConversation => "no conversation is open there, so nobody would read it",
        CannotSend::Service => "it takes commands only; try HELP",
    }
}

fn cannot_join(why: CannotJoin) -> &'static str {
    match why {
        CannotJoin::InviteOnly => "it is by invitation only (+i)",
        CannotJoin::Banned => "you are banned there (+b)",
        CannotJoin::BadKey => "its key is wrong or missing (+k)",
        CannotJoin::NeedsAccount => "only those with an account may enter (+R); sign in first",
        CannotJoin::Full => "it is full (+l)",
    }
}

fn desk(refusal: &DeskRefusal) -> String {
    match refusal {
        DeskRefusal::NoConversation => "Which conversation? Name its channel".to_owned(),
        DeskRefusal::NotLive(channel) => format!("No conversation is open in {channel}"),
        DeskRefusal::AlreadyTaken(channel, who) => format!("{channel} is already taken by {who}"),
        DeskRefusal::OfferedToOther(channel, who) => {
            format!("{channel} is being offered to {who}; wait for the answer")
        }
        DeskRefusal::QueueEmpty => "Nobody is waiting".to_owned(),
        DeskRefusal::OverCapacity { who, load, limit } => format!(
            "{who} holds {} of at most {} conversations; close one, or raise CAPACITY",
            halves(*load),
            halves(*limit),
        ),
        DeskRefusal::NotOwner(channel) => format!("You do not own {channel}"),
        DeskRefusal::NoOffer => "Nothing is offered to you".to_owned(),
        DeskRefusal::TransferPending(channel) => {
            format!("{channel} is being transferred already; CANCEL {channel} first")
        }
        DeskRefusal::NoTransfer(channel) => format!("{channel} is not being transferred"),
        DeskRefusal::NotIntroduced(channel) => {
            format!("The taker has not joined {channel} yet; wait for them, or CANCEL {channel}")
        }
        DeskRefusal::NoSuchAgent(who) => format!("No agent called {who} is signed in"),
        DeskRefusal::AgentAway(who) => format!("{who} is away; choose somebody else"),
        DeskRefusal::ToOneself => "It is yours already; name somebody else".to_owned(),
        DeskRefusal::NoSuchDepartment(name) => format!("There is no department {name}"),
        DeskRefusal::DepartmentEmpty(name) => format!("Nobody of {name} is ready"),
        DeskRefusal::WentBack(channel) => {
            format!(
                "{channel} went back to the queue while you were gone; /join it again to take it"
            )
        }
        DeskRefusal::HoldState(channel) => {
            format!("{channel} is on hold already, or was not; nothing was changed")
        }
        DeskRefusal::WatchState(channel) => {
            format!("You watch {channel} already, or did not; nothing was changed")
        }
        DeskRefusal::AlreadyIn(channel) => format!("You are in {channel} already"),
        DeskRefusal::NoSuchTemplate(name) => {
            format!("There is no template {name}; TEMPLATES lists them")
        }
        DeskRefusal::TemplateArguments(name, count) => {
            format!("The template {name} wants {count} arguments")
        }
        DeskRefusal::BadBlockTarget(target) => {
            format!("{target} is no nick, address, CIDR or nick!user@host mask")
        }
        DeskRefusal::BlocksYourself(target) => {
            format!("{target} is you as well; nothing was blocked, choose a narrower target")
        }
        DeskRefusal::BlocksColleagues(target, count) => format!(
            "{target} would put out {}; nothing was blocked, choose a narrower target or ask an operator",
            counted(*count as u64, "signed-in colleague")
        ),
        DeskRefusal::NoSuchBlock(block) => format!("There is no block {block}; BLOCKS lists them"),
        DeskRefusal::TooMany(what, limit) => format!("There can be at most {limit} {what}"),
        DeskRefusal::OutOfRange(what, least, most) => {
            format!("{what} must be from {least} to {most}")
        }
        DeskRefusal::NoSuchVisitor(nick) => format!("No customer called {nick} is here"),
        DeskRefusal::VisitorBusy(nick) => format!("{nick} is in a conversation already"),
        DeskRefusal::TooSoon(wait) => format!("Please wait {} and try again", words(*wait)),
        DeskRefusal::NothingYet => "There is no conversation for that yet".to_owned(),
    }
}
