//! What a person heard or saw, in the words of a transcript, whatever carried it to them.

/// One thing that reached a person.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) kind: Kind,
    /// As a transcript writes it after `hears` or `sees`.
    pub(crate) text: String,
}

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Words.
    Words,
    /// Somebody came or went, and the like.
    Sight,
    /// What comes with one's own arrival: it may be expected and need not be.
    Burst,
    /// A refusal: `CODE: text`.
    Refusal,
}

impl Heard {
    pub(crate) fn words(text: String) -> Self {
        Self { kind: Kind::Words, text }
    }

    pub(crate) fn sight(text: String) -> Self {
        Self { kind: Kind::Sight, text }
    }

    pub(crate) fn burst(text: String) -> Self {
        Self { kind: Kind::Burst, text }
    }

    pub(crate) fn refusal(code: &str, text: &str) -> Self {
        Self { kind: Kind::Refusal, text: format!("{code}: {text}") }
    }

    /// What a person said somewhere: `from bob: "x"` in one's own channel, else with the place.
    pub(crate) fn said(from: &str, to: &str, own: &str, text: &str, again: bool) -> Self {
        let again = if again { "again " } else { "" };
        let place = match to {
            to if to == own => String::new(),
            to if to.starts_with('#') => format!(" in {to}"),
            to => match to.strip_prefix('@') {
                Some(channel) => format!(" among staff of {channel}"),
                None => " privately".to_owned(),
            },
        };
        Self::words(format!("{again}from {from}{place}: \"{text}\""))
    }

    /// What the desk said: `"x"` to oneself, in one's own channel or to its staff; to a department's
    /// channel with the place.
    pub(crate) fn told(to: &str, own: &str, text: &str) -> Self {
        let place = match to {
            to if to == own || !to.starts_with('#') => String::new(),
            to => format!("in {to}: "),
        };
        Self::words(format!("{place}\"{text}\""))
    }
}

/// True when the text is what the pattern says; `...` stands for anything.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split("...");
    let Some(mut rest) = parts.next().and_then(|start| text.strip_prefix(start)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A pattern as it was written: words of the desk may stand without quotation marks.
pub(crate) fn pattern(text: &str) -> String {
    let starts = ["\"", "from ", "in ", "again "];
    if text == "..." {
        return text.to_owned();
    }
    if starts.iter().any(|s| text.starts_with(s)) { text.to_owned() } else { format!("\"{text}\"") }
}

#[test]
fn patterns_match_whole_texts() {
    assert!(matches("a...c", "abc") && matches("...", "") && matches("a", "a"));
    assert!(matches("a...", "abc") && matches("...b...c...", "abcd"));
    assert!(!matches("a", "ab") && !matches("a...c", "ab") && !matches("b...", "ab"));
}
