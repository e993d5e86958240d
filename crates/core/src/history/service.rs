//! The history of one service.

use std::iter;
use std::sync::Arc;

use super::settle::settle;
use super::{Condition, Span, Stretch, Totals};
use crate::schema::Dimensions;
use crate::store::Period;

/// What is known of one service in a window of time.
///
/// What follows from it is computed when it is asked for: a target of many services that was not heard many times has
/// many more stretches than events and gaps.
#[derive(Clone, Debug)]
pub struct ServiceHistory {
    /// What tells it from the others of its target.
    pub key: String,
    /// Its name, as the last event up to the window's end has it.
    pub name: String,
    /// Its dimensions, as the last event up to the window's end has them.
    pub dimensions: Dimensions,
    /// What its events say, by time: where it exists and how it was there, if it was known.
    told: Vec<Stretch>,
    /// The time in which it was not known: disjoint, by time.
    blind: Arc<[Span]>,
}

impl ServiceHistory {
    /// The history that these periods of a service make in a window, if it existed in it. `blind` is the time that no
    /// success of its target covers.
    pub(super) fn of(mut periods: Vec<Period>, blind: Arc<[Span]>, window: Span) -> Option<Self> {
        periods.retain(|period| period.event.at < window.until);
        let told = settle(periods.iter().filter_map(|period| Stretch::of(period, window)));
        let last = periods.pop().filter(|_| !told.is_empty())?.event;
        Some(Self { key: last.key, name: last.service, dimensions: last.dimensions, told, blind })
    }

    /// How it was and when, by time: together they are exactly the time of the window in which it existed. Of two that
    /// touch the conditions differ.
    pub fn stretches(&self) -> impl Iterator<Item = Stretch> {
        let mut pieces = self.told.iter().flat_map(|&told| overlaid(told, &self.blind)).peekable();
        iter::from_fn(move || {
            let mut stretch = pieces.next()?;
            let continues = |stretch: Stretch, next: &Stretch| {
                next.condition == stretch.condition && next.span.from == stretch.span.until
            };
            while let Some(next) = pieces.next_if(|next| continues(stretch, next)) {
                stretch.span.until = next.span.until;
            }
            Some(stretch)
        })
    }

    /// How long it was in each condition.
    pub fn totals(&self) -> Totals {
        self.stretches().collect()
    }

    /// How long it was in each condition inside each of these spans, which are ordered by time and do not overlap.
    pub fn totals_in(&self, buckets: &[Span]) -> Vec<Totals> {
        let mut totals = vec![Totals::default(); buckets.len()];
        let mut first = 0;
        for stretch in self.stretches() {
            first += buckets[first..].iter().take_while(|bucket| bucket.until <= stretch.span.from).count();
            let touched = buckets[first..].iter().take_while(|bucket| bucket.from < stretch.span.until);
            for (bucket, totals) in touched.zip(&mut totals[first..]) {
                totals.add(Stretch { span: stretch.span.within(*bucket), ..stretch });
            }
        }
        totals
    }
}

/// A stretch with the parts of it that nobody knew made `Unknown`.
fn overlaid(told: Stretch, blind: &[Span]) -> impl Iterator<Item = Stretch> {
    let over = blind.partition_point(|blind| blind.until <= told.span.from);
    let mut blind = blind[over..].iter().peekable();
    let mut from = told.span.from;
    iter::from_fn(move || {
        let (until, condition) = match blind.next_if(|blind| blind.from <= from) {
            Some(blind) => (blind.until, Condition::Unknown),
            None => (blind.peek().map_or(told.span.until, |blind| blind.from), told.condition),
        };
        let span = Span { from, until: until.min(told.span.until) };
        from = span.until;
        (!span.is_empty()).then_some(Stretch { span, condition })
    })
}
