//! Uptime Kuma, which people run themselves: a status page's answer in two documents. One has the names of the
//! monitors, their groups, incidents and maintenance; the other their last heartbeats. Either may be the endpoint: they
//! are told apart by what is in them, and each leads to the other by its address.
//!
//! The page makes no claim about itself as a whole: what is shown above it is worked out from the heartbeats.

mod incidents;
#[cfg(test)]
mod tests;

use serde_json::Value;
use url::Url;

use self::incidents::incidents;
use super::json::{describe, has_list, list, text, word};
use crate::schema::{Service, Timestamp, dimension_names};
use crate::target::{Meaning, ParseError, Part, Report, Vocabulary};

/// What the status of a heartbeat means: down, up, pending (it failed and is tried again), under maintenance.
static BEAT: Vocabulary =
    Vocabulary(&[("0", Meaning::OUTAGE), ("1", Meaning::OK), ("2", Meaning::DEGRADED), ("3", Meaning::Maintenance)]);

/// Which of the two documents this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Page,
    Heartbeats,
}

/// The address of the other document.
pub(super) fn next(parts: &[Part<'_>]) -> Result<Option<Url>, ParseError> {
    match parts {
        [Part { url, document: Some(document) }] => Ok(counterpart(url, recognise(&document.json()?)?)),
        _ => Ok(None),
    }
}

/// Reads the monitors of the page with their heartbeats. Without the page they have only their ids for names, without
/// the heartbeats nobody knows how they are.
pub(super) fn parse(parts: &[Part<'_>]) -> Result<Report, ParseError> {
    let (mut page, mut heartbeats) = (None, None);
    for document in parts.iter().filter_map(|part| part.document) {
        let value: Value = document.json()?;
        let place = match recognise(&value)? {
            Kind::Page => &mut page,
            Kind::Heartbeats => &mut heartbeats,
        };
        place.get_or_insert(value);
    }
    let heartbeats = heartbeats.unwrap_or_default();
    let beats = heartbeats.get("heartbeatList").unwrap_or(&Value::Null);
    let mut services = page.as_ref().map_or_else(|| unnamed(beats), listed);
    let mut report = Report::complete();
    for service in &mut services {
        let beats = in_order(list(beats, &service.key));
        if let Some(last) = beats.last() {
            service.set(report.read(&BEAT, &word(last, "status")));
            service.last_timestamp = since(&beats);
        }
    }
    report.services = services;
    if let Some(page) = page {
        report.incidents = incidents(&mut report, &page);
    }
    Ok(report)
}

fn recognise(value: &Value) -> Result<Kind, ParseError> {
    if value.get("config").is_some_and(|config| text(config, "slug").is_some()) && has_list(value, "publicGroupList") {
        return Ok(Kind::Page);
    }
    let heartbeats = value.get("heartbeatList").and_then(Value::as_object);
    if heartbeats.is_some_and(|monitors| monitors.values().all(Value::is_array)) {
        return Ok(Kind::Heartbeats);
    }
    Err(ParseError::unrecognised(format!(
        "expected a status page of Uptime Kuma (an object with config and publicGroupList) or its heartbeats (an object \
         with heartbeatList), found {}",
        describe(value)
    )))
}

/// Where the other document is: `…/status-page/<slug>` and `…/status-page/heartbeat/<slug>`.
fn counterpart(url: &Url, kind: Kind) -> Option<Url> {
    let (folder, slug) = url.path().trim_end_matches('/').rsplit_once('/')?;
    let pages = match kind {
        Kind::Page => folder,
        Kind::Heartbeats => folder.strip_suffix("/heartbeat")?,
    };
    let path = match kind {
        _ if !pages.ends_with("/status-page") => return None,
        Kind::Page => format!("{pages}/heartbeat/{slug}"),
        Kind::Heartbeats => format!("{pages}/{slug}"),
    };
    let mut counterpart = url.clone();
    counterpart.set_path(&path);
    counterpart.set_query(None);
    Some(counterpart)
}

/// The monitors that the page lists.
fn listed(page: &Value) -> Vec<Service> {
    let mut services = Vec::new();
    for group in list(page, "publicGroupList") {
        for monitor in list(group, "monitorList") {
            let Some(id) = text(monitor, "id") else { continue };
            let mut service = Service::named(id.as_str(), text(monitor, "name").unwrap_or_else(|| id.clone()));
            service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
            if let Some(group) = text(group, "name") {
                service.dimensions.insert(dimension_names::GROUP.to_owned(), group.into());
            }
            services.push(service);
        }
    }
    services
}

/// The monitors that have heartbeats, in the order of their ids.
fn unnamed(beats: &Value) -> Vec<Service> {
    let mut ids: Vec<&String> = beats.as_object().into_iter().flatten().map(|(id, _)| id).collect();
    ids.sort_by_key(|id| (id.parse().unwrap_or(u64::MAX), *id));
    let service = |id: &String| {
        let mut service = Service::named(id, id);
        service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.as_str().into());
        service
    };
    ids.into_iter().map(service).collect()
}

/// The heartbeats by their times, those of one time as they come. Spans without any are written as 0.
fn in_order(beats: &[Value]) -> Vec<&Value> {
    let mut beats: Vec<_> = beats.iter().filter(|beat| beat.is_object()).collect();
    beats.sort_by_key(|beat| instant(beat, "time"));
    beats
}

/// Since when the last heartbeats are as they are: the time of the first of them after one that was otherwise. A
/// heartbeat that changes nothing tells no more than when Uptime Kuma last asked.
fn since(beats: &[&Value]) -> Option<Timestamp> {
    let now = word(beats.last()?, "status");
    let other = beats.iter().rposition(|beat| word(beat, "status") != now)?;
    instant(beats.get(other + 1)?, "time")
}

/// The instant under a key; Uptime Kuma writes UTC, a space before the hour, and no zone.
fn instant(value: &Value, key: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(&text(value, key)?.replacen(' ', "T", 1))
}
