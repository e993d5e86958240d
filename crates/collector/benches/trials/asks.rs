//! Who asked which target, and when.

use std::collections::BTreeMap;
use std::time::Duration;

use unistatus_simulator::{Recorded, Simulator};

use crate::INTERVAL;

/// The asks of each target, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asks(BTreeMap<String, Vec<Ask>>);

/// One ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    /// When, on the simulator's timeline.
    pub(crate) at: Duration,
    /// The number of the collector.
    pub(crate) by: usize,
}

impl Asks {
    /// All that were made after this moment.
    pub(crate) fn since(simulator: &Simulator, begun: Duration) -> Self {
        let ask = |request: &Recorded| Ask { at: request.at, by: asker(request) };
        let of = |vendor: &str| {
            let requests = simulator.requests(vendor).unwrap();
            requests.iter().filter(|request| request.at >= begun).map(ask).collect()
        };
        Self(simulator.vendors().map(|vendor| (vendor.name.clone(), of(&vendor.name))).collect())
    }

    /// How many there were.
    pub(crate) fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// How many each collector made.
    pub(crate) fn by_collector(&self) -> BTreeMap<usize, usize> {
        let mut counts = BTreeMap::new();
        for ask in self.0.values().flatten() {
            *counts.entry(ask.by).or_default() += 1;
        }
        counts
    }

    /// Those that came less than half an interval after another one of the same target.
    pub(crate) fn doubles(&self) -> usize {
        self.pauses().filter(|pause| *pause < INTERVAL / 2).count()
    }

    /// How often nobody asked a target for an interval and a half.
    pub(crate) fn missing(&self) -> usize {
        self.pauses().filter(|pause| *pause > INTERVAL * 3 / 2).count()
    }

    /// The longest time for which nobody asked a target.
    pub(crate) fn longest_pause(&self) -> Duration {
        self.pauses().max().unwrap_or_default()
    }

    /// The targets that were asked last by this collector.
    pub(crate) fn last_by(&self, collector: usize) -> Vec<String> {
        let is_its = |asks: &&Vec<Ask>| asks.last().is_some_and(|ask| ask.by == collector);
        self.0.iter().filter(|(_, asks)| is_its(asks)).map(|(target, _)| target.clone()).collect()
    }

    /// The first ask of a target by somebody else.
    pub(crate) fn first_not_by(&self, target: &str, collector: usize) -> Option<Ask> {
        self.0.get(target)?.iter().find(|ask| ask.by != collector).copied()
    }

    fn pauses(&self) -> impl Iterator<Item = Duration> {
        self.0.values().flat_map(|asks| asks.windows(2).map(|two| two[1].at.saturating_sub(two[0].at)))
    }
}

/// The number of the collector that made a request.
fn asker(request: &Recorded) -> usize {
    let agent = request.header("user-agent").unwrap_or_default();
    let number = agent.split_once("collector-").and_then(|(_, rest)| rest.split_once('@'));
    number.and_then(|(number, _)| number.parse().ok()).unwrap_or_else(|| panic!("nobody of ours asks as {agent:?}"))
}
