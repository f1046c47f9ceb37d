//! Carrying out a plan: each step is applied and shown; what follows from it is settled, department by
//! department. It decides nothing a verb could decide.

use super::change::{Plan, Step};
use super::language::fact::{Event, Fact};
use super::language::notice::Notice;
use super::language::people::{Actor, Department, Party};
use super::language::words;
use super::outcome::Outcome;
use super::state::State;
use super::{Desk, Doing, audience, happenings, history, position, rooms, route, timers};
use crate::base::ids::{CustomerId, SessionId};
use crate::base::text::Line;
use crate::base::time::Timestamp;

/// Offers that one command or tick may cause in one department before the next is looked at.
const OFFERS_PER_TURN: usize = 10_000;

impl Desk {
    /// Applies a plan step by step, with what each step shows.
    pub(super) fn carry_out(
        &mut self,
        now: Timestamp,
        plan: Plan,
        doing: Doing,
        out: &mut Outcome,
    ) {
        for step in plan {
            let event = match &step {
                Step::Fact(..) if !self.storage => {
                    debug_assert!(doing.lossy, "refused before it came here");
                    if let Step::Fact(_, Fact::Readiness { agent, .. }, _) = &step {
                        self.unwritten.insert(agent.clone());
                    }
                    continue;
                }
                Step::Fact(actor, fact, words) => Some(Event {
                    seq: self.state.counters().seq.next(),
                    at: now,
                    actor: actor.clone(),
                    fact: fact.clone(),
                    words: self.signed(doing.session, fact, words),
                }),
                _ => None,
            };
            let mut view = scene(&self.state, now, doing, (self.run, &mut self.passing), out);
            audience::before(&mut view, &step, event.as_ref());
            let mut noted = None;
            match &step {
                Step::Fact(..) => {
                    if let Some(event) = &event {
                        let customer = self.sealing(event);
                        self.state.apply(event);
                        self.follow(now, event, customer, out);
                    }
                }
                Step::Live(live) => {
                    noted = happenings::of(&self.state, live).filter(|_| self.storage);
                    self.state.apply_live(now, live);
                }
                Step::Reply(..) | Step::Tell(..) | Step::Cut(..) | Step::Consult(..) => {}
            }
            let mut view = scene(&self.state, now, doing, (self.run, &mut self.passing), out);
            audience::after(&mut view, &step, event.as_ref());
            out.events.extend(event);
            out.events.extend(noted.map(|(actor, fact, words)| self.note(now, actor, fact, words)));
        }
    }

    /// Writes down what has happened already and changes nothing more.
    fn note(&mut self, at: Timestamp, actor: Actor, fact: Fact, words: Vec<Line>) -> Event {
        let seq = self.state.counters().seq.next();
        let event = Event { seq, at, actor, fact, words };
        self.state.apply(&event);
        event
    }

    /// The words of a fact, with how their author is shown where that cannot be told later.
    fn signed(&self, session: Option<SessionId>, fact: &Fact, words: &[Line]) -> Vec<Line> {
        let mut words = words.to_vec();
        let Some(person) = session.and_then(|s| self.state.person(s)) else { return words };
        let to = match fact {
            Fact::RoomSaid { .. } => None,
            Fact::PrivateSaid { to, .. } => Some(Party::Account(to.clone())),
            Fact::PeerSaid { to, .. } => Some(to.clone()),
            // Staff are known by their account, and customers by theirs.
            Fact::Said { .. } if person.customer.is_none() => {
                let usual = person.account().map(|account| self.state.absent_source(account));
                if usual.is_some_and(|u| words::same(&u, &person.source)) {
                    return words;
                }
                None
            }
            _ => return words,
        };
        let to = to.map(|to| history::nick_of(&self.state, &to));
        if words.len() == 1 {
            words.push(Line::scrubbed(""));
        }
        let visit = session.filter(|_| person.account().is_none()).map(|s| (self.run, s.0));
        words.push(words::shown_as(&person.source, to.as_deref(), visit));
        words
    }

    /// The customer whose conversation this fact seals.
    fn sealing(&self, event: &Event) -> Option<CustomerId> {
        let Fact::Closed { conversation, .. } = &event.fact else { return None };
        self.state.conversation(*conversation).map(|c| c.customer)
    }

    /// What always follows a fact: staff leave a sealed conversation, blocks get a deadline.
    fn follow(
        &mut self,
        now: Timestamp,
        event: &Event,
        sealed: Option<CustomerId>,
        out: &mut Outcome,
    ) {
        if let Some(customer) = sealed.and_then(|id| self.state.customer(id)) {
            let plan = timers::clear_out(customer);
            self.carry_out(now, plan, Doing::OWN, out);
        }
        if let Fact::Blocked { until, .. } = &event.fact {
            self.next_expiry = Some(self.next_expiry.map_or(*until, |at| at.min(*until)));
        }
    }

    /// Looks again at the departments that something happened in: offers, places, topics.
    pub(super) fn settle(&mut self, now: Timestamp, out: &mut Outcome) {
        self.settle_but(now, None, out);
    }

    pub(super) fn settle_but(
        &mut self,
        now: Timestamp,
        except: Option<SessionId>,
        out: &mut Outcome,
    ) {
        while let Some(department) = self.state.stirred.pop_first() {
            if self.state.department(&department).is_none() {
                continue;
            }
            if self.storage {
                for _ in 0..OFFERS_PER_TURN {
                    let plan = route::next_offer(&self.state, now, &department);
                    if plan.is_empty() {
                        break;
                    }
                    self.carry_out(now, plan, Doing::OWN, out);
                }
            }
            let plan = position::changed(&self.state, now, &department);
            self.carry_out(now, plan, Doing::OWN, out);
            // What this caused in this department has been looked at.
            self.state.stirred.remove(&department);
            self.tell_topic(now, &department, except, out);
        }
    }

    /// A department's channel shows its live state as its topic, told when it changes.
    fn tell_topic(
        &mut self,
        now: Timestamp,
        department: &Department,
        except: Option<SessionId>,
        out: &mut Outcome,
    ) {
        let figures = (self.state.waiting(department).count(), self.state.ready(department));
        if self.told.get(department) == Some(&figures) {
            return;
        }
        self.told.insert(department.clone(), figures);
        let channel = department.channel();
        let Some(room) = self.state.room(&channel.folded()) else { return };
        let text = rooms::topic::department_line(&self.state, now, department);
        let mut members: Vec<SessionId> = room.members.keys().copied().collect();
        members.retain(|s| Some(*s) != except);
        let by = self.state.desk.clone();
        out.notice(members, Notice::Topic { by, channel, text });
    }
}

pub(super) fn scene<'a>(
    state: &'a State,
    now: Timestamp,
    doing: Doing<'a>,
    ids: (u64, &'a mut u64),
    out: &'a mut Outcome,
) -> audience::Scene<'a> {
    audience::Scene { state, now, session: doing.session, say: doing.say, ids, out }
}
