//! How checks lie in the file, and what is said of those that cannot be read.

use std::time::Duration;

use rusqlite::Connection;
use unistatus_core::schema::{Check, ProbeId, Server, Status};
use unistatus_core::store::testkit::{Author, Database, at, check, rollup, service};
use unistatus_core::store::{CheckQuery, Retention, Rollup, StoreError};

use super::path_of;

fn all_of(target: &str) -> CheckQuery {
    CheckQuery::all_of(ProbeId::of_target(target))
}

fn count(file: &Connection, table: &str) -> i64 {
    file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

fn server(id: &str) -> Server {
    Server { id: id.to_owned(), name: "dns".to_owned(), address: "::1".parse().unwrap(), added_at: at(0) }
}

#[track_caller]
fn is_corrupt<T: std::fmt::Debug>(answer: Result<T, StoreError>, expected: &str) {
    match answer {
        Err(StoreError::Corrupt { what, .. }) => assert_eq!(what, expected),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn checks_and_health_that_wait_together_are_written_together() {
    let database = Database::sqlite();
    let store = database.open().await;
    let mut authors: Vec<_> = (0..10).map(|n| Author::new(&format!("target-{n}"))).collect();
    for author in &mut authors {
        author.write(&*store, vec![service("a", Status::Ok)]).await.unwrap();
    }
    let file = Connection::open(path_of(&database)).unwrap();
    let write = authors.iter().zip(0..).map(async |(author, n)| {
        let commit = author.healthy(at(10));
        let checks = [check(&commit.target, at(n))];
        let (committed, recorded) = tokio::join!(store.commit(&commit), store.record(&checks));
        committed.unwrap();
        recorded.unwrap();
    });
    futures_util::future::join_all(write).await;
    let numbers: i64 = file.query_row("SELECT count(DISTINCT changed) FROM health", [], |row| row.get(0)).unwrap();
    assert_eq!((numbers, count(&file, "checks")), (1, 10));
}

#[tokio::test]
async fn a_removal_that_was_cut_short_is_ended_and_never_seen() {
    let database = Database::sqlite();
    let store = database.open().await;
    let file = Connection::open(path_of(&database)).unwrap();
    let [removed, again] = ["1", "2"].map(ProbeId::of_server);
    let checks = |probe: &ProbeId, count| -> Vec<_> {
        (0..count).map(|n| Check { probe: probe.clone(), ..check("", at(n)) }).collect()
    };
    let hour = |probe: &ProbeId| Rollup { probe: probe.clone(), ..rollup("", at(0)) };
    assert!(store.add_server(&server("1")).await.unwrap());
    store.record(&checks(&removed, 3000)).await.unwrap();
    store.put_rollups(&[hour(&removed)]).await.unwrap();
    // What the first transaction of a removal leaves.
    file.execute_batch("DELETE FROM servers; UPDATE probes SET name = NULL").unwrap();
    assert!(store.add_server(&server("2")).await.unwrap());
    assert_eq!(store.checks(&CheckQuery::all_of(removed.clone())).await.unwrap(), []);
    assert_eq!(store.rollups(&removed, at(-1), at(9)).await.unwrap(), []);
    store.record(&checks(&again, 2)).await.unwrap();
    // What comes late of the one before is kept nowhere.
    store.record(&checks(&removed, 5)).await.unwrap();
    store.put_rollups(&[hour(&removed)]).await.unwrap();
    assert_eq!((count(&file, "checks"), count(&file, "rollups"), count(&file, "probes")), (3002, 1, 2));

    store.retain_checks(Retention::Forever, Retention::Forever, at(0)).await.unwrap();
    assert_eq!((count(&file, "checks"), count(&file, "rollups"), count(&file, "probes")), (2, 0, 1));
    assert_eq!(store.checks(&CheckQuery::all_of(again)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn much_is_forgotten_in_one_call() {
    let database = Database::sqlite();
    let store = database.open().await;
    let file = Connection::open(path_of(&database)).unwrap();
    for target in ["a", "b", "c"] {
        let checks: Vec<_> = (0..3000).map(|n| check(target, at(n))).collect();
        store.record(&checks).await.unwrap();
    }
    store.record(&[check("d", at(10))]).await.unwrap();
    let hour = Duration::from_hours(1);
    store.retain_checks(Retention::For(hour), Retention::Forever, at(2900).plus(hour)).await.unwrap();
    assert_eq!((count(&file, "checks"), count(&file, "probes")), (300, 3));
    assert_eq!(store.checks(&all_of("b")).await.unwrap().last(), Some(&check("b", at(2900))));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named() {
    let database = Database::sqlite();
    let store = database.open().await;
    assert!(store.add_server(&server("1")).await.unwrap());
    store.record(&[check("dns", at(0))]).await.unwrap();
    store.put_rollups(&[rollup("dns", at(0))]).await.unwrap();
    let file = Connection::open(path_of(&database)).unwrap();
    let dated = "target dns at 2023-11-14T22:13:20.000Z";
    for spoil in ["status = 4", "latency = -1", "sent = 65536", "lost = -1"] {
        file.execute_batch(&format!("UPDATE checks SET {spoil}")).unwrap();
        is_corrupt(store.checks(&all_of("dns")).await, &format!("the check of {dated}"));
        file.execute_batch("UPDATE checks SET status = 0, latency = 1, sent = 1, lost = 0").unwrap();
    }
    file.execute_batch("UPDATE checks SET at = 9223372036854775807").unwrap();
    is_corrupt(store.checks(&all_of("dns")).await, "a check of target dns");
    for spoil in ["checks = -1", "checks = 1, latency = -1", "latency = 1, classes = '{\"a\":1}'"] {
        file.execute_batch(&format!("UPDATE rollups SET {spoil}")).unwrap();
        is_corrupt(store.rollups(&ProbeId::of_target("dns"), at(0), at(1)).await, &format!("the roll-up of {dated}"));
    }
    file.execute_batch("UPDATE rollups SET hour = 9223372036854775807").unwrap();
    is_corrupt(store.last_rollup(&ProbeId::of_target("dns")).await, "the last roll-up of target dns");
    file.execute_batch("UPDATE servers SET address = '999.1.1.1'").unwrap();
    is_corrupt(store.servers().await, "server dns");
    is_corrupt(store.server("dns").await, "server dns");
}

#[tokio::test]
async fn a_template_or_a_report_that_cannot_be_read_is_named() {
    let database = Database::sqlite();
    let store = database.open().await;
    let file = Connection::open(path_of(&database)).unwrap();
    file.execute_batch(
        "INSERT INTO templates VALUES ('t1', 'name', '', 0, 0, 1, 'content');
         INSERT INTO reports VALUES ('r1', 0, 'query', x'00')",
    )
    .unwrap();
    assert_eq!(store.templates(None, None).await.unwrap()[0].content, "content");
    for spoil in ["revision = -1", "revision = 1, modified_at = 9223372036854775807"] {
        file.execute_batch(&format!("UPDATE templates SET {spoil}")).unwrap();
        is_corrupt(store.template("t1").await, "template t1");
        is_corrupt(store.templates(None, None).await, "template t1");
    }
    assert_eq!(store.reports(None, None).await.unwrap()[0].size, 1);
    file.execute_batch("UPDATE reports SET created_at = 9223372036854775806").unwrap();
    is_corrupt(store.report("r1").await, "report r1");
    is_corrupt(store.reports(None, None).await, "report r1");
}
