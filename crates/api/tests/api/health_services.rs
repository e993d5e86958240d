//! `/health-services`: a word for each target that the settings name, asked for anew where it is old.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use unistatus_api::Refreshing;
use unistatus_core::schema::Status;
use unistatus_core::store::Store;
use unistatus_core::store::testkit::{Author, Database, service};

use crate::support::{NOW, TestApp, at};

/// What a source does with a request.
#[derive(Clone, Copy, Debug)]
enum Does {
    Say(&'static str),
    Fail,
    Hang,
}

/// A source that can be told what to do, and counts who asks it.
#[derive(Clone)]
struct Source {
    port: u16,
    does: Arc<Mutex<Does>>,
    asked: Arc<AtomicUsize>,
}

impl Source {
    async fn that(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let source = Self { port, does: Arc::new(Mutex::new(does)), asked: Arc::default() };
        let shared = source.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(shared.clone().answer(connection));
            }
        });
        source
    }

    async fn answer(self, mut connection: tokio::net::TcpStream) {
        let mut request = [0; 4096];
        while connection.read(&mut request).await.is_ok_and(|read| read > 0) {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let does = *self.does.lock().unwrap();
            let (status, body) = match does {
                Does::Say(status) => ("200 OK", json!({"up": status}).to_string()),
                Does::Fail => ("500 Internal Server Error", String::new()),
                Does::Hang => std::future::pending().await,
            };
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            if connection.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    fn now_does(&self, does: Does) {
        *self.does.lock().unwrap() = does;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// A server that asks sources on behalf of requests.
struct World {
    app: TestApp<Arc<dyn Store>>,
    _folder: TempDir,
    _database: Database,
}

const PATIENCE: Duration = Duration::from_millis(700);

impl World {
    /// The target `own` is asked of this source; `quiet` and `nobody` are known by no file. Each of these commits is made
    /// by a success so long before now.
    async fn of(source: &Source, known: &[(&str, Status, Duration)]) -> Self {
        let database = Database::sqlite();
        let store = database.open().await;
        for &(name, status, age) in known {
            let mut commit = Author::new(name).change(vec![service("a", status)]);
            let success = at(NOW).minus(age);
            (commit.health.last_attempt, commit.health.last_success) = (success, Some(success));
            store.commit(&commit).await.unwrap();
        }
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("targets.toml");
        let entry = format!(
            "[[target]]\nname = \"own\"\ntype = \"REST\"\nformat = \"jq\"\nendpoint = \"http://127.0.0.1:{}/\"\njq = '{{name: \"All\", status: .up}}'\n",
            source.port
        );
        std::fs::write(&file, entry).unwrap();
        let app = TestApp::with(store, |options| {
            options.refreshing = Refreshing {
                names: ["own", "quiet", "nobody"].map(str::to_owned).into(),
                targets_file: Some(file),
                patience: PATIENCE,
                ..Refreshing::none()
            };
        })
        .await;
        app.until("/readyz", |answer| answer.status == 200).await;
        Self { app, _folder: folder, _database: database }
    }

    /// What is answered of `own` and `quiet`, and the age.
    async fn told(&self) -> (String, String, Option<u64>) {
        let answer = self.app.get("/health-services").await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
        assert!(
            answer.body.starts_with("{\"own\":") && answer.body.ends_with("\"nobody\":\"unknown\"}"),
            "{}",
            answer.body
        );
        let told = answer.json();
        let word = |name: &str| told[name].as_str().unwrap().to_owned();
        (word("own"), word("quiet"), answer.header("age").map(|age| age.parse().unwrap()))
    }
}

const MINUTE: Duration = Duration::from_mins(1);

fn words(own: &str, quiet: &str, age: Option<u64>) -> (String, String, Option<u64>) {
    (own.to_owned(), quiet.to_owned(), age)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_young_is_told_as_it_is_known() {
    let source = Source::that(Does::Say("OK")).await;
    let known = [("own", Status::Degraded, 4 * MINUTE), ("quiet", Status::Outage, MINUTE)];
    let world = World::of(&source, &known).await;
    assert_eq!(world.told().await, words("degraded", "unhealthy", None));
    assert_eq!(source.asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_is_asked_for_once_however_many_wait_and_is_an_observation_like_any_other() {
    let source = Source::that(Does::Say("Outage")).await;
    let world = World::of(&source, &[("own", Status::Ok, 6 * MINUTE), ("quiet", Status::Ok, MINUTE)]).await;
    let told = join_all((0..200).map(|_| world.told())).await;
    assert!(told.iter().all(|told| *told == words("unhealthy", "healthy", None)), "{told:?}");
    assert_eq!(source.asked(), 1);
    let served = world.app.until("/api/status/own", |answer| answer.body.contains("Outage")).await;
    assert!(served.body.contains("\"service\":\"All\""), "{}", served.body);
    let events = world.app.store.events("own").await.unwrap();
    assert!(events.iter().any(|event| event.to == Some(Status::Outage)), "{events:?}");
    world.told().await;
    assert_eq!(source.asked(), 1, "it is young now");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_asked_is_asked_too() {
    let source = Source::that(Does::Say("OK")).await;
    let world = World::of(&source, &[]).await;
    assert_eq!(world.told().await, words("healthy", "unknown", None));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_source_fails_the_old_answer_is_told_with_its_age_and_the_source_is_left_alone_for_a_while() {
    let source = Source::that(Does::Fail).await;
    let world = World::of(&source, &[("own", Status::Degraded, 10 * MINUTE)]).await;
    for _ in 0..3 {
        assert_eq!(world.told().await, words("degraded", "unknown", Some(600)));
        assert_eq!(source.asked(), 1);
    }
    source.now_does(Does::Say("OK"));
    world.app.clock.advance(Duration::from_secs(11));
    assert_eq!(world.told().await, words("healthy", "unknown", None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_hangs_holds_up_nobody_beyond_the_deadline() {
    let source = Source::that(Does::Hang).await;
    let world = World::of(&source, &[("own", Status::Ok, 10 * MINUTE), ("quiet", Status::Ok, 7 * MINUTE)]).await;
    let all = tokio::time::timeout(10 * PATIENCE, join_all((0..200).map(|_| world.told()))).await;
    let told = all.expect("every request is answered");
    assert!(told.iter().all(|told| *told == words("healthy", "healthy", Some(600))), "{told:?}");
    assert_eq!(source.asked(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_else_asks_just_now_is_waited_for() {
    let source = Source::that(Does::Say("OK")).await;
    let world = World::of(&source, &[("own", Status::Degraded, 10 * MINUTE)]).await;
    let store = &world.app.store;
    assert!(store.take_turn("own", "a collector", MINUTE, at(NOW)).await.unwrap());
    assert_eq!(world.told().await, words("degraded", "unknown", Some(600)), "it takes too long");
    let (told, ()) = tokio::join!(world.told(), async {
        let mut commit = Author::at("own", 1).change(vec![service("a", Status::Outage)]);
        (commit.health.last_attempt, commit.health.last_success) = (at(NOW), Some(at(NOW)));
        store.commit(&commit).await.unwrap();
    });
    assert_eq!(told, words("unhealthy", "unknown", None));
    assert_eq!(source.asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_without_being_given_back() {
    let source = Source::that(Does::Fail).await;
    let world = World::of(&source, &[]).await;
    world.told().await;
    assert!(world.app.store.take_turn("own", "a collector", MINUTE, at(NOW)).await.unwrap());
}
