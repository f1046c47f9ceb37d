//! `switchboard report`: the figures of a period, for people, spreadsheets or programs.

use super::account::now;
use super::transcript::{open, unreadable};
use super::{Failure, answer};
use crate::base::time::{Timestamp, clock_face};
use crate::config::Config;
use crate::store::{Archive, Figures};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use std::time::Duration;

/// Days of a report when no beginning is named.
const DAYS: i64 = 7;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The first day, as 2026-11-01, in UTC; a week before the last one if left out
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The last day, all of it; today if left out
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// text, csv or json
    #[arg(long, default_value = "text", value_enum)]
    format: Form,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Form {
    Text,
    Csv,
    Json,
}

pub(super) fn run(config: &Config, args: &Args) -> Result<(), Failure> {
    let (first, last) = days(args.from, args.to, now())?;
    let (begin, end) = moments(first, last)?;
    let figures = open(config)?.figures(end, end.since(begin)).map_err(unreadable)?;
    let rows = rows(first, last, &figures);
    answer(&match args.format {
        Form::Text => text(&rows),
        Form::Csv => csv(&rows),
        Form::Json => json(&rows),
    });
    Ok(())
}

/// When the first day begins and the last one is over.
pub(super) fn moments(first: Date, last: Date) -> Result<(Timestamp, Timestamp), Failure> {
    Ok((midnight(first)?, midnight(after(last, 1.day())?)?))
}

/// The first and the last day meant.
pub(super) fn days(
    from: Option<Date>,
    to: Option<Date>,
    now: Timestamp,
) -> Result<(Date, Date), Failure> {
    let today = jiff::Timestamp::from_millisecond(i64::try_from(now.0).unwrap_or(i64::MAX))
        .map_err(|cause| outside(&cause))?
        .to_zoned(TimeZone::UTC)
        .date();
    let last = to.unwrap_or(today);
    let first = match from {
        Some(first) => first,
        None => after(last, (1 - DAYS).days())?,
    };
    if first > last {
        return Err(Failure::new(
            format!("the period would end ({last}) before it begins ({first})"),
            "give --from the earlier day",
        ));
    }
    Ok((first, last))
}

fn outside(cause: &jiff::Error) -> Failure {
    Failure::new(format!("the period cannot be: {cause}"), "give days between 1970 and 9998")
}

fn after(day: Date, span: Span) -> Result<Date, Failure> {
    day.checked_add(span).map_err(|cause| outside(&cause))
}

fn midnight(day: Date) -> Result<Timestamp, Failure> {
    let at = day.to_zoned(TimeZone::UTC).map_err(|cause| outside(&cause))?;
    let ms = at.timestamp().as_millisecond();
    Ok(Timestamp(u64::try_from(ms).unwrap_or(0)))
}

/// One figure: its key for programs, its name for people, and its value in both forms.
type Row = (&'static str, &'static str, serde_json::Value, String);

fn rows(first: Date, last: Date, figures: &Figures) -> Vec<Row> {
    let day = |key, name, day: Date| (key, name, day.to_string().into(), day.to_string());
    let count = |key, name, count: u64| (key, name, count.into(), count.to_string());
    let wait = |key, name, share| match rank(&figures.waits_ms, share) {
        Some(ms) => (key, name, ms.into(), clock_face(Duration::from_millis(ms))),
        None => (key, name, serde_json::Value::Null, "-".into()),
    };
    let [one, two, three, four, five] = figures.ratings;
    vec![
        day("from", "From", first),
        day("to", "To, included (UTC)", last),
        count("opened", "Conversations begun", figures.opened),
        count("taken", "Taken by a person", figures.taken),
        count("abandoned", "Abandoned", figures.abandoned),
        wait("wait_ms_median", "Wait, median", 50),
        wait("wait_ms_p90", "Wait, 90 of 100 within", 90),
        wait("wait_ms_max", "Wait, longest", 100),
        count("transfers", "Transfers", figures.transfers),
        count("rated_1", "Rated 1 of 5", one),
        count("rated_2", "Rated 2 of 5", two),
        count("rated_3", "Rated 3 of 5", three),
        count("rated_4", "Rated 4 of 5", four),
        count("rated_5", "Rated 5 of 5", five),
    ]
}

/// The value within which `share` of 100 of the sorted values lie (nearest rank); none of none.
fn rank(sorted: &[u64], share: usize) -> Option<u64> {
    let place = (sorted.len() * share).div_ceil(100).checked_sub(1)?;
    sorted.get(place).copied()
}

fn text(rows: &[Row]) -> String {
    let width = rows.iter().map(|(_, name, ..)| name.len()).max().unwrap_or(0);
    rows.iter().map(|(_, name, _, shown)| format!("{name:width$}  {shown:>10}\n")).collect()
}

fn csv(rows: &[Row]) -> String {
    // Dates and numbers only: nothing to quote, nothing that a spreadsheet takes for a formula.
    let plain = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    let keys: Vec<_> = rows.iter().map(|(key, ..)| *key).collect();
    let values: Vec<_> = rows.iter().map(|(_, _, value, _)| plain(value)).collect();
    format!("{}\n{}\n", keys.join(","), values.join(","))
}

fn json(rows: &[Row]) -> String {
    let pairs = rows.iter().map(|(key, _, value, _)| ((*key).to_owned(), value.clone()));
    format!("{}\n", serde_json::Value::Object(pairs.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// 2026-11-21 13:00 UTC.
    const NOW: Timestamp = Timestamp(1_795_266_000_000);

    #[test]
    fn the_period_is_the_last_week_unless_named() {
        let week = (date("2026-11-15"), date("2026-11-21"));
        assert_eq!(days(None, None, NOW), Ok(week));
        assert_eq!(
            days(None, Some(date("2026-03-01")), NOW),
            Ok((date("2026-02-23"), date("2026-03-01")))
        );
        assert!(days(Some(date("2026-11-22")), None, NOW).is_err());
        assert_eq!(midnight(date("1970-01-02")), Ok(Timestamp(86_400_000)));
    }

    #[test]
    fn ranks_are_the_nearest() {
        assert_eq!(rank(&[], 50), None);
        assert_eq!(rank(&[7], 50), Some(7));
        assert_eq!(rank(&[1, 2, 3, 4], 50), Some(2));
        assert_eq!(rank(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 90), Some(9));
        assert_eq!(rank(&[1, 2], 100), Some(2));
    }

    #[test]
    fn the_same_figures_in_three_forms() {
        let figures = Figures { opened: 3, waits_ms: vec![1000, 92_000], ..Figures::default() };
        let rows = rows(date("2026-11-15"), date("2026-11-21"), &figures);
        assert!(text(&rows).contains("Wait, longest                 1:32\n"), "{}", text(&rows));
        let csv = csv(&rows);
        let [keys, values] = csv.lines().collect::<Vec<_>>()[..] else { panic!("{csv}") };
        assert_eq!(keys.split(',').count(), values.split(',').count());
        assert!(values.starts_with("2026-11-15,2026-11-21,3,"));
        let value: serde_json::Value = serde_json::from_str(&json(&rows)).unwrap();
        assert_eq!(value["wait_ms_max"], 92_000);
        let none = super::rows(date("2026-11-15"), date("2026-11-21"), &Figures::default());
        let value: serde_json::Value = serde_json::from_str(&json(&none)).unwrap();
        assert!(value["wait_ms_median"].is_null());
    }
}
