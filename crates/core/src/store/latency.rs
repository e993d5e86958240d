//! Lengths of time as both databases keep them: whole microseconds.

use std::time::Duration;

use super::StoreError;

/// The microseconds of a length of time, held at what a database counts to.
pub(super) fn to_micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

/// The length of so many microseconds.
///
/// # Errors
/// [`StoreError::Corrupt`] for less than none.
pub(super) fn from_micros(micros: i64, what: &dyn Fn() -> String) -> Result<Duration, StoreError> {
    let micros = u64::try_from(micros).map_err(|_| StoreError::corrupt(what(), "its latency is below zero"))?;
    Ok(Duration::from_micros(micros))
}
