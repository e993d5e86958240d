//! Keeps the snapshot up to date, and hands it out.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Store, StoreError};

use super::follow::{Update, follow};
use super::world::World;
use super::{Latest, Snapshot};
use crate::clock::Clock;

/// Where the newest snapshot is read.
#[derive(Clone, Debug)]
pub(crate) struct Snapshots(watch::Receiver<Option<Latest>>);

impl Snapshots {
    /// The newest snapshot; `None` before the first. Locks for no longer than it takes to count one more reader.
    pub(crate) fn latest(&self) -> Option<Latest> {
        self.0.borrow().clone()
    }

    /// Where there never is a snapshot.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self(watch::channel(None).1)
    }
}

/// Where the snapshot is read, and the work that keeps it up to date: it waits until the store is open, reads it,
/// follows its changes and the clock, and ends only if the store does not open. To drop it stops it.
pub(crate) fn keep(
    store: impl Future<Output = Result<Option<Arc<dyn Store>>, StoreError>> + Send,
    clock: Arc<dyn Clock>,
) -> (Snapshots, impl Future<Output = StoreError> + Send) {
    let (publisher, latest) = watch::channel(None);
    let (sender, updates) = mpsc::channel(1);
    let work = async move {
        match store.await {
            Ok(Some(store)) => drop(tokio::join!(follow(store, sender), publish(updates, &*clock, &publisher))),
            Ok(None) => {}
            Err(error) => return error,
        }
        std::future::pending().await
    };
    (Snapshots(latest), work)
}

async fn publish(mut updates: mpsc::Receiver<Update>, clock: &dyn Clock, publisher: &watch::Sender<Option<Latest>>) {
    let mut world = World::default();
    let mut confirmed: Option<Timestamp> = None;
    let mut away = false;
    loop {
        let update = tokio::select! {
            update = updates.recv() => match update {
                Some(update) => Some(update),
                None => return,
            },
            () = next_stale(&world, clock) => None,
        };
        let now = clock.now();
        match update {
            Some(Update::All(states)) => {
                world.replace(states, now);
                (confirmed, away) = (Some(now), false);
            }
            Some(Update::Some(states)) => {
                for (name, state) in states {
                    match state {
                        Some(state) => world.put(state, now),
                        None => world.remove(&name),
                    }
                }
                (confirmed, away) = (Some(now), false);
            }
            Some(Update::Away) => away = true,
            None => {}
        }
        if let Some(confirmed) = confirmed {
            set(publisher, world.snapshot(now), away.then_some(confirmed));
        }
    }
}

/// Waits until one more target is stale; for ever where there is none that could become so.
async fn next_stale(world: &World, clock: &dyn Clock) {
    match world.next_stale() {
        Some(instant) => clock.sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// Publishes what is new about the snapshot, if anything is.
fn set(publisher: &watch::Sender<Option<Latest>>, snapshot: Arc<Snapshot>, unconfirmed_since: Option<Timestamp>) {
    publisher.send_if_modified(|latest| {
        let known = latest.as_ref().is_some_and(|latest| {
            Arc::ptr_eq(&latest.snapshot, &snapshot) && latest.unconfirmed_since == unconfirmed_since
        });
        if !known {
            *latest = Some(Latest { snapshot, unconfirmed_since });
        }
        !known
    });
}
