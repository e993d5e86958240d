//! Spans of time.

use std::time::Duration;

use crate::schema::Timestamp;

/// A span of time that begins with one instant and ends before another. Empty where the end is not after the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
}

impl Span {
    /// The shortest span there is: one instant, a millisecond long.
    pub fn instant(at: Timestamp) -> Self {
        Self { from: at, until: at.plus(Duration::from_millis(1)) }
    }

    /// What of it has happened at this moment.
    #[must_use]
    pub fn before(self, now: Timestamp) -> Self {
        Self { until: self.until.min(now), ..self }
    }

    /// What it has in common with another one; empty if that is nothing.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), until: self.until.min(other.until) }
    }

    /// Whether there is no time in it.
    pub fn is_empty(self) -> bool {
        self.until <= self.from
    }

    /// Whether an instant lies in it.
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// How long it is, in milliseconds.
    pub fn millis(self) -> u64 {
        u64::try_from(self.until.as_millis() - self.from.as_millis()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, until: i64) -> Span {
        Span { from: Timestamp::from_millis(from).unwrap(), until: Timestamp::from_millis(until).unwrap() }
    }

    #[test]
    fn the_end_is_not_part_of_it() {
        let whole = span(10, 20);
        assert_eq!(
            [9, 10, 19, 20].map(|at| whole.contains(Timestamp::from_millis(at).unwrap())),
            [false, true, true, false]
        );
        assert_eq!(whole.millis(), 10);
        assert_eq!(Span::instant(whole.from), span(10, 11));
    }

    #[test]
    fn what_ends_before_it_begins_is_empty_and_lasts_no_time() {
        for empty in [span(10, 10), span(20, 10), span(0, 10).within(span(10, 20)), span(0, 5).within(span(7, 9))] {
            assert!(empty.is_empty() && empty.millis() == 0, "{empty:?}");
        }
        assert_eq!(span(0, 10).within(span(5, 20)), span(5, 10));
        assert_eq!(span(0, 10).before(Timestamp::from_millis(7).unwrap()), span(0, 7));
    }
}
