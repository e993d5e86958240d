//! Somebody else writes to the same store: another collector, or whatever it may be.

use std::collections::BTreeSet;
use std::time::Duration;

use unistatus_core::schema::{Status, Timestamp};
use unistatus_core::store::testkit::{Author, Database, health, service};
use unistatus_core::store::{Commit, Outcome, TargetState};
use unistatus_simulator::Condition;

use crate::support::{TestCollector, assert_whole, on_both_stores, only, start, status_of, target_until, targets};

on_both_stores! {
    what_somebody_else_wrote_is_put_right
    two_collectors_keep_one_whole_history
    what_a_server_asks_for_a_request_is_left_to_it_and_taken_over
}

/// Whether a service of this name has this status.
fn is(name: &str, status: Status) -> impl Fn(&TargetState) -> bool {
    move |state| state.services.iter().any(|service| service.name == name && service.status == status)
}

async fn what_somebody_else_wrote_is_put_right(database: Database) {
    let simulator = start(only(&["github"])).await;
    let collector = TestCollector::start(&database, &targets(&simulator, &["github"])).await;
    let store = collector.store.as_ref();
    let right = target_until(store, "github", "it is known", is("Runners", Status::Ok)).await;

    // The source goes on saying "not modified", which says nothing about this.
    let wrong = Author::at("github", right.revision).change(vec![service("Stranger", Status::Ok)]);
    let wrong = Commit { health: health(Timestamp::now()), ..wrong };
    assert_eq!(store.commit(&wrong).await.unwrap(), Outcome::Applied);
    let mended = target_until(store, "github", "it is put right", is("Runners", Status::Ok)).await;
    assert_eq!((mended.services, mended.revision), (right.services, right.revision + 2));
    collector.stop().await;
}

async fn two_collectors_keep_one_whole_history(database: Database) {
    let vendors = [("github", "Runners"), ("azure-devops", "Boards"), ("gitlab", "Git")];
    let simulator = start(only(&vendors.map(|(vendor, _)| vendor))).await;
    let file = simulator.targets_toml();
    let one = TestCollector::start(&database, &file).await;
    let other = TestCollector::start(&database, &file).await;
    let store = one.store.as_ref();
    for condition in [Condition::Operational, Condition::MajorOutage, Condition::Degraded, Condition::Operational] {
        for (vendor, service) in vendors {
            simulator.set(vendor, service, condition).unwrap();
        }
        for (vendor, service) in vendors {
            let what = format!("{service} is told to be {condition:?}");
            target_until(store, vendor, &what, is(service, status_of(condition))).await;
        }
    }
    for (vendor, _) in vendors {
        assert_whole(store, vendor).await;
    }
    one.stop().await;
    other.stop().await;
}

async fn what_a_server_asks_for_a_request_is_left_to_it_and_taken_over(database: Database) {
    let simulator = start(only(&["github", "npm"])).await;
    let file = targets(&simulator, &["github", "npm"]);
    let server = database.open().await;
    let hour = Duration::from_hours(1);
    assert!(server.take_turn("github", "a server", hour, Timestamp::now()).await.unwrap());
    let shared =
        |options: &mut unistatus_collector::Options| options.shared_targets = BTreeSet::from(["github".to_owned()]);
    let collector = TestCollector::start_with(&database, &file, shared).await;
    simulator.wait_for_requests("npm", 3).await.unwrap();
    assert_eq!(simulator.count("github").unwrap(), 0);

    // What the server found is what the collector goes on from.
    let found = Author::new("github").change(vec![service("Stranger", Status::Outage)]);
    let found = Commit { health: health(Timestamp::now()), ..found };
    server.commit(&found).await.unwrap();
    server.end_turn("github", "a server").await.unwrap();
    let store = collector.store.as_ref();
    let known = target_until(store, "github", "it is known", is("Runners", Status::Ok)).await;
    assert_eq!(known.revision, 2);
    let events = store.events("github").await.unwrap();
    assert!(events.iter().any(|event| event.service == "Stranger" && event.to.is_none()), "{events:?}");
    collector.stop().await;
    // Nobody keeps a right for longer than an ask takes.
    assert!(server.take_turn("github", "a server", hour, Timestamp::now()).await.unwrap());
    server.close().await;
}
