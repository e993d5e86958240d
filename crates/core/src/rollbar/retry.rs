//! What may be sent again, and when.

use std::time::Duration;

use super::Limits;
use super::error::Failure;
use crate::schema::FailureClass;

/// How long to wait before a request is sent again that failed for the `attempt`-th time; `None` if it may not be. What
/// changes something is sent again only where it certainly was not taken.
pub(super) fn pause(failure: &Failure, is_safe: bool, attempt: u32, limits: &Limits) -> Option<Duration> {
    if attempt >= limits.attempts {
        return None;
    }
    let backoff = limits.pause.saturating_mul(1 << attempt.saturating_sub(1).min(10));
    match failure {
        Failure::NotSent(_) => Some(backoff),
        // What is too large does not get smaller.
        Failure::Broken(error) => (is_safe && error.class() != FailureClass::TooLarge).then_some(backoff),
        // That says that it was not processed; where it does not say for how long, asking again is of no use.
        Failure::Answered { status: 429, wait, .. } => *wait,
        Failure::Answered { status: 502..=504, wait, .. } => is_safe.then(|| wait.unwrap_or_default().max(backoff)),
        Failure::Answered { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::target::fetch::FetchError;

    fn answered(status: u16, wait: Option<u64>) -> Failure {
        Failure::Answered { status, said: None, wait: wait.map(Duration::from_secs) }
    }

    fn trouble() -> FetchError {
        FetchError::own_trouble(&"a test")
    }

    #[test]
    fn only_what_is_safe_or_was_not_taken_is_sent_again() {
        let limits = Limits { pause: Duration::from_secs(1), ..Limits::default() };
        for (failure, reading, changing) in [
            (Failure::NotSent(trouble()), Some(1), Some(1)),
            (Failure::Broken(trouble()), Some(1), None),
            (answered(429, Some(7)), Some(7), Some(7)),
            (answered(429, None), None, None),
            (answered(502, None), Some(1), None),
            (answered(503, Some(7)), Some(7), None),
            (answered(503, Some(0)), Some(1), None),
            (answered(504, None), Some(1), None),
            (answered(500, None), None, None),
            (answered(501, Some(1)), None, None),
            (answered(404, Some(1)), None, None),
        ] {
            for (is_safe, expected) in [(true, reading), (false, changing)] {
                let pause = pause(&failure, is_safe, 1, &limits);
                assert_eq!(pause, expected.map(Duration::from_secs), "{failure:?}, safe: {is_safe}");
            }
        }
    }

    proptest! {
        #[test]
        fn attempts_are_counted_and_pauses_never_get_shorter(attempts in 1_u32..50, attempt in 1_u32..60) {
            let limits = Limits { attempts, ..Limits::default() };
            let at = |attempt| pause(&Failure::NotSent(trouble()), true, attempt, &limits);
            prop_assert_eq!(at(attempt).is_some(), attempt < attempts);
            if let (Some(this), Some(next)) = (at(attempt), at(attempt + 1)) {
                prop_assert!(next >= this && this >= limits.pause);
            }
        }
    }
}
