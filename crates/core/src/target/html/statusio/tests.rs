//! Small pages in status.io's markup: every word, every trap.

use super::*;
use crate::schema::{IncidentState, Scalar, Status};

fn page(bar: &str, components: &str, below: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><title>Acme System Status</title></head><body>
        <div id='statusio_status_bar' class='panel top_bar make_round' style='background:#27AE60'><div class='col-md-8'>
        <strong id='statusbar_text'> {bar} </strong></div><p id='updated_ago'>Updated a few seconds ago</p></div>
        <div id='statusio_components'>{components}</div>{below}
        <div id='statusio_external_services'><div class='row'><i class='fa fa-times'></i> AWS</div></div></body></html>"
    )
}

fn component(name: &str, state: &str, containers: &str) -> String {
    format!(
        "<div class='component component_middle status_td'><div class='row'><p class='component_name'>{name}
        <i class='fa fa-question-circle' data-original-title='Service Disruption is possible'></i></p>
        <p class='pull-right component-status' style='color:#27AE60'>{state}</p></div>{containers}</div>"
    )
}

fn container(name: &str, state: &str) -> String {
    format!(
        "<div class='row'><div class='col'><p class='container_name'>{name}</p></div><div class='col'>{state}</div></div>"
    )
}

/// A panel: the path of its link, its severity, its components and locations, its updates (time, state, text).
fn panel(link: &str, severity: &str, fields: [&str; 2], updates: &[(&str, &str, &str)]) -> String {
    let updates: Vec<_> = updates
        .iter()
        .map(|(time, state, text)| {
            format!(
                "<div class='row'><div><strong class='incident_time'>Feb 10, 2026 14:52 PST<br>{time}</strong></div>
                <div class='incident_update_status'><strong><span></span>{state}</strong></div>
                <span class='incident_message_details'>{text}</span></div>"
            )
        })
        .collect();
    let [components, locations] = fields;
    format!(
        "<div class='row incident'><div class='panel panel-default'><div class='panel-heading make_round'>
        <div class='panel-title'><h5 class='white'><a href='{link}'>Trouble &amp; strife</a>
        <span class='pull-right status_description'>{severity}</span></h5></div></div><div class='panel-body'>
        <div class='row'><p class='event_inner_title'>Components </p><p class='event_inner_text'>{components}</p></div>
        <div class='row'><p class='event_inner_title'>Locations</p><p class='event_inner_text'>{locations}</p></div>
        {}</div></div></div>",
        updates.concat()
    )
}

const INCIDENT: &str = "/pages/incident/5b36/abc123";

fn read(html: &str) -> Report {
    parse(&Document::new(html.as_bytes())).unwrap()
}

fn refusal(html: &str) -> String {
    parse(&Document::new(html.as_bytes())).unwrap_err().to_string()
}

fn text<'a>(service: &'a Service, dimension: &str) -> Option<&'a str> {
    match service.dimensions.get(dimension)? {
        Scalar::Text(text) => Some(text),
        _ => None,
    }
}

#[test]
fn every_word_of_a_component_is_read() {
    for (word, status, maintenance) in [
        ("Operational", Status::Ok, false),
        (" planned\n maintenance ", Status::Degraded, true),
        ("Degraded Performance", Status::Degraded, false),
        ("Partial Service Disruption", Status::Degraded, false),
        ("Service Disruption", Status::Outage, false),
        ("Security Event", Status::Outage, false),
        ("Wobbly", Status::Unknown, false),
        ("", Status::Unknown, false),
    ] {
        let report = read(&page("All Systems Operational", &component("Web &amp; API", word, ""), ""));
        let [page, service] = &report.services[..] else { panic!("{word}: {report:?}") };
        assert_eq!(service.status, status, "{word}");
        assert_eq!(service.dimensions.contains_key(dimension_names::MAINTENANCE), maintenance, "{word}");
        assert_eq!((service.key.as_str(), service.name.as_str()), ("Web & API", "Web & API"));
        assert_eq!((page.key.as_str(), page.name.as_str(), page.status), ("page", "Acme", Status::Ok));
        assert_eq!(text(page, "scope"), Some("page"));
        let noted = match word {
            "Wobbly" => Some("Wobbly"),
            "" => Some("(no .component-status)"),
            _ => None,
        };
        assert_eq!(report.unknown_words.iter().map(String::as_str).next(), noted, "{word}");
    }
}

#[test]
fn the_page_speaks_by_its_bar() {
    for (bar, component_says, status, maintenance) in [
        ("All Systems Operational", "Operational", Status::Ok, false),
        ("Degraded Performance", "Operational", Status::Degraded, false),
        ("Partial Service Disruption", "Operational", Status::Degraded, false),
        ("Service Disruption", "Operational", Status::Outage, false),
        ("Security Event", "Operational", Status::Outage, false),
        ("Planned Maintenance", "Operational", Status::Degraded, true),
        ("Active Incident", "Operational", Status::Degraded, false),
        ("Active Incident", "Planned Maintenance", Status::Degraded, false),
        ("Active Incident", "Service Disruption", Status::Outage, false),
        ("Everything is on fire", "Operational", Status::Unknown, false),
        ("", "Operational", Status::Unknown, false),
    ] {
        let report = read(&page(bar, &component("Web", component_says, ""), ""));
        assert_eq!(report.services[0].status, status, "{bar}, {component_says}");
        let marked = report.services[0].dimensions.contains_key(dimension_names::MAINTENANCE);
        assert_eq!(marked, maintenance, "{bar}, {component_says}");
        assert_eq!(report.unknown_words.is_empty(), status != Status::Unknown, "{bar}");
    }
    let without_bar = page("x", &component("Web", "Service Disruption", ""), "").replace("status_bar", "bar");
    assert_eq!(read(&without_bar).services[0].status, Status::Outage);
    let planned = &read(&without_bar.replace("Service Disruption", "Planned Maintenance")).services[0];
    assert_eq!(planned.dimensions.get(dimension_names::MAINTENANCE), Some(&true.into()));
}

#[test]
fn containers_with_states_are_services_of_their_own() {
    let by_text = container("Frankfurt", "<p class='component-status'>Operational</p>");
    let by_icon = container(
        "Virginia",
        "<i class='fa fa-times' title='Help'></i><i data-original-title='Service Disruption'></i>",
    );
    let report = read(&page("Service Disruption", &component("Git", "Service Disruption", &(by_text + &by_icon)), ""));
    let told: Vec<_> = report.services[1..]
        .iter()
        .map(|it| (it.key.as_str(), it.name.as_str(), text(it, "region"), it.status))
        .collect();
    assert_eq!(
        told,
        [
            ("Git/Frankfurt", "Git", Some("Frankfurt"), Status::Ok),
            ("Git/Virginia", "Git", Some("Virginia"), Status::Outage),
        ]
    );
}

#[test]
fn containers_without_states_leave_the_component_to_speak() {
    let silent = container("Frankfurt", "<i class='fa fa-check'></i>");
    let known = container("Virginia", "Operational");
    let flat = "<p class='container_name'>Frankfurt</p><p class='container_name'>Virginia</p>".to_owned();
    for containers in [silent.clone() + &silent, silent + &known, flat] {
        let report = read(&page("Service Disruption", &component("Git", "Service Disruption", &containers), ""));
        let told: Vec<_> = report.services[1..].iter().map(|it| (it.key.as_str(), it.status)).collect();
        assert_eq!(told, [("Git", Status::Outage)], "{containers}");
    }
}

#[test]
fn an_incident_is_told_and_marks_the_components_it_names() {
    let regions = container("Frankfurt", "Operational") + &container("Virginia", "Operational");
    let components = component("Git", "Operational", &regions) + &component("Web", "Operational", "");
    let updates = [
        ("February 10, 2026 10:00PM UTC", "INVESTIGATING", "We look"),
        ("February 10, 2026 22:52 UTC", "IDENTIFIED", "<p>Found</p>it"),
    ];
    let incident = panel(INCIDENT, "Partial Service Disruption", ["Git, Web, Mail", "Virginia"], &updates);
    let report = read(&page("Active Incident", &components, &incident));

    let [incident] = &report.incidents[..] else { panic!("{report:?}") };
    assert_eq!((incident.key.as_str(), incident.title.as_str()), ("abc123", "Trouble & strife"));
    assert_eq!((incident.kind, incident.state), (IncidentKind::Incident, IncidentState::Identified));
    assert_eq!((incident.impact, incident.url.as_deref()), (Some(Status::Degraded), None));
    assert_eq!(incident.services, ["Git/Virginia", "Web", "Mail"]);
    let told: Vec<_> = incident.updates.iter().map(|it| (it.at.unwrap().to_string(), it.text.as_str())).collect();
    assert_eq!(told[0], ("2026-02-10T22:52:00.000Z".to_owned(), "Found it"));
    assert_eq!(told[1], ("2026-02-10T22:00:00.000Z".to_owned(), "We look"));
    assert_eq!((incident.started_at, incident.updated_at), (incident.updates[1].at, incident.updates[0].at));

    let marks: Vec<_> = report.services.iter().map(|it| (it.key.as_str(), text(it, "incident"))).collect();
    let abc = Some("abc123");
    assert_eq!(marks, [("page", None), ("Git/Frankfurt", None), ("Git/Virginia", abc), ("Web", abc)]);
}

#[test]
fn open_incidents_raise_the_page() {
    for (severity, state, raised) in [
        ("Degraded Performance", "INVESTIGATING", Status::Degraded),
        ("Service Disruption", "Identified", Status::Outage),
        ("Service Disruption", "Monitoring", Status::Ok),
        ("Service Disruption", "Resolved", Status::Ok),
        ("Service Disruption", "something else", Status::Outage),
        ("Operational", "Investigating", Status::Ok),
        ("", "Investigating", Status::Ok),
        ("Wobbly", "Investigating", Status::Unknown),
    ] {
        let incident = panel(INCIDENT, severity, ["Web", ""], &[("February 10, 2026 22:52 UTC", state, "")]);
        let report = read(&page("All Systems Operational", &component("Web", "Operational", ""), &incident));
        assert_eq!(report.services[0].status, raised, "{severity}, {state}");
        assert_eq!(report.services[1].status, Status::Ok, "{severity}, {state}");
        let marked = report.services[1].dimensions.contains_key(dimension_names::INCIDENT);
        assert_eq!(marked, state != "Resolved", "{severity}, {state}");
        assert_eq!(report.unknown_words.contains("Wobbly"), severity == "Wobbly");
    }
}

#[test]
fn maintenance_is_told_and_raises_nothing_and_history_is_not_state() {
    let link = "https://acme.status.io/pages/maintenance/5b36/m1";
    let ahead = panel(link, "Planned Maintenance", ["Web", ""], &[]);
    let now = panel("/pages/maintenance/5b36/m2", "Planned Maintenance", ["Web", ""], &[("Feb 10", "COMPLETED", "")]);
    let past = panel("/pages/incident/5b36/old", "Service Disruption", ["Web", ""], &[]);
    let other = "<div class='panel'><div class='panel-title'><a href='/subscribe'>Subscribe</a></div></div>";
    let below = format!(
        "<div id='section_maintenance_scheduled'>{ahead}</div>{now}{other}<div id='main_history'>{past}{now}</div>"
    );
    let report = read(&page("All Systems Operational", &component("Web", "Operational", ""), &below));
    assert!(report.services.iter().all(|service| service.status == Status::Ok && service.dimensions.len() <= 1));
    let told: Vec<_> = report.incidents.iter().map(|it| (it.key.as_str(), it.state, it.url.as_deref())).collect();
    assert_eq!(told, [("m1", IncidentState::Scheduled, Some(link)), ("m2", IncidentState::Completed, None)]);
    assert_eq!(report.incidents[1].updated_at, None, "a date without a year is no date");
}

#[test]
fn maintenance_under_way_is_told_in_either_word() {
    for word in ["ACTIVE", "In Progress"] {
        let updates = [("February 10, 2026 22:52 UTC", word, ""), ("February 1, 2026 08:00 UTC", "SCHEDULED", "")];
        let now = panel("/pages/maintenance/5b36/m1", "Planned Maintenance", ["Web", ""], &updates);
        let report = read(&page("Planned Maintenance", &component("Web", "Planned Maintenance", ""), &now));
        let incident = &report.incidents[0];
        assert_eq!((incident.state, incident.updates[0].state), (IncidentState::InProgress, Some(incident.state)));
    }
}

#[test]
fn what_is_no_home_page_is_refused() {
    for (html, says) in [
        ("<title>Acme Status</title><body>Service Disruption", "Acme Status"),
        ("<title>Sign in</title><div class='component'><p class='component_name'>Web</p></div>", "Sign in"),
        (&page("Active Incident", &component("Web", "Operational", ""), "<div id='statusio_incident'>"), "home page"),
        (&page("Active Incident", "", "<div id='statusio_history_timeline'>"), "home page"),
        (&page("All Systems Operational", "", ""), "markup has changed"),
        (&page("x", &component("", "Operational", ""), ""), "without a .component_name"),
        (&page("x", "", "").replace("statusio_components", "c"), "neither components nor a state"),
        (&page("x", &component("Web", "Operational", ""), "").replace("Acme System Status", ""), "without a title"),
        (&page("x", &component("Web", "Operational", &"<div>".repeat(100_000)), ""), "nested deeper"),
    ] {
        assert!(refusal(html).contains(says), "{says}: {}", refusal(html));
    }
    let alone = read(&page("Service Disruption", "", "").replace("statusio_components", "c"));
    assert_eq!(alone.services.iter().map(|it| it.status).collect::<Vec<_>>(), [Status::Outage]);
}
