//! Atlassian Statuspage v2, and incident.io's answers in the same shape: `summary.json`, `status.json` and
//! `components.json`, told apart by what is in them.

mod incidents;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::Value;

use self::incidents::incidents;
use super::incident::mark_named;
use super::json::{describe, has_list, list, text, time, word};
use crate::schema::{Incident, Service, dimension_names};
use crate::target::statuspage::{COMPONENT, INDICATOR, is_decoy};
use crate::target::{Document, ParseError, Report, whole};

/// Reads any of the three documents: the page, where the document states how it is, then its components.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    read(&document.json()?)
}

/// The same for a document that is taken apart already.
pub(super) fn read(value: &Value) -> Result<Report, ParseError> {
    recognise(value)?;
    let mut report = Report::complete();
    let incidents = incidents(&mut report, value);
    if value.get("status").is_some_and(Value::is_object) {
        let page = page(&mut report, value, &incidents);
        report.services.push(page);
    }
    let components = components(&mut report, value, &incidents)?;
    report.services.extend(components);
    report.incidents = incidents;
    Ok(report)
}

/// Whether this is a document of the family that tells how components or the page are.
fn recognise(value: &Value) -> Result<(), ParseError> {
    let page = value.get("page").unwrap_or(&Value::Null);
    let status = value.get("status").unwrap_or(&Value::Null);
    if page.is_object() {
        if text(status, "indicator").is_some() {
            return Ok(());
        }
        // Instatus answers at Statuspage's paths too, and its page states a status itself.
        if has_list(value, "components") && text(page, "status").is_none() {
            return Ok(());
        }
    }
    let found = if status.is_number() {
        format!("an error body, {}", describe(value))
    } else if page.is_object() && (has_list(value, "incidents") || has_list(value, "scheduled_maintenances")) {
        "a list of incidents, which is history and no state".to_owned()
    } else {
        describe(value)
    };
    Err(ParseError::unrecognised(format!(
        "expected a Statuspage summary.json, status.json or components.json (an object with page, and \
         status.indicator or components), found {found}"
    )))
}

/// The service that stands for the page: the worst of its indicator and of its open incidents.
fn page(report: &mut Report, value: &Value, incidents: &[Incident]) -> Service {
    let page = value.get("page").unwrap_or(&Value::Null);
    let status = value.get("status").unwrap_or(&Value::Null);
    let indicator = report.read(&INDICATOR, &word(status, "indicator"));
    let name = text(page, "name").unwrap_or_else(|| whole::KEY.to_owned());
    let mut service = whole::page(name, indicator, incidents);
    service.last_timestamp = time(page, "updated_at");
    if let Some(id) = text(page, "id") {
        service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
    }
    service
}

/// The components, without the rows that are none of their own.
fn components(report: &mut Report, value: &Value, incidents: &[Incident]) -> Result<Vec<Service>, ParseError> {
    let rows = list(value, "components");
    if let Some(first) = rows.first()
        && rows.iter().all(|row| text(row, "name").is_none())
    {
        return Err(ParseError::unrecognised(format!(
            "expected Statuspage components with id, name and status, found {}",
            describe(first)
        )));
    }
    // Children may come before their group.
    let groups: HashMap<String, String> = rows
        .iter()
        .filter(|row| is_group(row))
        .filter_map(|row| Some((text(row, "id")?, text(row, "name")?)))
        .collect();

    let mut services = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(name) = text(row, "name") else { continue };
        // A group repeats its worst child: counted too, every outage would count twice.
        if is_group(row) || is_decoy(&name) {
            continue;
        }
        let group = text(row, "group_id").and_then(|id| groups.get(&id));
        let id = text(row, "id");
        let key = id.clone().unwrap_or_else(|| group.map_or_else(|| name.clone(), |group| format!("{group}/{name}")));
        let mut service = Service::named(key, name);
        service.set(report.read(&COMPONENT, &word(row, "status")));
        service.last_timestamp = time(row, "updated_at");
        if let Some(group) = group {
            service.dimensions.insert(dimension_names::GROUP.to_owned(), group.as_str().into());
        }
        if let Some(id) = id {
            service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
        }
        services.push(service);
    }
    mark_named(&mut services, incidents);
    Ok(services)
}

fn is_group(row: &Value) -> bool {
    row.get("group").and_then(Value::as_bool) == Some(true)
}
