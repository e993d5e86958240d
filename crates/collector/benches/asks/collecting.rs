//! The collector, and what it takes.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use unistatus_collector::monitor::Monitor;
use unistatus_collector::{Collector, Options};
use unistatus_core::catalog::{Selection, TargetsSource};
use unistatus_core::networks::AddressPolicy;
use unistatus_core::secrets::Secrets;
use unistatus_core::store::Retention;
use unistatus_core::store::testkit::Database;
use unistatus_core::target::Fetcher;
use unistatus_core::target::fetch::Limits;

use crate::usage::{Usage, peak_memory};
use crate::world::World;

/// The argument that makes this program the collector. Behind it stands the store's name.
pub(crate) const FLAG: &str = "--collect";
/// The stores.
pub(crate) const STORES: [&str; 2] = ["SQLite", "MongoDB"];

const INTERVAL: Duration = Duration::from_secs(1);
/// How long it runs before it is measured: the first round is like no other.
const WARM_UP: Duration = Duration::from_secs(4);
/// How long it is measured.
const MEASURED: Duration = Duration::from_secs(15);

/// Collects for a while and prints what that took. Of MongoDB, where there is one, that is the collector's part.
#[tokio::main]
pub(crate) async fn measure(store_name: &str) {
    unistatus_collector::raise_file_limit();
    let database = if store_name == "SQLite" { Some(Database::sqlite()) } else { Database::mongo() };
    let Some(database) = database else { return };
    let mut world = World::start();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("targets.toml");
    fs::write(&path, world.targets_toml()).unwrap();

    let store = database.open().await;
    let targets = TargetsSource::new(Selection::None, Some(path)).load().unwrap();
    let fetcher = Fetcher::new(Limits::default(), None, Secrets::default()).unwrap();
    let options = Options {
        interval: INTERVAL,
        retention: Retention::Forever,
        check_retention: Retention::Forever,
        address_policy: AddressPolicy::default(),
        shared_targets: BTreeSet::new(),
    };
    let stop = CancellationToken::new();
    let monitor = Arc::new(Monitor::new().unwrap());
    let collector = Collector::new(Arc::clone(&store), None, targets, options, fetcher, monitor, stop.clone());
    let collector = tokio::spawn(collector.run());

    tokio::time::sleep(WARM_UP).await;
    let (asked, usage, begun) = (world.asked(), Usage::of("self"), Instant::now());
    tokio::time::sleep(MEASURED).await;
    let (asks, taken, span) = (world.asked() - asked, Usage::of("self").since(usage), begun.elapsed());
    tell(store_name, asks, span, taken);

    stop.cancel();
    collector.await.unwrap().unwrap();
    store.close().await;
}

/// Prints a row of the table.
fn tell(store_name: &str, asks: u32, span: Duration, taken: Usage) {
    let thousands = f64::from(asks) / 1000.0;
    println!(
        "{store_name:<10} {asks:>8} {:>8.0} {:>12.3} {:>11.2} {:>12.1}",
        f64::from(asks) / span.as_secs_f64(),
        (taken.user + taken.system).as_secs_f64() / thousands,
        taken.written / thousands,
        peak_memory("self"),
    );
}
