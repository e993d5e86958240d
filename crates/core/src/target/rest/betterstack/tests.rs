use serde_json::json;

use super::*;
use crate::schema::{IncidentKind, IncidentState, Status, Timestamp};
use crate::target::Filter;

fn read_at(value: &Value, now: Option<&str>) -> Result<Report, ParseError> {
    let body = value.to_string();
    let mut document = Document::new(body.as_bytes());
    if let Some(now) = now.and_then(Timestamp::parse_rfc3339) {
        document = document.asked_at(now);
    }
    parse(&document)?.finish(&Filter::default())
}

fn read(value: &Value) -> Result<Report, ParseError> {
    read_at(value, None)
}

/// A page that is operational, with a section and two resources, and more objects.
fn page(more: &[Value]) -> Value {
    let mut included = vec![
        json!({"id": "5", "type": "status_page_section", "attributes": {"name": "Uptime ", "position": 0}}),
        resource("1", &json!("operational")),
        resource("2", &json!("operational")),
    ];
    included.extend(more.iter().cloned());
    json!({
        "data": {
            "id": "133002", "type": "status_page",
            "attributes": {
                "company_name": "Acme", "aggregate_state": "operational", "timezone": "Prague",
                "updated_at": "2026-09-07T12:17:28.639Z",
            },
            "relationships": {"resources": {"data": [{"id": "77", "type": "status_page_resource"}]}},
        },
        "included": included,
    })
}

fn resource(id: &str, status: &Value) -> Value {
    json!({
        "id": id, "type": "status_page_resource",
        "attributes": {
            "status_page_section_id": 5, "public_name": format!("Resource {id}"), "status": status,
            "status_history": [{"day": "2026-09-05", "status": "recovered"}],
        },
    })
}

/// A report on resource 1 in a state, with fields replaced and the updates of these ids.
fn report(state: &Value, with: &Value, updates: &[&str]) -> Value {
    let mut attributes = json!({
        "title": "Delays &amp; more", "report_type": "manual", "starts_at": "2026-09-04T13:50:00.000Z", "ends_at": null,
        "affected_resources": [{"status_page_resource_id": "1", "status": state}], "aggregate_state": state,
    });
    for (key, field) in with.as_object().unwrap() {
        attributes[key] = field.clone();
    }
    let updates: Vec<_> = updates.iter().map(|id| json!({"id": id, "type": "status_update"})).collect();
    json!({
        "id": "9", "type": "status_report", "attributes": attributes,
        "relationships": {"status_updates": {"data": updates}},
    })
}

fn update(id: &str, at: &str, resource: &Value, status: &str) -> Value {
    json!({
        "id": id, "type": "status_update",
        "attributes": {
            "message": "<p>Still.</p>", "published_at": at, "published_at_timezone": "Pacific Time (US & Canada)",
            "affected_resources": [{"status_page_resource_id": resource, "status": status}],
        },
    })
}

#[test]
fn every_state_and_one_that_is_none() {
    for (word, status, is_known) in [
        (json!("operational"), Status::Ok, true),
        (json!("Maintenance"), Status::Degraded, true),
        (json!("degraded"), Status::Degraded, true),
        (json!("downtime"), Status::Outage, true),
        (json!("not_monitored"), Status::Unknown, true),
        (json!("levitating"), Status::Unknown, false),
        (json!(null), Status::Unknown, false),
    ] {
        let report = read(&page(&[resource("3", &word)])).unwrap();
        let service = &report.services[3];
        assert_eq!(
            (service.key.as_str(), service.name.as_str(), service.status),
            ("3", "Resource 3", status),
            "{word}"
        );
        assert_eq!(service.dimensions.contains_key("maintenance"), word == "Maintenance", "{word}");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
        if word.is_null() {
            continue;
        }
        let mut value = page(&[]);
        value["data"]["attributes"]["aggregate_state"] = word.clone();
        let report = read(&value).unwrap();
        assert_eq!((report.services[0].name.as_str(), report.services[0].status), ("Acme", status), "{word}");
        assert_eq!(report.services[0].dimensions.contains_key("maintenance"), word == "Maintenance", "{word}");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
    }
}

#[test]
fn a_resource_stands_in_its_section_and_the_page_first() {
    let report = read(&page(&[])).unwrap();
    let seen: Vec<_> =
        report.services.iter().map(|one| (one.key.as_str(), one.last_timestamp.unwrap().to_string())).collect();
    let at = "2026-09-07T12:17:28.639Z".to_owned();
    assert_eq!(seen, [("page", at.clone()), ("1", at.clone()), ("2", at)]);
    assert_eq!(report.services[0].dimensions["serviceId"], "133002".into());
    assert_eq!(report.services[1].dimensions["group"], "Uptime".into());
    assert_eq!(report.services[1].dimensions["serviceId"], "1".into());
}

#[test]
fn the_state_of_a_report_says_whether_it_is_open_and_its_end_does_not() {
    let ended = json!({"ends_at": "2026-09-04T14:00:00.000Z"});
    for (state, with, page_status, is_open) in [
        (json!("downtime"), json!({}), Status::Outage, true),
        (json!("degraded"), json!({}), Status::Degraded, true),
        (json!("downtime"), ended.clone(), Status::Outage, true),
        (json!("resolved"), json!({}), Status::Ok, false),
        (json!("Resolved"), ended, Status::Ok, false),
        (json!("operational"), json!({}), Status::Ok, true),
        (json!("haunted"), json!({}), Status::Unknown, true),
    ] {
        // Below one that is over.
        let mut over = report(&json!("resolved"), &json!({"report_type": "automatic"}), &[]);
        over["id"] = json!("8");
        let read = read(&page(&[over, report(&state, &with, &[])])).unwrap();
        assert_eq!(read.services[0].status, page_status, "{state} {with}");
        assert_eq!(read.services[1].status, Status::Ok, "{state} {with}");
        let told = read.incidents.iter().find(|told| told.key != "8").unwrap();
        assert_eq!(told.is_open(), is_open, "{state} {with}");
        assert_eq!(read.services[1].dimensions.contains_key("incident"), is_open, "{state} {with}");
        assert!(!read.services[2].dimensions.contains_key("incident"));
        assert_eq!(read.unknown_words.is_empty(), state != "haunted");
    }
}

#[test]
fn an_open_report_is_found_below_any_number_of_those_that_are_over() {
    let mut reports = vec![report(&json!("resolved"), &json!({}), &[]); 60];
    reports.push(report(&json!("downtime"), &json!({}), &[]));
    let read = read(&page(&reports)).unwrap();
    assert_eq!(read.services[0].status, Status::Outage);
    assert_eq!(read.incidents.len(), 51);
}

#[test]
fn the_worst_of_what_a_report_affects_is_its_impact() {
    let affected = json!({"affected_resources": [
        {"status_page_resource_id": 1, "status": "degraded"}, {"status_page_resource_id": "2", "status": "downtime"},
        {"status_page_resource_id": "gone", "status": "downtime"}, {"status": "downtime"}, null,
    ]});
    let read = read(&page(&[report(&json!("degraded"), &affected, &[])])).unwrap();
    assert_eq!(read.incidents[0].impact, Some(Status::Outage));
    assert_eq!(read.incidents[0].services, ["1", "2"], "what was removed is no service");
    assert!(read.services[1..].iter().all(|one| one.dimensions["incident"] == "9".into()));
}

#[test]
fn planned_work_raises_nothing_and_its_start_tells_whether_it_is_under_way() {
    let planned = json!({"report_type": "maintenance", "ends_at": "2026-09-04T17:00:00.000Z"});
    for (now, state, told) in [
        (Some("2026-09-04T13:00:00Z"), "maintenance", IncidentState::Scheduled),
        (Some("2026-09-04T14:00:00Z"), "maintenance", IncidentState::InProgress),
        (Some("2026-09-04T18:00:00Z"), "maintenance", IncidentState::InProgress),
        (None, "maintenance", IncidentState::InProgress),
        (Some("2026-09-04T18:00:00Z"), "resolved", IncidentState::Completed),
    ] {
        let read = read_at(&page(&[report(&json!(state), &planned, &[])]), now).unwrap();
        assert_eq!((read.incidents[0].kind, read.incidents[0].state), (IncidentKind::Maintenance, told), "{now:?}");
        assert_eq!(read.services[0].status, Status::Ok, "{now:?}");
        assert!(!read.services[1].dimensions.contains_key("incident"), "{now:?}");
        let end = read.incidents[0].resolved_at.map(|at| at.to_string());
        assert_eq!(end.as_deref(), (state == "resolved").then_some("2026-09-04T17:00:00.000Z"), "{now:?}");
    }
}

#[test]
fn a_report_is_told_in_the_unified_shape() {
    let objects = [
        report(&json!("resolved"), &json!({}), &["u1", "u2", "missing"]),
        update("u1", "2026-09-04T19:53:00.000Z", &json!("1"), "degraded"),
        update("u2", "2026-09-06T19:13:00.000Z", &json!("1"), "resolved"),
    ];
    let read = read(&page(&objects)).unwrap();
    let told = &read.incidents[0];
    assert_eq!((told.key.as_str(), told.title.as_str()), ("9", "Delays & more"));
    assert_eq!((told.kind, told.state, told.impact), (IncidentKind::Incident, IncidentState::Resolved, None));
    assert_eq!(told.started_at.unwrap().to_string(), "2026-09-04T13:50:00.000Z");
    assert_eq!(told.updated_at, told.resolved_at);
    assert_eq!(told.resolved_at.unwrap().to_string(), "2026-09-06T19:13:00.000Z");
    let updates: Vec<_> = told.updates.iter().map(|update| (update.state, update.text.as_str())).collect();
    assert_eq!(updates, [(Some(IncidentState::Resolved), "Still."), (None, "Still.")]);
}

#[test]
fn the_time_of_a_resource_is_when_it_was_last_spoken_of() {
    let time = |objects: &[Value]| read(&page(objects)).unwrap().services[1].last_timestamp.unwrap().to_string();
    let old = update("u1", "2026-09-01T00:00:00Z", &json!(1), "degraded");
    let newer = update("u2", "2026-09-03T00:00:00Z", &json!("1"), "resolved");
    let other = update("u3", "2026-09-05T00:00:00Z", &json!("2"), "downtime");
    assert_eq!(time(&[newer, old.clone(), other]), "2026-09-03T00:00:00.000Z");
    // What monitors open and close has no updates.
    let automatic =
        |state: &str, ends: Value| report(&json!(state), &json!({"report_type": "automatic", "ends_at": ends}), &[]);
    assert_eq!(time(&[old.clone(), automatic("downtime", json!(null))]), "2026-09-04T13:50:00.000Z");
    assert_eq!(time(&[old.clone(), automatic("resolved", json!("2026-09-04T14:00:00Z"))]), "2026-09-04T14:00:00.000Z");
    let planned = report(&json!("maintenance"), &json!({"report_type": "maintenance"}), &[]);
    assert_eq!(time(&[old, planned]), "2026-09-01T00:00:00.000Z");
}

#[test]
fn one_broken_object_does_not_lose_the_rest() {
    let broken = [
        json!(null),
        json!({"type": "status_page_resource"}),
        json!({"id": "3", "type": "status_page_resource"}),
        json!({"id": "4", "type": "status_report"}),
        json!({"id": "5", "type": "status_update", "attributes": []}),
    ];
    let read = read(&page(&broken)).unwrap();
    let keys: Vec<_> = read.services.iter().map(|one| (one.key.as_str(), one.name.as_str())).collect();
    assert_eq!(keys, [("page", "Acme"), ("1", "Resource 1"), ("2", "Resource 2"), ("3", "3")]);
}

#[test]
fn other_documents_are_refused() {
    for stranger in [
        json!({"data": {"id": "1", "type": "incident", "attributes": {"aggregate_state": "operational"}}}),
        json!({"data": {"id": "1", "type": "status_page", "attributes": {"company_name": "Acme"}}}),
        json!({"data": [{"id": "1", "type": "status_report", "attributes": {"aggregate_state": "downtime"}}]}),
        json!({"data": {"display": false}}),
        json!({"errors": "Resource with provided ID was not found"}),
        json!({"status": 500, "error": "x"}),
        json!([]),
    ] {
        let error = read(&stranger).unwrap_err();
        assert!(
            matches!(&error, ParseError::Unrecognised(said) if said.contains("Better Stack")),
            "{stranger}: {error}"
        );
    }
}

#[test]
fn work_that_ended_early_did_not_end_at_its_planned_end() {
    let planned = json!({"report_type": "maintenance", "ends_at": "2026-09-08T00:00:00Z"});
    let value = page(&[report(&json!("resolved"), &planned, &[])]);
    let early = read_at(&value, Some("2026-09-07T13:00:00Z")).unwrap();
    assert_eq!((early.incidents[0].state, early.incidents[0].resolved_at), (IncidentState::Completed, None));
    assert_eq!(early.services[1].last_timestamp.unwrap().to_string(), "2026-09-07T12:17:28.639Z");
    let late = read_at(&value, Some("2026-09-08T13:00:00Z")).unwrap();
    assert_eq!(late.services[1].last_timestamp.unwrap().to_string(), "2026-09-08T00:00:00.000Z");
}
