//! Who may see what: from each step, the notices it gives and those they go to.
//!
//! The only place where recipients are chosen (promises 2 and 4). Verbs say what happens; this
//! says who is shown it. `before` looks at the state as it was (for what ends), `after` as it is.

mod course;
mod lounge;
mod metadata;
mod operators;
pub(super) mod rooms;

use super::change::{Live, Step};
use super::language::command::{Command, DeskCommand, Say};
use super::language::fact::{Event, Hearers};
use super::language::notice::{MessageId, Notice, Output, Reply};
use super::language::people::Department;
use super::language::text::Text;
use super::outcome::Outcome;
use super::state::State;
use super::state::people::{Customer, Standing};
use crate::base::ids::SessionId;
use crate::base::text::AccountName;
use crate::base::time::Timestamp;
use std::sync::Arc;

/// What the audience knows besides the step: the state, the moment, and where to put notices.
pub(super) struct Scene<'a> {
    pub(super) state: &'a State,
    pub(super) now: Timestamp,
    /// The session whose command this is, if it is one's.
    pub(super) session: Option<SessionId>,
    /// The words it was, when it was words.
    pub(super) say: Option<&'a Say>,
    /// This run of the server, and the count of its passing messages.
    pub(super) ids: (u64, &'a mut u64),
    pub(super) out: &'a mut Outcome,
}

impl Scene<'_> {
    /// The id of a message that is not stored.
    pub(super) fn passing_id(&mut self) -> MessageId {
        *self.ids.1 += 1;
        MessageId::Passing(self.ids.0, *self.ids.1)
    }

    /// A sentence of the desk, addressed to a channel or nick, for these sessions.
    pub(super) fn say(&mut self, to: Arc<str>, sessions: Vec<SessionId>, text: Text) {
        if sessions.is_empty() {
            return;
        }
        let (id, at) = (self.passing_id(), self.now);
        self.out.notice(sessions, Notice::Desk { at, id, to, text });
    }

    /// To one session: a customer in their channel; staff in the channel that it is about if they
    /// are in it, so that clients show it there, else by nick.
    pub(super) fn tell(&mut self, session: SessionId, text: Text) {
        let Some(person) = self.state.person(session) else { return };
        let own = person.customer.and_then(|id| self.state.customer(id));
        let about = || {
            let customer = self.state.lounge(&text.about()?.folded())?;
            customer
                .standing(session)
                .map(|_| super::lines::target(&customer.channel, Hearers::Staff))
        };
        let to = match own {
            Some(customer) => customer.channel.shared(),
            None => about().unwrap_or_else(|| person.nick().shared()),
        };
        self.say(to, vec![session], text);
    }

    /// To every session of an account.
    pub(super) fn tell_account(&mut self, account: &AccountName, text: &Text) {
        for session in self.state.sessions_of(account).to_vec() {
            self.tell(session, text.clone());
        }
    }

    /// To the customer, if connected.
    pub(super) fn tell_customer(&mut self, customer: &Customer, text: Text) {
        if let Some(session) = customer.session {
            self.say(customer.channel.shared(), vec![session], text);
        }
    }

    /// To staff in a customer's channel; never to the customer.
    pub(super) fn tell_staff(&mut self, customer: &Customer, text: Text) {
        let to = super::lines::target(&customer.channel, Hearers::Staff);
        self.say(to, staff_sessions(customer), text);
    }

    /// To a department's channel.
    pub(super) fn announce(&mut self, department: &Department, text: Text) {
        let channel = department.channel();
        let members =
            self.state.room(&channel.folded()).map(|r| r.members.keys().copied().collect());
        self.say(channel.shared(), members.unwrap_or_default(), text);
    }
}

/// Answers to a desk command that names a channel, or was typed in it, belong to that channel when the
/// asker is in it as staff: there they look for them.
pub(super) fn place(state: &State, asker: SessionId, command: &Command, answers: &mut [Output]) {
    let Command::Desk(DeskCommand { channel: Some(channel), .. }) = command else { return };
    let Some(customer) = state.lounge(&channel.folded()) else { return };
    if customer.standing(asker).is_none() {
        return;
    }
    for answer in answers {
        if let Output::Reply { to, reply } = answer
            && *to == asker
            && matches!(reply, Reply::Refused { .. } | Reply::Done(_) | Reply::Listing(_))
        {
            // An empty listing holds the place while the answer is put into its box.
            let bare = std::mem::replace(reply, Reply::Listing(Vec::new()));
            *reply = Reply::In(customer.channel.clone(), Box::new(bare));
        }
    }
}

/// What is shown of a step before it is applied.
pub(super) fn before(scene: &mut Scene, step: &Step, event: Option<&Event>) {
    match (step, event) {
        (Step::Fact(..), Some(event)) => course::before(scene, event),
        (Step::Live(live), _) => lounge::before(scene, live),
        _ => {}
    }
    rooms::before(scene.state, step, scene.out);
    operators::before(scene, step);
}

/// What is shown of a step once it is applied; a fact's event carries its seq.
pub(super) fn after(scene: &mut Scene, step: &Step, event: Option<&Event>) {
    match step {
        Step::Fact(..) => {
            if let Some(event) = event {
                course::after(scene, event);
            }
        }
        Step::Live(live) => lounge::after(scene, live),
        Step::Reply(to, reply) => scene.out.reply(*to, reply.clone()),
        Step::Tell(session, text) => scene.tell(*session, text.clone()),
        Step::Cut(session, why) => {
            scene.out.outputs.push(Output::Cut { session: *session, why: why.clone() });
        }
        Step::Consult(to, query) => {
            scene.out.outputs.push(Output::Consult { to: *to, query: query.clone() });
        }
    }
    let id = match (step, event) {
        (_, Some(event)) => MessageId::Stored(event.seq.0),
        (Step::Live(Live::Passing(..)), None) => scene.passing_id(),
        _ => MessageId::Passing(scene.ids.0, *scene.ids.1),
    };
    let cause = rooms::Cause { now: scene.now, id, session: scene.session, say: scene.say };
    rooms::after(scene.state, step, scene.out, &cause);
    operators::after(scene, step, event);
    metadata::after(scene, step, event);
}

/// All staff in a customer's channel, watchers included, in ascending order.
pub(super) fn staff_sessions(customer: &Customer) -> Vec<SessionId> {
    let mut sessions: Vec<SessionId> = customer.staff.iter().map(|(s, _)| *s).collect();
    sessions.sort_unstable();
    sessions
}

/// Everybody who hears words in a customer's channel, in no order.
pub(super) fn hearers(customer: &Customer, hearers: Hearers) -> impl Iterator<Item = SessionId> {
    let customers = match hearers {
        Hearers::Everyone => customer.session,
        Hearers::Staff | Hearers::Note => None,
    };
    customer.staff.iter().map(|(session, _)| *session).chain(customers)
}

/// Staff sessions of a channel that see members of this standing.
pub(super) fn staff_who_see(customer: &Customer, standing: Standing) -> Vec<SessionId> {
    match standing {
        Standing::Member | Standing::Backstage => staff_sessions(customer),
        Standing::Watcher => Vec::new(),
    }
}
