//! The archive on a thread of its own: questions of staff are answered there, out of band, so that
//! a long search costs nobody else anything.

use super::seams::Asker;
use crate::base::limits::ROWS;
use crate::base::text::{ChannelName, Line, truncate};
use crate::base::time::{Timestamp, clock_face};
use crate::desk::language::archive::ArchiveQuery;
use crate::desk::language::command::Command;
use crate::desk::language::notice::Reply;
use crate::desk::language::refusal::{PastRefusal, Refusal};
use crate::desk::language::text::Text;
use crate::store::history::{self, Page};
use crate::store::{Archive, Fault, Figures, Found};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

/// Questions that may wait at once.
const WAITING: usize = 4096;
/// Finds shown by one SEARCH; more would scroll away.
const FINDS: usize = 50;
/// Bytes shown of a line that was found.
const FIND_BYTES: usize = 200;

const _: () = assert!(FINDS <= ROWS);

/// An answer on its way back to `Node::answered`.
#[derive(Debug)]
pub struct Answer {
    /// Who asked.
    pub asker: Asker,
    /// What they are told.
    pub reply: Reply,
}

struct Question {
    asker: Asker,
    query: ArchiveQuery,
    now: Timestamp,
}

/// An archive on its own thread.
#[derive(Debug)]
pub struct ArchiveThread {
    questions: SyncSender<Question>,
}

impl ArchiveThread {
    /// Starts it. It ends when this value is dropped.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(
        archive: Box<dyn Archive>,
        answers: impl Fn(Answer) -> bool + Send + 'static,
    ) -> std::io::Result<Self> {
        let (questions, inbox) = sync_channel(WAITING);
        std::thread::Builder::new()
            .name("archive".into())
            .spawn(move || run(archive, &inbox, &answers))?;
        Ok(Self { questions })
    }

    /// Asks; false when too many wait already.
    pub fn ask(&self, now: Timestamp, asker: Asker, query: ArchiveQuery) -> bool {
        match self.questions.try_send(Question { asker, query, now }) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }
}

fn run(
    mut archive: Box<dyn Archive>,
    inbox: &Receiver<Question>,
    answers: &dyn Fn(Answer) -> bool,
) {
    while let Ok(Question { asker, query, now }) = inbox.recv() {
        let reply = answer(archive.as_mut(), now, &query).unwrap_or_else(|fault| {
            tracing::error!(%fault, "the archive could not be read");
            refusal(&query)
        });
        if !answers(Answer { asker, reply }) {
            return;
        }
    }
}

/// What is told when the archive cannot be asked.
pub(super) fn refusal(query: &ArchiveQuery) -> Reply {
    let typed = match query {
        ArchiveQuery::Search { .. } | ArchiveQuery::Report { .. } | ArchiveQuery::Line(_) => None,
        ArchiveQuery::Lines(ask) => {
            Some(vec![ask.asked.subcommand.shared(), ask.asked.target.shared()])
        }
        ArchiveQuery::Targets(ask) => Some(ask.typed.iter().map(Line::shared).collect()),
    };
    let refusal = match typed {
        Some(typed) => Refusal::Past(PastRefusal::Unreadable(typed)),
        None => Refusal::StorageFailing,
    };
    let refused = Reply::Refused { command: name(query), refusal };
    match query {
        ArchiveQuery::Search { place, .. } | ArchiveQuery::Report { place, .. } => {
            placed(place.as_ref(), refused)
        }
        ArchiveQuery::Lines(_) | ArchiveQuery::Targets(_) | ArchiveQuery::Line(_) => refused,
    }
}

/// The answer in the channel where it was asked for.
fn placed(place: Option<&ChannelName>, reply: Reply) -> Reply {
    match place {
        Some(channel) => Reply::In(channel.clone(), Box::new(reply)),
        None => reply,
    }
}

fn name(query: &ArchiveQuery) -> &'static str {
    match query {
        ArchiveQuery::Search { .. } => "SEARCH",
        ArchiveQuery::Report { .. } => "REPORT",
        ArchiveQuery::Lines(_) | ArchiveQuery::Targets(_) => "CHATHISTORY",
        ArchiveQuery::Line(_) => "REDACT",
    }
}

/// What the archive answers, read here and now.
///
/// # Errors
/// When the archive cannot be read.
pub fn answer(
    archive: &mut dyn Archive,
    now: Timestamp,
    query: &ArchiveQuery,
) -> Result<Reply, Fault> {
    Ok(match query {
        ArchiveQuery::Search { words, place } => {
            placed(place.as_ref(), finds(archive.search(words.as_str(), FINDS)?))
        }
        ArchiveQuery::Report { period, place } => {
            placed(place.as_ref(), report(&archive.figures(now, *period)?))
        }
        ArchiveQuery::Lines(ask) => {
            let Page { lines, end } = history::page(archive, ask)?;
            Reply::Page { name: ask.name.clone(), lines, end }
        }
        ArchiveQuery::Line(asked) => {
            let found = asked.line.map(|line| archive.event(line)).transpose()?.flatten();
            let found = found.map(Box::new);
            Reply::Decide(Box::new(Command::Redacted(asked.clone(), found)))
        }
        ArchiveQuery::Targets(ask) => Reply::Targets(history::targets(archive, ask)?),
    })
}

fn finds(found: Vec<Found>) -> Reply {
    if found.is_empty() {
        return Reply::Done(Text::NothingThere("SEARCH"));
    }
    let row = |find: Found| {
        let line = Line::scrubbed(truncate(&find.line, FIND_BYTES));
        Text::SearchRow(find.conversation, Line::scrubbed(&find.channel), find.at, line)
    };
    let heading = Text::Heading("SEARCH", found.len());
    Reply::Listing(std::iter::once(heading).chain(found.into_iter().map(row)).collect())
}

fn report(figures: &Figures) -> Reply {
    let mut rows = vec![
        ("opened", figures.opened.to_string()),
        ("taken", figures.taken.to_string()),
        ("abandoned", figures.abandoned.to_string()),
        ("transfers", figures.transfers.to_string()),
    ];
    for (name, percent) in [("wait median", 50), ("wait 90 %", 90), ("wait longest", 100)] {
        let wait = quantile(&figures.waits_ms, percent);
        rows.push((name, wait.map_or("-".into(), |ms| clock_face(Duration::from_millis(ms)))));
    }
    let ratings: u64 = figures.ratings.iter().sum();
    let stars: u64 = figures.ratings.iter().zip(1..).map(|(count, stars)| count * stars).sum();
    rows.push(("ratings", ratings.to_string()));
    let mean = (ratings > 0).then(|| format!("{:.1}", stars as f64 / ratings as f64));
    rows.push(("rating mean", mean.unwrap_or("-".into())));
    let heading = Text::Heading("REPORT", rows.len());
    let row = |(name, figure): (&str, String)| Text::ReportRow(Arc::from(name), figure.into());
    Reply::Listing(std::iter::once(heading).chain(rows.into_iter().map(row)).collect())
}

/// The smallest of the sorted values that `percent` of them do not exceed (nearest rank).
fn quantile(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_the_nearest_rank() {
        assert_eq!(quantile(&[], 50), None);
        assert_eq!(quantile(&[7], 50), Some(7));
        assert_eq!(quantile(&[1, 2, 3, 4], 50), Some(2));
        assert_eq!(quantile(&[1, 2, 3, 4], 90), Some(4));
        assert_eq!(quantile(&[1, 2, 3, 4], 100), Some(4));
    }

    #[test]
    fn a_report_without_conversations_has_rows_all_the_same() {
        let Reply::Listing(rows) = report(&Figures::default()) else { panic!("a listing") };
        assert_eq!(rows[0], Text::Heading("REPORT", rows.len() - 1));
        assert!(rows.contains(&Text::ReportRow(Arc::from("wait median"), Arc::from("-"))));
    }
}
