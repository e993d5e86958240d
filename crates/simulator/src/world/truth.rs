//! What is true of a vendor at one moment: the script's part and the part set by hand, put together.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::incident::{Incident, IncidentKind, Stage, Update};
use super::overrides::{Override, Overrides, trouble};
use super::time::{Calendar, Moment, moment};
use super::timeline::{Episode, Step};
use super::{Condition, Dice, Service, Vendor, hash};

/// So many closed incidents are in a vendor's history.
const HISTORY: usize = 10;

/// What a service is like, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceState {
    /// What it is like.
    pub condition: Condition,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// What is true of a vendor at one moment.
#[derive(Clone, Debug)]
pub struct Truth<'a> {
    /// Whose truth it is.
    pub vendor: &'a Vendor,
    states: Vec<ServiceState>,
    incidents: Vec<Incident>,
    /// When any of it last changed.
    pub updated_at: DateTime<Utc>,
}

impl<'a> Truth<'a> {
    /// What is true of `vendor` when so much time has passed on the timeline. The same arguments always give the same
    /// truth.
    pub fn of(vendor: &'a Vendor, elapsed: Duration, calendar: &Calendar, overrides: &Overrides) -> Self {
        let now = moment(elapsed);
        let scripted = scripted_states(vendor, now, calendar);
        let by_hand = |(place, state)| overrides.service(place).map_or(state, |one| one.over(state));
        let states: Vec<_> = scripted.into_iter().enumerate().map(by_hand).collect();
        let incidents = incidents(vendor, now, calendar, overrides);

        let changes = states.iter().map(|state| state.since);
        let posts = incidents.iter().map(|incident| incident.latest().at);
        let updated_at = changes.chain(posts).chain(overrides.changed_at()).max().unwrap_or(calendar.epoch);
        Self { vendor, states, incidents, updated_at }
    }

    /// Every service with its state, in the vendor's order.
    pub fn services(&self) -> impl Iterator<Item = (&'a Service, ServiceState)> {
        self.vendor.services.iter().zip(self.states.iter().copied())
    }

    /// The state of the service at a place.
    pub fn state(&self, place: usize) -> Option<ServiceState> {
        self.states.get(place).copied()
    }

    /// What the vendor posted, newest first: what is open and the newest of what is over.
    pub fn posted(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.iter().filter(|incident| !incident.implied)
    }

    /// Like [`Self::posted`], with an incident for each service that was set in trouble by hand: for formats that
    /// know events only.
    pub fn events(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.iter()
    }

    /// The services that an incident names, in its order.
    pub fn concerned(&self, incident: &Incident) -> impl Iterator<Item = &'a Service> {
        let services = &self.vendor.services;
        incident.services.iter().filter_map(move |&place| services.get(place))
    }

    /// The worst condition of any service.
    pub fn worst(&self) -> Condition {
        self.states.iter().map(|state| state.condition).max().unwrap_or_default()
    }
}

/// What the script makes of the services: one pass back through the episodes, until each is accounted for.
fn scripted_states(vendor: &Vendor, now: Moment, calendar: &Calendar) -> Vec<ServiceState> {
    let mut states = vec![None; vendor.services.len()];
    let mut missing = states.len();
    for episode in vendor.script.iter().flat_map(|script| script.episodes(&vendor.services, now)) {
        if missing == 0 {
            break;
        }
        let Some((condition, since)) = episode.effect(now) else { continue };
        for &place in &episode.services {
            if let Some(state @ None) = states.get_mut(place) {
                *state = Some(ServiceState { condition, since: calendar.at(since) });
                missing -= 1;
            }
        }
    }
    let untouched = |service: &Service| ServiceState {
        condition: Condition::Operational,
        since: calendar.after(-age(&vendor.name, &service.id)),
    };
    states
        .into_iter()
        .zip(&vendor.services)
        .map(|(state, service)| state.unwrap_or_else(|| untouched(service)))
        .collect()
}

/// How long before the start a service that the script never touched last changed: one to ninety days.
fn age(vendor: &str, service: &str) -> TimeDelta {
    let seconds = 86_400 + Dice::new(hash(&[vendor, service, "age"])).below(89 * 86_400);
    i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds).unwrap_or_default()
}

fn incidents(vendor: &Vendor, now: Moment, calendar: &Calendar, overrides: &Overrides) -> Vec<Incident> {
    // One more than are shown, since the newest may be open.
    let episodes = vendor.script.iter().flat_map(|script| script.episodes(&vendor.services, now));
    let scripted = episodes.take(HISTORY + 1).filter_map(|episode| tell(vendor, &episode, now, calendar));
    let scripted = scripted.filter_map(|mut incident| {
        // Who sets a service by hand takes it out of what the script says is going on.
        if incident.is_open() {
            incident.services.retain(|&place| overrides.service(place).is_none_or(Override::is_released));
        }
        (!incident.services.is_empty()).then_some(incident)
    });
    let mut all: Vec<_> = scripted.chain(overrides.incidents().iter().rev().cloned()).collect();
    // Stable: what began at the same time stays in the order above.
    all.sort_by_key(|incident| std::cmp::Reverse(incident.first.at));
    let mut closed = 0;
    all.retain(|incident| {
        closed += usize::from(!incident.is_open());
        incident.is_open() || closed <= HISTORY
    });
    all
}

/// An episode in words, as far as it has come.
fn tell(vendor: &Vendor, episode: &Episode, now: Moment, calendar: &Calendar) -> Option<Incident> {
    let named: Vec<_> = episode.services.iter().filter_map(|&place| vendor.services.get(place)).collect();
    let worst = episode.steps.iter().map(|step| step.condition).max().unwrap_or_default();
    let name = named.first()?.name.as_str();
    let post = |step: &Step| Update {
        at: calendar.at(step.at),
        stage: step.stage,
        condition: step.condition,
        text: text(step.stage, name, episode.flavour),
    };
    let mut posts = episode.taken(now).map(post);
    let window = (calendar.at(episode.span.0), calendar.at(episode.span.1));
    Some(Incident {
        id: format!("slot{}", episode.slot),
        kind: episode.kind,
        title: format!("{} {name}", trouble(worst)),
        services: episode.services.clone(),
        window: (episode.kind == IncidentKind::Maintenance).then_some(window),
        implied: false,
        first: posts.next()?,
        later: posts.collect(),
    })
}

fn text(stage: Stage, name: &str, flavour: u64) -> String {
    let cause = match flavour % 4 {
        0 => "a faulty change of configuration",
        1 => "a failed storage node",
        2 => "a network link that drops packets",
        _ => "an expired certificate",
    };
    match stage {
        Stage::Investigating => format!("We have reports of trouble with {name} & are looking into them."),
        Stage::Identified => format!("We found the cause: {cause}. A fix is on its way."),
        Stage::Monitoring => format!("The fix is in place; {name} recovers while we watch."),
        Stage::Resolved => format!("{name} is well again. The cause was {cause}."),
        Stage::Scheduled => format!("We will work on {name}; short interruptions may occur."),
        Stage::InProgress => format!("The work on {name} has begun."),
        Stage::Completed => format!("The work on {name} is done."),
    }
}
