//! The command line: what can be asked for, and how an outcome is told. Each command is a file.
//!
//! Answers go to standard output; failures to standard error as `switchboard: what happened; what to do
//! next`. Exit codes: 0 done, 1 failed, 2 the command line itself is wrong.

mod account;
mod audit;
mod check;
mod first_run;
mod guide;
mod healthcheck;
mod report;
mod run;
mod search;
mod transcript;
mod verify;

use crate::config::Config;
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::fmt;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// A self-hosted chat server in the spirit of IRC, for customer support.
///
/// With no command it runs the server; with no --config it runs with the defaults, reached from this
/// machine only.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version)]
struct Cli {
    /// The config file; without it the built-in defaults
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (what happens with no command, too)
    Run,
    /// Print the effective config, secrets masked; exit 1 with file and line if it is wrong
    Check(check::Args),
    /// Staff accounts; works beside a running server
    #[command(subcommand)]
    Account(account::Command),
    /// Print what was said in a conversation, or in all of a channel
    Transcript(transcript::Args),
    /// Find lines of conversations that hold all these words, newest first
    Search(search::Args),
    /// Print the figures of a period
    Report(report::Args),
    /// Print what staff, operators and the command line did
    Audit(audit::Args),
    /// Read every stored event as a start would; the server must be stopped
    Verify(verify::Args),
    /// Print what to enter in a client (irssi, weechat, …), or the reference
    Guide(guide::Args),
    /// Ask the running server whether it answers; exit 0 if it does
    Healthcheck,
}

/// Why a command failed: what happened and what to do next, as one text.
#[derive(Debug, PartialEq, Eq)]
struct Failure(String);

impl Failure {
    fn new(what: impl fmt::Display, next: impl fmt::Display) -> Self {
        Self(format!("{what}; {next}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "switchboard: {}", self.0)
    }
}

/// Does what the command line asks, given with the program's name in front.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    let program = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are "errors" that go to standard output with code 0.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match obey(cli, &program) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "{failure}");
            ExitCode::FAILURE
        }
    }
}

fn obey(cli: Cli, program: &str) -> Result<(), Failure> {
    let config = match &cli.config {
        Some(path) => Config::load(path)
            .map_err(|error| Failure::new(error, "correct it and try `switchboard check` again"))?,
        None => Config::default(),
    };
    match cli.command.unwrap_or(Command::Run) {
        Command::Run => run::run(config, program),
        Command::Check(args) => check::run(&config, &args),
        Command::Account(command) => account::run(&config, command),
        Command::Transcript(args) => transcript::run(&config, &args),
        Command::Search(args) => search::run(&config, &args),
        Command::Report(args) => report::run(&config, &args),
        Command::Audit(args) => audit::run(&config, &args),
        Command::Verify(args) => verify::run(&config, &args),
        Command::Guide(args) => guide::run(&config, &args),
        Command::Healthcheck => healthcheck::run(&config),
    }
}

/// Writes an answer to standard output. A reader who has gone away is not a failure.
fn answer(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn config_is_taken_before_and_after_the_command() {
        for line in ["switchboard --config a.toml check", "switchboard check --config a.toml"] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.config, Some(PathBuf::from("a.toml")));
        }
        assert!(Cli::try_parse_from(["switchboard"]).unwrap().command.is_none());
    }

    #[test]
    fn what_is_not_a_command_is_refused() {
        for line in [
            "switchboard walk",
            "switchboard account",
            "switchboard account add",
            "switchboard account add bob --role customer",
            "switchboard account add 7up",
            "switchboard transcript",
            "switchboard transcript 7 --format pdf",
            "switchboard transcript 7 --audience everyone",
            "switchboard search",
            "switchboard report --from yesterday",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }

    #[test]
    fn failures_say_what_happened_and_what_to_do_next() {
        let failure = Failure::new("there is no account \"bob\"", "see `switchboard account list`");
        assert_eq!(
            failure.to_string(),
            "switchboard: there is no account \"bob\"; see `switchboard account list`"
        );
    }
}
