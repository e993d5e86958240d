//! Listing: Rollbar's pages, walked until there are as many items as are wanted.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::ask::Ask;
use super::{ItemFilter, Rollbar, RollbarError};

/// How many items one listing has at the most: ten of Rollbar's pages.
pub const MOST: usize = 1000;

/// How many items a page of Rollbar's has, but for the last one.
const PAGE: usize = 100;

/// A place in a list: a page of Rollbar's, and how many of its items come before. Rollbar orders by the newest
/// occurrence, so between two asks items may have moved from one side of a place to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Serialize, Deserialize)]
pub struct Place {
    /// The page, from 1 on.
    page: u32,
    /// How many of its items come before.
    skip: usize,
}

impl Place {
    /// Where a list begins.
    pub const START: Self = Self { page: 1, skip: 0 };

    /// Whether a list has such a place: they come back from clients.
    pub fn is_possible(self) -> bool {
        self.page > 0 && self.skip < PAGE
    }

    /// Behind so many further items of its page, which has `length` in all. Behind all of them the next page begins.
    fn behind(self, taken: usize, length: usize) -> Self {
        let skip = self.skip + taken;
        if skip < length { Self { skip, ..self } } else { Self { page: self.page.saturating_add(1), skip: 0 } }
    }
}

/// A part of the list of a project's items.
#[derive(Debug)]
pub struct Listing {
    /// The items, newest occurrence first, each as Rollbar sent it.
    pub items: Vec<Box<RawValue>>,
    /// Where the list goes on, if it does.
    pub next: Option<Place>,
}

/// `{"items":[…]}`.
impl Serialize for Listing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut listing = serializer.serialize_struct("Listing", 1)?;
        listing.serialize_field("items", &self.items)?;
        listing.end()
    }
}

/// A page of Rollbar's.
#[derive(Deserialize)]
struct Page {
    items: Vec<Box<RawValue>>,
    /// How many items there are on all pages, unless there are too many to count.
    total_count: Option<u64>,
}

impl Page {
    /// Whether no page follows this one, the `number`-th.
    fn is_last(&self, number: u32) -> bool {
        let so_far = u64::from(number).saturating_mul(PAGE as u64);
        self.items.len() < PAGE || self.total_count.is_some_and(|total| total <= so_far)
    }
}

impl Rollbar {
    /// The items from a place on: as many as `limit` says, [`MOST`] at the most and where it says nothing.
    ///
    /// # Errors
    /// [`RollbarError`]. A part of a list is not answered.
    pub async fn items(&self, filter: &ItemFilter, from: Place, limit: Option<usize>) -> Result<Listing, RollbarError> {
        let deadline = self.deadline();
        let wanted = limit.unwrap_or(MOST).min(MOST);
        let (mut items, mut place) = (Vec::new(), from);
        loop {
            let page = self.page(filter, place.page, deadline).await?;
            let (length, is_last) = (page.items.len(), page.is_last(place.page));
            let before = items.len();
            items.extend(page.items.into_iter().skip(place.skip).take(wanted - before));
            place = place.behind(items.len() - before, length);
            if is_last && place.skip == 0 {
                return Ok(Listing { items, next: None });
            }
            if items.len() >= wanted {
                return Ok(Listing { items, next: Some(place) });
            }
        }
    }

    async fn page(&self, filter: &ItemFilter, number: u32, deadline: Instant) -> Result<Page, RollbarError> {
        let mut query = filter.pairs();
        query.push(("page", number.to_string()));
        let result = self.result(&Ask::get(["items", ""]).with_query(query), deadline).await?;
        serde_json::from_str(result.get()).map_err(|_| RollbarError::Unreadable { expected: "a list of items" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(items: usize, total: Option<u64>) -> Page {
        let item = || RawValue::from_string("{}".to_owned()).unwrap();
        Page { items: (0..items).map(|_| item()).collect(), total_count: total }
    }

    #[test]
    fn the_last_page_is_short_or_the_one_that_all_items_end_on() {
        for (items, total, number, is_last) in [
            (99, None, 1, true),
            (0, Some(500), 3, true),
            (100, None, 1, false),
            (100, Some(100), 1, true),
            (100, Some(200), 1, false),
            (100, Some(200), 2, true),
            (100, Some(201), 2, false),
            (100, Some(u64::MAX), u32::MAX, false),
        ] {
            assert_eq!(page(items, total).is_last(number), is_last, "page {number} of {total:?} with {items}");
        }
    }

    #[test]
    fn places_move_on_within_a_page_and_to_the_next() {
        let place = |page, skip| Place { page, skip };
        for (from, taken, expected) in [
            (place(1, 0), 30, place(1, 30)),
            (place(1, 30), 69, place(1, 99)),
            (place(1, 30), 70, place(2, 0)),
            // The list has become shorter meanwhile.
            (place(2, 99), 0, place(2, 99)),
        ] {
            assert_eq!(from.behind(taken, PAGE), expected);
            assert!(expected.is_possible());
        }
        assert_eq!(place(7, 99).behind(0, 40), place(8, 0));
        // No page has a number beyond.
        assert_eq!(place(u32::MAX, 5).behind(0, 0), place(u32::MAX, 0));
        assert!(!place(0, 0).is_possible() && !place(1, PAGE).is_possible());
    }
}
