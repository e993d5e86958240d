//! What incident.io's pages and widgets read themselves: the components and their layout, which of them are affected,
//! and what goes on.

use serde_json::{Value, json};

use super::incident_io::ulid;
use super::runs::{Run, runs};
use super::times::seconds;
use crate::world::{Condition, Incident, IncidentKind, Service, Stage, Truth, Zone};

/// The page's own summary.
pub(super) fn page(truth: &Truth<'_>) -> String {
    let vendor = truth.vendor;
    let affected = truth.services().filter(|(_, state)| state.condition != Condition::Operational);
    let affected =
        affected.map(|(one, state)| json!({ "component_id": id(truth, one), "status": word(state.condition) }));
    let items: Vec<Value> = runs(truth).into_iter().flat_map(|run| items(truth, run)).collect();
    let all = truth
        .services()
        .map(|(one, _)| json!({ "id": id(truth, one), "name": one.name, "status_page_id": ulid(&[&vendor.name]) }));
    json!({
        "summary": {
            "id": ulid(&[&vendor.name]),
            "name": vendor.title,
            "public_url": vendor.home(),
            "components": all.collect::<Vec<_>>(),
            "structure": { "items": items },
            "affected_components": affected.collect::<Vec<_>>(),
            "ongoing_incidents": ongoing(truth, Incident::is_active, event),
            "scheduled_maintenances": ongoing(truth, |incident| incident.stage() == Stage::Scheduled, event),
        },
    })
    .to_string()
}

/// The widget's summary.
pub(super) fn widget(truth: &Truth<'_>) -> String {
    let vendor = truth.vendor;
    let is = |kind: IncidentKind| move |incident: &Incident| incident.kind == kind && incident.is_active();
    json!({
        "page_title": vendor.title,
        "page_url": vendor.home(),
        "ongoing_incidents": ongoing(truth, is(IncidentKind::Incident), compact),
        "in_progress_maintenances": ongoing(truth, is(IncidentKind::Maintenance), compact),
        "scheduled_maintenances": ongoing(truth, |incident| incident.stage() == Stage::Scheduled, compact),
    })
    .to_string()
}

/// How the page lays out services that stand together: a group, or each by itself.
fn items(truth: &Truth<'_>, run: Run<'_>) -> Vec<Value> {
    let shown = run
        .services
        .into_iter()
        .map(|(_, service, _)| json!({ "component_id": id(truth, service), "hidden": false, "name": service.name }));
    let Some(name) = run.group else { return shown.map(|component| json!({ "component": component })).collect() };
    let id = ulid(&[&truth.vendor.name, "group", name]);
    vec![json!({ "group": { "id": id, "name": name, "hidden": false, "components": shown.collect::<Vec<_>>() } })]
}

fn id(truth: &Truth<'_>, service: &Service) -> String {
    ulid(&[&truth.vendor.name, &service.id])
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "operational",
        Condition::Maintenance => "under_maintenance",
        Condition::Degraded => "degraded_performance",
        Condition::PartialOutage => "partial_outage",
        Condition::MajorOutage => "full_outage",
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Investigating => "investigating",
        Stage::Identified => "identified",
        Stage::Monitoring => "monitoring",
        Stage::Resolved => "resolved",
        Stage::Scheduled => "maintenance_scheduled",
        Stage::InProgress => "maintenance_in_progress",
        Stage::Completed => "maintenance_complete",
    }
}

fn ongoing(
    truth: &Truth<'_>,
    is_meant: impl Fn(&Incident) -> bool,
    render: fn(&Truth<'_>, &Incident) -> Value,
) -> Vec<Value> {
    truth.posted().filter(|incident| is_meant(incident)).map(|incident| render(truth, incident)).collect()
}

/// The services that an incident names, each with what it is like now.
fn affected<'a>(truth: &'a Truth<'_>, incident: &'a Incident) -> impl Iterator<Item = (&'a Service, Condition)> {
    let state = |place: usize| truth.state(place).map(|state| state.condition).unwrap_or_default();
    incident.services.iter().filter_map(move |&place| Some((truth.vendor.services.get(place)?, state(place))))
}

/// An event as the page has it: with all its updates.
fn event(truth: &Truth<'_>, incident: &Incident) -> Value {
    let updates = incident.updates().rev().map(|update| {
        json!({
            "id": ulid(&[&truth.vendor.name, &incident.id, &update.text]),
            "published_at": seconds(update.at, Zone::Utc),
            "message_string": update.text,
            "to_status": stage(update.stage),
        })
    });
    let named = affected(truth, incident).map(|(service, condition)| {
        json!({
            "component_id": id(truth, service),
            "status": word(incident.worst()),
            "current_status": word(condition),
        })
    });
    let kind = if incident.kind == IncidentKind::Maintenance { "maintenance" } else { "incident" };
    json!({
        "id": ulid(&[&truth.vendor.name, &incident.id]),
        "name": incident.title,
        "status": stage(incident.stage()),
        "type": kind,
        "published_at": seconds(incident.first.at, Zone::Utc),
        "affected_components": named.collect::<Vec<_>>(),
        "updates": updates.collect::<Vec<_>>(),
    })
}

/// An event as the widget has it: with its last update.
fn compact(truth: &Truth<'_>, incident: &Incident) -> Value {
    let named = affected(truth, incident).map(|(service, condition)| {
        json!({
            "id": id(truth, service),
            "name": service.name,
            "group_name": service.group,
            "current_status": word(condition),
        })
    });
    let id = ulid(&[&truth.vendor.name, &incident.id]);
    let mut event = json!({
        "id": id,
        "name": incident.title,
        "status": stage(incident.stage()),
        "url": format!("{}/incidents/{id}", truth.vendor.home()),
        "last_update_at": seconds(incident.latest().at, Zone::Utc),
        "last_update_message": incident.latest().text,
        "affected_components": named.collect::<Vec<_>>(),
    });
    match (incident.stage(), incident.window) {
        (Stage::Scheduled, Some((from, until))) => {
            event["starts_at"] = seconds(from, Zone::Utc).into();
            event["ends_at"] = seconds(until, Zone::Utc).into();
        }
        (_, Some((from, until))) => {
            event["started_at"] = seconds(from, Zone::Utc).into();
            event["scheduled_end_at"] = seconds(until, Zone::Utc).into();
        }
        _ => event["current_worst_impact"] = word(incident.latest().condition).into(),
    }
    event
}
