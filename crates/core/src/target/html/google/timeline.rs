//! Google's dashboards before 2021, those of Firebase and Cloud: a row for each product, a column for each of the last
//! days. The last one ends in a bubble, or an icon, with the present state; the others are the past.

use scraper::{ElementRef, Html};

use super::service;
use crate::schema::Service;
use crate::target::html::page::{elements, has_class, headline_without, inside, read_any};
use crate::target::{Meaning, Report, Vocabulary};

/// What the class of a bubble means.
static STATES: Vocabulary =
    Vocabulary(&[("ok", Meaning::OK), ("medium", Meaning::DEGRADED), ("high", Meaning::OUTAGE)]);

/// The classes of a product's name and of a day, at Firebase and at Cloud.
const NAMES: [&str; 2] = ["service-status", "product-name"];
const DAYS: [&str; 2] = ["day", "product-day"];

/// The classes of what shows the present state, and those beside them that say nothing of it. What happened on a day
/// has bubbles of its own.
const MARKS: [&str; 2] = ["end-bubble", "status-icon"];
const SHAPES: [&str; 1] = ["bubble"];

/// A product's name, and its last day.
pub(super) type Row<'a> = (ElementRef<'a>, ElementRef<'a>);

/// The rows of the products.
pub(super) fn rows(page: &Html) -> Vec<Row<'_>> {
    let rows = elements(page).filter(|element| element.value().name() == "tr");
    rows.filter_map(|row| {
        let cells = || row.child_elements().filter(|cell| cell.value().name() == "td");
        Some((cells().find(|&cell| has_any(cell, &NAMES))?, cells().filter(|&cell| has_any(cell, &DAYS)).last()?))
    })
    .collect()
}

/// Reads the rows of the products.
pub(super) fn read(rows: &[Row<'_>], report: &mut Report) -> Vec<Service> {
    let mut services = Vec::new();
    for &(name, day) in rows {
        let name = headline_without(name, &["service-tag"]);
        if name.is_empty() {
            continue;
        }
        let states = inside(day).filter(|&mark| has_any(mark, &MARKS)).flat_map(|mark| mark.value().classes());
        let states = states.filter(|class| !MARKS.contains(class) && !SHAPES.contains(class));
        let meaning = read_any(report, &STATES, states, "(no bubble on the last day)");
        services.push(service(&name, None, None, meaning));
    }
    services
}

fn has_any(element: ElementRef<'_>, classes: &[&str]) -> bool {
    classes.iter().any(|class| has_class(element, class))
}
