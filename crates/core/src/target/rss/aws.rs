//! The AWS status feeds: `all.rss` and one feed per service and region.
//!
//! Each item is one *update*. Its guid names service and region (`…#ec2-us-east-1_1640218920`: a slug, and the time of
//! publication), its title begins with the severity, and a closing mark in the newest update ends the incident. The
//! feeds are open-only: what they do not name is well. A feed per service keeps closed incidents for years, `all.rss`
//! drops them after days.
//!
//! An incident that AWS never closed stays open here: this is a pure function and knows no clock, so it cannot tell a
//! forgotten message from one of the real events that lasted months.

mod incidents;

use incidents::{Item, incidents};

use super::feed::{Entry, Feed, host, newest_updates};
use super::tally::{Claim, Tally, grouped};
use crate::schema::{Incident, IncidentKind, IncidentState, Status, Timestamp};
use crate::target::aws::service;
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// The words that titles begin with. One that means OK closes the incident.
static PREFIXES: Vocabulary = Vocabulary(&[
    ("Informational message", Meaning::DEGRADED),
    ("Performance issues", Meaning::DEGRADED),
    ("Service degradation", Meaning::DEGRADED),
    ("Service impact", Meaning::DEGRADED),
    ("Service disruption", Meaning::OUTAGE),
    ("Service is operating normally", Meaning::OK),
    ("Resolved", Meaning::OK),
]);

/// The hosts whose feeds these are.
const HOSTS: [&str; 3] = ["status.aws.amazon.com", "health.aws.amazon.com", "status.amazonaws.cn"];

const GENERATOR: &str = "AWS Service Health Dashboard";

/// Reads an AWS status feed.
///
/// # Errors
/// [`ParseError`] if the document is no feed, or not one of AWS.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let feed = Feed::read(document)?;
    let is_aws = |address: &str| host(address).is_some_and(|host| HOSTS.contains(&host.as_str()));
    let has_foreign_item =
        feed.entries.iter().any(|entry| !is_aws(&entry.id) && !entry.link.as_deref().is_some_and(is_aws));
    if has_foreign_item || !(feed.generator.starts_with(GENERATOR) || feed.all_links().any(is_aws)) {
        return Err(feed.not_of("the AWS status feeds"));
    }

    let by_slug = grouped(feed.entries.iter().map(|entry| {
        let (slug, at) = slug_and_time(&entry.id);
        // Trouble that names no service is told under the feed's own name, rather than not at all.
        (slug.unwrap_or_else(|| channel_name(&feed.title)), Item::new(entry, at))
    }));
    let own_name = if by_slug.len() == 1 { friendly_name(&feed.title) } else { None };
    let mut report = Report::open_only();
    let mut tally = Tally::default();
    for (slug, items) in by_slug {
        let service = service(slug, own_name, None);
        for items in incidents(items) {
            let Some(newest) = items.first() else { continue };
            let open = (!newest.is_closed).then(|| report.read(&PREFIXES, &newest.prefix));
            let incident = incident(slug, &items, open);
            tally.add(service.clone(), Claim { incident: &incident.key, open, at: newest.at })?;
            report.incidents.push(incident);
        }
    }
    report.services = tally.into_services();
    Ok(report)
}

/// One incident from its updates, newest first.
fn incident(slug: &str, items: &[Item<'_>], open: Option<Meaning>) -> Incident {
    let newest = items.first();
    let oldest_at = items.iter().filter_map(|item| item.at).min();
    let newest_at = newest.and_then(|item| item.at);
    let claimed = items.iter().filter_map(|item| PREFIXES.meaning(&item.prefix)).map(Meaning::status);
    Incident {
        key: oldest_at.map_or_else(|| slug.to_owned(), |at| format!("{slug}_{}", at.as_millis() / 1000)),
        kind: IncidentKind::Incident,
        title: newest.map(|item| item.headline.clone()).unwrap_or_default(),
        state: if open.is_some() { IncidentState::Investigating } else { IncidentState::Resolved },
        impact: match open {
            Some(meaning) => Some(meaning.status()),
            None => Status::worst(claimed.filter(|&status| status != Status::Ok)),
        },
        started_at: oldest_at,
        updated_at: newest_at,
        resolved_at: newest_at.filter(|_| open.is_none()),
        url: newest.and_then(|item| item.entry.url()),
        services: vec![slug.to_owned()],
        updates: newest_updates(
            items.iter().map(|item| item.entry.as_update(item.at, item.is_closed.then_some(IncidentState::Resolved))),
        ),
    }
}

/// The slug and the time in `http://status.aws.amazon.com/#<slug>_<epoch>`.
fn slug_and_time(guid: &str) -> (Option<&str>, Option<Timestamp>) {
    let Some((slug, epoch)) = guid.split_once('#').and_then(|(_, fragment)| fragment.rsplit_once('_')) else {
        return (None, None);
    };
    let at = epoch.parse().ok().and_then(Timestamp::from_secs).and_then(Timestamp::unless_null);
    (Some(slug).filter(|slug| !slug.is_empty() && at.is_some()), at)
}

fn channel_name(title: &str) -> &str {
    let name = title.strip_suffix("Service Status").unwrap_or(title).trim();
    if name.is_empty() { "Amazon Web Services" } else { name }
}

/// The service's own name, which only the title of its own feed has.
fn friendly_name(title: &str) -> Option<&str> {
    let name = title.strip_suffix(" Service Status")?.trim();
    (!name.is_empty() && name != "Amazon Web Services").then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A feed of items given as `(guid's fragment, title, body)`.
    fn feed(title: &str, items: &[(&str, &str, &str)]) -> String {
        let items: Vec<String> = items
            .iter()
            .map(|(fragment, title, body)| {
                format!(
                    "<item><title><![CDATA[{title}]]></title><link>http://status.aws.amazon.com/</link>\
                     <guid isPermaLink=\"false\">http://status.aws.amazon.com/#{fragment}</guid>\
                     <description><![CDATA[{body}]]></description></item>"
                )
            })
            .collect();
        format!(
            "<rss version=\"2.0\"><channel><title><![CDATA[{title}]]></title><link>http://status.aws.amazon.com/</link>\
             <generator>AWS Service Health Dashboard RSS Generator</generator>{}</channel></rss>",
            items.concat()
        )
    }

    fn read(title: &str, items: &[(&str, &str, &str)]) -> Report {
        parse(&Document::new(feed(title, items).as_bytes())).unwrap()
    }

    const ALL: &str = "Amazon Web Services Service Status";

    #[test]
    fn every_prefix_has_its_meaning() {
        for (title, body, status) in [
            ("Informational message: x", "", Status::Degraded),
            ("Performance issues: x", "", Status::Degraded),
            ("Service degradation: x", "", Status::Degraded),
            ("Service impact: x", "", Status::Degraded),
            ("service disruption: x", "", Status::Outage),
            ("Service is operating normally: x", "", Status::Ok),
            ("Resolved: x", "", Status::Ok),
            ("Service disruption: [RESOLVED] x", "We are investigating.", Status::Ok),
            ("Informational message: [解決済] エラー | errors", "", Status::Ok),
            ("[Resolved] Service disruption: x", "", Status::Ok),
            ("Service disruption: x", "The issue is resolved and the service is operating normally. ", Status::Ok),
            ("Service disruption: x", "<p>All done. The service is operating normally.</p>", Status::Ok),
            ("Service disruption: x", "We will post updates until the service is operating normally.", Status::Outage),
            ("Service disruption: not yet resolved", "Some of it is resolved", Status::Outage),
            ("Informational message: Unresolved host names", "", Status::Degraded),
        ] {
            let report = read(ALL, &[("ec2-us-east-1_1640218920", title, body)]);
            assert_eq!(report.services[0].status, status, "{title} / {body}");
            assert!(report.unknown_words.is_empty(), "{title}");
            assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2021-12-23T00:22:00.000Z");
            assert_eq!(report.incidents[0].is_open(), status != Status::Ok);
        }
    }

    #[test]
    fn a_prefix_that_nobody_knows_is_unknown_and_noted() {
        let report = read(ALL, &[("ec2-us-east-1_1640218920", "Service meltdown: x", "")]);
        assert_eq!(report.services[0].status, Status::Unknown);
        assert_eq!(report.unknown_words.iter().collect::<Vec<_>>(), ["Service meltdown"]);
        assert!(report.incidents[0].is_open());
    }

    #[test]
    fn a_service_is_named_by_its_own_feed_and_by_its_slug_elsewhere() {
        let item = ("ec2-ap-northeast-1_1640218920", "Informational message: x", "");
        let name = |title: &str| read(title, &[item]).services.remove(0);
        let service = name("Amazon Elastic Compute Cloud (Tokyo) Service Status");
        assert_eq!(
            (service.name.as_str(), service.key.as_str()),
            ("Amazon Elastic Compute Cloud", "ec2-ap-northeast-1")
        );
        assert_eq!(service.dimensions["region"], "ap-northeast-1".into());
        assert_eq!(name(ALL).name, "ec2");
        let global = read("Amazon Route 53 Service Status", &[("route53_1640218920", "Informational message: x", "")]);
        assert_eq!(global.services[0].name, "Amazon Route 53");
        assert!(!global.services[0].dimensions.contains_key("region"));
    }

    #[test]
    fn trouble_without_a_slug_is_not_lost() {
        let report = read(ALL, &[("", "Service disruption: x", "")]);
        assert_eq!(
            (report.services[0].name.as_str(), report.services[0].status),
            ("Amazon Web Services", Status::Outage)
        );
    }

    #[test]
    fn an_open_incident_below_a_closed_one_still_counts() {
        let report = read(
            ALL,
            &[
                ("ec2-us-east-1_1700020000", "Service is operating normally: [RESOLVED] API errors", ""),
                ("ec2-us-east-1_1700010000", "Service degradation: Network", ""),
                ("ec2-us-east-1_1700000000", "Informational message: API errors", ""),
                ("s3-us-standard_1700000000", "Service disruption: Uploads", ""),
            ],
        );
        let rows: Vec<_> = report.services.iter().map(|s| (s.key.as_str(), s.status)).collect();
        assert_eq!(rows, [("ec2-us-east-1", Status::Degraded), ("s3-us-standard", Status::Outage)]);
        assert_eq!(report.services[0].dimensions["incident"], "ec2-us-east-1_1700010000".into());
        assert_eq!(report.incidents.iter().filter(|incident| incident.is_open()).count(), 2);
        assert_eq!(report.incidents.len(), 3);
    }

    #[test]
    fn an_empty_feed_is_good_news_only_from_aws() {
        assert!(read(ALL, &[]).services.is_empty());
        for title in ["Azure Status", "Google Cloud Service Health Updates"] {
            let other = format!("<rss><channel><title>{title}</title><link>https://other.test/</link></channel></rss>");
            assert!(matches!(parse(&Document::new(other.as_bytes())), Err(ParseError::Unrecognised(_))));
        }
    }

    #[test]
    fn the_shape_of_2017_is_read() {
        let document = "<rss version=\"2.0\"><channel><title><![CDATA[Amazon EC2 (Ohio) Service Status]]></title>\
            <link>http://status.aws.amazon.com/</link><link rel=\"alternate\" href=\"http://status.aws.amazon.com/rss/all.rss\"/>\
            <title type=\"text\">Current service status feed</title><item><title type=\"text\">Informational message: x</title>\
            <link>http://status.aws.amazon.com</link><pubDate>Wed,  8 Mar 2017 01:02:03 PST</pubDate>\
            <guid>http://status.aws.amazon.com/#ec2-us-east-2_1488963723</guid><description>y</description></item>\
            </channel></rss>";
        let report = parse(&Document::new(document.as_bytes())).unwrap();
        assert_eq!((report.services[0].name.as_str(), report.services[0].status), ("Amazon EC2", Status::Degraded));
        assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2017-03-08T09:02:03.000Z");
    }
}
