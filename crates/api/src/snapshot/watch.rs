//! Keeps the snapshot up to date, and hands it out.

use std::cmp::Ordering;
use std::sync::Arc;

use prometheus::Histogram;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Place, Store, StoreError};

use super::feed::{Change, Feed, Item};
use super::follow::{Beginning, News, States, Update, follow};
use super::world::World;
use super::{Latest, Snapshot, TargetView};
use crate::clock::Clock;

/// Where the newest snapshot is read, and what happened lately.
#[derive(Clone, Debug)]
pub(crate) struct Snapshots {
    latest: watch::Receiver<Option<Latest>>,
    feed: Feed,
}

impl Snapshots {
    /// The newest snapshot; `None` before the first. Locks for no longer than it takes to count one more reader.
    pub(crate) fn latest(&self) -> Option<Latest> {
        self.latest.borrow().clone()
    }

    /// The newest snapshot, which [`Snapshots::changed`] then does not tell of any more.
    pub(crate) fn latest_unseen(&mut self) -> Option<Latest> {
        self.latest.borrow_and_update().clone()
    }

    /// Waits for a snapshot that was not seen yet, neither here nor by whom this was cloned from.
    ///
    /// `false` once there will be none any more.
    pub(crate) async fn changed(&mut self) -> bool {
        self.latest.changed().await.is_ok()
    }

    /// What happened lately.
    pub(crate) const fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Where there never is a snapshot.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self { latest: watch::channel(None).1, feed: Feed::default() }
    }
}

/// Where the snapshot is read, and the work that keeps it up to date: it waits until the store is open, reads it,
/// follows its changes and the clock, and ends only if the store does not open. To drop it stops it. `rendering` is told how
/// many seconds each change took until it was published.
pub(crate) fn keep(
    store: impl Future<Output = Result<Option<Arc<dyn Store>>, StoreError>> + Send,
    clock: Arc<dyn Clock>,
    rendering: Histogram,
) -> (Snapshots, impl Future<Output = StoreError> + Send) {
    let (latest, receiver) = watch::channel(None);
    let feed = Feed::default();
    let snapshots = Snapshots { latest: receiver, feed: feed.clone() };
    let (sender, updates) = mpsc::channel(1);
    let work = async move {
        let publisher =
            Publisher { world: World::default(), confirmed: None, away: false, place: None, feed, latest, rendering };
        match store.await {
            Ok(Some(store)) => drop(tokio::join!(follow(store, sender), publisher.publish(updates, &*clock))),
            Ok(None) => {}
            Err(error) => return error,
        }
        std::future::pending().await
    };
    (snapshots, work)
}

/// Publishes what is known.
struct Publisher {
    world: World,
    /// When the store last confirmed what is known; `None` before it was first read.
    confirmed: Option<Timestamp>,
    /// Whether the database is away.
    away: bool,
    /// The place of the last change that is known.
    place: Option<Place>,
    feed: Feed,
    latest: watch::Sender<Option<Latest>>,
    rendering: Histogram,
}

impl Publisher {
    async fn publish(mut self, mut updates: mpsc::Receiver<Update>, clock: &dyn Clock) {
        loop {
            let update = tokio::select! {
                update = updates.recv() => match update {
                    Some(update) => Some(update),
                    None => return,
                },
                () = next_stale(&self.world, clock) => None,
            };
            let (now, begun) = (clock.now(), Instant::now());
            let mut items = Vec::new();
            match update {
                Some(Update::News(news)) => {
                    items = self.take(news, now);
                    (self.confirmed, self.away) = (Some(now), false);
                }
                Some(Update::Away) => self.away = true,
                None => {}
            }
            if let Some(confirmed) = self.confirmed
                && self.set(confirmed, items, now)
            {
                self.rendering.observe(begun.elapsed().as_secs_f64());
            }
        }
    }

    /// Takes over what changed; returns what is to be told of it.
    fn take(&mut self, news: News, now: Timestamp) -> Vec<Item> {
        if let Some(Beginning { behind }) = news.begins {
            if self.confirmed.is_some() {
                self.feed.push([Item::Anew]);
            }
            self.feed.anchor(behind.clone());
            self.place = behind;
        }
        match news.states {
            States::All(states) => self.world.replace(states, now),
            States::Some(states) => {
                for (name, state) in states {
                    match state {
                        Some(state) => self.world.put(state, now),
                        None => self.world.remove(&name),
                    }
                }
            }
        }
        if let Some(last) = news.events.last() {
            self.place = Some(last.place.clone());
        }
        news.events.iter().map(|placed| Item::Change(Arc::new(Change::from(placed)))).collect()
    }

    /// Publishes what is new about the snapshot, if anything is: first what happened, then the snapshot that knows it.
    /// Returns whether something was rendered.
    fn set(&mut self, confirmed: Timestamp, mut items: Vec<Item>, now: Timestamp) -> bool {
        let mut is_rendered = true;
        let snapshot = self.world.snapshot(now);
        let unconfirmed_since = self.away.then_some(confirmed);
        self.latest.send_if_modified(|latest| {
            if let Some(before) = latest {
                is_rendered = !Arc::ptr_eq(&before.snapshot.status, &snapshot.status);
                items.extend(differing(&before.snapshot, &snapshot).into_iter().map(Item::Target));
            }
            let is_known = latest.as_ref().is_some_and(|latest| {
                Arc::ptr_eq(&latest.snapshot, &snapshot) && latest.unconfirmed_since == unconfirmed_since
            });
            if is_known && items.is_empty() {
                return false;
            }
            let (follows, place) = (self.feed.push(items), self.place.clone());
            *latest = Some(Latest { snapshot, unconfirmed_since, follows, place });
            true
        });
        is_rendered
    }
}

/// The names of the targets that look otherwise in one snapshot than in the other, or are in one of them only.
fn differing(before: &Snapshot, after: &Snapshot) -> Vec<Arc<str>> {
    let (mut before, mut after) = (before.targets.iter().peekable(), after.targets.iter().peekable());
    let mut names = Vec::new();
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return names,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some(after)) => before.name().cmp(after.name()),
        };
        let gone = if order.is_le() { before.next() } else { None };
        let come = if order.is_ge() { after.next() } else { None };
        if !gone.zip(come).is_some_and(|(before, after)| looks_the_same(before, after)) {
            names.extend(gone.or(come).map(|target| Arc::from(target.name())));
        }
    }
}

fn looks_the_same(before: &Arc<TargetView>, after: &Arc<TargetView>) -> bool {
    Arc::ptr_eq(before, after) || before.entry().as_ptr() == after.entry().as_ptr() || before.entry() == after.entry()
}

/// Waits until one more target is stale; for ever where there is none that could become so.
async fn next_stale(world: &World, clock: &dyn Clock) {
    match world.next_stale() {
        Some(instant) => clock.sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
