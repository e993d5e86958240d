//! Instatus: `summary.json` with the page and what is going on, and `v2/components.json`, where groups are rows as well.
//! Neither has a time of anything but incidents, and what is over is in neither.

use serde_json::{Value, json};

use super::codes::{Letters, code};
use super::statuspage::groups;
use super::times::millis;
use crate::world::{Condition, Incident, IncidentKind, Stage, Truth, Vendor, Zone};

/// The page and what is going on; a list that would be empty is left out.
pub(super) fn summary(truth: &Truth<'_>) -> String {
    let vendor = truth.vendor;
    let status = match truth.worst() {
        Condition::Operational if !truth.posted().any(is_trouble) => "UP",
        Condition::Maintenance => "UNDERMAINTENANCE",
        _ => "HASISSUES",
    };
    let mut summary = json!({"page": {"name": vendor.title, "url": vendor.home(), "status": status}});
    for (key, kind) in [("activeIncidents", IncidentKind::Incident), ("activeMaintenances", IncidentKind::Maintenance)]
    {
        let open = truth.posted().filter(|incident| incident.kind == kind && incident.is_open());
        let rows: Vec<_> = open.map(|incident| row(vendor, incident)).collect();
        if !rows.is_empty() {
            summary[key] = rows.into();
        }
    }
    summary.to_string()
}

/// The components, and their groups after them.
pub(super) fn components(truth: &Truth<'_>) -> String {
    let vendor = truth.vendor;
    let group_id = |name: &str| id(vendor, &["group", name]);
    let row = |id: String, name: &str, condition: Condition, group: Value| json!({"id": id, "name": name, "description": "", "status": word(condition), "group": group});
    let mut rows: Vec<_> = truth
        .services()
        .map(|(one, state)| {
            let group = one.group.as_deref().map(|name| json!({"id": group_id(name), "name": name, "description": ""}));
            row(id(vendor, &[&one.id]), &one.name, state.condition, group.into())
        })
        .collect();
    for (name, children) in groups(truth) {
        let worst = children.iter().map(|(_, state)| state.condition).max().unwrap_or_default();
        rows.push(row(group_id(name), name, worst, Value::Null));
    }
    json!({ "components": rows }).to_string()
}

fn is_trouble(incident: &Incident) -> bool {
    incident.kind == IncidentKind::Incident && incident.is_open()
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "OPERATIONAL",
        Condition::Maintenance => "UNDERMAINTENANCE",
        Condition::Degraded => "DEGRADEDPERFORMANCE",
        Condition::PartialOutage => "PARTIALOUTAGE",
        Condition::MajorOutage => "MAJOROUTAGE",
    }
}

fn id(vendor: &Vendor, words: &[&str]) -> String {
    format!("c{}", code(Letters::Small, 24, &[&[vendor.name.as_str()], words].concat()))
}

fn row(vendor: &Vendor, incident: &Incident) -> Value {
    let id = id(vendor, &[&incident.id]);
    let mut row = json!({
        "id": id,
        "name": incident.title,
        "status": match incident.stage() {
            Stage::Investigating => "INVESTIGATING",
            Stage::Identified => "IDENTIFIED",
            Stage::Monitoring => "MONITORING",
            Stage::Resolved => "RESOLVED",
            Stage::Scheduled => "NOTSTARTEDYET",
            Stage::InProgress => "INPROGRESS",
            Stage::Completed => "COMPLETED",
        },
        "url": format!("{}/{id}", vendor.home()),
        "updatedAt": millis(incident.latest().at, Zone::Utc),
    });
    if let Some((from, until)) = incident.window {
        row["start"] = millis(from, Zone::Utc).into();
        row["duration"] = (until - from).num_minutes().into();
    } else {
        row["started"] = millis(incident.first.at, Zone::Utc).into();
        row["impact"] = word(incident.worst()).into();
    }
    row
}
