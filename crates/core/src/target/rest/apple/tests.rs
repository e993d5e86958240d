use serde_json::json;

use super::*;
use crate::schema::Status;
use crate::target::Filter;

/// Wednesday, 29 July 2026, 22:24 UTC.
const START: i64 = 1_785_363_840_000;
const HOUR: i64 = 3_600_000;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn read_at(value: &Value, now: Option<i64>) -> Report {
    let bytes = value.to_string();
    let document = Document::new(bytes.as_bytes());
    let document = now.map_or(document, |now| document.asked_at(at(now)));
    parse(&document).unwrap().finish(&Filter::default()).unwrap()
}

fn event(with: &Value) -> Value {
    let mut event = json!({
        "messageId": "1000005806", "statusType": "Outage", "message": "Users may &amp; may not buy.",
        "datePosted": "07/29/2026 20:20 PDT", "epochStartDate": START, "epochEndDate": null, "eventStatus": "ongoing",
    });
    for (key, field) in with.as_object().unwrap() {
        event[key] = field.clone();
    }
    event
}

fn services(rows: &[(&str, Vec<Value>)]) -> Value {
    let row = |(name, events): &(&str, Vec<Value>)| json!({"serviceName": name, "redirectUrl": null, "events": events});
    json!({"drMessage": null, "services": rows.iter().map(row).collect::<Vec<_>>(), "drpost": false})
}

#[test]
fn every_type_and_one_that_is_none() {
    for (kind, status, is_known) in [
        (json!("Outage"), Status::Outage, true),
        (json!("issue"), Status::Degraded, true),
        (json!("Performance"), Status::Degraded, true),
        (json!("Maintenance"), Status::Degraded, true),
        (json!("Mystery"), Status::Unknown, false),
        (json!(null), Status::Unknown, false),
    ] {
        let list = services(&[("App Store", vec![event(&json!({"statusType": kind}))]), ("Maps", vec![])]);
        let report = read_at(&list, Some(START));
        let seen: Vec<_> = report.services.iter().map(|service| (service.key.as_str(), service.status)).collect();
        assert_eq!(seen, [("App Store", status), ("Maps", Status::Ok)], "{kind}");
        let store = &report.services[0];
        assert_eq!(store.dimensions.contains_key("maintenance"), kind == "Maintenance");
        assert_eq!(store.dimensions.contains_key("incident"), kind != "Maintenance");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{kind}");
        assert_eq!((store.last_timestamp, report.services[1].last_timestamp), (Some(at(START)), None));
    }
}

#[test]
fn the_times_tell_what_goes_on() {
    let end = START + HOUR;
    let (live, over, ahead) = (IncidentState::Investigating, IncidentState::Resolved, IncidentState::Scheduled);
    for (end, word, now, state) in [
        (json!(null), json!("ongoing"), Some(START), live),
        (json!(null), json!(null), Some(START), live),
        (json!(end), json!("ongoing"), Some(end - 1), live),
        (json!(end.to_string()), json!("ongoing"), Some(end - 1), live),
        (json!(end), json!("ongoing"), Some(end), over),
        (json!(null), json!("ongoing"), Some(START - 1), ahead),
        (json!(end), json!("upcoming"), Some(START - 1), ahead),
        (json!(end), json!("upcoming"), Some(START), live),
        (json!(end), json!("resolved"), Some(end), over),
        (json!(null), json!("Resolved"), Some(end), over),
        (json!(end), json!("completed"), Some(START + 1), over),
        (json!(end), json!("ongoing"), None, over),
        (json!(null), json!("ongoing"), None, live),
        (json!(null), json!("completed"), None, over),
    ] {
        let list = services(&[("Maps", vec![event(&json!({"epochEndDate": end, "eventStatus": word}))])]);
        let report = read_at(&list, now);
        assert_eq!(report.incidents[0].state, state, "{end} {word} {now:?}");
        let expected = if state == live { Status::Outage } else { Status::Ok };
        assert_eq!(report.services[0].status, expected, "{end} {word} {now:?}");
        assert_eq!(report.services[0].dimensions.contains_key("incident"), state != over);
    }
}

#[test]
fn of_several_events_the_worst_that_goes_on_counts() {
    let over = event(&json!({"messageId": "1", "epochEndDate": START + HOUR}));
    let slow = event(&json!({"messageId": "2", "statusType": "Performance", "epochStartDate": START + 2 * HOUR}));
    let work = event(&json!({"messageId": "3", "statusType": "Maintenance", "epochStartDate": START + 3 * HOUR}));
    let now = Some(START + 4 * HOUR);
    let report = read_at(&services(&[("Maps", vec![over.clone(), work, slow])]), now);
    let maps = &report.services[0];
    assert_eq!((maps.status, maps.last_timestamp), (Status::Degraded, Some(at(START + 3 * HOUR))));
    assert!(!maps.dimensions.contains_key("maintenance"), "the trouble is not planned");
    assert_eq!(maps.dimensions["incident"], "2".into());
    let kinds: Vec<_> = report.incidents.iter().map(|one| (one.kind, one.state)).collect();
    let expected = [
        (IncidentKind::Incident, IncidentState::Resolved),
        (IncidentKind::Maintenance, IncidentState::InProgress),
        (IncidentKind::Incident, IncidentState::Investigating),
    ];
    assert_eq!(kinds, expected);

    let report = read_at(&services(&[("Maps", vec![over])]), now);
    assert_eq!((report.services[0].status, report.services[0].last_timestamp), (Status::Ok, Some(at(START + HOUR))));
}

#[test]
fn an_event_is_told_once_for_all_its_services() {
    let over = json!({"epochEndDate": START + HOUR, "eventStatus": "resolved"});
    let list = services(&[("App Store", vec![event(&over)]), ("Mac App Store", vec![event(&json!({}))])]);
    let report = read_at(&list, Some(START + 2 * HOUR));
    assert_eq!(report.incidents.len(), 1);
    let told = &report.incidents[0];
    assert_eq!((told.key.as_str(), told.title.as_str()), ("1000005806", "Users may & may not buy."));
    assert_eq!((told.state, told.impact), (IncidentState::Investigating, Some(Status::Outage)));
    assert_eq!(told.services, ["App Store", "Mac App Store"]);
    assert_eq!((told.started_at, told.resolved_at), (Some(at(START)), None));
    assert_eq!(report.services[0].status, Status::Ok, "for this one it is over");

    let planned = |with: &Value| {
        let mut planned = event(with);
        planned["statusType"] = "Maintenance".into();
        vec![planned]
    };
    let ahead = planned(&json!({"epochStartDate": START + HOUR}));
    let report = read_at(&services(&[("Maps", ahead), ("News", planned(&json!({})))]), Some(START));
    let told = &report.incidents[0];
    assert_eq!((told.state, told.started_at), (IncidentState::InProgress, Some(at(START))), "for one it has begun");

    let nameless = json!({"messageId": null, "message": null});
    let report = read_at(&services(&[("Maps", vec![event(&nameless)])]), None);
    let told = &report.incidents[0];
    assert_eq!((told.key.as_str(), told.title.as_str()), ("Maps/2026-07-29T22:24:00.000Z", "Maps"));
}

#[test]
fn the_script_is_read_as_what_it_hands_over() {
    let list = services(&[("Maps", vec![event(&json!({"message": "A (short) outage; sorry)"}))])]).to_string();
    let plain = parse(&Document::new(list.as_bytes())).unwrap();
    assert_eq!(plain.services[0].status, Status::Outage);
    for script in [format!("jsonCallback({list});"), format!(" jsonCallback( {list} ) ;\n"), format!("a.b({list})")] {
        assert_eq!(parse(&Document::new(script.as_bytes())).unwrap(), plain, "{script}");
    }
    for stranger in [
        format!("jsonCallback({list}"),
        "jsonCallback({});".to_owned(),
        "<html><script>jsonCallback({})</script>".to_owned(),
        format!("Sorry ({list})!"),
        String::new(),
    ] {
        assert!(parse(&Document::new(stranger.as_bytes())).is_err(), "{stranger}");
    }
}

#[test]
fn other_documents_are_refused() {
    for stranger in [
        json!({"services": []}),
        json!({"services": [{"id": "Boards", "geographies": []}]}),
        json!({"services": [{"serviceName": "Maps"}]}),
        json!([{"serviceName": "Maps", "events": []}]),
        json!({"status": 500, "error": "x"}),
    ] {
        let error = parse(&Document::new(stranger.to_string().as_bytes())).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Apple")), "{stranger}: {error}");
    }
}
