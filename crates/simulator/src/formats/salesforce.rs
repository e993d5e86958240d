//! Salesforce Trust: the list of instances with what concerns them, and a product with the same instances. An instance
//! has no name but its key. Sandboxes and instances out of service are in the lists, too.

use serde_json::{Value, json};

use super::codes::{Letters, code};
use super::times::millis;
use crate::world::{Condition, Incident, IncidentKind, Service, ServiceState, Stage, Truth, Zone};

/// The instances.
pub(super) fn instances(truth: &Truth<'_>) -> String {
    Value::from(rows(truth)).to_string()
}

/// The product that they all belong to.
pub(super) fn product(truth: &Truth<'_>) -> String {
    let title = &truth.vendor.title;
    json!({
        "key": title,
        "order": 100,
        "isActive": true,
        "name": title,
        "altDisplayName": title,
        "url": format!("/products/{title}"),
        "Instances": rows(truth),
    })
    .to_string()
}

fn rows(truth: &Truth<'_>) -> Vec<Value> {
    let mut rows: Vec<_> =
        truth.services().enumerate().map(|(place, (service, state))| instance(truth, place, service, state)).collect();
    for (key, environment, is_active) in [("CS1", "sandbox", true), ("NA0", "production", false)] {
        let mut row = blank(key, "NA", "MAJOR_INCIDENT_CORE");
        row["environment"] = environment.into();
        row["isActive"] = is_active.into();
        rows.push(row);
    }
    rows
}

fn blank(key: &str, location: &str, status: &str) -> Value {
    json!({
        "key": key,
        "location": location,
        "environment": "production",
        "releaseVersion": "",
        "releaseNumber": "",
        "status": status,
        "isActive": true,
        "createdAt": "2024-06-24T23:03:57.551Z",
        "updatedAt": "2025-04-17T17:03:12.099Z",
        "city": "",
        "maintenanceWindow": "",
        "Incidents": [],
        "Maintenances": [],
    })
}

fn instance(truth: &Truth<'_>, place: usize, service: &Service, state: ServiceState) -> Value {
    let status = match state.condition {
        Condition::Operational => "OK",
        Condition::Maintenance => "MAINTENANCE_CORE",
        Condition::Degraded => "MINOR_INCIDENT_CORE",
        Condition::PartialOutage => "MAJOR_INCIDENT_NONCORE",
        Condition::MajorOutage => "MAJOR_INCIDENT_CORE",
    };
    let location = service.region.as_ref().map_or("NA", |region| &region.id);
    let mut row = blank(&service.name, location, status);
    let concerning = |kind| {
        let concerned = move |incident: &&Incident| incident.kind == kind && incident.services.contains(&place);
        truth.posted().filter(concerned).map(|one| event(truth, one)).collect::<Vec<_>>()
    };
    row["Incidents"] = concerning(IncidentKind::Incident).into();
    row["Maintenances"] = concerning(IncidentKind::Maintenance).into();
    row
}

fn event(truth: &Truth<'_>, incident: &Incident) -> Value {
    let time = |at| millis(at, Zone::Utc);
    let id = code(Letters::Decimal, 8, &[&truth.vendor.name, &incident.id]).parse::<u32>().unwrap_or_default();
    let (name, status) = match incident.stage() {
        Stage::Scheduled => ("scheduled", "Scheduled"),
        Stage::InProgress => ("inProgress", "Active"),
        Stage::Completed => ("completed", "Completed"),
        Stage::Resolved => ("resolved", "Resolved"),
        _ => ("update", "Active"),
    };
    let posts = incident.updates().rev().map(|update| {
        json!({ "type": "update", "message": update.text, "createdAt": time(update.at), "updatedAt": time(update.at) })
    });
    let posts: Vec<_> = posts.collect();
    let keys: Vec<_> = truth.concerned(incident).map(|service| service.name.as_str()).collect();
    let mut event = json!({
        "id": id,
        "message": { "subject": incident.title, "eventStatus": name },
        "isCore": true,
        "affectsAll": false,
        "createdAt": time(incident.first.at),
        "updatedAt": time(incident.latest().at),
        "instanceKeys": keys,
        "serviceKeys": [],
    });
    if incident.kind == IncidentKind::Maintenance {
        let window = incident.window.map(|(from, until)| (time(from), time(until)));
        event["plannedStartTime"] = window.as_ref().map(|(from, _)| from.as_str()).into();
        event["plannedEndTime"] = window.as_ref().map(|(_, until)| until.as_str()).into();
        event["MaintenanceImpacts"] = json!([]);
        event["MaintenanceEvents"] = posts.into();
    } else {
        let severity = if incident.worst() == Condition::MajorOutage { "major" } else { "minor" };
        let impact = json!({
            "startTime": time(incident.first.at),
            "endTime": incident.ended_at().map(time),
            "type": "performanceDegradation",
            "severity": severity,
        });
        event["status"] = status.into();
        event["IncidentImpacts"] = json!([impact]);
        event["IncidentEvents"] = posts.into();
    }
    event
}
