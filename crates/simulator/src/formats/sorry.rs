//! Sorry's public API: the status of the page, and lists of components and of notices, in pages of 25. Notices of all
//! times are there, and may be filtered by time. There is no word for an outage, and what a page shows in groups are
//! components below components: this vendor has none.

use serde_json::{Value, json};

use super::Asked;
use super::codes::{Letters, code};
use super::times::millis;
use crate::world::{Condition, Incident, IncidentKind, ServiceState, Stage, Truth, Update, Vendor, Zone};

/// So many rows are on a page of a list.
const PAGE: usize = 25;

const COMPONENTS: &str = "/api/v1/components";
const NOTICES: &str = "/api/v1/notices";

/// The page as a whole.
pub(super) fn status(truth: &Truth<'_>) -> String {
    let vendor = truth.vendor;
    json!({"page": {
        "id": id(vendor, &[]),
        "name": vendor.title,
        "state": word(truth.worst()),
        "state_text": null,
        "url": vendor.home(),
        "created_at": "2020-05-08T12:40:57.392Z",
        "updated_at": millis(truth.updated_at, Zone::Utc),
        "links": {
            "components": {"href": COMPONENTS, "count": vendor.services.len()},
            "notices": {"href": NOTICES, "count": truth.posted().count()},
            "self": "/api/v1",
        },
    }})
    .to_string()
}

/// A page of the components.
pub(super) fn components(truth: &Truth<'_>, asked: &Asked) -> String {
    let vendor = truth.vendor;
    let rows = truth.services().map(|(one, state)| component(id(vendor, &[&one.id]), &one.name, state));
    list("components", COMPONENTS, rows.collect(), asked)
}

/// A page of the notices, newest first.
pub(super) fn notices(truth: &Truth<'_>, asked: &Asked) -> String {
    let wanted = asked.query("filter[timeline_state_eq]");
    let rows = truth.posted().filter(|notice| wanted.is_none_or(|wanted| wanted == time(notice)));
    list("notices", NOTICES, rows.map(|incident| notice(truth.vendor, incident)).collect(), asked)
}

/// The page of a list that is asked for.
fn list(key: &str, path: &str, rows: Vec<Value>, asked: &Asked) -> String {
    let number = asked.query("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1).max(1);
    let total = rows.len();
    let next = (number < total.div_ceil(PAGE)).then(|| format!("{path}?page={}", number + 1));
    let rows: Vec<_> = rows.into_iter().skip((number - 1).saturating_mul(PAGE)).take(PAGE).collect();
    let meta = json!({"count": rows.len(), "total_count": total, "next_page": next});
    json!({ key: rows, "meta": meta }).to_string()
}

fn id(vendor: &Vendor, words: &[&str]) -> u32 {
    code(Letters::Decimal, 6, &[&[vendor.name.as_str()], words].concat()).parse().unwrap_or_default()
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "operational",
        Condition::Maintenance => "under_maintenance",
        Condition::Degraded | Condition::PartialOutage | Condition::MajorOutage => "degraded",
    }
}

fn component(id: u32, name: &str, state: ServiceState) -> Value {
    json!({
        "id": id,
        "state": word(state.condition),
        "name": name,
        "description": "",
        "parent_id": null,
        "links": {"children": {"href": format!("{COMPONENTS}?filter[parent_id_eq]={id}"), "count": 0}},
        "created_at": "2020-05-08T12:40:57.392Z",
        "updated_at": millis(state.since, Zone::Utc),
    })
}

fn time(incident: &Incident) -> &'static str {
    match incident.stage() {
        Stage::Scheduled => "future",
        Stage::Resolved | Stage::Completed => "past_recent",
        _ => "present",
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Investigating => "investigating",
        Stage::Identified => "identified",
        Stage::Monitoring => "recovering",
        Stage::Resolved => "resolved",
        Stage::Scheduled => "scheduled",
        Stage::InProgress => "underway",
        Stage::Completed => "complete",
    }
}

/// A notice as the list has it: without the components that it concerns, and with its latest update alone.
fn notice(vendor: &Vendor, incident: &Incident) -> Value {
    let id = id(vendor, &[&incident.id]);
    let Update { at, text, .. } = incident.latest();
    let began = Some(incident.first.at).filter(|_| incident.stage() != Stage::Scheduled);
    let mut row = json!({
        "id": id,
        "type": match incident.kind {
            IncidentKind::Incident => "unplanned",
            IncidentKind::Maintenance => "planned",
        },
        "timeline_state": time(incident),
        "state": stage(incident.stage()),
        "subject": incident.title,
        "url": format!("{}/notices/{id}", vendor.home()),
        "began_at": began.map(|at| millis(at, Zone::Utc)),
        "ended_at": incident.ended_at().map(|at| millis(at, Zone::Utc)),
        "created_at": millis(incident.first.at, Zone::Utc),
        "updated_at": millis(*at, Zone::Utc),
        "tag_list": [],
        "links": {"self": format!("{NOTICES}/{id}")},
        "latest_update": {
            "state": stage(incident.stage()),
            "content": text,
            "created_at": millis(*at, Zone::Utc),
            "updated_at": millis(*at, Zone::Utc),
        },
    });
    if let Some((from, until)) = incident.window {
        row["begins_at"] = millis(from, Zone::Utc).into();
        row["ends_at"] = millis(until, Zone::Utc).into();
    }
    row
}
