use serde_json::json;

use super::*;
use crate::schema::{IncidentKind, IncidentState, Status};
use crate::target::{Document, Filter};

const PAGE: &str = "https://kuma.acme.test/api/status-page/main";
const HEARTBEATS: &str = "https://kuma.acme.test/api/status-page/heartbeat/main";

fn page(with: &Value) -> Value {
    let mut page = json!({
        "config": {"slug": "main", "title": "Acme"},
        "incident": null,
        "publicGroupList": [
            {"id": 1, "name": "Services", "monitorList": [{"id": 10, "name": "API"}, {"id": 2, "name": "Web"}]},
        ],
        "maintenanceList": [],
    });
    for (key, field) in with.as_object().unwrap() {
        page[key] = field.clone();
    }
    page
}

fn beat(status: &Value, time: &str) -> Value {
    json!({"status": status, "time": time, "msg": "", "ping": null})
}

fn read(documents: &[(&str, &Value)]) -> Result<Report, ParseError> {
    let urls: Vec<Url> = documents.iter().map(|(url, _)| url.parse().unwrap()).collect();
    let bodies: Vec<String> = documents.iter().map(|(_, value)| value.to_string()).collect();
    let part = |(url, body)| Part { url, document: Some(Document::new(str::as_bytes(body))) };
    let parts: Vec<_> = urls.iter().zip(bodies.iter().map(String::as_str)).map(part).collect();
    parse(&parts)?.finish(&Filter::default())
}

fn next_after(url: &str, value: &Value) -> Option<String> {
    let (url, body) = (url.parse().unwrap(), value.to_string());
    next(&[Part { url: &url, document: Some(Document::new(body.as_bytes())) }]).unwrap().map(String::from)
}

fn seen(report: &Report) -> Vec<(&str, &str, Status)> {
    report.services.iter().map(|service| (service.key.as_str(), service.name.as_str(), service.status)).collect()
}

#[test]
fn every_status_and_one_that_is_none() {
    for (status, meant, is_known) in [
        (json!(0), Status::Outage, true),
        (json!("1"), Status::Ok, true),
        (json!(2), Status::Degraded, true),
        (json!(3), Status::Degraded, true),
        (json!(4), Status::Unknown, false),
        (json!(null), Status::Unknown, false),
    ] {
        let beats = json!({"heartbeatList": {"7": [beat(&status, "2026-09-12 12:27:20.287")]}});
        let report = read(&[(HEARTBEATS, &beats)]).unwrap();
        let service = &report.services[0];
        assert_eq!(service.status, meant, "{status}");
        assert_eq!(service.dimensions.contains_key("maintenance"), status == 3);
        assert_eq!(report.unknown_words.is_empty(), is_known, "{status}");
    }
}

#[test]
fn the_newest_heartbeat_decides_wherever_it_stands() {
    for (beats, status) in [
        (json!([beat(&json!(1), "2026-09-12 12:00:00"), beat(&json!(0), "2026-09-12 12:00:20")]), Status::Outage),
        (json!([beat(&json!(0), "2026-09-12 12:00:20"), beat(&json!(1), "2026-09-12 12:00:00")]), Status::Outage),
        (json!([beat(&json!(1), "2026-09-12 12:00:00"), beat(&json!(0), "2026-09-12 12:00:00")]), Status::Outage),
        (json!([beat(&json!(1), "2026-09-12T12:00:00Z"), beat(&json!(0), "2026-09-12T13:00:00+02:00")]), Status::Ok),
        (json!([beat(&json!(1), "soon"), beat(&json!(0), "late")]), Status::Outage),
        (json!([0, beat(&json!(1), "2026-09-12 12:00:00"), 0]), Status::Ok),
        (json!([0, 0]), Status::Unknown),
        (json!([]), Status::Unknown),
    ] {
        let report = read(&[(HEARTBEATS, &json!({"heartbeatList": {"1": beats}}))]).unwrap();
        assert_eq!(report.services[0].status, status, "{beats}");
        assert!(report.unknown_words.is_empty());
    }
}

#[test]
fn either_document_leads_to_the_other() {
    let beats = json!({"heartbeatList": {}, "uptimeList": {}});
    for (url, value, other) in [
        (PAGE, page(&json!({})), Some(HEARTBEATS)),
        (HEARTBEATS, beats.clone(), Some(PAGE)),
        (
            "https://kuma.acme.test/kuma/api/status-page/main/?x=1",
            page(&json!({})),
            Some("https://kuma.acme.test/kuma/api/status-page/heartbeat/main"),
        ),
        // A page of this name is not the folder of this name.
        (
            "https://kuma.acme.test/api/status-page/heartbeat",
            page(&json!({})),
            Some("https://kuma.acme.test/api/status-page/heartbeat/heartbeat"),
        ),
        ("https://kuma.acme.test/status.json", page(&json!({})), None),
        (PAGE, beats.clone(), None),
        ("https://kuma.acme.test/", beats, None),
    ] {
        assert_eq!(next_after(url, &value).as_deref(), other, "{url}");
    }
    let (url, body) = (PAGE.parse().unwrap(), page(&json!({})).to_string());
    let first = Part { url: &url, document: Some(Document::new(body.as_bytes())) };
    let beyond: Url = HEARTBEATS.parse().unwrap();
    assert_eq!(next(&[first, Part { url: &beyond, document: None }]).unwrap(), None);
    assert!(next(&[Part { url: &url, document: Some(Document::new(b"{}")) }]).is_err());
}

#[test]
fn both_documents_are_one_answer_in_either_order() {
    let beats = json!({"heartbeatList": {
        "2": [beat(&json!(0), "2026-09-12 12:00:00")],
        "10": [beat(&json!(1), "2026-09-12 12:00:01")],
        "99": [beat(&json!(0), "2026-09-12 12:00:02")],
    }});
    let page = page(&json!({}));
    let report = read(&[(PAGE, &page), (HEARTBEATS, &beats)]).unwrap();
    assert_eq!(seen(&report), [("10", "API", Status::Ok), ("2", "Web", Status::Outage)]);
    assert_eq!(report.services[0].dimensions["group"], "Services".into());
    assert_eq!(report.services[0].dimensions["serviceId"], "10".into());
    assert_eq!(read(&[(HEARTBEATS, &beats), (PAGE, &page)]).unwrap(), report);

    let alone = read(&[(PAGE, &page)]).unwrap();
    assert_eq!(seen(&alone), [("10", "API", Status::Unknown), ("2", "Web", Status::Unknown)]);
    assert!(alone.unknown_words.is_empty());
    let unnamed = read(&[(HEARTBEATS, &beats)]).unwrap();
    let expected = [("2", "2", Status::Outage), ("10", "10", Status::Ok), ("99", "99", Status::Outage)];
    assert_eq!(seen(&unnamed), expected);
}

#[test]
fn incidents_of_both_versions_are_told_and_decide_nothing() {
    let incident = |id: u32, with: Value| {
        let mut row = json!({
            "id": id, "style": "danger", "title": "Errors", "content": "<b>Looking.</b>", "pin": 1,
            "createdDate": "2026-09-12 12:24:51", "lastUpdatedDate": null,
        });
        row.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        row
    };
    let one = read(&[(PAGE, &page(&json!({"incident": incident(1, json!({}))})))]).unwrap();
    let told = &one.incidents[0];
    assert_eq!((told.key.as_str(), told.title.as_str(), told.impact), ("incident-1", "Errors", None));
    assert_eq!((told.kind, told.state), (IncidentKind::Incident, IncidentState::Investigating));
    assert_eq!(told.started_at.unwrap().to_string(), "2026-09-12T12:24:51.000Z");
    assert_eq!((told.updated_at, told.resolved_at), (told.started_at, None));
    assert_eq!((told.updates.len(), told.updates[0].text.as_str()), (1, "Looking."));
    assert!(one.services.iter().all(|service| !service.dimensions.contains_key("incident")));

    let closed = json!({"active": false, "pin": false, "lastUpdatedDate": "2026-09-12 13:00:00"});
    let many = json!([incident(3, closed), incident(4, json!({"active": 1})), null]);
    let many = read(&[(PAGE, &page(&json!({"incidents": many, "incident": incident(4, json!({}))})))]).unwrap();
    let states: Vec<_> = many.incidents.iter().map(|one| (one.key.as_str(), one.state)).collect();
    assert_eq!(states, [("incident-3", IncidentState::Resolved), ("incident-4", IncidentState::Investigating)]);
    assert_eq!(many.incidents[0].resolved_at.unwrap().to_string(), "2026-09-12T13:00:00.000Z");
}

#[test]
fn every_word_for_maintenance_and_one_that_is_none() {
    for (word, state, is_known) in [
        ("under-maintenance", IncidentState::InProgress, true),
        ("scheduled", IncidentState::Scheduled, true),
        ("unknown", IncidentState::Scheduled, true),
        ("inactive", IncidentState::Completed, true),
        ("ended", IncidentState::Completed, true),
        ("forgotten", IncidentState::Scheduled, false),
    ] {
        let row = json!({
            "id": 2, "title": "Upgrade", "description": "Rolling.", "status": word, "timezoneOffset": "+02:00",
            "timeslotList": [{"startDate": "2026-09-12 11:26", "endDate": "2026-09-12 13:26:30"}],
        });
        let report = read(&[(PAGE, &page(&json!({"maintenanceList": [row]})))]).unwrap();
        let told = &report.incidents[0];
        assert_eq!((told.key.as_str(), told.kind, told.state), ("maintenance-2", IncidentKind::Maintenance, state));
        assert_eq!(told.started_at.unwrap().to_string(), "2026-09-12T09:26:00.000Z");
        let ended = told.resolved_at.map(|at| at.to_string());
        assert_eq!(ended.as_deref(), state.is_closed().then_some("2026-09-12T11:26:30.000Z"), "{word}");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
    }
    let recurring = json!({"id": 3, "title": "Nightly", "status": "scheduled", "timeslotList": []});
    let report = read(&[(PAGE, &page(&json!({"maintenanceList": [recurring]})))]).unwrap();
    assert_eq!(report.incidents[0].started_at, None);
}

#[test]
fn other_documents_are_refused() {
    for stranger in [
        json!({"ok": false, "msg": "Status Page Not Found"}),
        json!({"config": {"slug": "main"}, "groups": []}),
        json!({"config": null, "publicGroupList": []}),
        json!({"heartbeatList": []}),
        json!({"heartbeatList": {"1": {"status": 1}}}),
        json!({"uptimeList": {}}),
        json!([]),
    ] {
        let error = read(&[(PAGE, &stranger)]).unwrap_err();
        assert!(
            matches!(&error, ParseError::Unrecognised(said) if said.contains("Uptime Kuma")),
            "{stranger}: {error}"
        );
        assert!(read(&[(PAGE, &page(&json!({}))), (HEARTBEATS, &stranger)]).is_err());
    }
    assert_eq!(read(&[(HEARTBEATS, &json!({"heartbeatList": {}}))]).unwrap_err(), ParseError::Empty);
    assert_eq!(read(&[(PAGE, &page(&json!({"publicGroupList": []})))]).unwrap_err(), ParseError::Empty);
}

#[test]
fn the_time_of_a_status_is_that_of_the_first_heartbeat_with_it_where_one_before_it_was_otherwise() {
    let at = |status: u32, minute: u32| beat(&json!(status), &format!("2026-09-12 12:0{minute}:00"));
    for (beats, since) in [
        (json!([at(1, 0), at(0, 1), at(0, 2), at(0, 3)]), Some("2026-09-12T12:01:00.000Z")),
        (json!([at(0, 3), at(0, 2), at(0, 1), at(1, 0)]), Some("2026-09-12T12:01:00.000Z")),
        (json!([at(0, 0), at(1, 1), 0, at(0, 2)]), Some("2026-09-12T12:02:00.000Z")),
        (json!([at(1, 0), at(1, 1)]), None),
        (json!([at(1, 0)]), None),
        (json!([beat(&json!(0), "late"), beat(&json!(1), "later")]), None),
    ] {
        let report = read(&[(HEARTBEATS, &json!({"heartbeatList": {"1": beats}}))]).unwrap();
        assert_eq!(report.services[0].last_timestamp.map(|at| at.to_string()).as_deref(), since, "{beats}");
    }
}
