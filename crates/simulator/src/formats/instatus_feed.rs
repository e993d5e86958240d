//! Instatus' `history.rss` and `history.atom`: an item per incident or maintenance, dated by its start, its posts oldest
//! first and run together on one line in RSS. Severity is not told. A maintenance is `Identified` before and while it runs.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::codes::{Letters, code};
use super::markup::{cdata, escape};
use super::times::{offset, rfc822};
use crate::world::{Incident, IncidentKind, Stage, Truth, Update};

/// The RSS feed.
pub(super) fn rss(truth: &Truth<'_>) -> String {
    let items: String = by_start(truth).into_iter().map(|(start, incident)| item(truth, start, incident)).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
  <channel>
    <title>{title} Status - Incident history</title>
    <link>{home}</link>
    <description>{title}</description>
    <pubDate>{updated}</pubDate>
{items}</channel>
</rss>
"#,
        title = escape(&truth.vendor.title),
        home = truth.vendor.home(),
        updated = rfc822(truth.updated_at),
    )
}

/// The Atom feed.
pub(super) fn atom(truth: &Truth<'_>) -> String {
    let host = host(truth);
    let entries = by_start(truth).into_iter().map(|(start, incident)| entry(truth, start, incident));
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<feed xml:lang="en-US" xmlns="http://www.w3.org/2005/Atom">
  <id>tag:{host},2005:/history</id>
  <link rel="alternate" type="text/html" href="{home}"/>
  <link rel="self" type="application/atom+xml" href="{home}/history.atom"/>
  <title>{title} Status - Incident history</title>
  <updated>{updated}</updated>
{entries}</feed>
"#,
        home = truth.vendor.home(),
        title = escape(&truth.vendor.title),
        updated = offset(truth.updated_at),
        entries = entries.collect::<String>(),
    )
}

/// What was posted, by its start (which may lie ahead), the latest first.
fn by_start<'t>(truth: &'t Truth<'_>) -> Vec<(DateTime<Utc>, &'t Incident)> {
    let start = |incident: &Incident| incident.window.map_or(incident.first.at, |(begin, _)| begin);
    let mut items: Vec<_> = truth.events().map(|incident| (start(incident), incident)).collect();
    items.sort_by_key(|(start, _)| Reverse(*start));
    items
}

fn item(truth: &Truth<'_>, start: DateTime<Utc>, incident: &Incident) -> String {
    let (kind, id) = (kind(incident), id(truth, incident));
    let link = format!("{}/{}/{id}", truth.vendor.home(), kind.to_lowercase());
    let posts = incident.updates().map(|post| format!("{} - {} - {} ", date(post), label(incident, post), post.text));
    // The names got lost on the way, the commas did not; and half of the tags are escaped.
    let lost = truth.concerned(incident).map(|_| "").collect::<Vec<_>>().join(", ");
    let html: String = incident.updates().map(|post| escape(&block(incident, post))).collect();
    let html = format!(
        "<p><strong>Type:</strong> {kind}</p>\n    <p><strong>Affected Components:</strong> {lost}</p>\n    {html}"
    );
    format!(
        r"<item>
  <title>{title}</title>
  <description>
    Type: {kind}
    Duration: {minutes} minutes

    Affected Components: {components}
    {posts}
  </description>
  <content:encoded>
    {html}
  </content:encoded>
  <pubDate>{published}</pubDate>
  <link>{link}</link>
  <guid>{link}</guid>
</item>
",
        title = escape(&incident.title),
        minutes = (incident.latest().at - incident.first.at).num_minutes(),
        components = escape(&components(truth, incident)),
        posts = escape(&posts.collect::<String>()),
        html = cdata(&html),
        published = rfc822(start),
    )
}

fn entry(truth: &Truth<'_>, start: DateTime<Utc>, incident: &Incident) -> String {
    let (kind, id) = (kind(incident), id(truth, incident));
    let blocks: String = incident.updates().map(|post| block(incident, post)).collect();
    let html = format!(
        "<p><strong>Type:</strong> {kind}</p>\n<p><strong>Affected Components:</strong> {}</p>\n{blocks}",
        escape(&components(truth, incident))
    );
    format!(
        r#"  <entry>
    <id>tag:{host},2005:{kind}/{id}</id>
    <published>{published}</published>
    <updated>{updated}</updated>
    <link rel="alternate" type="text/html" href="{home}/{section}/{id}"/>
    <title>{title}</title>
    <content type="html">{html}</content>
  </entry>
"#,
        host = host(truth),
        published = offset(start),
        updated = offset(incident.latest().at),
        home = truth.vendor.home(),
        section = kind.to_lowercase(),
        title = escape(&incident.title),
        html = cdata(&html),
    )
}

/// One post as markup: a full stop is put after its text, also if it has one.
fn block(incident: &Incident, post: &Update) -> String {
    format!(
        "<p><small>{} <var data-var='date'> {}</var>, <var data-var='time'>{}</var> GMT+0</small><br />\
         <strong>{}</strong> -\n  {}.</p>\n",
        post.at.format("%b"),
        post.at.format("%-d"),
        post.at.format("%H:%M:%S"),
        label(incident, post),
        escape(&post.text),
    )
}

fn date(post: &Update) -> String {
    post.at.format("%b %-d, %H:%M:%S GMT+0").to_string()
}

fn label(incident: &Incident, post: &Update) -> &'static str {
    match post.stage {
        Stage::Investigating => "Investigating",
        Stage::Identified | Stage::Scheduled | Stage::InProgress => "Identified",
        Stage::Monitoring => "Monitoring",
        Stage::Resolved | Stage::Completed if incident.kind == IncidentKind::Maintenance => "Completed",
        Stage::Resolved | Stage::Completed => "Resolved",
    }
}

fn kind(incident: &Incident) -> &'static str {
    match incident.kind {
        IncidentKind::Incident => "Incident",
        IncidentKind::Maintenance => "Maintenance",
    }
}

fn id(truth: &Truth<'_>, incident: &Incident) -> String {
    format!("c{}", code(Letters::Small, 24, &[&truth.vendor.name, &incident.id]))
}

fn components(truth: &Truth<'_>, incident: &Incident) -> String {
    truth.concerned(incident).map(|service| service.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn host(truth: &Truth<'_>) -> String {
    format!("status.{}.example", truth.vendor.name)
}
