//! Figures, from a log made by hand with answers worked out by hand.

use crate::events::{department, event, known, name, opened, said};
use std::time::Duration;
use switchboard::base::ids::ConversationId;
use switchboard::base::time::Timestamp;
use switchboard::desk::language::fact::*;
use switchboard::desk::language::people::Actor;
use switchboard::store::figures::{figures, period_before};
use switchboard::store::memory::Memory;
use switchboard::store::sqlite::{SqliteArchive, SqliteJournal};
use switchboard::store::{Archive, Figures, Journal};

const MIDNIGHT: u64 = 1_795_305_600_000;

/// A log written as rows of (seconds from midnight, fact).
fn log(rows: Vec<(i64, Fact)>) -> Vec<Event> {
    let at = |s: i64| MIDNIGHT.checked_add_signed(s * 1000).unwrap();
    let numbered = rows.into_iter().zip(1..);
    numbered.map(|((s, fact), seq)| event(seq, at(s), Actor::Desk, fact, &[])).collect()
}

fn queued(c: u64) -> Fact {
    Fact::Queued {
        conversation: ConversationId(c),
        department: department("support"),
        class: Class::Normal,
        place: 0,
        reason: Reason::FirstLine,
    }
}

fn owned(c: u64, owner: &str, how: Taking) -> Fact {
    Fact::Owned { conversation: ConversationId(c), owner: name(owner), how, from: None }
}

fn bot(c: u64) -> Fact {
    Fact::BotOwned { conversation: ConversationId(c), bot: name("triage"), speak_by: Timestamp(0) }
}

fn closed(c: u64, reason: Ending) -> Fact {
    Fact::Closed { conversation: ConversationId(c), reason }
}

fn rated(c: u64, stars: u8) -> Fact {
    Fact::Rated { conversation: ConversationId(c), stars }
}

fn golden() -> Vec<Event> {
    log(vec![
        (-100, known(1, "7k2f", "anna")),
        // 1: the day before; its wait ends, and it is rated, on the day itself.
        (-30, opened(1, 1)),
        (-30, queued(1)),
        (10, owned(1, "bob", Taking::Claimed)),
        (20, rated(1, 1)),
        // 2: waits 14 s, is transferred twice, waits again (not counted), is rated twice.
        (100, opened(2, 1)),
        (100, queued(2)),
        (
            110,
            Fact::WrappingUp {
                conversation: ConversationId(9),
                deadline: Timestamp(0),
                reason: Ending::Abandoned,
            },
        ),
        (114, owned(2, "bob", Taking::Claimed)),
        (150, owned(2, "carol", Taking::Transferred)),
        (160, queued(2)),
        (190, owned(2, "bob", Taking::Claimed)),
        (200, owned(2, "carol", Taking::Transferred)),
        (210, said(2, Hearers::Everyone)),
        (220, closed(2, Ending::ByAgent)),
        (230, rated(2, 2)),
        (240, rated(2, 5)),
        // 3: with the bot first for 60 s, then waits 5 s.
        (300, opened(3, 1)),
        (300, bot(3)),
        (360, queued(3)),
        (365, owned(3, "bob", Taking::Accepted)),
        // 4: waits 3 s, the bot tries for 40 s, waits 4 s more.
        (400, opened(4, 1)),
        (400, queued(4)),
        (403, bot(4)),
        (443, queued(4)),
        (447, owned(4, "bob", Taking::Accepted)),
        // 5: leaves before anybody answers; wrap-up and closing say it twice.
        (500, opened(5, 1)),
        (500, queued(5)),
        (
            560,
            Fact::WrappingUp {
                conversation: ConversationId(5),
                deadline: Timestamp(0),
                reason: Ending::Abandoned,
            },
        ),
        (561, closed(5, Ending::Abandoned)),
        // 6: an accepted proposal never queued: taken, without a wait.
        (600, opened(6, 1)),
        (600, owned(6, "bob", Taking::Claimed)),
        // 7: only a bot, and a rating that cannot be.
        (700, opened(7, 1)),
        (700, bot(7)),
        (710, rated(7, 9)),
        (711, rated(7, 0)),
        // 8: the next midnight is the next day.
        (86_400, opened(8, 1)),
        (86_400, queued(8)),
        (86_401, owned(8, "bob", Taking::Claimed)),
    ])
}

fn expected() -> Figures {
    Figures {
        opened: 6,
        taken: 4,
        abandoned: 1,
        waits_ms: vec![5_000, 7_000, 14_000],
        transfers: 2,
        ratings: [0, 0, 0, 0, 1],
    }
}

const DAY: Duration = Duration::from_secs(86_400);
const END: Timestamp = Timestamp(MIDNIGHT + 86_400_000);

#[test]
fn a_day_has_the_figures_worked_out_by_hand() {
    assert_eq!(figures(&golden(), period_before(END, DAY)), expected());
    let day_before = figures(&golden(), period_before(Timestamp(MIDNIGHT), DAY));
    let wanted = Figures {
        opened: 1,
        taken: 1,
        waits_ms: vec![40_000],
        ratings: [1, 0, 0, 0, 0],
        ..Figures::default()
    };
    assert_eq!(day_before, wanted);
    assert_eq!(figures(&golden(), period_before(Timestamp(5), Duration::ZERO)), Figures::default());
}

#[test]
fn both_archives_count_alike() {
    let memory = Memory::new();
    memory.journal().append(&golden()).unwrap();
    assert_eq!(memory.archive().figures(END, DAY).unwrap(), expected());
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("switchboard.db");
    SqliteJournal::open(&file).unwrap().append(&golden()).unwrap();
    assert_eq!(SqliteArchive::open(&file).unwrap().figures(END, DAY).unwrap(), expected());
}

#[test]
fn a_clock_that_steps_back_makes_no_negative_wait() {
    let events =
        log(vec![(50, opened(1, 1)), (50, queued(1)), (40, owned(1, "bob", Taking::Claimed))]);
    assert_eq!(figures(&events, period_before(END, DAY)).waits_ms, [0]);
}
