//! xAI's `feed.xml`: all of its history, an item per incident and component, its posts newest first. State and severity
//! stand in the body and again as categories, in either order. Work is told of once it runs.

use std::cmp::Reverse;

use super::codes::{Letters, code};
use super::markup::{cdata, escape};
use super::times::http;
use crate::world::{Condition, Incident, Service, Stage, Truth, Update};

/// The site that links name, whatever the host that serves them.
const SITE: &str = "https://status.x.ai";

/// When everything failed for once, before the timeline begins: the feed is never empty.
const PAST: &str = "Fri, 24 Oct 2025 17:20:00 GMT";

/// The feed.
pub(super) fn feed(truth: &Truth<'_>) -> String {
    let mut told: Vec<_> = truth.events().filter(|incident| incident.stage() != Stage::Scheduled).collect();
    told.sort_by_key(|incident| Reverse(incident.first.at));
    let items = told.into_iter().flat_map(|incident| {
        truth.concerned(incident).map(move |service| item(truth, incident, service)).collect::<Vec<_>>()
    });
    let past = truth.vendor.services.iter().map(|service| past(truth, service));
    format!(
        r#"<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
  <channel>
    <title>xAI System Status</title>
    <link>{SITE}</link>
    <description>Current status and incident history of xAI's services and systems</description>
    <atom:link href="{SITE}/feed.xml" rel="self" type="application/rss+xml" />
    <lastBuildDate>{}</lastBuildDate>
    <ttl>30</ttl>
{}  </channel>
</rss>
"#,
        http(truth.updated_at),
        items.chain(past).collect::<String>(),
    )
}

fn item(truth: &Truth<'_>, incident: &Incident, service: &Service) -> String {
    let latest = incident.latest();
    let is_over = latest.stage.is_over();
    let severity = match latest.condition {
        _ if is_over => "available",
        Condition::Operational => "info",
        Condition::Maintenance => "maintenance",
        Condition::Degraded => "degraded",
        Condition::PartialOutage => "disruption",
        Condition::MajorOutage => "outage",
    };
    let state = if is_over { "resolved" } else { "active" };
    let resolved = if is_over { format!("<p>Resolved: {}</p>\n", http(latest.at)) } else { String::new() };
    let posts = incident.updates().rev().filter(|post| post.stage != Stage::Scheduled);
    let head = head(state, severity, &resolved);
    let body = format!("{head}{}", posts.map(block).collect::<String>());
    let id = code(Letters::Hex, 8, &[&truth.vendor.name, &incident.id, &service.id]);
    entry(service, &incident.title, &id, &body, &http(incident.first.at), [severity, state])
}

fn past(truth: &Truth<'_>, service: &Service) -> String {
    let resolved = format!("<p>Resolved: {PAST}</p>\n");
    let post = format!("<div>\n<p><strong>{PAST}</strong></p>\n<h3>Resolved</h3>\n<p>All is well again.</p>\n</div>\n");
    let body = format!("{}{post}", head("resolved", "available", &resolved));
    let id = code(Letters::Hex, 8, &[&truth.vendor.name, &service.id]);
    entry(service, "A bad day", &id, &body, PAST, ["resolved", "available"])
}

fn head(state: &str, severity: &str, resolved: &str) -> String {
    let state = state.to_uppercase();
    format!("\n<h3>Status: {state}</h3>\n<p>Severity: {severity}</p>\n{resolved}<hr />\n<h4>Updates:</h4>\n")
}

fn block(post: &Update) -> String {
    let word = match post.stage {
        Stage::Investigating | Stage::Scheduled | Stage::InProgress => "Investigating",
        Stage::Identified => "Identified",
        Stage::Monitoring => "Monitoring",
        Stage::Resolved | Stage::Completed => "Resolved",
    };
    let (at, text) = (http(post.at), escape(&post.text));
    format!("<div>\n<p><strong>{at}</strong></p>\n<h3>{word}</h3>\n<p>{text}</p>\n</div>\n")
}

/// One item: the component in the title's brackets with the host of its region, its id in the link.
fn entry(service: &Service, title: &str, id: &str, body: &str, at: &str, categories: [&str; 2]) -> String {
    let component = match &service.region {
        Some(region) => format!("{} ({}.api.x.ai)", service.name, region.id),
        None => service.name.clone(),
    };
    let [one, other] = categories;
    format!(
        r#"    <item>
      <title>{title}</title>
      <link>{SITE}/{part}/INC{id}</link>
      <guid isPermaLink="false">INC{id}</guid>
      <description>{body}</description>
      <pubDate>{at}</pubDate>
      <category>{one}</category>
      <category>{other}</category>
    </item>
"#,
        title = escape(&format!("[{component}] {title}")),
        part = escape(&service.id),
        body = cdata(body),
    )
}
