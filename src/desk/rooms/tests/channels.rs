//! Rooms: each verb as it is granted and as it is refused.

use super::world::{ANNA, BOB, CAROL, DAVE, World, chan, changes, line};
use crate::base::ids::SessionId;
use crate::base::limits::{MAXLIST, MODES};
use crate::base::text::Folded;
use crate::desk::change::{Live, Plan, Step};
use crate::desk::context::Context;
use crate::desk::language::command::Verb::{Notice, Privmsg, Tag};
use crate::desk::language::people::Department;
use crate::desk::language::refusal::{CannotJoin, CannotSend, Refusal};
use crate::desk::rooms::{bans, invite, join, kick, modes, part, topic};
use crate::desk::settings::Guests;
use crate::desk::state::State;

type Told = Result<Vec<String>, Refusal>;

const NOBODY: Vec<String> = Vec::new();

fn with_room() -> World {
    let mut world = World::new();
    world.join(BOB, "#Tea").unwrap();
    world.join(CAROL, "#tea").unwrap();
    world
}

fn keyed(world: &mut World, s: SessionId, name: &str, key: &str) -> Told {
    world.run(s, |state, ctx| join::join(state, ctx, &chan(name), Some(&line(key))))
}

fn invite(world: &mut World, s: SessionId, nick: &str, name: &str) -> Told {
    world.run(s, |state, ctx| invite::invite(state, ctx, &Folded::of(nick), &chan(name)))
}

fn set_topic(world: &mut World, s: SessionId, name: &str, text: &str) -> Told {
    world.run(s, |state, ctx| topic::topic(state, ctx, &chan(name), Some(&line(text))))
}

fn cannot_join(name: &str, why: CannotJoin) -> Told {
    Err(Refusal::CannotJoin(chan(name), why))
}

fn cannot_send(name: &str, why: CannotSend) -> Told {
    Err(Refusal::CannotSend(name.into(), why))
}

#[test]
fn who_makes_a_room_runs_it() {
    let mut world = World::new();
    assert_eq!(world.join(BOB, "#Tea").unwrap(), ["2: JOIN bob #Tea", "2> names #Tea @bob"]);
    assert_eq!(
        world.join(CAROL, "#tea").unwrap(),
        ["2: JOIN carol #Tea", "3: JOIN carol #Tea", "3> names #Tea @bob carol"]
    );
    assert_eq!(world.join(CAROL, "#TEA").unwrap(), NOBODY);
}

#[test]
fn a_room_ends_with_its_last_member() {
    let mut world = with_room();
    for session in [BOB, CAROL] {
        world.run(session, |s, c| part::part(s, c, &chan("#tea"), None)).unwrap();
    }
    assert!(world.state.room(&Folded::of("#tea")).is_none());
    let again = world.run(BOB, |s, c| part::part(s, c, &chan("#tea"), None));
    assert_eq!(again, Err(Refusal::NoSuchChannel("#tea".into())));
}

#[test]
fn departments_rooms_are_for_their_people() {
    let mut world = World::new();
    world.staff(SessionId(5), "erin");
    let topic = "topic #support :0 waiting, 2 agents ready";
    assert_eq!(
        world.join(BOB, "#Support").unwrap(),
        ["2: JOIN bob #support", &format!("2> {topic}"), "2> names #support bob"]
    );
    assert!(world.join(DAVE, "#support").unwrap().contains(&"4: JOIN @dave #support".to_owned()));
    let erin = SessionId(5);
    assert_eq!(world.join(erin, "#support"), cannot_join("#support", CannotJoin::InviteOnly));
    // An agent cannot let her in; a supervisor can.
    let refused = invite(&mut world, BOB, "erin", "#support");
    assert_eq!(refused, Err(Refusal::NotOperator("#support".into())));
    invite(&mut world, DAVE, "erin", "#support").unwrap();
    assert!(world.join(erin, "#support").is_ok());
    let support = Department::parse("support").unwrap();
    assert!(join::auto(&world.state, BOB, &support).is_empty());
    assert_eq!(join::auto(&world.state, CAROL, &support).len(), 1);
}

#[test]
fn a_departments_topic_is_its_queue() {
    let mut world = World::new();
    world.join(DAVE, "#support").unwrap();
    let refused = set_topic(&mut world, DAVE, "#support", "mine");
    assert_eq!(refused, Err(Refusal::NotOperator("#support".into())));
    world.gone(CAROL);
    let asked = world.run(DAVE, |s, c| topic::topic(s, c, &chan("#support"), None)).unwrap();
    assert_eq!(asked, ["4> topic #support :0 waiting, 1 agent ready"]);
}

#[test]
fn customers_channels_are_not_made_by_hand() {
    let mut world = World::new();
    let refused = world.join(BOB, "#c-nobody-0000");
    assert_eq!(refused, Err(Refusal::NoSuchChannel("#c-nobody-0000".into())));
}

#[test]
fn joining_is_barred_by_modes_and_opened_by_invitation() {
    for (mode, why) in [
        ("+i", CannotJoin::InviteOnly),
        ("+k secret", CannotJoin::BadKey),
        ("+l 2", CannotJoin::Full),
        ("+b dave", CannotJoin::Banned),
        ("+b ~a:d*", CannotJoin::Banned),
    ] {
        let mut world = with_room();
        world.mode(BOB, "#tea", mode).unwrap();
        assert_eq!(world.join(DAVE, "#tea"), cannot_join("#Tea", why), "{mode}");
        invite(&mut world, BOB, "dave", "#tea").unwrap();
        assert!(world.join(DAVE, "#tea").is_ok(), "{mode}");
        // The invitation is used up.
        world.run(DAVE, |s, c| part::part(s, c, &chan("#tea"), None)).unwrap();
        assert_eq!(world.join(DAVE, "#tea"), cannot_join("#Tea", why), "{mode}");
    }
}

#[test]
fn keys_and_exceptions_open() {
    let mut world = with_room();
    world.mode(BOB, "#tea", "+k secret, +b *!*@*, +e dave, +i, +I $a").unwrap();
    assert_eq!(keyed(&mut world, DAVE, "#tea", "wrong"), cannot_join("#Tea", CannotJoin::BadKey));
    assert!(keyed(&mut world, DAVE, "#tea", "secret").is_ok());
}

#[test]
fn only_accounts_enter_and_speak_where_it_is_asked() {
    let mut world = World::empty(Guests::Member);
    let guest = SessionId(20);
    world.guest(guest, "gina");
    world.staff(BOB, "bob");
    world.join(BOB, "#tea").unwrap();
    world.mode(BOB, "#tea", "+R").unwrap();
    assert_eq!(world.join(guest, "#tea"), cannot_join("#tea", CannotJoin::NeedsAccount));
    world.mode(BOB, "#tea", "-R, +M").unwrap();
    world.join(guest, "#tea").unwrap();
    assert_eq!(
        world.say(guest, "#tea", Privmsg, "hi"),
        cannot_send("#tea", CannotSend::NeedsAccount)
    );
    world.mode(BOB, "#tea", "+v gina").unwrap();
    assert_eq!(
        world.say(guest, "#tea", Privmsg, "hi").unwrap(),
        ["2: Privmsg gina #tea :hi", "20: Privmsg gina #tea :hi"]
    );
}

#[test]
fn words_reach_the_room_and_obey_its_modes() {
    let mut world = with_room();
    assert_eq!(
        world.say(BOB, "#tea", Privmsg, "hello").unwrap(),
        ["2: Privmsg bob #Tea :hello", "3: Privmsg bob #Tea :hello"]
    );
    assert_eq!(world.say(DAVE, "#tea", Privmsg, "x"), cannot_send("#Tea", CannotSend::Outside));
    assert_eq!(world.say(DAVE, "#tea", Notice, "x"), Ok(NOBODY));
    assert_eq!(world.say(DAVE, "#no", Privmsg, "x"), Err(Refusal::NoSuchChannel("#no".into())));
    world.mode(BOB, "#tea", "-n").unwrap();
    assert_eq!(world.say(DAVE, "#tea", Tag, "").unwrap().len(), 3);
    for mode in ["+m", "+b carol", "+b ~a:carol"] {
        world.mode(BOB, "#tea", mode).unwrap();
        assert!(world.say(CAROL, "#tea", Privmsg, "x").is_err(), "{mode}");
        assert!(world.say(BOB, "#tea", Privmsg, "x").is_ok(), "{mode}");
        world.mode(BOB, "#tea", "+v carol").unwrap();
        assert!(world.say(CAROL, "#tea", Privmsg, "x").is_ok(), "{mode}");
        world.mode(BOB, "#tea", "-v carol, -m, -b carol, -b ~a:carol").unwrap();
    }
    world.mode(BOB, "#tea", "+C").unwrap();
    assert!(world.say(CAROL, "#tea", Privmsg, "\u{1}VERSION\u{1}").is_err());
    assert!(world.say(CAROL, "#tea", Privmsg, "\u{1}ACTION waves\u{1}").is_ok());
}

#[test]
fn words_to_ranks_reach_them_and_their_speaker() {
    let mut world = with_room();
    world.join(DAVE, "#tea").unwrap();
    world.mode(BOB, "#tea", "+v carol").unwrap();
    assert_eq!(
        world.say(DAVE, "@#tea", Privmsg, "x").unwrap(),
        ["2: Privmsg dave @#Tea :x", "4: Privmsg dave @#Tea :x"]
    );
    assert_eq!(
        world.say(BOB, "+#tea", Privmsg, "y").unwrap(),
        ["2: Privmsg bob +#Tea :y", "3: Privmsg bob +#Tea :y"]
    );
    // And those who join later are shown none of it.
    world.staff(SessionId(5), "erin");
    let told = world.join(SessionId(5), "#tea").unwrap();
    assert!(!told.iter().any(|l| l.contains("history")), "{told:?}");
}

#[test]
fn recent_lines_are_replayed_on_join() {
    let mut world = with_room();
    for text in ["one", "two"] {
        world.say(BOB, "#tea", Privmsg, text).unwrap();
    }
    world.say(BOB, "#tea", Tag, "").unwrap();
    let told = world.join(DAVE, "#tea").unwrap();
    assert_eq!(told.last().unwrap(), "4> history #Tea one|two");
}

#[test]
fn topics_are_set_by_those_who_may() {
    let mut world = with_room();
    let told = set_topic(&mut world, BOB, "#tea", "green").unwrap();
    assert_eq!(told, ["2: TOPIC bob #Tea :green", "3: TOPIC bob #Tea :green"]);
    assert_eq!(set_topic(&mut world, BOB, "#tea", "green").unwrap(), NOBODY);
    let refused = Err(Refusal::NotOperator("#Tea".into()));
    assert_eq!(set_topic(&mut world, CAROL, "#tea", "black"), refused);
    let outside = Err(Refusal::NotOnChannel("#Tea".into()));
    assert_eq!(set_topic(&mut world, DAVE, "#tea", "black"), outside);
    world.mode(BOB, "#tea", "-t").unwrap();
    assert!(set_topic(&mut world, CAROL, "#tea", "").is_ok());
    let asked = world.run(DAVE, |s, c| topic::topic(s, c, &chan("#tea"), None)).unwrap();
    assert_eq!(asked, ["4> topic #Tea :-"]);
}

#[test]
fn kicks_are_for_operators() {
    let mut world = with_room();
    let kick = |world: &mut World, s, nick: &str| {
        world.run(s, |st, c| kick::kick(st, c, &chan("#tea"), &Folded::of(nick), None))
    };
    assert_eq!(kick(&mut world, CAROL, "bob"), Err(Refusal::NotOperator("#Tea".into())));
    assert_eq!(kick(&mut world, DAVE, "bob"), Err(Refusal::NotOnChannel("#Tea".into())));
    let missing = Err(Refusal::UserNotInChannel("dave".into(), "#Tea".into()));
    assert_eq!(kick(&mut world, BOB, "dave"), missing);
    assert_eq!(
        kick(&mut world, BOB, "CAROL").unwrap(),
        ["2: KICK bob #Tea carol :bob", "3: KICK bob #Tea carol :bob"]
    );
    assert!(world.state.person(CAROL).unwrap().rooms.is_empty());
}

#[test]
fn invitations_are_told_to_the_invited_and_to_operators() {
    let mut world = with_room();
    world.mode(BOB, "#tea", "+o carol").unwrap();
    assert_eq!(
        invite(&mut world, BOB, "dave", "#tea").unwrap(),
        ["4: INVITE bob dave #Tea you", "3: INVITE bob dave #Tea", "2> inviting dave #Tea"]
    );
    let there = Err(Refusal::UserOnChannel("carol".into(), "#Tea".into()));
    assert_eq!(invite(&mut world, BOB, "carol", "#tea"), there);
    assert_eq!(invite(&mut world, BOB, "x", "#tea"), Err(Refusal::NoSuchNick("x".into())));
    assert_eq!(invite(&mut world, DAVE, "bob", "#tea"), Err(Refusal::NotOnChannel("#Tea".into())));
    world.customer(ANNA, "anna", "7k2f");
    assert_eq!(invite(&mut world, BOB, "anna-7k2f", "#tea"), Err(Refusal::NotPermitted));
}

#[test]
fn changed_modes_are_told_in_one_line() {
    let mut world = with_room();
    for (ask, told) in [
        ("+i, +m, -t", "+im-t"),
        ("-i, -m, +t, +t", "-im+t"),
        ("+k a, +l 9, +o carol", "+klo a 9 carol"),
        ("-k x, -l, -o carol", "-klo * carol"),
        ("+b ~a:zed, +b x@y, +e z, +I q!r", "+bbeI ~a:zed *!x@y z!*@* q!r@*"),
        ("-b *!X@Y", "-b *!x@y"),
    ] {
        let expected = [BOB, CAROL].map(|s| format!("{s}: MODE bob #Tea {told}"));
        assert_eq!(world.mode(BOB, "#tea", ask).unwrap(), expected, "{ask}");
    }
    // What is so already changes nothing, and what is given nothing to be set to neither.
    for same in ["+n", "-k x", "+b ~a:ZED", "+o bob", "+k", "+l", "+o"] {
        assert_eq!(world.mode(BOB, "#tea", same).unwrap(), NOBODY, "{same}");
    }
}

#[test]
fn modes_are_shown_with_the_key_to_members_only() {
    let mut world = with_room();
    world.mode(BOB, "#tea", "+k secret, +l 7").unwrap();
    assert_eq!(world.mode(CAROL, "#tea", "").unwrap(), ["3> modes #Tea +ntkl secret 7"]);
    assert_eq!(world.mode(DAVE, "#tea", "").unwrap(), ["4> modes #Tea +ntkl * 7"]);
    world.mode(BOB, "#tea", "+b a, +b b").unwrap();
    assert_eq!(world.mode(CAROL, "#tea", "b").unwrap(), ["3> list #Tea b a!*@* b!*@*"]);
}

#[test]
fn modes_that_cannot_be_are_refused_and_the_rest_is_done() {
    let mut world = with_room();
    let invalid =
        |letter, value: &str| Err(Refusal::InvalidMode(chan("#Tea"), letter, value.into()));
    assert_eq!(world.mode(BOB, "#tea", "+k a,b"), invalid('k', "a,b"));
    assert_eq!(world.mode(BOB, "#tea", "+l many"), invalid('l', "many"));
    assert_eq!(world.mode(BOB, "#tea", "+l 0"), invalid('l', "0"));
    assert_eq!(world.mode(BOB, "#tea", "+b a b"), invalid('b', "a b"));
    assert_eq!(world.mode(BOB, "#tea", "+z"), Err(Refusal::UnknownMode('z')));
    assert_eq!(world.mode(BOB, "#tea", "+o nobody"), Err(Refusal::NoSuchNick("nobody".into())));
    let absent = Err(Refusal::UserNotInChannel("dave".into(), "#Tea".into()));
    assert_eq!(world.mode(BOB, "#tea", "+v dave"), absent);
    assert_eq!(world.mode(CAROL, "#tea", "+i"), Err(Refusal::NotOperator("#Tea".into())));
    assert_eq!(world.mode(DAVE, "#tea", "+i"), Err(Refusal::NotOperator("#Tea".into())));
    let mixed = world.mode(BOB, "#tea", "+z, +i").unwrap();
    assert_eq!(mixed, ["2: MODE bob #Tea +i", "3: MODE bob #Tea +i", "2> MODE UnknownMode('z')"]);
}

#[test]
fn lists_and_commands_have_limits() {
    let mut world = with_room();
    let many: Vec<String> = (0..MODES + 2).map(|n| format!("+b n{n}")).collect();
    let told = world.mode(BOB, "#tea", &many.join(", ")).unwrap();
    assert_eq!(told[0].matches('!').count(), MODES);
    for n in MODES..MAXLIST {
        world.mode(BOB, "#tea", &format!("+b n{n}")).unwrap();
    }
    let full = Err(Refusal::ListFull(chan("#Tea"), 'b'));
    assert_eq!(world.mode(BOB, "#tea", "+b more"), full);
    // Six long masks do not fit one line with their source.
    let long: Vec<String> = (0..MODES).map(|n| format!("+e {n}{}", "x".repeat(140))).collect();
    let told = world.mode(BOB, "#tea", &long.join(", ")).unwrap();
    assert!(told.len() > 2 && told.iter().all(|l| l.len() < 400), "{told:?}");
}

#[test]
fn masks_mean_sources_and_accounts() {
    let world = with_room();
    let bob = &world.state.person(BOB).unwrap().source;
    for mask in ["bob!*@*", "*!*@staff.*", "~a:BOB", "$a:b?b", "$a", "~a"] {
        assert!(bans::matches(mask, bob, "192.0.2.1"), "{mask}");
    }
    for mask in ["carol!*@*", "~a:carol", "~a:", "bob", "$x:bob"] {
        assert!(!bans::matches(mask, bob, "192.0.2.1"), "{mask}");
    }
    assert!(!bans::matches("$a", &world.state.desk, ""));
}

#[test]
fn for_customers_no_room_exists() {
    let mut world = with_room();
    world.customer(ANNA, "anna", "7k2f");
    type Verb = fn(&State, &Context, &str) -> Result<Plan, Refusal>;
    let verbs: [Verb; 6] = [
        |s, c, n| part::part(s, c, &chan(n), None),
        |s, c, n| topic::topic(s, c, &chan(n), None),
        |s, c, n| topic::topic(s, c, &chan(n), Some(&line("x"))),
        |s, c, n| kick::kick(s, c, &chan(n), &Folded::of("bob"), None),
        |s, c, n| invite::invite(s, c, &Folded::of("bob"), &chan(n)),
        |s, c, n| modes::modes(s, c, &chan(n), &changes("+i")),
    ];
    for name in ["#tea", "#support", "#nowhere"] {
        for verb in verbs {
            let refused = world.run(ANNA, |s, c| verb(s, c, name));
            assert_eq!(refused, Err(Refusal::NoSuchChannel(name.into())));
        }
        let forwarded = Refusal::Forwarded(chan(name), chan("#c-anna-7k2f"));
        assert_eq!(world.join(ANNA, name), Err(forwarded));
        let refused = world.say(ANNA, name, Privmsg, "x");
        assert_eq!(refused, Err(Refusal::NoSuchChannel(name.into())));
    }
}

#[test]
fn secret_rooms_exist_for_members_and_supervisors() {
    let mut world = with_room();
    world.staff(SessionId(5), "erin");
    world.mode(BOB, "#tea", "+s").unwrap();
    let erin = SessionId(5);
    assert_eq!(world.mode(erin, "#tea", ""), Err(Refusal::NoSuchChannel("#tea".into())));
    assert!(world.mode(DAVE, "#tea", "").is_ok());
    assert!(world.mode(CAROL, "#tea", "").is_ok());
    world.play(vec![Step::Live(Live::Gone(CAROL, line("x")))]);
    assert!(world.join(erin, "#tea").is_ok());
}
