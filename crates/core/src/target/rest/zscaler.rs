//! Zscaler Trust: `api/cloud-status`, the services of one cloud, each with the events that concern it now and those of
//! the last days.
//!
//! A service's own `status` stays `true` while an event degrades it. How bad an event is says its `severityTid`, by the
//! legend that the document brings along.

mod incidents;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::Value;

use self::incidents::Events;
use super::incident::recent;
use super::json::{NO_WORD, describe, flag, has_list, list, text};
use crate::schema::{Service, Status, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// What a severity means that customers feel.
static SEVERITIES: Vocabulary =
    Vocabulary(&[("Service Disruption", Meaning::OUTAGE), ("Service Degradation", Meaning::DEGRADED)]);

/// The title of the category that holds all services: no group of theirs.
const ALL: &str = "all";

/// Reads the status of a cloud: its services, each as bad as the worst event that concerns it now.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value: Value = document.json()?;
    let data = value.get("data").unwrap_or(&Value::Null);
    let legend = Legend::read(data);
    let categories = list(data, "category");
    if legend.0.is_empty() || !categories.iter().any(|category| has_list(category, "subCategory")) {
        return Err(ParseError::unrecognised(format!(
            "expected a Zscaler cloud status (data.severity[] with tid and name, data.category[].subCategory[]), found {}",
            describe(&value)
        )));
    }

    let mut report = Report::complete();
    let mut events = Events::default();
    for category in categories {
        let group = text(category, "title").filter(|title| !title.eq_ignore_ascii_case(ALL));
        for row in list(category, "subCategory") {
            let Some(mut service) = service(&mut report, &legend, row, &mut events) else { continue };
            if let Some(group) = &group {
                service.dimensions.insert(dimension_names::GROUP.to_owned(), group.as_str().into());
            }
            report.services.push(service);
        }
    }
    report.incidents = recent(events.into_incidents());
    Ok(report)
}

/// A service as bad as the worst open event on it; `None` for a row without a name or an id.
fn service(report: &mut Report, legend: &Legend, row: &Value, events: &mut Events) -> Option<Service> {
    let id = text(row, "tid");
    let name = text(row, "name").or_else(|| id.clone())?;
    let mut service = Service::named(id.clone().unwrap_or_else(|| name.clone()), name);
    // What else it might mean nobody has told: it is not read as "all is well".
    let is_denied = flag(row, "status") == Some(false);
    let mut worst = if is_denied { report.unknown("status: false").status() } else { Status::Ok };
    let told = incidents::of_service(report, legend, row);
    for incident in told.iter().filter(|incident| incident.is_open()) {
        let impact = incident.impact.unwrap_or(Status::Unknown);
        if impact > worst || !service.dimensions.contains_key(dimension_names::INCIDENT) {
            service.dimensions.insert(dimension_names::INCIDENT.to_owned(), incident.key.as_str().into());
        }
        worst = worst.max(impact);
        service.last_timestamp = service.last_timestamp.max(incident.updated_at);
    }
    service.set(Meaning::Is(worst));
    events.add(told, &service.key);
    if let Some(id) = id {
        service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
    }
    Some(service)
}

/// The severities by their ids, as the document explains them.
struct Legend(HashMap<String, Severity>);

struct Severity {
    name: String,
    /// Whether the vendor says that customers do not feel it.
    is_silent: bool,
}

impl Legend {
    fn read(data: &Value) -> Self {
        let entry = |row: &Value| {
            let is_silent = flag(row, "visible") == Some(false);
            Some((text(row, "tid")?, Severity { name: text(row, "name")?, is_silent }))
        };
        Self(list(data, "severity").iter().filter_map(entry).collect())
    }

    /// What the severity of an event means; the word for it that nobody knows otherwise.
    fn meaning(&self, event: &Value) -> Result<Meaning, String> {
        let tid = text(event, "severityTid").ok_or(NO_WORD)?;
        let severity = self.0.get(&tid).ok_or_else(|| format!("severityTid {tid}"))?;
        if severity.is_silent {
            return Ok(Meaning::OK);
        }
        SEVERITIES.meaning(&severity.name).ok_or_else(|| severity.name.clone())
    }
}
