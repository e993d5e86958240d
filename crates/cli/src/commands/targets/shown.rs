//! A report for people and as JSON.

use serde::Serialize;
use unistatus_core::schema::{Dimensions, Incident, IncidentKind, Service, Status};
use unistatus_core::target::{Coverage, Report, Word};

use crate::output::{self, printable};

/// A report as JSON.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    coverage: Coverage,
    services: Vec<ShownService<'a>>,
    /// The open ones.
    incidents: Vec<&'a Incident>,
    words: &'a [Word],
}

/// A service in the contract's shape.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownService<'a> {
    name: &'a str,
    last_timestamp: String,
    status: Status,
    dimensions: &'a Dimensions,
}

impl<'a> From<&'a Report> for Shown<'a> {
    fn from(report: &'a Report) -> Self {
        let service = |service: &'a Service| ShownService {
            name: &service.name,
            last_timestamp: service.last_timestamp.map(|at| at.to_string()).unwrap_or_default(),
            status: service.status,
            dimensions: &service.dimensions,
        };
        Self {
            coverage: report.coverage,
            services: report.services.iter().map(service).collect(),
            incidents: open(report).collect(),
            words: &report.words,
        }
    }
}

fn open(report: &Report) -> impl Iterator<Item = &Incident> {
    report.incidents.iter().filter(|incident| incident.is_open())
}

/// What a source's silence about a service means.
pub(super) const fn coverage(coverage: Coverage) -> &'static str {
    match coverage {
        Coverage::Complete => "each document names every service",
        Coverage::OpenOnly => "documents name what is wrong: what they do not name is OK",
    }
}

/// A report for people: its services, its words, what is open, and how many services are how.
pub(super) fn text(report: &Report) -> String {
    let mut blocks = Vec::new();
    if !report.services.is_empty() {
        blocks.push(output::services(&report.services));
    }
    if !report.words.is_empty() {
        let words: Vec<_> = report.words.iter().map(word).collect();
        blocks.push(format!("Status words:\n{}", words.join("\n")));
    }
    let incidents: Vec<_> = open(report).map(|open| incident(open, report)).collect();
    if !incidents.is_empty() {
        blocks.push(format!("Open:\n{}", incidents.join("\n")));
    }
    blocks.push(summary(report));
    blocks.join("\n\n")
}

fn word(word: &Word) -> String {
    let meaning = match word.meaning {
        Some(meaning) => format!("means {meaning}"),
        None => "is not known, so Unknown".to_owned(),
    };
    format!("  {}× \"{}\" {meaning}", word.count, printable(&word.word))
}

fn incident(incident: &Incident, report: &Report) -> String {
    let kind = match incident.kind {
        IncidentKind::Incident => "incident",
        IncidentKind::Maintenance => "maintenance",
    };
    let state = serde_json::to_value(incident.state).unwrap_or_default();
    let state = state.as_str().unwrap_or_default();
    let impact = incident.impact.map(|impact| format!(", {impact}")).unwrap_or_default();
    let since = incident.started_at.map(|at| format!(", from {at}")).unwrap_or_default();
    let name = |key: &String| {
        let service = report.services.iter().find(|service| service.key == *key);
        service.map_or(key.clone(), |service| service.name.clone())
    };
    let services: Vec<_> = incident.services.iter().map(name).collect();
    let services = if services.is_empty() { String::new() } else { format!(": {}", services.join(", ")) };
    printable(&format!("  \"{}\" ({kind}, {state}{impact}{since}){services}", incident.title))
}

/// How many services are how, in one line.
pub(super) fn summary(report: &Report) -> String {
    let all = report.services.len();
    let count = |status| report.services.iter().filter(|service| service.status == status).count();
    let counts: Vec<_> = Status::ALL
        .into_iter()
        .map(|status| (status, count(status)))
        .filter(|&(_, count)| count > 0)
        .map(|(status, count)| format!("{count} {status}"))
        .collect();
    match (all, counts.as_slice()) {
        (0, _) => "No service is named: nothing is wrong, as far as the source tells.".to_owned(),
        (1, [one]) => format!("1 service: {one}."),
        _ => format!("{all} services: {}.", counts.join(", ")),
    }
}
