//! Advisories about accounts that people make, and about answers that come late.

use crate::stage::{PASSWORD, PRINT, Peer, Stage};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use switchboard::desk::language::people::Role;
use switchboard::face::registering::Registration;

const RULES: Registration = Registration {
    invitation: false,
    email_required: false,
    before_connect: true,
    password_characters: 8,
};

fn has(heard: &[String], what: &str) -> bool {
    heard.iter().any(|line| line.contains(what))
}

fn stage(rules: Registration) -> Stage {
    let mut stage = Stage::members();
    stage.info_mut().registration = Some(rules);
    stage
}

/// Whether any way of signing in to `name` with its right password is open, and by which.
fn opens(stage: &mut Stage, name: &str) -> Vec<&'static str> {
    let sasl = BASE64.encode(format!("\0{name}\0{PASSWORD}"));
    let first = BASE64.encode(format!("n,,n={name},r=abcdef"));
    let claim = BASE64.encode(name);
    let ways = [
        ("PASS", format!("PASS {name}:{PASSWORD}\r\nNICK a\r\nUSER a 0 * :a"), " 330 "),
        (
            "PASS and its nick",
            format!("PASS {name}:{PASSWORD}\r\nNICK {name}\r\nUSER a 0 * :a"),
            " 330 ",
        ),
        ("PLAIN", format!("AUTHENTICATE PLAIN\r\nAUTHENTICATE {sasl}"), " 903 "),
        ("EXTERNAL", format!("AUTHENTICATE EXTERNAL\r\nAUTHENTICATE {claim}"), " 903 "),
        // With the right proof, see `signing_in`; any end of the exchange must be a failure.
        (
            "SCRAM",
            format!("AUTHENTICATE SCRAM-SHA-256\r\nAUTHENTICATE {first}\r\nAUTHENTICATE +"),
            " 903 ",
        ),
        ("VERIFY", format!("NICK a\r\nVERIFY {name} {PASSWORD}"), " SUCCESS "),
        ("REGISTER", format!("NICK a\r\nREGISTER {name} * {PASSWORD}"), " SUCCESS "),
        (
            "REGISTER by nick",
            format!("NICK {name}\r\nREGISTER * x@example.com {PASSWORD}"),
            " SUCCESS ",
        ),
        ("OPER", format!("NICK a\r\nUSER a 0 * :a\r\nOPER {name} {PASSWORD}"), " 381 "),
    ];
    let mut open = Vec::new();
    for (way, lines, sign) in ways {
        let peer = stage.connect_with(Some(PRINT));
        let heard = stage.says(&peer, &format!("{lines}\r\nWHOIS a\r\nWHOIS {name}"));
        if has(&heard, sign) {
            open.push(way);
        }
        stage.says(&peer, "QUIT");
    }
    open
}

/// GHSA-x6wg-9hcg-fc9v: verification and suspension could be gone round.
#[test]
fn an_account_that_waits_or_is_suspended_opens_nothing() {
    let mut stage = stage(Registration { email_required: true, ..RULES });
    let anna = stage.connect();
    let heard = stage.says(&anna, &format!("NICK anna\r\nREGISTER anna a@example.com {PASSWORD}"));
    assert!(has(&heard, " VERIFICATION_REQUIRED anna "), "{heard:#?}");
    stage.says(&anna, "QUIT");
    assert_eq!(opens(&mut stage, "anna"), [""; 0], "it waits");
    stage.accounts.confirm(stage.now, "anna").unwrap();
    stage.tell_accounts();
    assert_eq!(opens(&mut stage, "anna"), ["PASS", "PASS and its nick", "PLAIN"], "it is one");
    for name in ["anna", "mia", "bob", "root"] {
        stage.accounts.suspend(name, true).unwrap();
        stage.tell_accounts();
        assert_eq!(opens(&mut stage, name), [""; 0], "{name} is suspended");
    }
    // Nor does an invitation make of it what somebody else may use.
    let rules = Registration { invitation: true, ..RULES };
    let mut stage = self::stage(rules);
    stage.accounts.suspend("mia", true).unwrap();
    stage.tell_accounts();
    let code = stage.accounts.invite(stage.now, Role::Agent).unwrap();
    let eve = stage.connect();
    let lines = format!("NICK eve\r\nREGISTER mia * another-one\r\nVERIFY mia {code}");
    let heard = stage.says(&eve, &lines);
    assert!(has(&heard, " ACCOUNT_EXISTS mia ") && !has(&heard, " SUCCESS "), "{heard:#?}");
    assert!(stage.signed_in().is_empty());
    assert_eq!(opens(&mut stage, "mia"), [""; 0]);
}

/// GHSA-x6wg-9hcg-fc9v: the state of the account counts when its answer comes, and from then on.
#[test]
fn who_is_suspended_while_the_account_is_made_is_not_in_it() {
    for (rules, role) in
        [(RULES, Role::Member), (Registration { invitation: true, ..RULES }, Role::Agent)]
    {
        let mut stage = stage(rules);
        let peer = stage.connect();
        stage.says(&peer, "NICK anna\r\nUSER a 0 * :a");
        if role == Role::Agent {
            let code = stage.accounts.invite(stage.now, role).unwrap();
            stage.says(&peer, "REGISTER * * long-enough");
            stage.held = true;
            stage.says(&peer, &format!("VERIFY anna {code}"));
        } else {
            stage.held = true;
            stage.says(&peer, "REGISTER * * long-enough");
        }
        assert_eq!(stage.asked.borrow().len(), 1);
        stage.accounts.suspend("anna", true).unwrap();
        stage.tell_accounts();
        stage.held = false;
        stage.answer();
        let heard = peer.heard();
        stage.tell_accounts();
        assert!(stage.signed_in().is_empty(), "{heard:#?}");
        let state = stage.node.desk().state();
        let of_it = state.persons().filter(|(_, person)| person.account().is_some()).count();
        assert_eq!(of_it, 0, "{role:?}: {heard:#?}");
    }
}

/// CVE-2019-20918, CVE-2020-25269: what the archive and the accounts answer to somebody who has gone.
#[test]
fn answers_that_come_after_the_end_are_nobodys() {
    let caps = "batch message-tags echo-message server-time labeled-response draft/chathistory \
                draft/event-playback draft/message-redaction draft/read-marker";
    let come = |stage: &mut Stage, nick: &str| -> Peer {
        let peer = stage.connect();
        stage.says(&peer, &format!("CAP REQ :{caps}\r\nNICK {nick}\r\nUSER a 0 * :a\r\nCAP END"));
        peer
    };
    let moments = "timestamp=2020-01-01T00:00:00.000Z timestamp=2038-01-01T00:00:00.000Z";
    for ask in [
        "CHATHISTORY LATEST #x * 50".to_owned(),
        format!("CHATHISTORY TARGETS {moments} 50"),
        "CHATHISTORY LATEST bob * 50".to_owned(),
        "REDACT #x $ID".to_owned(),
        "REGISTER * * long-enough".to_owned(),
        "OPER op open-sesame".to_owned(),
    ] {
        for how in ["lost", "quit", "killed"] {
            let mut stage = stage(RULES);
            let keeper = come(&mut stage, "keeper");
            stage.says(&keeper, "JOIN #y\r\nPRIVMSG #y :kept");
            let anna = come(&mut stage, "anna");
            let heard = stage.says(&anna, "JOIN #x\r\nPRIVMSG #x :secret");
            let id = heard.iter().find_map(|line| {
                line.split(['@', ';', ' ']).find_map(|t| t.strip_prefix("msgid="))
            });
            let ask = ask.replace("$ID", id.unwrap());
            stage.held = true;
            stage.says(&anna, &format!("@label=late {ask}\r\nPRIVMSG #y :behind it"));
            match how {
                "lost" => stage.lose(&anna),
                "quit" => drop(stage.says(&anna, "QUIT")),
                _ => {
                    stage.held = false;
                    let mut others = std::mem::take(&mut *stage.asked.borrow_mut());
                    let oper = come(&mut stage, "oper");
                    stage.says(&oper, "OPER op open-sesame\r\nKILL anna :enough");
                    stage.asked.borrow_mut().append(&mut others);
                    stage.held = true;
                }
            }
            anna.heard();
            let next = come(&mut stage, "next");
            next.heard();
            stage.held = false;
            stage.answer();
            let late = next.heard();
            assert!(late.is_empty(), "{ask} {how}: {late:#?}");
            let seen = keeper.heard().join("\n");
            assert!(!seen.contains("secret") && !seen.contains("late"), "{ask} {how}: {seen}");
            if how == "lost" {
                assert!(anna.heard().is_empty() && !seen.contains("behind it"), "{ask}: {seen}");
            }
            let names = stage.says(&keeper, "NAMES #y\r\nPING on");
            assert!(has(&names, " PONG ") && !has(&names, "anna"), "{ask} {how}: {names:#?}");
        }
    }
}
