//! The two axes: which place an instant and a latency have, and the marks that are written beside them.

use std::time::Duration;

use unistatus_core::history::Span;
use unistatus_core::schema::Timestamp;

use super::{Point, SIDE};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The lengths of time that may lie between two marks.
const STEPS: [i64; 11] = [
    MINUTE_MS,
    5 * MINUTE_MS,
    15 * MINUTE_MS,
    HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    7 * DAY_MS,
    30 * DAY_MS,
];
/// How many marks of time there are at the most: so many have room on a phone.
const MOST_MARKS: i64 = 6;
/// A bar is so wide at least, to be seen.
const NARROWEST: f64 = 2.0;

/// The axis of time, from the left to the right.
pub(super) struct Times(Span);

impl Times {
    /// The axis of a window.
    pub(super) const fn of(window: Span) -> Self {
        Self(window)
    }

    /// Where the middle of a point lies.
    pub(super) fn middle(&self, point: &Point) -> f64 {
        self.place(point.from.as_millis().midpoint(point.until.as_millis()))
    }

    /// Where a point begins, and how wide it is.
    pub(super) fn extent(&self, point: &Point) -> (f64, f64) {
        let (begin, end) = (self.place(point.from.as_millis()), self.place(point.until.as_millis()));
        let width = (end - begin).max(NARROWEST);
        (begin.min(SIDE - width), width)
    }

    /// The marks: where they stand and what they say.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let (from, until) = (self.0.from.as_millis(), self.0.until.as_millis());
        let fits = |step: &&i64| (until - from) / **step <= MOST_MARKS;
        let step = STEPS.iter().find(fits).copied().unwrap_or_else(|| (until - from) / MOST_MARKS);
        let format = if step < DAY_MS { "%H:%M" } else { "%-d %b" };
        let first = from.div_euclid(step) + 1;
        let marks = (first..).map(|number| number * step).take_while(|&at| at < until);
        let ticks = marks.filter_map(|at| {
            let text = Timestamp::from_millis(at)?.to_chrono().format(format).to_string();
            Some((self.place(at), text))
        });
        ticks.collect()
    }

    /// Where an instant lies; at the edge if it lies outside.
    #[expect(clippy::cast_precision_loss, reason = "exact for any span below 285,000 years")]
    fn place(&self, millis: i64) -> f64 {
        let (from, length) = (self.0.from.as_millis(), self.0.millis().max(1));
        (millis.saturating_sub(from) as f64 / length as f64 * SIDE).clamp(0.0, SIDE)
    }
}

/// The axis of latency, from below to above: coordinates grow downwards.
pub(super) struct Latencies {
    /// What lies between two marks.
    step: Duration,
    /// How many steps there are.
    steps: u32,
}

impl Latencies {
    /// An axis that has room for a latency: its steps are 1, 2 or 5 of a power of ten.
    pub(super) fn up_to(slowest: Option<Duration>) -> Self {
        let slowest = slowest.unwrap_or_default().max(Duration::from_micros(1));
        let mut power = Duration::from_micros(1);
        loop {
            for factor in [1, 2, 5] {
                let step = power.saturating_mul(factor);
                let steps = slowest.as_micros().div_ceil(step.as_micros());
                if let Ok(steps @ 0..=4) = u32::try_from(steps) {
                    return Self { step, steps: steps.max(1) };
                }
            }
            power = power.saturating_mul(10);
        }
    }

    /// Where a latency lies.
    pub(super) fn height(&self, latency: Duration) -> f64 {
        let highest = self.step.saturating_mul(self.steps);
        (SIDE - latency.as_secs_f64() / highest.as_secs_f64() * SIDE).clamp(0.0, SIDE)
    }

    /// The marks: where they stand and what they say.
    pub(super) fn ticks(&self) -> impl Iterator<Item = (f64, String)> {
        (0..=self.steps).map(|number| {
            let latency = self.step.saturating_mul(number);
            (self.height(latency), told(latency))
        })
    }
}

/// A latency with its unit.
pub(in crate::dashboard) fn told(latency: Duration) -> String {
    let micros = latency.as_micros();
    match micros {
        0 => "0".to_owned(),
        1..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{} ms", short(latency.as_secs_f64() * 1e3)),
        10_000..1_000_000 => format!("{} ms", latency.as_millis()),
        _ => format!("{} s", short(latency.as_secs_f64())),
    }
}

/// A number with one decimal, or none where that is zero.
fn short(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}
