//! The store's account of the past, sorted by what it is about.

use std::collections::{BTreeMap, HashMap};

use super::Span;
use super::blind::blind_spans;
use crate::schema::Gap;
use crate::store::{Past, Period, TargetState};

/// What is known of one target's past.
#[derive(Debug)]
pub(super) struct Record {
    /// The target as it is now.
    pub(super) state: TargetState,
    /// The periods of each of its services, in the order of the list they came in. The services that are still there
    /// come first, in their present order; the others follow in the order in which they were first seen.
    pub(super) services: Vec<Vec<Period>>,
    /// The time that no success covers.
    pub(super) blind: Vec<Span>,
}

/// What is known of each target, by name.
pub(super) fn records(past: Past) -> impl Iterator<Item = Record> {
    let Past { states, periods, gaps } = past;
    let mut targets: BTreeMap<String, (TargetState, Vec<Period>, Vec<Gap>)> =
        states.into_iter().map(|state| (state.name.clone(), (state, Vec::new(), Vec::new()))).collect();
    for period in periods {
        if let Some((_, periods, _)) = targets.get_mut(&period.event.target) {
            periods.push(period);
        }
    }
    for (target, gap) in gaps {
        if let Some((_, _, gaps)) = targets.get_mut(&target) {
            gaps.push(gap);
        }
    }
    targets.into_values().map(|(state, periods, gaps)| {
        let services = by_service(&state, periods);
        let blind = blind_spans(gaps.into_iter(), state.health.stale_from());
        Record { state, services, blind }
    })
}

/// A target's periods by service, in the order of [`Record::services`].
fn by_service(state: &TargetState, periods: Vec<Period>) -> Vec<Vec<Period>> {
    let mut places: HashMap<String, usize> =
        state.services.iter().enumerate().map(|(place, service)| (service.key.clone(), place)).collect();
    let mut services: Vec<Vec<Period>> = vec![Vec::new(); state.services.len()];
    for period in periods {
        if let Some(&place) = places.get(&period.event.key) {
            services[place].push(period);
        } else {
            places.insert(period.event.key.clone(), services.len());
            services.push(vec![period]);
        }
    }
    services.retain(|periods| !periods.is_empty());
    services
}
