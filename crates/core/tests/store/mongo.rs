//! A MongoDB that cannot serve, that goes away and that comes back; and what only it knows of.

use std::collections::BTreeSet;
use std::time::Duration;

use mongodb::Client;
use mongodb::bson::{Bson, Document, doc};
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{Author, Database, TestMongo, at, event, incident, service};
use unistatus_core::store::{Changed, Outcome, StoreError, open};

use super::address::refusal;

async fn collection(database: &Database, name: &str) -> mongodb::Collection<Document> {
    let client = Client::with_uri_str(database.address()).await.unwrap();
    client.default_database().unwrap().collection(name)
}

async fn is_unavailable<T: std::fmt::Debug>(work: impl Future<Output = Result<T, StoreError>>) -> String {
    match work.await {
        Err(error @ StoreError::Unavailable { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standalone_server_is_told_how_to_become_a_replica_set() {
    let Some(mongo) = TestMongo::launch(&[]) else { return };
    // Until it has started it is merely away.
    for address in [mongo.address("db"), format!("{}?replicaSet=rs0", mongo.address("db"))] {
        let message = loop {
            match open(&address).await {
                Err(StoreError::Unavailable { .. }) => {}
                Err(StoreError::Unsuitable(message)) => break message,
                other => panic!("{other:?}"),
            }
        };
        assert!(message.contains("--replSet rs0") && message.contains("rs.initiate()"), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_set_that_is_not_initiated_is_waited_for() {
    let Some(mongo) = TestMongo::launch(&["--replSet", "rs0"]) else { return };
    while !is_unavailable(open(&mongo.address("db"))).await.contains("rs.initiate()") {}
}

#[tokio::test]
async fn a_replica_set_of_another_name_is_named() {
    let Some(mongo) = TestMongo::shared() else { return };
    let refusal = refusal(&format!("{}?replicaSet=other", mongo.address("db"))).await;
    assert!(refusal.contains("is called rs0") && refusal.contains("replicaSet=other"), "{refusal}");
}

#[tokio::test]
async fn a_wrong_password_is_unsuitable_and_not_shown() {
    let Some(mongo) = TestMongo::shared() else { return };
    let address = mongo.address("db").replace("mongodb://", "mongodb://user:s3cr3t@");
    let refusal = refusal(&address).await;
    assert!(refusal.contains("does not let this user in") && !refusal.contains("s3cr3t"), "{refusal}");
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable_and_shows_no_password() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let message = is_unavailable(open(&format!("mongodb://user:s3cr3t@{unused}/db"))).await;
    assert!(!message.contains("s3cr3t"), "{message}");
}

#[tokio::test]
async fn a_transaction_that_a_killed_process_left_open_is_not_waited_for() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let mut author = Author::new("github");
    author.write(&*store, vec![service("a", Status::Ok)]).await.unwrap();

    // What is left of a process that was killed between two writes of a commit.
    let address = format!("{}?appName=unistatus", database.address());
    let client = Client::with_uri_str(address).await.unwrap();
    let leave = async |name: &str| {
        let mut session = client.start_session().await.unwrap();
        session.start_transaction().await.unwrap();
        let records = client.default_database().unwrap().collection::<Document>(name);
        let id = doc! { "_id": "github" };
        records.update_one(id, doc! { "$set": { "lost": true } }).session(&mut session).await.unwrap();
        session
    };
    let _status = leave("status").await;
    author.write(&*store, vec![service("a", Status::Outage)]).await.unwrap();
    let _health = leave("health").await;
    store.commit(&author.healthy(at(60))).await.unwrap();
    author.write(&*store, vec![service("a", Status::Degraded)]).await.unwrap();
    assert_eq!(store.target("github").await.unwrap().unwrap().services[0].status, Status::Degraded);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_survived_without_opening_again() {
    let Some(mut mongo) = TestMongo::start() else { return };
    let database = Database::on(&mongo);
    let store = database.open().await;
    let mut author = Author::new("github");
    author.write(&*store, vec![service("a", Status::Ok)]).await.unwrap();
    let mut watch = store.watch().await.unwrap();

    let lost = author.change(vec![service("a", Status::Outage)]);
    mongo.kill();
    let health = Author::at("github", 1).healthy(at(60));
    tokio::join!(
        is_unavailable(store.commit(&lost)),
        is_unavailable(store.commit(&health)),
        is_unavailable(store.targets()),
        is_unavailable(store.ping()),
        is_unavailable(watch.changed()),
        is_unavailable(database.try_open()),
    );

    mongo.restart();
    assert_eq!(store.commit(&lost).await.unwrap(), Outcome::Applied);
    assert_eq!(store.target("github").await.unwrap().unwrap().revision, 2);
    let changed = loop {
        match tokio::time::timeout(Duration::from_mins(1), watch.changed()).await.unwrap() {
            Err(StoreError::Unavailable { .. }) => {}
            changed => break changed.unwrap(),
        }
    };
    assert_eq!(targets(changed), ["github".to_owned()].into());

    // The same where nobody asks while it is away, and it ends in good order.
    mongo.stop();
    mongo.restart();
    author.write(&*store, vec![]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_lost_its_place_reports_everything() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let mut author = Author::new("github");
    author.write(&*store, vec![]).await.unwrap();
    let mut watch = store.watch().await.unwrap();
    collection(&database, "health").await.drop().await.unwrap();
    assert_eq!(watch.changed().await.unwrap(), Changed::Everything);
    Author::new("gitlab").write(&*store, vec![]).await.unwrap();
    assert_eq!(targets(watch.changed().await.unwrap()), ["gitlab".to_owned()].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_are_the_unified_schema() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let mut commit = Author::new("github").change(vec![service("a", Status::Ok)]);
    commit.change.as_mut().unwrap().incidents = vec![incident("1", Some(at(1)))];
    store.commit(&commit).await.unwrap();

    let status = collection(&database, "status").await.find_one(doc! {}).await.unwrap().unwrap();
    let instant = Bson::DateTime(mongodb::bson::DateTime::from_millis(at(0).as_millis()));
    let service = doc! {
        "key": "a", "name": "a", "status": "OK", "lastTimestamp": instant.clone(), "dimensions": {},
    };
    let expected = doc! {
        "_id": "github", "name": "github", "endpoint": "https://github.example/status", "type": "REST",
        "services": [service], "revision": 1_i64, "retired": false,
    };
    assert_eq!(status, expected);
    for (name, field) in [("health", "lastAttempt"), ("events", "at"), ("incidents", "startedAt")] {
        let document = collection(&database, name).await.find_one(doc! {}).await.unwrap().unwrap();
        assert!(matches!(document.get(field), Some(Bson::DateTime(_))), "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_missing_is_null_and_a_document_that_cannot_be_read_is_named() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let mut undated = service("a", Status::Ok);
    undated.last_timestamp = None;
    Author::new("github").write(&*store, vec![undated.clone()]).await.unwrap();
    let unset = doc! { "$unset": { "services.0.lastTimestamp": "" } };
    collection(&database, "status").await.update_one(doc! {}, unset).await.unwrap();
    collection(&database, "events")
        .await
        .update_one(doc! {}, doc! { "$unset": { "sourceAt": "", "from": "" } })
        .await
        .unwrap();
    let states = store.targets().await.unwrap();
    assert_eq!(states[0].services, [undated.clone()]);
    assert_eq!(store.events("github").await.unwrap(), [event("github", 1, &undated)]);

    collection(&database, "status")
        .await
        .update_one(doc! {}, doc! { "$set": { "services.0.status": 7 } })
        .await
        .unwrap();
    match store.targets().await {
        Err(StoreError::Corrupt { what, .. }) => assert!(what.contains("github") && what.contains("status"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_document_is_written_replaced_and_watched() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let mut watch = store.watch().await.unwrap();
    let mut large = service("large", Status::Ok);
    // With its other fields the document is as large as is let through, to some hundred bytes.
    large.dimensions.insert("text".to_owned(), "x".repeat(8 * 1024 * 1024 - 500).into());
    let mut author = Author::new("large");
    for revision in 1..=2 {
        let mut commit = author.change(vec![large.clone()]);
        commit.change.as_mut().unwrap().events.clear();
        assert_eq!(store.commit(&commit).await.unwrap(), Outcome::Applied);
        assert_eq!(store.target("large").await.unwrap().unwrap().revision, revision);
        assert_eq!(targets(watch.changed().await.unwrap()), ["large".to_owned()].into());
    }
}

/// The targets that a watch saw change.
fn targets(changed: Changed) -> BTreeSet<String> {
    match changed {
        Changed::Some { targets, .. } => targets,
        Changed::Everything => panic!("nothing was missed"),
    }
}
