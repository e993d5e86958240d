//! An incident or a maintenance.

use serde::Serialize;
use unistatus_core::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Status, Timestamp};

/// An incident or a maintenance that a source tells of.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IncidentRecord<'a> {
    /// The target that tells of it.
    target: &'a str,
    /// The source's id of it, unique inside the target.
    key: &'a str,
    /// Unplanned or planned.
    kind: IncidentKind,
    /// Its headline.
    title: &'a str,
    /// How far it has come.
    state: IncidentState,
    /// How bad it is; null where the source does not say.
    impact: Option<Status>,
    /// When it began, or is planned to begin.
    started_at: Option<Timestamp>,
    /// When the source last updated it.
    updated_at: Option<Timestamp>,
    /// When it ended.
    resolved_at: Option<Timestamp>,
    /// The source's page about it.
    url: Option<&'a str>,
    /// The names of the services it concerns.
    services: Vec<&'a str>,
    /// What was said about it, newest first.
    updates: &'a [IncidentUpdate],
}

impl<'a> IncidentRecord<'a> {
    /// The record of a target's incident. `name_of` knows the names of the target's services by their keys: where a
    /// source names a service by its id, people want to read the name.
    pub(crate) fn new(target: &'a str, incident: &'a Incident, name_of: impl Fn(&str) -> Option<&'a str>) -> Self {
        Self {
            target,
            key: &incident.key,
            kind: incident.kind,
            title: &incident.title,
            state: incident.state,
            impact: incident.impact,
            started_at: incident.started_at,
            updated_at: incident.updated_at,
            resolved_at: incident.resolved_at,
            url: incident.url.as_deref(),
            services: service_names(incident, name_of),
            updates: &incident.updates,
        }
    }
}

/// The names of the services that an incident concerns; a key that nobody knows stands for itself.
pub(crate) fn service_names<'a>(incident: &'a Incident, name_of: impl Fn(&str) -> Option<&'a str>) -> Vec<&'a str> {
    incident.services.iter().map(|key| name_of(key).unwrap_or(key)).collect()
}
