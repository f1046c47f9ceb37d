//! The config as TOML: the effective one for `check`, and the commented reference.

use super::schema::{Row, SECTIONS, Section, Shape};
use super::value::toml_text;
use super::{Config, Gateway, Listen, Operator};
use std::fmt::Write;

/// Columns of a comment.
const WIDTH: usize = 100;

const INTRODUCTION: &str = "Switchboard: every key with its default. Nothing here is needed: a file may hold only what \
    it changes, and with no file at all the server runs with exactly this. Times are texts with a unit (ms s m h d), \
    sizes too (B KB MB GB, steps of 1024); \"0\" turns a timer or limit off. `switchboard check --config FILE` says \
    what a file comes to and where it is wrong.";

/// The whole config, secrets masked.
pub(super) fn effective(config: &Config) -> String {
    render(config, false)
}

/// The defaults, every key explained.
pub(super) fn reference() -> String {
    let mut out = String::new();
    comment(&mut out, INTRODUCTION);
    out.push('\n');
    out.push_str(&render(&Config::default(), true));
    out
}

fn render(config: &Config, explain: bool) -> String {
    let mut config = config.clone();
    let mut out = String::new();
    for section in SECTIONS {
        if !out.is_empty() {
            out.push('\n');
        }
        if explain {
            comment(&mut out, section.doc);
        }
        match &section.shape {
            Shape::Once(rows) => block(&mut out, section, rows, &mut config, explain),
            Shape::Listeners(rows) => blocks(&mut out, section, rows, &mut config.listen, explain),
            Shape::Departments(rows) => {
                blocks(&mut out, section, rows, &mut config.desk.departments, explain);
            }
            Shape::Gateways(rows) if explain => sample::<Gateway>(&mut out, section, rows),
            Shape::Gateways(rows) => blocks(&mut out, section, rows, &mut config.gateways, false),
            Shape::Operators(rows) if explain => sample::<Operator>(&mut out, section, rows),
            Shape::Operators(rows) => blocks(&mut out, section, rows, &mut config.operators, false),
            Shape::Templates => {
                out.push_str(&section.heading());
                out.push('\n');
                for (name, text) in &config.desk.templates {
                    line(&mut out, &key(name), &toml_text(text));
                }
            }
        }
    }
    out
}

/// A section of which there is none by default: what one block would hold, as a comment.
fn sample<T: Default>(out: &mut String, section: &Section, rows: &[Row<T>]) {
    let mut block_of_one = String::new();
    block(&mut block_of_one, section, rows, &mut T::default(), true);
    for line in block_of_one.lines() {
        let mark = if line.starts_with('#') { "" } else { "#" };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{mark}{line}");
    }
}

/// Several blocks of one section; only the first is explained.
fn blocks<T>(out: &mut String, section: &Section, rows: &[Row<T>], each: &mut [T], explain: bool) {
    for (index, value) in each.iter_mut().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        block(out, section, rows, value, explain && index == 0);
    }
}

fn block<T>(out: &mut String, section: &Section, rows: &[Row<T>], value: &mut T, explain: bool) {
    out.push_str(&section.heading());
    out.push('\n');
    for row in rows {
        if explain {
            comment(out, &format!("{}{}", row.doc, row.kind.hint()));
        }
        line(out, row.key, &row.kind.show(&(row.field)(value).show()));
    }
}

fn line(out: &mut String, key: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{key} = {value}");
}

/// A key of the operator's own: quoted unless TOML takes it bare.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.chars().all(bare) { name.into() } else { toml_text(name) }
}

/// `text` as comment lines, broken between words.
fn comment(out: &mut String, text: &str) {
    let mut width = 0;
    for word in text.split_whitespace() {
        let letters = word.chars().count();
        if width == 0 || width + 1 + letters > WIDTH {
            out.push_str(if width == 0 { "# " } else { "\n# " });
            width = 2 + letters;
        } else {
            out.push(' ');
            width += 1 + letters;
        }
        out.push_str(word);
    }
    out.push('\n');
}

impl std::fmt::Display for Listen {
    /// What is spoken where, as the log names a listener: `irc 127.0.0.1:6697 (TLS)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tls = if self.tls { " (TLS)" } else { "" };
        write!(f, "{} {}{tls}", self.kind.name(), self.address)
    }
}

/// What is read when the server starts, and not again: whole sections, or keys.
const AT_START: &[&str] = &[
    "listen",
    "access",
    "log",
    "health",
    "server.data_dir",
    "server.durability",
    "server.commit_interval",
    "server.guests",
    "server.name",
    "limits.logins_per_minute",
];

/// The keys whose values differ, in the order of the reference; secrets by their section.
pub(super) fn changes(old: &Config, new: &Config) -> Vec<String> {
    let (before, after) = (values(old), values(new));
    let mut changed = Vec::new();
    for (key, value) in before.iter().chain(&after) {
        let same = |all: &[(String, String)]| all.iter().any(|(k, v)| k == key && v == value);
        if !(changed.contains(key) || same(&before) && same(&after)) {
            changed.push(key.clone());
        }
    }
    if old.operators != new.operators && !changed.iter().any(|key| key.starts_with("operator")) {
        changed.push("operator.password".to_owned());
    }
    let late =
        |key: &str| AT_START.iter().any(|it| key == *it || key.starts_with(&format!("{it}.")));
    let told = |key: String| if late(&key) { format!("{key} (at the next start)") } else { key };
    changed.into_iter().map(told).collect()
}

/// Every key with its value as it is shown: `desk.offer` and `"30s"`; those of lists in one.
fn values(config: &Config) -> Vec<(String, String)> {
    let (mut section, mut values) = (String::new(), Vec::<(String, String)>::new());
    for line in effective(config).lines() {
        match line.split_once(" = ") {
            Some((key, value)) => {
                let key = format!("{section}.{key}");
                match values.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, all)) => {
                        all.push(' ');
                        all.push_str(value);
                    }
                    None => values.push((key, value.to_owned())),
                }
            }
            None if line.starts_with('[') => section = line.trim_matches(['[', ']']).to_owned(),
            None => {}
        }
    }
    values
}
