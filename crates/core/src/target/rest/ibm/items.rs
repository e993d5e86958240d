//! The items of IBM Cloud's status that are events.

use serde_json::Value;

use super::SEVERITIES;
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Timestamp};
use crate::target::rest::incident::{headline, state, updates};
use crate::target::rest::json::{epoch_millis, text, time, word};
use crate::target::{Meaning, Report};

/// What the type of an item means. What is none of these and has no state is news, too.
const TYPES: &[(&str, Kind)] = &[
    ("incident", Kind::Incident),
    ("maintenance", Kind::Maintenance),
    ("announcement", Kind::News),
    ("release_note", Kind::News),
    ("security", Kind::News),
];

/// What the state of an incident means.
const INCIDENT_STATES: &[(&str, IncidentState)] = &[
    ("new", IncidentState::Investigating),
    ("in-progress", IncidentState::Investigating),
    ("resolved", IncidentState::Resolved),
];

/// What the state of a maintenance means.
const MAINTENANCE_STATES: &[(&str, IncidentState)] = &[
    ("new", IncidentState::Scheduled),
    ("scheduled", IncidentState::Scheduled),
    ("in-progress", IncidentState::InProgress),
    ("complete", IncidentState::Completed),
    ("completed", IncidentState::Completed),
    ("resolved", IncidentState::Completed),
    ("cancelled", IncidentState::Completed),
];

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Incident,
    Maintenance,
    /// Nothing that has a state.
    News,
    /// An event of a type that nobody knows.
    Other,
}

/// An item that is an event.
pub(super) struct Item<'a> {
    pub(super) row: &'a Value,
    kind: Kind,
    state: IncidentState,
    /// The word that would say what it is or how far it has come, where nobody knows that word.
    unknown: Option<String>,
    now: Option<Timestamp>,
}

impl<'a> Item<'a> {
    /// An item as of now; `None` if it is no event, or was withdrawn.
    pub(super) fn read(row: &'a Value, now: Option<Timestamp>) -> Option<Self> {
        let named = word(row, "type");
        let kind = match TYPES.iter().find(|(known, _)| known.eq_ignore_ascii_case(&named)) {
            Some(&(_, kind)) => kind,
            None if text(row, "state").is_some() => Kind::Other,
            None => Kind::News,
        };
        let is_withdrawn = row.get("pnpRemoved") == Some(&true.into())
            || text(row, "pnpRemoved").is_some_and(|word| word.eq_ignore_ascii_case("true"));
        if is_withdrawn {
            return None;
        }
        let known = match kind {
            Kind::News => return None,
            Kind::Incident => incident_state(row, now),
            Kind::Maintenance => maintenance_state(row, now),
            Kind::Other => stated(row, INCIDENT_STATES)
                .or_else(|| stated(row, MAINTENANCE_STATES))
                .filter(|state| state.is_closed()),
        };
        let (state, unknown) = match (known, kind) {
            (Some(state), _) => (state, None),
            (None, Kind::Maintenance) => (IncidentState::InProgress, Some(word(row, "state"))),
            (None, Kind::Other) => (IncidentState::Investigating, Some(named)),
            (None, _) => (IncidentState::Investigating, Some(word(row, "state"))),
        };
        Some(Self { row, kind, state, unknown, now })
    }

    /// Whether it is going on: neither over nor ahead.
    pub(super) fn is_under_way(&self) -> bool {
        !self.state.is_closed() && self.state != IncidentState::Scheduled
    }

    /// What it makes of what it names, while it is going on.
    pub(super) fn meaning(&self, report: &mut Report) -> Meaning {
        match &self.unknown {
            Some(word) => report.unknown(word),
            None if self.kind == Kind::Maintenance => Meaning::Maintenance,
            None => report.read(&SEVERITIES, &word(self.row, "sev")),
        }
    }

    /// When it last changed what it names.
    pub(super) fn changed_at(&self) -> Option<Timestamp> {
        let begun = moment(self.row, "outageStart").filter(|_| self.kind == Kind::Maintenance);
        let times = [self.updated_at(), begun].into_iter().flatten();
        times.filter(|time| self.now.is_none_or(|now| *time <= now)).max()
    }

    pub(super) fn key(&self) -> String {
        text(self.row, "id").or_else(|| text(self.row, "recordID")).unwrap_or_else(|| word(self.row, "name"))
    }

    /// The event as it is told, without the services that it names.
    pub(super) fn incident(&self) -> Incident {
        let row = self.row;
        let is_planned = self.kind == Kind::Maintenance;
        let title = text(row, "shortDescription").or_else(|| text(row, "name"));
        let said = text(row, "longDescription");
        Incident {
            key: self.key(),
            kind: if is_planned { IncidentKind::Maintenance } else { IncidentKind::Incident },
            title: headline(&title.unwrap_or_else(|| self.key())),
            state: self.state,
            impact: text(row, "sev").and_then(|word| SEVERITIES.meaning(&word)).map(Meaning::status),
            started_at: moment(row, "outageStart").or_else(|| moment(row, "creationTime").filter(|_| !is_planned)),
            updated_at: self.updated_at(),
            resolved_at: moment(row, "outageEnd").filter(|_| self.state.is_closed()),
            url: None,
            services: Vec::new(),
            updates: updates(said.map(|text| IncidentUpdate { at: self.updated_at(), state: None, text }).into_iter()),
        }
    }

    fn updated_at(&self) -> Option<Timestamp> {
        moment(self.row, "updateTime").or_else(|| moment(self.row, "creationTime"))
    }
}

/// The state that an item's word for it means.
fn stated(row: &Value, states: &[(&str, IncidentState)]) -> Option<IncidentState> {
    state(states, &text(row, "state")?)
}

/// How far an incident has come: by its state, else over if its outage is; `None` if neither tells.
fn incident_state(row: &Value, now: Option<Timestamp>) -> Option<IncidentState> {
    let has_ended = || moment(row, "outageEnd").is_some_and(|end| now.is_none_or(|now| end <= now));
    stated(row, INCIDENT_STATES).or_else(|| has_ended().then_some(IncidentState::Resolved))
}

/// How far planned work has come. A schedule is not always told to have begun: then its window decides. That nobody
/// knows its state's word matters only as long as the work might be under way.
fn maintenance_state(row: &Value, now: Option<Timestamp>) -> Option<IncidentState> {
    let by_window = window(row, now);
    match stated(row, MAINTENANCE_STATES) {
        Some(IncidentState::Scheduled) => by_window.or(Some(IncidentState::Scheduled)),
        Some(state) => Some(state),
        None => by_window.filter(|state| *state != IncidentState::InProgress || text(row, "state").is_none()),
    }
}

/// How far planned work has come by its window; `None` without one, or without a clock.
fn window(row: &Value, now: Option<Timestamp>) -> Option<IncidentState> {
    let (now, start) = (now?, moment(row, "outageStart")?);
    Some(if now < start {
        IncidentState::Scheduled
    } else if moment(row, "outageEnd").is_some_and(|end| end <= now) {
        IncidentState::Completed
    } else {
        IncidentState::InProgress
    })
}

/// The instant under a key: milliseconds since the epoch, and in one field RFC 3339.
fn moment(row: &Value, key: &str) -> Option<Timestamp> {
    epoch_millis(row, key).or_else(|| time(row, key))
}
