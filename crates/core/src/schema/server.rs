//! A server of a team's own.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// A server that was added through the API: it is a `PING` target of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Server {
    /// A UUID; a server that is removed and added again has another one.
    pub id: String,
    /// Any text of 1 to 64 characters without control characters, unique among all targets.
    pub name: String,
    /// Its address.
    pub address: IpAddr,
    /// When it was added.
    pub added_at: Timestamp,
}

impl Server {
    /// The category that the targets of servers are in, for people.
    pub const CATEGORY: &str = "servers";
}
