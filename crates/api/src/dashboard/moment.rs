//! Instants as people read them.

use std::time::Duration;

use serde::Serialize;
use unistatus_core::schema::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// An instant for a `time` element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Moment {
    /// For machines.
    iso: String,
    /// The whole of it.
    full: String,
    /// How long ago it was.
    ago: String,
}

impl Moment {
    /// An instant as it is told now.
    pub(super) fn of(at: Timestamp, now: Timestamp) -> Self {
        Self { iso: at.to_string(), full: full(at), ago: relative(at, now) }
    }
}

/// A date and a time, to the minute.
pub(super) fn full(at: Timestamp) -> String {
    at.to_chrono().format("%-d %b %Y, %H:%M UTC").to_string()
}

/// The day that an instant lies in.
pub(super) fn day(at: Timestamp) -> String {
    at.to_chrono().format("%-d %b").to_string()
}

/// How far an instant is from now. Nothing is said of seconds: pages are kept for a minute. The script says the same.
fn relative(at: Timestamp, now: Timestamp) -> String {
    let (ago, ahead) = (at.until(now).as_secs(), now.until(at).as_secs());
    match (ago, ahead) {
        (0..MINUTE, 0..MINUTE) => "just now".to_owned(),
        (_, 0) => format!("{} ago", largest_unit(ago)),
        (_, _) => format!("in {}", largest_unit(ahead)),
    }
}

/// A length of time in the largest unit of which it has at least two, roughly.
fn largest_unit(secs: u64) -> String {
    match secs {
        0..HOUR => format!("{} min", secs / MINUTE),
        HOUR..172_800 => format!("{} h", secs / HOUR),
        _ => format!("{} days", secs / DAY),
    }
}

/// A length of time, such as between two asks.
pub(super) fn length(span: Duration) -> String {
    match span.as_secs() {
        0 => format!("{} ms", span.as_millis()),
        secs if secs < 2 * MINUTE => format!("{secs} s"),
        secs => largest_unit(secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_is_told_in_one_unit() {
        let now = Timestamp::from_secs(1_777_896_000).unwrap();
        for (secs, told) in [
            (0, "just now"),
            (59, "just now"),
            (-59, "just now"),
            (60, "1 min ago"),
            (3_599, "59 min ago"),
            (3_600, "1 h ago"),
            (172_799, "47 h ago"),
            (172_800, "2 days ago"),
            (86_400 * 400, "400 days ago"),
            (-3_600, "in 1 h"),
            (-86_400 * 3, "in 3 days"),
        ] {
            let at = Timestamp::from_secs(1_777_896_000 - secs).unwrap();
            assert_eq!(Moment::of(at, now).ago, told, "{secs}");
        }
        assert_eq!((full(now), day(now)), ("4 May 2026, 12:00 UTC".to_owned(), "4 May".to_owned()));
    }

    #[test]
    fn lengths_are_told_as_they_are_set() {
        for (millis, told) in
            [(250, "250 ms"), (5_000, "5 s"), (90_000, "90 s"), (300_000, "5 min"), (7_200_000, "2 h")]
        {
            assert_eq!(length(Duration::from_millis(millis)), told);
        }
    }
}
