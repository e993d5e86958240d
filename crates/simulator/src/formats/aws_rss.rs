//! AWS' `all.rss`: an item per post and service, newest first. Service and region are only in the guid, severity only
//! in the title's prefix, and on closing the older posts are re-titled too. Planned work is told as an informational
//! message once it runs.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::markup::{cdata, escape};
use super::times::rfc822_pacific;
use crate::world::{Condition, Incident, Service, Stage, Truth, Update};

/// The root that links and guids have, whatever the host that serves them.
const ROOT: &str = "https://status.aws.amazon.com/";

/// The feed of all has this title, whoever serves it: the feed of one service bears the service's name.
const TITLE: &str = "<![CDATA[Amazon Web Services Service Status]]>";

/// The feed of all services.
pub(super) fn all(truth: &Truth<'_>) -> String {
    let told = truth.events().filter(|incident| incident.stage() != Stage::Scheduled);
    let mut items: Vec<(DateTime<Utc>, String)> = Vec::new();
    for incident in told {
        for service in truth.concerned(incident) {
            let posts = incident.updates().rev().filter(|update| update.stage != Stage::Scheduled);
            items.extend(posts.map(|update| (update.at, item(incident, service, update))));
        }
    }
    // Stable: posts of one incident that were made at the same time stay newest first.
    items.sort_by_key(|(at, _)| Reverse(*at));
    let items: String = items.into_iter().map(|(_, item)| item).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0">
  <channel>
    <title>{TITLE}</title>
    <link>{ROOT}</link>
    <language>en-us</language>
    <lastBuildDate>{updated}</lastBuildDate>
    <description>{TITLE}</description>
    <ttl>5</ttl>
{items}  </channel>
</rss>
"#,
        updated = rfc822_pacific(truth.updated_at),
    )
}

fn item(incident: &Incident, service: &Service, update: &Update) -> String {
    let prefix = match update.condition {
        _ if update.stage.is_over() => "Service is operating normally",
        Condition::Operational | Condition::Maintenance => "Informational message",
        Condition::Degraded | Condition::PartialOutage => "Performance issues",
        Condition::MajorOutage => "Service disruption",
    };
    let resolved = if incident.is_open() { "" } else { "[RESOLVED] " };
    format!(
        r#"    <item>
      <title>{title}</title>
      <link>{ROOT}</link>
      <pubDate>{at}</pubDate>
      <guid isPermaLink="false">{ROOT}#{slug}_{epoch}</guid>
      <description>{text}</description>
    </item>
"#,
        title = cdata(&format!("{prefix}: {resolved}{}", incident.title)),
        at = rfc822_pacific(update.at),
        slug = escape(&service.id),
        epoch = update.at.timestamp(),
        text = cdata(&update.text),
    )
}
