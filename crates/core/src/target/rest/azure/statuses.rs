//! Availability statuses: one service for each resource.

use serde_json::Value;

use super::super::json::{text, time, word};
use super::is_of_kind;
use crate::schema::{Service, dimension_names};
use crate::target::{Meaning, Report, Vocabulary};

/// What a state means.
static STATES: Vocabulary = Vocabulary(&[
    ("Available", Meaning::OK),
    ("Degraded", Meaning::DEGRADED),
    ("Unavailable", Meaning::OUTAGE),
    ("Unknown", Meaning::UNKNOWN),
]);

/// The reasons that Azure gives for what it planned itself.
const PLANNED: [&str; 3] = ["Planned", "PlannedMaintenance", "Planned Maintenance"];

/// What separates a resource's id from that of its status.
const SUFFIX: &str = "/providers/microsoft.resourcehealth/";

pub(super) fn is_status(row: &Value) -> bool {
    let has_state = row.get("properties").is_some_and(|properties| properties.get("availabilityState").is_some());
    text(row, "id").is_some() && (has_state || is_of_kind(row, "microsoft.resourcehealth/availabilitystat"))
}

/// Reads the present statuses. The list of one resource has its past ones, too, each under its time.
pub(super) fn read(rows: &[&Value]) -> Report {
    let mut report = Report::complete();
    for row in rows {
        let id = text(row, "id").unwrap_or_default();
        let last = id.rsplit('/').next().unwrap_or_default();
        let name = text(row, "name").unwrap_or_else(|| last.to_owned());
        if name.eq_ignore_ascii_case("current") {
            let service = service(&mut report, row, &id);
            report.services.push(service);
        }
    }
    report
}

fn service(report: &mut Report, row: &Value, id: &str) -> Service {
    let properties = row.get("properties").unwrap_or(&Value::Null);
    let id = resource(id);
    // Ids compare without regard to case, and their case does vary.
    let mut service = Service::named(id.to_ascii_lowercase(), name(id));
    service.set(match report.read(&STATES, &word(properties, "availabilityState")) {
        Meaning::DEGRADED | Meaning::OUTAGE if is_planned(properties) => Meaning::Maintenance,
        meaning => meaning,
    });
    // The API's own spelling has one r.
    service.last_timestamp = time(properties, "occuredTime").or_else(|| time(properties, "occurredTime"));
    let dimensions = [
        (dimension_names::SERVICE_ID, Some(id.to_owned())),
        (dimension_names::REGION, text(row, "location")),
        (dimension_names::GROUP, after(id, "resourcegroups").map(str::to_owned)),
    ];
    for (name, value) in dimensions {
        if let Some(value) = value {
            service.dimensions.insert(name.to_owned(), value.into());
        }
    }
    service
}

/// Whether Azure planned it. The category says so only of what Azure itself began, not of what a customer did.
fn is_planned(properties: &Value) -> bool {
    let says = |key: &str, words: &[&str]| {
        text(properties, key).is_some_and(|said| words.iter().any(|word| word.eq_ignore_ascii_case(&said)))
    };
    says("reasonType", &PLANNED)
        || (says("category", &PLANNED) && says("context", &["Platform Initiated", "PlatformInitiated", "Platform"]))
}

/// The id of the resource that a status is about.
fn resource(id: &str) -> &str {
    // ASCII lower case keeps every byte in its place.
    id.to_ascii_lowercase().find(SUFFIX).and_then(|end| id.get(..end)).unwrap_or(id)
}

/// The name in `…/providers/Microsoft.Compute/virtualMachineScaleSets/web/virtualMachines/4`: "web/4".
fn name(id: &str) -> String {
    let kind_and_names = id.to_ascii_lowercase().rfind("/providers/").and_then(|at| id.get(at..)).unwrap_or(id);
    // An empty piece, "providers", the namespace; then types and names by turns.
    let names: Vec<_> = kind_and_names.split('/').skip(4).step_by(2).collect();
    if names.is_empty() { id.rsplit('/').next().unwrap_or(id).to_owned() } else { names.join("/") }
}

/// The segment of an id after another, which is given in lower case.
fn after<'a>(id: &'a str, before: &str) -> Option<&'a str> {
    let mut segments = id.split('/');
    segments.find(|segment| segment.eq_ignore_ascii_case(before))?;
    segments.next().filter(|segment| !segment.is_empty())
}
