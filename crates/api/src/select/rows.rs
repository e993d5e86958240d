//! The services of one target, in order.

use serde::{Deserialize, Serialize};

use super::{Needle, ServiceFilter};
use crate::contract::Served;
use crate::snapshot::TargetView;

/// Which services of a target. What is empty lets everything pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowSelection {
    /// What they are.
    pub(crate) services: ServiceFilter,
    /// Part of their names.
    pub(crate) q: Option<Needle>,
}

/// Where a page ended: behind which service the next one goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RowPlace {
    /// The service's key.
    key: String,
    /// Where it stood among all services of its target. If it is gone, the one that follows has moved up to there.
    position: usize,
}

impl RowSelection {
    /// The services of a target that are named, or all of them, in the source's order and with their places; only
    /// those behind a place, if one is given.
    pub(crate) fn rows<'a>(
        &self,
        target: &'a TargetView,
        named: Option<&[usize]>,
        behind: Option<&RowPlace>,
    ) -> impl Iterator<Item = (RowPlace, Served<'a>)> {
        let begin = behind.map_or(0, |place| place.next(target));
        let is_named = move |position| named.is_none_or(|named| named.contains(&position));
        let services = target.services().enumerate().skip(begin);
        services
            .filter(move |&(position, service)| is_named(position) && self.takes(&service))
            .map(|(position, service)| (RowPlace { key: service.key().to_owned(), position }, service))
    }

    fn takes(&self, service: &Served<'_>) -> bool {
        self.services.takes(service) && self.q.as_ref().is_none_or(|q| q.is_in(service.name()))
    }
}

impl RowPlace {
    /// The position of the service that follows.
    fn next(&self, target: &TargetView) -> usize {
        target.services().position(|service| service.key() == self.key).map_or(self.position, |found| found + 1)
    }
}
