//! A small world: a state, a clock that stands still, and everybody's ears.

use crate::base::ids::{CustomerId, SessionId};
use crate::base::text::{AccountName, ChannelName, Folded, Line, Nick, UserName};
use crate::base::time::Timestamp;
use crate::desk::audience::rooms::{Cause, after, before};
use crate::desk::change::{Live, Plan, Step};
use crate::desk::context::Context;
use crate::desk::language::command::{ModeChange, Question, Say, Verb};
use crate::desk::language::fact::Event;
use crate::desk::language::notice::{MessageId, Notice, Output, Reply};
use crate::desk::language::people::{Department, Rank, Role, Source};
use crate::desk::language::refusal::Refusal;
use crate::desk::outcome::Outcome;
use crate::desk::rooms::{join, modes, talk};
use crate::desk::settings::{Guests, Settings};
use crate::desk::state::people::{Customer, Person, Standing};
use crate::desk::state::{State, staff_source};
use crate::desk::{presence, queries};
use std::sync::Arc;

pub(super) const NOW: Timestamp = Timestamp(1_000_000);

pub(super) const BOB: SessionId = SessionId(2);
pub(super) const CAROL: SessionId = SessionId(3);
pub(super) const DAVE: SessionId = SessionId(4);
pub(super) const ANNA: SessionId = SessionId(11);
pub(super) const ZED: SessionId = SessionId(12);

pub(super) struct World {
    pub(super) state: State,
    seq: u64,
}

pub(super) fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

pub(super) fn chan(name: &str) -> ChannelName {
    ChannelName::parse(name).unwrap()
}

pub(super) fn nick(name: &str) -> Nick {
    Nick::parse(name).unwrap()
}

pub(super) fn account(name: &str) -> AccountName {
    AccountName::parse(name).unwrap()
}

pub(super) fn say(target: &str, verb: Verb, text: &str) -> Say {
    Say {
        target: line(target),
        verb,
        text: line(text),
        tags: None,
        more: Vec::new(),
        literal: false,
    }
}

/// `+k key`, `-o bob`, `b`: one change each.
pub(super) fn changes(text: &str) -> Vec<ModeChange> {
    let change = |part: &str| {
        let (add, rest) = match part.strip_prefix('-') {
            Some(rest) => (false, rest),
            None => (true, part.trim_start_matches('+')),
        };
        let (letter, argument) = match rest.split_once(' ') {
            Some((letter, argument)) => (letter, Some(line(argument))),
            None => (rest, None),
        };
        ModeChange { add, letter: letter.chars().next().unwrap(), argument }
    };
    text.split(", ").map(change).collect()
}

impl World {
    /// bob and carol (agents) and dave (supervisor) in `#support`; agents of it are bob and carol.
    pub(super) fn new() -> Self {
        let mut world = Self::empty(Guests::Customer);
        world.staff(BOB, "bob");
        world.staff(CAROL, "carol");
        world.staff(DAVE, "dave");
        world
    }

    pub(super) fn empty(guests: Guests) -> Self {
        let mut settings = Settings { guests, ..Settings::default() };
        settings.departments[0].agents = vec![account("bob"), account("carol")];
        let mut world = Self { state: State::new(settings), seq: 0 };
        let roles = [
            ("bob", Role::Agent),
            ("carol", Role::Agent),
            ("erin", Role::Agent),
            ("dave", Role::Supervisor),
        ];
        let accounts = roles.map(|(name, role)| (account(name), role));
        world.play(vec![Step::Live(Live::Accounts(accounts.to_vec()))]);
        world
    }

    pub(super) fn staff(&mut self, session: SessionId, name: &str) -> Vec<String> {
        let source = staff_source(&account(name), "chat.example", false);
        let role = self.state.agent(&account(name)).and_then(|a| a.role).unwrap_or(Role::Agent);
        let mut source = source;
        if self.state.by_nick(name).is_some() {
            source.nick = nick(&format!("{name}_"));
        }
        self.arrive(session, source, role, None)
    }

    pub(super) fn guest(&mut self, session: SessionId, name: &str) {
        let source = Source {
            nick: nick(name),
            user: Arc::from(format!("~{name}")),
            host: Arc::from("guest.example"),
            account: None,
            bot: false,
            realname: line(name),
        };
        self.arrive(session, source, Role::Customer, None);
    }

    pub(super) fn customer(&mut self, session: SessionId, name: &str, code: &str) -> CustomerId {
        let id = CustomerId(session.0);
        let customer = Customer {
            id,
            code: Arc::from(code),
            channel: chan(&format!("#c-{name}-{code}")),
            nick: nick(&format!("{name}-{code}")),
            user: UserName::parse(name).unwrap(),
            realname: line(name),
            address: Arc::from("192.0.2.7"),
            token: [u8::try_from(session.0).unwrap(); 32],
            known: false,
            session: None,
            seated: crate::base::ids::Seq(0),
            absence: None,
            department: Department::parse("support").unwrap(),
            conversation: None,
            last_conversation: None,
            last_owner: None,
            ratable: false,
            past: 0,
            created: NOW,
            staff: Vec::new(),
        };
        let source = customer.source();
        self.play(vec![Step::Live(Live::NewCustomer(Box::new(customer)))]);
        self.arrive(session, source, Role::Customer, Some(id));
        id
    }

    fn arrive(
        &mut self,
        session: SessionId,
        source: Source,
        role: Role,
        customer: Option<CustomerId>,
    ) -> Vec<String> {
        let person = Person {
            user: UserName::parse("user").unwrap(),
            source: Arc::new(source),
            role,
            customer: None,
            address: Arc::from("192.0.2.1"),
            host: Arc::from("guest.example"),
            secure: true,
            certificate: None,
            guise: None,
            wants_replay: true,
            since: NOW,
            away: None,
            modes: std::collections::BTreeSet::new(),
            operator: None,
            rooms: std::collections::BTreeSet::new(),
            lounges: std::collections::BTreeSet::new(),
            monitors: std::collections::BTreeMap::new(),
            subscriptions: std::collections::BTreeSet::new(),
            invited: std::collections::BTreeMap::new(),
        };
        let mut plan = vec![Step::Live(Live::Arrived(session, Box::new(person)))];
        plan.extend(customer.map(|id| Step::Live(Live::Seated(id, session))));
        self.play(plan)
    }

    pub(super) fn seat(&mut self, customer: CustomerId, session: SessionId, standing: Standing) {
        self.play(vec![Step::Live(Live::StaffIn(customer, session, standing))]);
    }

    /// Tells and applies steps as the desk does; what everybody heard, as `session: line`.
    pub(super) fn play(&mut self, plan: Plan) -> Vec<String> {
        heard(&self.play_raw(plan, None, None))
    }

    fn play_raw(&mut self, plan: Plan, by: Option<SessionId>, said: Option<&Say>) -> Outcome {
        let mut out = Outcome::default();
        for step in &plan {
            before(&self.state, step, &mut out);
            let mut id = MessageId::Passing(1, 1);
            match step {
                Step::Fact(actor, fact, words) => {
                    self.seq += 1;
                    id = MessageId::Stored(self.seq);
                    let event = Event {
                        seq: crate::base::ids::Seq(self.seq),
                        at: NOW,
                        actor: actor.clone(),
                        fact: fact.clone(),
                        words: words.clone(),
                    };
                    self.state.apply(&event);
                    out.events.push(event);
                }
                Step::Live(live) => self.state.apply_live(NOW, live),
                Step::Reply(to, reply) => out.reply(*to, reply.clone()),
                Step::Tell(..) | Step::Cut(..) | Step::Consult(..) => {
                    panic!("not a step of rooms: {step:?}")
                }
            }
            let cause = Cause { now: NOW, id, session: by, say: said };
            after(&self.state, step, &mut out, &cause);
        }
        out
    }

    /// Runs a verb for a session; what everybody heard, or the refusal.
    pub(super) fn run(
        &mut self,
        session: SessionId,
        verb: impl FnOnce(&State, &Context) -> Result<Plan, Refusal>,
    ) -> Result<Vec<String>, Refusal> {
        self.run_saying(session, None, verb).map(|out| heard(&out))
    }

    pub(super) fn run_saying(
        &mut self,
        session: SessionId,
        said: Option<&Say>,
        verb: impl FnOnce(&State, &Context) -> Result<Plan, Refusal>,
    ) -> Result<Outcome, Refusal> {
        let person = self.state.person(session).expect("the asker has arrived").clone();
        let ctx = Context { now: NOW, session, person: &person };
        let plan = verb(&self.state, &ctx)?;
        Ok(self.play_raw(plan, Some(session), said))
    }

    pub(super) fn join(&mut self, s: SessionId, name: &str) -> Result<Vec<String>, Refusal> {
        self.run(s, |state, ctx| join::join(state, ctx, &chan(name), None))
    }

    pub(super) fn mode(
        &mut self,
        s: SessionId,
        name: &str,
        text: &str,
    ) -> Result<Vec<String>, Refusal> {
        let changes = if text.is_empty() { Vec::new() } else { changes(text) };
        self.run(s, |state, ctx| modes::modes(state, ctx, &chan(name), &changes))
    }

    /// PRIVMSG (or what `verb` says) to a room, with `@` or `+` before it for ranks.
    pub(super) fn say(
        &mut self,
        s: SessionId,
        target: &str,
        verb: Verb,
        text: &str,
    ) -> Result<Vec<String>, Refusal> {
        let said = say(target, verb, text);
        let rank = target.chars().next().filter(|c| matches!(c, '@' | '+'));
        let key = Folded::of(target.trim_start_matches(['@', '+']));
        self.run_saying(s, Some(&said), |state, ctx| talk::say(state, ctx, &key, rank, &said))
            .map(|out| heard(&out))
    }

    pub(super) fn tell(
        &mut self,
        s: SessionId,
        target: &str,
        verb: Verb,
        text: &str,
    ) -> Result<Vec<String>, Refusal> {
        let said = say(target, verb, text);
        self.run_saying(s, Some(&said), |state, ctx| talk::private(state, ctx, target, &said))
            .map(|out| heard(&out))
    }

    pub(super) fn nick(&mut self, s: SessionId, name: &str) -> Result<Vec<String>, Refusal> {
        self.run(s, |state, ctx| presence::nick(state, ctx, &nick(name)))
    }

    pub(super) fn ask(&mut self, s: SessionId, question: &Question) -> Reply {
        let person = self.state.person(s).expect("the asker has arrived").clone();
        let ctx = Context { now: NOW, session: s, person: &person };
        let plan = queries::answer(&self.state, &ctx, question).expect("questions are answered");
        match plan.into_iter().next() {
            Some(Step::Reply(to, reply)) if to == s => reply,
            other => panic!("no answer but {other:?}"),
        }
    }

    pub(super) fn gone(&mut self, s: SessionId) -> Vec<String> {
        self.play(vec![Step::Live(Live::Gone(s, line("bye")))])
    }
}

/// Everything that went out, in order, one text per recipient.
pub(super) fn heard(out: &Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    for output in &out.outputs {
        match output {
            Output::Notice { to, notice } => {
                for session in &out.recipients[to.clone()] {
                    lines.push(format!("{session}: {}", notice_text(notice)));
                }
            }
            // Who does not read markers is not told of them.
            Output::Reply { reply: Reply::ReadUntil { .. }, .. } => {}
            Output::Reply { to, reply } => lines.push(format!("{to}> {}", reply_text(reply))),
            Output::Cut { .. } | Output::Consult { .. } => lines.push(format!("{output:?}")),
        }
    }
    lines
}

pub(super) fn sign(rank: Rank) -> String {
    rank.top().held().map(|(_, prefix)| prefix).collect()
}

fn notice_text(notice: &Notice) -> String {
    match notice {
        Notice::Said(said) => {
            format!("{:?} {} {} :{}", said.verb, said.from.nick, said.target, said.text)
        }
        Notice::Joined { who, channel, rank, .. } => {
            format!("JOIN {}{} {channel}", sign(*rank), who.nick)
        }
        Notice::Parted { who, channel, reason } => {
            let reason = reason.as_ref().map(Line::as_str).unwrap_or_default();
            format!("PART {} {channel} :{reason}", who.nick)
        }
        Notice::Kicked { by, nick, channel, reason } => {
            format!("KICK {} {channel} {nick} :{reason}", by.nick)
        }
        Notice::Quit { who, reason } => format!("QUIT {} :{reason}", who.nick),
        Notice::Renamed { who, nick } => format!("NICK {} {nick}", who.nick),
        Notice::Topic { by, channel, text } => format!("TOPIC {} {channel} :{text}", by.nick),
        Notice::Modes { by, channel, changes } => format!("MODE {} {channel} {changes}", by.nick),
        Notice::UserModes { who, changes } => format!("UMODE {} {changes}", who.nick),
        Notice::Away { who, text } => {
            format!("AWAY {} :{}", who.nick, text.as_ref().map(Line::as_str).unwrap_or_default())
        }
        Notice::Realname { who } => format!("SETNAME {} :{}", who.nick, who.realname),
        Notice::Rehosted { who, now } => format!("CHGHOST {} {}@{}", who.nick, now.user, now.host),
        Notice::Rejoined { who, channel, rank, .. } => {
            format!("REJOIN {}{} {channel}", sign(*rank), who.nick)
        }
        Notice::Watched(notice) => format!("WATCHED {}", notice_text(notice)),
        Notice::Invited { by, nick, channel, personal } => {
            format!("INVITE {} {nick} {channel}{}", by.nick, if *personal { " you" } else { "" })
        }
        Notice::ReadUntil(target, _) => format!("MARKREAD {target}"),
        Notice::Redacted(told) => format!("REDACT {}", told.target),
        Notice::Monitored { nick, source } => {
            format!("MONITOR {nick} {}", if source.is_some() { "online" } else { "offline" })
        }
        Notice::Account { who } => format!("ACCOUNT {} {:?}", who.nick, who.account),
        Notice::Metadata(_)
        | Notice::Wallops { .. }
        | Notice::Killed { .. }
        | Notice::Server(_)
        | Notice::Desk { .. } => {
            format!("{notice:?}")
        }
    }
}

fn reply_text(reply: &Reply) -> String {
    match reply {
        Reply::Names { channel, members, .. } => {
            let names: Vec<String> =
                members.iter().map(|m| format!("{}{}", sign(m.rank), m.who.nick)).collect();
            format!("names {channel} {}", names.join(" "))
        }
        Reply::Topic { channel, topic } => {
            format!("topic {channel} :{}", topic.as_ref().map_or("-", |(text, _, _)| text.as_str()))
        }
        Reply::ChannelModes { channel, modes, .. } => format!("modes {channel} {modes}"),
        Reply::MaskList { channel, letter, entries } => {
            let masks: Vec<&str> = entries.iter().map(|(mask, _, _)| mask.as_str()).collect();
            format!("list {channel} {letter} {}", masks.join(" "))
        }
        Reply::History { channel, lines, .. } => {
            let lines: Vec<&str> = lines.iter().map(|said| said.text.as_str()).collect();
            format!("history {channel} {}", lines.join("|"))
        }
        Reply::Refused { command, refusal } => format!("{command} {refusal:?}"),
        Reply::AwaySet(away) => format!("away {away}"),
        Reply::PeerAway(nick, text) => format!("{nick} is away :{text}"),
        Reply::Inviting(nick, channel) => format!("inviting {nick} {channel}"),
        Reply::UserModes(modes) => format!("umodes {modes}"),
        Reply::MonitorStatus { online, offline } => {
            let online: Vec<&str> = online.iter().map(|who| who.nick.as_str()).collect();
            let offline: Vec<&str> = offline.iter().map(Line::as_str).collect();
            format!("online {} offline {}", online.join(","), offline.join(","))
        }
        Reply::MonitorList(names) => {
            let names: Vec<&str> = names.iter().map(Line::as_str).collect();
            format!("monitors {}", names.join(","))
        }
        other => format!("{other:?}"),
    }
}
