//! Who gives wrong passwords is slowed down: after some for one name, or from one address, the next attempt has to wait,
//! twice as long after each. Each server remembers its own.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use unistatus_core::schema::{Timestamp, truncate};

use crate::limits::Asker;

/// How many names and addresses are remembered.
const MOST: usize = 10_000;
/// After how long without an attempt one is forgotten.
const FORGOTTEN: Duration = Duration::from_hours(1);
/// How many characters of a name are remembered: no user has more.
const LONGEST: usize = 64;

/// How one kind of source is slowed down.
struct Pace {
    /// How many attempts may fail without a wait.
    free: u32,
    /// The longest wait.
    longest: Duration,
}

/// Whoever knows a name could keep its owner out: not for long.
const NAME: Pace = Pace { free: 5, longest: Duration::from_mins(1) };
/// Many people may share an address, and make a slip each.
const ADDRESS: Pace = Pace { free: 10, longest: Duration::from_mins(15) };

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Source {
    Name(String),
    Address(Asker),
}

impl Source {
    const fn pace(&self) -> &'static Pace {
        match self {
            Self::Name(_) => &NAME,
            Self::Address(_) => &ADDRESS,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Failures {
    /// From when on the next attempt is let in.
    fn until(self, pace: &Pace) -> Timestamp {
        let doublings = self.count.checked_sub(pace.free);
        let wait = doublings.map_or(Duration::ZERO, |doublings| {
            Duration::from_secs(1_u64.checked_shl(doublings).unwrap_or(u64::MAX)).min(pace.longest)
        });
        self.last.plus(wait)
    }
}

/// The failures that are remembered.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<HashMap<Source, Failures>>);

impl Throttle {
    /// Lets an attempt begin, and counts it as failed until [`Throttle::succeeded`] is told otherwise: so many at a time
    /// are not more than one after the other.
    ///
    /// # Errors
    /// How long to wait.
    pub(super) fn begin(&self, name: &str, address: Option<IpAddr>, now: Timestamp) -> Result<(), Duration> {
        let mut remembered = self.remembered();
        let sources = sources(name, address);
        let waits = sources.iter().filter_map(|source| {
            let wait = now.until(remembered.get(source)?.until(source.pace()));
            (!wait.is_zero()).then_some(wait)
        });
        if let Some(wait) = waits.max() {
            return Err(wait);
        }
        for source in sources {
            make_room(&mut remembered, now);
            let failures = remembered.entry(source).or_insert(Failures { count: 0, last: now });
            *failures = Failures { count: failures.count.saturating_add(1), last: now };
        }
        Ok(())
    }

    /// Takes back that an attempt failed: the name's failures are forgotten, and of the address's this one.
    pub(super) fn succeeded(&self, name: &str, address: Option<IpAddr>) {
        let mut remembered = self.remembered();
        for source in sources(name, address) {
            match source {
                Source::Address(_) => take_one_back(&mut remembered, &source),
                Source::Name(_) => drop(remembered.remove(&source)),
            }
        }
    }

    /// Takes back that an attempt failed that came to no end: nobody knows whether the password was right.
    pub(super) fn taken_back(&self, name: &str, address: Option<IpAddr>) {
        let mut remembered = self.remembered();
        for source in sources(name, address) {
            take_one_back(&mut remembered, &source);
        }
    }

    fn remembered(&self) -> MutexGuard<'_, HashMap<Source, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take_one_back(remembered: &mut HashMap<Source, Failures>, source: &Source) {
    let Some(failures) = remembered.get_mut(source) else { return };
    failures.count = failures.count.saturating_sub(1);
    if failures.count == 0 {
        remembered.remove(source);
    }
}

fn sources(name: &str, address: Option<IpAddr>) -> Vec<Source> {
    let name = Source::Name(truncate(name, LONGEST));
    std::iter::once(name).chain(address.map(|address| Source::Address(Asker::at(address)))).collect()
}

/// Forgets what is old where there is no room; and where nothing is, the oldest.
fn make_room(remembered: &mut HashMap<Source, Failures>, now: Timestamp) {
    if remembered.len() < MOST {
        return;
    }
    remembered.retain(|_, failures| failures.last.until(now) < FORGOTTEN);
    if remembered.len() >= MOST {
        let oldest = remembered.iter().min_by_key(|(_, failures)| failures.last).map(|(source, _)| source.clone());
        oldest.and_then(|oldest| remembered.remove(&oldest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));

    fn at(secs: u64) -> Timestamp {
        Timestamp::from_secs(1_800_000_000).unwrap().plus(Duration::from_secs(secs))
    }

    #[test]
    fn each_further_failure_of_a_name_waits_twice_as_long() {
        let throttle = Throttle::default();
        for _ in 0..5 {
            assert_eq!(throttle.begin("ann", None, at(0)), Ok(()));
        }
        let mut now = 0;
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(throttle.begin("ann", None, at(now)), Err(Duration::from_secs(wait)));
            assert_eq!(throttle.begin("bob", None, at(now)), Ok(()));
            throttle.succeeded("bob", None);
            now += wait;
            assert_eq!(throttle.begin("ann", None, at(now)), Ok(()));
        }
        throttle.succeeded("ann", None);
        assert_eq!(throttle.begin("ann", None, at(now)), Ok(()));
    }

    #[test]
    fn an_address_that_tries_many_names_waits_too() {
        let throttle = Throttle::default();
        for name in 0..10 {
            assert_eq!(throttle.begin(&name.to_string(), HERE, at(0)), Ok(()));
        }
        assert_eq!(throttle.begin("ann", HERE, at(0)), Err(Duration::from_secs(1)));
        assert_eq!(throttle.begin("ann", Some([192, 0, 2, 2].into()), at(0)), Ok(()));
    }

    #[test]
    fn who_has_a_password_cannot_wipe_out_what_they_tried() {
        let throttle = Throttle::default();
        for name in 0..9 {
            assert_eq!(throttle.begin(&name.to_string(), HERE, at(0)), Ok(()));
        }
        assert_eq!(throttle.begin("mallory", HERE, at(0)), Ok(()));
        throttle.succeeded("mallory", HERE);
        assert_eq!(throttle.begin("ann", HERE, at(0)), Ok(()));
        assert!(throttle.begin("bob", HERE, at(0)).is_err());
    }

    #[test]
    fn what_came_to_no_end_was_no_failure() {
        let throttle = Throttle::default();
        for _ in 0..100 {
            assert_eq!(throttle.begin("ann", HERE, at(0)), Ok(()));
            throttle.taken_back("ann", HERE);
        }
        assert!(throttle.remembered().is_empty());
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::default();
        for name in 0..MOST + 500 {
            assert_eq!(throttle.begin(&name.to_string(), None, at(name as u64 / 100)), Ok(()));
        }
        assert_eq!(throttle.remembered().len(), MOST);
        throttle.begin("new", None, at(100_000)).unwrap();
        assert_eq!(throttle.remembered().len(), 1, "all others were old");
    }
}
