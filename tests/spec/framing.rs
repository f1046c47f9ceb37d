//! Modern IRC: "Message Format", "Wire format in C2S", PRIVMSG, NOTICE and CTCP.

use crate::stage::{Peer, Stage};
use crate::support::{member, only, params, verb};
use switchboard::base::limits::TARGETS;

fn pair() -> (Stage, Peer, Peer) {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let dave = member(&mut stage, "dave", "");
    stage.says(&anna, "JOIN #x");
    stage.says(&dave, "JOIN #x");
    anna.heard();
    (stage, anna, dave)
}

/// "Servers SHOULD handle single `\n` character" as a line's end; "empty messages are silently ignored";
/// verbs are case-insensitive, a run of spaces separates, and clients' sources are ignored.
#[test]
fn lines_are_read_leniently() {
    let (mut stage, anna, dave) = pair();
    for (bytes, words) in [
        (&b"PRIVMSG #x :hi\n"[..], &["hi"][..]),
        (b"PRIVMSG #x :hi\r\n", &["hi"]),
        (b"\r\n\n\r\n  \r\nPRIVMSG #x :hi\r\n", &["hi"]),
        (b"privMsg   #x    hi\r\n", &["hi"]),
        (b"PRIVMSG #x hi there\r\n", &["hi"]),
        (b"PRIVMSG #x :hi  there :) \r\n", &["hi  there :) "]),
        (b"PRIVMSG #x ::)\r\n", &[":)"]),
        (b":dave!x@y PRIVMSG #x :hi\r\n", &["hi"]),
        (b"   PRIVMSG #x :hi\r\n", &["hi"]),
        (b"PRIVMSG #X :a\r\nNOTICE #x :b\n", &["a", "b"]),
    ] {
        stage.bytes(&anna, bytes);
        let heard = dave.heard();
        let said: Vec<String> = heard.iter().map(|line| params(line)[1].clone()).collect();
        assert_eq!(said, words, "{:?}", String::from_utf8_lossy(bytes));
        assert!(heard.iter().all(|line| line.starts_with(":anna!") && params(line)[0] == "#x"));
        assert!(anna.heard().is_empty());
    }
    // Pieces of a line are one line.
    for piece in [&b"PRIV"[..], b"MSG #x :he", b"llo\r", b"\n"] {
        assert!(dave.heard().is_empty());
        stage.bytes(&anna, piece);
    }
    assert_eq!(params(&dave.heard()[0])[1], "hello");
}

/// "NUL, CR, LF" are in no message: a line that holds one is refused and nothing of it is relayed.
#[test]
fn cr_and_nul_are_in_no_line() {
    let (mut stage, anna, dave) = pair();
    for bad in [&b"PRIVMSG #x :a\rb\r\n"[..], b"PRIVMSG #x :a\0b\r\n", b"PRIV\0MSG #x :a\r\n"] {
        stage.bytes(&anna, bad);
        assert_eq!(anna.heard().len(), 1, "it says why");
        assert!(dave.heard().is_empty());
    }
}

/// "`ERR_NORECIPIENT` (411)", "`ERR_NOTEXTTOSEND` (412)", "`ERR_NOSUCHNICK` (401)", "`ERR_NOSUCHCHANNEL`
/// (403)", "`ERR_CANNOTSENDTOCHAN` (404)", "`ERR_TOOMANYTARGETS` (407)"; and of NOTICE: "automatic replies
/// MUST NOT be sent in response".
#[test]
fn privmsg_says_what_is_wrong_and_notice_nothing() {
    let (mut stage, anna, dave) = pair();
    let eve = member(&mut stage, "eve", "");
    stage.says(&eve, "JOIN #y");
    let many = ["dave"; TARGETS + 1].join(",");
    for (rest, code) in [
        (String::new(), "411"),
        ("#x".to_owned(), "412"),
        ("#x :".to_owned(), "412"),
        ("nobody :hi".to_owned(), "401"),
        ("#nowhere :hi".to_owned(), "403"),
        ("#y :hi".to_owned(), "404"),
    ] {
        let told = stage.says(&anna, &format!("PRIVMSG {rest}"));
        assert_eq!((told.len(), verb(&told[0]).as_str()), (1, code), "{rest}");
        assert!(stage.says(&anna, &format!("NOTICE {rest}")).is_empty(), "{rest}");
    }
    let told = stage.says(&anna, &format!("PRIVMSG {many} :hi"));
    assert_eq!(only(&told, "407").len(), 1);
    assert_eq!(dave.heard().len(), TARGETS);
    assert!(stage.says(&anna, &format!("NOTICE {many} :hi")).is_empty());
    dave.heard();
    // Each target is answered for itself.
    let told = stage.says(&anna, "PRIVMSG nobody,#x,#nowhere,dave :hi");
    assert_eq!(told.iter().map(|l| verb(l)).collect::<Vec<_>>(), ["401", "403"]);
    assert_eq!(dave.heard().len(), 2);
    stage.says(&dave, "AWAY :lunch");
    assert_eq!(verb(&stage.says(&anna, "PRIVMSG dave :hi")[0]), "301");
    assert!(stage.says(&anna, "NOTICE dave :hi").is_empty());
}

/// Lists of targets know STATUSMSG: to those of that rank and above, with the prefix in the target.
#[test]
fn ranks_are_targets() {
    let (mut stage, anna, dave) = pair();
    let eve = member(&mut stage, "eve", "");
    stage.says(&eve, "JOIN #x");
    stage.says(&anna, "MODE #x +v dave");
    dave.heard();
    eve.heard();
    anna.heard();
    stage.says(&eve, "PRIVMSG @#x,+#x :psst");
    let to = |peer: &Peer| -> Vec<String> {
        peer.heard().iter().map(|line| params(line)[0].clone()).collect()
    };
    assert_eq!(to(&anna), ["@#x", "+#x"]);
    assert_eq!(to(&dave), ["+#x"]);
    assert!(to(&eve).is_empty());
}

/// "The message is limited to 512 bytes": a longer one is refused; one that fits until the server puts its
/// source before it goes out in two, cut between words or characters, and nothing of it is lost.
#[test]
fn long_words_are_never_lost() {
    let (mut stage, anna, dave) = pair();
    let room = 512 - 2 - "PRIVMSG #x :".len();
    let long = "word ".repeat(110);
    assert!(stage.says(&anna, &format!("PRIVMSG #x :{}", &long[..room])).is_empty());
    let heard = dave.heard();
    assert!(heard.len() == 2 && heard.iter().all(|line| line.len() <= 510), "{heard:#?}");
    let said: Vec<String> = heard.iter().map(|line| params(line)[1].clone()).collect();
    assert_eq!(said.join(" "), &long[..room]);
    let told = stage.says(&anna, &format!("PRIVMSG #x :{}", &long[..=room]));
    assert_eq!((told.len(), verb(&told[0]).as_str()), (1, "417"));
    assert!(dave.heard().is_empty());
    assert_eq!(verb(&stage.says(&anna, "PING after")[0]), "PONG", "the next line is whole");
}

/// CTCP: "`\x01` command params `\x01`" passes as it is, in both directions.
#[test]
fn ctcp_passes_untouched() {
    let (mut stage, anna, dave) = pair();
    for words in
        ["\u{1}ACTION waves\u{1}", "\u{1}VERSION\u{1}", "\u{1}PING 1 2\u{1}", "\u{1}ACTION\u{1}"]
    {
        for line in [format!("PRIVMSG dave :{words}"), format!("NOTICE #x :{words}")] {
            stage.says(&anna, &line);
            assert_eq!(params(&dave.heard()[0])[1], words);
        }
    }
    stage.says(&anna, "MODE #x +C");
    dave.heard();
    assert_eq!(verb(&stage.says(&anna, "PRIVMSG #x :\u{1}VERSION\u{1}")[0]), "404");
    assert!(stage.says(&anna, "PRIVMSG #x :\u{1}ACTION waves\u{1}").is_empty());
    assert_eq!(dave.heard().len(), 1);
}
