//! An Atlassian Statuspage home page.
//!
//! The banner `.page-status` is there only while no incident is unresolved. The legend prints every state, and the past
//! incidents stand below, as on the real pages: a reader must not search the text.

use std::fmt::Write as _;

use super::markup::escape;
use super::statuspage::{component_id, group_id, groups, impact, incident_id, overall, word};
use super::times::{abbreviation, in_zone};
use crate::world::{Condition, Incident, IncidentKind, Service, ServiceState, Stage, Truth, Update, Vendor};

/// The home page.
pub(super) fn home(truth: &Truth<'_>) -> String {
    let vendor = truth.vendor;
    let overall = overall(truth);
    let unresolved: Vec<_> = posted(truth, IncidentKind::Incident).filter(|incident| incident.is_open()).collect();
    let banner = if unresolved.is_empty() {
        format!(
            "<div class=\"page-status status-{}\"><span class=\"status font-large\">\n  {}\n</span></div>",
            overall.indicator, overall.description
        )
    } else {
        let rows: String = unresolved.iter().map(|incident| unresolved_incident(vendor, incident)).collect();
        format!("<div class=\"unresolved-incidents\">\n{rows}</div>")
    };
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{title} Status</title>
  <meta name="issued" content="{issued}">
</head>
<body class="status index status-{indicator}">
<div class="layout-content status status-index premium">
<div class="masthead"><span class="page-name"><a href="{home}">{title}</a></span></div>
<div class="container">
{banner}
<div class="components-section font-regular">
  <i class="component-status hidden major_outage"></i>
  <div class="components-container one-column">
{components}  </div>
  <div class="component-statuses-legend font-small">
    <div class="legend-item status-green">Operational</div>
    <div class="legend-item status-yellow">Degraded Performance</div>
    <div class="legend-item status-orange">Partial Outage</div>
    <div class="legend-item status-red">Major Outage</div>
    <div class="legend-item status-blue">Maintenance</div>
  </div>
</div>
{scheduled}<div class="incidents-list format-expanded">
{past}</div>
</div>
</div>
</body>
</html>
"#,
        title = escape(&vendor.title),
        issued = truth.updated_at.timestamp(),
        indicator = overall.indicator,
        home = escape(&vendor.home()),
        components = components(truth),
        scheduled = scheduled(truth),
        past = past(truth),
    )
}

fn posted<'t>(truth: &'t Truth<'_>, kind: IncidentKind) -> impl Iterator<Item = &'t Incident> {
    truth.posted().filter(move |incident| incident.kind == kind)
}

fn colour(condition: Condition) -> (&'static str, &'static str) {
    match condition {
        Condition::Operational => ("green", "Operational"),
        Condition::Maintenance => ("blue", "Under Maintenance"),
        Condition::Degraded => ("yellow", "Degraded Performance"),
        Condition::PartialOutage => ("orange", "Partial Outage"),
        Condition::MajorOutage => ("red", "Major Outage"),
    }
}

/// Components in their order; a group stands where its first child would.
fn components(truth: &Truth<'_>) -> String {
    let vendor = truth.vendor;
    let mut groups = groups(truth).into_iter();
    let mut shown: Vec<&str> = Vec::new();
    let mut html = String::new();
    for (service, state) in truth.services() {
        match service.group.as_deref() {
            Some(name) if shown.contains(&name) => {}
            Some(name) => {
                shown.push(name);
                if let Some((name, children)) = groups.next() {
                    html.push_str(&group(vendor, name, &children));
                }
            }
            None => {
                let inner = component(&component_id(vendor, service), &escape(&service.name), state.condition);
                // Writing to a String cannot fail.
                let _ = write!(html, "<div class=\"component-container border-color\">\n{inner}</div>\n");
            }
        }
    }
    html
}

fn group(vendor: &Vendor, name: &str, children: &[(&Service, ServiceState)]) -> String {
    let worst = children.iter().map(|(_, state)| state.condition).max().unwrap_or_default();
    let head = format!(
        "<span class=\"fa group-parent-indicator color-secondary\"></span>\n    <span>\n      {}\n    </span>",
        escape(name)
    );
    let head = component(&group_id(vendor, name), &head, worst);
    let children: String = children
        .iter()
        .map(|(child, state)| component(&component_id(vendor, child), &escape(&child.name), state.condition))
        .collect();
    format!(
        "<div class=\"component-container border-color is-group open\">\n{head}<div class=\"child-components-container\">\n\
         {children}</div>\n</div>\n"
    )
}

fn component(id: &str, name: &str, condition: Condition) -> String {
    let (colour, text) = colour(condition);
    let word = word(condition);
    format!(
        r#"<div data-component-id="{id}"
     class="component-inner-container status-{colour} "
     data-component-status="{word}">
  <span class="name">
    {name}
  </span>
  <span class="component-status " title="">
    {text}
  </span>
</div>
"#
    )
}

fn unresolved_incident(vendor: &Vendor, incident: &Incident) -> String {
    format!(
        "<div class=\"unresolved-incident impact-{}\">\n<div class=\"incident-title font-large\">{}</div>\n\
         <div class=\"updates font-regular\">\n{}</div>\n</div>\n",
        impact(incident),
        link(vendor, incident, "actual-title with-ellipsis"),
        updates(vendor, incident),
    )
}

fn scheduled(truth: &Truth<'_>) -> String {
    let open = posted(truth, IncidentKind::Maintenance).filter(|incident| incident.is_open());
    let rows: String = open.map(|incident| scheduled_incident(truth.vendor, incident)).collect();
    if rows.is_empty() { rows } else { format!("<div class=\"scheduled-incidents-container\">\n{rows}</div>\n") }
}

fn scheduled_incident(vendor: &Vendor, incident: &Incident) -> String {
    format!(
        "<div class=\"scheduled-incident impact-maintenance\">\n<div class=\"incident-title\">{}</div>\n\
         <div class=\"updates-container\">\n{}</div>\n</div>\n",
        link(vendor, incident, ""),
        updates(vendor, incident),
    )
}

fn past(truth: &Truth<'_>) -> String {
    let vendor = truth.vendor;
    let closed: Vec<_> = truth.posted().filter(|incident| !incident.is_open()).collect();
    if closed.is_empty() {
        return "<div class=\"status-day no-incidents\"><p class=\"color-secondary\">No incidents reported.</p></div>\n"
            .to_owned();
    }
    closed.into_iter().map(|incident| past_incident(vendor, incident)).collect()
}

fn past_incident(vendor: &Vendor, incident: &Incident) -> String {
    format!(
        "<div class=\"status-day font-regular\"><div class=\"date\">{}</div>\n<div class=\"incident-container\">\n\
         <div class=\"incident-title impact-{}\">{}</div>\n<div class=\"updates-container\">\n{}</div>\n</div></div>\n",
        in_zone(incident.first.at, vendor.zone).format("%b %-d, %Y"),
        impact(incident),
        link(vendor, incident, ""),
        updates(vendor, incident),
    )
}

fn link(vendor: &Vendor, incident: &Incident, class: &str) -> String {
    let id = incident_id(vendor, incident);
    format!("<a class=\"{class}\" href=\"/incidents/{id}\">{}</a>", escape(&incident.title))
}

/// The posts, newest first; their times lack the year.
fn updates(vendor: &Vendor, incident: &Incident) -> String {
    let post = |update: &Update| {
        format!(
            "<div class=\"update {}\"><strong>{}</strong> - {}<br>\n<small>{}</small></div>\n",
            super::statuspage::stage(update.stage),
            label(update.stage),
            escape(&update.text),
            yearless(update, vendor)
        )
    };
    incident.updates().rev().map(post).collect()
}

/// The label of a post.
pub(super) fn label(stage: Stage) -> &'static str {
    match stage {
        Stage::Investigating => "Investigating",
        Stage::Identified => "Identified",
        Stage::Monitoring => "Monitoring",
        Stage::Resolved => "Resolved",
        Stage::Scheduled => "Scheduled",
        Stage::InProgress => "In progress",
        Stage::Completed => "Completed",
    }
}

/// `Jan <var data-var='date'> 5</var>, <var data-var='time'>08:00</var> UTC`.
pub(super) fn yearless(update: &Update, vendor: &Vendor) -> String {
    let local = in_zone(update.at, vendor.zone);
    format!(
        "{} <var data-var='date'>{}</var>, <var data-var='time'>{}</var> {}",
        local.format("%b"),
        local.format("%e"),
        local.format("%H:%M"),
        abbreviation(update.at, vendor.zone)
    )
}
