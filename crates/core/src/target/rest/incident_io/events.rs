//! What goes on at a page of incident.io, and what is planned.

use serde_json::Value;

use super::{STATUS, component_id, present};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate};
use crate::target::rest::incident::{headline, link, state, updates};
use crate::target::rest::json::{list, text, time};
use crate::target::{Meaning, Report};

/// What the status of an incident or of a maintenance means.
const STATES: &[(&str, IncidentState)] = &[
    ("investigating", IncidentState::Investigating),
    ("identified", IncidentState::Identified),
    ("fixing", IncidentState::Identified),
    ("monitoring", IncidentState::Monitoring),
    ("resolved", IncidentState::Resolved),
    ("maintenance_scheduled", IncidentState::Scheduled),
    ("maintenance_in_progress", IncidentState::InProgress),
    ("maintenance_complete", IncidentState::Completed),
];

/// The lists that a document has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Ongoing,
    InProgress,
    Scheduled,
}

impl List {
    pub(super) const ALL: [Self; 3] = [Self::Ongoing, Self::InProgress, Self::Scheduled];

    /// Its rows.
    pub(super) fn rows(self, value: &Value) -> &[Value] {
        list(
            value,
            match self {
                Self::Ongoing => "ongoing_incidents",
                Self::InProgress => "in_progress_maintenances",
                Self::Scheduled => "scheduled_maintenances",
            },
        )
    }

    /// The components that its rows name, each with the row.
    pub(super) fn components(self, value: &Value) -> impl Iterator<Item = (&Value, &Value)> {
        self.rows(value).iter().flat_map(|event| list(event, "affected_components").iter().map(move |row| (event, row)))
    }

    /// How far the events in it are that do not say so.
    fn state(self) -> IncidentState {
        match self {
            Self::Ongoing => IncidentState::Investigating,
            Self::InProgress => IncidentState::InProgress,
            Self::Scheduled => IncidentState::Scheduled,
        }
    }
}

/// All events of a document, those that go on first.
pub(super) fn events(report: &mut Report, value: &Value) -> Vec<Incident> {
    let rows = List::ALL.iter().flat_map(|list| list.rows(value).iter().map(move |row| (row, *list)));
    rows.filter_map(|(row, list)| event(report, row, list)).collect()
}

/// The events of a document that have begun, whatever list they are in.
pub(super) fn begun(value: &Value) -> impl Iterator<Item = &Value> {
    let rows = List::ALL.iter().flat_map(|list| list.rows(value).iter().map(move |row| (row, list.state())));
    rows.filter(|&(row, unsaid)| {
        let stated = text(row, "status").and_then(|word| state(STATES, &word));
        stated.unwrap_or(unsaid) != IncidentState::Scheduled
    })
    .map(|(row, _)| row)
}

/// Whether an event is planned work, whatever list it is in.
pub(super) fn is_planned(event: &Value) -> bool {
    let is_planned = |word: String| word.to_ascii_lowercase().starts_with("maintenance");
    [text(event, "type"), text(event, "status")].into_iter().flatten().any(is_planned)
}

fn event(report: &mut Report, row: &Value, listed_in: List) -> Option<Incident> {
    let name = text(row, "name");
    let key = text(row, "id").or_else(|| name.clone())?;
    let state = text(row, "status").map_or(listed_in.state(), |word| {
        state(STATES, &word).unwrap_or_else(|| {
            report.unknown(&word);
            listed_in.state()
        })
    });
    let posts = match list(row, "updates") {
        [] => updates(last_post(row).into_iter()),
        posts => updates(posts.iter().map(post)),
    };
    Some(Incident {
        key,
        kind: if listed_in != List::Ongoing || is_planned(row) {
            IncidentKind::Maintenance
        } else {
            IncidentKind::Incident
        },
        title: headline(&name.unwrap_or_default()),
        state,
        impact: impact(report, row).map(Meaning::status),
        started_at: ["started_at", "starts_at", "published_at"].iter().find_map(|key| time(row, key)),
        updated_at: posts.first().and_then(|post| post.at),
        resolved_at: None,
        url: link(row, "url").or_else(|| link(row, "permalink")),
        services: list(row, "affected_components").iter().filter_map(component_id).collect(),
        updates: posts,
    })
}

/// How bad an event is: what it says itself, else the worst that its components are now.
fn impact(report: &mut Report, row: &Value) -> Option<Meaning> {
    if let Some(word) = text(row, "current_worst_impact") {
        return Some(report.read(&STATUS, &word));
    }
    list(row, "affected_components").iter().map(|row| report.read(&STATUS, &present(row))).reduce(Meaning::worst)
}

fn post(update: &Value) -> IncidentUpdate {
    let markdown = update.get("message").and_then(|message| text(message, "markdown"));
    IncidentUpdate {
        at: time(update, "published_at"),
        state: text(update, "to_status").and_then(|word| state(STATES, &word)),
        text: text(update, "message_string").or(markdown).unwrap_or_default(),
    }
}

/// The last update, of which the widget tells alone.
fn last_post(row: &Value) -> Option<IncidentUpdate> {
    let text = text(row, "last_update_message")?;
    Some(IncidentUpdate { at: time(row, "last_update_at"), state: None, text })
}
