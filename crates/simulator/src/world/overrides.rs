//! What was set by hand at run time, on top of the script.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::incident::{Incident, IncidentKind, Stage, Update};
use super::truth::ServiceState;
use super::{Condition, Vendor};

/// So many closed incidents are kept.
const KEPT: usize = 20;
/// Planned work that begins by hand is announced to last so long.
const PLANNED: TimeDelta = TimeDelta::hours(1);

/// The overrides of one vendor.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    services: BTreeMap<usize, Override>,
    incidents: Vec<Incident>,
    opened: u64,
    changed_at: Option<DateTime<Utc>>,
}

/// What was said by hand about a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Override {
    said: ServiceState,
    /// Since when the script speaks again.
    released_at: Option<DateTime<Utc>>,
}

impl Override {
    pub(super) fn is_released(&self) -> bool {
        self.released_at.is_some()
    }

    /// The service's state, given what the script makes of it. Its time moves only when its condition does.
    pub(super) fn over(&self, scripted: ServiceState) -> ServiceState {
        match self.released_at {
            None => self.said,
            Some(at) if scripted.since > at => scripted,
            Some(_) if scripted.condition == self.said.condition => self.said,
            Some(at) => ServiceState { since: at, ..scripted },
        }
    }
}

/// An incident to open by hand. It is something that the vendor says: the conditions of the services are set apart.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewIncident {
    /// What the vendor calls it.
    pub title: String,
    /// How bad the vendor says it is. `Operational` makes it a notice, `Maintenance` a running maintenance.
    pub condition: Condition,
    /// The services that it names, by id or by name.
    #[serde(default)]
    pub services: Vec<String>,
}

impl Overrides {
    /// Sets a service's condition. `current` is its state now: what does not change it does not make it younger.
    pub(crate) fn set(
        &mut self,
        vendor: &Vendor,
        place: usize,
        current: ServiceState,
        condition: Condition,
        at: DateTime<Utc>,
    ) {
        let since = if current.condition == condition { current.since } else { at };
        let said = ServiceState { condition, since };
        self.services.insert(place, Override { said, released_at: None });
        self.imply(vendor, place, condition, at);
        self.changed_at = Some(at);
    }

    /// Gives a service back to the script.
    pub(crate) fn release(&mut self, vendor: &Vendor, place: usize, at: DateTime<Utc>) {
        let held = self.services.get_mut(&place).filter(|one| !one.is_released());
        if let Some(held) = held {
            held.released_at = Some(at);
            self.imply(vendor, place, Condition::Operational, at);
            self.changed_at = Some(at);
        }
    }

    /// Opens an incident that names the services at `places`, and answers its id.
    pub(crate) fn open(&mut self, draft: NewIncident, places: Vec<usize>, at: DateTime<Utc>) -> String {
        let NewIncident { title, condition, services: _ } = draft;
        self.begin(title, places, condition, at, false)
    }

    /// Posts an update to an incident; it need not be open. Says whether there is one of that id.
    pub(crate) fn post(&mut self, id: &str, stage: Stage, text: &str, at: DateTime<Utc>) -> bool {
        let Some(incident) = self.incidents.iter_mut().find(|incident| incident.id == id) else { return false };
        let condition = if stage.is_over() { Condition::Operational } else { incident.latest().condition };
        incident.post(Update { at, stage, condition, text: text.to_owned() });
        self.changed_at = Some(at);
        true
    }

    pub(super) fn service(&self, place: usize) -> Option<&Override> {
        self.services.get(&place)
    }

    pub(super) fn incidents(&self) -> &[Incident] {
        &self.incidents
    }

    pub(super) fn changed_at(&self) -> Option<DateTime<Utc>> {
        self.changed_at
    }

    /// Keeps the implied incident of a service in step with its condition: formats that list only events have no
    /// other way to tell of it.
    fn imply(&mut self, vendor: &Vendor, place: usize, condition: Condition, at: DateTime<Utc>) {
        let (kind, stage, text) = opening(condition);
        let open = self
            .incidents
            .iter_mut()
            .find(|incident| incident.implied && incident.is_open() && incident.services.first() == Some(&place));
        if let Some(incident) = open {
            if condition != Condition::Operational && incident.kind == kind {
                if incident.latest().condition != condition {
                    incident.post(Update { at, stage, condition, text: text.to_owned() });
                }
                return;
            }
            let (stage, text) = ending(incident.kind);
            incident.post(Update { at, stage, condition: Condition::Operational, text: text.to_owned() });
        }
        if let (Some(service), true) = (vendor.services.get(place), condition != Condition::Operational) {
            let title = format!("{} {}", trouble(condition), service.name);
            self.begin(title, vec![place], condition, at, true);
        }
    }

    fn begin(
        &mut self,
        title: String,
        services: Vec<usize>,
        condition: Condition,
        at: DateTime<Utc>,
        implied: bool,
    ) -> String {
        let (kind, stage, text) = opening(condition);
        self.opened += 1;
        let id = format!("manual-{}", self.opened);
        let first = Update { at, stage, condition, text: text.to_owned() };
        let window = (kind == IncidentKind::Maintenance).then(|| (at, at.checked_add_signed(PLANNED).unwrap_or(at)));
        self.incidents.push(Incident { id: id.clone(), kind, title, services, window, implied, first, later: vec![] });
        self.forget();
        self.changed_at = Some(at);
        id
    }

    /// Forgets the oldest closed incidents beyond those kept.
    fn forget(&mut self) {
        let mut surplus = self.incidents.iter().filter(|incident| !incident.is_open()).count().saturating_sub(KEPT);
        self.incidents.retain(|incident| {
            let forgotten = surplus > 0 && !incident.is_open();
            surplus -= usize::from(forgotten);
            !forgotten
        });
    }
}

fn opening(condition: Condition) -> (IncidentKind, Stage, &'static str) {
    match condition {
        Condition::Maintenance => (IncidentKind::Maintenance, Stage::InProgress, "The planned work has begun."),
        Condition::Operational => {
            (IncidentKind::Incident, Stage::Investigating, "Nothing is affected; for your notice.")
        }
        Condition::Degraded => (IncidentKind::Incident, Stage::Investigating, "We are looking into slow answers."),
        Condition::PartialOutage => {
            (IncidentKind::Incident, Stage::Investigating, "We are looking into errors that some customers see.")
        }
        Condition::MajorOutage => {
            (IncidentKind::Incident, Stage::Investigating, "We are looking into an outage for all customers.")
        }
    }
}

fn ending(kind: IncidentKind) -> (Stage, &'static str) {
    match kind {
        IncidentKind::Incident => (Stage::Resolved, "All is well again."),
        IncidentKind::Maintenance => (Stage::Completed, "The planned work is done."),
    }
}

/// How a title begins that tells of a condition.
pub(super) fn trouble(condition: Condition) -> &'static str {
    match condition {
        Condition::Operational => "A note on",
        Condition::Maintenance => "Planned work on",
        Condition::Degraded => "Slow answers from",
        Condition::PartialOutage => "Errors from",
        Condition::MajorOutage => "Outage of",
    }
}
