//! A seeded world: customers, agents, supervisors and a bot do as they like while commits fail,
//! the server dies, readers stall and clocks jump; after every step the five promises must hold.
//!
//! `SIM_SEED=7 cargo test --test sim` plays one seed again; `SIM_SEEDS` and `SIM_STEPS` say how many
//! seeds and how many steps each. A seed that fails prints itself and its last steps.

#[path = "sim/cast.rs"]
mod cast;
#[path = "sim/checks.rs"]
mod checks;
#[path = "sim/clients.rs"]
mod clients;
#[path = "sim/crowd.rs"]
mod crowd;
#[path = "sim/deeds.rs"]
mod deeds;
#[path = "sim/ends.rs"]
mod ends;
#[path = "sim/ledger.rs"]
mod ledger;
#[path = "sim/runner.rs"]
mod runner;
#[path = "sim/world.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;
use switchboard::desk::language::command as language;
use world::World;

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays one seed to its end and gives what it did: steps, events, deliveries.
///
/// Every fourth world has no faults, so that long stories are told too.
fn play(seed: u64, steps: u64) -> (u64, usize, u64) {
    let mut world = World::new(seed, seed % 4 != 3);
    let played = catch_unwind(AssertUnwindSafe(|| {
        for step in 0..steps {
            deeds::deed(&mut world);
            if step % 40 == 0 {
                checks::replay_is_the_state(&world);
            }
        }
        finish(&mut world);
    }));
    if let Err(panic) = played {
        eprintln!("{}\nSEED={seed}", world.story());
        resume_unwind(panic);
    }
    (world.steps, world.journal.len(), world.clients.delivered)
}

/// The disk works, everybody comes back and reads; then everybody goes, and time empties the house.
fn finish(world: &mut World) {
    world.faulty = false;
    world.settle_all();
    world.mend();
    let absent: Vec<usize> = world
        .clients
        .customers
        .iter()
        .filter(|(_, c)| c.session.is_none())
        .map(|(i, _)| *i)
        .collect();
    absent.iter().for_each(|i| deeds::come(world, *i));
    world.settle_all();
    world.clients.customers.values_mut().for_each(clients::Client::read_all);
    clients::every_line_once(&world.clients, &world.journal);
    checks::replay_is_the_state(world);
    for session in world.state().persons().map(|(s, _)| s).collect::<Vec<_>>() {
        let lost = language::Departure::Lost(cast::line("the end"));
        world.command(session, language::Command::Leave(lost), &[]);
    }
    for _ in 0..10 {
        world.pass(Duration::from_secs(20_000));
        world.settle_all();
    }
    let open: Vec<_> = world.state().conversations().collect();
    assert!(open.is_empty(), "nobody is here and this is open: {open:?}");
    assert!(world.ledger.live.is_empty(), "the journal has open ends: {:?}", world.ledger.live);
    let kept: Vec<_> = world.state().customers().collect();
    assert!(kept.is_empty(), "never forgotten: {kept:?}");
    let busy = world.state().agents().find(|a| a.load > 0 || a.ringing > 0);
    assert!(busy.is_none(), "busy with nothing: {busy:?}");
}

fn play_many(seeds: u64, steps: u64) {
    if let Some(seed) = from_env("SIM_SEED") {
        play(seed, steps);
        return;
    }
    let began = std::time::Instant::now();
    let mut sum = (0, 0, 0);
    for seed in 0..seeds {
        let (steps, events, deliveries) = play(seed, steps);
        sum = (sum.0 + steps, sum.1 + events, sum.2 + deliveries);
    }
    let (steps, events, deliveries) = sum;
    let took = began.elapsed();
    println!(
        "{seeds} seeds: {steps} steps, {events} events, {deliveries} deliveries in {took:.1?}"
    );
}

#[test]
fn the_promises_hold_whatever_people_and_machines_do() {
    play_many(from_env("SIM_SEEDS").unwrap_or(200), from_env("SIM_STEPS").unwrap_or(400));
}

#[test]
#[ignore = "minutes; the nightly run"]
fn the_promises_hold_for_a_long_time() {
    play_many(from_env("SIM_SEEDS").unwrap_or(10_000), from_env("SIM_STEPS").unwrap_or(600));
}
