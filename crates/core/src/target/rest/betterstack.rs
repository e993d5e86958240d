//! Better Stack: `index.json`, a JSON:API document with the page, its resources, and its reports, open and past.

mod reports;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use self::reports::Reports;
use super::incident::mark_named;
use super::json::{describe, list, text, time, word};
use crate::schema::{Service, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary, whole};

/// What the state of the page, of a resource or of a report means.
static STATE: Vocabulary = Vocabulary(&[
    ("operational", Meaning::OK),
    ("resolved", Meaning::OK),
    ("maintenance", Meaning::Maintenance),
    ("degraded", Meaning::DEGRADED),
    ("downtime", Meaning::OUTAGE),
    // Nobody looks at it at present: the source does not know either.
    ("not_monitored", Meaning::UNKNOWN),
]);

/// Reads a page: the page as a whole, then its resources.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value: Value = document.json()?;
    let data = value.get("data").unwrap_or(&Value::Null);
    let is_page = text(data, "type").as_deref() == Some("status_page");
    let page = attributes(data);
    if !is_page || text(page, "aggregate_state").is_none() {
        return Err(ParseError::unrecognised(format!(
            "expected Better Stack's index.json (an object with data of type status_page and its aggregate_state), \
             found {}",
            describe(&value)
        )));
    }

    let mut report = Report::complete();
    let included = Included::of(&value);
    let reports = Reports::read(&mut report, &included, document.now());
    let claim = report.read(&STATE, &word(page, "aggregate_state"));
    let name = text(page, "company_name").unwrap_or_else(|| whole::KEY.to_owned());
    let mut whole = whole::page(name, claim, &reports.incidents);
    whole.last_timestamp = time(page, "updated_at");
    if let Some(id) = text(data, "id") {
        whole.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
    }
    report.services.push(whole);
    for (id, resource) in &included.resources {
        let mut service = resource_service(&mut report, &included, id, resource);
        service.last_timestamp = reports.newest(id).or_else(|| time(page, "updated_at"));
        report.services.push(service);
    }
    mark_named(&mut report.services, &reports.incidents);
    report.incidents = reports.incidents;
    Ok(report)
}

fn attributes(object: &Value) -> &Value {
    object.get("attributes").unwrap_or(&Value::Null)
}

/// The objects that a document includes, by their types: id and attributes. References to objects that are not among
/// them are no error: what was removed stays referred to.
struct Included<'a> {
    resources: Vec<(String, &'a Value)>,
    resource_ids: HashSet<String>,
    sections: HashMap<String, &'a Value>,
    /// The reports whole, for their relationships.
    reports: Vec<(String, &'a Value)>,
    updates: HashMap<String, &'a Value>,
}

impl<'a> Included<'a> {
    fn of(value: &'a Value) -> Self {
        let of_type = |wanted: &'static str| {
            let objects = list(value, "included").iter();
            objects.filter_map(move |object| {
                let is_wanted = text(object, "type").as_deref() == Some(wanted);
                Some((text(object, "id").filter(|_| is_wanted)?, object))
            })
        };
        let with_attributes = |(id, object): (String, &'a Value)| (id, attributes(object));
        Self {
            resources: of_type("status_page_resource").map(with_attributes).collect(),
            resource_ids: of_type("status_page_resource").map(|(id, _)| id).collect(),
            sections: of_type("status_page_section").map(with_attributes).collect(),
            reports: of_type("status_report").collect(),
            updates: of_type("status_update").map(with_attributes).collect(),
        }
    }
}

fn resource_service(report: &mut Report, included: &Included<'_>, id: &str, resource: &Value) -> Service {
    let mut service = Service::named(id, text(resource, "public_name").unwrap_or_else(|| id.to_owned()));
    service.set(report.read(&STATE, &word(resource, "status")));
    service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
    let section = text(resource, "status_page_section_id").and_then(|id| included.sections.get(&id));
    if let Some(name) = section.and_then(|section| text(section, "name")) {
        service.dimensions.insert(dimension_names::GROUP.to_owned(), name.into());
    }
    service
}
