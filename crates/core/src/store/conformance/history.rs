//! Events, incidents, and targets that are asked no more.

use super::{applies, state};
use crate::schema::{IncidentState, IncidentUpdate, Status};
use crate::store::TargetState;
use crate::store::testkit::{Author, Database, at, incident, service};

/// Events are told by revision, and inside one as they were committed, also where all their instants are equal.
pub async fn events_keep_their_order(database: &Database) {
    let store = &*database.open().await;
    let (mut author, mut other) = (Author::new("github"), Author::new("gitlab"));
    let mut expected = Vec::new();
    // Neither the keys nor their number's digits are in order; beyond nine revisions, digits and numbers differ.
    for round in 0..12 {
        let services = (0..12).map(|n| service(&format!("{}", n * 7 % 12), Status::ALL[round % 4])).collect();
        let commit = author.change(services);
        applies(store, &commit).await;
        expected.extend(commit.change.unwrap().events);
        applies(store, &other.change(vec![service("a", Status::Ok)])).await;
    }
    assert_eq!(store.events("github").await.unwrap(), expected);
    assert_eq!(store.events("gitlab").await.unwrap().len(), 12);
    assert_eq!(store.events("unknown").await.unwrap(), []);
}

/// An incident replaces the one of its key; the newest start comes first, none last, then the key decides.
pub async fn incidents_are_replaced_and_ordered(database: &Database) {
    let store = &*database.open().await;
    let mut author = Author::new("github");
    let [old, undated, b, a] =
        [("old", Some(at(1))), ("undated", None), ("b", Some(at(5))), ("a", Some(at(5)))].map(|(k, t)| incident(k, t));
    let mut commit = author.change(vec![]);
    commit.change.as_mut().unwrap().incidents = vec![old, undated.clone(), b.clone(), a.clone()];
    applies(store, &commit).await;
    let mut elsewhere = Author::new("gitlab").change(vec![]);
    elsewhere.change.as_mut().unwrap().incidents = vec![incident("a", Some(at(7)))];
    applies(store, &elsewhere).await;

    let mut over = incident("old", Some(at(9)));
    over.state = IncidentState::Resolved;
    over.resolved_at = Some(at(10));
    over.url = Some("https://example.org/1".to_owned());
    over.services = vec!["b".to_owned(), "a".to_owned()];
    over.updates = vec![
        IncidentUpdate { at: Some(at(10)), state: Some(IncidentState::Resolved), text: "Over.".to_owned() },
        IncidentUpdate { at: None, state: None, text: String::new() },
    ];
    let mut commit = author.change(vec![]);
    // Of two with the same key the later one counts.
    commit.change.as_mut().unwrap().incidents = vec![incident("old", None), over.clone()];
    applies(store, &commit).await;
    assert_eq!(store.incidents("github").await.unwrap(), [over, a, b, undated]);
    assert_eq!(store.incidents("unknown").await.unwrap(), []);
}

/// A retired target is not listed, but it and its history are kept; coming back it continues its revisions.
pub async fn a_retired_target_is_hidden_and_kept(database: &Database) {
    let store = &*database.open().await;
    let (mut author, mut other) = (Author::new("github"), Author::new("gitlab"));
    applies(store, &author.change(vec![service("a", Status::Ok)])).await;
    applies(store, &other.change(vec![service("a", Status::Ok)])).await;
    applies(store, &author.retire()).await;
    let names = |states: Vec<TargetState>| states.into_iter().map(|s| s.name).collect::<Vec<_>>();
    assert_eq!(names(store.targets().await.unwrap()), ["gitlab"]);
    let retired = state(store, "github").await;
    assert_eq!((retired.retired, retired.revision, retired.services.len()), (true, 2, 0));
    assert_eq!(store.events("github").await.unwrap().len(), 1);

    applies(store, &author.healthy(at(60))).await;
    assert_eq!(names(store.targets().await.unwrap()), ["gitlab"]);
    applies(store, &author.change(vec![service("a", Status::Ok)])).await;
    assert_eq!(names(store.targets().await.unwrap()), ["github", "gitlab"]);
    assert_eq!(state(store, "github").await.revision, 3);
    let revisions: Vec<_> = store.events("github").await.unwrap().iter().map(|event| event.revision).collect();
    assert_eq!(revisions, [1, 3]);
}
