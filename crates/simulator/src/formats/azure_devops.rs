//! Azure DevOps' health document: services, each with its geographies; no time of any service's own.

use serde_json::{Value, json};

use super::times::millis;
use crate::world::{Condition, Service, ServiceState, Truth, Zone};

/// The health document.
pub(super) fn health(truth: &Truth<'_>) -> String {
    let message = match truth.worst() {
        Condition::Operational => "Everything is looking good",
        _ => "We are having trouble in some places",
    };
    let mut services: Vec<(&str, Vec<Value>)> = Vec::new();
    for (service, state) in truth.services() {
        let geography = geography(service, state);
        match services.iter_mut().find(|(name, _)| *name == service.name) {
            Some((_, geographies)) => geographies.push(geography),
            None => services.push((&service.name, vec![geography])),
        }
    }
    let rows = services.into_iter().map(|(id, geographies)| json!({ "id": id, "geographies": geographies }));
    json!({
        "lastUpdated": millis(truth.updated_at, Zone::Utc),
        "status": { "health": word(truth.worst()), "message": message },
        "services": rows.collect::<Vec<_>>(),
    })
    .to_string()
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "healthy",
        Condition::Maintenance => "advisory",
        Condition::Degraded | Condition::PartialOutage => "degraded",
        Condition::MajorOutage => "unhealthy",
    }
}

fn geography(service: &Service, state: ServiceState) -> Value {
    let (id, name) = service.region.as_ref().map_or(("US", "United States"), |region| (&region.id, &region.name));
    json!({ "id": id, "name": name, "health": word(state.condition) })
}
