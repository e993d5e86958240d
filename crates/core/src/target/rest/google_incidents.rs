//! Google Cloud and Google Workspace: `incidents.json`, a list of ended and ongoing incidents, newest first.
//!
//! There is no entry for "all good": a product is OK when no ongoing incident names it. Until early 2021 the list had
//! an older schema (hyphenated keys, no ids, one product per incident), which is read as well.

use serde_json::Value;

use super::incident::{headline, link, recent, updates};
use super::json::{describe, list, text, time, word};
use super::merge::{MAX_SERVICES, Merged};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Service, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// What a word of `status_impact` or of an update's `status` means.
static IMPACTS: Vocabulary = Vocabulary(&[
    ("AVAILABLE", Meaning::OK),
    ("SERVICE_INFORMATION", Meaning::OK),
    ("SERVICE_DISRUPTION", Meaning::DEGRADED),
    ("SERVICE_OUTAGE", Meaning::OUTAGE),
]);

/// What `severity` means. Only the older schema has nothing better; where newer incidents have both, the two agree.
static SEVERITIES: Vocabulary =
    Vocabulary(&[("low", Meaning::OK), ("medium", Meaning::DEGRADED), ("high", Meaning::OUTAGE)]);

/// Reads an incidents list: one service for each product and location that ongoing incidents name.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value: Value = document.json()?;
    let Some(rows) = value.as_array() else { return Err(stranger(&value)) };
    if let Some(other) = rows.iter().find(|row| !is_incident(row)) {
        return Err(stranger(other));
    }

    let mut report = Report::open_only();
    let mut merged = Merged::default();
    let mut incidents = Vec::new();
    for row in rows {
        let is_ongoing = text(row, "end").is_none();
        if is_ongoing {
            merged.make_room(products(row).len(), locations(row).len())?;
            let meaning = impact(&mut report, row);
            for service in services(row, meaning) {
                merged.add(service);
            }
        }
        incidents.push(incident(row, is_ongoing));
    }
    report.services = merged.into_services();
    // The list has reached back years.
    report.incidents = recent(incidents);
    Ok(report)
}

fn stranger(value: &Value) -> ParseError {
    ParseError::unrecognised(format!(
        "expected Google's incidents.json (a list of incidents with begin and most_recent_update), found {}",
        describe(value)
    ))
}

fn is_incident(row: &Value) -> bool {
    let telling = ["most_recent_update", "most-recent-update", "status_impact", "affected_products", "service_key"];
    text(row, "begin").is_some() && telling.iter().any(|key| row.get(key).is_some())
}

/// The newest update, under its newer or its older key; null if there is none.
fn newest_update(row: &Value) -> &Value {
    ["most_recent_update", "most-recent-update"]
        .iter()
        .filter_map(|key| row.get(key))
        .find(|update| update.is_object())
        .unwrap_or(&Value::Null)
}

/// How an ongoing incident affects its products now. The newest update is newer than `status_impact`, and they do
/// disagree: an outage is downgraded, or is over before the incident is closed.
fn impact(report: &mut Report, row: &Value) -> Meaning {
    match text(newest_update(row), "status").or_else(|| text(row, "status_impact")) {
        Some(word) => report.read(&IMPACTS, &word),
        None => report.read(&SEVERITIES, &word(row, "severity")),
    }
}

/// The products that an incident affects, as (id, name). Names change, ids stay.
fn products(row: &Value) -> Vec<(String, String)> {
    let named = |value: &Value, id: &str, name: &str| {
        let (id, name) = (text(value, id), text(value, name));
        Some((id.clone().or_else(|| name.clone())?, name.or(id)?))
    };
    let affected: Vec<_> =
        list(row, "affected_products").iter().filter_map(|product| named(product, "id", "title")).collect();
    if affected.is_empty() { named(row, "service_key", "service_name").into_iter().collect() } else { affected }
}

/// The ids of the locations that an incident affects now; one `None` where it names no location.
fn locations(row: &Value) -> Vec<Option<String>> {
    let affected: Vec<_> = list(row, "currently_affected_locations")
        .iter()
        .filter_map(|location| text(location, "id").or_else(|| text(location, "title")))
        .map(Some)
        .collect();
    if affected.is_empty() { vec![None] } else { affected }
}

fn key(product: &str, location: Option<&str>) -> String {
    location.map_or_else(|| product.to_owned(), |location| format!("{product}/{location}"))
}

fn services(row: &Value, meaning: Meaning) -> Vec<Service> {
    let incident = incident_key(row);
    let last_timestamp = time(newest_update(row), "when").or_else(|| time(row, "modified"));
    let locations = locations(row);
    let mut services = Vec::new();
    for (id, name) in products(row) {
        for location in &locations {
            let mut service = Service::named(key(&id, location.as_deref()), name.as_str());
            service.set(meaning);
            service.last_timestamp = last_timestamp;
            service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.as_str().into());
            service.dimensions.insert(dimension_names::INCIDENT.to_owned(), incident.as_str().into());
            if let Some(location) = location {
                service.dimensions.insert(dimension_names::REGION.to_owned(), location.as_str().into());
            }
            services.push(service);
        }
    }
    services
}

/// The incident's id. The older schema has none, and its numbers are unique only inside a product.
fn incident_key(row: &Value) -> String {
    text(row, "id").unwrap_or_else(|| {
        let product = text(row, "service_key").unwrap_or_default();
        let number = text(row, "number").or_else(|| text(row, "begin")).unwrap_or_default();
        format!("{product}/{number}")
    })
}

fn incident(row: &Value, is_ongoing: bool) -> Incident {
    let newest = newest_update(row);
    let state = if !is_ongoing {
        IncidentState::Resolved
    } else if text(newest, "status").is_some_and(|word| word.eq_ignore_ascii_case("AVAILABLE")) {
        IncidentState::Monitoring
    } else {
        IncidentState::Investigating
    };
    let impact = match text(row, "status_impact") {
        Some(word) => IMPACTS.meaning(&word),
        None => text(row, "severity").and_then(|word| SEVERITIES.meaning(&word)),
    };
    let said = list(row, "updates").iter().map(|update| IncidentUpdate {
        at: time(update, "when").or_else(|| time(update, "created")),
        state: None,
        text: text(update, "text").unwrap_or_default(),
    });
    let locations = locations(row);
    let keys = products(row)
        .into_iter()
        .flat_map(|(id, _)| locations.iter().map(|location| key(&id, location.as_deref())).collect::<Vec<_>>());
    Incident {
        key: incident_key(row),
        kind: IncidentKind::Incident,
        title: title(row),
        state,
        impact: impact.map(Meaning::status),
        started_at: time(row, "begin"),
        updated_at: time(row, "modified").or_else(|| time(newest, "when")),
        resolved_at: time(row, "end"),
        // `uri` is a path, and the document does not say on which of Google's hosts.
        url: link(row, "uri"),
        services: keys.take(MAX_SERVICES).collect(),
        updates: updates(said),
    }
}

/// The first line of the description that is not a heading: Workspace writes Markdown ("**Title**", then the title).
fn title(row: &Value) -> String {
    let description = text(row, "external_desc").unwrap_or_default();
    let is_heading = |line: &str| line.starts_with('#') || (line.starts_with("**") && line.ends_with("**"));
    let mut lines = description.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines.find(|line| !is_heading(line)).unwrap_or(&description);
    headline(&line.replace("**", ""))
}

#[cfg(test)]
mod tests;
