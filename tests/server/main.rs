//! Real listeners on port 0: plain, TLS, PROXY headers, limits, a certificate swapped, a drain.
//! Waits for what happens, never for time; a deadline only ends a test that would hang.

mod frames;
mod websocket;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::time::Timestamp;
use switchboard::desk::Desk;
use switchboard::desk::language::archive::ArchiveQuery;
use switchboard::desk::language::notice::{CutReason, Notice, Reply};
use switchboard::desk::settings::Settings;
use switchboard::face::irc::IrcFace;
use switchboard::face::plain::PlainFace;
use switchboard::face::{
    Action, Actions, Connection, Credentials, Dialect, Face, Gateway, ServerInfo, Verdict,
};
use switchboard::net::{
    CertificateFiles, GateLimits, Handshaker, Hub, Kind, Listener, TlsSettings, Web, bind, drain,
    load_or_make, run_engine, server_config,
};
use switchboard::node::{Asker, Durability, JournalThread, Limits, Node, Outside, Pace, Ticket};
use switchboard::store::memory::Memory;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local};
use tokio_rustls::TlsConnector;

/// A face that says as many bytes as it is told to, so that sockets get full.
struct Loud;

impl Face for Loud {
    fn open(&mut self, _: Timestamp, _: &mut Actions) {}

    fn line(&mut self, _: Timestamp, line: &[u8], actions: &mut Actions) {
        let count: usize = std::str::from_utf8(line).unwrap().parse().unwrap();
        let mut bytes = vec![b'.'; count];
        bytes.push(b'\n');
        actions.list.push(Action::Say(bytes));
    }

    fn overlong(&mut self, _: Timestamp, _: &mut Actions) {}
    fn verdict(&mut self, _: Timestamp, _: Verdict, _: &mut Actions) {}

    fn dialect(&self) -> Dialect {
        Dialect::default()
    }

    fn notice(&self, _: Timestamp, _: &Notice, _: &mut Vec<u8>) {}
    fn reply(&mut self, _: Timestamp, _: &Reply, _: &mut Vec<u8>) {}
    fn seal(&mut self, _: Timestamp, _: &str, _: &[u8], _: &mut Vec<u8>) {}
    fn farewell(&mut self, _: &CutReason, _: &mut Vec<u8>) {}

    fn error(&mut self, text: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(text.as_bytes());
        out.push(b'\n');
    }

    fn ping(&mut self, _: Timestamp, _: &mut Vec<u8>) {}

    fn registered(&self) -> bool {
        false
    }
}

struct Nothing;

impl Outside for Nothing {
    fn verify(&mut self, _: Ticket, _: &Arc<str>, _: Credentials) -> Result<(), Verdict> {
        Err(Verdict::Unavailable)
    }

    fn attempted(&mut self, _: &Arc<str>, _: &str, _: bool) {}

    fn consult(&mut self, _: Timestamp, _: Asker, _: ArchiveQuery) -> bool {
        false
    }

    fn rehash(&mut self, _: Ticket) {}
}

struct World {
    hub: Rc<Hub>,
    met: Rc<RefCell<Vec<Connection>>>,
    directory: tempfile::TempDir,
    settings: TlsSettings,
    files: CertificateFiles,
    memory: Memory,
    web: Web,
}

#[derive(Default)]
struct Setup {
    limits: GateLimits,
    loud: bool,
    web: Web,
}

impl World {
    fn new(setup: Setup) -> Self {
        let (results, stored) = mpsc::channel(16);
        let (errands, inbox) = mpsc::channel(16);
        // The engine lives as long as the test.
        std::mem::forget(errands);
        let memory = Memory::new();
        let journal = Box::new(memory.journal());
        let (journal, _) =
            JournalThread::start(journal, Pace::For(Duration::ZERO), results).unwrap();
        let desk = Desk::new(Settings::default(), 1);
        let limits = Limits { queue_hard: 0, queue_soft: 0, ..Limits::default() };
        let (journal, outside) = (Box::new(journal), Box::new(Nothing));
        let node = Node::new(desk, journal, outside, Durability::Strict, limits);
        let met = Rc::new(RefCell::new(Vec::new()));
        let seen = met.clone();
        let info = Arc::new(ServerInfo {
            server: "test.example".into(),
            network: "Test".into(),
            created: Timestamp(0),
            gateways: vec![Gateway {
                addresses: vec!["127.0.0.0/8".parse().unwrap()],
                password: Sha256::digest("hunter2").into(),
                certificate: None,
            }],
            ..ServerInfo::default()
        });
        let faces = move |kind, connection: Connection| -> Box<dyn Face> {
            seen.borrow_mut().push(connection.clone());
            match kind {
                _ if setup.loud => Box::new(Loud),
                Kind::Irc | Kind::Web => Box::new(IrcFace::new(info.clone(), connection)),
                Kind::Plain => Box::new(PlainFace::new(info.clone(), connection)),
            }
        };
        let hub = Hub::new(node, Box::new(faces), setup.limits);
        hub.with(|node, now| node.recover(now));
        spawn_local(run_engine(hub.clone(), stored, inbox));
        let directory = tempfile::tempdir().unwrap();
        let files = load_or_make(&directory.path().join("certs"), "test.example").unwrap();
        let settings = TlsSettings::new(server_config(&files).unwrap());
        Self { hub, met, directory, settings, files, memory, web: setup.web }
    }

    /// A listener of this kind; where it is.
    fn listen(&self, kind: Kind, tls: bool, proxies: &[&str]) -> SocketAddr {
        let socket = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        let tls = tls.then(|| Handshaker::start(self.settings.clone()).unwrap());
        let proxies = proxies.iter().map(|net| net.parse().unwrap()).collect();
        let web = self.web.clone();
        let listener = Listener { socket, kind, tls, proxies, department: None, web };
        spawn_local(self.hub.clone().listen(listener));
        address
    }

    fn last_met(&self) -> Connection {
        self.met.borrow().last().cloned().unwrap()
    }
}

/// Plays a test on one thread, as the server runs.
fn play(setup: Setup, test: impl AsyncFnOnce(World)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let test = test(World::new(setup));
        tokio::time::timeout(Duration::from_secs(20), test).await.expect("the test hangs");
    });
}

/// The far end of a connection.
struct Client<S>(BufReader<S>);

impl Client<TcpStream> {
    async fn to(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    async fn says(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).await.unwrap();
    }

    /// The next line that holds `what`; the ones before it are dropped.
    async fn hears(&mut self, what: &str) -> String {
        loop {
            let mut line = String::new();
            let count = self.0.read_line(&mut line).await.unwrap();
            assert!(count > 0, "the connection ended before {what:?}");
            if line.contains(what) {
                return line;
            }
        }
    }

    /// All that comes until the end, however it ends.
    async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let _ = self.0.read_to_end(&mut bytes).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    async fn registers(&mut self, nick: &str) {
        self.says(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n")).await;
        self.hears(" 422 ").await;
    }
}

/// Takes any server certificate and remembers nothing of it.
#[derive(Debug)]
struct Trusting;

impl ServerCertVerifier for Trusting {
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
        vec![SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::ED25519]
    }
}

type Tls = tokio_rustls::client::TlsStream<TcpStream>;

async fn tls(stream: TcpStream, badge: bool) -> io::Result<Client<Tls>> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trusting));
    let config = if badge {
        let made = rcgen::generate_simple_self_signed(vec!["bob".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        builder.with_client_auth_cert(vec![made.cert.der().clone()], key).unwrap()
    } else {
        builder.with_no_client_auth()
    };
    let name = ServerName::try_from("test.example").unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    Ok(Client(BufReader::new(stream)))
}

async fn tls_to(address: SocketAddr) -> Client<Tls> {
    tls(TcpStream::connect(address).await.unwrap(), false).await.unwrap()
}

fn certificate(client: &Client<Tls>) -> Vec<u8> {
    client.0.get_ref().get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[test]
fn a_customer_is_greeted_and_heard_at_a_plain_listener() {
    play(Setup::default(), async |world| {
        let mut anna = Client::to(world.listen(Kind::Plain, false, &[])).await;
        anna.hears("Welcome").await;
        anna.says("hello\r\n").await;
        anna.hears("has your message").await;
        anna.says("/quit\r\n").await;
        anna.rest().await;
    });
}

#[test]
fn irc_is_spoken_with_and_without_tls() {
    play(Setup::default(), async |world| {
        let mut anna = Client::to(world.listen(Kind::Irc, false, &[])).await;
        let mut carl = tls_to(world.listen(Kind::Irc, true, &[])).await;
        anna.registers("anna").await;
        assert!(!world.met.borrow()[0].tls);
        carl.registers("carl").await;
        let met = world.last_met();
        assert!(met.tls && met.certificate.is_none());
        carl.says("PING a\r\nPING b\r\n").await;
        carl.hears("PONG test.example :a").await;
        carl.hears("PONG test.example :b").await;
        carl.says("QUIT\r\n").await;
        assert!(carl.rest().await.contains("ERROR"), "the last words come before the end");
    });
}

#[test]
fn a_client_certificate_is_a_badge_whoever_made_it() {
    play(Setup::default(), async |world| {
        let address = world.listen(Kind::Irc, true, &[]);
        let mut bob = tls(TcpStream::connect(address).await.unwrap(), true).await.unwrap();
        bob.registers("bob").await;
        let fingerprint = world.last_met().certificate.unwrap();
        assert_eq!(fingerprint.len(), 64);
        assert!(fingerprint.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
    });
}

#[test]
fn the_wrong_coat_ends_cleanly() {
    play(Setup::default(), async |world| {
        let mut plain = Client::to(world.listen(Kind::Irc, true, &[])).await;
        plain.says("NICK anna\r\n").await;
        plain.rest().await;
        for kind in [Kind::Irc, Kind::Plain] {
            let address = world.listen(kind, false, &[]);
            let stream = TcpStream::connect(address).await.unwrap();
            assert!(tls(stream, false).await.is_err());
        }
        let counters = world.hub.with(|node, _| node.counters());
        assert_eq!(counters.cut_other, 2);
    });
}

#[test]
fn a_new_certificate_is_for_new_connections_and_rubbish_for_nobody() {
    play(Setup::default(), async |world| {
        let address = world.listen(Kind::Irc, true, &[]);
        let mut anna = tls_to(address).await;
        anna.registers("anna").await;
        let swap = |from: &Path| {
            fs::copy(from.join("server.pem"), &world.files.certificate).unwrap();
            fs::copy(from.join("server.key"), &world.files.key).unwrap();
        };
        let other = world.directory.path().join("other");
        load_or_make(&other, "test.example").unwrap();
        swap(&other);
        world.settings.reload(&world.files).unwrap();
        let carl = tls_to(address).await;
        assert_ne!(certificate(&anna), certificate(&carl));
        anna.says("PING still\r\n").await;
        anna.hears("still").await;
        fs::write(&world.files.certificate, "rubbish").unwrap();
        assert!(world.settings.reload(&world.files).is_err());
        let dora = tls_to(address).await;
        assert_eq!(certificate(&carl), certificate(&dora));
    });
}

#[test]
fn a_trusted_proxy_tells_the_true_address() {
    play(Setup::default(), async |world| {
        let address = world.listen(Kind::Irc, false, &["127.0.0.0/8"]);
        let mut anna = Client::to(address).await;
        anna.says("PROXY TCP4 192.0.2.7 127.0.0.1 4000 6667\r\n").await;
        anna.registers("anna").await;
        assert_eq!(&*world.last_met().address, "192.0.2.7");
        let mut v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24".to_vec();
        v2.extend_from_slice(&"2001:db8::7".parse::<std::net::Ipv6Addr>().unwrap().octets());
        v2.extend_from_slice(&[0; 20]);
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&v2).await.unwrap();
        Client(BufReader::new(stream)).registers("carl").await;
        assert_eq!(&*world.last_met().address, "2001:db8::7");
    });
}

#[test]
fn a_proxys_header_comes_before_tls() {
    play(Setup::default(), async |world| {
        let address = world.listen(Kind::Irc, true, &["127.0.0.1/32"]);
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"PROXY TCP4 192.0.2.7 127.0.0.1 4000 6697\r\n").await.unwrap();
        tls(stream, false).await.unwrap().registers("anna").await;
        assert_eq!(&*world.last_met().address, "192.0.2.7");
    });
}

#[test]
fn without_its_header_a_proxy_is_refused_and_others_are_not_believed() {
    play(Setup::default(), async |world| {
        let mut proxy = Client::to(world.listen(Kind::Irc, false, &["127.0.0.0/8"])).await;
        proxy.says("NICK anna\r\nUSER anna 0 * :anna\r\n").await;
        assert_eq!(proxy.rest().await, "");
        assert!(world.met.borrow().is_empty());
        let mut liar = Client::to(world.listen(Kind::Irc, false, &["192.0.2.0/24"])).await;
        liar.says("PROXY TCP4 192.0.2.7 127.0.0.1 4000 6667\r\n").await;
        liar.registers("liar").await;
        assert_eq!(&*world.last_met().address, "127.0.0.1");
    });
}

#[test]
fn one_address_has_its_share_and_is_told_so() {
    let limits = GateLimits { per_address: 2, ..GateLimits::default() };
    play(Setup { limits, ..Setup::default() }, async |world| {
        let address = world.listen(Kind::Irc, false, &[]);
        let mut anna = Client::to(address).await;
        anna.registers("anna").await;
        let mut carl = Client::to(address).await;
        carl.registers("carl").await;
        let refused = Client::to(address).await.rest().await;
        assert!(refused.starts_with("ERROR :Too many connections"), "{refused}");
        assert_eq!(refused.lines().count(), 1);
        carl.says("QUIT\r\n").await;
        carl.rest().await;
        drop(carl);
        loop {
            // The place is free once the server has seen the end.
            let mut next = Client::to(address).await;
            next.says("NICK dora\r\nUSER dora 0 * :dora\r\n").await;
            let mut line = String::new();
            next.0.read_line(&mut line).await.unwrap_or_default();
            if line.contains(" 001 ") {
                break;
            }
        }
        anna.says("PING a\r\n").await;
        anna.hears("PONG").await;
    });
}

#[test]
fn a_full_socket_loses_nothing() {
    const BYTES: usize = 8 << 20;
    play(Setup { loud: true, ..Setup::default() }, async |world| {
        let mut plain = Client::to(world.listen(Kind::Irc, false, &[])).await;
        let mut secure = tls_to(world.listen(Kind::Irc, true, &[])).await;
        // More than any socket buffer, with nobody reading; the last answer comes behind it.
        plain.says(&format!("{BYTES}\n3\n")).await;
        secure.says(&format!("{BYTES}\n3\n")).await;
        let mut line = String::new();
        secure.0.read_line(&mut line).await.unwrap();
        assert_eq!(line.len(), BYTES + 1);
        assert_eq!(secure.hears("").await, "...\n");
        line.clear();
        plain.0.read_line(&mut line).await.unwrap();
        assert_eq!(line.len(), BYTES + 1);
        assert_eq!(plain.hears("").await, "...\n");
    });
}

#[test]
fn a_drain_tells_everybody_and_takes_no_more() {
    play(Setup::default(), async |world| {
        let address = world.listen(Kind::Irc, false, &[]);
        let mut anna = Client::to(address).await;
        anna.registers("anna").await;
        let mut dora = tls_to(world.listen(Kind::Irc, true, &[])).await;
        dora.registers("dora").await;
        let hub = world.hub.clone();
        let drained =
            spawn_local(async move { drain(&hub, "Going down", Duration::from_secs(5)).await });
        anna.hears("ERROR :Going down").await;
        dora.hears("ERROR :Going down").await;
        assert_eq!(anna.rest().await, "");
        assert_eq!(dora.rest().await, "");
        drop((anna, dora));
        assert!(drained.await.unwrap());
        assert!(world.hub.with(|node, _| node.is_idle()));
        assert!(TcpStream::connect(address).await.is_err(), "the listener is closed");
    });
}

#[test]
fn a_customer_is_told_when_a_line_was_not_stored_and_can_say_it_again() {
    play(Setup::default(), async |world| {
        let mut anna = Client::to(world.listen(Kind::Plain, false, &[])).await;
        anna.hears("Welcome").await;
        world.memory.fail_until_healed();
        anna.says("hello\r\n").await;
        let told = anna.hears("nothing was done").await;
        assert!(!told.contains("has your message"), "{told}");
        anna.hears("/resume resume:").await;
        assert!(world.memory.events().is_empty());
        world.memory.heal();
        // The disk is tried again within a second; until then each line has the same answer.
        loop {
            anna.says("hello again\r\n").await;
            let mut answer = String::new();
            anna.0.read_line(&mut answer).await.unwrap();
            if answer.contains("has your message") {
                break;
            }
            assert!(answer.contains("nothing was done"), "{answer}");
        }
        let stored = world.memory.events();
        let heard = stored.iter().filter(|event| event.word(0).as_str() == "hello again");
        assert_eq!(heard.count(), 1, "stored once, by the line that was acknowledged");
    });
}

/// IRCv3 webirc: limits are those of the address told, and none of the gateway's own.
#[test]
fn whom_a_gateway_brings_counts_where_they_are() {
    let gateways = vec!["127.0.0.0/8".parse().unwrap()];
    let limits = GateLimits { per_address: 1, gateways, ..GateLimits::default() };
    play(Setup { limits, ..Setup::default() }, async |world| {
        let address = world.listen(Kind::Irc, false, &[]);
        let brought = async |at: &str| {
            let mut client = Client::to(address).await;
            client.says(&format!("WEBIRC hunter2 gw {at} {at}\r\n")).await;
            client
        };
        let mut first = brought("192.0.2.1").await;
        first.registers("anna").await;
        let mut second = brought("192.0.2.1").await;
        assert!(second.rest().await.starts_with("ERROR :Too many connections"));
        brought("192.0.2.2").await.registers("carl").await;
    });
}
