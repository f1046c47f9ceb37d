//! Transcripts: an episode as text, JSON or HTML, for the customer or for the audit.
//!
//! Which events whom concern stands in `shown`; here is only how a sheet of them looks. Nothing is in a
//! transcript that is not in the events. It knows no database, no clock and no file.

mod shown;

use crate::base::time::{Timestamp, utc};
use crate::store::Episode;
use serde::Serialize;
use shown::{Entry, Sheet};
use std::fmt::Write;

/// Who will read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The customer: what was said to everyone, who helped, hold and close. Promise 4: whispers, notes,
    /// watchers, tags, routing, blocks, addresses and the reasons staff gave never; promise 2: no
    /// number that counts other customers' conversations either.
    Customer,
    /// Those who answer for the desk: everything, with who did it and why.
    Audit,
}

/// The form of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Plain text, one entry a line, for a terminal or a mail.
    Text,
    /// One JSON object.
    Json,
    /// One page that needs nothing else.
    Html,
}

impl Format {
    /// The format of that name: `text`, `json` or `html`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            "html" => Some(Self::Html),
            _ => None,
        }
    }
}

impl Audience {
    /// The audience of that name: `customer` or `audit`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "customer" => Some(Self::Customer),
            "audit" => Some(Self::Audit),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Audit => "audit",
        }
    }
}

/// The transcript in that form. Text and HTML end with a newline, JSON does not.
pub fn render(episode: &Episode, audience: Audience, format: Format) -> String {
    match format {
        Format::Text => text(episode, audience),
        Format::Json => json(episode, audience),
        Format::Html => html(episode, audience),
    }
}

/// The transcript as plain text: a head, a line for each entry, and last how many there are, so that a copy
/// that was cut shows it. No control characters; times are UTC.
pub fn text(episode: &Episode, audience: Audience) -> String {
    let sheet = Sheet::of(episode, audience);
    let mut out = String::new();
    for (name, value) in head(&sheet) {
        line(&mut out, format_args!("{name}: {value}"));
    }
    line(&mut out, format_args!("Times are UTC."));
    let mut day = String::new();
    for entry in &sheet.entries {
        let (date, time) = date_and_time(entry.at);
        if date != day {
            line(&mut out, format_args!("\n{date}"));
            day = date;
        }
        line(&mut out, format_args!("{time} {}", sentence(entry)));
    }
    let n = sheet.entries.len();
    line(&mut out, format_args!("\n{n} {}", if n == 1 { "line" } else { "lines" }));
    out
}

/// The transcript as one JSON object. Words stand in it exactly as they were said.
pub fn json(episode: &Episode, audience: Audience) -> String {
    let sheet = Sheet::of(episode, audience);
    let page = Page {
        conversation: sheet.conversation.map(|id| id.0),
        channel: &sheet.channel,
        customer: &sheet.customer,
        department: sheet.department.as_deref(),
        opened: utc(sheet.opened),
        closed: sheet.closed.map(utc),
        ending: sheet.ending,
        audience: audience.name(),
        lines: sheet.entries.iter().map(PageLine::of).collect(),
        count: sheet.entries.len(),
    };
    // Strings, numbers and lists under string keys: there is nothing in it that JSON cannot hold.
    serde_json::to_string(&page).unwrap_or_else(|e| unreachable!("plain data: {e}"))
}

#[derive(Serialize)]
struct Page<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation: Option<u64>,
    channel: &'a str,
    customer: &'a str,
    department: Option<&'a str>,
    opened: String,
    closed: Option<String>,
    ending: Option<&'static str>,
    audience: &'static str,
    lines: Vec<PageLine<'a>>,
    count: usize,
}

#[derive(Serialize)]
struct PageLine<'a> {
    at: String,
    kind: &'static str,
    who: &'a str,
    text: &'a str,
}

impl<'a> PageLine<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self { at: utc(entry.at), kind: entry.kind.name(), who: &entry.who, text: &entry.text }
    }
}

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;\
padding:0 1rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1rem}dd{margin:0}\
ol{list-style:none;padding:0}li{overflow-wrap:anywhere}time{font-variant-numeric:tabular-nums}\
.event{font-style:italic}.whisper,.note{border-inline-start:.25rem solid;padding-inline-start:.5rem}";

/// The transcript as one HTML page: no script, nothing loaded, every word escaped.
pub fn html(episode: &Episode, audience: Audience) -> String {
    let sheet = Sheet::of(episode, audience);
    let mut out =
        String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    let title = escaped(&sheet.channel);
    line(&mut out, format_args!("<title>Transcript of {title}</title>"));
    line(&mut out, format_args!("<style>{STYLE}</style>\n</head>\n<body>"));
    line(&mut out, format_args!("<h1>Transcript of {title}</h1>\n<dl>"));
    for (name, value) in head(&sheet) {
        line(&mut out, format_args!("<dt>{name}</dt><dd>{}</dd>", escaped(&value)));
    }
    line(&mut out, format_args!("</dl>\n<p>Times are UTC.</p>\n<ol>"));
    for entry in &sheet.entries {
        let (date, time) = date_and_time(entry.at);
        line(
            &mut out,
            format_args!(
                "<li class=\"{}\"><time datetime=\"{}\">{date} {time}</time> <span dir=\"auto\">{}</span></li>",
                entry.kind.name(),
                utc(entry.at),
                escaped(&sentence(entry)),
            ),
        );
    }
    let n = sheet.entries.len();
    line(&mut out, format_args!("</ol>\n<p>{n} {}</p>", if n == 1 { "line" } else { "lines" }));
    out.push_str("</body>\n</html>\n");
    out
}

/// The head's rows, name and value.
fn head(sheet: &Sheet) -> Vec<(&'static str, String)> {
    let moment = |at| {
        let (date, time) = date_and_time(at);
        format!("{date} {time}Z")
    };
    let mut rows = vec![("Channel", printable(&sheet.channel))];
    if let Some(id) = sheet.conversation {
        rows.push(("Conversation", id.to_string()));
    }
    rows.push(("Customer", printable(&sheet.customer)));
    if let Some(department) = &sheet.department {
        rows.push(("Department", printable(department)));
    }
    rows.push(("Opened", moment(sheet.opened)));
    let closed = match (sheet.closed, sheet.ending) {
        (None, _) => "not yet".to_owned(),
        (Some(at), None) => moment(at),
        (Some(at), Some(why)) => format!("{} ({why})", moment(at)),
    };
    rows.push(("Closed", closed));
    rows
}

/// An entry without its time. What a person said always stands behind their name and `>`, so that nothing
/// they say can pass for the desk's own line, which begins with `--`.
fn sentence(entry: &Entry) -> String {
    let (who, text) = (printable(&entry.who), printable(&entry.text));
    match entry.kind {
        shown::Kind::Said => format!("{who}> {text}"),
        shown::Kind::Action => format!("{who}> * {text}"),
        shown::Kind::Whisper => format!("[whisper] {who}> {text}"),
        shown::Kind::Note => format!("[note] {who}> {text}"),
        shown::Kind::Event if who.is_empty() => format!("-- {text}"),
        shown::Kind::Event => format!("-- {who} {text}"),
    }
}

fn line(out: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{what}");
}

/// `2026-11-21` and `22:59:04`.
fn date_and_time(at: Timestamp) -> (String, String) {
    let moment = utc(at);
    let (date, time) = moment.split_once('T').unwrap_or((&moment, ""));
    (date.to_owned(), time.split('.').next().unwrap_or(time).to_owned())
}

/// The words without formatting codes and other controls, which a terminal might obey, on one line.
///
/// Source: Modern IRC formatting; `0x03` is followed by up to two pairs of digits, `0x04` by hex triples.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let (digits, hex) = match c {
            '\u{3}' => (2, false),
            '\u{4}' => (6, true),
            '\t' | '\u{2028}' | '\u{2029}' => {
                out.push(' ');
                continue;
            }
            c if c.is_control() => continue,
            c => {
                out.push(c);
                continue;
            }
        };
        let is_digit = |c: &char| if hex { c.is_ascii_hexdigit() } else { c.is_ascii_digit() };
        let foreground = (0..digits).take_while(|_| rest.next_if(is_digit).is_some()).count();
        let mut ahead = rest.clone();
        if foreground > 0 && ahead.next() == Some(',') && ahead.next().is_some_and(|c| is_digit(&c))
        {
            rest.next();
            let _ = (0..digits).take_while(|_| rest.next_if(is_digit).is_some()).count();
        }
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_and_controls_leave_only_words() {
        assert_eq!(
            printable("\u{2}bold\u{2} \u{3}04,12red\u{f} \u{1b}[31mx\u{7}"),
            "bold red [31mx"
        );
        assert_eq!(printable("\u{3}5, and \u{4}ff0000hex\ttab\u{2028}line"), ", and hex tab line");
        assert_eq!(printable("\u{3}04123"), "123");
    }

    #[test]
    fn html_is_escaped() {
        assert_eq!(escaped("<a href='x'>&\""), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
    }
}
