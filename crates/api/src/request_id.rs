//! What a request is called in the answer, the log and the traces.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

/// Where a client names its request, and is told the name.
pub(crate) static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest name that is taken over.
const LONGEST: usize = 64;

/// Names requests that come without a name. Each worker has one of its own, so that none waits for another.
#[derive(Debug)]
pub(crate) struct RequestIds(Cell<u64>);

impl RequestIds {
    /// Names that no other worker gives, as far as chance can see to it.
    pub(crate) fn new() -> Self {
        // The one randomness that needs no further crate: each state is keyed anew.
        Self(Cell::new(RandomState::new().build_hasher().finish()))
    }

    /// The name that the client gave, if it is a sane one, else a new one of sixteen hexadecimal digits.
    pub(crate) fn of(&self, headers: &HeaderMap) -> HeaderValue {
        match headers.get(&X_REQUEST_ID) {
            Some(given) if is_sane(given.as_bytes()) => given.clone(),
            Some(_) | None => self.next(),
        }
    }

    fn next(&self) -> HeaderValue {
        let bits = mixed(self.0.replace(self.0.get().wrapping_add(STEP)));
        // Digits make a header always.
        HeaderValue::try_from(format!("{bits:016x}")).unwrap_or(const { HeaderValue::from_static("0") })
    }
}

/// What splitmix64 counts by: its states come round after all 2^64 numbers.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A number that looks like chance, and another one for each state (splitmix64).
const fn mixed(state: u64) -> u64 {
    let mut bits = state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Whether a name can stand in a log and a header without harm.
fn is_sane(name: &[u8]) -> bool {
    (1..=LONGEST).contains(&name.len())
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn sane_names_are_taken_over() {
        let ids = RequestIds::new();
        let of = |name: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID.clone(), HeaderValue::from_str(name).unwrap());
            ids.of(&headers).to_str().unwrap().to_owned()
        };
        for name in ["a", "A-1_b.c", &"x".repeat(64)] {
            assert_eq!(of(name), name);
        }
        for name in ["", " ", "a b", "a/b", "a\"b", "a,b", &"x".repeat(65)] {
            assert_ne!(of(name), name);
        }
    }

    #[test]
    fn new_names_are_sixteen_digits_and_differ() {
        let ids = [RequestIds::new(), RequestIds::new()];
        let names: BTreeSet<String> =
            (0..1_000).map(|at| ids[at % 2].of(&HeaderMap::new()).to_str().unwrap().to_owned()).collect();
        assert_eq!(names.len(), 1_000);
        assert!(names.iter().all(|name| name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }
}
