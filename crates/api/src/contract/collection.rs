//! The JSON below `/api/targets`: how the collection of a target goes.

use serde::{Serialize, Serializer};
use unistatus_core::schema::{Kind, Status, Timestamp};
use unistatus_core::store::{Failure, TargetState, stale_after};

use super::Served;

/// A target, what people want to know of it, and how its collection goes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Collection<'a> {
    name: &'a str,
    title: &'a str,
    #[serde(rename = "type")]
    kind: Kind,
    category: Option<&'a str>,
    homepage: Option<&'a str>,
    endpoint: &'a str,
    /// The worst of its services; `None` of none.
    status: Option<Status>,
    /// How many services it has.
    services: usize,
    #[serde(rename = "intervalSeconds", serialize_with = "seconds")]
    interval_ms: u64,
    last_attempt: Timestamp,
    last_success: Option<Timestamp>,
    next_ask: Option<Timestamp>,
    duration_ms: u64,
    http_status: Option<u16>,
    failure: Option<&'a Failure>,
    consecutive_failures: u32,
    stale: bool,
    /// The last moment at which its services are believed without another success.
    stale_after: Option<Timestamp>,
    bytes: u64,
    not_before: Option<Timestamp>,
}

impl<'a> Collection<'a> {
    /// What is told of a target; `is_stale` if it is not believed any more.
    pub(crate) fn of(state: &'a TargetState, is_stale: bool) -> Self {
        let TargetState { about, health, services, .. } = state;
        let statuses = services.iter().map(|service| Served::of(service, is_stale).status());
        Self {
            name: &state.name,
            title: about.title.as_deref().unwrap_or(&state.name),
            kind: state.kind,
            category: about.category.as_deref(),
            homepage: about.homepage.as_deref(),
            endpoint: &state.endpoint,
            status: Status::worst(statuses),
            services: services.len(),
            interval_ms: health.interval_ms,
            last_attempt: health.last_attempt,
            last_success: health.last_success,
            next_ask: health.next_ask,
            duration_ms: health.duration_ms,
            http_status: health.http_status,
            failure: health.failure.as_ref(),
            consecutive_failures: health.consecutive_failures,
            stale: is_stale,
            stale_after: health.last_success.map(|success| success.plus(stale_after(health.interval()))),
            bytes: health.bytes,
            not_before: health.not_before,
        }
    }
}

/// Writes milliseconds as seconds: `60`, not `60.0`, where they are whole.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn seconds<S: Serializer>(millis: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    if millis.is_multiple_of(1000) {
        return serializer.serialize_u64(millis / 1000);
    }
    serializer.serialize_f64(std::time::Duration::from_millis(*millis).as_secs_f64())
}
