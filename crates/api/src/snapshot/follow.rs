//! Follows the store: loads everything once, then what changed, and never gives up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use unistatus_core::causes::with_causes;
use unistatus_core::store::{Changed, Store, StoreError, TargetState, Watch};

use super::backoff::Backoff;

/// How long the store may take to answer before it counts as away. A connection that broke without a word would
/// otherwise keep the reader waiting for ever.
const DEADLINE: Duration = Duration::from_secs(20);

/// What became known of the store. The first that is not [`Update::Away`] is [`Update::All`].
#[derive(Debug)]
pub(super) enum Update {
    /// All targets there are.
    All(Vec<TargetState>),
    /// Some targets, by name; `None` for one that is gone.
    Some(Vec<(String, Option<TargetState>)>),
    /// The database is away: what was known is not confirmed any more.
    Away,
}

/// Sends what becomes known of the store until nobody listens.
pub(super) async fn follow(store: Arc<dyn Store>, updates: mpsc::Sender<Update>) {
    let mut follower = Follower { store, watch: None, unread: None };
    let mut backoff = Backoff::default();
    let mut away_since: Option<Instant> = None;
    loop {
        let update = match follower.next().await {
            Ok(update) => {
                if let Some(since) = away_since.take() {
                    let seconds = since.elapsed().as_secs();
                    tracing::info!(seconds, "the store can be read again");
                }
                update
            }
            Err(error) => {
                if away_since.is_none() {
                    tracing::warn!(
                        error = with_causes(&error),
                        "the store cannot be read; what was known last is served until it can"
                    );
                    away_since = Some(Instant::now());
                    if updates.send(Update::Away).await.is_err() {
                        return;
                    }
                }
                tokio::time::sleep(backoff.next(Instant::now())).await;
                continue;
            }
        };
        if updates.send(update).await.is_err() {
            return;
        }
    }
}

struct Follower {
    store: Arc<dyn Store>,
    watch: Option<Box<dyn Watch>>,
    /// What is known to have changed and has not been read yet.
    unread: Option<Changed>,
}

impl Follower {
    /// Waits for a change and reads it. After an error everything is read again, which is also how it is noticed that
    /// the database is back: a watch alone says nothing until something changes.
    async fn next(&mut self) -> Result<Update, StoreError> {
        let changed = match self.changed().await {
            Ok(changed) => changed,
            Err(error) => {
                self.unread = Some(Changed::Everything);
                return Err(error);
            }
        };
        let update = tokio::time::timeout(DEADLINE, read(&*self.store, changed))
            .await
            .unwrap_or_else(|elapsed| Err(StoreError::unavailable("it did not answer in time", elapsed)));
        self.unread = update.is_err().then_some(Changed::Everything);
        update
    }

    async fn changed(&mut self) -> Result<Changed, StoreError> {
        let watch = match &mut self.watch {
            Some(watch) => watch,
            watch @ None => {
                // The watch begins before everything is read, so that no change falls between the two.
                self.unread = Some(Changed::Everything);
                watch.insert(self.store.watch().await?)
            }
        };
        match self.unread.take() {
            Some(unread) => Ok(unread),
            None => watch.changed().await,
        }
    }
}

/// Reads what changed.
async fn read(store: &dyn Store, changed: Changed) -> Result<Update, StoreError> {
    let names = match changed {
        Changed::Everything => return store.targets().await.map(Update::All),
        Changed::Some { targets, .. } => targets,
    };
    let mut states = Vec::with_capacity(names.len());
    for name in names {
        match store.target(&name).await {
            Ok(state) => states.push((name, state)),
            Err(error) if error.is_transient() => return Err(error),
            // One broken record must not hold up the others. What was known of this one grows stale.
            Err(error) => {
                tracing::error!(error = with_causes(&error), name, "a target cannot be read");
            }
        }
    }
    Ok(Update::Some(states))
}
