//! What the server costs under load: CPU per message, delay, memory per connection, messages a second.
//!
//! `cargo bench --bench load -- MODE [--connections N] [--rate N] [--seconds N] [--connect ADDR --pid PID]`
//! starts the built server in a directory that goes away (or takes one that runs) and talks to it over
//! loopback. It fails when one line that should have come did not. Figures: benches/RESULTS.md.

#[path = "load/client.rs"]
mod client;
#[path = "load/machine.rs"]
mod machine;
#[path = "load/modes.rs"]
mod modes;
#[path = "load/server.rs"]
mod server;

use std::net::SocketAddr;
use std::time::Duration;

/// What was asked for on the command line.
#[derive(Clone, Debug)]
struct Options {
    mode: String,
    connections: Option<usize>,
    /// Messages a second; none: as fast as answers come.
    rate: Option<u64>,
    span: Duration,
    /// A server that runs already: its plain address and process.
    running: Option<(SocketAddr, u32)>,
}

const USAGE: &str = "usage: cargo bench --bench load -- idle|desk|tls|churn|fanout|slow \
    [--connections N] [--rate N] [--seconds N] [--connect ADDR --pid PID]";

fn options() -> Option<Options> {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let mode = words.next()?;
    let span = Duration::from_secs(5);
    let mut options = Options { mode, connections: None, rate: None, span, running: None };
    let (mut address, mut pid) = (None, None);
    while let Some(word) = words.next() {
        let value = words.next()?;
        match word.as_str() {
            "--connections" => options.connections = Some(value.parse().ok()?),
            "--rate" => options.rate = Some(value.parse().ok()?),
            "--seconds" => options.span = Duration::from_secs(value.parse().ok()?),
            "--connect" => address = Some(value.parse().ok()?),
            "--pid" => pid = Some(value.parse().ok()?),
            _ => return None,
        }
    }
    options.running = address.zip(pid);
    Some(options)
}

fn main() {
    let Some(options) = options() else {
        // `cargo bench` and `cargo test --all-targets` run every bench without words.
        println!("{USAGE}");
        return;
    };
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, modes::run(&options));
}
