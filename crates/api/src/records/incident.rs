//! An incident or a maintenance.

use serde::Serialize;
use unistatus_core::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Status, Timestamp};
use utoipa::ToSchema;

use crate::openapi::schemas;

/// An incident or a maintenance that a source tells of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Incident, example = json!({
    "target": "github",
    "key": "qulaos72xnq5",
    "kind": "incident",
    "title": "Slow pushes",
    "state": "identified",
    "impact": "Degraded",
    "startedAt": "2026-05-04T11:40:00.000Z",
    "updatedAt": "2026-05-04T11:58:21.000Z",
    "resolvedAt": null,
    "url": "https://www.githubstatus.com/incidents/qulaos72xnq5",
    "services": ["Git Operations"],
    "updates": [{"at": "2026-05-04T11:58:21.000Z", "state": "identified", "text": "The cause is known."}],
}))]
pub(crate) struct IncidentRecord<'a> {
    /// The target that tells of it.
    target: &'a str,
    /// The source's id of it, unique inside the target.
    key: &'a str,
    /// Unplanned or planned.
    #[schema(value_type = schemas::IncidentKind)]
    kind: IncidentKind,
    /// Its headline.
    title: &'a str,
    /// How far it has come.
    #[schema(value_type = schemas::IncidentState)]
    state: IncidentState,
    /// How bad it is; null where the source does not say.
    #[schema(value_type = Option<schemas::Status>, required)]
    impact: Option<Status>,
    /// When it began, or is planned to begin.
    #[schema(value_type = Option<schemas::Timestamp>, required)]
    started_at: Option<Timestamp>,
    /// When the source last updated it.
    #[schema(value_type = Option<schemas::Timestamp>, required)]
    updated_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<schemas::Timestamp>, required)]
    resolved_at: Option<Timestamp>,
    /// The source's page about it.
    #[schema(required)]
    url: Option<&'a str>,
    /// The names of the services it concerns.
    services: Vec<&'a str>,
    /// What was said about it, newest first.
    #[schema(value_type = Vec<schemas::IncidentUpdate>)]
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
