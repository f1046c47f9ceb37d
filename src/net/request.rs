//! The HTTP request that begins a WebSocket: who asks, from where, and whether it may.
//!
//! Sources: RFC 9112 (the head), RFC 6455 section 4.2 (the upgrade), RFC 7239 (Forwarded). It knows
//! no socket; reading the head is `upgrade`'s.

use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tungstenite::Error;
use tungstenite::error::ProtocolError;
use tungstenite::handshake::machine::TryParse;
use tungstenite::handshake::server::{Request, create_response, write_response};
use tungstenite::http::header::{FORWARDED, SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use tungstenite::http::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use tungstenite::http::uri::Authority;

/// Subprotocols: each IRC line a text message, or a binary one. Source: IRCv3 websocket.
const TEXT: &str = "text.ircv3.net";
const BINARY: &str = "binary.ircv3.net";

/// What an operator has chosen for a listener of this kind.
#[derive(Clone, Debug, Default)]
pub struct Web {
    /// The server's name.
    pub server: Arc<str>,
    /// Pages that browsers may connect from, as `https://example.org`; `*` for all. Empty: those of
    /// this very server.
    pub origins: Vec<Arc<str>>,
    /// Proxies whose word on the real address is taken.
    pub forwarded_from: Vec<IpNet>,
    /// They say it in `Forwarded`, else in `X-Forwarded-For`.
    pub forwarded: bool,
    /// Who names no subprotocol is sent binary messages, else text.
    pub binary: bool,
}

/// A request that is granted.
#[derive(Debug)]
pub(super) struct Upgrade {
    /// What to answer.
    pub(super) response: Vec<u8>,
    /// Lines are text messages.
    pub(super) text: bool,
    /// The address that a proxy has told.
    pub(super) address: Option<IpAddr>,
    /// A proxy says that the peer came to it by TLS.
    pub(super) secure: bool,
}

impl Web {
    /// True when this address's word on the real one is taken.
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.forwarded_from.iter().any(|net| net.contains(&address))
    }

    /// Grants a request, whose head is complete, or gives the whole answer that refuses it.
    pub(super) fn judge(&self, from: IpAddr, head: &[u8]) -> Result<Upgrade, Vec<u8>> {
        let request = match Request::try_parse(head) {
            Ok(Some((_, request))) => request,
            Err(Error::Protocol(ProtocolError::WrongHttpMethod)) => {
                return Err(self.answer("405 Method Not Allowed", "Allow: GET\r\n", ONLY_IRC));
            }
            Ok(None) | Err(_) => return Err(self.answer("400 Bad Request", "", ONLY_IRC)),
        };
        if !matches!(request.uri().path(), "/" | "/irc") {
            return Err(self.answer("404 Not Found", "", "There is nothing at this path. "));
        }
        let headers = request.headers();
        if !headers.contains_key(UPGRADE) {
            let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
            return Err(self.answer("426 Upgrade Required", upgrade, ""));
        }
        if !self.welcomes(headers) {
            let text = "Pages of this origin may not connect here; \
                        its operator names those that may, as origins in [[listen]]. ";
            return Err(self.answer("403 Forbidden", "", text));
        }
        let Ok(mut response) = create_response(&request) else {
            let version = "Sec-WebSocket-Version: 13\r\n";
            return Err(self.answer("400 Bad Request", version, ONLY_IRC));
        };
        let chosen = listed(headers, &SEC_WEBSOCKET_PROTOCOL).find(|p| [TEXT, BINARY].contains(p));
        if let Some(chosen) = chosen.and_then(|chosen| HeaderValue::from_str(chosen).ok()) {
            response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, chosen);
        }
        let mut bytes = Vec::new();
        if write_response(&mut bytes, &response).is_err() {
            return Err(self.answer("400 Bad Request", "", ONLY_IRC));
        }
        let trusted = self.trusts(from);
        Ok(Upgrade {
            response: bytes,
            text: chosen.map_or(!self.binary, |chosen| chosen == TEXT),
            address: if trusted { self.told(headers) } else { None },
            secure: trusted && self.by_tls(headers),
        })
    }

    /// The whole answer to a request that is not granted.
    pub(super) fn answer(&self, status: &str, headers: &str, words: &str) -> Vec<u8> {
        let text = format!(
            "{words}This is {}, a chat server; IRC clients connect here by WebSocket, at / or /irc.\n",
            self.server
        );
        format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Type: text/plain; charset=utf-8\r\n\
             X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{text}",
            text.len()
        )
        .into_bytes()
    }

    /// The whole answer to somebody for whom there is no place.
    pub(super) fn turned_away(&self, why: &str) -> Vec<u8> {
        self.answer("503 Service Unavailable", "Retry-After: 60\r\n", &format!("{why}. "))
    }

    /// True when a page may connect. Only browsers name where their page is from.
    fn welcomes(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(ORIGIN).iter();
        let Some(origin) = origins.next() else { return true };
        let (Ok(origin), None) = (origin.to_str(), origins.next()) else { return false };
        if !self.origins.is_empty() {
            return self.origins.iter().any(|it| &**it == "*" || it.eq_ignore_ascii_case(origin));
        }
        // The page is where it connects to. By a name that is not ours anybody could have brought
        // a browser here (DNS rebinding), so the name must be ours, or an address.
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let same = origin.split_once("://").is_some_and(|(_, it)| it.eq_ignore_ascii_case(host));
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let name = authority.host();
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
        let ours = name.eq_ignore_ascii_case(&self.server) || name == "localhost";
        same && (address || ours)
    }

    /// The address that trusted proxies tell: the last one that is not a proxy's own.
    fn told(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let name = if self.forwarded { FORWARDED } else { X_FORWARDED_FOR };
        let told: Vec<&str> = listed(headers, &name).collect();
        let mut last = None;
        for element in told.into_iter().rev() {
            let element = if self.forwarded { parameter(element, "for") } else { Some(element) };
            let Some(address) = element.and_then(address) else { break };
            last = Some(address);
            if !self.trusts(address) {
                break;
            }
        }
        last
    }

    fn by_tls(&self, headers: &HeaderMap) -> bool {
        let name = if self.forwarded { FORWARDED } else { X_FORWARDED_PROTO };
        let told = listed(headers, &name).last();
        let told = if self.forwarded { told.and_then(|it| parameter(it, "proto")) } else { told };
        told.is_some_and(|it| it.eq_ignore_ascii_case("https") || it.eq_ignore_ascii_case("wss"))
    }
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const ONLY_IRC: &str = "This request is none that is served here. ";

/// The elements of a header that is a list, however many lines it is on.
fn listed<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// The value of one parameter of an element of Forwarded, without quotes.
fn parameter<'e>(element: &'e str, wanted: &str) -> Option<&'e str> {
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
    values.next().map(|(_, value)| value.trim_matches('"'))
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let address = bare.or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web() -> Web {
        Web { server: "chat.example".into(), ..Web::default() }
    }

    fn request(path: &str, headers: &str) -> Vec<u8> {
        let upgrade = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        format!("GET {path} HTTP/1.1\r\nHost: chat.example\r\n{upgrade}{headers}\r\n").into_bytes()
    }

    fn judged(web: &Web, headers: &str) -> Result<Upgrade, String> {
        let from = "10.0.0.1".parse().unwrap();
        let judged = web.judge(from, &request("/irc", headers));
        judged.map_err(|answer| String::from_utf8(answer).unwrap())
    }

    #[test]
    fn the_first_known_subprotocol_of_the_client_is_taken() {
        for (asked, text, told) in [
            ("text.ircv3.net, binary.ircv3.net", true, Some(TEXT)),
            ("binary.ircv3.net,text.ircv3.net", false, Some(BINARY)),
            ("chat, binary.ircv3.net", false, Some(BINARY)),
            ("chat", true, None),
        ] {
            let upgrade = judged(&web(), &format!("Sec-WebSocket-Protocol: {asked}\r\n")).unwrap();
            assert_eq!(upgrade.text, text, "{asked}");
            let response = String::from_utf8(upgrade.response).unwrap();
            assert!(response.starts_with("HTTP/1.1 101 "), "{response}");
            assert!(response.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{response}");
            let lines = response.lines().find(|l| l.starts_with("sec-websocket-protocol: "));
            assert_eq!(lines.map(|l| &l[24..]), told, "{asked}");
            assert!(!response.to_lowercase().contains("extensions"), "no compression");
        }
        let binary = Web { binary: true, ..web() };
        assert!(!judged(&binary, "").unwrap().text, "the fallback is the operator's");
        let two = "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: text.ircv3.net\r\n";
        assert!(judged(&binary, two).unwrap().text);
    }

    #[test]
    fn pages_connect_from_here_or_from_where_the_operator_says() {
        let at = |web: &Web, origin: &str| judged(web, &format!("Origin: {origin}\r\n")).is_ok();
        assert!(judged(&web(), "").is_ok(), "a client that is no browser");
        assert!(at(&web(), "https://chat.example") && at(&web(), "http://Chat.Example"));
        for other in ["https://evil.example", "https://chat.example.evil", "null", "chat.example"] {
            assert!(!at(&web(), other), "{other}");
        }
        let twice = "Origin: https://chat.example\r\nOrigin: https://evil.example\r\n";
        assert!(judged(&web(), twice).is_err());
        let rebound = Web { server: "other.example".into(), ..web() };
        assert!(!at(&rebound, "https://chat.example"), "a name that is not ours");
        let listed = Web { origins: vec!["https://www.example".into()], ..web() };
        assert!(at(&listed, "https://www.example") && !at(&listed, "https://chat.example"));
        assert!(!at(&listed, "https://www.example:8443"), "exactly");
        assert!(at(&Web { origins: vec!["*".into()], ..web() }, "https://evil.example"));
        let refused = judged(&web(), "Origin: https://evil.example\r\n").unwrap_err();
        assert!(refused.starts_with("HTTP/1.1 403 "), "{refused}");
    }

    #[test]
    fn only_a_trusted_proxy_tells_an_address() {
        let header = "X-Forwarded-For: 203.0.113.9, 198.51.100.7, 10.0.0.9\r\n\
                      X-Forwarded-Proto: https\r\nForwarded: for=192.0.2.66;proto=http\r\n";
        let told = judged(&web(), header).unwrap();
        assert_eq!((told.address, told.secure), (None, false));
        let trusting = Web { forwarded_from: vec!["10.0.0.0/8".parse().unwrap()], ..web() };
        let told = judged(&trusting, header).unwrap();
        assert_eq!(told.address, Some("198.51.100.7".parse().unwrap()));
        assert!(told.secure);
        assert_eq!(judged(&trusting, "").unwrap().address, None, "it speaks for itself");
        let odd = "X-Forwarded-For: 203.0.113.9, unknown\r\n";
        assert_eq!(judged(&trusting, odd).unwrap().address, None, "not what was made up before it");
        let standard = Web { forwarded: true, ..trusting };
        let header = "Forwarded: for=203.0.113.9\r\n\
                      Forwarded: for=\"[2001:db8::7]:4711\";proto=https, For=10.1.1.1;proto=https\r\n";
        let told = judged(&standard, header).unwrap();
        assert_eq!(told.address, Some("2001:db8::7".parse().unwrap()));
        assert!(told.secure);
    }

    #[test]
    fn what_is_no_websocket_is_told_what_this_is() {
        let web = web();
        let from = "192.0.2.1".parse().unwrap();
        let plain = |line: &str| format!("{line}\r\nHost: chat.example\r\n\r\n").into_bytes();
        for (head, status) in [
            (plain("GET / HTTP/1.1"), "426 Upgrade Required"),
            (plain("GET /favicon.ico HTTP/1.1"), "404 Not Found"),
            (plain("POST / HTTP/1.1"), "405 Method Not Allowed"),
            (plain("NICK anna"), "400 Bad Request"),
            (request("/other", ""), "404 Not Found"),
            (b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".to_vec(), "400 Bad Request"),
        ] {
            let answer = String::from_utf8(web.judge(from, &head).unwrap_err()).unwrap();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{answer}");
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{answer}");
            assert!(body.contains("This is chat.example, a chat server"), "{answer}");
        }
    }
}
