//! Better Stack's `index.json`: a JSON:API document with the page, its resources in their sections, and all reports, open
//! and past. Reports that people closed have no end, and refer to resources that are no more.

use serde_json::{Value, json};

use super::codes::{Letters, code, post_code};
use super::statuspage::groups;
use super::times::millis;
use crate::world::{Condition, Incident, IncidentKind, Service, Truth, Vendor, Zone};

/// The page with everything in it.
pub(super) fn index(truth: &Truth<'_>) -> String {
    let vendor = truth.vendor;
    let sections = groups(truth).into_iter().enumerate().map(|(position, (name, _))| {
        object("status_page_section", &section_id(vendor, name), &json!({"name": name, "position": position}))
    });
    let mut included: Vec<Value> = sections.collect();
    included.extend(truth.services().enumerate().map(|(position, (service, state))| {
        let attributes = json!({
            "status_page_section_id": service.group.as_deref().and_then(|name| section_id(vendor, name).parse::<u64>().ok()),
            "resource_id": position,
            "resource_type": "Monitor",
            "public_name": service.name,
            "explanation": "",
            "position": position,
            "availability": 0.999,
            "status": word(state.condition),
            "status_history": [],
        });
        object("status_page_resource", &resource_id(vendor, service), &attributes)
    }));
    for incident in truth.posted() {
        report(truth, incident, &mut included);
    }
    let references = |wanted: &str| -> Vec<Value> {
        let objects = included.iter().filter(|object| object["type"] == wanted);
        objects.map(|object| json!({"id": object["id"], "type": wanted})).collect()
    };
    let mut page = object(
        "status_page",
        &code(Letters::Decimal, 6, &[&vendor.name]),
        &json!({
            "company_name": vendor.title,
            "company_url": vendor.home(),
            "timezone": "UTC",
            "subdomain": vendor.name,
            "announcement": null,
            "aggregate_state": word(truth.worst()),
            "created_at": "2021-11-25T01:11:42.091Z",
            "updated_at": millis(truth.updated_at, Zone::Utc),
        }),
    );
    page["relationships"] = json!({
        "sections": {"data": references("status_page_section")},
        "resources": {"data": references("status_page_resource")},
        "status_reports": {"data": references("status_report")},
    });
    json!({ "data": page, "included": included }).to_string()
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "operational",
        Condition::Maintenance => "maintenance",
        Condition::Degraded | Condition::PartialOutage => "degraded",
        Condition::MajorOutage => "downtime",
    }
}

fn object(kind: &str, id: &str, attributes: &Value) -> Value {
    json!({"id": id, "type": kind, "attributes": attributes})
}

fn section_id(vendor: &Vendor, name: &str) -> String {
    code(Letters::Decimal, 6, &[&vendor.name, "section", name])
}

fn resource_id(vendor: &Vendor, service: &Service) -> String {
    code(Letters::Decimal, 7, &[&vendor.name, &service.id])
}

/// A report, and its updates after it.
fn report(truth: &Truth<'_>, incident: &Incident, included: &mut Vec<Value>) {
    let vendor = truth.vendor;
    let affected = |state: &str| -> Vec<Value> {
        let ids = truth.concerned(incident).map(|service| resource_id(vendor, service));
        let removed = code(Letters::Decimal, 7, &[&vendor.name, "removed"]);
        ids.chain([removed]).map(|id| json!({"status_page_resource_id": id, "status": state})).collect()
    };
    let state = |condition: Condition, is_over: bool| match incident.kind {
        _ if is_over => "resolved",
        IncidentKind::Maintenance => "maintenance",
        IncidentKind::Incident => word(condition),
    };
    let posts: Vec<_> = incident
        .updates()
        .enumerate()
        .map(|(place, update)| {
            let attributes = json!({
                "message": update.text,
                "published_at": millis(update.at, Zone::Utc),
                "published_at_timezone": "UTC",
                "notify_subscribers": false,
                "affected_resources": affected(state(update.condition, update.stage.is_over())),
            });
            let id = post_code(Letters::Decimal, 7, vendor, incident, place);
            object("status_update", &id, &attributes)
        })
        .collect();
    let now = state(incident.latest().condition, !incident.is_open());
    let mut report = object(
        "status_report",
        &code(Letters::Decimal, 7, &[&vendor.name, &incident.id]),
        &json!({
            "title": incident.title,
            "report_type": match incident.kind {
                IncidentKind::Incident => "manual",
                IncidentKind::Maintenance => "maintenance",
            },
            "starts_at": millis(incident.window.map_or(incident.first.at, |(from, _)| from), Zone::Utc),
            "ends_at": incident.window.map(|(_, until)| millis(until, Zone::Utc)),
            "affected_resources": affected(now),
            "aggregate_state": now,
        }),
    );
    let references = posts.iter().map(|post| json!({"id": post["id"], "type": "status_update"}));
    report["relationships"] = json!({"status_updates": {"data": references.collect::<Vec<_>>()}});
    included.push(report);
    included.extend(posts);
}
