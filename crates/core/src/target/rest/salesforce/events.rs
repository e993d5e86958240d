//! The incidents and maintenances that Salesforce lists with the instances they concern.

use std::collections::HashMap;

use serde_json::Value;

use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Status, Timestamp};
use crate::target::rest::incident::{headline, state, updates};
use crate::target::rest::json::{flag, list, text, time};
use crate::target::{Meaning, Vocabulary};

/// What is said of how far an event is, where it is said.
const STATES: &[(&str, IncidentState)] = &[
    ("active", IncidentState::Investigating),
    ("resolved", IncidentState::Resolved),
    ("scheduled", IncidentState::Scheduled),
    ("confirmed", IncidentState::Scheduled),
    ("started", IncidentState::InProgress),
    ("inProgress", IncidentState::InProgress),
    ("completed", IncidentState::Completed),
    ("canceled", IncidentState::Completed),
    ("cancelled", IncidentState::Completed),
];

/// What the severity of an impact means. Beside the core of an instance even a major one is no outage.
static SEVERITY: Vocabulary =
    Vocabulary(&[("major", Meaning::OUTAGE), ("minor", Meaning::DEGRADED), ("informational", Meaning::OK)]);

/// The events of all instances, each once.
pub(super) struct Events {
    now: Option<Timestamp>,
    incidents: Vec<Incident>,
    places: HashMap<String, usize>,
}

impl Events {
    /// No events yet. `now` tells planned work from work that goes on.
    pub(super) fn new(now: Option<Timestamp>) -> Self {
        Self { now, incidents: Vec::new(), places: HashMap::new() }
    }

    /// Adds what is listed with an instance.
    pub(super) fn add(&mut self, row: &Value, instance: &str) {
        let incidents = list(row, "Incidents").iter().filter_map(|event| self.incident(event));
        let maintenances = list(row, "Maintenances").iter().filter_map(|event| self.maintenance(event));
        let all: Vec<_> = incidents.chain(maintenances).collect();
        for event in all {
            let place = *self.places.entry(event.key.clone()).or_insert(self.incidents.len());
            if place == self.incidents.len() {
                self.incidents.push(event);
            }
            if let Some(known) = self.incidents.get_mut(place) {
                known.services.push(instance.to_owned());
            }
        }
    }

    /// The events, in the order in which they were first listed.
    pub(super) fn into_incidents(self) -> Vec<Incident> {
        self.incidents
    }

    fn incident(&self, event: &Value) -> Option<Incident> {
        let impacts = list(event, "IncidentImpacts");
        let ended_at = all_ended(impacts).filter(|ended_at| !self.is_ahead(*ended_at));
        let state = said(event).unwrap_or(match ended_at {
            Some(_) => IncidentState::Resolved,
            None => IncidentState::Investigating,
        });
        Some(Incident {
            kind: IncidentKind::Incident,
            state,
            impact: impacts.iter().filter_map(|impact| severity(event, impact)).max(),
            started_at: first_start(impacts).or_else(|| time(event, "createdAt")),
            resolved_at: ended_at.filter(|_| state.is_closed()),
            ..blank(event, "IncidentEvents")?
        })
    }

    fn maintenance(&self, event: &Value) -> Option<Incident> {
        let impacts = list(event, "MaintenanceImpacts");
        let starts_at = first_start(impacts).or_else(|| time(event, "plannedStartTime"));
        let ends_at = all_ended(impacts).or_else(|| time(event, "plannedEndTime"));
        // A plan is not touched again when its time has come: then the clock knows better.
        let planned = match (starts_at, ends_at) {
            (_, Some(end)) if self.is_past(end) => IncidentState::Completed,
            (Some(start), _) if self.is_past(start) => IncidentState::InProgress,
            _ => IncidentState::Scheduled,
        };
        let state = said(event).filter(|state| *state != IncidentState::Scheduled).unwrap_or(planned);
        Some(Incident {
            kind: IncidentKind::Maintenance,
            state,
            impact: Some(Status::Degraded),
            started_at: starts_at,
            resolved_at: ends_at.filter(|end| state.is_closed() && !self.is_ahead(*end)),
            ..blank(event, "MaintenanceEvents")?
        })
    }

    fn is_past(&self, moment: Timestamp) -> bool {
        self.now.is_some_and(|now| moment <= now)
    }

    fn is_ahead(&self, moment: Timestamp) -> bool {
        self.now.is_some_and(|now| moment > now)
    }
}

/// What incidents and maintenances say alike; `None` of one that has no id.
fn blank(event: &Value, posts: &str) -> Option<Incident> {
    let post = |row: &Value| IncidentUpdate {
        at: time(row, "createdAt"),
        state: text(row, "type").or_else(|| text(row, "title")).and_then(|word| state(STATES, &word)),
        text: text(row, "message").or_else(|| text(row, "content")).unwrap_or_default(),
    };
    let timeline = list(event, "timeline");
    let posts = updates(if timeline.is_empty() { list(event, posts) } else { timeline }.iter().map(post));
    Some(Incident {
        key: text(event, "id").or_else(|| text(event, "externalId"))?,
        kind: IncidentKind::Incident,
        title: title(event, &posts),
        state: IncidentState::Investigating,
        impact: None,
        started_at: None,
        updated_at: time(event, "updatedAt"),
        resolved_at: None,
        url: None,
        services: Vec::new(),
        updates: posts,
    })
}

/// Incidents have no name. What they say first tells what they are about, and their number that they are.
fn title(event: &Value, posts: &[IncidentUpdate]) -> String {
    let message = event.get("message").and_then(|message| text(message, "subject"));
    let named = message.or_else(|| text(event, "message")).or_else(|| text(event, "name"));
    let first = || posts.last().map(|post| post.text.clone()).filter(|text| !text.is_empty());
    let number = || text(event, "externalId").or_else(|| text(event, "id")).unwrap_or_default();
    headline(&named.or_else(|| text(event, "additionalInformation")).or_else(first).unwrap_or_else(number))
}

/// How far an event says that it is.
fn said(event: &Value) -> Option<IncidentState> {
    let message = event.get("message").and_then(|message| text(message, "eventStatus"));
    text(event, "status").or(message).and_then(|word| state(STATES, &word))
}

/// How bad one impact of an incident is; `None` for words that nobody knows.
fn severity(event: &Value, impact: &Value) -> Option<Status> {
    let status = SEVERITY.meaning(&text(impact, "severity")?)?.status();
    Some(if flag(event, "isCore") == Some(false) { status.min(Status::Degraded) } else { status })
}

fn first_start(impacts: &[Value]) -> Option<Timestamp> {
    impacts.iter().filter_map(|impact| time(impact, "startTime")).min()
}

/// When the last impact ended; `None` while one goes on, and where there is none.
fn all_ended(impacts: &[Value]) -> Option<Timestamp> {
    impacts.iter().map(|impact| time(impact, "endTime")).collect::<Option<Vec<_>>>()?.into_iter().max()
}
