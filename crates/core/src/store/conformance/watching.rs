//! What a watch reports.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::{applies, in_time};
use crate::schema::Status;
use crate::store::testkit::{Author, Database, at, service};
use crate::store::{Changed, Store, Watch};

/// Waits until all of these were reported, and nothing else.
pub(super) async fn reports(watch: &mut dyn Watch, targets: &[&str]) {
    let expected: BTreeSet<_> = targets.iter().map(ToString::to_string).collect();
    let mut reported = BTreeSet::new();
    while reported != expected {
        match in_time(watch.changed()).await.unwrap() {
            Changed::Some { targets, .. } => reported.extend(targets),
            Changed::Everything => panic!("nothing was missed"),
        }
        assert!(reported.is_subset(&expected), "{reported:?}");
    }
}

/// A watch begins with its moment: what was before is not reported.
pub async fn a_watch_begins_with_its_moment(database: &Database) {
    let store = &*database.open().await;
    applies(store, &Author::new("before").change(vec![])).await;
    let mut watch = store.watch().await.unwrap();
    applies(store, &Author::new("after").change(vec![])).await;
    reports(&mut *watch, &["after"]).await;
}

/// A watch reports what its own handle writes and what others write, new targets and retired ones.
pub async fn a_watch_reports_every_handle(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let (mut one, mut two) = (Author::new("one"), Author::new("two"));
    let (mut watch, mut second) = (store.watch().await.unwrap(), other.watch().await.unwrap());
    applies(store, &one.change(vec![service("a", Status::Ok)])).await;
    applies(other, &two.change(vec![service("a", Status::Ok)])).await;
    reports(&mut *watch, &["one", "two"]).await;
    applies(store, &one.retire()).await;
    reports(&mut *watch, &["one"]).await;
    reports(&mut *second, &["one", "two"]).await;
}

/// A change of health alone is reported like any other.
pub async fn a_watch_reports_health(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let mut author = Author::new("github");
    applies(store, &author.change(vec![service("a", Status::Ok)])).await;
    let mut watch = store.watch().await.unwrap();
    applies(other, &author.healthy(at(60))).await;
    reports(&mut *watch, &["github"]).await;
    // A change whose health is older than what is there changes the state all the same.
    applies(other, &author.change(vec![service("a", Status::Outage)])).await;
    reports(&mut *watch, &["github"]).await;
}

const TARGETS: usize = 10;
const ROUNDS: u64 = 20;

/// Writes [`ROUNDS`] revisions of [`TARGETS`] targets through two handles.
async fn stream(database: &Database) -> Vec<tokio::task::JoinHandle<()>> {
    let handles = [database.open().await, database.open().await];
    let write = |n: usize| {
        let store = Arc::clone(&handles[n % 2]);
        tokio::spawn(async move {
            let mut author = Author::new(&format!("target-{n}"));
            for _ in 0..ROUNDS {
                author.write(&*store, vec![service("a", Status::Ok)]).await.unwrap();
            }
        })
    };
    (0..TARGETS).map(write).collect()
}

/// Reads what is reported until it has seen the last revision of every target.
async fn follow(store: &dyn Store, seen: &mut BTreeMap<String, u64>, changed: Changed) -> bool {
    let Changed::Some { targets, .. } = changed else { panic!("nothing was missed") };
    for name in targets {
        let state = store.target(&name).await.unwrap().unwrap();
        seen.insert(name, state.revision);
    }
    seen.len() == TARGETS && seen.values().all(|&revision| revision == ROUNDS)
}

/// Whoever reads what is reported ends with the last state of all.
pub async fn a_watch_misses_nothing(database: &Database) {
    let store = &*database.open().await;
    let mut watch = store.watch().await.unwrap();
    let writers = stream(database).await;
    let mut seen = BTreeMap::new();
    in_time(async { while !follow(store, &mut seen, watch.changed().await.unwrap()).await {} }).await;
    for writer in writers {
        writer.await.unwrap();
    }
}

/// The same where waiting is given up again and again.
pub async fn a_cancelled_wait_loses_nothing(database: &Database) {
    let store = &*database.open().await;
    let mut watch = store.watch().await.unwrap();
    let writers = stream(database).await;
    let mut seen = BTreeMap::new();
    in_time(async {
        for patience in (0..4).cycle() {
            let wait = tokio::time::timeout(Duration::from_millis(patience), watch.changed());
            if let Ok(changed) = wait.await
                && follow(store, &mut seen, changed.unwrap()).await
            {
                break;
            }
        }
    })
    .await;
    for writer in writers {
        writer.await.unwrap();
    }
}
