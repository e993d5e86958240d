//! Heroku: `current-status`, the colour of each system, with the incidents and the maintenances.
//!
//! The colours alone decide. `scheduled` keeps maintenances as `upcoming` for months after they ended, and `resolved` is
//! unreliable everywhere. `/api/v4/incidents` is refused: it is history, and tells no system's colour.

use std::collections::HashMap;

use serde_json::Value;

use super::incident::{headline, link, mark_named, read_state, state, updates};
use super::json::{describe, list, text, time, word};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Service, Timestamp};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// What a colour means.
static COLOURS: Vocabulary = Vocabulary(&[
    ("green", Meaning::OK),
    ("blue", Meaning::Maintenance),
    ("yellow", Meaning::DEGRADED),
    ("red", Meaning::OUTAGE),
]);

/// What the `state` of an incident or of a maintenance means.
const STATES: &[(&str, IncidentState)] = &[
    ("open", IncidentState::Investigating),
    ("upcoming", IncidentState::Scheduled),
    ("resolved", IncidentState::Resolved),
    ("closed", IncidentState::Resolved),
];

/// What the types of updates that change a state bring.
const UPDATES: &[(&str, IncidentState)] = &[
    ("issue", IncidentState::Investigating),
    ("monitoring", IncidentState::Monitoring),
    ("resolved", IncidentState::Resolved),
    ("scheduled", IncidentState::Scheduled),
];

/// Reads the current status: one service for each system. A system has no time of its own but that of the open
/// incidents that name it.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value: Value = document.json()?;
    let systems = list(&value, "status");
    if !systems.iter().any(|row| text(row, "system").is_some() && text(row, "status").is_some()) {
        return Err(stranger(&value));
    }

    let mut report = Report::complete();
    for (key, kind) in [("incidents", IncidentKind::Incident), ("scheduled", IncidentKind::Maintenance)] {
        for row in list(&value, key) {
            let incident = incident(&mut report, row, kind);
            report.incidents.extend(incident);
        }
    }
    let updated = updated(&report.incidents);
    for row in systems {
        let Some(name) = text(row, "system") else { continue };
        let mut service = Service::named(name.as_str(), name.as_str());
        service.set(report.read(&COLOURS, &word(row, "status")));
        service.last_timestamp = updated.get(&name).copied();
        report.services.push(service);
    }
    mark_named(&mut report.services, &report.incidents);
    Ok(report)
}

/// For each system the newest time of the open incidents that name it.
fn updated(incidents: &[Incident]) -> HashMap<String, Timestamp> {
    let mut updated = HashMap::new();
    for incident in incidents.iter().filter(|incident| incident.is_open() && incident.kind == IncidentKind::Incident) {
        let Some(at) = incident.updated_at else { continue };
        for system in &incident.services {
            let newest = updated.entry(system.clone()).or_insert(at);
            *newest = at.max(*newest);
        }
    }
    updated
}

fn stranger(value: &Value) -> ParseError {
    let is_history = value.as_array().is_some_and(|rows| rows.iter().any(|row| row.get("systems").is_some()));
    let found = if is_history { "a list of incidents, which is history".to_owned() } else { describe(value) };
    ParseError::unrecognised(format!(
        "expected Heroku's current-status (an object with status[] of system and status), found {found}"
    ))
}

/// One row of a list; `None` if it has neither an id nor a title.
fn incident(report: &mut Report, row: &Value, kind: IncidentKind) -> Option<Incident> {
    let title = text(row, "title");
    let key = text(row, "id").or_else(|| title.clone())?;
    let said = list(row, "updates").iter().map(|update| IncidentUpdate {
        at: time(update, "created_at").or_else(|| time(update, "updated_at")),
        state: state(UPDATES, &word(update, "update_type")),
        text: text(update, "contents").unwrap_or_default(),
    });
    let updates = updates(said);
    let newest = updates.iter().find_map(|update| update.state);
    let is_closed =
        text(row, "state").and_then(|word| read_state(report, STATES, &word)).is_some_and(IncidentState::is_closed);
    let state = match kind {
        IncidentKind::Maintenance if is_closed || newest == Some(IncidentState::Resolved) => IncidentState::Completed,
        IncidentKind::Maintenance => IncidentState::Scheduled,
        IncidentKind::Incident if is_closed => IncidentState::Resolved,
        IncidentKind::Incident if newest == Some(IncidentState::Monitoring) => IncidentState::Monitoring,
        IncidentKind::Incident => IncidentState::Investigating,
    };
    let systems = list(row, "systems");
    let colours = systems.iter().filter_map(|system| COLOURS.meaning(&word(system, "status")));
    Some(Incident {
        key,
        kind,
        title: headline(&title.unwrap_or_default()),
        state,
        impact: colours.reduce(Meaning::worst).map(Meaning::status),
        // When a maintenance is planned to begin, only its text says.
        started_at: time(row, "created_at").filter(|_| kind == IncidentKind::Incident),
        updated_at: time(row, "updated_at"),
        resolved_at: time(row, "resolved_at").filter(|_| state.is_closed()),
        url: link(row, "full_url").or_else(|| link(row, "href")),
        services: systems.iter().filter_map(|system| text(system, "name")).collect(),
        updates,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Status;
    use serde_json::json;

    fn read(value: &Value) -> Result<Report, ParseError> {
        parse(&Document::new(value.to_string().as_bytes()))
    }

    /// Apps in one colour and Data in green, with a list of incidents.
    fn current(colour: &Value, incidents: &[Value]) -> Value {
        json!({
            "status": [{"system": "Apps", "status": colour}, {"system": "Data", "status": "green"}],
            "incidents": incidents, "scheduled": [],
        })
    }

    fn incident(state: &Value, updates: &Value) -> Value {
        json!({
            "id": 7, "title": "Slow &amp; slower", "state": state, "resolved": true,
            "created_at": "2026-09-30T17:00:11.226Z", "updated_at": "2026-09-30T17:13:13.605Z",
            "resolved_at": "2026-09-30T18:00:00.000Z", "full_url": "https://status.heroku.com/incidents/7",
            "systems": [{"name": "Apps", "status": "yellow"}, {"name": "Tools", "status": "red"}], "updates": updates,
        })
    }

    #[test]
    fn every_colour_and_one_that_is_none() {
        for (colour, status, is_known) in [
            (json!("green"), Status::Ok, true),
            (json!("Blue"), Status::Degraded, true),
            (json!("yellow"), Status::Degraded, true),
            (json!("RED"), Status::Outage, true),
            (json!("mauve"), Status::Unknown, false),
            (json!(null), Status::Unknown, false),
        ] {
            let report = read(&current(&colour, &[])).unwrap();
            assert_eq!(report.services[0].status, status, "{colour}");
            assert_eq!(report.services[0].dimensions.contains_key("maintenance"), colour == "Blue", "{colour}");
            assert_eq!(report.unknown_words.is_empty(), is_known, "{colour}");
            assert_eq!((report.services[1].name.as_str(), report.services[1].status), ("Data", Status::Ok));
        }
    }

    #[test]
    fn the_state_of_an_incident_says_whether_it_is_open_and_its_flag_does_not() {
        use IncidentState::{Investigating, Monitoring, Resolved};
        let monitoring = json!([
            {"update_type": "issue", "created_at": "2026-09-30T17:00:00Z"},
            {"update_type": "update", "created_at": "2026-09-30T17:20:00Z"},
            {"update_type": "monitoring", "created_at": "2026-09-30T17:10:00Z"},
        ]);
        for (word, updates, state, is_known) in [
            (json!("open"), json!([]), Investigating, true),
            (json!("open"), monitoring.clone(), Monitoring, true),
            (json!(null), json!(null), Investigating, true),
            (json!("Resolved"), monitoring.clone(), Resolved, true),
            (json!("closed"), json!([]), Resolved, true),
            (json!("festering"), json!([]), Investigating, false),
        ] {
            let report = read(&current(&json!("yellow"), &[incident(&word, &updates)])).unwrap();
            let apps = &report.services[0];
            assert_eq!(report.incidents[0].state, state, "{word}");
            assert_eq!(apps.dimensions.contains_key("incident"), state != Resolved, "{word}");
            assert_eq!(apps.last_timestamp.is_some(), state != Resolved, "{word}");
            assert_eq!(report.services[1].last_timestamp, None, "{word}");
            assert_eq!(report.incidents[0].resolved_at.is_some(), state == Resolved, "{word}");
            assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
        }
    }

    #[test]
    fn an_open_incident_is_found_below_closed_ones() {
        let mut open = incident(&json!("open"), &json!([{"update_type": "issue", "contents": "<b>Oh.</b>"}]));
        open["id"] = json!(6);
        let report = read(&current(&json!("yellow"), &[incident(&json!("resolved"), &json!([])), open])).unwrap();
        assert_eq!(report.services[0].dimensions["incident"], "6".into());
        assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-09-30T17:13:13.605Z");
        let told = &report.incidents[1];
        assert_eq!((told.title.as_str(), told.impact), ("Slow & slower", Some(Status::Outage)));
        assert_eq!(told.services, ["Apps", "Tools"]);
        assert_eq!(told.updates[0].text, "Oh.");
        assert_eq!(told.url.as_deref(), Some("https://status.heroku.com/incidents/7"));
    }

    #[test]
    fn what_is_scheduled_is_never_under_way_and_its_last_update_ends_it() {
        for (word, newest, state) in [
            (json!("upcoming"), "scheduled", IncidentState::Scheduled),
            (json!("upcoming"), "resolved", IncidentState::Completed),
            (json!("resolved"), "scheduled", IncidentState::Completed),
            (json!("open"), "issue", IncidentState::Scheduled),
        ] {
            let updates = json!([
                {"update_type": newest, "created_at": "2026-09-30T22:00:00Z"},
                {"update_type": "scheduled", "created_at": "2026-09-30T17:00:00Z"},
            ]);
            let mut value = current(&json!("green"), &[]);
            value["scheduled"] = json!([incident(&word, &updates)]);
            let report = read(&value).unwrap();
            let told = &report.incidents[0];
            assert_eq!((told.kind, told.state, told.started_at), (IncidentKind::Maintenance, state, None), "{word}");
            assert_eq!(report.services[0].status, Status::Ok);
            assert!(report.services[0].dimensions.is_empty() && report.services[0].last_timestamp.is_none());
        }
    }

    #[test]
    fn one_broken_row_does_not_lose_the_rest() {
        let report = read(&json!({
            "status": [null, {"status": "red"}, {"system": "Apps"}, {"system": "Data", "status": "red"}],
            "incidents": [null, {}, {"id": "x", "systems": [null, {"name": "Data"}]}], "scheduled": {},
        }))
        .unwrap();
        let seen: Vec<_> = report.services.iter().map(|one| (one.key.as_str(), one.status)).collect();
        assert_eq!(seen, [("Apps", Status::Unknown), ("Data", Status::Outage)]);
        assert_eq!(report.incidents.len(), 1);
        assert_eq!(report.services[1].dimensions["incident"], "x".into());
    }

    #[test]
    fn other_documents_are_refused_and_history_is_named() {
        for (stranger, said) in [
            (json!([incident(&json!("open"), &json!([]))]), "history"),
            (json!({"status": []}), "the keys status"),
            (json!({"status": {"indicator": "none"}}), "the keys status"),
            (json!({"status": [{"name": "Apps", "status": "green"}]}), "the keys status"),
            (json!({"status": 500, "error": "x"}), "error, status"),
            (json!([]), "an empty list"),
        ] {
            let error = read(&stranger).unwrap_err();
            assert!(matches!(&error, ParseError::Unrecognised(text) if text.contains(said)), "{stranger}: {error}");
        }
    }
}
