//! A person on an IRC client: a socket that never waits, and the lines that came by it.

use super::server::PATIENCE;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// One line as the server sent it, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) msgid: Option<String>,
    /// The nick it comes from; the server's name for numerics.
    pub(crate) from: String,
    pub(crate) verb: String,
    pub(crate) params: Vec<String>,
}

impl Heard {
    fn parse(line: &str) -> Self {
        let (tags, line) = match line.strip_prefix('@').and_then(|l| l.split_once(' ')) {
            Some((tags, rest)) => (tags, rest),
            None => ("", line),
        };
        let msgid = tags.split(';').find_map(|tag| tag.strip_prefix("msgid=")).map(str::to_owned);
        let (prefix, line) = match line.strip_prefix(':').and_then(|l| l.split_once(' ')) {
            Some((prefix, rest)) => (prefix, rest),
            None => ("", line),
        };
        let from = prefix.split('!').next().unwrap_or_default().to_owned();
        let (words, trailing) = match line.split_once(" :") {
            Some((words, trailing)) => (words, Some(trailing.to_owned())),
            None => (line, None),
        };
        let mut words = words.split(' ').map(str::to_owned);
        let verb = words.next().unwrap_or_default();
        Self { msgid, from, verb, params: words.chain(trailing).collect() }
    }

    /// The last parameter.
    pub(crate) fn text(&self) -> &str {
        self.params.last().map_or("", String::as_str)
    }

    /// Words of `desk` to this person or a channel.
    pub(crate) fn desk_says(&self, begin: &str) -> bool {
        self.from == "desk" && self.text().starts_with(begin)
    }
}

/// A connection.
pub(crate) struct Client {
    stream: TcpStream,
    input: Vec<u8>,
    output: Vec<u8>,
    /// Everything heard so far, in order.
    pub(crate) heard: Vec<Heard>,
    /// Up to where `wait` has looked.
    seen: usize,
    pub(crate) over: bool,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nonblocking(true).unwrap();
        stream.set_nodelay(true).unwrap();
        let (input, output) = (Vec::new(), Vec::new());
        Self { stream, input, output, heard: Vec::new(), seen: 0, over: false }
    }

    /// Registers with capabilities; `pass` first, if there is one. Done at the end of the MOTD.
    pub(crate) fn register(&mut self, nick: &str, pass: Option<&str>) {
        self.send("CAP REQ :server-time echo-message message-tags");
        if let Some(pass) = pass {
            self.send(&format!("PASS {pass}"));
        }
        self.send(&format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nCAP END"));
        self.wait("the end of registration", |h| matches!(h.verb.as_str(), "376" | "422"));
    }

    /// Sends a line as soon as the socket takes it.
    pub(crate) fn send(&mut self, line: &str) {
        self.output.extend_from_slice(line.as_bytes());
        self.output.extend_from_slice(b"\r\n");
        self.push();
    }

    fn push(&mut self) {
        while !self.output.is_empty() && !self.over {
            match self.stream.write(&self.output) {
                Ok(count) => drop(self.output.drain(..count)),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.output.clear(),
            }
        }
    }

    /// Reads what is there. True when there was something.
    pub(crate) fn pump(&mut self) -> bool {
        self.push();
        let mut buffer = [0; 16 * 1024];
        let mut some = false;
        while !self.over {
            match self.stream.read(&mut buffer) {
                Ok(0) => self.over = true,
                Ok(count) => {
                    some = true;
                    self.input.extend_from_slice(&buffer[..count]);
                    self.lines();
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(_) => self.over = true,
            }
        }
        some
    }

    fn lines(&mut self) {
        let Some(end) = self.input.iter().rposition(|&b| b == b'\n') else { return };
        let rest = self.input.split_off(end + 1);
        let whole = std::mem::replace(&mut self.input, rest);
        for line in String::from_utf8(whole).unwrap().split_terminator("\r\n") {
            let heard = Heard::parse(line);
            if heard.verb == "PING" {
                let text = heard.text().to_owned();
                self.send(&format!("PONG :{text}"));
            }
            self.heard.push(heard);
        }
    }

    /// Waits for the next line of that kind; those before it stay in `heard`.
    pub(crate) fn wait(&mut self, what: &str, is: impl Fn(&Heard) -> bool) -> Heard {
        let found = self.within(PATIENCE, is);
        let Some(found) = found else {
            let last = &self.heard[self.heard.len().saturating_sub(12)..];
            panic!("{what} did not come (over: {}); the last lines: {last:#?}", self.over);
        };
        found
    }

    /// The next line of that kind, if it comes in time.
    pub(crate) fn within(&mut self, limit: Duration, is: impl Fn(&Heard) -> bool) -> Option<Heard> {
        let begun = Instant::now();
        loop {
            self.pump();
            while self.seen < self.heard.len() {
                self.seen += 1;
                if is(&self.heard[self.seen - 1]) {
                    return Some(self.heard[self.seen - 1].clone());
                }
            }
            if self.over || begun.elapsed() > limit {
                return None;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Sends a line and gives all lines up to the PONG behind it.
    pub(crate) fn ask(&mut self, line: &str) -> Vec<Heard> {
        self.pump();
        let start = self.heard.len();
        let mark = format!("mark-{start}");
        self.seen = start;
        self.send(&format!("{line}\r\nPING {mark}"));
        self.wait(line, |h| h.verb == "PONG" && h.text() == mark);
        self.heard[start..self.seen - 1].to_vec()
    }
}
