//! Cachet's incidents. They have no times that mean anything elsewhere, and do not say how bad they are.

use serde_json::Value;

use super::{attributes, id, instant, state};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate};
use crate::target::rest::incident::{headline, link, state as state_of, updates};
use crate::target::rest::json::{describe, flag, has_list, list, text};
use crate::target::{ParseError, Report};

/// What the number of an incident's state means. Planned work is an incident of state 0 in older versions; newer ones
/// have lists of their own for it, and in Cachet 3 state 0 is "unknown".
const STATES: &[(&str, IncidentState)] = &[
    ("0", IncidentState::Scheduled),
    ("1", IncidentState::Investigating),
    ("2", IncidentState::Identified),
    ("3", IncidentState::Monitoring),
    ("4", IncidentState::Resolved),
];

/// The incidents of a list, in its order.
pub(super) fn incidents(report: &mut Report, document: &Value) -> Result<Vec<Incident>, ParseError> {
    let rows = list(document, "data");
    let is_incident = |row: &Value| text(attributes(row), "name").is_some() && state(attributes(row)).is_some();
    if !has_list(document, "data") || !(rows.is_empty() || rows.iter().any(is_incident)) {
        return Err(ParseError::unrecognised(format!(
            "expected Cachet's incidents (an object with data[], each with name and status), found {}",
            describe(document)
        )));
    }
    Ok(rows.iter().filter_map(|row| incident(report, row)).collect())
}

fn incident(report: &mut Report, row: &Value) -> Option<Incident> {
    let said = attributes(row);
    let name = text(said, "name");
    let key = id(row).or_else(|| name.clone())?;
    // Updates change the newer of the two.
    let number = text(said, "latest_status").or_else(|| state(said));
    let state = match number {
        _ if flag(said, "is_resolved") == Some(true) => IncidentState::Resolved,
        // Cachet 3 does not know how such a one stands.
        Some(number) if number == "0" && !std::ptr::eq(said, row) => IncidentState::Investigating,
        Some(number) => state_of(STATES, &number).unwrap_or_else(|| {
            report.unknown(&number);
            IncidentState::Investigating
        }),
        None => IncidentState::Investigating,
    };
    let time = |row: &Value, key: &str| text(row, key).and_then(|text| instant(&text));
    let update = |row: &Value| IncidentUpdate {
        at: time(row, "created_at"),
        state: self::state(row).and_then(|number| state_of(STATES, &number)),
        text: text(row, "message").unwrap_or_default(),
    };
    let opening = IncidentUpdate { state: None, ..update(said) };
    Some(Incident {
        key,
        kind: if state == IncidentState::Scheduled { IncidentKind::Maintenance } else { IncidentKind::Incident },
        title: headline(&name.unwrap_or_default()),
        state,
        impact: None,
        started_at: time(said, "occurred_at").or_else(|| time(said, "created_at")),
        updated_at: time(said, "updated_at"),
        resolved_at: None,
        url: link(said, "permalink"),
        services: services(row),
        updates: updates(list(said, "updates").iter().map(update).chain([opening])),
    })
}

/// The keys of the components that an incident names. `component_id: 0` names none.
fn services(row: &Value) -> Vec<String> {
    let related = row.pointer("/relationships/components/data").and_then(Value::as_array);
    let related = related.into_iter().flatten().filter_map(|component| text(component, "id"));
    text(attributes(row), "component_id").filter(|id| id != "0").into_iter().chain(related).collect()
}
