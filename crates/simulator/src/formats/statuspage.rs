//! Atlassian Statuspage v2: `summary.json`, `status.json` and `components.json`.
//!
//! Groups are rows among the components, after their children, with the worst child's status. The indicator follows
//! from the components alone: a critical incident with all components green leaves it at `none`.

use serde_json::{Value, json};

use super::codes::{Letters, code, post_code};
use super::times::millis;
use crate::world::{Condition, Incident, IncidentKind, Service, ServiceState, Stage, Truth, Vendor};

/// The summary: page, status, components, what is unresolved.
pub(super) fn summary(truth: &Truth<'_>) -> String {
    let unresolved = |kind| -> Vec<Value> {
        let open = truth.posted().filter(|incident| incident.kind == kind && incident.is_open());
        open.map(|incident| incident_row(truth, incident)).collect()
    };
    json!({
        "page": page(truth),
        "components": rows(truth),
        "incidents": unresolved(IncidentKind::Incident),
        "scheduled_maintenances": unresolved(IncidentKind::Maintenance),
        "status": overall(truth).json(),
    })
    .to_string()
}

/// Page and status.
pub(super) fn status(truth: &Truth<'_>) -> String {
    json!({ "page": page(truth), "status": overall(truth).json() }).to_string()
}

/// Page and components.
pub(super) fn components(truth: &Truth<'_>) -> String {
    json!({ "page": page(truth), "components": rows(truth) }).to_string()
}

/// What the page says of itself as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overall {
    pub(super) indicator: &'static str,
    pub(super) description: &'static str,
}

impl Overall {
    pub(super) fn json(self) -> Value {
        json!({ "indicator": self.indicator, "description": self.description })
    }
}

/// The family's rule: a function of the components' conditions only.
pub(super) fn overall(truth: &Truth<'_>) -> Overall {
    let all = |condition| truth.services().all(|(_, state)| state.condition == condition);
    let (indicator, description) = match truth.worst() {
        Condition::MajorOutage if all(Condition::MajorOutage) => ("critical", "Major System Outage"),
        Condition::MajorOutage => ("major", "Partial System Outage"),
        Condition::PartialOutage if all(Condition::PartialOutage) => ("major", "Partial System Outage"),
        Condition::PartialOutage => ("minor", "Minor Service Outage"),
        Condition::Degraded => ("minor", "Partially Degraded Service"),
        Condition::Maintenance => ("maintenance", "Service Under Maintenance"),
        Condition::Operational => ("none", "All Systems Operational"),
    };
    Overall { indicator, description }
}

/// The word for a component's condition.
pub(super) fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "operational",
        Condition::Maintenance => "under_maintenance",
        Condition::Degraded => "degraded_performance",
        Condition::PartialOutage => "partial_outage",
        Condition::MajorOutage => "major_outage",
    }
}

/// The word for an incident's impact.
pub(super) fn impact(incident: &Incident) -> &'static str {
    match (incident.kind, incident.worst()) {
        (IncidentKind::Maintenance, _) | (_, Condition::Maintenance) => "maintenance",
        (_, Condition::Operational) => "none",
        (_, Condition::Degraded) => "minor",
        (_, Condition::PartialOutage) => "major",
        (_, Condition::MajorOutage) => "critical",
    }
}

/// The word for an incident's stage.
pub(super) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Investigating => "investigating",
        Stage::Identified => "identified",
        Stage::Monitoring => "monitoring",
        Stage::Resolved => "resolved",
        Stage::Scheduled => "scheduled",
        Stage::InProgress => "in_progress",
        Stage::Completed => "completed",
    }
}

/// A page's id.
fn page_id(vendor: &Vendor) -> String {
    code(Letters::Small, 12, &[&vendor.name])
}

/// A component's id.
pub(super) fn component_id(vendor: &Vendor, service: &Service) -> String {
    code(Letters::Small, 12, &[&vendor.name, &service.id])
}

/// A group's id.
pub(super) fn group_id(vendor: &Vendor, group: &str) -> String {
    code(Letters::Small, 12, &[&vendor.name, "group", group])
}

/// An incident's id, also its place in links.
pub(super) fn incident_id(vendor: &Vendor, incident: &Incident) -> String {
    code(Letters::Small, 12, &[&vendor.name, &incident.id])
}

/// The groups in the order of their first child, each with its children.
pub(super) fn groups<'a>(truth: &Truth<'a>) -> Vec<(&'a str, Vec<(&'a Service, ServiceState)>)> {
    let mut groups: Vec<(&str, Vec<_>)> = Vec::new();
    for (service, state) in truth.services() {
        let Some(name) = service.group.as_deref() else { continue };
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, children)) => children.push((service, state)),
            None => groups.push((name, vec![(service, state)])),
        }
    }
    groups
}

fn page(truth: &Truth<'_>) -> Value {
    let vendor = truth.vendor;
    let zone = match vendor.zone {
        crate::world::Zone::Utc => "Etc/UTC",
        crate::world::Zone::Pacific => "America/Los_Angeles",
    };
    json!({
        "id": page_id(vendor),
        "name": vendor.title,
        "url": vendor.home(),
        "time_zone": zone,
        "updated_at": millis(truth.updated_at, vendor.zone),
    })
}

fn rows(truth: &Truth<'_>) -> Vec<Value> {
    let vendor = truth.vendor;
    let mut rows: Vec<Value> =
        (1..).zip(truth.services()).map(|(at, (one, state))| row(vendor, at, one, state)).collect();
    for (name, children) in groups(truth) {
        let worst = children.iter().map(|(_, state)| state.condition).max().unwrap_or_default();
        let since = children.iter().map(|(_, state)| state.since).max().unwrap_or(truth.updated_at);
        let ids: Vec<_> = children.iter().map(|(child, _)| component_id(vendor, child)).collect();
        let mut group =
            component(vendor, rows.len() + 1, &group_id(vendor, name), name, ServiceState { condition: worst, since });
        group["group"] = true.into();
        group["components"] = ids.into();
        rows.push(group);
    }
    rows
}

fn row(vendor: &Vendor, position: usize, service: &Service, state: ServiceState) -> Value {
    let mut row = component(vendor, position, &component_id(vendor, service), &service.name, state);
    row["group_id"] = service.group.as_deref().map(|name| group_id(vendor, name)).into();
    row
}

fn component(vendor: &Vendor, position: usize, id: &str, name: &str, state: ServiceState) -> Value {
    json!({
        "id": id,
        "name": name,
        "status": word(state.condition),
        "created_at": "2019-05-02T09:30:00.000Z",
        "updated_at": millis(state.since, vendor.zone),
        "position": position,
        "description": null,
        "showcase": true,
        "start_date": null,
        "group_id": null,
        "page_id": page_id(vendor),
        "group": false,
        "only_show_if_degraded": false,
    })
}

fn incident_row(truth: &Truth<'_>, incident: &Incident) -> Value {
    let vendor = truth.vendor;
    let id = incident_id(vendor, incident);
    let time = |at| millis(at, vendor.zone);
    let monitoring = incident.updates().find(|update| update.stage == Stage::Monitoring);
    let named = incident
        .services
        .iter()
        .filter_map(|&place| Some(row(vendor, place + 1, vendor.services.get(place)?, truth.state(place)?)));
    let mut row = json!({
        "id": id,
        "name": incident.title,
        "status": stage(incident.stage()),
        "created_at": time(incident.first.at),
        "updated_at": time(incident.latest().at),
        "monitoring_at": monitoring.map(|update| time(update.at)),
        "resolved_at": incident.ended_at().map(time),
        "impact": impact(incident),
        "shortlink": format!("{}/i/{id}", vendor.home()),
        "started_at": time(incident.first.at),
        "page_id": page_id(vendor),
        "incident_updates": updates(truth, incident, &id),
        "components": named.collect::<Vec<_>>(),
    });
    if let Some((from, until)) = incident.window {
        row["scheduled_for"] = time(from).into();
        row["scheduled_until"] = time(until).into();
    }
    row
}

/// The posts, newest first, each with what it changed for the components.
fn updates(truth: &Truth<'_>, incident: &Incident, id: &str) -> Vec<Value> {
    let vendor = truth.vendor;
    let mut before = Condition::Operational;
    let mut rows = Vec::new();
    for (place, update) in incident.updates().enumerate() {
        let affected = truth.concerned(incident).map(|service| {
            json!({
                "code": component_id(vendor, service),
                "name": service.group.as_ref().map_or_else(|| service.name.clone(), |group| format!("{group} - {}", service.name)),
                "old_status": word(before),
                "new_status": word(update.condition),
            })
        });
        let at = millis(update.at, vendor.zone);
        rows.push(json!({
            "id": post_code(Letters::Small, 12, vendor, incident, place),
            "status": stage(update.stage),
            "body": update.text,
            "incident_id": id,
            "created_at": at,
            "updated_at": at,
            "display_at": at,
            "affected_components": affected.collect::<Vec<_>>(),
            "deliver_notifications": true,
            "custom_tweet": null,
            "tweet_id": null,
        }));
        before = update.condition;
    }
    rows.reverse();
    rows
}
