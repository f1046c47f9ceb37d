//! What every journal promises, run on each back end.

use crate::events::{any_log, batch, usual};
use proptest::prelude::*;
use switchboard::base::ids::Seq;
use switchboard::desk::language::fact::Event;
use switchboard::store::Journal;
use switchboard::store::memory::Memory;
use switchboard::store::sqlite::SqliteJournal;

/// A place where journals live, one at a time.
trait Place {
    fn open(&self) -> Box<dyn Journal>;
}

impl Place for Memory {
    fn open(&self) -> Box<dyn Journal> {
        Box::new(self.journal())
    }
}

impl Place for tempfile::TempDir {
    fn open(&self) -> Box<dyn Journal> {
        Box::new(SqliteJournal::open(self.path().join("switchboard.db")).unwrap())
    }
}

/// Runs a test on each back end, each time on an empty place.
fn on_each(test: impl Fn(&dyn Place)) {
    test(&Memory::new());
    test(&tempfile::tempdir().unwrap());
}

fn all(journal: &mut dyn Journal) -> Vec<Event> {
    let mut events = Vec::new();
    journal.replay(&mut |event| events.push(event)).unwrap();
    events
}

#[test]
fn an_empty_journal_has_nothing() {
    on_each(|place| {
        let mut journal = place.open();
        assert_eq!(journal.last().unwrap(), Seq(0));
        assert!(all(&mut *journal).is_empty());
        journal.append(&[]).unwrap();
        journal.probe().unwrap();
        assert_eq!(journal.last().unwrap(), Seq(0));
    });
}

#[test]
fn what_was_appended_is_replayed_in_order_also_after_opening_again() {
    on_each(|place| {
        let (first, second) = (batch(1, 3), batch(4, 200));
        let whole = [first.clone(), second.clone()].concat();
        {
            let mut journal = place.open();
            journal.append(&first).unwrap();
            journal.append(&second).unwrap();
            assert_eq!(all(&mut *journal), whole);
        }
        let mut journal = place.open();
        assert_eq!(journal.last().unwrap(), Seq(203));
        assert_eq!(all(&mut *journal), whole);
        journal.append(&[usual(204, 1)]).unwrap();
        assert_eq!(journal.last().unwrap(), Seq(204));
    });
}

#[test]
fn a_gap_a_repeat_or_a_disorder_is_refused_and_nothing_of_it_stored() {
    on_each(|place| {
        let mut journal = place.open();
        journal.append(&batch(1, 2)).unwrap();
        let wrong = [
            batch(4, 1),
            batch(2, 2),
            vec![usual(3, 1), usual(5, 1)],
            vec![usual(3, 1), usual(3, 1)],
            vec![usual(4, 1), usual(3, 1)],
            vec![usual(0, 1)],
        ];
        for events in wrong {
            let fault = journal.append(&events).unwrap_err();
            assert!(fault.cause.contains("cannot follow"), "{fault}");
            assert_eq!(all(&mut *journal), batch(1, 2));
        }
        journal.append(&batch(3, 1)).unwrap();
        assert_eq!(all(&mut *journal), batch(1, 3));
    });
}

#[test]
fn a_probe_changes_nothing() {
    on_each(|place| {
        let mut journal = place.open();
        journal.append(&batch(1, 2)).unwrap();
        for _ in 0..3 {
            journal.probe().unwrap();
        }
        assert_eq!(all(&mut *journal), batch(1, 2));
        journal.append(&batch(3, 1)).unwrap();
    });
}

#[test]
fn memory_fails_when_told_and_heals() {
    let memory = Memory::new();
    let mut journal = memory.journal();
    memory.fail_next(2);
    assert!(journal.append(&batch(1, 2)).is_err());
    assert!(journal.probe().is_err());
    journal.append(&batch(1, 2)).unwrap();
    memory.fail_until_healed();
    for _ in 0..5 {
        assert!(journal.append(&batch(3, 2)).is_err());
        assert!(journal.probe().is_err());
    }
    assert_eq!(memory.events(), batch(1, 2));
    memory.heal();
    journal.probe().unwrap();
    journal.append(&batch(3, 2)).unwrap();
    assert_eq!(memory.events(), batch(1, 4));
}

#[test]
fn memory_finds_out_what_a_lost_answer_left() {
    let memory = Memory::new();
    let mut journal = memory.journal();
    memory.fail_after_write(1);
    journal.append(&batch(1, 2)).unwrap();
    assert_eq!(all(&mut journal), batch(1, 2));
    memory.fail_after_write(1);
    assert!(journal.probe().is_err());
    journal.append(&batch(3, 1)).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_log_in_any_batches_comes_back(log in any_log(60), cut in 1usize..20) {
        on_each(|place| {
            {
                let mut journal = place.open();
                for events in log.chunks(cut) {
                    journal.append(events).unwrap();
                }
            }
            assert_eq!(all(&mut *place.open()), log);
        });
    }
}
