use super::*;
use crate::schema::Status;
use crate::target::{Coverage, Document, Filter};
use serde_json::json;

fn read_pages(pages: &[Value]) -> Result<Report, ParseError> {
    let url = Url::parse("https://graph.microsoft.com/v1.0/admin/serviceAnnouncement/healthOverviews").unwrap();
    let bodies: Vec<_> = pages.iter().map(Value::to_string).collect();
    let documents = bodies.iter().map(|body| Document::new(body.as_bytes()));
    parse(&documents.map(|document| Part { url: &url, document: Some(document) }).collect::<Vec<_>>())
}

fn read(page: &Value) -> Result<Report, ParseError> {
    read_pages(std::slice::from_ref(page))
}

fn context(collection: &str) -> String {
    format!("https://graph.microsoft.com/v1.0/$metadata#admin/serviceAnnouncement/{collection}")
}

fn overviews(rows: &[Value]) -> Value {
    json!({"@odata.context": context("healthOverviews"), "value": rows})
}

fn overview(id: &str, status: &Value, issues: &[Value]) -> Value {
    json!({"service": format!("{id} Online"), "status": status, "id": id, "issues": issues})
}

/// An issue of Exchange; `with` replaces fields.
fn issue(id: &str, with: &Value) -> Value {
    let mut issue = json!({
        "startDateTime": "2026-05-13T00:00:00Z", "endDateTime": null, "lastModifiedDateTime": "2026-05-17T11:00:42.2Z",
        "title": "Mail is &lt;late&gt;", "id": id, "impactDescription": "Mail may be late.",
        "classification": "advisory", "origin": "microsoft", "status": "serviceDegradation",
        "service": "Exchange Online", "feature": "Mail flow", "featureGroup": "Mail", "isResolved": false,
        "highImpact": null, "details": [],
        "posts": [
            {"createdDateTime": "2026-05-17T08:00:00Z", "description": {"contentType": "html", "content": "We look."}},
            {"createdDateTime": "2026-05-17T11:00:00Z", "description": {"contentType": "html", "content": "<p>We see.</p>"}},
        ],
    });
    for (key, value) in with.as_object().unwrap() {
        issue[key] = value.clone();
    }
    issue
}

fn seen(report: &Report) -> Vec<(&str, Status)> {
    report.services.iter().map(|service| (service.key.as_str(), service.status)).collect()
}

#[test]
fn every_word_of_the_vocabulary_and_one_that_is_none() {
    for (words, status) in [
        (
            "serviceOperational serviceRestored falsePositive postIncidentReviewPublished resolved resolvedExternal \
             mitigated mitigatedExternal ServiceOperational PostIncidentReviewPublished",
            Status::Ok,
        ),
        (
            "serviceDegradation investigating restoringService verifyingService extendedRecovery \
             investigationSuspended reported confirmed ServiceDegradation",
            Status::Degraded,
        ),
        ("serviceInterruption SERVICEINTERRUPTION", Status::Outage),
        ("unknownFutureValue", Status::Unknown),
    ] {
        for word in words.split(' ') {
            let report = read(&overviews(&[overview("Exchange", &json!(word), &[])])).unwrap();
            assert_eq!(seen(&report), [("Exchange", status)], "{word}");
            assert!(report.unknown_words.is_empty(), "{word}");
        }
    }
    for word in [json!("serviceMeditating"), json!(null), json!(7)] {
        let report = read(&overviews(&[overview("Exchange", &word, &[])])).unwrap();
        assert_eq!(seen(&report), [("Exchange", Status::Unknown)], "{word}");
        assert_eq!(report.unknown_words.len(), 1, "{word}");
    }
}

#[test]
fn an_overview_has_the_time_of_its_newest_issue_and_is_named_by_an_open_one() {
    let older = json!({"lastModifiedDateTime": "2026-05-01T00:00:00Z"});
    let resolved =
        json!({"isResolved": true, "lastModifiedDateTime": "2026-06-01T00:00:00Z", "status": "serviceRestored"});
    let issues = [issue("EX1", &older), issue("EX2", &json!({})), issue("EX3", &resolved)];
    let rows = [
        overview("Exchange", &json!("serviceDegradation"), &issues),
        overview("Teams", &json!("serviceOperational"), &[issue("TM1", &resolved)]),
        json!({"service": null, "status": "serviceOperational", "id": "Intune", "issues": []}),
        json!({"service": "Bookings", "status": "serviceOperational", "id": "Bookings"}),
    ];
    let report = read(&overviews(&rows)).unwrap();
    assert_eq!(report.coverage, Coverage::Complete);
    let [exchange, teams, intune, bookings] = report.services.as_slice() else { panic!("{report:?}") };
    assert_eq!((exchange.name.as_str(), &exchange.dimensions["serviceId"]), ("Exchange Online", &"Exchange".into()));
    assert_eq!(exchange.last_timestamp.unwrap().to_string(), "2026-06-01T00:00:00.000Z");
    assert_eq!(exchange.dimensions["incident"], "EX2".into());
    assert!(teams.last_timestamp.is_some() && !teams.dimensions.contains_key("incident"));
    assert_eq!((intune.name.as_str(), intune.last_timestamp), ("Intune", None));
    assert_eq!(bookings.last_timestamp, None);
    let told: Vec<_> = report.incidents.iter().map(|incident| incident.key.as_str()).collect();
    assert_eq!(told, ["EX1", "EX2", "EX3", "TM1"]);
    assert_eq!(report.incidents[0].services, ["Exchange"]);
}

#[test]
fn an_issue_becomes_an_incident() {
    for (with, state, impact) in [
        (json!({}), IncidentState::Investigating, Some(Status::Degraded)),
        (json!({"status": "ServiceInterruption"}), IncidentState::Investigating, Some(Status::Outage)),
        (json!({"status": "restoringService"}), IncidentState::Identified, Some(Status::Degraded)),
        (json!({"status": "extendedRecovery"}), IncidentState::Identified, Some(Status::Degraded)),
        (json!({"status": "verifyingService"}), IncidentState::Monitoring, Some(Status::Degraded)),
        (json!({"status": "serviceRestored"}), IncidentState::Monitoring, Some(Status::Ok)),
        (json!({"isResolved": true}), IncidentState::Resolved, None),
        (json!({"isResolved": "True"}), IncidentState::Resolved, None),
        (json!({"isResolved": null, "endDateTime": "2026-05-16T13:10:00Z"}), IncidentState::Resolved, None),
        (json!({"isResolved": null, "status": "falsePositive"}), IncidentState::Resolved, None),
        (json!({"isResolved": null}), IncidentState::Investigating, Some(Status::Degraded)),
    ] {
        let report = read(&json!([issue("EX1", &with)])).unwrap();
        let incident = &report.incidents[0];
        assert_eq!((incident.state, incident.impact), (state, impact), "{with}");
        assert_eq!(report.services.len(), usize::from(incident.is_open()), "{with}");
    }
    let over = json!({"isResolved": true, "endDateTime": "2026-05-16T13:10:00Z"});
    let report = read(&json!([issue("EX1", &over)])).unwrap();
    let incident = &report.incidents[0];
    assert_eq!((incident.key.as_str(), incident.title.as_str()), ("EX1", "Mail is <late>"));
    assert_eq!(incident.started_at.unwrap().to_string(), "2026-05-13T00:00:00.000Z");
    assert_eq!(incident.updated_at.unwrap().to_string(), "2026-05-17T11:00:42.200Z");
    assert_eq!(incident.resolved_at.unwrap().to_string(), "2026-05-16T13:10:00.000Z");
    let said: Vec<_> = incident.updates.iter().map(|update| update.text.as_str()).collect();
    assert_eq!(said, ["We see.", "We look."]);
}

#[test]
fn of_issues_alone_only_the_open_ones_count() {
    let issues = [
        issue("EX1", &json!({"isResolved": true, "status": "serviceInterruption"})),
        issue("EX2", &json!({})),
        issue("EX3", &json!({"status": "serviceInterruption", "lastModifiedDateTime": "2026-05-01T00:00:00Z"})),
        issue("TM1", &json!({"service": "Microsoft Teams", "status": "levitating"})),
    ];
    let report = read(&json!({"@odata.context": context("issues"), "value": issues})).unwrap();
    assert_eq!(report.coverage, Coverage::OpenOnly);
    assert_eq!(seen(&report), [("Exchange Online", Status::Outage), ("Microsoft Teams", Status::Unknown)]);
    assert_eq!(report.services[0].dimensions["incident"], "EX3".into());
    assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-05-17T11:00:42.200Z");
    assert_eq!((report.incidents.len(), report.unknown_words.len()), (4, 1));
}

#[test]
fn pages_are_one_list() {
    let first = json!({
        "@odata.context": context("healthOverviews"), "value": [overview("Exchange", &json!("serviceOperational"), &[])],
        "@odata.nextLink": "https://graph.microsoft.com/v1.0/admin/serviceAnnouncement/healthOverviews?$skip=1",
    });
    let second = json!({"value": [overview("Teams", &json!("serviceInterruption"), &[])]});
    let report = read_pages(&[first.clone(), second]).unwrap();
    assert_eq!(seen(&report), [("Exchange", Status::Ok), ("Teams", Status::Outage)]);

    let url = Url::parse("https://graph.microsoft.com/v1.0/x").unwrap();
    let body = first.to_string();
    let part = Part { url: &url, document: Some(Document::new(body.as_bytes())) };
    assert_eq!(next(&[part]).unwrap().unwrap().query(), Some("$skip=1"));
    assert!(parse(&[part, Part { url: &url, document: None }]).is_err(), "services would seem to be gone");
}

#[test]
fn an_empty_list_is_what_its_context_says() {
    let none = |collection: &str| read(&json!({"@odata.context": context(collection), "value": []}));
    assert!(none("issues").unwrap().services.is_empty());
    assert!(matches!(none("healthOverviews").unwrap().finish(&Filter::default()), Err(ParseError::Empty)));
    assert!(none("messages").is_err());
    for empty in [json!({"value": []}), json!([]), json!({"@odata.context": "x#users", "value": []})] {
        assert!(matches!(read(&empty), Err(ParseError::Unrecognised(_))), "{empty}");
    }
}

#[test]
fn other_documents_are_refused() {
    let message = json!({"id": "MC1", "title": "New", "services": ["Exchange Online"], "category": "stayInformed"});
    for stranger in [
        json!({}),
        json!({"error": {"code": "InvalidAuthenticationToken", "message": "x"}}),
        json!({"@odata.context": context("messages"), "value": [message]}),
        json!({"value": [{"service": "shop", "status": "up", "id": "1"}]}),
        json!({"value": [{"id": "/subscriptions/s", "type": "Microsoft.ResourceHealth/events", "properties": {}}]}),
        json!([{"id": 1, "title": "t", "type": "incident", "status": "resolved", "services": []}]),
        overviews(&[overview("Exchange", &json!("serviceOperational"), &[]), json!(null)]),
        json!("x"),
    ] {
        let error = read(&stranger).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Graph")), "{stranger}: {error}");
    }
}
