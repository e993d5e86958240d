use serde_json::json;

use super::*;
use crate::schema::Status;
use crate::target::rest::testing;
use crate::target::{Document, Parted};

const FORMAT: Parted = Parted { next, parse };

fn summary(status: &str, with: &Value) -> Value {
    let mut value = json!({"page": {"name": "Acme", "url": "https://status.acme.example", "status": status}});
    for (key, field) in with.as_object().unwrap() {
        value[key] = field.clone();
    }
    value
}

fn component(id: &str, status: &Value, group: &Value) -> Value {
    json!({"id": id, "name": id.to_uppercase(), "description": "", "status": status, "group": group})
}

fn incident(status: &str, impact: &Value) -> Value {
    json!({
        "id": "i1", "name": "Slow &amp; slower", "started": "2026-10-01T10:00:00.000Z", "status": status, "impact": impact,
        "url": "https://status.acme.example/incident/i1", "updatedAt": "2026-10-01T11:00:00.000Z",
    })
}

fn read_parts(parts: &[Option<&Value>]) -> Result<Report, ParseError> {
    testing::read_parts(&FORMAT, "https://status.acme.example/", parts)
}

fn read(value: &Value) -> Result<Report, ParseError> {
    read_parts(&[Some(value)])
}

fn led_to(first: &str, document: &Value, there: &[(&str, &Value)]) -> Vec<String> {
    testing::led_to(&FORMAT, first, document, there)
}

#[test]
fn every_word_of_a_component_and_one_that_is_none() {
    for (word, status, is_known) in [
        (json!("OPERATIONAL"), Status::Ok, true),
        (json!("UnderMaintenance"), Status::Degraded, true),
        (json!("DEGRADEDPERFORMANCE"), Status::Degraded, true),
        (json!("MINOROUTAGE"), Status::Degraded, true),
        (json!("PARTIALOUTAGE"), Status::Degraded, true),
        (json!("MAJOROUTAGE"), Status::Outage, true),
        (json!("ONSTRIKE"), Status::Unknown, false),
        (json!(null), Status::Unknown, false),
    ] {
        let rows = [component("a", &word, &json!(null)), component("b", &json!("OPERATIONAL"), &json!(null))];
        let report = read(&json!({ "components": rows })).unwrap();
        let service = &report.services[0];
        assert_eq!((service.key.as_str(), service.name.as_str(), service.status), ("a", "A", status), "{word}");
        assert_eq!(service.dimensions.contains_key("maintenance"), word == "UnderMaintenance", "{word}");
        assert_eq!(service.last_timestamp, None);
        assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
    }
}

#[test]
fn every_word_of_the_page_and_one_that_is_none() {
    for (word, status, is_known) in [
        ("UP", Status::Ok, true),
        ("HASISSUES", Status::Degraded, true),
        ("UNDERMAINTENANCE", Status::Degraded, true),
        ("GOTHACKED", Status::Unknown, false),
    ] {
        let report = read(&summary(word, &json!({}))).unwrap();
        let page = &report.services[0];
        assert_eq!((page.key.as_str(), page.name.as_str(), page.status), ("page", "Acme", status), "{word}");
        assert_eq!(page.dimensions.contains_key("maintenance"), word == "UNDERMAINTENANCE");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
        assert_eq!(report.services.len(), 1, "a summary alone yields the page only");
    }
}

#[test]
fn open_incidents_raise_the_page() {
    for (page, status, impact, expected) in [
        ("UP", "INVESTIGATING", json!("MINOROUTAGE"), Status::Degraded),
        ("UP", "IDENTIFIED", json!("MAJOROUTAGE"), Status::Outage),
        ("HASISSUES", "investigating", json!("MAJOROUTAGE"), Status::Outage),
        ("HASISSUES", "INVESTIGATING", json!("OPERATIONAL"), Status::Degraded),
        ("UP", "MONITORING", json!("MAJOROUTAGE"), Status::Ok),
        ("UP", "RESOLVED", json!("MAJOROUTAGE"), Status::Ok),
        ("UP", "INVESTIGATING", json!(null), Status::Ok),
        ("UP", "INVESTIGATING", json!("PLAGUE"), Status::Unknown),
        ("UP", "BARGAINING", json!("MAJOROUTAGE"), Status::Outage),
    ] {
        // Below one that is over.
        let mut over = incident("RESOLVED", &json!("MAJOROUTAGE"));
        over["id"] = json!("i0");
        let value = summary(page, &json!({"activeIncidents": [over, incident(status, &impact)]}));
        let report = read(&value).unwrap();
        assert_eq!(report.services[0].status, expected, "{page} {status} {impact}");
        assert_eq!(report.incidents.len(), 2);
    }
}

#[test]
fn incidents_and_maintenances_are_told_in_the_unified_shape() {
    let work = |status: &str| {
        json!({"name": "Move", "start": "2026-10-05T00:00:00.000Z", "status": status, "duration": "60",
               "url": "https://status.acme.example/maintenance/m1"})
    };
    let report = read(&summary(
        "UP",
        &json!({
            "activeIncidents": [incident("IDENTIFIED", &json!("PARTIALOUTAGE")), null, {}],
            "activeMaintenances": [work("NOTSTARTEDYET"), work("INPROGRESS"), work("COMPLETED")],
        }),
    ))
    .unwrap();
    assert_eq!(report.services[0].status, Status::Degraded, "the incident alone raises the page");
    let told = &report.incidents[0];
    assert_eq!((told.key.as_str(), told.title.as_str()), ("i1", "Slow & slower"));
    assert_eq!((told.state, told.impact), (IncidentState::Identified, Some(Status::Degraded)));
    assert_eq!(told.started_at.unwrap().to_string(), "2026-10-01T10:00:00.000Z");
    assert_eq!(told.updated_at.unwrap().to_string(), "2026-10-01T11:00:00.000Z");
    assert_eq!(told.url.as_deref(), Some("https://status.acme.example/incident/i1"));
    let work: Vec<_> = report.incidents[1..].iter().map(|one| (one.kind, one.state)).collect();
    let states = [IncidentState::Scheduled, IncidentState::InProgress, IncidentState::Completed];
    assert_eq!(work, states.map(|state| (IncidentKind::Maintenance, state)));
    assert_eq!(report.incidents[1].key, "https://status.acme.example/maintenance/m1");
    assert_eq!(report.incidents[1].started_at.unwrap().to_string(), "2026-10-05T00:00:00.000Z");
}

#[test]
fn maintenance_raises_nothing() {
    let work = json!([{"id": "m1", "name": "Move", "status": "INPROGRESS", "impact": "MAJOROUTAGE"}]);
    let report = read(&summary("UP", &json!({ "activeMaintenances": work }))).unwrap();
    assert_eq!(report.services[0].status, Status::Ok);
}

#[test]
fn groups_are_no_services_of_their_own_however_deep() {
    let bad = json!("MAJOROUTAGE");
    let group = |id: &str| json!({"id": id, "name": id.to_uppercase()});
    let rows = [
        component("leaf", &bad, &group("inner")),
        component("outer", &bad, &json!(null)),
        component("inner", &bad, &group("outer")),
        component("alone", &json!("OPERATIONAL"), &json!(null)),
        json!({"name": "Nameless", "status": "OPERATIONAL", "group": {"id": "outer", "name": "OUTER"}}),
        json!({"id": "x", "status": "OPERATIONAL", "group": null}),
        json!(null),
    ];
    let report = read(&json!({ "components": rows })).unwrap();
    let group = |service: &Service| service.dimensions.get("group").map(ToString::to_string);
    let seen: Vec<_> = report.services.iter().map(|one| (one.key.as_str(), group(one))).collect();
    let of = |group: &str| Some(group.to_owned());
    assert_eq!(seen, [("leaf", of("INNER")), ("alone", None), ("OUTER/Nameless", of("OUTER"))]);
}

#[test]
fn the_older_form_nests_components_in_their_parents() {
    let leaf = |id: &str| json!({"id": id, "name": id, "status": "PARTIALOUTAGE", "isParent": false, "children": []});
    let report = read(&json!({"components": [
        {"id": "g", "name": "Group", "status": "PARTIALOUTAGE", "isParent": true, "children": [leaf("a"), leaf("b")]},
        leaf("b"),
        {"id": "empty", "name": "Empty", "status": "OPERATIONAL", "isParent": true, "children": []},
    ]}))
    .unwrap();
    let seen: Vec<_> = report
        .services
        .iter()
        .map(|one| (one.key.as_str(), one.status, one.dimensions.contains_key("group")))
        .collect();
    let degraded = Status::Degraded;
    assert_eq!(seen, [("a", degraded, true), ("b", degraded, true), ("empty", Status::Ok, false)]);
}

#[test]
fn either_document_leads_to_the_other() {
    let (page, list) = (summary("UP", &json!({})), json!({"components": [component("a", &json!("X"), &json!(null))]}));
    let at = |path: &str| format!("https://status.acme.example{path}");
    let (v2, v3, home) = (at("/v2/components.json"), at("/v3/components.json"), at("/summary.json"));
    assert_eq!(led_to(&home, &page, &[(&v2, &list)]), [v2.as_str()]);
    assert_eq!(led_to(&home, &page, &[(&v3, &list)]), [v2.as_str(), &v3]);
    assert_eq!(led_to(&home, &page, &[]), [v2.as_str(), &v3]);
    assert_eq!(led_to(&at("/api/v2/summary.json?a=b"), &page, &[(&v2, &list)]), [v2.as_str()]);
    assert_eq!(led_to(&at("/"), &page, &[(&v2, &list)]), [v2.as_str()]);
    assert_eq!(
        led_to(&at("/proxy/acme/summary.json"), &page, &[]),
        [at("/proxy/acme/v2/components.json"), at("/proxy/acme/v3/components.json")]
    );
    for from in [&v2, &v3] {
        assert_eq!(led_to(from, &list, &[(&home, &page)]), [home.as_str()]);
        assert_eq!(led_to(from, &list, &[]), [home.as_str()]);
    }
    let both = summary("UP", &list);
    assert!(led_to(&home, &both, &[]).is_empty());
    assert_eq!(read(&both).unwrap().services.len(), 2);
}

#[test]
fn the_parts_are_read_together_whichever_came_first_and_a_missing_one_is_made_do_without() {
    let (page, list) =
        (summary("UP", &json!({})), json!({"components": [component("a", &json!("OPERATIONAL"), &json!(null))]}));
    let keys = |parts: &[Option<&Value>]| -> Vec<String> {
        read_parts(parts).unwrap().services.into_iter().map(|one| one.key).collect()
    };
    assert_eq!(keys(&[Some(&page), Some(&list)]), ["page", "a"]);
    assert_eq!(keys(&[Some(&list), Some(&page)]), ["page", "a"]);
    assert_eq!(keys(&[Some(&page), None, Some(&list)]), ["page", "a"]);
    assert_eq!(keys(&[Some(&page), None, None]), ["page"]);
    assert_eq!(keys(&[Some(&list), None]), ["a"]);
    assert_eq!(keys(&[Some(&page), Some(&json!({"components": []}))]), ["page"]);
}

#[test]
fn a_part_that_is_something_else_is_a_failure() {
    let page = summary("UP", &json!({}));
    for stranger in [json!({"status": 500, "error": "x"}), json!([]), json!({"components": null})] {
        let error = read_parts(&[Some(&page), Some(&stranger)]).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Instatus")), "{stranger}: {error}");
    }
    let url = Url::parse("https://status.acme.example/summary.json").unwrap();
    let body = page.to_string();
    let login = Part { url: &url, document: Some(Document::new(b"<html>Sign in</html>")) };
    let first = Part { url: &url, document: Some(Document::new(body.as_bytes())) };
    assert!(matches!(parse(&[first, login]), Err(ParseError::Unrecognised(_))));
    assert!(matches!(next(&[login]), Err(ParseError::Unrecognised(_))));
}

#[test]
fn other_documents_are_refused() {
    let page = json!({"id": "p", "name": "Acme"});
    for stranger in [
        json!({"status": 500, "error": "x"}),
        json!({"page": page, "status": {"indicator": "none"}, "components": []}),
        json!({"page": page, "components": [component("a", &json!("operational"), &json!(null))]}),
        json!({"page": {"name": "Acme", "state": "operational"}}),
        json!({"page": {"name": "Acme", "status": "UP"}, "status": {"indicator": "none"}}),
        json!({"components": [{"id": "a", "name": "A", "status": "operational", "group": false}]}),
        json!({"components": [{"id": 1, "name": "A", "state": "operational"}]}),
        json!({"components": []}),
        json!([]),
    ] {
        let error = read(&stranger).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Instatus")), "{stranger}: {error}");
    }
    assert!(matches!(parse(&[]), Err(ParseError::Malformed(_))));
    assert!(next(&[]).unwrap().is_none());
}
