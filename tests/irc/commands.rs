//! Every command with every shape of parameters in every state of a session: never a panic, and
//! always what the state allows. Then what the desk is asked, command by command.

use crate::seat::*;
use std::time::Duration;
use switchboard::base::text::Folded;
use switchboard::desk::language::command::*;
use switchboard::desk::language::people::Role;
use switchboard::face::irc::desk_commands::DESK_COMMANDS;
use switchboard::face::{Action, Actions, Face, Operate};

/// Commands of IRC; the desk's come from its table.
pub(crate) const VERBS: &str = "ADMIN AUTHENTICATE AWAY CAP CONNECT DLINE HELP HELPOP INFO INVITE ISON JOIN KICK KILL KLINE LINKS LIST \
    LUSERS MODE MONITOR MOTD NAMES NICK NOTICE OPER PART PASS PING PONG PRIVMSG QUIT REHASH SETNAME \
    SQUIT STATS SUMMON TAGMSG TIME TOPIC TRACE UNDLINE UNKLINE USER USERHOST USERS VERSION WALLOPS WHO WHOIS WHOWAS \
    NONSENSE CHATHISTORY MARKREAD ZNC";

pub(crate) fn shapes() -> Vec<String> {
    let long = "x".repeat(400);
    let many = (0..30).map(|n| format!("#c{n}")).collect::<Vec<_>>().join(",");
    [
        "",
        " :",
        " a",
        " #c",
        " #c-x-1",
        " : :",
        " a b",
        " #c b",
        " #c :",
        " a b c",
        " #c b c d e f g h",
        " desk :help",
        " desk :nonsense",
        " #c-x-1 :!note x",
        " #c-x-1 :!",
        " #c-x-1 !!x",
        " @#c x",
        " é ö",
        " +b",
        " bob +zZ",
        " #c +bbbbbbbbkl-o",
        " #c +k",
        " 0",
        " , ,",
        " * %",
        " * %tcuihsnfdlaor,12345",
        " + a,b",
        " - :",
        " C",
        " -1 -1",
        " 99999999999999999999 a :b",
        " LS 302",
        " REQ :",
        " END",
        " a,b,c,d,e,f,g :x",
        " \u{1}VERSION\u{1}",
        " desk :\u{1}VERSION\u{1}",
        " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
    ]
    .iter()
    .map(|shape| (*shape).to_owned())
    .chain([format!(" {long}"), format!(" {many} :{}", &long[..200]), format!(" #c :{long}")])
    .collect()
}

type Made = fn() -> Seat;

fn states() -> Vec<(&'static str, Made)> {
    vec![
        ("fresh", Seat::new),
        ("half registered", || {
            let mut seat = Seat::new();
            seat.send("CAP LS 302");
            seat.send("NICK bob");
            seat
        }),
        ("mid-SASL", || {
            let mut seat = Seat::new();
            seat.send("CAP REQ :sasl standard-replies");
            seat.send("AUTHENTICATE SCRAM-SHA-256");
            seat
        }),
        ("customer", || Seat::registered(Role::Customer, "batch")),
        ("agent", || Seat::registered(Role::Agent, "message-tags")),
        ("admin", || Seat::registered(Role::Admin, "standard-replies labeled-response batch")),
    ]
}

#[test]
fn no_command_panics_in_any_state_and_every_answer_is_whole() {
    let names = DESK_COMMANDS.iter().map(|row| row.name);
    for verb in VERBS.split_ascii_whitespace().chain(names) {
        for shape in shapes() {
            for (state, made) in states() {
                let mut seat = made();
                seat.take();
                let before = seat.face.registered();
                let text = format!("@+t=1;label=l1 {verb}{shape}");
                let said = seat.ask(&text);
                // Parses, or panics with the line.
                let words = verbs(&said);
                for row in said.split_terminator("\r\n") {
                    let message = row.split_once(' ').filter(|_| row.starts_with('@'));
                    assert!(message.map_or(row, |(_, rest)| rest).len() <= 510, "{row}");
                }
                if !before && !seat.face.registered() {
                    let early =
                        ["CAP", "AUTHENTICATE", "NICK", "USER", "PASS", "PING", "PONG", "QUIT"];
                    assert!(early.contains(&verb) || words == "451", "{state}: {text}: {words}");
                    assert!(seat.commands.is_empty());
                }
                if state == "admin" && !seat.closed && verb != "QUIT" {
                    assert!(said.starts_with("@label=l1 "), "{text}: {said}");
                }
            }
        }
    }
}

#[test]
fn too_few_parameters_are_461() {
    let mut seat = Seat::registered(Role::Agent, "");
    for text in [
        "JOIN",
        "PART",
        "TOPIC",
        "MODE",
        "KICK #c",
        "INVITE carol",
        "USERHOST",
        "ISON",
        "MONITOR",
        "MONITOR +",
        "TAGMSG",
        "SETNAME",
        "OPER bob",
        "KLINE 5",
        "DLINE",
        "STATS",
        "CONNECT",
        "UNKLINE",
        "JOIN :",
        "PART ,",
        "MODE #c +k",
    ] {
        assert_eq!(seat.verbs(text), "461", "{text}");
    }
    for (text, code) in [
        ("PRIVMSG", "411"),
        ("PRIVMSG #c", "412"),
        ("PRIVMSG #c :", "412"),
        ("WHOIS", "431"),
        ("WHOWAS", "431"),
        ("NICK", "431"),
        ("NOTICE", ""),
        ("NOTICE #c", ""),
        ("JOIN chan", "403"),
        ("INVITE", "337"),
        ("NAMES", "366"),
        ("SETNAME :", "NOTICE"),
        ("USERS", "446"),
        ("SUMMON x", "445"),
    ] {
        assert_eq!(seat.verbs(text), code, "{text}");
    }
    let asked = [Question::Invitations, Question::AllNames].map(Command::Ask);
    assert_eq!(seat.commands, asked);
}

#[test]
fn one_line_may_ask_for_several_things_in_order() {
    let mut seat = Seat::registered(Role::Agent, "");
    seat.send("JOIN #a,#b,#c k1,,k3");
    let key = |key: &str| Some(line(key));
    assert_eq!(
        seat.commands,
        [
            Command::Join { channel: channel("#a"), key: key("k1") },
            Command::Join { channel: channel("#b"), key: None },
            Command::Join { channel: channel("#c"), key: key("k3") },
        ]
    );
    seat.commands.clear();
    seat.send("PART #b :bye now");
    seat.send("JOIN 0");
    let part = |name: &str, reason: Option<&str>| Command::Part {
        channel: channel(name),
        reason: reason.map(line),
    };
    assert_eq!(seat.commands, [part("#b", Some("bye now")), Command::PartAll]);
    seat.commands.clear();
    seat.send("KICK #a x,Y why");
    let kick = |name: &str, nick: &str| Command::Kick {
        channel: channel(name),
        nick: Folded::of(nick),
        reason: key("why"),
    };
    assert_eq!(seat.commands, [kick("#a", "x"), kick("#a", "y")]);
    seat.commands.clear();
    seat.send("KICK #a,#b x,y why");
    assert_eq!(seat.commands, [kick("#a", "x"), kick("#b", "y")]);
    seat.commands.clear();
    assert_eq!(seat.verbs("PRIVMSG a,b,c,d,e :hi"), "407");
    assert_eq!(seat.commands.len(), 4);
    seat.commands.clear();
    let many = (0..21).map(|n| format!("#c{n}")).collect::<Vec<_>>().join(",");
    seat.send(&format!("JOIN {many}"));
    assert_eq!(seat.commands.len(), 20);
}

#[test]
fn modes_come_apart() {
    let mut seat = Seat::registered(Role::Agent, "");
    let change = |add, letter, argument: Option<&str>| ModeChange {
        add,
        letter,
        argument: argument.map(line),
    };
    for (text, expected) in [
        ("MODE #c", vec![]),
        ("MODE :#c", vec![]),
        ("MODE #c b", vec![change(true, 'b', None)]),
        ("MODE #c :+b", vec![change(true, 'b', None)]),
        ("MODE #c -e+I", vec![change(true, 'e', None), change(true, 'I', None)]),
        (
            "MODE #c +ov-k+l carol dave 5 6",
            vec![
                change(true, 'o', Some("carol")),
                change(true, 'v', Some("dave")),
                change(false, 'k', Some("5")),
                change(true, 'l', Some("6")),
            ],
        ),
        ("MODE #c -lk", vec![change(false, 'l', None), change(false, 'k', None)]),
        (
            "MODE #c +mzR",
            vec![change(true, 'm', None), change(true, 'z', None), change(true, 'R', None)],
        ),
        (
            "MODE #c +bbbbbbb 1 2 3 4 5 6 7",
            (1..=6).map(|n| change(true, 'b', Some(&n.to_string()))).collect(),
        ),
    ] {
        seat.commands.clear();
        seat.send(text);
        assert_eq!(
            seat.commands,
            [Command::ChannelModes { channel: channel("#c"), changes: expected }],
            "{text}"
        );
    }
    seat.commands.clear();
    seat.send("MODE BOB +i-B");
    assert_eq!(seat.commands, [Command::UserModes(vec![(true, 'i'), (false, 'B')])]);
}

#[test]
fn questions_are_asked_as_typed() {
    let mut seat = Seat::registered(Role::Agent, "");
    let minutes = |n: u64| Some(NOW - Duration::from_secs(n * 60));
    for (text, expected) in [
        ("WHO", Question::Who { mask: line("*"), operators: false }),
        ("WHO #chan ", Question::Who { mask: line("#chan"), operators: false }),
        ("WHO 0 o", Question::Who { mask: line("0"), operators: true }),
        ("WHOIS irc.test peer", Question::Whois(line("peer"))),
        ("WHOWAS peer 5", Question::Whowas { nick: line("peer"), count: Some(5) }),
        ("ISON :a b", Question::Ison(vec![line("a"), line("b")])),
        ("USERHOST a b", Question::Userhost(vec![line("a"), line("b")])),
        ("LUSERS", Question::Lusers),
        ("MONITOR + a,b", Question::Monitor(MonitorChange::Add(vec![line("a"), line("b")]))),
        ("MONITOR - a", Question::Monitor(MonitorChange::Remove(vec![line("a")]))),
        ("MONITOR c", Question::Monitor(MonitorChange::Clear)),
        ("MONITOR L", Question::Monitor(MonitorChange::List)),
        ("MONITOR S", Question::Monitor(MonitorChange::Status)),
        ("LIST", Question::List(ListFilter::default())),
        (
            "LIST >3,<9,C<60,C>90,T<5,T>7,*x*,!*y*,#z",
            Question::List(ListFilter {
                channels: vec![line("#z")],
                masks: vec![line("*x*")],
                not_masks: vec![line("*y*")],
                members_above: Some(3),
                members_below: Some(9),
                created_after: minutes(60),
                created_before: minutes(90),
                topic_after: minutes(5),
                topic_before: minutes(7),
            }),
        ),
    ] {
        seat.commands.clear();
        seat.send(text);
        assert_eq!(seat.commands, [Command::Ask(expected)], "{text}");
    }
}

#[test]
fn whox_answers_in_its_own_order_and_only_to_who_asked_so() {
    let mut seat = Seat::registered(Role::Agent, "multi-prefix");
    assert_eq!(
        seat.ask("WHO #chan %rtcuihsnfdlao,743"),
        ":irc.test 354 bob 743 #chan ~u 255.255.255.255 host irc.test bob H@+ 0 3 bob n/a :Real Name\r\n\
         :irc.test 315 bob #chan :End of WHO.\r\n"
    );
    assert!(
        seat.ask("WHO #chan %cuhsnfdar")
            .starts_with(":irc.test 354 bob #chan ~u host irc.test bob H@+ 0 bob :Real Name\r\n")
    );
    assert!(
        seat.ask("WHO #chan")
            .starts_with(":irc.test 352 bob #chan ~u host irc.test bob H@+ :0 Real Name\r\n")
    );
    let mut plain = Seat::registered(Role::Agent, "");
    assert!(plain.ask("WHO #chan %f").starts_with(":irc.test 354 bob H@\r\n"));
}

#[test]
fn people_say_what_they_are() {
    let mut seat = Seat::registered(Role::Agent, "");
    for (text, expected) in [
        ("AWAY :lunch", Command::Away(Some(line("lunch")))),
        ("AWAY", Command::Away(None)),
        ("AWAY :", Command::Away(None)),
        ("SETNAME :Bob B", Command::Realname(line("Bob B"))),
        ("NICK robert", Command::Nick(nick("robert"))),
        ("TOPIC #c", Command::Topic { channel: channel("#c"), text: None }),
        ("TOPIC #c :", Command::Topic { channel: channel("#c"), text: Some(line("")) }),
        ("INVITE Carol #c", Command::Invite { nick: Folded::of("carol"), channel: channel("#c") }),
    ] {
        seat.commands.clear();
        seat.send(text);
        assert_eq!(seat.commands, [expected], "{text}");
    }
    seat.commands.clear();
    seat.send(&format!("AWAY :{}", "é".repeat(150)));
    let Command::Away(Some(text)) = &seat.commands[0] else { panic!() };
    assert_eq!(text.as_str().len(), 200);
    let long = format!("SETNAME :{}", "x".repeat(129));
    assert_eq!(seat.verbs(&long), "NOTICE");
}

#[test]
fn rehash_is_for_admins() {
    let mut face = Seat::registered(Role::Admin, "").face;
    let mut actions = Actions::default();
    face.line(NOW, b"REHASH", &mut actions);
    assert!(actions.list.iter().any(|a| matches!(a, Action::Operate(Operate::Rehash))));
    // The desk knows who is an operator; the face says what it is told.
    for role in [Role::Customer, Role::Agent, Role::Supervisor] {
        let mut seat = Seat::registered(role, "");
        assert_eq!(seat.verbs("REHASH"), "481");
    }
}

#[test]
fn the_server_tells_customers_nothing_of_others() {
    let mut seat = Seat::registered(Role::Customer, "");
    for (text, expected) in [
        ("VERSION", "351 005 005 005"),
        ("TIME", "391"),
        ("ADMIN", "423"),
        ("INFO", "371 371 374"),
        ("MOTD", "422"),
        ("LINKS", "364 365"),
        ("STATS u", "242 219"),
        ("STATS c", "219"),
        ("TRACE", "262"),
    ] {
        assert_eq!(seat.verbs(text), expected, "{text}");
    }
    assert!(seat.commands.is_empty());
    let mut all = info();
    all.motd = vec![line("one"), line("two")];
    all.admin = vec![line("Ann"), line("ann@example.com")];
    let mut seat = Seat::of(all, connection());
    seat.send("NICK bob");
    assert!(seat.verbs("USER bob 0 * :Bob").ends_with("375 372 372 376"));
    assert_eq!(seat.verbs("ADMIN"), "256 257 258");
}

#[test]
fn tags_of_clients_are_relayed_and_no_others() {
    let mut seat = Seat::registered(Role::Agent, "message-tags");
    seat.send("@+draft/reply=s1;time=x;+typing=a\\sb;label=z PRIVMSG #c :hi");
    seat.send("@+typing=active TAGMSG #c");
    seat.send("@time=x TAGMSG #c");
    let tags: Vec<_> = seat
        .commands
        .iter()
        .map(|command| match command {
            Command::Say(say) => (say.verb, say.tags.as_deref().map(str::to_owned)),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        tags,
        [
            (Verb::Privmsg, Some("+draft/reply=s1;+typing=a\\sb".to_owned())),
            (Verb::Tag, Some("+typing=active".to_owned())),
            (Verb::Tag, None),
        ]
    );
    let mut plain = Seat::registered(Role::Agent, "");
    plain.send("@+typing=active PRIVMSG #c :hi");
    assert!(matches!(&plain.commands[0], Command::Say(Say { tags: None, .. })));
}
