//! The reports of a Better Stack page: incidents and maintenances, open and past.

use std::collections::HashMap;

use serde_json::Value;

use super::{Included, STATE, attributes};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Timestamp};
use crate::target::rest::incident::{headline, recent, updates};
use crate::target::rest::json::{list, text, time, word};
use crate::target::{Meaning, Report};

/// The state of what is over, for a report and for each resource that it affected.
const RESOLVED: &str = "resolved";

/// The type of reports on planned work; the others are `manual` and `automatic`.
const MAINTENANCE: &str = "maintenance";

/// The open reports and the first of those that are over, and when each resource was last spoken of.
pub(super) struct Reports {
    pub(super) incidents: Vec<Incident>,
    newest: HashMap<String, Timestamp>,
}

impl Reports {
    pub(super) fn read(report: &mut Report, included: &Included<'_>, now: Option<Timestamp>) -> Self {
        let mut read = Self { incidents: Vec::new(), newest: HashMap::new() };
        for (id, object) in &included.reports {
            let incident = incident(report, included, id, object, now);
            // A report that a monitor opened or closed may have no update.
            let began = incident.started_at.filter(|_| incident.is_open() && incident.kind == IncidentKind::Incident);
            for resource in &incident.services {
                read.note(resource, began.max(incident.resolved_at));
            }
            read.incidents.push(incident);
        }
        // The list reaches back far.
        read.incidents = recent(read.incidents);
        for update in included.updates.values() {
            for (resource, _) in affected(update) {
                read.note(&resource, time(update, "published_at"));
            }
        }
        read
    }

    /// When the source last said something of a resource.
    pub(super) fn newest(&self, resource: &str) -> Option<Timestamp> {
        self.newest.get(resource).copied()
    }

    fn note(&mut self, resource: &str, at: Option<Timestamp>) {
        if let Some(at) = at {
            let newest = self.newest.entry(resource.to_owned()).or_insert(at);
            *newest = at.max(*newest);
        }
    }
}

/// The resources that a report or an update affects, and how: id and state.
fn affected(attributes: &Value) -> impl Iterator<Item = (String, String)> {
    let rows = list(attributes, "affected_resources").iter();
    rows.filter_map(|row| Some((text(row, "status_page_resource_id")?, word(row, "status"))))
}

/// A report. Whether it is over, its state alone tells: `ends_at` stays null on what was resolved by hand.
fn incident(
    report: &mut Report,
    included: &Included<'_>,
    id: &str,
    object: &Value,
    now: Option<Timestamp>,
) -> Incident {
    let row = attributes(object);
    let kind = match text(row, "report_type") {
        Some(word) if word.eq_ignore_ascii_case(MAINTENANCE) => IncidentKind::Maintenance,
        _ => IncidentKind::Incident,
    };
    let stated = word(row, "aggregate_state");
    let is_over = stated.eq_ignore_ascii_case(RESOLVED);
    let started_at = time(row, "starts_at");
    let state = match kind {
        IncidentKind::Incident if is_over => IncidentState::Resolved,
        IncidentKind::Incident => IncidentState::Investigating,
        IncidentKind::Maintenance if is_over => IncidentState::Completed,
        // Planned work stands among the reports from its announcement on.
        IncidentKind::Maintenance if now.is_some_and(|now| started_at > Some(now)) => IncidentState::Scheduled,
        IncidentKind::Maintenance => IncidentState::InProgress,
    };
    let meaning = report.read(&STATE, &stated);
    let worst = affected(row).filter_map(|(_, word)| STATE.meaning(&word)).fold(meaning, Meaning::worst);
    let relationships = object.get("relationships").and_then(|all| all.get("status_updates")).unwrap_or(&Value::Null);
    let said = list(relationships, "data")
        .iter()
        .filter_map(|reference| included.updates.get(&text(reference, "id")?))
        .map(|update| said(update, kind));
    let updates = updates(said);
    let closing = updates.iter().find(|update| update.state.is_some_and(IncidentState::is_closed));
    Incident {
        key: id.to_owned(),
        kind,
        title: headline(&text(row, "title").unwrap_or_default()),
        state,
        // What is over says no more how bad it was, unless each resource does.
        impact: Some(worst.status()).filter(|_| !is_over || worst != Meaning::OK),
        started_at,
        updated_at: updates.iter().filter_map(|update| update.at).max(),
        // Planned work may end before its time.
        resolved_at: closing
            .and_then(|update| update.at)
            .or_else(|| time(row, "ends_at").filter(|&end| now.is_none_or(|now| end <= now)))
            .filter(|_| is_over),
        url: None,
        services: affected(row).map(|(id, _)| id).filter(|id| included.resource_ids.contains(id)).collect(),
        updates,
    }
}

/// An update. It brings the end where all that it affects is resolved.
fn said(update: &Value, kind: IncidentKind) -> IncidentUpdate {
    let closed = match kind {
        IncidentKind::Incident => IncidentState::Resolved,
        IncidentKind::Maintenance => IncidentState::Completed,
    };
    let mut states = affected(update).map(|(_, state)| state.eq_ignore_ascii_case(RESOLVED)).peekable();
    let is_closing = states.peek().is_some() && states.all(|is_resolved| is_resolved);
    IncidentUpdate {
        at: time(update, "published_at"),
        state: is_closing.then_some(closed),
        text: text(update, "message").unwrap_or_default(),
    }
}
