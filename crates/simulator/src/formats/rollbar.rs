//! Rollbar's list of a project's items, in pages of a hundred: an item for each service that an event concerns, as the
//! environment that it occurs in. What is over is resolved.
//!
//! Rollbar knows no planned work: what runs is told as an error, what is only scheduled is left out.

use serde_json::{Value, json};

use super::Asked;
use super::codes::{Letters, code};
use crate::world::{Condition, Incident, Service, Stage, Truth};

/// How many items a page has.
const PAGE: usize = 100;

/// A page of the items, newest first.
pub(super) fn items(truth: &Truth<'_>, asked: &Asked) -> String {
    let page = asked.query("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1);
    let told = truth.events().filter(|incident| incident.stage() != Stage::Scheduled);
    let items: Vec<Value> = told.flat_map(|incident| rows(truth, incident)).collect();
    let rows: Vec<&Value> = items.iter().skip(page.saturating_sub(1) * PAGE).take(PAGE).collect();
    json!({ "err": 0, "result": { "page": page, "total_count": items.len(), "items": rows } }).to_string()
}

/// An item for each service that an incident concerns.
fn rows<'a>(truth: &'a Truth<'_>, incident: &'a Incident) -> impl Iterator<Item = Value> {
    incident.services.iter().filter_map(move |&place| {
        let (service, state) = truth.vendor.services.get(place).zip(truth.state(place))?;
        let condition = if incident.is_open() { state.condition } else { incident.worst() };
        Some(row(truth, incident, service, condition))
    })
}

fn row(truth: &Truth<'_>, incident: &Incident, service: &Service, condition: Condition) -> Value {
    let number = |length| {
        let digits = code(Letters::Decimal, length, &[&truth.vendor.name, &incident.id, &service.id]);
        digits.parse::<u64>().unwrap_or_default()
    };
    json!({
        "id": number(9),
        "counter": number(4),
        "project_id": code(Letters::Decimal, 6, &[&truth.vendor.name]).parse::<u64>().unwrap_or_default(),
        "environment": service.name,
        "framework": "django",
        "platform": "linux",
        "title": incident.title,
        "level": level(condition),
        "status": if incident.is_open() { "active" } else { "resolved" },
        "first_occurrence_timestamp": incident.first.at.timestamp(),
        "last_activated_timestamp": incident.first.at.timestamp(),
        "last_occurrence_timestamp": incident.latest().at.timestamp(),
        "last_resolved_timestamp": incident.ended_at().map(|at| at.timestamp()),
        "total_occurrences": incident.updates().count(),
        "unique_occurrences": null,
        "assigned_user_id": null,
        "resolved_in_version": null,
        "hash": code(Letters::Hex, 40, &[&truth.vendor.name, &incident.id, &service.id]),
    })
}

fn level(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "info",
        Condition::Maintenance | Condition::Degraded | Condition::PartialOutage => "error",
        Condition::MajorOutage => "critical",
    }
}
