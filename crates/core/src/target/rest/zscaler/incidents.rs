//! The events of Zscaler's services, each told once however many services it concerns.

use std::collections::{HashMap, HashSet};

use scraper::{ElementRef, Html};
use serde_json::Value;

use super::Legend;
use crate::schema::{
    Incident, IncidentKind, IncidentState, IncidentUpdate, TEXT_BUDGET, Timestamp, affordable, text_of,
};
use crate::target::Report;
use crate::target::rest::incident::{headline, state, updates};
use crate::target::rest::json::{list, text, word};
use crate::target::rss::date;

/// What the status of an event means.
const STATES: &[(&str, IncidentState)] = &[
    ("In Progress", IncidentState::Investigating),
    ("Under Investigation", IncidentState::Investigating),
    ("Investigating", IncidentState::Investigating),
    ("Identified", IncidentState::Identified),
    ("Monitoring", IncidentState::Monitoring),
    ("Resolved", IncidentState::Resolved),
    ("Closed", IncidentState::Resolved),
];

/// The events seen so far, in the order in which they were first told of.
#[derive(Default)]
pub(super) struct Events {
    incidents: Vec<Incident>,
    places: HashMap<String, usize>,
}

impl Events {
    /// Adds the events that concern a service. One that concerns several is as bad as it is for the worst of them, and
    /// open as long as it is for one of them.
    pub(super) fn add(&mut self, told: Vec<Incident>, service: &str) {
        for mut incident in told {
            let known = self.places.get(&incident.key).and_then(|&place| self.incidents.get_mut(place));
            if let Some(known) = known {
                known.services.push(service.to_owned());
                known.impact = known.impact.max(incident.impact);
                if incident.is_open() && !known.is_open() {
                    known.state = incident.state;
                    known.resolved_at = None;
                }
            } else {
                incident.services.push(service.to_owned());
                self.places.insert(incident.key.clone(), self.incidents.len());
                self.incidents.push(incident);
            }
        }
    }

    pub(super) fn into_incidents(self) -> Vec<Incident> {
        self.incidents
    }
}

/// The events that a service's row tells of: those that concern it now, and those of the last days. One that is in both
/// lists is read from the first.
pub(super) fn of_service(report: &mut Report, legend: &Legend, row: &Value) -> Vec<Incident> {
    // A single event has stood there without a list.
    let single = row.get("category_status").filter(|status| status.is_object());
    let events = single.into_iter().chain(list(row, "category_status")).chain(list(row, "issues"));
    let mut seen = HashSet::new();
    events
        .map(|event| (key(event), event))
        .filter(|(key, _)| seen.insert(key.clone()))
        .map(|(key, event)| incident(report, legend, event, key))
        .collect()
}

/// The number of the post about an event: it stands in its address, and beside it only where the event is current.
fn key(event: &Value) -> String {
    let post = text(event, "alias").and_then(|path| path.rsplit('/').next().map(str::to_owned));
    let id = text(event, "id").or(post.filter(|post| !post.is_empty())).or_else(|| text(event, "title"));
    id.unwrap_or_else(|| word(event, "from"))
}

fn incident(report: &mut Report, legend: &Legend, event: &Value, key: String) -> Incident {
    let ended_at = time(event, "to");
    let unsaid = if ended_at.is_some() { IncidentState::Resolved } else { IncidentState::Investigating };
    let state = match text(event, "status") {
        None => unsaid,
        // Noted and no more: what an open event does to a service its severity says.
        Some(word) => state(STATES, &word).unwrap_or_else(|| {
            report.unknown(&word);
            unsaid
        }),
    };
    let impact = match legend.meaning(event) {
        Ok(meaning) => Some(meaning.status()),
        Err(_) if state.is_closed() => None,
        Err(word) => Some(report.unknown(&word).status()),
    };
    let started_at = time(event, "from").or_else(|| time(event, "ri_date"));
    let updates = updates(posts(event, started_at).into_iter());
    Incident {
        title: headline(&text(event, "title").unwrap_or_else(|| key.clone())),
        key,
        kind: IncidentKind::Incident,
        state,
        impact,
        started_at,
        updated_at: updates.iter().filter_map(|update| update.at).max().or(started_at),
        resolved_at: ended_at.filter(|_| state.is_closed()),
        // `alias` is a path, and the document does not say on which host.
        url: None,
        services: Vec::new(),
        updates,
    }
}

/// The posts that make up an event's description: what was said first, then the updates, each with its time. The newest
/// one stands there twice.
fn posts(event: &Value, started_at: Option<Timestamp>) -> Vec<IncidentUpdate> {
    let description = text(event, "description").or_else(|| text(event, "short_description")).unwrap_or_default();
    let html = Html::parse_fragment(affordable(&description, TEXT_BUDGET));
    let mut posts: Vec<IncidentUpdate> = Vec::new();
    for element in html.root_element().descendent_elements() {
        let post = if has_class(element, "post_body") {
            IncidentUpdate { at: started_at, state: None, text: element.inner_html() }
        } else if has_class(element, "latest-update") || has_class(element, "update-list") {
            update(element)
        } else {
            continue;
        };
        if !posts.contains(&post) {
            posts.push(post);
        }
    }
    if posts.is_empty() && !description.is_empty() {
        posts.push(IncidentUpdate { at: started_at, state: None, text: description });
    }
    posts
}

/// An update: a line with its time, then its text.
fn update(element: ElementRef<'_>) -> IncidentUpdate {
    let mut inside = element.descendent_elements().skip(1);
    let at = inside.find(|inner| has_class(*inner, "report-time")).and_then(|time| date::parse(&text_of(time)));
    let text = element.child_elements().filter(|child| !has_class(*child, "zs-update")).map(|child| child.html());
    IncidentUpdate { at, state: None, text: text.collect() }
}

fn has_class(element: ElementRef<'_>, class: &str) -> bool {
    element.value().classes().any(|token| token == class)
}

/// The instant under a key: `Mon, 10 Aug 2026 12:50:00 UTC`, or `2026-08-10 12:50:00`, which is UTC too.
fn time(event: &Value, key: &str) -> Option<Timestamp> {
    let text = text(event, key)?;
    date::parse(&text).or_else(|| Timestamp::parse_rfc3339(&text.replacen(' ', "T", 1)))
}
