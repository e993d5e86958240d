//! Opening and closing.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{applies, everything};
use crate::schema::{ProbeId, Status};
use crate::store::testkit::{Author, Database, at, check, rollup, service};
use crate::store::{CheckQuery, EventQuery, IncidentQuery, Member, Place, Retention, Store, StoreError, Window};

/// A fresh database answers, and has nothing.
pub async fn a_fresh_database_is_empty(database: &Database) {
    // Several who are the first at the same time.
    let (one, two, three) = tokio::join!(database.open(), database.open(), database.open());
    for store in [one, two, three] {
        store.ping().await.unwrap();
        assert_eq!(store.targets().await.unwrap(), []);
        assert_eq!(store.target("github").await.unwrap(), None);
    }
}

/// What was written is there after the last handle was closed.
pub async fn what_was_written_is_there_after_reopening(database: &Database) {
    let store = database.open().await;
    let mut author = Author::new("github");
    applies(&*store, &author.change(vec![service("a", Status::Ok)])).await;
    applies(&*store, &author.healthy(at(60))).await;
    let before = everything(&*store, "github").await;
    store.close().await;
    drop(store);
    let store = database.open().await;
    assert_eq!(everything(&*store, "github").await, before);
    applies(&*store, &author.change(vec![service("a", Status::Outage)])).await;
}

/// A closed store is unavailable for everything, a watch that was begun before included; other handles are not.
pub async fn a_closed_store_is_unavailable(database: &Database) {
    let (store, other) = (database.open().await, database.open().await);
    let mut author = Author::new("github");
    applies(&*store, &author.change(vec![service("a", Status::Ok)])).await;
    let mut watch = store.watch().await.unwrap();
    store.close().await;
    store.close().await;
    let commit = author.change(vec![]);
    let store: &dyn Store = &*store;
    let (probe, github) = (ProbeId::of_target("dns"), BTreeSet::from(["github".to_owned()]));
    let member = Member { id: "a".to_owned(), load: 1 };
    for error in [
        store.commit(&commit).await.err(),
        store.targets().await.err(),
        store.target("github").await.err(),
        store.events("github").await.err(),
        store.incidents("github").await.err(),
        store.targets_named(&github).await.err(),
        store.find_events(&EventQuery::default()).await.err(),
        store.find_incidents(&IncidentQuery::default()).await.err(),
        store.past(&Window::new(None, at(0), at(1))).await.err(),
        store.events_behind(&Place::parse("0").unwrap(), 1).await.err(),
        store.retain(Retention::For(Duration::from_hours(1)), at(0)).await.err(),
        store.record(&[check("dns", at(0))]).await.err(),
        store.checks(&CheckQuery::all_of(probe.clone())).await.err(),
        store.put_rollups(&[rollup("dns", at(0))]).await.err(),
        store.rollups(&probe, at(0), at(1)).await.err(),
        store.last_rollup(&probe).await.err(),
        store.retain_checks(Retention::Forever, Retention::Forever, at(0)).await.err(),
        store.take_turn("github", "a", Duration::from_secs(1), at(0)).await.err(),
        store.end_turn("github", "a").await.err(),
        store.report_in(&member, Duration::from_secs(1), at(0)).await.err(),
        store.strike_off(at(0)).await.err(),
        store.leave_roll("a").await.err(),
        store.open_leases(&github).await.err(),
        store.vacant_leases().await.err(),
        store.take_leases("a", &github).await.err(),
        store.held_leases("a").await.err(),
        store.give_up_leases("a", &github).await.err(),
        store.close_lease("a", "github").await.err(),
        store.servers().await.err(),
        store.remove_server("dns").await.err(),
        store.keys().await.err(),
        store.revoke_key("1", at(0)).await.err(),
        store.users().await.err(),
        store.user("ada").await.err(),
        store.session("1").await.err(),
        store.end_session("1").await.err(),
        store.signing_key(b"key").await.err(),
        store.ping().await.err(),
        store.watch().await.err(),
        super::in_time(watch.changed()).await.err(),
    ] {
        assert!(matches!(error, Some(StoreError::Unavailable { .. })), "{error:?}");
    }
    applies(&*other, &commit).await;
}
