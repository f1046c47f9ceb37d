//! `switchboard search`: lines of conversations that hold all the words, read beside a running server.

use super::transcript::{open, unreadable};
use super::{Failure, answer};
use crate::base::limits::ROWS;
use crate::base::time::utc;
use crate::config::Config;
use crate::store::{Archive, Found};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The words; a line must hold all of them, in any order
    #[arg(required = true)]
    words: Vec<String>,
}

pub(super) fn run(config: &Config, args: &Args) -> Result<(), Failure> {
    let words = args.words.join(" ");
    let found = open(config)?.search(&words, ROWS).map_err(unreadable)?;
    if found.is_empty() {
        return Err(Failure::new(
            format!("no line holds all of {words:?}"),
            "try fewer words, or only the beginning of one",
        ));
    }
    answer(&found.iter().map(row).collect::<String>());
    Ok(())
}

/// One find: when, which conversation, where, what. Controls become spaces, as it may go to a terminal.
fn row(found: &Found) -> String {
    let line = found.line.replace(char::is_control, " ");
    format!("{} {} {} {line}\n", utc(found.at), found.conversation, found.channel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::ConversationId;
    use crate::base::time::Timestamp;

    #[test]
    fn a_find_is_one_line_that_cannot_move_the_cursor() {
        let found = Found {
            conversation: ConversationId(7),
            channel: "#c-anna-7k2f".into(),
            at: Timestamp(0),
            line: "red\u{1b}[31m alert\u{7}".into(),
        };
        assert_eq!(row(&found), "1970-01-01T00:00:00.000Z 7 #c-anna-7k2f red [31m alert \n");
    }
}
