//! The incidents of SAP Concur's documents.

use serde_json::Value;

use super::STATUS;
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Timestamp};
use crate::target::rest::incident::{headline, state, updates};
use crate::target::rest::json::{epoch_secs, list, text, time, word};
use crate::target::{Meaning, Report};

/// What the status of an incident means.
const STATES: &[(&str, IncidentState)] = &[
    ("INVESTIGATION", IncidentState::Investigating),
    ("INVESTIGATING", IncidentState::Investigating),
    ("IDENTIFIED", IncidentState::Identified),
    ("MONITORING", IncidentState::Monitoring),
    ("RESOLVED", IncidentState::Resolved),
    ("CLOSED", IncidentState::Resolved),
];

/// What the type of a message says of the incident's state. Identified is that there is an issue, not what it is.
const MESSAGES: &[(&str, IncidentState)] = &[
    ("Issue Identified", IncidentState::Investigating),
    ("Issue Resolved", IncidentState::Resolved),
    ("Root Cause Analysis", IncidentState::Resolved),
];

/// An incident's id; where it has none, its start is as good.
pub(super) fn key(row: &Value) -> String {
    text(row, "id").or_else(|| text(row, "jira_id")).unwrap_or_else(|| word(row, "start_date"))
}

/// One row of a list of incidents. Its services are the names that it has for them.
pub(super) fn incident(row: &Value, now: Option<Timestamp>) -> Incident {
    let key = key(row);
    let ended_at = ended_at(row, now);
    let state = match (known_state(row), ended_at) {
        (Some(state), None) => state,
        // The trouble is over, and Concur watches before it calls the incident resolved.
        (Some(state), Some(_)) if !state.is_closed() => IncidentState::Monitoring,
        (_, Some(_)) => IncidentState::Resolved,
        (None, None) => IncidentState::Investigating,
    };
    let updates = updates(list(row, "messages").iter().map(update));
    let title = updates.iter().map(|update| headline(&update.text)).find(|title| !title.is_empty());
    Incident {
        title: title.or_else(|| text(row, "jira_id")).unwrap_or_else(|| key.clone()),
        key,
        kind: IncidentKind::Incident,
        state,
        impact: text(row, "severity").and_then(|word| STATUS.meaning(&word)).map(Meaning::status),
        started_at: at(row, "start_date", "start_epoch"),
        updated_at: updates.iter().filter_map(|update| update.at).max().or_else(|| created_at(row)),
        resolved_at: ended_at.filter(|_| state.is_closed()),
        url: None,
        services: names(row, "affected_services").into_iter().map(str::to_owned).collect(),
        updates,
    }
}

/// What an open incident makes of the services it names: nothing any more once it has ended, resolved or not.
pub(super) fn meaning(report: &mut Report, row: &Value, now: Option<Timestamp>) -> Meaning {
    if ended_at(row, now).is_some() {
        Meaning::OK
    } else if known_state(row).is_none() {
        report.unknown(&word(row, "status"))
    } else {
        report.read(&STATUS, &word(row, "severity"))
    }
}

/// The names in a list.
pub(super) fn names<'a>(row: &'a Value, key: &str) -> Vec<&'a str> {
    list(row, key).iter().filter_map(Value::as_str).map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// A text that may be there in several languages: the English one, else the first.
pub(super) fn english(text: &Value) -> Option<&str> {
    match text {
        Value::String(text) => Some(text),
        Value::Object(texts) => texts.get("en").or_else(|| texts.values().next())?.as_str(),
        _ => None,
    }
}

fn known_state(row: &Value) -> Option<IncidentState> {
    state(STATES, &text(row, "status")?)
}

/// When the trouble ended, unless that lies ahead.
fn ended_at(row: &Value, now: Option<Timestamp>) -> Option<Timestamp> {
    at(row, "end_date", "end_epoch").filter(|end| now.is_none_or(|now| *end <= now))
}

fn update(message: &Value) -> IncidentUpdate {
    IncidentUpdate {
        at: created_at(message),
        state: text(message, "message_type").and_then(|word| state(MESSAGES, &word)),
        text: message.get("body").and_then(english).unwrap_or_default().to_owned(),
    }
}

fn created_at(value: &Value) -> Option<Timestamp> {
    at(value, "created_date", "created_epoch")
}

/// An instant that is written as a date and in seconds since the epoch.
fn at(value: &Value, date: &str, epoch: &str) -> Option<Timestamp> {
    time(value, date).or_else(|| epoch_secs(value, epoch))
}
