//! Rollbar: the items of a project, which are the errors that its programs reported.
//!
//! A service is an environment (production, staging), as bad as its worst item that is open: an error in staging is no
//! trouble of production. Before them comes the project as a whole, which is there also while no item is. An environment
//! that no open item names is well, so the list names what is wrong. It comes in pages; items that are resolved, muted
//! or archived may be in it, and decide nothing.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value;
use url::Url;

use super::incident::{headline, recent};
use super::json::{describe, document, epoch_secs, has_list, list, text, word};
use crate::schema::{
    Incident, IncidentKind, IncidentState, IncidentUpdate, Service, Status, Timestamp, dimension_names,
};
use crate::target::{Meaning, ParseError, Part, Parted, Report, Vocabulary, whole};

/// How many items a page has, but for the last one.
const PAGE: usize = 100;
/// How many pages are read.
const MAX_PAGES: u64 = 20;
/// What the project as a whole is called.
const WHOLE: &str = "All environments";

/// What the level of an open item means. Where levels are numbers, they are these.
static LEVELS: Vocabulary = Vocabulary(&[
    ("critical", Meaning::OUTAGE),
    ("error", Meaning::DEGRADED),
    ("warning", Meaning::OK),
    ("info", Meaning::OK),
    ("debug", Meaning::OK),
    ("50", Meaning::OUTAGE),
    ("40", Meaning::DEGRADED),
    ("30", Meaning::OK),
    ("20", Meaning::OK),
    ("10", Meaning::OK),
]);

/// The pages of a list.
pub(super) const PARTED: Parted = Parted { next, parse };

/// The address of the next page.
fn next(parts: &[Part<'_>]) -> Result<Option<Url>, ParseError> {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Ok(None) };
    let Some(value) = document(last)? else { return Ok(None) };
    let page = recognise(&value)?;
    let number = u64::try_from(parts.len()).unwrap_or(u64::MAX);
    let total = page.get("total_count").and_then(Value::as_u64);
    let so_far = number.saturating_mul(PAGE as u64);
    if list(page, "items").len() < PAGE || total.is_some_and(|total| total <= so_far) {
        return Ok(None);
    }
    if number >= MAX_PAGES || total.is_some_and(|total| total > MAX_PAGES * PAGE as u64) {
        return Err(ParseError::malformed(format!(
            "the list has more than {} items; expected an address that asks for fewer, such as \
             …/items/?status=active&level=critical&level=error&environment=production",
            MAX_PAGES * PAGE as u64
        )));
    }
    let mut url = first.url.clone();
    let others: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| name != "page").collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair("page", &(number + 1).to_string());
    Ok(Some(url))
}

fn parse(parts: &[Part<'_>]) -> Result<Report, ParseError> {
    let mut report = Report::open_only();
    // Between two pages an item may move from the one to the other.
    let mut items = BTreeMap::new();
    for part in parts {
        let value = document(part)?.ok_or_else(|| ParseError::malformed("a page of the list is missing"))?;
        let page = recognise(&value)?;
        for (place, item) in (items.len()..).zip(list(page, "items")) {
            let Some(id) = text(item, "id") else { continue };
            items.entry(id.clone()).or_insert_with(|| (place, Item::of(&mut report, id, item)));
        }
    }
    let mut items: Vec<_> = items.into_values().collect();
    items.sort_by_key(|(place, _)| *place);
    let items: Vec<Item> = items.into_iter().map(|(_, item)| item).collect();
    let open = || items.iter().filter(|item| item.incident.is_open());

    let mut whole = whole::page(WHOLE, Meaning::OK, &[]);
    settle(&mut whole, open());
    let mut environments: Vec<&str> = open().filter_map(|item| item.environment.as_deref()).collect();
    environments.sort_unstable();
    environments.dedup();
    report.services.push(whole);
    for name in environments {
        let mut service = Service::named(key(name), name);
        settle(&mut service, open().filter(|item| item.environment.as_deref() == Some(name)));
        report.services.push(service);
    }
    report.incidents = recent(items.into_iter().filter(Item::is_told).map(|item| item.incident).collect());
    Ok(report)
}

/// The page inside an answer.
fn recognise(value: &Value) -> Result<&Value, ParseError> {
    let found = value.get("result").filter(|result| {
        let is_item = |item: &Value| text(item, "id").is_some() && item.get("counter").is_some_and(Value::is_number);
        let is_page = has_list(result, "items") && result.get("page").is_some_and(Value::is_number);
        is_page && list(result, "items").first().is_none_or(is_item)
    });
    found.filter(|_| value.get("err").and_then(Value::as_i64) == Some(0)).ok_or_else(|| {
        ParseError::unrecognised(format!(
            "expected the items of a Rollbar project (an object with err 0 and a result with page and items), found {}",
            describe(value)
        ))
    })
}

/// An item, read.
struct Item {
    environment: Option<String>,
    meaning: Meaning,
    /// Whether somebody put it out of sight.
    is_hidden: bool,
    incident: Incident,
}

impl Item {
    fn of(report: &mut Report, id: String, item: &Value) -> Self {
        let status = word(item, "status");
        let is = |known: &str| status.eq_ignore_ascii_case(known);
        let is_hidden = is("muted") || is("archived");
        let is_open = is("active");
        if !is_open && !is_hidden && !is("resolved") {
            report.unknown(&status);
        }
        let level = word(item, "level");
        // The level of what is over says nothing about now.
        let meaning =
            if is_open { report.read(&LEVELS, &level) } else { LEVELS.meaning(&level).unwrap_or(Meaning::UNKNOWN) };
        let environment = text(item, "environment");
        let incident = incident(id, item, &level, environment.as_deref(), (is_open, meaning));
        Self { environment, meaning, is_hidden, incident }
    }

    /// Whether people are to hear of it.
    fn is_told(&self) -> bool {
        !self.is_hidden
    }
}

fn incident(
    id: String,
    item: &Value,
    level: &str,
    environment: Option<&str>,
    (is_open, meaning): (bool, Meaning),
) -> Incident {
    let counter = text(item, "counter").unwrap_or_else(|| id.clone());
    let title = headline(&text(item, "title").unwrap_or_default());
    let started_at = started_at(item);
    let place = environment.map_or_else(String::new, |name| format!(" in {name}"));
    Incident {
        key: id,
        kind: IncidentKind::Incident,
        title: format!("#{counter} {title}").trim_end().to_owned(),
        state: if is_open { IncidentState::Investigating } else { IncidentState::Resolved },
        impact: Some(meaning.status()).filter(|&status| status != Status::Unknown),
        started_at,
        updated_at: epoch_secs(item, "last_occurrence_timestamp"),
        resolved_at: epoch_secs(item, "last_resolved_timestamp").filter(|_| !is_open),
        url: text(item, "project_id").map(|project| format!("https://rollbar.com/project/{project}/item/{counter}/")),
        services: environment.map(key).into_iter().collect(),
        updates: vec![IncidentUpdate { at: started_at, state: None, text: format!("Level {level}{place}.") }],
    }
}

/// Since when an item is open: its newest activation, else its first occurrence.
fn started_at(item: &Value) -> Option<Timestamp> {
    epoch_secs(item, "last_activated_timestamp").or_else(|| epoch_secs(item, "first_occurrence_timestamp"))
}

/// The key of an environment's service. No environment has the key of the whole.
fn key(environment: &str) -> String {
    format!("environment {environment}")
}

/// Makes a service as bad as the worst of its items: since the first of those that are as bad.
fn settle<'a>(service: &mut Service, items: impl Iterator<Item = &'a Item> + Clone) {
    let worst = items.clone().map(|item| item.meaning).fold(Meaning::OK, Meaning::worst);
    service.set(worst);
    if worst == Meaning::OK {
        return;
    }
    let decisive = items.filter(|item| item.meaning == worst);
    let first = decisive.min_by_key(|item| (item.incident.started_at.is_none(), item.incident.started_at));
    if let Some(first) = first {
        service.last_timestamp = first.incident.started_at;
        service.dimensions.insert(dimension_names::INCIDENT.to_owned(), first.incident.key.as_str().into());
    }
}
