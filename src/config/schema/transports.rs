//! The rows of how peers reach the server: listeners, TLS, what clients are told of it, and gateways.

use super::{Kind, Row};
use crate::config::{Config, Gateway, Listen};

pub(super) const LISTEN: &[Row<Listen>] = &[
    row!(
        "kind",
        Kind::Choice(&["irc", "plain", "http"]),
        |l| l.kind,
        "What is spoken: IRC; lines of plain text for nc, telnet and scripts; or IRC over WebSocket, at / and \
         /irc, for clients in browsers."
    ),
    row!(
        "address",
        Kind::Text,
        |l| l.address,
        "Address of this machine and port. 127.0.0.1 is reached from this \
         machine only; 0.0.0.0 and [::] from everywhere."
    ),
    row!(
        "tls",
        Kind::Flag,
        |l| l.tls,
        "Encrypted from the first byte. Staff sign in with a password only here \
         or from an exempt address."
    ),
    row!(
        "proxy_protocol_from",
        Kind::List,
        |l| l.proxy_protocol_from,
        "Addresses or networks of proxies that \
         send a PROXY header (version 1 or 2) with the real address; it is then required of them, and taken from \
         nobody else."
    ),
    row!(
        "department",
        Kind::Text,
        |l| l.department,
        "The department that those who come here ask for. Empty: the \
         first one."
    ),
    row!(
        "origins",
        Kind::List,
        |l| l.origins,
        "For kind http: pages whose browsers may connect, each exactly as browsers say it, as \
         \"https://www.example.org\"; \"*\" for all. Empty: pages of this server's own name or address. Clients \
         that are no browsers name no origin, and connect."
    ),
    row!(
        "websocket_default",
        Kind::Choice(&["text", "binary"]),
        |l| l.websocket_default,
        "For kind http: the messages sent to clients that name no subprotocol."
    ),
    row!(
        "forwarded_from",
        Kind::List,
        |l| l.forwarded_from,
        "For kind http: addresses or networks of proxies that tell the real address in a header of the request, \
         taken from nobody else. They also tell whether the peer came to them by https, so that passwords are \
         taken; they must overwrite both headers."
    ),
    row!(
        "forwarded_header",
        Kind::Choice(&["x-forwarded-for", "forwarded"]),
        |l| l.forwarded_header,
        "The header in which they do: X-Forwarded-For with X-Forwarded-Proto, or Forwarded (RFC 7239)."
    ),
];

pub(super) const TLS: &[Row<Config>] = &[
    row!(
        "certificate",
        Kind::Text,
        |c| c.tls.certificate,
        "PEM file: the server's certificate, then those that \
         signed it. Empty: a self-signed one is made in data_dir."
    ),
    row!("key", Kind::Text, |c| c.tls.key, "PEM file of its private key."),
];

pub(super) const STS: &[Row<Config>] = &[
    row!(
        "enabled",
        Kind::Flag,
        |c| c.sts.enabled,
        "Tell clients. Needs a certificate in [tls] that they accept: a client that was told and finds none \
         does not connect at all."
    ),
    row!(
        "port",
        Kind::Count(1, 65_535),
        |c| c.sts.port,
        "The port of IRC over TLS, as clients reach it: where those go who come without TLS."
    ),
    row!(
        "duration",
        Kind::Span,
        |c| c.sts.duration,
        "How long a client that came by TLS refuses to come without. Begin with a short time; \"0\" takes back \
         what was told before, and must stay until every client has seen it."
    ),
    row!(
        "preload",
        Kind::Flag,
        |c| c.sts.preload,
        "Agree to be named in lists that clients ship. Hard to take back."
    ),
];

pub(super) const WEBIRC: &[Row<Gateway>] = &[
    row!(
        "addresses",
        Kind::List,
        |g| g.addresses,
        "Addresses or networks that the gateway connects from; WEBIRC is taken from nowhere else."
    ),
    row!(
        "password",
        Kind::Secret,
        |g| g.password,
        "The password it gives, or \"sha256:\" and the SHA-256 of it in hexadecimal; long and random, for example of \
         `openssl rand -hex 32`."
    ),
    row!(
        "certificate",
        Kind::Text,
        |g| g.certificate,
        "Only with the client certificate of this SHA-256 in hexadecimal, besides the password. Empty: any or none."
    ),
];
