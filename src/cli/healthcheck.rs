//! `switchboard healthcheck`: does the server of this config answer? For service managers and containers.
//!
//! An IRC listener is asked `HEALTH`, which begins no session and tells whether the disk takes writes;
//! a plain one greets by itself; a web one answers a request.

use super::{Failure, answer};
use crate::config::{Config, Listen, ListenKind};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) fn run(config: &Config) -> Result<(), Failure> {
    let Some(listen) = easiest(&config.listen) else {
        return Err(Failure::new("this config has no listener", "add a [[listen]] to it"));
    };
    match ask(listen, config.health.timeout) {
        Ok(()) => {
            answer(&format!("The server answers at {}.\n", reachable(listen.address)));
            Ok(())
        }
        Err(cause) if cause.kind() == io::ErrorKind::StorageFull => Err(Failure::new(
            format!("the server at {} answers and is not well: {cause}", reachable(listen.address)),
            "it takes up work by itself once that is mended",
        )),
        Err(cause) => Err(Failure::new(
            format!("no answer at {}: {cause}", reachable(listen.address)),
            "see whether the server runs with this same config, and what its log says",
        )),
    }
}

/// The listener that takes least to ask: without TLS, without a PROXY header, IRC.
fn easiest(listeners: &[Listen]) -> Option<&Listen> {
    listeners.iter().min_by_key(|listen| (proxied(listen), listen.tls, rank(listen.kind)))
}

/// What tells more comes first.
fn rank(kind: ListenKind) -> u8 {
    match kind {
        ListenKind::Irc => 0,
        ListenKind::Plain => 1,
        ListenKind::Http => 2,
    }
}

/// Where this machine reaches a listener: the loopback address for one on all addresses.
pub(super) fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// True when a connection from this machine must begin with a PROXY header.
fn proxied(listen: &Listen) -> bool {
    let from = reachable(listen.address).ip();
    listen.proxy_protocol_from.iter().any(|net| net.contains(&from))
}

fn ask(listen: &Listen, timeout: Duration) -> io::Result<()> {
    let deadline = Instant::now() + timeout;
    let address = reachable(listen.address);
    let mut stream = TcpStream::connect_timeout(&address, timeout)?;
    stream.set_write_timeout(Some(timeout))?;
    stream.set_read_timeout(Some(timeout))?;
    if proxied(listen) {
        // "UNKNOWN" is the proxy speaking for itself. Source: PROXY protocol specification, section 2.1.
        stream.write_all(b"PROXY UNKNOWN\r\n")?;
    }
    if listen.tls {
        let name = ServerName::from(address.ip());
        let client = ClientConnection::new(tls_config()?, name).map_err(io::Error::other)?;
        converse(StreamOwned::new(client, stream), listen.kind, deadline)
    } else {
        converse(stream, listen.kind, deadline)
    }
}

fn converse(mut stream: impl Read + Write, kind: ListenKind, deadline: Instant) -> io::Result<()> {
    let expected: &[u8] = match kind {
        ListenKind::Irc => {
            stream.write_all(b"HEALTH\r\n")?;
            b"HEALTH "
        }
        ListenKind::Plain => b"\n",
        ListenKind::Http => {
            stream.write_all(b"GET /irc HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
            b"HTTP/1.1 426 "
        }
    };
    let mut heard = Vec::new();
    let mut chunk = [0; 512];
    while !heard.windows(expected.len()).any(|part| part == expected) {
        let slow = || io::Error::new(io::ErrorKind::TimedOut, "it took too long");
        if Instant::now() >= deadline || heard.len() > 16 * 1024 {
            return Err(slow());
        }
        let count = match stream.read(&mut chunk) {
            Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => return Err(slow()),
            other => other?,
        };
        if count == 0 {
            let said = String::from_utf8_lossy(&heard).trim().to_owned();
            return Err(io::Error::other(format!("it closed the connection, saying {said:?}")));
        }
        heard.extend_from_slice(&chunk[..count]);
    }
    if heard.windows(5).any(|part| part == b"FAIL ") {
        let text = String::from_utf8_lossy(&heard);
        let why = text.rsplit(" :").next().unwrap_or_default().trim().to_owned();
        return Err(io::Error::new(io::ErrorKind::StorageFull, why));
    }
    let farewell: &[u8] = match kind {
        ListenKind::Irc => b"QUIT\r\n",
        ListenKind::Plain => b"/quit\r\n",
        ListenKind::Http => b"",
    };
    // The answer is there; a farewell that cannot be sent changes nothing.
    let _ = stream.write_all(farewell);
    let _ = stream.flush();
    Ok(())
}

fn tls_config() -> io::Result<Arc<ClientConfig>> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Takes any certificate: nothing secret is sent, and the question is only whether somebody answers.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// A server that says what it says, whatever it hears.
    struct Server(Cursor<&'static [u8]>, Vec<u8>);

    impl Read for Server {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(into)
        }
    }

    impl Write for Server {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn verdict(kind: ListenKind, says: &'static str) -> Result<(), String> {
        let server = Server(Cursor::new(says.as_bytes()), Vec::new());
        let deadline = Instant::now() + Duration::from_secs(60);
        converse(server, kind, deadline).map_err(|cause| cause.to_string())
    }

    #[test]
    fn an_answer_is_health_and_silence_is_not() {
        let good = ":s NOTICE * :hello\r\n:s NOTE HEALTH OK :fine\r\n";
        assert_eq!(verdict(ListenKind::Irc, good), Ok(()));
        let ill = verdict(ListenKind::Irc, ":s FAIL HEALTH STORAGE_FAILING :The disk is full.\r\n");
        assert!(ill.unwrap_err().contains("The disk is full"));
        assert_eq!(verdict(ListenKind::Plain, "Welcome.\r\n"), Ok(()));
        assert!(verdict(ListenKind::Plain, "").is_err());
        let web = "HTTP/1.1 426 Upgrade Required\r\n\r\n";
        assert_eq!(verdict(ListenKind::Http, web), Ok(()));
        let full = verdict(ListenKind::Irc, "ERROR :the server is full\r\n").unwrap_err();
        assert!(full.contains("the server is full"), "{full}");
    }

    #[test]
    fn the_easiest_listener_is_asked_where_it_is_reached() {
        let listen =
            |text: &str, tls, kind| Listen { tls, kind, ..Listen::at(text.parse().unwrap()) };
        let mut all = vec![
            listen("0.0.0.0:6697", true, ListenKind::Irc),
            listen("0.0.0.0:23", false, ListenKind::Plain),
            listen("0.0.0.0:6667", false, ListenKind::Irc),
        ];
        assert_eq!(easiest(&all).unwrap().address.port(), 6667);
        assert_eq!(reachable(all[2].address).to_string(), "127.0.0.1:6667");
        assert_eq!(reachable("[::]:1".parse().unwrap()).to_string(), "[::1]:1");
        all[2].proxy_protocol_from = vec!["127.0.0.0/8".parse().unwrap()];
        assert_eq!(easiest(&all).unwrap().address.port(), 23);
        assert_eq!(easiest(&[]), None);
    }
}
