//! Time of which nothing is known.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// A time that no success covers: the services of the target are `Unknown` in it, whatever they were before.
///
/// It begins when the last success before it was believed no more, and ends with the next one. The one that goes on
/// now is nowhere written down: the target's health tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}
