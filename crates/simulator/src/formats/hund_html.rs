//! A Hund.io status page: a bar for the page as a whole, groups with their components, and the past below.
//!
//! What is going on stands on pages of its own, whose markup is not publicly known.

use std::fmt::Write as _;

use super::codes::{Letters, code};
use super::markup::escape;
use super::times::seconds;
use crate::world::{Condition, Incident, Service, ServiceState, Truth, Vendor, Zone};

/// The home page.
pub(super) fn home(truth: &Truth<'_>) -> String {
    let worst = truth.worst();
    let past: String = truth.posted().filter(|incident| !incident.is_open()).map(event).collect();
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Status Page - {title}</title></head>
<body class="font-features">
<div class="container">
<aside class="{state} state-bar"><span class="status">{text}</span>
<span class="meta"><time datetime="{at}">{human}</time></span></aside>
<section class="groups">
{groups}</section>
<section class="history limited"><header class="inline"><h2>Recent History</h2></header>
<div class="events">
{past}</div></section>
<footer><div class="attribution"><a href="https://hund.io/">Powered By Hund.io</a></div></footer>
</div>
</body>
</html>
"#,
        title = escape(&truth.vendor.title),
        state = word(worst),
        text = if worst == Condition::Operational { "Operating Normally" } else { label(worst) },
        at = seconds(truth.updated_at, Zone::Utc),
        human = truth.updated_at.format("%b %-d, %Y %-l:%M %p UTC"),
        groups = groups(truth),
    )
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "operational",
        Condition::Maintenance => "maintenance",
        Condition::Degraded | Condition::PartialOutage => "degraded",
        Condition::MajorOutage => "outage",
    }
}

fn label(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "Operational",
        Condition::Maintenance => "Under Maintenance",
        Condition::Degraded | Condition::PartialOutage => "Degraded",
        Condition::MajorOutage => "Outage",
    }
}

/// The components in their groups, each group where its first component stands. Hund has no components without a group.
fn groups(truth: &Truth<'_>) -> String {
    let mut groups: Vec<(&str, Condition, String)> = Vec::new();
    for (service, state) in truth.services() {
        let name = service.group.as_deref().unwrap_or("Services");
        let item = item(truth.vendor, service, state);
        match groups.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, worst, items)) => {
                *worst = state.condition.max(*worst);
                items.push_str(&item);
            }
            None => groups.push((name, state.condition, item)),
        }
    }
    let mut html = String::new();
    for (name, worst, items) in groups {
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<section class=\"group\"><header><h2>{}</h2><span class=\"{} state\" title=\"{}\">{}</span></header>\n\
             {items}</section>\n",
            escape(name),
            word(worst),
            label(worst),
            label(worst)
        );
    }
    html
}

fn item(vendor: &Vendor, service: &Service, state: ServiceState) -> String {
    format!(
        "<div class=\"item clickable\"><div class=\"info\"><span class=\"name\">\
         <a href=\"/components/{id}\">{name}</a></span></div>\
         <div class=\"status\"><span class=\"{state} state icon\" title=\"{label}\"></span></div></div>\n",
        id = code(Letters::Hex, 24, &[&vendor.name, &service.id]),
        name = escape(&service.name),
        state = word(state.condition),
        label = label(state.condition),
    )
}

fn event(incident: &Incident) -> String {
    format!("<div class=\"event\"><h3>{}</h3></div>\n", escape(&incident.title))
}
