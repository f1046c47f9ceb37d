//! What each fact does to the state. Used alike for what was just decided and for the journal's
//! replay, so the two can never differ.

use super::conversation::{Conversation, Hold, Indexed, Status, Taker, Transfer};
use super::people::{Absence, Customer};
use super::scrollback::Channel;
use super::{Block, State};
use crate::base::ids::{ConversationId, CustomerId, Seq};
use crate::base::limits::TAGS;
use crate::base::text::{AccountName, Line, Nick, UserName};
use crate::base::time::Timestamp;
use crate::desk::language::fact::{
    Class, Ending, Event, Fact, OfferOutcome, Reason, Taking, TransferTerms,
};
use crate::desk::language::people::{Actor, Department};
use std::sync::Arc;

/// Lines kept of a channel whose conversation is sealed.
const KEPT_AFTER_CLOSE: usize = 20;
/// Waits remembered of a department, for the estimate.
const WAITS_KEPT: usize = 50;

impl State {
    /// Applies one fact. Facts about what is not there (erased, sealed) change nothing.
    pub(in crate::desk) fn apply(&mut self, event: &Event) {
        if let Some(counters) = self.counters.get_mut(&()) {
            counters.seq = event.seq;
        }
        match &event.fact {
            Fact::CustomerKnown { .. }
            | Fact::CustomerLost { .. }
            | Fact::CustomerBack { .. }
            | Fact::CustomerRenamed { .. }
            | Fact::CustomerForgotten { .. } => self.apply_customer(event),
            Fact::Opened { .. } => self.apply_opened(event),
            Fact::Queued { .. }
            | Fact::Offered { .. }
            | Fact::OfferedToDepartment { .. }
            | Fact::OfferEnded { .. }
            | Fact::Introduced { .. }
            | Fact::Owned { .. }
            | Fact::BotOwned { .. }
            | Fact::OwnerLost { .. }
            | Fact::OwnerBack { .. }
            | Fact::WrappingUp { .. }
            | Fact::Closed { .. } => self.apply_course(event),
            Fact::Said { conversation, to, verb } => {
                self.apply_said(event, *conversation, *to, *verb);
            }
            Fact::RoomSaid { room, rank: None, verb } => self.apply_room_said(event, room, *verb),
            Fact::RoomSaid { rank: Some(_), .. }
            | Fact::PrivateSaid { .. }
            | Fact::PeerSaid { .. }
            | Fact::Happened { .. } => {}
            Fact::MarkedRead { until } => self.apply_marked(event, *until),
            Fact::Redacted { line, place } => self.apply_redacted(event.seq, *line, place),
            Fact::Held { .. }
            | Fact::Unheld { .. }
            | Fact::SilenceAlarmed { .. }
            | Fact::Tagged { .. }
            | Fact::UrgencySet { .. }
            | Fact::WatchBegan { .. }
            | Fact::WatchEnded { .. }
            | Fact::HelperJoined { .. }
            | Fact::HelperLeft { .. }
            | Fact::Routed { .. } => self.apply_mark(event),
            Fact::MailAsked { .. } => {}
            Fact::Rated { .. } => {
                if let Actor::Customer(customer) = event.actor {
                    self.edit_customer(customer, |c| c.ratable = false);
                }
            }
            Fact::Readiness { agent, ready, missed } => {
                let agent_row = self.agent_mut(agent);
                agent_row.ready = *ready;
                agent_row.missed = if *missed { agent_row.missed } else { 0 };
                self.stir_for(agent);
            }
            Fact::CapacitySet { agent, capacity } => {
                self.agent_mut(agent).capacity = *capacity;
                self.stir_for(agent);
            }
            Fact::Blocked { block, until } => self.apply_blocked(event, *block, *until),
            Fact::Unblocked { block } => {
                self.blocks.remove(block);
            }
            Fact::Operated { .. } => {}
            Fact::MetadataSet { .. } => self.apply_metadata(event),
        }
    }

    /// What is noted of a conversation that goes on as it was.
    fn apply_mark(&mut self, event: &Event) {
        match &event.fact {
            Fact::Held { conversation, until } => {
                let hold = Hold { since: event.at, until: *until, reminded: false };
                self.touch(*conversation, |c| c.hold = Some(hold));
            }
            Fact::Unheld { conversation, .. } => self.touch(*conversation, |c| {
                c.hold = None;
                c.unanswered_since = c.unanswered_since.map(|_| event.at);
            }),
            Fact::SilenceAlarmed { conversation } => {
                self.touch(*conversation, |c| match &mut c.hold {
                    Some(hold) => hold.reminded = true,
                    None => c.alarmed = true,
                })
            }
            Fact::Tagged { conversation, added, removed } => self.touch(*conversation, |c| {
                c.tags.retain(|t| !removed.contains(t) && !added.contains(t));
                c.tags.extend(added.iter().cloned());
                c.tags.truncate(TAGS);
            }),
            Fact::UrgencySet { conversation, urgent } => self.touch(*conversation, |c| {
                c.urgent = *urgent;
                c.class = match (c.class, urgent) {
                    (Class::Returned, _) => Class::Returned,
                    (_, true) => Class::Urgent,
                    (_, false) => Class::Normal,
                };
            }),
            Fact::WatchBegan { conversation, watcher } => {
                self.touch(*conversation, |c| c.watchers.push(watcher.clone()));
            }
            Fact::WatchEnded { conversation, watcher } => {
                self.touch(*conversation, |c| c.watchers.retain(|w| w != watcher));
            }
            Fact::HelperJoined { conversation, helper, .. } => self.touch(*conversation, |c| {
                c.helpers.retain(|h| h != helper);
                c.helpers.push(helper.clone());
            }),
            Fact::HelperLeft { conversation, helper } => {
                self.touch(*conversation, |c| c.helpers.retain(|h| h != helper));
            }
            Fact::Routed { conversation, chosen, candidates } => {
                let routed = (chosen.clone(), candidates.clone());
                self.touch(*conversation, |c| c.routed = Some(routed));
            }
            _ => {}
        }
    }

    pub(super) fn edit_customer(&mut self, id: CustomerId, edit: impl FnOnce(&mut Customer)) {
        if let Some(customer) = self.customers.get_mut(&id) {
            edit(customer);
        }
    }

    fn apply_customer(&mut self, event: &Event) {
        match &event.fact {
            Fact::CustomerKnown { customer, code, channel, token } => {
                if self.customers.contains(customer) {
                    self.edit_customer(*customer, |c| c.known = true);
                    return;
                }
                let word = |n| event.word(n);
                let record = Customer {
                    id: *customer,
                    code: code.clone(),
                    channel: channel.clone(),
                    nick: nick_or(&word(0), code),
                    user: UserName::parse(word(1).as_str()).unwrap_or_else(|_| guest_user()),
                    realname: word(2),
                    address: word(3).shared(),
                    token: *token,
                    known: true,
                    session: None,
                    absence: None,
                    seated: Seq(0),
                    department: self.default_department().clone(),
                    conversation: None,
                    last_conversation: None,
                    last_owner: None,
                    ratable: false,
                    past: 0,
                    created: event.at,
                    staff: Vec::new(),
                };
                self.admit_customer(record);
            }
            Fact::CustomerLost { customer, seat_until, resumable_until, seen } => {
                let absence = Absence {
                    seat_until: *seat_until,
                    resumable_until: *resumable_until,
                    token_until: event.at + self.settings.reopen,
                    seen: *seen,
                };
                self.set_absence(*customer, Some(absence));
            }
            Fact::CustomerBack { customer } => self.set_absence(*customer, None),
            Fact::CustomerRenamed { customer } => {
                let nick = Nick::parse(event.word(0).as_str());
                self.edit_customer(*customer, |c| c.nick = nick.unwrap_or_else(|_| c.nick.clone()));
            }
            Fact::CustomerForgotten { customer } => self.forget_customer(*customer),
            _ => {}
        }
    }

    /// Adds a customer to every index.
    pub(super) fn admit_customer(&mut self, customer: Customer) {
        let id = customer.id;
        if let Some(counters) = self.counters.get_mut(&()) {
            counters.customer = counters.customer.max(id);
        }
        self.channels.insert(customer.channel.folded(), id);
        self.codes.insert(customer.code.clone(), id);
        self.tokens.insert(customer.token, id);
        self.customers.insert(id, customer);
    }

    /// Takes a customer out of every index.
    pub(super) fn forget_customer(&mut self, id: CustomerId) {
        self.set_absence(id, None);
        if let Some(customer) = self.customers.remove(&id) {
            let channel = customer.channel.folded();
            self.channels.remove(&channel);
            self.codes.remove(&customer.code);
            self.tokens.remove(&customer.token);
            let seq = self.counters().seq;
            self.scrollback.trim(&Channel::Lounge(id), 0, seq);
        }
    }

    pub(super) fn set_absence(&mut self, id: CustomerId, absence: Option<Absence>) {
        let Some(before) = self.customers.get(&id).map(|c| c.absence) else { return };
        if let Some(before) = before {
            for at in [before.seat_until, before.resumable_until, before.token_until] {
                self.absences.remove(&(at, id));
            }
        }
        if let Some(absence) = absence {
            for at in [absence.seat_until, absence.resumable_until, absence.token_until] {
                self.absences.insert((at, id), ());
            }
        }
        self.edit_customer(id, |c| c.absence = absence);
    }

    fn apply_opened(&mut self, event: &Event) {
        let Fact::Opened { conversation, customer, department, preferred, .. } = &event.fact else {
            return;
        };
        if let Some(counters) = self.counters.get_mut(&()) {
            counters.conversation = counters.conversation.max(*conversation);
        }
        self.edit_customer(*customer, |c| c.conversation = Some(*conversation));
        let record = Conversation {
            id: *conversation,
            customer: *customer,
            department: department.clone(),
            status: Status::Queued,
            transfer: None,
            hold: None,
            class: Class::Normal,
            place: i64::try_from(event.seq.0).unwrap_or(i64::MAX),
            opened: event.at,
            waiting_since: event.at,
            taken: None,
            owned_since: event.at,
            preferred: preferred.clone(),
            quote: None,
            quoted: Seq(0),
            tags: Vec::new(),
            urgent: false,
            declined: Vec::new(),
            asked_again: false,
            owners: Vec::new(),
            unanswered_since: None,
            alarmed: false,
            owner_lost: None,
            returning: Vec::new(),
            helpers: Vec::new(),
            watchers: Vec::new(),
            routed: None,
            told_place: None,
            told_nobody: false,
            indexed: Indexed::default(),
        };
        self.conversations.insert(*conversation, record);
        // It is listed at once: no live conversation is ever in no place.
        self.touch(*conversation, |_| {});
    }

    fn apply_course(&mut self, event: &Event) {
        let at = event.at;
        match &event.fact {
            Fact::Queued { conversation, department, class, place, reason } => {
                self.apply_queued(at, *conversation, department, (*class, *place), *reason);
            }
            Fact::Offered { conversation, to, deadline, transfer } => {
                self.apply_offered(at, *conversation, to, *deadline, transfer.as_ref());
            }
            Fact::OfferedToDepartment { conversation, to, deadline, .. } => {
                let transfer = Transfer {
                    to: Taker::Department(to.clone()),
                    deadline: *deadline,
                    warm: false,
                    introduced: false,
                    department: Some(to.clone()),
                };
                self.touch(*conversation, |c| c.transfer = Some(transfer));
            }
            Fact::OfferEnded { conversation, to, outcome } => {
                self.apply_offer_ended(*conversation, to.as_ref(), *outcome);
            }
            Fact::Introduced { conversation, .. } => self.touch(*conversation, |c| {
                if let Some(transfer) = &mut c.transfer {
                    transfer.introduced = true;
                }
            }),
            Fact::Owned { conversation, owner, how, from } => {
                self.apply_owned(at, *conversation, owner, *how, from.as_ref());
            }
            Fact::BotOwned { conversation, bot, .. } => self.touch(*conversation, |c| {
                c.status = Status::Bot { bot: bot.clone() };
            }),
            Fact::OwnerLost { conversation, deadline } => self.touch(*conversation, |c| {
                c.owner_lost = Some(*deadline);
                let owner = c.owner().cloned();
                c.returning.extend(owner);
            }),
            Fact::OwnerBack { conversation } => self.touch(*conversation, |c| {
                c.owner_lost = None;
                c.unanswered_since = c.unanswered_since.map(|_| at);
                let owner = c.owner().cloned();
                c.returning.retain(|r| Some(r) != owner.as_ref());
            }),
            Fact::WrappingUp { conversation, deadline, reason } => {
                self.touch(*conversation, |c| {
                    if let Some(owner) = c.owner().cloned() {
                        c.status = Status::Wrapup { owner, deadline: *deadline, reason: *reason };
                    }
                    (c.transfer, c.hold, c.owner_lost, c.unanswered_since) =
                        (None, None, None, None);
                });
                self.mark_past(*conversation);
            }
            Fact::Closed { conversation, reason } => self.apply_closed(at, *conversation, *reason),
            _ => {}
        }
    }

    fn apply_queued(
        &mut self,
        at: Timestamp,
        id: ConversationId,
        department: &Department,
        (class, place): (Class, i64),
        reason: Reason,
    ) {
        self.touch(id, |c| {
            if let Some(owner) = c.owner().cloned() {
                c.owners.push((owner, at));
            }
            c.department = department.clone();
            (c.class, c.place) = (class, place);
            c.status = Status::Queued;
            (c.transfer, c.hold, c.owner_lost) = (None, None, None);
            c.alarmed = false;
            if reason != Reason::AllDeclined {
                c.told_place = None;
            }
            if reason == Reason::AllDeclined {
                c.declined.clear();
                c.asked_again = true;
            } else if !matches!(reason, Reason::OfferEnded | Reason::UrgencyChanged) {
                c.waiting_since = at;
            }
        });
    }

    fn apply_offered(
        &mut self,
        at: Timestamp,
        id: ConversationId,
        to: &AccountName,
        deadline: Timestamp,
        transfer: Option<&TransferTerms>,
    ) {
        self.touch(id, |c| match transfer {
            None => c.status = Status::Offered { to: to.clone(), deadline },
            Some(TransferTerms { warm, department, .. }) => {
                c.transfer = Some(Transfer {
                    to: Taker::Agent(to.clone()),
                    deadline,
                    warm: *warm,
                    introduced: false,
                    department: department.clone(),
                });
            }
        });
        let agent = self.agent_mut(to);
        agent.last_offered = at;
        agent.ringing += 1;
    }

    fn apply_offer_ended(
        &mut self,
        id: ConversationId,
        to: Option<&AccountName>,
        outcome: OfferOutcome,
    ) {
        self.touch(id, |c| {
            if matches!(c.status, Status::Offered { .. }) {
                c.status = Status::Queued;
            }
            c.transfer = None;
            let refused = matches!(
                outcome,
                OfferOutcome::Declined | OfferOutcome::TimedOut | OfferOutcome::TakerLost
            );
            if let Some(to) = to.filter(|_| refused) {
                c.declined.push(to.clone());
            }
        });
        if let Some(to) = to {
            let agent = self.agent_mut(to);
            agent.ringing = agent.ringing.saturating_sub(1);
            match outcome {
                OfferOutcome::TimedOut => agent.missed += 1,
                OfferOutcome::Declined => agent.missed = 0,
                OfferOutcome::Cancelled
                | OfferOutcome::TakerLost
                | OfferOutcome::Ended
                | OfferOutcome::Overtaken => {}
            }
        }
    }

    fn apply_owned(
        &mut self,
        at: Timestamp,
        id: ConversationId,
        owner: &AccountName,
        how: Taking,
        from: Option<&AccountName>,
    ) {
        let Some(before) = self.conversations.get(&id) else { return };
        let first_wait = before.taken.is_none().then(|| at.since(before.opened));
        let department = before.department.clone();
        let mut rung: Vec<AccountName> = Vec::new();
        self.touch(id, |c| {
            if let Status::Offered { to, .. } = &c.status {
                rung.push(to.clone());
            }
            if let Some(Transfer { to: Taker::Agent(to), .. }) = &c.transfer {
                rung.push(to.clone());
            }
            if let Some(from) = from {
                c.owners.push((from.clone(), at));
            }
            let moves = c.transfer.as_ref().and_then(|t| t.department.clone());
            if let Some(department) = moves.filter(|_| how == Taking::Transferred) {
                c.department = department;
            }
            c.status = Status::Owned { owner: owner.clone() };
            (c.transfer, c.hold, c.owner_lost, c.alarmed) = (None, None, None, false);
            c.taken = c.taken.or(Some(at));
            c.owned_since = at;
            c.unanswered_since = c.unanswered_since.map(|_| at);
            c.returning.retain(|r| r != owner);
            c.helpers.retain(|h| h != owner && Some(h) != from);
            // A giver stays in the channel, as a helper now; one who left gave it by leaving.
            let stays = matches!(how, Taking::Transferred | Taking::TookOver);
            c.helpers.extend(from.filter(|from| stays && *from != owner).cloned());
            c.asked_again = false;
            c.declined.clear();
        });
        for to in rung {
            let agent = self.agent_mut(&to);
            agent.ringing = agent.ringing.saturating_sub(1);
        }
        let agent = self.agent_mut(owner);
        agent.missed = 0;
        if matches!(how, Taking::Claimed | Taking::Accepted | Taking::Transferred) {
            agent.last_taken = at;
        }
        if let Some(wait) = first_wait {
            let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            self.remember_wait(&department, (at, ms, 0));
        }
    }

    /// Keeps a figure for the estimate: when, how long the wait was, how long the help took.
    fn remember_wait(&mut self, department: &Department, row: (Timestamp, u64, u64)) {
        if !self.waits.contains(department) {
            self.waits.insert(department.clone(), Vec::new());
        }
        if let Some(rows) = self.waits.get_mut(department) {
            if rows.len() >= WAITS_KEPT {
                rows.remove(0);
            }
            rows.push(row);
        }
    }

    /// The customer's side is over: what follows is their next conversation.
    fn mark_past(&mut self, id: ConversationId) {
        let Some(conversation) = self.conversations.get(&id) else { return };
        let (customer, owner) = (conversation.customer, conversation.owner().cloned());
        self.edit_customer(customer, |c| {
            c.last_owner = owner;
            c.ratable = true;
        });
    }

    fn apply_closed(&mut self, at: Timestamp, id: ConversationId, reason: Ending) {
        let Some(conversation) = self.unlist(id) else { return };
        if let (Some(_), Some(owner)) = (conversation.taken, conversation.owner()) {
            let held = at.since(conversation.owned_since);
            let ms = u64::try_from(held.as_millis()).unwrap_or(u64::MAX);
            self.remember_wait(&conversation.department.clone(), (at, 0, ms));
            self.stir_for(&owner.clone());
        }
        let answered = conversation.taken.is_some();
        let last_owner = conversation.owner().cloned();
        self.edit_customer(conversation.customer, |c| {
            c.conversation = None;
            c.last_conversation = Some(id);
            c.last_owner = last_owner.or(c.last_owner.take());
            c.past += 1;
            c.ratable = (c.ratable || answered) && reason != Ending::Blocked;
        });
        let (channel, seq) = (Channel::Lounge(conversation.customer), self.counters().seq);
        self.scrollback.trim(&channel, KEPT_AFTER_CLOSE, seq);
    }

    fn apply_blocked(&mut self, event: &Event, id: crate::base::ids::BlockId, until: Timestamp) {
        if let Some(counters) = self.counters.get_mut(&()) {
            counters.block = counters.block.max(id);
        }
        let author: Arc<str> = match &event.actor {
            _ if event.words.len() > 2 => event.word(2).shared(),
            Actor::Staff(account) => account.shared(),
            Actor::Desk | Actor::Customer(_) | Actor::Operator | Actor::Member => {
                Arc::from("the server")
            }
        };
        let block = Block { id, target: event.word(0), reason: event.word(1), author, until };
        self.blocks.insert(id, block);
    }
}

fn nick_or(word: &Line, code: &str) -> Nick {
    Nick::parse(word.as_str())
        .or_else(|_| Nick::parse(&format!("guest-{code}")))
        .unwrap_or_else(|_| unreachable!("guest and a code make a nick"))
}

fn guest_user() -> UserName {
    UserName::parse("guest").unwrap_or_else(|_| unreachable!("a valid user name"))
}
