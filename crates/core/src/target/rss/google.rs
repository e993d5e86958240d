//! Google's status feeds: the Atom feeds of Cloud, Workspace, Firebase, Play, Search and Maps, and (see
//! [`legacy`](super::google_legacy)) the RSS feed that Workspace had before them.
//!
//! Each entry is one *update*; entries of one incident share its address, and the newest decides. The tail of an
//! update lists the affected products and locations: each product in each location is a service. The feeds are
//! open-only, and an update that closes its incident still names the services, which are OK from then on.

use super::date;
use super::feed::{Entry, Feed, newest_updates, outside_brackets};
use super::google_legacy;
use super::markup::FeedKind;
use super::tally::{Claim, Tally, grouped, in_each_region};
use crate::schema::{Incident, IncidentKind, IncidentState, Service, Timestamp, plain_text};
use crate::target::{Document, Meaning, ParseError, Report};

/// What an open incident means, by the words of its title; the prose of the updates names outages that nobody had.
const SEVERITIES: [(&str, Meaning); 1] = [("service outage", Meaning::OUTAGE)];

/// What an open incident means whose title says no more.
const OPEN: Meaning = Meaning::DEGRADED;

/// How titles begin that are not part of the headline, and whether they close the incident.
const PREFIXES: [(&str, bool); 2] = [("RESOLVED:", true), ("UPDATE:", false)];

const PRODUCTS: &str = "Affected products:";
const LOCATIONS: &str = "Affected locations:";

/// How the source writes that a product is affected everywhere, and the id that its JSON gives that.
const EVERYWHERE: (&str, &str) = ("Global", "global");

/// Reads one of Google's status feeds.
///
/// # Errors
/// [`ParseError`] if the document is no feed, or not one of Google's.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let feed = Feed::read(document)?;
    if !feed.all_links().any(is_status_page) {
        return Err(feed.not_of("Google's status feeds"));
    }
    match feed.kind {
        FeedKind::Rss => google_legacy::read(&feed),
        FeedKind::Atom => read(&feed),
    }
}

/// Whether an address is on one of the status pages: `status.cloud.google.com` and its sisters, or the Workspace
/// dashboard.
fn is_status_page(address: &str) -> bool {
    let Ok(url) = url::Url::parse(address) else { return false };
    let host = url.host_str().unwrap_or_default();
    (host.starts_with("status.") && host.ends_with(".google.com"))
        || (matches!(host, "google.com" | "www.google.com") && url.path().starts_with("/appsstatus"))
}

fn read(feed: &Feed) -> Result<Report, ParseError> {
    let mut updates = Vec::new();
    for entry in &feed.entries {
        let id =
            incident_id(entry).ok_or_else(|| feed.not_of("Google's status feeds, each entry with an incident,"))?;
        updates.push((id, entry));
    }
    let mut report = Report::open_only();
    let mut tally = Tally::default();
    for (id, mut entries) in grouped(updates) {
        // Stable: entries of one moment keep the order of the feed, which is newest first.
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.touched_at()));
        let Some(newest) = entries.first() else { continue };
        let update = Update::read(newest);
        let claim = Claim { incident: id, open: update.open, at: newest.touched_at() };
        // A short update may leave out what the one before it listed.
        let listing = entries.iter().find(|entry| entry.body.contains(PRODUCTS)).unwrap_or(newest);
        let services = services(feed, listing)?;
        let incident = incident(id, &update, &entries, &services);
        for service in services {
            tally.add(service, claim)?;
        }
        report.incidents.push(incident);
    }
    report.services = tally.into_services();
    Ok(report)
}

/// What the newest update of an incident says.
struct Update<'a> {
    headline: &'a str,
    /// What it means while it is open; `None` once it is closed.
    open: Option<Meaning>,
    began_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

impl<'a> Update<'a> {
    fn read(entry: &'a Entry) -> Self {
        let (headline, is_closed) = PREFIXES
            .iter()
            .find_map(|(prefix, closes)| Some((after(prefix, &entry.title)?.trim(), *closes)))
            .unwrap_or((&entry.title, false));
        let text = plain_text(&entry.body);
        let (began_at, rest) = after("Incident began at ", &text).map_or((None, ""), leading_time);
        let ended_at = after("and ended at ", rest.trim_start()).map(|rest| leading_time(rest).0);
        let title = headline.to_lowercase();
        let severity = SEVERITIES.iter().find(|(words, _)| title.contains(words)).map_or(OPEN, |&(_, meaning)| meaning);
        Self {
            headline,
            open: (!is_closed && ended_at.is_none()).then_some(severity),
            began_at,
            ended_at: ended_at.flatten(),
        }
    }
}

/// What follows a prefix, which compares without regard to case.
fn after<'a>(prefix: &str, text: &'a str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The time of the west coast that a text begins with (`2022-03-31 08:30`), and what follows it.
fn leading_time(text: &str) -> (Option<Timestamp>, &str) {
    let end = text.find(|c: char| !(c.is_ascii_digit() || "-: ".contains(c))).unwrap_or(text.len());
    (date::us_pacific(&text[..end]), &text[end..])
}

/// The incident's id: the last part of its address, else the part of the entry's id before the update's.
fn incident_id(entry: &Entry) -> Option<&str> {
    let in_link = entry.link.as_deref().and_then(|link| link.rsplit_once("/incidents/")).map(|(_, id)| id);
    let in_id = || Some(entry.id.rsplit_once(":feed:")?.1.split('.').next().unwrap_or_default());
    in_link
        .or_else(in_id)
        .map(|id| id.trim_end_matches('/'))
        .filter(|id| !id.is_empty() && !id.contains(['/', '?', '#']))
}

/// Every affected product in every affected location; what names no product is told under the feed's own name.
fn services(feed: &Feed, entry: &Entry) -> Result<Vec<Service>, ParseError> {
    let mut products = listed(&entry.body, PRODUCTS);
    if products.is_empty() {
        let name = feed.title.strip_suffix("Service Health Updates").unwrap_or(&feed.title).trim();
        products.push(if name.is_empty() { "Google".to_owned() } else { name.to_owned() });
    }
    let locations = listed(&entry.body, LOCATIONS);
    in_each_region(&products, &locations.iter().map(|location| region(location)).collect::<Vec<_>>())
}

/// The names that the last paragraph with this label lists.
fn listed(body: &str, label: &str) -> Vec<String> {
    let Some((_, tail)) = body.rsplit_once(label) else { return Vec::new() };
    let end = ["</p", "<hr", "<div", "Affected "].iter().filter_map(|mark| tail.find(mark)).min().unwrap_or(tail.len());
    outside_brackets(&plain_text(&tail[..end]))
}

/// The id of a location, which is what its last brackets hold: `Taiwan (asia-east1)`.
fn region(location: &str) -> &str {
    let id = location.strip_suffix(')').and_then(|inner| inner.rsplit_once('(')).map(|(_, id)| id.trim());
    match id.filter(|id| !id.is_empty()) {
        Some(id) => id,
        None if location == EVERYWHERE.0 => EVERYWHERE.1,
        None => location,
    }
}

fn incident(id: &str, update: &Update<'_>, entries: &[&Entry], services: &[Service]) -> Incident {
    let newest = entries.first();
    let updated_at = newest.and_then(|entry| entry.touched_at());
    let is_open = update.open.is_some();
    Incident {
        key: id.to_owned(),
        kind: IncidentKind::Incident,
        title: update.headline.to_owned(),
        state: if is_open { IncidentState::Investigating } else { IncidentState::Resolved },
        impact: update.open.map(Meaning::status),
        started_at: update.began_at,
        updated_at,
        resolved_at: if is_open { None } else { update.ended_at.or(updated_at) },
        url: newest.and_then(|entry| entry.url()),
        services: services.iter().map(|service| service.key.clone()).collect(),
        updates: newest_updates(entries.iter().map(|entry| {
            let closes = Update::read(entry).open.is_none();
            entry.as_update(entry.touched_at(), closes.then_some(IncidentState::Resolved))
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Status;

    /// A Cloud feed of updates given as `(incident, hour, title, body)`.
    fn read(updates: &[(&str, u32, &str, &str)]) -> Report {
        let entries: Vec<String> = updates
            .iter()
            .map(|(incident, hour, title, body)| {
                let body = body.replace('&', "&amp;").replace('<', "&lt;");
                format!(
                    "<entry><title>{title}</title><link href=\"https://status.cloud.google.com/incidents/{incident}\"/>\
                     <id>tag:status.cloud.google.com,2026:feed:{incident}.{hour}</id>\
                     <updated>2026-08-04T{hour:02}:00:00+00:00</updated><summary type=\"html\">{body}</summary></entry>"
                )
            })
            .collect();
        let feed = format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Google Cloud Service Health Updates</title>\
             <link href=\"https://status.cloud.google.com/\"/>{}</feed>",
            entries.concat()
        );
        parse(&Document::new(feed.as_bytes())).unwrap()
    }

    fn rows(report: &Report) -> Vec<(&str, Status)> {
        report.services.iter().map(|service| (service.key.as_str(), service.status)).collect()
    }

    const TAIL: &str = "<p>Affected products: Cloud Run, Persistent Disk (zonal, regional)</p>\
                        <p>Affected locations: Taiwan (asia-east1), Global</p>";

    #[test]
    fn each_product_in_each_location_is_a_service() {
        let report =
            read(&[("abc", 10, "UPDATE: Taiwan: slow", &format!("<p>Incident began at 2026-08-04 02:00</p>{TAIL}"))]);
        assert_eq!(
            rows(&report),
            [
                ("Cloud Run|asia-east1", Status::Degraded),
                ("Cloud Run|global", Status::Degraded),
                ("Persistent Disk (zonal, regional)|asia-east1", Status::Degraded),
                ("Persistent Disk (zonal, regional)|global", Status::Degraded),
            ]
        );
        assert_eq!(report.services[0].name, "Cloud Run");
        assert_eq!(report.services[0].dimensions["region"], "asia-east1".into());
        let incident = &report.incidents[0];
        assert_eq!((incident.key.as_str(), incident.title.as_str()), ("abc", "Taiwan: slow"));
        assert_eq!(incident.started_at.unwrap().to_string(), "2026-08-04T09:00:00.000Z");
        assert_eq!((incident.services.len(), incident.resolved_at), (4, None));
    }

    #[test]
    fn an_incident_is_closed_by_its_title_or_by_its_end_and_by_nothing_else() {
        for (title, body, status) in [
            ("RESOLVED: x", "", Status::Ok),
            ("resolved: x", "", Status::Ok),
            (
                "x",
                "<p> Incident began at <strong>2026-08-04 01:00</strong> and ended at <strong>2026-08-04 02:00</strong> \
                   <span>(all times are US/Pacific).</span></p>",
                Status::Ok,
            ),
            ("x", "<p>Incident began at 2026-08-04 01:00 (all times are US/Pacific).</p>", Status::Degraded),
            ("x", "The other incident began at 1 and ended at 2. It is resolved.", Status::Degraded),
            ("UPDATE: not RESOLVED: x", "this service disruption/outage", Status::Degraded),
            ("Global: Service Outage of x", "", Status::Outage),
        ] {
            let report = read(&[("abc", 10, title, &format!("{body}{TAIL}"))]);
            assert!(report.services.iter().all(|service| service.status == status), "{title} / {body}");
            assert_eq!(report.incidents[0].is_open(), status != Status::Ok);
        }
    }

    #[test]
    fn the_newest_update_decides_wherever_it_stands() {
        let update = |title, hour| ("abc", hour, title, "<p>Affected products: Cloud Run</p>");
        let reopened = read(&[update("RESOLVED: x", 10), update("x", 11)]);
        assert_eq!(rows(&reopened), [("Cloud Run", Status::Degraded)]);
        assert_eq!(reopened.services[0].last_timestamp.unwrap().to_string(), "2026-08-04T11:00:00.000Z");
        assert_eq!(rows(&read(&[update("x", 10), update("RESOLVED: x", 11)])), [("Cloud Run", Status::Ok)]);

        let two = read(&[update("RESOLVED: x", 11), ("def", 9, "y", "<p>Affected products: Cloud Run</p>")]);
        assert_eq!(rows(&two), [("Cloud Run", Status::Degraded)]);
        assert_eq!(two.services[0].dimensions["incident"], "def".into());
    }

    #[test]
    fn trouble_that_names_no_product_is_told_under_the_feeds_name() {
        assert_eq!(rows(&read(&[("abc", 10, "x", "<p>soon</p>")])), [("Google Cloud", Status::Degraded)]);
        let short = read(&[("abc", 11, "x", "<p>soon</p>"), ("abc", 10, "x", "<p>Affected products: Cloud Run</p>")]);
        assert_eq!(rows(&short), [("Cloud Run", Status::Degraded)]);
    }

    #[test]
    fn only_googles_status_pages_are_taken() {
        assert!(read(&[]).services.is_empty());
        for link in ["https://cloud.google.com/feeds/release-notes.xml", "https://status.acme.test/incidents/x", "x"] {
            let feed = format!("<feed><title>Updates</title><link href=\"{link}\"/></feed>");
            assert!(matches!(parse(&Document::new(feed.as_bytes())), Err(ParseError::Unrecognised(_))), "{link}");
        }
        for link in ["https://status.firebase.google.com/", "https://www.google.com/appsstatus/dashboard/"] {
            let feed = format!("<feed><title>Updates</title><link href=\"{link}\"/></feed>");
            assert!(parse(&Document::new(feed.as_bytes())).is_ok(), "{link}");
        }
    }
}
