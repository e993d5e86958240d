//! Counting in memory.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use super::{Asker, Window};

/// How many parts the memory has: who counts in one does not wait for who counts in another.
const SHARDS: usize = 16;
/// How many askers a part knows by name.
const ASKERS: usize = 4096;

/// The counts of one window.
#[derive(Debug)]
pub(super) struct Memory {
    shards: [Mutex<Shard>; SHARDS],
    /// Keyed anew in each process, so that nobody can choose addresses that meet in one part.
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Shard {
    window: Option<Window>,
    counts: HashMap<Asker, u32>,
    /// The requests of all who came when there was no more room. They are counted as one: else whoever has many
    /// addresses had no limit.
    others: u32,
}

impl Default for Memory {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }
}

impl Memory {
    /// Counts a request: the how manieth of this asker it is.
    pub(super) fn count(&self, asker: Asker, window: Window) -> u32 {
        let place = self.hasher.hash_one(&asker) % SHARDS as u64;
        let shard = usize::try_from(place).ok().and_then(|place| self.shards.get(place));
        // The remainder is always the place of one.
        shard.map_or(0, |shard| shard.lock().unwrap_or_else(PoisonError::into_inner).count(asker, window))
    }
}

impl Shard {
    fn count(&mut self, asker: Asker, window: Window) -> u32 {
        // Who read the clock just before a window began may come when it has begun already. A clock that was put back
        // begins anew.
        let is_present = self.window.is_some_and(|present| (present.0 - 1..=present.0).contains(&window.0));
        if !is_present {
            *self = Self { window: Some(window), ..Self::default() };
        }
        let is_full = self.counts.len() >= ASKERS;
        let count = match self.counts.get_mut(&asker) {
            Some(count) => count,
            None if is_full => &mut self.others,
            None => self.counts.entry(asker).or_default(),
        };
        *count = count.saturating_add(1);
        *count
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::thread;

    use super::*;

    fn address(bits: u32) -> Asker {
        Asker::Address(Ipv4Addr::from_bits(bits).into())
    }

    #[test]
    fn each_asker_is_counted_alone_and_anew_in_each_window() {
        let memory = Memory::default();
        let key = || Asker::Key("a".to_owned());
        assert_eq!([1, 2, 3].map(|_| memory.count(key(), Window(7))), [1, 2, 3]);
        assert_eq!(memory.count(Asker::User("a".to_owned()), Window(7)), 1);
        assert_eq!(memory.count(key(), Window(8)), 1);
        assert_eq!(memory.count(key(), Window(7)), 2, "a clock that was read just before");
        assert_eq!(memory.count(key(), Window(2)), 1, "a clock that was put back");
    }

    #[test]
    fn many_at_once_are_all_counted_once() {
        let memory = Memory::default();
        let mut counts: Vec<u32> = thread::scope(|scope| {
            let count = || (0..500).map(|_| memory.count(address(1), Window(1))).collect::<Vec<_>>();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(count)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        counts.sort_unstable();
        assert_eq!(counts, (1..=4000).collect::<Vec<_>>());
    }

    #[test]
    fn memory_is_bounded_and_who_finds_no_room_is_still_limited() {
        let memory = Memory::default();
        let many = u32::try_from(2 * SHARDS * ASKERS).unwrap();
        let most = (0..many).map(|bits| memory.count(address(bits), Window(1))).max().unwrap();
        assert!(most > 1000, "the others are counted as one: {most}");
        for shard in &memory.shards {
            assert!(shard.lock().unwrap().counts.len() <= ASKERS);
        }
    }
}
