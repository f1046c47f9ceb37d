//! `switchboard run`: the log, the first minute, then the server until it is stopped.

use super::{Failure, answer, first_run};
use crate::config::Config;
use crate::{serve, telemetry};
use std::cell::Cell;

pub(super) fn run(config: Config, program: &str) -> Result<(), Failure> {
    telemetry::init(&config.log)
        .map_err(|cause| Failure::new(cause, "report this: it is a mistake of ours"))?;
    let password = first_run::prepare(&config)?;
    let told = Cell::new(false);
    let shown = config.clone();
    let outcome = serve::run(config, |listeners| {
        answer(&first_run::welcome(&shown, listeners, password.as_deref(), program));
        told.set(true);
    });
    if let (Some(password), false) = (&password, told.get()) {
        // The account stands although the server did not start: this is the only chance to tell.
        answer(&first_run::only_password(password));
    }
    outcome.map_err(|error| Failure::new(error.what, error.next))
}
