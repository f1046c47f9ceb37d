//! `switchboard run`: the log, the first minute, then the server until it is stopped.

use super::{Failure, answer, first_run};
use crate::config::Config;
use crate::telemetry;

pub(super) fn run(config: Config, program: &str) -> Result<(), Failure> {
    telemetry::init(&config.log)
        .map_err(|cause| Failure::new(cause, "report this: it is a mistake of ours"))?;
    let password = first_run::prepare(&config)?;
    answer(&first_run::welcome(&config, &config.listen, password.as_deref(), program));
    Err(Failure::new("the server part is not in this branch yet", "merge it"))
}
