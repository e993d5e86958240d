use serde_json::json;

use super::*;
use crate::schema::{IncidentKind, IncidentState, Service, Status};
use crate::target::rest::testing;
use crate::target::{Document, Parted};

const FORMAT: Parted = Parted { next, parse };
const STATUS: &str = "https://status.acme.example/api/v1/status.json";

fn status(state: &Value) -> Value {
    json!({"page": {
        "id": 7530, "name": "Acme status", "state": state, "state_text": null, "url": "https://status.acme.example",
        "updated_at": "2025-07-05T03:57:23.748Z",
        "links": {"components": {"href": "/api/v1/components", "count": 10}, "notices": {"href": "/api/v1/notices"}},
    }})
}

fn component(id: u32, state: &Value, parent: &Value) -> Value {
    json!({"id": id, "name": format!("Part {id}"), "state": state, "parent_id": parent,
           "updated_at": "2026-01-02T03:04:05.678Z"})
}

fn components(ids: std::ops::Range<u32>, next_page: &Value) -> Value {
    let rows: Vec<_> = ids.map(|id| component(id, &json!("operational"), &json!(null))).collect();
    json!({"components": rows, "meta": {"count": rows.len(), "total_count": 100, "next_page": next_page}})
}

fn notice(id: u32, kind: &str, state: &Value, time: &str) -> Value {
    json!({
        "id": id, "type": kind, "state": state, "timeline_state": time, "subject": "Slow &amp; slower",
        "url": "https://status.acme.example/notices/x", "began_at": "2026-01-01T00:00:00.000Z", "ended_at": null,
        "begins_at": "2026-01-01T00:00:30.000Z", "updated_at": "2026-01-01T02:00:00.000Z",
        "latest_update": {"state": state, "content": "<p>We look.</p>", "created_at": "2026-01-01T01:00:00.000Z"},
    })
}

fn notices(rows: &[Value]) -> Value {
    json!({"notices": rows, "meta": {"count": rows.len(), "total_count": 281, "next_page": "/api/v1/notices?page=2"}})
}

fn read_parts(parts: &[Option<&Value>]) -> Result<Report, ParseError> {
    testing::read_parts(&FORMAT, STATUS, parts)
}

fn read(value: &Value) -> Result<Report, ParseError> {
    read_parts(&[Some(value)])
}

fn led_to(first: &str, document: &Value, there: &[(&str, &Value)]) -> Vec<String> {
    testing::led_to(&FORMAT, first, document, there)
}

#[test]
fn every_state_and_one_that_is_none() {
    for (word, expected, is_known) in [
        (json!("operational"), Status::Ok, true),
        (json!("Under_Maintenance"), Status::Degraded, true),
        (json!("degraded"), Status::Degraded, true),
        (json!("partially-degraded"), Status::Degraded, true),
        (json!("partially_degraded"), Status::Degraded, true),
        (json!("apologetic"), Status::Unknown, false),
    ] {
        let list = json!({"components": [component(1, &word, &json!(null))]});
        let report = read_parts(&[Some(&status(&word)), Some(&list)]).unwrap();
        for service in &report.services {
            assert_eq!(service.status, expected, "{word}");
            assert_eq!(service.dimensions.contains_key("maintenance"), word == "Under_Maintenance", "{word}");
        }
        assert_eq!(report.services.len(), 2);
        assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
    }
    let unsaid = json!({"components": [component(1, &json!(null), &json!(null)), component(2, &json!("degraded"), &json!(null))]});
    let report = read(&unsaid).unwrap();
    assert_eq!((report.services[0].status, report.services[1].status), (Status::Unknown, Status::Degraded));
}

#[test]
fn a_status_alone_is_the_page_and_components_alone_have_none() {
    let report = read(&status(&json!("operational"))).unwrap();
    let page = &report.services[0];
    assert_eq!((report.services.len(), page.key.as_str(), page.name.as_str()), (1, "page", "Acme status"));
    assert_eq!(page.last_timestamp.unwrap().to_string(), "2025-07-05T03:57:23.748Z");
    assert_eq!(page.dimensions["serviceId"], "7530".into());

    let keys: Vec<_> = read(&components(1..3, &json!(null))).unwrap().services.into_iter().map(|one| one.key).collect();
    assert_eq!(keys, ["1", "2"]);
}

#[test]
fn a_component_below_another_is_grouped_and_both_are_services() {
    let first = json!({"components": [component(2, &json!("degraded"), &json!(1)), null, {"id": 9}]});
    let second = json!({"components": [component(1, &json!("operational"), &json!(null))]});
    let report = read_parts(&[Some(&status(&json!("degraded"))), Some(&first), Some(&second)]).unwrap();
    let group = |service: &Service| service.dimensions.get("group").map(ToString::to_string);
    let seen: Vec<_> = report.services[1..].iter().map(|one| (one.key.as_str(), one.status, group(one))).collect();
    assert_eq!(seen, [("2", Status::Degraded, Some("Part 1".to_owned())), ("1", Status::Ok, None)]);
    assert_eq!(report.services[1].last_timestamp.unwrap().to_string(), "2026-01-02T03:04:05.678Z");
}

#[test]
fn every_state_of_a_notice_and_one_that_is_none() {
    use IncidentState::{Completed, Identified, InProgress, Investigating, Monitoring, Resolved, Scheduled};
    for (kind, word, time, expected, is_known) in [
        ("unplanned", json!("investigating"), "present", Investigating, true),
        ("unplanned", json!("Identified"), "present", Identified, true),
        ("unplanned", json!("recovering"), "present", Monitoring, true),
        ("unplanned", json!("resolved"), "past_recent", Resolved, true),
        ("unplanned", json!("false_alarm"), "past_distant", Resolved, true),
        ("planned", json!("scheduled"), "future", Scheduled, true),
        ("planned", json!("underway"), "present", InProgress, true),
        ("planned", json!("complete"), "past_recent", Completed, true),
        ("planned", json!("cancelled"), "future", Completed, true),
        ("unplanned", json!("panicking"), "present", Investigating, false),
        ("unplanned", json!("panicking"), "past_recent", Resolved, false),
        ("planned", json!(null), "future", Scheduled, true),
        ("planned", json!(null), "past_distant", Completed, true),
        ("planned", json!(null), "present", InProgress, true),
    ] {
        let list = notices(&[notice(1, kind, &word, time)]);
        let report = read_parts(&[Some(&status(&json!("operational"))), Some(&list)]).unwrap();
        let told = &report.incidents[0];
        assert_eq!(told.state, expected, "{kind} {word} {time}");
        assert_eq!(told.kind == IncidentKind::Maintenance, kind == "planned");
        assert_eq!(report.services[0].status, Status::Ok, "a notice does not say how bad things are");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
    }
}

#[test]
fn a_notice_is_told_in_the_unified_shape_and_once() {
    let mut open = notice(2, "unplanned", &json!("identified"), "present");
    open["components"] = json!([{"id": 1, "name": "Part 1", "state": "operational"}]);
    let mut over = notice(3, "unplanned", &json!("resolved"), "past_recent");
    over["ended_at"] = json!("2026-01-01T03:00:00.000Z");
    over["components"] = open["components"].clone();
    over["updates"] =
        json!([{"state": "resolved", "content": "Over."}, null, {"state": "recovering", "content": "Better."}]);
    let general = notice(4, "general", &json!(null), "present");
    let lists = [notices(&[over, open.clone(), general]), notices(&[open, json!(null)])];
    let list = components(1..3, &json!(null));
    let report =
        read_parts(&[Some(&status(&json!("operational"))), Some(&list), Some(&lists[0]), Some(&lists[1])]).unwrap();
    let keys: Vec<_> = report.incidents.iter().map(|told| told.key.as_str()).collect();
    assert_eq!(keys, ["3", "2"]);
    let told = &report.incidents[1];
    assert_eq!((told.title.as_str(), told.impact), ("Slow & slower", None));
    assert_eq!(told.started_at.unwrap().to_string(), "2026-01-01T00:00:00.000Z");
    assert_eq!(told.updated_at.unwrap().to_string(), "2026-01-01T02:00:00.000Z");
    assert_eq!((told.updates[0].state, told.updates[0].text.as_str()), (Some(told.state), "We look."));
    assert_eq!(told.url.as_deref(), Some("https://status.acme.example/notices/x"));
    assert_eq!(report.incidents[0].resolved_at.unwrap().to_string(), "2026-01-01T03:00:00.000Z");
    assert_eq!(report.incidents[0].updates.len(), 2);
    assert_eq!(report.services[1].dimensions["incident"], "2".into(), "the open one");
    assert!(!report.services[2].dimensions.contains_key("incident"));
}

#[test]
fn a_status_leads_to_all_pages_of_components_then_to_the_notices_that_are_not_past() {
    let at = |path: &str| format!("https://status.acme.example/api/v1/{path}");
    let (first, second) = (at("components"), at("components?page=2"));
    let (present, future) =
        (at("notices?filter%5Btimeline_state_eq%5D=present"), at("notices?filter%5Btimeline_state_eq%5D=future"));
    let (one, two) = (components(1..26, &json!("/api/v1/components?page=2")), components(26..30, &json!(null)));
    let told = notices(&[]);
    let there = [(first.as_str(), &one), (&second, &two), (&present, &told), (&future, &told)];
    let good = status(&json!("operational"));
    let all = [first.as_str(), &second, &present, &future];
    assert_eq!(led_to(STATUS, &good, &there), all);
    assert_eq!(led_to(&at("status"), &good, &there), all);
    assert_eq!(led_to(&at("status"), &good, &[]), [first.as_str(), &present, &future]);
    assert_eq!(led_to(&first, &one, &there), [second.as_str()], "components lead to no more than their pages");

    // A page that leads to itself is the last.
    let circle = components(1..2, &json!("/api/v1/components"));
    assert_eq!(led_to(STATUS, &good, &[(first.as_str(), &circle)]), [first.as_str(), &present, &future]);
}

#[test]
fn an_unusual_address_follows_the_links_as_long_as_they_stay_on_the_host() {
    let from = "https://status.acme.example/health";
    let found = led_to(from, &status(&json!("operational")), &[]);
    assert_eq!(found[0], "https://status.acme.example/api/v1/components");
    assert!(found[1].starts_with("https://status.acme.example/api/v1/notices?"));
    let mut away = status(&json!("operational"));
    away["page"]["links"] = json!({"components": {"href": "https://evil.example/api/v1/components"}, "notices": null});
    assert!(led_to(from, &away, &[]).is_empty());
}

#[test]
fn a_part_that_is_something_else_is_a_failure() {
    let good = status(&json!("operational"));
    for stranger in [json!({"status": 500, "error": "x"}), json!([]), json!({"components": null})] {
        let error = read_parts(&[Some(&good), None, Some(&stranger)]).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Sorry")), "{stranger}: {error}");
    }
    let url = Url::parse(STATUS).unwrap();
    let body = good.to_string();
    let first = Part { url: &url, document: Some(Document::new(body.as_bytes())) };
    let login = Part { url: &url, document: Some(Document::new(b"<html>Sign in</html>")) };
    assert!(matches!(next(&[first, login]), Err(ParseError::Unrecognised(_))));
    assert!(matches!(parse(&[first, login]), Err(ParseError::Unrecognised(_))));
    assert_eq!(read_parts(&[Some(&good), None, None, None]).unwrap().services.len(), 1);
}

#[test]
fn other_documents_are_refused() {
    for (stranger, said) in [
        (notices(&[notice(1, "unplanned", &json!("investigating"), "present")]), "history"),
        (json!({"page": {"name": "Acme", "status": "UP"}}), "the keys page"),
        (json!({"page": {"name": "Acme", "state": 1}}), "the keys page"),
        (json!({"page": {"id": "p", "name": "Acme"}, "status": {"indicator": "none"}}), "page, status"),
        (json!({"components": [{"id": "a", "name": "A", "status": "OPERATIONAL", "group": null}]}), "components"),
        (json!({"components": []}), "components"),
        (json!({"status": 500, "error": "x"}), "error, status"),
        (json!([]), "an empty list"),
    ] {
        let error = read(&stranger).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(text) if text.contains(said)), "{stranger}: {error}");
    }
    assert!(matches!(parse(&[]), Err(ParseError::Malformed(_))));
    assert!(next(&[]).unwrap().is_none());
}

#[test]
fn a_list_of_components_that_breaks_off_is_a_failure() {
    let url = |path: &str| Url::parse(&format!("https://status.acme.example/api/v1/{path}")).unwrap();
    let urls = [url("status"), url("components"), url("components?page=2")];
    let bodies = [status(&json!("operational")), components(1..3, &json!("/api/v1/components?page=2"))];
    let bodies = bodies.map(|body| body.to_string());
    let bodies = bodies.each_ref().map(|body| Some(Document::new(body.as_bytes())));
    let parts: Vec<_> =
        urls.iter().zip(bodies.into_iter().chain([None])).map(|(url, document)| Part { url, document }).collect();
    assert_eq!(next(&parts[..2]).unwrap().as_ref(), Some(&urls[2]));
    assert!(matches!(next(&parts), Err(ParseError::Malformed(_))));
}
