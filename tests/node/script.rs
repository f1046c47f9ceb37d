//! A scripted desk and face, small enough to see through, in place of the real ones.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use switchboard::base::ids::{Seq, SessionId};
use switchboard::base::text::{AccountName, ChannelName, Line, Nick, UserName};
use switchboard::base::time::Timestamp;
use switchboard::desk::StaffAccount;
use switchboard::desk::language::archive::ArchiveQuery;
use switchboard::desk::language::command::{Arrival, Command, Departure, Say, Token, Verb};
use switchboard::desk::language::fact::Hearers;
use switchboard::desk::language::fact::{Event, Fact};
use switchboard::desk::language::notice::{
    Counts, CutReason, MessageId, Notice, Output, Reply, Said, Welcome,
};
use switchboard::desk::language::people::{Actor, Role, Source};
use switchboard::desk::language::refusal::Refusal;
use switchboard::desk::outcome::Outcome;
use switchboard::desk::settings::Settings;
use switchboard::face::{Action, Actions, Credentials, Dialect, Face, Verdict};
use switchboard::node::Decide;

// The scripted desk: `store x` is an event and a notice to all, `tell x` a notice without event,
// `ask` a reply with the number of stored lines, `cut` ends the speaker, `find` asks the archive.

#[derive(Clone, Default)]
pub(crate) struct Script {
    pub(crate) here: BTreeSet<SessionId>,
    pub(crate) stored: u64,
    pub(crate) told: u64,
    pub(crate) broken: bool,
    pub(crate) images: Vec<(u64, BTreeSet<SessionId>, u64, u64)>,
    pub(crate) marks: u64,
    pub(crate) due: Option<Timestamp>,
}

pub(crate) fn source() -> Arc<Source> {
    Arc::new(Source {
        nick: Nick::parse("x").unwrap(),
        user: "x".into(),
        host: "x".into(),
        account: None,
        bot: false,
        realname: Line::scrubbed(""),
    })
}

pub(crate) fn said(text: &str, sender: Option<SessionId>) -> Notice {
    Notice::Said(Said {
        id: MessageId::Passing(0, 0),
        at: Timestamp(0),
        from: source(),
        sender,
        target: "#r".into(),
        verb: Verb::Privmsg,
        text: Line::scrubbed(text),
        tags: None,
        more: Vec::new(),
        hearers: Hearers::Everyone,
        replayed: false,
    })
}

impl Script {
    pub(crate) fn event(&mut self, now: Timestamp, text: &str, out: &mut Outcome) {
        self.stored += 1;
        let room = ChannelName::parse("#r").unwrap();
        out.events.push(Event {
            seq: Seq(self.stored),
            at: now,
            actor: Actor::Desk,
            fact: Fact::RoomSaid { room, rank: None, verb: Verb::Privmsg },
            words: vec![Line::scrubbed(text)],
        });
    }

    pub(crate) fn say(&mut self, now: Timestamp, from: SessionId, text: &str, out: &mut Outcome) {
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        match verb {
            "store" if self.broken => {
                out.reply(
                    from,
                    Reply::Refused { command: "SAY", refusal: Refusal::StorageFailing },
                );
            }
            "store" => {
                self.event(now, rest, out);
                out.notice(self.here.clone(), said(rest, Some(from)));
            }
            "tell" => {
                self.told += 1;
                out.notice(self.here.clone(), said(rest, Some(from)));
            }
            "rename" if self.broken => {
                out.reply(
                    from,
                    Reply::Refused { command: "NICK", refusal: Refusal::StorageFailing },
                );
            }
            "rename" => {
                self.event(now, rest, out);
                let nick = Nick::parse(rest).unwrap();
                out.notice(self.here.clone(), Notice::Renamed { who: source(), nick });
            }
            "ask" => out.reply(from, Reply::AwaySet(self.stored > 0)),
            "cut" => {
                self.here.remove(&from);
                let why = CutReason::Killed(None, Line::scrubbed("bye"));
                out.outputs.push(Output::Cut { session: from, why });
            }
            "find" => {
                let query = ArchiveQuery::Search { words: Line::scrubbed(rest), place: None };
                out.outputs.push(Output::Consult { to: from, query });
            }
            _ => {}
        }
    }
}

impl Decide for Script {
    fn handle(&mut self, now: Timestamp, from: SessionId, command: &Command, out: &mut Outcome) {
        match command {
            Command::Arrive(_) => {
                self.here.insert(from);
                out.reply(
                    from,
                    Reply::Welcome(Box::new(Welcome {
                        nick: Nick::parse("x").unwrap(),
                        source: source(),
                        role: Role::Customer,
                        channel: None,
                        token: None,
                        resumed: false,
                        counts: Counts::default(),
                        modes: switchboard::base::text::Line::scrubbed("+"),
                    })),
                );
            }
            Command::Leave(why) => {
                self.here.remove(&from);
                if let Departure::Lost(why) = why {
                    let words = format!("gone {why}");
                    out.notice(self.here.clone(), said(&words, None));
                }
            }
            Command::Say(Say { text, .. }) => self.say(now, from, text.as_str(), out),
            _ => {}
        }
    }

    fn tick(&mut self, now: Timestamp, out: &mut Outcome) {
        if self.due.is_some_and(|at| at <= now) {
            self.due = None;
            out.notice(self.here.clone(), said("tick", None));
        }
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.due
    }

    fn mark(&mut self) -> u64 {
        self.marks += 1;
        self.images.push((self.marks, self.here.clone(), self.stored, self.told));
        self.marks
    }

    fn confirm(&mut self, mark: u64, _: Seq) {
        self.images.retain(|image| image.0 >= mark);
    }

    fn rollback(&mut self) {
        if let Some((_, here, stored, told)) = self.images.first().cloned() {
            (self.here, self.stored, self.told) = (here, stored, told);
        }
        self.images.truncate(1);
    }

    fn set_storage(&mut self, _: Timestamp, works: bool, out: &mut Outcome) {
        self.broken = !works;
        let words = if works { "disk works" } else { "disk fails" };
        out.notice(self.here.clone(), said(words, None));
    }

    fn set_accounts(&mut self, _: Timestamp, _: Vec<StaffAccount>, _: &mut Outcome) {}
    fn account_made(&mut self, _: Timestamp, _: &StaffAccount, _: &mut Outcome) {}

    fn may_register(&self, _: SessionId, _: &AccountName) -> bool {
        true
    }

    fn set_settings(&mut self, _: Timestamp, _: Settings, _: &mut Outcome) {}
    fn recover(&mut self, _: Timestamp, _: &mut Outcome) {}

    fn set_connections(&mut self, _: usize) {}

    fn blocked(&self, _: Timestamp, _: &str) -> Option<Line> {
        None
    }

    fn operates(&self, _: SessionId) -> bool {
        true
    }

    fn role(&self, _: SessionId) -> Option<Role> {
        Some(Role::Admin)
    }
}

// The scripted face: `PING x` is answered at once, `@label line` wants a labelled answer,
// `LOGIN` checks credentials, `ECHO` wants its own words back, all else is said to the desk.

#[derive(Default)]
pub(crate) struct Talk {
    pub(crate) registered: bool,
    pub(crate) silent: bool,
    pub(crate) echo: bool,
    pub(crate) nick: Option<Nick>,
    pub(crate) encoded: Rc<RefCell<usize>>,
}

impl Face for Talk {
    fn open(&mut self, _: Timestamp, actions: &mut Actions) {
        if !self.silent {
            actions.list.push(Action::Desk(Command::Arrive(Box::new(Arrival {
                nick: Nick::parse("x").unwrap(),
                user: UserName::parse("x").unwrap(),
                realname: Line::scrubbed(""),
                address: "192.0.2.1".into(),
                cloak: Some("k3f9x2ab".into()),
                secure: false,
                account: None,
                resume: None,
                department: None,
                token: Token { secret: [0; 32], digest: [0; 32] },
                code_seed: 0,
                wants_replay: false,
                away: None,
                certificate: None,
            }))));
        }
    }

    fn line(&mut self, _: Timestamp, line: &[u8], actions: &mut Actions) {
        let mut line = std::str::from_utf8(line).unwrap();
        if let Some((label, rest)) = line.strip_prefix('@').and_then(|l| l.split_once(' ')) {
            actions.label = Some(label.into());
            line = rest;
        }
        for line in line.split('|') {
            if let Some(text) = line.strip_prefix("PING ") {
                actions.list.push(Action::Say(format!("PONG {text}\n").into_bytes()));
            } else if line == "LOGIN" {
                let password = "secret".to_owned();
                let credentials = Credentials::Password { account: "bob".into(), password };
                actions.list.push(Action::Verify(credentials));
            } else if line == "NICK?" {
                let nick = self.nick.as_ref().map_or("x", Nick::as_str);
                actions.list.push(Action::Say(format!("I am {nick}\n").into_bytes()));
            } else if line == "ECHO" {
                self.echo = true;
            } else if line == "QUIT" {
                actions.list.push(Action::Desk(Command::Leave(Departure::Quit(None))));
            } else {
                actions.list.push(Action::Desk(Command::Say(Say {
                    target: Line::scrubbed("#r"),
                    verb: Verb::Privmsg,
                    text: Line::scrubbed(line),
                    tags: None,
                    more: Vec::new(),
                    literal: false,
                })));
            }
        }
    }

    fn overlong(&mut self, _: Timestamp, actions: &mut Actions) {
        actions.list.push(Action::Say(b"too long\n".to_vec()));
    }

    fn verdict(&mut self, _: Timestamp, verdict: Verdict, actions: &mut Actions) {
        let words = if matches!(verdict, Verdict::Yes(..)) { "in\n" } else { "out\n" };
        actions.list.push(Action::Say(words.into()));
    }

    fn dialect(&self) -> Dialect {
        Dialect(if self.echo { Dialect::ECHO } else { 0 })
    }

    fn notice(&self, _: Timestamp, notice: &Notice, out: &mut Vec<u8>) {
        *self.encoded.borrow_mut() += 1;
        if let Notice::Said(said) = notice {
            out.extend_from_slice(said.text.as_str().as_bytes());
            out.push(b'\n');
        }
    }

    fn reply(&mut self, _: Timestamp, reply: &Reply, out: &mut Vec<u8>) {
        let words = match reply {
            Reply::Welcome(_) => {
                self.registered = true;
                "welcome\n"
            }
            Reply::Refused { .. } => "refused\n",
            Reply::AwaySet(true) => "some\n",
            Reply::AwaySet(false) => "none\n",
            Reply::Listing(_) => "listing\n",
            _ => "other\n",
        };
        out.extend_from_slice(words.as_bytes());
    }

    fn renamed(&mut self, _: &Nick, to: &Nick) {
        self.nick = Some(to.clone());
    }

    fn seal(&mut self, _: Timestamp, label: &str, answer: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(format!("[{label}\n").as_bytes());
        out.extend_from_slice(answer);
        out.extend_from_slice(b"]\n");
    }

    fn farewell(&mut self, _: &CutReason, out: &mut Vec<u8>) {
        out.extend_from_slice(b"farewell\n");
    }

    fn error(&mut self, text: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("ERROR {text}\n").as_bytes());
    }

    fn ping(&mut self, _: Timestamp, out: &mut Vec<u8>) {
        out.extend_from_slice(b"PING?\n");
    }

    fn registered(&self) -> bool {
        self.registered
    }
}
