//! Listeners: who is let in, under which address, and with which coat of encryption.

use super::connection::{Line, LineSink, run};
use super::gate::{Gate, Pass};
use super::handshake::Handshaker;
use super::request::Web;
use super::upgrade::Early;
use super::websocket::WebSocket;
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
    /// The IRC protocol over WebSocket.
    Web,
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
    /// For `Kind::Web`: who may connect, and how.
    pub web: Web,
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
        let Listener { socket, kind, tls, proxies, department, web } = listener;
        let socket = TcpListener::from_std(socket)?;
        let shared = Rc::new(Door { kind, tls, proxies, department, web });
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
        // A proxy tells the address with its request; it has its place when that is known.
        let told_later = door.kind == Kind::Web && door.web.trusts(address);
        let mut pass = None;
        if !told_later {
            match self.admit(address) {
                Ok(admitted) => pass = Some(admitted),
                Err(why) => return self.turn_away(&door, &stream, &why),
            }
        }
        let (mut tls, mut certificate) = (None, None);
        if let Some(handshaker) = &door.tls {
            match handshaker.secure(stream).await {
                Ok(secured) => {
                    let chain = secured.tls.peer_certificates().and_then(|chain| chain.first());
                    certificate = chain.map(|der| Arc::from(hex(&Sha256::digest(der))));
                    tls = Some(secured.tls);
                    stream = match TcpStream::from_std(secured.stream) {
                        Ok(stream) => stream,
                        Err(error) => {
                            return tracing::error!(%error, "a socket was lost after its handshake");
                        }
                    };
                }
                Err(error) => {
                    return tracing::debug!(%address, %error, "the TLS handshake failed");
                }
            }
        }
        let mut peer = Peer {
            kind: door.kind,
            address,
            tls: tls.is_some(),
            trusted: false,
            certificate,
            department: door.department.clone(),
        };
        let mut early = Early { stream, tls };
        let websocket = match door.kind {
            Kind::Irc | Kind::Plain => None,
            Kind::Web => match self.upgrade(&door, &mut early, &mut peer, &mut pass).await {
                Some(websocket) => Some(websocket),
                None => return,
            },
        };
        peer.trusted = self.gate.borrow().exempts(peer.address);
        if let Some(pass) = pass {
            self.begin(peer, early, websocket, pass);
        }
    }

    /// A place for one more connection of this address, or the words for why not.
    fn admit(&self, address: IpAddr) -> Result<Pass, String> {
        let now = self.now();
        let admitted = Gate::admit(&self.gate, now, address);
        let blocked = self.node.borrow().blocked(now, &address.to_string());
        match (admitted, blocked) {
            (Ok(pass), None) => Ok(pass),
            (Ok(_), Some(why)) => Err(why.as_str().to_owned()),
            (Err(why), _) => Err(why.to_owned()),
        }
    }

    /// Reads the request for a WebSocket, and answers it. None: it was refused.
    async fn upgrade(
        &self,
        door: &Door,
        early: &mut Early,
        peer: &mut Peer,
        pass: &mut Option<Pass>,
    ) -> Option<WebSocket> {
        let (upgrade, rest) = early.ask(&door.web, peer.address).await?;
        peer.address = upgrade.address.unwrap_or(peer.address);
        peer.tls |= upgrade.secure;
        if pass.is_none() {
            match self.admit(peer.address) {
                Ok(admitted) => *pass = Some(admitted),
                Err(why) => {
                    self.node.borrow_mut().counters_mut().connections_refused += 1;
                    early.refuse(&door.web.turned_away(&why)).await;
                    return None;
                }
            }
        }
        early.grant(&upgrade, rest).await.ok()
    }

    /// One line, and the door is closed. Behind TLS there is no line without a handshake, which is
    /// what the limits are to save.
    fn turn_away(&self, door: &Door, stream: &TcpStream, why: &str) {
        self.node.borrow_mut().counters_mut().connections_refused += 1;
        if door.tls.is_none() {
            let line = match door.kind {
                Kind::Irc => format!("ERROR :{why}\r\n").into_bytes(),
                Kind::Plain => format!("{why}\r\n").into_bytes(),
                Kind::Web => door.web.turned_away(why),
            };
            // A fresh socket takes a line; if not, the peer sees the end without it.
            let _ = stream.try_write(&line);
        }
    }

    /// Opens the session and starts its task: a fresh one, so that what the handshake needed is gone.
    fn begin(self: &Rc<Self>, peer: Peer, early: Early, websocket: Option<WebSocket>, pass: Pass) {
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
        let (read, write) = early.stream.into_split();
        let line = Line::new(write, early.tls, websocket, pass);
        let address: Arc<str> = peer.address.to_string().into();
        let (kind, trusted) = (peer.kind, peer.trusted);
        let framer = match kind {
            Kind::Irc | Kind::Web => Framer::new(INPUT_LINE_BYTES),
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
            if trusted {
                self.with(|node, _| node.exempt(id));
            }
            tokio::task::spawn_local(run(self.clone(), line, read, id, kind));
        }
    }
}

/// What all connections of one listener have in common.
struct Door {
    kind: Kind,
    tls: Option<Handshaker>,
    proxies: Vec<IpNet>,
    department: Option<Department>,
    web: Web,
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE))
}
