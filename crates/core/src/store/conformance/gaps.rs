//! Time of which nothing is known.

use super::{applies, conflicts, is_known, is_refused, state};
use crate::schema::{Gap, Status, Timestamp};
use crate::store::testkit::{Author, Database, at, service};
use crate::store::{Commit, Store, Window};

fn gap(from: i64, until: i64) -> Gap {
    Gap { from: at(from), until: at(until) }
}

fn with_gap(commit: Commit, gap: Gap) -> Commit {
    Commit { gap: Some(gap), ..commit }
}

async fn gaps(store: &dyn Store, target: Option<&str>, from: Timestamp, to: Timestamp) -> Vec<(String, Gap)> {
    store.past(&Window::new(target, from, to)).await.unwrap().gaps
}

/// All gaps of the target `github`.
async fn all(store: &dyn Store) -> Vec<Gap> {
    gaps(store, Some("github"), at(-1000), at(1000)).await.into_iter().map(|(_, gap)| gap).collect()
}

/// A gap is written with its commit: once, and with a change or with the health alone, but with no other.
pub async fn a_gap_is_written_with_its_commit(database: &Database) {
    let store = &*database.open().await;
    let mut author = Author::new("github");
    applies(store, &with_gap(author.change(vec![service("a", Status::Ok)]), gap(-60, -50))).await;
    let alone = with_gap(author.healthy(at(100)), gap(20, 100));
    applies(store, &alone).await;
    is_known(store, &alone).await;
    assert_eq!(all(store).await, [gap(-60, -50), gap(20, 100)]);
    let now = state(store, "github").await;
    assert_eq!((now.revision, now.health), (1, alone.health.clone()));

    // Health that is older than what is there is not kept, nor is the gap that comes with it alone.
    applies(store, &author.healthy(at(160))).await;
    is_known(store, &alone).await;
    is_known(store, &with_gap(author.healthy(at(150)), gap(110, 150))).await;
    conflicts(store, &with_gap(Author::at("github", 7).healthy(at(200)), gap(170, 200)), 1).await;
    assert_eq!(all(store).await, [gap(-60, -50), gap(20, 100)]);
    // With a change it is.
    let late = with_gap(author.turn(at(150), &[("a", Some(Status::Outage))]), gap(110, 150));
    applies(store, &late).await;
    is_known(store, &late).await;
    assert_eq!(all(store).await, [gap(-60, -50), gap(20, 100), gap(110, 150)]);
    assert_eq!(state(store, "github").await.health.last_attempt, at(160));
}

/// A gap that does not end after its beginning is refused with all that comes with it.
pub async fn a_gap_that_is_none_is_refused(database: &Database) {
    let store = &*database.open().await;
    let mut author = Author::new("github");
    applies(store, &author.change(vec![service("a", Status::Ok)])).await;
    let before = state(store, "github").await;
    for none in [gap(10, 10), gap(10, 9)] {
        is_refused(store, &with_gap(author.healthy(at(100)), none)).await;
        is_refused(store, &with_gap(author.clone().change(vec![]), none)).await;
    }
    assert_eq!(state(store, "github").await, before);
    assert_eq!(all(store).await, []);
    applies(store, &author.change(vec![])).await;
}

/// A window has the gaps that share a moment with it, by target and then by time.
pub async fn a_window_has_the_gaps_that_touch_it(database: &Database) {
    let store = &*database.open().await;
    for name in ["b", "a", "B"] {
        let mut author = Author::new(name);
        applies(store, &author.change(vec![])).await;
        applies(store, &with_gap(author.healthy(at(20)), gap(10, 20))).await;
        applies(store, &with_gap(author.healthy(at(40)), gap(30, 40))).await;
    }
    let before = |seconds| Timestamp::from_millis(at(seconds).as_millis() - 1).unwrap();
    for (from, to, expected) in [
        (at(0), before(10), &[][..]),
        (at(0), at(10), &[gap(10, 20)]),
        (at(15), at(15), &[gap(10, 20)]),
        (before(20), before(20), &[gap(10, 20)]),
        (at(20), before(30), &[]),
        (before(20), at(30), &[gap(10, 20), gap(30, 40)]),
        (at(0), at(100), &[gap(10, 20), gap(30, 40)]),
        (at(40), at(100), &[]),
    ] {
        let of = |name: &str| expected.iter().map(|&gap| (name.to_owned(), gap)).collect::<Vec<_>>();
        assert_eq!(gaps(store, None, from, to).await, [of("B"), of("a"), of("b")].concat(), "{from} to {to}");
        assert_eq!(gaps(store, Some("a"), from, to).await, of("a"), "{from} to {to}");
    }
    assert_eq!(gaps(store, Some("nobody"), at(0), at(100)).await, []);
}
