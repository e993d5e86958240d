//! incident.io's pages, which answer at Statuspage's paths in nearly its shape.
//!
//! What differs: ULIDs, times without fractions, no time zone, no groups, one bulk `updated_at` for all components, and
//! no `incidents` at all while there is nothing to tell.

use serde_json::{Value, json};

use super::codes::{Letters, code, post_code};
use super::statuspage::{impact, overall, stage, word};
use super::times::seconds;
use crate::world::{IncidentKind, Truth, Zone};

/// The summary.
pub(super) fn summary(truth: &Truth<'_>) -> String {
    let mut summary = json!({ "page": page(truth), "status": overall(truth).json(), "components": components(truth) });
    for (key, kind) in [("incidents", IncidentKind::Incident), ("scheduled_maintenances", IncidentKind::Maintenance)] {
        let open = incidents(truth, kind);
        if !open.is_empty() {
            summary[key] = open.into();
        }
    }
    summary.to_string()
}

/// Page and status.
pub(super) fn status(truth: &Truth<'_>) -> String {
    json!({ "page": page(truth), "status": overall(truth).json() }).to_string()
}

/// A ULID: its first letters are a time, the same for all of a page.
pub(super) fn ulid(words: &[&str]) -> String {
    format!("01JMDK9XYN{}", code(Letters::Ulid, 16, words))
}

fn page(truth: &Truth<'_>) -> Value {
    let vendor = truth.vendor;
    json!({
        "id": ulid(&[&vendor.name]),
        "name": vendor.title,
        "url": format!("{}/", vendor.home()),
        "updated_at": seconds(truth.updated_at, Zone::Utc),
    })
}

fn components(truth: &Truth<'_>) -> Vec<Value> {
    let vendor = truth.vendor;
    let bulk = truth.services().map(|(_, state)| state.since).max().unwrap_or(truth.updated_at);
    let row = |(position, (service, state)): (usize, (&crate::world::Service, crate::world::ServiceState))| {
        json!({
            "id": ulid(&[&vendor.name, &service.id]),
            "name": service.name,
            "status": word(state.condition),
            "created_at": "2025-02-25T01:00:00Z",
            "updated_at": seconds(bulk, Zone::Utc),
            "position": position,
            "page_id": ulid(&[&vendor.name]),
        })
    };
    truth.services().enumerate().map(row).collect()
}

fn incidents(truth: &Truth<'_>, kind: IncidentKind) -> Vec<Value> {
    let vendor = truth.vendor;
    let open = truth.posted().filter(|incident| incident.kind == kind && incident.is_open());
    let row = |incident: &crate::world::Incident| {
        let updates = incident.updates().enumerate().map(|(place, update)| {
            json!({
                "id": format!("01JMDK9XYN{}", post_code(Letters::Ulid, 16, vendor, incident, place)),
                "status": stage(update.stage),
                "body": update.text,
                "created_at": seconds(update.at, Zone::Utc),
                "updated_at": seconds(update.at, Zone::Utc),
            })
        });
        let mut updates: Vec<_> = updates.collect();
        updates.reverse();
        let mut row = json!({
            "id": ulid(&[&vendor.name, &incident.id]),
            "name": incident.title,
            "status": stage(incident.stage()),
            "created_at": seconds(incident.first.at, Zone::Utc),
            "updated_at": seconds(incident.latest().at, Zone::Utc),
            "impact": impact(incident),
            "incident_updates": updates,
        });
        if let Some((from, until)) = incident.window {
            row["scheduled_for"] = seconds(from, Zone::Utc).into();
            row["scheduled_until"] = seconds(until, Zone::Utc).into();
        }
        row
    };
    open.map(row).collect()
}
