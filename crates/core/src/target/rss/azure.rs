//! The Azure status feed: what is wrong in Azure at large, and nothing else.
//!
//! An event that is over just disappears, so the feed is open-only and mostly empty. It has no field for a state or a
//! severity: what is listed is open, and `Degraded`, for "outage" in its prose says more about who wrote it. Categories
//! name the affected services and regions side by side, without a mark: the regions are told by their names, and each
//! service in each region is a service of ours.

mod regions;

use regions::region;

use super::feed::{Entry, Feed, host, newest_updates};
use super::markup::FeedKind;
use super::tally::{Claim, Tally, grouped, in_each_region};
use crate::schema::{Incident, IncidentKind, IncidentState, Service};
use crate::target::{Document, Meaning, ParseError, Report};

/// What a listed event means.
const LISTED: Meaning = Meaning::DEGRADED;

/// What the last clause of a title says, whole, if the event is over.
const CLOSING: [&str; 2] = ["resolved", "mitigated"];

/// What parts the clauses of a title.
const CLAUSES: [&str; 4] = [" - ", " – ", " — ", ": "];

/// The hosts of the status page. Captures also name the machine behind it that happened to answer.
const HOSTS: [&str; 3] = ["azure.status.microsoft", "status.azure.com", "azurestatuscdn.azureedge.net"];

/// What goes by no service's name is told under this one.
const AZURE: &str = "Azure";

/// Reads the feed.
///
/// # Errors
/// [`ParseError`] if the document is no feed, or not Azure's.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let feed = Feed::read(document)?;
    let is_azures = feed.kind == FeedKind::Rss && feed.title.contains(AZURE) && feed.all_links().any(is_status_page);
    if !is_azures {
        return Err(feed.not_of("the Azure status feed"));
    }
    let mut report = Report::open_only();
    let mut tally = Tally::default();
    for (key, entries) in grouped(feed.entries.iter().map(|entry| (identity(entry), entry))) {
        let Some(entry) = entries.first() else { continue };
        let open = (!is_closed(&entry.title)).then_some(LISTED);
        let services = services(entry)?;
        report.incidents.push(incident(&key, entry, open, &services));
        for service in services {
            tally.add(service, Claim { incident: &key, open, at: entry.published })?;
        }
    }
    report.services = tally.into_services();
    Ok(report)
}

fn is_status_page(address: &str) -> bool {
    let Some(host) = host(address) else { return false };
    HOSTS.contains(&host.as_str())
        || (host.starts_with("azurestatus") && host.ends_with(".azurewebsites.net"))
        // Where the page lay before it had a host of its own.
        || (host == "azure.microsoft.com" && address.contains("/status"))
}

/// What tells an event from others: its guid, which is a slug of the title and has been used again years later, and when
/// it was first posted, which no edit moves.
fn identity(entry: &Entry) -> String {
    let id = if entry.id.is_empty() { &entry.title } else { &entry.id };
    entry.published.map_or_else(|| id.clone(), |at| format!("{id}@{at}"))
}

/// Whether the last clause of a title says that the event is over: `Storage - Mitigated`, `Mitigated` in brackets.
fn is_closed(title: &str) -> bool {
    let clause = CLAUSES.iter().filter_map(|mark| title.rfind(mark).map(|at| at + mark.len())).max();
    let clause = title.get(clause.unwrap_or_default()..).unwrap_or_default().trim();
    let last = clause.rsplit_once(['[', '(']).map_or(clause, |(_, inside)| inside);
    let last = last.trim_end_matches([']', ')', '.', ' ']);
    CLOSING.iter().any(|word| last.eq_ignore_ascii_case(word))
}

/// Every service that an event names, in every region that it names.
fn services(entry: &Entry) -> Result<Vec<Service>, ParseError> {
    let (mut names, mut regions) = (Vec::new(), Vec::new());
    for category in entry.categories.iter().filter(|category| !category.is_empty()) {
        match region(category) {
            Some(region) => regions.push(region),
            None => names.push(category.clone()),
        }
    }
    if names.is_empty() {
        names.push(AZURE.to_owned());
    }
    in_each_region(&names, &regions)
}

/// The event as an incident. Its link is left out: it leads to the page at large, or to a machine inside.
fn incident(key: &str, entry: &Entry, open: Option<Meaning>, services: &[Service]) -> Incident {
    let state = if open.is_some() { IncidentState::Investigating } else { IncidentState::Resolved };
    Incident {
        key: key.to_owned(),
        kind: IncidentKind::Incident,
        title: entry.title.clone(),
        state,
        impact: open.map(Meaning::status),
        started_at: entry.published,
        // The text changes, and the feed does not say when.
        updated_at: None,
        resolved_at: None,
        url: None,
        services: services.iter().map(|service| service.key.clone()).collect(),
        updates: newest_updates([entry.as_update(None, None)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Status, dimension_names};

    /// A feed of events given as `(guid, hour, title, categories)`.
    fn feed(events: &[(&str, u32, &str, &[&str])]) -> String {
        let item = |(guid, hour, title, categories): &(&str, u32, &str, &[&str])| {
            let categories: Vec<_> =
                categories.iter().map(|category| format!("<category>{category}</category>")).collect();
            let categories = categories.concat();
            format!(
                "<item><guid\n isPermaLink=\"false\">{guid}</guid><link>https://status.azure.com/en-us/status/</link>\
                 {categories}<title>{title} </title><description>&lt;p&gt;Full outage in East US.&amp;nbsp;It is not \
                 resolved.&lt;/p&gt;</description><pubDate>Thu, 23 Jul 2026 {hour:02}:29:09 Z</pubDate></item>"
            )
        };
        format!(
            "<rss version=\"2.0\"><channel><title>Azure Status</title><link>https://status.azure.com/en-us/status/</link>\
             <lastBuildDate>Thu, 23 Jul 2026 23:38:47 Z</lastBuildDate>{}</channel></rss>",
            events.iter().map(item).collect::<String>()
        )
    }

    fn read(events: &[(&str, u32, &str, &[&str])]) -> Report {
        parse(&Document::new(feed(events).as_bytes())).unwrap()
    }

    fn rows(report: &Report) -> Vec<(&str, Status)> {
        report.services.iter().map(|service| (service.key.as_str(), service.status)).collect()
    }

    #[test]
    fn each_service_in_each_region_is_a_service() {
        let report = read(&[(
            "slug",
            16,
            "Issues",
            &["API Management", "West US", "Public Non-Regional", "Virtual WAN", "west us 2"],
        )]);
        assert_eq!(
            rows(&report),
            [
                "API Management|West US",
                "API Management|global",
                "API Management|West US 2",
                "Virtual WAN|West US",
                "Virtual WAN|global",
                "Virtual WAN|West US 2"
            ]
            .map(|key| (key, Status::Degraded))
        );
        let service = &report.services[0];
        assert_eq!(
            (service.name.as_str(), &service.dimensions[dimension_names::REGION]),
            ("API Management", &"West US".into())
        );
        assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-07-23T16:29:09.000Z");
        assert_eq!(service.dimensions[dimension_names::INCIDENT], "slug@2026-07-23T16:29:09.000Z".into());
        let incident = &report.incidents[0];
        assert_eq!((incident.title.as_str(), incident.url.as_deref()), ("Issues", None), "{incident:?}");
        assert_eq!(incident.updates[0].text, "Full outage in East US. It is not resolved.");
        assert!(incident.is_open() && report.unknown_words.is_empty());
    }

    #[test]
    fn what_names_no_service_or_no_region_is_told_all_the_same() {
        for (categories, keys) in [
            (&[][..], &["Azure"][..]),
            (&["West US", "Public Non-Regional"], &["Azure|West US", "Azure|global"]),
            (&["Virtual WAN"], &["Virtual WAN"]),
            // No region: "West US" is only how its name begins.
            (&["West US 2 Edge"], &["West US 2 Edge"]),
        ] {
            let report = read(&[("slug", 16, "x", categories)]);
            assert_eq!(rows(&report).iter().map(|(key, _)| *key).collect::<Vec<_>>(), keys);
        }
    }

    #[test]
    fn only_the_last_clause_of_a_title_closes_an_event() {
        for (title, is_over) in [
            ("Azure Front Door - Connectivity issues", false),
            ("Azure Front Door - Connectivity issues - Mitigated", true),
            ("Azure Front Door – Connectivity issues – RESOLVED.", true),
            ("Connectivity issues [Resolved]", true),
            ("Status: Mitigated", true),
            ("Resolved", true),
            ("Mitigated - Azure Front Door - now also in West Europe", false),
            ("Storage - Mitigated in West US, continues in East US", false),
            ("Storage - not yet resolved", false),
            ("DNS - Names stay unresolved", false),
        ] {
            let report = read(&[("slug", 16, title, &["Storage"])]);
            let status = if is_over { Status::Ok } else { Status::Degraded };
            assert_eq!(rows(&report), [("Storage", status)], "{title}");
            assert_eq!(report.incidents[0].is_open(), !is_over, "{title}");
        }
    }

    #[test]
    fn a_slug_that_is_used_again_is_another_event() {
        let report = read(&[
            ("slug", 17, "x - Mitigated", &["Storage"]),
            ("slug", 16, "x", &["Storage"]),
            ("slug", 16, "x", &["Storage"]),
        ]);
        assert_eq!(rows(&report), [("Storage", Status::Degraded)], "an open event below a closed one counts");
        let keys: Vec<_> = report.incidents.iter().map(|incident| incident.key.as_str()).collect();
        assert_eq!(keys, ["slug@2026-07-23T17:29:09.000Z", "slug@2026-07-23T16:29:09.000Z"]);
    }

    #[test]
    fn an_empty_feed_is_good_news_only_from_azure() {
        let empty = feed(&[]);
        assert!(read(&[]).services.is_empty());
        for host in ["azure.status.microsoft", "azurestatusprodwus.azurewebsites.net", "azure.microsoft.com"] {
            let elsewhere = empty.replace("status.azure.com", host);
            assert!(parse(&Document::new(elsewhere.as_bytes())).unwrap().services.is_empty(), "{host}");
        }
        for stranger in [
            empty.replace("status.azure.com", "status.dev.azure.com"),
            empty.replace("status.azure.com", "acme.azurewebsites.net"),
            empty.replace("status.azure.com/en-us/status", "azure.microsoft.com/en-us/updates"),
            empty.replace("Azure Status", "Status"),
            "<feed><title>Azure Status</title><link href=\"https://status.azure.com/\"/></feed>".to_owned(),
        ] {
            let error = parse(&Document::new(stranger.as_bytes())).unwrap_err();
            assert!(
                matches!(&error, ParseError::Unrecognised(said) if said.contains("Azure status feed")),
                "{stranger}"
            );
        }
    }
}
