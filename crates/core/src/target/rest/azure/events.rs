//! Service Health events: the services and regions that active ones name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::incident::{headline, recent, state, updates};
use super::super::json::{list, text, time, word};
use super::super::merge::Merged;
use super::is_of_kind;
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Service, Timestamp, dimension_names};
use crate::target::{Meaning, Report, Vocabulary};

/// What a kind of event means for the services it names. Advisories ask to do something in time, some of them for
/// years, and break nothing by themselves.
static TYPES: Vocabulary = Vocabulary(&[
    // How bad it is, its level says.
    ("ServiceIssue", Meaning::DEGRADED),
    ("EmergingIssues", Meaning::DEGRADED),
    ("PlannedMaintenance", Meaning::Maintenance),
    ("HealthAdvisory", Meaning::OK),
    ("SecurityAdvisory", Meaning::OK),
    ("Billing", Meaning::OK),
    ("RCA", Meaning::OK),
]);

/// What the level of a service issue means: from widespread trouble in several regions down to slow management.
static LEVELS: Vocabulary = Vocabulary(&[
    ("Critical", Meaning::OUTAGE),
    ("Error", Meaning::OUTAGE),
    ("Warning", Meaning::DEGRADED),
    ("Informational", Meaning::DEGRADED),
]);

/// What the status of an event, or of an event in a region, means.
const STATES: &[(&str, IncidentState)] =
    &[("Active", IncidentState::Investigating), ("Resolved", IncidentState::Resolved)];

pub(super) fn is_event(row: &Value) -> bool {
    let properties = row.get("properties").filter(|properties| properties.is_object());
    let has_type = properties.is_some_and(|properties| properties.get("eventType").is_some());
    has_type || (properties.is_some() && is_of_kind(row, "microsoft.resourcehealth/events"))
}

/// Reads the events. Maintenance is announced and over by its times: `now` tells which is under way.
pub(super) fn read(rows: &[&Value], now: Option<Timestamp>) -> Report {
    let mut report = Report::open_only();
    let mut merged = Merged::default();
    let mut incidents = Vec::new();
    for row in rows {
        let event = Event::read(&mut report, row, now);
        let services: Vec<_> = event.services().collect();
        incidents.push(event.incident(&services));
        if event.touches() {
            for (service, _) in services.into_iter().filter(|(_, is_active)| *is_active) {
                merged.add(service);
            }
        }
    }
    report.services = merged.into_services();
    report.incidents = recent(incidents);
    report
}

struct Event<'a> {
    key: String,
    properties: &'a Value,
    kind: IncidentKind,
    state: IncidentState,
    /// What it means for the services it names, or meant.
    meaning: Meaning,
}

impl<'a> Event<'a> {
    fn read(report: &mut Report, row: &'a Value, now: Option<Timestamp>) -> Self {
        let properties = row.get("properties").unwrap_or(&Value::Null);
        let id = text(row, "id").unwrap_or_default();
        let stated = word(properties, "status");
        let stated_state = state(STATES, &stated);
        let by_type = report.read(&TYPES, &word(properties, "eventType"));
        let is_planned = by_type == Meaning::Maintenance;
        let meaning = match (by_type, stated_state) {
            (Meaning::OK, _) => Meaning::OK,
            (_, None) => report.unknown(&stated),
            (Meaning::DEGRADED, Some(state)) => severity(report, properties, state),
            (meaning, Some(_)) => meaning,
        };
        let state = stated_state.unwrap_or(IncidentState::Investigating);
        Self {
            key: text(row, "name").unwrap_or_else(|| id.rsplit('/').next().unwrap_or_default().to_owned()),
            properties,
            kind: if is_planned { IncidentKind::Maintenance } else { IncidentKind::Incident },
            state: if is_planned { planned(properties, state, now) } else { state },
            meaning,
        }
    }

    /// Whether its services are as it says.
    fn touches(&self) -> bool {
        self.meaning != Meaning::OK && matches!(self.state, IncidentState::Investigating | IncidentState::InProgress)
    }

    /// The services that it names, each with whether it still is affected.
    fn services(&self) -> impl Iterator<Item = (Service, bool)> {
        list(self.properties, "impact").iter().flat_map(|impact| {
            let regions = list(impact, "impactedRegions");
            let everywhere = regions.is_empty().then_some(&Value::Null);
            regions.iter().chain(everywhere).filter_map(|region| self.service(impact, region))
        })
    }

    fn service(&self, impact: &Value, region: &Value) -> Option<(Service, bool)> {
        let (id, name) = (text(impact, "impactedServiceGuid"), text(impact, "impactedService"));
        let key = id.as_ref().or(name.as_ref())?;
        let place = text(region, "impactedRegion");
        let key = place.as_ref().map_or_else(|| key.clone(), |place| format!("{key}/{place}"));
        let mut service = Service::named(key, name.as_ref().or(id.as_ref())?);
        service.set(self.meaning);
        let told_at = time(region, "lastUpdateTime").or_else(|| time(self.properties, "lastUpdateTime"));
        // Work that has begun is newer than its announcement.
        let begun = Some(self.state).filter(|state| *state == IncidentState::InProgress);
        service.last_timestamp = told_at.max(begun.and_then(|_| time(self.properties, "impactStartTime")));
        let dimensions = [
            (dimension_names::SERVICE_ID, id),
            (dimension_names::REGION, place),
            (dimension_names::INCIDENT, Some(self.key.clone())),
        ];
        for (name, value) in dimensions {
            if let Some(value) = value {
                service.dimensions.insert(name.to_owned(), value.into());
            }
        }
        let is_over = text(region, "status").and_then(|word| state(STATES, &word)) == Some(IncidentState::Resolved);
        Some((service, !is_over))
    }

    fn incident(&self, services: &[(Service, bool)]) -> Incident {
        let Self { properties, state, .. } = self;
        let title = text(properties, "title").or_else(|| text(properties, "header")).unwrap_or_default();
        let title = headline(&title);
        Incident {
            key: self.key.clone(),
            kind: self.kind,
            title: if title.is_empty() { self.key.clone() } else { title },
            state: *state,
            impact: Some(self.meaning.status()),
            started_at: time(properties, "impactStartTime"),
            updated_at: time(properties, "lastUpdateTime"),
            resolved_at: time(properties, "impactMitigationTime").filter(|_| state.is_closed()),
            url: None,
            services: services.iter().map(|(service, _)| service.key.clone()).collect(),
            updates: updates(self.posts().into_iter()),
        }
    }

    /// What was said. Each region repeats it; where none does, the summary is all there is.
    fn posts(&self) -> Vec<IncidentUpdate> {
        let impacts = list(self.properties, "impact").iter();
        let regions = impacts.flat_map(|impact| list(impact, "impactedRegions"));
        let said: BTreeSet<_> = regions
            .flat_map(|region| list(region, "updates"))
            .filter_map(|update| Some((time(update, "updateDateTime"), text(update, "summary")?)))
            .collect();
        if said.is_empty() {
            let summary = text(self.properties, "summary").or_else(|| text(self.properties, "description"));
            let at = time(self.properties, "lastUpdateTime");
            return summary.map(|text| IncidentUpdate { at, state: None, text }).into_iter().collect();
        }
        said.into_iter().map(|(at, text)| IncidentUpdate { at, state: None, text }).collect()
    }
}

/// How bad a service issue is, by its level; without one, trouble is all that is known.
fn severity(report: &mut Report, properties: &Value, state: IncidentState) -> Meaning {
    match text(properties, "eventLevel").or_else(|| text(properties, "level")) {
        None => Meaning::DEGRADED,
        // Nobody needs to learn the words of what is over.
        Some(level) if state.is_closed() => LEVELS.meaning(&level).unwrap_or(Meaning::DEGRADED),
        Some(level) => report.read(&LEVELS, &level),
    }
}

/// How far maintenance has come. It is active from its announcement on; without a clock it is only announced.
fn planned(properties: &Value, stated: IncidentState, now: Option<Timestamp>) -> IncidentState {
    let begins = time(properties, "impactStartTime");
    let ends = time(properties, "impactMitigationTime");
    match now {
        _ if stated.is_closed() => IncidentState::Completed,
        Some(now) if ends.is_some_and(|end| end <= now) => IncidentState::Completed,
        Some(now) if begins.is_some_and(|begin| begin <= now) => IncidentState::InProgress,
        _ => IncidentState::Scheduled,
    }
}
