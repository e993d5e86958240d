//! The database is away while the collector runs: asking goes on, and nothing that was seen is lost.

use tokio::task::block_in_place;
use unistatus_core::schema::Status;
use unistatus_core::store::Store;
use unistatus_core::store::testkit::{Database, TestMongo};
use unistatus_simulator::{Condition, Simulator};

use crate::support::{
    TestCollector, assert_whole, changes, in_time, lock, only, start, status_of, target_until, targets,
};

/// What one service of each vendor goes through while the database is away; it ends as it never was before.
pub(crate) const COURSE: [Condition; 3] = [Condition::MajorOutage, Condition::Operational, Condition::Degraded];
/// Vendors that list services, with the one whose condition changes.
pub(crate) const VENDORS: [(&str, &str); 3] =
    [("github", "Runners"), ("azure-devops", "Boards"), ("factory", "Press Line")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_seen_while_mongodb_is_killed_is_written_once_it_is_back() {
    let Some(mut mongo) = TestMongo::start() else { return };
    let (simulator, collector) = begin(&Database::on(&mongo)).await;
    block_in_place(|| mongo.kill());
    run_its_course(&simulator).await;
    block_in_place(|| mongo.restart());
    expect_all(collector.store.as_ref()).await;
    collector.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_seen_until_another_mongodb_takes_over_is_written_then() {
    let Some(mut mongo) = TestMongo::start_set(3) else { return };
    let (simulator, collector) = begin(&Database::on(&mongo)).await;
    block_in_place(|| mongo.kill());
    run_its_course(&simulator).await;
    // The one that was killed stays away.
    block_in_place(|| mongo.wait_until_writable());
    expect_all(collector.store.as_ref()).await;
    collector.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_seen_while_a_sqlite_file_is_locked_is_written_once_it_is_free() {
    let database = Database::sqlite();
    let (simulator, collector) = begin(&database).await;
    let lock = lock(&database).await;
    run_its_course(&simulator).await;
    drop(lock);
    expect_all(collector.store.as_ref()).await;
    collector.stop().await;
}

async fn begin(database: &Database) -> (Simulator, TestCollector) {
    let names = VENDORS.map(|(vendor, _)| vendor);
    let simulator = start(only(&names)).await;
    let collector = TestCollector::start(database, &targets(&simulator, &names)).await;
    for name in names {
        target_until(collector.store.as_ref(), name, "it is known", |state| !state.services.is_empty()).await;
    }
    (simulator, collector)
}

/// Sets one condition after the other, each once the one before it was seen by the collector.
pub(crate) async fn run_its_course(simulator: &Simulator) {
    for condition in COURSE {
        for (vendor, service) in VENDORS {
            simulator.set(vendor, service, condition).unwrap();
        }
        for (vendor, _) in VENDORS {
            // The first ask from now on sees it; the second one is begun when the first one is done.
            let asked = simulator.count(vendor).unwrap();
            in_time("asking goes on", simulator.wait_for_requests(vendor, asked + 2)).await.unwrap();
        }
    }
}

/// Expects each change of the course in the events, once and in order.
pub(crate) async fn expect_all(store: &dyn Store) {
    let last = status_of(COURSE[COURSE.len() - 1]);
    for (vendor, service) in VENDORS {
        target_until(store, vendor, "the last change is written", |state| {
            state.services.iter().any(|one| one.name == service && one.status == last)
        })
        .await;
        // Of a service in several regions only the first one's condition changes.
        let seen: Vec<Option<Status>> = changes(store, vendor)
            .await
            .into_iter()
            .filter(|(name, from, _)| name == service && from.is_some())
            .map(|(_, _, to)| to)
            .collect();
        assert_eq!(seen, COURSE.map(|condition| Some(status_of(condition))), "{vendor}");
        assert_whole(store, vendor).await;
    }
}
