//! Google's dashboards since 2021: Cloud (products in regions, or in parts of the world), and those of Workspace,
//! Firebase and Play (products alone).
//!
//! An icon's state is a class of it: `pnUqZT32J6q__status-icon pnUqZT32J6q__available`.

use scraper::{ElementRef, Html};

use super::{has_part, parts, service};
use crate::schema::Service;
use crate::target::html::page::{elements, headline, inside, read_any};
use crate::target::{Meaning, ParseError, Report, Vocabulary};

/// What the state of an icon means.
static STATES: Vocabulary = Vocabulary(&[
    ("available", Meaning::OK),
    ("information", Meaning::OK),
    ("warning", Meaning::DEGRADED),
    ("disruption", Meaning::DEGRADED),
    ("outage", Meaning::OUTAGE),
]);

const ICON: &str = "__status-icon";

/// The tables of products, by their icons. Elsewhere, icons are a legend.
pub(super) fn tables(page: &Html) -> Vec<ElementRef<'_>> {
    let tables = elements(page).filter(|element| element.value().name() == "table");
    tables.filter(|&table| rows(table).any(|row| product(row).is_some()) && inside(table).any(is_icon)).collect()
}

/// Reads tables of products.
pub(super) fn read(tables: &[ElementRef<'_>], report: &mut Report) -> Result<Vec<Service>, ParseError> {
    let mut services = Vec::new();
    for &table in tables {
        let regions: Vec<_> = inside(table).filter(|&cell| is_region(cell)).map(region).collect();
        for row in rows(table) {
            let Some(product) = product(row) else { continue };
            let (name, id) = (headline(product), id(product));
            if name.is_empty() {
                return Err(ParseError::unrecognised("a row of Google's dashboard whose product has no name"));
            }
            if regions.is_empty() {
                let mut service = service(&name, id, None);
                service.set(meaning(row, report).unwrap_or_else(|| report.unknown("(no status icon)")));
                services.push(service);
                continue;
            }
            for (place, cell) in row.child_elements().filter(|cell| cell.value().name() == "td").enumerate() {
                let Some(meaning) = meaning(cell, report) else { continue };
                let Some(region) = regions.get(place) else {
                    return Err(ParseError::unrecognised(format!(
                        "\"{name}\" has more cells than the table has regions ({}): the markup has changed",
                        regions.len()
                    )));
                };
                let mut service = service(&name, id, Some(region));
                service.set(meaning);
                services.push(service);
            }
        }
    }
    Ok(services)
}

fn rows(table: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    let bodies = inside(table).filter(|inner| inner.value().name() == "tbody");
    bodies.flat_map(|body| body.child_elements()).filter(|row| row.value().name() == "tr")
}

/// The cell of a row that names the product.
fn product(row: ElementRef<'_>) -> Option<ElementRef<'_>> {
    inside(row).find(|&cell| has_part(cell, "product") || has_part(cell, "product-name"))
}

/// The id of a product, by the link to its history.
fn id(product: ElementRef<'_>) -> Option<&str> {
    let (_, rest) = inside(product).find_map(|inner| inner.attr("href")?.split_once("/products/"))?;
    rest.split(['/', '?', '#']).next().filter(|id| !id.is_empty())
}

fn is_region(cell: ElementRef<'_>) -> bool {
    cell.value().name() == "th" && has_part(cell, "location")
}

/// The region that a column is about: its id where it has one, else what stands above it ("Americas").
fn region(cell: ElementRef<'_>) -> String {
    headline(inside(cell).find(|&inner| has_part(inner, "location-id")).unwrap_or(cell))
}

fn is_icon(element: ElementRef<'_>) -> bool {
    element.value().classes().any(|class| class.ends_with(ICON))
}

/// What the icon in a place means; `None` where there is none, which is how the table says that a region does not have a
/// product.
fn meaning(place: ElementRef<'_>, report: &mut Report) -> Option<Meaning> {
    let icons = || inside(place).filter(|&element| is_icon(element));
    icons().next()?;
    let states = icons().flat_map(parts).filter(|part| !ICON.ends_with(part));
    Some(read_any(report, &STATES, states, "(no state on a status icon)"))
}
