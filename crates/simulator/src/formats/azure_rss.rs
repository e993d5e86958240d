//! Azure's status feed: what is open now, and nothing once it is over. Services and regions are categories side by side,
//! severity is not told, titles end in a space, and the link leads to the page at large.

use super::markup::escape;
use crate::world::{Incident, Service, Truth};

/// The page that every item links to.
const PAGE: &str = "https://azure.status.microsoft/en-us/status/";

/// The feed.
pub(super) fn feed(truth: &Truth<'_>) -> String {
    let items: String =
        truth.events().filter(|incident| incident.is_active()).map(|incident| item(truth, incident)).collect();
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<rss xmlns:a10="http://www.w3.org/2005/Atom"
  version="2.0">
  <channel>
    <title>Azure Status</title>
    <link>{PAGE}</link>
    <description>Azure Status</description>
    <language>en-us</language>
    <lastBuildDate>{}</lastBuildDate>
{items}  </channel>
</rss>
"#,
        bare_zone(truth.updated_at),
    )
}

/// What Azure calls the region that others call by this id.
pub fn azure_region(id: &str) -> &'static str {
    match id {
        "eu-west-1" => "North Europe",
        "us-east-1" => "East US",
        "us-west-2" => "West US 2",
        "ap-south-1" => "Central India",
        _ => "Public Non-Regional",
    }
}

fn item(truth: &Truth<'_>, incident: &Incident) -> String {
    let mut categories: Vec<&str> = Vec::new();
    let names = truth.concerned(incident).map(|service| service.name.as_str());
    for category in names.chain(truth.concerned(incident).filter_map(region)) {
        if !categories.contains(&category) {
            categories.push(category);
        }
    }
    let categories: Vec<_> =
        categories.into_iter().map(|category| format!("      <category>{}</category>\n", escape(category))).collect();
    format!(
        r#"    <item>
      <guid
        isPermaLink="false">{slug}</guid>
      <link>{PAGE}</link>
{categories}      <title>{title} </title>
      <description>{text}</description>
      <pubDate>{at}</pubDate>
    </item>
"#,
        slug = slug(&incident.title),
        categories = categories.concat(),
        title = escape(&incident.title),
        text = escape(&format!("<p>{}&nbsp;</p>", escape(&incident.latest().text))),
        at = bare_zone(incident.first.at),
    )
}

fn region(service: &Service) -> Option<&str> {
    service.region.as_ref().map(|region| azure_region(&region.id))
}

/// `Mon, 05 Jan 2026 08:00:00 Z`.
fn bare_zone(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S Z").to_string()
}

/// A title as a guid: used again when a title is.
fn slug(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}
