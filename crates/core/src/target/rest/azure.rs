//! Azure, as one's own subscription sees it: Resource Health's availability statuses (how each resource is), and the
//! events of Service Health (what is wrong with Azure's services, what is planned, what is advised).
//!
//! Both are lists of `management.azure.com` that come in pages. Built from what Microsoft documents of API versions
//! 2015-01-01 to 2025-05-01, not from recorded answers.

mod events;
mod statuses;

use serde_json::Value;
use url::Url;

use super::json::{describe, has_list, list, text};
use super::pages;
use crate::target::{ParseError, Part, Parted, Report};

/// The pages of either list.
pub(super) const PARTED: Parted = Parted { next, parse };

fn next(parts: &[Part<'_>]) -> Result<Option<Url>, ParseError> {
    pages::next(parts, "nextLink")
}

/// Reads the pages of one list, or the status of one resource by itself.
fn parse(parts: &[Part<'_>]) -> Result<Report, ParseError> {
    let pages = pages::read(parts)?;
    let mut rows: Vec<&Value> = Vec::new();
    for page in &pages {
        if has_list(page, "value") {
            rows.extend(list(page, "value"));
        } else {
            rows.push(page);
        }
    }
    let Some(first) = rows.first() else {
        return if parts.first().is_some_and(is_list_of_events) {
            Ok(Report::open_only())
        } else {
            Err(stranger("an empty list"))
        };
    };
    let is_status = statuses::is_status(first);
    let is_kin = |row: &Value| if is_status { statuses::is_status(row) } else { events::is_event(row) };
    if let Some(other) = rows.iter().find(|row| !is_kin(row)) {
        return Err(stranger(&describe(other)));
    }
    if is_status {
        Ok(statuses::read(&rows))
    } else {
        Ok(events::read(&rows, parts.first().and_then(|part| part.document?.now())))
    }
}

/// Whether an empty list is one of events, which says that all is well. One of statuses names no resource: the reader
/// has lost its rights, or there is nothing to tell of. The documents are the same; only what was asked for differs.
fn is_list_of_events(part: &Part<'_>) -> bool {
    part.url.path().trim_end_matches('/').to_ascii_lowercase().ends_with("/microsoft.resourcehealth/events")
}

/// Whether a row's `type` or `id` names a kind of resource of Resource Health, in lower case.
fn is_of_kind(row: &Value, kind: &str) -> bool {
    let names = |key: &str| text(row, key).is_some_and(|text| text.to_ascii_lowercase().contains(kind));
    names("type") || names("id")
}

fn stranger(found: &str) -> ParseError {
    ParseError::unrecognised(format!(
        "expected Azure's availability statuses (a value[] of resources with properties.availabilityState) or service \
         health events (a value[] of events with properties.eventType), found {found}"
    ))
}

#[cfg(test)]
mod tests;
