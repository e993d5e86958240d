//! The feed of one product on metastatus.com: what is open in it, with no word for how bad it is, and nothing else. What an
//! item looks like is not publicly known; this one has what any item has.

use super::codes::{Letters, code};
use super::markup::escape;
use super::times::rfc822;
use crate::world::{Incident, Truth};

/// The site that links name, whatever the host that serves them.
const SITE: &str = "https://metastatus.com";

/// The feed.
pub(super) fn feed(truth: &Truth<'_>) -> String {
    let product = &truth.vendor.name;
    let items: String =
        truth.events().filter(|incident| incident.is_active()).map(|incident| item(truth, incident)).collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
  <channel>
    <title>{title} Status</title>
    <link>{SITE}/{product}</link>
    <description>Open outage events</description>
    <atom:link href="{SITE}/outage-events-feed-{product}.rss" rel="self" type="application/rss+xml"/>
{items}  </channel>
</rss>
"#,
        title = escape(&truth.vendor.title),
    )
}

fn item(truth: &Truth<'_>, incident: &Incident) -> String {
    let product = &truth.vendor.name;
    format!(
        r#"    <item>
      <title>{title}</title>
      <description>{text}</description>
      <link>{SITE}/{product}</link>
      <guid isPermaLink="false">{id}</guid>
      <pubDate>{at}</pubDate>
    </item>
"#,
        title = escape(&incident.title),
        text = escape(&incident.latest().text),
        id = code(Letters::Decimal, 12, &[product, &incident.id]),
        at = rfc822(incident.first.at),
    )
}
