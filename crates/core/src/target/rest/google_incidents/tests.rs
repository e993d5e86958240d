use super::*;
use crate::schema::Status;
use crate::target::rest::incident::MAX_CLOSED;
use serde_json::json;

fn read(value: &Value) -> Result<Report, ParseError> {
    parse(&Document::new(value.to_string().as_bytes()))
}

/// An ongoing incident of the present schema; `with` replaces fields, null removes them.
fn ongoing(with: &Value) -> Value {
    let mut row = json!({
        "id": "inc1", "number": "14", "begin": "2026-06-05T07:00:00+00:00", "modified": "2026-06-05T09:00:00+00:00",
        "external_desc": "Things are slow", "status_impact": "SERVICE_DISRUPTION", "severity": "medium",
        "most_recent_update": {"when": "2026-06-05T08:30:00+00:00", "status": "SERVICE_DISRUPTION", "text": "Soon."},
        "updates": [{"when": "2026-06-05T08:30:00+00:00", "status": "SERVICE_DISRUPTION", "text": "<b>Soon.</b>"}],
        "service_key": "zall", "service_name": "Multiple Products", "uri": "incidents/inc1",
        "affected_products": [{"id": "p1", "title": "Compute"}],
        "currently_affected_locations": [{"id": "us-west1", "title": "Oregon (us-west1)"}],
    });
    for (key, value) in with.as_object().unwrap() {
        if value.is_null() {
            row.as_object_mut().unwrap().remove(key);
        } else {
            row[key] = value.clone();
        }
    }
    row
}

fn seen(report: &Report) -> Vec<(&str, Status)> {
    report.services.iter().map(|service| (service.key.as_str(), service.status)).collect()
}

#[test]
fn the_newest_word_wins_over_the_impact_and_the_severity_is_the_last_resort() {
    for (newest, impact, severity, status) in [
        ("SERVICE_OUTAGE", "SERVICE_DISRUPTION", "low", Status::Outage),
        ("SERVICE_DISRUPTION", "SERVICE_OUTAGE", "high", Status::Degraded),
        ("AVAILABLE", "SERVICE_OUTAGE", "high", Status::Ok),
        ("SERVICE_INFORMATION", "SERVICE_OUTAGE", "high", Status::Ok),
        ("", "SERVICE_OUTAGE", "low", Status::Outage),
        ("", "SERVICE_INFORMATION", "high", Status::Ok),
        ("", "", "low", Status::Ok),
        ("", "", "medium", Status::Degraded),
        ("", "", "high", Status::Outage),
        ("", "", "", Status::Unknown),
        ("ON_FIRE", "SERVICE_OUTAGE", "high", Status::Unknown),
    ] {
        let row = ongoing(&json!({
            "most_recent_update": {"status": newest}, "status_impact": impact, "severity": severity,
        }));
        let report = read(&json!([row])).unwrap();
        assert_eq!(seen(&report), [("p1/us-west1", status)], "{newest} {impact} {severity}");
        assert_eq!(report.unknown_words.is_empty(), status != Status::Unknown);
    }
}

#[test]
fn a_service_stands_for_each_product_and_present_location() {
    let report = read(&json!([ongoing(&json!({
        "affected_products": [{"id": "p1", "title": "Compute"}, {"id": "p2", "title": "Storage"}],
        "currently_affected_locations": [{"id": "us-west1"}, {"id": "global"}],
        "previously_affected_locations": [{"id": "us-east1"}],
    }))]))
    .unwrap();
    let keys: Vec<_> = report.services.iter().map(|service| service.key.as_str()).collect();
    assert_eq!(keys, ["p1/us-west1", "p1/global", "p2/us-west1", "p2/global"]);
    let first = &report.services[0];
    assert_eq!(first.name, "Compute");
    assert_eq!(first.last_timestamp.unwrap().to_string(), "2026-06-05T08:30:00.000Z");
    for (name, value) in [("region", "us-west1"), ("serviceId", "p1"), ("incident", "inc1")] {
        assert_eq!(first.dimensions[name], value.into());
    }

    let incident = &report.incidents[0];
    assert_eq!((incident.key.as_str(), incident.title.as_str()), ("inc1", "Things are slow"));
    assert_eq!((incident.state, incident.impact), (IncidentState::Investigating, Some(Status::Degraded)));
    assert_eq!((incident.services.len(), incident.url.as_deref()), (4, None));
    assert_eq!(incident.updates[0].text, "Soon.");
}

#[test]
fn without_locations_the_product_itself_is_the_service() {
    for locations in [json!(null), json!([])] {
        let report = read(&json!([ongoing(&json!({"currently_affected_locations": locations}))])).unwrap();
        assert_eq!(seen(&report), [("p1", Status::Degraded)]);
        assert!(!report.services[0].dimensions.contains_key("region"));
    }
}

#[test]
fn of_several_incidents_on_one_product_the_worst_counts() {
    let worse = ongoing(&json!({
        "id": "inc2", "most_recent_update": {"when": "2026-06-04T00:00:00+00:00", "status": "SERVICE_OUTAGE"},
    }));
    let report = read(&json!([ongoing(&json!({})), worse])).unwrap();
    assert_eq!(seen(&report), [("p1/us-west1", Status::Outage)]);
    assert_eq!(report.services[0].dimensions["incident"], "inc2".into());
    assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-06-05T08:30:00.000Z");
}

#[test]
fn history_names_no_service() {
    let ended = ongoing(&json!({"end": "2026-06-06T00:00:00+00:00"}));
    let report = read(&json!([ended])).unwrap();
    assert!(report.services.is_empty());
    assert_eq!(report.incidents[0].state, IncidentState::Resolved);
    assert_eq!(report.incidents[0].resolved_at.unwrap().to_string(), "2026-06-06T00:00:00.000Z");

    let history: Vec<_> = (0..200).map(|_| ended.clone()).chain([ongoing(&json!({}))]).collect();
    let report = read(&json!(history)).unwrap();
    assert_eq!(report.incidents.len(), MAX_CLOSED + 1);
    assert_eq!(report.services.len(), 1);
}

#[test]
fn an_open_incident_whose_service_is_back_is_being_monitored() {
    let row = ongoing(&json!({"most_recent_update": {"status": "AVAILABLE"}}));
    let report = read(&json!([row])).unwrap();
    assert_eq!(report.incidents[0].state, IncidentState::Monitoring);
    assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-06-05T09:00:00.000Z");
}

#[test]
fn the_older_schema_is_read_too() {
    let old = |number: u32, end: Value| {
        json!({
            "begin": "2020-12-10T03:38:29Z", "end": end, "modified": "2020-12-10T03:40:00Z", "number": number,
            "most-recent-update": {"when": "2020-12-10T03:39:00Z", "text": "…"}, "updates": [], "public": true,
            "service_key": "cloud-sql", "service_name": "Google Cloud SQL", "severity": "medium",
            "external_desc": "Unreachable", "uri": "/incident/cloud-sql/20003",
        })
    };
    let report = read(&json!([old(20_003, Value::Null), old(20_002, json!("2020-12-01T00:00:00Z"))])).unwrap();
    assert_eq!(seen(&report), [("cloud-sql", Status::Degraded)]);
    let service = &report.services[0];
    assert_eq!(
        (service.name.as_str(), &service.dimensions["incident"]),
        ("Google Cloud SQL", &"cloud-sql/20003".into())
    );
    assert_eq!(service.last_timestamp.unwrap().to_string(), "2020-12-10T03:39:00.000Z");
    assert_eq!(report.incidents.len(), 2);
}

#[test]
fn a_headline_is_found_under_its_heading() {
    for (description, title) in [
        ("Plain and short", "Plain and short"),
        ("**Title**\nMail is late.\n**Description**\nWe are …", "Mail is late."),
        ("# Summary\n\n**Mail** is late.", "Mail is late."),
        ("**Mail is late**", "Mail is late"),
    ] {
        let report = read(&json!([ongoing(&json!({"external_desc": description}))])).unwrap();
        assert_eq!(report.incidents[0].title, title);
    }
}

#[test]
fn an_empty_list_is_all_good_and_other_documents_are_refused() {
    assert!(read(&json!([])).unwrap().services.is_empty());
    for stranger in [
        json!({"products": [{"id": "p1", "title": "Compute"}]}),
        json!([{"id": 1, "title": "t", "type": "incident", "status": "active", "services": []}]),
        json!([ongoing(&json!({})), {"arn": "arn:aws:health"}]),
        json!([null]),
        json!("x"),
    ] {
        let error = read(&stranger).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("incidents.json")), "{error}");
    }
    let many = |what: &str| (0..300).map(|n| json!({"id": format!("{what}{n}")})).collect::<Vec<_>>();
    let flood = ongoing(&json!({"affected_products": many("p"), "currently_affected_locations": many("l")}));
    assert!(read(&json!([flood])).unwrap_err().to_string().contains("at most"));
}
