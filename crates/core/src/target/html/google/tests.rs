//! Small pages in the markup of each of Google's dashboards.

use super::*;
use crate::schema::{IncidentState, Scalar, Status};

/// A page of today: what stands above the table, and the table.
fn page(above: &str, table: &str) -> String {
    format!(
        "<html><head><title>Google Cloud Service Health</title></head><body><main>{above}<psd-regional-table><ul>
        <li><psd-status-icon class='x1__status-icon'><svg class='x1__status-icon x1__outage'></svg></psd-status-icon>Service
        outage</li></ul>{table}</psd-regional-table><div class='x2__footer'>Last updated: 2022-05-02 13:39:46 PDT</div></html>"
    )
}

fn table(columns: &str, rows: &str) -> String {
    format!(
        "<table class='x3__regional-table'><thead><th class='x3__product'>Products</th>{columns}</thead>
        <tbody>{rows}</tbody></table>"
    )
}

fn columns(regions: &[&str]) -> String {
    let column = |id| {
        format!(
            "<th class='x3__location'><style>.a{{}}</style><span class='x4__location-container'>
            <span class='x4__location-id'>{id}</span><span class='x4__location-name'>Somewhere</span></span></th>"
        )
    };
    regions.iter().map(column).collect()
}

fn row(product: &str, cells: &[&str]) -> String {
    let cell = |icon: &&str| format!("<td class='x3__cell'>  {icon}  </td>");
    let cells: String = cells.iter().map(cell).collect();
    format!("<tr><th class='x3__product'>{product}</th>{cells}</tr>")
}

fn icon(state: &str) -> String {
    format!("<psd-status-icon class='x1__status-icon'><svg class='x1__status-icon {state}'></svg></psd-status-icon>")
}

/// A dashboard of 2018, as Firebase's or (`is_cloud`) as Cloud's.
fn timeline(rows: &[(&str, &str, &str)], is_cloud: bool) -> String {
    let (table, name_class, day_class) = if is_cloud {
        ("dashboard", "product-name", "product-day")
    } else {
        ("timeline-table", "service-status", "day col8")
    };
    let row = |(name, before, today): &(&str, &str, &str)| {
        format!(
            "<tr class='product-row'><td class='{name_class}'> {name} </td><td class='{day_class}'>{before}</td>
            <td class='{day_class}'><!-- incidents that end today -->{today}</td></tr>"
        )
    };
    let rows: String = rows.iter().map(row).collect();
    format!(
        "<title>Firebase Status Dashboard</title><table class='{table}'><tr><th></th><th class='col7'>14</th>
        <th class='col8'>15</th></tr>{rows}</table><div class='severity-bar'><span class='bubble ok'></span><span class='bubble medium'></span>
        <span class='bubble high'></span><span class='end-bubble bubble high'></span></div>"
    )
}

fn read(html: &str) -> Report {
    parse(&Document::new(html.as_bytes())).unwrap()
}

fn refusal(html: &str) -> String {
    parse(&Document::new(html.as_bytes())).unwrap_err().to_string()
}

fn text<'a>(service: &'a Service, dimension: &str) -> Option<&'a str> {
    match service.dimensions.get(dimension)? {
        Scalar::Text(text) => Some(text),
        _ => None,
    }
}

fn noted(report: &Report) -> Option<&str> {
    report.unknown_words.iter().map(String::as_str).next()
}

#[test]
fn every_state_of_an_icon_is_read() {
    for (classes, status, word) in [
        ("x1__available", Status::Ok, None),
        ("x1__information", Status::Ok, None),
        ("psd__warning", Status::Degraded, None),
        ("x1__disruption", Status::Degraded, None),
        ("big x1__outage", Status::Outage, None),
        ("x1__burning", Status::Unknown, Some("burning")),
        ("", Status::Unknown, Some("(no state on a status icon)")),
    ] {
        let report = read(&page("", &table(&columns(&["us-east1"]), &row("Cloud Run &amp; more", &[&icon(classes)]))));
        let [service] = &report.services[..] else { panic!("{classes}: {report:?}") };
        assert_eq!(service.status, status, "{classes}");
        assert_eq!((service.key.as_str(), service.name.as_str()), ("Cloud Run & more/us-east1", "Cloud Run & more"));
        assert_eq!((text(service, "region"), service.last_timestamp), (Some("us-east1"), None));
        assert_eq!(noted(&report), word, "{classes}");
    }
}

#[test]
fn products_stand_in_the_regions_that_have_them() {
    let (good, bad) = (icon("x1__available"), icon("x1__outage"));
    let regional = table(
        &columns(&["us-east1", "us-west1"]),
        &(row("Cloud Run", &[&good, &bad]) + &row("BigQuery", &["", &good])),
    );
    let overview = table(
        "<th class='x3__location'> Americas </th><th class='x3__location'>Global</th>",
        &row("<a href='https://status.cloud.google.com/products/abc123/history'>Pub/Sub</a>", &[&bad, ""]),
    );
    let report = read(&page("", &(regional + &overview)));
    let told: Vec<_> = report
        .services
        .iter()
        .map(|it| (it.key.as_str(), it.name.as_str(), text(it, "region"), text(it, "serviceId"), it.status))
        .collect();
    assert_eq!(
        told,
        [
            ("Cloud Run/us-east1", "Cloud Run", Some("us-east1"), None, Status::Ok),
            ("Cloud Run/us-west1", "Cloud Run", Some("us-west1"), None, Status::Outage),
            ("BigQuery/us-west1", "BigQuery", Some("us-west1"), None, Status::Ok),
            ("abc123/Americas", "Pub/Sub", Some("Americas"), Some("abc123"), Status::Outage),
        ]
    );
    let named_in_a_cell =
        row("BigQuery", &["", &good]).replace("<th class='x3__product'>", "<td><b class='x3__product'>");
    let report = read(&page("", &table(&columns(&["us-east1", "us-west1"]), &named_in_a_cell)));
    assert_eq!(report.services.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["BigQuery/us-west1"]);
}

#[test]
fn products_without_regions_are_services_too() {
    let row = |name: &str, cell: &str| {
        format!(
            "<tr class='product-row'><td><span class='product-name'>{name}</span></td><td>{cell}</td>
            <td><a href='/summary'>History</a></td></tr>"
        )
    };
    let icon = |state| format!("<svg class='psd__status-icon psd__{state}' aria-label='Available'></svg>");
    let rows =
        row("Hosting", &icon("disruption")) + &row("Functions", &icon("available")) + &row("Cloud Messaging", "");
    let report =
        read(&page("", &format!("<table class='main-dashboard-table'><tr><th>Product<th>Status</tr>{rows}</table>")));
    let told: Vec<_> = report.services.iter().map(|it| (it.key.as_str(), text(it, "region"), it.status)).collect();
    assert_eq!(
        told,
        [
            ("Hosting", None, Status::Degraded),
            ("Functions", None, Status::Ok),
            ("Cloud Messaging", None, Status::Unknown),
        ]
    );
    assert_eq!(noted(&report), Some("(no status icon)"));
}

#[test]
fn a_banner_is_an_incident_of_unknown_impact() {
    let rows = table(&columns(&["us-east1"]), &row("Cloud Run", &[&icon("x1__available")]));
    let banner =
        |inner: &str| format!("<div><style>p{{}}</style><div class='x5__banner-container banner'>{inner}</div></div>");
    for (inner, key, url) in [
        ("<p>us-east1: Logs are &lt;late&gt;.</p>", "us-east1: Logs are <late>. ", None),
        ("<p><a href='/incidents/abc'>us-east1</a>: Logs</p>", "abc", None),
        (
            "<a href='https://status.cloud.google.com/incidents/abc'>Logs</a>",
            "abc",
            Some("https://status.cloud.google.com/incidents/abc"),
        ),
    ] {
        let report = read(&page(&(banner(inner) + &banner(" ")), &rows));
        let [incident] = &report.incidents[..] else { panic!("{inner}: {report:?}") };
        assert_eq!((incident.key.as_str(), incident.url.as_deref()), (key.trim_end(), url), "{inner}");
        assert_eq!((incident.state, incident.impact), (IncidentState::Investigating, None), "{inner}");
        assert_eq!(
            (incident.updates.len(), incident.updates[0].text.as_str()),
            (1, incident.title.as_str()),
            "{inner}"
        );
        assert_eq!(report.services[0].status, Status::Ok, "prose is no state");
        assert_eq!(report.services.len(), 1, "Google's pages do not speak as a whole");
    }
}

#[test]
fn the_last_day_of_a_timeline_is_today() {
    let incident = "<span class='bubble high'></span>";
    for (is_cloud, today, status, word) in [
        (false, "<span class='end-bubble bubble ok'></span>", Status::Ok, None),
        (
            false,
            "<span class='bubble high'></span><span class='end-bubble bubble medium'></span>",
            Status::Degraded,
            None,
        ),
        (false, "<span class='end-bubble bubble HIGH'></span>", Status::Outage, None),
        (false, "<span class='end-bubble bubble low'></span>", Status::Unknown, Some("low")),
        (false, "<span class='bubble high'></span>", Status::Unknown, Some("(no bubble on the last day)")),
        (false, "", Status::Unknown, Some("(no bubble on the last day)")),
        (true, "<a class='status-icon ok' href='/x'></a>", Status::Ok, None),
        (true, "<a class='status-icon medium'></a>", Status::Degraded, None),
        (true, "<span class='line'></span><a class='high status-icon'></a>", Status::Outage, None),
        (true, "<a class='status-icon'></a>", Status::Unknown, Some("(no bubble on the last day)")),
    ] {
        let name = "AB Testing<span class='service-tag service-beta'><span>Beta</span></span>";
        let rows = [(name, incident, today), ("Other", "<span class='end-bubble bubble high'></span>", today)];
        let report = read(&timeline(&rows, is_cloud));
        let told: Vec<_> = report.services.iter().map(|it| (it.key.as_str(), it.name.as_str(), it.status)).collect();
        assert_eq!(told, [("AB Testing", "AB Testing", status), ("Other", "Other", status)], "{today}");
        assert!(report.services.iter().all(|it| it.dimensions.is_empty() && it.last_timestamp.is_none()));
        assert_eq!(noted(&report), word, "{today}");
    }
}

#[test]
fn a_copy_from_an_archive_is_read_as_the_original() {
    let html = timeline(&[("Hosting", "", "<span class='end-bubble bubble ok'></span>")], false);
    let bar = "<!DOCTYPE html><div id='wm-ipp'><table><tr><td class='n'>12 captures</td><td class='day'>high</td></tr>
        </table></div>";
    assert_eq!(read(&(bar.to_owned() + &html)).services.len(), 1);
}

#[test]
fn what_is_no_dashboard_is_refused() {
    let many = table(&columns(&["us-east1"]), &row("Cloud Run", &[&icon("x1__available"), &icon("x1__available")]));
    for (html, says) in [
        (
            "<title>Sign in - Google Accounts</title><body>Service outage",
            "\"Sign in - Google Accounts\" where one of Google's",
        ),
        // A legend alone is no table of products.
        (&page("", ""), "where one of Google's status dashboards was expected"),
        (&page("", &table(&columns(&["us-east1"]), "<tr><td>Cloud Run</td></tr>")), "dashboards was expected"),
        ("<table><tr><td class='service-status'>Hosting</td></tr></table>", "dashboards was expected"),
        (&page("", &many), "\"Cloud Run\" has more cells than the table has regions (1)"),
        (&page("", &table(&columns(&["us-east1"]), &row("", &[&icon("x1__outage")]))), "no name"),
    ] {
        assert!(refusal(html).contains(says), "{says}: {}", refusal(html));
    }
}
