//! What happened lately, in order, for those who follow it live.
//!
//! A bounded ring that all readers share: each keeps its own place in it, so a reader costs a number, and one that is too
//! slow finds that what it wanted next is gone.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use unistatus_core::store::{EventId, Place, Placed};

use crate::json;
use crate::records::EventRecord;

/// How much is kept: with a change a second, the last two hours.
const CAPACITY: usize = 8192;

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A service's status changed.
    Change(Arc<Change>),
    /// What is served of this target changed: its statuses, or what else is told of it. It may be gone.
    Target(Arc<str>),
    /// Changes may have been missed here: whoever follows has to look at everything anew.
    Anew,
}

/// A change of status, rendered.
#[derive(Debug)]
pub(crate) struct Change {
    /// The place behind it.
    pub(crate) place: Place,
    /// What identifies it.
    pub(crate) id: EventId,
    /// Its JSON.
    pub(crate) json: Bytes,
}

impl From<&Placed> for Change {
    fn from(Placed { place, event }: &Placed) -> Self {
        let json = json::to_vec(&EventRecord::from(event)).into();
        Self { place: place.clone(), id: EventId::of(event), json }
    }
}

/// What happened lately. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Feed(Arc<Mutex<Ring>>);

#[derive(Debug, Default)]
struct Ring {
    items: VecDeque<Item>,
    /// The number of the first item that is kept.
    first: u64,
    /// A place that is known although no change that is kept ended there, and the number of the item that follows it.
    anchor: Option<(Place, u64)>,
}

/// A reader was so slow that what it wanted next is kept no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lagged;

impl Feed {
    /// Adds what happened. Returns the number that the next item will have.
    pub(super) fn push(&self, items: impl IntoIterator<Item = Item>) -> u64 {
        let mut ring = self.lock();
        ring.items.extend(items);
        let surplus = ring.items.len().saturating_sub(CAPACITY);
        ring.items.drain(..surplus);
        ring.first += u64::try_from(surplus).unwrap_or(u64::MAX);
        ring.end()
    }

    /// Says that the next item is the first one behind a place.
    pub(super) fn anchor(&self, place: Option<Place>) {
        let mut ring = self.lock();
        ring.anchor = place.map(|place| (place, ring.end()));
    }

    /// The number of the item that follows a place; `None` if what followed it is not kept.
    pub(crate) fn behind(&self, place: &Place) -> Option<u64> {
        let ring = self.lock();
        let anchored = ring.anchor.as_ref().filter(|(known, number)| known == place && *number >= ring.first);
        anchored.map(|&(_, number)| number).or_else(|| {
            let ends_there = |item: &Item| matches!(item, Item::Change(change) if change.place == *place);
            let position = ring.items.iter().rposition(ends_there)?;
            Some(ring.first + u64::try_from(position).ok()? + 1)
        })
    }

    /// Some of the items from one number up to (and without) another, in order: at least one where there is one.
    ///
    /// # Errors
    /// [`Lagged`] if the first of them is kept no more.
    pub(crate) fn read(&self, from: u64, until: u64) -> Result<Vec<Item>, Lagged> {
        /// So many at a time, so that nobody holds the lock for long.
        const SOME: usize = 256;
        let ring = self.lock();
        let skipped = usize::try_from(from.checked_sub(ring.first).ok_or(Lagged)?).map_err(|_| Lagged)?;
        let wanted = usize::try_from(until.saturating_sub(from)).unwrap_or(usize::MAX).min(SOME);
        Ok(ring.items.iter().skip(skipped).take(wanted).cloned().collect())
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    /// The number that the next item will have.
    fn end(&self) -> u64 {
        self.first + u64::try_from(self.items.len()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unistatus_core::schema::{Dimensions, Event, Timestamp};

    use super::*;

    fn change(number: usize) -> Item {
        let at = Timestamp::from_secs(1_700_000_000).unwrap();
        let event = Event {
            target: "github".to_owned(),
            revision: 1,
            key: number.to_string(),
            service: String::new(),
            dimensions: Dimensions::new(),
            from: None,
            to: None,
            source_at: None,
            at,
        };
        let place = Place::parse(&number.to_string()).unwrap();
        Item::Change(Arc::new(Change::from(&Placed { place, event })))
    }

    fn keys(items: &[Item]) -> Vec<String> {
        let key = |item: &Item| match item {
            Item::Change(change) => change.id.key.clone(),
            other => format!("{other:?}"),
        };
        items.iter().map(key).collect()
    }

    /// Everything from a number on, however many reads that takes.
    fn rest(feed: &Feed, mut from: u64) -> Vec<Item> {
        let end = feed.push([]);
        let mut items = Vec::new();
        while from < end {
            let some = feed.read(from, end).unwrap();
            from += u64::try_from(some.len()).unwrap();
            items.extend(some);
        }
        items
    }

    #[test]
    fn a_reader_that_is_too_slow_is_told() {
        let feed = Feed::default();
        feed.push((0..CAPACITY).map(change));
        assert_eq!(keys(&feed.read(0, 2).unwrap()), ["0", "1"]);
        let end = feed.push([change(CAPACITY)]);
        assert_eq!(feed.read(0, end).unwrap_err(), Lagged);
        assert_eq!(rest(&feed, 1).len(), CAPACITY);
        assert!(feed.behind(&Place::parse("0").unwrap()).is_none());
    }

    #[test]
    fn an_anchor_holds_until_what_followed_it_is_gone() {
        let feed = Feed::default();
        let place = Place::parse("before").unwrap();
        feed.anchor(Some(place.clone()));
        feed.push([change(0)]);
        assert_eq!(feed.behind(&place), Some(0));
        feed.push((0..CAPACITY).map(change));
        assert_eq!(feed.behind(&place), None);
    }

    proptest! {
        #[test]
        fn whoever_resumes_gets_exactly_what_follows(pushes in prop::collection::vec(1..600_usize, 1..8), at in any::<prop::sample::Index>()) {
            let feed = Feed::default();
            let mut count = 0;
            for push in pushes {
                feed.push((count..count + push).map(change));
                count += push;
            }
            let last = at.index(count);
            let from = feed.behind(&Place::parse(&last.to_string()).unwrap()).unwrap();
            let expected: Vec<String> = (last + 1..count).map(|number| number.to_string()).collect();
            prop_assert_eq!(keys(&rest(&feed, from)), expected);
        }
    }
}
