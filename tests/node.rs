//! The runner in memory: no socket, no disk, no clock but the test's own. A scripted desk and face
//! stand in, so that what is tested is holding, releasing, redoing and cutting, and nothing else.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::ids::{Seq, SessionId};
use switchboard::base::text::{ChannelName, Line, Nick, UserName};
use switchboard::base::time::Timestamp;
use switchboard::desk::StaffAccount;
use switchboard::desk::language::command::{Arrival, Command, Departure, Say, Token, Verb};
use switchboard::desk::language::fact::{Event, Fact};
use switchboard::desk::language::notice::{
    ArchiveQuery, Counts, CutReason, MessageId, Notice, Output, Reply, Said, Welcome,
};
use switchboard::desk::language::people::{Actor, Role, Source};
use switchboard::desk::language::refusal::Refusal;
use switchboard::desk::outcome::Outcome;
use switchboard::desk::settings::Settings;
use switchboard::face::{Action, Actions, Credentials, Dialect, Face, Verdict};
use switchboard::node::{
    Asker, Decide, Durability, Flow, Job, Journaling, Limits, Node, Outside, Settled, Sink, Ticket,
};
use switchboard::store::Fault;
use switchboard::wire::framing::Framer;

// The scripted desk: `store x` is an event and a notice to all, `tell x` a notice without event,
// `ask` a reply with the number of stored lines, `cut` ends the speaker, `find` asks the archive.

#[derive(Clone, Default)]
struct Script {
    here: BTreeSet<SessionId>,
    stored: u64,
    told: u64,
    broken: bool,
    images: Vec<(u64, BTreeSet<SessionId>, u64, u64)>,
    marks: u64,
    due: Option<Timestamp>,
}

fn source() -> Arc<Source> {
    Arc::new(Source {
        nick: Nick::parse("x").unwrap(),
        user: "x".into(),
        host: "x".into(),
        account: None,
        bot: false,
        realname: Line::scrubbed(""),
    })
}

fn said(text: &str, sender: Option<SessionId>) -> Notice {
    Notice::Said(Said {
        id: MessageId::Passing(0, 0),
        at: Timestamp(0),
        from: source(),
        sender,
        target: "#r".into(),
        verb: Verb::Privmsg,
        text: Line::scrubbed(text),
        tags: None,
        whisper: false,
        replayed: false,
    })
}

impl Script {
    fn event(&mut self, now: Timestamp, text: &str, out: &mut Outcome) {
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

    fn say(&mut self, now: Timestamp, from: SessionId, text: &str, out: &mut Outcome) {
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
                let why = CutReason::Killed(Line::scrubbed("bye"));
                out.outputs.push(Output::Cut { session: from, why });
            }
            "find" => {
                let query = ArchiveQuery::Search { words: Line::scrubbed(rest) };
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
    fn set_settings(&mut self, _: Timestamp, _: Settings, _: &mut Outcome) {}
    fn recover(&mut self, _: Timestamp, _: &mut Outcome) {}

    fn blocked(&self, _: Timestamp, _: &str) -> Option<Line> {
        None
    }
}

// The scripted face: `PING x` is answered at once, `@label line` wants a labelled answer,
// `LOGIN` checks credentials, `ECHO` wants its own words back, all else is said to the desk.

#[derive(Default)]
struct Talk {
    registered: bool,
    silent: bool,
    echo: bool,
    nick: Option<Nick>,
    encoded: Rc<RefCell<usize>>,
}

impl Face for Talk {
    fn open(&mut self, _: Timestamp, actions: &mut Actions) {
        if !self.silent {
            actions.list.push(Action::Desk(Command::Arrive(Box::new(Arrival {
                nick: Nick::parse("x").unwrap(),
                user: UserName::parse("x").unwrap(),
                realname: Line::scrubbed(""),
                address: "192.0.2.1".into(),
                secure: false,
                account: None,
                resume: None,
                department: None,
                token: Token { secret: [0; 32], digest: [0; 32] },
                code_seed: 0,
                wants_replay: false,
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

/// The far end of a connection.
#[derive(Default)]
struct Wire {
    writes: Vec<String>,
    room: Option<usize>,
    resumed: usize,
    closed: bool,
}

struct WireSink(Rc<RefCell<Wire>>);

impl Sink for WireSink {
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut wire = self.0.borrow_mut();
        let count = wire.room.map_or(bytes.len(), |room| room.min(bytes.len()));
        wire.room = wire.room.map(|room| room - count);
        if count > 0 {
            wire.writes.push(String::from_utf8_lossy(&bytes[..count]).into_owned());
        }
        Ok(count)
    }

    fn resume(&mut self) {
        self.0.borrow_mut().resumed += 1;
    }

    fn close(&mut self) {
        self.0.borrow_mut().closed = true;
    }
}

#[derive(Default)]
struct Disk {
    jobs: Vec<Job>,
    stored: Vec<Event>,
    probes: usize,
}

struct DiskEnd(Rc<RefCell<Disk>>);

impl Journaling for DiskEnd {
    fn submit(&mut self, job: Job) -> Result<(), Job> {
        self.0.borrow_mut().jobs.push(job);
        Ok(())
    }

    fn probe(&mut self) -> bool {
        self.0.borrow_mut().probes += 1;
        true
    }
}

#[derive(Default)]
struct Elsewhere {
    tickets: Vec<Ticket>,
    askers: Vec<Asker>,
}

struct ElsewhereEnd(Rc<RefCell<Elsewhere>>);

impl Outside for ElsewhereEnd {
    fn verify(&mut self, ticket: Ticket, _: &Arc<str>, _: Credentials) -> Result<(), Verdict> {
        self.0.borrow_mut().tickets.push(ticket);
        Ok(())
    }

    fn attempted(&mut self, _: &Arc<str>, _: &str, _: bool) {}

    fn consult(&mut self, _: Timestamp, asker: Asker, _: ArchiveQuery) -> bool {
        self.0.borrow_mut().askers.push(asker);
        true
    }

    fn rehash(&mut self) {}
}

struct World {
    node: Node<Script>,
    now: Timestamp,
    disk: Rc<RefCell<Disk>>,
    elsewhere: Rc<RefCell<Elsewhere>>,
    encoded: Rc<RefCell<usize>>,
}

/// One person: their session and what arrived at their end.
struct Person(SessionId, Rc<RefCell<Wire>>);

impl Person {
    /// What arrived since the last time, with how many writes.
    fn hears(&self) -> String {
        self.1.borrow_mut().writes.drain(..).collect()
    }

    fn writes(&self) -> usize {
        self.1.borrow().writes.len()
    }
}

impl World {
    fn new() -> Self {
        Self::with(Durability::Strict, Limits::default())
    }

    fn with(durability: Durability, limits: Limits) -> Self {
        let disk = Rc::new(RefCell::new(Disk::default()));
        let elsewhere = Rc::new(RefCell::new(Elsewhere::default()));
        let journal = Box::new(DiskEnd(disk.clone()));
        let outside = Box::new(ElsewhereEnd(elsewhere.clone()));
        let node = Node::new(Script::default(), journal, outside, durability, limits);
        let encoded = Rc::new(RefCell::new(0));
        Self { node, now: Timestamp(1_000_000), disk, elsewhere, encoded }
    }

    fn connect(&mut self, silent: bool) -> Person {
        let wire = Rc::new(RefCell::new(Wire::default()));
        let sink = Box::new(WireSink(wire.clone()));
        let encoded = self.encoded.clone();
        let face = Box::new(Talk { silent, encoded, ..Talk::default() });
        let address: Arc<str> = "192.0.2.1".into();
        let id = self.node.open(self.now, address, Framer::new(512), sink, |_| face).unwrap();
        self.node.flush(self.now);
        let person = Person(id, wire);
        if !silent {
            assert_eq!(person.hears(), "welcome\n");
        }
        person
    }

    fn people<const N: usize>(&mut self) -> [Person; N] {
        std::array::from_fn(|_| self.connect(false))
    }

    fn says(&mut self, person: &Person, lines: &str) -> Flow {
        let flow = self.node.receive(self.now, person.0, format!("{lines}\n").as_bytes());
        self.node.flush(self.now);
        flow
    }

    fn passes(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(at) = self.node.next_deadline().filter(|&at| at <= end) {
            self.now = self.now.max(at);
            self.node.tick(self.now);
            self.node.flush(self.now);
        }
        self.now = end;
        self.node.tick(end);
        self.node.flush(end);
    }

    /// The disk finishes the oldest batch.
    fn commit(&mut self) {
        let job = self.disk.borrow_mut().jobs.remove(0);
        let (batch, generation, events) = (job.batch, job.generation, job.events.len());
        self.disk.borrow_mut().stored.extend(job.events);
        self.node.settled(self.now, Settled::Stored { batch, generation, events });
        self.node.flush(self.now);
    }

    /// The disk fails with the oldest batch, and with all that follow it, as the thread does.
    fn fail(&mut self) {
        let jobs: Vec<Job> = self.disk.borrow_mut().jobs.drain(..).collect();
        for Job { generation, events, .. } in jobs {
            let fault = Fault { doing: "store", cause: "full".into() };
            self.node.settled(self.now, Settled::Failed { generation, events, fault });
        }
        self.node.flush(self.now);
    }

    fn heal(&mut self) {
        self.passes(Duration::from_secs(1));
        assert_eq!(self.disk.borrow().probes, 1, "the disk is asked once a second");
        self.node.settled(self.now, Settled::Probed(Ok(())));
        self.node.flush(self.now);
    }
}

#[test]
fn nothing_is_seen_before_it_is_stored() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "store hello");
    assert_eq!(bob.hears(), "");
    world.commit();
    assert_eq!(bob.hears(), "hello\n");
    assert_eq!(anna.hears(), "", "no echo without the dialect");
    assert_eq!(world.disk.borrow().stored.len(), 1);
}

#[test]
fn what_follows_an_unstored_event_waits_too_whoever_says_it() {
    let mut world = World::new();
    let [anna, bob, carol] = world.people();
    world.says(&anna, "store one");
    world.says(&carol, "tell two");
    world.says(&bob, "ask");
    assert_eq!((anna.hears(), bob.hears(), carol.hears()), Default::default());
    world.commit();
    assert_eq!(bob.hears(), "one\ntwo\nsome\n");
    assert_eq!(carol.hears(), "one\n");
    world.says(&carol, "tell three");
    assert_eq!(bob.hears(), "three\n", "nothing unstored, nothing held");
}

#[test]
fn a_pong_is_immediate_for_others_but_keeps_its_own_order() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "ECHO\nstore one\nPING a");
    world.says(&bob, "ECHO");
    assert_eq!(anna.hears(), "", "the echo comes before the pong");
    let carol = {
        let wire = Rc::new(RefCell::new(Wire::default()));
        let face = Box::new(Talk { silent: true, ..Talk::default() });
        let sink = Box::new(WireSink(wire.clone()));
        let id = world.node.open(world.now, "a".into(), Framer::new(512), sink, |_| face).unwrap();
        Person(id, wire)
    };
    world.says(&carol, "PING c");
    assert_eq!(carol.hears(), "PONG c\n");
    world.commit();
    assert_eq!(anna.hears(), "one\nPONG a\n");
    assert_eq!(bob.hears(), "one\n");
}

#[test]
fn batches_are_released_one_by_one_in_order() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "store one");
    world.says(&anna, "tell between");
    world.says(&anna, "store two");
    assert_eq!(world.disk.borrow().jobs.len(), 2);
    world.commit();
    assert_eq!(bob.hears(), "one\nbetween\n");
    world.commit();
    assert_eq!(bob.hears(), "two\n");
}

#[test]
fn a_failed_commit_was_never_seen_and_everybody_is_answered() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "store one\nPING 1\nstore two");
    world.says(&bob, "tell free\nask");
    world.fail();
    assert_eq!(anna.hears(), "disk fails\nrefused\nPONG 1\nrefused\nfree\n");
    assert_eq!(bob.hears(), "disk fails\nnone\n", "the answer fits what is stored");
    assert_eq!(world.node.desk().stored, 0);
    assert_eq!(world.node.desk().told, 1);
    world.says(&anna, "store three");
    assert_eq!(anna.hears(), "refused\n");
    world.heal();
    assert_eq!(anna.hears(), "disk works\n");
    world.says(&anna, "store four");
    world.commit();
    assert_eq!(bob.hears(), "disk works\nfour\n");
    assert_eq!(world.disk.borrow().stored.len(), 1);
}

#[test]
fn what_was_shown_before_a_failed_batch_is_not_undone() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "tell free");
    assert_eq!(bob.hears(), "free\n");
    world.says(&anna, "store one");
    world.says(&anna, "tell held");
    world.commit();
    assert_eq!(bob.hears(), "one\nheld\n");
    world.says(&anna, "store two");
    world.says(&anna, "tell again");
    world.fail();
    assert_eq!(bob.hears(), "disk fails\nagain\n");
    assert_eq!(world.node.desk().told, 3);
    assert_eq!(world.node.desk().stored, 1);
}

#[test]
fn a_failure_takes_back_all_batches_in_flight() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "store one");
    world.says(&anna, "store two");
    world.commit();
    world.says(&anna, "store three");
    assert_eq!(bob.hears(), "one\n");
    world.fail();
    assert_eq!(bob.hears(), "disk fails\n");
    assert_eq!(anna.hears(), "disk fails\nrefused\nrefused\n");
    assert_eq!(world.node.desk().stored, 1);
}

#[test]
fn a_session_that_was_cut_by_what_failed_lives_on() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&bob, "store one");
    assert_eq!(world.says(&anna, "cut"), Flow::Pause, "its end may still be undone");
    assert!(!anna.1.borrow().closed);
    world.fail();
    assert_eq!(anna.hears(), "disk fails\nfarewell\n", "decided again: cut again");
    assert!(anna.1.borrow().closed);
    assert_eq!(bob.hears(), "disk fails\nrefused\n");
}

#[test]
fn last_words_wait_for_what_was_said_before() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&bob, "store one");
    world.says(&anna, "cut");
    world.commit();
    assert_eq!(anna.hears(), "one\nfarewell\n");
    assert!(anna.1.borrow().closed);
    assert_eq!(world.node.counters().connections_now, 1);
    assert_eq!(world.node.receive(world.now, anna.0, b"tell x\n"), Flow::Gone);
}

#[test]
fn one_write_per_connection_per_batch_and_one_encoding_per_dialect() {
    let mut world = World::new();
    let people: [Person; 5] = world.people();
    let (anna, others) = people.split_first().unwrap();
    let bytes = b"store a\nstore b\ntell c\nPING x\n";
    world.node.receive(world.now, anna.0, bytes);
    world.node.receive(world.now, others[0].0, b"store d\n");
    world.node.flush(world.now);
    assert_eq!(world.disk.borrow().jobs.len(), 1, "one batch for all");
    let before = *world.encoded.borrow();
    world.commit();
    assert_eq!(*world.encoded.borrow(), before);
    assert_eq!(before, 4, "once per notice");
    for person in &people {
        assert_eq!(person.writes(), 1);
    }
    assert_eq!(others[1].hears(), "a\nb\nc\nd\n");
    assert_eq!(anna.hears(), "PONG x\nd\n");
}

#[test]
fn a_labelled_answer_is_one_and_is_held_as_one() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "@l1 ask|PING x");
    assert_eq!(anna.hears(), "[l1\nnone\nPONG x\n]\n");
    world.says(&anna, "ECHO");
    world.says(&anna, "@l2 ask|store one|ask");
    assert_eq!(anna.hears(), "");
    world.commit();
    assert_eq!(anna.hears(), "[l2\nnone\none\nsome\n]\n");
    assert_eq!(bob.hears(), "one\n");
    world.says(&anna, "@l3 ask|store two|PING z");
    world.fail();
    assert_eq!(anna.hears(), "disk fails\n[l3\nsome\nrefused\nPONG z\n]\n");
    world.says(&anna, "@l4 nothing");
    assert_eq!(anna.hears(), "[l4\n]\n");
}

#[test]
fn an_answer_of_the_archive_carries_the_label() {
    let mut world = World::new();
    let [anna] = world.people();
    world.says(&anna, "@l1 find x");
    assert_eq!(anna.hears(), "");
    let asker = world.elsewhere.borrow_mut().askers.remove(0);
    assert_eq!(asker.label.as_deref(), Some("l1"));
    world.node.answered(world.now, &asker, &Reply::Listing(Vec::new()));
    world.node.flush(world.now);
    assert_eq!(anna.hears(), "[l1\nlisting\n]\n");
}

#[test]
fn lines_behind_a_check_of_credentials_wait_for_it() {
    let mut world = World::new();
    let [anna] = world.people();
    assert_eq!(world.says(&anna, "LOGIN\nPING a"), Flow::Pause);
    assert_eq!(world.says(&anna, "PING b"), Flow::Pause);
    assert_eq!(anna.hears(), "");
    let ticket = world.elsewhere.borrow_mut().tickets.remove(0);
    let stale = Ticket { serial: ticket.serial.wrapping_sub(1), ..ticket };
    world.node.verdict(world.now, stale, Verdict::No);
    assert_eq!(anna.1.borrow().resumed, 0);
    world.node.verdict(world.now, ticket, Verdict::No);
    world.node.flush(world.now);
    assert_eq!(anna.hears(), "out\nPONG a\nPONG b\n");
    assert_eq!(anna.1.borrow().resumed, 1);
}

#[test]
fn a_slow_reader_stops_being_read_and_is_read_again_when_drained() {
    let limits = Limits { queue_soft: 20, queue_hard: 1000, ..Limits::default() };
    let mut world = World::with(Durability::Strict, limits);
    let [anna] = world.people();
    anna.1.borrow_mut().room = Some(5);
    assert_eq!(world.says(&anna, "PING 123456789012345678901234567890"), Flow::Pause);
    assert_eq!(world.says(&anna, "PING x"), Flow::Pause);
    assert_eq!(anna.hears(), "PONG ");
    anna.1.borrow_mut().room = None;
    assert!(!world.node.writable(world.now, anna.0));
    world.node.flush(world.now);
    assert_eq!(anna.hears(), "123456789012345678901234567890\nPONG x\n");
    assert_eq!(anna.1.borrow().resumed, 1);
    assert_eq!(world.node.counters().choked, 1);
}

#[test]
fn a_reader_that_is_far_too_slow_is_cut_and_nobody_else_notices() {
    let limits = Limits { queue_soft: 0, queue_hard: 60, ..Limits::default() };
    let mut world = World::with(Durability::Relaxed, limits);
    let [anna, bob, carol] = world.people();
    anna.1.borrow_mut().room = Some(4);
    for word in ["aaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbb"] {
        world.says(&bob, &format!("tell {word}"));
    }
    assert_eq!(world.node.counters().cut_queue, 0);
    world.says(&bob, "tell ccccccccccccccccccccccccc");
    assert_eq!(world.node.counters().cut_queue, 1);
    assert!(carol.hears().ends_with("ccccc\ngone sendq exceeded\n"));
    assert!(!anna.1.borrow().closed, "its last words may still leave");
    anna.1.borrow_mut().room = None;
    world.node.writable(world.now, anna.0);
    assert_eq!(anna.hears(), "aaaaaaaaaaaaaaaaaaaaaaaaa\nERROR sendq exceeded\n");
    assert!(anna.1.borrow().closed);
}

#[test]
fn one_who_never_reads_is_gone_after_a_while() {
    let limits = Limits { queue_hard: 60, ..Limits::default() };
    let mut world = World::with(Durability::Strict, limits);
    let [anna, bob] = world.people();
    anna.1.borrow_mut().room = Some(0);
    for _ in 0..4 {
        world.says(&bob, "tell aaaaaaaaaaaaaaaaaaaaaaaaa");
    }
    assert!(!anna.1.borrow().closed);
    world.passes(Duration::from_secs(6));
    assert!(anna.1.borrow().closed);
    assert_eq!(world.node.counters().connections_now, 1);
}

#[test]
fn held_bytes_count_towards_the_limit() {
    let limits = Limits { queue_soft: 0, queue_hard: 60, ..Limits::default() };
    let mut world = World::with(Durability::Strict, limits);
    let [anna, bob] = world.people();
    world.says(&bob, "store aaaaaaaaaaaaaaaaaaaaaaaaa");
    world.says(&bob, "store bbbbbbbbbbbbbbbbbbbbbbbbb");
    world.says(&bob, "store ccccccccccccccccccccccccc");
    assert_eq!(world.node.counters().cut_queue, 1);
    assert_eq!(anna.hears(), "ERROR sendq exceeded\n", "nothing unstored with it");
}

#[test]
fn a_flood_is_delayed_and_not_punished() {
    let limits = Limits { lines_per_second: 10, burst: 3, ..Limits::default() };
    let mut world = World::with(Durability::Strict, limits);
    let [anna, bob] = world.people();
    let flow = world.says(&anna, "PING 1\nPING 2\nPING 3\nPING 4\nPING 5\nPING 6");
    assert_eq!(flow, Flow::Pause);
    assert_eq!(anna.hears(), "PONG 1\nPONG 2\nPONG 3\nPONG 4\n");
    world.says(&bob, "PING b");
    assert_eq!(bob.hears(), "PONG b\n");
    world.passes(Duration::from_secs(1));
    assert_eq!(anna.hears(), "PONG 5\nPONG 6\n");
    assert_eq!(anna.1.borrow().resumed, 1);
}

#[test]
fn the_silent_are_asked_then_cut_and_the_unregistered_too() {
    let limits = Limits {
        registration: Duration::from_secs(30),
        ping_interval: Duration::from_secs(90),
        ping_timeout: Duration::from_secs(60),
        ..Limits::default()
    };
    let mut world = World::with(Durability::Strict, limits);
    let [anna, bob] = world.people();
    let dave = world.connect(true);
    world.passes(Duration::from_secs(31));
    assert_eq!(dave.hears(), "ERROR Registration took too long\n");
    assert!(dave.1.borrow().closed);
    world.passes(Duration::from_secs(60));
    assert_eq!((anna.hears(), bob.hears()), ("PING?\n".into(), "PING?\n".into()));
    world.says(&bob, "PING x");
    world.passes(Duration::from_secs(61));
    assert_eq!(anna.hears(), "ERROR Ping timeout\n");
    assert_eq!(bob.hears(), "PONG x\ngone ping timeout\n");
    let counters = world.node.counters();
    assert_eq!((counters.cut_ping, counters.cut_registration), (1, 1));
}

#[test]
fn the_desks_own_deadline_is_kept_and_redone() {
    let mut world = World::new();
    let [anna] = world.people();
    world.says(&anna, "store one");
    let ran = world.node.next_deadline();
    assert!(ran.is_some());
    world.fail();
    world.heal();
    assert!(world.node.storage_works());
    assert_eq!(anna.hears(), "disk fails\nrefused\ndisk works\n");
}

#[test]
fn relaxed_shows_at_once_and_keeps_trying() {
    let mut world = World::with(Durability::Relaxed, Limits::default());
    let [anna, bob] = world.people();
    world.says(&anna, "store one");
    assert_eq!(bob.hears(), "one\n");
    world.says(&anna, "store two");
    world.fail();
    assert_eq!(bob.hears(), "two\ndisk fails\n");
    world.says(&anna, "store three");
    assert_eq!(anna.hears(), "disk fails\nrefused\n");
    world.heal();
    world.commit();
    let texts: Vec<_> = world.disk.borrow().stored.iter().map(|e| e.word(0)).collect();
    assert_eq!(texts, [Line::scrubbed("one"), Line::scrubbed("two")], "shown, so stored");
}

#[test]
fn a_lost_connection_is_told_to_the_desk_once() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.node.closed(world.now, anna.0, "reset");
    world.node.closed(world.now, anna.0, "reset");
    world.node.flush(world.now);
    assert_eq!(bob.hears(), "gone reset\n");
    world.says(&bob, "QUIT");
    assert!(bob.1.borrow().closed);
    assert!(world.node.is_idle());
}

#[test]
fn shutting_down_tells_everybody_behind_what_is_stored() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&bob, "store one");
    world.node.shut(world.now, "Bye");
    world.node.flush(world.now);
    assert!(!world.node.is_idle());
    assert_eq!(bob.hears(), "", "its own line is not stored yet");
    world.commit();
    assert_eq!(bob.hears(), "ERROR Bye\n");
    assert_eq!(anna.hears(), "one\nERROR Bye\n");
    assert!(world.node.is_idle());
}

#[test]
fn a_journal_that_is_behind_stops_the_reading_until_it_has_caught_up() {
    let limits = Limits { lines_per_second: 0, ..Limits::default() };
    let mut world = World::with(Durability::Strict, limits);
    let [anna, bob] = world.people();
    let flow = world.node.receive(world.now, anna.0, "store x\n".repeat(5000).as_bytes());
    assert_eq!(flow, Flow::Pause);
    assert_eq!(world.says(&bob, "PING x"), Flow::Pause);
    assert_eq!(anna.1.borrow().resumed, 1, "handed over, so read on");
    assert_eq!(bob.1.borrow().resumed, 1);
    world.commit();
    assert!(bob.hears().ends_with("x\nx\nPONG x\n"));
}

#[test]
fn a_face_unlearns_a_nick_that_was_not_stored() {
    let mut world = World::new();
    let [anna] = world.people();
    world.says(&anna, "rename y");
    world.commit();
    world.says(&anna, "NICK?");
    assert_eq!(anna.hears(), "I am y\n");
    world.says(&anna, "rename z");
    world.says(&anna, "NICK?");
    world.fail();
    assert_eq!(anna.hears(), "disk fails\nrefused\nI am z\n", "said before it was known");
    world.says(&anna, "NICK?");
    assert_eq!(anna.hears(), "I am x\n");
}

/// One thing that happens in a random run.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Store(usize),
    Tell(usize),
    Ping(usize),
    Labelled(usize),
    Flush,
    Commit,
    Fail,
    Heal,
    Full(usize, usize),
    Drained(usize),
}

fn happening() -> impl proptest::strategy::Strategy<Value = Happening> {
    use proptest::prelude::*;
    let who = 0..3_usize;
    prop_oneof![
        4 => who.clone().prop_map(Happening::Store),
        2 => who.clone().prop_map(Happening::Tell),
        2 => who.clone().prop_map(Happening::Ping),
        2 => who.clone().prop_map(Happening::Labelled),
        4 => Just(Happening::Flush),
        4 => Just(Happening::Commit),
        1 => Just(Happening::Fail),
        1 => Just(Happening::Heal),
        1 => (who.clone(), 0..20_usize).prop_map(|(who, room)| Happening::Full(who, room)),
        1 => who.prop_map(Happening::Drained),
    ]
}

/// A random run, and what everybody heard in it.
struct Run {
    world: World,
    people: [Person; 3],
    heard: [String; 3],
    lines: usize,
    asked: [Vec<String>; 3],
}

impl Run {
    fn new() -> Self {
        let limits = Limits { lines_per_second: 0, queue_hard: 0, ..Limits::default() };
        let mut world = World::with(Durability::Strict, limits);
        let people = world.people();
        Self { world, people, heard: Default::default(), lines: 0, asked: Default::default() }
    }

    fn says(&mut self, who: usize, text: &str) {
        let id = self.people[who].0;
        let line = format!("{text}\n");
        self.world.node.receive(self.world.now, id, line.as_bytes());
    }

    fn happens(&mut self, what: Happening) {
        let now = self.world.now;
        match what {
            Happening::Store(who) | Happening::Labelled(who) => {
                self.lines += 1;
                let (token, labelled) = (self.lines, matches!(what, Happening::Labelled(_)));
                let label = if labelled { "@l " } else { "" };
                self.says(who, &format!("{label}store <{token}>"));
                self.asked[who].push(format!("<{token}>"));
            }
            Happening::Tell(who) => {
                self.lines += 1;
                self.says(who, &format!("tell ({})", self.lines));
            }
            Happening::Ping(who) => {
                self.lines += 1;
                self.says(who, &format!("PING {}", self.lines));
            }
            Happening::Flush => self.world.node.flush(now),
            Happening::Commit if !self.world.disk.borrow().jobs.is_empty() => self.world.commit(),
            Happening::Fail if !self.world.disk.borrow().jobs.is_empty() => self.world.fail(),
            Happening::Heal if !self.world.node.storage_works() => {
                self.world.node.settled(now, Settled::Probed(Ok(())));
            }
            Happening::Full(who, room) => self.people[who].1.borrow_mut().room = Some(room),
            Happening::Drained(who) => {
                self.people[who].1.borrow_mut().room = None;
                self.world.node.writable(now, self.people[who].0);
            }
            Happening::Commit | Happening::Fail | Happening::Heal => {}
        }
        self.listen();
    }

    /// Promise 1, at every moment: whoever hears a stored line hears one that is on disk.
    fn listen(&mut self) {
        for (person, heard) in self.people.iter().zip(&mut self.heard) {
            heard.push_str(&person.hears());
        }
        let stored = self.stored();
        for heard in &self.heard {
            for token in heard.lines().filter(|line| line.starts_with('<') && line.ends_with('>')) {
                assert!(stored.iter().any(|s| s == token), "{token} was heard and not stored");
            }
        }
    }

    fn stored(&self) -> Vec<String> {
        let disk = self.world.disk.borrow();
        disk.stored.iter().map(|event| event.word(0).as_str().to_owned()).collect()
    }

    /// In the end: all that is stored was heard once, in order, by everybody else; all else refused.
    fn ends(mut self) {
        for who in 0..3 {
            self.happens(Happening::Drained(who));
        }
        self.happens(Happening::Heal);
        self.happens(Happening::Flush);
        while !self.world.disk.borrow().jobs.is_empty() {
            self.happens(Happening::Commit);
        }
        let stored = self.stored();
        for (who, heard) in self.heard.iter().enumerate() {
            let (own, others): (Vec<_>, Vec<_>) =
                stored.iter().partition(|token| self.asked[who].contains(token));
            let tokens: Vec<_> = heard.lines().filter(|l| l.starts_with('<')).collect();
            assert_eq!(tokens, others, "once each, in order");
            let refused = heard.lines().filter(|line| *line == "refused").count();
            assert_eq!(own.len() + refused, self.asked[who].len(), "stored or refused");
            let pongs: Vec<usize> =
                heard.lines().filter_map(|line| line.strip_prefix("PONG ")?.parse().ok()).collect();
            assert!(pongs.is_sorted_by(|a, b| a < b), "each once, in order: {pongs:?}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn whatever_happens_nothing_unstored_is_heard_and_nothing_is_lost(
        happenings in proptest::collection::vec(happening(), 1..120)
    ) {
        let mut run = Run::new();
        for what in happenings {
            run.happens(what);
        }
        run.ends();
    }
}
