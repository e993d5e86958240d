//! The collector: when to ask, how politely, and what to write.
//!
//! The way of one ask: [`schedule`] says when → the target fetches and parses → `observe` compares with what was
//! known → the commit waits in the [`backlog`] for a writer → the store. Every target has a task of its own, so
//! none delays another; asking never waits for the database.

mod asking;
mod attend;
pub mod backlog;
mod clock;
mod crew;
pub mod endpoint;
mod forget;
pub mod journal;
mod leases;
pub mod monitor;
pub mod progress;
mod random;
pub mod recorder;
mod rollups;
pub mod schedule;
mod servers;
mod shared;
mod spool;
mod turn;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use unistatus_core::catalog::{TargetSet, TargetsSource};
use unistatus_core::networks::AddressPolicy;
use unistatus_core::observe::Known;
use unistatus_core::store::{Checks, Leases, Retention, Store};
use unistatus_core::target::{Fetcher, Prober};

use clock::Clock;
use crew::standing::{Reports, Standing};
use forget::forget;
use journal::Journal;
use leases::Held;
use monitor::Monitor;
use progress::Progress;
use rollups::Rollups;
use servers::OwnServers;
use shared::{CommitIds, Shared};
use spool::Spool;

/// How often the user's targets files are looked at.
const RELOAD: Duration = Duration::from_secs(2);
/// How long asks under way may go on after the end was asked for.
const FETCH_GRACE: Duration = Duration::from_secs(2);
/// How long what was seen may then take to be written.
const FLUSH_GRACE: Duration = Duration::from_secs(3);
/// How long what was not may then take to be kept in the journal.
const JOURNAL_GRACE: Duration = Duration::from_secs(2);
/// How long it may take to say to the others that this collector ends.
const LEAVE_GRACE: Duration = Duration::from_secs(1);
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
    held: Held,
    journal: Option<Journal>,
    stop: CancellationToken,
}

impl Collector {
    /// A collector that asks these targets with `fetcher` and writes to `store`, until `stop`, and tells `monitor` what it
    /// does; changes of the targets' source are picked up. Of several on one store each asks its share. What the store does
    /// not take in time is kept in `journal`, and what that has from before is written first.
    pub fn new(
        store: Arc<dyn Store>,
        journal: Option<Journal>,
        (first, source): (TargetSet, TargetsSource),
        options: Options,
        fetcher: Fetcher,
        monitor: Arc<Monitor>,
        stop: CancellationToken,
    ) -> Self {
        let servers = OwnServers::new(Arc::clone(&store), options.address_policy.clone());
        let commit_ids = CommitIds::new();
        // Who kept something in a journal comes back under the id of then, and holds what it held.
        let id = journal.as_ref().map_or_else(|| commit_ids.writer().to_owned(), |journal| journal.id().to_owned());
        let shared = Arc::new(Shared {
            store,
            prober: Prober::new(fetcher.secrets().clone()),
            fetcher,
            backlog: Arc::default(),
            recorder: Arc::default(),
            progress: Arc::default(),
            monitor,
            options,
            clock: Clock::begin(),
            standing: Arc::new(Standing::of(id)),
            commit_ids,
        });
        shared.progress.begin(first.len());
        Self { held: Held::nothing(Arc::clone(&shared)), shared, source, targets: first, servers, journal, stop }
    }

    /// How far the first round has come.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.shared.progress)
    }

    /// Asks its targets at their intervals until told to stop; then starts no new ask, gives those under way a short
    /// grace, writes what was seen, leaves its targets to the others, and returns. The store stays open.
    ///
    /// # Errors
    /// [`CollectorError::Broken`] if a target's task ended by itself.
    pub async fn run(mut self) -> Result<(), CollectorError> {
        let spooling = self.journal.take().map(|journal| Spooling::begin(journal, &self.shared));
        let shared = Arc::clone(&self.shared);
        let Shared { store, backlog, recorder, standing, .. } = &*shared;
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| tokio::spawn(Arc::clone(backlog).write(Arc::clone(store), Arc::clone(standing))))
            .collect();
        let late = tokio::spawn(Arc::clone(backlog).enter_late(Arc::clone(store), Arc::clone(&self.shared.monitor)));
        tracing::info!(
            targets = self.targets.len(),
            interval_s = self.shared.options.interval.as_secs(),
            collector = standing.id(),
            "asking begins"
        );
        let Options { retention, check_retention, .. } = self.shared.options;
        let record =
            tokio::spawn(Arc::clone(recorder).write(Arc::clone(store) as Arc<dyn Checks>, Arc::clone(standing)));
        let roll_up =
            tokio::spawn(Rollups::new(Arc::clone(store), Arc::clone(recorder), check_retention).run(self.stop.clone()));
        let forget = tokio::spawn(forget(Arc::clone(store), retention, check_retention, self.stop.clone()));
        self.shared.monitor.begin(backlog);
        self.meet_servers().await;
        self.held.may_be_asked(self.servers.beside(&self.targets)).await;
        // Before the first report, which is not to be missed.
        let reports = standing.reports();
        let keep = tokio::spawn({
            let (store, standing) = (Arc::clone(store) as Arc<dyn Leases>, Arc::clone(standing));
            async move { match standing.keep(store).await {} }
        });
        let result = self.watch(reports).await;
        let is_drained = self.wind_down(spooling).await;
        for task in writers.into_iter().chain([late, record, roll_up, forget, keep]) {
            task.abort();
        }
        if is_drained {
            // What the journal keeps is written under the leases that are held still.
            self.leave().await;
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

    /// Takes its share of the targets and looks for changes of them, until told to stop.
    async fn watch(&mut self, mut reports: Reports) -> Result<(), CollectorError> {
        let stop = self.stop.clone();
        let mut reload = tokio::time::interval(RELOAD);
        reload.set_missed_tick_behavior(MissedTickBehavior::Delay);
        reload.reset();
        loop {
            let is_report = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = reports.next() => true,
                _ = reload.tick() => false,
            };
            if let Some(name) = self.held.broken() {
                // Unless the end came in between.
                return if stop.is_cancelled() { Ok(()) } else { Err(CollectorError::Broken(name)) };
            }
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = async {
                    if is_report {
                        self.held.settle(self.servers.are_known()).await;
                    } else {
                        self.reload().await;
                    }
                } => {}
            }
        }
    }

    /// Picks up what changed of the targets and servers.
    async fn reload(&mut self) {
        self.retire_removed_servers().await;
        let servers_changed = self.servers.poll().await;
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
            let all = self.servers.beside(&self.targets);
            tracing::info!(targets = all.len(), "the targets changed and are asked as they are now");
            self.held.may_be_asked(all).await;
            self.held.settle(self.servers.are_known()).await;
        }
    }

    /// Takes the servers off the list, once, that were removed while nobody was there to do so.
    async fn retire_removed_servers(&mut self) {
        // What an earlier process left may be of one of them, and comes first.
        if self.shared.backlog.has_left() {
            return;
        }
        for state in self.servers.listed_though_removed().await {
            let name = state.name.clone();
            // One that may be asked is another target of that name by now, and becomes so in the list by its first ask.
            if !self.held.knows(&name) {
                self.shared.strike_off(&name, None, &Known::from_store(state, &[]));
            }
        }
    }

    /// Ends in good order, within [`FETCH_GRACE`], [`FLUSH_GRACE`] and [`JOURNAL_GRACE`]; whether nothing waits that a lease is needed
    /// for.
    async fn wind_down(&mut self, spooling: Option<Spooling>) -> bool {
        self.stop.cancel();
        self.held.end(FETCH_GRACE).await;
        let (backlog, recorder) = (&self.shared.backlog, &self.shared.recorder);
        let drained = async { tokio::join!(backlog.drained(), recorder.drained()) };
        let is_drained = tokio::time::timeout(FLUSH_GRACE, drained).await.is_ok();
        if let Some(spooling) = spooling {
            spooling.end().await;
        }
        let (changes, checks) = (backlog.pending_changes(), recorder.waiting());
        if !is_drained || (changes, checks) != (0, 0) {
            let (lost_changes, lost_checks) = (backlog.unkept_changes(), recorder.unkept());
            if (lost_changes, lost_checks) == (0, 0) {
                tracing::warn!(
                    changes,
                    checks,
                    "the database did not take all in time; the journal keeps it until the next start"
                );
            } else {
                tracing::error!(
                    changes = lost_changes,
                    checks = lost_checks,
                    "the database did not take all in time; what was not written is lost"
                );
            }
        }
        is_drained
    }

    /// Leaves its targets to the others, who else would wait until they are sure that it is gone.
    async fn leave(&self) {
        let left = tokio::time::timeout(LEAVE_GRACE, self.shared.store.leave_roll(self.shared.standing.id()));
        if !matches!(left.await, Ok(Ok(()))) {
            tracing::info!("the others take its targets over in some seconds");
        }
    }
}

/// What carries to the journal, under way.
#[derive(Debug)]
struct Spooling {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Spooling {
    /// Puts what the journal has from before where it waits to be written, and begins.
    fn begin(journal: Journal, shared: &Shared) -> Self {
        let Shared { backlog, recorder, monitor, .. } = shared;
        let spool = Spool::new(journal, Arc::clone(backlog), Arc::clone(recorder), Arc::clone(monitor));
        let stop = CancellationToken::new();
        Self { task: tokio::spawn(spool.run(stop.clone())), stop }
    }

    /// Keeps what is not written yet, and ends, within [`JOURNAL_GRACE`].
    async fn end(self) {
        self.stop.cancel();
        if tokio::time::timeout(JOURNAL_GRACE, self.task).await.is_err() {
            tracing::error!("the disk did not take the journal in time");
        }
    }
}
