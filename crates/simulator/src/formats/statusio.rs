//! status.io's public API: components with the containers that they run in, and what is going on or planned; what is over
//! is not in it.

use serde_json::{Value, json};

use super::codes::{Letters, code};
use super::statusio_html::text;
use super::times::millis;
use crate::world::{
    Condition, Incident, IncidentKind, Region, Service, ServiceState, Stage, Truth, Update, Vendor, Zone,
};

/// The page's status.
pub(super) fn status(truth: &Truth<'_>) -> String {
    let rows = |is_listed: fn(&Incident) -> bool| -> Vec<Value> {
        truth.posted().filter(|incident| is_listed(incident)).map(|incident| row(truth, incident)).collect()
    };
    let overall = ServiceState { condition: truth.worst(), since: truth.updated_at };
    json!({"result": {
        "status_overall": stated(json!({}), overall),
        "status": components(truth),
        "incidents": rows(|one| one.kind == IncidentKind::Incident && one.is_open()),
        "maintenance": {
            "active": rows(|one| one.kind == IncidentKind::Maintenance && one.is_active()),
            "upcoming": rows(|one| one.stage() == Stage::Scheduled),
        },
    }})
    .to_string()
}

fn status_code(condition: Condition) -> u16 {
    match condition {
        Condition::Operational => 100,
        Condition::Maintenance => 200,
        Condition::Degraded => 300,
        Condition::PartialOutage => 400,
        Condition::MajorOutage => 500,
    }
}

/// A row with a state.
fn stated(mut row: Value, state: ServiceState) -> Value {
    row["updated"] = millis(state.since, Zone::Utc).into();
    row["status"] = text(state.condition).into();
    row["status_code"] = status_code(state.condition).into();
    row
}

fn component_id(vendor: &Vendor, service: &Service) -> String {
    code(Letters::Hex, 24, &[&vendor.name, "component", &service.name])
}

fn container_id(vendor: &Vendor, region: &Region) -> String {
    code(Letters::Hex, 24, &[&vendor.name, "container", &region.id])
}

/// Each name once, in as many containers as there are services of that name; the worst of them is its own state.
fn components(truth: &Truth<'_>) -> Vec<Value> {
    let vendor = truth.vendor;
    let mut names: Vec<&str> = Vec::new();
    for service in &vendor.services {
        if !names.contains(&service.name.as_str()) {
            names.push(&service.name);
        }
    }
    let component = |name: &str| {
        let places: Vec<_> = truth.services().filter(|(service, _)| service.name == name).collect();
        let containers: Vec<_> = places
            .iter()
            .filter_map(|(service, state)| Some((service.region.as_ref()?, *state)))
            .map(|(region, state)| stated(json!({"id": container_id(vendor, region), "name": region.id}), state))
            .collect();
        let (service, state) = places.into_iter().max_by_key(|(_, state)| (state.condition, state.since))?;
        let row = json!({"id": component_id(vendor, service), "name": name, "containers": containers});
        Some(stated(row, state))
    };
    names.into_iter().filter_map(component).collect()
}

fn row(truth: &Truth<'_>, incident: &Incident) -> Value {
    let vendor = truth.vendor;
    let mut components: Vec<Value> = Vec::new();
    let mut containers: Vec<Value> = Vec::new();
    for service in truth.concerned(incident) {
        components.push(json!({"_id": component_id(vendor, service), "name": service.name}));
        containers.extend(
            service.region.iter().map(|region| json!({"_id": container_id(vendor, region), "name": region.id})),
        );
    }
    components.dedup();
    containers.dedup();
    let mut row = json!({
        "_id": code(Letters::Hex, 24, &[&vendor.name, &incident.id]),
        "name": incident.title,
        "datetime_open": millis(incident.first.at, Zone::Utc),
        "messages": incident.updates().map(message).collect::<Vec<_>>(),
        "components_affected": components,
        "containers_affected": containers,
    });
    if let Some((from, until)) = incident.window {
        row["datetime_planned_start"] = millis(from, Zone::Utc).into();
        row["datetime_planned_end"] = millis(until, Zone::Utc).into();
    }
    row
}

fn message(update: &Update) -> Value {
    let state = match update.stage {
        Stage::Investigating | Stage::Scheduled => 100,
        Stage::Identified | Stage::InProgress => 200,
        Stage::Monitoring => 300,
        Stage::Resolved | Stage::Completed => 400,
    };
    json!({
        "details": update.text,
        "state": state,
        "status": status_code(update.condition),
        "datetime": millis(update.at, Zone::Utc),
    })
}
