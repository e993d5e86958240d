//! Over both real stores: what was committed is served, byte for byte the same, and as it comes.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use unistatus_core::schema::{Dimensions, FailureClass, Kind, Scalar, Service, Status, Timestamp};
use unistatus_core::store::testkit::{self, Author, Database, TestMongo, health};
use unistatus_core::store::{Commit, Failure, Health, Store};

use crate::support::{NOW, Stream, TestApp, at};

/// Both kinds of store, or the embedded one where there is no MongoDB.
fn databases() -> Vec<Database> {
    [Some(Database::sqlite()), Database::mongo()].into_iter().flatten().collect()
}

async fn write(store: &dyn Store, commits: impl IntoIterator<Item = Commit>) {
    for commit in commits {
        store.commit(&commit).await.unwrap();
    }
}

/// A commit that was made by a success at the moment the tests begin.
fn fresh(mut commit: Commit) -> Commit {
    commit.health = health(at(NOW));
    commit
}

fn changed(mut commit: Commit, change: impl FnOnce(&mut unistatus_core::store::Change)) -> Commit {
    change(commit.change.as_mut().unwrap());
    commit
}

/// A service whose key differs from its name.
fn service(key: &str, name: &str, status: Status, dimensions: &[(&str, Scalar)]) -> Service {
    let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Service { key: key.to_owned(), name: name.to_owned(), dimensions, ..testkit::service("", status) }
}

/// Names that a database, JSON or a path might take for something else.
const NAMES: [&str; 16] = [
    "",
    " ",
    "..",
    "a.b/c",
    "$set",
    "$date",
    "_id",
    "grüße 🚦 東京",
    "e\u{301} is not \u{e9}",
    "'; DROP TABLE \"targets\"; --",
    "two\nlines\u{7f}\u{9b}",
    "null",
    "nul\0nul",
    "100% <b>&amp;</b>",
    "\u{202e}right to left",
    "\\\\",
];

fn values() -> Dimensions {
    let values = [
        Scalar::Bool(true),
        Scalar::Bool(false),
        Scalar::Integer(0),
        Scalar::Integer(i64::from(i32::MAX) + 1),
        Scalar::Integer((1 << 53) + 1),
        Scalar::Integer(i64::MAX),
        Scalar::Integer(i64::MIN),
        Scalar::Float(1.0),
        Scalar::Float(-0.0),
        Scalar::Float(0.1 + 0.2),
        Scalar::Float(1e300),
        Scalar::Float(f64::MIN_POSITIVE),
        Scalar::Text(String::new()),
        Scalar::Text("true".to_owned()),
        Scalar::Text("9007199254740993".to_owned()),
        Scalar::Text("2023-04-18T09:45:04.745Z".to_owned()),
    ];
    (0..).zip(values).map(|(number, value)| (format!("d{number}"), value)).collect()
}

/// The targets of [`sequence`] that are listed at its end.
const LISTED: [&str; 7] = ["Zoom", "aws", "back", "failing", "github", "quiet", "zoom"];

/// What two collectors might have written in some months.
fn sequence() -> Vec<Commit> {
    let named = || NAMES.map(|name| service(&format!("key of {name}"), name, Status::Degraded, &[]));
    let mut commits = Vec::new();

    let mut github = Author::new("github");
    let mut odd = named().to_vec();
    for (index, name) in NAMES.iter().enumerate().filter(|(_, name)| !name.contains('\0')) {
        odd[index].dimensions.insert((*name).to_owned(), Scalar::from(*name));
    }
    commits.push(github.change(named().to_vec()));
    commits.push(fresh(github.change(odd)));
    // Older news of the health alone, which must not make it stale.
    commits.push(github.healthy(testkit::at(0)));

    let mut aws = Author::new("aws");
    let region = |name: &str| [("region", Scalar::from(name))];
    let mut ec2 = vec![
        service("ec2-us-east-1", "EC2", Status::Outage, &region("us-east-1")),
        service("s3", "S3", Status::Ok, &[]),
        service("ec2-eu-west-1", "EC2", Status::Ok, &region("eu-west-1")),
    ];
    commits.push(changed(fresh(aws.change(ec2.clone())), |change| change.kind = Kind::Rss));
    ec2.reverse();
    ec2[0].last_timestamp = None;
    ec2[1].last_timestamp = Timestamp::from_millis(1_681_811_104_999);
    ec2[1].dimensions = values();
    ec2[2].last_timestamp = Timestamp::from_millis(253_402_300_800_000);
    commits.push(changed(fresh(aws.change(ec2)), |change| {
        change.kind = Kind::Html;
        change.endpoint = String::from("https://user@exämple.test/?q=\"a b\"&r=%2F#\u{0}");
    }));

    let mut quiet = Author::new("quiet");
    commits.push(quiet.change(vec![
        service("1", "Paint Shop", Status::Outage, &[("stale", Scalar::from("a word of the source"))]),
        service("2", "Conveyor", Status::Ok, &[("lastKnownStatus", Scalar::Integer(-3))]),
    ]));

    let mut failing = Author::new("failing");
    let mut failed = failing.change(Vec::new());
    let failure = Failure { class: FailureClass::Timeout, message: "it hung".to_owned() };
    failed.health = Health { last_success: None, failure: Some(failure), ..health(testkit::at(9)) };
    commits.push(failed);

    let mut gone = Author::new("gone");
    commits.extend([fresh(gone.change(named().to_vec())), fresh(gone.retire())]);
    let mut back = Author::new("back");
    commits.extend([fresh(back.change(named().to_vec())), fresh(back.retire())]);
    commits.push(fresh(back.change(vec![service("1", "Again", Status::Unknown, &[])])));
    for name in ["zoom", "Zoom"] {
        commits.push(changed(fresh(Author::new(name).change(Vec::new())), |change| change.kind = Kind::Tcp));
    }
    commits
}

/// A name as a segment of a path.
fn segment(name: &str) -> String {
    name.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"))
}

/// What clients may ask for of [`sequence`].
fn paths() -> Vec<String> {
    let mut paths = vec!["/api/status".to_owned()];
    for target in LISTED.iter().chain(&["gone", "never"]) {
        paths.push(format!("/api/status/{target}"));
        for service in NAMES.iter().chain(&["EC2", "ec2", "S3", "conveyor", "AGAIN", "never"]) {
            paths.push(format!("/api/status/{target}/{}", segment(service)));
        }
    }
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn both_serve_the_same_bytes() {
    let commits = sequence();
    let mut apps = Vec::new();
    for database in databases() {
        let store = database.open().await;
        write(&*store, commits.clone()).await;
        apps.push((database, TestApp::ready(store).await));
    }
    // At once, when one target is stale already, and after an hour in which nobody was heard of.
    for (hours, stale) in [(0, r#""lastKnownStatus":"Outage""#), (1, r#""lastKnownStatus":"Unknown""#)] {
        for (_, app) in &apps {
            app.clock.advance(Duration::from_hours(hours));
            app.until("/api/status", |answer| answer.body.contains(stale)).await;
        }
        for path in paths() {
            let mut answers = Vec::new();
            for (database, app) in &apps {
                let answer = app.get(&path).await;
                answers.push((database, (answer.status, answer.header("etag").map(str::to_owned), answer.body)));
            }
            let ((first, wanted), others) = answers.split_first().unwrap();
            for (other, answer) in others {
                assert_eq!(answer, wanted, "{path} on {} and on {}", other.address(), first.address());
            }
        }
    }
    for (_, app) in &apps {
        let all = app.get("/api/status").await.json();
        let names: Vec<_> =
            all["targets"].as_array().unwrap().iter().filter_map(|target| target["name"].as_str()).collect();
        assert_eq!(names, LISTED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rich_values_are_served_as_they_were_committed() {
    for database in databases() {
        let store = database.open().await;
        write(&*store, sequence()).await;
        let app = TestApp::ready(store).await;
        let rows = app.get("/api/status/aws/S3").await.body;
        assert_eq!(
            rows,
            concat!(
                r#"[{"target":"aws","service":"S3","lastTimestamp":"2023-04-18T09:45:04.999Z","status":"OK","#,
                r#""dimensions":{"d0":true,"d1":false,"d10":1e+300,"d11":2.2250738585072014e-308,"d12":"","d13":"true","#,
                r#""d14":"9007199254740993","d15":"2023-04-18T09:45:04.745Z","d2":0,"d3":2147483648,"#,
                r#""d4":9007199254740993,"d5":9223372036854775807,"d6":-9223372036854775808,"d7":1.0,"d8":-0.0,"#,
                r#""d9":0.30000000000000004}}]"#,
            ),
            "{}",
            database.address()
        );
        let rows = app.get("/api/status/quiet").await.body;
        assert_eq!(
            rows,
            concat!(
                r#"[{"target":"quiet","service":"Paint Shop","lastTimestamp":"2023-11-14T22:13:20.000Z","#,
                r#""status":"Unknown","dimensions":{"lastKnownStatus":"Outage","stale":true}},"#,
                r#"{"target":"quiet","service":"Conveyor","lastTimestamp":"2023-11-14T22:13:20.000Z","#,
                r#""status":"Unknown","dimensions":{"lastKnownStatus":"OK","stale":true}}]"#,
            ),
            "{}",
            database.address()
        );
        let ec2 = app.get("/api/status/aws/ec2").await.json();
        assert_eq!(ec2[0]["lastTimestamp"], "", "{}", database.address());
        assert_eq!(ec2[0]["dimensions"]["region"], "eu-west-1", "{}", database.address());
        assert_eq!(ec2[1]["dimensions"]["region"], "us-east-1", "{}", database.address());
        let github = app.get("/api/status/github").await.json();
        let names: Vec<_> = github.as_array().unwrap().iter().filter_map(|row| row["service"].as_str()).collect();
        assert_eq!(names, NAMES, "{}", database.address());
        assert_eq!(github[3]["dimensions"]["a.b/c"], "a.b/c", "{}", database.address());
        assert_eq!(github[3]["status"], "Degraded", "older health does not make it stale, {}", database.address());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_handle_commits_appears() {
    for database in databases() {
        let app = TestApp::ready(database.open().await).await;
        assert_eq!(app.get("/api/status").await.body, r#"{"targets":[]}"#);
        let other = database.open().await;
        let mut author = Author::new("github");
        for status in [Status::Ok, Status::Outage, Status::Degraded] {
            write(&*other, [fresh(author.change(vec![testkit::service("Actions", status)]))]).await;
            app.until("/api/status/github/actions", |answer| answer.body.contains(status.as_str())).await;
            assert!(app.get("/api/status").await.body.contains(status.as_str()));
        }
        // Health alone: the first commit was a success long ago by now.
        app.clock.advance(Duration::from_mins(6));
        app.until("/api/status/github", |answer| answer.body.contains("stale")).await;
        write(&*other, [author.healthy(at(NOW).plus(Duration::from_mins(6)))]).await;
        app.until("/api/status/github", |answer| !answer.body.contains("stale")).await;

        write(&*other, [fresh(author.retire())]).await;
        app.until("/api/status/github", |answer| answer.status == 404).await;
        assert_eq!(app.get("/api/status").await.body, r#"{"targets":[]}"#);
        other.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mongodb_that_dies_is_outlived_and_found_again() {
    let Some(mut mongo) = TestMongo::start() else { return };
    let database = Database::on(&mongo);
    let writer = database.open().await;
    let mut author = Author::new("github");
    write(&*writer, [fresh(author.change(vec![testkit::service("Actions", Status::Ok)]))]).await;
    let app = TestApp::ready(Arc::clone(&writer)).await;
    let before = app.get("/api/status").await;
    assert_eq!(before.header("age"), None);
    let mut stream = Stream::open(app.address, "/api/stream", None).await;

    for status in [Status::Outage, Status::Degraded] {
        mongo.kill();
        app.until("/api/status", |answer| answer.header("age").is_some()).await;
        assert_eq!((app.get("/check").await.status, app.get("/api/events").await.status), (503, 503));
        let first_age: u64 = app.get("/api/status").await.header("age").unwrap().parse().unwrap();
        app.clock.advance(Duration::from_secs(42));
        let away = app.get("/api/status").await;
        assert_eq!(away.header("age"), Some((first_age + 42).to_string().as_str()));
        assert_eq!((away.status, app.get("/readyz").await.status), (200, 200));

        mongo.restart();
        app.until("/api/status", |answer| answer.header("age").is_none()).await;
        // It is followed as before, not only read once.
        let mut commit = author.change(vec![testkit::service("Actions", status)]);
        commit.health = health(at(NOW).plus(Duration::from_mins(2)));
        write(&*writer, [commit]).await;
        app.until("/api/status/github", |answer| answer.body.contains(status.as_str())).await;
        // Whoever follows has heard of it, without coming back.
        assert_eq!(stream.next_of("change").await.json()["to"], status.as_str());
        assert_eq!((app.get("/check").await.status, app.get("/api/events").await.status), (200, 200));
    }
    app.stop.cancel();
    app.stopped().await;
    writer.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_primary_steps_down_no_read_fails_and_no_change_is_missed() {
    let Some(mongo) = TestMongo::start() else { return };
    let database = Database::on(&mongo);
    let writer = database.open().await;
    let mut author = Author::new("github");
    write(&*writer, [fresh(author.change(vec![testkit::service("Actions", Status::Ok)]))]).await;
    let app = TestApp::patient(Arc::clone(&writer)).await;
    let mut stream = Stream::open(app.address, "/api/stream", None).await;
    let over = CancellationToken::new();
    let read = async {
        while !over.is_cancelled() {
            for path in ["/api/status", "/api/targets", "/api/events", "/api/history/github", "/api/incidents"] {
                let answer = app.get(path).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            }
        }
    };
    let disturb = async {
        mongo.step_down().await;
        let commit = fresh(author.change(vec![testkit::service("Pages", Status::Outage)]));
        while let Err(error) = writer.commit(&commit).await {
            assert!(error.is_transient(), "{error}");
        }
        let change = stream.next_of("change").await.json();
        assert_eq!((&change["service"], &change["to"]), (&"Pages".into(), &"Outage".into()));
        over.cancel();
    };
    tokio::join!(read, disturb);
    writer.close().await;
}
