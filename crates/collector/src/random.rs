//! Randomness for ids and jitter. Nothing secret is made of it.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// Sixty-four random bits: each [`RandomState`] is keyed anew from the system's randomness.
pub(crate) fn bits() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A random number in `0.0..1.0`.
pub(crate) fn unit() -> f64 {
    f64::from(u32::try_from(bits() >> 32).unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
}
