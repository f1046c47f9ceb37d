//! What the archives answer: episodes, finds; and that both back ends answer alike.

use crate::events::{any_log, event, known, line, name, opened, said};
use proptest::prelude::*;
use std::time::Duration;
use switchboard::base::ids::{ConversationId, CustomerId, Seq};
use switchboard::base::time::Timestamp;
use switchboard::desk::language::fact::*;
use switchboard::desk::language::people::Actor;
use switchboard::store::memory::Memory;
use switchboard::store::sqlite::{SqliteArchive, SqliteJournal};
use switchboard::store::{Archive, Episode, Journal, Which};

/// Two customers, three conversations, and staff talk between.
fn log() -> Vec<Event> {
    let anna = || Actor::Customer(CustomerId(1));
    let bob = || Actor::Staff(name("bob"));
    let renamed = || Fact::CustomerRenamed { customer: CustomerId(1) };
    let closed = |c| Fact::Closed { conversation: ConversationId(c), reason: Ending::ByAgent };
    let everyone = Hearers::Everyone;
    let rows = vec![
        (Actor::Desk, known(1, "7k2f", "anna"), "anna"),
        (Actor::Desk, known(2, "zzzz", "mark"), "mark"),
        (anna(), renamed(), "ann"),
        (anna(), renamed(), "annie"),
        (Actor::Desk, opened(1, 1), ""),
        (anna(), said(1, everyone), "my invoice is 100% wrong"),
        (Actor::Desk, opened(2, 2), ""),
        (Actor::Customer(CustomerId(2)), said(2, everyone), "an invoice_please"),
        (anna(), renamed(), "anke"),
        (bob(), said(1, Hearers::Staff), "she means the March invoice"),
        (bob(), closed(1), "solved"),
        (anna(), Fact::CustomerBack { customer: CustomerId(1) }, ""),
        (anna(), Fact::Rated { conversation: ConversationId(1), stars: 4 }, "fine"),
        (
            bob(),
            Fact::PrivateSaid {
                to: name("carol"),
                verb: switchboard::desk::language::command::Verb::Privmsg,
            },
            "invoice season",
        ),
        (
            Actor::Desk,
            Fact::CustomerLost {
                customer: CustomerId(1),
                seat_until: Timestamp(9),
                resumable_until: Timestamp(9),
                seen: Seq(3),
            },
            "",
        ),
        (Actor::Desk, opened(3, 1), ""),
        (anna(), said(3, everyone), "Invoice, again"),
    ];
    let numbered = rows.into_iter().zip(1..);
    numbered
        .map(|((actor, fact, word), seq)| event(seq, 1000 + seq, actor, fact, &[word]))
        .collect()
}

fn on_each(events: &[Event], test: impl Fn(&mut dyn Archive)) {
    let memory = Memory::new();
    memory.journal().append(events).unwrap();
    test(&mut memory.archive());
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("switchboard.db");
    SqliteJournal::open(&file).unwrap().append(events).unwrap();
    test(&mut SqliteArchive::open(&file).unwrap());
}

fn seqs(episode: &Episode) -> Vec<u64> {
    episode.events.iter().map(|e| e.seq.0).collect()
}

#[test]
fn an_episode_has_its_customer_first_and_nothing_of_others() {
    on_each(&log(), |archive| {
        let episodes = archive.episodes(&Which::Conversation(ConversationId(1))).unwrap();
        assert_eq!(episodes.len(), 1);
        let episode = &episodes[0];
        assert_eq!(episode.channel, "#c-anna-7k2f");
        assert_eq!((episode.opened, episode.closed), (Timestamp(1005), Some(Timestamp(1011))));
        // Known; the last nick before; the conversation with the change of nick in it; the rating, and
        // what became of the customer until then. Not the first change of nick, nor anything later.
        assert_eq!(seqs(episode), [1, 4, 5, 6, 9, 10, 11, 12, 13]);
        assert_eq!(episode.events[1].word(0).as_str(), "annie");
    });
}

#[test]
fn a_channel_has_its_conversations_oldest_first_in_any_case() {
    on_each(&log(), |archive| {
        for name in ["#c-anna-7k2f", "#C-ANNA-7K2F", "c-anna-7k2f"] {
            let episodes = archive.episodes(&Which::Channel(name.to_owned())).unwrap();
            let ids: Vec<u64> = episodes.iter().map(|e| e.conversation.0).collect();
            assert_eq!(ids, [1, 3], "{name}");
            assert_eq!(episodes[1].closed, None);
            assert_eq!(seqs(&episodes[1]), [1, 9, 16, 17]);
        }
    });
}

#[test]
fn what_is_not_there_is_an_empty_answer() {
    on_each(&log(), |archive| {
        for which in [
            Which::Conversation(ConversationId(99)),
            Which::Conversation(ConversationId(u64::MAX)),
            Which::Channel("#c-nobody".to_owned()),
            Which::Channel("' OR 1=1 --".to_owned()),
            Which::Channel(String::new()),
        ] {
            assert!(archive.episodes(&which).unwrap().is_empty(), "{which:?}");
        }
    });
}

#[test]
fn a_message_of_several_lines_is_found_by_all_of_them_and_by_no_tag() {
    let mut events = log();
    let mut several = events.iter().find(|e| matches!(e.fact, Fact::Said { .. })).unwrap().clone();
    several.seq = Seq(events.len() as u64 + 1);
    several.words = ["the par", "+draft/reply=pancake", "+cel is", " lost"].map(line).to_vec();
    events.push(several);
    on_each(&events, |archive| {
        let found = archive.search("parcel lost", 9).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, "the parcel is lost");
        assert!(archive.search("pancake", 9).unwrap().is_empty());
    });
}

#[test]
fn a_search_finds_lines_of_conversations_newest_first() {
    on_each(&log(), |archive| {
        let mut lines = |words: &str, limit| -> Vec<String> {
            archive.search(words, limit).unwrap().into_iter().map(|f| f.line).collect()
        };
        let all = [
            "Invoice, again",
            "she means the March invoice",
            "an invoice_please",
            "my invoice is 100% wrong",
        ];
        assert_eq!(lines("INVOICE", 10), all);
        assert_eq!(lines("invoice", 2), all[..2]);
        assert_eq!(lines("wrong my", 10), [all[3]]);
        assert_eq!(lines("100%", 10), [all[3]]);
        assert_eq!(lines("%", 10), [all[3]]);
        assert_eq!(lines("_", 10), [all[2]]);
        assert!(lines("invoice nowhere", 10).is_empty());
        // Not the words of people about a conversation (its reasons), nor staff among themselves.
        assert!(lines("solved", 10).is_empty());
        assert!(lines("season", 10).is_empty());
        assert!(lines("  ", 10).is_empty());
        assert!(lines("invoice", 0).is_empty());
        let first = &archive.search("march", 1).unwrap()[0];
        assert_eq!(
            (first.conversation.0, first.channel.as_str(), first.at.0),
            (1, "#c-anna-7k2f", 1010)
        );
    });
}

/// As every desk writes it.
fn each_opened_once(mut log: Vec<Event>) -> Vec<Event> {
    let mut opened = std::collections::BTreeSet::new();
    log.retain(|e| match &e.fact {
        Fact::Opened { conversation, .. } => opened.insert(*conversation),
        _ => true,
    });
    for (event, seq) in log.iter_mut().zip(1..) {
        event.seq = Seq(seq);
    }
    log
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn both_archives_answer_alike(log in any_log(80), word in "[a-z]") {
        let log = each_opened_once(log);
        let memory = Memory::new();
        memory.journal().append(&log).unwrap();
        let mut one = memory.archive();
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("switchboard.db");
        SqliteJournal::open(&file).unwrap().append(&log).unwrap();
        let mut other = SqliteArchive::open(&file).unwrap();
        for id in 1..4 {
            let which = Which::Conversation(ConversationId(id));
            prop_assert_eq!(one.episodes(&which).unwrap(), other.episodes(&which).unwrap());
        }
        prop_assert_eq!(one.search(&word, 9).unwrap(), other.search(&word, 9).unwrap());
        let (now, period) = (Timestamp(u64::MAX / 2), Duration::from_millis(u64::MAX / 2));
        prop_assert_eq!(one.figures(now, period).unwrap(), other.figures(now, period).unwrap());
    }
}
