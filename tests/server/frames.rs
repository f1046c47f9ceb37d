//! A WebSocket client that sends whatever bytes a test likes, and reads frames.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// First byte of a whole text message, and of the control frames.
pub(crate) const TEXT: u8 = 0x81;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;

/// A request for a WebSocket, with these further headers.
pub(crate) fn request(path: &str, headers: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}

/// A frame as a client sends it, masked.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..126 => bytes.push(0x80 | short as u8),
        long => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    bytes.extend_from_slice(&MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// The far end.
pub(crate) struct Socket<S> {
    pub(crate) stream: S,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// Asks for a WebSocket; the head of the answer, and the socket.
    pub(crate) async fn open(mut stream: S, path: &str, headers: &str) -> (Self, String) {
        stream.write_all(request(path, headers).as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        (Self { stream }, String::from_utf8(head).unwrap())
    }

    pub(crate) async fn sends(&mut self, bytes: &[u8]) {
        // A server that has hung up does not matter here.
        let _ = self.stream.write_all(bytes).await;
    }

    /// Each line as a text message.
    pub(crate) async fn says(&mut self, lines: &str) {
        for line in lines.lines() {
            self.sends(&frame(TEXT, line.as_bytes())).await;
        }
    }

    /// The next frame: its first byte and what is in it; none at the end.
    pub(crate) async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let first = self.stream.read_u8().await.ok()?;
        let length = match self.stream.read_u8().await.ok()? {
            126 => usize::from(self.stream.read_u16().await.ok()?),
            127 => panic!("no line is that long"),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).await.ok()?;
        Some((first, payload))
    }

    /// The next message that holds `what`; each must be one line of text without an end.
    pub(crate) async fn hears(&mut self, what: &str) -> String {
        loop {
            let (first, payload) = self.frame().await.expect("it ended too early");
            assert_eq!(first, TEXT, "{what}");
            let line = String::from_utf8(payload).unwrap();
            assert!(!line.contains(['\r', '\n']), "{line:?}");
            if line.contains(what) {
                return line;
            }
        }
    }

    /// The frames up to the end, the last of which closes: its code, and the last line before it.
    pub(crate) async fn ends(&mut self) -> (u16, String) {
        let (mut last, mut code) = (String::new(), None);
        while let Some((first, payload)) = self.frame().await {
            assert_eq!(code, None, "nothing comes behind the closing frame");
            match first {
                CLOSE => code = payload.first_chunk().map(|code| u16::from_be_bytes(*code)),
                PONG => {}
                _ => last = String::from_utf8(payload).unwrap(),
            }
        }
        (code.expect("a closing frame"), last)
    }

    pub(crate) async fn registers(&mut self, nick: &str) {
        self.says(&format!("NICK {nick}\nUSER {nick} 0 * :{nick}")).await;
        self.hears(" 005 ").await;
        self.says("PING registered").await;
        self.hears(" PONG ").await;
    }
}
