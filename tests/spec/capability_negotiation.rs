//! IRCv3 capability negotiation.

use crate::stage::{Peer, Stage};
use crate::support::{member, only, pairwise, params, verb};
use switchboard::desk::settings::Settings;
use switchboard::face::ServerInfo;

/// The capabilities that `CAP LS` or `LIST` told of, over all its lines.
fn names(heard: &[String]) -> Vec<String> {
    let of = |line: &String| params(line).pop().unwrap();
    heard.iter().map(of).collect::<Vec<_>>().join(" ").split(' ').map(str::to_owned).collect()
}

fn waits(stage: &mut Stage, first: &str) -> (Peer, Vec<String>) {
    let peer = stage.connect();
    let heard = stage.says(&peer, &format!("{first}\r\nNICK anna\r\nUSER anna 0 * :Anna"));
    (peer, heard)
}

/// Fact 18. "Upon receiving either a `CAP LS` or `CAP REQ` command during connection registration, the
/// server MUST not complete registration until the client sends a `CAP END` command". LIST does not.
#[test]
fn ls_and_req_hold_registration_until_end() {
    for (first, holds) in [
        ("CAP LS", true),
        ("CAP LS 302", true),
        ("CAP REQ :batch", true),
        ("CAP REQ :nothing", true),
        ("CAP LIST", false),
        ("CAP END", false),
        ("CAP NOPE", false),
        ("CAP", false),
    ] {
        let mut stage = Stage::members();
        let (peer, heard) = waits(&mut stage, first);
        assert_eq!(only(&heard, "001").is_empty(), holds, "{first}: {heard:#?}");
        let heard = stage.says(&peer, "CAP END");
        assert_eq!(!only(&heard, "001").is_empty(), holds, "{first}: {heard:#?}");
    }
}

/// Fact 19. "The CAP version number argument MUST be treated as a number … If a client sends a lower CAP
/// version (or omits the version number entirely), servers SHOULD return a `CAP LS` reply consistent with the
/// request's version, but keep storing the original (higher) version."
#[test]
fn the_version_is_a_number_and_the_highest_sticks() {
    for (version, values) in [
        ("302", true),
        ("303", true),
        ("999", true),
        ("00302", true),
        ("301", false),
        ("", false),
        ("x", false),
        ("-302", false),
    ] {
        let mut stage = Stage::members();
        let peer = stage.connect();
        let ls = names(&stage.says(&peer, &format!("CAP LS {version}")));
        assert_eq!(ls.iter().any(|name| name.starts_with("sasl=")), values, "{version}");
        assert!(values || ls.contains(&"sasl".to_owned()), "{version}");
        let again = names(&stage.says(&peer, "CAP LS"));
        assert!(again.iter().all(|name| !name.contains('=')), "{again:?}");
        let list = names(&stage.says(&peer, "CAP LIST"));
        assert_eq!(list, [if values { "cap-notify" } else { "" }], "{version}");
    }
}

/// Fact 20. "MUST NOT specify additional data for any other CAP subcommands"; "all but the last reply MUST
/// have a parameter containing only an asterisk (`*`) preceding the capability list".
#[test]
fn long_lists_come_in_several_lines_to_those_who_read_them() {
    for (server, nick) in
        [("irc.test".to_owned(), "a"), ("s".repeat(60) + ".xy", "abcdefghijklmnopqrstuvwxyz012345")]
    {
        let info =
            ServerInfo { desk: false, server: server.as_str().into(), ..ServerInfo::default() };
        let mut stage = Stage::with(Settings::default(), info);
        let peer = stage.connect();
        stage.says(&peer, &format!("NICK {nick}"));
        let all = stage.says(&peer, "CAP LS 302");
        for (i, line) in all.iter().enumerate() {
            assert!(line.len() <= 510);
            let params = params(line);
            assert_eq!((params[0].as_str(), params[1].as_str()), (nick, "LS"));
            assert_eq!(params.len() == 4 && params[2] == "*", i + 1 < all.len(), "{line}");
        }
        let offered = names(&all);
        let requestable =
            |name: &String| !["sts", "draft/account-required"].contains(&name.as_str());
        let bare: Vec<String> = offered
            .iter()
            .map(|n| n.split('=').next().unwrap().to_owned())
            .filter(requestable)
            .collect();
        for name in &bare {
            let heard = stage.says(&peer, &format!("CAP REQ :{name}"));
            assert_eq!(params(&heard[0])[1..], ["ACK", name.as_str()]);
        }
        let list = stage.says(&peer, "CAP LIST");
        assert_eq!(names(&list), bare, "everything is on, without values");
        assert!(list.iter().all(|line| line.len() <= 510));
        // Clients of an earlier version read one line.
        let old = stage.connect();
        let one = stage.says(&old, &format!("NICK {nick}x\r\nCAP LS"));
        let one: Vec<_> = only(&one, "CAP");
        assert_eq!(one.len(), 1);
        let shown = names(&[one[0].clone()]);
        let ratified = bare.iter().filter(|name| !name.starts_with("draft/"));
        assert!(ratified.clone().all(|name| shown.contains(name)), "{shown:?}");
    }
}

/// Fact 21. "The capability identifier set must be accepted as a whole, or rejected entirely." "If a client
/// requests a capability which is already enabled, or tries to disable a capability which is not enabled,
/// the server MUST continue processing".
#[test]
fn a_request_is_taken_whole_or_not_at_all() {
    for set in pairwise(&["batch", "server-time", "echo-message"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let on = names(&stage.says(&anna, "CAP LIST"));
        for refused in
            ["batch nope", "nope -batch", "-nope", "batch sasl=PLAIN", "batch Batch", "--batch"]
        {
            let heard = stage.says(&anna, &format!("CAP REQ :{refused}"));
            assert_eq!(params(&heard[0]), ["anna", "NAK", refused]);
            assert_eq!(names(&stage.says(&anna, "CAP LIST")), on, "{refused}");
        }
        for (taken, after) in [
            ("batch", true),
            ("batch batch", true),
            ("-batch batch", true),
            ("batch -batch", false),
            ("-batch", false),
            ("-batch", false),
        ] {
            let heard = stage.says(&anna, &format!("CAP REQ :{taken}"));
            assert_eq!(params(&heard[0]), ["anna", "ACK", taken]);
            let on = names(&stage.says(&anna, "CAP LIST"));
            assert_eq!(on.contains(&"batch".to_owned()), after, "{taken}");
        }
    }
}

/// Fact 23. "numeric `410` (`ERR_INVALIDCAPCMD`) should be sent. The first parameter after the client
/// identifier should be the commandname". "If the client is already registered, this command [END] MUST be
/// ignored". "The server MUST accept the `CAP` command at any time".
#[test]
fn cap_is_taken_at_any_time_and_its_mistakes_are_named() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    let heard = stage.says(&peer, "CAP FOO\r\nCAP :\r\nCAP");
    let told: Vec<_> = heard.iter().map(|l| (verb(l), params(l)[..2].join(" "))).collect();
    let wanted = [("410", "* FOO"), ("410", "* *"), ("461", "* CAP")];
    assert_eq!(told, wanted.map(|(code, words)| (code.to_owned(), words.to_owned())));
    let anna = member(&mut stage, "anna", "");
    assert!(stage.says(&anna, "CAP END").is_empty());
    assert_eq!(params(&stage.says(&anna, "cap ls 302")[0])[..2], ["anna", "LS"]);
    let heard = stage.says(&anna, "CAP REQ away-notify\r\nPING x");
    assert_eq!(params(&heard[0]), ["anna", "ACK", "away-notify"]);
    assert_eq!(verb(&heard[1]), "PONG", "registration is not held again");
}

/// Fact 24. "If an ACK reply originating from the server is spread across multiple lines … a server MUST NOT
/// change the capabilities of the client until the last ACK of the set has been sent."
#[test]
fn a_long_request_is_answered_in_several_lines() {
    let info = ServerInfo {
        desk: false,
        server: ("s".repeat(60) + ".xy").as_str().into(),
        ..ServerInfo::default()
    };
    let mut stage = Stage::with(Settings::default(), info);
    let peer = stage.connect();
    stage.says(
        &peer,
        "NICK abcdefghijklmnopqrstuvwxyz012345\r\nCAP REQ :batch labeled-response message-tags",
    );
    let long = format!("echo-message -labeled-response{}", " -userhost-in-names".repeat(24));
    assert!("CAP REQ :".len() + long.len() <= 510 && long.len() > 400);
    let heard = stage.says(&peer, &format!("@label=x CAP REQ :{long}"));
    let acks: Vec<_> = heard.iter().filter(|line| line.contains(" ACK ")).collect();
    assert!(acks.len() > 1 && acks.iter().all(|line| line.len() <= 700), "{heard:#?}");
    let all: Vec<_> = acks.iter().map(|line| params(line).pop().unwrap()).collect();
    assert_eq!(all.join(" "), long);
    let heard = stage.says(&peer, &format!("CAP REQ :{}", long.replace("echo-message", "nope")));
    assert!(
        heard.len() > 1 && heard.iter().all(|line| line.contains(" NAK ") && line.len() <= 510)
    );
}

/// Fact 24, the second half: what the request turns off is still on in every line of its answer, and what
/// it turns on is not yet.
#[test]
fn what_was_asked_for_begins_behind_the_last_ack() {
    let info = ServerInfo {
        desk: false,
        server: ("s".repeat(60) + ".xy").as_str().into(),
        ..ServerInfo::default()
    };
    let mut stage = Stage::with(Settings::default(), info);
    let peer = stage.connect();
    let nick = "abcdefghijklmnopqrstuvwxyz012345";
    stage.says(&peer, &format!("NICK {nick}\r\nCAP REQ :batch labeled-response"));
    let filler = " -userhost-in-names".repeat(24);
    let heard = stage.says(&peer, &format!("@label=x CAP REQ :-labeled-response{filler}"));
    let acks: Vec<&String> = only(&heard, "CAP");
    assert!(acks.len() > 1 && verb(&heard[0]) == "BATCH", "{heard:#?}");
    assert!(heard[0].starts_with("@label=x "), "{heard:#?}");
    assert!(acks.iter().all(|line| line.starts_with("@batch=")), "{heard:#?}");
    assert!(!stage.says(&peer, "@label=y PING x")[0].contains("label"), "now it is off");
    let heard = stage.says(&peer, &format!("@label=z CAP REQ :labeled-response{filler}"));
    assert!(heard.len() > 1 && heard.iter().all(|line| !line.contains("label=")), "{heard:#?}");
    assert!(stage.says(&peer, "@label=y PING x")[0].starts_with("@label=y "), "now it is on");
}

/// Fact 65. "Software implementing this work-in-progress specification MUST NOT use the unprefixed … name".
#[test]
fn drafts_are_called_drafts() {
    let drafts = [
        "account-registration",
        "account-required",
        "channel-rename",
        "chathistory",
        "event-playback",
        "extended-isupport",
        "message-redaction",
        "metadata-2",
        "multiline",
        "pre-away",
        "read-marker",
    ];
    let mut stage = Stage::members();
    let peer = stage.connect();
    let offered = names(&stage.says(&peer, "CAP LS 302"));
    let bare: Vec<&str> = offered.iter().map(|cap| cap.split('=').next().unwrap()).collect();
    for cap in &bare {
        assert!(!drafts.contains(cap), "{cap}");
        let draft = cap.strip_prefix("draft/");
        assert!(draft.is_none_or(|name| drafts.contains(&name)), "{cap} is a draft no longer?");
    }
    assert!(bare.iter().filter(|cap| cap.starts_with("draft/")).count() >= 8, "{bare:?}");
    for draft in drafts {
        let heard = stage.says(&peer, &format!("CAP REQ :{draft}"));
        assert_eq!(params(&heard[0])[1..], ["NAK", draft]);
    }
}
