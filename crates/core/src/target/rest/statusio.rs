//! status.io's public API: components, each in one or more containers (places that it runs in), what is going on, and
//! what is planned.
//!
//! A component can hide one bad container, so each pair of the two is a service. The document does not name its page.

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::incident::{headline, mark_named, read_state, state, updates};
use super::json::{NO_WORD, describe, list, text, time};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Service, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary, whole};

/// What a status means, by its code or by its word.
static STATUS: Vocabulary = Vocabulary(&[
    ("100", Meaning::OK),
    ("Operational", Meaning::OK),
    ("200", Meaning::Maintenance),
    ("Planned Maintenance", Meaning::Maintenance),
    ("300", Meaning::DEGRADED),
    ("Degraded Performance", Meaning::DEGRADED),
    ("400", Meaning::DEGRADED),
    ("Partial Service Disruption", Meaning::DEGRADED),
    ("500", Meaning::OUTAGE),
    ("Service Disruption", Meaning::OUTAGE),
    ("600", Meaning::OUTAGE),
    ("Security Event", Meaning::OUTAGE),
]);

/// What the state of an incident's message means, by its code or by its word.
const STATES: &[(&str, IncidentState)] = &[
    ("100", IncidentState::Investigating),
    ("Investigating", IncidentState::Investigating),
    ("200", IncidentState::Identified),
    ("Identified", IncidentState::Identified),
    ("300", IncidentState::Monitoring),
    ("Monitoring", IncidentState::Monitoring),
    ("400", IncidentState::Resolved),
    ("Resolved", IncidentState::Resolved),
];

/// Reads a page's status: the page, where the document states how it is, then each component in each container.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value: Value = document.json()?;
    let result = value.get("result").unwrap_or(&Value::Null);
    let overall = result.get("status_overall").unwrap_or(&Value::Null);
    let is_component = |row: &Value| text(row, "name").is_some() && text(row, "status_code").is_some();
    if !states(overall) && !list(result, "status").iter().any(is_component) {
        return Err(ParseError::unrecognised(format!(
            "expected a page of status.io (an object with result.status_overall and result.status), found {}",
            describe(&value)
        )));
    }

    let mut report = Report::complete();
    let places = places(&mut report, result);
    let incidents = incidents(&mut report, result, &places);
    if states(overall) {
        let claim = status(&mut report, overall);
        let mut page = whole::page(whole::KEY, claim, &incidents);
        page.last_timestamp = time(overall, "updated");
        report.services.push(page);
    }
    report.services.extend(places.into_iter().map(|place| place.service));
    mark_named(&mut report.services, &incidents);
    report.incidents = incidents;
    Ok(report)
}

/// Whether a value has a status of its own.
fn states(value: &Value) -> bool {
    text(value, "status_code").or_else(|| text(value, "status")).is_some()
}

/// What the status of a value means: its code, or where no table knows that its word.
fn status(report: &mut Report, value: &Value) -> Meaning {
    let said = ["status_code", "status"].map(|key| text(value, key));
    let known = said.iter().flatten().find_map(|word| STATUS.meaning(word));
    known.unwrap_or_else(|| report.unknown(said.iter().flatten().next().map_or(NO_WORD, String::as_str)))
}

/// A component or a container: where it lacks one of the two, the other stands for it.
#[derive(Clone)]
struct Named {
    id: String,
    name: String,
}

impl Named {
    fn read(row: &Value) -> Option<Self> {
        let (id, name) = (text(row, "id").or_else(|| text(row, "_id")), text(row, "name"));
        Some(Self { id: id.clone().or_else(|| name.clone())?, name: name.or(id)? })
    }

    fn is_in(&self, others: &[Self]) -> bool {
        others.iter().any(|other| other.id == self.id)
    }
}

/// A component in one of its containers, or by itself if it has none.
struct Place {
    component: Named,
    container: Option<Named>,
    service: Service,
}

fn places(report: &mut Report, result: &Value) -> Vec<Place> {
    let mut places = Vec::new();
    for row in list(result, "status") {
        let Some(component) = Named::read(row) else { continue };
        let containers: Vec<_> =
            list(row, "containers").iter().filter_map(|inner| Some((inner, Named::read(inner)?))).collect();
        if containers.is_empty() {
            places.push(place(report, &component, None, [row, row]));
        }
        for (inner, container) in containers {
            places.push(place(report, &component, Some(container), [inner, row]));
        }
    }
    places
}

/// One service, as the first of the two rows tells of it or else the second.
fn place(report: &mut Report, component: &Named, container: Option<Named>, [inner, outer]: [&Value; 2]) -> Place {
    let key = match &container {
        Some(container) => format!("{}/{}", component.id, container.id),
        None => component.id.clone(),
    };
    let mut service = Service::named(key, component.name.as_str());
    service.set(status(report, if states(inner) { inner } else { outer }));
    service.last_timestamp = time(inner, "updated").or_else(|| time(outer, "updated"));
    service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), component.id.as_str().into());
    if let Some(container) = &container {
        service.dimensions.insert(dimension_names::REGION.to_owned(), container.name.as_str().into());
    }
    Place { component: component.clone(), container, service }
}

fn incidents(report: &mut Report, result: &Value, places: &[Place]) -> Vec<Incident> {
    let maintenance = result.get("maintenance").unwrap_or(&Value::Null);
    let lists = [
        (list(result, "incidents"), IncidentKind::Incident, IncidentState::Investigating),
        (list(maintenance, "active"), IncidentKind::Maintenance, IncidentState::InProgress),
        (list(maintenance, "upcoming"), IncidentKind::Maintenance, IncidentState::Scheduled),
    ];
    let mut incidents = Vec::new();
    for (rows, kind, unsaid) in lists {
        incidents.extend(rows.iter().filter_map(|row| incident(report, row, kind, unsaid, places)));
    }
    incidents
}

/// One row of a list; `None` if it has neither an id nor a name.
fn incident(
    report: &mut Report,
    row: &Value,
    kind: IncidentKind,
    unsaid: IncidentState,
    places: &[Place],
) -> Option<Incident> {
    let Named { id: key, name } = Named::read(row)?;
    let newest = list(row, "messages").iter().max_by_key(|message| time(message, "datetime")).unwrap_or(&Value::Null);
    let resolved_at = time(row, "datetime_resolved");
    let is_over = resolved_at.is_some() || row.get("current_active").and_then(Value::as_bool) == Some(false);
    let state = match kind {
        IncidentKind::Maintenance if is_over => IncidentState::Completed,
        IncidentKind::Maintenance => unsaid,
        IncidentKind::Incident if is_over => IncidentState::Resolved,
        IncidentKind::Incident => text(newest, "state")
            .or_else(|| text(row, "current_state"))
            .and_then(|word| read_state(report, STATES, &word))
            .unwrap_or(unsaid),
    };
    let stating = [newest, row].into_iter().find(|value| states(value));
    let said = list(row, "messages").iter().map(|message| IncidentUpdate {
        at: time(message, "datetime"),
        // The codes of a maintenance's messages are others.
        state: text(message, "state")
            .filter(|_| kind == IncidentKind::Incident)
            .and_then(|word| self::state(STATES, &word)),
        text: text(message, "details").unwrap_or_default(),
    });
    Some(Incident {
        key,
        kind,
        title: headline(&name),
        state,
        impact: stating.map(|value| status(report, value).status()),
        started_at: time(row, "datetime_planned_start")
            .filter(|_| kind == IncidentKind::Maintenance)
            .or_else(|| time(row, "datetime_open")),
        updated_at: time(newest, "datetime"),
        resolved_at,
        url: None,
        services: named(row, places),
        updates: updates(said),
    })
}

/// The keys of the services that an incident names, by component and container; the names of components that are none.
fn named(row: &Value, places: &[Place]) -> Vec<String> {
    let affected = |key: &str| list(row, key).iter().filter_map(Named::read).collect::<Vec<_>>();
    let (components, containers) = (affected("components_affected"), affected("containers_affected"));
    let is_there = |place: &Place| {
        containers.is_empty() || place.container.as_ref().is_none_or(|container| container.is_in(&containers))
    };
    let meant = places.iter().filter(|place| place.component.is_in(&components) && is_there(place));
    let keys: Vec<_> = meant.map(|place| place.service.key.clone()).collect();
    if keys.is_empty() { components.into_iter().map(|component| component.name).collect() } else { keys }
}
