//! The reference: every row of the tables of commands, capabilities and desk commands, with an example
//! exchange. The examples come from outside, where a server is played; here they find their place.

use crate::desk::language::command::{MayUse, may_use};
use crate::face::irc::desk_commands;
use crate::face::irc::tables::{self, Entry};
use std::collections::BTreeMap;

/// The whole text in Markdown, from the example of each entry by its name.
///
/// # Errors
/// The names of the entries without an example, and of the examples without an entry.
pub fn text(examples: &BTreeMap<String, String>) -> Result<String, Vec<String>> {
    let mut chapter =
        Chapters { examples, used: Vec::new(), missing: Vec::new(), text: TOP.into() };
    chapter.begin("Commands of IRC", COMMANDS);
    for Entry { name, usage, about } in tables::commands() {
        chapter.entry(name, &line(name, usage), about, "");
    }
    chapter.begin("Capabilities", CAPABILITIES);
    for Entry { name, usage, about } in tables::capabilities() {
        let written = if usage.is_empty() { String::new() } else { format!("`{name}={usage}`") };
        chapter.entry(name, &written, about, "");
    }
    chapter.begin("Desk commands", DESK);
    for row in desk_commands::DESK_COMMANDS {
        let who = match may_use(row.name) {
            MayUse::From(role) => format!(" From the role {role} up."),
            MayUse::Customers => " For customers.".into(),
            MayUse::Everyone => String::new(),
        };
        chapter.entry(&format!("!{}", row.name), &line(row.name, row.parameters), row.help, &who);
    }
    let unknown = examples.keys().filter(|name| !chapter.used.contains(name));
    let wrong: Vec<String> = chapter.missing.iter().chain(unknown).cloned().collect();
    if wrong.is_empty() { Ok(chapter.text) } else { Err(wrong) }
}

const TOP: &str = "# Every command and capability

Made from the tables in the code; the exchanges are played by the server itself whenever this page is
made, with `>` before what somebody sends and `<` before what they are sent. bob and carol are agents,
sue is a supervisor, root an admin, anna a customer, mia somebody on a server with `guests = \"member\"`.
";

const COMMANDS: &str =
    "What every IRC client knows, and where a customer's channel gives it a meaning of its own.";
const CAPABILITIES: &str = "Asked for with `CAP REQ`; most clients do so by themselves.";
const DESK: &str = "Each in three ways that are one: `/quote CLAIM …`, `/msg desk claim …`, and in a customer's channel `!claim …`.";

struct Chapters<'a> {
    examples: &'a BTreeMap<String, String>,
    used: Vec<&'a String>,
    missing: Vec<String>,
    text: String,
}

impl Chapters<'_> {
    fn begin(&mut self, title: &str, about: &str) {
        self.text.push_str(&format!("\n## {title}\n\n{about}\n"));
    }

    fn entry(&mut self, name: &str, usage: &str, about: &str, who: &str) {
        let Some((key, example)) = self.examples.get_key_value(name) else {
            self.missing.push(name.to_owned());
            return;
        };
        self.used.push(key);
        let title = name.trim_start_matches('!');
        let colon = if usage.is_empty() { "" } else { ": " };
        self.text.push_str(&format!("\n### {title}\n\n{usage}{colon}{about}.{who}\n\n"));
        self.text.push_str(&format!("```\n{example}```\n"));
    }
}

fn line(name: &str, parameters: &str) -> String {
    let space = if parameters.is_empty() { "" } else { " " };
    format!("`{name}{space}{parameters}`")
}
