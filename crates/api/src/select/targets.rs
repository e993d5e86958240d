//! Which targets, by what they are and how the asking goes.

use std::sync::Arc;

use super::{Needle, TargetFilter};
use crate::snapshot::{Snapshot, TargetView};

/// Which targets. What is empty lets everything pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct TargetSelection {
    /// What they are.
    pub(crate) targets: TargetFilter,
    /// Part of what they are called.
    pub(crate) q: Option<Needle>,
    /// Whether their last ask failed.
    pub(crate) failing: Option<bool>,
    /// Whether they are not believed any more.
    pub(crate) stale: Option<bool>,
}

impl TargetSelection {
    /// The targets, ordered by name; only those behind a name, if one is given.
    pub(crate) fn targets<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        behind: Option<&str>,
    ) -> impl Iterator<Item = &'a Arc<TargetView>> {
        snapshot.targets_behind(behind).iter().filter(|target| self.takes(target))
    }

    fn takes(&self, target: &TargetView) -> bool {
        self.targets.takes(target)
            && self.q.as_ref().is_none_or(|q| q.is_in_target(target))
            && self.failing.is_none_or(|failing| failing == target.state().health.failure.is_some())
            && self.stale.is_none_or(|stale| stale == target.is_stale())
    }
}
