//! Google: the status dashboards. One family, in the shapes it has had: [`dashboard`] since 2021, [`timeline`] before.
//!
//! Each names every product of its page, so silence about one means that it is gone. A banner above the table tells of
//! trouble that may not show in it, in prose and without a state: an incident of unknown impact. Not read: the legend,
//! which has every icon, and the foot, which says when the page was made.

mod dashboard;
mod timeline;

use scraper::{ElementRef, Html};

use super::page::{elements, headline, inside, last_segment, notice, open_whole, title};
use crate::schema::{Incident, Service, dimension_names, text_of};
use crate::target::{Document, Meaning, ParseError, Report};

/// Reads one of Google's status dashboards.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let page = open_whole(document)?;
    let mut report = Report::complete();
    let (tables, rows) = (dashboard::tables(&page), timeline::rows(&page));
    report.services = if !tables.is_empty() {
        dashboard::read(&tables, &mut report)?
    } else if !rows.is_empty() {
        timeline::read(&rows, &mut report)
    } else {
        let title = title(&page);
        return Err(ParseError::unrecognised(format!(
            "\"{title}\" where one of Google's status dashboards was expected (a table of products with status icons, \
             or with a column for each of the last days)"
        )));
    };
    report.incidents = banners(&page);
    Ok(report)
}

/// A product, in a region where the page has regions.
fn service(name: &str, id: Option<&str>, region: Option<&str>, meaning: Meaning) -> Service {
    let place = id.unwrap_or(name);
    let key = region.map_or_else(|| place.to_owned(), |region| format!("{place}/{region}"));
    let mut service = Service::named(key, name);
    service.set(meaning);
    let dimensions = [(dimension_names::SERVICE_ID, id), (dimension_names::REGION, region)];
    let known = dimensions.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    service.dimensions.extend(known);
    service
}

/// The classes of an element without what the page's build puts before them: `pnUqZT32J6q__available`.
fn parts(element: ElementRef<'_>) -> impl Iterator<Item = &str> {
    element.value().classes().map(|class| class.rsplit_once("__").map_or(class, |(_, part)| part))
}

fn has_part(element: ElementRef<'_>, part: &str) -> bool {
    parts(element).any(|known| known == part)
}

/// What stands in the banners of a page.
fn banners(page: &Html) -> Vec<Incident> {
    elements(page).filter(|&element| has_part(element, "banner-container")).filter_map(banner).collect()
}

/// The incident that a banner tells of; `None` for an empty one.
fn banner(element: ElementRef<'_>) -> Option<Incident> {
    let text = text_of(element);
    if text.is_empty() {
        return None;
    }
    let link = inside(element).find_map(|inner| inner.attr("href").filter(|href| href.contains("/incidents/")));
    let mut incident = notice(headline(element), &text);
    if let Some(id) = link.and_then(last_segment) {
        id.clone_into(&mut incident.key);
    }
    incident.url = link.filter(|link| link.starts_with("https://") || link.starts_with("http://")).map(str::to_owned);
    Some(incident)
}

#[cfg(test)]
mod tests;
