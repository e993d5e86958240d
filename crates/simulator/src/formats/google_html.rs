//! Google's Cloud Service Health page: a table of products and regions with an icon in each cell, under a legend that
//! has each icon once, and under banners in prose for what is going on.
//!
//! Class names begin with letters that change with each build of the page. Google knows no planned work: what runs is
//! told as a disruption.

use super::markup::escape;
use super::matrix::Matrix;
use crate::world::{Condition, Incident, Region, Truth};

/// The page of a part of the world.
pub(super) fn health(truth: &Truth<'_>) -> String {
    let matrix = Matrix::of(truth);
    let legend: String = LEGEND.iter().map(explained).collect();
    let columns: String = matrix.regions.iter().map(|region| column(*region)).collect();
    let rows: String = matrix.rows.iter().map(|(name, cells)| row(name, cells)).collect();
    let open = truth.posted().filter(|incident| incident.is_active());
    let banners: String = open.map(banner).collect();
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title} Service Health</title></head>
<body>
<main><h1 class="dashboard-header">Service Health</h1>
{banners}<psd-regional-table class="j2GwV__regional-table-component">
<ul class="nqqp3__service-status-documentation">
{legend}</ul>
<table class="j2GwV__regional-table">
<thead class="j2GwV__header"><tr><th class="j2GwV__product" scope="col">Products</th>{columns}</tr></thead>
<tbody>
{rows}</tbody>
</table>
</psd-regional-table>
<div class="vELTx__footer"><p>Last updated: {updated}</p></div>
</main>
</body>
</html>
"#,
        title = escape(&truth.vendor.title),
        updated = truth.updated_at.format("%Y-%m-%d %H:%M:%S UTC"),
    )
}

/// What each icon means, by its class.
const LEGEND: [(&str, &str); 4] = [
    ("available", "Available"),
    ("information", "Service information"),
    ("disruption", "Service disruption"),
    ("outage", "Service outage"),
];

fn explained((state, text): &(&str, &str)) -> String {
    format!("<li>{}<span>{text}</span></li>\n", icon(state))
}

fn word(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "available",
        Condition::Maintenance | Condition::Degraded | Condition::PartialOutage => "disruption",
        Condition::MajorOutage => "outage",
    }
}

fn icon(state: &str) -> String {
    format!(
        "<psd-status-icon class=\"pnUqZ__status-icon\"><svg class=\"pnUqZ__status-icon pnUqZ__{state}\" height=\"18\">\
         </svg></psd-status-icon>"
    )
}

fn column(region: Option<&Region>) -> String {
    let (id, name) = region.map_or(("global", "Global"), |region| (&region.id, &region.name));
    format!(
        "<th class=\"j2GwV__location\" scope=\"col\"><span class=\"gnzuT__location-id\">{}</span>\
         <span class=\"gnzuT__location-name\">{}</span></th>",
        escape(id),
        escape(name)
    )
}

/// A product's row: the cells of regions that do not have it are empty.
fn row(name: &str, cells: &[Option<Condition>]) -> String {
    let cell = |condition: &Option<Condition>| {
        let icon = condition.map(|condition| icon(word(condition))).unwrap_or_default();
        format!("<td class=\"j2GwV__cell\"> {icon} </td>")
    };
    let cells: String = cells.iter().map(cell).collect();
    format!("<tr><th class=\"j2GwV__product\">{}</th>{cells}</tr>\n", escape(name))
}

fn banner(incident: &Incident) -> String {
    let (title, text) = (escape(&incident.title), escape(&incident.latest().text));
    format!("<div class=\"lQjRv__banner-container banner\"><p>{title}. {text}</p></div>\n")
}
