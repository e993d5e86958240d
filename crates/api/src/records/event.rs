//! A change of status.

use serde::Serialize;
use unistatus_core::schema::{Dimensions, Event, Status, Timestamp};
use utoipa::ToSchema;

use crate::openapi::schemas;

/// A change of one service's status.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event, example = json!({
    "target": "github",
    "service": "Git Operations",
    "key": "8l4ygp009s5s",
    "from": "OK",
    "to": "Degraded",
    "at": "2026-05-04T12:00:00.500Z",
    "sourceAt": "2026-05-04T11:58:21.000Z",
    "dimensions": {"serviceId": "8l4ygp009s5s"},
}))]
pub(crate) struct EventRecord<'a> {
    /// The target's name.
    target: &'a str,
    /// The service's name at that moment.
    service: &'a str,
    /// What tells the service from the others of its target.
    key: &'a str,
    /// The status before; null at first sight.
    #[schema(value_type = Option<schemas::Status>, required)]
    from: Option<Status>,
    /// The status after; null if the service was removed.
    #[schema(value_type = Option<schemas::Status>, required)]
    to: Option<Status>,
    /// When we saw it.
    #[schema(value_type = schemas::Timestamp)]
    at: Timestamp,
    /// When the source says the change happened, where it says so.
    #[schema(value_type = Option<schemas::Timestamp>, required)]
    source_at: Option<Timestamp>,
    /// The service's dimensions after the change (before it, for a removal).
    #[schema(value_type = schemas::Dimensions)]
    dimensions: &'a Dimensions,
}

impl<'a> From<&'a Event> for EventRecord<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            target: &event.target,
            service: &event.service,
            key: &event.key,
            from: event.from,
            to: event.to,
            at: event.at,
            source_at: event.source_at,
            dimensions: &event.dimensions,
        }
    }
}
