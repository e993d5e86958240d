//! Sorry: `api/v1/status`, the page as a whole, which leads to the pages of `components` and to the `notices` of what is
//! going on and of what is planned. The list of components may be asked by itself, too.

mod notices;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::Value;
use url::Url;

use self::notices::notices;
use super::incident::mark_named;
use super::json::{describe, document, documents, has_list, list, text, time, word};
use crate::schema::{Incident, Service, dimension_names};
use crate::target::{Meaning, ParseError, Part, Report, Vocabulary, whole};

/// What the state of the page or of a component means. There is no word for an outage.
static STATE: Vocabulary = Vocabulary(&[
    ("operational", Meaning::OK),
    ("under_maintenance", Meaning::Maintenance),
    ("degraded", Meaning::DEGRADED),
    // No longer documented; readers of older pages know it.
    ("partially-degraded", Meaning::DEGRADED),
    ("partially_degraded", Meaning::DEGRADED),
]);

/// The notices that are asked for. The rest are past, hundreds of them.
const TIMES: &[&str] = &["present", "future"];

/// The address of the next page of the components, then of the notices.
pub(super) fn next(parts: &[Part<'_>]) -> Result<Option<Url>, ParseError> {
    let Some(part) = parts.first() else { return Ok(None) };
    let Some(first) = document(part)? else { return Ok(None) };
    recognise(&first)?;
    let mut wanted = Vec::new();
    if let Some(last) = parts.last() {
        wanted.extend(next_page(last)?);
    }
    if let [.., before, Part { url, document: None }] = parts
        && next_page(before)?.as_ref() == Some(*url)
    {
        return Err(ParseError::malformed(format!("the list of components breaks off: nothing at {url}")));
    }
    if is_status(&first) {
        wanted.extend(beside(part.url, &first, "components").filter(|_| !has_list(&first, "components")));
        let notices = beside(part.url, &first, "notices");
        wanted.extend(notices.iter().flat_map(|url| TIMES.iter().map(|time| filtered(url, time))));
    }
    Ok(wanted.into_iter().find(|url| parts.iter().all(|part| part.url != url)))
}

/// Reads the documents that are there: the page, if its status is among them, then its components.
pub(super) fn parse(parts: &[Part<'_>]) -> Result<Report, ParseError> {
    let documents = documents(parts)?;
    match documents.first() {
        Some(first) => recognise(first)?,
        None => return Err(ParseError::malformed("the answer has no document")),
    }
    let is_known = |value: &&Value| is_status(value) || has_list(value, "components") || has_list(value, "notices");
    if let Some(other) = documents.iter().find(|value| !is_known(value)) {
        return Err(stranger(other));
    }
    let mut report = Report::complete();
    let all = |key: &'static str| documents.iter().flat_map(move |value| list(value, key));
    let incidents = notices(&mut report, all("notices"));
    if let Some(status) = documents.iter().find(|value| is_status(value)) {
        let page = page(&mut report, status, &incidents);
        report.services.push(page);
    }
    let components = components(&mut report, &all("components").collect::<Vec<_>>());
    report.services.extend(components);
    mark_named(&mut report.services, &incidents);
    report.incidents = incidents;
    Ok(report)
}

/// Whether a document that came first is Sorry's and tells how the page or components are.
fn recognise(value: &Value) -> Result<(), ParseError> {
    if is_status(value) || list(value, "components").iter().any(is_component) { Ok(()) } else { Err(stranger(value)) }
}

fn stranger(value: &Value) -> ParseError {
    let found = if has_list(value, "notices") {
        "a list of notices, which is history and no state".to_owned()
    } else {
        describe(value)
    };
    ParseError::unrecognised(format!(
        "expected Sorry's api/v1/status (an object with page.state) or api/v1/components (an object with components, \
         each with a state), found {found}"
    ))
}

fn is_status(value: &Value) -> bool {
    let page = value.get("page").unwrap_or(&Value::Null);
    text(page, "name").is_some() && page.get("state").is_some_and(Value::is_string)
}

fn is_component(row: &Value) -> bool {
    text(row, "name").is_some() && row.get("state").is_some_and(Value::is_string) && row.get("status").is_none()
}

/// The address of a list: the one beside the status, or the one that the status links to.
fn beside(url: &Url, status: &Value, name: &str) -> Option<Url> {
    let is_usual = ["/status", "/status.json"].iter().any(|ending| url.path().ends_with(ending));
    let link = status.get("page").and_then(|page| page.get("links")?.get(name));
    let path = if is_usual { name.to_owned() } else { text(link?, "href")? };
    url.join(&path).ok().filter(|other| other.origin() == url.origin())
}

/// The list of the notices of a time.
fn filtered(notices: &Url, time: &str) -> Url {
    let mut url = notices.clone();
    url.query_pairs_mut().append_pair("filter[timeline_state_eq]", time);
    url
}

/// The address of the page that follows a page of components.
fn next_page(part: &Part<'_>) -> Result<Option<Url>, ParseError> {
    let value = document(part)?.unwrap_or_default();
    let next = value.get("meta").and_then(|meta| text(meta, "next_page"));
    match next.filter(|_| has_list(&value, "components")) {
        Some(next) => part.url.join(&next).map(Some).map_err(|error| ParseError::malformed(error.to_string())),
        None => Ok(None),
    }
}

/// The service that stands for the page. Notices do not say how bad things are, so what it claims is what counts.
fn page(report: &mut Report, status: &Value, incidents: &[Incident]) -> Service {
    let page = status.get("page").unwrap_or(&Value::Null);
    let claim = report.read(&STATE, &word(page, "state"));
    let mut service = whole::page(text(page, "name").unwrap_or_else(|| whole::KEY.to_owned()), claim, incidents);
    service.last_timestamp = time(page, "updated_at");
    if let Some(id) = text(page, "id") {
        service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
    }
    service
}

/// The components. One that has others below it is a component all the same, with a state of its own.
fn components(report: &mut Report, rows: &[&Value]) -> Vec<Service> {
    let names: HashMap<String, String> =
        rows.iter().filter_map(|row| Some((text(row, "id")?, text(row, "name")?))).collect();
    let mut services = Vec::new();
    for row in rows {
        let Some(name) = text(row, "name") else { continue };
        let id = text(row, "id");
        let mut service = Service::named(id.as_deref().unwrap_or(&name), name.as_str());
        service.set(report.read(&STATE, &word(row, "state")));
        service.last_timestamp = time(row, "updated_at");
        if let Some(parent) = text(row, "parent_id").and_then(|id| names.get(&id)) {
            service.dimensions.insert(dimension_names::GROUP.to_owned(), parent.as_str().into());
        }
        if let Some(id) = id {
            service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
        }
        services.push(service);
    }
    services
}
