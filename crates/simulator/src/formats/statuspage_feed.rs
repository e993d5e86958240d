//! Statuspage's `history.rss` and `history.atom`: an item per incident or maintenance, rewritten in place, its posts
//! newest first. No components: the title is all there is, so a service set by hand is told as an incident too.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::codes::{Letters, code};
use super::markup::escape;
use super::statuspage::incident_id;
use super::statuspage_html::{label, yearless};
use super::times::{abbreviation, in_zone, rfc822, seconds};
use crate::world::{Incident, Stage, Truth, Vendor};

/// The RSS feed.
pub(super) fn rss(truth: &Truth<'_>) -> String {
    let vendor = truth.vendor;
    let items: String =
        items(truth).into_iter().map(|(published, incident)| item(vendor, published, incident)).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel>
    <title>{title} Status - Incident History</title>
    <link>{home}</link>
    <description>Statuspage</description>
    <pubDate>{updated}</pubDate>
{items}  </channel>
</rss>
"#,
        title = escape(&vendor.title),
        home = vendor.home(),
        updated = rfc822(truth.updated_at),
    )
}

/// The Atom feed.
pub(super) fn atom(truth: &Truth<'_>) -> String {
    let vendor = truth.vendor;
    let host = format!("status.{}.example", vendor.name);
    let entries = items(truth).into_iter().map(|(published, incident)| entry(vendor, &host, published, incident));
    let entries: String = entries.collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<feed xml:lang="en-US" xmlns="http://www.w3.org/2005/Atom">
  <id>tag:{host},2005:/history</id>
  <link rel="alternate" type="text/html" href="{home}"/>
  <link rel="self" type="application/atom+xml" href="{home}/history.atom"/>
  <title>{title} Status - Incident History</title>
  <updated>{updated}</updated>
  <author>
    <name>{title}</name>
  </author>
{entries}</feed>
"#,
        home = vendor.home(),
        title = escape(&vendor.title),
        updated = seconds(truth.updated_at, vendor.zone),
    )
}

fn item(vendor: &Vendor, published: DateTime<Utc>, incident: &Incident) -> String {
    format!(
        r"    <item>
      <title>{title}</title>
      <description>
{body}      </description>
      <pubDate>{published}</pubDate>
      <link>{link}</link>
      <guid>{link}</guid>
    </item>
",
        title = escape(&incident.title),
        body = escape(&body(vendor, incident)),
        published = rfc822(published),
        link = link(vendor, incident),
    )
}

fn entry(vendor: &Vendor, host: &str, published: DateTime<Utc>, incident: &Incident) -> String {
    format!(
        r#"  <entry>
    <id>tag:{host},2005:Incident/{number}</id>
    <published>{published}</published>
    <updated>{updated}</updated>
    <link rel="alternate" type="text/html" href="{link}"/>
    <title>{title}</title>
    <content type="html">{body}</content>
  </entry>
"#,
        number = code(Letters::Decimal, 7, &[&vendor.name, &incident.id]),
        published = seconds(published, vendor.zone),
        updated = seconds(incident.latest().at, vendor.zone),
        link = link(vendor, incident),
        title = escape(&incident.title),
        body = escape(&body(vendor, incident)),
    )
}

/// The items by date, newest first: the date of the last post; of planned work its begin, which may lie ahead.
fn items<'t>(truth: &'t Truth<'_>) -> Vec<(DateTime<Utc>, &'t Incident)> {
    let published = |incident: &Incident| match incident.window {
        Some((begin, _)) if incident.stage() == Stage::Scheduled => begin,
        _ => incident.latest().at,
    };
    let mut items: Vec<_> = truth.events().map(|incident| (published(incident), incident)).collect();
    items.sort_by_key(|(published, _)| Reverse(*published));
    items
}

fn link(vendor: &Vendor, incident: &Incident) -> String {
    format!("{}/incidents/{}", vendor.home(), incident_id(vendor, incident))
}

fn body(vendor: &Vendor, incident: &Incident) -> String {
    let notice = incident.window.filter(|_| incident.stage() == Stage::Scheduled).map(|(begin, end)| {
        let (from, until) = (in_zone(begin, vendor.zone), in_zone(end, vendor.zone));
        format!(
            "<p><strong>THIS IS A SCHEDULED EVENT {} <var data-var='date'>{}</var>, <var data-var='time'>{}</var> - \
             <var data-var='time'>{}</var> {}</strong></p>",
            from.format("%b"),
            from.format("%e"),
            from.format("%H:%M"),
            until.format("%H:%M"),
            abbreviation(begin, vendor.zone),
        )
    });
    let posts = incident.updates().rev().map(|update| {
        format!(
            "<p><small>{}</small><br><strong>{}</strong> - {}</p>",
            yearless(update, vendor),
            label(update.stage),
            escape(&update.text)
        )
    });
    notice.into_iter().chain(posts).collect()
}
