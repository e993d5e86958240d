//! status.io: the home page of a status page, where its JSON API cannot be had (that needs the page's id).
//!
//! Known from a dozen public readers of such pages, not from a recording: so this finds its way by the names that they
//! agree on, wherever those stand. A bar says how the page is as a whole (`#statusio_status_bar`); `.component` blocks in
//! `#statusio_components` have a name, a state in words, and containers (places that the component runs in), laid out as
//! the owner likes and not always with a state each. Colours are the owner's too and are not read. Third parties
//! (`#statusio_external_services`) are not the provider's own services.

mod incidents;

use scraper::{ElementRef, Html};

use super::page::{
    around, by_class, by_id, by_tag, has_class, headline, inside, name_in_title, open_whole, read_any, title,
};
use crate::schema::{Incident, IncidentKind, Service, collapse, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary, whole};

/// The states of components, containers and incidents, in the words of the page, and what the bar adds to them.
static STATE: Vocabulary = Vocabulary(&[
    ("Operational", Meaning::OK),
    ("Planned Maintenance", Meaning::Maintenance),
    ("Degraded Performance", Meaning::DEGRADED),
    ("Partial Service Disruption", Meaning::DEGRADED),
    ("Service Disruption", Meaning::OUTAGE),
    ("Security Event", Meaning::OUTAGE),
    // Only in the bar.
    ("All Systems Operational", Meaning::OK),
    ("Active Incident", Meaning::DEGRADED),
]);

/// What the bar says of an open incident, whatever its severity: how bad it is, the components tell.
const ACTIVE_INCIDENT: &str = "Active Incident";

/// What only the pages of one incident and of the past have; they have the bar too.
const OTHER_PAGES: &[&str] = &["statusio_incident", "statusio_history_timeline"];

/// Reads a status.io home page.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let page = open_whole(document)?;
    let (bar, list) = (by_id(&page, "statusio_status_bar"), by_id(&page, "statusio_components"));
    let is_other = OTHER_PAGES.iter().any(|id| by_id(&page, id).is_some());
    if is_other || (bar.is_none() && list.is_none()) {
        let title = title(&page);
        return Err(ParseError::unrecognised(format!("\"{title}\" where a status.io home page was expected")));
    }
    let mut report = Report::complete();
    let mut components = match list {
        Some(list) => components(list, &mut report)?,
        None => Vec::new(),
    };
    report.incidents = incidents::read(&page, &components, &mut report);

    let said = bar.map(said);
    if list.is_none() && said.as_deref().and_then(|said| STATE.meaning(said)).is_none() {
        return Err(ParseError::unrecognised("a status.io page with neither components nor a state in its bar"));
    }
    let worst = components.iter().map(meaning).reduce(Meaning::worst);
    let claim = match (said.as_deref(), worst) {
        // A page without a bar claims nothing but what its components do.
        (None, Some(worst)) => worst,
        (Some(said), Some(worst)) if said.eq_ignore_ascii_case(ACTIVE_INCIDENT) => Meaning::DEGRADED.worst(worst),
        (said, _) => read_any(&mut report, &STATE, said.into_iter(), "(no text in the bar)"),
    };
    for incident in &report.incidents {
        mark(&mut components, incident);
    }
    report.services.push(whole::page(name(&page)?, claim, &report.incidents));
    report.services.extend(components);
    Ok(report)
}

/// What the bar says. Beside it stands when the page was updated, as so many seconds ago.
fn said(bar: ElementRef<'_>) -> String {
    let text = inside(bar).find(|element| element.value().id() == Some("statusbar_text"));
    text.or_else(|| by_tag(bar, "strong")).map(headline).unwrap_or_default()
}

/// The page's own name, from its title: "<name> System Status".
fn name(page: &Html) -> Result<String, ParseError> {
    let title = title(page);
    if title.is_empty() {
        return Err(ParseError::unrecognised("a status.io page without a title"));
    }
    Ok(name_in_title(&title, &[" System Status", " Status"]))
}

fn components(list: ElementRef<'_>, report: &mut Report) -> Result<Vec<Service>, ParseError> {
    let mut services = Vec::new();
    for component in inside(list).filter(|&element| has_class(element, "component")) {
        if around(component).any(|outer| outer.value().id() == Some("statusio_external_services")) {
            continue;
        }
        let name = by_class(component, "component_name").map(headline).unwrap_or_default();
        if name.is_empty() {
            return Err(ParseError::unrecognised("a .component without a .component_name"));
        }
        match containers(component) {
            containers if !containers.is_empty() => {
                services.extend(containers.into_iter().map(|(region, state)| {
                    let mut service = Service::named(format!("{name}/{region}"), name.clone());
                    service.dimensions.insert(dimension_names::REGION.to_owned(), region.into());
                    service.set(state);
                    service
                }));
            }
            _ => {
                let mut service = Service::named(name.clone(), name);
                let word = by_class(component, "component-status").map(headline);
                service.set(read_any(report, &STATE, word.as_deref().into_iter(), "(no .component-status)"));
                services.push(service);
            }
        }
    }
    if services.is_empty() {
        return Err(ParseError::unrecognised("no .component in #statusio_components: the markup has changed"));
    }
    Ok(services)
}

/// A component's containers with their own states; none unless every one of them has a state that is known, for then the
/// component's own says more.
fn containers(component: ElementRef<'_>) -> Vec<(String, Meaning)> {
    let names = inside(component).filter(|&element| has_class(element, "container_name"));
    let read = |name: ElementRef<'_>| Some((headline(name), state_beside(name, component)?));
    let containers: Option<Vec<_>> = names.map(read).collect();
    containers.unwrap_or_default()
}

/// The state that stands with a container's name: in the largest block around the name that holds no other container's.
fn state_beside(name: ElementRef<'_>, component: ElementRef<'_>) -> Option<Meaning> {
    let is_name = |element: &ElementRef<'_>| has_class(*element, "container_name");
    let block =
        around(name).take_while(|&outer| outer != component && inside(outer).filter(is_name).count() == 1).last()?;
    inside(block).find_map(|element| {
        let hints = ["title", "data-original-title"].into_iter().filter_map(|hint| element.attr(hint));
        let own: String = element.children().filter_map(|child| child.value().as_text()).map(|text| &**text).collect();
        hints.map(collapse).chain([collapse(&own)]).find_map(|word| STATE.meaning(&word))
    })
}

fn meaning(service: &Service) -> Meaning {
    let planned = service.dimensions.contains_key(dimension_names::MAINTENANCE);
    if planned { Meaning::Maintenance } else { Meaning::Is(service.status) }
}

/// Marks the components that an incident names, while it goes on.
fn mark(components: &mut [Service], incident: &Incident) {
    if incident.kind != IncidentKind::Incident || !incident.is_open() {
        return;
    }
    for service in components.iter_mut().filter(|service| incident.services.contains(&service.key)) {
        let named = service.dimensions.entry(dimension_names::INCIDENT.to_owned());
        named.or_insert_with(|| incident.key.as_str().into());
    }
}

#[cfg(test)]
mod tests;
