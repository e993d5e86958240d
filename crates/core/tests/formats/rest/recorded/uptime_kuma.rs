//! Uptime Kuma: the two documents of one page, each by itself and both together.

use unistatus_core::schema::Kind;
use unistatus_core::schema::Status::{Degraded, Outage, Unknown};
use unistatus_core::target::{Coverage, Document, Mapping, Part, find_format};
use url::Url;

use super::{Shown, is_maintained, shown, time};
use crate::common::all_recordings;

const PAGE: &str = "uptime-kuma/status-page-incident-maintenance-2026-09-12.json";
const HEARTBEATS: &str = "uptime-kuma/heartbeat-down-and-maintenance-2026-09-12.json";

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    shown("uptime-kuma", PAGE, Coverage::Complete)
        .counts([0, 2, 0, 0]).grouped(2).open(1, 1).told(2).spot("2", "Webhooks", Unknown, ""),
    shown("uptime-kuma", HEARTBEATS, Coverage::Complete)
        .counts([0, 0, 1, 1]).maintained(1).spot("1", "1", Degraded, "2026-09-12T12:26:20.422Z"),
];

#[test]
fn both_documents_together_name_what_is_down() {
    let files = all_recordings("rest");
    let (Some(page), Some(heartbeats)) = (files.get(PAGE), files.get(HEARTBEATS)) else { return };
    let format = find_format(Kind::Rest, "uptime-kuma").unwrap().build(&Mapping::default()).unwrap();
    let first: Url = "https://kuma.test/api/status-page/demo".parse().unwrap();
    let mut parts = vec![Part { url: &first, document: Some(Document::new(page)) }];
    let second = format.next_part(&parts).unwrap().unwrap();
    assert_eq!(second.path(), "/api/status-page/heartbeat/demo");
    parts.push(Part { url: &second, document: Some(Document::new(heartbeats)) });
    assert_eq!(format.next_part(&parts).unwrap(), None);

    let report = format.parse_parts(&parts).unwrap();
    let seen: Vec<_> =
        report.services.iter().map(|service| (service.name.as_str(), service.status, time(service))).collect();
    assert_eq!(seen, [("API", Degraded, "2026-09-12T12:26:20.422Z".to_owned()), ("Webhooks", Outage, String::new())]);
    assert!(is_maintained(&report.services[0]) && !is_maintained(&report.services[1]));
}
