//! The order in which events were committed: places in it, and what a watch tells.

use std::time::Duration;

use futures_util::future::join_all;

use super::{applies, in_time};
use crate::schema::{Event, Status};
use crate::store::testkit::{Author, Database, at};
use crate::store::{Changed, Place, Placed, Store, Watch};

const OK: Option<Status> = Some(Status::Ok);

/// Waits until so many events were told, and answers them.
pub(super) async fn told(watch: &mut dyn Watch, count: usize) -> Vec<Placed> {
    let mut told = Vec::new();
    while told.len() < count {
        match in_time(watch.changed()).await.unwrap() {
            Changed::Some { events, .. } => told.extend(events),
            Changed::Everything => panic!("nothing was missed"),
        }
    }
    assert_eq!(told.len(), count, "{told:?}");
    told
}

/// Begins to watch, and answers the place behind the one event that there is, of the target `marker`.
pub(super) async fn begin(store: &dyn Store) -> (Box<dyn Watch>, Place) {
    let mut watch = store.watch().await.unwrap();
    applies(store, &Author::new("marker").turn(at(0), &[("m", OK)])).await;
    let place = told(&mut *watch, 1).await.remove(0).place;
    (watch, place)
}

/// Writes 18 events of two targets, in 9 commits; answers them in that order.
async fn eventful(store: &dyn Store) -> Vec<Event> {
    let mut authors = ["b", "a"].map(Author::new);
    let mut written = Vec::new();
    for round in 0..9 {
        // Neither times nor keys are in the order of the commits.
        let turns = [("y", OK), ("x", OK), ("w", None), ("z", OK)];
        let instant = at(if round % 2 == 0 { 100 } else { 50 });
        let commit = authors[round % 2].turn(instant, &turns[..round % 3 * 2]);
        applies(store, &commit).await;
        applies(store, &authors[round % 2].healthy(at(200))).await;
        written.extend(commit.change.unwrap().events);
    }
    written
}

fn events(placed: &[Placed]) -> Vec<&Event> {
    placed.iter().map(|placed| &placed.event).collect()
}

/// Behind every place is exactly the rest, also inside a commit, and as many as are asked for.
pub async fn behind_every_place_is_the_rest(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let (_, start) = begin(store).await;
    assert_eq!(store.events_behind(&start, 100).await.unwrap(), Some(vec![]));
    let written = eventful(store).await;
    assert_eq!(written.len(), 18);
    let all = store.events_behind(&start, 100).await.unwrap().unwrap();
    assert_eq!(events(&all), written.iter().collect::<Vec<_>>());
    for (n, placed) in all.iter().enumerate() {
        // The place means the same to another process, as text too.
        let place = Place::parse(placed.place.as_str()).unwrap();
        let rest = &all[n + 1..];
        assert_eq!(other.events_behind(&place, 100).await.unwrap().unwrap(), rest);
        for limit in [0, 1, 3] {
            let some = &rest[..rest.len().min(limit)];
            assert_eq!(other.events_behind(&place, limit).await.unwrap().unwrap(), some);
        }
    }
}

/// A place that the store never gave has nothing behind it that could be told.
pub async fn an_unknown_place_has_nothing_behind_it(database: &Database) {
    let store = &*database.open().await;
    begin(store).await;
    for text in ["nonsense", "-1", "007", "9223372036854775807", "18446744073709551616", "_", "1.5.a"] {
        let place = Place::parse(text).unwrap();
        assert_eq!(store.events_behind(&place, 100).await.unwrap(), None, "{text}");
    }
}

/// A watch tells the events of the changes that it reports, each once, with the target; and where it has come to.
pub async fn a_watch_tells_the_events_of_its_changes(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let (mut watch, start) = begin(store).await;
    let mut author = Author::new("github");
    applies(other, &author.turn(at(1), &[("b", OK), ("a", OK)])).await;
    applies(store, &author.turn(at(1), &[("b", None)])).await;
    let behind = store.events_behind(&start, 100).await.unwrap().unwrap();
    assert_eq!(behind.len(), 3);
    assert_eq!(told(&mut *watch, 3).await, behind);

    // Where there was no event, none is told.
    applies(other, &author.healthy(at(60))).await;
    match in_time(watch.changed()).await.unwrap() {
        Changed::Some { targets, events } => assert_eq!((targets, events), (["github".to_owned()].into(), vec![])),
        Changed::Everything => panic!("nothing was missed"),
    }
    let here = watch.place().unwrap();
    assert_eq!(store.events_behind(&here, 100).await.unwrap(), Some(vec![]));
    applies(store, &author.turn(at(2), &[("b", OK)])).await;
    let last = told(&mut *watch, 1).await;
    assert_eq!(other.events_behind(&here, 100).await.unwrap(), Some(last));
}

const WRITERS: usize = 6;
const ROUNDS: usize = 15;

/// What a watch tells is what is behind the place where it began, in the same order, also where many write at the same
/// time and where waiting is given up again and again.
pub async fn a_watch_and_the_places_agree(database: &Database) {
    let handles = [database.open().await, database.open().await];
    let store = &*handles[0];
    let (mut watch, start) = begin(store).await;
    let write = |n: usize| {
        let store = &handles[n % 2];
        async move {
            let mut author = Author::new(&format!("target-{n}"));
            for _ in 0..ROUNDS {
                applies(&**store, &author.turn(at(1), &[("b", OK), ("a", OK)])).await;
            }
        }
    };
    let watch_on = async {
        let mut told = Vec::new();
        for patience in (0..4).cycle() {
            if let Ok(changed) = tokio::time::timeout(Duration::from_millis(patience * 10), watch.changed()).await {
                let Changed::Some { targets, events } = changed.unwrap() else { panic!("nothing was missed") };
                assert!(events.iter().all(|placed| targets.contains(&placed.event.target)));
                told.extend(events);
            }
            // Whoever goes on from here, by the places, finds what was not told yet.
            if let (Some(place), Some(last)) = (watch.place(), told.last()) {
                let rest = store.events_behind(&place, 1000).await.unwrap().unwrap();
                assert_eq!(store.events_behind(&last.place, 1000).await.unwrap().unwrap()[..rest.len()], rest);
            }
            if told.len() >= 2 * WRITERS * ROUNDS {
                break;
            }
        }
        told
    };
    let (_, told) = in_time(futures_util::future::join(join_all((0..WRITERS).map(write)), watch_on)).await;
    assert_eq!(store.events_behind(&start, 1000).await.unwrap().unwrap(), told);
    for n in 0..WRITERS {
        let name = format!("target-{n}");
        let of_it: Vec<_> = told.iter().map(|placed| &placed.event).filter(|event| event.target == name).collect();
        assert_eq!(of_it, store.events(&name).await.unwrap().iter().collect::<Vec<_>>());
    }
}
