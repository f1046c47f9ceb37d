//! IRCv3 chathistory.

use crate::stage::{Peer, Stage};
use crate::support::{has, member, only, pairwise, params, signed_in, verb};
use std::time::Duration;

const ALL: &str = "batch server-time message-tags echo-message draft/chathistory";

/// Somebody in `#x` who has said these lines, a second apart; the lines as they were echoed.
fn scene(stage: &mut Stage, texts: &[&str]) -> (Peer, Vec<String>) {
    let anna = member(stage, "anna", ALL);
    stage.says(&anna, "JOIN #x");
    let mut echoed = Vec::new();
    for text in texts {
        stage.passes(Duration::from_secs(1));
        echoed.extend(stage.says(&anna, &format!("PRIVMSG #x :{text}")));
    }
    (anna, echoed)
}

/// The value of a tag.
fn tag(line: &str, name: &str) -> Option<String> {
    let tags = line.strip_prefix('@')?.split(' ').next()?.to_owned();
    let found = tags.split(';').map(|t| t.split_once('=').unwrap_or((t, ""))).find(|t| t.0 == name);
    found.map(|t| t.1.to_owned())
}

/// The lines of a page without their `batch` tag, and the line that opened it.
fn page(heard: &[String]) -> (Vec<String>, String) {
    let open = heard.first().unwrap_or_else(|| panic!("no answer"));
    assert_eq!(verb(open), "BATCH", "{heard:#?}");
    let reference = params(open)[0].strip_prefix('+').unwrap().to_owned();
    let close = heard.last().unwrap();
    assert_eq!(params(close), [format!("-{reference}")], "{heard:#?}");
    let strip = |line: &String| {
        let plain = line.replacen(&format!("@batch={reference};"), "@", 1);
        assert_ne!(plain, *line, "every line is in the batch: {line}");
        plain
    };
    (heard[1..heard.len() - 1].iter().map(strip).collect(), open.clone())
}

fn said(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| params(line)[1].clone()).collect()
}

/// "If the batch capability was negotiated, the server MUST reply to a successful CHATHISTORY command
/// using a batch ... the canonical name of the target being queried." And: "The msgid tag ... MUST be
/// the msgid tag as originally sent".
#[test]
fn lines_come_back_as_they_were_in_a_batch_that_names_the_channel() {
    let mut stage = Stage::members();
    let (anna, echoed) = scene(&mut stage, &["one", "two", "three"]);
    let heard = stage.says(&anna, "CHATHISTORY LATEST #X * 10");
    let (lines, open) = page(&heard);
    assert_eq!(params(&open)[1..], ["chathistory", "#x"]);
    assert_eq!(lines, echoed);
}

/// Every combination of the capabilities that shape a line: with tags or without, in a batch or not.
#[test]
fn each_reader_gets_the_line_in_the_form_it_was_first_sent_in() {
    for set in
        pairwise(&["batch", "server-time", "message-tags", "account-tag", "draft/chathistory"])
    {
        let mut stage = Stage::members();
        let bob = signed_in(&mut stage, "bob", "message-tags");
        let anna = member(&mut stage, "anna", &set);
        stage.says(&bob, "JOIN #x");
        stage.says(&anna, "JOIN #x");
        stage.says(&bob, "@+a=b PRIVMSG #x :hello there");
        let live = anna.heard();
        let heard = stage.says(&anna, "CHATHISTORY LATEST #x * 10");
        if has(&set, "batch") {
            let opens = only(&heard, "BATCH");
            let reference = params(opens[0])[0][1..].to_owned();
            let line = only(&heard, "PRIVMSG")[0].clone();
            assert_eq!(tag(&line, "batch").as_deref(), Some(&*reference), "{set}");
            let bare = line.replacen(&format!("@batch={reference};"), "@", 1);
            let bare = bare.replacen(&format!("@batch={reference} "), "", 1);
            assert_eq!([bare], live[..], "{set}");
        } else {
            assert_eq!(heard, live, "{set}");
        }
    }
}

/// The subcommands, by moment and by id, each against the list of what was said.
#[test]
fn every_subcommand_selects_what_it_says() {
    let mut stage = Stage::members();
    let texts: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (anna, echoed) = scene(&mut stage, &texts);
    for kind in ["msgid", "timestamp"] {
        let at = |n: usize| {
            let value = tag(&echoed[n], if kind == "msgid" { "msgid" } else { "time" }).unwrap();
            format!("{kind}={value}")
        };
        let cases = [
            ("LATEST #x * 3".to_owned(), &[7, 8, 9][..]),
            (format!("LATEST #x {} 10", at(6)), &[7, 8, 9]),
            (format!("LATEST #x {} 2", at(2)), &[8, 9]),
            (format!("BEFORE #x {} 2", at(5)), &[3, 4]),
            (format!("BEFORE #x {} 50", at(2)), &[0, 1]),
            (format!("BEFORE #x {} 50", at(0)), &[]),
            (format!("AFTER #x {} 2", at(5)), &[6, 7]),
            (format!("AFTER #x {} 50", at(9)), &[]),
            (format!("AROUND #x {} 1", at(5)), &[5]),
            (format!("AROUND #x {} 3", at(5)), &[4, 5, 6]),
            (format!("AROUND #x {} 4", at(0)), &[0, 1, 2, 3]),
            (format!("BETWEEN #x {} {} 10", at(2), at(5)), &[3, 4]),
            (format!("BETWEEN #x {} {} 10", at(5), at(2)), &[3, 4]),
            (format!("BETWEEN #x {} {} 2", at(1), at(8)), &[2, 3]),
            (format!("BETWEEN #x {} {} 2", at(8), at(1)), &[6, 7]),
            (format!("BETWEEN #x {} {} 2", at(3), at(3)), &[]),
        ];
        for (ask, wanted) in cases {
            let heard = stage.says(&anna, &format!("CHATHISTORY {ask}"));
            let (lines, _) = page(&heard);
            let wanted: Vec<String> = wanted.iter().map(|n: &usize| echoed[*n].clone()).collect();
            assert_eq!(lines, wanted, "{ask}");
        }
    }
}

/// Going back page by page by id meets every line once, also where several have the same moment; the
/// page behind which nothing lies says so, and a full one that is not the last does not.
#[test]
fn pages_follow_each_other_without_a_gap_and_the_last_one_says_so() {
    let mut stage = Stage::members();
    let (anna, _) = scene(&mut stage, &[]);
    for n in 0..9 {
        stage.says(&anna, &format!("PRIVMSG #x :{n}"));
    }
    let mut heard = stage.says(&anna, "CHATHISTORY LATEST #x * 3");
    let mut all = Vec::new();
    for round in 0..3 {
        let (lines, open) = page(&heard);
        assert_eq!(lines.len(), 3);
        let end = tag(&open, "draft/chathistory-end").is_some();
        assert_eq!(end, round == 2, "{open}");
        let first = tag(&lines[0], "msgid").unwrap();
        all.splice(0..0, said(&lines));
        heard = stage.says(&anna, &format!("CHATHISTORY BEFORE #x msgid={first} 3"));
    }
    assert_eq!(all, ["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
    assert!(tag(&page(&heard).1, "draft/chathistory-end").is_some());
}

/// "CHATHISTORY MUST be sent to the client to state the maximum number of messages"; "MSGREFTYPES
/// SHOULD be sent".
#[test]
fn the_limit_is_announced_and_kept() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    let heard = stage.says(&peer, "NICK anna\r\nUSER anna 0 * :anna");
    let tokens =
        only(&heard, "005").iter().map(|l| params(l).join(" ")).collect::<Vec<_>>().join(" ");
    assert!(tokens.contains(" CHATHISTORY=500 "), "{tokens}");
    assert!(tokens.contains(" MSGREFTYPES=msgid,timestamp "), "{tokens}");
}

/// "INVALID_PARAMS the_given_command"; "INVALID_MSGREFTYPE the_given_command the_given_target".
#[test]
fn what_cannot_be_read_fails_with_its_code() {
    let mut stage = Stage::members();
    let (anna, _) = scene(&mut stage, &["one"]);
    let now = "timestamp=2026-11-21T23:59:59.999Z";
    for (ask, wanted) in [
        ("CHATHISTORY", "INVALID_PARAMS"),
        ("CHATHISTORY NEWEST #x * 5", "INVALID_PARAMS NEWEST"),
        ("CHATHISTORY LATEST", "INVALID_PARAMS LATEST"),
        ("CHATHISTORY LATEST #x *", "INVALID_PARAMS LATEST"),
        ("CHATHISTORY LATEST #x * 5 6", "INVALID_PARAMS LATEST"),
        ("CHATHISTORY LATEST #x * five", "INVALID_PARAMS LATEST five"),
        ("CHATHISTORY LATEST #x * 0", "INVALID_PARAMS LATEST 0"),
        ("CHATHISTORY BEFORE #x * 5", "INVALID_PARAMS BEFORE *"),
        ("CHATHISTORY BEFORE #x timestamp=2026 5", "INVALID_PARAMS BEFORE timestamp=2026"),
        ("CHATHISTORY BEFORE #x msgid= 5", "INVALID_PARAMS BEFORE msgid="),
        ("CHATHISTORY BEFORE #x line=5 5", "INVALID_MSGREFTYPE BEFORE #x"),
        ("CHATHISTORY BETWEEN #x msgid=a 5", "INVALID_PARAMS BETWEEN"),
        (&format!("CHATHISTORY TARGETS {now} msgid=a 5"), "INVALID_PARAMS TARGETS msgid=a"),
        (&format!("CHATHISTORY TARGETS {now} 5"), "INVALID_PARAMS TARGETS"),
        ("CHATHISTORY LATEST #nowhere * 5", "INVALID_TARGET LATEST #nowhere"),
    ] {
        let heard = stage.says(&anna, ask);
        let [only] = &heard[..] else { panic!("{ask}: {heard:#?}") };
        let mut given = params(only);
        given.pop();
        assert_eq!(
            format!("{} {}", verb(only), given.join(" ")),
            format!("FAIL CHATHISTORY {wanted}")
        );
    }
    // An id that names nothing there: nothing, in a batch.
    for id in ["nonsense", "s0", "p1-2"] {
        let heard = stage.says(&anna, &format!("CHATHISTORY AROUND #x msgid={id} 5"));
        assert!(page(&heard).0.is_empty());
    }
}

/// "If the target does not exist or the client does not have permissions to query it, the
/// INVALID_TARGET error code SHOULD be returned": a channel one is not in answers like none.
#[test]
fn a_channel_of_others_answers_like_one_that_is_not_there() {
    let mut stage = Stage::members();
    let (anna, echoed) = scene(&mut stage, &["secret"]);
    stage.says(&anna, "JOIN #hidden\r\nMODE #hidden +s\r\nPRIVMSG #hidden :hush");
    let mark = member(&mut stage, "mark", ALL);
    let ask = |stage: &mut Stage, channel: &str| {
        let heard = stage.says(&mark, &format!("CHATHISTORY LATEST {channel} * 5"));
        heard.iter().map(|l| l.replace(channel, "#")).collect::<Vec<_>>()
    };
    let nothing = ask(&mut stage, "#nowhere");
    assert_eq!(ask(&mut stage, "#x"), nothing);
    assert_eq!(ask(&mut stage, "#hidden"), nothing);
    // Not by way of a channel that is theirs either.
    stage.says(&mark, "JOIN #mine");
    let id = tag(&echoed[0], "msgid").unwrap();
    let heard = stage.says(&mark, &format!("CHATHISTORY AROUND #mine msgid={id} 5"));
    assert!(page(&heard).0.is_empty());
    // A channel of the same name that is made again is another.
    stage.says(&anna, "PART #x");
    stage.passes(Duration::from_secs(1));
    stage.says(&mark, "JOIN #x");
    assert!(page(&stage.says(&mark, "CHATHISTORY LATEST #x * 5")).0.is_empty());
}

/// "If a nickname is given as the target then the server SHOULD include history sent between the
/// current user and the target nickname, including outgoing messages".
#[test]
fn private_words_are_for_the_two_who_had_them() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", ALL);
    let bob = signed_in(&mut stage, "bob", ALL);
    let carol = signed_in(&mut stage, "carol", ALL);
    stage.says(&anna, "PRIVMSG bob :hello");
    stage.says(&bob, "PRIVMSG anna :hi\r\nPRIVMSG carol :and you");
    let with = |stage: &mut Stage, peer: &Peer, nick: &str| {
        peer.heard();
        let heard = stage.says(peer, &format!("CHATHISTORY LATEST {nick} * 9"));
        said(&page(&heard).0)
    };
    assert_eq!(with(&mut stage, &anna, "bob"), ["hello", "hi"]);
    assert_eq!(with(&mut stage, &bob, "anna"), ["hello", "hi"]);
    assert_eq!(with(&mut stage, &bob, "carol"), ["and you"]);
    for nick in ["anna", "nobody", "root"] {
        assert!(with(&mut stage, &carol, nick).is_empty(), "{nick}");
    }
    // Who takes the nick of somebody without an account takes nothing else.
    stage.says(&anna, "QUIT");
    let other = member(&mut stage, "anna", ALL);
    assert!(with(&mut stage, &other, "bob").is_empty());
    assert!(with(&mut stage, &bob, "anna").is_empty());
    // An account keeps what it said and heard, under any nick.
    stage.says(&carol, "QUIT");
    assert_eq!(with(&mut stage, &bob, "carol"), ["and you"]);
}

/// "TARGETS ... lists channels the user has visible history in, together with users with which the
/// user has exchanged direct messages, ordered by the time of the latest message".
#[test]
fn targets_are_those_where_something_was_said_in_that_time() {
    let mut stage = Stage::members();
    let bob = signed_in(&mut stage, "bob", ALL);
    let carol = signed_in(&mut stage, "carol", ALL);
    stage.says(&bob, "JOIN #x,#y,#quiet");
    let mut at = Vec::new();
    for line in ["PRIVMSG #y :1", "PRIVMSG carol :2", "PRIVMSG #x :3", "PRIVMSG carol :4"] {
        stage.passes(Duration::from_secs(1));
        at.push(tag(&stage.says(&bob, line)[0], "time").unwrap());
    }
    let before = "timestamp=2020-01-01T00:00:00.000Z";
    let after = "timestamp=2038-01-01T00:00:00.000Z";
    let ask = |stage: &mut Stage, peer: &Peer, ask: &str| -> Vec<(String, String)> {
        peer.heard();
        let heard = stage.says(peer, &format!("CHATHISTORY TARGETS {ask}"));
        let open = params(&heard[0]);
        assert_eq!(open[1], "draft/chathistory-targets");
        let rows = only(&heard, "CHATHISTORY");
        assert!(rows.iter().all(|row| tag(row, "batch").as_deref() == Some(&open[0][1..])));
        rows.iter().map(|row| (params(row)[1].clone(), params(row)[2].clone())).collect()
    };
    let row = |name: &str, n: usize| (name.to_owned(), at[n].clone());
    let all = [row("#y", 0), row("#x", 2), row("carol", 3)];
    assert_eq!(ask(&mut stage, &bob, &format!("{before} {after} 9")), all);
    assert_eq!(ask(&mut stage, &bob, &format!("{before} {after} 1")), all[..1]);
    assert_eq!(ask(&mut stage, &bob, &format!("{after} {before} 1")), all[2..]);
    assert_eq!(ask(&mut stage, &bob, &format!("timestamp={} {after} 9", at[0])), all[1..]);
    assert_eq!(ask(&mut stage, &carol, &format!("{before} {after} 9")), [row("bob", 3)]);
}

/// "if a client requests this capability, the server ... SHOULD NOT play back any history that would
/// otherwise be sent automatically."
#[test]
fn who_can_ask_is_told_nothing_unasked_and_others_are() {
    for (caps, told) in [
        ("", "[00:00] one"),
        ("batch", "[00:00] one"),
        ("server-time message-tags", "one"),
        ("draft/chathistory", ""),
        ("batch draft/chathistory server-time", ""),
    ] {
        let mut stage = Stage::members();
        let (_, _) = scene(&mut stage, &["one"]);
        let mark = member(&mut stage, "mark", caps);
        let heard = stage.says(&mark, "JOIN #x");
        let texts = said(&only(&heard, "PRIVMSG").into_iter().cloned().collect::<Vec<_>>());
        assert_eq!(texts.join(","), told, "{caps:?}");
        // A bot is told nothing either, until it asks.
        let robot = member(&mut stage, "robot", "server-time message-tags");
        let heard = stage.says(&robot, "MODE robot +B\r\nJOIN #x");
        assert!(only(&heard, "PRIVMSG").is_empty());
        assert_eq!(stage.says(&robot, "CHATHISTORY LATEST #x * 5").len(), 1);
    }
}

/// What comes behind a CHATHISTORY is answered behind it, and a label names the whole answer.
#[test]
fn answers_keep_their_order_and_their_labels() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", &format!("{ALL} labeled-response"));
    stage.says(&anna, "JOIN #x");
    let heard = stage.says(
        &anna,
        "PRIVMSG #x :now\r\nCHATHISTORY LATEST #x * 5\r\nPING a\r\n@label=7 CHATHISTORY LATEST #x * 5\r\nPING b",
    );
    let verbs: Vec<String> = heard.iter().map(|line| verb(line)).collect();
    assert_eq!(
        verbs.join(" "),
        "PRIVMSG BATCH PRIVMSG BATCH PONG BATCH PRIVMSG BATCH PONG",
        "{heard:#?}"
    );
    assert_eq!(tag(&heard[5], "label").as_deref(), Some("7"));
    let failed = stage.says(&anna, "@label=8 CHATHISTORY LATEST #no * 5");
    assert_eq!(tag(&failed[0], "label").as_deref(), Some("8"));
}

/// A customer's channel: the customer sees their own words and those meant for them; staff all of it.
#[test]
fn a_customer_sees_their_own_channel_without_what_is_for_staff() {
    let mut stage = Stage::new();
    let bob = signed_in(&mut stage, "bob", ALL);
    let (anna, nick, channel) = stage.customer("anna", ALL);
    stage.says(&anna, &format!("PRIVMSG {channel} :my invoice"));
    stage.says(&bob, &format!("JOIN {channel}"));
    stage.says(&bob, &format!("PRIVMSG {channel} :which one"));
    stage.says(&bob, &format!("PRIVMSG @{channel} :she is nice\r\nNOTE {channel} :vip"));
    anna.heard();
    let ask = format!("CHATHISTORY LATEST {channel} * 9");
    let (theirs, _) = page(&stage.says(&anna, &ask));
    assert_eq!(said(&theirs), ["my invoice", "which one"]);
    let (all, _) = page(&stage.says(&bob, &ask));
    assert_eq!(said(&all), ["my invoice", "which one", "[whisper] she is nice", "[note] vip"]);
    // Nothing else is there for the customer, whatever it is called and whether it is there.
    let answers: Vec<Vec<String>> = ["#support", "#c-mark-7k2f", "#nowhere"]
        .iter()
        .map(|name| {
            let heard = stage.says(&anna, &format!("CHATHISTORY LATEST {name} * 9"));
            heard.iter().map(|l| l.replace(name, "#")).collect()
        })
        .collect();
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "{answers:#?}");
    for name in ["bob", "nobody", &nick] {
        let heard = stage.says(&anna, &format!("CHATHISTORY LATEST {name} * 9"));
        assert!(page(&heard).0.is_empty(), "{name}: {heard:#?}");
    }
    let targets = "CHATHISTORY TARGETS timestamp=2020-01-01T00:00:00.000Z timestamp=2038-01-01T00:00:00.000Z 9";
    let heard = stage.says(&anna, targets);
    let rows: Vec<String> =
        only(&heard, "CHATHISTORY").iter().map(|l| params(l)[1].clone()).collect();
    assert_eq!(rows, [channel]);
}
