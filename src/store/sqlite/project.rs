//! The projection: what each event changes in `customer`, `customer_event` and `conversation`.
//!
//! Most events (every line said) change nothing here. All of it can be made again from `event`. It knows
//! the tables of `schema`, and no file.

use super::super::about::{self, Subject, subject};
use super::super::codec;
use crate::base::ids::Seq;
use crate::base::time::Timestamp;
use crate::desk::language::fact::Fact;
use crate::desk::language::people::Actor;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// The conversation a fact concerns, as the database writes numbers.
pub(super) fn conversation(fact: &Fact) -> Option<i64> {
    match subject(fact) {
        Subject::Conversation(id) => Some(id.0.cast_signed()),
        Subject::Customer(_) | Subject::Neither => None,
    }
}

/// A moment as the database compares it; one beyond its numbers stays the latest.
pub(super) fn moment(at: Timestamp) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}

/// Writes what this event changes. One whose words were erased is on no shelf.
pub(super) fn project(
    transaction: &Transaction<'_>,
    seq: Seq,
    (at, actor): (Timestamp, &Actor),
    fact: &Fact,
    has_words: bool,
) -> rusqlite::Result<()> {
    let at = moment(at);
    if has_words {
        for name in about::shelves(actor, fact) {
            shelve(transaction, &name, seq)?;
        }
    }
    if let Some(line) = about::redacted(fact) {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO redaction (seq) VALUES (?1)")?
            .execute(params![line.0.cast_signed()])?;
    }
    if let Subject::Customer(customer) = subject(fact) {
        transaction
            .prepare_cached("INSERT INTO customer_event (customer, seq) VALUES (?1, ?2)")?
            .execute(params![customer.0.cast_signed(), seq.0.cast_signed()])?;
    }
    match fact {
        Fact::CustomerKnown { customer, channel, .. } => {
            let (channel, folded) = (channel.as_str(), about::channel_key(channel.as_str()));
            transaction
                .prepare_cached(
                    "INSERT INTO customer (id, channel, folded) VALUES (?1, ?2, ?3)
                     ON CONFLICT (id) DO UPDATE SET channel = ?2, folded = ?3",
                )?
                .execute(params![customer.0.cast_signed(), channel, folded])?;
        }
        Fact::Opened { conversation, customer, .. } => {
            transaction
                .prepare_cached(
                    "INSERT INTO conversation (id, customer, opened, first) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (id) DO NOTHING",
                )?
                .execute(params![
                    conversation.0.cast_signed(),
                    customer.0.cast_signed(),
                    at,
                    seq.0.cast_signed()
                ])?;
        }
        Fact::Closed { conversation, .. } => {
            transaction
                .prepare_cached(
                    "UPDATE conversation SET closed = ?2, last = ?3 WHERE id = ?1 AND closed IS NULL",
                )?
                .execute(params![conversation.0.cast_signed(), at, seq.0.cast_signed()])?;
        }
        _ => {}
    }
    // What still comes after the closing (a rating, a wish for mail) lengthens the stretch. Words do
    // not: it is sealed.
    if !matches!(fact, Fact::Said { .. })
        && let Some(id) = conversation(fact)
    {
        transaction
            .prepare_cached("UPDATE conversation SET last = ?2 WHERE id = ?1 AND last IS NOT NULL")?
            .execute(params![id, seq.0.cast_signed()])?;
    }
    Ok(())
}

/// Puts an event on a shelf, which is made if it is its first.
fn shelve(transaction: &Transaction<'_>, name: &str, seq: Seq) -> rusqlite::Result<()> {
    let known: Option<i64> = transaction
        .prepare_cached("SELECT id FROM shelf WHERE name = ?1")?
        .query_row(params![name], |row| row.get(0))
        .optional()?;
    let id = match known {
        Some(id) => id,
        None => {
            transaction
                .prepare_cached("INSERT INTO shelf (name) VALUES (?1)")?
                .execute(params![name])?;
            let id = transaction.last_insert_rowid();
            if let Some((one, other)) = about::parties(name) {
                let mut party = transaction.prepare_cached(
                    "INSERT OR IGNORE INTO shelf_party (party, shelf, other) VALUES (?1, ?2, ?3)",
                )?;
                party.execute(params![one, id, other])?;
                party.execute(params![other, id, one])?;
            }
            id
        }
    };
    transaction
        .prepare_cached("INSERT OR IGNORE INTO shelf_event (shelf, seq) VALUES (?1, ?2)")?
        .execute(params![id, seq.0.cast_signed()])?;
    Ok(())
}

/// Removes every event behind `last`, and makes the projection again from those that stay.
pub(super) fn forget_after(connection: &mut Connection, last: Seq) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute("DELETE FROM event WHERE seq > ?1", params![last.0.cast_signed()])?;
    make_again(&transaction)?;
    transaction.commit()
}

/// Makes the projection again from all events.
pub(super) fn make_again(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "DELETE FROM customer; DELETE FROM customer_event; DELETE FROM conversation;
         DELETE FROM shelf; DELETE FROM shelf_event; DELETE FROM shelf_party; DELETE FROM redaction;",
    )?;
    let mut statement =
        transaction.prepare("SELECT seq, fact, words IS NOT NULL FROM event ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let seq = Seq(row.get::<_, i64>(0)?.cast_unsigned());
        let (at, actor, fact) = codec::decode_facts(row.get_ref(1)?.as_blob()?)
            .map_err(|e| rusqlite::Error::FromSqlConversionFailure(1, Type::Blob, Box::new(e)))?;
        project(transaction, seq, (at, &actor), &fact, row.get(2)?)?;
    }
    Ok(())
}
