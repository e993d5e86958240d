//! Zscaler's cloud status: services whose own `status` is always `true`, the events that concern each now and those of
//! the last days, and a legend of how bad events may be.
//!
//! Zscaler has no word for planned work: what runs is told as a degradation, what is only scheduled is left out.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::codes::{Letters, code};
use super::markup::escape;
use super::times::http;
use crate::world::{Condition, Incident, Service, ServiceState, Stage, Truth, Update};

/// The status of a cloud.
pub(super) fn cloud_status(truth: &Truth<'_>) -> String {
    let days = |days| (truth.updated_at - TimeDelta::days(days)).format("%Y-%m-%d");
    let rows = truth.services().enumerate();
    json!({
        "auth": { "status": "loggedOut", "user": [] },
        "data": {
            "start_date": format!("{} 00:00:00", days(6)),
            "end_date": format!("{} 23:59:59", days(0)),
            "page_number": 0,
            "severity": legend(),
            "category": [{
                "title": "all",
                "tid": "core_cloud_services",
                "subscribed": 0,
                "subCategory": rows.map(|(place, (service, state))| row(truth, place, service, state)).collect::<Vec<_>>(),
            }],
        },
    })
    .to_string()
}

fn legend() -> Value {
    let entry = |tid, name, visible| json!({ "tid": tid, "name": name, "visible": visible, "show_legend": visible });
    json!([
        entry("17", "Under Investigation", "0"),
        entry("20", "Service Disruption", "1"),
        entry("19", "Service Degradation", "1"),
        entry("1356", "Informational", "0"),
        entry("1361", "No Service Impact", "0"),
        entry("641", "Security Advisory", "0"),
    ])
}

fn severity(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "1361",
        Condition::Maintenance | Condition::Degraded | Condition::PartialOutage => "19",
        Condition::MajorOutage => "20",
    }
}

fn row(truth: &Truth<'_>, place: usize, service: &Service, state: ServiceState) -> Value {
    let tid = code(Letters::Decimal, 8, &[&truth.vendor.name, &service.id]);
    let mut row =
        json!({ "tid": tid, "name": service.name, "weight": "0", "info": null, "subscribed": "0", "status": true });
    let told = || truth.events().filter(|one| one.services.contains(&place) && one.stage() != Stage::Scheduled);
    let current: Vec<_> = told()
        .filter(|incident| incident.is_active())
        .map(|incident| {
            let mut event = event(truth, incident, severity(state.condition));
            event["id"] = post(truth, incident).into();
            event["tid"] = tid.as_str().into();
            event["ri_date"] = incident.first.at.format("%Y-%m-%d %H:%M:%S").to_string().into();
            event
        })
        .collect();
    let mut issues: Vec<_> = told()
        .map(|incident| {
            let condition = if incident.is_open() { state.condition } else { incident.worst() };
            let mut event = event(truth, incident, severity(condition));
            if let Some(end) = incident.ended_at() {
                event["to"] = utc(end).into();
            }
            event
        })
        .collect();
    issues.reverse();
    if !current.is_empty() {
        row["category_status"] = current.into();
    }
    if !issues.is_empty() {
        row["issues"] = issues.into();
    }
    row
}

/// The number of the post about an incident.
fn post(truth: &Truth<'_>, incident: &Incident) -> String {
    code(Letters::Decimal, 8, &[&truth.vendor.name, &incident.id])
}

fn event(truth: &Truth<'_>, incident: &Incident, severity: &str) -> Value {
    json!({
        "title": incident.title,
        "short_description": incident.first.text,
        "description": description(incident),
        "alias": format!("/posts/{}", post(truth, incident)),
        "severityTid": severity,
        "status": if incident.is_open() { "In Progress" } else { "Resolved" },
        "from": utc(incident.first.at),
    })
}

/// The first post, the latest update, then all updates.
fn description(incident: &Incident) -> String {
    let said = |update: &Update, intro: &str| {
        let (at, text) = (utc(update.at), escape(&update.text));
        format!("<p class=\"zs-update\">{intro}<span class=\"report-time\">{at}</span></p><p>{text}</p>")
    };
    let latest = incident.later.last().map_or_else(String::new, |update| {
        format!("<div class=\"latest-update\">{}</div>", said(update, "<strong>Latest Update - </strong>"))
    });
    let updates = incident.later.iter().zip(1..).map(|(update, number)| {
        format!("<div class=\"update-list update-{number}\">{}</div>", said(update, "Update - "))
    });
    format!(
        "<div id=\"post_body_wrapper_main\"><div id=\"post_body_wrapper\"><p class=\"post_body\" id=\"post_body\">{}</p></div>\
         {latest}<div class=\"post-updates\" id=\"post-updates\">{}</div></div>",
        escape(&incident.first.text),
        updates.collect::<String>()
    )
}

/// `Mon, 10 Aug 2026 12:50:00 UTC`.
fn utc(at: chrono::DateTime<chrono::Utc>) -> String {
    http(at).replace("GMT", "UTC")
}
