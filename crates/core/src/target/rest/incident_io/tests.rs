use serde_json::json;

use super::*;
use crate::schema::{IncidentKind, IncidentState, Status};
use crate::target::{Coverage, Filter};

const ULID: &str = "01JMDK9XYNY6RXSED6SDWW50WY";

fn read(value: &Value) -> Result<Report, ParseError> {
    parse(&Document::new(value.to_string().as_bytes()))?.finish(&Filter::default())
}

/// What a page reads itself: two grouped components, one that is hidden, one by itself, one that is placed nowhere.
fn page(with: &Value) -> Value {
    let mut summary = json!({
        "id": ULID, "name": "Acme", "public_url": "https://status.acme.test",
        "components": [
            {"id": "nowhere", "name": "Nowhere"}, {"id": "cli", "name": "CLI"}, {"id": "web", "name": "Web"},
            {"id": "old", "name": "Old"}, {"id": "login", "name": "Login"},
        ],
        "structure": {"items": [
            {"group": {"id": "g1", "name": "Codex", "hidden": false, "components": [
                {"component_id": "web", "name": "Codex Web", "hidden": false},
                {"component_id": "cli"},
                {"component_id": "old", "name": "Old surface", "hidden": true},
            ]}},
            {"component": {"component_id": "login", "name": "Login", "hidden": false}},
        ]},
        "affected_components": [], "ongoing_incidents": [], "scheduled_maintenances": [],
    });
    for (key, field) in with.as_object().unwrap() {
        summary[key] = field.clone();
    }
    json!({"summary": summary})
}

fn widget(with: &Value) -> Value {
    let mut widget = json!({
        "page_title": "Acme", "page_url": "https://status.acme.test",
        "ongoing_incidents": [], "in_progress_maintenances": [], "scheduled_maintenances": [],
    });
    for (key, field) in with.as_object().unwrap() {
        widget[key] = field.clone();
    }
    widget
}

fn named(id: &str, status: &Value) -> Value {
    json!({"id": id, "name": format!("The {id}"), "group_name": "Codex", "current_status": status})
}

/// An incident as the widget has it.
fn incident(status: &str, impact: &Value, named: &[Value]) -> Value {
    json!({
        "id": "i1", "name": "Trouble", "status": status, "url": "https://status.acme.test/incidents/i1",
        "last_update_at": "2026-01-09T23:30:00Z", "last_update_message": "<p>We are on it.</p>",
        "current_worst_impact": impact, "affected_components": named,
    })
}

fn seen(report: &Report) -> Vec<(&str, &str, Status)> {
    report.services.iter().map(|service| (service.key.as_str(), service.name.as_str(), service.status)).collect()
}

fn is_maintained(service: &Service) -> bool {
    service.dimensions.get("maintenance") == Some(&true.into())
}

#[test]
fn every_status_and_one_that_is_none() {
    for (word, status, is_known) in [
        (json!("operational"), Status::Ok, true),
        (json!("Degraded_Performance"), Status::Degraded, true),
        (json!("partial_outage"), Status::Degraded, true),
        (json!("full_outage"), Status::Outage, true),
        (json!("major_outage"), Status::Outage, true),
        (json!("under_maintenance"), Status::Degraded, true),
        (json!("on_strike"), Status::Unknown, false),
        (json!(null), Status::Unknown, false),
    ] {
        let report = read(&page(&json!({"affected_components": [{"component_id": "web", "status": word}]}))).unwrap();
        assert_eq!(report.services[0].status, status, "{word}: the page is as bad as its worst component");
        assert_eq!(report.services[1].status, status, "{word}");
        assert!(report.services[..2].iter().all(|service| is_maintained(service) == (word == "under_maintenance")));
        assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
    }
}

#[test]
fn the_components_stand_as_the_page_lays_them_out() {
    let report = read(&page(&json!({}))).unwrap();
    assert_eq!(report.coverage, Coverage::Complete);
    let ok = Status::Ok;
    let all = [
        ("page", "Acme", ok),
        ("web", "Codex Web", ok),
        ("cli", "CLI", ok),
        ("login", "Login", ok),
        ("nowhere", "Nowhere", ok),
    ];
    assert_eq!(seen(&report), all);
    let whole = &report.services[0].dimensions;
    assert_eq!((&whole["scope"], &whole["serviceId"]), (&"page".into(), &ULID.into()));
    let groups: Vec<_> = report.services.iter().map(|service| service.dimensions.get("group").cloned()).collect();
    assert_eq!(groups, [None, Some("Codex".into()), Some("Codex".into()), None, None]);

    let plain =
        read(&page(&json!({"structure": null, "affected_components": null, "ongoing_incidents": null}))).unwrap();
    let keys: Vec<_> = plain.services.iter().map(|service| service.key.as_str()).collect();
    assert_eq!(keys, ["page", "nowhere", "cli", "web", "old", "login"]);
    let hidden = json!({"items": [{"group": {"name": "g", "hidden": true, "components": [{"component_id": "web"}]}}]});
    let keys = read(&page(&json!({"structure": hidden}))).unwrap();
    assert!(keys.services.iter().all(|service| service.key != "web"));
}

#[test]
fn an_incident_of_the_page_is_told_and_names_its_components() {
    let affected = json!([
        {"component_id": "cli", "status": "full_outage", "current_status": "degraded_performance"},
    ]);
    let row = json!({
        "id": "i1", "name": "CLI fails", "status": "identified", "type": "incident", "published_at": "2026-01-09T22:00:00Z",
        "affected_components": affected,
        "component_impacts": [
            {"id": "x", "component_id": "cli", "status": "full_outage", "start_at": "2026-01-09T22:00:00Z", "end_at": "2026-01-09T23:00:00Z"},
            {"id": "y", "component_id": "cli", "status": "degraded_performance", "start_at": "2026-01-09T23:00:00Z"},
        ],
        "updates": [
            {"published_at": "2026-01-09T22:00:00Z", "message": {"markdown": "Looking."}, "to_status": "investigating"},
            {"published_at": "2026-01-09T23:00:00Z", "message_string": "Found.", "to_status": "identified"},
        ],
    });
    let report = read(&page(&json!({"ongoing_incidents": [row, null, {}], "affected_components": affected}))).unwrap();
    let cli = report.services.iter().find(|service| service.key == "cli").unwrap();
    assert_eq!((cli.status, &cli.dimensions["incident"]), (Status::Degraded, &"i1".into()));
    assert_eq!(cli.last_timestamp.unwrap().to_string(), "2026-01-09T23:00:00.000Z");
    assert_eq!(report.services[0].status, Status::Degraded);

    assert_eq!(report.incidents.len(), 1);
    let told = &report.incidents[0];
    assert_eq!(
        (told.title.as_str(), told.state, told.impact),
        ("CLI fails", IncidentState::Identified, Some(Status::Degraded))
    );
    assert_eq!(told.started_at.unwrap().to_string(), "2026-01-09T22:00:00.000Z");
    assert_eq!(told.updated_at.unwrap().to_string(), "2026-01-09T23:00:00.000Z");
    assert_eq!(told.services, ["cli"]);
    let said: Vec<_> = told.updates.iter().map(|update| (update.state, update.text.as_str())).collect();
    assert_eq!(said, [(Some(IncidentState::Identified), "Found."), (Some(IncidentState::Investigating), "Looking.")]);
}

#[test]
fn unsettled_incidents_raise_the_page_and_leave_the_components() {
    for (status, impact, page, is_known) in [
        ("investigating", json!("full_outage"), Status::Outage, true),
        ("identified", json!("partial_outage"), Status::Degraded, true),
        ("fixing", json!("full_outage"), Status::Outage, true),
        ("monitoring", json!("full_outage"), Status::Ok, true),
        ("resolved", json!("full_outage"), Status::Ok, true),
        ("investigating", json!("operational"), Status::Ok, true),
        ("investigating", json!(null), Status::Ok, true),
        ("investigating", json!("apocalyptic"), Status::Unknown, false),
        ("bargaining", json!("full_outage"), Status::Outage, false),
    ] {
        let one = incident(status, &impact, &[named("web", &json!("operational"))]);
        for report in [
            read(&self::page(&json!({"ongoing_incidents": [one]}))),
            read(&widget(&json!({"ongoing_incidents": [one]}))),
        ] {
            let report = report.unwrap();
            assert_eq!(report.services[0].status, page, "{status} {impact}");
            assert_eq!(report.services[1].status, Status::Ok);
            assert_eq!(report.services[1].dimensions.contains_key("incident"), status != "resolved");
            assert_eq!(report.unknown_words.is_empty(), is_known, "{status} {impact}");
        }
    }
}

#[test]
fn the_widget_tells_of_what_is_affected_and_is_silent_about_the_rest() {
    let quiet = read(&widget(&json!({}))).unwrap();
    assert_eq!((quiet.coverage, seen(&quiet)), (Coverage::OpenOnly, vec![("page", "Acme", Status::Ok)]));

    let trouble = incident(
        "investigating",
        &json!("full_outage"),
        &[named("web", &json!("partial_outage")), named("cli", &json!(null))],
    );
    let work = json!({
        "id": "m1", "name": "Move", "status": "maintenance_in_progress", "started_at": "2026-01-09T20:00:00Z",
        "last_update_at": "2026-01-09T20:00:00Z", "affected_components": [named("login", &json!(null)), named("web", &json!("partial_outage"))],
    });
    let plan = json!({
        "id": "m2", "name": "Later", "status": "maintenance_scheduled", "starts_at": "2026-02-09T20:00:00Z",
        "affected_components": [named("mail", &json!("operational"))],
    });
    let report = read(&widget(&json!({
        "ongoing_incidents": [trouble], "in_progress_maintenances": [work], "scheduled_maintenances": [plan],
    })))
    .unwrap();
    assert_eq!(
        seen(&report),
        [
            ("page", "Acme", Status::Outage),
            ("web", "The web", Status::Degraded),
            ("cli", "The cli", Status::Outage),
            ("login", "The login", Status::Degraded),
        ]
    );
    assert_eq!(report.services.iter().map(is_maintained).collect::<Vec<_>>(), [false, false, false, true]);
    assert_eq!(report.services[1].dimensions["group"], "Codex".into());
    assert_eq!(report.services[1].last_timestamp.unwrap().to_string(), "2026-01-09T23:30:00.000Z");
    assert!(!report.services[3].dimensions.contains_key("incident"));
    let told: Vec<_> = report.incidents.iter().map(|one| (one.key.as_str(), one.kind, one.state)).collect();
    let expected = [
        ("i1", IncidentKind::Incident, IncidentState::Investigating),
        ("m1", IncidentKind::Maintenance, IncidentState::InProgress),
        ("m2", IncidentKind::Maintenance, IncidentState::Scheduled),
    ];
    assert_eq!(told, expected);
    assert_eq!(report.incidents[0].url.as_deref(), Some("https://status.acme.test/incidents/i1"));
    assert_eq!(report.incidents[0].updates[0].text, "We are on it.");
    assert_eq!(report.incidents[2].started_at.unwrap().to_string(), "2026-02-09T20:00:00.000Z");
}

#[test]
fn work_that_goes_on_is_told_apart_from_trouble_in_one_list() {
    for (with, kind) in [
        (json!({"type": "maintenance"}), IncidentKind::Maintenance),
        (json!({"status": "maintenance_in_progress"}), IncidentKind::Maintenance),
        (json!({"type": "incident"}), IncidentKind::Incident),
    ] {
        let mut row = json!({"id": "i1", "name": "…", "affected_components": [{"component_id": "web", "status": "under_maintenance"}]});
        row.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        let report = read(&page(&json!({"ongoing_incidents": [row]}))).unwrap();
        assert_eq!(report.incidents[0].kind, kind, "{with}");
    }
}

#[test]
fn the_shape_of_statuspage_is_read_by_incident_ios_ids() {
    let component = |id: &str| json!({"id": id, "name": "Images", "status": "operational"});
    let ours = json!({"page": {"id": ULID, "name": "Acme"}, "status": {"indicator": "major"}, "components": [component(ULID)]});
    let report = read(&ours).unwrap();
    assert_eq!(seen(&report), [("page", "Acme", Status::Outage), (ULID, "Images", Status::Ok)]);
    assert_eq!(report, statuspage::read(&ours).unwrap());
    assert!(read(&json!({"page": {"name": "Acme"}, "components": [component(ULID)]})).is_ok());

    for (page, id) in [
        (json!({"id": "kctbh9vrtdwd", "name": "GitHub"}), "8l4ygp009s5s"),
        (json!({"id": "kctbh9vrtdwd", "name": "GitHub"}), ULID),
        (json!({"name": "GitHub"}), "8l4ygp009s5s"),
        (json!({"id": "01JMDK9XYNY6RXSED6SDWW50WI", "name": "GitHub"}), ULID),
    ] {
        let theirs = json!({"page": page, "status": {"indicator": "none"}, "components": [component(id)]});
        assert!(statuspage::read(&theirs).is_ok());
        assert!(matches!(read(&theirs), Err(ParseError::Unrecognised(_))), "{theirs}");
    }
}

#[test]
fn other_documents_are_refused() {
    for stranger in [
        json!({"summary": {"ongoing_incidents": [], "affected_components": []}}),
        json!({"summary": {"components": [{"id": "web", "name": "Web"}]}}),
        json!({"summary": "All is well"}),
        json!({"page_title": "Acme", "page_url": "https://status.acme.test"}),
        json!({"ongoing_incidents": []}),
        json!({"page": {"id": ULID, "name": "Acme", "status": "UP"}}),
        json!({"incidents": [{"id": ULID, "type": "incident"}]}),
        json!({"status": 500, "error": "x"}),
        json!([]),
    ] {
        let error = read(&stranger).unwrap_err();
        assert!(matches!(error, ParseError::Unrecognised(_)), "{stranger}: {error}");
    }
    assert_eq!(read(&page(&json!({"components": [], "structure": null}))).unwrap().services.len(), 1);
}

#[test]
fn what_is_planned_says_nothing_of_since_when_a_component_is_as_it_is() {
    let impact = |start: &str| json!([{"component_id": "web", "status": "partial_outage", "start_at": start}]);
    let trouble = json!({"id": "i1", "name": "Slow", "component_impacts": impact("2026-01-09T22:00:00Z")});
    let plan = json!({"id": "m1", "name": "Move", "component_impacts": impact("2026-02-09T22:00:00Z")});
    let mut begun = plan.clone();
    begun["status"] = json!("maintenance_in_progress");
    for (listed, since) in [(plan, "2026-01-09T22:00:00.000Z"), (begun, "2026-02-09T22:00:00.000Z")] {
        let with = json!({"ongoing_incidents": [trouble], "scheduled_maintenances": [listed]});
        let report = read(&page(&with)).unwrap();
        assert_eq!(report.services[1].last_timestamp.unwrap().to_string(), since, "{listed}");
    }
}
