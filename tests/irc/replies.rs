//! Replies and refusals as numerics, sentences and FAIL; what the session learns from them.

use crate::seat::*;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::{ListFilter, MonitorChange, Question, Verb};
use switchboard::desk::language::fact::Hearers;
use switchboard::desk::language::notice::*;
use switchboard::desk::language::people::{Rank, Role};
use switchboard::desk::language::refusal::*;
use switchboard::desk::language::text::Text;
use switchboard::face::Face;

fn told(caps: &str, reply: &Reply) -> String {
    let mut seat = Seat::registered(Role::Agent, caps);
    seat.reply(reply);
    seat.take()
}

fn refused(caps: &str, command: &'static str, refusal: Refusal) -> String {
    told(caps, &Reply::Refused { command, refusal })
}

#[test]
fn refusals_are_the_numerics_of_irc() {
    let text = |s: &str| Arc::from(s);
    let chan = || channel("#chan");
    for (refusal, start) in [
        (Refusal::NoSuchNick(text("eve")), "401 bob eve"),
        (Refusal::NoSuchChannel(text("#x")), "403 bob #x"),
        (Refusal::NotOnChannel(text("#x")), "442 bob #x"),
        (Refusal::UserNotInChannel(text("eve"), text("#x")), "441 bob eve #x"),
        (Refusal::UserOnChannel(text("eve"), text("#x")), "443 bob eve #x"),
        (Refusal::CannotSend(text("#x"), CannotSend::Moderated), "404 bob #x"),
        (Refusal::CannotSend(text("#x"), CannotSend::LooksLikeCommand), "404 bob #x"),
        (Refusal::NickInUse(nick("eve")), "433 bob eve"),
        (Refusal::NotOperator(text("#x")), "482 bob #x"),
        (Refusal::CannotJoin(chan(), CannotJoin::InviteOnly), "473 bob #chan"),
        (Refusal::CannotJoin(chan(), CannotJoin::Banned), "474 bob #chan"),
        (Refusal::CannotJoin(chan(), CannotJoin::BadKey), "475 bob #chan"),
        (Refusal::CannotJoin(chan(), CannotJoin::Full), "471 bob #chan"),
        (Refusal::Forwarded(chan(), channel("#c-bob-1")), "470 bob #chan #c-bob-1"),
        (Refusal::TooManyChannels(chan()), "405 bob #chan"),
        (Refusal::UnknownMode('z'), "472 bob z"),
        (Refusal::InvalidMode(chan(), 'l', text("x")), "696 bob #chan l x"),
        (Refusal::ListFull(chan(), 'b'), "478 bob #chan b"),
        (Refusal::UnknownUserMode, "501 bob"),
        (Refusal::MonitorFull(100, text("eve")), "734 bob 100 eve"),
        (Refusal::NotPermitted, "481 bob"),
        (Refusal::Blocked(text("spam")), "465 bob"),
    ] {
        let said = refused("", "JOIN", refusal.clone());
        assert!(said.starts_with(&format!(":irc.test {start} :")), "{refusal:?}: {said}");
        assert_eq!(said.matches("\r\n").count(), 1, "{said}");
        assert_eq!(
            refused("standard-replies", "NOTICE", refusal),
            "",
            "a NOTICE is never answered"
        );
    }
}

#[test]
fn refusals_of_the_desk_have_codes() {
    let not_owner = || Refusal::Desk(DeskRefusal::NotOwner(channel("#c-x-1")));
    let fail = refused("standard-replies", "TRANSFER", not_owner());
    let text = fail.strip_prefix(":irc.test FAIL TRANSFER NOT_OWNER #c-x-1 :").unwrap();
    assert_eq!(
        refused("", "TRANSFER", not_owner()),
        format!(":desk!desk@irc.test NOTICE bob :{text}")
    );
    let empty = refused("standard-replies", "CLAIM", Refusal::Desk(DeskRefusal::QueueEmpty));
    assert!(empty.starts_with(":irc.test FAIL CLAIM QUEUE_EMPTY :"));
    let storage = refused("standard-replies", "NOTICE", Refusal::StorageFailing);
    assert!(storage.starts_with(":irc.test FAIL NOTICE STORAGE_FAILING :"), "lost words are told");
    let not_permitted = refused("standard-replies", "WATCH", Refusal::NotPermitted);
    assert!(not_permitted.starts_with(":irc.test FAIL WATCH NOT_PERMITTED :"));
    let watching = refused(
        "standard-replies",
        "PRIVMSG",
        Refusal::CannotSend(Arc::from("#c-x-1"), CannotSend::Watching),
    );
    assert_eq!(verbs(&watching), "404 FAIL");
}

#[test]
fn questions_with_empty_answers_end() {
    let question = |q| Reply::Nothing(Box::new(q));
    for (reply, expected) in [
        (question(Question::Names(channel("#x"))), "366"),
        (question(Question::Who { mask: line("x"), operators: false }), "315"),
        (question(Question::Whois(line("x"))), "401 318"),
        (question(Question::Whowas { nick: line("x"), count: None }), "406 369"),
        (question(Question::List(ListFilter::default())), "321 323"),
        (question(Question::Ison(Vec::new())), "303"),
        (question(Question::Userhost(Vec::new())), "302"),
        (question(Question::Lusers), "251 255 265 266"),
        (question(Question::Monitor(MonitorChange::List)), "733"),
        (question(Question::Monitor(MonitorChange::Clear)), ""),
        (Reply::Whois { nick: line("x y"), card: None, end: Some(line("x y")) }, "401 318"),
        (Reply::Topic { channel: channel("#x"), topic: None }, "331"),
    ] {
        assert_eq!(verbs(&told("", &reply)), expected, "{reply:?}");
    }
}

#[test]
fn answers_have_their_shape() {
    let entries = vec![(line("*!*@x"), Arc::from("bob"), Timestamp(5_000))];
    for (reply, expected) in [
        (Reply::AwaySet(true), "306"),
        (Reply::AwaySet(false), "305"),
        (Reply::PeerAway(nick("eve"), line("out")), "301"),
        (Reply::UserModes(line("+i")), "221"),
        (Reply::Inviting(nick("eve"), channel("#x")), "341"),
        (
            Reply::MonitorStatus { online: vec![source("eve", true)], offline: vec![line("dave")] },
            "730 731",
        ),
        (Reply::MonitorList(vec![line("eve")]), "732 733"),
        (
            Reply::MaskList { channel: channel("#x"), letter: 'b', entries: entries.clone() },
            "367 368",
        ),
        (
            Reply::MaskList { channel: channel("#x"), letter: 'e', entries: entries.clone() },
            "348 349",
        ),
        (Reply::MaskList { channel: channel("#x"), letter: 'I', entries }, "346 347"),
        (
            Reply::Whowas { nick: line("eve"), rows: vec![(source("eve", true), NOW)] },
            "314 330 312 369",
        ),
        (Reply::Done(Text::OffHold), "NOTICE"),
        (Reply::Listing(vec![Text::OffHold, Text::AgentLost]), "NOTICE NOTICE"),
    ] {
        assert_eq!(verbs(&told("", &reply)), expected, "{reply:?}");
    }
    let topic = Reply::Topic {
        channel: channel("#x"),
        topic: Some((line("tea"), Arc::from("eve"), Timestamp(5_000))),
    };
    assert_eq!(told("", &topic), ":irc.test 332 bob #x :tea\r\n:irc.test 333 bob #x eve 5\r\n");
    let modes = Reply::ChannelModes {
        channel: channel("#x"),
        modes: line("+kl key 5"),
        created: Timestamp(5_000),
    };
    assert_eq!(told("", &modes), ":irc.test 324 bob #x +kl key 5\r\n:irc.test 329 bob #x 5\r\n");
    let list =
        Reply::List(vec![ChannelRow { channel: channel("#x"), members: 2, topic: line("") }]);
    assert!(told("", &list).contains(":irc.test 322 bob #x 2 :\r\n"));
}

#[test]
fn names_follow_their_capabilities() {
    let names = |on_join| Reply::Names {
        channel: Arc::from("#chan"),
        members: vec![
            Member { who: source("bob", true), rank: Rank::OP | Rank::VOICE },
            Member { who: source("eve", false), rank: Rank::VOICE },
            Member { who: source("dave", false), rank: Rank::NONE },
        ],
        kind: '=',
        on_join,
    };
    let first = |caps: &str| told(caps, &names(true)).lines().next().unwrap_or_default().to_owned();
    assert_eq!(first(""), ":irc.test 353 bob = #chan :@bob +eve dave");
    assert_eq!(first("multi-prefix"), ":irc.test 353 bob = #chan :@+bob +eve dave");
    assert_eq!(
        first("userhost-in-names"),
        ":irc.test 353 bob = #chan :@bob!~u@host +eve!~u@host dave!~u@host"
    );
    assert_eq!(first("no-implicit-names"), "");
    assert_eq!(verbs(&told("no-implicit-names", &names(false))), "353 366");
    let crowd = Reply::Names {
        channel: Arc::from("#chan"),
        members: vec![Member { who: source("bob", true), rank: Rank::OP }; 200],
        kind: '=',
        on_join: false,
    };
    let said = told("userhost-in-names", &crowd);
    assert_eq!(said.matches("@bob!").count(), 200);
    assert!(said.lines().all(|row| row.len() <= 510));
}

#[test]
fn whois_tells_what_it_was_given() {
    let card = WhoisCard {
        row: PersonRow {
            who: source("anna", true),
            channel: None,
            rank: Rank::NONE,
            away: true,
            operator: true,
            address: Some(Arc::from("::1")),
            idle: Duration::from_secs(9),
        },
        channels: vec![(Rank::OP | Rank::VOICE, channel("#x"))],
        away: Some(line("out")),
        since: Timestamp(5_000),
        secure: true,
        modes: Some(line("+Bi")),
        certificate: Some(Arc::from("00ff")),
        card: vec![Text::OffHold, Text::AgentLost],
    };
    let reply =
        Reply::Whois { nick: line("Anna"), card: Some(Box::new(card)), end: Some(line("Anna")) };
    let said = told("multi-prefix", &reply);
    assert_eq!(verbs(&said), "311 319 312 313 301 330 307 338 379 276 671 320 320 317 318");
    assert!(said.contains(" 319 bob anna :@+#x\r\n") && said.contains(" 338 bob anna 0::1 :"));
    assert!(said.contains(" 317 bob anna 9 5 :") && said.contains(" 318 bob Anna :"));
}

fn old(id: u64, text: &str) -> Said {
    Said {
        id: MessageId::Stored(id),
        at: NOW,
        from: source("eve", false),
        sender: None,
        target: Arc::from("#chan"),
        verb: Verb::Privmsg,
        text: line(text),
        tags: None,
        more: Vec::new(),
        hearers: Hearers::Everyone,
        replayed: true,
    }
}

#[test]
fn history_is_a_batch_where_batches_are_read() {
    let history = Reply::History {
        channel: channel("#chan"),
        lines: vec![old(1, "a"), old(2, "b")],
        unasked: true,
    };
    assert_eq!(
        told("", &history),
        ":eve!~u@host PRIVMSG #chan :[23:59] a\r\n:eve!~u@host PRIVMSG #chan :[23:59] b\r\n"
    );
    let said = told("batch message-tags", &history);
    assert_eq!(verbs(&said), "BATCH PRIVMSG PRIVMSG BATCH");
    let rows: Vec<&str> = said.split_terminator("\r\n").collect();
    let reference = rows[0]
        .strip_prefix(":irc.test BATCH +")
        .unwrap()
        .strip_suffix(" chathistory #chan")
        .unwrap();
    assert!(rows[1].starts_with(&format!("@batch={reference};msgid={} ", msgid(1))));
    assert_eq!(rows[3], format!(":irc.test BATCH -{reference}"));
}

#[test]
fn a_labelled_history_is_one_batch_with_the_label() {
    let mut seat = Seat::registered(Role::Agent, "batch labeled-response");
    let mut answer = Vec::new();
    seat.face.reply(
        NOW,
        &Reply::History { channel: channel("#chan"), lines: vec![old(1, "a")], unasked: true },
        &mut answer,
    );
    let mut out = Vec::new();
    seat.face.seal(NOW, "x", &answer, &mut out);
    let said = String::from_utf8(out).unwrap();
    assert_eq!(verbs(&said), "BATCH PRIVMSG BATCH");
    let rows: Vec<&str> = said.split_terminator("\r\n").collect();
    assert!(rows[0].starts_with("@label=x :irc.test BATCH +"));
    assert!(rows[1].starts_with("@batch="));
    assert_eq!(rows.iter().filter(|row| row.contains("label=")).count(), 1);
}

#[test]
fn the_welcome_names_the_nick_they_really_have() {
    let mut seat = Seat::new();
    seat.send("NICK bob");
    let welcome = Welcome {
        nick: nick("bob-7k2f"),
        source: source("bob-7k2f", false),
        role: Role::Customer,
        channel: Some(channel("#c-bob-7k2f")),
        token: Some(Arc::from("tokentoken")),
        resumed: false,
        counts: Counts::default(),
        modes: line("+"),
    };
    seat.reply(&Reply::Welcome(Box::new(welcome)));
    let said = seat.take();
    assert!(said.starts_with(":irc.test 001 bob-7k2f :"));
    assert!(said.lines().all(|row| row.split(' ').nth(2) == Some("bob-7k2f")));
    assert!(!said.contains("tokentoken"), "the desk tells it itself");
}

#[test]
fn last_words_say_why() {
    for (why, words) in [
        (CutReason::Quit(Some(line("bye"))), "ERROR :Quit: bye\r\n"),
        (CutReason::Killed(None, line("spam")), "spam"),
        (CutReason::Blocked(line("spam")), "spam"),
        (CutReason::AccountEnded, "suspended"),
        (CutReason::Replaced, "elsewhere"),
        (CutReason::AccountRequired, "SASL"),
        (CutReason::StorageFailing, "few minutes"),
    ] {
        let mut seat = Seat::registered(Role::Agent, "");
        let mut out = Vec::new();
        seat.face.farewell(&why, &mut out);
        let said = String::from_utf8(out).unwrap();
        assert!(
            said.lines().last().is_some_and(|l| l.starts_with("ERROR :")) && said.contains(words),
            "{said}"
        );
        assert_eq!(seat.ask("PING x"), "");
        assert!(seat.face.registered(), "the desk still knows the session");
    }
    let mut seat = Seat::registered(Role::Agent, "");
    let mut out = Vec::new();
    seat.face.ping(NOW, &mut out);
    seat.face.error("Ping timeout", &mut out);
    assert_eq!(out, b"PING :irc.test\r\nERROR :Ping timeout\r\n");
}
