//! Whoever is killed while it takes leases leaves nothing that its successor cannot take, and nothing of its own lands then.

use std::collections::BTreeSet;
use std::env;
use std::io::{BufRead, BufReader, Write, stdout};
use std::time::Duration;

use futures_util::future::join_all;
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{Author, Database, at};
use unistatus_core::store::{Commit, Member, Outcome, Store, StoreError, open};

use super::{kills, start};

/// Tells the one that takes leases which database is its own, and that it is one.
const DATABASE: &str = "UNISTATUS_TEST_TAKER_DATABASE";
const TAKER: &str = "kill::leases::sqlite_survives_kills";
const LEASES: usize = 60;

async fn enter(store: &dyn Store, id: &str, span: Duration) {
    let me = Member { id: id.to_owned(), load: 1 };
    assert!(!store.report_in(&me, span, at(0)).await.unwrap().was_on_it);
}

/// What the process does that the tests kill: takes all leases without end, and says with which token after each time. Its
/// time is over at once; it stays on the roll since nobody strikes it off.
async fn take_without_end(address: &str) {
    let store = open(address).await.unwrap();
    enter(&*store, "killed", Duration::ZERO).await;
    let targets = store.vacant_leases().await.unwrap();
    let mut output = stdout();
    loop {
        let taken = store.take_leases("killed", &targets).await.unwrap();
        assert_eq!(taken.len(), targets.len());
        writeln!(output, "taken {}", taken.values().max().unwrap()).unwrap();
    }
}

/// Lets a process take the leases so often, and kills it in the middle of the next time. Answers the last token it told.
fn take_and_be_killed(database: &Database, times: usize) -> Option<u64> {
    let mut taker = start(TAKER, DATABASE, database.address());
    let lines = BufReader::new(taker.stdout.take().unwrap()).lines();
    let mut told = lines.map(Result::unwrap).filter_map(|line| line.strip_prefix("taken ")?.parse().ok());
    let last = told.by_ref().take(times).last();
    taker.kill().unwrap();
    taker.wait().unwrap();
    told.last().or(last)
}

fn first(target: &str, fence: u64) -> Commit {
    Commit { fence: Some(fence), ..Author::new(target).turn(at(0), &[("a", Some(Status::Ok))]) }
}

/// Health alone, of a target that was committed once.
fn next(target: &str, fence: u64) -> Commit {
    Commit { fence: Some(fence), ..Author::at(target, 1).healthy(at(1)) }
}

async fn survives_kills(database: &Database) {
    let store = database.open().await;
    let mut last_told = 0;
    for kill in 0..kills() {
        let names = |what: &str| (0..LEASES / 2).map(|n| format!("{what} {kill} {n}")).collect::<Vec<_>>();
        let (known, unknown) = (names("known"), names("unknown"));
        for target in &known {
            Author::new(target).write(&*store, vec![]).await.unwrap();
        }
        let targets: BTreeSet<_> = known.iter().chain(&unknown).cloned().collect();
        store.open_leases(&targets).await.unwrap();
        last_told = take_and_be_killed(database, kill * 3 % 10).unwrap_or(last_told);

        store.strike_off(at(0)).await.unwrap();
        enter(&*store, "successor", Duration::from_hours(1)).await;
        // The database may still be about to do what the killed one asked for last.
        while !store.vacant_leases().await.unwrap().is_empty() {
            store.take_leases("successor", &targets).await.unwrap();
        }
        let held = store.held_leases("successor").await.unwrap();
        assert_eq!(held.keys().cloned().collect::<BTreeSet<_>>(), targets);
        let of_known = known.iter().map(|target| (target, next as fn(&str, u64) -> Commit));
        let of_unknown = unknown.iter().map(|target| (target, first as fn(&str, u64) -> Commit));
        let go_on = of_known.chain(of_unknown).map(async |(target, commit)| {
            let token = held[target];
            assert!(token > last_told, "{token} was given after {last_told}");
            let old = store.commit(&commit(target, token - 1)).await;
            assert!(matches!(old, Err(StoreError::Fenced { .. })), "{old:?} of {target} after kill {kill}");
            assert_eq!(store.commit(&commit(target, token)).await.unwrap(), Outcome::Applied, "{target}");
            store.close_lease("successor", target).await.unwrap();
        });
        join_all(go_on).await;
        store.leave_roll("successor").await.unwrap();
    }
    assert!(last_told > 0);
}

#[tokio::test]
async fn sqlite_survives_kills() {
    if let Ok(address) = env::var(DATABASE) {
        return take_without_end(&address).await;
    }
    survives_kills(&Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mongo_survives_kills() {
    if let Some(database) = Database::mongo() {
        survives_kills(&database).await;
    }
}
