//! Meta's list of products: a phrase for each service, and nothing else. Planned work has no phrase of its own.

use serde_json::{Value, json};

use crate::world::{Condition, Truth};

/// All products with their services. Neighbours of one group are a product.
pub(super) fn orgs(truth: &Truth<'_>) -> String {
    let mut products: Vec<(&str, Vec<Value>)> = Vec::new();
    for (id, (service, state)) in (1..).zip(truth.services()) {
        let row = json!({
            "id": id,
            "name": service.name,
            "status": phrase(state.condition),
            "time": null,
            "feature_flags": [],
        });
        let product = service.group.as_deref().unwrap_or(&truth.vendor.title);
        match products.last_mut() {
            Some((known, rows)) if *known == product => rows.push(row),
            _ => products.push((product, vec![row])),
        }
    }
    let rows = (1..).zip(products).map(|(section, (name, services))| {
        json!({
            "id": format!("product-{section}"),
            "name": name,
            "rss_file_paths": [format!("outage-events-feed-product-{section}.rss")],
            "section": section,
            "services": services,
            "feature_flags": [],
        })
    });
    Value::from(rows.collect::<Vec<_>>()).to_string()
}

fn phrase(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "No known issues",
        Condition::Maintenance | Condition::Degraded => "Low disruptions",
        Condition::PartialOutage => "Medium disruptions",
        Condition::MajorOutage => "High disruptions",
    }
}
