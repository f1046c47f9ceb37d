//! Events for tests: one of every fact, fixed; and arbitrary ones.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::sync::Arc;
use switchboard::base::ids::{BlockId, ConversationId, CustomerId, Seq};
use switchboard::base::text::{AccountName, ChannelName, Line};
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::Verb;
use switchboard::desk::language::fact::*;
use switchboard::desk::language::metadata::Keeper;
use switchboard::desk::language::people::{Actor, Department, Party};

pub fn name(text: &str) -> AccountName {
    AccountName::parse(text).unwrap()
}

pub fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

pub fn channel(text: &str) -> ChannelName {
    ChannelName::parse(text).unwrap()
}

pub fn department(text: &str) -> Department {
    Department::parse(text).unwrap()
}

pub fn event(seq: u64, at: u64, actor: Actor, fact: Fact, words: &[&str]) -> Event {
    let words = words.iter().map(|w| line(w)).collect();
    Event { seq: Seq(seq), at: Timestamp(at), actor, fact, words }
}

pub fn known(customer: u64, code: &str, nick: &str) -> Fact {
    Fact::CustomerKnown {
        customer: CustomerId(customer),
        code: Arc::from(code),
        channel: channel(&format!("#c-{nick}-{code}")),
        token: [7; 32],
    }
}

pub fn opened(conversation: u64, customer: u64) -> Fact {
    Fact::Opened {
        conversation: ConversationId(conversation),
        customer: CustomerId(customer),
        department: department("support"),
        previous: None,
        preferred: None,
    }
}

pub fn said(conversation: u64, to: Hearers) -> Fact {
    Fact::Said { conversation: ConversationId(conversation), to, verb: Verb::Privmsg }
}

/// A line of 60 bytes said in a conversation, the usual event.
pub fn usual(seq: u64, conversation: u64) -> Event {
    let text = format!("{seq:012} the invoice of last month is wrong, I think ok?");
    assert_eq!(text.len(), 60);
    event(
        seq,
        1_795_305_599_999 + seq,
        Actor::Staff(name("bob")),
        said(conversation, Hearers::Everyone),
        &[&text],
    )
}

/// `count` usual events from `first` on.
pub fn batch(first: u64, count: u64) -> Vec<Event> {
    (first..first + count).map(|seq| usual(seq, seq % 50)).collect()
}

/// One of every fact, in the order of the variants. Append new ones; never change one.
pub fn one_of_each() -> Vec<Event> {
    let actors =
        [Actor::Desk, Actor::Customer(CustomerId(9)), Actor::Staff(name("bob")), Actor::Operator];
    let words: [&[&str]; 4] = [&[], &["anna", "~anna", "", "192.0.2.7"], &[""], &["grüße"]];
    let numbered = first_facts().into_iter().chain(later_facts()).zip(1u64..);
    let numbered = numbered.map(|(fact, n)| {
        let turn = usize::try_from(n).unwrap() % 4;
        event(n, 1_795_305_599_000 + n, actors[turn].clone(), fact, words[turn])
    });
    numbered.collect()
}

fn first_facts() -> Vec<Fact> {
    let c = ConversationId(300);
    let until = Timestamp(1_795_305_600_000);
    let bob = || name("bob");
    let customer = CustomerId(9);
    let deadline = until;
    vec![
        known(9, "7k2f", "anna"),
        Fact::CustomerLost { customer, seat_until: until, resumable_until: until, seen: Seq(77) },
        Fact::CustomerBack { customer },
        Fact::CustomerRenamed { customer },
        Fact::CustomerForgotten { customer },
        Fact::Opened {
            conversation: c,
            customer,
            department: department("support"),
            previous: Some(ConversationId(2)),
            preferred: Some(bob()),
        },
        Fact::Queued {
            conversation: c,
            department: department("billing"),
            class: Class::Normal,
            place: -3,
            reason: Reason::UrgencyChanged,
        },
        Fact::Offered {
            conversation: c,
            to: bob(),
            deadline,
            transfer: Some(TransferTerms { giver: name("carol"), warm: true, department: None }),
        },
        Fact::OfferedToDepartment {
            conversation: c,
            to: department("billing"),
            deadline,
            giver: bob(),
        },
        Fact::OfferEnded { conversation: c, to: Some(bob()), outcome: OfferOutcome::Overtaken },
        Fact::Introduced { conversation: c, to: bob() },
        Fact::Owned {
            conversation: c,
            owner: bob(),
            how: Taking::TookOver,
            from: Some(name("carol")),
        },
        Fact::BotOwned { conversation: c, bot: name("triage"), speak_by: until },
        Fact::OwnerLost { conversation: c, deadline },
        Fact::OwnerBack { conversation: c },
        Fact::Held { conversation: c, until },
        Fact::Unheld { conversation: c, reason: Reason::Spoke },
    ]
}

fn later_facts() -> Vec<Fact> {
    let c = ConversationId(300);
    let until = Timestamp(1_795_305_600_000);
    let bob = || name("bob");
    let deadline = until;
    vec![
        Fact::SilenceAlarmed { conversation: c },
        Fact::Said { conversation: c, to: Hearers::Note, verb: Verb::Notice },
        Fact::RoomSaid { room: channel("#support"), rank: Some('@'), verb: Verb::Privmsg },
        Fact::PrivateSaid { to: bob(), verb: Verb::Tag },
        Fact::Tagged {
            conversation: c,
            added: vec![line("vip")],
            removed: vec![line("old"), line("")],
        },
        Fact::UrgencySet { conversation: c, urgent: true },
        Fact::WatchBegan { conversation: c, watcher: bob() },
        Fact::WatchEnded { conversation: c, watcher: bob() },
        Fact::HelperJoined { conversation: c, helper: bob(), barge: true },
        Fact::HelperLeft { conversation: c, helper: bob() },
        Fact::WrappingUp { conversation: c, deadline, reason: Ending::HeldTooLong },
        Fact::Closed { conversation: c, reason: Ending::ByAgent },
        Fact::Rated { conversation: c, stars: 5 },
        Fact::MailAsked { conversation: c },
        Fact::Readiness { agent: bob(), ready: false, missed: true },
        Fact::CapacitySet { agent: bob(), capacity: Some(4) },
        Fact::Blocked { block: BlockId(5), until },
        Fact::Unblocked { block: BlockId(5) },
        Fact::Routed {
            conversation: c,
            chosen: Some(bob()),
            candidates: vec![
                Candidate { agent: bob(), load: 2, limit: 4, excluded: None },
                Candidate {
                    agent: name("carol"),
                    load: 300,
                    limit: 4,
                    excluded: Some(Exclusion::Declined),
                },
            ],
        },
        Fact::Operated { deed: Deed::Killed, by: "op".into() },
        Fact::PeerSaid {
            from: Party::Visit(1, 300),
            to: Party::Account(bob()),
            verb: Verb::Privmsg,
        },
        Fact::MarkedRead { until },
        Fact::Redacted { line: Seq(300), place: Place::Room(channel("#support")) },
        Fact::Happened { rooms: vec![channel("#a"), channel("#b")], what: Happening::Quit },
        Fact::MetadataSet { keeper: Keeper::Account(bob()), key: "url".into() },
    ]
}

/// Nothing but a reminder: who adds a variant is sent here, to add it to `one_of_each` and `any_fact`.
pub fn place(fact: &Fact) -> usize {
    match fact {
        Fact::CustomerKnown { .. } => 0,
        Fact::CustomerLost { .. } => 1,
        Fact::CustomerBack { .. } => 2,
        Fact::CustomerRenamed { .. } => 3,
        Fact::CustomerForgotten { .. } => 4,
        Fact::Opened { .. } => 5,
        Fact::Queued { .. } => 6,
        Fact::Offered { .. } => 7,
        Fact::OfferedToDepartment { .. } => 8,
        Fact::OfferEnded { .. } => 9,
        Fact::Introduced { .. } => 10,
        Fact::Owned { .. } => 11,
        Fact::BotOwned { .. } => 12,
        Fact::OwnerLost { .. } => 13,
        Fact::OwnerBack { .. } => 14,
        Fact::Held { .. } => 15,
        Fact::Unheld { .. } => 16,
        Fact::SilenceAlarmed { .. } => 17,
        Fact::Said { .. } => 18,
        Fact::RoomSaid { .. } => 19,
        Fact::PrivateSaid { .. } => 20,
        Fact::Tagged { .. } => 21,
        Fact::UrgencySet { .. } => 22,
        Fact::WatchBegan { .. } => 23,
        Fact::WatchEnded { .. } => 24,
        Fact::HelperJoined { .. } => 25,
        Fact::HelperLeft { .. } => 26,
        Fact::WrappingUp { .. } => 27,
        Fact::Closed { .. } => 28,
        Fact::Rated { .. } => 29,
        Fact::MailAsked { .. } => 30,
        Fact::Readiness { .. } => 31,
        Fact::CapacitySet { .. } => 32,
        Fact::Blocked { .. } => 33,
        Fact::Unblocked { .. } => 34,
        Fact::Routed { .. } => 35,
        Fact::Operated { .. } => 36,
        Fact::PeerSaid { .. } => 37,
        Fact::MarkedRead { .. } => 38,
        Fact::Redacted { .. } => 39,
        Fact::Happened { .. } => 40,
        Fact::MetadataSet { .. } => 41,
    }
}

fn account() -> impl Strategy<Value = AccountName> {
    "[a-zA-Z_][a-z0-9_-]{0,20}".prop_map(|n| name(&n))
}

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![
        account().prop_map(Party::Account),
        (any::<u64>(), any::<u64>()).prop_map(|(run, session)| Party::Visit(run, session)),
    ]
}

fn somewhere() -> impl Strategy<Value = Place> {
    prop_oneof![
        any::<u64>().prop_map(|id| Place::Conversation(ConversationId(id))),
        "#[a-z]{1,20}".prop_map(|room| Place::Room(channel(&room))),
        Just(Place::Private),
    ]
}

fn any_line() -> impl Strategy<Value = Line> {
    prop_oneof!["\\PC{0,20}", any::<String>()].prop_map(|text| Line::scrubbed(&text))
}

fn any_department() -> impl Strategy<Value = Department> {
    "[a-zä-ü]{1,12}".prop_map(|d| department(&d))
}

fn verb() -> impl Strategy<Value = Verb> {
    prop_oneof![Just(Verb::Privmsg), Just(Verb::Notice), Just(Verb::Tag)]
}

fn moment() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp)
}

fn reason() -> impl Strategy<Value = Reason> {
    prop_oneof![Just(Reason::FirstLine), Just(Reason::OwnerLost), Just(Reason::UrgencyChanged)]
}

fn ending() -> impl Strategy<Value = Ending> {
    use Ending::*;
    prop_oneof![
        Just(ByAgent),
        Just(ByCustomer),
        Just(CustomerGone),
        Just(Abandoned),
        Just(Blocked),
        Just(WrappedUp),
        Just(HeldTooLong)
    ]
}

fn candidate() -> impl Strategy<Value = Candidate> {
    let excluded = option::of(prop_oneof![Just(Exclusion::Offline), Just(Exclusion::Declined)]);
    (account(), any::<u32>(), any::<u32>(), excluded)
        .prop_map(|(agent, load, limit, excluded)| Candidate { agent, load, limit, excluded })
}

/// Any fact about one of a few conversations and customers.
pub fn any_fact() -> BoxedStrategy<Fact> {
    prop_oneof![1 => of_customers(), 3 => of_assignment(), 3 => of_talk(), 1 => of_staff()].boxed()
}

fn c() -> impl Strategy<Value = ConversationId> {
    prop_oneof![4 => 1u64..4, 1 => any::<u64>()].prop_map(ConversationId)
}

fn k() -> impl Strategy<Value = CustomerId> {
    prop_oneof![4 => 1u64..4, 1 => any::<u64>()].prop_map(CustomerId)
}

fn of_customers() -> impl Strategy<Value = Fact> {
    prop_oneof![
        (k(), "[a-z0-9]{4,8}", "#[a-z-]{1,20}", any::<[u8; 32]>()).prop_map(
            |(customer, code, ch, token)| {
                Fact::CustomerKnown {
                    customer,
                    code: Arc::from(code),
                    channel: channel(&ch),
                    token,
                }
            }
        ),
        (k(), moment(), moment(), any::<u64>()).prop_map(
            |(customer, seat_until, resumable_until, seen)| {
                Fact::CustomerLost { customer, seat_until, resumable_until, seen: Seq(seen) }
            }
        ),
        k().prop_map(|customer| Fact::CustomerBack { customer }),
        k().prop_map(|customer| Fact::CustomerRenamed { customer }),
        k().prop_map(|customer| Fact::CustomerForgotten { customer }),
    ]
}

fn of_assignment() -> impl Strategy<Value = Fact> {
    prop_oneof![
        (c(), k(), any_department(), option::of(c()), option::of(account())).prop_map(
            |(conversation, customer, department, previous, preferred)| Fact::Opened {
                conversation,
                customer,
                department,
                previous,
                preferred
            }
        ),
        (c(), any_department(), any::<i64>(), reason()).prop_map(
            |(conversation, department, place, reason)| {
                Fact::Queued { conversation, department, class: Class::Urgent, place, reason }
            }
        ),
        (c(), account(), moment(), option::of((account(), any::<bool>()))).prop_map(
            |(conversation, to, deadline, terms)| {
                let transfer =
                    terms.map(|(giver, warm)| TransferTerms { giver, warm, department: None });
                Fact::Offered { conversation, to, deadline, transfer }
            }
        ),
        (c(), any_department(), moment(), account()).prop_map(
            |(conversation, to, deadline, giver)| Fact::OfferedToDepartment {
                conversation,
                to,
                deadline,
                giver
            }
        ),
        (c(), option::of(account())).prop_map(|(conversation, to)| Fact::OfferEnded {
            conversation,
            to,
            outcome: OfferOutcome::Declined
        }),
        (c(), account()).prop_map(|(conversation, to)| Fact::Introduced { conversation, to }),
        (c(), account(), option::of(account())).prop_map(|(conversation, owner, from)| {
            Fact::Owned { conversation, owner, how: Taking::Transferred, from }
        }),
        (c(), account(), moment()).prop_map(|(conversation, bot, speak_by)| Fact::BotOwned {
            conversation,
            bot,
            speak_by
        }),
        (c(), moment())
            .prop_map(|(conversation, deadline)| Fact::OwnerLost { conversation, deadline }),
        c().prop_map(|conversation| Fact::OwnerBack { conversation }),
        (c(), option::of(account()), vec(candidate(), 0..6)).prop_map(
            |(conversation, chosen, candidates)| Fact::Routed { conversation, chosen, candidates }
        ),
    ]
}

fn of_talk() -> impl Strategy<Value = Fact> {
    prop_oneof![
        (c(), moment()).prop_map(|(conversation, until)| Fact::Held { conversation, until }),
        (c(), reason()).prop_map(|(conversation, reason)| Fact::Unheld { conversation, reason }),
        c().prop_map(|conversation| Fact::SilenceAlarmed { conversation }),
        (
            c(),
            prop_oneof![Just(Hearers::Everyone), Just(Hearers::Staff), Just(Hearers::Note)],
            verb()
        )
            .prop_map(|(conversation, to, verb)| Fact::Said { conversation, to, verb }),
        (c(), vec(any_line(), 0..4), vec(any_line(), 0..4)).prop_map(
            |(conversation, added, removed)| Fact::Tagged { conversation, added, removed }
        ),
        (c(), any::<bool>())
            .prop_map(|(conversation, urgent)| Fact::UrgencySet { conversation, urgent }),
        (c(), account())
            .prop_map(|(conversation, watcher)| Fact::WatchBegan { conversation, watcher }),
        (c(), account())
            .prop_map(|(conversation, watcher)| Fact::WatchEnded { conversation, watcher }),
        (c(), account(), any::<bool>()).prop_map(|(conversation, helper, barge)| {
            Fact::HelperJoined { conversation, helper, barge }
        }),
        (c(), account())
            .prop_map(|(conversation, helper)| Fact::HelperLeft { conversation, helper }),
        (c(), moment(), ending()).prop_map(|(conversation, deadline, reason)| Fact::WrappingUp {
            conversation,
            deadline,
            reason
        }),
        (c(), ending()).prop_map(|(conversation, reason)| Fact::Closed { conversation, reason }),
        (c(), any::<u8>()).prop_map(|(conversation, stars)| Fact::Rated { conversation, stars }),
        c().prop_map(|conversation| Fact::MailAsked { conversation }),
    ]
}

fn of_staff() -> impl Strategy<Value = Fact> {
    prop_oneof![
        ("#[a-z]{1,20}", option::of(any::<char>()), verb())
            .prop_map(|(room, rank, verb)| Fact::RoomSaid { room: channel(&room), rank, verb }),
        (account(), verb()).prop_map(|(to, verb)| Fact::PrivateSaid { to, verb }),
        (party(), party(), verb()).prop_map(|(from, to, verb)| Fact::PeerSaid { from, to, verb }),
        moment().prop_map(|until| Fact::MarkedRead { until }),
        (any::<u64>(), somewhere())
            .prop_map(|(line, place)| Fact::Redacted { line: Seq(line), place }),
        vec("#[a-z]{1,20}", 0..3).prop_map(|rooms| Fact::Happened {
            rooms: rooms.iter().map(|room| channel(room)).collect(),
            what: Happening::Joined,
        }),
        (account(), any::<bool>(), any::<bool>())
            .prop_map(|(agent, ready, missed)| Fact::Readiness { agent, ready, missed }),
        (account(), option::of(any::<u32>()))
            .prop_map(|(agent, capacity)| Fact::CapacitySet { agent, capacity }),
        (any::<u64>(), moment())
            .prop_map(|(block, until)| Fact::Blocked { block: BlockId(block), until }),
        any::<u64>().prop_map(|block| Fact::Unblocked { block: BlockId(block) }),
        "[a-z]{1,9}".prop_map(|by| Fact::Operated { deed: Deed::Rehashed, by: by.into() }),
        ("#[a-z]{1,20}", "[a-z]{1,9}").prop_map(|(of, key)| Fact::MetadataSet {
            keeper: Keeper::Channel(channel(&of)),
            key: key.into(),
        }),
    ]
}

fn any_actor() -> impl Strategy<Value = Actor> {
    prop_oneof![
        Just(Actor::Desk),
        Just(Actor::Operator),
        Just(Actor::Member),
        any::<u64>().prop_map(|id| Actor::Customer(CustomerId(id))),
        account().prop_map(Actor::Staff),
    ]
}

/// Any event, at any place.
pub fn any_event() -> impl Strategy<Value = Event> {
    (any::<u64>(), moment(), any_actor(), any_fact(), vec(any_line(), 0..5))
        .prop_map(|(seq, at, actor, fact, words)| Event { seq: Seq(seq), at, actor, fact, words })
}

/// Up to `max` of them, numbered from 1.
pub fn any_log(max: usize) -> impl Strategy<Value = Vec<Event>> {
    vec(any_event(), 0..max).prop_map(|mut events| {
        for (event, seq) in events.iter_mut().zip(1..) {
            event.seq = Seq(seq);
        }
        events
    })
}
