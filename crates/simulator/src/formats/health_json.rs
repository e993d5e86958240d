//! A health document as a team writes it for its own servers: what format `jq` is for. It knows only up and down: what
//! is slow, partly out or worked on is still up.

use serde_json::json;

use super::times::millis;
use crate::world::{Condition, Truth, Zone};

/// The document.
pub(super) fn health(truth: &Truth<'_>) -> String {
    let checks = truth.services().map(|(service, state)| {
        json!({
            "name": service.name,
            "up": state.condition != Condition::MajorOutage,
            "at": millis(state.since, Zone::Utc),
            "dc": service.region.as_ref().map_or("-", |region| &region.id),
        })
    });
    json!({ "host": truth.vendor.name, "checks": checks.collect::<Vec<_>>() }).to_string()
}
