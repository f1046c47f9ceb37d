//! The desk's own commands: one table for their three forms (raw, to `desk`, with `!` in a channel),
//! for HELP and for the reference in the docs.
//!
//! Here is how each is written; who may use it stands in `command::may_use`, what it does in the desk.

use super::cap::shown;
use super::session::{IrcFace, Turn};
use crate::base::casemap::same;
use crate::base::text::{ChannelName, Folded, Line};
use crate::desk::language::command::{Command, DeskCommand, DeskVerb, MayUse, TransferTo, may_use};
use crate::desk::language::people::{Department, Role};
use std::time::Duration;

/// Which channel a command may name as its first parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// None.
    Nothing,
    /// Any.
    AnyChannel,
    /// A customer's only, because a department's may follow.
    CustomersChannel,
}

/// Why the words behind a command are not its parameters.
enum Misuse {
    /// Something is missing.
    Missing,
    /// Something is not what it should be.
    Invalid,
}

type Parse = fn(&mut Arguments) -> Result<DeskVerb, Misuse>;

/// What a row leads to.
enum Meaning {
    /// A command for the desk.
    Verb(Parse),
    /// This table, shown.
    Help,
}

/// One desk command.
pub struct Row {
    /// Its name (`DeskVerb::name`).
    pub name: &'static str,
    /// Its parameters, as HELP shows them.
    pub parameters: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
    names: Names,
    meaning: Meaning,
}

impl Row {
    /// True when this role may use it.
    pub fn may_use(&self, role: Role) -> bool {
        self.roles().allows(role)
    }

    /// Who may use it.
    pub fn roles(&self) -> MayUse {
        match self.meaning {
            Meaning::Help => MayUse::Everyone,
            Meaning::Verb(_) => may_use(self.name),
        }
    }

    fn usage(&self) -> String {
        [self.name, self.parameters].join(" ").trim_end().to_owned()
    }
}

const fn about(
    name: &'static str,
    parameters: &'static str,
    help: &'static str,
    parse: Parse,
) -> Row {
    Row { name, parameters, help, names: Names::AnyChannel, meaning: Meaning::Verb(parse) }
}

const fn alone(
    name: &'static str,
    parameters: &'static str,
    help: &'static str,
    parse: Parse,
) -> Row {
    Row { name, parameters, help, names: Names::Nothing, meaning: Meaning::Verb(parse) }
}

/// Every desk command, in the order of HELP.
pub const DESK_COMMANDS: &[Row] = &[
    alone("QUEUE", "[#department]", "what waits, in order", |a| {
        a.word().map(department).transpose().map(DeskVerb::Queue)
    }),
    about("CLAIM", "[#channel]", "take it; with no channel, the next in line", |_| {
        Ok(DeskVerb::Claim)
    }),
    about("ACCEPT", "[#channel]", "accept what is offered to you", |_| Ok(DeskVerb::Accept)),
    about("DECLINE", "[#channel] [:why]", "decline what is offered to you", |a| {
        Ok(DeskVerb::Decline(a.rest()))
    }),
    Row {
        name: "TRANSFER",
        parameters: "[#channel] agent|#department [cold|warm] [:why]",
        help: "offer the conversation to somebody else; you keep it until they accept",
        names: Names::CustomersChannel,
        meaning: Meaning::Verb(transfer),
    },
    about("HANDOVER", "[#channel]", "finish a warm transfer", |_| Ok(DeskVerb::Handover)),
    about("CANCEL", "[#channel]", "withdraw a transfer", |_| Ok(DeskVerb::Cancel)),
    about("RELEASE", "[#channel]", "give it back to the front of its queue", |_| {
        Ok(DeskVerb::Release)
    }),
    about("WATCH", "#channel", "watch unseen", |_| Ok(DeskVerb::Watch)),
    about("UNWATCH", "[#channel]", "stop watching", |_| Ok(DeskVerb::Unwatch)),
    about("BARGE", "[#channel]", "step in visibly and speak", |_| Ok(DeskVerb::Barge)),
    about("TAKEOVER", "[#channel]", "become the owner", |_| Ok(DeskVerb::Takeover)),
    about("NOTE", "[#channel] :text", "a remark for staff, kept with the conversation", |a| {
        a.rest().map(DeskVerb::Note).ok_or(Misuse::Missing)
    }),
    about("HOLD", "[#channel] [minutes] [:why]", "put the customer on hold, with a promise", hold),
    about("RESUME", "[#channel]", "end the hold", |_| Ok(DeskVerb::Resume)),
    about("CLOSE", "[#channel] [:why]", "close the conversation", |a| {
        Ok(DeskVerb::Close(a.rest()))
    }),
    about("SAY", "[#channel] template [arguments]", "say a template", say),
    alone("TEMPLATES", "", "list the templates", |_| Ok(DeskVerb::Templates)),
    about("CARD", "[#channel]", "what staff see of the customer", |_| Ok(DeskVerb::Card)),
    about("HISTORY", "[#channel] [lines]", "the last lines of the conversation", |a| {
        a.word().map(number).transpose().map(DeskVerb::History)
    }),
    alone("SEARCH", "words", "conversations that hold these words", |a| {
        a.rest().map(DeskVerb::Search).ok_or(Misuse::Missing)
    }),
    about("TAG", "[#channel] +tag -tag", "add and remove tags", tag),
    about("URGENT", "[#channel] [off]", "mark it urgent, or no longer", |a| match a.word() {
        None | Some("on") => Ok(DeskVerb::Urgent(true)),
        Some("off") => Ok(DeskVerb::Urgent(false)),
        Some(_) => Err(Misuse::Invalid),
    }),
    alone("BLOCK", "nick|address|mask duration :why", "block somebody for a time", block),
    alone("UNBLOCK", "number|target", "lift a block", |a| {
        a.word().map(|who| DeskVerb::Unblock(Line::scrubbed(who))).ok_or(Misuse::Missing)
    }),
    alone("BLOCKS", "", "list the blocks in force", |_| Ok(DeskVerb::Blocks)),
    alone("CAPACITY", "[number]", "how many conversations you take at once", |a| {
        a.word().map(number).transpose().map(DeskVerb::Capacity)
    }),
    alone("READY", "", "you take customers again", |_| Ok(DeskVerb::Ready)),
    about("WHY", "[#channel]", "why routing chose as it did", |_| Ok(DeskVerb::Why)),
    alone("REPORT", "[period]", "figures of a period (1h, 7d)", |a| Ok(DeskVerb::Report(a.rest()))),
    alone("ONLINE", "", "customers who are here and have not spoken", |_| Ok(DeskVerb::Online)),
    alone("PROPOSE", "visitor [:text]", "invite such a customer to talk", |a| {
        let visitor = a.word().map(Folded::of).ok_or(Misuse::Missing)?;
        Ok(DeskVerb::Propose { visitor, text: a.rest() })
    }),
    alone("RATE", "1-5 [comment]", "rate the conversation", rate),
    alone("EMAIL", "address", "where to mail the transcript", |a| match a.word() {
        Some(address) if address.contains('@') => Ok(DeskVerb::Email(Line::scrubbed(address))),
        Some(_) => Err(Misuse::Invalid),
        None => Err(Misuse::Missing),
    }),
    alone("DEPARTMENT", "name", "ask for a department", |a| {
        a.word().ok_or(Misuse::Missing).and_then(department).map(DeskVerb::AskFor)
    }),
    Row {
        name: "HELP",
        parameters: "[command]",
        help: "this help",
        names: Names::Nothing,
        meaning: Meaning::Help,
    },
];

fn transfer(a: &mut Arguments) -> Result<DeskVerb, Misuse> {
    let to = match a.word().ok_or(Misuse::Missing)? {
        name if name.starts_with('#') => TransferTo::Department(department(name)?),
        nick => TransferTo::Agent(Folded::of(nick)),
    };
    let warm = match a.peek() {
        Some(word) if same(word, "warm") => true,
        Some(word) if same(word, "cold") => false,
        _ => return Ok(DeskVerb::Transfer { to, warm: false, why: a.rest() }),
    };
    a.word();
    Ok(DeskVerb::Transfer { to, warm, why: a.rest() })
}

fn hold(a: &mut Arguments) -> Result<DeskVerb, Misuse> {
    let within = a.peek().and_then(span);
    if within.is_some() {
        a.word();
    }
    Ok(DeskVerb::Hold { within, why: a.rest() })
}

fn say(a: &mut Arguments) -> Result<DeskVerb, Misuse> {
    let template = a.word().map(Line::scrubbed).ok_or(Misuse::Missing)?;
    let rest = a.rest().unwrap_or_else(|| Line::scrubbed(""));
    let arguments = rest.as_str().split_ascii_whitespace().map(Line::scrubbed).collect();
    Ok(DeskVerb::Say { template, arguments })
}

fn tag(a: &mut Arguments) -> Result<DeskVerb, Misuse> {
    let rest = a.rest().ok_or(Misuse::Missing)?;
    let tags = rest.as_str().split_ascii_whitespace().map(|word| match word.strip_prefix('-') {
        Some(tag) => (false, tag),
        None => (true, word.strip_prefix('+').unwrap_or(word)),
    });
    let tags: Vec<(bool, Line)> = tags.map(|(add, tag)| (add, Line::scrubbed(tag))).collect();
    let empty = tags.iter().any(|(_, tag)| tag.as_str().is_empty());
    if empty { Err(Misuse::Invalid) } else { Ok(DeskVerb::Tag(tags)) }
}

fn block(a: &mut Arguments) -> Result<DeskVerb, Misuse> {
    let who = a.word().map(Line::scrubbed).ok_or(Misuse::Missing)?;
    let span = span(a.word().ok_or(Misuse::Missing)?).ok_or(Misuse::Invalid)?;
    let why = a.rest().ok_or(Misuse::Missing)?;
    Ok(DeskVerb::Block { who, span, why })
}

fn rate(a: &mut Arguments) -> Result<DeskVerb, Misuse> {
    let stars: u8 = number(a.word().ok_or(Misuse::Missing)?)?;
    if !(1..=5).contains(&stars) {
        return Err(Misuse::Invalid);
    }
    Ok(DeskVerb::Rate { stars, comment: a.rest() })
}

fn number<N: std::str::FromStr>(word: &str) -> Result<N, Misuse> {
    word.parse().map_err(|_| Misuse::Invalid)
}

fn department(name: &str) -> Result<Department, Misuse> {
    Department::parse(name).ok_or(Misuse::Invalid)
}

/// A span as people write it: `90s`, `5m`, `1h30m`, `7d`, `2w`; a bare number is minutes.
pub(super) fn span(text: &str) -> Option<Duration> {
    if let Ok(minutes) = text.parse::<u32>() {
        return Some(Duration::from_secs(u64::from(minutes) * 60));
    }
    let mut total: u64 = 0;
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let unit = match c.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        let count = std::mem::take(&mut digits).parse::<u32>().ok()?;
        total = total.checked_add(u64::from(count).checked_mul(unit)?)?;
    }
    (digits.is_empty() && !text.is_empty()).then(|| Duration::from_secs(total))
}

/// The words behind a command, from the parameters of a raw line or from a sentence.
pub(super) struct Arguments<'a> {
    /// What is left of a raw line's parameters; a last one may hold spaces.
    params: &'a [&'a str],
    /// What is left of a sentence; none for a raw line.
    sentence: Option<&'a str>,
}

impl<'a> Arguments<'a> {
    /// Of a raw line.
    pub(super) fn of_params(params: &'a [&'a str]) -> Self {
        Self { params, sentence: None }
    }

    fn of_sentence(text: &'a str) -> Self {
        Self { params: &[], sentence: Some(text.trim()) }
    }

    fn peek(&self) -> Option<&'a str> {
        let Some(sentence) = self.sentence else {
            return self.params.first().copied().filter(|word| !word.is_empty());
        };
        // A colon says that everything behind it is one parameter, as on a raw line.
        let word = match sentence.strip_prefix(':') {
            Some(rest) => rest.trim(),
            None => sentence.split_whitespace().next().unwrap_or_default(),
        };
        (!word.is_empty()).then_some(word)
    }

    fn word(&mut self) -> Option<&'a str> {
        let word = self.peek();
        match &mut self.sentence {
            None => self.params = self.params.get(1..).unwrap_or_default(),
            Some(sentence) if sentence.starts_with(':') => *sentence = "",
            Some(sentence) => {
                let length = word.map_or(0, str::len);
                *sentence = sentence.get(length..).unwrap_or_default().trim_start();
            }
        }
        word
    }

    fn rest(&mut self) -> Option<Line> {
        let all = match self.sentence.take() {
            None => self.params.join(" "),
            Some(sentence) => sentence.strip_prefix(':').unwrap_or(sentence).to_owned(),
        };
        self.params = &[];
        let all = all.trim();
        (!all.is_empty()).then(|| Line::scrubbed(all))
    }
}

/// The row of that name, in whatever case.
pub(super) fn find(name: &str) -> Option<&'static Row> {
    DESK_COMMANDS.iter().find(|row| same(row.name, name))
}

/// A command in a sentence: `transfer carol knows billing`. The channel is the one it was typed in.
pub(super) fn typed(
    face: &mut IrcFace,
    sentence: &str,
    channel: Option<ChannelName>,
    turn: &mut Turn,
) {
    let mut arguments = Arguments::of_sentence(sentence);
    let name = arguments.word().unwrap_or_default();
    match find(name).filter(|row| face.role.is_staff() || row.may_use(face.role)) {
        Some(row) => run(face, row, arguments, channel, turn),
        None if face.role.is_staff() => {
            let text = format!(
                "There is no desk command \"{name}\", and the line was shown to nobody. HELP lists them; !! says a line that begins with !."
            );
            face.fail(turn.out(), "DESK", "UNKNOWN_COMMAND", &[shown(name)], &text);
        }
        None => explain(face, "", turn),
    }
}

/// Runs a row with its arguments.
pub(super) fn run(
    face: &mut IrcFace,
    row: &'static Row,
    mut arguments: Arguments,
    mut channel: Option<ChannelName>,
    turn: &mut Turn,
) {
    if !row.may_use(face.role) {
        let text = format!("{} is not for your role; ask a supervisor.", row.name);
        return face.fail(turn.out(), row.name, "NOT_PERMITTED", &[], &text);
    }
    let Meaning::Verb(parse) = row.meaning else {
        return explain(face, arguments.word().unwrap_or_default(), turn);
    };
    let named = arguments.peek().filter(|word| match row.names {
        Names::Nothing => false,
        Names::AnyChannel => word.starts_with('#'),
        Names::CustomersChannel => super::commands::messages::is_customers(word),
    });
    if let Some(named) = named.and_then(|name| ChannelName::parse(name).ok()) {
        channel = Some(named);
        arguments.word();
    }
    match parse(&mut arguments) {
        Ok(verb) => turn.desk(Command::Desk(DeskCommand { channel, verb })),
        Err(misuse) => {
            let (code, what) = match misuse {
                Misuse::Missing => ("NEED_MORE_PARAMS", "Something is missing"),
                Misuse::Invalid => ("INVALID_PARAMS", "That could not be read"),
            };
            let text = format!("{what}; write it like this: {}", row.usage());
            face.fail(turn.out(), row.name, code, &[], &text);
        }
    }
}

/// Commands on one line of the short HELP.
const NAMES_PER_LINE: usize = 12;

fn explain(face: &IrcFace, name: &str, turn: &mut Turn) {
    let mut lines = match (name, face.role.is_staff()) {
        ("", true) => names(face.role),
        ("", false) => index(face.role),
        _ => Vec::new(),
    };
    lines.extend(explained(face.role, name));
    if lines.is_empty() {
        lines.push(format!("There is no desk command \"{name}\"; HELP alone lists them."));
    }
    for line in lines {
        face.note(turn.out(), &line);
    }
}

/// The short HELP, as the desk says it: few lines, since there is no window to leaf through.
fn names(role: Role) -> Vec<String> {
    let rows = DESK_COMMANDS.iter().filter(|row| row.may_use(role));
    let names: Vec<&str> = rows.map(|row| row.name).collect();
    let mut lines: Vec<String> = names.chunks(NAMES_PER_LINE).map(|some| some.join(" ")).collect();
    lines.push("HELP and a name explains one; /quote HELP explains all.".to_owned());
    lines
}

/// HELP's list: a line for each command this role may use.
pub(super) fn index(role: Role) -> Vec<String> {
    let rows = DESK_COMMANDS.iter().filter(|row| row.may_use(role));
    rows.map(|row| format!("{} - {}", row.usage(), row.help)).collect()
}

/// HELP on one command.
pub(super) fn explained(role: Role, name: &str) -> Option<String> {
    let row = find(name).filter(|row| row.may_use(role))?;
    let ways =
        if role.is_staff() { "also /msg desk and, in the channel, with !" } else { "/msg desk" };
    Some(format!("{} - {} ({ways})", row.usage(), row.help))
}
