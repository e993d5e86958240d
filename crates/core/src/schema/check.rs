//! What a probe measured.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Status, Timestamp};

/// One measurement of a probe: one ask of its target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// The target's name. With the time it identifies the check.
    pub target: String,
    /// When the ask began.
    pub at: Timestamp,
    /// What the measurement says of the service, retries and thresholds reckoned with.
    pub status: Status,
    /// How long the answer took, to the microsecond; of several packets the average. `None` if there was none.
    pub latency: Option<Duration>,
    /// How many packets (of `TCP` and `HTTP`: attempts) were sent.
    pub sent: u16,
    /// How many of them had no good answer.
    pub lost: u16,
}
