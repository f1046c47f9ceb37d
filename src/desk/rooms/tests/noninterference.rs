//! Promise 2 as a property: nothing that a customer asks or does shows whether there are other
//! customers, or what staff outside their channel do; and nothing of it is told to them.

use super::world::{ANNA, BOB, CAROL, DAVE, World, chan, changes, heard, line, nick, say};
use crate::base::ids::{CustomerId, SessionId};
use crate::base::text::Folded;
use crate::desk::language::command::Verb::{Notice, Privmsg, Tag};
use crate::desk::language::command::{ListFilter, MonitorChange, Question};
use crate::desk::rooms::{invite, join, kick, modes, part, talk, topic};
use crate::desk::settings::Guests;
use crate::desk::state::people::Standing;
use crate::desk::{presence, queries};
use proptest::prelude::*;

const ERIN: SessionId = SessionId(5);

/// What others do, of which Anna must notice nothing.
#[derive(Clone, Debug)]
enum Doing {
    CustomerComes(u64, bool),
    StaffComes(SessionId),
    Goes(SessionId),
    Renames(SessionId, &'static str),
    Away(SessionId, bool),
    Joins(SessionId, &'static str),
    Speaks(SessionId, &'static str),
    Sets(SessionId, &'static str),
    Seats(SessionId, bool),
    Watches(SessionId),
    Monitors(SessionId, &'static str),
}

/// What Anna asks or does.
#[derive(Clone, Debug)]
enum Asking {
    Question(Question),
    Nick(&'static str),
    Away(bool),
    Join(&'static str),
    Part(&'static str),
    Topic(&'static str, bool),
    Kick(&'static str, &'static str),
    Invite(&'static str, &'static str),
    Mode(&'static str, &'static str),
    SayRoom(&'static str, bool),
    Tell(&'static str, bool),
    Monitor(MonitorChange),
}

fn far() -> impl Strategy<Value = SessionId> {
    prop::sample::select(vec![CAROL, DAVE, ERIN, SessionId(30), SessionId(31), SessionId(32)])
}

fn far_staff() -> impl Strategy<Value = SessionId> {
    prop::sample::select(vec![CAROL, DAVE, ERIN])
}

fn room() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "#support",
        "#tea",
        "#secret",
        "#nowhere",
        "#c-c0-x000",
        "#c-c1-x001",
    ])
}

fn name() -> impl Strategy<Value = &'static str> {
    let names = [
        "bob",
        "carol",
        "dave",
        "erin",
        "c0-x000",
        "c1-x001",
        "anna-7k2f",
        "desk",
        "nobody",
        "carol2",
        "c0",
        "zoe",
    ];
    prop::sample::select(names.to_vec())
}

fn doing() -> impl Strategy<Value = Doing> {
    prop_oneof![
        (0u64..3, any::<bool>()).prop_map(|(n, with_bob)| Doing::CustomerComes(n, with_bob)),
        far_staff().prop_map(Doing::StaffComes),
        far().prop_map(Doing::Goes),
        (far(), name()).prop_map(|(s, n)| Doing::Renames(s, n)),
        (far(), any::<bool>()).prop_map(|(s, away)| Doing::Away(s, away)),
        (far(), room()).prop_map(|(s, r)| Doing::Joins(s, r)),
        (far(), room()).prop_map(|(s, r)| Doing::Speaks(s, r)),
        (far(), room()).prop_map(|(s, r)| Doing::Sets(s, r)),
        (far_staff(), any::<bool>()).prop_map(|(s, b)| Doing::Seats(s, b)),
        far_staff().prop_map(Doing::Watches),
        (far(), name()).prop_map(|(s, n)| Doing::Monitors(s, n)),
    ]
}

fn question() -> impl Strategy<Value = Question> {
    let masks = prop::sample::select(vec!["*", "0", "c*", "*-*", "#c-*", "b?b", "*staff*"]);
    let mask = prop_oneof![masks, name(), room()];
    let names = || prop::collection::vec(name(), 1..5);
    let lines = |names: Vec<&str>| names.into_iter().map(line).collect::<Vec<_>>();
    prop_oneof![
        room().prop_map(|r| Question::Names(chan(r))),
        (mask, any::<bool>()).prop_map(|(m, operators)| Question::Who { mask: line(m), operators }),
        name().prop_map(|n| Question::Whois(line(n))),
        name().prop_map(|n| Question::Whowas { nick: line(n), count: None }),
        prop::collection::vec(room(), 0..3).prop_map(move |rooms| {
            Question::List(ListFilter { channels: lines(rooms), ..ListFilter::default() })
        }),
        names().prop_map(move |n| Question::Ison(lines(n))),
        names().prop_map(move |n| Question::Userhost(lines(n))),
        Just(Question::Lusers),
    ]
}

fn asking() -> impl Strategy<Value = Asking> {
    let set = prop::sample::select(vec!["b", "+i", "+o carol", "+k x"]);
    prop_oneof![
        5 => question().prop_map(Asking::Question),
        1 => name().prop_map(Asking::Nick),
        1 => any::<bool>().prop_map(Asking::Away),
        1 => room().prop_map(Asking::Join),
        1 => room().prop_map(Asking::Part),
        1 => (room(), any::<bool>()).prop_map(|(r, s)| Asking::Topic(r, s)),
        1 => (room(), name()).prop_map(|(r, n)| Asking::Kick(r, n)),
        1 => (room(), name()).prop_map(|(r, n)| Asking::Invite(r, n)),
        1 => (room(), set).prop_map(|(r, m)| Asking::Mode(r, m)),
        1 => (room(), any::<bool>()).prop_map(|(r, n)| Asking::SayRoom(r, n)),
        1 => (name(), any::<bool>()).prop_map(|(r, n)| Asking::Tell(r, n)),
        1 => prop::collection::vec(name(), 1..4).prop_map(|names| {
            Asking::Monitor(MonitorChange::Add(names.into_iter().map(line).collect()))
        }),
        1 => Just(Asking::Monitor(MonitorChange::Status)),
    ]
}

/// Anna with bob in her channel, and nobody else.
fn quiet() -> World {
    let mut world = World::empty(Guests::Customer);
    world.staff(BOB, "bob");
    let anna = world.customer(ANNA, "anna", "7k2f");
    world.seat(anna, BOB, Standing::Member);
    world
}

/// Does it, if it can be done; what everybody heard of it.
fn act(world: &mut World, doing: &Doing) -> Vec<String> {
    let here = |world: &World, s: SessionId| world.state.person(s).is_some();
    match doing {
        Doing::CustomerComes(n, with_bob) => {
            let session = SessionId(30 + n);
            if here(world, session) || world.state.customer(CustomerId(30 + n)).is_some() {
                return Vec::new();
            }
            let id = world.customer(session, &format!("c{n}"), &format!("x00{n}"));
            if *with_bob {
                world.seat(id, BOB, Standing::Member);
            }
            Vec::new()
        }
        Doing::StaffComes(session) if !here(world, *session) => {
            let name = match *session {
                CAROL => "carol",
                DAVE => "dave",
                _ => "erin",
            };
            world.staff(*session, name)
        }
        Doing::Goes(s) if here(world, *s) => world.gone(*s),
        Doing::Renames(s, n) if here(world, *s) => world.nick(*s, n).unwrap_or_default(),
        Doing::Away(s, away) if here(world, *s) => {
            let text = away.then(|| line("away"));
            world.run(*s, |st, c| presence::away(st, c, text.as_ref())).unwrap_or_default()
        }
        Doing::Joins(s, r) if here(world, *s) => world.join(*s, r).unwrap_or_default(),
        Doing::Speaks(s, r) if here(world, *s) => {
            world.say(*s, r, Privmsg, "words").unwrap_or_default()
        }
        Doing::Sets(s, r) if here(world, *s) => world.mode(*s, r, "+s").unwrap_or_default(),
        Doing::Seats(s, with_another) if here(world, *s) => {
            let id = CustomerId(if *with_another { 30 } else { 31 });
            if world.state.customer(id).is_some() {
                world.seat(id, *s, Standing::Member);
            }
            Vec::new()
        }
        Doing::Watches(s) if here(world, *s) => {
            let standing = if *s == DAVE { Standing::Watcher } else { Standing::Backstage };
            world.seat(CustomerId(ANNA.0), *s, standing);
            Vec::new()
        }
        Doing::Monitors(s, n) if here(world, *s) => {
            let add = MonitorChange::Add(vec![line(n)]);
            world.run(*s, |st, c| presence::monitor(st, c, &add)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// What Anna hears when she asks; what others hear of it is theirs.
fn ask(world: &mut World, asking: &Asking) -> String {
    let verb = |notice: bool| if notice { Notice } else { Privmsg };
    let outcome = world.run_saying(ANNA, None, |state, ctx| match asking {
        Asking::Question(question) => queries::answer(state, ctx, question),
        Asking::Nick(n) => presence::nick(state, ctx, &nick(n)),
        Asking::Away(away) => presence::away(state, ctx, away.then(|| line("out")).as_ref()),
        Asking::Join(r) => join::join(state, ctx, &chan(r), None),
        Asking::Part(r) => part::part(state, ctx, &chan(r), None),
        Asking::Topic(r, set) => {
            topic::topic(state, ctx, &chan(r), set.then(|| line("x")).as_ref())
        }
        Asking::Kick(r, n) => kick::kick(state, ctx, &chan(r), &Folded::of(n), None),
        Asking::Invite(r, n) => invite::invite(state, ctx, &Folded::of(n), &chan(r)),
        Asking::Mode(r, m) => modes::modes(state, ctx, &chan(r), &changes(m)),
        Asking::SayRoom(r, notice) => {
            talk::say(state, ctx, &Folded::of(r), None, &say(r, verb(*notice), "hi"))
        }
        Asking::Tell(n, tag) => {
            let verb = if *tag { Tag } else { Privmsg };
            talk::private(state, ctx, n, &say(n, verb, "hi"))
        }
        Asking::Monitor(change) => presence::monitor(state, ctx, change),
    });
    match outcome {
        Ok(out) => format!("{:?}", for_anna(heard(&out))),
        Err(refusal) => format!("{refusal:?}"),
    }
}

fn for_anna(lines: Vec<String>) -> Vec<String> {
    let own = |l: &String| l.starts_with(&format!("{ANNA}:")) || l.starts_with(&format!("{ANNA}>"));
    lines.into_iter().filter(own).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Two worlds, in one of which much goes on around Anna: she cannot tell which one she is in.
    #[test]
    fn a_customer_cannot_tell_whether_others_are_here(
        script in prop::collection::vec(
            prop_oneof![doing().prop_map(Ok), asking().prop_map(Err)], 1..40),
    ) {
        let (mut busy, mut quiet) = (quiet(), quiet());
        for step in &script {
            match step {
                Ok(doing) => prop_assert_eq!(for_anna(act(&mut busy, doing)), Vec::<String>::new()),
                Err(asking) => {
                    prop_assert_eq!(ask(&mut busy, asking), ask(&mut quiet, asking));
                }
            }
        }
    }
}

#[test]
fn the_worlds_differ_for_staff() {
    // The property above would hold of worlds in which nothing happens.
    let (mut busy, mut quiet) = (quiet(), quiet());
    act(&mut busy, &Doing::CustomerComes(0, true));
    let question = Question::Whois(line("c0-x000"));
    assert_ne!(busy.ask(BOB, &question), quiet.ask(BOB, &question));
    assert_eq!(busy.ask(ANNA, &question), quiet.ask(ANNA, &question));
}
