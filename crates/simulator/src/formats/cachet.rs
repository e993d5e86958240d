//! Cachet 2: components, their groups, the page's status and the incidents, each at an address of its own, lists in pages
//! with absolute links between them. Times are in the page's zone, which they do not name.
//!
//! Cachet 2 has no word for a component under maintenance: its performance has issues. Planned work is an incident in
//! state 0, before and while it goes on.

use serde_json::{Value, json};

use super::Asked;
use super::codes::{Letters, code};
use super::statuspage::groups;
use super::times::local;
use crate::world::{Condition, Incident, IncidentKind, Service, ServiceState, Stage, Truth};

/// So many rows are on a page; a real Cachet has twenty, and would have no second page here.
const PER_PAGE: usize = 2;

/// The components.
pub(super) fn components(truth: &Truth<'_>, asked: &Asked) -> String {
    let rows = (1..).zip(truth.services()).map(|(id, (service, state))| component(truth, id, service, state));
    list(asked, "/api/v1/components", rows.collect())
}

/// The groups, with the components in them.
pub(super) fn component_groups(truth: &Truth<'_>, asked: &Asked) -> String {
    let rows = (1..).zip(groups(truth)).map(|(id, (name, children))| {
        json!({
            "id": id,
            "name": name,
            "order": id,
            "collapsed": 0,
            "visible": 1,
            "created_at": local(truth.updated_at, truth.vendor.zone),
            "updated_at": local(truth.updated_at, truth.vendor.zone),
            "enabled_components": children.into_iter().map(|(child, _)| json!({ "name": child.name })).collect::<Vec<_>>(),
        })
    });
    list(asked, "/api/v1/components/groups", rows.collect())
}

/// How the page is: it is well when all components are and nothing is open, and badly off when half of them are out.
pub(super) fn status(truth: &Truth<'_>) -> String {
    let count = |condition| truth.services().filter(|(_, state)| state.condition == condition).count();
    let all = truth.services().count();
    let is_troubled = truth.posted().any(|incident| incident.is_active() && incident.kind == IncidentKind::Incident);
    let (status, message) = if all > 0 && count(Condition::MajorOutage) * 2 >= all {
        ("danger", "Some systems are experiencing major issues")
    } else if count(Condition::Operational) == all && !is_troubled {
        ("success", "System operational")
    } else {
        ("info", "Some systems are experiencing issues")
    };
    json!({ "data": { "status": status, "message": message } }).to_string()
}

/// The incidents, newest first, as they are asked for.
pub(super) fn incidents(truth: &Truth<'_>, asked: &Asked) -> String {
    let rows: Vec<_> = truth.posted().map(|incident| row(truth, incident)).collect();
    let asked = Asked { query: vec![("per_page".to_owned(), rows.len().to_string())], ..asked.clone() };
    list(&asked, "/api/v1/incidents", rows)
}

fn component(truth: &Truth<'_>, id: usize, service: &Service, state: ServiceState) -> Value {
    let (status, name) = match state.condition {
        Condition::Operational => (1, "Operational"),
        Condition::Maintenance | Condition::Degraded => (2, "Performance Issues"),
        Condition::PartialOutage => (3, "Partial Outage"),
        Condition::MajorOutage => (4, "Major Outage"),
    };
    let group = service.group.as_deref().and_then(|name| groups(truth).iter().position(|(known, _)| *known == name));
    json!({
        "id": id,
        "name": service.name,
        "description": "",
        "link": "",
        "status": status,
        "order": 0,
        "group_id": group.map_or(0, |place| place + 1),
        "enabled": true,
        "meta": null,
        "created_at": "2019-05-02 09:30:00",
        "updated_at": local(state.since, truth.vendor.zone),
        "deleted_at": null,
        "status_name": name,
        "tags": {},
    })
}

fn stage(stage: Stage) -> (u8, &'static str) {
    match stage {
        Stage::Scheduled | Stage::InProgress => (0, "Scheduled"),
        Stage::Investigating => (1, "Investigating"),
        Stage::Identified => (2, "Identified"),
        Stage::Monitoring => (3, "Watching"),
        Stage::Resolved | Stage::Completed => (4, "Fixed"),
    }
}

fn row(truth: &Truth<'_>, incident: &Incident) -> Value {
    let vendor = truth.vendor;
    let id = code(Letters::Decimal, 6, &[&vendor.name, &incident.id]);
    let (status, human_status) = stage(incident.stage());
    let updates = incident.updates().enumerate().skip(1).map(|(place, update)| {
        json!({
            "id": place,
            "incident_id": id.parse::<u32>().unwrap_or_default(),
            "status": stage(update.stage).0,
            "message": update.text,
            "created_at": local(update.at, vendor.zone),
            "updated_at": local(update.at, vendor.zone),
        })
    });
    let mut updates: Vec<_> = updates.collect();
    updates.reverse();
    json!({
        "id": id.parse::<u32>().unwrap_or_default(),
        "component_id": incident.services.first().map_or(0, |place| place + 1),
        "name": incident.title,
        "status": status,
        "visible": 1,
        "stickied": false,
        "message": incident.first.text,
        "scheduled_at": incident.window.map(|(from, _)| local(from, vendor.zone)),
        "occurred_at": local(incident.first.at, vendor.zone),
        "created_at": local(incident.first.at, vendor.zone),
        "updated_at": local(incident.latest().at, vendor.zone),
        "deleted_at": null,
        "is_resolved": !incident.is_open(),
        "updates": updates,
        "human_status": human_status,
        "latest_status": status,
        "permalink": format!("{}/incidents/{id}", vendor.home()),
    })
}

/// A page of a list, with links to the pages around it.
fn list(asked: &Asked, path: &str, rows: Vec<Value>) -> String {
    let number = |name| asked.query(name).and_then(|text| text.parse::<usize>().ok()).filter(|number| *number > 0);
    let (page, per_page) = (number("page").unwrap_or(1), number("per_page").unwrap_or(PER_PAGE));
    let (total, pages) = (rows.len(), rows.len().div_ceil(per_page).max(1));
    let link = |page: usize| (1..=pages).contains(&page).then(|| format!("{}{path}?page={page}", asked.origin));
    let rows: Vec<_> = rows.into_iter().skip((page - 1).saturating_mul(per_page)).take(per_page).collect();
    json!({
        "meta": {
            "pagination": {
                "total": total,
                "count": rows.len(),
                "per_page": per_page,
                "current_page": page,
                "total_pages": pages,
                "links": { "next_page": link(page + 1), "previous_page": link(page - 1) },
            },
        },
        "data": rows,
    })
    .to_string()
}
