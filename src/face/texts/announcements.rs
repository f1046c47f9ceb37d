//! What is announced in a department's channel. The first words of each are for scripts and never
//! change: a word in capitals, the channel, then facts without spaces. After ` - ` it is for people.

use super::{because, counted, misplaced, name_or, quoted};
use crate::base::time::clock_face;
use crate::desk::language::fact::{Ending, OfferOutcome, Reason};
use crate::desk::language::text::Text;
use std::time::Duration;

/// An announcement.
pub(super) fn sentence(text: &Text) -> String {
    match text {
        Text::New(channel, department, waiting, quote) => {
            let (waiting, quote) = (waiting.as_secs(), quoted(quote));
            format!(
                "NEW {channel} {department} waiting={waiting}s {quote} - /join {channel} to take it"
            )
        }
        Text::Taken(channel, who, waited) => {
            format!("TAKEN {channel} {who} waited={}s", waited.as_secs())
        }
        Text::Offer(channel, who, stands) => {
            format!("OFFER {channel} {who} {}s - {who} is asked first", stands.as_secs())
        }
        Text::Requeued(channel, department, waited, reason) => {
            let (word, sentence) = returned(*reason);
            let waited = waited.as_secs();
            format!(
                "WAITING {channel} {department} {word} waiting={waited}s - {sentence}; \
                 /join {channel} to take it"
            )
        }
        Text::OfferOver(channel, who, outcome, why) => {
            let (verb, word, sentence) = offer_over(*outcome);
            format!("{verb} {channel} {who} {word} - {sentence}{}", because(why.as_ref()))
        }
        Text::OwnerLost(channel, who, back_within) => {
            let seconds = back_within.as_secs();
            format!(
                "LOST {channel} {who} {seconds}s - connection lost; it goes back to the queue \
                 unless {who} returns"
            )
        }
        Text::OwnerBack(channel, who) => format!("BACK {channel} {who} - connected again"),
        Text::Transferred(channel, from, to) => {
            format!("TRANSFERRED {channel} {from} {to} - {to} owns it now")
        }
        Text::Closed(channel, who, ending, why) => {
            let (word, sentence) = ended(*ending);
            let (who, why) = (name_or(who.as_ref(), "*"), because(why.as_ref()));
            format!("CLOSED {channel} {who} {word} - {sentence}{why}")
        }
        Text::Silent(channel, who, silent) => {
            let seconds = silent.as_secs();
            format!("SILENT {channel} {who} {seconds}s - the customer waits for an answer")
        }
        Text::HoldOver(channel, who) => {
            format!("HELD {channel} {who} - the promised time of the hold is over")
        }
        Text::QueueState(waiting, longest, ready) => queue_state(*waiting, *longest, *ready),
        Text::MarkedUrgent(channel, true) => format!("URGENT {channel} - it goes before others"),
        Text::MarkedUrgent(channel, false) => format!("NORMAL {channel} - no longer urgent"),
        Text::TransferLoop(channel, times) => format!(
            "ALARM {channel} transfers={times} - handed on too often; a supervisor should look"
        ),
        other => misplaced(other),
    }
}

/// `2 waiting, longest 1:32, 3 agents ready`: the topic of a department's channel.
fn queue_state(waiting: usize, longest: Option<Duration>, ready: usize) -> String {
    let longest = match longest {
        Some(longest) if waiting > 0 && longest.as_secs() > 0 => {
            format!("longest {}, ", clock_face(longest))
        }
        Some(_) | None => String::new(),
    };
    format!("{waiting} waiting, {longest}{} ready", counted(ready as u64, "agent"))
}

/// Why it waits again: one word for scripts, and a sentence.
fn returned(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::FirstLine => ("first-line", "the customer has spoken"),
        Reason::AskedFor => ("asked-for", "the customer asked for this department"),
        Reason::Released => ("released", "its owner gave it back"),
        Reason::OwnerLeft => ("owner-left", "its owner left the channel"),
        Reason::OwnerLost => ("owner-lost", "its owner's connection was lost"),
        Reason::OwnerSilent => ("owner-silent", "its owner was silent for too long"),
        Reason::OfferEnded => ("offer-ended", "the offer ended without an owner"),
        Reason::Transferred => ("transferred", "it was transferred here"),
        Reason::BotHandedOver => ("bot-handed-over", "the bot handed it over"),
        Reason::BotSilent => ("bot-silent", "the bot was silent for too long"),
        Reason::BotLost => ("bot-lost", "the bot's connection was lost"),
        Reason::AskedForPerson => ("asked-for-person", "the customer asked for a person"),
        Reason::Spoke => ("spoke", "the customer spoke again"),
        Reason::Asked => ("asked", "somebody asked for it"),
        Reason::UrgencyChanged => ("urgency", "its urgency changed"),
        Reason::AllDeclined => ("all-declined", "everybody declined it and is asked once more"),
    }
}

/// How an offer ended: the announcement's verb, one word for scripts, and a sentence.
pub(super) fn offer_over(outcome: OfferOutcome) -> (&'static str, &'static str, &'static str) {
    match outcome {
        OfferOutcome::Declined => ("DECLINED", "declined", "declined"),
        OfferOutcome::TimedOut => ("MISSED", "timed-out", "not answered in time"),
        OfferOutcome::Cancelled => ("MISSED", "cancelled", "it was withdrawn"),
        OfferOutcome::TakerLost => ("MISSED", "taker-lost", "the taker's connection was lost"),
        OfferOutcome::Ended => ("MISSED", "ended", "the conversation ended first"),
        OfferOutcome::Overtaken => ("MISSED", "overtaken", "somebody else took it first"),
    }
}

/// Why it ended: one word for scripts, and a sentence.
fn ended(ending: Ending) -> (&'static str, &'static str) {
    match ending {
        Ending::ByAgent => ("by-agent", "closed"),
        Ending::ByCustomer => ("by-customer", "the customer said goodbye"),
        Ending::CustomerGone => ("customer-gone", "the customer did not come back in time"),
        Ending::Abandoned => ("abandoned", "the customer left before anybody answered"),
        Ending::Blocked => ("blocked", "the customer was blocked"),
        Ending::WrappedUp => ("wrapped-up", "wrap-up is over"),
        Ending::HeldTooLong => ("held-too-long", "held for longer than any hold may last"),
    }
}
