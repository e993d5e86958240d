//! The database is away, and the program is killed meanwhile: the next one writes what was seen, once and in order; also
//! where somebody else has taken its targets over by then.
//!
//! `KILLS` says how often it is killed at random moments; `KILL_SEED` repeats a run.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{env, iter};

use tempfile::TempDir;
use tokio::task::JoinSet;
use unistatus_collector::journal::Journal;
use unistatus_core::schema::{Event, Status, Timestamp};
use unistatus_core::store::{Store, TargetState};
use unistatus_simulator::formats::find_dialect;
use unistatus_simulator::{Condition, Simulator, World};

use crate::outage::{COURSE, VENDORS, expect_all, run_its_course};
use crate::support::{
    Dice, Outage, Program, assert_whole, change_for_ever, only, start, status_of, target_until, targets, until,
    with_an_outage_of_both_stores,
};

/// How often the program is killed at random moments, unless `KILLS` says otherwise.
const KILLS: usize = 3;
const SERVICES: usize = 3;
/// How long an outage is at least: something is seen meanwhile, and waits until it is kept.
const LONGER_THAN_PATIENCE: Duration = Duration::from_secs(2);

with_an_outage_of_both_stores! {
    what_is_seen_meanwhile_outlives_a_kill
    what_is_seen_meanwhile_is_written_without_one
    kills_at_any_moment_lose_nothing_that_was_kept
    what_is_seen_meanwhile_enters_the_history_of_whoever_took_over
}

async fn what_is_seen_meanwhile_outlives_a_kill(outage: Outage) {
    run_through(outage, true).await;
}

async fn what_is_seen_meanwhile_is_written_without_one(outage: Outage) {
    run_through(outage, false).await;
}

/// Waits until all of these are known.
async fn are_known(outage: &Outage, names: &[&str]) {
    let store = outage.database.open().await;
    for name in names {
        target_until(store.as_ref(), name, "it is known", |state| !state.services.is_empty()).await;
    }
    store.close().await;
}

/// Takes the database away, and waits until the journal has all that happens then.
async fn keep_its_course(outage: &mut Outage, simulator: &Simulator, folder: &Arc<TempDir>) {
    outage.begin().await;
    run_its_course(simulator).await;
    until("all changes are kept", async || (kept_changes(folder) == VENDORS.len() * COURSE.len()).then_some(())).await;
}

async fn run_through(mut outage: Outage, is_killed: bool) {
    let names = VENDORS.map(|(vendor, _)| vendor);
    let simulator = start(only(&names)).await;
    let folder = Arc::new(TempDir::new().unwrap());
    let begin =
        |outage: &Outage| Program::collect_in(&folder, outage.database.address(), &targets(&simulator, &names), &[]);
    let mut program = begin(&outage);
    program.says("asking begins").await;
    are_known(&outage, &names).await;
    let id = fs::read(journal(&folder).join("0/id")).unwrap();

    keep_its_course(&mut outage, &simulator, &folder).await;
    if is_killed {
        program.kill().await;
        outage.end();
        program = begin(&outage);
    } else {
        outage.end();
    }
    let store = outage.database.open().await;
    expect_all(store.as_ref()).await;
    store.close().await;
    program.says("the journal is empty again").await;
    program.end("TERM").await;
    assert_eq!(segments(&folder), [] as [PathBuf; 0]);
    assert_eq!(fs::read(journal(&folder).join("0/id")).unwrap(), id, "it is the same collector");
}

async fn kills_at_any_moment_lose_nothing_that_was_kept(mut outage: Outage) {
    let kills = env::var("KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let mut dice = Dice::thrown();
    let dialects = ["azure-devops", "statusio-html"].map(|name| find_dialect(name).unwrap());
    let simulator = Arc::new(start(World::uniform(8, SERVICES, &dialects)).await);
    let targets = simulator.targets_toml();
    let mut restless = JoinSet::new();
    restless.spawn(change_for_ever(Arc::clone(&simulator), SERVICES, dice.another()));
    let folder = Arc::new(TempDir::new().unwrap());
    let begin = |outage: &Outage| Program::collect_in(&folder, outage.database.address(), &targets, &[]);
    let mut kept: Vec<Event> = Vec::new();
    for _ in 0..kills {
        let mut program = begin(&outage);
        program.says("asking begins").await;
        tokio::time::sleep(dice.shorter_than(Duration::from_secs(2))).await;
        outage.begin().await;
        tokio::time::sleep(LONGER_THAN_PATIENCE + dice.shorter_than(Duration::from_secs(4))).await;
        program.kill().await;
        kept.extend(left(&folder));
        outage.end();
        // Once more, while what was kept is being written.
        let program = begin(&outage);
        tokio::time::sleep(dice.shorter_than(Duration::from_millis(800))).await;
        program.kill().await;
    }
    restless.shutdown().await;
    let program = begin(&outage);
    let store = outage.database.open().await;
    settle(&simulator, store.as_ref()).await;
    let mut written: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for vendor in simulator.vendors() {
        assert_whole(store.as_ref(), &vendor.name).await;
        written.insert(vendor.name.clone(), store.events(&vendor.name).await.unwrap());
    }
    assert!(!kept.is_empty(), "nothing was ever kept");
    for event in kept {
        assert!(written[&event.target].contains(&event), "it was kept and is not written: {event:?}");
    }
    store.close().await;
    program.end("TERM").await;
    assert_eq!(segments(&folder), [] as [PathBuf; 0]);
}

async fn what_is_seen_meanwhile_enters_the_history_of_whoever_took_over(mut outage: Outage) {
    let names = VENDORS.map(|(vendor, _)| vendor);
    let simulator = start(only(&names)).await;
    let targets = targets(&simulator, &names);
    let folder = Arc::new(TempDir::new().unwrap());
    let begin = |outage: &Outage| Program::collect_in(&folder, outage.database.address(), &targets, &[]);
    let mut program = begin(&outage);
    program.says("asking begins").await;
    are_known(&outage, &names).await;
    keep_its_course(&mut outage, &simulator, &folder).await;
    program.kill().await;
    let kept = left(&folder);

    // Who takes over finds one as it came to be, one as it was before, and one as it was seen once in between.
    let found = [COURSE[2], Condition::Operational, COURSE[0]];
    for ((vendor, service), condition) in VENDORS.into_iter().zip(found) {
        simulator.set(vendor, service, condition).unwrap();
    }
    let taken_over = Timestamp::now();
    outage.end();
    let mut successor = Program::collect(outage.database.address(), &targets);
    successor.says("is gone; its targets are taken over").await;
    let store = outage.database.open().await;
    let mut states = Vec::new();
    for name in names {
        let is_heard = |state: &TargetState| state.health.last_success > Some(taken_over);
        target_until(store.as_ref(), name, "it is heard again", is_heard).await;
        states.push(store.target(name).await.unwrap().unwrap());
    }

    // Perhaps killed in the middle of it.
    let program = begin(&outage);
    tokio::time::sleep(Dice::thrown().shorter_than(LONGER_THAN_PATIENCE)).await;
    program.kill().await;
    let mut program = begin(&outage);
    // What it is told before that ends it as a signal ends any program.
    program.says("asking begins").await;
    until("nothing is kept any more", async || segments(&folder).is_empty().then_some(())).await;
    for (((vendor, service), last), state) in VENDORS.into_iter().zip(found).zip(states) {
        assert_whole(store.as_ref(), vendor).await;
        let now = store.target(vendor).await.unwrap().unwrap();
        assert_eq!((now.revision, now.services), (state.revision, state.services), "{vendor}");
        let events = store.events(vendor).await.unwrap();
        let of_it: Vec<&Event> =
            events.iter().filter(|event| event.service == service && event.from.is_some()).collect();
        let mut course: Vec<Condition> = COURSE.to_vec();
        course.extend((last != COURSE[2]).then_some(last));
        let course: Vec<_> = course.into_iter().map(|condition| Some(status_of(condition))).collect();
        assert_eq!(of_it.iter().map(|event| event.to).collect::<Vec<_>>(), course, "{vendor}");
        // At their own times, but for the one that the other one tells of.
        let is_there = |seen: &&Event| of_it.iter().any(|event| (event.at, event.to) == (seen.at, seen.to));
        let kept = kept.iter().filter(|seen| (&*seen.target, &*seen.service) == (vendor, service));
        let there = kept.filter(is_there).count();
        assert_eq!(there, if last == COURSE[2] { COURSE.len() - 1 } else { COURSE.len() }, "{vendor}");
    }
    store.close().await;
    program.end("TERM").await;
    successor.end("TERM").await;
}

/// Lets the world come to rest, and waits until that is known.
async fn settle(simulator: &Simulator, store: &dyn Store) {
    for vendor in simulator.vendors() {
        for number in 1..=SERVICES {
            simulator.set(&vendor.name, &format!("Service {number}"), Condition::Degraded).unwrap();
        }
    }
    for vendor in simulator.vendors() {
        let is_current = |state: &TargetState| {
            state.services.len() >= SERVICES && state.services.iter().all(|service| service.status == Status::Degraded)
        };
        target_until(store, &vendor.name, "it is as the world is", is_current).await;
    }
}

#[tokio::test]
async fn collectors_that_share_a_folder_have_journals_of_their_own() {
    let folder = Arc::new(TempDir::new().unwrap());
    let begin = || Program::collect_in(&folder, "sqlite:unistatus.db", "", &[]);
    let mut programs: Vec<Program> = iter::repeat_with(begin).take(2).collect();
    for program in &mut programs {
        program.says("asking begins").await;
    }
    let ids = ["0", "1"].map(|slot| fs::read_to_string(journal(&folder).join(slot).join("id")).unwrap());
    assert!(ids[0] != ids[1] && ids.iter().all(|id| id.len() == 16), "{ids:?}");
    for program in programs {
        program.end("TERM").await;
    }
}

#[tokio::test]
async fn a_journal_that_cannot_be_used_or_is_not_wanted_keeps_nobody_from_asking() {
    for (place, is_told) in [("targets.toml", true), ("None", false)] {
        let mut program = Program::collect_with("sqlite:unistatus.db", "", &[("JOURNAL_DIR", place)]);
        program.says("asking begins").await;
        let is_there = program.path("unistatus-journal").exists();
        let lines = program.end("TERM").await;
        let told = lines.iter().filter(|line| line.contains("the journal in targets.toml cannot be used"));
        assert_eq!((told.count(), is_there), (usize::from(is_told), false), "{lines:#?}");
    }
}

fn journal(folder: &TempDir) -> PathBuf {
    folder.path().join("unistatus-journal")
}

/// The files in which anything is kept.
fn segments(folder: &TempDir) -> Vec<PathBuf> {
    let files = fs::read_dir(journal(folder).join("0")).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "log")).collect()
}

/// How many commits are kept that change something.
fn kept_changes(folder: &TempDir) -> usize {
    let text = segments(folder).into_iter().map(|path| fs::read(path).unwrap_or_default()).collect::<Vec<_>>().concat();
    String::from_utf8_lossy(&text).matches("\"change\":{").count()
}

/// The events that a killed program kept.
fn left(folder: &TempDir) -> Vec<Event> {
    let mut journal = Journal::open(&journal(folder), u64::MAX).unwrap();
    let commits = journal.take_left().into_values().flatten();
    commits.filter_map(|commit| commit.change).flat_map(|change| change.events).collect()
}
