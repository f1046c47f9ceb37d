//! The only reader of the clock below `net`: milliseconds since the epoch, never going back.

use crate::base::time::Timestamp;
use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

/// The wall clock, held still while the system's steps back, so that events are in order.
#[derive(Debug, Default)]
pub struct Clock {
    last: Cell<u64>,
}

impl Clock {
    /// The moment now.
    pub fn now(&self) -> Timestamp {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ms = u64::try_from(wall.as_millis()).unwrap_or(u64::MAX).max(self.last.get());
        self.last.set(ms);
        Timestamp(ms)
    }
}
