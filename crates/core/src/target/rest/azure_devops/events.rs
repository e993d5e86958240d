//! The events that the status page of Azure DevOps tells of.

use serde_json::Value;

use super::super::incident::{headline, link, state, updates};
use super::super::json::{list, text, time};
use super::{HEALTH, key};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Timestamp, dimension_names};
use crate::target::{Meaning, Report};

/// What the state of an event means, in words and in numbers.
const STATES: &[(&str, IncidentState)] = &[
    ("active", IncidentState::Investigating),
    ("1", IncidentState::Investigating),
    ("resolved", IncidentState::Resolved),
    ("2", IncidentState::Resolved),
];

/// Adds events to the report on the health document that they stand beside, and marks the services that those going on
/// name.
pub(in crate::target) fn read_events(events: &[Value], health: &Value, report: &mut Report) {
    for event in events.iter().filter(|event| !is_deleted(event)) {
        let Some(incident) = incident(event, health, report) else { continue };
        if incident.is_open() {
            mark(report, &incident);
        }
        report.incidents.push(incident);
    }
}

fn is_deleted(row: &Value) -> bool {
    row.get("isDeleted").and_then(Value::as_bool) == Some(true)
}

/// An event; `None` if it has neither an id nor a title.
fn incident(event: &Value, health: &Value, report: &mut Report) -> Option<Incident> {
    let title = text(event, "title");
    let key = text(event, "id").or_else(|| title.clone())?;
    let ended_at = instant(event, "endTime");
    let state = match text(event, "state") {
        Some(word) => state(STATES, &word).unwrap_or_else(|| {
            report.unknown(&word);
            IncidentState::Investigating
        }),
        None if ended_at.is_some() => IncidentState::Resolved,
        None => IncidentState::Investigating,
    };
    let impact = text(event, "severity").map(|word| report.read(&HEALTH, &word));
    let logs: Vec<_> = list(event, "logs").iter().filter(|log| !is_deleted(log)).collect();
    let said = logs.iter().filter_map(|log| {
        Some(IncidentUpdate {
            at: instant(log, "creationDateTime"),
            state: None,
            text: text(log, "description").or_else(|| text(log, "descriptionMd"))?,
        })
    });
    Some(Incident {
        key,
        kind: IncidentKind::Incident,
        title: headline(&title.unwrap_or_default()),
        state,
        impact: impact.map(Meaning::status),
        started_at: instant(event, "startTime"),
        updated_at: logs.iter().filter_map(|log| instant(log, "lastUpdatedDateTime")).max(),
        resolved_at: ended_at.filter(|_| state.is_closed()),
        url: link(event, "incidentUri"),
        services: named(event, health, report),
        updates: updates(said),
    })
}

/// The keys of the services that an event names; a service that is not known in the place it names stays a name.
fn named(event: &Value, health: &Value, report: &Report) -> Vec<String> {
    let mut services = Vec::new();
    for impact in list(event, "impact") {
        let Some(service) = text(impact, "serviceId") else { continue };
        let place = text(impact, "scopeName").and_then(|scope| geography(health, &scope));
        let known = place
            .map(|place| key(&service, &place))
            .filter(|key| report.services.iter().any(|service| service.key == *key))
            .unwrap_or(service);
        if !services.contains(&known) {
            services.push(known);
        }
    }
    services
}

/// The id of the geography that an event means: it has only the name.
fn geography(health: &Value, scope: &str) -> Option<String> {
    let is_meant = |row: &&Value| {
        ["name", "id"].iter().any(|key| text(row, key).is_some_and(|known| known.eq_ignore_ascii_case(scope)))
    };
    let rows = list(health, "services").iter().flat_map(|service| list(service, "geographies"));
    rows.filter(is_meant).find_map(|row| text(row, "id"))
}

fn mark(report: &mut Report, incident: &Incident) {
    for service in report.services.iter_mut().filter(|service| incident.services.contains(&service.key)) {
        let named = service.dimensions.entry(dimension_names::INCIDENT.to_owned());
        named.or_insert_with(|| incident.key.as_str().into());
    }
}

/// The instant under a key, written as `/Date(1647448269933)/` (milliseconds; an offset that may follow says only where
/// the clock stood) or as RFC 3339.
fn instant(row: &Value, key: &str) -> Option<Timestamp> {
    let written = text(row, key)?;
    let Some(inner) = written.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) else {
        return time(row, key);
    };
    let digits = inner.find(['+', '-']).filter(|&sign| sign > 0).map_or(inner, |sign| &inner[..sign]);
    Timestamp::from_millis(digits.trim().parse().ok()?)?.unless_null()
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::schema::Status;
    use serde_json::json;

    fn told(event: &Value) -> Report {
        let geographies =
            json!([{"id": "US", "name": "United States", "health": 1}, {"id": "EU", "name": "Europe", "health": 4}]);
        let health = json!({"services": [{"id": "Boards", "geographies": geographies}]});
        let mut report = read(&health).unwrap();
        read_events(std::slice::from_ref(event), &health, &mut report);
        report
    }

    #[test]
    fn an_event_is_told_and_marks_the_services_it_names() {
        let impact = [("Boards", "united states"), ("Boards", "US"), ("Repos", "Europe"), ("Boards", "Mars")]
            .map(|(service, scope)| json!({"serviceId": service, "scopeType": 1, "scopeName": scope}));
        let report = told(&json!({
            "id": 295_691_068, "severity": 1, "state": 1, "title": "Search &amp; more", "impact": impact,
            "startTime": "/Date(1647448269933)/",
            "logs": [
                {"creationDateTime": "/Date(1647450876440)/", "lastUpdatedDateTime": "/Date(1647450876440+0100)/"},
                {"creationDateTime": "2022-03-16T17:00:00Z", "description": "<p>We look.</p>"},
                {"creationDateTime": "2022-03-16T17:05:00Z", "description": "A slip", "isDeleted": true},
            ],
        }));
        let [incident] = &report.incidents[..] else { panic!("{report:?}") };
        assert_eq!((incident.key.as_str(), incident.title.as_str()), ("295691068", "Search & more"));
        assert_eq!((incident.state, incident.impact), (IncidentState::Investigating, Some(Status::Outage)));
        let written = |at: Option<Timestamp>| at.map(|at| at.to_string());
        assert_eq!(written(incident.started_at).as_deref(), Some("2022-03-16T16:31:09.933Z"));
        assert_eq!(written(incident.updated_at).as_deref(), Some("2022-03-16T17:14:36.440Z"));
        assert_eq!(incident.services, ["Boards/US", "Repos", "Boards"]);
        let updates: Vec<_> = incident.updates.iter().map(|it| (written(it.at), it.text.as_str())).collect();
        assert_eq!(updates, [(Some("2022-03-16T17:00:00.000Z".to_owned()), "We look.")]);

        let marks: Vec<_> = report.services.iter().map(|it| (it.key.as_str(), it.dimensions.get("incident"))).collect();
        assert_eq!(marks, [("Boards/US", Some(&"295691068".into())), ("Boards/EU", None)]);
        assert!(report.unknown_words.is_empty());
    }

    #[test]
    fn closed_events_mark_nothing_and_deleted_ones_are_not_told() {
        let named = json!([{"serviceId": "Boards", "scopeName": "Europe"}]);
        for (event, state, noted) in [
            (json!({"state": 1}), Some(IncidentState::Investigating), None),
            (json!({"state": "Active"}), Some(IncidentState::Investigating), None),
            (json!({}), Some(IncidentState::Investigating), None),
            (json!({"state": "smouldering"}), Some(IncidentState::Investigating), Some("smouldering")),
            (json!({"severity": "dire"}), Some(IncidentState::Investigating), Some("dire")),
            (json!({"state": 2, "endTime": "/Date(1647456398553)/"}), Some(IncidentState::Resolved), None),
            (json!({"state": "resolved"}), Some(IncidentState::Resolved), None),
            (json!({"endTime": "2022-03-16T18:46:38.553Z"}), Some(IncidentState::Resolved), None),
            (json!({"state": 1, "isDeleted": true}), None, None),
            (json!({"id": null, "title": " "}), None, None),
        ] {
            let mut event = event;
            let fields = event.as_object_mut().unwrap();
            fields.entry("id").or_insert(json!(7));
            fields.insert("impact".to_owned(), named.clone());
            let report = told(&event);
            assert_eq!(report.incidents.first().map(|incident| incident.state), state, "{event}");
            let is_open = state == Some(IncidentState::Investigating);
            assert_eq!(report.services[1].dimensions.contains_key("incident"), is_open, "{event}");
            assert_eq!(report.unknown_words.iter().map(String::as_str).next(), noted, "{event}");
        }
    }

    #[test]
    fn only_instants_are_instants() {
        for written in ["/Date()/", "/Date(soon)/", "/Date(-62135596800000)/", "/Date(0)/", "/Date(1", "yesterday", ""]
        {
            assert_eq!(instant(&json!({"at": written}), "at"), None, "{written}");
        }
    }
}
