//! The text form of a transcript: steps at the start of a line, what follows of them indented below.
//! It turns lines into values and knows nothing of the desk, of faces or of drivers.

use std::collections::BTreeMap;
use std::time::Duration;

/// Something a person does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    /// Says words: to a channel, to `@` and a channel, or to a nick.
    Say(String, String),
    /// Enters a channel.
    Join(String),
    /// Leaves a channel.
    Part(String, Option<String>),
    /// Is away with a text, or back.
    Away(Option<String>),
    /// Takes another nick.
    Nick(String),
    /// A desk command as it is typed after `/quote`.
    Desk(String),
    /// Closes (or removes) by KICK: channel, nick, reason.
    Kick(String, String, Option<String>),
    /// Asks a colleague into a channel: nick, channel.
    Invite(String, String),
    /// `MODE channel +b mask`.
    Ban(String, String),
    /// NAMES, WHO, WHOIS, LIST or TOPIC of something.
    Ask(String, String),
    /// Says goodbye.
    Quit(Option<String>),
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// `account`, role: it exists, nobody has signed in to it.
    Accounts(Vec<(String, String)>),
    /// An account is suspended or removed.
    AccountEnds(String),
    /// These members of staff come: handle, account.
    StaffArrives(Vec<(String, String)>),
    /// A customer comes: handle, address, department of the link.
    CustomerArrives(String, Option<String>, Option<String>),
    /// A customer comes back with the token of the first time, or (`false`) with a wrong one.
    Returns(String, bool),
    /// Somebody does something.
    Does(String, Act),
    /// Somebody's connection is lost.
    Lost(String),
    /// Time passes.
    Clock(Duration),
    /// The disk works, or not.
    Storage(bool),
    /// The server stops and starts again from its journal.
    Restart,
}

/// What is expected after a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expectation {
    /// A person hears words, or sees something else happen (`true`).
    Perceives(String, bool, String),
    /// A person does not.
    Misses(String, bool, String),
    /// A person is refused: code, and perhaps the text.
    Refused(String, String, Option<String>),
    /// Somebody in a department's channel is told; or (`false`) nobody.
    Announced(bool, String),
    /// The step's events hold one with these words in order; or (`false`) none.
    Journal(bool, String),
    /// How things stand: what of, and the facts.
    Stands(String, Vec<String>),
}

/// One line of a transcript.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Step(Step),
    Expect(Expectation),
}

/// A transcript.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// `file:line` is reported.
    pub(crate) lines: Vec<(usize, Body)>,
    /// `setting name value`.
    pub(crate) settings: BTreeMap<String, String>,
    /// `department name: words`.
    pub(crate) departments: Vec<(String, String)>,
    /// `template name = body`.
    pub(crate) templates: BTreeMap<String, String>,
    /// Drivers it is for; empty: all.
    pub(crate) only: Vec<String>,
}

/// Reads a transcript; the error is the line's number and what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Script, (usize, String)> {
    let mut script = Script::default();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let words = line.trim();
        if words.is_empty() || words.starts_with('#') {
            continue;
        }
        if line.starts_with(' ') || is_fact(words) {
            let body = expectation(words).ok_or((number, format!("not understood: {words}")))?;
            script.lines.push((number, Body::Expect(body)));
        } else if !prologue(&mut script, words) {
            let steps = step(words).ok_or((number, format!("not understood: {words}")))?;
            script.lines.extend(steps.into_iter().map(|s| (number, Body::Step(s))));
        }
    }
    Ok(script)
}

fn is_fact(words: &str) -> bool {
    ["journal has", "state ", "queue ", "agent ", "blocks:"].iter().any(|s| words.starts_with(s))
}

/// Settings, before anything happens.
fn prologue(script: &mut Script, words: &str) -> bool {
    let Some((first, rest)) = words.split_once(' ') else { return false };
    match first {
        "setting" => {
            let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
            script.settings.insert(name.to_owned(), value.to_owned());
        }
        "department" => {
            let (name, how) = rest.split_once(':').unwrap_or((rest, ""));
            script.departments.push((name.to_owned(), how.to_owned()));
        }
        "template" => {
            let (name, body) = rest.split_once(" = ").unwrap_or((rest, ""));
            script.templates.insert(name.to_owned(), body.to_owned());
        }
        "only" => script.only = rest.split(',').map(|s| s.trim().to_owned()).collect(),
        _ => return false,
    }
    true
}

fn step(words: &str) -> Option<Vec<Step>> {
    let one = |step| Some(vec![step]);
    if let Some(span) = words.strip_prefix("clock +") {
        return one(Step::Clock(self::span(span)?));
    }
    match words {
        "storage fails" => return one(Step::Storage(false)),
        "storage works" => return one(Step::Storage(true)),
        "server restarts" => return one(Step::Restart),
        _ => {}
    }
    let (first, rest) = words.split_once(' ')?;
    match first {
        "account" if rest.ends_with(" ends") => {
            one(Step::AccountEnds(rest.trim_end_matches(" ends").to_owned()))
        }
        "account" | "accounts" => one(Step::Accounts(roles(rest)?)),
        "staff" => {
            let accounts = roles(rest)?;
            let here = accounts.iter().map(|(name, _)| (name.clone(), name.clone())).collect();
            Some(vec![Step::Accounts(accounts), Step::StaffArrives(here)])
        }
        "customer" | "customers" => rest.split(", ").map(customer).collect(),
        _ => deed(first, rest).map(|step| vec![step]),
    }
}

fn roles(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |s: &str| s.trim().split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned()));
    text.split(',').map(pair).collect()
}

/// `anna`, `anna from 192.0.2.7`, `anna asking for billing`.
fn customer(text: &str) -> Option<Step> {
    let (text, asks) = match text.split_once(" asking for ") {
        Some((head, department)) => (head, Some(department.to_owned())),
        None => (text, None),
    };
    let (name, address) = match text.split_once(" from ") {
        Some((name, address)) => (name, Some(address.to_owned())),
        None => (text, None),
    };
    Some(Step::CustomerArrives(name.trim().to_owned(), address, asks))
}

fn deed(who: &str, rest: &str) -> Option<Step> {
    let name = who.to_owned();
    match rest {
        "arrives" => return Some(Step::StaffArrives(vec![(name.clone(), name)])),
        "returns" => return Some(Step::Returns(name, true)),
        "returns with a wrong token" => return Some(Step::Returns(name, false)),
        "is lost" => return Some(Step::Lost(name)),
        _ => {}
    }
    if let Some(account) = rest.strip_prefix("arrives as ") {
        return Some(Step::StaffArrives(vec![(name, account.to_owned())]));
    }
    act(rest).map(|act| Step::Does(name, act))
}

fn act(text: &str) -> Option<Act> {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    let own = String::new;
    Some(match verb {
        "says" => match rest.strip_prefix("in ").or(rest.strip_prefix("to ")) {
            Some(rest) => {
                let (to, words) = rest.split_once(' ')?;
                Act::Say(to.to_owned(), quoted(words)?)
            }
            None => Act::Say(own(), quoted(rest)?),
        },
        "whispers" => {
            let (to, words) = rest.strip_prefix("in ")?.split_once(' ')?;
            Act::Say(format!("@{to}"), quoted(words)?)
        }
        "joins" => Act::Join(rest.to_owned()),
        "leaves" => {
            let (channel, why) = rest.split_once(' ').unwrap_or((rest, ""));
            Act::Part(channel.to_owned(), quoted(why))
        }
        "goes" => Act::Away(Some(quoted(rest.strip_prefix("away ")?)?)),
        "is" if rest == "back" => Act::Away(None),
        "renames" => Act::Nick(rest.strip_prefix("to ")?.to_owned()),
        "does" => Act::Desk(rest.to_owned()),
        "kicks" => {
            let (nick, rest) = rest.split_once(" from ")?;
            let (channel, why) = rest.split_once(' ').unwrap_or((rest, ""));
            Act::Kick(channel.to_owned(), nick.to_owned(), quoted(why))
        }
        "invites" => {
            let (nick, channel) = rest.split_once(" to ")?;
            Act::Invite(nick.to_owned(), channel.to_owned())
        }
        "bans" => {
            let (mask, channel) = rest.split_once(" in ")?;
            Act::Ban(channel.to_owned(), mask.to_owned())
        }
        "asks" => {
            let (what, of) = rest.split_once(' ').unwrap_or((rest, ""));
            Act::Ask(what.to_owned(), of.to_owned())
        }
        "quits" => Act::Quit(quoted(rest)),
        _ => return None,
    })
}

/// The text between the first and the last quotation mark.
fn quoted(text: &str) -> Option<String> {
    let inner = text.trim().strip_prefix('"')?.strip_suffix('"')?;
    Some(inner.to_owned())
}

fn span(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.len().checked_sub(1)?);
    let number: u64 = number.parse().ok()?;
    let seconds = match unit {
        "s" => number,
        "m" => number * 60,
        "h" => number * 3600,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

fn expectation(words: &str) -> Option<Expectation> {
    if let Some(text) = words.strip_prefix("journal has no ") {
        return Some(Expectation::Journal(false, text.to_owned()));
    }
    if let Some(text) = words.strip_prefix("journal has: ") {
        return Some(Expectation::Journal(true, text.to_owned()));
    }
    for (start, told) in [("desk announces in ", true), ("desk does not announce in ", false)] {
        if let Some(rest) = words.strip_prefix(start) {
            let (room, text) = rest.split_once(": ")?;
            return Some(Expectation::Announced(told, format!("in {room}: \"{text}\"")));
        }
    }
    if is_fact(words) {
        let (of, facts) = words.split_once(':')?;
        let facts = facts.split(", ").map(|f| f.trim().to_owned()).collect();
        return Some(Expectation::Stands(of.to_owned(), facts));
    }
    let (who, rest) = words.split_once(' ')?;
    let who = who.to_owned();
    let (verb, rest) = rest.split_once([' ', ':']).unwrap_or((rest, ""));
    let rest = rest.trim();
    match (verb, rest) {
        ("hears" | "sees", "nothing") => {
            Some(Expectation::Misses(who, verb == "sees", "...".to_owned()))
        }
        ("hears", _) => Some(Expectation::Perceives(who, false, rest.to_owned())),
        ("sees", _) => Some(Expectation::Perceives(who, true, rest.to_owned())),
        ("does", _) => {
            let (verb, rest) = rest.strip_prefix("not ")?.split_once([' ', ':'])?;
            let sees = match verb {
                "hear" => false,
                "see" => true,
                _ => return None,
            };
            Some(Expectation::Misses(who, sees, rest.trim().to_owned()))
        }
        ("is", _) => {
            let rest = rest.strip_prefix("refused ")?;
            let (code, text) = match rest.split_once(':') {
                Some((code, text)) => (code, Some(quoted(text)?)),
                None => (rest, None),
            };
            Some(Expectation::Refused(who, code.to_owned(), text))
        }
        _ => None,
    }
}

#[test]
fn the_text_form_is_read() {
    let script = parse("# a remark\nstaff bob agent\nbob joins <anna>\n  anna hears: \"x\"\n");
    let script = script.unwrap();
    assert_eq!(script.lines.len(), 4);
    assert_eq!(script.lines[3].0, 4);
    assert_eq!(parse("bob dances").unwrap_err().0, 1);
    assert_eq!(parse("\n  bob hums").unwrap_err().0, 2);
}
