//! A change of status.

use serde::Serialize;
use unistatus_core::schema::{Dimensions, Event, Status, Timestamp};

/// A change of one service's status.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventRecord<'a> {
    /// The target's name.
    target: &'a str,
    /// The service's name at that moment.
    service: &'a str,
    /// What tells the service from the others of its target.
    key: &'a str,
    /// The status before; null at first sight.
    from: Option<Status>,
    /// The status after; null if the service was removed.
    to: Option<Status>,
    /// When we saw it.
    at: Timestamp,
    /// When the source says the change happened, where it says so.
    source_at: Option<Timestamp>,
    /// The service's dimensions after the change (before it, for a removal).
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
