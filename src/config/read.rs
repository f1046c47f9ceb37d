//! TOML into a `Config`. Every complaint names the line and what would be right there.

use super::schema::{Row, SECTIONS, Section, Shape};
use super::{Config, ConfigError, Gateway, Listen, Operator, check};
use crate::desk::settings::{DepartmentSettings, Settings};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Reads `text`, which errors call `name`. The first complaint by line is the error.
pub(super) fn read(text: &str, name: &str) -> Result<Config, ConfigError> {
    let fail = |line, message| ConfigError { file: name.into(), line, message };
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| line_of(text, span.start));
        fail(at, format!("is not TOML here: {}", error.message()))
    })?;
    let mut reader =
        Reader { text, config: Config::default(), lines: Lines::default(), faults: Vec::new() };
    reader.document(document.get_ref());
    let Reader { config, lines, mut faults, .. } = reader;
    if faults.is_empty() {
        faults.extend(
            check::faults(&config).into_iter().map(|fault| (lines.of(&fault), fault.message)),
        );
    }
    match faults.into_iter().min() {
        Some((line, message)) => Err(fail(line, message)),
        None => Ok(config),
    }
}

/// On which line each key stands, by its path: `desk.offer`, `listen[0].address`.
#[derive(Default)]
struct Lines(BTreeMap<String, usize>);

impl Lines {
    /// The last line that has to do with the fault; zero when the file holds none of them.
    fn of(&self, fault: &check::Fault) -> usize {
        fault.keys.iter().filter_map(|key| self.0.get(key)).copied().max().unwrap_or(0)
    }
}

struct Reader<'t> {
    text: &'t str,
    config: Config,
    lines: Lines,
    faults: Vec<(usize, String)>,
}

type Entries<'a, 'i> = &'a DeTable<'i>;

impl Reader<'_> {
    fn document(&mut self, document: Entries<'_, '_>) {
        for (key, value) in document {
            let (name, span) = (key.get_ref().as_ref(), key.span());
            let Some(section) = SECTIONS.iter().find(|section| section.name == name) else {
                self.fault(span, unknown_section(name, value.get_ref()));
                continue;
            };
            match (&section.shape, value.get_ref()) {
                (Shape::Once(rows), DeValue::Table(table)) => self.once(section, rows, table),
                (Shape::Listeners(rows), DeValue::Array(array)) => {
                    let blank = Listen::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
                    self.config.listen = self.many(section, rows, array, &blank, "address");
                }
                (Shape::Departments(rows), DeValue::Array(array)) => {
                    // The default department, under a name that the file must give.
                    let Some(blank) = Settings::default().departments.pop() else { continue };
                    let blank = DepartmentSettings { agents: Vec::new(), ..blank };
                    self.config.desk.departments = self.many(section, rows, array, &blank, "name");
                }
                (Shape::Gateways(rows), DeValue::Array(array)) => {
                    let blank = Gateway::default();
                    self.config.gateways = self.many(section, rows, array, &blank, "addresses");
                }
                (Shape::Operators(rows), DeValue::Array(array)) => {
                    let blank = Operator::default();
                    self.config.operators = self.many(section, rows, array, &blank, "name");
                }
                _ => self.fault(span, format!("[{name}] must be written as {}", section.heading())),
            }
        }
    }

    fn once(&mut self, section: &Section, rows: &[Row<Config>], table: Entries<'_, '_>) {
        let mut config = self.config.clone();
        self.rows(section, section.name, rows, table, &mut config);
        self.config = config;
        for (key, value) in table {
            let inner = format!("{}.{}", section.name, key.get_ref());
            let shape = SECTIONS.iter().find(|s| s.name == inner).map(|s| &s.shape);
            if let (Some(Shape::Templates), DeValue::Table(templates)) = (shape, value.get_ref()) {
                self.templates(templates);
            }
        }
    }

    fn templates(&mut self, table: Entries<'_, '_>) {
        for (name, value) in table {
            let text = value.get_ref().as_str().filter(|text| !text.trim().is_empty());
            match text {
                Some(_)
                    if name.get_ref().contains(char::is_whitespace)
                        || name.get_ref().is_empty() =>
                {
                    self.fault(name.span(), "a template's name is one word".into());
                }
                Some(text) => {
                    self.config.desk.templates.insert(name.get_ref().to_string(), text.into());
                }
                None => self.fault(
                    value.span(),
                    format!("template {:?} must be a text in quotes", name.get_ref()),
                ),
            }
        }
    }

    /// Reads each block of `[[section]]`; `required` must be in every one.
    fn many<T: Clone>(
        &mut self,
        section: &Section,
        rows: &[Row<T>],
        array: &toml::de::DeArray<'_>,
        blank: &T,
        required: &str,
    ) -> Vec<T> {
        let mut all = Vec::new();
        for (index, entry) in array.iter().enumerate() {
            let DeValue::Table(table) = entry.get_ref() else {
                self.fault(entry.span(), format!("must be written as {}", section.heading()));
                continue;
            };
            let mut value = blank.clone();
            let path = format!("{}[{index}]", section.name);
            self.rows(section, &path, rows, table, &mut value);
            if !table.keys().any(|key| key.get_ref() == required) {
                self.fault(
                    entry.span(),
                    format!("this {} has no \"{required}\"", section.heading()),
                );
            }
            all.push(value);
        }
        all
    }

    fn rows<T>(
        &mut self,
        section: &Section,
        path: &str,
        rows: &[Row<T>],
        table: Entries<'_, '_>,
        into: &mut T,
    ) {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let Some(row) = rows.iter().find(|row| row.key == name) else {
                let inner = format!("{}.{name}", section.name);
                if !SECTIONS.iter().any(|s| s.name == inner) {
                    self.fault(key.span(), unknown_key(name, section));
                } else if !value.get_ref().is_table() {
                    self.fault(key.span(), format!("\"{name}\" must be written as [{inner}]"));
                }
                continue;
            };
            self.lines.0.insert(format!("{path}.{name}"), line_of(self.text, key.span().start));
            let taken = row.kind.read(value.get_ref()).and_then(|it| (row.field)(into).take(it));
            if let Err(why) = taken {
                self.fault(value.span(), format!("\"{name}\" in {} {why}", section.heading()));
            }
        }
    }

    fn fault(&mut self, at: Range<usize>, message: String) {
        self.faults.push((line_of(self.text, at.start), message));
    }
}

fn unknown_section(name: &str, value: &DeValue<'_>) -> String {
    if !(value.is_table() || value.is_array()) {
        let homes: Vec<_> = SECTIONS.iter().filter(|s| s.keys().contains(&name)).collect();
        return match homes.first() {
            Some(home) => {
                format!("\"{name}\" stands outside any section; put it under {}", home.heading())
            }
            None => format!("unknown key \"{name}\" outside any section; begin one, as [server]"),
        };
    }
    let names: Vec<_> = SECTIONS.iter().map(|section| section.name).collect();
    match nearest(name, &names).and_then(|near| SECTIONS.iter().find(|s| s.name == near)) {
        Some(section) => format!("unknown section [{name}]; did you mean {}?", section.heading()),
        None => {
            let all: Vec<_> = SECTIONS.iter().map(Section::heading).collect();
            format!("unknown section [{name}]; there are {}", all.join(" "))
        }
    }
}

fn unknown_key(name: &str, section: &Section) -> String {
    let here = section.heading();
    let keys = section.keys();
    if let Some(home) = SECTIONS.iter().find(|other| other.keys().contains(&name)) {
        return format!("unknown key \"{name}\" in {here}; it belongs to {}", home.heading());
    }
    match nearest(name, &keys) {
        Some(near) => format!("unknown key \"{name}\" in {here}; did you mean \"{near}\"?"),
        None => format!("unknown key \"{name}\" in {here}; there are {}", keys.join(", ")),
    }
}

/// The candidate fewest edits away, if it is near enough to have been meant.
fn nearest<'c>(name: &str, candidates: &[&'c str]) -> Option<&'c str> {
    let by_distance = candidates.iter().map(|candidate| (distance(name, candidate), *candidate));
    by_distance.min().filter(|(edits, near)| *edits <= 1 + near.len() / 3).map(|(_, near)| near)
}

/// Edits (insert, delete, replace) from `a` to `b`: Levenshtein's distance, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The line, from 1, on which byte `at` of `text` stands.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|b| *b == b'\n').count()
}
