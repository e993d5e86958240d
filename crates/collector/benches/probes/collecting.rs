//! The collector, and what it takes.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, iter};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use unistatus_collector::monitor::Monitor;
use unistatus_collector::{Collector, Options};
use unistatus_core::catalog::{Selection, TargetsSource};
use unistatus_core::networks::AddressPolicy;
use unistatus_core::schema::{Check, Server, Status, Timestamp};
use unistatus_core::secrets::Secrets;
use unistatus_core::store::testkit::Database;
use unistatus_core::store::{CheckQuery, Measured, Retention, Store};
use unistatus_core::target::Fetcher;
use unistatus_core::target::fetch::Limits;
use unistatus_core::telemetry::{self, LogFormat, LogLevel, Traces};

use crate::figures::Figures;
use crate::nginx::Nginx;
use crate::usage::{Usage, peak_memory};

/// The argument that makes this program the collector. Behind it stands what it probes.
pub(crate) const FLAG: &str = "--collect";
/// What is probed.
pub(crate) const SETS: [&str; 3] = ["HTTP", "PING", "HTTP and PING"];

const PROBES: u32 = 1_000;
const INTERVAL: Duration = Duration::from_secs(10);
/// How long it runs before it is measured: every target has come to rest then.
const WARM_UP: Duration = Duration::from_secs(30);
/// How long it is measured.
const MEASURED: Duration = Duration::from_secs(30);
/// How often it is looked whether every probe has its first result.
const LOOK: Duration = Duration::from_millis(50);

/// Probes for a while; what that took.
#[tokio::main]
pub(crate) async fn measure(what: &str) -> Figures {
    unistatus_collector::raise_file_limit();
    // As the program has them.
    telemetry::init(LogLevel::Warning, LogFormat::Text, &Traces::to(None, "probes").unwrap());
    let monitor = Arc::new(Monitor::new().unwrap());
    let database = Database::sqlite();
    let store: Arc<dyn Store> = Arc::new(Measured::new(database.open().await, monitor.store()));
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
        shared_targets: BTreeSet::new(),
    };
    let stop = CancellationToken::new();
    let collector =
        Collector::new(Arc::clone(&store), None, targets, options, fetcher, Arc::clone(&monitor), stop.clone());
    let begun = Instant::now();
    let collector = tokio::spawn(collector.run());
    let expected = PROBES as usize * what.split(" and ").count();
    let first = until_all_are_known(&*store, expected, begun).await;

    tokio::time::sleep(WARM_UP.saturating_sub(begun.elapsed())).await;
    let (from, usage) = (Timestamp::now(), Usage::of("self"));
    tokio::time::sleep(MEASURED).await;
    let (until, taken, peak_memory) = (Timestamp::now(), Usage::of("self").since(usage), peak_memory("self"));
    stop.cancel();
    collector.await.unwrap().unwrap();

    let all = checks(&*store).await;
    store.close().await;
    let measured: Vec<&Check> = all.iter().flatten().filter(|check| (from..until).contains(&check.at)).collect();
    let latencies = latencies(&measured);
    let thousands = number(measured.len()) / 1000.0;
    Figures {
        checks: number(measured.len()),
        first: first.as_secs_f64(),
        missed: all.iter().map(|checks| missed(checks, from, until)).sum(),
        stored: number(all.iter().map(Vec::len).sum()) / asks(&monitor),
        user: taken.user.as_secs_f64() / thousands,
        system: taken.system.as_secs_f64() / thousands,
        written: taken.written / thousands,
        peak_memory,
        median: latencies[latencies.len() / 2],
        p99: latencies[latencies.len() * 99 / 100],
    }
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

/// All checks of each target, newest first.
async fn checks(store: &dyn Store) -> Vec<Vec<Check>> {
    let mut all = Vec::new();
    for target in store.targets().await.unwrap() {
        all.push(store.checks(&CheckQuery::all_of(target.probe())).await.unwrap());
    }
    all
}

/// How many intervals of a span of time have no check: a gap of about n intervals lacks n - 1. Before the first check and
/// behind the last there is a gap to the span's end.
fn missed(newest_first: &[Check], from: Timestamp, until: Timestamp) -> f64 {
    let times: Vec<Timestamp> =
        newest_first.iter().map(|check| check.at).filter(|at| (from..until).contains(at)).collect();
    let later = iter::once(&until).chain(&times);
    let earlier = times.iter().chain([&from]);
    let intervals = later.zip(earlier).map(|(later, earlier)| earlier.until(*later).div_duration_f64(INTERVAL));
    intervals.map(|intervals| (intervals.round() - 1.0).max(0.0)).sum()
}

/// The latencies of checks, in milliseconds, the shortest first.
fn latencies(checks: &[&Check]) -> Vec<f64> {
    let mut latencies: Vec<f64> =
        checks.iter().filter_map(|check| check.latency).map(|latency| latency.as_secs_f64() * 1000.0).collect();
    latencies.sort_by(f64::total_cmp);
    latencies
}

/// How many asks the collector counted.
fn asks(monitor: &Monitor) -> f64 {
    let told = String::from_utf8(monitor.scrape()).unwrap();
    let counters = told.lines().filter(|line| line.starts_with("unistatus_collects_total{"));
    counters.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}
