//! A status.io page's feed: an item per incident or maintenance, its posts oldest first. No components and no severity.

use std::cmp::Reverse;

use super::codes::{Letters, code};
use super::markup::cdata;
use super::times::{abbreviation, http, in_zone};
use crate::world::{Incident, IncidentKind, Stage, Truth, Update, Vendor};

/// The feed.
pub(super) fn feed(truth: &Truth<'_>) -> String {
    let vendor = truth.vendor;
    let mut told: Vec<_> = truth.events().collect();
    told.sort_by_key(|incident| Reverse(incident.latest().at));
    let items: String = told.into_iter().map(|incident| item(vendor, incident)).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0">
  <channel>
    <title>{title}</title>
    <link>{home}/pages/{page}</link>
    <description>{description}</description>
    <lastBuildDate>{updated}</lastBuildDate>
{items}  </channel>
</rss>
"#,
        title = cdata(&format!("{} System Status Page", vendor.title)),
        home = vendor.home(),
        page = page(vendor),
        description = cdata(&format!("Status of {}", vendor.title)),
        updated = http(truth.updated_at),
    )
}

fn item(vendor: &Vendor, incident: &Incident) -> String {
    let section = match incident.kind {
        IncidentKind::Incident => "incident",
        IncidentKind::Maintenance => "maintenance",
    };
    let body: String = incident.updates().map(|update| block(vendor, update)).collect();
    format!(
        r#"    <item>
      <title>{title}</title>
      <description>{body}</description>
      <link>https://status.io/pages/{section}/{page}/{id}</link>
      <guid isPermaLink="false">{id}</guid>
      <pubDate>{at}</pubDate>
    </item>
"#,
        title = cdata(&incident.title),
        body = cdata(&body),
        page = page(vendor),
        id = code(Letters::Hex, 24, &[&vendor.name, &incident.id]),
        at = http(incident.latest().at),
    )
}

fn block(vendor: &Vendor, update: &Update) -> String {
    let label = match update.stage {
        Stage::Investigating => "Investigating",
        Stage::Identified => "Identified",
        Stage::Monitoring => "Monitoring",
        Stage::Resolved => "Resolved",
        Stage::Scheduled => "Scheduled",
        Stage::InProgress => "Active",
        Stage::Completed => "Completed",
    };
    let date = in_zone(update.at, vendor.zone).format("%B %-d, %Y %H:%M");
    let text = super::markup::escape(&update.text);
    format!("<small>{date} {}</small><br /><b>{label}</b> - {text}<br /><br />", abbreviation(update.at, vendor.zone))
}

fn page(vendor: &Vendor) -> String {
    code(Letters::Hex, 24, &[&vendor.name])
}
