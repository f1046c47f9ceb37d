//! The runner in memory: no socket, no disk, no clock but the test's own. A scripted desk and face
//! stand in, so that what is tested is holding, releasing, redoing and cutting, and nothing else.

mod archive;
mod random;
mod script;
mod world;

use crate::script::Talk;
use crate::world::{Person, Wire, WireSink, World};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use switchboard::base::text::Line;
use switchboard::desk::language::notice::Reply;
use switchboard::face::Verdict;
use switchboard::node::{Durability, Flow, Limits, Ticket};
use switchboard::wire::framing::Framer;

#[test]
fn nothing_is_seen_before_it_is_stored() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "store hello");
    assert_eq!(bob.hears(), "");
    world.commit();
    assert_eq!(bob.hears(), "hello\n");
    assert_eq!(anna.hears(), "", "no echo without the dialect");
    assert_eq!(world.disk.borrow().stored.len(), 1);
}

#[test]
fn what_follows_an_unstored_event_waits_too_whoever_says_it() {
    let mut world = World::new();
    let [anna, bob, carol] = world.people();
    world.says(&anna, "store one");
    world.says(&carol, "tell two");
    world.says(&bob, "ask");
    assert_eq!((anna.hears(), bob.hears(), carol.hears()), Default::default());
    world.commit();
    assert_eq!(bob.hears(), "one\ntwo\nsome\n");
    assert_eq!(carol.hears(), "one\n");
    world.says(&carol, "tell three");
    assert_eq!(bob.hears(), "three\n", "nothing unstored, nothing held");
}

#[test]
fn a_pong_is_immediate_for_others_but_keeps_its_own_order() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "ECHO\nstore one\nPING a");
    world.says(&bob, "ECHO");
    assert_eq!(anna.hears(), "", "the echo comes before the pong");
    let carol = {
        let wire = Rc::new(RefCell::new(Wire::default()));
        let face = Box::new(Talk { silent: true, ..Talk::default() });
        let sink = Box::new(WireSink(wire.clone()));
        let id = world.node.open(world.now, "a".into(), Framer::new(512), sink, |_| face).unwrap();
        Person(id, wire)
    };
    world.says(&carol, "PING c");
    assert_eq!(carol.hears(), "PONG c\n");
    world.commit();
    assert_eq!(anna.hears(), "one\nPONG a\n");
    assert_eq!(bob.hears(), "one\n");
}

#[test]
fn batches_are_released_one_by_one_in_order() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "store one");
    world.says(&anna, "tell between");
    world.says(&anna, "store two");
    assert_eq!(world.disk.borrow().jobs.len(), 2);
    world.commit();
    assert_eq!(bob.hears(), "one\nbetween\n");
    world.commit();
    assert_eq!(bob.hears(), "two\n");
}

#[test]
fn a_failed_commit_was_never_seen_and_everybody_is_answered() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "store one\nPING 1\nstore two");
    world.says(&bob, "tell free\nask");
    world.fail();
    assert_eq!(anna.hears(), "disk fails\nrefused\nPONG 1\nrefused\nfree\n");
    assert_eq!(bob.hears(), "disk fails\nnone\n", "the answer fits what is stored");
    assert_eq!(world.node.desk().stored, 0);
    assert_eq!(world.node.desk().told, 1);
    world.says(&anna, "store three");
    assert_eq!(anna.hears(), "refused\n");
    world.heal();
    assert_eq!(anna.hears(), "disk works\n");
    world.says(&anna, "store four");
    world.commit();
    assert_eq!(bob.hears(), "disk works\nfour\n");
    assert_eq!(world.disk.borrow().stored.len(), 1);
}

#[test]
fn what_was_shown_before_a_failed_batch_is_not_undone() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "tell free");
    assert_eq!(bob.hears(), "free\n");
    world.says(&anna, "store one");
    world.says(&anna, "tell held");
    world.commit();
    assert_eq!(bob.hears(), "one\nheld\n");
    world.says(&anna, "store two");
    world.says(&anna, "tell again");
    world.fail();
    assert_eq!(bob.hears(), "disk fails\nagain\n");
    assert_eq!(world.node.desk().told, 3);
    assert_eq!(world.node.desk().stored, 1);
}

#[test]
fn a_failure_takes_back_all_batches_in_flight() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "store one");
    world.says(&anna, "store two");
    world.commit();
    world.says(&anna, "store three");
    assert_eq!(bob.hears(), "one\n");
    world.fail();
    assert_eq!(bob.hears(), "disk fails\n");
    assert_eq!(anna.hears(), "disk fails\nrefused\nrefused\n");
    assert_eq!(world.node.desk().stored, 1);
}

#[test]
fn a_session_that_was_cut_by_what_failed_lives_on() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&bob, "store one");
    assert_eq!(world.says(&anna, "cut"), Flow::Pause, "its end may still be undone");
    assert!(!anna.1.borrow().closed);
    world.fail();
    assert_eq!(anna.hears(), "disk fails\nfarewell\n", "decided again: cut again");
    assert!(anna.1.borrow().closed);
    assert_eq!(bob.hears(), "disk fails\nrefused\n");
}

#[test]
fn last_words_wait_for_what_was_said_before() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&bob, "store one");
    world.says(&anna, "cut");
    world.commit();
    assert_eq!(anna.hears(), "one\nfarewell\n");
    assert!(anna.1.borrow().closed);
    assert_eq!(world.node.counters().connections_now, 1);
    assert_eq!(world.node.receive(world.now, anna.0, b"tell x\n"), Flow::Gone);
}

#[test]
fn one_write_per_connection_per_batch_and_one_encoding_per_dialect() {
    let mut world = World::new();
    let people: [Person; 5] = world.people();
    let (anna, others) = people.split_first().unwrap();
    let bytes = b"store a\nstore b\ntell c\nPING x\n";
    world.node.receive(world.now, anna.0, bytes);
    world.node.receive(world.now, others[0].0, b"store d\n");
    world.node.flush(world.now);
    assert_eq!(world.disk.borrow().jobs.len(), 1, "one batch for all");
    let before = *world.encoded.borrow();
    world.commit();
    assert_eq!(*world.encoded.borrow(), before);
    assert_eq!(before, 4, "once per notice");
    for person in &people {
        assert_eq!(person.writes(), 1);
    }
    assert_eq!(others[1].hears(), "a\nb\nc\nd\n");
    assert_eq!(anna.hears(), "PONG x\nd\n");
}

#[test]
fn a_labelled_answer_is_one_and_is_held_as_one() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "@l1 ask|PING x");
    assert_eq!(anna.hears(), "[l1\nnone\nPONG x\n]\n");
    world.says(&anna, "ECHO");
    world.says(&anna, "@l2 ask|store one|ask");
    assert_eq!(anna.hears(), "");
    world.commit();
    assert_eq!(anna.hears(), "[l2\nnone\none\nsome\n]\n");
    assert_eq!(bob.hears(), "one\n");
    world.says(&anna, "@l3 ask|store two|PING z");
    world.fail();
    assert_eq!(anna.hears(), "disk fails\n[l3\nsome\nrefused\nPONG z\n]\n");
    world.says(&anna, "@l4 nothing");
    assert_eq!(anna.hears(), "[l4\n]\n");
}

#[test]
fn an_answer_of_the_archive_carries_the_label() {
    let mut world = World::new();
    let [anna] = world.people();
    world.says(&anna, "@l1 find x");
    assert_eq!(anna.hears(), "");
    let asker = world.elsewhere.borrow_mut().askers.remove(0);
    assert_eq!(asker.label.as_deref(), Some("l1"));
    world.node.answered(world.now, &asker, &Reply::Listing(Vec::new()));
    world.node.flush(world.now);
    assert_eq!(anna.hears(), "[l1\nlisting\n]\n");
}

#[test]
fn lines_behind_a_check_of_credentials_wait_for_it() {
    let mut world = World::new();
    let [anna] = world.people();
    assert_eq!(world.says(&anna, "LOGIN\nPING a"), Flow::Pause);
    assert_eq!(world.says(&anna, "PING b"), Flow::Pause);
    assert_eq!(anna.hears(), "");
    let ticket = world.elsewhere.borrow_mut().tickets.remove(0);
    let stale = Ticket { serial: ticket.serial.wrapping_sub(1), ..ticket };
    world.node.verdict(world.now, stale, Verdict::No);
    assert_eq!(anna.1.borrow().resumed, 0);
    world.node.verdict(world.now, ticket, Verdict::No);
    world.node.flush(world.now);
    assert_eq!(anna.hears(), "out\nPONG a\nPONG b\n");
    assert_eq!(anna.1.borrow().resumed, 1);
}

#[test]
fn a_slow_reader_stops_being_read_and_is_read_again_when_drained() {
    let limits = Limits { queue_soft: 20, queue_hard: 1000, ..Limits::default() };
    let mut world = World::with(Durability::Strict, limits);
    let [anna] = world.people();
    anna.1.borrow_mut().room = Some(5);
    assert_eq!(world.says(&anna, "PING 123456789012345678901234567890"), Flow::Pause);
    assert_eq!(world.says(&anna, "PING x"), Flow::Pause);
    assert_eq!(anna.hears(), "PONG ");
    anna.1.borrow_mut().room = None;
    assert!(!world.node.writable(world.now, anna.0));
    world.node.flush(world.now);
    assert_eq!(anna.hears(), "123456789012345678901234567890\nPONG x\n");
    assert_eq!(anna.1.borrow().resumed, 1);
    assert_eq!(world.node.counters().choked, 1);
}

#[test]
fn what_a_flush_lets_out_leaves_with_it() {
    let limits = Limits { queue_soft: 20, queue_hard: 1000, ..Limits::default() };
    let mut world = World::with(Durability::Strict, limits);
    let [anna] = world.people();
    // The first answer fills the queue, so the second line is read when the flush has emptied it.
    world.says(&anna, "PING 123456789012345678901234567890\nPING x");
    assert_eq!(anna.hears(), "PONG 123456789012345678901234567890\nPONG x\n");
}

#[test]
fn a_reader_that_is_far_too_slow_is_cut_and_nobody_else_notices() {
    let limits = Limits { queue_soft: 0, queue_hard: 60, ..Limits::default() };
    let mut world = World::with(Durability::Relaxed, limits);
    let [anna, bob, carol] = world.people();
    anna.1.borrow_mut().room = Some(4);
    for word in ["aaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbb"] {
        world.says(&bob, &format!("tell {word}"));
    }
    assert_eq!(world.node.counters().cut_queue, 0);
    world.says(&bob, "tell ccccccccccccccccccccccccc");
    assert_eq!(world.node.counters().cut_queue, 1);
    assert!(carol.hears().ends_with("ccccc\ngone sendq exceeded\n"));
    assert!(!anna.1.borrow().closed, "its last words may still leave");
    anna.1.borrow_mut().room = None;
    world.node.writable(world.now, anna.0);
    assert_eq!(anna.hears(), "aaaaaaaaaaaaaaaaaaaaaaaaa\nERROR sendq exceeded\n");
    assert!(anna.1.borrow().closed);
}

#[test]
fn one_who_never_reads_is_gone_after_a_while() {
    let limits = Limits { queue_hard: 60, ..Limits::default() };
    let mut world = World::with(Durability::Strict, limits);
    let [anna, bob] = world.people();
    anna.1.borrow_mut().room = Some(0);
    for _ in 0..4 {
        world.says(&bob, "tell aaaaaaaaaaaaaaaaaaaaaaaaa");
    }
    assert!(!anna.1.borrow().closed);
    world.passes(Duration::from_secs(6));
    assert!(anna.1.borrow().closed);
    assert_eq!(world.node.counters().connections_now, 1);
}

#[test]
fn held_bytes_count_towards_the_limit() {
    let limits = Limits { queue_soft: 0, queue_hard: 60, ..Limits::default() };
    let mut world = World::with(Durability::Strict, limits);
    let [anna, bob] = world.people();
    world.says(&bob, "store aaaaaaaaaaaaaaaaaaaaaaaaa");
    world.says(&bob, "store bbbbbbbbbbbbbbbbbbbbbbbbb");
    world.says(&bob, "store ccccccccccccccccccccccccc");
    assert_eq!(world.node.counters().cut_queue, 1);
    assert_eq!(anna.hears(), "ERROR sendq exceeded\n", "nothing unstored with it");
}

#[test]
fn a_flood_is_delayed_and_not_punished() {
    let limits = Limits { lines_per_second: 10, burst: 3, ..Limits::default() };
    let mut world = World::with(Durability::Strict, limits);
    let [anna, bob] = world.people();
    let flow = world.says(&anna, "PING 1\nPING 2\nPING 3\nPING 4\nPING 5\nPING 6");
    assert_eq!(flow, Flow::Pause);
    assert_eq!(anna.hears(), "PONG 1\nPONG 2\nPONG 3\nPONG 4\n");
    world.says(&bob, "PING b");
    assert_eq!(bob.hears(), "PONG b\n");
    world.passes(Duration::from_secs(1));
    assert_eq!(anna.hears(), "PONG 5\nPONG 6\n");
    assert_eq!(anna.1.borrow().resumed, 1);
}

#[test]
fn the_silent_are_asked_then_cut_and_the_unregistered_too() {
    let limits = Limits {
        registration: Duration::from_secs(30),
        ping_interval: Duration::from_secs(90),
        ping_timeout: Duration::from_secs(60),
        ..Limits::default()
    };
    let mut world = World::with(Durability::Strict, limits);
    let [anna, bob] = world.people();
    let dave = world.connect(true);
    world.passes(Duration::from_secs(31));
    assert_eq!(dave.hears(), "ERROR Registration took too long\n");
    assert!(dave.1.borrow().closed);
    world.passes(Duration::from_secs(60));
    assert_eq!((anna.hears(), bob.hears()), ("PING?\n".into(), "PING?\n".into()));
    world.says(&bob, "PING x");
    world.passes(Duration::from_secs(61));
    assert_eq!(anna.hears(), "ERROR Ping timeout\n");
    assert_eq!(bob.hears(), "PONG x\ngone ping timeout\n");
    let counters = world.node.counters();
    assert_eq!((counters.cut_ping, counters.cut_registration), (1, 1));
}

#[test]
fn the_desks_own_deadline_is_kept_and_redone() {
    let mut world = World::new();
    let [anna] = world.people();
    world.says(&anna, "store one");
    let ran = world.node.next_deadline();
    assert!(ran.is_some());
    world.fail();
    world.heal();
    assert!(world.node.storage_works());
    assert_eq!(anna.hears(), "disk fails\nrefused\ndisk works\n");
}

#[test]
fn relaxed_shows_at_once_and_keeps_trying() {
    let mut world = World::with(Durability::Relaxed, Limits::default());
    let [anna, bob] = world.people();
    world.says(&anna, "store one");
    assert_eq!(bob.hears(), "one\n");
    world.says(&anna, "store two");
    world.fail();
    assert_eq!(bob.hears(), "two\ndisk fails\n");
    world.says(&anna, "store three");
    assert_eq!(anna.hears(), "disk fails\nrefused\n");
    world.heal();
    world.commit();
    let texts: Vec<_> = world.disk.borrow().stored.iter().map(|e| e.word(0)).collect();
    assert_eq!(texts, [Line::scrubbed("one"), Line::scrubbed("two")], "shown, so stored");
}

#[test]
fn a_lost_connection_is_told_to_the_desk_once() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.node.closed(world.now, anna.0, "reset");
    world.node.closed(world.now, anna.0, "reset");
    world.node.flush(world.now);
    assert_eq!(bob.hears(), "gone reset\n");
    world.says(&bob, "QUIT");
    assert!(bob.1.borrow().closed);
    assert!(world.node.is_idle());
}

#[test]
fn shutting_down_tells_everybody_behind_what_is_stored() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&bob, "store one");
    world.node.shut(world.now, "Bye");
    world.node.flush(world.now);
    assert!(!world.node.is_idle());
    assert_eq!(bob.hears(), "", "its own line is not stored yet");
    world.commit();
    assert_eq!(bob.hears(), "ERROR Bye\n");
    assert_eq!(anna.hears(), "one\nERROR Bye\n");
    assert!(world.node.is_idle());
}

#[test]
fn a_journal_that_is_behind_stops_the_reading_until_it_has_caught_up() {
    let limits = Limits { lines_per_second: 0, ..Limits::default() };
    let mut world = World::with(Durability::Strict, limits);
    let [anna, bob] = world.people();
    let flow = world.node.receive(world.now, anna.0, "store x\n".repeat(5000).as_bytes());
    assert_eq!(flow, Flow::Pause);
    assert_eq!(world.says(&bob, "PING x"), Flow::Pause);
    assert_eq!(anna.1.borrow().resumed, 1, "handed over, so read on");
    assert_eq!(bob.1.borrow().resumed, 1);
    world.commit();
    assert!(bob.hears().ends_with("x\nx\nPONG x\n"));
}

#[test]
fn a_face_unlearns_a_nick_that_was_not_stored() {
    let mut world = World::new();
    let [anna] = world.people();
    world.says(&anna, "rename y");
    world.commit();
    world.says(&anna, "NICK?");
    assert_eq!(anna.hears(), "I am y\n");
    world.says(&anna, "rename z");
    world.says(&anna, "NICK?");
    world.fail();
    assert_eq!(anna.hears(), "disk fails\nrefused\nI am z\n", "said before it was known");
    world.says(&anna, "NICK?");
    assert_eq!(anna.hears(), "I am x\n");
}
