//! WebSocket as a coat around lines: messages of the peer become lines, lines become messages.
//!
//! Sources: RFC 6455; IRCv3 websocket. It knows no socket, and of a line only where it ends.

use crate::base::limits::MESSAGE_BYTES;
use std::borrow::Cow;
use std::io::{self, Read, Write};
use tungstenite::error::CapacityError;
use tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tungstenite::protocol::frame::{CloseFrame, FrameHeader};
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

/// Bytes of frames made at once, before the socket is asked to take them.
const OUT_BYTES: usize = 16 * 1024;
/// Bytes of the buffer that an idle connection keeps for the peer's frames.
const IN_BYTES: usize = 256;

/// Why nothing more can be read.
#[derive(Debug, PartialEq)]
pub(super) enum Over {
    /// The peer said that it ends the connection.
    Closed,
    /// The peer broke the protocol: the words for it, and the reason for the log.
    Broken(&'static str, &'static str),
}

/// One connection's state. Memory: one message of the peer, and frames that do not leave.
pub(super) struct WebSocket {
    context: WebSocketContext,
    /// Lines leave as text messages, else as binary ones.
    text: bool,
    /// Frames that the socket has not taken yet.
    pub(super) out: Vec<u8>,
    /// What the closing frame will say.
    code: CloseCode,
}

/// What the peer sent, and where answers to its pings and to its closing go.
struct Peer<'a> {
    input: &'a [u8],
    out: &'a mut Vec<u8>,
}

impl Read for Peer<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.input.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.input.read(buffer)
    }
}

impl Write for Peer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WebSocket {
    /// Behind the handshake; `rest` is what the peer sent right behind it.
    pub(super) fn new(text: bool, rest: Vec<u8>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(IN_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(MESSAGE_BYTES))
            .max_frame_size(Some(MESSAGE_BYTES));
        let context = WebSocketContext::from_partially_read(rest, Role::Server, Some(config));
        Self { context, text, out: Vec::new(), code: CloseCode::Normal }
    }

    /// Takes bytes of the peer. The messages that they complete are appended to `lines`, each with
    /// an end; a ping or pong is an empty line, so that it costs what a line costs.
    pub(super) fn read(&mut self, input: &[u8], lines: &mut Vec<u8>) -> Result<(), Over> {
        let mut peer = Peer { input, out: &mut self.out };
        loop {
            match self.context.read(&mut peer) {
                Ok(Message::Text(text)) => push_line(text.as_bytes(), lines),
                Ok(Message::Binary(bytes)) => push_line(&bytes, lines),
                Ok(Message::Ping(_) | Message::Pong(_)) => lines.push(b'\n'),
                // Read on: the answer to it is written then.
                Ok(Message::Close(_) | Message::Frame(_)) => {}
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(Error::ConnectionClosed | Error::AlreadyClosed) => return Err(Over::Closed),
                Err(error) => {
                    let (code, over) = broken(&error);
                    self.code = code;
                    return Err(over);
                }
            }
        }
    }

    /// Makes messages of lines, as many as may wait at once. Bytes of the lines that were taken.
    pub(super) fn write(&mut self, lines: &[u8]) -> usize {
        if !self.context.can_write() {
            return lines.len();
        }
        let mut taken = 0;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            if self.out.len() >= OUT_BYTES {
                break;
            }
            taken += line.len();
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            self.frame(line.strip_suffix(b"\r").unwrap_or(line));
        }
        taken
    }

    fn frame(&mut self, line: &[u8]) {
        let (kind, line) = match self.text {
            // A browser ends a connection on which text is not UTF-8.
            true => match String::from_utf8_lossy(line) {
                Cow::Borrowed(text) => (Data::Text, Cow::Borrowed(text.as_bytes())),
                Cow::Owned(text) => (Data::Text, Cow::Owned(text.into_bytes())),
            },
            false => (Data::Binary, Cow::Borrowed(line)),
        };
        let header = FrameHeader { opcode: OpCode::Data(kind), ..FrameHeader::default() };
        // Writing to a Vec cannot fail.
        let _ = header.format(line.len() as u64, &mut self.out);
        self.out.extend_from_slice(&line);
    }

    /// The last frame, behind everything that was said.
    pub(super) fn close(&mut self) {
        let frame = CloseFrame { code: self.code, reason: "".into() };
        let mut peer = Peer { input: &[], out: &mut self.out };
        // It says so when the peer has closed already, and then that was answered.
        let _ = self.context.close(&mut peer, Some(frame));
    }
}

/// One message as one line. It has no end of its own, but some clients send one; an end within it
/// becomes what no line may hold, so that it is refused as a whole and nothing can be smuggled in.
fn push_line(message: &[u8], lines: &mut Vec<u8>) {
    let line = message.strip_suffix(b"\n").unwrap_or(message);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    lines.extend(line.iter().map(|byte| if *byte == b'\n' { b'\r' } else { *byte }));
    // The framer takes one CR for a part of the line's end.
    lines.extend_from_slice(b"\r\n");
}

fn broken(error: &Error) -> (CloseCode, Over) {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => (
            CloseCode::Size,
            Over::Broken("The message is too long; connect again.", "WebSocket message too long"),
        ),
        Error::Utf8(_) => (
            CloseCode::Invalid,
            Over::Broken(
                "The message is not UTF-8; set your client to UTF-8 and connect again.",
                "WebSocket text not UTF-8",
            ),
        ),
        _ => (
            CloseCode::Protocol,
            Over::Broken(
                "This is not WebSocket as RFC 6455 has it; connect again with another client.",
                "WebSocket protocol broken",
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of a client, masked with zeros.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        match payload.len() {
            short @ 0..126 => bytes.push(0x80 | short as u8),
            long => {
                bytes.push(0x80 | 126);
                bytes.extend_from_slice(&(long as u16).to_be_bytes());
            }
        }
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(payload);
        bytes
    }

    fn read(socket: &mut WebSocket, input: &[u8]) -> (String, Result<(), Over>) {
        let mut lines = Vec::new();
        let result = socket.read(input, &mut lines);
        (String::from_utf8(lines).unwrap(), result)
    }

    #[test]
    fn messages_are_lines_however_they_are_cut() {
        let all = [
            frame(0x81, b"NICK anna"),
            frame(0x82, b"USER a 0 * :a\r\n"),
            frame(0x01, b"JO"),
            frame(0x89, b"are you there"),
            frame(0x00, b"IN "),
            frame(0x80, b"#x"),
            frame(0x81, b"PRIVMSG #x :hi\r\nQUIT"),
        ]
        .concat();
        for size in [1, 2, 7, all.len()] {
            let mut socket = WebSocket::new(true, Vec::new());
            let mut lines = String::new();
            for piece in all.chunks(size) {
                let (some, result) = read(&mut socket, piece);
                assert_eq!(result, Ok(()));
                lines.push_str(&some);
            }
            let wanted = "NICK anna\r\nUSER a 0 * :a\r\n\nJOIN #x\r\nPRIVMSG #x :hi\r\rQUIT\r\n";
            assert_eq!(lines, wanted, "{size}");
            assert_eq!(socket.out, frame_of_server(0x8a, b"are you there"));
        }
    }

    fn frame_of_server(first: u8, payload: &[u8]) -> Vec<u8> {
        [&[first, payload.len() as u8], payload].concat()
    }

    #[test]
    fn lines_are_messages_without_their_end() {
        let mut text = WebSocket::new(true, Vec::new());
        let lines = b"PING :x\r\nNOTICE a :caf\xe9\r\n";
        assert_eq!(text.write(lines), lines.len());
        let wanted = [
            frame_of_server(0x81, b"PING :x"),
            frame_of_server(0x81, "NOTICE a :caf\u{fffd}".as_bytes()),
        ];
        assert_eq!(text.out, wanted.concat());
        let mut binary = WebSocket::new(false, Vec::new());
        binary.write(lines);
        assert_eq!(binary.out[9..], frame_of_server(0x82, b"NOTICE a :caf\xe9"));
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut socket = WebSocket::new(true, Vec::new());
        let lines = b"PING :irc.test\r\n".repeat(100_000);
        let taken = socket.write(&lines);
        assert!(taken < lines.len() && taken.is_multiple_of(16), "{taken}");
        assert!(socket.out.len() < OUT_BYTES + 512);
        assert_eq!(socket.write(&lines), 0);
    }

    #[test]
    fn what_is_too_long_or_no_websocket_ends_it() {
        let huge = [&[0x82, 0x80 | 127], &u64::MAX.to_be_bytes()[..], &[0; 4]].concat();
        let piece = frame(0x01, &[b'x'; 9000]);
        let pieces = [piece.clone(), frame(0x00, &[b'x'; 9000])].concat();
        for (input, code) in [
            (huge, CloseCode::Size),
            (pieces, CloseCode::Size),
            (frame(0x81, b"\xff"), CloseCode::Invalid),
            (frame(0x83, b"reserved"), CloseCode::Protocol),
            (frame(0x09, b"ping in pieces"), CloseCode::Protocol),
            (frame(0x89, &[0; 126]), CloseCode::Protocol),
            (frame(0xc1, b"compressed"), CloseCode::Protocol),
            (frame(0x80, b"of nothing"), CloseCode::Protocol),
            (vec![0x81, 2, b'n', b'o'], CloseCode::Protocol),
        ] {
            let mut socket = WebSocket::new(true, Vec::new());
            let (lines, result) = read(&mut socket, &input);
            assert!(lines.is_empty() && matches!(result, Err(Over::Broken(..))), "{result:?}");
            socket.close();
            assert_eq!(socket.out, frame_of_server(0x88, &u16::from(code).to_be_bytes()));
        }
    }

    #[test]
    fn a_close_of_the_peer_is_answered_once() {
        let mut socket = WebSocket::new(true, frame(0x81, b"QUIT"));
        let (lines, result) = read(&mut socket, &frame(0x88, &1001_u16.to_be_bytes()));
        assert_eq!((lines.as_str(), result), ("QUIT\r\n", Err(Over::Closed)));
        socket.close();
        assert_eq!(socket.out, frame_of_server(0x88, &1001_u16.to_be_bytes()));
        assert_eq!(socket.write(b"ERROR :x\r\n"), 10, "nothing is said behind it");
        assert_eq!(socket.out.len(), 4);
    }
}
