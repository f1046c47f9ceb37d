//! From a fresh connection to a WebSocket: the request is read, in bounded time and memory, and
//! answered. What it may is `request`'s to say.

use super::request::{Upgrade, Web};
use super::websocket::WebSocket;
use crate::base::limits::REQUEST_BYTES;
use rustls::ServerConnection;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long a request may take to come whole.
const REQUEST_TIME: Duration = Duration::from_secs(10);
/// How long a peer whose request is refused may take to read why.
const LINGER: Duration = Duration::from_secs(2);
/// What ends the head of a request.
const END: &[u8] = b"\r\n\r\n";
/// Bytes read at once.
const CHUNK: usize = 1024;

/// A connection that is not a session yet.
pub(super) struct Early {
    pub(super) stream: TcpStream,
    pub(super) tls: Option<ServerConnection>,
}

/// A socket as a reader and writer that never waits.
struct Direct<'a>(&'a TcpStream);

impl Read for Direct<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl Write for Direct<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn would_block<T>(result: &io::Result<T>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

impl Early {
    /// Reads the request and judges it: what is granted, and what came right behind it. None: it
    /// was refused and answered, or never came whole.
    pub(super) async fn ask(&mut self, web: &Web, from: IpAddr) -> Option<(Upgrade, Vec<u8>)> {
        let mut head = Vec::new();
        let read = tokio::time::timeout(REQUEST_TIME, self.read_head(&mut head)).await;
        let end = match read {
            Ok(Ok(Some(end))) => end,
            Ok(Ok(None)) => {
                let status = "431 Request Header Fields Too Large";
                self.refuse(&web.answer(status, "", "The request is too long. ")).await;
                return None;
            }
            Ok(Err(_)) => return None,
            Err(_) => {
                let words = "The request did not come whole in time. ";
                self.refuse(&web.answer("408 Request Timeout", "", words)).await;
                return None;
            }
        };
        let rest = head.split_off(end);
        match web.judge(from, &head) {
            Ok(upgrade) => Some((upgrade, rest)),
            Err(answer) => {
                self.refuse(&answer).await;
                None
            }
        }
    }

    /// Answers what was granted; from here on it is WebSocket.
    pub(super) async fn grant(
        &mut self,
        upgrade: &Upgrade,
        rest: Vec<u8>,
    ) -> io::Result<WebSocket> {
        self.write(&upgrade.response).await?;
        Ok(WebSocket::new(upgrade.text, rest))
    }

    /// Says why not, and lets the peer read it.
    pub(super) async fn refuse(&mut self, answer: &[u8]) {
        let last = async {
            self.write(answer).await?;
            if let Some(tls) = &mut self.tls {
                tls.send_close_notify();
                self.flush().await?;
            }
            socket2::SockRef::from(&self.stream).shutdown(std::net::Shutdown::Write)?;
            let mut waste = [0; CHUNK];
            while self.read(&mut waste).await? > 0 {}
            io::Result::Ok(())
        };
        // The peer may be gone already, and then nobody reads it.
        let _ = tokio::time::timeout(LINGER, last).await;
    }

    /// Where the head ends; none when it is too long. A first byte that no request has ends it too.
    async fn read_head(&mut self, head: &mut Vec<u8>) -> io::Result<Option<usize>> {
        let mut chunk = [0; CHUNK];
        loop {
            let count = self.read(&mut chunk).await?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let seen = head.len().saturating_sub(END.len() - 1);
            head.extend_from_slice(&chunk[..count]);
            if let Some(at) = head[seen..].windows(END.len()).position(|window| window == END) {
                return Ok(Some(seen + at + END.len()));
            }
            if !head.first().is_some_and(u8::is_ascii_uppercase) {
                return Ok(Some(head.len()));
            }
            if head.len() >= REQUEST_BYTES {
                return Ok(None);
            }
        }
    }

    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(tls) = &mut self.tls else {
                self.stream.readable().await?;
                let read = self.stream.try_read(buffer);
                if would_block(&read) {
                    continue;
                }
                return read;
            };
            let read = tls.reader().read(buffer);
            if !would_block(&read) {
                return read;
            }
            self.stream.readable().await?;
            match tls.read_tls(&mut Direct(&self.stream)) {
                Ok(0) => return Ok(0),
                Ok(_) => {
                    tls.process_new_packets().map_err(io::Error::other)?;
                    self.flush().await?;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            tls.writer().write_all(bytes)?;
            return self.flush().await;
        }
        while !bytes.is_empty() {
            self.stream.writable().await?;
            match self.stream.try_write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return Ok(()) };
        while tls.wants_write() {
            let written = tls.write_tls(&mut Direct(&self.stream));
            if would_block(&written) {
                self.stream.writable().await?;
            } else {
                written?;
            }
        }
        Ok(())
    }
}
