//! The histories of targets.

use std::sync::Arc;

use super::record::{Record, records};
use super::{ServiceHistory, Span};
use crate::store::Past;

/// What is known of a target in a window of time.
#[derive(Clone, Debug)]
pub struct TargetHistory {
    /// The target's name.
    pub target: String,
    /// The services that existed in the window, if only for a moment: those that are still there first, in their
    /// present order, then the others in the order in which they were first seen.
    pub services: Vec<ServiceHistory>,
}

/// The history of each target in a window, by name: of the retired ones, too, and of those that had no services.
///
/// `past` covers the window. Time that has not happened yet has no history: give [`Span::before`] the present moment.
pub fn histories(past: Past, window: Span) -> Vec<TargetHistory> {
    records(past).map(|record| history(record, window)).collect()
}

fn history(Record { state, services, blind }: Record, window: Span) -> TargetHistory {
    let blind: Arc<[Span]> = blind.into();
    let history = |periods| ServiceHistory::of(periods, Arc::clone(&blind), window);
    TargetHistory { target: state.name, services: services.into_iter().filter_map(history).collect() }
}
