//! A feed of notices as a small company writes it: what format `rules` is for. An item per post and service, newest
//! first: `[cgn] Parcel Tracking: stopped`.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::codes::{Letters, code};
use super::markup::escape;
use super::times::rfc822;
use crate::world::{Condition, Incident, Service, Stage, Truth, Update};

/// The feed.
pub(super) fn notices(truth: &Truth<'_>) -> String {
    let told = truth.events().filter(|incident| incident.stage() != Stage::Scheduled);
    let mut items: Vec<(DateTime<Utc>, String)> = Vec::new();
    for incident in told {
        let posts = incident.updates().rev().filter(|update| update.stage != Stage::Scheduled);
        for update in posts {
            let services = truth.concerned(incident);
            items.extend(services.map(|service| (update.at, item(truth, incident, service, update))));
        }
    }
    // Stable: posts of one incident that were made at the same time stay newest first.
    items.sort_by_key(|(at, _)| Reverse(*at));
    let items: String = items.into_iter().map(|(_, item)| item).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0">
  <channel>
    <title>{title}: notices</title>
    <link>{home}</link>
    <description>What our customers should know</description>
{items}  </channel>
</rss>
"#,
        title = escape(&truth.vendor.title),
        home = truth.vendor.home(),
    )
}

fn item(truth: &Truth<'_>, incident: &Incident, service: &Service, update: &Update) -> String {
    let word = match update.condition {
        Condition::Operational => "back to normal",
        Condition::Maintenance => "planned work",
        Condition::Degraded => "delayed",
        Condition::PartialOutage => "partly stopped",
        Condition::MajorOutage => "stopped",
    };
    let region = service.region.as_ref().map_or("all", |region| &region.id);
    let at = update.at.timestamp_millis().to_string();
    let stage = super::statuspage::stage(update.stage);
    format!(
        r#"    <item>
      <title>{title}</title>
      <guid isPermaLink="false">{id}</guid>
      <pubDate>{at}</pubDate>
      <description>{text}</description>
    </item>
"#,
        title = escape(&format!("[{region}] {}: {word}", service.name)),
        id = code(Letters::Hex, 16, &[&truth.vendor.name, &incident.id, &service.id, stage, &at]),
        at = rfc822(update.at),
        text = escape(&update.text),
    )
}
