//! Heroku's `current-status` and the history of its incidents. Maintenances stay under `scheduled`, as `upcoming` and not
//! `resolved`, long after they ended: only the type of their last update tells.

use serde_json::{Value, json};

use super::codes::{Letters, code};
use super::times::millis;
use crate::world::{Condition, Incident, IncidentKind, Stage, Truth, Update, Zone};

/// The systems, what is open, and what was ever scheduled.
pub(super) fn current_status(truth: &Truth<'_>) -> String {
    let systems = truth.services().map(|(one, state)| json!({"system": one.name, "status": colour(state.condition)}));
    let rows = |is_listed: fn(&Incident) -> bool| -> Vec<Value> {
        truth.posted().filter(|incident| is_listed(incident)).map(|incident| row(truth, incident)).collect()
    };
    json!({
        "status": systems.collect::<Vec<_>>(),
        "incidents": rows(|incident| incident.kind == IncidentKind::Incident && incident.is_open()),
        "scheduled": rows(|incident| incident.kind == IncidentKind::Maintenance),
    })
    .to_string()
}

/// All incidents, newest first.
pub(super) fn incidents(truth: &Truth<'_>) -> String {
    let incidents = truth.posted().filter(|incident| incident.kind == IncidentKind::Incident);
    Value::from(incidents.map(|incident| row(truth, incident)).collect::<Vec<_>>()).to_string()
}

fn colour(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "green",
        Condition::Maintenance => "blue",
        Condition::Degraded | Condition::PartialOutage => "yellow",
        Condition::MajorOutage => "red",
    }
}

fn row(truth: &Truth<'_>, incident: &Incident) -> Value {
    let vendor = truth.vendor;
    let id = code(Letters::Decimal, 4, &[&vendor.name, &incident.id]).parse::<u32>().unwrap_or_default();
    let state = match (incident.kind, incident.is_open()) {
        (IncidentKind::Maintenance, _) => "upcoming",
        (IncidentKind::Incident, true) => "open",
        (IncidentKind::Incident, false) => "resolved",
    };
    let is_resolved = state == "resolved";
    let mut updates: Vec<_> = (1..).zip(incident.updates()).map(|at| update(truth, incident, id, at)).collect();
    updates.reverse();
    json!({
        "id": id,
        "title": incident.title,
        "state": state,
        "created_at": millis(incident.first.at, Zone::Utc),
        "updated_at": millis(incident.latest().at, Zone::Utc),
        "resolved": is_resolved,
        "href": format!("{}/api/v4/incidents/{id}", vendor.home()),
        "full_url": format!("{}/incidents/{id}", vendor.home()),
        "duration": 0,
        "resolved_at": incident.ended_at().filter(|_| is_resolved).map(|at| millis(at, Zone::Utc)),
        "review": false,
        "systems": systems(truth, incident, incident.latest().condition),
        "tags": ["EMEA", "NA"],
        "updates": updates,
    })
}

fn systems(truth: &Truth<'_>, incident: &Incident, condition: Condition) -> Vec<Value> {
    let system = |name: &str| json!({"name": name, "status": colour(condition), "services": [name]});
    truth.concerned(incident).map(|service| system(&service.name)).collect()
}

fn update(truth: &Truth<'_>, incident: &Incident, id: u32, (number, update): (u32, &Update)) -> Value {
    let kind = match update.stage {
        Stage::Investigating => "issue",
        Stage::Identified => "update",
        Stage::Monitoring => "monitoring",
        Stage::Scheduled | Stage::InProgress => "scheduled",
        Stage::Resolved | Stage::Completed => "resolved",
    };
    json!({
        "id": id * 100 + number,
        "created_at": millis(update.at, Zone::Utc),
        "updated_at": millis(update.at, Zone::Utc),
        "incident_id": id,
        "contents": update.text,
        "title": incident.title,
        "update_type": kind,
        "systems": systems(truth, incident, update.condition),
    })
}
