//! How long to wait for a database that is away.

use std::time::Duration;

use tokio::time::Instant;

/// Delays that double from failure to failure, up to a limit.
///
/// They begin anew only after a quiet time, so that a database that comes and goes is not asked ever faster.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    last: Option<(Instant, Duration)>,
}

impl Backoff {
    /// The shortest delay.
    pub(super) const SHORTEST: Duration = Duration::from_millis(250);
    /// The longest delay.
    pub(super) const LONGEST: Duration = Duration::from_secs(8);

    /// The delay after one more failure.
    pub(super) fn next(&mut self, now: Instant) -> Duration {
        let delay = match self.last {
            Some((failed, delay)) if now.saturating_duration_since(failed) <= 2 * Self::LONGEST => {
                delay.saturating_mul(2).min(Self::LONGEST)
            }
            Some(_) | None => Self::SHORTEST,
        };
        self.last = Some((now, delay));
        delay
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_limit_and_begin_anew_after_a_quiet_time() {
        let mut backoff = Backoff::default();
        let mut now = Instant::now();
        let delays: Vec<u128> = (0..8)
            .map(|_| {
                let delay = backoff.next(now);
                now += delay;
                delay.as_millis()
            })
            .collect();
        assert_eq!(delays, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
        assert_eq!(backoff.next(now + 3 * Backoff::LONGEST), Backoff::SHORTEST);
    }
}
