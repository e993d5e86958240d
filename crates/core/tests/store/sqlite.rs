//! The file of an SQLite store: what it may be, what is said of what it may not be, and what is in it.

mod checks;
mod past;
mod schema;
mod secrets;

use std::fs;

use rusqlite::Connection;
use tempfile::TempDir;
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{Author, Database, at, service};
use unistatus_core::store::{Outcome, StoreError, open};

use super::address::refusal;

fn path_of(database: &Database) -> &str {
    database.address().strip_prefix("sqlite:").unwrap()
}

#[tokio::test]
async fn a_file_that_cannot_be_one_is_explained() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    fs::write(folder.path().join("text.db"), "not a database, but long enough to be taken for one\n".repeat(40))
        .unwrap();
    let foreign = Connection::open(folder.path().join("foreign.db")).unwrap();
    foreign.execute_batch("CREATE TABLE notes (text); PRAGMA user_version = 1").unwrap();
    for (address, explanation) in [
        (path("missing/unistatus.db"), "there is no folder"),
        (path(""), "is a folder"),
        (path("text.db"), "is a file of another kind"),
        (path("foreign.db"), "is a database of another program"),
        ("sqlite:".to_owned(), "sqlite:PATH"),
        ("sqlite::memory:".to_owned(), "sqlite:PATH"),
    ] {
        let refusal = refusal(&address).await;
        assert!(refusal.contains(explanation), "{refusal}");
    }
    // What was there is as it was.
    assert_eq!(foreign.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
}

#[tokio::test]
async fn a_file_of_a_newer_schema_is_refused() {
    let database = Database::sqlite();
    database.open().await.close().await;
    Connection::open(path_of(&database)).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refusal = refusal(database.address()).await;
    assert!(refusal.contains("newer Unistatus") && refusal.contains("99"), "{refusal}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named() {
    let database = Database::sqlite();
    let store = database.open().await;
    Author::new("github").write(&*store, vec![service("a", Status::Ok)]).await.unwrap();
    let file = Connection::open(path_of(&database)).unwrap();
    for spoil in ["UPDATE targets SET services = '[{}]'", "UPDATE targets SET type = 'FAX'"] {
        file.execute_batch(spoil).unwrap();
        match store.targets().await {
            Err(StoreError::Corrupt { what, .. }) => assert_eq!(what, "target github"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn while_another_program_holds_the_file_it_is_unavailable() {
    let database = Database::sqlite();
    let store = open(database.address()).await.unwrap();
    let mut author = Author::new("github");
    author.write(&*store, vec![service("a", Status::Ok)]).await.unwrap();
    let other = Connection::open(path_of(&database)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let commit = author.change(vec![]);
    assert!(matches!(store.commit(&commit).await, Err(StoreError::Unavailable { .. })));
    // Reading goes on.
    assert_eq!(store.targets().await.unwrap().len(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.commit(&commit).await.unwrap(), Outcome::Applied);
}

#[tokio::test]
async fn commits_that_wait_together_are_written_together() {
    let database = Database::sqlite();
    let store = database.open().await;
    // So many wait for nobody else.
    let mut authors: Vec<_> = (0..32).map(|n| Author::new(&format!("target-{n}"))).collect();
    for author in &mut authors {
        author.write(&*store, vec![]).await.unwrap();
    }
    let commits: Vec<_> = authors.iter().map(|author| author.healthy(at(1))).collect();
    for outcome in futures_util::future::join_all(commits.iter().map(|commit| store.commit(commit))).await {
        assert_eq!(outcome.unwrap(), Outcome::Applied);
    }
    let file = Connection::open(path_of(&database)).unwrap();
    let transactions: i64 = file.query_row("SELECT count(DISTINCT changed) FROM health", [], |row| row.get(0)).unwrap();
    assert!(transactions < 5, "{transactions}, whoever was late");
}
