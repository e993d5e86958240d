//! The JSON below `/api/targets`: how the collection of a target goes.

use serde::{Serialize, Serializer};
use unistatus_core::schema::{Kind, Status, Timestamp};
use unistatus_core::store::{Failure, TargetState};
use utoipa::ToSchema;

use super::Served;
use crate::openapi::schemas;

/// A target, what people want to know of it, and how its collection goes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "name": "github",
    "title": "GitHub",
    "type": "REST",
    "category": "code",
    "homepage": "https://www.githubstatus.com/",
    "endpoint": "https://www.githubstatus.com/api/v2/summary.json",
    "status": "OK",
    "services": 11,
    "intervalSeconds": 60,
    "lastAttempt": "2026-05-04T12:00:00.500Z",
    "lastSuccess": "2026-05-04T12:00:00.500Z",
    "nextAsk": "2026-05-04T12:01:00.000Z",
    "durationMs": 120,
    "httpStatus": 200,
    "failure": null,
    "consecutiveFailures": 0,
    "stale": false,
    "staleAfter": "2026-05-04T12:05:00.500Z",
    "bytes": 8120,
    "notBefore": null,
}))]
pub(crate) struct Collection<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// What people call it.
    pub(crate) title: &'a str,
    /// How it is asked.
    #[serde(rename = "type")]
    #[schema(value_type = schemas::TargetType)]
    pub(crate) kind: Kind,
    /// What sort of service it is.
    #[schema(required)]
    pub(crate) category: Option<&'a str>,
    /// The page for people.
    #[schema(required)]
    pub(crate) homepage: Option<&'a str>,
    /// Where it is asked.
    pub(crate) endpoint: &'a str,
    /// The worst of its services; null of none.
    #[schema(value_type = Option<schemas::Status>, required)]
    pub(crate) status: Option<Status>,
    /// How many services it has.
    pub(crate) services: usize,
    /// How many seconds lie between two asks.
    #[serde(rename = "intervalSeconds", serialize_with = "seconds")]
    #[schema(value_type = f64)]
    pub(crate) interval_ms: u64,
    /// When it was last asked.
    #[schema(value_type = schemas::Timestamp)]
    pub(crate) last_attempt: Timestamp,
    /// When it last answered well.
    #[schema(value_type = Option<schemas::Timestamp>, required)]
    pub(crate) last_success: Option<Timestamp>,
    /// When it will be asked next, where that is planned.
    #[schema(value_type = Option<schemas::Timestamp>, required)]
    pub(crate) next_ask: Option<Timestamp>,
    /// How long the last ask took.
    pub(crate) duration_ms: u64,
    /// The HTTP status of the last answer.
    #[schema(required)]
    pub(crate) http_status: Option<u16>,
    /// Why the last ask failed; null if it did not.
    #[schema(value_type = Option<schemas::Failure>, required)]
    pub(crate) failure: Option<&'a Failure>,
    /// How many asks failed since the last success.
    pub(crate) consecutive_failures: u32,
    /// Whether its services are not believed any more.
    pub(crate) stale: bool,
    /// The last moment at which its services are believed without another success.
    #[schema(value_type = Option<schemas::Timestamp>, required)]
    pub(crate) stale_after: Option<Timestamp>,
    /// How many bytes the last document had, decompressed.
    pub(crate) bytes: u64,
    /// Until when the source asked to be left alone.
    #[schema(value_type = Option<schemas::Timestamp>, required)]
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
            stale_after: health.last_believed(),
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
