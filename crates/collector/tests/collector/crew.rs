//! Several collectors on one store: each target is asked by one of them, whoever comes and goes.

use std::collections::BTreeMap;
use std::fs;

use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{Database, TestMongo};
use unistatus_core::store::{Store, TargetState};
use unistatus_simulator::formats::find_dialect;
use unistatus_simulator::{Condition, Simulator, World};

use crate::support::{
    INTERVAL, Program, TestCollector, assert_whole, in_time, lock, on_both_stores, path, start, target_until, until,
};

const VENDORS: usize = 24;

on_both_stores! {
    each_target_is_asked_by_one_and_each_collector_asks_its_share
    the_targets_of_one_that_is_killed_are_asked_by_the_others
    one_that_was_stopped_and_continued_writes_nothing_late
    one_that_was_stopped_and_continued_asks_nothing_before_it_knows
    what_only_one_knows_is_asked_by_that_one
    what_one_knows_no_more_is_asked_by_the_other_and_what_nobody_knows_leaves_the_list
    what_left_the_list_while_one_was_stopped_is_asked_by_that_one_again
}

/// A world of equals.
async fn world() -> Simulator {
    start(World::uniform(VENDORS, 2, &[find_dialect("azure-devops").unwrap()])).await
}

/// Waits until everybody was asked so often from now on.
async fn all_are_asked(simulator: &Simulator, times: u64) {
    let so_far: Vec<(String, u64)> =
        simulator.vendors().map(|vendor| (vendor.name.clone(), simulator.count(&vendor.name).unwrap())).collect();
    for (vendor, count) in so_far {
        let asked = simulator.wait_for_requests(&vendor, count + times);
        in_time(&format!("{vendor} is asked"), asked).await.unwrap();
    }
}

/// Waits until the collectors ask so many targets each.
async fn share(collectors: &[&TestCollector], targets: usize) {
    let share = || collectors.iter().all(|collector| collector.asks() == targets);
    until("everybody has their share", async || share().then_some(())).await;
}

async fn each_target_is_asked_by_one_and_each_collector_asks_its_share(database: Database) {
    let simulator = world().await;
    let file = simulator.targets_toml();
    let one = TestCollector::start(&database, &file).await;
    all_are_asked(&simulator, 1).await;
    let others = [TestCollector::start(&database, &file).await, TestCollector::start(&database, &file).await];
    share(&[&one, &others[0], &others[1]], VENDORS / 3).await;

    let begun = simulator.elapsed();
    all_are_asked(&simulator, 8).await;
    let intervals = simulator.elapsed().saturating_sub(begun).as_nanos().div_ceil(INTERVAL.as_nanos());
    for vendor in simulator.vendors() {
        let requests = simulator.requests(&vendor.name).unwrap();
        let asked = requests.iter().filter(|request| request.at >= begun).count();
        assert!(asked as u128 <= intervals + 1, "{} was asked {asked} times in {intervals} intervals", vendor.name);
    }

    // Who ends in good order leaves its targets to the others.
    let [two, three] = others;
    three.stop().await;
    share(&[&one, &two], VENDORS / 2).await;
    all_are_asked(&simulator, 2).await;
    for vendor in simulator.vendors() {
        assert_whole(one.store.as_ref(), &vendor.name).await;
    }
    two.stop().await;
    one.stop().await;
}

async fn the_targets_of_one_that_is_killed_are_asked_by_the_others(database: Database) {
    let simulator = world().await;
    let file = simulator.targets_toml();
    let mut programs = Vec::new();
    for _ in 0..3 {
        programs.push(Program::collect(database.address(), &file));
    }
    for program in &mut programs {
        program.says("share the work collectors=3").await;
    }
    all_are_asked(&simulator, 2).await;
    programs.remove(0).kill().await;
    programs[0].says("share the work collectors=2").await;
    all_are_asked(&simulator, 3).await;
    for program in programs {
        program.end("TERM").await;
    }
}

async fn one_that_was_stopped_and_continued_writes_nothing_late(database: Database) {
    let simulator = world().await;
    let file = simulator.targets_toml();
    let store = database.open().await;
    let mut paused = Program::collect(database.address(), &file);
    all_are_asked(&simulator, 1).await;
    stop(&paused, &database).await;
    let mut successor = Program::collect(database.address(), &file);
    successor.says("is gone; its targets are taken over").await;
    for vendor in simulator.vendors() {
        simulator.set(&vendor.name, "Service 1", Condition::MajorOutage).unwrap();
    }
    let is_out = |state: &TargetState| state.services.iter().any(|service| service.status == Status::Outage);
    for vendor in simulator.vendors() {
        target_until(store.as_ref(), &vendor.name, "its outage is known", is_out).await;
    }
    let before = revisions(store.as_ref(), &simulator).await;
    paused.signal("CONT").await;
    paused.says("this collector was struck off").await;
    all_are_asked(&simulator, 3).await;
    assert_eq!(revisions(store.as_ref(), &simulator).await, before, "nothing changed, and nobody wrote otherwise");
    for vendor in simulator.vendors() {
        assert_whole(store.as_ref(), &vendor.name).await;
    }
    paused.end("TERM").await;
    successor.end("TERM").await;
    store.close().await;
}

async fn one_that_was_stopped_and_continued_asks_nothing_before_it_knows(database: Database) {
    let simulator = world().await;
    let file = simulator.targets_toml();
    let mut paused = Program::collect_with(database.address(), &file, &[("CONTACT", "paused@example.org")]);
    all_are_asked(&simulator, 1).await;
    stop(&paused, &database).await;
    let mut successor = Program::collect(database.address(), &file);
    successor.says("is gone; its targets are taken over").await;
    all_are_asked(&simulator, 2).await;
    // The successor is stopped, too: so nobody gives anything back before it is struck off itself.
    stop(&successor, &database).await;
    let continued = simulator.elapsed();
    paused.signal("CONT").await;
    paused.says("this collector was struck off").await;
    for vendor in simulator.vendors() {
        let requests = simulator.requests(&vendor.name).unwrap();
        let late = requests.iter().filter(|request| {
            request.at >= continued && request.header("user-agent").is_some_and(|agent| agent.contains("paused@"))
        });
        assert_eq!(late.count(), 0, "{} is the successor's", vendor.name);
    }
    successor.signal("CONT").await;
    paused.end("TERM").await;
    successor.end("TERM").await;
}

/// Stops it, but not in the middle of a write to a file: that would keep everybody from writing.
async fn stop(program: &Program, database: &Database) {
    let lock = if path(database).is_some() { Some(lock(database).await) } else { None };
    program.signal("STOP").await;
    drop(lock);
}

async fn revisions(store: &dyn Store, simulator: &Simulator) -> BTreeMap<String, u64> {
    let mut revisions = BTreeMap::new();
    for vendor in simulator.vendors() {
        let state = store.target(&vendor.name).await.unwrap().unwrap();
        revisions.insert(vendor.name.clone(), state.revision);
    }
    revisions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_and_not_confirmed_is_asked() {
    let Some(mongo) = TestMongo::start_faulty() else { return };
    let database = Database::on(&mongo);
    let simulator = world().await;
    let file = simulator.targets_toml();
    let one = TestCollector::start(&database, &file).await;
    all_are_asked(&simulator, 1).await;
    let other = TestCollector::start(&database, &file).await;
    share(&[&one, &other], VENDORS / 2).await;
    mongo.doubt_next_update(database.address().rsplit('/').next().unwrap(), "leases");
    other.stop().await;
    all_are_asked(&simulator, 2).await;
    one.stop().await;
}

async fn what_only_one_knows_is_asked_by_that_one(database: Database) {
    let simulator = start(World::uniform(9, 1, &[find_dialect("azure-devops").unwrap()])).await;
    let file = simulator.targets_toml();
    // The one knows six that the other does not.
    let few = file.match_indices("[[target]]").nth(3).map(|(at, _)| &file[..at]).unwrap();
    let one = TestCollector::start(&database, &file).await;
    all_are_asked(&simulator, 1).await;
    let other = TestCollector::start(&database, few).await;
    until("the other has its part", async || (other.asks() > 0).then_some(())).await;
    // The one gives up what the other does not know, and takes that back.
    all_are_asked(&simulator, 12).await;
    until("each is asked by one", async || (one.asks() + other.asks() == 9).then_some(())).await;
    assert!((1..=3).contains(&other.asks()));
    one.stop().await;
    other.stop().await;
}

async fn what_one_knows_no_more_is_asked_by_the_other_and_what_nobody_knows_leaves_the_list(database: Database) {
    let simulator = world().await;
    let file = simulator.targets_toml();
    let half = half_of(&file);
    let store = database.open().await;
    let listed = async || store.names().await.unwrap();
    let mut programs = [Program::collect(database.address(), &file), Program::collect(database.address(), &file)];
    for program in &mut programs {
        program.says("share the work collectors=2").await;
    }
    all_are_asked(&simulator, 2).await;
    let all = listed().await;
    assert_eq!(all.len(), VENDORS);

    let [first, second] = &mut programs;
    fs::write(first.path("targets.toml"), half).unwrap();
    first.says("the targets changed").await;
    all_are_asked(&simulator, 3).await;
    assert_eq!(listed().await, all);

    fs::write(second.path("targets.toml"), half).unwrap();
    second.says("the targets changed").await;
    until("nobody knows half of them", async || is(listed().await.len(), VENDORS / 2)).await;
    for vendor in simulator.vendors() {
        assert_whole(&*store, &vendor.name).await;
        let state = store.target(&vendor.name).await.unwrap().unwrap();
        let is_known = half.contains(&format!("\"{}\"", vendor.name));
        // Once there, and where nobody knows it once gone: nobody took it off the list in between.
        assert_eq!((state.retired, state.revision), (!is_known, if is_known { 1 } else { 2 }), "{}", vendor.name);
    }
    for program in programs {
        program.end("TERM").await;
    }
    store.close().await;
}

async fn what_left_the_list_while_one_was_stopped_is_asked_by_that_one_again(database: Database) {
    let simulator = world().await;
    let file = simulator.targets_toml();
    let half = half_of(&file);
    let store = database.open().await;
    let are_listed = async |targets: usize| {
        until("so many are listed", async || is(store.names().await.unwrap().len(), targets)).await;
    };
    let mut paused = Program::collect(database.address(), &file);
    all_are_asked(&simulator, 1).await;
    stop(&paused, &database).await;
    let mut other = Program::collect(database.address(), &file);
    let begins = other.says("asking begins").await;
    let id = begins.split("collector=").nth(1).unwrap().trim().trim_matches('"').to_owned();
    other.says("is gone; its targets are taken over").await;
    all_are_asked(&simulator, 1).await;
    are_listed(VENDORS).await;

    fs::write(other.path("targets.toml"), half).unwrap();
    are_listed(VENDORS / 2).await;
    let held = async || store.held_leases(&id).await.unwrap().len();
    until("the leases of the others are closed", async || is(held().await, VENDORS / 2)).await;
    paused.signal("CONT").await;
    paused.says("this collector was struck off").await;
    are_listed(VENDORS).await;
    all_are_asked(&simulator, 2).await;
    paused.end("TERM").await;
    other.end("TERM").await;
    store.close().await;
}

/// The first half of the targets of a file.
fn half_of(file: &str) -> &str {
    file.match_indices("[[target]]").nth(VENDORS / 2).map(|(at, _)| &file[..at]).unwrap()
}

fn is(count: usize, expected: usize) -> Option<()> {
    (count == expected).then_some(())
}
