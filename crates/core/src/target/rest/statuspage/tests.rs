use serde_json::json;

use super::*;
use crate::schema::{IncidentKind, IncidentState, Status};
use crate::target::Filter;

fn read(value: &Value) -> Result<Report, ParseError> {
    parse(&Document::new(value.to_string().as_bytes()))?.finish(&Filter::default())
}

/// A summary with one component; `with` replaces fields.
fn summary(with: &Value) -> Value {
    let mut value = json!({
        "page": {"id": "pageid", "name": "Acme", "updated_at": "2026-02-03T04:05:06.789Z"},
        "status": {"indicator": "none", "description": "All Systems Operational"},
        "components": [{"id": "c1", "name": "API", "status": "operational", "updated_at": "2026-01-01T00:00:00Z"}],
        "incidents": [],
        "scheduled_maintenances": [],
    });
    for (key, field) in with.as_object().unwrap() {
        value[key] = field.clone();
    }
    value
}

fn incident(id: &str, status: &str, impact: &Value) -> Value {
    json!({
        "id": id, "name": "Trouble", "status": status, "impact": impact, "components": [{"id": "c1", "name": "API"}],
        "created_at": "2026-02-01T00:00:00Z", "started_at": "2026-01-31T00:00:00Z", "shortlink": "https://stspg.io/x",
    })
}

fn is_maintained(service: &Service) -> bool {
    service.dimensions.get("maintenance") == Some(&true.into())
}

#[test]
fn every_component_word_and_one_that_is_none() {
    for (word, status, is_known) in [
        (json!("operational"), Status::Ok, true),
        (json!("degraded_performance"), Status::Degraded, true),
        (json!("partial_outage"), Status::Degraded, true),
        (json!("Major_Outage"), Status::Outage, true),
        (json!("under_maintenance"), Status::Degraded, true),
        (json!("on_strike"), Status::Unknown, false),
        (json!(null), Status::Unknown, false),
    ] {
        let report = read(&summary(&json!({"components": [{"id": "c1", "name": "API", "status": word}]}))).unwrap();
        let component = &report.services[1];
        assert_eq!(component.status, status, "{word}");
        assert_eq!(is_maintained(component), word == "under_maintenance");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
    }
}

#[test]
fn every_indicator_word_and_one_that_is_none() {
    for (word, status, is_known) in [
        (json!("none"), Status::Ok, true),
        (json!("minor"), Status::Degraded, true),
        (json!("major"), Status::Outage, true),
        (json!("critical"), Status::Outage, true),
        (json!("maintenance"), Status::Degraded, true),
        (json!("purple"), Status::Unknown, false),
        (json!(null), Status::Unknown, false),
    ] {
        let report = read(&summary(&json!({"status": {"indicator": word}}))).unwrap();
        assert_eq!(report.services[0].status, status, "{word}");
        assert_eq!(is_maintained(&report.services[0]), word == "maintenance");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
    }
}

#[test]
fn the_page_comes_first_with_the_same_key_in_summary_and_status() {
    let mut value = summary(&json!({}));
    let whole = read(&value).unwrap().services;
    value.as_object_mut().unwrap().remove("components");
    let alone = read(&value).unwrap().services;
    assert_eq!(whole.len(), 2);
    assert_eq!(whole[..1], alone);
    let page = &whole[0];
    assert_eq!((page.key.as_str(), page.name.as_str()), ("page", "Acme"));
    assert_eq!((&page.dimensions["scope"], &page.dimensions["serviceId"]), (&"page".into(), &"pageid".into()));
    assert_eq!(page.last_timestamp.unwrap().to_string(), "2026-02-03T04:05:06.789Z");

    value.as_object_mut().unwrap().remove("status");
    value["components"] = json!([{"id": "c1", "name": "API", "status": "operational"}]);
    let keys: Vec<_> = read(&value).unwrap().services.into_iter().map(|service| service.key).collect();
    assert_eq!(keys, ["c1"], "components.json says nothing about the page");
}

#[test]
fn open_incidents_raise_the_page_and_leave_the_components() {
    for (status, impact, page) in [
        ("investigating", json!("minor"), Status::Degraded),
        ("identified", json!("major"), Status::Degraded),
        ("investigating", json!("critical"), Status::Outage),
        ("identified", json!("critical"), Status::Outage),
        ("monitoring", json!("critical"), Status::Ok),
        ("investigating", json!("none"), Status::Ok),
        ("investigating", json!("maintenance"), Status::Ok),
        ("investigating", json!(null), Status::Ok),
        ("resolved", json!("critical"), Status::Ok),
        ("postmortem", json!("critical"), Status::Ok),
        ("investigating", json!("apocalyptic"), Status::Unknown),
        ("bargaining", json!("critical"), Status::Outage),
    ] {
        let report = read(&summary(&json!({"incidents": [incident("i1", status, &impact)]}))).unwrap();
        assert_eq!(report.services[0].status, page, "{status} {impact}");
        assert_eq!(report.services[1].status, Status::Ok, "{status} {impact}");
        let names_it = !matches!(status, "resolved" | "postmortem") && impact != "maintenance";
        assert_eq!(report.services[1].dimensions.contains_key("incident"), names_it, "{status} {impact}");
    }
}

#[test]
fn an_incident_outweighs_an_indicator_of_maintenance() {
    let with = |impact: &str| {
        let value = summary(&json!({
            "status": {"indicator": "maintenance"}, "incidents": [incident("i1", "identified", &json!(impact))],
        }));
        read(&value).unwrap().services.remove(0)
    };
    assert_eq!((with("minor").status, is_maintained(&with("minor"))), (Status::Degraded, false));
    assert_eq!((with("none").status, is_maintained(&with("none"))), (Status::Degraded, true));
}

#[test]
fn maintenance_that_is_only_planned_raises_nothing() {
    let planned =
        ["scheduled", "in_progress", "verifying"].map(|status| incident(status, status, &json!("maintenance")));
    let report = read(&summary(&json!({"scheduled_maintenances": planned}))).unwrap();
    assert_eq!(report.services[0].status, Status::Ok);
    assert!(!report.services[1].dimensions.contains_key("incident"));
    let states: Vec<_> = report.incidents.iter().map(|incident| (incident.kind, incident.state)).collect();
    let expected = [IncidentState::Scheduled, IncidentState::InProgress, IncidentState::InProgress];
    assert_eq!(states, expected.map(|state| (IncidentKind::Maintenance, state)));
}

#[test]
fn of_several_incidents_a_component_carries_the_worst() {
    let listed = [("i1", "minor"), ("i2", "critical"), ("i3", "major")]
        .map(|(id, impact)| incident(id, "investigating", &json!(impact)));
    let report = read(&summary(&json!({"incidents": listed}))).unwrap();
    assert_eq!(report.services[1].dimensions["incident"], "i2".into());
}

#[test]
fn an_incident_is_told_in_the_unified_shape() {
    let mut row = incident("i1", "postmortem", &json!("critical"));
    row["resolved_at"] = json!("2026-02-02T00:00:00Z");
    row["components"] = json!([{"id": "c1"}, {"id": "g1", "group": true}]);
    row["incident_updates"] = json!([
        {"status": "investigating", "body": "We &amp; you", "display_at": "2026-02-01T00:00:00Z"},
        {"status": "resolved", "body": "<p>Over.</p>", "created_at": "2026-02-02T00:00:00Z"},
    ]);
    let mut work = incident("m1", "in_progress", &json!("maintenance"));
    work["scheduled_for"] = json!("2026-03-01T00:00:00Z");
    work["scheduled_until"] = json!("2026-03-02T00:00:00Z");
    let report = read(&summary(&json!({"incidents": [row], "scheduled_maintenances": [work]}))).unwrap();

    let told = &report.incidents[0];
    assert_eq!((told.key.as_str(), told.kind, told.state), ("i1", IncidentKind::Incident, IncidentState::Resolved));
    assert_eq!((told.title.as_str(), told.impact), ("Trouble", Some(Status::Outage)));
    assert_eq!(told.url.as_deref(), Some("https://stspg.io/x"));
    assert_eq!(told.started_at.unwrap().to_string(), "2026-01-31T00:00:00.000Z");
    assert_eq!(told.resolved_at.unwrap().to_string(), "2026-02-02T00:00:00.000Z");
    assert_eq!(told.services, ["c1"]);
    let updates: Vec<_> = told.updates.iter().map(|update| (update.state, update.text.as_str())).collect();
    assert_eq!(updates, [(Some(IncidentState::Resolved), "Over."), (Some(IncidentState::Investigating), "We & you")]);

    let planned = &report.incidents[1];
    assert_eq!((planned.state, planned.impact), (IncidentState::InProgress, Some(Status::Degraded)));
    assert_eq!(planned.started_at.unwrap().to_string(), "2026-03-01T00:00:00.000Z");
    assert_eq!(planned.resolved_at, None);
}

#[test]
fn groups_and_decoys_are_no_services_of_their_own() {
    let report = read(&summary(&json!({"components": [
        {"id": "c1", "name": "Compute", "status": "major_outage", "group_id": "g1"},
        {"id": "g1", "name": "us-east", "status": "major_outage", "group": true, "components": ["c1"]},
        {"id": "g2", "name": "us-west", "status": "operational", "group": true},
        {"id": "c2", "name": "Compute", "status": "operational", "group_id": "g2", "group": false},
        {"id": "d1", "name": "Visit www.acme.com for more information", "status": "operational"},
    ]})))
    .unwrap();
    let seen: Vec<_> = report.services[1..]
        .iter()
        .map(|service| (service.key.as_str(), service.name.as_str(), service.dimensions["group"].to_string()))
        .collect();
    assert_eq!(seen, [("c1", "Compute", "us-east".to_owned()), ("c2", "Compute", "us-west".to_owned())]);
}

#[test]
fn incident_io_leaves_out_what_statuspage_has() {
    let report = read(&json!({
        "page": {"id": "01JMDK9XYNY6RXSED6SDWW50WY", "name": "Acme", "updated_at": "2026-07-09T19:25:56Z"},
        "status": {"indicator": "none"},
        "components": [{"id": "01JMXBRMFE4MAP2BHSJNZ787WX", "name": "Images", "status": "operational"}],
        "incidents": null,
    }))
    .unwrap();
    assert_eq!(report.services.len(), 2);
    assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-07-09T19:25:56.000Z");

    let mut named = incident("i1", "identified", &json!("major"));
    named.as_object_mut().unwrap().remove("components");
    named["shortlink"] = Value::Null;
    let report = read(&summary(&json!({"incidents": [named], "scheduled_maintenances": null}))).unwrap();
    assert_eq!(report.services[0].status, Status::Degraded);
    assert!(report.incidents[0].services.is_empty() && report.incidents[0].url.is_none());
}

#[test]
fn one_broken_row_does_not_lose_the_rest() {
    let report = read(&summary(&json!({
        "page": {"id": 7, "name": null},
        "components": [null, {"id": "x"}, {"id": 42, "name": " API ", "status": "operational"}, {"name": "Web"}],
        "incidents": [null, {}, {"id": 9}],
    })))
    .unwrap();
    let seen: Vec<_> = report.services.iter().map(|service| (service.key.as_str(), service.name.as_str())).collect();
    assert_eq!(seen, [("page", "page"), ("42", "API"), ("Web", "Web")]);
    assert_eq!(report.incidents.len(), 1);
}

#[test]
fn status_documents_may_lack_components_and_component_lists_may_not() {
    for components in [json!(null), json!([])] {
        assert_eq!(read(&summary(&json!({"components": components}))).unwrap().services.len(), 1);
    }
    let empty = summary(&json!({"components": [], "status": null}));
    assert_eq!(read(&empty).unwrap_err(), ParseError::Empty);
}

#[test]
fn other_documents_are_refused_and_named() {
    let page = json!({"id": "p", "name": "Acme"});
    for (stranger, said) in [
        (json!({"status": 500, "error": "Internal Server Error"}), "an error body"),
        (json!({"page": page, "incidents": [incident("i1", "resolved", &json!("minor"))]}), "history"),
        (json!({"page": page, "scheduled_maintenances": []}), "history"),
        (json!({"page": {"name": "Acme", "url": "https://x", "status": "UP"}}), "the keys page"),
        (
            json!({"page": {"name": "Acme", "status": "UP"}, "components": [{"name": "API"}]}),
            "the keys components, page",
        ),
        (json!({"components": [{"id": "c1", "name": "API", "status": "OPERATIONAL", "group": null}]}), "components"),
        (json!({"page": page, "components": [{"systems": 1}]}), "systems"),
        (json!({"page": page, "status": {}}), "page, status"),
        (json!({"status": {"indicator": "none"}}), "the keys status"),
        (json!({"result": {"status_overall": {}}}), "the keys result"),
        (json!([]), "an empty list"),
    ] {
        let error = read(&stranger).unwrap_err();
        let is_refused =
            matches!(&error, ParseError::Unrecognised(text) if text.contains("expected") && text.contains(said));
        assert!(is_refused, "{stranger}: {error}");
    }
    assert!(matches!(parse(&Document::new(b"")), Err(ParseError::Malformed(_))));
    assert!(matches!(parse(&Document::new(b"<html>")), Err(ParseError::Unrecognised(_))));
}
