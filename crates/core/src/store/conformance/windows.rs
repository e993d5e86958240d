//! What was known in a window of time.

use super::{applies, state};
use crate::schema::{Status, Timestamp};
use crate::store::testkit::{Author, Database, at};
use crate::store::{Past, Store, StoreError, Window};

const OK: Option<Status> = Some(Status::Ok);
const OUTAGE: Option<Status> = Some(Status::Outage);

async fn past(store: &dyn Store, target: Option<&str>, from: i64, to: i64) -> Past {
    store.past(&Window::new(target, at(from), at(to))).await.unwrap()
}

/// Which periods there are: target, revision, key, end.
fn periods(past: &Past) -> Vec<(&str, u64, &str, Option<Timestamp>)> {
    let told = past.periods.iter();
    told.map(|p| (p.event.target.as_str(), p.event.revision, p.event.key.as_str(), p.until)).collect()
}

/// A window holds the events whose status was a service's inside it, each with its end: also where a status lasted no
/// time, where a service went, and where it came back.
pub async fn a_window_holds_what_was_a_status_inside_it(database: &Database) {
    let store = &*database.open().await;
    let mut author = Author::new("github");
    let mut written = Vec::new();
    for (seconds, turns) in [
        (10, &[("b", OK), ("a", OK)][..]),
        (20, &[("a", OUTAGE)]),
        (20, &[("a", OK)]),
        (30, &[("b", None)]),
        (40, &[("b", OK)]),
        (50, &[("a", OUTAGE), ("c", OK)]),
        (50, &[("c", None)]),
    ] {
        let commit = author.turn(at(seconds), turns);
        applies(store, &commit).await;
        written.extend(commit.change.unwrap().events);
    }

    let whole = past(store, Some("github"), 0, 100).await;
    assert_eq!(
        whole.periods.iter().map(|period| &period.event).collect::<Vec<_>>(),
        written.iter().collect::<Vec<_>>()
    );
    let [b1, a1, a2, a3, b4, b5, a6, c6, c7]: [_; 9] = periods(&whole).try_into().unwrap();
    let ends = [b1, a1, a2, a3, b4, b5, a6, c6, c7].map(|(.., until)| until);
    let [d20, d30, d50] = [20, 30, 50].map(|seconds| Some(at(seconds)));
    assert_eq!(ends, [d30, d20, d20, d50, d30, None, None, d50, d50]);

    for (from, to, expected) in [
        (0, 9, &[][..]),
        (0, 10, &[b1, a1]),
        (10, 10, &[b1, a1]),
        (15, 19, &[b1, a1]),
        (19, 20, &[b1, a1, a2, a3]),
        (20, 20, &[b1, a2, a3]),
        (21, 29, &[b1, a3]),
        (30, 30, &[a3, b4]),
        (31, 39, &[a3]),
        (30, 40, &[a3, b4, b5]),
        (49, 49, &[a3, b5]),
        (50, 50, &[b5, a6, c6, c7]),
        (51, 51, &[b5, a6]),
        (1000, 2000, &[b5, a6]),
    ] {
        assert_eq!(periods(&past(store, Some("github"), from, to).await), expected, "{from} to {to}");
        assert_eq!(periods(&past(store, None, from, to).await), expected, "{from} to {to}, of all");
    }
}

/// A window is of one target or of all, with the targets as they are now, also the retired ones.
pub async fn a_window_is_of_one_target_or_of_all(database: &Database) {
    let store = &*database.open().await;
    for name in ["b", "a", "B"] {
        let mut author = Author::new(name);
        applies(store, &author.turn(at(10), &[("y", OK), ("x", OK)])).await;
        applies(store, &author.turn(at(20), &[("x", OUTAGE)])).await;
        if name == "a" {
            let mut retirement = author.turn(at(30), &[("x", None), ("y", None)]);
            retirement.change.as_mut().unwrap().retired = true;
            applies(store, &retirement).await;
        }
    }
    let all = past(store, None, 25, 35).await;
    let told = periods(&all).into_iter().map(|(target, revision, key, _)| (target, revision, key)).collect::<Vec<_>>();
    let [of_upper, of_a, of_b] = [
        &[("B", 1, "y"), ("B", 2, "x")][..],
        &[("a", 1, "y"), ("a", 2, "x"), ("a", 3, "x"), ("a", 3, "y")],
        &[("b", 1, "y"), ("b", 2, "x")],
    ];
    assert_eq!(told, [of_upper, of_a, of_b].concat());
    let mut states = Vec::new();
    for name in ["B", "a", "b"] {
        states.push(state(store, name).await);
        let one = past(store, Some(name), 25, 35).await;
        assert_eq!(one.states, states[states.len() - 1..]);
        let of_it: Vec<_> = all.periods.iter().filter(|period| period.event.target == name).cloned().collect();
        assert_eq!(one.periods, of_it);
    }
    assert!(states[1].retired);
    assert_eq!(all.states, states);
    assert_eq!(past(store, Some("nobody"), 25, 35).await, Past::default());
    // The targets are those of now, also where nothing was known of them then.
    assert_eq!(past(store, None, 0, 5).await, Past { states, ..Past::default() });
}

/// A window that may have so many periods or gaps has no more, and says so.
pub async fn a_window_has_no_more_than_it_may(database: &Database) {
    let store = &*database.open().await;
    for name in ["github", "gitlab"] {
        let mut author = Author::new(name);
        for (seconds, status) in [(10, OK), (20, OUTAGE), (30, OK)] {
            applies(store, &author.turn(at(seconds), &[("a", status)])).await;
        }
    }
    for (target, count) in [(None, 6), (Some("github"), 3)] {
        let window = Window::new(target, at(0), at(100));
        let all = store.past(&window).await.unwrap();
        assert_eq!(all.periods.len(), usize::try_from(count).unwrap());
        assert_eq!(store.past(&Window { most: Some(count), ..window.clone() }).await.unwrap(), all);
        let refused = store.past(&Window { most: Some(count - 1), ..window }).await.unwrap_err();
        assert!(matches!(refused, StoreError::TooMuch { most } if most == count - 1), "{refused:?}");
    }
}
