//! Atlassian Statuspage: the home page of a status page, where its JSON API cannot be had.
//!
//! Server-rendered, and stable from 2020 to 2024: `body.status.index`, components as `[data-component-id]` inside
//! `.components-section`, open incidents above them. Not read, because they show every status on every page: the legend,
//! uptime bars and their tooltips, the hidden `i.component-status` helpers, past incidents. No time on the page is about
//! a component's status (`meta[name=issued]` is when the page was rendered), so services have no `lastTimestamp`.

mod incidents;

use scraper::{ElementRef, Html};

use super::page::{
    around, by_class, elements, has_class, headline, inside, name_in_title, open_whole, read_any, title,
};
use crate::schema::{Service, dimension_names};
use crate::target::statuspage::{COMPONENT, INDICATOR, is_decoy};
use crate::target::{Document, Meaning, ParseError, Report, whole};

/// Reads a Statuspage home page.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let page = open_whole(document)?;
    let body = home(&page)?;
    let mut report = Report::complete();
    let components = components(body, &mut report)?;
    report.incidents = incidents::read(&page, body, &mut report);

    let claim = claim(body, &mut report);
    report.services.push(whole::page(name(&page, body)?, claim, &report.incidents));
    report.services.extend(components);
    Ok(report)
}

/// The body of a home page. Everything else that a Statuspage host answers comes with HTTP 200 too.
fn home(page: &Html) -> Result<ElementRef<'_>, ParseError> {
    let body = elements(page).find(|element| element.value().name() == "body");
    let found = match body {
        Some(body) if has_class(body, "status") && has_class(body, "index") => return Ok(body),
        Some(body) if has_class(body, "status") && has_class(body, "inactive") => {
            "a Statuspage that its owner has switched off"
        }
        Some(body) if has_class(body, "status") && has_class(body, "new") => "the login form of a private Statuspage",
        Some(body) if has_class(body, "status") && has_class(body, "incident") => "the page of one Statuspage incident",
        Some(body) if has_class(body, "status") => "another page of a Statuspage",
        Some(body) if body.value().id() == Some("statuspage") => "Statuspage's own marketing page",
        _ => "no Statuspage",
    };
    let title = title(page);
    Err(ParseError::unrecognised(format!("{found} (\"{title}\") where a Statuspage home page was expected")))
}

/// The page's own name. The title of a home page is "<name> Status" whatever the state; the masthead shows the name only
/// where there is no logo.
fn name(page: &Html, body: ElementRef<'_>) -> Result<String, ParseError> {
    let title = title(page);
    if !title.is_empty() {
        return Ok(name_in_title(&title, &[" Status"]));
    }
    by_class(body, "page-name")
        .map(headline)
        .filter(|name| !name.is_empty())
        .ok_or_else(|| ParseError::unrecognised("a Statuspage home page without a title"))
}

/// What the page says of itself as a whole. The banner is absent while an incident is open; the body's class stays.
fn claim(body: ElementRef<'_>, report: &mut Report) -> Meaning {
    let banner = by_class(body, "page-status").filter(|&banner| claimed(banner).next().is_some());
    read_any(report, &INDICATOR, claimed(banner.unwrap_or(body)), "(no status- class)")
}

/// The words of an element's `status-` classes.
fn claimed(element: ElementRef<'_>) -> impl Iterator<Item = &str> {
    element.value().classes().filter_map(|class| class.strip_prefix("status-"))
}

fn components(body: ElementRef<'_>, report: &mut Report) -> Result<Vec<Service>, ParseError> {
    let listed: Vec<_> = inside(body)
        .filter(|element| element.attr("data-component-id").is_some())
        .filter(|&element| around(element).any(|outer| has_class(outer, "components-section")))
        .collect();
    if listed.is_empty() {
        // Pages without components do exist. One whose section of components holds none that can be recognised is
        // another matter: its markup has changed, and what it says is not known.
        if by_class(body, "components-section").is_some() {
            return Err(ParseError::unrecognised(
                "no [data-component-id] in .components-section: the markup has changed",
            ));
        }
        let banner = by_class(body, "page-status");
        if !banner.is_some_and(|banner| claimed(banner).any(|word| INDICATOR.meaning(word).is_some())) {
            return Err(ParseError::unrecognised("a Statuspage home page with neither components nor a banner"));
        }
    }
    listed.into_iter().filter_map(|element| component(element, report).transpose()).collect()
}

/// A component; `None` for what is listed as one and is none.
fn component(element: ElementRef<'_>, report: &mut Report) -> Result<Option<Service>, ParseError> {
    let group = match Place::of(element) {
        // A head repeats the worst of its group's components: with it, every outage would count twice.
        Place::GroupHead => return Ok(None),
        Place::Group(group) => by_class(group, "name").map(headline).filter(|name| !name.is_empty()),
        Place::Alone => None,
    };
    let id = element.attr("data-component-id").map(str::trim).unwrap_or_default();
    let name = by_class(element, "name").map(headline).unwrap_or_default();
    if id.is_empty() || name.is_empty() {
        return Err(ParseError::unrecognised(format!(
            "component \"{id}\" is named \"{name}\"; every component has an id and a name"
        )));
    }
    if is_decoy(&name) {
        return Ok(None);
    }
    let mut service = Service::named(id, name);
    let word = element.attr("data-component-status");
    service.set(read_any(report, &COMPONENT, word.into_iter(), "(no data-component-status)"));
    service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
    if let Some(group) = group {
        service.dimensions.insert(dimension_names::GROUP.to_owned(), group.into());
    }
    Ok(Some(service))
}

/// Where a component stands.
enum Place<'a> {
    Alone,
    GroupHead,
    /// Inside a group: the group's element.
    Group(ElementRef<'a>),
}

impl<'a> Place<'a> {
    fn of(component: ElementRef<'a>) -> Self {
        let mut is_child = false;
        for outer in around(component) {
            is_child |= has_class(outer, "child-components-container");
            if has_class(outer, "is-group") {
                return if is_child { Self::Group(outer) } else { Self::GroupHead };
            }
            if has_class(outer, "components-section") {
                break;
            }
        }
        Self::Alone
    }
}

#[cfg(test)]
mod tests;
