//! A source that says the same again changes nothing but when it was last heard.

use unistatus_core::store::TargetState;
use unistatus_core::store::testkit::Database;
use unistatus_simulator::formats::Validators;

use crate::support::{TestCollector, on_both_stores, only, start, target_until, targets};

on_both_stores! {
    an_unchanged_source_changes_nothing_but_when_it_was_heard
}

async fn an_unchanged_source_changes_nothing_but_when_it_was_heard(database: Database) {
    let vendors =
        [("github", Validators::Honoured, 304), ("npm", Validators::Ignored, 200), ("zoom", Validators::Absent, 200)];
    let names = vendors.map(|(name, ..)| name);
    let simulator = start(only(&names)).await;
    for (name, validators, _) in vendors {
        simulator.set_validators(name, validators).unwrap();
    }
    let collector = TestCollector::start(&database, &targets(&simulator, &names)).await;
    let store = collector.store.as_ref();
    for (name, _, http_status) in vendors {
        let first = target_until(store, name, "it is known", |_| true).await;
        let events = store.events(name).await.unwrap();
        simulator.wait_for_requests(name, 4).await.unwrap();
        let is_heard_again = |state: &TargetState| {
            let heard = state.health.last_success;
            heard > first.health.last_success && state.health.http_status == Some(http_status)
        };
        let last = target_until(store, name, &format!("it is heard again with {http_status}"), is_heard_again).await;
        assert_eq!(TargetState { health: first.health.clone(), ..last }, first);
        assert_eq!((first.revision, store.events(name).await.unwrap()), (1, events));
    }
    collector.stop().await;
}
