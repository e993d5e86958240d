//! The incidents and maintenances of a Statuspage home page: what is open, and what lies ahead.

use scraper::{ElementRef, Html};
use url::Url;

use super::super::page::{by_class, by_tag, elements, epoch, has_class, headline, inside, last_segment};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, text_of, truncate};
use crate::target::statuspage::IMPACT;
use crate::target::{Meaning, Report};

/// The words that updates begin with, and the state they bring. An "Update" leaves it as it was.
const STATES: &[(&str, Option<IncidentState>)] = &[
    ("Investigating", Some(IncidentState::Investigating)),
    ("Identified", Some(IncidentState::Identified)),
    ("Update", None),
    ("Monitoring", Some(IncidentState::Monitoring)),
    ("Resolved", Some(IncidentState::Resolved)),
    ("Postmortem", Some(IncidentState::Resolved)),
    ("Scheduled", Some(IncidentState::Scheduled)),
    ("In progress", Some(IncidentState::InProgress)),
    ("Verifying", Some(IncidentState::InProgress)),
    ("Completed", Some(IncidentState::Completed)),
];

/// Open incidents, then what is scheduled, each in the page's order.
pub(super) fn read(page: &Html, body: ElementRef<'_>, report: &mut Report) -> Vec<Incident> {
    let base = base(page);
    let open = inside(body).filter(|&element| has_class(element, "unresolved-incident"));
    let ahead = inside(body)
        .filter(|&element| has_class(element, "scheduled-maintenance") || has_class(element, "scheduled-incident"));
    open.map(|element| unresolved(element, base.as_ref(), report))
        .chain(ahead.map(|element| scheduled(element, base.as_ref())))
        .collect()
}

fn unresolved(element: ElementRef<'_>, base: Option<&Url>, report: &mut Report) -> Incident {
    let word = element.value().classes().find_map(|class| class.strip_prefix("impact-"));
    let impact = word.map(|word| report.read(&IMPACT, word));
    let mut incident = if impact == Some(Meaning::Maintenance) {
        incident(element, base, IncidentKind::Maintenance, IncidentState::InProgress)
    } else {
        // Nobody has said how far it has come: then it has not come far.
        incident(element, base, IncidentKind::Incident, IncidentState::Investigating)
    };
    incident.impact = impact.map(Meaning::status);
    incident
}

fn scheduled(element: ElementRef<'_>, base: Option<&Url>) -> Incident {
    let mut incident = incident(element, base, IncidentKind::Maintenance, IncidentState::Scheduled);
    let start = by_class(element, "incident-title");
    incident.started_at = start.into_iter().flat_map(inside).find_map(|inner| epoch(inner.attr("data-unix-time")?));
    incident
}

/// An incident as its element tells it; in state `unsaid` unless an update tells one.
fn incident(element: ElementRef<'_>, base: Option<&Url>, kind: IncidentKind, unsaid: IncidentState) -> Incident {
    let heading = by_class(element, "incident-title").unwrap_or(element);
    // Beside the title stands a link to subscribe, which leads nowhere.
    let link = by_class(heading, "actual-title").or_else(|| by_tag(heading, "a"));
    let title = headline(link.unwrap_or(heading));
    let href = link.and_then(|link| link.attr("href"));
    let key = href.and_then(last_segment).unwrap_or(&title).to_owned();
    let updates: Vec<_> =
        inside(element).filter(|&inner| has_class(inner, "update")).take(Incident::MAX_UPDATES).map(update).collect();
    Incident {
        key,
        kind,
        state: updates.iter().find_map(|update| update.state).unwrap_or(unsaid),
        impact: None,
        started_at: None,
        updated_at: updates.first().and_then(|update| update.at),
        resolved_at: None,
        url: href.and_then(|href| address(href, base)),
        services: Vec::new(),
        updates,
        title,
    }
}

/// "Identified - We found it. Jan 12, 16:04 UTC": a state, a text, and a time that lacks the year.
fn update(element: ElementRef<'_>) -> IncidentUpdate {
    let text = text_of(element);
    let bold = by_tag(element, "strong").map(text_of).unwrap_or_default();
    let brought = STATES.iter().find(|(word, _)| word.eq_ignore_ascii_case(&bold)).map(|&(_, state)| state);
    let said = match text.strip_prefix(bold.as_str()) {
        Some(said) if brought.is_some() => said.trim_start().trim_start_matches('-'),
        _ => &text,
    };
    let time = inside(element).filter(|inner| inner.value().name() == "small").last().map(text_of).unwrap_or_default();
    let said = said.strip_suffix(time.as_str()).unwrap_or(said).trim();
    IncidentUpdate {
        at: inside(element).find_map(|inner| epoch(inner.attr("data-datetime-unix")?)),
        state: brought.flatten(),
        text: truncate(said, IncidentUpdate::MAX_TEXT),
    }
}

/// The page's own address, for links relative to it: what it calls canonical, else where its feeds are.
fn base(page: &Html) -> Option<Url> {
    let links = |rel: &'static str| {
        elements(page)
            .filter(move |element| element.value().name() == "link" && element.attr("rel") == Some(rel))
            .filter_map(|element| Url::parse(element.attr("href")?).ok())
    };
    links("canonical").next().or_else(|| links("alternate").next())
}

fn address(href: &str, base: Option<&Url>) -> Option<String> {
    let url = Url::options().base_url(base).parse(href).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}
