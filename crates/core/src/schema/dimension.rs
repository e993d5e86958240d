//! What tells one service from another beside its name, and what its status is about.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The flat map of a service's dimensions, ordered by name.
pub type Dimensions = BTreeMap<String, Scalar>;

/// The names of dimensions that mean the same for every source.
pub mod names {
    use super::{Dimensions, Scalar};

    /// The region, location or data centre the service runs in.
    pub const REGION: &str = "region";
    /// The source's own id of the service.
    pub const SERVICE_ID: &str = "serviceId";
    /// The group that the source lists the service under.
    pub const GROUP: &str = "group";
    /// `page` marks the service that stands for the source's page as a whole.
    pub const SCOPE: &str = "scope";
    /// The value of [`SCOPE`] for the page as a whole.
    pub const SCOPE_PAGE: &str = "page";
    /// `true` while planned maintenance is what degrades the service.
    pub const MAINTENANCE: &str = "maintenance";
    /// The key of the open incident that names the service.
    pub const INCIDENT: &str = "incident";
    /// Why the service of a probe is not OK, in one word.
    pub const REASON: &str = "reason";
    /// When the certificate that a probe was served expires, in RFC 3339.
    pub const CERTIFICATE_EXPIRES: &str = "certificateExpires";
    /// `true` where the last success is too long ago to be believed; added when serving, never stored.
    pub const STALE: &str = "stale";
    /// The last status that was known before the source fell silent; added when serving, never stored.
    pub const LAST_KNOWN_STATUS: &str = "lastKnownStatus";

    /// Whether planned maintenance is what degrades a service with these dimensions.
    pub fn is_planned(dimensions: &Dimensions) -> bool {
        dimensions.get(MAINTENANCE) == Some(&Scalar::Bool(true))
    }

    /// Whether a dimension says what the status is about rather than which service this is: such a one ends with
    /// the trouble it tells of.
    pub fn is_transient(name: &str) -> bool {
        matches!(name, MAINTENANCE | INCIDENT | STALE | LAST_KNOWN_STATUS)
    }
}

/// A dimension's value: a string, a number or a boolean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other finite number.
    Float(f64),
    /// A text.
    Text(String),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
        }
    }
}

impl From<&str> for Scalar {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Scalar {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}
