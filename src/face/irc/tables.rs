//! The tables of this face as data, for the reference.

use super::{cap, table};

/// One command or capability.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Its parameters, or the form of its value.
    pub usage: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
}

/// Every command of IRC, by name.
pub fn commands() -> impl Iterator<Item = Entry> {
    table::COMMANDS.iter().map(|row| {
        let (usage, about) = row.help.split_once("- ").unwrap_or(("", row.help));
        Entry { name: row.name, usage: usage.trim_end(), about }
    })
}

/// Every capability, in the order of CAP LS.
pub fn capabilities() -> impl Iterator<Item = Entry> {
    cap::CAPS.iter().map(|row| Entry { name: row.name, usage: row.form, about: row.about })
}
