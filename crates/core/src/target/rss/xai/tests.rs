use super::*;
use crate::schema::Status;

/// An item: component, guid, the day of July 2026 it began, the words of its head.
fn item(component: &str, guid: &str, day: u32, status: &str, severity: &str) -> String {
    let update = |hour: u32, word: &str| {
        format!(
            "<div>\n<p><strong>Tue, {day:02} Jul 2026 {hour:02}:37:02 GMT</strong></p>\n<h3>{word}</h3>\n\
             <p>Text of {word}; Status: RESOLVED.</p></div>"
        )
    };
    format!(
        "<item><title>[{component}] Errors</title><link>https://status.x.ai/some-part/{guid}</link><guid>{guid}</guid>\
         <description><![CDATA[\n <h3>Status: {status}</h3>\n<p>Severity: {severity}</p><hr />{}{}]]></description>\
         <pubDate>Tue, {day:02} Jul 2026 15:40:26 GMT</pubDate></item>",
        update(16, status),
        update(15, "Investigating")
    )
}

fn rss(items: &str) -> String {
    format!(
        "<rss><channel><title>SpaceXAI System Status</title><link>https://status.x.ai</link>{items}</channel></rss>"
    )
}

fn read(items: &str) -> Report {
    parse(&Document::new(rss(items).as_bytes())).unwrap()
}

#[test]
fn a_head_says_state_and_severity() {
    use IncidentState::{Completed, Identified, InProgress, Investigating, Monitoring, Resolved, Scheduled};
    let (ok, degraded, outage, unknown) = (Status::Ok, Status::Degraded, Status::Outage, Status::Unknown);
    for (word, severity, state, status) in [
        ("RESOLVED", "available", Resolved, ok),
        ("Resolved", "outage", Resolved, ok),
        ("ACTIVE", "outage", Investigating, outage),
        ("INVESTIGATING", "unavailable", Investigating, outage),
        ("IDENTIFIED", "degraded", Identified, degraded),
        ("MONITORING", "disruption", Monitoring, degraded),
        ("MONITORING", "Available", Monitoring, ok),
        ("ACTIVE", "info", Investigating, ok),
        ("ACTIVE", "maintenance", InProgress, degraded),
        ("SCHEDULED", "maintenance", Scheduled, ok),
        ("IN PROGRESS", "maintenance", InProgress, degraded),
        ("VERIFYING", "maintenance", InProgress, degraded),
        ("COMPLETED", "available", Completed, ok),
        ("UNRESOLVED", "available", Investigating, unknown),
        ("ACTIVE", "catastrophe", Investigating, unknown),
    ] {
        let report = read(&item("API", "INC1", 7, word, severity));
        let (service, incident) = (&report.services[0], &report.incidents[0]);
        assert_eq!((incident.state, service.status), (state, status), "{word} {severity}");
        let is_planned = severity == "maintenance" || word == "COMPLETED";
        assert_eq!(incident.kind == IncidentKind::Maintenance, is_planned, "{word} {severity}");
        assert_eq!(service.dimensions.contains_key("maintenance"), state == InProgress, "{word} {severity}");
        assert_eq!(report.unknown_words.len(), usize::from(status == unknown), "{word} {severity}");
        assert_eq!(service.last_timestamp.is_some(), state != Scheduled);
    }
}

#[test]
fn categories_stand_in_for_a_head_in_any_order() {
    for categories in [["outage", "active"], ["Active", "Outage"]] {
        let [one, other] = categories.map(|word| format!("<category>{word}</category>"));
        let bare = format!(
            "<item><title>[grok.com] Models</title><guid>INC1</guid><link>https://status.x.ai/grok-com/INC1</link>\
             <pubDate>Thu, 03 Sep 2026 13:30:00 GMT</pubDate>{one}{other}</item>"
        );
        let report = read(&bare);
        assert_eq!(report.services[0].status, Status::Outage);
        assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-09-03T13:30:00.000Z");
    }
    let no_severity = item("API", "INC1", 7, "ACTIVE", "").replace("Severity:", "");
    assert_eq!(read(&no_severity).services[0].status, Status::Degraded);
}

#[test]
fn components_are_told_apart_by_their_addresses_and_named_by_their_titles() {
    for (component, name, region) in [
        ("API (us-west-2.api.x.ai)", "API", Some("us-west-2")),
        ("Global (api.x.ai)", "Global (api.x.ai)", None),
        ("Grok (Web)", "Grok (Web)", None),
        ("grok.com", "grok.com", None),
    ] {
        let service = read(&item(component, "INC1", 7, "ACTIVE", "outage")).services.remove(0);
        assert_eq!((service.key.as_str(), service.name.as_str()), ("some-part", name));
        assert_eq!(service.dimensions["serviceId"], "some-part".into());
        assert_eq!(service.dimensions.get("region"), region.map(Into::into).as_ref());
    }
    let elsewhere = item("API", "INC1", 7, "ACTIVE", "outage").replace("/some-part/INC1", "");
    assert_eq!(read(&elsewhere).services[0].key, "API");
    assert_eq!(read(&elsewhere.replace("[API] ", "")).services[0].key, "xAI");
}

#[test]
fn an_open_item_below_closed_ones_counts_and_one_incident_has_one_record() {
    let part = |item: String, part: &str| item.replace("some-part", part);
    let report = read(
        &(part(item("API", "INC3", 21, "RESOLVED", "available"), "api")
            + &part(item("Web", "INC2", 14, "RESOLVED", "available"), "web")
            + &part(item("API", "INC2", 14, "ACTIVE", "degraded"), "api")
            + &part(item("API", "INC1", 7, "ACTIVE", "outage"), "api")),
    );
    let rows: Vec<_> = report.services.iter().map(|service| (service.key.as_str(), service.status)).collect();
    assert_eq!(rows, [("api", Status::Outage), ("web", Status::Ok)]);
    assert_eq!(report.services[0].dimensions["incident"], "INC1".into());
    assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-07-14T16:37:02.000Z");
    let told: Vec<_> = report.incidents.iter().map(|one| (one.key.as_str(), one.is_open())).collect();
    assert_eq!(told, [("INC3", false), ("INC2", true), ("INC1", true)]);
    assert_eq!(report.incidents[1].services, ["web", "api"]);
}

#[test]
fn an_incident_has_its_times_and_updates() {
    let resolved = item("API", "INC1", 7, "RESOLVED", "available");
    let incident = read(&resolved).incidents.remove(0);
    assert_eq!((incident.title.as_str(), incident.impact), ("Errors", None));
    assert_eq!(incident.started_at.unwrap().to_string(), "2026-07-07T15:40:26.000Z");
    assert_eq!(incident.resolved_at.unwrap().to_string(), "2026-07-07T16:37:02.000Z");
    let told: Vec<_> = incident.updates.iter().map(|update| (update.state.unwrap(), update.text.as_str())).collect();
    assert_eq!(
        told,
        [
            (IncidentState::Resolved, "Text of RESOLVED; Status: RESOLVED."),
            (IncidentState::Investigating, "Text of Investigating; Status: RESOLVED.")
        ]
    );
    let stated = resolved.replace("<hr />", "<p>Resolved: Tue, 07 Jul 2026 16:30:00 GMT</p><hr />");
    assert_eq!(read(&stated).incidents[0].resolved_at.unwrap().to_string(), "2026-07-07T16:30:00.000Z");
}

#[test]
fn an_empty_feed_is_broken_and_other_feeds_are_refused() {
    let parse = |document: &str| parse(&Document::new(document.as_bytes()));
    assert_eq!(parse(&rss("")), Err(ParseError::Empty));
    let good = rss(&item("API", "INC1", 7, "ACTIVE", "outage"));
    for stranger in [good.replace("status.x.ai", "status.acme.test"), good.replace("Status:", "State:")] {
        assert!(matches!(parse(&stranger), Err(ParseError::Unrecognised(_))), "{stranger}");
    }
}
