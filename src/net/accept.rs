//! Listeners: who is let in, under which address, and with which coat of encryption.

use super::connection::{Line, LineSink, run};
use super::gate::Gate;
use super::handshake::{Handshaker, Secured};
use super::{Hub, Peer, fresh, hex, proxy};
use crate::base::limits::{INPUT_LINE_BYTES, PLAIN_LINE_BYTES};
use crate::desk::language::people::Department;
use crate::face::Connection;
use crate::wire::framing::Framer;
use ipnet::IpNet;
use sha2::{Digest, Sha256};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Connections the kernel may hold for us before they are accepted.
const BACKLOG: i32 = 4096;
/// How long a proxy may take to send its header.
const HEADER_TIME: Duration = Duration::from_secs(5);
/// How long nothing is accepted after accepting failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often failing to accept is logged.
const ACCEPT_LOG: Duration = Duration::from_secs(60);
/// Silence after which the kernel asks whether a peer is still there.
const KEEPALIVE: Duration = Duration::from_secs(120);

/// What is spoken on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The IRC protocol.
    Irc,
    /// Lines of plain text.
    Plain,
}

/// One listener.
#[derive(Debug)]
pub struct Listener {
    /// Bound already, see `bind`.
    pub socket: std::net::TcpListener,
    /// What is spoken.
    pub kind: Kind,
    /// Encrypted from the first byte, by this.
    pub tls: Option<Handshaker>,
    /// Proxies whose PROXY header is believed, and must be there.
    pub proxies: Vec<IpNet>,
    /// The department that those who come here ask for.
    pub department: Option<Department>,
}

/// Binds a listening socket.
///
/// # Errors
/// When the address is in use or not ours.
pub fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restart must not wait for the last run's connections to time out.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

impl Hub {
    /// Takes connections of a listener until `stop_accepting`. To be run on the hub's `LocalSet`.
    ///
    /// # Errors
    /// When the listener cannot be used at all.
    pub async fn listen(self: Rc<Self>, listener: Listener) -> io::Result<()> {
        let Listener { socket, kind, tls, proxies, department } = listener;
        let socket = TcpListener::from_std(socket)?;
        let shared = Rc::new(Door { kind, tls, proxies, department });
        let mut logged: Option<crate::base::time::Timestamp> = None;
        while !self.stopping.get() {
            let accepted = tokio::select! {
                () = self.stop.notified() => break,
                accepted = socket.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    let (hub, door) = (self.clone(), shared.clone());
                    tokio::task::spawn_local(hub.enter(door, stream, peer.ip().to_canonical()));
                }
                Err(error) => {
                    // EMFILE and the like: the connection stays in the backlog, so trying again
                    // at once would spin.
                    let now = self.now();
                    if logged.is_none_or(|at| now.since(at) >= ACCEPT_LOG) {
                        logged = Some(now);
                        tracing::error!(%error, "connections cannot be accepted just now");
                    }
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        Ok(())
    }

    async fn enter(self: Rc<Self>, door: Rc<Door>, mut stream: TcpStream, from: IpAddr) {
        let mut address = from;
        if door.proxies.iter().any(|net| net.contains(&from)) {
            let header = tokio::time::timeout(HEADER_TIME, proxy::read_header(&mut stream));
            match header.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
                Ok(told) => address = told.unwrap_or(from).to_canonical(),
                Err(error) => {
                    tracing::warn!(proxy = %from, %error, "a proxy sent no valid PROXY header");
                    return;
                }
            }
        }
        if let Err(error) = prepare(&stream) {
            tracing::debug!(%address, %error, "the connection was gone at once");
            return;
        }
        let now = self.now();
        let admitted = Gate::admit(&self.gate, now, address);
        let blocked = self.node.borrow().blocked(now, &address.to_string());
        let pass = match (admitted, blocked) {
            (Ok(pass), None) => pass,
            (Ok(_), Some(why)) => return self.turn_away(&door, &stream, why.as_str()),
            (Err(why), _) => return self.turn_away(&door, &stream, why),
        };
        let (trusted, department) = (self.gate.borrow().exempts(address), door.department.clone());
        let tls = door.tls.is_some();
        let mut peer =
            Peer { kind: door.kind, address, tls, trusted, certificate: None, department };
        let Some(handshaker) = &door.tls else {
            self.begin(peer, stream, None, pass);
            return;
        };
        match handshaker.secure(stream).await {
            Ok(Secured { stream, tls }) => {
                let certificate = tls.peer_certificates().and_then(|chain| chain.first());
                peer.certificate = certificate.map(|der| Arc::from(hex(&Sha256::digest(der))));
                match TcpStream::from_std(stream) {
                    Ok(stream) => self.begin(peer, stream, Some(tls), pass),
                    Err(error) => tracing::error!(%error, "a socket was lost after its handshake"),
                }
            }
            Err(error) => tracing::debug!(%address, %error, "the TLS handshake failed"),
        }
    }

    /// One line, and the door is closed. Behind TLS there is no line without a handshake, which is
    /// what the limits are to save.
    fn turn_away(&self, door: &Door, stream: &TcpStream, why: &str) {
        self.node.borrow_mut().counters_mut().connections_refused += 1;
        if door.tls.is_none() {
            let line = match door.kind {
                Kind::Irc => format!("ERROR :{why}\r\n"),
                Kind::Plain => format!("{why}\r\n"),
            };
            // A fresh socket takes a line; if not, the peer sees the end without it.
            let _ = stream.try_write(line.as_bytes());
        }
    }

    /// Opens the session and starts its task: a fresh one, so that what the handshake needed is gone.
    fn begin(
        self: &Rc<Self>,
        peer: Peer,
        stream: TcpStream,
        tls: Option<rustls::ServerConnection>,
        pass: super::gate::Pass,
    ) {
        if self.stopping.get() {
            return;
        }
        let (token, code_seed) = match fresh() {
            Ok(bits) => bits,
            Err(error) => {
                tracing::error!(%error, "the system gives no randomness; a connection was refused");
                return;
            }
        };
        let (read, write) = stream.into_split();
        let line = Line::new(write, tls);
        let address: Arc<str> = peer.address.to_string().into();
        let kind = peer.kind;
        let framer = match kind {
            Kind::Irc => Framer::new(INPUT_LINE_BYTES),
            Kind::Plain => Framer::telnet(PLAIN_LINE_BYTES),
        };
        let shown = address.clone();
        let face = |session| {
            let Peer { tls, trusted, certificate, department, .. } = peer;
            let address = shown;
            (self.faces)(
                kind,
                Connection {
                    session,
                    address,
                    tls,
                    trusted,
                    certificate,
                    token,
                    code_seed,
                    department,
                },
            )
        };
        let sink = Box::new(LineSink(line.clone()));
        let opened = self.with(|node, now| node.open(now, address, framer, sink, face));
        if let Some(id) = opened {
            tokio::task::spawn_local(run(self.clone(), line, read, id, kind, pass));
        }
    }
}

/// What all connections of one listener have in common.
struct Door {
    kind: Kind,
    tls: Option<Handshaker>,
    proxies: Vec<IpNet>,
    department: Option<Department>,
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE))
}
