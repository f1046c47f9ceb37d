//! Erasing the words of what is past its time, a little at a time. It knows shelves, events and moments;
//! customers' conversations are on no shelf, so it never meets them.

use super::super::{Expired, about};
use super::archive::Trouble;
use super::lines::first_since;
use crate::base::ids::Seq;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

/// Takes up to `limit` events off their shelves and erases their words. True: more may be left.
pub(super) fn prune(
    connection: &mut Connection,
    expired: &Expired,
    limit: usize,
) -> Result<bool, Trouble> {
    // So that little of the words stays in what the file holds free; of a backup it is no part.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    let pruned = erase(connection, expired, limit);
    connection.pragma_update_and_check(None, "secure_delete", false, |_| Ok(()))?;
    pruned
}

fn erase(connection: &mut Connection, expired: &Expired, limit: usize) -> Result<bool, Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (rooms, private) =
        (first_since(&transaction, expired.rooms)?, first_since(&transaction, expired.private)?);
    let mut left = limit;
    for (shelf, name) in begun_before(&transaction, rooms.max(private))? {
        let until = if about::is_private(&name) { private } else { rooms };
        for seq in oldest(&transaction, shelf, until, left)? {
            transaction
                .prepare_cached("UPDATE event SET words = NULL WHERE seq = ?1")?
                .execute(params![seq])?;
            transaction
                .prepare_cached("DELETE FROM shelf_event WHERE shelf = ?1 AND seq = ?2")?
                .execute(params![shelf, seq])?;
            left -= 1;
        }
        clear(&transaction, shelf, &name)?;
        if left == 0 {
            break;
        }
    }
    transaction.commit()?;
    Ok(left == 0)
}

/// The shelves on which something stands that is older.
fn begun_before(transaction: &Transaction<'_>, until: Seq) -> rusqlite::Result<Vec<(i64, String)>> {
    transaction
        .prepare_cached(
            "SELECT id, name FROM shelf
             WHERE (SELECT min(seq) FROM shelf_event WHERE shelf = id) < ?1 ORDER BY id",
        )?
        .query_map(params![until.0.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

fn oldest(
    transaction: &Transaction<'_>,
    shelf: i64,
    until: Seq,
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    transaction
        .prepare_cached(
            "SELECT seq FROM shelf_event WHERE shelf = ?1 AND seq < ?2 ORDER BY seq LIMIT ?3",
        )?
        .query_map(params![shelf, until.0.cast_signed(), limit], |row| row.get(0))?
        .collect()
}

/// Removes a shelf on which nothing stands.
fn clear(transaction: &Transaction<'_>, shelf: i64, name: &str) -> rusqlite::Result<()> {
    let removed = transaction
        .prepare_cached(
            "DELETE FROM shelf WHERE id = ?1
             AND NOT EXISTS (SELECT 1 FROM shelf_event WHERE shelf = ?1)",
        )?
        .execute(params![shelf])?;
    if let Some((one, other)) = about::parties(name).filter(|_| removed > 0) {
        transaction
            .prepare_cached("DELETE FROM shelf_party WHERE shelf = ?1 AND party IN (?2, ?3)")?
            .execute(params![shelf, one, other])?;
    }
    Ok(())
}
