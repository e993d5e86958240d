//! Apple's system status: every service, with the events of the last days, planned ones among them. It used to come as a
//! script that calls a function with the same JSON.
//!
//! How a service is follows from the events that go on, which their times tell; `eventStatus` lags behind them.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::Value;

use super::incident::{headline, mark_named, updates};
use super::json::{describe, epoch_millis, list, text, word};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Service, Timestamp};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// What the type of an event means while it goes on.
static TYPES: Vocabulary = Vocabulary(&[
    ("Outage", Meaning::OUTAGE),
    ("Issue", Meaning::DEGRADED),
    ("Performance", Meaning::DEGRADED),
    ("Maintenance", Meaning::Maintenance),
]);

/// The words of `eventStatus` that end an event.
const CLOSED: [&str; 2] = ["resolved", "completed"];

/// Reads the list of all services.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value = open(document)?;
    let rows = list(&value, "services");
    let is_service = |row: &Value| text(row, "serviceName").is_some() && row.get("events").is_some();
    if !rows.iter().any(is_service) {
        return Err(ParseError::unrecognised(format!(
            "expected Apple's system status (an object with services[], each with serviceName and events), found {}",
            describe(&value)
        )));
    }

    let mut report = Report::complete();
    let mut told = Told::default();
    for row in rows {
        let Some(name) = text(row, "serviceName") else { continue };
        let mut service = Service::named(name.as_str(), name.as_str());
        let events: Vec<_> =
            list(row, "events").iter().map(|event| (event, Course::of(event, document.now()))).collect();
        let live: Vec<_> = events.iter().filter(|(_, course)| course.is_live()).collect();
        service.set(
            live.iter()
                .map(|(event, _)| report.read(&TYPES, &word(event, "statusType")))
                .fold(Meaning::OK, Meaning::worst),
        );
        // It has been so since the newest event that goes on began, or else since the last one ended.
        let begun = live.iter().filter_map(|(event, _)| epoch_millis(event, "epochStartDate")).max();
        let ended = events.iter().filter_map(|(_, course)| course.ended_at()).max();
        service.last_timestamp = if live.is_empty() { ended } else { begun };
        for (event, course) in events {
            told.add(incident(event, course, &name));
        }
        report.services.push(service);
    }
    report.incidents = told.incidents;
    mark_named(&mut report.services, &report.incidents);
    Ok(report)
}

/// The JSON, by itself or as what a script hands to a function.
fn open(document: &Document<'_>) -> Result<Value, ParseError> {
    let text = document.text();
    match argument(&text) {
        Some(json) => Document::new(json.as_bytes()).json(),
        None => document.json(),
    }
}

/// The object in `jsonCallback({…});`; `None` if the text is no such call.
fn argument(script: &str) -> Option<&str> {
    let (function, rest) = script.trim().split_once('(')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_$.".contains(c);
    let is_call = !function.is_empty() && function.trim_end().chars().all(is_name);
    let argument = rest.trim_end_matches(|c: char| c == ';' || c.is_whitespace()).strip_suffix(')')?;
    is_call.then_some(argument)
}

/// How far an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Ahead,
    Live,
    Over(Option<Timestamp>),
}

impl Course {
    /// By its times at `now`. Where no moment is known, what has an end is over: most events are told of when they are.
    /// A word that ends it is believed too.
    fn of(event: &Value, now: Option<Timestamp>) -> Self {
        let (start, end) = (epoch_millis(event, "epochStartDate"), epoch_millis(event, "epochEndDate"));
        let is_closed = CLOSED.iter().any(|known| known.eq_ignore_ascii_case(&word(event, "eventStatus")));
        if is_closed || end.is_some_and(|end| now.is_none_or(|now| end <= now)) {
            Self::Over(end.filter(|end| now.is_none_or(|now| *end <= now)))
        } else if start.zip(now).is_some_and(|(start, now)| start > now) {
            Self::Ahead
        } else {
            Self::Live
        }
    }

    fn is_live(self) -> bool {
        self == Self::Live
    }

    fn ended_at(self) -> Option<Timestamp> {
        if let Self::Over(at) = self { at } else { None }
    }
}

/// An event as one service tells of it. Apple gives events no titles: what it says first has to do.
fn incident(event: &Value, course: Course, service: &str) -> Incident {
    let meaning = TYPES.meaning(&word(event, "statusType"));
    let is_planned = meaning == Some(Meaning::Maintenance);
    let said = text(event, "message").unwrap_or_default();
    let started_at = epoch_millis(event, "epochStartDate");
    let unnumbered = || format!("{service}/{}", started_at.map(|at| at.to_string()).unwrap_or_default());
    Incident {
        key: text(event, "messageId").unwrap_or_else(unnumbered),
        kind: if is_planned { IncidentKind::Maintenance } else { IncidentKind::Incident },
        title: headline(if said.is_empty() { service } else { &said }),
        state: match (course, is_planned) {
            (Course::Ahead, _) => IncidentState::Scheduled,
            (Course::Live, true) => IncidentState::InProgress,
            (Course::Live, false) => IncidentState::Investigating,
            (Course::Over(_), true) => IncidentState::Completed,
            (Course::Over(_), false) => IncidentState::Resolved,
        },
        impact: meaning.map(Meaning::status),
        started_at,
        updated_at: None,
        resolved_at: course.ended_at(),
        url: None,
        services: vec![service.to_owned()],
        updates: updates([IncidentUpdate { at: None, state: None, text: said }].into_iter()),
    }
}

/// Events, each once: every service that one concerns tells of it.
#[derive(Default)]
struct Told {
    incidents: Vec<Incident>,
    places: HashMap<String, usize>,
}

impl Told {
    fn add(&mut self, told: Incident) {
        let Some(known) = self.places.get(&told.key).and_then(|&place| self.incidents.get_mut(place)) else {
            self.places.insert(told.key.clone(), self.incidents.len());
            self.incidents.push(told);
            return;
        };
        // For one service it may begin, or be over, before it does for another.
        if told.is_open() && (!known.is_open() || known.state == IncidentState::Scheduled) {
            known.state = told.state;
            known.started_at = told.started_at;
            known.resolved_at = None;
        }
        known.impact = known.impact.max(told.impact);
        known.services.extend(told.services);
    }
}
