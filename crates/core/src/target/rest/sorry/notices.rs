//! The notices of a Sorry page: incidents and maintenances.

use std::collections::HashSet;

use serde_json::Value;

use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate};
use crate::target::Report;
use crate::target::rest::incident::{headline, link, read_state, state, updates};
use crate::target::rest::json::{list, text, time, word};

/// What the `state` of a notice or of its update means.
const STATES: &[(&str, IncidentState)] = &[
    ("investigating", IncidentState::Investigating),
    ("identified", IncidentState::Identified),
    ("recovering", IncidentState::Monitoring),
    ("resolved", IncidentState::Resolved),
    ("false_alarm", IncidentState::Resolved),
    ("scheduled", IncidentState::Scheduled),
    ("underway", IncidentState::InProgress),
    ("complete", IncidentState::Completed),
    ("cancelled", IncidentState::Completed),
];

/// All notices in the order of their lists, each once.
pub(super) fn notices<'a>(report: &mut Report, rows: impl Iterator<Item = &'a Value>) -> Vec<Incident> {
    let mut seen = HashSet::new();
    rows.filter_map(|row| notice(report, row)).filter(|notice| seen.insert(notice.key.clone())).collect()
}

/// A notice; `None` for one that is neither an incident nor a maintenance (type `general`), or that has neither an id
/// nor a subject.
fn notice(report: &mut Report, row: &Value) -> Option<Incident> {
    let kind = match word(row, "type").to_ascii_lowercase().as_str() {
        "planned" => IncidentKind::Maintenance,
        "general" => return None,
        _ => IncidentKind::Incident,
    };
    let subject = text(row, "subject");
    let key = text(row, "id").or_else(|| subject.clone())?;
    let stated = text(row, "state").and_then(|word| read_state(report, STATES, &word));
    let state = stated.unwrap_or_else(|| of_time(kind, &word(row, "timeline_state")));
    let said = match list(row, "updates") {
        [] => row.get("latest_update").map(std::slice::from_ref).unwrap_or_default(),
        all => all,
    };
    Some(Incident {
        key,
        kind,
        title: headline(&subject.unwrap_or_default()),
        state,
        impact: None,
        started_at: time(row, "began_at").or_else(|| time(row, "begins_at")),
        updated_at: time(row, "updated_at"),
        resolved_at: time(row, "ended_at").filter(|_| state.is_closed()),
        url: link(row, "url"),
        // Only a notice asked for by itself names its components.
        services: list(row, "components").iter().filter_map(|component| text(component, "id")).collect(),
        updates: updates(said.iter().filter(|update| update.is_object()).map(update)),
    })
}

fn update(update: &Value) -> IncidentUpdate {
    IncidentUpdate {
        at: time(update, "created_at"),
        state: state(STATES, &word(update, "state")),
        text: text(update, "content").unwrap_or_default(),
    }
}

/// How far a notice is whose state is missing or not known, by its place in time.
fn of_time(kind: IncidentKind, word: &str) -> IncidentState {
    match (kind, word.to_ascii_lowercase().as_str()) {
        (IncidentKind::Maintenance, "future") => IncidentState::Scheduled,
        (IncidentKind::Maintenance, past) if past.starts_with("past") => IncidentState::Completed,
        (IncidentKind::Maintenance, _) => IncidentState::InProgress,
        (IncidentKind::Incident, past) if past.starts_with("past") => IncidentState::Resolved,
        (IncidentKind::Incident, _) => IncidentState::Investigating,
    }
}
