use serde_json::json;

use super::*;
use crate::schema::Status;
use crate::target::Filter;

fn read(value: &Value) -> Result<Report, ParseError> {
    parse(&Document::new(value.to_string().as_bytes()))?.finish(&Filter::default())
}

/// A page with two components, the first in two containers; `with` replaces fields of the result.
fn page(with: &Value) -> Value {
    let mut result = json!({
        "status_overall": {"updated": "2026-10-01T12:12:07.169Z", "status": "Operational", "status_code": 100},
        "status": [
            {
                "id": "c1", "name": "Runners", "status": "Operational", "status_code": 100,
                "updated": "2026-09-25T04:37:30.646Z",
                "containers": [
                    {"id": "k1", "name": "Engine", "updated": "2026-09-25T04:37:30.640Z", "status": "Operational", "status_code": 100},
                    {"id": "k2", "name": "AWS", "updated": "2026-09-25T04:37:30.646Z", "status": "Operational", "status_code": 100},
                ],
            },
            {"id": "c2", "name": "Forum", "status": "Operational", "status_code": 100, "containers": []},
        ],
        "incidents": [],
        "maintenance": {"active": [], "upcoming": []},
    });
    for (key, field) in with.as_object().unwrap() {
        result[key] = field.clone();
    }
    json!({ "result": result })
}

/// An incident on the first component in the second container, with a message in a state and with a status.
fn incident(state: &Value, status: &Value) -> Value {
    json!({
        "_id": "i1", "name": "Slow &amp; slower", "datetime_open": "2026-10-01T10:00:00Z",
        "messages": [
            {"details": "<p>We look.</p>", "state": 100, "status": 300, "datetime": "2026-10-01T10:00:00Z"},
            {"details": "We know.", "state": state, "status": status, "datetime": "2026-10-01T11:00:00Z"},
        ],
        "components_affected": [{"_id": "c1", "name": "Runners"}],
        "containers_affected": [{"_id": "k2", "name": "AWS"}],
    })
}

fn is_maintained(service: &Service) -> bool {
    service.dimensions.get("maintenance") == Some(&true.into())
}

#[test]
fn every_code_every_word_and_one_of_each_that_is_none() {
    for (code, word, status, is_known) in [
        (100, "Operational", Status::Ok, true),
        (200, "planned maintenance", Status::Degraded, true),
        (300, "Degraded Performance", Status::Degraded, true),
        (400, "Partial Service Disruption", Status::Degraded, true),
        (500, "Service Disruption", Status::Outage, true),
        (600, "Security Event", Status::Outage, true),
        (700, "Bad Weather", Status::Unknown, false),
    ] {
        let stated = [
            json!({"status_code": code, "status": word}),
            json!({ "status": word }),
            json!({ "status_code": code }),
            json!({"status_code": code.to_string(), "status": null}),
        ];
        for stated in stated {
            let mut row = stated.clone();
            row["id"] = json!("c1");
            let report = read(&page(&json!({ "status": [row], "status_overall": stated }))).unwrap();
            assert_eq!(report.services.len(), 2);
            for service in &report.services {
                assert_eq!(service.status, status, "{stated}");
                assert_eq!(is_maintained(service), code == 200, "{stated}");
            }
            assert_eq!(report.unknown_words.is_empty(), is_known, "{stated}");
        }
    }
    let unsaid = read(&page(&json!({"status": [{"id": "c1", "status_code": null}]}))).unwrap();
    assert_eq!((unsaid.services[1].status, unsaid.unknown_words.len()), (Status::Unknown, 1));
}

#[test]
fn a_code_tells_more_than_a_word_and_a_word_more_than_a_code_that_is_not_known() {
    let overall = |stated: Value| read(&page(&json!({ "status_overall": stated }))).unwrap();
    let by_code = overall(json!({"status": "Service Disruption", "status_code": 400}));
    assert_eq!(by_code.services[0].status, Status::Degraded);
    let by_word = overall(json!({"status": "Service Disruption", "status_code": 450}));
    assert_eq!((by_word.services[0].status, by_word.unknown_words.len()), (Status::Outage, 0));
}

#[test]
fn each_component_stands_once_for_each_of_its_containers() {
    let mut value = page(&json!({}));
    value["result"]["status"][0]["containers"][1]["status_code"] = json!(500);
    let report = read(&value).unwrap();
    let seen: Vec<_> = report
        .services
        .iter()
        .map(|one| (one.key.as_str(), one.name.as_str(), one.status, one.last_timestamp.map(|at| at.to_string())))
        .collect();
    let at = |text: &str| Some(text.to_owned());
    assert_eq!(
        seen,
        [
            ("page", "page", Status::Ok, at("2026-10-01T12:12:07.169Z")),
            ("c1/k1", "Runners", Status::Ok, at("2026-09-25T04:37:30.640Z")),
            ("c1/k2", "Runners", Status::Outage, at("2026-09-25T04:37:30.646Z")),
            ("c2", "Forum", Status::Ok, None),
        ]
    );
    assert_eq!(report.services[2].dimensions["region"], "AWS".into());
    assert_eq!(report.services[2].dimensions["serviceId"], "c1".into());
    assert!(!report.services[3].dimensions.contains_key("region"));
}

#[test]
fn a_container_without_a_status_or_a_time_has_its_components() {
    let report = read(&page(&json!({"status": [{
        "id": "c1", "name": "API", "status_code": 400, "updated": "2026-01-01T00:00:00Z", "containers": [{"name": "EU"}],
    }]})))
    .unwrap();
    let service = &report.services[1];
    assert_eq!((service.key.as_str(), service.status), ("c1/EU", Status::Degraded));
    assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-01-01T00:00:00.000Z");
}

#[test]
fn open_incidents_raise_the_page_and_leave_the_components() {
    use IncidentState::{Identified, Investigating, Monitoring, Resolved};
    for (state, status, told, page_status) in [
        (json!(100), json!(300), Investigating, Status::Degraded),
        (json!("200"), json!(500), Identified, Status::Outage),
        (json!("identified"), json!(600), Identified, Status::Outage),
        (json!(300), json!(500), Monitoring, Status::Ok),
        (json!(400), json!(500), Resolved, Status::Ok),
        (json!(100), json!(100), Investigating, Status::Ok),
        (json!(100), json!(123), Investigating, Status::Unknown),
        (json!(999), json!(500), Investigating, Status::Outage),
    ] {
        let report = read(&page(&json!({"incidents": [incident(&state, &status)]}))).unwrap();
        assert_eq!(report.incidents[0].state, told, "{state} {status}");
        assert_eq!(report.services[0].status, page_status, "{state} {status}");
        assert!(report.services[1..].iter().all(|one| one.status == Status::Ok), "{state} {status}");
        let named: Vec<_> = report.services.iter().map(|one| one.dimensions.contains_key("incident")).collect();
        assert_eq!(named, [false, false, told != Resolved, false], "{state} {status}");
        assert_eq!(report.unknown_words.is_empty(), state != 999 && status != 123);
    }
}

#[test]
fn closed_incidents_do_not_count_and_an_open_one_is_found_below_them() {
    let mut over = incident(&json!(100), &json!(500));
    over["datetime_resolved"] = json!("2026-10-01T11:30:00Z");
    let mut ended = incident(&json!(100), &json!(500));
    ended["current_active"] = json!(false);
    let report = read(&page(&json!({"incidents": [over, ended]}))).unwrap();
    assert_eq!(report.services[0].status, Status::Ok);
    assert_eq!(report.incidents[0].resolved_at.unwrap().to_string(), "2026-10-01T11:30:00.000Z");

    let report = read(&page(&json!({"incidents": [over, ended, incident(&json!(200), &json!(500))]}))).unwrap();
    assert_eq!(report.services[0].status, Status::Outage);
}

#[test]
fn an_incident_is_told_in_the_unified_shape() {
    let report = read(&page(&json!({"incidents": [incident(&json!(200), &json!(400))]}))).unwrap();
    let told = &report.incidents[0];
    assert_eq!((told.key.as_str(), told.title.as_str(), told.kind), ("i1", "Slow & slower", IncidentKind::Incident));
    assert_eq!((told.impact, told.services.as_slice()), (Some(Status::Degraded), &["c1/k2".to_owned()][..]));
    assert_eq!(told.started_at.unwrap().to_string(), "2026-10-01T10:00:00.000Z");
    assert_eq!(told.updated_at.unwrap().to_string(), "2026-10-01T11:00:00.000Z");
    let updates: Vec<_> = told.updates.iter().map(|update| (update.state, update.text.as_str())).collect();
    let expected = [(Some(IncidentState::Identified), "We know."), (Some(IncidentState::Investigating), "We look.")];
    assert_eq!(updates, expected);
}

#[test]
fn components_in_all_their_containers_and_components_that_are_none() {
    let named = |components: Value, containers: Value| {
        let mut row = incident(&json!(100), &json!(300));
        row["components_affected"] = components;
        row["containers_affected"] = containers;
        read(&page(&json!({ "incidents": [row] }))).unwrap().incidents.remove(0).services
    };
    assert_eq!(named(json!([{"_id": "c1"}, {"_id": "c2"}]), json!([])), ["c1/k1", "c1/k2", "c2"]);
    assert_eq!(named(json!([{"_id": "c1"}, {"_id": "c2"}]), json!([{"_id": "k1"}])), ["c1/k1", "c2"]);
    assert_eq!(named(json!([{"_id": "gone", "name": "Fax"}]), json!(null)), ["Fax"]);
    assert!(named(json!(null), json!([{"_id": "k1"}])).is_empty());
}

#[test]
fn maintenance_raises_nothing_and_its_list_tells_how_far_it_is() {
    let work = |id: &str| {
        json!({
            "_id": id, "name": "Move", "datetime_open": "2026-09-30T00:00:00Z",
            "datetime_planned_start": "2026-10-05T00:00:00Z", "datetime_planned_end": "2026-10-05T04:00:00Z",
            "messages": [{"details": "Soon.", "state": 100, "status": 200, "datetime": "2026-09-30T00:00:00Z"}],
            "components_affected": [{"_id": "c2", "name": "Forum"}],
        })
    };
    let report = read(&page(&json!({"maintenance": {"active": [work("m1")], "upcoming": [work("m2")]}}))).unwrap();
    assert!(report.services.iter().all(|one| one.status == Status::Ok && !one.dimensions.contains_key("incident")));
    let told: Vec<_> = report.incidents.iter().map(|one| (one.key.as_str(), one.kind, one.state)).collect();
    let expected = [("m1", IncidentState::InProgress), ("m2", IncidentState::Scheduled)];
    assert_eq!(told, expected.map(|(key, state)| (key, IncidentKind::Maintenance, state)));
    assert_eq!(report.incidents[0].started_at.unwrap().to_string(), "2026-10-05T00:00:00.000Z");
    assert!(report.incidents[0].resolved_at.is_none() && report.incidents[0].updates[0].state.is_none());
}

#[test]
fn one_broken_row_does_not_lose_the_rest() {
    let report = read(&page(&json!({
        "status": [null, {}, {"name": "API", "status_code": 100, "containers": [null, {}]}],
        "incidents": [null, {}, {"id": "x"}], "maintenance": [],
    })))
    .unwrap();
    assert_eq!(report.services[1].key, "API");
    assert_eq!((report.services.len(), report.incidents.len()), (2, 1));
}

#[test]
fn a_page_without_a_claim_is_no_service_and_components_are_not_required() {
    let mut value = page(&json!({}));
    value["result"].as_object_mut().unwrap().remove("status_overall");
    let keys: Vec<_> = read(&value).unwrap().services.into_iter().map(|one| one.key).collect();
    assert_eq!(keys, ["c1/k1", "c1/k2", "c2"]);
    assert_eq!(read(&page(&json!({"status": null}))).unwrap().services.len(), 1);
}

#[test]
fn other_documents_are_refused() {
    for stranger in [
        json!({"status": {"error": "yes", "message": "Invalid status page"}, "result": null}),
        json!({"result": {}}),
        json!({"result": {"status_overall": {"updated": "2026-10-01T12:12:07.169Z"}, "status": []}}),
        json!({"result": {"status": [{"system": "Apps", "status": "green"}]}}),
        json!({"status_overall": {"status_code": 100}, "status": []}),
        json!({"status": 500, "error": "x"}),
        json!([]),
    ] {
        let error = read(&stranger).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("status.io")), "{stranger}: {error}");
    }
}
