//! Several at once.

use std::sync::Arc;

use futures_util::future::join_all;

use super::{in_time, state};
use crate::schema::Status;
use crate::store::testkit::{Author, Database, service};
use crate::store::{Commit, Outcome, Store, StoreError};

/// Sends each commit from a task of its own; answers how many were applied, the others met a conflict.
async fn race(handles: &[Arc<dyn Store>], commits: Vec<Commit>) -> usize {
    let tasks = commits.into_iter().enumerate().map(|(n, commit)| {
        let store = Arc::clone(&handles[n % handles.len()]);
        tokio::spawn(async move { store.commit(&commit).await })
    });
    let answers = in_time(join_all(tasks)).await;
    let applied = answers.into_iter().filter(|answer| match answer.as_ref().unwrap() {
        Ok(Outcome::Applied) => true,
        Err(StoreError::Conflict { .. }) => false,
        other => panic!("{other:?}"),
    });
    applied.count()
}

/// Of several writers from one base exactly one wins.
pub async fn of_two_writers_one_wins(database: &Database) {
    let handles = [database.open().await, database.open().await];
    let mut author = Author::new("github");
    author.write(&*handles[0], vec![service("a", Status::Ok)]).await.unwrap();
    for base in 1..=10 {
        let rivals = (0..4).map(|n| Author::at("github", base).change(vec![service(&format!("{n}"), Status::Ok)]));
        assert_eq!(race(&handles, rivals.collect()).await, 1);
        let (state, events) = (state(&*handles[0], "github").await, handles[1].events("github").await.unwrap());
        assert_eq!(state.revision, base + 1);
        assert_eq!(events.len() as u64, base + 1);
        // The events are the winner's.
        assert_eq!(events.last().unwrap().key, state.services[0].key);
    }
}

/// The same for a target that nobody knows yet.
pub async fn of_two_first_writers_one_wins(database: &Database) {
    let handles = [database.open().await, database.open().await];
    for round in 0..10 {
        let name = format!("target-{round}");
        let rivals = (0..4).map(|n| Author::new(&name).change(vec![service(&format!("{n}"), Status::Ok)]));
        assert_eq!(race(&handles, rivals.collect()).await, 1);
        assert_eq!(handles[0].events(&name).await.unwrap().len(), 1);
    }
}

/// Many targets written at once are all there afterwards.
pub async fn many_targets_are_written_at_once(database: &Database) {
    let handles = [database.open().await, database.open().await];
    for base in 0..2 {
        let commits = (0..200).map(|n| Author::at(&format!("target-{n}"), base).change(vec![service("a", Status::Ok)]));
        assert_eq!(race(&handles, commits.collect()).await, 200);
    }
    let targets = handles[0].targets().await.unwrap();
    assert_eq!(targets.len(), 200);
    assert!(targets.iter().all(|target| target.revision == 2));
}

/// Whoever reads while it is written sees a commit in whole or not at all.
pub async fn a_reader_sees_whole_commits(database: &Database) {
    const COMMITS: u64 = 50;
    let (writer, reader) = (database.open().await, database.open().await);
    let write = tokio::spawn(async move {
        let mut author = Author::new("github");
        for number in 1..=COMMITS {
            let mut commit = author.change(vec![service(&format!("{number}"), Status::Ok)]);
            commit.health.bytes = number;
            writer.commit(&commit).await.unwrap();
        }
    });
    let mut seen = 0;
    in_time(async {
        while seen < COMMITS {
            for target in reader.targets().await.unwrap() {
                seen = target.revision;
                assert_eq!(target.services[0].name, format!("{seen}"));
                assert_eq!(target.health.bytes, seen);
                assert!(reader.events("github").await.unwrap().len() as u64 >= seen);
            }
        }
    })
    .await;
    write.await.unwrap();
}
