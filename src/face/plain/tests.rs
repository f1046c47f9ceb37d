//! The plain face in memory: typed lines in, commands and text out.

use super::*;
use crate::base::ids::SessionId;
use crate::desk::language::command::Token;
use crate::desk::language::fact::Hearers;
use crate::desk::language::notice::{Counts, MessageId, Welcome};
use crate::desk::language::people::{Rank, Role, Source};
use crate::desk::language::refusal::{DeskRefusal, Refusal};
use crate::desk::language::text::Text;
use std::time::Duration;

const NOW: Timestamp = Timestamp(1_795_305_599_999);

fn fresh() -> PlainFace {
    let info = ServerInfo {
        server: Arc::from("chat.example"),
        network: Arc::from("Example"),
        created: NOW,
        ..ServerInfo::default()
    };
    let connection = Connection {
        session: SessionId(1),
        address: Arc::from("192.0.2.7"),
        tls: false,
        trusted: true,
        certificate: None,
        token: Token { secret: [1; 32], digest: [2; 32] },
        code_seed: 7,
        department: Department::parse("billing"),
    };
    PlainFace::new(Arc::new(info), connection)
}

fn source(nick: &str) -> Arc<Source> {
    Arc::new(Source {
        nick: Nick::parse(nick).unwrap(),
        user: Arc::from("~u"),
        host: Arc::from("h"),
        account: None,
        bot: false,
        realname: Line::scrubbed(""),
    })
}

fn channel() -> ChannelName {
    ChannelName::parse("#c-guest-7k2f").unwrap()
}

fn welcomed() -> PlainFace {
    let mut face = fresh();
    let welcome = Welcome {
        nick: Nick::parse("guest-7k2f").unwrap(),
        source: source("guest-7k2f"),
        role: Role::Customer,
        channel: Some(channel()),
        token: None,
        resumed: false,
        counts: Counts::default(),
        modes: crate::base::text::Line::scrubbed("+"),
    };
    let mut out = Vec::new();
    face.reply(NOW, &Reply::Welcome(Box::new(welcome)), &mut out);
    assert!(out.is_empty());
    face
}

/// What one line leads to.
fn typed(face: &mut PlainFace, line: &str) -> Vec<Action> {
    let mut actions = Actions::default();
    face.line(NOW, line.as_bytes(), &mut actions);
    assert!(actions.label.is_none());
    actions.list
}

/// The commands for the desk that one line leads to; no text besides.
fn asked(line: &str) -> Vec<Command> {
    let of = |action| match action {
        Action::Desk(command) => command,
        other => panic!("{line}: {other:?}"),
    };
    typed(&mut welcomed(), line).into_iter().map(of).collect()
}

/// The text that one line is answered with at once; nothing for the desk besides.
fn told(face: &mut PlainFace, line: &str) -> String {
    let mut text = String::new();
    for action in typed(face, line) {
        let Action::Say(bytes) = action else { panic!("{line}: {action:?}") };
        text.push_str(&String::from_utf8(bytes).unwrap());
    }
    text
}

fn verb(line: &str) -> DeskVerb {
    match asked(line).pop() {
        Some(Command::Desk(DeskCommand { channel: Some(of), verb })) if of == channel() => verb,
        other => panic!("{line}: {other:?}"),
    }
}

fn said(text: &str) -> Said {
    Said {
        id: MessageId::Stored(1),
        at: NOW,
        from: source("bob"),
        sender: None,
        target: channel().shared(),
        verb: Verb::Privmsg,
        text: Line::scrubbed(text),
        tags: None,
        more: Vec::new(),
        hearers: Hearers::Everyone,
        replayed: false,
    }
}

fn shown(notice: &Notice) -> String {
    let mut out = Vec::new();
    fresh().notice(NOW, notice, &mut out);
    String::from_utf8(out).unwrap()
}

fn answered(reply: &Reply) -> String {
    let mut out = Vec::new();
    welcomed().reply(NOW, reply, &mut out);
    String::from_utf8(out).unwrap()
}

fn desk_says(text: Text) -> Notice {
    Notice::Desk { at: NOW, id: MessageId::Passing(1, 1), to: Arc::from("guest"), text }
}

#[test]
fn a_connection_arrives_at_once() {
    let mut face = fresh();
    let mut actions = Actions::default();
    face.open(NOW, &mut actions);
    let [Action::Desk(Command::Arrive(arrival))] = &actions.list[..] else {
        panic!("{:?}", actions.list)
    };
    assert_eq!((arrival.nick.as_str(), arrival.user.as_str()), ("guest", "guest"));
    assert_eq!(arrival.department, Department::parse("billing"));
    assert!(!arrival.secure && arrival.wants_replay && arrival.resume.is_none());
    assert!(arrival.account.is_none() && !face.registered());
    assert!(welcomed().registered());
    assert_eq!(face.dialect(), Dialect(Dialect::PLAIN));
}

#[test]
fn the_way_back_is_told_once_with_the_first_words() {
    let mut face = fresh();
    let welcome = Welcome {
        nick: Nick::parse("guest-7k2f").unwrap(),
        source: source("guest-7k2f"),
        role: Role::Customer,
        channel: Some(channel()),
        token: Some(Arc::from("abc-123")),
        resumed: false,
        counts: Counts::default(),
        modes: crate::base::text::Line::scrubbed("+"),
    };
    let mut out = Vec::new();
    face.reply(NOW, &Reply::Welcome(Box::new(welcome)), &mut out);
    assert!(out.is_empty());
    assert!(typed(&mut face, "/help").iter().all(|a| matches!(a, Action::Say(_))));
    let [Action::Desk(Command::Say(_)), Action::Say(told)] = &typed(&mut face, "hello")[..] else {
        panic!("words, then the way back")
    };
    assert!(String::from_utf8_lossy(told).contains("resume:abc-123"));
    assert_eq!(typed(&mut face, "again").len(), 1);
}

#[test]
fn typed_words_go_to_the_own_channel() {
    let [Command::Say(say)] = &asked("  my invoice is wrong\t!  ")[..] else { panic!("no say") };
    assert_eq!(say.target.as_str(), "#c-guest-7k2f");
    assert_eq!(say.text.as_str(), "my invoice is wrong !");
    assert_eq!((say.verb, say.literal), (Verb::Privmsg, false));
    for empty in ["", "   ", "\t", "\r", "\u{1b}"] {
        assert!(asked(empty).is_empty());
    }
}

#[test]
fn long_lines_become_several_messages_without_loss() {
    let line = "word é ".repeat(200);
    let parts: Vec<String> = asked(&line)
        .into_iter()
        .map(|command| match command {
            Command::Say(say) => say.text.as_str().to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(parts.len() > 1 && parts.iter().all(|p| p.len() <= WORDS_BYTES));
    assert_eq!(parts.join(" "), line.trim());
    assert_eq!(asked(&"é".repeat(400)).len(), 3);
}

#[test]
fn words_before_the_welcome_are_not_lost_silently() {
    assert!(told(&mut fresh(), "hello").contains("not connected yet"));
    let mut elsewhere = fresh();
    elsewhere.registered = true;
    assert!(told(&mut elsewhere, "hello").contains("nobody to write to"));
}

#[test]
fn commands_reach_the_desk() {
    assert_eq!(
        verb("/department Billing"),
        DeskVerb::AskFor(Department::parse("billing").unwrap())
    );
    assert_eq!(verb("/rate 5"), DeskVerb::Rate { stars: 5, comment: None });
    let comment = Some(Line::scrubbed("thank you"));
    assert_eq!(verb("/RATE 1  thank you "), DeskVerb::Rate { stars: 1, comment });
    assert_eq!(verb("/email a@example.org"), DeskVerb::Email(Line::scrubbed("a@example.org")));
    assert_eq!(verb("/history"), DeskVerb::History(None));
    assert_eq!(verb("/history 20"), DeskVerb::History(Some(20)));
    let words = Some(Line::scrubbed("bye now"));
    assert_eq!(asked("/quit bye now"), [Command::Leave(Departure::Quit(words))]);
    assert_eq!(asked("/quit"), [Command::Leave(Departure::Quit(None))]);
}

#[test]
fn names_are_made_to_fit() {
    for (typed, nick) in [
        ("Anna", "Anna"),
        ("Ana María", "Ana_Mara"),
        ("7up!", "up"),
        ("#-x@y", "xy"),
        (&"a".repeat(99), &"a".repeat(CUSTOMER_NICKLEN)),
    ] {
        assert_eq!(asked(&format!("/name {typed}")), [Command::Nick(Nick::parse(nick).unwrap())]);
    }
    for bad in ["/name", "/name 123", "/name \u{3b1}"] {
        assert!(told(&mut welcomed(), bad).contains("Which name?"));
    }
}

#[test]
fn wrong_commands_are_answered_and_never_forwarded() {
    for bad in [
        "/rate",
        "/rate 0",
        "/rate 6",
        "/rate five",
        "/email",
        "/email anna",
        "/email @x",
        "/email a b@c",
        "/department",
        "/department a,b",
        "/history -1",
        "/history x",
        "/resume",
        "/resume abc",
        "resume:abc",
        "/",
        "//",
        "/ hello",
        "/join #support",
        "/msg bob hi",
        "/etc/passwd",
    ] {
        let text = told(&mut welcomed(), bad);
        assert!(text.starts_with("* ") && text.ends_with("\r\n"), "{bad}: {text:?}");
    }
    let help = told(&mut welcomed(), "/help");
    for command in ["/name", "/department", "/rate", "/email", "/history", "/resume", "/quit"] {
        assert!(help.contains(&format!("* {command} ")), "{command}");
    }
    assert!(told(&mut welcomed(), "/joni").contains("no command /joni"));
}

#[test]
fn a_token_brings_back() {
    let secret = [9u8; 32];
    let token = URL_SAFE_NO_PAD.encode(secret);
    for line in
        [format!("/resume {token}"), format!("/resume resume:{token}"), format!("resume:{token}")]
    {
        let [Command::Arrive(arrival)] = &asked(&line)[..] else { panic!("{line}") };
        let expected: [u8; 32] = Sha256::digest(secret).into();
        assert_eq!(arrival.resume, Some(Resume { digest: expected, last_seen: None }));
    }
}

#[test]
fn others_words_are_shown_without_controls() {
    let text = |t| shown(&Notice::Said(said(t)));
    assert_eq!(text("hello there"), "bob> hello there\r\n");
    assert_eq!(text("a\tb\u{1b}[31m\u{7f}\u{9b}c\u{7}"), "bob> a b[31mc\r\n");
    assert_eq!(text("\u{2}bold\u{2} \u{3}04,12red\u{3} \u{3}5,x"), "bob> bold red ,x\r\n");
    assert_eq!(text("\u{1}ACTION waves\u{1}"), "* bob waves\r\n");
    assert_eq!(text("\u{1}VERSION\u{1}"), "");
    let replayed = Said { replayed: true, ..said("hello") };
    assert_eq!(shown(&Notice::Said(replayed)), "23:59 bob> hello\r\n");
}

#[test]
fn nothing_of_staff_is_ever_shown() {
    let whispers = [
        Said { hearers: Hearers::Staff, ..said("careful") },
        Said { target: Arc::from("@#c-guest-7k2f"), ..said("careful") },
        Said { target: Arc::from("+#c-guest-7k2f"), ..said("careful") },
        Said { verb: Verb::Tag, ..said("") },
    ];
    for whisper in whispers {
        assert_eq!(shown(&Notice::Said(whisper.clone())), "");
        let history = Reply::History { channel: channel(), lines: vec![whisper], unasked: true };
        assert_eq!(answered(&history), "");
    }
    let note =
        Text::NoteBy(crate::base::text::AccountName::parse("bob").unwrap(), Line::scrubbed("x"));
    assert_eq!(shown(&desk_says(note)), "");
    assert_eq!(shown(&desk_says(Text::QueueState(2, Some(Duration::from_secs(9)), 1))), "");
}

#[test]
fn comings_and_goings_show_nothing() {
    let (who, reason) = (source("bob"), Line::scrubbed("x"));
    let nick = who.nick.clone();
    let notices = [
        Notice::Joined { who: who.clone(), channel: channel(), rank: Rank::OP, away: None },
        Notice::Parted { who: who.clone(), channel: channel(), reason: None },
        Notice::Quit { who: who.clone(), reason: reason.clone() },
        Notice::Kicked { by: who.clone(), nick, channel: channel(), reason: reason.clone() },
        Notice::Topic { by: who.clone(), channel: channel(), text: reason.clone() },
        Notice::Modes { by: who.clone(), channel: channel(), changes: reason },
    ];
    for notice in notices {
        assert_eq!(shown(&notice), "");
    }
    let nick = Nick::parse("robert").unwrap();
    assert_eq!(shown(&Notice::Renamed { who, nick }), "* bob is now called robert\r\n");
}

#[test]
fn the_desk_speaks_with_a_star() {
    let greeting = shown(&desk_says(Text::Greeting(Arc::from("Example"))));
    assert!(greeting.starts_with("* Welcome to Example") && greeting.contains("/help"));
    assert_eq!(shown(&desk_says(Text::Joined(Nick::parse("bob").unwrap()))), "* bob joined\r\n");
    assert_eq!(answered(&Reply::Done(Text::RatingThanks)), "* Thank you for your rating.\r\n");
    let refusal = Refusal::Desk(DeskRefusal::NothingYet);
    let refused = answered(&Reply::Refused { command: "RATE", refusal });
    assert_eq!(refused, "* There is no conversation for that yet\r\n");
    let lines = vec![said("one"), said("two")];
    let history = answered(&Reply::History { channel: channel(), lines, unasked: true });
    assert_eq!(history, "23:59 bob> one\r\n23:59 bob> two\r\n");
    assert_eq!(answered(&Reply::AwaySet(true)), "");
}

#[test]
fn other_protocols_are_sent_away_at_their_first_line() {
    for line in ["GET / HTTP/1.1", "POST /x HTTP/1.0\r", "\u{16}\u{3}\u{1}"] {
        let actions = typed(&mut welcomed(), line);
        assert!(matches!(actions[..], [Action::Close(_)]), "{line:?}");
    }
    let mut face = welcomed();
    typed(&mut face, "hello");
    let later = typed(&mut face, "what does GET / HTTP/1.1");
    assert!(matches!(later[..], [Action::Desk(Command::Say(_))]));
}

#[test]
fn ends_are_told() {
    let mut out = Vec::new();
    let mut face = welcomed();
    face.farewell(&CutReason::Quit(None), &mut out);
    face.error("The server\r\nstops", &mut out);
    face.ping(NOW, &mut out);
    face.seal(NOW, "label", b"* answer\r\n", &mut out);
    assert_eq!(out, b"* Goodbye.\r\n* The server stops\r\n* answer\r\n");
    let mut actions = Actions::default();
    face.overlong(NOW, &mut actions);
    let [Action::Say(text)] = &actions.list[..] else { panic!("{:?}", actions.list) };
    assert!(String::from_utf8_lossy(text).contains("4096"));
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config {
        failure_persistence: None,
        ..proptest::test_runner::Config::default()
    })]

    #[test]
    fn one_shown_line_is_one_line_without_controls(text: String) {
        let mut line = shown(&Notice::Said(said(&text)));
        if !line.is_empty() {
            proptest::prop_assert!(line.ends_with("\r\n"));
            line.truncate(line.len() - 2);
        }
        proptest::prop_assert!(!line.contains(char::is_control));
    }

    #[test]
    fn whatever_is_typed_is_said_whole_or_answered(bytes: Vec<u8>, slash: bool) {
        let mut line = if slash { b"/".to_vec() } else { Vec::new() };
        line.extend(bytes);
        let mut actions = Actions::default();
        let mut face = welcomed();
        face.line(NOW, b"hello", &mut Actions::default());
        face.line(NOW, &line, &mut actions);
        for action in &actions.list {
            match action {
                Action::Desk(Command::Say(say)) => {
                    proptest::prop_assert!(!line.starts_with(b"/"));
                    proptest::prop_assert!(!say.text.as_str().is_empty());
                    proptest::prop_assert!(say.text.as_str().len() <= WORDS_BYTES);
                }
                Action::Say(_) | Action::Desk(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}
