//! Message tags: reading, escaping, and which of a client's tags may be passed on.
//!
//! Source: IRCv3 message-tags. It knows the syntax; what a tag means is its reader's.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The tags of one message as they came, without `@`; read only when somebody asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tags<'a>(&'a str);

impl<'a> Tags<'a> {
    /// Tags in wire form, without `@`.
    pub fn new(wire: &'a str) -> Self {
        Self(wire)
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Every tag in order, duplicates included: its key and its value unescaped.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a> {
        self.0.split(';').filter_map(|tag| {
            let (key, value) = tag.split_once('=').unwrap_or((tag, ""));
            (!key.is_empty()).then(|| (key, unescape(value)))
        })
    }

    /// The value of the last tag of that key; empty when it has none. Keys are case-sensitive.
    pub fn get(&self, key: &str) -> Option<Cow<'a, str>> {
        self.iter().filter(|(k, _)| *k == key).last().map(|(_, value)| value)
    }
}

/// The value in wire form.
pub fn escape(value: &str) -> Cow<'_, str> {
    if !value.contains([';', ' ', '\\', '\r', '\n', '\0']) {
        return Cow::Borrowed(value);
    }
    let mut wire = String::with_capacity(value.len() + 8);
    for c in value.chars() {
        match c {
            ';' => wire.push_str("\\:"),
            ' ' => wire.push_str("\\s"),
            '\\' => wire.push_str("\\\\"),
            '\r' => wire.push_str("\\r"),
            '\n' => wire.push_str("\\n"),
            // No escape stands for NUL, and no message may hold it.
            '\0' => {}
            c => wire.push(c),
        }
    }
    Cow::Owned(wire)
}

/// The value that a wire form stands for. An unknown escape loses its backslash; a lone one at the
/// end vanishes.
pub fn unescape(wire: &str) -> Cow<'_, str> {
    if !wire.contains('\\') {
        return Cow::Borrowed(wire);
    }
    let mut value = String::with_capacity(wire.len());
    let mut chars = wire.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next() {
            Some(':') => value.push(';'),
            Some('s') => value.push(' '),
            Some('r') => value.push('\r'),
            Some('n') => value.push('\n'),
            Some(other) => value.push(other),
            None => {}
        }
    }
    Cow::Owned(value)
}

/// True for a tag's key: `[+][vendor/]name`, the vendor a host name, the name letters, digits, `-`.
pub fn is_key(key: &str) -> bool {
    let key = key.strip_prefix('+').unwrap_or(key);
    let (vendor, name) = match key.split_once('/') {
        Some((vendor, name)) => (Some(vendor), name),
        None => (None, key),
    };
    let word = |s: &str, more: &[u8]| {
        !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
    };
    word(name, b"-") && vendor.is_none_or(|v| word(v, b"-."))
}

/// True for the key of a tag that clients send to each other: `+key`, `+vendor/key`.
pub fn is_client_only(key: &str) -> bool {
    key.starts_with('+') && is_key(key)
}

/// True when this list holds the tag of that key, given with its `+`: names without it, separated by
/// commas; `*` in the first place is all but those named `-name`.
/// Source: IRCv3 message-tags, `CLIENTTAGDENY`.
fn is_denied(denied: &str, key: &str) -> bool {
    let name = key.strip_prefix('+').unwrap_or(key);
    let mut named = denied.split(',');
    if denied == "*" || denied.starts_with("*,") {
        return !named.any(|entry| entry.strip_prefix('-') == Some(name));
    }
    named.any(|entry| entry == name)
}

/// The client-only tags that are not denied, in wire form without `@`, each key once with its last
/// value; none when there are none. Never longer than what was sent, so the client's limit holds for
/// it too.
pub fn client_only(tags: &Tags<'_>, denied: &str) -> Option<Arc<str>> {
    let passes = |key: &str| is_client_only(key) && !is_denied(denied, key);
    let kept: BTreeMap<&str, Cow<'_, str>> = tags.iter().filter(|(key, _)| passes(key)).collect();
    if kept.is_empty() {
        return None;
    }
    let mut wire = String::new();
    for (key, value) in &kept {
        if !wire.is_empty() {
            wire.push(';');
        }
        wire.push_str(key);
        if !value.is_empty() {
            wire.push('=');
            wire.push_str(&escape(value));
        }
    }
    Some(Arc::from(wire))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_unescape_by_the_specification() {
        for (wire, value) in [
            ("a\\:b\\sc\\\\d\\r\\n", "a;b c\\d\r\n"),
            ("\\b", "b"),
            ("tail\\", "tail"),
            ("\\\\", "\\"),
            ("plain", "plain"),
        ] {
            assert_eq!(unescape(wire), value);
        }
        assert_eq!(escape("a;b c\\\r\n"), "a\\:b\\sc\\\\\\r\\n");
    }

    #[test]
    fn the_last_duplicate_wins_and_case_counts() {
        let tags = Tags::new("a=1;b;;A=3;a=2;c=;=x");
        assert_eq!(tags.get("a").as_deref(), Some("2"));
        assert_eq!(tags.get("A").as_deref(), Some("3"));
        assert_eq!(tags.get("b").as_deref(), Some(""));
        assert_eq!(tags.get("c").as_deref(), Some(""));
        assert_eq!(tags.get(""), None);
        assert_eq!(tags.iter().count(), 5);
        assert!(Tags::new("").is_empty());
    }

    #[test]
    fn only_client_tags_are_passed_on() {
        let tags =
            Tags::new("time=x;+draft/reply=1;label=7;+a=\\b;+draft/reply=2;+bad key=1;+typing");
        let kept = client_only(&tags, "");
        assert_eq!(kept.as_deref(), Some("+a=b;+draft/reply=2;+typing"));
        assert_eq!(client_only(&Tags::new("time=x;msgid=y"), ""), None);
    }

    #[test]
    fn denied_tags_are_left_out() {
        let kept = |denied| client_only(&Tags::new("+typing;+draft/react=a"), denied);
        assert_eq!(kept("typing").as_deref(), Some("+draft/react=a"));
        assert_eq!(kept("react,+typing,Typing").as_deref(), Some("+draft/react=a;+typing"));
        assert_eq!(kept("*"), None);
        assert_eq!(kept("*,-typing").as_deref(), Some("+typing"));
        assert_eq!(kept("typing,*").as_deref(), Some("+draft/react=a"));
    }

    #[test]
    fn keys_are_checked() {
        for good in ["+a", "+draft/reply", "+example.com/x-1", "time", "draft/x"] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "+", "+/a", "+a/", "a b", "é", "+a/b/c", "++a", "a_b", "@a"] {
            assert!(!is_key(bad), "{bad}");
        }
        assert!(!is_client_only("time"));
    }
}
