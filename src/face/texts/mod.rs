//! Every sentence of the desk in English.
//!
//! Sentences only: where they are shown and in which protocol is the faces'. Those for customers
//! stand apart in `customers` and carry nothing that only staff may know.

mod announcements;
mod customers;
mod operators;
mod refusals;
mod rows;
mod staff;
#[cfg(test)]
mod tests;

pub use refusals::refusal;

use crate::base::text::{AccountName, Line};
use crate::base::time::{Timestamp, utc};
use crate::desk::language::text::Text;
use std::time::Duration;

/// How a person types what a sentence asks them to type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typing {
    /// In an IRC client.
    Irc,
    /// At a plain-text terminal.
    Plain,
}

/// The sentence for somebody on an IRC client: one line, no formatting.
pub fn english(text: &Text) -> String {
    sentence(text, Typing::Irc)
}

/// The sentence for somebody at a plain-text terminal: the same, with the commands they have.
pub fn english_plain(text: &Text) -> String {
    sentence(text, Typing::Plain)
}

/// True for the sentences that a customer may be shown; all others are staff's.
pub fn is_for_customers(text: &Text) -> bool {
    shelf(text) == Shelf::Customers
}

/// Where a sentence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shelf {
    Customers,
    Announcements,
    Owning,
    Working,
    Rows,
    Operators,
}

fn sentence(text: &Text, typing: Typing) -> String {
    match shelf(text) {
        Shelf::Customers => customers::sentence(text, typing),
        Shelf::Announcements => announcements::sentence(text),
        Shelf::Owning => staff::about_owning(text),
        Shelf::Working => staff::about_working(text),
        Shelf::Rows => rows::sentence(text),
        Shelf::Operators => operators::sentence(text),
    }
}

/// The shelf of each sentence. A new variant is a compiler error here until it has one.
// Packed by hand: one name a line would hide that this is only a list.
#[rustfmt::skip]
fn shelf(text: &Text) -> Shelf {
    use Text::*;
    match text {
        Greeting(..) | ResumeToken(..) | WelcomeBack(..) | SeatGone | Waiting(..) | Position { .. }
        | Joined(..) | AlsoJoined(..) | HandedOver(..) | AgentLost | OnHold(..) | OffHold
        | ConversationClosed | RatingThanks | MailNoted(..) | NobodyHere | Proposal(..)
        | AskingFor(..) | BotFirst(..) | NotStored => Shelf::Customers,

        New(..) | Taken(..) | Offer(..) | Requeued(..) | OfferOver(..) | OwnerLost(..)
        | OwnerBack(..) | Transferred(..) | Closed(..) | Silent(..) | HoldOver(..)
        | QueueState(..) | MarkedUrgent(..) | TransferLoop(..) => Shelf::Announcements,

        OfferToYou(..) | TransferToYou(..) | TransferToDepartment(..) | TransferAccepted(..)
        | TransferOver(..) | TakerHere(..) | YouAreIntroduced(..) | YouOwn(..) | YouOwnAgain(..)
        | YouHelp(..) | YouWatch(..) | WatchOver(..) | YouLost(..) | YouClosed(..)
        | YouReleased(..) | TransferOffered(..) | TransferCancelled(..) | YouDeclined(..)
            => Shelf::Owning,

        MissedAway | NowReady(..) | CapacityIs(..) | SilentWarning(..) | HoldDue(..)
        | CustomerAway(..) | CustomerBack(..) | MailWanted(..) | RatedBy(..) | NoteKept(..)
        | NoteBy(..) | TagsAre(..) | HoldBegun(..) | HoldEnded(..) | Proposed(..)
            => Shelf::Working,

        Heading(..) | QueueRow { .. } | OnlineRow(..) | Card(..) | TemplateRow(..) | BlockRow(..)
        | BlockSet(..) | BlockLifted(..) | Why(..) | WhyClaim(..) | SearchRow(..) | ReportRow(..)
        | NothingThere(..) | Storage(..) => Shelf::Rows,

        Operated(..) | BlockTold(..) | UnblockTold(..) | Connected(..) | Disconnected(..)
            => Shelf::Operators,
    }
}

/// What a shelf answers to a sentence of another one; `sentence` never asks for it.
fn misplaced(text: &Text) -> String {
    unreachable!("{text:?} stands on another shelf, see `shelf`")
}

/// A span in words: `30 seconds`, `1 minute`, `2 hours`; the largest unit that is exact.
fn words(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 => "0 seconds".to_owned(),
        s if s % 86_400 == 0 => counted(s / 86_400, "day"),
        s if s % 3_600 == 0 => counted(s / 3_600, "hour"),
        s if s % 60 == 0 => counted(s / 60, "minute"),
        s => counted(s, "second"),
    }
}

/// `1 agent`, `2 agents`.
fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `: reason`, or nothing.
fn because(why: Option<&Line>) -> String {
    match why {
        Some(why) if !why.as_str().is_empty() => format!(": {why}"),
        Some(_) | None => String::new(),
    }
}

/// Halves of a conversation as a number: `1`, `1.5`.
fn halves(number: u32) -> String {
    let half = if number % 2 == 1 { ".5" } else { "" };
    format!("{}{half}", number / 2)
}

/// A moment to the minute: `2026-11-21 23:59 UTC`.
fn minute(at: Timestamp) -> String {
    let full = utc(at);
    let to_the_minute = full.get(..16).unwrap_or(&full);
    format!("{} UTC", to_the_minute.replace('T', " "))
}

/// An owner's name, or that there is none.
fn name_or<'a>(who: Option<&'a AccountName>, nobody: &'a str) -> &'a str {
    who.map_or(nobody, AccountName::as_str)
}

/// Words in quotation marks, which they cannot end early.
fn quoted(line: &Line) -> String {
    format!("\"{}\"", line.as_str().replace('"', "'"))
}
