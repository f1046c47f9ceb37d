//! IRCv3 WebSocket support, over real sockets (fact 60).

use crate::frames::{CLOSE, PING, PONG, Socket, TEXT, frame};
use crate::{Client, Setup, World, play, tls_to};
use switchboard::net::{GateLimits, Kind, Web};
use tokio::net::TcpStream;

/// First byte of a whole binary message.
const BINARY: u8 = 0x82;
const BOTH: &str = "Sec-WebSocket-Protocol: binary.ircv3.net, text.ircv3.net\r\n";
const ONLY_TEXT: &str = "Sec-WebSocket-Protocol: text.ircv3.net\r\n";

async fn web(world: &World, headers: &str) -> (Socket<TcpStream>, String) {
    let address = world.listen(Kind::Web, false, &[]);
    Socket::open(TcpStream::connect(address).await.unwrap(), "/irc", headers).await
}

/// "The server MUST accept any subprotocol it supports, respecting the client's order of preference";
/// "each message MUST consist of a single IRC line, except that servers and clients MUST NOT include
/// trailing \r or \n characters in the message".
#[test]
fn a_line_is_a_message_of_the_kind_agreed_on() {
    play(Setup::default(), async |world| {
        let (mut anna, head) = web(&world, ONLY_TEXT).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.to_lowercase().contains("sec-websocket-protocol: text.ircv3.net\r\n"));
        assert!(!head.to_lowercase().contains("extensions"), "no compression: {head}");
        anna.registers("anna").await;
        let (mut bob, head) = web(&world, BOTH).await;
        assert!(head.contains("binary.ircv3.net"), "{head}");
        bob.sends(&frame(BINARY, b"PING one")).await;
        let (first, payload) = bob.frame().await.unwrap();
        assert_eq!(
            (first, payload.as_slice()),
            (BINARY, &b":test.example PONG test.example :one"[..])
        );
    });
}

/// "If no subprotocol can be agreed on, the server MAY continue without sending the header": with
/// the operator's fallback.
#[test]
fn without_a_subprotocol_the_fallback_holds() {
    for binary in [false, true] {
        let web_settings = Web { binary, ..Web::default() };
        play(Setup { web: web_settings, ..Setup::default() }, async |world| {
            let (mut anna, head) = web(&world, "").await;
            assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
            assert!(!head.to_lowercase().contains("sec-websocket-protocol"), "{head}");
            anna.sends(&frame(TEXT, b"PING one\r\n")).await;
            let (first, payload) = anna.frame().await.unwrap();
            assert_eq!(first, if binary { BINARY } else { TEXT });
            assert!(payload.ends_with(b":one"), "a trailing end is forgiven");
        });
    }
}

/// RFC 6455: messages in fragments with control frames between them, pings answered, a close
/// answered with the same code.
#[test]
fn fragments_pings_and_the_close_are_as_rfc_6455_has_them() {
    play(Setup::default(), async |world| {
        let (mut anna, _) = web(&world, ONLY_TEXT).await;
        anna.sends(&frame(0x01, b"PI")).await;
        anna.sends(&frame(PING, b"there?")).await;
        anna.sends(&frame(0x80, b"NG whole")).await;
        assert_eq!(anna.frame().await.unwrap(), (PONG, b"there?".to_vec()));
        anna.hears("PONG test.example :whole").await;
        anna.sends(&frame(CLOSE, &1001_u16.to_be_bytes())).await;
        assert_eq!(anna.ends().await, (1001, String::new()));
        let (mut carl, _) = web(&world, ONLY_TEXT).await;
        carl.registers("carl").await;
        carl.says("QUIT :bye").await;
        let (code, last) = carl.ends().await;
        assert_eq!(code, 1000);
        assert!(last.starts_with("ERROR :"), "the last words come before the end: {last}");
    });
}

/// The same over TLS, with more than a socket takes at once.
#[test]
fn it_is_spoken_over_tls_and_long_answers_come_whole() {
    play(Setup { loud: true, ..Setup::default() }, async |world| {
        let address = world.listen(Kind::Web, true, &[]);
        let stream = tls_to(address).await.0.into_inner();
        let (mut anna, head) = Socket::open(stream, "/", ONLY_TEXT).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(world.last_met().tls);
        for _ in 0..20 {
            anna.says("60000").await;
        }
        for _ in 0..20 {
            assert_eq!(anna.frame().await.unwrap(), (TEXT, vec![b'.'; 60_000]));
        }
    });
}

/// "Servers SHOULD impose limits on the maximum size of messages, reflecting the increased total
/// line lengths allowed by message-tags."
#[test]
fn a_long_line_is_refused_and_a_longer_message_ends_it() {
    play(Setup::default(), async |world| {
        let (mut anna, _) = web(&world, ONLY_TEXT).await;
        let tagged = format!("@+a={} PING :{}", "a".repeat(4000), "b".repeat(400));
        anna.says(&tagged).await;
        anna.hears(&"b".repeat(400)).await;
        anna.says(&"a".repeat(10_000)).await;
        anna.hears(" 417 ").await;
        anna.says("PING still").await;
        anna.hears("PONG test.example :still").await;
        anna.sends(&frame(TEXT, &[b'a'; 20_000])).await;
        let (code, last) = anna.ends().await;
        assert_eq!(code, 1009);
        assert!(last.starts_with("ERROR :The message is too long"), "{last}");
    });
}

#[test]
fn an_end_within_a_message_smuggles_nothing_in() {
    play(Setup::default(), async |world| {
        let (mut anna, _) = web(&world, ONLY_TEXT).await;
        anna.registers("anna").await;
        anna.sends(&frame(TEXT, b"PING a\r\nQUIT")).await;
        anna.says("PING b").await;
        assert!(!anna.hears("test.example").await.contains("PONG"), "neither half is used");
        anna.hears("PONG test.example :b").await;
    });
}

/// Origins are an exact list; clients that are no browsers send none.
#[test]
fn only_pages_that_may_connect() {
    let origins = vec!["https://www.example".into()];
    play(Setup { web: Web { origins, ..Web::default() }, ..Setup::default() }, async |world| {
        for (origin, status) in [
            ("", "101"),
            ("Origin: https://www.example\r\n", "101"),
            ("Origin: https://evil.example\r\n", "403"),
            ("Origin: https://www.example.evil\r\n", "403"),
        ] {
            let (_, head) = web(&world, origin).await;
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{origin}{head}");
        }
    });
}

#[test]
fn whoever_else_knocks_is_told_what_this_is() {
    play(Setup::default(), async |world| {
        let address = world.listen(Kind::Web, false, &[]);
        let endless = format!("GET /{} HTTP/1.1\r\n", "a".repeat(9000));
        for (asked, status) in [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "426"),
            ("GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n", "404"),
            ("POST / HTTP/1.1\r\nHost: a\r\n\r\n", "405"),
            ("\x16\x03\x01\x02", "400"),
            (&endless, "431"),
        ] {
            let mut client = Client::to(address).await;
            client.says(asked).await;
            let answer = client.rest().await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{asked}: {answer}");
            assert!(answer.contains("a chat server"), "{answer}");
        }
    });
}

/// The address that counts is the peer's, as a trusted proxy tells it, by either of both ways.
#[test]
fn behind_proxies_the_real_address_holds() {
    let limits = GateLimits { per_address: 1, ..GateLimits::default() };
    let forwarded_from = vec!["127.0.0.1/32".parse().unwrap()];
    let settings = Web { forwarded_from, ..Web::default() };
    play(Setup { limits, web: settings, ..Setup::default() }, async |world| {
        let told = "X-Forwarded-For: 192.0.2.66, 203.0.113.7\r\nX-Forwarded-Proto: https\r\n";
        let (_anna, head) = web(&world, told).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        let met = world.last_met();
        assert_eq!(&*met.address, "203.0.113.7");
        assert!(met.tls && !met.trusted);
        let (_, head) = web(&world, told).await;
        assert!(head.starts_with("HTTP/1.1 503 "), "one of an address: {head}");
        let (_bob, head) = web(&world, "X-Forwarded-For: 203.0.113.8\r\n").await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(!world.last_met().tls);
        let address = world.listen(Kind::Web, false, &["127.0.0.0/8"]);
        let mut proxied = Client::to(address).await;
        proxied.says("PROXY TCP4 203.0.113.9 127.0.0.1 1 2\r\n").await;
        let stream = proxied.0.into_inner();
        let (_carl, head) = Socket::open(stream, "/", "X-Forwarded-For: 192.0.2.1\r\n").await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert_eq!(&*world.last_met().address, "203.0.113.9", "its header is not believed");
    });
}
