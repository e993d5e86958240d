//! A collector inside this process.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use unistatus_collector::monitor::Monitor;
use unistatus_collector::{Collector, CollectorError, Options};
use unistatus_core::catalog::{Selection, TargetsSource};
use unistatus_core::networks::AddressPolicy;
use unistatus_core::secrets::Secrets;
use unistatus_core::store::testkit::Database;
use unistatus_core::store::{Retention, Store};
use unistatus_core::target::Fetcher;
use unistatus_core::target::fetch::Limits;

use super::in_time;

/// How often targets are asked: the shortest that there is.
pub(crate) const INTERVAL: Duration = Duration::from_secs(1);

/// The limits of an ask: short, that hanging sources be given up soon, and long for what answers at all.
pub(crate) fn limits() -> Limits {
    Limits { silence: Duration::from_secs(3), total: Duration::from_secs(4), body: 1 << 20, ..Limits::default() }
}

/// A collector that runs.
#[derive(Debug)]
pub(crate) struct TestCollector {
    /// What it writes to.
    pub(crate) store: Arc<dyn Store>,
    monitor: Arc<Monitor>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), CollectorError>>,
    _folder: TempDir,
}

impl TestCollector {
    /// Starts one that asks the targets of this file.
    pub(crate) async fn start(database: &Database, targets: &str) -> Self {
        Self::start_with(database, targets, |_| ()).await
    }

    /// The same, working otherwise than usual.
    pub(crate) async fn start_with(database: &Database, targets: &str, change: impl FnOnce(&mut Options)) -> Self {
        let store = database.open().await;
        let folder = TempDir::new().unwrap();
        let path: PathBuf = folder.path().join("targets.toml");
        fs::write(&path, targets).unwrap();
        let targets = TargetsSource::new(Selection::None, Some(path)).load().unwrap();
        let fetcher = Fetcher::new(limits(), Some("ops@example.org"), Secrets::default()).unwrap();
        let monitor = Arc::new(Monitor::new().unwrap());
        let stop = CancellationToken::new();
        let mut options = Options {
            interval: INTERVAL,
            retention: Retention::Forever,
            check_retention: Retention::Forever,
            address_policy: AddressPolicy::default(),
            shared_targets: BTreeSet::new(),
        };
        change(&mut options);
        let collector =
            Collector::new(Arc::clone(&store), None, targets, options, fetcher, Arc::clone(&monitor), stop.clone());
        Self { store, monitor, stop, task: tokio::spawn(collector.run()), _folder: folder }
    }

    /// How many targets it asks.
    pub(crate) fn asks(&self) -> usize {
        let metrics = String::from_utf8(self.monitor.scrape()).unwrap();
        metrics.lines().find_map(|line| line.strip_prefix("unistatus_targets ")).unwrap().parse().unwrap()
    }

    /// Ends it in good order, and closes its store.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        in_time("the collector ends", self.task).await.unwrap().unwrap();
        self.store.close().await;
    }
}
