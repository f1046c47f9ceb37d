//! Values of the config: what kinds there are, how each is read and written, and the fields that hold
//! them. It knows neither sections nor keys.

use super::{
    Durability, ForwardedHeader, GuestHosts, ListenKind, LogFormat, LogLevel, Messages, Policy,
};
use crate::base::text::{AccountName, Line};
use crate::desk::language::people::Department;
use crate::desk::settings::{Guests, Hosts, Prefixes, Routing};
use crate::desk::target;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use toml::de::DeValue;

/// What a key may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// Text that is never printed.
    Secret,
    /// `true` or `false`.
    Flag,
    /// A whole number from one to the other, both included.
    Count(u64, u64),
    /// A span of time with its unit; `"0"` is off.
    Span,
    /// Bytes with their unit; `"0"` is off.
    Size,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of texts.
    List,
}

impl Kind {
    /// What may be written there, as the end of a sentence.
    pub(super) fn allowed(self) -> String {
        match self {
            Self::Text | Self::Secret => "a text in quotes".into(),
            Self::Flag => "true or false".into(),
            Self::Count(0, max) => format!("a whole number up to {max} without quotes (0: no limit)"),
            Self::Count(min, max) => format!("a whole number from {min} to {max} without quotes"),
            Self::Span => {
                r#"a time in quotes with its unit, as "250ms", "30s", "5m", "1h" or "2d" ("0": off)"#.into()
            }
            Self::Size => {
                r#"a size in quotes with its unit, as "512B", "96KB" or "1MB" ("0": off)"#.into()
            }
            Self::Choice(words) => format!("one of {}", quoted(words)),
            Self::List => r#"a list of texts, as ["one", "two"]"#.into(),
        }
    }

    /// What the reference adds to the words of a key, where the default does not show it already.
    pub(super) fn hint(self) -> String {
        match self {
            Self::Count(0, _) => " 0: no limit.".into(),
            Self::Count(min, max) if max < 1 << 30 => format!(" {min} to {max}."),
            Self::Choice(words) => format!(" One of {}.", quoted(words)),
            Self::Text | Self::Secret | Self::Flag | Self::Count(..) => String::new(),
            Self::Span | Self::Size | Self::List => String::new(),
        }
    }

    /// Reads a TOML value as this kind; the error says what is allowed.
    pub(super) fn read(self, value: &DeValue<'_>) -> Result<Setting, String> {
        let wrong = || format!("must be {}", self.allowed());
        match self {
            Self::Text | Self::Secret => {
                value.as_str().map(|s| Setting::Text(s.into())).ok_or_else(wrong)
            }
            Self::Flag => value.as_bool().map(Setting::Flag).ok_or_else(wrong),
            Self::Count(min, max) => {
                let digits = value.as_integer().filter(|n| n.radix() == 10);
                let number = digits.and_then(|n| n.as_str().parse().ok());
                let number = number.filter(|n| (min..=max).contains(n));
                number.map(Setting::Number).ok_or_else(wrong)
            }
            Self::Span => value.as_str().and_then(read_span).map(Setting::Span).ok_or_else(wrong),
            Self::Size => value.as_str().and_then(read_size).map(Setting::Number).ok_or_else(wrong),
            Self::Choice(words) => {
                let word = value.as_str().filter(|word| words.contains(word));
                word.map(|word| Setting::Text(word.into())).ok_or_else(wrong)
            }
            Self::List => {
                let items = value.as_array().ok_or_else(wrong)?;
                let texts = items.iter().map(|v| v.get_ref().as_str().map(String::from));
                texts.collect::<Option<_>>().map(Setting::List).ok_or_else(wrong)
            }
        }
    }

    /// Writes a setting of this kind as a TOML value.
    pub(super) fn show(self, setting: &Setting) -> String {
        match setting {
            Setting::Text(text) if self == Self::Secret && !text.is_empty() => {
                toml_text("(set, not shown)")
            }
            Setting::Text(text) => toml_text(text),
            Setting::Flag(flag) => flag.to_string(),
            Setting::Number(bytes) if self == Self::Size => toml_text(&show_size(*bytes)),
            Setting::Number(number) => number.to_string(),
            Setting::Span(span) => toml_text(&show_span(*span)),
            Setting::List(list) => {
                let texts: Vec<_> = list.iter().map(|text| toml_text(text)).collect();
                format!("[{}]", texts.join(", "))
            }
        }
    }
}

/// A value, read and not yet put where it belongs.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Setting {
    Text(String),
    Flag(bool),
    Number(u64),
    Span(Duration),
    List(Vec<String>),
}

/// A field of the config that a key stands for.
pub(super) trait Field {
    /// Its value.
    fn show(&self) -> Setting;
    /// Takes a value, or says what it must be: the end of a sentence that begins with the key.
    fn take(&mut self, setting: Setting) -> Result<(), String>;
}

/// The fields whose type is a kind of setting already.
macro_rules! field {
    ($type:ty, $variant:ident, $show:expr, $take:expr) => {
        impl Field for $type {
            fn show(&self) -> Setting {
                let show: fn(&Self) -> _ = $show;
                Setting::$variant(show(self))
            }
            fn take(&mut self, setting: Setting) -> Result<(), String> {
                let Setting::$variant(value) = setting else {
                    return Err("has another kind of value here".into());
                };
                *self = $take(value)?;
                Ok(())
            }
        }
    };
}

/// The fields that are one word of a few.
macro_rules! words {
    ($type:ident: $($variant:ident = $word:literal),+) => {
        field!(
            $type,
            Text,
            |it| String::from(match it {
                $($type::$variant => $word,)+
            }),
            |text: String| match text.as_str() {
                $($word => Ok($type::$variant),)+
                _ => Err(format!("must be one of {}", quoted(&[$($word),+]))),
            }
        );
    };
}

words!(Guests: Customer = "customer", Member = "member", Refuse = "refuse");
words!(Prefixes: Two = "ov", Three = "ohv", Five = "qaohv");
words!(Routing: Claim = "claim", Push = "push");
words!(Policy: Closed = "closed", Invitation = "invitation", Open = "open");
words!(GuestHosts: Cloak = "cloak", Address = "address");
words!(Durability: Strict = "strict", Relaxed = "relaxed");
words!(ListenKind: Irc = "irc", Plain = "plain", Http = "http");
words!(Messages: Text = "text", Binary = "binary");
words!(ForwardedHeader: XForwardedFor = "x-forwarded-for", Forwarded = "forwarded");
words!(LogFormat: Auto = "auto", Human = "human", Json = "json");
words!(LogLevel: Error = "error", Warn = "warn", Info = "info", Debug = "debug", Trace = "trace");

field!(bool, Flag, |it| *it, Ok::<_, String>);
field!(Duration, Span, |it| *it, Ok::<_, String>);
field!(u32, Number, |it| u64::from(*it), |n| u32::try_from(n)
    .map_err(|_| "is too large".to_owned()));
field!(usize, Number, |it| *it as u64, |n| usize::try_from(n)
    .map_err(|_| "is too large".to_owned()));
field!(Arc<str>, Text, |it| it.to_string(), |text: String| match text.as_str() {
    "" => Err("must not be empty".to_owned()),
    text => Ok(Arc::from(text)),
});
field!(PathBuf, Text, |it| it.display().to_string(), |text: String| match text.as_str() {
    "" => Err("must not be empty".to_owned()),
    text => Ok(PathBuf::from(text)),
});
field!(Department, Text, |it| it.to_string(), |text: String| department(&text));
field!(SocketAddr, Text, |it| it.to_string(), |text: String| {
    text.parse().map_err(|_| {
    r#"must be an address of this machine and a port, as "127.0.0.1:6667", "0.0.0.0:6667" or "[::]:6667""#
        .to_owned()
})
});
field!(Vec<Arc<str>>, List, |it| it.iter().map(ToString::to_string).collect(), |list: Vec<
    String,
>| {
    Ok::<_, String>(list.into_iter().map(Arc::from).collect())
});
field!(
    Option<Arc<str>>,
    Text,
    |it| it.as_deref().unwrap_or_default().to_owned(),
    |text: String| {
        Ok::<_, String>(Some(Arc::from(text)).filter(|it: &Arc<str>| !it.is_empty()))
    }
);
field!(
    Option<PathBuf>,
    Text,
    |it| it.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
    |text: String| Ok::<_, String>(Some(PathBuf::from(&text)).filter(|_| !text.is_empty()))
);
field!(
    Option<Department>,
    Text,
    |it| it.as_ref().map(ToString::to_string).unwrap_or_default(),
    |text: String| optional(&text, department)
);
field!(
    Option<AccountName>,
    Text,
    |it| it.as_ref().map(ToString::to_string).unwrap_or_default(),
    |text: String| optional(&text, account)
);
field!(Vec<AccountName>, List, |it| it.iter().map(ToString::to_string).collect(), |list: Vec<
    String,
>| {
    each(&list, account)
});
field!(Vec<String>, List, |it| it.clone(), |list: Vec<String>| Ok::<_, String>(list));
field!(Vec<IpNet>, List, |it| it.iter().map(ToString::to_string).collect(), |list: Vec<String>| {
    each(&list, network)
});
field!(Hosts, List, |it| it.0.iter().map(ToString::to_string).collect(), |list: Vec<String>| {
    each(&list, |host| {
        let wrong = || {
            format!(
                "cannot hold {host:?}: an address, a network, or a mask as \"*!~root@192.0.2.*\""
            )
        };
        target::normal(host).map(|host| Line::scrubbed(&host)).ok_or_else(wrong)
    })
    .map(Hosts)
});
field!(
    Vec<Line>,
    Text,
    |it| it.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n"),
    |text: String| Ok::<_, String>(text.trim_end().lines().map(Line::scrubbed).collect())
);

/// The span of `"30s"` and its like; none when there is no unit, except for `"0"`.
fn read_span(text: &str) -> Option<Duration> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    measure(text, &units).map(Duration::from_millis)
}

/// The bytes of `"96KB"` and its like; none when there is no unit, except for `"0"`.
fn read_size(text: &str) -> Option<u64> {
    measure(text, &[("B", 1), ("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30)])
}

fn measure(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: u64 = number.parse().ok()?;
    let unit = unit.trim();
    if unit.is_empty() {
        return Some(0).filter(|_| number == 0);
    }
    let (_, factor) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    number.checked_mul(*factor)
}

/// A span as the config writes it, in the largest unit that is exact: `90s`, `5m`, `0`.
pub fn show_span(span: Duration) -> String {
    let ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    match ms {
        0 => "0".into(),
        ms if ms % 1000 != 0 => format!("{ms}ms"),
        ms if ms % 86_400_000 == 0 => format!("{}d", ms / 86_400_000),
        ms if ms % 3_600_000 == 0 => format!("{}h", ms / 3_600_000),
        ms if ms % 60_000 == 0 && ms >= 300_000 => format!("{}m", ms / 60_000),
        ms => format!("{}s", ms / 1000),
    }
}

/// Bytes as the config writes them, in the largest unit that is exact: `96KB`, `1MB`, `0`.
pub fn show_size(bytes: u64) -> String {
    match bytes {
        0 => "0".into(),
        n if n % (1 << 30) == 0 => format!("{}GB", n >> 30),
        n if n % (1 << 20) == 0 => format!("{}MB", n >> 20),
        n if n % (1 << 10) == 0 => format!("{}KB", n >> 10),
        n => format!("{n}B"),
    }
}

/// A text as a TOML value: a basic string, its controls escaped.
pub(super) fn toml_text(text: &str) -> String {
    toml::Value::String(text.replace('\n', "\u{0}")).to_string().replace("\\u0000", "\\n")
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    words.join(", ")
}

fn department(text: &str) -> Result<Department, String> {
    Department::parse(text).ok_or_else(|| {
        format!("cannot be {text:?}: a department is a channel's name without \"#\"")
    })
}

fn account(text: &str) -> Result<AccountName, String> {
    AccountName::parse(text).map_err(|why| format!("cannot name the account {text:?}: {why}"))
}

fn network(text: &str) -> Result<IpNet, String> {
    let host = text.parse::<IpAddr>().map(IpNet::from);
    host.or_else(|_| text.parse::<IpNet>().map(|net| net.trunc())).map_err(|_| {
        format!("cannot hold {text:?}: an address or a network, as \"10.0.0.7\" or \"10.0.0.0/8\"")
    })
}

fn optional<T>(text: &str, read: fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

fn each<T>(list: &[String], read: fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    list.iter().map(|text| read(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_need_a_unit() {
        for (text, ms) in [
            ("250ms", 250),
            ("30s", 30_000),
            ("5m", 300_000),
            ("1h", 3_600_000),
            ("2d", 172_800_000),
        ] {
            assert_eq!(read_span(text), Some(Duration::from_millis(ms)), "{text}");
        }
        assert_eq!(read_span("0"), Some(Duration::ZERO));
        for bad in ["", "30", "s", "-1s", "1.5h", "1w", "99999999999999999d"] {
            assert_eq!(read_span(bad), None, "{bad}");
        }
    }

    #[test]
    fn sizes_need_a_unit() {
        assert_eq!(read_size("96KB"), Some(98_304));
        assert_eq!(read_size("1 mb"), Some(1 << 20));
        assert_eq!(read_size("96"), None);
    }

    #[test]
    fn what_is_shown_reads_as_the_same() {
        for ms in [0, 1, 250, 1000, 90_000, 120_000, 300_000, 600_000, 3_600_000, 172_800_000] {
            let span = Duration::from_millis(ms);
            assert_eq!(read_span(&show_span(span)), Some(span));
        }
        for bytes in [0, 1, 512, 1024, 98_304, 1 << 20, (1 << 20) + 1] {
            assert_eq!(read_size(&show_size(bytes)), Some(bytes));
        }
    }

    #[test]
    fn texts_are_written_on_one_line() {
        let text = "two \"lines\"\nand a \\ tab\t.";
        let value: toml::Table = format!("a = {}", toml_text(text)).parse().unwrap();
        assert_eq!(value["a"].as_str(), Some(text));
        assert!(!toml_text(text).contains('\n'));
    }

    #[test]
    fn networks_may_be_single_addresses() {
        assert_eq!(network("::1").unwrap().to_string(), "::1/128");
        assert_eq!(network("10.1.2.3/8").unwrap().to_string(), "10.0.0.0/8");
        assert!(network("10.0.0.0/33").is_err());
    }
}
