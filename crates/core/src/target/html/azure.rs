//! Azure: the status page, a matrix of products and regions for each part of the world.
//!
//! Each part has two tables: one whose rows are products and whose columns are regions, and a twin of its headings
//! that stays in sight while one scrolls. A product stands under each category it belongs to, and one that has no
//! region under each part of the world: it is one service all the same. A table before them tells of open events; what
//! they do to which product, the matrix shows. Not read: the legend, which has every label. No time on the page is about
//! a product's status, and nothing says how the page is as a whole.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use scraper::ElementRef;

use super::page::{
    by_class, by_tag, elements, has_class, headline, headline_without, inside, notice, open_whole, read_any, title,
};
use crate::schema::{Incident, Service, collapse, dimension_names, text_of};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// What the label of a cell means.
static LABELS: Vocabulary = Vocabulary(&[
    ("Good", Meaning::OK),
    // It stands where else "Good" would: something is being looked into.
    ("Information", Meaning::DEGRADED),
    ("Warning", Meaning::DEGRADED),
    ("Critical", Meaning::OUTAGE),
]);

/// What a cell says where a region does not have a product. The page leaves out the quotes around the attribute, so
/// that only its first word arrives.
const ABSENT: &[&str] = &["Not available", "Not", "N/A", "Blank"];

/// The part of the world that is none: the table of open events.
const EVENTS: &str = "current-impact";

/// How the row begins that stands in the table of open events where there are none.
const NO_EVENTS: &str = "There are currently no active events";

/// The marks of footnotes, where they stand in the text.
const MARKS: [char; 5] = ['*', '†', '‡', '§', '¶'];

/// Reads the Azure status page.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let page = open_whole(document)?;
    let tables: Vec<_> = elements(&page).filter_map(|element| Some((zone(element)?, element))).collect();
    if tables.is_empty() {
        let title = title(&page);
        return Err(ParseError::unrecognised(format!(
            "\"{title}\" where the Azure status page was expected (table.region-status-table[data-zone-name])"
        )));
    }
    let (events, zones): (Vec<_>, Vec<_>) = tables.into_iter().partition(|&(zone, _)| zone == EVENTS);
    let mut report = Report::complete();
    let mut services = Services::default();
    // The table of open events may hold a matrix too, of what is affected; the order of services is that of the others.
    for &(zone, table) in zones.iter().chain(&events) {
        read(table, zone, &mut report, &mut services)?;
    }
    report.services = services.named;
    let rows = events.iter().flat_map(|&(_, table)| inside(table)).filter(|&row| has_class(row, "current-incident"));
    let incidents: Vec<_> = rows.filter_map(|row| incident(row, &mut report)).collect();
    report.incidents = incidents;
    Ok(report)
}

/// The part of the world that an element is the table of; `None` for everything else.
fn zone(element: ElementRef<'_>) -> Option<&str> {
    let is_table = element.value().name() == "table" && has_class(element, "region-status-table");
    element.attr("data-zone-name").filter(|_| is_table)
}

/// Reads the rows of a table.
fn read(table: ElementRef<'_>, zone: &str, report: &mut Report, services: &mut Services) -> Result<(), ParseError> {
    let head = by_class(table, "status-table-head").or_else(|| by_tag(table, "thead"));
    let headings = head.into_iter().flat_map(inside).filter(|cell| cell.value().name() == "th");
    let regions: Vec<_> = headings.skip(1).map(name).collect();
    let mut category = None;
    for row in inside(table).filter(|row| row.value().name() == "tr") {
        if has_class(row, "status-category") {
            category = Some(headline(row)).filter(|category| !category.is_empty());
        }
        let mut cells = row.child_elements().filter(|cell| cell.value().name() == "td");
        let Some(product) = cells.next().map(name).filter(|product| !product.is_empty()) else { continue };
        for (place, cell) in cells.enumerate().filter(|&(_, cell)| has_class(cell, "status-cell")) {
            let Some(meaning) = meaning(cell, report) else { continue };
            let Some(region) = regions.get(place).filter(|region| !region.is_empty()) else {
                return Err(ParseError::unrecognised(format!(
                    "\"{product}\" has more cells than \"{zone}\" has regions ({}): the markup has changed",
                    regions.len()
                )));
            };
            services.add(&product, region, category.as_deref(), meaning);
        }
    }
    Ok(())
}

/// Products in regions, each once, in the order in which they were first named.
#[derive(Default)]
struct Services {
    named: Vec<Service>,
    places: HashMap<String, usize>,
}

impl Services {
    /// Adds what one cell says. Of several cells of one product and region the worst counts, and the first category.
    fn add(&mut self, product: &str, region: &str, category: Option<&str>, meaning: Meaning) {
        match self.places.entry(format!("{product}/{region}")) {
            Entry::Occupied(place) => {
                if let Some(known) = self.named.get_mut(*place.get()).filter(|known| known.status < meaning.status()) {
                    known.set(meaning);
                }
            }
            Entry::Vacant(place) => {
                let mut service = Service::named(place.key().as_str(), product);
                service.set(meaning);
                let dimensions = [(dimension_names::REGION, Some(region)), (dimension_names::GROUP, category)];
                let known = dimensions.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
                service.dimensions.extend(known);
                place.insert(self.named.len());
                self.named.push(service);
            }
        }
    }
}

/// The name of a product or a region, without the marks that lead to footnotes.
fn name(cell: ElementRef<'_>) -> String {
    let name = headline_without(cell, &["superscript", "icon"]);
    name.trim_matches(|c: char| MARKS.contains(&c) || c.is_whitespace()).to_owned()
}

/// What a cell says of a product in a region; `None` where the region does not have it.
fn meaning(cell: ElementRef<'_>, report: &mut Report) -> Option<Meaning> {
    let icon = by_class(cell, "status-icon");
    let label = icon.and_then(|icon| icon.attr("data-label")).map(collapse);
    let hidden = by_class(cell, "hide-text").map(headline);
    let mut words: Vec<_> = hidden.into_iter().chain(label).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        words.extend(Some(headline(cell)).filter(|word| !word.is_empty()));
    }
    let is_absent = match words.first() {
        Some(word) => ABSENT.iter().any(|absent| absent.eq_ignore_ascii_case(word)),
        None => icon.is_none(),
    };
    (!is_absent).then(|| read_any(report, &LABELS, words.iter().map(String::as_str), "(no data-label)"))
}

/// An open event; `None` for the row that says that there is none, and for a row of the matrix.
fn incident(row: ElementRef<'_>, report: &mut Report) -> Option<Incident> {
    let text = text_of(row);
    if text.is_empty() || text.starts_with(NO_EVENTS) || by_class(row, "status-cell").is_some() {
        return None;
    }
    let heading = inside(row).find(|inner| matches!(inner.value().name(), "h2" | "h3" | "h4" | "h5" | "strong" | "b"));
    let title = heading.map(headline).filter(|title| !title.is_empty()).unwrap_or_else(|| headline(row));
    let label = inside(row).find_map(|inner| inner.attr("data-label")).filter(|label| !label.is_empty());
    Some(Incident { impact: label.map(|label| report.read(&LABELS, label).status()), ..notice(title, &text) })
}

#[cfg(test)]
mod tests;
