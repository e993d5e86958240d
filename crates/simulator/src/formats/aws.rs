//! AWS' `currentevents`: an event for each incident, newest first, closed ones among them, in big-endian UTF-16 with a
//! byte-order mark.
//!
//! An event for several services is one of "Multiple services" and tells how each of them is; times are epoch seconds
//! as texts or numbers, and milliseconds for the changes of single services. Planned work is told as informational once
//! it runs.

use serde_json::{Value, json};

use super::codes::{Letters, code};
use crate::world::{Condition, Incident, Service, Stage, Truth, Update};

/// The events, as the vendor encodes them.
pub(super) fn events(truth: &Truth<'_>) -> Vec<u8> {
    let told = truth.events().filter(|incident| incident.stage() != Stage::Scheduled);
    let events = Value::from(told.map(|incident| event(truth, incident)).collect::<Vec<_>>()).to_string();
    [0xFE, 0xFF].into_iter().chain(events.encode_utf16().flat_map(u16::to_be_bytes)).collect()
}

fn digit(update: &Update) -> u8 {
    match update.condition {
        _ if update.stage.is_over() => 0,
        Condition::Operational | Condition::Maintenance => 1,
        Condition::Degraded | Condition::PartialOutage => 2,
        Condition::MajorOutage => 3,
    }
}

fn event(truth: &Truth<'_>, incident: &Incident) -> Value {
    let concerned: Vec<_> = truth.concerned(incident).collect();
    let region = concerned.first().and_then(|service| service.region.as_ref());
    let region_id = region.map_or("global", |region| &region.id);
    let (service, name, kind) = match concerned.as_slice() {
        [only] => (only.id.clone(), only.name.as_str(), only.name.to_uppercase()),
        _ => (format!("multipleservices-{region_id}"), "Multiple services", "MULTIPLE_SERVICES".to_owned()),
    };
    let id = code(Letters::Hex, 16, &[&truth.vendor.name, &incident.id]).to_uppercase();
    let issue = format!("AWS_{}_OPERATIONAL_ISSUE", kind.replace(' ', "_"));
    let mark = if incident.is_open() { "" } else { "[RESOLVED] " };
    let mut event = json!({
        "date": incident.first.at.timestamp().to_string(),
        "arn": format!("arn:aws:health:{region_id}::event/{}/{issue}/{issue}_{id}", kind.replace(' ', "_")),
        "region_name": region.map(|region| &region.name),
        "status": digit(incident.latest()).to_string(),
        "service": service,
        "service_name": name,
        "summary": format!("{mark}{}", incident.title),
        "event_log": posts(incident).map(|update| post(incident, update)).collect::<Vec<_>>(),
    });
    if concerned.len() > 1 {
        let impacted = concerned.iter().map(|service| (service.id.clone(), impact(incident, service)));
        event["impacted_services"] = Value::Object(impacted.collect());
        event["impacted_service_status_changes"] = changes(incident, &concerned).into();
    }
    if let Some(end) = incident.ended_at() {
        event["end_time"] = end.timestamp().to_string().into();
    }
    event
}

/// What is said once there is something to say: not that it was planned.
fn posts(incident: &Incident) -> impl Iterator<Item = &Update> {
    incident.updates().filter(|update| update.stage != Stage::Scheduled)
}

fn post(incident: &Incident, update: &Update) -> Value {
    json!({
        "summary": incident.title,
        "message": update.text,
        "status": digit(update),
        "timestamp": update.at.timestamp(),
    })
}

fn impact(incident: &Incident, service: &Service) -> Value {
    json!({
        "service_name": service.name,
        "current": digit(incident.latest()).to_string(),
        "max": posts(incident).map(digit).max().unwrap_or_default().to_string(),
    })
}

fn changes(incident: &Incident, concerned: &[&Service]) -> Vec<Value> {
    let mut changes = Vec::new();
    let mut before = 0;
    for update in posts(incident) {
        let now = digit(update);
        if now != before {
            changes.extend(concerned.iter().map(|service| {
                json!({
                    "service": service.id,
                    "service_name": service.name,
                    "previous_status": before.to_string(),
                    "current_status": now.to_string(),
                    "timestamp": update.at.timestamp_millis(),
                })
            }));
        }
        before = now;
    }
    changes
}
