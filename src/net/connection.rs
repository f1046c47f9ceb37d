//! One connection: the task that reads it, and the sink by which the runner writes to it.
//!
//! Bytes in and out, encrypted or not; it knows no line and no command.

use super::gate::Pass;
use super::websocket::{Over, WebSocket};
use super::{Hub, Kind};
use crate::base::ids::SessionId;
use crate::base::time::Timestamp;
use crate::node::{Flow, Sink};
use rustls::ServerConnection;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{self, IoSlice, Read, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// How long a closed connection may take to read its last words.
const LINGER: Duration = Duration::from_secs(2);
/// The first byte of a TLS record that begins a handshake. Source: RFC 8446 section 5.1.
const TLS_HANDSHAKE: u8 = 0x16;

/// What the reading task and the sink of one connection share.
pub(super) struct Line {
    write: OwnedWriteHalf,
    tls: Option<RefCell<ServerConnection>>,
    websocket: Option<Box<RefCell<WebSocket>>>,
    waker: Cell<Option<Waker>>,
    /// Its place, given back at the end.
    pass: RefCell<Pass>,
    /// The runner wants to read no more for now.
    paused: Cell<bool>,
    /// The socket took less than it was given.
    full: Cell<bool>,
    /// The runner has said all it will.
    closed: Cell<bool>,
    /// The socket takes nothing any more.
    broken: Cell<bool>,
}

impl Line {
    pub(super) fn new(
        write: OwnedWriteHalf,
        tls: Option<ServerConnection>,
        websocket: Option<WebSocket>,
        pass: Pass,
    ) -> Rc<Self> {
        Rc::new(Self {
            write,
            tls: tls.map(RefCell::new),
            websocket: websocket.map(|it| Box::new(RefCell::new(it))),
            pass: RefCell::new(pass),
            waker: Cell::new(None),
            paused: Cell::new(false),
            full: Cell::new(false),
            closed: Cell::new(false),
            broken: Cell::new(false),
        })
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &self.websocket {
            None => self.try_write_bytes(bytes),
            Some(websocket) => self.try_write_lines(&mut websocket.borrow_mut(), bytes),
        }?;
        if written < bytes.len() {
            self.full.set(true);
        }
        Ok(written)
    }

    /// Writes lines as messages. What is in a frame counts as written: it cannot be taken back.
    fn try_write_lines(&self, websocket: &mut WebSocket, lines: &[u8]) -> io::Result<usize> {
        let mut taken = 0;
        while self.drain_frames(websocket)? && taken < lines.len() {
            taken += websocket.write(&lines[taken..]);
        }
        Ok(taken)
    }

    /// Writes what is in frames already; true when nothing of it is left.
    fn drain_frames(&self, websocket: &mut WebSocket) -> io::Result<bool> {
        while !websocket.out.is_empty() {
            match self.try_write_bytes(&websocket.out)? {
                0 => {
                    self.full.set(true);
                    return Ok(false);
                }
                count => drop(websocket.out.drain(..count)),
            }
        }
        websocket.out = Vec::new();
        Ok(true)
    }

    /// Writes all that has left neither its frames nor TLS; true when nothing of it is left.
    fn drain(&self) -> io::Result<bool> {
        let frames = match &self.websocket {
            Some(websocket) => self.drain_frames(&mut websocket.borrow_mut())?,
            None => true,
        };
        let records = match &self.tls {
            Some(tls) => self.drain_tls(&mut tls.borrow_mut())?,
            None => true,
        };
        Ok(frames && records)
    }

    fn try_write_bytes(&self, bytes: &[u8]) -> io::Result<usize> {
        match &self.tls {
            None => would_block(self.write.try_write(bytes), 0),
            Some(tls) => self.try_write_tls(&mut tls.borrow_mut(), bytes),
        }
    }

    /// Encrypts and writes. What is encrypted counts as written: it cannot be taken back.
    fn try_write_tls(&self, tls: &mut ServerConnection, bytes: &[u8]) -> io::Result<usize> {
        let mut taken = 0;
        while self.drain_tls(tls)? && taken < bytes.len() {
            match tls.writer().write(&bytes[taken..])? {
                0 => break,
                count => taken += count,
            }
        }
        Ok(taken)
    }

    /// Writes what is encrypted already; true when nothing of it is left.
    fn drain_tls(&self, tls: &mut ServerConnection) -> io::Result<bool> {
        while tls.wants_write() {
            match tls.write_tls(&mut Direct(&self.write)) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    self.full.set(true);
                    self.wake();
                    return Ok(false);
                }
                Err(e) => return Err(e),
            }
        }
        Ok(true)
    }
}

/// A socket as a writer that never waits.
struct Direct<'a>(&'a OwnedWriteHalf);

impl Write for Direct<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn would_block<T>(result: io::Result<T>, instead: T) -> io::Result<T> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(instead),
        other => other,
    }
}

/// The runner's way out of a connection.
pub(super) struct LineSink(pub(super) Rc<Line>);

impl Sink for LineSink {
    fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.0.try_write(bytes);
        self.0.broken.set(written.is_err());
        if self.0.full.get() || written.is_err() {
            self.0.wake();
        }
        written
    }

    fn resume(&mut self) {
        self.0.paused.set(false);
        self.0.wake();
    }

    fn close(&mut self) {
        self.0.closed.set(true);
        self.0.wake();
    }

    fn relocate(&mut self, now: Timestamp, address: &str) -> Result<(), &'static str> {
        let Ok(address) = address.parse() else { return Err("That address is none") };
        self.0.pass.borrow_mut().relocate(now, address)
    }

    fn signed_in(&mut self, account: &str) -> Result<(), &'static str> {
        self.0.pass.borrow_mut().sign_in(account)
    }
}

/// Reads a connection until it ends, one way or the other.
pub(super) async fn run(
    hub: Rc<Hub>,
    line: Rc<Line>,
    mut read: OwnedReadHalf,
    id: SessionId,
    kind: Kind,
) {
    let mut first = line.tls.is_none() && line.websocket.is_none();
    // What came right behind the request, and behind the handshake.
    let begun = receive(&hub, &line, id, &[]) && take_plaintext(&hub, &line, id);
    if !begun {
        line.closed.set(true);
    }
    let ended = poll_fn(|cx| poll_line(cx, &hub, &line, &mut read, id, kind, &mut first)).await;
    hub.with(|node, now| node.closed(now, id, ended));
    linger(&line, &mut read).await;
}

/// Reads and reacts until there is nothing to do now. Ready with the reason why it is over.
fn poll_line(
    cx: &mut Context<'_>,
    hub: &Hub,
    line: &Line,
    read: &mut OwnedReadHalf,
    id: SessionId,
    kind: Kind,
    first: &mut bool,
) -> Poll<&'static str> {
    line.waker.set(Some(cx.waker().clone()));
    loop {
        if line.closed.get() {
            return Poll::Ready("closed by the server");
        }
        if line.broken.get() {
            return Poll::Ready("connection reset");
        }
        if line.full.get() && poll_writable(cx, hub, line, id).is_ready() {
            continue;
        }
        // A peer that does not read the answers to its pings is not read either.
        if line.paused.get() || (line.full.get() && line.websocket.is_some()) {
            return Poll::Pending;
        }
        let mut buffer = hub.input.borrow_mut();
        let mut filled = ReadBuf::new(&mut buffer);
        match ready!(Pin::new(&mut *read).poll_read(cx, &mut filled)) {
            Err(_) => return Poll::Ready("connection reset"),
            Ok(()) if filled.filled().is_empty() => return Poll::Ready("connection closed"),
            Ok(()) => {}
        }
        let bytes = filled.filled();
        if std::mem::take(first) && bytes.first() == Some(&TLS_HANDSHAKE) {
            let words = match kind {
                Kind::Irc | Kind::Web => {
                    "This port does not speak TLS; connect without it, or to the TLS port"
                }
                Kind::Plain => "This port does not speak TLS; connect without it.",
            };
            hub.with(|node, now| node.refuse(now, id, words, "TLS on a plain port"));
            line.paused.set(true);
            continue;
        }
        let going = match &line.tls {
            None => receive(hub, line, id, bytes),
            Some(tls) => decrypt(hub, line, tls, id, bytes),
        };
        if !going {
            return Poll::Ready(if line.tls.is_some() { "TLS ended" } else { "ended" });
        }
    }
}

/// Lets the rest of what waits leave as soon as the socket takes it. Ready: look again.
fn poll_writable(cx: &mut Context<'_>, hub: &Hub, line: &Line, id: SessionId) -> Poll<()> {
    if ready!(line.write.as_ref().poll_write_ready(cx)).is_err() {
        line.broken.set(true);
        return Poll::Ready(());
    }
    line.full.set(false);
    match line.drain() {
        Ok(true) => {}
        // Full again; asked again when the loop comes round, which clears the readiness.
        Ok(false) => return Poll::Ready(()),
        Err(_) => {
            line.broken.set(true);
            return Poll::Ready(());
        }
    }
    hub.with(|node, now| node.writable(now, id));
    Poll::Ready(())
}

/// Hands bytes to the runner, out of their messages where they come in such; false when the session
/// is over.
fn receive(hub: &Hub, line: &Line, id: SessionId, bytes: &[u8]) -> bool {
    let Some(websocket) = &line.websocket else {
        hand_over(hub, line, id, bytes);
        return true;
    };
    let mut lines = Vec::new();
    let read = websocket.borrow_mut().read(bytes, &mut lines);
    // The answers to its pings.
    if line.drain_frames(&mut websocket.borrow_mut()).is_err() {
        return false;
    }
    hand_over(hub, line, id, &lines);
    match read {
        Ok(()) => true,
        Err(Over::Closed) => false,
        Err(Over::Broken(words, reason)) => {
            hub.with(|node, now| node.refuse(now, id, words, reason));
            line.paused.set(true);
            true
        }
    }
}

fn hand_over(hub: &Hub, line: &Line, id: SessionId, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    match hub.with(|node, now| node.receive(now, id, bytes)) {
        Flow::Continue => {}
        Flow::Pause => line.paused.set(true),
        // The last words may still be on their way: `close` will come.
        Flow::Gone => line.paused.set(true),
    }
}

/// Feeds what was read to TLS, and the runner with what comes out. False when TLS is over.
fn decrypt(
    hub: &Hub,
    line: &Line,
    tls: &RefCell<ServerConnection>,
    id: SessionId,
    bytes: &[u8],
) -> bool {
    let mut rest = bytes;
    while !rest.is_empty() {
        let fed = {
            let mut tls = tls.borrow_mut();
            let fed = match tls.read_tls(&mut rest) {
                Ok(_) => tls.process_new_packets().map(|_| ()).map_err(io::Error::other),
                Err(e) => Err(e),
            };
            // An alert, a key update or a ticket may have come of it.
            fed.and(line.drain_tls(&mut tls).map(|_| ()))
        };
        if let Err(error) = fed {
            tracing::debug!(session = id.0, %error, "TLS failed");
            return false;
        }
        if !take_plaintext(hub, line, id) {
            return false;
        }
    }
    true
}

/// Hands the runner what is decrypted; false when the peer has ended TLS.
fn take_plaintext(hub: &Hub, line: &Line, id: SessionId) -> bool {
    let Some(tls) = &line.tls else { return true };
    let mut buffer = hub.plaintext.borrow_mut();
    loop {
        let count = tls.borrow_mut().reader().read(&mut buffer);
        match count {
            Ok(0) => return false,
            Ok(count) => {
                if !receive(hub, line, id, &buffer[..count]) {
                    return false;
                }
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return true,
            Err(_) => return false,
        }
    }
}

/// Lets the peer read the last words: ends our direction, and waits a little for the end of theirs,
/// because closing with unread input would have the kernel throw the words away.
async fn linger(line: &Line, read: &mut OwnedReadHalf) {
    let last = async {
        if let Some(websocket) = &line.websocket {
            websocket.borrow_mut().close();
            drained(line).await;
        }
        if let Some(tls) = &line.tls {
            tls.borrow_mut().send_close_notify();
            drained(line).await;
        }
        let _ = socket2::SockRef::from(line.write.as_ref()).shutdown(std::net::Shutdown::Write);
        let mut waste = [0; 512];
        loop {
            let mut buffer = ReadBuf::new(&mut waste);
            let read = poll_fn(|cx| Pin::new(&mut *read).poll_read(cx, &mut buffer)).await;
            if read.is_err() || buffer.filled().is_empty() {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(LINGER, last).await;
}

/// Waits until what was said has left, or cannot.
async fn drained(line: &Line) {
    while let Ok(false) = line.drain() {
        if line.write.writable().await.is_err() {
            return;
        }
    }
}
