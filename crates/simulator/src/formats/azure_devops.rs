//! Azure DevOps' health document: services, each with its geographies; no time of any service's own.

use serde_json::{Value, json};

use super::times::millis;
use crate::world::{Condition, Region, Service, ServiceState, Truth, Zone};

/// The health document of the JSON API.
pub(super) fn health(truth: &Truth<'_>) -> String {
    document(truth, &millis(truth.updated_at, Zone::Utc), |condition| word(condition).into()).to_string()
}

/// The health document, with its time and its words for conditions as they are written in one place or another.
pub(super) fn document(truth: &Truth<'_>, updated: &str, health: fn(Condition) -> Value) -> Value {
    let message = match truth.worst() {
        Condition::Operational => "Everything is looking good",
        _ => "We are having trouble in some places",
    };
    let mut services: Vec<(&str, Vec<Value>)> = Vec::new();
    for (service, state) in truth.services() {
        let geography = row(service, state, health);
        match services.iter_mut().find(|(name, _)| *name == service.name) {
            Some((_, geographies)) => geographies.push(geography),
            None => services.push((&service.name, vec![geography])),
        }
    }
    let rows = services.into_iter().map(|(id, geographies)| json!({ "id": id, "geographies": geographies }));
    json!({
        "lastUpdated": updated,
        "status": { "health": health(truth.worst()), "message": message },
        "services": rows.collect::<Vec<_>>(),
    })
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "healthy",
        Condition::Maintenance => "advisory",
        Condition::Degraded | Condition::PartialOutage => "degraded",
        Condition::MajorOutage => "unhealthy",
    }
}

fn row(service: &Service, state: ServiceState, health: fn(Condition) -> Value) -> Value {
    let (id, name) = geography(service.region.as_ref());
    json!({ "id": id, "name": name, "health": health(state.condition) })
}

/// The id and the name of the geography that stands for a region.
pub(super) fn geography(region: Option<&Region>) -> (&str, &str) {
    region.map_or(("US", "United States"), |region| (&region.id, &region.name))
}
