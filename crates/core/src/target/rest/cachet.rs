//! Cachet, which people run themselves: the components, page by page, and what the same API has beside them: the names
//! of their groups, how the page is as a whole, and its incidents.
//!
//! Cachet 2 lists plain rows. Cachet 3 wraps each row in JSON:API's `attributes`, and a state in `human` and `value`;
//! where the endpoint asks for it (`?include=group`), the groups come along in `included`.
//!
//! Cachet writes its times in the zone of its instance and does not say which that is: an hour without a zone is no
//! instant. Taken for UTC it would be hours off, often in the future. So such times are left out, and the time of a
//! status is when it was first seen.

mod incidents;
mod parts;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::Value;

use self::incidents::incidents;
pub(super) use self::parts::next;
use self::parts::{Kind, addresses, documents};
use super::incident::mark_named;
use super::json::{NO_WORD, describe, flag, has_list, list, text};
use crate::schema::{Service, Timestamp, dimension_names};
use crate::target::{Meaning, ParseError, Part, Report, Vocabulary, whole};

/// What the number of a component's state means. Cachet 2 knows 0 to 4.
static STATE: Vocabulary = Vocabulary(&[
    ("0", Meaning::UNKNOWN),
    ("1", Meaning::OK),
    ("2", Meaning::DEGRADED),
    ("3", Meaning::DEGRADED),
    ("4", Meaning::OUTAGE),
    ("5", Meaning::UNKNOWN),
    ("6", Meaning::Maintenance),
]);

/// What the page says of itself: the words of Cachet 2, then those of Cachet 3.
static PAGE: Vocabulary = Vocabulary(&[
    ("success", Meaning::OK),
    ("info", Meaning::DEGRADED),
    ("danger", Meaning::OUTAGE),
    ("operational", Meaning::OK),
    ("partial_outage", Meaning::DEGRADED),
    ("major_outage", Meaning::OUTAGE),
    ("under_maintenance", Meaning::Maintenance),
]);

/// Reads the components, with as much beside them as there is.
pub(super) fn parse(parts: &[Part<'_>]) -> Result<Report, ParseError> {
    let Some(first) = parts.first() else { return Err(stranger(&Value::Null)) };
    let pages = documents(parts, first.url)?;
    let Some(page) = pages.first() else { return Err(stranger(&Value::Null)) };
    recognise(page)?;

    let (mut groups, mut status, mut told) = (HashMap::new(), None, Vec::new());
    for (kind, address) in addresses(first.url, page) {
        match kind {
            Kind::Components => {}
            Kind::Groups => groups.extend(documents(parts, &address)?.iter().flat_map(names)),
            Kind::Status => status = documents(parts, &address)?.pop(),
            Kind::Incidents => told = documents(parts, &address)?,
        }
    }

    let mut report = Report::complete();
    for document in &told {
        let incidents = incidents(&mut report, document)?;
        report.incidents.extend(incidents);
    }
    if let Some(status) = status {
        let page = whole_page(&mut report, &status)?;
        report.services.push(page);
    }
    let mut services = Vec::new();
    for page in &pages {
        groups.extend(included(page));
        services.extend(list(page, "data").iter().filter_map(|row| component(&mut report, row, &groups)));
    }
    mark_named(&mut services, &report.incidents);
    report.services.extend(services);
    Ok(report)
}

/// Whether this is a list of components.
fn recognise(value: &Value) -> Result<(), ParseError> {
    let rows = list(value, "data");
    let is_component = |row: &Value| {
        let said = attributes(row);
        let telling = ["group_id", "enabled", "status_name", "order"];
        text(said, "name").is_some() && state(said).is_some() && telling.iter().any(|key| said.get(key).is_some())
    };
    let is_empty_list = has_list(value, "data") && rows.is_empty() && value.pointer("/meta/pagination").is_some();
    if is_empty_list || rows.iter().any(is_component) { Ok(()) } else { Err(stranger(value)) }
}

fn stranger(value: &Value) -> ParseError {
    ParseError::unrecognised(format!(
        "expected Cachet's components (an object with data[], each with name, status and group_id or enabled), found {}",
        describe(value)
    ))
}

/// What a row says: itself, or what Cachet 3 wraps.
fn attributes(row: &Value) -> &Value {
    row.get("attributes").filter(|said| said.is_object()).unwrap_or(row)
}

/// A row's id.
fn id(row: &Value) -> Option<String> {
    text(row, "id").or_else(|| text(attributes(row), "id"))
}

/// The number of a state, bare or with its name beside it.
fn state(said: &Value) -> Option<String> {
    text(said, "status").or_else(|| text(said.get("status")?, "value"))
}

/// The instant of a text that says its zone.
fn instant(text: &str) -> Option<Timestamp> {
    Timestamp::from(chrono::DateTime::parse_from_rfc3339(text).ok()?).unless_null()
}

fn component(report: &mut Report, row: &Value, groups: &HashMap<String, String>) -> Option<Service> {
    let said = attributes(row);
    let name = text(said, "name")?;
    // One that is switched off is not on the page.
    if flag(said, "enabled") == Some(false) {
        return None;
    }
    let id = id(row);
    let mut service = Service::named(id.clone().unwrap_or_else(|| name.clone()), name);
    let state = state(said).unwrap_or_else(|| NO_WORD.to_owned());
    service.set(report.read(&STATE, &state));
    service.last_timestamp = text(said, "updated_at").and_then(|text| instant(&text));
    // `group_id: 0` is no group, and no group has that id.
    let group = text(said, "group_id").or_else(|| row.pointer("/relationships/group/data").and_then(id_of_kind));
    if let Some(group) = group.and_then(|group| groups.get(&group)) {
        service.dimensions.insert(dimension_names::GROUP.to_owned(), group.as_str().into());
    }
    if let Some(id) = id {
        service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
    }
    Some(service)
}

/// The names of groups by their ids.
fn names(document: &Value) -> impl Iterator<Item = (String, String)> {
    list(document, "data").iter().filter_map(|row| Some((id(row)?, text(attributes(row), "name")?)))
}

/// The names of what came along, by kind and id.
fn included(page: &Value) -> impl Iterator<Item = (String, String)> {
    list(page, "included").iter().filter_map(|row| Some((id_of_kind(row)?, text(attributes(row), "name")?)))
}

/// What names a thing among those of all kinds.
fn id_of_kind(row: &Value) -> Option<String> {
    Some(format!("{}/{}", text(row, "type")?, text(row, "id")?))
}

/// The service that stands for the page.
fn whole_page(report: &mut Report, document: &Value) -> Result<Service, ParseError> {
    let said = attributes(document.get("data").unwrap_or(&Value::Null));
    let Some(word) = text(said, "status") else {
        return Err(ParseError::unrecognised(format!(
            "expected Cachet's status (an object with data.status), found {}",
            describe(document)
        )));
    };
    let claimed = report.read(&PAGE, &word);
    // Cachet 2 does not give its page's name here.
    let name = text(said, "name").unwrap_or_else(|| whole::KEY.to_owned());
    Ok(whole::page(name, claimed, &report.incidents))
}
