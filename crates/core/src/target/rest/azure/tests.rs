use super::*;
use crate::schema::{IncidentKind, IncidentState, Status, Timestamp};
use crate::target::{Coverage, Document, Filter, Format};
use serde_json::json;

const STATUSES: &str = "https://management.azure.com/subscriptions/s/providers/Microsoft.ResourceHealth/availabilityStatuses?api-version=2025-05-01";
const EVENTS: &str =
    "https://management.azure.com/subscriptions/s/providers/Microsoft.ResourceHealth/events?api-version=2025-05-01";

/// Reads pages that were asked for at an address on 5 January 2026.
fn read_at(address: &str, pages: &[Value]) -> Result<Report, ParseError> {
    let url = Url::parse(address).unwrap();
    let now = Timestamp::parse_rfc3339("2026-01-05T00:00:00Z").unwrap();
    let bodies: Vec<_> = pages.iter().map(Value::to_string).collect();
    let documents = bodies.iter().map(|body| Document::new(body.as_bytes()).asked_at(now));
    parse(&documents.map(|document| Part { url: &url, document: Some(document) }).collect::<Vec<_>>())
}

fn read(rows: &[Value]) -> Result<Report, ParseError> {
    read_at("http://localhost/", &[json!({"value": rows})])
}

fn with(mut value: Value, with: &Value) -> Value {
    for (key, field) in with.as_object().unwrap() {
        value[key] = field.clone();
    }
    value
}

/// The status of a resource; `properties` replaces fields of it.
fn status(resource: &str, properties: &Value) -> Value {
    let usual = json!({
        "availabilityState": "Available", "title": "Available", "summary": "It runs.", "reasonType": "Unplanned",
        "context": "Platform Initiated", "category": "Unplanned", "occuredTime": "2026-01-01T09:12:00Z",
        "reportedTime": "2026-01-04T14:11:29.7598931Z",
    });
    json!({
        "id": format!("/subscriptions/s/resourceGroups/Shop/providers/{resource}/providers/Microsoft.ResourceHealth/availabilityStatuses/current"),
        "name": "current", "type": "Microsoft.ResourceHealth/AvailabilityStatuses", "location": "westeurope",
        "properties": with(usual, properties),
    })
}

const VM: &str = "Microsoft.Compute/virtualMachines/web-1";

/// An active service issue in two regions; `properties` replaces fields.
fn event(properties: &Value) -> Value {
    let region = |name: &str, status: &str| {
        json!({
            "impactedRegion": name, "status": status, "lastUpdateTime": "2026-01-04T15:43:48.1203530Z",
            "updates": [
                {"summary": "<p>We see.</p>", "updateDateTime": "2026-01-04T15:43:48.1203530Z"},
                {"summary": "We look.", "updateDateTime": "2026-01-04T14:45:48Z"},
            ],
        })
    };
    let usual = json!({
        "eventType": "ServiceIssue", "eventSource": "ServiceHealth", "status": "Active", "eventLevel": "Warning",
        "title": "Virtual Machines - West US", "summary": "Trouble.", "impactStartTime": "2026-01-04T14:45:48Z",
        "impactMitigationTime": "2026-01-06T00:00:00Z", "lastUpdateTime": "2026-01-04T16:00:00Z",
        "impact": [{
            "impactedService": "Virtual Machines", "impactedServiceGuid": "fd8065f5",
            "impactedRegions": [region("West US", "Active"), region("East US", "Resolved")],
        }],
    });
    json!({
        "id": "/providers/Microsoft.ResourceHealth/events/BC_1-FXZ", "name": "BC_1-FXZ",
        "type": "/providers/Microsoft.ResourceHealth/events", "properties": with(usual, properties),
    })
}

fn seen(report: &Report) -> Vec<(&str, Status)> {
    report.services.iter().map(|service| (service.key.as_str(), service.status)).collect()
}

#[test]
fn every_state_of_a_resource_and_one_that_is_none() {
    for (state, expected, is_known) in [
        (json!("Available"), Status::Ok, true),
        (json!("degraded"), Status::Degraded, true),
        (json!("Unavailable"), Status::Outage, true),
        (json!("Unknown"), Status::Unknown, true),
        (json!("Asleep"), Status::Unknown, false),
        (json!(null), Status::Unknown, false),
    ] {
        let report = read(&[status(VM, &json!({"availabilityState": state}))]).unwrap();
        assert_eq!(report.services[0].status, expected, "{state}");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{state}");
    }
}

#[test]
fn a_resource_has_its_name_its_place_and_the_time_of_its_state() {
    let set = "microsoft.compute/virtualMachineScaleSets/web/virtualMachines/4";
    let misspelt = json!({"occuredTime": null, "occurredTime": "2026-01-02T00:00:00.1234567Z"});
    let report = read(&[status(VM, &json!({})), status(set, &misspelt)]).unwrap();
    assert_eq!(report.coverage, Coverage::Complete);
    let [machine, member] = report.services.as_slice() else { panic!("{report:?}") };
    assert_eq!(machine.key, "/subscriptions/s/resourcegroups/shop/providers/microsoft.compute/virtualmachines/web-1");
    assert_eq!((machine.name.as_str(), member.name.as_str()), ("web-1", "web/4"));
    let id = "/subscriptions/s/resourceGroups/Shop/providers/Microsoft.Compute/virtualMachines/web-1";
    for (name, value) in [("region", "westeurope"), ("group", "Shop"), ("serviceId", id)] {
        assert_eq!(machine.dimensions[name], value.into());
    }
    assert_eq!(machine.last_timestamp.unwrap().to_string(), "2026-01-01T09:12:00.000Z");
    assert_eq!(member.last_timestamp.unwrap().to_string(), "2026-01-02T00:00:00.123Z");
}

#[test]
fn what_azure_planned_is_maintenance() {
    for (properties, expected) in [
        (json!({"availabilityState": "Unavailable", "reasonType": "Planned"}), Some(Status::Degraded)),
        (json!({"availabilityState": "Degraded", "reasonType": "PlannedMaintenance"}), Some(Status::Degraded)),
        (json!({"availabilityState": "Unavailable", "category": "Planned"}), Some(Status::Degraded)),
        (json!({"availabilityState": "Unavailable", "category": "Planned", "context": "Customer Initiated"}), None),
        (json!({"availabilityState": "Unavailable", "reasonType": "Customer Initiated"}), None),
        (json!({"availabilityState": "Unavailable"}), None),
        (json!({"availabilityState": "Available", "reasonType": "Planned"}), None),
    ] {
        let report = read(&[status(VM, &properties)]).unwrap();
        let service = &report.services[0];
        assert_eq!(service.dimensions.contains_key("maintenance"), expected.is_some(), "{properties}");
        let usual = if properties["availabilityState"] == "Available" { Status::Ok } else { Status::Outage };
        assert_eq!(service.status, expected.unwrap_or(usual), "{properties}");
    }
}

#[test]
fn the_past_statuses_of_a_resource_are_not_its_state() {
    let mut past = status(VM, &json!({"availabilityState": "Unavailable"}));
    past["name"] = "2018-11-30+23%3a36%3a03Z".into();
    let report = read(&[status(VM, &json!({})), past.clone()]).unwrap();
    assert_eq!(report.services.len(), 1);
    assert_eq!(report.services[0].status, Status::Ok);
    assert!(matches!(read(&[past]).unwrap().finish(&Filter::default()), Err(ParseError::Empty)));

    let alone = read_at("http://localhost/", &[status(VM, &json!({"availabilityState": "Degraded"}))]).unwrap();
    assert_eq!(alone.services[0].status, Status::Degraded);
}

#[test]
fn pages_are_one_list() {
    let pages = [
        json!({"value": [status(VM, &json!({}))], "nextLink": format!("{STATUSES}&%24skiptoken=2")}),
        json!({"value": []}),
        json!({"value": [status("Microsoft.Sql/servers/db", &json!({"availabilityState": "Unavailable"}))]}),
    ];
    let report = read_at(STATUSES, &pages).unwrap();
    assert_eq!(report.services.iter().map(|service| service.status).collect::<Vec<_>>(), [Status::Ok, Status::Outage]);

    let url = Url::parse(STATUSES).unwrap();
    let body = pages[0].to_string();
    let first = Part { url: &url, document: Some(Document::new(body.as_bytes())) };
    assert_eq!(next(&[first]).unwrap().unwrap().query(), Some("api-version=2025-05-01&%24skiptoken=2"));
    assert!(parse(&[first, Part { url: &url, document: None }]).is_err(), "resources would seem to be gone");
    assert_eq!(parse(&[first]).unwrap().services.len(), 1);
}

#[test]
fn an_active_issue_is_as_bad_as_its_level() {
    for (properties, expected, is_known) in [
        (json!({"eventLevel": "Critical"}), Status::Outage, true),
        (json!({"eventLevel": "error"}), Status::Outage, true),
        (json!({"eventLevel": "Warning"}), Status::Degraded, true),
        (json!({"eventLevel": "Informational"}), Status::Degraded, true),
        (json!({"eventLevel": null, "level": "Critical"}), Status::Outage, true),
        (json!({"eventLevel": null}), Status::Degraded, true),
        (json!({"eventLevel": "Apocalyptic"}), Status::Unknown, false),
        (json!({"eventType": "EmergingIssues"}), Status::Degraded, true),
        (json!({"eventType": "Haunting"}), Status::Unknown, false),
        (json!({"eventType": null}), Status::Unknown, false),
        (json!({"status": "Smouldering"}), Status::Unknown, false),
        (json!({"status": null}), Status::Unknown, false),
    ] {
        let report = read(&[event(&properties)]).unwrap();
        assert_eq!(seen(&report), [("fd8065f5/West US", expected)], "{properties}");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{properties}");
        assert_eq!(report.coverage, Coverage::OpenOnly);
    }
}

#[test]
fn an_event_counts_where_it_is_active() {
    let report = read(&[event(&json!({"status": "Resolved"})), event(&json!({}))]).unwrap();
    assert_eq!(seen(&report), [("fd8065f5/West US", Status::Degraded)]);
    let service = &report.services[0];
    assert_eq!((service.name.as_str(), &service.dimensions["region"]), ("Virtual Machines", &"West US".into()));
    assert_eq!(
        (&service.dimensions["serviceId"], &service.dimensions["incident"]),
        (&"fd8065f5".into(), &"BC_1-FXZ".into())
    );
    assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-01-04T15:43:48.120Z");

    let nowhere = json!([{"impactedService": "Azure Portal", "impactedRegions": []}, {"impactedRegions": null}, null]);
    let report = read(&[event(&json!({"impact": nowhere}))]).unwrap();
    assert_eq!(seen(&report), [("Azure Portal", Status::Degraded)]);
    assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-01-04T16:00:00.000Z");
    assert!(!report.services[0].dimensions.contains_key("region"));
}

#[test]
fn advice_breaks_nothing() {
    for kind in ["HealthAdvisory", "SecurityAdvisory", "Billing", "RCA"] {
        let report = read(&[event(&json!({"eventType": kind}))]).unwrap();
        assert!(report.services.is_empty(), "{kind}");
        assert_eq!((report.incidents[0].impact, report.incidents[0].is_open()), (Some(Status::Ok), true));
    }
}

#[test]
fn maintenance_counts_while_it_is_under_way() {
    // It is 5 January.
    for (status, begins, ends, state) in [
        ("Active", "2026-01-04T00:00:00Z", Some("2026-01-06T00:00:00Z"), IncidentState::InProgress),
        ("Active", "2026-01-04T00:00:00Z", None, IncidentState::InProgress),
        ("Active", "2026-01-06T00:00:00Z", Some("2026-01-07T00:00:00Z"), IncidentState::Scheduled),
        ("Active", "2026-01-03T00:00:00Z", Some("2026-01-04T00:00:00Z"), IncidentState::Completed),
        ("Resolved", "2026-01-04T00:00:00Z", Some("2026-01-06T00:00:00Z"), IncidentState::Completed),
    ] {
        let planned = event(&json!({
            "eventType": "PlannedMaintenance", "status": status, "impactStartTime": begins, "impactMitigationTime": ends,
        }));
        let report = read(std::slice::from_ref(&planned)).unwrap();
        let incident = &report.incidents[0];
        assert_eq!((incident.kind, incident.state), (IncidentKind::Maintenance, state), "{begins} {ends:?}");
        assert_eq!(report.services.len(), usize::from(state == IncidentState::InProgress), "{begins} {ends:?}");
        for service in &report.services {
            assert_eq!((service.status, &service.dimensions["maintenance"]), (Status::Degraded, &true.into()));
        }
        assert_eq!(incident.resolved_at.is_some(), state == IncidentState::Completed);

        let body = json!({"value": [planned]}).to_string();
        let timeless = Format::parse(&PARTED, &Document::new(body.as_bytes())).unwrap();
        assert!(timeless.services.is_empty(), "without a clock nothing is known to be under way");
    }
}

#[test]
fn work_that_has_begun_is_newer_than_its_announcement() {
    for (begins, written) in
        [("2026-01-04T20:00:00Z", "2026-01-04T20:00:00.000Z"), ("2026-01-01T00:00:00Z", "2026-01-04T15:43:48.120Z")]
    {
        let planned = event(&json!({"eventType": "PlannedMaintenance", "impactStartTime": begins}));
        let report = read(&[planned]).unwrap();
        assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), written);
    }
}

#[test]
fn an_event_becomes_an_incident() {
    let report = read(&[event(&json!({"eventLevel": "Error"})), event(&json!({"status": "Resolved"}))]).unwrap();
    let [open, over] = report.incidents.as_slice() else { panic!("{report:?}") };
    assert_eq!((open.key.as_str(), open.title.as_str()), ("BC_1-FXZ", "Virtual Machines - West US"));
    assert_eq!((open.state, open.impact, open.resolved_at), (IncidentState::Investigating, Some(Status::Outage), None));
    assert_eq!(open.services, ["fd8065f5/West US", "fd8065f5/East US"]);
    let said: Vec<_> = open.updates.iter().map(|update| update.text.as_str()).collect();
    assert_eq!(said, ["We see.", "We look."], "what the regions repeat is said once");
    assert_eq!((over.state, over.impact), (IncidentState::Resolved, Some(Status::Degraded)));
    assert_eq!(over.resolved_at.unwrap().to_string(), "2026-01-06T00:00:00.000Z");

    let report = read(&[event(&json!({"impact": [], "title": null}))]).unwrap();
    assert_eq!(
        (report.incidents[0].title.as_str(), report.incidents[0].updates[0].text.as_str()),
        ("BC_1-FXZ", "Trouble.")
    );
}

#[test]
fn an_empty_list_is_all_good_only_where_it_is_one_of_events() {
    let empty = [json!({"value": []})];
    let report = read_at(EVENTS, &empty).unwrap();
    assert_eq!((report.services.len(), report.coverage), (0, Coverage::OpenOnly));
    for address in [STATUSES, "http://localhost/", "https://management.azure.com/subscriptions"] {
        assert!(matches!(read_at(address, &empty), Err(ParseError::Unrecognised(_))), "{address}");
    }
}

#[test]
fn other_documents_are_refused() {
    for stranger in [
        json!({}),
        json!([]),
        json!([status(VM, &json!({}))]),
        json!({"error": {"code": "AuthenticationFailed", "message": "x"}}),
        json!({"value": [status(VM, &json!({})), event(&json!({}))]}),
        json!({"value": [event(&json!({})), null]}),
        json!({"value": [{"service": "Exchange Online", "status": "ServiceOperational", "id": "Exchange"}]}),
        json!({"value": [{"id": "/subscriptions/s", "displayName": "Shop", "state": "Enabled"}]}),
        json!("x"),
    ] {
        let error = read_at(EVENTS, std::slice::from_ref(&stranger)).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Azure")), "{stranger}: {error}");
    }
}
