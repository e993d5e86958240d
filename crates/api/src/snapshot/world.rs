//! All targets as the store has them, and the snapshot made of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use unistatus_core::schema::Timestamp;
use unistatus_core::store::TargetState;

use super::{Body, Snapshot, TargetView, render};

/// What the store has, rendered target by target, so that a change of one renders that one only.
#[derive(Debug, Default)]
pub(super) struct World {
    targets: BTreeMap<String, Arc<TargetView>>,
    /// What is new since the last snapshot.
    news: News,
    snapshot: Option<Arc<Snapshot>>,
}

/// How much is new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum News {
    /// Nothing.
    #[default]
    None,
    /// How the collection goes, which no rendered body shows.
    Health,
    /// What the bodies show.
    Shown,
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
        if !gone.is_empty() {
            self.news = News::Shown;
        }
    }

    /// Takes over one target.
    pub(super) fn put(&mut self, state: TargetState, now: Timestamp) {
        if state.retired {
            self.remove(&state.name);
            return;
        }
        let known = self.targets.get(&state.name);
        let (view, news) = match known {
            Some(known) if *known.state() == state => return,
            Some(known) if shows_the_same(known.state(), &state) => (known.with_state(state), News::Health),
            known => (TargetView::new(Arc::new(state), now, known.map(Arc::as_ref)), News::Shown),
        };
        self.targets.insert(view.name().to_owned(), Arc::new(view));
        self.news = self.news.max(news);
    }

    /// Forgets one target.
    pub(super) fn remove(&mut self, name: &str) {
        if self.targets.remove(name).is_some() {
            self.news = News::Shown;
        }
    }

    /// What is to be served from now on: the same snapshot as before where nothing is new, and the same bodies where
    /// no target changed, became stale or came back.
    pub(super) fn snapshot(&mut self, now: Timestamp) -> Arc<Snapshot> {
        for view in self.targets.values_mut() {
            if view.state().health.is_stale(now) != view.is_stale() {
                *view = Arc::new(view.seen_at(now));
                self.news = News::Shown;
            }
        }
        let before = self.snapshot.as_ref();
        let status = match (before, self.news) {
            (Some(before), News::None) => return Arc::clone(before),
            (Some(before), News::Health) => Arc::clone(&before.status),
            (before, _) => {
                let list = render::list(self.targets.values().map(|view| view.entry().as_ref()));
                Body::renewed(list, now, before.map(|before| &before.status))
            }
        };
        let snapshot = Arc::new(Snapshot { status, targets: self.targets.values().map(Arc::clone).collect() });
        self.snapshot = Some(Arc::clone(&snapshot));
        self.news = News::None;
        snapshot
    }

    /// The first moment at which one more target is stale, if nothing is heard of it until then.
    pub(super) fn next_stale(&self) -> Option<Timestamp> {
        self.targets.values().filter(|view| !view.is_stale()).filter_map(|view| view.state().health.stale_from()).min()
    }
}

/// Whether the bodies look the same for two states of one target, but for their age.
fn shows_the_same(before: &TargetState, after: &TargetState) -> bool {
    before.endpoint == after.endpoint && before.kind == after.kind && before.services == after.services
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
    fn a_change_of_health_alone_is_known_and_renders_nothing() {
        let mut world = world([target("a", [service("x", Status::Ok)]), target("b", [])]);
        let before = world.snapshot(at(0));
        let mut state = target("a", [service("x", Status::Ok)]);
        state.health.last_success = Some(at(60));
        world.put(state.clone(), at(60));
        let after = world.snapshot(at(60));
        assert_eq!(after.target("a").unwrap().state().health, state.health);
        assert!(Arc::ptr_eq(&after.status, &before.status));
        assert!(std::ptr::eq(after.target("a").unwrap().rows(), before.target("a").unwrap().rows()));
        assert!(Arc::ptr_eq(&after.targets[1], &before.targets[1]));
        world.replace(vec![state, target("b", [])], at(61));
        assert!(Arc::ptr_eq(&world.snapshot(at(61)), &after), "nothing is new");
        assert_eq!(world.next_stale(), Some(at(BELIEVED_SECS).plus(Duration::from_millis(1))));
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
