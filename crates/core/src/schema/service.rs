//! A part of a target with a status of its own.

use serde::{Deserialize, Serialize};

use super::{Dimensions, Status, Timestamp};

/// A service as it is known now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// What tells this service from the others of its target, stable across asks. Internal: the contract does not
    /// show it.
    pub key: String,
    /// The source's own name for it. May repeat inside a target.
    pub name: String,
    /// How it is.
    pub status: Status,
    /// When the source says the status was last updated, else when we first saw the present status; `None` only
    /// where neither is known.
    pub last_timestamp: Option<Timestamp>,
    /// Region, group, id and whatever else the source tells of it.
    pub dimensions: Dimensions,
}
