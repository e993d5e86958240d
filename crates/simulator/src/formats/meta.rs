//! Meta's list of products: a phrase for each service, and nothing else. Planned work has no phrase of its own.

use serde_json::{Value, json};

use super::runs::runs;
use crate::world::{Condition, Truth};

/// All products with their services.
pub(super) fn orgs(truth: &Truth<'_>) -> String {
    let products = (1..).zip(runs(truth)).map(|(section, run)| {
        let services = run.services.into_iter().map(|(id, service, state)| {
            json!({
                "id": id,
                "name": service.name,
                "status": phrase(state.condition),
                "time": null,
                "feature_flags": [],
            })
        });
        json!({
            "id": format!("product-{section}"),
            "name": run.group.unwrap_or(&truth.vendor.title),
            "rss_file_paths": [format!("outage-events-feed-product-{section}.rss")],
            "section": section,
            "services": services.collect::<Vec<_>>(),
            "feature_flags": [],
        })
    });
    Value::from(products.collect::<Vec<_>>()).to_string()
}

fn phrase(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "No known issues",
        Condition::Maintenance | Condition::Degraded => "Low disruptions",
        Condition::PartialOutage => "Medium disruptions",
        Condition::MajorOutage => "High disruptions",
    }
}
