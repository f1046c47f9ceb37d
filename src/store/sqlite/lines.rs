//! The lines of shelves and of customers' conversations, as the archive reads them: straight from their
//! index, or from the stretch of the journal that a conversation takes.

use super::archive::{Trouble, at_record, seq_of};
use super::read;
use crate::base::ids::{CustomerId, Seq};
use crate::base::time::Timestamp;
use crate::desk::language::fact::{Event, Fact};
use crate::store::audit::{self, Act};
use crate::store::{Cut, Shelf, codec};
use rusqlite::{OptionalExtension, Params, Transaction, params};

/// An event that was not taken back, in the queries below.
const STANDS: &str = "NOT EXISTS (SELECT 1 FROM redaction WHERE redaction.seq = event.seq)";

/// The lines of a shelf.
pub(super) fn lines(
    snapshot: &Transaction<'_>,
    shelf: &Shelf,
    cut: &Cut<'_>,
) -> Result<Vec<Event>, Trouble> {
    let mut lines = Vec::new();
    match shelf {
        Shelf::Named(names) => {
            for name in names {
                gather_shelf(snapshot, name, cut, &mut lines)?;
            }
        }
        Shelf::Customer(customer) => gather_customer(snapshot, *customer, cut, &mut lines)?,
    }
    lines.sort_by_key(|event| event.seq);
    let surplus = lines.len().saturating_sub(cut.limit);
    if cut.newest {
        lines.drain(..surplus);
    } else {
        lines.truncate(cut.limit);
    }
    Ok(lines)
}

fn order(cut: &Cut<'_>) -> &'static str {
    if cut.newest { "DESC" } else { "ASC" }
}

fn bound(seq: Seq) -> i64 {
    i64::try_from(seq.0).unwrap_or(i64::MAX)
}

fn gather_shelf(
    snapshot: &Transaction<'_>,
    name: &str,
    cut: &Cut<'_>,
    lines: &mut Vec<Event>,
) -> Result<(), Trouble> {
    let Some(id) = shelf_id(snapshot, name)? else { return Ok(()) };
    let sql = format!(
        "SELECT event.seq, fact, words FROM shelf_event JOIN event ON event.seq = shelf_event.seq
         WHERE shelf = ?1 AND shelf_event.seq > ?2 AND shelf_event.seq < ?3 AND {STANDS}
         ORDER BY shelf_event.seq {}",
        order(cut)
    );
    gather(snapshot, &sql, params![id, bound(cut.after), bound(cut.before)], cut, lines).map(drop)
}

/// Conversation by conversation, until there are enough.
fn gather_customer(
    snapshot: &Transaction<'_>,
    customer: CustomerId,
    cut: &Cut<'_>,
    lines: &mut Vec<Event>,
) -> Result<(), Trouble> {
    let order = order(cut);
    let mut statement = snapshot.prepare_cached(&format!(
        "SELECT id, first, ifnull(last, 9223372036854775807) FROM conversation
         WHERE customer = ?1 ORDER BY first {order}"
    ))?;
    let stretches = statement
        .query_map(params![customer.0.cast_signed()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?
        .collect::<rusqlite::Result<Vec<(i64, i64, i64)>>>()?;
    let sql = format!(
        "SELECT seq, fact, words FROM event
         WHERE seq >= ?2 AND seq <= ?3 AND seq > ?4 AND seq < ?5 AND conversation = ?1 AND {STANDS}
         ORDER BY seq {order}"
    );
    let said = |event: &Event| matches!(event.fact, Fact::Said { .. }) && (cut.accept)(event);
    for (id, first, last) in stretches {
        let left = cut.limit.saturating_sub(lines.len());
        if left == 0 {
            return Ok(());
        }
        let here = Cut { accept: &said, limit: left, ..*cut };
        let bounds = params![id, first, last, bound(cut.after), bound(cut.before)];
        gather(snapshot, &sql, bounds, &here, lines)?;
    }
    Ok(())
}

fn gather(
    snapshot: &Transaction<'_>,
    sql: &str,
    bounds: impl Params,
    cut: &Cut<'_>,
    lines: &mut Vec<Event>,
) -> Result<(), Trouble> {
    let mut statement = snapshot.prepare_cached(sql)?;
    let mut rows = statement.query(bounds)?;
    let mut found = 0;
    while found < cut.limit {
        let Some(row) = rows.next()? else { break };
        let seq = seq_of(row)?;
        let event = read(row, seq, 1).map_err(|why| at_record(seq)(&why))?;
        if (cut.accept)(&event) {
            lines.push(event);
            found += 1;
        }
    }
    Ok(())
}

fn shelf_id(snapshot: &Transaction<'_>, name: &str) -> Result<Option<i64>, Trouble> {
    let id = snapshot
        .prepare_cached("SELECT id FROM shelf WHERE name = ?1")?
        .query_row(params![name], |row| row.get(0))
        .optional()?;
    Ok(id)
}

/// True when the event stands on the shelf.
pub(super) fn holds(snapshot: &Transaction<'_>, shelf: &Shelf, seq: Seq) -> Result<bool, Trouble> {
    let one = |sql: &str, bounds: &[&dyn rusqlite::ToSql]| {
        let mut statement = snapshot.prepare_cached(sql)?;
        statement.exists(bounds)
    };
    match shelf {
        Shelf::Named(names) => {
            for name in names {
                let sql = "SELECT 1 FROM shelf_event
                           WHERE shelf = (SELECT id FROM shelf WHERE name = ?1) AND seq = ?2";
                if one(sql, &[name, &bound(seq)])? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Shelf::Customer(customer) => {
            let sql = "SELECT 1 FROM event WHERE seq = ?2 AND conversation IN
                           (SELECT id FROM conversation WHERE customer = ?1)";
            let mine = one(sql, &[&customer.0.cast_signed(), &bound(seq)])?;
            let said = |event: &Event| matches!(event.fact, Fact::Said { .. });
            Ok(mine && raw(snapshot, seq)?.as_ref().is_some_and(said))
        }
    }
}

/// The event at that place, unless it was taken back.
pub(super) fn event(snapshot: &Transaction<'_>, seq: Seq) -> Result<Option<Event>, Trouble> {
    let gone = snapshot
        .prepare_cached("SELECT 1 FROM redaction WHERE seq = ?1")?
        .exists(params![bound(seq)])?;
    if gone { Ok(None) } else { raw(snapshot, seq) }
}

fn raw(snapshot: &Transaction<'_>, seq: Seq) -> Result<Option<Event>, Trouble> {
    let mut statement =
        snapshot.prepare_cached("SELECT seq, fact, words FROM event WHERE seq = ?1")?;
    let mut rows = statement.query(params![bound(seq)])?;
    match rows.next()? {
        Some(row) => read(row, seq, 1).map(Some).map_err(|why| at_record(seq)(&why)),
        None => Ok(None),
    }
}

/// The first event that is not older: places and moments grow together, so halving finds it.
pub(super) fn first_since(snapshot: &Transaction<'_>, at: Timestamp) -> Result<Seq, Trouble> {
    let last: i64 = snapshot
        .prepare_cached("SELECT ifnull(max(seq), 0) FROM event")?
        .query_row([], |row| row.get(0))?;
    let (mut low, mut high) = (1, last.cast_unsigned() + 1);
    let mut statement = snapshot.prepare_cached("SELECT fact FROM event WHERE seq = ?1")?;
    while low < high {
        let middle = low + (high - low) / 2;
        let mut rows = statement.query(params![middle.cast_signed()])?;
        let Some(row) = rows.next()? else { break };
        let record = at_record(Seq(middle));
        let facts = row.get_ref(0)?.as_blob().map_err(|e| record(&e))?;
        let (then, _, _) = codec::decode_facts(facts).map_err(|e| record(&e))?;
        if then < at {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(Seq(low))
}

/// What staff and operators did from one moment up to another.
pub(super) fn acts(
    snapshot: &Transaction<'_>,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Act>, Trouble> {
    let mut acts = Vec::new();
    let (first, end) = (first_since(snapshot, from)?, first_since(snapshot, until)?);
    let mut statement = snapshot.prepare_cached(
        "SELECT seq, fact, words FROM event WHERE seq >= ?1 AND seq < ?2 ORDER BY seq",
    )?;
    let mut rows = statement.query(params![bound(first), bound(end)])?;
    while let Some(row) = rows.next()? {
        let seq = seq_of(row)?;
        let record = at_record(seq);
        let facts = row.get_ref(1)?.as_blob().map_err(|e| record(&e))?;
        let (_, actor, fact) = codec::decode_facts(facts).map_err(|e| record(&e))?;
        if audit::is_act(&actor, &fact) {
            let event = read(row, seq, 1).map_err(|why| at_record(seq)(&why))?;
            acts.extend(audit::act(&event));
        }
    }
    Ok(acts)
}

/// The other sides of somebody's private words, each with its last event.
pub(super) fn correspondents(
    snapshot: &Transaction<'_>,
    party: &str,
) -> Result<Vec<(String, Event)>, Trouble> {
    let mut statement = snapshot.prepare_cached(
        "SELECT other, (SELECT max(seq) FROM shelf_event WHERE shelf_event.shelf = shelf_party.shelf)
         FROM shelf_party WHERE party = ?1 ORDER BY other",
    )?;
    let rows = statement
        .query_map(params![party], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(String, Option<i64>)>>>()?;
    let mut found = Vec::new();
    for (other, last) in rows {
        let Some(last) = last else { continue };
        if let Some(event) = raw(snapshot, Seq(last.cast_unsigned()))? {
            found.push((other, event));
        }
    }
    Ok(found)
}
