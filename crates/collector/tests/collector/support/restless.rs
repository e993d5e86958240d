//! A world without rest, and chance that can be repeated.

use std::env;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use unistatus_simulator::{Condition, Simulator};

/// Sets conditions of a uniform world at random, as fast as the collector can ask.
pub(crate) async fn change_for_ever(simulator: Arc<Simulator>, services: usize, mut dice: Dice) {
    let vendors: Vec<String> = simulator.vendors().map(|vendor| vendor.name).collect();
    let mut pause = tokio::time::interval(Duration::from_millis(5));
    loop {
        pause.tick().await;
        let vendor = &vendors[dice.below(vendors.len())];
        let service = format!("Service {}", dice.below(services) + 1);
        let condition = [Condition::Operational, Condition::Degraded, Condition::MajorOutage][dice.below(3)];
        simulator.set(vendor, &service, condition).unwrap();
    }
}

/// Random numbers that a seed repeats (`SplitMix64`).
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Those of the seed `KILL_SEED`; of any, which is told, where that is not set.
    pub(crate) fn thrown() -> Self {
        let seed = env::var("KILL_SEED").map_or_else(|_| RandomState::new().hash_one(()), |seed| seed.parse().unwrap());
        eprintln!("KILL_SEED={seed}");
        Self(seed)
    }

    /// Others, which are repeated with these.
    pub(crate) fn another(&mut self) -> Self {
        Self(self.roll())
    }

    /// A time shorter than this one, to the millisecond.
    pub(crate) fn shorter_than(&mut self, time: Duration) -> Duration {
        Duration::from_millis(self.roll() % u64::try_from(time.as_millis()).unwrap())
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end as u64).unwrap()
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
