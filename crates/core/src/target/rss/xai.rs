//! xAI's status feed: `status.x.ai/feed.xml`.
//!
//! Its whole history, an item per incident and affected component, which stands in the brackets of the title. An item says
//! its state and its severity in lines of their own at the head of its body, and again as categories, in no fixed order;
//! a resolved one has severity `available`. As all of the past is in it, an empty feed is a broken one.

use super::date;
use super::feed::{Entry, Feed, host, labelled, newest_updates, update};
use super::history::state;
use super::markup::FeedKind;
use super::tally::{Claim, Tally, grouped};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Service, Timestamp, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// The words for how far an item has come, in its head and over its updates.
const STATES: [(&str, IncidentState); 9] = [
    ("active", IncidentState::Investigating),
    ("investigating", IncidentState::Investigating),
    ("identified", IncidentState::Identified),
    ("monitoring", IncidentState::Monitoring),
    ("resolved", IncidentState::Resolved),
    ("scheduled", IncidentState::Scheduled),
    ("in progress", IncidentState::InProgress),
    ("verifying", IncidentState::InProgress),
    ("completed", IncidentState::Completed),
];

/// The words for how bad it is.
static SEVERITIES: Vocabulary = Vocabulary(&[
    ("available", Meaning::OK),
    ("info", Meaning::OK),
    ("degraded", Meaning::DEGRADED),
    ("disruption", Meaning::DEGRADED),
    ("unavailable", Meaning::OUTAGE),
    ("outage", Meaning::OUTAGE),
    ("maintenance", Meaning::Maintenance),
]);

/// What an open item means that has no severity.
const OPEN: Meaning = Meaning::DEGRADED;

const HOST: &str = "status.x.ai";

/// What an item that names no component is told under.
const XAI: &str = "xAI";

/// The domain that regions are named below: `us-west-2.api.x.ai`.
const REGIONS: &str = ".api.x.ai";

/// Reads the feed.
///
/// # Errors
/// [`ParseError`] if the document is no feed, not xAI's, or empty.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let feed = Feed::read(document)?;
    let is_xais = feed.kind == FeedKind::Rss && feed.all_links().any(|link| host(link).as_deref() == Some(HOST));
    let items: Vec<Item<'_>> = feed.entries.iter().map(Item::read).collect();
    if is_xais && items.is_empty() {
        return Err(ParseError::Empty);
    }
    if !is_xais || items.iter().all(|item| item.state.is_none()) {
        return Err(feed.not_of("xAI's status feed"));
    }

    let mut report = Report::open_only();
    let mut tally = Tally::default();
    // An incident of several components has an item for each; whether they share an id is xAI's choice.
    for (key, items) in grouped(items.iter().map(|item| (item.key(), item))) {
        let mut services = Vec::new();
        for item in &items {
            let service = item.service();
            services.push(service.key.clone());
            let open = item.open(&mut report);
            tally.add(service, Claim { incident: key, open, at: item.changed_at() })?;
        }
        let told = items.iter().find(|item| !item.is_over()).or(items.first());
        report.incidents.extend(told.map(|item| item.incident(services)));
    }
    report.services = tally.into_services();
    Ok(report)
}

/// What one incident did to one component.
struct Item<'a> {
    entry: &'a Entry,
    component: &'a str,
    headline: &'a str,
    /// The words of its head; `None` if it lacks the line.
    state: Option<String>,
    severity: Option<String>,
    /// Newest first.
    updates: Vec<Update<'a>>,
}

/// One update of it.
struct Update<'a> {
    at: Option<Timestamp>,
    state: Option<IncidentState>,
    html: &'a str,
}

impl<'a> Item<'a> {
    fn read(entry: &'a Entry) -> Self {
        let named = entry.title.strip_prefix('[').and_then(|title| title.split_once(']'));
        let (component, headline) =
            named.map_or((XAI, entry.title.as_str()), |(name, text)| (name.trim(), text.trim()));
        let head = entry.body.split("<div").next().unwrap_or_default();
        let category = |is_known: fn(&str) -> bool| entry.categories.iter().find(|word| is_known(word)).cloned();
        Self {
            entry,
            component,
            headline,
            state: labelled(head, "Status").or_else(|| category(|word| state(&STATES, word).is_some())),
            severity: labelled(head, "Severity").or_else(|| category(|word| SEVERITIES.meaning(word).is_some())),
            updates: updates(&entry.body),
        }
    }

    fn key(&self) -> &'a str {
        let Entry { id, link, title, .. } = self.entry;
        [id.as_str(), link.as_deref().unwrap_or_default(), title]
            .into_iter()
            .find(|key| !key.is_empty())
            .unwrap_or_default()
    }

    /// The component, by its id in the item's address (`https://status.x.ai/api-us-west-2/INC548339c6`), and its region,
    /// which stands in brackets after its name: `API (us-west-2.api.x.ai)`.
    fn service(&self) -> Service {
        let (name, region) = self
            .component
            .strip_suffix(')')
            .and_then(|component| component.rsplit_once(" ("))
            .and_then(|(name, host)| Some((name, Some(host.strip_suffix(REGIONS)?))))
            .unwrap_or((self.component, None));
        let url = self.entry.link.as_deref().and_then(|link| url::Url::parse(link).ok());
        let mut path = url.iter().filter_map(url::Url::path_segments).flatten();
        let id = path.next().filter(|id| !id.is_empty() && path.next().is_some());
        let mut service = Service::named(id.unwrap_or(self.component), name);
        if let Some(id) = id {
            service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
        }
        if let Some(region) = region {
            service.dimensions.insert(dimension_names::REGION.to_owned(), region.into());
        }
        service
    }

    /// Its state by the word of its head; `None` if nobody knows that, which means that it is open.
    fn state(&self) -> Option<IncidentState> {
        let state = state(&STATES, self.state.as_deref()?)?;
        Some(if state == IncidentState::Investigating && self.is_planned() { IncidentState::InProgress } else { state })
    }

    fn is_over(&self) -> bool {
        self.state().is_some_and(IncidentState::is_closed)
    }

    fn is_planned(&self) -> bool {
        self.severity.as_deref().and_then(|word| SEVERITIES.meaning(word)) == Some(Meaning::Maintenance)
    }

    /// What it means for its component now; `None` if nothing.
    fn open(&self, report: &mut Report) -> Option<Meaning> {
        let Some(state) = self.state() else {
            return Some(report.unknown(self.state.as_deref().unwrap_or("(no status)")));
        };
        if state.is_closed() || state == IncidentState::Scheduled {
            return None;
        }
        Some(self.severity.as_deref().map_or(OPEN, |word| report.read(&SEVERITIES, word)))
    }

    /// When it was last updated; none for what lies ahead.
    fn changed_at(&self) -> Option<Timestamp> {
        let newest = self.updates.iter().filter_map(|update| update.at).max().or(self.entry.published);
        newest.filter(|_| self.state() != Some(IncidentState::Scheduled))
    }

    fn incident(&self, services: Vec<String>) -> Incident {
        let state = self.state().unwrap_or(IncidentState::Investigating);
        let is_planned = self.is_planned()
            || matches!(state, IncidentState::Scheduled | IncidentState::InProgress | IncidentState::Completed);
        let severity = self.severity.as_deref().and_then(|word| SEVERITIES.meaning(word)).map(Meaning::status);
        let resolved_at = labelled(&self.entry.body, "Resolved").and_then(|text| date::parse(&text));
        Incident {
            key: self.key().to_owned(),
            kind: if is_planned { IncidentKind::Maintenance } else { IncidentKind::Incident },
            title: self.headline.to_owned(),
            state,
            // Once it is over, that is what the severity says.
            impact: severity.filter(|_| !state.is_closed()),
            started_at: self.entry.published,
            updated_at: self.changed_at(),
            resolved_at: resolved_at.or(self.changed_at()).filter(|_| state.is_closed()),
            url: self.entry.url(),
            services,
            updates: newest_updates(self.updates.iter().map(Update::told)),
        }
    }
}

impl Update<'_> {
    fn told(&self) -> IncidentUpdate {
        update(self.at, self.state, self.html)
    }
}

/// The updates of a body: `<div><p><strong>date</strong></p><h3>State</h3><p>text</p></div>` each, the newest first.
fn updates(body: &str) -> Vec<Update<'_>> {
    let updates = body.split("<div").skip(1).filter_map(|piece| {
        let (_, rest) = piece.split_once("<strong>")?;
        let (date, rest) = rest.split_once("</strong>")?;
        let (word, html) = match rest.split_once("<h3>").and_then(|(_, rest)| rest.split_once("</h3>")) {
            Some((word, html)) => (word.trim(), html),
            None => ("", rest),
        };
        let html = html.split("</div>").next().unwrap_or_default();
        Some(Update { at: date::parse(date), state: state(&STATES, word), html })
    });
    updates.collect()
}

#[cfg(test)]
mod tests;
