//! What words do to the state: the scrollback remembers them, and a silence begins or ends.

use super::State;
use super::people::Customer;
use super::scrollback::{Channel, Remembered};
use crate::base::ids::{ConversationId, Seq};
use crate::base::limits::QUOTE_BYTES;
use crate::base::text::{ChannelName, Line, truncate};
use crate::desk::language::command::Verb;
use crate::desk::language::fact::{Event, Hearers, Place};
use crate::desk::language::people::{Actor, Source};
use crate::desk::language::words;
use std::sync::Arc;

impl State {
    pub(super) fn apply_said(
        &mut self,
        event: &Event,
        id: ConversationId,
        to: Hearers,
        verb: Verb,
    ) {
        let line = self.remember(event, to, verb);
        let Some(conversation) = self.conversations.get(&id) else { return };
        let channel = Channel::Lounge(conversation.customer);
        let mut needed = conversation.quote.is_none();
        match &event.actor {
            Actor::Customer(_) => {
                needed |= conversation.unanswered_since.is_none();
            }
            Actor::Staff(_) => {
                needed |= to == Hearers::Everyone && conversation.unanswered_since.is_some()
            }
            Actor::Desk | Actor::Operator | Actor::Member => {}
        }
        // Most lines change nothing but the scrollback; only those that do touch the record.
        if needed {
            self.touch(id, |c| match &event.actor {
                Actor::Customer(_) => {
                    c.unanswered_since.get_or_insert(event.at);
                    if c.quote.is_none() {
                        let said = event.lines();
                        let first = said.iter().find(|line| !line.trim().is_empty());
                        let first = first.map_or("", |line| line.as_str());
                        c.quote = Some(Line::scrubbed(truncate(first, QUOTE_BYTES)));
                        c.quoted = event.seq;
                    }
                }
                Actor::Staff(_) if to == Hearers::Everyone => {
                    c.unanswered_since = None;
                    c.alarmed = false;
                }
                Actor::Staff(_) | Actor::Desk | Actor::Operator | Actor::Member => {}
            });
        }
        self.scrollback.push(channel, line);
    }

    /// What was erased is not remembered; tags alone are not replayed.
    pub(super) fn apply_room_said(&mut self, event: &Event, room: &ChannelName, verb: Verb) {
        if !event.words.is_empty() && verb != Verb::Tag {
            let line = self.remember(event, Hearers::Everyone, verb);
            self.scrollback.push(Channel::Room(room.folded()), line);
        }
    }

    /// A line that was taken back leaves the recent lines, and is no longer quoted.
    pub(super) fn apply_redacted(&mut self, seq: Seq, line: Seq, place: &Place) {
        let channel = match place {
            Place::Room(room) => Some(Channel::Room(room.folded())),
            Place::Conversation(id) => {
                if self.conversations.get(id).is_some_and(|c| c.quoted == line) {
                    self.touch(*id, |c| c.quote = None);
                }
                let mine =
                    |c: &&Customer| [c.conversation, c.last_conversation].contains(&Some(*id));
                let customers = self.customers.iter().map(|(_, customer)| customer);
                customers.filter(mine).map(|c| Channel::Lounge(c.id)).next()
            }
            Place::Private => None,
        };
        if let Some(channel) = channel {
            self.scrollback.redact(&channel, line, seq);
        }
    }

    pub(super) fn remember(&self, event: &Event, hearers: Hearers, verb: Verb) -> Remembered {
        let account = match &event.actor {
            Actor::Staff(account) => Some(account),
            _ => None,
        };
        let told = words::shown(&event.words, account).map(|(source, _)| Arc::new(source));
        let from = told.unwrap_or_else(|| self.author(event));
        Remembered {
            seq: event.seq,
            at: event.at,
            from,
            hearers,
            verb,
            text: event.word(0),
            tags: event.tags(),
            more: event.further(),
        }
    }

    /// Whose words they are, as that person is shown now.
    fn author(&self, event: &Event) -> Arc<Source> {
        match &event.actor {
            Actor::Desk | Actor::Operator | Actor::Member => self.desk.clone(),
            Actor::Customer(id) => match self.customers.get(id) {
                Some(customer) => self.customer_source(customer),
                None => self.desk.clone(),
            },
            Actor::Staff(account) => {
                let here = self.sessions_of(account).first().and_then(|s| self.person(*s));
                here.map_or_else(|| self.absent_source(account), |p| p.source.clone())
            }
        }
    }

    /// How a customer is seen: their session's source while connected.
    fn customer_source(&self, customer: &Customer) -> Arc<Source> {
        match customer.session.and_then(|s| self.person(s)) {
            Some(person) => person.source.clone(),
            None => Arc::new(customer.source()),
        }
    }
}
