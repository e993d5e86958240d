//! What goes in comes out: names, types, instants, sizes.

use std::collections::BTreeSet;

use super::{applies, everything, state};
use crate::schema::{About, Dimensions, Incident, Scalar, Service, Status, Timestamp, Validators};
use crate::store::testkit::{Author, Database, at, event, health, incident, service};
use crate::store::{Health, TargetState};

/// Names that a database might take for something else.
pub(super) const NAMES: [&str; 16] = [
    "",
    " ",
    ".",
    "a.b",
    "a..b",
    ".a",
    "$",
    "$set",
    "$oid",
    "$date",
    "$ref",
    "_id",
    "grüße 🚦",
    "'; --",
    "a\nb",
    "null",
];

/// Targets are ordered by the bytes of their names.
pub async fn targets_are_ordered_by_bytes(database: &Database) {
    let store = &*database.open().await;
    let names = ["zoom", "é", "Zoom", "a-b", "a", "ab", "a_b", "10", "9", "ä", "z"];
    for name in names {
        applies(store, &Author::new(name).change(vec![])).await;
    }
    let mut sorted = names;
    sorted.sort_unstable();
    let listed: Vec<_> = store.targets().await.unwrap().into_iter().map(|state| state.name).collect();
    assert_eq!(listed, sorted);
    applies(store, &Author::at("zoom", 1).retire()).await;
    let left = store.names().await.unwrap();
    assert_eq!(left, sorted.iter().filter(|name| **name != "zoom").map(ToString::to_string).collect());
}

/// What is not there is not the same as what is empty.
pub async fn absent_is_not_empty(database: &Database) {
    let store = &*database.open().await;
    let empty = Health {
        validators: Validators {
            etag: Some(String::new()),
            last_modified: Some(String::new()),
            definition: String::new(),
        },
        ..health(at(1))
    };
    let absent = Health { last_success: None, http_status: None, validators: Validators::default(), ..health(at(2)) };
    let mut author = Author::new("github");
    let mut undated = service("", Status::Unknown);
    undated.last_timestamp = None;
    let mut commit = author.change(vec![undated.clone()]);
    commit.health = empty.clone();
    let change = commit.change.as_mut().unwrap();
    change.endpoint = String::new();
    change.events[0].to = None;
    change.incidents = vec![Incident { url: Some(String::new()), impact: None, ..incident("", None) }];
    let change = change.clone();
    applies(store, &commit).await;
    let found = state(store, "github").await;
    assert_eq!((found.endpoint.as_str(), found.services, found.health), ("", vec![undated], empty));
    assert_eq!(store.events("github").await.unwrap(), change.events);
    assert_eq!(store.incidents("github").await.unwrap(), change.incidents);

    let mut alone = author.healthy(at(2));
    alone.health = absent.clone();
    applies(store, &alone).await;
    assert_eq!(state(store, "github").await.health, absent);
}

/// Any text is kept as a name, whatever it is the name of.
pub async fn any_name_is_kept(database: &Database) {
    let store = &*database.open().await;
    for name in NAMES.into_iter().chain(["nul\0nul"]) {
        let mut named = service(name, Status::Ok);
        let keys = NAMES.into_iter().map(|key| (key.to_owned(), Scalar::from(name)));
        named.dimensions = keys.collect();
        let mut author = Author::new(name);
        // Twice, since one is the target's insertion and the other its replacement.
        for revision in 1..=2 {
            let mut commit = author.change(vec![named.clone()]);
            commit.health.validators.etag = Some(name.to_owned());
            let change = commit.change.as_mut().unwrap();
            change.incidents = vec![incident(name, Some(at(0)))];
            let (events, incidents) = (change.events.clone(), change.incidents.clone());
            applies(store, &commit).await;
            let found = state(store, name).await;
            assert_eq!((found.revision, found.services), (revision, vec![named.clone()]), "{name:?}");
            assert_eq!(found.health, commit.health, "{name:?}");
            assert!(store.events(name).await.unwrap().ends_with(&events), "{name:?}");
            assert_eq!(store.incidents(name).await.unwrap(), incidents, "{name:?}");
        }
    }
}

/// What people want to know of a target is that of its last change, and the next ask is that of its health.
pub async fn what_people_want_to_know_is_kept(database: &Database) {
    let store = &*database.open().await;
    let mut author = Author::new("github");
    for (title, category) in [(Some("GitHub"), Some("code")), (None, Some("\"code\"")), (None, None)] {
        let [title, category] = [title, category].map(|text| text.map(str::to_owned));
        let homepage = title.clone().map(|title| format!("https://{title}.example"));
        let about = About { homepage, server: category.clone(), title, category };
        let mut commit = author.change(vec![service("a", Status::Ok)]);
        commit.change.as_mut().unwrap().about = about.clone();
        commit.health.next_ask = about.title.is_some().then(|| at(60));
        applies(store, &commit).await;
        assert_eq!(state(store, "github").await.health, commit.health);
        applies(store, &author.healthy(at(0))).await;
        assert_eq!(state(store, "github").await.about, about);
        assert_eq!(store.targets().await.unwrap()[0].about, about);
    }
}

/// Targets are found by their names, the retired ones too, in the order of their bytes.
pub async fn targets_are_found_by_their_names(database: &Database) {
    let store = &*database.open().await;
    for name in ["b", "é", "B", "a", "unasked"] {
        let mut author = Author::new(name);
        applies(store, &author.change(vec![service("s", Status::Ok)])).await;
        if name == "a" {
            applies(store, &author.retire()).await;
        }
    }
    let names = ["é", "a", "nobody", "B", "b"].map(str::to_owned).into();
    let mut expected = Vec::new();
    for name in ["B", "a", "b", "é"] {
        expected.push(state(store, name).await);
    }
    assert_eq!(store.targets_named(&names).await.unwrap(), expected);
    assert_eq!(store.targets_named(&["nobody".to_owned()].into()).await.unwrap(), []);
    assert_eq!(store.targets_named(&BTreeSet::new()).await.unwrap(), []);
}

/// A dimension keeps its type and its value.
pub async fn dimensions_keep_their_types(database: &Database) {
    let store = &*database.open().await;
    let values = [
        Scalar::Bool(true),
        Scalar::Bool(false),
        Scalar::Integer(0),
        Scalar::Integer(i64::from(i32::MAX)),
        Scalar::Integer(i64::MAX),
        Scalar::Integer(i64::MIN),
        Scalar::Float(0.0),
        Scalar::Float(1.0),
        Scalar::Float(0.1 + 0.2),
        Scalar::Float(1e300),
        Scalar::Float(f64::MIN_POSITIVE),
        Scalar::Float(f64::MAX),
        Scalar::Text("1".to_owned()),
        Scalar::Text("true".to_owned()),
        Scalar::Text("2023-04-18T09:45:04.745Z".to_owned()),
        Scalar::Text(String::new()),
    ];
    let dimensions: Dimensions = (0..).zip(values).map(|(n, value)| (format!("d{n}"), value)).collect();
    let service = Service { dimensions, ..service("a", Status::Ok) };
    applies(store, &Author::new("github").change(vec![service.clone()])).await;
    assert_eq!(store.events("github").await.unwrap(), [event("github", 1, &service)]);
    assert_eq!(state(store, "github").await.services, [service]);
}

/// Every instant keeps its milliseconds, however far it is.
pub async fn instants_keep_their_milliseconds(database: &Database) {
    let store = &*database.open().await;
    let mut author = Author::new("github");
    for millis in [1_681_811_104_745, 1_681_811_104_999, 1, 0, -1, 253_402_300_800_000, 8_000_000_000_000_000] {
        let instant = Timestamp::from_millis(millis).unwrap();
        let service = Service { last_timestamp: Some(instant), ..service("a", Status::Ok) };
        let mut commit = author.change(vec![service.clone()]);
        let change = commit.change.as_mut().unwrap();
        change.events[0].at = instant;
        change.incidents = vec![incident("1", Some(instant))];
        let change = change.clone();
        commit.health.not_before = Some(instant);
        applies(store, &commit).await;
        let found: TargetState = state(store, "github").await;
        assert_eq!((found.services, found.health.not_before), (vec![service], Some(instant)));
        assert!(store.events("github").await.unwrap().ends_with(&change.events));
        assert_eq!(store.incidents("github").await.unwrap(), change.incidents);
    }
}

/// Thousands of services, each with an event, are one commit.
pub async fn thousands_of_services_are_kept(database: &Database) {
    let store = &*database.open().await;
    let services: Vec<_> = (0..3000)
        .map(|n| {
            let mut service = service(&format!("Service number {n}"), Status::ALL[n % 4]);
            for (name, value) in [("region", "eu-central-1"), ("group", "Compute"), ("serviceId", "8l4ygp009s5s")] {
                service.dimensions.insert(name.to_owned(), value.into());
            }
            service
        })
        .collect();
    let mut author = Author::new("aws");
    applies(store, &author.change(services.clone())).await;
    applies(store, &author.change(services)).await;
    let before = everything(store, "aws").await;
    assert_eq!(state(store, "aws").await.services.len(), 3000);
    assert_eq!(store.events("aws").await.unwrap().len(), 6000);
    assert_eq!(everything(&*database.open().await, "aws").await, before);
}
