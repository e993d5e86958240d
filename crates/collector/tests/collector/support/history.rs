//! What the history of a target owes to its state.

use std::collections::{BTreeMap, BTreeSet};

use unistatus_core::schema::Status;
use unistatus_core::store::Store;

/// A change of a service's status: its name, from, to.
pub(crate) type Change = (String, Option<Status>, Option<Status>);

/// The changes of a target's services, in order.
pub(crate) async fn changes(store: &dyn Store, target: &str) -> Vec<Change> {
    let events = store.events(target).await.unwrap();
    events.into_iter().map(|event| (event.service, event.from, event.to)).collect()
}

/// Asserts that a target's events lead to its state without a gap: each takes up the status that the one before it
/// left, none is there twice, and all of them together make the services as they are. Answers the revisions that
/// brought an event.
pub(crate) async fn assert_whole(store: &dyn Store, target: &str) -> BTreeSet<u64> {
    let Some(state) = store.target(target).await.unwrap() else {
        assert_eq!(store.events(target).await.unwrap(), [], "{target} has events and no state");
        return BTreeSet::new();
    };
    let mut statuses: BTreeMap<String, Status> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut last = 0;
    for event in store.events(target).await.unwrap() {
        assert!(seen.insert((event.revision, event.key.clone())), "{target} has an event twice: {event:?}");
        assert!((last..=state.revision).contains(&event.revision), "{target} has an event out of order: {event:?}");
        last = event.revision;
        let before = match event.to {
            Some(to) => statuses.insert(event.key.clone(), to),
            None => statuses.remove(&event.key),
        };
        assert_eq!(event.from, before, "{target} has a gap before {event:?}");
        assert_ne!(event.from, event.to, "{target} has an event that is none: {event:?}");
    }
    let now = state.services.iter().map(|service| (service.key.clone(), service.status)).collect();
    assert_eq!(statuses, now, "the events of {target} do not lead to its services");
    seen.into_iter().map(|(revision, _)| revision).collect()
}
