//! Hours, days, weeks and months of a time zone.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::Span;
use crate::schema::Timestamp;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// What a window of time is divided into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// Hours: a new one begins when the clocks show a full hour, and when they are put forward or back. So each is a
    /// real hour, or what such a change left of one.
    Hour,
    /// Days. Most have 24 hours, some 23 or 25.
    Day,
    /// Weeks, which begin on Monday.
    Week,
    /// Months.
    Month,
}

impl Granularity {
    /// All there are, the finest first.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// How long the longest bucket is where the clocks are not changed.
    fn longest(self) -> Duration {
        match self {
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Week => DAY * 7,
            Self::Month => DAY * 31,
        }
    }

    /// How many buckets this span has at least. The clocks of a zone are never further apart from the world's than a
    /// day and some hours, and skip a day at the most: that is what the three days are for.
    fn fewest(self, span: Span) -> u64 {
        let sure = Duration::from_millis(span.millis()).saturating_sub(DAY * 3);
        u64::try_from(sure.as_millis() / self.longest().as_millis()).unwrap_or(u64::MAX)
    }
}

impl fmt::Display for Granularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no granularity; its message lists them.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not a length of buckets; accepted are hour, day, week and month")]
pub struct UnknownGranularity(String);

impl FromStr for Granularity {
    type Err = UnknownGranularity;

    /// Reads one of the four words.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|granularity| granularity.as_str() == word)
            .ok_or_else(|| UnknownGranularity(word.to_owned()))
    }
}

/// A window has more buckets than are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the window has at least {at_least} buckets; the most is {most}")]
pub struct TooManyBuckets {
    /// How many there are at the least.
    pub at_least: u64,
    /// How many are allowed.
    pub most: usize,
}

/// The buckets of a span: in order, none of them empty, and together exactly the span, which cuts the first and the last.
///
/// A bucket begins with the first instant at which the clocks of the zone show its beginning, or a later time where they
/// skip it. A bucket that they skip as a whole is left out.
///
/// # Errors
/// [`TooManyBuckets`] if there are more than `most`; that is found out without looking at more than those.
pub fn buckets(span: Span, granularity: Granularity, zone: Tz, most: usize) -> Result<Vec<Span>, TooManyBuckets> {
    let clocks = Clocks(zone);
    let mut buckets = Vec::new();
    let mut from = span.from;
    while from < span.until {
        if buckets.len() == most {
            let more = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
            return Err(TooManyBuckets { at_least: granularity.fewest(span).max(more), most });
        }
        let next = match granularity {
            Granularity::Hour => clocks.next_hour(from),
            Granularity::Day => clocks.next_date(from, |date| date.succ_opt()),
            Granularity::Week => clocks.next_date(from, next_monday),
            Granularity::Month => clocks.next_date(from, next_first),
        };
        let until = next.map_or(span.until, |next| next.min(span.until));
        buckets.push(Span { from, until });
        from = until;
    }
    Ok(buckets)
}

/// The first Monday after a date; `None` beyond the calendar.
fn next_monday(date: NaiveDate) -> Option<NaiveDate> {
    let days = 7 - date.weekday().num_days_from_monday();
    date.checked_add_days(Days::new(days.into()))
}

/// The first of the month after a date; `None` beyond the calendar.
fn next_first(date: NaiveDate) -> Option<NaiveDate> {
    date.with_day(1)?.checked_add_months(Months::new(1))
}

/// The clocks of a time zone.
struct Clocks(Tz);

impl Clocks {
    /// By how much they are ahead of UTC at an instant.
    fn offset(&self, at: Timestamp) -> TimeDelta {
        let offset = self.0.offset_from_utc_datetime(&at.to_chrono().naive_utc()).fix();
        TimeDelta::seconds(offset.local_minus_utc().into())
    }

    /// What they show at an instant, held inside the calendar.
    fn show(&self, at: Timestamp) -> NaiveDateTime {
        let (utc, offset) = (at.to_chrono().naive_utc(), self.offset(at));
        let held = if offset < TimeDelta::zero() { NaiveDateTime::MIN } else { NaiveDateTime::MAX };
        utc.checked_add_signed(offset).unwrap_or(held)
    }

    /// The first instant after this one at which they show a full hour or are put forward or back; `None` beyond the
    /// calendar.
    fn next_hour(&self, at: Timestamp) -> Option<Timestamp> {
        let offset = self.offset(at);
        let hour = i64::try_from(HOUR.as_millis()).ok()?;
        let shown = at.as_millis() + offset.num_milliseconds();
        let full = Timestamp::from_millis(at.as_millis() + hour - shown.rem_euclid(hour))?;
        let is_changed = |instant| self.offset(instant) != offset;
        if is_changed(full) { first_instant(at, full, is_changed) } else { Some(full) }
    }

    /// The first instant after this one at which a date begins that follows the one they show, by `next` from one to the
    /// next; `None` beyond the calendar.
    fn next_date(&self, at: Timestamp, next: impl Fn(NaiveDate) -> Option<NaiveDate>) -> Option<Timestamp> {
        let mut date = self.show(at).date();
        // Not always the next one: clocks that are put back at midnight show the last hour of a day again, after the
        // following day has begun; and some dates are skipped.
        loop {
            date = next(date)?;
            let begin = self.begin(date)?;
            if begin > at {
                return Some(begin);
            }
        }
    }

    /// The first instant of a date; where they skip it, that of the next one they show. `None` beyond the calendar.
    fn begin(&self, date: NaiveDate) -> Option<Timestamp> {
        let midnight = date.and_time(NaiveTime::MIN);
        if let Some(begin) = self.0.from_local_datetime(&midnight).earliest() {
            return Some(Timestamp::from(begin.to_utc()));
        }
        // No clock is a day or more ahead of or behind UTC.
        let utc = Timestamp::from(midnight.and_utc());
        first_instant(utc.minus(DAY), utc.plus(DAY), |instant| self.show(instant) >= midnight)
    }
}

/// The first instant after `before` that is so, given that `after` is and `before` is not; `None` beyond the calendar.
fn first_instant(before: Timestamp, after: Timestamp, is_so: impl Fn(Timestamp) -> bool) -> Option<Timestamp> {
    let (mut before, mut after) = (before.as_millis(), after.as_millis());
    while before + 1 < after {
        let middle = before.midpoint(after);
        if is_so(Timestamp::from_millis(middle)?) {
            after = middle;
        } else {
            before = middle;
        }
    }
    Timestamp::from_millis(after)
}

#[cfg(test)]
#[path = "buckets_tests.rs"]
mod tests;
