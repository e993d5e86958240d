//! Google's `incidents.json`: an array of ended and ongoing incidents, newest first; a service that no ongoing one
//! names is well.
//!
//! Services with regions make it Google Cloud's (locations, `end` absent while ongoing); services without make it
//! Google Workspace's (no locations, `end` null). Google knows no planned work: what runs is told as a disruption, what
//! is only scheduled is left out.

use serde_json::{Value, json};

use super::codes::{Letters, code};
use super::times::offset;
use crate::world::{Condition, Incident, Stage, Truth, Update};

/// The list of incidents.
pub(super) fn incidents(truth: &Truth<'_>) -> String {
    let told = truth.events().filter(|incident| incident.stage() != Stage::Scheduled);
    Value::from(told.map(|incident| row(truth, incident)).collect::<Vec<_>>()).to_string()
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "SERVICE_INFORMATION",
        Condition::Maintenance | Condition::Degraded | Condition::PartialOutage => "SERVICE_DISRUPTION",
        Condition::MajorOutage => "SERVICE_OUTAGE",
    }
}

fn row(truth: &Truth<'_>, incident: &Incident) -> Value {
    let vendor = truth.vendor;
    let id = code(Letters::Mixed, 20, &[&vendor.name, &incident.id]);
    let products = products(truth, incident);
    let (key, name) = match products.as_slice() {
        [(id, title)] => (id.clone(), (*title).to_owned()),
        _ => ("zall".to_owned(), "Multiple Products".to_owned()),
    };
    let locations = locations(truth, incident);
    let latest = incident.latest();
    let mut updates: Vec<_> = incident.updates().map(|update| post(incident, update, &locations)).collect();
    updates.reverse();
    let mut row = json!({
        "id": id,
        "number": code(Letters::Decimal, 19, &[&vendor.name, &incident.id]),
        "begin": offset(incident.first.at),
        "created": offset(incident.first.at),
        "modified": offset(latest.at),
        "external_desc": incident.title,
        "updates": updates,
        "most_recent_update": post(incident, latest, &locations),
        "status_impact": word(incident.worst()),
        "severity": if incident.worst() == Condition::MajorOutage { "high" } else { "medium" },
        "service_key": key,
        "service_name": name,
        "affected_products": products.iter().map(|(id, title)| json!({ "title": title, "id": id })).collect::<Vec<_>>(),
        "uri": format!("incidents/{id}"),
    });
    match incident.ended_at() {
        Some(end) => row["end"] = offset(end).into(),
        None if locations.is_empty() => row["end"] = Value::Null,
        None => {}
    }
    if !locations.is_empty() {
        let (now, before) = if incident.is_open() { (locations, vec![]) } else { (vec![], locations) };
        row["currently_affected_locations"] = now.into();
        row["previously_affected_locations"] = before.into();
    }
    row
}

/// The products named, each once: a product in three regions is one.
fn products<'a>(truth: &Truth<'a>, incident: &Incident) -> Vec<(String, &'a str)> {
    let mut products = Vec::new();
    for service in truth.concerned(incident) {
        let product = (code(Letters::Mixed, 20, &[&truth.vendor.name, &service.name]), service.name.as_str());
        if !products.contains(&product) {
            products.push(product);
        }
    }
    products
}

fn locations(truth: &Truth<'_>, incident: &Incident) -> Vec<Value> {
    let regions = truth.concerned(incident).filter_map(|service| service.region.as_ref());
    let mut locations = Vec::new();
    for region in regions {
        let location = json!({ "title": format!("{} ({})", region.name, region.id), "id": region.id });
        if !locations.contains(&location) {
            locations.push(location);
        }
    }
    locations
}

fn post(incident: &Incident, update: &Update, locations: &[Value]) -> Value {
    let over = update.stage.is_over();
    let mut post = json!({
        "created": offset(update.at),
        "modified": offset(update.at),
        "when": offset(update.at),
        "text": format!("**Summary**\n{}\n\n**Description**\n{}", incident.title, update.text),
        "status": if over { "AVAILABLE" } else { word(update.condition) },
    });
    if !locations.is_empty() {
        post["affected_locations"] = locations.into();
    }
    post
}
