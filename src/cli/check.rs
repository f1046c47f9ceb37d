//! `switchboard check`: what a config comes to.

use super::{Failure, answer};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print the reference instead: every key with its default, explained
    #[arg(long)]
    reference: bool,
}

pub(super) fn run(config: &Config, args: &Args) -> Result<(), Failure> {
    if args.reference {
        answer(&Config::reference());
        return Ok(());
    }
    for (key, path) in [("certificate", &config.tls.certificate), ("key", &config.tls.key)] {
        if let Some(path) = path {
            std::fs::File::open(path).map_err(|cause| {
                Failure::new(
                    format!(
                        "\"{key}\" in [tls] names {}, which cannot be opened: {cause}",
                        path.display()
                    ),
                    "correct the path or its permissions",
                )
            })?;
        }
    }
    answer(&config.effective());
    Ok(())
}
