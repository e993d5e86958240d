//! What a collector remembers of leases that went from one to the other: for how long one has been vacant, what it gave up
//! itself, and what nobody else wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::share::Loads;

/// How long a lease may be vacant. Then it is taken also by who has enough: nobody else knows its target.
const VACANT: Duration = Duration::from_secs(10);
/// For how long nothing may have moved until the last differences are evened out: all have reported twice by then.
const STEADY: Duration = Duration::from_secs(5);
/// For how long nothing is given up after something came back that nobody wanted; twice as long each further time.
const KEEP: Duration = Duration::from_mins(1);
/// … at the most.
const LONGEST_KEEP: Duration = Duration::from_hours(1);

/// What moved, and when.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// Since when what is vacant was seen to be so.
    vacant_since: BTreeMap<String, Instant>,
    /// What was given up a moment ago, and when.
    given: BTreeMap<String, Instant>,
    /// What was vacant for long, and nobody else took.
    unwanted: BTreeSet<String>,
    /// How much the others and this collector ask, and since when.
    loads: ((Vec<u64>, u64), Instant),
    /// Until when nothing is given up.
    keeps_until: Instant,
    /// For how long not the next time.
    keep: Duration,
}

impl Ledger {
    /// Nothing moved yet.
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self {
            vacant_since: BTreeMap::new(),
            given: BTreeMap::new(),
            unwanted: BTreeSet::new(),
            loads: (Default::default(), now),
            keeps_until: now,
            keep: KEEP,
        }
    }

    /// Others are there now: they may want what those before did not.
    pub(crate) fn meet_others(&mut self) {
        self.unwanted.clear();
        (self.keeps_until, self.keep) = (Instant::now(), KEEP);
    }

    /// Takes down what is vacant now.
    pub(crate) fn are_vacant(&mut self, vacant: &Loads) {
        self.vacant_since.retain(|name, _| vacant.contains_key(name));
        let now = Instant::now();
        for name in vacant.keys() {
            self.vacant_since.entry(name.clone()).or_insert(now);
        }
    }

    /// What has been vacant for so long that nobody else seems to want it.
    pub(crate) fn nobody_wants(&mut self) -> BTreeSet<String> {
        let is_old = |(_, since): &(&String, &Instant)| since.elapsed() >= VACANT;
        let old: BTreeSet<String> = self.vacant_since.iter().filter(is_old).map(|(name, _)| name.clone()).collect();
        if old.iter().any(|name| self.given.contains_key(name)) {
            // The others have other targets: to try all of them one after the other would leave each alone for a while.
            self.keeps_until = Instant::now() + self.keep;
            self.keep = (self.keep * 2).min(LONGEST_KEEP);
        }
        self.unwanted.extend(old.iter().cloned());
        old
    }

    /// What nobody else wanted.
    pub(crate) fn unwanted(&self) -> &BTreeSet<String> {
        &self.unwanted
    }

    /// Takes down what was given up just now.
    pub(crate) fn were_given(&mut self, given: BTreeSet<String>) {
        let now = Instant::now();
        self.given.retain(|_, since| now.duration_since(*since) < 2 * VACANT);
        self.given.extend(given.into_iter().map(|name| (name, now)));
    }

    /// What was given up a moment ago.
    pub(crate) fn given(&self) -> BTreeSet<String> {
        self.given.keys().cloned().collect()
    }

    /// Whether anything is to be given up.
    pub(crate) fn may_give(&self) -> bool {
        Instant::now() >= self.keeps_until
    }

    /// Whether these loads, those of the others and its own, have been so for long enough that all have said so.
    pub(crate) fn are_steady(&mut self, others: &[u64], mine: u64) -> bool {
        let loads = (others.to_vec(), mine);
        if self.loads.0 != loads {
            self.loads = (loads, Instant::now());
        }
        self.loads.1.elapsed() >= STEADY
    }
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
