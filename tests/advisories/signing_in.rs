//! Advisories about who is let in, and as whom.

use crate::stage::{PASSWORD, PRINT, Peer, Stage};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use switchboard::desk::language::people::Role;
use switchboard::face::Credentials;

fn has(heard: &[String], what: &str) -> bool {
    heard.iter().any(|line| line.contains(what))
}

fn plain(name: &str) -> String {
    BASE64.encode(format!("\0{name}\0{PASSWORD}"))
}

/// A whole SCRAM-SHA-256 exchange; what was heard at its end. Source: RFC 5802 section 3.
fn scram(stage: &mut Stage, peer: &Peer, name: &str) -> Vec<String> {
    let Some(last) = scram_until_proof(stage, peer, name) else { return Vec::new() };
    let mut heard = stage.says(peer, &last);
    if has(&heard, "AUTHENTICATE ") {
        heard.extend(stage.says(peer, "AUTHENTICATE +"));
    }
    heard
}

/// The exchange up to the line that proves it, which is given and not said.
fn scram_until_proof(stage: &mut Stage, peer: &Peer, name: &str) -> Option<String> {
    let mac = |key: &[u8], text: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text);
        let bytes: [u8; 32] = mac.finalize().into_bytes().into();
        bytes
    };
    let bare = format!("n={name},r=abcdef");
    let first = BASE64.encode(format!("n,,{bare}"));
    let heard = stage.says(peer, &format!("AUTHENTICATE SCRAM-SHA-256\r\nAUTHENTICATE {first}"));
    let given = heard.last()?.strip_prefix("AUTHENTICATE ")?;
    let server = String::from_utf8(BASE64.decode(given).unwrap()).unwrap();
    let part = |key: &str| server.split(',').find_map(|p| p.strip_prefix(key)).unwrap();
    let salt = BASE64.decode(part("s=")).unwrap();
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(
        PASSWORD.as_bytes(),
        &salt,
        part("i=").parse().unwrap(),
        &mut salted,
    );
    let key = mac(&salted, b"Client Key");
    let without = format!("c=biws,r={}", part("r="));
    let stored: [u8; 32] = Sha256::digest(key).into();
    let signature = mac(&stored, format!("{bare},{server},{without}").as_bytes());
    let proof: Vec<u8> = key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
    let last = BASE64.encode(format!("{without},p={}", BASE64.encode(proof)));
    Some(format!("AUTHENTICATE {last}"))
}

/// GHSA-x6wg-9hcg-fc9v: a suspended account came in by a way that did not look.
#[test]
fn account_state_is_checked_on_every_way_in() {
    for suspended in [false, true] {
        let mut stage = Stage::new();
        stage.accounts.suspend("bob", suspended).unwrap();
        stage.tell_accounts();
        let (mut came, mut ways) = (0, 0);
        let mut judge = |what: &str, heard: &[String], yes: &str| {
            ways += 1;
            came += usize::from(has(heard, yes));
            assert_ne!(has(heard, yes), suspended, "{what}: {heard:#?}");
        };
        let pass = |name: &str| format!("PASS {name}:{PASSWORD}\r\nNICK a\r\nUSER a 0 * :a");
        for name in ["bob", "BOB"] {
            let peer = stage.connect();
            judge("PASS", &stage.says(&peer, &pass(name)), " 001 ");
            stage.says(&peer, "QUIT");
        }
        let peer = stage.connect();
        let lines = format!("AUTHENTICATE PLAIN\r\nAUTHENTICATE {}", plain("bob"));
        judge("PLAIN", &stage.says(&peer, &lines), " 903 ");
        let peer = stage.connect_with(Some(PRINT));
        judge("EXTERNAL", &stage.says(&peer, "AUTHENTICATE EXTERNAL\r\nAUTHENTICATE +"), " 903 ");
        let peer = stage.connect();
        judge("SCRAM", &scram(&mut stage, &peer, "bob"), " 903 ");
        let peer = stage.staff("carol", "sasl");
        judge("SASL afterwards", &stage.says(&peer, &lines), " 903 ");
        assert_eq!((came, ways), (if suspended { 0 } else { 6 }, 6));
    }
}

/// GHSA-x6wg-9hcg-fc9v: nor does who is in stay in.
#[test]
fn who_is_suspended_goes_at_once_and_a_check_under_way_is_of_no_use() {
    let mut stage = Stage::new();
    let bob = stage.staff("bob", "batch");
    stage.accounts.suspend("bob", true).unwrap();
    stage.tell_accounts();
    assert!(has(&bob.heard(), "suspended or removed") && bob.closed());
    stage.accounts.suspend("bob", false).unwrap();
    stage.tell_accounts();
    stage.held = true;
    let late = stage.connect();
    stage.says(&late, &format!("PASS bob:{PASSWORD}\r\nNICK bob\r\nUSER bob 0 * :bob"));
    stage.accounts.suspend("bob", true).unwrap();
    stage.tell_accounts();
    stage.held = false;
    stage.answer();
    assert_eq!(stage.signed_in(), Vec::<String>::new(), "{:#?}", late.heard());
}

/// GHSA-x6wg-9hcg-fc9v: nor is a sign-in drawn out until the account is no more, or is less.
#[test]
fn a_sign_in_that_is_drawn_out_counts_as_of_its_end() {
    let mut stage = Stage::new();
    let waits = stage.connect();
    let lines = format!("AUTHENTICATE PLAIN\r\nAUTHENTICATE {}", plain("bob"));
    assert!(has(&stage.says(&waits, &format!("CAP REQ :sasl\r\n{lines}")), " 903 "));
    let proves = stage.connect();
    stage.says(&proves, "CAP REQ :sasl\r\nNICK bob\r\nUSER bob 0 * :bob");
    let proof = scram_until_proof(&mut stage, &proves, "bob").unwrap();
    let switches = stage.staff("carol", "sasl");
    let second = scram_until_proof(&mut stage, &switches, "bob").unwrap();
    stage.accounts.suspend("bob", true).unwrap();
    stage.tell_accounts();
    stage.says(&waits, "NICK bob\r\nUSER bob 0 * :bob\r\nCAP END");
    stage.says(&proves, &format!("{proof}\r\nAUTHENTICATE +\r\nCAP END"));
    assert!(waits.closed() && proves.closed());
    stage.says(&switches, &format!("{second}\r\nAUTHENTICATE +"));
    assert_eq!(stage.signed_in(), ["carol"]);
    let state = stage.node.desk().state();
    assert!(state.persons().all(|(_, p)| p.account().is_none_or(|a| a.as_str() == "carol")));
    // A role that was taken away meanwhile is not had for a while longer.
    let demoted = stage.connect();
    let lines = format!("AUTHENTICATE PLAIN\r\nAUTHENTICATE {}", plain("sue"));
    stage.says(&demoted, &format!("CAP REQ :sasl\r\n{lines}"));
    stage.accounts.set_role("sue", Role::Agent).unwrap();
    stage.tell_accounts();
    stage.says(&demoted, "NICK sue\r\nUSER sue 0 * :sue\r\nCAP END");
    let refused = stage.says(&demoted, "WATCH #c-x");
    assert!(!has(&refused, "No such channel"), "{refused:#?}");
    let state = stage.node.desk().state();
    assert!(state.persons().all(|(_, p)| p.role <= Role::Agent));
}

/// CVE-2016-7144 and siblings: a crafted AUTHENTICATE stood for the certificate's fingerprint.
#[test]
fn external_uses_only_the_fingerprint_that_the_transport_saw() {
    let mut stage = Stage::new();
    let claims = ["bob", PRINT, " bob", ":bob", "bob bob", ":", " ", "bob\0", "\0bob\0x", "*"];
    for claim in claims.map(|text| BASE64.encode(text)) {
        let without = stage.connect();
        let lines = format!("AUTHENTICATE EXTERNAL\r\nAUTHENTICATE {claim}");
        assert!(has(&stage.says(&without, &lines), " 904 "), "{claim}");
        let other = stage.connect_with(Some(&"f".repeat(64)));
        assert!(has(&stage.says(&other, &lines), " 904 "), "{claim}");
    }
    stage.held = true;
    let bob = stage.connect_with(Some(PRINT));
    let claim = BASE64.encode(":carol x");
    stage.says(&bob, &format!("AUTHENTICATE EXTERNAL\r\nAUTHENTICATE {claim}"));
    let asked = stage.asked.borrow().iter().map(|(_, asked, _)| asked.clone()).collect::<Vec<_>>();
    let [Credentials::Certificate { fingerprint, .. }] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(fingerprint.as_deref(), Some(PRINT));
    stage.answer();
    assert!(has(&bob.heard(), " 904 "), "another's name with one's own certificate");
    stage.held = false;
    let right = BASE64.encode("BOB");
    let heard = stage.says(&bob, &format!("AUTHENTICATE EXTERNAL\r\nAUTHENTICATE {right}"));
    assert!(has(&heard, " 903 "), "{heard:#?}");
}

/// CVE-2022-24976: registration ended in the middle of a challenge, and it counted as an answer.
#[test]
fn nothing_said_in_the_middle_of_a_sign_in_completes_it() {
    let interruptions = ["CAP END", "QUIT", "NICK other", "AUTHENTICATE *", "CAP REQ :-sasl"];
    let first = BASE64.encode("n,,n=bob,r=abcdef");
    let stops = [
        vec!["AUTHENTICATE PLAIN".to_owned()],
        vec!["AUTHENTICATE PLAIN".to_owned(), format!("AUTHENTICATE {}", "A".repeat(400))],
        vec!["AUTHENTICATE EXTERNAL".to_owned()],
        vec!["AUTHENTICATE SCRAM-SHA-256".to_owned()],
        vec!["AUTHENTICATE SCRAM-SHA-256".to_owned(), format!("AUTHENTICATE {first}")],
    ];
    for stop in &stops {
        for interruption in interruptions {
            for after in ["CAP END", "AUTHENTICATE +\r\nCAP END", "AUTHENTICATE AAAA\r\nCAP END"] {
                let mut stage = Stage::new();
                let peer = stage.connect();
                stage.says(&peer, "CAP REQ :sasl\r\nNICK bob\r\nUSER bob 0 * :bob");
                for line in stop {
                    stage.says(&peer, line);
                }
                let mut heard = stage.says(&peer, interruption);
                heard.extend(stage.says(&peer, after));
                let case = format!("{stop:?} {interruption} {after}: {heard:#?}");
                assert!(!has(&heard, " 900 ") && !has(&heard, " 903 "), "{case}");
                assert!(stage.signed_in().is_empty(), "{case}");
                assert!(peer.closed() || has(&heard, " 001 ") || has(&heard, "reserved"), "{case}");
            }
        }
    }
}

/// CVE-2022-24976, the other way round: what is said while the check is under way waits for it.
#[test]
fn what_is_said_during_a_check_waits_for_its_answer() {
    for (right, interruption) in
        [(true, "CAP END"), (true, "QUIT"), (false, "CAP END"), (false, "NICK x\r\nCAP END")]
    {
        let mut stage = Stage::new();
        stage.held = true;
        let peer = stage.connect();
        let name = if right { "bob" } else { "nobody" };
        let lines = format!("AUTHENTICATE PLAIN\r\nAUTHENTICATE {}", plain(name));
        stage.says(&peer, &format!("CAP REQ :sasl\r\nNICK b\r\nUSER bob 0 * :bob\r\n{lines}"));
        let heard = stage.says(&peer, interruption);
        assert!(heard.is_empty(), "{heard:#?}");
        stage.held = false;
        stage.answer();
        let heard = peer.heard();
        assert_eq!(has(&heard, " 903 "), right, "{heard:#?}");
        let staff = right && interruption != "QUIT";
        assert_eq!(stage.signed_in().len(), usize::from(staff), "{heard:#?}");
    }
}

/// CVE-2019-20918, CVE-2020-25269: an answer came after its asker had gone.
#[test]
fn an_answer_that_comes_after_the_end_is_nobodys() {
    for how in ["gone", "replaced", "asked again"] {
        let mut stage = Stage::new();
        stage.held = true;
        let peer = stage.connect();
        let sign_in = format!("PASS bob:{PASSWORD}\r\nNICK bob\r\nUSER bob 0 * :bob");
        stage.says(&peer, &sign_in);
        assert_eq!(stage.asked.borrow().len(), 1);
        stage.node.closed(stage.now, peer.id, "connection reset");
        // Somebody else has the place by now.
        let next = (how != "gone").then(|| stage.connect());
        if let (Some(next), "asked again") = (&next, how) {
            stage.says(next, &format!("PASS nobody:{PASSWORD}\r\nNICK n\r\nUSER n 0 * :n"));
        }
        stage.held = false;
        stage.answer();
        assert_eq!(stage.signed_in(), Vec::<String>::new(), "{how}");
        assert!(peer.heard().is_empty());
        if let Some(next) = next {
            assert!(!has(&next.heard(), "001"), "{how}");
        }
    }
}

/// ergo#1634: a way of registering went round the server's password.
#[test]
fn nothing_goes_round_the_servers_password() {
    let register = "NICK anna\r\nUSER anna 0 * :anna\r\nCAP END";
    let token = BASE64.encode([7; 32]);
    let resume = BASE64.encode(format!("\0resume\0{token}"));
    let tries = [
        String::new(),
        "PASS wrong".to_owned(),
        format!("PASS resume:{token}"),
        format!("AUTHENTICATE PLAIN\r\nAUTHENTICATE {resume}"),
        "AUTHENTICATE PLAIN\r\nAUTHENTICATE *".to_owned(),
        "PASS :".to_owned(),
        "PASS bob:wrong".to_owned(),
    ];
    for (good, way) in tries.iter().map(|way| (false, way.as_str())).chain([
        (true, "PASS letmein"),
        (true, "PASS :letmein"),
        (true, &format!("PASS bob:{PASSWORD}")),
    ]) {
        let mut stage = Stage::new();
        stage.info_mut().password = Some("letmein".into());
        let peer = stage.connect();
        let heard = stage.says(&peer, &format!("CAP LS 302\r\n{way}\r\n{register}"));
        assert_eq!(has(&heard, " 001 "), good, "{way:?}: {heard:#?}");
        assert_ne!(peer.closed(), good, "{way:?}: {heard:#?}");
    }
}
