//! Recorded documents of the rss formats.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use unistatus_core::schema::{IncidentState, Kind, Status};
use unistatus_core::target::{Coverage, Document, Format, Mapping, ParseError, Report, find_format, formats};

use super::common::{all_recordings, components, count, page, parse};

/// What a recording shows through one format.
#[derive(Clone, Copy)]
struct Row {
    file: &'static str,
    format: &'static str,
    /// `[OK, Unknown, Degraded, Outage]`.
    services: [usize; 4],
    /// How many incidents and maintenances it tells of, and how many of these are neither over nor ahead.
    incidents: usize,
    ongoing: usize,
    /// How many updates these have together.
    updates: usize,
    /// The first service: key, name, region, `lastTimestamp`. Empty where there is none.
    first: [&'static str; 4],
}

const NO_SERVICE: [&str; 4] = [""; 4];

const fn aws(file: &'static str, services: usize, incidents: usize, updates: usize, first: [&'static str; 4]) -> Row {
    Row { file, format: "aws", services: [services, 0, 0, 0], incidents, ongoing: 0, updates, first }
}

const fn history(file: &'static str, incidents: usize, updates: usize, name: &'static str, at: &'static str) -> Row {
    let first = ["page", name, "", at];
    Row { file, format: "statuspage", services: [1, 0, 0, 0], incidents, ongoing: 0, updates, first }
}

const fn one_degraded(row: Row) -> Row {
    Row { services: [0, 0, 1, 0], ongoing: 1, ..row }
}

const EC2: &str = "Amazon Elastic Compute Cloud";
const DIGITAL_OCEAN: &str = "DigitalOcean Status";
const GITHUB: &str = "GitHub Status";

/// Every pair of recording and format that is a match; all others are errors. The numbers were taken from the
/// recordings by other means than the formats under test.
const ROWS: &[Row] = &[
    aws("aws/all-2023-02-16-empty.rss", 0, 0, 0, NO_SERVICE),
    aws(
        "aws/all-2021-12-27.rss",
        2,
        2,
        2,
        ["internetconnectivity-ap-south-1", "internetconnectivity", "ap-south-1", "2021-12-24T18:41:17.000Z"],
    ),
    aws(
        "aws/ec2-ap-northeast-1-2019-09-07.rss",
        1,
        7,
        15,
        ["ec2-ap-northeast-1", EC2, "ap-northeast-1", "2019-08-23T11:18:35.000Z"],
    ),
    aws("aws/ec2-us-east-1-2022-03-01.rss", 1, 2, 15, ["ec2-us-east-1", EC2, "us-east-1", "2021-12-23T00:22:00.000Z"]),
    aws(
        "aws/ecs-us-west-1-2022-08-29.rss",
        1,
        1,
        1,
        ["ecs-us-west-1", "Amazon Elastic Container Service", "us-west-1", "2020-05-10T04:52:26.000Z"],
    ),
    Row {
        file: "gcp/feed-2022-04-01-resolved.atom",
        format: "google",
        services: [3, 0, 0, 0],
        incidents: 1,
        ongoing: 0,
        updates: 1,
        first: ["Cloud Monitoring|global", "Cloud Monitoring", "global", "2022-04-01T20:13:25.000Z"],
    },
    Row {
        file: "google-workspace-legacy/rss-2020-empty.rss",
        format: "google",
        services: [0; 4],
        incidents: 0,
        ongoing: 0,
        updates: 0,
        first: NO_SERVICE,
    },
    Row {
        file: "google-workspace-legacy/rss-2014-11-25-gmail-active.rss",
        format: "google",
        services: [0, 0, 1, 0],
        incidents: 1,
        ongoing: 1,
        updates: 1,
        first: ["Gmail", "Gmail", "", "2014-11-25T21:11:00.000Z"],
    },
    Row {
        file: "google-workspace-legacy/rss-2020-04-08-gmail-resolved.rss",
        format: "google",
        services: [1, 0, 0, 0],
        incidents: 1,
        ongoing: 0,
        updates: 3,
        first: ["Gmail", "Gmail", "", "2020-04-08T15:58:00.000Z"],
    },
    history(
        "atlassian-statuspage/history-2019-11-23.atom",
        25,
        61,
        "Atlassian Statuspage Status",
        "2019-11-21T02:35:28.000Z",
    ),
    history("claude/history-2026-02-04.rss", 25, 81, "Claude Status", "2026-02-04T17:06:50.000Z"),
    one_degraded(history(
        "claude/history-2026-06-03-monitoring-excerpt.rss",
        1,
        2,
        "status.claude.com",
        "2026-06-03T07:28:39.000Z",
    )),
    history("digitalocean/history-2019-10-30.atom", 25, 95, DIGITAL_OCEAN, "2019-10-30T23:05:10.000Z"),
    history("digitalocean/history-2020-01-05.rss", 25, 85, DIGITAL_OCEAN, "2020-01-05T03:38:39.000Z"),
    one_degraded(history(
        "digitalocean/history-2020-01-21-maintenance-in-progress.rss",
        25,
        83,
        DIGITAL_OCEAN,
        "2020-01-21T21:00:29.000Z",
    )),
    history("digitalocean/history-2020-01-23T2139.atom", 25, 85, DIGITAL_OCEAN, "2020-01-23T21:39:24.000Z"),
    history("github/history-2026-02-05.atom", 25, 128, GITHUB, "2026-02-03T19:28:45.000Z"),
    history("github/history-2026-02-05.rss", 25, 128, GITHUB, "2026-02-03T19:28:45.000Z"),
    history("ruzismart/history-2020-01-04.rss", 2, 9, "ruzismart enterprise Status", "2019-09-08T12:08:54.000Z"),
    history(
        "saucelabs/history-2020-11-15.atom",
        25,
        72,
        "Sauce Labs US West Data Center Status",
        "2020-11-14T22:07:38.000Z",
    ),
    history("streamyard/history-2024-06-10.rss", 17, 46, "StreamYard Status", "2024-02-08T09:00:14.000Z"),
    history(
        "symantec-wss/history-2019-12-10-scheduled.atom",
        25,
        63,
        "Symantec Web Security Service Status",
        "2019-12-10T18:00:39.000Z",
    ),
];

/// The formats that need no mapping.
const BUILT_IN: [&str; 3] = ["aws", "google", "statuspage"];

#[test]
fn every_recording_reads_as_it_shows_and_as_nothing_else() {
    let files = all_recordings("rss");
    if files.is_empty() {
        return;
    }
    let mut unread: BTreeSet<_> = ROWS.iter().map(|row| (row.file, row.format)).collect();
    for (file, bytes) in &files {
        for format in BUILT_IN {
            let row = ROWS.iter().find(|row| row.file == file && row.format == format);
            match (parse(Kind::Rss, format, bytes), row) {
                (Ok(report), Some(row)) => {
                    unread.remove(&(row.file, row.format));
                    check(row, &report);
                }
                (Err(ParseError::Unrecognised(_)), None) => {}
                (result, _) => panic!("{file} as {format}: {result:#?}"),
            }
        }
    }
    assert!(unread.is_empty(), "rows without a file: {unread:?}");
}

fn check(row: &Row, report: &Report) {
    let place = format!("{} as {}", row.file, row.format);
    assert_eq!(count(&report.services), row.services, "{place}");
    assert_eq!(report.unknown_words, BTreeSet::new(), "{place}");
    assert_eq!(report.coverage == Coverage::Complete, row.format == "statuspage", "{place}");

    let ongoing =
        report.incidents.iter().filter(|incident| incident.is_open() && incident.state != IncidentState::Scheduled);
    assert_eq!((report.incidents.len(), ongoing.count()), (row.incidents, row.ongoing), "{place}");
    assert_eq!(report.incidents.iter().map(|incident| incident.updates.len()).sum::<usize>(), row.updates, "{place}");
    let keys: BTreeSet<_> = report.incidents.iter().map(|incident| &incident.key).collect();
    assert_eq!(keys.len(), report.incidents.len(), "{place}: an incident's key repeats");
    for incident in &report.incidents {
        assert!(!incident.title.is_empty() && incident.updates.iter().all(|update| !update.text.is_empty()), "{place}");
        for service in &incident.services {
            assert!(report.services.iter().any(|known| known.key == *service), "{place}: no service {service}");
        }
    }

    let first = report.services.first().map(|service| {
        let region = service.dimensions.get("region").map(ToString::to_string).unwrap_or_default();
        let at = service.last_timestamp.map(|at| at.to_string()).unwrap_or_default();
        [service.key.clone(), service.name.clone(), region, at]
    });
    assert_eq!(first.unwrap_or_default(), row.first, "{place}");
}

#[test]
fn work_in_progress_is_marked_as_planned() {
    let files = all_recordings("rss");
    let Some(bytes) = files.get("digitalocean/history-2020-01-21-maintenance-in-progress.rss") else { return };
    let report = parse(Kind::Rss, "statuspage", bytes).unwrap();
    let page = page(&report).unwrap();
    assert_eq!((page.status, &page.dimensions["maintenance"]), (Status::Degraded, &true.into()));
}

/// Rules, words, and what recordings show through them: `[OK, Unknown, Degraded, Outage]`.
type ByRules = (&'static str, &'static str, &'static [(&'static str, [usize; 4])]);

/// Rules for families that have no format.
const BY_RULES: &[ByRules] = &[
    (
        "expect_title = '^Azure Status$'\n\
         service = { from = 'category', pattern = '^(?<service>.+)$' }\n\
         closed = [{ from = 'title', pattern = '(?i)- (Resolved|Mitigated)\\s*$' }]",
        "",
        &[
            ("azure/feed-2026-09-25-empty.rss", [0; 4]),
            ("azure/feed-2022-09-07-afd-active.rss", [0, 0, 35, 0]),
            ("azure/feed-2026-07-23T1638-westus-active.rss", [0, 0, 10, 0]),
            ("azure/feed-2026-07-23T1812-westus-active.rss", [0, 0, 15, 0]),
        ],
    ),
    (
        "expect_title = '^xAI'\n\
         service = { from = 'title', pattern = '^\\[(?<service>[^(]+) \\(' }\n\
         region = { from = 'title', pattern = '^[^(]+\\((?<region>[^.]+)' }\n\
         state = [{ from = 'body', pattern = 'Status: (?<word>\\w+) Severity: available' }]",
        "resolved = 'OK'",
        &[("xai/feed-2026-07-07-excerpt.rss", [3, 0, 0, 0])],
    ),
    (
        "order = 'oldest-first'\n\
         state = [{ from = 'html', pattern = '<br /><b>(?<word>\\w+)</b>' }]",
        "resolved = 'OK'\ncompleted = 'OK'\nactive = 'maintenance'",
        &[("docker/rss-2026-06-24-excerpt.rss", [1, 0, 0, 0])],
    ),
    (
        "expect_title = 'Incident history$'\n\
         order = 'oldest-first'\n\
         service = { from = 'body', pattern = 'Affected Components: (?<service>[A-Z]\\w+)' }\n\
         state = [{ from = 'body', pattern = 'GMT\\S+ - (?<word>\\w+) - ' }]",
        "resolved = 'OK'",
        &[("northflank/history-2026-10-excerpt.rss", [2, 0, 0, 0])],
    ),
];

#[test]
fn rules_read_families_that_have_no_format() {
    let files = all_recordings("rss");
    for (rules, words, recordings) in BY_RULES {
        let mapping = Mapping {
            rules: Some(toml::from_str(rules).unwrap()),
            words: toml::from_str(words).unwrap(),
            ..Mapping::default()
        };
        let format = find_format(Kind::Rss, "rules").unwrap().build(&mapping).unwrap();
        for (file, expected) in *recordings {
            let Some(bytes) = files.get(*file) else { continue };
            let report = format.parse(&Document::new(bytes)).unwrap();
            assert_eq!(count(components(&report)), *expected, "{file}: {:#?}", report.services);
            assert_eq!(report.unknown_words, BTreeSet::new(), "{file}");
        }
    }
}

/// Small feeds to break, one of each shape.
const SAMPLES: [&str; 5] = [
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>Amazon Web Services Service Status\
     </title><link>http://status.aws.amazon.com/</link><item><title><![CDATA[Service disruption: [RESOLVED] 障害 | x]]>\
     </title><pubDate>Fri, 23 Aug 2019 04:18:35 PDT</pubDate><guid>http://status.aws.amazon.com/#ec2-us-gov-west-1_15665\
     59115</guid><description><![CDATA[Text &lt;br&gt; and the service is operating normally.]]></description></item>\
     </channel></rss>",
    "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Google Cloud Service Health Updates</title><entry><title>RESOLVED: \
     x</title><link href=\"https://status.cloud.google.com/incidents/abc\"/><id>tag:a,2022:feed:abc.d</id><updated>\
     2022-04-01T20:13:25+00:00</updated><summary type=\"html\">&lt;p&gt;Incident began at 2022-03-31 08:30 and ended at \
     2022-03-31 15:54&lt;/p&gt;&lt;p&gt;Affected products: A (b, c), D&lt;/p&gt;&lt;p&gt;Affected locations: Taiwan \
     (asia-east1), Global&lt;/p&gt;</summary></entry></feed>",
    "<rss><channel><title>G Suite Status Dashboard</title><link>http://www.google.com/appsstatus/rss/en</link><item>\
     <title>Gmail</title><description>&lt;i&gt;&lt;img src=\"http://a/img/yellow.gif\" /&gt;&amp;nbsp;April 8, 2020 8:37:00 \
     AM PDT&lt;/i&gt;&lt;p&gt;Text&lt;/p&gt;</description><pubDate>Wed, 08 Apr 2020 15:37:00 GMT</pubDate></item></channel>\
     </rss>",
    "<rss><channel><title>ACME Status - Incident History</title><description>Statuspage</description><item><title>x</title>\
     <description>&lt;p&gt;&lt;strong&gt;THIS IS A SCHEDULED EVENT&lt;/strong&gt;&lt;/p&gt;&lt;p&gt;&lt;small&gt;Jan 8\
     &lt;/small&gt;&lt;br&gt;&lt;strong&gt;Update&lt;/strong&gt; - é&lt;/p&gt;&lt;p&gt;&lt;small&gt;Jan 8&lt;/small&gt;&lt;br\
     &gt;&lt;strong&gt;In progress&lt;/strong&gt; - text&lt;/p&gt;</description><link>https://a.test/incidents/abc</link>\
     </item></channel></rss>",
    "<feed><title type=\"xhtml\"><div><b>A</b></div></title><a:b xmlns:a=\"c\"><a:d/></a:b><entry><title>B</title><content type=\"xhtml\">\
     <div>x<br/></div></content><category term=\"web\"/><published>2026-02-05T05:10:57Z</published></entry></feed>",
];

/// What feeds are most easily broken with.
const SHARDS: [&str; 16] = [
    "<",
    ">",
    "</",
    "/>",
    "&",
    "&lt;",
    "&#x10FFFF;",
    "]]>",
    "<![CDATA[",
    "<!--",
    "<?x?>",
    "\"",
    "(",
    "é",
    "\u{0}",
    "-1",
];

fn broken() -> impl Strategy<Value = Vec<u8>> {
    let shard = prop_oneof![
        prop::sample::select(SHARDS.as_slice()).prop_map(|shard| shard.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    let cuts = prop::collection::vec((any::<prop::sample::Index>(), 0_usize..30, shard), 0..6);
    (prop::sample::select(SAMPLES.as_slice()), cuts).prop_map(|(sample, cuts)| {
        let mut bytes = sample.as_bytes().to_vec();
        for (place, length, shard) in cuts {
            let start = place.index(bytes.len() + 1);
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, shard);
        }
        bytes
    })
}

/// Every rss format by its name, with rules that capture as much as they can.
#[expect(clippy::unwrap_used, reason = "test data")]
static ALL: LazyLock<Vec<(&str, Arc<dyn Format>)>> = LazyLock::new(|| {
    let rules = "service = { from = 'title', pattern = '(?<service>\\S+)' }\n\
                 region = { from = 'body', pattern = '(?<region>\\w+)' }\n\
                 group_by = { from = 'link', pattern = '(?<group>.)' }\n\
                 state = [{ from = 'html', pattern = '<\\w+>(?<word>\\w+)' }]";
    let mapping = Mapping { rules: Some(toml::from_str(rules).unwrap()), ..Mapping::default() };
    formats(Kind::Rss).iter().map(|row| (row.name, row.build(&mapping).unwrap())).collect()
});

#[test]
fn the_samples_are_whole() {
    for (sample, name) in SAMPLES.into_iter().zip(["aws", "google", "google", "statuspage", "rules"]) {
        let (_, format) = ALL.iter().find(|(format, _)| *format == name).unwrap();
        let report = format.parse(&Document::new(sample.as_bytes())).unwrap();
        assert_eq!(report.incidents.len(), 1, "{sample}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    #[test]
    fn no_format_panics_and_the_same_bytes_give_the_same_report(bytes in broken()) {
        for (_, format) in ALL.iter() {
            prop_assert_eq!(format.parse(&Document::new(&bytes)), format.parse(&Document::new(&bytes)));
        }
    }
}
