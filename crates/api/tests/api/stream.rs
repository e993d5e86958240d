//! `/api/stream`, over both real stores.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use tokio::net::TcpSocket;
use tokio::runtime::Runtime;
use unistatus_core::schema::{Service, Status};
use unistatus_core::store::Store;
use unistatus_core::store::testkit::{Author, Database, health, service};

use crate::support::{self, MemoryStore, NOW, Sent, Stream, TestApp, at, target};

/// Both kinds of store, or the embedded one where there is no MongoDB.
fn databases() -> Vec<Database> {
    [Some(Database::sqlite()), Database::mongo()].into_iter().flatten().collect()
}

async fn write(store: &dyn Store, author: &mut Author, services: Vec<Service>) {
    let mut commit = author.change(services);
    commit.health = health(at(NOW));
    store.commit(&commit).await.unwrap();
}

/// What a change is about: target, key, and the status after it.
fn about(sent: &Sent) -> (String, String, String) {
    let json = sent.json();
    let text = |name: &str| json[name].as_str().unwrap().to_owned();
    (text("target"), text("key"), text("to"))
}

#[tokio::test]
async fn a_snapshot_and_then_each_change_with_its_id() {
    for database in databases() {
        let store = database.open().await;
        let mut github = Author::new("github");
        write(&*store, &mut github, vec![service("Actions", Status::Ok)]).await;
        let app = TestApp::ready(Arc::clone(&store)).await;
        let mut stream = Stream::open(app.address, "/api/stream", None).await;
        let snapshot = stream.next().await.unwrap();
        assert_eq!((snapshot.kind.as_str(), snapshot.data), ("snapshot", app.get("/api/status").await.body));
        assert!(snapshot.id.is_some());
        write(&*store, &mut github, vec![service("Actions", Status::Outage), service("Pages", Status::Ok)]).await;
        let (first, second) = (stream.next().await.unwrap(), stream.next().await.unwrap());
        assert_eq!((first.kind.as_str(), second.kind.as_str()), ("change", "change"));
        assert_eq!([about(&first).1, about(&second).1], ["Actions", "Pages"]);
        assert!(first.id != second.id && first.id != snapshot.id && first.id.is_some());
        let listed = app.get("/api/events?limit=2").await.json();
        assert!(listed["events"].as_array().unwrap().contains(&first.json()), "{listed}");
        let entry = stream.next_of("target").await;
        assert_eq!(entry.id, None, "only changes can be resumed from");
        assert_eq!(app.get("/api/status").await.json()["targets"][0], entry.json());
        store.commit(&github.retire()).await.unwrap();
        assert_eq!(stream.next_of("gone").await.json(), serde_json::json!({"name": "github"}));
    }
}

#[tokio::test]
async fn a_target_that_falls_silent_is_told_of() {
    let app = TestApp::spawn([target("github", [support::service("Actions", Status::Ok, &[])])]).await;
    let mut stream = Stream::open(app.address, "/api/stream", None).await;
    stream.next_of("snapshot").await;
    app.clock.advance(Duration::from_hours(1));
    let entry = stream.next_of("target").await.json();
    assert_eq!(entry["services"][0]["dimensions"]["stale"], true, "{entry}");
}

#[tokio::test]
async fn only_the_targets_that_are_wanted_are_told_of() {
    let database = Database::sqlite();
    let store = database.open().await;
    let (mut github, mut gitlab) = (Author::new("github"), Author::new("gitlab"));
    write(&*store, &mut github, vec![service("a", Status::Ok)]).await;
    write(&*store, &mut gitlab, vec![service("a", Status::Ok)]).await;
    let app = TestApp::ready(Arc::clone(&store)).await;
    let mut stream = Stream::open(app.address, "/api/stream?target=gitlab", None).await;
    let snapshot = stream.next().await.unwrap().json();
    assert_eq!(snapshot["targets"].as_array().unwrap().len(), 1);
    write(&*store, &mut github, vec![service("a", Status::Outage)]).await;
    write(&*store, &mut gitlab, vec![service("a", Status::Degraded)]).await;
    assert_eq!(about(&stream.next().await.unwrap()).0, "gitlab");
}

#[tokio::test]
async fn a_large_snapshot_comes_in_parts_and_is_what_the_status_is() {
    let services = || (0..10).map(|n| support::service(&format!("service {n}"), Status::Ok, &[("region", "eu")]));
    let app = TestApp::spawn((0..300).map(|n| target(&format!("target-{n}"), services()))).await;
    let status = app.get("/api/status").await;
    assert!(status.body.len() > 4 * 64 * 1024);
    for (query, count) in [("", 300), ("?target=target-7", 1)] {
        let mut stream = Stream::open(app.address, &format!("/api/stream{query}"), None).await;
        let snapshot = stream.next().await.unwrap().json();
        assert_eq!(snapshot["targets"].as_array().unwrap().len(), count);
        assert!(count == 1 || snapshot == status.json());
    }
}

#[tokio::test]
async fn a_stream_lives_and_ends_with_the_server() {
    let app = TestApp::spawn([]).await;
    let mut stream = Stream::open(app.address, "/api/stream", None).await;
    stream.until_heartbeat(2).await;
    app.stop.cancel();
    while stream.next().await.is_some() {}
    app.stopped().await;
}

#[tokio::test]
async fn an_id_that_nobody_knows_gives_a_snapshot_and_one_that_is_none_an_error() {
    for database in databases() {
        let store = database.open().await;
        write(&*store, &mut Author::new("github"), vec![service("a", Status::Ok)]).await;
        let app = TestApp::ready(store).await;
        for unknown in ["999999999", "82ABCDEF00", "x", "-1"] {
            let mut stream = Stream::open(app.address, "/api/stream", Some(unknown)).await;
            assert_eq!(stream.next().await.unwrap().kind, "snapshot", "{unknown}");
        }
        for bad in ["a b", "é", "%", &"9".repeat(2000)] {
            let answer = app.send("GET", "/api/stream", &[("Last-Event-ID", bad)]).await;
            assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (400, Some("BadRequest")), "{bad}");
        }
        let answer = app.get("/api/stream?lastEventId=%20").await;
        assert_eq!(answer.status, 400);
    }
}

#[tokio::test]
async fn a_reader_that_does_not_keep_up_is_let_go() {
    const TARGETS: usize = 300;
    const ROUNDS: usize = 40;
    let service =
        |n: usize, round: usize| support::service(&format!("{n}"), Status::Ok, &[("round", &round.to_string())]);
    let state = |n: usize, round: usize| target(&format!("t{n:03}"), (0..20).map(|n| service(n, round)));
    let store = MemoryStore::new((0..TARGETS).map(|n| state(n, 0)));
    let app = TestApp::ready(store).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let connection = socket.connect(app.address).await.unwrap();
    let mut stream = Stream::over(connection, "/api/stream", None).await;
    for round in 1..=ROUNDS {
        for n in 0..TARGETS {
            app.store.put(state(n, round));
        }
        let newest = format!("\"round\":\"{round}\"");
        app.until("/api/status/t299", |answer| answer.body.contains(&newest)).await;
    }
    let mut told = 0;
    while stream.next().await.is_some() {
        told += 1;
    }
    assert!(told < TARGETS * ROUNDS, "all {told} were kept for it");
}

/// A step of a history: who changes, to what, and whether the reader is interrupted before.
#[derive(Clone, Debug)]
struct Step {
    target: usize,
    statuses: Vec<Status>,
    interrupt: Option<Interruption>,
}

#[derive(Clone, Copy, Debug)]
enum Interruption {
    /// It comes back to the same server.
    Same,
    /// It comes back to another server, which has not seen what happened before.
    Other,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let interrupt =
        prop_oneof![3 => Just(None), 1 => Just(Some(Interruption::Same)), 1 => Just(Some(Interruption::Other))];
    let statuses = prop::collection::vec(select(&Status::ALL[..]), 0..4);
    let step = (0..3_usize, statuses, interrupt);
    let step = step.prop_map(|(target, statuses, interrupt)| Step { target, statuses, interrupt });
    prop::collection::vec(step, 1..12)
}

/// Follows a history through all interruptions; every change comes exactly once, each target's in their order.
async fn resumes_without_gap_or_repeat(database: Database, steps: Vec<Step>) {
    let store = database.open().await;
    let mut authors = ["a", "b", "c"].map(Author::new);
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut app = TestApp::ready(Arc::clone(&store)).await;
    let mut stream = Some(Stream::open(app.address, "/api/stream", None).await);
    let mut last = stream.as_mut().unwrap().next().await.unwrap().id;
    let (mut told, mut changes): (BTreeMap<String, Vec<String>>, usize) = (BTreeMap::new(), 0);
    for (number, step) in steps.into_iter().enumerate() {
        if step.interrupt.is_some() {
            // Whatever happens now happens while nobody listens.
            stream = None;
        }
        let services = step.statuses.iter().enumerate();
        let services: Vec<_> = services.map(|(n, status)| service(&format!("{number}-{n}"), *status)).collect();
        let name = ["a", "b", "c"][step.target].to_owned();
        changes += services.len();
        expected.entry(name).or_default().extend(services.iter().map(|service| service.key.clone()));
        write(&*store, &mut authors[step.target], services).await;
        if matches!(step.interrupt, Some(Interruption::Other)) {
            app = TestApp::ready(Arc::clone(&store)).await;
        }
        let stream = match &mut stream {
            Some(stream) => stream,
            stream @ None => stream.insert(Stream::open(app.address, "/api/stream", last.as_deref()).await),
        };
        let so_far: usize = told.values().map(Vec::len).sum();
        for _ in so_far..changes {
            let change = stream.next_of("change").await;
            let (target, key, _) = about(&change);
            told.entry(target).or_default().push(key);
            last = change.id;
        }
    }
    expected.retain(|_, keys| !keys.is_empty());
    assert_eq!(told, expected);
    store.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_resumes_without_gap_or_repeat(steps in steps()) {
        Runtime::new().unwrap().block_on(resumes_without_gap_or_repeat(Database::sqlite(), steps));
    }

    #[test]
    fn mongo_resumes_without_gap_or_repeat(steps in steps()) {
        if let Some(database) = Database::mongo() {
            Runtime::new().unwrap().block_on(resumes_without_gap_or_repeat(database, steps));
        }
    }
}
