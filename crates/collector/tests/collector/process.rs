//! The program as whoever starts and ends it sees it: its exit codes, what it says, and its end.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::testkit::{Database, TestMongo};
use unistatus_core::template::{Renderer, context, example};
use unistatus_simulator::{Fault, Simulator};

use crate::support::{
    Ended, Program, assert_whole, in_time, lock, on_both_stores, only, outcome, path, start, target_until, targets,
};

/// What it says as it starts.
const STARTS: &str = " INFO starting ";
/// What it says once it runs.
const RUNS: &str = "asking begins";
/// What it says once it was told to end.
const ENDS: &str = "a second signal ends at once";

on_both_stores! {
    either_signal_ends_it_in_good_order
}

#[tokio::test]
async fn wrong_arguments_are_one_line_that_says_what_is_accepted() {
    for (arguments, wrong) in [
        (&[][..], "PERIODICITY is missing"),
        (&["0"], "PERIODICITY is not an interval"),
        (&["soon"], "PERIODICITY is not an interval"),
        (&["-5"], "PERIODICITY is not an interval"),
        (&["60", "61"], "unexpected argument '61'"),
        (&["60", "--loudly"], "unexpected argument '--loudly'"),
    ] {
        let Ended { code, lines } = outcome(arguments, &[]).await;
        assert_eq!((code, lines.len()), (2, 1), "{arguments:?}: {lines:#?}");
        assert!(lines[0].starts_with(&format!("collector: {wrong}")), "{}", lines[0]);
        assert!(lines[0].contains("seconds (60) or a length of time (90s, 5m, 1h)"), "{}", lines[0]);
    }
}

#[tokio::test]
async fn an_interval_is_seconds_or_a_length_of_time() {
    for (interval, seconds) in [("60", 60), ("90s", 90), ("5m", 300)] {
        let mut program = Program::start(&[interval], &[("CATALOG", "none")]);
        let said = program.says(RUNS).await;
        assert!(said.contains(&format!("interval_s={seconds}")), "{said}");
        assert!(program.heard_before(STARTS).contains("settings=\"CATALOG=none (environment)\""));
        assert!(program.path("unistatus.db").exists(), "the embedded database is the default");
        program.end("TERM").await;
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_one_line_that_says_what_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    let file = file.to_str().unwrap();
    fs::write(
        file,
        "[[target]]\nname = \"intranet\"\ntype = \"REST\"\nformat = \"statuspage\"\nendpoint = \"ftp://x/\"\n",
    )
    .unwrap();
    let standalone = TestMongo::launch(&[]);
    let standalone = standalone.as_ref().map(|mongo| mongo.address("test"));
    let mut cases = vec![
        (
            "TARGETS_FILE",
            file,
            vec!["own.toml:5: target \"intranet\", endpoint: \"ftp://x/\"", "expected an absolute http"],
        ),
        ("TARGETS_FILE", "/nowhere.toml", vec!["/nowhere.toml: ", "expected a readable TOML file"]),
        ("CATALOG", "githup", vec!["CATALOG (environment): \"githup\"", "expected recommended, all, none"]),
        ("DB_URL", "postgres://db/x", vec!["sqlite:PATH, mongodb://HOST/DATABASE"]),
        ("DB_URL", "sqlite:/nowhere/x.db", vec!["there is no folder /nowhere"]),
        ("DB_URL", "mongodb://me:hunter2@:99999/x", vec!["the address of the MongoDB cannot be read"]),
        ("LOG_LEVEL", "LOUD", vec!["LOG_LEVEL (environment): \"LOUD\"", "expected one of DEBUG, INFO"]),
    ];
    if let Some(address) = &standalone {
        cases.push(("DB_URL", address, vec!["standalone", "mongod --replSet rs0", "rs.initiate()"]));
    }
    for (name, value, expected) in cases {
        let environment = [("CATALOG", "none"), (name, value)];
        let Ended { code, lines } = outcome(&["60"], &environment).await;
        // What it starts with is told where only the database is at fault.
        let lines: Vec<_> = lines.iter().filter(|line| !line.contains(STARTS)).collect();
        assert_eq!((code, lines.len()), (78, 1), "{name}={value}: {lines:#?}");
        assert!(expected.iter().all(|words| lines[0].contains(words)), "{} without {expected:?}", lines[0]);
        assert!(!lines[0].contains("hunter2"), "{}", lines[0]);
    }
}

async fn either_signal_ends_it_in_good_order(database: Database) {
    let simulator = start(only(&["github"])).await;
    for signal in ["INT", "TERM"] {
        let mut program = Program::collect(database.address(), &targets(&simulator, &["github"]));
        program.says(RUNS).await;
        let asked = simulator.count("github").unwrap();
        in_time("it asks", simulator.wait_for_requests("github", asked + 1)).await.unwrap();
        let lines = program.end(signal).await;
        assert!(lines.last().unwrap().contains("ended in good order"), "{lines:#?}");
        if let Some(path) = path(&database) {
            assert_tidy(path);
        }
        let store = database.open().await;
        target_until(store.as_ref(), "github", "its last answer is kept", |state| !state.services.is_empty()).await;
        assert_whole(store.as_ref(), "github").await;
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_in_time_while_every_source_hangs_and_at_once_if_told_twice() {
    // Each in a world of its own, so that it is its ask that hangs.
    let begin = async || {
        let (simulator, file) = hanging().await;
        let database = Database::sqlite();
        let program = Program::collect(database.address(), &file);
        in_time("it asks", simulator.wait_for_requests("github", 1)).await.unwrap();
        (program, simulator, database)
    };
    let once = async |signal| {
        let (program, _simulator, _database) = begin().await;
        program.end(signal).await;
    };
    let twice = async |signal, code| {
        let (mut program, _simulator, _database) = begin().await;
        program.signal(signal).await;
        program.says(ENDS).await;
        program.signal(signal).await;
        let ended = program.ends().await;
        assert_eq!(ended.code, code, "{:#?}", ended.lines);
        assert!(ended.lines.last().unwrap().contains("a second signal: ending at once"), "{:#?}", ended.lines);
    };
    tokio::join!(once("INT"), once("TERM"), twice("INT", 130), twice("TERM", 143));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_in_time_while_a_locked_sqlite_file_and_hanging_sources_hold_it() {
    let (simulator, file) = hanging().await;
    let locked_later = async {
        let database = Database::sqlite();
        let both = format!("{file}{}", targets(&simulator, &["npm"]));
        let mut program = Program::collect(database.address(), &both);
        program.says(RUNS).await;
        let store = database.open().await;
        target_until(store.as_ref(), "npm", "it is known", |_| true).await;
        store.close().await;
        let lock = lock(&database).await;
        program.says("the database is away").await;
        program.end("TERM").await;
        drop(lock);
        assert_tidy(path(&database).unwrap());
    };
    let locked_before = async {
        let database = Database::sqlite();
        let _lock = lock(&database).await;
        let mut program = Program::collect(database.address(), &file);
        program.says("waiting for the database").await;
        program.end("INT").await;
    };
    tokio::join!(locked_later, locked_before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_in_time_while_mongodb_is_away_and_every_source_hangs() {
    let Some(mut mongo) = TestMongo::start() else { return };
    let (simulator, file) = hanging().await;
    let both = format!("{file}{}", targets(&simulator, &["npm"]));
    let database = Database::on(&mongo);
    let mut program = Program::collect(database.address(), &both);
    program.says(RUNS).await;
    let store = database.open().await;
    target_until(store.as_ref(), "npm", "it is known", |_| true).await;
    store.close().await;
    tokio::task::block_in_place(|| mongo.kill());
    let gone_later = async {
        program.says("the database is away").await;
        program.end("TERM").await;
    };
    let gone_before = async {
        let mut program = Program::collect(database.address(), &both);
        program.says("waiting for the database").await;
        program.end("INT").await;
    };
    tokio::join!(gone_later, gone_before);
}

/// A world in which one vendor answers and another one hangs, and a targets file of the latter.
async fn hanging() -> (Simulator, String) {
    let simulator = start(only(&["github", "npm"])).await;
    simulator.set_fault("github", Fault::Hang).unwrap();
    let file = targets(&simulator, &["github"]);
    (simulator, file)
}

/// Asserts that a SQLite file that nobody has open is whole, and that nothing lies beside it that would be torn off.
fn assert_tidy(path: &Path) {
    let wal = path.with_extension("db-wal");
    assert_eq!(fs::metadata(&wal).map_or(0, |wal| wal.len()), 0, "the log was not taken over into the file");
    let connection = Connection::open(path).unwrap();
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

#[tokio::test]
async fn it_renders_where_it_is_started_for_that() {
    let renderer = Renderer::of(env!("CARGO_BIN_EXE_collector").into());
    let known = context(&example(Timestamp::now()));
    assert_eq!(renderer.render("{{ service }} is {{ to }}", known).await.unwrap(), "Git Operations is Degraded");
}
