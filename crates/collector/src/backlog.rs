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
    /// Somebody else wrote the target's state: what is queued was made for another one.
    is_outrun: bool,
}

impl Backlog {
    /// Queues a commit behind its target's earlier ones.
    pub fn push(&self, commit: Commit) {
        let mut queues = self.lock();
        let queue = queues.by_target.entry(commit.target.clone()).or_default();
        let settled = usize::from(queue.in_hand);
        let gives_way = queue.commits.len() > settled
            && queue.commits.back().is_some_and(|last| last.change.is_none() && last.base == commit.base);
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
    }

    /// Whether somebody else wrote the target's state since the last call; then what is known of it has to be read
    /// anew, and what was queued for it is gone.
    pub fn take_outrun(&self, target: &str) -> bool {
        let mut queues = self.lock();
        queues.by_target.get_mut(target).is_some_and(|queue| std::mem::take(&mut queue.is_outrun))
    }

    /// How many commits that change something are not written yet.
    pub fn pending_changes(&self) -> usize {
        let queues = self.lock();
        queues.by_target.values().flat_map(|queue| &queue.commits).filter(|commit| commit.change.is_some()).count()
    }

    /// Waits until everything is written.
    pub async fn drained(&self) {
        loop {
            let drained = self.drained.notified();
            tokio::pin!(drained);
            drained.as_mut().enable();
            if self.lock().by_target.values().all(|queue| queue.commits.is_empty()) {
                return;
            }
            drained.await;
        }
    }

    /// Carries commits to the store, for ever. May be cancelled at any await: a commit in hand is written again by
    /// the next writer, which changes nothing if it had arrived.
    pub async fn write(self: Arc<Self>, store: Arc<dyn Store>) {
        loop {
            let Some(commit) = self.take() else {
                self.ready.notified().await;
                continue;
            };
            loop {
                match store.commit(&commit).await {
                    Ok(_) => {
                        self.written(&commit.target);
                        break;
                    }
                    Err(error @ StoreError::Unavailable { .. }) => self.wait_for(store.as_ref(), &error).await,
                    Err(error) => {
                        self.refused(&commit, &error);
                        break;
                    }
                }
            }
        }
    }

    /// Takes the first commit of a ready queue in hand.
    fn take(&self) -> Option<Commit> {
        let mut queues = self.lock();
        let target = queues.ready.pop_front()?;
        let more = !queues.ready.is_empty();
        let queue = queues.by_target.get_mut(&target)?;
        queue.in_hand = true;
        let commit = queue.commits.front().cloned();
        drop(queues);
        if more {
            // One notification may stand for several pushes.
            self.ready.notify_one();
        }
        commit
    }

    fn written(&self, target: &str) {
        self.release(target, |queue| {
            queue.commits.pop_front();
        });
    }

    /// A commit that the store will never take.
    fn refused(&self, commit: &Commit, error: &StoreError) {
        if let StoreError::Conflict { .. } = error {
            tracing::info!(target = commit.target, %error, "written by somebody else");
        } else {
            tracing::error!(target = commit.target, %error, "the store refused a commit");
        }
        self.release(&commit.target, |queue| {
            queue.commits.clear();
            queue.is_outrun = true;
        });
    }

    fn release(&self, target: &str, change: impl FnOnce(&mut Queue)) {
        let mut queues = self.lock();
        if let Some(queue) = queues.by_target.get_mut(target) {
            queue.in_hand = false;
            change(queue);
            if queue.commits.is_empty() {
                self.drained.notify_waiters();
            } else {
                queues.ready.push_back(target.to_owned());
                self.ready.notify_one();
            }
        }
    }

    /// Waits until the store answers again; says once that it is away and once that it is back.
    async fn wait_for(&self, store: &dyn Store, error: &StoreError) {
        if !std::mem::replace(&mut self.lock().is_away, true) {
            tracing::warn!(%error, "the database is away; asking goes on, changes are kept");
        }
        loop {
            tokio::time::sleep(PROBE).await;
            if store.ping().await.is_ok() {
                break;
            }
        }
        if std::mem::take(&mut self.lock().is_away) {
            tracing::info!(changes = self.pending_changes(), "the database is back; writing what was kept");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
