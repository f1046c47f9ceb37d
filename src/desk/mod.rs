//! The desk: one synchronous, deterministic value that decides everything.
//!
//! `handle` reads a command and makes a plan (the verbs); carrying the plan out applies each step
//! to the state and lets `audience` derive who is shown what. Time, addresses and random bits are
//! arguments. Nothing here knows a socket, a clock, a disk or a protocol.

mod arrive;
mod assign;
mod audience;
mod blocks;
mod carry;
pub mod change;
mod clients;
pub mod context;
mod course;
mod depart;
mod dispatch;
mod happenings;
mod history;
pub mod language;
mod lines;
mod lists;
pub mod lookalike;
mod markers;
mod metadata;
mod nicks;
mod operators;
pub mod outcome;
pub mod past;
mod position;
pub mod presence;
pub mod queries;
mod redact;
pub mod rooms;
mod route;
pub mod settings;
pub mod state;
mod steps;
mod talk;
pub mod target;
mod timers;
mod transfer;
mod watch;

use crate::base::ids::{Seq, SessionId};
use crate::base::text::{AccountName, Line};
use crate::base::time::Timestamp;
use carry::scene;
use change::{Live, Step};
use clients::Asking;
use context::Context;
use language::command::{Command, Departure, Say};
use language::fact::Event;
use language::notice::{CutReason, Output, Reply};
use language::people::{Department, Role};
use language::refusal::Refusal;
use language::text::Text;
use outcome::Outcome;
use settings::Settings;
use state::State;
use state::agent::Agent;
use state::people::Person;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// When an absence that outlasted its token is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// The whole product but for bytes, sockets, clocks and disks.
#[derive(Debug)]
pub struct Desk {
    state: State,
    run: u64,
    passing: u64,
    storage: bool,
    /// Agents who became ready or unready while the disk refused, which nobody wrote down.
    unwritten: BTreeSet<AccountName>,
    /// Waiting and ready of each department, as its channel's topic last told.
    told: BTreeMap<Department, (usize, usize)>,
    next_expiry: Option<Timestamp>,
}

/// One account, as the runner tells the desk at start and whenever one changes.
#[derive(Clone, Debug, PartialEq)]
pub struct StaffAccount {
    /// Its name.
    pub name: AccountName,
    /// Its role; never `Customer`.
    pub role: Role,
}

/// Whose doing a plan is, and whether it may go on without the disk.
#[derive(Clone, Copy)]
struct Doing<'a> {
    session: Option<SessionId>,
    say: Option<&'a Say>,
    /// Facts are left out while the disk refuses; `depart::reconcile` writes them down later.
    lossy: bool,
}

/// True for a customer whose account is no more.
fn ended(state: &State, person: &Person) -> bool {
    let account = person.guise.as_ref();
    account.is_some_and(|name| state.agent(name).is_some_and(|agent| agent.role.is_none()))
}

impl Doing<'_> {
    const OWN: Self = Self { session: None, say: None, lossy: false };
}

impl Desk {
    /// An empty desk. `run` tells one run of the server from another in ids of passing messages.
    pub fn new(settings: Settings, run: u64) -> Self {
        let mut state = State::new(settings);
        state.run = run;
        let (told, unwritten) = (BTreeMap::new(), BTreeSet::new());
        Self { state, run, passing: 0, storage: true, unwritten, told, next_expiry: None }
    }

    /// Everything the desk knows, to read.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Applies one event of the journal, in order, at start. Nobody is told.
    pub fn replay(&mut self, event: &Event) {
        self.state.apply(event);
        if event.seq.0.is_multiple_of(4096) {
            self.settle_marks();
        }
    }

    fn settle_marks(&mut self) {
        let mark = self.state.mark();
        let seq = self.state.counters().seq;
        self.state.confirm(mark, seq);
    }

    /// After the replay: everybody's connection is gone; deadlines begin.
    pub fn recover(&mut self, now: Timestamp, out: &mut Outcome) {
        self.settle_marks();
        self.state.date_rooms(now);
        let plan = depart::reconcile(&self.state, now, true);
        self.carry_out(now, plan, Doing::OWN, out);
        self.settle(now, out);
    }

    /// The accounts as they are now. Sessions of those that are gone are cut, roles change at once.
    pub fn set_accounts(&mut self, now: Timestamp, accounts: Vec<StaffAccount>, out: &mut Outcome) {
        let first = out.outputs.len();
        let list = accounts.into_iter().map(|a| (a.name, a.role)).collect();
        let is_staff = |agent: &&Agent| agent.role.is_some_and(Role::is_staff);
        let staff: BTreeSet<_> =
            self.state.agents().filter(is_staff).map(|a| a.name.clone()).collect();
        self.carry_out(now, vec![Step::Live(Live::Accounts(list))], Doing::OWN, out);
        // Who is staff no longer comes again as what they are now: what staff see is not theirs.
        let gone: Vec<SessionId> = self
            .state
            .agents()
            .filter(|a| a.role.is_none() || staff.contains(&a.name) && !is_staff(a))
            .flat_map(|a| a.sessions.iter().copied())
            .chain(self.state.persons().filter(|(_, p)| ended(&self.state, p)).map(|(s, _)| s))
            .collect();
        for session in gone {
            self.dismiss(now, session, CutReason::AccountEnded, out);
        }
        let plan = operators::fallen(&self.state);
        self.carry_out(now, plan, Doing::OWN, out);
        self.settle(now, out);
        self.spread(None, first, out);
    }

    /// An account that was made just now, before the next list of all of them.
    pub fn account_made(&mut self, now: Timestamp, account: &StaffAccount, out: &mut Outcome) {
        let made = Live::AccountMade(account.name.clone(), account.role);
        self.carry_out(now, vec![Step::Live(made)], Doing::OWN, out);
        self.settle(now, out);
    }

    /// True when a name may become that session's account: it is not what somebody else is called
    /// here. Where people do not see each other it may always.
    pub fn may_register(&self, session: SessionId, name: &AccountName) -> bool {
        let other = self.state.by_nick(name.as_str()).map(|(other, _)| other);
        self.state.settings.guests == settings::Guests::Customer
            || other.is_none_or(|other| other == self.state.person_of(session))
    }

    /// Ends a session from the desk's side.
    fn dismiss(&mut self, now: Timestamp, session: SessionId, why: CutReason, out: &mut Outcome) {
        let Some(person) = self.state.person(session) else { return };
        let ctx = Context { now, session, person };
        let text = Line::scrubbed("signed out by the server");
        let mut plan = depart::leave(&self.state, &ctx, &language::command::Departure::Lost(text));
        plan.push(Step::Cut(session, why));
        self.carry_out(now, plan, Doing { lossy: true, ..Doing::OWN }, out);
    }

    /// New settings (REHASH); live conversations go on.
    pub fn set_settings(&mut self, now: Timestamp, settings: Settings, out: &mut Outcome) {
        let first = out.outputs.len();
        self.state.settings = settings;
        self.state.furnish(now);
        let plan = operators::fallen(&self.state);
        self.carry_out(now, plan, Doing::OWN, out);
        self.state.stirred =
            self.state.settings.departments.iter().map(|d| d.name.clone()).collect();
        self.settle(now, out);
        self.spread(None, first, out);
    }

    /// Decides one command of one session.
    pub fn handle(
        &mut self,
        now: Timestamp,
        client: SessionId,
        command: &Command,
        out: &mut Outcome,
    ) {
        if let Command::Leave(departure) = command
            && clients::stays(&self.state, client)
        {
            let first = out.outputs.len();
            let plan = clients::detach(&self.state, client);
            self.carry_out(now, plan, Doing::OWN, out);
            self.spread(None, first, out);
            if let Departure::Quit(words) = departure {
                let why = CutReason::Quit(words.clone());
                out.outputs.push(Output::Cut { session: client, why });
            }
            return;
        }
        if let Command::Away(text) = command {
            let (plan, only_here) = clients::attends(&self.state, client, text.as_ref());
            self.carry_out(now, plan, Doing::OWN, out);
            if only_here {
                return;
            }
        }
        let asking = Asking::of(&self.state, client, command);
        let first = out.outputs.len();
        self.decide(now, asking.person, command, out);
        self.spread(Some(asking), first, out);
        self.state.disband(asking.person);
    }

    /// Has what went to people, from output `first` on, reach each of their clients.
    fn spread(&mut self, asking: Option<Asking>, first: usize, out: &mut Outcome) {
        for person in clients::spread(&self.state, asking, first, out) {
            self.state.disband(person);
        }
    }

    /// Decides one command of one person.
    fn decide(&mut self, now: Timestamp, from: SessionId, command: &Command, out: &mut Outcome) {
        let say = match command {
            Command::Say(say) => Some(say),
            _ => None,
        };
        let lossy = matches!(command, Command::Arrive(_) | Command::Leave(_));
        // Who has just come in was shown the topic as it is.
        let mut newcomer = None;
        let decided = match command {
            Command::Arrive(arrival) => arrive::arrive(&self.state, now, from, arrival),
            _ => {
                let Some(person) = self.state.person(from) else { return };
                let ctx = Context { now, session: from, person };
                dispatch::dispatch(&self.state, &ctx, command)
            }
        };
        let decided = decided.and_then(|plan| {
            let refused = !self.storage && !lossy && lists::needs_disk(&plan);
            if refused { Err(Refusal::StorageFailing) } else { Ok(plan) }
        });
        let earlier = out.outputs.len();
        match decided {
            Ok(plan) => {
                self.carry_out(now, plan, Doing { session: Some(from), say, lossy }, out);
                if let Command::Arrive(arrival) = command {
                    self.welcome(now, from, arrival.account.as_ref(), out);
                    newcomer = Some(from);
                }
            }
            Err(refusal) => self.refuse(from, command, refusal, out),
        }
        audience::place(&self.state, from, command, &mut out.outputs[earlier..]);
        // Questions are asked by clients of their own accord, and absence is no deed.
        if matches!(command, Command::Say(_) | Command::Desk(_) | Command::Join { .. }) {
            self.state.note_active(now, from);
        }
        self.settle_but(now, newcomer, out);
    }

    fn refuse(&mut self, from: SessionId, command: &Command, refusal: Refusal, out: &mut Outcome) {
        // A NOTICE never causes an error reply (RFC 2812 section 3.3.2), a storage fault apart.
        let notice =
            matches!(command, Command::Say(say) if say.verb == language::command::Verb::Notice);
        if notice && refusal != Refusal::StorageFailing {
            return;
        }
        let command = dispatch::name(command);
        out.reply(from, Reply::Refused { command, refusal });
    }

    /// What follows a member of staff's arrival: their departments' channels, and what waits for them.
    fn welcome(
        &mut self,
        now: Timestamp,
        session: SessionId,
        account: Option<&(AccountName, Role)>,
        out: &mut Outcome,
    ) {
        let Some((account, _)) = account.filter(|_| self.state.person(session).is_some()) else {
            return;
        };
        let departments: Vec<Department> = self
            .state
            .settings
            .departments
            .iter()
            .map(|d| d.name.clone())
            .filter(|d| self.state.serves(account, d))
            .collect();
        for department in departments {
            let plan = rooms::join::auto(&self.state, session, &department);
            self.carry_out(now, plan, Doing::OWN, out);
            let mut scene = scene(&self.state, now, Doing::OWN, (self.run, &mut self.passing), out);
            for text in lists::still_waiting(&self.state, now, &department) {
                scene.say(department.channel().shared(), vec![session], text);
            }
        }
        let plan = arrive::reminders(&self.state, session, account);
        self.carry_out(now, plan, Doing::OWN, out);
    }

    /// Does what is due. Call it at `next_deadline`, and as often as you like.
    pub fn tick(&mut self, now: Timestamp, out: &mut Outcome) {
        let first = out.outputs.len();
        if !self.storage {
            return;
        }
        let due: Vec<_> =
            self.state.due.iter().map(|(key, ())| *key).take_while(|(at, _)| *at <= now).collect();
        for (_, id) in due {
            let Some(conversation) = self.state.conversation(id) else { continue };
            let plan = timers::conversation(&self.state, now, conversation);
            self.carry_out(now, plan, Doing::OWN, out);
        }
        let absent: Vec<_> = self
            .state
            .absences
            .iter()
            .map(|(key, ())| *key)
            .take_while(|(at, _)| *at <= now)
            .collect();
        for (at, id) in absent {
            let Some(customer) = self.state.customer(id) else { continue };
            let plan = timers::absence(&self.state, now, customer);
            self.carry_out(now, plan, Doing::OWN, out);
            // Looked at; one who still has a live conversation is looked at again later.
            self.state.absences.remove(&(at, id));
            let waits = self.state.customer(id).filter(|c| c.conversation.is_some());
            if waits.and_then(|c| c.absence).is_some_and(|a| a.token_until <= now) {
                self.state.absences.insert((now + LOOK_AGAIN, id), ());
            }
        }
        if self.next_expiry.is_some_and(|at| at <= now) {
            let plan = blocks::expired(&self.state, now);
            self.carry_out(now, plan, Doing::OWN, out);
            self.next_expiry = self.state.blocks.iter().map(|(_, b)| b.until).min();
        }
        self.settle(now, out);
        self.spread(None, first, out);
    }

    /// The moment of the next `tick` that would do something.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        if !self.storage {
            return None;
        }
        let due = self.state.due.iter().next().map(|((at, _), ())| *at);
        let absent = self.state.absences.iter().next().map(|((at, _), ())| *at);
        [due, absent, self.next_expiry].into_iter().flatten().min()
    }

    /// Everything up to now may be rolled back from here on until `confirm`. Returns the mark.
    pub fn mark(&mut self) -> u64 {
        self.state.mark()
    }

    /// What was decided before `mark`, up to event `seq`, is stored; it can no longer be undone.
    pub fn confirm(&mut self, mark: u64, seq: Seq) {
        self.state.confirm(mark, seq);
    }

    /// Undoes everything decided since the last confirmed mark: nobody was shown any of it.
    pub fn rollback(&mut self) {
        self.state.rollback();
        self.told.clear();
        self.next_expiry = self.state.blocks.iter().map(|(_, b)| b.until).min();
    }

    /// Whether the disk takes writes. While it does not, commands that need one are refused.
    pub fn set_storage(&mut self, now: Timestamp, works: bool, out: &mut Outcome) {
        let first = out.outputs.len();
        if self.storage == works {
            return;
        }
        self.storage = works;
        let departments: Vec<Department> =
            self.state.settings.departments.iter().map(|d| d.name.clone()).collect();
        for department in departments {
            let mut scene = scene(&self.state, now, Doing::OWN, (self.run, &mut self.passing), out);
            scene.announce(&department, Text::Storage(!works));
        }
        if works {
            // While the disk refused, nothing was offered: every queue is looked at again.
            let departments = self.state.settings.departments.iter().map(|d| d.name.clone());
            self.state.stirred = departments.collect();
            let mut plan = depart::reconcile(&self.state, now, false);
            let unwritten = std::mem::take(&mut self.unwritten);
            plan.extend(unwritten.iter().filter_map(|it| presence::as_they_sit(&self.state, it)));
            self.carry_out(now, plan, Doing::OWN, out);
            self.settle(now, out);
        }
        self.spread(None, first, out);
    }

    /// How many connections there are, registered or not (LUSERS).
    pub fn set_connections(&mut self, count: usize) {
        self.state.connections = count;
    }

    /// Why an address is blocked, if it is: asked at accept, before anything is built.
    pub fn blocked(&self, now: Timestamp, address: &str) -> Option<Line> {
        blocks::hits(&self.state, now, address, None).map(|block| block.reason.clone())
    }
}
