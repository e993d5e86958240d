//! Google Cloud's `feed.atom`: an entry per post, newest first; products and locations stand at the end of the prose,
//! times in it are US/Pacific, and severity is prose only. Planned work that runs is told as an incident.

use std::cmp::Reverse;

use chrono::{DateTime, Datelike, Utc};

use super::codes::{Letters, code, post_code};
use super::markup::escape;
use super::times::{in_zone, offset};
use crate::world::{Condition, Incident, Stage, Truth, Update, Zone};

/// The host that ids and links name, whatever the host that serves them.
const HOST: &str = "status.cloud.google.com";

/// The feed.
pub(super) fn feed(truth: &Truth<'_>) -> String {
    let told = truth.events().filter(|incident| incident.stage() != Stage::Scheduled);
    let mut entries: Vec<(DateTime<Utc>, String)> = Vec::new();
    for incident in told {
        let mut posts: Vec<_> = incident
            .updates()
            .enumerate()
            .filter(|(_, update)| update.stage != Stage::Scheduled)
            .map(|(place, update)| (update.at, entry(truth, incident, place, update)))
            .collect();
        posts.reverse();
        entries.extend(posts);
    }
    // Stable: posts of one incident that were made at the same time stay newest first.
    entries.sort_by_key(|(at, _)| Reverse(*at));
    let updated = entries.first().map_or(truth.updated_at, |(at, _)| *at);
    let entries: String = entries.into_iter().map(|(_, entry)| entry).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <title>{title} Service Health Updates</title><updated>{updated}</updated>
  <link href="https://{HOST}/" rel="alternate" type="text/html"></link>
  <link href="https://{HOST}/en/feed.atom" rel="self"></link>
  <author>
    <name>{title}</name>
  </author>
  <id>https://{HOST}/</id>
{entries}</feed>
"#,
        title = escape(&truth.vendor.title),
        updated = offset(updated),
    )
}

fn entry(truth: &Truth<'_>, incident: &Incident, place: usize, update: &Update) -> String {
    let vendor = truth.vendor;
    let regions: Vec<_> =
        distinct(truth.concerned(incident).filter_map(|one| one.region.as_ref().map(|region| region.id.as_str())));
    let place_names = if regions.is_empty() { "Global".to_owned() } else { regions.join(", ") };
    let mark = match place {
        _ if update.stage.is_over() => "RESOLVED: ",
        0 => "",
        _ => "UPDATE: ",
    };
    let id = code(Letters::Mixed, 20, &[&vendor.name, &incident.id]);
    format!(
        r#"  <entry>
    <title>{title}</title>
    <link href="https://{HOST}/incidents/{id}" rel="alternate" type="text/html"></link>
    <id>tag:{HOST},{year}:feed:{id}.{post}</id>
    <updated>{at}</updated>
    <summary type="html">{summary}</summary>
  </entry>
"#,
        title = escape(&format!("{mark}{place_names}: {}", incident.title)),
        year = incident.first.at.year(),
        post = post_code(Letters::Mixed, 20, vendor, incident, place),
        at = offset(update.at),
        summary = escape(&summary(truth, incident, update)),
    )
}

fn summary(truth: &Truth<'_>, incident: &Incident, update: &Update) -> String {
    let pacific = |at| in_zone(at, Zone::Pacific).format("%Y-%m-%d %H:%M");
    let begin = format!("Incident began at <strong>{}</strong>", pacific(incident.first.at));
    let span = if update.stage.is_over() {
        format!("{begin} and ended at <strong>{}</strong>", pacific(update.at))
    } else {
        begin
    };
    let severity = match incident.worst() {
        Condition::MajorOutage => "service outage",
        Condition::Operational => "service information",
        _ => "service disruption",
    };
    let products = distinct(truth.concerned(incident).map(|service| &service.name));
    let locations = distinct(truth.concerned(incident).filter_map(|service| service.region.as_ref()));
    let locations: Vec<_> = locations.iter().map(|region| format!("{} ({})", region.name, region.id)).collect();
    let locations = if locations.is_empty() { "Global".to_owned() } else { locations.join(", ") };
    format!(
        "<p> {span} <span>(all times are <strong>US/Pacific</strong>).</span></p>\
         <div class=\"aZb3__status-update-text\"><p>{} This is a {severity}.</p></div><hr>\
         <p>Affected products: {}</p><p>Affected locations: {}</p>",
        escape(&update.text),
        products.iter().map(|name| escape(name)).collect::<Vec<_>>().join(", "),
        escape(&locations),
    )
}

/// Each once, in order.
fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut distinct = Vec::new();
    for one in all {
        if !distinct.contains(&one) {
            distinct.push(one);
        }
    }
    distinct
}
