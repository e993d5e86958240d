//! What probes measured.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::join_all;

use super::retention::{ago, comes_true};
use super::{applies, in_time};
use crate::schema::{Check, ProbeId, Status, Timestamp};
use crate::store::testkit::{Author, Database, at, check, rollup, service};
use crate::store::{Changed, CheckQuery, Retention, Rollup, Store};

/// Names that are easily mistaken for each other, or for something else.
pub(super) const NAMES: [&str; 9] = [
    "Google DNS",
    "google dns",
    "a/b?c=d&e#f",
    "o'brien \"quoted\" `ticked`",
    "$where: {\"$gt\": \"\"}; DROP TABLE checks; --",
    "Ünïcödé サーバ 👩‍🚀",
    "a.b.c",
    "  spaces  ",
    "The longest name that a server may have: \"64\" / sixty-four 👍👍!!!",
];

fn dns() -> ProbeId {
    ProbeId::of_target("dns")
}

fn all_of(target: &str) -> CheckQuery {
    CheckQuery::all_of(ProbeId::of_target(target))
}

async fn found(store: &dyn Store, query: &CheckQuery) -> Vec<Check> {
    store.checks(query).await.unwrap()
}

/// Checks come newest first: from the beginning of a time on, before its end, so many at the most.
pub async fn checks_are_found_newest_first(database: &Database) {
    let store = &*database.open().await;
    assert_eq!(found(store, &all_of("dns")).await, []);
    let checks: Vec<_> = [3, 0, 4, 1, 2].map(|seconds| check("dns", at(seconds))).into();
    store.record(&checks).await.unwrap();
    store.record(&[check("other", at(2)), check("dns", at(5))]).await.unwrap();
    store.record(&[]).await.unwrap();
    for (from, until, limit, expected) in [
        (None, None, None, &[5, 4, 3, 2, 1, 0][..]),
        (None, None, Some(2), &[5, 4]),
        (None, None, Some(0), &[]),
        (None, None, Some(u32::MAX), &[5, 4, 3, 2, 1, 0]),
        (Some(2), None, None, &[5, 4, 3, 2]),
        (None, Some(2), None, &[1, 0]),
        (Some(1), Some(4), None, &[3, 2, 1]),
        (Some(1), Some(4), Some(2), &[3, 2]),
        (Some(2), Some(2), None, &[]),
        (Some(6), None, None, &[]),
    ] {
        let query = CheckQuery { from: from.map(at), until: until.map(at), limit, ..all_of("dns") };
        let expected: Vec<_> = expected.iter().map(|&seconds| check("dns", at(seconds))).collect();
        assert_eq!(found(store, &query).await, expected, "{query:?}");
    }
    assert_eq!(found(store, &all_of("other")).await, [check("other", at(2))]);
}

/// A check that is recorded again is told once, and takes no other one's place.
pub async fn a_check_is_told_once(database: &Database) {
    let store = &*database.open().await;
    let checks: Vec<_> = (0..6).map(|seconds| check("dns", at(seconds))).collect();
    let doubled: Vec<_> = checks.iter().chain(&checks).cloned().collect();
    store.record(&doubled).await.unwrap();
    let again = [&checks[2..4], &checks[5..]].concat();
    store.record(&again).await.unwrap();
    let expected: Vec<_> = checks.into_iter().rev().collect();
    assert_eq!(found(store, &all_of("dns")).await, expected);
    for limit in 1..=7 {
        let query = CheckQuery { limit: Some(limit), ..all_of("dns") };
        let most = expected.len().min(limit as usize);
        assert_eq!(found(store, &query).await, expected[..most], "{limit}");
    }
}

/// A check keeps its instant to the millisecond, its latency to the microsecond, and all else.
pub async fn checks_keep_their_values(database: &Database) {
    let store = &*database.open().await;
    let latencies = [None, Some(0), Some(1), Some(999), Some(12_345_678), Some(86_400_000_001)];
    let checks: Vec<_> = latencies
        .iter()
        .enumerate()
        .map(|(n, micros)| Check {
            probe: dns(),
            at: Timestamp::from_millis(at(0).as_millis() - i64::try_from(n).unwrap()).unwrap(),
            status: Status::ALL[n % 4],
            latency: micros.map(Duration::from_micros),
            sent: [0, 4, u16::MAX][n % 3],
            lost: [0, u16::MAX, 1][n % 3],
        })
        .collect();
    store.record(&checks).await.unwrap();
    assert_eq!(found(store, &all_of("dns")).await, checks);
}

/// Any name has checks and roll-ups of its own, whatever is in it.
pub async fn any_target_has_its_own_checks(database: &Database) {
    let store = &*database.open().await;
    let checks: Vec<_> = (0..).zip(NAMES).map(|(n, name)| check(name, at(n))).collect();
    let rollups: Vec<_> = (0..).zip(NAMES).map(|(n, name)| rollup(name, at(3600 * n))).collect();
    store.record(&checks).await.unwrap();
    store.put_rollups(&rollups).await.unwrap();
    for (check, rollup) in checks.into_iter().zip(rollups) {
        assert_eq!(found(store, &CheckQuery::all_of(check.probe.clone())).await, [check]);
        assert_eq!(store.rollups(&rollup.probe, at(0), at(1_000_000)).await.unwrap(), [rollup]);
    }
}

/// Thousands of checks are kept, recorded by several at once; they are there after reopening.
pub async fn thousands_of_checks_are_kept(database: &Database) {
    const TARGETS: [&str; 4] = ["a", "b", "c", "d"];
    let handles = [database.open().await, database.open().await];
    let checks: Vec<_> = (0..2500).flat_map(|n| TARGETS.map(|target| check(target, at(10 * n)))).collect();
    let record = checks.chunks(500).enumerate().map(|(n, some)| handles[n % 2].record(some));
    for recorded in in_time(join_all(record)).await {
        recorded.unwrap();
    }
    for store in handles {
        store.close().await;
    }
    let store = &*database.open().await;
    for target in TARGETS {
        let expected: Vec<_> = (0..2500).rev().map(|n| check(target, at(10 * n))).collect();
        assert_eq!(found(store, &all_of(target)).await, expected);
        let page = CheckQuery { until: Some(at(10_000)), limit: Some(100), ..all_of(target) };
        assert_eq!(found(store, &page).await, expected[1500..1600]);
    }
}

/// A watch tells nothing of checks: the next that it tells is of a target.
pub async fn checks_are_no_change(database: &Database) {
    let store = &*database.open().await;
    let mut watch = store.watch().await.unwrap();
    store.record(&[check("dns", at(0))]).await.unwrap();
    store.put_rollups(&[rollup("dns", at(0))]).await.unwrap();
    applies(store, &Author::new("github").change(vec![service("a", Status::Ok)])).await;
    match in_time(watch.changed()).await.unwrap() {
        Changed::Some { targets, events } => {
            assert_eq!((targets, events.len()), (BTreeSet::from(["github".to_owned()]), 1));
        }
        Changed::Everything => panic!("nothing was missed"),
    }
}

/// Roll-ups come oldest first; one that is put again is replaced.
pub async fn rollups_are_replaced_and_ordered(database: &Database) {
    let store = &*database.open().await;
    let hour = |n: i64| at(3600 * n);
    assert_eq!(store.last_rollup(&dns()).await.unwrap(), None);
    assert_eq!(store.rollups(&dns(), hour(0), hour(9)).await.unwrap(), []);
    let rollups: Vec<_> = [2, 0, 1].map(|n| rollup("dns", hour(n))).into();
    store.put_rollups(&rollups).await.unwrap();
    store.put_rollups(&[rollup("other", hour(1)), rollup("other", hour(3))]).await.unwrap();
    store.put_rollups(&[]).await.unwrap();
    assert_eq!(store.last_rollup(&dns()).await.unwrap(), Some(hour(2)));
    let better = Rollup {
        checks: u32::MAX,
        outages: 0,
        sent: 0,
        lost: u32::MAX,
        latency: Duration::from_micros(987_654_321_000_001),
        classes: BTreeMap::from([(0, 1), (10, 2), (9, 3), (u16::MAX, u32::MAX)]),
        ..rollup("dns", hour(1))
    };
    store.put_rollups(std::slice::from_ref(&better)).await.unwrap();
    let expected = [rollup("dns", hour(0)), better, rollup("dns", hour(2))];
    for (from, until, range) in [(0, 9, 0..3), (0, 2, 0..2), (1, 2, 1..2), (1, 9, 1..3), (2, 2, 0..0), (3, 9, 0..0)] {
        let found = store.rollups(&dns(), hour(from), hour(until)).await.unwrap();
        assert_eq!(found, expected[range], "{from}..{until}");
    }
}

/// Of several who put the same roll-ups at once none fails, and each roll-up is there once.
pub async fn rollups_are_put_by_many(database: &Database) {
    let handles = [database.open().await, database.open().await];
    let rollups: Vec<_> = (0..50).map(|n| rollup("dns", at(3600 * n))).collect();
    for put in in_time(join_all((0..6).map(|n| handles[n % 2].put_rollups(&rollups)))).await {
        put.unwrap();
    }
    assert_eq!(handles[0].rollups(&dns(), at(0), at(1_000_000)).await.unwrap(), rollups);
}

/// Checks and roll-ups are kept for as long as is said, each, and for ever where that is said.
pub async fn old_checks_are_forgotten(database: &Database) {
    let store = &*database.open().await;
    let checks = [check("dns", ago(5)), check("dns", ago(40)), check("other", ago(50))];
    let rollups = [rollup("dns", ago(30)), rollup("dns", ago(15)), rollup("other", ago(50))];
    store.record(&checks).await.unwrap();
    store.put_rollups(&rollups).await.unwrap();
    let now = Timestamp::now();
    let kept = |hours| Retention::For(Duration::from_hours(hours));
    store.retain_checks(kept(10), kept(20), now).await.unwrap();
    let left = async |target: &str| {
        let hours = store.rollups(&ProbeId::of_target(target), ago(1000), now).await.unwrap();
        (found(store, &all_of(target)).await, hours)
    };
    comes_true(async || left("dns").await == (checks[..1].to_vec(), rollups[1..2].to_vec())).await;
    comes_true(async || left("other").await == (vec![], vec![])).await;

    store.retain_checks(Retention::Forever, Retention::Forever, now).await.unwrap();
    store.record(&checks).await.unwrap();
    store.put_rollups(&rollups).await.unwrap();
    store.retain_checks(Retention::Forever, Retention::Forever, now).await.unwrap();
    assert_eq!(left("dns").await, (checks[..2].to_vec(), rollups[..2].to_vec()));
    assert_eq!(left("other").await, (checks[2..].to_vec(), rollups[2..].to_vec()));
}
