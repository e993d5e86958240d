//! What each recorded document shows, file by file and format by format.

use std::collections::BTreeSet;

use unistatus_core::schema::{IncidentState, Status};
use unistatus_core::target::{Coverage, ParseError, Report};

use super::{builtin, read};
use crate::common::{all_recordings, components, count, page};

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

const fn azure(file: &'static str, services: usize, first: [&'static str; 4]) -> Row {
    let services = [0, 0, services, 0];
    Row { file, format: "azure", services, incidents: 1, ongoing: 1, updates: 1, first }
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
        services: [0; 4],
        incidents: 0,
        ongoing: 0,
        updates: 0,
        ..azure("azure/feed-2026-09-25-empty.rss", 0, NO_SERVICE)
    },
    azure(
        "azure/feed-2022-09-07-afd-active.rss",
        2 * 33,
        [
            "Content Delivery Network|Australia Central",
            "Content Delivery Network",
            "Australia Central",
            "2022-09-07T16:10:40.000Z",
        ],
    ),
    azure(
        "azure/feed-2025-10-29-afd-active.rss",
        41,
        [
            "Network Infrastructure|Australia East",
            "Network Infrastructure",
            "Australia East",
            "2025-10-29T16:00:00.000Z",
        ],
    ),
    azure(
        "azure/feed-2026-07-23T1638-westus-active.rss",
        9,
        ["API Management|West US", "API Management", "West US", "2026-07-23T16:29:09.000Z"],
    ),
    azure(
        "azure/feed-2026-07-23T1812-westus-active.rss",
        14,
        ["API Management|West US", "API Management", "West US", "2026-07-23T16:29:09.000Z"],
    ),
    Row {
        file: "docker/rss-2026-06-24-excerpt.rss",
        format: "statusio",
        services: [1, 0, 0, 0],
        incidents: 2,
        ongoing: 0,
        updates: 4,
        first: ["page", "Docker Systems Status", "", "2026-06-04T13:43:08.000Z"],
    },
    Row {
        file: "northflank/history-2026-10-excerpt.rss",
        format: "instatus",
        services: [1 + 4, 0, 0, 0],
        incidents: 3,
        ongoing: 0,
        updates: 7,
        first: ["page", "Northflank Status", "", "2026-09-25T16:01:05.000Z"],
    },
    Row {
        file: "xai/feed-2026-07-07-excerpt.rss",
        format: "xai",
        services: [3, 0, 0, 0],
        incidents: 3,
        ongoing: 0,
        updates: 6,
        first: ["api-us-west-2", "API", "us-west-2", "2026-07-07T16:37:02.000Z"],
    },
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

#[test]
fn every_recording_reads_as_it_shows_and_as_nothing_else() {
    let files = all_recordings("rss");
    if files.is_empty() {
        return;
    }
    let mut unread: BTreeSet<_> = ROWS.iter().map(|row| (row.file, row.format)).collect();
    for (file, bytes) in &files {
        for format in builtin() {
            let row = ROWS.iter().find(|row| row.file == file && row.format == format);
            match (read(format, bytes), row) {
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
    let is_complete = matches!(row.format, "statuspage" | "statusio");
    assert_eq!(report.coverage == Coverage::Complete, is_complete, "{place}");

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
    let report = read("statuspage", bytes).unwrap();
    let page = page(&report).unwrap();
    assert_eq!((page.status, &page.dimensions["maintenance"]), (Status::Degraded, &true.into()));
}

#[test]
fn components_are_named_in_plain_text_only() {
    let files = all_recordings("rss");
    let Some(bytes) = files.get("northflank/history-2026-10-excerpt.rss") else { return };
    let report = read("instatus", bytes).unwrap();
    let named =
        components(&report).map(|component| (component.name.as_str(), component.last_timestamp.unwrap().to_string()));
    assert_eq!(
        named.collect::<Vec<_>>(),
        [
            ("Northflank App", "2026-09-25T16:01:05.000Z"),
            ("Addons", "2026-09-04T20:52:58.000Z"),
            ("Jobs", "2026-08-05T14:27:54.000Z"),
            ("Services", "2026-08-05T14:27:54.000Z"),
        ]
        .map(|(name, at)| (name, at.to_owned()))
    );
}
