//! Names of hosts and what they resolve to.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::attempt::{Fault, Reason};

/// How many names are looked up at a time. Each holds a thread while the system's resolver thinks; where no name server
/// answers, a thousand of them must not.
const AT_ONCE: usize = 32;

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
    turns: Arc<Semaphore>,
}

impl Default for Names {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Names {
    /// Waits for a turn where the host is a name: that wait is this process's and nobody's latency.
    pub(super) async fn turn(&self, host: &Host) -> Turn {
        match host {
            Host::Address(_) => Turn(None),
            Host::Name(_) => Turn(Arc::clone(&self.turns).acquire_owned().await.ok()),
        }
    }
}

/// The right to resolve one name.
pub(super) struct Turn(Option<tokio::sync::OwnedSemaphorePermit>);

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
            let _turn = self.0;
            asked.to_socket_addrs().map(Iterator::collect::<Vec<_>>)
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
}
