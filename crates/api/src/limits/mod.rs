//! How often somebody may ask: so many requests a minute of one key, or of one address where no key is sent.
//!
//! Counted is in windows of a minute by the clock: what everybody can follow, and what several servers agree on without
//! a word. In memory, or in Redis for all of them; while Redis does not answer, in memory.

mod memory;
mod redis;

use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use unistatus_core::config::DbUrl;
use unistatus_core::schema::Timestamp;

use self::memory::Memory;
use self::redis::Redis;
pub use self::redis::RedisError;
use crate::clock::Clock;

/// What tells of the limit in answers: how many requests a minute, how many are left, and in how many seconds there are as
/// many as in the beginning.
pub(crate) const HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
];

/// The same as they are usually written.
pub(crate) const WRITTEN: [&str; 3] = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"];

/// How long a window is, in milliseconds.
const WINDOW: i64 = 60_000;

/// Whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asker {
    /// Those with the key of this id.
    Key(String),
    /// Those of this user, whatever they are logged in with.
    User(String),
    /// Those from this address, or from the network of this one: whoever has one address of IPv6 has 2^64 of them.
    Address(IpAddr),
}

impl Asker {
    /// Who asks from an address.
    pub(crate) fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl fmt::Display for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => write!(f, "key:{id}"),
            Self::User(name) => write!(f, "user:{name}"),
            Self::Address(address) => write!(f, "address:{address}"),
        }
    }
}

/// Counts requests. Clones count together.
#[derive(Clone, Debug)]
pub(crate) struct Limits(Arc<Counting>);

#[derive(Debug)]
struct Counting {
    limit: NonZeroU32,
    clock: Arc<dyn Clock>,
    memory: Memory,
    redis: Option<Redis>,
}

impl Limits {
    /// So many requests a minute, counted in Redis where there is one.
    ///
    /// # Errors
    /// For an address of Redis that is none.
    pub(crate) fn new(limit: NonZeroU32, redis: Option<&DbUrl>, clock: Arc<dyn Clock>) -> Result<Self, RedisError> {
        let redis = redis.map(Redis::new).transpose()?;
        Ok(Self(Arc::new(Counting { limit, clock, memory: Memory::default(), redis })))
    }

    /// Counts a request, and says whether it is one too many.
    pub(crate) async fn count(&self, asker: Asker) -> Count {
        let Counting { limit, clock, memory, redis } = &*self.0;
        let now = clock.now();
        let window = Window::at(now);
        let shared = match redis {
            Some(redis) => redis.count(&asker, window).await,
            None => None,
        };
        let number = shared.unwrap_or_else(|| memory.count(asker, window));
        Count { limit: *limit, number, seconds: window.seconds_left(now) }
    }

    /// Sees to it that Redis is there again after it was away. Never ends.
    pub(crate) async fn keep(&self) -> Infallible {
        match &self.0.redis {
            Some(redis) => redis.keep().await,
            None => pending().await,
        }
    }
}

/// A minute by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Window(i64);

impl Window {
    fn at(now: Timestamp) -> Self {
        Self(now.as_millis().div_euclid(WINDOW))
    }

    /// How many seconds of it are left, rounded up: at least one.
    fn seconds_left(self, now: Timestamp) -> u64 {
        let left = (self.0 + 1) * WINDOW - now.as_millis();
        u64::try_from(left).unwrap_or_default().div_ceil(1000).max(1)
    }
}

/// A request that was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    limit: NonZeroU32,
    /// The how manieth it is in its window.
    number: u32,
    /// How many seconds are left of the window.
    seconds: u64,
}

impl Count {
    /// After how many seconds to ask again, if the request is one too many.
    pub(crate) fn refused_for(&self) -> Option<u64> {
        (self.number > self.limit.get()).then_some(self.seconds)
    }

    /// Tells of the limit.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        let left = self.limit.get().saturating_sub(self.number);
        for (name, value) in HEADERS.into_iter().zip([self.limit.get().into(), left.into(), self.seconds]) {
            headers.insert(name, HeaderValue::from(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    #[test]
    fn a_window_is_a_minute_by_the_clock() {
        for (millis, window, left) in [(0, 0, 60), (1, 0, 60), (59_000, 0, 1), (59_999, 0, 1), (60_000, 1, 60)] {
            let now = at(millis);
            assert_eq!((Window::at(now), Window::at(now).seconds_left(now)), (Window(window), left), "{millis}");
        }
    }

    #[test]
    fn who_has_a_network_of_ipv6_is_one_asker() {
        let asker = |address: &str| Asker::at(address.parse().unwrap());
        assert_eq!(asker("2001:db8:1:2::1"), asker("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(asker("2001:db8:1:2::1"), asker("2001:db8:1:3::1"));
        assert_eq!(asker("::ffff:192.0.2.1"), asker("192.0.2.1"));
        assert_ne!(asker("192.0.2.2"), asker("192.0.2.1"));
        assert_eq!(asker("2001:db8:1:2::1").to_string(), "address:2001:db8:1:2::");
    }

    #[test]
    fn as_many_as_the_limit_says_pass_and_the_next_one_does_not() {
        let limit = NonZeroU32::new(2).unwrap();
        for (number, left, refused) in [(1, "1", None), (2, "0", None), (3, "0", Some(7))] {
            let count = Count { limit, number, seconds: 7 };
            assert_eq!(count.refused_for(), refused);
            let mut headers = HeaderMap::new();
            count.tell(&mut headers);
            let told = HEADERS.map(|name| headers.get(name).unwrap().to_str().unwrap().to_owned());
            assert_eq!(told, ["2", left, "7"]);
        }
    }
}
