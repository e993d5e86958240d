//! The world that is asked, and the collectors that ask it.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use unistatus_core::store::testkit::Database;
use unistatus_simulator::formats::find_dialect;
use unistatus_simulator::{Options, Simulator, World};

use crate::INTERVAL;
use crate::asks::Asks;
use crate::program::Program;

/// What is asked has this name in it, and what changes is this service.
pub(crate) const SERVICE: &str = "Service 1";
/// How long the collectors may take to share the work.
const PATIENCE: Duration = Duration::from_mins(2);

/// Starts a world of so many vendors, of five services each, in which nothing happens by itself.
pub(crate) async fn start(vendors: usize) -> Simulator {
    let world = World::uniform(vendors, 5, &[find_dialect("azure-devops").unwrap()]).quiet();
    let options = Options { keep_requests: 100_000, ..Options::default() };
    Simulator::start(world, options).await.unwrap()
}

/// The collector of this number, on a database. By its number the vendors know it.
pub(crate) fn collector(number: usize, database: &Database, simulator: &Simulator) -> Program {
    collector_at(INTERVAL, number, database, simulator)
}

/// The same, asking at another interval.
pub(crate) fn collector_at(interval: Duration, number: usize, database: &Database, simulator: &Simulator) -> Program {
    let folder = Arc::new(TempDir::new().unwrap());
    fs::write(folder.path().join("targets.toml"), simulator.targets_toml()).unwrap();
    let contact = format!("collector-{number}@example.org");
    let environment =
        [("DB_URL", database.address()), ("TARGETS_FILE", "targets.toml"), ("CATALOG", "none"), ("CONTACT", &contact)];
    Program::start_in(&folder, &[&interval.as_secs().to_string()], &environment)
}

/// Waits until all targets are asked by so many collectors, and each of these asks about as much as the others.
pub(crate) async fn shared_by(simulator: &Simulator, collectors: usize) {
    let even = |asks: &Asks| {
        let counts = asks.by_collector();
        let (least, most) = (counts.values().min().copied(), counts.values().max().copied());
        let are_all_there = counts.len() == collectors && asks.count() >= 5 * simulator.vendors().count();
        are_all_there && most.unwrap_or_default() * 4 <= least.unwrap_or_default() * 5
    };
    let settling = async {
        loop {
            let begun = simulator.elapsed();
            tokio::time::sleep(6 * INTERVAL).await;
            if even(&Asks::since(simulator, begun)) {
                return;
            }
        }
    };
    assert!(tokio::time::timeout(PATIENCE, settling).await.is_ok(), "the collectors do not share the work");
}
