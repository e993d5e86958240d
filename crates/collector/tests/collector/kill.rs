//! The program is killed at random moments while its world changes quickly: what is kept stays whole, always.
//!
//! `KILLS` says how often, each time anew for each store; `KILL_SEED` repeats a run.

use std::env;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::Database;
use unistatus_core::store::{Store, TargetState};
use unistatus_simulator::formats::find_dialect;
use unistatus_simulator::{Condition, Simulator, World};

use crate::support::{Program, assert_whole, on_both_stores, start, target_until};

/// How often the program is killed, unless `KILLS` says otherwise.
const KILLS: usize = 8;
/// The program is killed within so many milliseconds: from before its first ask to after its second one.
const LIFETIME: u64 = 1_600;
const VENDORS: usize = 24;
const SERVICES: usize = 3;

on_both_stores! {
    a_kill_at_any_moment_leaves_every_history_whole
}

async fn a_kill_at_any_moment_leaves_every_history_whole(database: Database) {
    let kills = env::var("KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let seed = env::var("KILL_SEED").map_or_else(|_| RandomState::new().hash_one(()), |seed| seed.parse().unwrap());
    eprintln!("KILL_SEED={seed} KILLS={kills}");
    let mut dice = Dice(seed);
    let dialects = ["azure-devops", "selectors", "statusio-html", "statuspage"].map(|name| find_dialect(name).unwrap());
    let simulator = Arc::new(start(World::uniform(VENDORS, SERVICES, &dialects)).await);
    let targets = simulator.targets_toml();
    let mut restless = JoinSet::new();
    restless.spawn(change_for_ever(Arc::clone(&simulator), Dice(dice.roll())));
    for _ in 0..kills {
        let program = Program::collect(database.address(), &targets);
        tokio::time::sleep(Duration::from_millis(dice.roll() % LIFETIME)).await;
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
    let program = Program::collect(database.address(), &targets);
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

/// Sets conditions at random, as fast as the collector can ask.
async fn change_for_ever(simulator: Arc<Simulator>, mut dice: Dice) {
    let mut pause = tokio::time::interval(Duration::from_millis(5));
    loop {
        pause.tick().await;
        let vendor = format!("vendor-{:04}", dice.roll() % VENDORS as u64 + 1);
        let service = format!("Service {}", dice.roll() % SERVICES as u64 + 1);
        let conditions = [Condition::Operational, Condition::Degraded, Condition::MajorOutage];
        let condition = conditions[usize::try_from(dice.roll() % 3).unwrap()];
        simulator.set(&vendor, &service, condition).unwrap();
    }
}

/// Random numbers that a seed repeats (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
