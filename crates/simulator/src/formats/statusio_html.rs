//! A status.io page, after what is publicly known of its markup.

use std::fmt::Write as _;

use super::codes::{Letters, code};
use super::markup::escape;
use super::statuspage_html::label;
use crate::world::{Condition, Incident, IncidentKind, Truth, Update, Vendor};

/// The home page.
pub(super) fn home(truth: &Truth<'_>) -> String {
    let title = escape(&truth.vendor.title);
    let (colour, text) = bar(truth);
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{title} Status</title>
  <meta name="generator" content="Status.io">
</head>
<body>
<div class="container">
<div id="statusio_status_bar" class="panel top_bar" style="background-color: {colour};">
  <div class="row"><div class="col-md-8"><strong id="statusbar_text">{text}</strong></div>
  <div class="col-md-4"><span id="updated_ago" class="pull-right"></span></div></div>
</div>
{incidents}<div id="statusio_components" class="panel">
{components}</div>
<div id="statusio_external_services"><div class="row"><i class="fa fa-check"></i> Payment Provider</div></div>
</div>
</body>
</html>
"#,
        incidents = incidents(truth),
        components = components(truth),
    )
}

/// The bar on top: an incident that is open says nothing of its severity there.
fn bar(truth: &Truth<'_>) -> (&'static str, &'static str) {
    if truth.posted().any(|incident| incident.kind == IncidentKind::Incident && incident.is_open()) {
        return ("#E67E22", "Active Incident");
    }
    match truth.worst() {
        Condition::Operational => (colour(Condition::Operational), "All Systems Operational"),
        worst => (colour(worst), text(worst)),
    }
}

fn colour(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "#27AE60",
        Condition::Maintenance => "#00AAF0",
        Condition::Degraded => "#FFA837",
        Condition::PartialOutage => "#FFA800",
        Condition::MajorOutage => "#C44031",
    }
}

/// The word for a condition.
pub(super) fn text(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "Operational",
        Condition::Maintenance => "Planned Maintenance",
        Condition::Degraded => "Degraded Performance",
        Condition::PartialOutage => "Partial Service Disruption",
        Condition::MajorOutage => "Service Disruption",
    }
}

fn components(truth: &Truth<'_>) -> String {
    let last = truth.vendor.services.len().saturating_sub(1);
    let mut html = String::new();
    for (place, (service, state)) in truth.services().enumerate() {
        let position = match place {
            0 => "component_first",
            _ if place == last => "component_last",
            _ => "component_middle",
        };
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            r#"<div class="row"><div class="col-md-12"><div class="component {position} status_td" style="color: {colour};">
  <p class="component_name">{name}</p>
  <p class="pull-right component-status">{text}</p>
</div></div></div>
"#,
            name = escape(&service.name),
            colour = colour(state.condition),
            text = text(state.condition),
        );
    }
    html
}

fn incidents(truth: &Truth<'_>) -> String {
    truth.posted().filter(|incident| incident.is_active()).map(|incident| panel(truth, incident)).collect()
}

fn panel(truth: &Truth<'_>, incident: &Incident) -> String {
    let Vendor { name, .. } = truth.vendor;
    let section = match incident.kind {
        IncidentKind::Incident => "incident",
        IncidentKind::Maintenance => "maintenance",
    };
    let page = code(Letters::Hex, 24, &[name]);
    let id = code(Letters::Hex, 24, &[name, &incident.id]);
    let named: Vec<_> = truth.concerned(incident).map(|service| escape(&service.name)).collect();
    let updates: String = incident.updates().rev().map(post).collect();
    format!(
        r#"<div class="panel"><div class="panel-heading make_round" style="background-color: {colour};">
  <div class="panel-title"><h5 class="white"><a href="/pages/{section}/{page}/{id}">{title}</a></h5></div></div>
<div class="panel-body">
  <strong class="event_inner_title">Incident Status</strong> <p class="event_inner_text">{status}</p>
  <strong class="event_inner_title">Components</strong> <p class="event_inner_text">{components}</p>
  <strong class="event_inner_title">Locations</strong> <p class="event_inner_text">Main Hosting</p>
{updates}</div></div>
"#,
        colour = colour(incident.latest().condition),
        title = escape(&incident.title),
        status = text(incident.latest().condition),
        components = named.join(", "),
    )
}

fn post(update: &Update) -> String {
    format!(
        "<p class=\"incident_time\">{}</p>\n<p><strong>{}</strong> {}</p>\n",
        update.at.format("%B %-d, %Y %H:%M UTC"),
        label(update.stage),
        escape(&update.text)
    )
}
