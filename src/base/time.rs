//! Moments. The current one is always an argument; nothing below `node` reads a clock.

use serde::{Deserialize, Serialize};
use std::ops::{Add, Sub};
use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// How long ago `earlier` was; zero if it lies ahead (a clock may step back).
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Whole seconds since the epoch, as the older numerics want them (317, 329, 333).
    pub fn seconds(self) -> u64 {
        self.0 / 1000
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        let ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(ms))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        let ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(ms))
    }
}

/// A span for people: `14s`, `1:32`, `2:05:09`.
pub fn clock_face(span: Duration) -> String {
    let s = span.as_secs();
    match (s / 3600, s / 60 % 60, s % 60) {
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}:{s:02}"),
        (h, m, s) => format!("{h}:{m:02}:{s:02}"),
    }
}

/// The moment as `YYYY-MM-DDThh:mm:ss.sssZ`, exactly milliseconds, UTC.
///
/// Source: IRCv3 server-time. The calendar is the proleptic Gregorian one.
pub fn utc(at: Timestamp) -> String {
    let (days, ms) = (at.0 / 86_400_000, at.0 % 86_400_000);
    // Days to civil date by eras of 400 years that begin on 1 March.
    let z = days + 719_468;
    let (era, day_of_era) = (z / 146_097, z % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z")
}

/// The moment that `utc` writes; none for anything else. A leap second is the second after it.
pub fn parse_utc(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let form = b"0000-00-00T00:00:00.000Z";
    let fits = |(have, want): (&u8, &u8)| match want {
        b'0' => have.is_ascii_digit(),
        want => have == want,
    };
    if bytes.len() != form.len() || !bytes.iter().zip(form).all(fits) {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second, ms) =
        (number(11, 13)?, number(14, 16)?, number(17, 19)?, number(20, 23)?);
    let in_month = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let sound = (1..=12).contains(&month) && (1..=in_month).contains(&day);
    if year < 1970 || !sound || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Civil date to days, by eras of 400 years that begin on 1 March; see `utc`.
    let shifted_year = year - u64::from(month <= 2);
    let (era, year_of_era) = (shifted_year / 400, shifted_year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some(Timestamp((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_a_clock() {
        assert_eq!(clock_face(Duration::from_secs(14)), "14s");
        assert_eq!(clock_face(Duration::from_secs(92)), "1:32");
        assert_eq!(clock_face(Duration::from_secs(7509)), "2:05:09");
    }

    #[test]
    fn what_is_written_is_read_again_and_nothing_else() {
        for day in 0..60_000u64 {
            let at = Timestamp(day * 86_400_000 + day * 1_237 % 86_400_000);
            assert_eq!(parse_utc(&utc(at)), Some(at));
        }
        for wrong in [
            "",
            "2026-11-21T23:59:59Z",
            "2026-11-21 23:59:59.999Z",
            "2026-13-21T23:59:59.999Z",
            "2026-02-29T23:59:59.999Z",
            "2026-11-21T24:00:00.000Z",
            "1969-12-31T23:59:59.999Z",
            "2026-11-21T23:59:59.999+",
        ] {
            assert_eq!(parse_utc(wrong), None, "{wrong}");
        }
        assert!(parse_utc("2016-12-31T23:59:60.000Z").is_some());
    }

    #[test]
    fn moments_are_utc_with_milliseconds() {
        assert_eq!(utc(Timestamp(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(utc(Timestamp(951_782_400_000)), "2000-02-29T00:00:00.000Z");
        assert_eq!(utc(Timestamp(1_795_305_599_999)), "2026-11-21T23:59:59.999Z");
    }
}
