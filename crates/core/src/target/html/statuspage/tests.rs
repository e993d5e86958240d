//! Small pages in Statuspage's markup: every word, every trap.

use super::*;
use crate::schema::{Incident, IncidentKind, IncidentState, Scalar, Status};

/// A home page: the classes of its body, what stands above the components, and the section of components.
fn page(status: &str, above: &str, section: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><title>Acme &amp; Sons Status</title><meta name='issued' content='1611337235'>
        <link rel='alternate' type='application/atom+xml' href='https://feeds.example/history.atom'>
        <link rel='canonical' href='https://status.acme.example'></head>
        <body class='status index {status}'><div class='layout-content status status-index'>{above}{section}
        <div class='incidents-list'><div class='incident-container'><a class='incident-title impact-critical'>Old</a>
        <div class='update investigating'>It was down</div></div></div></div></body></html>"
    )
}

fn component(id: &str, status: &str, name: &str) -> String {
    format!(
        "<div data-component-id='{id}' class='component-inner-container status-green showcased' {status}>
        <span class='name'>\n {name} \n</span><span class='tooltip-base tool' title='Help for it'>?</span>
        <span class='component-status'>Major Outage</span><span class='icon-indicator' title='Operational'></span></div>"
    )
}

fn section(components: &str) -> String {
    format!(
        "<div class='components-section'><i class='component-status hidden major_outage'></i>{components}
        <div class='component-statuses-legend'><div class='legend-item status-red'>Major Outage</div></div></div>"
    )
}

fn incident(impact: &str, updates: &[(&str, &str)]) -> String {
    let updates: Vec<_> = updates
        .iter()
        .map(|(word, text)| {
            format!(
                "<div class='update'><strong>{word}</strong> - {text}<br><small>Jan <var> 5</var>, 08:05 UTC</small></div>"
            )
        })
        .collect();
    format!(
        "<div class='unresolved-incidents'><div class='unresolved-incident {impact}'><div class='incident-title'>
        <a class='actual-title' href='/incidents/abc123'>Disks &amp; more</a><a class='subscribe' href='#x'>Subscribe</a>
        </div><div class='updates'>{}</div></div></div>",
        updates.concat()
    )
}

const ONE: &str = "data-component-status='operational'";

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

fn is_maintenance(service: &Service) -> bool {
    service.dimensions.get(dimension_names::MAINTENANCE) == Some(&true.into())
}

#[test]
fn every_word_of_a_component_is_read_from_its_attribute() {
    for (attribute, status, maintenance, noted) in [
        ("data-component-status='operational'", Status::Ok, false, None),
        ("data-component-status='degraded_performance'", Status::Degraded, false, None),
        ("data-component-status='partial_outage'", Status::Degraded, false, None),
        ("data-component-status='major_outage'", Status::Outage, false, None),
        ("data-component-status='under_maintenance'", Status::Degraded, true, None),
        ("data-component-status='on_fire'", Status::Unknown, false, Some("on_fire")),
        ("data-component-status=' '", Status::Unknown, false, Some("(no data-component-status)")),
        ("", Status::Unknown, false, Some("(no data-component-status)")),
    ] {
        let report = read(&page("status-none", "", &section(&component("c1", attribute, "Web &amp; <b>API</b>"))));
        let [page, service] = &report.services[..] else { panic!("{attribute}: {report:?}") };
        assert_eq!((service.status, is_maintenance(service)), (status, maintenance), "{attribute}");
        assert_eq!((service.key.as_str(), service.name.as_str()), ("c1", "Web & API"));
        assert_eq!(text(service, "serviceId"), Some("c1"));
        assert_eq!(service.last_timestamp, None);
        assert_eq!(page.status, Status::Ok, "components do not speak for the page");
        assert_eq!(report.unknown_words.iter().map(String::as_str).next(), noted, "{attribute}");
    }
}

#[test]
fn the_page_speaks_first_by_its_banner_else_by_its_body() {
    let banner = |classes: &str| format!("<div class='page-status {classes}'><span class='status'>Fine</span></div>");
    for (body, above, status, maintenance) in [
        ("status-none", banner("status-none"), Status::Ok, false),
        ("status-none", banner("status-minor"), Status::Degraded, false),
        ("status-none", banner("status-major"), Status::Outage, false),
        ("status-none", banner("status-critical"), Status::Outage, false),
        ("status-none", banner("status-maintenance"), Status::Degraded, true),
        ("status-minor", String::new(), Status::Degraded, false),
        ("status-maintenance", String::new(), Status::Degraded, true),
        ("status-dark-mode status-major", banner(""), Status::Outage, false),
        ("status-wobbly", String::new(), Status::Unknown, false),
        ("", String::new(), Status::Unknown, false),
    ] {
        let report = read(&page(body, &above, &section(&component("c1", ONE, "Web"))));
        let page = &report.services[0];
        assert_eq!((page.status, is_maintenance(page)), (status, maintenance), "{body} {above}");
        assert_eq!((page.key.as_str(), page.name.as_str()), ("page", "Acme & Sons"));
        assert_eq!(text(page, "scope"), Some("page"));
        assert_eq!(report.unknown_words.is_empty(), status != Status::Unknown);
    }
}

#[test]
fn open_incidents_raise_the_page_and_nothing_else() {
    let down = ("Investigating", "We look");
    for (impact, updates, raised) in [
        ("impact-minor", &[down][..], Status::Degraded),
        ("impact-major", &[("Identified", "Found"), down], Status::Degraded),
        ("impact-critical", &[("Update", "Still"), ("Update", "Still"), ("Identified", "Found"), down], Status::Outage),
        ("impact-critical", &[("Update", "Still")], Status::Outage),
        ("impact-critical", &[("Untersuchung", "In another language")], Status::Outage),
        ("impact-critical", &[], Status::Outage),
        ("impact-critical", &[("Monitoring", "Fixed"), down], Status::Ok),
        ("impact-major", &[("Update", "Soon"), ("Monitoring", "Fixed"), down], Status::Ok),
        ("impact-none", &[down], Status::Ok),
        ("impact-maintenance", &[("In progress", "We dig")], Status::Ok),
        ("impact-dire", &[down], Status::Unknown),
        ("", &[down], Status::Ok),
    ] {
        let html = page("status-none", &incident(impact, updates), &section(&component("c1", ONE, "Web")));
        let report = read(&html);
        assert_eq!(report.services[0].status, raised, "{impact} {updates:?}");
        assert_eq!(report.services[1].status, Status::Ok, "{impact} {updates:?}");
        assert_eq!(report.unknown_words.contains("dire"), impact == "impact-dire");
    }
    let worse = page("status-major", &incident("impact-minor", &[down]), &section(&component("c1", ONE, "Web")));
    assert_eq!(read(&worse).services[0].status, Status::Outage, "an incident improves nothing");
}

#[test]
fn an_incident_is_told_with_its_updates() {
    let long = "x".repeat(5_000);
    let updates = [("Update", "One<br />two <strong>bold</strong>"), ("Monitoring", &long), ("Investigating", "")];
    let report = read(&page("status-minor", &incident("impact-major", &updates), &section(&component("c", ONE, "W"))));
    let [incident] = &report.incidents[..] else { panic!("{report:?}") };
    assert_eq!((incident.key.as_str(), incident.title.as_str()), ("abc123", "Disks & more"));
    assert_eq!(incident.url.as_deref(), Some("https://status.acme.example/incidents/abc123"));
    assert_eq!((incident.kind, incident.state), (IncidentKind::Incident, IncidentState::Monitoring));
    assert_eq!(incident.impact, Some(Status::Degraded));
    let told: Vec<_> = incident.updates.iter().map(|update| (update.state, update.text.chars().count())).collect();
    assert_eq!(
        told,
        [
            (None, "One two bold".len()),
            (Some(IncidentState::Monitoring), 2_000),
            (Some(IncidentState::Investigating), 0)
        ]
    );
    assert_eq!(incident.updates[0].text, "One two bold");
    assert!(incident.updates.iter().all(|update| update.at.is_none()), "a date without a year is no date");
}

#[test]
fn every_word_of_an_update_is_a_state() {
    use IncidentState as S;
    for (word, state) in [
        ("Investigating", S::Investigating),
        ("Identified", S::Identified),
        ("monitoring", S::Monitoring),
        ("Resolved", S::Resolved),
        ("Postmortem", S::Resolved),
        ("Scheduled", S::Scheduled),
        ("In progress", S::InProgress),
        ("Verifying", S::InProgress),
        ("Completed", S::Completed),
    ] {
        let html = page("status-none", &incident("impact-minor", &[(word, "x")]), &section(&component("c", ONE, "W")));
        assert_eq!(read(&html).incidents[0].state, state, "{word}");
    }
}

#[test]
fn maintenance_is_told_and_raises_nothing_by_itself() {
    let ahead = "<div class='scheduled-maintenances-container'><div class='scheduled-maintenance'>
        <div class='incident-title'><a href='https://status.acme.example/incidents/m1'>Move</a>
        <small data-unix-time='1661662800'>Aug 27, 22:00-23:00 PDT</small></div><div class='updates-container'>
        <div class='update'><strong>Important</strong> - we move.<br><small><var>Posted on</var> Aug 18</small></div>
        </div></div></div>";
    let above = incident("impact-maintenance", &[("In progress", "Now"), ("Scheduled", "Soon")]) + ahead;
    let report = read(&page("status-none", &above, &section(&component("c", ONE, "W"))));
    assert_eq!(report.services[0].status, Status::Ok);
    let told = |incident: &Incident| (incident.kind, incident.state, incident.started_at.map(|at| at.to_string()));
    assert_eq!(
        report.incidents.iter().map(told).collect::<Vec<_>>(),
        [
            (IncidentKind::Maintenance, IncidentState::InProgress, None),
            (IncidentKind::Maintenance, IncidentState::Scheduled, Some("2022-08-28T05:00:00.000Z".to_owned())),
        ]
    );
    let scheduled = &report.incidents[1];
    assert_eq!((scheduled.key.as_str(), scheduled.title.as_str()), ("m1", "Move"));
    assert_eq!(scheduled.updates[0].text, "Important - we move.", "bold is a state only where it is a state's word");
    assert_eq!(scheduled.updates[0].state, None);
}

#[test]
fn a_machine_readable_time_is_an_updates_time() {
    let update = "<div class='unresolved-incident impact-minor'><div class='update'><strong>Identified</strong> - Found
        <small>Posted <span class='ago' data-datetime-unix='1576931508000'>13 days ago</span></small></div></div>";
    let report = read(&page("status-minor", update, &section(&component("c", ONE, "W"))));
    let incident = &report.incidents[0];
    assert_eq!(incident.updated_at.map(|at| at.to_string()).as_deref(), Some("2019-12-21T12:31:48.000Z"));
    assert_eq!(incident.updates[0].at, incident.updated_at);
    assert_eq!(incident.updates[0].text, "Found");
}

#[test]
fn groups_are_dimensions_and_their_heads_no_services() {
    let head = "<span class='fa group-parent-indicator'></span><span>\n EU &amp; UK </span>";
    let group = format!(
        "<div class='component-container is-group open'>{}<div class='child-components-container'>{}{}</div></div>
        <div class='component-container'>{}</div>",
        component("g", "data-component-status='major_outage'", head),
        component("a", "data-component-status='major_outage'", "API"),
        component("b", ONE, "CDN"),
        component("d", ONE, "API"),
    );
    let report = read(&page("status-major", "", &section(&group)));
    let told: Vec<_> =
        report.services[1..].iter().map(|it| (it.key.as_str(), it.name.as_str(), text(it, "group"))).collect();
    assert_eq!(told, [("a", "API", Some("EU & UK")), ("b", "CDN", Some("EU & UK")), ("d", "API", None)]);
}

#[test]
fn the_advertised_component_is_none() {
    let visit = component("v", ONE, "Visit status.acme.example for more information");
    let report = read(&page("status-none", "", &section(&(visit + &component("c", ONE, "Visits")))));
    assert_eq!(report.services.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["Acme & Sons", "Visits"]);
}

#[test]
fn a_page_without_components_speaks_for_itself_or_is_refused() {
    let banner = "<div class='page-status status-minor'></div>";
    let alone = read(&page("status-minor", banner, ""));
    assert_eq!(alone.services.iter().map(|it| it.status).collect::<Vec<_>>(), [Status::Degraded]);
    assert!(refusal(&page("status-minor", "", "")).contains("neither components nor a banner"));
    assert!(refusal(&page("status-none", banner, &section(""))).contains("markup has changed"));
    // What looks like a component elsewhere on the page is none.
    assert!(refusal(&page("status-none", &component("c", ONE, "Web"), "")).contains("neither"));
}

#[test]
fn components_without_id_or_name_are_refused() {
    for bad in [component("", ONE, "Web"), component("c1", ONE, ""), component("c1", ONE, "<script>x</script>")] {
        assert!(refusal(&page("status-none", "", &section(&bad))).contains("an id and a name"), "{bad}");
    }
}

#[test]
fn what_is_no_home_page_says_what_it_is() {
    for (body, says) in [
        ("class='status inactive'", "switched off"),
        ("class='status new status-major'", "login form"),
        ("class='status incident status-none'", "one Statuspage incident"),
        ("class='status history'", "another page"),
        ("id='statuspage'", "marketing"),
        ("class='status-index'", "no Statuspage"),
        ("", "no Statuspage"),
    ] {
        let html = format!("<title>Acme Status - Gone</title><body {body}>{}", section(&component("c", ONE, "Web")));
        let refusal = refusal(&html);
        assert!(refusal.contains(says) && refusal.contains("Acme Status - Gone"), "{body}: {refusal}");
    }
}

#[test]
fn a_page_is_named_by_its_masthead_only_where_it_has_no_title() {
    let html = page("status-none", "<span class='page-name'><a>Acme</a></span>", &section(&component("c", ONE, "W")));
    assert_eq!(read(&html).services[0].name, "Acme & Sons");
    let untitled = html.replace("<title>Acme &amp; Sons Status</title>", "");
    assert_eq!(read(&untitled).services[0].name, "Acme");
    assert!(refusal(&untitled.replace("page-name", "page")).contains("without a title"));
}

#[test]
fn the_markup_may_nest_as_it_likes() {
    let deep = page("status-none", &"<div>".repeat(100_000), &section(&component("c", ONE, "W")));
    assert!(refusal(&deep).contains("nested deeper"));
    let odd = page("status-none", &"<span class='icon'>".repeat(300), &section(&component("c", ONE, "W")));
    assert_eq!(read(&odd).services.len(), 2);
}
