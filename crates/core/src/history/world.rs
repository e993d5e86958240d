//! The world as it was known at an instant.

use std::time::Duration;

use super::record::{Record, records};
use super::{Span, Stretch};
use crate::schema::{Event, Service, Timestamp, Validators};
use crate::store::{Health, Past, Period, TargetState, stale_after};

/// The targets that had services at an instant, as they were known then, by name.
///
/// They have the form of present states, so that they are served the same way. What a service was is told by the event
/// that was its last one then; what was not kept of the target (its address, its type, what people want to know) is as
/// it is now. `revision` is the highest one that brought one of the services' statuses. The health says whether the
/// services were believed ([`Health::is_stale`] at this instant) and nothing else of note.
///
/// `past` covers the instant.
pub fn world_at(past: Past, at: Timestamp) -> Vec<TargetState> {
    records(past).filter_map(|record| target_at(record, at)).collect()
}

fn target_at(Record { state, services, blind }: Record, at: Timestamp) -> Option<TargetState> {
    let events: Vec<Event> = services.into_iter().filter_map(|periods| event_at(periods, at)).collect();
    let revision = events.iter().map(|event| event.revision).max()?;
    let blind_from = blind.iter().find(|blind| blind.contains(at)).map(|blind| blind.from);
    Some(TargetState {
        revision,
        retired: false,
        services: events.into_iter().filter_map(service_after).collect(),
        health: health_at(at, blind_from, state.health.interval()),
        ..state
    })
}

/// The event that brought the status of a service at an instant; `None` if it did not exist then.
fn event_at(periods: Vec<Period>, at: Timestamp) -> Option<Event> {
    let instant = Span::instant(at);
    periods.into_iter().rfind(|period| Stretch::of(period, instant).is_some()).map(|period| period.event)
}

/// The service that an event left; `None` if it removed it.
fn service_after(event: Event) -> Option<Service> {
    Some(Service {
        status: event.to?,
        key: event.key,
        name: event.service,
        last_timestamp: event.source_at.or(Some(event.at)),
        dimensions: event.dimensions,
    })
}

/// A health that was believed up to this instant, or not any more since `blind_from`.
fn health_at(at: Timestamp, blind_from: Option<Timestamp>, interval: Duration) -> Health {
    let believed = stale_after(interval).saturating_add(Duration::from_millis(1));
    Health {
        interval_ms: u64::try_from(interval.as_millis()).unwrap_or(u64::MAX),
        last_attempt: at,
        last_success: Some(blind_from.map_or(at, |from| from.minus(believed))),
        duration_ms: 0,
        http_status: None,
        bytes: 0,
        consecutive_failures: 0,
        failure: None,
        not_before: None,
        next_ask: None,
        believed_until: None,
        validators: Validators::default(),
    }
}
