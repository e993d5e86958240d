//! Apple's system status: every service with its events. Only an event says that a service is in trouble; it goes on
//! until it has an end. What is only planned is not told here.

use serde_json::{Value, json};

use super::codes::{Letters, code};
use super::times::apple;
use crate::world::{Condition, Incident, Stage, Truth, Zone};

/// The list of all services.
pub(super) fn services(truth: &Truth<'_>) -> String {
    let rows = truth.services().enumerate().map(|(place, (service, _))| {
        let events = truth.events().filter(|incident| incident.services.contains(&place));
        json!({
            "serviceName": service.name,
            "redirectUrl": null,
            "events": events.filter_map(|incident| event(truth, incident)).collect::<Vec<_>>(),
        })
    });
    json!({ "drMessage": null, "services": rows.collect::<Vec<_>>(), "drpost": false }).to_string()
}

/// An event; what affects nothing is none.
fn event(truth: &Truth<'_>, incident: &Incident) -> Option<Value> {
    let condition = if incident.is_open() { incident.latest().condition } else { incident.worst() };
    let kind = match condition {
        Condition::Operational => return None,
        Condition::Maintenance => "Maintenance",
        Condition::Degraded => "Performance",
        Condition::PartialOutage => "Issue",
        Condition::MajorOutage => "Outage",
    };
    let status = match incident.stage() {
        Stage::Completed => "completed",
        Stage::Resolved => "resolved",
        _ => "ongoing",
    };
    let prose = |at| apple(at, Zone::Pacific);
    let names: Vec<_> = truth.concerned(incident).map(|service| service.name.as_str()).collect();
    Some(json!({
        "messageId": code(Letters::Decimal, 10, &[&truth.vendor.name, &incident.id]),
        "statusType": kind,
        "message": format!("{}. {}", incident.title, incident.latest().text),
        "datePosted": prose(incident.latest().at),
        "startDate": prose(incident.first.at),
        "endDate": incident.ended_at().map(prose),
        "epochStartDate": incident.first.at.timestamp_millis(),
        "epochEndDate": incident.ended_at().map(|at| at.timestamp_millis()),
        "usersAffected": "Some users are affected",
        "affectedServices": names,
        "eventStatus": status,
    }))
}
