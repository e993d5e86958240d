//! When a target is asked next: pure arithmetic on the time since 1970, which all collectors share.
//!
//! The first round starts at once. From then on each target drifts, by half an interval a round at the most, to a
//! place of its own inside the interval, and stays there: so the rounds after the first are spread over the interval,
//! nobody is ever asked sooner than an interval after the last ask, and on average everybody is asked exactly once an
//! interval. Places lie a step apart, so that among many targets some share one: a processor that wakes up for several
//! asks does each of them in far less time than one that wakes up for each. Failures back off exponentially with jitter;
//! what a source asks for (`Retry-After`) is obeyed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// How far apart the places inside an interval are. Of a thousand targets that are asked every ten seconds, ten share
/// one: enough to be cheap, and too few to hold up each other's answers.
const STEP: Duration = Duration::from_millis(100);

/// The longest back-off, unless the interval itself is longer.
const LONGEST_BACKOFF: Duration = Duration::from_mins(15);

/// How many intervals a back-off grows to: a source that is back is noticed within that time.
const BACKOFF_INTERVALS: u32 = 8;

/// A source may not silence us for longer than this.
const LONGEST_HINT: Duration = Duration::from_hours(24);

/// How a target is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    interval: Duration,
    phase: Duration,
}

/// How an ask ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With an observation.
    Well,
    /// With a failure.
    Badly {
        /// How many asks in a row have failed, this one included.
        in_a_row: u32,
        /// How long the source asks to be left alone.
        hint: Option<Duration>,
    },
}

/// When a target is asked next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// The time since 1970.
    pub at: Duration,
    /// How many asks fell out because the last one took longer than the interval.
    pub missed: u32,
}

impl Policy {
    /// The policy of a target: its place inside the interval follows from its name, so it is the same after a restart,
    /// and in every collector.
    pub fn new(name: &str, interval: Duration) -> Self {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let places = (interval.as_nanos() / STEP.as_nanos()).max(1);
        let place = u128::from(hasher.finish()) % places;
        Self { interval, phase: nanos(place * STEP.as_nanos()) }
    }

    /// The interval.
    pub const fn interval(&self) -> Duration {
        self.interval
    }

    /// When to ask next, after an ask that was planned for `planned` and ended at `finished`. `unit` is random in
    /// `0.0..1.0`.
    pub fn next(&self, planned: Duration, finished: Duration, ended: Ended, unit: f64) -> Next {
        match ended {
            Ended::Well => self.after_success(planned, finished),
            Ended::Badly { in_a_row, hint } => {
                let delay = self.backoff(in_a_row).max(hint.unwrap_or_default().min(LONGEST_HINT));
                Next { at: finished.saturating_add(delay).saturating_add(delay.mul_f64(0.1 * unit)), missed: 0 }
            }
        }
    }

    fn after_success(&self, planned: Duration, finished: Duration) -> Next {
        let interval = self.interval.as_nanos();
        let lag = (self.phase.as_nanos() + interval - planned.as_nanos() % interval) % interval;
        let drift = nanos(lag.min(interval / 2));
        let next = planned + self.interval + drift;
        let late = finished.saturating_sub(next).as_nanos();
        let missed = if finished > next { late.div_ceil(interval) } else { 0 };
        Next { at: next + nanos(missed * interval), missed: u32::try_from(missed).unwrap_or(u32::MAX) }
    }

    /// One interval after the first failure, twice as long after each further one, up to a cap.
    fn backoff(&self, in_a_row: u32) -> Duration {
        let cap = self.interval.saturating_mul(BACKOFF_INTERVALS).min(LONGEST_BACKOFF).max(self.interval);
        let doublings = in_a_row.saturating_sub(1).min(16);
        self.interval.saturating_mul(1 << doublings).min(cap)
    }
}

fn nanos(nanos: u128) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
#[expect(clippy::unchecked_time_subtraction, reason = "a subtraction that fails fails the test")]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn policies() -> impl Strategy<Value = Policy> {
        ("[a-z0-9-]{1,64}", 1_u64..=86_400).prop_map(|(name, secs)| Policy::new(&name, Duration::from_secs(secs)))
    }

    proptest! {
        #[test]
        fn every_interval_has_exactly_one_ask_and_none_comes_early(policy in policies()) {
            let mut planned = Duration::ZERO;
            for round in 1..20_u32 {
                let next = policy.next(planned, planned, Ended::Well, 0.5);
                let gap = next.at - planned;
                prop_assert!(gap >= policy.interval && gap <= policy.interval.mul_f64(1.5001));
                prop_assert_eq!(next.at.as_nanos() / policy.interval.as_nanos(), u128::from(round));
                if round > 3 {
                    prop_assert_eq!(gap, policy.interval, "every target comes to rest at its place");
                }
                planned = next.at;
            }
        }

        #[test]
        fn a_slow_ask_skips_what_it_missed_and_is_never_asked_in_a_burst(
            policy in policies(), took in 0_u64..1_000_000,
        ) {
            let planned = policy.interval * 10 + policy.phase;
            let finished = planned + Duration::from_secs(took);
            let next = policy.next(planned, finished, Ended::Well, 0.5);
            prop_assert!(next.at >= finished && next.at >= planned + policy.interval);
            prop_assert_eq!(next.at - planned, policy.interval * (next.missed + 1));
            prop_assert!(next.at - finished <= policy.interval || next.missed == 0);
        }

        #[test]
        fn failures_back_off_between_the_interval_and_the_cap(
            policy in policies(), in_a_row in 1_u32.., unit in 0.0..1.0_f64, hint in proptest::option::of(0_u64..u64::MAX),
        ) {
            let finished = Duration::from_secs(1_000);
            let hint = hint.map(Duration::from_secs);
            let delay = policy.next(finished, finished, Ended::Badly { in_a_row, hint }, unit).at - finished;
            let asked = hint.unwrap_or_default().min(LONGEST_HINT);
            prop_assert!(delay >= policy.interval && delay >= asked);
            let cap = policy.interval.max(LONGEST_BACKOFF).max(asked);
            prop_assert!(delay <= cap.mul_f64(1.1001));
        }
    }

    #[test]
    fn places_are_steps_apart_and_all_of_them_are_taken() {
        let taken = |interval: Duration| -> BTreeSet<u128> {
            (0..1_000).map(|n| Policy::new(&format!("target-{n}"), interval).phase.as_nanos()).collect()
        };
        for (millis, places) in [(1_000, 10), (1_050, 10), (10_000, 100)] {
            let steps: BTreeSet<u128> = (0..places).map(|place| place * STEP.as_nanos()).collect();
            assert_eq!(taken(Duration::from_millis(millis)), steps, "{millis} ms");
        }
    }

    #[test]
    fn the_second_round_is_spread() {
        let interval = Duration::from_mins(1);
        let mut seconds: Vec<u64> = (0..1_000)
            .map(|n| Policy::new(&format!("target-{n}"), interval))
            .map(|policy| policy.next(Duration::ZERO, Duration::ZERO, Ended::Well, 0.0).at.as_secs())
            .collect();
        seconds.sort_unstable();
        // Half of the places lie in the first half of the interval and are reached at once.
        assert!((70..80).contains(&seconds[250]) && seconds[0] == 60 && seconds[999] <= 90, "{:?}", &seconds[..10]);
    }

    #[test]
    fn each_further_failure_doubles_the_wait() {
        let policy = Policy::new("github", Duration::from_secs(10));
        let waits: Vec<u64> = (1..=6)
            .map(|in_a_row| {
                policy.next(Duration::ZERO, Duration::ZERO, Ended::Badly { in_a_row, hint: None }, 0.0).at.as_secs()
            })
            .collect();
        assert_eq!(waits, [10, 20, 40, 80, 80, 80]);
    }
}
