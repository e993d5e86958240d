//! Instatus' history feeds: `history.rss` and `history.atom`, the very paths of Statuspage's.
//!
//! An item per incident or maintenance; its body says which of the two it is, which components it affects, and runs its
//! updates together, each as `Sep 25, 15:15:00 GMT+0 - Label - text` (in Atom the label is marked up instead). Updates
//! stand oldest first in some feeds and newest first in others, so their dates decide. Those name no year; the item does,
//! by its own date, which is the start.
//!
//! A feed comes to the page *and* to components. To the page, because it tells of everything that is posted there; with
//! `Degraded` for what is only being watched too, as there is nothing else to say it with. To components, because it names
//! them. It names only those that something happened to, and forgets them with its oldest items: what it does not name
//! is well. It does not say how bad anything is.

use super::date;
use super::feed::{Entry, Feed, newest_updates, outside_brackets};
use super::history::{Sum, meaning, state};
use super::markup::FeedKind;
use super::tally::{Claim, Tally};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Service, Timestamp, plain_text, truncate};
use crate::target::{Document, ParseError, Report, whole};

/// The labels of an incident's updates and the states they bring.
const LABELS: [(&str, IncidentState); 4] = [
    ("Investigating", IncidentState::Investigating),
    ("Identified", IncidentState::Identified),
    ("Monitoring", IncidentState::Monitoring),
    ("Resolved", IncidentState::Resolved),
];

/// The same of a maintenance. `Identified` is both "planned" and "under way".
const MAINTENANCE_LABELS: [(&str, IncidentState); 7] = [
    ("Identified", IncidentState::Scheduled),
    ("Scheduled", IncidentState::Scheduled),
    ("In progress", IncidentState::InProgress),
    ("Verifying", IncidentState::InProgress),
    ("Monitoring", IncidentState::InProgress),
    ("Completed", IncidentState::Completed),
    ("Resolved", IncidentState::Completed),
];

/// How the title of every history feed ends. Statuspage writes the second word large.
const TITLE_SUFFIX: &str = " - Incident history";

const COMPONENTS: &str = "Affected Components:";
const MAINTENANCE: &str = "Type: Maintenance";

/// So many days before its start a maintenance may be announced, and an incident posted whose start was set by hand.
/// Dates without a year are looked for from there on.
const NOTICE_DAYS: i64 = 270;
const BACKDATED_DAYS: i64 = 7;

/// Reads a history feed.
///
/// # Errors
/// [`ParseError`] if the document is no feed, or not one of Instatus'.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let feed = Feed::read(document)?;
    let items: Option<Vec<Item<'_>>> = feed.entries.iter().map(Item::read).collect();
    let items =
        items.filter(|items| is_instatus(&feed, items)).ok_or_else(|| feed.not_of("Instatus' history feeds"))?;

    let mut report = Report::open_only();
    let mut sum = Sum::default();
    let mut tally = Tally::default();
    for item in &items {
        let open = match item.state() {
            Some(state) => meaning(state),
            None => Some(report.unknown(item.posts.last().map_or("(no label)", |post| &post.label))),
        };
        let at = item.changed_at();
        sum.add(open, at);
        for name in &item.components {
            tally.add(Service::named(name, name), Claim { incident: item.id, open, at })?;
        }
        report.incidents.push(item.incident());
    }
    let name = feed.title.strip_suffix(TITLE_SUFFIX).unwrap_or(&feed.title);
    report.services.push(sum.into_page(feed.page_name(name)));
    report.services.extend(tally.into_services());
    Ok(report)
}

/// Items have an update of the family's; a page too new to have any is known by its title and by whose it says it is.
fn is_instatus(feed: &Feed, items: &[Item<'_>]) -> bool {
    if !items.is_empty() {
        return items
            .iter()
            .flat_map(|item| &item.posts)
            .any(|post| state(&LABELS, &post.label).or_else(|| state(&MAINTENANCE_LABELS, &post.label)).is_some());
    }
    let Some(name) = feed.title.strip_suffix(TITLE_SUFFIX) else { return false };
    match feed.kind {
        FeedKind::Rss => !feed.description.is_empty() && name.starts_with(&feed.description),
        FeedKind::Atom => feed.links.iter().any(|link| link.ends_with("/history.atom")),
    }
}

/// An incident or a maintenance.
struct Item<'a> {
    entry: &'a Entry,
    kind: IncidentKind,
    id: &'a str,
    /// The names of the components that it affects.
    components: Vec<String>,
    /// Oldest first.
    posts: Vec<Post>,
}

impl<'a> Item<'a> {
    /// Reads an entry; `None` if neither its link nor its id is Instatus'.
    fn read(entry: &'a Entry) -> Option<Self> {
        let (kind, id) = identity(entry)?;
        let mut text = plain_text(&entry.body);
        // Half of the tags in the RSS feed's HTML are escaped twice.
        if text.contains("</small>") {
            text = plain_text(&text);
        }
        let is_planned = kind == IncidentKind::Maintenance || text.starts_with(MAINTENANCE);
        let days = if is_planned { NOTICE_DAYS } else { BACKDATED_DAYS };
        let earliest = entry.published.and_then(|start| Timestamp::from_millis(start.as_millis() - days * 86_400_000));
        let (head, posts) = posts(&text, earliest);
        let (_, components) = head.split_once(COMPONENTS).unwrap_or((head, ""));
        Some(Self {
            entry,
            kind: if is_planned { IncidentKind::Maintenance } else { IncidentKind::Incident },
            id,
            components: outside_brackets(components),
            posts,
        })
    }

    /// Its state by its newest update; `None` if nobody knows its label, which means that it is open.
    fn state(&self) -> Option<IncidentState> {
        self.posts.last().and_then(|post| self.state_of(post))
    }

    /// The state that an update brings.
    fn state_of(&self, post: &Post) -> Option<IncidentState> {
        if self.kind == IncidentKind::Incident {
            return state(&LABELS, &post.label);
        }
        let state = state(&MAINTENANCE_LABELS, &post.label)?;
        // The item's date is the planned start. What is posted from then on is no announcement any more.
        let has_begun = post.at.zip(self.entry.published).is_some_and(|(at, start)| at >= start);
        Some(if state == IncidentState::Scheduled && has_begun { IncidentState::InProgress } else { state })
    }

    /// When its state last changed: with its newest update, else with its start. None for what lies ahead: that it was
    /// announced changed nothing.
    fn changed_at(&self) -> Option<Timestamp> {
        let is_ahead = self.state() == Some(IncidentState::Scheduled);
        self.posted_at().or(self.entry.published).filter(|_| !is_ahead)
    }

    /// When its newest update was posted.
    fn posted_at(&self) -> Option<Timestamp> {
        self.posts.last().and_then(|post| post.at)
    }

    fn incident(&self) -> Incident {
        let state = self.state().unwrap_or(match self.kind {
            IncidentKind::Incident => IncidentState::Investigating,
            IncidentKind::Maintenance => IncidentState::InProgress,
        });
        let page = [whole::KEY.to_owned()];
        Incident {
            key: self.id.to_owned(),
            kind: self.kind,
            title: self.entry.title.clone(),
            state,
            impact: None,
            started_at: self.entry.published,
            updated_at: self.posted_at().or(self.changed_at()),
            resolved_at: self.changed_at().filter(|_| state.is_closed()),
            url: self.entry.url(),
            services: if self.components.is_empty() { page.to_vec() } else { self.components.clone() },
            updates: newest_updates(self.posts.iter().rev().map(|post| IncidentUpdate {
                at: post.at,
                state: self.state_of(post),
                text: truncate(&post.text, IncidentUpdate::MAX_TEXT),
            })),
        }
    }
}

/// What an entry tells of, and its id, by its link (`…/incident/<id>`) or its own id (`tag:…:Incident/<id>`).
fn identity(entry: &Entry) -> Option<(IncidentKind, &str)> {
    const MARKS: [(&str, IncidentKind); 4] = [
        ("/incident/", IncidentKind::Incident),
        ("/maintenance/", IncidentKind::Maintenance),
        (":Incident/", IncidentKind::Incident),
        (":Maintenance/", IncidentKind::Maintenance),
    ];
    // Statuspage's are numbers where these begin with a letter.
    let is_id = |id: &str| {
        id.starts_with(|c: char| c.is_ascii_alphabetic()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let addresses = [entry.link.as_deref().unwrap_or_default(), entry.id.as_str()];
    let ids = addresses
        .into_iter()
        .flat_map(|address| MARKS.iter().filter_map(move |&(mark, kind)| Some((kind, address.rsplit_once(mark)?.1))));
    ids.into_iter().find(|(_, id)| is_id(id))
}

/// One update.
struct Post {
    at: Option<Timestamp>,
    label: String,
    text: String,
}

/// What a text says before its first update, and its updates, oldest first.
fn posts(text: &str, from: Option<Timestamp>) -> (&str, Vec<Post>) {
    let stamps: Vec<Stamp<'_>> = text.match_indices(" GMT").filter_map(|(at, _)| Stamp::around(text, at)).collect();
    let ends = stamps.iter().skip(1).map(|next| next.start).chain([text.len()]);
    let post = |(stamp, end): (&Stamp<'_>, usize)| {
        let text = text.get(stamp.end..end).unwrap_or_default().trim();
        Post {
            at: from.and_then(|from| date::yearless(stamp.date, from)),
            label: stamp.label.to_owned(),
            // A full stop is put after every text, also after those that have theirs.
            text: text.strip_suffix("..").map_or(text.to_owned(), |text| format!("{text}.")),
        }
    };
    let mut posts: Vec<Post> = stamps.iter().zip(ends).map(post).collect();
    if posts.iter().all(|post| post.at.is_some()) {
        if posts.first().map(|post| post.at) > posts.last().map(|post| post.at) {
            posts.reverse();
        }
        // Stable: updates of one second keep their order.
        posts.sort_by_key(|post| post.at);
    }
    (text.get(..stamps.first().map_or(text.len(), |stamp| stamp.start)).unwrap_or_default(), posts)
}

/// What an update begins with: `Sep 25, 15:15:00 GMT+0 - Label - `, or without the first dash.
struct Stamp<'a> {
    start: usize,
    end: usize,
    date: &'a str,
    label: &'a str,
}

impl<'a> Stamp<'a> {
    /// The stamp whose zone begins at a place of a text; `None` if there is none around.
    fn around(text: &'a str, zone: usize) -> Option<Self> {
        /// No label is longer.
        const LONGEST: usize = 40;
        let (before, after) = text.split_at_checked(zone)?;
        let words: usize = before.rsplit(' ').take(3).map(|word| word.len() + 1).sum();
        let start = before.len().saturating_sub(words - 1);
        let date_end = zone + 1 + after.trim_start().find(' ')?;
        let date = text.get(start..date_end)?;
        let (day, time) = date.split_once(',').filter(|(_, time)| time.contains(" GMT+") || time.contains(" GMT-"))?;
        // A leap year has every day there is.
        date::parse(&format!("{day} 2024{time}"))?;
        let rest = text.get(date_end + 1..)?;
        let label = rest.strip_prefix("- ").unwrap_or(rest);
        let label_start = text.len() - label.len();
        let (label, _) = label.split_once(" -")?;
        let end = label_start + label.len() + " -".len();
        (label.len() <= LONGEST).then_some(Self { start, end, date, label: label.trim() })
    }
}

#[cfg(test)]
mod tests;
