//! What is known now, in memory, its bodies rendered once per change.
//!
//! [`keep`] follows the store and publishes; [`Snapshots`] reads, without ever waiting for the store.

mod backoff;
mod body;
mod feed;
mod follow;
mod render;
mod target;
#[cfg(test)]
pub(crate) mod testing;
mod watch;
mod world;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Place, TargetState};

pub(crate) use body::{Body, LastModified};
pub(crate) use feed::{Change, Item, Lagged};
pub(crate) use target::TargetView;
pub(crate) use watch::{Snapshots, keep};
use world::World;

use crate::metrics::Seen;

/// All that is known at one moment.
pub(crate) struct Snapshot {
    status: Arc<Body>,
    /// Ordered by name, bytewise.
    targets: Vec<Arc<TargetView>>,
}

impl Snapshot {
    /// What is to be served of these targets.
    pub(crate) fn of(states: Vec<TargetState>, now: Timestamp) -> Arc<Self> {
        let mut world = World::default();
        world.replace(states, now);
        world.snapshot(now)
    }

    /// All targets with their services: the body of `GET /api/status`.
    pub(crate) fn status(&self) -> &Body {
        &self.status
    }

    /// The body of `GET /api/status` with some targets only.
    pub(crate) fn status_of(&self, is_wanted: impl Fn(&TargetView) -> bool) -> Bytes {
        if self.targets.iter().all(|target| is_wanted(target)) {
            return self.status.bytes().clone();
        }
        let wanted = self.targets.iter().filter(|target| is_wanted(target));
        render::list(wanted.map(|target| target.entry().as_ref()))
    }

    /// All targets, ordered by name, bytewise.
    pub(crate) fn targets(&self) -> &[Arc<TargetView>] {
        &self.targets
    }

    /// The targets whose names come after this one, whether there is such a target or not; all of them for `None`.
    pub(crate) fn targets_behind(&self, name: Option<&str>) -> &[Arc<TargetView>] {
        let begin = name.map_or(0, |name| self.targets.partition_point(|target| target.name() <= name));
        &self.targets[begin..]
    }

    /// All targets as metrics tell of them, ordered by name.
    pub(crate) fn seen(&self) -> impl Iterator<Item = Seen<'_>> + Clone {
        self.targets.iter().map(|target| Seen { state: target.state(), is_stale: target.is_stale() })
    }

    /// The target of that name.
    pub(crate) fn target(&self, name: &str) -> Option<&Arc<TargetView>> {
        let position = self.targets.binary_search_by(|target| target.name().cmp(name)).ok()?;
        self.targets.get(position)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("targets", &self.targets.len()).finish_non_exhaustive()
    }
}

/// The newest snapshot.
#[derive(Clone, Debug)]
pub(crate) struct Latest {
    /// What is known.
    pub(crate) snapshot: Arc<Snapshot>,
    /// When the store last confirmed it, while the database is away; `None` while it is there.
    pub(crate) unconfirmed_since: Option<Timestamp>,
    /// The number of the first item of the feed that the snapshot does not know of.
    pub(crate) follows: u64,
    /// The place of the last change that the snapshot knows of; `None` where the store could not say.
    pub(crate) place: Option<Place>,
}
