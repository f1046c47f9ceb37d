//! Rows of listings: what staff get when they ask.

use super::staff::listed;
use super::{counted, halves, minute, misplaced, name_or, quoted, words};
use crate::base::text::{AccountName, ChannelName};
use crate::base::time::clock_face;
use crate::desk::language::fact::{Candidate, Class, Exclusion};
use crate::desk::language::notice::CardFacts;
use crate::desk::language::text::Text;

/// A row of a listing, or a figure.
pub(super) fn sentence(text: &Text) -> String {
    match text {
        Text::Heading(what, rows) => format!("{what}: {rows}"),
        Text::QueueRow { place, channel, department, waited, class, quote, offered_to } => {
            let place = match offered_to {
                Some(who) => format!("offered to {who}"),
                None => format!("{place}."),
            };
            let (class, waited) = (class_word(*class), clock_face(*waited));
            format!("{place} {channel} {department} {waited}{class} {}", quoted(quote))
        }
        Text::OnlineRow(nick, channel, since) => {
            format!("{nick} {channel} here for {}", clock_face(*since))
        }
        Text::Card(facts) => card(facts),
        Text::TemplateRow(name, body) => format!("{name}: {body}"),
        Text::BlockRow(block, target, until, reason, author) => {
            format!("{block}. {target} until {} by {author}: {reason}", minute(*until))
        }
        Text::BlockSet(block, target, span) => {
            format!(
                "Block {block} is set: {target} for {}. UNBLOCK {block} lifts it.",
                words(*span)
            )
        }
        Text::BlockLifted(block, target) => format!("Block {block} is lifted: {target}."),
        Text::Why(channel, chosen, candidates) => why(channel, chosen.as_ref(), candidates),
        Text::WhyClaim(channel, department) => {
            format!("{channel} was routed to nobody: anybody of {department} may /join it.")
        }
        Text::SearchRow(conversation, channel, at, line) => {
            format!("{conversation} {channel} {} {}", minute(*at), quoted(line))
        }
        Text::ReportRow(name, figure) => format!("{name}: {figure}"),
        Text::NothingThere(what) => format!("There is nothing to show ({what})."),
        Text::Storage(true) => {
            "STORAGE failing - the disk refuses writes, so nothing is accepted; see the log of \
             the server"
                .to_owned()
        }
        Text::Storage(false) => "STORAGE works - writes are accepted again".to_owned(),
        other => misplaced(other),
    }
}

fn class_word(class: Class) -> &'static str {
    match class {
        Class::Returned => " returned",
        Class::Urgent => " urgent",
        Class::Normal => "",
    }
}

fn card(facts: &CardFacts) -> String {
    let mut parts = vec![format!("{} {}", facts.channel, facts.state)];
    parts.extend(facts.department.as_ref().map(|department| format!("for {department}")));
    parts.extend(facts.conversation.map(|number| format!("conversation {number}")));
    parts.push(format!("owner {}", name_or(facts.owner.as_ref(), "nobody")));
    parts.push(format!("waited {}", clock_face(facts.waited)));
    parts.push(format!("{} before", counted(u64::from(facts.past), "conversation")));
    if facts.urgent {
        parts.push("urgent".to_owned());
    }
    if !facts.tags.is_empty() {
        parts.push(format!("tags {}", listed(&facts.tags)));
    }
    parts.push(if facts.connected { "connected" } else { "gone" }.to_owned());
    parts.push(format!("from {}", facts.address));
    parts.push(format!("name {}", quoted(&facts.realname)));
    parts.join(", ")
}

fn why(channel: &ChannelName, chosen: Option<&AccountName>, candidates: &[Candidate]) -> String {
    let rows: Vec<String> = candidates.iter().map(candidate).collect();
    let rows = if rows.is_empty() { "no candidates".to_owned() } else { rows.join(", ") };
    format!("{channel} went to {}: {rows}", name_or(chosen, "nobody"))
}

fn candidate(candidate: &Candidate) -> String {
    let Candidate { agent, load, limit, excluded } = candidate;
    let why = match excluded {
        None => "",
        Some(Exclusion::Offline) => " not signed in",
        Some(Exclusion::NotReady) => " away",
        Some(Exclusion::Full) => " full",
        Some(Exclusion::Ringing) => " has an offer",
        Some(Exclusion::Declined) => " declined it before",
    };
    format!("{agent} {}/{}{why}", halves(*load), halves(*limit))
}
