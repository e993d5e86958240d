use super::*;
use crate::schema::{Incident, IncidentState};
use serde_json::json;

fn read(value: &Value) -> Result<Report, ParseError> {
    parse(&Document::new(value.to_string().as_bytes()))
}

/// A document with a legend of each kind of severity.
fn cloud(rows: &Value) -> Value {
    json!({
        "auth": {"status": "loggedOut"},
        "data": {
            "severity": [
                {"tid": "17", "name": "Under Investigation", "visible": "0"},
                {"tid": "20", "name": "Service Disruption", "visible": "1"},
                {"tid": 19, "name": "service degradation", "visible": 1},
                {"tid": "5", "name": "Service Degradation"},
                {"tid": "6", "name": "Informational", "visible": 0},
                {"tid": "7", "name": "Service Disruption", "visible": false},
                {"tid": "8", "name": "Meltdown", "visible": "1"},
            ],
            "category": [{"title": "all", "tid": "core_cloud_services", "subCategory": rows}],
        },
    })
}

fn event(id: u32, severity: &str, status: &str) -> Value {
    json!({
        "id": id, "alias": format!("/posts/{id}"), "title": "Logins &amp; more", "severityTid": severity, "status": status,
        "from": "Mon, 10 Aug 2026 12:50:00 UTC", "ri_date": "2026-08-10 12:50:00", "short_description": "Slow.",
    })
}

fn row(tid: &str, current: &Value, issues: &Value) -> Value {
    json!({"tid": tid, "name": format!("Service {tid}"), "status": true, "category_status": current, "issues": issues})
}

fn seen(report: &Report) -> Vec<(&str, Status)> {
    report.services.iter().map(|service| (service.key.as_str(), service.status)).collect()
}

fn only(report: &Report) -> (&Service, &Incident) {
    (&report.services[0], &report.incidents[0])
}

#[test]
fn the_legend_says_how_bad_an_event_is_and_the_status_does_not() {
    for (severity, status, is_known) in [
        ("20", Status::Outage, true),
        ("19", Status::Degraded, true),
        ("5", Status::Degraded, true),
        ("17", Status::Ok, true),
        ("6", Status::Ok, true),
        ("7", Status::Ok, true),
        ("8", Status::Unknown, false),
        ("9999", Status::Unknown, false),
        ("", Status::Unknown, false),
    ] {
        let report =
            read(&cloud(&json!([row("1", &json!([event(1, severity, "In Progress")]), &json!(null))]))).unwrap();
        assert_eq!(seen(&report), [("1", status)], "{severity}");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{severity}");
        let (service, incident) = only(&report);
        assert_eq!(service.dimensions["incident"], "1".into());
        assert_eq!((incident.state, incident.impact), (IncidentState::Investigating, Some(status)));
    }
}

#[test]
fn a_service_without_events_is_ok_and_has_no_time() {
    let report =
        read(&cloud(&json!([{"tid": "1", "name": "DNS", "status": true}, {"name": "PAC"}, {"tid": "3"}, {}]))).unwrap();
    assert_eq!(seen(&report), [("1", Status::Ok), ("PAC", Status::Ok), ("3", Status::Ok)]);
    assert_eq!(report.services[0].last_timestamp, None);
    assert_eq!(report.services[0].dimensions["serviceId"], "1".into());
    assert!(!report.services[0].dimensions.contains_key("group") && report.incidents.is_empty());
}

#[test]
fn a_status_that_is_false_is_not_read_as_well() {
    let mut denied = row("1", &json!([]), &json!([]));
    for word in [json!("0"), json!("false"), json!(0), json!(false)] {
        denied["status"] = word;
        let report = read(&cloud(&json!([denied]))).unwrap();
        assert_eq!(seen(&report), [("1", Status::Unknown)], "{}", denied["status"]);
        assert!(report.unknown_words.contains("status: false"));
    }

    denied["category_status"] = json!([event(1, "20", "In Progress")]);
    assert_eq!(seen(&read(&cloud(&json!([denied]))).unwrap()), [("1", Status::Outage)]);
}

#[test]
fn closed_events_never_count_and_an_open_one_below_them_does() {
    let closed = |id| {
        let mut event = event(id, "20", "Resolved");
        event["to"] = json!("Mon, 10 Aug 2026 15:04:41 UTC");
        event
    };
    let report = read(&cloud(&json!([row("1", &json!([closed(1)]), &json!([closed(2)]))]))).unwrap();
    assert_eq!(seen(&report), [("1", Status::Ok)]);
    let (service, incident) = only(&report);
    assert!(!service.dimensions.contains_key("incident") && service.last_timestamp.is_none());
    assert_eq!(incident.state, IncidentState::Resolved);
    assert_eq!(incident.resolved_at.unwrap().to_string(), "2026-08-10T15:04:41.000Z");

    let issues = json!([closed(1), closed(2), event(3, "19", "In Progress")]);
    let report = read(&cloud(&json!([row("1", &json!(null), &issues)]))).unwrap();
    assert_eq!(seen(&report), [("1", Status::Degraded)]);
    assert_eq!(report.incidents.len(), 3);
}

#[test]
fn history_is_told_only_so_far_and_its_words_are_no_ones_status() {
    let past: Vec<_> = (1..200).map(|id| event(id, "9999", "Resolved")).collect();
    let report = read(&cloud(&json!([row("1", &json!(null), &json!(past))]))).unwrap();
    assert_eq!(seen(&report), [("1", Status::Ok)]);
    assert!(report.unknown_words.is_empty());
    assert_eq!(report.incidents.len(), crate::target::rest::incident::MAX_CLOSED);
}

#[test]
fn the_end_of_an_event_tells_its_state_where_the_word_does_not() {
    for (word, end, status, is_known) in [
        (json!(null), json!(null), Status::Outage, true),
        (json!(null), json!("Mon, 10 Aug 2026 15:04:41 UTC"), Status::Ok, true),
        (json!("Simmering"), json!(null), Status::Outage, false),
        (json!("Simmering"), json!("Mon, 10 Aug 2026 15:04:41 UTC"), Status::Ok, false),
        (json!("monitoring"), json!(null), Status::Outage, true),
    ] {
        let mut event = event(1, "20", "");
        event["status"] = word.clone();
        event["to"] = end;
        let report = read(&cloud(&json!([row("1", &json!([event]), &json!([]))]))).unwrap();
        assert_eq!((seen(&report)[0].1, report.unknown_words.is_empty()), (status, is_known), "{word}");
    }
}

#[test]
fn an_event_on_several_services_is_told_once_as_its_current_self() {
    let mut listed = event(1, "20", "In Progress");
    listed.as_object_mut().unwrap().remove("id");
    let rows = json!([
        row("1", &json!([event(1, "19", "In Progress")]), &json!([listed])),
        row("2", &event(1, "20", "In Progress"), &json!([])),
    ]);
    let report = read(&cloud(&rows)).unwrap();
    assert_eq!(
        seen(&report),
        [("1", Status::Degraded), ("2", Status::Outage)],
        "a single event may stand without a list"
    );
    let [incident] = report.incidents.as_slice() else { panic!("{:?}", report.incidents) };
    assert_eq!((incident.services.len(), incident.impact), (2, Some(Status::Outage)));
    assert_eq!((incident.key.as_str(), incident.title.as_str()), ("1", "Logins & more"));
}

#[test]
fn an_event_that_is_over_for_one_service_is_open_as_long_as_it_is_for_another() {
    let over = row("1", &json!([]), &json!([event(1, "20", "Resolved")]));
    let open = row("2", &json!([event(1, "19", "In Progress")]), &json!([]));
    for rows in [[&over, &open], [&open, &over]] {
        let report = read(&cloud(&json!(rows))).unwrap();
        let [incident] = report.incidents.as_slice() else { panic!("{:?}", report.incidents) };
        assert_eq!((incident.state, incident.services.len()), (IncidentState::Investigating, 2));
    }
}

#[test]
fn of_several_events_the_worst_counts_and_the_newest_time() {
    let mut newest = event(2, "19", "In Progress");
    newest["from"] = json!("Tue, 11 Aug 2026 00:00:00 UTC");
    let events = json!([event(3, "17", "In Progress"), event(1, "20", "In Progress"), newest]);
    let report = read(&cloud(&json!([row("1", &events, &json!([]))]))).unwrap();
    let service = &report.services[0];
    assert_eq!((service.status, &service.dimensions["incident"]), (Status::Outage, &"1".into()));
    assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-08-11T00:00:00.000Z");
}

#[test]
fn the_posts_of_an_event_are_its_updates() {
    let mut told = event(1, "19", "In Progress");
    told["description"] = json!(
        "<div><p class=\"post_body\" id=\"post_body\">Logins&nbsp;fail.<br>We look.</p></div>\
         <div class=\"root-cause\"><strong>Root Cause:</strong> <span>unknown</span></div>\
         <div class=\"latest-update\"><p class=\"zs-update\"><strong>Latest Update - </strong>\
         <span class=\"report-time\">Wed, 12 Aug 2026 06:54:30 UTC</span></p><p>A fix &amp; a test.</p></div>\
         <div class=\"post-updates\"><div class=\"update-list update-1\"><p class=\"zs-update\">Update - \
         <span class=\"report-time\">Mon, 10 Aug 2026 16:39:38 UTC</span></p><p>Found.</p></div>\
         <div class=\"update-list update-2\"><p class=\"zs-update\">Update - \
         <span class=\"report-time\">Wed, 12 Aug 2026 06:54:30 UTC</span></p><p>A fix &amp; a test.</p></div></div>"
    );
    let report = read(&cloud(&json!([row("1", &json!([told]), &json!([]))]))).unwrap();
    let (service, incident) = only(&report);
    let said: Vec<_> = incident.updates.iter().map(|one| (one.at.unwrap().to_string(), one.text.as_str())).collect();
    let expected = [
        ("2026-08-12T06:54:30.000Z", "A fix & a test."),
        ("2026-08-10T16:39:38.000Z", "Found."),
        ("2026-08-10T12:50:00.000Z", "Logins fail. We look."),
    ];
    assert_eq!(said, expected.map(|(at, text)| (at.to_owned(), text)));
    assert_eq!(incident.started_at.unwrap().to_string(), "2026-08-10T12:50:00.000Z");
    assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-08-12T06:54:30.000Z");

    let plain = read(&cloud(&json!([row("1", &json!([event(1, "19", "In Progress")]), &json!([]))]))).unwrap();
    assert_eq!(only(&plain).1.updates[0].text, "Slow.");
}

#[test]
fn both_forms_of_times_are_utc() {
    let mut other = event(1, "19", "In Progress");
    other["from"] = json!(null);
    let report = read(&cloud(&json!([row("1", &json!([other]), &json!([]))]))).unwrap();
    assert_eq!(only(&report).1.started_at.unwrap().to_string(), "2026-08-10T12:50:00.000Z");
}

#[test]
fn a_category_with_a_title_is_a_group() {
    let mut document = cloud(&json!([row("1", &json!(null), &json!(null))]));
    document["data"]["category"][0]["title"] = json!("Private Access");
    assert_eq!(read(&document).unwrap().services[0].dimensions["group"], "Private Access".into());
}

#[test]
fn other_documents_are_refused_and_one_without_services_names_none() {
    let legend = cloud(&json!([]))["data"]["severity"].clone();
    for stranger in [
        json!(null),
        json!([]),
        json!({"data": {}}),
        json!({"data": {"category": [{"subCategory": []}]}}),
        json!({"data": {"severity": [], "category": [{"subCategory": [{"tid": "1", "name": "DNS"}]}]}}),
        json!({"data": {"severity": legend, "category": "nope"}}),
        json!({"data": {"severity": legend, "category": [{"title": "all"}]}}),
        json!({"data": {"display": false, "text": {}}}),
        json!({"status": 500, "error": "x"}),
    ] {
        let error = read(&stranger).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Zscaler")), "{stranger}: {error}");
    }
    let empty = read(&cloud(&json!([]))).unwrap();
    assert!(matches!(empty.finish(&crate::target::Filter::default()), Err(ParseError::Empty)));
}
