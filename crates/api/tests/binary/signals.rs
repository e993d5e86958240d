//! It ends by SIGINT and SIGTERM: exit code 0, within ten seconds, whatever it is at.

use rusqlite::Connection as Sqlite;
use unistatus_core::store::testkit::{Database, TestMongo};

use crate::api;
use crate::client::{Client, Connection};
use crate::process::Process;

const SIGNALS: [&str; 2] = ["INT", "TERM"];

/// Starts it and waits until it serves what the database holds.
async fn serving(database: &Database) -> (Process, Client) {
    let mut process = api().env("DB_URL", database.address()).start();
    let client = process.client().await;
    client.until("/readyz", |answer| answer.status == 200).await;
    (process, client)
}

async fn ends_well(process: Process, signal: &str) {
    process.signal(signal);
    let ended = process.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("ended in good order"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

fn databases() -> Vec<Database> {
    [Some(Database::sqlite()), Database::mongo()].into_iter().flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn when_it_is_idle() {
    for database in databases() {
        for signal in SIGNALS {
            ends_well(serving(&database).await.0, signal).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_client_keeps_its_connection() {
    for database in databases() {
        for signal in SIGNALS {
            let (process, client) = serving(&database).await;
            let mut idle = Connection::open(client.address).await;
            idle.send("GET /api/status HTTP/1.1\r\nHost: unistatus.test\r\n\r\n").await;
            idle.until_answered().await;
            ends_well(process, signal).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_request_never_ends() {
    for database in databases() {
        for signal in SIGNALS {
            let (process, client) = serving(&database).await;
            let mut half = Connection::open(client.address).await;
            half.send("GET /api/status HTTP/1.1\r\nHos").await;
            ends_well(process, signal).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_database_went_away() {
    let Some(mut mongo) = TestMongo::start() else { return };
    for signal in SIGNALS {
        let (process, client) = serving(&Database::on(&mongo)).await;
        mongo.kill();
        client.until("/api/status", |answer| answer.header("age").is_some()).await;
        ends_well(process, signal).await;
        mongo.restart();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_database_was_never_there() {
    // Nobody listens there, and a file whose making is never finished.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("locked.db");
    let locked = Sqlite::open(&path).unwrap();
    locked.execute_batch("BEGIN EXCLUSIVE").unwrap();
    for address in ["mongodb://127.0.0.1:1/unistatus", &format!("sqlite:{}", path.display())] {
        for signal in SIGNALS {
            let mut process = api().env("DB_URL", address).start();
            let client = process.client().await;
            assert_eq!(client.get("/healthz").await.status, 200);
            assert_eq!(client.get("/readyz").await.status, 503);
            ends_well(process, signal).await;
        }
    }
}
