//! A cheap client: a stream, a buffer, and lines looked at as bytes.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// How long anything may take before a line counts as missing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
const BUFFER: usize = 2048;

trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

/// One connection.
pub(crate) struct Client {
    stream: Box<dyn Stream>,
    input: Vec<u8>,
    /// Where the next line begins in `input`.
    at: usize,
}

/// What makes TLS connections.
pub(crate) fn connector() -> tokio_rustls::TlsConnector {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_no_client_auth();
    tokio_rustls::TlsConnector::from(Arc::new(config))
}

impl Client {
    pub(crate) async fn connect(
        address: SocketAddr,
        tls: Option<&tokio_rustls::TlsConnector>,
    ) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let stream: Box<dyn Stream> = match tls {
            None => Box::new(stream),
            Some(tls) => {
                let name = ServerName::try_from("load.test").unwrap();
                Box::new(tls.connect(name, stream).await.unwrap())
            }
        };
        Self { stream, input: Vec::new(), at: 0 }
    }

    /// A connection that takes little before it is read.
    pub(crate) async fn narrow(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = socket.connect(address).await.unwrap();
        Self { stream: Box::new(stream), input: Vec::new(), at: 0 }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// The next line, without its end; none when the connection is over.
    pub(crate) async fn line(&mut self) -> Option<&[u8]> {
        let mut looked = self.at;
        loop {
            if let Some(end) = self.input[looked..].iter().position(|&b| b == b'\n') {
                let (begin, end) = (self.at, looked + end);
                self.at = end + 1;
                return Some(self.input[begin..end].trim_ascii_end());
            }
            self.input.drain(..self.at);
            self.at = 0;
            looked = self.input.len();
            self.input.reserve(BUFFER);
            match self.stream.read_buf(&mut self.input).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// True when a whole line is here already.
    pub(crate) fn has_line(&self) -> bool {
        self.input[self.at..].contains(&b'\n')
    }

    /// Reads up to a line that holds these bytes, and gives it.
    pub(crate) async fn until(&mut self, what: &str) -> String {
        let wanted = what.as_bytes();
        let found = tokio::time::timeout(PATIENCE, async {
            while let Some(line) = self.line().await {
                if contains(line, wanted) {
                    return Some(String::from_utf8_lossy(line).into_owned());
                }
            }
            None
        });
        let Ok(Some(line)) = found.await else { panic!("a line is missing: {what}") };
        line
    }

    /// Registers; for a customer, gives the channel.
    pub(crate) async fn register(&mut self, nick: &str, pass: Option<&str>) -> String {
        let pass = pass.map_or(String::new(), |pass| format!("PASS {pass}\r\n"));
        self.send(format!("{pass}NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n").as_bytes()).await;
        let joined = self.until(" JOIN ").await;
        self.send(b"PING registered\r\n").await;
        self.until("PONG ").await;
        joined.split(" JOIN ").nth(1).unwrap().trim_start_matches(':').to_owned()
    }

    /// Reads what comes until the connection is over.
    pub(crate) async fn read_out(&mut self) {
        while self.line().await.is_some() {}
    }
}

/// True when `line` holds `wanted`.
pub(crate) fn contains(line: &[u8], wanted: &[u8]) -> bool {
    line.windows(wanted.len()).any(|part| part == wanted)
}

/// Takes any certificate: the server made its own, and nothing here is secret.
#[derive(Debug)]
struct Anybody(Arc<rustls::crypto::CryptoProvider>);

impl ServerCertVerifier for Anybody {
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
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
