//! What a probe measured, and which one.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{About, Status, Timestamp};

/// What the ids of servers' probes begin with. No name that a targets file may give has a colon.
const SERVER: &str = "server:";

/// Whose measurements they are: those of a target of the operator's by its name, those of a server by its id. So
/// a server that is removed takes its own along and nobody else's, and one that is added again under its name begins anew.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProbeId(String);

impl ProbeId {
    /// The probe of the target of this name, about which this is told.
    pub fn of(target: &str, about: &About) -> Self {
        about.server.as_deref().map_or_else(|| Self::of_target(target), Self::of_server)
    }

    /// The probe of an operator's target of this name.
    pub fn of_target(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The probe of the server that has this id.
    pub fn of_server(id: &str) -> Self {
        Self(format!("{SERVER}{id}"))
    }

    /// The probe whose id stores keep as this text.
    pub(crate) fn kept_as(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The id of the server whose probe it is, if it is that of one.
    pub fn server(&self) -> Option<&str> {
        self.0.strip_prefix(SERVER)
    }

    /// The id as stores keep it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProbeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.server() {
            Some(id) => write!(f, "server {id}"),
            None => write!(f, "target {}", self.0),
        }
    }
}

/// One measurement of a probe: one ask of its target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// Which probe measured. With the time it identifies the check.
    pub probe: ProbeId,
    /// When the ask began.
    pub at: Timestamp,
    /// What the measurement says of the service, retries and thresholds reckoned with.
    pub status: Status,
    /// How long the answer took, to the microsecond; of several packets the average. `None` if there was none.
    pub latency: Option<Duration>,
    /// How many packets were sent; one where a connection is made. Those of the attempt that decided: earlier ones failed and
    /// were made good by a retry, or failed like it.
    pub sent: u16,
    /// How many of them had no good answer.
    pub lost: u16,
}
