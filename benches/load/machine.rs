//! What processes use, as the kernel counts it.

use std::time::{Duration, Instant};

/// The kernel's tick of CPU accounting; fixed at 100 a second for user space on Linux.
const TICK: Duration = Duration::from_millis(10);

/// CPU time of a process so far, user and system.
pub(crate) fn cpu(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The second field may hold spaces; it ends at the last parenthesis.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_ascii_whitespace().collect();
    let ticks: u32 = fields[11..13].iter().map(|f| f.parse::<u32>().unwrap()).sum();
    TICK * ticks
}

/// Resident bytes of a process.
pub(crate) fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// CPU time that the whole machine has spent on anything.
fn busy() -> Duration {
    let stat = std::fs::read_to_string("/proc/stat").unwrap();
    let fields: Vec<u32> = stat
        .lines()
        .next()
        .unwrap()
        .split_ascii_whitespace()
        .skip(1)
        .map(|f| f.parse().unwrap())
        .collect();
    // user, nice, system; then idle and waiting for the disk; then interrupts; then stolen.
    TICK * (fields[0] + fields[1] + fields[2] + fields[5] + fields[6])
}

/// A span of time under observation.
pub(crate) struct Watch {
    pid: u32,
    begun: Instant,
    server: Duration,
    own: Duration,
    busy: Duration,
}

/// What was used in it.
pub(crate) struct Used {
    pub(crate) wall: Duration,
    pub(crate) server: Duration,
    /// Share of one core that the generator took.
    pub(crate) own: f64,
    /// Share of one core that neither of the two took: above 0.15, distrust the rest.
    pub(crate) others: f64,
}

impl Watch {
    pub(crate) fn start(pid: u32) -> Self {
        let own = cpu(std::process::id());
        Self { pid, begun: Instant::now(), server: cpu(pid), own, busy: busy() }
    }

    pub(crate) fn stop(&self) -> Used {
        let wall = self.begun.elapsed();
        let server = cpu(self.pid) - self.server;
        let own = cpu(std::process::id()) - self.own;
        let others = (busy() - self.busy).saturating_sub(server + own);
        let share = |part: Duration| part.as_secs_f64() / wall.as_secs_f64();
        Used { wall, server, own: share(own), others: share(others) }
    }
}

/// The value below which this share of the sorted values lies.
pub(crate) fn quantile(sorted: &[u32], share: f64) -> u32 {
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}
