//! Commits on their way to the store.
//!
//! Asking never waits for the database: each commit goes into its target's queue here and a few writers carry the
//! queues to the store, each target's commits in order. While the store is away the queues wait, and only what changed
//! is kept: a commit that brings nothing but health gives way to the next one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use unistatus_core::store::{Commit, Store, StoreError};

use crate::crew::standing::Standing;

/// How often a store that is away is asked whether it is back.
const PROBE: Duration = Duration::from_millis(500);

/// Commits on their way to the store.
#[derive(Debug, Default)]
pub struct Backlog {
    queues: Mutex<Queues>,
    /// A queue became ready to be written.
    ready: Notify,
    /// A queue became empty.
    drained: Notify,
}

#[derive(Debug, Default)]
struct Queues {
    by_target: BTreeMap<String, Queue>,
    /// Targets with something to write that no writer has in hand.
    ready: VecDeque<String>,
    /// Whether the store is known to be away.
    is_away: bool,
}

#[derive(Debug, Default)]
struct Queue {
    commits: VecDeque<Commit>,
    /// A writer has the first commit in hand.
    in_hand: bool,
    /// A commit was refused, and what is known of the target was not read anew since.
    is_outrun: bool,
}

/// The store refused a commit of the target: its state is not the one that commits were made for. Mostly, somebody
/// else wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outrun;

impl Backlog {
    /// Queues a commit behind its target's earlier ones.
    ///
    /// # Errors
    /// [`Outrun`] from the moment a commit of the target was refused until [`Backlog::caught_up`].
    pub fn push(&self, commit: Commit) -> Result<(), Outrun> {
        let mut queues = self.lock();
        let queue = queues.by_target.entry(commit.target.clone()).or_default();
        if queue.is_outrun {
            return Err(Outrun);
        }
        let settled = usize::from(queue.in_hand);
        let gives_way = queue.commits.len() > settled
            && queue
                .commits
                .back()
                .is_some_and(|last| last.change.is_none() && last.gap.is_none() && last.base == commit.base);
        if gives_way {
            queue.commits.pop_back();
        }
        let target = commit.target.clone();
        queue.commits.push_back(commit);
        if !queue.in_hand && queue.commits.len() == 1 && !queues.ready.contains(&target) {
            queues.ready.push_back(target);
        }
        drop(queues);
        self.ready.notify_one();
        Ok(())
    }

    /// Whether the store refused a commit of the target: then what is known of it has to be read anew, and what was
    /// queued for it is gone.
    pub fn is_outrun(&self, target: &str) -> bool {
        self.lock().by_target.get(target).is_some_and(|queue| queue.is_outrun)
    }

    /// Says that what is known of the target was read anew.
    pub fn caught_up(&self, target: &str) {
        if let Some(queue) = self.lock().by_target.get_mut(target) {
            queue.is_outrun = false;
        }
    }

    /// How many commits that change something are not written yet.
    pub fn pending_changes(&self) -> usize {
        let queues = self.lock();
        queues.by_target.values().flat_map(|queue| &queue.commits).filter(|commit| commit.change.is_some()).count()
    }

    /// Waits until everything is written.
    pub async fn drained(&self) {
        self.until(|queues| queues.by_target.values().all(|queue| queue.commits.is_empty())).await;
    }

    /// Waits for something that only becomes so when a queue becomes empty.
    async fn until(&self, is_so: impl Fn(&Queues) -> bool) {
        loop {
            let drained = self.drained.notified();
            tokio::pin!(drained);
            drained.as_mut().enable();
            if is_so(&self.lock()) {
                return;
            }
            drained.await;
        }
    }

    /// Says that the lease of a target was taken anew: what waits is written under the new token.
    pub(crate) fn renew(&self, target: &str, token: u64) {
        if let Some(queue) = self.lock().by_target.get_mut(target) {
            for commit in queue.commits.iter_mut().filter(|commit| commit.fence.is_some()) {
                commit.fence = Some(token);
            }
        }
    }

    /// Forgets what waits of a target that somebody else asks by now. What a writer has in hand the store refuses.
    pub(crate) fn forget(&self, target: &str) {
        let mut queues = self.lock();
        let Some(queue) = queues.by_target.get_mut(target) else { return };
        let settled = usize::from(queue.in_hand);
        let lost = queue.commits.iter().skip(settled).filter(|commit| commit.change.is_some()).count();
        queue.commits.truncate(settled);
        queue.is_outrun = false;
        drop(queues);
        if lost > 0 {
            tracing::warn!(target, changes = lost, "somebody else asks it by now; what was kept of it is not written");
        }
        self.drained.notify_waiters();
    }

    /// Waits until everything of a target is written.
    pub(crate) async fn written(&self, target: &str) {
        self.until(|queues| queues.by_target.get(target).is_none_or(|queue| queue.commits.is_empty())).await;
    }

    /// Carries commits to the store, for ever, while this collector is sure of what it holds. May be cancelled at any
    /// await: a commit in hand is written again by the next writer, which changes nothing if it had arrived.
    pub(crate) async fn write(self: Arc<Self>, store: Arc<dyn Store>, standing: Arc<Standing>) {
        loop {
            standing.sure().await;
            let Some(in_hand) = self.take() else {
                self.ready.notified().await;
                continue;
            };
            match store.commit(&in_hand.commit).await {
                Ok(_) => in_hand.written(),
                Err(error @ StoreError::Fenced { .. }) => {
                    in_hand.refused(&error);
                    standing.doubt();
                }
                // Put back behind the others: what keeps one target from being written need not concern all.
                Err(error @ StoreError::Unavailable { .. }) => self.wait_for(store.as_ref(), &error).await,
                Err(error) => in_hand.refused(&error),
            }
        }
    }

    /// Takes the first commit of a ready queue in hand.
    fn take(&self) -> Option<InHand<'_>> {
        let mut queues = self.lock();
        let target = queues.ready.pop_front()?;
        let more = !queues.ready.is_empty();
        let queue = queues.by_target.get_mut(&target)?;
        let commit = queue.commits.front()?.clone();
        queue.in_hand = true;
        drop(queues);
        if more {
            // One notification may stand for several pushes.
            self.ready.notify_one();
        }
        Some(InHand { backlog: self, commit })
    }

    /// Waits until the store answers again; says once that it is away.
    async fn wait_for(&self, store: &dyn Store, error: &StoreError) {
        if !std::mem::replace(&mut self.lock().is_away, true) {
            tracing::warn!(%error, "the database is away; asking goes on, changes are kept");
        }
        loop {
            tokio::time::sleep(PROBE).await;
            if store.ping().await.is_ok() {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A commit that a writer has in hand: the first one of its queue, which it leaves once it is written. However the
/// writer ends, the queue can be taken in hand again.
struct InHand<'a> {
    backlog: &'a Backlog,
    commit: Commit,
}

impl InHand<'_> {
    fn written(self) {
        let mut queues = self.backlog.lock();
        if let Some(queue) = queues.by_target.get_mut(&self.commit.target) {
            queue.commits.pop_front();
        }
        // Said by a write, not by a mere answer: a database may answer long before it takes writes.
        let is_back = std::mem::take(&mut queues.is_away);
        drop(queues);
        if is_back {
            tracing::info!(changes = self.backlog.pending_changes(), "the database is back; writing what was kept");
        }
    }

    /// The store will never take it.
    fn refused(self, error: &StoreError) {
        let target = &self.commit.target;
        if let StoreError::Conflict { .. } | StoreError::Fenced { .. } = error {
            tracing::info!(target, %error, "written by somebody else");
        } else {
            tracing::error!(target, %error, "the store refused a commit");
        }
        if let Some(queue) = self.backlog.lock().by_target.get_mut(target) {
            queue.commits.clear();
            queue.is_outrun = true;
        }
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        let mut queues = self.backlog.lock();
        let Some(queue) = queues.by_target.get_mut(&self.commit.target) else { return };
        queue.in_hand = false;
        if queue.commits.is_empty() {
            self.backlog.drained.notify_waiters();
        } else {
            queues.ready.push_back(self.commit.target.clone());
            self.backlog.ready.notify_one();
        }
    }
}

#[cfg(test)]
#[path = "backlog_tests.rs"]
mod tests;
