use super::*;
use crate::schema::{IncidentKind, IncidentState, Status, Timestamp};
use serde_json::json;

const NOW: &str = "2026-08-01T12:00:00Z";

fn read_at(value: &Value, now: Option<&str>) -> Result<Report, ParseError> {
    let text = value.to_string();
    let document = Document::new(text.as_bytes());
    parse(&match now.and_then(Timestamp::parse_rfc3339) {
        Some(now) => document.asked_at(now),
        None => document,
    })
}

fn read(items: &[Value]) -> Report {
    read_at(&status(items), Some(NOW)).unwrap()
}

fn status(items: &[Value]) -> Value {
    json!({
        "authStatus": "unauth", "statusItems": items, "regions": {},
        "resources": [{"resourceID": "is-vpc", "displayName": "Virtual Private Cloud", "regions": []}],
    })
}

fn millis(time: &str) -> i64 {
    Timestamp::parse_rfc3339(time).unwrap().as_millis()
}

/// An item that names one resource in two regions; `with` replaces fields.
fn item(kind: &str, state: &str, with: &Value) -> Value {
    let mut item = json!({
        "id": "INC1", "recordID": "U0", "type": kind, "state": state, "sev": 2, "name": "Virtual Private Cloud",
        "shortDescription": "", "longDescription": "<p>We know &amp; look.</p>", "pnpRemoved": "false",
        "creationTime": "2026-08-01T10:00:00Z", "updateTime": millis("2026-08-01T11:00:00Z"),
        "outageStart": millis("2026-08-01T09:30:00Z"), "outageEnd": 0, "children": [],
        "regions": ["us-south", "eu-de"], "resourceIDs": ["is-vpc"],
    });
    for (key, value) in with.as_object().unwrap() {
        item[key] = value.clone();
    }
    item
}

fn seen(report: &Report) -> Vec<(&str, Status)> {
    report.services.iter().map(|service| (service.key.as_str(), service.status)).collect()
}

fn both(status: Status) -> [(&'static str, Status); 2] {
    [("is-vpc/us-south", status), ("is-vpc/eu-de", status)]
}

#[test]
fn the_severity_of_an_open_incident_counts() {
    for (severity, status, is_known) in [
        (json!(1), Status::Outage, true),
        (json!("1"), Status::Outage, true),
        (json!(2), Status::Degraded, true),
        (json!(3), Status::Degraded, true),
        (json!(4), Status::Degraded, true),
        (json!(11), Status::Unknown, false),
        (json!(""), Status::Unknown, false),
        (json!(null), Status::Unknown, false),
    ] {
        let report = read(&[item("incident", "in-progress", &json!({"sev": severity}))]);
        assert_eq!(seen(&report), both(status), "{severity}");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{severity}");
    }
}

#[test]
fn every_state_of_an_incident_and_one_that_is_none() {
    let (end, none) = (json!(millis("2026-08-01T11:30:00Z")), json!(0));
    for (word, end, state, status) in [
        ("new", &none, IncidentState::Investigating, Some(Status::Degraded)),
        ("In-Progress", &none, IncidentState::Investigating, Some(Status::Degraded)),
        ("in-progress", &end, IncidentState::Investigating, Some(Status::Degraded)),
        ("resolved", &end, IncidentState::Resolved, None),
        ("resolved", &none, IncidentState::Resolved, None),
        ("", &end, IncidentState::Resolved, None),
        ("smouldering", &end, IncidentState::Resolved, None),
        ("", &none, IncidentState::Investigating, Some(Status::Unknown)),
        ("smouldering", &none, IncidentState::Investigating, Some(Status::Unknown)),
    ] {
        let report = read(&[item("incident", word, &json!({"outageEnd": end}))]);
        assert_eq!(report.incidents[0].state, state, "{word} {end}");
        assert_eq!(report.services.first().map(|service| service.status), status, "{word} {end}");
        assert_eq!(report.unknown_words.is_empty(), status != Some(Status::Unknown), "{word} {end}");
    }
}

#[test]
fn maintenance_counts_while_it_is_under_way() {
    use IncidentState::{Completed, InProgress, Scheduled};
    let [past, before, after, ahead] =
        ["08:00", "11:30", "12:30", "14:00"].map(|time| millis(&format!("2026-08-01T{time}:00Z")));
    let maintained = Some((Status::Degraded, true));
    for (word, start, end, state, shown) in [
        ("in-progress", before, after, InProgress, maintained),
        ("in-progress", past, before, InProgress, maintained),
        ("scheduled", after, ahead, Scheduled, None),
        ("new", after, ahead, Scheduled, None),
        ("scheduled", before, after, InProgress, maintained),
        ("scheduled", past, before, Completed, None),
        ("complete", before, after, Completed, None),
        ("completed", before, after, Completed, None),
        ("resolved", before, after, Completed, None),
        ("cancelled", before, after, Completed, None),
        ("", before, after, InProgress, maintained),
        ("", after, ahead, Scheduled, None),
        ("", past, before, Completed, None),
        ("rehearsed", before, after, InProgress, Some((Status::Unknown, false))),
        ("rehearsed", after, ahead, Scheduled, None),
        ("rehearsed", past, before, Completed, None),
        ("scheduled", 0, 0, Scheduled, None),
        ("", 0, 0, InProgress, Some((Status::Unknown, false))),
    ] {
        let report = read(&[item("maintenance", word, &json!({"outageStart": start, "outageEnd": end}))]);
        let told = &report.incidents[0];
        assert_eq!((told.kind, told.state), (IncidentKind::Maintenance, state), "{word} {start}");
        let service = report.services.first();
        let is_maintained = |service: &Service| service.dimensions.contains_key("maintenance");
        assert_eq!(service.map(|service| (service.status, is_maintained(service))), shown, "{word} {start}");
    }
}

#[test]
fn without_a_clock_the_state_alone_tells_of_maintenance() {
    let window = json!({"outageStart": millis("2026-08-01T11:30:00Z"), "outageEnd": millis("2026-08-01T12:30:00Z")});
    for (word, shown) in [("scheduled", None), ("in-progress", Some(Status::Degraded)), ("", Some(Status::Unknown))] {
        let report = read_at(&status(&[item("maintenance", word, &window)]), None).unwrap();
        assert_eq!(report.services.first().map(|service| service.status), shown, "{word}");
    }
}

#[test]
fn news_and_what_was_withdrawn_are_no_events_and_an_unknown_type_is_unknown() {
    for kind in ["announcement", "release_note", "security", "horoscope"] {
        let report = read(&[item(kind, "", &json!({}))]);
        assert!(report.services.is_empty() && report.incidents.is_empty(), "{kind}");
    }
    for removed in [json!("true"), json!(true)] {
        let report = read(&[item("incident", "new", &json!({"pnpRemoved": removed}))]);
        assert!(report.services.is_empty() && report.incidents.is_empty());
    }
    let report = read(&[item("tremor", "in-progress", &json!({}))]);
    assert_eq!(seen(&report), both(Status::Unknown));
    assert!(report.unknown_words.contains("tremor"));
    assert!(read(&[item("tremor", "complete", &json!({}))]).services.is_empty());
}

#[test]
fn a_service_stands_for_each_resource_and_region() {
    let named = json!({"resourceIDs": ["is-vpc", "nameless"], "regions": ["us-south", "global"], "id": ""});
    let report = read(&[item("incident", "new", &named)]);
    let keys: Vec<_> = report.services.iter().map(|service| (service.key.as_str(), service.name.as_str())).collect();
    assert_eq!(
        keys,
        [
            ("is-vpc/us-south", "Virtual Private Cloud"),
            ("is-vpc/global", "Virtual Private Cloud"),
            ("nameless/us-south", "nameless"),
            ("nameless/global", "nameless"),
        ]
    );
    let first = &report.services[0];
    for (name, value) in [("region", "us-south"), ("serviceId", "is-vpc"), ("incident", "U0")] {
        assert_eq!(first.dimensions[name], value.into());
    }
    assert_eq!(first.last_timestamp.unwrap().to_string(), "2026-08-01T11:00:00.000Z");

    // Its own name is that of its only resource, or what it is about.
    for (resources, key) in [(json!(["nameless"]), "nameless"), (json!([]), "Speech"), (json!(null), "Speech")] {
        let with = json!({"resourceIDs": resources, "regions": [], "name": "Speech"});
        let report = read(&[item("incident", "new", &with)]);
        assert_eq!((report.services[0].key.as_str(), report.services[0].name.as_str()), (key, "Speech"));
        assert!(!report.services[0].dimensions.contains_key("region"));
    }
}

#[test]
fn of_several_events_on_one_service_the_worst_counts() {
    let report = read(&[
        item("maintenance", "in-progress", &json!({"id": "CHG1", "regions": ["us-south"]})),
        item("incident", "new", &json!({"id": "INC2", "sev": 3, "regions": ["us-south"]})),
        item("incident", "resolved", &json!({"id": "INC3", "sev": 1})),
    ]);
    assert_eq!(seen(&report), [("is-vpc/us-south", Status::Degraded)]);
    assert_eq!(report.services[0].dimensions["incident"], "INC2".into());
    assert!(!report.services[0].dimensions.contains_key("maintenance"));
}

#[test]
fn an_item_becomes_an_incident() {
    let report = read(&[item("incident", "new", &json!({"sev": 1, "shortDescription": "Ports &amp; more"}))]);
    let told = &report.incidents[0];
    assert_eq!((told.key.as_str(), told.title.as_str(), told.impact), ("INC1", "Ports & more", Some(Status::Outage)));
    assert_eq!(told.services, ["is-vpc/us-south", "is-vpc/eu-de"]);
    assert_eq!(told.updates[0].text, "We know & look.");
    assert_eq!(told.started_at.unwrap().to_string(), "2026-08-01T09:30:00.000Z");
    assert_eq!(told.updated_at.unwrap().to_string(), "2026-08-01T11:00:00.000Z");
    assert_eq!(told.resolved_at, None);

    let over = json!({"shortDescription": null, "outageEnd": millis("2026-08-01T10:30:00Z")});
    let told = &read(&[item("incident", "resolved", &over)]).incidents[0];
    assert_eq!(told.title, "Virtual Private Cloud");
    assert_eq!(told.resolved_at.unwrap().to_string(), "2026-08-01T10:30:00.000Z");
}

#[test]
fn no_time_lies_in_the_future_and_work_that_has_begun_is_newer_than_its_announcement() {
    let window = json!({"outageStart": millis("2026-08-01T11:45:00Z"), "outageEnd": millis("2026-08-01T13:00:00Z")});
    let report = read(&[item("maintenance", "scheduled", &window)]);
    assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-08-01T11:45:00.000Z");
    let report = read(&[item("incident", "new", &json!({"updateTime": millis("2026-08-02T00:00:00Z")}))]);
    assert_eq!(report.services[0].last_timestamp, None);
    let report = read(&[item("incident", "new", &json!({"updateTime": ""}))]);
    assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-08-01T10:00:00.000Z");
}

#[test]
fn history_is_told_only_so_far_and_an_open_incident_below_it_is_found() {
    let past = (0..200).map(|number| item("incident", "resolved", &json!({"id": format!("INC{number}")})));
    let all: Vec<_> = past.chain([item("incident", "new", &json!({"id": "INC999"}))]).collect();
    let report = read(&all);
    assert_eq!(seen(&report), both(Status::Degraded));
    assert_eq!(report.incidents.len(), 1 + crate::target::rest::incident::MAX_CLOSED);
    assert_eq!(report.incidents[0].key, "INC999");
}

#[test]
fn a_flood_of_services_is_no_answer() {
    let names: Vec<_> = (0..300).map(|number| number.to_string()).collect();
    let flood = item("incident", "new", &json!({"resourceIDs": names, "regions": names}));
    assert!(read_at(&status(&[flood]), Some(NOW)).unwrap_err().to_string().contains("at most"));

    // What is over or ahead names no service, however much it tells of.
    let wide = |kind: &str, state: &str, id: &str, begins: &str| {
        let begins = millis(begins);
        item(kind, state, &json!({"id": id, "resourceIDs": names, "regions": names, "outageStart": begins}))
    };
    let report = read(&[
        wide("incident", "resolved", "INC2", "2026-08-01T09:30:00Z"),
        wide("maintenance", "scheduled", "CHG1", "2026-08-03T00:00:00Z"),
        item("incident", "new", &json!({})),
    ]);
    assert_eq!(seen(&report), both(Status::Degraded));
    assert_eq!(report.incidents.len(), 3);
    assert!(report.incidents.iter().all(|incident| incident.services.len() <= MAX_TOLD));
}

#[test]
fn other_documents_are_refused_and_one_without_items_is_well() {
    assert!(read(&[]).services.is_empty());
    for stranger in [
        json!(null),
        json!([]),
        json!({"statusItems": []}),
        json!({"statusItems": null, "resources": [{"resourceID": "is-vpc", "displayName": "VPC"}]}),
        json!({"statusItems": [{"type": "incident"}]}),
        json!({"statusItemsRenamed": [item("incident", "new", &json!({}))]}),
        json!({"status": 500, "error": "x"}),
    ] {
        let error = read_at(&stranger, None).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("IBM")), "{stranger}: {error}");
    }
}
