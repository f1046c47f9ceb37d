//! The byte form of events: pinned, lossless, and safe on any bytes.

use crate::events::{any_event, one_of_each, place};
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::Arc;
use switchboard::base::ids::Seq;
use switchboard::base::text::Line;
use switchboard::desk::language::command::Verb;
use switchboard::desk::language::fact::{
    Class, Ending, Event, Exclusion, Happening, Hearers, OfferOutcome, Reason, Taking,
};
use switchboard::desk::language::words::{Further, kept};
use switchboard::store::codec::{self, Unreadable};

/// Facts and words of `one_of_each`, in hex. Add a row for a new variant; never change one: that would make
/// every database that exists unreadable.
const PINNED: &[(&str, &str)] = &[
    (
        "99e0b584a0340109000904376b32660c23632d616e6e612d376b32660707070707070707070707070707070707070707070707070707070707070707",
        "616e6e61007e616e6e6100003139322e302e322e37",
    ),
    ("9ae0b584a0340203626f62010980e8b584a03480e8b584a0344d", ""),
    ("9be0b584a034030209", "6772c3bcc39f65"),
    ("9ce0b584a034000309", "none"),
    ("9de0b584a03401090409", "616e6e61007e616e6e6100003139322e302e322e37"),
    ("9ee0b584a0340203626f6205ac020907737570706f727401020103626f62", ""),
    ("9fe0b584a0340306ac020762696c6c696e6702050e", "6772c3bcc39f65"),
    ("a0e0b584a0340007ac0203626f6280e8b584a03401056361726f6c0100", "none"),
    (
        "a1e0b584a034010908ac020762696c6c696e6780e8b584a03403626f62",
        "616e6e61007e616e6e6100003139322e302e322e37",
    ),
    ("a2e0b584a0340203626f6209ac020103626f6205", ""),
    ("a3e0b584a034030aac0203626f62", "6772c3bcc39f65"),
    ("a4e0b584a034000bac0203626f620401056361726f6c", "none"),
    (
        "a5e0b584a03401090cac020674726961676580e8b584a034",
        "616e6e61007e616e6e6100003139322e302e322e37",
    ),
    ("a6e0b584a0340203626f620dac0280e8b584a034", ""),
    ("a7e0b584a034030eac02", "6772c3bcc39f65"),
    ("a8e0b584a034000fac0280e8b584a034", "none"),
    ("a9e0b584a034010910ac020c", "616e6e61007e616e6e6100003139322e302e322e37"),
    ("aae0b584a0340203626f6211ac02", ""),
    ("abe0b584a0340312ac020201", "6772c3bcc39f65"),
    ("ace0b584a03400130823737570706f727401014000", "none"),
    ("ade0b584a03401091403626f6202", "616e6e61007e616e6e6100003139322e302e322e37"),
    ("aee0b584a0340203626f6215ac02010376697002036f6c6400", ""),
    ("afe0b584a0340316ac0201", "6772c3bcc39f65"),
    ("b0e0b584a0340017ac0203626f62", "none"),
    ("b1e0b584a034010918ac0203626f62", "616e6e61007e616e6e6100003139322e302e322e37"),
    ("b2e0b584a0340203626f6219ac0203626f6201", ""),
    ("b3e0b584a034031aac0203626f62", "6772c3bcc39f65"),
    ("b4e0b584a034001bac0280e8b584a03406", "none"),
    ("b5e0b584a03401091cac0200", "616e6e61007e616e6e6100003139322e302e322e37"),
    ("b6e0b584a0340203626f621dac0205", ""),
    ("b7e0b584a034031eac02", "6772c3bcc39f65"),
    ("b8e0b584a034001f03626f620001", "none"),
    ("b9e0b584a03401092003626f620104", "616e6e61007e616e6e6100003139322e302e322e37"),
    ("bae0b584a0340203626f62210580e8b584a034", ""),
    ("bbe0b584a034032205", "6772c3bcc39f65"),
    ("bce0b584a0340023ac020103626f620203626f62020400056361726f6cac02040104", "none"),
    ("bde0b584a03401092401026f70", "616e6e61007e616e6e6100003139322e302e322e37"),
    ("bee0b584a0340203626f62250101ac020003626f6200", ""),
    ("bfe0b584a034032680e8b584a034", "6772c3bcc39f65"),
    ("c0e0b584a0340027ac02010823737570706f7274", "none"),
    ("c1e0b584a0340109280202236102236203", "616e6e61007e616e6e6100003139322e302e322e37"),
    ("c2e0b584a0340203626f62290003626f620375726c", ""),
];

fn bytes(event: &Event) -> (Vec<u8>, Option<Vec<u8>>) {
    let (mut facts, mut words) = (vec![1, 2, 3], vec![4, 5, 6]);
    codec::encode_facts(event, &mut facts).unwrap();
    let any = codec::encode_words(&event.words, &mut words);
    (facts, any.then_some(words))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn the_bytes_of_every_fact_are_pinned() {
    let now: Vec<(String, String)> = one_of_each()
        .iter()
        .map(bytes)
        .map(|(facts, words)| (hex(&facts), words.map_or("none".to_owned(), |w| hex(&w))))
        .collect();
    let now: Vec<(&str, &str)> = now.iter().map(|(f, w)| (f.as_str(), w.as_str())).collect();
    assert_eq!(now, PINNED);
}

#[test]
fn every_variant_is_among_them_in_its_order() {
    let places: Vec<usize> = one_of_each().iter().map(|e| place(&e.fact)).collect();
    assert_eq!(places, (0..places.len()).collect::<Vec<_>>());
}

/// The values of the enums within facts, in the order that is their encoding. Append; never move.
#[test]
fn the_values_within_facts_keep_their_numbers() {
    fn numbers<T: serde::Serialize>(values: &[T]) {
        for (value, n) in values.iter().zip(0u8..) {
            assert_eq!(postcard::to_stdvec(value).unwrap(), [n]);
        }
    }
    use OfferOutcome::{Cancelled, Ended, Overtaken, TakerLost, TimedOut};
    use Reason::*;
    numbers(&[Hearers::Everyone, Hearers::Staff, Hearers::Note]);
    numbers(&[Verb::Privmsg, Verb::Notice, Verb::Tag]);
    numbers(&[Class::Returned, Class::Urgent, Class::Normal]);
    numbers(&[
        Taking::Claimed,
        Taking::Accepted,
        Taking::Transferred,
        Taking::Inherited,
        Taking::TookOver,
    ]);
    numbers(&[OfferOutcome::Declined, TimedOut, Cancelled, TakerLost, Ended, Overtaken]);
    numbers(&[
        FirstLine,
        AskedFor,
        Released,
        OwnerLeft,
        OwnerLost,
        OwnerSilent,
        OfferEnded,
        Transferred,
        BotHandedOver,
        BotSilent,
        BotLost,
        AskedForPerson,
        Spoke,
        Asked,
        UrgencyChanged,
    ]);
    numbers(&[
        Ending::ByAgent,
        Ending::ByCustomer,
        Ending::CustomerGone,
        Ending::Abandoned,
        Ending::Blocked,
        Ending::WrappedUp,
        Ending::HeldTooLong,
    ]);
    numbers(&[
        Happening::Joined,
        Happening::Parted,
        Happening::Kicked,
        Happening::Quit,
        Happening::Renamed,
        Happening::Topic,
        Happening::Modes,
    ]);
    numbers(&[
        Exclusion::Offline,
        Exclusion::NotReady,
        Exclusion::Full,
        Exclusion::Ringing,
        Exclusion::Declined,
    ]);
}

/// Words with tags and further lines; never change these, nor how they are read.
#[test]
fn the_words_of_a_message_are_pinned() {
    let text = |words: &str| Line::parse(words).unwrap();
    let more = |joined, words| Further { joined, text: text(words) };
    let reply: Arc<str> = Arc::from("+draft/reply=s1;+x");
    for (tags, behind, expected) in [
        (None, vec![], "hi"),
        (Some(&reply), vec![], "hi\0+draft/reply=s1;+x"),
        (
            None,
            vec![more(false, "there"), more(true, "+1"), more(false, "")],
            "hi\0\0 there\0++1\0 ",
        ),
        (Some(&reply), vec![more(true, " you")], "hi\0+draft/reply=s1;+x\0+ you"),
    ] {
        let mut bytes = Vec::new();
        assert!(codec::encode_words(&kept(&text("hi"), tags, &behind), &mut bytes));
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
        let event =
            Event { words: codec::decode_words(&bytes).unwrap(), ..one_of_each()[18].clone() };
        assert_eq!((event.tags().as_ref(), event.further()), (tags, behind));
    }
    // What was kept before there were tags and lines.
    let old = Event { words: codec::decode_words(b"+1 hi").unwrap(), ..one_of_each()[18].clone() };
    assert_eq!((old.word(0).as_str(), old.tags(), old.further()), ("+1 hi", None, vec![]));
}

#[test]
fn no_words_are_not_one_empty_word() {
    assert_eq!(codec::decode_words(b"").unwrap().len(), 1);
    assert_eq!(codec::decode_words(b"a\0\0b").unwrap().len(), 3);
    let mut bytes = vec![9];
    assert!(!codec::encode_words(&[], &mut bytes));
    assert!(bytes.is_empty());
}

#[test]
fn what_is_not_an_event_says_why() {
    let event = &one_of_each()[17];
    let (mut facts, _) = bytes(event);
    facts.push(0);
    assert_eq!(codec::decode(Seq(1), &facts, None), Err(Unreadable::Trailing(1)));
    facts.truncate(facts.len() - 2);
    assert!(matches!(codec::decode(Seq(1), &facts, None), Err(Unreadable::Facts(_))));
    let (facts, _) = bytes(event);
    assert_eq!(codec::decode(Seq(1), &facts, Some(b"\xff")), Err(Unreadable::Encoding));
    assert!(matches!(codec::decode(Seq(1), &facts, Some(b"a\nb")), Err(Unreadable::Word(_))));
}

#[test]
fn a_department_that_cannot_exist_is_refused() {
    let (mut facts, _) = bytes(&one_of_each()[6]);
    let at = facts.windows(7).position(|w| w == b"billing").unwrap();
    facts[at] = b',';
    assert_eq!(codec::decode(Seq(7), &facts, None), Err(Unreadable::Department));
}

#[test]
fn a_list_that_claims_to_be_endless_is_refused() {
    // Routed with 2^32 - 1 candidates, and nothing behind the claim.
    let (mut facts, _) = bytes(&one_of_each()[35]);
    let at = facts.windows(4).rposition(|w| w == b"\x02\x03bo").unwrap();
    facts.truncate(at);
    facts.extend([0xff, 0xff, 0xff, 0xff, 0x0f]);
    assert!(matches!(codec::decode(Seq(1), &facts, None), Err(Unreadable::Facts(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn decoding_gives_back_what_was_encoded(event in any_event()) {
        let (facts, words) = bytes(&event);
        prop_assert_eq!(codec::decode(event.seq, &facts, words.as_deref()).unwrap(), event);
    }

    #[test]
    fn any_bytes_are_an_event_or_an_error(facts in vec(any::<u8>(), 0..300), words in vec(any::<u8>(), 0..50)) {
        let _ = codec::decode(Seq(1), &facts, Some(&words));
    }

    #[test]
    fn a_changed_byte_is_an_event_or_an_error(event in any_event(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (mut facts, words) = bytes(&event);
        let at = at.index(facts.len());
        facts[at] = byte;
        let _ = codec::decode(event.seq, &facts, words.as_deref());
        let _ = codec::decode(event.seq, &facts[..at], None);
    }
}
