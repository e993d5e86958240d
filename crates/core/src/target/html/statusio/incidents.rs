//! The incidents and maintenances of a status.io home page.

use std::cmp::Reverse;
use std::collections::HashSet;

use chrono::NaiveDateTime;
use scraper::{ElementRef, Html};

use super::super::page::{around, by_class, by_tag, elements, has_class, headline, inside, last_segment};
use super::STATE;
use crate::schema::{
    Incident, IncidentKind, IncidentState, IncidentUpdate, Service, Timestamp, collapse, dimension_names, text_of,
    truncate,
};
use crate::target::{Meaning, Report};

/// The words of an update's state.
const STATES: &[(&str, IncidentState)] = &[
    ("Investigating", IncidentState::Investigating),
    ("Identified", IncidentState::Identified),
    ("Monitoring", IncidentState::Monitoring),
    ("Resolved", IncidentState::Resolved),
    ("Scheduled", IncidentState::Scheduled),
    ("Active", IncidentState::InProgress),
    ("In Progress", IncidentState::InProgress),
    ("Completed", IncidentState::Completed),
];

/// What the links to incidents and to maintenances have in their paths.
const LINKS: &[(&str, IncidentKind)] =
    &[("/pages/incident/", IncidentKind::Incident), ("/pages/maintenance/", IncidentKind::Maintenance)];

/// How times are written where they are written in full; the half before it, in local time, is not read.
const TIMES: &[&str] = &["%B %d, %Y %H:%M UTC", "%B %d, %Y %I:%M%p UTC", "%B %d, %Y %I:%M %p UTC"];

/// What a page tells below its components, but for its history.
pub(super) fn read(page: &Html, components: &[Service], report: &mut Report) -> Vec<Incident> {
    let headings = elements(page).filter(|&element| has_class(element, "panel-title"));
    let mut seen = HashSet::new();
    let told = headings.filter_map(|heading| incident(heading, components, report));
    told.filter(|incident| seen.insert(incident.key.clone())).collect()
}

/// The incident that a panel of this heading tells of; `None` for any other panel.
fn incident(heading: ElementRef<'_>, components: &[Service], report: &mut Report) -> Option<Incident> {
    let panel = around(heading).find(|&outer| has_class(outer, "panel"))?;
    let link = by_tag(heading, "a")?;
    let href = link.attr("href")?;
    let kind = LINKS.iter().find(|(path, _)| href.contains(path)).map(|&(_, kind)| kind)?;
    let within = |part: &str| around(panel).any(|outer| outer.value().id().is_some_and(|id| id.contains(part)));
    if within("history") {
        return None;
    }
    let unsaid = match kind {
        IncidentKind::Incident => IncidentState::Investigating,
        IncidentKind::Maintenance if within("scheduled") => IncidentState::Scheduled,
        IncidentKind::Maintenance => IncidentState::InProgress,
    };
    let updates = updates(panel);
    let severity = ["status_description", "incident_status_description", "maintenance_status_description"]
        .iter()
        .find_map(|class| by_class(heading, class).map(headline))
        .or_else(|| field(panel, "Incident Status"))
        .filter(|word| !word.is_empty())
        .map(|word| report.read(&STATE, &word));
    Some(Incident {
        key: last_segment(href)?.to_owned(),
        kind,
        title: headline(link),
        state: updates.iter().find_map(|update| update.state).unwrap_or(unsaid),
        impact: severity.map(Meaning::status),
        started_at: updates.iter().filter_map(|update| update.at).min().filter(|_| kind == IncidentKind::Incident),
        updated_at: updates.iter().filter_map(|update| update.at).max(),
        resolved_at: None,
        url: Some(href).filter(|href| href.starts_with("https://") || href.starts_with("http://")).map(str::to_owned),
        services: named(panel, components),
        updates,
    })
}

/// The text that follows a title in a panel.
fn field(panel: ElementRef<'_>, title: &str) -> Option<String> {
    inside(panel)
        .skip_while(|&inner| !(has_class(inner, "event_inner_title") && headline(inner).eq_ignore_ascii_case(title)))
        .skip(1)
        .take_while(|&inner| !has_class(inner, "event_inner_title"))
        .find(|&inner| has_class(inner, "event_inner_text"))
        .map(text_of)
}

/// The keys of the services that an incident names, by component and place; names that are no service's stay names.
fn named(panel: ElementRef<'_>, components: &[Service]) -> Vec<String> {
    let list = |title| field(panel, title).unwrap_or_default();
    let (names, places) = (list("Components"), list("Locations"));
    let places: Vec<_> = places.split(',').map(str::trim).filter(|place| !place.is_empty()).collect();
    let is_there = |service: &Service| match service.dimensions.get(dimension_names::REGION) {
        Some(region) => places.is_empty() || places.contains(&region.to_string().as_str()),
        None => true,
    };
    let mut services = Vec::new();
    for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let meant = components.iter().filter(|service| service.name == name);
        let mut keys = meant.filter(|service| is_there(service)).map(|service| service.key.clone()).peekable();
        if keys.peek().is_none() {
            services.push(name.to_owned());
        }
        services.extend(keys);
    }
    services
}

/// The updates, newest first: pages order them either way, so their times decide, where all have one.
fn updates(panel: ElementRef<'_>) -> Vec<IncidentUpdate> {
    let rows = inside(panel).filter(|&element| has_class(element, "incident_time"));
    let mut updates: Vec<_> = rows.filter_map(update).collect();
    if updates.iter().all(|update| update.at.is_some()) {
        updates.sort_by_key(|update| Reverse(update.at));
    }
    updates.truncate(Incident::MAX_UPDATES);
    updates
}

/// The update that stands in one row with its time.
fn update(time: ElementRef<'_>) -> Option<IncidentUpdate> {
    let row = around(time).find(|&outer| has_class(outer, "row"))?;
    let word = by_class(row, "incident_update_status").map(headline).unwrap_or_default();
    Some(IncidentUpdate {
        at: time.text().find_map(instant),
        state: STATES.iter().find(|(known, _)| known.eq_ignore_ascii_case(&word)).map(|&(_, state)| state),
        text: truncate(
            &by_class(row, "incident_message_details").map(text_of).unwrap_or_default(),
            IncidentUpdate::MAX_TEXT,
        ),
    })
}

fn instant(text: &str) -> Option<Timestamp> {
    let text = collapse(text);
    TIMES.iter().find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok()).map(|naive| naive.and_utc().into())
}
