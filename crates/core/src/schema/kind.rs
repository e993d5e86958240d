//! The kinds of target, by the transport they speak.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What sort of target this is: the `type` of the public contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    /// A JSON API.
    Rest,
    /// A web page.
    Html,
    /// An RSS or Atom feed.
    Rss,
    /// A probe of our own: ICMP echo.
    Ping,
    /// A probe of our own: TCP connect.
    Tcp,
    /// A probe of our own: HTTP request.
    Http,
}

impl Kind {
    /// All kinds, in the order of the documentation.
    pub const ALL: [Self; 6] = [Self::Rest, Self::Html, Self::Rss, Self::Ping, Self::Tcp, Self::Http];

    /// Whether it measures, and reads no source.
    pub const fn is_probe(self) -> bool {
        matches!(self, Self::Ping | Self::Tcp | Self::Http)
    }

    /// The word of the public contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "REST",
            Self::Html => "HTML",
            Self::Rss => "RSS",
            Self::Ping => "PING",
            Self::Tcp => "TCP",
            Self::Http => "HTTP",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that names no kind; its message lists them.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not a type; accepted are REST, HTML, RSS, PING, TCP and HTTP")]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    /// Reads one of the six words, in upper case as the contract writes them.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| UnknownKind(word.to_owned()))
    }
}
