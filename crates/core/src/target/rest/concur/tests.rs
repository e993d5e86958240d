use super::*;
use crate::schema::Status;
use serde_json::json;

fn read_at(value: &Value, now: Option<&str>) -> Result<Report, ParseError> {
    let text = value.to_string();
    let document = Document::new(text.as_bytes());
    parse(&match now.and_then(Timestamp::parse_rfc3339) {
        Some(now) => document.asked_at(now),
        None => document,
    })
}

fn read(value: &Value) -> Result<Report, ParseError> {
    read_at(value, None)
}

fn seen(report: &Report) -> Vec<(&str, Status)> {
    report.services.iter().map(|service| (service.key.as_str(), service.status)).collect()
}

fn event(id: u32, status: &str, severity: &str) -> Value {
    let message = |id: u32, kind: &str, at: &str, body: Value| json!({"id": id, "message_type": kind, "created_date": at, "broadcast": "Y", "body": body});
    let resolved = status == "RESOLVED";
    json!({
        "id": id, "jira_id": "OPI-1", "status": status, "severity": severity,
        "affected_services": ["Expense", "Travel"], "data_centers": ["US2", "EU2"],
        "start_date": "2026-07-24T10:57:00+0000", "start_epoch": 1_784_890_620,
        "end_date": if resolved { json!("2026-07-24T12:02:00+0000") } else { json!(null) }, "end_epoch": null,
        "created_epoch": 1_784_896_857,
        "messages": [
            message(1, "Issue Identified", "2026-07-24T12:41:06+0000", json!("We look.")),
            message(2, "Issue Status Update", "2026-07-24T13:00:54+0000", json!({"de": "Langsam.", "en": "It&apos;s slow."})),
        ],
    })
}

mod banner {
    use super::*;

    fn shown(display: &Value) -> Report {
        let text = json!({"de": "Problem", "en": "Issue Alert – we <b>look</b>."});
        read(&json!({"data": {"display": display, "text": text}, "success": true})).unwrap()
    }

    #[test]
    fn whether_it_is_shown_is_all_that_matters() {
        for (display, status, is_known) in [
            (json!(false), Status::Ok, true),
            (json!("false"), Status::Ok, true),
            (json!(true), Status::Degraded, true),
            (json!("TRUE"), Status::Degraded, true),
            (json!("sometimes"), Status::Unknown, false),
            (json!(null), Status::Unknown, false),
        ] {
            let report = shown(&display);
            assert_eq!(seen(&report), [("page", status)], "{display}");
            assert_eq!(report.unknown_words.is_empty(), is_known, "{display}");
            assert_eq!(report.incidents.is_empty(), status == Status::Ok, "{display}");
        }
    }

    #[test]
    fn a_banner_without_text_has_a_title_all_the_same() {
        for text in [json!(null), json!({}), json!({"en": 7})] {
            let report = read(&json!({"data": {"display": true, "text": text}})).unwrap();
            assert_eq!(
                (report.services[0].status, report.incidents[0].title.as_str()),
                (Status::Degraded, "SAP Concur")
            );
        }
        assert_eq!(seen(&read(&json!({"data": {"display": false}, "success": true})).unwrap()), [("page", Status::Ok)]);
    }

    #[test]
    fn it_stands_for_all_of_concur_and_has_no_time() {
        let report = shown(&json!(true));
        let page = &report.services[0];
        assert_eq!((page.name.as_str(), page.last_timestamp), ("SAP Concur", None));
        assert_eq!((&page.dimensions["scope"], &page.dimensions["incident"]), (&"page".into(), &"banner".into()));
        assert_eq!(report.incidents[0].title, "Issue Alert – we look.");
        assert!(!shown(&json!(false)).services[0].dimensions.contains_key("incident"));
    }
}

mod status_history {
    use super::*;

    fn history(status: &str, current: &Value, past: &Value) -> Value {
        json!({
            "success": false,
            "data": {
                "Expense": {
                    "Service": "Expense",
                    "Current Status": {"status": status, "incidents": current},
                    "2026-07-24T-0500": {"status": status, "incidents": current},
                    "2026-07-23T-0500": {"status": "disruption", "incidents": past},
                },
                "Travel": {"Service": "Travel", "Current Status": {"status": "normal", "incidents": []}},
                "Ghost": {"Service": "Ghost"},
            },
        })
    }

    #[test]
    fn every_word_of_the_vocabulary_and_one_that_is_none() {
        for (word, status, is_known) in [
            ("normal", Status::Ok, true),
            ("Degradation", Status::Degraded, true),
            ("disruption", Status::Outage, true),
            ("sparkling", Status::Unknown, false),
            ("", Status::Unknown, false),
        ] {
            let report = read(&history(word, &json!([]), &json!([]))).unwrap();
            assert_eq!(seen(&report), [("Expense", status), ("Travel", Status::Ok)], "{word}");
            assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
        }
    }

    #[test]
    fn the_present_status_counts_and_the_days_before_are_history() {
        let report = read(&history("normal", &json!([]), &json!([event(1, "RESOLVED", "disruption")]))).unwrap();
        assert_eq!(seen(&report)[0], ("Expense", Status::Ok));
        assert_eq!(report.services[0].last_timestamp, None);
        assert_eq!((report.incidents.len(), report.incidents[0].is_open()), (1, false));
    }

    #[test]
    fn an_open_incident_names_its_service_and_is_told_once() {
        let current = json!([event(1, "RESOLVED", "disruption"), event(2, "INVESTIGATION", "degradation")]);
        let report = read(&history("disruption", &current, &json!([]))).unwrap();
        let service = &report.services[0];
        assert_eq!((service.status, &service.dimensions["incident"]), (Status::Outage, &"2".into()));
        assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-07-24T13:00:54.000Z");
        let told: Vec<_> = report.incidents.iter().map(|told| (told.key.as_str(), told.is_open())).collect();
        assert_eq!(told, [("2", true), ("1", false)]);
        assert_eq!(report.incidents[0].services, ["Expense", "Travel"]);
    }
}

mod incidents {
    use super::*;

    #[test]
    fn the_severity_of_an_open_incident_counts_in_each_of_its_data_centres() {
        for (severity, status, is_known) in [
            ("disruption", Status::Outage, true),
            ("degradation", Status::Degraded, true),
            ("normal", Status::Ok, true),
            ("catastrophe", Status::Unknown, false),
            ("", Status::Unknown, false),
        ] {
            let report = read(&json!({"incidents": [event(7, "INVESTIGATION", severity)]})).unwrap();
            let places = ["Expense/US2", "Expense/EU2", "Travel/US2", "Travel/EU2"];
            assert_eq!(seen(&report), places.map(|place| (place, status)), "{severity}");
            assert_eq!(report.unknown_words.is_empty(), is_known, "{severity}");
            assert_eq!(report.incidents[0].services, places);
        }
    }

    #[test]
    fn an_incident_is_told_in_english_with_its_newest_message_as_title() {
        let report = read(&json!({"incidents": [event(7, "INVESTIGATION", "disruption")]})).unwrap();
        let service = &report.services[0];
        assert_eq!((service.name.as_str(), &service.dimensions["region"]), ("Expense", &"US2".into()));
        assert_eq!(service.dimensions["incident"], "7".into());
        assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-07-24T13:00:54.000Z");
        let told = &report.incidents[0];
        assert_eq!((told.title.as_str(), told.impact), ("It's slow.", Some(Status::Outage)));
        assert_eq!(
            (told.state, told.updates[1].state),
            (IncidentState::Investigating, Some(IncidentState::Investigating))
        );
        assert_eq!(told.started_at.unwrap().to_string(), "2026-07-24T10:57:00.000Z");
        assert_eq!(told.resolved_at, None);
    }

    #[test]
    fn history_is_not_state_and_an_open_incident_below_it_is_found() {
        let past = (0..200).map(|id| event(id, "RESOLVED", "disruption"));
        let all: Vec<_> = past.chain([event(999, "INVESTIGATION", "degradation")]).collect();
        let report = read(&json!({"incidents": all})).unwrap();
        assert_eq!(report.services.len(), 4);
        assert!(report.services.iter().all(|service| service.status == Status::Degraded));
        assert_eq!(report.incidents.len(), 1 + crate::target::rest::incident::MAX_CLOSED);
        assert_eq!(report.incidents[1].resolved_at.unwrap().to_string(), "2026-07-24T12:02:00.000Z");
    }

    #[test]
    fn an_end_in_the_past_closes_what_has_no_known_state_and_calms_what_is_open() {
        let now = Some("2026-07-24T12:00:00Z");
        let (past, ahead) = (json!("2026-07-24T11:00:00+0000"), json!("2026-07-24T13:00:00+0000"));
        for (word, end, now, state, status) in [
            ("INVESTIGATION", &past, now, IncidentState::Monitoring, Some(Status::Ok)),
            ("INVESTIGATION", &ahead, now, IncidentState::Investigating, Some(Status::Outage)),
            ("INVESTIGATION", &past, None, IncidentState::Monitoring, Some(Status::Ok)),
            ("monitoring", &json!(null), now, IncidentState::Monitoring, Some(Status::Outage)),
            ("RESOLVED", &json!(null), now, IncidentState::Resolved, None),
            ("PONDERING", &past, now, IncidentState::Resolved, None),
            ("PONDERING", &json!(null), now, IncidentState::Investigating, Some(Status::Unknown)),
            ("", &json!(null), now, IncidentState::Investigating, Some(Status::Unknown)),
        ] {
            let mut event = event(7, word, "disruption");
            event["end_date"] = end.clone();
            let report = read_at(&json!({"incidents": [event]}), now).unwrap();
            assert_eq!(report.incidents[0].state, state, "{word} {end}");
            assert_eq!(report.services.first().map(|service| service.status), status, "{word} {end}");
            assert_eq!(report.unknown_words.is_empty(), status != Some(Status::Unknown), "{word} {end}");
        }
    }

    #[test]
    fn an_incident_without_services_is_about_all_of_them() {
        let mut bare = event(7, "INVESTIGATION", "disruption");
        (bare["affected_services"], bare["data_centers"], bare["messages"]) = (json!([]), json!([]), json!([]));
        let report = read(&json!({"incidents": [bare]})).unwrap();
        assert_eq!(seen(&report), [("SAP Concur", Status::Outage)]);
        assert!(!report.services[0].dimensions.contains_key("region"));
        assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-07-24T12:40:57.000Z");
        assert_eq!(report.incidents[0].title, "OPI-1");

        (bare["id"], bare["jira_id"]) = (json!(null), json!(null));
        let report = read(&json!({"incidents": [bare]})).unwrap();
        assert_eq!(seen(&report), [("SAP Concur", Status::Outage)], "it counts without an id, too");
    }

    #[test]
    fn a_flood_of_services_is_no_answer() {
        let mut flood = event(7, "INVESTIGATION", "disruption");
        let names: Vec<_> = (0..300).map(|number| number.to_string()).collect();
        (flood["affected_services"], flood["data_centers"]) = (json!(names), json!(names));
        assert!(read(&json!({"incidents": [flood]})).unwrap_err().to_string().contains("at most"));
    }
}

#[test]
fn other_documents_are_refused() {
    for stranger in [
        json!(null),
        json!([]),
        json!({"success": true}),
        json!({"data": {}, "success": true}),
        json!({"data": {"text": {"en": "Issue Alert"}}}),
        json!({"data": {"display": false}}),
        json!({"data": {"Expense": {"Service": "Expense"}}}),
        json!({"data": {"severity": [], "category": []}}),
        json!({"incidents": []}),
        json!({"incidents": [{"id": "1", "name": "Slow", "status": "resolved", "components": []}]}),
        json!({"status": 500, "error": "x"}),
    ] {
        let error = read(&stranger).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Concur")), "{stranger}: {error}");
    }
}
