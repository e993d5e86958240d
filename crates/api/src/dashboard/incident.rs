//! Incidents and maintenances, for people.

use serde::Serialize;
use unistatus_core::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Timestamp};

use super::link;
use super::look::Look;
use super::moment::Moment;
use crate::records::service_names;
use crate::snapshot::TargetView;

/// How many services are named.
const NAMED: usize = 12;

/// An incident or a maintenance.
#[derive(Debug, Serialize)]
pub(super) struct IncidentView {
    id: String,
    title: String,
    look: Look,
    state: &'static str,
    started: Option<Moment>,
    ended: Option<Moment>,
    /// The source's page about it.
    url: Option<String>,
    services: Vec<String>,
    /// How many services are not named.
    more_services: usize,
    /// What was said last.
    newest: Option<Update>,
    /// What was said before, newest first.
    older: Vec<Update>,
}

/// What was said about it.
#[derive(Debug, Serialize)]
struct Update {
    at: Option<Moment>,
    state: Option<&'static str>,
    text: String,
}

impl IncidentView {
    /// What is shown of an incident of a target.
    pub(super) fn of(target: &TargetView, incident: &Incident, now: Timestamp) -> Self {
        let told = |at| Moment::of(at, now);
        let names = service_names(incident, |key| target.name_of(key));
        let mut updates = incident.updates.iter().map(|update| Update::of(update, now));
        Self {
            id: format!("i-{}", link::segment(&incident.key)),
            title: incident.title.clone(),
            look: look(incident),
            state: state(incident.state),
            started: incident.started_at.map(told),
            ended: incident.ended_at().map(told),
            url: incident.url.as_deref().and_then(link::elsewhere).map(str::to_owned),
            more_services: names.len().saturating_sub(NAMED),
            services: names.into_iter().take(NAMED).map(str::to_owned).collect(),
            newest: updates.next(),
            older: updates.collect(),
        }
    }
}

impl Update {
    fn of(update: &IncidentUpdate, now: Timestamp) -> Self {
        Self { at: update.at.map(|at| Moment::of(at, now)), state: update.state.map(state), text: update.text.clone() }
    }
}

/// Whether an incident names one of these services, by its key or its name.
pub(super) fn concerns(incident: &Incident, services: &[(&str, &str)]) -> bool {
    let is_named = |named: &String| services.iter().any(|(key, name)| named == key || named == name);
    incident.services.iter().any(is_named)
}

fn look(incident: &Incident) -> Look {
    match (incident.kind, incident.impact) {
        _ if !incident.is_open() => Look::Ok,
        (IncidentKind::Maintenance, _) => Look::Maintenance,
        (IncidentKind::Incident, Some(unistatus_core::schema::Status::Outage)) => Look::Outage,
        (IncidentKind::Incident, _) => Look::Degraded,
    }
}

const fn state(state: IncidentState) -> &'static str {
    match state {
        IncidentState::Investigating => "Investigating",
        IncidentState::Identified => "Identified",
        IncidentState::Monitoring => "Monitoring",
        IncidentState::Resolved => "Resolved",
        IncidentState::Scheduled => "Scheduled",
        IncidentState::InProgress => "In progress",
        IncidentState::Completed => "Completed",
    }
}
