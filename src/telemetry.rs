//! The log: where it goes and how it looks. It knows nothing of what is logged.
//!
//! It goes to standard error, one event a line. What is never in it, at any level: passwords, resume
//! tokens, SASL exchanges, and the words of conversations. Types that hold such things hide them in their
//! `Debug`; whoever logs a line of a person logs its length.

use crate::config::{Log, LogFormat, LogLevel};
use std::io::{self, IsTerminal};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts the log of this process. Errors if it has one already.
pub fn init(log: &Log) -> Result<(), String> {
    let terminal = io::stderr().is_terminal();
    // A log that cannot be written (its disk is full) is told to nobody: the only place left would be
    // standard error itself, and failing to write there is a panic.
    let lines = tracing_subscriber::fmt::layer()
        .log_internal_errors(false)
        .with_writer(io::stderr)
        .with_ansi(terminal);
    let registry = tracing_subscriber::registry().with(targets(log.level));
    let started = if json(log.format, terminal) {
        registry.with(lines.json().flatten_event(true).with_current_span(false)).try_init()
    } else {
        registry.with(lines.with_target(false)).try_init()
    };
    started.map_err(|cause| format!("the log cannot be started: {cause}"))
}

/// What is logged. The TLS library warns of what any peer may send, such as an address in place of a name,
/// at every connection: that is for those who look for such things.
fn targets(level: LogLevel) -> Targets {
    let level = filter(level);
    let tls = if level > LevelFilter::INFO { level } else { LevelFilter::ERROR };
    Targets::new().with_default(level).with_target("rustls", tls)
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

fn json(format: LogFormat, terminal: bool) -> bool {
    match format {
        LogFormat::Auto => !terminal,
        LogFormat::Human => false,
        LogFormat::Json => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_any_peer_may_send_is_no_warning_of_ours() {
        use tracing::Level;
        let usual = targets(LogLevel::Info);
        assert!(usual.would_enable("switchboard::net", &Level::INFO));
        assert!(!usual.would_enable("rustls::msgs::handshake", &Level::WARN));
        assert!(targets(LogLevel::Debug).would_enable("rustls::msgs", &Level::DEBUG));
        assert!(!targets(LogLevel::Error).would_enable("switchboard::net", &Level::WARN));
    }

    #[test]
    fn a_terminal_gets_lines_for_people_and_a_collector_json() {
        assert!(!json(LogFormat::Auto, true));
        assert!(json(LogFormat::Auto, false));
        assert!(json(LogFormat::Json, true));
        assert!(!json(LogFormat::Human, false));
    }
}
