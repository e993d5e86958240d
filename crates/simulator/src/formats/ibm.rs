//! IBM Cloud's status: incidents and maintenances, each of one resource in its regions, among news of all kinds, and a
//! catalogue of what runs where. What is over stays in the list; a resource that no open item names is well.

use serde_json::{Value, json};

use super::codes::{Letters, code};
use super::markup::escape;
use super::times::seconds;
use crate::world::{Condition, Incident, IncidentKind, Service, Stage, Truth, Zone};

/// The status.
pub(super) fn status(truth: &Truth<'_>) -> String {
    let mut items: Vec<Value> = Vec::new();
    for incident in truth.events() {
        items.extend(by_name(truth.concerned(incident)).into_iter().map(|resource| item(truth, incident, &resource)));
    }
    items.extend(by_name(&truth.vendor.services).iter().take(1).flat_map(|resource| news(truth, resource)));
    let catalogue = by_name(&truth.vendor.services);
    json!({
        "authStatus": "unauth",
        "statusItems": items,
        "regions": {},
        "resources": catalogue.iter().map(|resource| entry(truth, resource)).collect::<Vec<_>>(),
    })
    .to_string()
}

/// A resource: all services of one name.
type Resource<'a> = Vec<&'a Service>;

fn by_name<'a>(services: impl IntoIterator<Item = &'a Service>) -> Vec<Resource<'a>> {
    let mut resources: Vec<Resource<'a>> = Vec::new();
    for service in services {
        match resources.iter_mut().find(|resource| resource.iter().any(|one| one.name == service.name)) {
            Some(resource) => resource.push(service),
            None => resources.push(vec![service]),
        }
    }
    resources
}

fn name<'a>(resource: &Resource<'a>) -> &'a str {
    resource.first().map_or("", |service| service.name.as_str())
}

fn id(truth: &Truth<'_>, resource: &Resource<'_>) -> String {
    format!("res-{}", code(Letters::Small, 8, &[&truth.vendor.name, name(resource)]))
}

fn regions<'a>(resource: &Resource<'a>) -> Vec<&'a str> {
    let regions: Vec<_> = resource.iter().filter_map(|service| Some(service.region.as_ref()?.id.as_str())).collect();
    if regions.is_empty() { vec!["global"] } else { regions }
}

fn entry(truth: &Truth<'_>, resource: &Resource<'_>) -> Value {
    let regions = regions(resource).into_iter().map(|region| json!({ "regionId": region, "status": "" }));
    json!({ "resourceID": id(truth, resource), "displayName": name(resource), "regions": regions.collect::<Vec<_>>() })
}

fn item(truth: &Truth<'_>, incident: &Incident, resource: &Resource<'_>) -> Value {
    let words = [truth.vendor.name.as_str(), incident.id.as_str(), name(resource)];
    let (kind, number) = match incident.kind {
        IncidentKind::Incident => ("incident", "INC"),
        IncidentKind::Maintenance => ("maintenance", "CHG"),
    };
    let state = match incident.stage() {
        Stage::Investigating => "new",
        Stage::Identified | Stage::Monitoring | Stage::InProgress => "in-progress",
        Stage::Resolved => "resolved",
        Stage::Scheduled => "scheduled",
        Stage::Completed => "complete",
    };
    let severity = match incident.latest().condition {
        Condition::MajorOutage => json!(1),
        Condition::PartialOutage => json!(2),
        Condition::Degraded => json!(3),
        Condition::Operational | Condition::Maintenance => json!(""),
    };
    let (start, end) = match incident.window {
        Some((start, end)) => (start, Some(end)),
        None => (incident.first.at, incident.ended_at()),
    };
    let mut item = common(truth, resource);
    item["type"] = kind.into();
    item["state"] = state.into();
    item["sev"] = severity;
    item["id"] = format!("{number}{}", code(Letters::Decimal, 7, &words)).into();
    item["recordID"] = code(Letters::Mixed, 64, &words).into();
    item["shortDescription"] = incident.title.as_str().into();
    item["longDescription"] = format!("<p>{}</p>", escape(&incident.latest().text)).into();
    item["creationTime"] = seconds(incident.first.at, Zone::Utc).into();
    item["updateTime"] = incident.latest().at.timestamp_millis().into();
    item["outageStart"] = start.timestamp_millis().into();
    item["outageEnd"] = end.map_or(0, |end| end.timestamp_millis()).into();
    item
}

/// What stands among the events and is none.
fn news(truth: &Truth<'_>, resource: &Resource<'_>) -> [Value; 2] {
    let item = |kind: &str, title: &str, unset: Value| {
        let mut item = common(truth, resource);
        item["type"] = kind.into();
        item["state"] = "".into();
        item["sev"] = "".into();
        item["id"] = "".into();
        item["recordID"] = code(Letters::Hex, 64, &[&truth.vendor.name, kind]).into();
        item["shortDescription"] = title.into();
        item["longDescription"] = "<p>Nothing is out of service.</p>".into();
        item["creationTime"] = "2025-12-01T00:00:00Z".into();
        item["updateTime"] = 1_764_547_200_000_i64.into();
        item["outageStart"] = unset.clone();
        item["outageEnd"] = unset;
        item
    };
    [
        item("release_note", "A new version is available", json!("")),
        item("announcement", "An outage of old habits", json!(0)),
    ]
}

fn common(truth: &Truth<'_>, resource: &Resource<'_>) -> Value {
    let regions = regions(resource);
    let id = id(truth, resource);
    let masks = regions.iter().map(|region| format!("crn:v1:bluemix:public:{id}:{region}::::"));
    json!({
        "name": name(resource),
        "crnMasks": masks.collect::<Vec<_>>(),
        "regions": regions,
        "resourceIDs": [id],
        "pnpRemoved": "false",
        "audience": "public",
        "children": [],
    })
}
