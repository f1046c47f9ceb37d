//! Questions to the archive: whoever asked reads no further until the answer is there, nobody else waits,
//! and the archive is asked only about what is stored.

use crate::world::{Person, World};
use switchboard::desk::language::notice::Reply;

fn answers(world: &mut World) {
    let asker = world.elsewhere.borrow_mut().askers.remove(0);
    world.node.answered(world.now, &asker, &Reply::AwaySet(true));
    world.node.flush(world.now);
}

fn asked(world: &World) -> usize {
    world.elsewhere.borrow().askers.len()
}

fn hears(person: &Person, wanted: &str) {
    assert_eq!(person.hears(), wanted);
}

#[test]
fn who_asked_reads_no_further_and_nobody_else_waits() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "PING 1\nfind x\nPING 2\ntell late\nfind y\nPING 3");
    world.says(&anna, "PING 4");
    assert_eq!(asked(&world), 1, "the second question waits for the first answer");
    hears(&anna, "PONG 1\n");
    world.says(&bob, "PING b\ntell now");
    hears(&bob, "PONG b\n");
    hears(&anna, "now\n");
    answers(&mut world);
    hears(&anna, "some\nPONG 2\n");
    hears(&bob, "late\n");
    answers(&mut world);
    hears(&anna, "some\nPONG 3\nPONG 4\n");
    assert_eq!(anna.1.borrow().resumed, 1);
}

#[test]
fn a_question_waits_for_what_was_said_before_it() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&bob, "store one");
    world.says(&anna, "find one\nPING after");
    assert_eq!(asked(&world), 0, "what is not stored is not in the archive");
    hears(&anna, "");
    world.commit();
    assert_eq!(asked(&world), 1);
    hears(&anna, "one\n");
    answers(&mut world);
    hears(&anna, "some\nPONG after\n");
}

#[test]
fn when_storing_fails_the_archive_is_asked_about_what_is_stored() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&bob, "store one");
    world.says(&anna, "find one\nPING after");
    world.fail();
    // Nobody was shown the line, and it is refused to who said it: there is nothing to wait for.
    hears(&bob, "disk fails\nrefused\n");
    assert_eq!(asked(&world), 1);
    hears(&anna, "disk fails\n");
    answers(&mut world);
    hears(&anna, "some\nPONG after\n");
    world.says(&anna, "find two");
    assert_eq!(asked(&world), 1, "history is there while nothing can be stored");
}

#[test]
fn who_goes_while_the_archive_is_asked_is_not_answered() {
    let mut world = World::new();
    let [anna, bob] = world.people();
    world.says(&anna, "find x\nPING 2");
    world.node.closed(world.now, anna.0, "lost");
    answers(&mut world);
    hears(&anna, "");
    world.says(&bob, "PING b");
    hears(&bob, "gone lost\nPONG b\n");
}
