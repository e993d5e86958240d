//! It finds its database, whenever that comes, and follows what others write to it.

use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{Author, Database, TestMongo, service};

use crate::api;

/// Writes through a handle of this process while the program serves.
async fn follows(database: &Database, client: crate::client::Client) {
    let store = database.open().await;
    let mut author = Author::new("github");
    for status in [Status::Outage, Status::Degraded] {
        author.write(&*store, vec![service("Actions", status)]).await.unwrap();
        // The testkit's health is that of a success long ago.
        let known = format!(r#""lastKnownStatus":"{status}""#);
        client.until("/api/status/github/actions", |answer| answer.body.contains(&known)).await;
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_commits_appears() {
    for database in [Some(Database::sqlite()), Database::mongo()].into_iter().flatten() {
        let mut process = api().args(["--db", database.address()]).start();
        let client = process.client().await;
        let nothing = client.until("/api/status", |answer| answer.status == 200).await;
        assert_eq!(nothing.body, r#"{"targets":[]}"#);
        follows(&database, client).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_database_it_says_that_nothing_is_ready() {
    let Some(mut mongo) = TestMongo::start() else { return };
    let database = Database::on(&mongo);
    mongo.kill();
    let mut process = api().args(["--db", database.address()]).start();
    let client = process.client().await;
    process.until_logged(|log| log.contains("waiting for the database").then_some(())).await;
    for path in ["/api/status", "/api/status/github", "/readyz"] {
        let answer = client.get(path).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (503, Some("NotReady")), "{path}");
        assert!(answer.header("retry-after").is_some(), "{path}");
    }
    assert_eq!(client.get("/healthz").await.status, 200);
    mongo.restart();
    client.until("/readyz", |answer| answer.status == 200).await;
    follows(&database, client).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_serve_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "no database at all, but long enough to be looked at".repeat(20)).unwrap();
    let foreign = format!("sqlite:{}", path.display());
    for (address, told) in [
        (foreign.as_str(), "is a file of another kind"),
        ("sqlite:/no/such/folder/unistatus.db", "there is no folder /no/such/folder"),
        ("postgres://h/unistatus", "accepted are sqlite:PATH, mongodb://HOST/DATABASE"),
    ] {
        let ended = api().args(["--db", address]).run().await;
        assert_eq!(ended.code, Some(78), "{}", ended.stderr);
        let last = ended.stderr.lines().last().unwrap();
        assert!(last.starts_with("api: ") && last.contains(told), "{}", ended.stderr);
    }
    if let Some(standalone) = TestMongo::launch(&[]) {
        let ended = api().args(["--db", &standalone.address("unistatus")]).run().await;
        assert_eq!(ended.code, Some(78), "{}", ended.stderr);
        assert!(ended.stderr.lines().last().unwrap().contains("rs.initiate()"), "{}", ended.stderr);
    }
}
