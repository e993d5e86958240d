//! All targets as the store has them, and the snapshot made of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use unistatus_core::schema::Timestamp;
use unistatus_core::store::TargetState;

use super::{Body, Snapshot, TargetView, render};

/// What the store has, rendered target by target, so that a change of one renders that one only.
#[derive(Debug, Default)]
pub(super) struct World {
    targets: BTreeMap<String, Known>,
    /// Whether what is to be served differs from the last snapshot.
    changed: bool,
    snapshot: Option<Arc<Snapshot>>,
}

#[derive(Debug)]
struct Known {
    state: TargetState,
    view: Arc<TargetView>,
}

impl World {
    /// Takes over all targets: those that are not among them are gone.
    pub(super) fn replace(&mut self, states: Vec<TargetState>, now: Timestamp) {
        let mut gone = std::mem::take(&mut self.targets);
        for state in states {
            if let Some(known) = gone.remove(&state.name) {
                self.targets.insert(state.name.clone(), known);
            }
            self.put(state, now);
        }
        self.changed |= !gone.is_empty();
    }

    /// Takes over one target.
    pub(super) fn put(&mut self, state: TargetState, now: Timestamp) {
        if state.retired {
            self.remove(&state.name);
            return;
        }
        match self.targets.get_mut(&state.name) {
            Some(known) if shows_the_same(&known.state, &state) => known.state = state,
            Some(known) => {
                known.view = Arc::new(TargetView::new(&state, now, Some(&known.view)));
                known.state = state;
                self.changed = true;
            }
            None => {
                let view = Arc::new(TargetView::new(&state, now, None));
                self.targets.insert(state.name.clone(), Known { state, view });
                self.changed = true;
            }
        }
    }

    /// Forgets one target.
    pub(super) fn remove(&mut self, name: &str) {
        self.changed |= self.targets.remove(name).is_some();
    }

    /// What is to be served from now on: the same snapshot as before, unless a target changed, became stale or came
    /// back.
    pub(super) fn snapshot(&mut self, now: Timestamp) -> Arc<Snapshot> {
        for known in self.targets.values_mut() {
            if known.state.health.is_stale(now) != known.view.is_stale() {
                known.view = Arc::new(TargetView::new(&known.state, now, Some(&known.view)));
                self.changed = true;
            }
        }
        match &self.snapshot {
            Some(snapshot) if !self.changed => Arc::clone(snapshot),
            before => {
                let targets: Vec<Arc<TargetView>> =
                    self.targets.values().map(|known| Arc::clone(&known.view)).collect();
                let status = render::list(targets.iter().map(|target| target.entry().as_ref()));
                let status = Body::new(status, now, before.as_ref().map(|before| before.status()));
                let snapshot = Arc::new(Snapshot { status, targets });
                self.snapshot = Some(Arc::clone(&snapshot));
                self.changed = false;
                snapshot
            }
        }
    }

    /// The first moment at which one more target is stale, if nothing is heard of it until then.
    pub(super) fn next_stale(&self) -> Option<Timestamp> {
        self.targets
            .values()
            .filter(|known| !known.view.is_stale())
            .filter_map(|known| known.state.health.stale_from())
            .min()
    }
}

/// Whether two states of one target look the same to a client but for their age.
fn shows_the_same(before: &TargetState, after: &TargetState) -> bool {
    before.endpoint == after.endpoint
        && before.kind == after.kind
        && before.about == after.about
        && before.services == after.services
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use unistatus_core::schema::Status;

    use super::*;
    use crate::snapshot::testing::{BELIEVED_SECS, at, service, target};

    fn world(states: impl IntoIterator<Item = TargetState>) -> World {
        let mut world = World::default();
        world.replace(states.into_iter().collect(), at(0));
        world
    }

    fn text(snapshot: &Snapshot) -> &str {
        std::str::from_utf8(snapshot.status().bytes()).unwrap()
    }

    #[test]
    fn targets_are_ordered_by_name_and_services_by_their_source() {
        let services = ["b", "a", "c"].map(|name| service(name, Status::Ok));
        let snapshot = world([target("z", []), target("a-b", services), target("a", [])]).snapshot(at(0));
        let names =
            text(&snapshot).match_indices("\"name\":").filter_map(|(at, _)| text(&snapshot)[at..].split('"').nth(3));
        assert_eq!(names.collect::<Vec<_>>(), ["a", "a-b", "b", "a", "c", "z"]);
        assert!(snapshot.target("a-b").is_some() && snapshot.target("b").is_none());
    }

    #[test]
    fn a_change_of_health_alone_renders_nothing() {
        let mut world = world([target("a", [service("x", Status::Ok)])]);
        let before = world.snapshot(at(0));
        let mut state = target("a", [service("x", Status::Ok)]);
        state.health.last_success = Some(at(60));
        world.put(state.clone(), at(60));
        assert!(Arc::ptr_eq(&world.snapshot(at(60)), &before));
        world.replace(vec![state], at(61));
        assert!(Arc::ptr_eq(&world.snapshot(at(61)), &before));
        assert_eq!(world.next_stale(), Some(at(60 + BELIEVED_SECS).plus(Duration::from_millis(1))));
    }

    #[test]
    fn a_change_of_one_target_renders_that_one_only() {
        let mut world = world(["a", "b"].map(|name| target(name, [service("x", Status::Ok)])));
        let before = world.snapshot(at(0));
        world.put(target("b", [service("x", Status::Outage)]), at(1));
        let after = world.snapshot(at(1));
        assert!(Arc::ptr_eq(&before.targets[0], &after.targets[0]));
        assert!(!Arc::ptr_eq(&before.targets[1], &after.targets[1]));
        assert!(text(&after).contains("Outage"));
    }

    #[test]
    fn retired_removed_and_missing_targets_are_gone() {
        let mut world = world(["a", "b", "c", "d"].map(|name| target(name, [])));
        world.snapshot(at(0));
        world.remove("a");
        world.put(TargetState { retired: true, ..target("b", []) }, at(1));
        world.replace(vec![target("d", [])], at(1));
        assert_eq!(
            text(&world.snapshot(at(1))),
            r#"{"targets":[{"name":"d","endpoint":"https://d.test/","type":"REST","services":[]}]}"#
        );
    }

    #[test]
    fn a_silent_target_becomes_stale_and_a_success_brings_it_back() {
        let mut world = world([target("a", [service("x", Status::Ok)])]);
        let fresh = world.snapshot(at(0));
        let stale_at = world.next_stale().unwrap();
        assert!(Arc::ptr_eq(&world.snapshot(at(BELIEVED_SECS)), &fresh));
        let stale = world.snapshot(stale_at);
        assert!(text(&stale).contains(r#""lastKnownStatus":"OK""#));
        assert_eq!(world.next_stale(), None);
        let mut back = target("a", [service("x", Status::Ok)]);
        back.health.last_success = Some(stale_at);
        world.put(back, stale_at);
        assert_eq!(text(&world.snapshot(stale_at)), text(&fresh));
    }
}
