//! What can be computed of checks: how many were answered, and how fast. Pure.
//!
//! Latencies are counted in classes, each a fiftieth wider than the one before, so a year of them takes little room, can
//! be added up in any order, and gives every percentile to a hundredth of its value.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::history::Span;
use crate::schema::{Check, ProbeId, Status, Timestamp};
use crate::store::Rollup;

/// How much wider a class is than the one before.
const WIDENING: f64 = 1.02;
/// How long an hour is, in milliseconds.
const HOUR_MS: i64 = 3_600_000;

/// Checks, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there were.
    pub checks: u32,
    /// How many of them say `Outage`.
    pub outages: u32,
    /// How many packets or attempts were sent.
    pub sent: u32,
    /// How many of those had no good answer.
    pub lost: u32,
    latency: Duration,
    classes: BTreeMap<u16, u32>,
}

impl Tally {
    /// Counts a check.
    pub fn add(&mut self, check: &Check) {
        self.checks = self.checks.saturating_add(1);
        self.outages = self.outages.saturating_add(u32::from(check.status == Status::Outage));
        self.sent = self.sent.saturating_add(u32::from(check.sent));
        self.lost = self.lost.saturating_add(u32::from(check.lost));
        if let Some(latency) = check.latency {
            self.latency = self.latency.saturating_add(latency);
            count(&mut self.classes, class_of(latency), 1);
        }
    }

    /// Counts all checks of an hour.
    pub fn add_all_of(&mut self, rollup: &Rollup) {
        self.checks = self.checks.saturating_add(rollup.checks);
        self.outages = self.outages.saturating_add(rollup.outages);
        self.sent = self.sent.saturating_add(rollup.sent);
        self.lost = self.lost.saturating_add(rollup.lost);
        self.latency = self.latency.saturating_add(rollup.latency);
        for (&class, &answered) in &rollup.classes {
            count(&mut self.classes, class, answered);
        }
    }

    /// How many checks were answered.
    pub fn answered(&self) -> u64 {
        self.classes.values().copied().map(u64::from).sum()
    }

    /// The latency that this share (0 to 1) of the answered checks does not exceed; `None` where none was answered.
    pub fn percentile(&self, share: f64) -> Option<Duration> {
        let rank = rank(share, self.answered());
        let mut seen = 0_u64;
        let class = self.classes.iter().find(|(_, answered)| {
            seen += u64::from(**answered);
            seen >= rank
        });
        class.map(|(&class, _)| middle_of(class))
    }

    /// The mean latency of the answered checks; `None` where none was.
    pub fn mean(&self) -> Option<Duration> {
        let answered = self.answered();
        (answered > 0).then(|| Duration::from_secs_f64(self.latency.as_secs_f64() / as_f64(answered)))
    }

    /// The share of what was sent that had no good answer; `None` where nothing was sent.
    pub fn loss(&self) -> Option<f64> {
        (self.sent > 0).then(|| f64::from(self.lost) / f64::from(self.sent))
    }

    fn into_rollup(self, probe: &ProbeId, hour: Timestamp) -> Rollup {
        let Self { checks, outages, sent, lost, latency, classes } = self;
        Rollup { probe: probe.clone(), hour, checks, outages, sent, lost, latency, classes }
    }
}

/// The checks of a probe (all of the hours they lie in), an hour at a time, oldest first.
pub fn roll_up<'a>(probe: &ProbeId, checks: impl IntoIterator<Item = &'a Check>) -> Vec<Rollup> {
    let mut hours: BTreeMap<Timestamp, Tally> = BTreeMap::new();
    for check in checks {
        hours.entry(hour_of(check.at)).or_default().add(check);
    }
    hours.into_iter().map(|(hour, tally)| tally.into_rollup(probe, hour)).collect()
}

/// The first instant of the hour (of UTC) in which an instant lies.
pub fn hour_of(instant: Timestamp) -> Timestamp {
    let into_it = instant.as_millis().rem_euclid(HOUR_MS);
    instant.minus(Duration::from_millis(into_it.unsigned_abs()))
}

/// A part of a span, and the checks in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The part.
    pub span: Span,
    /// Its checks; none where nothing was measured.
    pub tally: Tally,
}

/// A span in parts of this width, oldest first, the last one as short as it has to be. Checks and roll-ups of other
/// times are left out; of a roll-up the beginning of its hour decides.
pub fn series(span: Span, width: Duration, checks: &[Check], rollups: &[Rollup]) -> Vec<Point> {
    let width_ms = i64::try_from(width.as_millis()).unwrap_or(i64::MAX).max(1);
    let mut points = parts(span, width_ms);
    let index_of = |instant: Timestamp| {
        let index = (instant.as_millis() - span.from.as_millis()).div_euclid(width_ms);
        usize::try_from(index).ok().filter(|_| instant < span.until)
    };
    for check in checks {
        if let Some(point) = index_of(check.at).and_then(|index| points.get_mut(index)) {
            point.tally.add(check);
        }
    }
    for rollup in rollups {
        if let Some(point) = index_of(rollup.hour).and_then(|index| points.get_mut(index)) {
            point.tally.add_all_of(rollup);
        }
    }
    points
}

fn parts(span: Span, width_ms: i64) -> Vec<Point> {
    let width = Duration::from_millis(width_ms.unsigned_abs());
    let mut points = Vec::new();
    let mut from = span.from;
    while from < span.until {
        let until = from.plus(width).min(span.until);
        points.push(Point { span: Span { from, until }, tally: Tally::default() });
        from = until;
    }
    points
}

fn count(classes: &mut BTreeMap<u16, u32>, class: u16, more: u32) {
    let answered = classes.entry(class).or_default();
    *answered = answered.saturating_add(more);
}

/// The class of a latency: up to a microsecond it is 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a logarithm of microseconds is small")]
fn class_of(latency: Duration) -> u16 {
    let micros = latency.as_secs_f64() * 1e6;
    if micros <= 1.0 { 0 } else { (micros.ln() / WIDENING.ln()).ceil().min(f64::from(u16::MAX)) as u16 }
}

/// What a latency of a class is, to a hundredth.
fn middle_of(class: u16) -> Duration {
    let upper = WIDENING.powi(i32::from(class));
    let micros = upper * 2.0 / (1.0 + WIDENING);
    Duration::try_from_secs_f64(micros / 1e6).unwrap_or(Duration::MAX)
}

/// Which of so many, in ascending order, is the one that a share does not exceed; counted from 1.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 1 and the count")]
fn rank(share: f64, count: u64) -> u64 {
    ((share * as_f64(count)).ceil() as u64).clamp(1, count.max(1))
}

#[expect(clippy::cast_precision_loss, reason = "counts of checks are far below 2^52")]
const fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    fn probe() -> ProbeId {
        ProbeId::of_server("6b1c")
    }

    fn check() -> impl Strategy<Value = Check> {
        (0..30_000_000_i64, prop::option::of(1..60_000_000_u64), 1..5_u16, prop::sample::select(&Status::ALL[..]))
            .prop_map(|(millis, micros, sent, status)| Check {
                probe: probe(),
                at: at(millis),
                status,
                latency: micros.map(Duration::from_micros),
                sent,
                lost: if micros.is_some() { sent - 1 } else { sent },
            })
    }

    fn checks() -> impl Strategy<Value = Vec<Check>> {
        prop::collection::vec(check(), 0..200)
    }

    fn tally(checks: &[Check]) -> Tally {
        let mut tally = Tally::default();
        for check in checks {
            tally.add(check);
        }
        tally
    }

    #[test]
    fn nothing_has_no_figures() {
        let none = Tally::default();
        assert_eq!((none.percentile(0.5), none.mean(), none.loss()), (None, None, None));
    }

    #[test]
    fn extreme_latencies_have_classes() {
        for latency in [Duration::ZERO, Duration::from_nanos(1), Duration::from_hours(24 * 365), Duration::MAX] {
            let _ = middle_of(class_of(latency));
        }
    }

    proptest! {
        #[test]
        fn percentiles_are_those_of_the_sorted_latencies_to_a_hundredth(checks in checks(), share in 0.0..=1.0_f64) {
            let mut latencies: Vec<f64> = checks.iter().filter_map(|check| check.latency).map(|it| it.as_secs_f64()).collect();
            latencies.sort_by(f64::total_cmp);
            let counted = tally(&checks).percentile(share);
            prop_assert_eq!(counted.is_some(), !latencies.is_empty());
            if let Some(counted) = counted {
                let exact = latencies[usize::try_from(rank(share, latencies.len() as u64)).unwrap() - 1];
                prop_assert!((counted.as_secs_f64() / exact - 1.0).abs() < 0.0101, "{counted:?} is not {exact}");
            }
        }

        #[test]
        fn hours_added_up_are_all_checks(checks in checks()) {
            let rollups = roll_up(&probe(), &checks);
            prop_assert!(rollups.is_sorted_by(|one, next| one.hour < next.hour));
            let mut sum = Tally::default();
            for rollup in &rollups {
                sum.add_all_of(rollup);
            }
            prop_assert_eq!(sum, tally(&checks));
            for rollup in &rollups {
                let of_hour: Vec<Check> =
                    checks.iter().filter(|check| hour_of(check.at) == rollup.hour).cloned().collect();
                prop_assert_eq!(rollup, &tally(&of_hour).into_rollup(&probe(), rollup.hour));
            }
        }

        #[test]
        fn each_check_is_in_the_part_it_lies_in(
            checks in checks(), from in 0..20_000_000_i64, length in 0..20_000_000_i64, width in 50_000..9_000_000_u64,
        ) {
            let span = Span { from: at(from), until: at(from + length) };
            let points = series(span, Duration::from_millis(width), &checks, &[]);
            prop_assert_eq!(points.first().map_or(span.until, |first| first.span.from), span.from);
            prop_assert!(points.windows(2).all(|pair| pair[0].span.until == pair[1].span.from));
            prop_assert_eq!(points.last().map_or(span.until, |last| last.span.until), span.until);
            for Point { span, tally: counted } in points {
                let inside: Vec<Check> =
                    checks.iter().filter(|check| check.at >= span.from && check.at < span.until).cloned().collect();
                prop_assert_eq!(counted, tally(&inside));
            }
        }
    }
}
