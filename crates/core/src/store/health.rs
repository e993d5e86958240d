//! How the collection of one target goes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::schema::{FailureClass, Timestamp, Validators};

/// How the collection of one target goes: rewritten by each ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// The interval the target is asked at, in milliseconds; kept so that every reader knows what is stale.
    pub interval_ms: u64,
    /// When it was asked last.
    pub last_attempt: Timestamp,
    /// When it was asked last with success.
    pub last_success: Option<Timestamp>,
    /// The last moment at which what that success told is believed; what it was asked at then decides, not the interval of
    /// now. `None` if there was no success, and where it was not written down: then [`stale_after`] decides.
    #[serde(default)]
    pub believed_until: Option<Timestamp>,
    /// How long the last ask took, in milliseconds.
    pub duration_ms: u64,
    /// The HTTP status of the last answer, if there was one.
    pub http_status: Option<u16>,
    /// The size of the last body after decompression, in bytes.
    pub bytes: u64,
    /// How many asks in a row have failed.
    pub consecutive_failures: u32,
    /// Why the last ask failed; `None` if it did not.
    pub failure: Option<Failure>,
    /// The source asked to be left alone until then (`Retry-After`).
    pub not_before: Option<Timestamp>,
    /// When it will be asked next.
    #[serde(default)]
    pub next_ask: Option<Timestamp>,
    /// What to ask "has it changed?" with.
    pub validators: Validators,
}

/// Why an ask failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Its class, for counting.
    pub class: FailureClass,
    /// What happened, for people. Holds no secret.
    pub message: String,
}

/// How long after its last success a target's services are believed: three intervals, at least five minutes.
pub fn stale_after(interval: Duration) -> Duration {
    interval.saturating_mul(3).max(Duration::from_mins(5))
}

impl Health {
    /// The interval the target is asked at.
    pub const fn interval(&self) -> Duration {
        Duration::from_millis(self.interval_ms)
    }

    /// The last moment at which the services are believed without another success; `None` if there was none yet.
    pub fn last_believed(&self) -> Option<Timestamp> {
        let success = self.last_success?;
        Some(self.believed_until.unwrap_or_else(|| success.plus(stale_after(self.interval()))))
    }

    /// The first moment at which the services are not believed any more; `None` if there was no success yet.
    pub fn stale_from(&self) -> Option<Timestamp> {
        Some(self.last_believed()?.plus(Duration::from_millis(1)))
    }

    /// Whether the services are not believed at this moment.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.stale_from().is_some_and(|from| now >= from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_intervals_and_at_least_five_minutes() {
        assert_eq!(stale_after(Duration::from_secs(10)), Duration::from_mins(5));
        assert_eq!(stale_after(Duration::from_mins(10)), Duration::from_mins(30));
    }
}
