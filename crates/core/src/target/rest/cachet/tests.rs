use serde_json::json;
use url::Url;

use super::*;
use crate::schema::{IncidentKind, IncidentState, Status};
use crate::target::{Document, Filter, Format, Parted};

const CACHET: Parted = Parted { next, parse };

fn read(value: &Value) -> Result<Report, ParseError> {
    CACHET.parse(&Document::new(value.to_string().as_bytes()))?.finish(&Filter::default())
}

fn component(with: &Value) -> Value {
    let mut row = json!({
        "id": 1, "name": "API", "status": 1, "order": 0, "group_id": 0, "enabled": true,
        "updated_at": "2026-09-12 13:00:03", "status_name": "Operational",
    });
    for (key, field) in with.as_object().unwrap() {
        row[key] = field.clone();
    }
    row
}

fn page(rows: &[Value], next: Option<&str>) -> Value {
    json!({"meta": {"pagination": {"total": 9, "links": {"next_page": next, "previous_page": null}}}, "data": rows})
}

/// Asks as a target does, of a source that has these documents, and tells what was asked for after the first.
fn collect(endpoint: &str, documents: &[(&str, Value)]) -> (Vec<String>, Result<Report, ParseError>) {
    let bodies: HashMap<String, String> =
        documents.iter().map(|(path, value)| ((*path).to_owned(), value.to_string())).collect();
    let endpoint: Url = format!("https://status.acme.test{endpoint}").parse().unwrap();
    let mut urls = vec![endpoint];
    loop {
        let parts: Vec<Part<'_>> = urls.iter().map(|url| Part { url, document: body(&bodies, url) }).collect();
        match next(&parts) {
            Ok(Some(url)) => urls.push(url),
            Ok(None) => {
                let report = parse(&parts).and_then(|report| report.finish(&Filter::default()));
                return (urls[1..].iter().map(address).collect(), report);
            }
            Err(error) => return (urls[1..].iter().map(address).collect(), Err(error)),
        }
    }
}

fn address(url: &Url) -> String {
    url[url::Position::BeforePath..].to_owned()
}

fn body<'a>(bodies: &'a HashMap<String, String>, url: &Url) -> Option<Document<'a>> {
    bodies.get(&address(url)).map(|body| Document::new(body.as_bytes()))
}

fn keys(report: &Report) -> Vec<&str> {
    report.services.iter().map(|service| service.key.as_str()).collect()
}

const INCIDENTS: &str = "/api/v1/incidents?sort=id&order=desc&per_page=100";

#[test]
fn every_state_and_one_that_is_none() {
    for (state, status, is_known) in [
        (json!(0), Status::Unknown, true),
        (json!(1), Status::Ok, true),
        (json!("2"), Status::Degraded, true),
        (json!(3), Status::Degraded, true),
        (json!(4), Status::Outage, true),
        (json!(5), Status::Unknown, true),
        (json!({"human": "Under maintenance", "value": 6}), Status::Degraded, true),
        (json!(7), Status::Unknown, false),
        (json!(null), Status::Unknown, false),
    ] {
        let known = component(&json!({"id": 2}));
        let report = read(&page(&[component(&json!({"status": state})), known], None)).unwrap();
        let service = &report.services[0];
        assert_eq!(service.status, status, "{state}");
        assert_eq!(service.dimensions.contains_key("maintenance"), state.is_object(), "{state}");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{state}");
    }
}

#[test]
fn a_time_without_a_zone_is_no_instant() {
    for (written, instant) in [
        ("2026-09-12 13:00:03", None),
        ("2026-09-12T13:00:03", None),
        ("2026-09-12T13:00:03+02:00", Some("2026-09-12T11:00:03.000Z")),
    ] {
        let report = read(&page(&[component(&json!({"updated_at": written}))], None)).unwrap();
        let read = report.services[0].last_timestamp.map(|at| at.to_string());
        assert_eq!(read.as_deref(), instant, "{written}");
    }
}

#[test]
fn all_pages_are_asked_for_at_the_address_of_the_first_and_then_what_is_beside_them() {
    // Behind a proxy Cachet believes itself elsewhere.
    let next = |number: u32| format!("http://10.0.0.7/api/v1/components?page={number}");
    let (asked, report) = collect(
        "/api/v1/components?per_page=2",
        &[
            (
                "/api/v1/components?per_page=2",
                page(&[component(&json!({"group_id": 1})), component(&json!({"id": 2}))], Some(&next(2))),
            ),
            ("/api/v1/components?per_page=2&page=2", page(&[component(&json!({"id": 3, "group_id": 2}))], None)),
            ("/api/v1/components/groups", page(&[json!({"id": 1, "name": "EU"})], Some("?page=2"))),
            ("/api/v1/components/groups?page=2", page(&[json!({"id": 2, "name": "US"})], None)),
            ("/api/v1/status", json!({"data": {"status": "success", "message": "System operational"}})),
            (INCIDENTS, page(&[], None)),
        ],
    );
    assert_eq!(
        asked,
        [
            "/api/v1/components?per_page=2&page=2",
            "/api/v1/components/groups",
            "/api/v1/components/groups?page=2",
            "/api/v1/status",
            INCIDENTS
        ]
    );
    let report = report.unwrap();
    assert_eq!(keys(&report), ["page", "1", "2", "3"]);
    let groups: Vec<_> = report.services.iter().map(|service| service.dimensions.get("group").cloned()).collect();
    assert_eq!(groups, [None, Some("EU".into()), None, Some("US".into())]);
    assert_eq!(report.services[1].dimensions["serviceId"], "1".into());
}

#[test]
fn what_is_not_there_is_done_without() {
    let (asked, report) =
        collect("/api/v1/components/", &[("/api/v1/components/", page(&[component(&json!({}))], None))]);
    assert_eq!(asked, ["/api/v1/components/groups", "/api/v1/status", INCIDENTS]);
    assert_eq!(keys(&report.unwrap()), ["1"]);

    let (asked, report) = collect("/mirror.json", &[("/mirror.json", page(&[component(&json!({}))], None))]);
    assert!(asked.is_empty() && report.is_ok(), "elsewhere nobody knows what is beside the components");
}

#[test]
fn a_list_that_breaks_off_is_a_failure() {
    let first = (
        "/api/v1/components",
        page(&[component(&json!({}))], Some("https://status.acme.test/api/v1/components?page=2")),
    );
    let (_, report) = collect(first.0, &[first]);
    assert!(matches!(report, Err(ParseError::Malformed(said)) if said.contains("breaks off")));
    let astray = ("/api/v1/components", page(&[component(&json!({}))], Some("/api/v1/components/more")));
    let (_, report) = collect(astray.0, &[astray]);
    assert!(matches!(report, Err(ParseError::Malformed(said)) if said.contains("no numbered page")));
}

#[test]
fn what_is_beside_the_components_must_be_of_the_family() {
    for (path, stranger) in [("/api/v1/status", json!({"status": "ok"})), (INCIDENTS, json!({"data": [{"id": 1}]}))] {
        let first = ("/api/v1/components", page(&[component(&json!({}))], None));
        let (_, report) = collect(first.0, &[first, (path, stranger)]);
        assert!(matches!(report, Err(ParseError::Unrecognised(_))), "{path}");
    }
}

#[test]
fn every_word_of_the_page_and_one_that_is_none() {
    for (word, status, is_known) in [
        ("success", Status::Ok, true),
        ("Info", Status::Degraded, true),
        ("danger", Status::Outage, true),
        ("operational", Status::Ok, true),
        ("partial_outage", Status::Degraded, true),
        ("major_outage", Status::Outage, true),
        ("under_maintenance", Status::Degraded, true),
        ("on_leave", Status::Unknown, false),
    ] {
        let first = ("/api/v1/components", page(&[component(&json!({}))], None));
        let (_, report) = collect(first.0, &[first, ("/api/v1/status", json!({"data": {"status": word}}))]);
        let report = report.unwrap();
        let page = &report.services[0];
        assert_eq!((page.key.as_str(), page.status), ("page", status), "{word}");
        assert_eq!(page.dimensions.contains_key("maintenance"), word == "under_maintenance");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
    }
}

#[test]
fn open_incidents_name_their_component_wherever_they_stand() {
    let incident = |id: u32, with: Value| {
        let mut row = json!({
            "id": id, "component_id": id, "name": format!("Trouble {id}"), "status": 4, "visible": 1,
            "message": "We are **looking**.", "created_at": "2026-09-12 12:00:00",
            "permalink": "https://status.acme.test/incidents/1",
            "updates": [{"id": 5, "status": 2, "message": "Found.", "created_at": "2026-09-12 12:30:00"}],
        });
        row.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        row
    };
    let told = [
        incident(9, json!({"component_id": 1})),
        incident(8, json!({"status": 1, "latest_status": 4})),
        incident(7, json!({"status": 1, "is_resolved": true})),
        incident(6, json!({"status": 0, "component_id": 2})),
        incident(5, json!({"status": 3, "component_id": 0})),
        incident(4, json!({"status": 11, "component_id": 2})),
        incident(3, json!({"status": {"value": "2", "human": "Identified"}, "component_id": 1})),
    ];
    let first = ("/api/v1/components", page(&[component(&json!({})), component(&json!({"id": 2}))], None));
    let (_, report) = collect(first.0, &[first, (INCIDENTS, page(&told, None))]);
    let report = report.unwrap();
    let states: Vec<_> = report.incidents.iter().map(|one| (one.key.as_str(), one.state)).collect();
    let expected = [
        ("9", IncidentState::Resolved),
        ("8", IncidentState::Resolved),
        ("7", IncidentState::Resolved),
        ("6", IncidentState::Scheduled),
        ("5", IncidentState::Monitoring),
        ("4", IncidentState::Investigating),
        ("3", IncidentState::Identified),
    ];
    assert_eq!(states, expected);
    assert_eq!(report.incidents[3].kind, IncidentKind::Maintenance);
    assert!(report.incidents[4].services.is_empty(), "component 0 is none");
    assert_eq!(report.unknown_words.iter().collect::<Vec<_>>(), ["11"]);
    let named: Vec<_> = report.services.iter().map(|service| service.dimensions["incident"].to_string()).collect();
    assert_eq!(named, ["3", "4"]);

    let last = &report.incidents[6];
    assert_eq!((last.title.as_str(), last.impact, last.started_at), ("Trouble 3", None, None));
    assert_eq!(last.url.as_deref(), Some("https://status.acme.test/incidents/1"));
    let said: Vec<_> = last.updates.iter().map(|update| (update.state, update.text.as_str())).collect();
    assert_eq!(said, [(Some(IncidentState::Identified), "Found."), (None, "We are **looking**.")]);
}

#[test]
fn cachet_3_wraps_everything_once_more() {
    let row = |id: &str, state: Value, group: Value| {
        json!({
            "id": id, "type": "components",
            "attributes": {
                "id": 1, "name": "API", "status": state, "enabled": true, "order": 0,
                "updated": {"human": "1 hour ago", "string": "2026-09-12 13:00:03"},
            },
            "relationships": {"group": {"data": group}},
        })
    };
    let operational = json!({"human": "Operational", "value": 1});
    let rows =
        [row("1", operational.clone(), json!({"type": "componentGroups", "id": "1"})), row("2", json!(4), json!(null))];
    let components = json!({
        "data": rows, "included": [{"id": "1", "type": "componentGroups", "attributes": {"name": "EU"}}],
        "links": {"next": "https://status.acme.test/api/components?page=2"}, "meta": {"current_page": 1},
    });
    let second = json!({"data": [row("3", operational, json!(null))], "links": {"next": null}, "meta": {}});
    let incident = json!({
        "id": "7", "type": "incidents",
        "attributes": {"id": 7, "name": "Trouble", "status": {"human": "Watching", "value": 3}, "message": "…"},
        "relationships": {"components": {"data": [{"type": "components", "id": "2"}]}},
    });
    let status =
        json!({"data": {"id": "status", "type": "status", "attributes": {"name": "Acme", "status": "major_outage"}}});
    let (asked, report) = collect(
        "/api/components?include=group",
        &[
            ("/api/components?include=group", components),
            ("/api/components?include=group&page=2", second),
            ("/api/status", status),
            ("/api/incidents?per_page=100", json!({"data": [incident]})),
        ],
    );
    assert_eq!(asked, ["/api/components?include=group&page=2", "/api/status", "/api/incidents?per_page=100"]);
    let report = report.unwrap();
    let seen: Vec<_> = report.services.iter().map(|one| (one.key.as_str(), one.name.as_str(), one.status)).collect();
    assert_eq!(
        seen,
        [
            ("page", "Acme", Status::Outage),
            ("1", "API", Status::Ok),
            ("2", "API", Status::Outage),
            ("3", "API", Status::Ok)
        ]
    );
    assert_eq!(report.services[1].dimensions["group"], "EU".into());
    assert_eq!(report.services[2].dimensions["incident"], "7".into());
    assert!(report.services.iter().all(|service| service.last_timestamp.is_none()));
}

#[test]
fn an_incident_of_cachet_3_whose_state_is_not_known_is_no_planned_work() {
    let component = json!({"id": "1", "type": "components", "attributes": {"name": "API", "enabled": true, "status": {"value": 1}}});
    let incident = json!({
        "id": "7", "type": "incidents", "attributes": {"name": "Trouble", "status": {"human": "Unknown", "value": 0}},
        "relationships": {"components": {"data": [{"type": "components", "id": "1"}]}},
    });
    let there = [
        ("/api/components", json!({"data": [component]})),
        ("/api/incidents?per_page=100", json!({"data": [incident]})),
    ];
    let report = collect("/api/components", &there).1.unwrap();
    assert_eq!(report.incidents[0].kind, IncidentKind::Incident);
    assert_eq!(report.services[0].dimensions["incident"], "7".into());
}

#[test]
fn what_is_switched_off_is_not_on_the_page() {
    let rows =
        [component(&json!({"enabled": false})), component(&json!({"id": 2, "enabled": 1})), json!(null), json!({})];
    assert_eq!(keys(&read(&page(&rows, None)).unwrap()), ["2"]);
}

#[test]
fn other_documents_are_refused() {
    for stranger in [
        json!({"data": []}),
        json!({"data": {"id": "1", "type": "status_page", "attributes": {"aggregate_state": "operational"}}}),
        json!({"data": [{"id": 1, "name": "EU", "order": 1, "enabled_components": []}]}),
        json!({"data": [{"id": 1, "name": "Trouble", "status": 1, "message": "…", "component_id": 1}]}),
        json!({"data": {"status": "success"}}),
        json!({"components": [component(&json!({}))]}),
        json!([component(&json!({}))]),
        json!({"status": 500, "error": "x"}),
    ] {
        let error = read(&stranger).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Cachet")), "{stranger}: {error}");
        let (asked, report) = collect("/api/v1/components", &[("/api/v1/components", stranger)]);
        assert!(asked.is_empty() && report.is_err());
    }
    assert_eq!(read(&page(&[], None)).unwrap_err(), ParseError::Empty);
}
