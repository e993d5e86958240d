//! Which leases a collector takes and which it gives up: pure arithmetic on what it knows of the others.
//!
//! A share is even by how much is asked. Who has less than that takes what is vacant; who has more gives up what evens it
//! out with whoever has least. Each decides that for itself, and nothing else moves.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Targets, with how much each is asked.
pub(crate) type Loads = BTreeMap<String, u64>;

/// How much a target is asked at an interval: in asks an hour, one at the least.
pub(crate) fn load(interval: Duration) -> u64 {
    let hour = Duration::from_hours(1);
    u64::try_from(hour.as_millis() / interval.as_millis().max(1)).unwrap_or(u64::MAX).max(1)
}

/// What a collector knows of how the work is shared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation<'a> {
    /// How much there is to ask in all.
    pub(crate) total: u64,
    /// How much each of the others asks, as they said it last.
    pub(crate) others: &'a [u64],
    /// How many of them come before this one, of all in their order.
    pub(crate) place: usize,
    /// What it asks.
    pub(crate) mine: &'a Loads,
    /// Whether nothing has moved for so long that what the others said is the case.
    pub(crate) is_steady: bool,
    /// What nobody asks.
    pub(crate) vacant: &'a Loads,
    /// What it is not to give up: nobody else wants it.
    pub(crate) unwanted: &'a BTreeSet<String>,
    /// What it gave up a moment ago, and is not to take back.
    pub(crate) given: &'a BTreeSet<String>,
}

/// What a collector takes and gives up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moves {
    pub(crate) take: BTreeSet<String>,
    pub(crate) give: BTreeSet<String>,
}

impl Situation<'_> {
    /// What is to be done.
    pub(crate) fn moves(&self) -> Moves {
        Moves { take: self.lacking(), give: self.too_much() }
    }

    fn lacking(&self) -> BTreeSet<String> {
        let mut load = sum(self.mine);
        // Each begins elsewhere, so that those that take at the same moment rarely reach for the same.
        let begin = self.vacant.len() * self.place / self.collectors();
        let in_turn = self.vacant.iter().cycle().skip(begin).take(self.vacant.len());
        let mut take = BTreeSet::new();
        for (target, more) in in_turn.filter(|(target, _)| !self.given.contains(*target)) {
            if !self.is_below_even(load) {
                break;
            }
            take.insert(target.clone());
            load = load.saturating_add(*more);
        }
        take
    }

    fn too_much(&self) -> BTreeSet<String> {
        let mut load = sum(self.mine);
        let mut give = BTreeSet::new();
        for (target, less) in self.may_go() {
            let without = load.saturating_sub(*less);
            if !self.is_below_even(without) {
                give.insert(target.clone());
                load = without;
            }
        }
        if give.is_empty() { self.last().into_iter().collect() } else { give }
    }

    /// A target that takes this collector below an even share, and yet evens it out with whoever has least. One at a time,
    /// and once all else has settled: others may think so, too.
    fn last(&self) -> Option<String> {
        let (load, least) = (sum(self.mine), self.others.iter().min()?);
        let is_settled = self.vacant.is_empty() && self.is_steady;
        let evens_out = |less: u64| least.saturating_add(less) <= load.saturating_sub(less);
        let mut may_go = self.may_go().filter(|(_, less)| evens_out(**less));
        may_go.next().filter(|_| is_settled && self.is_above_even(load)).map(|(target, _)| target.clone())
    }

    fn may_go(&self) -> impl Iterator<Item = (&String, &u64)> {
        self.mine.iter().filter(|(target, _)| !self.unwanted.contains(*target))
    }

    fn collectors(&self) -> usize {
        self.others.len() + 1
    }

    fn is_below_even(&self, load: u64) -> bool {
        self.times_all(load) < u128::from(self.total)
    }

    fn is_above_even(&self, load: u64) -> bool {
        self.times_all(load) > u128::from(self.total)
    }

    /// What all would ask if each asked so much.
    fn times_all(&self, load: u64) -> u128 {
        u128::from(load) * self.collectors() as u128
    }
}

/// How much all of them are asked.
pub(crate) fn sum(loads: &Loads) -> u64 {
    loads.values().fold(0, |sum, load| sum.saturating_add(*load))
}

#[cfg(test)]
#[path = "share_tests.rs"]
mod tests;
