use super::*;
use crate::target::Coverage;
use serde_json::json;

const ARN: &str = "arn:aws:health:me-central-1::event/MULTIPLE_SERVICES/AWS_MULTIPLE_SERVICES_OPERATIONAL_ISSUE/1";

fn read(value: &Value) -> Result<Report, ParseError> {
    parse(&Document::new(value.to_string().as_bytes()))
}

/// An open event about one service; `with` replaces fields, null removes them.
fn event(with: &Value) -> Value {
    let mut event = json!({
        "date": "1788472198", "arn": ARN, "region_name": "UAE", "status": "2", "service": "ec2-me-central-1",
        "service_name": "Amazon Elastic Compute Cloud", "summary": "Increased &lt;API&gt; Error Rates",
        "event_log": [
            {"summary": "Increased Error Rates", "message": "We look.", "status": 1, "timestamp": 1_788_472_198},
            {"summary": "Increased Error Rates", "message": "We see.", "status": 2, "timestamp": 1_788_475_000},
        ],
    });
    for (key, value) in with.as_object().unwrap() {
        if value.is_null() {
            event.as_object_mut().unwrap().remove(key);
        } else {
            event[key] = value.clone();
        }
    }
    event
}

/// An open event about several services, one of which is well again.
fn wide() -> Value {
    let change = |service: &str, current: &str, timestamp: i64| json!({"service": service, "previous_status": "0", "current_status": current, "timestamp": timestamp});
    event(&json!({
        "status": "3", "service": "multipleservices-me-central-1", "service_name": "Multiple services",
        "impacted_services": {
            "s3-me-central-1": {"service_name": "Amazon Simple Storage Service", "current": "3", "max": "3"},
            "sts-me-central-1": {"service_name": "AWS Security Token Service", "current": "1", "max": "2"},
            "cloudfront": {"service_name": "Amazon CloudFront", "current": "0", "max": "1"},
        },
        "impacted_service_status_changes": [
            change("sts-me-central-1", "1", 1_788_476_000_250),
            change("sts-me-central-1", "2", 1_788_472_198_000),
            change("cloudfront", "1", 1_788_472_198_000),
            change("cloudfront", "0", 1_788_473_000_000),
        ],
    }))
}

fn seen(report: &Report) -> Vec<(&str, Status)> {
    report.services.iter().map(|service| (service.key.as_str(), service.status)).collect()
}

fn time_of(report: &Report, key: &str) -> String {
    let service = report.services.iter().find(|service| service.key == key).unwrap();
    service.last_timestamp.unwrap().to_string()
}

#[test]
fn every_digit_and_one_that_is_none() {
    for (digit, status, is_known) in [
        (json!("1"), Status::Degraded, true),
        (json!(2), Status::Degraded, true),
        (json!("3"), Status::Outage, true),
        (json!("4"), Status::Unknown, false),
        (json!("disrupted"), Status::Unknown, false),
        (json!({}), Status::Unknown, false),
    ] {
        let report = read(&json!([event(&json!({"status": digit}))])).unwrap();
        assert_eq!(seen(&report), [("ec2-me-central-1", status)], "{digit}");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{digit}");
    }
    for digit in [json!("0"), json!(0)] {
        assert!(read(&json!([event(&json!({"status": digit}))])).unwrap().services.is_empty());
    }
}

#[test]
fn a_service_has_its_name_its_region_and_the_incident() {
    let report = read(&json!([event(&json!({}))])).unwrap();
    let service = &report.services[0];
    assert_eq!((service.name.as_str(), report.coverage), ("Amazon Elastic Compute Cloud", Coverage::OpenOnly));
    for (name, value) in [("serviceId", "ec2-me-central-1"), ("region", "me-central-1"), ("incident", ARN)] {
        assert_eq!(service.dimensions[name], value.into());
    }
    assert_eq!(time_of(&report, "ec2-me-central-1"), "2026-09-03T22:36:40.000Z");

    for (slug, arn, region) in [
        ("billingconsole", "arn:aws:health:us-east-1::event/1", None),
        ("iam", "arn:aws:health:global::event/1", None),
        ("ec2-eusc-de-east-1", "arn:aws-eusc:health:eusc-de-east-1::event/1", Some("eusc-de-east-1")),
        ("ec2-cn-north-1", "arn:aws-cn:health:cn-north-1::event/1", Some("cn-north-1")),
    ] {
        let report = read(&json!([event(&json!({"service": slug, "arn": arn}))])).unwrap();
        assert_eq!(report.services[0].dimensions.get("region"), region.map(Into::into).as_ref(), "{slug}");
    }
}

#[test]
fn several_services_are_told_one_by_one() {
    let report = read(&json!([wide()])).unwrap();
    let mut statuses = seen(&report);
    statuses.sort_unstable();
    assert_eq!(
        statuses,
        [("cloudfront", Status::Ok), ("s3-me-central-1", Status::Outage), ("sts-me-central-1", Status::Degraded)]
    );
    let named: Vec<_> = report.services.iter().filter(|service| service.dimensions.contains_key("incident")).collect();
    assert_eq!(named.len(), 2, "not the one that is well again");
    assert!(report.services.iter().all(|service| service.name.starts_with('A')));
    assert_eq!(report.incidents[0].services.len(), 3);
    assert_eq!(report.incidents[0].impact, Some(Status::Outage));
}

#[test]
fn times_are_in_seconds_but_for_the_changes_of_services() {
    let report = read(&json!([wide()])).unwrap();
    assert_eq!(time_of(&report, "sts-me-central-1"), "2026-09-03T22:53:20.250Z", "its change is newer than any post");
    assert_eq!(time_of(&report, "s3-me-central-1"), "2026-09-03T22:36:40.000Z", "it never changed: the newest post");
    assert_eq!(time_of(&report, "cloudfront"), "2026-09-03T22:03:20.000Z", "later posts are about the others");
    assert_eq!(report.incidents[0].updated_at.unwrap().to_string(), "2026-09-03T22:53:20.250Z");
    assert_eq!(report.incidents[0].started_at.unwrap().to_string(), "2026-09-03T21:49:58.000Z");

    for nothing in [json!("0"), json!("soon"), json!(""), json!(9e300)] {
        let timeless = event(&json!({"date": nothing, "event_log": null}));
        assert_eq!(read(&json!([timeless])).unwrap().services[0].last_timestamp, None, "{nothing}");
    }
}

#[test]
fn closed_events_never_count_wherever_they_stand() {
    for closing in [
        json!({"end_time": "1788480474"}),
        json!({"status": "0"}),
        json!({"end_time": 1_788_480_474}),
        json!({"summary": "[RESOLVED] Increased Error Rates"}),
    ] {
        let mut closed = wide();
        closed["summary"] = "Increased Error Rates".into();
        closed.as_object_mut().unwrap().extend(closing.as_object().unwrap().clone());
        let report = read(&json!([closed, event(&json!({}))])).unwrap();
        assert_eq!(seen(&report), [("ec2-me-central-1", Status::Degraded)], "{closing}");
        let told = report.incidents.last().unwrap();
        assert_eq!((told.state, told.impact), (IncidentState::Resolved, Some(Status::Outage)));
        assert_eq!(told.title, "Increased Error Rates");
        assert_eq!(told.resolved_at.is_some(), closing.get("end_time").is_some());
    }
    for open in [json!({"end_time": ""}), json!({"end_time": "0"}), json!({"summary": "Not resolved"})] {
        assert_eq!(read(&json!([event(&open)])).unwrap().services.len(), 1, "{open}");
    }
}

#[test]
fn an_open_event_whose_services_are_all_well_is_being_watched() {
    let mut over = wide();
    for (_, impact) in over["impacted_services"].as_object_mut().unwrap() {
        impact["current"] = "0".into();
    }
    let report = read(&json!([over])).unwrap();
    assert!(report.services.iter().all(|service| service.status == Status::Ok));
    assert_eq!((report.incidents[0].state, report.incidents[0].impact), (IncidentState::Monitoring, Some(Status::Ok)));
}

#[test]
fn where_a_service_says_nothing_of_itself_the_event_does() {
    let report = read(&json!([event(&json!({
        "status": "3", "impacted_services": {"a-us-east-1": {}, "b-us-east-1": {"current": null, "service_name": null}},
    }))]))
    .unwrap();
    assert_eq!(seen(&report), [("a-us-east-1", Status::Outage), ("b-us-east-1", Status::Outage)]);
    assert_eq!(report.services[1].name, "b");
    let report = read(&json!([event(&json!({"impacted_services": {}}))])).unwrap();
    assert_eq!(seen(&report), [("ec2-me-central-1", Status::Degraded)]);
}

#[test]
fn of_several_events_on_one_service_the_worst_counts() {
    let worse = event(&json!({"arn": "arn:aws:health:me-central-1::event/2", "status": "3", "event_log": null}));
    let report = read(&json!([event(&json!({})), worse])).unwrap();
    assert_eq!(seen(&report), [("ec2-me-central-1", Status::Outage)]);
    assert_eq!(report.services[0].dimensions["incident"], "arn:aws:health:me-central-1::event/2".into());
    assert_eq!(time_of(&report, "ec2-me-central-1"), "2026-09-03T22:36:40.000Z");
}

#[test]
fn posts_become_updates() {
    let report = read(&json!([event(&json!({}))])).unwrap();
    let incident = &report.incidents[0];
    assert_eq!((incident.key.as_str(), incident.title.as_str()), (ARN, "Increased <API> Error Rates"));
    assert_eq!((incident.state, incident.impact), (IncidentState::Investigating, Some(Status::Degraded)));
    let said: Vec<_> = incident.updates.iter().map(|update| (update.text.as_str(), update.at.is_some())).collect();
    assert_eq!(said, [("We see.", true), ("We look.", true)]);
}

#[test]
fn the_data_before_2023_is_read_without_its_archive() {
    let old = |status: &str, service: &str| {
        json!({
            "service_name": "Amazon Kinesis Data Streams (N. Virginia)", "summary": "Increased API error rates",
            "date": "1606314960", "status": status, "details": "", "service": service,
            "description": "<div><span> 6:36 AM PST</span>&nbsp;We look.</div><div><span> 7:50 AM PST</span>&nbsp;We see.</div>",
        })
    };
    let current = [old("3", "kinesis-us-east-1"), old("0", "cognito-us-east-1"), old("1", "cloudfront")];
    let report = read(&json!({"archive": [old("3", "ec2-us-east-1")], "current": current})).unwrap();
    assert_eq!(seen(&report), [("kinesis-us-east-1", Status::Outage), ("cloudfront", Status::Degraded)]);
    assert_eq!(report.services[0].name, "Amazon Kinesis Data Streams");
    assert_eq!(time_of(&report, "kinesis-us-east-1"), "2020-11-25T14:36:00.000Z");
    assert_eq!(report.services[0].dimensions["incident"], "kinesis-us-east-1_1606314960".into());
    assert_eq!(report.incidents.len(), 3);
    let said: Vec<_> = report.incidents[0].updates.iter().map(|update| update.text.as_str()).collect();
    assert_eq!(said, ["7:50 AM PST We see.", "6:36 AM PST We look."]);

    for archive in [json!([]), json!([old("1", "ec2-us-east-1")])] {
        assert!(read(&json!({"current": [], "archive": archive})).unwrap().services.is_empty());
    }
}

#[test]
fn an_empty_list_is_all_good_in_any_encoding() {
    assert!(read(&json!([])).unwrap().services.is_empty());
    let utf16 = [0xFE, 0xFF].into_iter().chain("[]".encode_utf16().flat_map(u16::to_be_bytes)).collect::<Vec<_>>();
    let report = parse(&Document::new(&utf16).with_charset(Some("utf-16"))).unwrap();
    assert!(report.services.is_empty() && report.incidents.is_empty());
}

#[test]
fn other_documents_are_refused() {
    for stranger in [
        json!({"current": []}),
        json!({"current": [], "archive": [{"id": 1}]}),
        json!({"current": [null], "archive": []}),
        json!({"status": 500, "error": "x"}),
        json!([{"id": "inc1", "begin": "2026-06-05T07:00:00+00:00", "most_recent_update": {}}]),
        json!([{"service": "Exchange", "status": "serviceOperational", "id": "Exchange", "issues": []}]),
        json!([{"service": "x", "date": "2026-01-01", "summary": "y", "status": "1"}]),
        json!([event(&json!({})), {}]),
        json!([event(&json!({"service": null}))]),
        json!("x"),
    ] {
        let error = read(&stranger).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("AWS")), "{stranger}: {error}");
    }
    let whole = json!([wide()]).to_string();
    assert!(matches!(parse(&Document::new(&whole.as_bytes()[..whole.len() / 2])), Err(ParseError::Malformed(_))));
}
