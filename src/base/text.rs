//! Validated text: parse once at the door, then never check again.

use serde::{Deserialize, Serialize};
use std::borrow::{Borrow, Cow};
use std::fmt;
use std::sync::Arc;

use super::casemap::fold;
use super::limits::{ACCOUNTLEN, CHANNELLEN, NICKLEN, USERLEN};

/// Why a text is not the name it was meant to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// Nothing there.
    Empty,
    /// Longer than its limit, in bytes.
    TooLong,
    /// A character that this kind of name cannot hold, or not in this place.
    Character(char),
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::TooLong => f.write_str("it is too long"),
            Self::Character(c) => write!(f, "it cannot hold {c:?} there"),
        }
    }
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text, if it is valid as one of these.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                $check(text)?;
                Ok(Self(Arc::from(text)))
            }

            /// The text as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The same text, shared.
            pub fn shared(&self) -> Arc<str> {
                self.0.clone()
            }

            /// The key under which maps hold it: the folded form.
            pub fn folded(&self) -> Folded {
                Folded::of(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

text!(
    /// A nickname: ASCII letters, digits and ``[]\`_^{|}-``, not beginning with a digit or `-`.
    ///
    /// Source: RFC 2812 section 2.3.1, with NICKLEN as its limit.
    Nick,
    check_nick
);
text!(
    /// A channel's name: `#`, then anything but space, comma, colon, BEL and controls.
    ///
    /// Source: RFC 2812 section 1.3, Modern IRC "Channels".
    ChannelName,
    check_channel
);
text!(
    /// A staff account's name; the same alphabet as a nick, so that it can be one.
    AccountName,
    check_account
);
text!(
    /// A user name (the part before `@`), without the `~` that the server may add.
    UserName,
    check_user
);
text!(
    /// One line of a person's words: no CR, LF or NUL; may be empty.
    Line,
    check_line
);

/// A name under the case mapping: what maps are keyed by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Folded(Arc<str>);

impl Folded {
    /// The folded form of any text.
    pub fn of(text: &str) -> Self {
        Self(Arc::from(Self::key(text)))
    }

    /// The folded form of a text, for looking it up; copied only where it is folded otherwise.
    pub fn key(text: &str) -> Cow<'_, str> {
        if text.bytes().fold(false, |found, b| found | b.is_ascii_uppercase()) {
            return Cow::Owned(fold(text));
        }
        Cow::Borrowed(text)
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Folded {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Folded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Line {
    /// A line from text that may hold anything: controls that end lines become spaces.
    pub fn scrubbed(text: &str) -> Self {
        if ends_a_line(text.as_bytes()) {
            Self(Arc::from(text.replace(ends_line, " ")))
        } else {
            Self(Arc::from(text))
        }
    }
}

/// The longest start of `text` that has at most `max` bytes and ends between characters.
pub fn truncate(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn ends_line(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\0')
}

/// True when CR, LF or NUL is among the bytes. Every line passes here several times.
pub fn ends_a_line(bytes: &[u8]) -> bool {
    memchr::memchr3(b'\r', b'\n', 0, bytes).is_some()
}

fn check_length(text: &str, max: usize) -> Result<(), Invalid> {
    match text.len() {
        0 => Err(Invalid::Empty),
        n if n > max => Err(Invalid::TooLong),
        _ => Ok(()),
    }
}

fn check_nick(text: &str) -> Result<(), Invalid> {
    check_length(text, NICKLEN)?;
    let special = |c: char| matches!(c, '[' | ']' | '\\' | '`' | '_' | '^' | '{' | '|' | '}');
    for (i, c) in text.chars().enumerate() {
        let inner = i > 0 && (c.is_ascii_digit() || c == '-');
        if !(c.is_ascii_alphabetic() || special(c) || inner) {
            return Err(Invalid::Character(c));
        }
    }
    Ok(())
}

fn check_account(text: &str) -> Result<(), Invalid> {
    check_length(text, ACCOUNTLEN)?;
    check_nick(text)
}

fn check_user(text: &str) -> Result<(), Invalid> {
    check_length(text, USERLEN)?;
    match text.chars().find(|c| c.is_control() || matches!(c, ' ' | '@' | '!' | '*' | '?')) {
        Some(c) => Err(Invalid::Character(c)),
        None => Ok(()),
    }
}

fn check_channel(text: &str) -> Result<(), Invalid> {
    check_length(text, CHANNELLEN)?;
    let Some(rest) = text.strip_prefix('#') else {
        return Err(Invalid::Character(text.chars().next().unwrap_or(' ')));
    };
    if rest.is_empty() {
        return Err(Invalid::Empty);
    }
    match rest.chars().find(|c| c.is_control() || matches!(c, ' ' | ',' | ':')) {
        Some(c) => Err(Invalid::Character(c)),
        None => Ok(()),
    }
}

fn check_line(text: &str) -> Result<(), Invalid> {
    if !ends_a_line(text.as_bytes()) {
        return Ok(());
    }
    Err(Invalid::Character(text.chars().find(|c| ends_line(*c)).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nicks_are_the_rfc_alphabet() {
        for good in ["bob", "B[o]b_", "_", "anna-7k2f", "`x|"] {
            assert!(Nick::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "7up", "-a", "a b", "a!b", "a@b", "é", "a.b", "#a", "a\r"] {
            assert!(Nick::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Nick::parse(&"a".repeat(NICKLEN + 1)), Err(Invalid::TooLong));
    }

    #[test]
    fn channels_begin_with_a_hash() {
        for good in ["#a", "#c-anna-7k2f", "#é"] {
            assert!(ChannelName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "#", "a", "#a b", "#a,b", "#a\u{7}", "#a:b"] {
            assert!(ChannelName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn lines_hold_no_line_ends() {
        assert!(Line::parse("héllo").is_ok());
        for bad in ["a\rb", "a\nb", "a\0b"] {
            assert!(Line::parse(bad).is_err());
            assert_eq!(Line::scrubbed(bad).as_str(), "a b");
        }
    }

    #[test]
    fn truncation_keeps_characters_whole() {
        assert_eq!(truncate("aé", 2), "a");
        assert_eq!(truncate("aé", 3), "aé");
        assert_eq!(truncate("é", 1), "");
    }
}
