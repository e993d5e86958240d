//! Salesforce Trust: a product with its instances, a list of instances, or one instance, told apart by what is in them.
//!
//! A row's `updatedAt` is when somebody edited the row, not when the instance's status changed: no service gets it.

mod events;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::events::Events;
use super::incident::mark_named;
use super::json::{describe, flag, has_list, list, text, word};
use crate::schema::{Service, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// What an instance's status means. Core is what an instance is there for; only there a major incident is an outage.
static STATUS: Vocabulary = Vocabulary(&[
    ("OK", Meaning::OK),
    ("INFORMATIONAL_CORE", Meaning::OK),
    ("INFORMATIONAL_NONCORE", Meaning::OK),
    ("MAINTENANCE_CORE", Meaning::Maintenance),
    ("MAINTENANCE_NONCORE", Meaning::Maintenance),
    ("MINOR_INCIDENT_CORE", Meaning::DEGRADED),
    ("MINOR_INCIDENT_NONCORE", Meaning::DEGRADED),
    ("MAJOR_INCIDENT_CORE", Meaning::OUTAGE),
    ("MAJOR_INCIDENT_NONCORE", Meaning::DEGRADED),
]);

/// Reads any of the three documents: the active instances, of a list those for production.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value: Value = document.json()?;
    let (rows, is_list) = match &value {
        Value::Array(rows) => (rows.as_slice(), true),
        product if has_list(product, "Instances") && text(product, "key").is_some() => {
            (list(product, "Instances"), true)
        }
        instance => (std::slice::from_ref(instance), false),
    };
    let is_empty_product = rows.is_empty() && value.is_object();
    if !is_empty_product && !rows.iter().any(is_instance) {
        return Err(ParseError::unrecognised(format!(
            "expected a product of Salesforce's with Instances[], a list of instances or one instance (with key, status \
             and location or environment), found {}",
            describe(&value)
        )));
    }

    let mut report = Report::complete();
    let mut events = Events::new(document.now());
    for row in rows {
        let Some(name) = text(row, "key") else { continue };
        // Who asks for a sandbox by its name wants to know of it.
        let is_meant = !is_list || text(row, "environment").is_none_or(|word| word.eq_ignore_ascii_case("production"));
        if flag(row, "isActive") == Some(false) || !is_meant {
            continue;
        }
        events.add(row, &name);
        let mut service = Service::named(name.as_str(), name.as_str());
        service.set(report.read(&STATUS, &word(row, "status")));
        let told = [("location", dimension_names::REGION), ("environment", "environment")];
        for (key, dimension) in told {
            if let Some(text) = text(row, key) {
                service.dimensions.insert(dimension.to_owned(), text.into());
            }
        }
        service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), name.into());
        report.services.push(service);
    }
    report.incidents = events.into_incidents();
    mark_named(&mut report.services, &report.incidents);
    Ok(report)
}

fn is_instance(row: &Value) -> bool {
    let telling = ["environment", "location", "releaseVersion", "Incidents", "Maintenances"];
    text(row, "key").is_some() && row.get("status").is_some() && telling.iter().any(|key| row.get(key).is_some())
}
