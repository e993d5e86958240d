//! Slack's `current`: the active incidents; a service that none of them names is well. Slack has no word for planned
//! work: what runs is an incident, what is only scheduled has status `scheduled`.

use serde_json::{Value, json};

use super::codes::{Letters, code};
use super::times::seconds;
use crate::world::{Condition, Incident, Stage, Truth, Zone};

/// What is going on now.
pub(super) fn current(truth: &Truth<'_>) -> String {
    let open: Vec<_> = truth.events().filter(|incident| incident.is_open()).collect();
    let active = open.iter().any(|incident| incident.is_active());
    json!({
        "status": if active { "active" } else { "ok" },
        "date_created": seconds(truth.updated_at, Zone::Pacific),
        "date_updated": seconds(truth.updated_at, Zone::Pacific),
        "active_incidents": open.into_iter().map(|incident| row(truth, incident)).collect::<Vec<_>>(),
    })
    .to_string()
}

fn row(truth: &Truth<'_>, incident: &Incident) -> Value {
    let kind = match incident.latest().condition {
        Condition::Operational => "notice",
        Condition::Maintenance | Condition::Degraded | Condition::PartialOutage => "incident",
        Condition::MajorOutage => "outage",
    };
    let vendor = truth.vendor;
    let words = [vendor.name.as_str(), incident.id.as_str()];
    let begin = seconds(incident.first.at, Zone::Pacific);
    let month = begin.get(..7).unwrap_or_default();
    let note = |update: &crate::world::Update| json!({ "date_created": seconds(update.at, Zone::Pacific), "body": format!("<p>{}</p>", super::markup::escape(&update.text)) });
    let mut notes: Vec<_> = incident.updates().map(note).collect();
    notes.reverse();
    json!({
        "id": code(Letters::Decimal, 4, &words).parse::<u32>().unwrap_or_default(),
        "date_created": begin,
        "date_updated": seconds(incident.latest().at, Zone::Pacific),
        "title": incident.title,
        "type": kind,
        "status": if incident.stage() == Stage::Scheduled { "scheduled" } else { "active" },
        "url": format!("{}/{month}/{}", vendor.home(), code(Letters::Hex, 16, &words)),
        "services": truth.concerned(incident).map(|service| service.name.as_str()).collect::<Vec<_>>(),
        "notes": notes,
    })
}
