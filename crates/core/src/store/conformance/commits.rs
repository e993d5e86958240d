//! What a commit writes, and what it does not.

use super::{applies, conflicts, everything, is_known, is_refused, state};
use crate::schema::{Scalar, Status};
use crate::store::testkit::{Author, Database, at, event, health, incident, service};
use crate::store::{Change, Commit, TargetState};

/// A first commit is found as it was made, in whole.
pub async fn a_first_commit_is_found_as_it_was_made(database: &Database) {
    let store = &*database.open().await;
    let services = vec![service("b", Status::Outage), service("a", Status::Ok)];
    let mut commit = Author::new("github").change(services.clone());
    let change = commit.change.as_mut().unwrap();
    change.incidents = vec![incident("1", Some(at(5)))];
    applies(store, &commit).await;

    let change = commit.change.unwrap();
    let expected = TargetState {
        name: "github".to_owned(),
        endpoint: change.endpoint,
        kind: change.kind,
        about: change.about,
        revision: 1,
        retired: false,
        services,
        health: commit.health,
    };
    assert_eq!(state(store, "github").await, expected);
    assert_eq!(store.targets().await.unwrap(), [expected]);
    assert_eq!(store.events("github").await.unwrap(), change.events);
    assert_eq!(store.incidents("github").await.unwrap(), change.incidents);
}

/// The same commit again changes nothing, whoever sends it and whatever was committed since.
pub async fn the_same_commit_again_changes_nothing(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let mut author = Author::new("github");
    let first = author.change(vec![service("a", Status::Ok)]);
    let second = author.change(vec![service("a", Status::Outage)]);
    applies(store, &first).await;
    is_known(store, &first).await;
    is_known(other, &first).await;
    applies(other, &second).await;
    applies(store, &author.healthy(at(7))).await;

    let before = everything(store, "github").await;
    for commit in [&first, &second] {
        is_known(store, commit).await;
        is_known(other, commit).await;
    }
    assert_eq!(everything(other, "github").await, before);
}

/// A commit for another base than the target's revision writes nothing: no state, no event, no incident, no health.
pub async fn a_commit_for_another_base_writes_nothing(database: &Database) {
    let store = &*database.open().await;
    let mut author = Author::new("github");
    conflicts(store, &Author::at("github", 3).change(vec![service("a", Status::Ok)]), 0).await;
    assert_eq!(store.target("github").await.unwrap(), None);
    assert_eq!(store.events("github").await.unwrap(), []);

    applies(store, &author.change(vec![service("a", Status::Ok)])).await;
    applies(store, &author.change(vec![service("a", Status::Outage)])).await;
    let before = everything(store, "github").await;
    for base in [0, 1, 3] {
        let mut commit = Author::at("github", base).change(vec![service("b", Status::Degraded)]);
        commit.health = health(at(99));
        commit.change.as_mut().unwrap().incidents = vec![incident("1", None)];
        conflicts(store, &commit, 2).await;
    }
    assert_eq!(everything(store, "github").await, before);
}

/// What contradicts itself is refused in whole.
pub async fn what_contradicts_itself_is_refused(database: &Database) {
    let store = &*database.open().await;
    let valid = Author::new("github").change(vec![service("a", Status::Ok)]);
    let with = |edit: &dyn Fn(&mut Change)| {
        let mut commit = valid.clone();
        edit(commit.change.as_mut().unwrap());
        commit
    };
    let nan = Scalar::Float(f64::NAN);
    for commit in [
        with(&|change| change.retired = true),
        with(&|change| change.events.push(change.events[0].clone())),
        with(&|change| change.events.push(event("github", 2, &service("b", Status::Ok)))),
        with(&|change| change.events.push(event("gitlab", 1, &service("b", Status::Ok)))),
        with(&|change| drop(change.services[0].dimensions.insert("load".to_owned(), nan.clone()))),
        with(&|change| drop(change.events[0].dimensions.insert("load".to_owned(), nan.clone()))),
        with(&|change| drop(change.services[0].dimensions.insert("a\0b".to_owned(), true.into()))),
        Commit { base: u64::MAX, ..valid.clone() },
        Commit { base: i64::MAX.unsigned_abs(), ..valid.clone() },
        Commit { change: None, ..valid.clone() },
    ] {
        is_refused(store, &commit).await;
    }
    assert_eq!(store.target("github").await.unwrap(), None);
    assert_eq!(store.events("github").await.unwrap(), []);
}

/// A target beyond what a MongoDB document holds is kept, or refused with a reason; the next commit is not troubled.
pub async fn a_huge_target_is_written_or_refused(database: &Database) {
    let store = &*database.open().await;
    let mut huge = service("huge", Status::Ok);
    huge.dimensions.insert("text".to_owned(), "x".repeat(17 * 1024 * 1024).into());
    let mut commit = Author::new("huge").change(vec![huge.clone()]);
    commit.change.as_mut().unwrap().events.clear();
    if store.commit(&commit).await.is_ok() {
        assert_eq!(state(store, "huge").await.services, [huge]);
    } else {
        is_refused(store, &commit).await;
        assert_eq!(store.target("huge").await.unwrap(), None);
    }
    applies(store, &Author::new("small").change(vec![service("a", Status::Ok)])).await;
}
