//! Writing lines. Whatever the words are, exactly one line comes out, of at most 512 bytes.
//!
//! It knows the grammar of a message; what is said and to whom is the faces'. Every text from
//! outside passes here, so no injected CR, LF or NUL can begin a second line (CVE-2022-29166 and
//! its kin).

use super::tags::{escape, is_key};
use crate::base::limits::{CLIENT_TAG_BYTES, LINE_BYTES, SERVER_TAG_BYTES};
use crate::base::text::ends_a_line;

/// Bytes of all tags of one message: the server's, `;`, and the client's.
const TAG_BYTES: usize = SERVER_TAG_BYTES + 1 + CLIENT_TAG_BYTES;

/// What stands for a middle parameter, verb or source that cannot be written as one.
const INVALID: &[u8] = b"*";

/// A line being appended to a buffer: tags first, then `head`, parameters, and an end.
#[derive(Debug)]
#[must_use = "the line has no end yet"]
pub struct Line<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
}

impl<'o> Line<'o> {
    /// Begins a line at the end of `out`.
    pub fn new(out: &'o mut Vec<u8>) -> Self {
        let start = out.len();
        Self { out, start }
    }

    /// Adds a tag; no `=` when the value is empty. A key that is none, or a tag that would take the
    /// tags over their limit, is left out whole.
    pub fn tag(self, key: &str, value: &str) -> Self {
        if !is_key(key) {
            return self;
        }
        let value = escape(value);
        match value.as_ref() {
            "" => self.tag_parts(&[key]),
            value => self.tag_parts(&[key, "=", value]),
        }
    }

    /// Adds tags that are in wire form already, without `@` (see `tags::client_only`).
    pub fn wire_tags(self, wire: &str) -> Self {
        if wire.is_empty() || wire.contains([' ', '\r', '\n', '\0']) {
            return self;
        }
        self.tag_parts(&[wire])
    }

    fn tag_parts(self, parts: &[&str]) -> Self {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        // The separator takes the place that `@` takes for the first tag.
        if self.out.len() - self.start + length > TAG_BYTES {
            return self;
        }
        self.out.push(if self.out.len() == self.start { b'@' } else { b';' });
        for part in parts {
            self.out.extend_from_slice(part.as_bytes());
        }
        self
    }

    /// Ends the tags and writes source and verb.
    pub fn head(self, source: Option<&str>, verb: &str) -> Body<'o> {
        if self.out.len() > self.start {
            self.out.push(b' ');
        }
        let start = self.out.len();
        if let Some(source) = source {
            self.out.push(b':');
            push_word(self.out, source);
            self.out.push(b' ');
        }
        // A verb is letters or digits; anything else could be read as tags or as a source.
        let plain = !verb.is_empty() && verb.bytes().all(|b| b.is_ascii_alphanumeric());
        self.out.extend_from_slice(if plain { verb.as_bytes() } else { INVALID });
        Body { out: self.out, start }
    }
}

/// A line after its verb.
#[derive(Debug)]
#[must_use = "the line has no end yet"]
pub struct Body<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
}

impl Body<'_> {
    /// Adds a middle parameter. One that is empty, begins with `:` or holds a space or control that
    /// ends lines is written as `*`, so that the parameters after it keep their places.
    pub fn param(self, param: &str) -> Self {
        self.out.push(b' ');
        push_word(self.out, param);
        self
    }

    /// Adds the last parameter and ends the line; it gets a `:` only where it needs one.
    pub fn last(self, param: &str) {
        if is_word(param) {
            self.param(param).end();
        } else {
            self.text(param);
        }
    }

    /// Adds the last parameter, always with a `:`, and ends the line: for words people say and for
    /// the texts of numerics.
    pub fn text(self, param: &str) {
        self.out.extend_from_slice(b" :");
        let from = self.out.len();
        self.out.extend_from_slice(param.as_bytes());
        if ends_a_line(param.as_bytes()) {
            for byte in &mut self.out[from..] {
                if matches!(*byte, b'\r' | b'\n' | 0) {
                    *byte = b' ';
                }
            }
        }
        self.end();
    }

    /// Ends the line: cuts the message, tags not counted, between characters so that it has at most
    /// 512 bytes with CR LF.
    pub fn end(self) {
        let max = self.start + LINE_BYTES - 2;
        if self.out.len() > max {
            let mut end = max;
            while self.out[end] & 0xC0 == 0x80 {
                end -= 1;
            }
            self.out.truncate(end);
        }
        self.out.extend_from_slice(b"\r\n");
    }
}

/// Appends `@tags :source VERB params\r\n`; the last parameter gets a `:` where it needs one.
pub fn line(
    out: &mut Vec<u8>,
    tags: &[(&str, &str)],
    source: Option<&str>,
    verb: &str,
    params: &[&str],
) {
    match begin(out, tags, source, verb, params) {
        (body, Some(last)) => body.last(last),
        (body, None) => body.end(),
    }
}

/// The same, but the last parameter always gets a `:`: PRIVMSG, NOTICE, numerics with a text.
pub fn text(
    out: &mut Vec<u8>,
    tags: &[(&str, &str)],
    source: Option<&str>,
    verb: &str,
    params: &[&str],
) {
    match begin(out, tags, source, verb, params) {
        (body, Some(last)) => body.text(last),
        (body, None) => body.end(),
    }
}

fn begin<'o, 'p>(
    out: &'o mut Vec<u8>,
    tags: &[(&str, &str)],
    source: Option<&str>,
    verb: &str,
    params: &[&'p str],
) -> (Body<'o>, Option<&'p str>) {
    let head = tags.iter().fold(Line::new(out), |l, (key, value)| l.tag(key, value));
    let body = head.head(source, verb);
    match params.split_last() {
        Some((last, middle)) => (middle.iter().fold(body, |b, p| b.param(p)), Some(last)),
        None => (body, None),
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(':')
        && !ends_a_line(text.as_bytes())
        && memchr::memchr(b' ', text.as_bytes()).is_none()
}

fn push_word(out: &mut Vec<u8>, word: &str) {
    out.extend_from_slice(if is_word(word) { word.as_bytes() } else { INVALID });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(tags: &[(&str, &str)], source: Option<&str>, verb: &str, params: &[&str]) -> String {
        let mut out = Vec::new();
        line(&mut out, tags, source, verb, params);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_last_parameter_gets_a_colon_where_it_needs_one() {
        assert_eq!(built(&[], None, "PING", &[]), "PING\r\n");
        assert_eq!(built(&[], Some("s"), "JOIN", &["#c"]), ":s JOIN #c\r\n");
        assert_eq!(built(&[], Some("s"), "X", &["a", "b c"]), ":s X a :b c\r\n");
        assert_eq!(built(&[], Some("s"), "X", &["a", ""]), ":s X a :\r\n");
        assert_eq!(built(&[], Some("s"), "X", &["a", ":)"]), ":s X a ::)\r\n");
        let mut out = Vec::new();
        text(&mut out, &[], Some("s"), "NOTICE", &["a", "word"]);
        assert_eq!(out, b":s NOTICE a :word\r\n");
    }

    #[test]
    fn tags_are_escaped_and_bad_ones_left_out() {
        let tags = [("time", "x y;z"), ("bot", ""), ("bad key", "1")];
        assert_eq!(built(&tags, None, "A", &[]), "@time=x\\sy\\:z;bot A\r\n");
        let mut out = Vec::new();
        Line::new(&mut out).wire_tags("+a=1").tag("b", "2").wire_tags("c d").head(None, "A").end();
        assert_eq!(out, b"@+a=1;b=2 A\r\n");
        let long = "v".repeat(TAG_BYTES);
        assert_eq!(built(&[("a", &long), ("b", "1")], None, "A", &[]), "@b=1 A\r\n");
    }

    #[test]
    fn nothing_injected_comes_out() {
        let got = built(&[("k", "a\r\nb\0")], Some("s\r\nQ"), "A\n", &["x\nQUIT", "y\r\nKILL z\0"]);
        assert_eq!(got, "@k=a\\r\\nb :* * * :y  KILL z \r\n");
        assert_eq!(built(&[], None, "A", &["", "b c", ":d", "e"]), "A * * * e\r\n");
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        let got = built(&[("t", "v")], Some("s"), "PRIVMSG", &["#c", &"é".repeat(400)]);
        let message = got.strip_prefix("@t=v ").unwrap();
        assert!(message.len() == 512 || message.len() == 511, "{}", message.len());
        assert!(message.ends_with("é\r\n"));
    }
}
