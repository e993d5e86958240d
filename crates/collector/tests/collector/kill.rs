//! The program is killed at random moments while its world changes quickly: what is kept stays whole, always.
//!
//! `KILLS` says how often, each time anew for each store; `KILL_SEED` repeats a run.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::task::JoinSet;
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::Database;
use unistatus_core::store::{Store, TargetState};
use unistatus_simulator::formats::find_dialect;
use unistatus_simulator::{Condition, Simulator, World};

use crate::support::{Dice, Program, assert_whole, change_for_ever, on_both_stores, start, target_until};

/// How often the program is killed, unless `KILLS` says otherwise.
const KILLS: usize = 8;
/// The program is killed within this time: from before its first ask to after its second one.
const LIFETIME: Duration = Duration::from_millis(1_600);
const VENDORS: usize = 24;
const SERVICES: usize = 3;

on_both_stores! {
    a_kill_at_any_moment_leaves_every_history_whole
}

async fn a_kill_at_any_moment_leaves_every_history_whole(database: Database) {
    let kills = env::var("KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let mut dice = Dice::thrown();
    let dialects = ["azure-devops", "selectors", "statusio-html", "statuspage"].map(|name| find_dialect(name).unwrap());
    let simulator = Arc::new(start(World::uniform(VENDORS, SERVICES, &dialects)).await);
    let targets = simulator.targets_toml();
    let mut restless = JoinSet::new();
    restless.spawn(change_for_ever(Arc::clone(&simulator), SERVICES, dice.another()));
    // One folder: it is the same collector that comes back each time.
    let folder = Arc::new(TempDir::new().unwrap());
    for _ in 0..kills {
        let program = Program::collect_in(&folder, database.address(), &targets, &[]);
        tokio::time::sleep(dice.shorter_than(LIFETIME)).await;
        program.kill().await;
        let store = database.open().await;
        check(store.as_ref(), &simulator).await;
        store.close().await;
    }

    restless.shutdown().await;
    for vendor in simulator.vendors() {
        for number in 1..=SERVICES {
            simulator.set(&vendor.name, &format!("Service {number}"), Condition::Degraded).unwrap();
        }
    }
    let program = Program::collect_in(&folder, database.address(), &targets, &[]);
    let store = database.open().await;
    for vendor in simulator.vendors() {
        let is_current = |state: &TargetState| {
            state.services.len() >= SERVICES && state.services.iter().all(|service| service.status == Status::Degraded)
        };
        target_until(store.as_ref(), &vendor.name, "it is as the world is", is_current).await;
    }
    program.end("TERM").await;
    check(store.as_ref(), &simulator).await;
    store.close().await;
}

/// Asserts that the history of every target is whole.
async fn check(store: &dyn Store, simulator: &Simulator) {
    for vendor in simulator.vendors() {
        let revisions = assert_whole(store, &vendor.name).await;
        // The others tell times, which change without a status, too.
        if matches!(vendor.dialect, "azure-devops" | "statusio-html")
            && let Some(state) = store.target(&vendor.name).await.unwrap()
        {
            assert!(revisions.into_iter().eq(1..=state.revision), "{} lacks a revision's events", vendor.name);
        }
    }
}
