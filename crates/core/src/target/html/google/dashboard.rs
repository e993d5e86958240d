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
            if let Some(product) = product(row) {
                services.extend(in_row(row, product, &regions, report)?);
            }
        }
    }
    Ok(services)
}

/// The services of a row: the product in each region that has it, or alone where the table has no regions.
fn in_row(
    row: ElementRef<'_>,
    product: ElementRef<'_>,
    regions: &[String],
    report: &mut Report,
) -> Result<Vec<Service>, ParseError> {
    let (name, id) = (headline(product), id(product));
    if name.is_empty() {
        return Err(ParseError::unrecognised("a row of Google's dashboard whose product has no name"));
    }
    let cells = cells(row, product).enumerate();
    let shown: Vec<_> = cells.filter_map(|(place, cell)| Some((place, meaning(cell, report)?))).collect();
    match shown[..] {
        [] if regions.is_empty() => return Ok(vec![service(&name, id, None, report.unknown("(no status icon)"))]),
        [(_, meaning)] if regions.is_empty() => return Ok(vec![service(&name, id, None, meaning)]),
        _ => {}
    }
    let in_region = |(place, meaning): (usize, Meaning)| match regions.get(place) {
        Some(region) => Ok(service(&name, id, Some(region), meaning)),
        None => Err(ParseError::unrecognised(format!(
            "\"{name}\" has more cells than the table has regions ({}): the markup has changed",
            regions.len()
        ))),
    };
    shown.into_iter().map(in_region).collect()
}

/// The cells of a row beside that of its product.
fn cells<'a>(row: ElementRef<'a>, product: ElementRef<'a>) -> impl Iterator<Item = ElementRef<'a>> {
    let cells = row.child_elements().filter(|cell| cell.value().name() == "td");
    cells.filter(move |&cell| cell != product && inside(cell).all(|inner| inner != product))
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

/// What the icon in a place means; `None` where there is none, which is how the table says that a region does not have
/// a product.
fn meaning(place: ElementRef<'_>, report: &mut Report) -> Option<Meaning> {
    let icons = || inside(place).filter(|&element| is_icon(element));
    icons().next()?;
    let states = icons().flat_map(parts).filter(|part| !ICON.ends_with(part));
    Some(read_any(report, &STATES, states, "(no state on a status icon)"))
}
