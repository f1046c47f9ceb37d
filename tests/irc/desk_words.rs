//! Desk commands in their three forms, HELP, and what never reaches a customer.

use crate::seat::*;
use std::time::Duration;
use switchboard::base::text::Folded;
use switchboard::desk::language::command::*;
use switchboard::desk::language::people::{Department, Role};
use switchboard::face::irc::desk_commands::DESK_COMMANDS;

const CHANNEL: &str = "#c-anna-7k2f";

fn desk(named: Option<&str>, verb: DeskVerb) -> Vec<Command> {
    vec![Command::Desk(DeskCommand { channel: named.map(channel), verb })]
}

fn department(name: &str) -> Department {
    Department::parse(name).unwrap()
}

/// What stands behind the channel in all three forms, and what it must mean.
fn meanings() -> Vec<(&'static str, DeskVerb)> {
    let some = |text: &str| Some(line(text));
    let to = |nick: &str| TransferTo::Agent(Folded::of(nick));
    vec![
        ("CLAIM", DeskVerb::Claim),
        ("ACCEPT", DeskVerb::Accept),
        ("DECLINE", DeskVerb::Decline(None)),
        ("DECLINE :at lunch", DeskVerb::Decline(some("at lunch"))),
        (
            "TRANSFER Carol :knows billing",
            DeskVerb::Transfer { to: to("carol"), warm: false, why: some("knows billing") },
        ),
        (
            "TRANSFER carol warm :knows billing",
            DeskVerb::Transfer { to: to("carol"), warm: true, why: some("knows billing") },
        ),
        (
            "TRANSFER carol :warm greetings",
            DeskVerb::Transfer { to: to("carol"), warm: false, why: some("warm greetings") },
        ),
        (
            "TRANSFER #billing cold",
            DeskVerb::Transfer {
                to: TransferTo::Department(department("billing")),
                warm: false,
                why: None,
            },
        ),
        ("HANDOVER", DeskVerb::Handover),
        ("CANCEL", DeskVerb::Cancel),
        ("RELEASE", DeskVerb::Release),
        ("WATCH", DeskVerb::Watch),
        ("UNWATCH", DeskVerb::Unwatch),
        ("BARGE", DeskVerb::Barge),
        ("TAKEOVER", DeskVerb::Takeover),
        ("NOTE :asked  twice", DeskVerb::Note(line("asked  twice"))),
        ("HOLD", DeskVerb::Hold { within: None, why: None }),
        (
            "HOLD 5 :checking",
            DeskVerb::Hold { within: Some(Duration::from_secs(300)), why: some("checking") },
        ),
        ("HOLD :checking", DeskVerb::Hold { within: None, why: some("checking") }),
        ("RESUME", DeskVerb::Resume),
        ("CLOSE", DeskVerb::Close(None)),
        ("CLOSE :all is well", DeskVerb::Close(some("all is well"))),
        (
            "SAY hello a b",
            DeskVerb::Say { template: line("hello"), arguments: vec![line("a"), line("b")] },
        ),
        ("CARD", DeskVerb::Card),
        ("HISTORY 20", DeskVerb::History(Some(20))),
        (
            "TAG +vip -new plain",
            DeskVerb::Tag(vec![(true, line("vip")), (false, line("new")), (true, line("plain"))]),
        ),
        ("URGENT", DeskVerb::Urgent(true)),
        ("URGENT off", DeskVerb::Urgent(false)),
        ("WHY", DeskVerb::Why),
    ]
}

#[test]
fn three_forms_are_one_command() {
    for (text, verb) in meanings() {
        let (name, rest) =
            text.split_once(' ').map_or((text, String::new()), |(n, r)| (n, format!(" {r}")));
        for sent in [
            format!("{name} {CHANNEL}{rest}"),
            format!("PRIVMSG desk :{} {CHANNEL}{rest}", name.to_lowercase()),
            format!("PRIVMSG {CHANNEL} :!{}{rest}", name.to_lowercase()),
            format!("NOTICE {CHANNEL} :!{name}{rest}"),
            format!("PRIVMSG DESK :{name}  {CHANNEL}{rest}"),
        ] {
            let mut seat = Seat::registered(Role::Supervisor, "echo-message");
            seat.send(&sent);
            assert_eq!(seat.commands, desk(Some(CHANNEL), verb.clone()), "{sent}");
        }
        // Nobody named: the desk knows which conversation is meant.
        let mut seat = Seat::registered(Role::Supervisor, "");
        seat.send(text);
        assert_eq!(seat.commands, desk(None, verb), "{text}");
    }
}

#[test]
fn commands_about_no_channel() {
    let minutes = |n: u64| Duration::from_secs(n * 60);
    for (text, verb) in [
        ("QUEUE", DeskVerb::Queue(None)),
        ("QUEUE #Billing", DeskVerb::Queue(Some(department("billing")))),
        ("TEMPLATES", DeskVerb::Templates),
        ("SEARCH red invoice", DeskVerb::Search(line("red invoice"))),
        (
            "BLOCK 192.0.2.0/24 2h :spam and more",
            DeskVerb::Block {
                who: line("192.0.2.0/24"),
                span: minutes(120),
                why: line("spam and more"),
            },
        ),
        ("UNBLOCK 7", DeskVerb::Unblock(line("7"))),
        ("BLOCKS", DeskVerb::Blocks),
        ("CAPACITY", DeskVerb::Capacity(None)),
        ("CAPACITY 3", DeskVerb::Capacity(Some(3))),
        ("READY", DeskVerb::Ready),
        ("REPORT 7d", DeskVerb::Report(Some(line("7d")))),
        ("ONLINE", DeskVerb::Online),
        (
            "PROPOSE Anna-7k2f :may I help?",
            DeskVerb::Propose { visitor: Folded::of("anna-7k2f"), text: Some(line("may I help?")) },
        ),
    ] {
        for sent in [text.to_owned(), format!("PRIVMSG desk :{text}")] {
            let mut seat = Seat::registered(Role::Agent, "");
            seat.send(&sent);
            assert_eq!(seat.commands, desk(None, verb.clone()), "{sent}");
        }
    }
    let mut seat = Seat::registered(Role::Agent, "");
    for (text, span) in [("KLINE 60 *@192.0.2.7 :spam", 60), ("KLINE *@192.0.2.7 :spam", 1440)] {
        seat.commands.clear();
        seat.send(text);
        let (who, why) = (line("*@192.0.2.7"), line("spam"));
        assert_eq!(seat.commands, [Command::Kline { who, span: minutes(span), why }]);
    }
    assert_eq!(seat.verbs("DLINE *@192.0.2.7 :spam"), "NOTICE");
    seat.commands.clear();
    seat.send("UNKLINE *@192.0.2.7");
    assert_eq!(seat.commands, [Command::Unkline(line("*@192.0.2.7"))]);
}

#[test]
fn misuse_says_how_it_is_written() {
    let mut seat = Seat::registered(Role::Agent, "standard-replies");
    for (text, code) in [
        ("TRANSFER #c-x-1", "TRANSFER NEED_MORE_PARAMS"),
        ("PRIVMSG #c-x-1 :!note", "NOTE NEED_MORE_PARAMS"),
        ("PRIVMSG desk :block eve", "BLOCK NEED_MORE_PARAMS"),
        ("BLOCK eve soon :spam", "BLOCK INVALID_PARAMS"),
        ("CAPACITY many", "CAPACITY INVALID_PARAMS"),
        ("URGENT perhaps", "URGENT INVALID_PARAMS"),
        ("WATCH #c-x-1", "WATCH NOT_PERMITTED"),
        ("RATE 5", "RATE NOT_PERMITTED"),
        ("PRIVMSG #c-x-1 :!watch", "WATCH NOT_PERMITTED"),
    ] {
        let said = seat.ask(text);
        assert!(said.starts_with(&format!(":irc.test FAIL {code} :")), "{text}: {said}");
    }
    assert!(seat.commands.is_empty());
    assert!(seat.ask("NOTE").contains("NOTE [#channel] :text"));
}

#[test]
fn a_mistyped_command_is_shown_to_nobody() {
    let mut seat = Seat::registered(Role::Agent, "standard-replies echo-message");
    for text in ["!tranfser carol", "!", "!?"] {
        let said = seat.ask(&format!("PRIVMSG {CHANNEL} :{text}"));
        assert!(said.starts_with(":irc.test FAIL DESK UNKNOWN_COMMAND "), "{text}: {said}");
        assert!(!said.contains("PRIVMSG"));
    }
    assert!(seat.commands.is_empty());
    let mut seat = Seat::registered(Role::Agent, "");
    let said = seat.ask("PRIVMSG #C-anna-7k2f :!tranfser carol");
    assert!(
        said.starts_with(":desk!desk@irc.test NOTICE bob :There is no desk command \"tranfser\"")
    );
}

#[test]
fn two_marks_say_one() {
    let said = |role, sent: &str| {
        let mut seat = Seat::registered(role, "");
        seat.send(sent);
        let Command::Say(say) = seat.commands.remove(0) else { panic!() };
        (say.text.as_str().to_owned(), say.literal)
    };
    assert_eq!(said(Role::Agent, "PRIVMSG #c-x-1 :!!important"), ("!important".to_owned(), true));
    assert_eq!(said(Role::Agent, "PRIVMSG #c-x-1 :!!!"), ("!!".to_owned(), true));
    // In a channel of staff, and from a customer, it is a line like any other.
    assert_eq!(said(Role::Agent, "PRIVMSG #tea :!weather"), ("!weather".to_owned(), false));
    assert_eq!(said(Role::Agent, "PRIVMSG @#c-x-1 :!sic"), ("!sic".to_owned(), false));
    assert_eq!(said(Role::Customer, "PRIVMSG #c-bob-1 :!help"), ("!help".to_owned(), false));
}

#[test]
fn customers_have_their_own_few() {
    for (text, verb) in [
        ("rate 5 very kind", DeskVerb::Rate { stars: 5, comment: Some(line("very kind")) }),
        ("RATE 1", DeskVerb::Rate { stars: 1, comment: None }),
        ("email anna@example.com", DeskVerb::Email(line("anna@example.com"))),
        ("department #Billing", DeskVerb::AskFor(department("billing"))),
        ("history", DeskVerb::History(None)),
    ] {
        for sent in [format!("PRIVMSG desk :{text}"), text.to_owned()] {
            let mut seat = Seat::registered(Role::Customer, "");
            seat.send(&sent);
            assert_eq!(seat.commands, desk(None, verb.clone()), "{sent}");
        }
    }
    let mut seat = Seat::registered(Role::Customer, "standard-replies");
    for text in ["queue", "hello there", "claim #c-x-1", "?"] {
        let said = seat.ask(&format!("PRIVMSG desk :{text}"));
        assert_eq!(verbs(&said), "NOTICE NOTICE NOTICE NOTICE NOTICE", "{said}");
        assert!(said.contains("RATE 1-5") && !said.contains("TRANSFER"));
    }
    for text in ["QUEUE", "CLAIM", "TRANSFER a b", "WATCH #c-x-1", "CARD", "BLOCKS"] {
        assert_eq!(seat.verbs(text), "421", "{text}");
    }
    assert!(seat.ask("RATE 6").contains("FAIL RATE INVALID_PARAMS"));
    assert!(seat.ask("EMAIL nowhere").contains("FAIL EMAIL INVALID_PARAMS"));
    assert!(seat.commands.is_empty());
    assert_eq!(seat.ask("PRIVMSG desk :\u{1}VERSION\u{1}"), "");
    assert_eq!(seat.ask("NOTICE desk :queue"), "");
}

#[test]
fn words_to_the_desk_come_back_only_to_who_echoes() {
    let mut seat = Seat::registered(Role::Agent, "echo-message");
    assert_eq!(seat.ask("PRIVMSG desk :queue"), ":bob!~u@host PRIVMSG desk :queue\r\n");
    let mut seat = Seat::registered(Role::Agent, "");
    assert_eq!(seat.ask("PRIVMSG desk :queue"), "");
}

#[test]
fn help_comes_from_the_table() {
    let mut seat = Seat::registered(Role::Admin, "");
    let all = seat.ask("HELP");
    for row in DESK_COMMANDS.iter().filter(|row| row.may_use(Role::Admin)) {
        assert!(all.contains(row.help), "{}", row.name);
        let one = seat.ask(&format!("HELP {}", row.name.to_lowercase()));
        assert_eq!(verbs(&one), "704 705 705 706", "{}: {one}", row.name);
        assert!(seat.ask(&format!("PRIVMSG desk :help {}", row.name)).contains(row.help));
    }
    assert_eq!(seat.verbs("HELP JOIN"), "704 705 705 706");
    assert_eq!(seat.verbs("HELP nonsense"), "524");
    assert_eq!(seat.verbs("HELPOP"), verbs(&all));
    assert!(
        seat.ask("PRIVMSG #c-x-1 :!help transfer")
            .contains("TRANSFER [#channel] agent|#department")
    );
    let mut agent = Seat::registered(Role::Agent, "");
    assert!(!agent.ask("HELP").contains("TAKEOVER") && agent.ask("HELP").contains("TRANSFER"));
    let mut customer = Seat::registered(Role::Customer, "");
    assert!(!customer.ask("HELP").contains("TRANSFER"));
    assert_eq!(customer.verbs("HELP TRANSFER"), "524");
}

#[test]
fn the_table_names_every_verb_and_its_roles() {
    for row in DESK_COMMANDS.iter().filter(|row| row.name != "HELP") {
        assert_eq!(row.roles(), may_use(row.name));
        assert!(row.help.len() < 90 && !row.help.ends_with('.'));
    }
    let mut names: Vec<&str> = DESK_COMMANDS.iter().map(|row| row.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), DESK_COMMANDS.len());
}
