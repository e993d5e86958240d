//! Small pages in the markup of Azure's, and one as large as the real one.

use super::*;
use crate::schema::{IncidentKind, IncidentState, Scalar, Status};
use crate::target::Filter;

/// A page: the rows of the table of open events, and the tables of the parts of the world.
fn page(events: &str, zones: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><title>Azure status</title></head><body><p class='updated-time'>Updated 47 seconds ago</p>
        <div class='status-symbols-legend'><ul><li><span class='icon status-icon' data-label='Critical'></span>Critical</li>
        </ul></div><ul><li class='zone' data-zone-name='americas'><a>Americas</a></li></ul>
        <table data-zone-name='current-impact' class='table status-table region-status-table'><thead></thead><tbody>
        {events}</tbody></table>{zones}</body></html>"
    )
}

const QUIET: &str = "<tr class='current-incident'><td><span>There are currently no active events. Use
    <a href='https://portal.azure.com/'>Azure Service Health</a> to view other issues.</span></td></tr>";

fn head(regions: &[&str]) -> String {
    let column = |region: &&str| format!("<th>\n<span>\n{region}\n</span>\n</th>");
    let columns: String = regions.iter().map(column).collect();
    format!("<tr class='status-table-head'><th><span>Products and services</span></th>{columns}</tr>")
}

/// The two tables of a part of the world.
fn zone(zone: &str, regions: &[&str], rows: &str) -> String {
    let head = head(regions);
    format!(
        "<table data-zone-name='{zone}' class='table status-table fixed-status-header'>{head}</table>
        <table data-zone-name='{zone}' class='table status-table region-status-table default'><thead>{head}</thead>
        <tbody>{rows}</tbody></table>"
    )
}

fn row(product: &str, cells: &[&str]) -> String {
    format!("<tr><td>\n{product}\n</td>{}</tr>", cells.concat())
}

fn cell(label: &str) -> String {
    format!(
        "<td class='status-cell'>\n<span class='icon status-icon icon-palette05' data-label=\"{label}\"><svg></svg></span>
        <span class='hide-text'>{label}</span></td>"
    )
}

const GOOD: &str = "<td class='status-cell'><span class='icon status-icon' data-label=\"Good\"></span>
    <span class='hide-text'>Good</span></td>";
const ABSENT_CELL: &str = "<td class='status-cell'><span class='icon status-icon' data-label=Not available></span>
    <span class='hide-text'>Not available</span></td>";

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

#[test]
fn every_label_of_a_cell_is_read() {
    for (label, status, noted) in [
        ("Good", Status::Ok, None),
        ("Information", Status::Degraded, None),
        ("warning", Status::Degraded, None),
        ("Critical", Status::Outage, None),
        ("On fire", Status::Unknown, Some("On fire")),
        ("", Status::Unknown, Some("(no data-label)")),
    ] {
        let report = read(&page(QUIET, &zone("americas", &["East US"], &row("Azure Monitor", &[&cell(label)]))));
        let [service] = &report.services[..] else { panic!("{label}: {report:?}") };
        assert_eq!(service.status, status, "{label}");
        assert_eq!((service.key.as_str(), service.name.as_str()), ("Azure Monitor/East US", "Azure Monitor"));
        assert_eq!((text(service, "region"), service.last_timestamp), (Some("East US"), None));
        assert_eq!(report.unknown_words.iter().map(String::as_str).next(), noted, "{label}");
        assert!(report.incidents.is_empty(), "{label}");
    }
}

#[test]
fn a_cell_says_its_label_in_one_place_or_another() {
    for (cell, status) in [
        ("<td class='status-cell'><span class='status-icon' data-label='Warning'></span></td>", Some(Status::Degraded)),
        ("<td class='status-cell'><span class='hide-text'>Warning</span></td>", Some(Status::Degraded)),
        ("<td class='status-cell'>Warning</td>", Some(Status::Degraded)),
        (
            "<td class='status-cell'><i class='status-icon' data-label='Good'></i><i class='hide-text'>Bon</i></td>",
            Some(Status::Ok),
        ),
        (
            "<td class='status-cell'><i class='status-icon' data-label=Not good></i><i class='hide-text'>Not good</i></td>",
            Some(Status::Unknown),
        ),
        ("<td class='status-cell'><i class='status-icon'></i></td>", Some(Status::Unknown)),
        ("<td class='status-cell'><i class='status-icon' data-label=Not available></i></td>", None),
        ("<td class='status-cell'>Blank</td>", None),
        ("<td class='status-cell'> </td>", None),
        ("<td class='other'>Good</td>", None),
        (ABSENT_CELL, None),
    ] {
        let report = read(&page(QUIET, &zone("asia", &["A", "B"], &row("Monitor", &[GOOD, cell]))));
        let told: Vec<_> = report.services.iter().skip(1).map(|it| (text(it, "region"), it.status)).collect();
        assert_eq!(told, status.map(|status| (Some("B"), status)).into_iter().collect::<Vec<_>>(), "{cell}");
    }
}

#[test]
fn columns_are_regions_and_heading_rows_no_products() {
    let regions = [
        "*Non-Regional <span class='icon status-icon' title='no region'><svg><title>?</title></svg></span>",
        "<span class='superscript'>‡</span>West US 3",
        "Canada East §",
    ];
    let rows = "<tr class='status-category'><td colspan='4'>Compute</td></tr>".to_owned()
        + &row("Virtual Machines<span class='superscript'>1</span>", &[ABSENT_CELL, GOOD, &cell("Critical")])
        + "<tr class='capability-row'><td colspan='4'>Sizes</td></tr>"
        + "<tr class='status-category'><td colspan='4'>Data &amp; more</td></tr>"
        + &row("SQL", &[GOOD]);
    let report = read(&page(QUIET, &zone("americas", &regions, &rows)));
    let told: Vec<_> =
        report.services.iter().map(|it| (it.key.as_str(), text(it, "region"), text(it, "group"), it.status)).collect();
    assert_eq!(
        told,
        [
            ("Virtual Machines/West US 3", Some("West US 3"), Some("Compute"), Status::Ok),
            ("Virtual Machines/Canada East", Some("Canada East"), Some("Compute"), Status::Outage),
            ("SQL/Non-Regional", Some("Non-Regional"), Some("Data & more"), Status::Ok),
        ]
    );
}

#[test]
fn a_product_that_stands_in_several_places_is_one_service_as_bad_as_the_worst() {
    let category = |name: &str| format!("<tr class='status-category'><td>{name}</td></tr>");
    let rows = category("Compute")
        + &row("App Service", &[GOOD, GOOD])
        + &category("Web")
        + &row("App Service", &[GOOD, &cell("Warning")]);
    let elsewhere = zone("europe", &["*Non-Regional", "UK West"], &row("App Service", &[&cell("Critical"), GOOD]));
    let report = read(&page(QUIET, &(zone("americas", &["*Non-Regional", "East US"], &rows) + &elsewhere)));
    let told: Vec<_> = report.services.iter().map(|it| (it.key.as_str(), text(it, "group"), it.status)).collect();
    assert_eq!(
        told,
        [
            ("App Service/Non-Regional", Some("Compute"), Status::Outage),
            ("App Service/East US", Some("Compute"), Status::Degraded),
            ("App Service/UK West", None, Status::Ok),
        ]
    );
}

#[test]
fn open_events_are_told_whatever_the_matrix_says() {
    let zones = zone("americas", &["East US"], &row("Azure Monitor", &[GOOD]));
    let event = |inner: &str| format!("<tr class='current-incident'><td>{inner}</td></tr>");
    for (inner, title, impact) in [
        ("<h3>Trouble &amp; strife</h3><p>We look.</p>", "Trouble & strife", None),
        (
            "<span class='status-icon' data-label='Critical'></span><strong>Outage</strong> of it",
            "Outage",
            Some(Status::Outage),
        ),
        (
            "<span data-label='Dire'></span><span>Impact to Storage. We look.</span>",
            "Impact to Storage. We look.",
            Some(Status::Unknown),
        ),
    ] {
        let report = read(&page(&(event(inner) + &event("<b>Another</b>")), &zones));
        assert_eq!(report.services.iter().map(|it| it.status).collect::<Vec<_>>(), [Status::Ok], "{inner}");
        let [incident, other] = &report.incidents[..] else { panic!("{inner}: {report:?}") };
        assert_eq!((incident.title.as_str(), incident.impact), (title, impact));
        assert_eq!((incident.kind, incident.state), (IncidentKind::Incident, IncidentState::Investigating));
        assert!(incident.updates[0].text.ends_with("look.") || impact == Some(Status::Outage));
        assert_ne!(incident.key, other.key);
        assert_eq!(report.unknown_words.contains("Dire"), impact == Some(Status::Unknown));
    }
}

#[test]
fn a_matrix_of_what_is_affected_adds_to_the_others() {
    let rows =
        row("Azure Monitor", &[&cell("Warning"), &cell("Critical")]).replace("<tr>", "<tr class='current-incident'>");
    let affected = head(&["UK West", "East US"]) + &rows;
    let report = read(&page(&affected, &zone("americas", &["East US"], &row("Azure Monitor", &[GOOD]))));
    let told: Vec<_> = report.services.iter().map(|it| (it.key.as_str(), it.status)).collect();
    assert_eq!(told, [("Azure Monitor/East US", Status::Outage), ("Azure Monitor/UK West", Status::Degraded)]);
    assert!(report.incidents.is_empty());
}

#[test]
fn what_is_no_status_page_is_refused() {
    let zones = zone("americas", &["East US"], &row("Azure Monitor", &[GOOD, GOOD]));
    for (html, says) in [
        ("<title>Sign in to Azure</title><table class='status-table'></table>", "\"Sign in to Azure\" where the Azure"),
        ("<title>Azure status history</title><body>Good", "where the Azure status page was expected"),
        (&page(QUIET, &zones), "\"Azure Monitor\" has more cells than \"americas\" has regions (1)"),
        ("{\"status\": \"Good\"}", "JSON"),
    ] {
        assert!(refusal(html).contains(says), "{says}: {}", refusal(html));
    }
    let whole = page(QUIET, &zone("americas", &["East US"], ""));
    assert!(refusal(&whole[..whole.len() / 2]).contains("cut short"));
    assert!(matches!(read(&whole).finish(&Filter::default()), Err(ParseError::Empty)), "no product at all");
}

#[test]
fn a_page_as_large_as_the_real_one_is_read_whole() {
    const PARTS: [&str; 3] = ["americas", "europe", "asia"];
    const PRODUCTS: usize = 400;
    const SVG: &str =
        "<svg aria-hidden='true' role='presentation' width='20' height='20'><use xlink:href='#svg-check'/></svg>";
    let three = [ABSENT_CELL, &cell("Warning"), &cell("Good")].concat().replace("<svg></svg>", SVG);
    let regions: Vec<_> = (0..30).map(|number| format!("Region {number}")).collect();
    let regions: Vec<_> = regions.iter().map(String::as_str).collect();
    let rows = |part| (0..PRODUCTS).map(|number| row(&format!("{part} {number}"), &[&*three; 10])).collect::<String>();
    let html = page(QUIET, &PARTS.map(|part| zone(part, &regions, &rows(part))).concat());
    assert!(html.len() > 7_000_000, "{} bytes", html.len());
    let report = read(&html).finish(&Filter::default()).unwrap();
    let degraded = report.services.iter().filter(|service| service.status == Status::Degraded).count();
    assert_eq!((report.services.len(), degraded), (3 * PRODUCTS * 20, 3 * PRODUCTS * 10));
}
