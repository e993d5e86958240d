//! Follows the store: loads everything once, then what changed, and never gives up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use unistatus_core::causes::with_causes;
use unistatus_core::store::{Changed, Place, Placed, Store, StoreError, TargetState, Watch};

use super::backoff::Backoff;

/// How long the store may take to answer before it counts as away. A connection that broke without a word would
/// otherwise keep the reader waiting for ever.
const DEADLINE: Duration = Duration::from_secs(20);

/// What became known of the store. The first that is not [`Update::Away`] holds [`States::All`].
#[derive(Debug)]
pub(super) enum Update {
    /// Something changed.
    News(News),
    /// The database is away: what was known is not confirmed any more.
    Away,
}

/// What changed.
#[derive(Debug)]
pub(super) struct News {
    /// The targets, as they are now.
    pub(super) states: States,
    /// The changes of status that led there, in the order in which they were committed.
    pub(super) events: Vec<Placed>,
    /// Set where events may have been missed before these.
    pub(super) begins: Option<Beginning>,
}

/// From where on all events are known.
#[derive(Debug)]
pub(super) struct Beginning {
    /// The place behind which they are known; `None` if the store does not say.
    pub(super) behind: Option<Place>,
}

/// Targets as they are now.
#[derive(Debug)]
pub(super) enum States {
    /// All there are.
    All(Vec<TargetState>),
    /// Some, by name; `None` for one that is gone.
    Some(Vec<(String, Option<TargetState>)>),
}

/// Sends what becomes known of the store until nobody listens.
pub(super) async fn follow(store: Arc<dyn Store>, updates: mpsc::Sender<Update>) {
    let mut follower = Follower { store, watch: None, unread: None, events: Vec::new(), begins: None };
    let mut backoff = Backoff::default();
    let mut away_since: Option<Instant> = None;
    loop {
        let update = match follower.next().await {
            Ok(news) => {
                if let Some(since) = away_since.take() {
                    let seconds = since.elapsed().as_secs();
                    tracing::info!(seconds, "the store can be read again");
                }
                Update::News(news)
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
    unread: Option<Unread>,
    /// The events of what has not been read yet.
    events: Vec<Placed>,
    /// See [`News::begins`].
    begins: Option<Beginning>,
}

enum Unread {
    Some(BTreeSet<String>),
    Everything,
}

impl Follower {
    /// Waits for a change and reads it. After an error everything is read again, which is also how it is noticed that
    /// the database is back: a watch alone says nothing until something changes. Events wait until their targets could
    /// be read.
    async fn next(&mut self) -> Result<News, StoreError> {
        let states = match self.changed().await {
            Ok(()) => tokio::time::timeout(DEADLINE, read(&*self.store, self.unread.as_ref()))
                .await
                .unwrap_or_else(|elapsed| Err(StoreError::unavailable("it did not answer in time", elapsed))),
            Err(error) => Err(error),
        };
        self.unread = states.is_err().then_some(Unread::Everything);
        Ok(News { states: states?, events: std::mem::take(&mut self.events), begins: self.begins.take() })
    }

    /// Waits until there is something to read.
    async fn changed(&mut self) -> Result<(), StoreError> {
        let watch = match &mut self.watch {
            Some(watch) => watch,
            watch @ None => {
                // The watch begins before everything is read, so that no change falls between the two.
                self.unread = Some(Unread::Everything);
                let begun = watch.insert(self.store.watch().await?);
                self.begins = Some(Beginning { behind: begun.place() });
                begun
            }
        };
        if self.unread.is_some() {
            return Ok(());
        }
        self.unread = Some(match watch.changed().await? {
            Changed::Some { targets, events } => {
                self.events.extend(events);
                Unread::Some(targets)
            }
            Changed::Everything => {
                self.events.clear();
                self.begins = Some(Beginning { behind: watch.place() });
                Unread::Everything
            }
        });
        Ok(())
    }
}

/// Reads what changed.
async fn read(store: &dyn Store, unread: Option<&Unread>) -> Result<States, StoreError> {
    let names = match unread {
        Some(Unread::Some(names)) => names,
        Some(Unread::Everything) | None => return read_everything(store).await.map(States::All),
    };
    match store.targets_named(names).await {
        Ok(states) => {
            let mut found: BTreeMap<String, TargetState> =
                states.into_iter().map(|state| (state.name.clone(), state)).collect();
            Ok(States::Some(names.iter().map(|name| (name.clone(), found.remove(name))).collect()))
        }
        Err(error) if error.is_transient() => Err(error),
        Err(_) => read_one_by_one(store, names).await.map(States::Some),
    }
}

/// Reads all targets; where one of them cannot be read, the others.
async fn read_everything(store: &dyn Store) -> Result<Vec<TargetState>, StoreError> {
    match store.targets().await {
        Err(error) if !error.is_transient() => {
            let states = read_one_by_one(store, &store.names().await?).await?;
            Ok(states.into_iter().filter_map(|(_, state)| state).collect())
        }
        read => read,
    }
}

/// Reads targets of which one at least cannot be read: that must not hold up the others. What was known of it grows
/// stale.
async fn read_one_by_one(
    store: &dyn Store,
    names: &BTreeSet<String>,
) -> Result<Vec<(String, Option<TargetState>)>, StoreError> {
    let mut states = Vec::with_capacity(names.len());
    for name in names {
        match store.target(name).await {
            Ok(state) => states.push((name.clone(), state)),
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => tracing::error!(error = with_causes(&error), name, "a target cannot be read"),
        }
    }
    Ok(states)
}
