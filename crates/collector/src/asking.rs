//! The tasks that ask: one for each target whose lease this collector holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use unistatus_core::observe::Known;
use unistatus_core::target::spec::Configured;

use crate::attend::{Begins, Tenure, attend};
use crate::crew::share::Loads;
use crate::shared::Shared;

/// The targets that are asked, and those that are no more and whose lease is held still.
#[derive(Debug)]
pub(crate) struct Asking {
    shared: Arc<Shared>,
    attended: BTreeMap<String, Attended>,
    /// Those that are asked no more, until all of them is written.
    leaving: BTreeMap<String, Leaving>,
    stop: CancellationToken,
    abort: CancellationToken,
}

#[derive(Debug)]
struct Attended {
    definition: String,
    /// Whether it is a server of the store's, of which everybody knows whether it is one still.
    is_server: bool,
    load: u64,
    token: Arc<AtomicU64>,
    /// Starts no new ask.
    stop: CancellationToken,
    /// Breaks off the one under way.
    abort: CancellationToken,
    task: JoinHandle<Option<Known>>,
}

#[derive(Debug)]
struct Leaving {
    load: u64,
    /// Whether nobody is to ask it any more.
    is_retired: bool,
    /// Ends once all is written.
    written: JoinHandle<()>,
}

/// Targets of which all is written, and whose leases can go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Over {
    /// Others are to ask them.
    pub(crate) given: BTreeSet<String>,
    /// Nobody is to ask them any more, and they were to be taken off the list.
    pub(crate) retired: BTreeSet<String>,
}

impl Asking {
    /// Nothing is asked yet.
    pub(crate) fn nothing(shared: Arc<Shared>) -> Self {
        let (attended, leaving) = Default::default();
        Self { shared, attended, leaving, stop: CancellationToken::new(), abort: CancellationToken::new() }
    }

    /// Whether a target's lease is held: it is asked, or was and is not written yet.
    pub(crate) fn holds(&self, target: &str) -> bool {
        self.attended.contains_key(target) || self.is_leaving(target)
    }

    /// Whether a target is asked no more and not written yet.
    pub(crate) fn is_leaving(&self, target: &str) -> bool {
        self.leaving.contains_key(target)
    }

    /// The targets that are asked, and how much.
    pub(crate) fn loads(&self) -> Loads {
        self.attended.iter().map(|(name, attended)| (name.clone(), attended.load)).collect()
    }

    /// Whether some are asked no more and not written yet, and how much they were.
    pub(crate) fn leaving(&self) -> Option<u64> {
        let load = self.leaving.values().fold(0, |sum: u64, leaving| sum.saturating_add(leaving.load));
        (!self.leaving.is_empty()).then_some(load)
    }

    /// The target whose task ended although nobody asked it to, if there is one.
    pub(crate) fn broken(&self) -> Option<String> {
        self.attended.iter().find(|(_, attended)| attended.task.is_finished()).map(|(name, _)| name.clone())
    }

    /// Asks a target from now on, under a lease of this token.
    pub(crate) fn begin(&mut self, configured: &Configured, token: u64, begins: Begins) {
        self.engage(configured, Tenure { token: Arc::new(AtomicU64::new(token)), begins }, None);
    }

    /// Goes on under a lease that was taken anew. Whether the target is asked.
    pub(crate) fn renew(&self, target: &str, token: u64) -> bool {
        let attended = self.attended.get(target);
        attended.inspect(|attended| attended.token.store(token, Ordering::Relaxed)).is_some()
    }

    /// Asks only what is among these: what is not is retired, or left to the others where they may know it, what is defined
    /// otherwise is asked so, and all else goes on undisturbed.
    pub(crate) async fn follow(&mut self, all: &BTreeMap<String, Configured>, is_alone: bool) {
        for name in self.names() {
            let is_server = self.attended.get(&name).is_some_and(|attended| attended.is_server);
            match all.get(&name) {
                None if is_alone || is_server => self.retire(&name).await,
                None => self.leave(&name),
                Some(configured) => self.define(&name, configured).await,
            }
        }
    }

    /// Gives a target up: once the ask under way has ended and all is written, the lease can go.
    pub(crate) fn leave(&mut self, name: &str) {
        let Some(Attended { load, stop, task, .. }) = self.attended.remove(name) else { return };
        stop.cancel();
        let (backlog, target) = (Arc::clone(&self.shared.backlog), name.to_owned());
        self.leaves(name, load, false, async move {
            let _ = task.await;
            backlog.written(&target).await;
        });
    }

    /// Takes a target off the list that nobody asks, under a lease of this token; its history stays.
    pub(crate) fn retire_unasked(&mut self, name: &str, token: u64, known: &Known) {
        self.shared.backlog.caught_up(name);
        self.shared.strike_off(name, Some(token), known);
        self.is_retired(name, 0);
    }

    /// Asks no more what is not among these: somebody else may hold it. How many it asked of them.
    pub(crate) async fn keep_only(&mut self, held: &BTreeSet<String>) -> usize {
        let mut lost = self.names();
        lost.retain(|name| !held.contains(name));
        for name in &lost {
            self.dismiss(name).await;
            self.shared.backlog.lost(name);
            self.shared.monitor.retired(name);
        }
        for name in self.leaving.keys().filter(|name| !held.contains(*name)) {
            self.shared.backlog.lost(name);
        }
        lost.len()
    }

    /// What of those that were left is written.
    pub(crate) fn over(&self) -> Over {
        let mut over = Over::default();
        for (name, leaving) in self.leaving.iter().filter(|(_, leaving)| leaving.written.is_finished()) {
            let those = if leaving.is_retired { &mut over.retired } else { &mut over.given };
            those.insert(name.clone());
        }
        over
    }

    /// Holds these no more.
    pub(crate) fn let_go(&mut self, over: &Over) {
        self.leaving.retain(|name, _| !over.given.contains(name) && !over.retired.contains(name));
    }

    /// Starts no new ask, and breaks off after this long what is then still under way.
    pub(crate) async fn end(&mut self, grace: Duration) {
        self.stop.cancel();
        let mut asks: JoinSet<()> = std::mem::take(&mut self.attended)
            .into_values()
            .map(|attended| async move { drop(attended.task.await) })
            .collect();
        if tokio::time::timeout(grace, async { while asks.join_next().await.is_some() {} }).await.is_err() {
            tracing::info!(under_way = asks.len(), "breaking off what is still under way");
            self.abort.cancel();
            while asks.join_next().await.is_some() {}
        }
    }

    fn names(&self) -> Vec<String> {
        self.attended.keys().cloned().collect()
    }

    fn engage(&mut self, configured: &Configured, tenure: Tenure, known: Option<Known>) {
        let identity = configured.target.identity();
        let (name, is_server) = (identity.name.clone(), identity.about.server.is_some());
        let (stop, abort) = (self.stop.child_token(), self.abort.child_token());
        let (load, definition) = (self.shared.load(configured), configured.definition.clone());
        self.shared.monitor.engaged(&name);
        let (orders, token) = ((stop.clone(), abort.clone()), Arc::clone(&tenure.token));
        let task = tokio::spawn(attend(Arc::clone(&self.shared), configured.clone(), tenure, known, orders));
        self.attended.insert(name, Attended { definition, is_server, load, token, stop, abort, task });
    }

    /// Asks a target no more; returns what is known of it.
    async fn dismiss(&mut self, name: &str) -> Option<Known> {
        let attended = self.attended.remove(name)?;
        attended.stop.cancel();
        attended.abort.cancel();
        attended.task.await.inspect_err(|error| tracing::error!(target = name, %error, "its task broke")).ok().flatten()
    }

    /// Asks a target as it is defined now, if that is otherwise than before.
    async fn define(&mut self, name: &str, configured: &Configured) {
        let before = self.attended.get(name).filter(|attended| attended.definition != configured.definition);
        let Some(token) = before.map(|attended| Arc::clone(&attended.token)) else { return };
        let known = self.dismiss(name).await;
        self.engage(configured, Tenure { token, begins: Begins::AtOnce }, known);
    }

    /// Asks a target no more and takes it off the list; its history stays.
    async fn retire(&mut self, name: &str) {
        let Some(Attended { token, load, .. }) = self.attended.get(name) else { return };
        let (token, load) = (token.load(Ordering::Relaxed), *load);
        if let Some(known) = self.dismiss(name).await {
            self.shared.strike_off(name, Some(token), &known);
        }
        self.is_retired(name, load);
    }

    fn is_retired(&mut self, name: &str, load: u64) {
        let (backlog, target) = (Arc::clone(&self.shared.backlog), name.to_owned());
        self.leaves(name, load, true, async move { backlog.written(&target).await });
    }

    fn leaves(&mut self, name: &str, load: u64, is_retired: bool, written: impl Future<Output = ()> + Send + 'static) {
        self.shared.monitor.retired(name);
        let written = tokio::spawn(written);
        self.leaving.insert(name.to_owned(), Leaving { load, is_retired, written });
    }
}
