//! Slack's feeds: `slack-status.com/feed/rss` and `/feed/atom`. Where REST can be had, its status there is better.
//!
//! An item per incident, rewritten in place and kept for months, titled `Incident: …`, `Outage: …`, `Notice: …` or
//! `Maintenance: …`. The feeds name no feature of Slack, so all of it is one service; and they have *no field for the
//! state*. In Atom the body is a run of updates with a time of day each, in RSS a summary. So this is the one family where
//! prose must decide, and little of it is let to:
//!
//! - The newest update closes an item if one of its sentences is one of [`CLOSING`], and not hedged. No other mention of
//!   "resolved" counts.
//! - Slack often ends with words of the moment ("We have completed the revert"). While it works on something it posts
//!   every half hour, overnight every half day; so what has been silent for [`SILENCE`] is over.
//! - What does neither is open, and as bad as its title's first word says.

mod closing;

use std::time::Duration;

use closing::closes;

use super::feed::{Entry, Feed, host, newest_updates};
use super::tally::{Claim, Tally, grouped};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Service, Timestamp, plain_text, truncate};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// The words that titles begin with. A notice tells of something that is not Slack's own trouble.
static TYPES: Vocabulary = Vocabulary(&[
    ("Outage", Meaning::OUTAGE),
    ("Incident", Meaning::DEGRADED),
    ("Maintenance", Meaning::Maintenance),
    ("Notice", Meaning::OK),
]);

/// An item that was not touched for so long, or has no date at all, is over, whatever it says.
const SILENCE: Duration = Duration::from_hours(24);

/// The hosts of the feeds and of what they link to.
const HOSTS: [&str; 3] = ["slack-status.com", "www.slack-status.com", "status.slack.com"];

/// The one service there is.
const SLACK: &str = "Slack";

/// Reads a feed, by the time of the ask: an incident that has been silent for too long is over.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let feed = Feed::read(document)?;
    let is_own = |entry: &Entry| entry.link.as_deref().is_some_and(is_slacks) || is_slacks(&entry.id);
    match feed.entries.as_slice() {
        // It keeps the past, of which there is much.
        [] if feed.all_links().any(is_slacks) => return Err(ParseError::Empty),
        [_, ..] if feed.entries.iter().all(is_own) => {}
        _ => return Err(feed.not_of("Slack's status feeds")),
    }
    let items: Vec<Item<'_>> = feed.entries.iter().map(Item::read).collect();
    // Without a clock, the newest that the feed tells of is the latest it can be known to speak of.
    let now = document.now().or_else(|| items.iter().filter_map(Item::touched_at).max());

    let mut report = Report::open_only();
    let mut tally = Tally::default();
    for (key, items) in grouped(items.iter().map(|item| (item.key(), item))) {
        let Some(item) = items.first() else { continue };
        let state = item.state(now);
        let is_open = !(state.is_closed() || state == IncidentState::Scheduled);
        let open = is_open.then(|| report.read(&TYPES, item.kind));
        let at = item.touched_at().filter(|_| state != IncidentState::Scheduled);
        tally.add(Service::named(SLACK, SLACK), Claim { incident: key, open, at })?;
        report.incidents.push(item.incident(state));
    }
    report.services = tally.into_services();
    Ok(report)
}

fn is_slacks(address: &str) -> bool {
    host(address).is_some_and(|host| HOSTS.contains(&host.as_str()))
}

/// An incident, a notice or a maintenance.
struct Item<'a> {
    entry: &'a Entry,
    /// The word that its title begins with; empty if it does not begin with one.
    kind: &'a str,
    headline: &'a str,
    /// The texts of its updates, oldest first.
    posts: Vec<String>,
}

impl<'a> Item<'a> {
    fn read(entry: &'a Entry) -> Self {
        let (kind, headline) = entry.title.split_once(':').unwrap_or(("(no type)", &entry.title));
        Self { entry, kind: kind.trim(), headline: headline.trim(), posts: posts(&entry.body) }
    }

    /// Its address, which is its id, too.
    fn key(&self) -> &'a str {
        let Entry { id, link, title, .. } = self.entry;
        [id.as_str(), link.as_deref().unwrap_or_default(), title]
            .into_iter()
            .find(|key| !key.is_empty())
            .unwrap_or_default()
    }

    /// When it was last touched. In Atom the other date is the begin, which may be planned; RSS has but one.
    fn touched_at(&self) -> Option<Timestamp> {
        self.entry.updated.or(self.entry.published)
    }

    fn is_planned(&self) -> bool {
        TYPES.meaning(self.kind) == Some(Meaning::Maintenance)
    }

    /// How far it has come, as of `now`.
    fn state(&self, now: Option<Timestamp>) -> IncidentState {
        let is_ahead = self.entry.published.zip(now).is_some_and(|(start, now)| start > now);
        let is_silent = self.touched_at().is_none_or(|touched| now.is_some_and(|now| touched.until(now) > SILENCE));
        // The newest update is the last; no incident begins with the words that end one, wherever the newest stood.
        let is_closed = [self.posts.first(), self.posts.last()].into_iter().flatten().any(|text| closes(text));
        match (self.is_planned(), is_closed || is_silent) {
            (true, _) if is_ahead => IncidentState::Scheduled,
            (true, true) => IncidentState::Completed,
            (true, false) => IncidentState::InProgress,
            (false, true) => IncidentState::Resolved,
            (false, false) => IncidentState::Investigating,
        }
    }

    fn incident(&self, state: IncidentState) -> Incident {
        let newest = self.posts.len().saturating_sub(1);
        Incident {
            key: self.key().to_owned(),
            kind: if self.is_planned() { IncidentKind::Maintenance } else { IncidentKind::Incident },
            title: self.headline.to_owned(),
            state,
            impact: TYPES.meaning(self.kind).map(Meaning::status),
            started_at: self.entry.published.filter(|_| self.entry.updated.is_some()),
            updated_at: self.touched_at(),
            resolved_at: None,
            url: self.entry.url(),
            services: vec![SLACK.to_owned()],
            updates: newest_updates(self.posts.iter().enumerate().rev().map(|(place, text)| IncidentUpdate {
                // The others have a time of day, in a zone that is named wrongly half of the year.
                at: self.touched_at().filter(|_| place == newest),
                state: (place == newest && state.is_closed()).then_some(state),
                text: truncate(text, IncidentUpdate::MAX_TEXT),
            })),
        }
    }
}

/// The texts of a body, in its order: `<p><small>3:23pm PST</small> text</p>` each, or one without any time.
fn posts(body: &str) -> Vec<String> {
    let pieces: Vec<&str> = match body.split_once("<small>") {
        None => vec![body],
        Some((_, dated)) => {
            dated.split("<small>").map(|piece| piece.split_once("</small>").map_or(piece, |(_, text)| text)).collect()
        }
    };
    pieces.into_iter().map(plain_text).filter(|text| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests;
