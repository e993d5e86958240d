//! Microsoft Graph's health overviews with their issues, on two pages. An issue is of one service: an incident of two
//! services is two issues. What is over stays for a while.

use serde_json::{Value, json};

use super::codes::{Letters, code};
use super::markup::escape;
use super::times::{millis, seconds};
use super::{Asked, half};
use crate::world::{Condition, Incident, Service, ServiceState, Stage, Truth, Zone};

/// Where the list is.
pub(super) const PATH: &str = "/v1.0/admin/serviceAnnouncement/healthOverviews";

/// A page of the list.
pub(super) fn overviews(truth: &Truth<'_>, asked: &Asked) -> String {
    let rows: Vec<_> = truth.services().map(|(service, state)| row(truth, service, state)).collect();
    let (first, second) = half(&rows);
    let context = format!("{}/v1.0/$metadata#admin/serviceAnnouncement/healthOverviews", asked.origin);
    let skipped = first.len().to_string();
    if asked.query("$skip") == Some(skipped.as_str()) {
        return json!({ "@odata.context": context, "value": second }).to_string();
    }
    let mut page = json!({ "@odata.context": context, "value": first });
    if !second.is_empty() {
        page["@odata.nextLink"] = format!("{}{PATH}?$expand=issues&$skip={skipped}", asked.origin).into();
    }
    page.to_string()
}

fn row(truth: &Truth<'_>, service: &Service, state: ServiceState) -> Value {
    let told = truth.posted().filter(|incident| incident.stage() != Stage::Scheduled);
    let own = told.filter(|incident| truth.concerned(incident).any(|concerned| concerned.id == service.id));
    json!({
        "service": service.name,
        "status": word(state.condition),
        "id": code(Letters::Mixed, 10, &[&truth.vendor.name, &service.id]),
        "issues": own.map(|incident| issue(truth, service, incident)).collect::<Vec<_>>(),
    })
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "serviceOperational",
        Condition::Maintenance | Condition::Degraded => "serviceDegradation",
        Condition::PartialOutage => "extendedRecovery",
        Condition::MajorOutage => "serviceInterruption",
    }
}

fn issue(truth: &Truth<'_>, service: &Service, incident: &Incident) -> Value {
    let latest = incident.latest();
    let status = match latest.stage {
        Stage::Resolved | Stage::Completed => "serviceRestored",
        Stage::Investigating => "investigating",
        Stage::Identified => "restoringService",
        Stage::Monitoring => "verifyingService",
        Stage::Scheduled | Stage::InProgress => word(latest.condition),
    };
    let posts = incident.updates().map(|update| {
        json!({
            "createdDateTime": millis(update.at, Zone::Utc),
            "postType": "regular",
            "description": { "contentType": "html", "content": format!("<p>{}</p>", escape(&update.text)) },
        })
    });
    json!({
        "startDateTime": seconds(incident.first.at, Zone::Utc),
        "endDateTime": incident.ended_at().map(|end| seconds(end, Zone::Utc)),
        "lastModifiedDateTime": millis(latest.at, Zone::Utc),
        "title": incident.title,
        "id": format!("MS{}", code(Letters::Decimal, 7, &[&truth.vendor.name, &incident.id, &service.id])),
        "impactDescription": incident.title,
        "classification": if incident.worst() == Condition::MajorOutage { "incident" } else { "advisory" },
        "origin": "microsoft",
        "status": status,
        "service": service.name,
        "feature": service.name,
        "featureGroup": service.name,
        "isResolved": !incident.is_open(),
        "highImpact": null,
        "details": [],
        "posts": posts.collect::<Vec<_>>(),
    })
}
