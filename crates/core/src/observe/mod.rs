//! What an ask changes: what was known + what was observed → a commit. Pure.

mod known;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::schema::{
    Event, Gap, Incident, IncidentKind, IncidentState, Service, Status, Timestamp, Validators, dimension_names,
    truncate,
};
use crate::store::{Change, Commit, Failure, Health, stale_after};
use crate::target::{Answer, CollectError, Coverage, Identity, Observation, Report};

pub use known::{Known, KnownIncident, Source};

/// How far a source's clock may run before ours. A time further ahead is a plan, not something that happened.
const CLOCK_SKEW: Duration = Duration::from_mins(5);

/// The circumstances of an ask.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// Who was asked.
    pub identity: &'a Identity,
    /// The id of the commit to be.
    pub commit_id: String,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The interval that is asked at.
    pub interval: Duration,
    /// What ended before is not kept; `None` where everything is.
    pub horizon: Option<Timestamp>,
    /// When it will be asked next.
    pub next: Timestamp,
}

/// What an ask changes of what is known.
///
/// A failure changes nothing but the health: it says nothing about the services. An observation that says what is
/// known already changes nothing but the health either.
pub fn observe(known: &Known, ask: Ask<'_>, outcome: &Result<Observation, CollectError>) -> Commit {
    let at = ask.at.max(known.health.as_ref().map_or(ask.at, |health| health.last_attempt));
    let report = match outcome {
        Ok(Observation { answer: Answer::Report(report), .. }) => Some(report),
        Ok(Observation { answer: Answer::Unchanged, .. }) | Err(_) => None,
    };
    let services = report.map_or_else(|| known.services.clone(), |report| merge(known, report, at));
    let incidents = report.map_or_else(Vec::new, |report| changed_incidents(known, report, at, ask.horizon));
    let Identity { endpoint, kind, about, .. } = ask.identity;
    let source = Source { endpoint: endpoint.clone(), kind: *kind, about: about.clone() };
    let is_new = known.source.as_ref() != Some(&source) || known.retired;
    let change = (is_new || services != known.services || !incidents.is_empty()).then(|| Change {
        endpoint: source.endpoint,
        kind: source.kind,
        about: source.about,
        events: events(known, &services, report, &ask.identity.name, at),
        services,
        incidents,
        retired: false,
    });
    let health = health(known, &ask, at, outcome);
    let gap = outcome.is_ok().then(|| gap(known, at)).flatten();
    Commit {
        id: ask.commit_id,
        target: ask.identity.name.clone(),
        base: known.revision,
        change,
        gap,
        health,
        fence: None,
    }
}

/// The time that ends with a success and that no success covers.
fn gap(known: &Known, success: Timestamp) -> Option<Gap> {
    let from = known.health.as_ref()?.stale_from()?;
    (from < success).then_some(Gap { from, until: success })
}

/// What it changes that a target is asked no more. `None` if it never was, or is retired already.
pub fn retire(known: &Known, name: &str, commit_id: String, at: Timestamp) -> Option<Commit> {
    let (Source { endpoint, kind, about }, health) = (known.source.clone()?, known.health.clone()?);
    let at = at.max(health.last_attempt);
    let change = Change {
        endpoint,
        kind,
        about,
        services: Vec::new(),
        events: events(known, &[], None, name, at),
        incidents: known.incidents.values().filter_map(|incident| over(incident, at)).collect(),
        retired: true,
    };
    // It comes back without services, so "not modified" would tell nothing then.
    let health = Health { validators: Validators::default(), next_ask: None, ..health };
    let (target, base) = (name.to_owned(), known.revision);
    let commit = Commit { id: commit_id, target, base, change: Some(change), gap: None, health, fence: None };
    (!known.retired).then_some(commit)
}

/// The services as they are after a report.
fn merge(known: &Known, report: &Report, at: Timestamp) -> Vec<Service> {
    let before: BTreeMap<&str, &Service> =
        known.services.iter().map(|service| (service.key.as_str(), service)).collect();
    let reported = report.services.iter().map(|service| dated(service, before.get(service.key.as_str()).copied(), at));
    match report.coverage {
        Coverage::Complete => reported.collect(),
        Coverage::OpenOnly => {
            // Known services keep their places: the order in which trouble is listed is not the services' order.
            let mut named: BTreeMap<String, Service> = reported.map(|service| (service.key.clone(), service)).collect();
            let mut services: Vec<Service> = known
                .services
                .iter()
                .map(|service| named.remove(&service.key).unwrap_or_else(|| recovered(service, at)))
                .collect();
            let fresh = report.services.iter().filter_map(|service| named.remove(&service.key));
            services.extend(fresh);
            services
        }
    }
}

/// A reported service with the time of its status: the source's own, else that of the first sight of the status.
fn dated(reported: &Service, before: Option<&Service>, at: Timestamp) -> Service {
    let said = reported.last_timestamp.filter(|&time| time <= at.plus(CLOCK_SKEW));
    let same = before.filter(|before| before.status == reported.status);
    let last_timestamp = said.or_else(|| same.map_or(Some(at), |before| before.last_timestamp));
    Service { last_timestamp, ..reported.clone() }
}

/// A service that an open-only document does not name: nothing is wrong with it.
fn recovered(before: &Service, at: Timestamp) -> Service {
    let mut service = before.clone();
    service.dimensions.retain(|name, _| !dimension_names::is_transient(name));
    if service.status != Status::Ok {
        service.status = Status::Ok;
        service.last_timestamp = Some(at);
    }
    service
}

/// The changes of status between what was known and the services as they are now. Whether it is degraded by planned
/// work or by a fault is part of a service's status: history counts the one otherwise than the other.
fn events(known: &Known, services: &[Service], report: Option<&Report>, target: &str, at: Timestamp) -> Vec<Event> {
    let revision = known.revision + 1;
    let before: BTreeMap<&str, &Service> =
        known.services.iter().map(|service| (service.key.as_str(), service)).collect();
    let said: BTreeMap<&str, Option<Timestamp>> = report
        .map(|report| report.services.iter().map(|service| (service.key.as_str(), service.last_timestamp)).collect())
        .unwrap_or_default();
    let event = |service: &Service, from, to| Event {
        target: target.to_owned(),
        revision,
        key: service.key.clone(),
        service: service.name.clone(),
        dimensions: service.dimensions.clone(),
        from,
        to,
        source_at: to.and_then(|_| said.get(service.key.as_str()).copied().flatten()),
        at,
    };
    let now: BTreeSet<&str> = services.iter().map(|service| service.key.as_str()).collect();
    let removed = known
        .services
        .iter()
        .filter(|service| !now.contains(service.key.as_str()))
        .map(|service| event(service, Some(service.status), None));
    let changed = services.iter().filter_map(|service| {
        let from = before.get(service.key.as_str()).copied();
        let is_same = from.is_some_and(|from| standing(from) == standing(service));
        (!is_same).then(|| event(service, from.map(|from| from.status), Some(service.status)))
    });
    changed.chain(removed).collect()
}

/// What history tells of a service at a moment.
fn standing(service: &Service) -> (Status, bool) {
    (service.status, dimension_names::is_planned(&service.dimensions))
}

/// The incidents that a report brings anew or otherwise than known, and those that were open and are listed no more:
/// they are over, since when we do not know, so since now.
///
/// Feeds list closed incidents for years: those that are new and would be forgotten at once are left out.
fn changed_incidents(known: &Known, report: &Report, at: Timestamp, horizon: Option<Timestamp>) -> Vec<Incident> {
    let mut listed = BTreeSet::new();
    let mut changed: Vec<Incident> = Vec::new();
    for incident in &report.incidents {
        let is_first = listed.insert(incident.key.as_str());
        let is_told = match known.incidents.get(&incident.key) {
            Some(known) => !known.is_same(incident),
            None => horizon.zip(incident.ended_at()).is_none_or(|(horizon, ended)| ended >= horizon),
        };
        if is_first && is_told {
            changed.push(incident.clone());
        }
    }
    let vanished = known.incidents.iter().filter(|(key, _)| !listed.contains(key.as_str()));
    changed.extend(vanished.filter_map(|(_, incident)| over(incident, at)));
    changed
}

/// An incident that nobody will tell of any more, as it is from now on; `None` if it was over already.
fn over(incident: &KnownIncident, at: Timestamp) -> Option<Incident> {
    let KnownIncident::Open(incident) = incident else { return None };
    let state = match incident.kind {
        IncidentKind::Incident => IncidentState::Resolved,
        IncidentKind::Maintenance => IncidentState::Completed,
    };
    Some(Incident { state, resolved_at: Some(at), ..(**incident).clone() })
}

fn health(known: &Known, ask: &Ask<'_>, at: Timestamp, outcome: &Result<Observation, CollectError>) -> Health {
    let before = known.health.as_ref();
    let base = Health {
        interval_ms: millis(ask.interval),
        last_attempt: at,
        last_success: before.and_then(|health| health.last_success),
        believed_until: before.and_then(Health::last_believed),
        duration_ms: millis(ask.took),
        http_status: None,
        bytes: 0,
        consecutive_failures: 0,
        failure: None,
        not_before: None,
        next_ask: Some(ask.next),
        validators: before.map(|health| health.validators.clone()).unwrap_or_default(),
    };
    match outcome {
        Ok(observation) => Health {
            last_success: Some(at),
            believed_until: Some(at.plus(stale_after(ask.interval))),
            http_status: observation.http_status,
            bytes: observation.bytes,
            validators: observation.validators.clone(),
            ..base
        },
        Err(error) => Health {
            http_status: error.http_status(),
            consecutive_failures: known.failures().saturating_add(1),
            failure: Some(Failure { class: error.class(), message: truncate(&error.to_string(), 500) }),
            not_before: error.retry_after().map(|wait| at.plus(ask.took).plus(wait)),
            ..base
        },
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
