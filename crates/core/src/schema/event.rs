//! A change of a service's status: what history is made of.

use serde::{Deserialize, Serialize};

use super::{Dimensions, Status, Timestamp};

/// One change of one service's status.
///
/// `(target, revision, key, at)` identifies an event: a revision of a target changes a service once at most, so the same
/// commit written twice adds nothing. What was seen from a revision and came late
/// ([`States::enter_late`](crate::store::States::enter_late)) has its own time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The target's name.
    pub target: String,
    /// The revision of the target that brought the change; the one that it was seen from, where it came late.
    pub revision: u64,
    /// The service's key.
    pub key: String,
    /// The service's name at that moment.
    pub service: String,
    /// The service's dimensions at that moment (after the change; before it, for a removal).
    pub dimensions: Dimensions,
    /// The status before; `None` at first sight.
    pub from: Option<Status>,
    /// The status after; `None` if the service was removed.
    pub to: Option<Status>,
    /// When the source says the change happened, where it says so.
    pub source_at: Option<Timestamp>,
    /// When we saw it.
    pub at: Timestamp,
}
