//! Messages: one line taken apart, without copying.
//!
//! Source: RFC 1459 section 2.3, Modern IRC "Message Format", IRCv3 message-tags. It knows the
//! grammar; which verbs exist and what they mean is the faces'.

use super::tags::Tags;
use crate::base::limits::{CLIENT_TAG_BYTES, LINE_BYTES, PARAMS};
use crate::base::text::ends_a_line;
use std::fmt;
use std::ops::Deref;

/// Why a line is not a message: the peer broke the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Nothing but spaces.
    Empty,
    /// More tag data than `CLIENT_TAG_BYTES` (417).
    TagsTooLong,
    /// More than 510 bytes besides the tags (417).
    TooLong,
    /// CR, LF or NUL inside the line.
    Control,
    /// Not UTF-8.
    NotUtf8,
    /// Tags or a source, but no verb.
    NoVerb,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the line is empty",
            Self::TagsTooLong => "the tags are longer than a client may send",
            Self::TooLong => "the line is longer than 510 bytes",
            Self::Control => "the line holds CR, LF or NUL",
            Self::NotUtf8 => "the line is not UTF-8",
            Self::NoVerb => "the line has no command",
        })
    }
}

impl std::error::Error for Error {}

/// A line taken apart; everything borrows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The tags, if any.
    pub tags: Tags<'a>,
    /// The source without `:`. What a client sends there is not to be trusted.
    pub source: Option<&'a str>,
    /// The verb as typed; compare it with `is`.
    pub verb: &'a str,
    /// The parameters; a trailing one is the last, without its `:`.
    pub params: Params<'a>,
}

impl<'a> Message<'a> {
    /// Takes a line apart, given without its end. Any run of spaces separates.
    pub fn parse(line: &'a str) -> Result<Self, Error> {
        if ends_a_line(line.as_bytes()) {
            return Err(Error::Control);
        }
        let mut rest = line.trim_start_matches(' ');
        let mut tags = Tags::default();
        if let Some(tagged) = rest.strip_prefix('@') {
            let (wire, message) = tagged.split_once(' ').unwrap_or((tagged, ""));
            if wire.len() > CLIENT_TAG_BYTES {
                return Err(Error::TagsTooLong);
            }
            tags = Tags::new(wire);
            rest = message.trim_start_matches(' ');
        } else if rest.is_empty() {
            return Err(Error::Empty);
        }
        if rest.len() > LINE_BYTES - 2 {
            return Err(Error::TooLong);
        }
        let source = rest.strip_prefix(':').map(|sourced| word(sourced, &mut rest));
        let all = rest;
        let verb = word(all, &mut rest);
        if verb.is_empty() {
            return Err(Error::NoVerb);
        }
        Ok(Self { tags, source, verb, params: Params::parse(rest) })
    }

    /// The same from bytes: they must be UTF-8.
    pub fn parse_bytes(line: &'a [u8]) -> Result<Self, Error> {
        Self::parse(str::from_utf8(line).map_err(|_| Error::NotUtf8)?)
    }

    /// True when this is the verb, whatever its case.
    pub fn is(&self, verb: &str) -> bool {
        self.verb.eq_ignore_ascii_case(verb)
    }
}

/// The parameters of one message: a slice of at most `limits::PARAMS`.
#[derive(Clone, Copy)]
pub struct Params<'a> {
    list: [&'a str; PARAMS],
    count: usize,
}

impl<'a> Params<'a> {
    fn parse(mut rest: &'a str) -> Self {
        let mut params = Self { list: [""; PARAMS], count: 0 };
        while !rest.is_empty() {
            let last = params.count == PARAMS - 1;
            let param = match rest.strip_prefix(':') {
                Some(trailing) => std::mem::take(&mut rest).get(1..).unwrap_or(trailing),
                None if last => std::mem::take(&mut rest),
                None => word(rest, &mut rest),
            };
            params.list[params.count] = param;
            params.count += 1;
        }
        params
    }

    /// The parameter at that place, from 0, with the life of the line.
    pub fn at(&self, index: usize) -> Option<&'a str> {
        self.list[..self.count].get(index).copied()
    }
}

impl<'a> Deref for Params<'a> {
    type Target = [&'a str];

    fn deref(&self) -> &Self::Target {
        &self.list[..self.count]
    }
}

impl fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl PartialEq for Params<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Params<'_> {}

/// The word at the start of `text`; `rest` becomes what follows it and its spaces.
fn word<'a>(text: &'a str, rest: &mut &'a str) -> &'a str {
    let end = memchr::memchr(b' ', text.as_bytes()).unwrap_or(text.len());
    let (word, mut after) = text.split_at(end);
    while let Some(behind) = after.strip_prefix(' ') {
        after = behind;
    }
    *rest = after;
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_apart() {
        let line = "@a=1;+b=x\\sy  :anna!u@h   privmsg  #c-anna  :hi  there :) ";
        let message = Message::parse(line).unwrap();
        assert_eq!(message.tags.get("+b").as_deref(), Some("x y"));
        assert_eq!(message.source, Some("anna!u@h"));
        assert!(message.is("PRIVMSG") && !message.is("PRIVMS"));
        assert_eq!(*message.params, ["#c-anna", "hi  there :) "]);
        assert_eq!(message.params.at(2), None);
    }

    #[test]
    fn parameters_end_as_they_should() {
        let params = |line| Message::parse(line).unwrap().params.to_vec();
        assert_eq!(params("A"), Vec::<&str>::new());
        assert_eq!(params("A :"), [""]);
        assert_eq!(params("A b  "), ["b"]);
        assert_eq!(params("A b :"), ["b", ""]);
        assert_eq!(params("A b:c ::d"), ["b:c", ":d"]);
        let many = params("A 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16  17");
        assert_eq!((many.len(), many[14]), (15, "15 16  17"));
        assert_eq!(params("A 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 16")[14], "15 16");
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let error = |line: &str| Message::parse(line).unwrap_err();
        assert_eq!(error(""), Error::Empty);
        assert_eq!(error("   "), Error::Empty);
        assert_eq!(error("@a=1"), Error::NoVerb);
        assert_eq!(error("@a=1 :src"), Error::NoVerb);
        assert_eq!(error(":src "), Error::NoVerb);
        for bad in ["A\rB", "A\0", "A\nQUIT"] {
            assert_eq!(error(bad), Error::Control);
        }
        assert_eq!(Message::parse_bytes(b"A \xff").unwrap_err(), Error::NotUtf8);
        assert!(Message::parse_bytes("A é".as_bytes()).is_ok());
    }

    #[test]
    fn both_limits_stand_apart() {
        let tagged = |n| format!("@{} A", "x".repeat(n));
        assert!(Message::parse(&tagged(CLIENT_TAG_BYTES)).is_ok());
        assert_eq!(Message::parse(&tagged(CLIENT_TAG_BYTES + 1)), Err(Error::TagsTooLong));
        let long = |n: usize| format!("@t A {}", "x".repeat(n - 2));
        assert!(Message::parse(&long(LINE_BYTES - 2)).is_ok());
        assert_eq!(Message::parse(&long(LINE_BYTES - 1)), Err(Error::TooLong));
    }
}
