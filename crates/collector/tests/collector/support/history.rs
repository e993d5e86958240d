//! What the history of a target owes to its state.

use std::collections::{BTreeMap, BTreeSet};

use unistatus_core::schema::{Event, Status};
use unistatus_core::store::Store;

/// A change of a service's status: its name, from, to.
pub(crate) type Change = (String, Option<Status>, Option<Status>);

/// The changes of a target's services, in order.
pub(crate) async fn changes(store: &dyn Store, target: &str) -> Vec<Change> {
    let events = store.events(target).await.unwrap();
    events.into_iter().map(|event| (event.service, event.from, event.to)).collect()
}

/// Asserts that a target's events lead to its state without a gap: each takes up the status that the one before it
/// left, none is there twice, and all of them together make the services as they are; by revision and by time. Answers the
/// revisions that brought an event.
pub(crate) async fn assert_whole(store: &dyn Store, target: &str) -> BTreeSet<u64> {
    let mut events = store.events(target).await.unwrap();
    let Some(state) = store.target(target).await.unwrap() else {
        assert_eq!(events, [], "{target} has events and no state");
        return BTreeSet::new();
    };
    let mut seen = BTreeSet::new();
    let mut last = 0;
    for event in &events {
        let is_new = seen.insert((event.revision, event.key.clone(), event.at));
        assert!(is_new, "{target} has an event twice: {event:?}");
        assert!((last..=state.revision).contains(&event.revision), "{target} has an event out of order: {event:?}");
        last = event.revision;
    }
    let now = state.services.iter().map(|service| (service.key.clone(), service.status)).collect();
    assert_eq!(led_to(&events), now, "the events of {target} do not lead to its services");
    events.sort_by_key(|event| (event.at, event.revision));
    assert_eq!(led_to(&events), now, "the events of {target} do not lead to its services, by time");
    seen.into_iter().map(|(revision, ..)| revision).collect()
}

/// What the services are after these events, each of which has to take up what the one before it left.
fn led_to(events: &[Event]) -> BTreeMap<String, Status> {
    let mut statuses: BTreeMap<String, Status> = BTreeMap::new();
    for event in events {
        let before = match event.to {
            Some(to) => statuses.insert(event.key.clone(), to),
            None => statuses.remove(&event.key),
        };
        assert_eq!(event.from, before, "there is a gap before {event:?}");
        assert_ne!(event.from, event.to, "it is an event that is none: {event:?}");
    }
    statuses
}
