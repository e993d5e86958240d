//! What is forgotten of the past, and what is known of places then.

use std::time::Duration;

use rusqlite::Connection;
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{Author, Database, at};
use unistatus_core::store::{Changed, Outcome, Place, Retention, Store};

use super::path_of;

const OK: Option<Status> = Some(Status::Ok);
const HOUR: Duration = Duration::from_hours(1);

fn place(number: u64) -> Place {
    Place::parse(&number.to_string()).unwrap()
}

fn count(database: &Database, of: &str) -> i64 {
    let file = Connection::open(path_of(database)).unwrap();
    file.query_row(&format!("SELECT count(*) FROM {of}"), [], |row| row.get(0)).unwrap()
}

/// Writes a first event, one that was removed at once, and `more` changes of a service, a second after the other.
async fn eventful(store: &dyn Store, more: i64) -> Author {
    let mut author = Author::new("github");
    let mut commits = vec![author.turn(at(0), &[("a", OK), ("b", OK)]), author.turn(at(0), &[("b", None)])];
    commits.extend((1..=more).map(|seconds| author.turn(at(seconds), &[("c", OK)])));
    let answers = commits.iter().map(|commit| store.commit(commit));
    for answer in futures_util::future::join_all(answers).await {
        assert_eq!(answer.unwrap(), Outcome::Applied);
    }
    author
}

#[tokio::test]
async fn much_is_forgotten_in_one_call() {
    let database = Database::sqlite();
    let store = database.open().await;
    let mut author = eventful(&*store, 1200).await;
    // In the 1200th second the last one began; 1198 ended before the 1200th.
    store.retain(Retention::For(HOUR), at(1200).plus(HOUR)).await.unwrap();
    let events = store.events("github").await.unwrap();
    assert_eq!(events.iter().map(|event| event.revision).collect::<Vec<_>>(), [1, 1201, 1202]);
    assert_eq!(count(&database, "commits"), 1);

    // 1203 events there were; the one before the last two is the last that was forgotten.
    assert_eq!(store.events_behind(&place(1200), 10).await.unwrap(), None);
    for behind in 1201..=1203 {
        let rest = store.events_behind(&place(behind), 10).await.unwrap().unwrap();
        let places: Vec<_> = rest.into_iter().map(|placed| placed.place).collect();
        assert_eq!(places, (behind + 1..=1203).map(place).collect::<Vec<_>>());
    }
    assert_eq!(store.events_behind(&place(1204), 10).await.unwrap(), None);
    assert_eq!(store.commit(&author.turn(at(1201), &[("c", None)])).await.unwrap(), Outcome::Applied);
}

#[tokio::test]
async fn no_place_is_given_twice() {
    let database = Database::sqlite();
    let store = database.open().await;
    let mut author = eventful(&*store, 0).await;
    // The last event there is, a removal, ended long ago.
    store.retain(Retention::For(HOUR), at(10_000)).await.unwrap();
    store.commit(&author.turn(at(10_000), &[("b", OK)])).await.unwrap();
    let rest = store.events_behind(&place(3), 10).await.unwrap().unwrap();
    assert_eq!(rest.into_iter().map(|placed| placed.place).collect::<Vec<_>>(), [place(4)]);
    // Now it is the last no more.
    store.retain(Retention::For(HOUR), at(10_000)).await.unwrap();
    assert_eq!(count(&database, "events"), 2);
}

#[tokio::test]
async fn what_is_forgotten_before_it_is_told_is_reported() {
    let database = Database::sqlite();
    let store = database.open().await;
    let mut watch = store.watch().await.unwrap();
    assert_eq!(watch.place(), Some(place(0)));
    let mut author = eventful(&*store, 1).await;
    store.retain(Retention::For(HOUR), at(10_000)).await.unwrap();
    assert_eq!(watch.changed().await.unwrap(), Changed::Everything);
    assert_eq!(watch.place(), Some(place(4)));
    store.commit(&author.turn(at(10_000), &[("c", None)])).await.unwrap();
    match watch.changed().await.unwrap() {
        Changed::Some { events, .. } => assert_eq!(events[0].place, place(5)),
        Changed::Everything => panic!("nothing was missed"),
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_left_out() {
    let database = Database::sqlite();
    let store = database.open().await;
    let mut watch = store.watch().await.unwrap();
    let mut author = eventful(&*store, 1).await;
    let file = Connection::open(path_of(&database)).unwrap();
    assert_eq!(file.execute("UPDATE events SET to_status = 'fine' WHERE seq = 4", []).unwrap(), 1);
    assert_eq!(watch.changed().await.unwrap(), Changed::Everything);
    store.commit(&author.turn(at(10), &[("c", None)])).await.unwrap();
    match watch.changed().await.unwrap() {
        Changed::Some { events, .. } => assert_eq!(events[0].place, place(5)),
        Changed::Everything => panic!("nothing was missed"),
    }
}
