//! SAP Concur's three documents: the services of a data centre with their current status, all incidents with the
//! services and data centres they concern, and the banner that everybody sees while something is wrong.
//!
//! Regions are data centres. Concur knows no planned work: what runs is a degradation, what is only scheduled is left
//! out.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::Asked;
use super::codes::{Letters, code};
use crate::world::{Condition, Incident, Service, ServiceState, Stage, Truth, Update};

/// The services of the data centre that the query names, or of all of them.
pub(super) fn status_history(truth: &Truth<'_>, asked: &Asked) -> String {
    let centre = asked.query("data_center");
    let mut rows: Map<String, Value> = Map::new();
    let mut worst: Vec<(&str, Condition)> = Vec::new();
    for (place, (service, state)) in truth.services().enumerate() {
        let elsewhere = |wanted: &str| region(service).is_none_or(|id| !id.eq_ignore_ascii_case(wanted));
        if centre.is_some_and(elsewhere) {
            continue;
        }
        match worst.iter_mut().find(|(name, _)| *name == service.name) {
            Some((_, known)) if *known >= state.condition => continue,
            Some((_, known)) => *known = state.condition,
            None => worst.push((&service.name, state.condition)),
        }
        rows.insert(service.name.clone(), history(truth, place, service, state));
    }
    json!({ "success": false, "data": rows }).to_string()
}

/// All incidents, newest first; one for each data centre concerned, since services and data centres are listed apart.
pub(super) fn incidents(truth: &Truth<'_>) -> String {
    let mut rows = Vec::new();
    for incident in told(truth) {
        let mut centres: Vec<Option<&str>> = Vec::new();
        for service in truth.concerned(incident) {
            if !centres.contains(&region(service)) {
                centres.push(region(service));
            }
        }
        rows.extend(centres.into_iter().map(|centre| row(truth, incident, centre)));
    }
    json!({ "incidents": rows }).to_string()
}

/// The banner: its text is there all the time.
pub(super) fn banner(truth: &Truth<'_>) -> String {
    let text = json!({
        "de": "Problemwarnung – Wir gehen Meldungen über einen oder mehrere Dienste nach.",
        "en": "Issue Alert – We are following up reports about one or more services.",
    });
    json!({ "success": true, "data": { "display": truth.events().any(Incident::is_active), "text": text } }).to_string()
}

fn told<'a>(truth: &'a Truth<'_>) -> impl Iterator<Item = &'a Incident> {
    truth.events().filter(|incident| incident.stage() != Stage::Scheduled)
}

fn region(service: &Service) -> Option<&str> {
    service.region.as_ref().map(|region| region.id.as_str())
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "normal",
        Condition::Maintenance | Condition::Degraded | Condition::PartialOutage => "degradation",
        Condition::MajorOutage => "disruption",
    }
}

fn history(truth: &Truth<'_>, place: usize, service: &Service, state: ServiceState) -> Value {
    let of_service = || told(truth).filter(|incident| incident.services.contains(&place));
    let open: Vec<_> =
        of_service().filter(|incident| incident.is_open()).map(|one| row(truth, one, region(service))).collect();
    let day = |day: String, status: Condition, incidents: Vec<Value>| {
        (format!("{day}T-0000"), json!({ "status": word(status), "incidents": incidents }))
    };
    let mut days = Map::new();
    days.insert("Service".to_owned(), service.name.as_str().into());
    days.insert("Current Status".to_owned(), json!({ "status": word(state.condition), "incidents": open }));
    for incident in of_service().filter(|incident| !incident.is_open()) {
        let date = incident.first.at.format("%Y-%m-%d").to_string();
        let (date, told) = day(date, incident.worst(), vec![row(truth, incident, region(service))]);
        match days.get_mut(&date).and_then(|known| known["incidents"].as_array_mut()) {
            Some(known) => known.push(row(truth, incident, region(service))),
            None => drop(days.insert(date, told)),
        }
    }
    days.into()
}

fn row(truth: &Truth<'_>, incident: &Incident, centre: Option<&str>) -> Value {
    let words = [truth.vendor.name.as_str(), incident.id.as_str(), centre.unwrap_or_default()];
    let issue = format!("OPI-{}", code(Letters::Decimal, 7, &words));
    let services = truth.concerned(incident).filter(|service| region(service) == centre);
    let (start, end) = (incident.first.at, incident.ended_at());
    let condition = if incident.is_open() { incident.latest().condition } else { incident.worst() };
    json!({
        "id": code(Letters::Decimal, 9, &words).parse::<u32>().unwrap_or_default(),
        "jira_id": issue,
        "affected_services": services.map(|service| service.name.as_str()).collect::<Vec<_>>(),
        "data_centers": centre.into_iter().collect::<Vec<_>>(),
        "priority_type": "P1",
        "severity": word(condition),
        "status": if incident.is_open() { "INVESTIGATION" } else { "RESOLVED" },
        "comm_src": "Parrot",
        "created_date": date(start),
        "created_epoch": start.timestamp(),
        "start_date": date(start),
        "start_epoch": start.timestamp(),
        "end_date": end.map(date),
        "end_epoch": end.map(|end| end.timestamp()),
        "messages": incident.updates().map(|update| message(incident, update, &issue)).collect::<Vec<_>>(),
    })
}

fn message(incident: &Incident, update: &Update, issue: &str) -> Value {
    let text = format!("{}. {}", incident.title, update.text);
    let kind = match update.stage {
        Stage::Investigating | Stage::Scheduled => "Issue Identified",
        Stage::Identified | Stage::Monitoring | Stage::InProgress => "Issue Status Update",
        Stage::Resolved | Stage::Completed => "Issue Resolved",
    };
    json!({
        "id": update.at.timestamp(),
        "jira_id": issue,
        "message_type": kind,
        "priority_type": "P1",
        "broadcast": "Y",
        "body": { "de": format!("(DE) {text}"), "en": text },
        "created_date": date(update.at),
        "created_epoch": update.at.timestamp(),
    })
}

/// `2026-07-24T12:40:56+0000`.
fn date(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S+0000").to_string()
}
