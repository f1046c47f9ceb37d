//! How often each command of IRC was used, for STATS m. Shared by all sessions and by the configs that
//! follow one another; it knows no session.

use super::table::COMMANDS;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A count for each row of the table. A clone shares the counts.
#[derive(Clone, Debug)]
pub struct Tally(Arc<[AtomicU64]>);

impl Default for Tally {
    fn default() -> Self {
        Self(COMMANDS.iter().map(|_| AtomicU64::new(0)).collect())
    }
}

impl Tally {
    /// One more use of the command of that name.
    pub(super) fn count(&self, name: &str) {
        let place = COMMANDS.binary_search_by(|row| row.name.cmp(name)).ok();
        if let Some(count) = place.and_then(|place| self.0.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The commands that were used, and how often.
    pub(super) fn used(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let rows = COMMANDS.iter().zip(self.0.iter());
        let counts = rows.map(|(row, count)| (row.name, count.load(Ordering::Relaxed)));
        counts.filter(|(_, count)| *count > 0)
    }
}
