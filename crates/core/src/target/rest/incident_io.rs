//! incident.io's status pages, three documents told apart by what is in them:
//!
//! - what its pages read themselves (`/proxy/<host>`): all components, which of them are affected, what goes on;
//! - what its widget reads (`/api/v1/summary`): what goes on, and the components that this affects;
//! - the same in the shape of Statuspage (`/api/v2/…`), which the format of that name reads as well.

mod events;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use self::events::{List, events};
use super::incident::mark_named;
use super::json::{describe, flag, has_list, list, text, time, word};
use super::merge::Merged;
use super::statuspage;
use crate::schema::{Service, Timestamp, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary, whole};

/// What the status of a component means, and the impact of an incident.
static STATUS: Vocabulary = Vocabulary(&[
    ("operational", Meaning::OK),
    ("degraded_performance", Meaning::DEGRADED),
    ("partial_outage", Meaning::DEGRADED),
    ("full_outage", Meaning::OUTAGE),
    ("major_outage", Meaning::OUTAGE),
    ("under_maintenance", Meaning::Maintenance),
]);

/// Reads any of the three documents.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value: Value = document.json()?;
    if let Some(summary) = value.get("summary").filter(|summary| is_whole(summary)) {
        return Ok(whole_summary(summary));
    }
    if is_widget(&value) {
        return Ok(widget(&value));
    }
    if is_compatible(&value) {
        return statuspage::read(&value);
    }
    Err(ParseError::unrecognised(format!(
        "expected incident.io's own summary (an object with summary.components and summary.affected_components), its \
         widget's (page_title and ongoing_incidents) or a Statuspage document with incident.io's ids, found {}",
        describe(&value)
    )))
}

/// Whether this is what a page reads itself. Lists without elements may be null.
fn is_whole(summary: &Value) -> bool {
    let has_components = has_list(summary, "components") || has_list(&summary["structure"], "items");
    has_components && ["affected_components", "ongoing_incidents"].iter().any(|key| is_list_or_null(summary, key))
}

/// Whether this is what the widget reads.
fn is_widget(value: &Value) -> bool {
    text(value, "page_title").is_some() && is_list_or_null(value, "ongoing_incidents")
}

/// Whether this is incident.io in the shape of Statuspage: its ids are ULIDs, those of Statuspage have twelve characters.
fn is_compatible(value: &Value) -> bool {
    let ids = || list(value, "components").iter().filter_map(|component| text(component, "id"));
    match text(value.get("page").unwrap_or(&Value::Null), "id") {
        Some(id) => is_ulid(&id),
        None => ids().next().is_some() && ids().all(|id| is_ulid(&id)),
    }
}

fn is_ulid(id: &str) -> bool {
    id.len() == 26 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() && !b"ILOUilou".contains(&byte))
}

fn is_list_or_null(value: &Value, key: &str) -> bool {
    value.get(key).is_some_and(|list| list.is_array() || list.is_null())
}

/// The page, then its components in its own order. A component that is not affected is well.
fn whole_summary(summary: &Value) -> Report {
    let mut report = Report::complete();
    report.incidents = events(&mut report, summary);
    let mut affected: HashMap<String, Meaning> = HashMap::new();
    for row in list(summary, "affected_components") {
        let Some(id) = component_id(row) else { continue };
        let meaning = report.read(&STATUS, &present(row));
        affected.entry(id).and_modify(|known| *known = known.worst(meaning)).or_insert(meaning);
    }

    let component = |component: Component| {
        let mut service = component.service();
        service.set(affected.get(&component.id).copied().unwrap_or(Meaning::OK));
        service.last_timestamp = since(summary, &component.id);
        service
    };
    let mut services: Vec<Service> = components(summary).into_iter().map(component).collect();
    mark_named(&mut services, &report.incidents);

    let claimed = affected.into_values().fold(Meaning::OK, Meaning::worst);
    let name = text(summary, "name").unwrap_or_else(|| whole::KEY.to_owned());
    let mut page = whole::page(name, claimed, &report.incidents);
    if let Some(id) = text(summary, "id") {
        page.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
    }
    report.services.push(page);
    report.services.extend(services);
    report
}

/// The page, then the components that anything going on affects. The widget is silent about those that are well.
fn widget(value: &Value) -> Report {
    let mut report = Report::open_only();
    report.incidents = events(&mut report, value);
    let (mut affected, mut claimed) = (Merged::default(), Meaning::OK);
    for (event, named) in [List::Ongoing, List::InProgress].iter().flat_map(|list| list.components(value)) {
        let Some(id) = component_id(named) else { continue };
        let component =
            Component { name: text(named, "name").unwrap_or_else(|| id.clone()), group: text(named, "group_name"), id };
        let mut service = component.service();
        // Older widgets do not say how each component is, but how bad the worst of them is.
        let stated = text(named, "current_status").or_else(|| text(event, "current_worst_impact"));
        let meaning = match stated {
            Some(word) => report.read(&STATUS, &word),
            None if events::is_planned(event) => Meaning::Maintenance,
            None => Meaning::UNKNOWN,
        };
        claimed = claimed.worst(meaning);
        service.set(meaning);
        service.last_timestamp = time(event, "last_update_at");
        affected.add(service);
    }
    let mut services = affected.into_services();
    mark_named(&mut services, &report.incidents);

    let title = text(value, "page_title").unwrap_or_default();
    report.services.push(whole::page(title, claimed, &report.incidents));
    report.services.extend(services);
    report
}

/// A component of the page.
struct Component {
    id: String,
    name: String,
    group: Option<String>,
}

impl Component {
    fn service(&self) -> Service {
        let mut service = Service::named(self.id.as_str(), self.name.as_str());
        service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), self.id.as_str().into());
        if let Some(group) = &self.group {
            service.dimensions.insert(dimension_names::GROUP.to_owned(), group.as_str().into());
        }
        service
    }
}

/// The components as the page lays them out, then those that it does not place. Hidden ones are not on the page.
fn components(summary: &Value) -> Vec<Component> {
    let rows = list(summary, "components");
    let mut placed: Vec<(&Value, Option<&Value>)> = Vec::new();
    for item in summary.get("structure").map_or(&[][..], |structure| list(structure, "items")) {
        placed.extend(item.get("component").map(|row| (row, None)));
        if let Some(group) = item.get("group") {
            placed.extend(list(group, "components").iter().map(|row| (row, Some(group))));
        }
    }
    let ids: HashSet<String> = placed.iter().filter_map(|(row, _)| component_id(row)).collect();
    let is_unplaced = |row: &&Value| component_id(row).is_some_and(|id| !ids.contains(&id));
    placed.extend(rows.iter().filter(is_unplaced).map(|row| (row, None)));

    let names: HashMap<_, _> = rows.iter().filter_map(|row| Some((component_id(row)?, text(row, "name")?))).collect();
    let is_hidden = |row: &Value| flag(row, "hidden") == Some(true);
    let shown = placed.into_iter().filter(|(row, group)| !is_hidden(row) && !group.is_some_and(is_hidden));
    shown
        .filter_map(|(row, group)| {
            let id = component_id(row)?;
            let name = text(row, "name").or_else(|| names.get(&id).cloned())?;
            Some(Component { id, name, group: group.and_then(|group| text(group, "name")) })
        })
        .collect()
}

/// The id of the component that a row is or names.
fn component_id(row: &Value) -> Option<String> {
    text(row, "component_id").or_else(|| text(row, "id"))
}

/// The word for how a component is now. `status` beside it is the worst that it was.
fn present(row: &Value) -> String {
    text(row, "current_status").unwrap_or_else(|| word(row, "status"))
}

/// Since when a component is as it is: when the newest of the impacts on it began that go on.
fn since(summary: &Value, id: &str) -> Option<Timestamp> {
    let impacts = events::begun(summary).flat_map(|event| list(event, "component_impacts"));
    let on_it = impacts.filter(|impact| text(impact, "component_id").as_deref() == Some(id));
    on_it.filter(|impact| text(impact, "end_at").is_none()).filter_map(|impact| time(impact, "start_at")).max()
}
