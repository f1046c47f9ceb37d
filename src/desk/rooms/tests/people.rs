//! Presence, private words and questions, as granted and as refused.

use super::world::{ANNA, BOB, CAROL, DAVE, World, ZED, account, chan, line, nick, sign};
use crate::base::ids::SessionId;
use crate::base::limits::MONITOR;
use crate::desk::language::command::Verb::{Notice, Privmsg, Tag};
use crate::desk::language::command::{ListFilter, MonitorChange, Question};
use crate::desk::language::notice::{Counts, Reply};
use crate::desk::language::refusal::{CannotSend, Refusal};
use crate::desk::language::text::Text;
use crate::desk::presence;
use crate::desk::settings::Guests;
use crate::desk::state::people::Standing;

const NOBODY: Vec<String> = Vec::new();

fn monitor(world: &mut World, s: SessionId, change: MonitorChange) -> Vec<String> {
    world.run(s, |state, ctx| presence::monitor(state, ctx, &change)).unwrap()
}

fn add(names: &[&str]) -> MonitorChange {
    MonitorChange::Add(names.iter().map(|n| line(n)).collect())
}

fn who(world: &mut World, s: SessionId, mask: &str) -> Vec<String> {
    let question = Question::Who { mask: line(mask), operators: false };
    match world.ask(s, &question) {
        Reply::Who { rows, .. } => rows.iter().map(|row| row.who.nick.to_string()).collect(),
        other => panic!("{other:?}"),
    }
}

fn names(world: &mut World, s: SessionId, name: &str) -> Vec<String> {
    match world.ask(s, &Question::Names(chan(name))) {
        Reply::Names { members, .. } => {
            let show = |m: &crate::desk::language::notice::Member| {
                format!("{}{}", sign(m.rank), m.who.nick)
            };
            members.iter().map(show).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn away(world: &mut World, s: SessionId, text: Option<&str>) -> Vec<String> {
    let text = text.map(line);
    world.run(s, |state, ctx| presence::away(state, ctx, text.as_ref())).unwrap()
}

#[test]
fn staff_take_nicks_that_are_free() {
    let mut world = World::new();
    world.join(BOB, "#tea").unwrap();
    world.join(CAROL, "#tea").unwrap();
    world.join(BOB, "#coffee").unwrap();
    world.join(CAROL, "#coffee").unwrap();
    // Once each, though they share two rooms.
    assert_eq!(world.nick(BOB, "Bobby").unwrap(), ["2: NICK bob Bobby", "3: NICK bob Bobby"]);
    assert_eq!(world.nick(BOB, "Bobby").unwrap(), NOBODY);
    assert_eq!(world.nick(BOB, "bOBBY").unwrap().len(), 2);
    assert_eq!(world.nick(DAVE, "bobby"), Err(Refusal::NickInUse(nick("bobby"))));
    for kept in ["Desk", "erin", "BOB"] {
        assert_eq!(world.nick(DAVE, kept), Err(Refusal::NickReserved(nick(kept))), "{kept}");
    }
    assert!(world.nick(BOB, "BOB").is_ok());
    world.customer(ANNA, "anna", "7k2f");
    assert_eq!(world.nick(BOB, "eve-7K2F"), Err(Refusal::NickReserved(nick("eve-7K2F"))));
}

#[test]
fn customers_nicks_keep_their_code() {
    let mut world = World::new();
    let anna = world.customer(ANNA, "anna", "7k2f");
    world.seat(anna, BOB, Standing::Member);
    world.seat(anna, DAVE, Standing::Watcher);
    assert_eq!(
        world.nick(ANNA, "Ann").unwrap(),
        ["2: NICK anna-7k2f Ann-7k2f", "4: NICK anna-7k2f Ann-7k2f", "11: NICK anna-7k2f Ann-7k2f"]
    );
    assert_eq!(world.nick(ANNA, "Ann-7K2F").unwrap(), NOBODY);
    let long = world.nick(ANNA, &"x".repeat(32)).unwrap();
    assert!(long[0].ends_with(&format!(" {}-7k2f", "x".repeat(23))), "{long:?}");
    assert_eq!(world.nick(ANNA, "Bob"), Err(Refusal::NickReserved(nick("Bob"))));
    assert_eq!(world.nick(ANNA, "desk-7k2f"), Err(Refusal::NickReserved(nick("desk-7k2f"))));
    // Another customer's nick is no obstacle and no oracle.
    world.customer(ZED, "zed", "9999");
    assert!(world.nick(ANNA, "zed-9999").unwrap()[0].ends_with("zed-9999-7k2f"));
}

#[test]
fn an_agent_is_ready_while_no_session_is_away() {
    let mut world = World::new();
    let second = SessionId(6);
    world.staff(second, "bob");
    world.join(BOB, "#tea").unwrap();
    world.join(CAROL, "#tea").unwrap();
    let ready = |world: &World| world.state.agent(&account("bob")).unwrap().ready;
    assert_eq!(away(&mut world, BOB, Some("lunch")), ["3: AWAY bob :lunch", "2> away true"]);
    assert!(!ready(&world));
    away(&mut world, second, Some("lunch"));
    assert_eq!(away(&mut world, BOB, None), ["3: AWAY bob :", "2> away false"]);
    assert!(!ready(&world), "the other session is away");
    away(&mut world, second, None);
    assert!(ready(&world));
    assert_eq!(away(&mut world, second, None), ["6> away false"]);
}

#[test]
fn absence_is_not_told_to_customers() {
    let mut world = World::new();
    let anna = world.customer(ANNA, "anna", "7k2f");
    world.seat(anna, BOB, Standing::Member);
    world.seat(anna, CAROL, Standing::Member);
    assert_eq!(away(&mut world, BOB, Some("lunch")), ["3: AWAY bob :lunch", "2> away true"]);
    match world.ask(ANNA, &Question::Whois(line("bob"))) {
        Reply::Whois { card: Some(card), .. } => {
            assert!(card.away.is_none() && !card.row.away && card.row.address.is_none());
            assert_eq!(card.channels.len(), 1);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn quits_are_told_to_those_who_saw() {
    let mut world = World::new();
    let anna = world.customer(ANNA, "anna", "7k2f");
    world.seat(anna, BOB, Standing::Member);
    world.seat(anna, CAROL, Standing::Backstage);
    world.seat(anna, DAVE, Standing::Watcher);
    assert_eq!(world.gone(DAVE), NOBODY);
    assert_eq!(world.gone(CAROL), ["2: QUIT carol :bye"]);
    world.staff(DAVE, "dave");
    world.seat(anna, DAVE, Standing::Watcher);
    assert_eq!(world.gone(BOB), ["4: QUIT bob :bye", "11: QUIT bob :bye"]);
    assert_eq!(world.gone(ANNA), ["4: QUIT anna-7k2f :bye"]);
}

#[test]
fn real_names_and_user_modes_change() {
    let mut world = World::new();
    world.join(BOB, "#tea").unwrap();
    world.join(CAROL, "#tea").unwrap();
    let rename = |w: &mut World| w.run(BOB, |s, c| presence::realname(s, c, &line("Bob B")));
    assert_eq!(rename(&mut world).unwrap(), ["2: SETNAME bob :Bob B", "3: SETNAME bob :Bob B"]);
    assert_eq!(rename(&mut world).unwrap(), NOBODY);
    let set = |w: &mut World, changes: &[(bool, char)]| {
        w.run(BOB, |s, c| presence::user_modes(s, c, changes))
    };
    assert_eq!(set(&mut world, &[]).unwrap(), ["2> umodes +Z"]);
    assert_eq!(
        set(&mut world, &[(true, 'i'), (true, 'B'), (true, 'o'), (true, 'Z'), (true, 'x')])
            .unwrap(),
        ["2: UMODE bob +iB", "2> MODE UnknownUserMode"]
    );
    assert!(world.state.person(BOB).unwrap().source.bot);
    assert_eq!(set(&mut world, &[(true, 'x')]), Err(Refusal::UnknownUserMode));
    assert_eq!(set(&mut world, &[(true, 'i')]).unwrap(), NOBODY);
    assert_eq!(set(&mut world, &[]).unwrap(), ["2> umodes +BZi"]);
}

#[test]
fn monitor_tells_online_offline_and_changes() {
    let mut world = World::new();
    assert_eq!(
        monitor(&mut world, BOB, add(&["Carol", "erin", "desk", "carol", "b@d"])),
        ["2> online carol,desk offline erin"]
    );
    assert_eq!(monitor(&mut world, BOB, add(&["CAROL"])), NOBODY);
    assert_eq!(world.staff(SessionId(5), "erin"), ["2: MONITOR erin online"]);
    let renamed = world.nick(SessionId(5), "erin2").unwrap();
    assert!(renamed.contains(&"2: MONITOR erin offline".to_owned()), "{renamed:?}");
    assert_eq!(world.gone(CAROL), ["2: MONITOR carol offline"]);
    assert_eq!(monitor(&mut world, BOB, MonitorChange::List), ["2> monitors Carol,desk,erin"]);
    assert_eq!(
        monitor(&mut world, BOB, MonitorChange::Status),
        ["2> online desk offline Carol,erin"]
    );
    assert_eq!(monitor(&mut world, BOB, MonitorChange::Remove(vec![line("erin")])), NOBODY);
    assert_eq!(monitor(&mut world, BOB, MonitorChange::Clear), NOBODY);
    assert_eq!(world.staff(CAROL, "carol"), NOBODY);
    let many: Vec<String> = (0..=MONITOR).map(|n| format!("n{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let told = monitor(&mut world, BOB, add(&many));
    assert!(told[1].contains("MonitorFull(100, \"n100\")"), "{told:?}");
}

#[test]
fn a_customer_monitors_in_vain() {
    let mut world = World::new();
    world.customer(ANNA, "anna", "7k2f");
    assert_eq!(
        monitor(&mut world, ANNA, add(&["bob", "zed-9999", "desk"])),
        ["11> online desk offline bob,zed-9999"]
    );
    world.customer(ZED, "zed", "9999");
    assert_eq!(world.gone(ZED), NOBODY);
    assert_eq!(world.gone(BOB), NOBODY);
    assert_eq!(world.staff(BOB, "bob"), NOBODY);
}

#[test]
fn private_words_go_to_every_session_of_both() {
    let mut world = World::new();
    world.staff(SessionId(6), "bob");
    world.staff(SessionId(7), "carol");
    assert_eq!(
        world.tell(BOB, "Carol", Privmsg, "psst").unwrap(),
        [
            "3: Privmsg bob carol :psst",
            "7: Privmsg bob carol_ :psst",
            "2: Privmsg bob Carol :psst",
            "6: Privmsg bob Carol :psst",
        ]
    );
    // To oneself: once each, and the echo beside it.
    assert_eq!(world.tell(BOB, "bob_", Privmsg, "me").unwrap().len(), 3);
    assert_eq!(world.tell(BOB, "carol", Tag, "").unwrap().len(), 2);
    away(&mut world, CAROL, Some("lunch"));
    let told = world.tell(BOB, "carol", Privmsg, "x").unwrap();
    assert_eq!(told.last().unwrap(), "2> carol is away :lunch");
    let told = world.tell(BOB, "carol", Notice, "x").unwrap();
    assert!(!told.iter().any(|l| l.contains("away")), "{told:?}");
    assert_eq!(world.tell(BOB, "x", Privmsg, "x"), Err(Refusal::NoSuchNick("x".into())));
    assert_eq!(world.tell(BOB, "x", Notice, "x"), Ok(NOBODY));
}

#[test]
fn customers_are_spoken_to_in_their_channel_only() {
    let mut world = World::new();
    let anna = world.customer(ANNA, "anna", "7k2f");
    world.seat(anna, BOB, Standing::Member);
    let refused = Err(Refusal::CannotSend("anna-7k2f".into(), CannotSend::Outside));
    assert_eq!(world.tell(BOB, "anna-7k2f", Privmsg, "x"), refused);
    for target in ["bob", "carol", "nobody", "anna-7k2f"] {
        let refused = Err(Refusal::NoSuchNick(target.into()));
        assert_eq!(world.tell(ANNA, target, Privmsg, "x"), refused, "{target}");
    }
}

#[test]
fn who_and_names_show_what_each_may_know() {
    let mut world = World::new();
    let anna = world.customer(ANNA, "anna", "7k2f");
    world.customer(ZED, "zed", "9999");
    world.staff(SessionId(5), "erin");
    world.seat(anna, BOB, Standing::Member);
    world.seat(anna, CAROL, Standing::Backstage);
    world.seat(anna, DAVE, Standing::Watcher);
    let own = "#c-anna-7k2f";
    for (viewer, expected) in [
        (ANNA, vec!["anna-7k2f", "+desk", "@bob"]),
        (BOB, vec!["anna-7k2f", "+desk", "@bob", "@carol"]),
        (SessionId(5), vec!["anna-7k2f", "+desk", "@bob", "@carol"]),
        (DAVE, vec!["anna-7k2f", "+desk", "@bob", "@carol", "@dave"]),
        (ZED, vec![]),
    ] {
        assert_eq!(names(&mut world, viewer, own), expected);
        let bare: Vec<&str> = expected.iter().map(|n| n.trim_start_matches(['@', '+'])).collect();
        assert_eq!(who(&mut world, viewer, own), bare);
    }
    assert_eq!(who(&mut world, ANNA, "*"), ["desk", "bob", "anna-7k2f"]);
    assert_eq!(who(&mut world, BOB, "*-*"), ["anna-7k2f", "zed-9999"]);
    assert_eq!(who(&mut world, BOB, "zed-9999"), ["zed-9999"]);
    for hidden in ["zed-9999", "carol", "dave", "z*", "#support"] {
        assert!(who(&mut world, ANNA, hidden).is_empty(), "{hidden}");
    }
}

#[test]
fn guests_see_each_other_but_no_customers() {
    let mut world = World::empty(Guests::Member);
    let (gina, hugo) = (SessionId(20), SessionId(21));
    world.guest(gina, "gina");
    world.guest(hugo, "hugo");
    world.staff(BOB, "bob");
    world.customer(ANNA, "anna", "7k2f");
    assert_eq!(who(&mut world, gina, "*"), ["bob", "gina", "hugo"]);
    assert!(names(&mut world, gina, "#c-anna-7k2f").is_empty());
    assert_eq!(
        world.join(gina, "#c-anna-7k2f"),
        Err(Refusal::NoSuchChannel("#c-anna-7k2f".into()))
    );
    assert!(world.join(gina, "#c-lang").is_ok());
    assert_eq!(world.tell(gina, "hugo", Privmsg, "hi").unwrap().len(), 2);
    world.run(hugo, |s, c| presence::user_modes(s, c, &[(true, 'i'), (true, 'R')])).unwrap();
    assert_eq!(who(&mut world, gina, "h*"), NOBODY);
    assert_eq!(who(&mut world, gina, "hugo"), ["hugo"]);
    assert!(world.tell(gina, "hugo", Privmsg, "hi").is_err());
    assert!(world.tell(BOB, "hugo", Privmsg, "hi").is_ok());
}

#[test]
fn whois_shows_staff_the_card_and_everybody_the_same_desk() {
    let mut world = World::new();
    let anna = world.customer(ANNA, "anna", "7k2f");
    world.seat(anna, DAVE, Standing::Watcher);
    world.customer(ZED, "zed", "9999");
    let mut ask = |s, name: &str| match world.ask(s, &Question::Whois(line(name))) {
        Reply::Whois { card, .. } => card,
        other => panic!("{other:?}"),
    };
    let card = ask(BOB, "anna-7k2f").unwrap();
    assert!(matches!(&card.card[..], [Text::Card(facts)] if facts.connected && facts.past == 0));
    assert_eq!(card.row.address.as_deref(), Some("192.0.2.1"));
    assert!(ask(ANNA, "anna-7k2f").unwrap().card.is_empty());
    assert!(ask(ANNA, "zed-9999").is_none() && ask(ANNA, "bob").is_none());
    assert!(ask(BOB, "dave").unwrap().channels.is_empty(), "watching is not shown");
    assert_eq!(ask(DAVE, "dave").unwrap().channels.len(), 1);
    assert_eq!(ask(ANNA, "desk"), ask(BOB, "DESK"));
    assert!(ask(BOB, "desk").is_some());
}

#[test]
fn a_customer_whose_line_is_lost_still_has_a_card() {
    use crate::desk::change::{Live, Step};
    let mut world = World::new();
    let anna = world.customer(ANNA, "anna", "7k2f");
    world.gone(ANNA);
    world.play(vec![Step::Live(Live::Unseated(anna))]);
    let mut ask = |s, name: &str| world.ask(s, &Question::Whois(line(name)));
    assert!(matches!(ask(BOB, "ANNA-7k2f"), Reply::Whois { card: Some(_), .. }));
    assert!(matches!(ask(BOB, "eve-7k2f"), Reply::Whois { card: None, .. }));
}

#[test]
fn list_is_filtered() {
    let mut world = World::new();
    world.join(BOB, "#tea").unwrap();
    world.join(CAROL, "#tea").unwrap();
    world.join(BOB, "#hidden").unwrap();
    world.mode(BOB, "#hidden", "+s").unwrap();
    world.customer(ANNA, "anna", "7k2f");
    let mut list = |s, filter: ListFilter| match world.ask(s, &Question::List(filter)) {
        Reply::List(rows) => rows.iter().map(|r| r.channel.to_string()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let all = ListFilter::default();
    assert_eq!(list(CAROL, all.clone()), ["#support", "#tea"]);
    assert_eq!(list(BOB, all.clone()), ["#hidden", "#support", "#tea"]);
    assert_eq!(list(ANNA, all.clone()), ["#c-anna-7k2f"]);
    let named = |names: &[&str]| ListFilter {
        channels: names.iter().map(|n| line(n)).collect(),
        ..ListFilter::default()
    };
    assert_eq!(list(CAROL, named(&["#TEA", "#hidden", "#no"])), ["#tea"]);
    assert_eq!(list(CAROL, named(&["#c-anna-7k2f"])), ["#c-anna-7k2f"]);
    assert_eq!(list(ANNA, named(&["#tea", "#c-anna-7k2f"])), ["#c-anna-7k2f"]);
    assert_eq!(
        list(BOB, ListFilter { masks: vec![line("*e*")], ..all.clone() }),
        ["#hidden", "#tea"]
    );
    assert_eq!(list(BOB, ListFilter { not_masks: vec![line("*e*")], ..all.clone() }), ["#support"]);
    assert_eq!(list(BOB, ListFilter { members_above: Some(1), ..all.clone() }), ["#tea"]);
    assert_eq!(list(BOB, ListFilter { members_below: Some(1), ..all.clone() }), ["#support"]);
    let early = Some(crate::base::time::Timestamp(5));
    assert_eq!(list(BOB, ListFilter { created_before: early, ..all.clone() }), ["#support"]);
    assert_eq!(list(BOB, ListFilter { created_after: early, ..all.clone() }), ["#hidden", "#tea"]);
    assert_eq!(list(BOB, ListFilter { topic_after: early, ..all }), ["#support"]);
}

#[test]
fn ison_userhost_whowas_and_lusers_keep_to_what_is_seen() {
    let mut world = World::new();
    let anna = world.customer(ANNA, "anna", "7k2f");
    world.customer(ZED, "zed", "9999");
    world.seat(anna, BOB, Standing::Member);
    world.nick(DAVE, "dave2").unwrap();
    let asked = || vec![line("BOB"), line("carol"), line("zed-9999"), line("desk"), line("x")];
    let ison = |w: &mut World, s| match w.ask(s, &Question::Ison(asked())) {
        Reply::Ison(nicks) => nicks.iter().map(ToString::to_string).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(ison(&mut world, ANNA), ["bob", "desk"]);
    assert_eq!(ison(&mut world, BOB), ["bob", "carol", "zed-9999", "desk"]);
    let Reply::Userhost(rows) = world.ask(ANNA, &Question::Userhost(asked())) else { panic!() };
    assert_eq!(rows.len(), 2);
    for (s, found) in [(BOB, 1), (ANNA, 0)] {
        let Reply::Whowas { rows, .. } =
            world.ask(s, &Question::Whowas { nick: line("dave"), count: None })
        else {
            panic!()
        };
        assert_eq!(rows.len(), found);
    }
    let Reply::Lusers(counts) = world.ask(ANNA, &Question::Lusers) else { panic!() };
    let alone =
        Counts { users: 1, invisible: 0, operators: 0, unknown: 0, channels: 1, users_max: 1 };
    assert_eq!(counts, alone);
    let Reply::Lusers(counts) = world.ask(BOB, &Question::Lusers) else { panic!() };
    assert_eq!((counts.users, counts.channels), (5, 3));
}
