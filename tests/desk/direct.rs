//! A voice without a face: acts become commands, and what comes out is put in words here, so that a
//! transcript holds of the desk alone.

use crate::heard::Heard;
use crate::memory::{Entry, Voice};
use crate::script::Act;
use std::time::Duration;
use switchboard::base::text::{ChannelName, Folded, Line, Nick, UserName};
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::*;
use switchboard::desk::language::notice::{CutReason, Notice, Reply, Said};
use switchboard::desk::language::people::{Department, Rank};
use switchboard::desk::language::refusal::{CannotSend, Refusal};
use switchboard::face::{Connection, texts};

/// One session that speaks in commands.
#[derive(Default)]
pub(crate) struct Direct {
    nick: String,
    own: String,
}

/// Makes one.
pub(crate) fn voice(_staff: bool, _connection: Connection) -> Box<dyn Voice> {
    Box::new(Direct::default())
}

fn line(text: &str) -> Line {
    Line::scrubbed(text)
}

fn channel(name: &str) -> ChannelName {
    ChannelName::parse(name).unwrap_or_else(|e| panic!("{name} is no channel: {e}"))
}

impl Voice for Direct {
    fn open(&mut self, _now: Timestamp, entry: &Entry) -> Vec<Command> {
        let digest = |secret: [u8; 32]| -> [u8; 32] {
            use sha2::Digest;
            sha2::Sha256::digest(secret).into()
        };
        let connection = &entry.connection;
        vec![Command::Arrive(Box::new(Arrival {
            nick: Nick::parse(&entry.nick).expect("a nick"),
            user: UserName::parse(&entry.nick).expect("a user name"),
            realname: line(&entry.nick),
            address: connection.address.clone(),
            cloak: Some("k3f9x2ab".into()),
            secure: true,
            account: entry.account.clone(),
            resume: entry.token.map(|t| Resume { digest: digest(t), last_seen: None }),
            department: connection.department.clone(),
            token: connection.token,
            code_seed: connection.code_seed,
            wants_replay: true,
            away: None,
            certificate: None,
        }))]
    }

    fn act(&mut self, _now: Timestamp, act: &Act, _heard: &mut Vec<Heard>) -> Vec<Command> {
        vec![match act {
            Act::Say(to, text) => return self.say(to, text),
            Act::Join(name) => Command::Join { channel: channel(name), key: None },
            Act::Part(name, why) => {
                Command::Part { channel: channel(name), reason: why.as_deref().map(line) }
            }
            Act::Away(text) => Command::Away(text.as_deref().map(line)),
            Act::Nick(nick) => Command::Nick(Nick::parse(nick).expect("a nick")),
            Act::Desk(words) => desk(words, None),
            Act::Kick(name, nick, why) => Command::Kick {
                channel: channel(name),
                nick: Folded::of(nick),
                reason: why.as_deref().map(line),
            },
            Act::Invite(nick, name) => {
                Command::Invite { nick: Folded::of(nick), channel: channel(name) }
            }
            Act::Ban(name, mask) => Command::ChannelModes {
                channel: channel(name),
                changes: vec![ModeChange { add: true, letter: 'b', argument: Some(line(mask)) }],
            },
            Act::Ask(what, of) => match what.as_str() {
                "TOPIC" => Command::Topic { channel: channel(of), text: None },
                what => Command::Ask(question(what, of)),
            },
            Act::Quit(text) => Command::Leave(Departure::Quit(text.as_deref().map(line))),
        }]
    }

    fn notice(&mut self, _now: Timestamp, notice: &Notice, heard: &mut Vec<Heard>) {
        let sight = |who: &Nick, text: String| match who.as_str() == self.nick {
            true => Heard::burst(text),
            false => Heard::sight(text),
        };
        let because = |why: Option<&Line>| why.map(|w| format!(": {w}")).unwrap_or_default();
        heard.push(match notice {
            Notice::Said(said) if said.verb == Verb::Tag => return,
            Notice::Said(said) => self.said(said, false),
            Notice::Joined { who, channel, .. } => {
                sight(&who.nick, format!("{} join {channel}", who.nick))
            }
            Notice::Parted { who, channel, reason } => {
                let why = because(reason.as_ref());
                sight(&who.nick, format!("{} leave {channel}{why}", who.nick))
            }
            Notice::Kicked { nick, channel, .. } => {
                sight(nick, format!("{nick} kicked from {channel}"))
            }
            Notice::Quit { who, .. } => sight(&who.nick, format!("{} quit", who.nick)),
            Notice::Renamed { who, nick } => {
                let heard = sight(&who.nick, format!("{} renamed to {nick}", who.nick));
                if who.nick.as_str() == self.nick {
                    self.nick = nick.to_string();
                }
                heard
            }
            Notice::Topic { channel, text, .. } => {
                Heard::burst(format!("topic of {channel}: {text}"))
            }
            Notice::Invited { by, channel, personal: true, .. } => {
                Heard::sight(format!("an invitation to {channel} by {}", by.nick))
            }
            Notice::Desk { to, text, .. } => Heard::told(to, &self.own, &texts::english(text)),
            Notice::Invited { .. }
            | Notice::Modes { .. }
            | Notice::UserModes { .. }
            | Notice::Away { .. }
            | Notice::Account { .. }
            | Notice::Realname { .. }
            | Notice::Metadata(_)
            | Notice::Rehosted { .. }
            | Notice::Rejoined { .. }
            | Notice::Watched(_)
            | Notice::Wallops { .. }
            | Notice::Killed { .. }
            | Notice::Server(_)
            | Notice::ReadUntil(..)
            | Notice::Redacted(_)
            | Notice::Monitored { .. } => return,
        });
    }

    fn reply(&mut self, _now: Timestamp, reply: &Reply, heard: &mut Vec<Heard>) {
        let told = |text: &str| Heard::told("", "", text);
        match reply.bare() {
            Reply::Welcome(welcome) => {
                self.nick = welcome.nick.to_string();
                self.own = welcome.channel.as_ref().map(ToString::to_string).unwrap_or_default();
                heard.push(Heard::burst("welcome".to_owned()));
            }
            Reply::Refused { refusal, .. } => {
                heard.push(Heard::refusal(code(refusal), &texts::refusal(refusal)));
            }
            Reply::Done(text) => heard.push(told(&texts::english(text))),
            Reply::Listing(rows) => heard.extend(rows.iter().map(|t| told(&texts::english(t)))),
            Reply::PeerAway(nick, text) => heard.push(Heard::sight(format!("{nick} away: {text}"))),
            Reply::Topic { channel, topic } => {
                let text = topic.as_ref().map(|(text, ..)| text.to_string()).unwrap_or_default();
                heard.push(Heard::burst(format!("topic of {channel}: {text}")));
            }
            Reply::Names { channel, members, on_join, .. } => {
                let mut names: Vec<String> =
                    members.iter().map(|m| format!("{}{}", rank(m.rank), m.who.nick)).collect();
                names.sort();
                let text = format!("names of {channel}: {}", names.join(" ")).trim_end().to_owned();
                heard.push(if *on_join { Heard::burst(text) } else { Heard::sight(text) });
            }
            Reply::Who { mask, rows } => {
                let mut names: Vec<String> = rows.iter().map(|r| r.who.nick.to_string()).collect();
                names.sort();
                heard.push(Heard::sight(format!("who {mask}: {}", names.join(" "))));
            }
            Reply::Whois { card: Some(card), .. } => {
                let mut names: Vec<String> =
                    card.channels.iter().map(|(_, c)| c.to_string()).collect();
                names.sort();
                let nick = &card.row.who.nick;
                heard.push(Heard::sight(format!("whois {nick}: {}", names.join(" "))));
            }
            Reply::Whois { card: None, .. } => {
                heard.push(Heard::refusal("NO_SUCH_NICK", "No such nick here."));
            }
            Reply::List(rows) => {
                for row in rows {
                    heard.push(Heard::sight(format!("list {}: {}", row.channel, row.members)));
                }
            }
            Reply::History { lines, .. } => {
                heard.extend(lines.iter().map(|said| self.said(said, true)));
            }
            Reply::Nothing(question) => match &**question {
                Question::Names(channel) => {
                    heard.push(Heard::sight(format!("names of {channel}:")))
                }
                Question::Who { mask, .. } => heard.push(Heard::sight(format!("who {mask}: "))),
                Question::Whois(_) => {
                    heard.push(Heard::refusal("NO_SUCH_NICK", "No such nick here."));
                }
                _ => {}
            },
            Reply::In(..)
            | Reply::AwaySet(_)
            | Reply::Health(_)
            | Reply::Metadata(_)
            | Reply::Opered
            | Reply::Page { .. }
            | Reply::Targets(_)
            | Reply::Stats(..)
            | Reply::ReadUntil { .. }
            | Reply::Decide(_)
            | Reply::UserModes(_)
            | Reply::VisibleAs(_)
            | Reply::ChannelModes { .. }
            | Reply::MaskList { .. }
            | Reply::Inviting(..)
            | Reply::Whowas { .. }
            | Reply::Ison(_)
            | Reply::Userhost(_)
            | Reply::Lusers(_)
            | Reply::MonitorStatus { .. }
            | Reply::MonitorList(_)
            | Reply::AllNames(_)
            | Reply::Invitations(_)
            | Reply::ChannelRenamed(_) => {}
        }
    }

    fn cut(&mut self, why: &CutReason, heard: &mut Vec<Heard>) {
        heard.push(Heard::burst(format!("the end: {why:?}")));
    }
}

impl Direct {
    fn said(&self, said: &Said, again: bool) -> Heard {
        let to = if *said.target == self.nick { "me" } else { &said.target };
        Heard::said(said.from.nick.as_str(), to, &self.own, said.text.as_str(), again)
    }

    /// Words; in a customer's channel a `!` before them makes them a command, as every face has it.
    fn say(&self, to: &str, text: &str) -> Vec<Command> {
        let staff = self.own.is_empty();
        let (mut text, mut literal) = (text, false);
        if staff
            && to.starts_with("#c-")
            && let Some(rest) = text.strip_prefix('!')
        {
            match rest.strip_prefix('!') {
                Some(_) => (text, literal) = (rest, true),
                None => return vec![desk(rest, Some(channel(to)))],
            }
        }
        let target = line(to);
        let text = line(text);
        vec![Command::Say(Say {
            target,
            verb: Verb::Privmsg,
            text,
            tags: None,
            more: Vec::new(),
            literal,
        })]
    }
}

fn rank(rank: Rank) -> &'static str {
    match rank {
        rank if rank.has(Rank::OP) => "@",
        rank if rank.has(Rank::VOICE) => "+",
        _ => "",
    }
}

fn question(what: &str, of: &str) -> Question {
    match what {
        "NAMES" => Question::Names(channel(of)),
        "WHO" => Question::Who { mask: line(of), operators: false },
        "WHOIS" => Question::Whois(line(of)),
        "LIST" => Question::List(ListFilter::default()),
        other => panic!("nobody can ask {other}"),
    }
}

/// The code of a refusal: FAIL's where it has one, else the numeric's name.
pub(crate) fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NoSuchNick(_) => "NO_SUCH_NICK",
        Refusal::NoSuchChannel(_) => "NO_SUCH_CHANNEL",
        Refusal::NotOnChannel(_) => "NOT_ON_CHANNEL",
        Refusal::UserNotInChannel(..) => "USER_NOT_IN_CHANNEL",
        Refusal::UserOnChannel(..) => "USER_ON_CHANNEL",
        Refusal::CannotSend(_, CannotSend::Watching) => "WATCHING",
        Refusal::CannotSend(_, CannotSend::BotSilenced) => "BOT_SILENCED",
        Refusal::CannotSend(_, CannotSend::LooksLikeCommand) => "LOOKS_LIKE_COMMAND",
        Refusal::CannotSend(..) => "CANNOT_SEND",
        Refusal::NickInUse(_) | Refusal::NickReserved(_) => "NICK_IN_USE",
        Refusal::NotOperator(_) => "NOT_OPERATOR",
        Refusal::CannotJoin(..) => "CANNOT_JOIN",
        Refusal::Forwarded(..) => "FORWARDED",
        Refusal::NotPermitted => "NOT_PERMITTED",
        Refusal::StorageFailing => "STORAGE_FAILING",
        Refusal::Desk(refusal) => refusal.code(),
        _ => "REFUSED",
    }
}

/// A desk command as it is typed, without its face: `TRANSFER #c-… carol warm :why`.
fn desk(words: &str, typed_in: Option<ChannelName>) -> Command {
    let mut words = Words(words.trim());
    let name = words.next().unwrap_or_default().to_ascii_uppercase();
    let names_no_channel = matches!(name.as_str(), "QUEUE");
    let department_first = name == "TRANSFER" && !words.0.starts_with("#c-");
    let mut channel = typed_in;
    if words.0.starts_with('#') && !names_no_channel && !department_first {
        channel = words.next().map(self::channel);
    }
    let verb = verb(&name, &mut words).unwrap_or_else(|| panic!("{name} cannot be read"));
    Command::Desk(DeskCommand { channel, verb })
}

struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (word, rest) = self.0.split_once(' ').unwrap_or((self.0, ""));
        self.0 = rest.trim_start();
        (!word.is_empty()).then_some(word)
    }

    fn rest(&mut self) -> Option<Line> {
        let rest = std::mem::take(&mut self.0);
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        (!rest.is_empty()).then(|| line(rest))
    }
}

fn verb(name: &str, words: &mut Words) -> Option<DeskVerb> {
    Some(match name {
        "QUEUE" => DeskVerb::Queue(words.next().and_then(Department::parse)),
        "CLAIM" => DeskVerb::Claim,
        "ACCEPT" => DeskVerb::Accept,
        "DECLINE" => DeskVerb::Decline(words.rest()),
        "TRANSFER" => {
            let to = match words.next()? {
                name if name.starts_with('#') => TransferTo::Department(Department::parse(name)?),
                nick => TransferTo::Agent(Folded::of(nick)),
            };
            let warm = words.0.split(' ').next() == Some("warm");
            if warm || words.0.split(' ').next() == Some("cold") {
                words.next();
            }
            DeskVerb::Transfer { to, warm, why: words.rest() }
        }
        "HANDOVER" => DeskVerb::Handover,
        "CANCEL" => DeskVerb::Cancel,
        "RELEASE" => DeskVerb::Release,
        "WATCH" => DeskVerb::Watch,
        "UNWATCH" => DeskVerb::Unwatch,
        "BARGE" => DeskVerb::Barge,
        "TAKEOVER" => DeskVerb::Takeover,
        "NOTE" => DeskVerb::Note(words.rest()?),
        "HOLD" => {
            let within = words.0.split(' ').next().and_then(|w| w.parse().ok());
            if within.is_some() {
                words.next();
            }
            let within = within.map(|minutes: u64| Duration::from_secs(minutes * 60));
            DeskVerb::Hold { within, why: words.rest() }
        }
        "RESUME" => DeskVerb::Resume,
        "CLOSE" => DeskVerb::Close(words.rest()),
        "SAY" => {
            let template = line(words.next()?);
            let rest = words.rest().unwrap_or_else(|| line(""));
            let arguments = rest.as_str().split_whitespace().map(line).collect();
            DeskVerb::Say { template, arguments }
        }
        _ => return looking(name, words),
    })
}

fn looking(name: &str, words: &mut Words) -> Option<DeskVerb> {
    Some(match name {
        "TEMPLATES" => DeskVerb::Templates,
        "CARD" => DeskVerb::Card,
        "HISTORY" => DeskVerb::History(words.next().and_then(|n| n.parse().ok())),
        "TAG" => {
            let tags = words.0.split_whitespace();
            DeskVerb::Tag(tags.map(|t| (t.starts_with('+'), line(&t[1..]))).collect())
        }
        "URGENT" => DeskVerb::Urgent(words.next() != Some("off")),
        "BLOCK" => {
            let who = line(words.next()?);
            let span = words.next()?;
            let hours: u64 = span.strip_suffix('h')?.parse().ok()?;
            DeskVerb::Block { who, span: Duration::from_secs(hours * 3600), why: words.rest()? }
        }
        "UNBLOCK" => DeskVerb::Unblock(line(words.next()?)),
        "BLOCKS" => DeskVerb::Blocks,
        "CAPACITY" => DeskVerb::Capacity(words.next().map(|n| n.parse().expect("a number"))),
        "READY" => DeskVerb::Ready,
        "WHY" => DeskVerb::Why,
        "ONLINE" => DeskVerb::Online,
        "PROPOSE" => DeskVerb::Propose { visitor: Folded::of(words.next()?), text: words.rest() },
        "RATE" => DeskVerb::Rate { stars: words.next()?.parse().ok()?, comment: words.rest() },
        "EMAIL" => DeskVerb::Email(words.rest()?),
        "DEPARTMENT" => DeskVerb::AskFor(Department::parse(words.next()?)?),
        _ => return None,
    })
}
