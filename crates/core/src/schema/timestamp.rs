//! Instants as the contract writes them: UTC, cut to milliseconds.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant in UTC with millisecond precision (MongoDB keeps no more, so neither store may).
///
/// Reads RFC 3339 with any offset and any number of fractional digits; writes
/// `2023-04-18T09:45:04.745Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The present instant of the system's clock.
    pub fn now() -> Self {
        Self::from(Utc::now())
    }

    /// The instant this many milliseconds after the epoch; `None` beyond what a calendar can write.
    pub fn from_millis(millis: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(millis).map(Self)
    }

    /// The instant this many seconds after the epoch; `None` beyond what a calendar can write.
    pub fn from_secs(secs: i64) -> Option<Self> {
        secs.checked_mul(1000).and_then(Self::from_millis)
    }

    /// Milliseconds since the epoch.
    pub fn as_millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// Reads RFC 3339; a missing offset, which some sources leave out, means UTC.
    ///
    /// `None` for anything else, and for the null dates (year 1, epoch zero and before) that sources write where
    /// they know of no date.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let text = text.trim();
        let instant = DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
            .map(Self::from)
            .or_else(|_| {
                NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|naive| Self::from(naive.and_utc()))
            })
            .ok()?;
        instant.unless_null()
    }

    /// `None` for the dates that mean "no date": the epoch and everything before it.
    pub fn unless_null(self) -> Option<Self> {
        (self.as_millis() > 0).then_some(self)
    }

    /// How long before `later` this was; zero if it was not before.
    pub fn until(self, later: Self) -> Duration {
        (later.0 - self.0).to_std().unwrap_or_default()
    }

    /// The instant so much later, held at the end of the calendar.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        let span = TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
        Self::from(self.0.checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }

    /// The instant so much earlier, held at the beginning of the calendar.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        let span = TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
        Self::from(self.0.checked_sub_signed(span).unwrap_or(DateTime::<Utc>::MIN_UTC))
    }

    /// The same instant as chrono's type.
    pub fn to_chrono(self) -> DateTime<Utc> {
        self.0
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(instant: DateTime<Utc>) -> Self {
        let millis = instant.timestamp_millis();
        Self(DateTime::from_timestamp_millis(millis).unwrap_or(instant))
    }
}

impl From<DateTime<FixedOffset>> for Timestamp {
    fn from(instant: DateTime<FixedOffset>) -> Self {
        Self::from(instant.with_timezone(&Utc))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // Not `parse_from_rfc3339`, which knows four-digit years only: what was written must read back.
        text.parse::<DateTime<Utc>>().map(Self::from).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_offset_is_written_as_utc_with_milliseconds() {
        for (given, written) in [
            ("2023-04-18T09:45:04.745Z", "2023-04-18T09:45:04.745Z"),
            ("2026-08-04T10:00:00.123-07:00", "2026-08-04T17:00:00.123Z"),
            ("2026-08-04T10:00:00+0000", "2026-08-04T10:00:00.000Z"),
            ("2026-08-01T01:02:03.1234567Z", "2026-08-01T01:02:03.123Z"),
            ("2026-08-01T01:02:03", "2026-08-01T01:02:03.000Z"),
        ] {
            assert_eq!(Timestamp::parse_rfc3339(given).map(|t| t.to_string()).as_deref(), Some(written), "{given}");
        }
    }

    #[test]
    fn every_instant_that_can_be_written_reads_back() {
        let end = Timestamp::from_secs(1).unwrap().plus(Duration::MAX);
        for instant in [Timestamp::from_millis(-1).unwrap(), Timestamp::from_secs(300_000_000_000).unwrap(), end] {
            let written = serde_json::to_string(&instant).unwrap();
            assert_eq!(serde_json::from_str::<Timestamp>(&written).unwrap(), instant, "{written}");
        }
    }

    #[test]
    fn null_dates_and_prose_are_no_dates() {
        for given in ["0001-01-01T00:00:00+00:00", "1970-01-01T00:00:00Z", "", "yesterday"] {
            assert_eq!(Timestamp::parse_rfc3339(given), None, "{given}");
        }
    }
}
