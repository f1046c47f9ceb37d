//! What the journal itself must say: gapless, one owner at a time, every word once, places kept,
//! and nothing after the end.

use std::collections::{BTreeMap, BTreeSet};
use switchboard::base::ids::ConversationId;
use switchboard::base::text::AccountName;
use switchboard::desk::language::fact::{Event, Fact};
use switchboard::desk::language::people::Actor;

/// Who has a live conversation, as the journal alone tells it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Holder {
    Nobody,
    Queue,
    Offer(AccountName),
    Bot(AccountName),
    Agent(AccountName),
    Wrapup(AccountName),
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) live: BTreeMap<ConversationId, Holder>,
    opened: BTreeMap<ConversationId, u64>,
    words: BTreeSet<String>,
    pub(crate) closed: usize,
    pub(crate) owned: usize,
}

impl Ledger {
    /// One commit.
    pub(crate) fn store(&mut self, events: &[Event], journal: &mut Vec<Event>) {
        for event in events {
            assert_eq!(event.seq.0, journal.len() as u64 + 1, "a gap before {event:?}");
            self.words_once(event);
            self.follow(event);
            journal.push(event.clone());
        }
        for (id, holder) in &self.live {
            assert_ne!(*holder, Holder::Nobody, "{id} is with nobody after a commit");
        }
    }

    fn words_once(&mut self, event: &Event) {
        let said = matches!(
            event.fact,
            Fact::Said { .. } | Fact::RoomSaid { .. } | Fact::PrivateSaid { .. }
        );
        // Templates and bots repeat themselves; whoever is numbered does not.
        let text = event.word(0);
        if said && text.as_str().contains('#') {
            assert!(self.words.insert(text.as_str().to_owned()), "stored twice: {event:?}");
        }
    }

    fn holder(&mut self, id: ConversationId, event: &Event) -> &mut Holder {
        let Some(holder) = self.live.get_mut(&id) else { panic!("{id} is sealed: {event:?}") };
        holder
    }

    fn follow(&mut self, event: &Event) {
        match &event.fact {
            Fact::Opened { conversation, .. } => {
                assert!(self.opened.insert(*conversation, event.seq.0).is_none(), "opened twice");
                self.live.insert(*conversation, Holder::Nobody);
            }
            Fact::Queued { conversation, place, .. } => {
                assert_eq!(
                    self.opened.get(conversation).map(|seq| *seq as i64),
                    Some(*place),
                    "not its place: {event:?}"
                );
                *self.holder(*conversation, event) = Holder::Queue;
            }
            Fact::Offered { conversation, to, transfer: None, .. } => {
                let holder = self.holder(*conversation, event);
                assert_eq!(*holder, Holder::Queue, "offered to a second: {event:?}");
                *holder = Holder::Offer(to.clone());
            }
            Fact::Offered { conversation, to, transfer: Some(terms), .. } => {
                let holder = self.holder(*conversation, event);
                assert_eq!(*holder, Holder::Agent(terms.giver.clone()), "{event:?}");
                assert_ne!(terms.giver, *to, "to oneself: {event:?}");
            }
            Fact::OfferEnded { conversation, .. } => {
                let holder = self.holder(*conversation, event);
                if matches!(holder, Holder::Offer(_)) {
                    *holder = Holder::Queue;
                }
            }
            Fact::BotOwned { conversation, bot, .. } => {
                *self.holder(*conversation, event) = Holder::Bot(bot.clone());
            }
            Fact::Owned { conversation, owner, from, .. } => {
                self.owned += 1;
                let holder = self.holder(*conversation, event);
                let before = match &*holder {
                    Holder::Agent(before) => Some(before.clone()),
                    Holder::Nobody | Holder::Wrapup(_) => panic!("taken from nobody: {event:?}"),
                    Holder::Queue | Holder::Offer(_) | Holder::Bot(_) => None,
                };
                assert_eq!(before, *from, "two owners: {event:?}");
                assert_ne!(before.as_ref(), Some(owner), "taken from oneself: {event:?}");
                if let Holder::Offer(to) = &*holder {
                    assert_eq!(to, owner, "somebody else's offer: {event:?}");
                }
                *holder = Holder::Agent(owner.clone());
            }
            Fact::WrappingUp { conversation, .. } => {
                let holder = self.holder(*conversation, event);
                let Holder::Agent(owner) = holder.clone() else { panic!("not owned: {event:?}") };
                *holder = Holder::Wrapup(owner);
            }
            Fact::Closed { conversation, .. } => {
                let holder = self.holder(*conversation, event);
                assert!(!matches!(holder, Holder::Offer(_)), "sealed while offered: {event:?}");
                self.live.remove(conversation);
                self.closed += 1;
            }
            Fact::Said { conversation, .. } => {
                self.holder(*conversation, event);
                let named = matches!(event.actor, Actor::Customer(_) | Actor::Staff(_));
                assert!(named, "words of nobody: {event:?}");
            }
            Fact::OwnerLost { conversation, .. } | Fact::OwnerBack { conversation } => {
                let holder = self.holder(*conversation, event);
                assert!(matches!(holder, Holder::Agent(_)), "no owner: {event:?}");
            }
            Fact::Held { conversation, .. }
            | Fact::Unheld { conversation, .. }
            | Fact::Introduced { conversation, .. }
            | Fact::OfferedToDepartment { conversation, .. }
            | Fact::HelperJoined { conversation, .. }
            | Fact::WatchBegan { conversation, .. } => {
                self.holder(*conversation, event);
            }
            _ => {}
        }
    }
}
