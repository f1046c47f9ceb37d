//! Framing: from bytes as they arrive to whole lines, in bounded memory.
//!
//! It knows line ends and telnet commands; what a line means is `message`'s.

use super::telnet::{Filter, IAC};

/// What a line end completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A line without its end; may be empty.
    Line(&'a [u8]),
    /// A line that was longer than the limit; it is gone, the next one is whole.
    TooLong,
}

/// Cuts one connection's input into lines. Every byte is looked at once.
///
/// A line ends at LF or CR LF, on telnet also at CR NUL; any other CR stays in it. Small when idle:
/// the buffer exists only while a line is unfinished.
#[derive(Debug)]
pub struct Framer {
    held: Vec<u8>,
    limit: u32,
    /// The line in `held` was given out; the next call forgets it.
    spent: bool,
    /// The line is over the limit; what is left of it is discarded.
    over: bool,
    /// The last byte of the unfinished line was CR.
    after_cr: bool,
    /// Where a telnet command stands; none when the stream is not telnet.
    telnet: Option<Filter>,
}

impl Framer {
    /// A framer for lines of at most `limit` bytes, their end included.
    pub fn new(limit: usize) -> Self {
        Self {
            held: Vec::new(),
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            spent: false,
            over: false,
            after_cr: false,
            telnet: None,
        }
    }

    /// The same for a telnet stream: its commands are filtered out first.
    pub fn telnet(limit: usize) -> Self {
        Self { telnet: Some(Filter::default()), ..Self::new(limit) }
    }

    /// The next whole line. Call until it gives none: then all of `input` is taken, and the
    /// unfinished rest is kept for the next input.
    ///
    /// A line that lies wholly in `input` is a slice of it; only an unfinished one is copied.
    pub fn next<'f, 'i: 'f>(&'f mut self, input: &mut &'i [u8]) -> Option<Frame<'f>> {
        if self.spent {
            self.forget();
        }
        while let Some(&first) = input.first() {
            if let Some(filter) = self.telnet.as_mut().filter(|f| **f != Filter::Data) {
                *input = &input[1..];
                if let Some(data) = filter.step(first) {
                    self.keep(&[data]);
                }
                continue;
            }
            let bytes: &'i [u8] = input;
            let Some(at) = self.stop(bytes) else {
                *input = &[];
                self.keep(bytes);
                return None;
            };
            *input = &bytes[at + 1..];
            let piece = &bytes[..at];
            if bytes[at] == IAC {
                self.keep(piece);
                self.telnet = Some(Filter::Command);
                continue;
            }
            return Some(self.finish(piece));
        }
        None
    }

    /// Bytes held of an unfinished line.
    pub fn pending(&self) -> usize {
        if self.spent { 0 } else { self.held.len() }
    }

    /// The first byte that ends the line or begins a telnet command.
    fn stop(&self, bytes: &[u8]) -> Option<usize> {
        if self.telnet.is_none() {
            return memchr::memchr(b'\n', bytes);
        }
        let mut after_cr = self.after_cr;
        bytes.iter().position(|&b| {
            let stops = matches!(b, b'\n' | IAC) || (b == 0 && after_cr);
            after_cr = b == b'\r';
            stops
        })
    }

    fn keep(&mut self, bytes: &[u8]) {
        let Some(&last) = bytes.last() else { return };
        self.after_cr = last == b'\r';
        // The line's end counts as well, so the limit is passed before it is reached.
        self.over |= self.held.len() + bytes.len() >= self.limit as usize;
        if self.over {
            self.held = Vec::new();
        } else {
            self.held.extend_from_slice(bytes);
        }
    }

    fn finish<'f>(&'f mut self, piece: &'f [u8]) -> Frame<'f> {
        if self.held.is_empty() && !self.over && piece.len() < self.limit as usize {
            self.after_cr = false;
            return Frame::Line(without_cr(piece));
        }
        self.keep(piece);
        if self.over {
            self.forget();
            return Frame::TooLong;
        }
        self.spent = true;
        Frame::Line(without_cr(&self.held))
    }

    fn forget(&mut self) {
        self.held = Vec::new();
        (self.spent, self.over, self.after_cr) = (false, false, false);
    }
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(framer: &mut Framer, mut input: &[u8]) -> Vec<Option<Vec<u8>>> {
        let mut all = Vec::new();
        while let Some(frame) = framer.next(&mut input) {
            all.push(match frame {
                Frame::Line(line) => Some(line.to_vec()),
                Frame::TooLong => None,
            });
        }
        all
    }

    fn line(text: &str) -> Option<Vec<u8>> {
        Some(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_end_at_lf_or_cr_lf() {
        let mut framer = Framer::new(64);
        let got = frames(&mut framer, b"a\nb\r\n\r\n\nc\rd\r\r\n\0e\n");
        assert_eq!(got, ["a", "b", "", "", "c\rd\r", "\0e"].map(line));
        assert_eq!(framer.pending(), 0);
    }

    #[test]
    fn unfinished_lines_wait_and_their_buffer_goes() {
        let mut framer = Framer::new(64);
        assert!(frames(&mut framer, b"he").is_empty());
        assert!(frames(&mut framer, b"llo\r").is_empty());
        assert_eq!(framer.pending(), 6);
        assert_eq!(frames(&mut framer, b"\nx\n"), ["hello", "x"].map(line));
        assert_eq!((framer.pending(), framer.held.capacity()), (0, 0));
    }

    #[test]
    fn whole_lines_are_slices_of_the_input() {
        let mut framer = Framer::new(64);
        let input = b"one\ntwo\n";
        let mut rest: &[u8] = input;
        let Some(Frame::Line(one)) = framer.next(&mut rest) else { panic!("no line") };
        assert!(std::ptr::eq(one.as_ptr(), input.as_ptr()));
    }

    #[test]
    fn long_lines_are_told_once_and_the_next_is_whole() {
        for split in 1..14 {
            let mut framer = Framer::new(6);
            let input = b"12345\n123456\n1\n";
            let mut got = Vec::new();
            for piece in input.chunks(split) {
                got.extend(frames(&mut framer, piece));
                assert!(framer.pending() < 6);
            }
            assert_eq!(got, [line("12345"), None, line("1")]);
        }
    }

    #[test]
    fn telnet_ends_lines_at_cr_nul_too() {
        let mut framer = Framer::telnet(64);
        let got = frames(&mut framer, b"a\r\0b\r\xff\xf1\nc\0d\r\ne\xff\xff\n");
        assert_eq!(got, [line("a"), line("b"), line("c\0d"), Some(b"e\xff".to_vec())]);
    }

    #[test]
    fn an_idle_framer_is_small() {
        assert!(size_of::<Framer>() <= 48);
    }
}
