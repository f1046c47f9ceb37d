//! What people receive, and what each customer's program makes of it. Promises 1, 2 and 4 are
//! checked on every delivery: what is shown is stored, nothing is staff's, nothing is another's.

use crate::cast::{CUSTOMERS, STAFF_ONLY, UNSEEN, mark, token};
use crate::world::{Delivery, Who};
use std::collections::{BTreeMap, VecDeque};
use switchboard::base::ids::SessionId;
use switchboard::desk::language::fact::{Event, Fact};
use switchboard::desk::language::notice::{MessageId, Notice, Reply, Said};

/// A customer's program.
#[derive(Debug, Default)]
pub(crate) struct Client {
    /// The session that it believes it has.
    pub(crate) session: Option<SessionId>,
    /// The number of the token it would be told if it were new.
    pub(crate) offered: u64,
    /// The number of the token it was told and read.
    pub(crate) token: Option<u64>,
    /// It keeps message ids and says at its return which one it has last.
    pub(crate) keeps_ids: bool,
    /// It does not read just now.
    pub(crate) slow: bool,
    inbox: VecDeque<Delivery>,
    /// Ids of the stored lines that it has read of this seat, in order.
    pub(crate) read: Vec<u64>,
    /// It cannot say what it has, and neither can the server that has died since: repeats are due.
    unsure: bool,
    /// Ids that it may have missed through no fault of the server's: from, to (inclusive).
    pub(crate) lost: Vec<(u64, u64)>,
}

#[derive(Debug, Default)]
pub(crate) struct Clients {
    pub(crate) customers: BTreeMap<usize, Client>,
    /// Lines delivered, for the report.
    pub(crate) delivered: u64,
}

impl Client {
    pub(crate) fn last_seen(&self) -> Option<u64> {
        self.read.last().copied().filter(|_| self.keeps_ids)
    }

    /// Reads what has come.
    pub(crate) fn read_all(&mut self) {
        while let Some(delivery) = self.inbox.pop_front() {
            match delivery {
                Delivery::Notice(Notice::Said(said)) => self.hear(&said),
                Delivery::Reply(reply) => match *reply {
                    Reply::Welcome(welcome) if welcome.token.is_some() => {
                        self.token = Some(self.offered);
                        self.read.clear();
                        self.lost.clear();
                    }
                    Reply::History { lines, .. } => {
                        let last = self.read.last().copied().unwrap_or(0);
                        let repeats =
                            |said: &&Said| matches!(said.id, MessageId::Stored(id) if id <= last);
                        let skip = lines.iter().take_while(repeats).count();
                        assert!(skip == 0 || self.unsure, "told again: {:?}", lines[0]);
                        lines[skip..].iter().for_each(|said| self.hear(said));
                        self.unsure = false;
                    }
                    _ => {}
                },
                Delivery::Notice(_) => {}
                Delivery::Cut => self.session = None,
            }
        }
    }

    fn hear(&mut self, said: &Said) {
        let MessageId::Stored(id) = said.id else { return };
        let last = self.read.last().copied().unwrap_or(0);
        assert!(id > last, "line {id} comes after {last}: doubled or out of order: {said:?}");
        self.read.push(id);
    }

    /// The connection is gone, with all that was not read; the desk had decided up to `decided`.
    pub(crate) fn lose(&mut self, decided: u64) {
        self.inbox.clear();
        self.session = None;
        self.slow = false;
        if self.last_seen().is_none() {
            let from = self.read.last().copied().unwrap_or(0) + 1;
            self.lost.push((from, decided));
        }
    }
}

impl Clients {
    pub(crate) fn everybody_is_lost(&mut self, decided: usize) {
        for client in self.customers.values_mut() {
            client.unsure |= client.last_seen().is_none();
            client.lose(decided as u64);
        }
    }

    /// Something reaches a session. True when that session is over by it.
    pub(crate) fn deliver(
        &mut self,
        journal: &[Event],
        session: SessionId,
        who: Option<Who>,
        delivery: Delivery,
        typed: &[String],
    ) -> bool {
        self.delivered += 1;
        seen_is_stored(journal, &delivery);
        let end = matches!(delivery, Delivery::Cut);
        let Some(Who::Customer(i)) = who else { return end };
        nothing_of_others(i, &delivery, typed);
        if let Some(client) = self.customers.get_mut(&i).filter(|c| c.session == Some(session)) {
            client.inbox.push_back(delivery);
            if !client.slow {
                client.read_all();
            }
        }
        end
    }
}

/// Promise 1: what is shown with the id of a stored line is stored, word for word.
fn seen_is_stored(journal: &[Event], delivery: &Delivery) {
    let check = |said: &Said| {
        let MessageId::Stored(id) = said.id else { return };
        let at = usize::try_from(id).unwrap() - 1;
        let event = journal.get(at).unwrap_or_else(|| panic!("shown before stored: {said:?}"));
        assert_eq!(event.word(0), said.text, "shown other than stored");
        let words = matches!(
            event.fact,
            Fact::Said { .. } | Fact::RoomSaid { .. } | Fact::PrivateSaid { .. }
        );
        assert!(words, "line {id} is not a line: {event:?}");
    };
    match delivery {
        Delivery::Notice(Notice::Said(said)) => check(said),
        Delivery::Reply(reply) => {
            if let Reply::History { lines, .. } = &**reply {
                lines.iter().for_each(check);
            }
        }
        Delivery::Notice(_) | Delivery::Cut => {}
    }
}

/// Promises 2 and 4: nothing of staff's own, nothing of another customer's.
fn nothing_of_others(i: usize, delivery: &Delivery, typed: &[String]) {
    let mut text = format!("{delivery:?}");
    for name in typed {
        text = text.replace(name, "");
    }
    assert!(!text.contains(STAFF_ONLY), "customer {i} reads what is staff's: {text}");
    assert!(!text.contains(UNSEEN), "customer {i} learns of a watcher: {text}");
    let foreign = (0..CUSTOMERS).filter(|other| *other != i).find(|n| text.contains(&mark(*n)));
    assert!(foreign.is_none(), "customer {i} learns of {foreign:?}: {text}");
}

/// Every customer who is connected has read every line of their seat's conversations, once each
/// and in order, but for what the rules allow to be missing.
pub(crate) fn every_line_once(clients: &Clients, journal: &[Event]) {
    for (i, client) in &clients.customers {
        let (Some(number), Some(_)) = (client.token, client.session) else { continue };
        let digest = token(number).digest;
        let seat = journal.iter().find_map(|event| match &event.fact {
            Fact::CustomerKnown { customer, token, .. } if *token == digest => Some(*customer),
            _ => None,
        });
        let Some(seat) = seat else {
            assert!(client.read.is_empty(), "customer {i} read lines of nobody's");
            continue;
        };
        let mut mine = Vec::new();
        // Lines of the channel, and where a conversation was sealed: few are kept after that.
        let (mut lines, mut closed): (Vec<u64>, Vec<u64>) = Default::default();
        let mut open = BTreeMap::new();
        for event in journal {
            match &event.fact {
                Fact::Opened { conversation, customer, .. } => {
                    open.insert(*conversation, *customer);
                }
                Fact::Closed { conversation, .. } if open.get(conversation) == Some(&seat) => {
                    closed.push(event.seq.0);
                }
                Fact::Said { conversation, to, .. } if open.get(conversation) == Some(&seat) => {
                    lines.push(event.seq.0);
                    if *to == switchboard::desk::language::fact::Hearers::Everyone {
                        mine.push(event.seq.0);
                    }
                }
                _ => {}
            }
        }
        let trimmed = |id: u64| {
            let before = |end: u64| lines.iter().filter(|l| **l > id && **l < end).count();
            closed.iter().any(|end| *end > id && before(*end) >= 20) || before(u64::MAX) >= 200
        };
        for id in mine {
            let lost = client.lost.iter().any(|(from, to)| (*from..=*to).contains(&id));
            let read = client.read.binary_search(&id).is_ok();
            assert!(
                read || lost || trimmed(id),
                "customer {i} never read line {id} of theirs: {:?}, read {:?}",
                journal[usize::try_from(id).unwrap() - 1],
                client.read,
            );
        }
    }
}
