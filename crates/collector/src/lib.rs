//! The collector: when to ask, how politely, and what to write.
//!
//! The way of one ask: [`schedule`] says when → the target fetches and parses → [`observe`] compares with what was
//! known → the commit waits in the [`backlog`] for a writer → the store. Every target has a task of its own, so
//! none delays another; asking never waits for the database.

mod attend;
pub mod backlog;
pub mod endpoint;
mod forget;
pub mod monitor;
pub mod progress;
mod random;
pub mod recorder;
mod rollups;
pub mod schedule;
mod servers;
mod turn;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use unistatus_core::catalog::{TargetSet, TargetsSource};
use unistatus_core::networks::AddressPolicy;
use unistatus_core::observe::{self, Known};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Checks, Retention, Store};
use unistatus_core::target::spec::Configured;
use unistatus_core::target::{Fetcher, Prober};

use attend::{CommitIds, Shared, attend};
use forget::forget;
use monitor::Monitor;
use progress::Progress;
use rollups::Rollups;
use servers::OwnServers;

/// How often the user's targets files are looked at.
const RELOAD: Duration = Duration::from_secs(2);
/// How long asks under way may go on after the end was asked for.
const FETCH_GRACE: Duration = Duration::from_secs(2);
/// How long what was seen may then take to be written.
const FLUSH_GRACE: Duration = Duration::from_secs(3);
/// How many commits are on their way to the store at a time. SQLite writes those that wait in one transaction, MongoDB
/// writes them side by side.
const WRITERS: usize = 64;

/// Allows this process as many open files as the system lets it: a socket for each target that is asked at once is
/// more than the usual soft limit of 1,024 leaves room for.
pub fn raise_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(65_536) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

/// How a collector works.
#[derive(Clone, Debug)]
pub struct Options {
    /// How often the targets are asked that name no interval of their own.
    pub interval: Duration,
    /// For how long the past is kept.
    pub retention: Retention,
    /// For how long single checks are kept.
    pub check_retention: Retention,
    /// Which addresses may be asked of servers that were added through the API.
    pub address_policy: AddressPolicy,
    /// The targets that servers ask, too, on behalf of requests.
    pub shared_targets: BTreeSet<String>,
}

/// Why a collector could not run.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    /// A target's task ended although nobody asked it to: a fault of ours.
    #[error("the task that asks {0} broke")]
    Broken(String),
}

/// A collector that is about to run.
#[derive(Debug)]
pub struct Collector {
    shared: Arc<Shared>,
    source: TargetsSource,
    /// What the source said last.
    targets: TargetSet,
    servers: OwnServers,
    /// The targets that are asked now, each with its task.
    attended: BTreeMap<String, Attended>,
    tasks: TaskTracker,
    stop: CancellationToken,
    abort: CancellationToken,
}

#[derive(Debug)]
struct Attended {
    definition: String,
    /// Starts no new ask.
    stop: CancellationToken,
    /// Breaks off the one under way.
    abort: CancellationToken,
    task: JoinHandle<Option<Known>>,
}

impl Collector {
    /// A collector that asks these targets with `fetcher` and writes to `store`, until `stop`, and tells `monitor` what it
    /// does; changes of the targets' source are picked up.
    pub fn new(
        store: Arc<dyn Store>,
        (first, source): (TargetSet, TargetsSource),
        options: Options,
        fetcher: Fetcher,
        monitor: Arc<Monitor>,
        stop: CancellationToken,
    ) -> Self {
        let servers = OwnServers::new(Arc::clone(&store), options.address_policy.clone());
        let shared = Shared {
            store,
            prober: Prober::new(fetcher.secrets().clone()),
            fetcher,
            backlog: Arc::default(),
            recorder: Arc::default(),
            progress: Arc::default(),
            monitor,
            options,
            began: Instant::now(),
            commit_ids: CommitIds::new(),
            is_waiting_told: AtomicBool::new(false),
        };
        shared.progress.begin(first.len());
        Self {
            shared: Arc::new(shared),
            source,
            targets: first,
            servers,
            attended: BTreeMap::new(),
            tasks: TaskTracker::new(),
            stop,
            abort: CancellationToken::new(),
        }
    }

    /// How far the first round has come.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.shared.progress)
    }

    /// Asks every target at its interval until told to stop; then starts no new ask, gives those under way a short
    /// grace, writes what was seen, and returns. The store stays open.
    ///
    /// # Errors
    /// [`CollectorError::Broken`] if a target's task ended by itself.
    pub async fn run(mut self) -> Result<(), CollectorError> {
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| tokio::spawn(Arc::clone(&self.shared.backlog).write(Arc::clone(&self.shared.store))))
            .collect();
        tracing::info!(
            targets = self.targets.len(),
            interval_s = self.shared.options.interval.as_secs(),
            "asking begins"
        );
        let Options { retention, check_retention, .. } = self.shared.options;
        let (store, recorder) = (&self.shared.store, &self.shared.recorder);
        let record = tokio::spawn(Arc::clone(recorder).write(Arc::clone(store) as Arc<dyn Checks>));
        let roll_up =
            tokio::spawn(Rollups::new(Arc::clone(store), Arc::clone(recorder), check_retention).run(self.stop.clone()));
        let forget = tokio::spawn(forget(Arc::clone(store), retention, check_retention, self.stop.clone()));
        self.shared.monitor.begin(&self.shared.backlog);
        self.meet_servers().await;
        self.turn_to_all().await;
        let result = self.watch_targets().await;
        self.wind_down().await;
        for task in writers.into_iter().chain([record, roll_up, forget]) {
            task.abort();
        }
        result
    }

    /// Learns which servers there are before the first round, unless that takes long.
    async fn meet_servers(&mut self) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            _ = tokio::time::timeout(RELOAD, self.servers.poll()) => {}
        }
    }

    /// Looks for changes of the user's targets until told to stop.
    async fn watch_targets(&mut self) -> Result<(), CollectorError> {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(RELOAD) => {}
            }
            if let Some((name, _)) = self.attended.iter().find(|(_, attended)| attended.task.is_finished()) {
                // Unless the end came in between.
                return if self.stop.is_cancelled() { Ok(()) } else { Err(CollectorError::Broken(name.clone())) };
            }
            let stop = self.stop.clone();
            let servers_changed = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                changed = async {
                    self.retire_removed_servers().await;
                    self.servers.poll().await
                } => changed,
            };
            let targets_changed = match self.source.poll() {
                Ok(None) => false,
                Ok(Some(targets)) => {
                    self.targets = targets;
                    true
                }
                Err(error) => {
                    for fault in &error.0 {
                        tracing::error!(%fault, "the changed targets cannot be used; the old ones stay");
                    }
                    false
                }
            };
            if targets_changed || servers_changed {
                self.turn_to_all().await;
                tracing::info!(targets = self.attended.len(), "the targets changed and are asked as they are now");
            }
        }
    }

    /// Asks the targets and servers there are from now on and no others: those whose definition is the same go on
    /// undisturbed.
    async fn turn_to_all(&mut self) {
        let all = self.servers.beside(&self.targets);
        let gone: Vec<String> = self.attended.keys().filter(|name| !all.contains_key(*name)).cloned().collect();
        for name in gone {
            self.retire(&name).await;
        }
        self.shared.monitor.has_targets(all.len());
        for (name, configured) in all {
            if self.attended.get(&name).is_none_or(|attended| attended.definition != configured.definition) {
                let known = self.dismiss(&name).await;
                self.engage(configured, known);
            }
        }
    }

    fn engage(&mut self, configured: Configured, known: Option<Known>) {
        let (stop, abort) = (self.stop.child_token(), self.abort.child_token());
        let (name, definition) = (configured.target.identity().name.clone(), configured.definition.clone());
        self.shared.monitor.engaged(&name);
        let task = attend(Arc::clone(&self.shared), configured, known, stop.clone(), abort.clone());
        let task = self.tasks.spawn(task);
        self.attended.insert(name, Attended { definition, stop, abort, task });
    }

    /// Asks a target no more; returns what is known of it.
    async fn dismiss(&mut self, name: &str) -> Option<Known> {
        let attended = self.attended.remove(name)?;
        attended.stop.cancel();
        attended.abort.cancel();
        attended.task.await.inspect_err(|error| tracing::error!(target = name, %error, "its task broke")).ok().flatten()
    }

    /// Asks a target no more and takes it off the list; its history stays.
    async fn retire(&mut self, name: &str) {
        let known = self.dismiss(name).await;
        self.shared.monitor.retired(name);
        if let Some(known) = known {
            self.strike_off(&known, name);
        }
    }

    fn strike_off(&self, known: &Known, name: &str) {
        let id = self.shared.commit_ids.next();
        if let Some(commit) = observe::retire(known, name, id, Timestamp::now())
            && self.shared.backlog.push(commit).is_err()
        {
            // Who wrote it asks it, too, and may go on doing so.
            tracing::warn!(target = name, "stays on the list: somebody else writes it");
        }
    }

    /// Takes the servers off the list, once, that were removed while nobody was there to do so.
    async fn retire_removed_servers(&mut self) {
        for state in self.servers.listed_though_removed().await {
            let name = state.name.clone();
            // One that is asked is another target of that name by now, and becomes so in the list by its first ask.
            if !self.attended.contains_key(&name) {
                self.strike_off(&Known::from_store(state, &[]), &name);
            }
        }
    }

    /// Ends in good order, within [`FETCH_GRACE`] and [`FLUSH_GRACE`].
    async fn wind_down(&mut self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(FETCH_GRACE, self.tasks.wait()).await.is_err() {
            tracing::info!(under_way = self.tasks.len(), "breaking off what is still under way");
            self.abort.cancel();
            self.tasks.wait().await;
        }
        let (backlog, recorder) = (&self.shared.backlog, &self.shared.recorder);
        let drained = async { tokio::join!(backlog.drained(), recorder.drained()) };
        if tokio::time::timeout(FLUSH_GRACE, drained).await.is_err() {
            let (changes, checks) = (backlog.pending_changes(), recorder.waiting());
            tracing::error!(changes, checks, "the database did not take all in time; what was not written is lost");
        }
    }
}
