//! The real runner with real faces in memory: raw lines in, bytes out, and a disk that fails or
//! comes late, peers that do not read, connections that break, a server that dies.
//!
//! Checked on the bytes themselves: nothing is shown before it is stored, nothing of staff's or of
//! another customer reaches a customer; and on the desk behind them, the promises as in `checks`.

use crate::cast::{
    CUSTOMERS, DEPARTMENTS, Rng, STAFF, STAFF_ONLY, UNSEEN, account, accounts, mark, settings,
    token,
};
use crate::checks;
use crate::ends::{Checks, Disk, DiskEnd, Elsewhere, Wire, WireEnd};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::ids::SessionId;
use switchboard::base::limits::{INPUT_LINE_BYTES, PLAIN_LINE_BYTES};
use switchboard::base::time::Timestamp;
use switchboard::desk::Desk;
use switchboard::desk::language::fact::{Event, Fact};
use switchboard::desk::settings::Settings;
use switchboard::face::irc::IrcFace;
use switchboard::face::plain::PlainFace;
use switchboard::face::{Connection, Face, ServerInfo, Verdict};
use switchboard::node::{Durability, Job, Limits, Node, Settled};
use switchboard::store::Fault;
use switchboard::wire::framing::Framer;

/// One person at one connection.
struct Peer {
    /// The number of a customer, or none for staff.
    customer: Option<usize>,
    staff: Option<&'static str>,
    wire: Rc<RefCell<Wire>>,
    /// Everything that arrived, checked up to `read`.
    heard: String,
    read: usize,
    words: BTreeSet<String>,
    /// It asked for its history: what it has read comes again.
    asked_again: bool,
    /// What this one typed of others' names: an answer may repeat it.
    typed: Vec<String>,
}

struct Runner {
    rng: Rng,
    now: Timestamp,
    settings: Settings,
    node: Node<Desk>,
    disk: Rc<RefCell<Disk>>,
    checks: Checks,
    stored: Vec<Event>,
    words: BTreeSet<String>,
    peers: BTreeMap<SessionId, Peer>,
    tokens: BTreeMap<usize, String>,
    story: VecDeque<String>,
    steps: u64,
    failing: bool,
    bytes: usize,
}

fn info() -> Arc<ServerInfo> {
    Arc::new(ServerInfo {
        server: Arc::from("chat.test"),
        network: Arc::from("Test"),
        created: Timestamp(1_700_000_000_000),
        ..ServerInfo::default()
    })
}

fn node(
    settings: &Settings,
    stored: &[Event],
    disk: &Rc<RefCell<Disk>>,
    ask: &Checks,
) -> Node<Desk> {
    let mut desk = Desk::new(settings.clone(), stored.len() as u64);
    stored.iter().for_each(|event| desk.replay(event));
    let limits = Limits { lines_per_second: 0, ping_interval: Duration::ZERO, ..Limits::default() };
    let (journal, outside) = (DiskEnd(disk.clone()), Elsewhere(ask.clone()));
    Node::new(desk, Box::new(journal), Box::new(outside), Durability::Strict, limits)
}

impl Runner {
    fn new(seed: u64) -> Self {
        let mut rng = Rng(seed ^ 0x5eed);
        let settings = settings(&mut rng);
        let (disk, checks) = (Rc::default(), Checks::default());
        let node = node(&settings, &[], &disk, &checks);
        let mut runner = Self {
            rng,
            now: Timestamp(1_700_000_000_000),
            settings,
            node,
            disk,
            checks,
            stored: Vec::new(),
            words: BTreeSet::new(),
            peers: BTreeMap::new(),
            tokens: BTreeMap::new(),
            story: VecDeque::new(),
            steps: 0,
            failing: false,
            bytes: 0,
        };
        runner.start();
        runner
    }

    fn start(&mut self) {
        self.node.set_accounts(self.now, accounts());
        self.node.recover(self.now);
        self.node.flush(self.now);
        self.disk_works(usize::MAX);
    }

    fn tell(&mut self, text: String) {
        self.steps += 1;
        if self.story.len() >= 50 {
            self.story.pop_front();
        }
        self.story.push_back(text);
    }

    /// Somebody connects; customers by IRC or plain text, staff by IRC.
    fn connect(&mut self, customer: Option<usize>, staff: Option<&'static str>) {
        let number = self.rng.next() >> 1;
        let plain = customer.is_some_and(|i| i % 3 == 0);
        let wire = Rc::new(RefCell::new(Wire::default()));
        let framer = Framer::new(if plain { PLAIN_LINE_BYTES } else { INPUT_LINE_BYTES });
        let sink = Box::new(WireEnd(wire.clone()));
        let make = |session| -> Box<dyn Face> {
            let connection = Connection {
                session,
                address: Arc::from("192.0.2.7"),
                tls: true,
                trusted: true,
                certificate: None,
                token: token(number),
                code_seed: number.wrapping_mul(7_919),
                department: None,
            };
            if plain {
                Box::new(PlainFace::new(info(), connection))
            } else {
                Box::new(IrcFace::new(info(), connection))
            }
        };
        let id = self.node.open(self.now, Arc::from("192.0.2.7"), framer, sink, make).unwrap();
        let peer = Peer {
            customer,
            staff,
            wire,
            heard: String::new(),
            read: 0,
            words: BTreeSet::new(),
            asked_again: false,
            typed: Vec::new(),
        };
        self.peers.insert(id, peer);
        self.introduce(id, plain);
    }

    /// The first lines of a connection.
    fn introduce(&mut self, id: SessionId, plain: bool) {
        let Some(peer) = self.peers.get(&id) else { return };
        let (customer, staff) = (peer.customer, peer.staff);
        let token = customer.and_then(|i| self.tokens.get(&i)).cloned();
        if plain {
            match (token, customer) {
                (Some(token), _) => self.types(id, &format!("/resume {token}")),
                (None, Some(i)) => self.types(id, &format!("/name {}", mark(i))),
                (None, None) => {}
            }
            return;
        }
        let caps = ["", "echo-message", "message-tags server-time batch", "away-notify batch"];
        let caps = *self.rng.pick(&caps).unwrap();
        self.types(id, &format!("CAP REQ :{caps}"));
        let taken =
            staff.is_some_and(|s| self.peers.values().filter(|p| p.staff == Some(s)).count() > 1);
        let nick = match (customer, staff) {
            (Some(i), _) => mark(i),
            (None, Some(name)) if taken => format!("{name}_{}", id.0),
            (None, name) => name.unwrap_or("nobody").to_owned(),
        };
        match (staff, token) {
            (Some(name), _) => self.types(id, &format!("PASS {name}:secret")),
            (None, Some(token)) => self.types(id, &format!("PASS resume:{token}")),
            (None, None) => {}
        }
        for text in [format!("NICK {nick}"), "USER u 0 * :U".to_owned(), "CAP END".to_owned()] {
            self.types(id, &text);
        }
    }

    fn types(&mut self, id: SessionId, text: &str) {
        self.tell(format!("{id}: {text}"));
        self.node.receive(self.now, id, format!("{text}\r\n").as_bytes());
        let asked: Vec<_> = self.checks.borrow_mut().drain(..).collect();
        for (ticket, name) in asked {
            let role = STAFF.iter().find(|(n, _)| *n == name).unwrap().1;
            self.node.verdict(self.now, ticket, Verdict::Yes(account(&name), role));
        }
        if self.rng.chance(50) {
            self.node.flush(self.now);
        }
        self.look();
    }

    /// So many batches are stored, in order.
    fn disk_works(&mut self, batches: usize) {
        for _ in 0..batches {
            let Some(job) = self.disk.borrow_mut().jobs.pop_front() else { break };
            let (batch, generation, events) = (job.batch, job.generation, job.events.len());
            self.keep(job.events);
            self.node.settled(self.now, Settled::Stored { batch, generation, events });
            self.node.flush(self.now);
            self.look();
        }
    }

    fn keep(&mut self, events: Vec<Event>) {
        for event in events {
            assert_eq!(event.seq.0, self.stored.len() as u64 + 1, "a gap: {event:?}");
            let said = matches!(
                event.fact,
                Fact::Said { .. } | Fact::RoomSaid { .. } | Fact::PrivateSaid { .. }
            );
            for word in event.words.iter().flat_map(|line| words(line.as_str())) {
                let fresh = self.words.insert(word);
                assert!(fresh || !said, "stored twice: {event:?}");
            }
            self.stored.push(event);
        }
    }

    fn disk_fails(&mut self) {
        let jobs: Vec<Job> = self.disk.borrow_mut().jobs.drain(..).collect();
        let Some(first) = jobs.first() else { return };
        let generation = first.generation;
        self.tell(format!("a commit fails; {} batches are lost", jobs.len()));
        let events = jobs.into_iter().flat_map(|j| j.events).collect();
        let fault = Fault { doing: "storing", cause: "the disk is full".to_owned() };
        self.failing = true;
        self.node.settled(self.now, Settled::Failed { generation, events, fault });
        self.node.flush(self.now);
        self.look();
    }

    fn time_passes(&mut self, ms: u64) {
        self.tell(format!("{ms} ms pass"));
        let until = self.now + Duration::from_millis(ms);
        let mut turns = 0;
        while let Some(at) = self.node.next_deadline().filter(|at| *at <= until) {
            turns += 1;
            assert!(turns < 5_000, "the clock never gets past {at:?}");
            self.now = self.now.max(at);
            self.node.tick(self.now);
            self.node.flush(self.now);
            if self.failing && self.disk.borrow().probes > 0 && self.rng.chance(40) {
                self.tell("the disk works again".to_owned());
                self.disk.borrow_mut().probes = 0;
                self.failing = false;
                self.node.settled(self.now, Settled::Probed(Ok(())));
                self.node.flush(self.now);
            } else if self.failing && self.disk.borrow().probes > 0 {
                self.disk.borrow_mut().probes = 0;
                let fault = Fault { doing: "trying", cause: "still full".to_owned() };
                self.node.settled(self.now, Settled::Probed(Err(fault)));
            }
            self.look();
        }
        self.now = until;
    }

    fn crash(&mut self) {
        self.tell("the server dies".to_owned());
        let kept = self.rng.below(3);
        for _ in 0..kept {
            let Some(job) = self.disk.borrow_mut().jobs.pop_front() else { break };
            self.keep(job.events);
        }
        self.disk = Rc::default();
        self.checks = Checks::default();
        self.peers.clear();
        self.failing = false;
        self.node = node(&self.settings, &self.stored, &self.disk, &self.checks);
        self.now = self.now + Duration::from_millis(self.rng.next() % 30_000);
        self.start();
    }

    /// What has just arrived anywhere, against what is stored and what may be known.
    fn look(&mut self) {
        let mut over = Vec::new();
        for (id, peer) in &mut self.peers {
            let bytes = std::mem::take(&mut peer.wire.borrow_mut().bytes);
            self.bytes += bytes.len();
            peer.heard.push_str(&String::from_utf8_lossy(&bytes));
            if peer.wire.borrow().closed {
                over.push(*id);
            }
            let whole = peer.heard.rfind('\n').map_or(0, |at| at + 1);
            let text = peer.heard[peer.read.min(whole)..whole].to_owned();
            peer.read = whole;
            for row in text.lines() {
                check_row(row, peer, &self.words);
                if let Some((_, rest)) = row.split_once("resume:") {
                    let token: String = rest
                        .chars()
                        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
                        .collect();
                    if let Some(i) = peer.customer {
                        self.tokens.insert(i, token);
                    }
                }
            }
        }
        for id in over {
            self.peers.remove(&id);
        }
        checks::after_step(self.node.desk().state(), self.node.storage_works(), &[]);
    }

    fn channels(&self) -> Vec<String> {
        self.node.desk().state().customers().map(|c| c.channel.to_string()).collect()
    }
}

/// One line that reached somebody.
fn check_row(row: &str, peer: &mut Peer, stored: &BTreeSet<String>) {
    for word in words(row) {
        assert!(stored.contains(&word), "{word} was shown before it was stored: {row}");
        let once = peer.customer.is_some() && !peer.asked_again;
        assert!(!once || peer.words.insert(word.clone()), "told twice: {row}");
    }
    let Some(i) = peer.customer else { return };
    let text = peer.typed.iter().fold(row.to_owned(), |text, name| text.replace(name, ""));
    assert!(!text.contains(STAFF_ONLY), "customer {i} reads what is staff's: {row}");
    assert!(!text.contains(UNSEEN), "customer {i} learns of a watcher: {row}");
    let foreign = (0..CUSTOMERS).find(|n| *n != i && text.contains(&mark(*n)));
    assert!(foreign.is_none(), "customer {i} learns of {foreign:?}: {row}");
}

/// The numbered words in a text: `w17#`.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '#')).filter_map(|word| {
        let number = word.strip_prefix('w')?.strip_suffix('#')?;
        let whole = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        whole.then(|| word.to_owned())
    })
}

fn deed(runner: &mut Runner) {
    match runner.rng.weighted(&[35, 40, 12, 10, 3]) {
        0 => customer(runner),
        1 => staff(runner),
        2 => {
            let spans = [50, 2_000, 20_000, 90_000, 400_000];
            let most = *runner.rng.pick(&spans).unwrap();
            let ms = runner.rng.next() % most;
            runner.time_passes(ms);
        }
        3 => connections(runner),
        _ => match runner.rng.below(6) {
            0 => runner.crash(),
            1 | 2 => runner.disk_fails(),
            _ => {}
        },
    }
    if runner.rng.chance(60) {
        runner.node.flush(runner.now);
    }
    if !runner.failing && runner.rng.chance(60) {
        let batches = 1 + runner.rng.below(3);
        runner.disk_works(batches);
    }
}

/// Peers stop reading, read on, and break.
fn connections(runner: &mut Runner) {
    let ids: Vec<SessionId> = runner.peers.keys().copied().collect();
    let Some(id) = runner.rng.pick(&ids).copied() else { return };
    let wire = runner.peers[&id].wire.clone();
    match runner.rng.below(4) {
        0 => {
            runner.tell(format!("{id} is cut off"));
            runner.peers.remove(&id);
            runner.node.closed(runner.now, id, "read error");
        }
        1 => wire.borrow_mut().room = Some(runner.rng.below(200)),
        _ => {
            wire.borrow_mut().room = None;
            while runner.node.writable(runner.now, id) {}
        }
    }
    runner.look();
}

fn customer(runner: &mut Runner) {
    let i = runner.rng.below(CUSTOMERS);
    let Some((id, _)) = runner.peers.iter().find(|(_, p)| p.customer == Some(i)) else {
        return runner.connect(Some(i), None);
    };
    let (id, plain) = (*id, i.is_multiple_of(3));
    let state = runner.node.desk().state();
    let own = state.person(id).and_then(|p| p.customer).and_then(|c| state.customer(c));
    let Some(own) = own.map(|c| c.channel.to_string()) else { return };
    let step = runner.steps;
    let others: Vec<String> = runner.channels().into_iter().filter(|c| *c != own).collect();
    let text = match (runner.rng.below(12), plain) {
        (0..6, false) => format!("PRIVMSG {own} :{} w{step}#", mark(i)),
        (0..6, true) => format!("{} w{step}#", mark(i)),
        (6, false) => format!("NICK {}x{}", mark(i), step % 9),
        (6, true) => format!("/name {}x{}", mark(i), step % 9),
        (7, false) => "PRIVMSG desk :rate 4 thank you".to_owned(),
        (7, true) => "/rate 4 thank you".to_owned(),
        (8, false) => "QUIT :bye".to_owned(),
        (8, true) => "/quit".to_owned(),
        (_, true) => "/history".to_owned(),
        (_, false) => {
            let Some(other) = runner.rng.pick(&others).cloned() else { return };
            let nick = other.trim_start_matches("#c-").to_owned();
            let lines = ["JOIN %c", "WHOIS %n", "PRIVMSG %c :hello", "PRIVMSG %n :hello", "WHO %c"];
            let line = runner.rng.pick(&lines).unwrap().replace("%c", &other).replace("%n", &nick);
            let typed = &mut runner.peers.get_mut(&id).unwrap().typed;
            typed.extend([other, nick]);
            line
        }
    };
    runner.peers.entry(id).and_modify(|p| p.asked_again |= text == "/history");
    runner.types(id, &text);
}

fn staff(runner: &mut Runner) {
    let (name, _) = *runner.rng.pick(&STAFF).unwrap();
    let ids: Vec<_> =
        runner.peers.iter().filter(|(_, p)| p.staff == Some(name)).map(|(id, _)| *id).collect();
    let Some(id) = runner.rng.pick(&ids).copied().filter(|_| !runner.rng.chance(2)) else {
        return runner.connect(None, Some(name));
    };
    let channels = runner.channels();
    let Some(channel) = runner.rng.pick(&channels).cloned() else { return };
    let (step, who) = (runner.steps, runner.rng.pick(&STAFF).unwrap().0);
    let dept = *runner.rng.pick(&DEPARTMENTS).unwrap();
    let secret = format!("{STAFF_ONLY} w{step}#");
    let unseen =
        ["WATCH %c", "WATCH %c", "UNWATCH %c", "PRIVMSG @%c :%s", "NOTE %c :%s", "CARD %c"];
    let lines = [
        "JOIN %c",
        "JOIN %c",
        "CLAIM",
        "CLAIM %c",
        "ACCEPT",
        "PRIVMSG %c :answer w%t#",
        "PRIVMSG %c :answer w%t#",
        "PRIVMSG %c :answer w%t#",
        "PRIVMSG @%c :%s",
        "NOTE %c :%s",
        "PRIVMSG %c :!note %s",
        "PRIVMSG %c :!clsoe %s",
        "TRANSFER %c %w :%s",
        "TRANSFER %c %w warm :%s",
        "TRANSFER %c #%d :%s",
        "HANDOVER %c",
        "CANCEL %c",
        "RELEASE %c",
        "PART %c",
        "HOLD %c 5",
        "RESUME %c",
        "CLOSE %c :%s",
        "DECLINE %c :%s",
        "TAKEOVER %c",
        "BARGE %c",
        "AWAY :lunch",
        "AWAY",
        "READY",
        "URGENT %c",
        "TAG %c +STAFF-ONLY",
        "QUEUE",
        "PRIVMSG #support :%s",
        "PRIVMSG bob :%s",
        "QUIT :bye",
        "WHY %c",
        "HISTORY %c",
    ];
    let line = if name == UNSEEN { runner.rng.pick(&unseen) } else { runner.rng.pick(&lines) };
    let line = line.unwrap().replace("%c", &channel).replace("%s", &secret);
    let line = line.replace("%t", &step.to_string()).replace("%w", who).replace("%d", dept);
    runner.types(id, &line);
}

fn play(seed: u64, steps: u64) -> (u64, usize, usize) {
    let mut runner = Runner::new(seed);
    let played = catch_unwind(AssertUnwindSafe(|| {
        for _ in 0..steps {
            deed(&mut runner);
        }
        // Everything that is decided is stored, and leads to where the desk is.
        while runner.failing {
            runner.time_passes(10_000);
        }
        for _ in 0..3 {
            runner.node.flush(runner.now);
            runner.disk_works(usize::MAX);
        }
        let state = runner.node.desk().state();
        checks::replay_gives(&runner.settings, runner.stored.iter(), state);
    }));
    if let Err(panic) = played {
        eprintln!("{}\nSEED={seed}", runner.story.iter().cloned().collect::<Vec<_>>().join("\n"));
        resume_unwind(panic);
    }
    (runner.steps, runner.stored.len(), runner.bytes)
}

#[test]
fn the_runner_and_its_faces_keep_the_promises_in_bytes() {
    let steps = crate::from_env("SIM_STEPS").unwrap_or(300);
    if let Some(seed) = crate::from_env("SIM_SEED") {
        play(seed, steps);
        return;
    }
    let mut sum = (0, 0, 0);
    let seeds = crate::from_env("SIM_SEEDS").map_or(150, |n| n / 2);
    for seed in 0..seeds {
        let (steps, events, bytes) = play(seed, steps);
        sum = (sum.0 + steps, sum.1 + events, sum.2 + bytes);
    }
    println!("{seeds} seeds: {} lines and spans, {} events, {} bytes", sum.0, sum.1, sum.2);
}
