//! AWS: the events of the Health Dashboard (`currentevents`), and `data.json`, which it replaced in 2023.
//!
//! Both name services by slug (`ec2-us-east-1`) and keep closed events among the open ones; a service that no open
//! event names is well. An event for several services tells how each of them is now. Times are epoch seconds, but for
//! the changes of single services, which are in milliseconds.

use std::collections::HashMap;

use serde_json::Value;

use super::incident::{headline, recent, updates};
use super::json::{describe, epoch_millis, epoch_secs, has_list, list, text, word};
use super::merge::Merged;
use crate::schema::{
    Incident, IncidentKind, IncidentState, IncidentUpdate, Service, Status, Timestamp, dimension_names,
};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary, aws};

/// What the digits mean. AWS opens real faults as merely informational.
static STATES: Vocabulary = Vocabulary(&[
    // Resolved.
    ("0", Meaning::OK),
    // Informational.
    ("1", Meaning::DEGRADED),
    // Degradation.
    ("2", Meaning::DEGRADED),
    // Disruption.
    ("3", Meaning::OUTAGE),
]);

/// Reads the current events: the services that open ones name.
///
/// An empty list is AWS's way of saying that all is well; that others have empty lists too cannot be helped. What
/// `data.json` has in its archive is years of history and is left out.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value: Value = document.json()?;
    let events = events(&value).ok_or_else(|| stranger(&value))?;
    if let Some(other) = events.iter().find(|event| !is_event(event)) {
        return Err(stranger(other));
    }

    let mut report = Report::open_only();
    let mut merged = Merged::default();
    let mut incidents = Vec::new();
    for event in events {
        let times = Times::of(event);
        let services = if is_closed(event) { Vec::new() } else { services(&mut report, event, &times) };
        incidents.push(incident(event, &times, &services));
        for service in services {
            merged.add(service);
        }
    }
    report.services = merged.into_services();
    report.incidents = recent(incidents);
    Ok(report)
}

fn stranger(value: &Value) -> ParseError {
    ParseError::unrecognised(format!(
        "expected the events of the AWS Health Dashboard (a list, or an object with current and archive, of events \
         with service, date and status), found {}",
        describe(value)
    ))
}

/// The events of now; `None` if the document has no such list.
fn events(value: &Value) -> Option<&[Value]> {
    if let Value::Array(events) = value {
        return Some(events);
    }
    let is_data = has_list(value, "current") && has_list(value, "archive");
    // With nothing current, only the archive tells whose it is.
    (is_data && list(value, "archive").first().is_none_or(is_event)).then(|| list(value, "current"))
}

fn is_event(event: &Value) -> bool {
    let is_told = text(event, "arn").is_some_and(|arn| arn.starts_with("arn:aws"))
        || (epoch_secs(event, "date").is_some() && event.get("summary").is_some() && event.get("status").is_some());
    is_told && !named(event).is_empty()
}

/// Whether an event is over: by its end, its status, or the mark in its headline, which is all that tells of an end
/// where the status keeps saying how bad it was.
fn is_closed(event: &Value) -> bool {
    let has_ended = text(event, "end_time").is_some_and(|time| time != "0");
    let is_marked = text(event, "summary").is_some_and(|summary| aws::without_marks(&summary).1);
    has_ended || is_marked || text(event, "status").is_some_and(|digit| STATES.meaning(&digit) == Some(Meaning::OK))
}

/// What an event says of one service.
struct Named {
    slug: String,
    name: Option<String>,
    /// How it is now.
    digit: String,
    /// How bad it was.
    worst: Option<String>,
}

/// The services that an event names. "Multiple services" are no service where they are told one by one.
fn named(event: &Value) -> Vec<Named> {
    let status = word(event, "status");
    let impacted = event.get("impacted_services").and_then(Value::as_object);
    let one_by_one = impacted.into_iter().flatten().filter(|(slug, _)| !slug.is_empty()).map(|(slug, impact)| Named {
        slug: slug.clone(),
        name: text(impact, "service_name"),
        digit: text(impact, "current").unwrap_or_else(|| status.clone()),
        worst: text(impact, "max"),
    });
    let mut named: Vec<_> = one_by_one.collect();
    if named.is_empty() {
        let name = text(event, "service_name");
        named.extend(text(event, "service").map(|slug| Named { slug, name, digit: status, worst: None }));
    }
    named
}

/// The services that an open event names. One that is well again is named as such, and no longer by the incident.
fn services(report: &mut Report, event: &Value, times: &Times) -> Vec<Service> {
    let region = region(event);
    let key = incident_key(event);
    let mut services = Vec::new();
    for Named { slug, name, digit, .. } in named(event) {
        let meaning = report.read(&STATES, &digit);
        let mut service = aws::service(&slug, name.as_deref(), region.as_deref());
        service.set(meaning);
        service.last_timestamp = times.of_service(&slug, meaning);
        if meaning != Meaning::OK {
            service.dimensions.insert(dimension_names::INCIDENT.to_owned(), key.as_str().into());
        }
        services.push(service);
    }
    services
}

/// The region in `arn:aws:health:me-south-1::event/…`; `None` where it is none or "global".
fn region(event: &Value) -> Option<String> {
    let arn = text(event, "arn")?;
    arn.split(':').nth(3).filter(|region| !region.is_empty() && *region != "global").map(str::to_owned)
}

/// When an event was posted about, and when it changed each of its services.
struct Times {
    newest_post: Option<Timestamp>,
    changes: HashMap<String, Timestamp>,
}

impl Times {
    fn of(event: &Value) -> Self {
        let posts = list(event, "event_log").iter().filter_map(|post| epoch_secs(post, "timestamp"));
        let newest_post = posts.chain(epoch_secs(event, "date")).max();
        let mut changes: HashMap<String, Timestamp> = HashMap::new();
        for change in list(event, "impacted_service_status_changes") {
            if let (Some(slug), Some(at)) = (text(change, "service"), epoch_millis(change, "timestamp")) {
                let newest = changes.entry(slug).or_insert(at);
                *newest = at.max(*newest);
            }
        }
        Self { newest_post, changes }
    }

    /// When the status of a service was last told. Posts after it was well again are about the others.
    fn of_service(&self, slug: &str, meaning: Meaning) -> Option<Timestamp> {
        let change = self.changes.get(slug).copied();
        if meaning == Meaning::OK { change.or(self.newest_post) } else { change.max(self.newest_post) }
    }

    fn newest(&self) -> Option<Timestamp> {
        self.changes.values().copied().max().max(self.newest_post)
    }
}

/// The event's ARN. `data.json` has none: there it is the slug and the time of the beginning, as in the feeds.
fn incident_key(event: &Value) -> String {
    text(event, "arn").unwrap_or_else(|| {
        let slug = text(event, "service").unwrap_or_default();
        format!("{slug}_{}", text(event, "date").unwrap_or_default())
    })
}

fn incident(event: &Value, times: &Times, services: &[Service]) -> Incident {
    let is_closed = is_closed(event);
    let state = if is_closed {
        IncidentState::Resolved
    } else if services.iter().all(|service| service.status == Status::Ok) {
        IncidentState::Monitoring
    } else {
        IncidentState::Investigating
    };
    let (title, _) =
        aws::without_marks(&text(event, "summary").or_else(|| text(event, "service_name")).unwrap_or_default());
    let ended_at = epoch_secs(event, "end_time");
    Incident {
        key: incident_key(event),
        kind: IncidentKind::Incident,
        title: headline(&title),
        state,
        impact: if is_closed { worst(event) } else { Status::worst(services.iter().map(|service| service.status)) },
        started_at: epoch_secs(event, "date"),
        updated_at: ended_at.max(times.newest()),
        resolved_at: ended_at.filter(|_| is_closed),
        url: None,
        services: named(event).into_iter().map(|named| named.slug).collect(),
        updates: updates(posts(event)),
    }
}

/// The worst that an event did; `None` where the document no longer tells.
fn worst(event: &Value) -> Option<Status> {
    let peaks = named(event).into_iter().filter_map(|named| named.worst);
    let posted = list(event, "event_log").iter().filter_map(|post| text(post, "status"));
    let known = peaks.chain(posted).filter_map(|digit| STATES.meaning(&digit)).map(Meaning::status);
    Status::worst(known.filter(|&status| status != Status::Ok))
}

/// What was posted. `data.json` has it as HTML, oldest first, with times of day but no dates.
fn posts(event: &Value) -> impl Iterator<Item = IncidentUpdate> {
    let dated = list(event, "event_log").iter().map(|post| {
        let is_last = text(post, "status").is_some_and(|digit| STATES.meaning(&digit) == Some(Meaning::OK));
        IncidentUpdate {
            at: epoch_secs(post, "timestamp"),
            state: is_last.then_some(IncidentState::Resolved),
            text: text(post, "message").or_else(|| text(post, "summary")).unwrap_or_default(),
        }
    });
    let description = text(event, "description").unwrap_or_default();
    let pieces: Vec<_> =
        description.split("</div>").filter(|piece| !piece.trim().is_empty()).map(str::to_owned).collect();
    let undated = pieces.into_iter().rev().map(|text| IncidentUpdate { at: None, state: None, text });
    dated.chain(undated)
}

#[cfg(test)]
mod tests;
