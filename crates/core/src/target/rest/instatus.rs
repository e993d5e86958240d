//! Instatus: `summary.json` (the page, and what is going on) and `v2/components.json` or `v3/components.json`. Either may
//! be asked first and leads to the other; one that is missing is made do without.
//!
//! Incidents name no components, and neither components nor the page have a time.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde_json::Value;
use url::Url;

use super::incident::{headline, link, read_state};
use super::json::{describe, document, documents, has_list, list, text, time, word};
use crate::schema::{Incident, IncidentKind, IncidentState, Service, dimension_names};
use crate::target::{Meaning, ParseError, Part, Report, Vocabulary, whole};

/// What the status of a component, or the impact of an incident, means.
static STATUS: Vocabulary = Vocabulary(&[
    ("OPERATIONAL", Meaning::OK),
    ("UNDERMAINTENANCE", Meaning::Maintenance),
    ("DEGRADEDPERFORMANCE", Meaning::DEGRADED),
    ("MINOROUTAGE", Meaning::DEGRADED),
    ("PARTIALOUTAGE", Meaning::DEGRADED),
    ("MAJOROUTAGE", Meaning::OUTAGE),
]);

/// What the status of the page means. How bad its issues are, the incidents tell.
static PAGE: Vocabulary =
    Vocabulary(&[("UP", Meaning::OK), ("HASISSUES", Meaning::DEGRADED), ("UNDERMAINTENANCE", Meaning::Maintenance)]);

/// What the status of an incident or of a maintenance means.
const STATES: &[(&str, IncidentState)] = &[
    ("INVESTIGATING", IncidentState::Investigating),
    ("IDENTIFIED", IncidentState::Identified),
    ("MONITORING", IncidentState::Monitoring),
    ("RESOLVED", IncidentState::Resolved),
    ("NOTSTARTEDYET", IncidentState::Scheduled),
    ("INPROGRESS", IncidentState::InProgress),
    ("COMPLETED", IncidentState::Completed),
];

/// Where the components may lie beside the summary; a page need not have both.
const COMPONENTS: &[&str] = &["/v2/components.json", "/v3/components.json"];

/// Where the summary lies beside the components.
const SUMMARY: &[&str] = &["/summary.json"];

/// How the paths of Instatus's documents end, longer ones first; what is before is the page's own.
const ENDINGS: &[&str] = &[
    "/api/v2/components.json",
    "/api/v2/summary.json",
    "/v2/components.json",
    "/v3/components.json",
    "/components.json",
    "/summary.json",
];

/// The address of the other document, until one of those it may lie at has it.
pub(super) fn next(parts: &[Part<'_>]) -> Result<Option<Url>, ParseError> {
    let Some(part) = parts.first() else { return Ok(None) };
    let Some(first) = document(part)? else { return Ok(None) };
    recognise(&first)?;
    let others: &[&str] = match (is_summary(&first), has_list(&first, "components")) {
        (true, true) => &[],
        (true, false) => COMPONENTS,
        (false, _) => SUMMARY,
    };
    let is_found = parts.iter().skip(1).any(|part| part.document.is_some());
    let untried = others.iter().map(|path| beside(part.url, path)).find(|url| parts.iter().all(|part| part.url != url));
    Ok(untried.filter(|_| !is_found))
}

/// Reads the documents that are there: the page, if the summary is among them, then its components.
pub(super) fn parse(parts: &[Part<'_>]) -> Result<Report, ParseError> {
    let documents = documents(parts)?;
    match documents.first() {
        Some(first) => recognise(first)?,
        None => return Err(ParseError::malformed("the answer has no document")),
    }
    if let Some(other) = documents.iter().find(|value| !is_summary(value) && !has_list(value, "components")) {
        return Err(stranger(other));
    }
    let mut report = Report::complete();
    if let Some(summary) = documents.iter().find(|value| is_summary(value)) {
        let incidents = incidents(&mut report, summary);
        let page = page(&mut report, summary, &incidents);
        report.services.push(page);
        report.incidents = incidents;
    }
    let rows = documents.iter().map(|value| list(value, "components")).find(|rows| !rows.is_empty());
    let components = components(&mut report, rows.unwrap_or_default());
    report.services.extend(components);
    Ok(report)
}

/// Whether a document that came first is Instatus's.
fn recognise(value: &Value) -> Result<(), ParseError> {
    let is_components = value.get("page").is_none() && list(value, "components").iter().any(is_component);
    if is_summary(value) || is_components { Ok(()) } else { Err(stranger(value)) }
}

fn stranger(value: &Value) -> ParseError {
    ParseError::unrecognised(format!(
        "expected Instatus's summary.json (an object with page.status) or components.json (an object with components, \
         each with a status and a group), found {}",
        describe(value)
    ))
}

/// Whether the page states its status itself; Statuspage's does not.
fn is_summary(value: &Value) -> bool {
    let page = value.get("page").unwrap_or(&Value::Null);
    text(page, "name").is_some() && page.get("status").is_some_and(Value::is_string) && value.get("status").is_none()
}

/// Whether a row is a component of Instatus's: its group is an object or null where Statuspage has a flag.
fn is_component(row: &Value) -> bool {
    let is_grouped = row.get("group").is_some_and(|group| group.is_null() || group.is_object());
    let is_of_older_form = row.get("isParent").is_some_and(Value::is_boolean) || has_list(row, "children");
    text(row, "name").is_some() && text(row, "status").is_some() && (is_grouped || is_of_older_form)
}

/// The address of another document of the same page.
fn beside(url: &Url, path: &str) -> Url {
    let root = ENDINGS.iter().find_map(|ending| url.path().strip_suffix(ending)).unwrap_or_default();
    let mut beside = url.clone();
    beside.set_path(&format!("{root}{path}"));
    beside.set_query(None);
    beside
}

/// The service that stands for the page: the worst of its status and of its open incidents.
fn page(report: &mut Report, summary: &Value, incidents: &[Incident]) -> Service {
    let page = summary.get("page").unwrap_or(&Value::Null);
    let claim = report.read(&PAGE, &word(page, "status"));
    whole::page(text(page, "name").unwrap_or_else(|| whole::KEY.to_owned()), claim, incidents)
}

/// A row, and the group that it stands in.
struct Row<'a> {
    row: &'a Value,
    group: Option<&'a Value>,
}

/// The rows in their order, each before the rows inside it.
fn flatten<'a>(rows: &'a [Value], outer: Option<&'a Value>, flat: &mut Vec<Row<'a>>) {
    for row in rows {
        flat.push(Row { row, group: row.get("group").filter(|group| group.is_object()).or(outer) });
        flatten(list(row, "children"), Some(row), flat);
    }
}

/// The components, without the rows that are groups of others: those repeat their worst.
fn components(report: &mut Report, rows: &[Value]) -> Vec<Service> {
    let mut flat = Vec::new();
    flatten(rows, None, &mut flat);
    let groups: HashSet<String> = flat.iter().filter_map(|row| text(row.group?, "id")).collect();
    let mut seen = HashSet::new();
    let mut services = Vec::new();
    for Row { row, group } in flat {
        let Some(name) = text(row, "name") else { continue };
        let (id, group) = (text(row, "id"), group.and_then(|group| text(group, "name")));
        let is_group = !list(row, "children").is_empty() || id.as_ref().is_some_and(|id| groups.contains(id));
        // The older form may list a component beside its group and inside it.
        if is_group || id.clone().is_some_and(|id| !seen.insert(id)) {
            continue;
        }
        let key = id
            .clone()
            .unwrap_or_else(|| group.as_ref().map_or_else(|| name.clone(), |group| format!("{group}/{name}")));
        let mut service = Service::named(key, name);
        service.set(report.read(&STATUS, &word(row, "status")));
        if let Some(group) = group {
            service.dimensions.insert(dimension_names::GROUP.to_owned(), group.into());
        }
        if let Some(id) = id {
            service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
        }
        services.push(service);
    }
    services
}

/// What is going on; the lists are absent where there is nothing.
fn incidents(report: &mut Report, summary: &Value) -> Vec<Incident> {
    let lists =
        [("activeIncidents", IncidentKind::Incident), ("activeMaintenances", IncidentKind::Maintenance)].into_iter();
    lists
        .flat_map(|(key, kind)| list(summary, key).iter().map(move |row| (row, kind)))
        .filter_map(|(row, kind)| incident(report, row, kind))
        .collect()
}

/// One row of a list; `None` if it has neither an id nor a name.
fn incident(report: &mut Report, row: &Value, kind: IncidentKind) -> Option<Incident> {
    let name = text(row, "name");
    let key = text(row, "id").or_else(|| text(row, "url")).or_else(|| name.clone())?;
    let stated = text(row, "status").and_then(|word| read_state(report, STATES, &word));
    let impact = text(row, "impact").map(|word| report.read(&STATUS, &word).status());
    Some(Incident {
        key,
        kind,
        title: headline(&name.unwrap_or_default()),
        state: stated.unwrap_or(match kind {
            IncidentKind::Incident => IncidentState::Investigating,
            IncidentKind::Maintenance => IncidentState::InProgress,
        }),
        impact,
        started_at: time(row, "started").or_else(|| time(row, "start")),
        updated_at: time(row, "updatedAt"),
        resolved_at: None,
        url: link(row, "url"),
        services: Vec::new(),
        updates: Vec::new(),
    })
}
