//! CHATHISTORY over any archive: from what is asked to the lines of a page. What a line looks like is
//! the desk's (`desk::past`); how lines are found is each back end's.

use super::{Archive, Cut, Fault, Shelf, about};
use crate::base::ids::Seq;
use crate::base::time::Timestamp;
use crate::desk::language::fact::Event;
use crate::desk::language::history::{Buffer, Lines, Past, Point, Select, Targets};
use crate::desk::past;
use std::sync::Arc;
use std::time::Duration;

/// What is behind every event there will be.
const BEYOND: Seq = Seq(u64::MAX);

/// Lines, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The lines.
    pub lines: Vec<Past>,
    /// Nothing more lies in the direction that was asked for.
    pub end: bool,
}

/// The lines that are asked for.
pub fn page(archive: &mut dyn Archive, ask: &Lines) -> Result<Page, Fault> {
    let Some(shelf) = shelf(&ask.buffer, ask.asked.events) else {
        return Ok(Page { lines: Vec::new(), end: true });
    };
    let accept = |event: &Event| past::shown(event, ask).is_some();
    let floor = before(archive.first_since(ask.since)?);
    let mut reader = Reader { archive, shelf: &shelf, floor, accept: &accept };
    let (events, end) = reader.select(ask.asked.select, ask.asked.limit)?;
    let lines = events.iter().filter_map(|event| past::shown(event, ask)).collect();
    Ok(Page { lines, end })
}

fn shelf(buffer: &Buffer, events: bool) -> Option<Shelf> {
    match buffer {
        Buffer::Room(_) | Buffer::Private(..) => {
            Some(Shelf::Named(about::shelves_of(buffer, events)))
        }
        Buffer::Lounge { customer, .. } => Some(Shelf::Customer(*customer)),
        Buffer::Nothing => None,
    }
}

/// The place before this one.
fn before(seq: Seq) -> Seq {
    Seq(seq.0.saturating_sub(1))
}

struct Reader<'a> {
    archive: &'a mut dyn Archive,
    shelf: &'a Shelf,
    /// What lies up to here is not shown.
    floor: Seq,
    accept: &'a dyn Fn(&Event) -> bool,
}

impl Reader<'_> {
    fn select(&mut self, select: Select, limit: usize) -> Result<(Vec<Event>, bool), Fault> {
        match select {
            Select::Latest(None) => self.cut((self.floor, BEYOND), true, limit),
            Select::Latest(Some(point)) => {
                let Some((_, after)) = self.place(point)? else { return Ok((Vec::new(), true)) };
                self.cut((after, BEYOND), true, limit)
            }
            Select::Before(point) => {
                let Some((before, _)) = self.place(point)? else { return Ok((Vec::new(), true)) };
                self.cut((self.floor, before), true, limit)
            }
            Select::After(point) => {
                let Some((_, after)) = self.place(point)? else { return Ok((Vec::new(), true)) };
                self.cut((after, BEYOND), false, limit)
            }
            Select::Around(point) => self.around(point, limit),
            Select::Between(first, second) => {
                let (Some(first), Some(second)) = (self.place(first)?, self.place(second)?) else {
                    return Ok((Vec::new(), true));
                };
                if first.0 <= second.0 {
                    self.cut((first.1, second.0), false, limit)
                } else {
                    self.cut((second.1, first.0), true, limit)
                }
            }
        }
    }

    /// Half before, and the rest from there on.
    fn around(&mut self, point: Point, limit: usize) -> Result<(Vec<Event>, bool), Fault> {
        let Some((here, _)) = self.place(point)? else { return Ok((Vec::new(), true)) };
        let (mut events, _) = self.cut((self.floor, here), true, limit / 2)?;
        let rest = limit - events.len();
        let (behind, _) = self.cut((before(here).max(self.floor), BEYOND), false, rest)?;
        events.extend(behind);
        Ok((events, false))
    }

    /// Where a point lies: what is before it ends before the first place, what is after it begins
    /// behind the second. None for one that is not of this shelf.
    fn place(&mut self, point: Point) -> Result<Option<(Seq, Seq)>, Fault> {
        let (here, after) = match point {
            Point::At(at) => {
                let next = self.archive.first_since(at + Duration::from_millis(1))?;
                (self.archive.first_since(at)?, before(next))
            }
            Point::Line(seq) if self.archive.holds(self.shelf, seq)? => (seq, seq),
            Point::Line(_) | Point::Nowhere => return Ok(None),
        };
        Ok(Some((here, after.max(self.floor))))
    }

    fn cut(
        &mut self,
        (after, before): (Seq, Seq),
        newest: bool,
        limit: usize,
    ) -> Result<(Vec<Event>, bool), Fault> {
        // One more than is shown tells whether there is more.
        let cut = Cut { after, before, newest, limit: limit + 1, accept: self.accept };
        let mut events = self.archive.lines(self.shelf, &cut)?;
        let end = events.len() <= limit;
        if !end && newest {
            events.remove(0);
        } else {
            events.truncate(limit);
        }
        Ok((events, end))
    }
}

/// Where something was said lately: names, and when it was, the oldest first.
pub fn targets(
    archive: &mut dyn Archive,
    ask: &Targets,
) -> Result<Vec<(Arc<str>, Timestamp)>, Fault> {
    let mut found: Vec<(Arc<str>, Timestamp)> = Vec::new();
    for (buffer, since) in &ask.channels {
        let (Some(shelf), Some(name)) = (shelf(buffer, false), past::name(buffer)) else {
            continue;
        };
        let accept = |event: &Event| past::is_seen(event, buffer);
        let after = before(archive.first_since(*since)?);
        let cut = Cut { after, before: BEYOND, newest: true, limit: 1, accept: &accept };
        found.extend(archive.lines(&shelf, &cut)?.first().map(|event| (name, event.at)));
    }
    if let Some((party, since)) = &ask.party {
        let me = about::party(party);
        for (other, event) in archive.correspondents(&me)? {
            let here = ask.nicks.iter().find(|(party, _)| about::party(party) == other);
            let name = match here {
                Some((_, nick)) => Some(nick.shared()),
                None => other.strip_prefix('=').map(Arc::from),
            };
            found.extend(name.filter(|_| event.at >= *since).map(|name| (name, event.at)));
        }
    }
    let (first, second) = ask.between;
    let (low, high) = (first.min(second), first.max(second));
    found.retain(|(_, at)| *at > low && *at < high);
    found.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    if first > second {
        found.drain(..found.len().saturating_sub(ask.limit));
    } else {
        found.truncate(ask.limit);
    }
    Ok(found)
}
