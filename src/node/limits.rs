//! What one connection may cost: queue sizes, input rate, times. Plain data and one bucket.

use crate::base::limits::{CLIENT_TAG_BYTES, LINE_BYTES, MULTILINE_LINES, SERVER_TAG_BYTES};
use crate::base::time::Timestamp;
use std::time::Duration;

/// How many times the customers' rate a member of staff may talk: ten conversations at once.
const STAFF_FACTOR: u32 = 4;

/// Limits of each connection. A zero span or number turns that limit off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Bytes waiting to leave above which nothing more is read from that connection.
    pub queue_soft: usize,
    /// Bytes waiting to leave above which it is cut.
    pub queue_hard: usize,
    /// Lines a second, in the long run.
    pub lines_per_second: u32,
    /// Lines at once before the rate counts.
    pub burst: u32,
    /// From connecting to being registered.
    pub registration: Duration,
    /// Silence after which the server asks.
    pub ping_interval: Duration,
    /// Silence after the question that ends it.
    pub ping_timeout: Duration,
}

/// Bytes waiting to leave above which, if nothing else is said, no more is read.
const QUEUE_SOFT: usize = 256 << 10;

// A message of as many lines as may be, each behind the longest source and in two, and its tags, does
// not choke whoever hears it.
const _: () =
    assert!(2 * MULTILINE_LINES * LINE_BYTES + CLIENT_TAG_BYTES + SERVER_TAG_BYTES < QUEUE_SOFT);

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue_soft: QUEUE_SOFT,
            queue_hard: 1 << 20,
            lines_per_second: 10,
            burst: 40,
            registration: Duration::from_secs(30),
            ping_interval: Duration::from_secs(120),
            ping_timeout: Duration::from_secs(60),
        }
    }
}

/// How much of its input rate a connection has used.
///
/// Kept as the moment at which all of it would be paid off (the generic cell rate algorithm,
/// ITU-T I.371), so that an idle connection needs no upkeep. In microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bucket {
    paid_at_us: u64,
}

impl Bucket {
    /// Takes one line's worth; else the moment at which there is one.
    pub(super) fn take(
        &mut self,
        now: Timestamp,
        limits: &Limits,
        staff: bool,
    ) -> Result<(), Timestamp> {
        let factor = if staff { STAFF_FACTOR } else { 1 };
        let rate = u64::from(limits.lines_per_second) * u64::from(factor);
        if rate == 0 {
            return Ok(());
        }
        let cost = 1_000_000 / rate;
        let burst = cost * u64::from(limits.burst.max(1)) * u64::from(factor);
        let now_us = now.0.saturating_mul(1000);
        let paid_at = self.paid_at_us.max(now_us);
        if paid_at + cost > now_us + burst {
            let until_us = paid_at + cost - burst;
            return Err(Timestamp(until_us.div_ceil(1000)));
        }
        self.paid_at_us = paid_at + cost;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let limits = Limits { lines_per_second: 10, burst: 5, ..Limits::default() };
        let mut bucket = Bucket::default();
        let start = Timestamp(1_000_000);
        for _ in 0..5 {
            assert_eq!(bucket.take(start, &limits, false), Ok(()));
        }
        assert_eq!(bucket.take(start, &limits, false), Err(start + Duration::from_millis(100)));
        let later = start + Duration::from_millis(100);
        assert_eq!(bucket.take(later, &limits, false), Ok(()));
        assert!(bucket.take(later, &limits, false).is_err());
        let mut staff = Bucket::default();
        let passed = (0..100).filter(|_| staff.take(start, &limits, true).is_ok()).count();
        assert_eq!(passed, 20, "staff have four times as much");
    }

    /// An agent who types to three customers and pastes twenty lines to each now and then, and a bot
    /// that answers ten a second for minutes, with the limits a server has if nobody says otherwise.
    #[test]
    fn agents_and_bots_at_work_are_never_slowed() {
        let limits = Limits { lines_per_second: 5, burst: 20, ..Limits::default() };
        let (mut agent, mut bot) = (Bucket::default(), Bucket::default());
        for second in 0..600 {
            let now = Timestamp(1_000_000 + second * 1000);
            let pasted = if second % 10 == 0 { 60 } else { 0 };
            for _ in 0..3 + pasted {
                assert_eq!(agent.take(now, &limits, true), Ok(()), "{second}");
            }
            for tenth in 0..10 {
                let now = now + Duration::from_millis(tenth * 100);
                assert_eq!(bot.take(now, &limits, true), Ok(()), "{second}");
            }
        }
    }

    #[test]
    fn zero_turns_it_off() {
        let limits = Limits { lines_per_second: 0, ..Limits::default() };
        let mut bucket = Bucket::default();
        assert!((0..1000).all(|_| bucket.take(Timestamp(0), &limits, false).is_ok()));
    }
}
