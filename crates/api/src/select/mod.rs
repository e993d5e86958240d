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

use std::sync::Arc;

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
    pub(crate) target: &'a Arc<TargetView>,
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

    /// Lets those services of a target pass that are asked for.
    pub(crate) fn services_of(&self, target: &TargetView) -> impl Fn(&Served<'_>) -> bool {
        let q = self.needle_in(target);
        move |service| self.services.takes(service) && q.is_none_or(|needle| needle.is_in(service.name()))
    }

    /// What a service's name must have, where the target's has it not.
    fn needle_in(&self, target: &TargetView) -> Option<&Needle> {
        self.q.as_ref().filter(|q| !q.is_in_target(target))
    }

    fn of<'a>(&self, target: &'a Arc<TargetView>) -> Option<Selected<'a>> {
        let services: Vec<Served<'a>> = target.services().filter(self.services_of(target)).collect();
        let is_about_services = self.needle_in(target).is_some() || !self.services.is_empty();
        (!services.is_empty() || !is_about_services).then_some(Selected { target, services })
    }
}

impl<'a> Selected<'a> {
    /// Its object in the list of targets.
    pub(crate) fn entry(&self, fields: TargetFields) -> TargetEntry<'a> {
        TargetEntry::new(self.target.state(), self.services.iter().copied(), fields)
    }
}
