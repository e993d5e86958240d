//! A writer that is killed at any moment leaves whole commits, all that it was told of among them.

mod leases;
mod migrate;

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Write, stdout};
use std::process::{Child, Command, Stdio};

use unistatus_core::schema::{Event, Status};
use unistatus_core::store::testkit::{Author, Database, at, event, service};
use unistatus_core::store::{Changed, Commit, Store, TargetState, open};

/// Tells the writer which database is its own, and that it is one: it is the first of the tests, started again by all.
const DATABASE: &str = "UNISTATUS_TEST_WRITER_DATABASE";
const WRITER: &str = "kill::sqlite_survives_kills";
const TARGETS: [&str; 3] = ["github", "gitlab", "slack"];
const SERVICES: usize = 5;

/// How often the writer is killed.
fn kills() -> usize {
    env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(10)
}

/// What the process does that the tests kill: commits without end, and says so on its output after each.
async fn write(address: &str) {
    let store = open(address).await.unwrap();
    let mut output = stdout();
    for step in 0_usize.. {
        let target = TARGETS[step % TARGETS.len()];
        let state = store.target(target).await.unwrap();
        let commit = next(target, state.as_ref(), step);
        store.commit(&commit).await.unwrap();
        writeln!(output, "{target} {}", commit.revision()).unwrap();
    }
}

/// The next commit of a target: mostly a change of some services' status, now and then health alone.
fn next(target: &str, state: Option<&TargetState>, step: usize) -> Commit {
    let Some(state) = state else {
        return Author::new(target).change((0..SERVICES).map(|n| service(&format!("{n}"), Status::Ok)).collect());
    };
    let mut author = Author::at(target, state.revision);
    if step % 4 == 3 {
        return author.healthy(at(i64::try_from(step).unwrap()));
    }
    let mut services = state.services.clone();
    services[step % SERVICES].status = Status::ALL[step / SERVICES % 4];
    services[step * 7 % SERVICES].status = Status::ALL[step % 4];
    let mut commit = author.change(services.clone());
    let (revision, change) = (commit.revision(), commit.change.as_mut().unwrap());
    let changed = services.iter().zip(&state.services).filter(|(new, old)| new.status != old.status);
    change.events =
        changed.map(|(new, old)| Event { from: Some(old.status), ..event(target, revision, new) }).collect();
    commit
}

fn start_writer(database: &Database) -> Child {
    start(WRITER, DATABASE, database.address())
}

/// Starts a test again as a process of its own, which the setting makes another one.
fn start(test: &str, setting: &str, value: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(setting, value)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Lets a writer commit so often, kills it in the middle of the next, and answers what it was told is written.
fn write_and_be_killed(database: &Database, commits: usize) -> BTreeMap<String, u64> {
    let mut writer = start_writer(database);
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    // The test harness says something too.
    let mut told = lines.map(Result::unwrap).filter_map(|line| {
        let (target, revision) = line.split_once(' ')?;
        TARGETS.contains(&target).then(|| (target.to_owned(), revision.parse().unwrap()))
    });
    let mut acknowledged: BTreeMap<String, u64> = told.by_ref().take(commits).collect();
    writer.kill().unwrap();
    writer.wait().unwrap();
    // What it still said before its end.
    acknowledged.extend(told);
    acknowledged
}

/// What is there are whole commits: each revision's events once, and the services as the events left them.
async fn is_consistent(store: &dyn Store, target: &str, acknowledged: u64) {
    let Some(state) = store.target(target).await.unwrap() else { return assert_eq!(acknowledged, 0) };
    assert!(state.revision >= acknowledged, "{target}: {} is there, {acknowledged} was written", state.revision);
    let mut statuses: BTreeMap<String, Status> = BTreeMap::new();
    let mut known = (0, String::new());
    for event in store.events(target).await.unwrap() {
        assert!(event.revision <= state.revision, "{target}: an event of the future");
        let place = (event.revision, event.key.clone());
        assert!(known < place, "{target}: {place:?} comes after {known:?}");
        known = place;
        // Each event goes on where the last one of its service ended: none is missing, none is doubled.
        assert_eq!(statuses.insert(event.key, event.to.unwrap()), event.from, "{target}: {known:?}");
    }
    let found: BTreeMap<_, _> = state.services.into_iter().map(|service| (service.key, service.status)).collect();
    assert_eq!(found, statuses, "{target} at revision {}", state.revision);
}

async fn survives_kills(database: &Database) {
    let store = database.open().await;
    let mut acknowledged: BTreeMap<String, u64> = BTreeMap::new();
    for kill in 0..kills() {
        // From a kill at the first commit to one after dozens.
        acknowledged.extend(write_and_be_killed(database, kill * 13 % 40));
        let reopened = database.open().await;
        for target in TARGETS {
            let acknowledged = acknowledged.get(target).copied().unwrap_or_default();
            is_consistent(&*store, target, acknowledged).await;
            is_consistent(&*reopened, target, acknowledged).await;
        }
        reopened.close().await;
    }
    assert!(acknowledged.values().sum::<u64>() > 0);
}

/// Another process writes; the watch reports each of its targets.
async fn another_process_is_watched(database: &Database) {
    let store = database.open().await;
    let mut watch = store.watch().await.unwrap();
    let mut writer = start_writer(database);
    let mut waited_for: Vec<_> = TARGETS.to_vec();
    while !waited_for.is_empty() {
        let Changed::Some { targets, .. } = watch.changed().await.unwrap() else { panic!("nothing was missed") };
        waited_for.retain(|&target| !targets.contains(target));
    }
    writer.kill().unwrap();
    writer.wait().unwrap();
}

#[tokio::test]
async fn sqlite_survives_kills() {
    if let Ok(address) = env::var(DATABASE) {
        return write(&address).await;
    }
    survives_kills(&Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mongo_survives_kills() {
    if let Some(database) = Database::mongo() {
        survives_kills(&database).await;
    }
}

#[tokio::test]
async fn sqlite_watches_another_process() {
    another_process_is_watched(&Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mongo_watches_another_process() {
    if let Some(database) = Database::mongo() {
        another_process_is_watched(&database).await;
    }
}
