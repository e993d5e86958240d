//! The collector, and what it takes.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use unistatus_collector::monitor::Monitor;
use unistatus_collector::{Collector, Options};
use unistatus_core::catalog::{Selection, TargetsSource};
use unistatus_core::networks::AddressPolicy;
use unistatus_core::schema::{Server, Status, Timestamp};
use unistatus_core::secrets::Secrets;
use unistatus_core::store::testkit::Database;
use unistatus_core::store::{CheckQuery, Retention, Store};
use unistatus_core::target::Fetcher;
use unistatus_core::target::fetch::Limits;

use crate::nginx::Nginx;
use crate::usage::{Usage, peak_memory};

/// The argument that makes this program the collector. Behind it stands what it probes.
pub(crate) const FLAG: &str = "--collect";
/// What is probed.
pub(crate) const SETS: [&str; 3] = ["HTTP", "PING", "HTTP and PING"];

const PROBES: u32 = 1_000;
const INTERVAL: Duration = Duration::from_secs(10);
/// How long it runs before it is measured: the first rounds are like no others.
const WARM_UP: Duration = Duration::from_secs(20);
/// How long it is measured.
const MEASURED: Duration = Duration::from_secs(30);
/// How often it is looked whether every probe has its first result.
const LOOK: Duration = Duration::from_millis(50);

/// Probes for a while and prints what that took.
#[tokio::main]
pub(crate) async fn measure(what: &str) {
    unistatus_collector::raise_file_limit();
    let database = Database::sqlite();
    let store = database.open().await;
    let nginx = what.contains("HTTP").then(Nginx::start);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("targets.toml");
    fs::write(&path, nginx.as_ref().map(|nginx| targets_toml(&nginx.address)).unwrap_or_default()).unwrap();
    if what.contains("PING") {
        add_servers(&*store).await;
    }
    let targets = TargetsSource::new(Selection::None, Some(path)).load().unwrap();
    let fetcher = Fetcher::new(Limits::default(), None, Secrets::default()).unwrap();
    let options = Options {
        interval: INTERVAL,
        retention: Retention::Forever,
        check_retention: Retention::Forever,
        address_policy: AddressPolicy::allowing("127.0.0.0/8".parse().unwrap()),
    };
    let stop = CancellationToken::new();
    let monitor = Arc::new(Monitor::new().unwrap());
    let collector = Collector::new(Arc::clone(&store), targets, options, fetcher, monitor, stop.clone());
    let begun = Instant::now();
    let collector = tokio::spawn(collector.run());
    let expected = PROBES as usize * what.split(" and ").count();
    let first = until_all_are_known(&*store, expected, begun).await;

    tokio::time::sleep(WARM_UP.saturating_sub(begun.elapsed())).await;
    let (from, usage) = (Timestamp::now(), Usage::now());
    tokio::time::sleep(MEASURED).await;
    let (until, taken) = (Timestamp::now(), Usage::now());
    stop.cancel();
    collector.await.unwrap().unwrap();

    let counts = counts(&*store, from, until).await;
    let checks: u32 = counts.values().sum();
    let due = u32::try_from(MEASURED.as_secs() / INTERVAL.as_secs()).unwrap();
    let missed: u32 = counts.values().map(|count| due.saturating_sub(*count)).sum();
    let thousands = f64::from(checks) / 1000.0;
    println!(
        "{what:<16} {checks:>8} {:>10.1} {missed:>8} {:>12.3} {:>11.2} {:>12.1}",
        first.as_secs_f64(),
        taken.cpu.saturating_sub(usage.cpu).as_secs_f64() / thousands,
        (taken.written - usage.written) / thousands,
        peak_memory(),
    );
    store.close().await;
}

fn targets_toml(address: &str) -> String {
    (0..PROBES).fold(String::new(), |all, number| {
        all + &format!(
            "[[target]]\nname = \"web-{number}\"\ntype = \"HTTP\"\nendpoint = \"http://{address}/{number}\"\n"
        )
    })
}

async fn add_servers(store: &dyn Store) {
    for number in 0..PROBES {
        let address = IpAddr::V4(Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 0, 1, 1)) + number));
        let (id, name) = (number.to_string(), format!("server {number}"));
        assert!(store.add_server(&Server { id, name, address, added_at: Timestamp::now() }).await.unwrap());
    }
}

/// Waits until every probe has a result, and all is well; how long after the beginning that is.
async fn until_all_are_known(store: &dyn Store, expected: usize, begun: Instant) -> Duration {
    loop {
        let targets = store.targets().await.unwrap();
        let well = targets.iter().filter(|target| target.services.iter().any(|service| service.status == Status::Ok));
        if well.count() == expected {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < 6 * INTERVAL, "not every probe has a result");
        tokio::time::sleep(LOOK).await;
    }
}

/// How many checks each target has in a span of time.
async fn counts(store: &dyn Store, from: Timestamp, until: Timestamp) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for target in store.targets().await.unwrap() {
        let query = CheckQuery { target: target.name.clone(), from: Some(from), until: Some(until), limit: None };
        let checks = store.checks(&query).await.unwrap();
        counts.insert(target.name, u32::try_from(checks.len()).unwrap());
    }
    counts
}
