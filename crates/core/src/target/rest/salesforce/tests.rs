use serde_json::json;

use super::*;
use crate::schema::{IncidentKind, IncidentState, Status, Timestamp};
use crate::target::Filter;

fn read(value: &Value) -> Result<Report, ParseError> {
    parse(&Document::new(value.to_string().as_bytes()))?.finish(&Filter::default())
}

fn read_at(value: &Value, now: &str) -> Report {
    let now = Timestamp::parse_rfc3339(now).unwrap();
    parse(&Document::new(value.to_string().as_bytes()).asked_at(now)).unwrap()
}

fn instance(key: &str, with: &Value) -> Value {
    let mut row = json!({
        "key": key, "location": "EMEA", "environment": "production", "status": "OK", "isActive": true,
        "updatedAt": "2025-04-17T17:03:12.099Z", "Incidents": [],
    });
    for (key, field) in with.as_object().unwrap() {
        row[key] = field.clone();
    }
    row
}

fn keys(report: &Report) -> Vec<&str> {
    report.services.iter().map(|service| service.key.as_str()).collect()
}

#[test]
fn every_status_and_one_that_is_none() {
    for (word, status, is_known) in [
        (json!("OK"), Status::Ok, true),
        (json!("informational_core"), Status::Ok, true),
        (json!("INFORMATIONAL_NONCORE"), Status::Ok, true),
        (json!("MAINTENANCE_CORE"), Status::Degraded, true),
        (json!("MAINTENANCE_NONCORE"), Status::Degraded, true),
        (json!("MINOR_INCIDENT_CORE"), Status::Degraded, true),
        (json!("MINOR_INCIDENT_NONCORE"), Status::Degraded, true),
        (json!("MAJOR_INCIDENT_CORE"), Status::Outage, true),
        (json!("MAJOR_INCIDENT_NONCORE"), Status::Degraded, true),
        (json!("MAJOR_INCIDENT"), Status::Unknown, false),
        (json!(null), Status::Unknown, false),
    ] {
        let report = read(&json!([instance("EU48", &json!({"status": word}))])).unwrap();
        let service = &report.services[0];
        assert_eq!(service.status, status, "{word}");
        let is_planned = word.as_str().is_some_and(|word| word.starts_with("MAINTENANCE"));
        assert_eq!(service.dimensions.contains_key("maintenance"), is_planned, "{word}");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
        assert_eq!(service.last_timestamp, None);
    }
}

#[test]
fn the_three_documents_are_told_apart() {
    let rows = json!([
        instance("EU48", &json!({})),
        instance("NA1", &json!({"isActive": false, "status": "MAJOR_INCIDENT_CORE"})),
        instance("CS5", &json!({"environment": "sandbox", "status": "MAJOR_INCIDENT_CORE"})),
        instance("AP9", &json!({"environment": "Production", "location": null})),
    ]);
    let list = read(&rows).unwrap();
    assert_eq!(keys(&list), ["EU48", "AP9"]);
    let product = json!({"key": "Tableau", "isActive": true, "name": "Tableau", "Instances": rows});
    assert_eq!(read(&product).unwrap(), list);
    let first = &list.services[0];
    assert_eq!((first.name.as_str(), &first.dimensions["region"]), ("EU48", &"EMEA".into()));
    assert_eq!(
        (&first.dimensions["serviceId"], &first.dimensions["environment"]),
        (&"EU48".into(), &"production".into())
    );
    assert!(!list.services[1].dimensions.contains_key("region"));

    assert_eq!(keys(&read(&instance("EU48", &json!({}))).unwrap()), ["EU48"]);
    let sandbox = instance("CS5", &json!({"environment": "sandbox"}));
    assert_eq!(keys(&read(&sandbox).unwrap()), ["CS5"], "asked for by its name");
    assert_eq!(read(&instance("NA1", &json!({"isActive": false}))).unwrap_err(), ParseError::Empty);
    assert_eq!(read(&json!({"key": "Gone", "Instances": []})).unwrap_err(), ParseError::Empty);
}

fn incident(with: &Value) -> Value {
    let mut row = json!({
        "id": 10967, "isCore": true, "message": null, "externalId": "7000", "createdAt": "2023-04-02T03:39:01.680Z",
        "updatedAt": "2023-04-02T03:47:10.152Z",
        "IncidentImpacts": [
            {"startTime": "2023-04-02T02:38:00.000Z", "endTime": null, "type": "performanceDegradation", "severity": "minor"},
        ],
        "IncidentEvents": [
            {"type": "update", "message": "Restarting.", "createdAt": "2023-04-02T04:19:33.808Z"},
            {"type": "update", "message": "At 02:38 UTC <b>we</b> were notified.", "createdAt": "2023-04-02T03:47:10.212Z"},
        ],
    });
    for (key, field) in with.as_object().unwrap() {
        row[key] = field.clone();
    }
    row
}

fn told(field: &str, event: &Value) -> Report {
    read(&json!([instance("EU48", &json!({field: [event]}))])).unwrap()
}

#[test]
fn an_incident_is_told_once_for_all_its_instances() {
    let concerned = json!({"Incidents": [incident(&json!({}))]});
    let report = read(&json!([instance("EU48", &concerned), instance("EU49", &concerned)])).unwrap();
    assert_eq!(report.incidents.len(), 1);
    let told = &report.incidents[0];
    assert_eq!(
        (told.key.as_str(), told.kind, told.state),
        ("10967", IncidentKind::Incident, IncidentState::Investigating)
    );
    assert_eq!((told.title.as_str(), told.impact), ("At 02:38 UTC we were notified.", Some(Status::Degraded)));
    assert_eq!(told.started_at.unwrap().to_string(), "2023-04-02T02:38:00.000Z");
    assert_eq!(told.updated_at.unwrap().to_string(), "2023-04-02T03:47:10.152Z");
    assert_eq!((told.services.as_slice(), told.resolved_at), (&["EU48".to_owned(), "EU49".to_owned()][..], None));
    assert_eq!((told.updates.len(), told.updates[0].text.as_str()), (2, "Restarting."));
    assert!(report.services.iter().all(|service| service.dimensions["incident"] == "10967".into()));
}

#[test]
fn an_incident_is_over_when_it_says_so_or_all_its_impacts_are() {
    let impact = |end: Value| json!({"startTime": "2023-04-02T02:38:00.000Z", "endTime": end, "severity": "major"});
    let (ended, open) = (json!("2023-04-02T04:06:00.000Z"), json!(null));
    for (with, state, is_open) in [
        (json!({"IncidentImpacts": [impact(ended.clone()), impact(ended.clone())]}), IncidentState::Resolved, false),
        (json!({"IncidentImpacts": [impact(ended.clone()), impact(open.clone())]}), IncidentState::Investigating, true),
        (json!({"IncidentImpacts": []}), IncidentState::Investigating, true),
        (json!({"IncidentImpacts": [impact(open)], "status": "Resolved"}), IncidentState::Resolved, false),
        (json!({"IncidentImpacts": [impact(ended)], "status": "Active"}), IncidentState::Investigating, true),
        (json!({"message": {"subject": "Slow", "eventStatus": "resolved"}}), IncidentState::Resolved, false),
    ] {
        let report = told("Incidents", &incident(&with));
        assert_eq!(report.incidents[0].state, state, "{with}");
        assert_eq!(report.services[0].dimensions.contains_key("incident"), is_open, "{with}");
    }
    let ahead = json!([instance(
        "EU48",
        &json!({"Incidents": [incident(&json!({"IncidentImpacts": [impact(json!("2023-04-02T04:06:00.000Z"))]}))]})
    )]);
    assert_eq!(read_at(&ahead, "2023-04-02T04:05:59Z").incidents[0].state, IncidentState::Investigating);
    assert_eq!(read_at(&ahead, "2023-04-02T04:06:00Z").incidents[0].state, IncidentState::Resolved);
}

#[test]
fn severities_and_headlines_are_read_where_they_are_known() {
    let severe = |word: &str, is_core: bool| {
        let impacts = json!([{"startTime": "2023-04-02T02:38:00.000Z", "severity": word}]);
        told("Incidents", &incident(&json!({"isCore": is_core, "IncidentImpacts": impacts}))).incidents[0].impact
    };
    assert_eq!(severe("Major", true), Some(Status::Outage));
    assert_eq!(severe("major", false), Some(Status::Degraded));
    assert_eq!(severe("minor", true), Some(Status::Degraded));
    assert_eq!(severe("informational", true), Some(Status::Ok));
    assert_eq!(severe("grim", true), None);

    for (with, title) in [
        (json!({"message": {"subject": "Slow logins"}}), "Slow logins"),
        (json!({"message": "Slow logins"}), "Slow logins"),
        (json!({"additionalInformation": "EU only"}), "EU only"),
        (json!({"IncidentEvents": []}), "7000"),
    ] {
        assert_eq!(told("Incidents", &incident(&with)).incidents[0].title, title, "{with}");
    }
}

#[test]
fn planned_work_goes_by_what_it_says_and_then_by_the_clock() {
    let planned = |word: Value| {
        let event = json!({
            "id": 636_660, "name": "23.4 B2C GA", "message": {"eventStatus": word},
            "plannedStartTime": "2023-04-04T06:00:00.000Z", "plannedEndTime": "2023-04-04T11:00:00.000Z",
        });
        json!([instance("EU48", &json!({"Maintenances": [event]}))])
    };
    for (word, now, state) in [
        (json!("confirmed"), "2023-04-04T05:59:59Z", IncidentState::Scheduled),
        (json!("confirmed"), "2023-04-04T06:00:00Z", IncidentState::InProgress),
        (json!("Scheduled"), "2023-04-04T11:00:00Z", IncidentState::Completed),
        (json!(null), "2023-04-04T10:59:59Z", IncidentState::InProgress),
        (json!("postponed, perhaps"), "2023-04-04T05:00:00Z", IncidentState::Scheduled),
        (json!("inProgress"), "2023-04-04T12:00:00Z", IncidentState::InProgress),
        (json!("started"), "2023-04-04T05:00:00Z", IncidentState::InProgress),
        (json!("completed"), "2023-04-04T07:00:00Z", IncidentState::Completed),
        (json!("canceled"), "2023-04-04T07:00:00Z", IncidentState::Completed),
        (json!("Cancelled"), "2023-04-04T07:00:00Z", IncidentState::Completed),
    ] {
        let report = read_at(&planned(word.clone()), now);
        let told = &report.incidents[0];
        assert_eq!((told.kind, told.state), (IncidentKind::Maintenance, state), "{word} at {now}");
        assert_eq!((told.title.as_str(), told.resolved_at.is_some()), ("23.4 B2C GA", word == "Scheduled"));
        assert_eq!(report.services[0].status, Status::Ok, "what is planned changes no status");
        assert!(!report.services[0].dimensions.contains_key("incident"));
    }
    assert_eq!(read(&planned(json!("confirmed"))).unwrap().incidents[0].state, IncidentState::Scheduled);
}

#[test]
fn other_documents_are_refused() {
    for stranger in [
        json!([]),
        json!([{"key": "Tableau", "name": "Tableau", "isActive": true, "url": "/products/Tableau"}]),
        json!({"key": "Tableau", "Instances": [{"name": "x"}]}),
        json!([{"id": 1, "message": null, "IncidentImpacts": [], "instanceKeys": ["EU48"]}]),
        json!({"status": 404, "message": "Not found", "location": "/v1"}),
        json!({"key": "x", "status": "OK"}),
    ] {
        let error = read(&stranger).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Salesforce")), "{stranger}: {error}");
    }
}
