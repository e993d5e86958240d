//! The incidents that are pinned to a status page, and the maintenance that it announces. Neither names monitors.

use serde_json::Value;

use super::instant;
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Timestamp};
use crate::target::Report;
use crate::target::rest::incident::{headline, state, updates};
use crate::target::rest::json::{flag, list, text, word};

/// What the status of a maintenance means. Between two of its spans a recurring one is scheduled again; `unknown` is one
/// whose next span is not worked out yet.
const MAINTENANCE: &[(&str, IncidentState)] = &[
    ("under-maintenance", IncidentState::InProgress),
    ("scheduled", IncidentState::Scheduled),
    ("unknown", IncidentState::Scheduled),
    ("inactive", IncidentState::Completed),
    ("ended", IncidentState::Completed),
];

/// All that the page tells, incidents first: one in version 1, a list in version 2.
pub(super) fn incidents(report: &mut Report, page: &Value) -> Vec<Incident> {
    let pinned = page.get("incident").filter(|incident| incident.is_object() && list(page, "incidents").is_empty());
    let incidents = list(page, "incidents").iter().chain(pinned).filter_map(incident);
    incidents.chain(list(page, "maintenanceList").iter().filter_map(|row| maintenance(report, row))).collect()
}

/// An incident. Its `style` is the colour of a box, and no word for how bad it is.
fn incident(row: &Value) -> Option<Incident> {
    let content = text(row, "content").unwrap_or_default();
    let is_open = flag(row, "active").unwrap_or(true);
    let created_at = instant(row, "createdDate");
    let updated_at = instant(row, "lastUpdatedDate");
    Some(Incident {
        // Incidents and maintenance are counted apart.
        key: format!("incident-{}", text(row, "id")?),
        kind: IncidentKind::Incident,
        title: headline(&text(row, "title").unwrap_or_else(|| content.clone())),
        state: if is_open { IncidentState::Investigating } else { IncidentState::Resolved },
        impact: None,
        started_at: created_at,
        updated_at: updated_at.or(created_at),
        // Closing one is its last update.
        resolved_at: updated_at.filter(|_| !is_open),
        url: None,
        services: Vec::new(),
        updates: said(updated_at.or(created_at), content),
    })
}

fn maintenance(report: &mut Report, row: &Value) -> Option<Incident> {
    let description = text(row, "description").unwrap_or_default();
    let stated = word(row, "status");
    let state = state(MAINTENANCE, &stated).unwrap_or_else(|| {
        report.unknown(&stated);
        IncidentState::Scheduled
    });
    let span = list(row, "timeslotList").first().unwrap_or(&Value::Null);
    let local = |key| local(row, &text(span, key)?);
    Some(Incident {
        key: format!("maintenance-{}", text(row, "id")?),
        kind: IncidentKind::Maintenance,
        title: headline(&text(row, "title").unwrap_or_else(|| description.clone())),
        state,
        impact: None,
        started_at: local("startDate"),
        updated_at: None,
        resolved_at: local("endDate").filter(|_| state.is_closed()),
        url: None,
        services: Vec::new(),
        updates: said(None, description),
    })
}

/// The instant of a time in the maintenance's own zone, of which the page gives the offset.
fn local(row: &Value, time: &str) -> Option<Timestamp> {
    let offset = text(row, "timezoneOffset")?;
    let time = time.replacen(' ', "T", 1);
    // Without seconds, as it is mostly written.
    let whole = if time.matches(':').count() == 1 { format!("{time}:00") } else { time };
    Timestamp::parse_rfc3339(&format!("{whole}{offset}"))
}

fn said(at: Option<Timestamp>, text: String) -> Vec<IncidentUpdate> {
    let update = IncidentUpdate { at, state: None, text };
    updates(Some(update).into_iter().filter(|update| !update.text.is_empty()))
}
