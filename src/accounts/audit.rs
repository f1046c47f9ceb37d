//! What was done to the accounts, whoever did it, and what else was done outside the desk. The rows are
//! written with each change by the database itself (see `file`); here they are read.

use super::store::{AccountStore, fault};
use crate::base::time::Timestamp;
use crate::store::Fault;
use crate::store::audit::Act;
use rusqlite::params;

impl AccountStore {
    /// What was done from one moment up to another, in order.
    pub fn acts(&self, from: Timestamp, until: Timestamp) -> Result<Vec<Act>, Fault> {
        let read = || -> rusqlite::Result<Vec<Act>> {
            let mut query = self.database.prepare_cached(
                "SELECT at_ms, who, act, about, words FROM audit
                 WHERE at_ms >= ? AND at_ms < ? ORDER BY id",
            )?;
            let rows = query.query_map(params![ms(from), ms(until)], |row| {
                let at: i64 = row.get(0)?;
                Ok(Act {
                    at: Timestamp(u64::try_from(at).unwrap_or_default()),
                    who: row.get(1)?,
                    act: row.get(2)?,
                    about: row.get(3)?,
                    words: row.get(4)?,
                })
            })?;
            rows.collect()
        };
        read().map_err(|e| fault("read the audit of the accounts", e))
    }

    /// Writes down an act that leaves no other trace.
    pub fn note(&self, act: &Act) -> Result<(), Fault> {
        let sql = "INSERT INTO audit (at_ms, who, act, about, words) VALUES (?, ?, ?, ?, ?)";
        let row = params![ms(act.at), act.who, act.act, act.about, act.words];
        self.database.execute(sql, row).map(drop).map_err(|e| fault("write the audit", e))
    }
}

fn ms(at: Timestamp) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}
