//! A change of a service's status: what history is made of.

use serde::{Deserialize, Serialize};

use super::{Dimensions, Status, Timestamp};

/// One change of one service's status.
///
/// `(target, revision, key)` identifies an event: a revision of a target changes a service once at most, so the same
/// commit written twice adds nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The target's name.
    pub target: String,
    /// The revision of the target that brought the change.
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
