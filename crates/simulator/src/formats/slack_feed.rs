//! Slack's `feed/rss` and `feed/atom`: an item per incident, kept for long. The type is the title's first word, the state
//! is told by prose alone; in Atom each post has a time of day, RSS has the newest text. Work is told of once it runs.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::codes::{Letters, code};
use super::markup::escape;
use super::times::{in_zone, seconds};
use crate::world::{Condition, Incident, IncidentKind, Stage, Truth, Update, Zone};

/// The site that ids and links name, whatever the host that serves them.
const SITE: &str = "https://slack-status.com";

/// What happened before the timeline begins: the feed is never empty.
const PAST: (&str, &str, &str) =
    ("2025-11/3d1c5f0a9b7e2468", "Notice: Trouble at a provider of calls", "This issue is now resolved for all users.");

/// The RSS feed.
pub(super) fn rss(truth: &Truth<'_>) -> String {
    let items = told(truth).into_iter().map(|incident| {
        let post = incident.latest();
        let at = in_zone(post.at, Zone::Pacific).format("%a, %d %b %Y %H:%M:%S %z").to_string();
        item(&id(truth, incident), &title(incident), &escape(&text(incident, post)), &at)
    });
    let (id, title, text) = PAST;
    let past = item(id, title, text, "Mon, 03 Nov 2025 09:53:54 -0800");
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0">
  <channel>
    <title>Slack System Status</title>
    <link>{SITE}</link>
    <description>The latest on Slack</description>
{items}{past}  </channel>
</rss>
"#,
        items = items.collect::<String>(),
    )
}

/// The Atom feed.
pub(super) fn atom(truth: &Truth<'_>) -> String {
    let entries = told(truth).into_iter().map(|incident| {
        let posts = posts(incident).map(|post| {
            let clock = in_zone(post.at, Zone::Pacific).format("%-I:%M%P");
            // Also in summer it calls its zone so.
            format!("<p><small>{clock} PST</small> {}</p>", escape(&text(incident, post)))
        });
        entry(
            &id(truth, incident),
            &title(incident),
            &posts.collect::<String>(),
            began_at(incident),
            incident.latest().at,
        )
    });
    let entries: String = entries.collect();
    let (id, title, text) = PAST;
    let then = DateTime::from_timestamp(1_762_192_434, 0).unwrap_or_default();
    let past = entry(id, title, &format!("<p><small>9:53am PST</small> {text}</p>"), then, then);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<feed xml:lang="en-US" xmlns="http://www.w3.org/2005/Atom">
  <id>https://status.slack.com</id>
  <link rel="alternate" type="text/html" href="{SITE}"/>
  <title>Slack System Status</title>
  <updated>{updated}</updated>
{entries}{past}</feed>
"#,
        updated = seconds(truth.updated_at, Zone::Pacific),
    )
}

/// What is told, what was touched last first.
fn told<'t>(truth: &'t Truth<'_>) -> Vec<&'t Incident> {
    let mut told: Vec<_> = truth.events().filter(|incident| incident.stage() != Stage::Scheduled).collect();
    told.sort_by_key(|incident| Reverse(incident.latest().at));
    told
}

/// The posts but for the announcement of work.
fn posts(incident: &Incident) -> impl Iterator<Item = &Update> {
    incident.updates().filter(|post| post.stage != Stage::Scheduled)
}

fn began_at(incident: &Incident) -> DateTime<Utc> {
    posts(incident).next().map_or(incident.first.at, |post| post.at)
}

fn title(incident: &Incident) -> String {
    let condition = if incident.is_open() { incident.latest().condition } else { incident.worst() };
    let kind = match condition {
        Condition::Operational => "Notice",
        Condition::Maintenance => "Maintenance",
        Condition::Degraded | Condition::PartialOutage => "Incident",
        Condition::MajorOutage => "Outage",
    };
    format!("{kind}: {}", incident.title)
}

fn text(incident: &Incident, post: &Update) -> String {
    let end = match incident.kind {
        _ if !post.stage.is_over() => "",
        IncidentKind::Incident => " This issue is now resolved for all users.",
        IncidentKind::Maintenance => " The maintenance has been completed.",
    };
    format!("{}{end}", post.text)
}

/// The month and a code: `2026-01/6f029c99f2b77bcd`.
fn id(truth: &Truth<'_>, incident: &Incident) -> String {
    let month = in_zone(incident.first.at, Zone::Pacific).format("%Y-%m");
    format!("{month}/{}", code(Letters::Hex, 16, &[&truth.vendor.name, &incident.id]))
}

fn item(id: &str, title: &str, text: &str, at: &str) -> String {
    format!(
        r"    <item>
      <title>{title}</title>
      <description>{text}</description>
      <pubDate>{at}</pubDate>
      <link>{SITE}/{id}</link>
      <guid>{SITE}/{id}</guid>
    </item>
",
        title = escape(title),
    )
}

fn entry(id: &str, title: &str, html: &str, began: DateTime<Utc>, touched: DateTime<Utc>) -> String {
    format!(
        r#"  <entry>
    <id>{SITE}/{id}</id>
    <published>{began}</published>
    <updated>{touched}</updated>
    <link rel="alternate" type="text/html" href="{SITE}/{id}"/>
    <title>{title}</title>
    <content type="html">{html}</content>
  </entry>
"#,
        began = seconds(began, Zone::Pacific),
        touched = seconds(touched, Zone::Pacific),
        title = escape(title),
        html = escape(html),
    )
}
