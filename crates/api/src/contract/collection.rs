//! The JSON below `/api/targets`: how the collection of a target goes.

use serde::{Serialize, Serializer};
use unistatus_core::schema::{Kind, Status, Timestamp};
use unistatus_core::store::{Failure, TargetState, stale_after};

use super::Served;

/// A target, what people want to know of it, and how its collection goes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Collection<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// What people call it.
    pub(crate) title: &'a str,
    /// How it is asked.
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// The category people look for it in.
    pub(crate) category: Option<&'a str>,
    /// The page for people.
    pub(crate) homepage: Option<&'a str>,
    /// Where it is asked.
    pub(crate) endpoint: &'a str,
    /// The worst of its services; `None` of none.
    pub(crate) status: Option<Status>,
    /// How many services it has.
    pub(crate) services: usize,
    /// How long between two asks.
    #[serde(rename = "intervalSeconds", serialize_with = "seconds")]
    pub(crate) interval_ms: u64,
    /// When it was last asked.
    pub(crate) last_attempt: Timestamp,
    /// When that last went well.
    pub(crate) last_success: Option<Timestamp>,
    /// When it is asked next.
    pub(crate) next_ask: Option<Timestamp>,
    /// How long the last ask took.
    pub(crate) duration_ms: u64,
    /// What the last ask was answered with.
    pub(crate) http_status: Option<u16>,
    /// Why the last ask failed.
    pub(crate) failure: Option<&'a Failure>,
    /// How many asks failed in a row.
    pub(crate) consecutive_failures: u32,
    /// Whether its services are not believed any more.
    pub(crate) stale: bool,
    /// The last moment at which its services are believed without another success.
    pub(crate) stale_after: Option<Timestamp>,
    /// The size of the last document.
    pub(crate) bytes: u64,
    /// Until when the source asked to be left alone.
    pub(crate) not_before: Option<Timestamp>,
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
