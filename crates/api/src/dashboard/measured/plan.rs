//! How a range is put to the store: so that there are points enough for a picture, and never more rows than a page is
//! worth.

use std::time::Duration;

use unistatus_core::checks::hour_of;
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

    /// The hours whose sums are read of what was measured from an instant on: those that began then or later.
    pub(super) fn hours(&self, since: Timestamp) -> Span {
        Span { from: full_hour(self.window.from.max(since)), until: self.window.until }
    }

    /// The times whose checks are read one by one, in order: those that no sum tells of.
    pub(super) fn unsummed(&self, since: Timestamp, rollups: &[Rollup]) -> Vec<Span> {
        let from = self.window.from.max(since);
        let all = Span { from, until: self.window.until };
        let spans = match (rollups.first(), rollups.last()) {
            (Some(_), Some(last)) => {
                vec![Span { from, until: full_hour(from) }, Span { from: last.hour.plus(HOUR), ..all }]
            }
            _ => vec![all],
        };
        spans.into_iter().filter(|span| !span.is_empty()).collect()
    }
}

/// The beginning of the part of a grid in which an instant lies.
fn grid(at: Timestamp, width: Duration) -> Timestamp {
    let width_ms = i64::try_from(width.as_millis()).unwrap_or(i64::MAX).max(1);
    at.minus(Duration::from_millis(at.as_millis().rem_euclid(width_ms).unsigned_abs()))
}

/// The first full hour that begins at an instant or after it.
fn full_hour(at: Timestamp) -> Timestamp {
    let hour = hour_of(at);
    if hour == at { at } else { hour.plus(HOUR) }
}
