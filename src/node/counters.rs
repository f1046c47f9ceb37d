//! What happened, counted: read by the health page and the log. Plain numbers, no names of people.

/// Counts since the start. `connections_now` and `unstored` are levels, all else only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections that were opened.
    pub connections: u64,
    /// Connections that are open.
    pub connections_now: u64,
    /// Connections refused by the per-address limits, before anything was built.
    pub connections_refused: u64,
    /// Lines read.
    pub lines: u64,
    /// Lines that were too long.
    pub lines_overlong: u64,
    /// Times a connection had to wait for its own input rate.
    pub throttled: u64,
    /// Times reading stopped because too much waited to leave.
    pub choked: u64,
    /// Connections cut because too much waited to leave.
    pub cut_queue: u64,
    /// Connections cut because they did not answer.
    pub cut_ping: u64,
    /// Connections cut because they did not register in time.
    pub cut_registration: u64,
    /// Connections cut for any other reason of the server's.
    pub cut_other: u64,
    /// Events stored.
    pub events: u64,
    /// Batches stored.
    pub commits: u64,
    /// Batches that could not be stored.
    pub commits_failed: u64,
    /// Events decided and not stored yet.
    pub unstored: u64,
    /// Writes to sockets.
    pub writes: u64,
    /// Bytes written to sockets.
    pub bytes_out: u64,
    /// Bytes read from sockets.
    pub bytes_in: u64,
}

impl Counters {
    /// Name and value of each, in the order of the fields.
    pub fn rows(&self) -> [(&'static str, u64); 18] {
        [
            ("connections", self.connections),
            ("connections_now", self.connections_now),
            ("connections_refused", self.connections_refused),
            ("lines", self.lines),
            ("lines_overlong", self.lines_overlong),
            ("throttled", self.throttled),
            ("choked", self.choked),
            ("cut_queue", self.cut_queue),
            ("cut_ping", self.cut_ping),
            ("cut_registration", self.cut_registration),
            ("cut_other", self.cut_other),
            ("events", self.events),
            ("commits", self.commits),
            ("commits_failed", self.commits_failed),
            ("unstored", self.unstored),
            ("writes", self.writes),
            ("bytes_out", self.bytes_out),
            ("bytes_in", self.bytes_in),
        ]
    }
}
