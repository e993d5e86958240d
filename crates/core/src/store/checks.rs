//! What is kept of measurements, and how it is asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::schema::{ProbeId, Timestamp};

/// Which checks of a probe are asked for: all conditions hold. The answer is ordered newest first, and tells each
/// check once, however often it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckQuery {
    /// Whose they are.
    pub probe: ProbeId,
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
    /// So many at the most.
    pub limit: Option<u32>,
}

impl CheckQuery {
    /// All checks of a probe.
    pub const fn all_of(probe: ProbeId) -> Self {
        Self { probe, from: None, until: None, limit: None }
    }
}

/// The checks of one probe in one hour, summed up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollup {
    /// Which probe measured. With the hour it identifies the roll-up.
    pub probe: ProbeId,
    /// The first instant of the hour (of UTC).
    pub hour: Timestamp,
    /// How many checks there were.
    pub checks: u32,
    /// How many of them say `Outage`.
    pub outages: u32,
    /// How many packets or attempts were sent.
    pub sent: u32,
    /// How many of them had no good answer.
    pub lost: u32,
    /// The sum of the latencies of those that were answered.
    pub latency: Duration,
    /// How many were answered how fast: for each class of latencies (see `core::checks`) the number of checks in it.
    pub classes: BTreeMap<u16, u32>,
}
