//! Changes that come late: somebody else took the target over before they could be written.

use futures_util::future::join_all;

use super::feed::{begin, told};
use super::{applies, in_time, state};
use crate::schema::{Event, Gap, Status};
use crate::store::testkit::{Author, Database, at, health};
use crate::store::{Commit, EventId, EventQuery, Late, Store, StoreError, Window};

const OK: Option<Status> = Some(Status::Ok);
const DEGRADED: Option<Status> = Some(Status::Degraded);
const OUTAGE: Option<Status> = Some(Status::Outage);

/// A change of one service's status.
type Turn<'a> = (&'a str, Option<Status>, Option<Status>);

/// The commit that brings these changes at an instant.
fn turn(author: &mut Author, seconds: i64, turns: &[Turn<'_>]) -> Commit {
    let to: Vec<_> = turns.iter().map(|&(key, _, to)| (key, to)).collect();
    let mut commit = author.turn(at(seconds), &to);
    let events = commit.change.iter_mut().flat_map(|change| &mut change.events);
    for (event, (_, from, _)) in events.zip(turns) {
        event.from = *from;
    }
    commit
}

async fn enter(store: &dyn Store, commits: &[Commit]) -> Late {
    in_time(store.enter_late(commits)).await.unwrap()
}

/// What became of each service, and when, in the order of the answer.
async fn turns(store: &dyn Store) -> Vec<(String, i64, u64, Option<Status>, Option<Status>)> {
    let seconds = |event: &Event| (event.at.as_millis() - at(0).as_millis()) / 1000;
    let told = |event: Event| (event.key.clone(), seconds(&event), event.revision, event.from, event.to);
    store.events("github").await.unwrap().into_iter().map(told).collect()
}

/// Two who go on from the same state, of which one could not write what it saw; and the state.
async fn parted(store: &dyn Store) -> (Author, Author) {
    let mut author = Author::new("github");
    let first: Vec<Turn<'_>> = ["a", "b", "c"].map(|key| (key, None, OK)).to_vec();
    applies(store, &turn(&mut author, 0, &first)).await;
    (author.clone(), author)
}

/// What came late is put before what was told since, and ends with it; it leads back where nothing was. The state stays as
/// it is, and of those events that were there only what they follow and when they ended. A second time changes nothing,
/// whoever sends how many of them.
pub async fn what_comes_late_enters_the_history_once(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let (mut successor, mut late) = parted(store).await;
    let late = [
        turn(&mut late, 10, &[("a", OK, OUTAGE), ("b", OK, OUTAGE), ("n", None, OK)]),
        turn(&mut late, 20, &[("a", OUTAGE, DEGRADED), ("c", OK, None)]),
        turn(&mut late, 50, &[("a", DEGRADED, OK)]),
    ];
    applies(store, &turn(&mut successor, 40, &[("a", OK, DEGRADED)])).await;
    applies(store, &successor.healthy(at(60))).await;
    let before = state(store, "github").await;

    assert_eq!(enter(store, &late).await, Late::Entered { added: 7, overtaken: 1 });
    let expected: Vec<_> = [
        ("a", 0, 1, None, OK),
        ("b", 0, 1, None, OK),
        ("c", 0, 1, None, OK),
        ("a", 10, 1, OK, OUTAGE),
        ("b", 10, 1, OK, OUTAGE),
        ("n", 10, 1, None, OK),
        ("c", 20, 1, OK, None),
        ("b", 60, 1, OUTAGE, OK),
        ("c", 60, 1, None, OK),
        ("n", 60, 1, OK, None),
        ("a", 40, 2, OUTAGE, DEGRADED),
    ]
    .map(|(key, seconds, revision, from, to)| (key.to_owned(), seconds, revision, from, to))
    .into();
    assert_eq!(turns(store).await, expected);
    for handle in [store, other] {
        for count in (1..=late.len()).rev() {
            assert!(matches!(enter(handle, &late[..count]).await, Late::Entered { added: 0, .. }));
        }
        assert_eq!(turns(handle).await, expected);
    }
    assert_eq!(state(store, "github").await, before);

    // Whoever took it over goes on.
    applies(store, &turn(&mut successor, 70, &[("b", OK, OUTAGE), ("a", DEGRADED, OK)])).await;
    let ends: Vec<_> = store
        .past(&Window::new(None, at(0), at(100)))
        .await
        .unwrap()
        .periods
        .into_iter()
        .filter(|period| period.event.key == "b" || period.event.key == "a")
        .map(|period| (period.event.key, period.event.at, period.until))
        .collect();
    let expected = [
        ("a", 0, Some(10)),
        ("b", 0, Some(10)),
        ("a", 10, Some(40)),
        ("b", 10, Some(60)),
        ("b", 60, Some(70)),
        ("a", 40, Some(70)),
        ("b", 70, None),
        ("a", 70, None),
    ]
    .map(|(key, seconds, until): (_, _, Option<i64>)| (key.to_owned(), at(seconds), until.map(at)));
    assert_eq!(ends, expected);
}

/// What came late lies in the past where it was seen: in windows, and in pages of any size.
pub async fn what_comes_late_lies_where_it_was_seen(database: &Database) {
    let store = &*database.open().await;
    let (mut successor, mut late) = parted(store).await;
    let late: Vec<Commit> = (1..=9)
        .map(|n| {
            let (from, to) = if n % 2 == 1 { (OK, OUTAGE) } else { (OUTAGE, OK) };
            turn(&mut late, n, &[("a", from, to), ("b", from, to)])
        })
        .collect();
    applies(store, &turn(&mut successor, 20, &[("a", OK, DEGRADED), ("b", OK, DEGRADED)])).await;
    assert_eq!(enter(store, &late).await, Late::Entered { added: 18, overtaken: 0 });

    let mut all = store.events("github").await.unwrap();
    all.sort_by_key(EventId::of);
    let is_by_time = all.windows(2).all(|pair| pair[0].at >= pair[1].at);
    assert!(all.len() == 23 && is_by_time, "{all:#?}");
    for size in [1, 2, 5, 100] {
        let mut found: Vec<Event> = Vec::new();
        while found.len() < all.len() {
            let behind = found.last().map(EventId::of);
            let page = EventQuery { behind, limit: Some(size), ..EventQuery::default() };
            found.extend(store.find_events(&page).await.unwrap());
        }
        assert_eq!(found, all, "{size}");
    }
    for (seconds, expected) in [(0, OK), (1, OUTAGE), (2, OK), (9, OUTAGE), (19, OUTAGE), (20, DEGRADED)] {
        let window = Window::new(Some("github"), at(seconds), at(seconds));
        let periods = store.past(&window).await.unwrap().periods;
        let lasting = periods.iter().filter(|period| period.until.is_none_or(|until| until > at(seconds)));
        let of_a: Vec<_> = lasting.filter(|period| period.event.key == "a").map(|period| period.event.to).collect();
        assert_eq!(of_a, [expected], "{seconds}");
    }
}

/// In the order of commits what came late is the last, each once; a watch tells of it, and of nothing else.
pub async fn what_comes_late_is_told_last(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let (mut successor, mut late) = parted(store).await;
    let late = [turn(&mut late, 10, &[("a", OK, OUTAGE)]), turn(&mut late, 20, &[("b", OK, OUTAGE)])];
    applies(store, &turn(&mut successor, 40, &[("a", OK, DEGRADED)])).await;
    let (mut watch, start) = begin(store).await;
    enter(other, &late).await;
    let told = told(&mut *watch, 3).await;
    let events: Vec<_> = told.iter().map(|placed| (placed.event.key.as_str(), placed.event.at)).collect();
    assert_eq!(events, [("a", at(10)), ("b", at(20)), ("b", at(40))]);
    assert_eq!(store.events_behind(&start, 100).await.unwrap().as_ref(), Some(&told));
    assert_eq!(other.events_behind(&told[0].place, 100).await.unwrap().unwrap(), told[1..]);

    // Those that enter again are not told again.
    enter(store, &late).await;
    applies(store, &turn(&mut successor, 50, &[("c", OK, OUTAGE)])).await;
    let [next] = super::feed::told(&mut *watch, 1).await.try_into().unwrap();
    assert_eq!(next.event.key, "c");
}

/// Where nothing was told of a service since, nothing enters before somebody has heard the target.
pub async fn what_comes_too_early_waits(database: &Database) {
    let store = &*database.open().await;
    let unknown = [turn(&mut Author::new("github"), 10, &[("a", None, OK)])];
    assert_eq!(enter(store, &unknown).await, Late::TooEarly, "nobody knows the target");
    let (mut successor, mut late) = parted(store).await;
    let late = [turn(&mut late, 10, &[("a", OK, OUTAGE), ("b", OK, OUTAGE)])];
    let before = turns(store).await;
    let mut failed = successor.healthy(at(20));
    failed.health.last_success = Some(at(5));
    for commit in [successor.healthy(at(5)), failed] {
        applies(store, &commit).await;
        assert_eq!(enter(store, &late).await, Late::TooEarly);
    }
    assert_eq!(turns(store).await, before);
    // Whoever told of one service has heard of the other one.
    applies(store, &Commit { health: health(at(9)), ..turn(&mut successor, 12, &[("a", OK, OUTAGE)]) }).await;
    assert_eq!(enter(store, &late).await, Late::Entered { added: 2, overtaken: 0 });
    let of_b: Vec<_> =
        turns(store).await.into_iter().filter(|turn| turn.0 == "b").map(|turn| (turn.1, turn.4)).collect();
    assert_eq!(of_b, [(0, OK), (10, OUTAGE), (12, OK)]);
}

/// What ends in a gap lasted until somebody heard the target again.
pub async fn what_comes_late_may_last_until_the_end_of_a_gap(database: &Database) {
    let store = &*database.open().await;
    let (successor, mut late) = parted(store).await;
    let late = [turn(&mut late, 10, &[("a", OK, OUTAGE)])];
    for (from, until) in [(-500, 5), (300, 2_000), (2_500, 3_000)] {
        let gap = Some(Gap { from: at(from), until: at(until) });
        applies(store, &Commit { gap, ..successor.healthy(at(until)) }).await;
    }
    assert_eq!(enter(store, &late).await, Late::Entered { added: 2, overtaken: 0 });
    let ends: Vec<_> = turns(store).await.into_iter().filter(|turn| turn.0 == "a").map(|turn| turn.1).collect();
    assert_eq!(ends, [0, 10, 2_000]);
}

/// What goes on from a state that is not here is refused, and nothing of it is written: it was made for another database,
/// or for this one before an older one took its place.
pub async fn what_comes_late_and_goes_on_from_elsewhere_is_refused(database: &Database) {
    let store = &*database.open().await;
    let elsewhere = [turn(&mut Author::at("gitlab", 1), 10, &[("a", OK, OUTAGE)])];
    let (mut successor, late) = parted(store).await;
    let mut later = Author::at("github", 2);
    let later = [turn(&mut later, 10, &[("a", OK, OUTAGE)])];
    applies(store, &successor.healthy(at(20))).await;
    let before = store.events("github").await.unwrap();
    for run in [&elsewhere, &later] {
        assert!(matches!(store.enter_late(run).await, Err(StoreError::Invalid { .. })), "{run:?}");
    }
    assert_eq!(store.events("github").await.unwrap(), before);
    applies(store, &turn(&mut successor, 30, &[("a", OK, OUTAGE)])).await;
    assert_eq!(
        enter(store, &[turn(&mut late.clone(), 10, &[("b", OK, OUTAGE)])]).await,
        Late::Entered { added: 2, overtaken: 0 }
    );
}

/// What is no run of one target is refused, and nothing of it is written.
pub async fn what_comes_late_and_contradicts_itself_is_refused(database: &Database) {
    let store = &*database.open().await;
    let (_, mut late) = parted(store).await;
    let [one, two, three] = [(10, OK, OUTAGE), (20, OUTAGE, OK), (30, OK, OUTAGE)]
        .map(|(at, from, to)| turn(&mut late, at, &[("a", from, to)]));
    let elsewhere = turn(&mut Author::at("gitlab", 2), 20, &[("a", OK, OUTAGE)]);
    let before = store.events("github").await.unwrap();
    for run in [vec![one.clone(), three], vec![one.clone(), elsewhere], vec![two, one.clone()], vec![one.clone(), one]]
    {
        assert!(matches!(store.enter_late(&run).await, Err(StoreError::Invalid { .. })), "{run:?}");
    }
    assert_eq!(store.events("github").await.unwrap(), before);
    assert_eq!(enter(store, &[]).await, Late::Entered { added: 0, overtaken: 0 });
}

/// Those who enter the same at once, while somebody else writes the target, make one history, in which each is once.
pub async fn those_who_enter_at_once_make_one_history(database: &Database) {
    const ROUNDS: i64 = 12;
    let handles = [database.open().await, database.open().await];
    let store = &*handles[0];
    let (mut successor, mut late) = parted(store).await;
    let late = [turn(&mut late, 10, &[("a", OK, OUTAGE)]), turn(&mut late, 11, &[("b", OK, OUTAGE)])];
    applies(store, &successor.healthy(at(15))).await;
    let go_on = async {
        let mut status = OK;
        for n in 0..ROUNDS {
            let to = if status == OK { DEGRADED } else { OK };
            // The first of them may be written before the late ones enter, or after them.
            applies(store, &turn(&mut successor, 20 + n, &[("a", status, to), ("b", status, to)])).await;
            applies(store, &successor.healthy(at(20 + n))).await;
            status = to;
        }
    };
    let enter_all = join_all((0..6).map(|n| enter(&*handles[n % 2], &late)));
    let (outcomes, ()) = futures_util::future::join(enter_all, go_on).await;
    let added: usize = outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Late::Entered { added, .. } => added,
            Late::TooEarly => panic!("it was heard"),
        })
        .sum();
    let all = turns(store).await;
    for key in ["a", "b"] {
        let of_it: Vec<_> = all.iter().filter(|turn| turn.0 == key).collect();
        for pair in of_it.windows(2) {
            assert!(pair[0].4 == pair[1].3 && pair[0].1 < pair[1].1, "{of_it:#?}");
        }
        assert_eq!(of_it.iter().filter(|turn| turn.1 < 12 && turn.1 > 0).count(), 1, "{of_it:#?}");
    }
    assert_eq!(all.len(), 3 + added + 2 * usize::try_from(ROUNDS).unwrap());
}
