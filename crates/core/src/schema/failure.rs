//! Why an ask failed, as data.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why an ask failed: stored, shown and counted, so the set is small and its words are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// A secret that the target needs is not there: nothing was asked.
    NotConfigured,
    /// The host's name did not resolve.
    Dns,
    /// No connection could be made.
    Connect,
    /// The encrypted channel could not be set up.
    Tls,
    /// The deadline passed.
    Timeout,
    /// The connection broke before the answer was complete.
    Connection,
    /// Too many redirects, or one that leads nowhere.
    Redirect,
    /// An HTTP status other than success.
    HttpStatus,
    /// The source asks for fewer requests (429, or 503 with `Retry-After`).
    RateLimited,
    /// The body is larger than the limit.
    TooLarge,
    /// The body's compression is broken.
    Decode,
    /// The document is not what the format expects.
    Parse,
}

impl FailureClass {
    /// The word that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::Redirect => "redirect",
            Self::HttpStatus => "http_status",
            Self::RateLimited => "rate_limited",
            Self::TooLarge => "too_large",
            Self::Decode => "decode",
            Self::Parse => "parse",
        }
    }
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
