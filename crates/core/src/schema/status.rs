//! The four words for how a service is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a service is, in the order of "worst of": `OK` < `Unknown` < `Degraded` < `Outage`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Works as it should.
    #[serde(rename = "OK")]
    Ok,
    /// Nobody can say: the source used a word that no mapping knows, or has not been heard for too long.
    Unknown,
    /// Works in part, or is under planned maintenance (`dimensions.maintenance: true`).
    Degraded,
    /// Does not work.
    Outage,
}

impl Status {
    /// All statuses, mildest first.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Unknown, Self::Degraded, Self::Outage];

    /// The word of the public contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Unknown => "Unknown",
            Self::Degraded => "Degraded",
            Self::Outage => "Outage",
        }
    }

    /// The worst of several; `None` of none.
    pub fn worst(statuses: impl IntoIterator<Item = Self>) -> Option<Self> {
        statuses.into_iter().max()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is none of the four; its message lists them.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not a status; accepted are OK, Unknown, Degraded and Outage")]
pub struct UnknownStatus(String);

impl FromStr for Status {
    type Err = UnknownStatus;

    /// Reads one of the four words, in any case.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str().eq_ignore_ascii_case(word))
            .ok_or_else(|| UnknownStatus(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_worst_of() {
        assert!(
            Status::Ok < Status::Unknown && Status::Unknown < Status::Degraded && Status::Degraded < Status::Outage
        );
        assert_eq!(Status::worst([Status::Ok, Status::Outage, Status::Unknown]), Some(Status::Outage));
        assert_eq!(Status::worst([]), None);
    }

    #[test]
    fn every_word_reads_back_in_any_case() {
        for status in Status::ALL {
            assert_eq!(status.as_str().to_lowercase().parse::<Status>().unwrap(), status);
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert!("fine".parse::<Status>().unwrap_err().to_string().contains("accepted are OK"));
    }
}
