//! What a commit without a change does.

use super::{applies, conflicts, is_known, is_refused, state};
use crate::schema::{FailureClass, Status, Validators};
use crate::store::testkit::{Author, Database, at, health, service};
use crate::store::{Commit, Failure, Health, TargetState};

/// Health alone leaves the state as it is, and adds no event.
pub async fn health_alone_leaves_the_state_as_it_is(database: &Database) {
    let store = &*database.open().await;
    let mut author = Author::new("github");
    applies(store, &author.change(vec![service("a", Status::Ok)])).await;
    let (before, events) = (state(store, "github").await, store.events("github").await.unwrap());
    let ill = Health {
        last_success: None,
        http_status: None,
        consecutive_failures: 3,
        failure: Some(Failure { class: FailureClass::RateLimited, message: "asks for peace".to_owned() }),
        not_before: Some(at(3600)),
        validators: Validators::default(),
        ..health(at(60))
    };
    let commit = Commit { health: ill.clone(), ..author.healthy(at(60)) };
    applies(store, &commit).await;
    is_known(store, &commit).await;
    assert_eq!(state(store, "github").await, TargetState { health: ill, ..before });
    assert_eq!(store.events("github").await.unwrap(), events);
    // The revision did not move: the next change is made from the same one.
    applies(store, &author.change(vec![service("a", Status::Outage)])).await;
}

/// Health never goes backwards, whether it comes alone or with a change; of the same instant the later one counts.
pub async fn health_never_goes_backwards(database: &Database) {
    let store = &*database.open().await;
    let mut author = Author::new("github");
    applies(store, &author.change(vec![service("a", Status::Ok)])).await;
    applies(store, &author.healthy(at(60))).await;
    is_known(store, &author.healthy(at(59))).await;
    assert_eq!(state(store, "github").await.health, health(at(60)));

    let corrected = Commit { health: Health { bytes: 1, ..health(at(60)) }, ..author.healthy(at(60)) };
    applies(store, &corrected).await;
    assert_eq!(state(store, "github").await.health, corrected.health);

    let late = author.change(vec![service("a", Status::Outage)]);
    assert_eq!(late.health, health(at(0)));
    applies(store, &late).await;
    let state = state(store, "github").await;
    assert_eq!((state.revision, state.services[0].status), (2, Status::Outage));
    assert_eq!(state.health, corrected.health);
    applies(store, &author.healthy(at(61))).await;
}

/// Health alone needs the revision it was made for, and a target that is known.
pub async fn health_alone_needs_its_revision(database: &Database) {
    let store = &*database.open().await;
    is_refused(store, &Author::new("github").healthy(at(1))).await;
    conflicts(store, &Author::at("github", 1).healthy(at(1)), 0).await;
    assert_eq!(store.target("github").await.unwrap(), None);

    let mut author = Author::new("github");
    let behind = author.clone();
    applies(store, &author.change(vec![service("a", Status::Ok)])).await;
    let before = state(store, "github").await;
    conflicts(store, &behind.healthy(at(9)), 1).await;
    conflicts(store, &Author::at("github", 2).healthy(at(9)), 1).await;
    assert_eq!(state(store, "github").await, before);
}
