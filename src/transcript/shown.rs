//! What each audience of a transcript is shown of each event: the place where promise 4 holds for transcripts.
//!
//! For the customer it is an allow-list. Both matches over `Fact` are exhaustive, so a new fact is shown to
//! nobody by accident. It knows nothing of text, JSON or HTML.

use super::Audience;
use super::date_and_time;
use crate::base::ids::ConversationId;
use crate::base::ids::Seq;
use crate::base::text::AccountName;
use crate::base::time::Timestamp;
use crate::desk::language::command::Verb;
use crate::desk::language::fact::{
    Class, Ending, Event, Fact, Hearers, OfferOutcome, Reason, Taking,
};
use crate::desk::language::people::Actor;
use crate::store::Episode;
use std::collections::BTreeMap;

/// What kind of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Somebody said it to everyone.
    Said,
    /// The same, in the third person (CTCP ACTION).
    Action,
    /// Staff only.
    Whisper,
    /// Staff only, kept with the conversation.
    Note,
    /// Something happened.
    Event,
}

impl Kind {
    /// Its name in JSON and as a class in HTML.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Said => "said",
            Self::Action => "action",
            Self::Whisper => "whisper",
            Self::Note => "note",
            Self::Event => "event",
        }
    }
}

/// One line of a transcript.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) kind: Kind,
    /// Who did it; empty if the text says so itself.
    pub(super) who: String,
    pub(super) text: String,
}

/// A whole transcript, before it has a form.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    /// None for customers: the numbers count everybody's conversations.
    pub(super) conversation: Option<ConversationId>,
    pub(super) channel: String,
    pub(super) customer: String,
    pub(super) department: Option<String>,
    pub(super) opened: Timestamp,
    pub(super) closed: Option<Timestamp>,
    pub(super) ending: Option<&'static str>,
    pub(super) entries: Vec<Entry>,
}

impl Sheet {
    /// What that audience is shown of the episode.
    pub(super) fn of(episode: &Episode, audience: Audience) -> Self {
        let mut name = CustomerName::default();
        let (mut department, mut ending, mut closed) = (None, None, episode.closed);
        let mut entries = Vec::new();
        let gone = |event: &Event| match &event.fact {
            Fact::Redacted { line, .. } => Some((*line, event.actor.clone())),
            _ => None,
        };
        let gone: BTreeMap<Seq, Actor> = episode.events.iter().filter_map(gone).collect();
        for event in &episode.events {
            name.follow(event);
            let over = ending.is_some();
            match &event.fact {
                Fact::Opened { department: d, .. } | Fact::Queued { department: d, .. } => {
                    department = Some(d.to_string());
                }
                Fact::WrappingUp { reason, .. } | Fact::Closed { reason, .. } if !over => {
                    ending = Some(match audience {
                        Audience::Customer => customer_ending(*reason),
                        Audience::Audit => audit_ending(*reason),
                    });
                    // For the customer it is over here, whatever staff still write up.
                    if audience == Audience::Customer {
                        closed = Some(event.at);
                    }
                }
                _ => {}
            }
            let mut shown = match audience {
                Audience::Customer => for_customer(event, &name, over),
                Audience::Audit => for_audit(event, &name),
            };
            if let Some(by) = gone.get(&event.seq) {
                take_back(&mut shown, audience, &name.of(by));
            }
            entries.extend(shown);
        }
        Self {
            conversation: (audience == Audience::Audit).then_some(episode.conversation),
            channel: episode.channel.clone(),
            customer: name.shown(),
            department,
            opened: episode.opened,
            closed,
            ending,
            entries,
        }
    }
}

/// A line that was taken back: the customer sees that something stood there, the audit what it was and
/// who took it away.
fn take_back(entries: &mut Vec<Entry>, audience: Audience, by: &str) {
    match audience {
        Audience::Customer => {
            entries.truncate(1);
            entries.iter_mut().for_each(|entry| entry.text = "[removed]".to_owned());
        }
        Audience::Audit => {
            for entry in entries {
                entry.text = format!("[removed by {by}] {}", entry.text);
            }
        }
    }
}

/// The customer's nick as it was when something was said.
#[derive(Debug, Default)]
struct CustomerName {
    nick: String,
    code: String,
}

impl CustomerName {
    fn follow(&mut self, event: &Event) {
        match &event.fact {
            Fact::CustomerKnown { code, .. } => {
                self.nick = event.word(0).to_string();
                self.code = code.to_string();
            }
            Fact::CustomerRenamed { .. } => self.nick = event.word(0).to_string(),
            _ => {}
        }
    }

    /// The nick with its code, once; `customer` for one whose name was erased.
    fn shown(&self) -> String {
        let nick = if self.nick.is_empty() { "customer" } else { &self.nick };
        let suffix = format!("-{}", self.code);
        if self.code.is_empty() || nick.ends_with(&suffix) {
            return nick.to_owned();
        }
        format!("{nick}{suffix}")
    }

    fn of(&self, actor: &Actor) -> String {
        match actor {
            Actor::Desk => "desk".to_owned(),
            Actor::Customer(_) => self.shown(),
            Actor::Staff(account) => account.to_string(),
            Actor::Operator => "operator".to_owned(),
            Actor::Member => "member".to_owned(),
        }
    }
}

/// Words as said, or as done; a message of several lines is as many entries.
fn spoken(event: &Event, kind: Kind, name: &CustomerName) -> Vec<Entry> {
    let entry = |line: String| {
        let action = line.strip_prefix("\u{1}ACTION ");
        let (kind, text) = match (kind, action) {
            (Kind::Said, Some(done)) => (Kind::Action, done.trim_end_matches('\u{1}')),
            (kind, _) => (kind, line.as_str()),
        };
        Entry { at: event.at, kind, who: name.of(&event.actor), text: text.to_owned() }
    };
    event.lines().into_iter().map(entry).collect()
}

/// What the customer is shown; `over` once they were told that it is closed.
fn for_customer(event: &Event, name: &CustomerName, over: bool) -> Vec<Entry> {
    let text = match &event.fact {
        Fact::Said { to: Hearers::Everyone, verb: Verb::Privmsg | Verb::Notice, .. } => {
            return spoken(event, Kind::Said, name);
        }
        Fact::Said { to: Hearers::Everyone, verb: Verb::Tag, .. }
        | Fact::Said { to: Hearers::Staff | Hearers::Note, .. } => return Vec::new(),
        Fact::Owned { owner, from: Some(from), .. } if from != owner => {
            format!("handed over to {owner}")
        }
        Fact::Owned { owner, .. } => format!("{owner} joined"),
        Fact::Held { until, .. } => format!("on hold until {}Z", date_and_time(*until).1),
        Fact::Unheld { .. } => "off hold".to_owned(),
        Fact::WrappingUp { reason, .. } | Fact::Closed { reason, .. } => {
            if over {
                return Vec::new();
            }
            customer_ending(*reason).to_owned()
        }
        Fact::CustomerKnown { .. }
        | Fact::CustomerLost { .. }
        | Fact::CustomerBack { .. }
        | Fact::CustomerRenamed { .. }
        | Fact::CustomerForgotten { .. }
        | Fact::Opened { .. }
        | Fact::Queued { .. }
        | Fact::Offered { .. }
        | Fact::OfferedToDepartment { .. }
        | Fact::OfferEnded { .. }
        | Fact::Introduced { .. }
        | Fact::BotOwned { .. }
        | Fact::OwnerLost { .. }
        | Fact::OwnerBack { .. }
        | Fact::SilenceAlarmed { .. }
        | Fact::RoomSaid { .. }
        | Fact::PrivateSaid { .. }
        | Fact::PeerSaid { .. }
        | Fact::MarkedRead { .. }
        | Fact::Redacted { .. }
        | Fact::Happened { .. }
        | Fact::Tagged { .. }
        | Fact::UrgencySet { .. }
        | Fact::WatchBegan { .. }
        | Fact::WatchEnded { .. }
        | Fact::HelperJoined { .. }
        | Fact::HelperLeft { .. }
        | Fact::Rated { .. }
        | Fact::MailAsked { .. }
        | Fact::Readiness { .. }
        | Fact::CapacitySet { .. }
        | Fact::Blocked { .. }
        | Fact::Unblocked { .. }
        | Fact::Operated { .. }
        | Fact::MetadataSet { .. }
        | Fact::Routed { .. } => return Vec::new(),
    };
    vec![Entry { at: event.at, kind: Kind::Event, who: String::new(), text }]
}

/// What the audit is shown: everything, with who did it and the words given.
fn for_audit(event: &Event, name: &CustomerName) -> Vec<Entry> {
    if let Fact::Said { to, .. } = &event.fact {
        let kind = match to {
            Hearers::Everyone => Kind::Said,
            Hearers::Staff => Kind::Whisper,
            Hearers::Note => Kind::Note,
        };
        return spoken(event, kind, name);
    }
    let mut text = happened(event);
    let mut words = event.words.iter().filter(|w| !w.as_str().is_empty()).peekable();
    if words.peek().is_some() {
        let words: Vec<&str> = words.map(|w| w.as_str()).collect();
        text = format!("{text}: {}", words.join(", "));
    }
    vec![Entry {
        at: event.at,
        kind: Kind::Event,
        who: format!("{}:", name.of(&event.actor)),
        text,
    }]
}

/// An event in words, without its actor and the words people gave.
fn happened(event: &Event) -> String {
    match &event.fact {
        Fact::CustomerKnown { .. } => "customer known (nick, user, real name, address)".to_owned(),
        Fact::CustomerLost { seat_until, .. } => {
            format!("customer's connection lost, seat held until {}", moment(*seat_until))
        }
        Fact::CustomerBack { .. } => "customer is back".to_owned(),
        Fact::CustomerRenamed { .. } => "customer's nick is now".to_owned(),
        Fact::CustomerForgotten { .. } => "customer's seat given up".to_owned(),
        Fact::Opened { department, previous, .. } => match previous {
            Some(previous) => format!("opened for {department}, after conversation {previous}"),
            None => format!("opened for {department}"),
        },
        Fact::Queued { department, class, reason, .. } => {
            format!("queued in {department}{} ({})", class_name(*class), reason_name(*reason))
        }
        Fact::RoomSaid { room, .. } => format!("said in {room}"),
        Fact::PrivateSaid { to, .. } => format!("said to {to}"),
        Fact::PeerSaid { .. } => "said in private".to_owned(),
        Fact::MarkedRead { until } => format!("has read up to {}", moment(*until)),
        Fact::Redacted { line, .. } => format!("took back event {line}"),
        Fact::Happened { .. } => "changed a channel".to_owned(),
        Fact::Said { .. } => "said".to_owned(),
        Fact::Tagged { added, removed, .. } => {
            let tags = |sign: &str, tags: &[crate::base::text::Line]| -> String {
                tags.iter().map(|t| format!(" {sign}{t}")).collect()
            };
            format!("tagged{}{}", tags("+", added), tags("-", removed))
        }
        Fact::UrgencySet { urgent, .. } => {
            if *urgent { "marked urgent" } else { "no longer urgent" }.to_owned()
        }
        Fact::Held { until, .. } => format!("on hold until {}", moment(*until)),
        Fact::Unheld { reason, .. } => format!("off hold ({})", reason_name(*reason)),
        Fact::SilenceAlarmed { .. } => "alarm: the owner is silent".to_owned(),
        Fact::WatchBegan { watcher, .. } => format!("{watcher} began to watch"),
        Fact::WatchEnded { watcher, .. } => format!("{watcher} stopped watching"),
        Fact::HelperJoined { helper, barge, .. } => {
            format!("{helper} {}", if *barge { "barged in" } else { "joined to help" })
        }
        Fact::HelperLeft { helper, .. } => format!("{helper} left"),
        Fact::WrappingUp { reason, deadline, .. } => {
            format!("wrapping up until {} ({})", moment(*deadline), audit_ending(*reason))
        }
        Fact::Closed { reason, .. } => format!("closed ({})", audit_ending(*reason)),
        Fact::Rated { stars, .. } => format!("rated {stars} of 5"),
        Fact::MailAsked { .. } => "asked for the transcript by mail".to_owned(),
        Fact::Readiness { agent, ready, missed } => format!(
            "{agent} is {}{}",
            if *ready { "ready" } else { "not ready" },
            if *missed { " (offers missed)" } else { "" }
        ),
        Fact::CapacitySet { agent, capacity: Some(n) } => format!("capacity of {agent} is {n}"),
        Fact::CapacitySet { agent, .. } => format!("capacity of {agent} is the default"),
        Fact::Blocked { block, until } => format!("block {block} until {}", moment(*until)),
        Fact::Unblocked { block } => format!("block {block} lifted"),
        Fact::MetadataSet { key, .. } => format!("metadata {key}"),
        Fact::Operated { deed, by } => format!("{} as operator {by}", deed.name()),
        Fact::Offered { .. }
        | Fact::OfferedToDepartment { .. }
        | Fact::OfferEnded { .. }
        | Fact::Introduced { .. }
        | Fact::Owned { .. }
        | Fact::BotOwned { .. }
        | Fact::OwnerLost { .. }
        | Fact::OwnerBack { .. }
        | Fact::Routed { .. } => assigned(&event.fact),
    }
}

/// The facts of who gets a conversation.
fn assigned(fact: &Fact) -> String {
    match fact {
        Fact::Offered { to, deadline, transfer: Some(terms), .. } => format!(
            "{} transfer offered by {} to {to} until {}",
            if terms.warm { "warm" } else { "cold" },
            terms.giver,
            moment(*deadline)
        ),
        Fact::Offered { to, deadline, transfer: None, .. } => {
            format!("offered to {to} until {}", moment(*deadline))
        }
        Fact::OfferedToDepartment { to, deadline, giver, .. } => {
            format!("transfer offered by {giver} to {to} until {}", moment(*deadline))
        }
        Fact::OfferEnded { to, outcome, .. } => match to {
            Some(to) => format!("offer to {to} {}", outcome_name(*outcome)),
            None => format!("offer {}", outcome_name(*outcome)),
        },
        Fact::Introduced { to, .. } => format!("{to} introduced"),
        Fact::Owned { owner, how, from, .. } => {
            let from = from.as_ref().map_or(String::new(), |from| format!(" from {from}"));
            format!("owned by {owner}{from} ({})", taking_name(*how))
        }
        Fact::BotOwned { bot, speak_by, .. } => {
            format!("given to bot {bot}, who must speak by {}", moment(*speak_by))
        }
        Fact::OwnerLost { deadline, .. } => {
            format!("owner's connection lost, kept until {}", moment(*deadline))
        }
        Fact::OwnerBack { .. } => "owner is back".to_owned(),
        Fact::Routed { chosen, candidates, .. } => {
            let seen: Vec<String> = candidates
                .iter()
                .map(|c| match c.excluded {
                    Some(why) => format!("{} {}/{} {why:?}", c.agent, c.load, c.limit),
                    None => format!("{} {}/{}", c.agent, c.load, c.limit),
                })
                .collect();
            let chosen = chosen.as_ref().map_or("nobody", AccountName::as_str);
            format!("routed to {chosen} of [{}]", seen.join("; "))
        }
        _ => unreachable!("only called with the facts above"),
    }
}

fn moment(at: Timestamp) -> String {
    let (date, time) = date_and_time(at);
    format!("{date} {time}Z")
}

/// Why it ended, as the customer may know it. That they were blocked is staff's knowledge.
fn customer_ending(ending: Ending) -> &'static str {
    match ending {
        Ending::ByCustomer => "closed by the customer",
        Ending::CustomerGone => "closed: the customer did not come back",
        Ending::Abandoned => "closed: the customer left before an answer",
        Ending::ByAgent | Ending::Blocked | Ending::WrappedUp | Ending::HeldTooLong => "closed",
    }
}

fn audit_ending(ending: Ending) -> &'static str {
    match ending {
        Ending::ByAgent => "closed by an agent",
        Ending::ByCustomer => "closed by the customer",
        Ending::CustomerGone => "customer did not come back",
        Ending::Abandoned => "abandoned before any person answered",
        Ending::Blocked => "customer blocked",
        Ending::WrappedUp => "wrap-up over",
        Ending::HeldTooLong => "held for too long",
    }
}

fn class_name(class: Class) -> &'static str {
    match class {
        Class::Returned => " as returned",
        Class::Urgent => " as urgent",
        Class::Normal => "",
    }
}

fn taking_name(how: Taking) -> &'static str {
    match how {
        Taking::Claimed => "claimed",
        Taking::Accepted => "accepted",
        Taking::Transferred => "transferred",
        Taking::Inherited => "inherited",
        Taking::TookOver => "took over",
    }
}

fn outcome_name(outcome: OfferOutcome) -> &'static str {
    match outcome {
        OfferOutcome::Declined => "declined",
        OfferOutcome::TimedOut => "not answered in time",
        OfferOutcome::Cancelled => "withdrawn",
        OfferOutcome::TakerLost => "over: the taker's connection was lost",
        OfferOutcome::Ended => "over: the conversation ended",
        OfferOutcome::Overtaken => "over: somebody else took it",
    }
}

fn reason_name(reason: Reason) -> &'static str {
    match reason {
        Reason::FirstLine => "first line",
        Reason::AskedFor => "customer asked for this department",
        Reason::Released => "released by its owner",
        Reason::OwnerLeft => "owner left",
        Reason::OwnerLost => "owner's connection lost",
        Reason::OwnerSilent => "owner silent",
        Reason::OfferEnded => "offer ended without an owner",
        Reason::Transferred => "transferred",
        Reason::BotHandedOver => "bot handed over",
        Reason::BotSilent => "bot silent",
        Reason::BotLost => "bot's connection lost",
        Reason::AskedForPerson => "customer asked for a person",
        Reason::Spoke => "somebody spoke",
        Reason::Asked => "asked for",
        Reason::UrgencyChanged => "urgency changed",
        Reason::AllDeclined => "everybody declined it",
    }
}
