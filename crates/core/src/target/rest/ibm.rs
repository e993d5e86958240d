//! IBM Cloud: `status/getEnhancedStatus`, where incidents, maintenances, announcements and release notes of years stand
//! side by side, with a catalogue of what runs where.

mod items;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::Value;

use self::items::Item;
use super::incident::recent_by;
use super::json::{describe, has_list, list, text};
use super::merge::{MAX_SERVICES, Merged};
use crate::schema::{Service, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// What the severity of an incident means: 1 is that a service is down, the others are that it is worse than it should be.
static SEVERITIES: Vocabulary =
    Vocabulary(&[("1", Meaning::OUTAGE), ("2", Meaning::DEGRADED), ("3", Meaning::DEGRADED), ("4", Meaning::DEGRADED)]);

/// How many services are told of what is over or ahead.
const MAX_TOLD: usize = 1_000;

/// Reads the status: one service for each resource and region that open incidents and running maintenances name.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value: Value = document.json()?;
    let rows = list(&value, "statusItems");
    let has_catalogue = !list(&value, "resources").is_empty();
    let is_status =
        has_list(&value, "statusItems") && if rows.is_empty() { has_catalogue } else { rows.iter().any(is_item) };
    if !is_status {
        return Err(ParseError::unrecognised(format!(
            "expected an IBM Cloud status (statusItems[] with type, regions and resourceIDs), found {}",
            describe(&value)
        )));
    }

    let names = names(&value);
    let mut report = Report::open_only();
    let mut merged = Merged::default();
    let items = rows.iter().filter_map(|row| Item::read(row, document.now()));
    let told = items.map(|item| (item.incident(), item)).collect();
    for (mut incident, item) in recent_by(told, |(incident, _)| incident) {
        let (resources, regions) = (resources(item.row, &names), regions(item.row));
        let meaning = item.is_under_way().then(|| item.meaning(&mut report));
        let room = if meaning.is_some() {
            merged.make_room(resources.len(), regions.len())?;
            MAX_SERVICES
        } else {
            MAX_TOLD
        };
        let pairs = resources.iter().flat_map(|it| regions.iter().map(move |region| (it, *region)));
        for (resource, region) in pairs.take(room) {
            let mut service = service(resource, region, &item);
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

fn is_item(row: &Value) -> bool {
    text(row, "type").is_some() && (has_list(row, "regions") || has_list(row, "resourceIDs"))
}

/// What people call the resources of the catalogue, by their ids.
fn names(value: &Value) -> HashMap<String, String> {
    let entry = |row: &Value| Some((text(row, "resourceID")?, text(row, "displayName")?));
    list(value, "resources").iter().filter_map(entry).collect()
}

/// What is concerned: its id, where there is one, and its name.
struct Resource<'a> {
    id: Option<&'a str>,
    name: String,
}

/// The resources that an item names; where it names none, what it is about.
fn resources<'a>(row: &'a Value, names: &HashMap<String, String>) -> Vec<Resource<'a>> {
    let ids = texts(row, "resourceIDs");
    let own = text(row, "name");
    if ids.is_empty() {
        return own.map(|name| Resource { id: None, name }).into_iter().collect();
    }
    // The item's own name is that of its resource, where it has but one.
    let own = own.filter(|_| ids.len() == 1);
    let name = |id: &str| names.get(id).or(own.as_ref()).map_or_else(|| id.to_owned(), Clone::clone);
    ids.iter().map(|&id| Resource { id: Some(id), name: name(id) }).collect()
}

/// The regions that an item names; one `None` where it names none.
fn regions(row: &Value) -> Vec<Option<&str>> {
    let regions = texts(row, "regions");
    if regions.is_empty() { vec![None] } else { regions.into_iter().map(Some).collect() }
}

fn texts<'a>(row: &'a Value, key: &str) -> Vec<&'a str> {
    list(row, key).iter().filter_map(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).collect()
}

fn service(resource: &Resource<'_>, region: Option<&str>, item: &Item<'_>) -> Service {
    let id = resource.id.unwrap_or(&resource.name);
    let key = region.map_or_else(|| id.to_owned(), |region| format!("{id}/{region}"));
    let mut service = Service::named(key, resource.name.as_str());
    service.last_timestamp = item.changed_at();
    service.dimensions.insert(dimension_names::INCIDENT.to_owned(), item.key().into());
    if let Some(id) = resource.id {
        service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
    }
    if let Some(region) = region {
        service.dimensions.insert(dimension_names::REGION.to_owned(), region.into());
    }
    service
}
