//! A plain page with a table, as a team writes it for its own machines: what format `selectors` is for.

use super::markup::escape;
use super::times::seconds;
use crate::world::{Condition, Service, ServiceState, Truth, Zone};

/// The page.
pub(super) fn machines(truth: &Truth<'_>) -> String {
    let rows: String = truth.services().map(row).collect();
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}: machines</title></head>
<body>
<h1>{title}</h1>
<p>A machine is Running, Slow, Partly down, Stopped or in a Planned stop.</p>
<table class="machines">
<thead><tr><th>Machine</th><th>Hall</th><th>State</th><th>Since</th></tr></thead>
<tbody>
{rows}</tbody>
</table>
</body>
</html>
"#,
        title = escape(&truth.vendor.title),
    )
}

fn row((service, state): (&Service, ServiceState)) -> String {
    let word = match state.condition {
        Condition::Operational => "Running",
        Condition::Maintenance => "Planned stop",
        Condition::Degraded => "Slow",
        Condition::PartialOutage => "Partly down",
        Condition::MajorOutage => "Stopped",
    };
    format!(
        "<tr id=\"{id}\"><td class=\"machine\">{name}</td><td class=\"hall\">{hall}</td><td class=\"state\">{word}</td>\
         <td class=\"since\"><time datetime=\"{at}\">{human}</time></td></tr>\n",
        id = escape(&service.id),
        name = escape(&service.name),
        hall = escape(service.region.as_ref().map_or("", |region| &region.id)),
        at = seconds(state.since, Zone::Utc),
        human = state.since.format("%-d %b %H:%M"),
    )
}
