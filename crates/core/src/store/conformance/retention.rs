//! For how long the past is kept.

use std::time::Duration;

use tokio::time::sleep;

use super::feed::begin;
use super::{applies, everything, in_time, is_known, state};
use crate::schema::{Gap, Incident, IncidentState, Status, Timestamp};
use crate::store::testkit::{Author, Database, incident};
use crate::store::{Commit, Outcome, Past, Retention, Store, Window};

const OK: Option<Status> = Some(Status::Ok);
const OUTAGE: Option<Status> = Some(Status::Outage);

/// For how long these cases keep the past.
const KEPT: Duration = Duration::from_hours(10);

/// The instant so many hours ago. A backend may go by its own clock.
pub(super) fn ago(hours: u64) -> Timestamp {
    Timestamp::now().minus(Duration::from_hours(hours))
}

/// An incident that was over at that instant.
fn over(key: &str, ended_at: Timestamp) -> Incident {
    let state = IncidentState::Resolved;
    Incident { state, resolved_at: Some(ended_at), ..incident(key, Some(ago(100))) }
}

fn with_incidents(mut commit: Commit, incidents: Vec<Incident>) -> Commit {
    commit.change.as_mut().unwrap().incidents = incidents;
    commit
}

/// The keys of all incidents of `github`, in their order.
async fn incidents(store: &dyn Store) -> Vec<String> {
    store.incidents("github").await.unwrap().into_iter().map(|incident| incident.key).collect()
}

/// Revision and key of all events of `github`.
async fn events(store: &dyn Store) -> Vec<(u64, String)> {
    store.events("github").await.unwrap().into_iter().map(|event| (event.revision, event.key)).collect()
}

async fn past(store: &dyn Store, hours: u64, now: Timestamp) -> Past {
    store.past(&Window::new(None, now.minus(Duration::from_hours(hours)), now)).await.unwrap()
}

/// Waits until a backend has forgotten what it should.
pub(super) async fn comes_true(mut is_true: impl AsyncFnMut() -> bool) {
    in_time(async {
        while !is_true().await {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}

/// What ended before the retention is forgotten; what reaches into it stays, and with it all that was known there.
pub async fn what_ended_before_the_retention_is_forgotten(database: &Database) {
    let store = &*database.open().await;
    let mut author = Author::new("github");
    applies(store, &author.turn(ago(50), &[("a", OK), ("b", OK), ("c", OK), ("d", OK)])).await;
    applies(store, &author.turn(ago(40), &[("a", OUTAGE), ("c", None)])).await;
    applies(store, &author.turn(ago(30), &[("a", OK), ("b", OUTAGE)])).await;
    let gap = |from, until| Some(Gap { from: ago(from), until: ago(until) });
    applies(store, &Commit { gap: gap(29, 25), ..author.healthy(ago(25)) }).await;
    applies(store, &Commit { gap: gap(20, 5), ..author.healthy(ago(5)) }).await;
    let ended = vec![over("old", ago(20)), over("young", ago(5)), incident("open", Some(ago(99)))];
    applies(store, &with_incidents(author.turn(ago(5), &[("b", OK)]), ended)).await;
    let undated = Incident { state: IncidentState::Resolved, resolved_at: None, ..incident("long ago", Some(ago(99))) };
    let last = with_incidents(author.turn(ago(4), &[("e", OK)]), vec![undated]);
    applies(store, &last).await;

    let now = Timestamp::now();
    let (before, whole) = (past(store, 10, now).await, past(store, 1000, now).await);
    assert_eq!((before.gaps.len(), whole.gaps.len()), (1, 2));
    store.retain(Retention::For(KEPT), now).await.unwrap();
    comes_true(async || past(store, 1000, now).await.gaps == before.gaps).await;
    comes_true(async || incidents(store).await == ["open", "young"]).await;
    let kept = [(1, "d"), (3, "a"), (3, "b"), (4, "b"), (5, "e")].map(|(revision, key)| (revision, key.to_owned()));
    comes_true(async || events(store).await == kept).await;

    assert_eq!(past(store, 10, now).await, before);
    assert_eq!(past(store, 1000, now).await, before);
    // The last commit is still known, and the next one finds its place.
    is_known(store, &last).await;
    applies(store, &author.turn(ago(1), &[("d", OUTAGE)])).await;
    assert_eq!(state(store, "github").await.revision, 6);
}

/// Where the past is kept for ever, nothing is forgotten, also where it was once kept for a while only.
pub async fn for_ever_forgets_nothing(database: &Database) {
    let store = &*database.open().await;
    let mut author = Author::new("github");
    let now = Timestamp::now();
    store.retain(Retention::For(KEPT), now).await.unwrap();
    store.retain(Retention::Forever, now).await.unwrap();
    let commits = [
        author.turn(ago(50), &[("a", OK)]),
        with_incidents(author.turn(ago(40), &[("a", None)]), vec![over("old", ago(40))]),
        Commit { gap: Some(Gap { from: ago(30), until: ago(20) }), ..author.healthy(ago(20)) },
    ];
    for commit in &commits {
        assert_eq!(store.commit(commit).await.unwrap(), Outcome::Applied);
    }
    let before = (everything(store, "github").await, past(store, 1000, now).await);
    store.retain(Retention::Forever, now).await.unwrap();
    assert_eq!((everything(store, "github").await, past(store, 1000, now).await), before);
    for commit in &commits {
        is_known(store, commit).await;
    }
}

/// A place is unknown once something behind it was forgotten, unless the order of commits is remembered for longer; the
/// places after that go on, and none is given twice.
pub async fn a_place_before_what_was_forgotten_is_unknown(database: &Database) {
    let store = &*database.open().await;
    let (_, start) = begin(store).await;
    let mut author = Author::new("github");
    applies(store, &author.turn(ago(50), &[("a", OK), ("b", OK)])).await;
    applies(store, &author.turn(ago(40), &[("a", None)])).await;
    applies(store, &author.turn(ago(40), &[("c", OK)])).await;
    let told = store.events_behind(&start, 100).await.unwrap().unwrap();
    assert_eq!(told.len(), 4);

    store.retain(Retention::For(KEPT), Timestamp::now()).await.unwrap();
    comes_true(async || events(store).await == [(1, "b".to_owned()), (3, "c".to_owned())]).await;
    if let Some(remembered) = store.events_behind(&start, 100).await.unwrap() {
        assert_eq!(remembered, told, "all of it or nothing");
    }
    assert_eq!(store.events_behind(&told[3].place, 100).await.unwrap(), Some(vec![]));
    applies(store, &author.turn(ago(1), &[("d", OK)])).await;
    let next = store.events_behind(&told[3].place, 100).await.unwrap().unwrap();
    assert_eq!(next.iter().map(|placed| placed.event.key.as_str()).collect::<Vec<_>>(), ["d"]);
    assert!(told.iter().all(|placed| placed.place != next[0].place));
}
