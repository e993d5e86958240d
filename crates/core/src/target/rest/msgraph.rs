//! Microsoft Graph: how the services of a Microsoft 365 tenant are (`healthOverviews`, with or without their issues),
//! or the tenant's issues alone (`issues`).
//!
//! An overview has no time of its own; its issues have. Words are `camelCase` in the API and `PascalCase` in old
//! documentation. Lists come in pages; the command line prints them bare.

use serde_json::Value;
use url::Url;

use super::incident::{headline, recent, state, updates};
use super::json::{describe, flag, has_list, list, text, time, word};
use super::merge::Merged;
use super::pages;
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Service, Timestamp, dimension_names};
use crate::target::{Meaning, ParseError, Part, Parted, Report, Vocabulary};

/// What the status of a service or of an issue means.
static STATUSES: Vocabulary = Vocabulary(&[
    ("serviceOperational", Meaning::OK),
    ("serviceRestored", Meaning::OK),
    ("falsePositive", Meaning::OK),
    ("postIncidentReviewPublished", Meaning::OK),
    ("resolved", Meaning::OK),
    ("resolvedExternal", Meaning::OK),
    ("mitigated", Meaning::OK),
    ("mitigatedExternal", Meaning::OK),
    ("serviceDegradation", Meaning::DEGRADED),
    ("investigating", Meaning::DEGRADED),
    ("restoringService", Meaning::DEGRADED),
    ("verifyingService", Meaning::DEGRADED),
    ("extendedRecovery", Meaning::DEGRADED),
    ("investigationSuspended", Meaning::DEGRADED),
    ("reported", Meaning::DEGRADED),
    ("confirmed", Meaning::DEGRADED),
    ("serviceInterruption", Meaning::OUTAGE),
    ("unknownFutureValue", Meaning::UNKNOWN),
]);

/// How far an open issue has come, where its status says more than that it is open.
const STATES: &[(&str, IncidentState)] = &[
    ("restoringService", IncidentState::Identified),
    ("extendedRecovery", IncidentState::Identified),
    ("verifyingService", IncidentState::Monitoring),
    ("serviceRestored", IncidentState::Monitoring),
    ("mitigated", IncidentState::Monitoring),
    ("mitigatedExternal", IncidentState::Monitoring),
];

/// The pages of either list.
pub(super) const PARTED: Parted = Parted { next, parse };

fn next(parts: &[Part<'_>]) -> Result<Option<Url>, ParseError> {
    pages::next(parts, "@odata.nextLink")
}

/// Reads the pages of one list.
fn parse(parts: &[Part<'_>]) -> Result<Report, ParseError> {
    let pages = pages::read(parts)?;
    let mut rows: Vec<&Value> = Vec::new();
    for page in &pages {
        match page {
            Value::Array(bare) => rows.extend(bare),
            _ if has_list(page, "value") => rows.extend(list(page, "value")),
            _ => return Err(stranger(page)),
        }
    }
    let context = pages.first().and_then(|page| text(page, "@odata.context")).unwrap_or_default();
    match kind(&rows, &context) {
        Some(Kind::Overviews) => Ok(overviews(&rows)),
        Some(Kind::Issues) => Ok(issues(&rows)),
        None => Err(stranger(pages.first().unwrap_or(&Value::Null))),
    }
}

fn stranger(value: &Value) -> ParseError {
    ParseError::unrecognised(format!(
        "expected Microsoft Graph's health overviews (a value[] of services with service, status and id) or issues (a \
         value[] with service, isResolved and posts), found {}",
        describe(value)
    ))
}

#[derive(Clone, Copy)]
enum Kind {
    Overviews,
    Issues,
}

/// What kind of list it is: every row is of that kind, and either the context or a word is Graph's own. An empty list
/// is what its context says.
fn kind(rows: &[&Value], context: &str) -> Option<Kind> {
    let context = context.to_ascii_lowercase();
    let is_announced = context.contains("serviceannouncement");
    if rows.is_empty() {
        return match is_announced {
            true if context.contains("healthoverviews") => Some(Kind::Overviews),
            true if context.contains("issues") => Some(Kind::Issues),
            _ => None,
        };
    }
    let is_told = |row: &&Value| {
        has_list(row, "issues") || text(row, "status").is_some_and(|word| STATUSES.meaning(&word).is_some())
    };
    if !is_announced && !rows.iter().any(is_told) {
        return None;
    }
    if rows.iter().all(|row| is_issue(row)) {
        Some(Kind::Issues)
    } else {
        rows.iter().all(|row| is_overview(row)).then_some(Kind::Overviews)
    }
}

fn is_issue(row: &Value) -> bool {
    let telling = ["isResolved", "startDateTime", "impactDescription", "posts"];
    text(row, "service").is_some() && telling.iter().any(|key| row.get(key).is_some())
}

fn is_overview(row: &Value) -> bool {
    let has_name = text(row, "service").is_some() || has_list(row, "issues");
    has_name && text(row, "id").is_some() && row.get("status").is_some() && !is_issue(row)
}

/// Reads overviews: one service for each. Issues, if they are told, give its time and say what is wrong.
fn overviews(rows: &[&Value]) -> Report {
    let mut report = Report::complete();
    let mut incidents = Vec::new();
    for row in rows {
        let Some(id) = text(row, "id") else { continue };
        let issues = list(row, "issues");
        let mut service = Service::named(id.as_str(), text(row, "service").unwrap_or_else(|| id.clone()));
        service.set(report.read(&STATUSES, &word(row, "status")));
        service.last_timestamp = issues.iter().filter_map(modified_at).max();
        let newest_open = issues.iter().filter(|issue| !is_resolved(issue)).max_by_key(|issue| modified_at(issue));
        if let Some(issue) = newest_open {
            service.dimensions.insert(dimension_names::INCIDENT.to_owned(), key(issue).into());
        }
        service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.as_str().into());
        incidents.extend(issues.iter().map(|issue| incident(issue, id.clone())));
        report.services.push(service);
    }
    report.incidents = recent(incidents);
    report
}

/// Reads issues alone: the services that open ones name.
fn issues(rows: &[&Value]) -> Report {
    let mut report = Report::open_only();
    let mut merged = Merged::default();
    for issue in rows {
        let Some(name) = text(issue, "service").filter(|_| !is_resolved(issue)) else { continue };
        let mut service = Service::named(name.as_str(), name.as_str());
        service.set(report.read(&STATUSES, &word(issue, "status")));
        service.last_timestamp = modified_at(issue);
        service.dimensions.insert(dimension_names::INCIDENT.to_owned(), key(issue).into());
        merged.add(service);
    }
    report.services = merged.into_services();
    let told = rows.iter().map(|issue| incident(issue, text(issue, "service").unwrap_or_default()));
    report.incidents = recent(told.collect());
    report
}

fn modified_at(issue: &Value) -> Option<Timestamp> {
    time(issue, "lastModifiedDateTime")
}

/// Whether an issue is over: it says so itself; else it has an end, or a status that means OK.
fn is_resolved(issue: &Value) -> bool {
    let said = flag(issue, "isResolved");
    said.unwrap_or_else(|| {
        let status = text(issue, "status").and_then(|word| STATUSES.meaning(&word));
        time(issue, "endDateTime").is_some() || status == Some(Meaning::OK)
    })
}

/// The issue's id.
fn key(issue: &Value) -> String {
    text(issue, "id").or_else(|| text(issue, "title")).unwrap_or_default()
}

fn incident(issue: &Value, service: String) -> Incident {
    let is_resolved = is_resolved(issue);
    let status = word(issue, "status");
    let open = state(STATES, &status).unwrap_or(IncidentState::Investigating);
    let title = headline(&text(issue, "title").or_else(|| text(issue, "impactDescription")).unwrap_or_default());
    let said = list(issue, "posts").iter().map(|post| IncidentUpdate {
        at: time(post, "createdDateTime"),
        state: None,
        text: post
            .get("description")
            .and_then(|description| text(description, "content"))
            .or_else(|| text(post, "description"))
            .unwrap_or_default(),
    });
    Incident {
        key: key(issue),
        kind: IncidentKind::Incident,
        title: if title.is_empty() { key(issue) } else { title },
        state: if is_resolved { IncidentState::Resolved } else { open },
        // What it is now; how bad a resolved one was is not told.
        impact: STATUSES.meaning(&status).map(Meaning::status).filter(|_| !is_resolved),
        started_at: time(issue, "startDateTime"),
        updated_at: modified_at(issue),
        resolved_at: time(issue, "endDateTime").filter(|_| is_resolved),
        url: None,
        services: vec![service],
        updates: updates(said),
    }
}

#[cfg(test)]
mod tests;
