//! The scenarios: a whole runner in memory with the desk's shape (500 conversations of one customer
//! and one agent, 50 agents), and the parts below it alone.

use super::probes::{counted_frame, counted_journal, counted_node, counted_parse};
use std::cell::RefCell;
use std::hint::black_box;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::ids::SessionId;
use switchboard::base::limits::INPUT_LINE_BYTES;
use switchboard::base::text::AccountName;
use switchboard::base::time::Timestamp;
use switchboard::desk::language::archive::ArchiveQuery;
use switchboard::desk::language::command::Token;
use switchboard::desk::language::fact::Event;
use switchboard::desk::language::people::Role;
use switchboard::desk::settings::Settings;
use switchboard::desk::{Desk, StaffAccount};
use switchboard::face::irc::IrcFace;
use switchboard::face::{Connection, Credentials, Face, ServerInfo, Verdict};
use switchboard::node::{
    Asker, Durability, Job, Journaling, Limits, Node, Outside, Settled, Sink, Ticket,
};
use switchboard::store::Journal;
use switchboard::store::sqlite::SqliteJournal;
use switchboard::wire::framing::{Frame, Framer};
use switchboard::wire::message::Message;

const CONVERSATIONS: usize = 500;
const AGENTS: usize = 50;
/// Lines that one batch holds: about what comes during a commit at full speed.
const BATCH: usize = 100;
/// Members of the channel that is spoken to in `fanout`.
const MEMBERS: usize = 200;
const LINES: usize = 1000;

const LINE: &str =
    "PRIVMSG #c-anna17-7k2f :I was charged twice for the month of May, could you have a look?";

type Shared<T> = Rc<RefCell<T>>;

/// The far end of a connection: what was written last.
struct WireSink(Shared<Vec<u8>>);

impl Sink for WireSink {
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut heard = self.0.borrow_mut();
        heard.clear();
        heard.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn resume(&mut self) {}

    fn close(&mut self) {}
}

struct Jobs(Shared<Vec<Job>>);

impl Journaling for Jobs {
    fn submit(&mut self, job: Job) -> Result<(), Job> {
        self.0.borrow_mut().push(job);
        Ok(())
    }

    fn probe(&mut self) -> bool {
        true
    }
}

/// Everybody's password is right.
struct Trusting(Shared<Vec<(Ticket, Verdict)>>);

impl Outside for Trusting {
    fn verify(&mut self, ticket: Ticket, _: &Arc<str>, asked: Credentials) -> Result<(), Verdict> {
        let Credentials::Password { account, .. } = asked else { return Err(Verdict::No) };
        let account = AccountName::parse(&account).unwrap();
        self.0.borrow_mut().push((ticket, Verdict::Yes(account, Role::Agent)));
        Ok(())
    }

    fn attempted(&mut self, _: &Arc<str>, _: &str, _: bool) {}

    fn consult(&mut self, _: Timestamp, _: Asker, _: ArchiveQuery) -> bool {
        true
    }

    fn rehash(&mut self, _: Ticket) {}
}

struct World {
    node: Node,
    now: Timestamp,
    info: Arc<ServerInfo>,
    jobs: Shared<Vec<Job>>,
    verdicts: Shared<Vec<(Ticket, Verdict)>>,
    stored: Vec<Event>,
    made: u64,
}

struct Peer {
    id: SessionId,
    heard: Shared<Vec<u8>>,
}

impl World {
    fn new() -> Self {
        let (jobs, verdicts): (Shared<Vec<Job>>, Shared<Vec<_>>) = Default::default();
        let limits = Limits { lines_per_second: 0, ..Limits::default() };
        let settings = Settings { capacity: 100, ..Settings::default() };
        let mut node = Node::new(
            Desk::new(settings, 1),
            Box::new(Jobs(jobs.clone())),
            Box::new(Trusting(verdicts.clone())),
            Durability::Strict,
            limits,
        );
        let now = Timestamp(1_795_305_600_000);
        let account = |n| StaffAccount {
            name: AccountName::parse(&format!("agent{n}")).unwrap(),
            role: Role::Agent,
        };
        node.set_accounts(now, (0..MEMBERS).map(account).collect());
        let info = Arc::new(ServerInfo::default());
        Self { node, now, info, jobs, verdicts, stored: Vec::new(), made: 0 }
    }

    fn connect(&mut self) -> Peer {
        self.made += 1;
        let heard: Shared<Vec<u8>> = Rc::default();
        let address: Arc<str> = "192.0.2.7".into();
        let mut secret = [7; 32];
        secret[..8].copy_from_slice(&self.made.to_le_bytes());
        let (info, to, seed) = (self.info.clone(), address.clone(), self.made);
        let face = move |session| {
            let connection = Connection {
                session,
                address: to,
                tls: true,
                trusted: false,
                certificate: None,
                token: Token { secret, digest: secret },
                code_seed: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                department: None,
            };
            Box::new(IrcFace::new(info, connection)) as Box<dyn Face>
        };
        let sink = Box::new(WireSink(heard.clone()));
        let framer = Framer::new(INPUT_LINE_BYTES);
        let id = self.node.open(self.now, address, framer, sink, face).unwrap();
        Peer { id, heard }
    }

    fn says(&mut self, peer: &Peer, lines: &str) -> String {
        self.node.receive(self.now, peer.id, format!("{lines}\r\n").as_bytes());
        self.settle(true);
        String::from_utf8(peer.heard.borrow().clone()).unwrap()
    }

    /// Everything decided is stored and shown. With `keep`, the events are kept.
    fn settle(&mut self, keep: bool) {
        loop {
            self.node.flush(self.now);
            let jobs: Vec<Job> = self.jobs.borrow_mut().drain(..).collect();
            let verdicts: Vec<_> = self.verdicts.borrow_mut().drain(..).collect();
            if jobs.is_empty() && verdicts.is_empty() {
                return;
            }
            for Job { batch, generation, events } in jobs {
                let settled = Settled::Stored { batch, generation, events: events.len() };
                if keep {
                    self.stored.extend(events);
                }
                self.node.settled(self.now, settled);
            }
            for (ticket, verdict) in verdicts {
                self.node.verdict(self.now, ticket, verdict);
            }
        }
    }

    fn customer(&mut self, n: usize) -> (Peer, String) {
        let peer = self.connect();
        let heard = self.says(&peer, &format!("NICK anna{n}\r\nUSER anna{n} 0 * :Anna {n}"));
        let welcome = heard.lines().find(|line| line.contains(" 001 ")).unwrap();
        let channel = format!("#c-{}", welcome.split(' ').nth(2).unwrap());
        (peer, channel)
    }

    fn agent(&mut self, n: usize) -> Peer {
        let peer = self.connect();
        let register = format!("PASS agent{n}:open\r\nNICK agent{n}\r\nUSER agent{n} 0 * :A {n}");
        let heard = self.says(&peer, &register);
        assert!(heard.contains(" 001 "), "{heard}");
        peer
    }

    /// A batch: these bytes of these peers, then one commit.
    fn batch(&mut self, input: &[(SessionId, Vec<u8>)], keep: bool) {
        self.now = self.now + Duration::from_millis(1);
        counted_node(|| {
            for (id, bytes) in input {
                self.node.receive(self.now, *id, bytes);
            }
            self.settle(keep);
        });
    }
}

/// What one round of talk sends: a line of each customer, an answer to each; one entry a batch.
fn script(
    customers: &[(Peer, String)],
    agents: &[Peer],
    round: usize,
) -> Vec<Vec<(SessionId, Vec<u8>)>> {
    let each = CONVERSATIONS / AGENTS;
    let mut batches = Vec::new();
    for (n, group) in customers.chunks(BATCH).enumerate() {
        let asks = group.iter().map(|(peer, channel)| {
            let text = format!("PRIVMSG {channel} :line {round}: I was charged twice for May\r\n");
            (peer.id, text.into_bytes())
        });
        batches.push(asks.collect());
        let answers = agents[n * BATCH / each..][..BATCH / each].iter().zip(group.chunks(each));
        let answers = answers.map(|(agent, theirs)| {
            let line =
                |channel| format!("PRIVMSG {channel} :answer {round}: let me have a look\r\n");
            let lines: String = theirs.iter().map(|(_, channel)| line(channel)).collect();
            (agent.id, lines.into_bytes())
        });
        batches.push(answers.collect());
    }
    batches
}

fn desk() -> (World, Vec<(Peer, String)>, Vec<Peer>) {
    let mut world = World::new();
    let customers: Vec<_> = (0..CONVERSATIONS).map(|n| world.customer(n)).collect();
    let agents: Vec<_> = (0..AGENTS).map(|n| world.agent(n)).collect();
    for (n, (customer, channel)) in customers.iter().enumerate() {
        world.says(customer, &format!("PRIVMSG {channel} :hello"));
        let agent = &agents[n / (CONVERSATIONS / AGENTS)];
        let heard = world.says(agent, &format!("JOIN {channel}"));
        assert!(heard.contains(" is yours. "), "{heard}");
    }
    (world, customers, agents)
}

/// Lines and answers through the whole runner.
pub(crate) fn talk(rounds: usize) -> u64 {
    let (mut world, customers, agents) = desk();
    for round in 0..rounds {
        for batch in script(&customers, &agents, round) {
            world.batch(&batch, false);
        }
    }
    let heard = customers[0].0.heard.borrow();
    let answered = heard.ends_with(b": let me have a look\r\n");
    assert_eq!(answered, rounds > 0);
    (rounds * CONVERSATIONS * 2) as u64
}

/// Lines to a channel of many staff, each heard by all the others.
pub(crate) fn fanout(rounds: usize) -> u64 {
    let mut world = World::new();
    let agents: Vec<_> = (0..MEMBERS).map(|n| world.agent(n)).collect();
    let line = b"PRIVMSG #support :everybody, the printer on the second floor is on fire again\r\n";
    let input: Vec<_> = agents.iter().take(4).map(|agent| (agent.id, line.repeat(25))).collect();
    for _ in 0..rounds {
        world.batch(&input, false);
    }
    (rounds * 4 * 25 * (MEMBERS - 1)) as u64
}

/// Events of talk into SQLite, a batch a transaction.
pub(crate) fn journal(rounds: usize) -> u64 {
    let (mut world, customers, agents) = desk();
    let before = world.stored.len();
    for round in 0..rounds {
        for batch in script(&customers, &agents, round) {
            world.batch(&batch, true);
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let mut journal = SqliteJournal::open(directory.path().join("journal.db")).unwrap();
    journal.append(&world.stored[..before]).unwrap();
    let measured = &world.stored[before..];
    for batch in measured.chunks(BATCH) {
        counted_journal(|| journal.append(batch)).unwrap();
    }
    measured.len() as u64
}

/// Bytes into lines, as a socket gives them: many lines at once.
pub(crate) fn frame(rounds: usize) -> u64 {
    let bytes = format!("{LINE}\r\n").repeat(10).into_bytes();
    let mut framer = Framer::new(INPUT_LINE_BYTES);
    let mut found = 0;
    counted_frame(|| {
        for _ in 0..rounds * LINES / 10 {
            let mut rest = &bytes[..];
            while let Some(frame) = framer.next(&mut rest) {
                found += u64::from(matches!(black_box(frame), Frame::Line(_)));
            }
        }
    });
    assert_eq!(found, (rounds * LINES) as u64);
    found
}

/// A line into a message.
pub(crate) fn parse(rounds: usize) -> u64 {
    counted_parse(|| {
        for _ in 0..rounds * LINES {
            black_box(Message::parse_bytes(black_box(LINE.as_bytes()))).unwrap();
        }
    });
    (rounds * LINES) as u64
}
