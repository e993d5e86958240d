//! SAP Concur: the three documents of `open.concur.com`, told apart by what is in them.
//!
//! - `api/v3/banner`: whether an alert is shown to everybody. Its text is there all the time.
//! - `api/open/status_history`: the services of one data centre, each with its current status and its last days.
//! - `api/open/incidents`: all incidents since 2013, the newest first, with the services and data centres they concern.

mod incidents;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde_json::{Map, Value};

use self::incidents::{english, incident, key, meaning, names};
use super::incident::{headline, recent, recent_by};
use super::json::{NO_WORD, describe, has_list, list, text, word};
use super::merge::Merged;
use crate::schema::{Incident, IncidentKind, IncidentState, Service, Timestamp, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary, whole};

/// What the current status of a service, or the severity of an incident, means.
static STATUS: Vocabulary =
    Vocabulary(&[("normal", Meaning::OK), ("degradation", Meaning::DEGRADED), ("disruption", Meaning::OUTAGE)]);

/// What it means whether the banner is shown. It is an alert over everything; how bad things are it says in prose only.
static DISPLAY: Vocabulary = Vocabulary(&[("true", Meaning::DEGRADED), ("false", Meaning::OK)]);

/// What the banner is about, and incidents that name no service.
const PRODUCT: &str = "SAP Concur";

/// The key under which a service of the status history has its present state, among the days before.
const CURRENT: &str = "Current Status";

/// Reads any of the three documents.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value: Value = document.json()?;
    let data = value.get("data").unwrap_or(&Value::Null);
    if data.get("display").is_some() && (data.get("text").is_some() || value.get("success").is_some()) {
        return Ok(banner(data));
    }
    if let Some(services) = data.as_object().filter(|rows| rows.values().any(is_service)) {
        return Ok(status_history(services, document.now()));
    }
    let rows = list(&value, "incidents");
    if rows.iter().any(is_incident) {
        return incidents(rows, document.now());
    }
    Err(ParseError::unrecognised(format!(
        "expected SAP Concur's banner (data.display), its status history (data with services and their \"{CURRENT}\") or \
         its incidents (with affected_services and data_centers), found {}",
        describe(&value)
    )))
}

fn is_service(row: &Value) -> bool {
    row.get(CURRENT).is_some_and(Value::is_object)
}

fn is_incident(row: &Value) -> bool {
    has_list(row, "affected_services") && has_list(row, "data_centers")
}

/// All of Concur, by whether its banner is shown.
fn banner(data: &Value) -> Report {
    let mut report = Report::complete();
    let display = match data.get("display") {
        Some(Value::Bool(is_shown)) => is_shown.to_string(),
        _ => text(data, "display").unwrap_or_else(|| NO_WORD.to_owned()),
    };
    let meaning = report.read(&DISPLAY, &display);
    if meaning != Meaning::OK {
        let said = data.get("text").and_then(english).unwrap_or(PRODUCT);
        report.incidents.push(Incident {
            key: "banner".to_owned(),
            kind: IncidentKind::Incident,
            title: headline(said),
            state: IncidentState::Investigating,
            impact: None,
            started_at: None,
            updated_at: None,
            resolved_at: None,
            url: None,
            services: vec![whole::KEY.to_owned()],
            updates: Vec::new(),
        });
    }
    let mut page = whole::page(PRODUCT, meaning, &report.incidents);
    if let Some(incident) = report.incidents.first() {
        page.dimensions.insert(dimension_names::INCIDENT.to_owned(), incident.key.as_str().into());
    }
    report.services.push(page);
    report
}

/// The services of a data centre, which the document does not name.
fn status_history(rows: &Map<String, Value>, now: Option<Timestamp>) -> Report {
    let mut report = Report::complete();
    let mut told = Vec::new();
    let mut seen = HashSet::new();
    for (name, row) in rows {
        let Some(current) = row.get(CURRENT) else { continue };
        let mut service = Service::named(name, text(row, "Service").unwrap_or_else(|| name.clone()));
        service.set(report.read(&STATUS, &word(current, "status")));
        let now_told: Vec<_> = list(current, "incidents").iter().map(|row| incident(row, now)).collect();
        let open = || now_told.iter().filter(|incident| incident.is_open());
        service.last_timestamp = open().filter_map(|incident| incident.updated_at).max();
        if let Some(worst) = open().rev().max_by_key(|incident| incident.impact) {
            service.dimensions.insert(dimension_names::INCIDENT.to_owned(), worst.key.as_str().into());
        }
        report.services.push(service);
        told.extend(now_told.into_iter().filter(|incident| seen.insert(incident.key.clone())));
        // The days before, and today's once more.
        let days = row.as_object().into_iter().flat_map(Map::values).flat_map(|day| list(day, "incidents"));
        told.extend(days.filter(|row| seen.insert(key(row))).map(|row| incident(row, now)));
    }
    report.incidents = recent(told);
    report
}

/// The services that open incidents name, in each data centre that these name.
fn incidents(rows: &[Value], now: Option<Timestamp>) -> Result<Report, ParseError> {
    let mut report = Report::open_only();
    let mut merged = Merged::default();
    let told = rows.iter().map(|row| (row, incident(row, now))).collect();
    for (row, mut incident) in recent_by(told, |(_, incident)| incident) {
        let (services, centres) = (services(row), centres(row));
        merged.make_room(services.len(), centres.len())?;
        let meaning = incident.is_open().then(|| meaning(&mut report, row, now));
        incident.services.clear();
        for (name, centre) in services.iter().flat_map(|name| centres.iter().map(move |centre| (name, *centre))) {
            let mut service = service(name, centre, &incident);
            incident.services.push(service.key.clone());
            if let Some(meaning) = meaning {
                service.set(meaning);
                merged.add(service);
            }
        }
        report.incidents.push(incident);
    }
    report.services = merged.into_services();
    Ok(report)
}

/// The services that an incident names; one that names none is about all of them.
fn services(row: &Value) -> Vec<&str> {
    let services = names(row, "affected_services");
    if services.is_empty() { vec![PRODUCT] } else { services }
}

/// The data centres that an incident names; one `None` where it names none.
fn centres(row: &Value) -> Vec<Option<&str>> {
    let centres = names(row, "data_centers");
    if centres.is_empty() { vec![None] } else { centres.into_iter().map(Some).collect() }
}

/// A service in a data centre, as an incident names it.
fn service(name: &str, centre: Option<&str>, incident: &Incident) -> Service {
    let key = centre.map_or_else(|| name.to_owned(), |centre| format!("{name}/{centre}"));
    let mut service = Service::named(key, name);
    service.last_timestamp = incident.updated_at;
    service.dimensions.insert(dimension_names::INCIDENT.to_owned(), incident.key.as_str().into());
    if let Some(centre) = centre {
        service.dimensions.insert(dimension_names::REGION.to_owned(), centre.into());
    }
    service
}
