//! IRCv3 draft/multiline.

use crate::stage::{Peer, Stage};
use crate::support::{has, member, only, pairwise, params, signed_in, tag, verb};
use switchboard::base::limits::{MULTILINE_BYTES, MULTILINE_LINES};

const ALL: &str = "batch draft/multiline message-tags echo-message labeled-response";

/// A batch with these lines; one that begins with `+` continues the line before.
pub(crate) fn batch(target: &str, lines: &[&str]) -> String {
    let inner = lines.iter().map(|line| match line.strip_prefix('+') {
        Some(rest) => format!("@batch=1;draft/multiline-concat PRIVMSG {target} :{rest}\r\n"),
        None => format!("@batch=1 PRIVMSG {target} :{line}\r\n"),
    });
    let inner: String = inner.collect();
    format!("BATCH +1 draft/multiline {target}\r\n{inner}BATCH -1")
}

fn refusal(heard: &[String]) -> Vec<String> {
    assert_eq!(heard.len(), 1, "{heard:#?}");
    assert_eq!(verb(&heard[0]), "FAIL");
    let mut told = params(&heard[0]);
    told.pop();
    told
}

fn room(caps: &str) -> (Stage, Peer, Peer) {
    let mut stage = Stage::members();
    let bob = member(&mut stage, "dave", ALL);
    let anna = member(&mut stage, "anna", caps);
    stage.says(&bob, "JOIN #x");
    stage.says(&anna, "JOIN #x");
    bob.heard();
    (stage, bob, anna)
}

/// "The capability MUST be advertised by servers with a REQUIRED value: `max-bytes` REQUIRED,
/// `max-lines` RECOMMENDED."
#[test]
fn the_capability_tells_its_limits() {
    let mut stage = Stage::members();
    let anna = stage.connect();
    let offered = stage.says(&anna, "CAP LS 302").join(" ");
    let value = format!("draft/multiline=max-bytes={MULTILINE_BYTES},max-lines={MULTILINE_LINES}");
    assert!(offered.contains(&value), "{offered}");
}

/// "Servers: delivering the batch to the intended recipients … clients that have not negotiated the
/// multiline capability: the component messages; MUST NOT send blank lines; tags on the first."
#[test]
fn a_message_goes_out_whole_or_as_its_lines() {
    let caps = ["batch", "draft/multiline", "message-tags", "server-time", "account-tag"];
    for set in pairwise(&caps) {
        let (mut stage, bob, anna) = room(&set);
        let lines = ["hello", "", "how is ", "+everyone?"];
        let sent = batch("#x", &lines).replacen("BATCH +1", "@+draft/reply=7 BATCH +1", 1);
        stage.says(&bob, &sent);
        let heard = anna.heard();
        if has(&set, "batch") && has(&set, "draft/multiline") {
            let (open, close) = (&heard[0], &heard[5]);
            let reference = params(open)[0].clone();
            assert_eq!(params(open)[1..], ["draft/multiline", "#x"], "{set}");
            assert_eq!(params(close), [reference.replacen('+', "-", 1)], "{set}");
            assert_eq!(tag(open, "msgid").is_some(), has(&set, "message-tags"), "{set}");
            assert_eq!(tag(open, "time").is_some(), has(&set, "server-time"), "{set}");
            let inner = &heard[1..5];
            for (line, said) in inner.iter().zip(["hello", "", "how is ", "everyone?"]) {
                assert_eq!((verb(line), params(line)[1].as_str()), ("PRIVMSG".into(), said));
                assert_eq!(tag(line, "batch").as_deref(), reference.strip_prefix('+'), "{set}");
                assert_eq!(tag(line, "msgid"), None, "{set}");
                let joined = tag(line, "draft/multiline-concat").is_some();
                assert_eq!(joined, said == "everyone?", "{set}");
            }
        } else {
            let words: Vec<String> = heard.iter().map(|line| params(line)[1].clone()).collect();
            assert_eq!(words, ["hello", "how is ", "everyone?"], "{set}");
            for (i, line) in heard.iter().enumerate() {
                let first = i == 0 && has(&set, "message-tags");
                assert_eq!(tag(line, "msgid").is_some(), first, "{set}: {line}");
                assert_eq!(tag(line, "+draft/reply").is_some(), first, "{set}: {line}");
                assert_eq!(tag(line, "time").is_some(), has(&set, "server-time"), "{set}: {line}");
            }
        }
    }
}

/// "Servers MUST only include the label tag on the opening BATCH command when replying to a client
/// using echo-message."
#[test]
fn the_echo_is_the_batch_with_the_label_on_its_opening() {
    let (mut stage, bob, _) = room("");
    let labelled = |lines: &[&str]| batch("#x", lines).replacen("BATCH +1", "@label=L BATCH +1", 1);
    let echo = stage.says(&bob, &labelled(&["one", "two"]));
    assert_eq!(
        echo.iter().map(|l| verb(l)).collect::<Vec<_>>(),
        ["BATCH", "PRIVMSG", "PRIVMSG", "BATCH"]
    );
    let labels: Vec<_> = echo.iter().map(|line| tag(line, "label")).collect();
    assert_eq!(labels, [Some("L".to_owned()), None, None, None]);
    // A batch of one line is a message like any other.
    let echo = stage.says(&bob, &labelled(&["one"]));
    assert_eq!(echo.len(), 1, "{echo:#?}");
    assert_eq!(tag(&echo[0], "label").as_deref(), Some("L"));
    // Without echo there is one answer all the same.
    let carol = member(&mut stage, "erin", "batch draft/multiline labeled-response");
    stage.says(&carol, "JOIN #x");
    let answer = stage.says(&carol, &labelled(&["one", "two"]));
    assert_eq!(answer.len(), 1, "{answer:#?}");
    assert_eq!((verb(&answer[0]), tag(&answer[0], "label")), ("ACK".into(), Some("L".into())));
    // And a refusal carries the label too.
    let refused = stage.says(&carol, &labelled(&["", " "]));
    assert_eq!(tag(&refused[0], "label").as_deref(), Some("L"), "{refused:#?}");
}

/// "`MULTILINE_MAX_BYTES <limit>`, `MULTILINE_MAX_LINES <limit>`; each line feed used to join line
/// messages contributes one byte."
#[test]
fn the_limits_hold_to_the_byte_and_line() {
    let (mut stage, bob, anna) = room("");
    let line = "x".repeat(400);
    let lines = |last: usize, joint: &str| {
        // Ten lines and nine joints of a byte, and a last line.
        let mut lines = vec![line.clone(); 10];
        lines.push(format!("{joint}{}", "y".repeat(last)));
        lines
    };
    let send = |stage: &mut Stage, lines: &[String]| {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        stage.says(&bob, &batch("#x", &lines))
    };
    let rest = MULTILINE_BYTES - 4000 - 9;
    assert_eq!(verb(&send(&mut stage, &lines(rest - 1, ""))[0]), "BATCH");
    let limit = MULTILINE_BYTES.to_string();
    let told = refusal(&send(&mut stage, &lines(rest, "")));
    assert_eq!(told, ["BATCH", "MULTILINE_MAX_BYTES", &limit]);
    assert_eq!(verb(&send(&mut stage, &lines(rest, "+"))[0]), "BATCH");
    assert_eq!(refusal(&send(&mut stage, &lines(rest + 1, "+")))[1], "MULTILINE_MAX_BYTES");
    anna.heard();
    let many = |count| vec!["l"; count];
    assert_eq!(verb(&stage.says(&bob, &batch("#x", &many(MULTILINE_LINES)))[0]), "BATCH");
    assert_eq!(anna.heard().len(), MULTILINE_LINES);
    let told = refusal(&stage.says(&bob, &batch("#x", &many(MULTILINE_LINES + 1))));
    assert_eq!(told, ["BATCH", "MULTILINE_MAX_LINES", &MULTILINE_LINES.to_string()]);
    assert!(anna.heard().is_empty());
}

/// "`MULTILINE_INVALID_TARGET <batch-target> <provided-target>`; `MULTILINE_INVALID`: any other error.
/// Clients MUST NOT send blank lines with the `draft/multiline-concat` tag … messages consisting
/// entirely of blank lines … messages other than PRIVMSG while a multiline batch is open."
#[test]
fn what_is_no_multiline_message_is_refused_once_and_not_sent() {
    let (mut stage, bob, anna) = room("");
    let open = "BATCH +1 draft/multiline #x\r\n@batch=1 PRIVMSG #x :one\r\n";
    for (wrong, code) in [
        ("@batch=1 PRIVMSG #y :two", "MULTILINE_INVALID_TARGET"),
        ("@batch=1;draft/multiline-concat PRIVMSG #x :", "MULTILINE_INVALID"),
        ("@batch=1 TOPIC #x :two", "MULTILINE_INVALID"),
        ("@batch=1 TAGMSG #x", "MULTILINE_INVALID"),
        ("@batch=1 NOTICE #x :two", "MULTILINE_INVALID"),
        ("@batch=1 PRIVMSG #x", "MULTILINE_INVALID"),
        ("@batch=2 PRIVMSG #x :two", "MULTILINE_INVALID"),
        ("@batch=1 BATCH +2 draft/multiline #x", "MULTILINE_INVALID"),
    ] {
        let lines = format!("{open}{wrong}\r\n@batch=1 PRIVMSG #x :three\r\nBATCH -1");
        let told = refusal(&stage.says(&bob, &lines));
        assert_eq!(told[..2], ["BATCH", code], "{wrong}");
        if code == "MULTILINE_INVALID_TARGET" {
            assert_eq!(told[2..], ["#x", "#y"]);
        }
        assert!(anna.heard().is_empty(), "{wrong}");
    }
    for blank in [&["", ""][..], &[" "], &[]] {
        assert_eq!(refusal(&stage.says(&bob, &batch("#x", blank)))[1], "MULTILINE_INVALID");
    }
    assert_eq!(refusal(&stage.says(&bob, "BATCH +1 draft/multiline"))[1], "MULTILINE_INVALID");
    stage.says(&bob, "BATCH -1");
    // After all of it the next batch is whole.
    assert_eq!(stage.says(&bob, &batch("#x", &["", "b"])).len(), 4);
    assert_eq!(anna.heard().len(), 1);
}

/// "Servers MUST NOT send blank lines to clients that have not negotiated": and the message is one
/// event, with one id, when it is read again.
#[test]
fn a_message_is_stored_once_and_replayed_whole() {
    let mut stage = Stage::members();
    let bob = signed_in(&mut stage, "bob", ALL);
    stage.says(&bob, "JOIN #x");
    let echo = stage.says(&bob, &batch("#x", &["one", "", "two ", "+three"]));
    let id = tag(&echo[0], "msgid").unwrap();
    let carol = signed_in(&mut stage, "carol", "batch draft/multiline message-tags");
    let heard = stage.says(&carol, "JOIN #x");
    let again = heard.iter().find(|line| tag(line, "msgid").as_deref() == Some(&id)).unwrap();
    assert_eq!((verb(again), params(again)[1].as_str()), ("BATCH".into(), "draft/multiline"));
    // It is a batch in the batch of recent lines: its beginning and its end are members of that.
    let outer = tag(again, "batch").unwrap();
    let ends =
        only(&heard, "BATCH").into_iter().filter(|l| tag(l, "batch").as_ref() == Some(&outer));
    assert_eq!(ends.count(), 2, "{heard:#?}");
    let sue = signed_in(&mut stage, "sue", "server-time message-tags");
    let heard = stage.says(&sue, "JOIN #x");
    let words: Vec<String> = only(&heard, "PRIVMSG").iter().map(|l| params(l)[1].clone()).collect();
    assert_eq!(words, ["one", "two ", "three"]);
    let ids = only(&heard, "PRIVMSG").iter().filter(|l| tag(l, "msgid").is_some()).count();
    assert_eq!(ids, 1);
    // Also where each line is marked with its time.
    let root = signed_in(&mut stage, "root", "");
    let heard = stage.says(&root, "JOIN #x");
    let words: Vec<String> = only(&heard, "PRIVMSG").iter().map(|l| params(l)[1].clone()).collect();
    assert_eq!(words, ["[00:00] one", "[00:00] two ", "[00:00] three"]);
}

/// Customers and staff speak in lines to each other, on every face; a command among the lines is kept
/// from the customer as it is in a single one.
#[test]
fn customers_and_staff_have_messages_of_several_lines() {
    let mut stage = Stage::new();
    let (anna, _, channel) = stage.customer("anna", ALL);
    stage.says(&anna, &batch(&channel, &["", "my invoice", "is wrong"]));
    let bob = stage.staff("bob", "batch draft/multiline standard-replies");
    stage.says(&bob, &format!("JOIN {channel}"));
    stage.says(&bob, &batch(&channel, &["let me", "", "see"]));
    let heard = anna.heard();
    let said: Vec<String> = only(&heard, "PRIVMSG").iter().map(|l| params(l)[1].clone()).collect();
    assert_eq!(said, ["let me", "", "see"], "{heard:#?}");
    for slip in ["!note x", "/msg x"] {
        let told = stage.says(&bob, &batch(&channel, &["fine", slip]));
        assert_eq!(only(&told, "404").len(), 1, "{slip}: {told:#?}");
        assert!(anna.heard().is_empty(), "{slip}");
    }
    anna.heard();
    stage.says(&bob, &batch(&channel, &["!!usage:", "/etc/hosts"]));
    assert_eq!(only(&anna.heard(), "PRIVMSG").len(), 2);
    let told = stage.says(&bob, &batch(&format!("@{channel}"), &["careful", "now"]));
    assert!(told.is_empty() && anna.heard().is_empty(), "{told:#?}");
    let sue = stage.staff("sue", "");
    let heard = stage.says(&sue, &format!("JOIN {channel}"));
    let whispers = heard.iter().filter(|line| line.contains("[whisper]")).count();
    assert_eq!(whispers, 2, "{heard:#?}");
    // A desk command is one line.
    bob.heard();
    let told = stage.says(&bob, &batch("desk", &["queue", "queue"]));
    assert_eq!(refusal(&told)[1], "MULTILINE_INVALID");
}

#[test]
fn a_plain_session_is_shown_the_lines() {
    let mut stage = Stage::new();
    let guest = stage.connect_plain();
    stage.bytes(&guest, b"hello\r\n");
    let channel = format!("#c-{}", stage.node.desk().state().persons().last().unwrap().1.nick());
    let bob = stage.staff("bob", "batch draft/multiline");
    stage.says(&bob, &format!("JOIN {channel}"));
    guest.heard();
    stage.says(&bob, &batch(&channel, &["one ", "+and a half", "", "two"]));
    assert_eq!(guest.heard(), ["bob> one and a half", "bob> two"]);
}

/// Fact 39. "Clients MUST NOT send tags other than `draft/multiline-concat` and `batch` on messages within the
/// batch": those that they send all the same reach nobody.
#[test]
fn tags_within_the_batch_are_nobodys() {
    for set in ["batch draft/multiline message-tags", "message-tags", ""] {
        let (mut stage, bob, anna) = room(set);
        let lines = "@+a=outer BATCH +1 draft/multiline #x\r\n\
                     @batch=1;+a=inner;+b=inner;label=L;msgid=inner PRIVMSG #x :one\r\n\
                     @batch=1;+b=inner PRIVMSG #x :two\r\nBATCH -1";
        stage.says(&bob, lines);
        let heard = anna.heard();
        assert!(only(&heard, "PRIVMSG").len() == 2, "{set}: {heard:#?}");
        assert!(heard.iter().all(|line| !line.contains("inner")), "{set}: {heard:#?}");
        let outer = heard.iter().filter(|line| tag(line, "+a").is_some()).count();
        assert_eq!(outer, usize::from(has(set, "message-tags")), "{set}: {heard:#?}");
    }
}

/// Fact 39: "each line is re-prefixed per recipient": the longest message there can be, with all its tags, is
/// no reason to cut who reads it.
#[test]
fn the_longest_message_fits_a_queue() {
    use switchboard::base::limits::{CLIENT_TAG_BYTES, LINE_BYTES, SERVER_TAG_BYTES};
    let whole = CLIENT_TAG_BYTES + MULTILINE_LINES * (SERVER_TAG_BYTES / 8 + LINE_BYTES);
    assert!(whole <= switchboard::config::Config::default().limits.sendq_hard);
    let (mut stage, bob, anna) = room("batch draft/multiline message-tags server-time account-tag");
    let tags = format!("+draft/reply={}", "r".repeat(3000));
    let lines = vec!["l"; MULTILINE_LINES];
    stage.says(&bob, &batch("#x", &lines).replacen("BATCH +1", &format!("@{tags} BATCH +1"), 1));
    let heard = anna.heard();
    assert_eq!(heard.len(), MULTILINE_LINES + 2);
    assert!(heard.iter().map(|line| line.len() + 2).sum::<usize>() <= whole && !anna.closed());
}
