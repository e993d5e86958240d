//! What was seen of a target last.

use std::time::Duration;

use unistatus_core::observe::Known;
use unistatus_core::schema::{Status, Timestamp};
use unistatus_core::store::TargetState;

use super::FRESH;

/// What was seen of a target last, whenever that was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The worst of its services; OK where a success told of none, since sources that name their services always do, and
    /// others name what is wrong.
    pub(crate) status: Option<Status>,
    /// When it was asked last with success.
    pub(crate) at: Option<Timestamp>,
}

impl Seen {
    fn new(services: impl Iterator<Item = Status>, at: Option<Timestamp>) -> Self {
        Self { status: at.map(|_| Status::worst(services).unwrap_or(Status::Ok)), at }
    }

    pub(super) fn of_state(state: &TargetState) -> Self {
        Self::new(state.services.iter().map(|service| service.status), state.health.last_success)
    }

    pub(super) fn of_known(known: &Known) -> Self {
        let at = known.health.as_ref().and_then(|health| health.last_success);
        Self::new(known.services.iter().map(|service| service.status), at)
    }

    /// How old it is, if anything was ever seen.
    pub(crate) fn age(&self, now: Timestamp) -> Option<Duration> {
        self.at.map(|at| at.until(now))
    }

    /// Whether it is new enough to be told as it is.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        self.age(now).is_some_and(|age| age < FRESH)
    }

    /// What was seen later.
    pub(super) fn or_later(self, other: Self) -> Self {
        if other.at > self.at { other } else { self }
    }
}
