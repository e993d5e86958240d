//! `Retry-After`: seconds, or an HTTP date.

use std::time::{Duration, SystemTime};

use crate::schema::Timestamp;

/// How long from `now` a source wants to be left alone; zero for a date gone by, `None` if it says neither.
pub(super) fn parse(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(secs) = value.parse::<u64>() {
        return Some(Duration::from_secs(secs));
    }
    let at = httpdate::parse_http_date(value).ok()?;
    Some(at.duration_since(SystemTime::from(now.to_chrono())).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_dates_and_nonsense() {
        let now = Timestamp::parse_rfc3339("2026-01-01T00:00:00Z").unwrap();
        for (value, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Thu, 01 Jan 2026 00:01:30 GMT", Some(90)),
            ("Wed, 31 Dec 2025 23:59:00 GMT", Some(0)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ] {
            assert_eq!(parse(value, now), expected.map(Duration::from_secs), "{value}");
        }
    }
}
