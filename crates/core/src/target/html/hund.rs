//! Hund.io: the home page of a status page.
//!
//! `aside.state-bar` says how the page is as a whole and when that was updated; each `section.group` has its
//! components, `.item`. A state is a class of its element, which stays what it is where the owner calls it otherwise. The head of a
//! group repeats the worst of its components and is no service. Not read: the history, whose events are over.

use scraper::{ElementRef, Html};

use super::page::{
    around, by_class, by_tag, elements, has_class, headline, inside, last_segment, name_in_title, open_whole, read_any,
    title,
};
use crate::schema::{Service, Timestamp, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary, whole};

/// What a state means. One that is pending has not been measured yet.
static STATES: Vocabulary = Vocabulary(&[
    ("operational", Meaning::OK),
    ("degraded", Meaning::DEGRADED),
    ("outage", Meaning::OUTAGE),
    ("maintenance", Meaning::Maintenance),
    ("pending", Meaning::UNKNOWN),
]);

/// The classes beside a state's that say nothing of it.
const SHAPES: [&str; 3] = ["state", "state-bar", "icon"];

/// How titles begin that go on with the page's own name.
const TITLE: &str = "Status Page - ";

/// Reads a Hund status page.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let page = open_whole(document)?;
    let bar = elements(&page).find(|&element| element.value().name() == "aside" && has_class(element, "state-bar"));
    let groups: Vec<_> = elements(&page).filter(|&element| is_group(element)).collect();
    let Some(bar) = bar.filter(|_| !groups.is_empty() || is_by_hund(&page)) else {
        let title = title(&page);
        return Err(ParseError::unrecognised(format!(
            "\"{title}\" where a Hund status page was expected (aside.state-bar, section.group)"
        )));
    };
    let mut report = Report::complete();
    let items = elements(&page).filter(|&element| has_class(element, "item") && is_listed(element));
    let components = items.map(|item| component(item, &mut report)).collect::<Result<Vec<_>, _>>()?;
    if components.is_empty() && !groups.is_empty() {
        return Err(ParseError::unrecognised("no .item in section.group: the markup has changed"));
    }
    let mut itself = whole::page(name(&page)?, state(bar, &mut report), &[]);
    itself.last_timestamp = by_tag(bar, "time").and_then(|time| Timestamp::parse_rfc3339(time.attr("datetime")?));
    report.services.push(itself);
    report.services.extend(components);
    Ok(report)
}

/// Whether a page says that it is Hund's: those whose owners pay for it do not.
fn is_by_hund(page: &Html) -> bool {
    elements(page).filter_map(|element| element.attr("href")).any(|href| href.contains("://hund.io"))
}

fn is_group(element: ElementRef<'_>) -> bool {
    element.value().name() == "section" && has_class(element, "group")
}

/// Whether an element stands in the list of components.
fn is_listed(element: ElementRef<'_>) -> bool {
    around(element).any(|outer| is_group(outer) || has_class(outer, "groups"))
}

/// The page's own name.
fn name(page: &Html) -> Result<String, ParseError> {
    let title = title(page);
    if title.is_empty() {
        return Err(ParseError::unrecognised("a Hund status page without a title"));
    }
    let name = title.strip_prefix(TITLE).unwrap_or(&title);
    Ok(name_in_title(name, &[" Status Page", " Status"]))
}

/// What the state on an element means.
fn state(element: ElementRef<'_>, report: &mut Report) -> Meaning {
    let words = element.value().classes().filter(|class| !SHAPES.contains(class));
    read_any(report, &STATES, words, "(no class of a state)")
}

fn component(item: ElementRef<'_>, report: &mut Report) -> Result<Service, ParseError> {
    let place = by_class(item, "name");
    let Some(name) = place.map(headline).filter(|name| !name.is_empty()) else {
        return Err(ParseError::unrecognised("an .item without a .name"));
    };
    let link = place.into_iter().flat_map(inside).find_map(|inner| inner.attr("href"));
    let id = link.filter(|link| link.contains("/components/")).and_then(last_segment);
    let group = around(item).find(|&outer| is_group(outer)).and_then(|group| by_tag(group, "h2")).map(headline);
    let group = group.filter(|group| !group.is_empty());
    let key =
        id.map_or_else(|| group.iter().chain([&name]).map(String::as_str).collect::<Vec<_>>().join("/"), str::to_owned);
    let mut service = Service::named(key, name);
    let shown = by_class(item, "status").and_then(|status| by_class(status, "state"));
    service.set(match shown {
        Some(shown) => state(shown, report),
        None => report.unknown("(no .status .state)"),
    });
    let dimensions = [(dimension_names::SERVICE_ID, id.map(str::to_owned)), (dimension_names::GROUP, group)];
    let known = dimensions.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    service.dimensions.extend(known);
    Ok(service)
}

#[cfg(test)]
mod tests;
