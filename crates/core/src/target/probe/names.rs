//! Names of hosts and what they resolve to.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::attempt::{Fault, Reason};

/// How many names are looked up at a time, of those that are answered soon and of the others. Each holds a thread while the
/// system's resolver thinks; where no name server answers, a thousand of them must not.
const AT_ONCE: usize = 64;
/// A name whose last look-up took longer than this waits with those like it from then on: names that nobody answers for
/// keep each other waiting, and nobody else.
const SOON: Duration = Duration::from_secs(1);
/// Of how many names it is known that they are slow; more than anybody has.
const MOST_SLOW: usize = 10_000;

/// A host, by name or by address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name, to be resolved at each ask.
    Name(String),
    /// An address.
    Address(IpAddr),
}

/// A family of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// Whether an address is one of the family.
    pub fn has(self, address: IpAddr) -> bool {
        match self {
            Self::Ipv4 => address.is_ipv4(),
            Self::Ipv6 => address.is_ipv6(),
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        })
    }
}

impl Host {
    /// Reads a name or an address, IPv6 with or without brackets; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse::<IpAddr>() {
            // One of IPv4 in the clothes of IPv6 is reached as what it is.
            return Some(Self::Address(address.to_canonical()));
        }
        url::Host::parse(text).ok().map(Self::from)
    }
}

impl From<url::Host> for Host {
    fn from(host: url::Host) -> Self {
        match host {
            url::Host::Domain(name) => Self::Name(name),
            url::Host::Ipv4(address) => Self::Address(address.into()),
            url::Host::Ipv6(address) => Self::Address(address.into()),
        }
    }
}

/// Resolves names by the system's resolver, a few at a time.
#[derive(Debug)]
pub(super) struct Names {
    quick: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    /// Whose last look-up took long.
    known_slow: Arc<Mutex<HashSet<String>>>,
}

impl Default for Names {
    fn default() -> Self {
        let [quick, slow] = [(), ()].map(|()| Arc::new(Semaphore::new(AT_ONCE)));
        Self { quick, slow, known_slow: Arc::default() }
    }
}

impl Names {
    /// Waits for a turn where the host is a name: that wait is this process's and nobody's latency.
    pub(super) async fn turn(&self, host: &Host) -> Turn {
        let Host::Name(name) = host else { return Turn(None) };
        let is_slow = lock(&self.known_slow).contains(name);
        let turns = if is_slow { &self.slow } else { &self.quick };
        // They are never closed, so there always is a turn.
        let permit = Arc::clone(turns).acquire_owned().await.ok();
        permit.map_or(Turn(None), |permit| Turn(Some((permit, Arc::clone(&self.known_slow)))))
    }
}

/// The right to resolve one name, and where it is said how long that took.
pub(super) struct Turn(Option<(OwnedSemaphorePermit, Arc<Mutex<HashSet<String>>>)>);

impl Turn {
    /// The addresses of a host, in the order in which the system wants them tried; at least one.
    pub(super) async fn resolve(self, host: &Host, port: u16, until: Instant) -> Result<Vec<SocketAddr>, Fault> {
        let name = match host {
            Host::Address(address) => return Ok(vec![SocketAddr::new(*address, port)]),
            Host::Name(name) => name,
        };
        let asked = (name.clone(), port);
        // The system cannot be told that nobody waits any longer, so the turn ends when it does.
        let lookup = tokio::task::spawn_blocking(move || {
            let began = Instant::now();
            let found = asked.to_socket_addrs().map(Iterator::collect::<Vec<_>>);
            if let Some((_permit, known_slow)) = self.0 {
                note(&known_slow, asked.0, began.elapsed());
            }
            found
        });
        let failed = |why: &dyn fmt::Display| Fault::new(Reason::Dns, format!("{name} does not resolve: {why}"));
        let found = timeout_at(until, lookup).await.map_err(|_| failed(&"no answer in time"))?;
        let found: io::Result<_> = found.map_err(|panic| failed(&panic))?;
        match found {
            Ok(addresses) if addresses.is_empty() => Err(failed(&"it has no address")),
            Ok(addresses) => Ok(addresses),
            Err(error) => Err(failed(&error)),
        }
    }
}

/// Notes how long a look-up took.
fn note(known_slow: &Mutex<HashSet<String>>, name: String, took: Duration) {
    let mut known_slow = lock(known_slow);
    if took <= SOON {
        known_slow.remove(&name);
    } else if known_slow.len() < MOST_SLOW {
        known_slow.insert(name);
    }
}

fn lock(names: &Mutex<HashSet<String>>) -> MutexGuard<'_, HashSet<String>> {
    names.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_addresses_of_both_families() {
        let address = |text: &str| Some(Host::Address(text.parse().unwrap()));
        for (text, expected) in [
            ("192.0.2.1", address("192.0.2.1")),
            ("2001:db8::1", address("2001:db8::1")),
            ("[2001:db8::1]", address("2001:db8::1")),
            ("::ffff:192.0.2.1", address("192.0.2.1")),
            ("Db.Example", Some(Host::Name("db.example".to_owned()))),
            ("my_db", Some(Host::Name("my_db".to_owned()))),
            ("bücher.example", Some(Host::Name("xn--bcher-kva.example".to_owned()))),
            ("", None),
            ("999.1.1.1", None),
            ("http://db", None),
            ("db:5432", None),
            ("a b", None),
        ] {
            assert_eq!(Host::parse(text), expected, "{text}");
        }
    }

    #[tokio::test]
    async fn an_address_is_its_own_and_a_name_that_does_not_resolve_says_so() {
        let names = Names::default();
        let until = Instant::now() + Duration::from_secs(30);
        let address = Host::parse("::1").unwrap();
        let found = names.turn(&address).await.resolve(&address, 80, until).await;
        assert_eq!(found, Ok(vec!["[::1]:80".parse().unwrap()]));
        let name = Host::parse("nowhere.invalid").unwrap();
        let fault = names.turn(&name).await.resolve(&name, 80, until).await.unwrap_err();
        assert_eq!(fault.reason, Reason::Dns);
        assert!(fault.detail.starts_with("nowhere.invalid does not resolve: "), "{fault}");
    }

    #[tokio::test(start_paused = true)]
    async fn names_wait_for_each_other_and_addresses_for_nobody() {
        let names = Names::default();
        let (name, address) = (Host::parse("db.example").unwrap(), Host::parse("::1").unwrap());
        let mut turns = Vec::new();
        for _ in 0..AT_ONCE {
            turns.push(names.turn(&name).await);
        }
        assert!(tokio::time::timeout(Duration::from_mins(1), names.turn(&name)).await.is_err());
        drop(names.turn(&address).await);
        turns.pop();
        drop(names.turn(&name).await);
    }

    #[tokio::test(start_paused = true)]
    async fn names_that_nobody_answers_for_keep_nobody_else_waiting() {
        let names = Names::default();
        let (dead, alive) = (Host::parse("dead.example").unwrap(), Host::parse("alive.example").unwrap());
        note(&names.known_slow, "dead.example".to_owned(), Duration::from_secs(10));
        note(&names.known_slow, "alive.example".to_owned(), Duration::from_millis(20));
        let mut turns = Vec::new();
        for _ in 0..AT_ONCE {
            turns.push(names.turn(&dead).await);
        }
        assert!(tokio::time::timeout(Duration::from_mins(1), names.turn(&dead)).await.is_err());
        drop(names.turn(&alive).await);
        note(&names.known_slow, "dead.example".to_owned(), Duration::from_millis(20));
        drop(names.turn(&dead).await);
    }
}
