//! How the asking of a target goes, for people.

use std::time::Duration;

use serde::Serialize;
use unistatus_core::schema::Timestamp;

use super::moment::{self, Moment};
use crate::snapshot::TargetView;

/// How the asking goes.
#[derive(Debug, Serialize)]
pub(super) struct Asking {
    kind: &'static str,
    endpoint: String,
    every: String,
    last: Moment,
    took: String,
    http_status: Option<u16>,
    success: Option<Moment>,
    next: Option<Moment>,
    /// Why the last ask failed.
    failure: Option<String>,
    /// How many failed since the last success.
    failures: u32,
    /// Whether what was known is not believed any more.
    is_stale: bool,
}

impl Asking {
    /// How it goes with a target.
    pub(super) fn of(target: &TargetView, now: Timestamp) -> Self {
        let state = target.state();
        let health = &state.health;
        let told = |at| Moment::of(at, now);
        Self {
            kind: state.kind.as_str(),
            endpoint: state.endpoint.clone(),
            every: moment::length(health.interval()),
            last: told(health.last_attempt),
            took: moment::length(Duration::from_millis(health.duration_ms)),
            http_status: health.http_status,
            success: health.last_success.map(told),
            next: health.next_ask.map(told),
            failure: health.failure.as_ref().map(|failure| failure.message.clone()),
            failures: health.consecutive_failures,
            is_stale: target.is_stale(),
        }
    }
}
