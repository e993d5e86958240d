//! Uptime Kuma: the status page with its groups, incidents and maintenance, and beside it the heartbeats of its monitors.
//! Times are UTC and do not say so.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::codes::{Letters, code};
use super::runs::runs;
use crate::world::{Condition, Incident, IncidentKind, Service, ServiceState, Stage, Truth};

/// So long after a heartbeat the next one follows.
const BEAT: TimeDelta = TimeDelta::seconds(20);

/// So many heartbeats are told.
const BEATS: i32 = 5;

/// The group of what is in none.
const UNGROUPED: &str = "Services";

/// The page: names and groups, but not how the monitors are.
pub(super) fn page(truth: &Truth<'_>) -> String {
    let groups = (1..).zip(runs(truth)).map(|(id, run)| {
        let monitor = |(id, service, _): (usize, &Service, ServiceState)| {
            json!({ "id": id, "name": service.name, "sendUrl": 0, "type": "http" })
        };
        json!({
            "id": id,
            "name": run.group.unwrap_or(UNGROUPED),
            "weight": id,
            "monitorList": run.services.into_iter().map(monitor).collect::<Vec<_>>(),
        })
    });
    let posted = |kind| truth.posted().filter(move |incident| incident.kind == kind);
    json!({
        "config": {
            "slug": "default",
            "title": truth.vendor.title,
            "description": null,
            "icon": "/icon.svg",
            "theme": "auto",
            "published": true,
            "showTags": false,
            "customCSS": "",
            "footerText": null,
            "showPoweredBy": true,
            "googleAnalyticsId": null,
            "showCertificateExpiry": false,
        },
        "incidents": posted(IncidentKind::Incident).map(|one| incident(truth, one)).collect::<Vec<_>>(),
        "publicGroupList": groups.collect::<Vec<Value>>(),
        "maintenanceList": posted(IncidentKind::Maintenance).map(|one| maintenance(truth, one)).collect::<Vec<_>>(),
    })
    .to_string()
}

/// The last heartbeats of each monitor, oldest first: it was otherwise before it became what it is.
pub(super) fn heartbeats(truth: &Truth<'_>) -> String {
    let (mut beats, mut uptimes) = (Map::new(), Map::new());
    for (id, (_, state)) in (1..).zip(truth.services()) {
        let now = status(state.condition);
        let before = u8::from(now != 1);
        let beat = |number: i32| {
            let status = if number < BEATS - 1 { before } else { now };
            let at = state.since - BEAT * (BEATS - 1 - number);
            json!({ "status": status, "time": millis(at), "msg": "", "ping": (status == 1).then_some(60 + number) })
        };
        beats.insert(id.to_string(), (0..BEATS).map(beat).collect());
        uptimes.insert(format!("{id}_24"), json!(0.999));
    }
    json!({ "heartbeatList": beats, "uptimeList": uptimes }).to_string()
}

fn status(condition: Condition) -> u8 {
    match condition {
        Condition::MajorOutage => 0,
        Condition::Operational => 1,
        Condition::Degraded | Condition::PartialOutage => 2,
        Condition::Maintenance => 3,
    }
}

fn id(truth: &Truth<'_>, incident: &Incident) -> u32 {
    code(Letters::Decimal, 6, &[&truth.vendor.name, &incident.id]).parse().unwrap_or_default()
}

fn incident(truth: &Truth<'_>, incident: &Incident) -> Value {
    let style = match incident.worst() {
        Condition::Operational => "info",
        Condition::MajorOutage => "danger",
        _ => "warning",
    };
    let updated_at = (!incident.later.is_empty()).then(|| seconds(incident.latest().at));
    json!({
        "id": id(truth, incident),
        "style": style,
        "title": incident.title,
        "content": incident.latest().text,
        "pin": incident.is_open(),
        "active": incident.is_open(),
        "createdDate": seconds(incident.first.at),
        "lastUpdatedDate": updated_at,
    })
}

fn maintenance(truth: &Truth<'_>, incident: &Incident) -> Value {
    let (from, until) = incident.window.unwrap_or((incident.first.at, incident.latest().at));
    let span = [from, until].map(|at| at.format("%Y-%m-%d %H:%M").to_string());
    let status = match incident.stage() {
        Stage::Scheduled => "scheduled",
        Stage::InProgress => "under-maintenance",
        _ => "ended",
    };
    json!({
        "id": id(truth, incident),
        "title": incident.title,
        "description": incident.latest().text,
        "strategy": "single",
        "intervalDay": 1,
        "active": true,
        "dateRange": span,
        "timeRange": [{ "hours": 0, "minutes": 0 }, { "hours": 0, "minutes": 0 }],
        "weekdays": [],
        "daysOfMonth": [],
        "timeslotList": [{ "startDate": span[0], "endDate": span[1] }],
        "cron": "",
        "duration": null,
        "durationMinutes": 0,
        "timezone": "UTC",
        "timezoneOption": "UTC",
        "timezoneOffset": "+00:00",
        "status": status,
    })
}

fn seconds(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn millis(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.3f").to_string()
}
