//! `switchboard run`: the log, the first minute, then the server until it is stopped.

use super::{Failure, answer, first_run};
use crate::config::{Config, Listen};
use crate::{serve, telemetry};

pub(super) fn run(config: Config, program: &str) -> Result<(), Failure> {
    telemetry::init(&config.log)
        .map_err(|cause| Failure::new(cause, "report this: it is a mistake of ours"))?;
    let password = first_run::prepare(&config)?;
    let effective = config.clone();
    let started = |listeners: &[Listen]| {
        answer(&first_run::welcome(&effective, listeners, password.as_deref(), program));
    };
    serve::run(config, started).map_err(|error| Failure::new(error.what, error.next))
}
