//! Notices in every pair of capabilities: whole lines, and each capability changes what it should.

use crate::seat::*;
use std::sync::Arc;
use switchboard::base::ids::SessionId;
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::Verb;
use switchboard::desk::language::fact::Hearers;
use switchboard::desk::language::notice::*;
use switchboard::desk::language::people::{Rank, Role, Source};
use switchboard::desk::language::text::Text;
use switchboard::face::{Dialect, Face};
use switchboard::wire::message::Message;

const CAPS: [&str; 17] = [
    "server-time",
    "message-tags",
    "account-tag",
    "account-notify",
    "extended-join",
    "away-notify",
    "setname",
    "invite-notify",
    "batch",
    "labeled-response",
    "multi-prefix",
    "userhost-in-names",
    "standard-replies",
    "no-implicit-names",
    "echo-message",
    "cap-notify",
    "chghost",
];

fn bot() -> Arc<Source> {
    Arc::new(Source { bot: true, ..(*source("carol", true)).clone() })
}

fn said(text: &str) -> Said {
    Said {
        id: MessageId::Stored(36),
        at: Timestamp(1_795_305_599_999),
        from: bot(),
        sender: Some(SessionId(2)),
        target: Arc::from("#c-anna-7k2f"),
        verb: Verb::Privmsg,
        text: line(text),
        tags: Some(Arc::from("+draft/reply=s1")),
        more: Vec::new(),
        hearers: Hearers::Everyone,
        replayed: false,
    }
}

fn all() -> Vec<Notice> {
    let (who, channel) = (bot(), channel("#chan"));
    let long = "word ".repeat(150);
    vec![
        Notice::Said(said("hello")),
        Notice::Said(said("")),
        Notice::Said(said(&long)),
        Notice::Said(Said { verb: Verb::Notice, ..said(&"é".repeat(300)) }),
        Notice::Said(Said { verb: Verb::Tag, ..said("") }),
        Notice::Said(Said {
            hearers: Hearers::Staff,
            replayed: true,
            target: Arc::from("@#chan"),
            ..said("psst")
        }),
        Notice::Joined {
            who: who.clone(),
            channel: channel.clone(),
            rank: Rank::OP | Rank::VOICE,
            away: Some(line("out")),
        },
        Notice::Parted { who: who.clone(), channel: channel.clone(), reason: None },
        Notice::Parted { who: who.clone(), channel: channel.clone(), reason: Some(line(&long)) },
        Notice::Kicked {
            by: who.clone(),
            nick: nick("dave"),
            channel: channel.clone(),
            reason: line("out you go"),
        },
        Notice::Quit { who: who.clone(), reason: line("gone") },
        Notice::Renamed { who: who.clone(), nick: nick("dave") },
        Notice::Topic { by: who.clone(), channel: channel.clone(), text: line("") },
        Notice::Modes { by: who.clone(), channel: channel.clone(), changes: line("+ov bob carol") },
        Notice::UserModes { who: who.clone(), changes: line("+i") },
        Notice::Away { who: who.clone(), text: Some(line("lunch")) },
        Notice::Away { who: who.clone(), text: None },
        Notice::Account { who: who.clone() },
        Notice::Realname { who: who.clone() },
        Notice::Rehosted { who: who.clone(), now: who.clone() },
        Notice::Rejoined {
            who: who.clone(),
            channel: channel.clone(),
            rank: Rank::OP,
            away: Some(line("out")),
        },
        Notice::Watched(Box::new(Notice::Away { who: who.clone(), text: None })),
        Notice::Watched(Box::new(Notice::Rehosted { who: who.clone(), now: who.clone() })),
        Notice::Invited {
            by: who.clone(),
            nick: nick("dave"),
            channel: channel.clone(),
            personal: false,
        },
        Notice::Invited { by: who.clone(), nick: nick("dave"), channel, personal: true },
        Notice::Monitored { nick: nick("dave"), source: Some(who) },
        Notice::Monitored { nick: nick("dave"), source: None },
        Notice::Desk {
            at: NOW,
            id: MessageId::Passing(40, 2),
            to: Arc::from("#support"),
            text: Text::YouHelp(crate::seat::channel("#c-x-1"), None),
        },
    ]
}

fn heard(caps: &str, notice: &Notice) -> String {
    let mut seat = Seat::registered(Role::Agent, caps);
    seat.hear(notice);
    seat.take()
}

#[test]
fn every_pair_of_capabilities_gives_whole_lines() {
    for (i, one) in CAPS.iter().enumerate() {
        for two in &CAPS[i..] {
            let mut seat = Seat::registered(Role::Agent, &format!("{one} {two}"));
            for notice in all() {
                seat.take();
                seat.hear(&notice);
                for row in seat.take().split_terminator("\r\n") {
                    let message = Message::parse(row).unwrap_or_else(|e| panic!("{row}: {e}"));
                    assert!(message.source.is_some());
                    let tags: Vec<_> = message.tags.iter().map(|(key, _)| key).collect();
                    for tag in tags {
                        let needs = match tag {
                            "time" => "server-time",
                            "account" => "account-tag",
                            "msgid" | "bot" | "+draft/reply" => "message-tags",
                            other => panic!("{other} in {row}"),
                        };
                        assert!([*one, *two].contains(&needs), "{row}");
                    }
                }
            }
        }
    }
}

#[test]
fn equal_dialects_are_equal_bytes() {
    // Capabilities that change only answers do not split the audience of a notice.
    let one = Seat::registered(
        Role::Agent,
        "batch multi-prefix userhost-in-names standard-replies labeled-response",
    );
    let two = Seat::registered(Role::Customer, "");
    assert_eq!(one.face.dialect(), two.face.dialect());
    let echo = Seat::registered(Role::Agent, "echo-message").face.dialect();
    assert!(echo.has(Dialect::ECHO) && !echo.has(Dialect::PLAIN));
}

#[test]
fn words_carry_their_tags() {
    let hello = Notice::Said(said("hello"));
    let source = ":carol!~u@host PRIVMSG #c-anna-7k2f :hello\r\n";
    assert_eq!(heard("", &hello), source);
    assert_eq!(heard("server-time", &hello), format!("@time=2026-11-21T23:59:59.999Z {source}"));
    assert_eq!(heard("account-tag", &hello), format!("@account=carol {source}"));
    let id = msgid(36);
    assert_eq!(heard("message-tags", &hello), format!("@msgid={id};bot;+draft/reply=s1 {source}"));
    let passing = Notice::Said(Said { id: MessageId::Passing(36, 71), ..said("hello") });
    assert!(heard("message-tags", &passing).starts_with("@msgid=p10-"));
    let typing = Notice::Said(Said { verb: Verb::Tag, ..said("") });
    assert_eq!(heard("server-time", &typing), "");
    assert_eq!(
        heard("message-tags", &typing),
        format!("@msgid={id};bot;+draft/reply=s1 :carol!~u@host TAGMSG #c-anna-7k2f\r\n")
    );
}

#[test]
fn whispers_and_old_lines_say_so_in_their_text() {
    let whisper = Said { hearers: Hearers::Staff, target: Arc::from("@#c-x-1"), ..said("careful") };
    assert_eq!(
        heard("server-time", &Notice::Said(whisper.clone())).split_once(' ').unwrap().1,
        ":carol!~u@host PRIVMSG @#c-x-1 :[whisper] careful\r\n"
    );
    let old = Notice::Said(Said { replayed: true, ..said("before") });
    assert!(heard("", &old).ends_with(" :[23:59] before\r\n"));
    assert!(heard("server-time message-tags", &old).ends_with(" :before\r\n"));
    // As irssi has it: it is told the time, and shows it to nobody.
    assert!(heard("server-time", &old).ends_with("] before\r\n"));
    let action =
        Notice::Said(Said { text: line("\u{1}ACTION nods\u{1}"), replayed: true, ..whisper });
    assert!(heard("", &action).ends_with(" :\u{1}ACTION [23:59] [whisper] nods\u{1}\r\n"));
}

#[test]
fn words_too_long_for_a_line_take_two_and_none_is_lost() {
    let words = "word ".repeat(95);
    let got = heard("message-tags", &Notice::Said(said(words.trim())));
    let parts: Vec<&str> = got
        .split_terminator("\r\n")
        .map(|row| row.split_once(" :").unwrap().1.split_once(" :").unwrap().1)
        .collect();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts.join(" "), words.trim());
    assert_eq!(got.matches("msgid=").count(), 1);
}

#[test]
fn presence_is_told_to_those_who_asked() {
    let who = bot();
    let joined = Notice::Joined {
        who: who.clone(),
        channel: channel("#chan"),
        rank: Rank::OP,
        away: Some(line("out")),
    };
    assert_eq!(
        heard("", &joined),
        ":carol!~u@host JOIN #chan\r\n:irc.test MODE #chan +o carol\r\n"
    );
    assert_eq!(
        heard("extended-join away-notify", &joined),
        ":carol!~u@host JOIN #chan carol :Real Name\r\n:irc.test MODE #chan +o carol\r\n:carol!~u@host AWAY :out\r\n"
    );
    let visitor = Notice::Joined {
        who: source("eve", false),
        channel: channel("#chan"),
        rank: Rank::NONE,
        away: None,
    };
    assert_eq!(
        heard("extended-join away-notify", &visitor),
        ":eve!~u@host JOIN #chan * :Real Name\r\n"
    );
    for (notice, cap, expected) in [
        (Notice::Away { who: who.clone(), text: None }, "away-notify", ":carol!~u@host AWAY\r\n"),
        (
            Notice::Account { who: source("eve", false) },
            "account-notify",
            ":eve!~u@host ACCOUNT *\r\n",
        ),
        (Notice::Realname { who: who.clone() }, "setname", ":carol!~u@host SETNAME :Real Name\r\n"),
        (
            Notice::Invited {
                by: who.clone(),
                nick: nick("dave"),
                channel: channel("#chan"),
                personal: false,
            },
            "invite-notify",
            ":carol!~u@host INVITE dave #chan\r\n",
        ),
    ] {
        assert_eq!(heard(cap, &notice), expected);
        assert_eq!(heard("", &notice), "");
    }
    let invited =
        Notice::Invited { by: who, nick: nick("dave"), channel: channel("#chan"), personal: true };
    assert_eq!(heard("", &invited), ":carol!~u@host INVITE dave #chan\r\n");
}

#[test]
fn the_desk_speaks_as_itself() {
    let notice = Notice::Desk {
        at: NOW,
        id: MessageId::Stored(7),
        to: Arc::from("#c-bob-1"),
        text: Text::OffHold,
    };
    let got = heard("message-tags", &notice);
    let head = format!("@msgid={} :desk!desk@irc.test NOTICE #c-bob-1 :", msgid(7));
    assert!(got.starts_with(&head), "{got}");
    let monitored = Notice::Monitored { nick: nick("dave"), source: None };
    assert_eq!(heard("", &monitored), ":irc.test 731 * :dave\r\n");
}
