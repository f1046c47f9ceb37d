//! Registration: any order, PASS in its forms, CAP, SASL in its three mechanisms, and what is not IRC.

use crate::seat::*;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use switchboard::desk::language::command::{Arrival, Command, Departure};
use switchboard::desk::language::notice::Reply;
use switchboard::desk::language::people::Role;
use switchboard::desk::language::refusal::Refusal;
use switchboard::face::scram::derive;
use switchboard::face::{Action, Actions, Credentials, Face, ScramKeys, Verdict};

fn arrival(seat: &Seat) -> Arrival {
    let arrivals: Vec<_> = seat
        .commands
        .iter()
        .filter_map(|command| match command {
            Command::Arrive(arrival) => Some((**arrival).clone()),
            _ => None,
        })
        .collect();
    assert_eq!(arrivals.len(), 1, "one arrival");
    arrivals[0].clone()
}

#[test]
fn every_order_registers() {
    for order in [
        ["NICK bob", "USER bob 0 * :Bob", "CAP LS 302"].as_slice(),
        &["USER bob 0 * :Bob", "NICK :bob"],
        &["CAP LS 302", "USER bob 0 * :Bob", "NICK bob", "CAP END"],
        &["CAP REQ :batch", "NICK bob", "CAP END", "USER bob 0 * :Bob"],
        &["NICK other", "CAP LIST", "NICK bob", "USER bob 0 * :Bob"],
        &["PASS bob:right", "NICK bob", "USER bob 0 * :Bob"],
    ] {
        let mut seat = Seat::new();
        for text in order {
            seat.send(text);
        }
        assert!(seat.face.registered(), "{order:?}: {}", seat.said);
        assert_eq!(arrival(&seat).nick.as_str(), "bob");
    }
}

#[test]
fn the_welcome_has_its_order_and_fits_its_lines() {
    let mut seat = Seat::new();
    seat.send("NICK bob");
    let said = seat.ask("USER bob 0 * :Bob");
    assert_eq!(verbs(&said), "WELCOME");
    for row in said.split_terminator("\r\n") {
        assert!(row.len() <= 510 && row.split(' ').nth(2) == Some("bob"), "{row}");
        assert!(row.split(" :").next().unwrap().split(' ').count() <= 16, "{row}");
    }
    assert!(
        said.contains(" CASEMAPPING=ascii ") && said.contains(" CHANMODES=beIq,k,l,CMRimnpstu ")
    );
    assert!(said.contains(":irc.test 004 bob irc.test switchboard-"));
}

#[test]
fn nothing_but_registration_is_read_before_it() {
    let mut seat = Seat::new();
    for text in ["JOIN :", "PRIVMSG #c :hi", "NONSENSE", "QUEUE", "join #c"] {
        assert_eq!(seat.verbs(text), "451", "{text}");
    }
    assert_eq!(seat.ask("PING  x"), ":irc.test PONG irc.test :x\r\n");
    assert_eq!(seat.ask("PONG x"), "");
    assert_eq!(seat.ask(""), "");
    assert_eq!(seat.ask(":only.a.source"), "");
    assert!(seat.ask("CAP NOPE").starts_with(":irc.test 410 * NOPE :"));
    assert!(seat.commands.is_empty());
}

#[test]
fn bad_names_are_refused_and_others_fitted() {
    let mut seat = Seat::new();
    assert_eq!(seat.verbs("NICK"), "431");
    assert_eq!(seat.verbs("NICK :"), "431");
    assert_eq!(seat.verbs("NICK 7up"), "432");
    assert_eq!(seat.verbs(&format!("NICK {}", "n".repeat(33))), "432");
    assert_eq!(seat.verbs("USER bob 0 *"), "461");
    assert_eq!(seat.verbs("USER bob 0 * :"), "461");
    seat.send("NICK bob");
    seat.send(&format!("USER b@b!~{} 0 * :{}", "u".repeat(30), "r".repeat(300)));
    let arrival = arrival(&seat);
    assert_eq!(arrival.user.as_str(), format!("bb~{}", "u".repeat(13)));
    assert_eq!(arrival.realname.as_str().len(), 128);
    assert_eq!(seat.verbs("USER bob 0 * :Bob"), "462");
    assert_eq!(seat.verbs("PASS bob:right"), "462");
}

#[test]
fn a_taken_nick_lets_another_be_chosen() {
    let mut seat = Seat::new();
    seat.send("NICK taken");
    let said = seat.ask("USER bob 0 * :Bob");
    assert!(said.starts_with(":irc.test 433 * taken :"), "{said}");
    assert!(!seat.face.registered());
    assert_eq!(seat.verbs("JOIN #c"), "451");
    assert_eq!(seat.verbs("NICK bob"), "WELCOME");
}

#[test]
fn lines_right_behind_are_read_while_the_desk_decides() {
    let mut face = Seat::new().face;
    let mut all = Vec::new();
    for text in ["PASS x", "NICK bob", "USER bob 0 * :Bob", "JOIN #chan", "USER b 0 * :B"] {
        let mut actions = Actions::default();
        face.line(NOW, text.as_bytes(), &mut actions);
        all.extend(actions.list);
    }
    let desk: Vec<_> = all.iter().filter(|a| matches!(a, Action::Desk(_))).collect();
    assert!(matches!(desk[0], Action::Desk(Command::Arrive(_))));
    assert!(matches!(desk[1], Action::Desk(Command::Join { .. })) && desk.len() == 2);
}

#[test]
fn pass_takes_accounts_and_tokens() {
    for given in ["PASS bob:right", "PASS bob/right", "PASS :bob:right"] {
        let mut seat = Seat::new();
        assert_eq!(seat.ask(given), "", "no 900 and 903 to PASS");
        seat.send("NICK bob");
        seat.send("USER bob 0 * :Bob");
        assert_eq!(arrival(&seat).account, Some((account("bob"), Role::Agent)));
    }
    for wrong in ["PASS bob:wrong", "PASS bob:", "PASS :bob:righ t"] {
        let mut seat = Seat::new();
        assert_eq!(seat.verbs(wrong), "464 ERROR", "{wrong}");
        assert!(seat.closed);
    }
    let token = URL_SAFE_NO_PAD.encode([9; 32]);
    let digest: [u8; 32] = Sha256::digest([9; 32]).into();
    let known = format!(":{}", msgid(42));
    for (tail, last) in [("", None), (":42", None), (known.as_str(), Some(42)), (":x", None)] {
        let mut seat = Seat::new();
        for text in [&format!("PASS resume:{token}{tail}"), "NICK bob", "USER bob 0 * :Bob"] {
            seat.send(text);
        }
        let resume = arrival(&seat).resume.unwrap();
        assert_eq!((resume.digest, resume.last_seen), (digest, last));
    }
    let mut seat = Seat::new();
    assert!(seat.ask("PASS letmein").contains("account:password"));
    assert!(!seat.closed);
}

#[test]
fn passwords_over_plaintext_are_refused_unless_trusted() {
    let plaintext = || {
        let mut connection = connection();
        connection.tls = false;
        connection
    };
    let mut seat = Seat::of(info(), plaintext());
    let said = seat.ask("PASS bob:right");
    assert!(said.contains(" 464 ") && said.contains("TLS") && seat.closed);
    assert!(seat.checks.is_empty());

    let mut seat = Seat::of(info(), plaintext());
    assert!(seat.ask("CAP LS 302").contains("sasl=SCRAM-SHA-256 "));
    let said = seat.ask("AUTHENTICATE PLAIN");
    assert!(said.contains(" 904 ") && said.contains("TLS") && !seat.closed);
    assert_eq!(seat.ask("AUTHENTICATE SCRAM-SHA-256"), "AUTHENTICATE +\r\n");

    let mut trusted = plaintext();
    trusted.trusted = true;
    let mut seat = Seat::of(info(), trusted);
    assert_eq!(seat.ask("PASS bob:right"), "");
    let mut open = info();
    open.plaintext_passwords = true;
    let mut seat = Seat::of(open, plaintext());
    assert_eq!(seat.ask("PASS bob:right"), "");
}

#[test]
fn a_server_password_is_asked_for() {
    let mut guarded = info();
    guarded.password = Some(Arc::from("open sesame"));
    for (pass, enters) in [
        (Some("PASS :open sesame"), true),
        (Some("PASS bob:right"), true),
        (Some("PASS :open sesam"), false),
        (None, false),
    ] {
        let mut seat = Seat::of(guarded.clone(), connection());
        if let Some(pass) = pass {
            seat.send(pass);
        }
        seat.send("NICK bob");
        seat.send("USER bob 0 * :Bob");
        assert_eq!(seat.face.registered(), enters, "{pass:?}");
        assert_eq!(seat.closed, !enters);
    }
}

#[test]
fn capabilities_follow_their_rules() {
    let mut seat = Seat::new();
    let names = seat.ask("CAP LS");
    assert!(names.contains(" sasl ") && !names.contains('='), "no values before 302");
    assert!(seat.ask("CAP LS 303").contains("sasl=PLAIN,EXTERNAL,SCRAM-SHA-256 "));
    assert!(!seat.ask("CAP LS").contains('='), "a later plain LS has no values again");
    assert_eq!(seat.ask("CAP REQ :batch nope"), ":irc.test CAP * NAK :batch nope\r\n");
    assert_eq!(seat.ask("CAP LIST"), ":irc.test CAP * LIST :cap-notify\r\n");
    assert_eq!(seat.ask("CAP REQ : batch"), ":irc.test CAP * ACK :batch\r\n");
    assert_eq!(seat.ask("CAP REQ batch"), ":irc.test CAP * ACK :batch\r\n");
    assert_eq!(seat.ask("CAP REQ :-batch setname"), ":irc.test CAP * ACK :-batch setname\r\n");
    assert_eq!(seat.verbs("CAP REQ -cap-notify"), "CAP-NAK");
    assert_eq!(seat.ask("CAP LIST"), ":irc.test CAP * LIST :cap-notify setname\r\n");
    seat.send("NICK bob");
    assert_eq!(seat.ask("USER bob 0 * :Bob"), "", "CAP holds registration");
    assert_eq!(seat.verbs("CAP END"), "WELCOME");
    assert_eq!(seat.ask("CAP END"), "");
    assert_eq!(seat.verbs("CAP REQ :away-notify"), "CAP-ACK");
    let mut without = info();
    without.sasl = false;
    let mut seat = Seat::of(without, connection());
    assert!(!seat.ask("CAP LS 302").contains("sasl"));
    assert_eq!(seat.verbs("CAP REQ sasl"), "CAP-NAK");
    assert_eq!(seat.verbs("AUTHENTICATE PLAIN"), "904");
}

#[test]
fn sasl_plain_signs_in() {
    let mut seat = Seat::new();
    assert_eq!(seat.ask("AUTHENTICATE plain"), "AUTHENTICATE +\r\n");
    let said = seat.ask(&format!("AUTHENTICATE {PLAIN_BOB}"));
    assert!(said.starts_with(":irc.test 900 * *!*@* bob :"), "{said}");
    assert_eq!(verbs(&said), "900 903");
    seat.send("AUTHENTICATE PLAIN");
    let wrong = STANDARD.encode("\0bob\0wrong");
    assert_eq!(seat.verbs(&format!("AUTHENTICATE {wrong}")), "904");
    for bad in ["bob\0right", "carol\0bob\0right", "\0bob\0", "\0\0right", "\0bob\0right\0"] {
        seat.send("AUTHENTICATE PLAIN");
        let checks = seat.checks.len();
        assert_eq!(seat.verbs(&format!("AUTHENTICATE {}", STANDARD.encode(bad))), "904", "{bad:?}");
        assert_eq!(seat.checks.len(), checks);
    }
    seat.send("NICK bob");
    seat.send("USER bob 0 * :Bob");
    assert_eq!(arrival(&seat).account, Some((account("bob"), Role::Agent)));
}

#[test]
fn sasl_errors_have_their_numerics() {
    let mut seat = Seat::new();
    assert_eq!(seat.verbs("AUTHENTICATE NOPE"), "908 904");
    assert_eq!(seat.verbs("AUTHENTICATE *"), "906");
    assert_eq!(seat.verbs("AUTHENTICATE"), "461");
    seat.send("AUTHENTICATE PLAIN");
    assert_eq!(seat.verbs("AUTHENTICATE *"), "906");
    seat.send("AUTHENTICATE PLAIN");
    assert_eq!(seat.verbs("AUTHENTICATE $$$$"), "904");
    seat.send("AUTHENTICATE PLAIN");
    assert_eq!(seat.verbs(&format!("AUTHENTICATE {}", "A".repeat(401))), "905");
    seat.send("AUTHENTICATE PLAIN");
    let mut said = String::new();
    for _ in 0..20 {
        said = seat.verbs(&format!("AUTHENTICATE {}", "A".repeat(400)));
        if !said.is_empty() {
            break;
        }
    }
    assert_eq!(said, "905", "the whole is bounded");
    seat.answers_checks = false;
    for (verdict, words) in
        [(Verdict::TooMany(30), "30 seconds"), (Verdict::Unavailable, "just now")]
    {
        seat.send("AUTHENTICATE PLAIN");
        seat.send(&format!("AUTHENTICATE {PLAIN_BOB}"));
        seat.take();
        seat.judge(verdict);
        assert!(seat.said.contains(" 904 ") && seat.said.contains(words), "{}", seat.said);
    }
}

#[test]
fn long_messages_come_in_chunks() {
    // 3 bytes of framing and 297 of password are 400 bytes of base64: a `+` must follow.
    let message = format!("\0bob\0{}", "p".repeat(295));
    let encoded = STANDARD.encode(&message);
    assert_eq!(encoded.len(), 400);
    let mut seat = Seat::new();
    seat.send("AUTHENTICATE PLAIN");
    assert_eq!(seat.ask(&format!("AUTHENTICATE {encoded}")), "");
    assert_eq!(seat.verbs("AUTHENTICATE +"), "904");
    assert!(
        matches!(&seat.checks[0], Credentials::Password { password, .. } if password.len() == 295)
    );
}

#[test]
fn external_uses_the_connections_certificate_only() {
    let mut seat = Seat::new();
    seat.send("AUTHENTICATE EXTERNAL");
    assert_eq!(seat.verbs("AUTHENTICATE +"), "904");
    let mut connection = connection();
    connection.certificate = Some(Arc::from("aabb"));
    let mut seat = Seat::of(info(), connection);
    seat.send("AUTHENTICATE EXTERNAL");
    assert_eq!(seat.verbs("AUTHENTICATE Ym9i"), "900 903");
    let Credentials::Certificate { account, fingerprint } = &seat.checks[0] else { panic!() };
    assert_eq!((account.as_deref(), fingerprint.as_deref()), (Some("bob"), Some("aabb")));
}

fn scram_keys() -> ScramKeys {
    let (stored_key, server_key) = derive("right", b"salt", 4096);
    ScramKeys {
        account: Some((account("bob"), Role::Agent)),
        salt: b"salt".to_vec(),
        iterations: 4096,
        stored_key,
        server_key,
        nonce: "servernonce".to_owned(),
    }
}

fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().into()
}

/// The client's last message, as RFC 5802 computes it, with a password.
fn client_final(password: &str, server_first: &str) -> String {
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), b"salt", 4096, &mut salted);
    let client_key = hmac(&salted, b"Client Key");
    let stored = Sha256::digest(client_key);
    let without = "c=biws,r=clientnonceservernonce";
    let auth = format!("n=bob,r=clientnonce,{server_first},{without}");
    let signature = hmac(&stored, auth.as_bytes());
    let proof: Vec<u8> = client_key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
    format!("{without},p={}", STANDARD.encode(proof))
}

#[test]
fn scram_signs_in_and_wrong_passwords_do_not() {
    for (password, expected) in [("right", "AUTHENTICATE"), ("wrong", "904")] {
        let mut seat = Seat::new();
        seat.answers_checks = false;
        seat.send("AUTHENTICATE SCRAM-SHA-256");
        seat.take();
        seat.send(&format!("AUTHENTICATE {}", STANDARD.encode("n,,n=bob,r=clientnonce")));
        assert!(matches!(&seat.checks[0], Credentials::ScramKeys { account } if account == "bob"));
        seat.judge(Verdict::Scram(Box::new(scram_keys())));
        let said = seat.take();
        let first = said.trim_end().strip_prefix("AUTHENTICATE ").unwrap();
        let first = String::from_utf8(STANDARD.decode(first).unwrap()).unwrap();
        assert_eq!(first, "r=clientnonceservernonce,s=c2FsdA==,i=4096");
        let last = STANDARD.encode(client_final(password, &first));
        assert_eq!(seat.verbs(&format!("AUTHENTICATE {last}")), expected);
        if expected == "AUTHENTICATE" {
            assert_eq!(seat.verbs("AUTHENTICATE +"), "900 903");
        }
    }
}

#[test]
fn an_open_exchange_ends_with_registration() {
    let mut seat = Seat::new();
    seat.send("CAP REQ sasl");
    seat.send("AUTHENTICATE PLAIN");
    seat.send("NICK bob");
    seat.send("USER bob 0 * :Bob");
    assert_eq!(seat.verbs("CAP END"), "906 WELCOME");
    assert_eq!(arrival(&seat).account, None);
}

#[test]
fn signing_in_after_registration_tells_the_desk() {
    let mut seat = Seat::registered(Role::Bot, "sasl");
    seat.role = Role::Agent;
    seat.send("AUTHENTICATE PLAIN");
    let said = seat.ask(&format!("AUTHENTICATE {PLAIN_BOB}"));
    assert!(said.starts_with(":irc.test 900 bob bob!~u@host bob :"), "{said}");
    assert_eq!(seat.commands, [Command::SignIn(Some((account("bob"), Role::Agent)))]);
    assert_eq!(seat.verbs("OPER bob right"), "");
    assert!(matches!(seat.commands.last(), Some(Command::Oper(oper)) if &*oper.name == "bob"));
    assert_eq!(seat.verbs("OPER bob wrong"), "464");
    assert!(!seat.closed);
}

#[test]
fn labels_wait_for_the_verdict_and_registration_is_acknowledged() {
    let mut seat = Seat::new();
    seat.send("CAP REQ :batch labeled-response");
    seat.take();
    let said = seat.ask("@label=a AUTHENTICATE PLAIN");
    assert_eq!(said, "@label=a AUTHENTICATE +\r\n");
    let said = seat.ask(&format!("@label=b AUTHENTICATE {PLAIN_BOB}"));
    assert!(said.starts_with("@label=b :irc.test BATCH +"), "{said}");
    assert_eq!(verbs(&said), "BATCH 900 903 BATCH");
    seat.send("NICK bob");
    seat.send("USER bob 0 * :Bob");
    let said = seat.ask("@label=c CAP END");
    assert!(said.starts_with("@label=c :irc.test ACK\r\n:irc.test 001 "), "{said}");
    assert_eq!(seat.ask("@label=d PONG x"), "@label=d :irc.test ACK\r\n");
    let long = "l".repeat(65);
    assert_eq!(seat.ask(&format!("@label={long} PONG x")), "");
    assert!(seat.ask("@label=e NOPE").starts_with("@label=e :irc.test 421 bob NOPE :"));
}

#[test]
fn quit_ends_with_an_error_at_any_time() {
    let mut seat = Seat::new();
    assert_eq!(seat.ask("QUIT :bye"), "ERROR :Quit: bye\r\n");
    assert!(seat.closed && seat.commands.is_empty());
    assert_eq!(seat.ask("NICK bob"), "", "nothing is read after the end");
    let mut seat = Seat::registered(Role::Agent, "");
    assert_eq!(seat.ask("QUIT"), "ERROR Quit\r\n".replace("ERROR Quit", "ERROR :Quit"));
    assert_eq!(seat.commands, [Command::Leave(Departure::Quit(None))]);
    assert_eq!(seat.ask("PRIVMSG #c :late"), "");
}

#[test]
fn what_is_not_irc_is_sent_away() {
    for foreign in [&b"GET / HTTP/1.1"[..], b"POST /x HTTP/1.0", b"\x16\x03\x01\x02", b"\x80abc"] {
        let mut seat = Seat::new();
        seat.send_bytes(foreign);
        assert_eq!(verbs(&seat.take()), "ERROR");
        assert!(seat.closed);
    }
    let mut seat = Seat::registered(Role::Agent, "standard-replies");
    assert_eq!(seat.verbs("GET / HTTP/1.1"), "421");
    seat.send_bytes(b"PRIVMSG #c :\xff");
    assert!(seat.take().starts_with(":irc.test FAIL PRIVMSG INVALID_UTF8 :"));
    seat.send_bytes(b"PRIVMSG #c :a\0b");
    assert!(seat.take().starts_with(":irc.test FAIL * INVALID_LINE :"));
    assert_eq!(seat.verbs(&format!("PRIVMSG #c :{}", "x".repeat(600))), "417");
    assert_eq!(seat.verbs(&format!("@{} PING x", "t".repeat(4095))), "417");
    let mut actions = Actions::default();
    seat.face.overlong(NOW, &mut actions);
    let [Action::Say(bytes)] = actions.list.as_slice() else { panic!() };
    assert_eq!(verbs(str::from_utf8(bytes).unwrap()), "417");
    assert!(seat.commands.is_empty());
}

#[test]
fn too_many_lines_before_registration_end_it() {
    let mut seat = Seat::new();
    for _ in 0..300 {
        if !seat.closed {
            seat.send("PING x");
        }
    }
    assert!(seat.closed && seat.said.ends_with("connect again.\r\n"));
}

#[test]
fn a_reserved_nick_is_refused_like_a_taken_one() {
    let mut seat = Seat::registered(Role::Customer, "");
    let refusal = Refusal::NickReserved(nick("carol"));
    seat.reply(&Reply::Refused { command: "NICK", refusal });
    assert!(seat.said.starts_with(":irc.test 433 bob carol :"));
    assert!(seat.face.registered(), "and the old one stays");
}

#[test]
fn a_new_nick_is_learned_from_the_runner() {
    let mut seat = Seat::registered(Role::Agent, "");
    seat.face.renamed(&nick("carol"), &nick("dave"));
    assert!(seat.ask("NOPE").starts_with(":irc.test 421 bob "));
    seat.face.renamed(&nick("bob"), &nick("robert"));
    assert!(seat.ask("NOPE").starts_with(":irc.test 421 robert "));
}

proptest! {
    #[test]
    fn any_order_of_registration_lines_is_legal(
        picks in prop::collection::vec(0_usize..16, 1..40),
        slow in any::<bool>(),
    ) {
        const LINES: [&str; 16] = [
            "CAP LS 302", "CAP REQ :sasl batch labeled-response", "CAP END", "CAP LIST", "NICK bob",
            "NICK taken", "USER bob 0 * :Bob", "AUTHENTICATE PLAIN", "AUTHENTICATE AGJvYgByaWdodA==",
            "AUTHENTICATE *", "PASS bob:right", "@label=x CAP END", "@label=y NICK bob", "QUIT :x",
            "AUTHENTICATE +", "PING x",
        ];
        let mut seat = Seat::new();
        seat.answers_checks = !slow;
        let (mut open, mut nick, mut user, mut welcomes) = (false, false, false, 0);
        for pick in picks {
            if seat.closed {
                break;
            }
            let before = seat.face.registered();
            let said = seat.verbs(LINES[pick]);
            let said = if slow && !seat.checks.is_empty() {
                seat.checks.clear();
                seat.judge(Verdict::Yes(account("bob"), Role::Agent));
                said + &verbs(&seat.take())
            } else {
                said
            };
            if !before {
                match pick {
                    0 | 1 => open = true,
                    2 | 11 => open = false,
                    4 | 12 => nick = true,
                    5 => nick = !user || open,
                    6 => user = true,
                    _ => {}
                }
            }
            // A refused nick is asked for again.
            if said.contains("433") {
                nick = false;
            }
            welcomes += said.matches("WELCOME").count();
            prop_assert_eq!(seat.face.registered(), welcomes == 1, "{}", said);
            if seat.face.registered() && !before {
                prop_assert!(!open && nick && user);
            }
            prop_assert!(!said.contains("900") || pick == 8);
        }
        prop_assert!(welcomes <= 1);
    }
}
