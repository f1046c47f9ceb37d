//! Everything the desk knows, as tables. `apply` is the only way to change it.

pub mod agent;
mod apply;
mod apply_live;
mod apply_words;
pub mod conversation;
mod markers;
pub mod metadata;
pub mod people;
pub mod rooms;
pub mod scrollback;
pub mod table;

use super::language::fact::Class;
use super::language::metadata::Owner;
use super::language::people::{Department, Role, Source};
use super::lookalike;
use super::settings::{DepartmentSettings, Settings};
use crate::base::ids::{BlockId, ConversationId, CustomerId, Seq, SessionId};
use crate::base::text::{AccountName, ChannelName, Folded, Line, Nick};
use crate::base::time::Timestamp;
use agent::Agent;
use conversation::{Conversation, Indexed};
use people::{Customer, Person, Reader, Standing};
use rooms::Room;
use scrollback::Scrollback;
use std::collections::BTreeMap;
use std::sync::Arc;
use table::Table;

/// One block in force.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its number.
    pub id: BlockId,
    /// A nick, address, CIDR or mask.
    pub target: Line,
    /// Why.
    pub reason: Line,
    /// Who set it.
    pub author: Arc<str>,
    /// Until when.
    pub until: Timestamp,
}

/// A nick that was in use, for WHOWAS.
pub type Former = (Arc<Source>, Timestamp);

/// Numbers that only grow, with the flags that a plan leaves for what follows it.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    /// The last event decided.
    pub seq: Seq,
    /// The last customer.
    pub customer: CustomerId,
    /// The last conversation.
    pub conversation: ConversationId,
    /// The last block.
    pub block: BlockId,
}

/// Everything the desk knows.
#[derive(Debug)]
pub struct State {
    /// What the operator chose.
    pub settings: Settings,
    /// Who the server's own words come from.
    pub desk: Arc<Source>,
    pub(super) counters: Table<(), Counters>,
    pub(super) persons: Table<SessionId, Person>,
    pub(super) active: Table<SessionId, Timestamp>,
    /// Sessions that are operators, so that telling them looks at nobody else.
    pub(super) operators: Table<SessionId, ()>,
    /// The clients of those who have others than the one they first came with.
    pub(super) clients: Table<SessionId, Vec<SessionId>>,
    /// Whose client it is, of each that is not its person's first.
    pub(super) companions: Table<SessionId, SessionId>,
    /// Clients that nobody sits at.
    pub(super) unattended: Table<SessionId, ()>,
    pub(super) nicks: Table<Folded, SessionId>,
    pub(super) customers: Table<CustomerId, Customer>,
    pub(super) channels: Table<Folded, CustomerId>,
    pub(super) codes: Table<Arc<str>, CustomerId>,
    pub(super) tokens: Table<[u8; 32], CustomerId>,
    pub(super) absences: Table<(Timestamp, CustomerId), ()>,
    pub(super) conversations: Table<ConversationId, Conversation>,
    pub(super) queue: Table<(Department, Class, i64), ConversationId>,
    pub(super) due: Table<(Timestamp, ConversationId), ()>,
    pub(super) agents: Table<Folded, Agent>,
    pub(super) rooms: Table<Folded, Room>,
    pub(super) blocks: Table<BlockId, Block>,
    /// Former bearers of nicks, in order of their going.
    pub(super) former: Table<u64, Former>,
    /// Metadata of people and channels.
    pub(super) metadata: Table<Owner, metadata::Values>,
    /// Who watches a nick by MONITOR, sorted, so that an arrival looks at nobody else.
    pub(super) monitored: Table<Folded, Vec<SessionId>>,
    pub(super) waits: Table<Department, Vec<(Timestamp, u64, u64)>>,
    /// Up to when people have read, by channel or nick.
    pub(super) markers: Table<Reader, BTreeMap<Folded, Timestamp>>,
    /// The last event before an account left a channel, in this run of the server.
    pub(super) seen: Table<Folded, BTreeMap<Folded, Seq>>,
    pub(super) scrollback: Scrollback,
    /// Departments whose queue or readiness changed since they were last looked at.
    pub(super) stirred: std::collections::BTreeSet<Department>,
    /// How the names of staff and services read, to be compared with customers' nicks.
    pub(super) staff_looks: std::collections::BTreeSet<String>,
    /// The most people there have been at once.
    pub(super) users_max: usize,
    /// This run of the server, which with a session tells people without an account apart for ever.
    pub(super) run: u64,
    /// Connections there are, registered or not; the runner counts them.
    pub(super) connections: usize,
    epoch: u64,
}

/// Every table, for what must be done to all of them.
macro_rules! tables {
    ($self:ident, $table:ident => $do:expr) => {
        tables!(@ $self, $table, $do, counters persons active operators clients companions unattended nicks customers channels codes tokens
            absences conversations queue due agents rooms blocks former monitored waits markers metadata seen)
    };
    (@ $self:ident, $table:ident, $do:expr, $($name:ident)*) => {
        $({ let $table = &mut $self.$name; $do; })*
    };
}

impl State {
    /// An empty state; the departments' rooms exist from the start.
    pub fn new(settings: Settings) -> Self {
        let desk = Arc::new(Source {
            // Both are fixed and valid.
            nick: Nick::parse("desk").unwrap_or_else(|_| unreachable!("a valid nick")),
            user: Arc::from("desk"),
            host: settings.server.clone(),
            account: None,
            bot: false,
            realname: Line::scrubbed("the desk of this server"),
        });
        let mut state = Self {
            settings,
            desk,
            counters: Table::default(),
            persons: Table::default(),
            active: Table::default(),
            operators: Table::default(),
            clients: Table::default(),
            companions: Table::default(),
            unattended: Table::default(),
            nicks: Table::default(),
            customers: Table::default(),
            channels: Table::default(),
            codes: Table::default(),
            tokens: Table::default(),
            absences: Table::default(),
            conversations: Table::default(),
            queue: Table::default(),
            due: Table::default(),
            agents: Table::default(),
            rooms: Table::default(),
            blocks: Table::default(),
            former: Table::default(),
            metadata: Table::default(),
            monitored: Table::default(),
            waits: Table::default(),
            markers: Table::default(),
            seen: Table::default(),
            scrollback: Scrollback::default(),
            stirred: std::collections::BTreeSet::new(),
            staff_looks: std::collections::BTreeSet::new(),
            users_max: 0,
            run: 0,
            connections: 0,
            epoch: 1,
        };
        state.counters.insert((), Counters::default());
        state.furnish(Timestamp(0));
        state.note_looks();
        state
    }

    /// Brings `staff_looks` up to the accounts as they are.
    pub(super) fn note_looks(&mut self) {
        let staff = |a: &&Agent| a.role.is_some_and(Role::is_staff);
        let accounts = self.agents().filter(staff).map(|a| a.name.to_string());
        let services = lookalike::RESERVED.iter().map(ToString::to_string);
        let looks = accounts.chain(services).flat_map(|name| lookalike::readings(&name));
        self.staff_looks = looks.filter(|look| !look.is_empty()).collect();
    }

    /// Makes the rooms of all departments that have none.
    pub(super) fn furnish(&mut self, now: Timestamp) {
        for department in self.settings.departments.clone() {
            let channel = department.name.channel();
            let key = channel.folded();
            if !self.rooms.contains(&key) {
                let room = Room::new(channel, Some(department.name.clone()), now);
                self.rooms.insert(key, room);
            }
        }
    }

    /// The departments' rooms exist from this moment on (324's companion 329).
    pub(super) fn date_rooms(&mut self, now: Timestamp) {
        let keys: Vec<Folded> = self.rooms.iter().map(|(key, _)| key.clone()).collect();
        for key in keys {
            if let Some(room) = self.rooms.get_mut(&key) {
                (room.made, room.created) = (now, now);
            }
        }
    }

    // Going back.

    /// Begins a new epoch and returns it: everything before it may be confirmed by it.
    pub fn mark(&mut self) -> u64 {
        self.epoch += 1;
        let epoch = self.epoch;
        tables!(self, table => table.begin(epoch));
        epoch
    }

    /// What was decided before epoch `mark`, up to event `seq`, is stored.
    pub fn confirm(&mut self, mark: u64, seq: Seq) {
        tables!(self, table => table.confirm(mark));
        self.scrollback.confirm(seq);
    }

    /// As it was at the last confirmed mark.
    pub fn rollback(&mut self) {
        tables!(self, table => table.rollback());
        self.scrollback.rollback();
        self.stirred = self.settings.departments.iter().map(|d| d.name.clone()).collect();
    }

    // Reading.

    /// The numbers that only grow.
    pub fn counters(&self) -> Counters {
        self.counters.get(&()).cloned().unwrap_or_default()
    }

    /// A session that has arrived.
    pub fn person(&self, session: SessionId) -> Option<&Person> {
        self.persons.get(&session)
    }

    /// The person whose client this is; itself when it is a person's first.
    pub fn person_of(&self, client: SessionId) -> SessionId {
        self.companions.get(&client).copied().unwrap_or(client)
    }

    /// The clients of a person.
    pub fn clients_of<'a>(&'a self, person: &'a SessionId) -> &'a [SessionId] {
        self.clients.get(person).map_or(std::slice::from_ref(person), Vec::as_slice)
    }

    /// The session that has this nick now.
    pub fn by_nick(&self, nick: &str) -> Option<(SessionId, &Person)> {
        let session = *self.nicks.get(&*Folded::key(nick))?;
        Some((session, self.persons.get(&session)?))
    }

    /// The customer whose channel this is.
    pub fn lounge<Q: Ord + ?Sized>(&self, channel: &Q) -> Option<&Customer>
    where
        Folded: std::borrow::Borrow<Q>,
    {
        self.customers.get(self.channels.get(channel)?)
    }

    /// A customer.
    pub fn customer(&self, id: CustomerId) -> Option<&Customer> {
        self.customers.get(&id)
    }

    /// A live conversation.
    pub fn conversation(&self, id: ConversationId) -> Option<&Conversation> {
        self.conversations.get(&id)
    }

    /// The live conversation of a customer.
    pub fn live(&self, customer: &Customer) -> Option<&Conversation> {
        self.conversations.get(&customer.conversation?)
    }

    /// The channel of a conversation's customer.
    pub fn channel_of(&self, conversation: &Conversation) -> Option<&ChannelName> {
        self.customers.get(&conversation.customer).map(|c| &c.channel)
    }

    /// All live conversations, oldest first.
    pub fn conversations(&self) -> impl DoubleEndedIterator<Item = &Conversation> {
        self.conversations.iter().map(|(_, c)| c)
    }

    /// All customers in memory.
    pub fn customers(&self) -> impl DoubleEndedIterator<Item = &Customer> {
        self.customers.iter().map(|(_, c)| c)
    }

    /// All sessions that have arrived.
    pub fn persons(&self) -> impl DoubleEndedIterator<Item = (SessionId, &Person)> {
        self.persons.iter().map(|(id, p)| (*id, p))
    }

    /// All sessions that are operators.
    pub fn operators(&self) -> impl DoubleEndedIterator<Item = (SessionId, &Person)> {
        self.operators.iter().filter_map(|(id, ())| Some((*id, self.person(*id)?)))
    }

    /// All staff accounts that have ever been seen.
    pub fn agents(&self) -> impl DoubleEndedIterator<Item = &Agent> {
        self.agents.iter().map(|(_, a)| a)
    }

    /// A staff account.
    pub fn agent(&self, name: &AccountName) -> Option<&Agent> {
        self.agents.get(&*Folded::key(name.as_str()))
    }

    /// The sessions of an account.
    pub fn sessions_of(&self, name: &AccountName) -> &[SessionId] {
        self.agent(name).map_or(&[], |a| &a.sessions)
    }

    /// True when somebody sits at one of the account's sessions, this one left out.
    pub fn attended(&self, name: &AccountName, but: SessionId) -> bool {
        let others = self.sessions_of(name).iter().filter(|s| **s != but);
        others.filter_map(|s| self.person(*s)).any(|p| !p.is_unattended())
    }

    /// A staff channel.
    pub fn room(&self, channel: &Folded) -> Option<&Room> {
        self.rooms.get(channel)
    }

    /// When the channel of that name was made.
    pub fn since(&self, channel: &Folded) -> Option<Timestamp> {
        let lounge = self.lounge(channel).map(|customer| customer.created);
        lounge.or_else(|| self.room(channel).map(|room| room.made))
    }

    /// The settings of a department.
    pub fn department(&self, name: &Department) -> Option<&DepartmentSettings> {
        self.settings.departments.iter().find(|d| d.name == *name)
    }

    /// The first department: where conversations go that ask for none.
    pub fn default_department(&self) -> &Department {
        &self.settings.departments[0].name
    }

    /// True when that account serves that department.
    pub fn serves(&self, account: &AccountName, department: &Department) -> bool {
        let Some(settings) = self.department(department) else { return false };
        if self.agent(account).and_then(|a| a.role).is_some_and(|role| !role.is_staff()) {
            return false;
        }
        if settings.first_responder.as_ref() == Some(account) {
            return true;
        }
        if settings.agents.is_empty() {
            return self.agent(account).and_then(|a| a.role).is_some_and(|r| r >= Role::Agent);
        }
        settings.agents.iter().any(|a| a.folded() == account.folded())
    }

    /// What waits in a department, in the order in which it will be served.
    pub fn waiting(&self, department: &Department) -> impl Iterator<Item = &Conversation> {
        let from = (department.clone(), Class::Returned, i64::MIN);
        let to = (department.clone(), Class::Normal, i64::MAX);
        self.queue.range(from..=to).filter_map(|(_, id)| self.conversations.get(id))
    }

    /// Agents of a department who are here and ready.
    pub fn ready(&self, department: &Department) -> usize {
        self.agents()
            .filter(|a| !a.sessions.is_empty() && a.ready)
            .filter(|a| a.role.is_some_and(|r| r >= Role::Agent))
            .filter(|a| self.serves(&a.name, department))
            .count()
    }

    /// The sessions of an account that are in a customer's channel, with their standing.
    pub fn seats_of<'a>(
        &'a self,
        customer: &'a Customer,
        account: &'a AccountName,
    ) -> impl Iterator<Item = (SessionId, Standing)> + 'a {
        customer
            .staff
            .iter()
            .copied()
            .filter(move |(s, _)| self.person(*s).and_then(Person::account) == Some(account))
    }

    /// The nick by which a member of staff is shown in a customer's channel.
    pub fn shown_nick(&self, customer: &Customer, account: &AccountName) -> Nick {
        // A client that only watches is not shown, nor is its nick.
        let mut seats = self.seats_of(customer, account);
        let seat = seats.find(|(_, s)| *s != Standing::Watcher).map(|(s, _)| s);
        let session = seat.or_else(|| self.sessions_of(account).first().copied());
        match session.and_then(|s| self.person(s)) {
            Some(person) => person.nick().clone(),
            // An account's name is a valid nick by construction.
            None => Nick::parse(account.as_str()).unwrap_or_else(|_| self.desk.nick.clone()),
        }
    }

    /// How an account is shown when none of its sessions is here (replay).
    pub(super) fn absent_source(&self, account: &AccountName) -> Arc<Source> {
        Arc::new(staff_source(account, &self.settings.server, false))
    }

    /// True when the agent would exceed its capacity by this many more halves.
    pub fn over_capacity(&self, account: &AccountName, more: u32) -> Option<(u32, u32)> {
        let agent = self.agent(account)?;
        let limit = agent.limit(self.settings.capacity);
        (agent.load + more > limit).then_some((agent.load, limit))
    }

    /// The session said something just now (for WHOIS and WHO).
    pub(super) fn note_active(&mut self, now: Timestamp, session: SessionId) {
        if let Some(active) = self.active.get_mut(&session) {
            *active = now;
        }
    }

    // Keeping the indexes true.

    /// Changes a conversation and brings every index of it up to date.
    pub(super) fn touch(&mut self, id: ConversationId, change: impl FnOnce(&mut Conversation)) {
        let Some(conversation) = self.conversations.get_mut(&id) else { return };
        change(conversation);
        if !conversation.is_indexed(&self.settings) {
            self.index(id);
        }
    }

    /// Brings every index of a conversation up to date.
    fn index(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get(&id) else { return };
        let fresh = conversation.to_index(&self.settings);
        if fresh != conversation.indexed
            && let Some(conversation) = self.conversations.get_mut(&id)
        {
            let stale = std::mem::replace(&mut conversation.indexed, fresh.clone());
            self.reindex(id, &stale, &fresh);
        }
    }

    /// Seals a conversation: it leaves every index and the state.
    pub(super) fn unlist(&mut self, id: ConversationId) -> Option<Conversation> {
        let conversation = self.conversations.remove(&id)?;
        self.reindex(id, &conversation.indexed, &Indexed::default());
        Some(conversation)
    }

    fn reindex(&mut self, id: ConversationId, stale: &Indexed, fresh: &Indexed) {
        if stale.queue != fresh.queue {
            if let Some(key) = &stale.queue {
                self.queue.remove(key);
                self.stirred.insert(key.0.clone());
            }
            if let Some(key) = &fresh.queue {
                self.queue.insert(key.clone(), id);
                self.stirred.insert(key.0.clone());
            }
        }
        if stale.due != fresh.due {
            if let Some(at) = stale.due {
                self.due.remove(&(at, id));
            }
            if let Some(at) = fresh.due {
                self.due.insert((at, id), ());
            }
        }
        if stale.charges != fresh.charges {
            for (account, halves) in stale.charges.iter().flatten() {
                self.agent_mut(account).load -= halves;
                self.stir_for(account);
            }
            for (account, halves) in fresh.charges.iter().flatten() {
                self.agent_mut(account).load += halves;
                self.stir_for(account);
            }
        }
    }

    /// The departments that an account serves have to be looked at again.
    pub(super) fn stir_for(&mut self, account: &AccountName) {
        let served: Vec<Department> = self
            .settings
            .departments
            .iter()
            .filter(|d| self.serves(account, &d.name))
            .map(|d| d.name.clone())
            .collect();
        self.stirred.extend(served);
    }

    /// The record of an account, made if there is none.
    pub(super) fn agent_mut(&mut self, account: &AccountName) -> &mut Agent {
        let key = account.folded();
        if !self.agents.contains(&key) {
            self.agents.insert(key.clone(), Agent::new(account.clone()));
        }
        match self.agents.get_mut(&key) {
            Some(agent) => agent,
            None => unreachable!("it was inserted above"),
        }
    }
}

/// How a member of staff is seen: their host tells that they are staff and nothing else.
pub(super) fn staff_source(account: &AccountName, server: &str, bot: bool) -> Source {
    Source {
        nick: Nick::parse(account.as_str()).unwrap_or_else(|_| unreachable!("accounts are nicks")),
        user: account.shared(),
        host: Arc::from(format!("staff.{server}")),
        account: Some(account.clone()),
        bot,
        realname: Line::scrubbed(account.as_str()),
    }
}
