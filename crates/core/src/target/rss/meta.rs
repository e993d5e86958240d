//! The feeds of metastatus.com, where Meta tells businesses and developers how its products are: one feed per product,
//! `outage-events-feed-<product>.rss`.
//!
//! A feed lists what is open in its product and is empty otherwise, so what is listed counts unless it says of itself
//! that it is over. No feed with an item in it has been recorded: how bad it is, is read where it may stand in the
//! words of the page (a status line, a category, a clause of the title), and taken as `Degraded` elsewhere. The feed's
//! title names the product, so there is always exactly one service.

use super::feed::{Entry, Feed, host, labelled, newest_updates};
use super::markup::FeedKind;
use super::tally::{Claim, Tally, grouped};
use crate::schema::{Incident, IncidentKind, IncidentState, Service, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// The page's words for how a product is. One that means OK closes an item.
static WORDS: Vocabulary = Vocabulary(&[
    ("No known issues", Meaning::OK),
    ("Resolved", Meaning::OK),
    ("Low disruptions", Meaning::DEGRADED),
    ("Medium disruptions", Meaning::DEGRADED),
    ("High disruptions", Meaning::OUTAGE),
    ("Major disruptions", Meaning::OUTAGE),
    ("Outage", Meaning::OUTAGE),
    ("Major outage", Meaning::OUTAGE),
]);

/// What a listed item means that does not say.
const LISTED: Meaning = Meaning::DEGRADED;

const HOSTS: [&str; 2] = ["metastatus.com", "www.metastatus.com"];

/// How a feed's address goes on after the host, up to the product's id.
const FEED: &str = "/outage-events-feed-";

/// Reads the feed of a product.
///
/// # Errors
/// [`ParseError`] if the document is no feed, or not one of metastatus.com.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let feed = Feed::read(document)?;
    let is_metas = |address: &str| host(address).is_some_and(|host| HOSTS.contains(&host.as_str()));
    let product = feed.title.strip_suffix("Status").map(str::trim_end).filter(|name| !name.is_empty());
    let is_one = feed.kind == FeedKind::Rss && feed.all_links().any(is_metas);
    let Some(product) = product.filter(|_| is_one) else {
        return Err(feed.not_of("the feeds of metastatus.com"));
    };

    let service = service(&feed, product);
    let mut report = Report::open_only();
    let mut tally = Tally::default();
    for (key, mut entries) in grouped(feed.entries.iter().map(|entry| (identity(entry), entry))) {
        // Stable: entries of one moment keep the order of the feed.
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.touched_at()));
        let Some(newest) = entries.first() else { continue };
        let open = Some(meaning(newest, &mut report)).filter(|&meaning| meaning != Meaning::OK);
        tally.add(service.clone(), Claim { incident: &key, open, at: newest.touched_at() })?;
        report.incidents.push(incident(&key, &service, &entries, open));
    }
    report.services = tally.into_services();
    if report.services.is_empty() {
        let mut service = service;
        service.set(Meaning::OK);
        report.services.push(service);
    }
    Ok(report)
}

/// The product, by the id in the feed's address where the feed gives that.
fn service(feed: &Feed, product: &str) -> Service {
    let ids = feed.links.iter().filter_map(|link| link.split_once(FEED)?.1.strip_suffix(".rss"));
    let id = ids.into_iter().find(|id| !id.is_empty());
    let mut service = Service::named(id.unwrap_or(product), product);
    if let Some(id) = id {
        service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
    }
    service
}

fn identity(entry: &Entry) -> String {
    if !entry.id.is_empty() {
        return entry.id.clone();
    }
    entry.published.map_or_else(|| entry.title.clone(), |at| format!("{}@{at}", entry.title))
}

/// What an item means, OK if it is over: by its status line, else by whatever else is a word of the page, whole.
fn meaning(entry: &Entry, report: &mut Report) -> Meaning {
    if let Some(word) = labelled(&entry.body, "Status") {
        return report.read(&WORDS, &word);
    }
    let clauses = entry.title.split([':', '|', '[', ']', '(', ')']).flat_map(|part| part.split(" - "));
    let words = entry.categories.iter().map(String::as_str).chain(clauses);
    words.filter_map(|word| WORDS.meaning(word)).reduce(closing_first).unwrap_or(LISTED)
}

/// Of two words that an item has, the one that says it is over, else the worse.
fn closing_first(one: Meaning, other: Meaning) -> Meaning {
    if one == Meaning::OK || other == Meaning::OK { Meaning::OK } else { one.worst(other) }
}

/// One incident from its entries, newest first.
fn incident(key: &str, service: &Service, entries: &[&Entry], open: Option<Meaning>) -> Incident {
    let newest = entries.first();
    let updated_at = newest.and_then(|entry| entry.touched_at());
    Incident {
        key: key.to_owned(),
        kind: IncidentKind::Incident,
        title: newest.map(|entry| entry.title.clone()).unwrap_or_default(),
        state: if open.is_some() { IncidentState::Investigating } else { IncidentState::Resolved },
        impact: open.map(Meaning::status),
        started_at: entries.iter().filter_map(|entry| entry.published).min(),
        updated_at,
        resolved_at: updated_at.filter(|_| open.is_none()),
        url: newest.and_then(|entry| entry.url()),
        services: vec![service.key.clone()],
        updates: newest_updates(entries.iter().map(|entry| entry.as_update(entry.touched_at(), None))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Status;

    /// A feed of items given as `(guid, hour, title, body)`.
    fn feed(items: &[(&str, u32, &str, &str)]) -> String {
        let item = |(guid, hour, title, body): &(&str, u32, &str, &str)| {
            format!(
                "<item><title>{title}</title><description><![CDATA[{body}]]></description><guid>{guid}</guid>\
                 <link>https://metastatus.com/graph-api</link><pubDate>Tue, 04 Aug 2026 {hour:02}:00:00 -0700</pubDate></item>"
            )
        };
        format!(
            "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\"><channel><title>Graph API Status</title>\
             <link>https://metastatus.com/</link><atom:link rel=\"self\" \
             href=\"https://metastatus.com/outage-events-feed-graph-api.rss\"/>{}</channel></rss>",
            items.iter().map(item).collect::<String>()
        )
    }

    fn read(items: &[(&str, u32, &str, &str)]) -> Report {
        parse(&Document::new(feed(items).as_bytes())).unwrap()
    }

    #[test]
    fn what_is_listed_is_open_unless_it_says_of_itself_that_it_is_over() {
        for (title, body, status) in [
            ("Errors with messages", "It is not resolved. Outage!", Status::Degraded),
            ("Errors resolved for some", "", Status::Degraded),
            ("Unresolved", "", Status::Degraded),
            ("Low disruptions: messages", "", Status::Degraded),
            ("Messages - medium disruptions", "", Status::Degraded),
            ("Messages [High disruptions]", "", Status::Outage),
            ("Messages | Major disruptions", "", Status::Outage),
            ("Messages (Outage)", "", Status::Outage),
            ("Major outage: messages", "", Status::Outage),
            ("Messages - Resolved", "", Status::Ok),
            ("Resolved: High disruptions", "", Status::Ok),
            ("Messages: No known issues", "", Status::Ok),
            ("Messages", "<p>Status: Resolved</p><p>Fine.</p>", Status::Ok),
            ("Messages", "<b>Status:</b> High disruptions<br>Sorry.", Status::Outage),
            ("Messages", "<b>Status:</b> Weird<br>Sorry.", Status::Unknown),
        ] {
            let report = read(&[("1", 10, title, body)]);
            assert_eq!(report.services[0].status, status, "{title} / {body}");
            assert_eq!(report.incidents[0].is_open(), status != Status::Ok, "{title} / {body}");
            assert_eq!(report.unknown_words.len(), usize::from(status == Status::Unknown));
        }
    }

    #[test]
    fn a_category_may_say_it_too() {
        let categorised = feed(&[("1", 10, "x", "")]).replace("<guid>", "<category>high disruptions</category><guid>");
        let report = parse(&Document::new(categorised.as_bytes())).unwrap();
        assert_eq!(report.services[0].status, Status::Outage);
    }

    #[test]
    fn the_feed_is_about_one_product() {
        let quiet = read(&[]);
        let service = &quiet.services[0];
        assert_eq!(
            (service.key.as_str(), service.name.as_str(), service.status),
            ("graph-api", "Graph API", Status::Ok)
        );
        assert_eq!((service.last_timestamp, &service.dimensions["serviceId"]), (None, &"graph-api".into()));
        let headless = feed(&[("1", 10, "x", "")]).replace("outage-events-feed-", "");
        let service = parse(&Document::new(headless.as_bytes())).unwrap().services.remove(0);
        assert_eq!((service.key.as_str(), service.dimensions.contains_key("serviceId")), ("Graph API", false));
    }

    #[test]
    fn an_open_item_below_closed_ones_counts_and_the_newest_of_a_guid_decides() {
        let report = read(&[
            ("a", 12, "a - Resolved", ""),
            ("b", 9, "b - High disruptions", ""),
            ("b", 10, "b - Low disruptions", ""),
            ("", 8, "c - Resolved", ""),
            ("a", 7, "a - High disruptions", ""),
        ]);
        let [service] = report.services.as_slice() else { panic!("{:?}", report.services) };
        assert_eq!((service.status, &service.dimensions["incident"]), (Status::Degraded, &"b".into()));
        assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-08-04T17:00:00.000Z");
        let keys: Vec<_> = report.incidents.iter().map(|incident| incident.key.as_str()).collect();
        assert_eq!(keys, ["a", "b", "c - Resolved@2026-08-04T15:00:00.000Z"]);
        assert_eq!(report.incidents[0].started_at.unwrap().to_string(), "2026-08-04T14:00:00.000Z");
    }

    #[test]
    fn other_feeds_are_refused() {
        let quiet = feed(&[]);
        for stranger in [
            quiet.replace("metastatus.com", "meta.acme.test"),
            quiet.replace("Graph API Status", "Graph API"),
            quiet.replace("Graph API Status", "Status"),
        ] {
            let error = parse(&Document::new(stranger.as_bytes())).unwrap_err();
            assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("metastatus.com")), "{stranger}");
        }
    }
}
