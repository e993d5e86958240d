//! How a range is put to the store: so that there are points enough for a picture, and never more rows than a page is
//! worth.

use std::time::Duration;

use unistatus_core::history::Span;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::Rollup;

use super::Range;

/// How many checks are read for a page at the most: those of a day asked every four seconds, some hundredths of a second
/// of work.
pub(super) const MOST_CHECKS: u32 = 25_000;
const HOUR: Duration = Duration::from_hours(1);
/// Checks are kept for a week and a day, as it is set up: what is longer than a day is told from the sums.
const LONGEST_UNSUMMED: Duration = Duration::from_hours(24);

/// What is read for a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// The time that is shown. Its parts lie on the same grid whenever one looks, so that they do not change their shape.
    pub(super) window: Span,
    /// How much time a point stands for.
    pub(super) width: Duration,
    /// Whether hours are read that were summed up, where they are; else all checks.
    pub(super) is_summed: bool,
}

impl Plan {
    /// The plan for a probe that asks so often.
    pub(super) fn of(range: Range, every: Duration, now: Timestamp) -> Self {
        let asks = range.length().as_millis() / every.as_millis().max(1);
        let is_summed = range.length() > LONGEST_UNSUMMED || asks > u128::from(MOST_CHECKS);
        let width = if is_summed { range.width().max(HOUR) } else { range.width() };
        let until = grid(now, width).plus(width);
        Self { window: Span { from: until.minus(range.length()), until }, width, is_summed }
    }

    /// The time whose checks are read one by one: what no sum tells of, since these were the last.
    pub(super) fn unsummed(&self, rollups: &[Rollup]) -> Span {
        let from = rollups.last().map_or(self.window.from, |last| last.hour.plus(HOUR));
        Span { from, until: self.window.until }
    }
}

/// The beginning of the part of a grid in which an instant lies.
fn grid(at: Timestamp, width: Duration) -> Timestamp {
    let width_ms = i64::try_from(width.as_millis()).unwrap_or(i64::MAX).max(1);
    at.minus(Duration::from_millis(at.as_millis().rem_euclid(width_ms).unsigned_abs()))
}
