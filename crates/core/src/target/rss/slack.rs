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
use crate::target::{Document, Meaning, ParseError, Parser, Part, Parted, Report, Vocabulary};

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

/// Asked for without conditions, like an answer of several parts: "not modified" would keep an incident open that has
/// been silent for too long since.
pub(super) const PARSER: Parser = Parser::Parted(Parted { next: |_| Ok(None), parse: parse_parts });

fn parse_parts(parts: &[Part<'_>]) -> Result<Report, ParseError> {
    parse(&parts.first().and_then(|part| part.document).unwrap_or(Document::new(b"")))
}

/// Reads a feed.
fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let feed = Feed::read(document)?;
    if !feed.all_links().chain(feed.entries.iter().map(|entry| entry.id.as_str())).any(is_slacks) {
        return Err(feed.not_of("Slack's status feeds"));
    }
    if feed.entries.is_empty() {
        // It keeps the past, of which there is much.
        return Err(ParseError::Empty);
    }
    let items: Vec<Item<'_>> = feed.entries.iter().map(Item::read).collect();
    // Without a clock, the newest that the feed tells of is the latest it can be known to speak of.
    let now = document.now().or_else(|| items.iter().filter_map(|item| item.touched_at()).max());

    let mut report = Report::open_only();
    let mut tally = Tally::default();
    for (key, items) in grouped(items.iter().map(|item| (item.key(), item))) {
        let Some(item) = items.first() else { continue };
        let state = item.state(now);
        let is_open = !(state.is_closed() || state == IncidentState::Scheduled);
        let open = is_open.then(|| report.read(&TYPES, item.kind));
        let at = item.touched_at().filter(|_| state != IncidentState::Scheduled);
        // A notice is open and means no harm: Slack is as well as if there were none.
        let open = open.filter(|&meaning| meaning != Meaning::OK);
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
mod tests {
    use super::*;
    use crate::schema::Status;
    use crate::target::Format;

    const DAY: &str = "2026-08-04";
    const LINK: &str = "https://slack-status.com/2026-08/6f029c99f2b77bc";

    /// An entry: the last digit of its id, when it was updated, its title and its body's HTML.
    fn entry(digit: u8, updated: &str, title: &str, body: &str) -> String {
        let body = body.replace('&', "&amp;").replace('<', "&lt;");
        format!(
            "<entry><id>{LINK}{digit}</id><published>{DAY}T00:00:00-07:00</published><updated>{updated}</updated>\
             <link rel=\"alternate\" href=\"{LINK}{digit}\"/><title>{title}</title><content type=\"html\">{body}</content></entry>"
        )
    }

    fn atom(entries: &str) -> String {
        format!(
            "<feed><id>https://status.slack.com</id><link rel=\"alternate\" href=\"https://slack-status.com\"/>\
             <title>Slack System Status</title>{entries}</feed>"
        )
    }

    fn read_at(document: &str, now: &str) -> Result<Report, ParseError> {
        parse(&Document::new(document.as_bytes()).asked_at(Timestamp::parse_rfc3339(now).unwrap()))
    }

    /// What the feed says of Slack three hours after the updates of `DAY` at 09:00.
    fn slack(entries: &str) -> Service {
        let services = read_at(&atom(entries), "2026-08-04T12:00:00Z").unwrap().services;
        let [service] = services.as_slice() else { panic!("{services:?}") };
        assert_eq!((service.key.as_str(), service.name.as_str()), ("Slack", "Slack"));
        service.clone()
    }

    const AT_NINE: &str = "2026-08-04T02:00:00-07:00";
    const OPEN: &str = "<p><small>3:23pm PST</small> We see errors.</p><p><small>4:00pm PST</small> Still looking.</p>";
    const CLOSED: &str =
        "<p><small>3:23pm PST</small> We see errors.</p><p><small>4:00pm PST</small> We’ve resolved the issue.</p>";

    #[test]
    fn the_first_word_of_the_title_says_how_bad_an_open_item_is() {
        for (title, status, is_maintenance) in [
            ("Outage: Slack is down", Status::Outage, false),
            ("incident: Search: no results", Status::Degraded, false),
            ("Notice: a provider has trouble", Status::Ok, false),
            ("Maintenance: databases", Status::Degraded, true),
            ("Catastrophe: all of it", Status::Unknown, false),
            ("Search has no results", Status::Unknown, false),
        ] {
            let service = slack(&entry(1, AT_NINE, title, OPEN));
            assert_eq!(
                (service.status, service.dimensions.contains_key("maintenance")),
                (status, is_maintenance),
                "{title}"
            );
            assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-08-04T09:00:00.000Z");
            assert_eq!(slack(&entry(1, AT_NINE, title, CLOSED)).status, Status::Ok, "{title}");
        }
        let report = read_at(&atom(&entry(1, AT_NINE, "Catastrophe: x", OPEN)), "2026-08-04T12:00:00Z").unwrap();
        assert_eq!(report.unknown_words.iter().collect::<Vec<_>>(), ["Catastrophe"]);
    }

    #[test]
    fn silence_ends_what_no_word_ends() {
        let feed = atom(&entry(1, AT_NINE, "Incident: x", OPEN));
        for (now, status, state) in [
            ("2026-08-04T08:00:00Z", Status::Degraded, IncidentState::Investigating),
            ("2026-08-05T09:00:00Z", Status::Degraded, IncidentState::Investigating),
            ("2026-08-05T09:00:01Z", Status::Ok, IncidentState::Resolved),
            ("2027-08-05T09:00:01Z", Status::Ok, IncidentState::Resolved),
        ] {
            let report = read_at(&feed, now).unwrap();
            assert_eq!((report.services[0].status, report.incidents[0].state), (status, state), "{now}");
        }
        let without_clock = |feed: &str| parse(&Document::new(feed.as_bytes())).unwrap().services.remove(0).status;
        assert_eq!(without_clock(&feed), Status::Degraded);
        let newer = entry(2, "2026-08-05T09:00:01Z", "Incident: y", CLOSED);
        assert_eq!(without_clock(&atom(&(newer + &entry(1, AT_NINE, "Outage: x", OPEN)))), Status::Ok);
        let undated = atom(&entry(1, "x", "Incident: x", OPEN).replace("<updated>x</updated>", ""));
        assert_eq!(without_clock(&undated.replace("published", "posted")), Status::Ok);
    }

    #[test]
    fn an_open_item_below_closed_ones_counts() {
        let service = slack(
            &(entry(3, "2026-08-04T11:00:00Z", "Outage: z", CLOSED)
                + &entry(2, AT_NINE, "Incident: y", OPEN)
                + &entry(1, "2026-08-01T09:00:00Z", "Outage: x", OPEN)),
        );
        assert_eq!((service.status, &service.dimensions["incident"]), (Status::Degraded, &format!("{LINK}2").into()));
        assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-08-04T09:00:00.000Z");
    }

    #[test]
    fn maintenance_that_lies_ahead_is_no_trouble() {
        let ahead = entry(1, AT_NINE, "Maintenance: x", OPEN).replace("2026-08-04T00", "2026-08-09T00");
        let report = read_at(&atom(&ahead), "2026-08-04T12:00:00Z").unwrap();
        assert_eq!((report.services[0].status, report.services[0].last_timestamp), (Status::Ok, None));
        let incident = &report.incidents[0];
        assert_eq!((incident.kind, incident.state), (IncidentKind::Maintenance, IncidentState::Scheduled));
        assert_eq!(incident.started_at.unwrap().to_string(), "2026-08-09T07:00:00.000Z");
    }

    #[test]
    fn rss_has_a_summary_and_one_date() {
        let rss = |summary: &str| {
            format!(
                "<rss><channel><title>Slack System Status</title><link>https://slack-status.com</link><item>\
                 <title>Incident: Threads</title><description>{summary}</description><link>{LINK}1</link>\
                 <guid>{LINK}1</guid><pubDate>Tue, 04 Aug 2026 02:00:00 -0700</pubDate></item></channel></rss>"
            )
        };
        for (summary, status) in [
            ("From 7:12 AM some users see errors.", Status::Degraded),
            ("This issue is now resolved.&amp;nbsp;Scope: some users saw errors.", Status::Ok),
        ] {
            let report = read_at(&rss(summary), "2026-08-04T12:00:00Z").unwrap();
            assert_eq!(report.services[0].status, status, "{summary}");
            assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-08-04T09:00:00.000Z");
            let incident = &report.incidents[0];
            assert_eq!((incident.title.as_str(), incident.started_at), ("Threads", None));
            assert_eq!(incident.updates.len(), 1);
        }
    }

    #[test]
    fn updates_are_told_newest_first() {
        let report = read_at(&atom(&entry(1, AT_NINE, "Incident: x", CLOSED)), "2026-08-04T12:00:00Z").unwrap();
        let told = report.incidents[0].updates.iter().map(|update| (update.text.as_str(), update.at.is_some()));
        assert_eq!(told.collect::<Vec<_>>(), [("We’ve resolved the issue.", true), ("We see errors.", false)]);
    }

    #[test]
    fn other_feeds_are_refused_and_so_is_an_empty_one() {
        let other = atom(&entry(1, AT_NINE, "Incident: x", OPEN)).replace("slack-status.com", "slack.acme.test");
        assert!(matches!(read_at(&other, "2026-08-04T12:00:00Z"), Err(ParseError::Unrecognised(_))));
        assert_eq!(read_at(&atom(""), "2026-08-04T12:00:00Z"), Err(ParseError::Empty));
    }

    #[test]
    fn it_is_asked_for_without_conditions() {
        let Parser::Parted(parted) = PARSER else { panic!("a condition would stop the clock") };
        assert!(parted.has_parts());
        let feed = atom(&entry(1, AT_NINE, "Outage: x", OPEN));
        assert_eq!(parted.parse(&Document::new(feed.as_bytes())).unwrap().services[0].status, Status::Outage);
    }
}
