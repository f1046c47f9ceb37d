//! `switchboard verify`: every stored event is read, in order, as a start of the server would.

use super::{Failure, answer};
use crate::config::Config;
use crate::desk::Desk;
use crate::store::sqlite::SqliteJournal;
use crate::store::{Fault, Journal};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The database; that of the config if left out
    file: Option<PathBuf>,
}

pub(super) fn run(config: &Config, args: &Args) -> Result<(), Failure> {
    let path = args.file.clone().unwrap_or_else(|| config.database());
    if !path.exists() {
        return Err(Failure::new(
            format!("there is no {}", path.display()),
            "name the file, or with --config the config of the server that keeps it",
        ));
    }
    let closed = |fault: Fault| {
        Failure::new(
            format!("{} cannot be verified now: {fault}", path.display()),
            "nothing is said about its events; stop a server that uses it, then verify again",
        )
    };
    let bad = |fault: Fault| {
        Failure::new(
            format!("{} does not verify: {fault}", path.display()),
            "keep a copy of it, and restore it from a backup",
        )
    };
    let mut journal = SqliteJournal::open(&path).map_err(closed)?;
    let mut desk = Desk::new(config.desk_settings(), 0);
    let mut count: u64 = 0;
    journal
        .replay(&mut |event| {
            desk.replay(&event);
            count += 1;
        })
        .map_err(bad)?;
    answer(&format!("{}: {count} events, all readable and in order.\n", path.display()));
    Ok(())
}
