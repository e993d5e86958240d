//! Which services of which targets are asked for, and the JSON of those. Pure: a snapshot in, bytes out; whoever asks
//! (a route, a stream, a query about the past) brings its own snapshot.

mod filter;
mod rows;
mod targets;

#[cfg(test)]
mod tests;

pub(crate) use filter::{Needle, ServiceFilter, TargetFilter};
pub(crate) use rows::{RowPlace, RowSelection};
pub(crate) use targets::TargetSelection;

use crate::contract::{Served, TargetEntry, TargetFields};
use crate::snapshot::{Snapshot, TargetView};

/// Which services of which targets. What is empty lets everything pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// Which targets.
    pub(crate) targets: TargetFilter,
    /// Which of their services. A target of which none is left is left out.
    pub(crate) services: ServiceFilter,
    /// Part of what the target is called, for all its services, or else of a service's name, for that one.
    pub(crate) q: Option<Needle>,
}

/// A target, and those of its services that are asked for.
#[derive(Clone, Debug)]
pub(crate) struct Selected<'a> {
    /// The target.
    pub(crate) target: &'a TargetView,
    /// Its services, in the source's order.
    pub(crate) services: Vec<Served<'a>>,
}

impl Selection {
    /// The targets with their services, ordered by name; only those behind a name, if one is given.
    pub(crate) fn targets<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        behind: Option<&str>,
    ) -> impl Iterator<Item = Selected<'a>> {
        let targets = snapshot.targets_behind(behind).iter().filter(|target| self.targets.takes(target));
        targets.filter_map(|target| self.of(target))
    }

    fn of<'a>(&self, target: &'a TargetView) -> Option<Selected<'a>> {
        let q = self.q.as_ref().filter(|q| !q.is_in_target(target));
        let is_meant =
            |service: &Served<'_>| self.services.takes(service) && q.is_none_or(|needle| needle.is_in(service.name()));
        let services: Vec<Served<'a>> = target.services().filter(is_meant).collect();
        let is_about_services = q.is_some() || !self.services.is_empty();
        (!services.is_empty() || !is_about_services).then_some(Selected { target, services })
    }
}

impl<'a> Selected<'a> {
    /// Its object in the list of targets.
    pub(crate) fn entry(&self, fields: TargetFields) -> TargetEntry<'a> {
        TargetEntry::new(self.target.state(), self.services.iter().copied(), fields)
    }
}
