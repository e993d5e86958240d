//! `unistatus status`: what a database holds, as tables and as JSON.

use std::future::ready;
use std::process::{Command, Stdio};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use unistatus_api::{Options, Server};
use unistatus_core::schema::{FailureClass, Scalar, Service, Status, Timestamp};
use unistatus_core::store::testkit::{self, Author, Database, health};
use unistatus_core::store::{Commit, Failure, Store};

use crate::client::Client;
use crate::process::Program;
use crate::unistatus;

fn service(key: &str, name: &str, status: Status, dimensions: &[(&str, Scalar)]) -> Service {
    let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Service { key: key.to_owned(), name: name.to_owned(), dimensions, ..testkit::service("", status) }
}

async fn write(store: &dyn Store, mut commit: Commit) {
    commit.health = health(Timestamp::now());
    store.commit(&commit).await.unwrap();
}

/// Writes some targets of which one is stale, one is retired and one has no services.
async fn fill(store: &dyn Store) {
    let github = vec![
        service("1", "Git Operations", Status::Ok, &[("serviceId", Scalar::from("8l4ygp009s5s"))]),
        service("2", "Pages", Status::Degraded, &[("maintenance", Scalar::Bool(true)), ("load", Scalar::Float(0.5))]),
        service("3", "東京 \u{1b}[2J\u{7f}\u{9b}31m", Status::Outage, &[("note\u{7}", Scalar::from("a\nb\u{202e}"))]),
    ];
    write(store, Author::new("github").change(github)).await;
    let mut undated = service("2", "EC2", Status::Unknown, &[("region", Scalar::from("eu-west-1"))]);
    undated.last_timestamp = None;
    let aws = vec![service("1", "EC2", Status::Ok, &[("region", Scalar::from("us-east-1"))]), undated];
    write(store, Author::new("aws").change(aws)).await;
    write(store, Author::new("gcp").change(Vec::new())).await;
    // The testkit's own health is that of a success long ago.
    Author::new("quiet").write(store, vec![service("1", "Conveyor", Status::Outage, &[])]).await.unwrap();
    let mut closed = Author::new("closed").change(Vec::new());
    closed.health = health(Timestamp::now());
    closed.health.failure = Some(Failure {
        class: FailureClass::NotConfigured,
        message: "not configured: neither TOKEN nor TOKEN_FILE is set".to_owned(),
    });
    store.commit(&closed).await.unwrap();
    let mut gone = Author::new("gone");
    write(store, gone.change(vec![service("1", "Gone", Status::Ok, &[])])).await;
    write(store, gone.retire()).await;
}

fn status(database: &Database) -> Program {
    unistatus(["status", "--db", database.address()])
}

async fn filled() -> Database {
    let database = Database::sqlite();
    let store = database.open().await;
    fill(&*store).await;
    store.close().await;
    database
}

/// What is said of the targets without services.
const NOTES: &str = "No services are known of: gcp\n\
                     No services are known of closed: not configured: neither TOKEN nor TOKEN_FILE is set\n";

#[tokio::test(flavor = "multi_thread")]
async fn everything_as_a_table() {
    let database = filled().await;
    let ended = status(&database).run().await;
    assert_eq!(
        ended.stdout,
        "TARGET  SERVICE         STATUS    SINCE                     DIMENSIONS\n\
         aws     EC2             OK        2023-11-14T22:13:20.000Z  region=us-east-1\n\
         aws     EC2             Unknown                             region=eu-west-1\n\
         github  Git Operations  OK        2023-11-14T22:13:20.000Z  serviceId=8l4ygp009s5s\n\
         github  Pages           Degraded  2023-11-14T22:13:20.000Z  load=0.5 maintenance=true\n\
         github  東京 \u{fffd}[2J\u{fffd}\u{fffd}31m  Outage    2023-11-14T22:13:20.000Z  note\u{fffd}=a\u{fffd}b\u{fffd}\n\
         quiet   Conveyor        Unknown   2023-11-14T22:13:20.000Z  lastKnownStatus=Outage stale=true\n"
    );
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), NOTES));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_target_and_one_service_as_a_table() {
    let database = filled().await;
    for (arguments, table, note) in [
        (
            &["github", "pages"][..],
            "TARGET  SERVICE  STATUS    SINCE                     DIMENSIONS\n\
             github  Pages    Degraded  2023-11-14T22:13:20.000Z  load=0.5 maintenance=true\n",
            "",
        ),
        (
            &["aws"],
            "TARGET  SERVICE  STATUS   SINCE                     DIMENSIONS\n\
             aws     EC2      OK       2023-11-14T22:13:20.000Z  region=us-east-1\n\
             aws     EC2      Unknown                            region=eu-west-1\n",
            "",
        ),
        (&["gcp"], "TARGET  SERVICE  STATUS  SINCE  DIMENSIONS\n", "No services are known of: gcp\n"),
    ] {
        let ended = status(&database).args(arguments.iter().copied()).run().await;
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str(), ended.code), (table, note, Some(0)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_what_the_api_answers() {
    for database in [Some(Database::sqlite()), Database::mongo()].into_iter().flatten() {
        let store = database.open().await;
        fill(&*store).await;
        let server = Server::bind("127.0.0.1", 0).await.unwrap();
        let client = Client { address: server.addresses()[0] };
        let stop = CancellationToken::new();
        let open = ready(Ok(Some(Arc::clone(&store))));
        let running = tokio::spawn(server.run(open, Options::default(), stop.clone()));
        client.until("/readyz", |answer| answer.status == 200).await;
        for (path, arguments) in [
            ("", &[][..]),
            ("/github", &["github"]),
            ("/gcp", &["gcp"]),
            ("/quiet", &["quiet"]),
            ("/github/git%20OPERATIONS", &["github", "git OPERATIONS"]),
            ("/aws/EC2", &["aws", "EC2"]),
            ("/github/%E6%9D%B1%E4%BA%AC%20%1B%5B2J%7F%C2%9B31m", &["github", "東京 \u{1b}[2J\u{7f}\u{9b}31m"]),
        ] {
            let answer = client.get(&format!("/api/status{path}")).await;
            assert_eq!(answer.status, 200, "{path}");
            // Colours that are wanted by force are none of JSON's.
            let program = status(&database).args(["--json"]).args(arguments.iter().copied());
            let ended = program.env("CLICOLOR_FORCE", "1").run().await;
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{path}");
            assert_eq!(ended.stdout, answer.body + "\n", "{path}");
        }
        stop.cancel();
        running.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_not_known() {
    let database = filled().await;
    for (arguments, told) in [
        (&["gitlab"][..], "unistatus: target \"gitlab\" is not known; `unistatus status` lists those that are\n"),
        (&["gone"], "unistatus: target \"gone\" is not known; `unistatus status` lists those that are\n"),
        (&["gitlab", "Pages"], "unistatus: target \"gitlab\" is not known; `unistatus status` lists those that are\n"),
        (
            &["github", "Page"],
            "unistatus: target \"github\" has no service \"Page\"; `unistatus status github` lists those it has\n",
        ),
    ] {
        for form in [&["--json"][..], &[]] {
            let program = status(&database).args(form.iter().copied());
            let ended = program.args(arguments.iter().copied()).run().await;
            assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(2), "", told));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there() {
    let ended = unistatus(["status"]).run().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""));
    assert_eq!(
        ended.stderr,
        "unistatus: the database is not available: there is no file unistatus.db yet; `unistatus up` or a collector \
         makes it\n"
    );
    assert!(ended.left_behind().is_empty(), "to look makes no file: {:?}", ended.left_behind());

    let ended = unistatus(["status"]).env("DB_URL", "mongodb://u:s3cr3t@127.0.0.1:1/db").run().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{}", ended.stderr);
    assert!(ended.stderr.starts_with("unistatus: the database is not available: "), "{}", ended.stderr);
    assert!(ended.stderr.contains("127.0.0.1:1") && !ended.stderr.contains("s3cr3t"), "{}", ended.stderr);

    let ended = unistatus(["status", "--db", "sqlite:notes.txt"]).file("notes.txt", &"notes ".repeat(200)).run().await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(78), ""));
    assert_eq!(ended.stderr, "unistatus: the SQLite database notes.txt is a file of another kind\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_which_nothing_is() {
    let database = Database::sqlite();
    database.open().await.close().await;
    let ended = status(&database).run().await;
    assert_eq!(ended.stdout, "TARGET  SERVICE  STATUS  SINCE  DIMENSIONS\n");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), "No target has been asked yet.\n"));
    let ended = status(&database).args(["--json"]).run().await;
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "{\"targets\":[]}\n", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_are_for_terminals_that_want_them() {
    let database = filled().await;
    let plain = status(&database).env("TERM", "xterm").run().await.stdout;
    assert!(!plain.contains('\u{1b}'), "{plain}");
    let forced = status(&database).env("CLICOLOR_FORCE", "1");
    let coloured = forced.run().await.stdout;
    for (status, colour) in [("OK", 10), ("Degraded", 11), ("Outage", 9)] {
        let painted = format!("\u{1b}[38;5;{colour}m{status}");
        assert!(coloured.contains(&painted), "{painted:?} in {coloured:?}");
    }
    let forced = status(&database).env("CLICOLOR_FORCE", "1");
    assert_eq!(forced.env("NO_COLOR", "1").run().await.stdout, plain);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_has_seen_enough_is_no_failure() {
    let database = Database::sqlite();
    let store = database.open().await;
    // More than a pipe takes in.
    let services = (0..4000).map(|number| service(&number.to_string(), "Service", Status::Ok, &[])).collect();
    Author::new("large").write(&*store, services).await.unwrap();
    for form in [&["--json"][..], &[]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_unistatus"))
            .env_clear()
            .args(["status", "--db", database.address()])
            .args(form)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap().as_str()), (Some(0), ""));
    }
}
