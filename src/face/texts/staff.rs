//! What one member of staff is told: about what they own, and about their work.

use super::announcements::offer_over;
use super::{because, halves, misplaced, name_or, quoted, words};
use crate::base::text::Line;
use crate::desk::language::text::Text;

/// About who owns a conversation, and who is offered it.
pub(super) fn about_owning(text: &Text) -> String {
    match text {
        Text::OfferToYou(channel, department, quote, stands) => format!(
            "{channel} ({department}) is offered to you for {}: {} - /join {channel} takes it, \
             DECLINE {channel} passes it on",
            words(*stands),
            quoted(quote),
        ),
        Text::TransferToYou(channel, giver, why, warm, stands) => format!(
            "{giver} offers you {channel} for {}{} - /join {channel} {}, DECLINE {channel} \
             refuses it",
            words(*stands),
            because(why.as_ref()),
            if *warm { "to be introduced first" } else { "takes it" },
        ),
        Text::TransferToDepartment(channel, giver, department, why, stands) => format!(
            "{giver} offers {channel} to {department} for {}{} - /join {channel} takes it",
            words(*stands),
            because(why.as_ref()),
        ),
        Text::TransferAccepted(channel, taker) => {
            format!("{taker} accepted {channel} and owns it now. You may stay to help, or /part.")
        }
        Text::TransferOver(channel, taker, outcome, why) => {
            let (_, _, how) = offer_over(*outcome);
            let (taker, why) = (name_or(taker.as_ref(), "the department"), because(why.as_ref()));
            format!("{channel} is still yours; the transfer to {taker} is over ({how}){why}")
        }
        Text::TakerHere(channel, taker) => {
            format!("{taker} is in {channel} now. HANDOVER {channel} makes it theirs.")
        }
        Text::YouAreIntroduced(channel, giver) => {
            format!("You are in {channel} beside {giver}, who owns it until they hand it over.")
        }
        Text::YouOwn(channel) => {
            format!("{channel} is yours. CLOSE {channel} ends it, /part gives it back.")
        }
        Text::YouOwnAgain(channel) => format!("{channel} is yours again."),
        Text::YouHelp(channel, owner) => {
            let owner = name_or(owner.as_ref(), "nobody yet");
            format!("You help in {channel}. Its owner: {owner}.")
        }
        Text::YouWatch(channel) => {
            format!(
                "You watch {channel} unseen. BARGE {channel} to speak, UNWATCH {channel} to stop."
            )
        }
        Text::WatchOver(channel) => format!("You no longer watch {channel}."),
        Text::YouLost(channel, owner) => {
            let owner = name_or(owner.as_ref(), "nobody yet; it waits in the queue");
            format!("{channel} is no longer yours. Its owner: {owner}.")
        }
        Text::YouClosed(channel, conversation) => {
            format!("{channel} is closed (conversation {conversation}).")
        }
        Text::YouReleased(channel) => format!("{channel} is back at the front of its queue."),
        Text::TransferOffered(channel, to, stands) => {
            let stands = words(*stands);
            format!("{channel} is offered to {to} for {stands}; it is yours until they accept.")
        }
        Text::TransferCancelled(channel) => {
            format!("The transfer of {channel} is withdrawn; it is still yours.")
        }
        Text::YouDeclined(channel) => format!("You declined {channel}."),
        other => misplaced(other),
    }
}

/// About their work: readiness, silence, holds, and what customers did.
pub(super) fn about_working(text: &Text) -> String {
    match text {
        Text::MissedAway => {
            "You missed offers, so you are away and get no more. READY, or /away without a text, \
             makes you ready again."
                .to_owned()
        }
        Text::NowReady(true) => "You are ready for customers.".to_owned(),
        Text::NowReady(false) => {
            "You are away and get no new customers. READY, or /away without a text, makes you \
             ready again."
                .to_owned()
        }
        Text::CapacityIs(who, load, limit) => {
            format!("{who} holds {} of at most {} conversations.", halves(*load), halves(*limit))
        }
        Text::SilentWarning(channel, left) => {
            let left = words(*left);
            format!("The customer in {channel} waits for you. In {left} it goes back to the queue.")
        }
        Text::HoldDue(channel) => {
            format!("You promised {channel} to be back by now. RESUME {channel} ends the hold.")
        }
        Text::CustomerAway(channel, held) => {
            format!("The customer of {channel} is gone; their seat is held for {}.", words(*held))
        }
        Text::CustomerBack(channel) => format!("The customer of {channel} is back."),
        Text::MailWanted(channel, address) => {
            format!("The customer of {channel} wants the transcript sent to {address}.")
        }
        Text::RatedBy(channel, stars, comment) => {
            format!("The customer of {channel} gave {stars} of 5{}", because(comment.as_ref()))
        }
        Text::NoteKept(channel) => format!("The note on {channel} is kept; only staff see it."),
        Text::NoteBy(author, note) => format!("Note by {author}: {note}"),
        Text::TagsAre(channel, tags) if tags.is_empty() => format!("{channel} has no tags."),
        Text::TagsAre(channel, tags) => format!("Tags of {channel}: {}", listed(tags)),
        Text::HoldBegun(channel, within) => {
            format!("{channel} is on hold for at most {}.", words(*within))
        }
        Text::HoldEnded(channel) => format!("{channel} is off hold."),
        Text::Proposed(nick) => format!("{nick} was invited to talk."),
        other => misplaced(other),
    }
}

/// Tags with spaces between them.
pub(super) fn listed(tags: &[Line]) -> String {
    tags.iter().map(Line::as_str).collect::<Vec<_>>().join(" ")
}
