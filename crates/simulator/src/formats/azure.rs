//! Azure Resource Health's availability statuses: each service is a resource of one subscription, on two pages.

use serde_json::{Value, json};

use super::times::seconds;
use super::{Asked, half};
use crate::world::{Condition, Service, ServiceState, Truth, Zone};

/// Where the list is.
pub(super) const PATH: &str =
    "/subscriptions/5a1f8d2e-0000-4000-8000-000000000000/providers/Microsoft.ResourceHealth/availabilityStatuses";

/// The skip token that leads to the second page. Vendors' are opaque; this one shows that it has to be kept as it is.
const TOKEN: &str = "cGFnZT0y+/=";

/// A page of the list.
pub(super) fn statuses(truth: &Truth<'_>, asked: &Asked) -> String {
    let rows: Vec<_> = truth.services().map(|(service, state)| row(service, state)).collect();
    let (first, second) = half(&rows);
    if asked.query("$skiptoken") == Some(TOKEN) {
        return json!({ "value": second }).to_string();
    }
    let mut page = json!({ "value": first });
    if !second.is_empty() {
        let token: String = url::form_urlencoded::byte_serialize(TOKEN.as_bytes()).collect();
        page["nextLink"] = format!("{}{PATH}?api-version=2025-05-01&%24skiptoken={token}", asked.origin).into();
    }
    page.to_string()
}

fn row(service: &Service, state: ServiceState) -> Value {
    let location = service.region.as_ref().map_or("global", |region| &region.id);
    let (word, reason, summary) = match state.condition {
        Condition::Operational => ("Available", "", "There aren't any known problems affecting this resource"),
        Condition::Maintenance => ("Unavailable", "Planned", "This resource is down for planned work"),
        Condition::Degraded | Condition::PartialOutage => ("Degraded", "Unplanned", "This resource is impaired"),
        Condition::MajorOutage => ("Unavailable", "Unplanned", "This resource is down"),
    };
    json!({
        "id": format!(
            "/subscriptions/5a1f8d2e-0000-4000-8000-000000000000/resourceGroups/{location}/providers/Microsoft.Web/sites/{}\
             /providers/Microsoft.ResourceHealth/availabilityStatuses/current",
            service.name
        ),
        "name": "current",
        "type": "Microsoft.ResourceHealth/AvailabilityStatuses",
        "location": location,
        "properties": {
            "availabilityState": word,
            "title": word,
            "summary": summary,
            "reasonType": reason,
            "reasonChronicity": "Persistent",
            "occuredTime": seconds(state.since, Zone::Utc),
            "reportedTime": seconds(state.since, Zone::Utc),
        },
    })
}
