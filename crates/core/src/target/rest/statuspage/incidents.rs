//! The incidents and scheduled maintenances of a Statuspage document.

use serde_json::Value;

use super::is_group;
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate};
use crate::target::rest::incident::{headline, link, state, updates};
use crate::target::rest::json::{list, text, time};
use crate::target::statuspage::IMPACT;
use crate::target::{Meaning, Report};

/// What the `status` of an incident or of a maintenance means.
const STATE: &[(&str, IncidentState)] = &[
    ("investigating", IncidentState::Investigating),
    ("identified", IncidentState::Identified),
    ("monitoring", IncidentState::Monitoring),
    ("resolved", IncidentState::Resolved),
    ("postmortem", IncidentState::Resolved),
    ("scheduled", IncidentState::Scheduled),
    ("in_progress", IncidentState::InProgress),
    ("verifying", IncidentState::InProgress),
    ("completed", IncidentState::Completed),
];

/// All incidents and maintenances of a document, in its order, incidents first.
pub(super) fn incidents(report: &mut Report, value: &Value) -> Vec<Incident> {
    [("incidents", IncidentKind::Incident), ("scheduled_maintenances", IncidentKind::Maintenance)]
        .into_iter()
        .flat_map(|(key, kind)| list(value, key).iter().map(move |row| (row, kind)))
        .filter_map(|(row, kind)| incident(report, row, kind))
        .collect()
}

/// One row of a list; `None` if it has neither an id nor a name.
fn incident(report: &mut Report, row: &Value, listed_as: IncidentKind) -> Option<Incident> {
    let name = text(row, "name");
    let key = text(row, "id").or_else(|| name.clone())?;
    let impact = text(row, "impact").map(|word| report.read(&IMPACT, &word));
    // Planned work that a page lists among its incidents.
    let kind = if impact == Some(Meaning::Maintenance) { IncidentKind::Maintenance } else { listed_as };
    let resolved_at = time(row, "resolved_at");
    let state = text(row, "status").and_then(|word| known_state(report, &word)).unwrap_or(match (resolved_at, kind) {
        (Some(_), IncidentKind::Incident) => IncidentState::Resolved,
        (Some(_), IncidentKind::Maintenance) => IncidentState::Completed,
        (None, IncidentKind::Incident) => IncidentState::Investigating,
        (None, IncidentKind::Maintenance) => IncidentState::Scheduled,
    });
    let said = list(row, "incident_updates").iter().map(|update| IncidentUpdate {
        at: time(update, "display_at").or_else(|| time(update, "created_at")),
        state: text(update, "status").and_then(|word| self::state(STATE, &word)),
        text: text(update, "body").unwrap_or_default(),
    });
    Some(Incident {
        key,
        kind,
        title: headline(&name.unwrap_or_default()),
        state,
        impact: impact.map(Meaning::status),
        // A maintenance is "started" when it was announced.
        started_at: match kind {
            IncidentKind::Maintenance => time(row, "scheduled_for"),
            IncidentKind::Incident => None,
        }
        .or_else(|| time(row, "started_at"))
        .or_else(|| time(row, "created_at")),
        updated_at: time(row, "updated_at"),
        resolved_at: resolved_at.filter(|_| state.is_closed()),
        url: link(row, "shortlink"),
        services: list(row, "components")
            .iter()
            .filter(|component| !is_group(component))
            .filter_map(|component| text(component, "id").or_else(|| text(component, "name")))
            .collect(),
        updates: updates(said),
    })
}

fn known_state(report: &mut Report, word: &str) -> Option<IncidentState> {
    let known = state(STATE, word);
    if known.is_none() {
        report.unknown(word);
    }
    known
}
