//! Azure DevOps' status page: drawn by scripts, from JSON that stands in it. Numbers stand for words, and what is going
//! on is told beside the health document.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::azure_devops::{document, geography};
use super::codes::{Letters, code, post_code};
use crate::world::{Condition, Incident, Truth, Update};

/// The status page.
pub(super) fn status(truth: &Truth<'_>) -> String {
    let active = truth.posted().filter(|incident| incident.is_active());
    let events: Vec<_> = active.map(|incident| event(truth, incident)).collect();
    let data = json!({ "data": {
        "ms.vss-web.page-data": { "hostName": "TEAM FOUNDATION" },
        "ms.vss-status-web.public-status-data-provider": {
            "serviceStatus": document(truth, &date(truth.updated_at), |condition| number(condition).into()),
        },
        "ms.vss-status-web.active-public-live-site-events-data-provider": { "liveSiteEvents": events },
    }});
    format!(
        r#"<!DOCTYPE html>
<html lang="en-US">
<head><meta charset="utf-8"></head>
<body>
<div class="no-script">JavaScript is Disabled</div>
<script id="dataProviders" type="application/json">{}</script>
</body>
</html>
"#,
        data.to_string().replace('<', "\\u003c"),
    )
}

fn number(condition: Condition) -> u8 {
    match condition {
        Condition::MajorOutage => 1,
        Condition::Degraded | Condition::PartialOutage => 2,
        Condition::Maintenance => 3,
        Condition::Operational => 4,
    }
}

fn event(truth: &Truth<'_>, incident: &Incident) -> Value {
    let vendor = truth.vendor;
    let impact = truth.concerned(incident).map(|service| {
        let (_, name) = geography(service.region.as_ref());
        json!({ "serviceId": service.name, "scopeType": 1, "scopeName": name })
    });
    let log = |(place, update): (usize, &Update)| {
        let id = post_code(Letters::Decimal, 4, vendor, incident, place).parse::<u64>().unwrap_or_default();
        let at = date(update.at);
        json!({ "id": id, "type": 1, "creationDateTime": at, "lastUpdatedDateTime": at, "description": update.text })
    };
    json!({
        "id": code(Letters::Decimal, 9, &[&vendor.name, &incident.id]).parse::<u64>().unwrap_or_default(),
        // Nothing is told of that is well.
        "severity": number(incident.worst().max(Condition::Maintenance)),
        "state": 1,
        "startTime": date(incident.first.at),
        "title": incident.title,
        "impact": impact.collect::<Vec<_>>(),
        "logs": incident.updates().enumerate().map(log).collect::<Vec<_>>(),
    })
}

/// `/Date(1647448269933)/`.
fn date(at: DateTime<Utc>) -> String {
    format!("/Date({})/", at.timestamp_millis())
}
