//! The Azure status page: a matrix of products and regions, with a twin of its headings, and a row for each open event.
//!
//! Azure has no word for planned work: it is told as information. What a row of an open event looks like inside is not
//! publicly known, beyond that it holds text.

use super::markup::escape;
use super::matrix::Matrix;
use crate::world::{Condition, Incident, Region, Truth};

/// The status page.
pub(super) fn status(truth: &Truth<'_>) -> String {
    let matrix = Matrix::of(truth);
    let head = head(&matrix.regions);
    let rows: String = matrix.rows.iter().map(|(name, cells)| row(name, cells)).collect();
    format!(
        r#"<!DOCTYPE html>
<html lang="en-us">
<head><meta charset="utf-8"><title>Azure status</title></head>
<body id="top">
<h1 class="resource-header">Azure status</h1><p class="updated-time">Updated 47 seconds ago</p>
<div class="status-symbols-legend"><ul class="list-inline">
<li><span class="icon status-icon"></span> Good</li><li><span class="icon status-icon"></span> Information</li>
<li><span class="icon status-icon"></span> Warning</li><li><span class="icon status-icon"></span> Critical</li>
<li><span class="icon status-icon"></span> N/A</li>
</ul></div>
<ul class="nav nav-tabs"><li class="zone" data-zone-name="current-impact">Current Impact</li>
<li class="zone" data-zone-name="americas">Americas</li></ul>
<table data-zone-name="current-impact" class="table status-table region-status-table"><thead></thead><tbody>
{events}</tbody></table>
<table data-zone-name="americas" class="table status-table fixed-status-header"><tbody>{head}</tbody></table>
<table data-zone-name="americas" class="table status-table region-status-table default"><thead>{head}</thead><tbody>
<tr class="status-category"><td>Compute</td></tr>
{rows}</tbody></table>
</body>
</html>
"#,
        events = events(truth),
    )
}

fn head(regions: &[Option<&Region>]) -> String {
    let columns: String = regions.iter().map(|region| column(*region)).collect();
    format!("<tr class=\"status-table-head\"><th><span>Products and services</span></th>{columns}</tr>")
}

fn column(region: Option<&Region>) -> String {
    format!("<th><span>{}</span></th>", escape(region.map_or("*Non-Regional", |region| &region.id)))
}

/// A product's row: a cell for each region, also for those that do not have it.
fn row(name: &str, cells: &[Option<Condition>]) -> String {
    let cell = |condition: &Option<Condition>| {
        let label = condition.map_or("Not available", label);
        // As on the real page: that a product is not there stands without quotes.
        let quote = if condition.is_some() { "\"" } else { "" };
        format!(
            "<td class=\"status-cell\"><span class=\"icon status-icon\" data-label={quote}{label}{quote}></span>\
             <span class=\"hide-text\">{label}</span></td>"
        )
    };
    let cells: String = cells.iter().map(cell).collect();
    format!("<tr><td>{}</td>{cells}</tr>\n", escape(name))
}

fn label(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "Good",
        Condition::Maintenance => "Information",
        Condition::Degraded | Condition::PartialOutage => "Warning",
        Condition::MajorOutage => "Critical",
    }
}

fn events(truth: &Truth<'_>) -> String {
    let event = |incident: &Incident| {
        let (title, text) = (escape(&incident.title), escape(&incident.latest().text));
        format!("<tr class=\"current-incident\"><td><span>{title}. {text}</span></td></tr>\n")
    };
    let open: String = truth.posted().filter(|incident| incident.is_active()).map(event).collect();
    if open.is_empty() {
        "<tr class=\"current-incident\"><td><span>There are currently no active events. Use \
         <a href=\"https://portal.azure.com/\">Azure Service Health</a> to view other issues.</span></td></tr>\n"
            .to_owned()
    } else {
        open
    }
}
