//! IRCv3 sasl-3.1 and sasl-3.2, with RFC 4616 (PLAIN), RFC 4422 (EXTERNAL) and RFC 5802 (SCRAM).

use crate::stage::{PASSWORD, PRINT, Peer, Stage};
use crate::support::{has, member, only, pairwise, params, signed_in, verb};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

fn verbs(heard: &[String]) -> Vec<String> {
    heard.iter().map(|line| verb(line)).collect()
}

fn plain(account: &str, password: &str) -> String {
    BASE64.encode(format!("\0{account}\0{password}"))
}

/// PLAIN in one chunk; what came behind `AUTHENTICATE +`.
fn by_plain(stage: &mut Stage, peer: &Peer, account: &str, password: &str) -> Vec<String> {
    assert_eq!(stage.says(peer, "AUTHENTICATE PLAIN"), ["AUTHENTICATE +"]);
    stage.says(peer, &format!("AUTHENTICATE {}", plain(account, password)))
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// A client's side of SCRAM-SHA-256 up to server-final: what it heard for its proof, and whether the
/// server proved itself.
fn by_scram(stage: &mut Stage, peer: &Peer, account: &str, password: &str) -> (Vec<String>, bool) {
    let bare = format!("n={account},r=fyko+d2lbbFgONRv9qkxdawL");
    let first = BASE64.encode(format!("n,,{bare}"));
    let heard = stage.says(peer, &format!("AUTHENTICATE scram-sha-256\r\nAUTHENTICATE {first}"));
    let decoded = |line: &str| {
        let data = line.strip_prefix("AUTHENTICATE ").unwrap();
        String::from_utf8(BASE64.decode(data).unwrap()).unwrap()
    };
    let server = decoded(&heard[1]);
    let part = |key: &str| server.split(',').find_map(|p| p.strip_prefix(key)).unwrap();
    let salt = BASE64.decode(part("s=")).unwrap();
    let mut salted = [0; 32];
    let iterations = part("i=").parse().unwrap();
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, iterations, &mut salted);
    let key = mac(&salted, b"Client Key");
    let without = format!("c=biws,r={}", part("r="));
    let message = format!("{bare},{server},{without}");
    let signature = mac(&Sha256::digest(key), message.as_bytes());
    let proof: Vec<u8> = key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
    let last = BASE64.encode(format!("{without},p={}", BASE64.encode(proof)));
    let heard = stage.says(peer, &format!("AUTHENTICATE {last}"));
    let own = BASE64.encode(mac(&mac(&salted, b"Server Key"), message.as_bytes()));
    let proven = heard.len() == 1
        && heard[0].starts_with("AUTHENTICATE ")
        && decoded(&heard[0]) == format!("v={own}");
    (heard, proven)
}

/// Fact 47. "If authentication is successful, a 900 and 903 numeric will be sent":
/// `900 <nick> <nick>!<ident>@<host> <account> :…`, the nick `*` while there is none.
#[test]
fn plain_signs_in() {
    for set in pairwise(&["sasl", "account-tag", "labeled-response batch"]) {
        let mut stage = Stage::members();
        let peer = stage.connect();
        stage.says(&peer, &format!("CAP REQ :{set}"));
        let heard = by_plain(&mut stage, &peer, "Bob", PASSWORD);
        assert_eq!(verbs(&heard), ["900", "903"]);
        let words = params(&heard[0]);
        assert_eq!(
            (words[0].as_str(), words[1].as_str(), words[2].as_str()),
            ("*", "*!*@*", "bob")
        );
        assert!(params(&heard[1]).len() == 2 && words.len() == 4);
        let heard = stage.says(&peer, "NICK x\r\nUSER x 0 * :x\r\nCAP END\r\nWHOIS x");
        assert_eq!(params(only(&heard, "330")[0])[1..3], ["x", "bob"], "{set}");
        if has(&set, "labeled-response batch") {
            let heard = stage.says(&peer, "@label=7 AUTHENTICATE NOPE");
            assert!(heard[0].starts_with("@label=7 ") && heard[0].contains("BATCH"), "{heard:#?}");
        }
    }
}

/// "If authentication fails, a 904 or 905 numeric will be sent and the client MAY retry": a wrong password,
/// an unknown and a suspended account are one and the same.
#[test]
fn who_fails_reads_904_and_may_try_again() {
    let mut stage = Stage::members();
    stage.accounts.suspend("carol", true).unwrap();
    stage.tell_accounts();
    let peer = stage.connect();
    let mut told = Vec::new();
    for (account, password) in [
        ("bob", "wrong-one"),
        ("nobody", PASSWORD),
        ("carol", PASSWORD),
        ("", PASSWORD),
        ("bob", ""),
    ] {
        told.push(by_plain(&mut stage, &peer, account, password));
    }
    assert!(told.iter().all(|heard| *heard == told[0]), "{told:#?}");
    assert_eq!(verbs(&told[0]), ["904"]);
    for (account, password) in [("bob", "wrong-one"), ("nobody", PASSWORD), ("carol", PASSWORD)] {
        let (heard, proven) = by_scram(&mut stage, &peer, account, password);
        assert_eq!((verbs(&heard), proven), (vec!["904".to_owned()], false), "{account}");
    }
    let other = BASE64.encode(format!("carol\0bob\0{PASSWORD}"));
    let heard = stage.says(&peer, &format!("AUTHENTICATE PLAIN\r\nAUTHENTICATE {other}"));
    assert_eq!(verbs(&heard), ["AUTHENTICATE", "904"], "acting for somebody else");
    let itself = BASE64.encode(format!("bob\0bob\0{PASSWORD}"));
    let heard = stage.says(&peer, &format!("AUTHENTICATE PLAIN\r\nAUTHENTICATE {itself}"));
    assert_eq!(verbs(&heard), ["AUTHENTICATE", "900", "903"]);
}

/// Fact 46. "split to 400-byte chunks … Empty (zero-length) responses are sent as `AUTHENTICATE +`. If the
/// last chunk was exactly 400 bytes long, it must also be followed by `AUTHENTICATE +`".
#[test]
fn long_answers_come_in_chunks_of_400() {
    let mut stage = Stage::members();
    for length in [290, 295, 296, 300] {
        let password = "p".repeat(length);
        let name = format!("long{length}");
        let tiny = switchboard::accounts::hash::Cost { memory_kib: 8, passes: 1, lanes: 1 };
        let role = switchboard::desk::language::people::Role::Member;
        stage.accounts.add(stage.now, &name, role, &password, tiny).unwrap();
        let encoded = plain(&name, &password);
        let peer = stage.connect();
        stage.says(&peer, "AUTHENTICATE PLAIN");
        let mut heard = Vec::new();
        for chunk in encoded.as_bytes().chunks(400) {
            assert!(heard.is_empty());
            heard = stage.says(&peer, &format!("AUTHENTICATE {}", str::from_utf8(chunk).unwrap()));
        }
        if encoded.len().is_multiple_of(400) {
            assert!(heard.is_empty(), "{length}");
            heard = stage.says(&peer, "AUTHENTICATE +");
        }
        assert_eq!(verbs(&heard), ["900", "903"], "{length}");
    }
}

/// "905 … because the client-sent `AUTHENTICATE` command was too long (i.e. the parameter longer than 400
/// bytes)"; "The server MAY place a limit on the total length"; bad base64 is 904.
#[test]
fn what_is_too_long_or_no_base64_ends_the_exchange() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    stage.says(&peer, "AUTHENTICATE PLAIN");
    let heard = stage.says(&peer, &format!("AUTHENTICATE {}", "A".repeat(401)));
    assert_eq!(verbs(&heard), ["905"]);
    stage.says(&peer, "AUTHENTICATE PLAIN");
    let endless = (0..30).find_map(|_| {
        let heard = stage.says(&peer, &format!("AUTHENTICATE {}", "A".repeat(400)));
        heard.first().cloned()
    });
    assert_eq!(verb(&endless.unwrap()), "905");
    for bad in ["$$$$", "AAA", "AA==AA==", "+A"] {
        stage.says(&peer, "AUTHENTICATE PLAIN");
        assert_eq!(verbs(&stage.says(&peer, &format!("AUTHENTICATE {bad}"))), ["904"], "{bad}");
    }
    assert_eq!(verbs(&by_plain(&mut stage, &peer, "bob", PASSWORD)), ["900", "903"]);
}

/// "The client can abort an authentication by sending an asterisk as the data. The server will send a 906
/// numeric." "908 MAY be sent in reply to an `AUTHENTICATE` command which requests an unsupported mechanism";
/// "If this fails, a 904 numeric will be sent and the session state remains unchanged".
#[test]
fn giving_up_and_unknown_mechanisms_have_their_numerics() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    assert_eq!(verbs(&stage.says(&peer, "AUTHENTICATE *")), ["906"]);
    stage.says(&peer, "AUTHENTICATE PLAIN");
    assert_eq!(verbs(&stage.says(&peer, "AUTHENTICATE *")), ["906"]);
    for unknown in ["NOPE", "SCRAM-SHA-1", "PLAIN,EXTERNAL", "+"] {
        let heard = stage.says(&peer, &format!("AUTHENTICATE {unknown}"));
        assert_eq!(verbs(&heard), ["908", "904"], "{unknown}");
        assert_eq!(params(&heard[0])[1], "PLAIN,EXTERNAL,SCRAM-SHA-256");
    }
    assert_eq!(verbs(&stage.says(&peer, "AUTHENTICATE")), ["461"]);
    assert_eq!(verbs(&by_plain(&mut stage, &peer, "bob", PASSWORD)), ["900", "903"]);
}

/// "If the client completes registration … while the SASL authentication is still in progress, the server
/// SHOULD abort it and send a 906 numeric, then register the client without authentication." (CVE-2022-24976)
#[test]
fn completing_registration_ends_an_open_exchange() {
    for open in ["AUTHENTICATE PLAIN", "AUTHENTICATE EXTERNAL", "AUTHENTICATE SCRAM-SHA-256"] {
        let mut stage = Stage::members();
        let peer = stage.connect_with(Some(PRINT));
        stage.says(&peer, "CAP REQ sasl\r\nNICK anna\r\nUSER a 0 * :a");
        stage.says(&peer, open);
        let heard = stage.says(&peer, "CAP END");
        assert_eq!(verbs(&heard)[..2], ["906", "001"], "{open}");
        let heard = stage.says(&peer, "AUTHENTICATE +\r\nWHOIS anna");
        assert!(only(&heard, "900").is_empty() && only(&heard, "330").is_empty(), "{heard:#?}");
    }
}

/// RFC 4422 appendix A: the certificate of the connection, and an account only if it is that one's.
#[test]
fn external_is_the_connections_certificate() {
    for (print, claim, good) in [
        (Some(PRINT), "", true),
        (Some(PRINT), "bob", true),
        (Some(PRINT), "carol", false),
        (None, "", false),
        (None, "bob", false),
        (Some("00"), "bob", false),
    ] {
        let mut stage = Stage::members();
        let peer = stage.connect_with(print);
        let data = if claim.is_empty() { "+".to_owned() } else { BASE64.encode(claim) };
        let heard = stage.says(&peer, &format!("AUTHENTICATE EXTERNAL\r\nAUTHENTICATE {data}"));
        assert_eq!(only(&heard, "903").len(), usize::from(good), "{print:?} {claim}");
        assert_eq!(only(&heard, "904").len(), usize::from(!good), "{print:?} {claim}");
    }
}

/// RFC 5802: the server proves itself as well, and the client closes with an empty answer (fact 47).
#[test]
fn scram_signs_in_and_proves_the_server() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    let (_, proven) = by_scram(&mut stage, &peer, "bob", PASSWORD);
    assert!(proven);
    assert_eq!(verbs(&stage.says(&peer, "AUTHENTICATE +")), ["900", "903"]);
    let second = stage.connect();
    let (_, proven) = by_scram(&mut stage, &second, "bob", PASSWORD);
    assert!(proven);
    assert_eq!(verbs(&stage.says(&second, "AUTHENTICATE *")), ["906"], "given up at the last step");
    let heard = stage.says(&second, "NICK x\r\nUSER x 0 * :x\r\nWHOIS x");
    assert!(only(&heard, "330").is_empty());
}

/// sasl-3.2: "Servers SHOULD allow a client, authenticated or otherwise, to reauthenticate by sending a new
/// `AUTHENTICATE` message at any time." A failure leaves them what they were.
#[test]
fn signing_in_again_is_allowed_at_any_time() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "account-notify");
    let account = |stage: &mut Stage, peer: &Peer| {
        let heard = stage.says(peer, "WHOIS anna");
        only(&heard, "330").first().map(|line| params(line)[2].clone())
    };
    let heard = by_plain(&mut stage, &anna, "mia", PASSWORD);
    assert_eq!(verbs(&heard), ["900", "903", "ACCOUNT", "396"]);
    let who = format!("anna!~anna@{}", anna.host());
    assert_eq!(params(&heard[0])[..3], ["anna", &who, "mia"]);
    assert_eq!(verbs(&by_plain(&mut stage, &anna, "bob", "wrong-one")), ["904"]);
    assert_eq!(account(&mut stage, &anna).unwrap(), "mia");
    let heard = by_plain(&mut stage, &anna, "bob", PASSWORD);
    assert_eq!(verbs(&heard), ["900", "903", "ACCOUNT", "396"]);
    assert_eq!(account(&mut stage, &anna).unwrap(), "bob");
}

/// Whoever signs in again as somebody with fewer rights leaves what was for those rights.
#[test]
fn signing_in_as_less_leaves_the_departments() {
    let mut stage = Stage::members();
    let bob = signed_in(&mut stage, "bob", "");
    assert!(!only(&stage.says(&bob, "NAMES #support"), "353").is_empty());
    by_plain(&mut stage, &bob, "mia", PASSWORD);
    assert!(stage.signed_in().is_empty());
    let heard = stage.says(&bob, "PRIVMSG #support :still here?\r\nJOIN #support");
    assert!(only(&heard, "JOIN").is_empty(), "{heard:#?}");
    assert_eq!(
        only(&heard, "404").len() + only(&heard, "403").len() + only(&heard, "442").len(),
        1
    );
}

/// A customer's connection is a customer's until its end; signing in belongs to its beginning.
#[test]
fn a_customer_signs_in_before_or_not_at_all() {
    let mut stage = Stage::new();
    let (anna, ..) = stage.customer("anna", "sasl");
    assert_eq!(verbs(&stage.says(&anna, "AUTHENTICATE PLAIN")), ["904"]);
    assert!(stage.signed_in().is_empty());
}
